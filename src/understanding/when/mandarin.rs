//! Mandarin times as they are said: 明天下午三点, 下周三, 月底, 半小时后, 差五分四点.

use time::{Duration, Month as Name, Weekday};

use super::{Bound, Clock, Day, DayPart, Feast, Meant, Month, MonthPart, Part, Read, Said, Year, of_day};
use crate::understanding::scan::{Mandarin, digit_value, is_numeral};

/// What stands between the pieces of one time: 明天吧，下午三点.
const JOINTS: &str = "的 吧 嘛 呢 啊 就 那就 大概 大约 差不多 可能 ， , 、";
const JOINTS_MAX: usize = 3;
const TAILS: &str = "以后 之后 过后 左右 前后 的时候 后 来钟 吧左右";
const BEFORE: &str = "以前 之前 前";
/// A time before these does not suit: 明天不行, 后天我没空.
const TURNED_DOWN: &str = "不行 不可以 不方便 不太方便 不合适 没空 没时间 没有时间 没有空 有事 不在 不得空 走不开 排满 排满了 有安排 有课 加班 有约 要加班 要出差 要开会 来不了 去不了 不成";
const BETWEEN: &str = "我 也 都 可能 恐怕 就 肯定 那天 那个时间 又 是 好像 应该";
/// A number before these counts something else: 十五号楼, 三点建议.
const NOT_A_DATE: &str = "楼 线 门 院 店 桌 车 机 房 厅 库 馆 仓 码 航站 公馆 文件 套餐";
const NOT_A_CLOCK: &str = "建议 要求 意见 问题 原因 不满 疑问 想法 好处 理由 折 % 共识 水 心意";

const DAYS: [(&str, u32); 4] = [
    ("今天 今日 今儿 今儿个 当天", 0),
    ("明天 明日 明儿 明儿个", 1),
    ("后天 后日 后儿 后儿个", 2),
    ("大后天 大后儿", 3),
];
/// Day and part of the day in one word.
const DAY_PARTS: [(&str, (u32, DayPart)); 7] = [
    ("今早", (0, DayPart::Morning)),
    ("今晚 今夜 今儿晚上", (0, DayPart::Evening)),
    ("明早 明儿早上 明晨", (1, DayPart::Morning)),
    ("明上午", (1, DayPart::Morning)),
    ("明下午", (1, DayPart::Afternoon)),
    ("明晚 明儿晚上", (1, DayPart::Evening)),
    ("后晚", (2, DayPart::Evening)),
];
const PARTS: [(&str, DayPart); 5] = [
    ("凌晨 半夜 后半夜", DayPart::Dawn),
    ("早上 早晨 清早 一早 一大早 大清早 清晨 上午 早间 头午", DayPart::Morning),
    ("中午 晌午 正午", DayPart::Noon),
    ("下午 午后 傍晚", DayPart::Afternoon),
    ("晚上 夜里 夜晚 晚间 晚饭时间 半晚", DayPart::Evening),
];
/// What people do then: the part of the day, hour and minute that stand for it.
const ANCHORS: [(&str, (DayPart, u8, u8)); 6] = [
    ("下班后 下班以后 下班之后 下了班 下班", (DayPart::Evening, 18, 30)),
    ("午饭后 吃完午饭 午休后 午休以后 午睡后 午饭以后", (DayPart::Afternoon, 13, 30)),
    ("午休 午休时间 午饭时间 午饭的时候", (DayPart::Noon, 12, 30)),
    ("晚饭后 晚饭以后 吃完晚饭 晚饭之后", (DayPart::Evening, 19, 30)),
    ("饭后 吃完饭", (DayPart::Evening, 19, 30)),
    ("上班后 上了班 上班以后", (DayPart::Morning, 9, 30)),
];
const WEEKDAYS: [(&str, Weekday); 7] = [
    ("一 1", Weekday::Monday),
    ("二 2", Weekday::Tuesday),
    ("三 3", Weekday::Wednesday),
    ("四 4", Weekday::Thursday),
    ("五 5", Weekday::Friday),
    ("六 6", Weekday::Saturday),
    ("日 天 7", Weekday::Sunday),
];
const WEEKS: [(&str, u32); 4] =
    [("这个 这 本", 0), ("下个 下 下一个 下一", 1), ("下下个 下下", 2), ("下下下个 下下下", 3)];
