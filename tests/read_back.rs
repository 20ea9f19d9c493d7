//! What the recogniser was only fairly sure of is said back in passing: a budget, a person, a place.

#![allow(clippy::unwrap_used)] // helpers of tests

use std::path::Path;
use std::sync::Arc;

use callwright::asr::Language::{self, En, Zh};
use callwright::conversation::{
    CallerFacts, Campaign, Conversation, Do, Heard, Outcome, Persona, Problem, Reply, Trust,
};
use callwright::understanding::{Action, Emotion, Intent, Meaning, slots};
use time::macros::datetime;

const FAIR: Trust = Trust::Fair;
const SURE: Trust = Trust::Sure;

fn conversation(campaign: &str, language: Language) -> Conversation {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("campaigns/{campaign}.toml"));
    let campaign = Arc::new(Campaign::load(&path, |path| std::fs::read_to_string(path)).unwrap());
    Conversation::new(campaign, language, CallerFacts::default(), datetime!(2026-11-20 10:12 +8))
}

fn hear(conversation: &mut Conversation, action: Action, text: &str, trust: Trust) -> Reply {
    let slots = slots(text, conversation.language());
    let intent = Intent { action, confidence: 0.9 };
    let meaning = Meaning { intent, slots, emotion: Emotion::Calm, feeling: None };
    conversation.hear(Heard::Words { text, meaning: &meaning, trust })
}

