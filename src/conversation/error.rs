//! What can be wrong with a campaign file: the place, the wrong value and the way out.

use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};

use crate::asr::Language;
use crate::compliance::Undisclosed;

/// A campaign that cannot be used: all that is wrong with it, shown with file, line and help by `miette`.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("campaign {file}: {}", count(found.len()))]
pub struct CampaignError {
    file: String,
    #[related]
    found: Vec<Located>,
}

fn count(problems: usize) -> String {
    if problems == 1 { "1 problem".to_owned() } else { format!("{problems} problems") }
}

impl CampaignError {
    pub(super) fn new(file: &str, found: Vec<Located>) -> Self {
        Self { file: file.to_owned(), found }
    }

    /// Each problem, in the order of the files.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.found.iter().map(|located| &located.problem)
    }
}

/// A problem with its place.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{problem}")]
pub(super) struct Located {
    problem: Problem,
    #[help]
    help: &'static str,
    #[source_code]
    file: Arc<NamedSource<String>>,
    #[label("here")]
    at: SourceSpan,
}

impl Located {
    pub fn new(problem: Problem, file: Arc<NamedSource<String>>, at: Range<usize>) -> Self {
        Self { help: problem.help(), problem, file, at: at.into() }
    }
}

/// What is wrong with a campaign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not TOML, an unknown key, a value of another type.
    #[error("{0}")]
    Shape(String),
    /// No action has this id.
    #[error("unknown action {0:?}")]
    UnknownAction(String),
    /// Neither action nor state nor end.
    #[error("unknown target {0:?}")]
    UnknownTarget(String),
    /// No state has this name.
    #[error("unknown state {0:?}")]
    UnknownState(String),
    /// Two things of one name could not be told apart by a target.
    #[error("the name {0:?} is taken")]
    NameTaken(String),
    /// An action of the taxonomy has no answer.
    #[error("no answer to the action {0:?}")]
    NoAnswer(&'static str),
    /// An end that the machine itself needs is missing.
    #[error("no end named {0:?}")]
    NoEnd(&'static str),
    /// The file, or the one it extends, cannot be read.
    #[error("{file} cannot be read: {why}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system said.
        why: String,
    },
    /// A base that extends another.
    #[error("the base {0} extends another file")]
    Chain(String),
    /// Not an industry of the taxonomy.
    #[error("unknown industry {0:?}")]
    UnknownIndustry(String),
    /// Nothing leads there.
    #[error("the {kind} {name:?} is never reached")]
    Unreachable {
        /// Of what kind.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// A call that comes there goes round in a circle.
    #[error("no way leads from the state {0:?} to an end")]
    Endless(String),
    /// A fact that the machine itself speaks of.
    #[error("no fact {name:?} in {language:?}")]
    NoFact {
        /// Its name.
        name: &'static str,
        /// The language that lacks.
        language: Language,
    },
    /// Every variant hangs on what may not be known of the customer.
    #[error("{place}: each variant in {language:?} needs what may not be known of the customer")]
    OnlyForSome {
        /// The table.
        place: String,
        /// The language.
        language: Language,
    },
    /// Data of the customer is spoken of and its source is not.
    #[error("{place}: a variant in {language:?} speaks of the customer's data without {{source}} (rule C9)")]
    SourceHidden {
        /// The table.
        place: String,
        /// The language.
        language: Language,
    },
    /// A text lacks a language of the campaign.
    #[error("{place}: no text in {language:?}")]
    NoText {
        /// The table.
        place: String,
        /// The language that lacks.
        language: Language,
    },
    /// A placeholder without a fact.
    #[error("{place}: no fact for the placeholder {{{name}}} in {language:?}")]
    UnknownPlaceholder {
        /// The table.
        place: String,
        /// The name between the braces.
        name: String,
        /// The language that lacks.
        language: Language,
    },
    /// Words are to be read back and are not.
    #[error("read_back: a variant in {language:?} is without {{words}}")]
    NotReadBack {
        /// The language.
        language: Language,
    },
    /// A number out of its bounds.
    #[error("{key} is {value}, not within {bounds}")]
    OutOfBounds {
        /// The key.
        key: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        bounds: String,
    },
    /// The opening breaks the law.
    #[error("{0}")]
    Undisclosed(Undisclosed),
    /// A wish not to be called could be passed over.
    #[error("obj_stop_calling does not always lead to an end with outcome opted_out (rule C2: it binds at once)")]
    OptOutIgnored,
    /// No key opts out.
    #[error("no key stands for obj_stop_calling (rule C9: consent is withdrawn as easily as given)")]
    NoOptOutKey,
}

impl Problem {
    /// The way out.
    fn help(&self) -> &'static str {
        match self {
            Self::Shape(_) => "campaigns/telecom.toml shows every key",
            Self::UnknownAction(_) => "models/taxonomy.toml lists the ids of all actions",
            Self::UnknownTarget(_) => "a target is an action, a [state.NAME], an [end.NAME], \"resume\" or \"wait\"",
            Self::UnknownState(_) => "add [state.NAME], or name one that is there",
            Self::NameTaken(_) => "rename it: states, ends and actions share one set of names with resume and wait",
            Self::NoAnswer(_) => "add [on.ACTION] with say.LANGUAGE, or with then to lead elsewhere",
            Self::NoEnd(_) => "add [end.NAME] with say.LANGUAGE and outcome",
            Self::NoText { .. } => "add a text, or take the language out of `languages`",
            Self::UnknownPlaceholder { .. } => {
                "add it under [facts], or use {when}, {source}, {caller.NAME} or {slot.NAME}"
            }
            Self::Unreadable { .. } => "name a file that is there; `extends` is relative to the file it stands in",
            Self::Chain(_) => "a base stands alone: put what both need into one file",
            Self::UnknownIndustry(_) => "models/taxonomy.toml lists the industries; any fits where none does",
            Self::Unreachable { .. } => "let a target name it, or take it out",
            Self::Endless(_) => "let next, affirm, deny or give_up lead on, at last to an end",
            Self::NoFact { .. } => "add it under [facts] with a value in each language",
            Self::OnlyForSome { .. } => "add a variant that needs the campaign's own facts only",
            Self::SourceHidden { .. } => "say where the data comes from: {source}",
            Self::NotReadBack { .. } => "say the customer's words back: {words}",
            Self::OutOfBounds { .. } => "choose a value within the bounds",
            Self::Undisclosed(_) => "say it in [notice], which is spoken first and to the end",
            Self::OptOutIgnored => "let [on.obj_stop_calling] have then = \"opted_out\", and no state override it",
            Self::NoOptOutKey => "add 9 = \"obj_stop_calling\" to [keys]",
        }
    }
}
