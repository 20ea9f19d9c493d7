//! Configuration: the TOML that was typed (`raw`) becomes a [`Config`] that was checked. Every error is found, not only
//! the first; it names the file, the line, the value and the way out. Nothing below this module knows that there is a
//! file. The keys are documented in `callwright.toml`, from which docs/CONFIGURATION.md is made (`tests/configuration.rs`).

mod place;
mod raw;
mod routes;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use ipnet::IpNet;
use miette::{Diagnostic, NamedSource, SourceSpan};

use crate::asr::{DecoderSettings, Language};
use crate::call::CallLimits;
use crate::conversation::Persona;
use crate::hearing::TurnConfig;
use crate::sip;
use crate::speech::Voice;
use crate::trunk::Routing;
use crate::understanding::EmotionBy;

use place::Place;
pub use place::position;

/// A configuration that holds together.
#[derive(Debug, Clone)]
pub struct Config {
    /// Signalling.
    pub sip: Sip,
    /// First and last RTP port.
    pub rtp_ports: (u16, u16),
    /// HTTP.
    pub http: Http,
    /// Calls.
    pub call: Call,
    /// Who calls us, and what each call is about.
    pub routing: Routing<Choice>,
    /// How the caller's turns are told apart.
    pub hearing: TurnConfig,
    /// The recogniser.
    pub recognizer: Recognizer,
    /// The folder of the text models.
    pub understanding_models: PathBuf,
    /// By what emotions are told.
    pub emotion_by: EmotionBy,
    /// The agent's voice.
    pub speech: Speech,
    /// Where events and SIP messages are written; off when none.
    pub trace_directory: Option<PathBuf>,
    /// Where what was heard is written to be learned from; off when none.
    pub learning_file: Option<PathBuf>,
}

/// Signalling.
#[derive(Debug, Clone)]
pub struct Sip {
    /// Where SIP is heard.
    pub listen: SocketAddr,
    /// Who may call, beside the trunks.
    pub allow: Allow,
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

/// HTTP.
#[derive(Debug, Clone)]
pub struct Http {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Who may look.
    pub allow: Allow,
}

/// Who may reach us: these networks, or loopback alone if there are none.
#[derive(Debug, Clone)]
pub struct Allow(pub Vec<IpNet>);

impl Allow {
    /// Whether `address` may.
    pub fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        if self.0.is_empty() { address.is_loopback() } else { self.0.iter().any(|net| net.contains(&address)) }
    }
}

/// Calls.
#[derive(Debug, Clone)]
pub struct Call {
    /// Limits of a call.
    pub limits: CallLimits,
}

/// What a call is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The campaign's file.
    pub campaign: PathBuf,
    /// The language it is held in.
    pub language: Language,
    /// How the agent speaks; none: as the campaign says.
    pub persona: Option<Persona>,
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
    /// How the model is decoded.
    pub decoder: DecoderSettings,
}

impl Recognizer {
    /// The least mean token log-probability where nothing is configured: that of the model in models/.
    pub const fn usual_logprob_min(language: Language) -> f32 {
        match language {
            Language::Zh => -0.35,
            Language::En => -0.5,
        }
    }

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
    /// The folder of recorded prompts; none: all is synthesised.
    pub prompts: Option<PathBuf>,
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

    /// The voice of a campaign's calls: its recorded prompts first.
    pub fn voice_of(&self, campaign: &str, language: Language) -> Voice {
        let prompts = if self.prompts.is_some() { campaign.to_owned() } else { String::new() };
        Voice { prompts, ..self.voice(language).clone() }
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

/// What is wrong with a configuration: one thing of it.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum ConfigError {
    /// The text is not TOML, or a key is unknown, or a value has the wrong type.
    #[error("{message}")]
    #[diagnostic(help("docs/CONFIGURATION.md shows every key as it is written, with its type and bounds"))]
    Syntax {
        /// What the parser says.
        message: String,
        /// The file.
        #[source_code]
        file: Arc<NamedSource<String>>,
        /// The place.
        #[label("here")]
        at: Option<SourceSpan>,
    },
    /// A value of the file or of a flag cannot be.
    #[error("{key} = {value}: {why}")]
    #[diagnostic(help("{way_out}"))]
    Value {
        /// The key, as `section.key`.
        key: String,
        /// What was typed.
        value: String,
        /// Why it cannot be.
        why: String,
        /// What to do.
        way_out: &'static str,
        /// The file.
        #[source_code]
        file: Arc<NamedSource<String>>,
        /// The place; none for a flag.
        #[label("this value")]
        at: Option<SourceSpan>,
    },
}

impl ConfigError {
    /// Where in the file it is, in bytes; what came by a flag stands behind all.
    fn offset(&self) -> usize {
        let (Self::Syntax { at, .. } | Self::Value { at, .. }) = self;
        at.map_or(usize::MAX, |at| at.offset())
    }
}

/// Everything that is wrong with a configuration; shown one below the other.
#[derive(Debug)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let handler = miette::GraphicalReportHandler::new();
        self.0.iter().try_for_each(|error| handler.render_report(f, error))
    }
}

