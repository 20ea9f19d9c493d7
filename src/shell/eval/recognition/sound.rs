//! The telephone line of the set `recognition`, and what sounds on it when nobody speaks: the same samples for the same
//! seed. Speech and noise at 8 kHz, 300 to 3,400 Hz, 15 dB apart; G.711; then 16 kHz for the recogniser.

use std::f32::consts::{FRAC_1_SQRT_2, TAU};

use serde::Deserialize;

use crate::audio::{Frame8k, Law, PcmFrame, Utterance16k, resample_all};

const RATE_HZ: u32 = 8_000;
/// Speech above the noise, both over the whole clip.
const SNR_DB: f32 = 15.0;
/// Line before the first word and behind the last.
const LEAD_MS: usize = 150;
const TAIL_MS: usize = 250;
const BAND_HZ: (f32, f32) = (300.0, 3_400.0);

/// A clip without speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nothing {
    /// A line on which almost nothing sounds.
    Silence,
    /// Hiss, quiet to loud.
    Noise,
    /// Mains and their harmonics.
    Hum,
    /// Ringing, busy and key tones.
    Tone,
    /// Chords, one after another.
    Music,
}

impl Nothing {
    /// One to three seconds of it.
    pub fn sound(self, seed: u64) -> Utterance16k {
        let mut dice = Dice::new(seed);
        let samples = RATE_HZ as usize + dice.below(2 * RATE_HZ as usize);
        let level = 10_f32.powf(-(8.0 + 30.0 * dice.share()) / 20.0);
        let mut clip: Vec<f32> = match self {
            Self::Silence => vec![0.0; samples],
            Self::Noise => noise(samples, &mut dice),
            Self::Hum => {
                let mains_hz = [50.0, 60.0][dice.below(2)];
                let harmonics: Vec<(f32, f32)> =
                    (1..9).map(|n| (mains_hz * n as f32, dice.share() / n as f32)).collect();
                chord(samples, |_| &harmonics)
            }
            Self::Tone => {
                let pairs = [[450.0, 450.0], [440.0, 480.0], [480.0, 620.0], [697.0, 1_209.0], [941.0, 1_336.0]];
                let pair = pairs[dice.below(pairs.len())].map(|hz| (hz, 0.5));
                let half_ms = 100 + dice.below(400);
                let rest: [(f32, f32); 0] = [];
                let half = RATE_HZ as usize * half_ms / 1000;
                chord(samples, |at| if (at / half).is_multiple_of(2) { &pair[..] } else { &rest[..] })
            }
            Self::Music => {
                let chords: Vec<Vec<(f32, f32)>> = (0..12).map(|_| triad(&mut dice)).collect();
                let beat = RATE_HZ as usize * (200 + dice.below(300)) / 1000;
                let mut clip = chord(samples, |at| &chords[at / beat % chords.len()]);
                clip.iter_mut().enumerate().for_each(|(at, s)| *s *= 1.0 - 0.8 * (at % beat) as f32 / beat as f32);
                clip
            }
        };
        let power = power(&clip).max(1e-12);
        let floor = noise(samples, &mut dice);
        for (sample, hiss) in clip.iter_mut().zip(floor) {
            *sample = *sample * level / power.sqrt() + hiss * 1e-4;
        }
        through_g711(&clip, seed)
    }
}

/// A triad of the tempered scale with two overtones a note: frequencies and loudness.
fn triad(dice: &mut Dice) -> Vec<(f32, f32)> {
    let root = dice.below(24) as f32;
    let third = [3.0, 4.0][dice.below(2)];
    let notes = [root, root + third, root + 7.0].map(|note| 220.0 * (note / 12.0).exp2());
    notes.iter().flat_map(|&hz| [(hz, 1.0), (2.0 * hz, 0.4), (3.0 * hz, 0.2)]).collect()
}

/// Sines together; which, is asked for each sample.
fn chord<'a>(samples: usize, sines: impl Fn(usize) -> &'a [(f32, f32)]) -> Vec<f32> {
    let value =
        |at: usize| sines(at).iter().map(|(hz, loud)| loud * (TAU * hz * at as f32 / RATE_HZ as f32).sin()).sum();
    (0..samples).map(value).collect()
}

/// Speech at 8 kHz as the recogniser gets it at the other end of the line.
pub fn over_the_telephone(speech: &[i16], seed: u64) -> Utterance16k {
    let silence = |ms: usize| vec![0.0; RATE_HZ as usize * ms / 1000];
    let mut line = silence(LEAD_MS);
    line.extend(speech.iter().map(|&sample| f32::from(sample) / 32_768.0));
    line.extend(silence(TAIL_MS));
    band(&mut line);
    let mut hiss = noise(line.len(), &mut Dice::new(seed));
    band(&mut hiss);
    let scale = (power(&line) / power(&hiss).max(1e-12)).sqrt() * 10_f32.powf(-SNR_DB / 20.0);
    for (sample, hiss) in line.iter_mut().zip(hiss) {
        *sample += hiss * scale;
    }
    through_g711(&line, seed)
}

