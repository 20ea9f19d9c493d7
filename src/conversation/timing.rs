//! The time that is being agreed: what the customer named, put on the calendar, kept within the hours in which we may
//! call (rule C3), and read back.

use time::{Duration, OffsetDateTime, Time};

use crate::asr::Language;
use crate::understanding::when::{self, Moment, Precision};

/// Local hours in which we call, both included (rule C3).
const WINDOW: (Time, Time) = (time::macros::time!(9:00), time::macros::time!(20:00));

/// How far a time has been agreed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Timing {
    /// None was named.
    #[default]
    Open,
    /// Too vague to keep: asked for once more, then taken as said.
    Vague(Named),
    /// The customer named it.
    Named(Named),
    /// The nearest we may keep to what the customer named: theirs to accept.
    Offered(Named),
}

/// A time as it was named.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// The customer's words.
    pub words: String,
    /// As it is read back.
    pub spoken: String,
    /// The moment; none where only the words are known.
    pub moment: Option<Moment>,
}

impl std::fmt::Debug for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Named").finish_non_exhaustive() // the customer's words
    }
}

impl Timing {
    /// The time to speak of, if there is one.
    pub fn named(&self) -> Option<&Named> {
        match self {
            Self::Named(named) | Self::Offered(named) => Some(named),
            Self::Open | Self::Vague(_) => None,
        }
    }

    /// Takes a time that the customer names in `words`, part of `text`.
    pub fn hear(&mut self, words: &str, text: &str, language: Language, now: OffsetDateTime) {
        let before = match self {
            Self::Named(named) | Self::Offered(named) | Self::Vague(named) => Some(&*named),
            Self::Open => None,
        };
        let (words, moment) = joined(before, words, text, language, now);
        let named = |moment: Option<Moment>| Named {
            spoken: moment.map_or_else(|| words.clone(), |moment| when::spoken(&moment, now, language)),
            words: words.clone(),
            moment,
        };
        let vague = moment.is_none_or(|moment| matches!(moment.precision, Precision::Vague(_)));
        *self = match (&*self, moment) {
            (Self::Vague(_), _) if vague => Self::Named(named(None)), // asked for twice: taken as said
            (_, None) if vague => Self::Vague(named(None)),
            (_, Some(moment)) if vague => Self::Vague(named(Some(moment))),
            (_, Some(moment)) => match inside(moment, now) {
                Some(nearest) => Self::Offered(named(Some(nearest))),
                None => Self::Named(named(Some(moment))),
            },
            (_, None) => Self::Named(named(None)),
        };
    }

    /// The time as it is said: of one that we offer, that it is the first or the last there is.
    pub fn spoken(&self, language: Language) -> Option<String> {
        let offered = match self {
            Self::Offered(named) => named,
            Self::Named(named) => return Some(named.spoken.clone()),
            Self::Open | Self::Vague(_) => return None,
        };
        let is_first = offered.moment.is_some_and(|moment| moment.at.time() == WINDOW.0);
        Some(match (language, is_first) {
            (Language::Zh, true) => format!("最早{}", offered.spoken),
            (Language::Zh, false) => format!("最晚{}", offered.spoken),
            (Language::En, true) => format!("{} at the earliest", offered.spoken),
            (Language::En, false) => format!("{} at the latest", offered.spoken),
        })
    }

    /// The customer's own time, and one at which we may call.
    pub fn is_named(&self) -> bool {
        matches!(self, Self::Named(_))
    }

    /// What was offered is agreed.
    pub fn accept(&mut self) {
        if let Self::Offered(named) = self {
            *self = Self::Named(named.clone());
        }
    }

    /// The moment to speak of.
    pub fn moment(&self) -> Option<Moment> {
        self.named()?.moment
    }

    /// A vague time that nothing better followed is taken as said.
    pub fn settle_for_vague(&mut self) {
        if let Self::Vague(named) = self {
            *self = Self::Named(Named { spoken: named.words.clone(), moment: None, ..named.clone() });
        }
    }

    /// It does not suit after all.
    pub fn forget(&mut self) {
        *self = Self::Open;
    }
}

