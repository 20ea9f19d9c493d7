//! English spans: times, amounts, people. A cursor eats words from the front of the text.

use super::longest_span;

const WEEKDAYS: &str = "monday tuesday wednesday thursday friday saturday sunday";
const MONTHS: &str = "january february march april may june july august september october november december";
const ORDINALS: &str = "\
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth \
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth";
const HOURS: &str = "one two three four five six seven eight nine ten eleven twelve";
const NUMBERS: &str = "\
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen \
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand";
const UNITS: &str = "minute minutes hour hours day days week weeks month months year years";
const AT: &str = "at around about after before by until till";

/// The day and time, if one is named.
pub(super) fn when(text: &str) -> Option<String> {
    longest_span(text, word_starts(text), |rest| {
        let mut cursor = Cursor { rest };
        let (mut found, mut after_a_day) = (0, false);
        loop {
            let day = !after_a_day && cursor.day(); // "not monday tuesday": two times, not one
            after_a_day |= day;
            if day || cursor.relative() || cursor.part() || cursor.clock(after_a_day) {
                found = rest.len() - cursor.rest.len();
            } else if found == 0 || !cursor.word("of in at around") {
                break;
            }
        }
        found
    })
}

/// An amount of money.
pub(super) fn amount(text: &str) -> Option<String> {
    longest_span(text, word_starts(text), |rest| {
        let mut cursor = Cursor { rest };
        let sign = cursor.symbol(&["£", "$", "€"]);
        if !cursor.number() {
            return 0;
        }
        let named = cursor.word("pounds pound quid dollars bucks euros yuan");
        cursor.attempt(|c| c.word("a per each") && c.word("month year"));
        if sign || named { rest.len() - cursor.rest.len() } else { 0 }
    })
}

/// How many people, or for whom.
pub(super) fn who(text: &str) -> Option<String> {
    longest_span(text, word_starts(text), |rest| {
        let mut cursor = Cursor { rest };
        let counted = cursor.number()
            && (cursor.word("people kids children adults") || cursor.attempt(|c| c.word("of") && c.word("us")));
        if counted {
            return rest.len() - cursor.rest.len();
        }
        cursor.rest = rest;
        let family = "mother mum mom father dad wife husband son daughter parents kids";
        if cursor.word("my") && cursor.word(family) { rest.len() - cursor.rest.len() } else { 0 }
    })
}

/// Where words, numbers and signs of money begin.
fn word_starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    let mut before = ' ';
    text.char_indices().filter_map(move |(at, c)| {
        let inside = before.is_alphanumeric() || matches!(before, '\'' | '£' | '$' | '€');
        before = c;
        (!inside && (c.is_alphanumeric() || matches!(c, '£' | '$' | '€'))).then_some(at)
    })
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    /// The next word and what follows it. A word is letters, digits, apostrophes and inner `:` and `.`.
    fn peek(&self) -> (&'a str, &'a str) {
        let text = self.rest.trim_start_matches([' ', ',', '-']);
        let is_inner = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’' | ':' | '.');
        let word = text[..text.find(|c| !is_inner(c)).unwrap_or(text.len())].trim_end_matches(['.', ':']);
        (word, &text[word.len()..])
    }

    /// Eats the next word if it is one of `words`.
    fn word(&mut self, words: &str) -> bool {
        self.word_if(|word| one_of(words, word))
    }

    fn word_if(&mut self, wanted: impl FnOnce(&str) -> bool) -> bool {
        let (word, rest) = self.peek();
        let found = !word.is_empty() && wanted(&word.to_ascii_lowercase());
        if found {
            self.rest = rest;
        }
        found
    }

    fn symbol(&mut self, symbols: &[&str]) -> bool {
        let rest = symbols.iter().find_map(|symbol| self.rest.strip_prefix(symbol));
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Runs `pattern`; what it ate comes back if it fails.
    fn attempt(&mut self, pattern: impl FnOnce(&mut Self) -> bool) -> bool {
        let before = self.rest;
        let found = pattern(self);
        if !found {
            self.rest = before;
        }
        found
    }

    fn number(&mut self) -> bool {
        let mut any = false;
        while self.word_if(|word| one_of(NUMBERS, word) || word.parse::<f32>().is_ok()) {
            any = true;
        }
        any
    }

    fn day(&mut self) -> bool {
        self.word("today tonight tomorrow")
            || self.attempt(|c| c.words("the day after tomorrow"))
            || self.attempt(|c| c.words("the weekend"))
            || self.attempt(|c| c.words("end of the month") || c.words("the end of the month"))
            || self.attempt(|c| {
                c.word("on");
                let which = c.word("next this coming");
                c.word(WEEKDAYS) || (which && c.word("week month year weekend"))
            })
            || self.attempt(Self::date)
    }

    /// "december the fifth", "the twenty first of december". "May" and "march" alone are rather verbs.
    fn date(&mut self) -> bool {
        self.word("on");
        let month = self.word(MONTHS);
        let the = self.word("the");
        self.word("twenty thirty");
        let day = self.word(ORDINALS);
        day && (month || (the && self.attempt(|c| c.word("of") && c.word(MONTHS))))
    }

    fn part(&mut self) -> bool {
        self.attempt(|c| {
            c.word("in this at around");
            c.word("the");
            c.word("morning afternoon evening night noon midday lunchtime midnight")
        }) || self.attempt(|c| c.word("after before") && c.word("work lunch dinner school"))
    }

    /// "in half an hour", "in two days", "two weeks from now".
    fn relative(&mut self) -> bool {
        self.attempt(|c| {
            let within = c.word("in");
            let some = c.attempt(|c| c.words("half an"))
                || c.attempt(|c| c.words("a couple of") || c.words("a few"))
                || c.word("a an")
                || c.number();
            some && c.word(UNITS) && (within || c.attempt(|c| c.words("from now")))
        })
    }

    /// "at three", "half past four", "nine thirty", "3:30 pm". A bare number is a time only where something says so.
    fn clock(&mut self, after_a_day: bool) -> bool {
        self.attempt(|c| {
            let at = c.word(AT);
            let past = c.attempt(|c| {
                let fraction = c.attempt(|c| c.words("half past"))
                    || c.attempt(|c| c.word_if(|word| word == "quarter" || one_of(NUMBERS, word)) && c.word("past to"));
                fraction && c.word_if(is_hour)
            });
            if past {
                return true;
            }
            let digital = c.word_if(|word| {
                word.contains(':') && word.trim_end_matches(['a', 'p', 'm']).replace(':', "").parse::<u16>().is_ok()
            });
            if !digital && !c.word_if(|word| is_hour(word.trim_end_matches("am").trim_end_matches("pm"))) {
                return false;
            }
            if c.word("fifteen twenty thirty forty fifty") {
                c.word("five");
            }
            let marked = c.word("o'clock o’clock oclock am pm a.m p.m") // or as a recogniser hears them
                || c.attempt(|c| c.words("o clock") || c.words("a m"))
                || c.attempt(|c| c.words("p m"));
            let counted = c.attempt(|c| c.word(UNITS) || c.word("pounds percent people of"));
            !counted && (at || digital || marked || after_a_day || c.attempt(Self::part))
        })
    }

    /// Eats a fixed phrase.
    fn words(&mut self, phrase: &str) -> bool {
        phrase.split(' ').all(|word| self.word(word))
    }
}

fn one_of(list: &str, word: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}

fn is_hour(word: &str) -> bool {
    one_of(HOURS, word) || word.parse::<u8>().is_ok_and(|hour| hour < 24)
}