/// Noise of power 1: white, or, for every other seed, falling with frequency as a room's does.
fn noise(samples: usize, dice: &mut Dice) -> Vec<f32> {
    let smooth = [0.0, 0.85][dice.below(2)];
    let mut last = 0.0;
    let mut hiss: Vec<f32> = (0..samples)
        .map(|_| {
            let white = (0..12).map(|_| dice.share()).sum::<f32>() - 6.0; // nearly normal
            last = smooth * last + white;
            last
        })
        .collect();
    let scale = power(&hiss).max(1e-12).sqrt().recip();
    hiss.iter_mut().for_each(|sample| *sample *= scale);
    hiss
}

fn power(samples: &[f32]) -> f32 {
    samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32
}

/// Butterworth filters of the second order at both ends of the band.
fn band(samples: &mut [f32]) {
    biquad(samples, BAND_HZ.0, |cos| ((1.0 + cos) / 2.0, -(1.0 + cos)));
    biquad(samples, BAND_HZ.1, |cos| ((1.0 - cos) / 2.0, 1.0 - cos));
}

/// A filter whose outer and middle weights of the input are `weights` of the cosine at its corner.
fn biquad(samples: &mut [f32], corner_hz: f32, weights: impl Fn(f32) -> (f32, f32)) {
    let (sin, cos) = (TAU * corner_hz / RATE_HZ as f32).sin_cos();
    let alpha = sin * FRAC_1_SQRT_2; // a quality of 1/sqrt(2): the flattest
    let (outer, middle) = weights(cos);
    let (mut x1, mut x2, mut y1, mut y2) = (0.0, 0.0, 0.0, 0.0);
    for sample in samples {
        let x = *sample;
        let y = (outer * (x + x2) + middle * x1 + 2.0 * cos * y1 - (1.0 - alpha) * y2) / (1.0 + alpha);
        (x2, x1, y2, y1) = (x1, x, y1, y);
        *sample = y;
    }
}

/// By A-law or, for odd seeds, µ-law, and up to the recogniser's rate.
fn through_g711(samples: &[f32], seed: u64) -> Utterance16k {
    let law = if seed.is_multiple_of(2) { Law::A } else { Law::Mu };
    let mut line = Vec::with_capacity(samples.len());
    for chunk in samples.chunks(160) {
        let mut frame = Frame8k::SILENCE;
        for (to, from) in frame.0.iter_mut().zip(chunk) {
            *to = (from * 32_768.0) as i16; // `as` saturates
        }
        let PcmFrame(decoded) = law.decode(&law.encode(&frame));
        line.extend_from_slice(&decoded[..chunk.len()]);
    }
    Utterance16k::new(resample_all(&line, RATE_HZ, Utterance16k::SAMPLE_RATE_HZ))
}

/// Numbers that look random: splitmix64 by Sebastiano Vigna.
pub struct Dice(u64);

impl Dice {
    /// The same numbers for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 0 to `sides` - 1.
    pub fn below(&mut self, sides: usize) -> usize {
        (self.next() % sides.max(1) as u64) as usize
    }

    /// From 0 up to 1.
    fn share(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 24) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::level_dbov;

    fn sine(hz: f32) -> Vec<f32> {
        (0..RATE_HZ as usize).map(|at| (TAU * hz * at as f32 / RATE_HZ as f32).sin()).collect()
    }

    #[test]
    fn the_line_carries_speech_and_no_bass() {
        let passed = |hz| {
            let mut samples = sine(hz);
            band(&mut samples);
            10.0 * (power(&samples) / 0.5).log10()
        };
        assert!(passed(1_000.0) > -0.5 && passed(2_000.0) > -0.5);
        assert!((-4.0..-2.0).contains(&passed(300.0)) && (-4.0..-2.0).contains(&passed(3_400.0)));
        assert!(passed(80.0) < -20.0);
    }

    #[test]
    fn speech_stands_15_db_above_the_noise_and_the_seed_decides_every_sample() {
        let speech: Vec<i16> = sine(1_000.0).iter().map(|sample| (sample * 8_000.0) as i16).collect();
        let heard = over_the_telephone(&speech, 3);
        assert_eq!(heard, over_the_telephone(&speech, 3));
        assert_ne!(heard, over_the_telephone(&speech, 4));
        let lead = &heard.samples()[320..2_000]; // 16 kHz, the filter's start left out
        let body = &heard.samples()[4_000..16_000];
        // The clip is 1.4 s for 1 s of speech: its mean power lies 1.5 dB below the speech's.
        let apart = level_dbov(body) - level_dbov(lead);
        assert!((14.0..19.0).contains(&apart), "{apart} dB");
    }

    #[test]
    fn what_is_no_speech_sounds_as_it_is_called() {
        for what in [Nothing::Noise, Nothing::Hum, Nothing::Tone, Nothing::Music] {
            for seed in 0..6 {
                let level = level_dbov(what.sound(seed).samples());
                assert!((-45.0..-5.0).contains(&level), "{what:?} {seed}: {level}");
            }
        }
        assert!(level_dbov(Nothing::Silence.sound(1).samples()) < -60.0);
    }
}
