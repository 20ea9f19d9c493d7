//! Digest authentication on the wire: as client, which proves who we are to peers and proxies, and as server, which lets
//! only users call. RFC 7616, RFC 8760, RFC 3261 §22.

use crate::bench::{Bench, CONTACT, Message, OFFER, ms, request, us};
use callwright::base::Redacted;
use callwright::sip::{AgentConfig, Command, Credentials, EndReason, Event, NONCE_LIFETIME};

fn credentials(realm: Option<&str>, user: &str, secret: &str) -> Credentials {
    Credentials { realm: realm.map(str::to_owned), user: user.to_owned(), secret: Redacted::new(secret.to_owned()) }
}

/// An agent that may call as alice.
fn caller() -> Bench {
    let credentials = vec![credentials(Some("elsewhere"), "bob", "x"), credentials(None, "alice", "opensesame")];
    Bench::with(AgentConfig { credentials, ..AgentConfig::new(us()) })
}

/// An agent that alice may call.
fn guarded() -> Bench {
    Bench::with(AgentConfig { users: vec![credentials(None, "alice", "opensesame")], ..AgentConfig::new(us()) })
}

/// The value of a parameter of a challenge or an answer.
fn param(header: &str, name: &str) -> String {
    let found = header.split([',', ' ']).find_map(|param| param.trim().strip_prefix(name)?.strip_prefix('='));
    found.unwrap_or("").trim_matches('"').to_owned()
}

fn challenge(algorithm: &str, nonce: &str, more: &str) -> String {
    format!("WWW-Authenticate: Digest realm=\"peer\", nonce=\"{nonce}\", algorithm={algorithm}, qop=\"auth\"{more}\r\n")
}

#[test]
fn a_challenged_invite_is_sent_again_with_credentials_and_the_rest_of_the_call_is_signed_unasked() {
    let mut bench = caller();
    let (dialog, first) = bench.dialled();
    bench.receive(&first.answer("401", "p0", &challenge("MD5", "n1", ", opaque=\"o\""), ""));
    let again = bench.last("INVITE");
    assert_eq!(bench.sent(), ["INVITE", "ACK", "INVITE"]);
    assert_eq!((again.header("CSeq").as_str(), again.tag("To").as_str()), ("2 INVITE", ""));
    assert_eq!((again.header("Call-ID"), again.tag("From")), (first.header("Call-ID"), first.tag("From")));
    assert_ne!(again.header("Via"), first.header("Via"));
    assert!(again.text.ends_with(OFFER));
    let answer = again.header("Authorization");
    let expected = [("username", "alice"), ("realm", "peer"), ("nonce", "n1"), ("uri", "sip:bob@10.0.0.2:5070")];
    for (name, value) in
        expected.into_iter().chain([("algorithm", "MD5"), ("qop", "auth"), ("nc", "00000001"), ("opaque", "o")])
    {
        assert_eq!(param(&answer, name), value, "{answer}");
    }

    bench.receive(&again.answer("200", "p1", CONTACT, OFFER));
    assert_eq!(bench.last("ACK").header("Authorization"), answer, "RFC 3261 §22.1: the ACK repeats the INVITE's");
    bench.command(Command::HangUp { dialog });
    let bye = bench.last("BYE");
    assert_eq!(
        (bye.header("CSeq").as_str(), param(&bye.header("Authorization"), "nc").as_str()),
        ("3 BYE", "00000002")
    );
    assert_eq!(bench.end(), EndReason::WeHungUp);
}

#[test]
fn sha_256_is_preferred_and_what_we_do_not_know_is_passed_over() {
    let mut bench = caller();
    let (_, first) = bench.dialled();
    let challenges = [challenge("MD5", "n1", ""), challenge("SHA-256", "n2", ""), challenge("SHA-512-256", "n3", "")];
    bench.receive(&first.answer(
        "401",
        "p0",
        &(challenges.concat() + "WWW-Authenticate: Basic realm=\"peer\"\r\n"),
        "",
    ));
    let answer = bench.last("INVITE").header("Authorization");
    assert_eq!((param(&answer, "algorithm").as_str(), param(&answer, "response").len()), ("SHA-256", 64));
}

#[test]
fn a_peer_of_rfc_2069_gets_no_count() {
    let mut bench = caller();
    let (_, first) = bench.dialled();
    bench.receive(&first.answer("401", "p0", "WWW-Authenticate: Digest realm=\"peer\", nonce=\"n\"\r\n", ""));
    let answer = bench.last("INVITE").header("Authorization");
    assert_eq!((param(&answer, "nc").as_str(), param(&answer, "response").len()), ("", 32));
}

