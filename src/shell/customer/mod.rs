//! A customer with a synthetic voice who calls an agent over SIP and RTP: what it says is labelled, what comes back is
//! judged on the packets. `callwright demo` shows one, `callwright bench turns` measures many at once.

mod flow;
mod measure;
mod recording;
mod script;
mod stamped;
mod talk;

pub use measure::{Replied, barge_in_stop, percentile, reply};
pub use recording::Recording;
pub use script::{Line, Script};
pub use talk::{Customer, Parting, Told};
