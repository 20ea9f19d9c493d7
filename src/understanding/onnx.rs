//! The intent model on ONNX Runtime: text in, one [`Intent`] out. Leaf: only `shell` names it.
//!
//! Files of the model directory: `intent.tokenizer.json` (text to at most 64 ids) and `intent.onnx` (`ids`, int64 of
//! shape `[length]`, to `probabilities`, float of shape `[66]`, calibrated, in the order of [`Action::ALL`]; the metadata
//! entry `actions` lists the ids and is checked at load). The runtime is a shared library found by [`find_runtime`]
//! and loaded once a process. One classifier is one session of one thread, about 20 MB.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ort::environment::Environment;
use ort::session::Session;
use ort::value::TensorRef;
use tokenizers::Tokenizer;

use super::{Action, Classifier, ClassifyError, Intent};
use crate::asr::Language;

/// Longer texts are cut: no utterance is longer, and the tokenizer's work stays bounded.
const TEXT_CHARS_MAX: usize = 400;
const MODEL_FILE: &str = "intent.onnx";
const TOKENIZER_FILE: &str = "intent.tokenizer.json";
const LIBRARY: &str = "libonnxruntime.so";

/// Why the intent model cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// No ONNX Runtime on this machine.
    #[error("ONNX Runtime not found ({searched}): run scripts/setup, or set ORT_DYLIB_PATH to {LIBRARY}")]
    RuntimeMissing {
        /// Where it was looked for.
        searched: String,
    },
    /// The library is there and does not work.
    #[error("ONNX Runtime {}: {why}", path.display())]
    Runtime {
        /// The library.
        path: PathBuf,
        /// What the loader said.
        why: String,
    },
    /// A file of the model is missing or broken.
    #[error("intent model {}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What its reader said.
        why: String,
    },
    /// The model was trained for another taxonomy.
    #[error("intent model {}: action {index} is {model:?}, the taxonomy has {taxonomy:?}: train it again", path.display())]
    Taxonomy {
        /// The model.
        path: PathBuf,
        /// Index of the first action that differs.
        index: usize,
        /// The model's id; empty when it has fewer.
        model: String,
        /// Our id; empty when we have fewer.
        taxonomy: String,
    },
}

/// A loaded intent model: makes the classifiers of the workers.
#[derive(Clone)]
pub struct IntentModel {
    path: PathBuf,
    tokenizer: Arc<Tokenizer>,
}

impl IntentModel {
    /// The files that it is read from.
    pub fn files(dir: &Path) -> Vec<PathBuf> {
        [MODEL_FILE, TOKENIZER_FILE].iter().map(|name| dir.join(name)).collect()
    }

    /// Reads the model in `dir` and checks it.
    pub fn load(dir: &Path) -> Result<Self, LoadError> {
        let tokenizer_path = dir.join(TOKENIZER_FILE);
        let tokenizer = Tokenizer::from_file(&tokenizer_path)
            .map_err(|error| LoadError::File { path: tokenizer_path, why: error.to_string() })?;
        let model = Self { path: dir.join(MODEL_FILE), tokenizer: Arc::new(tokenizer) };
        model.check_actions(&model.session()?)?;
        Ok(model)
    }

    /// A classifier for one worker.
    pub fn classifier(&self) -> Result<OnnxClassifier, LoadError> {
        Ok(OnnxClassifier { session: self.session()?, tokenizer: Arc::clone(&self.tokenizer) })
    }

    fn session(&self) -> Result<Session, LoadError> {
        let environment = environment()?;
        let build = || -> ort::Result<Session> {
            Session::builder(&environment)?.with_intra_threads(1)?.commit_from_file(&self.path)
        };
        build().map_err(|error| self.broken(error))
    }

    fn check_actions(&self, session: &Session) -> Result<(), LoadError> {
        let listed = session.metadata().map_err(|error| self.broken(error))?.custom("actions").unwrap_or_default();
        let listed: Vec<&str> = listed.split_whitespace().collect();
        for index in 0..listed.len().max(Action::ALL.len()) {
            let model = listed.get(index).copied().unwrap_or_default();
            let taxonomy = Action::ALL.get(index).map_or("", |action| action.id());
            if model != taxonomy {
                let (model, taxonomy) = (model.to_owned(), taxonomy.to_owned());
                return Err(LoadError::Taxonomy { path: self.path.clone(), index, model, taxonomy });
            }
        }
        Ok(())
    }

