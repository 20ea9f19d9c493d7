//! The leaf behind [`Recognizer`]: whisper.cpp with a model of the Whisper architecture. One [`WhisperModel`] a process,
//! one [`WhisperRecognizer`] (a state of its own) a worker thread; states of one model work in parallel.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};
use std::time::Instant;

use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperError, WhisperState};

use super::decoding::{AudioContext, Decoding, Sampler, before_loop, is_phantom, language_model_beside};
use super::ggml::{self, GgmlError, Shape};
use super::ngram::{LanguageModel, NgramError};
use super::search::{Acoustics, Search, Token};
use super::windows::windows;
use super::{DecoderSettings, Language, RecognizeError, Recognizer, Transcript};
use crate::audio::{Utterance16k, level_dbov};
use crate::base::Redacted;

/// A packed model that unpacks to more is refused: large-v3 in f16 has 3.1 GB, and is better not packed.
const UNPACKED_BYTES_MAX: u64 = 4 << 30;
/// Mel frames are 10 ms apart; the encoder halves them.
const SAMPLES_A_MEL_FRAME: usize = 160;
const SAMPLES_A_POSITION: usize = 2 * SAMPLES_A_MEL_FRAME;
/// Shorter sound holds no word, and whisper.cpp refuses it.
const SAMPLES_MIN: usize = Utterance16k::SAMPLE_RATE_HZ as usize / 10;
/// A window below this level is a dead line: it is not given to a model that must say something.
const SOUND_DBOV_MIN: f32 = -75.0;
/// How whisper.cpp names the tokens that a file does not have.
const FILLER: &[u8] = b"[_";
/// What is certainly not what was said: nobody acts on it, the agent asks again.
const DOUBTED_LOGPROB: f32 = -10.0;

/// Why a model could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read or unpacked.
    #[error("model {path}: {why}: is recognizer.model right?", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system or the decompressor said.
        why: String,
    },
    /// Its content is no model that can be run.
    #[error("model {path} {why}", path = path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and the way out.
        why: GgmlError,
    },
    /// The language model is none, or another recogniser's.
    #[error("language model {path} {why}", path = path.display())]
    Language {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and the way out.
        why: NgramError,
    },
    /// It knows English only.
    #[error("model {path} knows English only: take the multilingual one, without \".en\" in its name", path = path.display())]
    EnglishOnly {
        /// The file.
        path: PathBuf,
    },
    /// whisper.cpp does not take it.
    #[error("model {path}: {why}: is there memory for it?", path = path.display())]
    Engine {
        /// The file.
        path: PathBuf,
        /// What whisper.cpp said.
        why: String,
    },
}

/// Weights, shared by all recognisers.
#[derive(Debug)]
pub struct WhisperModel {
    context: WhisperContext,
    shape: Shape,
    decoding: Decoding,
    path: PathBuf,
    words: Arc<Words>,
}

/// What can be said, and how likely it is in each language.
#[derive(Debug, Default)]
struct Words {
    /// The bytes of every token of the file, by number.
    strings: Vec<Vec<u8>>,
    zh: Wording,
    en: Wording,
}

/// What can be said in one language.
#[derive(Debug, Default)]
struct Wording {
    /// The numbers of the tokens in its script: a model that was trained on two languages drifts into the other.
    alphabet: Vec<Token>,
    model: Option<LanguageModel>,
}

impl WhisperModel {
    /// Reads a ggml file, zstd-compressed if it is called `.zst`. It is checked to its last byte before whisper.cpp sees it.
    pub fn load(path: &Path, settings: &DecoderSettings) -> Result<Self, LoadError> {
        static LOGGING: Once = Once::new();
        LOGGING.call_once(whisper_rs::install_logging_hooks);
        let failed = |why: String| LoadError::File { path: path.to_owned(), why };
        let no_model = |why| LoadError::Content { path: path.to_owned(), why };
        let file = File::open(path).map_err(|error| failed(error.to_string()))?;
        let mut parameters = WhisperContextParameters::default();
        // Flash attention reads stale keys of the call before unless audio_ctx is a multiple of 256.
        parameters.use_gpu(false).flash_attn(false);
        let (shape, context) = if is_packed(path) {
            let bytes = unpacked(file).map_err(failed)?;
            let shape = ggml::check(Cursor::new(&bytes)).map_err(no_model)?;
            (shape, WhisperContext::new_from_buffer_with_params(&bytes, parameters))
        } else {
            let shape = ggml::check(file).map_err(no_model)?;
            (shape, WhisperContext::new_with_params(path, parameters))
        };
        let context = context.map_err(|error| LoadError::Engine { path: path.to_owned(), why: error.to_string() })?;
        let decoding = settings.for_window(shape.audio_positions);
        let words = match decoding.sampler {
            Sampler::Whisper => Words::default(),
            Sampler::Search => Words::load(&context, path, settings)?,
        };
        Ok(Self { context, shape, decoding, path: path.to_owned(), words: Arc::new(words) })
    }

