//! Finding one call in a trace directory: its SIP messages, by its SIP Call-ID, and its events, by our name of the call.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::SIP_FILE;
use super::record::SipRecord;

/// Ids that are named when none or too many fit.
const NAMED_MAX: usize = 8;

/// One line of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A SIP message.
    Sip(SipRecord),
    /// One of our events.
    Event(Map<String, Value>),
}

impl Entry {
    /// Milliseconds since 1970.
    pub fn at_ms(&self) -> i64 {
        match self {
            Self::Sip(record) => record.at_ms(),
            Self::Event(event) => event.get("wall").and_then(Value::as_i64).unwrap_or(0),
        }
    }
}

/// A call of the trace.
#[derive(Debug, PartialEq)]
pub struct Found {
    /// Its SIP Call-ID; our own name where no message of it is there.
    pub id: String,
    /// Messages and events in the order of time.
    pub entries: Vec<Entry>,
}

/// Why there is no call to show.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The directory or a file of it.
    #[error("trace directory {}: {why}", path.display())]
    Unreadable {
        /// Where.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// No id begins like this.
    #[error("no call {wanted:?} in {}{}", path.display(), named("; the nearest are:", near))]
    Unknown {
        /// As asked.
        wanted: String,
        /// Where it was looked for.
        path: PathBuf,
        /// Ids that look like it.
        near: Vec<String>,
    },
    /// More than one id begins like this.
    #[error("{wanted:?} begins {count} calls{}", named(":", some))]
    Ambiguous {
        /// As asked.
        wanted: String,
        /// How many.
        count: usize,
        /// Some of them.
        some: Vec<String>,
    },
}

fn named(words: &str, ids: &[String]) -> String {
    if ids.is_empty() { String::new() } else { format!("{words}\n  {}", ids.join("\n  ")) }
}

/// What a line of either kind says of the call it belongs to.
#[derive(Deserialize)]
struct Belongs {
    /// Our name: a line of an event.
    call: Option<String>,
    /// A SIP message, or the event that tells both names.
    sip_call_id: Option<String>,
}

/// The call whose SIP Call-ID or name among us is `wanted`, or begins with it if only one does.
pub fn find(directory: &Path, wanted: &str) -> Result<Found, FindError> {
    let mut sip_ids = BTreeSet::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new(); // ours to SIP's
    each_line(directory, |line, _| {
        let Ok(Belongs { call, sip_call_id }) = serde_json::from_str(line) else { return };
        match (call, sip_call_id) {
            (Some(call), Some(sip_id)) => drop(names.insert(call, sip_id)),
            (Some(call), None) => drop(names.entry(call.clone()).or_insert(call)),
            (None, Some(sip_id)) => drop(sip_ids.insert(sip_id)),
            (None, None) => {}
        }
    })?;
    let id = chosen(wanted, &sip_ids, &names).map_err(|(count, some)| {
        let wanted = wanted.to_owned();
        match count {
            0 => FindError::Unknown { wanted, path: directory.to_owned(), near: some },
            count => FindError::Ambiguous { wanted, count, some },
        }
    })?;
    let mut entries = Vec::new();
    each_line(directory, |line, is_sip| {
        if is_sip {
            let record = serde_json::from_str(line).ok().filter(|record: &SipRecord| record.sip_call_id == id);
            entries.extend(record.map(Entry::Sip));
        } else {
            let event = serde_json::from_str(line).ok().filter(|event: &Map<String, Value>| {
                let call = event.get("call").and_then(Value::as_str);
                call.is_some_and(|call| names.get(call).is_some_and(|sip_id| *sip_id == id))
            });
            entries.extend(event.map(Entry::Event));
        }
    })?;
    // Stable: lines of one file stay in order. Within a millisecond messages come first, for they cause the events.
    entries.sort_by_key(|entry| (entry.at_ms(), matches!(entry, Entry::Event(_))));
    Ok(Found { id, entries })
}

/// The SIP Call-ID that is meant; else how many fit, and some that look like it.
fn chosen(
    wanted: &str,
    sip_ids: &BTreeSet<String>,
    names: &BTreeMap<String, String>,
) -> Result<String, (usize, Vec<String>)> {
    if let Some(id) = names.get(wanted).or_else(|| sip_ids.get(wanted)) {
        return Ok(id.clone());
    }
    let begins = |id: &&String| !wanted.is_empty() && id.starts_with(wanted);
    let mut fitting: BTreeSet<&String> = sip_ids.iter().filter(begins).collect();
    fitting.extend(names.iter().filter(|(name, _)| begins(name)).map(|(_, sip_id)| sip_id));
    match fitting.len() {
        1 => Ok(fitting.into_iter().next().cloned().unwrap_or_default()),
        0 => {
            let likeness = |id: &str| {
                let common = id.bytes().zip(wanted.bytes()).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
                (!wanted.is_empty() && id.contains(wanted), common)
            };
            let all: BTreeSet<&String> = sip_ids.iter().chain(names.keys()).filter(|id| !id.is_empty()).collect();
            let mut near: Vec<&String> = all.into_iter().collect();
            near.sort_by_key(|id| std::cmp::Reverse(likeness(id)));
            Err((0, near.into_iter().take(NAMED_MAX).cloned().collect()))
        }
        count => Err((count, fitting.into_iter().take(NAMED_MAX).cloned().collect())),
    }
}

