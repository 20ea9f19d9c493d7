//! `callwright check`: everything the agent needs, looked at before a call needs it. Every problem of every file is named,
//! a line each.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;

use crate::asr::Language;
use crate::asr::whisper::WhisperModel;
use crate::compliance::Suspicion;
use crate::config::{Account, Config};
use crate::speech::espeak::EspeakSynthesizer;
use crate::understanding::onnx::{self, OnnxClassifier, TextModels};
use crate::understanding::{Classifier, Speaker};

use super::campaigns;
use super::options::{Shared, Typed};
use super::problem::Problem;
use super::secrets;
use super::wording;

/// What the command line says.
#[derive(clap::Args)]
pub struct Args {
    /// Campaign files; with any, only these are checked.
    #[arg(value_name = "CAMPAIGN")]
    campaigns: Vec<PathBuf>,
    #[command(flatten)]
    shared: Shared,
}

/// What a campaign may be in.
const LANGUAGES: [Language; 2] = [Language::Zh, Language::En];
/// Where the text models are looked for when only campaigns are checked.
const MODELS: &str = "models";

/// What was found.
#[derive(Default)]
struct Report {
    good: Vec<String>,
    problems: Vec<Problem>,
    doubts: Vec<Problem>,
    /// Reads the words of campaigns, if it can be loaded.
    reader: Option<OnnxClassifier>,
}

/// Prints what was found; fails if anything is wrong.
pub fn run(args: Args) -> Result<ExitCode> {
    let mut report = Report::default();
    if args.campaigns.is_empty() {
        let (config, typed, problems) = args.shared.examine()?;
        report.problems.extend(problems);
        if let Some(config) = config {
            report.load_reader(&config.understanding_models);
            report.configuration(&config, &typed);
        }
    } else {
        report.load_reader(Path::new(MODELS));
        args.campaigns.iter().for_each(|path| report.campaign(path, &[]));
    }
    // Two texts of one sheet may be wrong in the same way at the same place.
    let mut seen = std::collections::HashSet::new();
    report.problems.retain(|problem| seen.insert(problem.to_string()));
    report.doubts.retain(|doubt| seen.insert(doubt.to_string()));
    report.good.iter().for_each(|good| println!("ok       {good}"));
    report.doubts.iter().for_each(|doubt| println!("doubt    {doubt}"));
    report.problems.iter().for_each(|problem| println!("problem  {problem}"));
    if report.problems.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let count = report.problems.len();
    println!("{count} problem{}", if count == 1 { "" } else { "s" });
    Ok(ExitCode::FAILURE)
}

impl Report {
    /// A model that is not there is a problem of the configuration, not of a campaign.
    fn load_reader(&mut self, models: &Path) {
        self.reader = TextModels::load(models, &LANGUAGES).and_then(|models| models.classifier()).ok();
    }

    fn configuration(&mut self, config: &Config, typed: &Typed) {
        for (path, languages) in campaigns::named(config) {
            match std::fs::metadata(&path) {
                Ok(_) => self.campaign(&path, &languages),
                Err(why) => self.problems.push(absent_campaign(&path, &why, config, typed)),
            }
        }
        let model = &config.recognizer.model;
        self.loaded("recognizer.model", model, WhisperModel::load(model, &config.recognizer.decoder), typed);
        match onnx::find_runtime() {
            Ok(path) => {
                self.good.push(format!("onnxruntime {}", path.display()));
                let models = &config.understanding_models;
                self.loaded("understanding.models", models, TextModels::load(models, &LANGUAGES), typed);
            }
            Err(why) => self.problems.push(Problem::new("onnxruntime", why)),
        }
        if let Err(why) = EspeakSynthesizer::new() {
            self.problems.push(Problem::new("espeak-ng", why));
        }
        self.folders(config, typed);
        self.secrets("sip.credentials", &config.sip.credentials, typed);
        self.secrets("sip.users", &config.sip.users, typed);
        let (first, last) = config.rtp_ports;
        let pairs = (usize::from(last) + 1).saturating_sub(usize::from(first + first % 2)) / 2;
        let calls = pairs.min(config.sip.calls_max);
        self.good.push(format!("sip {}, rtp {first} to {last}: {calls} calls at once", config.sip.listen));
        self.good.push(format!("http {}", config.http.listen));
    }

