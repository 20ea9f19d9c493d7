//! What words mean here and now: the model's guess, put right by the words themselves, by the open question and by what
//! the call has come to; what is worth remembering of them; and what they do to the deal.

use super::Outcome;
use super::campaign::Target;
use super::cues::{Bare, Cues, Firmness};
use super::machine::{Asked, Conversation, Named, Place};
use super::record::{Effect, Meeting, is_signal};
use crate::asr::Language;
use crate::compliance::opts_out;
use crate::understanding::when::{self, Precision};
use crate::understanding::{Action, Meaning, Scene, Slot, Slots, corrected};

/// An action that ends the call or makes a deal is acted on from this confidence on.
const BINDING_MIN: f32 = 0.5;
/// An acceptance that no word of the customer bears out, and that answers no order question.
const UNASKED_MIN: f32 = 0.8;
/// Against the words of an order.
const ORDERED_MIN: f32 = 0.9;
/// A goodbye without a word of parting.
const LEAVING_MIN: f32 = 0.97;
/// That somebody else speaks, after the first words.
const SELF_MIN: f32 = 0.6;
/// A voice that is no person's is heard at the very beginning only.
const MACHINE_MIN: f32 = 0.7;
const MACHINE_TURNS_MAX: u32 = 2;

impl Conversation {
    /// What the words are taken for; none when it had better be asked again.
    pub(super) fn taken_for(&self, meaning: &Meaning, text: &str, cues: &Cues) -> Option<Action> {
        let guess = meaning.intent.action;
        let confidence = meaning.intent.confidence;
        let sure = confidence >= self.campaign.confidence_min;
        let dated = meaning.slots.when.is_some();
        if guess == Action::ObjStopCalling {
            // "No need to ring, I'll get in touch" and "call me at five" forbid nothing.
            return match forbids(text) {
                false if cues.will_call => Some(Action::ObjLater),
                // In doubt it forbids (rule C2): only a time makes it a call-back.
                false if cues.calls && dated && confidence < UNASKED_MIN && !opts_out(text) => Some(Action::Callback),
                true => sure.then_some(guess),
                // No word forbids and the model doubts it: the customer is asked.
                false => (confidence >= BINDING_MIN).then_some(guess),
            };
        }
        if let Some(bare) = cues.bare {
            return Some(self.bare(bare, guess, cues));
        }
        if let Some(action) = self.by_a_word(guess, text, cues) {
            return Some(action);
        }
        // "Get to the point" wants the point; short of time is not yet a no.
        let wants_else = cues.orders || cues.hesitates || cues.refuses.is_some() || cues.calls || cues.will_call;
        if (cues.presses || cues.rushed) && !wants_else && (says_little(guess) || confidence < BINDING_MIN) {
            return Some(Action::ObjBusy);
        }
        if cues.strangers && (confidence < UNASKED_MIN || matches!(guess, Action::NotSelf | Action::Deny)) {
            return Some(Action::WrongNumber);
        }
        // The words of an order are plainer than the model's guess.
        if binds(guess) && confidence >= if cues.orders { ORDERED_MIN } else { BINDING_MIN } {
            return Some(guess);
        }
        if cues.will_call {
            return Some(Action::ObjLater);
        }
        if dated
            && cues.refuses != Some(Firmness::Plain)
            && let Some(action) = self.timed(guess, confidence, text, cues)
        {
            return Some(action);
        }
        let unlikely = confidence < UNASKED_MIN && !cues.hesitates;
        if cues.orders && (may_order(guess) || binds(guess) || unlikely) {
            let asks = matches!(guess.scene(), Scene::Present | Scene::Close) && confidence >= BINDING_MIN;
            return Some(if asks { guess } else { Action::Accept });
        }
        if let Some(firmness) = cues.refuses
            && self.turns_down(guess, confidence, firmness, cues)
            && !cues.hesitates
        {
            return Some(Action::ObjNoNeed);
        }
        if cues.hesitates && self.at_start() && matches!(guess, Action::Affirm | Action::Accept) {
            return Some(Action::ObjBusy); // of two minds whether to listen
        }
        if cues.hesitates && (!sure || guess == Action::Accept) {
            return Some(Action::ObjThink);
        }
        self.tells(meaning, text, cues).or_else(|| self.guarded(guess, confidence, cues))
    }

