//! Mandarin rules. Units and signs: `zh_words`.

use super::zh_words::{CURRENCIES, CURRENCY_CODES, LABELS, MEASURES, UNITS};
use super::{
    Clock, Number, Rule, Spoken, address, clock, digits, dotted, fraction, is_unpronounceable, iso_date, number, small,
    spell_address, telephone,
};

/// In the order they are tried.
pub(super) const RULES: &[Rule] = &[
    link,
    date,
    short_date,
    time_of_day,
    year,
    money,
    percent,
    ratio,
    version,
    digit_string,
    festival,
    discount,
    fraction_words,
    minus,
    first,
    amount,
    range,
    per,
    sign,
];

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
/// Between two numbers: from, to.
const RANGE: [char; 4] = ['-', '~', '–', '—'];

fn link(before: &str, rest: &str) -> Option<Spoken> {
    let (said, bytes) = address(before, rest)?;
    let word = |word: &str| {
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            dictated(word)
        } else if is_unpronounceable(word) && word.len() <= 5 {
            word.to_ascii_uppercase()
        } else {
            word.to_owned()
        }
    };
    let sign = |c: char| match c {
        '@' => "艾特",
        '.' => "点",
        '-' => "杠",
        '_' => "下划线",
        '/' => "斜杠",
        '+' => "加",
        _ => "",
    };
    Some(Spoken { words: spell_address(said, word, sign), bytes })
}

fn date(_before: &str, rest: &str) -> Option<Spoken> {
    let (year, month, day, bytes) = iso_date(rest)?;
    let said_anyway = rest[bytes..].chars().next().filter(|c| "日号".contains(*c)).map_or(0, char::len_utf8);
    let words = format!("{}年{}月{}日", by_digit(year), cardinal(month), cardinal(day));
    Some(Spoken { words, bytes: bytes + said_anyway })
}

/// `11/20`: a date where the words around it say so, or where it can be no fraction. `2026/11`: a month.
fn short_date(before: &str, rest: &str) -> Option<Spoken> {
    const BEFORE: [&str; 12] = ["于", "到", "在", "至", "从", "自", "截止", "日期", "是", "年", "：", "定在"];
    const AFTER: [&str; 8] = ["前", "日", "号", "之前", "到期", "截止", "开始", "起"];
    let year = digits(rest);
    if let Some(("/", after)) = rest.get(year.len()..year.len() + 1).zip(rest.get(5..)).filter(|_| year.len() == 4) {
        let (month, after) = small(after, 1..=12)?;
        let words = format!("{}年{}月", by_digit(year), cardinal(month));
        return Some(Spoken { words, bytes: rest.len() - after.len() });
    }
    let (month, day, bytes) = fraction(rest).filter(|&(month, day, _)| month <= 12 && day <= 31)?;
    let after = &rest[bytes..];
    let told = BEFORE.iter().any(|word| before.ends_with(word)) || AFTER.iter().any(|word| after.starts_with(word));
    if !told && day <= 12 {
        return None;
    }
    let said_anyway = after.chars().next().filter(|c| "日号".contains(*c)).map_or(0, char::len_utf8);
    let words = format!("{}月{}日", cardinal(month), cardinal(day));
    Some(Spoken { words, bytes: bytes + said_anyway })
}

/// `15:30`, `3:30 PM`, `3pm`.
fn time_of_day(_before: &str, rest: &str) -> Option<Spoken> {
    let timed = clock(rest);
    let (hour, minute, bytes) = match &timed {
        Some(Clock { hour, minute, bytes }) => (*hour, *minute, *bytes),
        None => {
            let (hour, after) = small(rest, 1..=12)?;
            (hour, 0, rest.len() - after.len())
        }
    };
    let after = rest[bytes..].strip_prefix(' ').unwrap_or(&rest[bytes..]);
    let written = after.get(..4).unwrap_or(after).to_ascii_lowercase();
    let half = ["a.m.", "p.m.", "am", "pm"].iter().find(|half| {
        written.starts_with(**half) && !after[half.len()..].starts_with(|c: char| c.is_ascii_alphanumeric())
    });
    let (part, bytes) = match (half, hour) {
        (Some(half), _) if half.starts_with('a') => ("上午", rest.len() - after.len() + half.len()),
        (Some(half), 1..=5 | 12) => (if hour == 12 { "中午" } else { "下午" }, rest.len() - after.len() + half.len()),
        (Some(half), _) => ("晚上", rest.len() - after.len() + half.len()),
        (None, _) => ("", bytes),
    };
    if half.is_none() && timed.is_none() {
        return None;
    }
    let hour = if hour == 2 { "两".to_owned() } else { cardinal(hour) };
    let words = match minute {
        0 => format!("{part}{hour}点"),
        1..=9 => format!("{part}{hour}点零{}分", cardinal(minute)),
        10.. => format!("{part}{hour}点{}分", cardinal(minute)),
    };
    Some(Spoken { words, bytes })
}

