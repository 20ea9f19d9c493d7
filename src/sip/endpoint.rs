//! The transaction layer of the agent: it keeps the transactions and the schedule, makes tags and branches, and fills the
//! outbox. It knows nothing of calls.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::net::SocketAddr;
use std::time::Duration;

use super::agent::{AgentConfig, Counters};
use super::connections::{Connections, Opener};
use super::dialog::Dialog;
use super::digest::AUTHORIZATIONS;
use super::event::{DialogId, Event, Output};
use super::header::{Address, Via};
use super::lexer::DATAGRAM_BYTES_MAX;
use super::message::{KEY_TYPES, Request, Response, SDP_TYPE};
use super::schedule::Schedule;
use super::transaction::{AnsweredServer, ClientTransaction, InviteServer, MAGIC_COOKIE, Step, Told, TransactionKey};
use super::transport::{Hop, StreamId, Transport};
use super::uri::Uri;
use super::{Envelope, Method};
use crate::base::Instant;

/// What a request wants of us, besides ACK and CANCEL, which concern another request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Invite,
    Bye,
    Options,
    Info,
}

impl Asked {
    /// `None`: a method that we know and do not serve, which gets 405. RFC 3261 §8.2.1.
    pub const fn of(method: Method) -> Option<Self> {
        match method {
            Method::Invite => Some(Self::Invite),
            Method::Bye => Some(Self::Bye),
            Method::Options => Some(Self::Options),
            Method::Info => Some(Self::Info),
            Method::Ack
            | Method::Cancel
            | Method::Message
            | Method::Notify
            | Method::PRack
            | Method::Publish
            | Method::Refer
            | Method::Register
            | Method::Subscribe
            | Method::Update => None,
        }
    }
}

/// What we serve. RFC 3261 §20.5.
pub const ALLOW: &str = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO";
/// Server transactions for each dialog that may exist; beyond it requests are answered without one. Over UDP a call leaves
/// two of them behind for 32 s: this is room for one short call a second a dialog.
const SERVER_TRANSACTIONS_PER_DIALOG: usize = 64;
/// Times that a request is sent again with credentials: for the peer, for each proxy before it, for stale nonces.
const SIGNED_AGAIN_MAX: usize = 6;
/// Branches of a forked INVITE of ours that are acknowledged; further ones are ignored and time out by themselves.
const FORKS_MAX: usize = 8;

/// Who asked to be woken.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Owner {
    Client(TransactionKey),
    Invite(TransactionKey),
    Answered(TransactionKey),
    Dialog(DialogId),
    Stream(StreamId),
}

/// A request received, with the way back.
pub(super) struct Incoming {
    pub key: TransactionKey,
    pub request: Request,
    /// Where its answers go.
    pub hop: Hop,
}

/// Why we sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Dial,
    Reoffer(Attempt),
    Cancel,
    Bye,
    Probe,
    Info,
}

impl Purpose {
    const fn method(self) -> Method {
        match self {
            Self::Dial | Self::Reoffer(_) => Method::Invite,
            Self::Cancel => Method::Cancel,
            Self::Bye => Method::Bye,
            Self::Probe => Method::Options,
            Self::Info => Method::Info,
        }
    }
}

/// RFC 3261 §14.1: a re-INVITE that crossed with another is tried once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    First,
    Second,
}

/// A request of ours and what its answers need.
pub(super) struct Outgoing {
    pub transaction: ClientTransaction,
    pub dialog: DialogId,
    pub purpose: Purpose,
    /// For an INVITE: the dialog it was sent in.
    sent_in: Option<Box<Dialog>>,
    /// How often it was sent again with credentials.
    signed_again: usize,
    /// The ACK of each 2xx to it, by the tag of the 2xx.
    acks: Vec<(String, Hop, Vec<u8>)>,
}

/// An INVITE received.
pub(super) struct Received {
    pub server: InviteServer,
    pub dialog: DialogId,
    merge: MergeKey,
}

