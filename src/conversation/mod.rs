//! The conversation: meaning in, reply out. A campaign file (data only) gives states, texts and facts; the machine is
//! pure and cheap to clone, so that a speculative reply is made on a copy and dropped without trace.
//!
//! "Dialog" belongs to SIP (RFC 3261 §12); this is the conversation.

mod campaign;
mod compile;
mod cues;
mod ending;
mod error;
mod facts;
mod file;
mod lines;
mod machine;
mod memory;
mod reach;
mod read_back;
mod record;
mod saying;
mod sense;
mod source;
mod text;
mod timing;

pub use campaign::Campaign;
pub use error::{CampaignError, Problem};
pub use facts::{CallerFacts, FactsError};
pub use machine::Conversation;
pub use memory::Exchange;
pub use record::{Grade, Label, Summary};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::understanding::{Action, Meaning};

/// What the agent does beside speaking. Done once the reply has been said, unless it says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Do {
    /// The number goes on do-not-call, at once (also when the reply is cut short).
    OptOut,
    /// A call-back was promised.
    CallBack {
        /// When, as it was said to the customer.
        when: String,
        /// The moment, where one was agreed.
        #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
        at: Option<OffsetDateTime>,
    },
    /// A visit, a lesson or a demo was agreed.
    Appointment {
        /// When, as it was said to the customer.
        when: String,
        /// The moment, where one was agreed.
        #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
        at: Option<OffsetDateTime>,
    },
    /// A person takes over; for now a request in the record.
    Transfer,
    /// A colleague has work to do: an order to enter, papers to send, a complaint to answer, data to delete.
    FollowUp {
        /// What the customer wanted.
        about: Action,
    },
    /// The call ends after the reply.
    HangUp,
}

/// One answer of the agent. Nothing to say means: keep listening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What is said, in order.
    pub say: Vec<Sentence>,
    /// The state or end of the campaign afterwards, by its name in the file.
    pub state: String,
    /// What is done beside speaking.
    pub actions: Vec<Do>,
}

/// A sentence to speak: rendered and cached by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The words.
    pub text: String,
    /// Whether the caller's speech may stop it.
    pub barge_in: BargeIn,
}

/// Whether a sentence gives way to the caller's speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BargeIn {
    /// The caller's words stop it.
    Allowed,
    /// It is said to the end: the disclosure, the confirmation of an opt-out.
    Uninterruptible,
}

/// What the customer did, as the conversation takes it.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard<'a> {
    /// Words, understood.
    Words {
        /// As recognised.
        text: &'a str,
        /// What they mean.
        meaning: &'a Meaning,
        /// Whether the recogniser is sure enough to act on the words.
        trust: Trust,
    },
    /// Speech that recognition could not make words of.
    Unintelligible,
    /// A key was pressed (RFC 4733 event 0 to 15 as its character).
    Key(char),
    /// Nothing for a while, after the agent stopped speaking.
    Silence,
}

/// Whether the words can be acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Act on them.
    Sure,
    /// Act on them, and say a budget, a name or a place in them back.
    Fair,
    /// Ask again.
    Unsure,
}

impl Trust {
    /// Worse than this share of the least log-probability that is acted on is fair. In Mandarin as configured without
    /// more (-0.4): a confidence of 0.67 to 0.82.
    const FAIR_SHARE: f32 = 0.5;

    /// By the mean token log-probability of the words and the least that is acted on.
    pub fn of(mean_logprob: f32, least: f32) -> Self {
        if mean_logprob < least {
            Self::Unsure
        } else if mean_logprob < least * Self::FAIR_SHARE {
            Self::Fair
        } else {
            Self::Sure
        }
    }
}

/// How the agent speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Persona {
    /// Polite and to the point.
    #[default]
    Business,
    /// As among friends, where a text has such words.
    Casual,
}

/// How a call came out (domain §11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Asked not to be called; on do-not-call at once.
    OptedOut,
    /// The person is not known at this number.
    WrongNumber,
    /// Handed, or being handed, to a person.
    Transferred,
    /// Agreed to buy, sign up or try.
    Accepted,
    /// A visit, lesson or demo was agreed.
    Appointment,
    /// A call was agreed.
    Callback,
    /// A clear no that stood.
    Refused,
    /// Anything else.
    NoDecision,
}
