//! What is said and how: the variant of a text, in the tone that fits, with what is known filled in.

use std::sync::Arc;

use super::campaign::{Answer, Target, TextId};
use super::machine::{Conversation, Draft, Pace, Place};
use super::text::{Placeholder, Text, Tone, Variant, substitute};
use super::{Persona, Sentence};
use crate::asr::Language;
use crate::base::Redacted;
use crate::understanding::Action;

impl Conversation {
    /// Says the next variant of a text; true if it is a question.
    pub(super) fn say(&mut self, id: TextId, draft: &mut Draft) -> bool {
        let campaign = Arc::clone(&self.campaign);
        let text = campaign.text(id);
        let variants = self.wordings(text);
        let said = usize::from(self.said[id.0]);
        self.said[id.0] = self.said[id.0].saturating_add(1);
        // A campaign without this language has nothing to say in it; the shell refuses such a call.
        let Some(variant) = variants.get(said % variants.len().max(1)) else { return false };
        let fill =
            |sentence: &String| substitute(sentence, |name| self.value(name)).unwrap_or_else(|_| sentence.clone());
        draft.say.extend(variant.0.iter().map(|sentence| Sentence { text: fill(sentence), barge_in: text.barge_in }));
        variant.is_question()
    }

    /// Whether an answer only says that it was heard.
    pub(super) fn only_acknowledges(&self, action: Action, say: TextId) -> bool {
        use Action::{Affirm, Backchannel, Deny, InformHow, InformWhat, InformWhen, InformWhere, InformWho, InformWhy};
        let acknowledges = matches!(
            action,
            Affirm | Deny | Backchannel | InformWho | InformWhat | InformWhen | InformWhere | InformWhy | InformHow
        );
        let variants = self.wordings(self.campaign.text(say));
        acknowledges && matches!(self.place, Place::At(_)) && !variants.iter().any(|variant| variant.is_question())
    }

    /// The answer's case for the customer's words, or the answer itself.
    pub(super) fn chosen(&self, answer: &Answer, text: &str) -> (Option<TextId>, Target) {
        let lower = text.to_lowercase();
        let fits = |words: &[String]| words.iter().any(|word| lower.contains(word.as_str()));
        let case = answer.cases.iter().find(|case| match self.language {
            Language::Zh => fits(&case.words_zh),
            Language::En => fits(&case.words_en),
        });
        case.map_or((answer.say, answer.then), |case| (Some(case.say), case.then))
    }

    /// The variants that can be said now, of the tone that fits best.
    pub(super) fn wordings<'t>(&self, text: &'t Text) -> Vec<&'t Variant> {
        let known = |placeholder: Placeholder<'_>| self.known(placeholder).is_some();
        let concise = (self.pace == Pace::Concise).then_some(Tone::Concise);
        let casual = (self.persona == Persona::Casual).then_some(Tone::Casual);
        let tones = concise.into_iter().chain(casual).chain([Tone::Plain]);
        let mut sayable = tones.map(|tone| {
            text.variants(self.language, tone).iter().filter(|variant| variant.is_sayable(known)).collect::<Vec<_>>()
        });
        sayable.find(|variants| !variants.is_empty()).unwrap_or_default()
    }

    /// Whether each variant of a text has been said.
    pub(super) fn used_up(&self, id: TextId) -> bool {
        usize::from(self.said[id.0]) >= self.wordings(self.campaign.text(id)).len()
    }

    /// What a placeholder of the call stands for.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        self.known(Placeholder::named(name)?)
    }

    pub(super) fn known(&self, placeholder: Placeholder<'_>) -> Option<String> {
        let fact = |name| self.campaign.fact(name, self.language).map(str::to_owned);
        match placeholder {
            Placeholder::When => self.timing.spoken(self.language).or_else(|| fact("when_default")),
            Placeholder::Source => self.caller.source().or_else(|| fact("source")),
            Placeholder::Caller(name) => self.caller.said(name),
            Placeholder::Slot(slot) => self.slots.get(slot).map(str::to_owned),
            Placeholder::Words => self.read_back.words.clone().map(Redacted::into_revealed),
            Placeholder::Fact(name) => fact(name),
        }
    }

    /// The same words twice in a row sound deaf: they are said as a repetition.
    pub(super) fn vary(&mut self, acknowledged: usize, draft: &mut Draft) {
        if draft.say.is_empty() || draft.say[acknowledged..] != self.last[..] {
            return;
        }
        let again = std::mem::take(&mut draft.say);
        // A nod is nodded otherwise; anything else is said to be said again.
        let nods = again.len() == 1 && !again[0].text.ends_with(['？', '?']);
        let other = self.campaign.answer(if nods { Action::Affirm } else { Action::Repeat }).say;
        if let Some(text) = other {
            self.say(text, draft);
            if nods && draft.say == again {
                draft.say.clear();
                self.say(text, draft);
            }
        }
        if !nods {
            draft.say.extend(again);
        }
    }
}
