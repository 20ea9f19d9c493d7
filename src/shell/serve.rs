//! `callwright serve` and `callwright call`: loads the models, renders the fixed sentences, opens the sockets, runs.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use anyhow::{Context, Result, bail, ensure};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::net::UdpSocket;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot, watch};

use crate::asr::Language;
use crate::asr::whisper::WhisperModel;
use crate::call::EndReason;
use crate::config::Config;
use crate::conversation::Campaign;
use crate::sip;
use crate::speech::espeak::EspeakSynthesizer;
use crate::speech::{SpeechCache, Synthesizer};
use crate::understanding::onnx::IntentModel;

use super::call_task::Services;
use super::clock::Clock;
use super::http::{self, Shown};
use super::node::{Node, Place};
use super::recognizers::{Recognizers, State};
use super::trace::Trace;
use super::voices::Voices;

/// Threads that run calls. Signalling has its own, so that a burst of INVITEs does not make speech stutter.
const MEDIA_THREADS: usize = 2;

/// What the process does besides answering.
pub enum Mission {
    /// Answers until SIGTERM or ctrl-c.
    Answer,
    /// Places one call and ends with it.
    Call {
        /// Whom.
        target: sip::Uri,
        /// Where the INVITE goes.
        destination: SocketAddr,
    },
}

/// Reads the campaign that the configuration names.
pub fn campaign(config: &Config) -> Result<Campaign> {
    let path = &config.call.campaign;
    let text = std::fs::read_to_string(path).with_context(|| format!("campaign {}", path.display()))?;
    let campaign = Campaign::parse(&text, &path.display().to_string())
        .map_err(|error| anyhow::anyhow!("{:?}", miette::Report::new(error)))?;
    let language = config.call.language;
    ensure!(
        campaign.languages().contains(&language),
        "campaign {} has no texts in {}: choose another by --lang, or add them",
        path.display(),
        language.code()
    );
    Ok(campaign)
}

/// Models, workers, cache and trace.
fn services(config: &Config, campaign: &Campaign) -> Result<Services> {
    let whisper = WhisperModel::load(&config.recognizer.model, &config.recognizer.decoder)?;
    let intent = IntentModel::load(&config.understanding_models)?;
    let mut states: Vec<State> = Vec::with_capacity(config.recognizer.states);
    for _ in 0..config.recognizer.states {
        states.push((Box::new(whisper.state(&[config.call.language])?), Box::new(intent.classifier()?)));
    }
    let recognizers = Recognizers::start(states, config.recognizer.queue_max)?;
    let mut synthesizers: Vec<Box<dyn Synthesizer>> = Vec::with_capacity(config.speech.workers);
    for _ in 0..config.speech.workers {
        synthesizers.push(Box::new(EspeakSynthesizer::new()?));
    }
    let voices = Voices::start(synthesizers, SpeechCache::new(config.speech.cache_bytes_max))?;
    let language: Language = config.call.language;
    voices.warm(campaign.fixed_sentences(language), config.speech.voice(language))?;
    let trace = match &config.trace_directory {
        Some(directory) => trace(directory)?,
        None => Trace::off(),
    };
    Ok(Services { clock: Clock::start(), recognizers, voices, trace })
}

fn trace(directory: &Path) -> Result<Trace> {
    Trace::to(directory, "agent").with_context(|| format!("trace directory {}", directory.display()))
}

/// Runs the agent until it is told to stop, or until its call is over.
pub fn run(config: Config, mission: Mission) -> Result<()> {
    let campaign = campaign(&config)?;
    let control = runtime("control", 1)?;
    let media = runtime("media", MEDIA_THREADS)?;
    let metrics = PrometheusBuilder::new().install_recorder().context("metrics")?;
    let services = Arc::new(services(&config, &campaign)?);
    let (handle, workers) = (media.handle().clone(), Arc::clone(&services));
    let result = control.block_on(async move {
        let socket = UdpSocket::bind(config.sip.listen)
            .await
            .with_context(|| format!("SIP on {}: is another agent running?", config.sip.listen))?;
        let calls_now = Arc::new(AtomicUsize::new(0));
        let answers = matches!(mission, Mission::Answer);
        if answers {
            let shown = Shown { calls: Arc::clone(&calls_now), metrics };
            let bound = http::start(config.http_listen, shown)
                .await
                .with_context(|| format!("HTTP on {}: is another agent running?", config.http_listen))?;
            eprintln!("callwright answers sip:{} and shows http://{bound}/health", socket.local_addr()?);
        }
        let node = Node::new(socket, Arc::new(config), Arc::new(campaign), services, handle, calls_now)?;
        let (orders, waiting) = mpsc::channel(1);
        let (stop, stopped) = watch::channel(false);
        let mut running = tokio::spawn(node.run(waiting, stopped));
        let accomplished = tokio::select! {
            ended = &mut running => {
                ended.context("the node failed")?;
                bail!("the node ended by itself");
            }
            signalled = wait_for_signal() => signalled,
            called = accomplish(mission, &orders) => called,
        };
        stop.send_replace(true);
        running.await.context("the node failed")?;
        accomplished
    });
    media.shutdown_timeout(std::time::Duration::from_secs(1));
    drop(workers); // the last ones: waits for the decode under way and the last lines of the trace
    result
}

/// Answering has no end of its own; a call has.
async fn accomplish(mission: Mission, orders: &mpsc::Sender<Place>) -> Result<()> {
    let Mission::Call { target, destination } = mission else { return std::future::pending().await };
    let (done, over) = oneshot::channel();
    orders.send(Place { target, destination, done }).await.ok().context("the node ended by itself")?;
    match over.await.context("the call could not be placed")? {
        Some(EndReason::PeerHungUp | EndReason::AgentHungUp | EndReason::TooLong) => Ok(()),
        Some(EndReason::NotAnswered | EndReason::Cancelled) => bail!("{destination} did not take the call"),
        Some(EndReason::PeerGone) => bail!("{destination} does not answer any more"),
        Some(EndReason::NoCommonMedia) => bail!("{destination} offers neither PCMU nor PCMA"),
        Some(EndReason::ShutDown) | None => bail!("the call was broken off"),
    }
}

fn runtime(name: &str, threads: usize) -> Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(threads)
        .thread_name(name)
        .enable_all()
        .build()
        .with_context(|| format!("{name} runtime"))
}

async fn wait_for_signal() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => tracing::info!("SIGTERM: no new calls, the present ones are ended"),
        result = tokio::signal::ctrl_c() => result?,
    }
    Ok(())
}
