//! The last turns of the call, as said on both sides: what the agent builds on and what a person is handed.

use std::collections::VecDeque;

use crate::base::Redacted;
use crate::understanding::Action;

/// So many turns are kept; older ones are forgotten.
pub(super) const TURNS_KEPT: usize = 16;

/// One turn: the customer's words and the agent's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What the customer said.
    pub heard: Redacted<String>,
    /// What it was taken for.
    pub action: Action,
    /// What the agent answered.
    pub said: Redacted<String>,
}

/// The last turns, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory(VecDeque<Exchange>);

impl Memory {
    /// Keeps a turn.
    pub fn keep(&mut self, heard: &str, action: Action, said: String) {
        if self.0.len() == TURNS_KEPT {
            self.0.pop_front();
        }
        self.0.push_back(Exchange { heard: Redacted::new(heard.to_owned()), action, said: Redacted::new(said) });
    }

    /// The turns, oldest first.
    pub fn turns(&self) -> impl Iterator<Item = &Exchange> {
        self.0.iter()
    }

    /// What the customer was last taken for.
    pub fn last_action(&self) -> Option<Action> {
        self.0.back().map(|turn| turn.action)
    }
}
