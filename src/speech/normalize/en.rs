//! English rules (American usage where the two differ). Units and signs: `en_words`.

use super::en_words::{CURRENCIES, LABELS, LARGE, MONTHS, NUMBER_ENDS, SHORT_FORMS, UNITS};
use super::{
    Clock, Number, Rule, Spoken, address, clock, digits, dotted, fraction, is_unpronounceable, iso_date, number, small,
    spell_address, telephone,
};
use crate::base::numerals::{ENGLISH_ONES as ONES, ENGLISH_TENS as TENS};

/// In the order they are tried.
pub(super) const RULES: &[Rule] = &[
    link,
    short_form,
    date,
    slashed_date,
    day_and_month,
    named_date,
    time_of_day,
    hour,
    money,
    percent,
    ratio,
    version,
    around_the_clock,
    fraction_words,
    years,
    phone,
    labelled,
    ordinal_number,
    year,
    amount,
    range,
    per,
    sign,
];

const RANGE: [char; 4] = ['-', '~', '–', '—'];

fn link(before: &str, rest: &str) -> Option<Spoken> {
    let (said, bytes) = address(before, rest)?;
    let word = |word: &str| {
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            by_digit(word)
        } else if is_unpronounceable(word) || word == "uk" || word == "io" {
            word.to_ascii_uppercase()
        } else {
            word.to_owned()
        }
    };
    let sign = |c: char| match c {
        '@' => "at",
        '.' => "dot",
        '-' => "dash",
        '_' => "underscore",
        '/' => "slash",
        '+' => "plus",
        _ => "",
    };
    Some(Spoken { words: spell_address(said, word, sign), bytes })
}

/// `e.g.`, `Mr.`, `No. 5`.
fn short_form(before: &str, rest: &str) -> Option<Spoken> {
    let (written, words) = SHORT_FORMS.iter().find(|(written, _)| rest.starts_with(written))?;
    let after = &rest[written.len()..];
    let alone = !before.ends_with(char::is_alphanumeric)
        && !after.starts_with(|c: char| c.is_alphabetic() && !written.ends_with('/'));
    let counts = !written.eq_ignore_ascii_case("no.") || after.trim_start().starts_with(|c: char| c.is_ascii_digit());
    let gap = if *words == "number" && !after.starts_with(' ') { " " } else { "" };
    (alone && counts).then(|| Spoken { words: format!("{words}{gap}"), bytes: written.len() })
}

fn date(_before: &str, rest: &str) -> Option<Spoken> {
    let (written, month, day, bytes) = iso_date(rest)?;
    let words = format!("{} {}, {}", MONTHS[month as usize - 1], ordinal(day), year_words(written.parse().ok()?));
    Some(Spoken { words, bytes })
}

/// `11/20/2026`, `20/11/2026`; `11/20` where words say that it is a date, or where it can be no fraction.
fn slashed_date(before: &str, rest: &str) -> Option<Spoken> {
    const LEADS: [&str; 9] = ["on ", "by ", "until ", "before ", "since ", "from ", "after ", "till ", "of "];
    let (first, after) = small(rest, 1..=31)?;
    let (second, after) = small(after.strip_prefix('/')?, 1..=31)?;
    let (month, day) = if first > 12 { (second, first) } else { (first, second) };
    let year = after.strip_prefix('/').map(digits).filter(|year| year.len() == 4);
    let told = LEADS.iter().any(|lead| before.to_ascii_lowercase().ends_with(lead));
    if month > 12 || year.is_none() && (after.starts_with('/') || !told && second <= 12 || first > 12) {
        return None;
    }
    let mut words = format!("{} {}", MONTHS[month as usize - 1], ordinal(day));
    if let Some(year) = year {
        words += &format!(", {}", year_words(year.parse().ok()?));
    }
    Some(Spoken { words, bytes: rest.len() - after.len() + year.map_or(0, |year| year.len() + 1) })
}

/// A month's name, whole or shortened, at the start of `rest`; what follows it.
fn month(rest: &str) -> Option<(&'static str, &str)> {
    let word = &rest[..rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())];
    let name = MONTHS
        .iter()
        .find(|name| word == **name || word == &name[..3] || word == "Sept" && name.starts_with("Sept"))?;
    let after = &rest[word.len()..];
    Some((name, if word.len() < name.len() { after.strip_prefix('.').unwrap_or(after) } else { after }))
}

