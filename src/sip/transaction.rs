//! The four transactions of RFC 3261 §17, with the Accepted states of RFC 6026. Each is a phase with its
//! deadlines; it takes a message or a timer and says what to send and what to tell its user. It owns no clock and no
//! socket; the agent drops it once it `is_over`.

use std::sync::Arc;
use std::time::Duration;

use super::header::Address;
use super::message::{Request, Response};
use super::schedule::{Again, Deadline, PATIENCE, T2, T4, Timer};
use super::transport::{Hop, Transport};
use super::{Envelope, Method};
use crate::base::Instant;

/// RFC 3261 §8.1.1.7: a branch that begins so is unique.
pub const MAGIC_COOKIE: &str = "z9hG4bK";

/// By what a message finds its transaction. RFC 3261 §17.1.3, §17.2.3; cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransactionKey(Arc<str>);

impl TransactionKey {
    /// Of a received request; an ACK or CANCEL asks for its INVITE with that as `method`. Requests of RFC 2543 have no
    /// unique branch: there the Call-ID, CSeq, From tag and the topmost Via together are the key. What comes over another
    /// transport is another request: a transaction keeps to one, and so do its ACK and CANCEL.
    pub(super) fn server(transport: Transport, envelope: &Envelope, method: Method) -> Self {
        let via = &envelope.via;
        let branch = via.branch();
        if branch.len() > MAGIC_COOKIE.len() && branch.starts_with(MAGIC_COOKIE) {
            return Self(format!("{transport}\n{method}\n{branch}\n{}", via.sent_by()).into());
        }
        let tag = envelope.from.tag().unwrap_or("");
        let number = envelope.cseq.number;
        Self(
            format!("{transport}\n{method}\n{}\n{number}\n{tag}\n{}\n{branch}", envelope.call_id, via.sent_by()).into(),
        )
    }

    /// Of a request of ours, or of a response to one.
    pub(super) fn client(envelope: &Envelope) -> Self {
        Self(format!("{}\n{}", envelope.cseq.method, envelope.via.branch()).into())
    }
}

/// What a step of a client transaction means for its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing: a repetition was absorbed, or something was sent again.
    Nothing,
    /// The response is new to the user.
    Response,
    /// The peer never answered: as good as 408. RFC 3261 §8.1.3.1.
    TimedOut,
    /// The connection broke before the peer answered anything, or was never made. RFC 3261 §8.1.3.1.
    Unreachable,
}

/// A step's outcome: bytes to send on the transaction's hop, and what the user learns.
pub(super) type Step = (Option<Vec<u8>>, Told);

const QUIET: Step = (None, Told::Nothing);

/// Timers D, I, J and K are zero over a reliable transport: nothing comes twice. RFC 3261 §17.
fn linger(transport: Transport, unreliable: Duration) -> Duration {
    if transport.is_reliable() { Duration::ZERO } else { unreliable }
}

/// Timers A, E and G do not exist over a reliable transport. RFC 3261 §17.
fn again(transport: Transport, now: Instant, interval_max: Duration) -> Option<Again> {
    (!transport.is_reliable()).then(|| Again::new(now, interval_max))
}

/// When a repetition is due, or its end.
fn next_try(again: Option<&Again>, repeat: Timer, give_up: Instant, end: Timer) -> Deadline {
    again.map_or((give_up, end), |again| (again.at, repeat).min((give_up, end)))
}

/// A request of ours on its way.
pub(super) struct ClientTransaction {
    request: Request,
    pub hop: Hop,
    phase: ClientPhase,
}

enum ClientPhase {
    /// INVITE sent, nothing heard.
    Calling {
        again: Option<Again>,
        give_up: Instant,
    },
    /// INVITE: a provisional answer was heard. No timer of its own: the ring limit guards it.
    Ringing,
    /// INVITE refused and acknowledged.
    Refused {
        ack: Vec<u8>,
        until: Instant,
    },
    /// INVITE accepted; the user acknowledges.
    Accepted {
        until: Instant,
    },
    /// Another request sent, no final answer yet.
    Trying {
        again: Option<Again>,
        give_up: Instant,
    },
    /// Another request answered.
    Answered {
        until: Instant,
    },
    Over,
}

impl ClientTransaction {
    /// Starts with the request's first sending: the caller sends `request().print()` itself.
    pub fn start(now: Instant, request: Request, hop: Hop) -> Self {
        let give_up = now + PATIENCE;
        let phase = if request.method() == Method::Invite {
            ClientPhase::Calling { again: again(hop.transport, now, PATIENCE), give_up }
        } else {
            ClientPhase::Trying { again: again(hop.transport, now, T2), give_up }
        };
        Self { request, hop, phase }
    }

    /// What was asked.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// A provisional answer was heard, and none that is final: only then may CANCEL be sent. RFC 3261 §9.1.
    pub fn can_be_cancelled(&self) -> bool {
        matches!(self.phase, ClientPhase::Ringing)
    }

