//! Whether the words so far are a whole utterance, and with how they sound whether the turn is over: what the turn detector
//! asks at a pause. Texts as a recogniser writes them, with or without punctuation.

use super::tail;
use crate::asr::Language;
use crate::hearing::{Prosody, TurnOver};

/// What the words so far tell about the turn (domain §3): probabilities, 1 in sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Completeness {
    /// A whole utterance: a yes, a full question, a confirmed slot.
    pub complete: f32,
    /// Trails off: 那个…, digits, 因为.
    pub incomplete: f32,
    /// A nod: 嗯, 对.
    pub backchannel: f32,
    /// The speaker asks for a moment and will go on.
    pub wait: f32,
}

impl Completeness {
    /// Not known.
    pub const UNKNOWN: Self = Self { complete: 0.5, incomplete: 0.5, backchannel: 0.0, wait: 0.0 };

    /// How likely nothing more comes, as the logarithm of the odds.
    fn log_odds(self) -> f32 {
        let (over, open) = (self.complete + self.backchannel, self.incomplete + self.wait);
        ((over + PROBABILITY_MIN) / (open + PROBABILITY_MIN)).ln()
    }
}

/// No words are surer than this.
const PROBABILITY_MIN: f32 = 0.002;
/// The voice alone decides nothing: farther from the mean the pitch counts no more.
const PITCH_ST_MAX: f32 = 4.0;

/// What tells at a pause whether the turn is over. Odds are logarithms of the odds that nothing more comes, 0 where nothing is
/// known.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Evidence {
    /// By the text model, of the words so far; without one the rules stand in for it.
    pub model: f32,
    /// By the table of weights, of the same words; none without words.
    pub table: Option<f32>,
    /// By the rules on the last words.
    pub rules: f32,
    /// Pitch of the last 100 ms against the turn's mean, semitones: it falls where the voice gives the floor up, and stays level
    /// where it holds it; half of that is hidden by the tones of Mandarin.
    pub pitch_st: f32,
}

impl Evidence {
    /// `text` as recognised, what the text model read in it, and how it sounded.
    pub fn new(text: &str, read: Completeness, voice: &Prosody, language: Language) -> Self {
        let ruled = match language {
            Language::Zh => mandarin(text),
            Language::En => english(text),
        };
        let rules = ruled.map_or(0.0, Completeness::log_odds);
        Self {
            model: if read == Completeness::UNKNOWN { rules } else { read.log_odds() },
            table: tail::log_odds(text, language),
            rules,
            pitch_st: voice.ending.pitch_st.clamp(-PITCH_ST_MAX, PITCH_ST_MAX),
        }
    }

    /// All of it together, weighed by `scripts/train/turns/fit.py` (models/turns.md). Without words nothing is known.
    pub fn over(self, language: Language) -> TurnOver {
        let Some(table) = self.table else { return TurnOver(0.0) };
        let (model, weighed, rules, semitone, constant) = match language {
            Language::Zh => (1.05, 0.49, 0.33, -0.11, 0.81),
            Language::En => (1.05, 0.34, 0.17, -0.16, 0.96),
        };
        TurnOver(model * self.model + weighed * table + rules * self.rules + semitone * self.pitch_st + constant)
    }
}

/// How far a rule is trusted: words may be misheard, and people may go on behind any of them.
const COMPLETE: Completeness = Completeness { complete: 0.88, incomplete: 0.1, backchannel: 0.01, wait: 0.01 };
const INCOMPLETE: Completeness = Completeness { complete: 0.05, incomplete: 0.93, backchannel: 0.01, wait: 0.01 };
const BACKCHANNEL: Completeness = Completeness { complete: 0.05, incomplete: 0.08, backchannel: 0.86, wait: 0.01 };
const WAIT: Completeness = Completeness { complete: 0.1, incomplete: 0.04, backchannel: 0.01, wait: 0.85 };

/// Ends of a Mandarin text after which more must come: fillers, conjunctions, verbs without their object.
const ZH_TRAILING: &str = "\
    那个 这个 就是 就是说 因为 所以 但是 可是 不过 然后 而且 还有 如果 要是 的话 或者 还是 虽然 比如 \
    比如说 以及 并且 我想 我要 我觉得 我还得 我得 还得 我还要 我需要 我们 主要是 主要 其实 反正 关于 对于 \
    另外 想问一下 问一下 我现在用的 我现在 那你 那我 你们那个 我的 你们的 电话是 号码是 为了 和 跟 把 被 \
    给 在 从 比 呃 额 嗯那";
