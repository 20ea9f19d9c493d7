//! The `earshot` network as a [`SpeechDetector`]: 16 ms blocks inside, 20 ms frames outside. It needs no gain: speech at
//! -45 dBov is found as surely as speech at -15. Where it takes a tone of the network for a voice, it is overruled.

use super::SpeechDetector;
use super::tones::Steady;
use crate::audio::{Frame16k, PcmFrame};

const BLOCK: usize = 256;

/// One stream's detector, 8 KB.
pub struct Earshot {
    detector: Box<earshot::Detector>,
    /// What did not fill a block.
    rest: [i16; BLOCK],
    rest_len: usize,
    score: f32,
    tone: Steady,
}

impl Default for Earshot {
    fn default() -> Self {
        Self::new()
    }
}

impl Earshot {
    /// A detector that has heard nothing.
    pub fn new() -> Self {
        Self {
            detector: earshot::Detector::default_boxed(),
            rest: [0; BLOCK],
            rest_len: 0,
            score: 0.0,
            tone: Steady::new(),
        }
    }
}

impl SpeechDetector for Earshot {
    fn speech(&mut self, frame: &Frame16k) -> f32 {
        let mut samples = &frame.0[..];
        while self.rest_len + samples.len() >= BLOCK {
            let (filling, later) = samples.split_at(BLOCK - self.rest_len);
            self.rest[self.rest_len..].copy_from_slice(filling);
            self.score = self.detector.predict_i16(&self.rest);
            (self.rest_len, samples) = (0, later);
        }
        self.rest[self.rest_len..self.rest_len + samples.len()].copy_from_slice(samples);
        self.rest_len += samples.len();
        // Every second sample: what is heard comes from a line of 8 kHz.
        match self.tone.hear(&PcmFrame(std::array::from_fn(|n| frame.0[2 * n]))) {
            true => 0.0,
            false => self.score,
        }
    }

    fn reset(&mut self) {
        self.detector.reset();
        (self.rest_len, self.score, self.tone) = (0, 0.0, Steady::new());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::PcmFrame;

    fn highest_score(sample: impl Fn(f64) -> f64) -> f32 {
        let mut earshot = Earshot::new();
        let frames =
            (0..100).map(|n| PcmFrame(std::array::from_fn(|k| sample((n * 320 + k) as f64 / 16_000.0) as i16)));
        frames.map(|frame| earshot.speech(&frame)).fold(0.0, f32::max)
    }

    #[test]
    fn neither_silence_nor_hum_nor_a_dial_tone_reaches_the_threshold() {
        let threshold = crate::hearing::TurnConfig::default().threshold_on;
        assert!(highest_score(|_| 0.0) < threshold / 2.0);
        for tone_hz in [50.0, 100.0, 425.0, 440.0, 1_000.0] {
            let score = highest_score(|s| 8_000.0 * (s * tone_hz * std::f64::consts::TAU).sin());
            assert!(score < threshold, "{tone_hz} Hz: {score}");
        }
    }
}
