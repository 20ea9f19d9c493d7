//! One turn of the caller while it is being heard: which decode attempt counts, and the answer prepared from it.

use std::time::Duration;

use crate::asr::Transcript;
use crate::audio::Utterance16k;
use crate::base::{Now, TurnId};
use crate::compliance::Violation;
use crate::conversation::{BargeIn, Conversation, Heard, Trust};
use crate::hearing;
use crate::understanding::{self, Action, Emotion, Evidence, LastAct, Meaning, Reading};

use super::event::{Event, Felt};
use super::io::{Output, Urgency};
use super::machine::{Call, Over, Phase, Speaking};
use super::reply::Saying;

/// Of a turn that goes on before it was answered the newest so many samples are kept: 30 s, one window of the recogniser.
const UNANSWERED_SAMPLES_MAX: usize = 30 * Utterance16k::SAMPLE_RATE_HZ as usize;

/// Counts the decode attempts of a call. The caller going on after a pause makes the attempt before worthless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Attempt(pub u32);

/// What the workers made of one attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    /// The words.
    pub transcript: Transcript,
    /// What the model reads in them; put right by the moment once it is here.
    pub reading: Reading,
}

/// An answer prepared while the turn may still go on; dropped without trace if it does.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub understood: Understood,
    pub response: Response,
}

/// What the agent will do when the turn ends.
#[derive(Debug, Clone)]
pub(super) enum Response {
    /// It was no speech, or a backchannel over the agent: go on as before.
    GoOn,
    /// Answer; the conversation becomes this copy.
    Answer { conversation: Box<Conversation>, saying: Saying },
}

/// How far an attempt has come.
#[derive(Debug, Clone)]
pub(super) enum Decode {
    /// Nothing was asked since the last word.
    None,
    /// With the workers.
    Asked,
    /// Understood, the answer is ready.
    Ready(Box<Prepared>),
    /// The engine failed.
    Failed(String),
}

/// What the caller is doing, as the turn detector hears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// Nothing.
    Quiet,
    /// In the middle of a turn.
    Talking,
    /// A turn ended during a sentence that could not be interrupted; it is answered after the sentence.
    Waiting(Over),
}

/// What was said of a turn that is over but not answered yet. The caller may still go on: then it belongs to the turn.
#[derive(Debug, Clone)]
pub(super) struct Unanswered {
    pub audio: Utterance16k,
    pub over: Over,
}

/// The turn being heard.
#[derive(Debug, Clone)]
pub(super) struct Hearing {
    pub turn: TurnId,
    pub attempt: Attempt,
    pub decode: Decode,
    pub caller: Caller,
    pub unanswered: Option<Unanswered>,
    /// Offences found in the turn so far, a class once.
    pub suspected: Vec<Violation>,
}

impl Hearing {
    /// Before anybody spoke.
    pub fn new() -> Self {
        Self {
            turn: TurnId(0),
            attempt: Attempt(0),
            decode: Decode::None,
            caller: Caller::Quiet,
            unanswered: None,
            suspected: Vec::new(),
        }
    }

    /// The caller began a turn, or goes on with the one that was taken as over too early.
    pub fn begin(&mut self) {
        if self.unanswered.is_none() {
            self.turn = self.turn.next();
        }
        self.caller = Caller::Talking;
        self.supersede();
    }

    /// What was said in this turn, `now_heard` being the latest of it.
    fn joined(&self, now_heard: Utterance16k) -> Utterance16k {
        let Some(Unanswered { audio, .. }) = &self.unanswered else { return now_heard };
        let joined = [audio.samples(), now_heard.samples()].concat();
        Utterance16k::new(&joined[joined.len().saturating_sub(UNANSWERED_SAMPLES_MAX)..])
    }

    /// All that was asked or prepared so far is over.
    pub fn supersede(&mut self) {
        self.attempt = Attempt(self.attempt.0.wrapping_add(1));
        self.decode = Decode::None;
    }
}

impl Over {
    fn after(now: Now, silence_ms: u32) -> Self {
        let last_voice = now.instant - Duration::from_millis(silence_ms.into());
        Self { silence_ms: silence_ms.into(), last_voice }
    }
}

