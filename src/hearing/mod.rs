//! Hearing: 20 ms frames of 8 kHz sound in, the caller's turns out. A [`SpeechDetector`] judges each frame;
//! [`TurnDetector`] finds where a turn begins, pauses and ends, and keeps its sound for the recogniser: at most one
//! turn, 16 kHz, and how it sounds ([`Prosody`]), which a [`Baseline`] measures against the speaker's own way ([`Manner`]).
//! [`tones`] names the signals of the network. All times count frames, so they are those of the sound, whenever it arrives.

mod baseline;
mod earshot;
mod level;
mod prosody;
pub mod tones;
mod turn;
mod turn_over;

use crate::audio::Frame16k;

pub use baseline::{Baseline, Manner};
pub use earshot::Earshot;
pub use prosody::{Ending, Prosody};
pub use turn::{Heard, TurnConfig, TurnDetector};
pub use turn_over::TurnOver;

/// Tells speech from everything else, frame by frame.
pub trait SpeechDetector: Send {
    /// How much the newest 20 ms, in the light of what came before, sound like speech: 0 to 1.
    fn speech(&mut self, frame: &Frame16k) -> f32;

    /// Forgets what came before.
    fn reset(&mut self);
}
