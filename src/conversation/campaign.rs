//! A checked campaign: states with their questions, ends, an answer to every action. Made from a file once by
//! `compile`, shared by all calls; names are resolved to indices, facts are filled in.

use std::collections::BTreeMap;

use super::compile::compile;
use super::file::CampaignFile;
use super::text::{Fact, Text};
use super::{CampaignError, Outcome, Problem};
use crate::asr::Language;
use crate::understanding::{Action, Slot};

/// A script of a call with its facts, in one or more languages.
#[derive(Debug)]
pub struct Campaign {
    pub(super) name: String,
    pub(super) languages: Vec<Language>,
    pub(super) turns_max: u32,
    pub(super) confidence_min: f32,
    pub(super) keys: BTreeMap<char, Target>,
    pub(super) facts: BTreeMap<String, Fact>,
    pub(super) texts: Vec<Text>,
    pub(super) notice: TextId,
    pub(super) silence: TextId,
    pub(super) unclear: TextId,
    pub(super) confirm_opt_out: TextId,
    pub(super) start: StateId,
    pub(super) states: Vec<State>,
    pub(super) ends: Vec<End>,
    pub(super) refused: EndId,
    pub(super) opted_out: EndId,
    pub(super) farewell: EndId,
    pub(super) silent: EndId,
    pub(super) not_heard: EndId,
    /// By `Action as usize`.
    pub(super) answers: Vec<Answer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextId(pub usize);
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StateId(pub usize);
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EndId(pub usize);

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The question of the state, in other words.
    Resume,
    /// Nothing: the customer has the floor.
    Wait,
    /// As if the customer had meant this.
    Action(Action),
    State(StateId),
    End(EndId),
}

/// A question of the call and where its answers lead.
#[derive(Debug)]
pub(super) struct State {
    pub name: String,
    pub ask: TextId,
    pub slot: Option<Slot>,
    pub next: Target,
    pub affirm: Target,
    pub deny: Target,
    pub give_up: Target,
    pub on: BTreeMap<Action, Target>,
}

#[derive(Debug)]
pub(super) struct End {
    pub name: String,
    pub say: TextId,
    pub outcome: Outcome,
}

/// What is said to an action wherever it comes.
#[derive(Debug)]
pub(super) struct Answer {
    pub say: Option<TextId>,
    pub cases: Vec<Case>,
    pub then: Target,
    pub affirm: Target,
    pub deny: Target,
    pub exhausted: Option<Target>,
    pub refusal: bool,
    pub follow_up: bool,
}

/// A better answer where one of `words` was said.
#[derive(Debug)]
pub(super) struct Case {
    pub words_zh: Vec<String>,
    pub words_en: Vec<String>,
    pub say: TextId,
    pub then: Target,
}

impl Campaign {
    /// Reads and checks a campaign file; `file_name` is for the error.
    pub fn parse(toml_text: &str, file_name: &str) -> Result<Self, CampaignError> {
        let file: CampaignFile = toml::from_str(toml_text).map_err(|e| {
            Problem::Shape(e.message().to_owned()).at(file_name, toml_text, e.span().unwrap_or_default())
        })?;
        compile(file).map_err(|(problem, at)| problem.at(file_name, toml_text, at))
    }

    /// The campaign's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The languages that it can be held in.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// Every sentence that is the same in every call: to be rendered before the first.
    pub fn fixed_sentences(&self, language: Language) -> Vec<String> {
        let all = self.texts.iter().flat_map(|text| text.variants(language)).flat_map(|variant| &variant.0);
        let mut fixed: Vec<String> = all.filter(|sentence| !sentence.contains('{')).cloned().collect();
        fixed.sort();
        fixed.dedup();
        fixed
    }

    pub(super) fn fact(&self, name: &str, language: Language) -> Option<&str> {
        self.facts.get(name)?.value(language)
    }

    /// What a key stands for.
    pub(super) fn key(&self, key: char) -> Option<Target> {
        self.keys.get(&key).copied()
    }

    pub(super) fn text(&self, id: TextId) -> &Text {
        &self.texts[id.0]
    }

    pub(super) fn state(&self, id: StateId) -> &State {
        &self.states[id.0]
    }

    pub(super) fn end(&self, id: EndId) -> &End {
        &self.ends[id.0]
    }

    pub(super) fn answer(&self, action: Action) -> &Answer {
        &self.answers[action as usize]
    }
}
