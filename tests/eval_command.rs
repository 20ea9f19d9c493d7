//! `callwright eval` from outside: figures, floors and exit codes, on cases of our own. Needs ONNX Runtime.
#![cfg(all(feature = "shell", feature = "whisper", feature = "onnx", feature = "espeak"))]
#![allow(clippy::unwrap_used)] // helpers of tests

use std::process::{Command, Output};

use serde_json::Value;

fn eval(arguments: &[&str]) -> Output {
    eval_of("tests/eval_cases", arguments)
}

fn eval_of(folder: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_callwright"))
        .args(["eval", "--dir", folder])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

fn floors(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_figure_is_a_line_with_its_cases_and_its_interval() {
    let output = eval(&["intent", "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = lines(&output);
    let find = |language: &str, figure: &str| {
        lines.iter().find(|line| line["lang"] == language && line["figure"] == figure).unwrap().clone()
    };
    let wanted = [
        ("zh", "violations_recall", "1", "higher"),
        ("zh", "innocents_flagged", "0", "lower"),
        ("zh", "personal_data_recall", "1", "higher"),
        ("zh", "announcement_accuracy", "11", "higher"),
        ("zh", "when_recall", "1", "higher"),
        ("en", "recall_obj_stop_calling", "1", "higher"),
        // The case is labelled wrongly on purpose: what came out is not what it expects.
        ("en", "people_taken_for_machines", "1", "lower"),
    ];
    for (language, figure, cases, better) in wanted {
        let line = find(language, figure);
        assert_eq!((&line["cases"], &line["better"], &line["set"]), (&cases.into(), &better.into(), &"intent".into()));
        let (low, high) = (line["interval"][0].as_f64().unwrap(), line["interval"][1].as_f64().unwrap());
        assert!(low <= line["value"].as_f64().unwrap() && line["value"].as_f64().unwrap() <= high, "{line}");
        assert_eq!(line["n"], cases.len());
    }
    assert!(!lines.iter().any(|line| line.get("text").is_some()), "no case is shown unasked");
}

#[test]
fn a_language_alone_is_run_alone_and_its_headings_are_its_own() {
    let output = eval(&["--lang", "zh", "--show", "9"]);
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.contains("指标") && !table.contains(" en "), "{table}");
    let english = String::from_utf8(eval(&["--lang", "en", "--show", "2"]).stdout).unwrap();
    assert!(english.contains("95% interval") && english.contains("the number you have dialled"), "{english}");
}

#[test]
fn a_figure_below_its_floor_fails_the_command_by_name() {
    let kept = floors("[intent.en]\npeople_taken_for_machines = 1.0\nrecall_request_human = 0.5\n");
    let output = eval(&["--floors", kept.path().to_str().unwrap()]);
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
    assert!(String::from_utf8_lossy(&output.stdout).contains("floor"));

    let missed = floors("[intent.en]\npeople_taken_for_machines = 0.5\nrecall_obj_price = 0.5\n");
    let output = eval(&["--floors", missed.path().to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("intent en people_taken_for_machines: 1.0000 is above 0.5"), "{said}");
    assert!(said.contains("intent en recall_obj_price: has a floor and was not measured"), "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");
}

#[test]
fn what_cannot_be_run_is_named_with_the_way_out() {
    let said = |output: Output| {
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let unknown = said(eval(&["nothing"]));
    assert!(unknown.contains("no set nothing") && unknown.contains("there are intent"), "{unknown}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.jsonl"), "\n{\"lang\":\"zh\"}\n").unwrap();
    let bad = said(eval_of(folder.path().to_str().unwrap(), &[]));
    assert!(bad.contains("bad.jsonl:2") && bad.contains("missing field"), "{bad}");
}

#[test]
fn whole_calls_are_judged_by_how_they_end() {
    let folder = tempfile::tempdir().unwrap();
    let customers = folder.path().join("customers");
    std::fs::create_dir(&customers).unwrap();
    let said = "不要再给我打电话了\n";
    let right = format!("# campaign: telecom\n# now: 2026-11-20T10:00:00+08:00\n# outcome: opted_out\n{said}");
    std::fs::write(customers.join("right.txt"), &right).unwrap();
    std::fs::write(customers.join("wrong.txt"), right.replace("opted_out", "accepted\n# grade: A")).unwrap();
    let set = serde_json::json!({"lang": "zh", "folder": &customers, "figure": "calls_right"});
    std::fs::write(folder.path().join("customers.jsonl"), set.to_string()).unwrap();
    let output = eval_of(folder.path().to_str().unwrap(), &["customers", "--json", "--show", "1"]);
    let lines = lines(&output);
    assert_eq!((lines.len(), &lines[0]["cases"], &lines[0]["n"]), (2, &"10".into(), &2.into()), "{lines:?}");
    assert_eq!(lines[1]["got"], r#"{"outcome":"opted_out","grade":"D"}"#);
}
