//! Cutting sound that is longer than the recogniser's window: at the quietest pause, never inside a word if a
//! pause is there.

#[cfg(any(feature = "whisper", test))]
use std::ops::Range;

#[cfg(any(feature = "whisper", test))]
use crate::audio::Utterance16k;

/// What a pause is measured over; its middle is the cut. Longer than the closure of a consonant within a word.
const PAUSE_MS: usize = 160;
const STEP_MS: usize = 20;

/// Consecutive ranges of at most `window_samples` that cover all of `samples`.
#[cfg(any(feature = "whisper", test))]
pub(super) fn windows(samples: &[i16], window_samples: usize) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    while samples.len() - start > window_samples {
        let end = start + cut(&samples[start..start + window_samples], Utterance16k::SAMPLE_RATE_HZ);
        ranges.push(start..end);
        start = end;
    }
    ranges.push(start..samples.len());
    ranges
}

/// Where a window that is full is cut: the middle of the quietest pause in its second half.
pub fn cut(window: &[i16], sample_rate_hz: u32) -> usize {
    let samples = |ms: usize| (sample_rate_hz as usize * ms / 1000).max(1);
    let (pause, half) = (samples(PAUSE_MS), window.len() / 2);
    let energy =
        |at: usize| -> u64 { window[at..at + pause].iter().map(|&s| u64::from(s.unsigned_abs()).pow(2)).sum() };
    let starts = (half..(window.len() + 1).saturating_sub(pause)).step_by(samples(STEP_MS));
    starts.min_by_key(|&at| energy(at)).map_or(window.len(), |at| at + pause / 2)
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
