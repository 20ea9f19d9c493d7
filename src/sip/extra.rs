//! Headers that an agent hands through without understanding them: `X-…`, `User-to-User` (RFC 7433) and `Diversion`
//! (RFC 5806). What came with an INVITE is cut to the bounds; what goes out is refused beyond them.

use std::fmt;

use super::header::Headers;
use super::lexer::is_token_byte;

/// Headers of one message; over it: those that came are left out, ours are refused.
pub const EXTRA_HEADERS_MAX: usize = 16;
/// Names and values of one message together; over it: likewise.
pub const EXTRA_BYTES_MAX: usize = 2048;

/// Names and values in order, each fit for the wire. `Debug` shows names only: values hold people and numbers.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ExtraHeaders {
    headers: Vec<(String, String)>,
    bytes: usize,
}

/// Why a header cannot be handed through.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtraError {
    /// Neither `X-…` nor `User-to-User` nor `Diversion`, or not a token.
    #[error("header `{name}` is not one that is handed through: X-…, User-to-User, Diversion")]
    Name {
        /// As given.
        name: String,
    },
    /// A line break or another control character, which could smuggle in another header.
    #[error("the value of `{name}` has a control character")]
    Value {
        /// Of the header.
        name: String,
    },
    /// Over [`EXTRA_HEADERS_MAX`] or [`EXTRA_BYTES_MAX`].
    #[error("`{name}` is beyond {EXTRA_HEADERS_MAX} headers or {EXTRA_BYTES_MAX} bytes")]
    TooMuch {
        /// Of the header that does not fit.
        name: String,
    },
}

impl ExtraHeaders {
    /// Appends a header.
    pub fn push(&mut self, name: &str, value: &str) -> Result<(), ExtraError> {
        let owned = || name.to_owned();
        if !is_extra(name) {
            return Err(ExtraError::Name { name: owned() });
        }
        if value.contains(char::is_control) {
            return Err(ExtraError::Value { name: owned() });
        }
        let bytes = self.bytes + name.len() + value.len();
        if self.headers.len() >= EXTRA_HEADERS_MAX || bytes > EXTRA_BYTES_MAX {
            return Err(ExtraError::TooMuch { name: owned() });
        }
        self.bytes = bytes;
        self.headers.push((owned(), value.trim().to_owned()));
        Ok(())
    }

    /// Those of a message.
    pub(super) fn of(headers: &Headers) -> Self {
        let mut extra = Self::default();
        for (name, value) in headers.iter() {
            let _ = extra.push(name, value); // another header, or beyond the bounds: left out
        }
        extra
    }

    /// The first value of `name`, whatever its case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for ExtraHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.headers.iter().map(|(name, _)| name)).finish()
    }
}

fn is_extra(name: &str) -> bool {
    let starts_with_x = name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("X-")) && name.len() > 2;
    let named = ["User-to-User", "Diversion"].iter().any(|known| known.eq_ignore_ascii_case(name));
    (starts_with_x || named) && name.bytes().all(is_token_byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_names_clean_values_and_bounded_sizes_are_handed_through() {
        let mut extra = ExtraHeaders::default();
        for (name, value) in [("x-lead", "42"), ("User-to-User", "56a3;encoding=hex"), ("DIVERSION", "<sip:a@b>")] {
            assert_eq!(extra.push(name, value), Ok(()));
        }
        for name in ["Via", "X-", "X- Lead", "X-Lead:", "X-Lead\r\nVia", "Route", ""] {
            assert_eq!(extra.push(name, "1"), Err(ExtraError::Name { name: name.into() }));
        }
        assert_eq!(extra.push("X-A", "1\r\nVia: x"), Err(ExtraError::Value { name: "X-A".into() }));
        assert_eq!(extra.push("X-A", &"x".repeat(EXTRA_BYTES_MAX)), Err(ExtraError::TooMuch { name: "X-A".into() }));
        assert_eq!((extra.get("X-Lead"), extra.iter().count()), (Some("42"), 3));
        assert_eq!(format!("{extra:?}"), r#"["x-lead", "User-to-User", "DIVERSION"]"#);
    }

    #[test]
    fn what_came_is_cut_to_the_bounds() {
        let mut headers = Headers::default();
        headers.push("Via", "v");
        for n in 0..100 {
            headers.push("X-N", n.to_string());
        }
        let extra = ExtraHeaders::of(&headers);
        assert_eq!((extra.iter().count(), extra.get("x-n")), (EXTRA_HEADERS_MAX, Some("0")));
    }
}
