//! Texts: variants of one or two sentences, in each language; placeholders of the call filled when spoken.

use serde::Deserialize;

use super::BargeIn;
use crate::asr::Language;

/// Placeholders that the call fills, each with a fact to fall back on; all others are facts of the campaign.
pub(super) const CALL_PLACEHOLDERS: [&str; 2] = ["when", "source"];

/// The value of a placeholder in each language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fact {
    zh: Option<String>,
    en: Option<String>,
}

impl Fact {
    pub fn value(&self, language: Language) -> Option<&str> {
        match language {
            Language::Zh => self.zh.as_deref(),
            Language::En => self.en.as_deref(),
        }
    }
}

/// What can be said at one place of the campaign.
#[derive(Debug, Clone)]
pub(super) struct Text {
    /// Table and key of the file.
    pub place: String,
    pub zh: Vec<Variant>,
    pub en: Vec<Variant>,
    pub barge_in: BargeIn,
}

impl Text {
    pub fn variants(&self, language: Language) -> &[Variant] {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

/// One way to say it: sentences in order.
#[derive(Debug, Clone)]
pub(super) struct Variant(pub Vec<String>);

impl Variant {
    /// Splits a text after each full stop, question or exclamation mark.
    pub fn new(text: &str) -> Self {
        let mut sentences = Vec::new();
        let mut sentence = String::new();
        let mut chars = text.trim().chars().peekable();
        while let Some(c) = chars.next() {
            sentence.push(c);
            let ends = match c {
                '。' | '？' | '！' => true,
                '.' | '?' | '!' => chars.peek() == Some(&' '), // not inside "3.50"
                _ => false,
            };
            if ends {
                sentences.push(std::mem::take(&mut sentence).trim().to_owned());
            }
        }
        if !sentence.trim().is_empty() {
            sentences.push(sentence.trim().to_owned());
        }
        Self(sentences)
    }

    /// It hands the floor to the customer.
    pub fn is_question(&self) -> bool {
        self.0.last().is_some_and(|sentence| sentence.ends_with(['？', '?']))
    }
}

/// Replaces each `{name}` by its value; the error is the name that has none.
pub(super) fn substitute(text: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { return Err(after.to_owned()) };
        filled.push_str(before);
        filled.push_str(&value(name).ok_or_else(|| name.to_owned())?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_into_its_sentences() {
        assert_eq!(Variant::new("好的。您看可以吗？").0, ["好的。", "您看可以吗？"]);
        assert_eq!(Variant::new("It's 9.50 a month. Shall I?").0, ["It's 9.50 a month.", "Shall I?"]);
        assert!(Variant::new("好的。可以吗？").is_question() && !Variant::new("可以吗？好的。").is_question());
    }

    #[test]
    fn placeholders_are_filled_or_named() {
        let value = |name: &str| (name == "when").then(|| "明天".to_owned());
        assert_eq!(substitute("{when}打给您", value), Ok("明天打给您".to_owned()));
        assert_eq!(substitute("{price}元", value), Err("price".to_owned()));
        assert_eq!(substitute("{when", value), Err("when".to_owned()));
    }
}
