//! Patterns of called numbers and of header values: `4001*`, `40??`, `en`. `*` stands for any characters, `?` for one.
//! Upper and lower case differ. A pattern has at most [`PATTERN_CHARS_MAX`] characters; a text longer than
//! [`TEXT_CHARS_MAX`] matches none.

/// A longer pattern is refused.
pub const PATTERN_CHARS_MAX: usize = 128;
/// A longer text matches nothing, so that no peer makes a match expensive.
pub const TEXT_CHARS_MAX: usize = 256;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Part>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Char(char),
    One,
    Many,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing would match it.
    #[error("the pattern is empty")]
    Empty,
    /// Over the bound.
    #[error("the pattern has {chars} characters, more than {PATTERN_CHARS_MAX}")]
    TooLong {
        /// How many.
        chars: usize,
    },
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let chars = text.chars().count();
        if chars == 0 {
            return Err(PatternError::Empty);
        }
        if chars > PATTERN_CHARS_MAX {
            return Err(PatternError::TooLong { chars });
        }
        let mut parts: Vec<Part> = Vec::with_capacity(chars);
        for c in text.chars() {
            match (c, parts.last()) {
                ('*', Some(Part::Many)) => {}
                ('*', _) => parts.push(Part::Many),
                // `*?` is written `?*`: so that `covers` sees that they are the same.
                ('?', Some(Part::Many)) => parts.insert(parts.len() - 1, Part::One),
                ('?', _) => parts.push(Part::One),
                (c, _) => parts.push(Part::Char(c)),
            }
        }
        Ok(Self(parts))
    }

    /// Whether the whole of `text` is as the pattern says.
    pub fn matches(&self, text: &str) -> bool {
        let chars: Vec<Part> = text.chars().take(TEXT_CHARS_MAX + 1).map(Part::Char).collect();
        chars.len() <= TEXT_CHARS_MAX && takes_all(&self.0, &chars)
    }

    /// Whether every text that matches `other` matches this one too.
    pub fn covers(&self, other: &Self) -> bool {
        takes_all(&self.0, &other.0)
    }
}

impl Part {
    /// Whether this part stands for all that `other` stands for; `Many` is not asked.
    fn takes(self, other: Self) -> bool {
        match self {
            Self::Char(_) => self == other,
            Self::One => other != Self::Many,
            Self::Many => false,
        }
    }
}

/// The usual walk: behind the last `*` all is tried again with one more character given to it.
fn takes_all(pattern: &[Part], text: &[Part]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(at), text.get(from)) {
            (Some(Part::Many), _) => {
                star = Some((at, from));
                at += 1;
            }
            (Some(part), Some(&other)) if part.takes(other) => (at, from) = (at + 1, from + 1),
            (None, None) => return true,
            (Some(_), _) | (None, Some(_)) => match &mut star {
                Some((star_at, given)) if *given < text.len() => {
                    *given += 1;
                    (at, from) = (*star_at + 1, *given);
                }
                Some(_) | None => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text).expect("a pattern")
    }

    #[test]
    fn a_star_is_any_characters_and_a_question_mark_is_one() {
        for (text, matched) in [("4001", true), ("40012", true), ("400", false), ("54001", false)] {
            assert_eq!(pattern("4001*").matches(text), matched, "{text}");
        }
        assert!(pattern("*00*1").matches("400100201") && !pattern("*00*1").matches("4002"));
        assert!(pattern("40??").matches("4012") && !pattern("40??").matches("401"));
        assert!(pattern("*").matches("") && pattern("销售?").matches("销售部"));
    }

    #[test]
    fn a_pattern_covers_what_is_narrower() {
        for (wide, narrow) in [("*", "4001*"), ("40*", "4001*"), ("4*1", "4?1"), ("??", "4?"), ("*?", "?*"), ("a", "a")]
        {
            assert!(pattern(wide).covers(&pattern(narrow)), "{wide} covers {narrow}");
        }
        for (wide, narrow) in [("4001*", "40*"), ("4?", "4*"), ("?*", "*"), ("a", "b")] {
            assert!(!pattern(wide).covers(&pattern(narrow)), "{wide} does not cover {narrow}");
        }
    }

    #[test]
    fn patterns_and_texts_have_bounds() {
        assert_eq!(Pattern::parse(""), Err(PatternError::Empty));
        assert_eq!(Pattern::parse(&"4".repeat(129)), Err(PatternError::TooLong { chars: 129 }));
        assert!(pattern("*").matches(&"4".repeat(TEXT_CHARS_MAX)) && !pattern("*").matches(&"4".repeat(257)));
    }

    proptest! {
        #[test]
        fn what_a_covered_pattern_matches_its_cover_matches(
            wide in "[ab*?]{1,6}", narrow in "[ab*?]{1,6}", text in "[abc]{0,6}"
        ) {
            let (wide, narrow) = (pattern(&wide), pattern(&narrow));
            prop_assert!(!wide.covers(&narrow) || !narrow.matches(&text) || wide.matches(&text));
        }

        #[test]
        fn a_pattern_matches_as_its_definition_says(wide in "[ab*?]{1,6}", text in "[ab]{0,6}") {
            fn defined(pattern: &[char], text: &[char]) -> bool {
                match (pattern.split_first(), text.split_first()) {
                    (Some(('*', rest)), None) => defined(rest, text),
                    (Some(('*', rest)), Some((_, later))) => defined(rest, text) || defined(pattern, later),
                    (Some(('?', rest)), Some((_, later))) => defined(rest, later),
                    (Some((c, rest)), Some((d, later))) => c == d && defined(rest, later),
                    (None, None) => true,
                    (None, Some(_)) | (Some(_), None) => false,
                }
            }
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(pattern(&wide).matches(&text), defined(&chars(&wide), &chars(&text)));
        }
    }
}
