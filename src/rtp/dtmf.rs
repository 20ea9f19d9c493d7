//! Key presses as telephone events (RFC 4733). Received: a press is many packets with one timestamp; it is told once, at
//! the first that arrives. Sent: an event packet each 20 ms in place of the sound, its duration growing, its end told
//! three times; a pause; the next key. At most [`KEYS_WAITING_MAX`] keys wait.

use super::TICK_SAMPLES;
use crate::base::{BoundedQueue, Full};

/// RFC 4733 §3.2: events 0 to 15. Others (flash, tones) are no keys.
const KEYS: &str = "0123456789*#ABCD";

/// Finds new presses among telephone-event packets.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    last: Option<Event>,
}

#[derive(Debug, Clone, Copy)]
struct Event {
    /// Some gateways send keys under an SSRC of their own.
    ssrc: u32,
    timestamp: u32,
    code: u8,
    duration: u16,
}

impl Keys {
    /// 5 s: a packet older than that, by its timestamp, is no straggler but of a source that counts anew.
    const STRAGGLER_MAX: u32 = 40_000;

    /// The key, if this packet is the first of its press. `payload` is RFC 4733 §2.3: event, end and volume, duration.
    pub fn receive(&mut self, ssrc: u32, timestamp: u32, payload: &[u8]) -> Option<char> {
        let &[code, _, high, low, ..] = payload else { return None };
        let event = Event { ssrc, timestamp, code, duration: u16::from_be_bytes([high, low]) };
        let Some(last) = self.last.as_mut().filter(|last| last.ssrc == ssrc) else {
            self.last = Some(event);
            return key(code);
        };
        let newer_by = timestamp.wrapping_sub(last.timestamp);
        if newer_by == 0 {
            last.duration = last.duration.max(event.duration);
            return None;
        }
        if newer_by.wrapping_neg() < Self::STRAGGLER_MAX {
            return None; // of an earlier press
        }
        // §2.5.1.3: a press longer than 0xffff units goes on in a new segment, where the last one ends.
        let goes_on = last.code == code && last.duration == u16::MAX && newer_by == u32::from(u16::MAX);
        *last = event;
        if goes_on { None } else { key(code) }
    }
}

fn key(code: u8) -> Option<char> {
    KEYS.chars().nth(code.into())
}

/// Keys that wait to be sent at most. Full: the next is refused.
pub const KEYS_WAITING_MAX: usize = 32;

/// Why a key is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not 0 to 9, `*`, `#`, A to D.
    #[error("{0:?} is no key of a telephone")]
    NotAKey(char),
    /// They did not offer, or not accept, telephone-event.
    #[error("the other side takes no telephone events")]
    NotNegotiated,
    /// The queue is full.
    #[error("{KEYS_WAITING_MAX} keys wait already")]
    TooMany,
}

/// Sends key presses, one after the other.
#[derive(Debug, Clone)]
pub(super) struct Presses {
    waiting: BoundedQueue<u8>,
    current: Option<Press>,
}

#[derive(Debug, Clone, Copy)]
struct Press {
    code: u8,
    timestamp: u32,
    /// Ticks since it began.
    ticks: u16,
}

/// What is sent instead of sound in this tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EventPacket {
    /// When the press began: the same in all of its packets.
    pub timestamp: u32,
    pub payload: [u8; 4],
    pub place: Place,
}

/// A packet's place in its press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It carries the marker (§2.5.1.1).
    First,
    Later,
}

impl Presses {
    /// A press of 160 ms; §2.5.1.4: its end is told three times; then 60 ms of sound, so that two are not taken for one.
    const PRESS_TICKS: u16 = 8;
    const END_PACKETS: u16 = 3;
    const PAUSE_TICKS: u16 = 3;
    /// -10 dBm0, as most telephones have it.
    const VOLUME: u8 = 10;
    const END: u8 = 0x80;

    pub fn new() -> Self {
        Self { waiting: BoundedQueue::new(KEYS_WAITING_MAX, Full::Refuse), current: None }
    }

    pub fn push(&mut self, key: char) -> Result<(), KeyError> {
        let code = KEYS.find(key).ok_or(KeyError::NotAKey(key))?;
        self.waiting.push(code as u8).map_err(|_| KeyError::TooMany)
    }

