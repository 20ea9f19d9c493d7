//! The leaf behind [`Recognizer`]: whisper.cpp with a model of the Whisper architecture. One [`WhisperModel`] a process,
//! one [`WhisperRecognizer`] (a state of its own) a worker thread; states of one model work in parallel.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Instant;

use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperState};

use super::windows::windows;
use super::{Language, RecognizeError, Recognizer, Transcript};
use crate::audio::Utterance16k;
use crate::base::Redacted;

/// A larger file is no model of ours.
const MODEL_BYTES_MAX: u64 = 1 << 30;
/// Mel frames are 10 ms apart; the encoder halves them.
const SAMPLES_A_MEL_FRAME: usize = 160;
const SAMPLES_A_POSITION: usize = 2 * SAMPLES_A_MEL_FRAME;
/// Shorter sound holds no word, and whisper.cpp refuses it.
const SAMPLES_MIN: usize = Utterance16k::SAMPLE_RATE_HZ as usize / 10;

/// Why a model could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read or unpacked.
    #[error("model {path}: {why}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system or the decompressor said.
        why: String,
    },
    /// whisper.cpp does not take it.
    #[error("model of {bytes} bytes: {why}")]
    Engine {
        /// Length after unpacking.
        bytes: usize,
        /// What whisper.cpp said.
        why: String,
    },
}

/// Weights, shared by all recognisers.
#[derive(Debug)]
pub struct WhisperModel {
    context: WhisperContext,
    bytes: usize,
}

impl WhisperModel {
    /// Reads a ggml file, zstd-compressed if it is called `.zst`.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        let failed = |why: String| LoadError::File { path: path.to_owned(), why };
        let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
        let mut bytes = Vec::new();
        let read = if path.extension().is_some_and(|extension| extension == "zst") {
            let unpacked = ruzstd::decoding::StreamingDecoder::new(file).map_err(|error| failed(error.to_string()))?;
            unpacked.take(MODEL_BYTES_MAX).read_to_end(&mut bytes)
        } else {
            file.take(MODEL_BYTES_MAX).read_to_end(&mut bytes)
        };
        read.map_err(|error| failed(error.to_string()))?;
        Self::from_bytes(&bytes)
    }

    /// Takes a ggml file's content.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LoadError> {
        static LOGGING: Once = Once::new();
        LOGGING.call_once(whisper_rs::install_logging_hooks);
        let mut parameters = WhisperContextParameters::default();
        // Flash attention reads stale keys of the call before unless audio_ctx is a multiple of 256.
        parameters.use_gpu(false).flash_attn(false);
        let context = WhisperContext::new_from_buffer_with_params(bytes, parameters)
            .map_err(|error| LoadError::Engine { bytes: bytes.len(), why: error.to_string() })?;
        Ok(Self { context, bytes: bytes.len() })
    }

    /// A recogniser on this model, for one worker thread.
    pub fn state(&self) -> Result<WhisperRecognizer, LoadError> {
        let failed = |why: String| LoadError::Engine { bytes: self.bytes, why };
        let state = self.context.create_state().map_err(|error| failed(error.to_string()))?;
        Ok(WhisperRecognizer {
            state,
            zh: parameters(Language::Zh),
            en: parameters(Language::En),
            positions_max: usize::try_from(self.context.model_n_audio_ctx()).unwrap_or(0),
            text_tokens: self.context.token_eot(),
        })
    }
}

/// One state of whisper.cpp.
pub struct WhisperRecognizer {
    state: WhisperState,
    /// Made once a language: each `set_language` leaks its string.
    zh: FullParams<'static, 'static>,
    en: FullParams<'static, 'static>,
    /// The model's window: encoder positions of 20 ms.
    positions_max: usize,
    /// Tokens below this are text, from it on they are control.
    text_tokens: i32,
}

impl Recognizer for WhisperRecognizer {
    // A leaf measures its own work; nothing depends on it but a figure.
    #[expect(clippy::disallowed_methods)]
    fn transcribe(&mut self, audio: &Utterance16k, language: Language) -> Result<Transcript, RecognizeError> {
        let started = Instant::now();
        let mut heard = Heard::default();
        for range in windows(audio.samples(), self.positions_max * SAMPLES_A_POSITION) {
            self.decode(&audio.samples()[range], language, &mut heard).map_err(|why| {
                let audio_ms = audio.duration().as_millis() as u64;
                RecognizeError::Engine { audio_ms, why }
            })?;
        }
        Ok(Transcript { text: Redacted::new(heard.text), mean_logprob: heard.logprob.mean(), decode: started.elapsed() })
    }
}

impl WhisperRecognizer {
    fn decode(&mut self, samples: &[i16], language: Language, heard: &mut Heard) -> Result<(), String> {
        if samples.len() < SAMPLES_MIN {
            return Ok(());
        }
        let mut parameters = match language {
            Language::Zh => self.zh.clone(),
            Language::En => self.en.clone(),
        };
        parameters.set_audio_ctx(positions(samples.len()).min(self.positions_max) as i32);
        let samples: Vec<f32> = samples.iter().map(|&sample| f32::from(sample) / 32768.0).collect();
        self.state.full(parameters, &samples).map_err(|error| error.to_string())?;
        let mut text = String::new();
        for segment in self.state.as_iter() {
            text += &segment.to_str_lossy().map_err(|error| error.to_string())?;
            let tokens = (0..segment.n_tokens()).filter_map(|n| segment.get_token(n)).map(|token| token.token_data());
            tokens.filter(|token| token.id < self.text_tokens).for_each(|token| heard.logprob.add(token.plog));
        }
        heard.push(&text, language);
        Ok(())
    }
}

/// Encoder positions for so many samples, with 160 ms to spare, in whole blocks of 16.
fn positions(samples: usize) -> usize {
    (samples.div_ceil(SAMPLES_A_POSITION) + 8).next_multiple_of(16)
}

fn parameters(language: Language) -> FullParams<'static, 'static> {
    let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
    parameters.set_language(Some(language.code()));
    parameters.set_n_threads(1);
    parameters.set_no_context(true);
    parameters.set_no_timestamps(true);
    parameters.set_single_segment(true);
    // With it silence is never empty: the blank is what a silence should decode to.
    parameters.set_suppress_blank(false);
    parameters.set_temperature(0.0);
    parameters.set_temperature_inc(0.0);
    parameters.set_print_progress(false);
    parameters.set_print_realtime(false);
    parameters.set_print_special(false);
    parameters.set_print_timestamps(false);
    parameters
}

/// What the windows of one utterance gave together.
#[derive(Default)]
struct Heard {
    text: String,
    logprob: Mean,
}

impl Heard {
    fn push(&mut self, text: &str, language: Language) {
        match language {
            Language::Zh => self.text.extend(text.chars().filter(|c| !c.is_whitespace())),
            Language::En => {
                let text = text.trim();
                if !self.text.is_empty() && !text.is_empty() {
                    self.text.push(' ');
                }
                self.text.push_str(text);
            }
        }
    }
}

#[derive(Default)]
struct Mean {
    sum: f32,
    count: u32,
}

impl Mean {
    fn add(&mut self, value: f32) {
        self.sum += value;
        self.count += 1;
    }

    /// 0 of nothing: an empty transcript is certain.
    fn mean(&self) -> f32 {
        if self.count == 0 { 0.0 } else { self.sum / self.count as f32 }
    }
}
