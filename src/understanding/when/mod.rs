//! Spoken time to a moment: "明天下午三点", "half past four on Monday". A parser for each language finds the words and
//! reads them as `Said`; `calendar` puts that on the calendar; `read_back` says a moment as a person would. Pure:
//! the present arrives. A fixed offset from UTC is used, that of `now`: no daylight saving.
//!
//! A bare hour is the one between 09:00 and 20:00, so "three" is 15:00 and "nine" is 09:00. Nothing lies in the past:
//! what could only be meant so is `None`.

mod calendar;
mod english;
mod mandarin;
mod read_back;

pub use read_back::spoken;

use std::ops::Range;

use time::{Date, Duration, OffsetDateTime, Time, Weekday};

use super::scan::listed;
use crate::asr::Language;

/// A moment in the future, and how exactly it was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The moment, in the offset of `now`; for what is vaguer than a time, a sensible time in it.
    pub at: OffsetDateTime,
    /// How exactly it was named.
    pub precision: Precision,
}

/// How exactly a moment was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// A time of day.
    Time,
    /// A part of a day.
    Part(DayPart),
    /// A day.
    Day,
    /// Less than a day: to be asked for more exactly.
    Vague(Vague),
}

/// A part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayPart {
    /// Midnight to six.
    Dawn,
    /// Until noon.
    Morning,
    /// About twelve.
    Noon,
    /// Until six.
    Afternoon,
    /// Until midnight.
    Evening,
}

/// What a vague time names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vague {
    /// About that day.
    Days,
    /// Some day of that week.
    Week,
    /// The first days of that month.
    MonthStart,
    /// The middle of that month.
    MonthMiddle,
    /// The last days of that month.
    MonthEnd,
    /// Some day of that month.
    Month,
    /// Some day of that year.
    Year,
}

/// The first time that `text` names, as a moment after `now`; a time that is turned down in the same breath
/// ("明天不行，后天吧") is passed over. `None`: no time named, or none that can still come.
pub fn resolve(text: &str, language: Language, now: OffsetDateTime) -> Option<Moment> {
    calendar::place(named(text, language)?.said, now)
}

/// The words of `text` that name the time, verbatim.
pub fn find(text: &str, language: Language) -> Option<&str> {
    named(text, language).map(|named| &text[named.span])
}

/// A time of a text, and where its words stand.
struct Named {
    span: Range<usize>,
    said: Said,
}

/// The longest time named, the last of equals; one that takes back another ("no wait, make it six") replaces it and
/// keeps what it leaves unsaid, as the day.
fn named(text: &str, language: Language) -> Option<Named> {
    let mut best: Option<Named> = None;
    let mut free_from = 0;
    for (start, _) in text.char_indices() {
        if start < free_from {
            continue;
        }
        let (before, rest) = text.split_at(start);
        let corrected = best.as_ref().filter(|known| takes_back(&text[known.span.end..start], language));
        let read = match language {
            Language::Zh => mandarin::read(before, rest).or_else(|| corrected.and_then(|_| mandarin::read_again(rest))),
            Language::En => english::read(before, rest).or_else(|| corrected.and_then(|_| english::read_again(rest))),
        };
        let Some(Read { bytes, meant }) = read else { continue };
        free_from = start + bytes.max(1);
        let Meant::Ahead(said) = meant else { continue };
        let span = start..start + bytes;
        match (corrected, &best) {
            (Some(known), _) => best = Some(Named { said: said.completed(known.said), span }),
            (None, Some(longest)) if bytes < longest.span.len() => {}
            (None, Some(_) | None) => best = Some(Named { span, said }),
        }
    }
    best
}

/// Whether the words between two times take back the first.
fn takes_back(gap: &str, language: Language) -> bool {
    const ZH: [&str; 8] = ["不对", "不是", "说错了", "错了", "改成", "换成", "不", "改到"];
    const ZH_BESIDE: [&str; 16] =
        ["哦", "噢", "呃", "嗯", "啊", "吧", "我", "等等", "等一下", "应该", "是", "那就", "还是", "，", ",", " "];
    const EN: &str = "no sorry mean actually rather scratch make";
    const EN_BESIDE: &str = "wait i it that or on hang let's say not uh um at oh well";
    match language {
        Language::Zh => {
            let (mut rest, mut strong) = (gap, false);
            while !rest.is_empty() {
                let found = ZH.iter().find_map(|word| rest.strip_prefix(word));
                strong |= found.is_some();
                let Some(next) = found.or_else(|| ZH_BESIDE.iter().find_map(|word| rest.strip_prefix(word))) else {
                    return false;
                };
                rest = next;
            }
            strong
        }
        Language::En => {
            let lower = gap.to_ascii_lowercase().replace('’', "'");
            let words: Vec<&str> = lower.split([' ', ',', '.', '-']).filter(|word| !word.is_empty()).collect();
            let strong = words.iter().any(|word| listed(EN, word));
            strong && words.iter().all(|word| listed(EN, word) || listed(EN_BESIDE, word))
        }
    }
}

