//! What was said, put on the calendar: the first fitting day, then the time on it, never before the present.

use time::{Date, Duration, Month as Name, OffsetDateTime, Time, Weekday};

use super::{Bound, Clock, Day, DayPart, Feast, Moment, Month, MonthPart, Part, Precision, Said, Vague, Year};
use super::{monday_of, of_day};

/// A bare hour is taken to lie between these: the calling window (rule C3).
const WINDOW: (u8, u8) = (9, 20);
/// The time that stands for a whole day.
const DAY_NEAR: (u8, u8) = (10, 0);
/// "Before three" is so much before it.
const BEFORE: Duration = Duration::minutes(30);
/// How many months or years ahead a day is looked for: the 29th of February may be eight years away.
const MONTHS_MAX: u32 = 12;
const YEARS_MAX: i32 = 8;

/// The moment that is meant, if it can still come.
pub(super) fn place(said: Said, now: OffsetDateTime) -> Option<Moment> {
    if let Some(after) = said.after {
        let at = now.checked_add(after)?.replace_second(0).ok()?.replace_nanosecond(0).ok()?;
        return Some(Moment { at: at.max(now), precision: Precision::Time });
    }
    let today = now.date();
    let mut days = days(said.day, today)?;
    days.dates.retain(|date| *date >= today);
    days.dates.into_iter().find_map(|date| {
        let settled = days.open && date == today;
        let (at, precision) = on(date, days.vague, settled, said, now)?;
        Some(Moment { at, precision })
    })
}

/// The days that may be meant, nearest first.
struct Days {
    dates: Vec<Date>,
    /// They are less than a day.
    vague: Option<Vague>,
    /// No day was named: today must have some time left.
    open: bool,
}

fn days(day: Option<Day>, today: Date) -> Option<Days> {
    let exact = |dates: Vec<Date>| Some(Days { dates, vague: None, open: false });
    let about = |dates: Vec<Date>, vague: Vague| Some(Days { dates, vague: Some(vague), open: false });
    match day {
        None => Some(Days { dates: vec![today, today.next_day()?], vague: None, open: true }),
        Some(Day::InDays(days)) => exact(vec![ahead(today, days)?]),
        Some(Day::AboutInDays(days)) => about(vec![ahead(today, days)?], Vague::Days),
        Some(Day::Coming(weekday, weeks)) => exact(vec![ahead(today, days_until(weekday, today) + weeks * 7)?]),
        Some(Day::OfWeek(weekday, weeks)) => exact(vec![of_week(today, weekday, weeks)?]),
        Some(Day::Weekend(weeks)) => {
            let saturday = of_week(today, Weekday::Saturday, weeks)?;
            exact(vec![saturday, saturday.next_day()?])
        }
        Some(Day::Week(weeks)) => about(vec![of_week(today, Weekday::Monday, weeks)?.max(today)], Vague::Week),
        Some(Day::Date(month, day)) => {
            exact(months(month, today).into_iter().filter_map(|first| first.replace_day(day).ok()).collect())
        }
        Some(Day::Month(month)) => about(
            months(month, today).into_iter().filter_map(|first| still(first, today, last_of)).collect(),
            Vague::Month,
        ),
        Some(Day::MonthPart(month, part)) => {
            let (day, vague) = match part {
                MonthPart::Start => (3, Vague::MonthStart),
                MonthPart::Middle => (15, Vague::MonthMiddle),
                MonthPart::End => (28, Vague::MonthEnd),
            };
            let dates = months(month, today).into_iter().filter_map(|first| {
                let date = first.replace_day(day).ok()?;
                if part == MonthPart::End { still(date, today, last_of) } else { Some(date) }
            });
            about(dates.collect(), vague)
        }
        Some(Day::Year(years)) => {
            let year = today.year().checked_add(i32::try_from(years).ok()?)?;
            about(vec![Date::from_calendar_date(year, Name::January, 10).ok()?], Vague::Year)
        }
        Some(Day::After(feast)) => about(after(feast, today), Vague::Days),
        Some(Day::On(feast)) => about(feast_days(feast, today), Vague::Days),
        Some(Day::LastOf(weekday, ahead)) => {
            let firsts = [ahead, ahead + 1].into_iter().flat_map(|ahead| months(Month::Ahead(ahead), today));
            exact(firsts.filter_map(|first| last_weekday(last_of(first), weekday)).collect())
        }
    }
}

