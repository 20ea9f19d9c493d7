//! The models of a running node. Their files are watched: changed ones are loaded beside the present ones and checked, then
//! the recognisers take them up between two jobs, so that no call notices; bad ones are logged and shown, and the old
//! ones stay. For as long as that takes, both are in memory.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::asr::Language;
use crate::asr::whisper::WhisperModel;
use crate::base::UnixMillis;
use crate::config::Config;
use crate::understanding::Classifier;
use crate::understanding::onnx::TextModels;

use super::clock::Clock;
use super::priority;
use super::recognizers::{MakeState, Recognizers, State};
use super::watch::{POLL, Stamp};

/// Texts are understood in both: a campaign that comes later may need the other.
const BOTH: [Language; 2] = [Language::Zh, Language::En];

/// What calls are understood with.
pub struct Models {
    recognizer: Slot<WhisperModel>,
    texts: Slot<TextModels>,
    /// Of calls.
    languages: Vec<Language>,
}

/// A model as `/health` shows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Shown {
    name: &'static str,
    files: Vec<String>,
    /// RFC 3339.
    loaded_at: String,
    error: Option<String>,
}

/// Why files are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// It is time. A file that was still written to since the last look may be half of it.
    Polled,
    /// Somebody says that they are complete.
    Told,
}

impl Models {
    /// Loads what the configuration names.
    pub fn load(config: &Config, at: UnixMillis) -> anyhow::Result<Self> {
        let used = |language: &Language| config.routing.choices().any(|choice| choice.language == *language);
        let (path, decoder) = (config.recognizer.model.clone(), config.recognizer.decoder.clone());
        let (files, folder) = (WhisperModel::files(&path, &decoder), config.understanding_models.clone());
        let read = move || WhisperModel::load(&path, &decoder).map_err(|why| why.to_string());
        let recognizer = Slot::open("recognizer", files, Box::new(read), at)?;
        let emotion_by = config.emotion_by;
        let read = move || {
            let models = TextModels::load(&folder, &BOTH).map_err(|why| why.to_string())?;
            Ok(models.with_emotion_by(emotion_by))
        };
        let texts = Slot::open("texts", TextModels::files(&config.understanding_models), Box::new(read), at)?;
        if texts.model().emotion_by() != emotion_by {
            let folder = config.understanding_models.display();
            tracing::warn!(%folder, "no emotion.onnx: emotions are told by the words alone");
        }
        Ok(Self { recognizer, texts, languages: [Language::Zh, Language::En].into_iter().filter(used).collect() })
    }

    /// How states of the present ones are made.
    pub fn make(&self) -> Arc<MakeState> {
        self.make_of(self.recognizer.model(), self.texts.model())
    }

    fn make_of(&self, recognizer: Arc<WhisperModel>, texts: Arc<TextModels>) -> Arc<MakeState> {
        let languages = self.languages.clone();
        Arc::new(move || -> Result<State, String> {
            let recognizer = recognizer.state(&languages).map_err(|why| why.to_string())?;
            let classifier = texts.classifier().map_err(|why| why.to_string())?;
            Ok((Box::new(recognizer), Box::new(classifier)))
        })
    }

    /// A text model for one worker, of the present ones.
    pub fn classifier(&self) -> anyhow::Result<Box<dyn Classifier>> {
        Ok(Box::new(self.texts.model().classifier()?))
    }

    /// All of them.
    pub fn shown(&self) -> Vec<Shown> {
        vec![self.recognizer.shown(), self.texts.shown()]
    }

    /// Loads what has changed and has `renew` take it into use.
    fn refresh(&self, at: UnixMillis, look: Look, renew: impl Fn(Arc<MakeState>) -> Result<(), String>) {
        let (recognizer, texts) = (self.recognizer.changed(look), self.texts.changed(look));
        if recognizer.is_none() && texts.is_none() {
            return;
        }
        let make = self.make_of(
            recognizer.clone().unwrap_or_else(|| self.recognizer.model()),
            texts.clone().unwrap_or_else(|| self.texts.model()),
        );
        let renewed = renew(make);
        self.recognizer.settle(recognizer, &renewed, at);
        self.texts.settle(texts, &renewed, at);
    }

    /// Watches the files until there can be no more nudges. A nudge means: now.
    pub fn watch(&self, recognizers: &Recognizers, clock: Clock, nudges: &Receiver<()>) {
        priority::lower(); // calls come first
        loop {
            let look = match nudges.recv_timeout(POLL) {
                Ok(()) => Look::Told,
                Err(RecvTimeoutError::Timeout) => Look::Polled,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            self.refresh(clock.now().wall, look, |make| recognizers.renew(make));
        }
    }
}

/// Reads a model, from the same files each time; says why it cannot.
type Read<M> = Box<dyn Fn() -> Result<M, String> + Send + Sync>;

/// One model and the files it is read from.
struct Slot<M> {
    name: &'static str,
    files: Vec<PathBuf>,
    read: Read<M>,
    held: Mutex<Held<M>>,
}

struct Held<M> {
    model: Arc<M>,
    loaded_at: UnixMillis,
    /// Of the files as they were last read.
    stamps: Vec<Stamp>,
    /// Of the files as they were last seen.
    seen: Vec<Stamp>,
    /// Why the files as they are now are not used.
    error: Option<String>,
}

impl<M> Slot<M> {
    fn open(name: &'static str, files: Vec<PathBuf>, read: Read<M>, at: UnixMillis) -> anyhow::Result<Self> {
        let stamps = stamps(&files); // before it is read: what is written meanwhile is read again
        let model = Arc::new(read().map_err(anyhow::Error::msg)?);
        let held = Held { model, loaded_at: at, seen: stamps.clone(), stamps, error: None };
        Ok(Self { name, files, read, held: Mutex::new(held) })
    }