/// A time at the front of a text.
struct Read {
    bytes: usize,
    meant: Meant,
}

/// What a time that was said is good for.
enum Meant {
    /// One to act at.
    Ahead(Said),
    /// One that is over, or that does not suit.
    Not,
}

/// A time as it was said, not yet on a calendar. Nothing set means nothing said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Said {
    day: Option<Day>,
    part: Option<Part>,
    clock: Option<Clock>,
    /// So long from now.
    after: Option<Duration>,
    bound: Bound,
}

/// Which side of the time is meant. "After" and "around" need no more than the time itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Bound {
    #[default]
    At,
    Before,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Day {
    InDays(u32),
    /// "In a few days".
    AboutInDays(u32),
    /// The next such day, this many weeks later.
    Coming(Weekday, u32),
    /// That day in the week so many weeks ahead; weeks begin on Monday.
    OfWeek(Weekday, u32),
    /// Some day of that week.
    Week(u32),
    /// The Saturday of that week.
    Weekend(u32),
    Date(Month, u8),
    /// Some day of that month.
    Month(Month),
    MonthPart(Month, MonthPart),
    Year(u32),
    /// When the feast is over.
    After(Feast),
    /// The feast itself.
    On(Feast),
    /// The last such day of the month so many months ahead.
    LastOf(Weekday, u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Month {
    /// Not named: the next that fits.
    Any,
    /// So many months ahead of this one.
    Ahead(u32),
    /// Its name, in the next year that fits.
    Named(time::Month),
    /// Its name and year.
    Of(time::Month, Year),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Year {
    Ahead(u32),
    Is(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MonthPart {
    Start,
    Middle,
    End,
}

/// Holidays that people put things off to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Feast {
    NewYear,
    SpringFestival,
    LabourDay,
    NationalDay,
    Christmas,
    /// The eleventh of November, when everything is sold.
    DoubleEleven,
    /// The first day of a school term.
    Term,
    /// The next of them, whichever it is.
    Any,
}

/// A part of the day and the time in it that stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    part: DayPart,
    near: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clock {
    /// As said on a dial: one to twelve.
    Dial(u8, u8),
    /// Hours 0 to 24.
    Exact(u8, u8),
    /// The time of day that it is now.
    Now,
}

impl Day {
    /// The day that two names together mean: "tomorrow, Saturday", "Tuesday the 24th". `None`: they are two days.
    fn and(self, other: Self) -> Option<Self> {
        let exact = |day| matches!(day, Self::InDays(_) | Self::Date(..));
        let weekday = |day| matches!(day, Self::Coming(..));
        if exact(self) && weekday(other) {
            return Some(self);
        }
        (weekday(self) && exact(other)).then_some(other)
    }
}

impl Said {
    /// Takes in a day; false when another was named before.
    fn add_day(&mut self, day: Day) -> bool {
        let day = self.day.map_or(Some(day), |known| known.and(day));
        self.day = day.or(self.day);
        day.is_some()
    }

    /// With what an earlier time said and this one, which takes its place, leaves open.
    fn completed(self, earlier: Self) -> Self {
        if self.after.is_some() {
            return self;
        }
        let timeless = self.clock.is_none() && self.part.is_none();
        Self {
            day: self.day.or(earlier.day),
            part: self.part.or(earlier.part),
            clock: if timeless { earlier.clock } else { self.clock },
            ..self
        }
    }

    fn is_empty(&self) -> bool {
        self.day.is_none() && self.part.is_none() && self.clock.is_none() && self.after.is_none()
    }
}

impl From<DayPart> for Part {
    fn from(part: DayPart) -> Self {
        let hour = match part {
            DayPart::Dawn => 3,
            DayPart::Morning => 10,
            DayPart::Noon => 12,
            DayPart::Afternoon => 15,
            DayPart::Evening => 19,
        };
        Self { part, near: of_day(hour, 0) }
    }
}

/// A time of day; out of range is midnight, which no caller gives.
fn of_day(hour: u8, minute: u8) -> Time {
    Time::from_hms(hour, minute, 0).unwrap_or(Time::MIDNIGHT)
}

/// Saturday and Sunday may be the end of this week or of the one before.
fn monday_of(date: Date) -> Option<Date> {
    date.checked_sub(Duration::days(i64::from(date.weekday().number_days_from_monday())))
}