/// `, 2026` or ` 2026` behind a date: what is said, and what follows.
fn year_behind(after: &str) -> Option<(String, &str)> {
    let year = after.strip_prefix(", ").or_else(|| after.strip_prefix(' ')).map(digits).filter(|y| y.len() == 4)?;
    let value: u64 = year.parse().ok().filter(|value| (1900..2100).contains(value))?;
    let end = after.find(year).map_or(after.len(), |at| at + year.len());
    Some((format!(", {}", year_words(value)), &after[end..]))
}

fn without_suffix(after: &str) -> &str {
    ["st", "nd", "rd", "th"].iter().find_map(|suffix| after.strip_prefix(suffix)).unwrap_or(after)
}

/// `20 November 2026`, `the 20th of November`.
fn day_and_month(before: &str, rest: &str) -> Option<Spoken> {
    let (day, after) = small(rest, 1..=31)?;
    let suffixed = without_suffix(after);
    let (name, after) = month(suffixed.strip_prefix(" of ").or_else(|| suffixed.strip_prefix(' '))?)?;
    let bare = suffixed.len() == after.len() || rest.len() - suffixed.len() == digits(rest).len();
    let ends = !after.starts_with(|c: char| c.is_alphanumeric());
    let (year, after) = year_behind(after).unwrap_or((String::new(), after));
    let words = match (bare, before.ends_with("the ")) {
        (true, false) => format!("the {} of {name}{year}", ordinal(day)),
        (true, true) => format!("{} of {name}{year}", ordinal(day)),
        (false, _) if suffixed.starts_with(" of") => format!("{} of {name}{year}", ordinal(day)),
        (false, _) => format!("{} {name}{year}", ordinal(day)),
    };
    ends.then(|| Spoken { words, bytes: rest.len() - after.len() })
}

/// `Nov. 21`, `November 21, 2026`, `Nov 20-22`, `November 2026`.
fn named_date(before: &str, rest: &str) -> Option<Spoken> {
    if before.ends_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let (name, after) = month(rest)?;
    if let Some((year, left)) = year_behind(after) {
        return Some(Spoken { words: format!("{name}{}", &year[1..]), bytes: rest.len() - left.len() });
    }
    let (day, after) = small(after.strip_prefix(' ')?, 1..=31)?;
    let mut after = without_suffix(after);
    let mut words = format!("{name} {}", ordinal(day));
    if let Some((last, left)) = after.strip_prefix(RANGE).and_then(|last| small(last, 1..=31)) {
        words += &format!(" to {}", ordinal(last));
        after = without_suffix(left);
    }
    let (year, left) = year_behind(after).unwrap_or((String::new(), after));
    Some(Spoken { words: words + &year, bytes: rest.len() - left.len() })
}

/// `15:30`; from 13:00 on, and before 1:00, the half of the day is said.
fn time_of_day(_before: &str, rest: &str) -> Option<Spoken> {
    let Clock { hour, minute, bytes } = clock(rest)?;
    let (written_half, half_bytes) = half_of_day(&rest[bytes..]);
    let half = match (written_half, hour) {
        (Some(half), _) => half,
        (None, 13..=23) => " PM",
        (None, 0 | 24) => " AM",
        (None, _) => "",
    };
    let hour = ONES[((hour + 11) % 12 + 1) as usize];
    let words = match minute {
        0 if half.is_empty() => format!("{hour} o'clock"),
        0 => format!("{hour}{half}"),
        1..=9 => format!("{hour} oh {}{half}", cardinal(minute)),
        10.. => format!("{hour} {}{half}", cardinal(minute)),
    };
    Some(Spoken { words, bytes: bytes + half_bytes })
}

/// `3 p.m.`, `10am`.
fn hour(_before: &str, rest: &str) -> Option<Spoken> {
    let (hour, after) = small(rest, 1..=12)?;
    let (half, bytes) = half_of_day(after);
    Some(Spoken { words: format!("{}{}", cardinal(hour), half?), bytes: rest.len() - after.len() + bytes })
}

