//! SIP URIs and hosts: `sip:user@host:port;params?headers`. Own types, because rsip 0.4 rejects IPv6 hosts and escaped
//! users. Only `sip:`; other schemes are an error of their own (416). RFC 3261 §19.1.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::SyntaxError;
use super::header::Params;
use super::transport::Transport;
use crate::base::Redacted;

/// The port of SIP over UDP and TCP when none is written.
pub const PORT_DEFAULT: u16 = 5060;

/// Where a URI or a Via points.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// An address, IPv6 with or without brackets on the wire.
    Ip(IpAddr),
    /// A name to be resolved.
    Name(String),
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        if let Some(inner) = text.strip_prefix('[') {
            return inner.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(|ip| Self::Ip(ip.into()));
        }
        if let Ok(ip) = text.parse::<Ipv4Addr>() {
            return Some(Self::Ip(ip.into()));
        }
        let named = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        named.then(|| Self::Name(text.to_owned()))
    }

    /// Reads `host[:port]`.
    pub(super) fn parse_with_port(text: &str) -> Option<(Self, Option<u16>)> {
        let after_address = text.rfind(']').map_or(0, |at| at + 1);
        let Some(colon) = text[after_address..].find(':').map(|at| at + after_address) else {
            return Some((Self::parse(text)?, None));
        };
        let digits = &text[colon + 1..];
        let port = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())??;
        Some((Self::parse(&text[..colon])?, Some(port)))
    }

    /// The address, if it is one and need not be resolved.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Ip(ip) => Some(*ip),
            Self::Name(_) => None,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(IpAddr::V4(ip)) => write!(f, "{ip}"),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// A `sip:` URI. It has no `Display` and hides its user part in `Debug`, which is often a phone number;
/// [`Uri::reveal`] writes it as on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uri {
    /// As on the wire: escaped, and with the password if there was one.
    userinfo: Option<Redacted<String>>,
    host: Host,
    port: Option<u16>,
    params: Params,
    headers: Option<Redacted<String>>,
}

impl Uri {
    /// `sip:user@host:port`; `user` is plain text and is escaped here. An empty user is left out.
    pub fn new(user: &str, host: Host, port: Option<u16>) -> Self {
        let userinfo = (!user.is_empty()).then(|| Redacted::new(escape_user(user)));
        Self { userinfo, host, port, params: Params::default(), headers: None }
    }

    /// `sip:address:port`.
    pub fn of(address: SocketAddr) -> Self {
        Self::new("", Host::Ip(address.ip()), Some(address.port()))
    }

    /// The same URI saying over which transport; UDP goes without saying. RFC 3261 §19.1.1.
    pub fn over(mut self, transport: Transport) -> Self {
        self.params.remove("transport");
        if transport != Transport::default() {
            self.params.set("transport", transport.token().to_ascii_lowercase());
        }
        self
    }

    /// Over which transport it wants to be reached; `None` if it does not say, or one we do not speak.
    pub fn transport(&self) -> Option<Transport> {
        Transport::named(self.params.get("transport")??)
    }

