//! Violating speech in an agent's text, on the sentences of `tests/violations/`. `-- --nocapture` prints the figures; with
//! `SHOW=1` also what goes wrong in the half that the rules were written on.

use std::fmt::Write as _;

use callwright::compliance::{Rank, Suspicion, Violation, phrases, violations, violations_read};
use proptest::prelude::*;

/// Which lines of a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    /// Looked at while the rules were written.
    Seen,
    /// Left aside.
    Held,
}

#[derive(Default)]
struct Figures {
    hits: usize,
    misses: usize,
    innocent: usize,
    blamed: usize,
    /// Violating, and found under another class as well or instead.
    other: usize,
}

impl Figures {
    fn recall(&self) -> f64 {
        self.hits as f64 / (self.hits + self.misses).max(1) as f64
    }

    fn false_alarms(&self) -> f64 {
        self.blamed as f64 / (self.innocent + self.blamed).max(1) as f64
    }
}

fn figures(file: &str, half: Half) -> (Figures, String) {
    let (mut figures, mut wrong) = (Figures::default(), String::new());
    let lines = file.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    for (number, line) in lines.enumerate() {
        if (number % 2 == 0) != (half == Half::Seen) {
            continue;
        }
        let (class, text) = line.split_once(": ").unwrap_or_else(|| panic!("no class: {line}"));
        let found: Vec<&str> = violations(text).iter().map(|phrase| phrase.class.id()).collect();
        let known = class.trim_start_matches('-');
        assert!(known == "none" || Violation::ALL.iter().any(|class| class.id() == known), "{known}");
        let right = match class.strip_prefix('-') {
            Some(_) if found.is_empty() => {
                figures.innocent += 1;
                true
            }
            Some(_) => {
                figures.blamed += 1;
                false
            }
            None => {
                figures.other += usize::from(found.iter().any(|found| *found != class));
                if found.contains(&class) {
                    figures.hits += 1;
                    true
                } else {
                    figures.misses += 1;
                    false
                }
            }
        };
        if !right {
            let _ = writeln!(wrong, "  {line} => {found:?}");
        }
    }
    (figures, wrong)
}

#[test]
fn most_violations_are_found_and_few_innocent_sentences_are_blamed() {
    for (name, file) in [
        ("zh", include_str!("violations/zh.txt")),
        ("en", include_str!("violations/en.txt")),
        ("fresh", include_str!("violations/fresh.txt")),
        ("second zh", include_str!("violations/second.zh.txt")),
        ("second en", include_str!("violations/second.en.txt")),
    ] {
        for (half, least) in [(Half::Seen, 0.9), (Half::Held, 0.8)] {
            let (figures, wrong) = figures(file, half);
            let which = if half == Half::Seen { "seen" } else { "held" };
            println!(
                "{name} {which}: recall {:.3} of {}, false alarms {:.3} of {}, another class besides or instead {}",
                figures.recall(),
                figures.hits + figures.misses,
                figures.false_alarms(),
                figures.innocent + figures.blamed,
                figures.other
            );
            if std::env::var("SHOW").is_ok_and(|show| show == "2" || half == Half::Seen) {
                println!("{wrong}");
            }
            // of certain phrases alone: on cues the model decides
            let least = if name == "fresh" { 0.7 } else { least - 0.05 };
            assert!(figures.recall() >= least, "{name} {which}: recall {}", figures.recall());
            assert!(figures.false_alarms() <= 0.03, "{name} {which}: false alarms {}", figures.false_alarms());
        }
    }
}

/// What the campaigns say is written with care: a rule that blames it is wrong, or the campaign is.
#[test]
fn no_text_of_a_campaign_is_blamed() {
    fn strings(value: &toml::Value, into: &mut Vec<String>) {
        if let Some(text) = value.as_str() {
            into.push(text.to_owned());
        }
        value.as_array().into_iter().flatten().for_each(|value| strings(value, into));
        value.as_table().into_iter().flatten().for_each(|(_, value)| strings(value, into));
    }
    let mut texts = Vec::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/campaigns");
    for folder in [folder.to_owned(), format!("{folder}/base")] {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let file = std::fs::read_to_string(entry.path()).unwrap_or_default(); // a folder
            if let Ok(campaign) = toml::from_str::<toml::Value>(&file) {
                strings(&campaign, &mut texts);
            }
        }
    }
    assert!(texts.len() > 100, "{}", texts.len());
    let blamed: Vec<_> = texts.iter().filter(|text| !violations(text).is_empty()).collect();
    assert!(blamed.is_empty(), "{blamed:#?}");
}