    /// Where one word of the customer's outweighs the model.
    fn by_a_word(&self, guess: Action, text: &str, cues: &Cues) -> Option<Action> {
        let settled = self.record.is_settled();
        if guess == Action::ObjNoNeed && cues.reminders && settled {
            return Some(Action::Deny); // no reminder is wanted of what was agreed
        }
        // Where customers come to us, a time without a word of calling is for that.
        if guess == Action::Callback && self.campaign.books() && !cues.calls && !self.awaits_time() {
            return Some(Action::Book);
        }
        if guess == Action::Cancel && cues.asks && cues.what_if && !settled {
            return Some(Action::ObjAfterSales); // "can I cancel early" ends nothing
        }
        // "Data" to "data or calls?" asks for no deletion.
        self.slot_asked().filter(|_| guess == Action::PrivacyRequest && self.is_within(text, 2, 1))
    }

    /// What the words tell of the customer where the model doubts it, or takes them for what they do not hold.
    fn tells(&self, meaning: &Meaning, text: &str, cues: &Cues) -> Option<Action> {
        let guess = meaning.intent.action;
        if cues.asks {
            return None;
        }
        let asked = self.slot_asked();
        let held = |slot: Slot| slot != Slot::When && meaning.slots.get(slot).is_some();
        let found = TOLD_BY.iter().find(|(_, slot)| held(*slot)).map(|&(action, _)| action);
        match slot_told_by(guess) {
            _ if meaning.intent.confidence < self.campaign.confidence_min => asked.or(found),
            // Who and where have their own words; without them it was the open question's answer.
            Some(slot @ (Slot::Who | Slot::Where)) if !held(slot) && !self.leads_on(guess) => asked,
            None if guess == Action::OutOfScope && found == asked => asked,
            // A word or two by itself sounds like a machine's.
            None if guess == Action::Machine && self.is_within(text, 6, 3) => asked,
            Some(_) | None => None,
        }
    }

    /// The open question has its own way on from the action.
    fn leads_on(&self, action: Action) -> bool {
        matches!(self.place, Place::At(state) if self.campaign.state(state).on.contains_key(&action))
    }

    /// The open question offers; it asks nothing about the customer.
    fn offers(&self) -> bool {
        let Place::At(state) = self.place else { return false };
        self.open.asked == Asked::State && !self.at_start() && self.campaign.state(state).slot.is_none()
    }

    /// Whether the words are no more than so many Mandarin characters or English words.
    pub(super) fn is_within(&self, text: &str, characters: usize, words: usize) -> bool {
        match self.language {
            Language::Zh => text.chars().filter(|c| c.is_alphanumeric()).count() <= characters,
            Language::En => text.split_whitespace().count() <= words,
        }
    }

    /// The guess alone; what ends the call or makes a deal must be surer than the rest.
    fn guarded(&self, guess: Action, confidence: f32, cues: &Cues) -> Option<Action> {
        let sure = confidence >= self.campaign.confidence_min;
        let late = self.turns > MACHINE_TURNS_MAX;
        if guess == Action::Machine && (late || confidence < MACHINE_MIN) {
            return Some(Action::OutOfScope);
        }
        if guess == Action::Goodbye && confidence < LEAVING_MIN && !cues.leaves {
            return Some(Action::Backchannel);
        }
        if guess == Action::NotSelf && late {
            match self.slot_asked() {
                Some(answer) if confidence < ORDERED_MIN => return Some(answer),
                None if confidence < SELF_MIN => return Some(Action::InformWho),
                Some(_) | None => {}
            }
        }
        if guess == Action::Accept && sure && !self.open.is_order(&self.campaign) {
            // "Sure" to "is now a good time" agrees to hear more.
            let hears_more = self.open.asked != Asked::Nothing && self.at_start() && confidence < UNASKED_MIN;
            return if hears_more { Some(Action::Affirm) } else { (confidence >= BINDING_MIN).then_some(guess) };
        }
        if guess == Action::AskIdentity && !late {
            return Some(guess); // the first words: who calls may be told to anybody
        }
        if matches!(guess, Action::WrongNumber | Action::RequestHuman) {
            return (confidence >= BINDING_MIN).then_some(guess);
        }
        sure.then_some(guess)
    }

