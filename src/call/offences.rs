//! Violating speech in a call (domain §5), on both sides, as events. The caller's words are looked at at every pause: what
//! they hold then is suspected, and confirmed or withdrawn when the turn is over, each class once a turn. A sentence of the
//! agent with a certain phrase is never said; what only the model suspects of it is told, and delays nothing.

use crate::base::Now;
use crate::compliance::{self, Suspicion, Violation};

use super::event::{Event, Party, Standing};
use super::machine::{Call, Phase};
use super::reply::ReplyId;

/// What a caller can do to an agent. The other classes are of who sells.
const OF_CALLERS: [Violation; 2] = [Violation::Threat, Violation::Insult];

/// How a caller's words offend.
fn offences(words: &str, suspicion: Option<Suspicion>) -> Vec<Violation> {
    let found = compliance::violations_read(words, suspicion);
    OF_CALLERS.into_iter().filter(|class| found.iter().any(|phrase| phrase.class == *class)).collect()
}

impl Call {
    /// The caller's words so far.
    pub(super) fn overhear(&mut self, now: Now, words: &str, suspicion: Option<Suspicion>) {
        for class in offences(words, suspicion) {
            if !self.hearing.suspected.contains(&class) {
                self.hearing.suspected.push(class);
                self.offence(now, Party::Caller, class, Standing::Suspected);
            }
        }
    }

    /// The words of the whole turn; none if it was no turn, or nobody knows them.
    pub(super) fn settle(&mut self, now: Now, words: &str, suspicion: Option<Suspicion>) {
        let (suspected, found) = (std::mem::take(&mut self.hearing.suspected), offences(words, suspicion));
        for class in &found {
            self.offence(now, Party::Caller, *class, Standing::Confirmed);
        }
        for class in suspected.into_iter().filter(|class| !found.contains(class)) {
            self.offence(now, Party::Caller, class, Standing::Withdrawn);
        }
    }

    fn offence(&mut self, now: Now, by: Party, class: Violation, standing: Standing) {
        self.event(now, Event::Violation { turn: self.hearing.turn, by, class, standing });
    }

    /// The model's view of a sentence of the agent. Too late for one whose reply is over.
    pub(super) fn on_reviewed(&mut self, now: Now, reply: ReplyId, index: usize, suspicion: Option<Suspicion>) {
        let Some(saying) = self.saying_of(reply) else { return };
        let Some(sentence) = saying.sentences.get(index) else { return };
        let found: Vec<Violation> =
            compliance::violations_read(&sentence.text, suspicion).iter().map(|phrase| phrase.class).collect();
        let turn = saying.turn;
        match &mut self.phase {
            Phase::Speaking(speaking) if speaking.saying.id == reply => {
                for class in found {
                    self.event(now, Event::Violation { turn, by: Party::Agent, class, standing: Standing::Suspected });
                }
            }
            Phase::SettingUp
            | Phase::Listening { .. }
            | Phase::Thinking { .. }
            | Phase::Speaking(_)
            | Phase::Closing { .. }
            | Phase::Ended => {
                if let Some(saying) = self.saying_of(reply) {
                    saying.offences.extend(found.into_iter().map(|class| (class, Standing::Suspected)));
                }
            }
        }
    }
}
