//! What holds in every conversation, whatever the customer does.

#![allow(clippy::unwrap_used)] // helpers of tests

use std::path::Path;
use std::sync::Arc;

use callwright::asr::Language;
use callwright::conversation::{BargeIn, CallerFacts, Campaign, Conversation, Do, Heard, Outcome, Reply, Trust};
use callwright::understanding::{Action, Intent, Meaning, slots};
use proptest::prelude::*;

const CONFIDENT: f32 = 0.9;
const TURNS_MAX: usize = 40;

fn telecom() -> Arc<Campaign> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("campaigns/telecom.toml");
    Arc::new(Campaign::load(&path, |path| std::fs::read_to_string(path)).unwrap())
}

fn conversation(language: Language) -> Conversation {
    Conversation::new(telecom(), language, CallerFacts::default())
}

fn hear(conversation: &mut Conversation, action: Action, text: &str, confidence: f32, trust: Trust) -> Reply {
    let meaning = Meaning { intent: Intent { action, confidence }, slots: slots(text, conversation.language()) };
    conversation.hear(Heard::Words { text, meaning: &meaning, trust })
}

fn words(reply: &Reply) -> Vec<&str> {
    reply.say.iter().map(|sentence| sentence.text.as_str()).collect()
}

fn hangs_up(reply: &Reply) -> bool {
    reply.actions.last() == Some(&Do::HangUp)
}

#[test]
fn every_action_is_answered_in_both_languages_as_the_first_words_of_a_call() {
    for language in [Language::Zh, Language::En] {
        for &action in Action::ALL {
            let mut conversation = conversation(language);
            conversation.open();
            let reply = hear(&mut conversation, action, "", CONFIDENT, Trust::Sure);
            assert!(!reply.say.is_empty(), "{} in {language:?}", action.id());
        }
    }
}

#[test]
fn the_disclosure_is_said_to_the_end_and_the_first_question_gives_way() {
    let opening = conversation(Language::Zh).open();
    let barge_in: Vec<BargeIn> = opening.say.iter().map(|sentence| sentence.barge_in).collect();
    assert_eq!(barge_in, [BargeIn::Uninterruptible, BargeIn::Uninterruptible, BargeIn::Allowed]);
    assert!(opening.say[0].text.contains("人工智能"));
}

#[test]
fn an_opt_out_is_confirmed_to_the_end_and_done_at_once() {
    let mut conversation = conversation(Language::En);
    conversation.open();
    let reply = hear(&mut conversation, Action::ObjStopCalling, "stop calling me", CONFIDENT, Trust::Sure);
    assert!(reply.say.iter().all(|sentence| sentence.barge_in == BargeIn::Uninterruptible));
    assert_eq!(reply.actions, [Do::OptOut, Do::HangUp]);
    assert_eq!(conversation.outcome(), Some(Outcome::OptedOut));
}

#[test]
fn an_opt_out_counts_even_during_the_goodbye() {
    let mut conversation = conversation(Language::Zh);
    conversation.open();
    assert!(hangs_up(&hear(&mut conversation, Action::Goodbye, "再见", CONFIDENT, Trust::Sure)));
    let reply = hear(&mut conversation, Action::ObjStopCalling, "别再打来", CONFIDENT, Trust::Sure);
    assert_eq!(reply.actions, [Do::OptOut, Do::HangUp]);
}

#[test]
fn a_doubtful_intent_is_not_acted_on() {
    let mut conversation = conversation(Language::Zh);
    conversation.open();
    let first = hear(&mut conversation, Action::Accept, "办", 0.2, Trust::Sure);
    let second = hear(&mut conversation, Action::Accept, "办", CONFIDENT, Trust::Unsure);
    assert_eq!((first.state.as_str(), second.state.as_str()), ("opening", "opening"));
    assert_ne!(words(&first), words(&second));
}

#[test]
fn the_customers_own_source_is_stated_where_it_is_known() {
    let caller = CallerFacts { source: Some("上周的线上预约".to_owned()) };
    let mut conversation = Conversation::new(telecom(), Language::Zh, caller);
    conversation.open();
    let reply = hear(&mut conversation, Action::ObjDataSource, "哪来的号码", CONFIDENT, Trust::Sure);
    assert!(words(&reply)[0].contains("上周的线上预约"));
}

