//! What there is to record: the sentences of a campaign, each prompt once, with all that a speaker must know; and the
//! recording sheet of it, CSV (RFC 4180) in UTF-8 with the mark that spreadsheets need to see that it is.

use std::collections::HashMap;

use super::super::normalize;
use super::template::syllables;
use super::{Edge, Prompt, Template};
use crate::asr::Language;

/// A sentence as it stands in the campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Table and key, such as `state.close.ask 2`.
    pub place: String,
    /// The words; what the call fills in stands in braces.
    pub text: String,
    /// The persona that says it; none for every one.
    pub persona: Option<String>,
}

/// A sentence, taken apart.
#[derive(Debug, Clone)]
pub struct Sentence {
    /// The words; slots in braces.
    pub text: String,
    /// Its parts.
    pub template: Template,
}

/// A prompt with what its speaker must know.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What is recorded.
    pub prompt: Prompt,
    /// How its words are read: numbers as words.
    pub reading: String,
    /// The first sentence that it is part of.
    pub sentence: String,
    /// Every place of the campaign that says it.
    pub places: Vec<String>,
    /// Who says it; none for every persona.
    pub persona: Option<String>,
    /// About how long it takes.
    pub seconds: f32,
}

/// All that a campaign says in one language.
#[derive(Debug, Clone)]
pub struct Script {
    /// The language.
    pub language: Language,
    /// Each sentence once, in the order of the call.
    pub sentences: Vec<Sentence>,
    /// Each prompt once, in the same order.
    pub entries: Vec<Entry>,
}

impl Script {
    /// Sorts `lines` by where a call comes to them.
    pub fn new(language: Language, mut lines: Vec<Line>) -> Self {
        lines.sort_by_key(|line| rank(&line.place));
        let mut script = Self { language, sentences: Vec::new(), entries: Vec::new() };
        let mut known: HashMap<String, usize> = HashMap::new();
        for line in lines {
            let template = Template::of(&line.text, language);
            for prompt in template.prompts() {
                let at = *known.entry(prompt.id.clone()).or_insert(script.entries.len());
                match script.entries.get_mut(at) {
                    Some(entry) => entry.also_at(&line),
                    None => script.entries.push(Entry::new(prompt.clone(), &line, language)),
                }
            }
            if !script.sentences.iter().any(|sentence| sentence.text == line.text) {
                script.sentences.push(Sentence { text: line.text, template });
            }
        }
        script
    }

    /// What one persona says of `lines`; all of them without one.
    pub fn of_persona(language: Language, mut lines: Vec<Line>, persona: Option<&str>) -> Self {
        lines.retain(|line| persona.is_none() || line.persona.is_none() || line.persona.as_deref() == persona);
        Self::new(language, lines)
    }

    /// The prompt of an id.
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.prompt.id == id)
    }
}

impl Entry {
    fn new(prompt: Prompt, line: &Line, language: Language) -> Self {
        let reading = normalize(&prompt.text, language);
        let seconds = expected_seconds(&reading, language);
        let (sentence, persona) = (line.text.clone(), line.persona.clone());
        Self { prompt, reading, sentence, places: vec![line.place.clone()], persona, seconds }
    }

    fn also_at(&mut self, line: &Line) {
        if !self.places.contains(&line.place) {
            self.places.push(line.place.clone());
        }
        if self.persona != line.persona {
            self.persona = None;
        }
    }

    /// The file that its recording is to be named.
    pub fn file_name(&self) -> String {
        format!("{}.wav", self.prompt.id)
    }

    /// What the speaker must know, in both languages.
    pub fn notes(&self) -> String {
        let mut notes: Vec<&str> = NOTES.iter().filter(|(fits, _)| fits(self)).map(|(_, note)| *note).collect();
        if self.prompt.text.ends_with(['？', '?']) {
            notes.push("问句，句尾自然上扬 question, natural rise");
        } else if self.prompt.after == Edge::Sentence {
            notes.push("陈述句，句尾自然下降 statement, natural fall");
        }
        let commas = self.prompt.text.trim_end_matches(PAUSES).matches(PAUSES).count();
        let pauses = format!("停顿{commas}处，各约0.2秒 {commas} pause(s) of about 0.2 s");
        if commas > 0 {
            notes.push(&pauses);
        }
        let persona = self.persona.as_ref().map(|persona| format!("人设 persona: {persona}"));
        notes.extend(persona.as_deref());
        notes.join("；")
    }
}

type Note = (fn(&Entry) -> bool, &'static str);

const NOTES: [Note; 7] = [
    (|e| e.prompt.before == Edge::Slot, "接在空位之后，开头不要起高 follows a slot: no new start of a sentence"),
    (|e| e.prompt.after == Edge::Slot, "后接空位，句尾不要落下 a slot follows: keep the voice up"),
    (|e| e.at("notice"), "法定告知：清楚、平稳、不赶 legal notice: clear, even, unhurried"),
    (|e| e.at("end."), "结束语，放缓 farewell, slower"),
    (|e| e.at("on.obj_"), "回应异议：理解，不争辩 objection: understanding, never arguing"),
    (|e| e.at("state.") || e.at("opening"), "提问，亲切 asking, friendly"),
    (|e| e.says(&["抱歉", "不好意思", "对不起", "orry", "pologi"]), "致歉：诚恳 apology: sincere"),
];

const PAUSES: [char; 6] = ['，', '、', '；', ',', ';', '：'];

impl Entry {
    fn at(&self, table: &str) -> bool {
        self.places.iter().any(|place| place.starts_with(table))
    }

    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.prompt.text.contains(word))
    }
}

