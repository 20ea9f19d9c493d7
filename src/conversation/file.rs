//! The campaign file as typed: TOML with spans, nothing checked but its shape. docs: campaigns/telecom.toml.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::Outcome;
use super::text::Fact;
use crate::asr::Language;
use crate::understanding::Slot;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CampaignFile {
    pub name: String,
    pub languages: Vec<Language>,
    /// The state of the first question.
    pub start: Spanned<String>,
    /// Turns of the customer after which the call is ended politely.
    pub turns_max: Spanned<u32>,
    /// Below it an intent is not acted on, 0 to 1.
    pub confidence_min: Spanned<f32>,
    /// What a key stands for.
    pub keys: Spanned<BTreeMap<char, Spanned<String>>>,
    /// Values of placeholders.
    pub facts: Spanned<BTreeMap<String, Fact>>,
    /// Said first of all, to the end: who calls, that an AI speaks, what the data is for, the way out.
    pub notice: Spanned<TextFile>,
    /// Asked into a silence.
    pub silence: Spanned<TextFile>,
    /// Asks again for words that were not understood.
    pub unclear: Spanned<TextFile>,
    /// Asks whether a half-understood opt-out was one.
    pub confirm_opt_out: Spanned<TextFile>,
    /// The questions of the call.
    pub state: BTreeMap<String, Spanned<StateFile>>,
    /// The ways a call ends.
    pub end: Spanned<BTreeMap<String, Spanned<EndFile>>>,
    /// The answer to each action of the taxonomy.
    pub on: Spanned<BTreeMap<Spanned<String>, Spanned<AnswerFile>>>,
}

/// Variants in the order in which they are used; each is split into its sentences.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TextFile {
    #[serde(default)]
    pub zh: Vec<Spanned<String>>,
    #[serde(default)]
    pub en: Vec<Spanned<String>>,
    /// Said to the end, whatever the caller says.
    #[serde(default)]
    pub uninterruptible: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StateFile {
    /// The question, a variant for each time it is asked.
    pub ask: Spanned<TextFile>,
    /// The slot it asks for: known already, the question is not asked.
    pub slot: Option<Slot>,
    /// Where an answer leads.
    pub next: Spanned<String>,
    /// What a bare yes stands for; without it `next`.
    pub affirm: Option<Spanned<String>>,
    /// What a bare no stands for; without it `next`.
    pub deny: Option<Spanned<String>>,
    /// Where the call goes when no variant is left or nobody answers; without it `next`.
    pub give_up: Option<Spanned<String>>,
    /// Actions that mean something else here.
    #[serde(default)]
    pub on: BTreeMap<Spanned<String>, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndFile {
    pub say: Spanned<TextFile>,
    pub outcome: Outcome,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerFile {
    /// Empty only where `then` leads to words.
    pub say: Option<Spanned<TextFile>>,
    /// Better answers where certain words were said; the first that fits.
    #[serde(default)]
    pub case: Vec<CaseFile>,
    /// What follows; without it "resume".
    pub then: Option<Spanned<String>>,
    /// What a yes stands for if the answer ends in a question; without it "resume".
    pub affirm: Option<Spanned<String>>,
    /// What a no stands for if the answer ends in a question; without it "resume".
    pub deny: Option<Spanned<String>>,
    /// Instead of saying a variant twice.
    pub exhausted: Option<Spanned<String>>,
    /// Counts as a plain refusal of the offer.
    #[serde(default)]
    pub refusal: bool,
    /// Leaves work for a colleague.
    #[serde(default)]
    pub follow_up: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseFile {
    #[serde(rename = "if")]
    pub words: WordsFile,
    pub say: Spanned<TextFile>,
    /// Instead of the answer's own `then`.
    pub then: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WordsFile {
    #[serde(default)]
    pub zh: Vec<String>,
    #[serde(default)]
    pub en: Vec<String>,
}
