//! The command line: arguments to a checked configuration, then the shell.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use callwright::shell::options::{Lang, Shared};
use callwright::shell::{bench, check, demo, serve, transcribe};
use callwright::sip;
use clap::{Args, Parser, Subcommand};

/// A SIP/RTP voice agent for telesales.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer calls until SIGTERM.
    Serve(Shared),
    /// Call a SIP URI on this machine or in a private network, and hold the campaign's conversation.
    Call {
        /// Whom, such as sip:alice@127.0.0.1:5062.
        uri: String,
        #[command(flatten)]
        shared: Shared,
    },
    /// Be the customer: place a real call to a running agent and show it.
    Demo(Demo),
    /// Check configuration, campaign and models.
    Check(Shared),
    /// Measure an agent under load.
    Bench(bench::Args),
    /// Write down what is said in files of sound.
    Transcribe(transcribe::Args),
}

#[derive(Args)]
struct Demo {
    /// The agent.
    #[arg(long, default_value = "127.0.0.1:5060", value_name = "IP:PORT")]
    agent: SocketAddr,
    /// The customer's language; the agent must hold its calls in the same.
    #[arg(long, default_value = "zh")]
    lang: Lang,
    /// Where the agent writes its trace, and the demo its recording.
    #[arg(long, default_value = "target/demo", value_name = "DIR")]
    dir: PathBuf,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,callwright=info")),
        )
        .with_writer(std::io::stderr)
        .init();
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("callwright: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Serve(shared) => serve::run(shared.config()?, serve::Mission::Answer)?,
        Command::Call { uri, shared } => {
            let (target, destination) = callee(&uri)?;
            let mut config = shared.config()?;
            anyhow::ensure!(
                destination.ip().is_loopback() || !config.sip.listen.ip().is_loopback(),
                "{destination} is not reached from {}: give --listen with an address of this machine in its network",
                config.sip.listen.ip()
            );
            config.sip.listen.set_port(0); // beside an agent that answers
            serve::run(config, serve::Mission::Call { target, destination })?;
        }
        Command::Demo(args) => {
            return demo::run(demo::Options { agent: args.agent, language: args.lang.into(), directory: args.dir });
        }
        Command::Check(shared) => check::run(&shared.config()?)?,
        Command::Bench(args) => return bench::run(args),
        Command::Transcribe(args) => return transcribe::run(args),
    }
    Ok(ExitCode::SUCCESS)
}

/// Until there are permits only loopback and private addresses are called.
fn callee(uri: &str) -> anyhow::Result<(sip::Uri, SocketAddr)> {
    let target: sip::Uri = sip::Uri::parse(uri).map_err(|why| anyhow::anyhow!("{uri}: {why}"))?;
    let destination = target
        .address()
        .ok_or_else(|| anyhow::anyhow!("{uri}: give the host as an IP address, such as sip:alice@127.0.0.1:5062"))?;
    let private = match destination.ip().to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    };
    anyhow::ensure!(private, "{uri}: test calls reach loopback and private addresses only; others need a permit");
    Ok((target, destination))
}