/// AM or PM as written in many ways, and the bytes it took. Its own last dot is taken only where a sentence goes on.
fn half_of_day(rest: &str) -> (Option<&'static str>, usize) {
    let after = rest.strip_prefix(' ').unwrap_or(rest);
    let lower = after.get(..4).unwrap_or(after).to_ascii_lowercase();
    for (written, half) in [("a.m.", " AM"), ("p.m.", " PM"), ("am", " AM"), ("pm", " PM")] {
        let word_ends = !after.get(written.len()..).unwrap_or("").starts_with(|c: char| c.is_ascii_alphanumeric());
        if lower.starts_with(written) && word_ends {
            return (Some(half), rest.len() - after.len() + written.len());
        }
    }
    (None, 0)
}

/// `£9.50`, `$1.5 million`, `£10-£20`, `-£50`.
fn money(before: &str, rest: &str) -> Option<Spoken> {
    if before.ends_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let (below, signed) = rest.strip_prefix('-').map_or(("", rest), |after| ("minus ", after));
    let (sign, after, names) = CURRENCIES
        .iter()
        .find_map(|(sign, names)| Some((sign, signed.strip_prefix(sign)?.trim_start_matches(' '), names)))?;
    let amount = number(after)?;
    let left = &after[amount.bytes..];
    if let Some(last) = left.strip_prefix(RANGE) {
        let last = last.strip_prefix(sign).unwrap_or(last);
        if let Some(last_amount) = number(last).filter(|last| last.fraction.is_empty() && amount.fraction.is_empty()) {
            let words = format!("{below}{} to {} {}", spoken(&amount), spoken(&last_amount), names[1]);
            return Some(Spoken { words, bytes: rest.len() - last.len() + last_amount.bytes });
        }
    }
    let (large, left) = large(left);
    let parts: u64 = amount.fraction.parse().unwrap_or(0) * if amount.fraction.len() == 1 { 10 } else { 1 };
    let unit = if amount.whole == "1" && large.is_empty() { names[0] } else { names[1] };
    let part = if parts == 1 { names[2] } else { names[3] };
    let words = match (large, amount.fraction.len(), amount.whole_value()) {
        ("", 1 | 2, Some(0)) => format!("{} {part}", cardinal(parts)),
        ("", 1 | 2, Some(whole)) => format!("{} {unit} and {} {part}", cardinal(whole), cardinal(parts)),
        _ => format!("{}{large} {unit}", spoken(&amount)),
    };
    Some(Spoken { words: format!("{below}{words}"), bytes: rest.len() - left.len() })
}

/// ` million`, `k`, `bn` behind a number: what is said, and what follows.
fn large(left: &str) -> (&'static str, &str) {
    let found = LARGE.iter().find_map(|(written, said)| {
        let after = left.strip_prefix(written)?;
        (!after.starts_with(|c: char| c.is_ascii_alphanumeric() || "/²³".contains(c))).then_some((*said, after))
    });
    found.unwrap_or(("", left))
}

fn percent(_before: &str, rest: &str) -> Option<Spoken> {
    let amount = number(rest)?;
    let left = &rest[amount.bytes..];
    let end = |left: &str| {
        let after = left.strip_prefix(' ').unwrap_or(left);
        let signs = [('%', " percent"), ('‰', " per thousand")];
        signs.iter().find_map(|(sign, of)| Some((*of, rest.len() - after.strip_prefix(*sign)?.len())))
    };
    if let Some((of, bytes)) = end(left) {
        return Some(Spoken { words: spoken(&amount) + of, bytes });
    }
    let last = left.strip_prefix(RANGE)?;
    let last_amount = number(last)?;
    let (of, bytes) = end(&last[last_amount.bytes..]).filter(|_| !last[last_amount.bytes..].starts_with(' '))?;
    Some(Spoken { words: format!("{} to {}{of}", spoken(&amount), spoken(&last_amount)), bytes })
}

/// `3:1`, `16:9`: where it can be no time of day.
fn ratio(_before: &str, rest: &str) -> Option<Spoken> {
    let (left, after) = small(rest, 0..=99)?;
    let (right, end) = small(after.strip_prefix(':')?, 0..=99)?;
    let plain = !end.starts_with(|c: char| c == ':' || c.is_ascii_digit());
    plain.then(|| Spoken { words: format!("{} to {}", cardinal(left), cardinal(right)), bytes: rest.len() - end.len() })
}

