//! `callwright understand`: what a text means, a JSON line out for each line in (docs/COMMANDS.md has the contract).
//! A line is a text, or a JSON object `{"text","last_act","history"}`; a line that is no such object is a text as it
//! stands, so that every line gets its answer. Lines of at most `LINE_BYTES_MAX`: the rest of a longer one is dropped.

use std::io::{BufRead, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args as ClapArgs, ValueEnum};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::asr::Language;
use crate::compliance::{self, Violation};
use crate::privacy::{self, Kind};
use crate::understanding::onnx::TextModels;
use crate::understanding::{
    self, Action, Announcement, Classifier, Emotion, Industry, Intent, LastAct, Meaning, Reading, Scene, Slots, amount,
    announcement_with, industry, meaning, when,
};

use super::options::Lang;

/// No utterance is longer; what is beyond it is dropped.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// What the command takes.
#[derive(ClapArgs)]
pub struct Args {
    /// The language of the texts.
    #[arg(long, default_value = "zh")]
    lang: Lang,
    /// Who says them: customer gives intent, emotion and slots, agent violations, line the announcement.
    #[arg(long = "as", value_enum, default_value = "customer")]
    speaker: Speaker,
    /// The local time of the call, such as 2026-11-20T10:00:00+08:00: what `when_at` is resolved against.
    #[arg(long, value_name = "RFC3339", value_parser = moment)]
    now: Option<OffsetDateTime>,
    /// The lines are one call: a number may be given over several.
    #[arg(long)]
    session: bool,
    /// The folder of the text models.
    #[arg(long, default_value = "models", value_name = "DIR")]
    models: PathBuf,
}

/// Whose words they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Speaker {
    /// The customer.
    Customer,
    /// The agent.
    Agent,
    /// Whatever answered the call.
    Line,
}

fn moment(text: &str) -> Result<OffsetDateTime, time::error::Parse> {
    OffsetDateTime::parse(text, &Rfc3339)
}

