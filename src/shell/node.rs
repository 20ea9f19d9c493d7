//! The node's task: owns the SIP agent and its sockets, opens calls, routes their events, ends in an orderly way.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot, watch};

use crate::base::{CallId, Instant, Now, Redacted};
use crate::call::{Call, CallLimits, CallSetup, EndReason};
use crate::config::Config;
use crate::conversation::{CallerFacts, Campaign, Conversation};
use crate::hearing::{Earshot, TurnDetector};
use crate::sdp;
use crate::sip;

use super::call_task::{CallTask, FromCall, Services, ToCall};
use super::ports::Ports;
use super::secrets;
use super::signalling::{Arrival, Signalling};
use super::trace::Way;

/// Events of one call that wait at most; full: the call is stuck and the event is dropped.
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
}

/// One node.
pub struct Node {
    agent: sip::Agent,
    signalling: Signalling,
    ports: Ports,
    config: Arc<Config>,
    campaign: Arc<Campaign>,
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
        campaign: Arc<Campaign>,
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
            campaign,
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
                    FromCall::Sip(command) => self.agent.handle(clock.now(), sip::Input::Command(*command)),
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
            Arrival::Datagram(source, _) | Arrival::Connection(_, source) if !self.config.sip.allows(source.ip()) => {
                metrics::counter!("callwright_sip_refused_sources_total").increment(1);
            }
            Arrival::Datagram(source, bytes) => {
                self.services.trace.sip(now, Way::In, source, &bytes);
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
                        self.services.trace.sip(now, Way::In, source, &message);
                    }
                }
                self.agent.handle(now, sip::Input::Bytes { stream, bytes: &bytes });
            }
            Arrival::Closed(stream) => self.agent.handle(now, sip::Input::Closed { stream }),
        }
    }

    async fn drain(&mut self) {
        while let Some(output) = self.agent.poll() {
            match output {
                sip::Output::Datagram { destination, bytes } => {
                    self.services.trace.sip(self.services.clock.now(), Way::Out, destination, &bytes);
                    self.signalling.send_datagram(destination, &bytes).await;
                }
                sip::Output::Connect { stream, transport, destination } => {
                    self.signalling.connect(stream, transport, destination);
                }
                sip::Output::Bytes { stream, bytes } => {
                    if let Some(peer) = self.signalling.peer(stream) {
                        self.services.trace.sip(self.services.clock.now(), Way::Out, peer, &bytes);
                    }
                    self.signalling.send(stream, bytes);
                }
                sip::Output::Close { stream } => self.signalling.close(stream),
                sip::Output::Event(event) => self.on_event(event),
            }
        }
    }

    fn on_event(&mut self, event: sip::Event) {
        if let sip::Event::Invited(invited) = event {
            return self.invited(*invited);
        }
        let dialog = event.dialog();
        let Some(call) = self.calls.get(&dialog) else { return };
        match call.inbox.try_send(ToCall::Sip(Box::new(event))) {
            Ok(()) | Err(TrySendError::Closed(_)) => {} // a call that has just ended needs no more events
            Err(TrySendError::Full(_)) => tracing::warn!("a call does not take its events"),
        }
    }

    fn invited(&mut self, invited: sip::Invited) {
        let sip::Invited { dialog, call_id, offer, .. } = invited;
        let now = self.services.clock.now();
        if self.stop_at.is_some() || self.services.recognizers.load() > RECOGNIZER_LOAD_MAX {
            metrics::counter!("callwright_calls_refused_total").increment(1);
            let command = sip::Command::Reject { dialog, status: 503 };
            return self.agent.handle(now, sip::Input::Command(command));
        }
        let opened = self.open(dialog, &call_id, |setup| Call::inbound(setup, now, offer.as_deref()));
        if let Err(why) = opened {
            tracing::error!(%why, "call refused");
            self.agent.handle(now, sip::Input::Command(sip::Command::Reject { dialog, status: 503 }));
        }
    }

    fn place(&mut self, order: Place) {
        let now = self.services.clock.now();
        let dialog = self.agent.next_dialog_id();
        let Place { target, destination, done } = order;
        let id = format!("out-{:016x}", random());
        let caller = Redacted::new("callwright".to_owned());
        match self.open(dialog, &id, |setup| Call::outbound(setup, now, target, destination, caller)) {
            Ok(()) => {
                self.placed.insert(dialog, done);
            }
            Err(why) => tracing::error!(%why, "call not placed"),
        }
    }

    /// Makes a call's machine and starts its task.
    fn open(
        &mut self,
        dialog: sip::DialogId,
        id: &str,
        make: impl FnOnce(CallSetup) -> Call,
    ) -> Result<(), anyhow::Error> {
        let (rtp, rtcp) = {
            let _media = self.media.enter(); // the sockets belong to the media runtime
            self.ports.bind()?
        };
        let local = rtp.local_addr()?;
        let language = self.config.call.language;
        // Peers choose their Call-IDs: two calls at once may bear the same, and must not share a trace or recogniser jobs.
        let taken = self.calls.values().any(|call| call.id.as_str() == id);
        let id = CallId::new(if taken { format!("{id}-{:016x}", random()) } else { id.to_owned() });
        let setup = CallSetup {
            id: id.clone(),
            dialog,
            local: sdp::Local { address: local.ip(), rtp_port: local.port(), session_id: random() >> 1, version: 1 },
            language,
            conversation: Conversation::new(Arc::clone(&self.campaign), language, CallerFacts::default()),
            detector: TurnDetector::new(self.config.hearing, Box::new(Earshot::new())),
            limits: CallLimits {
                logprob_min: self.config.recognizer.logprob_min(language),
                ..self.config.call.limits.clone()
            },
            seed: random(),
        };
        let (to_call, inbox) = mpsc::channel(EVENTS_WAITING_MAX);
        let task = CallTask {
            call: make(setup),
            id: id.clone(),
            language,
            voice: self.config.speech.voice(language).clone(),
            rtp,
            rtcp,
            inbox,
            node: self.to_node.clone(),
            services: Arc::clone(&self.services),
        };
        self.calls.insert(dialog, Running { id, inbox: to_call });
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

/// Unguessable bits: the standard library's hasher keys come from the operating system.
pub fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
