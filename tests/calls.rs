//! Golden calls: `tests/calls/NAME/script.toml` is played against a `Call` on a virtual clock, its events must be
//! `tests/calls/NAME/expect.trace`. `UPDATE_GOLDEN=1 cargo test --test calls` writes the expectations anew: read them.

mod golden;

use golden::Played;

fn golden(name: &str) -> Played {
    golden::play(name)
}

#[test]
fn greeting() {
    let call = golden("greeting");
    assert!(call.trace.contains("\"action\":\"greet\""));
}

#[test]
fn barge_in_stops_the_agent_at_once() {
    let call = golden("barge_in");
    let stopped_ms = call.sound_after("barge_in").expect("the trace has it");
    assert!(stopped_ms <= 40, "sound went on for {stopped_ms} ms after the barge-in");
}

#[test]
fn a_cough_over_the_agent_makes_it_say_the_sentence_again() {
    assert!(golden("cough").trace.contains("reply_resumed"));
}

#[test]
fn late_recognition_is_answered_when_it_comes() {
    golden("late_recognition");
}

#[test]
fn recognition_that_never_comes_makes_the_agent_ask_again() {
    assert!(golden("no_recognition").trace.contains("hearing_failed"));
}

#[test]
fn a_pause_in_mid_sentence_is_waited_for() {
    let call = golden("hesitation");
    assert_eq!(call.trace.matches("\"event\":\"heard\"").count(), 1, "one turn, not two");
}

#[test]
fn hang_up_during_speech_ends_everything() {
    let call = golden("hang_up");
    assert_eq!(call.packets_after_end, 0);
}

#[test]
fn an_opt_out_key_binds_at_once() {
    let call = golden("opt_out_key");
    assert!(call.trace.contains("opted_out") && call.said_bye);
}

#[test]
fn an_opt_out_in_words_binds_at_once() {
    let call = golden("opt_out_words");
    assert!(call.trace.contains("opted_out") && call.said_bye);
}

#[test]
fn silence_is_prompted_and_then_ends_the_call() {
    assert!(golden("silence").said_bye);
}

#[test]
fn a_caller_that_vanished_is_asked_for_and_then_given_up() {
    let call = golden("vanished");
    assert!(call.trace.contains("media_lost") && call.trace.contains("peer_gone"));
}

#[test]
fn on_hold_nothing_is_sent_and_nobody_is_given_up() {
    let call = golden("hold");
    assert!(!call.trace.contains("media_lost"));
}
