//! The SIP user agent: datagrams, bytes of streams, commands and ticks in; datagrams, bytes and events out. It owns transactions and dialogs and
//! decides, for each message, whose it is. RFC 3261 §8, §9, §12, §15.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::Method;
use super::admission::{Admission, Doorkeeper};
use super::connections::{Connection, Opener};
use super::dialog::Dialog;
use super::digest::{Algorithm, Credentials};
use super::endpoint::{ALLOW, Asked, Endpoint, Incoming, MergeKey, Outgoing, Owner, Purpose};
use super::event::{Command, DialogId, EndReason, Event, Input, Output};
use super::header::Address;
use super::lexer::{Lexed, Silence, lex, lex_fault};
use super::message::{Refusal, Request, Response, SDP_TYPE};
use super::schedule::{Deadline, Timer};
use super::stream::{Framed, PONG};
use super::transaction::{ClientTransaction, Told, TransactionKey};
use super::transport::{Hop, StreamId, Transport};
use super::uri::{Host, Uri};
use super::usage::{Invitation, Outcome, Usage};
use crate::base::{Instant, Now};

/// What an agent is told once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentConfig {
    /// The address peers see in our Via and Contact.
    pub advertised: SocketAddr,
    /// The value of User-Agent and Server.
    pub user_agent: String,
    /// How long an INVITE, ours or theirs, may wait for its final answer.
    pub ring_limit: Duration,
    /// Dialogs at once; beyond it an INVITE gets 503 without Retry-After.
    pub dialogs_max: usize,
    /// With which we answer challenges.
    pub credentials: Vec<Credentials>,
    /// Who may call us: an INVITE must prove to be of one of them. Empty: nobody is asked. Their realm is the next field.
    pub users: Vec<Credentials>,
    /// What our challenges say we are.
    pub realm: String,
    /// What they offer, in this order.
    ///
    /// MD5 first: sipp and others look at the first challenge only and know nothing else; who knows SHA-256 may choose it,
    /// as we do, though RFC 8760 §2.4 would have the better one first. baresip 1.0 fails at any SHA-256: offer MD5 alone.
    pub algorithms: Vec<Algorithm>,
}

impl AgentConfig {
    /// The defaults at an address: 60 s of ringing, 2048 dialogs, no secrets.
    pub fn new(advertised: SocketAddr) -> Self {
        let user_agent = concat!("Callwright/", env!("CARGO_PKG_VERSION")).to_owned();
        Self {
            advertised,
            user_agent,
            ring_limit: Duration::from_secs(60),
            dialogs_max: 2048,
            credentials: Vec::new(),
            users: Vec::new(),
            realm: "callwright".to_owned(),
            algorithms: vec![Algorithm::Md5, Algorithm::Sha256],
        }
    }
}

/// What the agent counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// Messages handed out.
    pub sent: u64,
    /// Messages of ours too long, dropped.
    pub unsendable: u64,
    /// Datagrams, and messages and pings of streams, that arrived.
    pub received: u64,
    /// Of those: empty lines that keep a binding or a connection open.
    pub keep_alives: u64,
    /// Of those: not SIP at all (STUN, noise), dropped.
    pub not_sip: u64,
    /// Of those: too broken to be answered, dropped.
    pub malformed: u64,
    /// Of those: requests refused before they reached a call: broken, unsupported, unknown, too many.
    pub refused: u64,
    /// Of those: responses and ACKs that belong to nothing, dropped.
    pub stray: u64,
    /// INVITEs that were asked who they are.
    pub challenged: u64,
    /// INVITEs refused with 503 because there are too many dialogs.
    pub overloaded: u64,
    /// Connections refused because there are too many.
    pub streams_refused: u64,
    /// Connections now.
    pub streams: usize,
    /// Transactions now.
    pub transactions: usize,
    /// Dialogs now.
    pub dialogs: usize,
}

