//! Whether a turn is over, as odds, and how long a silence is awaited for it.

use super::turn::TurnConfig;

/// How likely a turn is over: the logarithm of the odds. Filled by `understanding` from words and voice.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct TurnOver(pub f32);

/// From these odds on, in their logarithm, the turn is taken as over; to those, as surely not.
const SURE: f32 = 0.5;
const OPEN: f32 = -2.0;

impl TurnOver {
    /// 0 to 1.
    pub fn probability(self) -> f32 {
        1.0 / (1.0 + (-self.0).exp())
    }

    /// The silence to be awaited, ms: `end_ms_unknown` at even odds, from there steeply down to `end_ms_complete` and slowly up
    /// to `end_ms_incomplete`. Few pauses are shorter than half a second but longer than the shortest wait, so that a middling
    /// wait would gain little; beyond it they thin out exponentially, and the wait goes straight with the logarithm of the odds.
    pub fn silence_ms(self, config: &TurnConfig) -> u32 {
        let even = config.end_ms_unknown as f32;
        let (extreme, share) = if self.0 >= 0.0 {
            (config.end_ms_complete, self.0 / SURE)
        } else {
            (config.end_ms_incomplete, self.0 / OPEN)
        };
        (even + share.min(1.0) * (extreme as f32 - even)).round() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surer_the_end_the_shorter_the_wait_within_its_bounds() {
        let config =
            TurnConfig { end_ms_complete: 200, end_ms_unknown: 500, end_ms_incomplete: 1_400, ..<_>::default() };
        let waits = [9.0, 0.5, 0.25, 0.0, -1.0, -2.0, -9.0].map(|odds| TurnOver(odds).silence_ms(&config));
        assert_eq!(waits, [200, 200, 350, 500, 950, 1_400, 1_400]);
        assert_eq!(TurnOver(0.0).probability(), 0.5);
    }
}
