//! One call as SIP sees it: the INVITE usage of a dialog (RFC 5057), from the first INVITE to the last BYE. It holds what
//! is under way: an INVITE of the peer that waits for our answer, a 2xx of ours that waits for its ACK, an INVITE of ours.

use std::time::Duration;

use super::Method;
use super::dialog::Dialog;
use super::endpoint::{ALLOW, Asked, Attempt, Endpoint, Incoming, Purpose};
use super::event::{DialogId, EndReason, Event, Invited};
use super::extra::ExtraHeaders;
use super::lexer::DATAGRAM_BYTES_MAX;
use super::message::{KEY_TYPES, Request, Response};
use super::schedule::{Again, Deadline, PATIENCE, T2, Timer};
use super::transaction::TransactionKey;
use super::transport::Hop;
use crate::base::{Instant, Redacted};

/// RFC 3261 §14.1: the owner of the Call-ID waits 2.1 to 4 s before its second try, the other side up to 2 s.
const GLARE_OWNER_WAIT: Duration = Duration::from_millis(2100);

enum Phase {
    /// The peer invites us.
    Invited,
    /// We invite the peer.
    Dialling,
    /// We gave up dialling; `cancel` is there once the CANCEL is out.
    Cancelling { reason: EndReason, until: Instant, cancel: Option<TransactionKey> },
    /// Accepted by either side.
    Established,
    /// `Ended` is told; our BYE is out, or waits for the ACK of our 2xx.
    Leaving { bye: Option<TransactionKey> },
    /// Nothing left.
    Gone,
}

/// An INVITE of the peer that we have not answered yet.
struct Unanswered {
    incoming: Incoming,
    until: Instant,
}

/// Our 2xx, repeated until its ACK comes.
struct Unacknowledged {
    number: u32,
    hop: Hop,
    bytes: Vec<u8>,
    again: Again,
    give_up: Instant,
}

/// What an INVITE of ours brings.
#[derive(Clone)]
pub(super) struct Invitation {
    pub sdp: Vec<u8>,
    pub headers: ExtraHeaders,
}

/// Our INVITE, on its way.
struct Inviting {
    key: TransactionKey,
    invitation: Invitation,
    until: Instant,
}

/// Our re-INVITE, to be sent once more.
struct Retry {
    at: Instant,
    invitation: Invitation,
}

/// Who made the Call-ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CallIdOwner {
    Us,
    Peer,
}

/// What became of a request of ours.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome<'a> {
    Answer(&'a Response),
    TimedOut,
    Unreachable,
}

/// See the module.
pub(super) struct Usage {
    id: DialogId,
    pub dialog: Dialog,
    call_id_owner: CallIdOwner,
    phase: Phase,
    unanswered: Option<Unanswered>,
    unacknowledged: Option<Unacknowledged>,
    inviting: Option<Inviting>,
    retry: Option<Retry>,
}

impl Usage {
    fn new(id: DialogId, dialog: Dialog, call_id_owner: CallIdOwner, phase: Phase) -> Self {
        let (unanswered, unacknowledged, inviting, retry) = (None, None, None, None);
        Self { id, dialog, call_id_owner, phase, unanswered, unacknowledged, inviting, retry }
    }

    /// The peer invites us.
    pub fn invited(now: Instant, endpoint: &mut Endpoint, id: DialogId, dialog: Dialog, incoming: Incoming) -> Self {
        let request = &incoming.request;
        endpoint.tell(Event::Invited(Box::new(Invited {
            dialog: id,
            call_id: dialog.call_id.clone(),
            request_uri: request.uri().clone(),
            from: request.envelope().from.clone(),
            to: request.envelope().to.clone(),
            source: dialog.heard_from.address,
            transport: dialog.heard_from.transport,
            headers: ExtraHeaders::of(request.headers()),
            offer: request.sdp(),
        })));
        let mut usage = Self::new(id, dialog, CallIdOwner::Peer, Phase::Invited);
        usage.unanswered = Some(Unanswered { incoming, until: now + endpoint.config.ring_limit });
        usage
    }

