//! `callwright trace`: one call of a trace directory as a ladder, as JSON lines, or as a pcap.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};

use super::find::{Entry, find};
use super::{ladder, pcap};

/// What the command line says.
#[derive(clap::Args)]
pub struct Args {
    /// The call: its SIP Call-ID or our name of it, or how one of them begins.
    #[arg(value_name = "CALL-ID")]
    call: String,
    /// The trace directory.
    #[arg(long, default_value = "target/trace", value_name = "DIR")]
    dir: PathBuf,
    /// Write its SIP messages to this file, for Wireshark, in place of the ladder.
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
    /// Print its messages and events as JSON lines, in place of the ladder.
    #[arg(long)]
    json: bool,
}

/// Shows the call.
pub fn run(args: Args) -> Result<ExitCode> {
    let found = find(&args.dir, &args.call)?;
    if let Some(path) = &args.pcap {
        let records = found.entries.iter().filter_map(|entry| match entry {
            Entry::Sip(record) => Some(record),
            Entry::Event(_) => None,
        });
        let mut file = BufWriter::new(File::create(path).with_context(|| path.display().to_string())?);
        pcap::write(records, &mut file).and_then(|()| file.flush()).with_context(|| path.display().to_string())?;
    }
    let mut out = std::io::stdout().lock();
    if args.json {
        for entry in &found.entries {
            let line = match entry {
                Entry::Sip(record) => serde_json::to_string(record)?,
                Entry::Event(event) => serde_json::to_string(event)?,
            };
            writeln!(out, "{line}")?;
        }
    } else if args.pcap.is_none() {
        write!(out, "{}", ladder::draw(&found))?;
    }
    Ok(ExitCode::SUCCESS)
}
