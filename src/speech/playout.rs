//! Playout: spoken parts in, one 20 ms frame a tick out. Parts follow each other without a gap; the last frame is filled
//! with silence. Stopping fades over 5 ms, so that no click is heard. No allocation a frame.

use std::collections::VecDeque;

use super::Speech;
use crate::audio::Frame8k;
use crate::base::TurnId;

/// Parts that wait behind each other. Full: the newest is refused, the reply ends early.
pub const PARTS_QUEUED_MAX: usize = 32;

const FADE_SAMPLES: usize = 40; // 5 ms
const SAMPLES_A_MS: usize = Speech::SAMPLE_RATE_HZ as usize / 1000;

/// How much of a reply was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Said {
    /// Milliseconds given out as frames.
    pub said_ms: u64,
    /// Milliseconds of all parts.
    pub total_ms: u64,
}

/// The one reply that plays.
#[derive(Debug, Default)]
pub struct Playout {
    phase: Phase,
}

#[derive(Debug, Default)]
enum Phase {
    #[default]
    Idle,
    Playing(Reply),
    /// Stopped: the fade is the next frame and the last.
    Fading(Frame8k),
}

#[derive(Debug)]
struct Reply {
    turn: TurnId,
    parts: VecDeque<Speech>,
    /// Samples of the first part that are said.
    position: usize,
    said: usize,
    total: usize,
}

impl Playout {
    /// Nothing plays.
    pub fn new() -> Self {
        Self::default()
    }

    /// Plays `parts` in order, from the next frame on. What played before is cut off: [`Playout::stop`] it first.
    pub fn start(&mut self, turn: TurnId, parts: impl IntoIterator<Item = Speech>) {
        let mut reply = Reply { turn, parts: VecDeque::new(), position: 0, said: 0, total: 0 };
        for part in parts {
            reply.push(part);
        }
        self.phase = Phase::Playing(reply);
    }

    /// Adds a part behind those of the same turn; false if that turn no longer plays or too many parts wait.
    pub fn append(&mut self, turn: TurnId, part: Speech) -> bool {
        match &mut self.phase {
            Phase::Playing(reply) if reply.turn == turn => reply.push(part),
            Phase::Playing(_) | Phase::Idle | Phase::Fading(_) => false,
        }
    }

    /// The next 20 ms; None when all has been said.
    pub fn next(&mut self) -> Option<Frame8k> {
        match &mut self.phase {
            Phase::Idle => None,
            Phase::Playing(reply) => reply.frame(),
            Phase::Fading(frame) => {
                let frame = *frame;
                self.phase = Phase::Idle;
                Some(frame)
            }
        }
    }

    /// Ends the reply and says how far it came. One more frame follows: 5 ms of fade, then silence.
    pub fn stop(&mut self) -> Said {
        let Phase::Playing(reply) = &mut self.phase else { return Said::default() };
        let said = reply.progress();
        self.phase = match reply.frame() {
            Some(frame) if said.said_ms > 0 => Phase::Fading(faded(frame)),
            Some(_) | None => Phase::Idle,
        };
        said
    }

    /// How far the reply has come; zeros when none plays.
    pub fn progress(&self) -> Said {
        match &self.phase {
            Phase::Playing(reply) => reply.progress(),
            Phase::Idle | Phase::Fading(_) => Said::default(),
        }
    }

    /// Whether there is more to say.
    pub fn is_playing(&self) -> bool {
        match &self.phase {
            Phase::Playing(reply) => !reply.parts.is_empty(),
            Phase::Idle | Phase::Fading(_) => false,
        }
    }
}

impl Reply {
    fn push(&mut self, part: Speech) -> bool {
        let fits = self.parts.len() < PARTS_QUEUED_MAX;
        if fits && !part.samples().is_empty() {
            self.total += part.samples().len();
            self.parts.push_back(part);
        }
        fits
    }

    fn frame(&mut self) -> Option<Frame8k> {
        let mut frame = Frame8k::SILENCE;
        let mut filled = 0;
        while filled < frame.0.len() {
            let Some(part) = self.parts.front() else { break };
            let left = &part.samples()[self.position..];
            let count = left.len().min(frame.0.len() - filled);
            frame.0[filled..filled + count].copy_from_slice(&left[..count]);
            filled += count;
            self.position += count;
            if self.position == part.samples().len() {
                self.parts.pop_front();
                self.position = 0;
            }
        }
        self.said += filled;
        (filled > 0).then_some(frame)
    }

    fn progress(&self) -> Said {
        Said { said_ms: (self.said / SAMPLES_A_MS) as u64, total_ms: (self.total / SAMPLES_A_MS) as u64 }
    }
}

fn faded(mut frame: Frame8k) -> Frame8k {
    for (n, sample) in frame.0.iter_mut().enumerate() {
        let gain = FADE_SAMPLES.saturating_sub(n) as i32;
        *sample = (i32::from(*sample) * gain / FADE_SAMPLES as i32) as i16;
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(samples: usize, level: i16) -> Speech {
        Speech::new(vec![level; samples])
    }

    #[test]
    fn parts_follow_without_a_gap_and_the_last_frame_is_filled_with_silence() {
        let mut playout = Playout::new();
        playout.start(TurnId(1), [tone(200, 100), tone(80, 200)]);
        assert_eq!(playout.next(), Some(Frame8k::SILENCE).map(|mut f| { f.0.fill(100); f }));
        let second = playout.next().map(|frame| (frame.0[39], frame.0[40], frame.0[119], frame.0[120]));
        assert_eq!(second, Some((100, 200, 200, 0)));
        assert_eq!((playout.next(), playout.is_playing()), (None, false));
        assert_eq!(playout.stop(), Said { said_ms: 35, total_ms: 35 });
    }

    #[test]
    fn a_part_rendered_late_continues_its_own_turn_only() {
        let mut playout = Playout::new();
        playout.start(TurnId(1), [tone(160, 1)]);
        assert!(playout.next().is_some() && playout.next().is_none());
        assert!(playout.append(TurnId(1), tone(160, 2)) && playout.is_playing());
        assert!(!playout.append(TurnId(2), tone(160, 3)));
        assert_eq!(playout.next().map(|frame| frame.0[0]), Some(2));
    }

    #[test]
    fn a_stop_says_how_far_the_reply_came_and_fades_in_5_ms() {
        let mut playout = Playout::new();
        playout.start(TurnId(1), [tone(1600, 4000)]);
        playout.next();
        assert_eq!(playout.stop(), Said { said_ms: 20, total_ms: 200 });
        assert!(!playout.is_playing());
        let fade = playout.next().map(|frame| frame.0).unwrap();
        assert!(fade[..=40].windows(2).all(|pair| pair[0] > pair[1] && pair[0] - pair[1] <= 100));
        assert!(fade[40..].iter().all(|&sample| sample == 0));
        assert_eq!((playout.next(), playout.stop()), (None, Said::default()));
    }

    #[test]
    fn a_reply_stopped_before_its_first_frame_is_never_heard() {
        let mut playout = Playout::new();
        playout.start(TurnId(1), [tone(1600, 4000)]);
        assert_eq!((playout.stop(), playout.next()), (Said { said_ms: 0, total_ms: 200 }, None));
    }

    #[test]
    fn too_many_parts_are_refused() {
        let mut playout = Playout::new();
        playout.start(TurnId(1), (0..PARTS_QUEUED_MAX).map(|_| tone(1, 1)));
        assert!(!playout.append(TurnId(1), tone(1, 1)));
    }
}
