//! Messages in a stream of bytes: bytes in, whole messages and pings out, the same however the bytes are cut. Bounds:
//! [`STREAM_HEAD_BYTES_MAX`] and [`STREAM_BODY_BYTES_MAX`]; beyond them, and wherever the end of a message cannot be told,
//! the stream is at fault and yields nothing more. RFC 3261 §7.5, §18.3, RFC 5626 §3.5.1.

use super::SyntaxError;
use super::header::{Headers, Via};
use super::lexer::{head_length, headers_of};
use super::transaction::MAGIC_COOKIE;

/// Start line and headers of a message; over it: 413, and the connection closes.
pub const STREAM_HEAD_BYTES_MAX: usize = 32 * 1024;
/// The body of a message; over it: 413, and the connection closes. Together they are what a datagram may hold.
pub const STREAM_BODY_BYTES_MAX: usize = 32_000;

const CONTENT_LENGTH: &str = "Content-Length";

/// What a stream yields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Framed {
    /// Two empty lines between messages: answer by [`PONG`].
    Ping,
    /// One message, for the lexer.
    Message(Vec<u8>),
    /// A head after which nothing can be told apart any more. The last that a stream yields.
    Fault {
        /// As much of it as came within the bounds.
        head: Vec<u8>,
        /// Why.
        error: SyntaxError,
    },
}

/// RFC 5626 §3.5.1: the answer to [`Framed::Ping`].
pub const PONG: &[u8] = b"\r\n";

#[derive(Debug, Default)]
enum State {
    /// Between messages.
    #[default]
    Between,
    /// After a message of RFC 2543 without a length: lines that begin no message are its body, and skipped.
    Resuming,
    /// In a head; so many of its bytes are known not to end it.
    Head { scanned: usize },
    /// In a body; the message is so long.
    Body { message_bytes: usize },
    /// Lost.
    Fault,
}

/// The framer of one connection.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    state: State,
}

impl Framer {
    /// Takes what the connection brought; drain [`Framer::next`] after it.
    pub fn push(&mut self, bytes: &[u8]) {
        if !matches!(self.state, State::Fault) {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next that is whole.
    #[allow(clippy::should_implement_trait)] // more may follow after `None`
    pub fn next(&mut self) -> Option<Framed> {
        loop {
            match self.state {
                State::Between => {
                    if self.take_ping()? {
                        return Some(Framed::Ping);
                    }
                    self.state = State::Head { scanned: 0 };
                }
                State::Resuming => {
                    let line_bytes = self.buffer.iter().position(|b| *b == b'\n').map(|at| at + 1);
                    match line_bytes {
                        Some(line_bytes) if line_bytes <= STREAM_HEAD_BYTES_MAX => self.on_line(line_bytes),
                        None if self.buffer.len() <= STREAM_HEAD_BYTES_MAX => return None,
                        Some(_) | None => return Some(self.oversize()),
                    }
                }
                State::Head { scanned } => match head_length(&self.buffer, scanned) {
                    Some(head_bytes) if head_bytes <= STREAM_HEAD_BYTES_MAX => {
                        if let Some(fault) = self.on_head(head_bytes) {
                            return Some(fault);
                        }
                    }
                    None if self.buffer.len() <= STREAM_HEAD_BYTES_MAX => {
                        self.state = State::Head { scanned: self.buffer.len() };
                        return None;
                    }
                    Some(_) | None => return Some(self.oversize()),
                },
                State::Body { message_bytes } => {
                    if self.buffer.len() < message_bytes {
                        return None;
                    }
                    let rest = self.buffer.split_off(message_bytes);
                    let message = std::mem::replace(&mut self.buffer, rest);
                    self.state = State::Between;
                    return Some(Framed::Message(message));
                }
                State::Fault => return None,
            }
        }
    }

    /// A message is begun and not whole, or never will be.
    pub fn is_amid(&self) -> bool {
        match self.state {
            State::Between | State::Resuming => false,
            State::Head { .. } | State::Body { .. } | State::Fault => true,
        }
    }

    /// Empty lines before a message. `Some(true)`: two of them, a ping; `Some(false)`: a message begins; `None`: too early
    /// to say.
    fn take_ping(&mut self) -> Option<bool> {
        loop {
            let skip = match self.buffer.as_slice() {
                [b'\r', b'\n', b'\r', b'\n', ..] => {
                    self.buffer.drain(..4);
                    return Some(true);
                }
                [] | [b'\r'] | [b'\r', b'\n'] | [b'\r', b'\n', b'\r'] => return None,
                [b'\r', b'\n', ..] => 2,
                [b'\r' | b'\n', ..] => 1,
                [..] => return Some(false),
            };
            self.buffer.drain(..skip);
        }
    }

    /// A line after a message without a length: a message begins with it, or it is dropped.
    fn on_line(&mut self, line_bytes: usize) {
        let line = self.buffer[..line_bytes].trim_ascii_end();
        if line.starts_with(b"SIP/2.0 ") || line.ends_with(b" SIP/2.0") {
            self.state = State::Head { scanned: 0 };
        } else {
            self.buffer.drain(..line_bytes);
        }
    }

    /// A whole head: where does its message end?
    fn on_head(&mut self, head_bytes: usize) -> Option<Framed> {
        let headers = headers_of(&self.buffer[..head_bytes]);
        match body_length(&headers) {
            Ok(Some(body_bytes)) => self.state = State::Body { message_bytes: head_bytes + body_bytes },
            Ok(None) => {
                let rest = self.buffer.split_off(head_bytes);
                let message = std::mem::replace(&mut self.buffer, rest);
                self.state = State::Resuming;
                return Some(Framed::Message(message));
            }
            Err(error) => return Some(self.fault(head_bytes, error)),
        }
        None
    }

    fn oversize(&mut self) -> Framed {
        let (what, max) = ("head bytes", STREAM_HEAD_BYTES_MAX);
        self.fault(max, SyntaxError::TooLarge { what, got: max + 1, max })
    }

    fn fault(&mut self, head_bytes: usize, error: SyntaxError) -> Framed {
        self.state = State::Fault;
        let mut head = std::mem::take(&mut self.buffer);
        head.truncate(head_bytes);
        Framed::Fault { head, error }
    }
}

/// What Content-Length says. `None`: it is not there, as peers of RFC 2543 may have it (their branch lacks the cookie, and
/// RFC 4475 §3.4.1 wants them served); from others it is demanded. RFC 3261 §18.3.
fn body_length(headers: &Headers) -> Result<Option<usize>, SyntaxError> {
    let name = CONTENT_LENGTH;
    let value = match headers.all(name).count() {
        0 => {
            let via = headers.get("Via").and_then(Via::parse);
            let is_old = via.is_some_and(|via| !via.branch().starts_with(MAGIC_COOKIE));
            return if is_old { Ok(None) } else { Err(SyntaxError::Missing { name }) };
        }
        1 => headers.get(name).filter(|value| !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit())),
        count => return Err(SyntaxError::Repeated { name, count }),
    };
    let got: usize = value.ok_or(SyntaxError::Header { name })?.parse().unwrap_or(usize::MAX);
    let (what, max) = ("body bytes", STREAM_BODY_BYTES_MAX);
    if got > max { Err(SyntaxError::TooLarge { what, got, max }) } else { Ok(Some(got)) }
}
