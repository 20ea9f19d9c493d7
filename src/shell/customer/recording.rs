//! The call as both ends heard it: customer left, agent right, a frame each 20 ms of the customer's clock.

use std::path::Path;

use anyhow::{Context, Result};

use crate::audio::Frame8k;

/// A call of an hour; longer ones are cut.
const FRAMES_MAX: usize = 180_000;

/// Both sides, frame by frame.
#[derive(Default)]
pub struct Recording {
    customer: Vec<Frame8k>,
    agent: Vec<Frame8k>,
}

impl Recording {
    /// A tick of the customer's clock: what it sent.
    pub fn sent(&mut self, frame: &Frame8k) {
        if self.customer.len() < FRAMES_MAX {
            self.customer.push(*frame);
        }
    }

    /// A packet of the agent: it stands where the customer's clock is, or right behind the packet before it.
    pub fn received(&mut self, frame: &Frame8k) {
        let now = self.customer.len();
        if self.agent.len() < now {
            self.agent.resize(now, Frame8k::SILENCE);
        }
        if self.agent.len() < FRAMES_MAX {
            self.agent.push(*frame);
        }
    }

    /// Writes a stereo WAV, 8 kHz.
    pub fn write(&self, path: &Path) -> Result<()> {
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: 8000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(path, spec).with_context(|| path.display().to_string())?;
        for n in 0..self.customer.len().max(self.agent.len()) {
            let left = self.customer.get(n).unwrap_or(&Frame8k::SILENCE);
            let right = self.agent.get(n).unwrap_or(&Frame8k::SILENCE);
            for (l, r) in left.0.iter().zip(right.0) {
                wav.write_sample(*l)?;
                wav.write_sample(r)?;
            }
        }
        wav.finalize().with_context(|| path.display().to_string())
    }
}
