//! What crosses on the wire: CANCEL against answers, BYE against everything, INVITE against INVITE, forks and repetitions.

use crate::bench::{Bench, CONTACT, OFFER, answer, ms, peer, request, us};
use callwright::sip::{AgentConfig, Command, EndReason, Event, ExtraHeaders, Timer};

#[test]
fn cancel_before_our_answer_ends_the_call_with_487() {
    let mut bench = Bench::new();
    let dialog = bench.invited();
    bench.command(Command::Ring { dialog });
    bench.receive(&request("CANCEL", "inv1", 1, "", ""));
    assert_eq!(
        (bench.sent(), bench.end()),
        (["100", "180", "200", "487"].map(str::to_owned).to_vec(), EndReason::Cancelled)
    );
    bench.command(answer(dialog));
    assert_eq!(bench.sent(), Vec::<String>::new(), "an answer that comes too late is nothing");
    bench.receive(&request("CANCEL", "inv1", 1, "", ""));
    assert_eq!(bench.sent(), ["200"], "a repeated CANCEL gets the same answer");
}

#[test]
fn cancel_after_our_200_has_no_effect() {
    let mut bench = Bench::new();
    let dialog = bench.invited();
    bench.command(answer(dialog));
    bench.receive(&request("CANCEL", "inv1", 1, "", ""));
    assert_eq!((bench.sent(), bench.events()), (["100", "200", "200"].map(str::to_owned).to_vec(), vec![]));
}

#[test]
fn cancel_of_nothing_gets_481() {
    let mut bench = Bench::new();
    bench.receive(&request("CANCEL", "other", 1, "", ""));
    assert_eq!(bench.sent(), ["481"]);
}

#[test]
fn hanging_up_before_the_first_provisional_answer_sends_cancel_only_after_it() {
    let mut bench = Bench::new();
    let (dialog, invite) = bench.dialled();
    bench.command(Command::HangUp { dialog });
    assert_eq!(bench.sent(), ["INVITE"]);
    bench.receive(&invite.answer("100", "", "", ""));
    assert_eq!(bench.sent(), ["CANCEL"]);
    bench.receive(&invite.answer("180", "p1", "", ""));
    bench.receive(&invite.answer("487", "p1", "", ""));
    assert_eq!((bench.sent(), bench.end()), (vec!["ACK".into()], EndReason::WeHungUp));
}

#[test]
fn a_200_that_crosses_our_cancel_is_acknowledged_and_ended_by_bye() {
    let mut bench = Bench::new();
    let (dialog, invite) = bench.dialled();
    bench.receive(&invite.answer("180", "p1", "", ""));
    bench.command(Command::HangUp { dialog });
    bench.events();
    bench.receive(&invite.answer("200", "p1", CONTACT, OFFER));
    assert_eq!(bench.sent(), ["INVITE", "CANCEL", "ACK", "BYE"]);
    assert_eq!(bench.end(), EndReason::WeHungUp);
}

#[test]
fn each_branch_of_a_fork_is_acknowledged_and_the_spare_one_ended() {
    let mut bench = Bench::new();
    let (_, invite) = bench.answered();
    bench.receive(&invite.answer("200", "p2", "Contact: <sip:other@10.0.0.3>\r\n", OFFER));
    let (ack, bye) = (bench.last("ACK"), bench.last("BYE"));
    assert_eq!((ack.tag("To").as_str(), bye.tag("To").as_str()), ("p2", "p2"));
    assert_eq!(bye.destination, "10.0.0.3:5060".parse().expect("address"));
    bench.sent.clear();
    bench.receive(&bye.answer("200", "", "", ""));
    bench.receive(&invite.answer("200", "p2", "Contact: <sip:other@10.0.0.3>\r\n", OFFER));
    assert_eq!((bench.sent(), bench.events()), (vec!["ACK".into()], vec![]), "the first branch lives on");
}

#[test]
fn hanging_up_before_the_ack_waits_with_bye_for_the_ack() {
    let mut bench = Bench::new();
    let dialog = bench.invited();
    bench.command(answer(dialog));
    let tag = bench.last("200").tag("To");
    bench.command(Command::HangUp { dialog });
    assert_eq!((bench.sent(), bench.end()), (["100", "200"].map(str::to_owned).to_vec(), EndReason::WeHungUp));
    bench.receive(&request("ACK", "ack1", 1, &tag, ""));
    assert_eq!((bench.sent(), bench.events()), (vec!["BYE".into()], vec![]));
}

