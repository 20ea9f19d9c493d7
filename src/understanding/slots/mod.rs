//! 5W1H in one utterance, by rules: verbatim spans, empty where the words do not say. `when` is found most carefully,
//! because a call-back's time is read back to the customer. Texts as a recogniser writes them: numbers in words or
//! digits, with or without punctuation.

mod amount;
mod correction;
mod english;
mod mandarin;

pub use amount::amount;
pub use correction::corrected;

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::asr::Language;
use crate::base::Redacted;
use crate::understanding::scan::{is_numeral, listed};
use crate::understanding::when;

/// What an utterance tells of the need. People's words: visible when serialised, redacted in `Debug`.
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
pub struct Slots {
    /// For whom, how many people.
    pub who: Option<String>,
    /// What is wanted.
    pub what: Option<String>,
    /// Day and time.
    pub when: Option<String>,
    /// The place.
    pub r#where: Option<String>,
    /// The reason.
    pub why: Option<String>,
    /// Budget: an amount of money.
    pub how: Option<String>,
}

/// The name of one slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// For whom.
    Who,
    /// The wish.
    What,
    /// The time.
    When,
    /// The place.
    Where,
    /// The reason.
    Why,
    /// The budget.
    How,
}

impl Slot {
    /// The six in the order of the name.
    pub const ALL: [Self; 6] = [Self::Who, Self::What, Self::When, Self::Where, Self::Why, Self::How];

    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Who => "who",
            Self::What => "what",
            Self::When => "when",
            Self::Where => "where",
            Self::Why => "why",
            Self::How => "how",
        }
    }
}

impl Slots {
    /// What is known of one slot.
    pub fn get(&self, slot: Slot) -> Option<&str> {
        match slot {
            Slot::Who => self.who.as_deref(),
            Slot::What => self.what.as_deref(),
            Slot::When => self.when.as_deref(),
            Slot::Where => self.r#where.as_deref(),
            Slot::Why => self.why.as_deref(),
            Slot::How => self.how.as_deref(),
        }
    }

    /// The place of one slot, to fill or to empty it.
    pub fn entry(&mut self, slot: Slot) -> &mut Option<String> {
        match slot {
            Slot::Who => &mut self.who,
            Slot::What => &mut self.what,
            Slot::When => &mut self.when,
            Slot::Where => &mut self.r#where,
            Slot::Why => &mut self.why,
            Slot::How => &mut self.how,
        }
    }
}

impl fmt::Debug for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { who, what, when, r#where, why, how } = self;
        f.debug_struct("Slots")
            .field("who", &who.as_ref().map(Redacted::new))
            .field("what", &what.as_ref().map(Redacted::new))
            .field("when", &when.as_ref().map(Redacted::new))
            .field("where", &r#where.as_ref().map(Redacted::new))
            .field("why", &why.as_ref().map(Redacted::new))
            .field("how", &how.as_ref().map(Redacted::new))
            .finish()
    }
}

/// What tells a slot, in one language; spans of [`Slot::When`] are those of [`when::find`].
struct Cues {
    who: Patterns,
    what: Patterns,
    place: Patterns,
    why: Patterns,
    how: Patterns,
}

/// Patterns of a slot, the surer first; the first group of each is the span.
struct Patterns(Vec<Regex>);

impl Patterns {
    /// A pattern that does not compile finds nothing; a test compiles them all.
    fn new(patterns: &[&str]) -> Self {
        Self(patterns.iter().filter_map(|pattern| Regex::new(&format!("(?i){pattern}")).ok()).collect())
    }

    /// The longest span of the surest pattern, the last of equals: people correct themselves.
    fn find<'a>(&self, text: &'a str) -> Option<&'a str> {
        let spans = |regex: &Regex| {
            let found = regex.captures_iter(text).filter_map(|found| found.get(1));
            found.map(|span| span.as_str().trim()).max_by_key(|span| span.len()).filter(|span| !span.is_empty())
        };
        self.0.iter().find_map(spans)
    }
}

/// Longer texts are cut: no utterance is longer.
const TEXT_CHARS_MAX: usize = 600;

/// Finds the slots of one utterance.
pub fn slots(text: &str, language: Language) -> Slots {
    let end = text.char_indices().nth(TEXT_CHARS_MAX).map_or(text.len(), |(at, _)| at);
    let text = &text[..end];
    let cues = match language {
        Language::Zh => &*mandarin::CUES,
        Language::En => &*english::CUES,
    };
    let holds = corrected(text, language);
    let find_held = |patterns: &Patterns| patterns.find(holds).or_else(|| patterns.find(text));
    Slots {
        who: find_held(&cues.who).map(str::to_owned),
        what: cues
            .what
            .find(text)
            .map(|what| before_time(shortened(what, language), language))
            .filter(|what| names(what))
            .map(str::to_owned),
        when: when::find(text, language).map(str::to_owned),
        r#where: find_held(&cues.place)
            .map(|place| shortened(place, language))
            .filter(|place| !is_time(place))
            .map(str::to_owned),
        why: cues.why.find(text).map(|why| cause(why, language).to_owned()),
        how: find_held(&cues.how).filter(|how| is_money(how, language)).map(str::to_owned),
    }
}