#[test]
fn what_was_told_in_passing_is_not_asked_again() {
    let mut conversation = conversation(Language::Zh);
    conversation.open();
    hear(&mut conversation, Action::ObjPrice, "太贵，我现在才三十块", CONFIDENT, Trust::Sure);
    hear(&mut conversation, Action::Affirm, "对", CONFIDENT, Trust::Sure);
    let reply = hear(&mut conversation, Action::InformWhat, "上网", CONFIDENT, Trust::Sure);
    assert_eq!((conversation.slots().how.as_deref(), reply.state.as_str()), (Some("三十块"), "pitch"));
}

#[test]
fn the_turns_of_a_call_are_bounded() {
    let mut conversation = conversation(Language::En);
    conversation.open();
    for _ in 0..TURNS_MAX {
        assert!(!hangs_up(&hear(&mut conversation, Action::HoldOn, "wait", CONFIDENT, Trust::Sure)));
    }
    let stop = hear(&mut conversation.clone(), Action::ObjStopCalling, "stop", CONFIDENT, Trust::Sure);
    assert_eq!(stop.actions, [Do::OptOut, Do::HangUp]);
    assert!(hangs_up(&hear(&mut conversation, Action::HoldOn, "wait", CONFIDENT, Trust::Sure)));
}

#[test]
fn a_copy_answers_alike_and_leaves_the_original_alone() {
    let mut conversation = conversation(Language::En);
    conversation.open();
    let speculative = hear(&mut conversation.clone(), Action::AskPrice, "how much", CONFIDENT, Trust::Sure);
    let real = hear(&mut conversation, Action::AskPrice, "how much", CONFIDENT, Trust::Sure);
    assert_eq!(speculative, real);
}

#[test]
fn fixed_sentences_hold_no_placeholder_and_all_but_the_calls_own_words() {
    for language in [Language::Zh, Language::En] {
        let fixed = telecom().fixed_sentences(language);
        assert!(fixed.iter().all(|sentence| !sentence.contains(['{', '}'])));
        assert!(conversation(language).open().say.iter().all(|sentence| fixed.contains(&sentence.text)));
    }
}

#[derive(Debug, Clone)]
enum Event {
    Words(Action, &'static str, Trust),
    Key(char),
    Silence,
}

fn event() -> impl Strategy<Value = Event> {
    let text = prop::sample::select(vec!["", "明天下午三点", "六十块", "三口人", "流量不够"]);
    let trust = prop_oneof![9 => Just(Trust::Sure), 1 => Just(Trust::Unsure)];
    prop_oneof![
        20 => (prop::sample::select(Action::ALL), text, trust).prop_map(|(a, t, u)| Event::Words(a, t, u)),
        1 => prop::sample::select(vec!['1', '9', '0', '#']).prop_map(Event::Key),
        1 => Just(Event::Silence),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_said_no_reply_is_repeated_or_long_and_the_end_is_the_end(
        events in prop::collection::vec(event(), 1..TURNS_MAX),
        language in prop::sample::select(vec![Language::Zh, Language::En]),
    ) {
        let mut conversation = conversation(language);
        let mut before = conversation.open();
        for event in events {
            let over = conversation.outcome().is_some();
            let (reply, again, opts_out) = match event {
                Event::Words(action, text, trust) => (
                    hear(&mut conversation, action, text, CONFIDENT, trust),
                    action == Action::Repeat,
                    action == Action::ObjStopCalling && (trust == Trust::Sure || over),
                ),
                Event::Key(key) => (conversation.hear(Heard::Key(key)), false, key == '9'),
                Event::Silence => (conversation.hear(Heard::Silence), false, false),
            };
            if opts_out {
                prop_assert_eq!(conversation.outcome(), Some(Outcome::OptedOut));
            } else if over {
                prop_assert!(reply.say.is_empty() && reply.actions.is_empty());
            }
            // It hangs up when it is over, and then only.
            prop_assert_eq!(hangs_up(&reply), conversation.outcome().is_some() && !reply.say.is_empty());
            if !reply.say.is_empty() && !again {
                prop_assert_ne!(words(&reply), words(&before));
            }
            let length: usize = words(&reply).iter().map(|sentence| spoken_length(sentence, language)).sum();
            prop_assert!(again || length <= SPOKEN_MAX, "{length}: {:?}", words(&reply));
            before = reply;
        }
    }
}

/// A reply with its acknowledgement and its question: about 15 seconds.
const SPOKEN_MAX: usize = 70;

/// Mandarin characters, or English words times one and a half: about a fifth of a second each.
fn spoken_length(sentence: &str, language: Language) -> usize {
    match language {
        Language::Zh => sentence.chars().filter(|c| c.is_alphanumeric()).count(),
        Language::En => sentence.split(' ').count() * 3 / 2,
    }
}
