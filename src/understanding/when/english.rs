//! English times as they are said: tomorrow at three, next Tuesday, half past four, in half an hour, Monday week.

use time::{Duration, Month as Name, Weekday};

use super::{Bound, Clock, Day, DayPart, Feast, Meant, Month, MonthPart, Part, Read, Said, of_day};
use crate::understanding::scan::{English, listed};

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday mondays", Weekday::Monday),
    ("tuesday tuesdays tues", Weekday::Tuesday),
    ("wednesday wednesdays", Weekday::Wednesday),
    ("thursday thursdays thurs", Weekday::Thursday),
    ("friday fridays", Weekday::Friday),
    ("saturday saturdays", Weekday::Saturday),
    ("sunday sundays", Weekday::Sunday),
];
const MONTHS: [(&str, Name); 12] = [
    ("january jan", Name::January),
    ("february feb", Name::February),
    ("march", Name::March),
    ("april apr", Name::April),
    ("may", Name::May),
    ("june", Name::June),
    ("july", Name::July),
    ("august aug", Name::August),
    ("september sept", Name::September),
    ("october oct", Name::October),
    ("november nov", Name::November),
    ("december dec", Name::December),
];
const ORDINALS: [(&str, u8); 20] = [
    ("first 1st", 1),
    ("second 2nd", 2),
    ("third 3rd", 3),
    ("fourth", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("seventh", 7),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
    ("eleventh", 11),
    ("twelfth", 12),
    ("thirteenth", 13),
    ("fourteenth", 14),
    ("fifteenth", 15),
    ("sixteenth", 16),
    ("seventeenth", 17),
    ("eighteenth", 18),
    ("nineteenth", 19),
    ("twentieth", 20),
];
const PARTS: [(&str, DayPart); 4] = [
    ("morning", DayPart::Morning),
    ("lunchtime", DayPart::Noon),
    ("afternoon", DayPart::Afternoon),
    ("evening night", DayPart::Evening),
];
/// What people do then: the part of the day, hour and minute that stand for it.
const ANCHORS: [(&str, (DayPart, u8, u8)); 7] = [
    ("after work|after i finish work|when i finish work", (DayPart::Evening, 18, 30)),
    ("after lunch", (DayPart::Afternoon, 13, 30)),
    ("before lunch", (DayPart::Morning, 11, 30)),
    ("over lunch|at lunch|lunch time|during lunch|on my lunch break|my lunch break", (DayPart::Noon, 12, 30)),
    ("after dinner|after tea|after supper", (DayPart::Evening, 19, 30)),
    ("after school|after the school run", (DayPart::Afternoon, 16, 30)),
    ("first thing", (DayPart::Morning, 9, 0)),
];
const MONTH_PARTS: [(&str, MonthPart); 3] =
    [("start beginning early", MonthPart::Start), ("middle mid", MonthPart::Middle), ("end late", MonthPart::End)];
const AT: &str = "at around about after from by until till before by";
/// A time before these does not suit.
const TURNED_DOWN: &str = "is no good|isn't good|is not good|won't work|doesn't work|does not work|doesn't suit|is out|\
    isn't possible|is not possible|i can't|i cannot|i'm busy|i am busy|i'm working|i'm away|is bad|isn't great|\
    no good|i'm not free|i won't|is a bad|is too|is difficult|i have a|i'm at|i'm off|i'm not";
const MINUTES_AN_HOUR: u32 = 60;

/// Reads the time at the front of `rest`; `before` is the text up to there.
pub(super) fn read(before: &str, rest: &str) -> Option<Read> {
    let inside = before
        .chars()
        .next_back()
        .is_some_and(|c| c.is_alphanumeric() || matches!(c, '\'' | '.' | ':' | '£' | '$' | '€' | ','));
    if inside || !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut cursor = English { rest };
    let over = over(&mut cursor);
    let mut said = Said::default();
    let mut bytes = rest.len() - cursor.rest.len();
    loop {
        if piece(&mut cursor, &mut said) {
            bytes = rest.len() - cursor.rest.len();
        } else if bytes == 0 || !cursor.word("of in at around on sometime about please any say") {
            break;
        }
    }
    if bytes == 0 {
        return None;
    }
    cursor.rest = &rest[bytes..];
    // "After six, I'm at work till then" gives the reason for the time.
    let reason = cursor.rest.starts_with(',') && rest.to_ascii_lowercase().starts_with("after");
    cursor.word("really just probably unfortunately");
    let down = over || !reason && cursor.phrase(TURNED_DOWN) || before.to_ascii_lowercase().trim_end().ends_with("not");
    Some(Read { bytes, meant: if down { Meant::Not } else { Meant::Ahead(said) } })
}

/// Reads a time of day where another was just taken back: "no wait, make it six".
pub(super) fn read_again(rest: &str) -> Option<Read> {
    let mut cursor = English { rest };
    let (clock, bound) = clock(&mut cursor, true)?;
    let said = Said { clock: Some(clock), bound, ..Said::default() };
    Some(Read { bytes: rest.len() - cursor.rest.len(), meant: Meant::Ahead(said) })
}

/// Days that are over: yesterday, last Friday, two days ago.
fn over(cursor: &mut English<'_>) -> bool {
    const UNITS: &str = "minute minutes hour hours day days week weeks month months year years";
    let past = |c: &mut English<'_>| {
        let last = c.phrase("yesterday|last night|last week|last month|last year|last weekend");
        let weekday = c.attempt(|c| {
            let weekday = c.word("last").then(|| c.value(&WEEKDAYS))?;
            weekday.filter(|_| !c.clone().phrase("of the|of this|of next|in the"))
        });
        let last = last || weekday.is_some();
        (last || ((c.word("a an") || c.number().is_some()) && c.word(UNITS) && c.word("ago"))).then_some(())
    };
    cursor.attempt(past).is_some()
}

