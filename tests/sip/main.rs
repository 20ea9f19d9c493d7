//! The SIP agent, a behaviour a file; what they share is the bench.

mod bench;
mod calls;
mod digest;
mod headers;
mod lossy;
mod messages;
mod races;
mod streams;
mod timers;
