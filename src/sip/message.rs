//! Requests and responses: a start line, ordered headers, of which five make the envelope that is read once, a body.
//! Printing adds Content-Length and is the inverse of the lexer. Methods and status codes are rsip's. RFC 3261 §7.

use std::fmt;

use super::digest::AUTHORIZATIONS;
use super::header::{Address, CSeq, Headers, Via};
use super::transport::Hop;
use super::uri::Uri;
use super::{Method, SyntaxError};

/// Hops a request of ours may take. RFC 3261 §8.1.1.6.
const MAX_FORWARDS: &str = "70";
/// The body type of sessions.
pub const SDP_TYPE: &str = "application/sdp";
/// The body types of INFO that we understand: keys.
pub const KEY_TYPES: &str = "application/dtmf-relay, application/dtmf";

/// Reads a method token. Methods compare with case (RFC 3261 §7.1), which rsip's own parser does not.
pub(super) fn method_named(token: &str) -> Result<Method, SyntaxError> {
    let unknown = || SyntaxError::Method { method: token.to_owned() };
    token.parse::<Method>().ok().filter(|method| method.to_string() == token).ok_or_else(unknown)
}

/// What a status code is called: rsip's name in words.
fn reason_of(status: u16) -> String {
    let named = rsip::StatusCode::from(status).to_string();
    let name = named.split_once(' ').map_or("", |(_, name)| name);
    let mut reason = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() && reason.ends_with(|last: char| last.is_ascii_lowercase()) {
            reason.push(' ');
        }
        reason.push(c);
    }
    reason
}

/// The values by which a message finds its transaction and its dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The topmost hop.
    pub via: Via,
    /// Who asked.
    pub from: Address,
    /// Who was asked.
    pub to: Address,
    /// One a dialog.
    pub call_id: String,
    /// The request's number and method.
    pub cseq: CSeq,
}

impl Envelope {
    /// Reads and checks the five headers: each once, except Via.
    pub(super) fn read(headers: &Headers) -> Result<Self, SyntaxError> {
        let via = headers.get("Via").ok_or(SyntaxError::Missing { name: "Via" })?;
        let address = |name| Address::parse(once(headers, name)?).ok_or(SyntaxError::Header { name });
        let call_id = once(headers, "Call-ID")?;
        if call_id.is_empty() || call_id.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(SyntaxError::Header { name: "Call-ID" });
        }
        Ok(Self {
            via: Via::parse(via).ok_or(SyntaxError::Header { name: "Via" })?,
            from: address("From")?,
            to: address("To")?,
            call_id: call_id.to_owned(),
            cseq: CSeq::parse(once(headers, "CSeq")?)?,
        })
    }
}

/// The value of a header that appears exactly once.
fn once<'a>(headers: &'a Headers, name: &'static str) -> Result<&'a str, SyntaxError> {
    match headers.all(name).count() {
        0 => Err(SyntaxError::Missing { name }),
        1 => headers.get(name).ok_or(SyntaxError::Missing { name }),
        count => Err(SyntaxError::Repeated { name, count }),
    }
}

/// A request or a response: a start line, headers and a body.
#[derive(Clone, PartialEq, Eq)]
pub struct Message<Start> {
    start: Start,
    envelope: Envelope,
    headers: Headers,
    /// Usually SDP, or empty.
    pub body: Vec<u8>,
}

/// `INVITE sip:… SIP/2.0`.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestLine {
    method: Method,
    uri: Uri,
}

/// `SIP/2.0 200 OK`.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusLine {
    status: u16,
    reason: String,
}

/// A request, received or to be sent.
pub type Request = Message<RequestLine>;
/// A response, received or to be sent.
pub type Response = Message<StatusLine>;

impl<Start> Message<Start> {
    /// The same message with one more header.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// The same message with each of these headers.
    pub fn with_all<'a>(self, headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        headers.into_iter().fold(self, |message, (name, value)| message.with(name, value))
    }

    /// The same message with a body of this type; without one when `body` is empty.
    pub fn with_body(mut self, content_type: &str, body: Vec<u8>) -> Self {
        if !body.is_empty() {
            self.headers.push("Content-Type", content_type);
            self.body = body;
        }
        self
    }

    /// The same message with an SDP body; without one when `sdp` is empty.
    pub fn with_sdp(self, sdp: Vec<u8>) -> Self {
        self.with_body(SDP_TYPE, sdp)
    }

    /// Via, From, To, Call-ID, CSeq.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// All headers but Content-Length.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The type of the body, without parameters, in lower case; empty if there is none.
    pub fn content_type(&self) -> String {
        let kind = self.headers.get("Content-Type").and_then(|value| value.split(';').next());
        kind.unwrap_or("").trim().to_ascii_lowercase()
    }

    /// The body, if there is one and it is SDP.
    pub fn sdp(&self) -> Option<Vec<u8>> {
        (!self.body.is_empty() && self.content_type() == SDP_TYPE).then(|| self.body.clone())
    }
}

impl Request {
    /// A request of ours.
    pub fn new(method: Method, uri: Uri, envelope: Envelope) -> Self {
        let mut headers = Headers::default();
        headers.push("Via", envelope.via.reveal());
        headers.push("Max-Forwards", MAX_FORWARDS);
        headers.push("From", envelope.from.reveal());
        headers.push("To", envelope.to.reveal());
        headers.push("Call-ID", &*envelope.call_id);
        headers.push("CSeq", envelope.cseq.to_string());
        Self { start: RequestLine { method, uri }, envelope, headers, body: Vec::new() }
    }