    /// The files that it is read from. Language models that nobody named need not be there.
    pub fn files(path: &Path, settings: &DecoderSettings) -> Vec<PathBuf> {
        let zh = language_model_path(&settings.zh_language_model, path, Language::Zh);
        let en = language_model_path(&settings.en_language_model, path, Language::En);
        [Some(path.to_owned()), zh, en].into_iter().flatten().collect()
    }

    /// The numbers of its header.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// A recogniser on this model, for one worker thread, that will be asked for `languages`.
    pub fn state(&self, languages: &[Language]) -> Result<WhisperRecognizer, LoadError> {
        if languages.contains(&Language::Zh) && !self.shape.is_multilingual() {
            return Err(LoadError::EnglishOnly { path: self.path.clone() });
        }
        let failed = |why: String| LoadError::Engine { path: self.path.clone(), why };
        let state = self.context.create_state().map_err(|error| failed(error.to_string()))?;
        Ok(WhisperRecognizer {
            state,
            zh: parameters(Language::Zh, &self.decoding),
            en: parameters(Language::En, &self.decoding),
            decoding: self.decoding,
            positions_max: self.shape.audio_positions as usize,
            // The half of the decoder's positions, as whisper.cpp bounds a text.
            text_tokens_max: self.shape.text_positions as usize / 2 - 4,
            end: self.context.token_eot(),
            prompt_end: self.context.token_not(),
            prompt_tokens: if self.shape.is_multilingual() { 4 } else { 2 },
            words: Arc::clone(&self.words),
        })
    }
}

/// Reads the structure of a ggml file to its last byte, zstd-compressed if it is called `.zst`; weights are not looked at.
pub fn check(path: &Path) -> Result<Shape, LoadError> {
    let failed = |why: String| LoadError::File { path: path.to_owned(), why };
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    let shape =
        if is_packed(path) { ggml::check(Cursor::new(unpacked(file).map_err(failed)?)) } else { ggml::check(file) };
    shape.map_err(|why| LoadError::Content { path: path.to_owned(), why })
}

impl Words {
    fn load(context: &WhisperContext, model: &Path, settings: &DecoderSettings) -> Result<Self, LoadError> {
        let mut words = Self::default();
        let mut tokens = HashMap::new();
        for token in 0..context.token_eot() {
            let Ok(bytes) = context.token_to_bytes(token) else { break };
            if bytes.starts_with(FILLER) {
                break; // whisper.cpp's own, up to the control tokens
            }
            words.strings.push(bytes.to_owned());
            if !bytes.iter().any(u8::is_ascii_alphabetic) {
                words.zh.alphabet.push(token as Token);
            }
            if bytes.is_ascii() {
                words.en.alphabet.push(token as Token);
            }
            if let Ok(string) = str::from_utf8(bytes) {
                tokens.entry(string.to_owned()).or_insert(token as Token);
            }
        }
        let language_model = |named: &Option<PathBuf>, language| {
            let Some(path) = language_model_path(named, model, language) else { return Ok(None) };
            if named.is_none() && !path.exists() {
                tracing::info!(path = %path.display(), "no language model beside the recogniser's");
                return Ok(None);
            }
            let end = context.token_eot() as Token;
            read_language_model(&path, &tokens, end).map(Some).map_err(|why| LoadError::Language { path, why })
        };
        words.zh.model = language_model(&settings.zh_language_model, Language::Zh)?;
        words.en.model = language_model(&settings.en_language_model, Language::En)?;
        Ok(words)
    }

    fn text(&self, tokens: &[Token]) -> String {
        let bytes: Vec<u8> = tokens.iter().flat_map(|&token| &self.strings[token as usize]).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// The file of a language model, if one is wanted.
fn language_model_path(named: &Option<PathBuf>, model: &Path, language: Language) -> Option<PathBuf> {
    match named {
        Some(path) if path.as_os_str().is_empty() => None,
        Some(path) => Some(path.clone()),
        None => Some(language_model_beside(model, language)),
    }
}

fn read_language_model(path: &Path, tokens: &HashMap<String, Token>, end: Token) -> Result<LanguageModel, NgramError> {
    let unreadable = |why: String| NgramError::Unreadable { why };
    let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let file: Box<dyn BufRead> = if is_packed(path) {
        let packed = ruzstd::decoding::StreamingDecoder::new(BufReader::new(file));
        Box::new(BufReader::new(packed.map_err(|error| unreadable(error.to_string()))?))
    } else {
        Box::new(BufReader::new(file))
    };
    LanguageModel::read(file, tokens, end)
}

/// Whether a file begins as a language model does. Whether its words are a recogniser's shows when that is loaded.
pub fn check_language_model(path: &Path) -> Result<(), NgramError> {
    match read_language_model(path, &HashMap::new(), 0) {
        Ok(_) | Err(NgramError::Strangers { .. }) => Ok(()),
        Err(why @ (NgramError::Unreadable { .. } | NgramError::Line { .. })) => Err(why),
    }
}

fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "zst")
}

