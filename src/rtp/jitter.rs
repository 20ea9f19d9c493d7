//! Jitter buffer: decoded packets in, in any order and of any length; one 20 ms frame out a tick. Positions are RTP
//! timestamps at 8 kHz, so packet times of 10, 30 or 40 ms and gaps in the talk need no special care. Holds at most
//! 200 ms.
//!
//! The delay adapts, so that 19 packets of 20 come before their tick. Where only concealment was played in place of a
//! late packet, the delay grows at once by what the packet lacked, and nothing is lost. Where later sound was played, the
//! packet is lost; once more than one in twenty are, the delay grows at the next gap or quiet frame. When over 2 s all
//! but one in twenty came with more than a frame to spare, quiet frames are left out, one each 200 ms.

use crate::audio::PcmFrame;
use crate::base::Now;

use super::{TICK_SAMPLES, samples_between};

/// 200 ms. Full: the oldest sound is dropped.
const HELD_MAX: i64 = 1_600;
/// Longest packet taken, in samples: 100 ms.
pub(super) const PACKET_SAMPLES_MAX: usize = 800;
/// Room for what is held, by position: longer than [`HELD_MAX`].
const RING: usize = 2_048;
/// Delay at which a stream begins, and its limits, in samples: 40, 20 and 200 ms.
const TARGET_FIRST: i64 = 320;
const TARGET_MIN: i64 = 160;
const TARGET_MAX: i64 = 1_600;
/// A source that jumps by more than a second has begun a new count.
const JUMP_MAX: i64 = 8_000;
/// 60 ms without sound end a talkspurt: then concealment has faded, and the delay can be chosen anew.
const EMPTY_TICKS_MAX: u8 = 3;
/// Below this a frame can be left out or doubled unheard.
const QUIET_DBOV: f32 = -50.0;
/// 10 ms: what must be left of the margin when a frame is left out.
const SPARE_MIN: i64 = 80;
/// Ticks from one frame left out to the next.
const SHRINK_TICKS: u8 = 10;
const TICK: i64 = TICK_SAMPLES as i64;

/// Sound between arrival and playout.
#[derive(Debug, Clone)]
pub struct JitterBuffer {
    samples: [i16; RING],
    heard: [bool; RING],
    phase: Phase,
    /// The last packet's timestamp and its position: timestamps without their wrap.
    reference: Option<(u32, i64)>,
    /// The end of the sound played so far: nothing before it is ever played again.
    played_end: i64,
    /// The end of the newest sound.
    newest_end: i64,
    /// Delay that the next talkspurt begins with.
    target: i64,
    /// Ticks by which the delay has yet to grow.
    owed_ticks: i64,
    spare: Spare,
    ticks_since_shrink: u8,
    ticked_at: Option<Now>,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// Between talkspurts.
    Idle,
    /// `next` is the position of the next frame's first sample.
    Playing { next: i64, empty_ticks: u8 },
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// In time.
    InTime,
    /// After its tick; what could still be played is held.
    Late,
}

/// One tick's sound as it was received.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The samples; zero where nothing was heard.
    pub samples: [i16; TICK_SAMPLES],
    /// Which samples were received.
    pub heard: [bool; TICK_SAMPLES],
}

impl Taken {
    const NOTHING: Self = Self { samples: [0; TICK_SAMPLES], heard: [false; TICK_SAMPLES] };
}

impl Default for JitterBuffer {
    fn default() -> Self {
        Self::new()
    }
}

impl JitterBuffer {
    /// An empty buffer.
    pub fn new() -> Self {
        Self {
            samples: [0; RING],
            heard: [false; RING],
            phase: Phase::Idle,
            reference: None,
            played_end: i64::MIN / 2,
            newest_end: i64::MIN / 2,
            target: TARGET_FIRST,
            owed_ticks: 0,
            spare: Spare::default(),
            ticks_since_shrink: 0,
            ticked_at: None,
        }
    }

