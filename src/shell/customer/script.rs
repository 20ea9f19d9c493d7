//! What the customer says: a file such as `scripts/demo/zh.toml`, rendered by espeak-ng.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::asr::Language;
use crate::speech::espeak::EspeakSynthesizer;
use crate::speech::{Speech, Synthesizer, Voice};

/// The script, ready to be played.
#[derive(Clone)]
pub struct Script {
    /// One line of the customer after the other.
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Clone)]
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
    #[serde(default)]
    want: String,
    interrupt_ms: Option<u64>,
}

impl Script {
    /// Parses and renders a script; `name` is the file's, for errors.
    pub fn render(text: &str, name: &str, language: Language) -> Result<Self> {
        let file: File = toml::from_str(text).with_context(|| name.to_owned())?;
        ensure!(file.lang == language, "{name}: lang is {:?}", file.lang);
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
