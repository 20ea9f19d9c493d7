//! The conversation's machine: what was heard in, the reply out. No clock, no I/O, no randomness; cheap to clone.
//!
//! Every action has an answer in the campaign; what follows it is a [`Target`]. A question, once asked in all its
//! wordings, is not asked again but left by its `give_up` or `next`, so a call always moves towards an end; besides,
//! the turns are bounded. A bare yes or no is what the open question says it stands for. An end that was come to
//! without a goodbye keeps the line: the customer may have more to say.

use std::sync::Arc;

use time::OffsetDateTime;

use super::campaign::{EndId, StateId, Target};
use super::cues::{Cues, cues};
use super::memory::{Exchange, Memory};
use super::read_back::{Answered, ReadBack};
use super::record::{Effect, Record, Summary};
use super::sense::binds;
use super::timing::Timing;
use super::{CallerFacts, Campaign, Do, Heard, Outcome, Persona, Reply, Sentence, Trust};
use crate::asr::Language;
use crate::understanding::{Action, Emotion, LastAct, Meaning, Mood, Scene, Slot, Slots};

/// Plain refusals after which the offer is dropped: going on would be persistence (domain §5).
const REFUSALS_MAX: u8 = 2;
/// Times in a row that the customer is asked to say it again.
const UNCLEAR_MAX: u8 = 2;
/// Silences in a row into which the agent asks; the next is the end.
const SILENCES_MAX: u8 = 2;
/// Interruptions after which the agent speaks briefly.
const INTERRUPTIONS_MAX: u8 = 2;
/// Targets followed in one turn; a campaign that leads further in a circle ends the call.
const STEPS_MAX: usize = 32;

/// One call's conversation.
#[derive(Debug, Clone)]
pub struct Conversation {
    pub(super) campaign: Arc<Campaign>,
    pub(super) language: Language,
    pub(super) caller: CallerFacts,
    pub(super) persona: Persona,
    /// The call's local time.
    pub(super) now: OffsetDateTime,
    pub(super) place: Place,
    pub(super) open: Open,
    pub(super) slots: Slots,
    pub(super) timing: Timing,
    pub(super) record: Record,
    pub(super) read_back: ReadBack,
    memory: Memory,
    /// How often each text was said, by its id.
    pub(super) said: Vec<u8>,
    /// The last reply, for who did not hear it.
    pub(super) last: Vec<Sentence>,
    /// What the last words did.
    act: LastAct,
    pub(super) turns: u32,
    refusals: u8,
    interruptions: u8,
    mood: Mood,
    pub(super) pace: Pace,
    /// In a row.
    silences: u8,
    /// In a row.
    unclear: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    At(StateId),
    /// The end's words were said in that turn of the customer, who may have more to say.
    Closing {
        end: EndId,
        turn: u32,
    },
    /// The agent has hung up.
    Over(EndId),
}

impl Place {
    /// The words of an end of that outcome were said.
    fn has_come_to(self, outcome: Outcome, campaign: &Campaign) -> bool {
        match self {
            Self::Closing { end, .. } | Self::Over(end) => campaign.end(end).outcome == outcome,
            Self::At(_) => false,
        }
    }
}

/// What a bare yes and a bare no stand for just now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub affirm: Target,
    pub deny: Target,
    pub asked: Asked,
}

/// Who asked the open question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Nothing,
    /// The state: a no is about the offer or what the state asks.
    State,
    /// An answer, in passing: a no is about that only.
    Aside,
}

impl Open {
    pub const NOTHING: Self = Self { affirm: Target::Resume, deny: Target::Resume, asked: Asked::Nothing };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    Usual,
    /// For the impatient: no acknowledgements, no optional questions.
    Concise,
}

/// What becomes of the line after the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Line {
    #[default]
    Kept,
    Cut,
}

/// The reply as it grows.
#[derive(Default)]
pub(super) struct Draft {
    pub say: Vec<Sentence>,
    pub actions: Vec<Do>,
    pub line: Line,
}

impl Conversation {
    /// A conversation before its first word, in a call at `now`, the customer's local time.
    pub fn new(campaign: Arc<Campaign>, language: Language, caller: CallerFacts, now: OffsetDateTime) -> Self {
        Self {
            language,
            caller,
            persona: campaign.persona,
            now,
            place: Place::At(campaign.start),
            open: Open::NOTHING,
            slots: Slots::default(),
            timing: Timing::default(),
            record: Record::default(),
            read_back: ReadBack::default(),
            memory: Memory::default(),
            said: vec![0; campaign.texts.len()],
            last: Vec::new(),
            act: LastAct::Unknown,
            turns: 0,
            refusals: 0,
            interruptions: 0,
            mood: Mood::default(),
            pace: Pace::Usual,
            silences: 0,
            unclear: 0,
            campaign,
        }
    }

