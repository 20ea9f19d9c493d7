//! `callwright serve` and `callwright call`: opens the sockets, reads the campaigns, loads the models, renders the fixed
//! sentences, runs.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::sleep;

use crate::call::EndReason;
use crate::compliance;
use crate::config::Config;
use crate::sip;
use crate::speech::espeak::EspeakSynthesizer;
use crate::speech::{SpeechCache, Synthesizer};

use super::call_task::Services;
use super::callee;
use super::campaigns::{self, Campaigns};
use super::clock::Clock;
use super::http::{self, Shown};
use super::learning::Learning;
use super::node::{Node, Place};
use super::priority;
use super::recognizers::Recognizers;
use super::reviews::Reviews;
use super::signalling::Signalling;
use super::swap::Models;
use super::trace::Trace;
use super::voices::Voices;
use super::watch::Watch;

/// Threads that run calls. Signalling has its own, so that a burst of INVITEs does not make speech stutter.
const MEDIA_THREADS: usize = 2;
/// How long the connection of a placed call outlives it. RFC 3261 §18 wants it to outlive the transactions: sipp takes a call
/// for failed whose connection goes within 4 s of its BYE.
const CONNECTION_LINGER: Duration = Duration::from_secs(5);

/// What the process does besides answering.
pub enum Mission {
    /// Answers until SIGTERM or ctrl-c.
    Answer,
    /// Places one call and ends with it.
    Call {
        /// Whom, as typed.
        uri: String,
    },
}

/// Workers, cache and trace.
fn services(config: &Config, campaigns: &Campaigns, models: &Models, clock: Clock) -> Result<Services> {
    let recognizers = Recognizers::start(config.recognizer.states, config.recognizer.queue_max, models.make())?;
    let mut synthesizers: Vec<Box<dyn Synthesizer>> = Vec::with_capacity(config.speech.workers);
    for _ in 0..config.speech.workers {
        synthesizers.push(Box::new(EspeakSynthesizer::new()?));
    }
    let voices = Voices::start(synthesizers, SpeechCache::new(config.speech.cache_bytes_max))?;
    campaigns.render(&voices, config)?;
    let trace = match &config.trace_directory {
        Some(directory) => trace(directory)?,
        None => Trace::off(),
    };
    let learning = match &config.learning_file {
        Some(file) => Learning::to(file).with_context(|| format!("learning file {}", file.display()))?,
        None => Learning::off(),
    };
    compliance::prepare_phrases();
    let reviews = Reviews::start(models.classifier()?)?;
    Ok(Services { clock, recognizers, voices, reviews, trace, learning })
}

fn trace(directory: &Path) -> Result<Trace> {
    Trace::to(directory, "agent").with_context(|| format!("trace directory {}", directory.display()))
}

/// The sockets, bound before all that takes time: a port that is taken is an error at once. None for HTTP where nobody is
/// answered.
fn bind(control: &Runtime, config: &Config, mission: &Mission) -> Result<(Signalling, Option<TcpListener>)> {
    let taken = |what: &str, at: SocketAddr| format!("{what} on {at}: is another agent running?");
    let signalling = control.block_on(Signalling::bind(config.sip.listen));
    let signalling = signalling.with_context(|| taken("SIP", config.sip.listen))?;
    let http = match mission {
        Mission::Answer => {
            let listener = TcpListener::bind(config.http.listen);
            Some(listener.with_context(|| taken("HTTP", config.http.listen))?)
        }
        Mission::Call { .. } => None,
    };
    Ok((signalling, http))
}

/// Whom to call and where, if that is the mission; from loopback to loopback we take the callee's family.
fn order(control: &Runtime, config: &mut Config, mission: &Mission) -> Result<Option<(sip::Uri, SocketAddr)>> {
    let Mission::Call { uri } = mission else { return Ok(None) };
    let listen = &mut config.sip.listen;
    let (target, destination) = control.block_on(callee::resolve(uri, listen.ip()))?;
    if destination.ip().is_loopback() && listen.ip().is_loopback() {
        listen.set_ip(destination.ip());
    }
    Ok(Some((target, destination)))
}

