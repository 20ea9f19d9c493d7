//! A reply being said: its sentences, one after the other, each rendered by a worker or from the cache.

use crate::audio::Frame8k;
use crate::base::{Instant, Now, Redacted, TurnId};
use crate::compliance::{self, Violation};
use crate::conversation::{BargeIn, Do, Reply, Sentence};
use crate::speech::Speech;

use super::event::{Event, Party, Standing};
use super::io::Output;
use super::machine::{Call, GOODBYE_FRAMES, Phase, SENTENCE_GAP_FRAMES, Speaking};
use super::turn::{Caller, Decode, Response};

/// A sentence that was interrupted so often counts as said: on a noisy line the call would not come to its end.
const REWINDS_MAX: u8 = 3;

/// Names one reply of a call, so that sound rendered for a dropped reply is dropped too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ReplyId(pub u32);

/// Sound of one sentence.
#[derive(Debug, Clone)]
pub(super) enum Rendered {
    /// With the workers.
    Awaited,
    /// Ready.
    Sound(Speech),
    /// Could not be spoken: skipped.
    Failed,
}

/// A reply and how far it has been said.
#[derive(Debug, Clone)]
pub(super) struct Saying {
    pub id: ReplyId,
    pub turn: TurnId,
    pub state: String,
    pub sentences: Vec<Sentence>,
    pub rendered: Vec<Rendered>,
    /// Sentences begun; the last of them is being said, or was said last.
    pub begun: usize,
    /// How often a sentence was begun anew.
    pub rewound: u8,
    /// Done once all is said.
    pub after: Vec<Do>,
    /// How its sentences offend; told when they are about to be said.
    pub offences: Vec<(Violation, Standing)>,
}

impl Saying {
    pub fn new(id: ReplyId, turn: TurnId, reply: Reply) -> Self {
        let found = reply.say.iter().map(|sentence| compliance::violations(&sentence.text)).collect::<Vec<_>>();
        let rendered =
            found.iter().map(|found| if found.is_empty() { Rendered::Awaited } else { Rendered::Failed }).collect();
        let offences = found.iter().flatten().map(|phrase| (phrase.class, Standing::Withheld)).collect();
        Self {
            id,
            turn,
            state: reply.state,
            sentences: reply.say,
            rendered,
            begun: 0,
            rewound: 0,
            after: reply.actions,
            offences,
        }
    }

    /// The whole text, sentences joined.
    pub fn text(&self) -> String {
        self.sentences.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Whether the caller's words may stop the sentence being said.
    pub fn barge_in(&self) -> BargeIn {
        self.sentences.get(self.begun.saturating_sub(1)).map_or(BargeIn::Allowed, |s| s.barge_in)
    }

    /// The sentence being said is to be said again.
    pub fn rewind(&mut self) {
        if self.rewound < REWINDS_MAX {
            self.rewound += 1;
            self.begun = self.begun.saturating_sub(1);
        }
    }

    /// Whether the sentence to be said next may not be left out: a notice is said whole, whoever speaks.
    fn next_binds(&self) -> bool {
        self.sentences.get(self.begun).is_some_and(|next| next.barge_in == BargeIn::Uninterruptible)
    }

    /// Whether no sentence before the one just begun could be spoken.
    fn is_first_sound(&self) -> bool {
        self.rendered.iter().take(self.begun.saturating_sub(1)).all(|before| matches!(before, Rendered::Failed))
    }

    /// Sound arrived for a sentence.
    pub fn fill(&mut self, index: usize, rendered: Rendered) {
        if let Some(slot) = self.rendered.get_mut(index) {
            *slot = rendered;
        }
    }
}

impl Call {
    /// A reply to be said, its sound on the way.
    pub(super) fn saying(&mut self, turn: TurnId, reply: Reply) -> Saying {
        self.replies = self.replies.wrapping_add(1);
        let saying = Saying::new(ReplyId(self.replies), turn, reply);
        let sayable = |index: &usize| matches!(saying.rendered[*index], Rendered::Awaited);
        for index in (0..saying.sentences.len()).filter(sayable) {
            let (reply, text) = (saying.id, saying.sentences[index].text.clone());
            self.outputs.push_back(Output::Synthesize { reply, index, text: text.clone() });
            self.outputs.push_back(Output::Review { reply, index, text });
        }
        saying
    }

    /// The reply of this name, if it was not dropped.
    pub(super) fn saying_of(&mut self, reply: ReplyId) -> Option<&mut Saying> {
        let candidates = [
            match &mut self.phase {
                Phase::Speaking(speaking) => Some(&mut speaking.saying),
                Phase::SettingUp
                | Phase::Listening { .. }
                | Phase::Thinking { .. }
                | Phase::Closing { .. }
                | Phase::Ended => None,
            },
            match &mut self.hearing.decode {
                Decode::Ready(prepared) => match &mut prepared.response {
                    Response::Answer { saying, .. } => Some(saying),
                    Response::GoOn => None,
                },
                Decode::None | Decode::Asked | Decode::Failed(_) => None,
            },
            self.interrupted.as_mut(),
        ];
        candidates.into_iter().flatten().find(|saying| saying.id == reply)
    }

    pub(super) fn on_rendered(&mut self, now: Now, reply: ReplyId, index: usize, result: Result<Speech, String>) {
        let Some(saying) = self.saying_of(reply) else {
            return; // a reply that was dropped
        };
        let (turn, failure) = (saying.turn, result.as_ref().err().cloned());
        saying.fill(index, result.map_or(Rendered::Failed, Rendered::Sound));
        if let Some(why) = failure {
            self.event(now, Event::SpeechFailed { turn, why });
        }
    }

