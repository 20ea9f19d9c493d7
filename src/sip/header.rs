//! Headers: the ordered list of a message, and the values that transactions and dialogs need: parameters, addresses
//! (From, To, Contact, Route), Via and CSeq. Own types in place of rsip's, which refuse IPv6 hosts, `tel:` addresses
//! and white space that the grammar allows. RFC 3261 §7.3, §20, RFC 3581.

use std::fmt;
use std::net::SocketAddr;

use super::transport::{Hop, Transport};
use super::uri::{Host, PORT_DEFAULT, Uri, scheme_of};
use super::{Method, SyntaxError, method_named};

/// The headers of a message in order, unfolded, with long names and list values apart. Names compare without case.
/// `Debug` shows names only: values hold people and numbers.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Appends a header. Line breaks in `value` become spaces, so that no value can add a header.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        let mut value = value.into();
        if value.contains(['\r', '\n']) {
            value = value.replace(['\r', '\n'], " ");
        }
        self.0.push((name.to_owned(), value));
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Every value of `name` in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The comma-separated tokens of every value of `name`.
    pub fn tokens<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all(name).flat_map(|value| value.split(',')).map(str::trim).filter(|token| !token.is_empty())
    }

    /// Replaces the first value of `name`, where there is one.
    pub(super) fn replace_first(&mut self, name: &str, value: String) {
        if let Some((_, old)) = self.0.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
            *old = value;
        }
    }

    /// Takes every header of `name` out.
    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Parameters `;name=value;flag` of a URI or a header, in order; names compare without case.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Params(Vec<(String, Option<String>)>);

impl Params {
    /// Reads `;a=b;c`, or nothing from nothing. Semicolons inside quotes do not separate.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Some(Self::default());
        }
        let mut params = Vec::new();
        for param in split_outside_quotes(text.strip_prefix(';')?, ';')? {
            let (name, value) = match param.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim().to_owned())),
                None => (param.trim(), None),
            };
            let broken = |c: char| c.is_whitespace() || c.is_control() || "<>\",".contains(c);
            if name.is_empty() || name.contains(broken) || value.iter().any(|value| value.contains(char::is_control)) {
                return None;
            }
            params.push((name.to_owned(), value));
        }
        Some(Self(params))
    }

    /// `None`: absent; `Some(None)`: there without a value.
    pub fn get(&self, name: &str) -> Option<Option<&str>> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_deref())
    }

    /// Sets `name` to `value`, in its old place if it is there.
    pub(super) fn set(&mut self, name: &str, value: String) {
        match self.0.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
            Some((_, old)) => *old = Some(value),
            None => self.0.push((name.to_owned(), Some(value))),
        }
    }

    /// Takes `name` out.
    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    /// As on the wire.
    pub(super) fn reveal(&self) -> String {
        let param = |(name, value): &(String, Option<String>)| match value {
            Some(value) => format!(";{name}={value}"),
            None => format!(";{name}"),
        };
        self.0.iter().map(param).collect()
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// The value of From, To, Contact, Route or Record-Route: `"display" <uri>;params`, or a bare URI.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// As written, quotes included; empty if there was none.
    display: String,
    /// Any scheme.
    uri: String,
    params: Params,
}

impl Address {
    /// `<uri>`, without parameters.
    pub fn new(uri: &Uri) -> Self {
        Self { display: String::new(), uri: uri.reveal(), params: Params::default() }
    }

    /// Reads a name-addr or an addr-spec. RFC 3261 §20.10: without `<>` all parameters belong to the header.
    pub fn parse(text: &str) -> Option<Self> {
        let (display, rest) = text.trim().split_at(display_length(text.trim())?);
        let (uri, params) = match rest.strip_prefix('<') {
            Some(rest) => rest.split_once('>')?,
            None if !display.is_empty() => return None,
            None => rest.split_at(rest.find(';').unwrap_or(rest.len())),
        };
        let uri = uri.trim();
        let bare = !rest.starts_with('<');
        if uri.contains(|c: char| c.is_whitespace() || "<>\"".contains(c)) || (bare && uri.contains(['?', ','])) {
            return None;
        }
        if scheme_of(uri)? == "sip" {
            Uri::parse(uri).ok()?;
        }
        Some(Self { display: display.trim().to_owned(), uri: uri.to_owned(), params: Params::parse(params)? })
    }

