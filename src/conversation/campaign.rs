//! A checked campaign: states with their questions, ends, an answer to every action. Made from a file once by
//! `compile`, shared by all calls; names are resolved to indices, facts are filled in.

use std::collections::BTreeMap;
use std::path::Path;

use super::compile::compile;
use super::source::Sources;
use super::text::{Fact, Text};
use super::{CampaignError, Outcome, Persona, Problem};
use crate::asr::Language;
use crate::understanding::{Action, Slot};

/// A script of a call with its facts, in one or more languages.
#[derive(Debug)]
pub struct Campaign {
    pub(super) name: String,
    pub(super) industry: String,
    pub(super) languages: Vec<Language>,
    pub(super) persona: Persona,
    pub(super) turns_max: u32,
    pub(super) confidence_min: f32,
    pub(super) keys: BTreeMap<char, Target>,
    pub(super) facts: BTreeMap<String, Fact>,
    pub(super) texts: Vec<Text>,
    pub(super) notice: TextId,
    pub(super) silence: TextId,
    pub(super) unclear: TextId,
    pub(super) read_back: Option<TextId>,
    pub(super) confirm_opt_out: TextId,
    pub(super) start: StateId,
    pub(super) openings: Vec<Opening>,
    pub(super) closing: Option<Closing>,
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

/// Said in place of a state's question to customers of whom the facts hold.
#[derive(Debug)]
pub(super) struct Opening {
    /// Must be known and, where values are listed, be one of them.
    pub facts: BTreeMap<String, Vec<String>>,
    pub say: TextId,
    pub state: StateId,
    pub affirm: Option<Target>,
    pub deny: Option<Target>,
}

/// When the order is asked for before the questions are through.
#[derive(Debug, Clone, Copy)]
pub(super) struct Closing {
    pub after_signals: u8,
    pub state: StateId,
}

/// A question of the call and where its answers lead.
#[derive(Debug)]
pub(super) struct State {
    pub name: String,
    pub ask: TextId,
    pub slot: Option<Slot>,
    pub optional: bool,
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
    /// Reads and checks the campaign of a path, and the base that it extends; `read` gives the text of a file.
    pub fn load(path: &Path, read: impl Fn(&Path) -> std::io::Result<String>) -> Result<Self, CampaignError> {
        match read(path) {
            Ok(text) => Self::from_text(path, text, read),
            Err(why) => {
                let sources = Sources::alone(path, String::new());
                let problem = Problem::Unreadable { file: path.display().to_string(), why: why.to_string() };
                Err(sources.error(vec![(problem, 0..0)]))
            }
        }
    }

    /// Reads and checks a campaign that stands alone; `file_name` is for the error.
    pub fn parse(toml_text: &str, file_name: &str) -> Result<Self, CampaignError> {
        let no_base = |_: &Path| Err(std::io::Error::from(std::io::ErrorKind::Unsupported));
        Self::from_text(Path::new(file_name), toml_text.to_owned(), no_base)
    }

    fn from_text(
        path: &Path,
        text: String,
        read: impl Fn(&Path) -> std::io::Result<String>,
    ) -> Result<Self, CampaignError> {
        let sources = Sources::new(path, text, read)?;
        let (file, mut problems) = sources.parse();
        let campaign = file.and_then(|file| compile(file, &sources, &mut problems));
        match campaign {
            Some(campaign) if problems.is_empty() => Ok(campaign),
            Some(_) | None => Err(sources.error(problems)),
        }
    }

    /// The campaign's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its industry, by the taxonomy's id.
    pub fn industry(&self) -> &str {
        &self.industry
    }

    /// How the agent speaks where nothing else is asked for.
    pub fn persona(&self) -> Persona {
        self.persona
    }

    /// The languages that it can be held in.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// Every sentence that is the same in every call: to be rendered before the first.
    pub fn fixed_sentences(&self, language: Language) -> Vec<String> {
        let all = self.texts.iter().flat_map(|text| text.all(language)).flat_map(|variant| &variant.0);
        let mut fixed: Vec<String> = all.filter(|sentence| !sentence.contains('{')).cloned().collect();
        fixed.sort();
        fixed.dedup();
        fixed
    }

    pub(super) fn fact(&self, name: &str, language: Language) -> Option<&str> {
        self.facts.get(name)?.value(language)
    }

    /// Whether what it offers is a visit, a lesson or a demo: to accept leads to an appointment.
    pub(super) fn books(&self) -> bool {
        let mut target = Target::Action(Action::Accept);
        for _ in 0..self.states.len() + self.answers.len() {
            target = match target {
                Target::Action(action) => self.answer(action).then,
                Target::State(state) => self.state(state).next,
                Target::End(end) => return self.end(end).outcome == Outcome::Appointment,
                Target::Resume | Target::Wait => return false,
            };
        }
        false
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