/// A SIP user agent, client and server. After each [`Agent::handle`], drain [`Agent::poll`].
pub struct Agent {
    endpoint: Endpoint,
    usages: HashMap<DialogId, Usage>,
    /// Our tags are unique, so one of them finds its dialog.
    by_local_tag: HashMap<String, DialogId>,
    dialogs_made: u64,
    doorkeeper: Doorkeeper,
    /// Connections that can tell us nothing more: closed once the INVITEs that came before the fault are answered.
    faulty: Vec<StreamId>,
}

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent").field("counters", self.counters()).finish_non_exhaustive()
    }
}

impl Agent {
    /// An agent without calls. `seed` makes tags, branches and Call-IDs: in production it comes from the operating system's
    /// randomness, or strangers could guess them.
    pub fn new(config: AgentConfig, seed: u64) -> Self {
        let AgentConfig { realm, users, algorithms, .. } = config.clone();
        let mut endpoint = Endpoint::new(config, seed);
        let doorkeeper = Doorkeeper::new(realm, users, algorithms, endpoint.key());
        Self {
            endpoint,
            usages: HashMap::new(),
            by_local_tag: HashMap::new(),
            dialogs_made: 0,
            doorkeeper,
            faulty: Vec::new(),
        }
    }

    /// A name for the dialog that [`Command::Dial`] will make.
    pub fn next_dialog_id(&mut self) -> DialogId {
        self.dialogs_made += 1;
        DialogId::counted(self.dialogs_made)
    }

    /// A name for a connection that a peer made, for [`Input::Accepted`].
    pub fn next_stream_id(&mut self) -> StreamId {
        self.endpoint.connections.next_id()
    }

    /// Takes one input.
    pub fn handle(&mut self, now: Now, input: Input<'_>) {
        self.endpoint.now = now.instant;
        match input {
            Input::Datagram { source, bytes } => {
                self.on_message(now.instant, Hop::to(Transport::Udp, source), lex(bytes));
            }
            Input::Accepted { stream, transport, source } => self.on_accepted(stream, transport, source),
            Input::Bytes { stream, bytes } => self.on_bytes(now.instant, stream, bytes),
            Input::Closed { stream } => self.forget_stream(now.instant, stream),
            Input::Command(command) => self.on_command(now.instant, command),
            Input::Tick => self.on_tick(now.instant),
        }
        self.close_faulty(now.instant);
        let Endpoint { clients, invites, answered, connections, counters, .. } = &mut self.endpoint;
        counters.transactions = clients.len() + invites.len() + answered.len();
        counters.dialogs = self.usages.len();
        counters.streams = connections.len();
    }

    /// The next output, in order.
    pub fn poll(&mut self) -> Option<Output> {
        self.endpoint.outbox.pop_front()
    }

    /// When `Input::Tick` is next due, and why.
    pub fn deadline(&self) -> Option<(Instant, Timer)> {
        self.endpoint.schedule.next()
    }

    /// The Call-ID of a dialog that there is, a `Dial` of ours included once it was handled.
    pub fn call_id(&self, dialog: DialogId) -> Option<&str> {
        self.usages.get(&dialog).map(|usage| usage.dialog.call_id.as_str())
    }

    /// What was counted since the start, and what there is now.
    pub fn counters(&self) -> &Counters {
        &self.endpoint.counters
    }

    fn on_tick(&mut self, now: Instant) {
        while let Some((owner, timer)) = self.endpoint.schedule.pop_due(now) {
            match owner {
                Owner::Client(key) => {
                    let told = self.endpoint.step(&key, |transaction| transaction.on_timer(now));
                    self.on_client_step(now, &key, told, Outcome::TimedOut);
                }
                Owner::Invite(key) => {
                    let received = self.endpoint.invites.get_mut(&key);
                    let again = received.and_then(|r| Some((r.server.hop, r.server.on_timer(now)?)));
                    if let Some((hop, bytes)) = again {
                        self.endpoint.send(hop, bytes);
                    }
                    self.endpoint.settle_invite(&key);
                }
                Owner::Answered(key) => {
                    self.endpoint.answered.remove(&key);
                }
                Owner::Dialog(id) => self.with_usage(id, |usage, endpoint| usage.on_timer(now, endpoint, timer)),
                Owner::Stream(stream) => self.on_stream_timer(now, stream, timer),
            }
        }
    }

