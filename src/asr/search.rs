//! The words of a sound: a beam search over what a model's decoder says after each prefix, and a language model beside it.
//! Pure and deterministic; the same scores give the same words.
//!
//! In: logits over the vocabulary after a prefix of tokens. Out: the tokens of the best whole hypothesis, each with its
//! acoustic log-probability. At most [`Search::beam`] hypotheses live at once. One that falls [`MARGIN_NATS`] behind the best
//! is dropped, and of those that agree in their last tokens only the best goes on: where the model is certain, and soon
//! behind a place where it was not, a search costs no more than taking the likeliest token each time.

use std::cmp::Reverse;

use super::ngram::LanguageModel;

/// A token's number in the model's vocabulary.
pub type Token = u32;

/// A hypothesis so far below the best of its length is dropped: natural logarithm.
pub const MARGIN_NATS: f32 = 2.5;
/// Tokens after a prefix that are weighed by the language model: the likeliest.
const CANDIDATES_MAX: usize = 20;
/// Less likely than this beside the likeliest is not said, whatever the language model makes of it: natural logarithm.
const CANDIDATE_MARGIN_NATS: f32 = 7.0;
/// Hypotheses of one length that agree in so many last tokens go on alike: a language model of order 3 sees no more.
const ALIKE_TOKENS: usize = 2;

/// A decoder, asked for one prefix after the other.
pub trait Acoustics {
    /// Why it gave up.
    type Error;

    /// Logits of all tokens of the vocabulary, by number, after `prefix`.
    fn logits(&mut self, prefix: &[Token]) -> Result<&[f32], Self::Error>;
}

/// What is searched for, and how hard.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// Tokens that can be said. Others are never chosen, and have no part of the probability.
    pub alphabet: &'a [Token],
    /// The token that ends a text.
    pub end: Token,
    /// Hypotheses followed at once; 1 is greedy.
    pub beam: usize,
    /// Longer texts are cut off.
    pub tokens_max: usize,
    /// The language model, if there is one, and the weight of its log-probability beside the decoder's.
    pub language_model: Option<(&'a LanguageModel, f32)>,
}

/// The best text, and what it cost.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// Its tokens, without the end.
    pub tokens: Vec<Token>,
    /// The acoustic log-probability of each: natural logarithm.
    pub logprobs: Vec<f32>,
    /// Lengths that were searched: at least one token more than the text has.
    pub steps: usize,
    /// Prefixes the decoder was asked for. As many as steps: nothing was uncertain.
    pub prefixes: usize,
}

/// The beginning of a text.
#[derive(Debug, Clone, Default)]
struct Hypothesis {
    tokens: Vec<Token>,
    logprobs: Vec<f32>,
    /// Acoustics and language together.
    score: f32,
}

impl Hypothesis {
    /// By length, the end counted: else the shortest text would win.
    fn score_a_token(&self) -> f32 {
        self.score / (self.tokens.len() + 1) as f32
    }
}

/// A token that may follow hypothesis `parent`.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    parent: usize,
    token: Token,
    logprob: f32,
    score: f32,
}