/// Nods: an answer to a question, or none at all.
const ZH_NODS: &str = "嗯 嗯嗯 哦 哦哦 噢 对 对对 对对对 是 是的 是啊 好 好的 行 明白 知道了 这样啊";
/// Who says this goes on, or comes back, after a while.
const ZH_WAIT: &str =
    "等一下 等一等 等等 等会儿 稍等 稍等一下 等我一下 我看一下 我看看 我找一下 我想想 我想一下 让我想想";
/// Whole answers of a word or two, though one of them ends like a trailing one.
const ZH_ANSWERS: &str = "\
    喂 喂你好 你好 您好 对的 不是 不是的 好啊 好吧 行吧 可以 可以的 没有 没问题 不 不用 不要 不需要 不行 \
    不对 要 有 谢谢 再见 拜拜 没空 没听清";
/// Ends of a whole Mandarin sentence: particles, question words, farewells, confirmations.
const ZH_FINAL: &str = "\
    吗 呢 吧 啊 呀 嘛 啦 了 多少钱 多少 什么 哪里 哪儿 几点 几天 多久 谁 怎么办 怎么样 怎么弄 为什么 \
    是不是 行不行 可不可以 能不能 好不好 再见 拜拜 谢谢 不用 不需要 没兴趣 可以 没问题 好的 打过来 打给我 \
    联系我 不方便 考虑一下 考虑考虑 再说一遍 什么意思 手续 公司";

fn mandarin(text: &str) -> Option<Completeness> {
    let said: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let chars = said.chars().count();
    if chars == 0 {
        return None;
    }
    if one_of(ZH_NODS, &said) {
        return Some(BACKCHANNEL);
    }
    if ends_with_any(&said, ZH_WAIT.split(' ')) {
        return Some(WAIT);
    }
    if one_of(ZH_ANSWERS, &said) {
        return Some(COMPLETE);
    }
    let is_digit = |c: &char| c.is_ascii_digit() || "零〇一二三四五六七八九幺洞".contains(*c);
    if number_unfinished(said.chars().rev().take_while(is_digit).count())
        || ends_with_any(&said, ZH_TRAILING.split(' '))
    {
        return Some(INCOMPLETE);
    }
    // "我呢", "那个啊": a topic, not a sentence.
    if chars > 3 && ends_with_any(&said, ZH_FINAL.split(' ')) || text.trim_end().ends_with(['？', '?']) {
        return Some(COMPLETE);
    }
    None
}

/// Words after which an English sentence goes on.
const EN_TRAILING: &str = "\
    and but because cause or if so well to the my a an of for with in at on from by that than as i i'm \
    i'd i've i'll it's is are was we you your our their um uh er erm like need want have about very just \
    also when while although maybe actually basically per";
/// The same in more than one word; `|` between them.
const EN_TRAILING_PHRASES: &str = "i think|i mean|i guess|i was|the thing is|let me|it depends|i would|i can|i have";
/// Nods; `|` between them.
const EN_NODS: &str = "\
    yeah|yep|yes|okay|ok|sure|right|mm|mm hmm|mhm|uh huh|i see|got it|go on|go ahead|all right|alright|oh okay|fine";
/// Who says this goes on, or comes back, after a while.
const EN_WAIT: &str = "\
    hold on|hang on|hang on a minute|one moment|just a moment|one second|just a second|wait a minute|hold on a second|\
    hang on a second|let me see|let me think|let me check|bear with me|give me a second|just a minute|one sec";
/// Whole answers of a word or two; `|` between them.
const EN_ANSWERS: &str = "\
    no|nope|hello|hi|bye|goodbye|thanks|thank you|no thanks|no thank you|i think so|i do|i don't|it is|of course|\
    pardon|sorry|not really|yes please|i am|i have";
/// First words of a question.
const EN_QUESTION: &str = "\
    how what when where who why which is are do does did can could will would am what's who's where's \
    how's isn't aren't";
/// Last words of a whole sentence.
const EN_FINAL: &str = "please thanks bye goodbye then now robot again interested";

