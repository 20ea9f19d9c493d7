//! The noise floor of a line, by minimum statistics: steady noise, however loud, becomes the floor within 3 s, and
//! speech, with its gaps, does not. Levels in dBov, one a 20 ms frame.

/// Half seconds over which the minimum is taken, and frames in each.
const SLOTS: usize = 6;
const SLOT_FRAMES: u8 = 25;
/// No floor is below: a line that is digitally silent between words.
const FLOOR_MIN_DBOV: f32 = -65.0;
/// What is assumed of a time that was not heard: a caller may speak from the first frame on, above a noisy line.
const FLOOR_FIRST_DBOV: f32 = -40.0;

/// Tracks the noise floor.
#[derive(Debug, Clone)]
pub(super) struct NoiseFloor {
    minima: [f32; SLOTS],
    slot: usize,
    frames: u8,
}

impl NoiseFloor {
    /// A line that was not heard yet.
    pub fn new() -> Self {
        Self { minima: [FLOOR_FIRST_DBOV; SLOTS], slot: 0, frames: 0 }
    }

    /// The floor, with this frame's level counted in.
    pub fn hear(&mut self, level_dbov: f32) -> f32 {
        if self.frames == 0 {
            self.slot = (self.slot + 1) % SLOTS;
            self.minima[self.slot] = level_dbov;
        }
        self.frames = (self.frames + 1) % SLOT_FRAMES;
        self.minima[self.slot] = self.minima[self.slot].min(level_dbov);
        self.minima.iter().copied().fold(f32::MAX, f32::min).max(FLOOR_MIN_DBOV)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steady_noise_becomes_the_floor_in_three_seconds_and_is_forgotten_at_once() {
        let mut floor = NoiseFloor::new();
        assert_eq!((0..125).map(|_| floor.hear(-30.0)).last(), Some(-40.0));
        assert_eq!((0..26).map(|_| floor.hear(-30.0)).last(), Some(-30.0));
        assert_eq!(floor.hear(-50.0), -50.0);
    }
}