#[test]
fn a_bye_that_crosses_ours_gets_200_and_no_second_end() {
    let mut bench = Bench::new();
    let (dialog, tag) = bench.established();
    bench.command(Command::HangUp { dialog });
    bench.receive(&request("BYE", "bye1", 2, &tag, ""));
    assert_eq!((bench.sent(), bench.end()), (["BYE", "200"].map(str::to_owned).to_vec(), EndReason::WeHungUp));
}

#[test]
fn a_bye_before_our_answer_refuses_the_invite_with_487() {
    let mut bench = Bench::new();
    let dialog = bench.invited();
    bench.command(Command::Ring { dialog });
    let tag = bench.last("180").tag("To");
    bench.receive(&request("BYE", "bye1", 2, &tag, ""));
    assert_eq!(bench.sent(), ["100", "180", "200", "487"]);
    assert_eq!(bench.end(), EndReason::PeerHungUp);
}

#[test]
fn a_bye_before_the_ack_stops_our_200() {
    let mut bench = Bench::new();
    let dialog = bench.invited();
    bench.command(answer(dialog));
    let tag = bench.last("200").tag("To");
    bench.receive(&request("BYE", "bye1", 2, &tag, ""));
    bench.sent.clear();
    bench.pass(ms(60_000));
    assert_eq!((bench.sent(), bench.end()), (vec![], EndReason::PeerHungUp));
}

#[test]
fn the_same_invite_by_two_ways_is_one_call_and_482() {
    let mut bench = Bench::new();
    bench.invited();
    bench.receive(&request("INVITE", "inv2", 1, "", OFFER));
    assert_eq!((bench.sent(), bench.events()), (["100", "482"].map(str::to_owned).to_vec(), vec![]));
}

#[test]
fn an_invite_repeated_while_it_rings_gets_180_again() {
    let mut bench = Bench::new();
    let dialog = bench.invited();
    bench.command(Command::Ring { dialog });
    bench.receive(&request("INVITE", "inv1", 1, "", OFFER));
    assert_eq!((bench.sent(), bench.events()), (["100", "180", "180"].map(str::to_owned).to_vec(), vec![]));
}

#[test]
fn a_reinvite_is_offered_answered_and_confirmed() {
    let mut bench = Bench::new();
    let (dialog, tag) = bench.established();
    bench.receive(&request("INVITE", "inv2", 2, &tag, "v=0 hold"));
    assert_eq!(bench.events(), [Event::Reoffered { dialog, offer: Some("v=0 hold".into()) }]);
    bench.command(answer(dialog));
    bench.receive(&request("ACK", "ack2", 2, &tag, ""));
    assert_eq!(bench.sent(), ["100", "200"]);
    assert_eq!(bench.events(), [Event::Confirmed { dialog, answer: None }]);
}

#[test]
fn a_reinvite_without_an_offer_gets_ours_and_its_ack_brings_the_answer() {
    let mut bench = Bench::new();
    let (dialog, tag) = bench.established();
    bench.receive(&request("INVITE", "inv2", 2, &tag, ""));
    bench.command(answer(dialog));
    bench.receive(&request("ACK", "ack2", 2, &tag, "v=0 theirs"));
    let events = bench.events();
    assert_eq!(events[1], Event::Confirmed { dialog, answer: Some("v=0 theirs".into()) });
}

#[test]
fn a_refused_or_cancelled_reinvite_leaves_the_call_as_it_was() {
    let mut bench = Bench::new();
    let (dialog, tag) = bench.established();
    bench.receive(&request("INVITE", "inv2", 2, &tag, OFFER));
    bench.command(Command::Reject { dialog, status: 488 });
    bench.receive(&request("INVITE", "inv3", 3, &tag, OFFER));
    bench.receive(&request("CANCEL", "inv3", 3, &tag, ""));
    assert_eq!(bench.sent(), ["100", "488", "100", "200", "487"]);
    assert!(bench.events().iter().all(|event| matches!(event, Event::Reoffered { .. })));
    assert_eq!(bench.agent.counters().dialogs, 1);
}

#[test]
fn an_invite_on_top_of_one_not_yet_answered_gets_500_with_retry_after() {
    let mut bench = Bench::new();
    let (_, tag) = bench.established();
    bench.receive(&request("INVITE", "inv2", 2, &tag, OFFER));
    bench.receive(&request("INVITE", "inv3", 3, &tag, OFFER));
    let seconds: u64 = bench.last("500").header("Retry-After").parse().expect("a number");
    assert!(seconds <= 10);
}

#[test]
fn an_invite_that_crosses_ours_gets_491() {
    let mut bench = Bench::new();
    let (dialog, tag) = bench.established();
    bench.command(Command::Reoffer { dialog, sdp: OFFER.into() });
    bench.receive(&request("INVITE", "inv2", 2, &tag, OFFER));
    assert_eq!((bench.sent(), bench.events()), (["INVITE", "100", "491"].map(str::to_owned).to_vec(), vec![]));
}

