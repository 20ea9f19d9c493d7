//! The connections of an agent: which are open, to whom, what they are in the middle of. Accepted ones are bounded, in
//! all and a source; ours by the transactions that need them. It knows no socket: the shell opens and closes what it is told.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::schedule::{Deadline, PATIENCE, Timer};
use super::stream::{Framed, Framer};
use super::transport::{Hop, StreamId, Transport};
use crate::base::Instant;

/// Accepted connections at once; one more is closed.
pub const STREAMS_MAX: usize = 1024;
/// Accepted connections of one source address at once; one more is closed.
pub const STREAMS_PER_SOURCE_MAX: usize = 256;
/// A connection that no call needs is closed after this long without a message. RFC 5626 §4.4.1: keep-alives come about
/// every two minutes.
pub const STREAM_IDLE_MAX: Duration = Duration::from_secs(600);
/// From the first byte of a message to its last; and from a fault to the close, where an INVITE still wants its answer.
pub const MESSAGE_WAIT_MAX: Duration = PATIENCE;

/// Who opened a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opener {
    Us,
    Peer,
}

/// One open connection.
pub(super) struct Connection {
    pub transport: Transport,
    pub peer: SocketAddr,
    framer: Framer,
    opener: Opener,
    used_at: Instant,
    /// Since when a message is under way.
    amid_since: Option<Instant>,
}

impl Connection {
    pub fn hop(&self, stream: StreamId) -> Hop {
        Hop { transport: self.transport, address: self.peer, stream: Some(stream) }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.framer.push(bytes);
    }

    /// The next that the peer sent whole.
    pub fn next(&mut self) -> Option<Framed> {
        let framed = self.framer.next()?;
        self.amid_since = None;
        Some(framed)
    }

    /// Something was read; a message that was under way stays so until it is whole.
    pub fn touch(&mut self, now: Instant) {
        self.used_at = now;
        self.amid_since = self.amid_since.or(Some(now)).filter(|_| self.framer.is_amid());
    }

    pub fn deadline(&self) -> Deadline {
        let idle = (self.used_at + STREAM_IDLE_MAX, Timer::StreamIdle);
        self.amid_since.map_or(idle, |since| (since + MESSAGE_WAIT_MAX, Timer::StreamUnfinished))
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Connections {
    open: HashMap<StreamId, Connection>,
    by_peer: HashMap<(Transport, SocketAddr), StreamId>,
    made: u64,
}

impl Connections {
    pub fn next_id(&mut self) -> StreamId {
        self.made += 1;
        StreamId::counted(self.made)
    }

    pub fn len(&self) -> usize {
        self.open.len()
    }

    pub fn get_mut(&mut self, stream: StreamId) -> Option<&mut Connection> {
        self.open.get_mut(&stream)
    }

    /// Whether one more of `source` may be accepted.
    pub fn admits(&self, source: IpAddr) -> bool {
        let accepted = || self.open.values().filter(|connection| connection.opener == Opener::Peer);
        let theirs = accepted().filter(|connection| connection.peer.ip() == source);
        accepted().count() < STREAMS_MAX && theirs.count() < STREAMS_PER_SOURCE_MAX
    }

    pub fn insert(&mut self, now: Instant, stream: StreamId, opener: Opener, transport: Transport, peer: SocketAddr) {
        let (framer, used_at) = (Framer::default(), now);
        self.open.insert(stream, Connection { transport, peer, framer, opener, used_at, amid_since: None });
        self.by_peer.insert((transport, peer), stream);
    }

    /// The open connection of a hop: its own, or else another one to the same peer.
    pub fn find(&self, hop: &Hop) -> Option<StreamId> {
        let own = hop.stream.filter(|stream| self.open.contains_key(stream));
        own.or_else(|| self.by_peer.get(&(hop.transport, hop.address)).copied())
    }

    pub fn remove(&mut self, stream: StreamId) -> Option<Connection> {
        let connection = self.open.remove(&stream)?;
        let peer = (connection.transport, connection.peer);
        if self.by_peer.get(&peer) == Some(&stream) {
            self.by_peer.remove(&peer);
        }
        Some(connection)
    }
}