impl Call {
    pub(super) fn on_ear(&mut self, now: Now, heard: hearing::Heard) {
        match (&mut self.phase, heard) {
            (Phase::SettingUp | Phase::Closing { .. } | Phase::Ended, _) => {}
            (Phase::Speaking(speaking), hearing::Heard::Started { .. }) => {
                let barge_in = speaking.saying.barge_in();
                self.begin_turn(now);
                match barge_in {
                    BargeIn::Allowed => self.barge_in(now),
                    BargeIn::Uninterruptible => {} // the caller gets the floor after the sentence
                }
            }
            (Phase::Listening { .. } | Phase::Thinking { .. }, hearing::Heard::Started { .. }) => {
                self.begin_turn(now);
                self.phase = Phase::Listening { quiet_since: now.instant };
            }
            (Phase::Listening { .. } | Phase::Thinking { .. } | Phase::Speaking(_), hearing::Heard::Paused) => {
                self.transcribe(Urgency::Speculative);
            }
            (Phase::Listening { .. } | Phase::Thinking { .. } | Phase::Speaking(_), hearing::Heard::Resumed) => {
                if !matches!(self.hearing.decode, Decode::None) {
                    self.event(now, Event::SpeculationDropped { turn: self.hearing.turn });
                }
                self.hearing.supersede();
                if let Phase::Listening { quiet_since } = &mut self.phase {
                    *quiet_since = now.instant;
                }
            }
            (
                Phase::Listening { .. } | Phase::Thinking { .. } | Phase::Speaking(_),
                hearing::Heard::Ended { silence_ms, .. },
            ) => {
                let over = Over::after(now, silence_ms);
                let audio = self.hearing.joined(self.detector.utterance());
                self.hearing.unanswered = Some(Unanswered { audio, over });
                let prosody = self.detector.prosody();
                self.await_answer(now, over);
                self.baseline.learn(&prosody); // only now: no turn is measured against itself
            }
            (
                Phase::Listening { .. } | Phase::Thinking { .. } | Phase::Speaking(_),
                hearing::Heard::Dismissed { .. },
            ) => self.dismiss(now),
        }
    }

    /// A cough and no turn; but words before it may still wait for their answer.
    fn dismiss(&mut self, now: Now) {
        self.hearing.caller = Caller::Quiet;
        match (&self.hearing.unanswered, &self.phase) {
            (Some(Unanswered { over, .. }), _) => {
                let over = *over;
                self.await_answer(now, over);
            }
            (None, Phase::Speaking(_)) => self.settle(now, "", None),
            (
                None,
                Phase::SettingUp
                | Phase::Listening { .. }
                | Phase::Thinking { .. }
                | Phase::Closing { .. }
                | Phase::Ended,
            ) => {
                self.settle(now, "", None);
                self.go_on(now);
            }
        }
    }

    /// The caller has finished, and is answered at once, or after the sentence that is to be said to its end.
    fn await_answer(&mut self, now: Now, over: Over) {
        if !matches!(self.phase, Phase::Speaking(_)) {
            return self.turn_over(now, over);
        }
        self.hearing.caller = Caller::Waiting(over);
        if matches!(self.hearing.decode, Decode::None) {
            self.transcribe(Urgency::Final);
        }
    }

    pub(super) fn begin_turn(&mut self, now: Now) {
        self.hearing.begin();
        let turn = self.hearing.turn;
        self.event(
            now,
            match self.hearing.unanswered {
                Some(_) => Event::SpeculationDropped { turn },
                None => Event::CallerStarted { turn },
            },
        );
    }

    pub(super) fn barge_in(&mut self, now: Now) {
        let phase = std::mem::replace(&mut self.phase, Phase::Listening { quiet_since: now.instant });
        let Phase::Speaking(speaking) = phase else { return };
        let said = self.playout.stop();
        self.event(now, Event::BargeIn { turn: self.hearing.turn, said_ms: said.said_ms, total_ms: said.total_ms });
        let mut saying = speaking.saying;
        saying.rewind();
        self.interrupted = Some(saying);
    }

    pub(super) fn transcribe(&mut self, urgency: Urgency) {
        if let Decode::None = self.hearing.decode {
            self.hearing.attempt.0 = self.hearing.attempt.0.wrapping_add(1);
        }
        self.hearing.decode = Decode::Asked;
        let (turn, attempt) = (self.hearing.turn, self.hearing.attempt);
        // Once the turn is over the detector no longer holds it.
        let heard = match self.hearing.caller {
            Caller::Talking => self.detector.utterance(),
            Caller::Quiet | Caller::Waiting(_) => Utterance16k::new([]),
        };
        let audio = self.hearing.joined(heard);
        let (last_act, manner) = (self.last_act(), self.baseline.measure(&self.detector.prosody()));
        self.outputs.push_back(Output::Transcribe { turn, attempt, urgency, audio, last_act, manner });
    }

    fn over_the_agent(&self) -> bool {
        self.interrupted.is_some() || matches!(self.phase, Phase::Speaking(_))
    }

    /// In which moment the caller's words are said: who speaks over the agent has heard no question yet.
    fn last_act(&self) -> LastAct {
        if self.over_the_agent() { LastAct::Tell } else { self.conversation.last_act() }
    }

