//! All that a campaign can say, sentence by sentence: what is recorded, counted, or rendered before the first call.

use super::Campaign;
use crate::asr::Language;
use crate::speech::prompts::Line;

impl Campaign {
    /// Every sentence in a language, with the campaign's facts filled in; what the call fills in stands in braces.
    pub fn lines(&self, language: Language) -> Vec<Line> {
        let mut lines = Vec::new();
        for text in &self.texts {
            for (n, variant) in text.variants(language).iter().enumerate() {
                let place = if n == 0 { text.place.clone() } else { format!("{} {}", text.place, n + 1) };
                lines.extend(variant.0.iter().map(|sentence| Line {
                    place: place.clone(),
                    text: sentence.clone(),
                    persona: None,
                }));
            }
        }
        lines
    }
}
