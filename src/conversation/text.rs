//! Texts: variants of one or two sentences, in each language; placeholders of the call filled when spoken.

use serde::Deserialize;

use super::BargeIn;
use crate::asr::Language;
use crate::understanding::Slot;

/// What a text leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placeholder<'a> {
    /// The agreed time, or the fact `when_default`.
    When,
    /// Where the customer's data comes from, or the fact `source`.
    Source,
    /// What is known of the customer before the call.
    Caller(&'a str),
    /// What the customer told.
    Slot(Slot),
    /// What is read back to the customer, in the text `read_back` only.
    Words,
    /// A fact of the campaign.
    Fact(&'a str),
}

impl<'a> Placeholder<'a> {
    /// By the name between the braces; none for a slot that there is not.
    pub fn named(name: &'a str) -> Option<Self> {
        match name.split_once('.') {
            None => Some(match name {
                "when" => Self::When,
                "source" => Self::Source,
                "words" => Self::Words,
                fact => Self::Fact(fact),
            }),
            Some(("caller", fact)) => Some(Self::Caller(fact)),
            Some(("slot", slot)) => Slot::ALL.into_iter().find(|known| known.id() == slot).map(Self::Slot),
            Some(_) => None,
        }
    }
}

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

/// How something is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Casual,
    Concise,
}

/// What can be said at one place of the campaign.
#[derive(Debug, Clone)]
pub(super) struct Text {
    /// Table and key of the file.
    pub place: String,
    pub plain: Wordings,
    pub casual: Wordings,
    pub concise: Wordings,
    pub barge_in: BargeIn,
}

impl Text {
    /// The variants of one tone.
    pub fn variants(&self, language: Language, tone: Tone) -> &[Variant] {
        match tone {
            Tone::Plain => self.plain.variants(language),
            Tone::Casual => self.casual.variants(language),
            Tone::Concise => self.concise.variants(language),
        }
    }

    /// The variants of every tone.
    pub fn all(&self, language: Language) -> impl Iterator<Item = &Variant> {
        [&self.plain, &self.casual, &self.concise].into_iter().flat_map(move |wordings| wordings.variants(language))
    }
}

/// Variants in each language, in the order in which they are used.
#[derive(Debug, Clone)]
pub(super) struct Wordings {
    pub zh: Vec<Variant>,
    pub en: Vec<Variant>,
}

impl Wordings {
    fn variants(&self, language: Language) -> &[Variant] {
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

    /// Whether all that it leaves open is known.
    pub fn is_sayable(&self, known: impl Fn(Placeholder<'_>) -> bool) -> bool {
        self.0
            .iter()
            .flat_map(|sentence| placeholders(sentence))
            .all(|name| Placeholder::named(name).is_some_and(&known))
    }
}

/// The names between braces.
pub(super) fn placeholders(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or_default())
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
