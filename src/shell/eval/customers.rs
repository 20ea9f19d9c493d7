//! Whole calls: the simulated customers of folders of text files, played through `callwright converse`. A file begins with
//! lines `# key: value`: `campaign`, as far as it needs them `now`, `facts` and `persona`, and what must come out,
//! `outcome` and `grade`. The other lines are what the customer says.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Parser;
use serde::{Deserialize, Serialize};

use crate::asr::Language;
use crate::shell::converse;
use crate::understanding::Classifier;

use super::report::{Better, Report, Wrong};
use super::{Setting, cases};

/// A line of the set: the customers of a folder, relative to the working directory, and what their figure is called.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Folder {
    lang: Language,
    folder: PathBuf,
    figure: String,
}

/// How a call came out, or should.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct End {
    outcome: Option<String>,
    grade: Option<String>,
}

/// Plays every customer of the folders.
pub fn run(setting: &Setting, file: &Path) -> Result<Report> {
    let mut classifier = converse::classifier(&setting.config.understanding_models)?;
    let mut report = Report::default();
    for Folder { lang, folder, figure } in cases::<Folder>(file)? {
        if !setting.languages.contains(&lang) {
            continue;
        }
        let mut right = Vec::new();
        for path in customers(&folder).with_context(|| folder.display().to_string())? {
            let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let (expected, got) = play(&text, lang, &mut *classifier).with_context(|| path.display().to_string())?;
            right.push(expected == got);
            if expected != got {
                let shown = |end: &End| serde_json::to_string(end);
                let (expected, got, text) = (shown(&expected)?, shown(&got)?, path.display().to_string());
                report.wrong.push(Wrong { language: lang, text, expected, got });
            }
        }
        report.share(Some(lang), figure, Better::Higher, right);
    }
    Ok(report)
}

/// The files of a folder, in order.
fn customers(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> =
        folder.read_dir()?.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    Ok(files)
}

/// The command line of a call.
#[derive(Parser)]
struct Command {
    #[command(flatten)]
    args: converse::Args,
}

/// Plays a customer: what should come out, and what came.
fn play(text: &str, language: Language, classifier: &mut dyn Classifier) -> Result<(End, End)> {
    let mut expected = End { outcome: None, grade: None };
    let mut command = vec!["converse".to_owned(), "--lang".to_owned(), language.code().to_owned()];
    let mut said = text;
    while let Some((key, value)) = said.lines().next().and_then(|line| line.strip_prefix('#')?.split_once(':')) {
        let (key, value) = (key.trim(), value.trim().to_owned());
        match key {
            "outcome" => expected.outcome = Some(value),
            "grade" => expected.grade = Some(value),
            _ => command.extend([format!("--{key}"), value]),
        }
        said = said.split_once('\n').map_or("", |(_, rest)| rest);
    }
    let mut output = Vec::new();
    let conversation = Command::try_parse_from(command)?.args.conversation()?;
    converse::converse(conversation, classifier, said.as_bytes(), &mut output)?;
    let last = output.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut got: End = serde_json::from_slice(last).context("the end of the call")?;
    if expected.grade.is_none() {
        got.grade = None; // not judged
    }
    Ok((expected, got))
}
