//! The rules of understanding on development sets: JSON lines in the format of eval/, written by us and tuned on, so the
//! figures here are floors for change and no measure of quality (eval/ is that). `--nocapture` shows what is missed.

#![allow(clippy::unwrap_used)] // helpers of tests

use std::collections::BTreeMap;
use std::path::PathBuf;

use callwright::asr::Language;
use callwright::{privacy, understanding};
use serde_json::Value;
use understanding::{Announcement, AnnouncementGuess, Slot, announcement, announcement_with, industry, slots};

/// One line of a set.
struct Case {
    language: Language,
    text: String,
    expect: Value,
}

fn cases(set: &str) -> Vec<Case> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/understanding_cases").join(set);
    let read = |line: &str| {
        let case: Value = serde_json::from_str(line).unwrap();
        let language = if case["lang"] == "zh" { Language::Zh } else { Language::En };
        Case { language, text: case["text"].as_str().unwrap().to_owned(), expect: case["expect"].clone() }
    };
    std::fs::read_to_string(file).unwrap().lines().map(read).collect()
}

/// Right of all, by name.
#[derive(Default)]
struct Score(BTreeMap<String, (usize, usize)>);

impl Score {
    fn count(&mut self, name: &str, right: bool) {
        let (rights, all) = self.0.entry(name.to_owned()).or_default();
        *rights += usize::from(right);
        *all += 1;
    }

    fn print(&self, set: &str) {
        for (name, (right, all)) in &self.0 {
            println!("{set}: {name} {right} of {all} ({:.1}%)", share((*right, *all)) * 100.0);
        }
    }

    fn share(&self, name: &str) -> f64 {
        share(self.0[name])
    }
}

fn share((right, all): (usize, usize)) -> f64 {
    f64::from(u32::try_from(right).unwrap()) / f64::from(u32::try_from(all).unwrap())
}

fn personal_data(set: &str) -> Score {
    let mut score = Score::default();
    for case in cases(set) {
        let kind = |kind: &privacy::Kind| serde_json::to_value(kind).unwrap();
        let found: Vec<(Value, &str)> =
            privacy::find(&case.text).iter().map(|piece| (kind(&piece.kind), &case.text[piece.span.clone()])).collect();
        let want: Vec<(Value, &str)> = case.expect["personal_data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|piece| (piece["kind"].clone(), piece["text"].as_str().unwrap()))
            .collect();
        for piece in &want {
            score.count("found", found.contains(piece));
        }
        score.count("lines with nothing false", found.iter().all(|piece| want.contains(piece)));
        if found != want {
            println!("{}\n    want {want:?}\n    got  {found:?}", case.text);
        }
    }
    score.print(set);
    score
}

fn announcements(set: &str) -> Score {
    let mut score = Score::default();
    for case in cases(set) {
        let want = case.expect["announcement"].as_str().unwrap();
        let got = serde_json::to_value(announcement(&case.text)).unwrap();
        let name = if want == "human" { "people" } else { "machines" };
        score.count(name, got == want);
        if got != want {
            println!("{want} {got}: {}", case.text);
        }
        if want == "human" {
            // A sure model may err: what is clearly a person's is not left to it.
            let guess = AnnouncementGuess { announcement: Announcement::Assistant, confidence: 1.0 };
            let clear = announcement_with(&case.text, Some(guess)) == Announcement::Human;
            score.count("clear people", clear);
            if !clear {
                println!("left to the model: {}", case.text);
            }
        }
    }
    score.print(set);
    score
}

/// Whether a span is the wanted one, give or take the words around it.
fn near(got: &str, want: &str) -> bool {
    let (got, want) = (got.to_lowercase(), want.to_lowercase());
    let (short, long) = if got.len() < want.len() { (&got, &want) } else { (&want, &got) };
    long.contains(short.as_str()) && short.chars().count() * 5 >= long.chars().count() * 2
}

fn needs(set: &str) -> Score {
    let mut score = Score::default();
    for case in cases(set) {
        let found = slots(&case.text, case.language);
        if let Some(want) = case.expect.get("industry").and_then(Value::as_str) {
            let got = serde_json::to_value(industry(&case.text)).unwrap();
            score.count("industry", got == want);
            if got != want {
                println!("industry want {want} got {got}: {}", case.text);
            }
        }
        for slot in Slot::ALL {
            let got = found.get(slot);
            let Some(wanted) = case.expect["slots"].get(slot.id()).and_then(Value::as_array) else {
                if got.is_some() {
                    println!("more {} {got:?}: {}", slot.id(), case.text);
                }
                continue;
            };
            let right = wanted.iter().any(|want| got.is_some_and(|got| near(got, want.as_str().unwrap())));
            let right = right || wanted.is_empty() && got.is_none();
            score.count(if wanted.is_empty() { "nothing" } else { slot.id() }, right);
            if !wanted.is_empty() {
                score.count("slots", right);
            }
            if !right {
                println!("{} want {wanted:?} got {got:?}: {}", slot.id(), case.text);
            }
        }
    }
    score.print(set);
    score
}

/// The first set of each kind was written before the rules, the later ones to measure them before they were mended.
const SETS: [&str; 4] = ["jsonl", "second.jsonl", "third.jsonl", "fourth.jsonl"];

#[test]
fn personal_data_is_found_and_the_rest_left_alone() {
    for set in SETS {
        let score = personal_data(&format!("personal_data.{set}"));
        assert!(score.share("found") >= 0.99 && score.share("lines with nothing false") >= 0.99, "{set}");
    }
}

#[test]
fn announcements_are_told_from_people() {
    for set in SETS {
        let score = announcements(&format!("announcements.{set}"));
        assert!(score.share("machines") >= 0.98 && score.share("people") >= 0.99, "{set}");
    }
}

#[test]
fn needs_are_understood() {
    for set in SETS {
        let score = needs(&format!("slots.{set}"));
        // The fourth set is the hardest: wishes and reasons told in passing.
        let slots = if set == "fourth.jsonl" { 0.9 } else { 0.95 };
        assert!(score.share("slots") >= slots && score.share("industry") >= 0.95, "{set}");
        assert!(!score.0.contains_key("nothing") || score.share("nothing") >= 0.99, "{set}");
    }
}
