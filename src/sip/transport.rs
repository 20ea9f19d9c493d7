//! How messages travel: a transport, and a hop of one message. TLS and WebSocket will be further transports: reliable ones, each with its token. RFC 3261 §18.

use std::fmt;
use std::net::SocketAddr;

/// A transport protocol of SIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Transport {
    /// A datagram a message; lost ones are sent again by the transactions.
    #[default]
    Udp,
    /// A stream of messages; nothing is lost while the connection lasts.
    Tcp,
}

impl Transport {
    /// Whether the transport itself repeats what is lost, so that transactions need not. RFC 3261 §17.
    pub const fn is_reliable(self) -> bool {
        match self {
            Self::Udp => false,
            Self::Tcp => true,
        }
    }

    /// As in Via: `UDP`. RFC 3261 §20.42.
    pub const fn token(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        }
    }

    /// Reads a token of Via or of a `transport` parameter; `None` if we do not speak it.
    pub fn named(token: &str) -> Option<Self> {
        [Self::Udp, Self::Tcp].into_iter().find(|transport| transport.token().eq_ignore_ascii_case(token))
    }
}

/// One connection of this agent, counted from 1. Never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(u64);

impl StreamId {
    pub(super) fn counted(number: u64) -> Self {
        Self(number)
    }
}

/// The way a message came or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hop {
    pub transport: Transport,
    /// The other end.
    pub address: SocketAddr,
    /// The connection; once that is gone, or if there is none, another one to `address`.
    pub stream: Option<StreamId>,
}

impl Hop {
    /// A way not yet open.
    pub const fn to(transport: Transport, address: SocketAddr) -> Self {
        Self { transport, address, stream: None }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.token())
    }
}
