//! Mandarin rules.

use super::{Clock, Number, Rule, Spoken, clock, digits, iso_date, number, telephone};

/// In the order they are tried.
pub(super) const RULES: &[Rule] =
    &[date, time_of_day, year, money, percent, digit_string, minus, amount, range, per, sign];

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/// After these a number is a name and is read digit by digit.
const LABELS: [&str; 9] = ["尾号", "号码", "工号", "编号", "验证码", "电话", "手机", "热线", "账号"];

/// Behind a lone 2 they ask for 两: measure words, and the larger units of a number.
const MEASURES: &str = "个位条张次天块元千万亿种份家件台部杯句遍套项周分点倍人本颗只小兆年";

/// Units behind a number that are spoken as words; Latin units that are spelled (`GB`) are not here.
const UNITS: [(&str, &str); 12] = [
    ("Mbps", "兆"),
    ("M", "兆"),
    ("kg", "公斤"),
    ("km", "公里"),
    ("cm", "厘米"),
    ("mm", "毫米"),
    ("m²", "平方米"),
    ("㎡", "平方米"),
    ("℃", "摄氏度"),
    ("°C", "摄氏度"),
    ("min", "分钟"),
    ("h", "小时"),
];

fn date(_before: &str, rest: &str) -> Option<Spoken> {
    let (year, month, day, bytes) = iso_date(rest)?;
    Some(Spoken { words: format!("{}年{}月{}日", by_digit(year), cardinal(month), cardinal(day)), bytes })
}

fn time_of_day(_before: &str, rest: &str) -> Option<Spoken> {
    let Clock { hour, minute, bytes } = clock(rest)?;
    let hour = if hour == 2 { "两".to_owned() } else { cardinal(hour) };
    let words = match minute {
        0 => format!("{hour}点"),
        1..=9 => format!("{hour}点零{}分", cardinal(minute)),
        10.. => format!("{hour}点{}分", cardinal(minute)),
    };
    Some(Spoken { words, bytes })
}

/// `2026年`: a year is read digit by digit.
fn year(_before: &str, rest: &str) -> Option<Spoken> {
    let year = digits(rest);
    (year.len() == 4 && rest[4..].starts_with('年')).then(|| Spoken { words: by_digit(year), bytes: 4 })
}

fn money(_before: &str, rest: &str) -> Option<Spoken> {
    const SIGNS: [(&str, &str); 4] = [("¥", "元"), ("RMB", "元"), ("$", "美元"), ("€", "欧元")];
    let (after, unit) = SIGNS.iter().find_map(|(sign, unit)| Some((rest.strip_prefix(sign)?.trim_start(), unit)))?;
    let amount = number(after)?;
    let left = &after[amount.bytes..];
    let large = left.chars().next().filter(|c| "千万亿".contains(*c)).map_or("", |c| &left[..c.len_utf8()]);
    let bytes = rest.len() - left.len() + large.len();
    Some(Spoken { words: format!("{}{large}{unit}", spoken(&amount)), bytes })
}

fn percent(_before: &str, rest: &str) -> Option<Spoken> {
    let amount = number(rest)?;
    let sign = rest[amount.bytes..].chars().next()?;
    let of = match sign {
        '%' => "百分之",
        '‰' => "千分之",
        _ => return None,
    };
    Some(Spoken { words: format!("{of}{}", spoken(&amount)), bytes: amount.bytes + sign.len_utf8() })
}

/// Telephone numbers, service numbers, and whatever a label announces.
fn digit_string(before: &str, rest: &str) -> Option<Spoken> {
    const AMOUNTS: &str = "元块万亿人个次名位条户公";
    let written = digits(rest);
    let after = &rest[written.len()..];
    if let Some(string) = telephone(rest).filter(|string| !rest[string.bytes..].starts_with(|c| AMOUNTS.contains(c))) {
        let groups: Vec<String> = string.groups.iter().map(|group| dictated(group)).collect();
        return Some(Spoken { words: groups.join("，"), bytes: string.bytes });
    }
    let service = written.len() == 5 && ["95", "96", "100", "12"].iter().any(|head| written.starts_with(head));
    let labelled = written.len() >= 3
        && LABELS.iter().any(|label| before.trim_end_matches(['是', '：', ':', ' ', '为']).ends_with(label));
    let zero_led = written.len() >= 2 && written.starts_with('0');
    let plain = !after.starts_with(['.', ',']) && !after.starts_with(|c| AMOUNTS.contains(c));
    (plain && (service || labelled || zero_led)).then(|| Spoken { words: dictated(written), bytes: written.len() })
}

fn minus(before: &str, rest: &str) -> Option<Spoken> {
    let follows_number = before.ends_with(|c: char| DIGITS.contains(&c) || "十百千万亿点分元年月日号天个G".contains(c));
    let negative = !follows_number && !digits(rest.strip_prefix('-')?).is_empty();
    negative.then(|| Spoken { words: "负".to_owned(), bytes: 1 })
}

fn amount(before: &str, rest: &str) -> Option<Spoken> {
    let amount = number(rest)?;
    let after = &rest[amount.bytes..];
    let unit = UNITS.iter().find(|(unit, _)| {
        after.strip_prefix(unit).is_some_and(|end| !end.starts_with(|c: char| c.is_ascii_alphabetic()))
    });
    let (unit, name) = unit.copied().unwrap_or_default();
    let lone_two = amount.whole == "2" && amount.fraction.is_empty();
    let measured = format!("{name}{}", &after[unit.len()..]).starts_with(|c| MEASURES.contains(c));
    let words = if lone_two && measured && !before.ends_with('第') { "两".to_owned() } else { spoken(&amount) };
    Some(Spoken { words: words + name, bytes: amount.bytes + unit.len() })
}

/// `3-5天`, `9:00~18:00`: between two numbers.
fn range(before: &str, rest: &str) -> Option<Spoken> {
    let sign = rest.chars().next().filter(|c| "-~–—".contains(*c))?;
    let after = &rest[sign.len_utf8()..];
    (!before.is_empty() && after.starts_with(|c: char| c.is_ascii_digit() || c == '¥'))
        .then(|| Spoken { words: "到".to_owned(), bytes: sign.len_utf8() })
}

/// `元/月`: 每.
fn per(_before: &str, rest: &str) -> Option<Spoken> {
    let after = rest.strip_prefix('/')?;
    after
        .starts_with(['月', '年', '天', '日', '次', '人', '个', '分', '小'])
        .then(|| Spoken { words: "每".to_owned(), bytes: 1 })
}

fn sign(before: &str, rest: &str) -> Option<Spoken> {
    let sign = rest.chars().next()?;
    let after = &rest[sign.len_utf8()..];
    let number_follows = after.starts_with(|c: char| c.is_ascii_digit());
    let words = match sign {
        '#' | '*' if before.ends_with('按') => {
            if sign == '#' {
                "井号"
            } else {
                "星号"
            }
        }
        '*' | '×' if number_follows => "乘",
        '+' if number_follows => "加",
        '&' => "和",
        _ => return None,
    };
    let said_anyway = if words.ends_with('号') && after.starts_with('号') { '号'.len_utf8() } else { 0 };
    Some(Spoken { words: words.to_owned(), bytes: sign.len_utf8() + said_anyway })
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
    let words = by_digit(written);
    if written.len() >= 3 { words.replace('一', "幺") } else { words }
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
