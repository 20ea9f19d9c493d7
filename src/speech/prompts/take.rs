//! A take: one recording of a prompt, measured, refused for what cannot be mended, and mended where it can: mono, 8 kHz,
//! without rumble, trimmed, at the loudness of everything that the agent says.

use super::super::Speech;
use super::super::finish::fade;
use super::super::loudness::{BLOCK_SAMPLES, LEVEL_DBOV, active_level_dbov, bring_to, floor_dbov, true_peak};
use super::{Edge, Entry, Recorded};
use crate::audio::{Wav, level_dbov, resample_all};

const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=48_000;
/// So many samples in a row at full scale are a crest that was cut off; so many crests are forgiven.
const CLIPPED_SAMPLES: usize = 3;
const CLIPPED_CRESTS_MAX: usize = 2;
const FULL_SCALE: u16 = 32_700;
/// Speech quieter than this would bring its noise along when it is raised.
const LEVEL_DBOV_MIN: f32 = -45.0;
/// How far speech stands above its room, at least.
const ROOM_DB_MIN: f32 = 18.0;
/// A pause inside a prompt, at most.
const PAUSE_MS_MAX: u64 = 1_500;
/// Between these shares of the expected time a take may be what is written; short ones have some leeway more.
const SHARES: (f32, f32) = (0.45, 2.0);
const LEEWAY_S: f32 = 0.6;
/// Kept beside the speech: breath before it, the fading of the voice after it, little where a slot follows.
const LEAD_MS: usize = 30;
const TAIL_MS: usize = 60;
const SLOT_MS: usize = 15;
/// Rumble of rooms and wires below this is taken off: a telephone begins at 300 Hz.
const RUMBLE_HZ: f32 = 60.0;

const SAMPLES_A_MS: usize = Speech::SAMPLE_RATE_HZ as usize / 1000;

/// What was measured of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    /// Samples per second of the file.
    pub rate_hz: u32,
    /// Length of the speech, trimmed.
    pub seconds: f32,
    /// Loudness of the speech.
    pub level_dbov: f32,
    /// The room beneath it.
    pub room_dbov: f32,
    /// By how much it was made louder.
    pub gain_db: f32,
}

/// A recording that can be used.
#[derive(Debug, Clone)]
pub struct Take {
    /// Ready for calls.
    pub recorded: Recorded,
    /// What it was like.
    pub figures: Figures,
}

/// Why a recording cannot be used, and the way out.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Fault {
    /// Sampled too slowly or too fast.
    #[error("采样率 sample rate {rate_hz} Hz: record at 8000 to 48000 Hz")]
    Rate {
        /// Samples per second.
        rate_hz: u32,
    },
    /// Nobody speaks.
    #[error("没有人声 no speech in {seconds:.1} s (peak block {level_dbov:.0} dBov): record it again")]
    Silent {
        /// Length of the file.
        seconds: f32,
        /// Its loudest 20 ms.
        level_dbov: f32,
    },
    /// Crests cut off.
    #[error("削波 clipped at {crests} places: lower the gain so that peaks stay below -3 dBFS, and record it again")]
    Clipped {
        /// Crests that were cut.
        crests: usize,
    },
    /// Hardly heard.
    #[error("太轻 too quiet: {level_dbov:.1} dBov, at least {LEVEL_DBOV_MIN:.0}: raise the gain or speak nearer")]
    Quiet {
        /// Loudness of the speech.
        level_dbov: f32,
    },
    /// The room is heard.
    #[error(
        "噪声大 noisy: room {room_dbov:.1} dBov, {above_db:.1} dB below the voice, at least {ROOM_DB_MIN:.0}: find a quieter room, and leave half a second of it around the words"
    )]
    Noisy {
        /// Level of the room.
        room_dbov: f32,
        /// How far the speech stands above it.
        above_db: f32,
    },
    /// A long hole.
    #[error(
        "中间停顿 {pause_ms} ms of silence inside, at {at_s:.1} s; at most {PAUSE_MS_MAX}: cut it out or record it again"
    )]
    DeadAir {
        /// Length of the longest pause.
        pause_ms: u64,
        /// Where it begins in the file.
        at_s: f32,
    },
    /// Not the text, as it seems.
    #[error(
        "时长不符 {seconds:.1} s of speech, expected {least_s:.1} to {most_s:.1}: is it the right text? read the line of the sheet"
    )]
    Length {
        /// Length of the speech.
        seconds: f32,
        /// Expected at least.
        least_s: f32,
        /// Expected at most.
        most_s: f32,
    },
}

