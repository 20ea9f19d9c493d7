//! One call's RTP (RFC 3550, RFC 3551): packets in, one 20 ms frame of 8 kHz sound out a tick, and the way back.
//! G.711, RFC 4733 key presses, RTCP, symmetric RTP. Pure: no socket, no clock; datagrams and [`crate::base::Now`] come
//! in. A session holds at most 200 ms of sound and allocates nothing a frame.

mod conceal;
mod control;
mod dtmf;
mod jitter;
mod packet;
mod reception;
mod session;

pub use conceal::Concealer;
pub use dtmf::{KEYS_WAITING_MAX, KeyError};
pub use jitter::{Inserted, JitterBuffer, Taken};
pub use session::{Kind, Latching, Played, Received, Remote, Session, SessionConfig, Stats, Why};

use crate::audio::{Frame8k, Law};

/// RTP clock of G.711, Hz.
const CLOCK_HZ: u32 = 8_000;
/// Samples, and RTP timestamp units, in the 20 ms of one tick.
const TICK_SAMPLES: usize = 160;

/// The sound of one RTP packet as it came from the wire, before any jitter buffer: for those who measure. `None` for
/// other payload types and other lengths than 20 ms.
pub fn voice_of(datagram: &[u8], payload_type: u8, law: Law) -> Option<Frame8k> {
    let packet = packet::Packet::parse(datagram).filter(|packet| packet.payload_type == payload_type)?;
    packet.payload.try_into().ok().map(|payload| law.decode(payload))
}

/// A difference of two instants in timestamp units.
fn samples_between(earlier: crate::base::Instant, later: crate::base::Instant) -> i64 {
    let micros = later.as_micros() as i64 - earlier.as_micros() as i64;
    micros * i64::from(CLOCK_HZ) / 1_000_000
}