/// Where a wish or a place ends: the next clause, the person it is for, the time and the place.
static ENDS: LazyLock<[Option<Regex>; 2]> = LazyLock::new(|| {
    [
        Regex::new("因为|由于|但是|不过|所以|主要|的事|的话|吧$|呢$|啊$|吗$|可以吗|行吗|行不行|多少钱|有什么|怎么").ok(),
        Regex::new(&format!(
            r"(?i) (?:because|but|so|since|and i|and we|and it|and he|and she|with my|if|for (?:{WHOM})|next (?:week|month|year|summer|spring)|this (?:week|month|year)|by the|before|after|right now|at the moment|these days|please|as soon|near (?:the|my|our|a)|close to|within|(?-i:in [A-Z]\w*))\b",
            WHOM = format_args!("(?:my|our|the|his|her) (?:{})|me|myself|a family|both|about|under|next|around", english::RELATIONS)
        ))
        .ok(),
    ]
});

fn shortened(span: &str, language: Language) -> &str {
    let ends = match language {
        Language::Zh => &ENDS[0],
        Language::En => &ENDS[1],
    };
    let end = ends.as_ref().and_then(|ends| ends.find_iter(span).map(|end| end.start()).find(|at| *at > 0));
    span[..end.unwrap_or(span.len())].trim()
}

/// Whether a wish names something: "I want it deleted" and 想问一下 do not.
fn names(what: &str) -> bool {
    const POINTERS: [&str; 30] = [
        "just", "me", "for", "it", "you", "this", "that", "them", "nothing", "go", "speak", "talk", "know", "think",
        "ask", "call", "hang", "stop", "be", "complain", "cancel", "hear", "say", "leave", "make", "check", "一下",
        "问题", "什么", "投诉",
    ];
    let first = what.split(' ').next().unwrap_or_default().to_lowercase();
    // 一份 and 十万周转: a count, an amount.
    let counts = what.trim_start_matches(is_numeral);
    let number = counts.chars().count() <= 1 || counts.len() < what.len() && what.contains(['万', '千', '块']);
    what.chars().count() > 1 && !number && !POINTERS.contains(&first.as_str()) && !what.contains("投诉")
}

/// The least amount that is money without its unit: "about four" is an hour, 三 of 三成 a share.
const BARE_AMOUNT_MIN: f64 = 13.0;

/// Whether words of a budget are no small number by itself.
fn is_money(how: &str, language: Language) -> bool {
    const UNITS: [&str; 13] =
        ["块", "元", "钱", "£", "$", "€", "pound", "dollar", "quid", "buck", "euro", "month", "月"];
    amount(how, language).is_none_or(|amount| amount >= BARE_AMOUNT_MIN) || UNITS.iter().any(|unit| how.contains(unit))
}

/// "In March" is no place.
fn is_time(place: &str) -> bool {
    const NAMES: &str = "january february march april may june july august september october november december monday \
        tuesday wednesday thursday friday saturday sunday christmas easter ";
    listed(NAMES, &place.to_lowercase())
}

/// A reason without the words that lead to it, and without the wish that follows from it.
fn cause(span: &str, language: Language) -> &str {
    let leads = ["主要还是", "主要就是", "主要是", "就是"];
    let span = leads.iter().find_map(|lead| span.strip_prefix(lead)).filter(|rest| !rest.is_empty()).unwrap_or(span);
    let follows: &[&str] = match language {
        Language::Zh => &["所以"],
        Language::En => &[" so ", " i need", " i want", " we need", " we want", " i'd like"],
    };
    let lower = span.to_ascii_lowercase();
    let end = follows.iter().filter_map(|word| lower.find(word)).filter(|at| *at > 0).min();
    &span[..end.unwrap_or(span.len())]
}

