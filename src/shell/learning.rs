//! What customers said and what it was taken for, a JSON object a turn, to be corrected by people and learned from
//! (docs/LEARNING.md has the format). Off by default. Personal data is masked before a line is written. A thread masks and
//! writes; a full queue drops the newest event and counts it, a call never waits. A full file is left as it is.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use serde::Serialize;
use time::OffsetDateTime;

use crate::asr::Language;
use crate::base::{CallId, TurnId};
use crate::call::{Event, Happened};
use crate::privacy;
use crate::understanding::LastAct;

/// Events that wait at most.
const EVENTS_WAITING_MAX: usize = 8192;
/// A file of so many bytes gets no more lines: what waits there for a person must not be lost. Some 250,000 turns.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// Calls followed at once: beyond them all are forgotten, and their next turns have no last act.
const CALLS_MAX: usize = 4096;

/// Where turns go. Dropping it waits until all is written.
pub struct Learning {
    events: Option<SyncSender<Happened>>,
    writer: Option<JoinHandle<()>>,
}

impl Learning {
    /// Writes nothing.
    pub const fn off() -> Self {
        Self { events: None, writer: None }
    }

    /// Appends to a file, which only its owner can read.
    pub fn to(path: &Path) -> std::io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        let turns = Turns { bytes: file.metadata()?.len(), file, calls: HashMap::new() };
        turns.warn_if_full();
        let (events, waiting) = sync_channel(EVENTS_WAITING_MAX);
        let writer = thread::Builder::new().name("learning".to_owned()).spawn(move || turns.write(&waiting))?;
        Ok(Self { events: Some(events), writer: Some(writer) })
    }

    /// What happened in a call.
    pub fn event(&self, happened: &Happened) {
        if let Some(events) = &self.events
            && events.try_send(happened.clone()).is_err()
        {
            metrics::counter!("callwright_learning_events_dropped_total").increment(1);
        }
    }
}

impl Drop for Learning {
    fn drop(&mut self) {
        self.events = None; // tells the writer
        if let Some(writer) = self.writer.take() {
            let _ = writer.join(); // if it failed, there is nothing to wait for
        }
    }
}

/// A line of the file.
#[derive(Serialize)]
struct Turn<'a> {
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    call: &'a CallId,
    turn: TurnId,
    lang: Language,
    last_act: &'static str,
    heard: String,
    confidence: f32,
    action: &'static str,
    action_confidence: f32,
}

/// What must be known of a call to understand a turn of it.
#[derive(Default)]
struct Known {
    language: Language,
    last_act: LastAct,
    privacy: privacy::Session,
}

struct Turns {
    file: File,
    bytes: u64,
    calls: HashMap<CallId, Known>,
}

impl Turns {
    fn write(mut self, waiting: &Receiver<Happened>) {
        while let Ok(happened) = waiting.recv() {
            if let Err(why) = self.take(&happened) {
                metrics::counter!("callwright_learning_events_dropped_total").increment(1);
                tracing::warn!(%why, "learning");
            }
        }
    }

    fn take(&mut self, Happened { call, wall, event, .. }: &Happened) -> std::io::Result<()> {
        if self.calls.len() >= CALLS_MAX && !self.calls.contains_key(call) {
            self.calls.clear();
        }
        let known = self.calls.entry(call.clone()).or_default();
        match event {
            Event::Started { language, .. } => known.language = *language,
            Event::Reply { text, .. } => {
                known.last_act = LastAct::read(text.reveal());
                known.privacy.asked(text.reveal());
            }
            Event::Heard { text, .. } if text.reveal().is_empty() => {}
            Event::Heard { turn, text, text_confidence, action, action_confidence, .. } => {
                let line = Turn {
                    at: OffsetDateTime::from_unix_timestamp_nanos(i128::from(wall.0) * 1_000_000)
                        .unwrap_or(OffsetDateTime::UNIX_EPOCH),
                    call,
                    turn: *turn,
                    lang: known.language,
                    last_act: known.last_act.id(),
                    heard: known.privacy.mask(text.reveal()),
                    confidence: *text_confidence,
                    action,
                    action_confidence: *action_confidence,
                };
                let mut bytes = serde_json::to_vec(&line)?;
                bytes.push(b'\n');
                self.append(&bytes)?;
            }
            Event::Ended { .. } => {
                self.calls.remove(call);
            }
            Event::Opened { .. }
            | Event::CallerStarted { .. }
            | Event::Tone(_)
            | Event::Partial { .. }
            | Event::SpeculationDropped { .. }
            | Event::Violation { .. }
            | Event::HearingFailed { .. }
            | Event::Speaking { .. }
            | Event::BargeIn { .. }
            | Event::ReplyResumed { .. }
            | Event::ReplySaid { .. }
            | Event::SpeechFailed { .. }
            | Event::Key { .. }
            | Event::KeySent { .. }
            | Event::OptedOut
            | Event::CallBackAgreed { .. }
            | Event::FollowUp { .. }
            | Event::TransferRequested
            | Event::Held { .. }
            | Event::MediaChanged { .. }
            | Event::MediaLost => {}
        }
        Ok(())
    }