/// `2.0.1` group by group; the four groups of a network address digit by digit.
fn version(before: &str, rest: &str) -> Option<Spoken> {
    let (groups, bytes) = dotted(rest)?;
    let (joint, short) = if groups.len() == 3 { (" point ", 2) } else { (" dot ", 0) };
    let said = |group: &&str| match group.parse() {
        Ok(value) if group.len() <= short => cardinal(value),
        Ok(_) | Err(_) => by_digit(group),
    };
    let words = groups.iter().map(said).collect::<Vec<_>>().join(joint);
    Some(Spoken { words: format!("{}{words}", gap(before)), bytes })
}

fn around_the_clock(_before: &str, rest: &str) -> Option<Spoken> {
    let after = rest.strip_prefix("24/7")?;
    digits(after).is_empty().then(|| Spoken { words: "twenty-four seven".to_owned(), bytes: 4 })
}

fn fraction_words(_before: &str, rest: &str) -> Option<Spoken> {
    let (above, below, bytes) = fraction(rest)?;
    let part = match below {
        2 => "half".to_owned(),
        4 => "quarter".to_owned(),
        _ => ordinal(below),
    };
    let many = if above == 1 { "" } else { "s" };
    let part = if above > 1 && below == 2 { "halve".to_owned() } else { part };
    Some(Spoken { words: format!("{} {part}{many}", cardinal(above)), bytes })
}

/// `2026-2027`, `the 1990s`, `the 90s`.
fn years(before: &str, rest: &str) -> Option<Spoken> {
    let written = digits(rest);
    let value: u64 = written.parse().ok()?;
    let after = &rest[written.len()..];
    let is_year = |value: u64| (1900..2100).contains(&value);
    if written.len() == 4 && is_year(value) {
        let last = after
            .strip_prefix(['-', '–'])
            .map(digits)
            .filter(|last| last.len() == 4)
            .and_then(|last| last.parse().ok());
        if let Some(last) = last.filter(|&last| is_year(last)) {
            let words = format!("{} to {}", year_words(value), year_words(last));
            return Some(Spoken { words, bytes: 9 + after.chars().next()?.len_utf8() - 1 });
        }
    }
    let decade = value.is_multiple_of(10)
        && (written.len() == 4 && is_year(value) || written.len() == 2 && before.ends_with("the "));
    let ends = after.strip_prefix('s').is_some_and(|end| !end.starts_with(char::is_alphanumeric));
    (decade && ends).then(|| {
        let said = if written.len() == 4 { year_words(value) } else { cardinal(value) };
        let words = said.strip_suffix('y').map_or_else(|| format!("{said}s"), |head| format!("{head}ies"));
        Spoken { words, bytes: written.len() + 1 }
    })
}

fn phone(before: &str, rest: &str) -> Option<Spoken> {
    let string = telephone(rest)?;
    let written = digits(rest);
    let round = written.len() == string.bytes && written.ends_with("000") || before.ends_with('$');
    let plus = if rest.starts_with('+') { "plus " } else { "" };
    let groups: Vec<String> = string.groups.iter().map(|group| dictated(group)).collect();
    (!round).then(|| Spoken { words: format!("{}{plus}{}", gap(before), groups.join(", ")), bytes: string.bytes })
}

/// Three digits or more behind a word that names them, or glued to letters: digit by digit.
fn labelled(before: &str, rest: &str) -> Option<Spoken> {
    let written = digits(rest);
    let lower = before.to_ascii_lowercase();
    let label = lower.trim_end_matches([' ', ':', '#']);
    let label = label.strip_suffix(" is").unwrap_or(label);
    let named = label.len() < lower.len() && LABELS.iter().any(|word| label.ends_with(word));
    let code = before.ends_with(|c: char| c.is_ascii_uppercase());
    let extension = label.ends_with("extension") && written.len() >= 2;
    let plain = number(rest).is_some_and(|number| number.bytes == written.len())
        && !rest[written.len()..].starts_with(char::is_alphabetic);
    let is_name = (named || code) && written.len() >= 3 && !rest[written.len()..].starts_with(" minutes") || extension;
    (plain && is_name).then(|| Spoken { words: format!("{}{}", gap(before), dictated(written)), bytes: written.len() })
}

