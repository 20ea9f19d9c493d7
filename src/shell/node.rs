//! The node's task: owns the SIP agent and its sockets, opens calls, routes their events, ends in an orderly way.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hasher};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::yield_now;

use crate::asr::Language;
use crate::base::{CallId, Instant, Now, Redacted};
use crate::call::{Call, CallLimits, CallSetup, EndReason, Event, Happened};
use crate::config::{Choice, Config};
use crate::conversation::{CallerFacts, Conversation};
use crate::hearing::{Earshot, TurnDetector};
use crate::sdp;
use crate::sip;
use crate::trunk::{self, Filling, HeaderName, Trunk};

use super::call_task::{CallTask, FromCall, Services, ToCall};
use super::campaigns::Campaigns;
use super::ports::Ports;
use super::secrets;
use super::signalling::{Arrival, Signalling};
use super::trace::{Passed, Way};

/// Events of one call that wait at most; full: the call is stuck and the event is dropped. The last place is for its end.
const EVENTS_WAITING_MAX: usize = 64;
/// What calls tell the node.
const FROM_CALLS_WAITING_MAX: usize = 1024;
/// After the order to shut down, calls may take this long to say BYE.
const SHUT_DOWN_MAX: Duration = Duration::from_secs(5);
/// Recogniser load above which the next call is refused, so that the calls inside stay fast.
const RECOGNIZER_LOAD_MAX: f32 = 4.0;

/// Asks the node to place a call.
pub struct Place {
    /// Whom.
    pub target: sip::Uri,
    /// Where the INVITE goes.
    pub destination: SocketAddr,
    /// Told how the call ended, when it is over.
    pub done: oneshot::Sender<Option<EndReason>>,
}

/// A call's task, as the node knows it.
struct Running {
    id: CallId,
    inbox: mpsc::Sender<ToCall>,
    /// Told when the Call-ID is known: what the call is about.
    opened: Option<Opened>,
}

/// What [`Event::Opened`] tells, but for the Call-ID.
struct Opened {
    trunk: Option<String>,
    called: Redacted<String>,
    campaign: String,
    language: Language,
    headers: BTreeMap<String, Redacted<String>>,
}

/// What a call is opened with.
struct Opening<'a> {
    /// Its Call-ID, or a name of ours.
    id: &'a str,
    choice: &'a Choice,
    trunk: Option<&'a Trunk>,
    called: Redacted<String>,
    /// What the trunk handed over.
    handed: Vec<(&'a HeaderName, String)>,
}

/// One node.
pub struct Node {
    agent: sip::Agent,
    signalling: Signalling,
    ports: Ports,
    config: Arc<Config>,
    campaigns: Arc<Campaigns>,
    services: Arc<Services>,
    media: Handle,
    calls: HashMap<sip::DialogId, Running>,
    placed: HashMap<sip::DialogId, oneshot::Sender<Option<EndReason>>>,
    calls_now: Arc<AtomicUsize>,
    to_node: mpsc::Sender<FromCall>,
    from_calls: mpsc::Receiver<FromCall>,
    /// After the order to shut down: when the node ends, whatever its calls do.
    stop_at: Option<Instant>,
}

impl Node {
    /// A node on bound sockets; calls run on `media`.
    pub fn new(
        signalling: Signalling,
        config: Arc<Config>,
        campaigns: Arc<Campaigns>,
        services: Arc<Services>,
        media: Handle,
        calls_now: Arc<AtomicUsize>,
    ) -> anyhow::Result<Self> {
        let address = signalling.local_addr();
        let agent = sip::Agent::new(
            sip::AgentConfig {
                ring_limit: Duration::from_millis(config.sip.ring_ms_max),
                dialogs_max: config.sip.calls_max,
                credentials: secrets::reveal(&config.sip.credentials)?,
                users: secrets::reveal(&config.sip.users)?,
                realm: config.sip.realm.clone(),
                algorithms: config.sip.algorithms.clone(),
                ..sip::AgentConfig::new(address)
            },
            random(),
        );
        let (to_node, from_calls) = mpsc::channel(FROM_CALLS_WAITING_MAX);
        Ok(Self {
            agent,
            signalling,
            ports: Ports::new(address.ip(), config.rtp_ports),
            config,
            campaigns,
            services,
            media,
            calls: HashMap::new(),
            placed: HashMap::new(),
            calls_now,
            to_node,
            from_calls,
            stop_at: None,
        })
    }

