//! From bursts to signals: how long they last, how long the gaps between them are, and what they repeat.

use super::{Kind, Tone};

/// One burst of a tone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burst {
    pub from_ms: u64,
    pub to_ms: u64,
    pub hz: f32,
    /// 0 for none.
    pub second_hz: f32,
    pub level_dbov: f32,
}

/// The bursts that a cadence is recognised by.
const BURSTS_MAX: usize = 4;
/// A burst after a longer gap begins anew: the longest gap is of 5 s.
const GAP_MS_MAX: u64 = 6_500;
/// Tones of the network's progress lie here, one or two of them, ±3%.
const PROGRESS_HZ: std::ops::RangeInclusive<f32> = 335.0..=640.0;
/// What carriers ring with: 400 to 480 Hz.
const RINGING_HZ: std::ops::RangeInclusive<f32> = 388.0..=495.0;
/// A tone that lasts longer is without end.
const ENDLESS_MS: u64 = 2_600;
/// After a first burst so long must be quiet before it is a ring, or a beep.
const RING_QUIET_MS: u64 = 1_000;
const BEEP_QUIET_MS: u64 = 900;
/// A beep lasts so long.
const BEEP_MS: std::ops::RangeInclusive<u64> = 120..=1_500;
/// What follows a beep or a ring is at least so much quieter, dB.
const QUIET_DB: f32 = 9.0;
/// Frequencies of the special information tones, ±50 Hz (domain §2), and how long each may last, ms.
const SPECIAL_HZ: [f32; 3] = [950.0, 1_400.0, 1_800.0];
const SPECIAL_MS: std::ops::RangeInclusive<u64> = 240..=420;
/// Keys, ITU-T Q.23: rows and columns, of which a receiver takes 1.5% and no more than 3.5%.
const ROWS_HZ: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS_HZ: [f32; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];
const KEY_TOLERANCE: f32 = 0.025;
const KEYS: [[char; 4]; 4] = [['1', '2', '3', 'A'], ['4', '5', '6', 'B'], ['7', '8', '9', 'C'], ['*', '0', '#', 'D']];

/// The newest bursts of a line, and what they were recognised as.
#[derive(Debug, Clone, Default)]
pub struct Cadence {
    bursts: [Option<Burst>; BURSTS_MAX],
    known: Option<Tone>,
    /// The last burst may be a ring or a beep, if what comes is quiet.
    pending: bool,
}

impl Burst {
    fn ms(&self) -> u64 {
        self.to_ms - self.from_ms
    }

    fn sines(&self) -> impl Iterator<Item = f32> {
        [self.hz, self.second_hz].into_iter().filter(|hz| *hz > 0.0)
    }

    fn is_progress(&self) -> bool {
        self.sines().all(|hz| PROGRESS_HZ.contains(&hz))
    }

    fn rings(&self) -> bool {
        self.sines().all(|hz| RINGING_HZ.contains(&hz))
    }

    fn is_single(&self, hz: f32, tolerance_hz: f32) -> bool {
        self.second_hz == 0.0 && (self.hz - hz).abs() <= tolerance_hz
    }

    fn key(&self) -> Option<char> {
        let place = |hz: f32, all: [f32; 4]| all.iter().position(|tone| (hz / tone - 1.0).abs() <= KEY_TOLERANCE);
        let (low, high) = (self.hz.min(self.second_hz), self.hz.max(self.second_hz));
        Some(KEYS[place(low, ROWS_HZ)?][place(high, COLUMNS_HZ)?])
    }
}

/// Durations of networks stray by a tenth, ours by a frame at each end.
fn lasts(ms: u64, nominal_ms: u64) -> bool {
    ms.abs_diff(nominal_ms) <= (nominal_ms / 8).max(40)
}

impl Cadence {
    /// A burst still sounds.
    pub fn sounding(&mut self, burst: &Burst) -> Option<Tone> {
        let kind = if burst.is_progress() && burst.ms() >= ENDLESS_MS {
            Kind::Dial
        } else if burst.is_single(2_100.0, 25.0) && burst.ms() >= ENDLESS_MS / 2 {
            Kind::FaxAnswer
        } else {
            return None;
        };
        self.pending = false;
        let fresh = self.known.is_none_or(|known| known.kind != kind || known.from_ms != burst.from_ms);
        self.known = Some(tone(kind, burst.from_ms, burst, 1));
        self.known.filter(|_| fresh)
    }

    /// A burst is over.
    pub fn ended(&mut self, burst: Burst) -> Option<Tone> {
        if let Some(known) = self.known.filter(|known| known.from_ms == burst.from_ms) {
            self.bursts = [None; BURSTS_MAX];
            self.known = None;
            return Some(Tone { to_ms: burst.to_ms, ..known });
        }
        if self.bursts[0].is_some_and(|last| burst.from_ms - last.to_ms > GAP_MS_MAX) {
            (self.bursts, self.known) = ([None; BURSTS_MAX], None);
        }
        self.bursts.rotate_right(1);
        self.bursts[0] = Some(burst);
        self.pending = true;
        let (kind, bursts) = self.recognised(&burst)?;
        self.pending = false;
        Some(self.know(kind, bursts, &burst))
    }