/// Runs the agent until it is told to stop, or until its call is over.
pub fn run(mut config: Config, mission: Mission) -> Result<()> {
    let control = runtime("control", 1, || {})?;
    let order = order(&control, &mut config, &mission)?;
    let (signalling, http) = bind(&control, &config, &mission)?;
    let clock = Clock::start();
    let campaigns = Arc::new(Campaigns::load(&config, clock.now().wall).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", lines.join("\n"))
    })?);
    let media = runtime("media", MEDIA_THREADS, priority::raise)?;
    let metrics = PrometheusBuilder::new().install_recorder().context("metrics")?;
    let models = Arc::new(Models::load(&config, clock.now().wall)?);
    let services = Arc::new(services(&config, &campaigns, &models, clock)?);
    let config = Arc::new(config);
    let watches = {
        let (campaigns, config) = (Arc::clone(&campaigns), Arc::clone(&config));
        let (speaking, hearing, models) = (Arc::clone(&services), Arc::clone(&services), Arc::clone(&models));
        [
            Watch::start("campaigns", move |nudges| {
                campaigns::watch(&campaigns, &speaking.voices, &config, clock, nudges);
            })?,
            Watch::start("models", move |nudges| models.watch(&hearing.recognizers, clock, nudges))?,
        ]
    };
    let nudges = watches.each_ref().map(Watch::nudge);
    let (handle, workers) = (media.handle().clone(), Arc::clone(&services));
    let result = control.block_on(async {
        let calls_now = Arc::new(AtomicUsize::new(0));
        let signals = Signals::heed()?; // from when it says that it answers, a SIGHUP does not end it
        if let Some(http) = http {
            let (sip, http_at) = (signalling.local_addr(), http.local_addr()?);
            eprintln!("callwright answers sip:{sip} and shows http://{http_at}/health");
            let (calls, campaigns, allow) = (Arc::clone(&calls_now), Arc::clone(&campaigns), config.http.allow.clone());
            http::start(http, Shown { allow, calls, campaigns, models: Arc::new(move || models.shown()), metrics })?;
        }
        let node = Node::new(signalling, config, campaigns, services, handle, calls_now)?;
        let (orders, waiting) = mpsc::channel(1);
        let (stop, stopped) = watch::channel(false);
        let mut running = tokio::spawn(node.run(waiting, stopped));
        let accomplished = tokio::select! {
            ended = &mut running => {
                ended.context("the node failed")?;
                bail!("the node ended by itself");
            }
            signalled = signals.wait(&nudges) => signalled,
            called = accomplish(order, &orders) => called,
        };
        stop.send_replace(true);
        running.await.context("the node failed")?;
        accomplished
    });
    media.shutdown_timeout(Duration::from_secs(1));
    drop(nudges);
    watches.into_iter().for_each(Watch::stop);
    drop(workers); // the last ones: waits for the decode under way and the last lines of the trace
    result
}

/// Answering has no end of its own; a call has.
async fn accomplish(order: Option<(sip::Uri, SocketAddr)>, orders: &mpsc::Sender<Place>) -> Result<()> {
    let Some((target, destination)) = order else { return std::future::pending().await };
    let is_connected = target.transport().is_some_and(sip::Transport::is_reliable);
    let (done, over) = oneshot::channel();
    orders.send(Place { target, destination, done }).await.ok().context("the node ended by itself")?;
    let ended = over.await.context("the call could not be placed")?;
    if is_connected {
        sleep(CONNECTION_LINGER).await;
    }
    match ended {
        Some(EndReason::PeerHungUp | EndReason::AgentHungUp | EndReason::TooLong) => Ok(()),
        Some(EndReason::NotAnswered | EndReason::Cancelled) => bail!("{destination} did not take the call"),
        Some(EndReason::PeerGone) => bail!("{destination} does not answer any more"),
        Some(EndReason::NoCommonMedia) => bail!("{destination} offers neither PCMU nor PCMA"),
        Some(EndReason::ShutDown) | None => bail!("the call was broken off"),
    }
}

fn runtime(name: &str, threads: usize, on_start: fn()) -> Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(threads)
        .thread_name(name)
        .on_thread_start(on_start)
        .enable_all()
        .build()
        .with_context(|| format!("{name} runtime"))
}

/// What the process is told by signals.
struct Signals {
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn heed() -> Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, hang_up: signal(SignalKind::hangup())? })
    }

    /// Until SIGTERM or ctrl-c; SIGHUP has campaigns and models looked at.
    async fn wait(mut self, nudges: &[SyncSender<()>]) -> Result<()> {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => {
                    tracing::info!("SIGTERM: no new calls, the present ones are ended");
                    return Ok(());
                }
                _ = self.hang_up.recv() => {
                    nudges.iter().for_each(|nudge| _ = nudge.try_send(())); // full: it looks anyway
                }
                result = tokio::signal::ctrl_c() => return Ok(result?),
            }
        }
    }
}
