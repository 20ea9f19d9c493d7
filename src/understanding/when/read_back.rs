//! A moment in words, as it is read back to the customer: "明天周六下午三点", "tomorrow, Saturday, at three in the
//! afternoon". The words fit behind 我们 and 再打给您, and behind "I'll call you".

use time::{Date, OffsetDateTime, Weekday};

use super::{DayPart, Moment, Precision, Vague, monday_of};
use crate::asr::Language;
use crate::base::numerals::{ENGLISH_ONES as ONES, ENGLISH_TENS as TENS};

/// The moment in words, as exact as it was named; days near `now` by their names.
pub fn spoken(moment: &Moment, now: OffsetDateTime, language: Language) -> String {
    let at = moment.at.to_offset(now.offset());
    match language {
        Language::Zh => mandarin(at, moment.precision, now.date()),
        Language::En => english(at, moment.precision, now.date()),
    }
}

/// Months from `today`'s to `date`'s.
fn months_ahead(date: Date, today: Date) -> i32 {
    (date.year() - today.year()) * 12 + i32::from(u8::from(date.month())) - i32::from(u8::from(today.month()))
}

fn weeks_ahead(date: Date, today: Date) -> Option<i64> {
    Some((monday_of(date)? - monday_of(today)?).whole_weeks())
}

fn mandarin(at: OffsetDateTime, precision: Precision, today: Date) -> String {
    let date = at.date();
    match precision {
        Precision::Time => format!("{}{}", zh_day(date, today), zh_time(at.hour(), at.minute())),
        Precision::Part(part) => {
            let part = match part {
                DayPart::Dawn => "凌晨",
                DayPart::Morning => "上午",
                DayPart::Noon => "中午",
                DayPart::Afternoon => "下午",
                DayPart::Evening => "晚上",
            };
            format!("{}{part}", zh_day(date, today))
        }
        Precision::Day => zh_day(date, today),
        Precision::Vague(Vague::Days) => format!("{}前后", zh_date(date, today)),
        Precision::Vague(Vague::Week) => match weeks_ahead(date, today) {
            Some(0) => "这周".to_owned(),
            Some(1) => "下周".to_owned(),
            Some(2) => "下下周".to_owned(),
            Some(_) | None => format!("{}那一周", zh_date(date, today)),
        },
        Precision::Vague(Vague::MonthStart) => format!("{}初", zh_month(date, today)),
        Precision::Vague(Vague::MonthMiddle) => format!("{}中旬", zh_month(date, today)),
        Precision::Vague(Vague::MonthEnd) => format!("{}底", zh_month(date, today)),
        Precision::Vague(Vague::Month) => zh_month(date, today),
        Precision::Vague(Vague::Year) => zh_year(date.year(), today.year()),
    }
}

fn zh_day(date: Date, today: Date) -> String {
    let weekday = match date.weekday() {
        Weekday::Monday => "周一",
        Weekday::Tuesday => "周二",
        Weekday::Wednesday => "周三",
        Weekday::Thursday => "周四",
        Weekday::Friday => "周五",
        Weekday::Saturday => "周六",
        Weekday::Sunday => "周日",
    };
    match (date - today).whole_days() {
        0 => "今天".to_owned(),
        1 => format!("明天{weekday}"),
        2 => format!("后天{weekday}"),
        _ => format!("{}{weekday}", zh_date(date, today)),
    }
}

fn zh_date(date: Date, today: Date) -> String {
    let year = if date.year() == today.year() { String::new() } else { zh_year(date.year(), today.year()) };
    format!("{year}{}月{}号", zh_number(u8::from(date.month())), zh_number(date.day()))
}

fn zh_month(date: Date, today: Date) -> String {
    match months_ahead(date, today) {
        0 => "这个月".to_owned(),
        1 => "下个月".to_owned(),
        _ if date.year() == today.year() => format!("{}月", zh_number(u8::from(date.month()))),
        _ => format!("{}{}月", zh_year(date.year(), today.year()), zh_number(u8::from(date.month()))),
    }
}

fn zh_year(year: i32, this: i32) -> String {
    match year - this {
        0 => "今年".to_owned(),
        1 => "明年".to_owned(),
        _ => year.to_string().chars().filter_map(|c| c.to_digit(10).map(zh_digit)).chain(['年']).collect(),
    }
}

fn zh_time(hour: u8, minute: u8) -> String {
    let part = match hour {
        0..=5 => "凌晨",
        6..=8 => "早上",
        9..=11 => "上午",
        12 => "中午",
        13..=17 => "下午",
        18.. => "晚上",
    };
    let hour = match hour {
        0 => "零".to_owned(),
        2 | 14 => "两".to_owned(),
        13.. => zh_number(hour - 12),
        _ => zh_number(hour),
    };
    let minute = match minute {
        0 => String::new(),
        15 => "一刻".to_owned(),
        30 => "半".to_owned(),
        45 => "三刻".to_owned(),
        1..=9 => format!("零{}分", zh_number(minute)),
        10.. => format!("{}分", zh_number(minute)),
    };
    format!("{part}{hour}点{minute}")
}

