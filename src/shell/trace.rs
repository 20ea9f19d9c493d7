//! The trace: events of each call as JSON lines, SIP messages as text. Off by default, since it holds what people said.
//! A thread writes; a full queue drops the newest line and counts it, a call never waits.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::base::Now;
use crate::call::{Event, Happened};

/// Lines that wait at most.
const LINES_WAITING_MAX: usize = 8192;

enum Line {
    Event(Happened),
    Sip(String),
}

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To us.
    In,
    /// From us.
    Out,
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

    /// Writes `CALL.jsonl` for each call and `NAME.sip` below `directory`.
    pub fn to(directory: &Path, name: &str) -> std::io::Result<Self> {
        fs::create_dir_all(directory)?;
        let sip = BufWriter::new(File::create(directory.join(format!("{name}.sip")))?);
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
    pub fn sip(&self, now: Now, way: Way, peer: SocketAddr, bytes: &[u8]) {
        self.line(|| {
            let (at, arrow) = (now.wall.0, if way == Way::In { "<-" } else { "->" });
            Line::Sip(format!("--- {at} {arrow} {peer}\n{}\n", String::from_utf8_lossy(bytes)))
        });
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

fn write(directory: &Path, mut sip: BufWriter<File>, waiting: &Receiver<Line>) {
    let mut calls: HashMap<String, BufWriter<File>> = HashMap::new();
    loop {
        match waiting.recv_timeout(Duration::from_millis(100)) {
            Ok(line) => {
                if let Err(why) = write_line(directory, &mut sip, &mut calls, line) {
                    metrics::counter!("callwright_trace_lines_dropped_total").increment(1);
                    tracing::warn!(%why, "trace");
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return, // the writers flush as they drop
        }
    }
}

fn write_line(
    directory: &Path,
    sip: &mut BufWriter<File>,
    calls: &mut HashMap<String, BufWriter<File>>,
    line: Line,
) -> std::io::Result<()> {
    match line {
        Line::Sip(text) => {
            sip.write_all(text.as_bytes())?;
            sip.flush()
        }
        Line::Event(happened) => {
            let name = file_name(happened.call.as_str());
            if !calls.contains_key(&name) {
                let path: PathBuf = directory.join(format!("{name}.jsonl"));
                calls.insert(name.clone(), BufWriter::new(File::create(path)?));
            }
            if let Some(file) = calls.get_mut(&name) {
                serde_json::to_writer(&mut *file, &happened)?;
                file.write_all(b"\n")?;
                file.flush()?; // a reader follows the call live
            }
            if matches!(happened.event, Event::Ended { .. }) {
                calls.remove(&name);
            }
            Ok(())
        }
    }
}

/// A Call-ID comes from the network: only harmless characters reach the file system, at most 80.
pub fn file_name(call: &str) -> String {
    call.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).take(80).collect()
}
