//! Resampling by FFT (`rubato`): frame by frame 8 → 16 kHz for the detector and the recogniser, and whole clips at any
//! rate. Flat to 3.4 kHz, aliases below -100 dB.

use audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler, WindowFunction};

use super::{Frame8k, Frame16k};

/// Rates outside of this range are no sound of ours.
const RATES_HZ: std::ops::RangeInclusive<u32> = 1_000..=192_000;

/// 8 → 16 kHz, a 20 ms frame in and a 20 ms frame out, 10 ms later. Allocates only when made.
pub struct Upsampler {
    /// `None` only if rubato refused our constants, which a test excludes.
    fft: Option<Fft<f32>>,
    input: [f32; 160],
    output: [f32; 320],
}

impl Upsampler {
    /// A resampler that has heard silence.
    #[allow(clippy::new_without_default)] // plans an FFT: too dear for a default
    pub fn new() -> Self {
        Self { fft: plan(8_000, 16_000, 160), input: [0.0; 160], output: [0.0; 320] }
    }

    /// The next 20 ms.
    pub fn upsample(&mut self, frame: &Frame8k) -> Frame16k {
        for (to, from) in self.input.iter_mut().zip(frame.0) {
            *to = f32::from(from);
        }
        if let (Some(fft), Ok(input), Ok(mut output)) = (
            self.fft.as_mut(),
            InterleavedSlice::new(&self.input[..], 1, 160),
            InterleavedSlice::new_mut(&mut self.output[..], 1, 320),
        ) && fft.process_into_buffer(&input, &mut output, None).is_err()
        {
            self.output.fill(0.0);
        }
        let mut frame = Frame16k::SILENCE;
        for (to, from) in frame.0.iter_mut().zip(self.output) {
            *to = from.round() as i16; // `as` saturates
        }
        frame
    }
}

/// A whole clip at another rate, in time with the original: as long to the sample, no delay. Empty if a rate is outside
/// of 1,000 to 192,000 Hz.
pub fn resample_all(samples: &[i16], from_hz: u32, to_hz: u32) -> Vec<i16> {
    if from_hz == to_hz || samples.is_empty() {
        return samples.to_vec();
    }
    if !RATES_HZ.contains(&from_hz) || !RATES_HZ.contains(&to_hz) {
        return Vec::new();
    }
    let (from, to) = (from_hz as usize, to_hz as usize);
    let input: Vec<f32> = samples.iter().map(|&s| f32::from(s)).collect();
    let resampled = plan(from, to, from / 25).and_then(|mut fft| {
        let input = InterleavedSlice::new(&input[..], 1, input.len()).ok()?;
        fft.process_all(&input, samples.len(), None).ok()
    });
    resampled.map(|clip| clip.take_data().into_iter().map(|s| s.round() as i16).collect()).unwrap_or_default()
}

fn plan(from_hz: usize, to_hz: usize, chunk_samples: usize) -> Option<Fft<f32>> {
    Fft::new_custom(from_hz, to_hz, chunk_samples, 1, 1, WindowFunction::BlackmanHarris2, FixedSync::Input).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{PcmFrame, level_dbov};
    use std::f64::consts::TAU;

    fn tone(rate_hz: u32, tone_hz: f64, samples: usize) -> Vec<i16> {
        (0..samples).map(|n| (10_000.0 * (TAU * tone_hz * n as f64 / f64::from(rate_hz)).sin()) as i16).collect()
    }

    #[test]
    fn a_tone_keeps_its_level_up_to_3400_hz_and_comes_10_ms_later() {
        for tone_hz in [100.0, 1_000.0, 3_400.0] {
            let mut upsampler = Upsampler::new();
            let input = tone(8_000, tone_hz, 1_600);
            let output: Vec<i16> = input
                .chunks_exact(160)
                .flat_map(|chunk| upsampler.upsample(&PcmFrame(std::array::from_fn(|n| chunk[n]))).0)
                .collect();
            assert_eq!(output.len(), 3_200);
            let difference_db = level_dbov(&output[320..]) - level_dbov(&input);
            assert!(difference_db.abs() < 0.3, "{tone_hz} Hz: {difference_db} dB");
            let expected = tone(16_000, tone_hz, 3_200);
            let error: Vec<i16> = (640..3_200).map(|n| output[n] - expected[n - 160]).collect();
            assert!(level_dbov(&error) < -45.0, "{tone_hz} Hz: error at {} dBov", level_dbov(&error));
        }
    }

    #[test]
    fn a_clip_keeps_its_length_level_and_time() {
        let clip = tone(22_050, 440.0, 22_050);
        let resampled = resample_all(&clip, 22_050, 8_000);
        assert_eq!(resampled.len(), 8_000);
        let expected = tone(8_000, 440.0, 8_000);
        let error: Vec<i16> = (400..7_600).map(|n| resampled[n] - expected[n]).collect();
        assert!(level_dbov(&error) < -60.0, "error at {} dBov", level_dbov(&error));
    }

    #[test]
    fn what_lies_above_the_new_band_is_gone() {
        let resampled = resample_all(&tone(22_050, 6_000.0, 22_050), 22_050, 8_000);
        assert!(level_dbov(&resampled[200..7_800]) < -70.0);
    }

    #[test]
    fn odd_clips_and_rates_are_no_error() {
        assert!(resample_all(&[], 22_050, 8_000).is_empty());
        assert_eq!(resample_all(&[1, 2], 8_000, 8_000), vec![1, 2]);
        assert!(resample_all(&[7; 100], 0, 8_000).is_empty());
        assert_eq!(resample_all(&[0; 441], 22_050, 8_000).len(), 160);
        assert_eq!(resample_all(&[0; 7], 48_000, 8_000).len(), 2);
    }
}
