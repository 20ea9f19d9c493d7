//! Configuration: the TOML that was typed (`raw`) becomes a [`Config`] that was checked. An error names the file, the
//! line, the value and the way out; nothing below this module knows that there is a file.

mod raw;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use miette::{Diagnostic, NamedSource, SourceSpan};

use crate::asr::Language;
use crate::call::CallLimits;
use crate::hearing::TurnConfig;
use crate::sip;
use crate::speech::Voice;

use raw::Raw;

/// A configuration that holds together.
#[derive(Debug, Clone)]
pub struct Config {
    /// Signalling.
    pub sip: Sip,
    /// First and last RTP port.
    pub rtp_ports: (u16, u16),
    /// Where HTTP listens.
    pub http_listen: SocketAddr,
    /// Calls.
    pub call: Call,
    /// How the caller's turns are told apart.
    pub hearing: TurnConfig,
    /// The recogniser.
    pub recognizer: Recognizer,
    /// The folder of the intent model.
    pub understanding_models: PathBuf,
    /// The agent's voice.
    pub speech: Speech,
    /// Where events and SIP messages are written; off when none.
    pub trace_directory: Option<PathBuf>,
}

/// Signalling.
#[derive(Debug, Clone)]
pub struct Sip {
    /// Where SIP is heard.
    pub listen: SocketAddr,
    /// Who may call; empty on loopback only.
    pub allow: Vec<IpNet>,
    /// Calls at once.
    pub calls_max: usize,
    /// How long an outgoing call rings.
    pub ring_ms_max: u64,
    /// With which peers' challenges are answered.
    pub credentials: Vec<Account>,
    /// What our challenges say we are.
    pub realm: String,
    /// Who may call, by proof of a secret; nobody is asked when empty.
    pub users: Vec<Account>,
    /// By which of these hashes they may prove it, in the order offered.
    pub algorithms: Vec<sip::Algorithm>,
}

/// A name and where its secret lies: never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The realm it is for; any when none.
    pub realm: Option<String>,
    /// The name.
    pub user: String,
    /// Where the secret lies.
    pub secret: Secret,
}

/// Where a secret lies.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Secret {
    /// In this variable of the environment.
    Env(String),
    /// In this file, whose last line break does not count.
    File(PathBuf),
}

impl Sip {
    /// Whether a datagram from `address` is heard at all.
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        if self.allow.is_empty() { address.is_loopback() } else { self.allow.iter().any(|net| net.contains(&address)) }
    }
}

/// Calls.
#[derive(Debug, Clone)]
pub struct Call {
    /// The language of a call.
    pub language: Language,
    /// The campaign's file.
    pub campaign: PathBuf,
    /// Limits of a call.
    pub limits: CallLimits,
}

/// The recogniser.
#[derive(Debug, Clone)]
pub struct Recognizer {
    /// Model file: ggml, or ggml compressed by zstd.
    pub model: PathBuf,
    /// States, a worker thread each.
    pub states: usize,
    /// Jobs that wait at most.
    pub queue_max: usize,
    /// Mandarin words below this mean token log-probability are asked for again.
    pub zh_logprob_min: f32,
    /// English words, likewise.
    pub en_logprob_min: f32,
}

impl Recognizer {
    /// The least mean token log-probability of words that are acted on.
    pub fn logprob_min(&self, language: Language) -> f32 {
        match language {
            Language::Zh => self.zh_logprob_min,
            Language::En => self.en_logprob_min,
        }
    }
}

/// The agent's voice.
#[derive(Debug, Clone)]
pub struct Speech {
    /// Mandarin.
    pub zh: Voice,
    /// English.
    pub en: Voice,
    /// Synthesiser workers.
    pub workers: usize,
    /// Bytes of rendered sentences kept.
    pub cache_bytes_max: usize,
}

