//! `callwright check`: everything the agent needs, looked at before a call needs it. Every problem of every file is named,
//! a line each.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;

use crate::config::Config;
use crate::understanding::onnx;

use super::campaigns;
use super::options::Shared;
use super::problem::Problem;
use super::secrets;

/// What the command line says.
#[derive(clap::Args)]
pub struct Args {
    /// Campaign files; with any, only these are checked.
    #[arg(value_name = "CAMPAIGN")]
    campaigns: Vec<PathBuf>,
    #[command(flatten)]
    shared: Shared,
}

/// What was found.
#[derive(Default)]
struct Report {
    good: Vec<String>,
    problems: Vec<Problem>,
}

/// Prints what was found; fails if anything is wrong.
pub fn run(args: Args) -> Result<ExitCode> {
    let mut report = Report::default();
    if args.campaigns.is_empty() {
        let (config, problems) = args.shared.examine()?;
        report.problems.extend(problems);
        if let Some(config) = config {
            report.configuration(&config);
        }
    } else {
        args.campaigns.iter().for_each(|path| report.campaign(path, &[]));
    }
    report.good.iter().for_each(|good| println!("ok       {good}"));
    report.problems.iter().for_each(|problem| println!("problem  {problem}"));
    if report.problems.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let count = report.problems.len();
    println!("{count} problem{}", if count == 1 { "" } else { "s" });
    Ok(ExitCode::FAILURE)
}

impl Report {
    fn configuration(&mut self, config: &Config) {
        for (path, languages) in campaigns::named(config) {
            self.campaign(&path, &languages);
        }
        self.file("recognizer.model", &config.recognizer.model);
        for name in ["intent.onnx", "intent.tokenizer.json"] {
            self.file("understanding.models", &config.understanding_models.join(name));
        }
        match onnx::find_runtime() {
            Ok(path) => self.good.push(format!("onnxruntime {}", path.display())),
            Err(why) => self.problems.push(Problem::new("onnxruntime", why)),
        }
        for (key, accounts) in [("sip.credentials", &config.sip.credentials), ("sip.users", &config.sip.users)] {
            if let Err(why) = secrets::reveal(accounts) {
                self.problems.push(Problem::new(key, format_args!("{why:#}")));
            }
        }
        let (first, last) = config.rtp_ports;
        let pairs = (usize::from(last) + 1).saturating_sub(usize::from(first + first % 2)) / 2;
        let calls = pairs.min(config.sip.calls_max);
        self.good.push(format!("sip {}, rtp {first} to {last}: {calls} calls at once", config.sip.listen));
        self.good.push(format!("http {}", config.http.listen));
    }

    fn campaign(&mut self, path: &Path, languages: &[crate::asr::Language]) {
        match campaigns::read(path, languages) {
            Ok(campaign) => {
                let said = |&language| format!("{} {}", campaign.fixed_sentences(language).len(), language.code());
                let said: Vec<String> = campaign.languages().iter().map(said).collect();
                self.good.push(format!("campaign {}: fixed sentences {}", path.display(), said.join(", ")));
            }
            Err(problems) => self.problems.extend(problems),
        }
    }

    fn file(&mut self, key: &str, path: &Path) {
        match std::fs::metadata(path) {
            Ok(file) if file.is_file() && file.len() > 0 => {
                self.good.push(format!("{key} {}: {} KiB", path.display(), file.len().div_ceil(1024)));
            }
            Ok(_) => self.problems.push(Problem::new(path.display(), format_args!("no file, or an empty one ({key})"))),
            Err(why) => self.problems.push(Problem::new(path.display(), format_args!("{why} ({key})"))),
        }
    }
}