/// What two copies of a request have in common that a proxy forked to us twice. RFC 3261 §8.2.2.2.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct MergeKey {
    transport: Transport,
    call_id: String,
    from_tag: Option<String>,
    number: u32,
}

impl MergeKey {
    pub fn of(transport: Transport, envelope: &Envelope) -> Self {
        let from_tag = envelope.from.tag().map(str::to_owned);
        Self { transport, call_id: envelope.call_id.clone(), from_tag, number: envelope.cseq.number }
    }
}

/// See the module.
pub(super) struct Endpoint {
    pub config: AgentConfig,
    seed: u64,
    tokens: u64,
    pub schedule: Schedule<Owner>,
    pub clients: HashMap<TransactionKey, Outgoing>,
    pub invites: HashMap<TransactionKey, Received>,
    /// The INVITEs in `invites`, to recognise one that came by two ways.
    pub merges: HashMap<MergeKey, TransactionKey>,
    pub answered: HashMap<TransactionKey, AnsweredServer>,
    pub connections: Connections,
    /// Of the input that is being handled.
    pub now: Instant,
    /// Drained after each input, which adds a few entries for each transaction and dialog it touches.
    pub outbox: VecDeque<Output>,
    pub counters: Counters,
}

impl Endpoint {
    pub fn new(config: AgentConfig, seed: u64) -> Self {
        Self {
            config,
            seed,
            tokens: 0,
            schedule: Schedule::new(),
            clients: HashMap::new(),
            invites: HashMap::new(),
            merges: HashMap::new(),
            answered: HashMap::new(),
            connections: Connections::default(),
            now: Instant::default(),
            outbox: VecDeque::new(),
            counters: Counters::default(),
        }
    }

    /// 64 bits that nobody who does not know the seed can foresee.
    fn random(&mut self) -> u64 {
        self.tokens += 1;
        let mut hasher = DefaultHasher::new();
        (self.seed, "token", self.tokens).hash(&mut hasher);
        hasher.finish()
    }

    /// A key that nobody else has.
    pub fn key(&mut self) -> [u8; 16] {
        (u128::from(self.random()) << 64 | u128::from(self.random())).to_be_bytes()
    }

    /// A new tag, or part of a Call-ID.
    pub fn token(&mut self) -> String {
        format!("{:016x}", self.random())
    }

