//! Files that are looked at each second, at once when told to: how a file was, and the thread that looks.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

/// How often files are looked at.
pub const POLL: Duration = Duration::from_secs(1);

/// A file as it was: when it was written and its length, if it was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    path: PathBuf,
    written: Option<(SystemTime, u64)>,
}

impl Stamp {
    /// As it is now.
    pub fn of(path: &Path) -> Self {
        let written = fs::metadata(path).and_then(|file| Ok((file.modified()?, file.len()))).ok();
        Self { path: path.to_owned(), written }
    }

    /// Whether the file is still as it was.
    pub fn holds(&self) -> bool {
        Self::of(&self.path) == *self
    }
}

/// A thread that looks at files until it is stopped.
pub struct Watch {
    nudge: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Watch {
    /// Starts it. `look` waits on the nudges, and ends when there can be no more.
    pub fn start(name: &str, look: impl FnOnce(&Receiver<()>) + Send + 'static) -> io::Result<Self> {
        let (nudge, nudges) = sync_channel(1); // full: it looks anyway
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || look(&nudges))?;
        Ok(Self { nudge, thread })
    }

    /// What tells it to look now.
    pub fn nudge(&self) -> SyncSender<()> {
        self.nudge.clone()
    }

    /// Ends it, and waits for what it is doing. Every clone of the nudge must be gone.
    pub fn stop(self) {
        drop(self.nudge);
        let _ = self.thread.join(); // if it failed, there is nothing to wait for
    }
}