    fn on_command(&mut self, now: Instant, command: Command) {
        match command {
            Command::Dial { dialog, target, destination, caller, headers, offer } => {
                self.dial(now, dialog, (target, destination), caller.reveal(), Invitation { sdp: offer, headers });
            }
            Command::Ring { dialog } => self.with_usage(dialog, |usage, endpoint| usage.ring(now, endpoint)),
            Command::Answer { dialog, sdp, headers } => {
                self.with_usage(dialog, |usage, endpoint| usage.accept(now, endpoint, sdp, &headers));
            }
            Command::Reject { dialog, status } => {
                self.with_usage(dialog, |usage, endpoint| usage.reject(now, endpoint, status));
            }
            Command::HangUp { dialog } => self.with_usage(dialog, |usage, endpoint| usage.hang_up(now, endpoint)),
            Command::Probe { dialog } => self.with_usage(dialog, |usage, endpoint| usage.probe(now, endpoint)),
            Command::Info { dialog, content_type, body } => {
                self.with_usage(dialog, |usage, endpoint| usage.info(now, endpoint, content_type, body));
            }
            Command::Reoffer { dialog, sdp } => {
                self.with_usage(dialog, |usage, endpoint| usage.reoffer(now, endpoint, sdp));
            }
        }
    }

    fn dial(
        &mut self,
        now: Instant,
        id: DialogId,
        (target, destination): (Uri, SocketAddr),
        caller: &str,
        invitation: Invitation,
    ) {
        if self.usages.contains_key(&id) {
            return;
        }
        let endpoint = &mut self.endpoint;
        if self.usages.len() >= endpoint.config.dialogs_max {
            return endpoint.tell(Event::Ended { dialog: id, reason: EndReason::Failed(503) });
        }
        let unspoken = target.params().get("transport").is_some() && target.transport().is_none();
        if unspoken {
            return endpoint.tell(Event::Ended { dialog: id, reason: EndReason::TransportError }); // such as TLS
        }
        let advertised = endpoint.config.advertised;
        let ours = Uri::new(caller, Host::Ip(advertised.ip()), Some(advertised.port()));
        let local = Address::new(&ours).with_tag(&endpoint.token());
        let call_id = endpoint.token() + &endpoint.token();
        let destination = Hop::to(target.transport().unwrap_or_default(), destination);
        let dialog = Dialog::outbound(call_id, local, target, destination);
        let usage = Usage::dial(now, endpoint, id, dialog, invitation);
        self.keep(id, usage);
    }

    /// Enters a new usage.
    fn keep(&mut self, id: DialogId, usage: Usage) {
        self.by_local_tag.insert(usage.dialog.local_tag().to_owned(), id);
        self.usages.insert(id, usage);
        self.settle(id);
    }

    /// Lets a usage act, if it is still there, and settles it.
    fn with_usage(&mut self, id: DialogId, act: impl FnOnce(&mut Usage, &mut Endpoint)) {
        if let Some(usage) = self.usages.get_mut(&id) {
            act(usage, &mut self.endpoint);
            self.settle(id);
        }
    }

    /// Drops a usage that is gone, else notes its deadline.
    fn settle(&mut self, id: DialogId) {
        let deadline: Option<Deadline> = match self.usages.get(&id) {
            Some(usage) if usage.is_gone() => {
                self.by_local_tag.remove(usage.dialog.local_tag());
                self.usages.remove(&id);
                None
            }
            Some(usage) => usage.deadline(),
            None => None,
        };
        self.endpoint.schedule.set(&Owner::Dialog(id), deadline);
    }
}

/// Connections.
impl Agent {
    fn on_accepted(&mut self, stream: StreamId, transport: Transport, source: SocketAddr) {
        if self.endpoint.connections.admits(source.ip()) {
            self.endpoint.open_stream(stream, Opener::Peer, transport, source);
        } else {
            self.endpoint.counters.streams_refused += 1;
            self.endpoint.outbox.push_back(Output::Close { stream });
        }
    }

