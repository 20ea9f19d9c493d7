//! Frames that cannot have the wrong length and cost no allocation, and the utterance that goes to the recogniser.

use std::sync::Arc;
use std::time::Duration;

/// `SAMPLES` samples of mono 16-bit sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PcmFrame<const SAMPLES: usize>(pub [i16; SAMPLES]);

/// 20 ms at 8 kHz: what one G.711 packet carries.
pub type Frame8k = PcmFrame<160>;
/// 20 ms at 16 kHz: what detectors hear.
pub type Frame16k = PcmFrame<320>;

impl<const SAMPLES: usize> PcmFrame<SAMPLES> {
    /// How many samples it has.
    pub const SAMPLES: usize = SAMPLES;
    /// Digital silence.
    pub const SILENCE: Self = Self([0; SAMPLES]);

    /// RMS level in dBov: 0 for a full-scale square wave, -127 for silence.
    pub fn level_dbov(&self) -> f32 {
        level_dbov(&self.0)
    }
}

/// RMS level of `samples` in dBov, floored at -127.
pub fn level_dbov(samples: &[i16]) -> f32 {
    if samples.is_empty() {
        return -127.0;
    }
    let energy: f64 = samples.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
    let rms = (energy / samples.len() as f64).sqrt() / 32768.0;
    (20.0 * rms.max(1e-7).log10()).max(-127.0) as f32
}

/// Mono sound of any length at `RATE_HZ`. Cheap to clone: jobs and calls share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip<const RATE_HZ: u32> {
    samples: Arc<[i16]>,
}

/// What a caller said in one stretch, for the recogniser.
pub type Utterance16k = Clip<16_000>;

impl<const RATE_HZ: u32> Clip<RATE_HZ> {
    /// Samples per second.
    pub const SAMPLE_RATE_HZ: u32 = RATE_HZ;

    /// Takes over the samples.
    pub fn new(samples: impl Into<Arc<[i16]>>) -> Self {
        Self { samples: samples.into() }
    }

    /// The samples, in order.
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// How long it lasts.
    pub fn duration(&self) -> Duration {
        Duration::from_micros(self.samples.len() as u64 * 1_000_000 / u64::from(RATE_HZ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_dbov() {
        assert_eq!(Frame8k::SILENCE.level_dbov(), -127.0);
        assert!(PcmFrame([i16::MAX; 160]).level_dbov().abs() < 0.01);
        assert!((PcmFrame([3277; 160]).level_dbov() + 20.0).abs() < 0.01);
    }
}
