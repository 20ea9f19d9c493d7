//! Numbers that are somebody's: identity numbers, mobiles, bank cards, secrets.

use std::ops::Range;

use super::digits::{Group, runs};
use super::{Found, Kind};

/// Before a number these say that it belongs to a thing.
const THINGS: [&str; 38] = [
    "会员号",
    "客户号",
    "account number",
    "customer number",
    "订单",
    "单号",
    "编号",
    "流水",
    "工单",
    "运单",
    "快递",
    "合同号",
    "保单",
    "序列号",
    "条形码",
    "型号",
    "编码",
    "条码",
    "发动机",
    "车架",
    "产证",
    "批次",
    "设备号",
    "货号",
    "发票",
    "税号",
    "工号",
    "统一社会信用代码",
    "order",
    "reference",
    "tracking",
    "invoice",
    "serial",
    "policy number",
    "ticket",
    "case number",
    "booking",
    "model",
];
/// Behind a number these count or measure.
const UNITS: [&str; 12] = ["元", "块", "件", "人", "万", "次", "兆", "年", "月", "pounds", "dollars", "yuan"];
/// Words that tell that a number is a telephone.
const PHONE_WORDS: [&str; 16] = [
    "number",
    "phone",
    "cell",
    "mobile",
    "reach me",
    "call me",
    "text me",
    "ring me",
    "whatsapp",
    "电话",
    "手机",
    "号码",
    "微信",
    "打给我",
    "联系我",
    "contact",
];
/// Words that tell that a number is a card's.
const CARD_WORDS: [&str; 3] = ["卡", "card", "visa"];
/// Behind a number these say the same.
const MINE: [&str; 9] = [
    "my mobile",
    "my cell",
    "my number",
    "my phone",
    "my whatsapp",
    "the mobile",
    "是我手机",
    "是我的手机",
    "是我电话",
];
/// The groups of one number at most.
const GROUPS_MAX: usize = 20;

/// The numbers of a text, in order, without overlaps.
pub(super) fn find(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for run in runs(text) {
        let mut at = 0;
        while at < run.len() {
            let longest = (at + 1..=run.len().min(at + GROUPS_MAX)).rev();
            let hit = longest.into_iter().find_map(|end| Some((end, number(text, &run, at..end)?)));
            match hit {
                Some((end, piece)) => {
                    found.push(piece);
                    at = end;
                }
                None => at += 1,
            }
        }
    }
    found
}

/// What the digits of these groups are, if they are somebody's.
fn number(text: &str, run: &[Group], part: Range<usize>) -> Option<Found> {
    let groups = &run[part];
    let (first, last) = (groups.first()?, groups.last()?);
    let (before, after) = (&text[..first.start], &text[last.end..]);
    let said = Said {
        plus: first.plus,
        thing: names_a_thing(before) || names_a_thing(&text[..run.first()?.start]),
        measured: UNITS.iter().any(|unit| after.trim_start().starts_with(unit)),
        card: CARD_WORDS.iter().any(|word| tail(before, 12).to_lowercase().contains(word)),
        shape: Shape::of(text, groups, run.len()),
    };
    let (kind, masked) = match groups.iter().rposition(|group| group.corrects) {
        Some(0) | None => said.read(&digits(groups))?,
        // "…零零幺三，不对，零零幺四": the last so many digits are said anew. A whole number is one of its own.
        Some(at) if said.read(&digits(&groups[..at])).is_some() => return None,
        Some(at) => said.read(&corrected(groups, at)?)?,
    };
    let start = match kind {
        Kind::Mobile if first.plus => plus_start(before),
        Kind::Mobile if before.ends_with('(') && text[first.start..last.end].contains(')') => first.start - 1,
        Kind::Mobile if before.ends_with('（') && text[first.start..last.end].contains('）') => {
            first.start - '（'.len_utf8()
        }
        Kind::Mobile | Kind::IdCard | Kind::BankCard | Kind::Secret | Kind::Address | Kind::Email => first.start,
    };
    Some(Found { kind, span: start..last.end, masked })
}

fn digits(groups: &[Group]) -> String {
    groups.iter().map(|group| group.digits.as_str()).collect()
}

/// The digits with the group at `at` in the place of as many before it.
fn corrected(groups: &[Group], at: usize) -> Option<String> {
    if groups[..at].iter().skip(1).any(|group| group.corrects) {
        return None;
    }
    let mut kept = digits(&groups[..at]);
    kept.truncate(kept.len().checked_sub(groups[at].digits.len())?);
    Some(kept + &digits(&groups[at..]))
}

/// What the words around a number tell of it.
struct Said {
    plus: bool,
    thing: bool,
    measured: bool,
    card: bool,
    shape: Shape,
}