const MONTH_PARTS: [(&str, MonthPart); 3] =
    [("初 上旬", MonthPart::Start), ("中 中旬 中间", MonthPart::Middle), ("底 末 下旬 尾", MonthPart::End)];
const FEASTS: [(&str, Feast); 8] = [
    ("元旦", Feast::NewYear),
    ("春节 过年 过完年 大年 除夕", Feast::SpringFestival),
    ("五一 劳动节", Feast::LabourDay),
    ("国庆 十一 国庆节 十一假期 国庆假期 国庆长假", Feast::NationalDay),
    ("圣诞 圣诞节", Feast::Christmas),
    ("双十一 双11", Feast::DoubleEleven),
    ("开学", Feast::Term),
    ("节 假期 长假 放假", Feast::Any),
];
/// Days and times that are over.
const PAST: &str = "昨天 前天 大前天 昨晚 昨日 前晚 上周 上个周 上星期 上个星期 上礼拜 上个礼拜 上月 上个月 去年 前年 \
    上上周 上上个月 刚才 前几天 前两天 前阵子 上回 上次";
const MINUTES_A_DAY: u32 = 24 * 60;

/// Reads the time at the front of `rest`; `before` is the text up to there.
pub(super) fn read(before: &str, rest: &str) -> Option<Read> {
    let previous = before.chars().next_back();
    let first = rest.chars().next()?;
    // Not from the middle of a number; not 三年后 from its second word.
    if previous.is_some_and(|c| is_numeral(c) && (is_numeral(first) || "年月周".contains(first))) {
        return None;
    }
    if is_numeral(first) && previous.is_some_and(|c| "第说有提路街弄巷.".contains(c)) {
        return None;
    }
    let mut cursor = Mandarin { rest };
    let past = cursor.take(PAST);
    let mut said = Said::default();
    let mut bytes = rest.len() - cursor.rest.len();
    loop {
        if piece(&mut cursor, &mut said) {
            bytes = rest.len() - cursor.rest.len();
        } else if bytes == 0 || !joint(&mut cursor) {
            break;
        }
    }
    if bytes == 0 {
        return None;
    }
    cursor.rest = &rest[bytes..];
    if cursor.take(BEFORE) {
        said.bound = Bound::Before;
    } else {
        cursor.take(TAILS);
    }
    let bytes = rest.len() - cursor.rest.len();
    if said.is_empty() && !past {
        return None;
    }
    cursor.take_while(|c| "，, ".contains(c));
    for _ in 0..JOINTS_MAX {
        cursor.take(BETWEEN);
    }
    let denied = before.ends_with("不是") && !before.ends_with("是不是");
    let meant = if past || denied || cursor.sees(TURNED_DOWN) { Meant::Not } else { Meant::Ahead(said) };
    Some(Read { bytes, meant })
}

/// Reads a time of day where another was just taken back: 不对，两点.
pub(super) fn read_again(rest: &str) -> Option<Read> {
    let mut cursor = Mandarin { rest };
    let clock = clock(&mut cursor, true)?;
    let said = Said { clock: Some(clock), ..Said::default() };
    Some(Read { bytes: rest.len() - cursor.rest.len(), meant: Meant::Ahead(said) })
}

fn joint(cursor: &mut Mandarin<'_>) -> bool {
    let before = cursor.rest;
    for _ in 0..JOINTS_MAX {
        cursor.take(JOINTS);
        cursor.take_while(|c| c == ' ');
    }
    cursor.rest.len() < before.len()
}

