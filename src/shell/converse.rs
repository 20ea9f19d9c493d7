//! `callwright converse`: a call without audio, held by the same conversation code as a real one. JSON lines out, one
//! for each line in: the contract is docs/COMMANDS.md. Lines of at most 16 KiB.

use std::io::{BufRead, Error, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::{Args as ClapArgs, ValueEnum};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::asr::Language;
use crate::config::Recognizer;
use crate::conversation::{
    CallerFacts, Campaign, Conversation, Do, Grade, Heard, Label, Outcome, Persona, Reply, Trust,
};
use crate::understanding::onnx::TextModels;
use crate::understanding::{Action, Classifier, Intent, Slots, Speaker, meaning};

use super::clock;
use super::options::Lang;

/// A longer input line is refused; no utterance is so long.
const LINE_BYTES_MAX: u64 = 16 * 1024;
/// How long a writer that does not close is waited for after the hang-up.
const DRAIN_MAX: Duration = Duration::from_millis(300);
/// Where campaigns are found by name.
const CAMPAIGNS: &str = "campaigns";

/// What the command takes.
#[derive(ClapArgs)]
pub struct Args {
    /// The campaign: a name in campaigns/, or the path of a file.
    #[arg(long, value_name = "NAME")]
    campaign: String,
    /// The language of the call.
    #[arg(long, default_value = "zh")]
    lang: Lang,
    /// The call's local time, such as 2026-11-20T10:00:00+08:00; without it the clock's.
    #[arg(long, value_name = "RFC3339", value_parser = moment)]
    now: Option<OffsetDateTime>,
    /// What is known of the customer, as a JSON object.
    #[arg(long, value_name = "JSON", value_parser = facts)]
    facts: Option<CallerFacts>,
    /// How the agent speaks; without it as the campaign says.
    #[arg(long)]
    persona: Option<Manner>,
    /// The folder of the text models.
    #[arg(long, default_value = "models", value_name = "DIR")]
    models: PathBuf,
}

/// A persona on the command line.
#[derive(Clone, Copy, ValueEnum)]
enum Manner {
    Business,
    Casual,
}

impl From<Manner> for Persona {
    fn from(manner: Manner) -> Self {
        match manner {
            Manner::Business => Self::Business,
            Manner::Casual => Self::Casual,
        }
    }
}

fn moment(text: &str) -> Result<OffsetDateTime, time::error::Parse> {
    OffsetDateTime::parse(text, &Rfc3339)
}

fn facts(text: &str) -> Result<CallerFacts> {
    Ok(CallerFacts::from_json(&serde_json::from_str(text)?)?)
}

impl Args {
    /// The conversation before its first word.
    pub(super) fn conversation(self) -> Result<Conversation> {
        let language = Language::from(self.lang);
        let campaign = campaign(&self.campaign, language)?;
        let now = self.now.unwrap_or_else(clock::local);
        let conversation = Conversation::new(Arc::new(campaign), language, self.facts.unwrap_or_default(), now);
        Ok(match self.persona {
            Some(persona) => conversation.with_persona(persona.into()),
            None => conversation,
        })
    }
}

/// What understands the customers of these languages, by the models of a folder.
pub(super) fn classifier(models: &Path, languages: &[Language]) -> Result<Box<dyn Classifier>> {
    Ok(Box::new(TextModels::load(models, languages)?.classifier()?))
}

/// Answers standard input until it ends.
pub fn run(args: Args) -> Result<ExitCode> {
    let models = args.models.clone();
    let conversation = args.conversation()?;
    let mut classifier = classifier(&models, &[conversation.language()])?;
    match converse(conversation, &mut *classifier, std::io::stdin().lock(), std::io::stdout().lock()) {
        Err(why) if why.downcast_ref::<Error>().is_some_and(|why| why.kind() == ErrorKind::BrokenPipe) => {}
        done => done?,
    }
    drain();
    Ok(ExitCode::SUCCESS)
}

/// Takes what is still written to us after the hang-up, so that the writer does not fail; one that neither writes nor
/// closes is not waited for long.
fn drain() {
    let (done, over) = sync_channel(1);
    let reader = std::thread::spawn(move || {
        _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        _ = done.send(());
    });
    _ = over.recv_timeout(DRAIN_MAX);
    drop(reader); // it ends with the process
}

/// The campaign of a name or path, with texts in the language.
fn campaign(name: &str, language: Language) -> Result<Campaign> {
    let path = match Path::new(name) {
        path if path.is_file() => path.to_owned(),
        _ => Path::new(CAMPAIGNS).join(format!("{name}.toml")),
    };
    let campaign = Campaign::load(&path, |path| std::fs::read_to_string(path))
        .map_err(|error| anyhow::anyhow!("{:?}", miette::Report::new(error)))?;
    ensure!(campaign.languages().contains(&language), "campaign {name} has no texts in {}", language.code());
    Ok(campaign)
}

/// Plays the lines of `input`; each gets its answer on `output` at once.
pub fn converse(
    mut conversation: Conversation,
    classifier: &mut dyn Classifier,
    mut input: impl BufRead,
    mut output: impl Write,
) -> Result<()> {
    // Of the line, and so of the turn.
    let mut number = 0;
    let opening = conversation.open();
    let mut state = opening.state.clone();
    answer(&mut output, number, &conversation, opening, None)?;
    while !conversation.is_over() {
        number += 1;
        let line = match read_line(&mut input)? {
            Incoming::Text(line) => Ok(line),
            Incoming::Bad(why) => Err(why),
            Incoming::End => break,
        };
        let language = conversation.language();
        let said = line.and_then(|line| Said::parse(&line, language)).unwrap_or_else(|why| {
            eprintln!("line {number}: {why}");
            Said::Noise
        });
        let (reply, intent) = match said {
            Said::Noise => (Reply { say: Vec::new(), state, actions: Vec::new() }, None),
            Said::Nothing => (conversation.hear(Heard::Silence), None),
            Said::Key(key) => (conversation.hear(Heard::Key(key)), None),
            Said::Words { text, trust } => {
                let last = conversation.last_act();
                let meaning =
                    meaning(&classifier.read(&text, language, Speaker::Customer(last))?, &text, language, last);
                let Intent { action, confidence } = meaning.intent;
                tracing::debug!(line = number, action = action.id(), confidence, "guess");
                let reply = conversation.hear(Heard::Words { text: &text, meaning: &meaning, trust });
                (reply, conversation.last_action())
            }
        };
        state = reply.state.clone();
        answer(&mut output, number, &conversation, reply, intent)?;
    }
    let summary = conversation.summary();
    write_line(
        &mut output,
        &End { outcome: summary.outcome, slots: &summary.slots, grade: summary.grade, label: summary.label },
    )?;
    Ok(())
}

/// One answer of the agent.
#[derive(Serialize)]
struct Answer<'a> {
    turn: u32,
    say: String,
    state: &'a str,
    intent: Option<Action>,
    slots: &'a Slots,
    actions: &'a [Do],
}

