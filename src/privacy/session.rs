//! Personal data over several utterances: a number read out in pieces, a code after it was asked for.

use super::digits::runs;
use super::numbers::{Shape, bank_card, id_card, mobile};
use super::{Found, Kind, bounded, find, masked, secrets};

/// Digits kept from earlier utterances; more than a number has are dropped from the front.
const DIGITS_MAX: usize = 18;
/// Utterances without digits, such as 嗯, that a number survives.
const PAUSES_MAX: u8 = 1;
/// So many digits together may be a piece of a number.
const PIECE_DIGITS_MIN: usize = 4;

/// What of a call's utterances may go on in the next. Holds at most a number's digits.
#[derive(Clone, Default)]
pub struct Session {
    /// The pieces of a number so far, one an utterance.
    pieces: Vec<String>,
    pauses: u8,
    secret: Wait,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Wait {
    #[default]
    Nothing,
    /// A secret was named: digits are it.
    Secret,
}

impl Session {
    /// The other side said this: a code that was asked for is a secret when it comes.
    pub fn asked(&mut self, text: &str) {
        self.secret = if secrets::awaits(bounded(text)) { Wait::Secret } else { Wait::Nothing };
    }

    /// The personal data of the next utterance, also what completes a number that earlier ones began. Spans are of this
    /// text; the mask is that of the whole number.
    pub fn find(&mut self, text: &str) -> Vec<Found> {
        let text = bounded(text);
        let mut found = find(text);
        if found.is_empty() {
            found.extend(self.goes_on(text));
        }
        if !found.is_empty() {
            self.pieces.clear();
        }
        if !text.trim().is_empty() {
            self.secret = if secrets::awaits(text) { Wait::Secret } else { Wait::Nothing };
        }
        found
    }

    /// The next utterance masked, for whoever keeps it. That digits are a piece of a number shows only when the last
    /// piece comes, and the first is kept by then: so every run of 4 digits is masked.
    pub fn mask(&mut self, text: &str) -> String {
        let text = bounded(text);
        let mut found = self.find(text);
        for run in runs(text) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            let (span, digits) = (first.start..last.end, run.iter().map(|group| group.digits.len()).sum());
            let is_known = found.iter().any(|piece| piece.span.start < span.end && span.start < piece.span.end);
            if digits >= PIECE_DIGITS_MIN && !is_known {
                found.push(Found { kind: Kind::Secret, span, masked: "*".repeat(digits) });
            }
        }
        found.sort_by_key(|piece| piece.span.start);
        masked(text, &found)
    }

    fn goes_on(&mut self, text: &str) -> Option<Found> {
        let runs = runs(text);
        let Some(run) = runs.iter().max_by_key(|run| run.iter().map(|group| group.digits.len()).sum::<usize>()) else {
            self.pauses += 1;
            if self.pauses > PAUSES_MAX {
                self.pieces.clear();
            }
            return None;
        };
        self.pauses = 0;
        let digits: String = run.iter().map(|group| group.digits.as_str()).collect();
        let span = run.first()?.start..run.last()?.end;
        if self.secret == Wait::Secret && secrets::fits(digits.len()) && mostly(text, span.len()) {
            return Some(secrets::secret(span, digits.len()));
        }
        if digits.len() < 2 || !(mostly(text, span.len()) || digits.len() >= 3) {
            self.pieces.clear();
            return None;
        }
        self.pieces.push(digits);
        // The number may have begun at any of the pieces.
        for from in 0..self.pieces.len().saturating_sub(1) {
            let joined = self.pieces[from..].concat();
            let lengths: Vec<usize> = self.pieces[from..].iter().map(String::len).collect();
            let kind = id_card(&joined)
                .map(|masked| (Kind::IdCard, masked))
                .or_else(|| bank_card(&joined).map(|masked| (Kind::BankCard, masked)))
                .or_else(|| mobile(&joined, false, Shape::of_lengths(&lengths)).map(|masked| (Kind::Mobile, masked)));
            if let Some((kind, masked)) = kind {
                return Some(Found { kind, span, masked });
            }
        }
        while self.pieces.iter().map(String::len).sum::<usize>() > DIGITS_MAX {
            self.pieces.remove(0);
        }
        None
    }
}

/// Whether at least half of the text is these bytes.
fn mostly(text: &str, bytes: usize) -> bool {
    bytes * 2 >= text.trim().len()
}