    /// What to send in the tick of this timestamp; sound when none.
    pub fn next(&mut self, timestamp: u32) -> Option<EventPacket> {
        const LAST_PACKET: u16 = Presses::PRESS_TICKS + Presses::END_PACKETS - 1;
        if self.current.is_none_or(|press| press.ticks == LAST_PACKET + Self::PAUSE_TICKS) {
            self.current = self.waiting.pop().map(|code| Press { code, timestamp, ticks: 0 });
        }
        let press = self.current.as_mut()?;
        press.ticks += 1;
        if press.ticks > LAST_PACKET {
            return None;
        }
        let end = if press.ticks >= Self::PRESS_TICKS { Self::END } else { 0 };
        let [high, low] = (press.ticks.min(Self::PRESS_TICKS) * TICK_SAMPLES as u16).to_be_bytes();
        let place = if press.ticks == 1 { Place::First } else { Place::Later };
        Some(EventPacket { timestamp: press.timestamp, payload: [press.code, end | Self::VOLUME, high, low], place })
    }

    /// Nothing can be sent now: a press that has begun is given up, the others wait.
    pub fn break_off(&mut self) {
        self.current = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(code: u8, duration: u16) -> [u8; 4] {
        let [high, low] = duration.to_be_bytes();
        [code, 10, high, low]
    }

    #[test]
    fn a_press_is_told_once_however_many_packets_it_has_and_whichever_are_lost() {
        let mut keys = Keys::default();
        let told: Vec<char> = [(1000, 1, 160), (1000, 1, 320), (1000, 1, 480), (3000, 1, 480), (5000, 11, 800)]
            .iter()
            .filter_map(|&(timestamp, code, duration)| keys.receive(7, timestamp, &packet(code, duration)))
            .collect();
        assert_eq!(told, ['1', '1', '#']);
    }

    #[test]
    fn stragglers_of_an_earlier_press_and_other_events_are_silent() {
        let mut keys = Keys::default();
        assert_eq!(keys.receive(7, u32::MAX - 10, &packet(3, 160)), Some('3'));
        assert_eq!(keys.receive(7, 500, &packet(4, 160)), Some('4'), "timestamps wrap");
        assert_eq!(keys.receive(7, u32::MAX - 10, &packet(3, 480)), None);
        assert_eq!(keys.receive(7, 900, &packet(16, 160)), None);
        assert_eq!(keys.receive(7, 1300, &[5, 0]), None);
    }

    #[test]
    fn a_source_that_counts_anew_is_no_straggler() {
        let mut keys = Keys::default();
        assert_eq!(keys.receive(7, 900_000, &packet(9, 160)), Some('9'));
        assert_eq!(keys.receive(8, 880_000, &packet(9, 160)), Some('9'), "another source");
        assert_eq!(keys.receive(8, 1_000, &packet(9, 160)), Some('9'), "the same, much earlier");
        assert_eq!(keys.receive(8, 1_000, &packet(9, 320)), None);
    }

    #[test]
    fn a_very_long_press_is_one_press() {
        let mut keys = Keys::default();
        assert_eq!(keys.receive(7, 0, &packet(5, 160)), Some('5'));
        assert_eq!(keys.receive(7, 0, &packet(5, u16::MAX)), None);
        assert_eq!(keys.receive(7, 65_535, &packet(5, 160)), None);
        assert_eq!(keys.receive(7, 90_000, &packet(5, 160)), Some('5'));
    }

    #[test]
    fn keys_are_sent_in_order_with_pauses_and_refused_when_too_many_wait() {
        let mut presses = Presses::new();
        assert_eq!(presses.push('x'), Err(KeyError::NotAKey('x')));
        for _ in 0..KEYS_WAITING_MAX {
            assert_eq!(presses.push('5'), Ok(()));
        }
        assert_eq!(presses.push('5'), Err(KeyError::TooMany));
        let sent: Vec<Option<u8>> =
            (0..30).map(|tick| presses.next(tick * 160).map(|packet| packet.payload[1])).collect();
        let press = [vec![Some(10); 7], vec![Some(0x8a); 3], vec![None; 3]].concat();
        assert_eq!(sent, [&press[..], &press[..], &press[..4]].concat());
    }
}