impl Speech {
    /// The voice of a language.
    pub fn voice(&self, language: Language) -> &Voice {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

/// What the command line says instead of the file.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--listen`.
    pub sip_listen: Option<SocketAddr>,
    /// `--http`.
    pub http_listen: Option<SocketAddr>,
    /// `--lang`.
    pub language: Option<Language>,
    /// `--trace`.
    pub trace_directory: Option<PathBuf>,
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum ConfigError {
    /// The text is not TOML, or a key is unknown, or a value has the wrong type.
    #[error("{message}")]
    Syntax {
        /// What the parser says.
        message: String,
        /// The file.
        #[source_code]
        file: NamedSource<String>,
        /// The place.
        #[label("here")]
        at: Option<SourceSpan>,
    },
    /// A value of the file cannot be.
    #[error("{key} = {value}: {why}")]
    #[diagnostic(help("{way_out}"))]
    Value {
        /// The key, as `section.key`.
        key: &'static str,
        /// What was typed.
        value: String,
        /// Why it cannot be.
        why: &'static str,
        /// What to do.
        way_out: &'static str,
        /// The file.
        #[source_code]
        file: NamedSource<String>,
        /// The place; none for a default.
        #[label("this value")]
        at: Option<SourceSpan>,
    },
    /// A bind that everybody could reach, and nobody is named who may.
    #[error("SIP would listen on {listen}, beyond loopback, and sip.allow names nobody who may call")]
    #[diagnostic(help(
        "name the trunks: allow = [\"192.0.2.10\"] under [sip] in the configuration file, or listen on 127.0.0.1"
    ))]
    Open {
        /// The address.
        listen: SocketAddr,
        /// The file.
        #[source_code]
        file: NamedSource<String>,
        /// The place of `sip.listen`, when the file has it.
        #[label("this address")]
        at: Option<SourceSpan>,
    },
}

impl Config {
    /// Parses and checks. `name` is the file's, for errors; an empty text gives the defaults.
    pub fn parse(text: &str, name: &str, overrides: Overrides) -> Result<Self, ConfigError> {
        let raw: Raw = toml::from_str(text).map_err(|error| ConfigError::Syntax {
            message: error.message().to_owned(),
            file: NamedSource::new(name, text.to_owned()),
            at: error.span().map(SourceSpan::from),
        })?;
        raw.check(text, name, overrides)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, "callwright.toml", Overrides::default())
    }

    fn shown(text: &str) -> String {
        let mut out = String::new();
        let error = parse(text).expect_err("must be refused");
        miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor())
            .render_report(&mut out, &error)
            .expect("rendered");
        out
    }

    #[test]
    fn the_documented_file_holds_exactly_the_defaults() {
        let documented = parse(include_str!("../../callwright.toml")).expect("valid");
        let defaults = parse("").expect("valid");
        assert_eq!(format!("{documented:?}"), format!("{defaults:?}"));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let shown = shown("[sip]\nlisten = \"127.0.0.1:5060\"\nlisten_port = 5060\n");
        assert!(shown.contains("listen_port") && shown.contains("callwright.toml:3"), "{shown}");
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_its_line_and_the_way_out() {
        let shown = shown("[rtp]\nports = [30000, 20000]\n");
        assert!(shown.contains("callwright.toml:2") && shown.contains("rtp.ports"), "{shown}");
    }

    #[test]
    fn limits_under_which_no_call_could_be_held_are_refused() {
        assert!(shown("[call]\nsilence_ms = 6\n").contains("write milliseconds"));
        assert!(shown("[hearing]\nturn_ms_max = 4000000000\n").contains("turn_ms_max"));
    }

    #[test]
    fn a_bind_beyond_loopback_without_a_list_is_refused() {
        assert!(shown("[sip]\nlisten = \"192.0.2.1:5060\"\n").contains("sip.allow"));
        let listed = parse("[sip]\nlisten = \"192.0.2.1:5060\"\nallow = [\"192.0.2.0/24\"]\n").expect("valid");
        assert!(listed.sip.allows("192.0.2.7".parse().expect("address")));
        assert!(!listed.sip.allows("198.51.100.1".parse().expect("address")));
    }

    #[test]
    fn accounts_say_where_their_secrets_lie() {
        let users =
            parse("[sip]\nusers = [{ user = \"alice\", secret = { env = \"ALICE\" } }]\n").expect("valid").sip.users;
        assert_eq!(users, [Account { realm: None, user: "alice".into(), secret: Secret::Env("ALICE".into()) }]);
        let shown = shown("[sip]\nusers = [{ user = \"alice\", secret = \"opensesame\" }]\n");
        assert!(shown.contains("callwright.toml:2"), "{shown}");
    }

    #[test]
    fn a_wildcard_address_is_refused_since_peers_are_told_it() {
        let shown = shown("[sip]\nlisten = \"0.0.0.0:5060\"\nallow = [\"192.0.2.0/24\"]\n");
        assert!(shown.contains("callwright.toml:2") && shown.contains("interface"), "{shown}");
    }

    #[test]
    fn a_flag_beyond_loopback_is_refused_too() {
        let overrides = Overrides { sip_listen: "0.0.0.0:5060".parse().ok(), ..Overrides::default() };
        assert!(matches!(Config::parse("", "callwright.toml", overrides), Err(ConfigError::Open { at: None, .. })));
    }
}
