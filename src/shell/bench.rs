//! `callwright bench turns`: N customers at once on real calls over loopback, from a process of their own, and what they
//! measured on the wire (docs/ARCHITECTURE.md, definitions). A customer whose agent hangs up calls again.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::asr::Language;
use crate::base::Instant;

use super::clock::Clock;
use super::customer::{Customer, Line, Parting, Replied, Script, Told, barge_in_stop, percentile, reply};
use super::options::Lang;
use super::trace::Trace;

/// What is measured.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Conversations: how fast the agent answers, and whether its speech stays smooth.
    Turns(Turns),
}

/// What the command line says.
#[derive(clap::Args)]
struct Turns {
    /// Calls at once.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=500))]
    calls: u16,
    /// Turns of each customer.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    turns: u16,
    /// One JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// The customers' language.
    #[arg(long, default_value = "zh")]
    lang: Lang,
    /// An agent that runs already, and holds its calls in that language; else one is started on free ports.
    #[arg(long, value_name = "IP:PORT")]
    agent: Option<SocketAddr>,
    /// Configuration of the agent that is started.
    #[arg(long, conflicts_with = "agent")]
    config: Option<PathBuf>,
}

/// Calls begin so far apart: together, but not in the same frame.
const STAGGER: Duration = Duration::from_millis(137);
/// A customer whose calls fail, or end without a turn, gives up after so many in a row.
const VAIN_CALLS_MAX: usize = 3;
const BEFORE_REDIAL: Duration = Duration::from_secs(1);
/// How long the agent may take to load its models.
const START_MAX: Duration = Duration::from_secs(60);
/// The idle thread's beat, as a call's.
const BEAT: Duration = Duration::from_millis(20);

/// Milliseconds at percentiles; null where nothing was measured.
#[derive(Serialize)]
struct Spread {
    p50: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
    max: Option<f64>,
}

#[derive(Serialize)]
struct Stops {
    p50: Option<f64>,
    p95: Option<f64>,
}

/// What a run of the bench found.
#[derive(Serialize)]
struct Report {
    calls: u16,
    /// Of all customers together.
    turns: usize,
    reply_ms: Spread,
    /// The agent has no fillers: its first sound is the reply.
    first_sound_ms: Spread,
    barge_in_stop_ms: Stops,
    replies_missing: usize,
    false_cut_offs: usize,
    rtp_lost: u64,
    rtp_late: u64,
    control_slip_ms: Spread,
}

/// What one customer found, or all of them.
#[derive(Default)]
struct Found {
    replies: Vec<Duration>,
    stops: Vec<Duration>,
    missing: usize,
    cut_offs: usize,
    packets: usize,
    lost: u64,
    late: u64,
    calls: usize,
}

/// Measures.
pub fn run(args: Args) -> Result<ExitCode> {
    let What::Turns(turns) = args.what;
    let language = Language::from(turns.lang);
    let (name, text) = match language {
        Language::Zh => ("scripts/bench/zh.toml", include_str!("../../scripts/bench/zh.toml")),
        Language::En => ("scripts/bench/en.toml", include_str!("../../scripts/bench/en.toml")),
    };
    let script = Script::render(text, name, language)?;
    let (agent, _running) = match turns.agent {
        Some(agent) => (agent, None),
        None => Agent::start(language, turns.config.as_deref()).map(|agent| (agent.sip, Some(agent)))?,
    };
    let slip = Slip::start()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let found = runtime.block_on(all(&turns, &script, agent))?;
    let slips = slip.stop();
    if found.packets == 0 {
        bail!("no call to {agent} was held: is an agent running there?");
    }
    let (packets, dialled) = (found.packets, found.calls);
    let report = Report::of(turns.calls, turns.turns, found, slips);
    if turns.json {
        let mut out = std::io::stdout().lock();
        serde_json::to_writer(&mut out, &report)?;
        writeln!(out)?;
    } else {
        println!("{}", report.table(packets, dialled));
    }
    Ok(ExitCode::SUCCESS)
}

async fn all(turns: &Turns, script: &Script, agent: SocketAddr) -> Result<Found> {
    let mut customers = tokio::task::JoinSet::new();
    for n in 0..usize::from(turns.calls) {
        // Each begins elsewhere in the script.
        let lines = script.lines.iter().cycle().skip(3 * n).take(turns.turns.into()).cloned().collect();
        customers.spawn(async move {
            tokio::time::sleep(STAGGER * n as u32).await;
            customer(agent, lines).await
        });
    }
    let mut all = Found::default();
    while let Some(found) = customers.join_next().await {
        all.add(found.context("a customer's task failed")?);
    }
    Ok(all)
}

/// Speaks all lines, in as many calls as it takes.
async fn customer(agent: SocketAddr, mut lines: Vec<Line>) -> Found {
    let mut found = Found::default();
    let mut vain = 0;
    while !lines.is_empty() && vain < VAIN_CALLS_MAX {
        if found.calls > 0 {
            tokio::time::sleep(BEFORE_REDIAL).await;
        }
        found.calls += 1;
        match call(agent, &lines, &mut found).await {
            Ok(0) => vain += 1,
            Ok(turns) => {
                vain = 0;
                lines.drain(..turns);
            }
            Err(why) => {
                tracing::warn!("{why:#}");
                vain += 1;
            }
        }
    }
    found.missing += lines.len();
    found
}