/// `2026年`, `2026-2027年`: a year is read digit by digit. `95后`.
fn year(before: &str, rest: &str) -> Option<Spoken> {
    let year = digits(rest);
    let after = &rest[year.len()..];
    let by_digit_at = match year.len() {
        4 => {
            let last = after.strip_prefix(RANGE).or_else(|| after.strip_prefix(['到', '至']));
            let ranges = last.is_some_and(|last| digits(last).len() == 4 && last[4..].starts_with('年'));
            after.starts_with('年') || ranges
        }
        2 => after.starts_with('后') && "0567890".contains(&year[..1]) && "05".contains(&year[1..]),
        _ => false,
    };
    let amount = before.ends_with(['.', '点', '共', '满']);
    (by_digit_at && !amount).then(|| Spoken { words: by_digit(year), bytes: year.len() })
}

/// `¥99`, `¥99-199`, `-¥50`, `HK$100`, `100 RMB`.
fn money(before: &str, rest: &str) -> Option<Spoken> {
    if before.ends_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let (below, signed) = rest.strip_prefix('-').map_or(("", rest), |after| ("负", after));
    let sign = CURRENCIES.iter().find_map(|(sign, unit)| Some((signed.strip_prefix(sign)?.trim_start(), unit)));
    let (unit, after) = match sign {
        Some((after, unit)) => (unit, after),
        None => {
            let amount = number(signed).filter(|_| below.is_empty())?;
            let after = &signed[amount.bytes..];
            let code = after.trim_start();
            let (code, unit) = CURRENCY_CODES.iter().find(|(name, _)| code.starts_with(name))?;
            let end = after.trim_start()[code.len()..].starts_with(|c: char| c.is_ascii_alphanumeric());
            let bytes = amount.bytes + after.len() - after.trim_start().len() + code.len();
            return (!end).then(|| Spoken { words: format!("{}{unit}", spoken(&amount)), bytes });
        }
    };
    let (inner, after) = after.strip_prefix('-').map_or(("", after), |after| ("负", after));
    let amount = number(after)?;
    let (mut words, mut left) = (format!("{below}{inner}{}", counted(&amount)), &after[amount.bytes..]);
    if let Some(more) = left.strip_prefix(RANGE) {
        let more = more.strip_prefix(['¥', '$', '€', '£']).unwrap_or(more);
        if let Some(last) = number(more) {
            words = format!("{words}到{}", counted(&last));
            left = &more[last.bytes..];
        }
    }
    let large = left.find(|c| !"百千万亿".contains(c)).map_or(left, |end| &left[..end]);
    left = &left[large.len()..];
    let said_anyway = ["元", "块", "RMB"].iter().find(|word| left.starts_with(**word)).map_or(0, |word| word.len());
    Some(Spoken { words: format!("{words}{large}{unit}"), bytes: rest.len() - left.len() + said_anyway })
}

/// `12.5%`, `5-8%`, `5‰`.
fn percent(before: &str, rest: &str) -> Option<Spoken> {
    let amount = number(rest)?;
    let after = &rest[amount.bytes..];
    if let Some(last) = after.strip_prefix(RANGE).and_then(number) {
        let end = amount.bytes + after.chars().next()?.len_utf8() + last.bytes;
        let of = of(rest[end..].chars().next()?)?;
        let sign = rest[end..].chars().next()?.len_utf8();
        return Some(Spoken { words: format!("{of}{}到{}", spoken(&amount), spoken(&last)), bytes: end + sign });
    }
    let spaced = after.strip_prefix(' ').unwrap_or(after);
    let sign = spaced.chars().next()?;
    let of = of(sign)?;
    let negative = before.ends_with('负');
    let words = if amount.whole == "100" && amount.fraction.is_empty() && !negative {
        format!("{of}百")
    } else {
        format!("{of}{}", spoken(&amount))
    };
    Some(Spoken { words, bytes: rest.len() - spaced.len() + sign.len_utf8() })
}

