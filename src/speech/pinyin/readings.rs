//! Which syllable each character is, by the longest phrase of `readings.tsv` that fits, else by itself.

use std::collections::HashMap;
use std::sync::LazyLock;

use ::pinyin::ToPinyin;

/// A character and how it is read here.
pub(super) type Syllable = (char, String);

const PHRASE_CHARS_MAX: usize = 5;

/// Our own table: a phrase, a tab, its syllables.
static PHRASES: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let lines = include_str!("readings.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).map(|(phrase, read)| (phrase, read.split(' ').collect())).collect()
});

/// The syllables of a run of characters that all have a reading.
pub(super) fn readings(run: &str) -> Vec<Syllable> {
    let mut syllables = Vec::new();
    let mut rest = run;
    while let Some(first) = rest.chars().next() {
        let phrase = (2..=PHRASE_CHARS_MAX).rev().find_map(|count| {
            let end = rest.char_indices().map(|(at, _)| at).chain([rest.len()]).nth(count)?;
            PHRASES.get_key_value(&rest[..end])
        });
        match phrase {
            Some((phrase, read)) => {
                syllables.extend(phrase.chars().zip(read.iter().map(|&syllable| syllable.to_owned())));
                rest = &rest[phrase.len()..];
            }
            None => {
                syllables.extend(of_char(first).map(|syllable| (first, syllable)));
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    syllables
}

/// The usual reading of a character by itself; a neutral tone is 5.
pub(super) fn of_char(c: char) -> Option<String> {
    if let Some(read) = PHRASES.get(c.encode_utf8(&mut [0; 4]) as &str) {
        return Some(read.concat());
    }
    let read = c.to_pinyin()?.with_tone_num_end();
    Some(if read.ends_with(|c: char| c.is_ascii_digit()) { read.to_owned() } else { format!("{read}5") })
}

/// The whole table, for its test.
#[cfg(test)]
pub(super) fn phrases() -> impl Iterator<Item = (&'static str, &'static Vec<&'static str>)> {
    PHRASES.iter().map(|(&phrase, read)| (phrase, read))
}
