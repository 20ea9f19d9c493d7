//! Violating speech in an agent's text (domain §5): the class and the words. Rules in both languages, a table each; a
//! match counts only where its surroundings do not turn it round: "我们不保证收益", "请不要把验证码告诉任何人".

mod english;
mod mandarin;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

/// Longer texts are looked through up to here.
const TEXT_BYTES_MAX: usize = 16 * 1024;
/// Ends of a sentence: what turns a phrase round stands in the same one.
const SENTENCE_ENDS: [char; 8] = ['。', '？', '！', '；', '?', '!', ';', '\n'];

/// The classes of violating speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Violation {
    /// An outcome nobody can promise.
    FalsePromise,
    /// Superlatives and uniqueness (Advertising Law 9).
    AbsoluteClaim,
    /// An outcome in money or yield (Advertising Law 25).
    GuaranteedReturn,
    /// False urgency, kickbacks, coaching a false statement.
    Inducement,
    /// Telling the customer not to read, ask or know.
    Concealment,
    /// Consequences held over the customer.
    Threat,
    /// Abuse of the customer.
    Insult,
    /// Another person's data, or a debt told to a third person.
    PrivacyLeak,
    /// Speaking as an authority, an acquaintance, or a human being.
    Impersonation,
    /// Naming or meaning a rival badly.
    Disparagement,
    /// Asking for data that is not needed.
    OverCollection,
    /// Speaking on after a refusal.
    Persistence,
}

impl Violation {
    /// Every class in the order of the domain.
    pub const ALL: [Self; 12] = [
        Self::FalsePromise,
        Self::AbsoluteClaim,
        Self::GuaranteedReturn,
        Self::Inducement,
        Self::Concealment,
        Self::Threat,
        Self::Insult,
        Self::PrivacyLeak,
        Self::Impersonation,
        Self::Disparagement,
        Self::OverCollection,
        Self::Persistence,
    ];

    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::FalsePromise => "false_promise",
            Self::AbsoluteClaim => "absolute_claim",
            Self::GuaranteedReturn => "guaranteed_return",
            Self::Inducement => "inducement",
            Self::Concealment => "concealment",
            Self::Threat => "threat",
            Self::Insult => "insult",
            Self::PrivacyLeak => "privacy_leak",
            Self::Impersonation => "impersonation",
            Self::Disparagement => "disparagement",
            Self::OverCollection => "over_collection",
            Self::Persistence => "persistence",
        }
    }
}

/// A phrase that an agent must not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViolatingPhrase {
    /// Why not.
    pub class: Violation,
    /// Its bytes in the text.
    pub span: Range<usize>,
}

/// The rules of one class in one language, as they are written.
struct Rules {
    class: Violation,
    /// Each finds a violating phrase.
    phrases: &'static [&'static str],
    /// Ends just before an innocent phrase; empty for none.
    innocent_after: &'static str,
    /// Stands anywhere in the sentence of an innocent phrase; empty for none.
    innocent_in: &'static str,
}

struct Compiled {
    class: Violation,
    phrases: Vec<Regex>,
    innocent_after: Option<Regex>,
    innocent_in: Option<Regex>,
}

static MANDARIN: LazyLock<Vec<Compiled>> = LazyLock::new(|| compile(mandarin::RULES));
static ENGLISH: LazyLock<Vec<Compiled>> = LazyLock::new(|| compile(english::RULES));

/// A pattern that does not compile finds nothing; a test compiles them all.
fn compile(rules: &[Rules]) -> Vec<Compiled> {
    let regex = |pattern: &str| Regex::new(&format!("(?i){pattern}")).ok();
    let some = |pattern: &str| if pattern.is_empty() { None } else { regex(pattern) };
    rules
        .iter()
        .map(|rules| Compiled {
            class: rules.class,
            phrases: rules.phrases.iter().filter_map(|phrase| regex(phrase)).collect(),
            innocent_after: some(&format!("(?:{})$", rules.innocent_after))
                .filter(|_| !rules.innocent_after.is_empty()),
            innocent_in: some(rules.innocent_in),
        })
        .collect()
}

/// What an agent's text must not contain, in order; overlapping phrases of a class are one.
pub fn violations(text: &str) -> Vec<ViolatingPhrase> {
    let end = (0..=TEXT_BYTES_MAX.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let text = &text[..end];
    let mut found: Vec<ViolatingPhrase> = Vec::new();
    let (latin, other) = (text.bytes().any(|b| b.is_ascii_alphabetic()), !text.is_ascii());
    let tables = [(other, &MANDARIN), (latin, &ENGLISH)];
    for rules in tables.into_iter().filter(|(speaks, _)| *speaks).flat_map(|(_, table)| table.iter()) {
        for hit in rules.phrases.iter().flat_map(|phrase| phrase.find_iter(text)) {
            if !rules.innocent(text, hit.range()) {
                found.push(ViolatingPhrase { class: rules.class, span: hit.range() });
            }
        }
    }
    found.sort_by_key(|phrase| (phrase.class, phrase.span.start));
    found.dedup_by(|next, kept| {
        let same = next.class == kept.class && next.span.start < kept.span.end;
        if same {
            kept.span.end = kept.span.end.max(next.span.end);
        }
        same
    });
    found.sort_by_key(|phrase| (phrase.span.start, phrase.class));
    found
}

/// The violating phrases, and the whole text where only a model that reads whole sentences suspects its class. It excuses
/// no phrase: on plain ones, which it seldom saw, it errs.
pub fn violations_read(text: &str, suspected: Option<Violation>) -> Vec<ViolatingPhrase> {
    let mut found = violations(text);
    if let Some(class) = suspected.filter(|class| found.iter().all(|phrase| phrase.class != *class)) {
        let start = text.len() - text.trim_start().len();
        found.push(ViolatingPhrase { class, span: start..start + text.trim().len() });
    }
    found
}

impl Compiled {
    /// Whether the surroundings of a phrase turn it round.
    fn innocent(&self, text: &str, span: Range<usize>) -> bool {
        let start = text[..span.start].rfind(SENTENCE_ENDS).map_or(0, |at| at + 1);
        let start = (start..=span.start).find(|at| text.is_char_boundary(*at)).unwrap_or(span.start);
        let end = text[span.end..].find(SENTENCE_ENDS).map_or(text.len(), |at| span.end + at);
        let matches = |regex: &Option<Regex>, text: &str| regex.as_ref().is_some_and(|regex| regex.is_match(text));
        matches(&self.innocent_after, &text[start..span.start]) || matches(&self.innocent_in, &text[start..end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_every_class_has_rules_in_both_languages() {
        for table in [mandarin::RULES, english::RULES] {
            let classes: Vec<Violation> = table.iter().map(|rules| rules.class).collect();
            assert_eq!(classes, Violation::ALL);
            for rules in table {
                for pattern in rules.phrases.iter().chain([&rules.innocent_after, &rules.innocent_in]) {
                    Regex::new(pattern).unwrap_or_else(|why| panic!("{pattern}: {why}"));
                }
            }
        }
    }
}
