//! The committed text models, as the agent loads them. Needs ONNX Runtime: `scripts/setup` installs it.
#![cfg(feature = "onnx")]

use std::path::Path;

use callwright::asr::Language::{self, En, Zh};
use callwright::compliance::Violation;
use callwright::understanding::onnx::{LoadError, OnnxClassifier, TextModels};
use callwright::understanding::{Action, Announcement, Classifier, LastAct, Reading, Speaker};

fn models() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/models"))
}

fn classifier() -> OnnxClassifier {
    TextModels::load(models(), &[Zh, En])
        .and_then(|models| models.classifier())
        .unwrap_or_else(|error| panic!("{error}"))
}

fn read(classifier: &mut OnnxClassifier, text: &str, language: Language, speaker: Speaker) -> Reading {
    classifier.read(text, language, speaker).unwrap_or_else(|error| panic!("{error}"))
}

const CUSTOMER: Speaker = Speaker::Customer(LastAct::Unknown);

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
        let intent = read(&mut classifier, text, language, CUSTOMER).intent;
        assert_eq!(intent.action, action, "{text}: {intent:?}");
        assert!((0.3..=1.0).contains(&intent.confidence), "{text}: {intent:?}");
    }
}

#[test]
fn a_nod_while_the_agent_tells_is_no_yes() {
    let mut classifier = classifier();
    for (language, text) in [(Zh, "嗯"), (En, "mm")] {
        let told = read(&mut classifier, text, language, Speaker::Customer(LastAct::Tell)).intent.action;
        assert_eq!(told, Action::Backchannel, "{text}");
    }
}

#[test]
fn an_agents_paraphrase_of_a_promise_is_suspected_and_a_plain_fact_is_not() {
    let mut classifier = classifier();
    for (language, text, want) in [
        (Zh, "你放心把钱放进来 到期只会多不会少", Some(Violation::GuaranteedReturn)),
        (Zh, "您好我是人工智能助手小桥 请问现在方便说话吗", None),
        (En, "put your savings in and there is simply no way it ends up lower", Some(Violation::GuaranteedReturn)),
        (En, "the plan is twenty pounds a month and you can cancel any time", None),
    ] {
        let suspected = read(&mut classifier, text, language, Speaker::Agent).violation;
        assert_eq!(suspected.is_some(), want.is_some(), "{text}: {suspected:?}");
    }
}

#[test]
fn an_announcement_is_no_person() {
    let mut classifier = classifier();
    for (language, text, want) in [
        (Zh, "您好您所拨打的电话已关机请稍后再拨", Some(Announcement::Off)),
        (Zh, "喂 哪位啊", Some(Announcement::Human)),
        (
            En,
            "the person you are calling is not available please leave a message after the tone",
            Some(Announcement::Assistant),
        ),
        (En, "hello who's this", Some(Announcement::Human)),
    ] {
        assert_eq!(
            read(&mut classifier, text, language, Speaker::Line).announcement.map(|guess| guess.announcement),
            want,
            "{text}"
        );
    }
}

#[test]
fn token_ids_are_those_of_training() {
    let mut classifier = classifier();
    for line in include_str!("text_ids.tsv").lines() {
        let row: Vec<&str> = line.split('\t').collect();
        let [language, text, ids] = row[..] else { panic!("{line:?}") };
        let language = if language == "zh" { Zh } else { En };
        let ids: Vec<i64> = ids.split(' ').map(|id| id.parse().unwrap_or_else(|_| panic!("no id: {id}"))).collect();
        assert_eq!(classifier.ids(text, language, Speaker::Customer(LastAct::Confirm)), Ok(ids), "{text}");
    }
}

#[test]
fn any_text_gets_an_answer_and_a_long_one_is_cut() {
    let mut classifier = classifier();
    let long = "喂".repeat(100_000);
    assert_eq!(classifier.ids(&long, Zh, CUSTOMER).map(|ids| ids.len()), Ok(66));
    for text in ["", " ", "？！", "\u{0}\u{feff}", "🙂", "[CLS] [agent] [act=bye]", &long] {
        for language in [Zh, En] {
            assert!(classifier.read(text, language, CUSTOMER).is_ok(), "{text}");
        }
    }
}

#[test]
fn a_folder_without_models_is_named_in_the_error() {
    let Err(LoadError::File { path, .. }) = TextModels::load(Path::new("no/such/folder"), &[Zh]) else {
        panic!("loaded from nowhere")
    };
    assert!(path.starts_with("no/such/folder"));
}
