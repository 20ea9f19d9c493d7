//! `callwright prompts` as an operator runs it: sheet out, recordings in, what lacks; exit codes and JSON lines.
#![cfg(all(feature = "shell", feature = "whisper", feature = "onnx", feature = "espeak"))]
#![allow(clippy::unwrap_used)] // helpers of tests

use std::path::Path;
use std::process::{Command, Output};

use callwright::audio::Wav;

const CAMPAIGN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/campaigns/telecom.toml");

fn prompts(folder: &Path, args: &[&str]) -> Output {
    let of = ["--campaign", CAMPAIGN, "--lang", "zh"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_callwright"));
    command.current_dir(folder).arg("prompts").args(args).args(of).output().unwrap()
}

fn lines(output: &Output) -> Vec<serde_json::Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{line}: {why}"))).collect()
}

/// Half a second of a quiet room around so many seconds of a voice.
fn recording(seconds: f32) -> Wav {
    let rate_hz = 16_000;
    let (pad, count) = (rate_hz / 2, (seconds * rate_hz as f32) as usize);
    let wave = |n: usize| {
        let t = n as f32 / rate_hz as f32;
        let voice: f32 = (1..=8).map(|h| (150.0 * h as f32 * std::f32::consts::TAU * t).sin() / h as f32).sum();
        if (pad..pad + count).contains(&n) { (4000.0 * voice) as i16 } else { 0 }
    };
    Wav { sample_rate_hz: rate_hz as u32, left: (0..2 * pad + count).map(wave).collect(), right: None }
}

#[test]
fn a_sheet_goes_out_recordings_come_in_and_the_gaps_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let exported = prompts(root, &["export", "--out", "sheet.csv"]);
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let sheet = std::fs::read_to_string(root.join("sheet.csv")).unwrap();
    let rows: Vec<&str> = sheet.lines().skip(1).filter(|row| row.starts_with("zh-")).collect();
    assert!(sheet.starts_with('\u{feff}') && rows.len() > 100, "{} rows", rows.len());

    let checked = prompts(root, &["check", "--json"]);
    assert_eq!(checked.status.code(), Some(1));
    let found = lines(&checked);
    assert_eq!(found.len(), rows.len() + 1, "a line a gap, and one for the pack");
    assert_eq!(found.last().unwrap()["missing"], rows.len());

    let takes = root.join("takes");
    std::fs::create_dir(&takes).unwrap();
    let write = |name: &str, wav: &Wav| wav.write(std::fs::File::create(takes.join(name)).unwrap()).unwrap();
    let row = |n: usize| {
        let cells: Vec<&str> = rows[n].split(',').collect();
        (cells[0].to_owned(), cells.last().unwrap().parse::<f32>().unwrap())
    };
    let ((good, good_s), (bad, bad_s)) = (row(0), row(1));
    write(&format!("{good}_take2.WAV"), &recording(good_s));
    write(&format!("{bad}.wav"), &recording(bad_s * 2.0 + 1.0));
    write("zh-0000000000.wav", &recording(1.0));
    std::fs::write(takes.join("notes.wav"), "no sound").unwrap();

    let imported = prompts(root, &["import", "takes", "--voice", "Ann", "--json"]);
    assert_eq!(imported.status.code(), Some(1), "three were refused");
    let found = lines(&imported);
    let of = |name: &str| found.iter().find(|line| line["file"].as_str().is_some_and(|f| f.starts_with(name))).unwrap();
    assert_eq!((of(&good)["result"].as_str(), of(&good)["id"].as_str()), (Some("imported"), Some(good.as_str())));
    assert!(of(&bad)["why"].as_str().unwrap().contains("is it the right text?"));
    assert!(of("zh-0000000000")["why"].as_str().unwrap().contains("export the sheet again"));
    assert!(of("notes")["why"].as_str().unwrap().contains("no prompt of this campaign"));
    let pack = found.last().unwrap();
    assert_eq!(
        (pack["imported"].as_u64(), pack["refused"].as_u64(), pack["recorded"].as_u64()),
        (Some(1), Some(3), Some(1))
    );
    assert!(root.join(format!("prompts/telecom/zh/{good}.wav")).exists());

    let checked = lines(&prompts(root, &["check", "--json"]));
    assert_eq!(checked.last().unwrap()["missing"], rows.len() - 1);
    assert!(!checked.iter().any(|line| line["id"] == good.as_str()));
}

#[test]
fn an_edited_text_is_a_gap_and_its_recording_an_orphan() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir(root.join("takes")).unwrap();
    let sheet = String::from_utf8(prompts(root, &["export"]).stdout).unwrap();
    let row = sheet.lines().find(|row| row.contains(",不客气。,")).unwrap();
    let id = row.split(',').next().unwrap();
    recording(0.7).write(std::fs::File::create(root.join(format!("takes/{id}.wav"))).unwrap()).unwrap();
    assert_eq!(prompts(root, &["import", "takes"]).status.code(), Some(0));

    std::fs::create_dir_all(root.join("campaigns/base")).unwrap();
    for file in ["telecom.toml", "base/sales.toml"] {
        let text = std::fs::read_to_string(Path::new(CAMPAIGN).with_file_name(file)).unwrap();
        let edited = text.replace("\"不客气。\"", "\"您客气了。\"");
        std::fs::write(root.join("campaigns").join(file), edited).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_callwright"));
    let of = ["prompts", "check", "--campaign", "telecom", "--lang", "zh", "--json"];
    let found = lines(&command.current_dir(root).args(of).output().unwrap());
    let texts = |result: &str| -> Vec<&str> {
        found.iter().filter(|line| line["result"] == result).filter_map(|line| line["text"].as_str()).collect()
    };
    assert!(texts("missing").contains(&"您客气了。") && !texts("missing").contains(&"不客气。"));
    assert_eq!(texts("orphan"), ["不客气。"]);
}
