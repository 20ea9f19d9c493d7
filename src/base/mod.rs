//! Time, identifiers, redaction and bounded queues: what every other module may use. No I/O, no clock.

mod id;
pub mod numerals;
mod queue;
mod redacted;
mod time;

pub use id::{CallId, TurnId};
pub use queue::{BoundedQueue, Full};
pub use redacted::Redacted;
pub use time::{Instant, Now, UnixMillis};