    fn held(&self) -> MutexGuard<'_, Held<M>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn model(&self) -> Arc<M> {
        Arc::clone(&self.held().model)
    }

    /// The model as its files are now, if they have changed, are complete and good.
    fn changed(&self, look: Look) -> Option<Arc<M>> {
        let now = stamps(&self.files);
        let mut held = self.held();
        let is_complete = std::mem::replace(&mut held.seen, now.clone()) == now || look == Look::Told;
        if now == held.stamps || !is_complete {
            return None;
        }
        held.stamps = now;
        drop(held); // reading takes its time
        match (self.read)() {
            Ok(model) => Some(Arc::new(model)),
            Err(why) => {
                self.refuse(&why);
                None
            }
        }
    }

    /// Keeps a new model that was taken into use.
    fn settle(&self, model: Option<Arc<M>>, renewed: &Result<(), String>, at: UnixMillis) {
        match (model, renewed) {
            (Some(model), Ok(())) => {
                let mut held = self.held();
                (held.model, held.loaded_at, held.error) = (model, at, None);
                tracing::info!(model = self.name, files = ?self.files, "model loaded, for what is heard from now on");
            }
            (Some(_), Err(why)) => self.refuse(why),
            (None, _) => {}
        }
    }

    fn refuse(&self, why: &str) {
        tracing::error!(model = self.name, "the model stays as it was: {why}");
        self.held().error = Some(why.to_owned());
    }

    fn shown(&self) -> Shown {
        let held = self.held();
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(held.loaded_at.0) * 1_000_000).ok();
        Shown {
            name: self.name,
            files: self.files.iter().map(|path| path.display().to_string()).collect(),
            loaded_at: at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default(),
            error: held.error.clone(),
        }
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Stamp> {
    files.iter().map(|path| Stamp::of(path)).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, SystemTime};

    use super::*;

    /// A model that is the text of its file, which must not be "bad".
    struct Written {
        _directory: tempfile::TempDir,
        path: PathBuf,
        slot: Slot<String>,
        second: std::cell::Cell<u64>,
    }

    impl Written {
        fn new(text: &str) -> Self {
            let directory = tempfile::tempdir().expect("a directory");
            let path = directory.path().join("model");
            fs::write(&path, text).expect("written");
            let file = path.clone();
            let read: Read<String> = Box::new(move || match fs::read_to_string(&file) {
                Ok(text) if text != "bad" => Ok(text),
                Ok(_) => Err("no model".to_owned()),
                Err(why) => Err(why.to_string()),
            });
            let slot = Slot::open("test", vec![path.clone()], read, UnixMillis(0)).expect("good");
            Self { _directory: directory, path, slot, second: std::cell::Cell::new(1) }
        }

        /// Writes the file, a second later each time.
        fn write(&self, text: &str) {
            self.second.set(self.second.get() + 1);
            fs::write(&self.path, text).expect("written");
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(self.second.get());
            fs::File::open(&self.path).and_then(|file| file.set_modified(at)).expect("a time");
        }

        /// A look whose model is taken into use; whether there was one.
        fn look(&self, look: Look) -> bool {
            let model = self.slot.changed(look);
            let is_new = model.is_some();
            self.slot.settle(model, &Ok(()), UnixMillis(1000));
            is_new
        }

        fn text(&self) -> String {
            self.slot.model().as_str().to_owned()
        }
    }

    #[test]
    fn a_changed_file_is_read_once_it_is_no_longer_written_to() {
        let file = Written::new("old");
        assert!(!file.look(Look::Polled), "nothing has changed");
        file.write("half");
        assert!(!file.look(Look::Polled), "it may be half of it");
        file.write("all of it");
        assert!(!file.look(Look::Polled));
        assert_eq!((file.look(Look::Polled), file.text().as_str()), (true, "all of it"));
        assert!(!file.look(Look::Polled), "it is read once");
        assert_eq!(file.slot.shown().loaded_at, "1970-01-01T00:00:01Z");
    }

    #[test]
    fn who_says_that_it_is_complete_need_not_wait() {
        let file = Written::new("old");
        file.write("new");
        assert_eq!((file.look(Look::Told), file.text().as_str()), (true, "new"));
    }

    #[test]
    fn a_bad_file_or_none_leaves_the_old_model_and_says_why_until_it_is_good() {
        let file = Written::new("old");
        file.write("bad");
        assert_eq!((file.look(Look::Told), file.text().as_str()), (false, "old"));
        assert_eq!(file.slot.shown().error.as_deref(), Some("no model"));
        assert!(!file.look(Look::Told), "the bad one is read once");
        fs::remove_file(&file.path).expect("removed");
        assert!(!file.look(Look::Told));
        assert_eq!(file.text(), "old");
        file.write("old");
        assert!(file.look(Look::Told));
        assert_eq!(file.slot.shown().error, None);
    }

    #[test]
    fn a_model_of_which_no_states_can_be_made_is_not_used() {
        let file = Written::new("old");
        file.write("new");
        let model = file.slot.changed(Look::Told);
        file.slot.settle(model, &Err("no memory".to_owned()), UnixMillis(1000));
        assert_eq!((file.text().as_str(), file.slot.shown().error.as_deref()), ("old", Some("no memory")));
    }
}
