//! Whether the words so far are a whole utterance: what the turn detector asks at a pause. Rules on the last words, and
//! where they do not know, what the model reads; unsure is [`Completeness::Unknown`]. Texts as a recogniser writes them, with or without punctuation.

use super::Reading;
use crate::asr::Language;
use crate::hearing::Completeness;

/// Judges the words heard so far. An empty text is `Unknown`.
pub fn completeness(text: &str, language: Language, reading: &Reading) -> Completeness {
    match by_rules(text, language) {
        Completeness::Unknown if !text.trim().is_empty() => reading.completeness,
        known @ (Completeness::Unknown | Completeness::Complete | Completeness::Incomplete) => known,
    }
}

fn by_rules(text: &str, language: Language) -> Completeness {
    match language {
        Language::Zh => mandarin(text),
        Language::En => english(text),
    }
}

/// Ends of a Mandarin text after which more must come: fillers, conjunctions, verbs without their object.
const ZH_TRAILING: &str = "\
    那个 这个 就是 就是说 因为 所以 但是 可是 不过 然后 而且 还有 如果 要是 的话 或者 还是 虽然 比如 \
    比如说 以及 并且 我想 我要 我觉得 我还得 我得 还得 我还要 我需要 我们 主要是 主要 其实 反正 关于 对于 \
    另外 想问一下 问一下 我现在用的 我现在 那你 那我 你们那个 我的 你们的 电话是 号码是 为了 和 跟 把 被 \
    给 在 从 比 呃 额 嗯那";
/// Whole answers of a word or two, though one of them ends like a trailing one.
const ZH_ANSWERS: &str = "\
    嗯 嗯嗯 哦 喂 喂你好 你好 您好 对 对的 对对 对对对 是 是的 是啊 不是 不是的 好 好的 好啊 好吧 行 行吧 \
    可以 可以的 没有 没问题 不 不用 不要 不需要 不行 不对 要 有 谢谢 再见 拜拜 没空 没听清 等一下 等等";
/// Ends of a whole Mandarin sentence: particles, question words, farewells, confirmations.
const ZH_FINAL: &str = "\
    吗 呢 吧 啊 呀 嘛 啦 了 多少钱 多少 什么 哪里 哪儿 几点 几天 多久 谁 怎么办 怎么样 怎么弄 为什么 \
    是不是 行不行 可不可以 能不能 好不好 再见 拜拜 谢谢 不用 不需要 没兴趣 可以 没问题 好的 打过来 打给我 \
    联系我 不方便 考虑一下 考虑考虑 再说一遍 什么意思 手续 公司";

fn mandarin(text: &str) -> Completeness {
    let said: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let chars = said.chars().count();
    if chars == 0 {
        return Completeness::Unknown;
    }
    if one_of(ZH_ANSWERS, &said) {
        return Completeness::Complete;
    }
    let is_digit = |c: &char| c.is_ascii_digit() || "零〇一二三四五六七八九幺洞".contains(*c);
    if number_unfinished(said.chars().rev().take_while(is_digit).count())
        || ends_with_any(&said, ZH_TRAILING.split(' '))
    {
        return Completeness::Incomplete;
    }
    // "我呢", "那个啊": a topic, not a sentence.
    if chars > 3 && ends_with_any(&said, ZH_FINAL.split(' ')) || text.trim_end().ends_with(['？', '?']) {
        return Completeness::Complete;
    }
    Completeness::Unknown
}

/// Words after which an English sentence goes on.
const EN_TRAILING: &str = "\
    and but because cause or if so well to the my a an of for with in at on from by that than as i i'm \
    i'd i've i'll it's is are was we you your our their um uh er erm like need want have about very just \
    also when while although maybe actually basically per";
/// The same in more than one word; `|` between them.
const EN_TRAILING_PHRASES: &str = "i think|i mean|i guess|i was|the thing is|let me|it depends|i would|i can|i have";
/// Whole answers of a word or two; `|` between them.
const EN_ANSWERS: &str = "\
    yes|yeah|yep|no|nope|okay|ok|sure|right|fine|hello|hi|bye|goodbye|thanks|thank you|no thanks|no thank you|\
    mm|uh huh|i think so|i do|i don't|it is|of course|pardon|sorry|not really|go on|go ahead|hold on|\
    yes please|i am|i have";
/// First words of a question.
const EN_QUESTION: &str = "\
    how what when where who why which is are do does did can could will would am what's who's where's \
    how's isn't aren't";
/// Last words of a whole sentence.
const EN_FINAL: &str = "please thanks bye goodbye then now robot again interested";

fn english(text: &str) -> Completeness {
    let said = text.to_lowercase().replace('’', "'");
    let words: Vec<&str> =
        said.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).collect();
    let Some((&last, before)) = words.split_last() else { return Completeness::Unknown };
    let joined = words.join(" ");
    if EN_ANSWERS.split('|').any(|answer| answer == joined) || joined.ends_with("think so") {
        return Completeness::Complete;
    }
    let digits: usize = words.iter().rev().map_while(|word| spoken_digits(word)).sum();
    if number_unfinished(digits) || one_of(EN_TRAILING, last) || ends_with_any(&joined, EN_TRAILING_PHRASES.split('|'))
    {
        return Completeness::Incomplete;
    }
    let leading = |word: &&&str| !matches!(**word, "so" | "and" | "but" | "well" | "okay" | "sorry" | "um");
    let question = before.len() >= 2 && words.iter().find(leading).is_some_and(|first| one_of(EN_QUESTION, first));
    if question || one_of(EN_FINAL, last) || text.trim_end().ends_with('?') {
        return Completeness::Complete;
    }
    Completeness::Unknown
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

    fn all(language: Language, texts: &[&str], want: Completeness) {
        for text in texts {
            assert_eq!(by_rules(text, language), want, "{text}");
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
        all(Language::Zh, &texts, Completeness::Incomplete);
    }

    #[test]
    fn a_mandarin_answer_question_or_farewell_is_complete() {
        let texts = [
            "对",
            "不是",
            "好的",
            "你们几点上班呢",
            "一共要多少钱",
            "明天上午再打吧",
            "我先挂了",
            "那就再见",
            "这个能退吗",
        ];
        all(Language::Zh, &texts, Completeness::Complete);
    }

    #[test]
    fn what_the_rules_do_not_know_stays_unknown() {
        all(Language::Zh, &["", "我在上海工作", "一个月九十九"], Completeness::Unknown);
        all(Language::En, &["", "  ", "we live near the river", "nineteen pounds"], Completeness::Unknown);
    }

    #[test]
    fn an_english_sentence_that_trails_off_is_incomplete() {
        let texts =
            ["well", "I think I need", "it's cheap but", "we use it for the", "I think", "my number is oh seven seven"];
        all(Language::En, &texts, Completeness::Incomplete);
    }

    #[test]
    fn an_english_answer_question_or_farewell_is_complete() {
        let texts =
            ["yes", "I think so.", "how much is it", "so is there a contract", "no thanks", "talk to you later then"];
        all(Language::En, &texts, Completeness::Complete);
    }
}
