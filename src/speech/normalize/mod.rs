//! Text normalisation: text as people write it in, text as it is spoken out. `99元` becomes 九十九元, `15:30` becomes
//! "three thirty PM". Latin letters stay (`60GB` is 六十GB): how they are spelled is the synthesiser's matter.
//!
//! Each language is a list of rules tried in order at every position; the first that matches says what is spoken and
//! how many bytes it took. A text nobody foresaw passes through unchanged.

mod en;
mod zh;

use crate::asr::Language;

/// The spoken form of `text`.
pub fn normalize(text: &str, language: Language) -> String {
    let text: String = text.chars().map(narrow).collect();
    match language {
        Language::Zh => rewrite(&text, zh::RULES),
        Language::En => rewrite(&text, en::RULES),
    }
}

/// What a rule found: the words, and the bytes of the text they stand for.
struct Spoken {
    words: String,
    bytes: usize,
}

/// Looks at `rest` with what has been said `before` it.
type Rule = fn(before: &str, rest: &str) -> Option<Spoken>;

fn rewrite(text: &str, rules: &[Rule]) -> String {
    let mut said = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let found = rules.iter().find_map(|rule| rule(&said, rest)).filter(|spoken| spoken.bytes > 0);
        let bytes = match found {
            Some(spoken) => {
                said.push_str(&spoken.words);
                spoken.bytes
            }
            None => {
                said.push(first);
                first.len_utf8()
            }
        };
        rest = rest.get(bytes..).unwrap_or("");
    }
    said
}

/// Full-width digits, letters and the signs that belong to numbers as their ASCII twins; Chinese punctuation stays.
fn narrow(c: char) -> char {
    match c {
        '０'..='９'
        | 'Ａ'..='Ｚ'
        | 'ａ'..='ｚ'
        | '％'
        | '＋'
        | '－'
        | '．'
        | '／'
        | '＠'
        | '＃'
        | '＊'
        | '＆'
        | '＄' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '￥' => '¥',
        '～' | '〜' => '~',
        '　' => ' ',
        other => other,
    }
}

/// A number as written: `1,299.50`.
struct Number<'a> {
    /// Digits before the point, without commas.
    whole: String,
    /// Digits after the point, without zeros at the end; often empty.
    fraction: &'a str,
    bytes: usize,
}

impl Number<'_> {
    /// The part before the point, unless it is longer than sixteen digits.
    fn whole_value(&self) -> Option<u64> {
        (self.whole.len() <= 16).then(|| self.whole.parse().ok())?
    }
}

/// The number at the start of `rest`.
fn number(rest: &str) -> Option<Number<'_>> {
    let mut bytes = digits(rest).len();
    if bytes == 0 {
        return None;
    }
    while bytes <= 3 || rest[..bytes].contains(',') {
        let Some(after) = rest[bytes..].strip_prefix(',') else { break };
        if digits(after).len() != 3 {
            break;
        }
        bytes += 4;
    }
    let whole = rest[..bytes].replace(',', "");
    let fraction = rest[bytes..].strip_prefix('.').map_or("", digits);
    if !fraction.is_empty() {
        bytes += 1 + fraction.len();
    }
    Some(Number { whole, fraction: fraction.trim_end_matches('0'), bytes })
}

/// The ASCII digits at the start of `rest`.
fn digits(rest: &str) -> &str {
    &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()]
}

/// The value of one or two digits at the start of `rest`, if no third follows and it lies in `range`.
fn small(rest: &str, range: std::ops::RangeInclusive<u64>) -> Option<(u64, &str)> {
    let written = digits(rest);
    let value = written.parse().ok().filter(|value| written.len() <= 2 && range.contains(value))?;
    Some((value, &rest[written.len()..]))
}

/// `2026-11-21`, `2026/11/21` or `2026.11.21` as year, month, day and length in bytes.
fn iso_date(rest: &str) -> Option<(&str, u64, u64, usize)> {
    let year = digits(rest);
    let separator = rest[year.len()..].chars().next().filter(|c| year.len() == 4 && matches!(c, '-' | '/' | '.'))?;
    let (month, after) = small(&rest[5..], 1..=12)?;
    let (day, after) = small(after.strip_prefix(separator)?, 1..=31)?;
    Some((year, month, day, rest.len() - after.len()))
}

/// A time of day as written.
struct Clock {
    hour: u64,
    minute: u64,
    bytes: usize,
}

/// `15:30`; seconds are dropped, nobody speaks them.
fn clock(rest: &str) -> Option<Clock> {
    let (hour, after) = small(rest, 0..=24)?;
    let after = after.strip_prefix([':', '：'])?;
    let minutes = digits(after);
    let minute = minutes.parse().ok().filter(|&minute: &u64| minutes.len() == 2 && minute < 60)?;
    let after = &after[2..];
    let seconds = after.strip_prefix([':', '：']).filter(|seconds| digits(seconds).len() == 2);
    let after = seconds.map_or(after, |seconds| &seconds[2..]);
    Some(Clock { hour, minute, bytes: rest.len() - after.len() })
}

/// A telephone number, or another string that is read digit by digit.
struct DigitString<'a> {
    /// Digits between separators: `400`, `811`, `8888`.
    groups: Vec<&'a str>,
    bytes: usize,
}

