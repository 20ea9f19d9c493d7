//! What can be wrong with a campaign file: the place, the wrong value and the way out.

use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};

use crate::asr::Language;
use crate::compliance::Undisclosed;

/// A campaign file that cannot be used: shown with file, line and help by `miette`.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{problem}")]
pub struct CampaignError {
    /// What is wrong.
    pub problem: Problem,
    #[help]
    help: &'static str,
    #[source_code]
    file: Arc<NamedSource<String>>,
    #[label("here")]
    at: SourceSpan,
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
    /// Two things of one name could not be told apart by a target.
    #[error("the name {0:?} is taken")]
    NameTaken(String),
    /// An action of the taxonomy has no answer.
    #[error("no answer to the action {0:?}")]
    NoAnswer(&'static str),
    /// An end that the machine itself needs is missing.
    #[error("no end named {0:?}")]
    NoEnd(&'static str),
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
            Self::NameTaken(_) => "rename it: states, ends and actions share one set of names with resume and wait",
            Self::NoAnswer(_) => "add [on.ACTION] with say.LANGUAGE, or with then to lead elsewhere",
            Self::NoEnd(_) => "add [end.NAME] with say.LANGUAGE and outcome",
            Self::NoText { .. } => "add a text, or take the language out of `languages`",
            Self::UnknownPlaceholder { .. } => "add it under [facts], or use {when} or {source}",
            Self::OutOfBounds { .. } => "choose a value within the bounds",
            Self::Undisclosed(_) => "say it in [notice], which is spoken first and to the end",
            Self::OptOutIgnored => "let [on.obj_stop_calling] have then = \"opted_out\", and no state override it",
            Self::NoOptOutKey => "add 9 = \"obj_stop_calling\" to [keys]",
        }
    }

    /// The problem at a place of the file.
    pub(super) fn at(self, file_name: &str, file: &str, at: Range<usize>) -> CampaignError {
        let file = Arc::new(NamedSource::new(file_name, file.to_owned()));
        CampaignError { help: self.help(), problem: self, file, at: at.into() }
    }
}
