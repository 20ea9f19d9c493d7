//! A broken campaign file is refused with the place, the wrong value and the way out.

#![allow(clippy::unwrap_used)] // helpers of tests

use std::path::Path;

use callwright::asr::Language;
use callwright::conversation::{Campaign, CampaignError, Problem};

/// A campaign without a base.
const TELECOM: &str = include_str!("campaigns/whole.toml");

/// What is found first when `from` is replaced by `to` in the campaign, and how all of it is shown.
fn broken(from: &str, to: &str) -> (Problem, String) {
    let error = Campaign::parse(&changed(from, to), "telecom.toml").unwrap_err();
    (error.problems().next().unwrap().clone(), shown(&error))
}

fn changed(from: &str, to: &str) -> String {
    assert!(TELECOM.contains(from), "the campaign has no {from:?}");
    TELECOM.replacen(from, to, 1)
}

fn shown(error: &CampaignError) -> String {
    let mut shown = String::new();
    miette::NarratableReportHandler::new().render_report(&mut shown, error).unwrap();
    shown
}

fn problems(toml: &str) -> Vec<Problem> {
    Campaign::parse(toml, "telecom.toml").unwrap_err().problems().cloned().collect()
}

#[test]
fn every_campaign_of_the_repository_passes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("campaigns");
    let mut names = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "toml") {
            let campaign = Campaign::load(&path, |path| std::fs::read_to_string(path));
            let campaign = campaign.unwrap_or_else(|e| panic!("{:?}", miette::Report::new(e)));
            assert_eq!(path.file_stem().unwrap().to_str(), Some(campaign.name()));
            names.push(campaign.name().to_owned());
        }
    }
    assert!(names.contains(&"telecom".to_owned()), "{names:?}");
}