    /// We invite the peer. Where the INVITE goes first is the dialog's `heard_from`, as an outbound proxy would be.
    pub fn dial(now: Instant, endpoint: &mut Endpoint, id: DialogId, dialog: Dialog, invitation: Invitation) -> Self {
        let mut usage = Self::new(id, dialog, CallIdOwner::Us, Phase::Dialling);
        let hop = endpoint.connected(usage.dialog.heard_from);
        usage.dialog.heard_from = hop;
        if !usage.invite(now, endpoint, invitation, Purpose::Dial, hop) {
            usage.end(endpoint, EndReason::TransportError);
            usage.phase = Phase::Gone;
        }
        usage
    }

    pub fn is_gone(&self) -> bool {
        matches!(self.phase, Phase::Gone)
    }

    pub fn deadline(&self) -> Option<Deadline> {
        let cancel = match &self.phase {
            Phase::Cancelling { until, .. } => Some((*until, Timer::CancelWait)),
            Phase::Invited | Phase::Dialling | Phase::Established | Phase::Leaving { .. } | Phase::Gone => None,
        };
        let inviting = self.inviting.as_ref().filter(|_| cancel.is_none());
        [
            cancel,
            self.unanswered.as_ref().map(|unanswered| (unanswered.until, Timer::RingLimit)),
            inviting.map(|inviting| (inviting.until, Timer::RingLimit)),
            self.unacknowledged.as_ref().map(|accept| (accept.again.at, Timer::AcceptAgain)),
            self.unacknowledged.as_ref().map(|accept| (accept.give_up, Timer::AcceptUnacknowledged)),
            self.retry.as_ref().map(|retry| (retry.at, Timer::GlareRetry)),
        ]
        .into_iter()
        .flatten()
        .min()
    }
}

/// What the caller commands. A command that comes too late for its phase has no effect.
impl Usage {
    pub fn ring(&mut self, now: Instant, endpoint: &mut Endpoint) {
        if let (Phase::Invited, Some(Unanswered { incoming, .. })) = (&self.phase, &self.unanswered) {
            endpoint.answer_status(now, incoming, 180, self.dialog.local_tag());
        }
    }

    pub fn accept(&mut self, now: Instant, endpoint: &mut Endpoint, sdp: Vec<u8>, headers: &ExtraHeaders) {
        let Some(Unanswered { incoming, .. }) = &self.unanswered else { return };
        let response = endpoint.response(incoming, 200, self.dialog.local_tag());
        let response = response.with_all(headers.iter()).with_sdp(sdp);
        if response.print().len() > DATAGRAM_BYTES_MAX {
            return self.refuse(now, endpoint, 500, EndReason::TransportError);
        }
        let Some(Unanswered { incoming, .. }) = self.unanswered.take() else { return };
        let bytes = endpoint.answer(now, &incoming, &response);
        self.unacknowledged = Some(Unacknowledged {
            number: incoming.request.envelope().cseq.number,
            hop: incoming.hop,
            bytes,
            again: Again::new(now, T2),
            give_up: now + PATIENCE,
        });
        self.phase = Phase::Established;
    }

    pub fn reject(&mut self, now: Instant, endpoint: &mut Endpoint, status: u16) {
        let status = if (300..700).contains(&status) { status } else { 500 };
        self.refuse(now, endpoint, status, EndReason::Rejected(status));
    }

    pub fn hang_up(&mut self, now: Instant, endpoint: &mut Endpoint) {
        match &self.phase {
            Phase::Invited => self.refuse(now, endpoint, 480, EndReason::WeHungUp),
            Phase::Dialling => self.cancel(now, endpoint, EndReason::WeHungUp),
            Phase::Established => self.leave(now, endpoint, EndReason::WeHungUp),
            Phase::Cancelling { .. } | Phase::Leaving { .. } | Phase::Gone => {}
        }
    }

    pub fn probe(&mut self, now: Instant, endpoint: &mut Endpoint) {
        if matches!(self.phase, Phase::Established) {
            endpoint.request_within(now, &mut self.dialog, self.id, Purpose::Probe, ("", Vec::new()));
        }
    }

