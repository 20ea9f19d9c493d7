//! The shell: sockets, the clock, workers, files, HTTP, the command line. The only tokio besides the leaves.
//!
//! One task a call owns its [`crate::call::Call`] on the media runtime; the node's task owns the SIP agent on the control
//! runtime; recognisers and synthesisers are threads that call tasks reach through bounded queues.

pub mod bench;
mod call_task;
mod callee;
mod campaigns;
pub mod check;
pub mod clock;
pub mod converse;
mod customer;
pub mod demo;
pub mod eval;
pub mod hear;
mod http;
mod learning;
pub mod models;
mod node;
pub mod options;
mod ports;
mod priority;
mod problem;
pub mod prompts;
mod recognizers;
mod reviews;
mod secrets;
pub mod serve;
mod signalling;
mod swap;
pub mod trace;
pub mod transcribe;
pub mod turn_ends;
pub mod understand;
mod voices;
mod watch;
mod wording;