/// How the call came out.
#[derive(Serialize)]
struct End<'a> {
    outcome: Outcome,
    slots: &'a Slots,
    grade: Grade,
    label: Option<Label>,
}

fn answer(
    output: &mut impl Write,
    turn: u32,
    conversation: &Conversation,
    reply: Reply,
    intent: Option<Action>,
) -> Result<()> {
    let gap = match conversation.language() {
        Language::Zh => "",
        Language::En => " ",
    };
    let sentences: Vec<&str> = reply.say.iter().map(|sentence| sentence.text.as_str()).collect();
    let say = sentences.join(gap);
    let slots = conversation.slots();
    write_line(output, &Answer { turn, say, state: &reply.state, intent, slots, actions: &reply.actions })
}

fn write_line(output: &mut impl Write, line: &impl Serialize) -> Result<()> {
    let mut json = serde_json::to_vec(line)?;
    json.push(b'\n');
    output.write_all(&json).and_then(|()| output.flush()).context("standard output")
}

/// One line of the input.
enum Incoming {
    Text(String),
    Bad(String),
    End,
}

fn read_line(input: &mut impl BufRead) -> Result<Incoming> {
    let mut bytes = Vec::new();
    let read =
        std::io::Read::take(&mut *input, LINE_BYTES_MAX).read_until(b'\n', &mut bytes).context("standard input")?;
    if read == 0 {
        return Ok(Incoming::End);
    }
    if bytes.last() != Some(&b'\n') && bytes.len() as u64 == LINE_BYTES_MAX {
        input.skip_until(b'\n').context("standard input")?;
        return Ok(Incoming::Bad(format!("longer than {LINE_BYTES_MAX} bytes")));
    }
    Ok(String::from_utf8(bytes).map_or_else(|why| Incoming::Bad(why.to_string()), Incoming::Text))
}

/// What the customer does.
enum Said {
    /// A line that is none of the others: the agent does not react.
    Noise,
    Nothing,
    Words {
        text: String,
        trust: Trust,
    },
    Key(char),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    dtmf: Option<String>,
    text: Option<String>,
    /// The recogniser's, 0 to 1.
    confidence: Option<f32>,
}

