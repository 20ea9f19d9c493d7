//! Tones of 一 and 不 beside other syllables. (Third tones before third tones are espeak-ng's work.)

use super::readings::Syllable;

const NUMERALS: &str = "零〇幺一二三四五六七八九十百千万亿";
/// Behind these 一 is a numeral or the end of a word and keeps its first tone: 第一, 周一, 统一.
const BEFORE_YI1: &str = "第周期拜初统唯之专";
/// Before these 一 names one of a row: 一月, 一号, 一楼.
const AFTER_YI1: &str = "月号日楼";

/// The syllables as they are spoken.
pub(super) fn change_tones(syllables: Vec<Syllable>) -> Vec<String> {
    let at = |n: usize| syllables.get(n).map(|(han, syllable)| (*han, syllable.as_str()));
    let changed = |n: usize, (han, syllable): &Syllable| {
        let (before, after) = (n.checked_sub(1).and_then(at).map(|(han, _)| han), at(n + 1));
        match (*han, syllable.as_str()) {
            ('一', "yi1") => format!("yi{}", yi_tone(before, after)),
            ('不', "bu4") => format!("bu{}", bu_tone(before, after)),
            (_, same) => same.to_owned(),
        }
    };
    syllables.iter().enumerate().map(|(n, syllable)| changed(n, syllable)).collect()
}

fn yi_tone(before: Option<char>, after: Option<(char, &str)>) -> u8 {
    let Some((next, syllable)) = after else { return 1 };
    let counted = before.is_some_and(|c| NUMERALS.contains(c) || BEFORE_YI1.contains(c) || c == '点' && NUMERALS.contains(next));
    let digit = NUMERALS.contains(next) && !"百千万亿".contains(next);
    if counted || digit || AFTER_YI1.contains(next) {
        1
    } else if before == Some(next) {
        5 // 看一看
    } else if syllable.ends_with(['4', '5']) {
        2
    } else {
        4
    }
}

fn bu_tone(before: Option<char>, after: Option<(char, &str)>) -> u8 {
    match after {
        Some((next, _)) if before == Some(next) => 5, // 是不是
        Some((_, syllable)) if syllable.ends_with('4') => 2,
        Some(_) | None => 4,
    }
}
