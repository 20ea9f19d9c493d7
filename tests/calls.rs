//! Golden calls: `tests/calls/NAME/script.toml` is played against a `Call` on a virtual clock, its events must be
//! `tests/calls/NAME/expect.trace`. `UPDATE_GOLDEN=1 cargo test --test calls` writes the expectations anew: read them.

mod golden;

use std::time::Duration;

use callwright::asr::Language;
use callwright::base::{Instant, Now, TurnId, UnixMillis};
use callwright::call::{Call, EndReason, Event, Happened, Input, Output, Party, Port, ReplyId, Standing};
use callwright::compliance::{Rank, Suspicion, Violation};
use callwright::sip;
use golden::Played;

fn golden(name: &str) -> Played {
    golden::play(name)
}

/// When the first event of this name happened, in ms.
fn first_ms(call: &Played, event: &str) -> Option<u64> {
    call.events.iter().find(|(_, line)| line.contains(&format!("\"{event}\""))).map(|(at, _)| *at)
}

/// How long sound went on after the first event of this name, in ms.
fn sound_after(call: &Played, event: &str) -> Option<u64> {
    let at = first_ms(call, event)?;
    let mut last = at;
    for sound in call.sounds.iter().filter(|sound| **sound > at) {
        if sound - last > 100 {
            break;
        }
        last = *sound;
    }
    Some(last - at)
}

#[test]
fn greeting() {
    let call = golden("greeting");
    assert!(call.trace.contains("\"action\":\"greet\""));
}

