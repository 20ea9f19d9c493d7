//! "不是三千，是五千" and "no, five thousand": people correct themselves and what was read back to them.

use std::sync::LazyLock;

use regex::Regex;

use crate::asr::Language;

/// What takes back the words before it, or those that it names.
static TAKES_BACK: LazyLock<[Option<Regex>; 2]> = LazyLock::new(|| {
    [
        "不是[^，。,.是]{1,12}?(?:[，。, ]+(?:而?是)?|而?是)|不对|不是|错了|改成|换成|而是|应该是|^不[，, ]|[哦噢啊]不",
        r"(?i)\bnot [^,.;!?]{1,40}?(?:[,.;]|\bbut\b|\bit'?s\b)|(?:^|[,.;] ?)no\b|\bi meant?\b|\bsorry,|\bmake (?:it|that)\b|\bor rather\b|\bwrong\b|\bnot right\b",
    ]
    .map(|pattern| Regex::new(pattern).ok())
});

/// Words denied at the end: "是五千，不是三千".
static NOT_THAT: LazyLock<[Option<Regex>; 2]> = LazyLock::new(|| {
    ["[，, ]不是[^，。,.]{1,12}[。.]?$", r"(?i)[,;] not [^,.;!?]{1,40}[.!]?$"].map(|pattern| Regex::new(pattern).ok())
});

/// What is left of an utterance in which something is taken back: the words that hold. The whole of any other.
pub fn corrected(text: &str, language: Language) -> &str {
    let of = |patterns: &'static [Option<Regex>; 2]| match language {
        Language::Zh => patterns[0].as_ref(),
        Language::En => patterns[1].as_ref(),
    };
    let says = |rest: &&str| rest.contains(char::is_alphanumeric);
    let end = of(&NOT_THAT).and_then(|denied| denied.find(text)).map(|denied| &text[..denied.start()]);
    let held = end.filter(says).unwrap_or(text);
    let tail =
        of(&TAKES_BACK).and_then(|takes_back| takes_back.find_iter(held).last()).map(|found| &held[found.end()..]);
    let held = tail.filter(says).unwrap_or(held);
    if held.len() == text.len() {
        return text;
    }
    held.trim_matches(|c: char| !c.is_alphanumeric() && !"£$€".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::{Slot, slots};

    #[test]
    fn what_is_taken_back_is_not_found_and_what_replaces_it_is() {
        let zh = [
            (Slot::How, "不是三千五是五千", "五千"),
            (Slot::How, "预算三千五百块，不对，五千块", "五千块"),
            (Slot::How, "我说的是五千块，不是三千五百块", "五千块"),
            (Slot::Who, "给我老公，不对，给我妈用", "我妈"),
            (Slot::Who, "不是十三个人是三十个人", "三十个人"),
            (Slot::Where, "我在浦东新区，说错了，在徐汇", "徐汇"),
            (Slot::Where, "不是浦东是徐汇", "徐汇"),
            (Slot::How, "错了，三千块钱", "三千块钱"),
        ];
        for (slot, text, want) in zh {
            assert_eq!(slots(text, Language::Zh).get(slot), Some(want), "{text}");
        }
        let en = [
            (Slot::How, "no, five thousand", "five thousand"),
            (Slot::How, "not three thousand, five thousand", "five thousand"),
            (Slot::How, "about thirty pounds, no, fifty pounds", "fifty pounds"),
            (Slot::How, "I said five thousand, not three thousand", "five thousand"),
            (Slot::Who, "it's for my daughter, sorry, for my son", "my son"),
            (Slot::Where, "I live in Leicester, no wait, I live in Leeds", "Leeds"),
        ];
        for (slot, text, want) in en {
            assert_eq!(slots(text, Language::En).get(slot), Some(want), "{text}");
        }
    }

    #[test]
    fn an_utterance_that_takes_nothing_back_is_left_whole() {
        for text in ["预算五千块", "我家四口人"] {
            assert_eq!(corrected(text, Language::Zh), text);
        }
        assert_eq!(corrected("I'm not sure.", Language::En), "I'm not sure.");
        assert_eq!(corrected("不是", Language::Zh), "不是");
    }
}