/// `21st`.
fn ordinal_number(_before: &str, rest: &str) -> Option<Spoken> {
    let amount = number(rest).filter(|amount| amount.fraction.is_empty())?;
    let left = ["st", "nd", "rd", "th"].iter().find_map(|suffix| rest[amount.bytes..].strip_prefix(suffix))?;
    let value = amount.whole_value()?;
    let word_ends = !left.starts_with(|c: char| c.is_ascii_alphanumeric());
    word_ends.then(|| Spoken { words: ordinal(value), bytes: rest.len() - left.len() })
}

/// Four digits where a year is expected.
fn year(before: &str, rest: &str) -> Option<Spoken> {
    const LEADS: [&str; 7] = ["in ", "since ", "until ", "from ", "by ", "year ", "of "];
    let written = digits(rest);
    let value = written.parse().ok().filter(|value| written.len() == 4 && (1900..2100).contains(value))?;
    let before = before.to_ascii_lowercase();
    LEADS.iter().any(|lead| before.ends_with(lead)).then(|| Spoken { words: year_words(value), bytes: 4 })
}

fn amount(before: &str, rest: &str) -> Option<Spoken> {
    let amount = number(rest)?;
    let left = &rest[amount.bytes..];
    let after = left.strip_prefix(' ').unwrap_or(left);
    let unit = UNITS.iter().find_map(|(written, one, many)| {
        // A lone letter is a unit only where it is glued to its number.
        let glued = written.len() > 1 || after.len() == left.len();
        let end = after.strip_prefix(written).filter(|_| glued)?;
        let word_ends = !end.starts_with(|c: char| c.is_ascii_alphanumeric());
        word_ends.then_some((end, if amount.whole == "1" && amount.fraction.is_empty() { one } else { many }))
    });
    let words = format!("{}{}", gap(before), spoken(&amount));
    let more = |left: &str, words: String| match left
        .strip_prefix('+')
        .filter(|end| !end.starts_with(|c: char| c.is_ascii_digit()))
    {
        Some(end) => Spoken { words: words + " plus", bytes: rest.len() - end.len() },
        None => Spoken { words, bytes: rest.len() - left.len() },
    };
    let (thousands, end) = large(left);
    Some(match unit {
        Some((end, unit)) => more(end, format!("{words} {unit}")),
        None if !thousands.is_empty() && (amount.whole.len() > 1 || !left.starts_with('K')) => {
            more(end, words + thousands)
        }
        None if left.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            Spoken { words: words + " ", bytes: amount.bytes }
        }
        None => more(left, words),
    })
}

/// `3-5 days`: between two numbers. `COVID-19`: nothing between a name and its number.
fn range(before: &str, rest: &str) -> Option<Spoken> {
    let sign = rest.chars().next().filter(|c| RANGE.contains(c))?;
    let after = &rest[sign.len_utf8()..];
    let between = before.ends_with(|c: char| c.is_alphabetic())
        && after.starts_with(|c: char| c.is_ascii_digit() || "$£€".contains(c));
    let words = if ends_in_number(before) { " to " } else { " " };
    between.then(|| Spoken { words: words.to_owned(), bytes: sign.len_utf8() })
}

fn ends_in_number(before: &str) -> bool {
    let word = before.rsplit([' ', '-', ',']).next().unwrap_or("").to_ascii_lowercase();
    ONES.contains(&word.as_str())
        || NUMBER_ENDS.contains(&word.as_str())
        || word.ends_with("teenth")
        || word.ends_with("tieth")
}

/// `$99/month`, `£19/mo`: per. `and/or`: nothing.
fn per(before: &str, rest: &str) -> Option<Spoken> {
    const SHORT: [(&str, &str); 5] =
        [("mo", "month"), ("yr", "year"), ("hr", "hour"), ("wk", "week"), ("GB", "gigabyte")];
    let after = rest.strip_prefix('/')?;
    if !before.ends_with(char::is_alphabetic) || !after.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let word = &after[..after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len())];
    let (words, bytes) = match SHORT.iter().find(|(short, _)| *short == word) {
        Some((short, whole)) => (format!(" per {whole}"), 1 + short.len()),
        None if word == "or" => (" ".to_owned(), 1),
        None => (" per ".to_owned(), 1),
    };
    Some(Spoken { words, bytes })
}

