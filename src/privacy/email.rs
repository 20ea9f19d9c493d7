//! Mailboxes, written (RFC 5321) or spoken: `zhang.san@163.com`, "john dot smith at gmail dot com", 张三艾特幺六三点com.

use super::digits::digit;
use super::{Found, Kind};

/// RFC 5321 §4.5.3.1: local part and domain in octets.
const LOCAL_MAX: usize = 64;
const DOMAIN_MAX: usize = 255;
const TOP_LEVEL: [&str; 22] = [
    "com", "cn", "net", "org", "co", "uk", "edu", "gov", "io", "me", "info", "ai", "us", "eu", "de", "fr", "jp", "hk",
    "tw", "biz", "app", "康姆",
];
/// Words that end a spoken local part on its left.
const NOT_LOCAL: [&str; 26] = [
    "is", "it's", "its", "to", "email", "mail", "address", "me", "my", "at", "be", "the", "send", "on", "that's", "a",
    "an", "contact", "e-mail", "it", "yes", "yeah", "so", "ok", "okay", "and",
];
const LOCAL_WORDS_MAX: usize = 8;

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
        } else if rest.starts_with("康姆") {
            "康姆".len()
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
    let lower = token.to_ascii_lowercase();
    Some(match lower.as_str() {
        "dot" | "point" => ".".to_owned(),
        "at" => "@".to_owned(),
        "underscore" => "_".to_owned(),
        "dash" | "hyphen" => "-".to_owned(),
        "康姆" => "com".to_owned(),
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
        if best.is_some() && value != "." && !domain.ends_with('.') {
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
    for token in tokens.iter().rev().take(LOCAL_WORDS_MAX) {
        let lower = token.text.to_ascii_lowercase();
        if NOT_LOCAL.contains(&lower.as_str()) {
            break;
        }
        let Some(value) = value(token.text).filter(|value| value != "@") else { break };
        if value.chars().any(|c| c.is_ascii_alphanumeric()) {
            start = Some((value.chars().next()?, token.start));
        }
    }
    start
}
