//! SIP over TCP: messages cut from a stream, connections opened, reused, bounded and closed, transactions that repeat
//! nothing. RFC 3261 §17, §18, RFC 5626 §3.5.1.

use crate::bench::{Bench, OFFER, answer, ms, peer, request};
use callwright::base::Redacted;
use callwright::sip::stream::{Framed, Framer, STREAM_BODY_BYTES_MAX, STREAM_HEAD_BYTES_MAX};
use callwright::sip::{
    Command, EndReason, Event, ExtraHeaders, Input, STREAM_IDLE_MAX, STREAMS_PER_SOURCE_MAX, SyntaxError, Timer,
    Transport, Uri,
};
use proptest::prelude::*;

fn address(text: &str) -> std::net::SocketAddr {
    text.parse().expect("address")
}

/// All that a stream yields when its bytes come in these pieces.
fn framed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Framed> {
    let (mut framer, mut yielded) = (Framer::default(), Vec::new());
    for piece in pieces {
        framer.push(piece);
        while let Some(framed) = framer.next() {
            yielded.push(framed);
        }
    }
    yielded
}

#[test]
fn a_stream_is_cut_at_content_length_and_empty_lines_between_messages_are_pings() {
    let (invite, bye) = (request("INVITE", "x", 1, "", OFFER), request("BYE", "y", 2, "t", ""));
    let stream = format!("\r\n{invite}\r\n\r\n{bye}\r\n\r\n\r\n\r\n\r\n{}", &invite[..50]);
    let message = |text: &str| Framed::Message(text.as_bytes().to_vec());
    let expected = [message(&invite), Framed::Ping, message(&bye), Framed::Ping, Framed::Ping];
    assert_eq!(framed([stream.as_bytes()]), expected);
    let compact = bye.replace("Content-Length: 0", "l:\r\n  0");
    assert_eq!(framed([compact.as_bytes()]), [message(&compact)]);
    let bare = bye.replace("\r\n", "\n");
    assert_eq!(framed([bare.as_bytes()]), [message(&bare)]);
}

#[test]
fn a_stream_whose_messages_cannot_be_told_apart_yields_one_fault_and_nothing_more() {
    let good = request("BYE", "y", 2, "t", "");
    for (length, status) in [
        ("Content-Length: -1".to_owned(), 400),
        ("Content-Length: 0\r\nl: 0".to_owned(), 400),
        ("Subject: none".to_owned(), 400),
        (format!("Content-Length: {}", STREAM_BODY_BYTES_MAX + 1), 413),
        (format!("X: {}", "x".repeat(STREAM_HEAD_BYTES_MAX)), 413),
    ] {
        let bad = good.replace("Content-Length: 0", &length) + &good;
        let yielded = framed([bad.as_bytes()]);
        let [Framed::Fault { error, .. }] = yielded.as_slice() else { panic!("{length:.30}: {yielded:?}") };
        assert_eq!(error.status(), status, "{length:.30}");
    }
    let endless = vec![b'x'; STREAM_HEAD_BYTES_MAX + 1];
    assert!(matches!(framed([&endless[..]])[..], [Framed::Fault { error: SyntaxError::TooLarge { .. }, .. }]));
}

#[test]
fn a_message_of_rfc_2543_without_a_length_is_served_and_its_body_skipped() {
    let old = request("INVITE", "x", 1, "", "").replace("z9hG4bK", "").replace("Content-Length: 0\r\n", "");
    let next = request("OPTIONS", "y", 1, "", "");
    let stream = format!("{old}v=0\r\ns=-\r\n\r\nm=audio 1 RTP/AVP 0\r\n{next}");
    let expected = [Framed::Message(old.into_bytes()), Framed::Message(next.into_bytes())];
    assert_eq!(framed([stream.as_bytes()]), expected);
}

/// Messages, pings, noise, in a row.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        4 => Just(request("INVITE", "x", 1, "", OFFER).into_bytes()),
        4 => Just(request("BYE", "y", 2, "t", "").into_bytes()),
        2 => Just(b"\r\n\r\n".to_vec()),
        1 => Just(b"\r\n".to_vec()),
        1 => Just(b"\r".to_vec()),
        1 => Just(request("BYE", "y", 2, "t", "").replace("z9hG4bK", "").replace("Content-Length: 0\r\n", "").into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => Just(vec![b'a'; STREAM_HEAD_BYTES_MAX - 100]),
    ];
    prop::collection::vec(part, 1..8).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_of_the_bytes_gives_the_same_messages(
        stream in streams(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.push(stream.len());
        cuts.sort_unstable();
        let starts = [0].into_iter().chain(cuts.clone());
        let pieces = starts.zip(cuts.clone()).map(|(start, end)| &stream[start..end]);
        prop_assert_eq!(framed(pieces), framed([stream.as_slice()]));
    }
}

