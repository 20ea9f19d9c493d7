//! The bounded lexer: a datagram, or a message cut from a stream, in; a request, a response, a refusal that says its status, or silence out. It unfolds
//! lines, expands compact names and splits lists of addresses, so that nothing behind it sees spelling. It never
//! panics, and it alone decides 400, 413, 416, 501 and 505. RFC 3261 §7, §18.3, §25; torture cases in RFC 4475.

use super::header::{Address, Headers, split_outside_quotes};
use super::message::{Refusal, Request, Response, method_named};
use super::uri::Uri;
use super::{Method, SyntaxError};

/// What UDP over IPv4 can carry.
pub const DATAGRAM_BYTES_MAX: usize = 65_507;
/// Headers of a message, list values counted one by one; over it: 413.
pub const HEADERS_MAX: usize = 128;
/// One header, unfolded; over it: 413.
pub const HEADER_BYTES_MAX: usize = 8 * 1024;

/// What a datagram turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lexed {
    /// Well formed, of a known method and for a `sip:` URI.
    Request(Request),
    /// Well formed.
    Response(Response),
    /// A request to be answered with the error's status.
    Refused(Refusal),
    /// Nothing to answer.
    Silent(Silence),
}

/// Why a datagram is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// Empty lines that hold a NAT binding open. RFC 5626 §4.4.1.
    KeepAlive,
    /// Not text: STUN, DTLS, RTP, noise.
    NotSip,
    /// Longer than a datagram can be.
    Oversize,
    /// A broken response or ACK, or a request too broken to be answered.
    Malformed,
}

/// Reads one datagram.
pub fn lex(datagram: &[u8]) -> Lexed {
    if datagram.len() > DATAGRAM_BYTES_MAX {
        return Lexed::Silent(Silence::Oversize);
    }
    let begin = datagram.iter().position(|b| !b"\r\n".contains(b));
    let Some(message) = begin.map(|at| &datagram[at..]) else {
        return Lexed::Silent(Silence::KeepAlive);
    };
    match head_length(message, 0) {
        Some(head_bytes) => read(&message[..head_bytes], Ok(&message[head_bytes..])),
        None => read(message, Err(SyntaxError::Unfinished)),
    }
}

/// Reads the head of a message whose end in its stream cannot be told because of `error`.
pub(super) fn lex_fault(head: &[u8], error: SyntaxError) -> Lexed {
    read(head, Err(error))
}

/// How long the head is, its empty line included, if that line is there; it is known not to end before `scanned`. Bare
/// line feeds are accepted.
pub(super) fn head_length(message: &[u8], scanned: usize) -> Option<usize> {
    let ends = |at: &usize| message[*at] == b'\n' && [&b"\n"[..], b"\n\r"].iter().any(|e| message[..*at].ends_with(e));
    (scanned..message.len()).find(ends).map(|at| at + 1)
}

/// The readable headers of a head.
pub(super) fn headers_of(head: &[u8]) -> Headers {
    split_start_line(head).map_or_else(Headers::default, |(_, lines)| read_headers(lines).0)
}

/// Start line and the lines of the headers; `None` if it is no text.
fn split_start_line(head: &[u8]) -> Option<(&str, &str)> {
    let head = std::str::from_utf8(head).ok()?.trim_end_matches(['\r', '\n']);
    let (start_line, lines) = head.split_once('\n').unwrap_or((head, ""));
    let start_line = start_line.strip_suffix('\r').unwrap_or(start_line);
    (!start_line.contains(char::is_control)).then_some((start_line, lines))
}

/// Reads a head and what follows it.
fn read(head: &[u8], rest: Result<&[u8], SyntaxError>) -> Lexed {
    let Some((start_line, lines)) = split_start_line(head) else {
        return Lexed::Silent(Silence::NotSip);
    };
    let (mut headers, fault) = read_headers(lines);
    let body = rest.and_then(|rest| cut_body(&mut headers, rest));
    let body = fault.map_or(body, Err);
    match start_line.get(..4).filter(|start| start.eq_ignore_ascii_case("SIP/")) {
        Some(_) => read_response(start_line, headers, body),
        None => read_request(start_line, headers, body),
    }
}

/// Every header up to the limits, and the first fault: the rest is read all the same, because an answer needs it.
fn read_headers(lines: &str) -> (Headers, Option<SyntaxError>) {
    let (mut headers, mut fault, mut number, mut lines) = (Headers::default(), None, 0, lines.lines().peekable());
    while let Some(first) = lines.next() {
        number += 1;
        let mut bytes = first.len();
        let mut line = first.to_owned();
        while let Some(more) = lines.next_if(|next| next.starts_with([' ', '\t'])) {
            bytes += more.len();
            if bytes <= HEADER_BYTES_MAX {
                line.push(' ');
                line.push_str(more.trim());
            }
        }
        let read = if bytes > HEADER_BYTES_MAX {
            Err(SyntaxError::TooLarge { what: "header bytes", got: bytes, max: HEADER_BYTES_MAX })
        } else {
            read_header(&line, number, &mut headers)
        };
        if let Err(error) = read {
            fault.get_or_insert(error);
        }
        if headers.len() > HEADERS_MAX {
            let error = SyntaxError::TooLarge { what: "headers", got: headers.len(), max: HEADERS_MAX };
            return (headers, Some(error));
        }
    }
    (headers, fault)
}