/// One more piece that is not named yet.
fn piece(cursor: &mut Mandarin<'_>, said: &mut Said) -> bool {
    if said.is_empty()
        && let Some(found) = cursor.attempt(relative)
    {
        *said = found;
        return true;
    }
    if said.after.is_some() {
        return false;
    }
    if said.day.is_none()
        && said.part.is_none()
        && let Some((days, part)) = cursor.value(&DAY_PARTS)
    {
        (said.day, said.part) = (Some(Day::InDays(days)), Some(part.into()));
        return true;
    }
    if cursor.attempt(|c| day(c).filter(|day| said.add_day(*day))).is_some() {
        return true;
    }
    // 晚上下班以后: what people do then is the more exact.
    let known = said.part.is_some();
    if said.clock.is_none()
        && let Some(part) =
            if known { anchor(cursor) } else { anchor(cursor).or_else(|| cursor.value(&PARTS).map(Part::from)) }
    {
        said.part = Some(part);
        return true;
    }
    if said.clock.is_none() {
        said.clock = cursor.attempt(|c| clock(c, said.day.is_some() || said.part.is_some()));
        // 三点到四点: the first.
        let _ = said.clock.and_then(|_| cursor.attempt(|c| c.take("到 至 或者 或").then(|| clock(c, true))?));
        return said.clock.is_some();
    }
    false
}

fn anchor(cursor: &mut Mandarin<'_>) -> Option<Part> {
    cursor.value(&ANCHORS).map(|(part, hour, minute)| Part { part, near: of_day(hour, minute) })
}

fn day(cursor: &mut Mandarin<'_>) -> Option<Day> {
    cursor
        .value(&DAYS)
        .map(Day::InDays)
        .or_else(|| cursor.attempt(feast))
        .or_else(|| cursor.attempt(week))
        .or_else(|| cursor.attempt(month))
        .or_else(|| cursor.attempt(year))
}

/// 国庆后, 过完年, 年后, 节后; 元旦前, 双十一.
fn feast(cursor: &mut Mandarin<'_>) -> Option<Day> {
    const OVER: &str = "以后 之后 过后 完了 后 结束 过完";
    if cursor.take("年后 过完年 过了年 年后吧") {
        return Some(Day::After(Feast::SpringFestival));
    }
    let passed = cursor.take("过完 等过完 过了");
    let feast = cursor.value(&FEASTS)?;
    cursor.take("节 假期 长假");
    if cursor.take(OVER) || passed {
        return Some(Day::After(feast));
    }
    let named = cursor.sees(BEFORE) || cursor.sees("期间 的时候 那会儿 那天 当天 那阵 的话");
    (named || feast == Feast::DoubleEleven).then_some(Day::On(feast))
}

/// 周五, 下周, 下个礼拜三, 这周末.
fn week(cursor: &mut Mandarin<'_>) -> Option<Day> {
    let weeks = cursor.value(&WEEKS);
    if !cursor.take("周 星期 礼拜") {
        return None;
    }
    if cursor.take("末") {
        return Some(Day::Weekend(weeks.unwrap_or(0)));
    }
    match (cursor.value(&WEEKDAYS), weeks) {
        (Some(weekday), Some(weeks)) => Some(Day::OfWeek(weekday, weeks)),
        (Some(weekday), None) => Some(Day::Coming(weekday, 0)),
        (None, Some(weeks)) => Some(Day::Week(weeks)),
        (None, None) => None,
    }
}

/// 十二月三号, 十五号, 下个月五号, 月底, 三月份.
fn month(cursor: &mut Mandarin<'_>) -> Option<Day> {
    let year = cursor.attempt(|c| {
        let year = c.value(&[("今年", 0), ("明年", 1), ("后年", 2)]).map(Year::Ahead);
        year.or_else(|| c.number().filter(|n| *n >= 2000 && c.take("年")).map(Year::Is))
    });
    let month = cursor.attempt(|c| {
        let ahead = c.value(&[("这个月 本月 这月", 0), ("下个月 下月 下一个月", 1), ("下下个月 下下月", 2)]);
        ahead.map(Month::Ahead).or_else(|| named_month(c, year))
    });
    let Some(month) = month else {
        if year.is_none() && cursor.take("月") {
            return Some(Day::MonthPart(Month::Any, cursor.value(&MONTH_PARTS)?));
        }
        let day = cursor.number()?;
        return (year.is_none() && cursor.take("号 日") && !cursor.sees(NOT_A_DATE))
            .then_some(Day::Date(Month::Any, day_of_month(day)?));
    };
    let day = cursor.attempt(|c| {
        c.take_while(|c| c == ' ');
        let day = day_of_month(c.number()?)?;
        (c.take("号 日") || !c.sees("个 块 元 点 兆 G % 月 天 年 、")).then_some(day)
    });
    if let Some(day) = day {
        return Some(Day::Date(month, day));
    }
    cursor.take("份");
    Some(cursor.value(&MONTH_PARTS).map_or(Day::Month(month), |part| Day::MonthPart(month, part)))
}