fn of(sign: char) -> Option<&'static str> {
    match sign {
        '%' => Some("百分之"),
        '‰' => Some("千分之"),
        _ => None,
    }
}

/// `3:2`, `16:9`: where it can be no time of day.
fn ratio(_before: &str, rest: &str) -> Option<Spoken> {
    let (left, after) = small(rest, 0..=99)?;
    let (right, end) = small(after.strip_prefix(':')?, 0..=99)?;
    let plain = !end.starts_with(|c: char| c == ':' || c.is_ascii_digit());
    plain.then(|| Spoken { words: format!("{}比{}", cardinal(left), cardinal(right)), bytes: rest.len() - end.len() })
}

/// `2.0.1` group by group; the four groups of a network address digit by digit.
fn version(_before: &str, rest: &str) -> Option<Spoken> {
    let (groups, bytes) = dotted(rest)?;
    let said = |group: &&str| match group.parse() {
        Ok(value) if groups.len() == 3 && group.len() <= 2 => cardinal(value),
        Ok(_) | Err(_) => by_digit(group).replace('一', "幺"),
    };
    Some(Spoken { words: groups.iter().map(said).collect::<Vec<_>>().join("点"), bytes })
}

/// Telephone numbers, service numbers, codes, and whatever a label announces.
fn digit_string(before: &str, rest: &str) -> Option<Spoken> {
    const AMOUNTS: &str = "元块万亿人个次名位条户公美英港欧日韩份台家年";
    let written = digits(rest);
    let after = &rest[written.len()..];
    let counts = |after: &str| after.starts_with(|c| AMOUNTS.contains(c)) || after.starts_with("用户");
    let round = written.ends_with("000") && written.len() <= 9;
    if let Some(string) = telephone(rest).filter(|string| !counts(&rest[string.bytes..]) && !round) {
        let plus = if rest.starts_with('+') { "加" } else { "" };
        let groups: Vec<String> = string.groups.iter().map(|group| dictated_in_row(group)).collect();
        return Some(Spoken { words: format!("{plus}{}", groups.join("，")), bytes: string.bytes });
    }
    let service =
        written.len() == 5 && ["95", "96", "100", "12"].iter().any(|head| written.starts_with(head)) && !round;
    let label = before.trim_end_matches(['是', '：', ':', ' ', '为', '有', '的', '号']);
    let labelled = written.len() >= 3 && LABELS.iter().any(|word| label.ends_with(word) || before.ends_with(word));
    let festival = ["大促", "购物节", "年中", "晚会"].iter().any(|word| after.starts_with(word)) && written.len() == 3;
    let code = written.len() >= 3 && before.ends_with(|c: char| c.is_ascii_alphabetic());
    let zero_led = written.len() >= 2 && written.starts_with('0');
    let plain = !after.starts_with('.') && number(rest).is_none_or(|n| n.bytes == written.len()) && !counts(after);
    (plain && (service || labelled || festival || code || zero_led))
        .then(|| Spoken { words: dictated(written), bytes: written.len() })
}

/// `11.11大促`: 双十一.
fn festival(_before: &str, rest: &str) -> Option<Spoken> {
    [("11.11", "双十一"), ("12.12", "双十二")].iter().find_map(|(written, words)| {
        let after = rest.strip_prefix(written)?;
        let festival = ["大促", "购物节", "活动", "狂欢"].iter().any(|word| after.starts_with(word));
        festival.then(|| Spoken { words: (*words).to_owned(), bytes: written.len() })
    })
}

