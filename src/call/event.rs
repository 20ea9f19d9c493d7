//! What happened in a call: one vocabulary for trace, store, console, metrics and golden tests.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::asr::Language;
use crate::base::{CallId, Redacted, TurnId, UnixMillis};
use crate::compliance::Violation;
use crate::hearing::tones::Tone;
use crate::rtp;
use crate::understanding::{Emotion, Feeling};

/// An event with its call and its time, one JSON line of a trace.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Happened {
    /// The call.
    pub call: CallId,
    /// Milliseconds since the call was created.
    pub at_ms: u64,
    /// Wall clock.
    pub wall: UnixMillis,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Signalling began: by which way the call comes or goes, and what it is about. Told by the node.
    Opened {
        /// Its Call-ID in SIP, by which the trace finds its messages.
        sip_call_id: String,
        /// The trunk's name, if it is one's.
        #[serde(skip_serializing_if = "Option::is_none")]
        trunk: Option<String>,
        /// The number called: the user part of the request URI.
        #[serde(serialize_with = "revealed")]
        called: Redacted<String>,
        /// The campaign's name.
        campaign: String,
        /// The language it is held in.
        language: Language,
        /// The allow-listed headers that it brought, read.
        #[serde(skip_serializing_if = "BTreeMap::is_empty", serialize_with = "revealed_values")]
        headers: BTreeMap<String, Redacted<String>>,
    },
    /// The call is up: signalling is confirmed, media flows.
    Started {
        /// The language it is held in.
        language: Language,
        /// The codec's name as SDP writes it.
        codec: &'static str,
    },
    /// The caller began to speak.
    CallerStarted {
        /// The turn that began.
        turn: TurnId,
    },
    /// A signal of the network sounds on the caller's line; its times are those of the line's sound.
    Tone(Tone),
    /// Words understood at a pause; dropped if the caller goes on.
    Partial {
        /// The turn.
        turn: TurnId,
        /// The words so far.
        #[serde(serialize_with = "revealed")]
        text: Redacted<String>,
        /// Time the recogniser worked.
        decode_ms: u64,
        /// How likely the turn is over, by words and voice, per cent.
        over: u8,
    },
    /// The caller went on after a pause: what was prepared is dropped.
    SpeculationDropped {
        /// The turn.
        turn: TurnId,
    },
    /// A turn of the caller, understood.
    Heard {
        /// The turn.
        turn: TurnId,
        /// The words; empty when it was no speech.
        #[serde(serialize_with = "revealed")]
        text: Redacted<String>,
        /// Confidence of the recogniser, 0 to 1 (exponential of the mean token log-probability).
        text_confidence: f32,
        /// Action id of the taxonomy.
        action: &'static str,
        /// Confidence of the text model, 0 to 1.
        action_confidence: f32,
        /// How the customer feels; left out where nothing but calm words is known.
        #[serde(skip_serializing_if = "Felt::is_nothing")]
        emotion: Felt,
        /// Time the recogniser worked.
        decode_ms: u64,
        /// Silence awaited before the turn was taken as over.
        silence_ms: u64,
    },
    /// Speech that offends (domain §5).
    Violation {
        /// The turn, or the one that the reply answers.
        turn: TurnId,
        /// Who said it.
        by: Party,
        /// How it offends.
        class: Violation,
        /// What became of it.
        standing: Standing,
    },
    /// Recognition or understanding failed; the agent asks again.
    HearingFailed {
        /// The turn.
        turn: TurnId,
        /// What the engine said.
        why: String,
    },
    /// The agent answers: the whole reply, before its first sound.
    Reply {
        /// The turn it answers; 0 is the opening.
        turn: TurnId,
        /// All that is to be said.
        #[serde(serialize_with = "revealed")]
        text: Redacted<String>,
        /// State of the campaign afterwards.
        state: String,
    },
    /// The first sound of a reply left.
    Speaking {
        /// The turn it answers.
        turn: TurnId,
        /// From the caller's last speech, as the detector saw it; none for the opening and after silence.
        #[serde(skip_serializing_if = "Option::is_none")]
        reply_ms: Option<u64>,
    },
    /// The caller spoke over the agent, which stopped.
    BargeIn {
        /// The turn of the caller that began.
        turn: TurnId,
        /// How much of the sentence had been said.
        said_ms: u64,
        /// How long the sentence is.
        total_ms: u64,
    },
    /// What stopped the agent was no turn of its own (noise, a backchannel): it says the sentence again.
    ReplyResumed {
        /// The turn the reply answers.
        turn: TurnId,
    },
    /// A reply was said to its end.
    ReplySaid {
        /// The turn it answered.
        turn: TurnId,
    },
    /// A sentence could not be spoken.
    SpeechFailed {
        /// The turn of the reply.
        turn: TurnId,
        /// What the engine said.
        why: String,
    },
    /// A key was pressed.
    Key {
        /// 0 to 9, *, #, A to D.
        key: char,
    },
    /// We pressed a key.
    KeySent {
        /// 0 to 9, *, #, A to D.
        key: char,
    },
    /// The number goes on do-not-call, from now on.
    OptedOut,
    /// A call-back was agreed.
    CallBackAgreed {
        /// The time, as it was read back.
        #[serde(serialize_with = "revealed")]
        when: Redacted<String>,
    },
    /// A colleague has work to do.
    FollowUp {
        /// Action id of what the customer wanted.
        about: &'static str,
    },
    /// The caller wants a person.
    TransferRequested,
    /// The peer put us on hold, or took us off again.
    Held {
        /// The media direction now, as SDP writes ours.
        direction: &'static str,
    },
    /// A re-INVITE of the peer's changed codec or address.
    MediaChanged {
        /// The codec now, by its name in SDP.
        codec: &'static str,
    },
    /// No media for too long: the peer is asked whether the call is alive.
    MediaLost,
    /// The call is over; nothing is sent after this.
    Ended {
        /// Why.
        reason: EndReason,
        /// How the sound went, both ways.
        media: MediaSummary,
    },
}

