//! Speech: text in, 8 kHz sound out. The trait [`Synthesizer`] is filled by the leaf `espeak` (a pool of processes);
//! text is normalised before it is spoken, fixed texts are cached, `Playout` cuts sound into frames. Recorded prompts
//! ([`prompts`]) come first, and are joined with what stays synthetic.

use crate::asr::Language;
use crate::audio::Clip;

mod cache;
#[cfg(feature = "espeak")]
pub mod espeak;
mod finish;
mod join;
mod loudness;
mod normalize;
mod pinyin;
mod playout;
pub mod prompts;

pub use cache::SpeechCache;
pub use finish::finish;
pub use join::{Stretch, join};
pub use normalize::normalize;
pub use pinyin::{Piece, pieces};
pub use playout::{Playout, Said};

/// Sound ready to be sent, shared between calls.
pub type Speech = Clip<8_000>;

/// How a text is spoken. The engine's part of it is the first four fields.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Voice {
    /// The language of the text.
    pub language: Language,
    /// espeak-ng's variant behind the `+`, such as `f2`; empty for the plain voice.
    pub variant: String,
    /// Words per minute as espeak-ng counts them, 80 to 450.
    pub rate_wpm: u16,
    /// 0 to 99; 50 is the voice's own.
    pub pitch: u8,
    /// The campaign whose recorded prompts are heard first; empty for none.
    pub prompts: String,
}

/// Why a text could not be spoken.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SynthesizeError {
    /// The engine is not on this machine.
    #[error("{program} cannot be started ({why}): install the package espeak-ng, or run scripts/setup")]
    Missing {
        /// What was looked for.
        program: String,
        /// What the system said.
        why: String,
    },
    /// The engine gave up.
    #[error("synthesiser failed on a text of {chars} characters: {why}")]
    Engine {
        /// Length of the text.
        chars: usize,
        /// What the engine said.
        why: String,
    },
}

/// A text-to-speech engine: blocking, used by one worker thread at a time.
pub trait Synthesizer: Send {
    /// Speaks `text` (as people write it; it is normalised inside). Silence at both ends is trimmed.
    fn synthesize(&mut self, text: &str, voice: &Voice) -> Result<Speech, SynthesizeError>;
}