fn said(reply: &Reply) -> String {
    reply.say.iter().map(|sentence| sentence.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// The telecom campaign at its question for the monthly bill.
fn at_the_bill(language: Language) -> Conversation {
    let mut conversation = conversation("telecom", language);
    conversation.open();
    let (yes, use_of_it) = match language {
        Zh => ("方便", "上网多"),
        En => ("yes", "data mostly"),
    };
    hear(&mut conversation, Action::Affirm, yes, SURE);
    assert_eq!(hear(&mut conversation, Action::InformWhat, use_of_it, SURE).state, "spend");
    conversation
}

/// The shop's question for whom, heard with these words.
fn told_for_whom(language: Language, text: &str, trust: Trust) -> (Conversation, Reply) {
    let mut conversation = conversation("ecommerce", language);
    conversation.open();
    hear(&mut conversation, Action::Affirm, if language == Zh { "方便" } else { "yes" }, SURE);
    let reply = hear(&mut conversation, Action::InformWho, text, trust);
    (conversation, reply)
}

#[test]
fn a_budget_of_fair_confidence_is_said_back_before_the_agent_goes_on_and_a_sure_one_is_not() {
    for (language, text, words) in [(Zh, "三千块左右", "三千块左右"), (En, "about fifty pounds", "fifty pounds")]
    {
        let fair = hear(&mut at_the_bill(language), Action::InformHow, text, FAIR);
        let sure = hear(&mut at_the_bill(language), Action::InformHow, text, SURE);
        assert!(fair.say[0].text.contains(words) && fair.say.len() > 1, "{}", said(&fair));
        assert_eq!((fair.state.as_str(), sure.state.as_str()), ("pitch", "pitch"));
        assert!(!said(&sure).contains(words), "{}", said(&sure));
        assert_eq!(fair.say.last(), sure.say.last(), "the next question follows in the same breath");
        assert!(fair.say.iter().filter(|sentence| sentence.text.ends_with(['？', '?'])).count() == 1);
    }
}

#[test]
fn a_name_and_a_place_are_said_back_and_the_customers_mine_is_the_agents_yours() {
    for (language, text, echoed) in [
        (Zh, "我叫王建国", "王建国"),
        (Zh, "给我女儿用", "您女儿"),
        (En, "my name is Sarah Jones", "Sarah Jones"),
        (En, "it's for my mother", "your mother"),
    ] {
        let (_, reply) = told_for_whom(language, text, FAIR);
        assert!(reply.say[0].text.contains(echoed), "{text}: {}", said(&reply));
        let (_, reply) = told_for_whom(language, text, SURE);
        assert!(!said(&reply).contains(echoed), "{text}: {}", said(&reply));
    }
    for (language, text, place) in [(Zh, "我住在浦东新区", "浦东新区"), (En, "I live in Leeds", "Leeds")] {
        let reply = hear(&mut at_the_bill(language), Action::InformWhere, text, FAIR);
        assert!(reply.say[0].text.contains(place), "{}", said(&reply));
    }
    let mut friend = conversation("ecommerce", Zh).with_persona(Persona::Casual);
    friend.open();
    hear(&mut friend, Action::Affirm, "方便", SURE);
    let reply = hear(&mut friend, Action::InformWho, "给我女儿用", FAIR);
    assert!(reply.say[0].text.contains("你女儿") && !said(&reply).contains('您'), "{}", said(&reply));
}

#[test]
fn a_correction_replaces_what_was_said_back_and_the_call_goes_on_where_it_was() {
    for (language, told, correction, action, holds) in [
        (Zh, "三千块", "不是三千块是五千块", Action::Deny, "五千块"),
        (Zh, "三千块", "不对，五千块", Action::OutOfScope, "五千块"),
        (En, "thirty pounds", "no, fifty pounds", Action::Deny, "fifty pounds"),
        (En, "thirty pounds", "Not thirty pounds, fifty pounds.", Action::ObjNoNeed, "fifty pounds"),
    ] {
        let mut conversation = at_the_bill(language);
        hear(&mut conversation, Action::InformHow, told, FAIR);
        let reply = hear(&mut conversation, action, correction, SURE);
        assert_eq!(conversation.slots().how.as_deref(), Some(holds), "{correction}");
        assert_eq!(reply.state, "pitch", "{correction}");
        assert_eq!(conversation.summary().outcome, Outcome::NoDecision, "{correction}: no refusal");
    }
    let (mut conversation, _) = told_for_whom(Zh, "我是王先生", FAIR);
    hear(&mut conversation, Action::InformWho, "不是王先生是黄先生", SURE);
    assert_eq!(conversation.slots().who.as_deref(), Some("黄先生"));
}

#[test]
fn a_correction_of_fair_confidence_is_said_back_too() {
    let mut conversation = at_the_bill(Zh);
    hear(&mut conversation, Action::InformHow, "三千块", FAIR);
    let reply = hear(&mut conversation, Action::Deny, "不对，五千块", FAIR);
    assert!(reply.say[0].text.contains("五千块"), "{}", said(&reply));
}

#[test]
fn a_denial_empties_the_slot_and_its_question_is_asked_again() {
    for (language, told, denial) in [
        (Zh, "三千块", "不对"),
        (Zh, "三千块", "不是三千块"),
        (Zh, "三千块", "我没说三千块"),
        (En, "thirty pounds", "No, that's wrong."),
        (En, "thirty pounds", "that's not right"),
    ] {
        let mut conversation = at_the_bill(language);
        hear(&mut conversation, Action::InformHow, told, FAIR);
        let reply = hear(&mut conversation, Action::Deny, denial, SURE);
        assert_eq!((reply.state.as_str(), conversation.slots().how.as_deref()), ("spend", None), "{denial}");
        assert_eq!(conversation.summary().outcome, Outcome::NoDecision);
    }
}

#[test]
fn a_plain_no_answers_the_question_that_follows_if_that_can_be_answered_by_no() {
    // "Would that be enough?" "No."
    let mut conversation = at_the_bill(En);
    hear(&mut conversation, Action::InformHow, "thirty pounds", FAIR);
    hear(&mut conversation, Action::Deny, "no", SURE);
    assert_eq!(conversation.slots().how.as_deref(), Some("thirty pounds"));
    // "What do you use it for?" "No."
    let mut conversation = at_the_need_with_a_budget();
    let reply = hear(&mut conversation, Action::Deny, "no", SURE);
    assert_eq!((reply.state.as_str(), conversation.slots().how.as_deref()), ("spend", None), "{}", said(&reply));
}

#[test]
fn what_the_reply_says_anyway_is_not_said_twice() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/campaigns/whole.toml");
    let reads_back = "[read_back]\nzh = [\"您说的是{words}。\"]\nen = [\"So {words}.\"]\n[unclear]";
    let pitch = "[state.pitch]\nask.zh = [\n    \"按您说的{slot.how}，这个够用吗？\",";
    let whole = std::fs::read_to_string(path).unwrap();
    let plain = whole.replacen("[unclear]", reads_back, 1);
    let knowing = plain.replacen("[state.pitch]\nask.zh = [", pitch, 1);
    for (campaign, sentence) in [(plain, "您说的是三千块。"), (knowing, "按您说的三千块，这个够用吗？")]
    {
        let campaign = Arc::new(Campaign::parse(&campaign, "whole.toml").unwrap());
        let mut conversation = Conversation::new(campaign, Zh, CallerFacts::default(), datetime!(2026-11-20 10:12 +8));
        conversation.open();
        hear(&mut conversation, Action::Affirm, "方便", SURE);
        hear(&mut conversation, Action::InformWhat, "上网多", SURE);
        let reply = hear(&mut conversation, Action::InformHow, "三千块", FAIR);
        assert_eq!((said(&reply).matches("三千块").count(), reply.say[0].text.as_str()), (1, sentence));
    }
}

#[test]
fn a_correction_beside_an_order_does_not_swallow_the_order() {
    let mut conversation = at_the_bill(Zh);
    hear(&mut conversation, Action::InformHow, "三千块", FAIR);
    let reply = hear(&mut conversation, Action::Accept, "不对，五千块，行，给我办一个", SURE);
    assert_eq!(reply.state, "confirm_order", "{}", said(&reply));
}

/// The bill was told before it was asked for; the question for the use is open.
fn at_the_need_with_a_budget() -> Conversation {
    let mut conversation = conversation("telecom", En);
    conversation.open();
    let reply = hear(&mut conversation, Action::Affirm, "yes, I pay thirty pounds a month", FAIR);
    assert!(reply.state == "usage" && reply.say[0].text.contains("thirty pounds"), "{}", said(&reply));
    conversation
}

#[test]
fn a_yes_lets_it_stand_and_the_question_is_put_again_if_it_was_not_answered() {
    let mut conversation = at_the_need_with_a_budget();
    let reply = hear(&mut conversation, Action::Affirm, "yes", SURE);
    assert_eq!((reply.state.as_str(), conversation.slots().how.as_deref()), ("usage", Some("thirty pounds a month")));
    let mut conversation = at_the_bill(En);
    hear(&mut conversation, Action::InformHow, "thirty pounds", FAIR);
    let reply = hear(&mut conversation, Action::Affirm, "yes", SURE);
    assert_eq!((reply.state.as_str(), conversation.slots().how.as_deref()), ("close", Some("thirty pounds")));
}

#[test]
fn the_same_words_are_said_back_once_and_no_more_than_two_in_a_call() {
    let mut conversation = at_the_bill(Zh);
    let mut echoed = |text: &str, words: &str| {
        let reply = hear(&mut conversation, Action::InformHow, text, FAIR);
        reply.say[0].text.contains(words)
    };
    assert!(echoed("三千块", "三千块"));
    assert!(!echoed("三千块", "三千块"));
    assert!(echoed("五千块", "五千块"));
    assert!(!echoed("三千块", "三千块"));
    assert!(!echoed("六千块", "六千块"));
}

#[test]
fn what_is_said_back_is_not_repeated_to_who_asks_for_the_question_again() {
    let mut conversation = at_the_bill(Zh);
    let first = hear(&mut conversation, Action::InformHow, "三千块", FAIR);
    let again = hear(&mut conversation, Action::Repeat, "什么", SURE);
    assert!(!said(&again).contains("三千块"), "{}", said(&again));
    assert_eq!(again.say.last(), first.say.last());
}

#[test]
fn nothing_is_said_back_to_an_opt_out_a_refusal_or_after_the_goodbye() {
    for (action, text) in
        [(Action::ObjStopCalling, "三千块也别再打给我"), (Action::ObjNoNeed, "不需要，我现在才三千块")]
    {
        let reply = hear(&mut at_the_bill(Zh), action, text, FAIR);
        assert!(!said(&reply).contains("三千块"), "{}", said(&reply));
    }
    let mut conversation = at_the_bill(Zh);
    hear(&mut conversation, Action::InformHow, "三千块", FAIR);
    let reply = hear(&mut conversation, Action::ObjStopCalling, "不对，五千块也别再打来", FAIR);
    assert!(reply.actions.contains(&Do::OptOut), "{reply:?}");
    let mut closing = at_the_bill(Zh);
    hear(&mut closing, Action::Callback, "明天下午三点再打给我", SURE);
    hear(&mut closing, Action::Affirm, "对", SURE);
    assert!(closing.is_closing());
    let reply = hear(&mut closing, Action::InformHow, "对了我现在三千块", FAIR);
    assert!(!said(&reply).contains("三千块"), "{}", said(&reply));
}

#[test]
fn confidence_has_three_grades() {
    let grades = [-0.1, -0.2, -0.21, -0.4, -0.41].map(|logprob| Trust::of(logprob, -0.4));
    assert_eq!(grades, [Trust::Sure, Trust::Sure, Trust::Fair, Trust::Fair, Trust::Unsure]);
}

#[test]
fn a_campaign_that_reads_back_says_the_words_and_says_them_nowhere_else() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/campaigns/whole.toml");
    let whole = std::fs::read_to_string(path).unwrap();
    let problems = |from: &str, to: &str| match Campaign::parse(&whole.replacen(from, to, 1), "whole.toml") {
        Ok(_) => Vec::new(),
        Err(error) => error.problems().cloned().collect::<Vec<_>>(),
    };
    let with = |text: &str| {
        problems("[unclear]", &format!("[read_back]\nzh = [\"{text}\"]\nen = [\"So {{words}}.\"]\n[unclear]"))
    };
    assert_eq!(with("您说的是{words}。"), []);
    assert!(matches!(with("我记下了。")[..], [Problem::NotReadBack { language: Zh }]));
    let elsewhere = problems("您好，您还在听吗？", "{words}，您还在听吗？");
    assert!(matches!(&elsewhere[..], [Problem::UnknownPlaceholder { name, .. }] if name == "words"), "{elsewhere:?}");
}
