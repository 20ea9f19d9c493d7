//! `callwright models`: the models that are installed, whether they are whole, and fetching others (docs/MODELS.md).

pub mod catalogue;
pub mod download;
mod install;
mod installed;
mod progress;
mod sums;

use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::asr::Language;
use crate::asr::whisper::WhisperModel;
use crate::config::Config;
use crate::understanding::onnx::TextModels;

use super::options::Shared;
use super::problem::Problem;
use catalogue::Catalogue;
use installed::{Installed, Kind};
use sums::Sums;

/// What the command line says.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// What is installed, and what can be.
    List {
        /// One JSON object a model.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Check every installed file: its checksum, and whether it can be loaded.
    Verify {
        #[command(flatten)]
        place: Place,
    },
    /// Fetch a model of the catalogue or of a URL, or take in a file.
    Install {
        /// A name of `models list`, an http or https URL, or a file.
        #[arg(value_name = "NAME|URL|FILE")]
        source: String,
        /// The SHA-256 that the file must have.
        #[arg(long, value_name = "HEX")]
        sha256: Option<String>,
        /// Take in a file whose checksum nobody knows.
        #[arg(long, conflicts_with = "sha256")]
        trust: bool,
        /// What the file is called here.
        #[arg(long = "as", value_name = "NAME")]
        name: Option<String>,
        #[command(flatten)]
        place: Place,
    },
}

/// Where models are, and who uses them.
#[derive(clap::Args)]
struct Place {
    /// The folder of the models.
    #[arg(long, default_value = "models", value_name = "DIR")]
    models: PathBuf,
    /// Configuration file, for which models are in use.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Place {
    /// The files that an agent of this configuration reads.
    fn used(&self) -> Result<(Config, Vec<PathBuf>)> {
        let shared = Shared { config: self.config.clone(), listen: None, http: None, lang: None, trace: None };
        let config = shared.config()?;
        let mut files = WhisperModel::files(&config.recognizer.model, &config.recognizer.decoder);
        files.extend(TextModels::files(&config.understanding_models));
        Ok((config, files))
    }
}

/// Does what was asked for.
pub fn run(args: Args) -> Result<ExitCode> {
    match args.what {
        What::List { json, place } => list(&place, json),
        What::Verify { place } => verify(&place),
        What::Install { source, sha256, trust, name, place } => {
            let trust = match sha256 {
                Some(sum) => install::Trust::Sum(sum),
                None if trust => install::Trust::Anything,
                None => install::Trust::Known,
            };
            let (_, used) = place.used()?;
            install::run(&source, trust, name, &place.models, &used)
        }
    }
}

/// A line of `models list`. What is not known is null.
#[derive(Serialize)]
struct Line {
    state: &'static str,
    name: String,
    kind: &'static str,
    languages: Option<Vec<String>>,
    bytes: Option<u64>,
    sha256: Option<String>,
    in_use: bool,
    memory_mib: Option<u32>,
    url: Option<String>,
    suits: Option<String>,
}

fn list(place: &Place, json: bool) -> Result<ExitCode> {
    let (_, used) = place.used()?;
    let catalogue = Catalogue::ours()?;
    let sums = Sums::read(&place.models)?;
    let installed = installed::all(&place.models)?;
    let line = |model: &Installed| {
        let sha256 = sums.of(&model.name).map(str::to_owned);
        let entry = catalogue.model.iter().find(|entry| sha256.as_deref() == Some(entry.sha256.as_str()));
        Line {
            state: "installed",
            name: model.name.clone(),
            kind: model.kind.id(),
            languages: model.languages().or_else(|| entry.map(|entry| entry.languages.clone())),
            bytes: Some(model.bytes),
            in_use: used.iter().any(|path| installed::is_same(path, &model.path)),
            memory_mib: entry.map(|entry| entry.memory_mib),
            url: entry.map(|entry| entry.url.clone()),
            suits: entry.map(|entry| entry.suits.clone()),
            sha256,
        }
    };
    let mut lines: Vec<Line> = installed.iter().map(line).collect();
    let absent = catalogue.model.iter().filter(|entry| installed.iter().all(|model| model.name != entry.file()));
    lines.extend(absent.map(|entry| Line {
        state: "available",
        name: entry.name.clone(),
        kind: Kind::of(entry.file()).map_or("", Kind::id),
        languages: Some(entry.languages.clone()),
        bytes: Some(entry.bytes),
        sha256: Some(entry.sha256.clone()),
        in_use: false,
        memory_mib: Some(entry.memory_mib),
        url: Some(entry.url.clone()),
        suits: Some(entry.suits.clone()),
    }));
    match lines.iter().try_for_each(|line| print(line, json)) {
        Err(why) if why.kind() == ErrorKind::BrokenPipe => {} // nobody reads on
        printed => printed.context("standard output")?,
    }
    Ok(ExitCode::SUCCESS)
}

fn print(line: &Line, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, line)?;
        writeln!(out)?;
    } else {
        let languages = line.languages.as_ref().map_or("-".to_owned(), |languages| languages.join(" "));
        let size = line.bytes.map_or_else(String::new, mebibytes);
        let note = if line.in_use { "in use" } else { line.suits.as_deref().unwrap_or("") };
        writeln!(out, "{:9}  {:24} {:10}  {languages:5}  {size:>10}  {note}", line.state, line.name, line.kind)?;
    }
    out.flush()
}

/// A size as people read it.
fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// Names every file that is not as it should be, and the way out.
fn verify(place: &Place) -> Result<ExitCode> {
    let (config, _) = place.used()?;
    let sums = Sums::read(&place.models)?;
    let installed = installed::all(&place.models)?;
    let mut problems = Vec::new();
    for model in &installed {
        match model.verify(&sums) {
            Ok(()) => println!("ok       {}  {}, {}", model.path.display(), model.kind.id(), mebibytes(model.bytes)),
            Err(problem) => problems.push(problem),
        }
    }
    let gone = sums.names().filter(|name| installed.iter().all(|model| model.name != *name));
    problems.extend(gone.map(|name| {
        Problem::new(place.models.join(name).display(), "is not there")
            .with_way_out(format_args!("install it again, or take its line out of {}", sums::FILE))
    }));
    if let Err(why) = WhisperModel::load(&config.recognizer.model, &config.recognizer.decoder) {
        problems
            .push(Problem::new("recognizer.model", why).with_way_out("install it, or name another in callwright.toml"));
    }
    if let Err(why) = TextModels::load(&config.understanding_models, &[Language::Zh, Language::En]) {
        problems.push(Problem::new("understanding.models", why).with_way_out("scripts/setup and models/ have ours"));
    }
    problems.iter().for_each(|problem| println!("problem  {problem}"));
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
