//! The shell: sockets, the clock, workers, files, HTTP, the command line. The only tokio besides the leaves.
//!
//! One task a call owns its [`crate::call::Call`] on the media runtime; the node's task owns the SIP agent on the control
//! runtime; recognisers and synthesisers are threads that call tasks reach through bounded queues.

pub mod bench;
mod call_task;
pub mod check;
pub mod clock;
mod customer;
pub mod demo;
mod http;
mod node;
pub mod options;
mod ports;
mod recognizers;
pub mod serve;
mod trace;
pub mod transcribe;
mod voices;
