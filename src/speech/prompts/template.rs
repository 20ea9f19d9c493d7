//! A sentence of a campaign as its recordable parts and the slots between them: `那我{when}给您打过来，可以吗？` is 那我,
//! a slot, and 给您打过来，可以吗？.

use std::hash::Hasher;
use std::ops::Range;

use fnv::FnvHasher;

use super::super::normalize;
use crate::asr::Language;

/// A fixed part with fewer syllables is no recording of its own: it stays with its slot.
const SYLLABLES_MIN: usize = 2;

/// What a prompt borders on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edge {
    /// The sentence begins or ends here.
    Sentence,
    /// A slot is filled in here: the voice stays up.
    Slot,
}

/// What is recorded in one piece.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Prompt {
    /// `zh-0123456789`: stable as long as the words and their edges are.
    pub id: String,
    /// The words, as the campaign writes them.
    pub text: String,
    /// What stands before them.
    pub before: Edge,
    /// What follows them.
    pub after: Edge,
}

/// A stretch of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Recorded.
    Fixed(Prompt),
    /// Filled in by the call: stays synthetic.
    Slot,
}

/// A sentence of the campaign, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// In order; two slots or two prompts never meet.
    pub parts: Vec<Part>,
}

impl Prompt {
    fn new(text: &str, before: Edge, after: Edge, language: Language) -> Self {
        let slot = |edge| if edge == Edge::Slot { "{}" } else { "" };
        let mut hash = FnvHasher::default();
        hash.write(format!("{}:{}{text}{}", language.code(), slot(before), slot(after)).as_bytes());
        let id = format!("{}-{:010x}", language.code(), hash.finish() & 0xff_ffff_ffff);
        Self { id, text: text.to_owned(), before, after }
    }
}

impl Template {
    /// Takes apart one sentence whose slots stand in braces.
    pub fn of(sentence: &str, language: Language) -> Self {
        let mut parts = Vec::new();
        let mut rest = sentence;
        let mut before = Edge::Sentence;
        loop {
            let (fixed, after, left) = match rest.split_once('{') {
                Some((fixed, slot)) => (fixed, Edge::Slot, slot.split_once('}').map_or("", |(_, left)| left)),
                None => (rest, Edge::Sentence, ""),
            };
            let text = fixed.trim_end().trim_start_matches(|c: char| before == Edge::Slot && !c.is_alphanumeric());
            let whole = before == Edge::Sentence && after == Edge::Sentence;
            if syllables(&normalize(text, language)) >= if whole { 1 } else { SYLLABLES_MIN } {
                parts.push(Part::Fixed(Prompt::new(text.trim(), before, after, language)));
            } else if !text.is_empty() && parts.last() != Some(&Part::Slot) {
                parts.push(Part::Slot);
            }
            if after == Edge::Sentence {
                return Self { parts };
            }
            if parts.last() != Some(&Part::Slot) {
                parts.push(Part::Slot);
            }
            (rest, before) = (left, Edge::Slot);
        }
    }

    /// What is recorded of it.
    pub fn prompts(&self) -> impl Iterator<Item = &Prompt> {
        self.parts.iter().filter_map(|part| match part {
            Part::Fixed(prompt) => Some(prompt),
            Part::Slot => None,
        })
    }

    /// Whether something of it stays synthetic.
    pub fn has_slot(&self) -> bool {
        self.parts.contains(&Part::Slot)
    }

    /// `text` cut as this sentence is, if it is this sentence with its slots filled in.
    pub fn cut<'a>(&'a self, text: &str) -> Option<Vec<Segment<'a>>> {
        let mut segments = Vec::with_capacity(self.parts.len());
        let mut said = 0;
        for (n, part) in self.parts.iter().enumerate() {
            let Part::Fixed(prompt) = part else { continue };
            let (words, rest) = (prompt.text.as_str(), &text[said..]);
            let at = match (n == 0, n + 1 == self.parts.len()) {
                (true, true) => (rest == words).then_some(0),
                (true, false) => rest.starts_with(words).then_some(0),
                (false, true) => rest.strip_suffix(words).map(str::len),
                (false, false) => rest.find(words),
            }?;
            if n > 0 {
                segments.push(Segment::slot(text, said..said + at)?);
            }
            segments.push(Segment { range: said + at..said + at + words.len(), prompt: Some(prompt) });
            said += at + words.len();
        }
        if self.parts.last() == Some(&Part::Slot) {
            segments.push(Segment::slot(text, said..text.len())?);
        }
        (!segments.is_empty()).then_some(segments)
    }
}

