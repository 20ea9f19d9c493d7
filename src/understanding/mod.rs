//! Understanding: words in, [`Meaning`] out. The taxonomy is `models/taxonomy.toml`; its ids are stable. The trait
//! [`Classifier`] is filled by the leaf `onnx`, which gives a [`Reading`]; the rules that stand beside it are pure.

mod announcement;
mod completeness;
mod context;
mod emotion;
mod feeling;
mod industry;
mod patterns;
mod reading;
mod scan;
mod slots;
mod tail;
mod taxonomy;
pub mod when;

#[cfg(feature = "onnx")]
pub mod onnx;

pub use announcement::{Announcement, AnnouncementGuess, announcement, announcement_with};
pub use completeness::{Completeness, Evidence};
pub use context::{LastAct, meaning};
pub use emotion::{Emotion, emotion};
pub use feeling::{EmotionBy, EmotionGuess, Feeling, Mood};
pub use industry::{Industry, industry};
pub use reading::{Ending, Head, Reading, Thresholds};
pub use slots::{Slot, Slots, amount, corrected, slots};
pub use taxonomy::{Action, Scene};

use crate::asr::Language;
use crate::hearing::Manner;

/// One guess of the classifier: the action and how sure it is, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Intent {
    /// What the customer means.
    pub action: Action,
    /// Probability that it is right, 0 to 1.
    pub confidence: f32,
}

/// Why a text could not be classified.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ClassifyError {
    /// Only the models of the call's languages are loaded.
    #[error("no text model of {language} is loaded")]
    NotLoaded {
        /// Its code.
        language: &'static str,
    },
    /// The engine gave up.
    #[error("text model failed on a text of {chars} characters: {why}")]
    Engine {
        /// Length of the text.
        chars: usize,
        /// What the engine said.
        why: String,
    },
}

/// Who says a text, and what the model is told of the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The customer, after this act of the agent.
    Customer(LastAct),
    /// The agent.
    Agent,
    /// Whatever answered the call.
    Line,
}

/// The text model: blocking, used by one worker thread at a time.
pub trait Classifier: Send {
    /// What a speaker's text means, by itself.
    fn read(&mut self, text: &str, language: Language, speaker: Speaker) -> Result<Reading, ClassifyError>;

    /// How the customer feels who said what was `read` in this manner; none without a model of the voice.
    fn feel(&mut self, _read: &Reading, _manner: &Manner) -> Result<Option<Feeling>, ClassifyError> {
        Ok(None)
    }
}

/// What an utterance means, as the conversation needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Meaning {
    /// The likeliest action.
    pub intent: Intent,
    /// 5W1H and times, as said.
    pub slots: Slots,
    /// How the customer feels, by the words.
    pub emotion: Emotion,
    /// How the customer feels, by the voice and by both; none where no voice was heard.
    pub feeling: Option<Feeling>,
}
