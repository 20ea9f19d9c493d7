//! The text models on ONNX Runtime: a text in, a [`Reading`] out. Leaf: only `shell` names it.
//!
//! Files of the model directory, for each language: `text.LANG.tokenizer.json` (text to at most 64 ids) and
//! `text.LANG.onnx` (`ids`, int64 of shape `[length]`, to `probabilities`, float of shape `[98]`: the classes of
//! [`Head::ALL`] side by side, calibrated). After the first id stand those of the speaker and of the agent's last act.
//! The metadata entries `heads` and `thresholds` are checked at load. The emotion model is in `feeling`. The runtime is a
//! shared library found by [`find_runtime`] and loaded once a process. One classifier is a session of one thread for each
//! language asked for, and one for emotions.

mod feeling;

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ort::environment::Environment;
use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use ort::value::TensorRef;
use tokenizers::Tokenizer;

use super::{Classifier, ClassifyError, EmotionBy, Feeling, Head, LastAct, Reading, Speaker, Thresholds};
use crate::asr::Language;
use crate::hearing::Manner;
use feeling::Feeler;

/// Longer texts are cut: no utterance is longer, and the tokenizer's work stays bounded.
const TEXT_CHARS_MAX: usize = 400;
const LIBRARY: &str = "libonnxruntime.so";

/// Why a text model cannot be used.
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
    #[error("text model {}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What its reader said.
        why: String,
    },
    /// The model was trained for other classes.
    #[error("text model {}: its classes of {head} are not ours from {model:?} on: train it again", path.display())]
    Classes {
        /// The model.
        path: PathBuf,
        /// Whose classes.
        head: &'static str,
        /// The model's first id that differs; empty when it has fewer.
        model: String,
    },
}

/// The loaded text models, one a language, and the emotion model: makes the classifiers of the workers.
#[derive(Clone)]
pub struct TextModels {
    texts: Vec<TextModel>,
    /// Where the emotion model is.
    emotion: Option<PathBuf>,
}

#[derive(Clone)]
struct TextModel {
    language: Language,
    path: PathBuf,
    tokenizer: Arc<Tokenizer>,
    thresholds: Thresholds,
}

impl TextModels {
    /// The files that the models are read from.
    pub fn files(dir: &Path) -> Vec<PathBuf> {
        let of = |language: Language| {
            ["onnx", "tokenizer.json"].map(|kind| dir.join(format!("text.{}.{kind}", language.code())))
        };
        [Language::Zh, Language::En].into_iter().flat_map(of).chain([feeling::file(dir)]).collect()
    }

    /// Reads the models of these languages in `dir` and checks them. Only the emotion model may be missing.
    pub fn load(dir: &Path, languages: &[Language]) -> Result<Self, LoadError> {
        let texts = languages.iter().map(|language| TextModel::load(dir, *language)).collect::<Result<_, _>>()?;
        let emotion = Some(feeling::file(dir)).filter(|path| path.exists());
        emotion.as_deref().map(Feeler::open).transpose()?;
        Ok(Self { texts, emotion })
    }

    /// The same, whose emotions are told by these; without an emotion model only the words can.
    pub fn with_emotion_by(self, by: EmotionBy) -> Self {
        let emotion = match by {
            EmotionBy::Words => None,
            EmotionBy::WordsAndVoice => self.emotion,
        };
        Self { emotion, ..self }
    }

    /// By what emotions are told.
    pub fn emotion_by(&self) -> EmotionBy {
        if self.emotion.is_some() { EmotionBy::WordsAndVoice } else { EmotionBy::Words }
    }

    /// A classifier for one worker.
    pub fn classifier(&self) -> Result<OnnxClassifier, LoadError> {
        let readers = self.texts.iter().map(TextModel::reader).collect::<Result<_, _>>()?;
        Ok(OnnxClassifier { readers, feeler: self.emotion.as_deref().map(Feeler::open).transpose()? })
    }
}

