//! `callwright eval`: runs the sets of `eval/` and prints their figures (docs/COMMANDS.md has the contract,
//! docs/EVALUATION.md says what each figure counts). A set is a file of cases, a JSON object a line; its name is the
//! file's. With floors, a figure below its own is named and fails the command.

mod customers;
mod floors;
mod recognition;
mod report;
mod score;
mod table;
mod texts;
mod turns;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args as ClapArgs;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::asr::Language;
use crate::config::Config;

use super::options::{Lang, Shared};
use floors::Floors;
use report::{Report, Row, Wrong};

/// How a set is run: its file of cases, with what is evaluated, gives a report.
type Run = fn(&Setting, &Path) -> Result<Report>;

/// The sets that are not texts with what they mean, by name. A file of any other name holds texts.
const RUNS: [(&str, Run); 3] =
    [("customers", customers::run), ("recognition", recognition::run), ("turns", turns::run)];

/// What the command takes.
#[derive(ClapArgs)]
pub struct Args {
    /// Files of the folder without .jsonl; all of them if none is named.
    #[arg(value_name = "SET")]
    sets: Vec<String>,
    /// The folder of the sets.
    #[arg(long, default_value = "eval", value_name = "DIR")]
    dir: PathBuf,
    /// Only the cases of this language, and headings in it.
    #[arg(long)]
    lang: Option<Lang>,
    /// The folder of the text models, instead of the configuration's.
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Configuration file; without it the defaults hold.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A JSON object a figure instead of tables.
    #[arg(long)]
    json: bool,
    /// The worst values that are good enough: exit code 1 if a figure is worse.
    #[arg(long, value_name = "FILE")]
    floors: Option<PathBuf>,
    /// Also the first cases of each set that came out otherwise. Not for a set that is to stay blind.
    #[arg(long, default_value_t = 0, value_name = "N")]
    show: usize,
}

/// What is evaluated.
struct Setting {
    /// Where the models are.
    config: Config,
    /// The languages whose cases are run.
    languages: Vec<Language>,
}

/// Runs the sets.
pub fn run(args: Args) -> Result<ExitCode> {
    let shared = Shared { config: args.config, listen: None, http: None, lang: None, trace: None };
    let mut config = shared.config()?;
    config.understanding_models = args.models.unwrap_or(config.understanding_models);
    let asked = args.lang.map(Language::from);
    let languages = asked.map_or(vec![Language::Zh, Language::En], |language| vec![language]);
    let setting = Setting { config, languages };
    let floors = args.floors.as_deref().map_or(Ok(Floors::none()), Floors::load)?;
    let mut sets = args.sets;
    if sets.is_empty() {
        sets = all(&args.dir)?;
        // A set that has floors and no cases is missed below.
        sets.extend(
            floors.sets().filter(|name| !sets.iter().any(|set| set == name)).map(str::to_owned).collect::<Vec<_>>(),
        );
    }
    let printer = match (args.json, asked) {
        (true, _) => Printer::Json,
        (false, asked) => Printer::Table(asked.unwrap_or_else(locale)),
    };
    let mut shortfalls = Vec::new();
    for set in &sets {
        let file = args.dir.join(format!("{set}.jsonl"));
        if !file.is_file() {
            bail!("no set {set}: {} is missing; there are {}", file.display(), all(&args.dir)?.join(", "));
        }
        let run = RUNS.iter().find(|(name, _)| name == set).map_or(texts::run as Run, |(_, run)| *run);
        let mut report = run(&setting, &file).with_context(|| format!("set {set}"))?;
        report.wrong.truncate(args.show);
        printer.print(set, &report, &floors)?;
        shortfalls.extend(floors.shortfalls(set, &report, &setting.languages));
    }
    for shortfall in &shortfalls {
        eprintln!("callwright: {shortfall}");
    }
    Ok(if shortfalls.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The names of the sets of a folder, in order.
fn all(dir: &Path) -> Result<Vec<String>> {
    let missing = || format!("sets {}: run in the repository's root, or name their folder with --dir", dir.display());
    let mut sets = Vec::new();
    for entry in dir.read_dir().with_context(missing)? {
        let path = entry.with_context(missing)?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            sets.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    if sets.is_empty() {
        bail!(missing());
    }
    sets.sort();
    Ok(sets)
}

/// The cases of a file, a JSON object a line. A line that is none ends the evaluation: a figure must not hide it.
fn cases<T: DeserializeOwned>(file: &Path) -> Result<Vec<T>> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(at, line): (usize, &str)| {
        serde_json::from_str(line).with_context(|| format!("{}:{}", file.display(), at + 1))
    };
    lines.map(read).collect()
}

/// The language of the environment, as headings know it.
fn locale() -> Language {
    let set = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
    if locale.is_some_and(|locale| locale.starts_with("zh")) { Language::Zh } else { Language::En }
}

/// How figures are printed.
enum Printer {
    /// A line a figure.
    Json,
    /// For people.
    Table(Language),
}

/// One line of JSON.
#[derive(Serialize)]
struct Line<'a, T> {
    set: &'a str,
    #[serde(flatten)]
    rest: &'a T,
}

impl Printer {
    fn print(&self, set: &str, report: &Report, floors: &Floors) -> Result<()> {
        let mut output = std::io::stdout().lock();
        match self {
            Self::Json => {
                for row in &report.rows {
                    line::<Row>(&mut output, set, row)?;
                }
                for wrong in &report.wrong {
                    line::<Wrong>(&mut output, set, wrong)?;
                }
            }
            Self::Table(language) => {
                writeln!(output, "{}", table::table(set, report, floors, *language))?;
                for wrong in &report.wrong {
                    writeln!(output, "{}", table::wrong(wrong, *language))?;
                }
                output.flush()?;
            }
        }
        Ok(())
    }
}

fn line<T: Serialize>(output: &mut impl Write, set: &str, rest: &T) -> Result<()> {
    writeln!(output, "{}", serde_json::to_string(&Line { set, rest })?)?;
    Ok(output.flush()?)
}