fn english(text: &str) -> Option<Completeness> {
    let said = text.to_lowercase().replace('’', "'");
    let words: Vec<&str> =
        said.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).collect();
    let (&last, before) = words.split_last()?;
    let joined = words.join(" ");
    if EN_NODS.split('|').any(|nod| nod == joined) {
        return Some(BACKCHANNEL);
    }
    if ends_with_any(&joined, EN_WAIT.split('|')) {
        return Some(WAIT);
    }
    if EN_ANSWERS.split('|').any(|answer| answer == joined) || joined.ends_with("think so") {
        return Some(COMPLETE);
    }
    let digits: usize = words.iter().rev().map_while(|word| spoken_digits(word)).sum();
    if number_unfinished(digits) || one_of(EN_TRAILING, last) || ends_with_any(&joined, EN_TRAILING_PHRASES.split('|'))
    {
        return Some(INCOMPLETE);
    }
    let leading = |word: &&&str| !matches!(**word, "so" | "and" | "but" | "well" | "okay" | "sorry" | "um");
    let question = before.len() >= 2 && words.iter().find(leading).is_some_and(|first| one_of(EN_QUESTION, first));
    if question || one_of(EN_FINAL, last) || text.trim_end().ends_with('?') {
        return Some(COMPLETE);
    }
    None
}

/// Digits at the end belong to a telephone or identity number that is still being read out. Two can be an amount or a
/// year; a Chinese mobile has 11, a long number more.
fn number_unfinished(digits: usize) -> bool {
    (3..11).contains(&digits)
}

/// How many digits a word stands for, if it is one of a number read digit by digit.
fn spoken_digits(word: &str) -> Option<usize> {
    // "double" adds one to the digit that follows it.
    const DIGITS: &str = "oh zero one two three four five six seven eight nine double";
    if one_of(DIGITS, word) { Some(1) } else { word.bytes().all(|byte| byte.is_ascii_digit()).then_some(word.len()) }
}

fn one_of(list: &str, word: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}

fn ends_with_any<'a>(text: &str, mut ends: impl Iterator<Item = &'a str>) -> bool {
    ends.any(|end| text.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(language: Language, texts: &[&str], want: impl Into<Option<Completeness>> + Copy) {
        for text in texts {
            let ruled = match language {
                Language::Zh => mandarin(text),
                Language::En => english(text),
            };
            assert_eq!(ruled, want.into(), "{text}");
        }
    }

    #[test]
    fn a_mandarin_sentence_that_trails_off_is_incomplete() {
        let texts = [
            "嗯，这件事我还得",
            "那个…",
            "我想问一下",
            "因为",
            "有点贵，但是",
            "我主要是",
            "要是便宜的话",
            "我的电话是一三八",
        ];
        all(Language::Zh, &texts, INCOMPLETE);
    }

    #[test]
    fn a_mandarin_answer_question_or_farewell_is_complete() {
        let texts = [
            "不是",
            "可以的",
            "你们几点上班呢",
            "一共要多少钱",
            "明天上午再打吧",
            "我先挂了",
            "那就再见",
            "这个能退吗",
        ];
        all(Language::Zh, &texts, COMPLETE);
    }

    #[test]
    fn what_the_rules_do_not_know_they_leave_to_the_weights() {
        all(Language::Zh, &["", "我在上海工作", "一个月九十九"], None);
        all(Language::En, &["", "  ", "we live near the river", "nineteen pounds"], None);
    }

    #[test]
    fn an_english_sentence_that_trails_off_is_incomplete() {
        let texts =
            ["well", "I think I need", "it's cheap but", "we use it for the", "I think", "my number is oh seven seven"];
        all(Language::En, &texts, INCOMPLETE);
    }

    #[test]
    fn an_english_answer_question_or_farewell_is_complete() {
        let texts =
            ["no", "I think so.", "how much is it", "so is there a contract", "no thanks", "talk to you later then"];
        all(Language::En, &texts, COMPLETE);
    }

    #[test]
    fn the_turn_is_over_after_a_whole_sentence_and_not_after_a_broken_one_and_without_words_nothing_is_known() {
        let over =
            |text, language| Evidence::new(text, Completeness::UNKNOWN, &Prosody::default(), language).over(language).0;
        assert!(over("你们几点上班呢", Language::Zh) > 1.0 && over("嗯，这件事我还得", Language::Zh) < -1.0);
        assert!(over("so is there a contract", Language::En) > 1.0 && over("we use it for the", Language::En) < -1.0);
        assert_eq!(over("……", Language::Zh), 0.0);
    }

    #[test]
    fn a_nod_and_a_moment_asked_for_are_told_from_both() {
        all(Language::Zh, &["嗯", "对对对", "好的"], BACKCHANNEL);
        all(Language::En, &["uh huh", "Okay.", "I see"], BACKCHANNEL);
        all(Language::Zh, &["您稍等", "等一下", "这个嘛我想想"], WAIT);
        all(Language::En, &["hold on", "um, let me check"], WAIT);
    }
}
