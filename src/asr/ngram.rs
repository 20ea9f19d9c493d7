//! A language model over the recogniser's tokens: an ARPA file (the text format of SRILM and KenLM) in, the log-probability
//! of a token after others out. Pure.
//!
//! The file has log-probabilities to base 10 and words that are the recogniser's tokens, a space within one written `▁`;
//! `<s>` and `</s>` are beginning and end. Grams with other words are skipped. Kept as one sorted array a length, a gram's
//! continuations side by side: 4 bytes a longest gram, 10 a shorter one. A hostile file gives an error.

use std::collections::HashMap;
use std::io::{BufRead, Read};
use std::ops::Range;

use super::search::Token;

/// Longest grams.
pub const ORDER_MAX: usize = 5;
/// Grams of one length.
pub const GRAMS_MAX: usize = 4 << 20;
/// Longest line.
const LINE_BYTES_MAX: u64 = 4096;
/// Share of a file's words that must be the recogniser's tokens: below it the file is another recogniser's.
const KNOWN_SHARE_MIN: f32 = 0.9;
/// Words of another recogniser that an error shows.
const STRANGERS_SHOWN: usize = 5;
/// Fixed point of log-probabilities: a natural logarithm of ±32 in 16 bits.
const SCALE: f32 = 1024.0;
/// What a token that the file lacks has, if it has no `<unk>`: natural logarithm.
const UNKNOWN_LOGPROB: f32 = -16.0;

/// The number of `<s>`: the vocabularies of Whisper end far below.
const BEGIN: u16 = u16::MAX;

/// Why a file is no language model of this recogniser.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NgramError {
    /// The system's complaint, or the decompressor's.
    #[error("cannot be read: {why}")]
    Unreadable {
        /// What it said.
        why: String,
    },
    /// Not ARPA, or damaged.
    #[error("line {line}: {why}: is this an ARPA file, and whole?")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
    /// Made for another vocabulary.
    #[error(
        "only {known} of its {words} words are tokens of the recogniser, {strangers:?} are not: build it over the \
         recogniser's tokens, Mandarin character by character"
    )]
    Strangers {
        /// Words that are tokens.
        known: usize,
        /// All its words.
        words: usize,
        /// The first ones that are not.
        strangers: Vec<String>,
    },
}

/// A back-off model.
#[derive(Debug, Clone, PartialEq)]
pub struct LanguageModel {
    /// By length.
    levels: Vec<Level>,
    /// What a token that is in no gram has.
    unknown: f32,
}

/// The grams of one length, sorted.
#[derive(Debug, Clone, Default, PartialEq)]
struct Level {
    /// The last token of each.
    tokens: Vec<u16>,
    logprobs: Vec<i16>,
    /// The weight of a shorter history where this one has no such continuation. Empty in the last level.
    backoffs: Vec<i16>,
    /// Where the continuations of each begin in the next level, and where the last one's end. Empty in the last level.
    continuations: Vec<u32>,
}

impl LanguageModel {
    /// Reads an ARPA file. `tokens` are the strings that can be said, as the vocabulary has them; `end` ends a text.
    pub fn read(file: impl BufRead, tokens: &HashMap<String, Token>, end: Token) -> Result<Self, NgramError> {
        let mut words: HashMap<String, u16> = tokens
            .iter()
            .filter_map(|(string, token)| Some((string.replace(' ', "▁"), u16::try_from(*token).ok()?)))
            .collect();
        words.insert("<s>".to_owned(), BEGIN);
        words.extend(u16::try_from(end).map(|end| ("</s>".to_owned(), end)));
        Parser { file, line: 0, words }.parse()
    }

    /// Grams of each length.
    pub fn sizes(&self) -> Vec<usize> {
        self.levels.iter().map(|level| level.tokens.len()).collect()
    }

    /// The natural log-probability of `token`, which may be the end, in a text that has begun with `before`.
    pub fn logprob(&self, before: &[Token], token: Token) -> f32 {
        let token = number(token);
        let mut history = [BEGIN; ORDER_MAX];
        let mut known = 0;
        let recent = before.iter().rev().map(|&token| number(token)).chain([BEGIN]);
        for (slot, token) in history.iter_mut().zip(recent.take(self.levels.len() - 1)) {
            *slot = token;
            known += 1;
        }
        history[..known].reverse();
        let mut backoff = 0.0;
        for from in 0..known {
            let length = known - from;
            let Some(at) = self.find(&history[from..known]) else { continue };
            match self.levels[length].find(self.levels[length - 1].continuations(at), token) {
                Some(at) => return backoff + natural(self.levels[length].logprobs[at]),
                None => backoff += natural(self.levels[length - 1].backoffs[at]),
            }
        }
        let single = self.levels[0].find(self.levels[0].all(), token);
        backoff + single.map_or(self.unknown, |at| natural(self.levels[0].logprobs[at]))
    }

