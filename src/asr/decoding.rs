//! How a model is decoded: settings that belong to its file, and what is made of its words afterwards. Pure.
//!
//! A Whisper that hears something it cannot place repeats itself, or says what stood under the videos it was trained on.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Language;

/// Settings of a model's decoder. What is `None` follows from the file: see [`DecoderSettings::for_window`].
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DecoderSettings {
    /// How much the encoder is given.
    pub audio_context: Option<AudioContext>,
    /// Whether the first token may not be the end: with it silence is never empty.
    pub suppress_blank: Option<bool>,
    /// Sequences followed at once: 1 is greedy, at most 8. With a window of 30 s whisper.cpp draws them at random: the same
    /// sound may give other words.
    pub beam: Option<usize>,
    /// Language model of Mandarin, an ARPA file over the model's tokens; empty: none.
    pub zh_language_model: Option<PathBuf>,
    /// Language model of English, likewise.
    pub en_language_model: Option<PathBuf>,
    /// Weight of a language model's log-probability beside the decoder's.
    pub language_model_weight: Option<f32>,
    /// Threads a job. One: calls share the cores, and threads that wait for each other collapse under load.
    pub threads: Option<usize>,
    /// Probability of "no speech" from which uncertain words are taken for none.
    pub no_speech_min: Option<f32>,
    /// Steps of temperature for another try where words are uncertain, up to 1; 0: one try.
    pub temperature_step: Option<f32>,
    /// Tokens that a second of sound may have.
    pub tokens_per_second_max: Option<usize>,
}

/// How much the encoder is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AudioContext {
    /// The utterance and a little more: many times faster; for models trained on sound of any length.
    Utterance,
    /// The whole window, silence behind the utterance: what OpenAI's models were trained on.
    Full,
}

/// Who chooses the words among what the decoder says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sampler {
    /// whisper.cpp: what OpenAI's models are used with.
    Whisper,
    /// [`super::search`], with a language model if there is one.
    Search,
}

/// Settings that hold.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)] // the fields of DecoderSettings
pub struct Decoding {
    pub audio_context: AudioContext,
    pub suppress_blank: bool,
    pub sampler: Sampler,
    pub beam: usize,
    pub language_model_weight: f32,
    pub threads: usize,
    pub no_speech_min: f32,
    pub temperature_step: f32,
    pub tokens_per_second_max: usize,
    /// Tokens that stand for noises ("(", "♪") cannot be said: OpenAI's own default.
    pub suppress_noises: bool,
    /// Sound longer than the window is cut into pieces not shorter than this: ours were trained on sentences, OpenAI's on 30 s.
    pub piece_ms_min: usize,
}

/// Encoder positions, of 20 ms, of OpenAI's models.
const WINDOW_POSITIONS: u32 = 1_500;
/// Tokens beyond those of the sound's length: the shortest word has a few.
const TOKENS_SPARE: usize = 8;

impl DecoderSettings {
    /// What was set, and the rest by the window: OpenAI's models have 30 s and want it filled, smaller windows are ours.
    pub fn for_window(&self, positions: u32) -> Decoding {
        let openai = positions >= WINDOW_POSITIONS;
        let context = if openai { AudioContext::Full } else { AudioContext::Utterance };
        Decoding {
            audio_context: self.audio_context.unwrap_or(context),
            suppress_blank: self.suppress_blank.unwrap_or(openai),
            sampler: if openai { Sampler::Whisper } else { Sampler::Search },
            beam: self.beam.unwrap_or(if openai { 1 } else { 4 }),
            language_model_weight: self.language_model_weight.unwrap_or(0.3),
            threads: self.threads.unwrap_or(1),
            no_speech_min: self.no_speech_min.unwrap_or(0.6),
            temperature_step: self.temperature_step.unwrap_or(0.0),
            tokens_per_second_max: self.tokens_per_second_max.unwrap_or(12),
            suppress_noises: openai,
            piece_ms_min: if openai { 15_000 } else { 1_500 },
        }
    }
}

/// Where the language model of a model's file is looked for if none is named: `models/asr.ggml.zst` has
/// `models/asr.zh.arpa.zst` beside it.
pub fn language_model_beside(model: &Path, language: Language) -> PathBuf {
    let name = model.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.split('.').next().unwrap_or_default();
    model.with_file_name(format!("{stem}.{}.arpa.zst", language.code()))
}

impl Decoding {
    /// Tokens at most for a sound of so many milliseconds.
    pub fn tokens_max(&self, audio_ms: u64) -> usize {
        TOKENS_SPARE + (audio_ms as usize * self.tokens_per_second_max).div_ceil(1_000)
    }
}

