//! Headers that a trunk hands over and is handed: `X-…` and `User-to-User` (RFC 7433), each by its allow-listed name.
//! A value is at most [`VALUE_BYTES_MAX`] bytes of text without control characters.

use std::fmt;

/// A longer name is refused.
pub const NAME_BYTES_MAX: usize = 64;
/// A longer value that came is left out; one of ours is cut.
pub const VALUE_BYTES_MAX: usize = 256;

const USER_TO_USER: &str = "User-to-User";

/// The name of such a header, as typed; names compare without case.
#[derive(Debug, Clone)]
pub struct HeaderName(String);

/// Why a text cannot be the name or the value of such a header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Another header, or not a token of RFC 3261 §25.1, or too long.
    #[error("{name:?} is neither X-NAME nor User-to-User")]
    Name {
        /// As typed.
        name: String,
    },
    /// A placeholder that nobody fills.
    #[error("unknown placeholder {{{name}}}")]
    Placeholder {
        /// Between the braces.
        name: String,
    },
    /// A line break or the like, or an open brace, or too long.
    #[error("a value of {bytes} bytes that no header can carry")]
    Value {
        /// Its length.
        bytes: usize,
    },
}

impl HeaderName {
    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, HeaderError> {
        let extension = text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("X-")) && text.len() > 2;
        let token = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b));
        let known = extension || text.eq_ignore_ascii_case(USER_TO_USER);
        if known && token && text.len() <= NAME_BYTES_MAX {
            Ok(Self(text.to_owned()))
        } else {
            Err(HeaderError::Name { name: text.to_owned() })
        }
    }

    /// As typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of its value as a fact of the caller: `X-Customer-Name` is `customer_name`.
    pub fn fact(&self) -> String {
        let name = self.0.to_ascii_lowercase();
        let name = name.strip_prefix("x-").unwrap_or(&name);
        name.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
    }

    /// What a value that came says: `User-to-User` is decoded where it is hex of text. `None`: no value we hand on.
    pub fn read(&self, value: &str) -> Option<String> {
        let hex = if self.is_user_to_user() { hex_of(value) } else { None };
        let text = hex.and_then(|hex| String::from_utf8(decoded(hex)?).ok()).filter(|text| is_clean(text));
        let text = text.unwrap_or_else(|| value.trim().to_owned());
        (is_clean(&text) && !text.is_empty()).then_some(text)
    }

    /// The value on the wire that says `text`.
    pub fn write(&self, text: &str) -> String {
        let end = text.floor_char_boundary(VALUE_BYTES_MAX);
        let text = text[..end].replace(char::is_control, " ");
        if !self.is_user_to_user() {
            return text;
        }
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        format!("{hex};encoding=hex")
    }

    fn is_user_to_user(&self) -> bool {
        self.0.eq_ignore_ascii_case(USER_TO_USER)
    }
}

impl PartialEq for HeaderName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for HeaderName {}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_clean(text: &str) -> bool {
    text.len() <= VALUE_BYTES_MAX && !text.contains(char::is_control)
}

/// The data of `data;encoding=hex`, the first of a list. RFC 7433 §4.1.
fn hex_of(value: &str) -> Option<&str> {
    let mut parts = value.split(',').next()?.split(';').map(str::trim);
    let data = parts.next()?.trim_matches('"');
    let is_hex = |param: &str| {
        let (name, value) = param.split_once('=').unwrap_or((param, ""));
        name.trim().eq_ignore_ascii_case("encoding") && value.trim().trim_matches('"').eq_ignore_ascii_case("hex")
    };
    parts.any(is_hex).then_some(data)
}

fn decoded(hex: &str) -> Option<Vec<u8>> {
    if !hex.len().is_multiple_of(2) || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect()
}

/// The value of a header that goes out: text with `{call}`, `{campaign}` and `{language}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Call,
    Campaign,
    Language,
}

