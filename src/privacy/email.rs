//! Mailboxes, written (RFC 5321) or spoken: `zhang.san@163.com`, "john dot smith at gmail dot com", 张三艾特幺六三点com.

use super::digits::digit;
use super::{Found, Kind};

/// RFC 5321 §4.5.3.1: local part and domain in octets.
const LOCAL_MAX: usize = 64;
const DOMAIN_MAX: usize = 255;
const TOP_LEVEL: [&str; 33] = [
    "com", "cn", "net", "org", "co", "uk", "edu", "gov", "io", "me", "info", "ai", "us", "eu", "de", "fr", "jp", "hk",
    "tw", "biz", "app", "au", "in", "ca", "ie", "nz", "sg", "es", "it", "ch", "se", "nl", "vip",
];
/// Domains as Mandarin names them, and "com" as it is heard.
const NAMES: [(&str, &str); 13] = [
    ("康姆", "com"),
    ("抗姆", "com"),
    ("康母", "com"),
    ("抗母", "com"),
    ("靠姆", "com"),
    ("扣姆", "com"),
    ("新浪", "sina"),
    ("搜狐", "sohu"),
    ("雅虎", "yahoo"),
    ("扣扣", "qq"),
    ("网易", "163"),
    ("谷歌", "gmail"),
    ("西恩", "cn"),
];
/// Words that end a spoken local part on its left.
const NOT_LOCAL: &str = " is it's its to email mail address me my at be the send on that's a an contact e-mail it yes yeah so ok okay and \
    use try for we have please reach um uh well sure was write then look go went visit check come shop buy bought order ordered see saw found find got here there ";
/// A spoken local part has so many words at most, and so many letters and digits that are said one by one.
const LOCAL_WORDS_MAX: usize = 4;
const LOCAL_TOKENS_MAX: usize = 24;
/// A name in Han characters before it has so many, none of which is one of these words.
const LOCAL_HAN_MAX: usize = 4;
const NOT_LOCAL_HAN: &str = "发到是我你您的给邮箱件用记就写抄送那这嗯呃好请吧啊呢他她叫号址";

/// The mailboxes of a text, in order.
pub(super) fn find(text: &str) -> Vec<Found> {
    let mut found = written(text);
    for piece in spoken(text) {
        if found.iter().all(|known| piece.span.end <= known.span.start || known.span.end <= piece.span.start) {
            found.push(piece);
        }
    }
    found
}

fn masked(first: char, domain: &str) -> String {
    format!("{first}***@{domain}")
}

fn written(text: &str) -> Vec<Found> {
    let local = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let mut found = Vec::new();
    for (at, sign) in text.char_indices().filter(|(_, c)| matches!(c, '@' | '＠')) {
        let before = text[..at].trim_end_matches(' ');
        let start =
            before.rfind(|c| !local(c)).map_or(0, |end| end + before[end..].chars().next().map_or(1, char::len_utf8));
        let name = before[start..].trim_start_matches(['.', '-', '=', '/', '\'']);
        let start = before.len() - name.len();
        let gap = text[at + sign.len_utf8()..].len() - text[at + sign.len_utf8()..].trim_start_matches(' ').len();
        let from = at + sign.len_utf8() + gap;
        let rest = &text[from..];
        let domain =
            &rest[..rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).unwrap_or(rest.len())];
        let domain = domain.trim_end_matches(['.', '-']);
        let labels = domain.split('.').count() >= 2 && domain.split('.').all(|label| !label.is_empty());
        let top =
            domain.rsplit('.').next().is_some_and(|top| top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic()));
        let Some(first) = name.chars().next().filter(|_| name.len() <= LOCAL_MAX && domain.len() <= DOMAIN_MAX) else {
            continue;
        };
        if labels && top {
            let span = start..from + domain.len();
            found.push(Found { kind: Kind::Email, span, masked: masked(first, domain) });
        }
    }
    found
}

/// A word of a spoken mailbox: Latin letters and figures, or one Mandarin digit or sign.
struct Token<'a> {
    start: usize,
    end: usize,
    text: &'a str,
}

