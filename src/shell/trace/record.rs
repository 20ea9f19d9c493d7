//! One SIP message as a line of the trace: verbatim, but for the secrets of (Proxy-)Authorization, which are masked by as
//! many asterisks. A message that is not UTF-8 is written in hex.

use std::net::SocketAddr;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::Passed;
use crate::base::UnixMillis;

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// To us.
    In,
    /// From us.
    Out,
}

/// A line of `NAME.sip.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SipRecord {
    /// When it passed, UTC, to the millisecond.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Its Call-ID; empty if none can be read.
    pub sip_call_id: String,
    /// `UDP` or `TCP`.
    pub transport: String,
    /// In or out.
    pub way: Way,
    /// Our address.
    pub local: SocketAddr,
    /// The other one.
    pub peer: SocketAddr,
    /// All of it.
    #[serde(flatten)]
    pub content: Content,
}

/// The message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Content {
    /// UTF-8.
    #[serde(rename = "message")]
    Text(String),
    /// Anything else, two hexadecimal digits a byte.
    #[serde(rename = "message_hex")]
    Hex(String),
}

impl SipRecord {
    /// The line of a message.
    pub fn new(at: UnixMillis, passed: &Passed<'_>) -> Self {
        let bytes = masked(passed.bytes);
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000);
        Self {
            at: at.unwrap_or(OffsetDateTime::UNIX_EPOCH),
            sip_call_id: header(&bytes, &["Call-ID", "i"]).unwrap_or_default(),
            transport: passed.transport.token().to_owned(),
            way: passed.way,
            local: passed.local,
            peer: passed.peer,
            content: match String::from_utf8(bytes) {
                Ok(text) => Content::Text(text),
                Err(other) => Content::Hex(other.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()),
            },
        }
    }

    /// The message as it was on the wire.
    pub fn bytes(&self) -> Vec<u8> {
        match &self.content {
            Content::Text(text) => text.clone().into_bytes(),
            Content::Hex(hex) => (0..hex.len() / 2)
                .map(|n| hex.get(2 * n..2 * n + 2).and_then(|byte| u8::from_str_radix(byte, 16).ok()).unwrap_or(0))
                .collect(),
        }
    }

    /// Milliseconds since 1970.
    pub fn at_ms(&self) -> i64 {
        i64::try_from(self.at.unix_timestamp_nanos() / 1_000_000).unwrap_or(0)
    }
}