/// A number below a hundred.
fn zh_number(number: u8) -> String {
    let tens = match number / 10 {
        0 => String::new(),
        1 => "十".to_owned(),
        tens => format!("{}十", zh_digit(u32::from(tens))),
    };
    match number % 10 {
        0 if number > 0 => tens,
        ones => format!("{tens}{}", zh_digit(u32::from(ones))),
    }
}

fn zh_digit(digit: u32) -> char {
    ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'][digit as usize % 10]
}

fn english(at: OffsetDateTime, precision: Precision, today: Date) -> String {
    let date = at.date();
    match precision {
        Precision::Time => format!("{}{}", en_day(date, today, ","), en_time(at.hour(), at.minute())),
        Precision::Part(part) => match (part, (date - today).whole_days()) {
            (DayPart::Evening, 0) => "this evening".to_owned(),
            (DayPart::Afternoon, 0) => "this afternoon".to_owned(),
            (DayPart::Morning, 0) => "this morning".to_owned(),
            (DayPart::Dawn, _) => format!("{} before six in the morning", en_day(date, today, ",")),
            (DayPart::Morning, _) => format!("{} in the morning", en_day(date, today, ",")),
            (DayPart::Noon, _) => format!("{} around noon", en_day(date, today, ",")),
            (DayPart::Afternoon, _) => format!("{} in the afternoon", en_day(date, today, ",")),
            (DayPart::Evening, _) => format!("{} in the evening", en_day(date, today, ",")),
        },
        Precision::Day => en_day(date, today, ""),
        Precision::Vague(Vague::Days) => format!("around {}", en_date(date, today)),
        Precision::Vague(Vague::Week) => match weeks_ahead(date, today) {
            Some(0) => "this week".to_owned(),
            Some(1) => "next week".to_owned(),
            Some(2) => "the week after next".to_owned(),
            Some(_) | None => format!("in the week of {}", en_date(date, today)),
        },
        Precision::Vague(Vague::MonthStart) => format!("at the beginning of {}", en_month(date, today)),
        Precision::Vague(Vague::MonthMiddle) => format!("in the middle of {}", en_month(date, today)),
        Precision::Vague(Vague::MonthEnd) => format!("at the end of {}", en_month(date, today)),
        Precision::Vague(Vague::Month) => match months_ahead(date, today) {
            0 | 1 => en_month(date, today),
            _ => format!("in {}", en_month(date, today)),
        },
        Precision::Vague(Vague::Year) if date.year() == today.year() + 1 => "next year".to_owned(),
        Precision::Vague(Vague::Year) => format!("in {}", date.year()),
    }
}

/// `comma` stands behind a day of several words when something follows.
fn en_day(date: Date, today: Date, comma: &str) -> String {
    match (date - today).whole_days() {
        0 => "today".to_owned(),
        1 => format!("tomorrow, {}{comma}", date.weekday()),
        _ => format!("on {}, {}{comma}", date.weekday(), en_date(date, today)),
    }
}

fn en_date(date: Date, today: Date) -> String {
    let year = if months_ahead(date, today) < 11 { String::new() } else { format!(" {}", date.year()) };
    format!("the {} of {}{year}", en_ordinal(date.day()), date.month())
}

fn en_month(date: Date, today: Date) -> String {
    match months_ahead(date, today) {
        0 => "this month".to_owned(),
        1 => "next month".to_owned(),
        2..=10 => date.month().to_string(),
        _ => format!("{} {}", date.month(), date.year()),
    }
}

fn en_time(hour: u8, minute: u8) -> String {
    match (hour, minute) {
        (0, 0) => return " at midnight".to_owned(),
        (12, 0) => return " at noon".to_owned(),
        _ => {}
    }
    let part = match hour {
        0..=11 => "morning",
        12..=17 => "afternoon",
        18.. => "evening",
    };
    let (this, next) = (en_hour(hour), en_hour(hour + 1));
    let time = match minute {
        0 => this,
        15 => format!("quarter past {this}"),
        30 => format!("half past {this}"),
        45 => format!("quarter to {next}"),
        1..=9 => format!("{} minutes past {this}", en_number(minute)),
        10 | 20 => format!("{} past {this}", en_number(minute)),
        40 | 50 => format!("{} to {next}", en_number(60 - minute)),
        10.. => format!("{this} {}", en_number(minute)),
    };
    format!(" at {time} in the {part}")
}

fn en_hour(hour: u8) -> String {
    en_number(if hour.is_multiple_of(12) { 12 } else { hour % 12 })
}

/// A number below sixty.
fn en_number(number: u8) -> String {
    match (number / 10 % 6, number % 10) {
        (0 | 1, _) => ONES[usize::from(number % 20)].to_owned(),
        (tens, 0) => TENS[usize::from(tens)].to_owned(),
        (tens, ones) => format!("{}-{}", TENS[usize::from(tens)], ONES[usize::from(ones)]),
    }
}

fn en_ordinal(day: u8) -> String {
    const ORDINALS: [&str; 20] = [
        "",
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
    ];
    match (day / 10, day % 10) {
        (0 | 1, _) => ORDINALS[usize::from(day % 20)].to_owned(),
        (2, 0) => "twentieth".to_owned(),
        (3, 0) => "thirtieth".to_owned(),
        (tens, ones) => format!("{}-{}", TENS[usize::from(tens % 6)], ORDINALS[usize::from(ones)]),
    }
}
