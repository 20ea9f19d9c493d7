//! The trace of a node: events of each call in `CALL.jsonl`, SIP messages in `NAME.sip.jsonl`, a JSON line each, written at
//! once so that a crash loses nothing. Off by default, since it holds what people said. A thread writes; a full queue
//! drops the newest line and counts it, a call never waits. `callwright trace` reads it.

mod find;
mod ladder;
mod pcap;
mod read;
mod record;

pub use read::{Args, run};
pub use record::Way;

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use crate::base::{Now, UnixMillis};
use crate::call::{Event, Happened};
use crate::sip::Transport;

use record::SipRecord;

/// Lines that wait at most.
const LINES_WAITING_MAX: usize = 8192;
/// A longer file of SIP messages becomes `NAME.old.sip.jsonl`, in the place of the one before.
const SIP_FILE_BYTES_MAX: u64 = 256 << 20;
/// How the names of files of SIP messages end.
const SIP_FILE: &str = ".sip.jsonl";

/// A SIP message on its way.
#[derive(Debug, Clone, Copy)]
pub struct Passed<'a> {
    /// In or out.
    pub way: Way,
    /// How.
    pub transport: Transport,
    /// Our address.
    pub local: SocketAddr,
    /// The other one.
    pub peer: SocketAddr,
    /// All of it.
    pub bytes: &'a [u8],
}

enum Line {
    Event(Happened),
    Sip { at: UnixMillis, way: Way, transport: Transport, local: SocketAddr, peer: SocketAddr, bytes: Vec<u8> },
}

/// Where events go. Dropping it waits until all is written.
pub struct Trace {
    lines: Option<SyncSender<Line>>,
    writer: Option<JoinHandle<()>>,
}

impl Trace {
    /// Writes nothing.
    pub fn off() -> Self {
        Self { lines: None, writer: None }
    }

    /// Writes `CALL.jsonl` for each call and `NAME.sip.jsonl` below `directory`; what is there already stays.
    pub fn to(directory: &Path, name: &str) -> std::io::Result<Self> {
        fs::create_dir_all(directory)?;
        let sip = SipFile::open(directory.join(format!("{name}{SIP_FILE}")))?;
        let (lines, waiting) = sync_channel(LINES_WAITING_MAX);
        let directory = directory.to_owned();
        let writer = thread::Builder::new().name("trace".to_owned()).spawn(move || write(&directory, sip, &waiting))?;
        Ok(Self { lines: Some(lines), writer: Some(writer) })
    }

    /// Whether anything is written.
    pub fn is_on(&self) -> bool {
        self.lines.is_some()
    }

    /// An event of a call.
    pub fn event(&self, happened: &Happened) {
        self.line(|| Line::Event(happened.clone()));
    }

    /// A SIP message.
    pub fn sip(&self, now: Now, passed: Passed<'_>) {
        let Passed { way, transport, local, peer, bytes } = passed;
        self.line(|| Line::Sip { at: now.wall, way, transport, local, peer, bytes: bytes.to_vec() });
    }

    fn line(&self, line: impl FnOnce() -> Line) {
        if let Some(lines) = &self.lines
            && lines.try_send(line()).is_err()
        {
            metrics::counter!("callwright_trace_lines_dropped_total").increment(1);
        }
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        self.lines = None; // tells the writer
        if let Some(writer) = self.writer.take() {
            let _ = writer.join(); // if it failed, there is nothing to wait for
        }
    }
}

fn write(directory: &Path, mut sip: SipFile, waiting: &Receiver<Line>) {
    let mut calls: HashMap<String, File> = HashMap::new();
    while let Ok(line) = waiting.recv() {
        let written = match line {
            Line::Sip { at, way, transport, local, peer, bytes } => {
                let passed = Passed { way, transport, local, peer, bytes: &bytes };
                sip.append(&SipRecord::new(at, &passed))
            }
            Line::Event(happened) => write_event(directory, &mut calls, &happened),
        };
        if let Err(why) = written {
            metrics::counter!("callwright_trace_lines_dropped_total").increment(1);
            tracing::warn!(%why, "trace");
        }
    }
}

fn write_event(directory: &Path, calls: &mut HashMap<String, File>, happened: &Happened) -> std::io::Result<()> {
    let name = file_name(happened.call.as_str());
    if !calls.contains_key(&name) {
        calls.insert(name.clone(), appended(&directory.join(format!("{name}.jsonl")))?);
    }
    if let Some(file) = calls.get_mut(&name) {
        write_line(file, happened)?; // at once: a reader follows the call live
    }
    if matches!(happened.event, Event::Ended { .. }) {
        calls.remove(&name);
    }
    Ok(())
}

/// The file of SIP messages, renamed when it is full.
struct SipFile {
    path: PathBuf,
    file: File,
    bytes: u64,
}

impl SipFile {
    fn open(path: PathBuf) -> std::io::Result<Self> {
        let file = appended(&path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { path, file, bytes })
    }

    fn append(&mut self, record: &SipRecord) -> std::io::Result<()> {
        if self.bytes >= SIP_FILE_BYTES_MAX {
            let name = self.path.to_string_lossy();
            let old = name.strip_suffix(SIP_FILE).unwrap_or(&name);
            fs::rename(&self.path, format!("{old}.old{SIP_FILE}"))?;
            *self = Self::open(self.path.clone())?;
        }
        self.bytes += write_line(&mut self.file, record)?;
        Ok(())
    }
}

fn appended(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// One line by one write: two processes may share a file. How many bytes.
fn write_line(file: &mut File, line: &impl serde::Serialize) -> std::io::Result<u64> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    file.write_all(&bytes)?;
    Ok(bytes.len() as u64)
}

/// A Call-ID comes from the network: only harmless characters reach the file system, at most 80.
pub fn file_name(call: &str) -> String {
    call.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::find::find;
    use super::*;
    use crate::base::CallId;

    #[test]
    fn what_is_written_is_found_also_after_a_restart_and_behind_a_line_cut_by_a_crash() {
        let directory = tempfile::tempdir().expect("a directory");
        let address = "127.0.0.1:5060".parse().expect("address");
        let bytes = b"BYE sip:a@b SIP/2.0\r\nCall-ID: c/../1\r\n\r\n";
        for _ in 0..2 {
            let trace = Trace::to(directory.path(), "agent").expect("opened");
            let (way, transport) = (Way::In, Transport::Tcp);
            trace.sip(Now::default(), Passed { way, transport, local: address, peer: address, bytes });
            let (call, wall) = (CallId::new("c/../1"), Now::default().wall);
            trace.event(&Happened { call, at_ms: 0, wall, event: Event::OptedOut });
            drop(trace);
            let file = appended(&directory.path().join("agent.sip.jsonl"));
            file.and_then(|mut file| file.write_all(b"{\"at\":\"20\n")).expect("written");
        }
        assert_eq!(find(directory.path(), "c/../1").expect("found").entries.len(), 4);
    }
}