    /// Forgets what is held and begins anew, with the delay learnt so far: another source speaks.
    pub fn restart(&mut self) {
        *self = Self { target: self.target, ticked_at: self.ticked_at, ..Self::new() };
    }

    /// Sound held, in samples: from the next frame to the newest sample.
    pub fn held_samples(&self) -> usize {
        match self.phase {
            Phase::Idle => 0,
            Phase::Playing { next, .. } => usize::try_from(self.newest_end - next).unwrap_or(0),
        }
    }

    /// Takes the sound of a packet that is not a duplicate; what exceeds 100 ms is cut.
    pub fn insert(&mut self, now: Now, timestamp: u32, samples: &[i16]) -> Inserted {
        let samples = &samples[..samples.len().min(PACKET_SAMPLES_MAX)];
        let position = self.position(timestamp);
        let end = position + samples.len() as i64;
        let (next, inserted) = match self.phase {
            Phase::Idle => {
                if end <= self.played_end {
                    return Inserted::Late;
                }
                self.adjust_target();
                let ticks = (self.target - self.until_tick(now) + TICK / 2).max(0) / TICK;
                (position - ticks * TICK, Inserted::InTime)
            }
            Phase::Playing { next, .. } => {
                let until_played = self.until_tick(now) + (position - next).div_euclid(TICK) * TICK;
                if position >= next {
                    self.spare.note(until_played);
                    (next, Inserted::InTime)
                } else {
                    if end <= self.played_end {
                        self.spare.note(until_played);
                        let lacked_ticks = (TICK - 1 - self.spare.of_most()) / TICK;
                        self.owed_ticks = lacked_ticks.clamp(0, TARGET_MAX / TICK);
                        return Inserted::Late;
                    }
                    // Only concealment was played since: go back, nothing is lost.
                    let back_to = position.max(self.played_end);
                    self.target = (self.target + next - back_to).min(TARGET_MAX);
                    self.spare = Spare::default();
                    (back_to, Inserted::Late)
                }
            }
        };
        self.newest_end = self.newest_end.max(end);
        let mut next_kept = next;
        while self.newest_end - next_kept > HELD_MAX {
            next_kept += TICK;
        }
        self.forget(next, next_kept.min(next + RING as i64));
        self.phase = Phase::Playing { next: next_kept, empty_ticks: 0 };
        let from = position.max(next_kept).max(self.played_end);
        for (at, &sample) in (position..end).zip(samples).filter(|(at, _)| *at >= from) {
            (self.samples[slot(at)], self.heard[slot(at)]) = (sample, true);
        }
        inserted
    }

    /// The next 20 ms. To be called once a tick.
    pub fn take(&mut self, now: Now) -> Taken {
        self.ticked_at = Some(now);
        self.ticks_since_shrink = self.ticks_since_shrink.saturating_add(1);
        let Phase::Playing { mut next, mut empty_ticks } = self.phase else { return Taken::NOTHING };
        let mut taken = self.peek(next);
        let gap = !taken.heard.contains(&true);
        let whole = !taken.heard.contains(&false);
        let quiet = whole && PcmFrame(taken.samples).level_dbov() < QUIET_DBOV;
        let more_held = self.newest_end - next;
        if self.owed_ticks > 0 && (quiet || gap && more_held > 0) && more_held + TICK <= HELD_MAX {
            self.owed_ticks -= 1;
            self.target = (self.target + TICK).min(TARGET_MAX);
            self.spare.shift(TICK);
            return Taken::NOTHING;
        }
        if quiet && self.ticks_since_shrink >= SHRINK_TICKS && self.spare.lasting() >= TICK + SPARE_MIN {
            self.ticks_since_shrink = 0;
            self.spare.shift(-TICK);
            self.target = (self.target - TICK).max(TARGET_MIN);
            self.forget(next, next + TICK);
            next += TICK;
            taken = self.peek(next);
        }
        self.forget(next, next + TICK);
        if let Some(last) = taken.heard.iter().rposition(|heard| *heard) {
            self.played_end = next + last as i64 + 1;
        }
        next += TICK;
        empty_ticks = if self.newest_end < next && gap { empty_ticks + 1 } else { 0 };
        self.phase = if empty_ticks < EMPTY_TICKS_MAX { Phase::Playing { next, empty_ticks } } else { Phase::Idle };
        taken
    }

