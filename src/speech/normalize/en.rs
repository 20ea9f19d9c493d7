//! English rules (American usage).

use super::{Clock, Number, Rule, Spoken, clock, digits, iso_date, number, small, telephone};

/// In the order they are tried. A number glued to a word before it (`A4`) is read like any other.
pub(super) const RULES: &[Rule] = &[
    date,
    named_date,
    time_of_day,
    hour,
    money,
    percent,
    phone,
    around_the_clock,
    ordinal_number,
    year,
    amount,
    range,
    per,
    sign,
];

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = ["", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Unit as written, spoken for one, spoken for many.
const UNITS: [(&str, &str, &str); 13] = [
    ("GB", "gigabyte", "gigabytes"),
    ("MB", "megabyte", "megabytes"),
    ("TB", "terabyte", "terabytes"),
    ("Mbps", "megabit per second", "megabits per second"),
    ("Gbps", "gigabit per second", "gigabits per second"),
    ("kg", "kilogram", "kilograms"),
    ("km", "kilometer", "kilometers"),
    ("min", "minute", "minutes"),
    ("hrs", "hour", "hours"),
    ("RMB", "yuan", "yuan"),
    ("CNY", "yuan", "yuan"),
    ("USD", "dollar", "dollars"),
    ("h", "hour", "hours"),
];

fn date(_before: &str, rest: &str) -> Option<Spoken> {
    let (written, month, day, bytes) = iso_date(rest)?;
    let words = format!("{} {}, {}", MONTHS[month as usize - 1], ordinal(day), year_words(written.parse().ok()?));
    Some(Spoken { words, bytes })
}

/// `Nov. 21`, `November 21, 2026`.
fn named_date(before: &str, rest: &str) -> Option<Spoken> {
    if before.ends_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let (name, after) = MONTHS.iter().find_map(|name| {
        let after = rest.strip_prefix(name).or_else(|| rest.strip_prefix(&name[..3]));
        Some((name, after?))
    })?;
    let after = after.strip_prefix('.').unwrap_or(after).strip_prefix(' ')?;
    let (day, after) = small(after, 1..=31)?;
    let after = ["st", "nd", "rd", "th"].iter().find_map(|suffix| after.strip_prefix(suffix)).unwrap_or(after);
    let mut words = format!("{name} {}", ordinal(day));
    let mut left = after;
    if let Some(year) =
        after.strip_prefix(", ").or_else(|| after.strip_prefix(' ')).filter(|year| digits(year).len() == 4)
    {
        words += &format!(", {}", year_words(digits(year).parse().ok()?));
        left = &year[4..];
    }
    Some(Spoken { words, bytes: rest.len() - left.len() })
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

fn money(before: &str, rest: &str) -> Option<Spoken> {
    const SIGNS: [(&str, &str, &str, &str); 6] = [
        ("$", "dollar", "dollars", "cents"),
        ("¥", "yuan", "yuan", "fen"),
        ("RMB", "yuan", "yuan", "fen"),
        ("CNY", "yuan", "yuan", "fen"),
        ("€", "euro", "euros", "cents"),
        ("£", "pound", "pounds", "pence"),
    ];
    if before.ends_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let (after, one, many, parts) = SIGNS.iter().find_map(|(sign, one, many, parts)| {
        Some((rest.strip_prefix(sign)?.trim_start_matches(' '), one, many, parts))
    })?;
    let amount = number(after)?;
    let left = &after[amount.bytes..];
    let large = [" thousand", " million", " billion"].into_iter().find(|large| left.starts_with(large)).unwrap_or("");
    let cents: u64 = amount.fraction.parse().unwrap_or(0) * if amount.fraction.len() == 1 { 10 } else { 1 };
    let unit = if amount.whole == "1" && large.is_empty() { one } else { many };
    let words = match (large, amount.fraction.len()) {
        ("", 1 | 2) => format!("{} {unit} and {} {parts}", cardinal(amount.whole_value()?), cardinal(cents)),
        _ => format!("{}{large} {unit}", spoken(&amount)),
    };
    Some(Spoken { words, bytes: rest.len() - left.len() + large.len() })
}

fn percent(_before: &str, rest: &str) -> Option<Spoken> {
    let amount = number(rest)?;
    let left = &rest[amount.bytes..];
    let after = left.strip_prefix('%').or_else(|| left.strip_prefix(" %"))?;
    Some(Spoken { words: format!("{} percent", spoken(&amount)), bytes: rest.len() - after.len() })
}

fn phone(_before: &str, rest: &str) -> Option<Spoken> {
    let string = telephone(rest)?;
    let groups: Vec<String> = string.groups.iter().map(|group| by_digit(group)).collect();
    Some(Spoken { words: groups.join(", "), bytes: string.bytes })
}

fn around_the_clock(_before: &str, rest: &str) -> Option<Spoken> {
    let after = rest.strip_prefix("24/7")?;
    digits(after).is_empty().then(|| Spoken { words: "twenty-four seven".to_owned(), bytes: 4 })
}

/// `21st`.
fn ordinal_number(_before: &str, rest: &str) -> Option<Spoken> {
    let (value, after) = small(rest, 1..=99)?;
    let left = ["st", "nd", "rd", "th"].iter().find_map(|suffix| after.strip_prefix(suffix))?;
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

fn amount(_before: &str, rest: &str) -> Option<Spoken> {
    let amount = number(rest)?;
    let left = &rest[amount.bytes..];
    let after = left.strip_prefix(' ').unwrap_or(left);
    let unit = UNITS.iter().find_map(|(written, one, many)| {
        let end = after.strip_prefix(written)?;
        let word_ends = !end.starts_with(|c: char| c.is_ascii_alphanumeric());
        word_ends.then_some((end, if amount.whole == "1" && amount.fraction.is_empty() { one } else { many }))
    });
    let words = spoken(&amount);
    Some(match unit {
        Some((end, unit)) => Spoken { words: format!("{words} {unit}"), bytes: rest.len() - end.len() },
        None if left.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            Spoken { words: words + " ", bytes: amount.bytes }
        }
        None => Spoken { words, bytes: amount.bytes },
    })
}

/// `3-5 days`: between two numbers.
fn range(before: &str, rest: &str) -> Option<Spoken> {
    let sign = rest.chars().next().filter(|c| "-~–".contains(*c))?;
    let after = &rest[sign.len_utf8()..];
    let between =
        before.ends_with(|c: char| c.is_alphabetic()) && after.starts_with(|c: char| c.is_ascii_digit() || c == '$');
    between.then(|| Spoken { words: " to ".to_owned(), bytes: sign.len_utf8() })
}

/// `$99/month`, `per`.
fn per(before: &str, rest: &str) -> Option<Spoken> {
    let after = rest.strip_prefix('/')?;
    let between = before.ends_with(char::is_alphabetic) && after.starts_with(|c: char| c.is_ascii_alphabetic());
    between.then(|| Spoken { words: " per ".to_owned(), bytes: 1 })
}

fn sign(_before: &str, rest: &str) -> Option<Spoken> {
    let sign = rest.chars().next()?;
    let number_follows = rest[sign.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
    let words = match sign {
        '&' => "and",
        '#' if number_follows => "number ",
        '+' if number_follows => "plus ",
        '-' if number_follows => "minus ",
        _ => return None,
    };
    Some(Spoken { words: words.to_owned(), bytes: sign.len_utf8() })
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