impl Said {
    fn read(&self, digits: &str) -> Option<(Kind, String)> {
        if digits[..digits.len().saturating_sub(1)].contains('X') {
            return None;
        }
        if let Some(masked) = id_card(digits) {
            return Some((Kind::IdCard, masked));
        }
        // An identity number whose check character is wrong may pass for a card by chance.
        let card = !self.thing && (self.card || birth(digits).is_none());
        if let Some(masked) = bank_card(digits).filter(|_| card) {
            return Some((Kind::BankCard, masked));
        }
        if self.thing || self.measured {
            return None;
        }
        mobile(digits, self.plus, self.shape).map(|masked| (Kind::Mobile, masked))
    }
}

/// Whether the words just before a number say that it belongs to a thing, not to a person.
fn names_a_thing(before: &str) -> bool {
    let near: String = tail(before, 18).to_lowercase();
    let last = THINGS.iter().filter_map(|word| near.rfind(word)).max();
    last.is_some_and(|at| {
        !near[at..].contains('，') && !PHONE_WORDS[1..14].iter().any(|word| near[at..].contains(word))
    })
}

/// The last `chars` characters.
fn tail(text: &str, chars: usize) -> &str {
    text.char_indices().rev().nth(chars.saturating_sub(1)).map_or(text, |(at, _)| &text[at..])
}

fn plus_start(before: &str) -> usize {
    let trimmed = before.trim_end_matches([' ', '(', '（']);
    let sign = ["+", "＋", "plus", "Plus", "加号", "加"].iter().find(|sign| trimmed.ends_with(**sign));
    trimmed.len() - sign.map_or(0, |sign| sign.len())
}

/// 18 characters, a date of birth, ISO 7064 MOD 11-2. Masked: the first six and the last two.
pub(super) fn id_card(digits: &str) -> Option<String> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: &[u8; 11] = b"10X98765432";
    birth(digits)?;
    let sum: u32 = digits.chars().zip(WEIGHTS).filter_map(|(c, weight)| Some(c.to_digit(10)? * weight)).sum();
    let check = char::from(*CHECK.get(usize::try_from(sum % 11).ok()?)?);
    digits.ends_with(check).then(|| format!("{}{}{}", &digits[..6], "*".repeat(10), &digits[16..]))
}

/// The date of birth in 18 characters that could be an identity number.
fn birth(digits: &str) -> Option<time::Date> {
    if digits.len() != 18 || digits.starts_with('0') {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<u16>().ok();
    let year = i32::from(part(6, 10)?);
    let month = time::Month::try_from(u8::try_from(part(10, 12)?).ok()?).ok()?;
    let day = u8::try_from(part(12, 14)?).ok()?;
    time::Date::from_calendar_date(year, month, day).ok().filter(|_| (1880..=2100).contains(&year))
}

/// 16 to 19 digits, Luhn, not all the same. Masked: the last four.
pub(super) fn bank_card(digits: &str) -> Option<String> {
    let plain = (16..=19).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if !plain || digits.starts_with('0') || digits.bytes().all(|b| digits.as_bytes().first() == Some(&b)) {
        return None;
    }
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, b)| {
            let digit = u32::from(b - b'0');
            match (place % 2, digit * 2) {
                (0, _) => digit,
                (_, double) => double / 10 + double % 10,
            }
        })
        .sum();
    sum.is_multiple_of(10).then(|| format!("{}{}", "*".repeat(digits.len() - 4), &digits[digits.len() - 4..]))
}

/// How a number is grouped and announced: what tells a foreign national number from any other ten digits.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// 3-3-4, or told to be a telephone among other digits.
    Telephone,
    /// Told to be somebody's telephone.
    Told,
    /// 1-800-555-0199 and its like: a business's, whatever the eleven digits would be elsewhere.
    FreePhone,
    Plain,
}

impl Shape {
    /// Of groups that stand among so many.
    fn of(text: &str, groups: &[Group], run_groups: usize) -> Self {
        let lengths: Vec<usize> = groups.iter().map(|group| group.digits.len()).collect();
        let start = groups.first().map_or(0, |group| group.start);
        let near = tail(&text[..start], 30).to_lowercase();
        let end = groups.last().map_or(text.len(), |group| group.end);
        let behind: String = text[end..].chars().take(28).collect::<String>().to_lowercase();
        let said = PHONE_WORDS.iter().any(|word| near.contains(word)) || MINE.iter().any(|word| behind.contains(word));
        if lengths == [1, 3, 3, 4] && groups[0].digits == "1" && FREE.contains(&groups[1].digits.as_str()) {
            return Self::FreePhone;
        }
        match said {
            true if groups.len() == run_groups => Self::Told,
            true => Self::Telephone,
            false => Self::of_lengths(&lengths),
        }
    }

    /// Of groups of so many digits.
    pub(super) fn of_lengths(lengths: &[usize]) -> Self {
        if lengths == [3, 3, 4] || lengths == [1, 3, 3, 4] { Self::Telephone } else { Self::Plain }
    }
}

