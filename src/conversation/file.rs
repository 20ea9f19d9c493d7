//! The campaign file as typed: TOML with spans, nothing checked but its shape. docs: campaigns/telecom.toml.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::text::Fact;
use super::{Outcome, Persona};
use crate::asr::Language;
use crate::understanding::Slot;

/// A campaign file, merged with its base. Entries whose shape is wrong are left out and named in `broken`.
pub(super) struct CampaignFile {
    pub head: HeadFile,
    /// The first whose facts hold is said in place of the first question.
    pub opening: Vec<Spanned<OpeningFile>>,
    /// The questions of the call.
    pub state: BTreeMap<String, Spanned<StateFile>>,
    /// The ways a call ends.
    pub end: BTreeMap<String, Spanned<EndFile>>,
    /// The answer to each action of the taxonomy.
    pub on: BTreeMap<Spanned<String>, Spanned<AnswerFile>>,
    /// Names of states, ends and answers that are there but could not be read.
    pub broken: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeadFile {
    pub name: String,
    /// The base file that this one extends, relative to it.
    #[serde(rename = "extends")]
    pub _extends: Option<String>,
    /// An industry of the taxonomy.
    pub industry: Spanned<String>,
    pub languages: Vec<Language>,
    /// How the agent speaks where nothing else is asked for.
    #[serde(default)]
    pub persona: Persona,
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
    /// Says a budget, a name or a place back in passing, where the recogniser was only fairly sure: `{words}`. Without
    /// it they are taken as they were recognised.
    pub read_back: Option<Spanned<TextFile>>,
    /// Asks whether a half-understood opt-out was one.
    pub confirm_opt_out: Spanned<TextFile>,
    /// When the offer is closed before its questions are through.
    pub closing: Option<ClosingFile>,
}

/// Variants in the order in which they are used; each is split into its sentences.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TextFile {
    #[serde(default)]
    pub zh: Vec<Spanned<String>>,
    #[serde(default)]
    pub en: Vec<Spanned<String>>,
    /// For the persona `casual`.
    #[serde(default)]
    pub casual: WordingsFile,
    /// For the impatient.
    #[serde(default)]
    pub concise: WordingsFile,
    /// Said to the end, whatever the caller says.
    #[serde(default)]
    pub uninterruptible: bool,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct WordingsFile {
    #[serde(default)]
    pub zh: Vec<Spanned<String>>,
    #[serde(default)]
    pub en: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OpeningFile {
    /// Facts of the customer that must be there and, where values are listed, have one of them.
    #[serde(rename = "if", default)]
    pub facts: BTreeMap<String, Vec<String>>,
    pub say: Spanned<TextFile>,
    /// The state whose question it stands for; without it `start`.
    pub state: Option<Spanned<String>>,
    /// Instead of the state's own.
    pub affirm: Option<Spanned<String>>,
    /// Instead of the state's own.
    pub deny: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClosingFile {
    /// So many different buying signals without a refusal since.
    pub after_signals: Spanned<u8>,
    /// The state that asks for the order.
    pub state: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StateFile {
    /// The question, a variant for each time it is asked.
    pub ask: Spanned<TextFile>,
    /// The slot it asks for: known already, the question is not asked.
    pub slot: Option<Slot>,
    /// The impatient are not asked.
    #[serde(default)]
    pub optional: bool,
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
