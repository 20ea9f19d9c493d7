//! English spans: amounts, people. A cursor eats words from the front of the text.

use super::longest_span;

const NUMBERS: &str = "\
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen \
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand";
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
}

fn one_of(list: &str, word: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}
