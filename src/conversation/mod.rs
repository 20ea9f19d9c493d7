//! The conversation: meaning in, reply out. A campaign file (data only) gives states, texts and facts; the machine is
//! pure and cheap to clone, so that a speculative reply is made on a copy and dropped without trace.
//!
//! "Dialog" belongs to SIP (RFC 3261 §12); this is the conversation.

mod campaign;
mod machine;

pub use campaign::{Campaign, CampaignError};
pub use machine::Conversation;

use serde::Serialize;

/// What the agent does beside speaking, in the order to be done once the reply has been said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Do {
    /// The number goes on do-not-call, at once (also when the reply is cut short).
    OptOut,
    /// A call-back was agreed.
    CallBack {
        /// When, as it was read back to the customer.
        when: String,
    },
    /// A person takes over; for now a request in the record.
    Transfer,
    /// The call ends after the reply.
    HangUp,
}

/// One answer of the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What is said: sentences in order, each rendered and cached by itself.
    pub say: Vec<String>,
    /// The state of the campaign afterwards.
    pub state: String,
    /// Whether the caller's speech may stop it.
    pub barge_in: BargeIn,
    /// What is done beside speaking.
    pub actions: Vec<Do>,
}

/// Whether a text gives way to the caller's speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BargeIn {
    /// The caller's words stop it.
    Allowed,
    /// It is said to the end: the disclosure, a confirmation of an opt-out.
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
        meaning: &'a crate::understanding::Meaning,
        /// Whether the recogniser is sure enough to act on the words.
        trust: Trust,
    },
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
    /// Ask again.
    Unsure,
}
