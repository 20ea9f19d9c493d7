//! Text normalisation: text as people write it in, text as it is spoken out. `99元` becomes 九十九元, `15:30` becomes
//! "three thirty PM". Latin letters stay (`60GB` is 六十GB): how they are spelled is the synthesiser's matter.
//!
//! Each language is a list of rules tried in order at every position; the first that matches says what is spoken and
//! how many bytes it took. A text nobody foresaw passes through unchanged.

mod en;
mod en_words;
mod plain;
mod zh;
mod zh_words;

#[cfg(test)]
mod tests;

use crate::asr::Language;

/// The spoken form of `text`.
pub fn normalize(text: &str, language: Language) -> String {
    let text = plain::plain(text);
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

/// `1/3`: numerator, denominator and bytes; more digits or another stroke make it something else.
fn fraction(rest: &str) -> Option<(u64, u64, usize)> {
    let (above, after) = small(rest, 1..=99)?;
    let (below, after) = small(after.strip_prefix('/')?, 2..=100)?;
    let ends = !after.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '/' | '.' | '-'));
    ends.then_some((above, below, rest.len() - after.len()))
}

/// `1.2.3`, `192.168.1.1`: its groups and bytes. A date is caught before.
fn dotted(rest: &str) -> Option<(Vec<&str>, usize)> {
    let mut groups = vec![digits(rest)];
    let mut bytes = groups[0].len();
    while let Some(group) = rest[bytes..].strip_prefix('.').map(digits).filter(|group| !group.is_empty()) {
        groups.push(group);
        bytes += 1 + group.len();
    }
    (groups.len() >= 3 && !groups[0].is_empty()).then_some((groups, bytes))
}

/// A link or an address without what nobody says of it (`https://`), and the bytes of the whole. It stands alone among
/// letters, and has a dot or an at sign inside.
fn address<'a>(before: &str, rest: &'a str) -> Option<(&'a str, usize)> {
    let part = |c: char| c.is_ascii_alphanumeric() || "@._-/:?=&%+#".contains(c);
    if before.ends_with(|c: char| c.is_ascii_alphanumeric()) || !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let written = &rest[..rest.find(|c| !part(c)).unwrap_or(rest.len())];
    let written = written.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '/');
    let said = ["https://", "http://", "mailto:"].iter().find_map(|head| written.strip_prefix(head));
    let is_mail = written.split_once('@').is_some_and(|(user, host)| !user.is_empty() && has_domain(host));
    let is_link = said.is_some() || written.starts_with("www.") || has_domain(written.split('/').next().unwrap_or(""));
    (is_mail || is_link).then_some((said.unwrap_or(written).trim_end_matches('/'), written.len()))
}

/// The ends of names on the net that campaigns speak of.
fn has_domain(host: &str) -> bool {
    const ENDS: [&str; 12] = ["com", "cn", "net", "org", "uk", "io", "co", "eu", "info", "de", "example", "edu"];
    let labels = || host.split('.');
    labels().count() >= 2
        && labels().all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        && labels().next_back().is_some_and(|end| ENDS.contains(&end))
}

/// Splits an address into words and signs, each said by `sign` or, for words, by `word`.
fn spell_address(address: &str, word: impl Fn(&str) -> String, sign: impl Fn(char) -> &'static str) -> String {
    let kind = |c: char| if c.is_ascii_digit() { 0 } else { 1 + u8::from(!c.is_ascii_alphabetic()) };
    let mut said: Vec<String> = Vec::new();
    let mut rest = address;
    while let Some(first) = rest.chars().next() {
        let end = match kind(first) {
            2 => first.len_utf8(),
            kind_of_run => rest.find(|c| kind(c) != kind_of_run).unwrap_or(rest.len()),
        };
        said.push(if kind(first) == 2 { sign(first).to_owned() } else { word(&rest[..end]) });
        rest = &rest[end..];
    }
    said.retain(|word| !word.is_empty());
    said.join(" ")
}

/// A word that has no vowel to be read by: it is spelled.
fn is_unpronounceable(word: &str) -> bool {
    !word.contains(['a', 'e', 'i', 'o', 'u', 'y', 'A', 'E', 'I', 'O', 'U', 'Y'])
}

/// A telephone number, or another string that is read digit by digit.
struct DigitString<'a> {
    /// Digits between separators: `400`, `811`, `8888`.
    groups: Vec<&'a str>,
    bytes: usize,
}

/// Digit groups joined by single hyphens or spaces, the first perhaps in parentheses or behind a plus. None for
/// fewer than `PHONE_DIGITS_MIN` digits in all.
fn telephone(rest: &str) -> Option<DigitString<'_>> {
    const PHONE_DIGITS_MIN: usize = 7;
    const PHONE_DIGITS_MAX: usize = 20;
    let international = rest.starts_with('+');
    let open = rest.strip_prefix(['+', '(']).unwrap_or(rest);
    let first = digits(open);
    let mut groups = vec![first];
    let mut bytes = rest.len() - open.len() + first.len();
    if rest.starts_with('(') {
        bytes +=
            rest[bytes..].starts_with(") ").then_some(2).or_else(|| rest[bytes..].starts_with(')').then_some(1))?;
        groups.push(digits(&rest[bytes..]));
        bytes += groups[1].len();
    }
    let least = if international { 2 } else { 3 };
    let country = usize::from(international || groups[0] == "1" && rest[bytes..].starts_with('-'));
    while let Some(after) = rest[bytes..].strip_prefix(['-', ' ']) {
        let group = digits(after);
        if group.len() < least || groups.iter().skip(country).any(|group| group.len() < least) {
            break;
        }
        groups.push(group);
        bytes += 1 + group.len();
    }
    let count: usize = groups.iter().map(|group| group.len()).sum();
    let is_number = number(rest).is_some_and(|number| number.bytes > bytes);
    if first.is_empty() || !(PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX).contains(&count) || is_number {
        return None;
    }
    Some(DigitString { groups: groups.into_iter().flat_map(dictation).collect(), bytes })
}

/// A long group in the portions in which it is dictated.
fn dictation(group: &str) -> Vec<&str> {
    let portions: &[usize] = match group.len() {
        0..=6 => &[],
        7 => &[3],
        8 => &[4],
        10 => &[3, 6],
        11 => &[3, 7],
        _ => &[4, 8, 12, 16],
    };
    let mut from = 0;
    let mut said = Vec::new();
    for &to in portions.iter().filter(|&&to| to < group.len()).chain([&group.len()]) {
        said.push(&group[from..to]);
        from = to;
    }
    said
}
