//! Playout: one sentence in, one 20 ms frame a tick out; the last frame is filled with silence. Stopping fades over 5 ms,
//! so that no click is heard. No allocation a frame.

use super::Speech;
use crate::audio::Frame8k;

const FADE_SAMPLES: usize = 40; // 5 ms
const SAMPLES_A_MS: usize = Speech::SAMPLE_RATE_HZ as usize / 1000;

/// How much of a sentence was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Said {
    /// Milliseconds given out as frames.
    pub said_ms: u64,
    /// Milliseconds of the whole sentence.
    pub total_ms: u64,
}

/// The one sentence that plays.
#[derive(Debug, Default)]
pub struct Playout {
    phase: Phase,
}

#[derive(Debug, Default)]
enum Phase {
    #[default]
    Idle,
    Playing {
        speech: Speech,
        /// Samples given out.
        position: usize,
    },
    /// Stopped: the fade is the next frame and the last.
    Fading([i16; FADE_SAMPLES]),
}

impl Playout {
    /// Plays `speech` from the next frame on. What plays now is cut off: [`Playout::stop`] it first.
    pub fn start(&mut self, speech: Speech) {
        self.phase = Phase::Playing { speech, position: 0 };
    }

    /// The next 20 ms; None when all has been said.
    #[allow(clippy::should_implement_trait)] // no iterator: a sentence may follow after None
    pub fn next(&mut self) -> Option<Frame8k> {
        let frame = match &mut self.phase {
            Phase::Idle => None,
            Phase::Playing { speech, position } => {
                let frame = frame(speech, *position);
                *position += frame.map_or(0, |frame| frame.0.len());
                frame
            }
            Phase::Fading(fade) => {
                let mut frame = Frame8k::SILENCE;
                frame.0[..FADE_SAMPLES].copy_from_slice(fade);
                self.phase = Phase::Idle;
                Some(frame)
            }
        };
        if frame.is_none() {
            self.phase = Phase::Idle;
        }
        frame
    }

    /// Ends the sentence and says how far it came. If it was heard, one more frame follows: 5 ms of fade, then silence.
    pub fn stop(&mut self) -> Said {
        let Phase::Playing { speech, position } = &self.phase else { return Said::default() };
        let total = speech.samples().len();
        let said =
            Said { said_ms: (total.min(*position) / SAMPLES_A_MS) as u64, total_ms: (total / SAMPLES_A_MS) as u64 };
        let fade = frame(speech, *position).filter(|_| *position > 0).map(faded);
        self.phase = fade.map_or(Phase::Idle, Phase::Fading);
        said
    }
}

/// 20 ms of `speech` from `position` on, filled with silence; None behind its end.
fn frame(speech: &Speech, position: usize) -> Option<Frame8k> {
    let left = speech.samples().get(position..).filter(|left| !left.is_empty())?;
    let mut frame = Frame8k::SILENCE;
    for (to, from) in frame.0.iter_mut().zip(left) {
        *to = *from;
    }
    Some(frame)
}

/// The beginning of `frame`, from its full level down to nothing.
fn faded(frame: Frame8k) -> [i16; FADE_SAMPLES] {
    std::array::from_fn(|n| (i32::from(frame.0[n]) * (FADE_SAMPLES - n) as i32 / FADE_SAMPLES as i32) as i16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn playing(samples: usize) -> Playout {
        let mut playout = Playout::default();
        playout.start(Speech::new(vec![4000; samples]));
        playout
    }

    #[test]
    fn a_sentence_is_cut_into_frames_and_the_last_is_filled_with_silence() {
        let mut playout = playing(200);
        assert_eq!(playout.next().map(|frame| frame.0), Some([4000; 160]));
        assert_eq!(playout.next().map(|frame| (frame.0[39], frame.0[40], frame.0[159])), Some((4000, 0, 0)));
        assert_eq!((playout.next(), playout.stop()), (None, Said::default()));
    }

    #[test]
    fn a_stop_says_how_far_the_sentence_came_and_fades_in_5_ms() {
        let mut playout = playing(1600);
        playout.next();
        assert_eq!(playout.stop(), Said { said_ms: 20, total_ms: 200 });
        let fade = playout.next().map(|frame| frame.0).unwrap();
        assert!(fade[..=40].windows(2).all(|pair| pair[0] > pair[1] && pair[0] - pair[1] <= 100));
        assert!(fade[40..].iter().all(|&sample| sample == 0));
        assert_eq!((playout.next(), playout.stop()), (None, Said::default()));
    }

    #[test]
    fn a_stop_in_the_last_frame_counts_the_sentence_as_said() {
        let mut playout = playing(200);
        playout.next();
        playout.next();
        assert_eq!((playout.stop(), playout.next()), (Said { said_ms: 25, total_ms: 25 }, None));
    }

    #[test]
    fn a_sentence_stopped_before_its_first_frame_is_never_heard() {
        let mut playout = playing(1600);
        assert_eq!((playout.stop(), playout.next()), (Said { said_ms: 0, total_ms: 200 }, None));
    }
}
