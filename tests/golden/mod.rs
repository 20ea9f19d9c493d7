//! Plays a script against a `Call`: packets, workers and signalling on a virtual clock of 5 ms steps.

use std::collections::VecDeque;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use callwright::asr::{Language, Transcript};
use callwright::audio::{Frame8k, Frame16k, Law};
use callwright::base::{CallId, Instant, Now, Redacted, TurnId, UnixMillis};
use callwright::call::{Attempt, Call, CallLimits, CallSetup, Event, Input, Output, Port, ReplyId, Understood};
use callwright::conversation::{CallerFacts, Campaign, Conversation};
use callwright::hearing::{Manner, SpeechDetector, TurnConfig, TurnDetector};
use callwright::rtp;
use callwright::sdp;
use callwright::sip;
use callwright::speech::Speech;
use callwright::understanding::{Action, Emotion, EmotionGuess, Feeling, Intent, Reading};
use serde::Deserialize;

const STEP: Duration = Duration::from_millis(5);
/// 2026-11-20T10:00:00Z.
const WALL: UnixMillis = UnixMillis(1_795_168_800_000);
/// Sound per character of a sentence, about as fast as people speak.
const fn ms_per_char(language: Language) -> usize {
    match language {
        Language::Zh => 150,
        Language::En => 60,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    /// What the script shows.
    about: String,
    lang: Language,
    end_ms: u64,
    /// Whether there is a model of the voice. It takes who is louder than usual for angry.
    #[serde(default)]
    hears_voices: bool,
    #[serde(default)]
    step: Vec<Step>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Step {
    at_ms: u64,
    #[serde(flatten)]
    what: What,
}

#[derive(Deserialize, Clone)]
#[serde(rename_all = "snake_case")]
enum What {
    /// The caller speaks; stretches of speech and pauses alternate.
    Speak {
        ms: Vec<u64>,
        text: String,
        action: String,
        decode_ms: u64,
        /// The recogniser's mean token log-probability.
        #[serde(default = "clear")]
        logprob: f32,
        /// What the first attempt at it hears instead.
        #[serde(default)]
        at_first: Option<String>,
        #[serde(default)]
        loud: bool,
    },
    /// A key is pressed for 100 ms.
    Key(char),
    /// BYE from the caller.
    HangUp(bool),
    /// The caller's packets stop; nothing answers OPTIONS.
    Vanish(bool),
    /// Re-INVITE with this direction of theirs.
    Reoffer(String),
    /// Re-INVITE: the caller goes on from another port and in another codec, PCMU or PCMA.
    Move { port: u16, codec: String },
    /// The caller's packets come from another source (SSRC), whose numbers and timestamps have nothing to do with the old.
    NewSource(bool),
    /// A key by INFO.
    Info(String),
    /// We press a key.
    Press(char),
    /// So many sentences from now on cannot be spoken: the engine says so.
    Unspoken(usize),
    /// From now on nothing is synthesised any more, without a word about it.
    Mute(bool),
}

/// What came of it.
pub struct Played {
    /// JSON lines without the wall clock.
    pub trace: String,
    /// Packets sent after the end.
    pub packets_after_end: usize,
    /// The call said BYE.
    pub said_bye: bool,
    /// How much sound went to the recogniser, in ms, one a time.
    pub transcribed_ms: Vec<u64>,
    /// RTP that was sent: when, where to, all of it.
    pub packets: Vec<(u64, SocketAddr, Vec<u8>)>,
    /// RTCP that was sent.
    pub reports: Vec<(u64, SocketAddr, Vec<u8>)>,
    /// Lines of the trace, each with its time in ms.
    pub events: Vec<(u64, String)>,
    /// When a packet with sound left, in ms.
    pub sounds: Vec<u64>,
}

/// Speech is what is loud: the scripts' sound is a hum.
struct Loud;

impl SpeechDetector for Loud {
    fn speech(&mut self, frame: &Frame16k) -> f32 {
        if frame.level_dbov() > -40.0 { 0.95 } else { 0.02 }
    }

    fn reset(&mut self) {}
}

/// Answers of workers on their way.
enum Due {
    Heard(TurnId, Attempt, Step, Option<Feeling>),
    Rendered(ReplyId, usize, usize),
}

struct Stage {
    call: Call,
    dialog: sip::DialogId,
    peer: rtp::Session,
    peer_media: sdp::Media,
    source: SocketAddr,
    due: Vec<(Instant, Due)>,
    played: Played,
    ended: bool,
    talking: Option<Step>,
    hears_voices: bool,
    muted: bool,
    unspoken: usize,
    lines: Vec<String>,
    language: Language,
}

/// Plays a script and compares its trace.
pub fn play(name: &str) -> Played {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/calls").join(name);
    let text = fs::read_to_string(folder.join("script.toml")).expect("script.toml");
    let script: Script = toml::from_str(&text).expect("a valid script");
    let mut stage = Stage::set(script.lang);
    stage.hears_voices = script.hears_voices;
    let mut steps: VecDeque<Step> = script.step.into();
    let (mut vanished, mut speaking): (bool, VecDeque<bool>) = (false, VecDeque::new());
    let mut key: Option<(char, u16)> = None;
    let start = Instant::from_micros(1_000_000);
    for tick in 0..script.end_ms / 5 {
        let now = Now { instant: start, wall: WALL }.plus(STEP * u32::try_from(tick).expect("short"));
        while steps.front().is_some_and(|step| step.at_ms <= tick * 5) {
            let step = steps.pop_front().expect("just seen");
            match &step.what {
                What::Speak { ms, .. } => {
                    for (n, ms) in ms.iter().enumerate() {
                        speaking.extend(std::iter::repeat_n(n % 2 == 0, (*ms / 20) as usize));
                    }
                    stage.talking = Some(step);
                }
                What::Key(pressed) => key = Some((*pressed, 0)),
                What::HangUp(false) => {}
                What::HangUp(true) => {
                    let ended = sip::Event::Ended { dialog: stage.dialog, reason: sip::EndReason::PeerHungUp };
                    stage.call.handle(now, Input::Sip(ended));
                }
                What::Vanish(gone) => vanished = *gone,
                What::Mute(muted) => stage.muted = *muted,
                What::Reoffer(direction) => {
                    let offer = Some(offer(Law::A, 30_000, direction));
                    stage.call.handle(now, Input::Sip(sip::Event::Reoffered { dialog: stage.dialog, offer }));
                }
                What::Move { port, codec } => {
                    let law = Law::ALL.into_iter().find(|law| law.name() == codec).expect("a codec");
                    let offer = offer(law, *port, "sendrecv");
                    stage.peer_media = peer_media(&offer);
                    stage.peer.update(now, &stage.peer_media);
                    stage.source.set_port(*port);
                    let offer = Some(offer);
                    stage.call.handle(now, Input::Sip(sip::Event::Reoffered { dialog: stage.dialog, offer }));
                }
                What::NewSource(false) => {}
                What::NewSource(true) => stage.peer = peer(stage.peer_media, 10),
                What::Info(body) => {
                    let (dialog, content_type) = (stage.dialog, "application/dtmf-relay".to_owned());
                    let body = Redacted::new(body.clone().into_bytes());
                    stage.call.handle(now, Input::Sip(sip::Event::Info { dialog, content_type, body }));
                }
                What::Unspoken(sentences) => stage.unspoken = *sentences,
                What::Press(key) => stage.call.handle(now, Input::Press(*key)),
            }
        }
        if tick % 4 == 2 && !vanished {
            stage.caller_packet(now, speaking.pop_front().unwrap_or(false), &mut key);
        }
        stage.workers(now);
        if stage.call.deadline().is_some_and(|(at, _)| at <= now.instant) {
            stage.call.handle(now, Input::Tick);
        }
        stage.drain(now, tick * 5);
    }
    let mut played = stage.played;
    played.trace = stage.lines.join("\n") + "\n";
    let expect = folder.join("expect.trace");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&expect, &played.trace).expect("written");
    }
    let expected = fs::read_to_string(&expect).unwrap_or_default();
    assert_eq!(played.packets_after_end, 0, "{name}: nothing is sent after the end");
    assert!(expected == played.trace, "{name} ({}) differs from {}:\n{}", script.about, expect.display(), played.trace);
    played
}

