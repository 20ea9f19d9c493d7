//! What was typed: one struct a section, every key optional, unknown keys refused. Checking goes on after a problem, so
//! that all of them are found; in the place of a value that cannot be stands its default.

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use serde::Deserialize;

use crate::asr::{DecoderSettings, Language};
use crate::call::CallLimits;
use crate::conversation::Persona;
use crate::hearing::TurnConfig;
use crate::sip;
use crate::speech::Voice;
use crate::understanding::EmotionBy;

use super::place::Place;
use super::routes::{RawRoute, RawTrunk, routing};
use super::{Account, Allow, Call, Choice, Config, Http, Overrides, Recognizer, Sip, Speech};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Raw {
    sip: RawSip,
    rtp: RawRtp,
    http: RawHttp,
    call: RawCall,
    trunk: Vec<RawTrunk>,
    route: Vec<RawRoute>,
    hearing: TurnConfig,
    recognizer: RawRecognizer,
    understanding: RawUnderstanding,
    speech: RawSpeech,
    trace: RawTrace,
    learning: RawLearning,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawSip {
    listen: Option<SocketAddr>,
    allow: Vec<String>,
    calls_max: Option<usize>,
    ring_ms_max: Option<u64>,
    credentials: Vec<Account>,
    realm: Option<String>,
    users: Vec<Account>,
    algorithms: Option<Vec<sip::Algorithm>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawRtp {
    ports: Option<Vec<u16>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawHttp {
    listen: Option<SocketAddr>,
    allow: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawCall {
    language: Option<Language>,
    campaign: Option<PathBuf>,
    persona: Option<Persona>,
    call_ms_max: Option<u64>,
    media_gone_ms: Option<u64>,
    silence_ms: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawRecognizer {
    model: Option<PathBuf>,
    states: Option<usize>,
    queue_max: Option<usize>,
    zh_logprob_min: Option<f32>,
    en_logprob_min: Option<f32>,
    decoder: DecoderSettings,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawUnderstanding {
    models: Option<PathBuf>,
    emotion_by: EmotionBy,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawSpeech {
    zh_variant: Option<String>,
    en_variant: Option<String>,
    zh_rate_wpm: Option<u16>,
    en_rate_wpm: Option<u16>,
    prompts: Option<PathBuf>,
    workers: Option<usize>,
    cache_mib: Option<usize>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawTrace {
    directory: Option<PathBuf>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawLearning {
    file: Option<PathBuf>,
}

const SIP_LISTEN: ([u8; 4], u16) = ([127, 0, 0, 1], 5060);
const HTTP_LISTEN: ([u8; 4], u16) = ([127, 0, 0, 1], 8080);
const RTP_PORTS: (u16, u16) = (20_000, 21_999);

impl Raw {
    pub(super) fn check(self, place: &Place<'_>, overrides: Overrides) -> Config {
        let call = self.call.check(place, overrides.language);
        let routing = routing(place, call.otherwise.clone(), self.trunk, self.route);
        let config = Config {
            sip: self.sip.check(place, overrides.sip_listen, !routing.trunks().is_empty()),
            rtp_ports: self.rtp.check(place),
            http: self.http.check(place, overrides.http_listen),
            call: call.call,
            routing,
            hearing: hearing(place, self.hearing),
            recognizer: self.recognizer.check(place),
            understanding_models: self.understanding.models.unwrap_or_else(|| PathBuf::from("models")),
            emotion_by: self.understanding.emotion_by,
            speech: self.speech.check(place),
            trace_directory: overrides.trace_directory.or(self.trace.directory),
            learning_file: self.learning.file,
        };
        check_listeners(place, &config);
        config
    }
}

/// SIP binds UDP and TCP, RTP binds UDP on the same address: none may take another's port.
fn check_listeners(place: &Place<'_>, config: &Config) {
    let (sip, http, (first, last)) = (config.sip.listen, config.http.listen, config.rtp_ports);
    // The value that was typed, if only one was.
    let typed = |key: &'static str, other| if place.line(key) > 0 { key } else { other };
    if (first..=last).contains(&sip.port()) {
        place.refuse_at(
            Some(typed("rtp.ports", "sip.listen")),
            "rtp.ports",
            format!("[{first}, {last}]"),
            "the SIP port is among them",
            "move sip.listen out of the range, or the range",
        );
    }
    let same_address = sip.ip() == http.ip() || http.ip().is_unspecified();
    if same_address && sip.port() == http.port() && sip.port() != 0 {
        let at = Some(typed("http.listen", "sip.listen"));
        place.refuse_at(at, "http.listen", http, "SIP listens there", "give one of them another port");
    }
}

/// Addresses and networks; those that are neither are refused.
pub(super) fn networks(place: &Place<'_>, key: &str, texts: Vec<String>) -> Vec<IpNet> {
    let network = |text: &str| match text.parse::<IpNet>() {
        Ok(network) => Some(network.trunc()),
        Err(_) => text.parse::<std::net::IpAddr>().ok().map(IpNet::from),
    };
    let mut found = Vec::with_capacity(texts.len());
    for (n, text) in texts.into_iter().enumerate() {
        match network(&text) {
            Some(network) => found.push(network),
            None => place.refuse(
                &format!("{key}.{n}"),
                text,
                "this is neither an address nor a network",
                "write an address (192.0.2.10) or a network (192.0.2.0/24); names are not resolved here",
            ),
        }
    }
    found
}

impl RawSip {
    fn check(self, place: &Place<'_>, flag: Option<SocketAddr>, has_trunks: bool) -> Sip {
        let listen = flag.or(self.listen).unwrap_or_else(|| SocketAddr::from(SIP_LISTEN));
        let allow = networks(place, "sip.allow", self.allow);
        let place_of_listen = if flag.is_some() { None } else { Some("sip.listen") };
        if allow.is_empty() && !has_trunks && !listen.ip().is_loopback() {
            place.refuse_at(
                place_of_listen,
                "sip.listen",
                listen,
                "this is beyond loopback, and neither sip.allow nor a trunk names who may call",
                "name them: allow = [\"192.0.2.10\"] under [sip], or a [[trunk]]; or listen on 127.0.0.1",
            );
        } else if listen.ip().is_unspecified() {
            place.refuse_at(
                place_of_listen,
                "sip.listen",
                listen,
                "peers are told this address, and this one leads nowhere",
                "give the address of the interface that faces the trunk",
            );
        }
        let algorithms = self.algorithms.unwrap_or_else(|| vec![sip::Algorithm::Md5, sip::Algorithm::Sha256]);
        if algorithms.is_empty() {
            place.refuse("sip.algorithms", "[]", "nobody could prove anything", "name MD5, SHA-256 or both");
        }
        Sip {
            listen,
            allow: Allow(allow),
            calls_max: place.within(
                ("sip.calls_max", 256),
                self.calls_max,
                (1, 4096),
                "more calls belong on a second node",
            ),
            ring_ms_max: place.milliseconds("sip.ring_ms_max", 60_000, self.ring_ms_max),
            credentials: self.credentials,
            realm: self.realm.unwrap_or_else(|| "callwright".to_owned()),
            users: self.users,
            algorithms,
        }
    }
}

impl RawRtp {
    fn check(self, place: &Place<'_>) -> (u16, u16) {
        let Some(ports) = self.ports else { return RTP_PORTS };
        if let [first, last] = ports[..]
            && first >= 1024
            && first < last
        {
            return (first, last);
        }
        place.refuse(
            "rtp.ports",
            format!("{ports:?}"),
            "these must be two, the first at least 1024 and below the last",
            "write the lower port first, such as [20000, 21999]",
        );
        RTP_PORTS
    }
}

impl RawHttp {
    fn check(self, place: &Place<'_>, flag: Option<SocketAddr>) -> Http {
        let listen = flag.or(self.listen).unwrap_or_else(|| SocketAddr::from(HTTP_LISTEN));
        let allow = networks(place, "http.allow", self.allow);
        if allow.is_empty() && !listen.ip().is_loopback() {
            let place_of_listen = if flag.is_some() { None } else { Some("http.listen") };
            place.refuse_at(
                place_of_listen,
                "http.listen",
                listen,
                "this is beyond loopback, and http.allow names nobody who may look",
                "name them: allow = [\"192.0.2.20\"] under [http]; or listen on 127.0.0.1",
            );
        }
        Http { listen, allow: Allow(allow) }
    }
}

/// Calls, and what one is about that no route takes.
struct CheckedCall {
    call: Call,
    otherwise: Choice,
}

impl RawCall {
    fn check(self, place: &Place<'_>, flag: Option<Language>) -> CheckedCall {
        let defaults = CallLimits::default();
        let otherwise = Choice {
            language: flag.or(self.language).unwrap_or_default(),
            campaign: self.campaign.unwrap_or_else(|| PathBuf::from("campaigns/telecom.toml")),
            persona: self.persona,
        };
        let limits = CallLimits {
            call_ms_max: place.milliseconds("call.call_ms_max", defaults.call_ms_max, self.call_ms_max),
            media_gone_ms: place.milliseconds("call.media_gone_ms", defaults.media_gone_ms, self.media_gone_ms),
            silence_ms: place.milliseconds("call.silence_ms", defaults.silence_ms, self.silence_ms),
            ..defaults
        };
        CheckedCall { call: Call { limits }, otherwise }
    }
}

fn hearing(place: &Place<'_>, typed: TurnConfig) -> TurnConfig {
    let defaults = TurnConfig::default();
    let ms = |key, default, typed, bounds| place.within((key, default), Some(typed), bounds, "write milliseconds");
    let score = |key, default, typed| place.within((key, default), Some(typed), (0.0, 1.0), "0.4 to 0.6 is usual");
    let ends = (20, 10_000);
    let turns = TurnConfig {
        started_ms: ms("hearing.started_ms", defaults.started_ms, typed.started_ms, (20, 160)),
        pause_ms: ms("hearing.pause_ms", defaults.pause_ms, typed.pause_ms, (20, 2_000)),
        end_ms_complete: ms("hearing.end_ms_complete", defaults.end_ms_complete, typed.end_ms_complete, ends),
        end_ms_unknown: ms("hearing.end_ms_unknown", defaults.end_ms_unknown, typed.end_ms_unknown, ends),
        end_ms_incomplete: ms("hearing.end_ms_incomplete", defaults.end_ms_incomplete, typed.end_ms_incomplete, ends),
        speech_ms_min: ms("hearing.speech_ms_min", defaults.speech_ms_min, typed.speech_ms_min, (0, 2_000)),
        turn_ms_max: ms("hearing.turn_ms_max", defaults.turn_ms_max, typed.turn_ms_max, (2_000, 60_000)),
        threshold_on: score("hearing.threshold_on", defaults.threshold_on, typed.threshold_on),
        threshold_off: score("hearing.threshold_off", defaults.threshold_off, typed.threshold_off),
        above_floor_db: place.within(
            ("hearing.above_floor_db", defaults.above_floor_db),
            Some(typed.above_floor_db),
            (0.0, 40.0),
            "speech stands 10 to 30 dB above a usual line's noise",
        ),
    };
    if turns.threshold_off > turns.threshold_on {
        place.refuse(
            "hearing.threshold_off",
            turns.threshold_off,
            format_args!("voice that begins at {} would end at once", turns.threshold_on),
            "keep it below threshold_on",
        );
    }
    if turns.end_ms_incomplete >= turns.turn_ms_max {
        place.refuse(
            "hearing.end_ms_incomplete",
            turns.end_ms_incomplete,
            "turn_ms_max would end every such turn before",
            "keep it below turn_ms_max",
        );
    }
    turns
}

fn decoder(place: &Place<'_>, typed: DecoderSettings) -> DecoderSettings {
    DecoderSettings {
        beam: place.optional("recognizer.decoder.beam", typed.beam, (1, 8), "1 is greedy"),
        language_model_weight: place.optional(
            "recognizer.decoder.language_model_weight",
            typed.language_model_weight,
            (0.0, 2.0),
            "0.3 is usual",
        ),
        threads: place.optional("recognizer.decoder.threads", typed.threads, (1, 16), "1 is right under load"),
        no_speech_min: place.optional(
            "recognizer.decoder.no_speech_min",
            typed.no_speech_min,
            (0.0, 1.0),
            "a probability: 0.6 is usual",
        ),
        temperature_step: place.optional(
            "recognizer.decoder.temperature_step",
            typed.temperature_step,
            (0.0, 1.0),
            "0 or 0.2 is usual",
        ),
        tokens_per_second_max: place.optional(
            "recognizer.decoder.tokens_per_second_max",
            typed.tokens_per_second_max,
            (4, 100),
            "speech has 4 to 8",
        ),
        ..typed
    }
}

impl RawRecognizer {
    fn check(self, place: &Place<'_>) -> Recognizer {
        let logprob = |key, language, typed| {
            let default = Recognizer::usual_logprob_min(language);
            place.within((key, default), typed, (-10.0, 0.0), "a natural logarithm: see the model's card")
        };
        Recognizer {
            zh_logprob_min: logprob("recognizer.zh_logprob_min", Language::Zh, self.zh_logprob_min),
            en_logprob_min: logprob("recognizer.en_logprob_min", Language::En, self.en_logprob_min),
            model: self.model.unwrap_or_else(|| PathBuf::from("models/asr.ggml.zst")),
            decoder: decoder(place, self.decoder),
            states: place.within(("recognizer.states", 2), self.states, (1, 64), "one state a core is a good start"),
            queue_max: place.within(
                ("recognizer.queue_max", 32),
                self.queue_max,
                (1, 1024),
                "a long queue only makes callers wait: leave it at 32",
            ),
        }
    }
}

impl RawSpeech {
    fn check(self, place: &Place<'_>) -> Speech {
        let rate = |key, default, typed| place.within((key, default), typed, (80, 450), "people speak at 150 to 220");
        let zh_rate_wpm = rate("speech.zh_rate_wpm", 190, self.zh_rate_wpm);
        let en_rate_wpm = rate("speech.en_rate_wpm", 165, self.en_rate_wpm);
        let voice = |language, variant: Option<String>, rate_wpm| Voice {
            language,
            variant: variant.unwrap_or_else(|| "f5".to_owned()),
            rate_wpm,
            pitch: 50,
            prompts: String::new(),
        };
        let cache_mib =
            place.within(("speech.cache_mib", 64), self.cache_mib, (1, 4096), "an hour of speech takes 55 MiB");
        Speech {
            zh: voice(Language::Zh, self.zh_variant, zh_rate_wpm),
            en: voice(Language::En, self.en_variant, en_rate_wpm),
            prompts: self.prompts,
            workers: place.within(
                ("speech.workers", 2),
                self.workers,
                (1, 64),
                "two are enough: fixed texts are cached",
            ),
            cache_bytes_max: cache_mib.saturating_mul(1024 * 1024),
        }
    }
}
