//! `callwright demo`: a customer with a synthetic voice calls the agent from a process of its own, over SIP and RTP, and
//! shows what happened. What it measures it measures on the packets it sent and received; what the agent heard and
//! meant it reads from the agent's trace.

mod customer;
mod follow;
mod measure;
mod recording;
mod script;
mod table;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::asr::Language;

use super::clock::Clock;
use super::trace::Trace;

use customer::Customer;
use script::Script;
use table::Summary;

/// What the command line says.
pub struct Options {
    /// The agent.
    pub agent: SocketAddr,
    /// The customer's language.
    pub language: Language,
    /// Where the agent writes its trace, and the demo its recording and messages.
    pub directory: PathBuf,
}

/// Places the call; fails when the call failed or a turn got no reply.
pub fn run(options: Options) -> Result<ExitCode> {
    let script = Script::load(options.language)?;
    let directory = &options.directory;
    // Beside the agent's own: a directory of its own, or each message of the call would be there twice.
    let messages = directory.join("customer");
    let trace = Trace::to(&messages, "customer").with_context(|| format!("directory {}", messages.display()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let call = runtime.block_on(async {
        let customer = Customer::call(Clock::start(), trace, &options, script).await?;
        customer.talk().await
    })?;
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
