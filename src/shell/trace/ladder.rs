//! The ladder of a call as text: our side on the left, each peer a column to the right, time downwards, our events woven
//! in. A message that is the same as an earlier one is marked as sent again.

use std::collections::HashSet;
use std::fmt::Write;
use std::net::SocketAddr;

use serde_json::{Map, Value};

use super::find::{Entry, Found};
use super::record::{SipRecord, Way, body, header};

/// Cells from one column to the next.
const COLUMN: usize = 34;
/// Cells before our column.
const MARGIN: usize = 13;
/// More peers share the last column.
const PEERS_MAX: usize = 4;
/// Fields that every event has, shown otherwise or not at all.
const FIELDS_OF_ALL: [&str; 4] = ["call", "at_ms", "wall", "event"];

/// The ladder.
pub fn draw(found: &Found) -> String {
    let records = || {
        found.entries.iter().filter_map(|entry| match entry {
            Entry::Sip(record) => Some(record),
            Entry::Event(_) => None,
        })
    };
    let mut peers: Vec<SocketAddr> = Vec::new();
    for record in records() {
        if !peers.contains(&record.peer) && peers.len() < PEERS_MAX {
            peers.push(record.peer);
        }
    }
    let start_ms = found.entries.first().map_or(0, Entry::at_ms);
    let mut text = heading(found, records().count(), start_ms);
    if let Some(first) = records().next() {
        let _ = writeln!(text, "{}", names(first.local, &peers).trim_end());
    }
    let mut seen = HashSet::new();
    for entry in &found.entries {
        let at = format!("{:>10.3} s", (entry.at_ms() - start_ms) as f64 / 1000.0);
        let line = match entry {
            Entry::Sip(record) => {
                let again = !seen.insert((record.way, record.peer, &record.content));
                let column = peers.iter().position(|peer| *peer == record.peer).unwrap_or(PEERS_MAX - 1);
                let remark = remark(record, again);
                format!("{}  {remark}", arrow(record, column, peers.len()))
            }
            Entry::Event(event) => format!(": {}", describe(event)),
        };
        let _ = writeln!(text, "{at} {}", line.trim_end()); // writing to a String cannot fail
    }
    text
}

fn heading(found: &Found, messages: usize, start_ms: i64) -> String {
    let at = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(start_ms) * 1_000_000)
        .ok()
        .and_then(|at| at.format(&time::format_description::well_known::Rfc3339).ok());
    let events = found.entries.len() - messages;
    format!("call {}  {}  {messages} messages, {events} events\n\n", found.id, at.unwrap_or_default())
}

/// The addresses, each over its column.
fn names(local: SocketAddr, peers: &[SocketAddr]) -> String {
    let mut line = format!("{:MARGIN$}{local}", "");
    for (n, peer) in peers.iter().enumerate() {
        let at = MARGIN + (n + 1) * COLUMN;
        let width = line.len().max(at.saturating_sub(peer.to_string().len() / 2 + 1));
        line = format!("{line:width$} {peer}");
    }
    line
}

/// `|<------ 180 Ringing -------|`, from our column to the peer's.
fn arrow(record: &SipRecord, column: usize, columns: usize) -> String {
    let width = (column + 1) * COLUMN - 2; // between the bars, but for the head
    let label = format!(" {} ", label(record));
    let label: String = label.chars().take(width).collect();
    let shaft = match record.way {
        Way::In => format!("|<{label:-^width$}|"),
        Way::Out => format!("|{label:-^width$}>|"),
    };
    let rest: String = (column + 1..columns).map(|_| format!("{:>COLUMN$}", "|")).collect();
    shaft + &rest
}

/// The method, or the status with its reason.
fn label(record: &SipRecord) -> String {
    let bytes = record.bytes();
    let line = String::from_utf8_lossy(bytes.split(|b| *b == b'\n').next().unwrap_or_default()).trim().to_owned();
    match line.strip_prefix("SIP/2.0 ") {
        Some(status) => status.to_owned(),
        None => line.split_whitespace().next().unwrap_or("(not SIP)").to_owned(),
    }
}

/// CSeq, SDP, the transport if it is not UDP.
fn remark(record: &SipRecord, again: bool) -> String {
    let bytes = record.bytes();
    let cseq = header(&bytes, &["CSeq"]);
    let transport = (record.transport != "UDP").then(|| record.transport.clone());
    let again = again.then(|| "(again)".to_owned());
    [cseq, sdp(&bytes), transport, again].into_iter().flatten().collect::<Vec<_>>().join("  ")
}

