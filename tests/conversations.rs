//! Whole conversations of the full campaigns, word for word. Each file of `tests/conversations/` is both script and
//! expectation: the customer's lines are played, the agent's are compared. After a change of a campaign,
//! `REWRITE=1 cargo test --test conversations` writes the agent's lines anew, to be read before they are committed.
//!
//! ```text
//! == Title of a call | casual name=Tom    the persona and what is known of the customer, where a call needs them
//! agent    Hello, …                       what was said
//! @opening [hang_up]                      the state afterwards, what is done
//! customer [ask_price] How much is it?    an action and its words; [ask_price?] is not heard surely
//! customer [silence]                      or a key: [key 9]
//! ```

#![allow(clippy::unwrap_used)] // helpers of tests

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use callwright::asr::Language;
use callwright::conversation::{CallerFacts, Campaign, Conversation, Do, Heard, Persona, Reply, Trust};
use callwright::understanding::{Action, Intent, Meaning, emotion, slots};
use time::OffsetDateTime;
use time::macros::datetime;

/// A Friday morning.
const NOW: OffsetDateTime = datetime!(2026-11-20 10:12 +8);

fn campaign(name: &str) -> Arc<Campaign> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("campaigns").join(name).with_extension("toml");
    let campaign = Campaign::load(&path, |path| std::fs::read_to_string(path));
    Arc::new(campaign.unwrap_or_else(|e| panic!("{:?}", miette::Report::new(e))))
}

#[test]
fn mandarin_conversations_are_word_for_word_as_read_and_approved() {
    golden("telecom", Language::Zh, "tests/conversations/zh.txt");
    golden("education", Language::Zh, "tests/conversations/education.zh.txt");
    golden("finance", Language::Zh, "tests/conversations/finance.zh.txt");
    golden("notice", Language::Zh, "tests/conversations/notice.zh.txt");
}

#[test]
fn english_conversations_are_word_for_word_as_read_and_approved() {
    golden("telecom", Language::En, "tests/conversations/en.txt");
    golden("education", Language::En, "tests/conversations/education.en.txt");
    golden("finance", Language::En, "tests/conversations/finance.en.txt");
    golden("notice", Language::En, "tests/conversations/notice.en.txt");
}

fn golden(name: &str, language: Language, file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let script = std::fs::read_to_string(&path).unwrap();
    let played = play(&campaign(name), &script, language);
    if std::env::var_os("REWRITE").is_some() {
        return std::fs::write(&path, &played).unwrap();
    }
    for (number, (want, got)) in script.lines().zip(played.lines()).enumerate() {
        assert_eq!(got, want, "{file}:{}", number + 1);
    }
    assert_eq!(played.lines().count(), script.lines().count(), "{file}");
}

/// Plays the customer's lines; gives the script with the agent's lines as they are.
fn play(campaign: &Arc<Campaign>, script: &str, language: Language) -> String {
    let mut conversation = called(campaign, language, "");
    let mut played = String::new();
    for line in script.lines() {
        if line.starts_with("==") {
            let gap = if played.is_empty() { "" } else { "\n" };
            conversation = called(campaign, language, line);
            let _ = writeln!(played, "{gap}{line}");
            show(&mut played, conversation.open());
        } else if let Some(heard) = line.strip_prefix("customer ") {
            let _ = writeln!(played, "{line}");
            show(&mut played, hear(&mut conversation, heard, language));
        }
    }
    played
}

/// A call to the customer whom the title tells of.
fn called(campaign: &Arc<Campaign>, language: Language, title: &str) -> Conversation {
    let (mut persona, mut facts) = (Persona::Business, CallerFacts::default());
    for word in title.split_once('|').map_or("", |(_, told)| told).split_whitespace() {
        match word.split_once('=') {
            Some((name, value)) => facts = facts.with(name, value),
            None => {
                assert_eq!(word, "casual");
                persona = Persona::Casual;
            }
        }
    }
    Conversation::new(Arc::clone(campaign), language, facts, NOW).with_persona(persona)
}

fn hear(conversation: &mut Conversation, line: &str, language: Language) -> Reply {
    let (what, text) = line.strip_prefix('[').and_then(|line| line.split_once(']')).unwrap();
    if what == "silence" {
        return conversation.hear(Heard::Silence);
    }
    if let Some(key) = what.strip_prefix("key ") {
        return conversation.hear(Heard::Key(key.chars().next().unwrap()));
    }
    let trust = if what.ends_with('?') { Trust::Unsure } else { Trust::Sure };
    let action = Action::from_id(what.trim_end_matches('?')).unwrap_or_else(|| panic!("{what}"));
    let text = text.trim();
    let emotion = emotion(text, action, None);
    let meaning =
        Meaning { intent: Intent { action, confidence: 0.9 }, slots: slots(text, language), emotion, feeling: None };
    conversation.hear(Heard::Words { text, meaning: &meaning, trust })
}

fn show(played: &mut String, reply: Reply) {
    for sentence in reply.say {
        let _ = writeln!(played, "agent    {}", sentence.text);
    }
    let done = |action: Do| serde_json::to_string(&action).unwrap();
    let done: Vec<String> = reply.actions.into_iter().map(done).collect();
    let _ = writeln!(played, "@{} {}", reply.state, done.join(" "));
}