#[test]
fn refused_credentials_end_the_call_and_a_stale_nonce_is_answered_again() {
    let mut bench = caller();
    let (_, first) = bench.dialled();
    bench.receive(&first.answer("401", "p0", &challenge("MD5", "n1", ""), ""));
    let second = bench.last("INVITE");
    bench.receive(&second.answer("401", "p0", &challenge("MD5", "n2", ", stale=TRUE"), ""));
    let third = bench.last("INVITE");
    assert_eq!(
        (third.header("CSeq").as_str(), param(&third.header("Authorization"), "nonce").as_str()),
        ("3 INVITE", "n2")
    );
    bench.receive(&third.answer("401", "p0", &challenge("MD5", "n3", ""), ""));
    assert_eq!(bench.end(), EndReason::Rejected(401));
}

#[test]
fn a_peer_that_finds_every_nonce_stale_is_given_up() {
    let mut bench = caller();
    bench.dialled();
    for _ in 0..20 {
        let refusal = bench.last("INVITE").answer("401", "p0", &challenge("MD5", "n", ", stale=true"), "");
        bench.receive(&refusal);
    }
    assert_eq!(bench.end(), EndReason::Rejected(401));
}

#[test]
fn without_fitting_credentials_a_challenge_is_a_refusal() {
    let mut bench = Bench::with(AgentConfig {
        credentials: vec![credentials(Some("elsewhere"), "alice", "x")],
        ..AgentConfig::new(us())
    });
    let (_, first) = bench.dialled();
    bench.receive(&first.answer("407", "p0", &challenge("MD5", "n1", "").replace("WWW", "Proxy"), ""));
    assert_eq!((bench.sent(), bench.end()), (vec!["INVITE".into(), "ACK".into()], EndReason::Rejected(407)));
}

#[test]
fn a_proxy_and_the_peer_behind_it_are_both_answered_and_so_are_the_ack_and_the_bye() {
    let mut bench = caller();
    let (dialog, first) = bench.dialled();
    let proxy = challenge("SHA-256", "np", "").replace("WWW", "Proxy").replace("peer", "proxy");
    bench.receive(&first.answer("407", "p0", &proxy, ""));
    let second = bench.last("INVITE");
    bench.receive(&second.answer("401", "p0", &challenge("MD5", "n1", ""), ""));
    let third = bench.last("INVITE");
    let both =
        |message: &Message| ["Authorization", "Proxy-Authorization"].map(|name| param(&message.header(name), "nonce"));
    assert_eq!((both(&second), both(&third)), (["".into(), "np".into()], ["n1".into(), "np".into()]));
    bench.receive(&third.answer("200", "p1", CONTACT, OFFER));
    assert_eq!(both(&bench.last("ACK")), both(&third));
    bench.command(Command::HangUp { dialog });
    assert_eq!(both(&bench.last("BYE")), both(&third));
}

#[test]
fn a_challenged_bye_reinvite_and_probe_are_sent_again() {
    let mut bench = caller();
    let (dialog, _) = bench.answered();
    bench.command(Command::Reoffer { dialog, sdp: OFFER.into() });
    bench.receive(&bench.last("INVITE").answer("401", "", &challenge("MD5", "n1", ""), ""));
    bench.receive(&bench.last("INVITE").answer("200", "", CONTACT, OFFER));
    assert_eq!(bench.events(), [Event::Answered { dialog, sdp: Some(OFFER.into()) }]);
    bench.command(Command::Probe { dialog });
    bench.receive(&bench.last("OPTIONS").answer("401", "", &challenge("MD5", "n2", ", stale=true"), ""));
    bench.receive(&bench.last("OPTIONS").answer("200", "", "", ""));
    assert_eq!(bench.events(), [Event::ProbeAnswered { dialog, status: 200 }]);
    bench.command(Command::HangUp { dialog });
    bench.receive(&bench.last("BYE").answer("401", "", &challenge("MD5", "n3", ", stale=true"), ""));
    bench.receive(&bench.last("BYE").answer("200", "", "", ""));
    bench.pass(ms(60_000));
    assert_eq!(bench.sent(), ["INVITE", "ACK", "INVITE", "ACK", "OPTIONS", "OPTIONS", "BYE", "BYE"]);
    assert_eq!((bench.end(), bench.agent.counters().dialogs), (EndReason::WeHungUp, 0));
}

#[test]
fn hanging_up_while_a_signed_invite_is_out_cancels_that_one() {
    let mut bench = caller();
    let (dialog, first) = bench.dialled();
    bench.receive(&first.answer("401", "p0", &challenge("MD5", "n1", ""), ""));
    let second = bench.last("INVITE");
    bench.receive(&second.answer("180", "p1", "", ""));
    bench.command(Command::HangUp { dialog });
    assert_eq!(bench.last("CANCEL").header("Via"), second.header("Via"));
    bench.receive(&second.answer("487", "p1", "", ""));
    assert_eq!(bench.end(), EndReason::WeHungUp);
}