/// One more piece that is not named yet.
fn piece(cursor: &mut English<'_>, said: &mut Said) -> bool {
    if said.is_empty()
        && let Some(found) = cursor.attempt(relative)
    {
        *said = found;
        return true;
    }
    if said.after.is_some() {
        return false;
    }
    if let Some((_, part)) = cursor.attempt(|c| day(c).filter(|(day, _)| said.add_day(*day))) {
        said.part = said.part.or(part);
        return true;
    }
    if said.part.is_none()
        && let Some((part, day)) = cursor.attempt(part)
    {
        said.part = Some(part);
        said.day = said.day.or(day);
        return true;
    }
    if said.clock.is_none() {
        let known = said.day.is_some() || said.part.is_some();
        if let Some((clock, bound)) = cursor.attempt(|c| clock(c, known)) {
            (said.clock, said.bound) = (Some(clock), bound);
            // Between three and four: the first.
            let _ = cursor.attempt(|c| (c.word("and or to till until") && dial(c).is_some()).then_some(()));
            return true;
        }
    }
    false
}

/// "In the morning", "this evening", "after lunch", "lunchtime".
fn part(cursor: &mut English<'_>) -> Option<(Part, Option<Day>)> {
    cursor.word("sometime");
    for (phrase, (part, hour, minute)) in ANCHORS {
        if cursor.phrase(phrase) {
            cursor.phrase("in the morning");
            return Some((Part { part, near: of_day(hour, minute) }, None));
        }
    }
    let today = cursor.word("this");
    let _ = today || cursor.word("in at around by");
    cursor.word("the my");
    cursor.word("early late mid");
    let part = cursor.value(&PARTS)?;
    Some((part.into(), today.then_some(Day::InDays(0))))
}

fn day(cursor: &mut English<'_>) -> Option<(Day, Option<Part>)> {
    let bare = |day: Day| (day, None);
    if cursor.word("tonight") {
        return Some((Day::InDays(0), Some(DayPart::Evening.into())));
    }
    if cursor.phrase("a week today|a week from today|today week") {
        return Some(bare(Day::InDays(7)));
    }
    if cursor.phrase("a week tomorrow|a week from tomorrow|tomorrow week") {
        return Some(bare(Day::InDays(8)));
    }
    if cursor.phrase("the day after tomorrow|day after tomorrow|overmorrow") {
        return Some(bare(Day::InDays(2)));
    }
    if cursor.word("today") || cursor.phrase("later today") {
        return Some(bare(Day::InDays(0)));
    }
    if cursor.word("tomorrow tomorrow's") {
        return Some(bare(Day::InDays(1)));
    }
    let found = cursor.attempt(feast).or_else(|| cursor.attempt(week)).or_else(|| cursor.attempt(month_part));
    found.or_else(|| cursor.attempt(date)).or_else(|| cursor.attempt(month)).map(bare)
}

