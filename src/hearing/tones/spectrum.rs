//! Whether 40 ms of sound are one or two sines, and which: a Goertzel bank each 25 Hz from 300 to 2,300 Hz under a Hann
//! window, whose lobes are 100 Hz wide; the rest of the sound is known from its energy in time.

use std::ops::Range;
use std::sync::LazyLock;

use crate::audio::Frame8k;

const SAMPLE_RATE_HZ: f32 = 8_000.0;
/// 40 ms.
const WINDOW: usize = 320;
const STEP_HZ: f32 = 25.0;
const FIRST_HZ: f32 = 300.0;
const BINS: usize = 81;
/// Bins to each side of a peak that belong to it: with the sine 40 or 50 Hz beside it, which some networks ring with.
const LOBE: usize = 3;
/// Quieter sound is no signal, dBov.
const LEVEL_MIN_DBOV: f32 = -50.0;
/// Of the energy, so much lies in the two lobes of a signal: all but noise 8 dB below it.
const SHARE_MIN: f32 = 0.86;
/// A second sine this much weaker than the first is noise or a neighbour's skirt.
const SECOND_MIN: f32 = 0.06;

/// One or two sines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sines {
    /// The stronger, Hz.
    pub hz: f32,
    /// The weaker, Hz; 0 for none.
    pub second_hz: f32,
    /// Their part of the sound's energy, 0 to 1.
    pub share: f32,
    /// Level of all of the sound.
    pub level_dbov: f32,
}

impl Sines {
    /// Whether they are the same, as far as both know them: of two alike, either may seem the stronger.
    pub fn near(&self, other: &Self, tolerance_hz: f32) -> bool {
        let near = |a: f32, b: f32| (a - b).abs() <= tolerance_hz;
        let one_is_single = self.second_hz * other.second_hz == 0.0;
        near(self.hz, other.hz) && (one_is_single || near(self.second_hz, other.second_hz))
            || near(self.hz, other.second_hz) && near(self.second_hz, other.hz)
    }
}

/// Hears the newest 40 ms.
#[derive(Debug, Clone)]
pub struct Ear {
    window: [f32; WINDOW],
}

/// The window, and for each bin twice the cosine of its step.
struct Bank {
    hann: [f32; WINDOW],
    steps: [f32; BINS],
}

static BANK: LazyLock<Bank> = LazyLock::new(|| Bank {
    hann: std::array::from_fn(|n| 0.5 - 0.5 * (std::f32::consts::TAU * (n as f32 + 0.5) / WINDOW as f32).cos()),
    steps: std::array::from_fn(|bin| {
        2.0 * (std::f32::consts::TAU * (FIRST_HZ + STEP_HZ * bin as f32) / SAMPLE_RATE_HZ).cos()
    }),
});

impl Ear {
    /// Before any sound.
    pub fn new() -> Self {
        Self { window: [0.0; WINDOW] }
    }

    /// Takes the next 20 ms in; the sines, if the newest 40 ms are nothing else.
    pub fn hear(&mut self, frame: &Frame8k) -> Option<Sines> {
        self.window.copy_within(frame.0.len().., 0);
        for (to, from) in self.window[WINDOW - frame.0.len()..].iter_mut().zip(frame.0) {
            *to = f32::from(from) / 32_768.0;
        }
        let power = self.window.iter().map(|x| x * x).sum::<f32>() / WINDOW as f32;
        let level_dbov = 10.0 * power.max(1e-12).log10();
        if level_dbov < LEVEL_MIN_DBOV {
            return None;
        }
        let bank = &*BANK;
        let shaped: [f32; WINDOW] = std::array::from_fn(|n| self.window[n] * bank.hann[n]);
        // Parseval: the bins of all frequencies, of which the bank sees half, hold so much.
        let energy = shaped.iter().map(|x| x * x).sum::<f32>() * WINDOW as f32 / 2.0;
        let mut bins = goertzel(&shaped, &bank.steps);
        let first = peak(&mut bins)?;
        let second = peak(&mut bins).filter(|second| second.energy >= SECOND_MIN * first.energy);
        let (second_hz, second_energy) = second.map_or((0.0, 0.0), |second| (second.hz, second.energy));
        let share = (first.energy + second_energy) / energy;
        (share >= SHARE_MIN).then_some(Sines { hz: first.hz, second_hz, share, level_dbov })
    }
}

struct Peak {
    hz: f32,
    energy: f32,
}

/// Takes the strongest peak out of the bins: its place by the centre of its lobe, its energy by all of it.
fn peak(bins: &mut [f32; BINS]) -> Option<Peak> {
    let strongest = (0..BINS).max_by(|a, b| bins[*a].total_cmp(&bins[*b]))?;
    // Two sines in one lobe: it lies around their middle.
    let at = centre(bins, &lobe(strongest)).round() as usize;
    let lobe = lobe(at);
    let energy: f32 = bins[lobe.clone()].iter().sum();
    if energy <= 0.0 {
        return None;
    }
    let hz = FIRST_HZ + STEP_HZ * centre(bins, &lobe);
    bins[lobe].fill(0.0);
    Some(Peak { hz, energy })
}

fn lobe(at: usize) -> Range<usize> {
    at.saturating_sub(LOBE)..(at + LOBE + 1).min(BINS)
}

/// The mean bin by amplitude, not energy: so the centre of a Hann lobe is its sine to some 2 Hz.
fn centre(bins: &[f32; BINS], lobe: &Range<usize>) -> f32 {
    let amplitudes = || lobe.clone().map(|bin| (bin as f32, bins[bin].sqrt()));
    let sum: f32 = amplitudes().map(|(_, amplitude)| amplitude).sum();
    amplitudes().map(|(bin, amplitude)| bin * amplitude).sum::<f32>() / sum.max(f32::MIN_POSITIVE)
}

/// The energy at each frequency, by second-order recursions: bins inside, so that they run side by side in vectors.
fn goertzel(samples: &[f32; WINDOW], steps: &[f32; BINS]) -> [f32; BINS] {
    let (mut before, mut last) = ([0.0f32; BINS], [0.0f32; BINS]);
    for sample in samples {
        for bin in 0..BINS {
            let next = sample + steps[bin] * last[bin] - before[bin];
            (before[bin], last[bin]) = (last[bin], next);
        }
    }
    std::array::from_fn(|bin| {
        (last[bin] * last[bin] + before[bin] * before[bin] - steps[bin] * last[bin] * before[bin]).max(0.0)
    })
}
