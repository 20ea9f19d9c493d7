//! The recogniser on any Whisper file: models made by formula (tests/ggml), one that says a word of ours whatever it hears,
//! and random ones in the shapes of OpenAI's.

#![cfg(feature = "whisper")]
#![allow(clippy::unwrap_used)] // helpers of tests

mod ggml;

use std::fs;
use std::path::{Path, PathBuf};

use callwright::asr::decoding::{AudioContext, DecoderSettings};
use callwright::asr::whisper::{LoadError, WhisperModel, WhisperRecognizer};
use callwright::asr::{Language, Recognizer, Transcript};
use callwright::audio::Utterance16k;
use ggml::{BASE, LARGE_V3, Shape, TINY, Weights, parrot, random};

const SECOND: usize = 16_000;

/// Hissing, the same for the same length.
fn noise(samples: usize) -> Utterance16k {
    let samples: Vec<i16> = (0..samples as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 20) as i16).collect();
    Utterance16k::new(samples)
}

fn recognizer(path: &Path) -> WhisperRecognizer {
    let model = WhisperModel::load(path, &DecoderSettings::default()).expect("a good file");
    model.state(&[Language::Zh, Language::En]).expect("memory")
}

fn text(heard: &Transcript) -> &str {
    heard.text.reveal()
}

/// The sound and the utterance's own length for the encoder, so that a test is short.
const UTTERANCE: DecoderSettings = DecoderSettings {
    audio_context: Some(AudioContext::Utterance),
    suppress_blank: None,
    beam: None,
    zh_language_model: None,
    en_language_model: None,
    language_model_weight: None,
    threads: None,
    no_speech_min: None,
    temperature_step: None,
    tokens_per_second_max: Some(4),
};

#[test]
fn an_utterance_is_decoded_with_the_confidence_of_its_words() {
    let mut recognizer = recognizer(&parrot("yes", " yes", 2));
    let english = recognizer.transcribe(&noise(SECOND), Language::En).unwrap();
    assert_eq!(text(&english), "yes yes");
    assert!((-0.01..0.0).contains(&english.mean_logprob), "{}", english.mean_logprob);
    let mandarin = recognizer.transcribe(&noise(SECOND), Language::Zh).unwrap();
    assert_eq!(text(&mandarin), "", "a language is searched in its own script");
}

#[test]
fn an_utterance_longer_than_the_window_is_decoded_in_pieces_and_joined() {
    let heard = recognizer(&parrot("pieces", "好", 2)).transcribe(&noise(3 * SECOND), Language::Zh).unwrap();
    assert_eq!(text(&heard), "好好好好"); // the window is 2 s
}

#[test]
fn too_short_sound_and_a_dead_line_are_nothing_without_decoding() {
    let mut recognizer = recognizer(&parrot("short", "好", 2));
    for audio in [noise(0), noise(1), noise(1_599), Utterance16k::new(vec![0; SECOND])] {
        let heard = recognizer.transcribe(&audio, Language::Zh).unwrap();
        assert_eq!((text(&heard), heard.mean_logprob), ("", 0.0));
    }
    assert_eq!(text(&recognizer.transcribe(&noise(3_200), Language::Zh).unwrap()), "好好");
}

#[test]
fn a_runaway_ends_with_the_sound_and_nobody_acts_on_its_words() {
    let mut recognizer = recognizer(&parrot("runaway", "好", 40));
    let heard = recognizer.transcribe(&noise(SECOND / 2), Language::Zh).unwrap();
    assert_eq!(text(&heard), "好好"); // 14 tokens for half a second, and those a loop
    assert!(heard.mean_logprob <= -10.0);
}

#[test]
fn what_stood_under_videos_was_not_said() {
    let heard = recognizer(&parrot("phantom", "謝謝觀看", 1)).transcribe(&noise(SECOND), Language::Zh).unwrap();
    assert_eq!((text(&heard), heard.mean_logprob), ("", 0.0));
}

#[test]
fn traditional_characters_become_simplified() {
    let heard = recognizer(&parrot("traditional", "我再考慮一下", 1)).transcribe(&noise(SECOND), Language::Zh).unwrap();
    assert_eq!(text(&heard), "我再考虑一下");
}