    /// The call's first question is open.
    fn at_start(&self) -> bool {
        self.place == Place::At(self.campaign.start)
    }

    /// A whole utterance of a word or two: what the open question makes of it.
    fn bare(&self, bare: Bare, guess: Action, cues: &Cues) -> Action {
        // A question in passing that offers something may be answered by "no, thanks"; any other is not.
        let open = self.open;
        let aside = open.asked == Asked::Aside && (open.affirm, open.deny) != (Target::Resume, Target::Resume);
        let offers = !aside && matches!(self.place, Place::At(_));
        match bare {
            Bare::Yes if guess == Action::Accept && self.open.is_order(&self.campaign) => Action::Accept,
            Bare::Yes => Action::Affirm,
            Bare::No if offers && cues.refuses.is_some() => Action::ObjNoNeed,
            Bare::No => Action::Deny,
            // "Nothing else" is no answer to an order that was given.
            Bare::Nothing if self.record.is_settled() => Action::Thanks,
            Bare::Nothing => Action::Deny,
            Bare::Mm => Action::Backchannel,
            Bare::Bye => Action::Goodbye,
            Bare::Thanks => Action::Thanks,
        }
    }

    /// Words that name a time: a call or a visit then, or the answer to when.
    fn timed(&self, guess: Action, confidence: f32, text: &str, cues: &Cues) -> Option<Action> {
        if cues.calls {
            return Some(Action::Callback);
        }
        let says_when = matches!(guess, Action::InformWhen | Action::Affirm | Action::AskTime);
        // Who cannot talk now, and names a time, is to be called then, whatever the campaign would rather have.
        let for_a_call = says_when || matches!(guess, Action::Book | Action::Callback);
        if self.awaits_time() && !self.asks_when() && !cues.visits && for_a_call {
            return Some(Action::Callback);
        }
        if guess == Action::Callback && confidence >= UNASKED_MIN {
            return Some(guess);
        }
        if guess == Action::InformWhen && self.campaign.books() && self.offers() {
            return Some(Action::Book); // "this weekend", when asked to come
        }
        if matches!(guess, Action::Book | Action::Callback) && !cues.visits {
            return Some(if self.campaign.books() { Action::Book } else { Action::Callback });
        }
        let says_little = matches!(guess.scene(), Scene::Open | Scene::Control | Scene::Needs);
        if self.awaits_time() && says_little && confidence < UNASKED_MIN && !self.asks_when() {
            return Some(Action::Callback);
        }
        if self.asks_when() {
            return Some(if guess == Action::NotSelf { guess } else { Action::InformWhen });
        }
        let exact = when::resolve(text, self.language, self.now).is_some_and(|m| m.precision == Precision::Time);
        let plain = matches!(guess, Action::InformWhen | Action::AskTime | Action::Affirm | Action::Accept)
            || confidence < BINDING_MIN;
        match self.campaign.books() {
            true if exact && plain => Some(Action::Book),
            // An hour of a day is named for us to call, if nothing else is done at an hour.
            false if exact && guess == Action::InformWhen => Some(Action::Callback),
            true | false => None,
        }
    }