#[test]
fn barge_in_stops_the_agent_at_once() {
    let call = golden("barge_in");
    let stopped_ms = sound_after(&call, "barge_in").expect("the trace has it");
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
fn an_angry_voice_is_acted_on_with_angry_words_and_not_with_calm_ones() {
    let call = golden("angry_voice");
    let heard: Vec<&str> = call.trace.lines().filter(|line| line.contains("\"event\":\"heard\"")).collect();
    let [first, calm_words, usual, angry_words] = heard[..] else { panic!("four turns: {heard:?}") };
    let (calm, angry) = ("\"acted_on\":\"calm\"", "\"emotion\":\"angry\"");
    assert!([first, usual].iter().all(|turn| turn.contains(calm) && !turn.contains(angry)), "{first}\n{usual}");
    assert!(calm_words.contains(angry) && calm_words.contains(calm), "{calm_words}");
    assert!(angry_words.contains(angry) && angry_words.contains("\"acted_on\":\"angry\""), "{angry_words}");
}

#[test]
fn a_budget_that_was_half_heard_is_said_back_and_corrected() {
    let call = golden("half_heard_budget");
    let replies: Vec<&str> = call.trace.lines().filter(|line| line.contains("\"event\":\"reply\"")).collect();
    assert!(replies[3].contains("一百三十块左右") && replies[3].contains("\"state\":\"pitch\""), "{}", replies[3]);
    assert!(replies[4].contains("一百八十块") && replies[4].contains("\"state\":\"pitch\""), "{}", replies[4]);
}

#[test]
fn hang_up_during_speech_ends_everything() {
    let call = golden("hang_up");
    assert_eq!(call.packets_after_end, 0);
}

/// The standings of violations in a trace, in order.
fn standings(call: &Played) -> Vec<String> {
    let violations = call.events.iter().filter(|(_, line)| line.contains("\"violation\""));
    let read = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["standing"].to_string();
    violations.map(|(_, line)| read(line).trim_matches('"').to_owned()).collect()
}

#[test]
fn an_insult_is_told_at_the_pause_and_confirmed_by_the_whole_turn() {
    let call = golden("insult");
    assert_eq!(standings(&call), ["suspected", "confirmed"]);
    assert!(first_ms(&call, "violation") < first_ms(&call, "heard"));
}

#[test]
fn an_insult_that_was_none_is_withdrawn() {
    assert_eq!(standings(&golden("insult_misheard")), ["suspected", "withdrawn"]);
}

#[test]
fn what_the_model_suspects_of_the_agents_sentence_is_told_and_it_is_said_all_the_same() {
    let now = Now { instant: Instant::from_micros(1_000_000), wall: UnixMillis(0) };
    let setup = golden::setup(Language::Zh);
    let dialog = setup.dialog;
    let offer = "v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8\r\n";
    let mut call = Call::inbound(setup, now, Some(offer.as_bytes()));
    call.handle(now, Input::Sip(sip::Event::Confirmed { dialog, answer: None }));
    let mut reviewed = Vec::new();
    let mut rendered = 0;
    while let Some(output) = call.poll() {
        match output {
            Output::Review { reply, index, .. } => reviewed.push((reply, index)),
            Output::Synthesize { .. } => rendered += 1,
            Output::Sip(_)
            | Output::Packet { .. }
            | Output::Transcribe { .. }
            | Output::Event(_)
            | Output::Finished => {}
        }
    }
    assert_eq!(reviewed.len(), rendered);
    let suspicion = Some(Suspicion { class: Violation::Concealment, second: None, rank: Rank::Certain });
    let (reply, index) = reviewed[0];
    call.handle(now, Input::Reviewed { reply, index, suspicion });
    call.handle(now, Input::Reviewed { reply: ReplyId(99), index, suspicion });
    let mut told = Vec::new();
    while let Some(output) = call.poll() {
        if let Output::Event(Happened { event, .. }) = output {
            told.push(event);
        }
    }
    let (by, class, standing) = (Party::Agent, Violation::Concealment, Standing::Suspected);
    assert_eq!(told, [Event::Violation { turn: TurnId(0), by, class, standing }]);
}

#[test]
fn an_opt_out_key_binds_at_once() {
    let call = golden("opt_out_key");
    assert!(call.trace.contains("opted_out") && call.said_bye);
}

#[test]
fn an_opt_out_key_by_info_binds_at_once() {
    let call = golden("opt_out_info");
    assert!(call.trace.contains("opted_out") && call.said_bye);
}

#[test]
fn a_press_that_comes_by_event_and_by_info_counts_once() {
    assert_eq!(golden("key_both_ways").trace.matches("\"event\":\"key\"").count(), 1);
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
    assert!(first_ms(&call, "heard") > Some(6_500), "the notice lasts 6.7 s, its first sentence 4.5 s");
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
fn an_answer_whose_first_sentence_fails_still_tells_its_latency() {
    let call = golden("first_sentence_fails");
    assert!(first_ms(&call, "speech_failed").is_some() && call.trace.contains("reply_ms"));
}

#[test]
fn a_re_invite_moves_the_sound_to_another_port_and_codec() {
    let call = golden("reinvite");
    for (at_ms, destination, bytes) in &call.packets {
        let expected = if *at_ms < 12_000 { (30_000, 8) } else { (31_000, 0) };
        assert_eq!((destination.port(), bytes[1] & 0x7f), expected, "{at_ms} ms");
    }
    assert!(call.trace.contains("\"action\":\"ask_price\"") && call.trace.contains("reply_ms"));
}

#[test]
fn a_new_source_in_mid_call_is_heard_on() {
    let call = golden("new_source");
    assert!(call.trace.contains("\"action\":\"ask_price\""));
}

#[test]
fn who_asks_for_a_person_is_promised_one_before_the_goodbye() {
    let call = golden("transfer");
    assert!(first_ms(&call, "transfer_requested") < first_ms(&call, "ended") && call.said_bye);
}

#[test]
fn a_call_back_is_read_back_and_kept() {
    let call = golden("call_back");
    assert!(first_ms(&call, "call_back_agreed").is_some() && call.said_bye);
    assert!(call.trace.matches("明天周六下午三点").count() >= 3, "heard, read back, agreed");
}

#[test]
fn keys_of_ours_replace_the_sound_and_it_goes_on() {
    let call = golden("key_sent");
    let events: Vec<u64> = call.packets.iter().filter(|(.., b)| b[1] & 0x7f == 101).map(|(at, ..)| *at).collect();
    assert_eq!(events.len(), 20, "two presses of ten packets");
    assert!(events[0] >= 2_000 && events[19] <= 2_500, "{events:?}");
    let numbers: Vec<u16> = call.packets.iter().map(|(.., b)| u16::from_be_bytes([b[2], b[3]])).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)), "one stream, without a hole");
}

#[test]
fn reports_are_sent_all_along_and_the_last_says_bye() {
    let call = golden("opt_out_info");
    let (last, before) = call.reports.split_last().expect("reports");
    assert!(before.len() >= 2, "{} in 15 s", before.len());
    assert!(call.reports.iter().all(|(_, to, bytes)| to.port() == 30_001 && bytes[1] == 200), "sender reports");
    assert!(last.2.ends_with(&last.2[4..8]) && last.2[last.2.len() - 7] == 203, "BYE of the same source");
    assert!(before.iter().all(|(.., bytes)| bytes[bytes.len() - 7] != 203));
}