/// A stretch of a text that is to be said.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment<'a> {
    /// Which bytes of the text.
    pub range: Range<usize>,
    /// The prompt that says it; none for a slot.
    pub prompt: Option<&'a Prompt>,
}

impl Segment<'_> {
    /// A slot that is filled in with words.
    fn slot(text: &str, range: Range<usize>) -> Option<Self> {
        text[range.clone()].contains(char::is_alphanumeric).then_some(Self { range, prompt: None })
    }
}

/// Syllables of a spoken form: a Chinese character each, a group of vowels each in Latin words.
pub(super) fn syllables(spoken: &str) -> usize {
    let mut count = 0;
    let mut vowel_before = false;
    for c in spoken.chars() {
        let vowel = "aeiouyAEIOUY".contains(c);
        count += usize::from(c.is_alphabetic() && !c.is_ascii() || vowel && !vowel_before);
        vowel_before = vowel;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(sentence: &str, language: Language) -> Vec<String> {
        let text = |part: &Part| match part {
            Part::Fixed(prompt) => prompt.text.clone(),
            Part::Slot => "_".to_owned(),
        };
        Template::of(sentence, language).parts.iter().map(text).collect()
    }

    #[test]
    fn a_sentence_falls_into_recordable_parts_and_slots() {
        for (sentence, parts) in [
            ("您好，请讲。", vec!["您好，请讲。"]),
            ("那我{when}给您打过来，可以吗？", vec!["那我", "_", "给您打过来，可以吗？"]),
            ("{when}。", vec!["_"]),
            ("我{when}再打给您，{caller.name}，再见。", vec!["_", "再打给您，", "_", "再见。"]),
            ("好。", vec!["好。"]),
        ] {
            assert_eq!(texts(sentence, Language::Zh), parts, "{sentence}");
        }
        let english = texts("So I'll call you {when}; is that right?", Language::En);
        assert_eq!(english, ["So I'll call you", "_", "is that right?"]);
    }

    #[test]
    fn an_id_changes_with_the_words_and_their_edges_and_with_nothing_else() {
        let id =
            |sentence: &str| Template::of(sentence, Language::Zh).prompts().map(|p| p.id.clone()).collect::<Vec<_>>();
        assert_eq!(id("那我{when}来"), id("那我{other}去"));
        assert_ne!(id("那我"), id("那我{when}来"));
        assert_ne!(id("您好。"), id("您好！"));
        assert_eq!(id("您好。"), ["zh-fbb8592e09"], "recordings are named by it: it must never change");
    }

    #[test]
    fn a_filled_sentence_is_cut_at_its_recorded_parts() {
        let template = Template::of("那我{when}给您打过来，可以吗？", Language::Zh);
        let said = |template: &Template, text: &str| {
            let cut = template.cut(text)?;
            Some(cut.iter().map(|s| (text[s.range.clone()].trim().to_owned(), s.prompt.is_some())).collect::<Vec<_>>())
        };
        let words =
            |parts: [(&str, bool); 3]| Some(parts.map(|(words, recorded)| (words.to_owned(), recorded)).to_vec());
        assert_eq!(
            said(&template, "那我明天下午三点给您打过来，可以吗？"),
            words([("那我", true), ("明天下午三点", false), ("给您打过来，可以吗？", true)])
        );
        for other in ["那我给您打过来，可以吗？", "那我长话短说。", "给您打过来，可以吗？", ""]
        {
            assert_eq!(template.cut(other), None, "{other}");
        }
        let english = Template::of("So I'll call you {when}; is that right?", Language::En);
        assert_eq!(
            said(&english, "So I'll call you tomorrow at three; is that right?"),
            words([("So I'll call you", true), ("tomorrow at three;", false), ("is that right?", true)])
        );
    }

    proptest::proptest! {
        #[test]
        fn a_cut_says_every_word_of_the_text_in_order(fixed in "[a-c。 ]{0,6}\\{x\\}[a-c。 ]{0,6}(\\{y\\}[a-c]{0,4})?", text in "[a-d。 ]{0,16}") {
            let template = Template::of(&fixed, Language::En);
            for text in [text, fixed.replace("{x}", "dd").replace("{y}", "ad")] {
                if let Some(cut) = template.cut(&text) {
                    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
                    proptest::prop_assert_eq!(cut.iter().map(|s| plain(&text[s.range.clone()])).collect::<String>(), plain(&text));
                }
            }
        }
    }
}