/// A wish up to the time that is named behind it.
fn before_time(span: &str, language: Language) -> &str {
    let time = when::find(span, language).and_then(|time| span.find(time)).filter(|at| *at > 0);
    let cut = span[..time.unwrap_or(span.len())].trim();
    cut.strip_suffix(" in").or(cut.strip_suffix(" for")).unwrap_or(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whens(language: Language, rows: &[(&str, Option<&str>)]) {
        for &(text, want) in rows {
            assert_eq!(slots(text, language).when.as_deref(), want, "{text}");
        }
    }

    #[test]
    fn mandarin_days_and_times_are_found_as_said() {
        let rows = [
            ("明天下午三点再打给我", Some("明天下午三点")),
            ("周五上午十点半吧", Some("周五上午十点半")),
            ("下个月再说", Some("下个月")),
            ("晚上八点以后打", Some("晚上八点以后")),
            ("你后天中午十二点一刻来电话", Some("后天中午十二点一刻")),
            ("下周二晚上有空", Some("下周二晚上")),
            ("那就下个礼拜三的下午两点钟左右", Some("下个礼拜三的下午两点钟左右")),
            ("半个小时以后打过来", Some("半个小时以后")),
            ("过两天联系我", Some("过两天")),
            ("三点半给我回电话", Some("三点半")),
            ("十二月三号上午", Some("十二月三号上午")),
            ("明天15:30可以", Some("明天15:30")),
            ("明天 下午 3点", Some("明天 下午 3点")),
            ("下班以后吧", Some("下班以后")),
            ("我合约月底到期", Some("月底")),
            ("明天不行后天吧", Some("后天")),
            ("今天没空，明天上午九点", Some("明天上午九点")),
        ];
        whens(Language::Zh, &rows);
    }

    #[test]
    fn mandarin_words_that_only_look_like_times_are_left() {
        let rows = [
            ("能不能便宜一点", None),
            ("你们几点上班", None),
            ("合约十二个月太长", None),
            ("改天再说吧", None),
            ("我现在用的才六十多块", None),
            ("有两点我不明白", None),
        ];
        whens(Language::Zh, &rows);
    }

    #[test]
    fn english_days_and_times_are_found_as_said() {
        let rows = [
            ("ring me tomorrow at three in the afternoon please", Some("tomorrow at three in the afternoon")),
            ("next friday morning would be fine", Some("next friday morning")),
            ("call at half past four", Some("at half past four")),
            ("Try me on Monday at 3:30 pm.", Some("on Monday at 3:30 pm")),
            ("maybe in half an hour", Some("in half an hour")),
            ("after six o'clock", Some("after six o'clock")),
            ("tomorrow at nine thirty in the morning", Some("tomorrow at nine thirty in the morning")),
            ("sometime next week", Some("next week")),
            ("the day after tomorrow around noon", Some("the day after tomorrow around noon")),
            ("on the fifth of december", Some("on the fifth of december")),
            ("no not monday tuesday evening", Some("tuesday evening")),
            ("at quarter to eight tonight", Some("at quarter to eight tonight")),
            ("in two days", Some("in two days")),
            ("call at three o clock tomorrow", Some("at three o clock tomorrow")),
            ("at nine forty five p m", Some("at nine forty five p m")),
        ];
        whens(Language::En, &rows);
    }

    #[test]
    fn english_words_that_only_look_like_times_are_left() {
        let rows = [
            ("there are three of us", None),
            ("i pay twenty five pounds a month", None),
            ("not one of them works", None),
            ("call me later", None),
            ("may i ask who you are", None),
            ("after two years with them i left", None),
        ];
        whens(Language::En, &rows);
    }

    #[test]
    fn money_and_people_are_found_as_said() {
        let zh = slots("我家四口人，每个月大概一百二十块钱", Language::Zh);
        assert_eq!((zh.who.as_deref(), zh.how.as_deref()), (Some("四口人"), Some("一百二十块钱")));
        assert_eq!(slots("我现在才五十多", Language::Zh).how.as_deref(), Some("五十多"));
        assert_eq!(slots("有三百多兆", Language::Zh).how, None);
        assert_eq!(slots("给我妈用", Language::Zh).who.as_deref(), Some("我妈"));

        let en = slots("there are four of us and I pay about twenty five pounds a month", Language::En);
        assert_eq!((en.who.as_deref(), en.how.as_deref()), (Some("four of us"), Some("twenty five pounds a month")));
        assert_eq!(slots("under £30", Language::En).how.as_deref(), Some("£30"));
        assert_eq!(slots("it's for my mother", Language::En).who.as_deref(), Some("my mother"));
    }

    #[test]
    fn wishes_reasons_and_places_are_the_rest_of_their_clause() {
        let zh = slots("我需要大流量，因为我常出差", Language::Zh);
        assert_eq!((zh.what.as_deref(), zh.why.as_deref()), (Some("大流量"), Some("我常出差")));
        assert_eq!(slots("我住在浦东新区", Language::Zh).r#where.as_deref(), Some("浦东新区"));
        let en = slots("I need more data because we stream a lot. I live in Leeds.", Language::En);
        assert_eq!(en.why.as_deref(), Some("we stream a lot"));
        assert_eq!(en.r#where.as_deref(), Some("Leeds"));
    }

    #[test]
    fn a_customers_words_do_not_reach_debug_output() {
        let debug = format!("{:?}", slots("我住在浦东新区，明天下午三点", Language::Zh));
        assert!(!debug.contains("浦东") && !debug.contains("三点"), "{debug}");
    }
}
