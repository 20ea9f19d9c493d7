//! The conversation's machine: what was heard in, the reply out. No clock, no I/O, no randomness; cheap to clone.
//!
//! Every action has an answer in the campaign; what follows it is a [`Target`]. A question, once asked in all its
//! wordings, is not asked again but left by its `give_up` or `next`, so a call always moves towards an end; besides,
//! the turns are bounded. A bare yes or no is what the open question says it stands for.

use std::sync::Arc;

use super::campaign::{Answer, EndId, StateId, Target, TextId};
use super::text::substitute;
use super::{CallerFacts, Campaign, Do, Heard, Outcome, Reply, Sentence, Trust};
use crate::asr::Language;
use crate::understanding::{Action, Meaning, Scene, Slot, Slots};

/// Plain refusals after which the offer is dropped: going on would be persistence (domain §5).
const REFUSALS_MAX: u8 = 2;
/// Times in a row that the customer is asked to say it again.
const UNCLEAR_MAX: u8 = 2;
/// Targets followed in one turn; a campaign that leads further in a circle ends the call.
const STEPS_MAX: usize = 32;

/// One call's conversation.
#[derive(Debug, Clone)]
pub struct Conversation {
    campaign: Arc<Campaign>,
    language: Language,
    caller: CallerFacts,
    place: Place,
    open: Open,
    slots: Slots,
    /// How often each text was said, by its id.
    said: Vec<u8>,
    /// The last reply, for who did not hear it.
    last: Vec<Sentence>,
    turns: u32,
    refusals: u8,
    /// In a row.
    silences: u8,
    /// In a row.
    unclear: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    At(StateId),
    Over(EndId),
}

/// What a bare yes and a bare no stand for just now.
#[derive(Debug, Clone, Copy)]
struct Open {
    affirm: Target,
    deny: Target,
}

impl Open {
    const NOTHING: Self = Self { affirm: Target::Resume, deny: Target::Resume };
}

/// The reply as it grows.
#[derive(Default)]
struct Draft {
    say: Vec<Sentence>,
    actions: Vec<Do>,
}

impl Conversation {
    /// A conversation before its first word.
    pub fn new(campaign: Arc<Campaign>, language: Language, caller: CallerFacts) -> Self {
        Self {
            language,
            caller,
            place: Place::At(campaign.start),
            open: Open::NOTHING,
            slots: Slots::default(),
            said: vec![0; campaign.texts.len()],
            last: Vec::new(),
            turns: 0,
            refusals: 0,
            silences: 0,
            unclear: 0,
            campaign,
        }
    }

    /// The language it is held in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// What the customer has told so far.
    pub fn slots(&self) -> &Slots {
        &self.slots
    }

    /// How the call came out; none until it is over.
    pub fn outcome(&self) -> Option<Outcome> {
        match self.place {
            Place::At(_) => None,
            Place::Over(end) => Some(self.campaign.end(end).outcome),
        }
    }

    /// The first words of the agent: the disclosure, then the first question.
    pub fn open(&mut self) -> Reply {
        let mut draft = Draft::default();
        self.say(self.campaign.notice, &mut draft);
        self.follow(Target::State(self.campaign.start), "", &mut draft);
        self.last.clone_from(&draft.say);
        self.reply(draft)
    }

    /// The answer to what the customer did.
    pub fn hear(&mut self, heard: Heard<'_>) -> Reply {
        let mut draft = Draft::default();
        match (self.place, heard) {
            (Place::At(state), Heard::Silence) => self.silence(state, &mut draft),
            (Place::At(_), Heard::Unintelligible) => self.not_understood(Action::OutOfScope, &mut draft),
            (Place::At(_), Heard::Words { text, meaning, trust }) => self.words(text, meaning, trust, &mut draft),
            (Place::At(_), Heard::Key(key)) => {
                if let Some(target) = self.campaign.key(key) {
                    self.follow(target, "", &mut draft);
                }
            }
            // Nothing overrides an opt-out, and nothing comes too late to be one.
            (Place::Over(end), heard) if end != self.campaign.opted_out && self.opts_out(&heard) => {
                self.finish(self.campaign.opted_out, &mut draft);
            }
            (Place::Over(_), Heard::Silence | Heard::Unintelligible | Heard::Words { .. } | Heard::Key(_)) => {}
        }
        self.reply(draft)
    }