    /// The same in another persona than the campaign's own.
    pub fn with_persona(self, persona: Persona) -> Self {
        Self { persona, ..self }
    }

    /// The language it is held in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// What the customer has told so far.
    pub fn slots(&self) -> &Slots {
        &self.slots
    }

    /// How the call stands: its outcome if it ended now.
    pub fn summary(&self) -> Summary {
        self.record.summary(&self.slots)
    }

    /// Whether the agent has hung up.
    pub fn is_over(&self) -> bool {
        matches!(self.place, Place::Over(_))
    }

    /// Whether the goodbye was said and the line is kept only for what the customer may add: a silence ends the call.
    pub fn is_closing(&self) -> bool {
        matches!(self.place, Place::Closing { .. })
    }

    /// The last turns, oldest first: what a person who takes over should know.
    pub fn recalled(&self) -> impl Iterator<Item = &Exchange> {
        self.memory.turns()
    }

    /// What the customer's last words were taken for.
    pub fn last_action(&self) -> Option<Action> {
        self.memory.last_action()
    }

    /// How the customer feels, as far as it may be acted on.
    pub fn mood(&self) -> Emotion {
        self.mood.sure()
    }

    /// What the agent's last words did: the moment in which the customer's are understood.
    pub fn last_act(&self) -> LastAct {
        self.act
    }

    /// The customer spoke over the agent.
    pub fn interrupted(&mut self) {
        self.interruptions = self.interruptions.saturating_add(1);
        if self.interruptions >= INTERRUPTIONS_MAX {
            self.pace = Pace::Concise;
        }
    }

    /// The first words of the agent: the disclosure, then the opening that fits the customer, or the first question.
    pub fn open(&mut self) -> Reply {
        let campaign = Arc::clone(&self.campaign);
        let mut draft = Draft::default();
        self.say(campaign.notice, &mut draft);
        let fitting = campaign.openings.iter().find(|opening| {
            opening.facts.iter().all(|(name, values)| self.caller.fits(name, values))
                && !self.wordings(campaign.text(opening.say)).is_empty()
        });
        match fitting {
            Some(opening) => {
                let state = campaign.state(opening.state);
                self.place = Place::At(opening.state);
                if self.say(opening.say, &mut draft) {
                    let (affirm, deny) = (opening.affirm.unwrap_or(state.affirm), opening.deny.unwrap_or(state.deny));
                    self.open = Open { affirm, deny, asked: Asked::State };
                    self.said[state.ask.0] += 1; // it was the question's first wording
                } else {
                    self.follow(Target::Resume, "", &mut draft);
                }
            }
            None => self.follow(Target::State(campaign.start), "", &mut draft),
        }
        self.last.clone_from(&draft.say);
        let reply = self.reply(draft);
        self.act = LastAct::Greet;
        reply
    }

    /// The answer to what the customer did.
    pub fn hear(&mut self, heard: Heard<'_>) -> Reply {
        let mut draft = Draft::default();
        match (self.place, heard) {
            // Nothing overrides an opt-out, and nothing comes too late to be one.
            (Place::Over(end), heard) => {
                if end != self.campaign.opted_out && self.opts_out(&heard) {
                    self.record.apply(Effect::OptsOut);
                    self.finish(self.campaign.opted_out, &mut draft);
                }
            }
            (Place::At(state), Heard::Silence) => self.silence(state, &mut draft),
            // The goodbye was said: nobody adds to it.
            (Place::Closing { end, .. }, Heard::Silence) => {
                self.place = Place::Over(end);
                draft.actions.push(Do::HangUp);
            }
            (Place::At(_) | Place::Closing { .. }, Heard::Unintelligible) => {
                self.not_heard(Action::OutOfScope, &mut draft);
            }
            (Place::At(_) | Place::Closing { .. }, Heard::Words { text, meaning, trust }) => {
                self.words(text, meaning, trust, &mut draft);
            }
            (Place::At(_) | Place::Closing { .. }, Heard::Key(key)) => self.key(key, &mut draft),
        }
        self.reply(draft)
    }