    pub fn is_over(&self) -> bool {
        matches!(self.phase, ClientPhase::Over)
    }

    pub fn deadline(&self) -> Option<Deadline> {
        match &self.phase {
            ClientPhase::Calling { again, give_up } => {
                Some(next_try(again.as_ref(), Timer::InviteAgain, *give_up, Timer::InviteUnanswered))
            }
            ClientPhase::Trying { again, give_up } => {
                Some(next_try(again.as_ref(), Timer::RequestAgain, *give_up, Timer::RequestUnanswered))
            }
            ClientPhase::Refused { until, .. } => Some((*until, Timer::RefusalLinger)),
            ClientPhase::Accepted { until } => Some((*until, Timer::ForkLinger)),
            ClientPhase::Answered { until } => Some((*until, Timer::ResponseLinger)),
            ClientPhase::Ringing | ClientPhase::Over => None,
        }
    }

    pub fn on_response(&mut self, now: Instant, response: &Response) -> Step {
        let status = response.status();
        match (&mut self.phase, status) {
            (ClientPhase::Calling { .. } | ClientPhase::Ringing, ..200) => {
                self.phase = ClientPhase::Ringing;
                (None, Told::Response)
            }
            (ClientPhase::Calling { .. } | ClientPhase::Ringing, 200..300) => {
                self.phase = ClientPhase::Accepted { until: now + PATIENCE };
                (None, Told::Response)
            }
            (ClientPhase::Calling { .. } | ClientPhase::Ringing, 300..) => {
                let ack = self.ack_of_refusal(&response.envelope().to).print();
                self.phase = match linger(self.hop.transport, PATIENCE) {
                    Duration::ZERO => ClientPhase::Over,
                    linger => ClientPhase::Refused { ack: ack.clone(), until: now + linger },
                };
                (Some(ack), Told::Response)
            }
            (ClientPhase::Refused { ack, .. }, 300..) => (Some(ack.clone()), Told::Nothing),
            (ClientPhase::Accepted { .. }, 200..300) => (None, Told::Response),
            (ClientPhase::Trying { again, .. }, ..200) => {
                *again = again.map(Again::slowed);
                QUIET
            }
            (ClientPhase::Trying { .. }, 200..) => {
                self.phase = match linger(self.hop.transport, T4) {
                    Duration::ZERO => ClientPhase::Over,
                    linger => ClientPhase::Answered { until: now + linger },
                };
                (None, Told::Response)
            }
            (ClientPhase::Refused { .. }, ..300) => QUIET, // late; the refusal stands
            (ClientPhase::Accepted { .. }, ..200 | 300..) => QUIET, // late, or another branch of a fork
            (ClientPhase::Answered { .. } | ClientPhase::Over, _) => QUIET,
        }
    }

    /// What is due at `now`.
    pub fn on_timer(&mut self, now: Instant) -> Step {
        match &mut self.phase {
            ClientPhase::Calling { give_up, .. } | ClientPhase::Trying { give_up, .. } if *give_up <= now => {
                self.phase = ClientPhase::Over;
                (None, Told::TimedOut)
            }
            ClientPhase::Calling { again, .. } | ClientPhase::Trying { again, .. } => {
                *again = again.map(|again| again.next(now));
                (Some(self.request.print()), Told::Nothing)
            }
            ClientPhase::Refused { .. } | ClientPhase::Accepted { .. } | ClientPhase::Answered { .. } => {
                self.phase = ClientPhase::Over;
                QUIET
            }
            ClientPhase::Ringing | ClientPhase::Over => QUIET,
        }
    }

    /// Its connection is gone. An INVITE that rings waits on: the peer answers by a new connection. RFC 3261 §18.2.2.
    pub fn on_broken_connection(&mut self) -> Step {
        match &self.phase {
            ClientPhase::Calling { .. } | ClientPhase::Trying { .. } => {
                self.phase = ClientPhase::Over;
                (None, Told::Unreachable)
            }
            ClientPhase::Ringing
            | ClientPhase::Refused { .. }
            | ClientPhase::Accepted { .. }
            | ClientPhase::Answered { .. }
            | ClientPhase::Over => QUIET,
        }
    }

    /// The call is over, whatever the peer still says; only a late 2xx to an INVITE is still taken, to be ended.
    pub fn abandon(&mut self, now: Instant) {
        if matches!(self.phase, ClientPhase::Calling { .. } | ClientPhase::Ringing) {
            self.phase = ClientPhase::Accepted { until: now + PATIENCE };
        }
    }

    /// RFC 3261 §17.1.1.3: same branch, URI and Route as the INVITE, the To of the answer.
    fn ack_of_refusal(&self, to: &Address) -> Request {
        let mut envelope = self.request.envelope().clone();
        envelope.to = to.clone();
        self.within(Method::Ack, envelope)
    }