    /// Runs until told to stop and every call has ended, its BYE answered.
    pub async fn run(mut self, mut orders: mpsc::Receiver<Place>, mut stop: watch::Receiver<bool>) {
        let clock = self.services.clock;
        loop {
            self.drain().await;
            let is_idle = self.calls.is_empty() && self.agent.counters().dialogs == 0;
            if self.stop_at.is_some_and(|at| is_idle || clock.now().instant >= at) {
                return;
            }
            let deadline = self.agent.deadline().map(|(at, _why)| at);
            let wake = deadline.into_iter().chain(self.stop_at).min();
            tokio::select! {
                arrival = self.signalling.arrival() => self.on_arrival(clock.now(), arrival),
                Some(from) = self.from_calls.recv() => match from {
                    FromCall::Sip(command) => self.on_command(clock.now(), *command),
                    FromCall::Finished(dialog, reason) => self.forget(clock.now(), dialog, reason),
                },
                () = clock.until(wake) => self.agent.handle(clock.now(), sip::Input::Tick),
                Some(order) = orders.recv() => self.place(order),
                Ok(()) = stop.changed(), if self.stop_at.is_none() => {
                    self.stop_at = Some(clock.now().instant + SHUT_DOWN_MAX);
                    for call in self.calls.values() {
                        let _ = call.inbox.try_send(ToCall::ShutDown); // a full inbox: the time limit ends it
                    }
                }
            }
        }
    }

    fn on_arrival(&mut self, now: Now, arrival: Arrival) {
        match arrival {
            Arrival::Datagram(source, _) | Arrival::Connection(_, source) if !self.config.hears(source.ip()) => {
                metrics::counter!("callwright_sip_refused_sources_total").increment(1);
            }
            Arrival::Datagram(source, bytes) => {
                self.trace(now, Way::In, sip::Transport::Udp, source, &bytes);
                self.agent.handle(now, sip::Input::Datagram { source, bytes: &bytes });
            }
            Arrival::Connection(socket, source) => {
                let stream = self.agent.next_stream_id();
                self.signalling.accept(stream, socket, source);
                let transport = sip::Transport::Tcp;
                self.agent.handle(now, sip::Input::Accepted { stream, transport, source });
            }
            Arrival::Bytes(stream, bytes) => {
                if self.services.trace.is_on() {
                    for (source, message) in self.signalling.whole(stream, &bytes) {
                        self.trace(now, Way::In, sip::Transport::Tcp, source, &message);
                    }
                }
                self.agent.handle(now, sip::Input::Bytes { stream, bytes: &bytes });
            }
            Arrival::Closed(stream) => self.agent.handle(now, sip::Input::Closed { stream }),
        }
    }

    async fn drain(&mut self) {
        let mut is_written = false;
        while let Some(output) = self.agent.poll() {
            match output {
                sip::Output::Datagram { destination, bytes } => {
                    self.trace(self.services.clock.now(), Way::Out, sip::Transport::Udp, destination, &bytes);
                    self.signalling.send_datagram(destination, &bytes).await;
                }
                sip::Output::Connect { stream, transport, destination } => {
                    self.signalling.connect(stream, transport, destination);
                }
                sip::Output::Bytes { stream, bytes } => {
                    if let Some(peer) = self.signalling.peer(stream) {
                        self.trace(self.services.clock.now(), Way::Out, sip::Transport::Tcp, peer, &bytes);
                    }
                    self.signalling.send(stream, bytes);
                    is_written = true;
                }
                sip::Output::Close { stream } => self.signalling.close(stream),
                sip::Output::Event(event) => self.on_event(event),
            }
        }
        if is_written {
            // The connections' tasks share our thread: let them write, or a burst of requests would fill the queue of answers
            // and cost a peer that reads well its connection.
            yield_now().await;
        }
    }

    fn on_event(&mut self, event: sip::Event) {
        if let sip::Event::Invited(invited) = event {
            return self.invited(*invited);
        }
        let dialog = event.dialog();
        let Some(call) = self.calls.get(&dialog) else { return };
        if !deliver(&call.inbox, event) {
            tracing::warn!(call = %call.id, "a call does not take its events");
        }
    }

    fn trace(&self, now: Now, way: Way, transport: sip::Transport, peer: SocketAddr, bytes: &[u8]) {
        self.services.trace.sip(now, Passed { way, transport, local: self.signalling.local_addr(), peer, bytes });
    }

    fn on_command(&mut self, now: Now, command: sip::Command) {
        let dialled = if let sip::Command::Dial { dialog, .. } = &command { Some(*dialog) } else { None };
        self.agent.handle(now, sip::Input::Command(command));
        if let Some(dialog) = dialled {
            self.tell_opened(now, dialog); // only now has it a Call-ID
        }
    }

