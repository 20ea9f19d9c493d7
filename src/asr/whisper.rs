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
        Ok(Transcript {
            text: Redacted::new(heard.text),
            mean_logprob: heard.logprob.mean(),
            decode: started.elapsed(),
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: usize = 64;
    const AUDIO_CTX: usize = 100;
    const TEXT_CTX: usize = 32;
    const VOCAB: usize = 51_865;
    const EOT: usize = 50_257;

    /// A ggml file whose weights are zero, but for those that make it say its only word twice, whatever it hears: two
    /// positions behind the prompt of four tokens the end outweighs the word.
    fn parrot(word: &str) -> Vec<u8> {
        let mut file = Vec::new();
        let integers = |file: &mut Vec<u8>, values: &[usize]| {
            values.iter().for_each(|&value| file.extend((value as u32).to_le_bytes()));
        };
        let (heads, layers) = (1, 1);
        integers(&mut file, &[0x6767_6d6c, VOCAB, AUDIO_CTX, STATE, heads, layers]);
        integers(&mut file, &[TEXT_CTX, STATE, heads, layers, 80, 1]);
        integers(&mut file, &[80, 201]);
        file.resize(file.len() + 80 * 201 * 4, 0);
        integers(&mut file, &[1, word.len()]);
        file.extend(word.as_bytes());

        let mut tensor = |name: &str, dims: &[usize], values: &[(usize, f32)]| {
            let (bytes_each, kind) = if dims.len() > 1 && name.ends_with("weight") { (2, 1) } else { (4, 0) };
            integers(&mut file, &[dims.len(), name.len(), kind]);
            integers(&mut file, dims);
            file.extend(name.as_bytes());
            let start = file.len();
            file.resize(start + dims.iter().product::<usize>() * bytes_each, 0);
            for &(at, value) in values {
                // f16 has the upper bits of a small f32 after its exponent is rebased.
                let half = if value == 0.0 { 0 } else { ((value.to_bits() >> 13) as u16).wrapping_sub(112 << 10) };
                let bytes = if bytes_each == 2 { half.to_le_bytes().to_vec() } else { value.to_le_bytes().to_vec() };
                file[start + at * bytes_each..start + (at + 1) * bytes_each].copy_from_slice(&bytes);
            }
        };
        tensor("encoder.positional_embedding", &[STATE, AUDIO_CTX], &[]);
        tensor("encoder.conv1.weight", &[3, 80, STATE], &[]);
        tensor("encoder.conv1.bias", &[1, STATE], &[]);
        tensor("encoder.conv2.weight", &[3, STATE, STATE], &[]);
        tensor("encoder.conv2.bias", &[1, STATE], &[]);
        let positions: Vec<_> = (0..TEXT_CTX).map(|p| (p * STATE + 1, if p < 5 { -100.0 } else { 100.0 })).collect();
        tensor("decoder.positional_embedding", &[STATE, TEXT_CTX], &positions);
        let embedding = [(0, 20.0), (EOT * STATE, 20.0), (EOT * STATE + 1, 1.0)];
        tensor("decoder.token_embedding.weight", &[STATE, VOCAB], &embedding);
        tensor("encoder.ln_post.weight", &[STATE], &[]);
        tensor("encoder.ln_post.bias", &[STATE], &[]);
        tensor("decoder.ln.weight", &[STATE], &[(1, 1.0)]);
        tensor("decoder.ln.bias", &[STATE], &[(0, 1.0)]);
        for block in ["encoder.blocks.0", "decoder.blocks.0"] {
            let attentions: &[&str] = if block.starts_with("enc") { &["attn"] } else { &["attn", "cross_attn"] };
            for attention in attentions {
                for part in ["_ln.weight", "_ln.bias", ".query.bias", ".value.bias", ".out.bias"] {
                    tensor(&format!("{block}.{attention}{part}"), &[STATE], &[]);
                }
                for part in ["query", "key", "value", "out"] {
                    tensor(&format!("{block}.{attention}.{part}.weight"), &[STATE, STATE], &[]);
                }
            }
            tensor(&format!("{block}.mlp_ln.weight"), &[STATE], &[]);
            tensor(&format!("{block}.mlp_ln.bias"), &[STATE], &[]);
            tensor(&format!("{block}.mlp.0.weight"), &[STATE, 4 * STATE], &[]);
            tensor(&format!("{block}.mlp.0.bias"), &[4 * STATE], &[]);
            tensor(&format!("{block}.mlp.2.weight"), &[4 * STATE, STATE], &[]);
            tensor(&format!("{block}.mlp.2.bias"), &[STATE], &[]);
        }
        file
    }

    fn noise(samples: usize) -> Utterance16k {
        let samples: Vec<i16> = (0..samples as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 20) as i16).collect();
        Utterance16k::new(samples)
    }

    fn text(heard: &Transcript) -> &str {
        heard.text.reveal()
    }

    #[test]
    fn an_utterance_is_decoded_with_the_confidence_of_its_words() {
        let mut recognizer = WhisperModel::from_bytes(&parrot(" yes")).unwrap().state().unwrap();
        let english = recognizer.transcribe(&noise(16_000), Language::En).unwrap();
        assert_eq!(text(&english), "yes yes");
        assert!((-0.01..0.0).contains(&english.mean_logprob), "{}", english.mean_logprob);
        assert_eq!(text(&recognizer.transcribe(&noise(16_000), Language::Zh).unwrap()), "yesyes");
    }

    #[test]
    fn an_utterance_longer_than_the_window_is_decoded_in_pieces_and_joined() {
        let mut recognizer = WhisperModel::from_bytes(&parrot("好")).unwrap().state().unwrap();
        let heard = recognizer.transcribe(&noise(16_000 * 3), Language::Zh).unwrap(); // the window is 2 s
        assert_eq!(text(&heard), "好好好好");
    }

    #[test]
    fn too_short_sound_is_nothing_without_decoding() {
        let mut recognizer = WhisperModel::from_bytes(&parrot("好")).unwrap().state().unwrap();
        for samples in [0, 1, SAMPLES_MIN - 1] {
            let heard = recognizer.transcribe(&noise(samples), Language::Zh).unwrap();
            assert_eq!((text(&heard), heard.mean_logprob), ("", 0.0));
        }
        assert_eq!(text(&recognizer.transcribe(&noise(2 * SAMPLES_MIN), Language::Zh).unwrap()), "好好");
    }

    #[test]
    fn states_of_one_model_work_in_parallel() {
        let model = WhisperModel::from_bytes(&parrot("好")).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                let mut recognizer = model.state().unwrap();
                scope.spawn(move || {
                    assert_eq!(text(&recognizer.transcribe(&noise(8_000), Language::Zh).unwrap()), "好好");
                });
            }
        });
    }

    #[test]
    fn a_file_that_is_missing_or_no_model_is_an_error_that_names_it() {
        let missing = WhisperModel::load(Path::new("/nowhere/asr.ggml.zst")).unwrap_err().to_string();
        assert!(missing.contains("/nowhere/asr.ggml.zst"), "{missing}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("asr.ggml.zst");
        std::fs::write(&path, b"no zstd").unwrap();
        assert!(matches!(WhisperModel::load(&path), Err(LoadError::File { .. })));
        assert!(matches!(WhisperModel::from_bytes(&[0; 100]), Err(LoadError::Engine { bytes: 100, .. })));
    }

    #[test]
    fn a_packed_model_is_unpacked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("asr.ggml.zst");
        let packed = ruzstd::encoding::compress_to_vec(&parrot("好")[..], ruzstd::encoding::CompressionLevel::Fastest);
        std::fs::write(&path, packed).unwrap();
        assert!(WhisperModel::load(&path).is_ok());
    }

    #[test]
    fn the_encoder_sees_the_utterance_and_a_little_more_in_blocks_of_16() {
        assert_eq!([1_600, 48_000, 160_000].map(positions), [16, 160, 512]);
    }
}
