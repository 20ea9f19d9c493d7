//! How a turn is spoken against its speaker's own way: [`Prosody`] in, a [`Manner`] out, measured against the [`Baseline`]
//! that the earlier turns of the same call make. Until there are any, against what is usual among people.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Prosody;

/// One figure of the voice, and how it varies among people.
struct Figure {
    name: &'static str,
    of: fn(&Prosody) -> f32,
    /// Over all speakers.
    mean: f32,
    /// Standard deviation of the speakers' means.
    among: f32,
    /// Standard deviation of one speaker's turns.
    within: f32,
}

/// In the order of the emotion model's inputs. Set by hand; `scripts/train/emotion/fit.py --figures` prints what its calls have.
const FIGURES: [Figure; Manner::FIGURES] = [
    Figure { name: "pitch", of: |p| p.pitch_st, mean: 8.4, among: 5.0, within: 1.5 },
    Figure { name: "pitch_range", of: |p| p.pitch_range_st, mean: 7.0, among: 2.0, within: 2.5 },
    Figure { name: "pitch_slope", of: |p| p.pitch_slope_st_per_s, mean: -2.0, among: 0.7, within: 2.5 },
    Figure { name: "pitch_end", of: |p| p.ending.pitch_st, mean: -3.0, among: 1.0, within: 3.0 },
    Figure { name: "level", of: |p| p.level_dbov, mean: -26.0, among: 6.0, within: 2.0 },
    Figure { name: "level_spread", of: |p| p.level_spread_db, mean: 6.0, among: 1.0, within: 1.0 },
    Figure { name: "attack", of: |p| p.attack_db, mean: 0.0, among: 1.0, within: 3.0 },
    Figure { name: "brightness", of: |p| p.bright_db, mean: -5.0, among: 1.5, within: 1.5 },
    Figure { name: "voiced", of: |p| p.voiced, mean: 0.7, among: 0.05, within: 0.08 },
    Figure { name: "pauses", of: |p| p.pauses, mean: 0.1, among: 0.04, within: 0.06 },
    Figure { name: "rate", of: rate, mean: 4.0, among: 0.5, within: 0.8 },
    Figure { name: "lengthening", of: |p| p.ending.lengthening, mean: 0.0, among: 0.1, within: 0.6 },
];

/// Syllables a second of voice, without the pauses.
fn rate(prosody: &Prosody) -> f32 {
    prosody.syllables_per_s / (1.0 - prosody.pauses)
}

/// Less is too short to hear how somebody feels: people need 400 to 1,200 ms (domain §3).
const SPEECH_MS_MIN: u32 = 600;
/// Whispers and noise have less pitch than this.
const VOICED_MIN: f32 = 0.2;
/// Earlier turns that count in full; then the older ones fade, so that a baseline follows the line and the speaker.
const TURNS_MAX: f32 = 8.0;
/// No figure says more than this many deviations.
const DEVIATIONS_MAX: f32 = 4.0;

/// A speaker's own way of speaking, as the turns so far tell it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Baseline {
    turns: f32,
    means: [f32; Manner::FIGURES],
}

impl Baseline {
    /// Counts a turn as one of the speaker's; short and voiceless ones tell nothing.
    pub fn learn(&mut self, turn: &Prosody) {
        if !tells(turn) {
            return;
        }
        self.turns = (self.turns + 1.0).min(TURNS_MAX);
        for (mean, figure) in self.means.iter_mut().zip(&FIGURES) {
            *mean += ((figure.of)(turn) - *mean) / self.turns;
        }
    }

