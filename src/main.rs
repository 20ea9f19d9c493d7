//! The command line: arguments to a checked configuration, then the shell.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use callwright::shell::options::{Lang, Shared};
use callwright::shell::{
    bench, check, converse, demo, eval, hear, models, prompts, serve, trace, transcribe, understand,
};
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
    /// Hold a campaign's conversation in text: a line in is what the customer says, a line of JSON out the answer.
    Converse(converse::Args),
    /// Check configuration, campaigns and models, or only the campaign files named.
    Check(check::Args),
    /// Models: what is installed, whether it is whole, and fetching others.
    Models(models::Args),
    /// Recorded prompts: what to record, taking recordings in, what is still synthesised.
    Prompts(prompts::Args),
    /// Show one call of a trace directory as a SIP ladder, or write its messages as a pcap.
    Trace(trace::Args),
    /// What texts mean: a line in, a line of JSON out.
    Understand(understand::Args),
    /// Run the evaluations and print their figures; with floors, fail when one falls below.
    Eval(eval::Args),
    /// Measure an agent under load.
    Bench(bench::Args),
    /// Write down what is said in files of sound.
    Transcribe(transcribe::Args),
    /// Name the signals of the network and the stretches of speech in files of sound.
    Hear(hear::Args),
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
            let mut config = shared.config()?;
            config.sip.listen.set_port(0); // beside an agent that answers
            serve::run(config, serve::Mission::Call { uri })?;
        }
        Command::Demo(args) => {
            return demo::run(demo::Options { agent: args.agent, language: args.lang.into(), directory: args.dir });
        }
        Command::Converse(args) => return converse::run(args),
        Command::Check(args) => return check::run(args),
        Command::Models(args) => return models::run(args),
        Command::Prompts(args) => return prompts::run(args),
        Command::Trace(args) => return trace::run(args),
        Command::Understand(args) => return understand::run(args),
        Command::Eval(args) => return eval::run(args),
        Command::Bench(args) => return bench::run(args),
        Command::Transcribe(args) => return transcribe::run(args),
        Command::Hear(args) => return hear::run(args),
    }
    Ok(ExitCode::SUCCESS)
}
