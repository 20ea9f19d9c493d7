//! SDP offer/answer (RFC 8866, RFC 3264) for telephone calls: PCMU, PCMA and telephone-event at 8 kHz over plain RTP.
//! A body in (at most 16 KiB), our answer and the agreed [`Media`] out. Syntax by `rtc-sdp`, behind `read`, which
//! forgives what peers leave out.

mod negotiate;
mod read;

use std::net::{IpAddr, SocketAddr};

use crate::audio::Law;

pub use negotiate::{accept, answer, offer};

/// Our end of the media, for offers and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// Where we receive RTP.
    pub address: IpAddr,
    /// The UDP port of RTP; RTCP is one above it unless both sides say `rtcp-mux`.
    pub rtp_port: u16,
    /// `o=` session id: one for a call.
    pub session_id: u64,
    /// `o=` session version: one more in each description that differs from the last (RFC 3264 §8).
    pub version: u64,
}

/// What both sides agreed on, seen from us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Media {
    /// Where they receive RTP. The address is unspecified (0.0.0.0 or ::) in an old-style hold.
    pub remote: SocketAddr,
    /// Where they receive RTCP: the next port, `a=rtcp` (RFC 3605), or the RTP port with `rtcp-mux` (RFC 5761).
    pub remote_rtcp: SocketAddr,
    /// The codec, in both directions.
    pub law: Law,
    /// Its RTP payload type.
    pub payload_type: u8,
    /// The payload type of key presses (RFC 4733), if they have them.
    pub dtmf_payload_type: Option<u8>,
    /// Which way sound goes.
    pub direction: Direction,
    /// Packet time they ask for, ms. We send 20 ms whatever it says: every receiver must take up to 200 (RFC 3551 §4.2).
    pub ptime_ms: u16,
}

/// Which way sound goes, seen from us (RFC 3264 §5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    SendRecv,
    /// We speak only.
    SendOnly,
    /// We listen only: they hold us, or play music to us.
    RecvOnly,
    /// Silence.
    Inactive,
}

impl Media {
    /// Whether RTP and RTCP share one port at both ends (RFC 5761).
    pub fn is_muxed(&self) -> bool {
        self.remote_rtcp == self.remote
    }
}

impl Direction {
    /// Whether we send sound.
    pub const fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Whether we expect sound.
    pub const fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    /// The same from the other side.
    pub const fn reversed(self) -> Self {
        match self {
            Self::SendOnly => Self::RecvOnly,
            Self::RecvOnly => Self::SendOnly,
            Self::SendRecv | Self::Inactive => self,
        }
    }

    /// The SDP attribute.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }
}

/// Why a description is of no use. All but [`SdpError::TooLong`] and [`SdpError::Syntax`] mean 488 Not Acceptable Here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// More than 16 KiB.
    #[error("SDP of {bytes} bytes, at most {} are read", read::BYTES_MAX)]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not SDP.
    #[error("SDP syntax: {why}")]
    Syntax {
        /// What the parser said.
        why: String,
    },
    /// No audio stream that is switched on.
    #[error("SDP without audio")]
    NoAudio,
    /// Every audio stream wants SRTP, or another transport that we have not.
    #[error("SDP offers audio only over {transport}")]
    Transport {
        /// The `m=` line's protocol, such as `RTP/SAVP`.
        transport: String,
    },
    /// Neither PCMU nor PCMA.
    #[error("SDP offers only codecs {formats}")]
    NoCodec {
        /// The `m=` line's payload types.
        formats: String,
    },
    /// No address to send to: missing, a name, or a group.
    #[error("SDP without a usable address: {address}")]
    NoAddress {
        /// What stood there.
        address: String,
    },
}