    /// One line by one write; none once the file is full.
    fn append(&mut self, line: &[u8]) -> std::io::Result<()> {
        if self.is_full() {
            metrics::counter!("callwright_learning_events_dropped_total").increment(1);
            return Ok(());
        }
        self.file.write_all(line)?;
        self.bytes += line.len() as u64;
        self.warn_if_full();
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.bytes >= FILE_BYTES_MAX
    }

    fn warn_if_full(&self) {
        if self.is_full() {
            tracing::warn!(bytes = self.bytes, "the learning file is full: move it away and restart to collect more");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::base::{Redacted, UnixMillis};
    use crate::call::{EndReason, Felt, MediaSummary};

    fn heard(turn: u32, text: &str) -> Event {
        Event::Heard {
            turn: TurnId(turn),
            text: Redacted::new(text.to_owned()),
            text_confidence: 0.75,
            action: "obj_price",
            action_confidence: 0.5,
            emotion: Felt::default(),
            decode_ms: 1,
            silence_ms: 1,
        }
    }

    fn said(text: &str) -> Event {
        Event::Reply { turn: TurnId(0), text: Redacted::new(text.to_owned()), state: String::new() }
    }

    /// The lines that a call's events leave.
    fn lines(events: Vec<Event>) -> Vec<Value> {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("turns.jsonl");
        let learning = Learning::to(&path).expect("opened");
        for event in events {
            learning.event(&Happened { call: CallId::new("c1"), at_ms: 0, wall: UnixMillis(1_790_000_000_000), event });
        }
        drop(learning);
        let text = std::fs::read_to_string(path).expect("read");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    #[test]
    fn a_turn_is_a_line_with_what_the_agent_did_before() {
        let started = Event::Started { language: Language::En, codec: "PCMU" };
        let ended = Event::Ended { reason: EndReason::PeerHungUp, media: MediaSummary::default() };
        let events = vec![started, said("Shall I tell you more?"), heard(1, "that's too dear"), heard(2, ""), ended];
        let want = serde_json::json!({
            "at": "2026-09-21T14:13:20Z", "call": "c1", "turn": 1, "lang": "en",
            "last_act": LastAct::read("Shall I tell you more?").id(), "heard": "that's too dear", "confidence": 0.75,
            "action": "obj_price", "action_confidence": 0.5,
        });
        assert_eq!(lines(events), [want]);
    }

    #[test]
    fn no_number_is_written_neither_whole_nor_in_pieces_nor_a_code_that_was_asked_for() {
        let events = vec![
            heard(1, "打13800138000"),
            heard(2, "卡号是六二二五"),
            heard(3, "八八零零，一二三四"),
            said("请报一下验证码"),
            heard(4, "四八三"),
            heard(5, "两百三十五块太贵了"),
        ];
        let texts: Vec<String> =
            lines(events).iter().map(|line| line["heard"].as_str().unwrap_or_default().to_owned()).collect();
        assert_eq!(texts, ["打138****8000", "卡号是****", "********", "***", "两百三十五块太贵了"]);
    }

    #[test]
    fn a_full_file_is_left_as_it_is() {
        let file = tempfile::tempfile().expect("a file");
        let mut turns = Turns { file, bytes: FILE_BYTES_MAX - 3, calls: HashMap::new() };
        assert!(turns.append(b"ab\n").is_ok() && turns.append(b"c\n").is_ok());
        assert_eq!(turns.file.metadata().map(|file| file.len()).ok(), Some(3));
    }
}