/// A mobile, or an international number that is no landline. Masked: the first three (and the country) and the last four.
pub(super) fn mobile(digits: &str, plus: bool, shape: Shape) -> Option<String> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) || matches!(shape, Shape::FreePhone) {
        return None;
    }
    let chinese = |national: &str| {
        let second = national.as_bytes().get(1).copied().unwrap_or(0);
        national.len() == 11 && national.starts_with('1') && (b'3'..=b'9').contains(&second)
    };
    if chinese(digits) && !plus {
        return Some(mask_national(digits));
    }
    let international = if plus { Some(digits) } else { digits.strip_prefix("00") };
    let coded = digits.strip_prefix("86").is_some_and(chinese) || digits.len() == 12 && digits.starts_with("447");
    let international = international.or_else(|| coded.then_some(digits));
    if let Some(number) = international {
        return e164(number);
    }
    // United Kingdom: 07 and nine digits. Australia, Taiwan: 04, 09 and eight.
    let british = digits.len() == 11 && digits.starts_with("07") && !digits.starts_with("070");
    let pacific = digits.len() == 10 && (digits.starts_with("04") || digits.starts_with("09"));
    match shape {
        Shape::Telephone | Shape::Plain if british || pacific => Some(mask_national(digits)),
        // India: ten digits from 6 on.
        Shape::Told if digits.len() == 10 && digits.as_bytes()[0] >= b'6' => Some(mask_national(digits)),
        Shape::Told if british || pacific => Some(mask_national(digits)),
        Shape::Telephone | Shape::Told
            if american(digits.strip_prefix('1').filter(|n| n.len() == 10).unwrap_or(digits)) =>
        {
            Some(mask_national(digits))
        }
        Shape::Telephone | Shape::Told | Shape::FreePhone | Shape::Plain => None,
    }
}

/// Area codes of the North American plan that stand for no area.
const FREE: [&str; 12] = ["400", "500", "700", "900", "800", "888", "877", "866", "855", "844", "833", "822"];

/// Ten digits of the North American plan, no free-phone. Exchanges that it has not are let pass: people make numbers up.
fn american(national: &str) -> bool {
    let b = national.as_bytes();
    b.len() == 10 && b[0] >= b'2' && !FREE.contains(&&national[..3]) && &national[1..3] != "11"
}

/// Countries whose numbers we know: code, digits behind it, and how a mobile begins.
const COUNTRIES: [(&str, usize, usize, &str); 22] = [
    ("1", 10, 10, ""),
    ("7", 10, 10, "9"),
    ("33", 9, 9, "6 7"),
    ("34", 9, 9, "6 7"),
    ("39", 9, 10, "3"),
    ("44", 10, 10, "7"),
    ("49", 10, 11, "15 16 17"),
    ("52", 10, 10, ""),
    ("55", 10, 11, ""),
    ("60", 9, 10, "1"),
    ("61", 9, 9, "4"),
    ("62", 9, 12, "8"),
    ("63", 10, 10, "9"),
    ("64", 8, 10, "2"),
    ("65", 8, 8, "8 9"),
    ("66", 9, 9, "6 8 9"),
    ("81", 10, 10, "70 80 90"),
    ("82", 9, 10, "10"),
    ("84", 9, 9, ""),
    ("86", 11, 11, "13 14 15 16 17 18 19"),
    ("91", 10, 10, "6 7 8 9"),
    ("852", 8, 8, "4 5 6 7 9"),
];

/// A number behind its plus sign.
fn e164(number: &str) -> Option<String> {
    if !(8..=15).contains(&number.len()) || number.starts_with('0') {
        return None;
    }
    let country = COUNTRIES.iter().filter(|(code, ..)| number.starts_with(code)).max_by_key(|(code, ..)| code.len());
    let Some((code, least, most, begins)) = country else {
        let kept = if number.len() > 10 { 3 } else { 2 };
        return Some(format!(
            "+{}{}{}",
            &number[..kept],
            "*".repeat(number.len() - kept - 3),
            &number[number.len() - 3..]
        ));
    };
    let national = number[code.len()..].trim_start_matches('0');
    let fits = (*least..=*most).contains(&national.len())
        && begins.split(' ').any(|begin| national.starts_with(begin))
        && (*code != "1" || american(national));
    if *code == "86" {
        return fits.then(|| format!("+86{}", mask_national(national)));
    }
    fits.then(|| format!("+{code}{}{}", "*".repeat(national.len() - 4), &national[national.len() - 4..]))
}

fn mask_national(digits: &str) -> String {
    let hidden = digits.len().saturating_sub(7);
    format!("{}{}{}", &digits[..3], "*".repeat(hidden), &digits[3 + hidden..])
}