    fn on_bytes(&mut self, now: Instant, stream: StreamId, bytes: &[u8]) {
        let Some(connection) = self.endpoint.connections.get_mut(stream) else { return };
        let from = connection.hop(stream);
        connection.push(bytes);
        while let Some(framed) = self.endpoint.connections.get_mut(stream).and_then(Connection::next) {
            match framed {
                Framed::Ping => {
                    self.on_message(now, from, Lexed::Silent(Silence::KeepAlive));
                    self.endpoint.outbox.push_back(Output::Bytes { stream, bytes: PONG.to_vec() });
                }
                Framed::Message(bytes) => {
                    let lexed = lex(&bytes);
                    let is_noise = lexed == Lexed::Silent(Silence::NotSip);
                    self.on_message(now, from, lexed);
                    if is_noise {
                        self.close(now, stream);
                    }
                }
                Framed::Fault { head, error } => {
                    self.on_message(now, from, lex_fault(&head, error));
                    self.faulty.push(stream);
                }
            }
        }
        if let Some(connection) = self.endpoint.connections.get_mut(stream) {
            connection.touch(now);
        }
        self.endpoint.settle_stream(stream);
    }

    fn on_stream_timer(&mut self, now: Instant, stream: StreamId, timer: Timer) {
        let of_a_call = |usage: &Usage| usage.dialog.heard_from.stream == Some(stream);
        match self.endpoint.connections.get_mut(stream) {
            Some(connection) if timer == Timer::StreamIdle && self.usages.values().any(of_a_call) => {
                connection.touch(now);
                self.endpoint.settle_stream(stream);
            }
            Some(_) | None => self.close(now, stream),
        }
    }

    fn close(&mut self, now: Instant, stream: StreamId) {
        self.endpoint.outbox.push_back(Output::Close { stream });
        self.forget_stream(now, stream);
    }

    fn close_faulty(&mut self, now: Instant) {
        let done: Vec<_> = self.faulty.iter().copied().filter(|stream| !self.endpoint.owes_answer(*stream)).collect();
        for stream in done {
            self.close(now, stream);
        }
    }

    /// A connection is gone, and with it the requests of ours on it that nobody answered.
    fn forget_stream(&mut self, now: Instant, stream: StreamId) {
        self.endpoint.connections.remove(stream);
        self.faulty.retain(|faulty| *faulty != stream);
        self.endpoint.settle_stream(stream);
        let on_it = |(_, outgoing): &(&TransactionKey, &Outgoing)| outgoing.transaction.hop.stream == Some(stream);
        let mut broken: Vec<_> = self.endpoint.clients.iter().filter(on_it).map(|(key, _)| key.clone()).collect();
        broken.sort(); // the same order in every run
        for key in broken {
            let told = self.endpoint.step(&key, ClientTransaction::on_broken_connection);
            self.on_client_step(now, &key, told, Outcome::Unreachable);
        }
    }
}

/// Messages: whose are they?
impl Agent {
    fn on_message(&mut self, now: Instant, from: Hop, lexed: Lexed) {
        let counters = &mut self.endpoint.counters;
        counters.received += 1;
        match lexed {
            Lexed::Silent(Silence::KeepAlive) => counters.keep_alives += 1,
            Lexed::Silent(Silence::NotSip) => counters.not_sip += 1,
            Lexed::Silent(Silence::Malformed | Silence::Oversize) => counters.malformed += 1,
            Lexed::Refused(refusal) => self.on_refusal(from, refusal),
            Lexed::Response(response) => self.on_response(now, &response),
            Lexed::Request(mut request) => {
                let key = TransactionKey::server(from.transport, request.envelope(), request.method());
                let hop = request.received_from(from);
                self.on_request(now, from, Incoming { key, request, hop });
            }
        }
    }

    fn on_refusal(&mut self, from: Hop, refusal: Refusal) {
        self.endpoint.counters.refused += 1;
        let tag = self.endpoint.stateless_tag(refusal.branch());
        let extra: &[(&str, &str)] = if refusal.error.status() == 501 { &[("Allow", ALLOW)] } else { &[] };
        let (hop, bytes) = refusal.answer(from, &tag, extra);
        self.endpoint.send(hop, bytes);
    }

