//! One call: its machine, its events, what it tells the shell to do.
//!
//! [`Call`] has the core's three functions. Slow work is data: `Output::Transcribe` leaves with a turn and an attempt,
//! `Input::Heard` comes back with them, and what belongs to an attempt that is over is dropped. So barge-in, late
//! recognition and a hang-up during speech are ordinary tests on a virtual clock.

mod event;
mod io;
mod keys;
mod machine;
mod media;
mod offences;
mod reply;
mod turn;

pub use event::{EndReason, Event, Felt, Happened, MediaSummary, Party, Standing};
pub use io::{Input, Output, Packet, Port, Timer, Urgency};
pub use machine::{Call, CallLimits, CallSetup};
pub use reply::ReplyId;
pub use turn::{Attempt, Understood};