/// The date itself, or today when it has passed but its `end` has not.
fn still(date: Date, today: Date, end: fn(Date) -> Date) -> Option<Date> {
    if date >= today { Some(date) } else { (end(date) >= today).then_some(today) }
}

fn last_of(date: Date) -> Date {
    date.replace_day(date.month().length(date.year())).unwrap_or(date)
}

fn ahead(date: Date, days: u32) -> Option<Date> {
    date.checked_add(Duration::days(i64::from(days)))
}

/// To the next such day after today: 1 to 7.
fn days_until(weekday: Weekday, today: Date) -> u32 {
    u32::from((weekday.number_days_from_monday() + 6 - today.weekday().number_days_from_monday()) % 7) + 1
}

fn of_week(today: Date, weekday: Weekday, weeks: u32) -> Option<Date> {
    ahead(monday_of(today)?, weeks * 7 + u32::from(weekday.number_days_from_monday()))
}

/// The first days of the months that may be meant.
fn months(month: Month, today: Date) -> Vec<Date> {
    let first = |year: i32, name: Name| Date::from_calendar_date(year, name, 1).ok();
    let ahead = |months: u32| {
        let index = u32::from(u8::from(today.month())) - 1 + months;
        let name = Name::try_from(u8::try_from(index % 12 + 1).ok()?).ok()?;
        first(today.year().checked_add(i32::try_from(index / 12).ok()?)?, name)
    };
    match month {
        Month::Any => (0..=MONTHS_MAX).filter_map(ahead).collect(),
        Month::Ahead(months) => ahead(months.min(MONTHS_MAX * 10)).into_iter().collect(),
        Month::Named(name) => (0..=YEARS_MAX).filter_map(|years| first(today.year() + years, name)).collect(),
        Month::Of(name, year) => {
            let year = match year {
                Year::Ahead(years) => i32::try_from(years).ok().and_then(|years| today.year().checked_add(years)),
                Year::Is(year) => i32::try_from(year).ok(),
            };
            year.and_then(|year| first(year, name)).into_iter().collect()
        }
    }
}

/// The last such day up to a date.
fn last_weekday(date: Date, weekday: Weekday) -> Option<Date> {
    let back = (date.weekday().number_days_from_monday() + 7 - weekday.number_days_from_monday()) % 7;
    date.checked_sub(Duration::days(i64::from(back)))
}

/// The days of a feast, this year and next.
fn feast_days(feast: Feast, today: Date) -> Vec<Date> {
    let fixed = |month: Name, day: u8| {
        (0..=1).filter_map(move |year| Date::from_calendar_date(today.year() + year, month, day).ok()).collect()
    };
    match feast {
        Feast::NewYear => fixed(Name::January, 1),
        Feast::LabourDay => fixed(Name::May, 1),
        Feast::NationalDay => fixed(Name::October, 1),
        Feast::Christmas => fixed(Name::December, 25),
        Feast::DoubleEleven => fixed(Name::November, 11),
        Feast::Term => {
            let mut days: Vec<Date> = fixed(Name::March, 1);
            days.extend::<Vec<Date>>(fixed(Name::September, 1));
            days.sort();
            days
        }
        Feast::SpringFestival => (0..=1).filter_map(|year| spring_festival(today.year() + year)).collect(),
        Feast::Any => {
            let all = [Feast::NewYear, Feast::SpringFestival, Feast::LabourDay, Feast::NationalDay];
            let mut days: Vec<Date> = all.into_iter().flat_map(|feast| feast_days(feast, today)).collect();
            days.sort();
            days
        }
    }
}

/// The first working days after a feast, this year and next.
fn after(feast: Feast, today: Date) -> Vec<Date> {
    let days = match feast {
        Feast::NewYear | Feast::Christmas => 3,
        Feast::LabourDay => 5,
        Feast::NationalDay => 7,
        Feast::DoubleEleven => 1,
        Feast::Term => 2,
        Feast::SpringFestival => 8,
        Feast::Any => {
            let all = [Feast::NewYear, Feast::SpringFestival, Feast::LabourDay, Feast::NationalDay];
            let mut dates: Vec<Date> = all.into_iter().flat_map(|feast| after(feast, today)).collect();
            dates.sort();
            return dates;
        }
    };
    feast_days(feast, today).into_iter().filter_map(|first| ahead(first, days)).collect()
}

