//! A checked campaign: states with their questions, ends, an answer to every action. Built from a file once, shared by
//! all calls; names are resolved to indices, facts are filled in.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;

use super::file::{AnswerFile, CampaignFile, EndFile, StateFile, TextFile};
use super::text::{CALL_PLACEHOLDERS, Text, Variant, substitute};
use super::{BargeIn, CampaignError, Outcome, Problem};
use crate::asr::Language;
use crate::compliance::check_disclosure;
use crate::understanding::{Action, Slot};

/// A script of a call with its facts, in one or more languages.
#[derive(Debug)]
pub struct Campaign {
    pub(super) name: String,
    pub(super) languages: Vec<Language>,
    pub(super) turns_max: u32,
    pub(super) confidence_min: f32,
    pub(super) keys: BTreeMap<char, Target>,
    pub(super) facts: BTreeMap<String, [Option<String>; 2]>,
    pub(super) texts: Vec<Text>,
    pub(super) notice: TextId,
    pub(super) silence: TextId,
    pub(super) unclear: TextId,
    pub(super) confirm_opt_out: TextId,
    pub(super) start: StateId,
    pub(super) states: Vec<State>,
    pub(super) ends: Vec<End>,
    pub(super) refused: EndId,
    pub(super) opted_out: EndId,
    pub(super) farewell: EndId,
    pub(super) silent: EndId,
    pub(super) not_heard: EndId,
    /// By `Action as usize`.
    pub(super) answers: Vec<Answer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextId(pub usize);
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StateId(pub usize);
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EndId(pub usize);

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The question of the state, in other words.
    Resume,
    /// Nothing: the customer has the floor.
    Wait,
    /// As if the customer had meant this.
    Action(Action),
    State(StateId),
    End(EndId),
}

/// A question of the call and where its answers lead.
#[derive(Debug)]
pub(super) struct State {
    pub name: String,
    pub ask: TextId,
    pub slot: Option<Slot>,
    pub next: Target,
    pub affirm: Target,
    pub deny: Target,
    pub give_up: Target,
    pub on: BTreeMap<Action, Target>,
}

#[derive(Debug)]
pub(super) struct End {
    pub name: String,
    pub say: TextId,
    pub outcome: Outcome,
}

/// What is said to an action wherever it comes.
#[derive(Debug)]
pub(super) struct Answer {
    pub say: Option<TextId>,
    pub cases: Vec<Case>,
    pub then: Target,
    pub affirm: Target,
    pub deny: Target,
    pub exhausted: Option<Target>,
    pub refusal: bool,
    pub follow_up: bool,
}

/// A better answer where one of `words` was said.
#[derive(Debug)]
pub(super) struct Case {
    pub words_zh: Vec<String>,
    pub words_en: Vec<String>,
    pub say: TextId,
    pub then: Target,
}

impl Campaign {
    /// Reads and checks a campaign file; `file_name` is for the error.
    pub fn parse(toml_text: &str, file_name: &str) -> Result<Self, CampaignError> {
        let file: CampaignFile = toml::from_str(toml_text).map_err(|e| {
            Problem::Shape(e.message().to_owned()).at(file_name, toml_text, e.span().unwrap_or_default())
        })?;
        compile(file).map_err(|(problem, at)| problem.at(file_name, toml_text, at))
    }

    /// The campaign's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The languages that it can be held in.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// Every sentence that is the same in every call: to be rendered before the first.
    pub fn fixed_sentences(&self, language: Language) -> Vec<String> {
        let all = self.texts.iter().flat_map(|text| text.variants(language)).flat_map(|variant| &variant.0);
        let mut fixed: Vec<String> = all.filter(|sentence| !sentence.contains('{')).cloned().collect();
        fixed.sort();
        fixed.dedup();
        fixed
    }

    pub(super) fn fact(&self, name: &str, language: Language) -> Option<&str> {
        self.facts.get(name)?[language as usize].as_deref()
    }

    pub(super) fn text(&self, id: TextId) -> &Text {
        &self.texts[id.0]
    }

    pub(super) fn state(&self, id: StateId) -> &State {
        &self.states[id.0]
    }