fn unpacked(file: File) -> Result<Vec<u8>, String> {
    let packed = ruzstd::decoding::StreamingDecoder::new(file).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    packed.take(UNPACKED_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > UNPACKED_BYTES_MAX {
        return Err(format!("unpacks to more than {UNPACKED_BYTES_MAX} bytes: unpack it yourself"));
    }
    Ok(bytes)
}

/// One state of whisper.cpp.
pub struct WhisperRecognizer {
    state: WhisperState,
    /// Made once a language: each `set_language` leaks its string.
    zh: FullParams<'static, 'static>,
    en: FullParams<'static, 'static>,
    decoding: Decoding,
    /// The model's window: encoder positions of 20 ms.
    positions_max: usize,
    text_tokens_max: usize,
    /// The token that ends a text; those below are text, those above control.
    end: i32,
    /// The prompt's last token, and all of them.
    prompt_end: i32,
    prompt_tokens: usize,
    words: Arc<Words>,
}

impl Recognizer for WhisperRecognizer {
    // A leaf measures its own work; nothing depends on it but a figure.
    #[expect(clippy::disallowed_methods)]
    fn transcribe(&mut self, audio: &Utterance16k, language: Language) -> Result<Transcript, RecognizeError> {
        let started = Instant::now();
        let mut heard = Heard::default();
        let piece_min = self.decoding.piece_ms_min * Utterance16k::SAMPLE_RATE_HZ as usize / 1000;
        for range in windows(audio.samples(), self.positions_max * SAMPLES_A_POSITION, piece_min) {
            self.decode(&audio.samples()[range], language, &mut heard).map_err(|why| {
                let audio_ms = audio.duration().as_millis() as u64;
                RecognizeError::Engine { audio_ms, why }
            })?;
        }
        Ok(Transcript {
            mean_logprob: heard.mean_logprob(),
            text: Redacted::new(heard.text),
            decode: started.elapsed(),
        })
    }
}

impl WhisperRecognizer {
    /// One window.
    fn decode(&mut self, samples: &[i16], language: Language, heard: &mut Heard) -> Result<(), String> {
        if samples.len() < SAMPLES_MIN || level_dbov(samples) < SOUND_DBOV_MIN {
            return Ok(());
        }
        let mut parameters = match language {
            Language::Zh => self.zh.clone(),
            Language::En => self.en.clone(),
        };
        let positions = match self.decoding.audio_context {
            AudioContext::Utterance => positions(samples.len()).min(self.positions_max),
            AudioContext::Full => self.positions_max,
        };
        parameters.set_audio_ctx(positions as i32);
        let audio_ms = samples.len() as u64 * 1000 / u64::from(Utterance16k::SAMPLE_RATE_HZ);
        let tokens_max = self.decoding.tokens_max(audio_ms);
        let samples: Vec<f32> = samples.iter().map(|&sample| f32::from(sample) / 32768.0).collect();
        let (text, logprobs, tokens_max) = match self.decoding.sampler {
            Sampler::Whisper => {
                parameters.set_max_tokens(tokens_max as i32 - 1); // whisper.cpp stops after one more
                self.state.full(parameters, &samples).map_err(|error| error.to_string())?;
                let (text, logprobs) = self.sampled().map_err(|error| error.to_string())?;
                (text, logprobs, tokens_max)
            }
            Sampler::Search => {
                parameters.set_max_tokens(1); // only it can encode with an audio context
                self.state.full(parameters, &samples).map_err(|error| error.to_string())?;
                let tokens_max = tokens_max.min(self.text_tokens_max);
                let (text, logprobs) = self.search(tokens_max, language).map_err(|error| error.to_string())?;
                (text, logprobs, tokens_max)
            }
        };
        heard.push(&text, &logprobs, tokens_max, language);
        Ok(())
    }

    /// The text that whisper.cpp chose, and its tokens' log-probabilities.
    fn sampled(&self) -> Result<(String, Vec<f32>), WhisperError> {
        let mut text = String::new();
        let mut logprobs = Vec::new();
        for segment in self.state.as_iter() {
            text += &segment.to_str_lossy()?;
            let tokens = (0..segment.n_tokens()).filter_map(|n| segment.get_token(n)).map(|token| token.token_data());
            logprobs.extend(tokens.filter(|token| token.id < self.end).map(|token| token.plog));
        }
        Ok((text, logprobs))
    }

    /// The text that our own search finds in what was encoded last.
    fn search(&mut self, tokens_max: usize, language: Language) -> Result<(String, Vec<f32>), WhisperError> {
        let wording = match language {
            Language::Zh => &self.words.zh,
            Language::En => &self.words.en,
        };
        let search = Search {
            alphabet: &wording.alphabet,
            end: self.end as Token,
            beam: self.decoding.beam,
            tokens_max,
            language_model: wording.model.as_ref().map(|model| (model, self.decoding.language_model_weight)),
        };
        let mut decoder = Decoder {
            state: &mut self.state,
            prompt_end: self.prompt_end,
            prompt_tokens: self.prompt_tokens,
            threads: self.decoding.threads,
            cached: Vec::new(),
        };
        let found = search.best(&mut decoder)?;
        tracing::trace!(steps = found.steps, prefixes = found.prefixes, "searched");
        Ok((self.words.text(&found.tokens), found.logprobs))
    }
}

/// whisper.cpp's decoder behind a prompt, which its cache holds from `full`.
struct Decoder<'a> {
    state: &'a mut WhisperState,
    prompt_end: i32,
    prompt_tokens: usize,
    threads: usize,
    /// Tokens behind the prompt that the cache holds.
    cached: Vec<Token>,
}

