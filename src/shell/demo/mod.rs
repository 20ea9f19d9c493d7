//! `callwright demo`: a customer with a synthetic voice calls the agent from a process of its own, over SIP and RTP, and
//! shows what happened. What it measures it measures on the packets it sent and received; what the agent heard and
//! meant it reads from the agent's trace.

mod follow;
mod table;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::asr::Language;

use super::clock::Clock;
use super::customer::{Customer, Parting, Recording, Script, Told, barge_in_stop, reply};
use super::trace::{Trace, file_name};

use follow::{Follow, Seen};
pub(super) use table::edit_distance;
use table::{Row, Summary, Table};

/// What the command line says.
pub struct Options {
    /// The agent.
    pub agent: SocketAddr,
    /// The customer's language.
    pub language: Language,
    /// Where the agent writes its trace, and the demo its recording and messages.
    pub directory: PathBuf,
}

/// A call that was held.
struct DemoCall {
    /// A row a line.
    rows: Vec<Row>,
    recording: Recording,
    /// The agent's trace.
    events: PathBuf,
    /// Every line was spoken before the call ended.
    completed: bool,
}

/// Places the call; fails when the call failed or a turn got no reply.
pub fn run(options: Options) -> Result<ExitCode> {
    let directory = &options.directory;
    // Beside the agent's own: a directory of its own, or each message of the call would be there twice.
    let messages = directory.join("customer");
    let trace = Trace::to(&messages, "customer").with_context(|| format!("directory {}", messages.display()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let call = runtime.block_on(hold(&options, trace))?;
    let wav = directory.join(format!("call-{}.wav", options.language.code()));
    call.recording.write(&wav)?;
    let summary = Summary::of(&call);
    println!("{summary}");
    if !call.events.exists() {
        let directory = directory.display();
        println!("what the agent heard is not known: start it with --trace {directory}, on this machine");
    }
    println!("recording  {}  (left: customer, right: agent)", wav.display());
    println!("events     {}", call.events.display());
    let id = call.events.file_stem().unwrap_or_default().to_string_lossy();
    println!("ladder     callwright trace {id} --dir {}", directory.display());
    Ok(if summary.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn hold(options: &Options, trace: Trace) -> Result<DemoCall> {
    let path = PathBuf::from(format!("scripts/demo/{}.toml", options.language.code()));
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("{}: run the demo from the repository's root", path.display()))?;
    let lines = Script::render(&text, &path.display().to_string(), options.language)?.lines;
    let turns = lines.len();
    let customer = Customer::call(Clock::start(), trace, options.agent, lines, Parting::AgentHangsUp).await?;
    let mut follow = Follow::new(options.directory.join(format!("{}.jsonl", file_name(customer.call_id()))));
    let table = Table::for_terminal();
    println!("{}", table.heading());
    let mut rows = Vec::new();
    let held = customer
        .talk(|told| {
            let news = follow.news();
            match told {
                Told::Opened => println!("{}\n", table.row(0, &Row::of(&news))),
                Told::Turn { line, spoken, arrived } => {
                    let row = Row {
                        said: line.text.clone(),
                        want: line.want.clone(),
                        replied: Some(reply(spoken, arrived)),
                        barge_in_stop: line.interrupt_ms.and_then(|_| barge_in_stop(spoken, arrived)),
                        ..Row::of(&news)
                    };
                    println!("{}\n", table.row(rows.len() + 1, &row));
                    rows.push(row);
                }
            }
        })
        .await?;
    let completed = held.turns == turns;
    Ok(DemoCall { rows, recording: held.recording, events: follow.path().to_owned(), completed })
}

impl Row {
    /// What the agent heard and said, by its trace.
    fn of(news: &[Seen]) -> Self {
        let mut row = Self::default();
        let mut replies = Vec::new();
        for seen in news {
            match seen {
                Seen::Heard { text, action, action_confidence } => {
                    if !row.heard.is_empty() && !text.is_empty() {
                        row.heard.push(' ');
                    }
                    row.heard.push_str(text);
                    (row.action, row.confidence) = (action.clone(), *action_confidence);
                }
                Seen::Reply { text } => replies.push(text.as_str()),
                Seen::Other => {}
            }
        }
        row.reply = replies.join(" / ");
        row
    }
}
