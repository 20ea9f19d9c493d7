//! How a stretch of speech sounds: level, pitch and brightness of each 20 ms frame, and what they tell at a pause. Pitch by
//! normalised autocorrelation over 40 ms of 8 kHz sound, 70 to 400 Hz, in semitones above 100 Hz; levels in dBov. Only
//! figures leave.

use serde::Serialize;

use crate::audio::Frame8k;

const SAMPLE_RATE_HZ: f32 = 8_000.0;
const FRAME_S: f32 = 0.02;
/// Two frames: at least two periods of the lowest pitch.
const WINDOW: usize = 320;
/// Products summed side by side.
const LANES: usize = 8;
/// Samples of one period: 400 Hz down to 70 Hz.
const LAGS: std::ops::RangeInclusive<usize> = 20..=114;
/// Below this similarity of one period with the next, a frame has no pitch.
const PERIODIC_MIN: f32 = 0.55;
/// A shorter period is taken if it fits nearly as well as the best: twice the period always fits too.
const OCTAVE_RATIO: f32 = 0.88;
/// What counts as the end of a stretch of speech: 400 ms.
const END_FRAMES: usize = 20;
/// The very end: 100 ms.
const LAST_FRAMES: usize = 5;
/// What counts as the attack of a stretch of speech: 200 ms.
const ATTACK_FRAMES: usize = 10;

/// One frame, as prosody sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sounded {
    pub level_dbov: f32,
    /// Semitones above 100 Hz; none where nothing is periodic.
    pub pitch_st: Option<f32>,
    /// See [`brightness_db`].
    pub bright_db: f32,
    pub voice: bool,
}

/// Energy of the differences of neighbouring samples against that of the samples, dB: more effort of the voice puts more
/// of the sound into the high frequencies, however loud the line makes it. From about −15 (a hum) to 6 dB; −30 for silence.
pub(super) fn brightness_db(frame: &Frame8k) -> f32 {
    let energy = |values: &mut dyn Iterator<Item = f32>| values.map(|value| value * value).sum::<f32>();
    let steps = frame.0.windows(2).map(|pair| f32::from(pair[1]) - f32::from(pair[0]));
    let (changes, whole) = (energy(&mut { steps }), energy(&mut frame.0.iter().map(|&sample| f32::from(sample))));
    if whole > 0.0 { (10.0 * (changes / whole).log10()).max(-30.0) } else { -30.0 }
}

/// Finds the pitch of one frame after the other.
#[derive(Debug, Clone)]
pub(super) struct Pitch {
    window: [f32; WINDOW],
}

impl Pitch {
    pub fn new() -> Self {
        Self { window: [0.0; WINDOW] }
    }

    /// Takes the next frame in.
    pub fn hear(&mut self, frame: &Frame8k) {
        self.window.copy_within(frame.0.len().., 0);
        let newest = WINDOW - frame.0.len();
        for (to, from) in self.window[newest..].iter_mut().zip(frame.0) {
            *to = f32::from(from);
        }
    }

    /// The pitch of the newest 40 ms.
    pub fn semitones(&self) -> Option<f32> {
        let near = *LAGS.start() - 1..=*LAGS.end() + 1;
        let energies = self.energies();
        let similar: [f32; *LAGS.end() + 2] =
            std::array::from_fn(|lag| if near.contains(&lag) { self.similarity(lag, &energies) } else { 0.0 });
        let best = LAGS.map(|lag| similar[lag]).fold(0.0, f32::max);
        if best < PERIODIC_MIN {
            return None;
        }
        let is_peak = |lag: &usize| similar[*lag] >= similar[lag - 1] && similar[*lag] >= similar[lag + 1];
        let lag = LAGS.filter(is_peak).find(|lag| similar[*lag] >= OCTAVE_RATIO * best)?;
        let (before, at, after) = (similar[lag - 1], similar[lag], similar[lag + 1]);
        let curve = before - 2.0 * at + after;
        let shift = if curve < 0.0 { 0.5 * (before - after) / curve } else { 0.0 };
        Some(12.0 * (SAMPLE_RATE_HZ / (lag as f32 + shift) / 100.0).log2())
    }

    /// The energy of the first n samples of the window, in f64: differences of sums stay exact (squares of 16 bits).
    fn energies(&self) -> [f64; WINDOW + 1] {
        let mut sum = 0.0;
        std::array::from_fn(|n| {
            if let Some(last) = n.checked_sub(1) {
                sum += f64::from(self.window[last]).powi(2);
            }
            sum
        })
    }