/// Of words without any doubt.
fn clear() -> f32 {
    -0.05
}

/// What the stand-in for the emotion model makes of a turn.
fn felt(manner: &Manner) -> Feeling {
    let level = Manner::names().zip(*manner.values()).find(|(name, _)| *name == "level").expect("it has a level").1;
    let emotion = if level > 1.5 { Emotion::Angry } else { Emotion::Calm };
    let guess = EmotionGuess { emotion, confidence: 0.75 };
    Feeling { voice: guess, both: guess }
}

fn offer(law: Law, port: u16, direction: &str) -> Vec<u8> {
    let (payload_type, name) = (law.payload_type(), law.name());
    format!(
        "v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP {payload_type} 101\r\na=rtpmap:{payload_type} {name}/8000\r\n\
         a=rtpmap:101 telephone-event/8000\r\na={direction}\r\n"
    )
    .into_bytes()
}

/// What the caller's side makes of its own offer.
fn peer_media(offer: &[u8]) -> sdp::Media {
    let local = sdp::Local { address: [192, 0, 2, 2].into(), rtp_port: 30_000, session_id: 2, version: 1 };
    let media = sdp::answer(offer, &local).expect("media").1;
    sdp::Media { remote: "192.0.2.1:20000".parse().expect("address"), ..media }
}

