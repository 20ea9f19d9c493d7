//! `callwright transcribe` as people and machines call it: sentences by espeak-ng in files of several kinds.

#![cfg(all(feature = "shell", feature = "whisper", feature = "onnx", feature = "espeak"))]
#![allow(clippy::unwrap_used)] // helpers of tests

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};

use callwright::asr::Language;
use callwright::audio::{Wav, resample_all};
use callwright::speech::espeak::EspeakSynthesizer;
use callwright::speech::{Speech, Synthesizer, Voice};
use serde_json::Value;

const SENTENCE: &str = "那这个套餐每个月要交多少钱呀？";

fn speech() -> Vec<i16> {
    let voice = Voice {
        language: Language::Zh,
        variant: "steph2".to_owned(),
        rate_wpm: 175,
        pitch: 50,
        prompts: String::new(),
    };
    EspeakSynthesizer::new().unwrap().synthesize(SENTENCE, &voice).unwrap().samples().to_vec()
}

fn transcribe(folder: &Path, files: &[&str]) -> (Vec<Value>, Output) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callwright"));
    command.args(["transcribe", "--lang", "zh", "--json"]).args(files.iter().map(|file| folder.join(file)));
    let output = command.output().unwrap();
    let lines = String::from_utf8(output.stdout.clone()).unwrap();
    (lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), output)
}

#[test]
fn files_of_any_rate_and_length_are_written_down_and_a_bad_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, sample_rate_hz, left: Vec<i16>, right| {
        Wav { sample_rate_hz, left, right }.write(File::create(folder.path().join(name)).unwrap()).unwrap();
    };
    let sentence = speech();
    let pause = vec![0; Speech::SAMPLE_RATE_HZ as usize / 2];
    write("sentence.wav", 8_000, sentence.clone(), None);
    write("stereo.wav", 48_000, vec![0; 9_600], Some(resample_all(&sentence, 8_000, 48_000)));
    write("long.wav", 8_000, [&sentence[..], &pause].concat().repeat(20), None);
    write("silence.wav", 16_000, vec![0; 16_000], None);
    fs::write(folder.path().join("broken.wav"), b"RIFF and nothing").unwrap();

    let files = ["sentence.wav", "broken.wav", "stereo.wav", "missing.wav", "long.wav", "silence.wav"];
    let (lines, output) = transcribe(folder.path(), &files);
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("broken.wav") && errors.contains("missing.wav"), "{errors}");

    let [sentence, stereo, long, silence] = &lines[..] else { panic!("four lines: {lines:?}") };
    for line in &lines {
        let confidence = line["confidence"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&confidence) && line["decode_ms"].is_u64(), "{line}");
    }
    let text = |line: &Value| line["text"].as_str().unwrap().to_owned();
    assert!(text(sentence).contains("套餐"), "{sentence}");
    assert!(text(stereo).contains("套餐"), "{stereo}");
    assert_eq!(text(long).matches("套餐").count(), 20, "{long}");
    assert_eq!((text(silence).as_str(), silence["confidence"].as_f64()), ("", Some(1.0)));
    assert_eq!(silence["audio_ms"], 1_000);
}

#[test]
fn good_files_alone_are_a_success() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy("tests/sound/tone.flac", folder.path().join("tone.flac")).unwrap();
    let (lines, output) = transcribe(folder.path(), &["tone.flac"]);
    assert!(output.status.success());
    assert_eq!((lines.len(), lines[0]["audio_ms"].as_u64()), (1, Some(50)));
}