    pub fn info(&mut self, now: Instant, endpoint: &mut Endpoint, kind: &str, body: Redacted<Vec<u8>>) {
        if matches!(self.phase, Phase::Established) {
            let body = (kind, body.into_revealed());
            endpoint.request_within(now, &mut self.dialog, self.id, Purpose::Info, body);
        }
    }

    pub fn reoffer(&mut self, now: Instant, endpoint: &mut Endpoint, sdp: Vec<u8>) {
        if !matches!(self.phase, Phase::Established) {
            return;
        }
        let invitation = Invitation { sdp, headers: ExtraHeaders::default() };
        if self.is_negotiating() {
            return self.retry_later(now, endpoint, invitation);
        }
        self.invite(now, endpoint, invitation, Purpose::Reoffer(Attempt::First), self.dialog.next_hop());
    }
}

/// What the wire brings.
impl Usage {
    /// A request within the dialog, in order.
    pub fn on_request(&mut self, now: Instant, endpoint: &mut Endpoint, asked: Asked, incoming: Incoming) {
        let tag = self.dialog.local_tag().to_owned();
        match (&self.phase, asked) {
            (Phase::Gone | Phase::Cancelling { .. } | Phase::Dialling, _) => {
                endpoint.answer_status(now, &incoming, 481, &tag);
            }
            (Phase::Invited | Phase::Established | Phase::Leaving { .. }, Asked::Bye) => {
                endpoint.answer_status(now, &incoming, 200, &tag);
                self.unacknowledged = None;
                self.finish_invites(now, endpoint);
                self.end(endpoint, EndReason::PeerHungUp);
                self.phase = Phase::Gone;
            }
            (Phase::Leaving { .. }, _) => endpoint.answer_status(now, &incoming, 481, &tag),
            (Phase::Invited | Phase::Established, Asked::Invite) => self.on_invite(now, endpoint, incoming),
            (Phase::Invited | Phase::Established, Asked::Info) => self.on_info(now, endpoint, &incoming),
            (Phase::Invited | Phase::Established, Asked::Options) => {
                endpoint.answer_status(now, &incoming, 200, &tag);
            }
        }
    }

    /// A key, or an empty INFO that only asks whether we are there. RFC 6086.
    fn on_info(&mut self, now: Instant, endpoint: &mut Endpoint, incoming: &Incoming) {
        let content_type = incoming.request.content_type();
        let body = &incoming.request.body;
        let is_key = KEY_TYPES.split(", ").any(|known| known == content_type);
        let status = if body.is_empty() || is_key { 200 } else { 415 };
        endpoint.answer_status(now, incoming, status, self.dialog.local_tag());
        if is_key && !body.is_empty() {
            endpoint.tell(Event::Info { dialog: self.id, content_type, body: Redacted::new(body.clone()) });
        }
    }

    /// A re-INVITE. RFC 3261 §14.2.
    fn on_invite(&mut self, now: Instant, endpoint: &mut Endpoint, incoming: Incoming) {
        let tag = self.dialog.local_tag();
        if self.unanswered.is_some() {
            let seconds = endpoint.random_tens_of_ms(1000).as_secs().to_string();
            let busy = endpoint.response(&incoming, 500, tag).with("Retry-After", seconds);
            endpoint.answer(now, &incoming, &busy);
        } else if self.is_negotiating() {
            endpoint.answer_status(now, &incoming, 491, tag);
        } else {
            self.dialog.refresh_target(incoming.request.headers());
            endpoint.tell(Event::Reoffered { dialog: self.id, offer: incoming.request.sdp() });
            self.unanswered = Some(Unanswered { incoming, until: now + endpoint.config.ring_limit });
        }
    }

    /// The peer cancels this INVITE; without effect if it is answered. RFC 3261 §9.2.
    pub fn on_cancel(&mut self, now: Instant, endpoint: &mut Endpoint, invite: &TransactionKey) {
        if self.unanswered.as_ref().is_some_and(|unanswered| unanswered.incoming.key == *invite) {
            self.refuse(now, endpoint, 487, EndReason::Cancelled);
        }
    }

