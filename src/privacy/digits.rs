//! Digits in a text, however they are written or said, as runs of groups. A group is said in one breath (`13800138000`,
//! "oh seven seven double oh", 一三八); a run is groups with nothing but blanks, hyphens, commas or hesitations between.

use std::borrow::Cow;

/// Digits with the bytes they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// ASCII digits; `X` only as the last.
    pub digits: String,
    pub start: usize,
    pub end: usize,
    /// A plus sign, or its word, stands before.
    pub plus: bool,
    /// It is said anew: 不对 or "sorry" stands before.
    pub corrects: bool,
    /// Said in words, or one by one.
    single: Writing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    /// Figures, several together.
    Figures,
    /// One figure.
    Figure,
    /// Mandarin words.
    Mandarin,
    /// English words.
    English,
}

/// Characters that may stand between the groups of one number.
const BETWEEN: &str = " -–—.,，、。()（）\u{3000}/·";
const BETWEEN_CHARS_MAX: usize = 3;
/// Hesitations between the groups, and words for the place of the next: 中间四位, 后面是. So many of them, one after another.
const FILLERS: [&str; 46] = [
    "呃",
    "嗯",
    "额",
    "啊",
    "哦",
    "哈",
    "呢",
    "嘛",
    "然后",
    "然后是",
    "接着",
    "接着是",
    "再",
    "杠",
    "这个",
    "那个",
    "后面",
    "后面是",
    "后边",
    "后边是",
    "中间",
    "中间是",
    "最后",
    "最后是",
    "尾号",
    "尾号是",
    "四位",
    "两位",
    "三位",
    "四位是",
    "后四位",
    "后四位是",
    "中间四位",
    "中间四位是",
    "um",
    "uh",
    "er",
    "erm",
    "dash",
    "then",
    "and then",
    "and",
    "followed by",
    "hyphen",
    "uhm",
    "space",
];
const FILLERS_MAX: usize = 3;

/// Words between the groups with which a speaker corrects the one before.
const CORRECTIONS: [&str; 22] = [
    "不对",
    "不是",
    "错了",
    "说错了",
    "不对不对",
    "哦不对",
    "哦不对是",
    "不对是",
    "错了是",
    "说错了是",
    "不是是",
    "应该是",
    "哦应该是",
    "no",
    "sorry",
    "no sorry",
    "sorry no",
    "no wait",
    "i mean",
    "no i mean",
    "sorry i mean",
    "make that",
];

const ENGLISH: [(&str, &str); 22] = [
    ("zero", "0"),
    ("oh", "0"),
    ("o", "0"),
    ("nought", "0"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
    ("thirteen", "13"),
    ("fourteen", "14"),
    ("fifteen", "15"),
    ("sixteen", "16"),
    ("seventeen", "17"),
    ("eighteen", "18"),
];
const TENS: [(&str, char); 8] = [
    ("twenty", '2'),
    ("thirty", '3'),
    ("forty", '4'),
    ("fifty", '5'),
    ("sixty", '6'),
    ("seventy", '7'),
    ("eighty", '8'),
    ("ninety", '9'),
];

/// A digit as one character: ASCII, full-width, or a Mandarin digit as it is read out.
pub(super) fn digit(c: char) -> Option<char> {
    Some(match c {
        '0'..='9' => c,
        '０'..='９' => char::from(b'0' + u8::try_from(u32::from(c) - u32::from('０')).ok()?),
        '零' | '〇' | '洞' => '0',
        '一' | '幺' | '壹' => '1',
        '二' | '两' => '2',
        '三' => '3',
        '四' => '4',
        '五' => '5',
        '六' => '6',
        '七' | '拐' => '7',
        '八' => '8',
        '九' | '勾' => '9',
        _ => return None,
    })
}

/// The runs of a text, in order.
pub(super) fn runs(text: &str) -> Vec<Vec<Group>> {
    let text = &meant(text);
    let mut runs: Vec<Vec<Group>> = Vec::new();
    let mut end = usize::MAX;
    for mut group in groups(text) {
        let gap = text.get(end..group.start).unwrap_or_default();
        group.corrects = end <= group.start && corrects(gap);
        let joined = end <= group.start && (group.corrects || between(gap));
        end = group.end;
        match runs.last_mut() {
            Some(run) if joined => run.push(group),
            Some(_) | None => runs.push(vec![group]),
        }
    }
    for run in &mut runs {
        merge(text, run);
    }
    runs
}

/// What a recogniser writes for a digit that is read out: 妖三六 is 幺三六. Beside two digits it is meant; bytes stay.
const SOUNDS: [(&str, char); 4] = [("妖腰夭吆要", '幺'), ("钩沟", '勾'), ("怪", '拐'), ("动", '洞')];

fn meant(text: &str) -> Cow<'_, str> {
    if !SOUNDS.iter().any(|(sounds, _)| text.contains(|c| sounds.contains(c))) {
        return Cow::Borrowed(text);
    }
    let mut chars: Vec<char> = text.chars().collect();
    for at in 0..chars.len() {
        let is_digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| digit(*c).is_some());
        let (one, two) = (at.checked_sub(1), at.checked_sub(2));
        let between = is_digit(one) && is_digit(Some(at + 1));
        let leads = chars[at] != '要' || is_digit(Some(at + 3));
        let beside = is_digit(one) && is_digit(two) || is_digit(Some(at + 1)) && is_digit(Some(at + 2)) && leads;
        if let Some((_, digit)) = SOUNDS.iter().find(|(sounds, _)| sounds.contains(chars[at]))
            && (between || beside)
        {
            chars[at] = *digit;
        }
    }
    Cow::Owned(chars.into_iter().collect())
}

