//! Keys that reach a call in its signalling (INFO), and presses that come both ways: by INFO and in the media (RFC 4733).

use std::collections::VecDeque;
use std::time::Duration;

use crate::base::{Instant, Now};

/// A press in the media is told when it begins, by INFO when it has ended: its copy comes at most so much later.
const COPY_AFTER_MAX: Duration = Duration::from_secs(5);
/// Presses remembered at most. Full: the oldest is forgotten.
const PRESSES_MAX: usize = 16;
/// Longest body read; real ones have 1 to 30 bytes.
const BODY_BYTES_MAX: usize = 256;

/// How a press came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// RFC 4733.
    Media,
    /// INFO.
    Signalling,
}

/// Presses that were told lately and whose copy has not come.
#[derive(Debug, Clone, Default)]
pub(super) struct Presses {
    told: VecDeque<(char, Way, Instant)>,
}

impl Presses {
    /// Whether a press is to be told: not if it is the copy of one that was told. Each has one copy, by the other way.
    pub fn is_new(&mut self, now: Now, key: char, way: Way) -> bool {
        self.told.retain(|(_, _, at)| now.instant.since(*at) < COPY_AFTER_MAX);
        if let Some(copied) = self.told.iter().position(|(told, by, _)| *told == key && *by != way) {
            self.told.remove(copied);
            return false;
        }
        if self.told.len() == PRESSES_MAX {
            self.told.pop_front();
        }
        self.told.push_back((key, way, now.instant));
        true
    }
}

/// The key in the body of an INFO: `application/dtmf-relay` has `Signal=5` and `Duration=160` on lines, with or without
/// spaces; `application/dtmf` has `5`. Some write 10 for `*`, 11 for `#`, 12 to 15 for A to D, as RFC 4733 counts.
pub(super) fn key_of_info(content_type: &str, body: &[u8]) -> Option<char> {
    let body = std::str::from_utf8(body.get(..body.len().min(BODY_BYTES_MAX))?).ok()?;
    let signal = body.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        name.trim().eq_ignore_ascii_case("signal").then_some(value.trim())
    });
    let key = match signal {
        Some(signal) => signal,
        None if content_type.eq_ignore_ascii_case("application/dtmf") => body.trim(),
        None => return None,
    };
    let mut characters = key.chars();
    match (characters.next()?, characters.next()) {
        (key @ ('0'..='9' | '*' | '#' | 'A'..='D'), None) => Some(key),
        (key @ 'a'..='d', None) => Some(key.to_ascii_uppercase()),
        _ => "*#ABCD".chars().nth(key.parse::<usize>().ok()?.checked_sub(10)?),
    }
}

/// The INFO for a key, for a peer that takes no telephone events.
pub(super) const INFO_TYPE: &str = "application/dtmf-relay";

pub(super) fn info_of_key(key: char) -> Vec<u8> {
    format!("Signal={key}\r\nDuration=160\r\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_are_read_as_peers_write_them() {
        for (content_type, body, key) in [
            (INFO_TYPE, "Signal=5\r\nDuration=160\r\n", Some('5')),
            (INFO_TYPE, "signal= # \nduration = 100", Some('#')),
            (INFO_TYPE, "Signal=10\r\n", Some('*')),
            (INFO_TYPE, "Signal=15", Some('D')),
            (INFO_TYPE, "Signal=16", None),
            (INFO_TYPE, "Signal=!", None),
            (INFO_TYPE, "Signal=", None),
            (INFO_TYPE, "5", None),
            ("application/dtmf", "5", Some('5')),
            ("application/dtmf", " *\r\n", Some('*')),
            ("application/dtmf", "Signal=d", Some('D')),
            ("application/dtmf", "", None),
            ("application/dtmf", "55", None),
        ] {
            assert_eq!(key_of_info(content_type, body.as_bytes()), key, "{content_type} {body:?}");
        }
        assert_eq!(key_of_info(INFO_TYPE, &info_of_key('7')), Some('7'));
        assert_eq!(key_of_info("application/dtmf", b"\xff"), None);
    }

    fn told(presses: &[(u64, char, Way)]) -> String {
        let mut told = Presses::default();
        let at = |ms: u64| Now { instant: Instant::from_micros(ms * 1_000), ..Now::default() };
        presses.iter().filter(|(ms, key, way)| told.is_new(at(*ms), *key, *way)).map(|(_, key, _)| key).collect()
    }

    #[test]
    fn a_press_that_comes_both_ways_counts_once() {
        use Way::{Media, Signalling};
        assert_eq!(told(&[(0, '9', Media), (200, '9', Signalling)]), "9");
        assert_eq!(told(&[(0, '9', Signalling), (5, '9', Media)]), "9");
        let twice = [(0, '9', Media), (200, '9', Signalling), (500, '9', Media), (700, '9', Signalling)];
        assert_eq!(told(&twice), "99", "two presses");
        let overtaken = [(0, '9', Media), (300, '9', Media), (400, '9', Signalling), (500, '9', Signalling)];
        assert_eq!(told(&overtaken), "99", "two presses, their INFOs late");
        assert_eq!(told(&[(0, '9', Media), (300, '9', Media), (400, '8', Signalling)]), "998");
        assert_eq!(told(&[(0, '9', Media), (6_000, '9', Signalling)]), "99", "too late for a copy");
    }

    proptest! {
        #[test]
        fn any_body_is_a_key_or_none(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            for content_type in [INFO_TYPE, "application/dtmf"] {
                let key = key_of_info(content_type, &body);
                prop_assert!(key.is_none_or(|key| "0123456789*#ABCD".contains(key)));
            }
        }
    }
}
