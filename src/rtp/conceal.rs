//! Packet loss concealment: what was last heard goes on, pitch period after pitch period, and fades to silence within
//! 60 ms. The idea of ITU-T G.711 Appendix I. 8 kHz samples in, samples out; remembers 49 ms.

/// Shortest and longest pitch period, in samples: 200 to 66 Hz.
const PERIODS: std::ops::RangeInclusive<usize> = 40..=120;
/// Three of the longest periods, and a quarter to blend them.
const HISTORY: usize = 390;
/// Samples that the pitch is sought in: 20 ms.
const WINDOW: usize = 160;
/// 10 ms: how long the sound stays at full level, and the step in which more periods are repeated.
const STEP: usize = 80;
/// 60 ms: where it has faded out.
const FADED: usize = 480;

/// One stream's concealment.
#[derive(Debug, Clone)]
pub struct Concealer {
    history: [i16; HISTORY],
    phase: Phase,
}

#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant)] // one a call; a box would allocate at each loss
enum Phase {
    Hearing,
    Concealing(Repeat),
}

/// The sound that is repeated.
#[derive(Debug, Clone)]
struct Repeat {
    sound: [f32; HISTORY],
    period: usize,
    read_at: usize,
    /// Samples made up so far.
    made: usize,
}

impl Default for Concealer {
    fn default() -> Self {
        Self::new()
    }
}

impl Concealer {
    /// A stream that has been silent.
    pub fn new() -> Self {
        Self { history: [0; HISTORY], phase: Phase::Hearing }
    }

    /// Takes note of sound that arrived. Its beginning is blended with what was made up before it.
    pub fn hear(&mut self, samples: &mut [i16]) {
        if let Phase::Concealing(repeat) = &mut self.phase {
            // Appendix I: the longer the loss, the longer the blend, 4 to 10 ms. After silence there is nothing to blend.
            let blend =
                if repeat.made < FADED { (32 + 32 * (repeat.made / STEP)).min(STEP).min(samples.len()) } else { 0 };
            for (n, sample) in samples[..blend].iter_mut().enumerate() {
                let weight = (n + 1) as f32 / (blend + 1) as f32;
                *sample = (weight * f32::from(*sample) + (1.0 - weight) * repeat.next()) as i16;
            }
            self.phase = Phase::Hearing;
        }
        self.remember(samples);
    }

    /// Fills `samples` with a continuation; silence once it has faded out.
    pub fn conceal(&mut self, samples: &mut [i16]) {
        match &mut self.phase {
            Phase::Hearing if self.history == [0; HISTORY] => samples.fill(0),
            Phase::Hearing => {
                let mut repeat = Repeat::of(&self.history);
                samples.fill_with(|| repeat.next() as i16);
                self.phase = Phase::Concealing(repeat);
            }
            Phase::Concealing(repeat) => samples.fill_with(|| repeat.next() as i16),
        }
        self.remember(samples);
    }

    fn remember(&mut self, samples: &[i16]) {
        let newest = &samples[samples.len().saturating_sub(HISTORY)..];
        self.history.copy_within(newest.len().., 0);
        self.history[HISTORY - newest.len()..].copy_from_slice(newest);
    }
}

impl Repeat {
    fn of(history: &[i16; HISTORY]) -> Self {
        let mut sound = history.map(f32::from);
        let period = period(&sound);
        // The last quarter period turns into the one before it, so that the sound can go back there without a click.
        let quarter = period / 4;
        for n in 0..quarter {
            let (at, weight) = (HISTORY - quarter + n, (n + 1) as f32 / quarter as f32);
            sound[at] = (1.0 - weight) * sound[at] + weight * sound[at - period];
        }
        Self { sound, period, read_at: HISTORY - period, made: 0 }
    }

    fn next(&mut self) -> f32 {
        let level = (FADED.saturating_sub(self.made) as f32 / (FADED - STEP) as f32).min(1.0);
        let sample = level * self.sound[self.read_at];
        self.made += 1;
        self.read_at += 1;
        if self.read_at == HISTORY {
            // One period again and again would buzz: after 10 ms go back two, after 20 ms three.
            let periods = (1 + self.made / STEP).min(3);
            self.read_at -= periods * self.period;
        }
        sample
    }
}

/// The lag at which the last 20 ms resemble what was before them most.
fn period(sound: &[f32; HISTORY]) -> usize {
    let newest = &sound[HISTORY - WINDOW..];
    let resemblance = |lag: usize| {
        let earlier = &sound[HISTORY - WINDOW - lag..HISTORY - lag];
        let product: f32 = newest.iter().zip(earlier).map(|(a, b)| a * b).sum();
        let energy: f32 = earlier.iter().map(|b| b * b).sum();
        product / energy.max(1.0).sqrt()
    };
    let scored = PERIODS.map(|lag| (lag, resemblance(lag)));
    scored.max_by(|a, b| a.1.total_cmp(&b.1)).map_or(*PERIODS.end(), |(lag, _)| lag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::level_dbov;
    use proptest::prelude::*;

    /// A voiced sound: a fundamental of 125 Hz (64 samples) and two harmonics.
    fn voice(samples: std::ops::Range<usize>) -> Vec<i16> {
        let partial = |n: usize, k: f64| (std::f64::consts::TAU * 125.0 * k * n as f64 / 8_000.0).sin() / k;
        samples.map(|n| (6_000.0 * (partial(n, 1.0) + partial(n, 2.0) + partial(n, 3.0))) as i16).collect()
    }

    #[test]
    fn a_lost_10_ms_of_a_steady_voice_are_hardly_missed() {
        let mut concealer = Concealer::new();
        concealer.hear(&mut voice(0..800));
        let mut made = [0; 80];
        concealer.conceal(&mut made);
        let error: Vec<i16> = voice(800..880).iter().zip(made).map(|(a, b)| a - b).collect();
        assert!(level_dbov(&error) < level_dbov(&made) - 25.0, "{} against {}", level_dbov(&error), level_dbov(&made));
    }

    #[test]
    fn a_long_loss_fades_and_ends_in_silence_after_60_ms() {
        let mut concealer = Concealer::new();
        concealer.hear(&mut voice(0..800));
        let mut made = [0; 640];
        concealer.conceal(&mut made);
        let levels: Vec<f32> = made.chunks(160).map(level_dbov).collect();
        assert!(levels[0] > -20.0 && levels[1] < levels[0] - 2.0 && levels[2] < levels[1] - 5.0, "{levels:?}");
        assert_eq!(levels[3], -127.0);
    }

    #[test]
    fn sound_that_returns_is_blended_in_but_not_after_silence() {
        let returns_after = |lost: usize| {
            let mut concealer = Concealer::new();
            concealer.hear(&mut voice(0..800));
            concealer.conceal(&mut vec![0; lost]);
            let mut back = vec![20_000; 160];
            concealer.hear(&mut back);
            back
        };
        let blended = returns_after(320);
        assert!(blended[0] < 5_000 && blended[40] > 5_000 && blended[80..] == [20_000; 80]);
        assert_eq!(returns_after(480), [20_000; 160]);
    }

    proptest! {
        #[test]
        fn any_sound_and_any_gaps_are_filled(runs in proptest::collection::vec((any::<bool>(), 0usize..500, any::<i16>()), 0..20)) {
            let mut concealer = Concealer::new();
            for (heard, length, value) in runs {
                let mut samples = vec![value; length];
                if heard { concealer.hear(&mut samples) } else { concealer.conceal(&mut samples) }
            }
        }
    }
}
