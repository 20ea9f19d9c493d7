//! Where the caller's turns begin, pause and end.
//!
//! ```text
//!            speech_ms_started in a window               pause_ms of silence
//!   Quiet ------------------------------------> Speaking -------------------> Paused
//!     ^                                          ^   |                        |    |
//!     |   too short to be a turn: Dismissed      |   |                        |    |
//!     +------------------------------------------|---+     RESUME_FRAMES      |    |
//!     |                                          +----------------------------+    |
//!     +-------------------- end_ms_* of silence, or turn_ms_max -------------------+
//! ```

use super::SpeechDetector;
use super::level::NoiseFloor;
use super::prosody::{Pitch, Prosody, Sounded, brightness_db};
use super::turn_over::TurnOver;
use crate::audio::{Frame8k, Upsampler, Utterance16k};

const FRAME_MS: u32 = 20;
/// Samples of a frame at 16 kHz.
const FRAME_SAMPLES: usize = 320;
/// Frames looked at for evidence that speech began: 160 ms.
const ONSET_FRAMES: u32 = 8;
/// Of the last five frames, this many with voice resume a paused turn: one click does not.
const RESUME_FRAMES: u32 = 3;
const RESUME_WINDOW: u32 = 5;
/// Unvoiced gaps up to this belong to the speech around them.
const GAP_FRAMES_MAX: u32 = 4;
/// What the recogniser gets before the first voiced frame.
const LEAD_IN_FRAMES: u32 = 10;
/// What the recogniser gets after the last voiced frame, at most: 120 ms.
const TAIL_FRAMES: u32 = 6;

/// How turns are told apart.
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TurnConfig {
    /// Speech within 160 ms that begins a turn.
    pub started_ms: u32,
    /// Silence after which the utterance so far is worth recognising.
    pub pause_ms: u32,
    /// Silence that ends a turn that is surely over, by its words and its sound.
    pub end_ms_complete: u32,
    /// Silence that ends a turn whose words are not known, or of which it is not sure whether it is over.
    pub end_ms_unknown: u32,
    /// Silence that ends a turn that surely goes on.
    pub end_ms_incomplete: u32,
    /// Shorter speech is a click or a cough, and no turn.
    pub speech_ms_min: u32,
    /// A turn ends here even if the caller goes on.
    pub turn_ms_max: u32,
    /// Detector score at which voice begins.
    pub threshold_on: f32,
    /// Detector score below which voice ends.
    pub threshold_off: f32,
    /// How far voice must stand above the line's noise floor, dB.
    pub above_floor_db: f32,
}

impl Default for TurnConfig {
    fn default() -> Self {
        Self {
            started_ms: 100,
            pause_ms: 80,
            end_ms_complete: 300,
            end_ms_unknown: 560,
            end_ms_incomplete: 1_000,
            speech_ms_min: 120,
            turn_ms_max: 25_000,
            threshold_on: 0.58,
            threshold_off: 0.4,
            above_floor_db: 7.0,
        }
    }
}

/// What the newest frame changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Somebody speaks: evidence for a barge-in.
    Started {
        /// Voice so far.
        voiced_ms: u32,
    },
    /// The caller paused: recognise [`TurnDetector::utterance`] speculatively.
    Paused,
    /// The caller went on after [`Heard::Paused`]: what was recognised is not all.
    Resumed,
    /// The turn is over.
    Ended {
        /// Silence since the last voice.
        silence_ms: u32,
        /// Speech in the turn, without its pauses.
        speech_ms: u32,
    },
    /// What [`Heard::Started`] told of was a click or a cough: no turn.
    Dismissed {
        /// How long it lasted.
        speech_ms: u32,
    },
}

/// Finds the turns of one caller.
pub struct TurnDetector {
    config: TurnConfig,
    detector: Box<dyn SpeechDetector>,
    upsampler: Upsampler,
    floor: NoiseFloor,
    voice: Voice,
    pitch: Pitch,
    /// Bit n: the frame n before the newest has voice.
    recent: u32,
    /// 16 kHz: the turn so far; between turns, what may become its lead-in.
    audio: Vec<i16>,
    /// The frames of `audio`.
    sounded: Vec<Sounded>,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Voice {
    On,
    Off,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    Quiet,
    Speaking(Turn),
    /// With what is known of its end.
    Paused(Turn, Option<TurnOver>),
    /// Quiet, but the utterance is still there.
    Ended(Turn),
}

#[derive(Debug, Clone, Copy)]
struct Turn {
    speech_frames: u32,
    silence_frames: u32,
}

impl TurnDetector {
    /// A detector that has heard nothing.
    pub fn new(config: TurnConfig, detector: Box<dyn SpeechDetector>) -> Self {
        Self {
            config,
            detector,
            upsampler: Upsampler::new(),
            floor: NoiseFloor::new(),
            voice: Voice::Off,
            pitch: Pitch::new(),
            recent: 0,
            audio: Vec::new(),
            sounded: Vec::new(),
            phase: Phase::Quiet,
        }
    }

    /// What was said in this turn so far, or in the turn that just ended (until the next frame is heard), with 200 ms
    /// before and at most 120 ms after it. Empty between turns.
    pub fn utterance(&self) -> Utterance16k {
        let silence_frames = match self.phase {
            Phase::Quiet => return Utterance16k::new([]),
            Phase::Speaking(turn) | Phase::Paused(turn, _) | Phase::Ended(turn) => turn.silence_frames,
        };
        let cut = silence_frames.saturating_sub(TAIL_FRAMES) as usize * FRAME_SAMPLES;
        Utterance16k::new(&self.audio[..self.audio.len().saturating_sub(cut)])
    }

