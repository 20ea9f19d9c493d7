//! The committed intent model, as the agent loads it. Needs ONNX Runtime: `scripts/setup` installs it.
#![cfg(feature = "onnx")]

use std::path::Path;

use callwright::asr::Language::{self, En, Zh};
use callwright::understanding::onnx::{IntentModel, LoadError, OnnxClassifier};
use callwright::understanding::{Action, Classifier};

fn models() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/models"))
}

fn classifier() -> OnnxClassifier {
    IntentModel::load(models()).and_then(|model| model.classifier()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn plain_sentences_are_understood_in_both_languages() {
    let said: [(Language, &str, Action); 16] = [
        (Zh, "喂，你好。", Action::Greet),
        (Zh, "你是哪个公司的", Action::AskIdentity),
        (Zh, "这个多少钱一个月", Action::AskPrice),
        (Zh, "太贵了", Action::ObjPrice),
        (Zh, "别再给我打电话了", Action::ObjStopCalling),
        (Zh, "帮我转人工", Action::RequestHuman),
        (Zh, "我在开车", Action::ObjDriving),
        (Zh, "你是不是机器人", Action::ObjBot),
        (En, "Hello?", Action::Greet),
        (En, "who is this calling", Action::AskIdentity),
        (En, "how much does it cost a month", Action::AskPrice),
        (En, "that's too expensive", Action::ObjPrice),
        (En, "stop calling me", Action::ObjStopCalling),
        (En, "let me speak to a real person", Action::RequestHuman),
        (En, "i'm driving right now", Action::ObjDriving),
        (En, "are you a robot", Action::ObjBot),
    ];
    let mut classifier = classifier();
    for (language, text, action) in said {
        let intent = classifier.classify(text, language).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(intent.action, action, "{text}: {intent:?}");
        assert!((0.3..=1.0).contains(&intent.confidence), "{text}: {intent:?}");
    }
}

#[test]
fn token_ids_are_those_of_training() {
    let classifier = classifier();
    for line in include_str!("intent_ids.tsv").lines() {
        let (text, ids) = line.split_once('\t').unwrap_or_else(|| panic!("no tab in {line:?}"));
        let ids: Vec<i64> = ids.split(' ').map(|id| id.parse().unwrap_or_else(|_| panic!("no id: {id}"))).collect();
        assert_eq!(classifier.ids(text), Ok(ids), "{text}");
    }
}

#[test]
fn any_text_gets_an_answer_and_a_long_one_is_cut_to_64_tokens() {
    let mut classifier = classifier();
    let long = "喂".repeat(100_000);
    assert_eq!(classifier.ids(&long).map(|ids| ids.len()), Ok(64));
    for text in ["", " ", "？！", "\u{0}\u{feff}", "🙂", &long] {
        assert!(classifier.classify(text, Zh).is_ok());
    }
}

#[test]
fn a_folder_without_a_model_is_named_in_the_error() {
    let Err(LoadError::File { path, .. }) = IntentModel::load(Path::new("no/such/folder")) else {
        panic!("loaded from nowhere")
    };
    assert!(path.starts_with("no/such/folder"));
}
