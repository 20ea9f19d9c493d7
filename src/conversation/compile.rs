//! From the campaign file to the checked [`Campaign`]: every name resolved, every text present, the law kept. Goes on
//! after a problem, so that all of them are found, each with its place.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::Range;

use toml::Spanned;

use super::campaign::{Answer, Campaign, Case, Closing, End, EndId, Opening, State, StateId, Target, TextId};
use super::file::{AnswerFile, CampaignFile, EndFile, OpeningFile, StateFile, TextFile};
use super::reach;
use super::source::{Problems, Sources};
use super::text::{Fact, Placeholder, Text, Tone, Variant, Wordings, placeholders, substitute};
use super::{BargeIn, Outcome, Problem};
use crate::asr::Language;
use crate::compliance::check_disclosure;
use crate::understanding::Action;

/// Facts that the machine itself speaks of.
const FACTS_NEEDED: [&str; 2] = ["source", "when_default"];

/// A call has at least so many turns before it is cut short, and at most so many whatever its campaign says.
const TURNS_MAX_LEAST: u32 = 15;
const TURNS_MAX_MOST: u32 = 200;

/// The text in which {words} stands.
const READ_BACK: &str = "read_back";

/// The industries of models/taxonomy.toml.
const INDUSTRIES: [&str; 9] =
    ["any", "insurance", "banking", "education", "ecommerce", "telecom", "property", "auto", "saas"];

/// Checks a campaign as a whole. None, or problems added: it cannot be used.
pub(super) fn compile(file: CampaignFile, sources: &Sources, problems: &mut Problems) -> Option<Campaign> {
    let head = &file.head;
    let names = names(&file, problems);
    let mut compiler =
        Compiler { languages: &head.languages, facts: head.facts.get_ref(), names, texts: Vec::new(), problems };
    compiler.check_head(&file);
    compiler.check_opt_out(&file, sources);
    let answers = compiler.answers(&file, sources);
    let end = |compiler: &mut Compiler<'_>, name| compiler.machines_end(name, &file, sources);
    let campaign = Campaign {
        refused: end(&mut compiler, "refused"),
        opted_out: end(&mut compiler, "opted_out"),
        farewell: end(&mut compiler, "farewell"),
        silent: end(&mut compiler, "silent"),
        not_heard: end(&mut compiler, "not_heard"),
        turns_max: *head.turns_max.get_ref(),
        confidence_min: *head.confidence_min.get_ref(),
        start: compiler.state_named(&head.start),
        openings: file.opening.iter().map(|opening| compiler.opening(opening, &head.start)).collect(),
        closing: head.closing.as_ref().map(|closing| Closing {
            after_signals: *closing.after_signals.get_ref(),
            state: compiler.state_named(&closing.state),
        }),
        keys: head.keys.get_ref().iter().map(|(&key, target)| (key, compiler.target(target))).collect(),
        notice: compiler.notice(&head.notice),
        silence: compiler.text("silence", &head.silence),
        unclear: compiler.text("unclear", &head.unclear),
        read_back: head.read_back.as_ref().map(|text| compiler.read_back(text)),
        confirm_opt_out: compiler.text("confirm_opt_out", &head.confirm_opt_out),
        states: file.state.iter().map(|(name, state)| compiler.state(name, state.get_ref())).collect(),
        ends: file.end.iter().map(|(name, end)| compiler.end(name, end.get_ref())).collect(),
        answers,
        texts: compiler.texts,
        persona: head.persona,
        industry: head.industry.get_ref().clone(),
        name: head.name.clone(),
        languages: head.languages.clone(),
        facts: BTreeMap::new(),
    };
    // An unknown name stands for nothing: what it was to lead to would seem unreachable.
    if problems.is_empty() {
        let own = |at: &Range<usize>| sources.is_own(at);
        reach::check(&campaign, &file, own, problems);
    }
    Some(Campaign { facts: file.head.facts.into_inner(), ..campaign })
}