    /// The ACK of a 2xx.
    pub fn on_ack(&mut self, now: Instant, endpoint: &mut Endpoint, ack: &Request) {
        let number = ack.envelope().cseq.number;
        if self.unacknowledged.take_if(|accept| accept.number == number).is_none() {
            return;
        }
        match &self.phase {
            Phase::Established => endpoint.tell(Event::Confirmed { dialog: self.id, answer: ack.sdp() }),
            Phase::Leaving { .. } => self.send_bye(now, endpoint),
            Phase::Invited | Phase::Dialling | Phase::Cancelling { .. } | Phase::Gone => {}
        }
    }

    /// What became of a request of ours.
    pub fn on_outcome(
        &mut self,
        now: Instant,
        endpoint: &mut Endpoint,
        key: &TransactionKey,
        purpose: Purpose,
        outcome: Outcome<'_>,
    ) {
        if let Outcome::Answer(answer) = outcome
            && matches!(answer.status(), 401 | 407)
            && self.sign_again(now, endpoint, key, purpose, answer)
        {
            return;
        }
        let status = match outcome {
            Outcome::Answer(response) => response.status(),
            Outcome::TimedOut | Outcome::Unreachable => 408,
        };
        match (purpose, outcome, status) {
            (Purpose::Dial | Purpose::Reoffer(_), Outcome::Answer(answer), ..200) => {
                self.on_progress(now, endpoint, answer);
            }
            (Purpose::Dial | Purpose::Reoffer(_), Outcome::Answer(answer), 200..300) => {
                self.on_accepted(now, endpoint, key, answer);
            }
            (Purpose::Dial, _, _) => {
                let reason = match (&self.phase, outcome) {
                    (Phase::Cancelling { reason, .. }, _) => *reason,
                    (_, Outcome::Answer(_)) => EndReason::Rejected(status),
                    (_, Outcome::TimedOut) => EndReason::Failed(status),
                    (_, Outcome::Unreachable) => EndReason::TransportError,
                };
                self.inviting = None;
                self.end(endpoint, reason);
                self.phase = Phase::Gone;
            }
            (Purpose::Reoffer(attempt), _, _) => {
                let ours = self.inviting.take_if(|inviting| inviting.key == *key);
                let Some(Inviting { invitation, .. }) = ours else { return };
                match (status, attempt) {
                    (491, Attempt::First) => self.retry_later(now, endpoint, invitation),
                    (408 | 481, _) => self.leave(now, endpoint, EndReason::Failed(status)),
                    (_, _) => {} // the session stays as it was
                }
            }
            (Purpose::Probe, _, _) => {
                if matches!(self.phase, Phase::Established) {
                    endpoint.tell(Event::ProbeAnswered { dialog: self.id, status });
                    if matches!(status, 408 | 481) {
                        self.leave(now, endpoint, EndReason::Failed(status));
                    }
                }
            }
            (Purpose::Bye, _, _) => {
                if matches!(&self.phase, Phase::Leaving { bye } if bye.as_ref() == Some(key)) {
                    self.phase = Phase::Gone;
                }
            }
            (Purpose::Cancel | Purpose::Info, _, _) => {} // the INVITE's own answer decides; a key is not sent twice
        }
    }

    /// Proves to a peer or a proxy who we are, if the request is still wanted. RFC 3261 §22.2.
    fn sign_again(
        &mut self,
        now: Instant,
        endpoint: &mut Endpoint,
        key: &TransactionKey,
        purpose: Purpose,
        refusal: &Response,
    ) -> bool {
        let waits = match (&mut self.phase, purpose) {
            (Phase::Dialling, Purpose::Dial) | (Phase::Established, Purpose::Reoffer(_)) => {
                self.inviting.as_mut().map(|inviting| &mut inviting.key)
            }
            (Phase::Leaving { bye }, Purpose::Bye) => bye.as_mut(),
            (Phase::Established, Purpose::Probe | Purpose::Info) => None,
            (_, _) => return false,
        };
        if waits.as_ref().is_some_and(|waits| *waits != key) {
            return false; // of another branch, or of before
        }
        let again = endpoint.sign_again(now, key, refusal, &mut self.dialog);
        if let (Some(waits), Some(again)) = (waits, &again) {
            *waits = again.clone();
        }
        again.is_some()
    }

