//! Files of sound, read piece by piece as mono: WAV (8 to 32-bit integers, 32-bit floats, both laws of G.711) by `hound`,
//! FLAC by `claxon`. Channels are mixed down: a call in stereo has a talker on each side.

use std::io::{self, Read, Seek, SeekFrom};

use claxon::FlacReader;
use hound::{SampleFormat, WavReader};

use super::Law;

/// Rates that speech is kept at.
const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=192_000;
const CHANNELS_MAX: usize = 8;
/// Chunks of a WAV file that may stand before its sound.
const CHUNKS_MAX: usize = 64;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SoundFileError {
    /// The system's complaint.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Another kind of file.
    #[error("neither WAV nor FLAC: convert it, for instance by sox")]
    Unknown,
    /// Damaged or of an unusual kind.
    #[error("WAV: {0}")]
    Wav(hound::Error),
    /// Damaged.
    #[error("FLAC: {0}")]
    Flac(claxon::Error),
    /// What we do not take for speech.
    #[error("{sample_rate_hz} Hz, {channels} channels: must be 8000 to 192000 Hz and 1 to 8 channels")]
    Shape {
        /// As the file says.
        sample_rate_hz: u32,
        /// As the file says.
        channels: usize,
    },
    /// The sound ends before the length the file gives.
    #[error("breaks off after {frames} of {frames_promised} samples")]
    Truncated {
        /// Samples of each channel that are there.
        frames: u64,
        /// Samples by the head of the file.
        frames_promised: u64,
    },
}

// Shown with what they say: as sources they would be said twice.
impl From<hound::Error> for SoundFileError {
    fn from(why: hound::Error) -> Self {
        Self::Wav(why)
    }
}

impl From<claxon::Error> for SoundFileError {
    fn from(why: claxon::Error) -> Self {
        Self::Flac(why)
    }
}

/// An open file.
pub struct SoundFile<R: Read> {
    source: Source<R>,
    sample_rate_hz: u32,
    channels: usize,
    frames: u64,
    frames_promised: Option<u64>,
}

enum Source<R: Read> {
    Wav(WavReader<R>),
    G711(io::Take<R>, Law),
    Flac(FlacReader<R>),
}

impl<R: Read + Seek> SoundFile<R> {
    /// Reads the head.
    pub fn open(mut file: R) -> Result<Self, SoundFileError> {
        let mut magic = [0; 4];
        file.read_exact(&mut magic).map_err(|_| SoundFileError::Unknown)?;
        file.rewind()?;
        let opened = match &magic {
            b"fLaC" => Self::flac(FlacReader::new(file)?),
            b"RIFF" => match g711(&mut file)? {
                Some((law, head)) => {
                    let frames = head.bytes / u64::from(head.channels.max(1));
                    Self::new(
                        Source::G711(file.take(head.bytes), law),
                        head.rate_hz,
                        head.channels.into(),
                        Some(frames),
                    )
                }
                None => {
                    file.rewind()?;
                    Self::wav(WavReader::new(file)?)
                }
            },
            _ => return Err(SoundFileError::Unknown),
        };
        let (sample_rate_hz, channels) = (opened.sample_rate_hz, opened.channels);
        if !RATES_HZ.contains(&sample_rate_hz) || !(1..=CHANNELS_MAX).contains(&channels) {
            return Err(SoundFileError::Shape { sample_rate_hz, channels });
        }
        Ok(opened)
    }

    fn new(source: Source<R>, sample_rate_hz: u32, channels: usize, frames_promised: Option<u64>) -> Self {
        Self { source, sample_rate_hz, channels, frames: 0, frames_promised }
    }

    fn flac(flac: FlacReader<R>) -> Self {
        let info = flac.streaminfo();
        Self::new(Source::Flac(flac), info.sample_rate, info.channels as usize, info.samples)
    }

    fn wav(wav: WavReader<R>) -> Self {
        let (spec, frames) = (wav.spec(), wav.duration());
        Self::new(Source::Wav(wav), spec.sample_rate, spec.channels.into(), Some(frames.into()))
    }

    /// Samples per second.
    pub fn sample_rate_hz(&self) -> u32 {
        self.sample_rate_hz
    }

