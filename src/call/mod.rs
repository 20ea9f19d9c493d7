//! One call: its machine, its events, what it tells the shell to do.
//!
//! [`Call`] has the core's three functions. Slow work is data: `Output::Transcribe` leaves with a turn and an attempt,
//! `Input::Heard` comes back with them, and what belongs to an attempt that is over is dropped. So barge-in, late
//! recognition and a hang-up during speech are ordinary tests on a virtual clock.

mod event;
mod machine;
mod reply;
mod turn;

pub use event::{EndReason, Event, Happened};
pub use machine::{Call, CallLimits, CallSetup, Input, Output, Packet, Timer, Urgency};
pub use reply::ReplyId;
pub use turn::{Attempt, Understood};