    pub(super) fn on_heard(&mut self, now: Now, turn: TurnId, attempt: Attempt, result: Result<Understood, String>) {
        if (turn, attempt) != (self.hearing.turn, self.hearing.attempt) {
            return; // the caller went on, or the turn was given up
        }
        self.hearing.decode = match result {
            Err(why) => match &self.phase {
                Phase::Thinking { .. } => Decode::Failed(why),
                Phase::SettingUp
                | Phase::Listening { .. }
                | Phase::Speaking(_)
                | Phase::Closing { .. }
                | Phase::Ended => Decode::None, // tried again when the turn is over
            },
            Ok(mut understood) => {
                let text = understood.transcript.text.reveal();
                let meaning = understanding::meaning(&understood.reading, text, self.language, self.last_act());
                (understood.reading.intent, understood.reading.emotion) = (meaning.intent, Some(meaning.emotion));
                let completeness = understood.reading.completeness;
                let over =
                    Evidence::new(text, completeness, &self.detector.prosody(), self.language).over(self.language);
                self.detector.expect(over);
                self.event(
                    now,
                    Event::Partial {
                        turn,
                        text: understood.transcript.text.clone(),
                        decode_ms: understood.transcript.decode.as_millis() as u64,
                        over: (over.probability() * 100.0).round() as u8,
                    },
                );
                self.overhear(now, understood.transcript.text.reveal(), understood.reading.violation);
                let response = self.respond(&understood, &meaning);
                Decode::Ready(Box::new(Prepared { understood, response }))
            }
        };
        match &mut self.phase {
            Phase::Thinking { over, .. } => {
                let over = *over;
                self.answer(now, over);
            }
            Phase::Listening { .. } | Phase::Speaking(_) => {} // the turn goes on, or the sentence must be said first
            Phase::SettingUp | Phase::Closing { .. } | Phase::Ended => {}
        }
    }

    /// What the agent would do if the turn ended with these words. Works on a copy of the conversation.
    pub(super) fn respond(&mut self, understood: &Understood, meaning: &Meaning) -> Response {
        let text = understood.transcript.text.reveal();
        let over_the_agent = self.over_the_agent();
        let backchannel = understood.reading.intent.action == Action::Backchannel && over_the_agent;
        if text.is_empty() || backchannel {
            return Response::GoOn;
        }
        let trust = Trust::of(understood.transcript.mean_logprob, self.limits.logprob_min);
        let mut conversation = self.conversation.clone();
        if over_the_agent {
            conversation.interrupted();
        }
        let reply = conversation.hear(Heard::Words { text, meaning, trust });
        if reply.say.is_empty() && reply.actions.is_empty() {
            return Response::GoOn; // a backchannel, or words into the goodbye
        }
        let saying = self.saying(self.hearing.turn, reply);
        Response::Answer { conversation: Box::new(conversation), saying }
    }

    /// The silence was long enough: the caller waits for an answer.
    pub(super) fn turn_over(&mut self, now: Now, over: Over) {
        self.hearing.caller = Caller::Quiet;
        match self.hearing.decode {
            Decode::Ready(_) | Decode::Failed(_) => self.answer(now, over),
            Decode::None | Decode::Asked => {
                self.phase = Phase::Thinking { since: now.instant, over };
                self.transcribe(Urgency::Final);
            }
        }
    }

    pub(super) fn answer(&mut self, now: Now, over: Over) {
        let turn = self.hearing.turn;
        let decode = std::mem::replace(&mut self.hearing.decode, Decode::None);
        self.hearing.supersede();
        self.hearing.unanswered = None;
        match decode {
            Decode::Ready(prepared) => {
                let Understood { transcript, reading } = prepared.understood;
                let Reading { intent, emotion, feeling, violation, .. } = reading;
                let words = transcript.text.clone();
                let acted_on = match &prepared.response {
                    Response::GoOn => Emotion::Calm,
                    Response::Answer { conversation, .. } => conversation.mood(),
                };
                self.event(
                    now,
                    Event::Heard {
                        turn,
                        text: transcript.text,
                        text_confidence: transcript.mean_logprob.exp(),
                        action: intent.action.id(),
                        action_confidence: intent.confidence,
                        emotion: Felt { words: emotion.unwrap_or_default(), feeling, acted_on },
                        decode_ms: transcript.decode.as_millis() as u64,
                        silence_ms: over.silence_ms,
                    },
                );
                self.settle(now, words.reveal(), violation);
                match prepared.response {
                    Response::GoOn => self.go_on(now),
                    Response::Answer { conversation, saying } => {
                        self.conversation = *conversation;
                        self.speak(now, saying, Some(over.last_voice));
                    }
                }
            }
            Decode::Failed(why) => {
                self.event(now, Event::HearingFailed { turn, why });
                self.settle(now, "", None);
                let reply = self.conversation.hear(Heard::Unintelligible);
                if reply.say.is_empty() && reply.actions.is_empty() {
                    return self.go_on(now); // the conversation is over: the goodbye is said to its end
                }
                let saying = self.saying(turn, reply);
                self.speak(now, saying, Some(over.last_voice));
            }
            Decode::None | Decode::Asked => {}
        }
    }

    /// It was no turn: say again what was interrupted, or listen on.
    pub(super) fn go_on(&mut self, now: Now) {
        match self.interrupted.take() {
            Some(saying) => {
                self.event(now, Event::ReplyResumed { turn: saying.turn });
                self.phase = Phase::Speaking(Speaking::new(saying, None));
            }
            None => self.phase = Phase::Listening { quiet_since: now.instant },
        }
    }
}