impl TextModel {
    fn load(dir: &Path, language: Language) -> Result<Self, LoadError> {
        let path = dir.join(format!("text.{}.tokenizer.json", language.code()));
        let tokenizer =
            Tokenizer::from_file(&path).map_err(|error| LoadError::File { path, why: error.to_string() })?;
        let path = dir.join(format!("text.{}.onnx", language.code()));
        let session = session(&path)?;
        let entry = |name: &str| -> Result<String, LoadError> {
            let metadata = session.metadata().map_err(|error| broken(&path, error))?;
            metadata.custom(name).ok_or_else(|| broken(&path, format_args!("no metadata {name}")))
        };
        check_classes(&path, &entry("heads")?)?;
        let named: BTreeMap<String, f32> =
            serde_json::from_str(&entry("thresholds")?).map_err(|error| broken(&path, error))?;
        let thresholds = Thresholds::read(|name| named.get(name).copied())
            .ok_or_else(|| broken(&path, format_args!("a threshold is missing or out of 0 to 1: {named:?}")))?;
        Ok(Self { language, path, tokenizer: Arc::new(tokenizer), thresholds })
    }

    fn reader(&self) -> Result<Reader, LoadError> {
        let (session, tokenizer) = (session(&self.path)?, Arc::clone(&self.tokenizer));
        let reader = Reader { language: self.language, session, tokenizer, thresholds: self.thresholds };
        let speakers = [Speaker::Agent, Speaker::Line].into_iter();
        let unknown =
            speakers.chain(LastAct::ALL.map(Speaker::Customer)).find(|speaker| reader.prefix(*speaker).is_none());
        match unknown {
            Some(speaker) => Err(broken(&self.path, format_args!("its tokenizer does not know {speaker:?}"))),
            None => Ok(reader),
        }
    }
}

/// Opens a model.
fn session(path: &Path) -> Result<Session, LoadError> {
    let environment = environment()?;
    let build = || -> ort::Result<Session> {
        Session::builder(&environment)?
            .with_optimization_level(GraphOptimizationLevel::Level3)?
            .with_intra_threads(1)?
            .commit_from_file(path)
    };
    build().map_err(|error| broken(path, error))
}

/// The metadata entry `heads` is an object of lists of ids.
fn check_classes(path: &Path, heads: &str) -> Result<(), LoadError> {
    let listed: BTreeMap<String, Vec<String>> = serde_json::from_str(heads).map_err(|error| broken(path, error))?;
    for head in Head::ALL {
        let (ours, theirs) = (head.classes(), listed.get(head.id()).map_or(&[][..], Vec::as_slice));
        if let Some(at) =
            (0..ours.len().max(theirs.len())).find(|&at| ours.get(at).copied() != theirs.get(at).map(String::as_str))
        {
            let model = theirs.get(at).cloned().unwrap_or_default();
            return Err(LoadError::Classes { path: path.to_owned(), head: head.id(), model });
        }
    }
    Ok(())
}

fn broken(path: &Path, why: impl ToString) -> LoadError {
    LoadError::File { path: path.to_owned(), why: why.to_string() }
}

/// A session of each loaded model.
pub struct OnnxClassifier {
    readers: Vec<Reader>,
    feeler: Option<Feeler>,
}

struct Reader {
    language: Language,
    session: Session,
    tokenizer: Arc<Tokenizer>,
    thresholds: Thresholds,
}

impl OnnxClassifier {
    /// The token ids of a text, as the model sees them: at most 66, the first is `[CLS]`.
    pub fn ids(&mut self, text: &str, language: Language, speaker: Speaker) -> Result<Vec<i64>, ClassifyError> {
        self.reader(language)?.ids(text, speaker)
    }

    fn reader(&mut self, language: Language) -> Result<&mut Reader, ClassifyError> {
        let loaded = self.readers.iter_mut().find(|reader| reader.language == language);
        loaded.ok_or(ClassifyError::NotLoaded { language: language.code() })
    }
}

impl Classifier for OnnxClassifier {
    fn read(&mut self, text: &str, language: Language, speaker: Speaker) -> Result<Reading, ClassifyError> {
        let reader = self.reader(language)?;
        let mut probabilities = reader.probabilities(text, speaker)?;
        if speaker == Speaker::Agent {
            for part in parts(text, language) {
                worse(&mut probabilities, &reader.probabilities(part, speaker)?);
            }
        }
        Reading::decide(&probabilities, &reader.thresholds)
            .ok_or_else(|| failed(text, format_args!("{} probabilities", probabilities.len())))
    }

    fn feel(&mut self, read: &Reading, manner: &Manner) -> Result<Option<Feeling>, ClassifyError> {
        self.feeler.as_mut().map(|feeler| feeler.feel(&read.emotions, manner)).transpose()
    }
}

/// Characters of an agent's turn beyond which its end is lost on the model, or a violation in it.
const fn turn_chars_max(language: Language) -> usize {
    match language {
        Language::Zh => 56,
        Language::En => 240,
    }
}