    /// The agent takes the floor. What binds (an opt-out above all) is done now, not after the last word.
    pub(super) fn speak(&mut self, now: Now, mut saying: Saying, asked_at: Option<Instant>) {
        self.interrupted = None;
        let (hang_up, at_once): (Vec<Do>, Vec<Do>) =
            std::mem::take(&mut saying.after).into_iter().partition(|action| matches!(action, Do::HangUp));
        saying.after = hang_up;
        for action in at_once {
            match action {
                Do::OptOut => self.event(now, Event::OptedOut),
                Do::CallBack { when, .. } | Do::Appointment { when, .. } => {
                    self.event(now, Event::CallBackAgreed { when: Redacted::new(when) })
                }
                Do::FollowUp { about } => self.event(now, Event::FollowUp { about: about.id() }),
                Do::Transfer => self.event(now, Event::TransferRequested),
                Do::HangUp => {} // partitioned away
            }
        }
        self.event(
            now,
            Event::Reply { turn: saying.turn, text: Redacted::new(saying.text()), state: saying.state.clone() },
        );
        for (class, standing) in std::mem::take(&mut saying.offences) {
            self.event(now, Event::Violation { turn: saying.turn, by: Party::Agent, class, standing });
        }
        self.phase = Phase::Speaking(Speaking::new(saying, asked_at));
    }

    /// The frame to send now.
    pub(super) fn next_frame(&mut self, now: Now) -> Frame8k {
        if let Phase::Closing { frames_left } = &mut self.phase {
            *frames_left = frames_left.saturating_sub(1);
        }
        if let Some(frame) = self.playout.next() {
            return frame; // also the fade after a stop
        }
        let Phase::Speaking(speaking) = &mut self.phase else { return Frame8k::SILENCE };
        if speaking.gap_frames_left > 0 {
            speaking.gap_frames_left -= 1;
            return Frame8k::SILENCE;
        }
        match self.hearing.caller {
            Caller::Talking | Caller::Waiting(_) if speaking.saying.next_binds() => self.next_sentence(now),
            Caller::Quiet => self.next_sentence(now),
            Caller::Talking => {
                self.yield_floor(now);
                Frame8k::SILENCE
            }
            Caller::Waiting(over) => {
                self.yield_floor(now);
                self.turn_over(now, over);
                Frame8k::SILENCE
            }
        }
    }

    /// A sentence that could not be interrupted has been said; the caller spoke meanwhile and goes first.
    pub(super) fn yield_floor(&mut self, now: Now) {
        let phase = std::mem::replace(&mut self.phase, Phase::Listening { quiet_since: now.instant });
        if let Phase::Speaking(speaking) = phase {
            self.interrupted = Some(speaking.saying);
        }
    }

    pub(super) fn next_sentence(&mut self, now: Now) -> Frame8k {
        let Phase::Speaking(speaking) = &mut self.phase else { return Frame8k::SILENCE };
        match speaking.saying.rendered.get(speaking.saying.begun) {
            Some(Rendered::Awaited) => {
                let since = *speaking.awaited_since.get_or_insert(now.instant);
                if now.instant.since(since).as_millis() as u64 > self.limits.think_ms_max {
                    let (turn, index) = (speaking.saying.turn, speaking.saying.begun);
                    speaking.saying.fill(index, Rendered::Failed);
                    self.event(now, Event::SpeechFailed { turn, why: "no sound in time".to_owned() });
                }
                Frame8k::SILENCE
            }
            Some(Rendered::Failed) => {
                speaking.saying.begun += 1;
                speaking.awaited_since = None;
                Frame8k::SILENCE
            }
            Some(Rendered::Sound(speech)) => {
                self.playout.start(speech.clone());
                speaking.saying.begun += 1;
                speaking.awaited_since = None;
                // No gap behind the last: who answers at once does not interrupt.
                let is_last = speaking.saying.begun == speaking.saying.sentences.len();
                speaking.gap_frames_left = if is_last { 0 } else { SENTENCE_GAP_FRAMES };
                let turn = speaking.saying.turn;
                if speaking.saying.is_first_sound() {
                    let reply_ms = speaking.asked_at.map(|at| now.instant.since(at).as_millis() as u64);
                    self.event(now, Event::Speaking { turn, reply_ms });
                }
                self.playout.next().unwrap_or(Frame8k::SILENCE)
            }
            None => {
                self.reply_said(now);
                Frame8k::SILENCE
            }
        }
    }

    pub(super) fn reply_said(&mut self, now: Now) {
        let phase = std::mem::replace(&mut self.phase, Phase::Listening { quiet_since: now.instant });
        let Phase::Speaking(speaking) = phase else { return };
        self.event(now, Event::ReplySaid { turn: speaking.saying.turn });
        if speaking.saying.after.contains(&Do::HangUp) {
            self.phase = Phase::Closing { frames_left: GOODBYE_FRAMES };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_with_a_certain_phrase_is_not_said_and_the_others_are() {
        let sentence = |text: &str| Sentence { text: text.to_owned(), barge_in: BargeIn::Allowed };
        let say = vec![sentence("您好。"), sentence("这款产品保本保息。"), sentence("我们不保证收益。")];
        let reply = Reply { say, state: String::new(), actions: Vec::new() };
        let saying = Saying::new(ReplyId(1), TurnId(1), reply);
        let withheld: Vec<bool> = saying.rendered.iter().map(|it| matches!(it, Rendered::Failed)).collect();
        assert_eq!(withheld, [false, true, false]);
        assert_eq!(saying.offences, [(Violation::GuaranteedReturn, Standing::Withheld)]);
    }
}
