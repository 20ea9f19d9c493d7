//! What several commands take from the command line, and the configuration made of it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::asr::Language;
use crate::config::{self, Config, Overrides};

use super::problem::Problem;

/// What every command that reads the configuration takes.
#[derive(Args)]
pub struct Shared {
    /// Configuration file; without it the defaults hold.
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Where SIP is heard; RTP binds to the same address.
    #[arg(long, value_name = "IP:PORT")]
    pub listen: Option<SocketAddr>,
    /// Where HTTP listens.
    #[arg(long, value_name = "IP:PORT")]
    pub http: Option<SocketAddr>,
    /// The language of calls.
    #[arg(long)]
    pub lang: Option<Lang>,
    /// Write events and SIP messages of every call to this directory.
    #[arg(long, value_name = "DIR")]
    pub trace: Option<PathBuf>,
}

impl Shared {
    /// The checked configuration: the file, overridden by the flags.
    pub fn config(self) -> anyhow::Result<Config> {
        let (text, name, overrides) = self.read()?;
        Config::parse(&text, &name, overrides).map_err(|errors| anyhow::anyhow!("{errors}"))
    }

    /// Everything that is wrong with the configuration, and what it would be without; none if it cannot be read at all.
    pub fn examine(self) -> anyhow::Result<(Option<Config>, Typed, Vec<Problem>)> {
        let (text, name, overrides) = self.read()?;
        let (config, errors) = Config::examine(&text, &name, overrides);
        let problems = errors.iter().flat_map(|error| Problem::of(error, &name)).collect();
        Ok((config, Typed { text, name }, problems))
    }

    fn read(self) -> anyhow::Result<(String, String, Overrides)> {
        let (text, name) = match &self.config {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|why| anyhow::anyhow!("configuration {}: {why}", path.display()))?;
                (text, path.display().to_string())
            }
            None => (String::new(), "command line".to_owned()),
        };
        let overrides = Overrides {
            sip_listen: self.listen,
            http_listen: self.http,
            language: self.lang.map(Language::from),
            trace_directory: self.trace,
        };
        Ok((text, name, overrides))
    }
}

/// The configuration as it was typed.
pub struct Typed {
    text: String,
    name: String,
}

impl Typed {
    /// Where the first of the keys stands that was typed, as `file:line:column`; none if all have their defaults.
    pub fn place(&self, keys: &[&str]) -> Option<String> {
        let (line, column) = keys.iter().find_map(|key| config::position(&self.text, key))?;
        Some(format!("{}:{line}:{column}", self.name))
    }
}

/// A language on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub enum Lang {
    /// Mandarin.
    Zh,
    /// English.
    En,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Zh => Self::Zh,
            Lang::En => Self::En,
        }
    }
}
