//! The last steps from a synthesiser's raw sound to [`Speech`]: trimmed to where something sounds, brought to one level,
//! faded at both ends. 8 kHz mono.

use super::Speech;
use super::loudness::{LEVEL_DBOV, bring_to, peak};

/// Quieter than this next to the loudest sample is silence: -40 dB.
const SILENCE_RATIO: f32 = 0.01;
const MARGIN_SAMPLES: usize = 160; // 20 ms
const FADE_SAMPLES: usize = 40; // 5 ms

/// Joins the `pieces` of one text with `gap_ms` of silence between them, each trimmed, and makes them one [`Speech`].
/// Pieces without sound leave nothing.
pub fn finish(pieces: &[Vec<i16>], gap_ms: usize) -> Speech {
    let mut samples: Vec<i16> = Vec::new();
    for piece in pieces.iter().map(|piece| trimmed(piece)).filter(|piece| !piece.is_empty()) {
        if !samples.is_empty() {
            samples.resize(samples.len() + gap_ms * Speech::SAMPLE_RATE_HZ as usize / 1000, 0);
        }
        let start = samples.len();
        samples.extend_from_slice(piece);
        fade(&mut samples[start..]);
    }
    let peak = f32::from(peak(&samples));
    bring_to(LEVEL_DBOV, &mut samples, peak);
    Speech::new(samples)
}

/// From the first to the last audible sample, with up to 20 ms of margin.
fn trimmed(samples: &[i16]) -> &[i16] {
    let threshold = (f32::from(peak(samples)) * SILENCE_RATIO).max(8.0);
    let audible = |sample: &i16| f32::from(sample.unsigned_abs()) >= threshold;
    let Some((first, last)) = samples.iter().position(audible).zip(samples.iter().rposition(audible)) else {
        return &[];
    };
    &samples[first.saturating_sub(MARGIN_SAMPLES)..(last + 1 + MARGIN_SAMPLES).min(samples.len())]
}

/// Up from nothing and down to nothing, 5 ms each.
pub(super) fn fade(samples: &mut [i16]) {
    let length = samples.len();
    for n in 0..FADE_SAMPLES.min(length / 2) {
        for at in [n, length - 1 - n] {
            samples[at] = (i32::from(samples[at]) * n as i32 / FADE_SAMPLES as i32) as i16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::level_dbov;

    /// A square-ish tone with `quiet` samples of near silence around it.
    fn piece(level: i16, samples: usize, quiet: usize) -> Vec<i16> {
        let mut piece = vec![1; quiet];
        piece.extend((0..samples).map(|n| if n % 16 < 8 { level } else { -level }));
        piece.extend(vec![-1; quiet]);
        piece
    }

    #[test]
    fn silence_at_both_ends_is_trimmed_to_20_ms() {
        assert_eq!(finish(&[piece(5000, 1600, 4000)], 0).samples().len(), 1600 + 2 * 160);
        assert_eq!(finish(&[piece(5000, 1600, 100)], 0).samples().len(), 1600 + 2 * 100);
    }

    #[test]
    fn quiet_and_loud_voices_come_out_at_one_level() {
        for loudness in [200, 3000, 32000] {
            let level = level_dbov(finish(&[piece(loudness, 8000, 0)], 0).samples());
            assert!((level - LEVEL_DBOV).abs() < 0.2, "{level} dBov from {loudness}");
        }
    }

    #[test]
    fn a_peaky_voice_is_kept_below_minus_3_dbfs() {
        let mut clicks = vec![40; 8000];
        clicks[4000] = 20_000;
        let speech = finish(&[clicks], 0);
        assert!(peak(speech.samples()) <= 23_197 && peak(speech.samples()) > 23_000);
    }

    #[test]
    fn both_ends_begin_and_end_at_zero_and_pieces_are_joined_with_a_gap() {
        let speech = finish(&[piece(5000, 800, 0), vec![0; 4000], piece(5000, 800, 0)], 50);
        let samples = speech.samples();
        assert_eq!((samples.len(), samples.first(), samples.last()), (800 + 400 + 800, Some(&0), Some(&0)));
        assert!(samples[799..1201].iter().all(|&sample| sample == 0));
    }

    #[test]
    fn nothing_audible_is_an_empty_speech() {
        assert_eq!(finish(&[], 60).samples(), &[] as &[i16]);
        assert_eq!(finish(&[vec![0; 4000], vec![]], 60).samples(), &[] as &[i16]);
    }
}