    fn on_response(&mut self, now: Instant, response: &Response) {
        let key = TransactionKey::client(response.envelope());
        let misrouted = response.headers().all("Via").count() > 1; // RFC 3261 §8.1.3.3
        if misrouted || !self.endpoint.clients.contains_key(&key) {
            self.endpoint.counters.stray += 1;
            return;
        }
        let told = self.endpoint.step(&key, |transaction| transaction.on_response(now, response));
        self.on_client_step(now, &key, told, Outcome::Answer(response));
    }

    /// Tells the dialog of a request of ours what became of it.
    fn on_client_step(&mut self, now: Instant, key: &TransactionKey, told: Told, outcome: Outcome<'_>) {
        let known = self.endpoint.clients.get(key).map(|Outgoing { dialog, purpose, .. }| (*dialog, *purpose));
        if let (Told::Response | Told::TimedOut | Told::Unreachable, Some((id, purpose))) = (told, known) {
            if self.usages.contains_key(&id) {
                self.with_usage(id, |usage, endpoint| usage.on_outcome(now, endpoint, key, purpose, outcome));
            } else {
                self.on_late_outcome(now, key, purpose, outcome);
            }
        }
        self.endpoint.settle_client(key);
    }

    /// The call is over, but a 2xx to its INVITE still arrived: acknowledged, and what it opened is closed.
    fn on_late_outcome(&mut self, now: Instant, key: &TransactionKey, purpose: Purpose, outcome: Outcome<'_>) {
        let Some(outgoing) = self.endpoint.clients.get(key) else { return };
        let id = outgoing.dialog;
        match (purpose, outcome) {
            (Purpose::Dial | Purpose::Reoffer(_), Outcome::Answer(accept)) if (200..300).contains(&accept.status()) => {
                let confirmed = self.endpoint.acknowledge(key, accept);
                if let (Some(mut confirmed), Purpose::Dial) = (confirmed, purpose) {
                    self.endpoint.bye(now, &mut confirmed, id);
                }
            }
            (
                Purpose::Dial | Purpose::Reoffer(_) | Purpose::Cancel | Purpose::Bye | Purpose::Probe | Purpose::Info,
                _,
            ) => {}
        }
    }

    fn on_request(&mut self, now: Instant, from: Hop, incoming: Incoming) {
        let method = incoming.request.method();
        if method == Method::Ack {
            return self.on_ack(now, &incoming);
        }
        if self.endpoint.repeat(&incoming) {
            return;
        }
        if method == Method::Cancel {
            return self.on_cancel(now, &incoming);
        }
        let Some(asked) = Asked::of(method) else {
            return self.endpoint.answer_stateless(&incoming, 405, &[]);
        };
        if self.refuse_extensions(&incoming) {
            return;
        }
        match incoming.request.envelope().to.tag() {
            Some(_) => self.on_request_within(now, from, asked, incoming),
            None => self.on_request_outside(now, from, asked, incoming),
        }
    }

    /// RFC 3261 §8.2.2.3: we support no extension, so none may be required.
    fn refuse_extensions(&mut self, incoming: &Incoming) -> bool {
        let required: Vec<&str> = incoming.request.headers().tokens("Require").collect();
        if !required.is_empty() {
            self.endpoint.answer_stateless(incoming, 420, &[("Unsupported", &required.join(", "))]);
        }
        !required.is_empty()
    }

    /// The dialog a request belongs to by both tags and the Call-ID.
    fn dialog_of(&self, request: &Request) -> Option<DialogId> {
        let id = self.by_local_tag.get(request.envelope().to.tag()?)?;
        self.usages.get(id).filter(|usage| usage.dialog.is_of(request.envelope())).map(|_| *id)
    }

    fn on_ack(&mut self, now: Instant, incoming: &Incoming) {
        let invite = TransactionKey::server(incoming.hop.transport, incoming.request.envelope(), Method::Invite);
        if let Some(received) = self.endpoint.invites.get_mut(&invite) {
            let for_dialog = received.server.on_ack(now);
            self.endpoint.settle_invite(&invite);
            if !for_dialog {
                return;
            }
        }
        match self.dialog_of(&incoming.request) {
            Some(id) => self.with_usage(id, |usage, endpoint| usage.on_ack(now, endpoint, &incoming.request)),
            None => self.endpoint.counters.stray += 1,
        }
    }

