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

    /// Whether it says something of the world, which may be asked about innocently; the others do something to the listener.
    const fn claims(self) -> bool {
        match self {
            Self::FalsePromise
            | Self::AbsoluteClaim
            | Self::GuaranteedReturn
            | Self::Inducement
            | Self::Impersonation
            | Self::Disparagement => true,
            Self::Concealment
            | Self::Threat
            | Self::Insult
            | Self::PrivacyLeak
            | Self::OverCollection
            | Self::Persistence => false,
        }
    }

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

/// What a found phrase is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// Whoever says it offends.
    Certain,
    /// Offends often: counts only when a model that reads whole sentences suspects something too.
    Cue,
}

/// A phrase that an agent must not say, or ought not to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViolatingPhrase {
    /// Why not.
    pub class: Violation,
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// How much it counts.
    pub rank: Rank,
}

/// What a model that reads whole sentences suspects in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspicion {
    /// The likeliest class.
    pub class: Violation,
    /// Another one, nearly as likely.
    pub second: Option<Violation>,
    /// How much it counts.
    pub rank: Rank,
}

/// The rules of one class in one language, as they are written.
struct Rules {
    class: Violation,
    /// Each finds violating words.
    certain: &'static [&'static str],
    /// Each finds words that hint at a violation.
    cues: &'static [&'static str],
    /// Ends just before an innocent phrase; empty for none.
    excused_after: &'static str,
    /// Stands anywhere in the sentence of an innocent phrase; empty for none.
    excused_in: &'static str,
}

/// Surroundings that make a certain phrase a cue: somebody else's words, or words about the words.
struct Guards {
    /// Ends just before: "somebody told you".
    reported: &'static str,
    /// Begins just after: "is a word we do not use".
    mentioned: &'static str,
    /// Ends just before a claim that is asked about: "can you".
    asked_before: &'static str,
    /// Begins just after one.
    asked_after: &'static str,
}

struct Table {
    classes: Vec<Class>,
    reported: Option<Regex>,
    mentioned: Option<Regex>,
    asked_before: Option<Regex>,
    asked_after: Option<Regex>,
}

struct Class {
    class: Violation,
    certain: Option<Regex>,
    cues: Option<Regex>,
    excused_after: Option<Regex>,
    excused_in: Option<Regex>,
}

static MANDARIN: LazyLock<Table> = LazyLock::new(|| compile(mandarin::RULES, &mandarin::GUARDS));
static ENGLISH: LazyLock<Table> = LazyLock::new(|| compile(english::RULES, &english::GUARDS));

/// A pattern that does not compile finds nothing; a test compiles them all.
fn compile(rules: &[Rules], guards: &Guards) -> Table {
    let regex = |pattern: &str| Regex::new(&format!("(?i){pattern}")).ok().filter(|_| !pattern.is_empty());
    let before = |pattern: &str| Some(pattern).filter(|it| !it.is_empty()).and_then(|it| regex(&format!("(?:{it})$")));
    let class = |rules: &Rules| Class {
        class: rules.class,
        certain: regex(&rules.certain.join("|")),
        cues: regex(&rules.cues.join("|")),
        excused_after: before(rules.excused_after),
        excused_in: regex(rules.excused_in),
    };
    Table {
        classes: rules.iter().map(class).collect(),
        reported: before(guards.reported),
        mentioned: regex(guards.mentioned),
        asked_before: before(guards.asked_before),
        asked_after: regex(guards.asked_after),
    }
}

/// Compiles the rules, a tenth of a second's work: before the first call, not in it.
pub fn prepare_phrases() {
    LazyLock::force(&MANDARIN);
    LazyLock::force(&ENGLISH);
}

/// What an agent's text must not contain, in order; overlapping phrases of a class are one.
pub fn violations(text: &str) -> Vec<ViolatingPhrase> {
    let mut found = phrases(text);
    found.retain(|phrase| phrase.rank == Rank::Certain);
    found
}