    /// Nothing tonal sounds at this level.
    pub fn quiet(&mut self, now_ms: u64, level_dbov: f32) -> Option<Tone> {
        let burst = self.bursts[0].filter(|_| self.pending)?;
        let quiet_ms = now_ms - burst.to_ms;
        // The first frame may hold the end of the burst.
        if quiet_ms > 60 && level_dbov > burst.level_dbov - QUIET_DB {
            self.pending = false;
            return None;
        }
        let alone = self.bursts[1].is_none_or(|before| burst.from_ms - before.to_ms > 1_200);
        let rings = burst.rings() && (lasts(burst.ms(), 1_000) || lasts(burst.ms(), 2_000));
        let kind = if rings && alone && quiet_ms >= RING_QUIET_MS {
            Kind::Ringback
        } else if !rings && alone && quiet_ms >= BEEP_QUIET_MS && BEEP_MS.contains(&burst.ms()) {
            Kind::Beep
        } else {
            return None;
        };
        self.pending = false;
        Some(self.know(kind, 1, &burst))
    }

    /// What the newest bursts are, and how many of them it took.
    fn recognised(&self, burst: &Burst) -> Option<(Kind, usize)> {
        if let Some(key) = burst.key() {
            return Some((Kind::Key(key), 1));
        }
        if burst.is_single(1_100.0, 38.0) && lasts(burst.ms(), 500) {
            return Some((Kind::FaxCalling, 1));
        }
        if self.is_special() {
            return Some((Kind::SpecialInformation, 3));
        }
        if self.repeats(&[400, 100, 100, 100], &[100, 100, 100]) {
            return Some((Kind::Unobtainable, 4));
        }
        // The British double ring: two bursts of 400 ms, 200 ms between them.
        if burst.rings() && self.repeats(&[400, 400], &[200]) {
            return Some((Kind::Ringback, 2));
        }
        let cadences = [
            (Kind::Congestion, 700, 2),
            (Kind::Busy, 500, 2),
            (Kind::Busy, 375, 3),
            (Kind::Busy, 350, 3),
            (Kind::Congestion, 250, 3),
        ];
        let fits = |ms: u64, times: usize| self.repeats(&[ms; 3][..times], &[ms; 2][..times - 1]);
        cadences.into_iter().find(|(_, ms, times)| fits(*ms, *times)).map(|(kind, _, times)| (kind, times))
    }

    /// Whether the newest bursts, the newest first, last as long as these, with such gaps, in progress tones.
    fn repeats(&self, on_ms: &[u64], off_ms: &[u64]) -> bool {
        let Some(bursts) = self.newest(on_ms.len()) else { return false };
        let gaps = bursts.windows(2).map(|pair| pair[0].from_ms - pair[1].to_ms);
        let level = |pair: &[Burst]| (pair[0].level_dbov - pair[1].level_dbov).abs() < 6.0;
        bursts.iter().zip(on_ms).all(|(burst, ms)| burst.is_progress() && lasts(burst.ms(), *ms))
            && gaps.zip(off_ms).all(|(gap, ms)| lasts(gap, *ms))
            && bursts.windows(2).all(level)
    }

    fn is_special(&self) -> bool {
        let Some(bursts) = self.newest(SPECIAL_HZ.len()) else { return false };
        let rising = bursts.iter().rev().zip(SPECIAL_HZ);
        rising.into_iter().all(|(burst, hz)| burst.is_single(hz, 55.0) && SPECIAL_MS.contains(&burst.ms()))
            && bursts.windows(2).all(|pair| pair[0].from_ms - pair[1].to_ms <= 80)
    }

    /// The newest so many, the newest first.
    fn newest(&self, count: usize) -> Option<Vec<Burst>> {
        self.bursts[..count].iter().copied().collect()
    }

    /// The signal of the newest bursts: the one that goes on, or a new one.
    fn know(&mut self, kind: Kind, bursts: usize, burst: &Burst) -> Tone {
        let first = self.bursts[bursts - 1].map_or(burst.from_ms, |first| first.from_ms);
        let repeats = !matches!(kind, Kind::Key(_) | Kind::Beep);
        let going_on = self.known.filter(|known| known.kind == kind && repeats);
        let known = match going_on {
            Some(known) => tone(kind, known.from_ms, burst, known.bursts + 1),
            None => tone(kind, first, burst, bursts as u32),
        };
        self.known = Some(known);
        known
    }
}

fn tone(kind: Kind, from_ms: u64, burst: &Burst, bursts: u32) -> Tone {
    Tone { kind, from_ms, to_ms: burst.to_ms, bursts, hz: burst.hz.round(), second_hz: burst.second_hz.round() }
}