impl Search<'_> {
    /// Searches from the empty text.
    pub fn best<A: Acoustics>(&self, acoustics: &mut A) -> Result<Found, A::Error> {
        let mut live = vec![Hypothesis::default()];
        let mut whole: Vec<Hypothesis> = Vec::new();
        let (mut steps, mut prefixes) = (0, 0);
        while !live.is_empty() && steps < self.tokens_max {
            steps += 1;
            prefixes += live.len();
            let mut candidates = Vec::new();
            for (parent, hypothesis) in live.iter().enumerate() {
                let logits = acoustics.logits(&hypothesis.tokens)?;
                self.candidates(parent, hypothesis, logits, &mut candidates);
            }
            let kept = self.kept(&live, candidates);
            let mut next = Vec::with_capacity(kept.len());
            for candidate in kept {
                let mut hypothesis = live[candidate.parent].clone();
                hypothesis.score = candidate.score;
                if candidate.token == self.end {
                    whole.push(hypothesis);
                } else {
                    hypothesis.tokens.push(candidate.token);
                    hypothesis.logprobs.push(candidate.logprob);
                    next.push(hypothesis);
                }
            }
            live = next;
        }
        whole.append(&mut live); // cut off
        let best = whole.into_iter().reduce(
            |best, other| {
                if other.score_a_token() > best.score_a_token() { other } else { best }
            },
        );
        let best = best.unwrap_or_default();
        Ok(Found { tokens: best.tokens, logprobs: best.logprobs, steps, prefixes })
    }

    /// The likeliest tokens after a hypothesis.
    fn candidates(&self, parent: usize, hypothesis: &Hypothesis, logits: &[f32], candidates: &mut Vec<Candidate>) {
        let logit = |token: Token| logits.get(token as usize).copied().filter(|l| l.is_finite()).unwrap_or(f32::MIN);
        let tokens = || self.alphabet.iter().copied().chain([self.end]);
        let highest = tokens().map(logit).fold(f32::MIN, f32::max);
        let total = highest + tokens().map(|token| (logit(token) - highest).exp()).sum::<f32>().ln();
        let mut likely: Vec<(f32, Token)> =
            tokens().map(|token| (logit(token), token)).filter(|(l, _)| *l > highest - CANDIDATE_MARGIN_NATS).collect();
        likely.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        candidates.extend(likely.into_iter().take(CANDIDATES_MAX).map(|(logit, token)| {
            let logprob = logit - total;
            let language = match self.language_model {
                Some((model, weight)) => weight * model.logprob(&hypothesis.tokens, token),
                None => 0.0,
            };
            Candidate { parent, token, logprob, score: hypothesis.score + logprob + language }
        }));
    }

    /// Those that go on, in the order that asks the decoder for as little again as can be: it has the last parent's at hand.
    fn kept(&self, live: &[Hypothesis], mut candidates: Vec<Candidate>) -> Vec<Candidate> {
        let order = |a: &Candidate, b: &Candidate| {
            b.score.total_cmp(&a.score).then(a.parent.cmp(&b.parent)).then(a.token.cmp(&b.token))
        };
        candidates.sort_by(order);
        let least = candidates.first().map_or(f32::MIN, |best| best.score - MARGIN_NATS);
        let mut kept: Vec<Candidate> = Vec::with_capacity(self.beam);
        for candidate in candidates {
            if kept.len() == self.beam.max(1) || candidate.score < least {
                break;
            }
            let alike = |other: &&Candidate| {
                other.token == candidate.token
                    && live[other.parent].tokens.iter().rev().take(ALIKE_TOKENS - 1).eq(live[candidate.parent]
                        .tokens
                        .iter()
                        .rev()
                        .take(ALIKE_TOKENS - 1))
            };
            if candidate.token == self.end || !kept.iter().any(|other| alike(&other)) {
                kept.push(candidate);
            }
        }
        kept.sort_by_key(|candidate| Reverse(candidate.parent));
        kept
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::convert::Infallible;

    use super::*;

    const END: Token = 3;
    /// Nobody says it.
    const CONTROL: Token = 4;
    const SEARCH: Search<'static> =
        Search { alphabet: &[0, 1, 2], end: END, beam: 4, tokens_max: 20, language_model: None };

    /// Probabilities of 0, 1, 2, the end and a control token after some prefixes; after all others the text ends.
    struct Table(HashMap<Vec<Token>, [f32; 5]>, Vec<f32>);

    impl Acoustics for Table {
        type Error = Infallible;

        fn logits(&mut self, prefix: &[Token]) -> Result<&[f32], Infallible> {
            let row = self.0.get(prefix).copied().unwrap_or([0.0, 0.0, 0.0, 1.0, 0.0]);
            self.1 = row.map(|p| p.max(1e-9).ln() + 5.0).to_vec();
            Ok(&self.1)
        }
    }

    fn table(rows: &[(&[Token], [f32; 5])]) -> Table {
        Table(rows.iter().map(|(prefix, row)| (prefix.to_vec(), *row)).collect(), Vec::new())
    }

    fn found(search: &Search<'_>, mut acoustics: Table) -> Found {
        let Ok(found) = search.best(&mut acoustics);
        found
    }

    #[test]
    fn a_beam_of_one_takes_the_likeliest_and_a_wider_one_what_is_likeliest_in_all() {
        let misled: &[(&[Token], [f32; 5])] =
            &[(&[], [0.6, 0.4, 0.0, 0.0, 0.0]), (&[0], [0.2, 0.2, 0.2, 0.4, 0.0]), (&[1], [0.0, 0.0, 0.95, 0.05, 0.0])];
        assert_eq!(found(&Search { beam: 1, ..SEARCH }, table(misled)).tokens, [0]);
        let best = found(&SEARCH, table(misled));
        assert_eq!(best.tokens, [1, 2]);
        let expected = [0.4_f32.ln(), 0.95_f32.ln()];
        assert!(best.logprobs.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-3), "{:?}", best.logprobs);
    }

    #[test]
    fn what_is_certain_costs_one_prefix_a_token() {
        let certain: &[(&[Token], [f32; 5])] =
            &[(&[], [0.98, 0.01, 0.01, 0.0, 0.0]), (&[0], [0.01, 0.97, 0.01, 0.01, 0.0])];
        let best = found(&SEARCH, table(certain));
        assert_eq!((best.tokens, best.steps, best.prefixes), (vec![0, 1], 3, 3));
    }

    #[test]
    fn hypotheses_that_end_alike_go_on_as_one() {
        let even = [0.51, 0.49, 0.0, 0.0, 0.0];
        let sure = [0.0, 0.0, 1.0, 0.0, 0.0];
        let rows: &[(&[Token], [f32; 5])] =
            &[(&[], even), (&[0], sure), (&[1], sure), (&[0, 2], sure), (&[1, 2], sure), (&[0, 2, 2], sure)];
        let best = found(&SEARCH, table(rows));
        assert_eq!((best.tokens, best.prefixes), (vec![0, 2, 2, 2], 1 + 2 + 2 + 1 + 1));
    }

    #[test]
    fn a_language_model_tells_sounds_alike_apart() {
        let arpa = "\\data\\\nngram 1=5\nngram 2=2\n\n\\1-grams:\n-99\t<s>\t0\n-1\ta\t0\n-1\tb\t0\n-1\tc\t0\n-1\t</s>\n\n\
            \\2-grams:\n-0.1\t<s> b\n-2\t<s> a\n\n\\end\\\n";
        let tokens = [("a", 0), ("b", 1), ("c", 2)].map(|(word, token)| (word.to_owned(), token)).into();
        let model = LanguageModel::read(arpa.as_bytes(), &tokens, END).expect("a good file");
        let unsure: &[(&[Token], [f32; 5])] = &[(&[], [0.55, 0.45, 0.0, 0.0, 0.0])];
        assert_eq!(found(&SEARCH, table(unsure)).tokens, [0]);
        let best = found(&Search { language_model: Some((&model, 0.3)), ..SEARCH }, table(unsure));
        assert_eq!(best.tokens, [1]);
        assert!((best.logprobs[0] - 0.45_f32.ln()).abs() < 1e-3, "its confidence is the sound's: {:?}", best.logprobs);
    }

    #[test]
    fn control_tokens_are_never_said_and_take_nothing_from_the_others() {
        let loud: &[(&[Token], [f32; 5])] = &[(&[], [0.0, 0.001, 0.0, 0.0, 0.999])];
        let best = found(&SEARCH, table(loud));
        assert_eq!(best.tokens, [1]);
        assert!(best.logprobs[0] > -0.01 && !best.tokens.contains(&CONTROL), "{best:?}");
    }

    #[test]
    fn who_never_ends_is_cut_off_and_silence_is_nothing() {
        struct Endless;
        impl Acoustics for Endless {
            type Error = Infallible;
            fn logits(&mut self, _: &[Token]) -> Result<&[f32], Infallible> {
                Ok(&[9.0, f32::NAN, f32::INFINITY]) // and no end at all
            }
        }
        let Ok(endless) = SEARCH.best(&mut Endless);
        assert_eq!((endless.tokens, endless.steps), (vec![0; 20], 20));
        let silence = found(&SEARCH, table(&[]));
        assert_eq!((silence.tokens.len(), silence.logprobs.len(), silence.steps), (0, 0, 1));
    }
}