fn peer(media: sdp::Media, seed: u64) -> rtp::Session {
    rtp::Session::new(rtp::SessionConfig { media, latching: rtp::Latching::Signalled }, seed)
}

/// The customer's local time.
fn local() -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp(WALL.0 / 1000).expect("a time")
}

/// A call of the telecom campaign, its dialog the first of an agent.
pub fn setup(language: Language) -> CallSetup {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("campaigns/telecom.toml");
    let campaign = Campaign::load(&path, |path| std::fs::read_to_string(path));
    let campaign = Arc::new(campaign.expect("the campaign is valid"));
    let address = "192.0.2.1:5060".parse().expect("address");
    CallSetup {
        headers: sip::ExtraHeaders::default(),
        id: CallId::new("golden"),
        dialog: sip::Agent::new(sip::AgentConfig::new(address), 1).next_dialog_id(),
        local: sdp::Local { address: address.ip(), rtp_port: 20_000, session_id: 1, version: 1 },
        language,
        conversation: Conversation::new(campaign, language, CallerFacts::default(), local()),
        detector: TurnDetector::new(TurnConfig::default(), Box::new(Loud)),
        limits: CallLimits::default(),
        seed: 7,
    }
}

impl Stage {
    fn set(language: Language) -> Self {
        let now = Now { instant: Instant::from_micros(1_000_000), wall: WALL };
        let setup = setup(language);
        let dialog = setup.dialog;
        let offer = offer(Law::A, 30_000, "sendrecv");
        let call = Call::inbound(setup, now, Some(&offer));
        let peer_media = peer_media(&offer);
        let peer = peer(peer_media, 9);
        let source = SocketAddr::from(([192, 0, 2, 2], 30_000));
        let mut stage = Self {
            call,
            dialog,
            peer,
            peer_media,
            source,
            due: Vec::new(),
            played: Played {
                trace: String::new(),
                packets_after_end: 0,
                said_bye: false,
                transcribed_ms: Vec::new(),
                packets: Vec::new(),
                reports: Vec::new(),
                events: Vec::new(),
                sounds: Vec::new(),
            },
            ended: false,
            talking: None,
            hears_voices: false,
            muted: false,
            unspoken: 0,
            lines: Vec::new(),
            language,
        };
        stage.call.handle(now, Input::Sip(sip::Event::Confirmed { dialog, answer: None }));
        stage
    }

    /// One packet of the caller: a hum, silence, or a key (RFC 4733).
    fn caller_packet(&mut self, now: Now, speaks: bool, key: &mut Option<(char, u16)>) {
        let source = self.source;
        let mut frame = Frame8k::SILENCE;
        if speaks {
            let loud = matches!(&self.talking, Some(Step { what: What::Speak { loud: true, .. }, .. }));
            let peak = if loud { 30_000.0 } else { 12_000.0 };
            for (n, sample) in frame.0.iter_mut().enumerate() {
                let phase = (n % 53) as f32 / 53.0;
                *sample = ((phase - 0.5) * peak) as i16; // a saw of 150 Hz, as a voice's source
            }
        }
        let packet = self.peer.send(&frame).to_vec();
        self.call.handle(now, Input::Packet { source, bytes: &packet });
        if let Some((pressed, packets)) = key {
            let event = "0123456789*#ABCD".find(*pressed).expect("a key") as u8;
            let end = if *packets >= 5 { 0x80 } else { 0 };
            let duration = (*packets + 1) * 160;
            let mut bytes = packet[..12].to_vec();
            bytes[1] = 101 | if *packets == 0 { 0x80 } else { 0 };
            bytes[3] = bytes[3].wrapping_add(100); // a sequence number of its own
            bytes[4..8].copy_from_slice(&4_000_u32.to_be_bytes());
            bytes.extend([event, end | 10, (duration >> 8) as u8, duration as u8]);
            self.call.handle(now, Input::Packet { source, bytes: &bytes });
            *packets += 1;
            if *packets == 8 {
                *key = None;
            }
        }
    }

