//! How likely the words so far are a whole utterance, by a table of weights: `scripts/train/turns/words.py` trains it
//! (models/turns.md). The features are hashed: the last n-grams, the first ones, those anywhere, the length.

use crate::asr::Language;

/// A weight a byte, signed.
const WEIGHTS: &[u8] = include_bytes!("turns.bin");
/// What 1 is in the table.
const SCALE: f32 = 24.0;
/// Of longer texts the end.
const UNITS_MAX: usize = 60;
const LAST_MAX: usize = 4;
const FIRST_MAX: usize = 3;
const LENGTH_MAX: usize = 20;

/// The logarithm of the odds that `text` is whole; none of a text without words.
pub(super) fn log_odds(text: &str, language: Language) -> Option<f32> {
    let units = match language {
        Language::Zh => characters(text),
        Language::En => words(text),
    };
    let units = &units[units.len().saturating_sub(UNITS_MAX)..];
    if units.is_empty() {
        return None;
    }
    let mut at: Vec<usize> = features(units, language).iter().map(|name| place(name)).collect();
    at.sort_unstable();
    at.dedup();
    let sum: i32 = at.into_iter().filter_map(|at| WEIGHTS.get(at)).map(|&weight| i32::from(weight.cast_signed())).sum();
    Some(sum as f32 / SCALE)
}

/// FNV-1a of 32 bits.
fn place(name: &str) -> usize {
    let hash = name.bytes().fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash as usize % WEIGHTS.len()
}

/// Names of what is there; of two alike one counts.
fn features(units: &[String], language: Language) -> Vec<String> {
    let (id, space) = match language {
        Language::Zh => ("zh", ""),
        Language::En => ("en", " "),
    };
    let n = units.len();
    let mut names = vec![format!("{id}#"), format!("{id}l{}", n.min(LENGTH_MAX))];
    names.extend((1..=LAST_MAX.min(n)).map(|k| format!("{id}${}", units[n - k..].join(space))));
    names.extend((1..=FIRST_MAX.min(n)).map(|k| format!("{id}^{}", units[..k].join(space))));
    if n <= LAST_MAX {
        names.push(format!("{id}={}", units.join(space)));
    }
    names.extend(units.windows(2).map(|pair| format!("{id}:{}", pair.join(space))));
    names.extend(units[..n - 1].iter().map(|unit| format!("{id}~{unit}")));
    names
}

/// Characters without punctuation, digits as they are read.
fn characters(text: &str) -> Vec<String> {
    let read = |c: char| c.to_digit(10).map_or(c, |digit| DIGITS_ZH[digit as usize]);
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).map(|c| read(c).to_string()).collect()
}

/// Words in lower case, digits as they are read.
fn words(text: &str) -> Vec<String> {
    let mut plain = String::with_capacity(text.len());
    for c in text.to_lowercase().replace('’', "'").chars() {
        match c.to_digit(10) {
            Some(digit) => plain.extend([" ", DIGITS_EN[digit as usize], " "]),
            None => plain.push(if c.is_alphanumeric() || c == '\'' { c } else { ' ' }),
        }
    }
    plain.split(' ').map(|word| word.trim_matches('\'')).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

const DIGITS_ZH: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
const DIGITS_EN: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_the_training_reads_them() {
        assert_eq!(characters("我要2个，A4的。").concat(), "我要二个a四的");
        assert_eq!(words("It’s 'fine', 20 GB!").join(" "), "it's fine two zero gb");
        assert_eq!(place("zh#"), 27508);
    }

    #[test]
    fn whole_sentences_are_likelier_whole_than_their_beginnings() {
        let pairs = [
            (Language::Zh, "你们这个套餐一个月多少钱", "你们这个套餐一个月"),
            (Language::Zh, "我想问问发票怎么开", "我想问问"),
            (Language::En, "I would like to speak to somebody else", "I would like to speak to"),
            (Language::En, "how much does it cost", "how much does"),
        ];
        for (language, whole, beginning) in pairs {
            assert!(log_odds(whole, language) > log_odds(beginning, language).map(|odds| odds + 1.0), "{whole}");
        }
        assert_eq!(log_odds("……", Language::Zh), None);
    }
}
