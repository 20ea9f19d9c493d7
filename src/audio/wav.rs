//! WAV files (`hound`): read at any rate and depth, one or two channels; written as 16-bit stereo, caller left and agent
//! right.

use std::io::{Read, Seek, Write};

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

/// Ten minutes of stereo at 48 kHz: what is longer is cut.
const SAMPLES_MAX: usize = 2 * 48_000 * 600;

/// A recording in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wav {
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// The only channel, or the left one.
    pub left: Vec<i16>,
    /// The right channel of a stereo file.
    pub right: Option<Vec<i16>>,
}

/// Why a WAV could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum WavError {
    /// Not a WAV, or the file system's complaint.
    #[error("WAV: {0}")]
    Format(#[from] hound::Error),
    /// More than two channels.
    #[error("WAV: {channels} channels, at most 2 can be read")]
    Channels {
        /// Channels in the file.
        channels: u16,
    },
}

impl Wav {
    /// Reads a file's bytes.
    pub fn read(source: impl Read) -> Result<Self, WavError> {
        let mut reader = WavReader::new(source)?;
        let spec = reader.spec();
        let samples: Vec<i16> = match spec.sample_format {
            SampleFormat::Int => {
                let bits = spec.bits_per_sample;
                let to_i16 = |s: i32| if bits >= 16 { (s >> (bits - 16)) as i16 } else { (s << (16 - bits)) as i16 };
                reader.samples::<i32>().take(SAMPLES_MAX).map(|s| s.map(to_i16)).collect::<Result<_, _>>()?
            }
            SampleFormat::Float => {
                let to_i16 = |s: f32| (s * 32_768.0) as i16; // `as` saturates
                reader.samples::<f32>().take(SAMPLES_MAX).map(|s| s.map(to_i16)).collect::<Result<_, _>>()?
            }
        };
        let (left, right) = match spec.channels {
            1 => (samples, None),
            2 => {
                let channel = |n: usize| samples.iter().skip(n).step_by(2).copied().collect();
                (channel(0), Some(channel(1)))
            }
            channels => return Err(WavError::Channels { channels }),
        };
        Ok(Self { sample_rate_hz: spec.sample_rate, left, right })
    }

    /// Writes 16-bit PCM; in stereo the shorter channel is padded with silence.
    pub fn write(&self, target: impl Write + Seek) -> Result<(), WavError> {
        let channels = if self.right.is_some() { 2 } else { 1 };
        let sample_rate = self.sample_rate_hz;
        let spec = WavSpec { channels, sample_rate, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let mut writer = WavWriter::new(target, spec)?;
        let right = self.right.as_deref();
        for n in 0..self.left.len().max(right.map_or(0, <[i16]>::len)) {
            writer.write_sample(self.left.get(n).copied().unwrap_or(0))?;
            if let Some(right) = right {
                writer.write_sample(right.get(n).copied().unwrap_or(0))?;
            }
        }
        Ok(writer.finalize()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn a_stereo_recording_comes_back_padded() {
        let call = Wav { sample_rate_hz: 8_000, left: vec![1, -2, 3], right: Some(vec![i16::MIN]) };
        let mut bytes = Cursor::new(Vec::new());
        call.write(&mut bytes).unwrap();
        let read = Wav::read(bytes.get_ref().as_slice()).unwrap();
        assert_eq!(read, Wav { right: Some(vec![i16::MIN, 0, 0]), ..call });
    }

    #[test]
    fn depths_and_formats_come_out_as_16_bit() {
        for (bits_per_sample, sample_format) in
            [(16, SampleFormat::Int), (24, SampleFormat::Int), (32, SampleFormat::Float)]
        {
            let spec = WavSpec { channels: 1, sample_rate: 48_000, bits_per_sample, sample_format };
            let mut bytes = Cursor::new(Vec::new());
            let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
            for sample in [0.0, 0.25, -0.5] {
                match sample_format {
                    SampleFormat::Float => writer.write_sample(sample as f32).unwrap(),
                    SampleFormat::Int => {
                        writer.write_sample((sample * 2f64.powi(i32::from(bits_per_sample) - 1)) as i32).unwrap()
                    }
                }
            }
            writer.finalize().unwrap();
            let wav = Wav::read(bytes.get_ref().as_slice()).unwrap();
            assert_eq!((wav.sample_rate_hz, wav.left), (48_000, vec![0, 8192, -16_384]), "{bits_per_sample} bits");
        }
    }

    #[test]
    fn what_is_no_wav_is_an_error() {
        assert!(Wav::read(&b"RIFF\0\0\0\0WAVEfmt "[..]).is_err());
    }
}
