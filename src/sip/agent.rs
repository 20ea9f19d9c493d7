//! The SIP user agent: datagrams, commands and ticks in; datagrams and events out. It owns transactions and dialogs and
//! decides, for each message, whose it is. RFC 3261 §8, §9, §12, §15.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::Method;
use super::dialog::Dialog;
use super::endpoint::{ALLOW, Endpoint, Incoming, MergeKey, Outgoing, Owner, Purpose};
use super::event::{Command, DialogId, EndReason, Event, Input, Output};
use super::header::{Address, Headers};
use super::lexer::{Lexed, Silence, lex};
use super::message::{Refusal, Request, Response, is_sdp_type};
use super::schedule::{Deadline, Timer};
use super::transaction::{Told, TransactionKey};
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
}

impl AgentConfig {
    /// The defaults at an address: 60 s of ringing, 2048 dialogs.
    pub fn new(advertised: SocketAddr) -> Self {
        let user_agent = concat!("Callwright/", env!("CARGO_PKG_VERSION")).to_owned();
        Self { advertised, user_agent, ring_limit: Duration::from_secs(60), dialogs_max: 2048 }
    }
}

/// What the agent counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// Datagrams handed out.
    pub sent: u64,
    /// Messages of ours too long for UDP, dropped.
    pub unsendable: u64,
    /// Datagrams that arrived.
    pub received: u64,
    /// Of those: empty lines that keep a binding open.
    pub keep_alives: u64,
    /// Of those: not SIP at all (STUN, noise), dropped.
    pub not_sip: u64,
    /// Of those: too broken to be answered, dropped.
    pub malformed: u64,
    /// Of those: requests refused before they reached a call: broken, unsupported, unknown, too many.
    pub refused: u64,
    /// Of those: responses and ACKs that belong to nothing, dropped.
    pub stray: u64,
    /// INVITEs refused with 503 because there are too many dialogs.
    pub overloaded: u64,
    /// Transactions now.
    pub transactions: usize,
    /// Dialogs now.
    pub dialogs: usize,
}

/// A SIP user agent over UDP, client and server. After each [`Agent::handle`], drain [`Agent::poll`].
pub struct Agent {
    endpoint: Endpoint,
    usages: HashMap<DialogId, Usage>,
    /// Our tags are unique, so one of them finds its dialog.
    by_local_tag: HashMap<String, DialogId>,
    dialogs_made: u64,
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
        let endpoint = Endpoint::new(config, seed);
        Self { endpoint, usages: HashMap::new(), by_local_tag: HashMap::new(), dialogs_made: 0 }
    }

    /// A name for the dialog that [`Command::Dial`] will make.
    pub fn next_dialog_id(&mut self) -> DialogId {
        self.dialogs_made += 1;
        DialogId::counted(self.dialogs_made)
    }

    /// Takes one input.
    pub fn handle(&mut self, now: Now, input: Input<'_>) {
        match input {
            Input::Datagram { source, bytes } => self.on_datagram(now.instant, source, bytes),
            Input::Command(command) => self.on_command(now.instant, command),
            Input::Tick => self.on_tick(now.instant),
        }
        let Endpoint { clients, invites, answered, counters, .. } = &mut self.endpoint;
        counters.transactions = clients.len() + invites.len() + answered.len();
        counters.dialogs = self.usages.len();
    }

    /// The next output, in order.
    pub fn poll(&mut self) -> Option<Output> {
        self.endpoint.outbox.pop_front()
    }

    /// When `Input::Tick` is next due, and why.
    pub fn deadline(&self) -> Option<(Instant, Timer)> {
        self.endpoint.schedule.next()
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
                    let again = received.and_then(|r| Some((r.server.destination, r.server.on_timer(now)?)));
                    if let Some((destination, bytes)) = again {
                        self.endpoint.send(destination, bytes);
                    }
                    self.endpoint.settle_invite(&key);
                }
                Owner::Answered(key) => {
                    self.endpoint.answered.remove(&key);
                }
                Owner::Dialog(id) => self.with_usage(id, |usage, endpoint| usage.on_timer(now, endpoint, timer)),
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
        let advertised = endpoint.config.advertised;
        let ours = Uri::new(caller, Host::Ip(advertised.ip()), Some(advertised.port()));
        let local = Address::new(&ours).with_tag(&endpoint.token());
        let call_id = endpoint.token() + &endpoint.token();
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

/// Messages: whose are they?
impl Agent {
    fn on_datagram(&mut self, now: Instant, source: SocketAddr, bytes: &[u8]) {
        let counters = &mut self.endpoint.counters;
        counters.received += 1;
        match lex(bytes) {
            Lexed::Silent(Silence::KeepAlive) => counters.keep_alives += 1,
            Lexed::Silent(Silence::NotSip) => counters.not_sip += 1,
            Lexed::Silent(Silence::Malformed | Silence::Oversize) => counters.malformed += 1,
            Lexed::Refused(refusal) => self.on_refusal(source, refusal),
            Lexed::Response(response) => self.on_response(now, &response),
            Lexed::Request(mut request) => {
                let key = TransactionKey::server(request.envelope(), request.method);
                let destination = request.received_from(source);
                self.on_request(now, source, Incoming { key, request, destination });
            }
        }
    }

