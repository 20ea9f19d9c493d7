//! Whether the sound of this moment is a tone of the network, for the speech detector: sooner and stricter than the
//! cadence, since a hummed 嗯 must stay speech.

use super::spectrum::{Ear, Sines};
use crate::audio::Frame8k;

/// A voice that hums has more than two harmonics, or wavers.
const SHARE_MIN: f32 = 0.95;
const DRIFT_MAX_HZ: f32 = 5.0;
const DRIFT_MAX_DB: f32 = 1.5;
/// So many frames in a row: fewer than what begins a turn.
const FRAMES_MIN: u32 = 3;

/// Counts the steady frames of one line.
#[derive(Debug, Clone)]
pub struct Steady {
    ear: Ear,
    last: Option<Sines>,
    frames: u32,
}

impl Steady {
    /// Before any sound.
    pub fn new() -> Self {
        Self { ear: Ear::new(), last: None, frames: 0 }
    }

    /// Whether the newest frame belongs to a tone.
    pub fn hear(&mut self, frame: &Frame8k) -> bool {
        let sines = self.ear.hear(frame).filter(|sines| sines.share >= SHARE_MIN);
        let steady = self.last.zip(sines).is_some_and(|(last, sines)| {
            sines.near(&last, DRIFT_MAX_HZ) && (last.level_dbov - sines.level_dbov).abs() <= DRIFT_MAX_DB
        });
        self.frames = if steady { self.frames + 1 } else { 0 };
        self.last = sines;
        self.frames >= FRAMES_MIN
    }
}