/// "After Christmas", "before Christmas", "in the new year".
fn feast(cursor: &mut English<'_>) -> Option<Day> {
    if cursor.phrase("in the new year|next year") {
        return Some(Day::Year(1));
    }
    let over = cursor.word("after");
    if !over && !cursor.word("before by at over around till until") {
        return None;
    }
    cursor.word("the");
    let feast = if cursor.word("christmas xmas") {
        Feast::Christmas
    } else if cursor.phrase("new year's day|new year|new year's|new years") {
        Feast::NewYear
    } else if cursor.phrase("chinese new year|spring festival") {
        Feast::SpringFestival
    } else if over && cursor.word("holidays holiday") {
        Feast::Any
    } else {
        return None;
    };
    Some(if over { Day::After(feast) } else { Day::On(feast) })
}

/// "Next Tuesday", "Monday week", "the weekend", "Friday next week", "later this week".
fn week(cursor: &mut English<'_>) -> Option<Day> {
    if cursor.phrase("the week after next") {
        return Some(Day::Week(2));
    }
    if let Some(last) = cursor.attempt(last_of_month) {
        return Some(last);
    }
    let later = cursor.attempt(|c| {
        let named = c.phrase("a week on") || c.phrase("a week from");
        named.then(|| c.value(&WEEKDAYS))?
    });
    if let Some(weekday) = later {
        return Some(Day::Coming(weekday, 1));
    }
    let loose = cursor.word("later early") || cursor.phrase("at the end of|the end of|end of|the middle of");
    cursor.word("on by over before during");
    let which = cursor.value(&[("next", 1), ("this coming", 0), ("the", 2)]);
    if let Some(weekday) = cursor.value(&WEEKDAYS) {
        return match which {
            Some(1) => Some(Day::OfWeek(weekday, 1)),
            _ => Some(weekday_then(cursor, weekday)),
        };
    }
    let ahead = match which {
        Some(1) => 1,
        _ => 0,
    };
    if cursor.word("weekend weekends") {
        return Some(Day::Weekend(ahead));
    }
    (cursor.word("week") && (which.is_some_and(|which| which < 2) || loose)).then_some(Day::Week(ahead))
}

/// "On the last Friday of the month".
fn last_of_month(cursor: &mut English<'_>) -> Option<Day> {
    cursor.word("on by");
    cursor.word("the");
    let weekday = cursor.word("last").then(|| cursor.value(&WEEKDAYS))??;
    let ahead = match (
        cursor.phrase("of the month|of this month|in the month|of each month"),
        cursor.phrase("of next month"),
    ) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => return None,
    };
    Some(Day::LastOf(weekday, ahead))
}

/// "Monday week", "Friday next week", "Tuesday fortnight".
fn weekday_then(cursor: &mut English<'_>, weekday: Weekday) -> Day {
    if cursor.word("week") {
        Day::Coming(weekday, 1)
    } else if cursor.word("fortnight") {
        Day::Coming(weekday, 2)
    } else if cursor.phrase("next week|of next week|the week after") {
        Day::OfWeek(weekday, 1)
    } else if cursor.phrase("this week|of this week") {
        Day::OfWeek(weekday, 0)
    } else {
        Day::Coming(weekday, 0)
    }
}

/// "Next spring", "over the summer": a month in it.
fn season(cursor: &mut English<'_>) -> Option<Day> {
    let led = cursor.phrase("next|this|in the|over the|during the|until the|by the|after the|in");
    let name = cursor.value(&[
        ("spring springtime", Name::April),
        ("summer summertime", Name::July),
        ("autumn fall", Name::October),
        ("winter", Name::January),
    ])?;
    led.then_some(Day::Month(Month::Named(name)))
}

