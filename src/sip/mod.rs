//! SIP over UDP and TCP, as server and client (RFC 3261, RFC 3581, RFC 6026), with digest authentication (RFC 7616):
//! datagrams and streams in and out, commands in, events out.
//!
//! ```text
//!  datagrams -----------+-> lexer -> message -> agent -> transaction (repeats, timers)  } endpoint
//!  streams -> framer ---+                         |----> usage, dialog (one call)       }
//!  datagrams, streams <- endpoint <- message <----+----> Event
//! ```
//!
//! The façade is [`Agent`]; everything is pure: time arrives as [`crate::base::Now`], timers are values ([`Timer`]), and
//! connections are names ([`StreamId`]) that the shell opens and closes.
//! Bounds: the limits of [`lexer`] and [`stream`] on a message, `dialogs_max` dialogs, 8 server transactions for each of
//! them, [`STREAMS_MAX`] connections accepted.
//! Methods and status codes are rsip's; URIs, addresses and Via are our own, because rsip 0.4 refuses valid ones.
//! Not here yet: TLS, PRACK, UPDATE, session timers.

mod admission;
mod agent;
mod connections;
mod dialog;
mod digest;
mod endpoint;
mod error;
mod event;
mod extra;
pub mod header;
pub mod lexer;
pub mod message;
mod schedule;
pub mod stream;
mod transaction;
mod transport;
mod uri;
mod usage;

pub use admission::NONCE_LIFETIME;
pub use agent::{Agent, AgentConfig, Counters};
pub use connections::{MESSAGE_WAIT_MAX, STREAM_IDLE_MAX, STREAMS_MAX, STREAMS_PER_SOURCE_MAX};
pub use digest::{Algorithm, Credentials};
pub use error::SyntaxError;
pub use event::{Command, DialogId, EndReason, Event, Input, Invited, Output};
pub use extra::{EXTRA_BYTES_MAX, EXTRA_HEADERS_MAX, ExtraError, ExtraHeaders};
pub use header::Address;
pub use message::{Envelope, Request, Response};
pub use rsip::Method;
pub use schedule::{PATIENCE, T1, T2, T4, Timer};
pub use transport::{StreamId, Transport};
pub use uri::{Host, PORT_DEFAULT, Uri};

use message::method_named;