    /// Reads a URI as it stands on the wire.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let malformed = || SyntaxError::Uri { bytes: text.len() };
        let scheme = scheme_of(text).ok_or_else(malformed)?;
        if scheme != "sip" {
            return Err(SyntaxError::Scheme { scheme });
        }
        Self::parse_after_scheme(&text[4..]).ok_or_else(malformed)
    }

    fn parse_after_scheme(rest: &str) -> Option<Self> {
        if !rest.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"\\^`{|}".contains(&b)) {
            return None;
        }
        let (userinfo, rest) = match rest.split_once('@') {
            Some(("", _)) => return None,
            Some((userinfo, rest)) => (Some(Redacted::new(userinfo.to_owned())), rest),
            None => (None, rest),
        };
        let (rest, headers) = match rest.split_once('?') {
            Some((rest, headers)) => (rest, Some(Redacted::new(headers.to_owned()))),
            None => (rest, None),
        };
        let (authority, params) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
        if rest.contains('@') {
            return None;
        }
        let (host, port) = Host::parse_with_port(authority)?;
        Some(Self { userinfo, host, port, params: Params::parse(params)?, headers })
    }

    /// The user part, unescaped, without a password.
    pub fn user(&self) -> Option<Redacted<String>> {
        let userinfo = self.userinfo.as_ref()?.reveal();
        Some(Redacted::new(unescape(userinfo.split(':').next().unwrap_or(userinfo))))
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port, if written.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The parameters after the host.
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// Whether it carries `?headers`, which a request line never may.
    pub(super) fn has_headers(&self) -> bool {
        self.headers.is_some()
    }

    /// Where it points, when no name has to be resolved.
    pub fn address(&self) -> Option<SocketAddr> {
        Some(SocketAddr::new(self.host.ip()?, self.port.unwrap_or(PORT_DEFAULT)))
    }

    /// The URI as on the wire, the user part included.
    pub fn reveal(&self) -> String {
        let mut text = String::from("sip:");
        if let Some(userinfo) = &self.userinfo {
            text.push_str(userinfo.reveal());
            text.push('@');
        }
        text.push_str(&self.host.to_string());
        if let Some(port) = self.port {
            text.push_str(&format!(":{port}"));
        }
        text.push_str(&self.params.reveal());
        if let Some(headers) = &self.headers {
            text.push('?');
            text.push_str(headers.reveal());
        }
        text
    }
}

/// The scheme of any URI, in lower case. RFC 3986 §3.1.
pub(super) fn scheme_of(text: &str) -> Option<String> {
    let (scheme, _) = text.split_once(':')?;
    let valid = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    valid.then(|| scheme.to_ascii_lowercase())
}

/// Escapes all but the unreserved and user-unreserved characters. RFC 3261 §25.1.
fn escape_user(user: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/".contains(&b);
    user.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Undoes `%XX`; what is not an escape stays, what is not UTF-8 becomes U+FFFD.
fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = text.get(at + 1..at + 3).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| byte == b'%') {
            Some(escaped) => {
                plain.push(escaped);
                at += 3;
            }
            None => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_printed_as_it_was_read() {
        for text in [
            "sip:example.com",
            "sip:alice:secret@example.com:5070;transport=udp;lr",
            "sip:sips%3Auser%40example.com@example.net",
            "sip:user;par=u%40example.net@example.com",
            "sip:[2001:db8::10:5070]",
            "sip:bob@[2001:db8::10]:5070?subject=x",
            "sip:+8613800138000@10.0.0.1;user=phone",
        ] {
            assert_eq!(Uri::parse(text).map(|uri| uri.reveal()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_is_not_a_sip_uri_is_refused_with_its_reason() {
        assert_eq!(Uri::parse("tel:+8613800138000"), Err(SyntaxError::Scheme { scheme: "tel".into() }));
        assert_eq!(Uri::parse("SIPS:a@b"), Err(SyntaxError::Scheme { scheme: "sips".into() }));
        for text in
            ["", "sip", "sip:", "sip:@h", "sip:a@b@c", "sip:a b@c", "sip:2001:db8::10", "sip:h:99999", "sip:h;;x"]
        {
            assert_eq!(Uri::parse(text), Err(SyntaxError::Uri { bytes: text.len() }), "{text}");
        }
    }

    #[test]
    fn a_user_part_is_escaped_unescaped_and_hidden_from_logs() {
        let uri = Uri::new("张 三\r\n", Host::Name("h".into()), None);
        assert_eq!(uri.reveal(), "sip:%E5%BC%A0%20%E4%B8%89%0D%0A@h");
        assert_eq!(uri.user().map(Redacted::into_revealed).as_deref(), Some("张 三\r\n"));
        assert!(!format!("{uri:?}").contains("%E5"));
    }
}