#[test]
fn the_campaign_without_a_base_passes() {
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
    assert_eq!(
        problems(&changed("[on.ask_price]", "[on.ask_prices]")),
        [Problem::NoAnswer("ask_price"), Problem::UnknownAction("ask_prices".to_owned())]
    );
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
    assert_eq!(problem, Problem::UnknownState("farewell".to_owned()));
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

#[test]
fn all_problems_are_found_in_one_go_in_the_order_of_the_file() {
    let toml = changed("turns_max = 40", "turns_max = 3").replacen("ask_identity]", "ask_idendity]", 1);
    let toml =
        toml.replacen("then = \"driving\"", "then = \"drivng\"", 1).replacen("refusal = true", "refuse = true", 1);
    let found = problems(&toml);
    assert!(
        matches!(&found[..], [
        Problem::NoAnswer("ask_identity"),
        Problem::OutOfBounds { key: "turns_max", .. },
        Problem::UnknownAction(action),
        Problem::Shape(_),
        Problem::UnknownTarget(target),
    ] if action == "ask_idendity" && target == "drivng"),
        "{found:#?}"
    );
}

#[test]
fn states_and_ends_that_nothing_leads_to_are_named() {
    let toml = TELECOM.to_owned()
        + "\n[state.lost]\nnext = \"farewell\"\nask.zh = [\"在吗？\"]\nask.en = [\"There?\"]\n\
           [end.never]\noutcome = \"refused\"\nsay.zh = [\"再见。\"]\nsay.en = [\"Goodbye.\"]\n";
    let unreachable = |kind, name: &str| Problem::Unreachable { kind, name: name.to_owned() };
    assert_eq!(problems(&toml), [unreachable("state", "lost"), unreachable("end", "never")]);
}

#[test]
fn a_state_that_goes_round_in_a_circle_is_named() {
    let round = "\n[state.round]\nnext = \"round\"\nask.zh = [\"在吗？\"]\nask.en = [\"There?\"]\n";
    let toml = changed("[on.machine]\nthen = \"voicemail\"", "[on.machine]\nthen = \"round\"") + round;
    assert_eq!(
        problems(&toml.replacen("[end.voicemail]", "[end.not_heard_]", 1)).first(),
        Some(&Problem::Unreachable { kind: "end", name: "not_heard_".to_owned() })
    );
    assert!(problems(&toml).contains(&Problem::Endless("round".to_owned())));
}

#[test]
fn what_may_not_be_known_of_a_customer_needs_another_wording() {
    let (problem, _) =
        broken("zh = [\"您好，您还在听吗？\", \"喂，能听到我说话吗？\"]", "zh = [\"{caller.name}，您还在听吗？\"]");
    assert_eq!(problem, Problem::OnlyForSome { place: "silence".to_owned(), language: Language::Zh });
    let (problem, _) = broken("您好，您还在听吗？", "{slot.whom}，您还在听吗？");
    assert!(matches!(problem, Problem::UnknownPlaceholder { name, .. } if name == "slot.whom"));
}

const OPENING: &str = r#"
[[opening]]
if = { visited = [] }
say.zh = ["看到您看过{caller.visited}，资料来自{source}，方便聊一下吗？"]
say.en = ["You looked at {caller.visited}, we have that from {source}. May I go on?"]
"#;

#[test]
fn an_opening_speaks_of_the_customers_data_only_with_its_source() {
    assert!(Campaign::parse(&(TELECOM.to_owned() + OPENING), "telecom.toml").is_ok());
    let hidden = TELECOM.to_owned() + &OPENING.replace("，资料来自{source}", "");
    let place = "opening.say".to_owned();
    assert_eq!(problems(&hidden), [Problem::SourceHidden { place: place.clone(), language: Language::Zh }]);
    let only = TELECOM.to_owned() + &OPENING.replace("visited = []", "plan = []");
    let problem = |language| Problem::OnlyForSome { place: place.clone(), language };
    assert_eq!(problems(&only), [problem(Language::Zh), problem(Language::En)]);
}

const EXTENDING: &str = "name = \"telecom\"\nextends = \"../base.toml\"\nturns_max = 20\n\
    [end.farewell]\noutcome = \"no_decision\"\nsay.zh = [\"再会。\"]\nsay.en = [\"Farewell.\"]\n";

/// The campaign `x/own.toml` on the base `base.toml`.
fn extending(own: &str, base: &str) -> Result<Campaign, CampaignError> {
    Campaign::load(Path::new("x/own.toml"), |path| match path.to_str() {
        Some("x/own.toml") => Ok(own.to_owned()),
        Some("x/../base.toml") => Ok(base.to_owned()),
        other => panic!("{other:?} was read"),
    })
}

#[test]
fn an_entry_of_the_campaign_replaces_that_of_its_base() {
    let campaign = extending(EXTENDING, TELECOM).unwrap();
    let fixed = campaign.fixed_sentences(Language::En);
    assert!(fixed.contains(&"Farewell.".to_owned()) && !fixed.contains(&"Thank you for your time.".to_owned()));
}

#[test]
fn an_error_names_the_file_in_which_the_entry_stands() {
    let in_base = shown(&extending(EXTENDING, &changed("then = \"driving\"", "then = \"drivng\"")).unwrap_err());
    assert!(in_base.contains("Begin snippet for x/../base.toml"), "{in_base}");
    let in_own = shown(&extending(&EXTENDING.replace("turns_max = 20", "turns_max = 2"), TELECOM).unwrap_err());
    assert!(in_own.contains("Begin snippet for x/own.toml") && in_own.contains("line 3"), "{in_own}");
}

#[test]
fn what_a_base_has_and_the_campaign_does_not_use_is_no_problem() {
    let own = EXTENDING.to_owned() + "[on.machine]\nthen = \"farewell\"\n";
    assert!(extending(&own, TELECOM).is_ok());
}

#[test]
fn a_base_that_is_missing_or_extends_another_is_refused() {
    let chain = extending(EXTENDING, &("extends = \"more.toml\"\n".to_owned() + TELECOM)).unwrap_err();
    assert_eq!(chain.problems().next(), Some(&Problem::Chain("x/../base.toml".to_owned())));
    let missing = Campaign::parse(EXTENDING, "own.toml").unwrap_err();
    assert!(matches!(missing.problems().next(), Some(Problem::Unreadable { .. })));
}
