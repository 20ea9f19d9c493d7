//! What the customer told is said back: times by a question of the campaign; a budget, a person or a place that the
//! recogniser was only fairly sure of in passing, before the agent goes on. The customer's next words let it stand,
//! replace it or take it back.

use super::campaign::{StateId, Target};
use super::cues::{Bare, Cues, Firmness};
use super::ending::meeting_of;
use super::machine::{Asked, Conversation, Draft, Place};
use super::record::Effect;
use super::sense::{binds, told_by};
use super::{Persona, Trust};
use crate::asr::Language;
use crate::base::Redacted;
use crate::compliance::opts_out;
use crate::understanding::{Action, Meaning, Slot, Slots, corrected};

/// What is said back in passing.
const SLOTS: [Slot; 3] = [Slot::How, Slot::Who, Slot::Where];
/// So often in a call: more sounds like a form.
const TIMES_MAX: usize = 2;
/// Longer words are taken as they are: Mandarin characters, English words.
const CHARACTERS_MAX: usize = 12;
const WORDS_MAX: usize = 8;

/// What was said back in passing.
#[derive(Debug, Clone, Default)]
pub(super) struct ReadBack {
    /// The words for the reply that is being made.
    pub words: Option<Redacted<String>>,
    /// The slots of the last reply: the customer's next words may be about them.
    open: Vec<Slot>,
    /// All of the call.
    said: Vec<Redacted<String>>,
}

impl ReadBack {
    /// Whether the last reply said the slot back.
    pub fn is_open(&self, slot: Slot) -> bool {
        self.open.contains(&slot)
    }
}

/// What the customer's words do to what was just said back.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answered {
    /// Something else stands in its place.
    Corrected(Action),
    /// It was wrong.
    Denied(Target),
    /// It was right, and the question behind it is not answered yet.
    Confirmed,
}

impl Answered {
    pub fn action(self) -> Action {
        match self {
            Self::Corrected(action) => action,
            Self::Denied(_) => Action::Deny,
            Self::Confirmed => Action::Affirm,
        }
    }

    /// Where it leads, if not where the action leads anyway.
    pub fn target(self) -> Option<Target> {
        match self {
            Self::Corrected(_) => None,
            Self::Denied(target) => Some(target),
            Self::Confirmed => Some(Target::Resume),
        }
    }
}

impl Conversation {
    /// What the words do to what the last reply said back; none when they are about something else.
    pub(super) fn answered(&self, meaning: &Meaning, text: &str, cues: &Cues) -> Option<Answered> {
        let open = &self.read_back.open;
        let about_more = cues.asks || cues.orders || cues.calls || cues.refuses == Some(Firmness::Plain);
        if open.is_empty() || about_more || binds(meaning.intent.action) || opts_out(text) {
            return None;
        }
        let takes_back = corrected(text, self.language).len() < text.len();
        let other = |slot: &&Slot| meaning.slots.get(**slot).is_some_and(|words| Some(words) != self.slots.get(**slot));
        if let Some(&slot) = open.iter().find(other).filter(|_| takes_back) {
            return told_by(slot).map(Answered::Corrected);
        }
        let question = self.open_question();
        // A no to a question that wants no yes or no is about what was said back.
        let no = cues.bare == Some(Bare::No) && question.is_some();
        if cues.refuses.is_none() && (no || self.denies(text)) {
            let asks = |id: &StateId| {
                let state = self.campaign.state(*id);
                state.slot.is_some_and(|slot| self.read_back.is_open(slot)) && !self.used_up(state.ask)
            };
            let state = (0..self.campaign.states.len()).map(StateId).find(asks);
            return Some(Answered::Denied(state.map_or(Target::Resume, Target::State)));
        }
        let unanswered = question.is_some_and(|state| !self.used_up(self.campaign.state(state).ask));
        (cues.bare == Some(Bare::Yes) && unanswered).then_some(Answered::Confirmed)
    }

    /// Closes what the last reply said back; what was wrong is forgotten.
    pub(super) fn close_read_back(&mut self, answered: Option<Answered>) {
        for slot in std::mem::take(&mut self.read_back.open) {
            if let Some(Answered::Denied(_)) = answered {
                *self.slots.entry(slot) = None;
            }
        }
    }