/// The value of the first header that bears one of `names`, unfolded.
pub fn header(message: &[u8], names: &[&str]) -> Option<String> {
    let field = fields(message).find(|field| is_named(&message[field.clone()], names))?;
    let text = String::from_utf8_lossy(&message[field]);
    let (_, value) = text.split_once(':')?;
    Some(value.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What follows the empty line.
pub fn body(message: &[u8]) -> &[u8] {
    let behind = |ends: &[u8]| message.windows(ends.len()).position(|at| at == ends).map(|at| at + ends.len());
    let start = [behind(b"\n\r\n"), behind(b"\n\n")].into_iter().flatten().min();
    start.map_or(&[], |start| &message[start..])
}

/// Where each header field stands, its folded lines and line ends included.
fn fields(message: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let line_end =
        |from: usize| message[from..].iter().position(|b| *b == b'\n').map_or(message.len(), |n| from + n + 1);
    let mut at = line_end(0);
    std::iter::from_fn(move || {
        let start = at;
        if message[start..].trim_ascii_start().is_empty() || matches!(message[start..], [b'\r' | b'\n', ..]) {
            return None;
        }
        at = line_end(start);
        while matches!(message.get(at), Some(b' ' | b'\t')) {
            at = line_end(at);
        }
        Some(start..at)
    })
}

fn is_named(field: &[u8], names: &[&str]) -> bool {
    let name = field.split(|b| *b == b':').next().unwrap_or_default().trim_ascii();
    names.iter().any(|wanted| name.eq_ignore_ascii_case(wanted.as_bytes()))
}

/// The message with the secrets of its credentials masked. RFC 3261 §20.7, RFC 7616 §3.4.
fn masked(message: &[u8]) -> Vec<u8> {
    let mut masked = message.to_vec();
    for field in fields(message) {
        if !is_named(&message[field.clone()], &["Authorization", "Proxy-Authorization"]) {
            continue;
        }
        let start = field.start + message[field.clone()].iter().position(|b| *b == b':').map_or(0, |n| n + 1);
        let secret = secret(&message[start..field.end]);
        for byte in &mut masked[start + secret.start..start + secret.end] {
            if !byte.is_ascii_whitespace() {
                *byte = b'*';
            }
        }
    }
    masked
}

/// In a credential: the value of `response` of a Digest; of any other scheme all behind its name.
fn secret(value: &[u8]) -> Range<usize> {
    let scheme_start = value.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let scheme_end = scheme_start + value[scheme_start..].iter().take_while(|b| !b.is_ascii_whitespace()).count();
    if !value[scheme_start..scheme_end].eq_ignore_ascii_case(b"Digest") {
        return scheme_end..value.len();
    }
    let key = b"response";
    let found = value.windows(key.len()).enumerate().find(|(at, window)| {
        let stands_alone = *at > 0 && matches!(value[at - 1], b',' | b' ' | b'\t' | b'\r' | b'\n');
        stands_alone && window.eq_ignore_ascii_case(key)
    });
    let Some((at, _)) = found else { return 0..0 };
    let start = at + key.len();
    let skipped = value[start..].iter().take_while(|b| b.is_ascii_whitespace() || matches!(b, b'=' | b'"')).count();
    let start = start + skipped;
    let length = value[start..].iter().take_while(|b| !b.is_ascii_whitespace() && !matches!(b, b'"' | b',')).count();
    start..start + length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::Transport;

    fn recorded(bytes: &[u8]) -> SipRecord {
        let local = "127.0.0.1:5060".parse().expect("address");
        let passed = Passed { way: Way::In, transport: Transport::Udp, local, peer: local, bytes };
        SipRecord::new(UnixMillis(1_795_532_400_123), &passed)
    }

    #[test]
    fn a_message_is_kept_verbatim_with_its_call_id_and_time() {
        for message in [
            "OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\ni:\r\n c-1@h\r\n\r\nbody: 你好\r\n",
            "OPTIONS sip:a@b SIP/2.0\nCALL-id : c-1@h\n\nAuthorization: Digest response=\"seen\"",
        ] {
            let record = recorded(message.as_bytes());
            assert_eq!((record.bytes(), record.sip_call_id.as_str()), (message.as_bytes().to_vec(), "c-1@h"));
        }
        let line = serde_json::to_string(&recorded(b"x\r\nCall-ID: c\r\n\r\n")).expect("JSON");
        assert!(
            line.starts_with(r#"{"at":"2026-11-24T15:00:00.123Z","sip_call_id":"c","transport":"UDP","way":"in""#),
            "{line}"
        );
    }

    #[test]
    fn what_is_no_text_and_what_is_no_message_is_kept_too() {
        for bytes in [&b"x\r\nCall-ID: c\r\n\r\n\xff\x00"[..], b"", b"\r\n", b"\n\n", b"noise", b"x\r\n y"] {
            let line = serde_json::to_string(&recorded(bytes)).expect("JSON");
            let read: SipRecord = serde_json::from_str(&line).expect("a record");
            assert_eq!(read.bytes(), bytes);
        }
    }

    #[test]
    fn the_secrets_of_credentials_are_masked_by_as_many_asterisks() {
        let message = |value: &str| format!("REGISTER sip:b SIP/2.0\r\nAuthorization:{value}\r\nCall-ID: c\r\n\r\n");
        for (value, masked) in [
            (
                " Digest username=\"a\", response=\"0123abcd\", qop=auth",
                " Digest username=\"a\", response=\"********\", qop=auth",
            ),
            (" Digest\r\n RESPONSE = 12,uri=\"sip:b\"", " Digest\r\n RESPONSE = **,uri=\"sip:b\""),
            (" digest xresponse=\"1\",response=\"2\"", " digest xresponse=\"1\",response=\"*\""),
            (" Digest username=\"a\"", " Digest username=\"a\""),
            (" Basic QWxh\r\n ZGRp", " Basic ****\r\n ****"),
        ] {
            assert_eq!(recorded(message(value).as_bytes()).bytes(), message(masked).into_bytes());
        }
        let proxy = recorded(b"x\r\nproxy-authorization: Digest response=\"12\"\r\n\r\n");
        assert!(String::from_utf8_lossy(&proxy.bytes()).contains("response=\"**\""));
    }

    #[test]
    fn the_body_follows_the_empty_line() {
        assert_eq!(body(b"x\r\na: b\r\n c\r\n\r\nv=0\r\n"), b"v=0\r\n");
        assert_eq!((body(b"x\r\na: b"), body(b"x\r\n\r\nv"), body(b"")), (&b""[..], &b"v"[..], &b""[..]));
    }
}
