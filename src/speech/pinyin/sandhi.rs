//! Tones of 一 and 不 beside other syllables. (Third tones before third tones are espeak-ng's work.)

use super::readings::Syllable;

const DIGITS: &str = "零〇幺一二三四五六七八九十";
const UNITS: &str = "百千万亿";
/// Behind these 一 is a numeral or the end of a word and keeps its first tone.
const BEFORE_YI1: [&str; 8] = ["第", "周", "星期", "礼拜", "统", "唯", "之", "专"];
/// Before these 一 names one of a row: 一月, 一号, 一楼.
const AFTER_YI1: &str = "月号日楼";

/// The syllables as they are spoken.
pub(super) fn change_tones(syllables: Vec<Syllable>) -> Vec<String> {
    let mut before = String::new();
    let mut spoken = Vec::with_capacity(syllables.len());
    for (n, (han, syllable)) in syllables.iter().enumerate() {
        let after = syllables.get(n + 1).map(|(han, syllable)| (*han, syllable.as_str()));
        spoken.push(match (*han, syllable.as_str()) {
            ('一', "yi1") => format!("yi{}", yi_tone(&before, after)),
            ('不', "bu4") => format!("bu{}", bu_tone(&before, after)),
            (_, same) => same.to_owned(),
        });
        before.push(*han);
    }
    spoken
}

fn yi_tone(before: &str, after: Option<(char, &str)>) -> u8 {
    let Some((next, syllable)) = after else { return 1 };
    let counts = DIGITS.contains(next);
    let counted = before.ends_with(|c| DIGITS.contains(c))
        || before.ends_with(|c| UNITS.contains(c)) && next != '个'
        || before.ends_with('点') && UNITS.contains(next)
        || BEFORE_YI1.iter().any(|word| before.ends_with(word));
    if counts || counted || AFTER_YI1.contains(next) {
        1
    } else if before.ends_with(next) {
        5 // 看一看
    } else if syllable.ends_with(['4', '5']) {
        2
    } else {
        4
    }
}

fn bu_tone(before: &str, after: Option<(char, &str)>) -> u8 {
    match after {
        Some((next, _)) if before.ends_with(next) => 5, // 是不是
        Some((_, syllable)) if syllable.ends_with('4') => 2,
        Some(_) | None => 4,
    }
}
