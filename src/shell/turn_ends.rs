//! How soon a turn is taken as over, and how often too soon: the evaluation of turn ends. Each case of `eval/turns.jsonl` is
//! spoken by espeak-ng with its pause, goes through G.711 into the turn detector, and is recognised at each pause that is
//! heard; a sweep of boldness gives false cut-offs against the mean silence awaited at true ends.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use serde::{Deserialize, Serialize};

use crate::asr::whisper::{WhisperModel, WhisperRecognizer};
use crate::asr::{Language, Recognizer};
use crate::audio::{Frame8k, Law, PcmFrame};
use crate::config::Config;
use crate::hearing::{Earshot, Heard, Prosody, TurnConfig, TurnDetector, TurnOver};
use crate::speech::{Synthesizer, Voice, espeak::EspeakSynthesizer};
use crate::understanding::onnx::{OnnxClassifier, TextModels};
use crate::understanding::{Classifier, Evidence, LastAct, Speaker};

/// What a recogniser needs for an utterance on a quiet machine: the words are known so long after the pause was heard.
const DECODE_MS: u32 = 80;
/// Sound before the first word, and silence after the last.
const LEAD_MS: u32 = 400;
const TAIL_MS: u32 = 2_000;
const FRAME_MS: u32 = 20;
/// Noise of the line: about 33 dB below a voice.
const NOISE_AMPLITUDE: f32 = 100.0;
/// A frame from here on holds sound, dBov.
const SOUND_DBOV: f32 = -45.0;
/// Voices that nothing was trained on, and some that are for training (scripts/train/heldout.py).
const VARIANTS: [&str; 8] = ["f2", "m3", "steph2", "belinda", "zac", "Michael", "max", "Andrea"];
const TRAINING_VARIANTS: [&str; 8] = ["f4", "m7", "linda", "antonio", "Alicia", "john", "Mario", "anika"];
/// What a curve is printed for.
const MEANS_MS: [u32; 9] = [160, 180, 200, 220, 250, 300, 350, 400, 500];

/// Whose words are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// What the recogniser hears.
    Recognised,
    /// What the case says.
    Oracle,
}

/// Who speaks the cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voices {
    /// Whom nothing was trained on.
    HeldOut,
    /// For development.
    Training,
}

/// One case, as its file has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its language.
    pub lang: Language,
    text: String,
    cut: Cut,
    said: String,
    pause_ms: u32,
}

/// Where the first silence of a case falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// After all was said.
    End,
    /// In mid-sentence, `pause_ms` long.
    Mid,
    /// The same between sentences: the words so far could be all.
    Clause,
}

/// A pause that was heard.
#[derive(Debug, Clone, Serialize)]
pub struct Pause {
    /// The silence before the speaker went on; none at the end.
    pub silence_ms: Option<u32>,
    /// What was understood at it.
    pub heard: String,
    /// How it sounded.
    pub prosody: Prosody,
    /// What told whether the turn was over.
    pub evidence: Evidence,
    /// The logarithm of the odds that it was.
    pub over: f32,
}

/// What was heard of a case.
#[derive(Debug, Clone, Serialize)]
pub struct Measured {
    /// Its language.
    pub lang: Language,
    /// Its kind.
    pub cut: Cut,
    /// From the last sound to where the detector begins to count silence.
    pub lag_ms: i64,
    /// In order.
    pub pauses: Vec<Pause>,
}

/// A point of the curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Mean silence awaited at true ends, ms.
    pub silence_ms: f32,
    /// Pauses in mid-sentence at which the speaker was cut off, of all.
    pub mid: Share,
    /// The same between sentences.
    pub clause: Share,
}

/// Some of all.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Share {
    /// Some.
    pub hits: usize,
    /// All.
    pub all: usize,
}

impl Share {
    fn count(&mut self, hit: bool) {
        self.all += 1;
        self.hits += usize::from(hit);
    }
}

/// Speaks and hears cases.
pub struct Stage {
    espeak: EspeakSynthesizer,
    recognizer: Option<WhisperRecognizer>,
    classifier: OnnxClassifier,
    variants: &'static [&'static str; 8],
    noise: u32,
    spoken: usize,
}

impl Stage {
    /// With the recogniser of the configuration, if its words are wanted.
    pub fn new(config: &Config, words: Words, voices: Voices) -> Result<Self> {
        let variants = match voices {
            Voices::HeldOut => &VARIANTS,
            Voices::Training => &TRAINING_VARIANTS,
        };
        let recognizer = match words {
            Words::Oracle => None,
            Words::Recognised => {
                let model = WhisperModel::load(&config.recognizer.model, &config.recognizer.decoder)?;
                Some(model.state(&[Language::Zh, Language::En])?)
            }
        };
        let texts = TextModels::load(&config.understanding_models, &[Language::Zh, Language::En])?;
        let espeak = EspeakSynthesizer::new()?;
        Ok(Self { espeak, recognizer, classifier: texts.classifier()?, variants, noise: 1, spoken: 0 })
    }