/// The first day of the lunar year; beyond the table, about then.
fn spring_festival(year: i32) -> Option<Date> {
    const KNOWN: [(i32, Name, u8); 10] = [
        (2026, Name::February, 17),
        (2027, Name::February, 6),
        (2028, Name::January, 26),
        (2029, Name::February, 13),
        (2030, Name::February, 3),
        (2031, Name::January, 23),
        (2032, Name::February, 11),
        (2033, Name::January, 31),
        (2034, Name::February, 19),
        (2035, Name::February, 8),
    ];
    let (month, day) =
        KNOWN.iter().find(|(of, ..)| *of == year).map_or((Name::February, 5), |(_, month, day)| (*month, *day));
    Date::from_calendar_date(year, month, day).ok()
}

/// The time on that day. `open`: no day was named, and this one is today.
fn on(
    date: Date,
    vague: Option<Vague>,
    open: bool,
    said: Said,
    now: OffsetDateTime,
) -> Option<(OffsetDateTime, Precision)> {
    let moment = |date: Date, time: Time| date.with_time(time).assume_offset(now.offset());
    let (at, precision) = if let Some(clock) = said.clock {
        let named = said.day.is_some();
        let exact =
            readings(clock, said.part, now).into_iter().take(if named { 2 } else { 1 }).find_map(|minutes| {
                let date = ahead(date, u32::from(minutes / (24 * 60)))?;
                let minutes = minutes % (24 * 60);
                let at = moment(date, of_day(u8::try_from(minutes / 60).ok()?, u8::try_from(minutes % 60).ok()?));
                (at >= now).then_some(at)
            })?;
        (exact, vague.map_or(Precision::Time, Precision::Vague))
    } else if let Some(Part { part, near }) = said.part {
        let at = moment(date, near);
        let left = end_of(part, date, now)? - now;
        let enough = if open { Duration::HOUR } else { Duration::ZERO };
        if at < now && left <= enough {
            return None;
        }
        (at.max(now), vague.map_or(Precision::Part(part), Precision::Vague))
    } else {
        let at = moment(date, of_day(DAY_NEAR.0, DAY_NEAR.1));
        (at.max(now), vague.map_or(Precision::Day, Precision::Vague))
    };
    let at = match said.bound {
        Bound::At => at,
        Bound::Before if said.clock.is_some() => at.checked_sub(BEFORE)?.max(now),
        Bound::Before => at.checked_sub(Duration::DAY)?.max(now),
    };
    Some((at, precision))
}

fn end_of(part: DayPart, date: Date, now: OffsetDateTime) -> Option<OffsetDateTime> {
    let hours = match part {
        DayPart::Dawn => 6,
        DayPart::Morning => 12,
        DayPart::Noon => 14,
        DayPart::Afternoon => 18,
        DayPart::Evening => 24,
    };
    date.midnight().assume_offset(now.offset()).checked_add(Duration::hours(hours))
}

/// Minutes after midnight that a clock time may stand for, the likelier first; a night's may lie in the next day.
fn readings(clock: Clock, part: Option<Part>, now: OffsetDateTime) -> Vec<u16> {
    let minutes = |hour: u8, minute: u8| u16::from(hour) * 60 + u16::from(minute);
    match clock {
        Clock::Now => vec![minutes(now.hour(), now.minute())],
        Clock::Exact(hour, minute) => {
            let night = hour < 5 && part.is_some_and(|part| part.part == DayPart::Evening);
            vec![minutes(if night { hour + 24 } else { hour }, minute)]
        }
        Clock::Dial(hour, minute) => {
            let hour = match part.map(|part| part.part) {
                Some(DayPart::Dawn) => hour % 12,
                Some(DayPart::Morning) => hour,
                Some(DayPart::Noon) if hour <= 3 => hour + 12,
                Some(DayPart::Noon) => hour,
                Some(DayPart::Afternoon) => hour % 12 + 12,
                Some(DayPart::Evening) if hour < 5 || hour == 12 => hour % 12 + 24,
                Some(DayPart::Evening) => hour + 12,
                None => {
                    let (day, night) = (minutes(hour % 12, minute), minutes(hour % 12 + 12, minute));
                    let inside = |time: u16| (minutes(WINDOW.0, 0)..=minutes(WINDOW.1, 0)).contains(&time);
                    return if inside(night) || hour < 7 { vec![night, day] } else { vec![day, night] };
                }
            };
            vec![minutes(hour, minute)]
        }
    }
}
