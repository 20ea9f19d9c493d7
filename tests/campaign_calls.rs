//! Calls of every campaign, in each language and persona, with customers who say anything at all.

#![allow(clippy::unwrap_used)] // helpers of tests

use std::path::Path;
use std::sync::{Arc, LazyLock};

use callwright::asr::Language;
use callwright::conversation::{CallerFacts, Campaign, Conversation, Heard, Persona, Reply, Trust};
use callwright::understanding::{Action, Intent, Meaning, emotion, slots};
use proptest::prelude::*;
use time::OffsetDateTime;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-20 10:12 +8);
/// A reply with its acknowledgement and its question: at most about 18 seconds, the longest answer before the longest
/// question.
const ZH_CHARS_MAX: usize = 80;
const EN_WORDS_MAX: usize = 58;

static CAMPAIGNS: LazyLock<Vec<Arc<Campaign>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("campaigns");
    let mut files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files.iter().map(|path| Arc::new(Campaign::load(path, |path| std::fs::read_to_string(path)).unwrap())).collect()
});

#[derive(Debug, Clone, Copy)]
struct Line {
    action: Action,
    text: &'static str,
}

fn line() -> impl Strategy<Value = Line> {
    let text = prop::sample::select(vec![
        "",
        "明天下午三点",
        "on friday at ten",
        "六千块",
        "给孩子",
        "利率多少",
        "for my son",
    ]);
    (prop::sample::select(Action::ALL), text).prop_map(|(action, text)| Line { action, text })
}

fn facts() -> impl Strategy<Value = Vec<&'static str>> {
    let names =
        ["name", "visited", "status", "expires", "plan", "bill", "course", "child", "event", "cart", "car", "area"];
    prop::sample::subsequence(names.to_vec(), 0..3)
}

fn hear(conversation: &mut Conversation, Line { action, text }: Line) -> Reply {
    let intent = Intent { action, confidence: 0.9 };
    let emotion = emotion(text, action, None);
    let meaning = Meaning { intent, slots: slots(text, conversation.language()), emotion, feeling: None };
    conversation.hear(Heard::Words { text, meaning: &meaning, trust: Trust::Sure })
}

#[test]
fn an_opening_by_the_customers_facts_takes_the_place_of_the_question() {
    for campaign in CAMPAIGNS.iter().filter(|campaign| campaign.name() != "notice") {
        let opened = |facts| Conversation::new(Arc::clone(campaign), Language::Zh, facts, NOW);
        let asked = |mut conversation: Conversation| {
            let opening = conversation.open();
            let greeted = hear(&mut conversation, Line { action: Action::Greet, text: "喂" });
            (opening.say.last().unwrap().text.clone(), greeted.say.last().unwrap().text.clone())
        };
        let (plain, again) = asked(opened(CallerFacts::default()));
        let (known, known_again) = asked(opened(CallerFacts::default().with("visited", "pricing")));
        assert_ne!(plain, known, "{}", campaign.name());
        assert_eq!(again, known_again, "{}: nobody hears twice where the number comes from", campaign.name());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_said_every_word_is_filled_in_short_and_fits_the_persona(
        campaign in 0..CAMPAIGNS.len(),
        language in prop::sample::select(vec![Language::Zh, Language::En]),
        persona in prop::sample::select(vec![Persona::Business, Persona::Casual]),
        known in facts(),
        lines in prop::collection::vec(line(), 1..20),
    ) {
        let campaign = Arc::clone(&CAMPAIGNS[campaign]);
        let facts = known.iter().fold(CallerFacts::default().with("source", "店里"), |facts, name| facts.with(name, "former"));
        let mut conversation = Conversation::new(campaign, language, facts, NOW).with_persona(persona);
        let opening = conversation.open();
        prop_assert!(opening.say.len() >= 2);
        let replies = lines.into_iter().map(|line| (line.action, hear(&mut conversation, line)));
        for (action, reply) in [(Action::Repeat, opening)].into_iter().chain(replies.collect::<Vec<_>>()) {
            let said: String = reply.say.iter().map(|sentence| sentence.text.as_str()).collect::<Vec<_>>().join(" ");
            prop_assert!(!said.contains(['{', '}']), "{said}");
            let (length, max) = match language {
                Language::Zh => (said.chars().filter(|c| c.is_alphanumeric()).count(), ZH_CHARS_MAX),
                Language::En => (said.split_whitespace().count(), EN_WORDS_MAX),
            };
            prop_assert!(action == Action::Repeat || length <= max, "{length}: {said}");
            if language == Language::Zh {
                let wrong = match persona {
                    Persona::Business => '你',
                    Persona::Casual => '您',
                };
                prop_assert!(!said.contains(wrong), "{persona:?}: {said}");
            }
        }
    }
}

#[test]
fn a_comparison_before_the_read_back_of_an_instalment_plan_is_short_enough() {
    let finance = CAMPAIGNS.iter().find(|campaign| campaign.name() == "finance").unwrap();
    let mut conversation = Conversation::new(Arc::clone(finance), Language::Zh, CallerFacts::default(), NOW);
    conversation.open();
    let actions = [Action::Accept, Action::Accept, Action::AskComparison];
    let replies = actions.map(|action| hear(&mut conversation, Line { action, text: "" }));
    let said: String = replies[2].say.iter().map(|sentence| sentence.text.as_str()).collect();
    assert!(said.chars().filter(|c| c.is_alphanumeric()).count() <= ZH_CHARS_MAX, "{said}");
}