    pub(super) fn end(&self, id: EndId) -> &End {
        &self.ends[id.0]
    }

    pub(super) fn answer(&self, action: Action) -> &Answer {
        &self.answers[action as usize]
    }
}

type Checked<T> = Result<T, (Problem, Range<usize>)>;

/// Facts that the machine itself speaks of.
const FACTS_NEEDED: [&str; 2] = ["source", "when_default"];

fn compile(file: CampaignFile) -> Checked<Campaign> {
    let CampaignFile { name, languages, start, turns_max, confidence_min, keys, facts, .. } = &file;
    if !(0.0..=1.0).contains(confidence_min) {
        let problem =
            Problem::OutOfBounds { key: "confidence_min", value: confidence_min.to_string(), bounds: "0 to 1" };
        return Err((problem, 0..0));
    }
    let facts_at = facts.span();
    let facts = facts.get_ref().iter().map(|(name, fact)| (name.clone(), [fact.zh.clone(), fact.en.clone()])).collect();
    let mut compiler = Compiler { languages, facts, names: names(&file)?, texts: Vec::new() };
    for (&language, fact) in languages.iter().flat_map(|language| FACTS_NEEDED.map(|fact| (language, fact))) {
        if compiler.facts.get(fact).and_then(|values| values[language as usize].as_ref()).is_none() {
            return Err((Problem::NoText { place: format!("facts.{fact}"), language }, facts_at));
        }
    }

    let notice = compiler.text("notice", &file.notice)?;
    for &language in languages {
        for Variant(opening) in compiler.texts[notice.0].variants(language) {
            check_disclosure(opening).map_err(|broken| (Problem::Undisclosed(broken), file.notice.span()))?;
        }
    }
    compiler.texts[notice.0].barge_in = BargeIn::Uninterruptible;
    let start = match compiler.target(start)? {
        Target::State(id) => id,
        Target::Resume | Target::Wait | Target::Action(_) | Target::End(_) => {
            return Err((Problem::UnknownTarget(start.get_ref().clone()), start.span()));
        }
    };
    let opt_out = Target::Action(Action::ObjStopCalling);
    let keys_at = keys.span();
    let keys: BTreeMap<char, Target> =
        keys.get_ref().iter().map(|(&key, target)| Ok((key, compiler.target(target)?))).collect::<Checked<_>>()?;
    if !keys.values().any(|&target| target == opt_out) {
        return Err((Problem::NoOptOutKey, keys_at));
    }
    let end = |name| match compiler.names.get(name) {
        Some(&Target::End(id)) => Ok(id),
        Some(Target::Resume | Target::Wait | Target::Action(_) | Target::State(_)) | None => {
            Err((Problem::NoEnd(name), file.end.span()))
        }
    };
    Ok(Campaign {
        name: name.clone(),
        languages: languages.clone(),
        turns_max: *turns_max,
        confidence_min: *confidence_min,
        keys,
        notice,
        start,
        refused: end("refused")?,
        opted_out: end("opted_out")?,
        farewell: end("farewell")?,
        silent: end("silent")?,
        not_heard: end("not_heard")?,
        silence: compiler.text("silence", &file.silence)?,
        unclear: compiler.text("unclear", &file.unclear)?,
        confirm_opt_out: compiler.text("confirm_opt_out", &file.confirm_opt_out)?,
        states: file.state.iter().map(|(name, state)| compiler.state(name, state.get_ref())).collect::<Checked<_>>()?,
        ends: file.end.get_ref().iter().map(|(name, end)| compiler.end(name, end.get_ref())).collect::<Checked<_>>()?,
        answers: compiler.answers(&file)?,
        texts: compiler.texts,
        facts: compiler.facts,
    })
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
    facts: BTreeMap<String, [Option<String>; 2]>,
    names: BTreeMap<String, Target>,
    texts: Vec<Text>,
}

impl Compiler<'_> {
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
        let text =
            Text { zh: self.variants(place, zh, Language::Zh)?, en: self.variants(place, en, Language::En)?, barge_in };
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
            Some(values) => values[language as usize].clone(),
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