    /// The URI, if it is a `sip:` one.
    pub fn uri(&self) -> Result<Uri, SyntaxError> {
        Uri::parse(&self.uri)
    }

    /// What stands before the host, or the number of a `tel:` URI; empty if there is none.
    pub fn user(&self) -> String {
        match self.uri() {
            Ok(uri) => uri.user().map_or_else(String::new, |user| user.into_revealed()),
            Err(_) => {
                let rest = self.uri.split_once(':').map_or("", |(_, rest)| rest);
                rest.split(['@', ';', '?']).next().unwrap_or("").to_owned()
            }
        }
    }

    /// The tag of a From or To.
    pub fn tag(&self) -> Option<&str> {
        self.params.get("tag").flatten()
    }

    /// The same address with this tag.
    pub fn with_tag(mut self, tag: &str) -> Self {
        self.params.set("tag", tag.to_owned());
        self
    }

    /// As on the wire, always with `<>`.
    pub fn reveal(&self) -> String {
        let space = if self.display.is_empty() { "" } else { " " };
        format!("{}{space}<{}>{}", self.display, self.uri, self.params.reveal())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted address]")
    }
}

/// Where the URI begins: behind a quoted string or the words before `<`.
fn display_length(text: &str) -> Option<usize> {
    if !text.starts_with('"') {
        return Some(text.find('<').unwrap_or(0));
    }
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                let rest = &text[at + 1..];
                let open = rest.len() - rest.trim_start().len();
                return rest[open..].starts_with('<').then_some(at + 1 + open);
            }
            _ => {}
        }
    }
    None
}

/// Splits at `separator`, but not inside quotes or `<>`. `None` if a quote or a bracket stays open.
pub(super) fn split_outside_quotes(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut quoted, mut escaped, mut bracketed) = (Vec::new(), 0, false, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if !bracketed => quoted = !quoted,
            '<' if !quoted => bracketed = true,
            '>' if !quoted => bracketed = false,
            c if c == separator && !quoted && !bracketed => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (!quoted && !bracketed).then_some(parts)
}

/// One hop of a message: `SIP/2.0/UDP host:port;branch=…`. RFC 3261 §20.42.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    transport: String,
    host: Host,
    port: Option<u16>,
    params: Params,
}

impl Via {
    /// Our own hop: it asks for the port the request came from. RFC 3581 §3.
    pub fn ours(transport: Transport, advertised: SocketAddr, branch: &str) -> Self {
        let params = Params(vec![("branch".into(), Some(branch.to_owned())), ("rport".into(), None)]);
        let (host, port) = (Host::Ip(advertised.ip()), Some(advertised.port()));
        Self { transport: transport.token().into(), host, port, params }
    }

    /// Reads one Via value.
    pub fn parse(text: &str) -> Option<Self> {
        let (head, params) = text.split_at(text.find(';').unwrap_or(text.len()));
        let mut parts = head.splitn(3, '/').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case("SIP") || parts.next()? != "2.0" {
            return None;
        }
        let (transport, sent_by) = parts.next()?.split_once(char::is_whitespace)?;
        let sent_by: String = sent_by.split_whitespace().collect();
        let (host, port) = Host::parse_with_port(&sent_by)?;
        Some(Self { transport: transport.to_owned(), host, port, params: Params::parse(params)? })
    }

    /// The branch; empty in messages of RFC 2543.
    pub fn branch(&self) -> &str {
        self.params.get("branch").flatten().unwrap_or("")
    }

    /// Host and port of the sender, as it wrote them: part of a transaction's key.
    pub(super) fn sent_by(&self) -> String {
        format!("{}:{}", self.host, self.port.unwrap_or(PORT_DEFAULT))
    }

