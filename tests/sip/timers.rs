//! Each timer of RFC 3261 and RFC 6026 on a virtual clock, in milliseconds, seen from the wire.

use crate::bench::{Bench, CONTACT, OFFER, answer, ms, request, us};
use callwright::sip::{AgentConfig, Command, EndReason, Event, Timer};

#[test]
fn a_our_invite_is_repeated_with_doubling_pauses_and_b_ends_it_after_32_s() {
    let mut bench = Bench::new();
    bench.dialled();
    assert_eq!(bench.deadline(), Some((500, Timer::InviteAgain)));
    bench.pass(ms(31_999));
    assert_eq!(bench.sent_at_ms(), [0, 500, 1500, 3500, 7500, 15_500, 31_500]);
    assert_eq!((bench.events(), bench.deadline()), (vec![], Some((32_000, Timer::InviteUnanswered))));
    bench.pass(ms(1));
    assert_eq!((bench.end(), bench.deadline()), (EndReason::Failed(408), None));
}

#[test]
fn a_stops_with_the_first_provisional_answer() {
    let mut bench = Bench::new();
    let (_, invite) = bench.dialled();
    bench.receive(&invite.answer("100", "", "", ""));
    bench.pass(ms(59_999));
    assert_eq!((bench.sent(), bench.deadline()), (vec!["INVITE".into()], Some((60_000, Timer::RingLimit))));
}

#[test]
fn d_repetitions_of_a_refusal_are_acknowledged_for_32_s() {
    let mut bench = Bench::new();
    let (_, invite) = bench.dialled();
    let busy = invite.answer("486", "p1", "", "");
    bench.receive(&busy);
    assert_eq!((bench.end(), bench.deadline()), (EndReason::Rejected(486), Some((32_000, Timer::RefusalLinger))));
    let ack = bench.last("ACK");
    assert_eq!((ack.header("Via"), ack.tag("To").as_str()), (invite.header("Via"), "p1"));
    bench.sent.clear();
    bench.pass(ms(31_999));
    bench.receive(&busy);
    assert_eq!(bench.sent(), ["ACK"]);
    bench.pass(ms(1));
    bench.receive(&busy);
    assert_eq!((bench.sent(), bench.agent.counters().stray), (vec![], 1));
}