impl Acoustics for Decoder<'_> {
    type Error = WhisperError;

    /// Decodes what differs from the prefix before. The last token goes alone: logits are kept for one only.
    fn logits(&mut self, prefix: &[Token]) -> Result<&[f32], WhisperError> {
        let Some((&last, others)) = prefix.split_last() else {
            self.cached.clear();
            self.state.decode(&[self.prompt_end], self.prompt_tokens - 1, self.threads)?;
            return self.state.get_logits();
        };
        let same = others.iter().zip(&self.cached).take_while(|(a, b)| a == b).count();
        let differing: Vec<i32> = others[same..].iter().map(|&token| token as i32).collect();
        if !differing.is_empty() {
            self.state.decode(&differing, self.prompt_tokens + same, self.threads)?;
        }
        self.state.decode(&[last as i32], self.prompt_tokens + others.len(), self.threads)?;
        prefix.clone_into(&mut self.cached);
        self.state.get_logits()
    }
}

/// Encoder positions for so many samples, with 160 ms to spare, in whole blocks of 16.
fn positions(samples: usize) -> usize {
    (samples.div_ceil(SAMPLES_A_POSITION) + 8).next_multiple_of(16)
}

fn parameters(language: Language, decoding: &Decoding) -> FullParams<'static, 'static> {
    let mut parameters = FullParams::new(match decoding.beam {
        0 | 1 => SamplingStrategy::Greedy { best_of: 1 },
        beam => SamplingStrategy::BeamSearch { beam_size: beam as i32, patience: -1.0 },
    });
    parameters.set_language(Some(language.code()));
    parameters.set_n_threads(decoding.threads as i32);
    parameters.set_no_context(true);
    parameters.set_no_timestamps(true);
    parameters.set_single_segment(true);
    parameters.set_suppress_blank(decoding.suppress_blank);
    parameters.set_suppress_nst(decoding.suppress_noises);
    parameters.set_no_speech_thold(decoding.no_speech_min);
    parameters.set_temperature(0.0);
    parameters.set_temperature_inc(decoding.temperature_step);
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
    logprob_sum: f32,
    tokens: u32,
    doubted: bool,
}

impl Heard {
    /// Adds a window's words. Phantoms are dropped; what loops or runs to its bound is kept for the record, and doubted.
    fn push(&mut self, text: &str, logprobs: &[f32], tokens_max: usize, language: Language) {
        let simplified = match language {
            Language::Zh => hanconv::t2s(text), // Whisper writes either; the campaign and the intents read one
            Language::En => text.to_owned(),
        };
        if is_phantom(&simplified) {
            return;
        }
        let looped = before_loop(&simplified);
        self.doubted |= looped.is_some() || logprobs.len() >= tokens_max;
        self.logprob_sum += logprobs.iter().sum::<f32>();
        self.tokens += logprobs.len() as u32;
        language.join(&mut self.text, looped.as_deref().unwrap_or(&simplified));
    }

    /// 0 of nothing: an empty transcript is certain.
    fn mean_logprob(&self) -> f32 {
        match self.tokens {
            _ if self.doubted => DOUBTED_LOGPROB,
            0 => 0.0,
            tokens => self.logprob_sum / tokens as f32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoder_sees_the_utterance_and_a_little_more_in_blocks_of_16() {
        assert_eq!([1_600, 48_000, 160_000].map(positions), [16, 160, 512]);
    }
}