#[test]
fn the_words_are_given_verbatim_and_a_sentence_may_break_two_rules() {
    let text = "这款产品保本保息。合同不用看了，直接签就行。";
    let found: Vec<(Violation, &str)> =
        violations(text).into_iter().map(|phrase| (phrase.class, &text[phrase.span])).collect();
    assert_eq!(found[0].0, Violation::GuaranteedReturn);
    assert!(found[0].1.starts_with("保本"));
    assert_eq!(
        found.iter().find(|(class, _)| *class == Violation::Concealment).map(|(_, text)| text.starts_with("合同")),
        Some(true)
    );
}

#[test]
fn a_phrase_that_is_denied_in_its_own_sentence_only_is_innocent() {
    assert_eq!(violations("我们不保证收益"), []);
    assert_eq!(violations("请不要把验证码告诉任何人"), []);
    assert!(!violations("我们不收手续费。这款产品稳赚不赔").is_empty());
}

#[test]
fn what_only_the_model_suspects_is_the_whole_sentence() {
    let classes = |text: &str, read| -> Vec<(Violation, String)> {
        violations_read(text, read).into_iter().map(|found| (found.class, text[found.span].to_owned())).collect()
    };
    let (told, explicit) = (" 到期只会多不会少 ", "这款产品保本保息");
    assert_eq!(classes(told, None), []);
    let suspects = |class, second| Some(Suspicion { class, second, rank: Rank::Certain });
    let suspected = suspects(Violation::GuaranteedReturn, None);
    assert_eq!(classes(told, suspected), [(Violation::GuaranteedReturn, told.trim().to_owned())]);
    assert_eq!(classes(explicit, suspected), classes(explicit, None));
    let whole = (Violation::Threat, explicit.to_owned());
    assert!(classes(explicit, suspects(Violation::Threat, None)).contains(&whole));
    let two = classes(told, suspects(Violation::GuaranteedReturn, Some(Violation::FalsePromise)));
    assert_eq!(
        two.iter().map(|found| found.0).collect::<Vec<_>>(),
        [Violation::GuaranteedReturn, Violation::FalsePromise]
    );
}

#[test]
fn a_cue_counts_only_with_the_models_doubt_and_that_only_with_a_cue() {
    let (cued, plain) = ("这个包赚的吧", "这个真不错");
    assert_eq!(violations(cued), []);
    assert_eq!(phrases(cued).iter().map(|found| found.rank).collect::<Vec<_>>(), [Rank::Cue]);
    let doubt = Some(Suspicion { class: Violation::GuaranteedReturn, second: None, rank: Rank::Cue });
    let found =
        |text: &str| -> Vec<Violation> { violations_read(text, doubt).iter().map(|found| found.class).collect() };
    assert_eq!(found(cued), [Violation::GuaranteedReturn]);
    assert_eq!(found(plain), []);
    assert_eq!(violations_read(cued, None), []);
}

#[test]
fn words_that_are_reported_asked_about_or_spoken_about_are_cues_at_most() {
    for text in [
        "之前有人跟您说稳赚不赔吧",
        "稳赚不赔这种话我们不说",
        "你们真的只涨不跌吗",
        "somebody told you it has guaranteed returns",
        "can you promise it will never break down?",
        "they told me it was risk free",
    ] {
        assert_eq!(violations(text), [], "{text}");
        assert!(!phrases(text).is_empty(), "{text}");
    }
    for text in ["稳赚不赔", "您把验证码念给我听好吗", "this fund has guaranteed returns", "can you read me the code?"]
    {
        assert!(!violations(text).is_empty(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_borne_and_spans_are_substrings(text in any::<String>()) {
        for phrase in violations(&text) {
            prop_assert!(text.get(phrase.span).is_some_and(|span| !span.is_empty()));
        }
    }
}
