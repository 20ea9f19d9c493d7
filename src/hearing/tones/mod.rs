//! The signals of the telephone network in 8 kHz sound: 20 ms frames in, [`Tone`]s out, with their evidence. A frame is
//! tonal if its newest 40 ms are one or two sines (`spectrum`); tonal frames of one pitch and level make a
//! burst; bursts and the gaps between them make a cadence (domain §2; ITU-T E.180 supplement, Q.23, T.30). Constant memory.
//! Speech, music, hum and noise make no bursts, or none of a cadence.

mod cadence;
mod spectrum;
mod steady;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::audio::Frame8k;

use cadence::{Burst, Cadence};
use spectrum::{Ear, Sines};
pub(super) use steady::Steady;

const FRAME_MS: u64 = 20;
/// How far a sine may stray from its burst, Hz.
const PITCH_TOLERANCE_HZ: f32 = 20.0;
/// How far the level of a frame may lie from its burst's loudest, dB; the frames at its edges are only partly filled.
const LEVEL_TOLERANCE_DB: f32 = 8.0;
/// Shorter bursts are accidents: two frames, which a key of 65 ms fills.
const BURST_FRAMES_MIN: u32 = 2;

/// What a signal tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The network waits for digits; or, in the United Kingdom, the number is unobtainable: a tone without end.
    Dial,
    /// It rings at the other end.
    Ringback,
    /// The other end is engaged.
    Busy,
    /// No way through the network.
    Congestion,
    /// The number cannot be had.
    Unobtainable,
    /// Three rising tones before a recorded announcement.
    SpecialInformation,
    /// After it a mailbox records.
    Beep,
    /// A fax calls, 1100 Hz.
    FaxCalling,
    /// A fax or a modem answers, 2100 Hz.
    FaxAnswer,
    /// A key: 0 to 9, `*`, `#`, A to D.
    Key(char),
}

impl Kind {
    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Dial => "dial",
            Self::Ringback => "ringback",
            Self::Busy => "busy",
            Self::Congestion => "congestion",
            Self::Unobtainable => "unobtainable",
            Self::SpecialInformation => "sit",
            Self::Beep => "beep",
            Self::FaxCalling => "fax_cng",
            Self::FaxAnswer => "fax_ced",
            Self::Key(_) => "dtmf",
        }
    }

    /// Which key.
    pub const fn key(self) -> Option<char> {
        match self {
            Self::Key(key) => Some(key),
            Self::Dial
            | Self::Ringback
            | Self::Busy
            | Self::Congestion
            | Self::Unobtainable
            | Self::SpecialInformation
            | Self::Beep
            | Self::FaxCalling
            | Self::FaxAnswer => None,
        }
    }
}

/// `"kind"`, and of a key `"key"`.
impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", self.id())?;
        if let Some(key) = self.key() {
            map.serialize_entry("key", &key)?;
        }
        map.end()
    }
}

/// A signal that was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tone {
    /// Which.
    #[serde(flatten)]
    pub kind: Kind,
    /// Its first burst began, ms of sound.
    pub from_ms: u64,
    /// Its last burst so far ended.
    pub to_ms: u64,
    /// Its bursts so far.
    pub bursts: u32,
    /// The strongest sine of the last burst, Hz.
    pub hz: f32,
    /// The second sine; 0 for none.
    pub second_hz: f32,
}

/// Names the signals of one line.
#[derive(Debug, Clone)]
pub struct ToneDetector {
    ear: Ear,
    now_ms: u64,
    burst: Option<Growing>,
    cadence: Cadence,
}

/// A burst that still sounds.
#[derive(Debug, Clone, Copy)]
struct Growing {
    from_ms: u64,
    frames: u32,
    loudest_dbov: f32,
    sines: Sines,
}

impl Default for ToneDetector {
    fn default() -> Self {
        Self::new()
    }
}

impl ToneDetector {
    /// A detector that has heard nothing.
    pub fn new() -> Self {
        Self { ear: Ear::new(), now_ms: 0, burst: None, cadence: Cadence::default() }
    }

    /// The next 20 ms. A signal is told when it is recognised and again, with the same beginning and a later end, whenever
    /// it goes on.
    pub fn hear(&mut self, frame: &Frame8k) -> Option<Tone> {
        let sines = self.ear.hear(frame);
        self.now_ms += FRAME_MS;
        match (self.burst, sines) {
            (Some(burst), Some(sines)) if burst.holds(&sines) => {
                let burst = burst.grown(sines);
                self.burst = Some(burst);
                self.cadence.sounding(&burst.until(self.now_ms))
            }
            (before, sines) => {
                self.burst = sines.map(|sines| Growing::new(self.now_ms - FRAME_MS, sines));
                // The window of 40 ms saw the last burst's end 20 ms too late, as it saw its beginning too late.
                let ended = before.filter(|burst| burst.frames >= BURST_FRAMES_MIN);
                match ended {
                    Some(burst) => self.cadence.ended(burst.until(self.now_ms - FRAME_MS)),
                    None if self.burst.is_none() => self.cadence.quiet(self.now_ms, frame.level_dbov()),
                    None => None,
                }
            }
        }
    }
}

impl Growing {
    fn new(from_ms: u64, sines: Sines) -> Self {
        Self { from_ms, frames: 1, loudest_dbov: sines.level_dbov, sines }
    }

    fn holds(&self, sines: &Sines) -> bool {
        self.sines.near(sines, PITCH_TOLERANCE_HZ) && (self.loudest_dbov - sines.level_dbov).abs() <= LEVEL_TOLERANCE_DB
    }

    /// The loudest frame is the fullest, and its sines are the truest.
    fn grown(self, sines: Sines) -> Self {
        let louder = sines.level_dbov > self.loudest_dbov;
        Self {
            from_ms: self.from_ms,
            frames: self.frames + 1,
            loudest_dbov: self.loudest_dbov.max(sines.level_dbov),
            sines: if louder { sines } else { self.sines },
        }
    }

    fn until(&self, to_ms: u64) -> Burst {
        Burst {
            from_ms: self.from_ms,
            to_ms,
            hz: self.sines.hz,
            second_hz: self.sines.second_hz,
            level_dbov: self.loudest_dbov,
        }
    }
}
