//! How a customer feels by words and voice together, and what of it may be acted on: one turn is not enough unless voice
//! and words agree in it (domain §3).

use serde::Serialize;

use super::Emotion;

/// One guess of how a customer feels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EmotionGuess {
    /// The likeliest emotion.
    pub emotion: Emotion,
    /// Probability that it is right, 0 to 1.
    pub confidence: f32,
}

impl EmotionGuess {
    /// The likeliest by the probabilities of [`Emotion::ALL`]; none for another number of them.
    pub fn likeliest(probabilities: &[f32]) -> Option<Self> {
        if probabilities.len() != Emotion::ALL.len() {
            return None;
        }
        let pairs = Emotion::ALL.into_iter().zip(probabilities.iter().copied());
        pairs.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(emotion, confidence)| Self { emotion, confidence })
    }
}

/// What the emotion model hears in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Feeling {
    /// By the voice alone.
    pub voice: EmotionGuess,
    /// By words and voice together.
    pub both: EmotionGuess,
}

/// Whose word is taken for how a customer feels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmotionBy {
    /// Nobody listens to how the words are said.
    Words,
    /// The words and the voice.
    #[default]
    WordsAndVoice,
}

/// Less sure, words and voice together have found nothing.
const FOUND_MIN: f32 = 0.5;

/// How a customer has felt lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mood {
    /// In the last turn.
    found: Emotion,
    sure: Emotion,
}

impl Mood {
    /// Counts a turn. Its emotion may be acted on if its voice and its words agree, or if the turn before had the same.
    pub fn hear(&mut self, words: Emotion, feeling: Option<Feeling>) {
        let found = match feeling {
            Some(Feeling { both, .. }) if both.confidence >= FOUND_MIN => both.emotion,
            Some(_) => Emotion::Calm,
            None => words,
        };
        let agree = feeling.is_some_and(|feeling| feeling.voice.emotion == words);
        self.sure = if agree {
            words
        } else if found == self.found {
            found
        } else {
            Emotion::Calm
        };
        self.found = found;
    }

    /// What may be acted on, since the last turn.
    pub fn sure(&self) -> Emotion {
        self.sure
    }
}

#[cfg(test)]
mod tests {
    use super::Emotion::{Angry, Calm, Confused, Impatient, Interested};
    use super::*;

    fn felt(voice: Emotion, both: Emotion, confidence: f32) -> Option<Feeling> {
        let guess = |emotion| EmotionGuess { emotion, confidence };
        Some(Feeling { voice: guess(voice), both: guess(both) })
    }

    /// What may be acted on after each of the turns.
    fn moods<const N: usize>(turns: [(Emotion, Option<Feeling>); N]) -> [Emotion; N] {
        let mut mood = Mood::default();
        turns.map(|(words, feeling)| {
            mood.hear(words, feeling);
            mood.sure()
        })
    }

    #[test]
    fn one_turn_is_acted_on_when_voice_and_words_agree_in_it() {
        assert_eq!(moods([(Angry, felt(Angry, Angry, 0.9)), (Calm, felt(Calm, Calm, 0.9))]), [Angry, Calm]);
    }

    #[test]
    fn an_angry_voice_with_calm_words_and_angry_words_in_a_calm_voice_are_not_acted_on() {
        assert_eq!(moods([(Calm, felt(Angry, Angry, 0.6))]), [Calm]);
        assert_eq!(moods([(Angry, felt(Calm, Angry, 0.6))]), [Calm]);
        assert_eq!(moods([(Angry, felt(Interested, Angry, 0.6))]), [Calm]);
    }

    #[test]
    fn the_same_emotion_over_two_turns_is_acted_on_and_goes_with_the_next_that_has_another() {
        let doubtful = (Angry, felt(Calm, Angry, 0.6));
        assert_eq!(moods([doubtful, doubtful, (Calm, felt(Calm, Calm, 0.9)), doubtful]), [Calm, Angry, Calm, Calm]);
        assert_eq!(moods([doubtful, (Confused, felt(Calm, Confused, 0.6))]), [Calm, Calm]);
    }

    #[test]
    fn what_is_not_likely_is_not_found_however_often() {
        let unlikely = (Impatient, felt(Calm, Impatient, 0.4));
        assert_eq!(moods([unlikely, unlikely, unlikely]), [Calm; 3]);
    }

    #[test]
    fn where_no_voice_is_heard_the_words_must_tell_it_twice() {
        assert_eq!(moods([(Impatient, None), (Impatient, None), (Calm, None)]), [Calm, Impatient, Calm]);
    }

    #[test]
    fn probabilities_of_another_model_are_no_guess() {
        assert_eq!(EmotionGuess::likeliest(&[0.5; 4]), None);
        let guess = EmotionGuess::likeliest(&[0.1, 0.2, 0.4, 0.2, 0.1]);
        assert_eq!(guess, Some(EmotionGuess { emotion: Angry, confidence: 0.4 }));
    }
}
