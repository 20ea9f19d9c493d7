//! Golden calls: `tests/calls/NAME/script.toml` is played against a `Call` on a virtual clock, its events must be
//! `tests/calls/NAME/expect.trace`. `UPDATE_GOLDEN=1 cargo test --test calls` writes the expectations anew: read them.

mod golden;

use callwright::asr::Language;
use callwright::base::Now;
use callwright::call::{Call, Input, Output};
use callwright::sip;
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
fn words_that_go_on_while_the_agent_thinks_are_joined_to_those_before() {
    let call = golden("goes_on");
    assert_eq!(call.trace.matches("\"event\":\"heard\"").count(), 1, "one turn");
    assert!(call.transcribed_ms.last() > Some(&2_000), "{:?}", call.transcribed_ms);
}

#[test]
fn a_cough_while_the_agent_thinks_loses_no_words() {
    let call = golden("cough_thinking");
    assert!(call.trace.contains("ask_identity"));
    assert!(call.transcribed_ms.iter().all(|ms| *ms > 1_000), "{:?}", call.transcribed_ms);
}

#[test]
fn words_over_the_notice_are_answered_after_all_of_it() {
    let call = golden("notice");
    assert!(call.first_ms("heard") > Some(6_500), "the notice lasts 6.7 s, its first sentence 4.5 s");
    assert!(call.transcribed_ms.iter().all(|ms| *ms > 1_000), "{:?}", call.transcribed_ms);
}

#[test]
fn a_hum_over_the_notice_agrees_to_nothing() {
    assert_eq!(golden("hum_over_notice").trace.matches("\"event\":\"reply\"").count(), 1, "the opening");
}

#[test]
fn noise_cannot_keep_the_agent_at_one_sentence() {
    assert_eq!(golden("noisy_line").trace.matches("reply_resumed").count(), 4);
}

#[test]
fn music_on_hold_is_not_heard() {
    assert!(golden("hold_music").transcribed_ms.is_empty());
}

#[test]
fn a_goodbye_interrupted_by_what_nobody_understands_still_ends_the_call() {
    assert!(golden("noisy_goodbye").said_bye);
}

#[test]
fn a_sentence_that_is_never_rendered_is_left_out() {
    let call = golden("no_sound");
    assert!(call.trace.contains("speech_failed") && call.trace.contains("\"state\":\"opening\""));
}

#[test]
fn an_offer_of_ours_that_the_ack_leaves_unanswered_ends_the_call() {
    let setup = golden::setup(Language::En);
    let dialog = setup.dialog;
    let mut call = Call::inbound(setup, Now::default(), None);
    call.handle(Now::default(), Input::Sip(sip::Event::Confirmed { dialog, answer: None }));
    let outputs: Vec<Output> = std::iter::from_fn(|| call.poll()).collect();
    assert!(matches!(outputs.last(), Some(Output::Finished)), "{outputs:?}");
}

#[test]
fn on_hold_nothing_is_sent_and_nobody_is_given_up() {
    let call = golden("hold");
    assert!(!call.trace.contains("media_lost"));
}