/// About how long a spoken form takes: syllables at an unhurried pace, and its pauses.
fn expected_seconds(reading: &str, language: Language) -> f32 {
    let syllable = match language {
        Language::Zh => 0.21,
        Language::En => 0.20,
    };
    let inside = reading.trim_end_matches(|c: char| !c.is_alphanumeric());
    let stops = inside.matches(['。', '！', '？', '!', '?']).count() + inside.matches(". ").count();
    syllables(reading) as f32 * syllable + inside.matches(PAUSES).count() as f32 * 0.2 + stops as f32 * 0.35
}

/// Where a call comes to a place: the notice, questions, answers, then what is said when nothing is heard, the ends.
fn rank(place: &str) -> usize {
    let order = ["notice", "opening", "state.", "on.", "closing", "confirm", "unclear", "silence"];
    if place.starts_with("end.") {
        order.len() + 1
    } else {
        order.iter().position(|head| place.starts_with(head)).unwrap_or(order.len())
    }
}

const HEADINGS: [&str; 8] = [
    "编号 id",
    "文件名 file",
    "录音文本 text",
    "读法 reading",
    "整句 sentence",
    "位置 place",
    "提示 notes",
    "预计秒数 seconds",
];

/// Behind the last prompt of a sheet.
const REMARK: &str = "花括号处由系统合成（时间、数字、金额等动态词汇暂不录音）；改动文本会产生新编号，未改动的录音继续有效。\
Words in braces stay synthetic: times, digits, amounts and other dynamic vocabulary are not recorded yet. An edited text \
gets a new id; every other recording stays valid. WAV, 8-48 kHz, 16/24 bit or float, mono or stereo, one file a line.";

/// The recording sheet of a script: a row a prompt, one remark at the end.
pub fn sheet(script: &Script) -> String {
    let rows = script.entries.iter().map(|entry| {
        row(&[
            &entry.prompt.id,
            &entry.file_name(),
            &entry.prompt.text,
            &entry.reading,
            &entry.sentence,
            &entry.places.join("; "),
            &entry.notes(),
            &format!("{:.1}", entry.seconds),
        ])
    });
    let (heading, remark) = (row(&HEADINGS), row(&["", "", REMARK, "", "", "", "", ""]));
    std::iter::once(format!("\u{feff}{heading}")).chain(rows).chain([remark]).collect()
}

fn row(cells: &[&str; 8]) -> String {
    let quoted = cells.map(|cell| {
        let plain = !cell.contains([',', '"', '\n', '\r']);
        if plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
    });
    quoted.join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(place: &str, text: &str) -> Line {
        Line { place: place.to_owned(), text: text.to_owned(), persona: None }
    }

    fn script() -> Script {
        let lines = vec![
            line("end.refused.say", "打扰您了，再见。"),
            line("on.obj_price.say", "每月99元，可以吗？"),
            line("notice", "您好，我是\"小桥\"。"),
            line("end.later.say", "打扰您了，再见。"),
            line("state.call_back.ask", "那我{when}打给您？"),
        ];
        Script::new(Language::Zh, lines)
    }

    #[test]
    fn each_prompt_is_recorded_once_in_the_order_of_the_call() {
        let script = script();
        let texts: Vec<&str> = script.entries.iter().map(|entry| entry.prompt.text.as_str()).collect();
        assert_eq!(texts, ["您好，我是\"小桥\"。", "那我", "打给您？", "每月99元，可以吗？", "打扰您了，再见。"]);
        assert_eq!(script.entries[4].places, ["end.refused.say", "end.later.say"]);
        assert_eq!((script.sentences.len(), script.entries[3].reading.as_str()), (4, "每月九十九元，可以吗？"));
    }

    #[test]
    fn the_sheet_opens_in_a_spreadsheet_and_tells_the_speaker_what_to_do() {
        let sheet = sheet(&script());
        let rows: Vec<&str> = sheet.split("\r\n").collect();
        assert!(rows[0].starts_with("\u{feff}编号 id,"));
        assert_eq!(rows.len(), 1 + 5 + 1 + 1, "heading, prompts, remark, and nothing behind the last end of line");
        assert!(rows[1].contains("\"您好，我是\"\"小桥\"\"。\"") && rows[1].contains("legal notice"), "{}", rows[1]);
        assert!(rows[2].contains("keep the voice up") && rows[2].contains("那我{when}打给您？"));
        assert!(rows[3].contains("follows a slot") && rows[3].contains("question"));
        assert!(rows[4].contains("never arguing") && rows[4].contains("九十九元"));
    }

    #[test]
    fn a_persona_gets_its_own_words_and_those_of_everybody() {
        let by = |persona: &str, text: &str| Line { persona: Some(persona.to_owned()), ..line("on.greet.say", text) };
        let lines = || vec![by("casual", "嗨！"), by("business", "您好！"), line("on.greet.say 2", "请讲。")];
        let texts = |persona| {
            let script = Script::of_persona(Language::Zh, lines(), persona);
            script.entries.into_iter().map(|entry| entry.prompt.text).collect::<Vec<_>>()
        };
        assert_eq!(texts(None), ["嗨！", "您好！", "请讲。"]);
        assert_eq!(
            (texts(Some("casual")), texts(Some("business"))),
            (vec!["嗨！".into(), "请讲。".into()], vec!["您好！".into(), "请讲。".into()])
        );
    }

    #[test]
    fn a_sentence_takes_about_as_long_as_a_person_needs() {
        for (reading, language, least, most) in [
            ("您好，我是星桥通信的人工智能助手小桥。", Language::Zh, 3.2, 4.6),
            ("好。", Language::Zh, 0.15, 0.5),
            ("Hello, this is Bridget, an AI assistant from Starbridge Mobile.", Language::En, 3.0, 4.6),
        ] {
            let seconds = expected_seconds(reading, language);
            assert!((least..most).contains(&seconds), "{reading}: {seconds}");
        }
    }
}