/// Whether nothing but separators and hesitations stands between two groups.
fn between(gap: &str) -> bool {
    let separators =
        |text: &str| text.chars().all(|c| BETWEEN.contains(c)) && text.chars().count() <= BETWEEN_CHARS_MAX;
    let trimmed = gap.trim_matches(|c| BETWEEN.contains(c));
    trimmed.len() + 12 > gap.len() && (separators(gap) || hesitates(&trimmed.to_lowercase(), FILLERS_MAX))
}

/// Whether words are hesitations and nothing else.
fn hesitates(words: &str, most: usize) -> bool {
    let rest = |filler: &&str| Some(words.strip_prefix(*filler)?.trim_start_matches(|c| BETWEEN.contains(c)));
    most > 0 && FILLERS.iter().filter_map(rest).any(|rest| rest.is_empty() || hesitates(rest, most - 1))
}

/// Whether the gap takes back what was said before it.
fn corrects(gap: &str) -> bool {
    let words: String = gap.chars().filter(|c| !BETWEEN.contains(*c) || *c == ' ').collect();
    CORRECTIONS.contains(&words.trim().to_lowercase().as_str())
}

/// Joins what was said digit by digit: a lone figure to the next, a word to the next.
fn merge(text: &str, run: &mut Vec<Group>) {
    let mut merged: Vec<Group> = Vec::new();
    for group in run.drain(..) {
        let alike = |last: &Group| {
            let gap = &text[last.end..group.start];
            let near = gap.chars().all(|c| matches!(c, ' ' | '-'));
            near && !group.plus && !group.corrects && last.single == group.single && group.single != Writing::Figures
        };
        match merged.last_mut() {
            Some(last) if alike(last) => {
                last.digits.push_str(&group.digits);
                last.end = group.end;
            }
            Some(_) | None => merged.push(group),
        }
    }
    *run = merged;
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let before = text[..at].chars().next_back();
        if c.is_ascii_alphabetic() && !before.is_some_and(|c| c.is_ascii_alphanumeric()) {
            let last = groups.last().filter(|group| between(&text[group.end..at]));
            if let Some((digits, end)) = word(&text[at..], last.is_some()) {
                let digits_end = at + end;
                let single = if digits == "X" { Writing::Figures } else { Writing::English };
                push(text, &mut groups, digits, at, digits_end, single);
                at = digits_end;
                continue;
            }
            at += text[at..].find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len() - at);
            continue;
        }
        if digit(c).is_none() || counts_places(&text[at..]) {
            let next = text[at + c.len_utf8()..].chars().next();
            let latin = matches!(c, 'x' | 'X') && !next.is_some_and(|c| c.is_ascii_alphanumeric());
            let x = (latin || matches!(c, 'Ｘ' | '叉' | '×')) && groups.last().is_some_and(|group| group.end == at);
            if x {
                push(text, &mut groups, "X".to_owned(), at, at + c.len_utf8(), Writing::Figures);
            }
            at += c.len_utf8();
            continue;
        }
        if let Some((digits, length)) = counted(&text[at..]) {
            push(text, &mut groups, digits, at, at + length, Writing::Mandarin);
            at += length;
            continue;
        }
        let figures = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
        let length = text[at..].find(|d| digit(d).is_none() || figures(d) != figures(c)).unwrap_or(text.len() - at);
        // 一三八四个零: the last one counts.
        let last = text[at..at + length].chars().next_back().map_or(0, char::len_utf8);
        let length =
            if last < length && counted(&text[at + length - last..]).is_some() { length - last } else { length };
        let digits: String = text[at..at + length].chars().filter_map(digit).collect();
        let inside = before.is_some_and(|c| c.is_ascii_alphabetic()) && !labels(&text[..at]); // a model's name: iPhone15
        let single = match (figures(c), digits.len()) {
            (true, 1) => Writing::Figure,
            (true, _) => Writing::Figures,
            (false, _) => Writing::Mandarin,
        };
        if !inside {
            push(text, &mut groups, digits, at, at + length, single);
        }
        at += length;
    }
    groups
}

