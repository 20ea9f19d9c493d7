//! What goes into an agent and what comes out of it: datagrams, streams, commands, ticks; datagrams, streams, events.

use std::net::SocketAddr;

use super::extra::ExtraHeaders;
use super::header::Address;
use super::transport::{StreamId, Transport};
use super::uri::Uri;
use crate::base::Redacted;

/// One dialog of this agent, counted from 1. Never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DialogId(u64);

impl DialogId {
    pub(super) fn counted(number: u64) -> Self {
        Self(number)
    }
}

/// What happens to the agent.
pub enum Input<'a> {
    /// A datagram arrived.
    Datagram {
        /// From there.
        source: SocketAddr,
        /// All of it.
        bytes: &'a [u8],
    },
    /// A peer connected.
    Accepted {
        /// From [`super::Agent::next_stream_id`].
        stream: StreamId,
        /// Over which the messages come.
        transport: Transport,
        /// The peer's end.
        source: SocketAddr,
    },
    /// A connection brought bytes, cut anywhere.
    Bytes {
        /// Which.
        stream: StreamId,
        /// In order.
        bytes: &'a [u8],
    },
    /// A connection is gone, or could not be made.
    Closed {
        /// Which.
        stream: StreamId,
    },
    /// The caller wants something.
    Command(Command),
    /// Time passed: what is due happens.
    Tick,
}

/// What the caller wants of a dialog. A command that comes too late has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Invites a peer.
    Dial {
        /// From [`super::Agent::next_dialog_id`].
        dialog: DialogId,
        /// Who: the request URI and To.
        target: Uri,
        /// Where the INVITE goes, over the transport that the target names.
        destination: SocketAddr,
        /// The user part of From; may be empty.
        caller: Redacted<String>,
        /// Carried by the INVITE.
        headers: ExtraHeaders,
        /// SDP; empty for an INVITE without an offer.
        offer: Vec<u8>,
    },
    /// Answers an INVITE with 180.
    Ring {
        /// Which.
        dialog: DialogId,
    },
    /// Answers an INVITE or re-INVITE with 200.
    Answer {
        /// Which.
        dialog: DialogId,
        /// Our answer, or our offer if theirs came without.
        sdp: Vec<u8>,
        /// Carried by the 200.
        headers: ExtraHeaders,
    },
    /// Answers an INVITE or re-INVITE with a refusal.
    Reject {
        /// Which.
        dialog: DialogId,
        /// 300 to 699.
        status: u16,
    },
    /// Ends the call in whatever phase: BYE, CANCEL, or 480 to an INVITE not yet answered.
    HangUp {
        /// Which.
        dialog: DialogId,
    },
    /// Asks by OPTIONS whether the peer still knows the call.
    Probe {
        /// Which.
        dialog: DialogId,
    },
    /// Sends INFO within an established call, such as a key as `application/dtmf-relay`; what is answered is not told.
    Info {
        /// Which.
        dialog: DialogId,
        /// Of the body.
        content_type: &'static str,
        /// Keys may be anything, a card's number too.
        body: Redacted<Vec<u8>>,
    },
    /// Offers another session by re-INVITE. Its success is `Answered`; a refusal leaves the session as it is.
    Reoffer {
        /// Which.
        dialog: DialogId,
        /// Our new offer.
        sdp: Vec<u8>,
    },
}

/// What the agent wants done or known. A message's bytes hold people and numbers, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum Output {
    /// Send this.
    Datagram {
        /// There.
        destination: SocketAddr,
        /// All of it.
        bytes: Vec<u8>,
    },
    /// Open a connection; bytes for it may follow at once. If it fails: [`Input::Closed`].
    Connect {
        /// Its name from now on.
        stream: StreamId,
        /// Over which.
        transport: Transport,
        /// There.
        destination: SocketAddr,
    },
    /// Send this on a connection.
    Bytes {
        /// Which.
        stream: StreamId,
        /// In order.
        bytes: Vec<u8>,
    },
    /// Close a connection when all its bytes are sent. It needs no [`Input::Closed`].
    Close {
        /// Which.
        stream: StreamId,
    },
    /// Know this.
    Event(Event),
}