/// Mandarin words for the signs; longer before shorter.
const SIGNS: [(&str, &str); 10] = [
    ("艾特", "@"),
    ("爱特", "@"),
    ("艾特符号", "@"),
    ("圈a", "@"),
    ("小老鼠", "@"),
    ("点儿", "."),
    ("点", "."),
    ("下划线", "_"),
    ("横杠", "-"),
    ("杠", "-"),
];

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let sign =
            SIGNS.iter().map(|(word, _)| *word).filter(|word| rest.starts_with(word)).max_by_key(|word| word.len());
        let length = if let Some(sign) = sign {
            sign.len()
        } else if let Some((name, _)) = NAMES.iter().find(|(name, _)| rest.starts_with(name)) {
            name.len()
        } else if c.is_ascii_alphanumeric() {
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '\'' | '_' | '-'))).unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        if c != ' ' {
            tokens.push(Token { start: at, end: at + length, text: &rest[..length] });
        }
        at += length;
    }
    tokens
}

/// What a token says: a sign, or the letters and figures themselves.
fn value(token: &str) -> Option<String> {
    if let Some((_, sign)) = SIGNS.iter().find(|(word, _)| *word == token) {
        return Some((*sign).to_owned());
    }
    if let Some((_, name)) = NAMES.iter().find(|(name, _)| *name == token) {
        return Some((*name).to_owned());
    }
    let lower = token.to_ascii_lowercase();
    Some(match lower.as_str() {
        "dot" | "point" => ".".to_owned(),
        "at" => "@".to_owned(),
        "underscore" => "_".to_owned(),
        "dash" | "hyphen" => "-".to_owned(),
        _ if token.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')) => {
            english_digit(&lower).map_or(lower, str::to_owned)
        }
        _ => token.chars().map(digit).collect::<Option<String>>()?,
    })
}

fn english_digit(word: &str) -> Option<&'static str> {
    const WORDS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    const FIGURES: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    WORDS.iter().position(|known| *known == word).map(|at| FIGURES[at])
}

fn spoken(text: &str) -> Vec<Found> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        if value(tokens[at].text).as_deref() != Some("@") || tokens[at].text == "@" {
            continue;
        }
        let Some((domain, end)) = domain(&tokens[at + 1..]) else { continue };
        let Some((first, start)) = local(&tokens[..at]) else { continue };
        found.push(Found { kind: Kind::Email, span: start..end, masked: masked(first, &domain) });
    }
    found
}

/// Labels and dots up to a top-level name, and where it ends.
fn domain(tokens: &[Token<'_>]) -> Option<(String, usize)> {
    let mut domain = String::new();
    let mut best = None;
    for token in tokens.iter().take(12) {
        let written = token.text == "." || token.text == "。";
        let value = if written { Some(".".to_owned()) } else { value(token.text).filter(|value| value != "@") };
        let Some(value) = value else { break };
        // Behind a whole domain the next label must follow a dot: "gmail dot com thanks".
        // "c o m" is spelled, and "co" is not its end.
        let spelled = value.len() == 1 && domain.ends_with(".co");
        if best.is_some() && value != "." && !domain.ends_with('.') && !spelled {
            break;
        }
        domain.push_str(&value);
        let top = domain.rsplit('.').next().unwrap_or_default();
        if domain.contains('.') && !domain.starts_with('.') && TOP_LEVEL.contains(&top) {
            best = Some((domain.clone(), token.end));
        }
        if domain.len() > 40 {
            break;
        }
    }
    best
}

/// The words on the left that make the local part: its first letter and where it starts.
fn local(tokens: &[Token<'_>]) -> Option<(char, usize)> {
    let mut start = None;
    let (mut words, mut names) = (0, 0);
    let alone = |at: usize| tokens.get(at).is_some_and(|token| token.text.len() == 1);
    for (at, token) in tokens.iter().enumerate().rev().take(LOCAL_TOKENS_MAX) {
        let lower = token.text.to_ascii_lowercase();
        // Spelled aloud, "a" is a letter, and so is "b for bravo".
        let letter_before = at.checked_sub(1).is_some_and(alone);
        let spelled = lower == "a" && (alone(at + 1) || letter_before) || lower == "for" && letter_before;
        if NOT_LOCAL.split(' ').any(|word| word == lower) && !spelled {
            break;
        }
        let Some(value) = value(token.text) else {
            // 张三三八八艾特: a name before the digits.
            let han = token.text.chars().next().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c));
            names += 1;
            match han.filter(|c| names <= LOCAL_HAN_MAX && !NOT_LOCAL_HAN.contains(*c)) {
                Some(first) => start = Some((first, token.start)),
                None => break,
            }
            continue;
        };
        let word = value.len() > 1 && value.bytes().any(|b| b.is_ascii_alphabetic());
        words += usize::from(word);
        if value == "@" || words > LOCAL_WORDS_MAX {
            break;
        }
        if value.chars().any(|c| c.is_ascii_alphanumeric()) {
            start = Some((value.chars().next()?, token.start));
        }
    }
    start
}