/// Latin letters that announce a number and are no part of its name: 加V138.
fn labels(before: &str) -> bool {
    let word = before.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default().to_ascii_lowercase();
    ["v", "vx", "wx", "tel", "qq", "cvv", "cvc"].contains(&word.as_str())
}

/// 四位 in 后四位: how many digits come, none of them.
fn counts_places(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().and_then(digit).is_some_and(|count| matches!(count, '2'..='6')) && chars.as_str().starts_with('位')
}

/// 三个七, 四个零: a digit so many times, and its bytes.
fn counted(text: &str) -> Option<(String, usize)> {
    let mut chars = text.chars();
    let count = chars.next().and_then(digit)?.to_digit(10).filter(|count| (2..=8).contains(count))?;
    let rest = chars.as_str().strip_prefix('个')?;
    let first = rest.chars().next()?;
    let one = digit(first)?;
    let next = rest[first.len_utf8()..].chars().next();
    if next.is_some_and(|next| "十百千万个多点".contains(next)) {
        return None;
    }
    Some((one.to_string().repeat(usize::try_from(count).ok()?), text.len() - rest.len() + first.len_utf8()))
}

fn push(text: &str, groups: &mut Vec<Group>, digits: String, start: usize, end: usize, single: Writing) {
    // An identity number's last character belongs to the group before it.
    if digits == "X" {
        if let Some(last) = groups.last_mut() {
            last.digits.push('X');
            last.end = end;
        }
        return;
    }
    let before = text[..start].trim_end_matches([' ', '(', '（']);
    let plus =
        before.ends_with(['+', '＋']) || ["plus", "Plus", "加号", "加"].iter().any(|word| before.ends_with(word));
    groups.push(Group { digits, start, end, plus, corrects: false, single });
}

/// An English digit word, with "double" and "triple"; its bytes. `after`: digits stand just before.
fn word(text: &str, after: bool) -> Option<(String, usize)> {
    let end = |text: &str| text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let first = end(text);
    let said = text[..first].to_ascii_lowercase();
    let next = || {
        let gap = text[first..].len() - text[first..].trim_start_matches([' ', '-']).len();
        let rest = &text[first + gap..];
        (gap > 0).then(|| (rest[..end(rest)].to_ascii_lowercase(), first + gap + end(rest)))
    };
    let single = |said: &str| ENGLISH[..13].iter().find(|(word, _)| *word == said).map(|(_, digits)| *digits);
    let times = match said.as_str() {
        "double" => 2,
        "triple" | "treble" => 3,
        _ => 1,
    };
    if times > 1 {
        let (second, bytes) = next()?;
        return single(&second).map(|digit| (digit.repeat(times), bytes));
    }
    if let Some((_, digits)) = ENGLISH.iter().find(|(word, _)| *word == said) {
        return Some(((*digits).to_owned(), first));
    }
    if let Some((_, ten)) = TENS.iter().find(|(word, _)| *word == said) {
        let ones = next().and_then(|(second, bytes)| Some((single(&second).filter(|d| *d != "0")?, bytes)));
        return Some(ones.map_or((format!("{ten}0"), first), |(one, bytes)| (format!("{ten}{one}"), bytes)));
    }
    let more = after.then_some(match said.as_str() {
        "hundred" => "00",
        "thousand" => "000",
        "x" | "ex" => "X",
        _ => return None,
    });
    more.map(|digits| (digits.to_owned(), first))
}
