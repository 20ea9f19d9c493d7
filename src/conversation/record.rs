//! How the call stands: what the customer did to the deal, and from it outcome, grade and label (domain §7, §11). Known
//! at any moment, so that a call that is cut off has its right outcome too.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Outcome;
use super::cues::Cues;
use crate::understanding::{Action, Scene, Slots};

/// What one turn of the customer does to the deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    None,
    /// Not to be called again.
    OptsOut,
    /// Not the one who was called.
    WrongNumber,
    /// A person is to take over.
    Transfers,
    /// The order is given.
    Orders,
    /// A visit or a call at an agreed time.
    Agrees(Meeting),
    /// The time that was agreed does not hold.
    Drops,
    /// A clear no.
    Refuses,
    /// The decision is put off.
    Hesitates,
    /// It is put off by reading or asking first: an order that was given stands.
    Reads,
}

/// What can be agreed for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meeting {
    Visit,
    Call,
}

/// How well a call went (domain §11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Grade {
    /// Accepted or an appointment, or two buying signals and no refusal.
    A,
    /// A call-back, or one buying signal.
    B,
    /// No decision.
    C,
    /// Refused, wrong number or opted out.
    D,
}

/// What kind of customer it is (domain §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// 高意向急单型: wants it, and soon.
    HighIntentUrgent,
    /// 价格敏感型: it hangs on the price.
    PriceSensitive,
    /// 长期观望型: looks on and puts off.
    LongTermObserver,
}

/// How the call stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// How it would come out if it ended now.
    pub outcome: Outcome,
    /// What the customer told.
    pub slots: Slots,
    /// How well it went.
    pub grade: Grade,
    /// What kind of customer it is; none when nothing speaks for one.
    pub label: Option<Label>,
    /// What speaks for the label: ids of actions, `deal` or `hurries`.
    pub evidence: Vec<&'static str>,
    /// Buying signals: ids of actions, `plans` for words of use or quantity.
    pub signals: Vec<&'static str>,
}

/// Actions that show that somebody wants to buy (domain §7).
const SIGNALS: [Action; 9] = [
    Action::AskFinalPrice,
    Action::AskDelivery,
    Action::AskComparison,
    Action::AskProcess,
    Action::ObjPaymentTerms,
    Action::ObjAfterSales,
    Action::ObjConsultOthers,
    Action::GiveContact,
    Action::Book,
];

/// What speaks for a label, and how much.
const URGENT: [(Action, u32); 5] = [
    (Action::Book, 1),
    (Action::AskProcess, 1),
    (Action::AskDelivery, 1),
    (Action::AskFinalPrice, 1),
    (Action::GiveContact, 1),
];
const PRICE: [(Action, u32); 7] = [
    (Action::ObjPrice, 2),
    (Action::ObjDiscount, 2),
    (Action::ObjBudget, 2),
    (Action::ObjHiddenFee, 1),
    (Action::ObjCompetitor, 1),
    (Action::ObjPaymentTerms, 1),
    (Action::AskPromotion, 1),
];
const OBSERVER: [(Action, u32); 7] = [
    (Action::ObjThink, 2),
    (Action::ObjLater, 2),
    (Action::ObjLockedIn, 2),
    (Action::ObjConsultOthers, 1),
    (Action::ObjSendInfo, 1),
    (Action::ObjNotDecider, 1),
    (Action::AskComparison, 1),
];
/// Words of haste weigh so much, and a label needs so much.
const HURRY: u32 = 2;
const LABEL_MIN: u32 = 2;
/// The deal that was made weighs so much.
const DEAL: u32 = 2;

/// Whether the action is a buying signal.
pub(super) fn is_signal(action: Action) -> bool {
    SIGNALS.contains(&action)
}

/// What has happened so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    opted_out: bool,
    wrong_number: bool,
    transferred: bool,
    accepted: bool,
    appointment: bool,
    callback: bool,
    refused: bool,
    /// Buying signals since the last refusal.
    signals: BTreeSet<&'static str>,
    /// Everything the customer did, by action.
    done: Vec<Action>,
    hurried: bool,
}

/// More actions than any call has turns.
const DONE_MAX: usize = 256;