    /// Hears one case.
    pub fn measure(&mut self, case: &Case) -> Result<Measured> {
        let (line, last_sound_ms) = self.speak(case)?;
        let endless =
            TurnConfig { end_ms_complete: 9_000, end_ms_unknown: 9_000, end_ms_incomplete: 9_000, ..<_>::default() };
        let mut turns = TurnDetector::new(endless, Box::new(Earshot::new()));
        let mut measured = Measured { lang: case.lang, cut: case.cut, lag_ms: 0, pauses: Vec::new() };
        let mut paused_ms = 0;
        for (at, chunk) in line.chunks_exact(Frame8k::SAMPLES).enumerate() {
            let now_ms = (at as u32 + 1) * FRAME_MS;
            let frame = PcmFrame(std::array::from_fn(|n| chunk[n]));
            match turns.hear(&Law::A.decode(&Law::A.encode(&frame))) {
                Some(Heard::Paused) => {
                    paused_ms = now_ms;
                    measured.lag_ms = i64::from(now_ms - endless.pause_ms) - i64::from(last_sound_ms);
                    let said = if measured.pauses.is_empty() { &case.said } else { &case.text };
                    let heard = self.words(said, case.lang, &turns)?;
                    let prosody = turns.prosody();
                    let reading = self.classifier.read(&heard, case.lang, Speaker::Customer(LastAct::Unknown))?;
                    let evidence = Evidence::new(&heard, reading.completeness, &prosody, case.lang);
                    let over = evidence.over(case.lang);
                    measured.pauses.push(Pause { silence_ms: None, heard, prosody, evidence, over: over.0 });
                }
                Some(Heard::Resumed) => {
                    if let Some(pause) = measured.pauses.last_mut() {
                        // Two frames with voice went before the one that told.
                        pause.silence_ms = Some(endless.pause_ms + now_ms - paused_ms - 2 * FRAME_MS);
                    }
                }
                Some(Heard::Started { .. } | Heard::Ended { .. } | Heard::Dismissed { .. }) | None => {}
            }
        }
        Ok(measured)
    }

    fn words(&mut self, said: &str, language: Language, turns: &TurnDetector) -> Result<String> {
        let Some(recognizer) = &mut self.recognizer else { return Ok(said.to_owned()) };
        Ok(recognizer.transcribe(&turns.utterance(), language)?.text.reveal().clone())
    }

    /// The sound of a case on the line, and when its last sound ends.
    fn speak(&mut self, case: &Case) -> Result<(Vec<i16>, u32)> {
        let n = self.spoken;
        self.spoken += 1;
        let voice = Voice {
            language: case.lang,
            variant: self.variants[n % self.variants.len()].to_owned(),
            rate_wpm: 140 + 10 * (n / self.variants.len() % 6) as u16,
            pitch: 35 + 5 * (n / 3 % 7) as u8,
            prompts: String::new(),
        };
        let rest = case.text.strip_prefix(&case.said).context("`text` begins with `said`")?;
        // Who will go on does not let the voice fall: a comma, and not the end of a text.
        let first = if rest.is_empty() { case.said.clone() } else { format!("{},", case.said) };
        let mut sound = vec![0; LEAD_MS as usize * 8];
        sound.extend_from_slice(self.espeak.synthesize(&first, &voice)?.samples());
        if !rest.is_empty() {
            sound.resize(sound.len() + case.pause_ms as usize * 8, 0);
            sound.extend_from_slice(self.espeak.synthesize(rest, &voice)?.samples());
        }
        let has_sound = |chunk: &[i16]| crate::audio::level_dbov(chunk) >= SOUND_DBOV;
        let last = sound.chunks(Frame8k::SAMPLES).rposition(has_sound).context("nothing was spoken")?;
        sound.resize(sound.len() + TAIL_MS as usize * 8, 0);
        for sample in &mut sound {
            self.noise = self.noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (self.noise >> 8) as f32 / (1 << 23) as f32 - 1.0;
            *sample = sample.saturating_add((noise * NOISE_AMPLITUDE) as i16);
        }
        Ok((sound, (last as u32 + 1) * FRAME_MS))
    }
}

/// The cases of a file, a JSON object a line.
pub fn cases(file: &Path) -> Result<Vec<Case>> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let read = |(at, line)| serde_json::from_str(line).map_err(|why| anyhow!("{}:{}: {why}", file.display(), at + 1));
    text.lines().enumerate().map(read).collect()
}

/// What a configuration of the turn detector would have made of it, seen more boldly by so much.
pub fn point<'a>(measured: impl IntoIterator<Item = &'a Measured>, config: &TurnConfig, boldness: f32) -> Point {
    let (mut silence_ms, mut ends) = (0, 0u32);
    let (mut mid, mut clause) = (Share::default(), Share::default());
    let awaited = |pause: &Pause| {
        let silence_ms = TurnOver(pause.over + boldness).silence_ms(config);
        silence_ms.max(config.pause_ms + DECODE_MS).next_multiple_of(FRAME_MS)
    };
    for case in measured {
        let is_cut = |pause: &Pause| pause.silence_ms.is_some_and(|silence_ms| silence_ms >= awaited(pause));
        let cut_off = case.pauses.iter().any(is_cut);
        match case.cut {
            Cut::Mid => mid.count(cut_off),
            Cut::Clause => clause.count(cut_off),
            Cut::End => {
                ends += 1;
                silence_ms += case.pauses.last().map_or(config.end_ms_unknown, awaited);
            }
        }
    }
    Point { silence_ms: silence_ms as f32 / ends.max(1) as f32, mid, clause }
}

/// Points of the curve at round means: the least bold that stays within each. Who surely is done is answered as soon as the
/// words are known; boldness is the one thing that varies.
pub fn curve(measured: &[&Measured], config: &TurnConfig) -> Vec<(u32, Point)> {
    let config = TurnConfig { end_ms_complete: config.pause_ms + DECODE_MS, ..*config };
    let sweep: Vec<Point> =
        (-160..=160).map(|step| point(measured.iter().copied(), &config, 0.05 * step as f32)).collect();
    let within = |mean_ms: u32| sweep.iter().find(|point| point.silence_ms <= mean_ms as f32).copied();
    MEANS_MS.into_iter().filter_map(|mean_ms| Some((mean_ms, within(mean_ms)?))).collect()
}
