//! What the lexer reads, refuses and ignores. The torture messages of RFC 4475 and RFC 5118 are transcribed in
//! `tests/torture/`, with the answers that a user agent may give over UDP and over TCP.

use crate::bench::{Bench, OFFER, peer, request};
use callwright::sip::lexer::{HEADER_BYTES_MAX, HEADERS_MAX, Lexed, Silence, lex};
use callwright::sip::{Command, Event, Input, Method, Request, SyntaxError};
use proptest::prelude::*;

fn lexed(text: &str) -> Request {
    let lexed = lex(text.as_bytes());
    let Lexed::Request(request) = lexed else { panic!("{lexed:?}") };
    request
}

fn refused(text: &str) -> SyntaxError {
    let lexed = lex(text.as_bytes());
    let Lexed::Refused(refusal) = lexed else { panic!("{lexed:?}") };
    refusal.error
}

/// Whether a status is among the allowed: `405`, `48x`, `2xx`, …
fn is_allowed(status: &str, allowed: &str) -> bool {
    allowed.split(',').any(|pattern| {
        pattern == "liberal"
            || pattern.len() == status.len() && pattern.chars().zip(status.chars()).all(|(p, s)| p == 'x' || p == s)
    })
}

/// Whether these answers, final ones in the order of their requests, are what the table allows.
fn are_allowed(got: &[String], allowed: &str) -> bool {
    match (got, allowed) {
        ([], "wait") => true,
        ([], _) => allowed.contains("none") || allowed.contains("close") || allowed == "liberal",
        (_, "wait" | "none") => false,
        (statuses, _) => statuses.iter().all(|status| is_allowed(status, allowed)),
    }
}