    /// What words tell that answer the state's question; none for a time, which is recognised as such.
    fn slot_asked(&self) -> Option<Action> {
        let Place::At(state) = self.place else { return None };
        let slot = self.campaign.state(state).slot.filter(|slot| *slot != Slot::When)?;
        told_by(slot)
    }

    /// Whether the open question is when to call or to meet.
    fn asks_when(&self) -> bool {
        match self.place {
            Place::At(state) => {
                self.campaign.state(state).slot == Some(Slot::When) || self.open.meeting(&self.campaign).is_some()
            }
            Place::Closing { .. } | Place::Over(_) => false,
        }
    }

    /// Whether the customer put the call off, or was promised another, and has not said until when.
    fn awaits_time(&self) -> bool {
        const PUTS_OFF: [Action; 6] = [
            Action::ObjDriving,
            Action::ObjBusy,
            Action::ObjLater,
            Action::NotSelf,
            Action::ObjNotDecider,
            Action::Callback,
        ];
        let promised = match self.place {
            Place::Closing { end, .. } => self.campaign.end(end).outcome == Outcome::Callback,
            Place::At(_) | Place::Over(_) => false,
        };
        let put_off = self.last_action().is_some_and(|action| PUTS_OFF.contains(&action));
        (promised || put_off && !self.asks_when()) && !self.record.is_settled()
    }

    /// Whether words of refusal refuse the offer, given what the model makes of the whole.
    fn turns_down(&self, guess: Action, confidence: f32, firmness: Firmness, cues: &Cues) -> bool {
        let aside = self.open.asked == Asked::Aside || !matches!(self.place, Place::At(_));
        match firmness {
            Firmness::Plain => {
                let statement = guess.scene() == Scene::Present && !cues.asks
                    || matches!(guess, Action::ObjThink | Action::ObjLater);
                let doubtful = statement && confidence < ORDERED_MIN || confidence < BINDING_MIN;
                says_little(guess) || guess.scene() == Scene::Needs || doubtful
            }
            Firmness::Mild if matches!(self.place, Place::Closing { .. }) => {
                confidence < BINDING_MIN && !self.record.is_settled()
            }
            Firmness::Mild => !aside && (says_little(guess) || confidence < BINDING_MIN),
        }
    }

    /// Where the action leads here and now.
    pub(super) fn target_of(&self, action: Action, confidence: f32, cues: &Cues) -> Target {
        // To the point: past the question for leave, or the open question again, both in few words.
        if action == Action::ObjBusy && cues.presses && matches!(self.place, Place::At(_)) {
            let leave = (self.at_start() && self.open.asked == Asked::State).then_some(self.open.affirm);
            return leave.filter(|target| matches!(target, Target::State(_))).unwrap_or(Target::Resume);
        }
        if let Place::At(state) = self.place
            && let Some(&target) = self.campaign.state(state).on.get(&action)
        {
            // "Yes, I'd like to hear more" leads on; "sign me up" is an order wherever it comes.
            let plain = cues.orders || confidence >= BINDING_MIN && !self.at_start();
            let ordered = action == Action::Accept && plain && matches!(target, Target::State(_));
            return if ordered { Target::Action(action) } else { target };
        }
        if matches!(action, Action::Affirm | Action::Backchannel) {
            self.open.affirm
        } else if action == Action::Deny {
            self.open.deny
        } else {
            Target::Action(action)
        }
    }