    fn reply(&mut self, draft: Draft) -> Reply {
        let state = match self.place {
            Place::At(state) => &self.campaign.state(state).name,
            Place::Over(end) => &self.campaign.end(end).name,
        };
        Reply { say: draft.say, state: state.clone(), actions: draft.actions }
    }

    fn opts_out(&self, heard: &Heard<'_>) -> bool {
        match *heard {
            Heard::Words { meaning, .. } => meaning.intent.action == Action::ObjStopCalling,
            Heard::Key(key) => self.campaign.key(key) == Some(Target::Action(Action::ObjStopCalling)),
            Heard::Silence | Heard::Unintelligible => false,
        }
    }

    fn silence(&mut self, state: StateId, draft: &mut Draft) {
        self.silences += 1;
        if self.silences == 1 {
            self.say(self.campaign.silence, draft);
            self.open = Open::NOTHING;
            return;
        }
        let target = self.given_up(state, self.campaign.silent);
        self.follow(target, "", draft);
    }

    /// The end for a question that nobody answers: its own, or `otherwise`.
    fn given_up(&self, state: StateId, otherwise: EndId) -> Target {
        match self.campaign.state(state).give_up {
            Target::End(end) => Target::End(end),
            Target::Resume | Target::Wait | Target::Action(_) | Target::State(_) => Target::End(otherwise),
        }
    }

    fn words(&mut self, text: &str, meaning: &Meaning, trust: Trust, draft: &mut Draft) {
        let action = meaning.intent.action;
        self.turns += 1;
        if trust == Trust::Unsure || meaning.intent.confidence < self.campaign.confidence_min {
            return self.not_understood(action, draft);
        }
        (self.silences, self.unclear) = (0, 0);
        if self.turns > self.campaign.turns_max && action != Action::ObjStopCalling {
            return self.follow(Target::End(self.campaign.farewell), text, draft);
        }
        if action == Action::Repeat {
            let last = std::mem::take(&mut self.last);
            self.answer(Action::Repeat, text, draft);
            draft.say.extend(last.iter().cloned());
            self.last = last;
            return;
        }
        self.remember(action, text, &meaning.slots);
        let target = self.meant(action, meaning, draft);
        self.open = Open::NOTHING;
        let acknowledged = draft.say.len(); // not worth saying again
        if self.refuses(action, target) {
            self.refusals += 1;
        }
        if self.refusals >= REFUSALS_MAX {
            self.finish(self.campaign.refused, draft);
        } else {
            self.follow(target, text, draft);
        }
        self.last = draft.say[acknowledged..].to_vec();
    }

    /// Asks again rather than guess; a half-heard opt-out is asked for, and taken when said twice.
    fn not_understood(&mut self, action: Action, draft: &mut Draft) {
        self.silences = 0;
        if action == Action::ObjStopCalling {
            if self.said[self.campaign.confirm_opt_out.0] > 0 {
                return self.follow(Target::Action(action), "", draft);
            }
            self.say(self.campaign.confirm_opt_out, draft);
            self.open = Open { affirm: Target::Action(action), deny: Target::Resume };
            return;
        }
        self.unclear += 1;
        match self.place {
            Place::At(state) if self.unclear > UNCLEAR_MAX => {
                let target = self.given_up(state, self.campaign.not_heard);
                self.follow(target, "", draft);
            }
            Place::At(_) | Place::Over(_) => {
                self.say(self.campaign.unclear, draft);
            }
        }
    }

