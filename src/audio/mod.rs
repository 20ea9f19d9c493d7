//! Sound as values: 20 ms frames on the telephone side (8 kHz), utterances on the recogniser's side (16 kHz).
//! Samples are signed 16-bit, mono. Levels are dBov (RFC 6465: 0 is full scale, more negative is quieter).

mod frame;

pub use frame::{Frame8k, Frame16k, PcmFrame, Utterance16k, level_dbov};
