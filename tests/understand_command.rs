//! `callwright understand` from outside: each line in gets one JSON line out, whoever speaks. Needs ONNX Runtime.
#![cfg(all(feature = "shell", feature = "whisper", feature = "onnx", feature = "espeak"))]
#![allow(clippy::unwrap_used)] // helpers of tests

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

const KEYS: [&str; 12] = [
    "text",
    "action",
    "scene",
    "industry",
    "confidence",
    "emotion",
    "slots",
    "when_at",
    "amount",
    "personal_data",
    "violations",
    "announcement",
];

fn understand(arguments: &[&str], input: &[u8]) -> Vec<Value> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_callwright"))
        .arg("understand")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_customers_lines_get_intent_emotion_slots_and_personal_data() {
    let lines =
        "给我女儿报，明天下午三点打13800138000\n\n{\"text\":\"嗯\",\"last_act\":\"ask_budget\"}\n{broken\n\u{feff}再见";
    let arguments = ["--lang", "zh", "--as", "customer", "--now", "2026-11-20T10:00:00+08:00"];
    let answers = understand(&arguments, lines.as_bytes());
    assert_eq!(answers.len(), 5);
    for answer in &answers {
        assert!(KEYS.iter().all(|key| answer.get(key).is_some()) && answer.as_object().unwrap().len() == KEYS.len());
        assert!((0.0..=1.0).contains(&answer["confidence"].as_f64().unwrap()));
        assert_eq!((&answer["violations"], &answer["announcement"]), (&Value::Null, &Value::Null));
    }
    assert_eq!(answers[0]["slots"]["who"], "我女儿");
    assert_eq!(answers[0]["slots"]["when"], "明天下午三点");
    assert_eq!(answers[0]["when_at"], "2026-11-21T15:00:00+08:00");
    assert_eq!(answers[0]["personal_data"][0]["masked"], "138****8000");
    assert_eq!((&answers[1]["text"], &answers[1]["action"]), (&"".into(), &"out_of_scope".into()));
    assert_eq!((&answers[2]["text"], &answers[2]["action"]), (&"嗯".into(), &"affirm".into()));
    assert_eq!(answers[3]["text"], "{broken");
}

#[test]
fn what_a_speaker_does_not_have_is_null() {
    let agent = &understand(&["--lang", "en", "--as", "agent"], b"we guarantee a profit of ten percent\n")[0];
    assert_eq!((&agent["violations"][0]["class"], &agent["action"]), (&"guaranteed_return".into(), &Value::Null));
    let line = &understand(&["--lang", "en", "--as", "line"], b"the number you dialed is power off\n")[0];
    assert_eq!((&line["announcement"], &line["slots"]), (&"off".into(), &Value::Null));
}
