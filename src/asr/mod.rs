//! Recognition: an utterance in, a transcript out. The trait is here; the leaf `whisper` fills it, on worker threads.

use serde::Serialize;
use std::time::Duration;

use crate::audio::Utterance16k;
use crate::base::Redacted;

pub mod decoding;
pub mod ggml;
pub mod ngram;
pub mod search;
pub mod windows;

#[cfg(feature = "whisper")]
pub mod whisper;

pub use decoding::DecoderSettings;

/// The language a call is held in. Mandarin first, English second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Mandarin.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// ISO 639-1, as Whisper and the configuration write it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// Appends words to words: Mandarin without spaces, English with one between.
    pub fn join(self, text: &mut String, more: &str) {
        match self {
            Self::Zh => text.extend(more.chars().filter(|c| !c.is_whitespace())),
            Self::En => {
                let more = more.trim();
                if !text.is_empty() && !more.is_empty() {
                    text.push(' ');
                }
                text.push_str(more);
            }
        }
    }
}

/// What the recogniser understood of one utterance.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcript {
    /// The words; empty when nothing was said.
    pub text: Redacted<String>,
    /// Mean log-probability of the tokens, natural logarithm, at most 0. Above -0.2 most sentences are right.
    pub mean_logprob: f32,
    /// Time the recogniser worked.
    pub decode: Duration,
}

/// Why an utterance could not be recognised.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RecognizeError {
    /// The engine gave up.
    #[error("recogniser failed on {audio_ms} ms of audio: {why}")]
    Engine {
        /// Length of the utterance.
        audio_ms: u64,
        /// What the engine said.
        why: String,
    },
}

/// One recogniser state: blocking, used by one worker thread at a time.
pub trait Recognizer: Send {
    /// Recognises one utterance of any length.
    fn transcribe(&mut self, audio: &Utterance16k, language: Language) -> Result<Transcript, RecognizeError>;
}
