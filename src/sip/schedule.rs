//! Timers as values: a name, an instant, an owner; and the schedule that knows which is next.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::time::Duration;

use crate::base::Instant;

/// RFC 3261 §17.1.1.1: the round trip that is assumed.
pub const T1: Duration = Duration::from_millis(500);
/// RFC 3261 §17.1.2.2: the longest pause between retransmissions.
pub const T2: Duration = Duration::from_secs(4);
/// RFC 3261 §17.1.2.2: how long a message may stay in the network.
pub const T4: Duration = Duration::from_secs(5);
/// 64·T1: how long anything is tried.
pub const PATIENCE: Duration = Duration::from_secs(32);

/// Why the agent wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// RFC 3261 §17.1.1.2, Timer A: our INVITE is sent again, doubling from T1.
    InviteAgain,
    /// RFC 3261 §17.1.1.2, Timer B: nobody answered our INVITE within 64·T1.
    InviteUnanswered,
    /// RFC 3261 §17.1.1.2, Timer D: our INVITE was refused; repetitions of the refusal are acknowledged for 64·T1.
    RefusalLinger,
    /// RFC 3261 §17.1.2.2, Timer E: our other request is sent again, doubling from T1 to T2.
    RequestAgain,
    /// RFC 3261 §17.1.2.2, Timer F: our other request got no final answer within 64·T1.
    RequestUnanswered,
    /// RFC 3261 §17.2.1, Timer G: our refusal of an INVITE is sent again, doubling from T1 to T2.
    RefusalAgain,
    /// RFC 3261 §17.2.1, Timer H: the ACK for our refusal never came.
    AckWait,
    /// RFC 3261 §17.2.1, Timer I: repetitions of the ACK are absorbed for T4.
    AckLinger,
    /// RFC 3261 §17.2.2, Timer J: repetitions of a request other than INVITE get the same answer for 64·T1.
    AnswerLinger,
    /// RFC 3261 §17.1.2.2, Timer K: repetitions of the final answer to our request are absorbed for T4.
    ResponseLinger,
    /// RFC 6026 §7.1, Timer L: repetitions of an INVITE that was accepted are absorbed for 64·T1.
    AcceptedLinger,
    /// RFC 6026 §7.2, Timer M: further 2xx answers to our INVITE, repeated or forked, are taken for 64·T1.
    ForkLinger,
    /// RFC 3261 §13.3.1.4: our 2xx is sent again until its ACK comes, doubling from T1 to T2.
    AcceptAgain,
    /// RFC 3261 §13.3.1.4: the ACK for our 2xx did not come within 64·T1.
    AcceptUnacknowledged,
    /// Nobody picked up within the ring limit. What Timer C is to a proxy, RFC 3261 §16.6.
    RingLimit,
    /// RFC 3261 §9.1: 64·T1 after our CANCEL the call is over, whatever the peer does.
    CancelWait,
    /// RFC 3261 §14.1: our re-INVITE crossed with one of the peer and is tried once more.
    GlareRetry,
    /// A message was begun on a connection and never came to its end.
    StreamUnfinished,
    /// A connection that no call needs was not used for long.
    StreamIdle,
}

/// A retransmission that doubles its interval up to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Again {
    pub at: Instant,
    interval: Duration,
    interval_max: Duration,
}

impl Again {
    /// First after T1.
    pub fn new(now: Instant, interval_max: Duration) -> Self {
        Self { at: now + T1, interval: T1, interval_max }
    }

    /// The one after this.
    pub fn next(self, now: Instant) -> Self {
        let interval = (self.interval * 2).min(self.interval_max);
        Self { at: now + interval, interval, ..self }
    }

    /// From now on every `interval_max`; an earlier one that is already set stays.
    pub fn slowed(self) -> Self {
        Self { interval: self.interval_max, ..self }
    }
}

/// When something wants to be woken next, and why.
pub(super) type Deadline = (Instant, Timer);

/// The next deadline of each owner, in order of time. Holds one entry an owner.
pub(super) struct Schedule<Owner> {
    by_owner: HashMap<Owner, Deadline>,
    by_time: BTreeSet<(Instant, Owner, Timer)>,
}

impl<Owner: Clone + Ord + Hash> Schedule<Owner> {
    pub fn new() -> Self {
        Self { by_owner: HashMap::new(), by_time: BTreeSet::new() }
    }

    /// Replaces the deadline of `owner`; `None` forgets it.
    pub fn set(&mut self, owner: &Owner, deadline: Option<Deadline>) {
        if self.by_owner.get(owner).copied() == deadline {
            return;
        }
        if let Some((at, timer)) = self.by_owner.remove(owner) {
            self.by_time.remove(&(at, owner.clone(), timer));
        }
        if let Some((at, timer)) = deadline {
            self.by_owner.insert(owner.clone(), (at, timer));
            self.by_time.insert((at, owner.clone(), timer));
        }
    }

    /// The earliest of all.
    pub fn next(&self) -> Option<Deadline> {
        self.by_time.first().map(|(at, _, timer)| (*at, *timer))
    }

    /// Takes out the earliest that is due.
    pub fn pop_due(&mut self, now: Instant) -> Option<(Owner, Timer)> {
        let (_, owner, timer) = self.by_time.first().filter(|(at, ..)| *at <= now)?.clone();
        self.set(&owner, None);
        Some((owner, timer))
    }
}
