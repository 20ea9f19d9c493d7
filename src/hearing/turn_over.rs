//! Whether a turn is over, as odds, and how long a silence is awaited for it.

use super::turn::TurnConfig;

/// How likely a turn is over: the logarithm of the odds. Filled by `understanding` from words and voice.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct TurnOver(pub f32);

/// Between these odds, in their logarithm, the wait goes from that of who may be over to that of who surely is.
const SURE: (f32, f32) = (1.0, 1.5);
/// The same from who surely goes on to who may be over.
const OPEN: (f32, f32) = (-3.5, -2.5);

impl TurnOver {
    /// 0 to 1.
    pub fn probability(self) -> f32 {
        1.0 / (1.0 + (-self.0).exp())
    }

    /// The silence to be awaited, ms: `end_ms_complete` of who is surely over, `end_ms_incomplete` of who surely goes on, and
    /// `end_ms_unknown` of all others, with short slopes between. The longest wait is for the sure alone, since whoever is
    /// wrongly thought to go on waits as long for an answer: with it all over the doubtful, one reply in ten would be late.
    pub fn silence_ms(self, config: &TurnConfig) -> u32 {
        let (open, even, over) =
            (config.end_ms_incomplete as f32, config.end_ms_unknown as f32, config.end_ms_complete as f32);
        let share = |(from, to): (f32, f32)| ((self.0 - from) / (to - from)).clamp(0.0, 1.0);
        (open + share(OPEN) * (even - open) + share(SURE) * (over - even)).round() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surer_the_end_the_shorter_the_wait_within_its_bounds() {
        let config =
            TurnConfig { end_ms_complete: 200, end_ms_unknown: 500, end_ms_incomplete: 1_400, ..<_>::default() };
        let waits = [9.0, 1.5, 1.25, 0.0, -3.0, -3.5, -9.0].map(|odds| TurnOver(odds).silence_ms(&config));
        assert_eq!(waits, [200, 200, 350, 500, 950, 1_400, 1_400]);
        assert_eq!(TurnOver(0.0).probability(), 0.5);
    }
}
