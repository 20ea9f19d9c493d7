//! A broken campaign file is refused with the place, the wrong value and the way out.

#![allow(clippy::unwrap_used)] // helpers of tests

use callwright::asr::Language;
use callwright::conversation::{Campaign, Problem};

const TELECOM: &str = include_str!("../campaigns/telecom.toml");

/// What is found when `from` is replaced by `to` in the campaign, and how it is shown.
fn broken(from: &str, to: &str) -> (Problem, String) {
    assert!(TELECOM.contains(from), "the campaign has no {from:?}");
    let error = Campaign::parse(&TELECOM.replacen(from, to, 1), "telecom.toml").unwrap_err();
    let mut shown = String::new();
    let handler = miette::NarratableReportHandler::new();
    handler.render_report(&mut shown, &error).unwrap();
    (error.problem, shown)
}

#[test]
fn the_campaign_as_it_is_passes() {
    let campaign = Campaign::parse(TELECOM, "telecom.toml").unwrap();
    assert_eq!((campaign.name(), campaign.languages()), ("telecom", [Language::Zh, Language::En].as_slice()));
}

#[test]
fn an_error_shows_file_line_value_and_the_way_out() {
    let (problem, shown) = broken("then = \"driving\"", "then = \"drivng\"");
    assert_eq!(problem, Problem::UnknownTarget("drivng".to_owned()));
    let line = TELECOM.lines().position(|line| line == "then = \"driving\"").unwrap() + 1;
    for part in ["telecom.toml", &format!("line {line}"), "drivng", "a target is an action"] {
        assert!(shown.contains(part), "{part:?} is not in\n{shown}");
    }
}

#[test]
fn unknown_keys_and_actions_are_named() {
    let (problem, _) = broken("turns_max = 40", "turns_maks = 40");
    assert!(matches!(problem, Problem::Shape(why) if why.contains("turns_maks")));
    let (problem, _) = broken("[on.ask_price]", "[on.ask_prices]");
    assert_eq!(problem, Problem::UnknownAction("ask_prices".to_owned()));
    let (problem, _) = broken("on = { accept = \"usage\" }", "on = { acept = \"usage\" }");
    assert_eq!(problem, Problem::UnknownAction("acept".to_owned()));
}

#[test]
fn every_action_needs_an_answer_and_every_text_its_languages() {
    let (problem, _) = broken("[on.goodbye]\nthen = \"farewell\"", "");
    assert_eq!(problem, Problem::NoAnswer("goodbye"));
    let (problem, _) = broken("say.en = [\"You're welcome.\", \"My pleasure.\"]", "");
    assert_eq!(problem, Problem::NoText { place: "on.thanks.say".to_owned(), language: Language::En });
    let (problem, _) = broken("[on.machine]\nthen = \"voicemail\"", "[on.machine]");
    assert!(matches!(problem, Problem::NoText { place, .. } if place == "on.machine"));
}

#[test]
fn names_are_unique_and_the_machines_own_ends_are_there() {
    let (problem, _) = broken("[end.voicemail]", "[end.machine]");
    assert_eq!(problem, Problem::NameTaken("machine".to_owned()));
    let (problem, _) = broken("[end.silent]", "[end.quiet]");
    assert_eq!(problem, Problem::NoEnd("silent"));
    let (problem, _) = broken("start = \"opening\"", "start = \"farewell\"");
    assert_eq!(problem, Problem::UnknownTarget("farewell".to_owned()));
}

#[test]
fn a_placeholder_without_a_fact_is_named() {
    let (problem, _) = broken("每个月{data}流量", "每个月{gigabytes}流量");
    let name = "gigabytes".to_owned();
    let place = "state.pitch.ask".to_owned();
    assert_eq!(problem, Problem::UnknownPlaceholder { place, name, language: Language::Zh });
}

#[test]
fn numbers_have_bounds() {
    let (problem, _) = broken("confidence_min = 0.4", "confidence_min = 40.0");
    let bounds = "0 to 1".to_owned();
    assert_eq!(problem, Problem::OutOfBounds { key: "confidence_min", value: "40".to_owned(), bounds });
}

#[test]
fn an_opening_that_hides_the_ai_is_refused_by_rule() {
    for (from, to) in [
        ("的人工智能助手{agent}，通话", "的{agent}，通话"),
        ("an AI assistant from {company}. We", "from {company}. We"),
    ] {
        let (problem, shown) = broken(from, to);
        assert!(matches!(problem, Problem::Undisclosed(_)));
        assert!(shown.contains("C8") && shown.contains("E1"), "{shown}");
    }
}

#[test]
fn a_campaign_without_a_key_to_opt_out_is_refused() {
    assert_eq!(broken("9 = \"obj_stop_calling\"", "").0, Problem::NoOptOutKey);
}

#[test]
fn a_campaign_that_can_pass_over_an_opt_out_is_refused() {
    assert_eq!(broken("then = \"opted_out\"", "then = \"farewell\"").0, Problem::OptOutIgnored);
    assert_eq!(broken("outcome = \"opted_out\"", "outcome = \"refused\"").0, Problem::OptOutIgnored);
    let (problem, _) = broken("on = { accept = \"usage\" }", "on = { obj_stop_calling = \"usage\" }");
    assert_eq!(problem, Problem::OptOutIgnored);
}
