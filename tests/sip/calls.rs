//! Calls from the first INVITE to the last BYE, as callee and as caller.

use crate::bench::{Bench, CONTACT, OFFER, answer, ms, peer, request, us};
use callwright::sip::{AgentConfig, Command, EndReason, Event, ExtraHeaders, Invited, Transport};

#[test]
fn an_invite_is_tried_rung_accepted_acknowledged_and_hung_up_by_the_peer() {
    let mut bench = Bench::new();
    bench.receive(&request("INVITE", "inv1", 1, "", OFFER));
    let events = bench.events();
    let [Event::Invited(invited)] = events.as_slice() else { panic!("{events:?}") };
    let Invited { dialog, call_id, request_uri, from, to, source, transport, headers, offer } = &**invited;
    assert_eq!((call_id.as_str(), request_uri.reveal().as_str()), ("call1", "sip:demo@10.0.0.1"));
    assert_eq!((from.user().as_str(), to.user().as_str(), *source), ("alice", "demo", peer()));
    assert_eq!(
        (*transport, headers, offer.as_deref()),
        (Transport::Udp, &ExtraHeaders::default(), Some(OFFER.as_bytes()))
    );
    assert_eq!(bench.last("100").tag("To"), "", "100 makes no dialog");

    bench.command(Command::Ring { dialog: *dialog });
    bench.command(Command::Answer { dialog: *dialog, sdp: "v=0 ours".into(), headers: ExtraHeaders::default() });
    let ok = bench.last("200");
    assert_eq!(bench.last("180").tag("To"), ok.tag("To"));
    assert_eq!((ok.header("Contact").as_str(), ok.destination), ("<sip:10.0.0.1:5060>", peer()));
    assert!(ok.text.ends_with("Content-Type: application/sdp\r\nContent-Length: 8\r\n\r\nv=0 ours"));
    bench.receive(&request("ACK", "ack1", 1, &ok.tag("To"), ""));
    assert_eq!(bench.events(), [Event::Confirmed { dialog: *dialog, answer: None }]);
    assert_eq!(bench.sent(), ["100", "180", "200"]);

    bench.receive(&request("BYE", "bye1", 2, &ok.tag("To"), ""));
    assert_eq!((bench.sent(), bench.end()), (vec!["200".to_owned()], EndReason::PeerHungUp));
    bench.receive(&request("BYE", "bye1", 2, &ok.tag("To"), ""));
    assert_eq!(bench.sent(), ["200"], "a repeated BYE gets the same answer");
    bench.pass(ms(60_000));
    assert_eq!((bench.sent(), bench.deadline()), (vec![], None));
    assert_eq!((bench.agent.counters().dialogs, bench.agent.counters().transactions), (0, 0));
}

#[test]
fn we_dial_hear_it_ring_are_answered_and_hang_up() {
    let mut bench = Bench::new();
    let (dialog, invite) = bench.dialled();
    assert_eq!((invite.header("From").contains("sip:agent@10.0.0.1:5060"), invite.destination), (true, peer()));
    bench.receive(&invite.answer("100", "", "", ""));
    assert_eq!(bench.events(), []);
    bench.receive(&invite.answer("180", "p1", "", ""));
    assert_eq!(bench.events(), [Event::Ringing { dialog, sdp: None }]);
    bench.receive(&invite.answer("200", "p1", CONTACT, OFFER));
    assert_eq!(bench.events(), [Event::Answered { dialog, sdp: Some(OFFER.into()) }]);
    let ack = bench.last("ACK");
    assert!(ack.text.starts_with("ACK sip:bob@10.0.0.2:5070 SIP/2.0"));
    assert_eq!((ack.header("CSeq").as_str(), ack.tag("To").as_str()), ("1 ACK", "p1"));

    bench.command(Command::HangUp { dialog });
    assert_eq!(bench.end(), EndReason::WeHungUp);
    let bye = bench.last("BYE");
    assert_eq!(bye.header("CSeq"), "2 BYE");
    bench.receive(&bye.answer("200", "", "", ""));
    bench.pass(ms(60_000));
    assert_eq!(
        (bench.sent(), bench.events(), bench.deadline()),
        (vec!["INVITE".into(), "ACK".into(), "BYE".into()], vec![], None)
    );
}

#[test]
fn short_calls_one_after_the_other_are_not_refused_for_what_they_left_behind() {
    let mut bench = Bench::with(AgentConfig { dialogs_max: 4, ..AgentConfig::new(us()) });
    for call in 0..100 {
        let of_this_call = |text: String| text.replace("call1", &format!("call-{call}"));
        let branch = |kind: &str| format!("{kind}-{call}");
        bench.receive(&of_this_call(request("INVITE", &branch("inv"), 1, "", OFFER)));
        let Some(Event::Invited(invited)) = bench.events().pop() else { panic!("call {call}: {:?}", bench.sent()) };
        bench.command(answer(invited.dialog));
        let tag = bench.last("200").tag("To");
        bench.receive(&of_this_call(request("ACK", &branch("ack"), 1, &tag, "")));
        bench.receive(&of_this_call(request("BYE", &branch("bye"), 2, &tag, "")));
        bench.pass(ms(250));
        bench.sent.clear();
        bench.events();
    }
}
