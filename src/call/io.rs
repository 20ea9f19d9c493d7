//! What goes into a call and what comes out of it.

use std::net::SocketAddr;

use crate::audio::Utterance16k;
use crate::base::TurnId;
use crate::compliance::Suspicion;
use crate::hearing::Manner;
use crate::sip;
use crate::speech::Speech;
use crate::understanding::LastAct;

use super::event::Happened;
use super::reply::ReplyId;
use super::turn::{Attempt, Understood};

/// One packet, by value: no allocation on the 20 ms path. Full: longer packets are never made.
#[derive(Debug, Clone, Copy)]
pub struct Packet {
    bytes: [u8; Self::BYTES_MAX],
    len: usize,
}

impl Packet {
    /// RTP header, 20 ms of G.711, room for RTCP.
    pub const BYTES_MAX: usize = 320;

    pub(super) fn new(from: &[u8]) -> Self {
        let len = from.len().min(Self::BYTES_MAX);
        let mut bytes = [0; Self::BYTES_MAX];
        bytes[..len].copy_from_slice(&from[..len]);
        Self { bytes, len }
    }

    /// What goes on the wire.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Our two ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// RTP, and RTCP too where both sides said `rtcp-mux`.
    Rtp,
    /// RTCP.
    Rtcp,
}

/// What reaches a call.
pub enum Input<'a> {
    /// From the SIP agent, for this call's dialog.
    Sip(sip::Event),
    /// From the RTP or RTCP socket.
    Packet {
        /// From there.
        source: SocketAddr,
        /// All of it.
        bytes: &'a [u8],
    },
    /// The workers' answer to [`Output::Transcribe`].
    Heard {
        /// As asked.
        turn: TurnId,
        /// As asked.
        attempt: Attempt,
        /// What it is, or what the engine said.
        result: Result<Understood, String>,
    },
    /// The workers' answer to [`Output::Synthesize`].
    Rendered {
        /// As asked.
        reply: ReplyId,
        /// As asked.
        index: usize,
        /// The sound, or what the engine said.
        result: Result<Speech, String>,
    },
    /// The workers' answer to [`Output::Review`], if there is one.
    Reviewed {
        /// As asked.
        reply: ReplyId,
        /// As asked.
        index: usize,
        /// What the model suspects in the sentence.
        suspicion: Option<Suspicion>,
    },
    /// Press this key on the other side's line: 0 to 9, `*`, `#`, A to D.
    Press(char),
    /// The deadline has come.
    Tick,
    /// The node shuts down: end the call in an orderly way.
    ShutDown,
}

/// How soon an answer is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// The caller may go on.
    Speculative,
    /// The turn is over and the caller waits.
    Final,
}

/// What a call wants done.
#[derive(Debug)]
pub enum Output {
    /// For the SIP agent.
    Sip(sip::Command),
    /// RTP or RTCP.
    Packet {
        /// From there.
        from: Port,
        /// There.
        destination: SocketAddr,
        /// What.
        packet: Packet,
    },
    /// For the recogniser and the text model.
    Transcribe {
        /// The turn being heard.
        turn: TurnId,
        /// To be brought back.
        attempt: Attempt,
        /// How soon.
        urgency: Urgency,
        /// What was said so far.
        audio: Utterance16k,
        /// What the agent did before it.
        last_act: LastAct,
        /// How it is spoken, against the turns before; none if there is too little voice to tell.
        manner: Option<Manner>,
    },
    /// For the synthesiser or its cache.
    Synthesize {
        /// To be brought back.
        reply: ReplyId,
        /// Which sentence of the reply; to be brought back.
        index: usize,
        /// The sentence.
        text: String,
    },
    /// For the text model: may it be said? Nothing waits for the answer.
    Review {
        /// To be brought back.
        reply: ReplyId,
        /// Which sentence of the reply; to be brought back.
        index: usize,
        /// The sentence.
        text: String,
    },
    /// For trace, store, metrics, console.
    Event(Happened),
    /// Nothing more will come: the driver can end.
    Finished,
}

/// Why the call wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// The next 20 ms frame.
    Frame,
}
