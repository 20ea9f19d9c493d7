//! Identifiers: newtypes, so that a turn is never taken for a call.

use std::fmt;
use std::sync::Arc;

/// One call, by the name it has in traces, store and logs: the SIP Call-ID's random part, never a phone number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct CallId(Arc<str>);

impl CallId {
    /// Wraps a name chosen by the shell.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One stretch of the customer's speech and the answer to it, counted from 1 within a call; 0 is the opening.
/// Slow work carries it out and back, so that an answer for a turn that is over is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, serde::Serialize)]
#[serde(transparent)]
pub struct TurnId(pub u32);

impl TurnId {
    /// The turn after this one.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}