/// What happened to a dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A peer calls; answer by `Ring`, `Answer`, `Reject` or `HangUp`.
    Invited(Box<Invited>),
    /// A re-INVITE: answer by `Answer` or `Reject`.
    Reoffered {
        /// Which.
        dialog: DialogId,
        /// Its SDP.
        offer: Option<Vec<u8>>,
    },
    /// The ACK of our 200 arrived.
    Confirmed {
        /// Which.
        dialog: DialogId,
        /// The peer's SDP, when our 200 carried the offer.
        answer: Option<Vec<u8>>,
    },
    /// The peer rings (any of 101 to 199).
    Ringing {
        /// Which.
        dialog: DialogId,
        /// Early media.
        sdp: Option<Vec<u8>>,
    },
    /// The peer accepted our INVITE or re-INVITE; the ACK is sent.
    Answered {
        /// Which.
        dialog: DialogId,
        /// Its SDP.
        sdp: Option<Vec<u8>>,
    },
    /// INFO with a key: `application/dtmf-relay` (`Signal=5\r\nDuration=160`) or `application/dtmf` (`5`); answered 200.
    /// Other types get 415.
    Info {
        /// Which.
        dialog: DialogId,
        /// Without parameters, in lower case.
        content_type: String,
        /// Keys may be anything, a card's number too.
        body: Redacted<Vec<u8>>,
    },
    /// What became of a `Probe`. After 408 (also: no answer at all) and 481 `Ended` follows.
    ProbeAnswered {
        /// Which.
        dialog: DialogId,
        /// Of the final answer.
        status: u16,
    },
    /// The call is over; exactly once a dialog, and the last of its events.
    Ended {
        /// Which.
        dialog: DialogId,
        /// Why.
        reason: EndReason,
    },
}

impl Event {
    /// The dialog it happened to.
    pub fn dialog(&self) -> DialogId {
        match self {
            Self::Invited(invited) => invited.dialog,
            Self::Reoffered { dialog, .. }
            | Self::Confirmed { dialog, .. }
            | Self::Ringing { dialog, .. }
            | Self::Answered { dialog, .. }
            | Self::Info { dialog, .. }
            | Self::ProbeAnswered { dialog, .. }
            | Self::Ended { dialog, .. } => *dialog,
        }
    }
}

/// A call that comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    /// New.
    pub dialog: DialogId,
    /// The peer's Call-ID.
    pub call_id: String,
    /// Whom it wants.
    pub request_uri: Uri,
    /// Who it says it is; [`Address::user`] is the number.
    pub from: Address,
    /// Whom it says it called: often the number dialled, where the request URI is already a route to us.
    pub to: Address,
    /// Where it came from.
    pub source: SocketAddr,
    /// How it came.
    pub transport: Transport,
    /// What else it carries for the application.
    pub headers: ExtraHeaders,
    /// Its SDP.
    pub offer: Option<Vec<u8>>,
}

/// Why a call is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndReason {
    /// The peer sent BYE.
    PeerHungUp,
    /// The peer sent CANCEL.
    Cancelled,
    /// The first INVITE was refused with this status, by the peer or by `Command::Reject`.
    Rejected(u16),
    /// The ring limit passed.
    NoAnswer,
    /// The ACK of our 200 never came. RFC 3261 §13.3.1.4.
    NoAck,
    /// `Command::HangUp`.
    WeHungUp,
    /// The peer or the path is lost: 408 nothing answered, 481 the peer forgot the call, 503 too many dialogs here.
    Failed(u16),
    /// Our INVITE or answer does not fit a datagram, no connection to the peer could be made, or the
    /// target names a transport that we do not speak.
    TransportError,
}
