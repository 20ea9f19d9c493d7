//! Sets of texts: a case a line, `{"lang","as","text","last_act"?,"errors"?,"expect":{…}}` (docs/EVALUATION.md), answered by
//! the reader of `callwright understand`. What is scored is the line that it would print: callers have nothing else.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::asr::Language;
use crate::compliance::Violation;
use crate::privacy::Kind;
use crate::shell::understand::{Reader, Speaker};
use crate::understanding::{Action, Announcement, Emotion, Industry, Slot};

use super::report::Report;
use super::{Setting, cases, score};

/// One line of a set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its language.
    pub lang: Language,
    #[serde(rename = "as")]
    speaker: Speaker,
    /// What is said.
    pub text: String,
    #[serde(default)]
    last_act: Option<String>,
    /// Whether it stands as a recogniser misheard it.
    #[serde(default)]
    pub errors: bool,
    /// What it means.
    pub expect: Expect,
}

/// What a case should give; what is not named is not judged.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The customer's action.
    pub action: Option<Action>,
    /// The customer's emotion.
    pub emotion: Option<Emotion>,
    /// The business that is talked about.
    pub industry: Option<Industry>,
    /// All slots that are told.
    pub slots: Option<HashMap<Slot, Spans>>,
    /// All pieces of personal data.
    pub personal_data: Option<Vec<Datum>>,
    /// All classes of violating speech; innocent when empty.
    pub violations: Option<Vec<Violation>>,
    /// What answers the call.
    pub announcement: Option<Announcement>,
}

/// The words of a slot, or several that are as good as each other; an empty list is a slot that is not told.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub enum Spans {
    /// These words.
    One(String),
    /// Any of them.
    Any(Vec<String>),
}

impl Spans {
    /// All that are good.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(span) => std::slice::from_ref(span),
            Self::Any(spans) => spans,
        }
    }
}

/// A piece of personal data.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Datum {
    /// What it is.
    pub kind: Kind,
    /// Its words.
    pub text: String,
}

/// A phrase of violating speech.
#[derive(Deserialize)]
pub struct Phrase {
    /// How it violates.
    pub class: Violation,
}

/// The line of `callwright understand`, as far as it is judged.
#[derive(Deserialize)]
pub struct Answer {
    pub action: Option<Action>,
    pub confidence: Option<f64>,
    pub emotion: Option<Emotion>,
    pub industry: Option<Industry>,
    pub slots: Option<HashMap<String, Option<String>>>,
    pub personal_data: Vec<Datum>,
    pub violations: Option<Vec<Phrase>>,
    pub announcement: Option<Announcement>,
}

/// Answers every case of a file and counts.
pub fn run(setting: &Setting, file: &Path) -> Result<Report> {
    let mut readers: Vec<((Language, Speaker), Reader)> = Vec::new();
    let mut judged = Vec::new();
    for case in cases::<Case>(file)? {
        if !setting.languages.contains(&case.lang) {
            continue;
        }
        let who = (case.lang, case.speaker);
        let at = match readers.iter().position(|(known, _)| *known == who) {
            Some(at) => at,
            None => {
                readers.push((who, Reader::open(&setting.config.understanding_models, case.lang, case.speaker)?));
                readers.len() - 1
            }
        };
        let line = readers[at].1.answer(&json!({"text": case.text, "last_act": case.last_act}).to_string())?;
        let answer = serde_json::from_str(&line).context("the answer of understand")?;
        judged.push((case, answer));
    }
    let mut report = Report::default();
    for language in &setting.languages {
        let mine: Vec<_> = judged.iter().filter(|(case, _)| case.lang == *language).collect();
        score::score(*language, &mine, &mut report);
    }
    Ok(report)
}
