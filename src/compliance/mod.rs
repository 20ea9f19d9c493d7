//! Compliance: the rules an agent obeys in the call. For now the disclosure in the opening (rules C8 and E1: say at the
//! start that an AI is speaking), every refusal naming its rules, the opt-out in plain words (rule C2), and the
//! phrases an agent must not say (domain §5).

mod opt_out;
mod violations;

pub use opt_out::{is_weary, opts_out, redirects, spares};
pub use violations::{
    Rank, Suspicion, ViolatingPhrase, Violation, phrases, prepare_phrases, violations, violations_read,
};

/// The opening does not tell that an AI is speaking.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the opening does not say that an AI is speaking (rules C8 and E1): it needs one of {AI_WORDS:?}")]
pub struct Undisclosed;

/// Words that tell a listener that an AI speaks. "Assistant" alone does not: it may be a person.
const AI_WORDS: &[&str] = &["人工智能", "智能语音", "机器人", "artificial intelligence", "robot", "AI"];

/// Checks the sentences spoken first, in whatever language: one must disclose the AI.
pub fn check_disclosure(opening: &[String]) -> Result<(), Undisclosed> {
    let discloses = |sentence: &String| AI_WORDS.iter().any(|word| says(sentence, word));
    if opening.iter().any(discloses) { Ok(()) } else { Err(Undisclosed) }
}

/// Whether `word` stands in `sentence` and not inside a longer Latin word: "AI", not "PAID".
fn says(sentence: &str, word: &str) -> bool {
    let is_edge = |c: Option<char>| !c.is_some_and(|c| c.is_ascii_alphanumeric());
    sentence.match_indices(word).any(|(at, _)| {
        is_edge(sentence[..at].chars().next_back()) && is_edge(sentence[at + word.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sentence: &str) -> Result<(), Undisclosed> {
        check_disclosure(&[sentence.to_owned()])
    }

    #[test]
    fn an_opening_that_tells_of_the_ai_is_accepted() {
        for sentence in ["您好，我是人工智能助手小桥。", "我是AI助手。", "This is Bridget, an AI assistant."]
        {
            assert_eq!(check(sentence), Ok(()), "{sentence}");
        }
    }

    #[test]
    fn an_opening_that_hides_the_ai_is_refused_by_rule() {
        for sentence in ["您好，我是小桥。", "This is Bridget, your assistant.", "THE BILL IS PAID."] {
            assert_eq!(check(sentence), Err(Undisclosed), "{sentence}");
        }
        assert_eq!(check_disclosure(&[]), Err(Undisclosed));
        assert!(Undisclosed.to_string().contains("C8 and E1"));
    }
}
