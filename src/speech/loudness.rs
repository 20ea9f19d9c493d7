//! How loud speech is, as an ear takes it: the mean of the blocks in which somebody speaks (gated as in ITU-R BS.1770,
//! without its weighting: the telephone band is narrow), the floor beneath them, and the peak between samples.
//! 8 kHz mono, levels in dBov.

use super::Speech;
use crate::audio::{level_dbov, resample_all};

/// Loudness of everything that the agent says, recorded or synthetic.
pub(super) const LEVEL_DBOV: f32 = -20.0;
/// No sample above this, nor the wave between samples where it is looked at: -3 dBFS.
pub(super) const PEAK_MAX: f32 = 23_197.0;
/// 20 ms.
pub(super) const BLOCK_SAMPLES: usize = 160;

/// Blocks quieter than this are never speech.
const GATE_DBOV: f32 = -60.0;
/// Blocks quieter than the mean by more than this are pauses.
const GATE_RELATIVE_DB: f32 = 10.0;
/// The wave between samples is looked at this many times finer.
const OVERSAMPLING: u32 = 4;

/// Level of the speech in `samples`, pauses left out; none where nobody speaks.
pub(super) fn active_level_dbov(samples: &[i16]) -> Option<f32> {
    let mean = |gate: f32| {
        let blocks = samples.chunks(BLOCK_SAMPLES).map(level_dbov).filter(|&level| level > gate);
        let (sum, count) = blocks.fold((0.0, 0.0), |(sum, count), level| (sum + 10f32.powf(level / 10.0), count + 1.0));
        (count > 0.0).then(|| 10.0 * (sum / count).log10())
    };
    mean(GATE_DBOV).and_then(|all| mean(GATE_DBOV.max(all - GATE_RELATIVE_DB)))
}

/// Level of the quietest blocks, one in twenty: the room and the microphone.
pub(super) fn floor_dbov(samples: &[i16]) -> f32 {
    let mut levels: Vec<f32> = samples.chunks_exact(BLOCK_SAMPLES).map(level_dbov).collect();
    levels.sort_by(f32::total_cmp);
    levels.get(levels.len() / 20).copied().unwrap_or(-127.0)
}

/// The largest value of the wave that the samples stand for.
pub(super) fn true_peak(samples: &[i16]) -> f32 {
    let rate_hz = Speech::SAMPLE_RATE_HZ;
    let fine = resample_all(samples, rate_hz, rate_hz * OVERSAMPLING);
    f32::from(peak(&fine).max(peak(samples)))
}

/// The largest sample.
pub(super) fn peak(samples: &[i16]) -> u16 {
    samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0)
}

/// Brings the speech in `samples` to `level`, or as near as its `peak` allows; says by how many dB it was changed.
pub(super) fn bring_to(level: f32, samples: &mut [i16], peak: f32) -> f32 {
    let Some(active) = active_level_dbov(samples) else { return 0.0 };
    let gain = 10f32.powf((level - active) / 20.0).min(PEAK_MAX / peak.max(1.0));
    for sample in samples {
        *sample = (f32::from(*sample) * gain).round() as i16; // `as` saturates
    }
    20.0 * gain.log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(level: i16, samples: usize) -> Vec<i16> {
        (0..samples).map(|n| if n % 16 < 8 { level } else { -level }).collect()
    }

    #[test]
    fn pauses_do_not_make_speech_quieter() {
        let speech = square(3277, 8000);
        let with_pauses = [speech.clone(), vec![3; 16_000], speech.clone()].concat();
        let level = |samples: &[i16]| active_level_dbov(samples).unwrap_or(0.0);
        assert!((level(&speech) + 20.0).abs() < 0.1 && (level(&with_pauses) + 20.0).abs() < 0.1);
        assert_eq!(active_level_dbov(&[3; 16_000]), None);
        assert!(floor_dbov(&with_pauses) < -75.0);
    }

    #[test]
    fn the_peak_between_samples_is_seen() {
        // A quarter of the sample rate, sampled 45 degrees beside its crests: each sample is 3 dB below them.
        let tone: Vec<i16> = (0..800).map(|n| [10_000, 10_000, -10_000, -10_000][n % 4]).collect();
        assert!((true_peak(&tone[..]) / 14_142.0 - 1.0).abs() < 0.06, "{}", true_peak(&tone));
    }
}