impl Said {
    fn parse(line: &str, language: Language) -> Result<Self, String> {
        let line = line.trim();
        if line.is_empty() {
            return Ok(Self::Nothing);
        }
        if !line.starts_with('{') {
            return Ok(Self::Words { text: line.to_owned(), trust: Trust::Sure });
        }
        let Typed { dtmf, text, confidence } = serde_json::from_str(line).map_err(|why| why.to_string())?;
        let dtmf = match (dtmf, text, confidence.unwrap_or(1.0)) {
            (Some(dtmf), None, _) if confidence.is_none() => dtmf,
            (None, Some(text), confidence @ 0.0..=1.0) => {
                let trust = Trust::of(confidence.ln(), Recognizer::usual_logprob_min(language));
                return Ok(Self::Words { text, trust });
            }
            (None, Some(_), confidence) => return Err(format!("confidence is {confidence}, not within 0 to 1")),
            (..) => return Err("neither dtmf alone nor text".to_owned()),
        };
        let mut chars = dtmf.chars();
        match (chars.next(), chars.next()) {
            (Some(key @ ('0'..='9' | '*' | '#' | 'A'..='D')), None) => Ok(Self::Key(key)),
            _ => Err(format!("dtmf is {dtmf:?}, not one of 0 to 9, *, #, A to D")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::{ClassifyError, Reading};

    /// Takes "yes" for a yes, "no thanks" for a refusal, what is paid for a budget and the rest for a question.
    struct Simple;

    impl Classifier for Simple {
        fn read(&mut self, text: &str, _: Language, _: Speaker) -> Result<Reading, ClassifyError> {
            let action = match text {
                "yes" => Action::Affirm,
                "I pay thirty pounds a month" => Action::InformHow,
                "no thanks" => Action::ObjNoNeed,
                _ => Action::AskPrice,
            };
            Ok(Reading::of(Intent { action, confidence: 0.9 }))
        }
    }

    fn play(input: &[u8]) -> Vec<serde_json::Value> {
        let now = time::macros::datetime!(2026-11-20 10:00 +0);
        let campaign = Arc::new(campaign("telecom", Language::En).unwrap());
        let conversation = Conversation::new(campaign, Language::En, CallerFacts::default(), now);
        let mut output = Vec::new();
        converse(conversation, &mut Simple, input, &mut output).unwrap();
        String::from_utf8(output).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn every_line_gets_its_answer_and_the_call_its_outcome() {
        let lines = play("how much\r\n\n{\"dtmf\":\"9\"}\nignored\n".as_bytes());
        assert_eq!(lines.len(), 5);
        assert_eq!((lines[0]["turn"].as_u64(), lines[0]["intent"].is_null()), (Some(0), true));
        assert_eq!((lines[1]["turn"].as_u64(), lines[1]["intent"].as_str()), (Some(1), Some("ask_price")));
        assert!(lines[2]["intent"].is_null() && lines[2]["slots"]["when"].is_null());
        assert_eq!(lines[3]["actions"][0]["do"], "opt_out");
        assert_eq!((lines[4]["outcome"].as_str(), lines[4]["grade"].as_str()), (Some("opted_out"), Some("D")));
    }

    #[test]
    fn a_bad_line_is_answered_by_silence_and_changes_nothing() {
        let long = "x".repeat(LINE_BYTES_MAX as usize + 10);
        let input = format!("{{\"key\":1}}\n{{\n{long}\n{{\"dtmf\":\"12\"}}\nno thanks");
        let lines = play(&[input.as_bytes(), b"\n\xff\xfe\n"].concat());
        assert_eq!(lines.len(), 8);
        for (line, turn) in lines[1..5].iter().zip(1..) {
            assert_eq!(
                (line["turn"].as_u64(), line["say"].as_str(), &line["state"]),
                (Some(turn), Some(""), &lines[0]["state"])
            );
        }
        assert_eq!((lines[6]["turn"].as_u64(), lines[7]["outcome"].as_str()), (Some(6), Some("refused")));
    }

    #[test]
    fn a_line_may_tell_how_sure_the_recogniser_was() {
        let told = |confidence: &str| {
            let line = format!("{{\"text\":\"I pay thirty pounds a month\",\"confidence\":{confidence}}}");
            let lines = play(format!("yes\n{line}\n").as_bytes());
            lines[2]["say"].as_str().map(str::to_owned).unwrap()
        };
        assert!(told("0.7").contains("thirty pounds a month"), "{}", told("0.7"));
        assert!(!told("0.9").contains("thirty pounds") && told("0.9").contains('?'));
        assert!(told("0.3").contains("catch"), "{}", told("0.3"));
        assert_eq!((told("2"), told("-1")), (String::new(), String::new()));
    }
}