/// The answer of one of our own agents, as alice with this secret, to this challenge for `sip:demo@10.0.0.1`.
fn answer_by(secret: &str, challenge: &str) -> String {
    let mut bench =
        Bench::with(AgentConfig { credentials: vec![credentials(None, "alice", secret)], ..AgentConfig::new(us()) });
    let (_, first) = bench.dialled_to("sip:demo@10.0.0.1");
    let challenges = challenge.split('|').map(|one| format!("WWW-Authenticate: {one}\r\n"));
    bench.receive(&first.answer("401", "p0", &challenges.collect::<String>(), ""));
    bench.last("INVITE").header("Authorization")
}

/// An INVITE of a new call with this Authorization.
fn invite(branch: &str, authorization: &str) -> String {
    let header = format!("Authorization: {authorization}\r\nContact:");
    request("INVITE", branch, 1, "", OFFER).replace("Contact:", &header).replace("call1", &format!("call-{branch}"))
}

#[test]
fn a_caller_is_challenged_with_both_algorithms_and_either_admits_a_user() {
    for drop in ["SHA-256", "MD5"] {
        let mut bench = guarded();
        bench.receive(&request("INVITE", "inv1", 1, "", OFFER));
        let challenges = bench.last("401").header("WWW-Authenticate");
        assert!(
            challenges.find("MD5") < challenges.find("SHA-256") && challenges.contains("qop=\"auth\""),
            "{challenges}"
        );
        let kept: Vec<_> = challenges.split('|').filter(|one| !one.contains(&format!("algorithm={drop},"))).collect();
        assert_eq!(kept.len(), 1);
        bench.receive(&request("ACK", "inv1", 1, &bench.last("401").tag("To"), ""));
        bench.receive(&invite("inv2", &answer_by("opensesame", kept[0])));
        assert!(matches!(bench.events()[..], [Event::Invited(_)]));
        assert_eq!((bench.agent.counters().challenged, bench.agent.counters().dialogs), (1, 1));
    }
}

#[test]
fn a_wrong_secret_a_stranger_a_forged_nonce_and_another_scheme_are_challenged_again() {
    let mut bench = guarded();
    bench.receive(&request("INVITE", "inv1", 1, "", OFFER));
    let challenges = bench.last("401").header("WWW-Authenticate");
    let right = answer_by("opensesame", &challenges);
    let nonce = param(&challenges, "nonce");
    for (n, bad) in [
        answer_by("guess", &challenges),
        right.replace("alice", "mallory"),
        answer_by("opensesame", &challenges.replace(&nonce[..16], "00000000000000ff")),
        answer_by("opensesame", &challenges.replace(&nonce, "n")),
        right.replace("nc=00000001", "nc=x"),
        right.replace("qop=auth", "qop=auth-int"),
        "NoOneKnowsThisScheme opaque-data=here".to_owned(),
        "Digest".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        bench.receive(&invite(&format!("bad{n}"), &bad));
        assert!(!bench.last("401").header("WWW-Authenticate").contains("stale"), "{bad}");
    }
    assert_eq!((bench.events(), bench.agent.counters().challenged), (vec![], 9));
    bench.receive(&invite("good", &right));
    assert_eq!(bench.events().len(), 1);
}

#[test]
fn an_answer_counts_once_and_its_nonce_for_a_while() {
    let mut bench = guarded();
    bench.receive(&request("INVITE", "inv1", 1, "", OFFER));
    let challenges = bench.last("401").header("WWW-Authenticate");
    let answer = answer_by("opensesame", &challenges);
    bench.receive(&invite("inv2", &answer));
    bench.receive(&invite("inv2", &answer)); // a repetition, not a replay
    assert_eq!((bench.events().len(), bench.agent.counters().challenged), (1, 1));
    bench.receive(&invite("inv3", &answer));
    assert!(bench.last("401").header("WWW-Authenticate").contains("stale=true"), "the same count again");

    let late = bench.last("401").header("WWW-Authenticate");
    bench.pass(NONCE_LIFETIME + ms(1));
    bench.receive(&invite("inv4", &answer_by("opensesame", &late.replace(", stale=true", ""))));
    assert!(bench.last("401").header("WWW-Authenticate").contains("stale=true"), "too old");
    assert_eq!(bench.events().iter().filter(|event| matches!(event, Event::Invited(_))).count(), 0);
}

#[test]
fn only_invites_from_outside_a_dialog_are_challenged() {
    let mut bench = guarded();
    bench.receive(&request("OPTIONS", "opt1", 1, "", ""));
    bench.receive(&request("BYE", "bye1", 1, "", ""));
    assert_eq!(bench.sent(), ["200", "481"]);
}

#[test]
fn secrets_and_users_numbers_stay_out_of_logs() {
    let shown = format!(
        "{:?}",
        AgentConfig { users: vec![credentials(None, "alice", "opensesame")], ..AgentConfig::new(us()) }
    );
    assert!(!shown.contains("opensesame"), "{shown}");
}