fn named_month(cursor: &mut Mandarin<'_>, year: Option<Year>) -> Option<Month> {
    let counts = cursor.sees("两"); // 两月 counts months
    let number = cursor.number()?;
    if counts || !cursor.take("月") {
        return None;
    }
    let name = Name::try_from(u8::try_from(number).ok()?).ok()?;
    Some(year.map_or(Month::Named(name), |year| Month::Of(name, year)))
}

fn day_of_month(day: u32) -> Option<u8> {
    u8::try_from(day).ok().filter(|day| (1..=31).contains(day))
}

/// 明年, 年底, 暑假.
fn year(cursor: &mut Mandarin<'_>) -> Option<Day> {
    if cursor.take("年底 今年年底 今年底 年末 年前 今年年前") {
        return Some(Day::MonthPart(Month::Named(Name::December), MonthPart::End));
    }
    if cursor.take("暑假 暑期 夏天") {
        return Some(Day::Month(Month::Named(Name::July)));
    }
    if cursor.take("寒假") {
        return Some(Day::Month(Month::Named(Name::January)));
    }
    if cursor.take("开春 明年开春 春天 明年春天") {
        return Some(Day::Month(Month::Named(Name::March)));
    }
    if cursor.take("年初 明年年初 明年初") {
        return Some(Day::MonthPart(Month::Named(Name::January), MonthPart::Start));
    }
    cursor.value(&[("明年", 1), ("后年", 2)]).map(Day::Year)
}

/// 半小时后, 过两个小时, 三天后, 过两天, 两周以后.
fn relative(cursor: &mut Mandarin<'_>) -> Option<Said> {
    const AFTER: &str = "以后 之后 过后 后";
    let led = cursor.take("再过 等过 过 再等 隔");
    cursor.take("大概 差不多 大约");
    let vague = cursor.attempt(|c| {
        let first = c.rest.chars().next()?;
        let several = first == '几' || (first == '两' && led);
        // 两三天, 三四天
        let range = c.attempt(|c| {
            let mut pair = c.rest.chars().filter_map(digit_value);
            let (low, high) = (pair.next()?, pair.next()?);
            let both = c.rest.char_indices().nth(2)?.0;
            (high == low + 1 && c.rest.chars().take(2).all(|d| digit_value(d).is_some()))
                .then(|| c.rest = &c.rest[both..])
        });
        if range.is_none() && several {
            c.rest = &c.rest[first.len_utf8()..];
        }
        let days = if first == '几' { 3 } else { digit_value(first)? };
        ((range.is_some() || several) && c.take("天 日")).then_some(days)
    });
    if let Some(days) = vague {
        return (cursor.take(AFTER) || led).then(|| Said { day: Some(Day::AboutInDays(days)), ..Said::default() });
    }
    let half = cursor.take("半");
    let number = if half { 0 } else { cursor.number()? };
    let quarter = cursor.take("刻钟");
    cursor.take("来 多");
    cursor.take("个");
    let half = half || cursor.take("半");
    let (minutes, calendar) = if quarter {
        (15, None)
    } else {
        cursor.value(&[
            ("分钟 分", (1, None)),
            ("小时 钟头 钟", (60, None)),
            ("天 日", (MINUTES_A_DAY, Some(Day::InDays as fn(u32) -> Day))),
            ("周 星期 礼拜", (7 * MINUTES_A_DAY, Some(Day::InDays as fn(u32) -> Day))),
            ("月", (30 * MINUTES_A_DAY, Some(Day::AboutInDays as fn(u32) -> Day))),
            ("年", (365 * MINUTES_A_DAY, Some(Day::AboutInDays as fn(u32) -> Day))),
        ])?
    };
    let half = half || cursor.take("半");
    if !(cursor.take(AFTER) || led) {
        return None;
    }
    let total = number.checked_mul(minutes)?.checked_add(if half { minutes / 2 } else { 0 })?;
    Some(match calendar {
        Some(day) if total >= MINUTES_A_DAY => Said { day: Some(day(total / MINUTES_A_DAY)), ..Said::default() },
        _ => Said { after: Some(Duration::minutes(i64::from(total))), ..Said::default() },
    })
}