    fn on_refusal(&mut self, source: SocketAddr, refusal: Refusal) {
        self.endpoint.counters.refused += 1;
        let tag = self.endpoint.stateless_tag(refusal.branch());
        let extra: &[(&str, &str)] = if refusal.error.status() == 501 { &[("Allow", ALLOW)] } else { &[] };
        let (destination, bytes) = refusal.answer(source, &tag, extra);
        self.endpoint.send(destination, bytes);
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
        if let (Told::Response | Told::TimedOut, Some((id, purpose))) = (told, known) {
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
            (Purpose::Dial | Purpose::Reoffer(_), Outcome::Answer(accept)) if (200..300).contains(&accept.status) => {
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

    fn on_request(&mut self, now: Instant, source: SocketAddr, incoming: Incoming) {
        match incoming.request.method {
            Method::Ack => self.on_ack(now, &incoming),
            _ if self.endpoint.repeat(&incoming) => {}
            Method::Cancel => self.on_cancel(now, &incoming),
            _ if self.refuse_extensions(&incoming) => {}
            Method::Invite
            | Method::Bye
            | Method::Options
            | Method::Info
            | Method::Message
            | Method::Notify
            | Method::PRack
            | Method::Publish
            | Method::Refer
            | Method::Register
            | Method::Subscribe
            | Method::Update => match incoming.request.envelope().to.tag() {
                Some(_) => self.on_request_within(now, incoming),
                None => self.on_request_outside(now, source, incoming),
            },
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
        let invite = TransactionKey::server(incoming.request.envelope(), Method::Invite);
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
        let invite = TransactionKey::server(incoming.request.envelope(), Method::Invite);
        let Some(id) = self.endpoint.invites.get(&invite).map(|received| received.dialog) else {
            return self.endpoint.answer_stateless(incoming, 481, &[]);
        };
        let tag = self.usages.get(&id).map(|usage| usage.dialog.local_tag().to_owned());
        let tag = tag.unwrap_or_else(|| self.endpoint.stateless_tag(&incoming.key));
        self.endpoint.answer_status(now, incoming, 200, &tag);
        self.with_usage(id, |usage, endpoint| usage.on_cancel(now, endpoint, &invite));
    }

    fn on_request_within(&mut self, now: Instant, incoming: Incoming) {
        let Some(id) = self.dialog_of(&incoming.request) else {
            return self.endpoint.answer_stateless(&incoming, 481, &[]);
        };
        let number = incoming.request.envelope().cseq.number;
        let in_order = self.usages.get_mut(&id).is_some_and(|usage| usage.dialog.takes(number));
        if !in_order {
            return self.endpoint.answer_stateless(&incoming, 500, &[]);
        }
        if incoming.request.method == Method::Invite {
            if !is_body_understood(incoming.request.headers(), &incoming.request.body) {
                return self.endpoint.answer_stateless(&incoming, 415, &[]);
            }
            if self.endpoint.is_full() {
                return self.endpoint.answer_stateless(&incoming, 503, &[]);
            }
            self.endpoint.open(&incoming, id);
        }
        self.with_usage(id, |usage, endpoint| usage.on_request(now, endpoint, incoming));
    }

    fn on_request_outside(&mut self, now: Instant, source: SocketAddr, incoming: Incoming) {
        let endpoint = &mut self.endpoint;
        match incoming.request.method {
            Method::Invite => self.on_invite(now, source, incoming),
            Method::Options => endpoint.answer_stateless(&incoming, 200, &[]),
            Method::Bye | Method::Info | Method::Cancel | Method::Ack => {
                endpoint.answer_stateless(&incoming, 481, &[]);
            }
            Method::Message
            | Method::Notify
            | Method::PRack
            | Method::Publish
            | Method::Refer
            | Method::Register
            | Method::Subscribe
            | Method::Update => endpoint.answer_stateless(&incoming, 405, &[]),
        }
    }

    /// A new call.
    fn on_invite(&mut self, now: Instant, source: SocketAddr, incoming: Incoming) {
        let endpoint = &mut self.endpoint;
        if endpoint.merges.contains_key(&MergeKey::of(incoming.request.envelope())) {
            return endpoint.answer_stateless(&incoming, 482, &[]);
        }
        if !is_body_understood(incoming.request.headers(), &incoming.request.body) {
            return endpoint.answer_stateless(&incoming, 415, &[]);
        }
        if self.usages.len() >= endpoint.config.dialogs_max || endpoint.is_full() {
            endpoint.counters.overloaded += 1;
            return endpoint.answer_stateless(&incoming, 503, &[]);
        }
        let id = self.next_dialog_id();
        let endpoint = &mut self.endpoint;
        let dialog = Dialog::inbound(&incoming.request, &endpoint.token(), source);
        endpoint.open(&incoming, id);
        let usage = Usage::invited(now, endpoint, id, dialog, incoming);
        self.keep(id, usage);
    }
}

/// RFC 3261 §8.2.3: a body is SDP, unencoded, or there is none.
fn is_body_understood(headers: &Headers, body: &[u8]) -> bool {
    let encoded = headers.get("Content-Encoding").is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"));
    body.is_empty() || (!encoded && headers.get("Content-Type").is_some_and(is_sdp_type))
}