    /// A request as the lexer found it.
    pub(super) fn received(method: Method, uri: Uri, headers: Headers, body: Vec<u8>) -> Result<Self, SyntaxError> {
        let envelope = Envelope::read(&headers)?;
        if envelope.cseq.method != method {
            return Err(SyntaxError::MethodMismatch);
        }
        Ok(Self { start: RequestLine { method, uri }, envelope, headers, body })
    }

    /// What is asked.
    pub fn method(&self) -> Method {
        self.start.method
    }

    /// Of whom.
    pub fn uri(&self) -> &Uri {
        &self.start.uri
    }

    /// The same request as a new one of ours, not signed: another branch and number. RFC 3261 §22.2.
    pub(super) fn again(mut self, via: Via, number: u32) -> Self {
        self.envelope.via = via;
        self.envelope.cseq.number = number;
        self.headers.replace_first("Via", self.envelope.via.reveal());
        self.headers.replace_first("CSeq", self.envelope.cseq.to_string());
        for name in AUTHORIZATIONS {
            self.headers.remove(name);
        }
        self
    }

    /// Notes in the topmost Via where it came from and returns the way of its answers. RFC 3261 §18.2.1.
    pub(super) fn received_from(&mut self, from: Hop) -> Hop {
        let back = self.envelope.via.received_from(from);
        self.headers.replace_first("Via", self.envelope.via.reveal());
        back
    }

    /// The message as on the wire.
    pub fn print(&self) -> Vec<u8> {
        let RequestLine { method, uri } = &self.start;
        print(&format!("{method} {} SIP/2.0", uri.reveal()), &self.headers, &self.body)
    }
}

impl Response {
    /// The answer to `request`: its Via values, From, To (with `tag` if it had none and the answer is not 100), Call-ID
    /// and CSeq; in an answer that makes a dialog also its Record-Route. RFC 3261 §8.2.6.2, §12.1.1.
    pub fn answering(request: &Request, status: u16, tag: &str) -> Self {
        let mut envelope = request.envelope.clone();
        if status > 100 && envelope.to.tag().is_none() {
            envelope.to = envelope.to.with_tag(tag);
        }
        let mut headers = echo(&request.headers, Some(&envelope.to));
        if request.method() == Method::Invite && (101..300).contains(&status) {
            for route in request.headers.all("Record-Route") {
                headers.push("Record-Route", route);
            }
        }
        Self { start: StatusLine { status, reason: reason_of(status) }, envelope, headers, body: Vec::new() }
    }

    /// A response as the lexer found it.
    pub(super) fn received(status: u16, reason: &str, headers: Headers, body: Vec<u8>) -> Result<Self, SyntaxError> {
        let envelope = Envelope::read(&headers)?;
        Ok(Self { start: StatusLine { status, reason: reason.to_owned() }, envelope, headers, body })
    }

    /// 100 to 699.
    pub fn status(&self) -> u16 {
        self.start.status
    }

    /// The message as on the wire.
    pub fn print(&self) -> Vec<u8> {
        let StatusLine { status, reason } = &self.start;
        print(&format!("SIP/2.0 {status} {reason}"), &self.headers, &self.body)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { envelope, headers, body, .. } = self;
        write!(f, "Request({}, {} headers, body {} bytes)", envelope.cseq, headers.len(), body.len())
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { start, envelope, headers, body } = self;
        let StatusLine { status, .. } = start;
        write!(f, "Response({status} to {}, {} headers, body {} bytes)", envelope.cseq, headers.len(), body.len())
    }
}

/// What the lexer refuses to hand on but answers: it has a way back and the headers an answer repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why, and with which status.
    pub error: SyntaxError,
    via: Via,
    headers: Headers,
}

impl Refusal {
    /// `None` if no answer could find its way: no readable Via, or nothing to repeat.
    pub(super) fn new(error: SyntaxError, headers: Headers) -> Option<Self> {
        let via = Via::parse(headers.get("Via")?)?;
        let answerable = ["From", "To", "Call-ID", "CSeq"].iter().all(|name| headers.get(name).is_some());
        answerable.then_some(Self { error, via, headers })
    }

    /// The branch of the topmost Via.
    pub fn branch(&self) -> &str {
        self.via.branch()
    }

    /// The way of the answer, and its bytes. `extra` are headers that explain, such as Allow.
    pub(super) fn answer(mut self, from: Hop, tag: &str, extra: &[(&str, &str)]) -> (Hop, Vec<u8>) {
        let back = self.via.received_from(from);
        self.headers.replace_first("Via", self.via.reveal());
        let to = self.headers.get("To").and_then(Address::parse);
        let to = to.map(|to| if to.tag().is_none() { to.with_tag(tag) } else { to });
        let mut headers = echo(&self.headers, to.as_ref());
        for (name, value) in extra {
            headers.push(name, *value);
        }
        let status = self.error.status();
        (back, print(&format!("SIP/2.0 {status} {}", reason_of(status)), &headers, &[]))
    }
}

/// The headers every answer repeats, the first of each where a broken request has several; `to` replaces To.
fn echo(request: &Headers, to: Option<&Address>) -> Headers {
    let mut headers = Headers::default();
    for via in request.all("Via") {
        headers.push("Via", via);
    }
    for name in ["From", "To", "Call-ID", "CSeq"] {
        match (name, to, request.get(name)) {
            ("To", Some(to), _) => headers.push(name, to.reveal()),
            (_, _, Some(value)) => headers.push(name, value),
            (_, _, None) => {}
        }
    }
    headers
}

fn print(start_line: &str, headers: &Headers, body: &[u8]) -> Vec<u8> {
    let mut text = String::with_capacity(512 + body.len());
    text.push_str(start_line);
    text.push_str("\r\n");
    for (name, value) in headers.iter() {
        text.push_str(name);
        text.push_str(": ");
        text.push_str(value);
        text.push_str("\r\n");
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}