    /// What the action means here and now; a bare yes or no to a question gets its short acknowledgement.
    fn meant(&mut self, action: Action, meaning: &Meaning, draft: &mut Draft) -> Target {
        let Place::At(state) = self.place else { return Target::Resume };
        if let Some(&target) = self.campaign.state(state).on.get(&action) {
            return target;
        }
        let target = if matches!(action, Action::Affirm | Action::Backchannel) {
            self.open.affirm
        } else if action == Action::Deny {
            self.open.deny
        } else {
            return Target::Action(action);
        };
        match target {
            Target::State(next) => {
                // A no to what was read back empties the slot, so that it is asked for anew.
                if let (Action::Deny, Some(slot)) = (action, self.campaign.state(next).slot)
                    && meaning.slots.get(slot).is_none()
                {
                    *self.slots.entry(slot) = None;
                }
                self.answer(action, "", draft);
            }
            Target::Resume | Target::Wait => {
                self.answer(action, "", draft);
            }
            Target::Action(_) | Target::End(_) => {}
        }
        target
    }

    /// Whether a plain refusal was said, or a bare no that stands for one.
    fn refuses(&self, action: Action, target: Target) -> bool {
        let meant = match target {
            Target::Action(meant) => meant,
            Target::Resume | Target::Wait | Target::State(_) | Target::End(_) => action,
        };
        self.campaign.answer(action).refusal || self.campaign.answer(meant).refusal
    }

    /// Keeps what the customer told, so that it is not asked again.
    fn remember(&mut self, action: Action, text: &str, heard: &Slots) {
        let asked = match self.place {
            Place::At(state) => self.campaign.state(state).slot,
            Place::Over(_) => None,
        };
        for slot in [Slot::Who, Slot::What, Slot::When, Slot::Where, Slot::Why, Slot::How] {
            let told = slot_told_by(action) == Some(slot);
            let tells = match slot {
                Slot::Who | Slot::How => matches!(action.scene(), Scene::Needs | Scene::Objection | Scene::Control),
                Slot::When => TELLS_WHEN.contains(&action),
                Slot::What | Slot::Where | Slot::Why => false,
            } || (asked == Some(slot) && matches!(action.scene(), Scene::Needs | Scene::Control));
            // A time is read back: only one that was recognised as such.
            let otherwise = (told && slot != Slot::When).then_some(text);
            if let Some(words) = heard.get(slot).filter(|_| told || tells).or(otherwise) {
                *self.slots.entry(slot) = Some(words.to_owned());
            }
        }
    }

    /// Speaks and moves until the customer has the floor or the call is over.
    fn follow(&mut self, target: Target, text: &str, draft: &mut Draft) {
        let mut next = Some(target);
        for _ in 0..STEPS_MAX {
            let Some(target) = next else { return };
            next = match (target, self.place) {
                (Target::Wait, _) => None,
                (Target::Resume, Place::At(state)) | (Target::State(state), _) => self.ask(state, draft),
                (Target::Resume, Place::Over(_)) => None,
                (Target::Action(action), _) => self.answer(action, text, draft),
                (Target::End(end), _) => return self.finish(end, draft),
            };
        }
        self.finish(self.campaign.farewell, draft);
    }

    /// Asks the state's question, or passes it by if its answer is known or its wordings are used up.
    fn ask(&mut self, id: StateId, draft: &mut Draft) -> Option<Target> {
        let campaign = Arc::clone(&self.campaign);
        let state = campaign.state(id);
        self.place = Place::At(id);
        if state.slot.is_some_and(|slot| self.slots.get(slot).is_some()) {
            return Some(state.next);
        }
        if self.used_up(state.ask) {
            return Some(state.give_up);
        }
        self.say(state.ask, draft);
        self.open = Open { affirm: state.affirm, deny: state.deny };
        None
    }

    /// Answers an action; gives what follows, nothing if the answer itself asks.
    fn answer(&mut self, action: Action, text: &str, draft: &mut Draft) -> Option<Target> {
        let campaign = Arc::clone(&self.campaign);
        let answer = campaign.answer(action);
        let (say, then) = self.chosen(answer, text);
        if answer.follow_up && say.is_none_or(|say| self.said[say.0] == 0) {
            draft.actions.push(Do::FollowUp { about: action });
        }
        let Some(say) = say else { return Some(then) };
        if let Some(exhausted) = answer.exhausted
            && self.used_up(say)
        {
            return Some(exhausted);
        }
        if self.say(say, draft) {
            self.open = Open { affirm: answer.affirm, deny: answer.deny };
            return None;
        }
        Some(then)
    }