    /// Of the window with itself `lag` samples later: 1 for a periodic sound.
    fn similarity(&self, lag: usize, energies: &[f64; WINDOW + 1]) -> f32 {
        let len = (WINDOW - lag) / LANES * LANES;
        let both = energies[len] * (energies[lag + len] - energies[lag]);
        if both > 0.0 { dot(&self.window[..len], &self.window[lag..lag + len]) / both.sqrt() as f32 } else { 0.0 }
    }
}

/// In sums side by side, as vectors go, of whole vectors.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum()
}

/// How a stretch of speech sounds as a whole, and how its end stands against it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Prosody {
    /// From the first voice to the last, ms.
    pub speech_ms: u32,
    /// Mean pitch, semitones above 100 Hz; 0 without any.
    pub pitch_st: f32,
    /// Standard deviation of the pitch, semitones.
    pub pitch_spread_st: f32,
    /// From the tenth part of lower pitches to the tenth of higher ones, semitones.
    pub pitch_range_st: f32,
    /// Slope of the pitch over the whole stretch, semitones a second.
    pub pitch_slope_st_per_s: f32,
    /// Mean level of frames with voice, dBov.
    pub level_dbov: f32,
    /// Standard deviation of that level, dB.
    pub level_spread_db: f32,
    /// Level of the first 200 ms against the mean, dB.
    pub attack_db: f32,
    /// Mean brightness of frames with pitch, dB: energy of the differences of neighbouring samples against that of the
    /// samples. More effort of the voice makes it brighter, however loud the line.
    pub bright_db: f32,
    /// Share of the frames with voice that have a pitch, 0 to 1.
    pub voiced: f32,
    /// Share of the stretch that is pauses, 0 to 1.
    pub pauses: f32,
    /// Stretches with pitch a second, about as many as syllables.
    pub syllables_per_s: f32,
    /// The end.
    pub ending: Ending,
}

/// The last 400 ms of a stretch of speech against all of it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Ending {
    /// Slope of the pitch, semitones a second: a statement falls, a question rises, who will go on stays level.
    pub pitch_slope_st_per_s: f32,
    /// Pitch of the last 100 ms against the mean, semitones.
    pub pitch_st: f32,
    /// Slope of the level, dB a second.
    pub level_slope_db_per_s: f32,
    /// Level of the last 100 ms against the mean, dB.
    pub level_db: f32,
    /// How many times as long as the mean stretch with pitch the last one is, natural logarithm.
    pub lengthening: f32,
}

impl Prosody {
    /// Of frames in order; what lies before the first and after the last voice does not count.
    pub(super) fn of(frames: &[Sounded]) -> Self {
        let is_voice = |frame: &Sounded| frame.voice;
        let (Some(first), Some(last)) = (frames.iter().position(is_voice), frames.iter().rposition(is_voice)) else {
            return Self::default();
        };
        let frames = &frames[first..=last];
        let pitches: Vec<f32> = frames.iter().filter_map(|frame| frame.pitch_st).collect();
        let levels: Vec<f32> = frames.iter().filter(|frame| frame.voice).map(|frame| frame.level_dbov).collect();
        let stretches = stretches(frames);
        let (pitch_st, level_dbov) = (mean(&pitches), mean(&levels));
        let end = &frames[frames.len().saturating_sub(END_FRAMES)..];
        let pitched: Vec<(f32, f32)> = timed(end, |frame| frame.pitch_st);
        let loud: Vec<(f32, f32)> = timed(end, |frame| Some(frame.level_dbov));
        let newest = |track: &[(f32, f32)]| {
            mean(&track.iter().rev().take(LAST_FRAMES).map(|(_, value)| *value).collect::<Vec<_>>())
        };
        let usual = mean(&stretches.iter().map(|&run| run as f32).collect::<Vec<_>>());
        let ending = Ending {
            pitch_slope_st_per_s: slope(&pitched).clamp(-60.0, 60.0),
            pitch_st: if pitched.is_empty() { 0.0 } else { (newest(&pitched) - pitch_st).clamp(-12.0, 12.0) },
            level_slope_db_per_s: slope(&loud).clamp(-150.0, 150.0),
            level_db: (newest(&loud) - level_dbov).clamp(-30.0, 30.0),
            lengthening: stretches.last().map_or(0.0, |&last| (last as f32 / usual).ln()),
        };
        let attack: Vec<f32> = frames.iter().take(ATTACK_FRAMES).map(|frame| frame.level_dbov).collect();
        let bright: Vec<f32> = frames.iter().filter(|frame| frame.pitch_st.is_some()).map(|f| f.bright_db).collect();
        let seconds = frames.len() as f32 * FRAME_S;
        Self {
            speech_ms: frames.len() as u32 * 20,
            pitch_st,
            pitch_spread_st: spread(&pitches, pitch_st),
            pitch_range_st: range(&pitches),
            pitch_slope_st_per_s: slope(&timed(frames, |frame| frame.pitch_st)).clamp(-60.0, 60.0),
            level_dbov,
            level_spread_db: spread(&levels, level_dbov),
            attack_db: (mean(&attack) - level_dbov).clamp(-30.0, 30.0),
            bright_db: mean(&bright),
            voiced: pitches.len() as f32 / levels.len() as f32,
            pauses: 1.0 - levels.len() as f32 / frames.len() as f32,
            syllables_per_s: stretches.len() as f32 / seconds,
            ending,
        }
    }
}

