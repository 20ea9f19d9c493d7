//! Key presses (RFC 4733): a press is many packets with one timestamp; it is told once, at the first that arrives.

/// Finds new presses among telephone-event packets.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    last: Option<Event>,
}

#[derive(Debug, Clone, Copy)]
struct Event {
    timestamp: u32,
    code: u8,
    duration: u16,
}

impl Keys {
    /// The key, if this packet is the first of its press. `payload` is RFC 4733 §2.3: event, end and volume, duration.
    pub fn receive(&mut self, timestamp: u32, payload: &[u8]) -> Option<char> {
        let &[code, _, high, low, ..] = payload else { return None };
        let event = Event { timestamp, code, duration: u16::from_be_bytes([high, low]) };
        let Some(last) = self.last.as_mut() else {
            self.last = Some(event);
            return key(code);
        };
        let newer_by = timestamp.wrapping_sub(last.timestamp);
        if newer_by == 0 {
            last.duration = last.duration.max(event.duration);
            return None;
        }
        if newer_by > u32::MAX / 2 {
            return None; // a straggler of an earlier press
        }
        // §2.5.1.3: a press longer than 0xffff units goes on in a new segment, where the last one ends.
        let goes_on = last.code == code && last.duration == u16::MAX && newer_by == u32::from(u16::MAX);
        *last = event;
        if goes_on { None } else { key(code) }
    }
}

/// RFC 4733 §3.2: events 0 to 15. Others (flash, tones) are no keys.
fn key(code: u8) -> Option<char> {
    "0123456789*#ABCD".chars().nth(code.into())
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
            .filter_map(|&(timestamp, code, duration)| keys.receive(timestamp, &packet(code, duration)))
            .collect();
        assert_eq!(told, ['1', '1', '#']);
    }

    #[test]
    fn stragglers_of_an_earlier_press_and_other_events_are_silent() {
        let mut keys = Keys::default();
        assert_eq!(keys.receive(u32::MAX - 10, &packet(3, 160)), Some('3'));
        assert_eq!(keys.receive(500, &packet(4, 160)), Some('4'), "timestamps wrap");
        assert_eq!(keys.receive(u32::MAX - 10, &packet(3, 480)), None);
        assert_eq!(keys.receive(900, &packet(16, 160)), None);
        assert_eq!(keys.receive(1300, &[5, 0]), None);
    }

    #[test]
    fn a_very_long_press_is_one_press() {
        let mut keys = Keys::default();
        assert_eq!(keys.receive(0, &packet(5, 160)), Some('5'));
        assert_eq!(keys.receive(0, &packet(5, u16::MAX)), None);
        assert_eq!(keys.receive(65_535, &packet(5, 160)), None);
        assert_eq!(keys.receive(90_000, &packet(5, 160)), Some('5'));
    }
}