    /// The place of a gram among those of its length.
    fn find(&self, gram: &[u16]) -> Option<usize> {
        let (first, rest) = gram.split_first()?;
        let mut at = self.levels[0].find(self.levels[0].all(), *first)?;
        for (level, &token) in rest.iter().enumerate() {
            at = self.levels[level + 1].find(self.levels[level].continuations(at), token)?;
        }
        Some(at)
    }
}

impl Level {
    fn all(&self) -> Range<usize> {
        0..self.tokens.len()
    }

    fn find(&self, range: Range<usize>, token: u16) -> Option<usize> {
        let start = range.start;
        self.tokens[range].binary_search(&token).ok().map(|offset| start + offset)
    }

    fn continuations(&self, at: usize) -> Range<usize> {
        self.continuations[at] as usize..self.continuations[at + 1] as usize
    }
}

/// Vocabularies of Whisper end far below 65,535.
fn number(token: Token) -> u16 {
    u16::try_from(token).unwrap_or(BEGIN)
}

fn natural(fixed: i16) -> f32 {
    f32::from(fixed) / SCALE
}

/// What cannot be held is as good as never, or always.
fn fixed(log10: f32) -> i16 {
    (log10 * std::f32::consts::LN_10 * SCALE) as i16
}

/// A gram as read: its tokens, as many as its length; its log-probability; its back-off weight.
type Gram = ([u16; ORDER_MAX], i16, i16);

struct Parser<F> {
    file: F,
    /// The number of the line read last.
    line: u64,
    /// `<s>` and `</s>` among them.
    words: HashMap<String, u16>,
}

impl<F: BufRead> Parser<F> {
    fn parse(mut self) -> Result<LanguageModel, NgramError> {
        let sizes = self.head()?;
        let (mut shorter, unknown) = self.singles(sizes[0])?;
        let mut levels = vec![level(0, &shorter)];
        for (n, &size) in sizes.iter().enumerate().skip(1) {
            self.expect(&format!("\\{}-grams:", n + 1))?;
            let mut grams = Vec::new();
            for _ in 0..size {
                let (words, logprob, backoff) = self.gram(n + 1)?;
                let mut tokens = [0; ORDER_MAX];
                let known = words.iter().map(|word| self.words.get(word.as_str()));
                if tokens.iter_mut().zip(known).all(|(token, known)| known.map(|known| *token = *known).is_some()) {
                    grams.push((tokens, fixed(logprob), fixed(backoff)));
                }
            }
            self.sort(&mut grams)?;
            levels[n - 1].backoffs = shorter.iter().map(|gram| gram.2).collect();
            levels[n - 1].continuations = self.continuations(&shorter, &grams, n)?;
            levels.push(level(n, &grams));
            shorter = grams;
        }
        self.expect("\\end\\")?;
        Ok(LanguageModel { levels, unknown })
    }

    /// How many grams there are of each length, up to the first of them.
    fn head(&mut self) -> Result<Vec<usize>, NgramError> {
        while self.line()? != "\\data\\" {} // SRILM allows a foreword
        let mut sizes = Vec::new();
        loop {
            let line = self.line()?;
            if line == "\\1-grams:" && !sizes.is_empty() {
                return Ok(sizes);
            }
            let entry = line.strip_prefix("ngram ").and_then(|entry| entry.split_once('='));
            let count = |part: &str| part.trim().parse::<usize>().ok();
            match entry.map(|(length, size)| (count(length), count(size))) {
                Some((Some(length), Some(size)))
                    if length == sizes.len() + 1 && length <= ORDER_MAX && size <= GRAMS_MAX =>
                {
                    sizes.push(size);
                }
                _ => {
                    let bounds = format!("lengths 1 to {ORDER_MAX} in order, each at most {GRAMS_MAX}");
                    return Err(self.wrong(format!("\"ngram LENGTH=COUNT\" was expected: {bounds}")));
                }
            }
        }
    }