/// "The end of the month", "early next month", "mid December".
fn month_part(cursor: &mut English<'_>) -> Option<Day> {
    if let Some(season) = cursor.attempt(season) {
        return Some(season);
    }
    cursor.word("at by in around towards");
    cursor.word("the");
    let part = cursor.value(&MONTH_PARTS)?;
    cursor.word("of in");
    if cursor.phrase("the month|this month|month") {
        return Some(Day::MonthPart(Month::Ahead(0), part));
    }
    if cursor.phrase("next month") {
        return Some(Day::MonthPart(Month::Ahead(1), part));
    }
    if cursor.phrase("the year|this year|year") {
        return (part == MonthPart::End).then_some(Day::MonthPart(Month::Named(Name::December), part));
    }
    cursor.value(&MONTHS).map(|name| Day::MonthPart(Month::Named(name), part))
}

/// "December the fifth", "the twenty first of December", "on the fifth", "5 December", "the 1st of next month".
fn date(cursor: &mut English<'_>) -> Option<Day> {
    const UNITS: &str = "o'clock am pm a.m p.m o percent pounds dollars people minutes hours of";
    let on = cursor.word("on by before");
    if let Some(name) = cursor.value(&MONTHS) {
        cursor.word("the");
        let day = cursor.attempt(ordinal).or_else(|| {
            cursor.attempt(|c| {
                let day = u8::try_from(c.number()?).ok()?;
                let (next, _) = c.peek();
                (!listed(UNITS, &next.to_ascii_lowercase())).then_some(day)
            })
        })?;
        return Some(Day::Date(Month::Named(name), in_month(day)?));
    }
    let the = cursor.word("the");
    let Some(day) = cursor.attempt(ordinal) else {
        let day = in_month(u8::try_from(cursor.number()?).ok()?)?;
        return cursor.value(&MONTHS).map(|name| Day::Date(Month::Named(name), day));
    };
    let day = in_month(day)?;
    let (next, _) = cursor.peek();
    let (next, digits) = (next.to_ascii_lowercase(), cursor.rest);
    let of = cursor.word("of");
    if let Some(name) = cursor.value(&MONTHS) {
        return Some(Day::Date(Month::Named(name), day));
    }
    if cursor.phrase("next month") {
        return Some(Day::Date(Month::Ahead(1), day));
    }
    if cursor.phrase("this month|the month") {
        return Some(Day::Date(Month::Any, day));
    }
    if of {
        cursor.rest = digits;
    }
    // "The first one", "the second time" count; "the first" alone is nothing.
    let counted =
        listed("one time thing question of class half part year month week option plan floor person call", &next);
    ((on || day > 3) && the && !counted).then_some(Day::Date(Month::Any, day))
}

fn ordinal(cursor: &mut English<'_>) -> Option<u8> {
    let digits = cursor.map(|word| {
        let number = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end))?;
        number.parse::<u8>().ok()
    });
    if digits.is_some() {
        return digits;
    }
    let tens = cursor.value(&[("twenty", 20), ("thirty", 30)]);
    if let Some(tens) = tens {
        return cursor.value(&ORDINALS[..9]).map(|ones| tens + ones);
    }
    if cursor.word("thirtieth") {
        return Some(30);
    }
    cursor.value(&ORDINALS)
}

fn in_month(day: u8) -> Option<u8> {
    (1..=31).contains(&day).then_some(day)
}

/// "Next month", "in March", "in the spring" is not.
fn month(cursor: &mut English<'_>) -> Option<Day> {
    if cursor.phrase("next month") {
        return Some(Day::Month(Month::Ahead(1)));
    }
    if cursor.phrase("this month|later this month") {
        return Some(Day::Month(Month::Ahead(0)));
    }
    let sure = cursor.word("in until till after around");
    let name = cursor.value(&MONTHS)?;
    // "May" and "march" alone are rather verbs.
    (sure || !matches!(name, Name::May | Name::March)).then_some(Day::Month(Month::Named(name)))
}