    /// Between talkspurts the delay is free: it grows by what is owed, or, since a source that sends nothing in silence
    /// has no quiet frames to leave out, shrinks by what nobody needed.
    fn adjust_target(&mut self) {
        let unneeded_ticks = ((self.spare.lasting() - SPARE_MIN) / TICK).max(0);
        let ticks = if self.owed_ticks > 0 { self.owed_ticks } else { -unneeded_ticks };
        self.target = (self.target + ticks * TICK).clamp(TARGET_MIN, TARGET_MAX);
        self.owed_ticks = 0;
        if ticks != 0 {
            self.spare = Spare::default();
        }
    }

    /// A timestamp without its wrap. A jump of more than a second, but for the one that silence makes, is a new count.
    fn position(&mut self, timestamp: u32) -> i64 {
        let position = match self.reference {
            None => 0,
            Some((last, position)) => position + i64::from(timestamp.wrapping_sub(last) as i32),
        };
        let jumped = match self.phase {
            Phase::Idle => self.played_end - position > JUMP_MAX,
            Phase::Playing { next, .. } => (position - next).abs() > JUMP_MAX,
        };
        if jumped {
            self.restart();
        }
        let position = if jumped { 0 } else { position };
        self.reference = Some((timestamp, position));
        position
    }

    /// Samples until the next tick is due.
    fn until_tick(&self, now: Now) -> i64 {
        self.ticked_at.map_or(0, |at| TICK - samples_between(at.instant, now.instant).clamp(0, TICK))
    }

    fn peek(&self, from: i64) -> Taken {
        let mut taken = Taken::NOTHING;
        for n in 0..TICK_SAMPLES {
            let slot = slot(from + n as i64);
            taken.heard[n] = self.heard[slot];
            taken.samples[n] = if self.heard[slot] { self.samples[slot] } else { 0 };
        }
        taken
    }

    fn forget(&mut self, from: i64, to: i64) {
        for at in from..to {
            self.heard[slot(at)] = false;
        }
    }
}

fn slot(position: i64) -> usize {
    position.rem_euclid(RING as i64) as usize
}

/// The time, in samples, that the last 100 packets had to spare before their tick; negative: they came after it.
#[derive(Debug, Clone)]
struct Spare {
    noted: [i16; Self::PACKETS],
    count: usize,
}

impl Default for Spare {
    fn default() -> Self {
        Self { noted: [0; Self::PACKETS], count: 0 }
    }
}

impl Spare {
    /// 2 s of packets of 20 ms.
    const PACKETS: usize = 100;
    /// One packet of so many may come too late.
    const LATE_ONE_OF: usize = 20;

    fn note(&mut self, spare: i64) {
        self.noted[self.count % Self::PACKETS] = spare.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
        self.count += 1;
    }

    /// What all but one in twenty had; all, while they are few.
    fn of_most(&self) -> i64 {
        let mut sorted = self.noted;
        let sorted = &mut sorted[..self.count.min(Self::PACKETS)];
        sorted.sort_unstable();
        sorted.get(sorted.len() / Self::LATE_ONE_OF).map_or(0, |spare| i64::from(*spare))
    }

    /// The same over the whole of the time; 0 until so much has passed.
    fn lasting(&self) -> i64 {
        if self.count < Self::PACKETS { 0 } else { self.of_most() }
    }

    fn shift(&mut self, by: i64) {
        for spare in &mut self.noted {
            *spare = spare.saturating_add(by as i16);
        }
    }
}
