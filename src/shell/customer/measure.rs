//! Reply latency, false cut-offs and barge-in stop from the packets on the wire (docs/ARCHITECTURE.md, definitions).
//!
//! Input: for one line of the customer the times of its first and last voiced packet, and for each packet of the agent
//! its arrival and whether it has sound. Pure.

use std::time::Duration;

use crate::base::Instant;

/// A packet of 20 ms has sound at this level and above.
pub const SOUND_DBOV_MIN: f32 = -45.0;
/// Agent silence that separates two stretches of sound. Longer than a pause between words.
const GAP: Duration = Duration::from_millis(300);

/// A packet of the agent.
#[derive(Debug, Clone, Copy)]
pub struct Arrived {
    /// When.
    pub at: Instant,
    /// RMS level.
    pub dbov: f32,
}

/// One line of the customer on the wire.
#[derive(Debug, Clone, Copy)]
pub struct Spoken {
    /// The first voiced packet left.
    pub first_voiced: Instant,
    /// The last voiced packet left.
    pub last_voiced: Instant,
}

/// What followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replied {
    /// The answer's first sound came so long after the caller's last voiced packet.
    After(Duration),
    /// It came before the caller had finished.
    CutOff,
    /// None came.
    Never,
}

/// Stretches of agent sound: two packets in a row at or above the level begin one, a gap ends it. First and last time.
pub fn stretches(arrived: &[Arrived]) -> Vec<(Instant, Instant)> {
    let mut found: Vec<(Instant, Instant)> = Vec::new();
    for pair in arrived.windows(2) {
        let [first, second] = pair else { continue };
        if first.dbov < SOUND_DBOV_MIN || second.dbov < SOUND_DBOV_MIN {
            continue;
        }
        match found.last_mut() {
            Some(last) if first.at.since(last.1) < GAP => last.1 = second.at,
            Some(_) | None => found.push((first.at, second.at)),
        }
    }
    found
}

/// The first stretch of agent sound that began after the line did.
pub fn reply(spoken: Spoken, arrived: &[Arrived]) -> Replied {
    match stretches(arrived).into_iter().find(|(from, _)| *from > spoken.first_voiced) {
        Some((from, _)) if from >= spoken.last_voiced => Replied::After(from.since(spoken.last_voiced)),
        Some(_) => Replied::CutOff,
        None => Replied::Never,
    }
}

/// From the line's first voiced packet to the last sound of the agent's speech it fell into; none if it fell into silence.
pub fn barge_in_stop(spoken: Spoken, arrived: &[Arrived]) -> Option<Duration> {
    stretches(arrived)
        .into_iter()
        .find(|(from, to)| *from <= spoken.first_voiced && *to >= spoken.first_voiced)
        .map(|(_, to)| to.since(spoken.first_voiced))
}

/// The value at a percentile of sorted values, nearest rank; the default (0) for none.
pub fn percentile<T: Copy + Default>(sorted: &[T], percent: usize) -> T {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        assert_eq!(percentile(&[10, 20, 30, 40], 50), 20);
        assert_eq!(percentile(&[10, 20, 30, 40], 95), 40);
        assert_eq!(percentile::<u64>(&[], 50), 0);
    }

    fn at(ms: u64) -> Instant {
        Instant::from_micros(ms * 1000)
    }

    /// Agent packets each 20 ms from `from` to `to`, with sound.
    fn sound(from: u64, to: u64) -> Vec<Arrived> {
        (from..to).step_by(20).map(|ms| Arrived { at: at(ms), dbov: -20.0 }).collect()
    }

    fn silence(from: u64, to: u64) -> Vec<Arrived> {
        (from..to).step_by(20).map(|ms| Arrived { at: at(ms), dbov: -90.0 }).collect()
    }

    #[test]
    fn a_reply_is_measured_from_the_last_voiced_packet_to_the_first_sound() {
        let arrived = [silence(0, 1400), sound(1400, 2000)].concat();
        let spoken = Spoken { first_voiced: at(100), last_voiced: at(1000) };
        assert_eq!(reply(spoken, &arrived), Replied::After(Duration::from_millis(400)));
    }

    #[test]
    fn one_loud_packet_is_no_reply() {
        let click = vec![Arrived { at: at(1200), dbov: -10.0 }];
        let arrived = [silence(0, 1200), click, silence(1220, 2000)].concat();
        assert_eq!(reply(Spoken { first_voiced: at(100), last_voiced: at(1000) }, &arrived), Replied::Never);
    }

    #[test]
    fn a_reply_into_the_callers_pause_is_a_cut_off() {
        let arrived = [silence(0, 600), sound(600, 1500)].concat();
        assert_eq!(reply(Spoken { first_voiced: at(100), last_voiced: at(1000) }, &arrived), Replied::CutOff);
    }

    #[test]
    fn a_barge_in_ends_with_the_last_sound_and_the_next_stretch_is_the_reply() {
        let arrived = [sound(0, 700), silence(700, 1800), sound(1800, 2500)].concat();
        let spoken = Spoken { first_voiced: at(500), last_voiced: at(1500) };
        assert_eq!(barge_in_stop(spoken, &arrived), Some(Duration::from_millis(180)));
        assert_eq!(reply(spoken, &arrived), Replied::After(Duration::from_millis(300)));
    }
}
