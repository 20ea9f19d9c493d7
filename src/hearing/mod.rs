//! Hearing: 20 ms frames of 8 kHz sound in, the caller's turns out. A [`SpeechDetector`] judges each frame;
//! [`TurnDetector`] finds where a turn begins, pauses and ends, and keeps its sound for the recogniser: at most one
//! turn, 16 kHz. All times count frames, so they are those of the sound, whenever it arrives.

mod earshot;
mod level;
mod turn;

use crate::audio::Frame16k;

pub use earshot::Earshot;
pub use turn::{Heard, TurnConfig, TurnDetector};

/// Tells speech from everything else, frame by frame.
pub trait SpeechDetector: Send {
    /// How much the newest 20 ms, in the light of what came before, sound like speech: 0 to 1.
    fn speech(&mut self, frame: &Frame16k) -> f32;

    /// Forgets what came before.
    fn reset(&mut self);
}

/// Whether the words so far are a whole sentence: how long a silence ends the turn. Filled by `understanding`, from the
/// speculative decode at the pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Completeness {
    /// A yes, a full question, a confirmed slot.
    Complete,
    /// Not known, or not yet.
    #[default]
    Unknown,
    /// Trails off: 那个…, digits, 因为.
    Incomplete,
}