    fn invited(&mut self, invited: sip::Invited) {
        let sip::Invited { dialog, call_id, request_uri, source, headers, offer, .. } = invited;
        let now = self.services.clock.now();
        if self.stop_at.is_some() || self.services.recognizers.load() > RECOGNIZER_LOAD_MAX {
            metrics::counter!("callwright_calls_refused_total").increment(1);
            let command = sip::Command::Reject { dialog, status: 503 };
            return self.agent.handle(now, sip::Input::Command(command));
        }
        let config = Arc::clone(&self.config);
        let called = request_uri.user().unwrap_or_default();
        let headers: Vec<(&str, &str)> = headers.iter().collect();
        let arrival = trunk::Arrival { source: source.ip(), called: called.reveal(), headers: &headers };
        let choice = config.routing.choose(&arrival);
        let trunk = config.routing.trunk(source.ip());
        let handed = trunk.map(|trunk| trunk.handed_over(&headers)).unwrap_or_default();
        let opening = Opening { id: &call_id, choice, trunk, called, handed };
        match self.open(dialog, opening, |setup| Call::inbound(setup, now, offer.as_deref())) {
            Ok(()) => self.tell_opened(now, dialog),
            Err(why) => {
                tracing::error!(%why, "call refused");
                self.agent.handle(now, sip::Input::Command(sip::Command::Reject { dialog, status: 503 }));
            }
        }
    }

    fn place(&mut self, order: Place) {
        let now = self.services.clock.now();
        let dialog = self.agent.next_dialog_id();
        let Place { target, destination, done } = order;
        let config = Arc::clone(&self.config);
        let opening = Opening {
            id: &format!("out-{:016x}", random()),
            choice: config.routing.otherwise(),
            trunk: config.routing.trunk(destination.ip()),
            called: target.user().unwrap_or_default(),
            handed: Vec::new(),
        };
        let caller = Redacted::new("callwright".to_owned());
        match self.open(dialog, opening, |setup| Call::outbound(setup, now, target, destination, caller)) {
            Ok(()) => {
                self.placed.insert(dialog, done);
            }
            Err(why) => tracing::error!(%why, "call not placed"),
        }
    }

    /// What a call is made of, and what its record begins with.
    fn set_up(
        &self,
        dialog: sip::DialogId,
        rtp: SocketAddr,
        opening: Opening<'_>,
    ) -> Result<(CallSetup, Opened), anyhow::Error> {
        let Opening { id, choice, trunk, called, handed } = opening;
        let language = choice.language;
        let campaign = self.campaigns.current(&choice.campaign).context("a route's campaign is not loaded")?;
        // Peers choose their Call-IDs: two calls at once may bear the same, and must not share a trace or recogniser jobs.
        let taken = self.calls.values().any(|call| call.id.as_str() == id);
        let id = CallId::new(if taken { format!("{id}-{:016x}", random()) } else { id.to_owned() });
        let filling = Filling { call: id.as_str(), campaign: campaign.name(), language: language.code() };
        let headers = headers_out(trunk, filling);
        let opened = Opened {
            trunk: trunk.map(|trunk| trunk.name.clone()),
            called,
            campaign: campaign.name().to_owned(),
            language,
            headers: handed.iter().map(|(name, value)| (name.to_string(), Redacted::new(value.clone()))).collect(),
        };
        let persona = choice.persona.unwrap_or(campaign.persona());
        let conversation = Conversation::new(campaign, language, caller_facts(&handed), super::clock::local());
        let setup = CallSetup {
            id,
            dialog,
            local: sdp::Local { address: rtp.ip(), rtp_port: rtp.port(), session_id: random() >> 1, version: 1 },
            language,
            headers,
            conversation: conversation.with_persona(persona),
            detector: TurnDetector::new(self.config.hearing, Box::new(Earshot::new())),
            limits: CallLimits {
                logprob_min: self.config.recognizer.logprob_min(language),
                ..self.config.call.limits.clone()
            },
            seed: random(),
        };
        Ok((setup, opened))
    }

