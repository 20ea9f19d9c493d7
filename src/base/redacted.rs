//! Phone numbers and people's words: usable as values, invisible in every log.

use std::fmt;

/// A value whose `Debug` and `Display` show only `[redacted]`. [`Redacted::reveal`] is the one way to the content, so
/// that a search for `reveal(` finds every place where personal data leaves.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    /// Hides `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The content, for the wire, the trace or the store: never for a log.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// The content, owned.
    pub fn into_revealed(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
