//! From the campaign file to the checked [`Campaign`]: every name resolved, every text present, the law kept. The first
//! problem ends it, with its place in the file.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::Range;

use toml::Spanned;

use super::campaign::{Answer, Campaign, Case, End, EndId, State, StateId, Target, TextId};
use super::file::{AnswerFile, CampaignFile, EndFile, StateFile, TextFile};
use super::text::{CALL_PLACEHOLDERS, Fact, Text, Variant, substitute};
use super::{BargeIn, Outcome, Problem};
use crate::asr::Language;
use crate::compliance::check_disclosure;
use crate::understanding::Action;

type Checked<T> = Result<T, (Problem, Range<usize>)>;

/// Facts that the machine itself speaks of.
const FACTS_NEEDED: [&str; 2] = ["source", "when_default"];

/// No call has more turns, whatever its campaign says.
const TURNS_MAX_MOST: u32 = 200;

/// Checks a campaign file as a whole.
pub(super) fn compile(file: CampaignFile) -> Checked<Campaign> {
    let turns_max = bounded("turns_max", &file.turns_max, 1, TURNS_MAX_MOST)?;
    let confidence_min = bounded("confidence_min", &file.confidence_min, 0.0, 1.0)?;
    let names = names(&file)?;
    let mut compiler = Compiler { languages: &file.languages, facts: file.facts.get_ref(), names, texts: Vec::new() };
    compiler.check_facts(file.facts.span())?;
    let answers = compiler.answers(&file)?;
    let end = |name| match compiler.names.get(name) {
        Some(&Target::End(id)) => Ok(id),
        Some(Target::Resume | Target::Wait | Target::Action(_) | Target::State(_)) | None => {
            Err((Problem::NoEnd(name), file.end.span()))
        }
    };
    let opted_out = end("opted_out")?;
    check_opt_out(&file, opted_out, &answers)?;
    Ok(Campaign {
        refused: end("refused")?,
        opted_out,
        farewell: end("farewell")?,
        silent: end("silent")?,
        not_heard: end("not_heard")?,
        turns_max,
        confidence_min,
        start: compiler.start(&file.start)?,
        keys: compiler.keys(&file.keys)?,
        notice: compiler.notice(&file.notice)?,
        silence: compiler.text("silence", &file.silence)?,
        unclear: compiler.text("unclear", &file.unclear)?,
        confirm_opt_out: compiler.text("confirm_opt_out", &file.confirm_opt_out)?,
        states: file.state.iter().map(|(name, state)| compiler.state(name, state.get_ref())).collect::<Checked<_>>()?,
        ends: file.end.get_ref().iter().map(|(name, end)| compiler.end(name, end.get_ref())).collect::<Checked<_>>()?,
        answers,
        texts: compiler.texts,
        name: file.name,
        languages: file.languages,
        facts: file.facts.into_inner(),
    })
}

/// Rule C2: whoever asks not to be called is not called, wherever in the call they ask.
fn check_opt_out(file: &CampaignFile, opted_out: EndId, answers: &[Answer]) -> Checked<()> {
    let action = Action::ObjStopCalling;
    let elsewhere = file.state.values().find(|state| state.get_ref().on.keys().any(|on| on.get_ref() == action.id()));
    if let Some(state) = elsewhere {
        return Err((Problem::OptOutIgnored, state.span()));
    }
    let opts_out = file.end.get_ref().values().nth(opted_out.0).map(|end| end.get_ref().outcome);
    if answers[action as usize].then == Target::End(opted_out) && opts_out == Some(Outcome::OptedOut) {
        Ok(())
    } else {
        Err((Problem::OptOutIgnored, file.on.span()))
    }
}

/// A number within its bounds, both included.
fn bounded<T: PartialOrd + Copy + Display>(key: &'static str, number: &Spanned<T>, min: T, max: T) -> Checked<T> {
    let &value = number.get_ref();
    if value >= min && value <= max {
        return Ok(value);
    }
    let problem = Problem::OutOfBounds { key, value: value.to_string(), bounds: format!("{min} to {max}") };
    Err((problem, number.span()))
}