/// `8.5折`, `98折`: 八五折, 九八折.
fn discount(_before: &str, rest: &str) -> Option<Spoken> {
    let amount = number(rest).filter(|amount| rest[amount.bytes..].starts_with('折'))?;
    let two = amount.whole.len() == 2 && amount.fraction.is_empty() && !amount.whole.ends_with('0');
    let one = amount.whole.len() == 1 && amount.fraction.len() == 1;
    (one || two)
        .then(|| Spoken { words: by_digit(&format!("{}{}", amount.whole, amount.fraction)), bytes: amount.bytes })
}

fn fraction_words(_before: &str, rest: &str) -> Option<Spoken> {
    let (above, below, bytes) = fraction(rest)?;
    Some(Spoken { words: format!("{}分之{}", cardinal(below), cardinal(above)), bytes })
}

fn minus(before: &str, rest: &str) -> Option<Spoken> {
    let follows = before.ends_with(|c: char| {
        DIGITS.contains(&c) || c.is_ascii_alphanumeric() || "两十百千万亿点分元年月日号天个".contains(c)
    });
    let negative = !follows && !digits(rest.strip_prefix('-')?).is_empty();
    negative.then(|| Spoken { words: "负".to_owned(), bytes: 1 })
}

/// `No.1`: 第一.
fn first(before: &str, rest: &str) -> Option<Spoken> {
    let after = ["No.", "NO.", "№"].iter().find_map(|sign| rest.strip_prefix(sign))?;
    let after = after.strip_prefix(' ').unwrap_or(after);
    let starts = !before.ends_with(|c: char| c.is_ascii_alphabetic());
    (starts && !digits(after).is_empty()).then(|| Spoken { words: "第".to_owned(), bytes: rest.len() - after.len() })
}

fn amount(before: &str, rest: &str) -> Option<Spoken> {
    let amount = number(rest)?;
    let after = &rest[amount.bytes..];
    let spaced = after.strip_prefix(' ').unwrap_or(after);
    let unit = UNITS.iter().find_map(|(unit, name)| {
        let end = spaced.strip_prefix(unit)?;
        (!end.starts_with(|c: char| c.is_ascii_alphanumeric())).then_some((end, *name))
    });
    // `1h30min`: the next number begins where the unit ends.
    let unit = unit.or_else(|| {
        let (name, end) =
            [("小时", 'h'), ("分", 'm')].iter().find_map(|(name, unit)| Some((*name, after.strip_prefix(*unit)?)))?;
        (!digits(end).is_empty()).then_some((end, name))
    });
    let (left, name) = unit.unwrap_or((after, ""));
    // 2 before a measure word, also at the end of a range (`2-3天`).
    let behind_range = left.strip_prefix(RANGE).map(|last| &last[digits(last).len()..]).filter(|_| name.is_empty());
    let measured = format!("{name}{}", behind_range.unwrap_or(left));
    let lone_two = amount.whole == "2" && amount.fraction.is_empty() && !before.ends_with('第');
    let two = lone_two
        && MEASURES.iter().any(|measure| measured.starts_with(measure))
        && !before.ends_with(['十', '零', '月', '元']);
    let large = left.starts_with(['千', '万', '亿']) && amount.whole == "2" && amount.fraction.is_empty();
    let words = if two || large { "两".to_owned() } else { spoken(&amount) };
    let above = left.strip_prefix('+').filter(|end| !end.starts_with(|c: char| c.is_ascii_digit()) && name.is_empty());
    Some(match above {
        Some(end) => Spoken { words: words + "多", bytes: rest.len() - end.len() },
        None => Spoken { words: words + name, bytes: rest.len() - left.len() },
    })
}

/// `3-5天`, `9:00~18:00`: between two numbers; `周一-周五`: between two days.
fn range(before: &str, rest: &str) -> Option<Spoken> {
    let sign = rest.chars().next().filter(|c| RANGE.contains(c))?;
    let after = &rest[sign.len_utf8()..];
    let numbers = !before.is_empty()
        && !before.ends_with(|c: char| c.is_ascii_alphabetic() || c.is_whitespace() || c == '约')
        && after.starts_with(|c: char| c.is_ascii_digit() || c == '¥');
    let days = before.ends_with(['一', '二', '三', '四', '五', '六', '日']) && after.starts_with(['周', '星', '日']);
    (numbers || days).then(|| Spoken { words: "到".to_owned(), bytes: sign.len_utf8() })
}

