//! The committed emotion model, as the agent loads it. Needs ONNX Runtime: `scripts/setup` installs it.
#![cfg(feature = "onnx")]

use std::path::Path;

use callwright::asr::Language;
use callwright::hearing::{Baseline, Manner, Prosody};
use callwright::understanding::onnx::{LoadError, OnnxClassifier, TextModels};
use callwright::understanding::{Action, Classifier, Emotion, EmotionBy, Feeling, Intent, Reading};

fn models() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/models"))
}

/// Without a text model: only feelings are asked for.
fn load(dir: &Path) -> Result<TextModels, LoadError> {
    TextModels::load(dir, &[] as &[Language])
}

fn classifier(models: TextModels) -> OnnxClassifier {
    models.classifier().unwrap_or_else(|error| panic!("{error}"))
}

fn committed() -> TextModels {
    load(models()).unwrap_or_else(|error| panic!("{error}"))
}

/// A turn of a man who speaks quietly and evenly.
const USUAL: Prosody = Prosody {
    speech_ms: 2_000,
    pitch_st: 2.0,
    pitch_spread_st: 2.5,
    pitch_range_st: 6.0,
    pitch_slope_st_per_s: -2.0,
    level_dbov: -30.0,
    level_spread_db: 6.0,
    attack_db: -1.0,
    bright_db: -8.0,
    voiced: 0.7,
    pauses: 0.05,
    syllables_per_s: 4.0,
    ending: callwright::hearing::Ending {
        pitch_slope_st_per_s: -6.0,
        pitch_st: -2.0,
        level_slope_db_per_s: -20.0,
        level_db: -4.0,
        lengthening: 0.1,
    },
};

/// The same man shouting.
const SHOUTED: Prosody =
    Prosody { pitch_st: 9.0, pitch_spread_st: 4.0, pitch_range_st: 10.0, level_dbov: -20.0, bright_db: -3.0, ..USUAL };

fn manner(turn: Prosody) -> Manner {
    let mut speaker = Baseline::default();
    (0..4).for_each(|_| speaker.learn(&USUAL));
    speaker.measure(&turn).expect("it is long enough")
}

fn feel(words: Emotion, turn: Prosody) -> Feeling {
    let emotions = Emotion::ALL.map(|emotion| if emotion == words { 0.8 } else { 0.05 });
    let read = Reading { emotions, ..Reading::of(Intent { action: Action::OutOfScope, confidence: 1.0 }) };
    classifier(committed()).feel(&read, &manner(turn)).unwrap_or_else(|error| panic!("{error}")).expect("a model")
}

#[test]
fn a_shout_is_an_angry_voice_and_the_usual_voice_is_calm() {
    let (usual, shouted) = (feel(Emotion::Calm, USUAL), feel(Emotion::Angry, SHOUTED));
    assert_eq!((usual.voice.emotion, usual.both.emotion), (Emotion::Calm, Emotion::Calm), "{usual:?}");
    assert_eq!((shouted.voice.emotion, shouted.both.emotion), (Emotion::Angry, Emotion::Angry), "{shouted:?}");
    assert!(shouted.both.confidence > shouted.voice.confidence, "{shouted:?}");
}

#[test]
fn the_words_change_what_both_say_and_not_what_the_voice_says() {
    let (angry, interested) = (feel(Emotion::Angry, SHOUTED), feel(Emotion::Interested, SHOUTED));
    assert_eq!(angry.voice, interested.voice);
    assert_ne!(angry.both, interested.both);
}

#[test]
fn where_the_words_alone_are_to_tell_or_the_model_is_missing_nothing_is_felt() {
    let read = Reading::of(Intent { action: Action::OutOfScope, confidence: 1.0 });
    let empty = tempfile::tempdir().expect("a directory");
    let missing = load(empty.path()).unwrap_or_else(|error| panic!("{error}"));
    for models in [committed().with_emotion_by(EmotionBy::Words), missing] {
        assert_eq!(models.emotion_by(), EmotionBy::Words);
        assert_eq!(classifier(models).feel(&read, &manner(SHOUTED)), Ok(None));
    }
}

#[test]
fn a_broken_model_is_named() {
    let folder = tempfile::tempdir().expect("a directory");
    std::fs::write(folder.path().join("emotion.onnx"), b"no model").expect("written");
    let Err(LoadError::File { path, .. }) = load(folder.path()) else { panic!("it is no model") };
    assert!(path.ends_with("emotion.onnx"));
}