/// Every name that a target can have. States and ends are numbered in the order of their names.
fn names(file: &CampaignFile) -> Checked<BTreeMap<String, Target>> {
    let mut names = BTreeMap::from([("resume".to_owned(), Target::Resume), ("wait".to_owned(), Target::Wait)]);
    names.extend(Action::ALL.iter().map(|&action| (action.id().to_owned(), Target::Action(action))));
    let states = file.state.iter().enumerate().map(|(n, (name, at))| (name, Target::State(StateId(n)), at.span()));
    let ends = file.end.get_ref().iter().enumerate().map(|(n, (name, at))| (name, Target::End(EndId(n)), at.span()));
    for (name, target, at) in states.chain(ends) {
        if names.insert(name.clone(), target).is_some() {
            return Err((Problem::NameTaken(name.clone()), at));
        }
    }
    Ok(names)
}

struct Compiler<'a> {
    languages: &'a [Language],
    facts: &'a BTreeMap<String, Fact>,
    names: BTreeMap<String, Target>,
    texts: Vec<Text>,
}

impl Compiler<'_> {
    fn check_facts(&self, at: Range<usize>) -> Checked<()> {
        for (&language, fact) in self.languages.iter().flat_map(|language| FACTS_NEEDED.map(|fact| (language, fact))) {
            if self.facts.get(fact).and_then(|values| values.value(language)).is_none() {
                return Err((Problem::NoText { place: format!("facts.{fact}"), language }, at));
            }
        }
        Ok(())
    }

    fn start(&self, name: &Spanned<String>) -> Checked<StateId> {
        match self.target(name)? {
            Target::State(id) => Ok(id),
            Target::Resume | Target::Wait | Target::Action(_) | Target::End(_) => {
                Err((Problem::UnknownTarget(name.get_ref().clone()), name.span()))
            }
        }
    }

    fn keys(&self, file: &Spanned<BTreeMap<char, Spanned<String>>>) -> Checked<BTreeMap<char, Target>> {
        let keys = file.get_ref().iter().map(|(&key, target)| Ok((key, self.target(target)?)));
        let keys: BTreeMap<char, Target> = keys.collect::<Checked<_>>()?;
        if keys.values().any(|&target| target == Target::Action(Action::ObjStopCalling)) {
            Ok(keys)
        } else {
            Err((Problem::NoOptOutKey, file.span()))
        }
    }

    /// The notice discloses the AI in each language and each variant, and is always said to the end.
    fn notice(&mut self, file: &Spanned<TextFile>) -> Checked<TextId> {
        let id = self.text("notice", file)?;
        let notice = &mut self.texts[id.0];
        notice.barge_in = BargeIn::Uninterruptible;
        for &language in self.languages {
            for Variant(opening) in notice.variants(language) {
                check_disclosure(opening).map_err(|broken| (Problem::Undisclosed(broken), file.span()))?;
            }
        }
        Ok(id)
    }

    fn target(&self, name: &Spanned<String>) -> Checked<Target> {
        let unknown = || (Problem::UnknownTarget(name.get_ref().clone()), name.span());
        self.names.get(name.get_ref()).copied().ok_or_else(unknown)
    }

    fn target_or(&self, name: Option<&Spanned<String>>, default: Target) -> Checked<Target> {
        name.map_or(Ok(default), |name| self.target(name))
    }

    fn text(&mut self, place: &str, file: &Spanned<TextFile>) -> Checked<TextId> {
        let TextFile { zh, en, uninterruptible } = file.get_ref();
        let barge_in = if *uninterruptible { BargeIn::Uninterruptible } else { BargeIn::Allowed };
        let (zh, en) = (self.variants(place, zh, Language::Zh)?, self.variants(place, en, Language::En)?);
        let text = Text { place: place.to_owned(), zh, en, barge_in };
        for &language in self.languages {
            if text.variants(language).is_empty() {
                return Err((Problem::NoText { place: place.to_owned(), language }, file.span()));
            }
        }
        self.texts.push(text);
        Ok(TextId(self.texts.len() - 1))
    }

    fn variants(&self, place: &str, texts: &[Spanned<String>], language: Language) -> Checked<Vec<Variant>> {
        let value = |name: &str| match self.facts.get(name) {
            _ if CALL_PLACEHOLDERS.contains(&name) => Some(format!("{{{name}}}")),
            Some(fact) => fact.value(language).map(str::to_owned),
            None => None,
        };
        let variant = |text: &Spanned<String>| match substitute(text.get_ref(), value) {
            Ok(filled) => Ok(Variant::new(&filled)),
            Err(name) => Err((Problem::UnknownPlaceholder { place: place.to_owned(), name, language }, text.span())),
        };
        texts.iter().map(variant).collect()
    }

    fn state(&mut self, name: &str, file: &StateFile) -> Checked<State> {
        let next = self.target(&file.next)?;
        let on = file.on.iter().map(|(action, target)| Ok((action_of(action)?, self.target(target)?)));
        Ok(State {
            on: on.collect::<Checked<_>>()?,
            name: name.to_owned(),
            ask: self.text(&format!("state.{name}.ask"), &file.ask)?,
            slot: file.slot,
            next,
            affirm: self.target_or(file.affirm.as_ref(), next)?,
            deny: self.target_or(file.deny.as_ref(), next)?,
            give_up: self.target_or(file.give_up.as_ref(), next)?,
        })
    }

    fn end(&mut self, name: &str, file: &EndFile) -> Checked<End> {
        let say = self.text(&format!("end.{name}.say"), &file.say)?;
        Ok(End { name: name.to_owned(), say, outcome: file.outcome })
    }

    fn answers(&mut self, file: &CampaignFile) -> Checked<Vec<Answer>> {
        let on = file.on.get_ref();
        for id in on.keys() {
            action_of(id)?;
        }
        let answer = |action: &Action| match on.iter().find(|(id, _)| id.get_ref() == action.id()) {
            Some((_, answer)) => self.answer(*action, answer),
            None => Err((Problem::NoAnswer(action.id()), file.on.span())),
        };
        Action::ALL.iter().map(answer).collect()
    }

    fn answer(&mut self, action: Action, file: &Spanned<AnswerFile>) -> Checked<Answer> {
        let AnswerFile { say, case, then, affirm, deny, exhausted, refusal, follow_up } = file.get_ref();
        let then = self.target_or(then.as_ref(), Target::Resume)?;
        let place = format!("on.{}", action.id());
        let leads_to_words = match then {
            Target::Action(_) | Target::State(_) | Target::End(_) => true,
            Target::Resume | Target::Wait => false,
        };
        if say.is_none() && !leads_to_words {
            let language = self.languages.first().copied().unwrap_or_default();
            return Err((Problem::NoText { place, language }, file.span()));
        }
        let cases = case.iter().map(|case| {
            Ok(Case {
                words_zh: case.words.zh.clone(),
                words_en: case.words.en.iter().map(|word| word.to_lowercase()).collect(),
                say: self.text(&format!("{place}.case.say"), &case.say)?,
                then: self.target_or(case.then.as_ref(), then)?,
            })
        });
        Ok(Answer {
            cases: cases.collect::<Checked<_>>()?,
            say: say.as_ref().map(|say| self.text(&format!("{place}.say"), say)).transpose()?,
            then,
            affirm: self.target_or(affirm.as_ref(), Target::Resume)?,
            deny: self.target_or(deny.as_ref(), Target::Resume)?,
            exhausted: exhausted.as_ref().map(|target| self.target(target)).transpose()?,
            refusal: *refusal,
            follow_up: *follow_up,
        })
    }
}

fn action_of(id: &Spanned<String>) -> Checked<Action> {
    let unknown = || (Problem::UnknownAction(id.get_ref().clone()), id.span());
    Action::from_id(id.get_ref()).ok_or_else(unknown)
}
