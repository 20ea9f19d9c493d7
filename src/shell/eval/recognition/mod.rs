//! The set `recognition`: sentences spoken by espeak-ng in voices that training never heard, over a telephone line with
//! noise, and what was recognised; and clips without speech, of which nothing may be recognised. A case a line:
//! `{"lang","text","kind","voice","rate","pitch","seed"}`; without speech `text` is empty and `kind` says what sounds.

mod sound;

use std::path::Path;
use std::thread;

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;

use crate::asr::whisper::{WhisperModel, WhisperRecognizer};
use crate::asr::{Language, Recognizer};
use crate::shell::demo::edit_distance;
use crate::speech::espeak::EspeakSynthesizer;
use crate::speech::{Synthesizer, Voice};

use super::report::{Better, Report, Wrong};
use super::{Setting, cases};
use sound::{Dice, Nothing};

/// Draws of the bootstrap, and the places of its 95% interval among them.
const DRAWS: usize = 1_000;
const LOW: usize = 25;
const HIGH: usize = 974;

/// One line of the set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    lang: Language,
    text: String,
    kind: Kind,
    #[serde(default)]
    voice: String,
    #[serde(default)]
    rate: u16,
    #[serde(default)]
    pitch: u8,
    /// Of the line's noise.
    seed: u64,
}

/// What a clip holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// Ordinary sentences.
    Plain,
    /// Amounts, dates, times, telephone numbers.
    Numbers,
    /// Telesales speech as people make it.
    Free,
    #[serde(untagged)]
    Nothing(Nothing),
}

/// What was recognised of a case.
struct Answer {
    /// Characters that were said, or words; then those recognised.
    said: Vec<String>,
    errors: usize,
    heard: String,
    /// Whether the agent would act on it.
    trusted: bool,
}

impl Answer {
    fn is_right(&self) -> bool {
        self.errors == 0
    }
}

/// Speaks and recognises every case, on all cores.
pub fn run(setting: &Setting, file: &Path) -> Result<Report> {
    let mut all: Vec<Case> = cases(file)?;
    all.retain(|case| setting.languages.contains(&case.lang));
    let recognizer = &setting.config.recognizer;
    let model = WhisperModel::load(&recognizer.model, &recognizer.decoder)?;
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let answered: Vec<Result<Vec<Answer>>> = thread::scope(|scope| {
        let parts = all.chunks(all.len().div_ceil(workers).max(1));
        let threads: Vec<_> = parts.map(|part| scope.spawn(|| answers(part, setting, &model))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow!("a worker panicked")))).collect()
    });
    let answers: Vec<Answer> = answered.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    let judged: Vec<(Case, Answer)> = all.into_iter().zip(answers).collect();
    let mut report = Report::default();
    for &language in &setting.languages {
        score(language, &judged, &mut report);
    }
    let nothing = judged.iter().filter(|(case, _)| matches!(case.kind, Kind::Nothing(_)));
    report.share(None, "heard_in_nothing", Better::Lower, nothing.map(|(_, answer)| !answer.heard.is_empty()));
    Ok(report)
}

fn answers(cases: &[Case], setting: &Setting, model: &WhisperModel) -> Result<Vec<Answer>> {
    let mut recognizer = model.state(&setting.languages)?;
    let mut synthesizer = EspeakSynthesizer::new()?;
    cases.iter().map(|case| answer(case, setting, &mut recognizer, &mut synthesizer)).collect()
}

fn answer(
    case: &Case,
    setting: &Setting,
    recognizer: &mut WhisperRecognizer,
    synthesizer: &mut EspeakSynthesizer,
) -> Result<Answer> {
    let audio = match case.kind {
        Kind::Nothing(what) => what.sound(case.seed),
        Kind::Plain | Kind::Numbers | Kind::Free => {
            let voice = Voice {
                language: case.lang,
                variant: case.voice.clone(),
                rate_wpm: case.rate,
                pitch: case.pitch,
                prompts: String::new(),
            };
            let speech = synthesizer.synthesize(&case.text, &voice).with_context(|| case.text.clone())?;
            sound::over_the_telephone(speech.samples(), case.seed)
        }
    };
    let transcript = recognizer.transcribe(&audio, case.lang)?;
    let heard = transcript.text.reveal().to_owned();
    let said = units(&case.text, case.lang);
    let errors = edit_distance(&said, &units(&heard, case.lang));
    let trusted = transcript.mean_logprob >= setting.config.recognizer.logprob_min(case.lang);
    Ok(Answer { said, errors, heard, trusted })
}