    /// Appends about `frames` samples, mixed down; false when there are no more.
    pub fn read(&mut self, frames: usize, mono: &mut Vec<i16>) -> Result<bool, SoundFileError> {
        let start = mono.len();
        let samples = frames * self.channels;
        match &mut self.source {
            Source::Wav(wav) => {
                let read = match wav.spec().sample_format {
                    SampleFormat::Int => {
                        let bits = u32::from(wav.spec().bits_per_sample);
                        wav.samples::<i32>().take(samples).map(|s| s.map(|s| to_i16(s, bits))).collect()
                    }
                    SampleFormat::Float => {
                        wav.samples::<f32>().take(samples).map(|s| s.map(|s| (s * 32_768.0) as i16)).collect()
                    }
                };
                match read {
                    Ok(read) => mix(read, self.channels, mono),
                    Err(hound::Error::IoError(_) | hound::Error::FormatError("Failed to read enough bytes.")) => {
                        return Err(self.truncated());
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            Source::G711(bytes, law) => {
                let mut read = Vec::with_capacity(samples);
                bytes.take(samples as u64).read_to_end(&mut read)?;
                mix(read.iter().map(|&byte| law.decode_sample(byte)).collect(), self.channels, mono);
            }
            Source::Flac(flac) => {
                let bits = flac.streaminfo().bits_per_sample;
                let mut buffer = Vec::new();
                while mono.len() - start < frames {
                    let Some(block) = flac.blocks().read_next_or_eof(buffer)? else { break };
                    let channels = block.channels();
                    mono.extend((0..block.duration()).map(|n| {
                        mean((0..channels).map(|channel| to_i16(block.sample(channel, n), bits)), channels as usize)
                    }));
                    buffer = block.into_buffer();
                }
            }
        }
        self.frames += (mono.len() - start) as u64;
        let ended = mono.len() == start;
        match self.frames_promised {
            Some(promised) if ended && self.frames < promised => Err(self.truncated()),
            Some(_) | None => Ok(!ended),
        }
    }

    fn truncated(&self) -> SoundFileError {
        SoundFileError::Truncated { frames: self.frames, frames_promised: self.frames_promised.unwrap_or(0) }
    }
}

fn to_i16(sample: i32, bits: u32) -> i16 {
    if bits >= 16 { (sample >> (bits - 16)) as i16 } else { (sample << (16 - bits)) as i16 }
}

fn mix(samples: Vec<i16>, channels: usize, mono: &mut Vec<i16>) {
    match channels {
        1 => mono.extend(samples),
        channels => {
            mono.extend(samples.chunks_exact(channels).map(|frame| mean(frame.iter().copied(), channels)));
        }
    }
}

fn mean(samples: impl Iterator<Item = i16>, count: usize) -> i16 {
    (samples.map(i32::from).sum::<i32>() / count.max(1) as i32) as i16
}

/// What stands in a WAV file's `fmt ` chunk, and the length of its sound.
struct Head {
    rate_hz: u32,
    channels: u16,
    bytes: u64,
}

/// G.711 in WAV (format tags 6 and 7), which hound does not read: leaves `file` at the first sample. `None` for other WAVs.
fn g711(file: &mut (impl Read + Seek)) -> Result<Option<(Law, Head)>, SoundFileError> {
    file.seek(SeekFrom::Start(12))?;
    let mut format = None;
    for _ in 0..CHUNKS_MAX {
        let mut chunk = [0; 8];
        if file.read_exact(&mut chunk).is_err() {
            return Ok(None); // hound says what is wrong
        }
        let [id @ .., a, b, c, d] = chunk;
        let bytes = u32::from_le_bytes([a, b, c, d]);
        match &id {
            b"fmt " if bytes >= 16 => {
                let mut fields = [0; 16];
                if file.read_exact(&mut fields).is_err() {
                    return Ok(None);
                }
                let law = match u16::from_le_bytes([fields[0], fields[1]]) {
                    6 => Law::A,
                    7 => Law::Mu,
                    _ => return Ok(None),
                };
                let rate_hz = u32::from_le_bytes([fields[4], fields[5], fields[6], fields[7]]);
                format = Some((law, u16::from_le_bytes([fields[2], fields[3]]), rate_hz));
                file.seek_relative(i64::from(bytes - 16 + bytes % 2))?;
            }
            b"data" => {
                return Ok(
                    format.map(|(law, channels, rate_hz)| (law, Head { rate_hz, channels, bytes: bytes.into() }))
                );
            }
            _ => file.seek_relative(i64::from(bytes) + i64::from(bytes % 2))?,
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read(bytes: &[u8]) -> Result<(u32, Vec<i16>), SoundFileError> {
        let mut file = SoundFile::open(Cursor::new(bytes))?;
        let mut samples = Vec::new();
        while file.read(7, &mut samples)? {}
        Ok((file.sample_rate_hz(), samples))
    }

    /// A WAV with these format fields and this sound.
    fn wav(tag: u16, channels: u16, rate_hz: u32, bits: u16, sound: &[u8]) -> Vec<u8> {
        let align = channels * bits / 8;
        let format = [
            &tag.to_le_bytes()[..],
            &channels.to_le_bytes(),
            &rate_hz.to_le_bytes(),
            &(rate_hz * u32::from(align)).to_le_bytes(),
            &align.to_le_bytes(),
            &bits.to_le_bytes(),
        ]
        .concat();
        let chunk = |id: &[u8], body: &[u8]| [id, &(body.len() as u32).to_le_bytes(), body].concat();
        let body = [b"WAVE".to_vec(), chunk(b"fmt ", &format), chunk(b"data", sound)].concat();
        chunk(b"RIFF", &body)
    }

    #[test]
    fn every_depth_of_wav_gives_the_same_sound() {
        let half = 16_384i16;
        assert_eq!(read(&wav(1, 1, 8_000, 8, &[192, 64])).unwrap(), (8_000, vec![half, -half]));
        assert_eq!(read(&wav(1, 1, 16_000, 16, &half.to_le_bytes())).unwrap(), (16_000, vec![half]));
        assert_eq!(read(&wav(1, 1, 44_100, 24, &[0, 0, 0x40])).unwrap(), (44_100, vec![half]));
        assert_eq!(read(&wav(1, 1, 48_000, 32, &[0, 0, 0, 0x40])).unwrap(), (48_000, vec![half]));
        assert_eq!(read(&wav(3, 1, 22_050, 32, &0.5f32.to_le_bytes())).unwrap(), (22_050, vec![half]));
        assert_eq!(read(&wav(3, 1, 22_050, 32, &7.0f32.to_le_bytes())).unwrap().1, [i16::MAX]);
    }

    #[test]
    fn both_laws_of_g711_are_read() {
        for (tag, law) in [(6, Law::A), (7, Law::Mu)] {
            let samples = [7, 99, 200].map(|byte| law.decode_sample(byte));
            assert_eq!(read(&wav(tag, 1, 8_000, 8, &[7, 99, 200])).unwrap(), (8_000, samples.to_vec()));
        }
    }

    #[test]
    fn flac_gives_what_was_put_in_and_a_cut_one_is_an_error() {
        let bytes = include_bytes!("../../tests/sound/tone.flac"); // 440 Hz at half of full scale, stereo, 24 bits
        let (rate_hz, samples) = read(bytes).unwrap();
        assert_eq!((rate_hz, samples.len()), (16_000, 800));
        for (n, sample) in samples.iter().enumerate() {
            let expected = 16_384.0 * (std::f64::consts::TAU * 440.0 * n as f64 / 16_000.0).sin();
            assert!((f64::from(*sample) - expected).abs() < 2.0, "{n}: {sample}, not {expected}");
        }
        assert!(read(&bytes[..bytes.len() - 50]).is_err());
    }

    #[test]
    fn both_sides_of_a_stereo_call_are_heard() {
        let sound: Vec<u8> = [1_000i16, 0, 0, -500].iter().flat_map(|s| s.to_le_bytes()).collect();
        assert_eq!(read(&wav(1, 2, 8_000, 16, &sound)).unwrap().1, [500, -250]);
    }

    #[test]
    fn what_is_no_sound_or_breaks_off_is_an_error() {
        assert!(matches!(read(b""), Err(SoundFileError::Unknown)));
        assert!(matches!(read(b"ID3 and so on"), Err(SoundFileError::Unknown)));
        assert!(matches!(read(b"RIFF\0\0\0\0WAVEfmt "), Err(SoundFileError::Wav(_))));
        assert!(matches!(read(b"fLaC\0\0"), Err(SoundFileError::Flac(_))));
        for tag_bits in [(1, 16), (7, 8)] {
            let whole = wav(tag_bits.0, 1, 8_000, tag_bits.1, &[9; 400]);
            let error = read(&whole[..whole.len() - 40]).expect_err("cut");
            assert!(matches!(error, SoundFileError::Truncated { .. }), "{error}");
        }
        assert!(matches!(read(&wav(1, 1, 4_000, 16, &[0; 4])), Err(SoundFileError::Shape { .. })));
        assert!(matches!(read(&wav(7, 0, 8_000, 8, &[0; 4])), Err(SoundFileError::Shape { .. })));
    }

    #[test]
    fn a_file_without_sound_is_empty() {
        assert!(read(&wav(1, 1, 8_000, 16, &[])).unwrap().1.is_empty());
    }
}