    fn broken(&self, error: ort::Error) -> LoadError {
        LoadError::File { path: self.path.clone(), why: error.to_string() }
    }
}

/// One session of the intent model.
pub struct OnnxClassifier {
    session: Session,
    tokenizer: Arc<Tokenizer>,
}

impl OnnxClassifier {
    /// The token ids of a text, as the model sees them: at most 64, the first is `[CLS]`.
    pub fn ids(&self, text: &str) -> Result<Vec<i64>, ClassifyError> {
        let end = text.char_indices().nth(TEXT_CHARS_MAX).map_or(text.len(), |(at, _)| at);
        let encoding = self.tokenizer.encode_fast(&text[..end], true).map_err(|error| failed(text, error))?;
        Ok(encoding.get_ids().iter().map(|&id| i64::from(id)).collect())
    }
}

impl Classifier for OnnxClassifier {
    /// The language is not asked for: one vocabulary holds both.
    fn classify(&mut self, text: &str, _language: Language) -> Result<Intent, ClassifyError> {
        let ids = self.ids(text)?;
        let input = TensorRef::from_array_view(([ids.len()], ids.as_slice())).map_err(|error| failed(text, error))?;
        let outputs = self.session.run(ort::inputs![input]).map_err(|error| failed(text, error))?;
        let (_, probabilities) = outputs[0].try_extract_tensor::<f32>().map_err(|error| failed(text, error))?;
        Action::ALL
            .iter()
            .zip(probabilities)
            .max_by(|a, b| a.1.total_cmp(b.1))
            .map(|(&action, &confidence)| Intent { action, confidence })
            .ok_or_else(|| failed(text, "no probabilities"))
    }
}

/// Opens any network, whatever it is for.
pub fn check(path: &Path) -> Result<(), LoadError> {
    let environment = environment()?;
    let build = || -> ort::Result<Session> { Session::builder(&environment)?.commit_from_file(path) };
    build().map(|_| ()).map_err(|error| LoadError::File { path: path.to_owned(), why: error.to_string() })
}

/// Opens a tokenizer.
pub fn check_tokenizer(path: &Path) -> Result<(), LoadError> {
    let opened = Tokenizer::from_file(path);
    opened.map(|_| ()).map_err(|error| LoadError::File { path: path.to_owned(), why: error.to_string() })
}

fn failed(text: &str, why: impl ToString) -> ClassifyError {
    ClassifyError::Engine { chars: text.chars().count(), why: why.to_string() }
}

/// The shared library of ONNX Runtime: `ORT_DYLIB_PATH`, then `lib/` beside the binary, then `.venv` of the current
/// directory, which `scripts/setup` fills.
pub fn find_runtime() -> Result<PathBuf, LoadError> {
    if let Some(path) = env::var_os("ORT_DYLIB_PATH") {
        let path = PathBuf::from(path);
        return if path.is_file() { Ok(path) } else { Err(missing(&format!("ORT_DYLIB_PATH={}", path.display()))) };
    }
    let beside = env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join("lib")));
    let python = entries(Path::new(".venv/lib"), "python3").into_iter();
    let capi = python.map(|folder| folder.join("site-packages/onnxruntime/capi"));
    beside
        .into_iter()
        .chain(capi)
        .find_map(|folder| entries(&folder, LIBRARY).into_iter().next())
        .ok_or_else(|| missing("lib/ beside the binary, .venv in the current directory"))
}

fn missing(searched: &str) -> LoadError {
    LoadError::RuntimeMissing { searched: searched.to_owned() }
}

/// The entries of a folder whose names begin so, in order; none when there is no folder.
fn entries(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = folder
        .read_dir()
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix)))
        .collect();
    found.sort();
    found
}

/// The process's only ONNX environment: the library allows one, so every model shares it.
fn environment() -> Result<Environment, LoadError> {
    static SHARED: Mutex<Option<Environment>> = Mutex::new(None);
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = &*shared {
        return Ok(environment.clone());
    }
    let path = find_runtime()?;
    let broken = |why: String| LoadError::Runtime { path: path.clone(), why };
    let builder = ort::init_from(&path).map_err(|error| broken(error.to_string()))?;
    let environment = builder.with_telemetry(false).build().map_err(|error| broken(error.to_string()))?;
    Ok(shared.insert(environment).clone())
}