#[test]
fn a_request_with_a_lower_number_gets_500() {
    let mut bench = Bench::new();
    let (_, tag) = bench.established();
    bench.receive(&request("OPTIONS", "opt5", 5, &tag, ""));
    bench.receive(&request("OPTIONS", "opt4", 4, &tag, ""));
    assert_eq!(bench.sent(), ["200", "500"]);
}

#[test]
fn a_request_for_a_dialog_we_do_not_know_gets_481() {
    let mut bench = Bench::new();
    let (_, tag) = bench.established();
    bench.receive(&request("BYE", "bye1", 2, "nobody", ""));
    bench.receive(&request("BYE", "bye2", 2, &tag, "").replace("call1", "call2"));
    bench.receive(&request("BYE", "bye3", 2, &tag, "").replace("tag=a1", "tag=a2"));
    bench.receive(&request("BYE", "bye4", 2, "", ""));
    assert_eq!((bench.sent(), bench.events()), (vec!["481".to_owned(); 4], vec![]));
}

#[test]
fn a_probe_answered_481_ends_the_call_and_any_other_answer_does_not() {
    let mut bench = Bench::new();
    let (dialog, _) = bench.established();
    bench.command(Command::Probe { dialog });
    bench.receive(&bench.last("OPTIONS").answer("405", "", "", ""));
    assert_eq!(bench.events(), [Event::ProbeAnswered { dialog, status: 405 }]);
    bench.command(Command::Probe { dialog });
    bench.receive(&bench.last("OPTIONS").answer("481", "", "", ""));
    let gone = Event::Ended { dialog, reason: EndReason::Failed(481) };
    assert_eq!(bench.events(), [Event::ProbeAnswered { dialog, status: 481 }, gone]);
}

#[test]
fn our_reinvite_brings_an_answer_and_moves_the_target() {
    let mut bench = Bench::new();
    let (dialog, _) = bench.answered();
    bench.command(Command::Reoffer { dialog, sdp: "v=0 new".into() });
    let invite = bench.last("INVITE");
    assert_eq!(invite.header("CSeq"), "2 INVITE");
    bench.receive(&invite.answer("200", "", "Contact: <sip:bob@10.0.0.9>\r\n", OFFER));
    assert_eq!(bench.events(), [Event::Answered { dialog, sdp: Some(OFFER.into()) }]);
    bench.command(Command::HangUp { dialog });
    let bye = bench.last("BYE");
    assert!(bye.text.starts_with("BYE sip:bob@10.0.0.9 SIP/2.0"), "{}", bye.text);
    assert_eq!(bye.header("CSeq"), "3 BYE");
}

#[test]
fn hanging_up_during_our_reinvite_still_acknowledges_its_200() {
    let mut bench = Bench::new();
    let (dialog, _) = bench.answered();
    bench.command(Command::Reoffer { dialog, sdp: OFFER.into() });
    let invite = bench.last("INVITE");
    bench.command(Command::HangUp { dialog });
    bench.receive(&bench.last("BYE").answer("200", "", "", ""));
    bench.receive(&invite.answer("200", "", CONTACT, OFFER));
    assert_eq!(
        (bench.sent(), bench.end()),
        (["INVITE", "BYE", "ACK"].map(str::to_owned).to_vec(), EndReason::WeHungUp)
    );
}

#[test]
fn requests_follow_the_route_set_of_the_callee_in_its_order() {
    let mut bench = Bench::new();
    let routes = "Record-Route: <sip:10.0.0.7;lr>, <sip:10.0.0.8;lr>\r\nContact:";
    bench.receive(&request("INVITE", "inv1", 1, "", OFFER).replace("Contact:", routes));
    let dialog = bench.events()[0].dialog();
    bench.command(answer(dialog));
    let ok = bench.last("200");
    assert_eq!(ok.header("Record-Route"), "<sip:10.0.0.7;lr>|<sip:10.0.0.8;lr>");
    bench.receive(&request("ACK", "ack1", 1, &ok.tag("To"), ""));
    bench.command(Command::HangUp { dialog });
    let bye = bench.last("BYE");
    assert!(bye.text.starts_with("BYE sip:alice@10.0.0.2:5070 SIP/2.0"));
    assert_eq!(bye.header("Route"), "<sip:10.0.0.7;lr>|<sip:10.0.0.8;lr>");
    assert_eq!(bye.destination, "10.0.0.7:5060".parse().expect("address"));
}