    fn reply(&mut self, draft: Draft) -> Reply {
        if let Some(last) = draft.say.last() {
            self.act = self.act_of(&last.text);
        }
        let state = match self.place {
            Place::At(state) => &self.campaign.state(state).name,
            Place::Closing { end, .. } | Place::Over(end) => &self.campaign.end(end).name,
        };
        Reply { say: draft.say, state: state.clone(), actions: draft.actions }
    }

    fn act_of(&self, said: &str) -> LastAct {
        let answers = |action: Action| matches!(action.scene(), Scene::Present | Scene::Objection | Scene::Service);
        match (self.place, LastAct::of_sentence(said)) {
            (Place::Closing { .. } | Place::Over(_), _) => LastAct::Bye,
            (Place::At(_), LastAct::Tell) if self.last_action().is_some_and(answers) => LastAct::Answer,
            (Place::At(_), act) => act,
        }
    }

    fn opts_out(&self, heard: &Heard<'_>) -> bool {
        match *heard {
            Heard::Words { meaning, .. } => meaning.intent.action == Action::ObjStopCalling,
            Heard::Key(key) => self.campaign.key(key) == Some(Target::Action(Action::ObjStopCalling)),
            Heard::Silence | Heard::Unintelligible => false,
        }
    }

    fn key(&mut self, key: char, draft: &mut Draft) {
        let Some(target) = self.campaign.key(key) else { return };
        if let Target::Action(action) = target {
            let nothing_said = Cues::default();
            let effect = self.effect(action, 1.0, target, &nothing_said);
            self.record.note(action, &nothing_said, effect);
        }
        self.follow(target, "", draft);
    }

    fn silence(&mut self, state: StateId, draft: &mut Draft) {
        self.silences += 1;
        if self.silences <= SILENCES_MAX {
            self.say(self.campaign.silence, draft);
            self.open = Open::NOTHING;
            return;
        }
        draft.line = Line::Cut;
        let target = self.given_up(state, self.campaign.silent);
        self.follow(target, "", draft);
    }

    fn words(&mut self, text: &str, meaning: &Meaning, trust: Trust, draft: &mut Draft) {
        self.turns += 1;
        let mut cues = cues(text, self.language);
        let answered = match trust {
            Trust::Sure | Trust::Fair => self.answered(meaning, text, &cues),
            Trust::Unsure => return self.not_heard(meaning.intent.action, draft),
        };
        if answered.is_some() {
            cues = Cues::default(); // the words are about that alone
        }
        let taken = answered.map(Answered::action).or_else(|| self.taken_for(meaning, text, &cues));
        let Some(mut action) = taken else { return self.not_sure(meaning.intent.action, text, draft) };
        (self.silences, self.unclear) = (0, 0);
        self.mood.hear(meaning.emotion, meaning.feeling);
        self.hasten(action, &cues);
        let (time, before) = (self.timing.moment(), self.slots.clone());
        let named = self.remember(action, text, &meaning.slots, &cues);
        let same_time = time.is_some() && self.timing.moment() == time;
        if named == Named::ForUs && !same_time {
            self.read_back_again();
        }
        if named == Named::ForUs
            && same_time
            && self.timing.is_named()
            && self.open.meeting(&self.campaign).is_some()
            && !binds(action)
        {
            action = Action::Affirm; // "yes, three", when three was read back
        }
        self.close_read_back(answered);
        let confidence = meaning.intent.confidence;
        let leads = answered.and_then(Answered::target);
        let target = leads.unwrap_or_else(|| self.target_of(action, confidence, &cues));
        let effect = if answered.is_some() { Effect::None } else { self.effect(action, confidence, target, &cues) };
        self.record.note(action, &cues, effect);
        if effect == Effect::Refuses {
            self.refusals += 1;
        }
        self.prepare_read_back(trust, &before, &meaning.slots, action, effect);
        let acknowledged = self.respond(action, target, effect, meaning, text, draft);
        if named == Named::ForUs {
            self.record.apply(self.agreed_by_naming(action));
        }
        let acknowledged = if acknowledged == draft.say.len() { 0 } else { acknowledged };
        self.vary(acknowledged, draft);
        if action != Action::Repeat {
            self.last = draft.say[acknowledged..].to_vec();
        }
        self.say_read_back(draft);
        let said: Vec<&str> = draft.say.iter().map(|sentence| sentence.text.as_str()).collect();
        self.memory.keep(text, action, said.join(" "));
    }