/// The time in `words`. Where they name no day it is on the day named before ("Friday", then "at three"); where only
/// together with the earlier words they make a whole, that ("next week", then "Wednesday").
fn joined(
    before: Option<&Named>,
    words: &str,
    text: &str,
    language: Language,
    now: OffsetDateTime,
) -> (String, Option<Moment>) {
    let alone = || when::resolve(text, language, now).or_else(|| when::resolve(words, language, now));
    let earlier = before.and_then(|before| Some((before, before.moment?.at)));
    let Some((before, at)) = earlier else { return (words.to_owned(), alone()) };
    if !names_day(words, language) {
        let morning = at.replace_time(Time::MIDNIGHT).max(now);
        let moment = when::resolve(words, language, morning).filter(|moment| moment.at.date() == at.date());
        if moment.is_some_and(|moment| moment.precision == Precision::Time || !is_exact(before)) {
            return (words.to_owned(), moment);
        }
    }
    let both = match language {
        Language::Zh => format!("{}{words}", before.words),
        Language::En => format!("{} {words}", before.words),
    };
    let whole = when::find(&both, language).is_some_and(|found| found.len() == both.len());
    match when::resolve(&both, language, now) {
        Some(moment) if whole && !is_exact(before) => (both, Some(moment)),
        Some(_) | None => (words.to_owned(), alone()),
    }
}

fn is_exact(named: &Named) -> bool {
    named.moment.is_some_and(|moment| moment.precision == Precision::Time)
}

/// Whether the words name a day, a week or a month, and not only a time of day.
fn names_day(words: &str, language: Language) -> bool {
    let (days, words): (&[&str], _) = match language {
        Language::Zh => (&["天", "周", "期", "拜", "号", "日", "月", "今", "明", "年", "节"], words.to_owned()),
        Language::En => (&["day", "to", "week", "month", "the ", "year", "in "], words.to_lowercase()),
    };
    let clock_only = language == Language::En && !words.contains("to") && words.contains("in the ");
    !clock_only && days.iter().any(|day| words.contains(day))
}

/// The nearest moment at which we may call; none if the moment itself is one.
fn inside(moment: Moment, now: OffsetDateTime) -> Option<Moment> {
    let (first, last) = WINDOW;
    let time = moment.at.time();
    if time >= first && time <= last {
        return None;
    }
    let morning = |days: i64| moment.at.checked_add(Duration::days(days)).map(|day| day.replace_time(first));
    let nearest = if time < first {
        morning(0)
    } else {
        let evening = moment.at.replace_time(last);
        let next = morning(1);
        if evening <= now || next.is_some_and(|next| next - moment.at < moment.at - evening) {
            next
        } else {
            Some(evening)
        }
    };
    nearest.map(|at| Moment { at, precision: Precision::Time })
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-20 10:12 +8);

    fn heard(texts: &[&str]) -> Timing {
        let mut timing = Timing::default();
        for text in texts {
            timing.hear(when::find(text, Language::Zh).unwrap_or(text), text, Language::Zh, NOW);
        }
        timing
    }

    fn at(timing: &Timing) -> Option<OffsetDateTime> {
        timing.named().and_then(|named| named.moment).map(|moment| moment.at)
    }

    #[test]
    fn a_time_that_was_named_is_kept_with_its_moment() {
        let timing = heard(&["明天下午三点"]);
        assert!(matches!(timing, Timing::Named(_)));
        assert_eq!(at(&timing), Some(datetime!(2026-11-21 15:00 +8)));
    }

    #[test]
    fn outside_the_window_the_nearest_time_inside_is_offered() {
        let late = heard(&["今天晚上九点半"]);
        assert!(matches!(late, Timing::Offered(_)));
        assert_eq!(at(&late), Some(datetime!(2026-11-20 20:00 +8)));
        assert_eq!(at(&heard(&["明天早上七点"])), Some(datetime!(2026-11-21 9:00 +8)));
    }

    #[test]
    fn a_vague_time_is_asked_for_once_more_and_then_taken_as_said() {
        let once = heard(&["过两天"]);
        assert!(matches!(once, Timing::Vague(_)));
        let twice = heard(&["过两天", "下周吧"]);
        assert!(
            matches!(&twice, Timing::Named(named) if named.words == "下周"),
            "{:?}",
            twice.named().map(|n| &n.words)
        );
    }

    #[test]
    fn a_day_and_then_an_hour_make_one_time() {
        assert_eq!(at(&heard(&["下周二", "上午十点"])), Some(datetime!(2026-11-24 10:00 +8)));
        assert_eq!(at(&heard(&["下周", "周三上午十点"])), Some(datetime!(2026-11-25 10:00 +8)));
        assert_eq!(at(&heard(&["明天下午三点来钟", "三点"])), Some(datetime!(2026-11-21 15:00 +8)));
        assert_eq!(at(&heard(&["明天下午三点", "四点吧"])), Some(datetime!(2026-11-21 16:00 +8)));
        assert_eq!(at(&heard(&["明天下午三点", "后天上午"])), Some(datetime!(2026-11-22 10:00 +8)));
    }
}