/// Each row of the table: message, section, the answers it may get over UDP and TCP.
fn torture(check: impl Fn(&str, &[u8], &str, &str) -> Result<(), String>) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/torture");
    let table = std::fs::read_to_string(format!("{folder}/expected.tsv")).expect("table");
    let mut wrong = Vec::new();
    for line in table.lines().skip(1) {
        let [name, section, udp, tcp, _] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let message = std::fs::read(format!("{folder}/{name}.dat")).expect("message");
        if let Err(why) = check(name, &message, udp, if tcp == "same" { udp } else { tcp }) {
            wrong.push(format!("{name} ({section}): {why}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(table.lines().count() > 60);
}

#[test]
fn every_torture_message_gets_an_answer_the_rfc_allows_and_a_sane_one_after_it_200() {
    torture(|_, message, udp, _| {
        let mut bench = Bench::new();
        bench.receive_bytes(message);
        let got = bench.sent();
        bench.receive(&request("OPTIONS", "sane", 1, "", ""));
        let (fine, after) = (are_allowed(&got, udp), bench.sent());
        if fine && after == ["200"] { Ok(()) } else { Err(format!("{got:?}, not {udp}; then {after:?}")) }
    });
}

#[test]
fn every_torture_message_gets_its_answer_over_tcp_too_and_a_sane_one_200_on_the_same_connection_or_the_next() {
    torture(|name, message, udp, tcp| {
        let mut bench = Bench::over_tcp();
        for byte in message {
            bench.receive_bytes(&[*byte]);
        }
        let got = bench.sent();
        if let Some(Event::Invited(invited)) = bench.events().pop() {
            bench.command(Command::Reject { dialog: invited.dialog, status: 486 });
            assert_eq!(bench.sent(), ["486"]);
        }
        let fine = match (tcp, got.as_slice()) {
            ("two", [register, invite @ ..]) => is_allowed(register, udp) && invite == ["100"],
            _ => are_allowed(&got, tcp),
        };
        // For bytes that never come (baddn has no empty line), and that until then swallow whatever does.
        let waits = ["clerr", "baddn"].contains(&name);
        if !bench.closed.is_empty() || waits {
            bench.connect("10.0.0.2:40000".parse().expect("address"));
        }
        bench.receive(&request("OPTIONS", "sane", 1, "", ""));
        let after = bench.sent();
        bench.pass(crate::bench::ms(700_000)); // the one that waited in vain closes, and the idle one
        if fine && after == ["200"] && (!waits || bench.closed.len() == 2) {
            Ok(())
        } else {
            Err(format!("{got:?}, not {tcp}; then {after:?}, closed {:?}", bench.closed))
        }
    });
}

#[test]
fn folded_lines_compact_names_and_joined_lists_are_one_form() {
    let request = lexed(
        "INVITE sip:a@b SIP/2.0\r\nv : SIP / 2.0 / UDP h1 ;branch=z9hG4bK1,\r\n SIP/2.0/UDP h2\r\nf: \"A, B\" <sip:x@y>;tag=1\r\n\
         t: <sip:a@b>\r\ni: c\r\nCSeq: 0007\r\n  INVITE\r\nm: <sip:x,1@y>\r\nl: 2\r\n\r\nhi and more",
    );
    let vias: Vec<_> = request.headers().all("via").collect();
    assert_eq!(vias, ["SIP / 2.0 / UDP h1 ;branch=z9hG4bK1", "SIP/2.0/UDP h2"]);
    assert_eq!((request.envelope().from.tag(), request.envelope().cseq.number), (Some("1"), 7));
    assert_eq!((request.headers().get("Contact"), request.body.as_slice()), (Some("<sip:x,1@y>"), b"hi".as_slice()));
}

#[test]
fn what_is_printed_is_read_back_the_same() {
    for text in [
        request("INVITE", "x", 1, "", OFFER),
        request("BYE", "y", 2, "tag", ""),
        request("OPTIONS", "z", 3, "", "")
            .replace("<sip:alice@10.0.0.2>", "\"Al, \\\"ice\" <sip:alice@[::1]:1;lr?x=y>"),
    ] {
        let once = lexed(&text);
        assert_eq!(lex(&once.print()), Lexed::Request(once));
    }
}

#[test]
fn each_fault_has_its_status() {
    let good = request("INVITE", "x", 1, "", OFFER);
    let many = format!("X: {}\r\nContact:", "1\r\nX: ".repeat(HEADERS_MAX));
    let long = format!("X: {}\r\nContact:", "x".repeat(HEADER_BYTES_MAX));
    for (from, to, status) in [
        ("SIP/2.0\r\n", "SIP/3.0\r\n", 505),
        ("SIP/2.0\r\n", "SIP/2.0 \r\n", 400),
        ("INVITE sip:demo@10.0.0.1", "INVITE tel:+8613800138000", 416),
        ("INVITE sip:demo@10.0.0.1", "INVITE sips:demo@10.0.0.1", 416),
        ("INVITE sip:demo@10.0.0.1", "INVITE sip:demo@10.0.0.1?Subject=x", 400),
        ("INVITE", "FROBNICATE", 501),
        ("INVITE", "invite", 501),
        ("CSeq: 1 INVITE", "CSeq: 1 BYE", 400),
        ("CSeq: 1 INVITE", "CSeq: 2147483648 INVITE", 400),
        ("Max-Forwards: 70", "Max-Forwards: many", 400),
        ("Call-ID: call1", "Call-ID: call1\r\nCall-ID: call2", 400),
        ("Content-Length: 5", "Content-Length: 6", 400),
        ("Content-Length: 5", "Content-Length: -5", 400),
        ("Contact: <sip:alice", "Contact: <<sip:alice", 400),
        ("Contact:", "No colon\r\nContact:", 400),
        ("Contact:", &many, 413),
        ("Contact:", &long, 413),
        ("\r\n\r\nv=0\r\n", "\r\n", 400),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(bad, good, "{from}");
        assert_eq!(refused(&bad).status(), status, "{to:.60}");
    }
}

#[test]
fn requests_that_are_well_formed_but_not_ours_to_do_are_refused_with_an_explanation() {
    let mut bench = Bench::new();
    for (method, header, value) in [
        ("REGISTER", "Allow", "INVITE"),
        ("PUBLISH", "Allow", "INVITE"),
        ("REFER", "Allow", "INVITE"),
        ("UPDATE", "Allow", "INVITE"),
    ] {
        bench.receive(&request(method, "m1", 1, "", ""));
        assert!(bench.last("405").header(header).contains(value));
    }
    bench.receive(&request("FROBNICATE", "m1", 1, "", ""));
    assert!(bench.last("501").header("Allow").contains("INVITE"));
    bench.receive(&request("INVITE", "m1", 1, "", OFFER).replace("Contact:", "Require: 100rel, x\r\nContact:"));
    assert_eq!(bench.last("420").header("Unsupported"), "100rel, x");
    bench.receive(&request("INVITE", "m2", 1, "", OFFER).replace("application/sdp", "text/plain"));
    assert_eq!(bench.last("415").header("Accept"), "application/sdp");
    assert_eq!((bench.events().len(), bench.agent.counters().dialogs), (0, 0));
}

#[test]
fn the_same_refusal_answers_a_repeated_request() {
    let mut bench = Bench::new();
    bench.receive(&request("REGISTER", "m1", 1, "", ""));
    bench.receive(&request("REGISTER", "m1", 1, "", ""));
    assert_eq!(bench.sent[0].1.text, bench.sent[1].1.text);
    assert!(!bench.last("405").tag("To").is_empty());
}

#[test]
fn keep_alives_stun_and_broken_responses_get_silence_and_are_counted() {
    let mut bench = Bench::new();
    bench.receive("\r\n\r\n");
    bench.receive("\u{0}\u{1}\u{0}\u{8}!\u{12}\u{a4}B");
    bench.receive("SIP/2.0 4294967301 better not break the receiver\r\n\r\n");
    bench.receive("ACK sip:a@b SIP/2.0\r\n\r\n");
    let counters = bench.agent.counters();
    assert_eq!((counters.keep_alives, counters.not_sip, counters.malformed), (1, 1, 2));
    assert_eq!((counters.received, counters.sent), (4, 0));
    assert_eq!(lex(&[b'x'; 65_508]), Lexed::Silent(Silence::Oversize));
}

#[test]
fn a_tel_caller_is_known_by_its_number_and_hidden_from_logs() {
    let mut bench = Bench::new();
    bench.receive(&request("INVITE", "x", 1, "", OFFER).replace("<sip:alice@10.0.0.2>", "<tel:+8613800138000>"));
    let events = bench.events();
    let [Event::Invited(invited)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(invited.from.user(), "+8613800138000");
    assert!(!format!("{events:?} {:?}", bench.agent).contains("13800138000"));
}

#[test]
fn methods_compare_with_case() {
    assert_eq!(lexed(&request("INVITE", "x", 1, "", "")).method(), Method::Invite);
    assert!(matches!(refused(&request("Invite", "x", 1, "", "")), SyntaxError::Method { .. }));
}

/// A valid message with some bytes replaced, removed or doubled.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let seed = prop_oneof![Just(request("INVITE", "x", 1, "", OFFER)), Just(request("BYE", "y", 2, "t", ""))];
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..20);
    (seed, edits).prop_map(|(text, edits)| {
        let mut bytes = text.into_bytes();
        for (at, byte, kind) in edits {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, b" \r\n,;<>\"=:"[usize::from(byte) % 10]),
                2 => drop(bytes.remove(at)),
                _ => bytes.extend_from_within(at..),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_agent_panic_and_what_it_sends_is_well_formed(
        datagrams in prop::collection::vec(prop_oneof![mutated(), prop::collection::vec(any::<u8>(), 0..200)], 1..8),
    ) {
        let mut bench = Bench::new();
        for bytes in datagrams {
            bench.agent.handle(bench.now, Input::Datagram { source: peer(), bytes: &bytes });
        }
        bench.pass(crate::bench::ms(200_000));
        prop_assert_eq!(bench.agent.counters().transactions, 0);
        prop_assert_eq!(bench.agent.counters().dialogs, 0);
    }

    #[test]
    fn no_stream_makes_the_agent_panic_and_nothing_is_left_of_it(
        messages in prop::collection::vec(prop_oneof![4 => mutated(), 1 => prop::collection::vec(any::<u8>(), 0..200)], 1..8),
        piece_bytes in 1..2000_usize,
    ) {
        let mut bench = Bench::over_tcp();
        for piece in messages.concat().chunks(piece_bytes) {
            bench.receive_bytes(piece);
        }
        bench.pass(crate::bench::ms(1_000_000));
        let counters = bench.agent.counters();
        prop_assert_eq!((counters.transactions, counters.dialogs, counters.streams), (0, 0, 0));
    }

    #[test]
    fn whatever_is_read_is_printed_and_read_back_the_same(bytes in mutated()) {
        match lex(&bytes) {
            Lexed::Request(request) => prop_assert_eq!(lex(&request.print()), Lexed::Request(request)),
            Lexed::Response(response) => prop_assert_eq!(lex(&response.print()), Lexed::Response(response)),
            Lexed::Refused(_) | Lexed::Silent(_) => {}
        }
    }
}