/// Digit groups joined by single hyphens or spaces. None for fewer than `PHONE_DIGITS_MIN` digits in all.
fn telephone(rest: &str) -> Option<DigitString<'_>> {
    const PHONE_DIGITS_MIN: usize = 7;
    const PHONE_DIGITS_MAX: usize = 20;
    let mut groups = vec![digits(rest)];
    let mut bytes = groups[0].len();
    while let Some(after) = rest[bytes..].strip_prefix(['-', ' ']) {
        let group = digits(after);
        if group.len() < 3 || groups.iter().any(|g| g.len() < 3) {
            break;
        }
        groups.push(group);
        bytes += 1 + group.len();
    }
    let count: usize = groups.iter().map(|group| group.len()).sum();
    if !(PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX).contains(&count)
        || number(rest).is_some_and(|number| number.bytes > bytes)
    {
        return None;
    }
    if let ([one], 11) = (groups.as_slice(), count) {
        groups = vec![&one[..3], &one[3..7], &one[7..]]; // a mobile number, as it is dictated
    }
    Some(DigitString { groups, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_spoken(language: Language, table: &[(&str, &str)]) {
        for (written, spoken) in table {
            assert_eq!(normalize(written, language), *spoken, "written: {written}");
        }
    }

    #[test]
    fn mandarin_is_written_as_it_is_spoken() {
        assert_spoken(
            Language::Zh,
            &[
                ("每月99元，一共1299.5元", "每月九十九元，一共一千二百九十九点五元"),
                ("¥99/月，￥1,299.50，$20", "九十九元每月，一千二百九十九点五元，二十美元"),
                ("原价199.00元", "原价一百九十九元"),
                ("2026-11-21到期，11月21日15:00", "二零二六年十一月二十一日到期，十一月二十一日十五点"),
                ("2026年2月2号 2：05", "二零二六年二月二号 两点零五分"),
                ("上午9:00-11:30", "上午九点到十一点三十分"),
                ("降了12.5%，5‰", "降了百分之十二点五，千分之五"),
                ("2个月2元2天第2次2万2点200块", "两个月两元两天第二次两万两点两百块"),
                (
                    "0、10、15、105、110、1010、10005元、120000、2200、100000000元",
                    "零、十、十五、一百零五、一百一十、一千零一十、一万零五元、十二万、两千二百、一亿元",
                ),
                ("请拨10086或400-811-8888", "请拨幺零零八六或四零零，八幺幺，八八八八"),
                ("手机13812345678，尾号1107", "手机幺三八，幺二三四，五六七八，尾号幺幺零七"),
                ("转人工请按0，退订请按2，结束按#键", "转人工请按零，退订请按二，结束按井号键"),
                ("60GB流量，5G网络，1000M宽带", "六十GB流量，五G网络，一千兆宽带"),
                ("3-5天，-3℃，7*24小时，80㎡", "三到五天，负三摄氏度，七乘二十四小时，八十平方米"),
                ("１２３元", "一百二十三元"),
                ("1234567元", "一百二十三万四千五百六十七元"),
            ],
        );
    }

    #[test]
    fn english_is_written_as_it_is_spoken() {
        assert_spoken(
            Language::En,
            &[
                (
                    "It is $99/month, or $1,299.50.",
                    "It is ninety-nine dollars per month, or one thousand two hundred ninety-nine dollars and fifty cents.",
                ),
                ("¥1, 99 yuan, RMB 59, $1", "one yuan, ninety-nine yuan, fifty-nine yuan, one dollar"),
                ("$1.5 million", "one point five million dollars"),
                (
                    "at 15:00, 15:30, 9:05 am, 9:30, 0:15",
                    "at three PM, three thirty PM, nine oh five AM, nine thirty, twelve fifteen AM",
                ),
                ("3 p.m. or 10am.", "three PM or ten AM."),
                ("2026-11-21", "November twenty-first, twenty twenty-six"),
                (
                    "Nov. 3, May 22, 2026 and the 5th",
                    "November third, May twenty-second, twenty twenty-six and the fifth",
                ),
                ("in 2005, 1999 people", "in two thousand five, one thousand nine hundred ninety-nine people"),
                ("5% or 2.5 %", "five percent or two point five percent"),
                (
                    "Call 800-555-1234 or 13812345678",
                    "Call eight zero zero, five five five, one two three four or one three eight, one two three four, five six seven eight",
                ),
                ("60GB, 1 GB, 300Mbps, 5G", "sixty gigabytes, one gigabyte, three hundred megabits per second, five G"),
                ("3-5 days & 24/7", "three to five days and twenty-four seven"),
                ("1,000,000 and 100,012", "one million and one hundred thousand twelve"),
                ("12th, 20th, 31st", "twelfth, twentieth, thirty-first"),
            ],
        );
    }

    #[test]
    fn words_without_numbers_pass_unchanged() {
        assert_spoken(Language::Zh, &[("您好，我是小王。", "您好，我是小王。"), ("", "")]);
        assert_spoken(Language::En, &[("Hello, it's Ann - may I?", "Hello, it's Ann - may I?")]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_normalised_without_panic_and_no_digit_is_left(text in "[0-9.,:：/年月点%元$¥~ a-c#*+-]{0,24}") {
            for language in [Language::Zh, Language::En] {
                let spoken = normalize(&text, language);
                proptest::prop_assert!(!spoken.contains(|c: char| c.is_ascii_digit()), "{} -> {}", text, spoken);
            }
        }
    }
}