    fn workers(&mut self, now: Now) {
        let mut n = 0;
        while n < self.due.len() {
            if self.due[n].0 > now.instant {
                n += 1;
                continue;
            }
            match self.due.remove(n).1 {
                Due::Heard(turn, attempt, step, feeling) => {
                    let What::Speak { text, action, decode_ms, at_first, logprob, .. } = step.what else { continue };
                    let text = at_first.unwrap_or(text);
                    let understood = Understood {
                        transcript: Transcript {
                            text: Redacted::new(text),
                            mean_logprob: logprob,
                            decode: Duration::from_millis(decode_ms),
                        },
                        reading: Reading {
                            feeling,
                            ..Reading::of(Intent {
                                action: Action::from_id(&action).expect("an action"),
                                confidence: 0.9,
                            })
                        },
                    };
                    self.call.handle(now, Input::Heard { turn, attempt, result: Ok(understood) });
                }
                Due::Rendered(reply, index, chars) => {
                    let samples: Vec<i16> = (0..chars * ms_per_char(self.language) * 8)
                        .map(|n| if n % 40 < 20 { 3000 } else { -3000 })
                        .collect();
                    self.call.handle(now, Input::Rendered { reply, index, result: Ok(Speech::new(samples)) });
                }
            }
        }
    }

    fn drain(&mut self, now: Now, ms: u64) {
        while let Some(output) = self.call.poll() {
            match output {
                Output::Packet { from, destination, packet } => {
                    self.played.packets_after_end += usize::from(self.ended);
                    let bytes = packet.bytes().to_vec();
                    let voice = Law::ALL.iter().find_map(|law| rtp::voice_of(&bytes, law.payload_type(), *law));
                    if voice.is_some_and(|frame| frame.level_dbov() > -45.0) {
                        self.played.sounds.push(ms);
                    }
                    match from {
                        Port::Rtp => self.played.packets.push((ms, destination, bytes)),
                        Port::Rtcp => self.played.reports.push((ms, destination, bytes)),
                    }
                }
                Output::Transcribe { turn, attempt, audio, manner, .. } => {
                    self.played.transcribed_ms.push(audio.duration().as_millis() as u64);
                    if let Some(step) = self.talking.clone()
                        && let What::Speak { decode_ms, .. } = step.what
                    {
                        let at = now.instant + Duration::from_millis(decode_ms);
                        let feeling = manner.filter(|_| self.hears_voices).map(|manner| felt(&manner));
                        self.due.push((at, Due::Heard(turn, attempt, step, feeling)));
                        if let Some(Step { what: What::Speak { at_first, .. }, .. }) = &mut self.talking {
                            *at_first = None;
                        }
                    }
                }
                Output::Review { .. } => {}
                Output::Synthesize { .. } if self.muted => {}
                Output::Synthesize { reply, index, .. } if self.unspoken > 0 => {
                    self.unspoken -= 1;
                    let result = Err("no such voice".to_owned());
                    self.call.handle(now, Input::Rendered { reply, index, result });
                }
                Output::Synthesize { reply, index, text } => {
                    let at = now.instant + Duration::from_millis(10);
                    self.due.push((at, Due::Rendered(reply, index, text.chars().count())));
                }
                Output::Event(happened) => {
                    let mut value = serde_json::to_value(&happened).expect("serializable");
                    let fields = value.as_object_mut().expect("an object");
                    fields.remove("wall");
                    fields.remove("call");
                    let line = serde_json::to_string(&value).expect("serializable");
                    self.played.events.push((ms, line.clone()));
                    self.ended |= matches!(happened.event, Event::Ended { .. });
                    self.lines.push(line);
                }
                Output::Sip(sip::Command::HangUp { .. }) => self.played.said_bye = true,
                Output::Sip(sip::Command::Probe { dialog }) => {
                    // Nobody answers: the transaction times out after 64*T1, which is 408 to its user.
                    let gone = sip::Event::ProbeAnswered { dialog, status: 408 };
                    self.call.handle(now, Input::Sip(gone));
                }
                Output::Sip(_) | Output::Finished => {}
            }
        }
    }
}