    /// Makes a call's machine and starts its task.
    fn open(
        &mut self,
        dialog: sip::DialogId,
        opening: Opening<'_>,
        make: impl FnOnce(CallSetup) -> Call,
    ) -> Result<(), anyhow::Error> {
        let (rtp, rtcp) = {
            let _media = self.media.enter(); // the sockets belong to the media runtime
            self.ports.bind()?
        };
        let (setup, opened) = self.set_up(dialog, rtp.local_addr()?, opening)?;
        let (id, language) = (setup.id.clone(), setup.language);
        let (to_call, inbox) = mpsc::channel(EVENTS_WAITING_MAX);
        let task = CallTask {
            call: make(setup),
            id: id.clone(),
            language,
            voice: self.config.speech.voice_of(&opened.campaign, language),
            rtp,
            rtcp,
            inbox,
            node: self.to_node.clone(),
            services: Arc::clone(&self.services),
        };
        self.calls.insert(dialog, Running { id, inbox: to_call, opened: Some(opened) });
        self.count();
        metrics::counter!("callwright_calls_total").increment(1);
        let (task, node) = (self.media.spawn(task.run()), self.to_node.clone());
        self.media.spawn(async move {
            let reason = task.await.unwrap_or_else(|why| {
                tracing::error!(%why, "a call's task failed");
                None
            });
            let _ = node.send(FromCall::Finished(dialog, reason)).await; // the node may have ended first
        });
        Ok(())
    }

    /// Once a call's Call-ID is known: the first event of its record.
    fn tell_opened(&mut self, now: Now, dialog: sip::DialogId) {
        let Some(sip_call_id) = self.agent.call_id(dialog).map(str::to_owned) else { return };
        let Some(running) = self.calls.get_mut(&dialog) else { return };
        let Some(Opened { trunk, called, campaign, language, headers }) = running.opened.take() else { return };
        let event = Event::Opened { sip_call_id, trunk, called, campaign, language, headers };
        self.services.trace.event(&Happened { call: running.id.clone(), at_ms: 0, wall: now.wall, event });
    }

    fn forget(&mut self, now: Now, dialog: sip::DialogId, reason: Option<EndReason>) {
        self.calls.remove(&dialog);
        // Without effect unless the task failed.
        self.agent.handle(now, sip::Input::Command(sip::Command::HangUp { dialog }));
        if let Some(done) = self.placed.remove(&dialog) {
            let _ = done.send(reason); // whoever asked may have gone
        }
        self.count();
    }

    fn count(&self) {
        self.calls_now.store(self.calls.len(), Ordering::Relaxed);
        metrics::gauge!("callwright_calls").set(self.calls.len() as f64);
    }
}

/// Hands a call an event; false if there is no room. That the dialog ended always has one: it is told once, and a call that
/// missed it would talk on to nobody.
fn deliver(inbox: &mpsc::Sender<ToCall>, event: sip::Event) -> bool {
    if inbox.capacity() <= 1 && !inbox.is_closed() && !matches!(event, sip::Event::Ended { .. }) {
        return false;
    }
    match inbox.try_send(ToCall::Sip(Box::new(event))) {
        Ok(()) | Err(TrySendError::Closed(_)) => true, // a call that has just ended needs no more events
        Err(TrySendError::Full(_)) => false,
    }
}

/// What a trunk is handed, on our 200 or our INVITE.
fn headers_out(trunk: Option<&Trunk>, filling: Filling<'_>) -> sip::ExtraHeaders {
    let mut headers = sip::ExtraHeaders::default();
    for (name, template) in trunk.into_iter().flat_map(|trunk| &trunk.headers_out) {
        if let Err(why) = headers.push(name.as_str(), &name.write(&template.fill(filling))) {
            tracing::warn!(%why, "a header is left out");
        }
    }
    headers
}

/// What a trunk handed over, as facts of the caller.
fn caller_facts(handed: &[(&HeaderName, String)]) -> CallerFacts {
    handed.iter().fold(CallerFacts::default(), |facts, (name, value)| facts.with(&name.fact(), value))
}

/// Unguessable bits: the standard library's hasher keys come from the operating system.
pub fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_does_not_take_its_events_still_learns_that_it_ended() {
        let dialog = sip::Agent::new(sip::AgentConfig::new(([127, 0, 0, 1], 5060).into()), 1).next_dialog_id();
        let (to_call, mut inbox) = mpsc::channel(EVENTS_WAITING_MAX);
        let probed = || sip::Event::ProbeAnswered { dialog, status: 200 };
        for _ in 1..EVENTS_WAITING_MAX {
            assert!(deliver(&to_call, probed()));
        }
        assert!(!deliver(&to_call, probed()), "full but for the last place");
        assert!(deliver(&to_call, sip::Event::Ended { dialog, reason: sip::EndReason::PeerHungUp }));
        inbox.close();
        assert!(deliver(&to_call, probed()), "a call that is over misses nothing");
        let mut last = None;
        while let Ok(told) = inbox.try_recv() {
            last = Some(told);
        }
        assert!(matches!(last, Some(ToCall::Sip(event)) if matches!(*event, sip::Event::Ended { .. })));
    }
}