/// Answers standard input until it ends.
pub fn run(args: Args) -> Result<ExitCode> {
    let mut reader = Reader::open(&args.models, args.lang.into(), args.speaker)?;
    if args.session {
        reader.calls = Calls::One(privacy::Session::default());
    }
    reader.now = args.now;
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    while let Some(line) = next_line(&mut input).context("standard input")? {
        let answer = reader.answer(&line)?;
        match writeln!(output, "{answer}").and_then(|()| output.flush()) {
            Err(why) if why.kind() == ErrorKind::BrokenPipe => break, // nobody reads on
            written => written?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The next line without its end, invalid UTF-8 replaced; none when the input is over.
fn next_line(input: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    if std::io::Read::take(&mut *input, LINE_BYTES_MAX).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    if bytes.last() != Some(&b'\n') {
        input.skip_until(b'\n')?;
    }
    while bytes.last().is_some_and(|last| matches!(last, b'\n' | b'\r')) {
        bytes.pop();
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// A line of JSON, as it may be given.
#[derive(Deserialize)]
struct Asked {
    text: String,
    #[serde(default)]
    last_act: Value,
    #[serde(default)]
    history: Value,
}

impl Asked {
    fn read(line: &str) -> Self {
        let plain = || Self { text: line.to_owned(), last_act: Value::Null, history: Value::Null };
        if line.trim_start().starts_with('{') {
            serde_json::from_str(line).unwrap_or_else(|_| plain())
        } else {
            plain()
        }
    }

    /// The words said just before, if they are not known to be the customer's own.
    fn before(&self) -> Option<&str> {
        let last = self.history.as_array().map_or(Some(&self.history), |turns| turns.last())?;
        let speaker = ["role", "speaker", "who", "from"].iter().find_map(|key| last.get(key)?.as_str());
        if speaker.is_some_and(|speaker| ["customer", "user", "caller", "客户"].contains(&speaker)) {
            return None;
        }
        last.as_str().or_else(|| ["text", "say", "content", "agent"].iter().find_map(|key| last.get(key)?.as_str()))
    }

    fn last_act(&self) -> LastAct {
        match self.last_act.as_str().map(LastAct::read) {
            Some(act) if act != LastAct::Unknown => act,
            // Words of an unknown speaker say something only when they ask.
            Some(_) | None => self.before().map(LastAct::of_sentence).filter(|act| act.asks()).unwrap_or_default(),
        }
    }
}

/// One line out. What does not apply is null.
#[derive(Serialize)]
struct Answer<'a> {
    text: &'a str,
    action: Option<Action>,
    scene: Option<Scene>,
    industry: Option<Industry>,
    confidence: Option<f32>,
    emotion: Option<Emotion>,
    slots: Option<Slots>,
    /// The moment that `slots.when` means, RFC 3339 in the offset of `--now`.
    when_at: Option<String>,
    /// The number that `slots.how` names.
    amount: Option<f64>,
    personal_data: Vec<Datum<'a>>,
    violations: Option<Vec<Phrase<'a>>>,
    announcement: Option<Announcement>,
}

#[derive(Serialize)]
struct Datum<'a> {
    kind: Kind,
    text: &'a str,
    masked: String,
}

#[derive(Serialize)]
struct Phrase<'a> {
    class: Violation,
    text: &'a str,
}

/// Answers line after line.
pub(super) struct Reader {
    language: Language,
    speaker: Speaker,
    classifier: Box<dyn Classifier>,
    calls: Calls,
    now: Option<OffsetDateTime>,
}

/// Which lines belong together.
enum Calls {
    OneALine,
    One(privacy::Session),
}

impl Reader {
    /// A reader of lines that have nothing to do with each other, with the models of a folder.
    pub(super) fn open(models: &Path, language: Language, speaker: Speaker) -> Result<Self> {
        let classifier = Box::new(TextModels::load(models, &[language])?.classifier()?);
        Ok(Self { language, speaker, classifier, calls: Calls::OneALine, now: None })
    }

    /// The answer to a line, as JSON.
    pub(super) fn answer(&mut self, line: &str) -> Result<String> {
        let asked = Asked::read(line);
        let text = asked.text.as_str();
        let mut answer = Answer {
            text,
            action: None,
            scene: None,
            industry: None,
            confidence: None,
            emotion: None,
            slots: None,
            when_at: None,
            amount: None,
            personal_data: self.personal_data(&asked),
            violations: None,
            announcement: None,
        };
        match self.speaker {
            Speaker::Customer => {
                let last = asked.last_act();
                let reading = self.read(text, understanding::Speaker::Customer(last))?;
                let Meaning { intent, slots, emotion, feeling: _ } = meaning(&reading, text, self.language, last);
                answer.action = Some(intent.action);
                answer.scene = Some(intent.action.scene());
                answer.confidence = Some(intent.confidence.clamp(0.0, 1.0));
                answer.industry = Some(industry(text));
                answer.emotion = Some(emotion);
                answer.when_at = slots.when.as_deref().and_then(|_| when_at(text, self.language, self.now?));
                answer.amount = slots.how.as_deref().and_then(|how| amount(how, self.language));
                answer.slots = Some(slots);
            }
            Speaker::Agent => {
                let reading = self.read(text, understanding::Speaker::Agent)?;
                let phrases = compliance::violations_read(text, reading.violation);
                answer.violations = Some(
                    phrases.into_iter().map(|found| Phrase { class: found.class, text: &text[found.span] }).collect(),
                );
            }
            // Nobody speaks in silence, and nothing is announced.
            Speaker::Line if text.trim().is_empty() => {}
            Speaker::Line => {
                let reading = self.read(text, understanding::Speaker::Line)?;
                answer.announcement = Some(announcement_with(text, reading.announcement));
            }
        }
        Ok(serde_json::to_string(&answer)?)
    }

    /// Silence means nothing, and nothing is known of it.
    fn read(&mut self, text: &str, speaker: understanding::Speaker) -> Result<Reading> {
        if text.trim().is_empty() {
            return Ok(Reading::of(Intent { action: Action::OutOfScope, confidence: 0.0 }));
        }
        Ok(self.classifier.read(text, self.language, speaker)?)
    }

    fn personal_data<'a>(&mut self, asked: &'a Asked) -> Vec<Datum<'a>> {
        let text = asked.text.as_str();
        let mut one = privacy::Session::default();
        let session = match &mut self.calls {
            Calls::OneALine => &mut one,
            Calls::One(session) => session,
        };
        if let Some(before) = asked.before() {
            session.asked(before);
        }
        let found = session.find(text).into_iter();
        found.map(|piece| Datum { kind: piece.kind, text: &text[piece.span], masked: piece.masked }).collect()
    }
}