    /// Single words, of which enough must be known, and what an unknown one has.
    fn singles(&mut self, size: usize) -> Result<(Vec<Gram>, f32), NgramError> {
        let (mut grams, mut unknown) = (Vec::new(), UNKNOWN_LOGPROB);
        let (mut words, mut strangers) = (0, Vec::new());
        for _ in 0..size {
            let (word, logprob, backoff) = self.gram(1)?;
            let word = word.concat();
            if word == "<unk>" {
                unknown = natural(fixed(logprob));
                continue;
            }
            words += 1;
            match self.words.get(&word) {
                Some(&token) => {
                    grams.push(([token, 0, 0, 0, 0], fixed(logprob), fixed(backoff)));
                }
                None => strangers.push(word),
            }
        }
        let known = words - strangers.len();
        if (known as f32) < words as f32 * KNOWN_SHARE_MIN {
            strangers.truncate(STRANGERS_SHOWN);
            return Err(NgramError::Strangers { known, words, strangers });
        }
        self.sort(&mut grams)?;
        Ok((grams, unknown))
    }

    /// The next line's words and logarithms to base 10: "-1.5<TAB>two words<TAB>-0.3", the last one not everywhere.
    fn gram(&mut self, length: usize) -> Result<(Vec<String>, f32, f32), NgramError> {
        let line = self.line()?;
        let mut parts = line.split([' ', '\t']).filter(|part| !part.is_empty());
        let number = |part: Option<&str>| part.and_then(|part| part.parse::<f32>().ok()).filter(|n| !n.is_nan());
        let logprob = number(parts.next()).filter(|&logprob| logprob <= 0.0);
        let words: Vec<String> = parts.by_ref().take(length).map(str::to_owned).collect();
        let backoff = match parts.next() {
            None => Some(0.0),
            weight => number(weight),
        };
        match (logprob, backoff, parts.next()) {
            (Some(logprob), Some(backoff), None) if words.len() == length => Ok((words, logprob, backoff)),
            (_, _, _) => {
                Err(self.wrong(format!("a {length}-gram was expected: logarithm, words, and maybe a back-off weight")))
            }
        }
    }

    fn sort(&self, grams: &mut [Gram]) -> Result<(), NgramError> {
        grams.sort_unstable_by_key(|gram| gram.0);
        match grams.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            true => Err(self.wrong("a gram above is there twice".to_owned())),
            false => Ok(()),
        }
    }

    /// Where in `grams` the continuations of each of `shorter`, of length `n`, begin, and where they end.
    fn continuations(&self, shorter: &[Gram], grams: &[Gram], n: usize) -> Result<Vec<u32>, NgramError> {
        let mut starts = vec![0];
        let mut at = 0;
        for gram in shorter {
            at += grams[at..].iter().take_while(|longer| longer.0[..n] == gram.0[..n]).count();
            starts.push(at as u32);
        }
        match grams.len() - at {
            0 => Ok(starts),
            _ => Err(self.wrong(format!("a {}-gram above begins with no {n}-gram of the file", n + 1))),
        }
    }

    /// The next line that is not empty.
    fn line(&mut self) -> Result<String, NgramError> {
        let mut line = String::new();
        loop {
            line.clear();
            self.line += 1;
            let read = self.file.by_ref().take(LINE_BYTES_MAX).read_line(&mut line);
            match read.map_err(|error| NgramError::Unreadable { why: error.to_string() })? {
                0 => return Err(self.wrong("the file ends".to_owned())),
                bytes if bytes as u64 == LINE_BYTES_MAX => {
                    return Err(self.wrong(format!("longer than {LINE_BYTES_MAX} bytes")));
                }
                _ => {}
            }
            if !line.trim_end().is_empty() {
                return Ok(line.trim_end().to_owned());
            }
        }
    }

    fn expect(&mut self, expected: &str) -> Result<(), NgramError> {
        match self.line()? == expected {
            true => Ok(()),
            false => Err(self.wrong(format!("{expected:?} was expected"))),
        }
    }

    fn wrong(&self, why: String) -> NgramError {
        NgramError::Line { line: self.line, why }
    }
}