    /// What the words do to the deal.
    pub(super) fn effect(&self, action: Action, confidence: f32, target: Target, cues: &Cues) -> Effect {
        let effect = match target {
            // "Mm" confirms an order and gives none.
            Target::End(_) | Target::Action(Action::Accept)
                if action == Action::Backchannel && self.open.is_order(&self.campaign) =>
            {
                Effect::None
            }
            Target::End(end) => self.effect_of_end(end),
            Target::Action(meant) => self.effect_of_action(meant),
            Target::State(_) | Target::Resume | Target::Wait => self.effect_of_answer(action),
        };
        match (effect, cues.refuses) {
            (Effect::None | Effect::Reads, _) if cues.orders && may_order(action) => Effect::Orders,
            (Effect::None, Some(Firmness::Plain)) if may_refuse(action) => Effect::Refuses,
            (Effect::None, Some(Firmness::Mild)) if may_refuse(action) && self.open.asked != Asked::Aside => {
                if cues.hesitates { Effect::Hesitates } else { Effect::Refuses }
            }
            // Who asks for the contract has thought better of a no.
            (Effect::None, None) if is_signal(action) && confidence >= UNASKED_MIN => Effect::Reads,
            (Effect::None, None) if cues.hesitates && may_refuse(action) => Effect::Hesitates,
            (effect, _) => effect,
        }
    }

    fn effect_of_end(&self, end: super::campaign::EndId) -> Effect {
        let agreed = |meeting| if self.timing.named().is_some() { Effect::Agrees(meeting) } else { Effect::None };
        match self.campaign.end(end).outcome {
            Outcome::OptedOut => Effect::OptsOut,
            Outcome::WrongNumber => Effect::WrongNumber,
            Outcome::Transferred => Effect::Transfers,
            Outcome::Accepted => Effect::Orders,
            Outcome::Appointment => agreed(Meeting::Visit),
            Outcome::Callback => agreed(Meeting::Call),
            Outcome::Refused => Effect::Refuses,
            Outcome::NoDecision => Effect::None,
        }
    }

    fn effect_of_action(&self, meant: Action) -> Effect {
        let putting_off = matches!(meant, Action::ObjThink | Action::ObjLater);
        if putting_off && self.open.meeting(&self.campaign).is_some() {
            return Effect::Drops;
        }
        if self.campaign.answer(meant).refusal || meant == Action::Cancel && self.record.is_settled() {
            return Effect::Refuses;
        }
        EFFECTS.iter().find(|(action, _)| *action == meant).map_or(Effect::None, |&(_, effect)| effect)
    }

    /// An answer that only leads on.
    fn effect_of_answer(&self, action: Action) -> Effect {
        if action == Action::Deny && self.open.is_order(&self.campaign) {
            return Effect::Refuses;
        }
        if action == Action::Deny && self.open.meeting(&self.campaign).is_some() {
            return Effect::Drops;
        }
        if action == Action::Accept { Effect::None } else { self.effect_of_action(action) }
    }

    /// Keeps what the customer told, so that it is not asked again.
    pub(super) fn remember(&mut self, action: Action, text: &str, heard: &Slots, cues: &Cues) -> Named {
        let asked = match self.place {
            Place::At(state) => self.campaign.state(state).slot,
            Place::Closing { .. } | Place::Over(_) => None,
        };
        for slot in [Slot::Who, Slot::What, Slot::Where, Slot::Why, Slot::How] {
            let told = slot_told_by(action) == Some(slot);
            let tells = match slot {
                Slot::Who | Slot::How => matches!(action.scene(), Scene::Needs | Scene::Objection | Scene::Control),
                Slot::What | Slot::When | Slot::Where | Slot::Why => false,
            } || (asked == Some(slot) && matches!(action.scene(), Scene::Needs | Scene::Control));
            // The whole answer; of one that corrects what was read back, what it puts in its place.
            let whole = if self.read_back.is_open(slot) { corrected(text, self.language) } else { text };
            let otherwise = told.then_some(whole);
            if let Some(words) = heard.get(slot).filter(|_| told || tells).or(otherwise) {
                *self.slots.entry(slot) = Some(words.to_owned());
            }
        }
        self.remember_time(action, text, heard, cues)
    }