impl Take {
    /// Checks and converts the recording of a prompt.
    pub fn of(wav: &Wav, entry: &Entry) -> Result<Self, Fault> {
        let rate_hz = wav.sample_rate_hz;
        if !RATES_HZ.contains(&rate_hz) {
            return Err(Fault::Rate { rate_hz });
        }
        let crests = clipped(&wav.left) + wav.right.as_deref().map_or(0, clipped);
        if crests > CLIPPED_CRESTS_MAX {
            return Err(Fault::Clipped { crests });
        }
        let samples = without_rumble(&resample_all(&mono(wav), rate_hz, Speech::SAMPLE_RATE_HZ));
        let loudest = samples.chunks(BLOCK_SAMPLES).map(level_dbov).fold(-127.0, f32::max);
        let silent = || Fault::Silent { seconds: seconds(&samples), level_dbov: loudest };
        let level_dbov = active_level_dbov(&samples).ok_or_else(silent)?;
        if level_dbov < LEVEL_DBOV_MIN {
            return Err(Fault::Quiet { level_dbov });
        }
        let room_dbov = floor_dbov(&samples);
        if level_dbov - room_dbov < ROOM_DB_MIN {
            return Err(Fault::Noisy { room_dbov, above_db: level_dbov - room_dbov });
        }
        let blocks = speech_blocks(&samples, level_dbov, room_dbov);
        let (first, last) = blocks.first().zip(blocks.last()).ok_or_else(silent)?;
        no_dead_air(&blocks)?;
        let (start, end) = (first * BLOCK_SAMPLES, ((last + 1) * BLOCK_SAMPLES).min(samples.len()));
        let spoken_s = seconds(&samples[start..end]);
        let (least_s, most_s) = (entry.seconds * SHARES.0 - LEEWAY_S, entry.seconds * SHARES.1 + LEEWAY_S);
        if !(least_s..=most_s).contains(&spoken_s) {
            return Err(Fault::Length { seconds: spoken_s, least_s: least_s.max(0.0), most_s });
        }
        let lead = margin(entry.prompt.before, LEAD_MS);
        let tail = margin(entry.prompt.after, TAIL_MS);
        let mut kept = samples[start.saturating_sub(lead)..(end + tail).min(samples.len())].to_vec();
        let peak = true_peak(&kept);
        let gain_db = bring_to(LEVEL_DBOV, &mut kept, peak);
        fade(&mut kept);
        let recorded = Recorded { speech: Speech::new(kept), room_dbov: room_dbov + gain_db };
        Ok(Self { recorded, figures: Figures { rate_hz, seconds: spoken_s, level_dbov, room_dbov, gain_db } })
    }
}

const fn margin(edge: Edge, sentence_ms: usize) -> usize {
    match edge {
        Edge::Sentence => sentence_ms * SAMPLES_A_MS,
        Edge::Slot => SLOT_MS * SAMPLES_A_MS,
    }
}

fn seconds(samples: &[i16]) -> f32 {
    samples.len() as f32 / Speech::SAMPLE_RATE_HZ as f32
}

/// Both channels in one; a channel that is silent beside the other is left out.
fn mono(wav: &Wav) -> Vec<i16> {
    const SILENT_BESIDE_DB: f32 = 20.0;
    let Some(right) = &wav.right else { return wav.left.clone() };
    match level_dbov(&wav.left) - level_dbov(right) {
        louder if louder > SILENT_BESIDE_DB => wav.left.clone(),
        louder if louder < -SILENT_BESIDE_DB => right.clone(),
        _ => wav.left.iter().zip(right).map(|(&l, &r)| ((i32::from(l) + i32::from(r)) / 2) as i16).collect(),
    }
}

/// Crests cut off: runs of samples at full scale.
fn clipped(samples: &[i16]) -> usize {
    samples.chunk_by(|a, b| is_full(*a) && is_full(*b)).filter(|run| run.len() >= CLIPPED_SAMPLES).count()
}

fn is_full(sample: i16) -> bool {
    sample.unsigned_abs() >= FULL_SCALE
}

/// A high pass of one pole: takes off rumble and the constant part, at which edges would click.
fn without_rumble(samples: &[i16]) -> Vec<i16> {
    let pole = 1.0 - std::f32::consts::TAU * RUMBLE_HZ / Speech::SAMPLE_RATE_HZ as f32;
    let (mut before, mut passed) = (samples.first().map_or(0.0, |&first| f32::from(first)), 0.0);
    let pass = |&sample: &i16| {
        let sample = f32::from(sample);
        passed = sample - before + pole * passed;
        before = sample;
        passed.round() as i16 // `as` saturates
    };
    samples.iter().map(pass).collect()
}

/// The blocks in which somebody speaks, faintly as it may be: between the room and the voice.
fn speech_blocks(samples: &[i16], level_dbov: f32, room_dbov: f32) -> Vec<usize> {
    let threshold = (room_dbov + 8.0).max(level_dbov - 32.0).min(level_dbov - 12.0);
    let blocks = samples.chunks(BLOCK_SAMPLES).enumerate();
    blocks.filter(|(_, block)| crate::audio::level_dbov(block) > threshold).map(|(n, _)| n).collect()
}

fn no_dead_air(blocks: &[usize]) -> Result<(), Fault> {
    let longest = blocks.windows(2).max_by_key(|pair| pair[1] - pair[0]);
    let Some((pair, pause_ms)) = longest.map(|pair| (pair, (pair[1] - pair[0] - 1) as u64 * 20)) else { return Ok(()) };
    if pause_ms <= PAUSE_MS_MAX {
        return Ok(());
    }
    Err(Fault::DeadAir { pause_ms, at_s: (pair[0] + 1) as f32 * 0.02 })
}
