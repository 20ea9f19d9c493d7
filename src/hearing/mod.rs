//! Hearing: frames in, the caller's turns out. `SpeechDetector` judges each 20 ms frame, `TurnDetector` finds where a
//! turn begins, pauses and ends.

/// Whether the words so far are a whole utterance: judged from words by `understanding`, used by the turn's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// A whole answer or question: a short silence ends the turn.
    Complete,
    /// The words do not tell.
    Unknown,
    /// The sentence trails off: the turn waits longer.
    Incomplete,
}