/// "In half an hour", "in two days", "two weeks from now", "in an hour and a half".
fn relative(cursor: &mut English<'_>) -> Option<Said> {
    let led = cursor.word("in within");
    let led = led || cursor.word("give") && cursor.word("me it");
    cursor.word("about around maybe like another");
    let mut several = false;
    let (count, half) = if cursor.phrase("half an|half a") {
        (0, true)
    } else if cursor.phrase("a couple of|couple of|a couple") {
        several = true;
        (2, false)
    } else if cursor.phrase("a few|several") {
        several = true;
        (3, false)
    } else if cursor.phrase("a quarter of an") {
        let hour = cursor.word("hour") && (led || cursor.phrase("from now"));
        return hour.then(|| minutes_from_now(15));
    } else if cursor.word("a an") {
        (1, false)
    } else {
        (cursor.number()?, cursor.phrase("and a half"))
    };
    let unit = cursor.value(&[
        ("minute minutes mins min", 1),
        ("hour hours", MINUTES_AN_HOUR),
        ("day days", 24 * MINUTES_AN_HOUR),
        ("week weeks", 7 * 24 * MINUTES_AN_HOUR),
        ("fortnight", 14 * 24 * MINUTES_AN_HOUR),
        ("month months", 30 * 24 * MINUTES_AN_HOUR),
        ("year years", 365 * 24 * MINUTES_AN_HOUR),
    ])?;
    let half = half || cursor.phrase("and a half");
    let trailing = cursor.phrase("from now|later|from today");
    if !(led || trailing) {
        return None;
    }
    cursor.phrase("or so");
    let total = count.checked_mul(unit)?.checked_add(if half { unit / 2 } else { 0 })?;
    let days = total / (24 * MINUTES_AN_HOUR);
    Some(match days {
        0 => minutes_from_now(total),
        _ if several || unit > 14 * 24 * MINUTES_AN_HOUR => {
            Said { day: Some(Day::AboutInDays(days)), ..Said::default() }
        }
        _ if unit <= MINUTES_AN_HOUR => minutes_from_now(total),
        _ => Said { day: Some(Day::InDays(days)), ..Said::default() },
    })
}

fn minutes_from_now(minutes: u32) -> Said {
    Said { after: Some(Duration::minutes(i64::from(minutes))), ..Said::default() }
}

/// "At three", "half past four", "nine thirty", "3:30 pm", "noon". A bare number is a time only where something says so.
fn clock(cursor: &mut English<'_>, known: bool) -> Option<(Clock, Bound)> {
    if cursor.phrase("this time|the same time|same time") {
        return (known || cursor.clone().attempt(day).is_some()).then_some((Clock::Now, Bound::At));
    }
    let (lead, _) = cursor.peek();
    let bound = if lead.eq_ignore_ascii_case("before") { Bound::Before } else { Bound::At };
    let at = cursor.word(AT) || cursor.word("between");
    let at = cursor.word("about around exactly say like") || at;
    if cursor.word("noon midday") {
        return Some((Clock::Exact(12, 0), bound));
    }
    if cursor.word("midnight") {
        return Some((Clock::Exact(24, 0), bound));
    }
    if let Some(clock) = cursor.attempt(past) {
        return Some((meridiem(cursor, clock)?, bound));
    }
    let (shown, digital) =
        cursor.attempt(|c| Some((c.map(digital)?, true))).or_else(|| Some((dial(cursor)?, false)))?;
    let before = cursor.rest;
    let shown = meridiem(cursor, shown)?;
    let marked = cursor.rest.len() < before.len() || cursor.phrase("o'clock|oclock|o clock|ish|thirty ish");
    let shown = if marked { meridiem(cursor, shown)? } else { shown };
    let counted = {
        const COUNTS: &str = "minute minutes hour hours day days week weeks month months year years pounds percent people \
            thousand hundred million grand k bucks euros bedroom bedrooms percent of point stage side quid dollars times gig gigs gigabytes years' children kids users lines staff";
        let (next, _) = cursor.peek();
        listed(COUNTS, &next.to_ascii_lowercase())
    };
    let part = || cursor.clone().attempt(part).is_some();
    let sure = at || digital || marked || known || part();
    (!counted && sure).then_some((shown, bound))
}