/// The moment that a text names.
fn when_at(text: &str, language: Language, now: OffsetDateTime) -> Option<String> {
    when::resolve(text, language, now)?.at.format(&Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::ClassifyError;

    /// Knows nothing: the rules stand alone.
    struct Nothing;

    impl Classifier for Nothing {
        fn read(&mut self, _: &str, _: Language, _: understanding::Speaker) -> Result<Reading, ClassifyError> {
            Ok(Reading::of(Intent { action: Action::OutOfScope, confidence: 0.5 }))
        }
    }

    fn reader(speaker: Speaker, calls: Calls) -> Reader {
        Reader { language: Language::Zh, speaker, classifier: Box::new(Nothing), calls, now: None }
    }

    fn answers(reader: &mut Reader, lines: &[&str]) -> Vec<Value> {
        let parse = |answer: String| serde_json::from_str(&answer).unwrap_or_else(|why| panic!("{answer}: {why}"));
        lines.iter().map(|line| parse(reader.answer(line).unwrap_or_else(|why| panic!("{line}: {why}")))).collect()
    }

    #[test]
    fn an_agents_line_gets_its_violations_and_nothing_that_is_the_customers() {
        let mut reader = reader(Speaker::Agent, Calls::OneALine);
        let answer = &answers(&mut reader, &["这款产品保本保息"])[0];
        assert_eq!(answer["violations"][0]["class"], "guaranteed_return");
        for key in
            ["action", "scene", "industry", "confidence", "emotion", "slots", "when_at", "amount", "announcement"]
        {
            assert_eq!(answer[key], Value::Null, "{key}");
        }
        assert_eq!(answer["personal_data"], Value::Array(Vec::new()));
    }

    #[test]
    fn any_line_is_answered_with_its_text() {
        let mut reader = reader(Speaker::Line, Calls::OneALine);
        let lines = ["", "您拨打的号码是空号", r#"{"text":"hello"}"#, r#"{"text":"#, r#"{"say":"x"}"#, "[1]", "  "];
        let got = answers(&mut reader, &lines);
        let texts: Vec<&str> = got.iter().filter_map(|answer| answer["text"].as_str()).collect();
        assert_eq!(texts, ["", "您拨打的号码是空号", "hello", r#"{"text":"#, r#"{"say":"x"}"#, "[1]", "  "]);
        assert_eq!((&got[1]["announcement"], &got[2]["announcement"]), (&"dead".into(), &"human".into()));
        assert_eq!((&got[0]["violations"], &got[0]["announcement"]), (&Value::Null, &Value::Null));
    }

    #[test]
    fn a_session_joins_the_lines_of_a_call() {
        let lines = ["我电话一三八", "零零一三八零零零"];
        let one = answers(&mut reader(Speaker::Agent, Calls::One(privacy::Session::default())), &lines);
        assert_eq!(one[1]["personal_data"][0]["masked"], "138****8000");
        let each = answers(&mut reader(Speaker::Agent, Calls::OneALine), &lines);
        assert_eq!(each[1]["personal_data"], Value::Array(Vec::new()));
    }

    #[test]
    fn what_was_asked_before_is_taken_from_the_act_or_the_history() {
        let last = |line: &str| Asked::read(line).last_act();
        assert_eq!(last(r#"{"text":"嗯","last_act":"ask_budget"}"#), LastAct::AskOpen);
        assert_eq!(last(r#"{"text":"嗯","last_act":"inform_price"}"#), LastAct::Tell);
        assert_eq!(last(r#"{"text":"嗯","last_act":null,"history":["您方便吗？"]}"#), LastAct::AskYesNo);
        assert_eq!(last(r#"{"text":"嗯","history":[{"role":"agent","text":"Shall I?"}]}"#), LastAct::AskYesNo);
        assert_eq!(last(r#"{"text":"嗯","history":[{"role":"customer","text":"多少钱？"}]}"#), LastAct::Unknown);
        assert_eq!(last("嗯"), LastAct::Unknown);
        let secret = Asked::read(r#"{"text":"483920","history":[{"role":"agent","text":"请报一下验证码"}]}"#);
        let found = reader(Speaker::Line, Calls::OneALine).personal_data(&secret).len();
        assert_eq!(found, 1);
    }

    #[test]
    fn lines_are_bounded_and_bad_bytes_replaced() {
        let long = [vec![b'a'; 100_000], b"\nb\xff\r\n\nlast".to_vec()].concat();
        let mut input = long.as_slice();
        let mut lines = Vec::new();
        while let Some(line) = next_line(&mut input).unwrap_or_else(|why| panic!("{why}")) {
            lines.push(line);
        }
        assert_eq!(lines.iter().map(String::len).collect::<Vec<_>>(), [65_536, 4, 0, 4]);
        assert_eq!(lines[1], "b\u{fffd}");
    }
}