    /// The state whose question is open, where no yes and no no answers it.
    fn open_question(&self) -> Option<StateId> {
        const ASKS_EN: [&str; 7] = ["what", "how", "when", "who", "where", "which", "why"];
        let Place::At(state) = self.place else { return None };
        let question = self.last.last()?.text.to_lowercase();
        let wants_words = match self.language {
            Language::Zh => !["吗？", "不？", "吧？", "没？"].iter().any(|end| question.ends_with(end)),
            Language::En => ASKS_EN.iter().any(|word| question.split(' ').any(|said| said == *word)),
        };
        let asks = self.open.asked == Asked::State && self.campaign.state(state).slot.is_some();
        (asks && wants_words).then_some(state)
    }

    /// Whether a few words say that something is wrong.
    fn denies(&self, text: &str) -> bool {
        const ZH: [&str; 7] = ["不是", "不对", "错了", "说错", "听错", "记错", "没说"];
        const EN: [&str; 7] =
            ["'s wrong", "is wrong", "it wrong", "not right", "isn't right", "didn't say", "not what i said"];
        let lower = text.to_lowercase().replace('’', "'");
        let says = match self.language {
            Language::Zh => ZH.iter().any(|word| lower.trim_start_matches('我').starts_with(word)),
            Language::En => EN.iter().any(|word| lower.contains(word)),
        };
        says && self.is_within(text, 8, 7)
    }

    /// Keeps ready for the reply what has just been told, if it is to be said back.
    pub(super) fn prepare_read_back(
        &mut self,
        trust: Trust,
        before: &Slots,
        told: &Slots,
        action: Action,
        effect: Effect,
    ) {
        let says_other = binds(action) || matches!(action, Action::Repeat | Action::Goodbye | Action::Machine);
        let full = self.read_back.said.len() >= TIMES_MAX || self.campaign.read_back.is_none();
        let fair = match trust {
            Trust::Fair => true,
            Trust::Sure | Trust::Unsure => false,
        };
        if !fair || full || says_other || effect == Effect::Refuses || !matches!(self.place, Place::At(_)) {
            return;
        }
        let new = |slot: &Slot| self.slots.get(*slot) != before.get(*slot) && self.slots.get(*slot) == told.get(*slot);
        let short = |slot: &Slot| told.get(*slot).is_some_and(|words| self.is_within(words, CHARACTERS_MAX, WORDS_MAX));
        let open: Vec<Slot> = SLOTS.into_iter().filter(|slot| new(slot) && short(slot)).collect();
        let words: Vec<String> =
            open.iter().filter_map(|slot| self.slots.get(*slot)).map(|words| self.turned(words)).collect();
        let comma = match self.language {
            Language::Zh => "、",
            Language::En => ", ",
        };
        let words = Redacted::new(words.join(comma));
        if !open.is_empty() && !self.read_back.said.contains(&words) {
            (self.read_back.open, self.read_back.words) = (open, Some(words));
        }
    }

    /// Puts what was kept ready before the reply, unless the reply says it anyway or ends the call.
    pub(super) fn say_read_back(&mut self, draft: &mut Draft) {
        let mut echo = Draft::default();
        if let (Place::At(_), Some(words), Some(text)) = (self.place, &self.read_back.words, self.campaign.read_back)
            && !draft.say.is_empty()
            && !draft.say.iter().any(|sentence| sentence.text.contains(words.reveal()))
        {
            self.say(text, &mut echo);
        }
        match self.read_back.words.take() {
            Some(words) if !echo.say.is_empty() => self.read_back.said.push(words),
            Some(_) | None => self.read_back.open.clear(),
        }
        draft.say.splice(0..0, echo.say);
    }

    /// The customer's words as the agent says them: 我妈 is 您妈 then.
    fn turned(&self, words: &str) -> String {
        match self.language {
            Language::Zh => {
                let you = match self.persona {
                    Persona::Business => "您",
                    Persona::Casual => "你",
                };
                words.replace("我们", "你们").replace("咱们", "你们").replace('咱', "你们").replace('我', you)
            }
            Language::En => {
                let turned = words.split(' ').map(|word| match word.to_lowercase().as_str() {
                    "my" | "our" => "your",
                    "i" | "me" | "us" => "you",
                    "myself" => "yourself",
                    _ => word,
                });
                turned.collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// Another time than before is read back, however often one was.
    pub(super) fn read_back_again(&mut self) {
        let campaign = std::sync::Arc::clone(&self.campaign);
        for state in campaign.states.iter().filter(|state| meeting_of(state.affirm, &campaign).is_some()) {
            if self.used_up(state.ask) {
                self.said[state.ask.0] = 0;
            }
        }
    }
}
