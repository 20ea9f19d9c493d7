//! All that a campaign can say, sentence by sentence: what is recorded, counted, or rendered before the first call.

use super::Campaign;
use super::text::Tone;
use crate::asr::Language;
use crate::speech::prompts::Line;

impl Campaign {
    /// Every sentence in a language, with the campaign's facts filled in; what the call fills in stands in braces.
    pub fn lines(&self, language: Language) -> Vec<Line> {
        let mut lines = Vec::new();
        for text in &self.texts {
            // Who has own words for a place does not say the others'.
            let business = (!text.variants(language, Tone::Casual).is_empty()).then_some("business");
            for (tone, persona, suffix) in [
                (Tone::Plain, business, ""),
                (Tone::Casual, Some("casual"), " casual"),
                (Tone::Concise, None, " concise"),
            ] {
                for (n, variant) in text.variants(language, tone).iter().enumerate() {
                    let number = if n == 0 { String::new() } else { format!(" {}", n + 1) };
                    lines.extend(variant.0.iter().map(|sentence| Line {
                        place: format!("{}{suffix}{number}", text.place),
                        text: sentence.clone(),
                        persona: persona.map(str::to_owned),
                    }));
                }
            }
        }
        lines
    }
}