    fn on_cancel(&mut self, now: Instant, incoming: &Incoming) {
        let invite = TransactionKey::server(incoming.hop.transport, incoming.request.envelope(), Method::Invite);
        let Some(id) = self.endpoint.invites.get(&invite).map(|received| received.dialog) else {
            return self.endpoint.answer_stateless(incoming, 481, &[]);
        };
        let tag = self.usages.get(&id).map(|usage| usage.dialog.local_tag().to_owned());
        let tag = tag.unwrap_or_else(|| self.endpoint.stateless_tag(&incoming.key));
        self.endpoint.answer_status(now, incoming, 200, &tag);
        self.with_usage(id, |usage, endpoint| usage.on_cancel(now, endpoint, &invite));
    }

    fn on_request_within(&mut self, now: Instant, from: Hop, asked: Asked, incoming: Incoming) {
        let Some(id) = self.dialog_of(&incoming.request) else {
            return self.endpoint.answer_stateless(&incoming, 481, &[]);
        };
        let number = incoming.request.envelope().cseq.number;
        let in_order = self.usages.get_mut(&id).is_some_and(|usage| usage.dialog.takes(number));
        if !in_order {
            return self.endpoint.answer_stateless(&incoming, 500, &[]);
        }
        if matches!(asked, Asked::Invite) {
            if !is_body_understood(&incoming.request) {
                return self.endpoint.answer_stateless(&incoming, 415, &[]);
            }
            if self.endpoint.is_full() {
                return self.endpoint.answer_stateless(&incoming, 503, &[]);
            }
            self.endpoint.open(&incoming, id);
        }
        self.with_usage(id, |usage, endpoint| {
            usage.dialog.heard_again(from);
            usage.on_request(now, endpoint, asked, incoming);
        });
    }

    fn on_request_outside(&mut self, now: Instant, from: Hop, asked: Asked, incoming: Incoming) {
        match asked {
            Asked::Invite => self.on_invite(now, from, incoming),
            Asked::Options => self.endpoint.answer_stateless(&incoming, 200, &[]),
            Asked::Bye | Asked::Info => self.endpoint.answer_stateless(&incoming, 481, &[]),
        }
    }

    /// A new call.
    fn on_invite(&mut self, now: Instant, from: Hop, incoming: Incoming) {
        let endpoint = &mut self.endpoint;
        if endpoint.merges.contains_key(&MergeKey::of(from.transport, incoming.request.envelope())) {
            return endpoint.answer_stateless(&incoming, 482, &[]);
        }
        if let Admission::Challenged(challenges) = self.doorkeeper.admit(now, &incoming.request) {
            endpoint.counters.challenged += 1;
            let challenges: Vec<_> = challenges.iter().map(|one| ("WWW-Authenticate", one.as_str())).collect();
            return endpoint.answer_stateless(&incoming, 401, &challenges);
        }
        if !is_body_understood(&incoming.request) {
            return endpoint.answer_stateless(&incoming, 415, &[]);
        }
        if self.usages.len() >= endpoint.config.dialogs_max || endpoint.is_full() {
            endpoint.counters.overloaded += 1;
            return endpoint.answer_stateless(&incoming, 503, &[]);
        }
        let id = self.next_dialog_id();
        let endpoint = &mut self.endpoint;
        let dialog = Dialog::inbound(&incoming.request, &endpoint.token(), from);
        endpoint.open(&incoming, id);
        let usage = Usage::invited(now, endpoint, id, dialog, incoming);
        self.keep(id, usage);
    }
}

/// RFC 3261 §8.2.3: a body is SDP, unencoded, or there is none.
fn is_body_understood(request: &Request) -> bool {
    let coding = request.headers().get("Content-Encoding").unwrap_or("identity");
    request.body.is_empty() || (coding.eq_ignore_ascii_case("identity") && request.content_type() == SDP_TYPE)
}
