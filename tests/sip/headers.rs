//! What passes through the agent without being understood: headers of the application, and keys by INFO.

use crate::bench::{Bench, CONTACT, OFFER, peer, request};
use callwright::base::Redacted;
use callwright::sip::{Command, Event, ExtraHeaders};

fn extra(name: &str, value: &str) -> ExtraHeaders {
    let mut headers = ExtraHeaders::default();
    headers.push(name, value).expect("allowed");
    headers
}

#[test]
fn an_invite_brings_its_x_user_to_user_and_diversion_headers_and_no_others() {
    let mut bench = Bench::new();
    let more = "X-Lead: 42\r\nUser-to-User: 56a3;encoding=hex\r\nDiversion: <sip:b@c>\r\nSubject: no\r\nContact:";
    bench.receive(&request("INVITE", "inv1", 1, "", OFFER).replace("Contact:", more));
    let events = bench.events();
    let [Event::Invited(invited)] = events.as_slice() else { panic!("{events:?}") };
    let expected = [("X-Lead", "42"), ("User-to-User", "56a3;encoding=hex"), ("Diversion", "<sip:b@c>")];
    assert_eq!(invited.headers.iter().collect::<Vec<_>>(), expected);
    assert!(!format!("{events:?}").contains("56a3"));
}

#[test]
fn our_invite_and_our_200_carry_the_headers_given_and_a_reinvite_does_not() {
    let mut bench = Bench::new();
    let (dialog, target) = (bench.agent.next_dialog_id(), callwright::sip::Uri::of(peer()));
    let (caller, headers) = (Redacted::new("agent".to_owned()), extra("X-Campaign", "telecom"));
    bench.command(Command::Dial { dialog, target, destination: peer(), caller, headers, offer: OFFER.into() });
    let invite = bench.last("INVITE");
    assert_eq!(invite.header("X-Campaign"), "telecom");
    bench.receive(&invite.answer("200", "p1", CONTACT, OFFER));
    bench.command(Command::Reoffer { dialog, sdp: OFFER.into() });
    assert_eq!(bench.last("INVITE").header("X-Campaign"), "");

    let mut bench = Bench::new();
    let dialog = bench.invited();
    bench.command(Command::Answer { dialog, sdp: OFFER.into(), headers: extra("User-to-User", "00") });
    assert_eq!(bench.last("200").header("User-to-User"), "00");
}

#[test]
fn keys_by_info_are_told_and_other_info_is_refused_with_what_we_accept() {
    let mut bench = Bench::new();
    let (dialog, tag) = bench.established();
    let relay = request("INFO", "info2", 2, &tag, "Signal=5\r\nDuration=160\r\n");
    bench.receive(&relay.replace("application/sdp", "Application/DTMF-Relay ; x=y"));
    bench.receive(&request("INFO", "info3", 3, &tag, "#").replace("application/sdp", "application/dtmf"));
    bench.receive(&request("INFO", "info4", 4, &tag, ""));
    assert_eq!(bench.sent(), ["200", "200", "200"]);
    let info = |kind: &str, body: &str| Event::Info {
        dialog,
        content_type: kind.into(),
        body: Redacted::new(body.as_bytes().to_vec()),
    };
    let keys = [info("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n"), info("application/dtmf", "#")];
    assert_eq!(bench.events(), keys);
    bench.receive(&request("INFO", "info5", 5, &tag, "<media_control/>").replace("sdp", "media_control+xml"));
    assert_eq!(bench.last("415").header("Accept"), "application/dtmf-relay, application/dtmf");
    assert_eq!(bench.events(), []);
}

#[test]
fn a_key_leaves_by_info_within_an_established_call() {
    let mut bench = Bench::new();
    let (dialog, _) = bench.answered();
    let body = Redacted::new(b"Signal=1\r\n".to_vec());
    bench.command(Command::Info { dialog, content_type: "application/dtmf-relay", body });
    let info = bench.last("INFO");
    assert_eq!(
        (info.header("CSeq").as_str(), info.header("Content-Type").as_str()),
        ("2 INFO", "application/dtmf-relay")
    );
    bench.receive(&info.answer("405", "", "", ""));
    assert_eq!((bench.events(), bench.agent.counters().dialogs), (vec![], 1), "a refused key ends nothing");
}
