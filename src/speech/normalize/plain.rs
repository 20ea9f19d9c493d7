//! Before the rules: what is not said at all is dropped (markup, emoji, what cannot be seen), and the many forms of one
//! sign become one.

/// The text with full-width and decorated signs as their plain twins, without markup.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (said, bytes) = markup(rest).unwrap_or_else(|| (twin(c), c.len_utf8()));
        plain.push_str(&said);
        rest = &rest[bytes..];
    }
    plain
}

/// Markup at the start of `rest`: what is left of it, and the bytes it took. Tags, entities, links, and stars, strokes
/// and backticks in pairs; one star alone is a key of the telephone.
fn markup(rest: &str) -> Option<(String, usize)> {
    const ENTITIES: [(&str, &str); 6] =
        [("&amp;", "&"), ("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", ""), ("&yen;", "¥")];
    const TAG_BYTES_MAX: usize = 80;
    if let Some((entity, said)) = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity)) {
        return Some(((*said).to_owned(), entity.len()));
    }
    if let Some(pair) = ["**", "__", "~~", "```", "`"].iter().find(|pair| rest.starts_with(**pair)) {
        return Some((String::new(), pair.len()));
    }
    if let Some(tag) = rest.strip_prefix('<')
        && tag.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && let Some(end) = tag.find('>').filter(|&end| end < TAG_BYTES_MAX)
    {
        let pause = tag.starts_with("br") || tag.starts_with("/p");
        return Some((if pause { " " } else { "" }.to_owned(), end + 2));
    }
    let (words, link) = rest.strip_prefix('[')?.split_once("](")?;
    let (link, _) = link.split_once(')').filter(|_| !words.contains(['[', ']']))?;
    Some((plain(words), words.len() + link.len() + 4))
}

/// What stands for a sign; nothing for what is not said.
fn twin(c: char) -> String {
    let code = u32::from(c);
    let number = |first: u32, value: u32| (code - first + value).to_string();
    match c {
        '０'..='９'
        | 'Ａ'..='Ｚ'
        | 'ａ'..='ｚ'
        | '％'
        | '＋'
        | '－'
        | '．'
        | '／'
        | '＠'
        | '＃'
        | '＊'
        | '＆'
        | '＄'
        | '＝'
        | '＜'
        | '＞' => char::from_u32(code - 0xFEE0).unwrap_or(c).to_string(),
        '￥' => "¥".to_owned(),
        '￡' => "£".to_owned(),
        '～' | '〜' => "~".to_owned(),
        '−' | '‐' | '‑' => "-".to_owned(),
        '　' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\n' | '\r' | '\t' => " ".to_owned(),
        '½' => "1/2".to_owned(),
        '⅓' => "1/3".to_owned(),
        '⅔' => "2/3".to_owned(),
        '¼' => "1/4".to_owned(),
        '¾' => "3/4".to_owned(),
        '㎏' => "kg".to_owned(),
        '㎞' => "km".to_owned(),
        '㎝' => "cm".to_owned(),
        '㎜' => "mm".to_owned(),
        '㎡' => "m²".to_owned(),
        '①'..='⑳' => number(0x2460, 1),
        'Ⅰ'..='Ⅻ' => number(0x2160, 1),
        '©' | '®' | '™' => String::new(),
        _ if is_unsaid(c) => String::new(),
        // Digits of other scripts and small ones have their own value, or none that we know.
        '²' | '³' => c.to_string(),
        _ if c.is_numeric() && !c.is_ascii_digit() && !c.is_alphabetic() => String::new(),
        other => other.to_string(),
    }
}

/// Emoji and their joiners, pictures, arrows, private signs, and what has no width.
fn is_unsaid(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{20d0}'..='\u{20ff}' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}'
        | '\u{2500}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{fff9}'..='\u{ffff}' | '\u{1f000}'..='\u{1faff}' | '\u{e0000}'..='\u{e01ef}')
}