    /// The same tag for the same request, so that a repeated request is answered alike without memory. RFC 3261 §8.2.7.
    pub fn stateless_tag(&self, key: impl Hash) -> String {
        let mut hasher = DefaultHasher::new();
        (self.seed, "tag", key).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// Up to `steps` times 10 ms. RFC 3261 §14.1.
    pub fn random_tens_of_ms(&mut self, steps: u64) -> Duration {
        Duration::from_millis(10 * (self.random() % (steps + 1)))
    }

    /// Our hop, with a new branch.
    pub fn via(&mut self, transport: Transport) -> Via {
        Via::ours(transport, self.config.advertised, &format!("{MAGIC_COOKIE}{}", self.token()))
    }

    /// Where the peer reaches us within a dialog.
    pub fn contact(&self, transport: Transport) -> String {
        Address::new(&Uri::of(self.config.advertised).over(transport)).reveal()
    }

    pub fn tell(&mut self, event: Event) {
        self.outbox.push_back(Output::Event(event));
    }

    /// Hands a message to the outbox; one that is too long is counted and dropped.
    pub fn send(&mut self, hop: Hop, bytes: Vec<u8>) {
        if bytes.len() > DATAGRAM_BYTES_MAX {
            self.counters.unsendable += 1;
            return;
        }
        self.counters.sent += 1;
        let Hop { address: destination, stream, .. } = self.connected(hop);
        self.outbox.push_back(match stream {
            Some(stream) => Output::Bytes { stream, bytes },
            None => Output::Datagram { destination, bytes },
        });
    }

    /// The hop on a connection that is open, opened now if it must be; unchanged where there are none.
    pub fn connected(&mut self, hop: Hop) -> Hop {
        if !hop.transport.is_reliable() {
            return hop;
        }
        let stream = self.connections.find(&hop).unwrap_or_else(|| {
            let Hop { transport, address: destination, .. } = hop;
            let stream = self.connections.next_id();
            self.outbox.push_back(Output::Connect { stream, transport, destination });
            self.open_stream(stream, Opener::Us, transport, destination);
            stream
        });
        Hop { stream: Some(stream), ..hop }
    }

    /// Enters a new connection.
    pub fn open_stream(&mut self, stream: StreamId, opener: Opener, transport: Transport, peer: SocketAddr) {
        self.connections.insert(self.now, stream, opener, transport, peer);
        self.settle_stream(stream);
    }

    /// Notes the deadline of a connection, if it is still there.
    pub fn settle_stream(&mut self, stream: StreamId) {
        let deadline = self.connections.get_mut(stream).map(|connection| connection.deadline());
        self.schedule.set(&Owner::Stream(stream), deadline);
    }

    /// Sends a request of ours and follows it. An INVITE brings the dialog it is sent in.
    pub fn request(
        &mut self,
        now: Instant,
        request: Request,
        hop: Hop,
        dialog: DialogId,
        purpose: Purpose,
        sent_in: Option<&Dialog>,
    ) -> TransactionKey {
        let request = request.with("User-Agent", &*self.config.user_agent);
        self.follow(now, request, hop, dialog, purpose, sent_in)
    }

    fn follow(
        &mut self,
        now: Instant,
        request: Request,
        hop: Hop,
        dialog: DialogId,
        purpose: Purpose,
        sent_in: Option<&Dialog>,
    ) -> TransactionKey {
        let key = TransactionKey::client(request.envelope());
        let hop = self.connected(hop);
        self.send(hop, request.print());
        let transaction = ClientTransaction::start(now, request, hop);
        let sent_in = sent_in.cloned().map(Box::new);
        let (signed_again, acks) = (0, Vec::new());
        self.clients.insert(key.clone(), Outgoing { transaction, dialog, purpose, sent_in, signed_again, acks });
        self.settle_client(&key);
        key
    }

    /// Cancels our INVITE if a provisional answer allows it; the CANCEL's key.
    pub fn cancel(&mut self, now: Instant, invite: &TransactionKey) -> Option<TransactionKey> {
        let outgoing = self.clients.get(invite).filter(|outgoing| outgoing.transaction.can_be_cancelled())?;
        let (cancel, dialog) = (outgoing.transaction.cancel(), outgoing.dialog);
        let hop = outgoing.transaction.hop;
        Some(self.request(now, cancel, hop, dialog, Purpose::Cancel, None))
    }

    /// Nobody waits for our INVITE any more; a late 2xx will still be acknowledged and ended.
    pub fn abandon(&mut self, now: Instant, invite: &TransactionKey) {
        if let Some(outgoing) = self.clients.get_mut(invite) {
            outgoing.transaction.abandon(now);
            self.settle_client(invite);
        }
    }

    /// Acknowledges a 2xx to our INVITE. The dialog it confirms, if it is a new one.
    pub fn acknowledge(&mut self, invite: &TransactionKey, accept: &Response) -> Option<Dialog> {
        let via = self.via(self.clients.get(invite)?.transaction.hop.transport);
        let outgoing = self.clients.get_mut(invite)?;
        let tag = accept.envelope().to.tag().unwrap_or("");
        if let Some((_, hop, ack)) = outgoing.acks.iter().find(|(known, ..)| known == tag) {
            let (hop, ack) = (*hop, ack.clone());
            self.send(hop, ack);
            return None;
        }
        let sent_in = outgoing.sent_in.as_deref().filter(|_| outgoing.acks.len() < FORKS_MAX)?.clone();
        let dialog = match outgoing.purpose {
            Purpose::Dial => sent_in.confirmed_by(accept),
            Purpose::Reoffer(_) | Purpose::Cancel | Purpose::Bye | Purpose::Probe | Purpose::Info => sent_in,
        };
        let invite = outgoing.transaction.request();
        let signed = invite.headers().iter().filter(|(name, _)| AUTHORIZATIONS.contains(name)); // RFC 3261 §22.1
        let ack = dialog.ack(invite.envelope().cseq.number, via).with_all(signed);
        let (hop, ack) = (dialog.next_hop(), ack.print());
        outgoing.acks.push((tag.to_owned(), hop, ack.clone()));
        self.send(hop, ack);
        Some(dialog)
    }

    /// Sends a request other than INVITE within a dialog.
    pub fn request_within(
        &mut self,
        now: Instant,
        dialog: &mut Dialog,
        id: DialogId,
        purpose: Purpose,
        (content_type, body): (&str, Vec<u8>),
    ) -> TransactionKey {
        let hop = dialog.next_hop();
        let request = dialog.next_request(purpose.method(), self.via(hop.transport)).with_body(content_type, body);
        let request = dialog.challenges.sign(request, &self.token());
        self.request(now, request, hop, id, purpose, None)
    }

    /// A request of ours was challenged: sends it again with credentials, if we have any that it did not carry. RFC 3261
    /// §22.2.
    pub fn sign_again(
        &mut self,
        now: Instant,
        key: &TransactionKey,
        refusal: &Response,
        dialog: &mut Dialog,
    ) -> Option<TransactionKey> {
        let outgoing = self.clients.get(key).filter(|outgoing| outgoing.signed_again < SIGNED_AGAIN_MAX)?;
        let (request, hop) = (outgoing.transaction.request().clone(), outgoing.transaction.hop);
        let (id, purpose, times) = (outgoing.dialog, outgoing.purpose, outgoing.signed_again + 1);
        if !dialog.challenges.learn(refusal, &request, &self.config.credentials) {
            return None;
        }
        let request = request.again(self.via(hop.transport), dialog.next_number());
        let request = dialog.challenges.sign(request, &self.token());
        let sent_in = (purpose.method() == Method::Invite).then_some(&*dialog);
        let key = self.follow(now, request, hop, id, purpose, sent_in);
        if let Some(outgoing) = self.clients.get_mut(&key) {
            outgoing.signed_again = times;
        }
        Some(key)
    }

    /// Ends `dialog` on the wire.
    pub fn bye(&mut self, now: Instant, dialog: &mut Dialog, id: DialogId) -> TransactionKey {
        self.request_within(now, dialog, id, Purpose::Bye, ("", Vec::new()))
    }

    /// A response with what ours carry: the way back to us, what we can do, what we accept. RFC 3261 §11.2, §12.1.1,
    /// §21.4.6, §21.4.13.
    pub fn response(&self, incoming: &Incoming, status: u16, tag: &str) -> Response {
        let request = &incoming.request;
        let (invite, options) = (request.method() == Method::Invite, request.method() == Method::Options);
        let opens = invite && (101..300).contains(&status);
        let describes = status == 405 || ((200..300).contains(&status) && (invite || options));
        let accepts = status == 415 || (status == 200 && options);
        let contact = self.contact(incoming.hop.transport);
        let response = Response::answering(request, status, tag).with("Server", &*self.config.user_agent);
        [
            (opens, "Contact", &*contact),
            (describes, "Allow", ALLOW),
            (describes, "Supported", ""),
            (accepts, "Accept", if request.method() == Method::Info { KEY_TYPES } else { SDP_TYPE }),
            (accepts, "Accept-Encoding", "identity"),
        ]
        .into_iter()
        .filter(|(wanted, ..)| *wanted)
        .fold(response, |response, (_, name, value)| response.with(name, value))
    }

    /// Begins to follow an INVITE: 100 goes out at once. RFC 3261 §17.2.1.
    pub fn open(&mut self, incoming: &Incoming, dialog: DialogId) {
        let trying = Response::answering(&incoming.request, 100, "").print();
        self.send(incoming.hop, trying.clone());
        let merge = MergeKey::of(incoming.hop.transport, incoming.request.envelope());
        self.merges.insert(merge.clone(), incoming.key.clone());
        let server = InviteServer::start(incoming.hop, trying);
        self.invites.insert(incoming.key.clone(), Received { server, dialog, merge });
    }

    /// Answers within a transaction, which repeats the answer as the RFC says. Returns what was sent.
    pub fn answer(&mut self, now: Instant, incoming: &Incoming, response: &Response) -> Vec<u8> {
        let bytes = response.print();
        let Incoming { key, hop, .. } = incoming;
        if let Some(received) = self.invites.get_mut(key) {
            received.server.answer(now, response.status(), &bytes);
            self.settle_invite(key);
        } else if !hop.transport.is_reliable() && !self.is_full() {
            let answered = AnsweredServer::start(now, *hop, bytes.clone());
            self.schedule.set(&Owner::Answered(key.clone()), Some(answered.deadline()));
            self.answered.insert(key.clone(), answered);
        }
        self.send(*hop, bytes.clone());
        bytes
    }

    /// Answers within a transaction with a bare status.
    pub fn answer_status(&mut self, now: Instant, incoming: &Incoming, status: u16, tag: &str) {
        let response = self.response(incoming, status, tag);
        self.answer(now, incoming, &response);
    }

    /// Answers and forgets: the same request will get the same answer. RFC 3261 §8.2.7.
    pub fn answer_stateless(&mut self, incoming: &Incoming, status: u16, extra: &[(&str, &str)]) {
        self.counters.refused += u64::from(status >= 300);
        let tag = self.stateless_tag(&incoming.key);
        let response = self.response(incoming, status, &tag);
        let response = response.with_all(extra.iter().copied());
        self.send(incoming.hop, response.print());
    }

    /// Whether an INVITE that came on this connection is not answered yet.
    pub fn owes_answer(&self, stream: StreamId) -> bool {
        let owed = |received: &Received| received.server.hop.stream == Some(stream) && received.server.is_proceeding();
        self.invites.values().any(owed)
    }

    /// Answers a request that came again, if it did.
    pub fn repeat(&mut self, incoming: &Incoming) -> bool {
        let answer = match (self.invites.get(&incoming.key), self.answered.get(&incoming.key)) {
            (Some(Received { server, .. }), _) => server.on_repetition().map(|bytes| (server.hop, bytes)),
            (None, Some(answered)) => Some((answered.hop, answered.answer.clone())),
            (None, None) => return false,
        };
        if let Some((hop, bytes)) = answer {
            self.send(hop, bytes);
        }
        true
    }

    /// No room for another server transaction.
    pub fn is_full(&self) -> bool {
        self.invites.len() + self.answered.len() >= self.config.dialogs_max * SERVER_TRANSACTIONS_PER_DIALOG
    }

    /// Takes a step of a client transaction, sends what it wants sent, and says what its user learns.
    pub fn step(&mut self, key: &TransactionKey, step: impl FnOnce(&mut ClientTransaction) -> Step) -> Told {
        let Some(outgoing) = self.clients.get_mut(key) else { return Told::Nothing };
        let (bytes, told) = step(&mut outgoing.transaction);
        let hop = outgoing.transaction.hop;
        if let Some(bytes) = bytes {
            self.send(hop, bytes);
        }
        told
    }

    /// Drops a client transaction that is over, else notes its deadline.
    pub fn settle_client(&mut self, key: &TransactionKey) {
        let over = self.clients.get(key).is_none_or(|outgoing| outgoing.transaction.is_over());
        if over {
            self.clients.remove(key);
        }
        let deadline = self.clients.get(key).and_then(|outgoing| outgoing.transaction.deadline());
        self.schedule.set(&Owner::Client(key.clone()), deadline);
    }

    /// Drops an INVITE received that is over, else notes its deadline.
    pub fn settle_invite(&mut self, key: &TransactionKey) {
        let deadline = match self.invites.get(key) {
            Some(received) if received.server.is_over() => {
                self.merges.remove(&received.merge);
                self.invites.remove(key);
                None
            }
            Some(received) => received.server.deadline(),
            None => None,
        };
        self.schedule.set(&Owner::Invite(key.clone()), deadline);
    }
}
