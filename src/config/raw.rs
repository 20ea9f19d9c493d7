//! What was typed: one struct a section, every key optional, unknown keys refused.

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use miette::NamedSource;
use serde::Deserialize;
use toml::Spanned;

use crate::asr::Language;
use crate::call::CallLimits;
use crate::hearing::TurnConfig;
use crate::sip;
use crate::speech::Voice;

use super::{Account, Call, Config, ConfigError, Overrides, Recognizer, Sip, Speech};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Raw {
    sip: RawSip,
    rtp: RawRtp,
    http: RawHttp,
    call: RawCall,
    hearing: Option<Spanned<TurnConfig>>,
    recognizer: RawRecognizer,
    understanding: RawUnderstanding,
    speech: RawSpeech,
    trace: RawTrace,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawSip {
    listen: Option<Spanned<SocketAddr>>,
    allow: Vec<Spanned<String>>,
    calls_max: Option<Spanned<usize>>,
    ring_ms_max: Option<Spanned<u64>>,
    credentials: Vec<Account>,
    realm: Option<String>,
    users: Vec<Account>,
    algorithms: Option<Spanned<Vec<sip::Algorithm>>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawRtp {
    ports: Option<Spanned<(u16, u16)>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawHttp {
    listen: Option<SocketAddr>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawCall {
    language: Option<Language>,
    campaign: Option<PathBuf>,
    call_ms_max: Option<Spanned<u64>>,
    media_gone_ms: Option<Spanned<u64>>,
    silence_ms: Option<Spanned<u64>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawRecognizer {
    model: Option<PathBuf>,
    states: Option<Spanned<usize>>,
    queue_max: Option<Spanned<usize>>,
    zh_logprob_min: Option<Spanned<f32>>,
    en_logprob_min: Option<Spanned<f32>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawUnderstanding {
    models: Option<PathBuf>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawSpeech {
    zh_variant: Option<String>,
    en_variant: Option<String>,
    zh_rate_wpm: Option<Spanned<u16>>,
    en_rate_wpm: Option<Spanned<u16>>,
    workers: Option<Spanned<usize>>,
    cache_mib: Option<Spanned<usize>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawTrace {
    directory: Option<PathBuf>,
}

/// The file, for errors.
struct Place<'a> {
    text: &'a str,
    name: &'a str,
}

impl Place<'_> {
    fn file(&self) -> NamedSource<String> {
        NamedSource::new(self.name, self.text.to_owned())
    }

    /// The value typed or its default, if `holds`.
    fn check<T: Clone + std::fmt::Debug>(
        &self,
        (key, default): (&'static str, T),
        typed: Option<Spanned<T>>,
        holds: impl Fn(&T) -> bool,
        (why, way_out): (&'static str, &'static str),
    ) -> Result<T, ConfigError> {
        match typed {
            None => Ok(default),
            Some(typed) if holds(typed.get_ref()) => Ok(typed.into_inner()),
            Some(typed) => Err(ConfigError::Value {
                key,
                value: format!("{:?}", typed.get_ref()),
                why,
                way_out,
                file: self.file(),
                at: Some(typed.span().into()),
            }),
        }
    }
}

impl Place<'_> {
    /// A time limit of a call.
    fn milliseconds(&self, key: &'static str, default: u64, typed: Option<Spanned<u64>>) -> Result<u64, ConfigError> {
        self.check(
            (key, default),
            typed,
            |ms| (1_000..=86_400_000).contains(ms),
            ("must be a second to a day", "write milliseconds, such as 30000"),
        )
    }
}

const RTP_PORTS: (u16, u16) = (20_000, 21_999);

impl Raw {
    pub(super) fn check(self, text: &str, name: &str, overrides: Overrides) -> Result<Config, ConfigError> {
        let place = Place { text, name };
        Ok(Config {
            sip: self.sip.check(&place, overrides.sip_listen)?,
            rtp_ports: place.check(
                ("rtp.ports", RTP_PORTS),
                self.rtp.ports,
                |(first, last)| *first >= 1024 && first < last,
                ("first must be at least 1024 and below last", "write the lower port first, such as [20000, 21999]"),
            )?,
            http_listen: overrides
                .http_listen
                .or(self.http.listen)
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            call: self.call.check(&place, overrides.language)?,
            hearing: place.check(
                ("hearing", TurnConfig::default()),
                self.hearing,
                |turns| {
                    (20..=160).contains(&turns.started_ms)
                        && (1_000..=60_000).contains(&turns.turn_ms_max)
                        && turns.end_ms_incomplete < turns.turn_ms_max
                },
                (
                    "no turn would ever begin, or end in time",
                    "keep started_ms within 20 to 160, turn_ms_max within 1000 to 60000 and above end_ms_incomplete",
                ),
            )?,
            recognizer: self.recognizer.check(&place)?,
            understanding_models: self.understanding.models.unwrap_or_else(|| PathBuf::from("models")),
            speech: self.speech.check(&place)?,
            trace_directory: overrides.trace_directory.or(self.trace.directory),
        })
    }
}

impl RawSip {
    fn check(self, place: &Place<'_>, flag: Option<SocketAddr>) -> Result<Sip, ConfigError> {
        let typed_at = self.listen.as_ref().map(|listen| listen.span().into());
        let listen =
            flag.or(self.listen.map(Spanned::into_inner)).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 5060)));
        let mut allow = Vec::with_capacity(self.allow.len());
        for entry in self.allow {
            let span = entry.span();
            let text = entry.into_inner();
            let net = text.parse::<IpNet>().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from));
            allow.push(net.ok_or_else(|| ConfigError::Value {
                key: "sip.allow",
                value: text,
                why: "this is neither an address nor a network",
                way_out: "write an address (192.0.2.10) or a network (192.0.2.0/24); names are not resolved here",
                file: place.file(),
                at: Some(span.into()),
            })?);
        }
        if allow.is_empty() && !listen.ip().is_loopback() {
            let at = if flag.is_some() { None } else { typed_at };
            return Err(ConfigError::Open { listen, file: place.file(), at });
        }
        if listen.ip().is_unspecified() {
            let at = if flag.is_some() { None } else { typed_at };
            return Err(ConfigError::Value {
                key: "sip.listen",
                value: listen.to_string(),
                why: "peers are told this address, and this one leads nowhere",
                way_out: "give the address of the interface that faces the trunk",
                file: place.file(),
                at,
            });
        }
        let calls_max = place.check(
            ("sip.calls_max", 256),
            self.calls_max,
            |n| (1..=4096).contains(n),
            ("must be 1 to 4096", "more calls belong on a second node"),
        )?;
        let ring_ms_max = place.milliseconds("sip.ring_ms_max", 60_000, self.ring_ms_max)?;
        let realm = self.realm.unwrap_or_else(|| "callwright".to_owned());
        let algorithms = place.check(
            ("sip.algorithms", vec![sip::Algorithm::Md5, sip::Algorithm::Sha256]),
            self.algorithms,
            |algorithms| !algorithms.is_empty(),
            ("nobody could prove anything", "name MD5, SHA-256 or both"),
        )?;
        let Self { credentials, users, .. } = self;
        Ok(Sip { listen, allow, calls_max, ring_ms_max, credentials, realm, users, algorithms })
    }
}

impl RawCall {
    fn check(self, place: &Place<'_>, flag: Option<Language>) -> Result<Call, ConfigError> {
        let defaults = CallLimits::default();
        Ok(Call {
            language: flag.or(self.language).unwrap_or_default(),
            campaign: self.campaign.unwrap_or_else(|| PathBuf::from("campaigns/telecom.toml")),
            limits: CallLimits {
                call_ms_max: place.milliseconds("call.call_ms_max", defaults.call_ms_max, self.call_ms_max)?,
                media_gone_ms: place.milliseconds("call.media_gone_ms", defaults.media_gone_ms, self.media_gone_ms)?,
                silence_ms: place.milliseconds("call.silence_ms", defaults.silence_ms, self.silence_ms)?,
                ..defaults
            },
        })
    }
}

impl RawRecognizer {
    fn check(self, place: &Place<'_>) -> Result<Recognizer, ConfigError> {
        let logprob = |key, default, typed| {
            place.check(
                (key, default),
                typed,
                |min| (-10.0..=0.0).contains(min),
                (
                    "must be -10 to 0, a natural logarithm",
                    "the model's card says which share of right sentences it keeps",
                ),
            )
        };
        Ok(Recognizer {
            zh_logprob_min: logprob("recognizer.zh_logprob_min", -0.4, self.zh_logprob_min)?,
            en_logprob_min: logprob("recognizer.en_logprob_min", -0.6, self.en_logprob_min)?,
            model: self.model.unwrap_or_else(|| PathBuf::from("models/asr.ggml.zst")),
            states: place.check(
                ("recognizer.states", 2),
                self.states,
                |n| (1..=64).contains(n),
                ("must be 1 to 64", "one state a core is a good start"),
            )?,
            queue_max: place.check(
                ("recognizer.queue_max", 32),
                self.queue_max,
                |n| (1..=1024).contains(n),
                ("must be 1 to 1024", "a long queue only makes callers wait: leave it at 32"),
            )?,
        })
    }
}

impl RawSpeech {
    fn check(self, place: &Place<'_>) -> Result<Speech, ConfigError> {
        let rate = |key, default, typed| {
            place.check(
                (key, default),
                typed,
                |wpm| (80..=450).contains(wpm),
                ("must be 80 to 450 words a minute", "people speak at 150 to 220"),
            )
        };
        let zh_rate_wpm = rate("speech.zh_rate_wpm", 190, self.zh_rate_wpm)?;
        let en_rate_wpm = rate("speech.en_rate_wpm", 165, self.en_rate_wpm)?;
        let voice = |language, variant: Option<String>, rate_wpm| Voice {
            language,
            variant: variant.unwrap_or_else(|| "f5".to_owned()),
            rate_wpm,
            pitch: 50,
        };
        Ok(Speech {
            zh: voice(Language::Zh, self.zh_variant, zh_rate_wpm),
            en: voice(Language::En, self.en_variant, en_rate_wpm),
            workers: place.check(
                ("speech.workers", 2),
                self.workers,
                |n| (1..=64).contains(n),
                ("must be 1 to 64", "two are enough: fixed texts are cached"),
            )?,
            cache_bytes_max: place
                .check(
                    ("speech.cache_mib", 64),
                    self.cache_mib,
                    |mib| (1..=4096).contains(mib),
                    ("must be 1 to 4096 MiB", "an hour of speech takes 55 MiB"),
                )?
                .saturating_mul(1024 * 1024),
        })
    }
}
