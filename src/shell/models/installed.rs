//! What lies in the folder of the models: kinds by file name, checksums, and whether a file can be loaded.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::asr::whisper;
use crate::understanding::onnx;

use super::super::problem::Problem;
use super::sums::{self, Sums};

/// Of what kind a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A Whisper model in whisper.cpp's format, plain or packed by zstd.
    Recognizer,
    /// A network for ONNX Runtime.
    Onnx,
    /// What cuts a text for a network.
    Tokenizer,
    /// What words follow each other, in ARPA's format, plain or packed by zstd.
    LanguageModel,
}

impl Kind {
    /// By its name; none is no model.
    pub fn of(name: &str) -> Option<Self> {
        let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        match () {
            () if ends(&[".tokenizer.json"]) => Some(Self::Tokenizer),
            () if ends(&[".onnx"]) => Some(Self::Onnx),
            () if ends(&[".arpa", ".arpa.zst"]) => Some(Self::LanguageModel),
            () if ends(&[".bin", ".ggml", ".bin.zst", ".ggml.zst"]) => Some(Self::Recognizer),
            () => None,
        }
    }

    /// As it is written.
    pub fn id(self) -> &'static str {
        match self {
            Self::Recognizer => "recognizer",
            Self::Onnx => "onnx",
            Self::Tokenizer => "tokenizer",
            Self::LanguageModel => "language_model",
        }
    }

    /// Opens a file as the agent would; says what is wrong.
    pub fn check(self, path: &Path) -> Result<(), String> {
        match self {
            Self::Recognizer => whisper::check(path).map(|_| ()).map_err(|why| why.to_string()),
            Self::Onnx => onnx::check(path).map_err(|why| why.to_string()),
            Self::Tokenizer => onnx::check_tokenizer(path).map_err(|why| why.to_string()),
            Self::LanguageModel => whisper::check_language_model(path).map_err(|why| why.to_string()),
        }
    }
}

/// A file of the folder that is a model.
#[derive(Debug)]
pub struct Installed {
    /// The file's name.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Of what kind.
    pub kind: Kind,
    /// Its size.
    pub bytes: u64,
}

/// All of a folder, by name.
pub fn all(folder: &Path) -> Result<Vec<Installed>> {
    let whole = || format!("folder of models {}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(whole)? {
        let path = entry.with_context(whole)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
        let Some(kind) = Kind::of(&name).filter(|_| path.is_file()) else { continue };
        let bytes = fs::metadata(&path).with_context(whole)?.len();
        found.push(Installed { name, path, kind, bytes });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Whether two paths lead to one file.
pub fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

impl Installed {
    /// Those of ours that it knows, as its header or its name tells.
    pub fn languages(&self) -> Option<Vec<String>> {
        let both = || vec!["zh".to_owned(), "en".to_owned()];
        match self.kind {
            Kind::Recognizer => {
                let shape = whisper::check(&self.path).ok()?;
                Some(if shape.is_multilingual() { both() } else { vec!["en".to_owned()] })
            }
            Kind::Onnx | Kind::Tokenizer | Kind::LanguageModel => {
                let language = self.name.split('.').find(|part| matches!(*part, "zh" | "en"))?;
                Some(vec![language.to_owned()])
            }
        }
    }

    /// Holds it against its checksum, and opens it.
    pub fn verify(&self, sums: &Sums) -> Result<(), Problem> {
        let problem = |what: String| Problem::new(self.path.display(), what);
        let install = || format!("callwright models install {}", self.path.display());
        let sum = sums::of_file(&self.path).map_err(|why| problem(format!("cannot be read: {why}")))?;
        match sums.of(&self.name) {
            Some(known) if known != sum => {
                Err(problem(format!("has the SHA-256 {sum}, not {known} as when it was installed"))
                    .with_way_out(format_args!("install it again; if you changed it yourself: {} --trust", install())))
            }
            None => Err(problem("has no checksum, so that nobody knows whether it is whole".to_owned())
                .with_way_out(format_args!("{} --sha256 HEX, or --trust", install()))),
            Some(_) => self.kind.check(&self.path).map_err(|why| problem(why).with_way_out("install another")),
        }
    }
}