#[test]
fn a_call_over_tcp_is_answered_on_its_connection_and_says_so_in_its_contact() {
    let mut bench = Bench::over_tcp();
    let stream = bench.stream;
    let invite = request("INVITE", "inv1", 1, "", OFFER).replace("SIP/2.0/UDP", "SIP/2.0/TCP");
    let (first, second) = invite.split_at(200);
    bench.receive(first);
    bench.receive(second);
    let events = bench.events();
    let [Event::Invited(invited)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(invited.transport, Transport::Tcp);
    let dialog = invited.dialog;
    bench.command(answer(dialog));
    let ok = bench.last("200");
    assert_eq!((ok.stream, ok.header("Contact").as_str()), (stream, "<sip:10.0.0.1:5060;transport=tcp>"));
    bench.receive(&request("ACK", "ack1", 1, &ok.tag("To"), ""));
    bench.command(Command::HangUp { dialog });
    let bye = bench.last("BYE");
    assert_eq!((bye.stream, bench.opened.len()), (stream, 0), "the peer's Contact names no transport: its connection");
    assert!(bye.header("Via").starts_with("SIP/2.0/TCP 10.0.0.1:5060;branch=z9hG4bK"));
}

#[test]
fn a_ping_gets_a_pong() {
    let mut bench = Bench::over_tcp();
    bench.receive("\r\n");
    bench.receive("\r\n");
    assert_eq!((bench.sent.len(), bench.sent[0].1.text.as_str()), (1, "\r\n"));
    assert_eq!(bench.agent.counters().keep_alives, 1);
}

#[test]
fn an_answer_whose_connection_is_gone_takes_a_new_one_to_the_port_that_via_names() {
    let mut bench = Bench::new();
    bench.connect(address("10.0.0.2:40000"));
    let dialog = bench.invited();
    bench.disconnect();
    bench.command(answer(dialog));
    let ok = bench.last("200");
    assert_eq!(bench.opened, [(ok.stream.expect("a connection"), peer())]);
}

#[test]
fn a_peer_that_connected_anew_is_reached_by_its_new_connection() {
    let mut bench = Bench::new();
    bench.connect(address("10.0.0.2:40000"));
    let (dialog, tag) = bench.established();
    bench.disconnect();
    let anew = bench.connect(address("10.0.0.2:40001"));
    bench.receive(&request("OPTIONS", "opt2", 2, &tag, ""));
    bench.command(Command::HangUp { dialog });
    assert_eq!((bench.last("BYE").stream, bench.opened.len()), (Some(anew), 0));
}

#[test]
fn we_dial_over_tcp_by_one_connection_for_all_calls_to_a_peer() {
    let mut bench = Bench::new();
    let target = "sip:bob@10.0.0.2:5070;transport=tcp";
    let (dialog, invite) = bench.dialled_to(target);
    assert!(invite.text.starts_with("INVITE sip:bob@10.0.0.2:5070;transport=tcp SIP/2.0\r\nVia: SIP/2.0/TCP "));
    assert_eq!(invite.header("To"), "<sip:bob@10.0.0.2:5070>");
    assert_eq!(invite.header("Contact"), "<sip:10.0.0.1:5060;transport=tcp>");
    bench.receive(&invite.answer("200", "p1", "Contact: <sip:bob@10.0.0.2:5070;transport=tcp>\r\n", OFFER));
    bench.dialled_to(target);
    bench.command(Command::HangUp { dialog });
    assert_eq!(bench.opened, [(bench.stream.expect("ours"), peer())]);
    assert!(bench.sent.iter().all(|(_, message)| message.stream == bench.stream));
    assert_eq!(bench.sent(), ["INVITE", "ACK", "INVITE", "BYE"]);
}

#[test]
fn a_peer_that_cannot_be_reached_ends_the_call_at_once() {
    let mut bench = Bench::new();
    bench.dialled_to("sip:bob@10.0.0.2:5070;transport=tcp");
    bench.disconnect();
    assert_eq!((bench.end(), bench.deadline()), (EndReason::TransportError, None));
}

#[test]
fn a_call_outlives_its_connection_while_it_rings_and_a_probe_that_finds_nobody_ends_it() {
    let mut bench = Bench::new();
    let (dialog, invite) = bench.dialled_to("sip:bob@10.0.0.2:5070;transport=tcp");
    bench.receive(&invite.answer("180", "p1", "", ""));
    bench.disconnect();
    bench.connect(address("10.0.0.2:40000"));
    bench.receive(&invite.answer("200", "p1", "Contact: <sip:bob@10.0.0.2:5070;transport=tcp>\r\n", OFFER));
    assert_eq!(bench.sent(), ["INVITE", "ACK"]);
    bench.command(Command::Probe { dialog });
    bench.events();
    bench.disconnect();
    assert_eq!(bench.end(), EndReason::Failed(408));
}

#[test]
fn a_e_g_nothing_is_repeated_over_tcp_but_b_and_f_still_end_it() {
    let mut bench = Bench::new();
    bench.dialled_to("sip:bob@10.0.0.2:5070;transport=tcp");
    bench.pass(ms(32_000));
    assert_eq!((bench.sent(), bench.end()), (vec!["INVITE".into()], EndReason::Failed(408)));
    assert!(bench.fired.contains(&(32_000, Timer::InviteUnanswered)));

    let mut bench = Bench::over_tcp();
    let (dialog, _) = bench.established();
    bench.command(Command::HangUp { dialog });
    bench.pass(ms(32_000));
    assert_eq!(bench.sent(), ["BYE"]);
    assert!(bench.fired.contains(&(32_000, Timer::RequestUnanswered)));

    let mut bench = Bench::over_tcp();
    let dialog = bench.invited();
    bench.command(Command::Reject { dialog, status: 486 });
    bench.pass(ms(32_000));
    assert_eq!(
        (bench.sent(), bench.fired.as_slice()),
        (vec!["100".into(), "486".into()], &[(32_000, Timer::AckWait)][..])
    );
}

#[test]
fn d_i_j_k_nothing_lingers_over_tcp() {
    let mut bench = Bench::new();
    let (_, invite) = bench.dialled_to("sip:bob@10.0.0.2:5070;transport=tcp");
    bench.receive(&invite.answer("486", "p1", "", ""));
    assert_eq!(
        (bench.sent(), bench.agent.counters().transactions),
        (vec!["INVITE".into(), "ACK".into()], 0),
        "timer D"
    );

    let mut bench = Bench::over_tcp();
    let dialog = bench.invited();
    bench.command(Command::Reject { dialog, status: 486 });
    bench.receive(&request("ACK", "inv1", 1, &bench.last("486").tag("To"), ""));
    assert_eq!(bench.agent.counters().transactions, 0, "timer I");

    let mut bench = Bench::over_tcp();
    let dialog = bench.invited();
    bench.receive(&request("CANCEL", "inv1", 1, "", ""));
    bench.receive(&request("ACK", "inv1", 1, &bench.last("487").tag("To"), ""));
    assert_eq!((bench.events().len(), bench.agent.counters().transactions), (1, 0), "timer J, {dialog:?}");

    let mut bench = Bench::over_tcp();
    let (dialog, _) = bench.established();
    bench.command(Command::HangUp { dialog });
    let with_bye = bench.agent.counters().transactions;
    bench.receive(&bench.last("BYE").answer("200", "", "", ""));
    assert_eq!((with_bye, bench.agent.counters().transactions), (2, 1), "timer K; the INVITE stays for timer L");
}

#[test]
fn our_200_is_repeated_over_tcp_too_until_its_ack() {
    let mut bench = Bench::over_tcp();
    let dialog = bench.invited();
    bench.command(answer(dialog));
    bench.pass(ms(3500));
    assert_eq!(
        bench.sent_at_ms(),
        [0, 0, 500, 1500, 3500],
        "100, then 200: a proxy may have lost it, RFC 3261 §13.3.1.4"
    );
}

#[test]
fn a_message_without_a_length_gets_400_one_too_long_413_and_the_connection_closes() {
    for (length, status) in [("Subject: none".to_owned(), "400"), (format!("l: {}", STREAM_BODY_BYTES_MAX + 1), "413")]
    {
        let mut bench = Bench::over_tcp();
        let stream = bench.stream.expect("a connection");
        bench.receive(&request("OPTIONS", "o", 1, "", "").replace("Content-Length: 0", &length));
        bench.receive(&request("OPTIONS", "p", 1, "", ""));
        assert_eq!(
            (bench.sent(), &bench.closed, bench.agent.counters().streams),
            (vec![status.into()], &vec![stream], 0)
        );
    }
}

#[test]
fn what_is_not_sip_closes_the_connection() {
    let mut bench = Bench::over_tcp();
    bench.receive_bytes(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n");
    assert_eq!((bench.sent(), bench.closed.len()), (vec![], 1));
}

#[test]
fn a_message_that_never_ends_closes_the_connection_after_32_s_however_slowly_it_comes() {
    let mut bench = Bench::over_tcp();
    bench.pass(ms(5000));
    for byte in b"OPTIONS sip:demo@10.0.0.1 SIP/2.0" {
        bench.receive_bytes(&[*byte]);
        bench.pass(ms(1000));
        if !bench.closed.is_empty() {
            break;
        }
    }
    assert_eq!(
        (bench.now.instant.as_millis(), bench.fired.as_slice()),
        (37_000, &[(37_000, Timer::StreamUnfinished)][..])
    );
}

#[test]
fn an_idle_connection_closes_unless_a_call_needs_it() {
    let mut bench = Bench::over_tcp();
    bench.receive(&request("OPTIONS", "o", 1, "", ""));
    bench.pass(STREAM_IDLE_MAX);
    assert_eq!((bench.closed.len(), bench.deadline()), (1, None));

    let mut bench = Bench::over_tcp();
    let (dialog, _) = bench.established();
    bench.pass(STREAM_IDLE_MAX * 3);
    assert_eq!(bench.closed, []);
    bench.command(Command::HangUp { dialog });
    bench.receive(&bench.last("BYE").answer("200", "", "", ""));
    bench.pass(STREAM_IDLE_MAX);
    assert_eq!((bench.closed.len(), bench.deadline()), (1, None));
}

#[test]
fn one_connection_too_many_of_a_source_is_closed_and_another_source_is_still_heard() {
    let mut bench = Bench::new();
    for port in 0..=STREAMS_PER_SOURCE_MAX {
        bench.connect(address(&format!("10.0.0.2:{}", 10_000 + port)));
    }
    assert_eq!(
        (bench.closed.as_slice(), bench.agent.counters().streams_refused),
        (&[bench.stream.expect("last")][..], 1)
    );
    bench.connect(address("10.0.0.3:10000"));
    bench.receive(&request("OPTIONS", "o", 1, "", ""));
    assert_eq!(bench.sent(), ["200"]);
}

#[test]
fn bytes_of_a_connection_that_is_gone_are_nothing() {
    let mut bench = Bench::over_tcp();
    let stream = bench.stream.expect("a connection");
    bench.disconnect();
    bench.agent.handle(bench.now, Input::Bytes { stream, bytes: request("OPTIONS", "o", 1, "", "").as_bytes() });
    bench.agent.handle(bench.now, Input::Closed { stream });
    assert_eq!((bench.agent.poll().is_none(), bench.deadline()), (true, None));
}

#[test]
fn a_target_that_wants_a_transport_we_do_not_speak_is_not_called_over_another() {
    let mut bench = Bench::new();
    let (dialog, target) = (bench.agent.next_dialog_id(), Uri::parse("sip:bob@10.0.0.2;transport=tls").expect("uri"));
    let (caller, headers) = (Redacted::new(String::new()), ExtraHeaders::default());
    bench.command(Command::Dial { dialog, target, destination: peer(), caller, headers, offer: OFFER.into() });
    assert_eq!((bench.sent(), bench.end()), (vec![], EndReason::TransportError));
}

#[test]
fn a_call_and_noise_in_one_piece_is_answered_before_its_connection_closes() {
    let mut bench = Bench::over_tcp();
    let connection = bench.stream.expect("a connection");
    bench.receive(&(request("INVITE", "inv1", 1, "", OFFER) + "C\r\n\r\n")); // RFC 4475 §3.1.1.8
    let Some(Event::Invited(invited)) = bench.events().pop() else { panic!() };
    assert!(bench.closed.is_empty());
    bench.command(answer(invited.dialog));
    assert_eq!(bench.last("200").stream, Some(connection));
    assert_eq!(bench.closed, [connection]);
}

#[test]
fn the_same_invite_over_udp_and_over_tcp_is_two_calls_each_answered_where_it_came_from() {
    let mut bench = Bench::new();
    let invite = request("INVITE", "inv1", 1, "", OFFER);
    bench.receive(&invite);
    bench.receive(&invite);
    assert_eq!((bench.sent(), bench.events().len()), (vec!["100".to_owned(), "100".to_owned()], 1));
    let connection = bench.connect(peer());
    bench.receive(&invite);
    assert_eq!((bench.last("100").stream, bench.events().len()), (Some(connection), 1));
    bench.receive(&request("CANCEL", "inv1", 1, "", ""));
    assert_eq!(bench.sent(), ["100", "200", "487"]);
    assert_eq!(bench.end(), EndReason::Cancelled, "of the two only the one over TCP");
}