#[test]
fn a_packed_model_is_unpacked() {
    let path = parrot("packed", "好", 2);
    let packed = path.with_extension("bin.zst");
    let bytes = fs::read(&path).unwrap();
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    fs::write(&packed, ruzstd::encoding::compress_to_vec(&bytes[..], level)).unwrap();
    assert_eq!(text(&recognizer(&packed).transcribe(&noise(SECOND), Language::Zh).unwrap()), "好好");
}

/// Decodes with two states at once, one of them twice: all must agree, and keep the bound of tokens. Removes the file.
fn decodes(path: &Path, settings: &DecoderSettings) -> Transcript {
    let model = WhisperModel::load(path, settings).expect("a good file");
    fs::remove_file(path).expect("loaded");
    let audio = noise(SECOND);
    let heard: Vec<Transcript> = std::thread::scope(|scope| {
        let threads = [2, 1].map(|times| {
            let mut state = model.state(&[Language::Zh, Language::En]).expect("memory");
            let audio = &audio;
            let mut decode = move || state.transcribe(audio, Language::En).expect("decodes");
            scope.spawn(move || (0..times).map(|_| decode()).collect::<Vec<_>>())
        });
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    let [first, others @ ..] = &heard[..] else { unreachable!("three") };
    for other in others {
        assert_eq!((text(other), other.mean_logprob), (text(first), first.mean_logprob));
    }
    bounded(first);
    first.clone()
}

/// A second may have 8 tokens and 4 more: random weights never say the end by themselves.
fn bounded(heard: &Transcript) {
    let words = text(heard).split_whitespace().count();
    assert!((1..=8 + 4).contains(&words), "{words} words in a second: {}", text(heard));
}

#[test]
fn a_file_in_the_shape_of_tiny_runs_with_the_full_context() {
    let path = random("tiny", &TINY, 80);
    let settings = DecoderSettings { audio_context: None, ..UTTERANCE };
    assert_eq!(settings.for_window(1_500).audio_context, AudioContext::Full);
    decodes(&path, &settings);
}

#[test]
fn a_file_in_the_shape_of_base_runs_greedily_and_with_beams() {
    let path = random("base", &BASE, 80);
    let settings = DecoderSettings { beam: Some(3), ..UTTERANCE };
    let mut beams = WhisperModel::load(&path, &settings).unwrap().state(&[Language::En]).unwrap();
    bounded(&beams.transcribe(&noise(SECOND), Language::En).unwrap());
    decodes(&path, &UTTERANCE);
}

#[test]
fn a_file_of_the_width_of_large_v3_hears_all_128_bands() {
    let shape = Shape { audio_layers: 1, text_layers: 1, ..LARGE_V3 };
    let all = decodes(&random("large", &shape, 128), &UTTERANCE);
    let lower = decodes(&random("large-deaf", &shape, 80), &UTTERANCE);
    assert_ne!((text(&all), all.mean_logprob), (text(&lower), lower.mean_logprob));
}

#[test]
#[ignore = "1.6 GB of memory and half a minute: scripts/test --long large-v3"]
fn a_file_in_the_full_shape_of_large_v3_runs() {
    let path = random("large-v3", &LARGE_V3, 128);
    let bytes = fs::metadata(&path).unwrap().len();
    let heard = decodes(&path, &UTTERANCE);
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let memory = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    println!("{bytes} bytes; a second of sound in {} ms, two at once; {memory}", heard.decode.as_millis());
}

#[test]
fn a_language_model_lies_beside_the_model_or_is_named_and_a_bad_one_is_refused_by_its_name() {
    let path = parrot("judged", "好", 2);
    let arpa = |words: &str| format!("\\data\\\nngram 1=3\n\n\\1-grams:\n-99\t<s>\n-1\t</s>\n{words}\n\\end\\\n");
    let beside = path.with_file_name("judged.zh.arpa.zst");
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    fs::write(&beside, ruzstd::encoding::compress_to_vec(arpa("-0.1\t好").as_bytes(), level)).unwrap();
    assert_eq!(text(&recognizer(&path).transcribe(&noise(SECOND), Language::Zh).unwrap()), "好好");

    let load = |named: &Path| {
        let settings = DecoderSettings { zh_language_model: Some(named.to_owned()), ..DecoderSettings::default() };
        WhisperModel::load(&path, &settings).map(|_| ()).map_err(|error| error.to_string())
    };
    let strangers = path.with_file_name("strangers.arpa");
    fs::write(&strangers, arpa("-0.1\t你好")).unwrap();
    let error = load(&strangers).expect_err("its word is no token");
    assert!(error.contains("strangers.arpa") && error.contains("你好"), "{error}");
    assert!(load(Path::new("/nowhere/mine.arpa")).expect_err("missing").contains("/nowhere/mine.arpa"));
    fs::write(&beside, b"no zstd").unwrap();
    assert!(refused(&path).contains("judged.zh.arpa.zst"));
    assert_eq!(load(Path::new("")), Ok(()), "none is asked for");
}

fn refused(path: &Path) -> String {
    WhisperModel::load(path, &DecoderSettings::default()).expect_err("must be refused").to_string()
}

fn changed(name: &str, change: impl FnOnce(&mut Vec<u8>)) -> PathBuf {
    let path = parrot(name, "好", 2);
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_file_that_is_missing_or_of_another_kind_is_refused_by_its_name() {
    let missing = refused(Path::new("/nowhere/ggml-base.bin"));
    assert!(missing.contains("/nowhere/ggml-base.bin") && missing.contains("recognizer.model"), "{missing}");
    let no_zstd = changed("no-zstd", |bytes| bytes.truncate(7));
    fs::rename(&no_zstd, no_zstd.with_extension("zst")).unwrap();
    assert!(refused(&no_zstd.with_extension("zst")).contains("no-zstd.zst"));
    let gguf = refused(&changed("gguf", |bytes| bytes[..4].copy_from_slice(b"GGUF")));
    assert!(gguf.contains("gguf.bin") && gguf.contains("convert"), "{gguf}");
}

#[test]
fn a_file_that_breaks_off_anywhere_is_refused() {
    let whole = parrot("whole", "好", 2);
    let length = fs::metadata(&whole).unwrap().len() as usize;
    let path = changed("cut", |_| {});
    let bytes = fs::read(&path).unwrap();
    // Tensors' heads and the last byte are the places where whisper.cpp itself would not notice.
    for keep in (0..64).map(|n| n * length / 64).chain([2, length - 1, length - 70_000]) {
        fs::write(&path, &bytes[..keep]).unwrap();
        let error = refused(&path);
        assert!(error.contains("fetch it again"), "{keep} of {length} bytes: {error}");
    }
    fs::write(&path, [&bytes[..], &[0; 40]].concat()).unwrap();
    assert!(refused(&path).contains("tensor"), "bytes behind the end");
}

#[test]
fn a_damaged_header_is_refused_and_names_the_number() {
    let path = changed("header", |_| {});
    let bytes = fs::read(&path).unwrap();
    for (at, value, named) in [
        (1, 40_000, "vocabulary"),
        (2, 3_000_000, "audio context"),
        (3, u32::MAX, "width"),
        (4, 0, "heads"),
        (5, 1_000_000, "encoder layers"),
        (7, 65, "decoder's width"),
        (10, 4_000_000, "mel bands"),
        (11, 0, "file type"),
        (11, 99, "file type"),
        (13, 200, "Fourier bins"),
    ] {
        let mut damaged = bytes.clone();
        damaged[4 * at..4 * at + 4].copy_from_slice(&u32::to_le_bytes(value));
        fs::write(&path, damaged).unwrap();
        let error = refused(&path);
        assert!(error.contains(named), "{at}: {error}");
    }
}

#[test]
fn any_single_damaged_byte_of_the_structure_is_refused_or_harmless() {
    let path = changed("damaged", |_| {});
    let bytes = fs::read(&path).unwrap();
    let tensors = bytes.windows(12).position(|w| w == b"encoder.posi").unwrap() - 20;
    for at in (0..56).chain(tensors..tensors + 48) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x41;
        fs::write(&path, &damaged).unwrap();
        if let Ok(model) = WhisperModel::load(&path, &DecoderSettings::default()) {
            let mut state = model.state(&[Language::En]).expect("memory");
            assert!(state.transcribe(&noise(SECOND), Language::En).is_ok(), "byte {at}");
        }
    }
}

#[test]
fn an_english_model_is_refused_for_mandarin_only() {
    let shape = Shape { vocabulary: 51_864, audio_layers: 1, text_layers: 1, weights: Weights::Q4, ..TINY };
    let model = WhisperModel::load(&random("tiny.en", &shape, 80), &DecoderSettings::default()).unwrap();
    assert!(matches!(model.state(&[Language::Zh]), Err(LoadError::EnglishOnly { .. })));
    assert!(model.state(&[Language::En]).is_ok());
}