/// Lengths of the runs of frames with pitch, in frames.
fn stretches(frames: &[Sounded]) -> Vec<usize> {
    frames.split(|frame| frame.pitch_st.is_none()).map(<[Sounded]>::len).filter(|&run| run > 0).collect()
}

/// Seconds and values.
fn timed(frames: &[Sounded], value: impl Fn(&Sounded) -> Option<f32>) -> Vec<(f32, f32)> {
    frames.iter().enumerate().filter_map(|(at, frame)| Some((at as f32 * FRAME_S, value(frame)?))).collect()
}

fn mean(values: &[f32]) -> f32 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f32>() / values.len() as f32 }
}

fn spread(values: &[f32], mean: f32) -> f32 {
    let squares: f32 = values.iter().map(|value| (value - mean).powi(2)).sum();
    if values.len() < 2 { 0.0 } else { (squares / (values.len() - 1) as f32).sqrt() }
}

/// From the first to the last tenth of the values.
fn range(values: &[f32]) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let tenth = sorted.len() / 10;
    match (sorted.get(tenth), sorted.iter().nth_back(tenth)) {
        (Some(low), Some(high)) => high - low,
        (Some(_) | None, Some(_) | None) => 0.0,
    }
}

/// The least-squares slope a second; 0 for fewer than three points.
fn slope(points: &[(f32, f32)]) -> f32 {
    if points.len() < 3 {
        return 0.0;
    }
    let n = points.len() as f32;
    let (time, value) = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0 / n, sum.1 + point.1 / n));
    let (mut both, mut square) = (0.0, 0.0);
    for point in points {
        both += (point.0 - time) * (point.1 - value);
        square += (point.0 - time).powi(2);
    }
    both / square
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::PcmFrame;

    /// A buzz with eight harmonics whose pitch glides.
    fn glide(from_hz: f32, to_hz: f32, frames: usize) -> Vec<Sounded> {
        let (mut pitch, mut phase) = (Pitch::new(), 0.0);
        (0..frames)
            .map(|n| {
                let hz = from_hz + (to_hz - from_hz) * n as f32 / frames as f32;
                let frame = PcmFrame(std::array::from_fn(|_| {
                    phase += hz / SAMPLE_RATE_HZ;
                    let buzz: f32 = (3..9).map(|k| (std::f32::consts::TAU * phase * k as f32).sin() / k as f32).sum();
                    (4_000.0 * buzz) as i16
                }));
                pitch.hear(&frame);
                Sounded {
                    level_dbov: frame.level_dbov(),
                    pitch_st: pitch.semitones(),
                    bright_db: brightness_db(&frame),
                    voice: true,
                }
            })
            .collect()
    }

    #[test]
    fn the_pitch_is_found_though_the_telephone_takes_the_fundamental_away() {
        for hz in [80.0f32, 120.0, 200.0, 250.0, 330.0] {
            let prosody = Prosody::of(&glide(hz, hz, 25)[2..]);
            let want = 12.0 * (hz / 100.0).log2();
            assert!((prosody.pitch_st - want).abs() < 0.3, "{hz} Hz: {} for {want}", prosody.pitch_st);
        }
    }

    #[test]
    fn a_falling_and_a_rising_end_are_told_apart() {
        let falling = Prosody::of(&glide(200.0, 140.0, 25)[2..]).ending;
        let rising = Prosody::of(&glide(140.0, 200.0, 25)[2..]).ending;
        assert!(falling.pitch_slope_st_per_s < -8.0 && falling.pitch_st < -1.0, "{falling:?}");
        assert!(rising.pitch_slope_st_per_s > 8.0 && rising.pitch_st > 1.0, "{rising:?}");
    }

    #[test]
    fn noise_has_no_pitch_and_silence_no_prosody() {
        let mut pitch = Pitch::new();
        let mut seed = 7u32;
        for _ in 0..20 {
            pitch.hear(&PcmFrame(std::array::from_fn(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 20) as i16 - 2_048
            })));
            assert_eq!(pitch.semitones(), None);
        }
        assert_eq!(Prosody::of(&[]), Prosody::default());
    }
}