#[test]
fn e_our_bye_is_repeated_up_to_every_4_s_and_f_forgets_it_after_32_s() {
    let mut bench = Bench::new();
    let (dialog, _) = bench.answered();
    bench.command(Command::HangUp { dialog });
    assert_eq!((bench.end(), bench.deadline()), (EndReason::WeHungUp, Some((500, Timer::RequestAgain))));
    bench.pass(ms(32_000));
    assert_eq!(bench.sent_at_ms(), [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    assert!(bench.fired.contains(&(32_000, Timer::RequestUnanswered)));
    assert_eq!((bench.events(), bench.agent.counters().dialogs), (vec![], 0));
}

#[test]
fn e_slows_down_with_a_provisional_answer_and_f_still_ends_the_probe_and_the_call() {
    let mut bench = Bench::new();
    let (dialog, _) = bench.answered();
    bench.command(Command::Probe { dialog });
    bench.receive(&bench.last("OPTIONS").answer("183", "p1", "", ""));
    bench.pass(ms(32_000));
    let failed = Event::Ended { dialog, reason: EndReason::Failed(408) };
    assert_eq!(bench.events(), [Event::ProbeAnswered { dialog, status: 408 }, failed]);
    assert_eq!(bench.sent_at_ms(), [0, 500, 4500, 8500, 12_500, 16_500, 20_500, 24_500, 28_500, 32_000]);
}

#[test]
fn g_our_refusal_is_repeated_up_to_every_4_s_and_h_gives_up_after_32_s() {
    let mut bench = Bench::new();
    let dialog = bench.invited();
    bench.command(Command::Reject { dialog, status: 486 });
    assert_eq!((bench.end(), bench.deadline()), (EndReason::Rejected(486), Some((500, Timer::RefusalAgain))));
    bench.pass(ms(32_000));
    let times = bench.sent_at_ms();
    assert_eq!(times, [0, 0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500], "100, then 486");
    assert_eq!(bench.fired.last(), Some(&(32_000, Timer::AckWait)));
    assert_eq!((bench.deadline(), bench.agent.counters().transactions), (None, 0));
}

#[test]
fn i_further_acks_of_a_refusal_are_absorbed_for_5_s() {
    let mut bench = Bench::new();
    let dialog = bench.invited();
    bench.command(Command::Reject { dialog, status: 486 });
    let ack = request("ACK", "inv1", 1, &bench.last("486").tag("To"), "");
    bench.receive(&ack);
    assert_eq!(bench.deadline(), Some((5000, Timer::AckLinger)));
    bench.sent.clear();
    bench.pass(ms(4999));
    bench.receive(&ack);
    bench.receive(&request("INVITE", "inv1", 1, "", OFFER));
    assert_eq!((bench.sent(), bench.agent.counters().stray), (vec![], 0));
    bench.pass(ms(1));
    bench.receive(&ack);
    assert_eq!(bench.agent.counters().stray, 1);
}

#[test]
fn j_a_repeated_bye_gets_its_200_again_for_32_s() {
    let mut bench = Bench::new();
    let (_, tag) = bench.established();
    let bye = request("BYE", "bye1", 2, &tag, "");
    bench.receive(&bye);
    bench.pass(ms(31_999));
    bench.receive(&bye);
    assert!(bench.fired.iter().all(|(_, timer)| *timer != Timer::AnswerLinger));
    bench.pass(ms(1));
    bench.receive(&bye);
    assert_eq!(bench.sent(), ["200", "200", "481"]);
}

#[test]
fn k_repeated_answers_to_our_bye_are_absorbed_for_5_s() {
    let mut bench = Bench::new();
    let (dialog, _) = bench.established();
    bench.command(Command::HangUp { dialog });
    let ok = bench.last("BYE").answer("200", "", "", "");
    bench.receive(&ok);
    bench.pass(ms(4999));
    bench.receive(&ok);
    assert_eq!(bench.agent.counters().stray, 0);
    bench.pass(ms(1));
    assert!(bench.fired.contains(&(5000, Timer::ResponseLinger)));
    bench.receive(&ok);
    assert_eq!(bench.agent.counters().stray, 1);
}

#[test]
fn l_a_repeated_invite_is_absorbed_for_32_s_after_its_200_and_never_a_second_call() {
    let mut bench = Bench::new();
    bench.established();
    assert_eq!(bench.deadline(), Some((32_000, Timer::AcceptedLinger)));
    bench.pass(ms(31_999));
    bench.receive(&request("INVITE", "inv1", 1, "", OFFER));
    assert_eq!((bench.sent(), bench.events()), (vec![], vec![]));
}

#[test]
fn m_each_repeated_200_is_acknowledged_for_32_s() {
    let mut bench = Bench::new();
    let (_, invite) = bench.answered();
    let ok = invite.answer("200", "p1", CONTACT, OFFER);
    assert_eq!(bench.deadline(), Some((32_000, Timer::ForkLinger)));
    bench.pass(ms(31_999));
    bench.receive(&ok);
    assert_eq!((bench.sent(), bench.events()), (vec!["ACK".into()], vec![]));
    bench.pass(ms(1));
    bench.receive(&ok);
    assert_eq!((bench.sent(), bench.agent.counters().stray), (vec![], 1));
}

#[test]
fn our_200_is_repeated_until_its_ack_and_without_one_the_call_ends_by_bye() {
    let mut bench = Bench::new();
    let dialog = bench.invited();
    bench.command(answer(dialog));
    bench.pass(ms(31_999));
    let mut expected = vec![0, 0, 500, 1500];
    expected.extend((3500..32_000).step_by(4000));
    assert_eq!(bench.sent_at_ms(), expected, "100, then 200");
    bench.pass(ms(1));
    assert_eq!((bench.sent(), bench.end()), (vec!["BYE".into()], EndReason::NoAck));
}

#[test]
fn the_ring_limit_cancels_and_32_s_later_the_call_ends_whatever_the_peer_does() {
    let mut bench = Bench::new();
    let (_, invite) = bench.dialled();
    bench.receive(&invite.answer("180", "p1", "", ""));
    bench.pass(ms(60_000));
    let cancel = bench.last("CANCEL");
    assert_eq!((cancel.header("Via"), cancel.header("CSeq").as_str()), (invite.header("Via"), "1 CANCEL"));
    bench.receive(&cancel.answer("200", "p1", "", ""));
    bench.events();
    bench.pass(ms(31_999));
    assert_eq!(bench.events(), []);
    bench.pass(ms(1));
    assert_eq!((bench.end(), bench.fired.last()), (EndReason::NoAnswer, Some(&(92_000, Timer::CancelWait))));
    bench.receive(&invite.answer("200", "p1", CONTACT, OFFER));
    assert_eq!(bench.sent(), ["INVITE", "CANCEL", "ACK", "BYE"], "a late 2xx opens nothing");
}

#[test]
fn an_invite_that_our_side_never_answers_is_refused_at_the_ring_limit() {
    let mut bench = Bench::with(AgentConfig { ring_limit: ms(10_000), ..AgentConfig::new(us()) });
    bench.invited();
    bench.pass(ms(9_999));
    assert_eq!(bench.sent(), ["100"]);
    bench.pass(ms(1));
    assert_eq!((bench.sent(), bench.end()), (vec!["480".into()], EndReason::NoAnswer));
}

#[test]
fn a_reinvite_that_met_491_is_tried_once_more_later_by_the_owner_of_the_call_id() {
    let mut bench = Bench::new();
    let (dialog, _) = bench.answered();
    bench.command(Command::Reoffer { dialog, sdp: OFFER.into() });
    bench.receive(&bench.last("INVITE").answer("491", "", "", ""));
    let (at, timer) = bench.deadline().expect("armed");
    assert!((2100..=4000).contains(&at) && timer == Timer::GlareRetry, "{at} {timer:?}");
    bench.pass(ms(at));
    assert_eq!(bench.sent(), ["INVITE", "ACK", "INVITE"].map(str::to_owned).to_vec());
}

#[test]
fn a_reinvite_that_meets_491_twice_is_given_up_quietly() {
    let mut bench = Bench::new();
    let (dialog, _) = bench.established();
    bench.command(Command::Reoffer { dialog, sdp: OFFER.into() });
    bench.receive(&bench.last("INVITE").answer("491", "", "", ""));
    let (at, timer) = bench.deadline().expect("armed");
    assert!(at <= 2000 && timer == Timer::GlareRetry, "the peer owns the Call-ID: {at} {timer:?}");
    bench.sent.clear();
    bench.pass(ms(at));
    bench.receive(&bench.last("INVITE").answer("491", "", "", ""));
    bench.pass(ms(100_000));
    assert_eq!((bench.sent(), bench.events()), (vec!["INVITE".into(), "ACK".into()], vec![]));
}