/// A side of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The other side.
    Caller,
    /// Ours.
    Agent,
}

/// How sure an offence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// In words that may still change, or by the model alone.
    Suspected,
    /// In the words of the whole turn.
    Confirmed,
    /// The whole turn does not have it.
    Withdrawn,
    /// A sentence of the agent with a certain phrase: it is not said.
    Withheld,
}

/// How a customer feels in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Felt {
    /// By the words.
    pub words: Emotion,
    /// By the voice and by both, where the voice was heard.
    #[serde(flatten)]
    pub feeling: Option<Feeling>,
    /// What the agent acts on: two that agree, or two turns in a row.
    pub acted_on: Emotion,
}

impl Felt {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Figures of a call's RTP.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct MediaSummary {
    /// Packets sent.
    pub sent: u64,
    /// Packets received.
    pub received: u64,
    /// Packets that never came, by sequence numbers.
    pub lost: u64,
    /// Packets that came after their tick.
    pub late: u64,
    /// Packets from addresses that are not the other side's.
    pub strangers: u64,
    /// Jitter of what came, at the end (RFC 3550 §6.4.1), ms.
    pub jitter_ms: f64,
    /// From us to them and back, by their last RTCP report, ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtt_ms: Option<f64>,
    /// Packets of ours that never came, by their last RTCP report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_lost: Option<u32>,
    /// Jitter of ours as they saw it, ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_jitter_ms: Option<f64>,
}

impl From<rtp::Stats> for MediaSummary {
    fn from(stats: rtp::Stats) -> Self {
        let tenths = |ms: f64| (ms * 10.0).round() / 10.0;
        Self {
            sent: stats.sent,
            received: stats.received,
            lost: stats.lost,
            late: stats.late,
            strangers: stats.strangers,
            jitter_ms: tenths(stats.jitter_ms.into()),
            rtt_ms: stats.round_trip.map(|round_trip| tenths(round_trip.as_secs_f64() * 1_000.0)),
            remote_lost: stats.remote.map(|remote| remote.lost),
            remote_jitter_ms: stats.remote.map(|remote| tenths(remote.jitter_ms.into())),
        }
    }
}

/// Why a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The peer said BYE.
    PeerHungUp,
    /// The conversation came to its end.
    AgentHungUp,
    /// The peer took its INVITE back.
    Cancelled,
    /// The peer refused our INVITE, or did not answer.
    NotAnswered,
    /// The peer is gone: no ACK, or no media and no answer to OPTIONS.
    PeerGone,
    /// The call reached its maximum length.
    TooLong,
    /// The media could not be agreed on.
    NoCommonMedia,
    /// The node is shutting down.
    ShutDown,
}

fn revealed_values<S: Serializer>(
    values: &BTreeMap<String, Redacted<String>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(values.iter().map(|(name, value)| (name, value.reveal())))
}

fn revealed<S: Serializer>(text: &Redacted<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text.reveal())
}
