//! Sound as values: 20 ms frames on the telephone side (8 kHz), utterances on the recogniser's side (16 kHz), and what
//! leads from one to the other: G.711, resampling, WAV.
//! Samples are signed 16-bit, mono. Levels are dBov (RFC 6465: 0 is full scale, more negative is quieter).

mod frame;
mod g711;
mod resample;
mod sound_file;
mod wav;

pub use frame::{Clip, Frame8k, Frame16k, PcmFrame, Utterance16k, level_dbov};
pub use g711::Law;
pub use resample::{Upsampler, resample_all};
pub use sound_file::{SoundFile, SoundFileError};
pub use wav::{Wav, WavError};