/// What placeholders stand for.
#[derive(Debug, Clone, Copy)]
pub struct Filling<'a> {
    /// The call's id, as in traces.
    pub call: &'a str,
    /// The campaign's name.
    pub campaign: &'a str,
    /// `zh` or `en`.
    pub language: &'a str,
}

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, HeaderError> {
        if !is_clean(text) {
            return Err(HeaderError::Value { bytes: text.len() });
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(HeaderError::Value { bytes: text.len() })?;
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(match name {
                "call" => Piece::Call,
                "campaign" => Piece::Campaign,
                "language" => Piece::Language,
                _ => return Err(HeaderError::Placeholder { name: name.to_owned() }),
            });
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// The text with its placeholders filled.
    pub fn fill(&self, filling: Filling<'_>) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Call => filling.call.to_owned(),
            Piece::Campaign => filling.campaign.to_owned(),
            Piece::Language => filling.language.to_owned(),
        };
        self.0.iter().map(piece).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> HeaderName {
        HeaderName::parse(text).expect("a name")
    }

    #[test]
    fn names_are_extensions_or_user_to_user_and_compare_without_case() {
        assert_eq!(name("X-Lead"), name("x-lEAD"));
        assert_eq!(
            (name("X-Customer-Name").fact(), name("user-to-user").fact()),
            ("customer_name".into(), "user_to_user".into())
        );
        for bad in ["", "X-", "Via", "X-a b", "X-a:", "X-a\r\nVia", "X-顾客", &format!("X-{}", "a".repeat(63))] {
            assert_eq!(HeaderName::parse(bad), Err(HeaderError::Name { name: bad.to_owned() }));
        }
    }

    #[test]
    fn user_to_user_is_decoded_where_it_is_hex_of_text() {
        let uui = name("User-to-User");
        for (value, read) in [
            ("56a3;encoding=hex", "56a3;encoding=hex"), // hex, but no text
            ("4c2d3432;encoding=hex;purpose=isdn-uui", "L-42"),
            ("\"e5bca0\" ; Encoding = \"HEX\"", "张"),
            ("4c2d3432", "4c2d3432"), // nobody said that it is hex
            ("4c2;encoding=hex", "4c2;encoding=hex"),
            ("4c0d0a;encoding=hex", "4c0d0a;encoding=hex"),
        ] {
            assert_eq!(uui.read(value).as_deref(), Some(read));
        }
        assert_eq!(name("X-Lead").read("4c2d;encoding=hex").as_deref(), Some("4c2d;encoding=hex"));
    }

    #[test]
    fn a_value_with_control_characters_or_too_long_is_left_out() {
        for value in ["", " ", "a\u{7}b", "a\r\nVia: b", &"x".repeat(257)] {
            assert_eq!(name("X-Lead").read(value), None, "{value:?}");
        }
        assert_eq!(name("X-Lead").read(" 42 ").as_deref(), Some("42"));
    }

    #[test]
    fn a_template_is_filled_and_an_unknown_placeholder_is_named() {
        let filling = Filling { call: "c-1", campaign: "教育", language: "zh" };
        let filled = |text: &str| Template::parse(text).map(|template| template.fill(filling));
        assert_eq!(filled("{campaign}/{language}; {call}").as_deref(), Ok("教育/zh; c-1"));
        assert_eq!(filled("{caller}"), Err(HeaderError::Placeholder { name: "caller".into() }));
        for bad in ["{call", "a\r\nVia: b"] {
            assert_eq!(filled(bad), Err(HeaderError::Value { bytes: bad.len() }));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_clean_bounded_and_read_back(text in "\\PC{0,300}|.{0,40}") {
            for name in [name("X-Lead"), name("User-to-User")] {
                let written = name.write(&text);
                prop_assert!(written.len() <= 2 * VALUE_BYTES_MAX + 13 && !written.contains(char::is_control));
                if text.len() <= VALUE_BYTES_MAX && is_clean(&text) && !text.trim().is_empty() {
                    prop_assert_eq!(name.read(&written).map(|read| read.trim().to_owned()), Some(text.trim().to_owned()));
                }
            }
        }

        #[test]
        fn no_value_that_came_breaks_anything(value in ".{0,300}") {
            let read = name("User-to-User").read(&value);
            prop_assert!(read.is_none_or(|read| is_clean(&read)));
        }
    }
}