#[test]
fn requests_follow_the_route_set_of_the_caller_in_reverse_and_honour_a_strict_router() {
    let mut bench = Bench::new();
    let (dialog, invite) = bench.dialled();
    let routes = format!("Record-Route: <sip:10.0.0.8;lr>\r\nRecord-Route: <sip:10.0.0.7>\r\n{CONTACT}");
    bench.receive(&invite.answer("200", "p1", &routes, OFFER));
    let ack = bench.last("ACK");
    assert!(ack.text.starts_with("ACK sip:10.0.0.7 SIP/2.0"), "{}", ack.text);
    assert_eq!(ack.header("Route"), "<sip:10.0.0.8;lr>|<sip:bob@10.0.0.2:5070>");
    assert_eq!(ack.destination, "10.0.0.7:5060".parse().expect("address"));
    bench.command(Command::HangUp { dialog });
    assert_eq!(bench.end(), EndReason::WeHungUp);
}

#[test]
fn a_call_beyond_the_limit_gets_503_without_retry_after_and_leaves_no_trace() {
    let mut bench = Bench::with(AgentConfig { dialogs_max: 1, ..AgentConfig::new(us()) });
    bench.invited();
    bench.receive(&request("INVITE", "inv2", 1, "", OFFER).replace("call1", "call2"));
    assert_eq!(bench.last("503").header("Retry-After"), "");
    let counters = bench.agent.counters();
    assert_eq!((counters.dialogs, counters.transactions, counters.overloaded), (1, 1, 1));
}

#[test]
fn an_offer_that_fits_no_datagram_ends_the_call_at_once() {
    let mut bench = Bench::new();
    let dialog = bench.invited();
    bench.command(Command::Answer { dialog, sdp: vec![b'x'; 65_500], headers: ExtraHeaders::default() });
    assert_eq!((bench.sent(), bench.end()), (["100", "500"].map(str::to_owned).to_vec(), EndReason::TransportError));
}

#[test]
fn answers_go_to_the_source_when_the_peer_asks_by_rport() {
    let mut bench = Bench::new();
    bench.receive(&request("OPTIONS", "opt1", 1, "", "").replace("10.0.0.2:5070;", "192.168.1.5:5060;rport;"));
    let ok = bench.last("200");
    assert_eq!(ok.destination, peer());
    assert_eq!(ok.header("Via"), "SIP/2.0/UDP 192.168.1.5:5060;rport=5070;branch=z9hG4bKopt1;received=10.0.0.2");
    assert_eq!((ok.header("Accept").as_str(), ok.header("Allow").contains("INVITE")), ("application/sdp", true));
    assert_eq!(
        bench.deadline().map(|(_, timer)| timer),
        None::<Timer>,
        "OPTIONS outside a dialog leaves nothing behind"
    );
}

#[test]
fn a_call_is_refused_with_the_status_that_is_commanded() {
    for (commanded, sent) in
        [(486, "486"), (488, "488"), (503, "503"), (603, "603"), (200, "500"), (99, "500"), (700, "500")]
    {
        let mut bench = Bench::new();
        let dialog = bench.invited();
        bench.command(Command::Reject { dialog, status: commanded });
        assert_eq!(bench.sent(), ["100", sent]);
        bench.receive(&request("ACK", "inv1", 1, "", ""));
        assert_eq!(bench.end(), EndReason::Rejected(sent.parse().expect("a status")));
    }
}

#[test]
fn a_method_that_we_do_not_serve_gets_405_within_a_dialog_too_and_leaves_the_call_alone() {
    let mut bench = Bench::new();
    let (_, tag) = bench.established();
    bench.receive(&request("UPDATE", "upd2", 2, &tag, OFFER).replace("Contact:", "Require: timer\r\nContact:"));
    assert_eq!(bench.last("405").header("Allow"), "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO");
    bench.receive(&request("BYE", "bye3", 3, &tag, ""));
    assert_eq!((bench.sent(), bench.end()), (["405", "200"].map(str::to_owned).to_vec(), EndReason::PeerHungUp));
}

#[test]
fn a_callee_honours_a_strict_router_too() {
    let mut bench = Bench::new();
    let routes = "Record-Route: <sip:10.0.0.7>, <sip:10.0.0.8;lr>\r\nContact:";
    bench.receive(&request("INVITE", "inv1", 1, "", OFFER).replace("Contact:", routes));
    let dialog = bench.events()[0].dialog();
    bench.command(answer(dialog));
    bench.receive(&request("ACK", "ack1", 1, &bench.last("200").tag("To"), ""));
    bench.command(Command::HangUp { dialog });
    let bye = bench.last("BYE");
    assert!(bye.text.starts_with("BYE sip:10.0.0.7 SIP/2.0"), "{}", bye.text);
    assert_eq!(bye.header("Route"), "<sip:10.0.0.8;lr>|<sip:alice@10.0.0.2:5070>");
}