/// What a call without an answer from outside does until its end, its time running in steps of `step_ms`.
fn alone(mut call: Call, dialog: sip::DialogId, step_ms: u64, steps: u64) -> Vec<(u64, Output)> {
    let mut done = Vec::new();
    call.handle(Now::default(), Input::Sip(sip::Event::Confirmed { dialog, answer: None }));
    for n in 0..steps {
        let now = Now::default().plus(Duration::from_millis(n * step_ms));
        if call.deadline().is_some_and(|(at, _)| at <= now.instant) {
            call.handle(now, Input::Tick);
        }
        done.extend(std::iter::from_fn(|| call.poll()).map(|output| (n * step_ms, output)));
    }
    done
}

const OFFER: &[u8] =
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8\r\n";

#[test]
fn a_call_that_reaches_its_maximum_length_ends_with_bye() {
    let mut setup = golden::setup(Language::En);
    setup.limits.call_ms_max = 3_000;
    let dialog = setup.dialog;
    let done = alone(Call::inbound(setup, Now::default(), Some(OFFER)), dialog, 20, 500);
    let bye = done.iter().find(|(_, output)| matches!(output, Output::Sip(sip::Command::HangUp { .. })));
    assert_eq!(bye.map(|(at_ms, _)| *at_ms), Some(3_020));
    let reasons: Vec<EndReason> = done.iter().filter_map(|(_, output)| reason(output)).collect();
    assert_eq!(reasons, [EndReason::TooLong]);
    assert!(matches!(done.last(), Some((3_020, Output::Finished))));
}

fn reason(output: &Output) -> Option<EndReason> {
    let Output::Event(Happened { event: Event::Ended { reason, .. }, .. }) = output else { return None };
    Some(*reason)
}

#[test]
fn after_a_stall_the_sound_goes_on_in_real_time() {
    // The process is stopped from 1 s to 2 s.
    let setup = golden::setup(Language::En);
    let dialog = setup.dialog;
    let mut call = Call::inbound(setup, Now::default(), Some(OFFER));
    call.handle(Now::default(), Input::Sip(sip::Event::Confirmed { dialog, answer: None }));
    let mut sent: Vec<(u64, u32, u8)> = Vec::new();
    for ms in (0..3_000).step_by(5).filter(|ms| !(1_001..2_000).contains(ms)) {
        let now = Now::default().plus(Duration::from_millis(ms));
        if call.deadline().is_some_and(|(at, _)| at <= now.instant) {
            call.handle(now, Input::Tick);
        }
        while let Some(output) = call.poll() {
            if let Output::Packet { from: Port::Rtp, packet, .. } = output {
                let bytes = packet.bytes();
                sent.push((ms, u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]), bytes[1] & 0x80));
            }
        }
    }
    let media_ms = |(at, timestamp, _): &(u64, u32, u8)| (*at, u64::from(timestamp.wrapping_sub(sent[0].1) / 8));
    let (before, after): (Vec<_>, Vec<_>) = sent.iter().partition(|(at, ..)| *at <= 2_000);
    assert!(before.iter().map(media_ms).all(|(at, media)| media <= at && at - media <= 1_000));
    assert_eq!(before.iter().filter(|(at, ..)| *at == 2_000).count(), 10, "made up for");
    assert!(after.iter().map(media_ms).all(|(at, media)| at == media), "in step with the clock again");
    assert_eq!(after.iter().filter(|(.., marker)| *marker != 0).count(), 1);
    assert!(after[0].2 != 0, "the first packet after what was skipped is marked");
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
fn on_hold_nothing_is_sent_and_nobody_is_given_up_and_the_call_goes_on_after_it() {
    let call = golden("hold");
    assert!(!call.trace.contains("media_lost"));
    let (before, after): (Vec<u64>, Vec<u64>) = call.packets.iter().map(|(at, ..)| *at).partition(|at| *at < 30_000);
    assert!(
        before.last() <= Some(&12_000) && after.first() >= Some(&52_000),
        "{:?} {:?}",
        before.last(),
        after.first()
    );
    assert!(call.trace.contains("ask_price") && call.trace.contains("reply_ms"), "heard and answered afterwards");
}