    /// How the utterance of [`TurnDetector::utterance`] sounds.
    pub fn prosody(&self) -> Prosody {
        match self.phase {
            Phase::Quiet => Prosody::default(),
            Phase::Speaking(_) | Phase::Paused(..) | Phase::Ended(_) => Prosody::of(&self.sounded),
        }
    }

    /// How likely the turn is over, by words and sound of the utterance at [`Heard::Paused`]: the silence awaited is
    /// shortened or lengthened. Too late, after the caller went on, it changes nothing.
    pub fn expect(&mut self, over: TurnOver) {
        match &mut self.phase {
            Phase::Paused(_, known) => *known = Some(over),
            Phase::Quiet | Phase::Speaking(_) | Phase::Ended(_) => {}
        }
    }

    /// The next 20 ms.
    pub fn hear(&mut self, frame: &Frame8k) -> Option<Heard> {
        self.judge(frame);
        let (phase, heard) = match self.phase {
            Phase::Quiet | Phase::Ended(_) => self.await_speech(),
            Phase::Speaking(turn) => self.follow_speech(turn),
            Phase::Paused(turn, over) => self.await_end(turn, over),
        };
        self.phase = phase;
        heard
    }

    /// Whether the frame has voice, into `recent`; its sound, into `audio`.
    fn judge(&mut self, frame: &Frame8k) {
        let wide = self.upsampler.upsample(frame);
        let score = self.detector.speech(&wide);
        let level_dbov = frame.level_dbov();
        let loud = level_dbov >= self.floor.hear(level_dbov) + self.config.above_floor_db;
        let threshold = match self.voice {
            Voice::On => self.config.threshold_off,
            Voice::Off => self.config.threshold_on,
        };
        self.voice = if loud && score >= threshold { Voice::On } else { Voice::Off };
        let voice = self.voice == Voice::On;
        self.recent = self.recent << 1 | u32::from(voice);
        self.audio.extend_from_slice(&wide.0);
        self.pitch.hear(frame);
        let pitch_st = if voice { self.pitch.semitones() } else { None };
        self.sounded.push(Sounded { level_dbov, pitch_st, bright_db: brightness_db(frame), voice });
    }

    fn await_speech(&mut self) -> (Phase, Option<Heard>) {
        let onset = self.recent & ((1 << ONSET_FRAMES) - 1);
        let speech_frames = onset.count_ones();
        if speech_frames * FRAME_MS < self.config.started_ms {
            self.keep_newest(LEAD_IN_FRAMES + ONSET_FRAMES);
            return (Phase::Quiet, None);
        }
        let frames_since_onset = u32::BITS - onset.leading_zeros();
        self.keep_newest(LEAD_IN_FRAMES + frames_since_onset);
        let turn = Turn { speech_frames, silence_frames: onset.trailing_zeros() };
        (Phase::Speaking(turn), Some(Heard::Started { voiced_ms: speech_frames * FRAME_MS }))
    }

    fn follow_speech(&mut self, mut turn: Turn) -> (Phase, Option<Heard>) {
        if self.voice == Voice::On {
            turn.resume();
        } else {
            turn.silence_frames += 1;
        }
        let (silence_ms, speech_ms) = (turn.silence_ms(), turn.speech_ms());
        if self.is_too_long() {
            return self.end(turn);
        }
        if speech_ms < self.config.speech_ms_min {
            if silence_ms < self.config.end_ms_complete {
                return (Phase::Speaking(turn), None);
            }
            return (Phase::Quiet, Some(Heard::Dismissed { speech_ms }));
        }
        if silence_ms < self.config.pause_ms {
            return (Phase::Speaking(turn), None);
        }
        (Phase::Paused(turn, None), Some(Heard::Paused))
    }

    fn await_end(&mut self, mut turn: Turn, over: Option<TurnOver>) -> (Phase, Option<Heard>) {
        let resumed = (self.recent & ((1 << RESUME_WINDOW) - 1)).count_ones() >= RESUME_FRAMES;
        if resumed {
            turn.resume();
            return (Phase::Speaking(turn), Some(Heard::Resumed));
        }
        turn.silence_frames += 1;
        let end_ms = over.map_or(self.config.end_ms_unknown, |over| over.silence_ms(&self.config));
        // Not while the newest frame has voice: the caller may be going on this very moment.
        if (turn.silence_ms() >= end_ms && self.voice == Voice::Off) || self.is_too_long() {
            return self.end(turn);
        }
        (Phase::Paused(turn, over), None)
    }

    fn is_too_long(&self) -> bool {
        let frames = self.audio.len() / FRAME_SAMPLES;
        frames as u32 * FRAME_MS >= self.config.turn_ms_max
    }

    /// The voice that ended this turn is no evidence for the next.
    fn end(&mut self, turn: Turn) -> (Phase, Option<Heard>) {
        self.recent = 0;
        (Phase::Ended(turn), Some(Heard::Ended { silence_ms: turn.silence_ms(), speech_ms: turn.speech_ms() }))
    }

    fn keep_newest(&mut self, frames: u32) {
        let excess = self.sounded.len().saturating_sub(frames as usize);
        self.sounded.drain(..excess);
        self.audio.drain(..excess * FRAME_SAMPLES);
    }
}

impl Turn {
    fn resume(&mut self) {
        let bridged = if self.silence_frames <= GAP_FRAMES_MAX { self.silence_frames } else { 0 };
        self.speech_frames += 1 + bridged;
        self.silence_frames = 0;
    }

    fn silence_ms(self) -> u32 {
        self.silence_frames * FRAME_MS
    }

    fn speech_ms(self) -> u32 {
        self.speech_frames * FRAME_MS
    }
}