/// 三点半, 十点一刻, 差五分四点, 15:30, 两三点. Alone, "一点" and "两点" are rather "a bit" and "two points".
fn clock(cursor: &mut Mandarin<'_>, after_a_day: bool) -> Option<Clock> {
    if after_a_day && cursor.take("这个时候 这个时间 这个点 同一时间 同样时间 这会儿 这时候") {
        return Some(Clock::Now);
    }
    if cursor.take("午夜") {
        return Some(Clock::Exact(24, 0));
    }
    if cursor.take("差") {
        let short = cursor.take("一刻").then_some(15).or_else(|| {
            let minutes = cursor.number()?;
            cursor.take("分钟 分").then_some(minutes)
        })?;
        cursor.take("就 到 不到");
        let hour = cursor.number()?;
        return cursor.take("点").then(|| dial(hour, 0, short))?;
    }
    let alone = cursor.sees("一点 两点 1点 2点") && !after_a_day;
    // 三四点: the first.
    let range = cursor.rest.chars().zip(cursor.rest.chars().skip(1)).next().and_then(|(low, high)| {
        (digit_value(high)? == digit_value(low)? + 1 && digit_value(low)? > 0).then_some(low.len_utf8())
    });
    let hour = match range {
        Some(first) => {
            let hour = digit_value(cursor.rest.chars().next()?)?;
            cursor.rest = &cursor.rest[first * 2..];
            hour
        }
        None => cursor.number()?,
    };
    if cursor.take(": ：") {
        let minute = cursor.number()?;
        return exact_or_dial(hour, minute, 0);
    }
    if !cursor.take("点 点钟 时整") || cursor.sees(NOT_A_CLOCK) {
        return None;
    }
    let minute = cursor.value(&[("半", 30), ("一刻", 15), ("三刻", 45), ("钟", 0), ("整", 0), ("多", 0), ("来钟", 0)]);
    if let Some(minute) = minute {
        return exact_or_dial(hour, minute, 0);
    }
    let short = cursor.attempt(|c| {
        if !c.take("差") {
            return None;
        }
        let quarter = c.take("一刻").then_some(15);
        quarter.or_else(|| c.number().filter(|_| c.take("分钟 分")))
    });
    if let Some(short) = short {
        return exact_or_dial(hour, 0, short);
    }
    let digits = cursor.rest;
    match cursor.number() {
        // 三点五 is a decimal: minutes below ten are 零五 or 五分.
        Some(minute) if minute >= 10 || cursor.sees("分") || digits.starts_with(['零', '0']) => {
            let counted = cursor.take("分钟 分") || !cursor.sees("块 元 万 倍 个 折 % 兆 G");
            if counted { exact_or_dial(hour, minute, 0) } else { None }
        }
        Some(_) => None,
        None if alone => None,
        None => exact_or_dial(hour, 0, 0),
    }
}

/// Hours above twelve and zero can only be meant exactly.
fn exact_or_dial(hour: u32, minute: u32, short: u32) -> Option<Clock> {
    if (1..=12).contains(&hour) {
        return dial(hour, minute, short);
    }
    if hour > 24 || minute >= 60 {
        return None;
    }
    let total = (hour * 60 + minute).checked_sub(short)?;
    (total <= MINUTES_A_DAY)
        .then(|| Some(Clock::Exact(u8::try_from(total / 60).ok()?, u8::try_from(total % 60).ok()?)))?
}

/// `short` minutes before that time.
fn dial(hour: u32, minute: u32, short: u32) -> Option<Clock> {
    if !(1..=12).contains(&hour) || minute >= 60 || short >= 60 {
        return None;
    }
    let total = (hour * 60 + minute + 12 * 60 - short) % (12 * 60);
    let hour = if total / 60 == 0 { 12 } else { total / 60 };
    Some(Clock::Dial(u8::try_from(hour).ok()?, u8::try_from(total % 60).ok()?))
}