/// `元/月`: 每.
fn per(before: &str, rest: &str) -> Option<Spoken> {
    let after = rest.strip_prefix('/')?;
    let words = if after
        .starts_with(['月', '年', '天', '日', '次', '人', '个', '分', '小', '平', '台', '户', '条', '秒', '件'])
    {
        "每"
    } else if before.ends_with(|c: char| !c.is_ascii() && c.is_alphabetic())
        && after.starts_with(|c: char| !c.is_ascii())
    {
        "或"
    } else {
        return None;
    };
    Some(Spoken { words: words.to_owned(), bytes: 1 })
}

fn sign(before: &str, rest: &str) -> Option<Spoken> {
    let sign = rest.chars().next()?;
    let after = &rest[sign.len_utf8()..];
    let number_follows = after.starts_with(|c: char| c.is_ascii_digit());
    let words = match sign {
        '#' if before.ends_with('按') || before.ends_with('和') => "井号",
        '*' if before.ends_with('按') || before.ends_with('和') => "星号",
        '*' | '×' | 'x' if number_follows && before.ends_with(|c: char| DIGITS.contains(&c) || c == '十') => "乘",
        '+' if number_follows || before.ends_with(|c: char| !c.is_ascii()) => "加",
        '&' => "和",
        '±' => "正负",
        '=' => "等于",
        '≈' => "约",
        '~' if number_follows && !before.ends_with('约') => "约",
        '≥' => "大于等于",
        '≤' => "小于等于",
        '>' if number_follows => "大于",
        '<' if number_follows => "小于",
        '%' => "百分号",
        // Nobody says these; a lone star or hash is decoration.
        '*' | '#' | '~' | '_' | '^' | '|' | '\\' | '²' | '³' | '<' | '>' => "",
        _ => return None,
    };
    let said_anyway = if words.ends_with('号') && after.starts_with('号') { '号'.len_utf8() } else { 0 };
    Some(Spoken { words: words.to_owned(), bytes: sign.len_utf8() + said_anyway })
}

/// An amount of money: 2 is 两 before its unit.
fn counted(amount: &Number<'_>) -> String {
    if amount.whole == "2" && amount.fraction.is_empty() { "两".to_owned() } else { spoken(amount) }
}

/// `1299.5` as 一千二百九十九点五.
fn spoken(amount: &Number<'_>) -> String {
    let mut words = amount.whole_value().map_or_else(|| by_digit(&amount.whole), cardinal);
    if !amount.fraction.is_empty() {
        words.push('点');
        words.push_str(&by_digit(amount.fraction));
    }
    words
}

fn by_digit(written: &str) -> String {
    written.bytes().map(|digit| DIGITS[usize::from(digit - b'0')]).collect()
}

/// Digit by digit with 幺 for 1, as numbers are dictated; a single 1 (a key) stays 一.
fn dictated(written: &str) -> String {
    if written.len() >= 3 { dictated_in_row(written) } else { by_digit(written) }
}

/// A group of a longer number, however short.
fn dictated_in_row(written: &str) -> String {
    by_digit(written).replace('一', "幺")
}

/// A whole number below 10^16. A leading 2 before 百, 千, 万 or 亿 is 两, as it is spoken.
fn cardinal(value: u64) -> String {
    let mut words = grouped(value);
    if let Some(after) = words.strip_prefix("一十") {
        words = format!("十{after}");
    }
    match words.strip_prefix('二') {
        Some(after) if after.starts_with(['百', '千', '万', '亿']) => format!("两{after}"),
        Some(_) | None => words,
    }
}

fn grouped(value: u64) -> String {
    const UNITS: [(u64, char); 5] = [(100_000_000, '亿'), (10_000, '万'), (1_000, '千'), (100, '百'), (10, '十')];
    let Some(&(unit, name)) = UNITS.iter().find(|(unit, _)| value >= *unit) else {
        return DIGITS[(value % 10) as usize].to_string();
    };
    let (count, left) = (value / unit, value % unit);
    let head = if (10..20).contains(&count) { cardinal(count) } else { grouped(count) };
    let zero = if left * 10 < unit { "零" } else { "" };
    if left == 0 { format!("{head}{name}") } else { format!("{head}{name}{zero}{}", grouped(left)) }
}