async fn call(agent: SocketAddr, lines: &[Line], found: &mut Found) -> Result<usize> {
    let mut lines = lines.to_vec();
    // The opening discloses an AI and is said to its end, whoever speaks over it.
    lines.iter_mut().take(1).for_each(|first| first.interrupt_ms = None);
    let customer = Customer::call(Clock::start(), Trace::off(), agent, lines, Parting::CustomerHangsUp).await?;
    let held = customer
        .talk(|told| match told {
            Told::Opened => {}
            Told::Turn { line, spoken, arrived } => {
                match reply(spoken, arrived) {
                    Replied::After(latency) => found.replies.push(latency),
                    Replied::CutOff => found.cut_offs += 1,
                    Replied::Never => found.missing += 1,
                }
                found.stops.extend(line.interrupt_ms.and_then(|_| barge_in_stop(spoken, arrived)));
            }
        })
        .await?;
    found.packets += held.flow.len();
    found.lost += held.flow.lost();
    found.late += held.flow.late();
    Ok(held.turns)
}

impl Found {
    fn add(&mut self, other: Self) {
        self.replies.extend(other.replies);
        self.stops.extend(other.stops);
        self.missing += other.missing;
        self.cut_offs += other.cut_offs;
        self.packets += other.packets;
        self.lost += other.lost;
        self.late += other.late;
        self.calls += other.calls;
    }
}

impl Spread {
    fn of(mut values: Vec<Duration>) -> Self {
        values.sort_unstable();
        let at = |percent| (!values.is_empty()).then(|| ms(percentile(&values, percent)));
        Self { p50: at(50), p95: at(95), p99: at(99), max: at(100) }
    }
}

/// Milliseconds with two decimals.
fn ms(duration: Duration) -> f64 {
    (duration.as_micros() as f64 / 10.0).round() / 100.0
}

impl Report {
    fn of(calls: u16, turns: u16, found: Found, slips: Vec<Duration>) -> Self {
        let stops = Spread::of(found.stops);
        Self {
            calls,
            turns: usize::from(calls) * usize::from(turns),
            reply_ms: Spread::of(found.replies.clone()),
            first_sound_ms: Spread::of(found.replies),
            barge_in_stop_ms: Stops { p50: stops.p50, p95: stops.p95 },
            replies_missing: found.missing,
            false_cut_offs: found.cut_offs,
            rtp_lost: found.lost,
            rtp_late: found.late,
            control_slip_ms: Spread::of(slips),
        }
    }

    fn table(&self, packets: usize, dialled: usize) -> String {
        let whole = |ms: Option<f64>| ms.map_or("-".to_owned(), |ms| format!("{ms:.0}"));
        let fine = |ms: Option<f64>| ms.map_or("-".to_owned(), |ms| format!("{ms:.2}"));
        let spread = |s: &Spread| {
            format!("p50 {}  p95 {}  p99 {}  max {} ms", whole(s.p50), whole(s.p95), whole(s.p99), whole(s.max))
        };
        let slip = &self.control_slip_ms;
        [
            format!("calls at once        {} ({dialled} dialled)", self.calls),
            format!("turns                {} ({} without a reply)", self.turns, self.replies_missing),
            format!("reply latency        {}", spread(&self.reply_ms)),
            format!("first sound          {}", spread(&self.first_sound_ms)),
            format!(
                "barge-in stop        p50 {}  p95 {} ms",
                whole(self.barge_in_stop_ms.p50),
                whole(self.barge_in_stop_ms.p95)
            ),
            format!("false cut-offs       {}", self.false_cut_offs),
            format!("RTP                  {} lost, {} late of {packets}", self.rtp_lost, self.rtp_late),
            format!("idle thread's slip   p50 {}  p99 {}  max {} ms", fine(slip.p50), fine(slip.p99), fine(slip.max)),
        ]
        .join("\n")
    }
}

/// A thread that only sleeps from beat to beat: what it is late, the machine is late.
struct Slip {
    stop: Arc<AtomicBool>,
    thread: thread::JoinHandle<Vec<Duration>>,
}

impl Slip {
    fn start() -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let clock = Clock::start();
        let thread = thread::Builder::new().name("idle".to_owned()).spawn(move || {
            let mut slips = Vec::new();
            let mut due: Instant = clock.now().instant;
            while !stopped.load(Ordering::Relaxed) {
                due = due + BEAT;
                thread::sleep(due.since(clock.now().instant));
                slips.push(clock.now().instant.since(due));
            }
            slips
        })?;
        Ok(Self { stop, thread })
    }

    fn stop(self) -> Vec<Duration> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}

/// An agent of our own, in its own process; ended with this value.
struct Agent {
    process: Child,
    sip: SocketAddr,
}

impl Agent {
    fn start(language: Language, config: Option<&std::path::Path>) -> Result<Self> {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let sip = UdpSocket::bind(loopback)?.local_addr()?;
        let http = TcpListener::bind(loopback)?.local_addr()?;
        let mut command = Command::new(std::env::current_exe().context("our own program")?);
        command.args(["serve", "--lang", language.code(), "--listen", &sip.to_string(), "--http", &http.to_string()]);
        config.into_iter().for_each(|config| _ = command.arg("--config").arg(config));
        let mut process = command.stderr(Stdio::piped()).spawn().context("our own program")?;
        let said = process.stderr.take();
        let agent = Self { process, sip }; // from here on it is ended whatever happens
        let (ready, is_ready) = sync_channel(1);
        thread::spawn(move || {
            for line in said.map(BufReader::new).into_iter().flat_map(BufRead::lines).map_while(Result::ok) {
                if line.starts_with("callwright answers") {
                    let _ = ready.try_send(()); // nobody waits any more
                } else {
                    eprintln!("agent: {line}");
                }
            }
        });
        is_ready.recv_timeout(START_MAX).context("the agent did not start")?;
        Ok(agent)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        if let Some(pid) = rustix::process::Pid::from_raw(self.process.id() as i32) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM); // it may have ended
        }
        let _ = self.process.wait();
    }
}
