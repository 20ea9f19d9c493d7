//! Whether a turn is over, as odds, and how long a silence is awaited for it.

use super::turn::TurnConfig;

/// How likely a turn is over: the logarithm of the odds. Filled by `understanding` from words and voice.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct TurnOver(pub f32);

/// ln 20: surer is sure.
const SURE_LOG_ODDS: f32 = 3.0;

impl TurnOver {
    /// 0 to 1.
    pub fn probability(self) -> f32 {
        1.0 / (1.0 + (-self.0).exp())
    }

    /// The silence to be awaited, ms: `end_ms_complete` from odds of twenty to one on, `end_ms_incomplete` to odds of one to
    /// twenty, `end_ms_unknown` at even odds, and straight between them in the logarithm of the odds. Where pauses thin out
    /// exponentially, as people's do beyond half a second, no other curve waits less for as few cut-offs.
    pub fn silence_ms(self, config: &TurnConfig) -> u32 {
        let sure = (self.0 / SURE_LOG_ODDS).clamp(-1.0, 1.0);
        let even = config.end_ms_unknown as f32;
        let extreme = if sure > 0.0 { config.end_ms_complete } else { config.end_ms_incomplete };
        (even + sure.abs() * (extreme as f32 - even)).round() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surer_the_end_the_shorter_the_wait_within_its_bounds() {
        let config =
            TurnConfig { end_ms_complete: 200, end_ms_unknown: 500, end_ms_incomplete: 1_400, ..<_>::default() };
        let waits = [9.0, 3.0, 1.5, 0.0, -1.5, -3.0, -9.0].map(|odds| TurnOver(odds).silence_ms(&config));
        assert_eq!(waits, [200, 200, 350, 500, 950, 1_400, 1_400]);
        assert_eq!(TurnOver(0.0).probability(), 0.5);
    }
}