/// What errors are counted in: characters of Mandarin, words of English, without punctuation.
fn units(text: &str, language: Language) -> Vec<String> {
    let text = text.to_lowercase();
    match language {
        Language::Zh => text.chars().filter(|c| c.is_alphanumeric()).map(String::from).collect(),
        Language::En => {
            let kept = |c: &char| c.is_alphanumeric() || *c == '\'';
            let words =
                text.split(|c: char| c.is_whitespace() || c == '-').map(|word| word.chars().filter(kept).collect());
            words.filter(|word: &String| !word.is_empty()).collect()
        }
    }
}

fn score(language: Language, judged: &[(Case, Answer)], report: &mut Report) {
    let is_speech = |case: &Case| case.lang == language && !matches!(case.kind, Kind::Nothing(_));
    let spoken: Vec<&(Case, Answer)> = judged.iter().filter(|(case, _)| is_speech(case)).collect();
    let unit = match language {
        Language::Zh => "cer",
        Language::En => "wer",
    };
    let kinds = [("_plain", Some(Kind::Plain)), ("_numbers", Some(Kind::Numbers)), ("_free", Some(Kind::Free))];
    for (suffix, kind) in [("", None)].into_iter().chain(kinds) {
        let of_kind = spoken.iter().filter(|(case, _)| kind.is_none_or(|kind| case.kind == kind));
        let counted: Vec<(usize, usize)> = of_kind.map(|(_, answer)| (answer.errors, answer.said.len())).collect();
        let n = counted.iter().map(|(_, units)| units).sum();
        if n > 0 {
            let figure = format!("{unit}{suffix}");
            report.rate(Some(language), figure, Better::Lower, rate(&counted), Some(interval(&counted)), n);
        }
    }
    let mut share = |figure, better, of: &mut dyn Iterator<Item = bool>| {
        report.share(Some(language), figure, better, of);
    };
    let (right, wrong): (Vec<&Answer>, Vec<&Answer>) =
        spoken.iter().map(|(_, answer)| answer).partition(|answer| answer.is_right());
    share("sentences_right", Better::Higher, &mut spoken.iter().map(|(_, answer)| answer.is_right()));
    share("right_trusted", Better::Higher, &mut right.iter().map(|answer| answer.trusted));
    share("wrong_trusted", Better::Lower, &mut wrong.iter().map(|answer| answer.trusted));
    for (case, answer) in judged.iter().filter(|(case, answer)| case.lang == language && !answer.is_right()) {
        let (text, got) = (case.text.clone(), answer.heard.clone());
        report.wrong.push(Wrong { language, expected: text.clone(), text, got });
    }
}

/// Errors a unit.
fn rate(counted: &[(usize, usize)]) -> f64 {
    let (errors, units) = counted.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    errors as f64 / units.max(1) as f64
}

/// The 95% interval of a rate, by bootstrap over sentences: errors of one sentence come together.
fn interval(counted: &[(usize, usize)]) -> (f64, f64) {
    let mut dice = Dice::new(0);
    let mut draw = || {
        let drawn: Vec<(usize, usize)> = counted.iter().map(|_| counted[dice.below(counted.len())]).collect();
        rate(&drawn)
    };
    let mut rates: Vec<f64> = (0..DRAWS).map(|_| draw()).collect();
    rates.sort_by(f64::total_cmp);
    (rates[LOW], rates[HIGH])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_counted_in_characters_and_in_words() {
        let errors = |said, heard, language| edit_distance(&units(said, language), &units(heard, language));
        assert_eq!(errors("您好，再见", "你好再见。", Language::Zh), 1);
        assert_eq!(errors("I don't know", "i do not know", Language::En), 2);
        assert_eq!(errors("half-price", "half price", Language::En), 0);
    }

    #[test]
    fn an_interval_holds_the_rate_and_is_narrower_with_more_sentences() {
        let few: Vec<(usize, usize)> = (0..20).map(|n| (usize::from(n % 4 == 0) * 3, 10)).collect();
        let many = few.repeat(20);
        let width = |counted: &[(usize, usize)]| {
            let (low, high) = interval(counted);
            assert!(low < rate(counted) && rate(counted) < high, "{low} {high}");
            high - low
        };
        assert!(width(&many) * 3.0 < width(&few));
    }

    #[test]
    fn the_committed_set_can_be_read_and_has_its_kinds() {
        let all: Vec<Case> = cases(Path::new("eval/recognition.jsonl")).expect("a good file");
        let count = |lang, of: fn(&Case) -> bool| all.iter().filter(|case| case.lang == lang && of(case)).count();
        let is_speech = |case: &Case| !matches!(case.kind, Kind::Nothing(_));
        assert_eq!((count(Language::Zh, is_speech), count(Language::En, is_speech), all.len()), (210, 125, 375));
        assert!(all.iter().all(|case| case.text.is_empty() != is_speech(case)));
    }
}