/// "Half past four", "quarter to five", "ten to eight", "half four".
fn past(cursor: &mut English<'_>) -> Option<Clock> {
    cursor.word("a");
    if cursor.word("half") {
        cursor.word("past");
        return Some(Clock::Dial(hour(cursor)?, 30));
    }
    let minutes = if cursor.word("quarter") { 15 } else { u8::try_from(cursor.number()?).ok().filter(|n| *n < 60)? };
    cursor.word("minutes");
    let late = cursor.value(&[("past after", true), ("to of before til", false)])?;
    let hour = hour(cursor)?;
    Some(match late {
        true => Clock::Dial(hour, minutes),
        false if minutes == 0 => Clock::Dial(hour, 0),
        false => Clock::Dial(if hour == 1 { 12 } else { hour - 1 }, 60 - minutes),
    })
}

fn hour(cursor: &mut English<'_>) -> Option<u8> {
    let hour = cursor.map(|word| word.trim_end_matches("ish").parse::<u32>().ok());
    let hour = hour.or_else(|| cursor.attempt(English::number))?;
    u8::try_from(hour).ok().filter(|hour| (1..=12).contains(hour))
}

/// "3:30", "15:30", "3:30pm", "3pm", "4.15pm".
fn digital(word: &str) -> Option<Clock> {
    let (figures, half) = match word.strip_suffix("am").or_else(|| word.strip_suffix("a.m")) {
        Some(figures) => (figures, Some(0)),
        None => match word.strip_suffix("pm").or_else(|| word.strip_suffix("p.m")) {
            Some(figures) => (figures, Some(12)),
            None => (word, None),
        },
    };
    let (hour, minute) = match figures.split_once(':').or_else(|| half.and(figures.split_once('.'))) {
        Some((hour, minute)) if minute.len() == 2 => (hour, minute.parse::<u8>().ok()?),
        Some(_) => return None,
        None if half.is_some() => (figures, 0),
        None => return None,
    };
    let early = hour.starts_with('0');
    let hour = hour.parse::<u8>().ok().filter(|_| minute < 60)?;
    match half {
        Some(half) if (1..=12).contains(&hour) => Some(Clock::Exact(hour % 12 + half, minute)),
        None if (1..=12).contains(&hour) && !early => Some(Clock::Dial(hour, minute)),
        None if hour < 24 => Some(Clock::Exact(hour, minute)),
        Some(_) | None => None,
    }
}

/// "Three", "nine thirty", "nine oh five".
fn dial(cursor: &mut English<'_>) -> Option<Clock> {
    let hour = hour(cursor)?;
    let minute = cursor.attempt(|c| {
        let five = c.word("oh o zero").then(|| c.number().filter(|n| *n < 10));
        let minute = five.unwrap_or_else(|| c.number().filter(|n| (10..60).contains(n)))?;
        let (next, _) = c.peek();
        (!listed("minutes hours pounds percent", &next.to_ascii_lowercase())).then_some(minute)
    });
    Some(Clock::Dial(hour, u8::try_from(minute.unwrap_or(0)).ok()?))
}

/// "am" and "pm" in their spellings, or as a recogniser hears them.
fn meridiem(cursor: &mut English<'_>, clock: Clock) -> Option<Clock> {
    let half = if cursor.word("am") || cursor.phrase("a m") || dotted(cursor, "a.m") {
        0
    } else if cursor.word("pm") || cursor.phrase("p m") || dotted(cursor, "p.m") {
        12
    } else {
        return Some(clock);
    };
    match clock {
        Clock::Dial(hour, minute) => Some(Clock::Exact(hour % 12 + half, minute)),
        Clock::Exact(..) | Clock::Now => Some(clock),
    }
}

/// "p.m" with the full stop that belongs to it.
fn dotted(cursor: &mut English<'_>, word: &str) -> bool {
    let found = cursor.word(word);
    if found {
        cursor.rest = cursor.rest.strip_prefix('.').unwrap_or(cursor.rest);
    }
    found
}