    /// How a turn is spoken against the speaker's own way; none if there is too little voice to tell.
    pub fn measure(&self, turn: &Prosody) -> Option<Manner> {
        let relative = |(figure, mean): (&Figure, &f32)| {
            let (among, within) = (figure.among.powi(2), figure.within.powi(2));
            // The speaker's mean as Bayes has it, by what is usual and by the turns so far, and how far it is known.
            let unsure = 1.0 / (1.0 / among + self.turns / within);
            let usual = unsure * (figure.mean / among + self.turns * mean / within);
            let deviations = ((figure.of)(turn) - usual) / (within + unsure).sqrt();
            deviations.clamp(-DEVIATIONS_MAX, DEVIATIONS_MAX)
        };
        tells(turn).then(|| {
            let mut values = [0.0; Manner::VALUES];
            values.iter_mut().zip(FIGURES.iter().zip(&self.means)).for_each(|(value, row)| *value = relative(row));
            values[Manner::FIGURES] = self.turns / TURNS_MAX;
            Manner(values)
        })
    }
}

fn tells(turn: &Prosody) -> bool {
    turn.speech_ms >= SPEECH_MS_MIN && turn.voiced >= VOICED_MIN
}

/// How a turn is spoken, in deviations from the speaker's own way (−4 to 4): what the emotion model hears.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Manner([f32; Manner::VALUES]);

impl Manner {
    const FIGURES: usize = 12;
    /// The figures, and how well the speaker is known: 0 for the first turn, 1 after eight.
    pub const VALUES: usize = Self::FIGURES + 1;

    /// In the order of the model's inputs.
    pub fn values(&self) -> &[f32; Self::VALUES] {
        &self.0
    }

    /// Their names, in that order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        FIGURES.iter().map(|figure| figure.name).chain(["known"])
    }
}

impl Serialize for Manner {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Self::VALUES))?;
        Self::names().zip(&self.0).try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A turn of a woman at 200 Hz, as loud as given.
    fn turn(level_dbov: f32) -> Prosody {
        Prosody {
            speech_ms: 2_000,
            pitch_st: 12.0,
            level_dbov,
            bright_db: -5.0,
            voiced: 0.7,
            syllables_per_s: 4.0,
            ..Prosody::default()
        }
    }

    fn level(manner: Option<Manner>) -> f32 {
        let (_, value) =
            Manner::names().zip(*manner.expect("voice").values()).find(|(name, _)| *name == "level").expect("is one");
        value
    }

    #[test]
    fn a_loud_line_is_no_loud_voice_once_the_speaker_is_known() {
        let mut baseline = Baseline::default();
        let first = level(baseline.measure(&turn(-14.0)));
        assert!(first > 1.5, "loud among people: {first}");
        for _ in 0..3 {
            baseline.learn(&turn(-14.0));
        }
        let (same, raised) = (level(baseline.measure(&turn(-14.0))), level(baseline.measure(&turn(-8.0))));
        assert!(same.abs() < 0.3 && raised > 2.0, "{same} {raised}");
    }

    #[test]
    fn the_same_change_says_more_the_better_the_speaker_is_known() {
        let mut baseline = Baseline::default();
        let mut raised = Vec::new();
        for _ in 0..4 {
            raised.push(level(baseline.measure(&turn(-20.0))));
            baseline.learn(&turn(-26.0));
        }
        assert!(raised.is_sorted() && raised[3] > 2.0 * raised[0], "{raised:?}");
    }

    #[test]
    fn a_baseline_follows_who_stays_louder_and_no_figure_is_boundless() {
        let mut baseline = Baseline::default();
        (0..8).for_each(|_| baseline.learn(&turn(-30.0)));
        assert_eq!(level(baseline.measure(&turn(0.0))), DEVIATIONS_MAX);
        (0..40).for_each(|_| baseline.learn(&turn(-15.0)));
        assert!(level(baseline.measure(&turn(-15.0))).abs() < 0.3);
    }

    #[test]
    fn a_nod_and_a_whisper_tell_nothing() {
        let (nod, whisper) = (Prosody { speech_ms: 300, ..turn(-10.0) }, Prosody { voiced: 0.05, ..turn(-10.0) });
        let mut baseline = Baseline::default();
        for slight in [nod, whisper, Prosody::default()] {
            baseline.learn(&slight);
            assert_eq!(baseline.measure(&slight), None);
        }
        assert_eq!(baseline, Baseline::default());
    }
}