    /// Says and does what follows from the customer's words; gives how many sentences only acknowledge them.
    fn respond(
        &mut self,
        action: Action,
        target: Target,
        effect: Effect,
        meaning: &Meaning,
        text: &str,
        draft: &mut Draft,
    ) -> usize {
        let closing = matches!(self.place, Place::Closing { .. });
        // The goodbye is answered; a yes to something later is not.
        let answers_goodbye = matches!(self.place, Place::Closing { turn, .. } if turn + 1 == self.turns);
        if self.turns > self.campaign.turns_max && action != Action::ObjStopCalling {
            self.hang_up(draft);
            return 0;
        }
        if action == Action::Repeat {
            let last = std::mem::take(&mut self.last);
            self.answer(Action::Repeat, text, draft);
            draft.say.extend(last.iter().cloned());
            self.last = last;
            return 0;
        }
        if effect == Effect::Refuses && (self.refusals >= REFUSALS_MAX || closing) {
            match self.place.has_come_to(Outcome::Refused, &self.campaign) {
                true => self.hang_up(draft), // said already
                false => self.finish(self.campaign.refused, draft),
            }
            return 0;
        }
        if action == Action::Goodbye {
            let end = self.agreed_end(target);
            draft.line = Line::Cut;
            self.finish(end, draft);
            return 0;
        }
        let nods = matches!(action, Action::Affirm | Action::Backchannel | Action::Deny);
        if answers_goodbye && nods || closing && action == Action::Thanks {
            self.hang_up(draft);
            return 0;
        }
        if action == Action::Machine {
            draft.line = Line::Cut; // nobody is there
        }
        self.acknowledge(action, target, meaning, draft);
        self.open = Open::NOTHING;
        let acknowledged = draft.say.len(); // not worth saying again
        self.follow(target, text, draft);
        acknowledged
    }

    /// Speaks briefly to who is pressed for time: whose words say it, or whose mood is sure.
    fn hasten(&mut self, action: Action, cues: &Cues) {
        let explicit = matches!(action, Action::ObjBusy | Action::Abuse | Action::Complain) || cues.presses;
        if explicit || matches!(self.mood.sure(), Emotion::Impatient | Emotion::Angry) {
            self.pace = Pace::Concise;
        }
    }

    /// Asks again rather than guess; a half-heard opt-out is asked for, and taken when said twice.
    fn not_heard(&mut self, action: Action, draft: &mut Draft) {
        self.silences = 0;
        if action == Action::ObjStopCalling {
            return self.half_heard_opt_out(draft);
        }
        self.unclear += 1;
        match self.place {
            Place::At(state) if self.unclear > UNCLEAR_MAX => {
                draft.line = Line::Cut;
                let target = self.given_up(state, self.campaign.not_heard);
                self.follow(target, "", draft);
            }
            Place::At(_) | Place::Closing { .. } | Place::Over(_) => {
                self.say(self.campaign.unclear, draft);
            }
        }
    }

    /// The words were heard and their meaning is doubtful: asked for once, then the call goes on as well as it can.
    fn not_sure(&mut self, action: Action, text: &str, draft: &mut Draft) {
        self.silences = 0;
        if action == Action::ObjStopCalling {
            return self.half_heard_opt_out(draft);
        }
        self.unclear += 1;
        // After the goodbye nothing is asked anew on a guess.
        if self.unclear % 2 == 1 || self.is_closing() {
            self.say(self.campaign.unclear, draft);
        } else {
            self.follow(Target::Action(Action::Backchannel), text, draft);
        }
        let said: Vec<&str> = draft.say.iter().map(|sentence| sentence.text.as_str()).collect();
        self.memory.keep(text, Action::OutOfScope, said.join(" "));
    }

    fn half_heard_opt_out(&mut self, draft: &mut Draft) {
        let opt_out = Target::Action(Action::ObjStopCalling);
        if self.said[self.campaign.confirm_opt_out.0] > 0 {
            self.record.apply(Effect::OptsOut);
            return self.follow(opt_out, "", draft);
        }
        self.say(self.campaign.confirm_opt_out, draft);
        self.open = Open { affirm: opt_out, deny: Target::Resume, asked: Asked::Aside };
    }