    fn on_progress(&mut self, now: Instant, endpoint: &mut Endpoint, answer: &Response) {
        match (&mut self.phase, &self.inviting) {
            (Phase::Dialling, _) if answer.status() > 100 => {
                endpoint.tell(Event::Ringing { dialog: self.id, sdp: answer.sdp() });
            }
            (Phase::Cancelling { cancel: cancel @ None, .. }, Some(inviting)) => {
                *cancel = endpoint.cancel(now, &inviting.key);
            }
            (
                Phase::Dialling
                | Phase::Cancelling { .. }
                | Phase::Invited
                | Phase::Established
                | Phase::Leaving { .. }
                | Phase::Gone,
                _,
            ) => {}
        }
    }

    /// A 2xx to our INVITE: the first, a repetition, or that of another branch. RFC 3261 §13.2.2.4.
    fn on_accepted(&mut self, now: Instant, endpoint: &mut Endpoint, key: &TransactionKey, accept: &Response) {
        let Some(mut confirmed) = endpoint.acknowledge(key, accept) else { return };
        if self.inviting.take_if(|inviting| inviting.key == *key).is_none() {
            // Another branch answered too: one call is enough.
            if confirmed.is_other_than(&self.dialog) {
                endpoint.bye(now, &mut confirmed, self.id);
            }
            return;
        }
        let answered = Event::Answered { dialog: self.id, sdp: accept.sdp() };
        match self.phase {
            Phase::Dialling => {
                self.dialog = confirmed;
                self.phase = Phase::Established;
                endpoint.tell(answered);
            }
            Phase::Cancelling { reason, .. } => {
                self.dialog = confirmed;
                self.leave(now, endpoint, reason);
            }
            Phase::Established => {
                self.dialog.refresh_target(accept.headers());
                endpoint.tell(answered);
            }
            Phase::Invited | Phase::Leaving { .. } | Phase::Gone => {} // no INVITE of ours is out
        }
    }

    /// What is due at `now`.
    pub fn on_timer(&mut self, now: Instant, endpoint: &mut Endpoint, timer: Timer) {
        match timer {
            Timer::RingLimit => self.on_ring_limit(now, endpoint),
            Timer::CancelWait => {
                if let Phase::Cancelling { reason, .. } = self.phase {
                    self.finish_invites(now, endpoint);
                    self.end(endpoint, reason);
                    self.phase = Phase::Gone;
                }
            }
            Timer::AcceptAgain => {
                if let Some(accept) = &mut self.unacknowledged {
                    accept.again = accept.again.next(now);
                    endpoint.send(accept.hop, accept.bytes.clone());
                }
            }
            Timer::AcceptUnacknowledged => {
                self.unacknowledged = None;
                match self.phase {
                    Phase::Leaving { .. } => self.send_bye(now, endpoint),
                    Phase::Established => self.leave(now, endpoint, EndReason::NoAck),
                    Phase::Invited | Phase::Dialling | Phase::Cancelling { .. } | Phase::Gone => {}
                }
            }
            Timer::GlareRetry => {
                if let Some(Retry { invitation, .. }) = self.retry.take().filter(|_| !self.is_negotiating()) {
                    self.invite(now, endpoint, invitation, Purpose::Reoffer(Attempt::Second), self.dialog.next_hop());
                }
            }
            Timer::InviteAgain
            | Timer::InviteUnanswered
            | Timer::RefusalLinger
            | Timer::RequestAgain
            | Timer::RequestUnanswered
            | Timer::RefusalAgain
            | Timer::AckWait
            | Timer::AckLinger
            | Timer::AnswerLinger
            | Timer::ResponseLinger
            | Timer::AcceptedLinger
            | Timer::ForkLinger
            | Timer::StreamUnfinished
            | Timer::StreamIdle => {} // not its own
        }
    }

    fn on_ring_limit(&mut self, now: Instant, endpoint: &mut Endpoint) {
        if matches!(self.phase, Phase::Dialling) {
            return self.cancel(now, endpoint, EndReason::NoAnswer);
        }
        if self.unanswered.as_ref().is_some_and(|unanswered| unanswered.until <= now) {
            self.refuse(now, endpoint, 480, EndReason::NoAnswer);
        }
        if let Some(inviting) = self.inviting.take_if(|inviting| inviting.until <= now) {
            endpoint.abandon(now, &inviting.key);
        }
    }
}

