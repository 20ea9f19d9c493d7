//! Cutting sound that is longer than the recogniser's window: at pauses, never inside a word if a pause is there.

use std::ops::Range;

use crate::audio::{Utterance16k, level_dbov};

/// What the quietest pause is measured over; its middle is the cut. Longer than the closure of a consonant within a word.
const PAUSE_MS: usize = 160;
const STEP_MS: usize = 20;
/// A pause between sentences has so many steps at least.
const PAUSE_STEPS_MIN: usize = 12;
/// Speech stands so far above the line's noise where pauses can be told.
const CLEAR_DB: f32 = 10.0;

/// Consecutive ranges of at most `window_samples` that cover all of `samples`. What fits is left whole. The rest is cut at
/// the first clear pause that is `piece_samples_min` behind the last cut; where none is, at the quietest.
pub fn windows(samples: &[i16], window_samples: usize, piece_samples_min: usize) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    if samples.len() > window_samples {
        let mut pauses = pauses(samples).into_iter().peekable();
        while samples.len() - start > piece_samples_min {
            while pauses.next_if(|&at| at < start + piece_samples_min).is_some() {}
            let end = match pauses.peek() {
                Some(&at) if at <= start + window_samples => at,
                Some(_) | None if samples.len() - start <= window_samples => break,
                Some(_) | None => start + cut(&samples[start..start + window_samples], Utterance16k::SAMPLE_RATE_HZ),
            };
            ranges.push(start..end);
            start = end;
        }
    }
    ranges.push(start..samples.len());
    ranges
}

/// The middles of all clear pauses: 240 ms and more near the floor of what is heard.
fn pauses(samples: &[i16]) -> Vec<usize> {
    let step = Utterance16k::SAMPLE_RATE_HZ as usize * STEP_MS / 1000;
    let levels: Vec<f32> = samples.chunks(step).map(level_dbov).collect();
    let mut sorted = levels.clone();
    sorted.sort_by(f32::total_cmp);
    let loud = sorted[sorted.len() * 9 / 10];
    let floor = sorted[sorted.len() / 10].max(loud - 40.0);
    if loud - floor < CLEAR_DB {
        return Vec::new(); // one long sound
    }
    let below = floor + 0.35 * (loud - floor);
    let mut found = Vec::new();
    let mut quiet_from = None;
    for (n, &level) in levels.iter().chain([&0.0]).enumerate() {
        match quiet_from {
            None if level < below => quiet_from = Some(n),
            Some(from) if level >= below => {
                if n - from >= PAUSE_STEPS_MIN {
                    found.push((from + n) / 2 * step);
                }
                quiet_from = None;
            }
            None | Some(_) => {}
        }
    }
    found
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
        assert_eq!(windows(&[1; 1000], 160_000, 24_000), std::slice::from_ref(&(0..1000)));
        assert_eq!(windows(&[], 160_000, 24_000), std::slice::from_ref(&(0..0)));
    }

    #[test]
    fn a_long_utterance_is_cut_in_its_pause() {
        let mut samples = vec![1000; 16_000 * 12];
        samples[16_000 * 7..16_000 * 7 + 4000].fill(0);
        let ranges = windows(&samples, 160_000, 24_000);
        assert_eq!(ranges.len(), 2);
        assert!((16_000 * 7..16_000 * 7 + 4000).contains(&ranges[0].end), "{ranges:?}");
    }

    #[test]
    fn sentences_of_a_long_recording_are_cut_apart_in_their_pauses() {
        let mut samples = Vec::new();
        for n in 0..12 {
            samples.extend((0..16_000 * 2 + n * 1_000).map(|t| if t % 40 < 20 { 3_000 } else { -3_000 }));
            samples.extend((0..4_800).map(|t| (t % 7) as i16 - 3)); // 300 ms of hiss
        }
        let ranges = windows(&samples, 160_000, 24_000);
        assert_eq!(ranges.len(), 13, "{ranges:?}"); // 12 sentences and the end of the last pause
        for range in &ranges[..12] {
            assert!(samples[range.end - 1_000..range.end + 1_000].iter().all(|s| s.abs() < 10), "{range:?}");
        }
    }

    #[test]
    fn without_a_pause_all_is_still_covered_in_order() {
        let samples = vec![1000; 16_000 * 61];
        let ranges = windows(&samples, 160_000, 24_000);
        assert!(ranges.iter().all(|range| range.len() <= 160_000 && !range.is_empty()));
        assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert_eq!((ranges.first().map(|r| r.start), ranges.last().map(|r| r.end)), (Some(0), Some(samples.len())));
    }
}