    /// A time is read back: only one that was recognised as such, said in words that are about us calling or meeting.
    fn remember_time(&mut self, action: Action, text: &str, heard: &Slots, cues: &Cues) -> Named {
        let Some(words) = heard.when.as_deref() else { return Named::No };
        if action == Action::InformWhen || TELLS_WHEN.contains(&action) {
            self.slots.when = Some(words.to_owned());
        }
        let for_us = cues.calls || matches!(action, Action::Callback | Action::Book) || self.asks_when();
        if cues.will_call || cues.refuses == Some(Firmness::Plain) || !(for_us || TELLS_WHEN.contains(&action)) {
            return Named::No;
        }
        self.slots.when = Some(words.to_owned());
        self.timing.hear(words, text, self.language, self.now);
        if for_us { Named::ForUs } else { Named::No }
    }
}

/// What an action does to the deal by itself.
const EFFECTS: [(Action, Effect); 11] = [
    (Action::ObjStopCalling, Effect::OptsOut),
    (Action::WrongNumber, Effect::WrongNumber),
    (Action::RequestHuman, Effect::Transfers),
    (Action::Accept, Effect::Orders),
    (Action::Abuse, Effect::Refuses),
    (Action::ObjThink, Effect::Hesitates),
    (Action::ObjLater, Effect::Hesitates),
    (Action::ObjConsultOthers, Effect::Hesitates),
    (Action::ObjNotDecider, Effect::Hesitates),
    (Action::ObjSendInfo, Effect::Reads),
    (Action::GiveContact, Effect::Reads),
];

/// Nothing about the offer: a greeting, a yes, a nod.
fn says_little(action: Action) -> bool {
    matches!(action.scene(), Scene::Open | Scene::Control) && action != Action::Goodbye
}

/// Wishes that go before anything else in the sentence (domain §10).
pub(super) fn binds(action: Action) -> bool {
    use Action::{Complain, ObjStopCalling, PrivacyRequest, RequestHuman, WrongNumber};
    matches!(action, ObjStopCalling | PrivacyRequest | Complain | RequestHuman | WrongNumber)
}

/// Whether the words forbid calls, rather than make them needless.
fn forbids(text: &str) -> bool {
    const FORBIDS: [&str; 12] =
        ["别", "不要", "不许", "不准", "拉黑", "骚扰", "stop", "don't", "do not", "never", "off your", "remove"];
    let lower = text.to_lowercase().replace('’', "'");
    FORBIDS.iter().any(|word| lower.contains(word))
}

/// Whether words of order beside the action may still be one.
fn may_order(action: Action) -> bool {
    let puts_off = matches!(
        action,
        Action::ObjThink
            | Action::ObjLater
            | Action::ObjConsultOthers
            | Action::ObjNotDecider
            | Action::ObjStopCalling
            | Action::ObjNoNeed
            | Action::WrongNumber
            | Action::Machine
    );
    !puts_off && action.scene() != Scene::Service
}

/// Whether words of refusal beside the action refuse the offer.
fn may_refuse(action: Action) -> bool {
    match action.scene() {
        Scene::Objection => !matches!(
            action,
            Action::ObjThink
                | Action::ObjLater
                | Action::ObjConsultOthers
                | Action::ObjSendInfo
                | Action::ObjDataSource
        ),
        Scene::Control => !matches!(action, Action::HoldOn | Action::Repeat | Action::Machine | Action::Affirm),
        Scene::Needs => true,
        Scene::Open | Scene::Present | Scene::Close | Scene::Service => false,
    }
}

/// The slot that an action is about.
const TOLD_BY: [(Action, Slot); 6] = [
    (Action::InformWho, Slot::Who),
    (Action::InformWhat, Slot::What),
    (Action::InformWhen, Slot::When),
    (Action::InformWhere, Slot::Where),
    (Action::InformWhy, Slot::Why),
    (Action::InformHow, Slot::How),
];

/// The action that tells a slot.
pub(super) fn told_by(slot: Slot) -> Option<Action> {
    TOLD_BY.iter().find(|(_, told)| *told == slot).map(|&(action, _)| action)
}

fn slot_told_by(action: Action) -> Option<Slot> {
    TOLD_BY.iter().find(|(tells, _)| *tells == action).map(|&(_, slot)| slot)
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
