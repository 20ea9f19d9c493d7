//! Mandarin text to numbered pinyin (`ni3 hao3`), as espeak-ng's voice `cmn-latn-pinyin` reads it: its own Chinese voice
//! does not know the characters. Readings of phrases come from `readings.tsv`, single characters from the `pinyin` crate;
//! tone changes of 一 and 不 are made here, those of third tones by espeak-ng. Words in Latin letters are split out for
//! an English voice, short capitals (`GB`) are spelled in place.

mod readings;
mod sandhi;

use readings::readings;
use sandhi::change_tones;

/// A stretch of text for one voice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Numbered pinyin with ASCII punctuation.
    Pinyin(String),
    /// Words for the English voice.
    Latin(String),
}

impl Piece {
    /// Whether there is anything to say.
    pub fn has_words(&self) -> bool {
        let (Self::Pinyin(text) | Self::Latin(text)) = self;
        text.contains(char::is_alphanumeric)
    }
}

/// Capitals up to this length are spelled letter by letter: `GB`, `VIP`, `APP`.
const SPELLED_LETTERS_MAX: usize = 5;

/// Splits normalised Mandarin `text` by voice, in order. A text with nothing to say gives no piece.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut pinyin = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = match Kind::of(first) {
            Kind::Han => {
                let run = run(rest, |c| Kind::of(c) == Kind::Han);
                push_words(&mut pinyin, &change_tones(readings(run)).join(" "));
                run
            }
            Kind::Latin => {
                let run = run(rest, |c| Kind::of(c) == Kind::Latin || matches!(c, ' ' | '\'' | '-')).trim_end();
                if is_spelled(run) {
                    let letters: Vec<String> = run.chars().map(|c| c.to_ascii_uppercase().to_string()).collect();
                    push_words(&mut pinyin, &letters.join(" "));
                } else {
                    finish_pinyin(&mut pieces, &mut pinyin);
                    pieces.push(Piece::Latin(run.to_owned()));
                }
                run
            }
            Kind::Pause(mark) => {
                if pinyin.ends_with(|c: char| c.is_ascii_alphanumeric()) {
                    pinyin.push(mark);
                }
                &rest[..first.len_utf8()]
            }
            Kind::Other => &rest[..first.len_utf8()],
        };
        rest = &rest[run.len()..];
    }
    finish_pinyin(&mut pieces, &mut pinyin);
    pieces
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Han,
    Latin,
    /// Punctuation, as espeak-ng knows it.
    Pause(char),
    Other,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            'a'..='z' | 'A'..='Z' => Self::Latin,
            ',' | '，' | '、' | ';' | '；' | ':' | '：' | '—' | '…' => Self::Pause(','),
            '.' | '。' => Self::Pause('.'),
            '!' | '！' => Self::Pause('!'),
            '?' | '？' => Self::Pause('?'),
            other if readings::of_char(other).is_some() => Self::Han,
            _ => Self::Other,
        }
    }
}

fn run(rest: &str, belongs: impl Fn(char) -> bool) -> &str {
    &rest[..rest.find(|c| !belongs(c)).unwrap_or(rest.len())]
}

fn is_spelled(run: &str) -> bool {
    run.len() == 1 || run.len() <= SPELLED_LETTERS_MAX && run.bytes().all(|b| b.is_ascii_uppercase())
}

fn push_words(pinyin: &mut String, words: &str) {
    if !pinyin.is_empty() {
        pinyin.push(' ');
    }
    pinyin.push_str(words);
}

fn finish_pinyin(pieces: &mut Vec<Piece>, pinyin: &mut String) {
    if !pinyin.is_empty() {
        pieces.push(Piece::Pinyin(std::mem::take(pinyin)));
    }
}