impl std::error::Error for ConfigErrors {}

impl Config {
    /// Parses and checks. `name` is the file's, for errors; an empty text gives the defaults.
    pub fn parse(text: &str, name: &str, overrides: Overrides) -> Result<Self, ConfigErrors> {
        match Self::examine(text, name, overrides) {
            (Some(config), problems) if problems.is_empty() => Ok(config),
            (_, problems) => Err(ConfigErrors(problems)),
        }
    }

    /// Everything wrong, and what the configuration would be with defaults in the places of what is; none after an error
    /// of the syntax itself.
    pub fn examine(text: &str, name: &str, overrides: Overrides) -> (Option<Self>, Vec<ConfigError>) {
        let (place, raw) = Place::read(text, name);
        let config = raw.map(|raw| raw.check(&place, overrides));
        (config, place.into_problems())
    }

    /// Whether a SIP message from `address` is heard at all.
    pub fn hears(&self, address: IpAddr) -> bool {
        self.sip.allow.holds(address) || self.routing.trunk(address).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigErrors> {
        Config::parse(text, "callwright.toml", Overrides::default())
    }

    fn shown(text: &str) -> String {
        let errors = parse(text).expect_err("must be refused");
        let mut out = String::new();
        let handler = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor());
        errors.0.iter().for_each(|error| handler.render_report(&mut out, error).expect("rendered"));
        out
    }

    /// `PARTS` are all in what is shown, and it is about so many problems.
    #[track_caller]
    fn refused(text: &str, problems: usize, parts: &[&str]) {
        let shown = shown(text);
        assert_eq!(parse(text).expect_err("refused").0.len(), problems, "{shown}");
        for part in parts {
            assert!(shown.contains(part), "{part:?} is not in\n{shown}");
        }
    }