    fn campaign(&mut self, path: &Path, languages: &[Language]) {
        let reader = &mut self.reader;
        let found = wording::findings(path, &mut |words| read(reader, words));
        let words = found.problems;
        self.doubts.extend(found.doubts);
        match campaigns::read(path, languages) {
            Ok(campaign) if words.is_empty() => {
                let said = |&language| format!("{} {}", campaign.fixed_sentences(language).len(), language.code());
                let said: Vec<String> = campaign.languages().iter().map(said).collect();
                self.good.push(format!("campaign {}: fixed sentences {}", path.display(), said.join(", ")));
            }
            Ok(_) => {}
            Err(problems) => self.problems.extend(problems),
        }
        self.problems.extend(words);
    }

    fn loaded<T, E: std::fmt::Display>(&mut self, key: &str, path: &Path, loaded: Result<T, E>, typed: &Typed) {
        match loaded {
            Ok(_) => self.good.push(format!("{key} {}", path.display())),
            Err(why) => {
                let place = typed.place(&[key]).unwrap_or_else(|| path.display().to_string());
                let problem = Problem::new(place, format_args!("{key} = {:?}: {why}", path.display().to_string()));
                self.problems
                    .push(problem.with_way_out("name a model that is there; scripts/setup and models/ have ours"));
            }
        }
    }

    /// The folders that are read or written.
    fn folders(&mut self, config: &Config, typed: &Typed) {
        let prompts = config.speech.prompts.as_deref().filter(|path| !path.is_dir());
        let trace = config.trace_directory.as_deref().filter(|path| path.exists() && !path.is_dir());
        // A bare name lies in the working directory, whose name is empty.
        let learning = config.learning_file.as_deref().and_then(Path::parent);
        let learning = learning.filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir());
        let wrong = [
            ("speech.prompts", prompts, "run `callwright prompts import` first, or leave it out: all is synthesised"),
            ("trace.directory", trace, "name a folder"),
            ("learning.file", learning, "make the folder of the file"),
        ];
        for (key, path, way_out) in wrong {
            let Some(path) = path.map(|path| path.display().to_string()) else { continue };
            let place = typed.place(&[key]).unwrap_or_else(|| path.clone());
            self.problems.push(Problem::new(place, format_args!("{key} = {path:?}: no folder")).with_way_out(way_out));
        }
    }

    fn secrets(&mut self, key: &str, accounts: &[Account], typed: &Typed) {
        for (n, account) in accounts.iter().enumerate() {
            if let Err(why) = secrets::reveal(std::slice::from_ref(account)) {
                let place = typed.place(&[&format!("{key}.{n}.secret")]).unwrap_or_else(|| key.to_owned());
                let problem = Problem::new(place, format_args!("{key}: {why:#}"));
                self.problems.push(problem.with_way_out("set the variable, or write the secret to the file"));
            }
        }
    }
}

/// How the model reads a sentence of the agent.
fn read(reader: &mut Option<OnnxClassifier>, words: &str) -> Option<Suspicion> {
    let language = if words.is_ascii() { Language::En } else { Language::Zh };
    reader.as_mut().and_then(|reader| reader.read(words, language, Speaker::Agent).ok())?.violation
}

/// A campaign file that is not there, at the key that names it.
fn absent_campaign(path: &Path, why: &std::io::Error, config: &Config, typed: &Typed) -> Problem {
    let routes = config.routing.choices().skip(1).enumerate(); // the first is what no route takes
    let mut keys: Vec<String> =
        routes.filter(|(_, choice)| choice.campaign == path).map(|(n, _)| format!("route.{n}.campaign")).collect();
    keys.push("call.campaign".to_owned());
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let name = path.display().to_string();
    let place = typed.place(&keys).unwrap_or_else(|| name.clone());
    Problem::new(place, format_args!("campaign {name:?}: {why}"))
        .with_way_out("name a file that is there, such as campaigns/telecom.toml")
}