/// The violating words and those that hint at a violation, in order; overlapping ones of a class are one.
pub fn phrases(text: &str) -> Vec<ViolatingPhrase> {
    let text = &text[..text.floor_char_boundary(TEXT_BYTES_MAX)];
    let mut found: Vec<ViolatingPhrase> = Vec::new();
    let (latin, other) = (text.bytes().any(|b| b.is_ascii_alphabetic()), !text.is_ascii());
    for (_, table) in [(other, &MANDARIN), (latin, &ENGLISH)].into_iter().filter(|(speaks, _)| *speaks) {
        table.classes.iter().for_each(|class| class.find(text, table, &mut found));
    }
    found.sort_by_key(|phrase| (phrase.class, phrase.span.start));
    found.dedup_by(|next, kept| {
        let same = next.class == kept.class && next.span.start < kept.span.end;
        if same {
            kept.span.end = kept.span.end.max(next.span.end);
            kept.rank = kept.rank.min(next.rank);
        }
        same
    });
    found.sort_by_key(|phrase| (phrase.span.start, phrase.class));
    found
}

/// The violating phrases joined with what a model suspects: a certain phrase is never excused by it, a cue counts when it
/// suspects anything, and where it is sure, or there is a cue, the whole text is of the classes that it suspects.
pub fn violations_read(text: &str, suspicion: Option<Suspicion>) -> Vec<ViolatingPhrase> {
    let mut found = phrases(text);
    let cued = found.iter().any(|phrase| phrase.rank == Rank::Cue);
    found.retain(|phrase| phrase.rank == Rank::Certain || suspicion.is_some());
    let Some(suspicion) = suspicion.filter(|suspicion| suspicion.rank == Rank::Certain || cued) else { return found };
    let start = text.len() - text.trim_start().len();
    for class in [Some(suspicion.class), suspicion.second].into_iter().flatten() {
        if found.iter().all(|phrase| phrase.class != class) {
            found.push(ViolatingPhrase { class, span: start..start + text.trim().len(), rank: suspicion.rank });
        }
    }
    found
}

impl Class {
    fn find(&self, text: &str, table: &Table, found: &mut Vec<ViolatingPhrase>) {
        for (regex, rank) in [(&self.certain, Rank::Certain), (&self.cues, Rank::Cue)] {
            let hits = regex.iter().flat_map(|regex| regex.find_iter(text)).map(|hit| hit.range());
            found.extend(hits.filter_map(|span| {
                let rank = rank.max(self.surrounded(text, span.clone(), table)?);
                Some(ViolatingPhrase { class: self.class, span, rank })
            }));
        }
    }

    /// What the surroundings leave of a phrase: nothing where they turn it round.
    fn surrounded(&self, text: &str, span: Range<usize>, table: &Table) -> Option<Rank> {
        let start = text[..span.start].rfind(SENTENCE_ENDS).map_or(0, |at| text.ceil_char_boundary(at + 1));
        let end =
            text[span.end..].find(SENTENCE_ENDS).map_or(text.len(), |at| text.ceil_char_boundary(span.end + at + 1));
        let (before, after) = (&text[start..span.start], &text[span.end..end]);
        let matches = |regex: &Option<Regex>, text: &str| regex.as_ref().is_some_and(|regex| regex.is_match(text));
        if matches(&self.excused_after, before) || matches(&self.excused_in, &text[start..end]) {
            return None;
        }
        let told = matches(&table.reported, before) || matches(&table.mentioned, after);
        let asked = || matches(&table.asked_before, before) || matches(&table.asked_after, after);
        Some(if told || self.class.claims() && asked() { Rank::Cue } else { Rank::Certain })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_every_class_has_rules_in_both_languages() {
        for (table, guards) in [(mandarin::RULES, &mandarin::GUARDS), (english::RULES, &english::GUARDS)] {
            let classes: Vec<Violation> = table.iter().map(|rules| rules.class).collect();
            assert_eq!(classes, Violation::ALL);
            let guards = [&guards.reported, &guards.mentioned, &guards.asked_before, &guards.asked_after];
            let patterns = table.iter().flat_map(|rules| {
                rules.certain.iter().chain(rules.cues).chain([&rules.excused_after, &rules.excused_in])
            });
            for pattern in patterns.chain(guards) {
                Regex::new(pattern).unwrap_or_else(|why| panic!("{pattern}: {why}"));
            }
            let joined = compile(
                table,
                if table.as_ptr() == mandarin::RULES.as_ptr() { &mandarin::GUARDS } else { &english::GUARDS },
            );
            assert!(joined.classes.iter().all(|class| class.certain.is_some() && class.cues.is_some()));
        }
    }
}
