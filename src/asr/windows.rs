//! Cutting an utterance that is longer than the recogniser's window: at the quietest pause, never inside a word if a
//! pause is there.

use std::ops::Range;

use crate::audio::Utterance16k;

/// What a pause is measured over: 100 ms. Its middle is the cut.
const PAUSE_SAMPLES: usize = Utterance16k::SAMPLE_RATE_HZ as usize / 10;
const STEP_SAMPLES: usize = PAUSE_SAMPLES / 5;

/// Consecutive ranges of at most `window_samples` that cover all of `samples`. Each cut lies in the second half of its
/// window, in the quietest 100 ms.
pub(super) fn windows(samples: &[i16], window_samples: usize) -> Vec<Range<usize>> {
    let window_samples = window_samples.max(2 * PAUSE_SAMPLES);
    let mut ranges = Vec::new();
    let mut start = 0;
    while samples.len() - start > window_samples {
        let from = start + window_samples / 2;
        let cut = quietest(&samples[from..start + window_samples]) + from;
        ranges.push(start..cut);
        start = cut;
    }
    ranges.push(start..samples.len());
    ranges
}

/// The middle of the quietest pause.
fn quietest(samples: &[i16]) -> usize {
    let energy = |at: usize| -> u64 {
        samples[at..at + PAUSE_SAMPLES].iter().map(|&s| u64::from(s.unsigned_abs()).pow(2)).sum()
    };
    let starts = (0..=samples.len() - PAUSE_SAMPLES).step_by(STEP_SAMPLES);
    starts.min_by_key(|&at| energy(at)).unwrap_or(0) + PAUSE_SAMPLES / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_left_whole() {
        assert_eq!(windows(&[1; 1000], 160_000), std::slice::from_ref(&(0..1000)));
        assert_eq!(windows(&[], 160_000), std::slice::from_ref(&(0..0)));
    }

    #[test]
    fn a_long_utterance_is_cut_in_its_pause() {
        let mut samples = vec![1000; 16_000 * 12];
        samples[16_000 * 7..16_000 * 7 + 4000].fill(0);
        let ranges = windows(&samples, 160_000);
        assert_eq!(ranges.len(), 2);
        assert!((16_000 * 7..16_000 * 7 + 4000).contains(&ranges[0].end), "{ranges:?}");
    }

    #[test]
    fn without_a_pause_all_is_still_covered_in_order() {
        let samples = vec![1000; 16_000 * 61];
        let ranges = windows(&samples, 160_000);
        assert!(ranges.iter().all(|range| range.len() <= 160_000 && !range.is_empty()));
        assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert_eq!((ranges.first().map(|r| r.start), ranges.last().map(|r| r.end)), (Some(0), Some(samples.len())));
    }
}