    /// Notes where the request came from and returns the way of its answers (RFC 3261 §18.2.2): the connection it came
    /// on, and behind it the source's address at the port it named; over UDP that address at once, or the source itself
    /// when it asked by `rport` (RFC 3581 §4).
    pub(super) fn received_from(&mut self, from: Hop) -> Hop {
        let source = from.address;
        let asked = self.params.get("rport").is_some();
        if asked || self.host.ip() != Some(source.ip()) {
            self.params.set("received", source.ip().to_string());
        }
        if asked {
            self.params.set("rport", source.port().to_string());
            if !from.transport.is_reliable() {
                return from;
            }
        }
        Hop { address: SocketAddr::new(source.ip(), self.port.unwrap_or(PORT_DEFAULT)), ..from }
    }

    /// As on the wire.
    pub fn reveal(&self) -> String {
        let port = self.port.map_or_else(String::new, |port| format!(":{port}"));
        format!("SIP/2.0/{} {}{port}{}", self.transport, self.host, self.params.reveal())
    }
}

/// A request's place in its dialog. RFC 3261 §20.16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CSeq {
    /// Below 2^31.
    pub number: u32,
    /// That of the request.
    pub method: Method,
}

impl CSeq {
    /// RFC 3261 §8.1.1.5: the number is below 2^31.
    const NUMBER_MAX: u32 = (1 << 31) - 1;

    /// Reads `number METHOD`.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let malformed = SyntaxError::Header { name: "CSeq" };
        let (number, method) = text.split_once(char::is_whitespace).ok_or(malformed.clone())?;
        let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let number = number.parse().ok().filter(|n| digits && *n <= Self::NUMBER_MAX).ok_or(malformed)?;
        Ok(Self { number, method: method_named(method.trim())? })
    }
}

impl fmt::Display for CSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.method)
    }
}

#[cfg(test)]
mod tests {
    use super::super::transport::StreamId;
    use super::*;

    #[test]
    fn addresses_with_quotes_escapes_and_white_space_are_read() {
        let from = Address::parse("\"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>  ; tag = 98asjd8");
        let from = from.expect("valid");
        assert_eq!((from.tag(), from.user().as_str()), (Some("98asjd8"), "jdrosen"));
        assert_eq!(from.reveal(), "\"J Rosenberg \\\\\\\"\" <sip:jdrosen@example.com>;tag=98asjd8");
        let bare = Address::parse("sip:j.user@example.com;tag=1").expect("valid");
        assert_eq!((bare.tag(), bare.uri().map(|u| u.reveal()).as_deref()), (Some("1"), Ok("sip:j.user@example.com")));
        assert_eq!(Address::parse("<tel:+861380013;phone-context=x>").map(|a| a.user()).as_deref(), Some("+861380013"));
        for bad in ["", "\"open <sip:a@b>", "<sip:a@b", "sip:a@b?x=y", "\"q\" sip:a@b", "<sip:a@b>;;;", "<noscheme>"] {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_answer_goes_to_the_source_or_to_the_named_port() {
        let source = Hop::to(Transport::Udp, "10.0.0.9:40000".parse().expect("address"));
        let mut via = Via::parse("SIP / 2.0 / UDP  10.0.0.1 : 5071;branch=z9hG4bKx;rport").expect("valid");
        assert_eq!(via.received_from(source), source);
        assert_eq!(via.reveal(), "SIP/2.0/UDP 10.0.0.1:5071;branch=z9hG4bKx;rport=40000;received=10.0.0.9");
        let mut via = Via::parse("SIP/2.0/UDP 10.0.0.1:5071;branch=z9hG4bKx").expect("valid");
        let named = "10.0.0.9:5071".parse().expect("address");
        assert_eq!(via.received_from(source), Hop::to(Transport::Udp, named));
        let mut via = Via::parse("SIP/2.0/TCP 10.0.0.1:5071;branch=z9hG4bKx;rport").expect("valid");
        let over_tcp = Hop { transport: Transport::Tcp, stream: Some(StreamId::counted(1)), ..source };
        assert_eq!(via.received_from(over_tcp), Hop { address: named, ..over_tcp });
    }

    #[test]
    fn a_header_value_cannot_smuggle_in_another_header() {
        let mut headers = Headers::default();
        headers.push("Subject", "a\r\nEvil: yes");
        assert_eq!(headers.get("subject"), Some("a  Evil: yes"));
    }
}