    /// A short word before the agent goes on, for a bare yes or no that says nothing else.
    fn acknowledge(&mut self, action: Action, target: Target, meaning: &Meaning, draft: &mut Draft) {
        if !matches!(action, Action::Affirm | Action::Backchannel | Action::Deny) {
            return;
        }
        match target {
            Target::State(next) => {
                // A no to what was read back empties the slot, so that it is asked for anew.
                let slot = self.campaign.state(next).slot;
                if let (Action::Deny, Some(slot)) = (action, slot)
                    && meaning.slots.get(slot).is_none()
                {
                    *self.slots.entry(slot) = None;
                    if slot == Slot::When {
                        self.timing.forget();
                    }
                }
                self.answer_briefly(action, draft);
            }
            Target::Resume | Target::Wait => self.answer_briefly(action, draft),
            Target::Action(_) | Target::End(_) => {}
        }
    }

    fn answer_briefly(&mut self, action: Action, draft: &mut Draft) {
        if self.pace == Pace::Usual {
            self.answer(action, "", draft);
        }
    }

    /// Speaks and moves until the customer has the floor or the call is over.
    fn follow(&mut self, target: Target, text: &str, draft: &mut Draft) {
        let mut next = Some(target);
        for _ in 0..STEPS_MAX {
            let Some(target) = next else { return };
            next = match (target, self.place) {
                (Target::Wait, _) => None,
                (Target::Resume, Place::At(state)) => match self.closing_question(state) {
                    Some(close) => self.ask(close, draft),
                    None => self.ask(state, draft),
                },
                (Target::State(state), _) => self.ask(state, draft),
                (Target::Resume, Place::Closing { .. }) => match self.reopening_question() {
                    Some(close) => self.ask(close, draft),
                    None => None,
                },
                (Target::Resume, Place::Over(_)) => None,
                (Target::Action(action), _) => self.answer(action, text, draft),
                (Target::End(end), _) => return self.finish(end, draft),
            };
        }
        self.finish(self.campaign.farewell, draft);
    }

    /// The question to put in place of the old one when the customer has shown enough that they want it.
    fn closing_question(&self, at: StateId) -> Option<StateId> {
        let closing = self.campaign.closing?;
        let wants = self.record.signals() >= usize::from(closing.after_signals) && !self.record.is_settled();
        let asked = self.said[self.campaign.state(closing.state).ask.0] > 0;
        let state = self.campaign.state(at);
        let arranges = state.slot == Some(Slot::When) || matches!(state.affirm, Target::End(_));
        (wants && !asked && !arranges).then_some(closing.state)
    }

    /// The question to put to who asks on after the goodbye, undecided.
    fn reopening_question(&self) -> Option<StateId> {
        let state = self.campaign.closing?.state;
        let undecided = !self.record.is_settled() && !self.record.is_refused();
        (undecided && self.record.is_engaged() && !self.used_up(self.campaign.state(state).ask)).then_some(state)
    }

    /// Asks the state's question, or passes it by if its answer is known or its wordings are used up.
    fn ask(&mut self, id: StateId, draft: &mut Draft) -> Option<Target> {
        let campaign = Arc::clone(&self.campaign);
        let state = campaign.state(id);
        self.place = Place::At(id);
        let used_up = self.used_up(state.ask);
        if state.slot == Some(Slot::When) && (used_up || self.said[state.ask.0] > 0) {
            self.timing.settle_for_vague();
        }
        let known = match state.slot {
            Some(Slot::When) => self.timing.named().is_some(),
            Some(slot) => self.slots.get(slot).is_some(),
            None => false,
        };
        if known || state.optional && self.pace == Pace::Concise {
            return Some(state.next);
        }
        if used_up && !self.record.is_wanted() {
            // Who still asks and tells is answered and not sent away.
            let engaged = self.record.is_engaged() && !draft.say.is_empty();
            return (!engaged || !matches!(state.give_up, Target::End(_))).then_some(state.give_up);
        }
        self.say(state.ask, draft);
        self.open = Open { affirm: state.affirm, deny: state.deny, asked: Asked::State };
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
        // What says the words back acknowledges them.
        let said_back = self.read_back.words.is_some() && answer.say == Some(say);
        if (self.pace == Pace::Concise || said_back) && self.only_acknowledges(action, say) {
            return Some(then);
        }
        if self.say(say, draft) {
            self.open = Open { affirm: answer.affirm, deny: answer.deny, asked: Asked::Aside };
            return None;
        }
        Some(then)
    }
}

/// Whether the customer named a time in this turn, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// No time, or one that is not for us to act at.
    No,
    /// A time to call or to meet.
    ForUs,
}
