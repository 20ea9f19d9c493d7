//! Follows the agent's trace of one call while it is written.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// What the demo shows of the agent's events.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Seen {
    /// A turn was understood.
    Heard {
        /// The words.
        text: String,
        /// Action id.
        action: String,
        /// Its confidence.
        action_confidence: f32,
    },
    /// The agent answers.
    Reply {
        /// The whole reply.
        text: String,
    },
    /// Any other event.
    #[serde(other)]
    Other,
}

/// The trace file, from the first line on; it may not be there yet.
pub struct Follow {
    path: PathBuf,
    file: Option<BufReader<File>>,
    partial: String,
}

impl Follow {
    /// Will follow `path`.
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: None, partial: String::new() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The events written since the last call.
    pub fn news(&mut self) -> Vec<Seen> {
        if self.file.is_none() {
            self.file = File::open(&self.path).ok().map(BufReader::new);
        }
        let Some(file) = &mut self.file else { return Vec::new() };
        let mut seen = Vec::new();
        while file.read_line(&mut self.partial).is_ok_and(|bytes| bytes > 0) {
            if !self.partial.ends_with('\n') {
                break; // the rest of the line is still being written
            }
            seen.extend(serde_json::from_str::<Seen>(&self.partial).ok());
            self.partial.clear();
        }
        seen
    }
}