#[cfg(test)]
mod words;

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_read(table: &[(&str, &str)]) {
        for (text, pinyin) in table {
            assert_eq!(pieces(text), [Piece::Pinyin((*pinyin).to_owned())], "text: {text}");
        }
    }

    #[test]
    fn characters_are_read_and_punctuation_becomes_pauses() {
        assert_read(&[
            ("您好，我是小王。", "nin2 hao3, wo3 shi4 xiao3 wang2."),
            ("可以吗？好！", "ke3 yi3 ma5? hao3!"),
            ("“绿色”……女儿", "lü4 se4, nü3 er2"),
        ]);
    }

    #[test]
    fn the_word_decides_how_a_character_is_read() {
        assert_read(&[
            ("银行，不行", "yin2 hang2, bu4 xing2"),
            ("长期增长", "chang2 qi1 zeng1 zhang3"),
            ("重新重要", "chong2 xin1 zhong4 yao4"),
            ("我还得还款", "wo3 hai2 dei3 huan2 kuan3"),
            ("觉得睡觉得到", "jue2 de5 shui4 jiao4 de2 dao4"),
            ("了解了", "liao3 jie3 le5"),
            ("便宜方便", "pian2 yi5 fang1 bian4"),
            ("因为认为", "yin1 wei4 ren4 wei2"),
            ("会计数量利率效率", "kuai4 ji4 shu4 liang4 li4 lü4 xiao4 lü4"),
            ("慢慢地到地方", "man4 man4 de5 dao4 di4 fang5"),
            ("着急等着", "zhao2 ji2 deng3 zhe5"),
            ("教我调整差不多", "jiao1 wo3 tiao2 zheng3 cha4 bu5 duo1"),
            ("用不了那么多", "yong4 bu5 liao3 na4 me5 duo1"),
        ]);
    }

    #[test]
    fn yi_and_bu_change_their_tone() {
        assert_read(&[
            ("一个一天一年一起", "yi2 ge4 yi4 tian1 yi4 nian2 yi4 qi3"),
            ("第一十一月一号", "di4 yi1 shi2 yi1 yue4 yi1 hao4"),
            ("二零一六年星期一", "er4 ling2 yi1 liu4 nian2 xing1 qi1 yi1"),
            ("看一看一百一十一万", "kan4 yi5 kan4 yi4 bai3 yi1 shi2 yi1 wan4"),
            ("不要不好是不是", "bu2 yao4 bu4 hao3 shi4 bu5 shi4"),
        ]);
    }

    #[test]
    fn latin_words_are_split_out_and_short_capitals_are_spelled() {
        assert_eq!(
            pieces("欢迎用Callwright Pro，六十GB的v卡"),
            [
                Piece::Pinyin("huan1 ying2 yong4".to_owned()),
                Piece::Latin("Callwright Pro".to_owned()),
                Piece::Pinyin("liu4 shi2 G B de5 V ka3".to_owned()),
            ]
        );
        assert_eq!(pieces("……！"), []);
    }

    #[test]
    fn every_phrase_of_the_table_has_one_syllable_a_character() {
        for (phrase, syllables) in readings::phrases() {
            assert_eq!(phrase.chars().count(), syllables.len(), "{phrase}");
            for syllable in syllables {
                assert!(syllable.ends_with(['1', '2', '3', '4', '5']), "{phrase}: {syllable}");
            }
        }
    }

    #[test]
    fn numbers_are_said_with_the_tones_of_speech() {
        let said = |text: &str| pieces(&crate::speech::normalize(text, crate::asr::Language::Zh));
        for (text, pinyin) in [
            ("100元", "yi4 bai3 yuan2"),
            ("1000万", "yi4 qian1 wan4"),
            ("1万", "yi2 wan4"),
            ("1亿", "yi2 yi4"),
            ("111", "yi4 bai3 yi1 shi2 yi1"),
            ("第1次，1个，1天", "di4 yi1 ci4, yi2 ge4, yi4 tian1"),
            ("11月1日", "shi2 yi1 yue4 yi1 ri4"),
            ("1.5倍", "yi4 dian3 wu3 bei4"),
            ("1/3", "san1 fen1 zhi1 yi1"),
            ("10%不是100%", "bai3 fen1 zhi1 shi2 bu2 shi4 bai3 fen1 zhi1 bai3"),
            ("按1", "an4 yi1"),
            ("10086", "yao1 ling2 ling2 ba1 liu4"),
            ("2026年1月", "er4 ling2 er4 liu4 nian2 yi1 yue4"),
            ("不去，不好，不一样，差不多", "bu2 qu4, bu4 hao3, bu4 yi2 yang4, cha4 bu5 duo1"),
        ] {
            assert_eq!(said(text), [Piece::Pinyin(pinyin.to_owned())], "text: {text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_in_plain_characters(text in "\\PC{0,30}") {
            for piece in pieces(&text) {
                if let Piece::Pinyin(pinyin) = piece {
                    let plain = |c: char| c.is_ascii_alphanumeric() || " ,.?!üê".contains(c);
                    proptest::prop_assert!(pinyin.chars().all(plain), "{} -> {}", text, pinyin);
                }
            }
        }
    }
}