    #[test]
    fn the_documented_file_holds_exactly_the_defaults() {
        let documented = parse(include_str!("../../callwright.toml")).expect("valid");
        let defaults = parse("").expect("valid");
        assert_eq!(format!("{documented:?}"), format!("{defaults:?}"));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        refused("[sip]\nlisten = \"127.0.0.1:5060\"\nlisten_port = 5060\n", 1, &["listen_port", "callwright.toml:3"]);
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_its_line_and_the_way_out() {
        refused("[rtp]\nports = [30000, 20000]\n", 1, &["callwright.toml:2", "rtp.ports"]);
    }

    #[test]
    fn ports_are_two_and_voice_ends_below_where_it_begins() {
        refused("[rtp]\nports = [20000, 20010, 20020]\n", 1, &["callwright.toml:2", "two"]);
        refused("[hearing]\nthreshold_on = 0.3\n", 1, &["callwright.toml:1", "threshold_off"]);
    }

    #[test]
    fn a_value_is_found_where_it_was_typed() {
        assert_eq!(position(ROUTED, "route.0.campaign"), Some((13, 12)));
        assert_eq!(position(ROUTED, "route.1.campaign"), None);
        assert_eq!(position("[sip", "sip.listen"), None);
    }

    #[test]
    fn limits_under_which_no_call_could_be_held_are_refused() {
        refused("[call]\nsilence_ms = 6\n", 1, &["write milliseconds"]);
        refused("[hearing]\nturn_ms_max = 4000000000\n", 1, &["turn_ms_max", "callwright.toml:2"]);
        refused("[hearing]\nend_ms_incomplete = 9000\nturn_ms_max = 9000\n", 1, &["callwright.toml:2"]);
    }

    #[test]
    fn every_problem_is_found_not_only_the_first() {
        let text = "[sip]\nlistn = 1\ncalls_max = 0\nallow = [\"192.0.2.0/24\", \"home\"]\n[cal]\nx = 1\n\
            [speech]\nworkers = \"two\"\n[[route]]\ncalled = 4001\n[[route]]\nlanguage = \"fr\"\n";
        refused(text, 7, &["toml:2", "toml:3", "toml:4", "toml:5", "toml:8", "toml:10", "toml:12", "listn", "home"]);
        refused("[sip\nx", 2, &["callwright.toml:1"]);
    }

    #[test]
    fn a_bind_beyond_loopback_without_a_list_is_refused() {
        refused("[sip]\nlisten = \"192.0.2.1:5060\"\n", 1, &["sip.allow"]);
        refused("[http]\nlisten = \"0.0.0.0:8080\"\n", 1, &["http.allow"]);
        let listed = parse("[sip]\nlisten = \"192.0.2.1:5060\"\nallow = [\"192.0.2.0/24\"]\n").expect("valid");
        assert!(listed.hears("192.0.2.7".parse().expect("address")));
        assert!(!listed.hears("198.51.100.1".parse().expect("address")));
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
        let text = "[sip]\nlisten = \"0.0.0.0:5060\"\nallow = [\"192.0.2.0/24\"]\n";
        refused(text, 1, &["callwright.toml:2", "interface"]);
    }

    #[test]
    fn a_flag_beyond_loopback_is_refused_too() {
        let overrides = Overrides { sip_listen: "192.0.2.1:5060".parse().ok(), ..Overrides::default() };
        let errors = Config::parse("", "callwright.toml", overrides).expect_err("refused").0;
        assert!(matches!(errors.as_slice(), [ConfigError::Value { at: None, .. }]));
    }

    #[test]
    fn listeners_may_not_take_each_others_ports() {
        refused("[sip]\nlisten = \"127.0.0.1:20100\"\n", 1, &["rtp.ports"]);
        refused("[http]\nlisten = \"127.0.0.1:5060\"\n", 1, &["callwright.toml:2", "http.listen"]);
    }

    const ROUTED: &str = r#"
[sip]
listen = "192.0.2.1:5060"
[[trunk]]
name = "pbx"
sources = ["198.51.100.0/24"]
headers_in = ["X-Customer-Name"]
headers_out = { "X-Campaign" = "{campaign}" }
[[route]]
trunk = "pbx"
called = "4001*"
header = { "X-Lang" = "en" }
campaign = "campaigns/education.toml"
language = "en"
[[route]]
called = "40*"
language = "en"
"#;

    #[test]
    fn routes_choose_campaign_and_language_and_the_rest_is_the_default() {
        let config = parse(ROUTED).expect("valid");
        let chosen = |source: &str, called, headers: &[(&str, &str)]| {
            let source = source.parse().expect("address");
            let choice = config.routing.choose(&crate::trunk::Arrival { source, called, headers });
            (choice.campaign.to_string_lossy().into_owned(), choice.language)
        };
        let english = ("campaigns/education.toml".to_owned(), Language::En);
        assert_eq!(chosen("198.51.100.9", "40012", &[("X-Lang", "en")]), english);
        assert_eq!(chosen("198.51.100.9", "40012", &[]), ("campaigns/telecom.toml".to_owned(), Language::En));
        assert_eq!(chosen("198.51.100.9", "5", &[]), ("campaigns/telecom.toml".to_owned(), Language::Zh));
        assert!(config.hears("198.51.100.9".parse().expect("address")), "a trunk may call without sip.allow");
        assert!(!config.hears("203.0.113.9".parse().expect("address")));
    }

    #[test]
    fn a_route_that_never_matches_or_an_unknown_trunk_is_refused_with_its_line() {
        let hidden = format!("{ROUTED}[[route]]\ntrunk = \"pbx\"\ncalled = \"409\"\n");
        refused(&hidden, 1, &["callwright.toml:18", "never match", "line 15"]);
        let behind_others = hidden.replace("called = \"4001*\"", "called = 4001");
        refused(&behind_others, 2, &["callwright.toml:11", "callwright.toml:18", "never match", "line 15"]);
        refused(&ROUTED.replace("trunk = \"pbx\"", "trunk = \"pxb\""), 1, &["callwright.toml:10", "pxb"]);
        refused(&ROUTED.replace("called = \"40*\"", "called = \"\""), 1, &["callwright.toml:16", "empty"]);
        let twice = format!("{ROUTED}[[trunk]]\nname = \"b\"\nsources = [\"198.51.100.0/24\"]\n");
        refused(&twice, 1, &["callwright.toml:20", "belongs to the trunk"]);
    }

    #[test]
    fn only_headers_that_may_be_handed_on_are_named() {
        refused(&ROUTED.replace("X-Customer-Name", "Via"), 1, &["callwright.toml:7", "\"Via\""]);
        refused(&ROUTED.replace("{campaign}", "{caller}"), 1, &["callwright.toml:8", "{caller}", "{call}"]);
        refused(&ROUTED.replace("\"X-Lang\"", "\"From\""), 1, &["callwright.toml:12", "\"From\""]);
    }
}