impl Record {
    /// Takes down what the customer did and what it means for the deal.
    pub fn note(&mut self, action: Action, cues: &Cues, effect: Effect) {
        if self.done.len() < DONE_MAX {
            self.done.push(action);
        }
        self.hurried |= cues.hurries && action.scene() != Scene::Service;
        if matches!(action.scene(), Scene::Present | Scene::Close) {
            self.wrong_number = false; // a stranger would not ask for the price
        }
        if is_signal(action) {
            self.signals.insert(action.id());
        }
        if cues.contacts {
            self.signals.insert(Action::GiveContact.id());
        }
        if cues.plans {
            self.signals.insert("plans");
        }
        self.apply(effect);
    }

    /// What something means for the deal.
    pub fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::None => {}
            Effect::OptsOut => self.opted_out = true,
            Effect::WrongNumber => self.wrong_number = true,
            Effect::Transfers => self.transferred = true,
            Effect::Orders => (self.accepted, self.refused, self.wrong_number) = (true, false, false),
            Effect::Agrees(meeting) => {
                match meeting {
                    // What is tried at a lesson or a visit is tried there: the date is the order.
                    Meeting::Visit => (self.appointment, self.accepted) = (true, false),
                    Meeting::Call => self.callback = true,
                }
                (self.refused, self.wrong_number) = (false, false);
            }
            Effect::Drops => (self.appointment, self.callback) = (false, false),
            Effect::Refuses => {
                (self.accepted, self.appointment, self.callback, self.refused) = (false, false, false, true);
                self.signals.clear();
            }
            Effect::Hesitates => (self.accepted, self.refused) = (false, false),
            Effect::Reads => self.refused = false,
        }
    }

    /// Signals since the last refusal.
    pub fn signals(&self) -> usize {
        self.signals.len()
    }

    /// An order was given or a time agreed.
    pub fn is_settled(&self) -> bool {
        self.accepted || self.appointment || self.callback
    }

    /// The customer's last words were about the offer.
    pub fn is_engaged(&self) -> bool {
        let Some(&last) = self.done.last() else { return false };
        let leaves = matches!(
            last,
            Action::ObjThink
                | Action::ObjLater
                | Action::ObjBusy
                | Action::ObjDriving
                | Action::ObjNoNeed
                | Action::ObjNoUse
                | Action::ObjStopCalling
        );
        !leaves && matches!(last.scene(), Scene::Present | Scene::Needs | Scene::Objection | Scene::Close)
    }

    /// The customer's last words asked for the deal or a meeting.
    pub fn is_wanted(&self) -> bool {
        matches!(self.done.last(), Some(Action::Accept | Action::Book | Action::Callback))
    }

    /// The customer's last clear word was no.
    pub fn is_refused(&self) -> bool {
        self.refused
    }

    /// How the call would come out if it ended now: the first that applies (domain §11).
    pub fn outcome(&self) -> Outcome {
        let held = [
            (self.opted_out, Outcome::OptedOut),
            (self.wrong_number, Outcome::WrongNumber),
            (self.transferred, Outcome::Transferred),
            (self.accepted, Outcome::Accepted),
            (self.appointment, Outcome::Appointment),
            (self.callback, Outcome::Callback),
            (self.refused, Outcome::Refused),
        ];
        held.into_iter().find(|(held, _)| *held).map_or(Outcome::NoDecision, |(_, outcome)| outcome)
    }

    fn grade(&self) -> Grade {
        match (self.outcome(), self.signals.len()) {
            (Outcome::OptedOut | Outcome::WrongNumber | Outcome::Refused, _) => Grade::D,
            (Outcome::Accepted | Outcome::Appointment, _) => Grade::A,
            (Outcome::Transferred | Outcome::Callback | Outcome::NoDecision, 2..) => Grade::A,
            // Whoever asks for a person is called back.
            (Outcome::Transferred | Outcome::Callback, 0 | 1) | (Outcome::NoDecision, 1) => Grade::B,
            (Outcome::NoDecision, 0) => Grade::C,
        }
    }

    /// The label with the most evidence, the first of equals, and that evidence.
    fn label(&self) -> (Option<Label>, Vec<&'static str>) {
        let deal = if self.accepted || self.appointment { DEAL } else { 0 };
        let hurry = if self.hurried { HURRY } else { 0 };
        let weighed = [
            (Label::HighIntentUrgent, deal + hurry, URGENT.as_slice()),
            (Label::PriceSensitive, 0, PRICE.as_slice()),
            (Label::LongTermObserver, 0, OBSERVER.as_slice()),
        ];
        let weighed = weighed.map(|(label, more, table)| {
            let weight = |action: &Action| table.iter().find(|(of, _)| of == action).map_or(0, |(_, weight)| *weight);
            (label, more + self.done.iter().map(weight).sum::<u32>(), table)
        });
        // `max_by_key` gives the last of equals.
        match weighed.into_iter().rev().max_by_key(|(_, weight, _)| *weight) {
            Some((label, weight, table)) if weight >= LABEL_MIN => {
                let speaks = |(action, _): &&(Action, u32)| self.done.contains(action);
                let mut evidence: Vec<_> = table.iter().filter(speaks).map(|(action, _)| action.id()).collect();
                if label == Label::HighIntentUrgent {
                    evidence.extend((deal > 0).then_some("deal").into_iter().chain(self.hurried.then_some("hurries")));
                }
                (Some(label), evidence)
            }
            Some(_) | None => (None, Vec::new()),
        }
    }

    pub fn summary(&self, slots: &Slots) -> Summary {
        let (label, evidence) = self.label();
        Summary {
            outcome: self.outcome(),
            slots: slots.clone(),
            grade: self.grade(),
            label,
            evidence,
            signals: self.signals.iter().copied().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(turns: &[(Action, Effect)]) -> Record {
        let mut record = Record::default();
        for &(action, effect) in turns {
            record.note(action, &Cues::default(), effect);
        }
        record
    }

    #[test]
    fn a_later_word_overrides_an_earlier_one_but_never_an_opt_out() {
        let taken_back = record(&[(Action::Accept, Effect::Orders), (Action::ObjNoNeed, Effect::Refuses)]);
        assert_eq!(taken_back.outcome(), Outcome::Refused);
        let won = record(&[(Action::ObjNoNeed, Effect::Refuses), (Action::Accept, Effect::Orders)]);
        assert_eq!(won.outcome(), Outcome::Accepted);
        let thinks = record(&[(Action::Accept, Effect::Orders), (Action::ObjThink, Effect::Hesitates)]);
        assert_eq!(thinks.outcome(), Outcome::NoDecision);
        let out = record(&[(Action::ObjStopCalling, Effect::OptsOut), (Action::Accept, Effect::Orders)]);
        assert_eq!(out.outcome(), Outcome::OptedOut);
    }

    #[test]
    fn grades_follow_outcome_and_signals() {
        let grade = |turns: &[(Action, Effect)]| record(turns).grade();
        assert_eq!(grade(&[]), Grade::C);
        assert_eq!(grade(&[(Action::GiveContact, Effect::None)]), Grade::B);
        let two = [(Action::GiveContact, Effect::None), (Action::AskDelivery, Effect::None)];
        assert_eq!(grade(&two), Grade::A);
        assert_eq!(grade(&[two[0], two[1], (Action::ObjNoNeed, Effect::Refuses)]), Grade::D);
        assert_eq!(grade(&[(Action::Callback, Effect::Agrees(Meeting::Call))]), Grade::B);
    }

    #[test]
    fn a_label_has_its_evidence_and_nothing_has_none() {
        let summary = |turns: &[(Action, Effect)]| record(turns).summary(&Slots::default());
        assert_eq!(summary(&[(Action::Greet, Effect::None)]).label, None);
        let haggler = summary(&[(Action::ObjPrice, Effect::None), (Action::ObjDiscount, Effect::None)]);
        assert_eq!((haggler.label, haggler.evidence), (Some(Label::PriceSensitive), vec!["obj_price", "obj_discount"]));
        assert_eq!(summary(&[(Action::ObjThink, Effect::Hesitates)]).label, Some(Label::LongTermObserver));
        assert_eq!(summary(&[(Action::Accept, Effect::Orders)]).label, Some(Label::HighIntentUrgent));
    }
}