    /// RFC 3261 §9.1: same branch, URI, Route, To and number as the INVITE.
    pub fn cancel(&self) -> Request {
        self.within(Method::Cancel, self.request.envelope().clone())
    }

    fn within(&self, method: Method, mut envelope: Envelope) -> Request {
        envelope.cseq.method = method;
        let routes = self.request.headers().all("Route");
        routes.fold(Request::new(method, self.request.uri().clone(), envelope), |request, r| request.with("Route", r))
    }
}

/// An INVITE received.
pub(super) struct InviteServer {
    pub hop: Hop,
    phase: InvitePhase,
}

enum InvitePhase {
    /// Not answered; repeats the latest provisional answer. The ring limit guards it.
    Proceeding {
        latest: Vec<u8>,
    },
    /// Refused, until the ACK comes.
    Refused {
        answer: Vec<u8>,
        again: Option<Again>,
        give_up: Instant,
    },
    /// Refused and acknowledged.
    Acknowledged {
        until: Instant,
    },
    /// Accepted: the user repeats its 2xx itself.
    Accepted {
        until: Instant,
    },
    Over,
}

impl InviteServer {
    /// Starts with its 100 Trying, which the caller sends.
    pub fn start(hop: Hop, trying: Vec<u8>) -> Self {
        Self { hop, phase: InvitePhase::Proceeding { latest: trying } }
    }

    pub fn is_over(&self) -> bool {
        matches!(self.phase, InvitePhase::Over)
    }

    /// Without a final answer yet.
    pub fn is_proceeding(&self) -> bool {
        matches!(self.phase, InvitePhase::Proceeding { .. })
    }

    pub fn deadline(&self) -> Option<Deadline> {
        match &self.phase {
            InvitePhase::Proceeding { .. } | InvitePhase::Over => None,
            InvitePhase::Refused { again, give_up, .. } => {
                Some(next_try(again.as_ref(), Timer::RefusalAgain, *give_up, Timer::AckWait))
            }
            InvitePhase::Acknowledged { until } => Some((*until, Timer::AckLinger)),
            InvitePhase::Accepted { until } => Some((*until, Timer::AcceptedLinger)),
        }
    }

    /// Our answer, printed; the caller sends it.
    pub fn answer(&mut self, now: Instant, status: u16, bytes: &[u8]) {
        self.phase = match status {
            ..200 => InvitePhase::Proceeding { latest: bytes.to_vec() },
            200..300 => InvitePhase::Accepted { until: now + PATIENCE },
            300.. => {
                let again = again(self.hop.transport, now, T2);
                InvitePhase::Refused { answer: bytes.to_vec(), again, give_up: now + PATIENCE }
            }
        };
    }

    /// The INVITE came again: what to send.
    pub fn on_repetition(&self) -> Option<Vec<u8>> {
        match &self.phase {
            InvitePhase::Proceeding { latest: bytes } | InvitePhase::Refused { answer: bytes, .. } => {
                Some(bytes.clone())
            }
            InvitePhase::Acknowledged { .. } | InvitePhase::Accepted { .. } | InvitePhase::Over => None,
        }
    }

    /// An ACK with this transaction's branch. `true`: it belongs to our 2xx, and so to the dialog.
    pub fn on_ack(&mut self, now: Instant) -> bool {
        match &self.phase {
            InvitePhase::Refused { .. } => {
                self.phase = match linger(self.hop.transport, T4) {
                    Duration::ZERO => InvitePhase::Over,
                    linger => InvitePhase::Acknowledged { until: now + linger },
                };
                false
            }
            InvitePhase::Accepted { .. } => true,
            InvitePhase::Proceeding { .. } | InvitePhase::Acknowledged { .. } | InvitePhase::Over => false,
        }
    }

    /// What is due at `now`. That no ACK came for a refusal needs no word to the user: the call ended with it.
    pub fn on_timer(&mut self, now: Instant) -> Option<Vec<u8>> {
        match &mut self.phase {
            InvitePhase::Refused { answer, again, give_up } if *give_up > now => {
                *again = again.map(|again| again.next(now));
                Some(answer.clone())
            }
            InvitePhase::Refused { .. } | InvitePhase::Acknowledged { .. } | InvitePhase::Accepted { .. } => {
                self.phase = InvitePhase::Over;
                None
            }
            InvitePhase::Proceeding { .. } | InvitePhase::Over => None,
        }
    }
}

/// A request other than INVITE, answered at once: what is left is to repeat the answer, where requests are repeated.
/// RFC 3261 §17.2.2.
pub(super) struct AnsweredServer {
    pub hop: Hop,
    pub answer: Vec<u8>,
    until: Instant,
}

impl AnsweredServer {
    /// Starts with the final answer, which the caller sends.
    pub fn start(now: Instant, hop: Hop, answer: Vec<u8>) -> Self {
        Self { hop, answer, until: now + PATIENCE }
    }

    pub fn deadline(&self) -> Deadline {
        (self.until, Timer::AnswerLinger)
    }
}
