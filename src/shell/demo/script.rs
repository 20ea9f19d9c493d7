//! What the customer says: `scripts/demo/LANG.toml`, rendered with a voice that no training has heard.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::asr::Language;
use crate::speech::espeak::EspeakSynthesizer;
use crate::speech::{Speech, Synthesizer, Voice};

/// The script, ready to be played.
pub struct Script {
    /// One line of the customer after the other.
    pub lines: Vec<Line>,
}

/// One line.
pub struct Line {
    /// What is said, without pause marks.
    pub text: String,
    /// The sound at 8 kHz, pauses included.
    pub sound: Speech,
    /// How long after the beginning of the agent's speech the customer speaks over it; else it waits for its end.
    pub interrupt_ms: Option<u64>,
    /// The action a careful listener would give it.
    pub want: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    lang: Language,
    /// espeak-ng voice, `LANGUAGE+VARIANT`.
    voice: String,
    turn: Vec<Turn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    say: String,
    want: String,
    interrupt_ms: Option<u64>,
}

impl Script {
    /// Reads and renders the script of a language.
    pub fn load(language: Language) -> Result<Self> {
        let path = PathBuf::from(format!("scripts/demo/{}.toml", language.code()));
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("{}: run the demo from the repository's root", path.display()))?;
        let file: File = toml::from_str(&text).with_context(|| path.display().to_string())?;
        ensure!(file.lang == language, "{}: lang is {:?}", path.display(), file.lang);
        let variant = file.voice.rsplit('+').next().unwrap_or_default().to_owned();
        let rate_wpm = match language {
            Language::Zh => 175,
            Language::En => 160,
        };
        let voice = Voice { language, variant, rate_wpm, pitch: 50, prompts: String::new() };
        let mut synthesizer = EspeakSynthesizer::new()?;
        let lines = file.turn.into_iter().map(|turn| line(turn, &voice, &mut synthesizer)).collect::<Result<_>>()?;
        Ok(Self { lines })
    }
}

/// `part |650| part`: what stands between bars is a silence in milliseconds.
fn line(turn: Turn, voice: &Voice, synthesizer: &mut impl Synthesizer) -> Result<Line> {
    let (mut samples, mut text) = (Vec::new(), String::new());
    for (n, part) in turn.say.split('|').enumerate() {
        if n % 2 == 1 {
            let pause_ms: usize = part.trim().parse().with_context(|| format!("pause |{part}| in {:?}", turn.say))?;
            samples.resize(samples.len() + pause_ms * Speech::SAMPLE_RATE_HZ as usize / 1000, 0);
        } else {
            samples.extend_from_slice(synthesizer.synthesize(part, voice)?.samples());
            text.push_str(part);
        }
    }
    Ok(Line { text, sound: Speech::new(samples), interrupt_ms: turn.interrupt_ms, want: turn.want })
}
