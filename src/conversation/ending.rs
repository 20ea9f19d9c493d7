//! How a conversation ends, and what is agreed when it does.

use std::sync::Arc;

use super::Campaign;
use super::campaign::{EndId, StateId, Target};
use super::machine::{Conversation, Draft, Line, Open, Pace, Place};
use super::record::{Effect, Meeting};
use super::{Do, Outcome};
use crate::understanding::Action;

impl Conversation {
    /// Says an end's words and does what it stands for. The line is cut where nothing is left to say.
    pub(super) fn finish(&mut self, id: EndId, draft: &mut Draft) {
        let campaign = Arc::clone(&self.campaign);
        let end = campaign.end(id);
        let said = matches!(self.place, Place::Closing { end, .. } if end == id) && id != campaign.farewell;
        if said && matches!(end.outcome, Outcome::Refused | Outcome::NoDecision | Outcome::WrongNumber) {
            return self.hang_up(draft); // the same goodbye again would be deaf
        }
        self.open = Open::NOTHING;
        self.timing.accept();
        if id == campaign.farewell && matches!(self.place, Place::Closing { .. }) {
            self.pace = Pace::Concise; // goodbye was said: a word is enough
        }
        self.say(end.say, draft);
        let when_default = || campaign.fact("when_default", self.language).unwrap_or_default().to_owned();
        let at = self.timing.moment().map(|moment| moment.at);
        let when = || self.timing.named().map_or_else(when_default, |named| named.spoken.clone());
        match end.outcome {
            Outcome::OptedOut => draft.actions.push(Do::OptOut),
            Outcome::Transferred => {
                draft.actions.extend([Do::Transfer, Do::CallBack { when: when_default(), at: None }]);
            }
            Outcome::Callback => draft.actions.push(Do::CallBack { when: when(), at }),
            Outcome::Appointment => draft.actions.push(Do::Appointment { when: when(), at }),
            Outcome::Accepted => draft.actions.push(Do::FollowUp { about: Action::Accept }),
            Outcome::WrongNumber | Outcome::Refused | Outcome::NoDecision => {}
        }
        // Nothing can follow these; after anything else the customer may have more to say.
        let line = match end.outcome {
            Outcome::OptedOut | Outcome::Transferred => Line::Cut,
            Outcome::WrongNumber
            | Outcome::Accepted
            | Outcome::Appointment
            | Outcome::Callback
            | Outcome::Refused
            | Outcome::NoDecision => draft.line,
        };
        match line {
            Line::Cut => {
                self.place = Place::Over(id);
                draft.actions.push(Do::HangUp);
            }
            Line::Kept => self.place = Place::Closing { end: id, turn: self.turns },
        }
    }

    /// The farewell, and the line is cut.
    pub(super) fn hang_up(&mut self, draft: &mut Draft) {
        draft.line = Line::Cut;
        self.finish(self.campaign.farewell, draft);
    }

    /// The end that fits what was agreed when the customer takes leave: the open question's, or any of that outcome.
    pub(super) fn agreed_end(&self, target: Target) -> EndId {
        let outcome = self.record.outcome();
        let fits = |end: EndId| self.campaign.end(end).outcome == outcome;
        if let Target::End(end) = target {
            return end;
        }
        let closing = match self.place {
            Place::Closing { end, .. } | Place::Over(end) => fits(end),
            Place::At(_) => false,
        };
        match outcome {
            _ if closing => self.campaign.farewell, // said already
            Outcome::Accepted | Outcome::Appointment | Outcome::Callback => {
                let asked = match self.open.affirm {
                    Target::End(end) => Some(end),
                    Target::Resume | Target::Wait | Target::Action(_) | Target::State(_) => None,
                };
                let any = (0..self.campaign.ends.len()).map(EndId);
                asked.into_iter().chain(any).find(|&end| fits(end)).unwrap_or(self.campaign.farewell)
            }
            Outcome::Refused => self.campaign.refused,
            Outcome::OptedOut | Outcome::WrongNumber | Outcome::Transferred | Outcome::NoDecision => {
                self.campaign.farewell
            }
        }
    }

    /// What is agreed by a time that the customer named: it has been read back, or it is that of what they want.
    pub(super) fn agreed_by_naming(&self, action: Action) -> Effect {
        if !self.timing.is_named() {
            return Effect::None;
        }
        let read_back = match self.place {
            Place::At(state) => meeting_of(self.campaign.state(state).affirm, &self.campaign),
            Place::Closing { .. } | Place::Over(_) => None,
        };
        let wanted = matches!(action, Action::Book | Action::Accept) && self.campaign.books();
        read_back.or(wanted.then_some(Meeting::Visit)).map_or(Effect::None, Effect::Agrees)
    }

    /// The end for a question that nobody answers: its own, or `otherwise`.
    pub(super) fn given_up(&self, state: StateId, otherwise: EndId) -> Target {
        match self.campaign.state(state).give_up {
            Target::End(end) => Target::End(end),
            Target::Resume | Target::Wait | Target::Action(_) | Target::State(_) => Target::End(otherwise),
        }
    }
}

/// The meeting that a yes agrees to.
pub(super) fn meeting_of(affirm: Target, campaign: &Campaign) -> Option<Meeting> {
    let Target::End(end) = affirm else { return None };
    match campaign.end(end).outcome {
        Outcome::Appointment => Some(Meeting::Visit),
        Outcome::Callback => Some(Meeting::Call),
        Outcome::OptedOut
        | Outcome::WrongNumber
        | Outcome::Transferred
        | Outcome::Accepted
        | Outcome::Refused
        | Outcome::NoDecision => None,
    }
}

impl Open {
    /// The meeting that the open question would agree.
    pub fn meeting(&self, campaign: &Campaign) -> Option<Meeting> {
        meeting_of(self.affirm, campaign)
    }

    /// Whether a yes to the open question orders.
    pub fn is_order(&self, campaign: &Campaign) -> bool {
        match self.affirm {
            Target::Action(action) => action == Action::Accept,
            Target::End(end) => campaign.end(end).outcome == Outcome::Accepted,
            Target::Resume | Target::Wait | Target::State(_) => false,
        }
    }
}