/// Every line of every file, and whether the file is one of SIP messages. The order of files is that of their names,
/// with `NAME.old.sip.jsonl` before its `NAME.sip.jsonl`. A line cut short by a crash is no JSON and counts for nothing.
fn each_line(directory: &Path, mut line: impl FnMut(&str, bool)) -> Result<(), FindError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |why| FindError::Unreadable { path, why }
    };
    let listed = fs::read_dir(directory).map_err(unreadable(directory))?;
    let mut paths: Vec<PathBuf> = listed.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    paths.sort();
    for path in paths {
        let is_sip = path.to_string_lossy().ends_with(SIP_FILE);
        let mut file = BufReader::new(File::open(&path).map_err(unreadable(&path))?);
        let mut bytes = Vec::new();
        while file.read_until(b'\n', &mut bytes).map_err(unreadable(&path))? > 0 {
            line(String::from_utf8_lossy(&bytes).trim_end(), is_sip);
            bytes.clear();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two calls of peers and one of ours, whose names among us and in SIP differ.
    fn directory() -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("a directory");
        let sip = |id: &str, ms: u32| {
            format!(
                r#"{{"at":"2026-11-24T15:00:00.{ms:03}Z","sip_call_id":"{id}","transport":"UDP","way":"in","local":"127.0.0.1:5060","peer":"127.0.0.1:5062","message":"x"}}"#
            )
        };
        let messages =
            [sip("abc-1", 1), sip("abd-2", 2), sip("77ff", 3), sip("abc-1", 4), "{\"at\":\"cut of".to_owned()];
        let wall = |ms: u32| 1_795_532_400_000_i64 + i64::from(ms);
        let ours = [
            format!(r#"{{"call":"out-1","at_ms":0,"wall":{},"event":"opened","sip_call_id":"77ff"}}"#, wall(0)),
            format!(r#"{{"call":"out-1","at_ms":9,"wall":{},"event":"started"}}"#, wall(9)),
        ];
        let theirs = format!(r#"{{"call":"abc-1","at_ms":3,"wall":{},"event":"started"}}"#, wall(4));
        for (name, lines) in [("agent.sip", messages.join("\n")), ("out-1", ours.join("\n")), ("abc-1", theirs)] {
            fs::write(directory.path().join(format!("{name}.jsonl")), lines).expect("written");
        }
        directory
    }

    /// What is found: the id, and `s` for a message, `e` for an event.
    fn found(wanted: &str) -> Result<(String, String), FindError> {
        let directory = directory();
        let kind = |entry: &Entry| match entry {
            Entry::Sip(_) => 's',
            Entry::Event(_) => 'e',
        };
        find(directory.path(), wanted).map(|found| (found.id, found.entries.iter().map(kind).collect()))
    }

    #[test]
    fn a_call_is_found_by_either_of_its_names_or_their_beginning() {
        let incoming = ("abc-1".to_owned(), "sse".to_owned());
        let outgoing = ("77ff".to_owned(), "ese".to_owned());
        for (wanted, call) in
            [("abc-1", &incoming), ("abc", &incoming), ("out-1", &outgoing), ("77", &outgoing), ("out", &outgoing)]
        {
            assert_eq!(found(wanted).as_ref().ok(), Some(call), "{wanted}");
        }
        assert_eq!(found("abd-2").ok(), Some(("abd-2".to_owned(), "s".to_owned())));
    }

    #[test]
    fn an_unknown_or_ambiguous_id_is_refused_with_those_that_look_like_it() {
        let message = |wanted| found(wanted).expect_err("refused").to_string();
        let unknown = message("abx");
        assert!(unknown.contains("no call \"abx\"") && unknown.contains("are:\n  abc-1\n  abd-2"), "{unknown}");
        let ambiguous = message("ab");
        assert!(ambiguous.contains("begins 2 calls:\n  abc-1\n  abd-2"), "{ambiguous}");
        assert!(matches!(found(""), Err(FindError::Unknown { .. })));
        assert!(matches!(find(Path::new("/nonexistent"), "x"), Err(FindError::Unreadable { .. })));
    }
}