/// Steps that commands and messages share.
impl Usage {
    /// An offer or an answer is under way: no other INVITE may be.
    fn is_negotiating(&self) -> bool {
        self.unanswered.is_some() || self.unacknowledged.is_some() || self.inviting.is_some()
    }

    /// Sends an INVITE; not one that would not fit a datagram.
    fn invite(
        &mut self,
        now: Instant,
        endpoint: &mut Endpoint,
        invitation: Invitation,
        purpose: Purpose,
        hop: Hop,
    ) -> bool {
        let invite = self.dialog.next_request(Method::Invite, endpoint.via(hop.transport));
        let invite = invite.with("Contact", endpoint.contact(hop.transport)).with("Allow", ALLOW);
        let invite = invite.with_all(invitation.headers.iter()).with_sdp(invitation.sdp.clone());
        let invite = self.dialog.challenges.sign(invite, &endpoint.token());
        if invite.print().len() + endpoint.config.user_agent.len() + 16 > DATAGRAM_BYTES_MAX {
            return false;
        }
        let key = endpoint.request(now, invite, hop, self.id, purpose, Some(&self.dialog));
        self.inviting = Some(Inviting { key, invitation, until: now + endpoint.config.ring_limit });
        true
    }

    fn retry_later(&mut self, now: Instant, endpoint: &mut Endpoint, invitation: Invitation) {
        let wait = match self.call_id_owner {
            CallIdOwner::Us => GLARE_OWNER_WAIT + endpoint.random_tens_of_ms(190),
            CallIdOwner::Peer => endpoint.random_tens_of_ms(200),
        };
        self.retry = Some(Retry { at: now + wait, invitation });
    }

    /// Refuses the INVITE that waits. With the first one of the dialog the call ends for `reason`.
    fn refuse(&mut self, now: Instant, endpoint: &mut Endpoint, status: u16, reason: EndReason) {
        let Some(Unanswered { incoming, .. }) = self.unanswered.take() else { return };
        endpoint.answer_status(now, &incoming, status, self.dialog.local_tag());
        if matches!(self.phase, Phase::Invited) {
            self.end(endpoint, reason);
            self.phase = Phase::Gone;
        }
    }

    fn cancel(&mut self, now: Instant, endpoint: &mut Endpoint, reason: EndReason) {
        let cancel = self.inviting.as_ref().and_then(|inviting| endpoint.cancel(now, &inviting.key));
        self.phase = Phase::Cancelling { reason, until: now + PATIENCE, cancel };
    }

    /// Ends an accepted call: BYE at once, or when the ACK of our 2xx is here. RFC 3261 §15.
    fn leave(&mut self, now: Instant, endpoint: &mut Endpoint, reason: EndReason) {
        self.finish_invites(now, endpoint);
        self.end(endpoint, reason);
        self.phase = Phase::Leaving { bye: None };
        if self.unacknowledged.is_none() {
            self.send_bye(now, endpoint);
        }
    }

    /// The session ends: an INVITE of the peer gets 487, one of ours and its retry are forgotten.
    fn finish_invites(&mut self, now: Instant, endpoint: &mut Endpoint) {
        if let Some(Unanswered { incoming, .. }) = self.unanswered.take() {
            endpoint.answer_status(now, &incoming, 487, self.dialog.local_tag());
        }
        if let Some(inviting) = self.inviting.take() {
            endpoint.abandon(now, &inviting.key);
        }
        self.retry = None;
    }

    fn send_bye(&mut self, now: Instant, endpoint: &mut Endpoint) {
        self.phase = Phase::Leaving { bye: Some(endpoint.bye(now, &mut self.dialog, self.id)) };
    }

    /// Tells `Ended`, once.
    fn end(&mut self, endpoint: &mut Endpoint, reason: EndReason) {
        match self.phase {
            Phase::Leaving { .. } | Phase::Gone => {}
            Phase::Invited | Phase::Dialling | Phase::Cancelling { .. } | Phase::Established => {
                endpoint.tell(Event::Ended { dialog: self.id, reason });
            }
        }
    }
}