fn sign(before: &str, rest: &str) -> Option<Spoken> {
    let sign = rest.chars().next()?;
    let number_follows = rest[sign.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
    let pressed = ["press ", "and ", "or ", "hit "].iter().any(|word| before.to_ascii_lowercase().ends_with(word));
    let words = match sign {
        '&' if before.ends_with(' ') || before.is_empty() => "and",
        '&' => " and ",
        '#' if number_follows => "number ",
        '#' if pressed => "hash",
        '*' if pressed => "star",
        '+' if number_follows => "plus ",
        '+' if before.ends_with(' ') => "plus",
        '-' if number_follows && !before.ends_with(char::is_alphanumeric) => "minus ",
        '±' => "plus or minus ",
        '=' => "equals",
        '~' | '≈' if number_follows => "about ",
        '≥' => "at least ",
        '≤' => "at most ",
        '>' if number_follows => "more than ",
        '<' if number_follows => "less than ",
        '@' => "at",
        '%' => " percent",
        // Nobody says these; a lone star or hash is decoration.
        '*' | '#' | '~' | '_' | '^' | '|' | '\\' | '²' | '³' | '<' | '>' => "",
        _ => return None,
    };
    Some(Spoken { words: words.to_owned(), bytes: sign.len_utf8() })
}

/// A number glued to a word is said apart from it (`A4`).
fn gap(before: &str) -> &'static str {
    if before.ends_with(char::is_alphanumeric) { " " } else { "" }
}

fn spoken(amount: &Number<'_>) -> String {
    let mut words = amount.whole_value().map_or_else(|| by_digit(&amount.whole), cardinal);
    if !amount.fraction.is_empty() {
        words += " point ";
        words += &by_digit(amount.fraction);
    }
    words
}

fn by_digit(written: &str) -> String {
    let words: Vec<&str> = written.bytes().map(|digit| ONES[usize::from(digit - b'0')]).collect();
    words.join(" ")
}

/// As numbers are dictated: 0 is oh, two of a kind are double, three are triple.
fn dictated(written: &str) -> String {
    let name = |digit: u8| if digit == b'0' { "oh" } else { ONES[usize::from(digit - b'0')] };
    let mut words = Vec::new();
    for run in written.as_bytes().chunk_by(|a, b| a == b) {
        let mut left = run.len();
        while left > 0 {
            let (many, count) = match left {
                3 => ("triple ", 3),
                2 | 4.. => ("double ", 2),
                _ => ("", 1),
            };
            words.push(format!("{many}{}", name(run[0])));
            left -= count;
        }
    }
    words.join(" ")
}

fn cardinal(value: u64) -> String {
    const UNITS: [(u64, &str); 5] = [
        (1_000_000_000_000, "trillion"),
        (1_000_000_000, "billion"),
        (1_000_000, "million"),
        (1_000, "thousand"),
        (100, "hundred"),
    ];
    if let Some(&(unit, name)) = UNITS.iter().find(|(unit, _)| value >= *unit) {
        let head = format!("{} {name}", cardinal(value / unit));
        return if value.is_multiple_of(unit) { head } else { format!("{head} {}", cardinal(value % unit)) };
    }
    match (value / 10, value % 10) {
        (0 | 1, _) => ONES[value as usize].to_owned(),
        (tens, 0) => TENS[tens as usize].to_owned(),
        (tens, ones) => format!("{}-{}", TENS[tens as usize], ONES[ones as usize]),
    }
}

fn ordinal(value: u64) -> String {
    const IRREGULAR: [(&str, &str); 7] = [
        ("one", "first"),
        ("two", "second"),
        ("three", "third"),
        ("five", "fifth"),
        ("eight", "eighth"),
        ("nine", "ninth"),
        ("twelve", "twelfth"),
    ];
    let words = cardinal(value);
    if let Some((head, end)) = IRREGULAR.iter().find_map(|(one, first)| Some((words.strip_suffix(one)?, first))) {
        return format!("{head}{end}");
    }
    words.strip_suffix('y').map_or_else(|| format!("{words}th"), |head| format!("{head}ieth"))
}

/// 2026 as twenty twenty-six, 2005 as two thousand five, 1905 as nineteen oh five.
fn year_words(value: u64) -> String {
    match (value / 100, value % 100) {
        (20, 0..=9) => cardinal(value),
        (century, 0) => format!("{} hundred", cardinal(century)),
        (century, short @ 1..=9) => format!("{} oh {}", cardinal(century), cardinal(short)),
        (century, rest) => format!("{} {}", cardinal(century), cardinal(rest)),
    }
}
