//! Cursors that eat words from the front of a text: what the rules for times and slots are written with. One for
//! Mandarin, where words are not parted, one for English, where they are. Both keep their place when a pattern fails.

/// A cursor in Mandarin text.
#[derive(Clone, Copy)]
pub(super) struct Mandarin<'a> {
    /// What is not eaten yet.
    pub rest: &'a str,
}

/// A cursor in English text.
#[derive(Clone, Copy)]
pub(super) struct English<'a> {
    /// What is not eaten yet.
    pub rest: &'a str,
}

/// Whether `word` stands in a list parted by blanks.
pub(super) fn listed(list: &str, word: &str) -> bool {
    list.split(' ').any(|entry| entry == word)
}

impl Mandarin<'_> {
    /// Eats the longest of `words` that stands here.
    pub fn take(&mut self, words: &str) -> bool {
        let longest = words.split(' ').filter(|word| self.rest.starts_with(word)).map(|word| word.len()).max();
        self.rest = &self.rest[longest.unwrap_or(0)..];
        longest.is_some()
    }

    /// Eats the longest word of a table that stands here and gives what it stands for. Words of one entry are parted
    /// by blanks.
    pub fn value<T: Copy>(&mut self, table: &[(&str, T)]) -> Option<T> {
        let words = table.iter().flat_map(|(words, value)| words.split(' ').map(move |word| (word, *value)));
        let (word, value) = words.filter(|(word, _)| self.rest.starts_with(word)).max_by_key(|(word, _)| word.len())?;
        self.rest = &self.rest[word.len()..];
        Some(value)
    }

    pub fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> usize {
        let length = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        self.rest = &self.rest[length..];
        length
    }

    /// Runs `pattern`; what it ate comes back if it fails.
    pub fn attempt<T>(&mut self, pattern: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.rest;
        let found = pattern(self);
        if found.is_none() {
            self.rest = before;
        }
        found
    }

    /// A whole number in digits or words, or a row of digits: 15, 二十五, 一百零五, 二零二六.
    pub fn number(&mut self) -> Option<u32> {
        let digits = self.rest.len() - self.rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits > 0 {
            let value = self.rest[..digits].parse().ok()?;
            self.rest = &self.rest[digits..];
            return Some(value);
        }
        let (mut total, mut digit, mut any) = (0_u32, None::<u32>, false);
        for (at, c) in self.rest.char_indices() {
            let (value, unit) = match c {
                '十' => (None, 10),
                '百' => (None, 100),
                '千' => (None, 1000),
                _ => (digit_value(c), 1),
            };
            if unit > 1 {
                total = total.checked_add(digit.take().unwrap_or(1) * unit)?;
            } else if let Some(value) = value {
                digit = Some(digit.unwrap_or(0).checked_mul(10)?.checked_add(value)?);
                if digit > Some(9999) {
                    return None;
                }
            } else {
                self.rest = &self.rest[at..];
                return any.then_some(total + digit.unwrap_or(0));
            }
            any = true;
        }
        self.rest = &self.rest[self.rest.len()..];
        any.then_some(total + digit.unwrap_or(0))
    }

    /// Whether one of `words` stands here.
    pub fn sees(&self, words: &str) -> bool {
        words.split(' ').any(|word| self.rest.starts_with(word))
    }
}

/// A Mandarin digit in words.
pub(super) fn digit_value(c: char) -> Option<u32> {
    match c {
        '零' | '〇' => Some(0),
        '两' => Some(2),
        _ => "一二三四五六七八九".chars().zip(1..).find(|(digit, _)| *digit == c).map(|(_, value)| value),
    }
}

/// Whether a number in digits or words goes on through `c`.
pub(super) fn is_numeral(c: char) -> bool {
    c.is_ascii_digit() || digit_value(c).is_some() || "十百千万亿".contains(c)
}

impl<'a> English<'a> {
    /// The next word and what follows it. A word is letters, digits, apostrophes and inner `:` and `.`.
    pub fn peek(&self) -> (&'a str, &'a str) {
        let text = self.rest.trim_start_matches([' ', ',', '-']);
        let inner = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’' | ':' | '.');
        let word = text[..text.find(|c| !inner(c)).unwrap_or(text.len())].trim_end_matches(['.', ':']);
        (word, &text[word.len()..])
    }

    /// Eats the next word if it is one of `words`.
    pub fn word(&mut self, words: &str) -> bool {
        self.map(|word| listed(words, word).then_some(())).is_some()
    }

    /// Eats the next word if `read`, which gets it in lower case, makes something of it.
    pub fn map<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let (word, rest) = self.peek();
        if word.is_empty() {
            return None;
        }
        let value = read(&word.to_ascii_lowercase().replace('’', "'"))?;
        self.rest = rest;
        Some(value)
    }

    /// Eats a word of a table and gives what it stands for. Words of one entry are parted by blanks.
    pub fn value<T: Copy>(&mut self, table: &[(&str, T)]) -> Option<T> {
        self.map(|word| table.iter().find(|(words, _)| listed(words, word)).map(|(_, value)| *value))
    }

    /// Eats a fixed phrase; one of several, parted by `|`, the first that stands here.
    pub fn phrase(&mut self, phrases: &str) -> bool {
        let each = |phrase: &str| self.attempt(|c| phrase.split(' ').all(|word| c.word(word)).then_some(())).is_some();
        phrases.split('|').any(each)
    }

    /// Runs `pattern`; what it ate comes back if it fails.
    pub fn attempt<T>(&mut self, pattern: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.rest;
        let found = pattern(self);
        if found.is_none() {
            self.rest = before;
        }
        found
    }

    /// A whole number below a hundred: 15, fifteen, twenty five, twenty-five.
    pub fn number(&mut self) -> Option<u32> {
        if let Some(digits) = self.map(|word| word.parse::<u32>().ok().filter(|n| *n < 10_000)) {
            return Some(digits);
        }
        let tens = self.value(&TENS);
        let ones = self.value(&ONES[..if tens.is_some() { 9 } else { ONES.len() }]);
        (tens.is_some() || ones.is_some()).then(|| tens.unwrap_or(0) + ones.unwrap_or(0))
    }
}

/// English numbers up to nineteen.
const ONES: [(&str, u32); 19] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
];
const TENS: [(&str, u32); 8] = [
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];
