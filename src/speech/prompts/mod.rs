//! Recorded prompts: a person's voice for every sentence that is the same in each call, and for the fixed parts of the
//! others. A [`Script`] is what there is to record; a [`Take`] is one recording, checked and converted; a [`Pack`] is
//! what has been recorded; [`Prompts`] are a pack ready for calls.
//!
//! A prompt's id is made of its words: who edits a text asks for a new recording, and every other keeps its own.

mod pack;
mod script;
mod take;
mod template;

pub use pack::{Pack, PackError, Prompts, Recorded, Recording};
pub use script::{Entry, Line, Script, Sentence, sheet};
pub use take::{Fault, Figures, Take};
pub use template::{Edge, Part, Prompt, Segment, Template};
