//! Personal data in a text (domain §8): where it stands and how it is shown. Pure and bounded; both languages at once.
//! A text is as a recogniser or a person writes it: digits, full-width or spoken (幺洞两拐勾, "double five"), with
//! blanks, hyphens and hesitations. [`Session`] joins what is given over several utterances.
//!
//! Landlines, 400 and 95 numbers, a business's own address, amounts, dates and order numbers are not personal data.

mod address;
mod digits;
mod email;
mod numbers;
mod secrets;
mod session;

pub use session::Session;

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Longer texts are looked through up to here: no utterance is longer, and the work stays bounded.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;

/// What kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A Chinese identity number: 18 characters, a date, ISO 7064 MOD 11-2.
    IdCard,
    /// A Chinese mobile, or an E.164 number of another country that is no landline.
    Mobile,
    /// 16 to 19 digits, Luhn.
    BankCard,
    /// A code or password behind its name.
    Secret,
    /// A road with a house number.
    Address,
    /// A mailbox, also as spoken.
    Email,
}

/// How closely it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// The person published it.
    Public,
    /// Harms when known: contact data, income.
    Sensitive,
    /// PIPL 28: identity number, account.
    Private,
}

impl Kind {
    /// The tier, when nothing is known about where the data came from.
    pub const fn tier(self) -> Tier {
        match self {
            Self::IdCard | Self::BankCard | Self::Secret => Tier::Private,
            Self::Mobile | Self::Address | Self::Email => Tier::Sensitive,
        }
    }
}

/// One piece of personal data in a text.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// How it may be shown.
    pub masked: String,
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?} {}", self.kind, self.span, self.masked)
    }
}

/// The personal data of a text, in order, without overlaps.
pub fn find(text: &str) -> Vec<Found> {
    let text = bounded(text);
    // Where two readings overlap, the one that was sought first stands.
    let mut found = email::find(text);
    for more in [secrets::find(text), numbers::find(text), address::find(text)] {
        for piece in more {
            if found.iter().all(|known| piece.span.end <= known.span.start || known.span.end <= piece.span.start) {
                found.push(piece);
            }
        }
    }
    found.sort_by_key(|piece| piece.span.start);
    found
}

/// The text with its personal data masked.
pub fn mask(text: &str) -> String {
    masked(text, &find(text))
}

/// The text with these pieces of it, in order, masked.
fn masked(text: &str, found: &[Found]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for piece in found {
        masked.push_str(&text[from..piece.span.start]);
        masked.push_str(&piece.masked);
        from = piece.span.end;
    }
    masked.push_str(&text[from..]);
    masked
}

fn bounded(text: &str) -> &str {
    if text.len() <= TEXT_BYTES_MAX {
        return text;
    }
    let end = (0..=TEXT_BYTES_MAX).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}