/// A longer turn in parts of whole clauses, each as long as may be; where there are no clauses, cut. At most
/// [`TEXT_CHARS_MAX`] characters of it.
fn parts(text: &str, language: Language) -> Vec<&str> {
    let chars_max = turn_chars_max(language);
    let mut rest = &text[..text.char_indices().nth(TEXT_CHARS_MAX).map_or(text.len(), |(at, _)| at)];
    let mut found = Vec::new();
    while found.is_empty() || !rest.is_empty() {
        let Some((cut, _)) = rest.char_indices().nth(chars_max) else {
            if !found.is_empty() {
                found.push(rest);
            }
            break;
        };
        let clause_end = rest[..cut].rfind(['。', '？', '！', '；', '，', '.', '?', '!', ';', ',']);
        let end = clause_end.or_else(|| rest[..cut].rfind(' ')).map_or(cut, |at| rest.ceil_char_boundary(at + 1));
        found.push(&rest[..end]);
        rest = &rest[end..];
    }
    found
}

/// Takes over the other text's classes of violation if it is the more likely to be one.
fn worse(probabilities: &mut [f32], of_part: &[f32]) {
    let from = Head::Action.classes().len();
    let classes = from..from + Head::Violation.classes().len();
    if let (Some(whole), Some(part)) = (probabilities.get_mut(classes.clone()), of_part.get(classes))
        && part[0] < whole[0]
    {
        whole.copy_from_slice(part);
    }
}

impl Reader {
    /// The ids that say who speaks and after which act.
    fn prefix(&self, speaker: Speaker) -> Option<[u32; 2]> {
        let (role, act) = match speaker {
            Speaker::Customer(act) => ("[customer]", act),
            Speaker::Agent => ("[agent]", LastAct::Unknown),
            Speaker::Line => ("[line]", LastAct::Unknown),
        };
        let act = self.tokenizer.token_to_id(&format!("[act={}]", act.id()))?;
        Some([self.tokenizer.token_to_id(role)?, act])
    }

    fn ids(&self, text: &str, speaker: Speaker) -> Result<Vec<i64>, ClassifyError> {
        let end = text.char_indices().nth(TEXT_CHARS_MAX).map_or(text.len(), |(at, _)| at);
        let encoding = self.tokenizer.encode_fast(&text[..end], true).map_err(|error| failed(text, error))?;
        let (first, rest) = encoding.get_ids().split_first().ok_or_else(|| failed(text, "no ids"))?;
        let prefix = self.prefix(speaker).ok_or_else(|| failed(text, "no id of the speaker"))?;
        Ok([first].into_iter().chain(&prefix).chain(rest).map(|&id| i64::from(id)).collect())
    }

    fn probabilities(&mut self, text: &str, speaker: Speaker) -> Result<Vec<f32>, ClassifyError> {
        let ids = self.ids(text, speaker)?;
        let input = TensorRef::from_array_view(([ids.len()], ids.as_slice())).map_err(|error| failed(text, error))?;
        let outputs = self.session.run(ort::inputs![input]).map_err(|error| failed(text, error))?;
        let (_, probabilities) = outputs[0].try_extract_tensor::<f32>().map_err(|error| failed(text, error))?;
        Ok(probabilities.to_vec())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_turn_is_read_in_parts_too() {
        let text = "一二三四五六七八九十，".repeat(13) + "完";
        assert_eq!(parts(&text[..30], Language::Zh), [] as [&str; 0]);
        let found = parts(&text, Language::Zh);
        assert_eq!(found.concat(), text);
        assert!(found.iter().all(|part| part.ends_with(['，', '完']) && part.chars().count() <= 56), "{found:?}");
        let solid = "啊".repeat(1_000);
        assert_eq!(parts(&solid, Language::Zh).concat().chars().count(), TEXT_CHARS_MAX);
    }

    #[test]
    fn the_worst_part_of_a_turn_decides_on_its_violation_only() {
        let mut whole = vec![0.0; Head::ALL.iter().map(|head| head.classes().len()).sum()];
        let none = Head::Action.classes().len();
        let mut part = vec![0.5; whole.len()];
        (whole[none], part[none]) = (0.9, 0.2);
        worse(&mut whole, &part);
        assert_eq!((whole[none], whole[none + 1], whole[none - 1], whole[none + 13]), (0.2, 0.5, 0.0, 0.0));
        part[none] = 0.8;
        worse(&mut whole, &part);
        assert_eq!(whole[none], 0.2);
    }
}