/// `SDP 192.0.2.1:20000 PCMU telephone-event sendrecv`: the first audio of a body that is SDP.
fn sdp(message: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body(message)).into_owned();
    let value = |start: &str| text.lines().find_map(|line| line.strip_prefix(start)).map(str::trim);
    let mut media = value("m=audio ")?.split_whitespace();
    let port = media.next()?;
    let address = value("c=").and_then(|connection| connection.split_whitespace().last()).unwrap_or("?");
    let codec = |payload: &str| match (value(&format!("a=rtpmap:{payload} ")), payload) {
        (Some(map), _) => map.split('/').next().unwrap_or(map).to_owned(),
        (None, "0") => "PCMU".to_owned(),
        (None, "8") => "PCMA".to_owned(),
        (None, other) => other.to_owned(),
    };
    let codecs: Vec<String> = media.skip(1).map(codec).collect();
    let direction = ["sendonly", "recvonly", "inactive"].into_iter().find(|d| text.contains(&format!("a={d}")));
    Some(format!("SDP {address}:{port} {} {}", codecs.join(" "), direction.unwrap_or("sendrecv")))
}

/// The event's name and its fields.
fn describe(event: &Map<String, Value>) -> String {
    let mut text = event.get("event").and_then(Value::as_str).unwrap_or("?").to_owned();
    for (key, value) in event.iter().filter(|(key, _)| !FIELDS_OF_ALL.contains(&key.as_str())) {
        let _ = write!(text, "  {key} {value}"); // JSON quotes texts
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::Passed;
    use super::*;
    use crate::base::UnixMillis;
    use crate::sip::Transport;

    fn message(ms: i64, way: Way, peer: &str, bytes: &str) -> Entry {
        let local = "192.0.2.1:5060".parse().expect("address");
        let peer = peer.parse().expect("address");
        let passed = Passed { way, transport: Transport::Udp, local, peer, bytes: bytes.as_bytes() };
        Entry::Sip(SipRecord::new(UnixMillis(1_795_532_400_000 + ms), &passed))
    }

    #[test]
    fn a_call_with_two_peers_is_drawn_with_its_events() {
        let sdp = "v=0\r\nc=IN IP4 192.0.2.2\r\nm=audio 20000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n";
        let invite = format!("INVITE sip:a@b SIP/2.0\r\nCSeq: 1 INVITE\r\nCall-ID: c\r\n\r\n{sdp}");
        let event = r#"{"call":"c","at_ms":2,"wall":1795532400030,"event":"heard","text":"你好","turn":1}"#;
        let entries = vec![
            message(0, Way::In, "192.0.2.2:5060", &invite),
            message(1, Way::Out, "192.0.2.2:5060", "SIP/2.0 180 Ringing\r\nCSeq: 1 INVITE\r\n\r\n"),
            message(20, Way::In, "192.0.2.2:5060", &invite),
            Entry::Event(serde_json::from_str(event).expect("JSON")),
            message(1500, Way::Out, "192.0.2.3:5062", "BYE sip:a@b SIP/2.0\r\nCSeq: 2 BYE\r\n\r\n"),
        ];
        let drawn = draw(&Found { id: "c".to_owned(), entries });
        let expected = "\
call c  2026-11-24T15:00:00Z  4 messages, 1 events

             192.0.2.1:5060             192.0.2.2:5060                    192.0.2.3:5062
     0.000 s |<------------ INVITE ------------|                                 |  1 INVITE  SDP 192.0.2.2:20000 PCMU telephone-event sendrecv
     0.001 s |--------- 180 Ringing ---------->|                                 |  1 INVITE
     0.020 s |<------------ INVITE ------------|                                 |  1 INVITE  SDP 192.0.2.2:20000 PCMU telephone-event sendrecv  (again)
     0.030 s : heard  text \"你好\"  turn 1
     1.500 s |------------------------------ BYE ------------------------------->|  2 BYE
";
        assert_eq!(drawn, expected, "\n{drawn}");
    }

    #[test]
    fn what_is_no_sip_does_not_break_the_ladder() {
        let entries =
            vec![message(0, Way::In, "192.0.2.2:5060", "\r\n"), message(0, Way::In, "192.0.2.2:5060", "noise")];
        assert!(draw(&Found { id: String::new(), entries }).contains("(not SIP)"));
        assert!(draw(&Found { id: String::new(), entries: Vec::new() }).contains("0 messages"));
    }
}