fn level(n: usize, grams: &[Gram]) -> Level {
    Level {
        tokens: grams.iter().map(|gram| gram.0[n]).collect(),
        logprobs: grams.iter().map(|gram| gram.1).collect(),
        ..Level::default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const END: Token = 9;
    const FILE: &str = "made by hand\n\\data\\\nngram 1=6\nngram 2=4\nngram 3=1\n\n\
        \\1-grams:\n-99\t<s>\t-0.5\n-1\t</s>\n-0.6\t好\t-0.2\n-0.9\t号\t-0.1\n-1.2\t▁yes\n-2\t<unk>\n\n\
        \\2-grams:\n-0.3\t<s> 好\t-0.4\n-0.7\t好 号\n-0.2\t好 </s>\n-0.5\t号 好\n\n\
        \\3-grams:\n-0.1\t<s> 好 </s>\n\n\\end\\\n";

    fn tokens() -> HashMap<String, Token> {
        [("好", 1), ("号", 2), (" yes", 3), ("没", 4)].map(|(word, token)| (word.to_owned(), token)).into()
    }

    fn read(file: &str) -> Result<LanguageModel, NgramError> {
        LanguageModel::read(file.as_bytes(), &tokens(), END)
    }

    fn log10(model: &LanguageModel, before: &[Token], token: Token) -> f32 {
        (model.logprob(before, token) / std::f32::consts::LN_10 * 100.0).round() / 100.0
    }

    #[test]
    fn the_longest_gram_that_is_there_decides_and_backing_off_costs_its_weight() {
        let model = read(FILE).expect("a good file");
        assert_eq!(model.sizes(), [5, 4, 1]);
        assert_eq!(log10(&model, &[1], END), -0.1, "<s> 好 </s>");
        assert_eq!(log10(&model, &[], 1), -0.3, "<s> 好");
        assert_eq!(log10(&model, &[2, 1], END), -0.2, "号 好 is in no longer gram: 好 </s>");
        assert_eq!(log10(&model, &[1], 2), -0.4 - 0.7, "<s> 好 backs off to 好 号");
        assert_eq!(log10(&model, &[2, 2], 2), -0.1 - 0.9, "号 backs off to 号 alone");
        assert_eq!(log10(&model, &[3], 3), -1.2, "nothing begins with ▁yes");
        assert_eq!(log10(&model, &[], 4), -0.5 - 2.0, "没 is unknown");
    }

    #[test]
    fn grams_with_words_that_are_no_tokens_are_skipped() {
        let more = FILE.replace("1=6", "1=7").replace("-2\t<unk>", "-2\t<unk>\n-3\t天");
        let more = more.replace("2=4", "2=5").replace("-0.5\t号 好", "-0.5\t号 好\n-1\t天 好");
        assert!(matches!(read(&more), Err(NgramError::Strangers { known: 5, words: 6, .. })), "17% are strangers");
        let known = [("天", 7)].map(|(word, token): (_, Token)| (word.to_owned(), token));
        let all: HashMap<String, Token> = tokens().into_iter().chain(known).collect();
        assert_eq!(LanguageModel::read(more.as_bytes(), &all, END).expect("all known").sizes(), [6, 5, 1]);
    }

    #[test]
    fn a_file_over_other_words_is_refused_and_shows_some() {
        let words = FILE.replace('好', "HELLO").replace('号', "WORLD");
        let error = read(&words).expect_err("another recogniser's").to_string();
        assert!(error.contains("3 of its 5") && error.contains("HELLO") && error.contains("WORLD"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (from, to, line) in [
            ("\\data\\", "data", 25),
            ("ngram 2=4", "ngram 3=4", 4),
            ("1=6", "1=99999999", 3),
            ("1=6", "1=5", 13),
            ("-0.9\t号", "x\t号", 11),
            ("-0.9\t号", "0.9\t号", 11),
            ("-0.9\t号", "NaN\t号", 11),
            ("-0.2\t好 </s>", "-0.2\t好", 18),
            ("号 好", "好 号", 19),
            ("<s> 好 </s>", "号 号 </s>", 22),
            ("\\end\\\n", "", 24),
        ] {
            match read(&FILE.replacen(from, to, 1)) {
                Err(NgramError::Line { line: found, .. }) => assert_eq!(found, line, "{from} as {to}"),
                other => panic!("{from} as {to}: {other:?}"),
            }
        }
    }

    proptest! {
        #[test]
        fn any_damage_is_an_error_or_harmless(cuts in prop::collection::vec((0..FILE.len(), 0..12usize, any::<u8>()), 1..4)) {
            let mut bytes = FILE.as_bytes().to_vec();
            for (at, length, byte) in cuts {
                let at = at.min(bytes.len());
                let end = (at + length).min(bytes.len());
                bytes.splice(at..end, [byte]);
            }
            if let Ok(model) = LanguageModel::read(&bytes[..], &tokens(), END) {
                for token in 0..=END {
                    prop_assert!(model.logprob(&[1, 2, token], token).is_finite());
                }
            }
        }
    }
}