/// What was under the videos: said to silence and noise, never to an agent. Letters and digits only, lower case.
const PHANTOMS: [&str; 12] = [
    "thanksforwatching",
    "thankyouforwatching",
    "thankyousomuchforwatching",
    "pleasesubscribe",
    "pleasesubscribetomychannel",
    "likeandsubscribe",
    "谢谢观看",
    "谢谢收看",
    "感谢观看",
    "感谢收看",
    "请不吝点赞订阅转发打赏支持明镜与点点栏目",
    "明镜需要您的支持欢迎订阅明镜",
];
/// How credits of subtitles begin, or what they hold.
const CREDITS: [&str; 5] = ["字幕由", "字幕志愿者", "中文字幕志愿者", "amaraorg", "subtitlesby"];

/// Nothing but words that were never said.
pub fn is_phantom(text: &str) -> bool {
    let letters: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    PHANTOMS.contains(&letters.as_str()) || CREDITS.iter().any(|credit| letters.starts_with(credit))
}

/// A unit said this often in a row is a loop of the decoder: 对对对对对 and "no no no" are people's.
const REPEATS_MIN: usize = 6;
/// And so long: 八八八八八八八八 is a number.
const LOOP_CHARS_MIN: usize = 12;

/// The text up to the second round of a loop it ends in; `None` without one.
pub fn before_loop(text: &str) -> Option<String> {
    let chars: Vec<char> = text.trim_end().chars().collect();
    let same = |unit| chars.iter().rev().zip(chars.iter().rev().skip(unit)).take_while(|(a, b)| a == b).count();
    let looped = |unit: &usize| same(*unit) + unit >= (unit * REPEATS_MIN).max(LOOP_CHARS_MIN);
    let unit = (1..=chars.len() / REPEATS_MIN).find(looped)?;
    Some(chars[..chars.len() - same(unit) + unit].iter().collect::<String>().trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_tells_which_defaults_hold_and_what_is_set_wins() {
        let unset = DecoderSettings::default();
        assert_eq!(unset.for_window(500).audio_context, AudioContext::Utterance);
        assert!(!unset.for_window(500).suppress_blank);
        assert_eq!(unset.for_window(1_500).audio_context, AudioContext::Full);
        assert!(unset.for_window(1_500).suppress_blank);
        assert_eq!(
            (unset.for_window(500).sampler, unset.for_window(1_500).sampler),
            (Sampler::Search, Sampler::Whisper)
        );
        let set = DecoderSettings { audio_context: Some(AudioContext::Utterance), beam: Some(5), ..unset };
        assert_eq!((set.for_window(1_500).audio_context, set.for_window(1_500).beam), (AudioContext::Utterance, 5));
    }

    #[test]
    fn a_language_model_lies_beside_its_model() {
        let beside = |model: &str| language_model_beside(Path::new(model), Language::En).display().to_string();
        assert_eq!(beside("models/asr.ggml.zst"), "models/asr.en.arpa.zst");
        assert_eq!(beside("mine.bin"), "mine.en.arpa.zst");
    }

    #[test]
    fn tokens_are_bounded_by_the_length_of_the_sound() {
        let decoding = DecoderSettings::default().for_window(500);
        assert_eq!([0, 1, 1_000, 10_000].map(|ms| decoding.tokens_max(ms)), [8, 9, 20, 128]);
    }

    #[test]
    fn what_stood_under_videos_is_not_what_a_caller_said() {
        for phantom in
            ["Thanks for watching!", " 谢谢观看。", "字幕由Amara.org社群提供", "Subtitles by the Amara.org community"]
        {
            assert!(is_phantom(phantom), "{phantom}");
        }
        for said in ["", "thank you", "谢谢", "没有字幕由不得我", "I was watching"] {
            assert!(!is_phantom(said), "{said}");
        }
    }

    #[test]
    fn a_loop_is_cut_behind_its_second_round_and_what_people_repeat_is_left() {
        assert_eq!(before_loop("我要问一下好的好的好的好的好的好的好的").as_deref(), Some("我要问一下好的好的"));
        assert_eq!(before_loop("哦哦哦哦哦哦哦哦哦哦哦哦哦").as_deref(), Some("哦哦"));
        assert_eq!(before_loop(&"the price ".repeat(9)).as_deref(), Some("the price the price"));
        for said in ["", "对对对对对对", "八八八八八八八八", "no no no no", "我考虑考虑"] {
            assert_eq!(before_loop(said), None, "{said}");
        }
    }
}