/// Reads one unfolded line; a list of addresses becomes as many headers.
fn read_header(line: &str, number: usize, headers: &mut Headers) -> Result<(), SyntaxError> {
    let (name, value) = line.split_once(':').ok_or(SyntaxError::HeaderLine { line: number })?;
    let name = name.trim_end();
    if name.is_empty() || !name.bytes().all(is_token_byte) {
        return Err(SyntaxError::HeaderLine { line: number });
    }
    let name = long_name(name);
    let value = value.trim();
    let Some(&list) = ["Via", "Contact", "Route", "Record-Route"].iter().find(|l| l.eq_ignore_ascii_case(name)) else {
        headers.push(name, value);
        return Ok(());
    };
    let values = split_outside_quotes(value, ',').ok_or(SyntaxError::Header { name: list })?;
    for value in values {
        if value.trim().is_empty() {
            return Err(SyntaxError::Header { name: list });
        }
        headers.push(name, value.trim());
    }
    Ok(())
}

/// RFC 3261 §25.1, `token`.
pub(super) fn is_token_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b)
}

/// The long form of a compact name; IANA's registry of SIP header fields.
fn long_name(name: &str) -> &str {
    match name.to_ascii_lowercase().as_str() {
        "a" => "Accept-Contact",
        "b" => "Referred-By",
        "c" => "Content-Type",
        "d" => "Request-Disposition",
        "e" => "Content-Encoding",
        "f" => "From",
        "i" => "Call-ID",
        "j" => "Reject-Contact",
        "k" => "Supported",
        "l" => "Content-Length",
        "m" => "Contact",
        "o" => "Event",
        "r" => "Refer-To",
        "s" => "Subject",
        "t" => "To",
        "u" => "Allow-Events",
        "v" => "Via",
        "x" => "Session-Expires",
        "y" => "Identity",
        _ => name,
    }
}

/// The body that Content-Length says, or all of the datagram without one. RFC 3261 §18.3. Takes the header out.
fn cut_body(headers: &mut Headers, rest: &[u8]) -> Result<Vec<u8>, SyntaxError> {
    let name = "Content-Length";
    let declared = match headers.all(name).count() {
        0 => return Ok(rest.to_vec()),
        1 => headers.get(name).filter(|v| !v.is_empty() && v.bytes().all(|b| b.is_ascii_digit())),
        count => return Err(SyntaxError::Repeated { name, count }),
    };
    let declared_bytes: usize = declared.ok_or(SyntaxError::Header { name })?.parse().unwrap_or(usize::MAX);
    headers.remove(name);
    let cut = SyntaxError::BodyCut { declared_bytes, got_bytes: rest.len() };
    rest.get(..declared_bytes).map(<[u8]>::to_vec).ok_or(cut)
}

fn read_response(start_line: &str, headers: Headers, body: Result<Vec<u8>, SyntaxError>) -> Lexed {
    let read = || {
        let (version, rest) = start_line.split_once(' ')?;
        let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
        let valid = version.eq_ignore_ascii_case("SIP/2.0") && code.len() == 3;
        let status = code.parse().ok().filter(|status| valid && (100..700).contains(status))?;
        Response::received(status, reason, headers, body.ok()?).ok()
    };
    read().map_or(Lexed::Silent(Silence::Malformed), Lexed::Response)
}

fn read_request(start_line: &str, headers: Headers, body: Result<Vec<u8>, SyntaxError>) -> Lexed {
    let is_ack = start_line.starts_with("ACK ");
    let line = read_request_line(start_line);
    // A CSeq of an unknown method is itself a fault: the request line decides first between 501 and 400.
    let request = match line {
        Ok((method, uri)) => body.and_then(|body| Request::received(method, uri, headers.clone(), body)),
        Err(error) => Err(error),
    };
    let error = match request.and_then(|request| check_request(&request).map(|()| request)) {
        Ok(request) => return Lexed::Request(request),
        Err(error) => error,
    };
    let refusal = if is_ack { None } else { Refusal::new(error, headers) };
    refusal.map_or(Lexed::Silent(Silence::Malformed), Lexed::Refused)
}

/// `METHOD SP URI SP SIP/2.0`, nothing more. RFC 3261 §7.1.
fn read_request_line(line: &str) -> Result<(Method, Uri), SyntaxError> {
    let malformed = SyntaxError::StartLine { bytes: line.len() };
    let mut parts = line.split(' ');
    let (Some(method), Some(uri), Some(version), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed);
    };
    if method.is_empty() || !method.bytes().all(is_token_byte) || uri.is_empty() {
        return Err(malformed);
    }
    match version.get(..4).filter(|start| start.eq_ignore_ascii_case("SIP/")) {
        Some(_) if version[4..] == *"2.0" => {}
        Some(_) => return Err(SyntaxError::Version),
        None => return Err(malformed),
    }
    let method = method_named(method)?;
    let uri = Uri::parse(uri)?;
    if uri.has_headers() {
        return Err(malformed);
    }
    Ok((method, uri))
}

/// What an otherwise well-formed request may still have wrong. A missing Max-Forwards is accepted: RFC 4475 §3.4.1 wants
/// requests of RFC 2543 processed.
fn check_request(request: &Request) -> Result<(), SyntaxError> {
    let headers = request.headers();
    for name in ["Max-Forwards", "Content-Type"] {
        let count = headers.all(name).count();
        if count > 1 {
            return Err(SyntaxError::Repeated { name, count });
        }
    }
    let number = |v: &str| (1..=10).contains(&v.len()) && v.bytes().all(|b| b.is_ascii_digit());
    if headers.get("Max-Forwards").is_some_and(|v| !number(v)) {
        return Err(SyntaxError::Header { name: "Max-Forwards" });
    }
    for name in ["Contact", "Route", "Record-Route"] {
        if headers.all(name).any(|value| value != "*" && Address::parse(value).is_none()) {
            return Err(SyntaxError::Header { name });
        }
    }
    let contacts = headers.all("Contact").count();
    if request.method() == Method::Invite && contacts > 1 {
        return Err(SyntaxError::Repeated { name: "Contact", count: contacts });
    }
    Ok(())
}