/// Every name that a target can have. States and ends are numbered in the order of their names.
fn names(file: &CampaignFile, problems: &mut Problems) -> BTreeMap<String, Target> {
    let mut names = BTreeMap::from([("resume".to_owned(), Target::Resume), ("wait".to_owned(), Target::Wait)]);
    names.extend(Action::ALL.iter().map(|&action| (action.id().to_owned(), Target::Action(action))));
    let states = file.state.iter().enumerate().map(|(n, (name, at))| (name, Target::State(StateId(n)), at.span()));
    let ends = file.end.iter().enumerate().map(|(n, (name, at))| (name, Target::End(EndId(n)), at.span()));
    for (name, target, at) in states.chain(ends) {
        if names.insert(name.clone(), target).is_some() {
            problems.push((Problem::NameTaken(name.clone()), at));
        }
    }
    for name in &file.broken {
        names.entry(name.clone()).or_insert(Target::Resume); // its shape is the problem, not who names it
    }
    names
}

struct Compiler<'a> {
    languages: &'a [Language],
    facts: &'a BTreeMap<String, Fact>,
    names: BTreeMap<String, Target>,
    texts: Vec<Text>,
    problems: &'a mut Problems,
}

impl Compiler<'_> {
    fn problem(&mut self, problem: Problem, at: Range<usize>) {
        self.problems.push((problem, at));
    }

    fn check_head(&mut self, file: &CampaignFile) {
        let head = &file.head;
        self.bounded("turns_max", &head.turns_max, TURNS_MAX_LEAST, TURNS_MAX_MOST);
        self.bounded("confidence_min", &head.confidence_min, 0.0, 1.0);
        if let Some(closing) = &head.closing {
            self.bounded("closing.after_signals", &closing.after_signals, 1, u8::MAX);
        }
        if !INDUSTRIES.contains(&head.industry.get_ref().as_str()) {
            self.problem(Problem::UnknownIndustry(head.industry.get_ref().clone()), head.industry.span());
        }
        for (&language, name) in self.languages.iter().flat_map(|language| FACTS_NEEDED.map(|fact| (language, fact))) {
            if self.facts.get(name).and_then(|values| values.value(language)).is_none() {
                self.problem(Problem::NoFact { name, language }, head.facts.span());
            }
        }
        if !head.keys.get_ref().values().any(|target| target.get_ref() == Action::ObjStopCalling.id()) {
            self.problem(Problem::NoOptOutKey, head.keys.span());
        }
    }

    /// A number within its bounds, both included.
    fn bounded<T: PartialOrd + Copy + Display>(&mut self, key: &'static str, number: &Spanned<T>, min: T, max: T) {
        let &value = number.get_ref();
        if !(value >= min && value <= max) {
            let problem = Problem::OutOfBounds { key, value: value.to_string(), bounds: format!("{min} to {max}") };
            self.problem(problem, number.span());
        }
    }

    /// Rule C2: whoever asks not to be called is not called, wherever in the call they ask.
    fn check_opt_out(&mut self, file: &CampaignFile, sources: &Sources) {
        let id = Action::ObjStopCalling.id();
        for state in file.state.values() {
            if let Some(on) = state.get_ref().on.keys().find(|on| on.get_ref() == id) {
                self.problem(Problem::OptOutIgnored, on.span());
            }
        }
        let answer = file.on.iter().find(|(on, _)| on.get_ref() == id).map(|(_, answer)| answer);
        let leads = answer.and_then(|answer| answer.get_ref().then.as_ref()).map(|then| then.get_ref().as_str());
        let ends = file.end.get("opted_out").is_none_or(|end| end.get_ref().outcome == Outcome::OptedOut);
        if answer.is_some() && (leads != Some("opted_out") || !ends) {
            let at = answer.map_or(sources.start(), Spanned::span);
            self.problem(Problem::OptOutIgnored, at);
        }
    }

    fn machines_end(&mut self, name: &'static str, file: &CampaignFile, sources: &Sources) -> EndId {
        match self.names.get(name) {
            Some(&Target::End(id)) => return id,
            Some(Target::Resume) if file.broken.iter().any(|broken| broken == name) => {}
            Some(Target::Resume | Target::Wait | Target::Action(_) | Target::State(_)) | None => {
                self.problem(Problem::NoEnd(name), sources.start());
            }
        }
        EndId(0)
    }

    fn state_named(&mut self, name: &Spanned<String>) -> StateId {
        match self.names.get(name.get_ref()) {
            Some(&Target::State(id)) => return id,
            Some(Target::Resume) => {} // a state that could not be read
            Some(Target::Wait | Target::Action(_) | Target::End(_)) | None => {
                self.problem(Problem::UnknownState(name.get_ref().clone()), name.span());
            }
        }
        StateId(0)
    }

    fn target(&mut self, name: &Spanned<String>) -> Target {
        self.names.get(name.get_ref()).copied().unwrap_or_else(|| {
            self.problems.push((Problem::UnknownTarget(name.get_ref().clone()), name.span()));
            Target::Resume
        })
    }

    fn target_if(&mut self, name: Option<&Spanned<String>>) -> Option<Target> {
        name.map(|name| self.target(name))
    }

    fn target_or(&mut self, name: Option<&Spanned<String>>, default: Target) -> Target {
        self.target_if(name).unwrap_or(default)
    }

    fn action(&mut self, id: &Spanned<String>) -> Option<Action> {
        let action = Action::from_id(id.get_ref());
        if action.is_none() {
            self.problem(Problem::UnknownAction(id.get_ref().clone()), id.span());
        }
        action
    }

    /// The notice discloses the AI in each language and each variant, and is always said to the end.
    fn notice(&mut self, file: &Spanned<TextFile>) -> TextId {
        let id = self.text("notice", file);
        let notice = &mut self.texts[id.0];
        notice.barge_in = BargeIn::Uninterruptible;
        for Variant(opening) in self.languages.iter().flat_map(|&language| notice.all(language)) {
            if let Err(broken) = check_disclosure(opening) {
                self.problems.push((Problem::Undisclosed(broken), file.span()));
            }
        }
        id
    }

    /// Each variant says what is read back.
    fn read_back(&mut self, file: &Spanned<TextFile>) -> TextId {
        let id = self.text(READ_BACK, file);
        for &language in self.languages {
            let says = |sentence: &String| placeholders(sentence).any(|name| name == "words");
            if !self.texts[id.0].all(language).all(|Variant(sentences)| sentences.iter().any(says)) {
                self.problem(Problem::NotReadBack { language }, file.span());
            }
        }
        id
    }

    /// A text that can be said to whomever is called.
    fn text(&mut self, place: &str, file: &Spanned<TextFile>) -> TextId {
        self.text_knowing(place, file, |_| false)
    }

    /// A text; the facts of the customer that are `given` when it is said.
    fn text_knowing(&mut self, place: &str, file: &Spanned<TextFile>, given: impl Fn(&str) -> bool) -> TextId {
        let TextFile { zh, en, casual, concise, uninterruptible } = file.get_ref();
        let mut wordings = |zh: &[Spanned<String>], en: &[Spanned<String>]| Wordings {
            zh: self.variants(place, zh, Language::Zh),
            en: self.variants(place, en, Language::En),
        };
        let text = Text {
            place: place.to_owned(),
            plain: wordings(zh, en),
            casual: wordings(&casual.zh, &casual.en),
            concise: wordings(&concise.zh, &concise.en),
            barge_in: if *uninterruptible { BargeIn::Uninterruptible } else { BargeIn::Allowed },
        };
        let known = |placeholder: Placeholder<'_>| match placeholder {
            Placeholder::When | Placeholder::Source | Placeholder::Fact(_) => true,
            Placeholder::Caller(fact) => given(fact),
            Placeholder::Words => place == READ_BACK,
            Placeholder::Slot(_) => false,
        };
        for &language in self.languages {
            let plain = text.variants(language, Tone::Plain);
            let place = place.to_owned();
            if plain.is_empty() {
                self.problem(Problem::NoText { place, language }, file.span());
            } else if !plain.iter().any(|variant| variant.is_sayable(known)) {
                self.problem(Problem::OnlyForSome { place, language }, file.span());
            }
        }
        self.texts.push(text);
        TextId(self.texts.len() - 1)
    }

    /// The variants with the campaign's facts filled in.
    fn variants(&mut self, place: &str, texts: &[Spanned<String>], language: Language) -> Vec<Variant> {
        let value = |name: &str| match Placeholder::named(name)? {
            Placeholder::Fact(fact) => self.facts.get(fact)?.value(language).map(str::to_owned),
            Placeholder::When | Placeholder::Source | Placeholder::Caller(_) | Placeholder::Slot(_) => {
                Some(format!("{{{name}}}"))
            }
            Placeholder::Words => (place == READ_BACK).then(|| format!("{{{name}}}")),
        };
        let mut variants = Vec::new();
        for text in texts {
            match substitute(text.get_ref(), value) {
                Ok(filled) => variants.push(Variant::new(&filled)),
                // A language that the campaign is not held in may lack its facts.
                Err(_) if !self.languages.contains(&language) => {}
                Err(name) => {
                    let problem = Problem::UnknownPlaceholder { place: place.to_owned(), name, language };
                    self.problems.push((problem, text.span()));
                    variants.push(Variant::new(text.get_ref()));
                }
            }
        }
        variants
    }

    fn opening(&mut self, file: &Spanned<OpeningFile>, start: &Spanned<String>) -> Opening {
        let OpeningFile { facts, say, state, affirm, deny } = file.get_ref();
        let place = "opening.say";
        let id = self.text_knowing(place, say, |fact| facts.contains_key(fact));
        for &language in self.languages {
            let hidden = self.texts[id.0].all(language).any(|Variant(sentences)| {
                let named = || sentences.iter().flat_map(|sentence| placeholders(sentence));
                named().any(|name| name.starts_with("caller.")) && !named().any(|name| name == "source")
            });
            if hidden {
                self.problem(Problem::SourceHidden { place: place.to_owned(), language }, say.span());
            }
        }
        Opening {
            facts: facts.clone(),
            say: id,
            state: self.state_named(state.as_ref().unwrap_or(start)),
            affirm: self.target_if(affirm.as_ref()),
            deny: self.target_if(deny.as_ref()),
        }
    }

    fn state(&mut self, name: &str, file: &StateFile) -> State {
        let next = self.target(&file.next);
        let mut on = BTreeMap::new();
        for (action, target) in &file.on {
            let target = self.target(target);
            on.extend(self.action(action).map(|action| (action, target)));
        }
        State {
            on,
            name: name.to_owned(),
            ask: self.text(&format!("state.{name}.ask"), &file.ask),
            slot: file.slot,
            optional: file.optional,
            next,
            affirm: self.target_or(file.affirm.as_ref(), next),
            deny: self.target_or(file.deny.as_ref(), next),
            give_up: self.target_or(file.give_up.as_ref(), next),
        }
    }

    fn end(&mut self, name: &str, file: &EndFile) -> End {
        let say = self.text(&format!("end.{name}.say"), &file.say);
        End { name: name.to_owned(), say, outcome: file.outcome }
    }

    fn answers(&mut self, file: &CampaignFile, sources: &Sources) -> Vec<Answer> {
        for id in file.on.keys() {
            self.action(id);
        }
        let mut answers = Vec::with_capacity(Action::ALL.len());
        for &action in Action::ALL {
            match file.on.iter().find(|(id, _)| id.get_ref() == action.id()) {
                Some((_, answer)) => answers.push(self.answer(action, answer)),
                None if file.broken.iter().any(|broken| broken == action.id()) => {}
                None => self.problem(Problem::NoAnswer(action.id()), sources.start()),
            }
        }
        answers
    }

    fn answer(&mut self, action: Action, file: &Spanned<AnswerFile>) -> Answer {
        let AnswerFile { say, case, then, affirm, deny, exhausted, refusal, follow_up } = file.get_ref();
        let problems_before = self.problems.len();
        let then = self.target_or(then.as_ref(), Target::Resume);
        let known = self.problems.len() == problems_before;
        let place = format!("on.{}", action.id());
        let silent = match then {
            Target::Action(_) | Target::State(_) | Target::End(_) => false,
            Target::Resume | Target::Wait => true,
        };
        if say.is_none() && silent && known {
            let language = self.languages.first().copied().unwrap_or_default();
            self.problem(Problem::NoText { place: place.clone(), language }, file.span());
        }
        let case_place = format!("{place}.case.say");
        let mut cases = Vec::with_capacity(case.len());
        for case in case {
            cases.push(Case {
                words_zh: case.words.zh.clone(),
                words_en: case.words.en.iter().map(|word| word.to_lowercase()).collect(),
                say: self.text(&case_place, &case.say),
                then: self.target_or(case.then.as_ref(), then),
            });
        }
        Answer {
            cases,
            say: say.as_ref().map(|say| self.text(&format!("{place}.say"), say)),
            then,
            affirm: self.target_or(affirm.as_ref(), Target::Resume),
            deny: self.target_or(deny.as_ref(), Target::Resume),
            exhausted: self.target_if(exhausted.as_ref()),
            refusal: *refusal,
            follow_up: *follow_up,
        }
    }
}