    /// The answer's case for the customer's words, or the answer itself.
    fn chosen(&self, answer: &Answer, text: &str) -> (Option<TextId>, Target) {
        let lower = text.to_lowercase();
        let fits = |words: &[String]| words.iter().any(|word| lower.contains(word.as_str()));
        let case = answer.cases.iter().find(|case| match self.language {
            Language::Zh => fits(&case.words_zh),
            Language::En => fits(&case.words_en),
        });
        case.map_or((answer.say, answer.then), |case| (Some(case.say), case.then))
    }

    fn finish(&mut self, id: EndId, draft: &mut Draft) {
        let campaign = Arc::clone(&self.campaign);
        let end = campaign.end(id);
        self.place = Place::Over(id);
        self.say(end.say, draft);
        let when_default = || campaign.fact("when_default", self.language).unwrap_or_default().to_owned();
        match end.outcome {
            Outcome::OptedOut => draft.actions.push(Do::OptOut),
            Outcome::Transferred => draft.actions.extend([Do::Transfer, Do::CallBack { when: when_default() }]),
            Outcome::Callback | Outcome::Appointment => {
                let when = self.slots.when.clone().unwrap_or_else(when_default);
                draft.actions.push(Do::CallBack { when });
            }
            Outcome::Accepted => draft.actions.push(Do::FollowUp { about: Action::Accept }),
            Outcome::WrongNumber | Outcome::Refused | Outcome::NoDecision => {}
        }
        draft.actions.push(Do::HangUp);
    }

    /// Says the next variant of a text; true if it is a question.
    fn say(&mut self, id: TextId, draft: &mut Draft) -> bool {
        let campaign = Arc::clone(&self.campaign);
        let text = campaign.text(id);
        let variants = text.variants(self.language, super::text::Tone::Plain);
        let said = usize::from(self.said[id.0]);
        self.said[id.0] = self.said[id.0].saturating_add(1);
        // A campaign without this language has nothing to say in it; the shell refuses such a call.
        let Some(variant) = variants.get(said % variants.len().max(1)) else { return false };
        let fill =
            |sentence: &String| substitute(sentence, |name| self.value(name)).unwrap_or_else(|_| sentence.clone());
        draft.say.extend(variant.0.iter().map(|sentence| Sentence { text: fill(sentence), barge_in: text.barge_in }));
        variant.is_question()
    }

    /// Whether each variant of a text has been said.
    fn used_up(&self, id: TextId) -> bool {
        usize::from(self.said[id.0]) >= self.campaign.text(id).variants(self.language, super::text::Tone::Plain).len()
    }

    /// What a placeholder of the call stands for.
    fn value(&self, placeholder: &str) -> Option<String> {
        let known = match placeholder {
            "when" => self.slots.when.as_deref().or(self.campaign.fact("when_default", self.language)),
            "source" => self.caller.source.as_deref().or(self.campaign.fact("source", self.language)),
            other => self.campaign.fact(other, self.language),
        };
        known.map(str::to_owned)
    }
}

/// The slot that an action is about.
fn slot_told_by(action: Action) -> Option<Slot> {
    const TELLS: [(Action, Slot); 6] = [
        (Action::InformWho, Slot::Who),
        (Action::InformWhat, Slot::What),
        (Action::InformWhen, Slot::When),
        (Action::InformWhere, Slot::Where),
        (Action::InformWhy, Slot::Why),
        (Action::InformHow, Slot::How),
    ];
    TELLS.iter().find(|(tells, _)| *tells == action).map(|&(_, slot)| slot)
}

/// A time said with these is one for us to call; with others it may be anything.
const TELLS_WHEN: [Action; 11] = [
    Action::Callback,
    Action::Book,
    Action::Affirm,
    Action::Deny,
    Action::NotSelf,
    Action::ObjBusy,
    Action::ObjThink,
    Action::ObjLater,
    Action::ObjDriving,
    Action::ObjConsultOthers,
    Action::ObjLockedIn,
];
