//! The figures of answered texts of one language. docs/EVALUATION.md says what each counts.

use std::collections::HashMap;

use serde::Serialize;

use crate::asr::Language;
use crate::compliance::Violation;
use crate::understanding::{Action, Announcement, Emotion, Scene, Slot};

use super::report::{Better, Report, Wrong, calibration_error};
use super::texts::{Answer, Case, Datum, Spans};

/// Actions of which no miss is cheap.
const RECALLED: [Action; 2] = [Action::ObjStopCalling, Action::RequestHuman];

/// Adds every figure for which the cases say what to expect.
pub fn score(language: Language, judged: &[&(Case, Answer)], report: &mut Report) {
    let mut score = Score { language, judged, report };
    score.actions();
    score.emotions();
    score.industries();
    score.slots();
    score.personal_data();
    score.violations();
    score.announcements();
}

struct Score<'a> {
    language: Language,
    judged: &'a [&'a (Case, Answer)],
    report: &'a mut Report,
}

impl<'a> Score<'a> {
    fn share(&mut self, figure: impl Into<String>, better: Better, holds: impl IntoIterator<Item = bool>) {
        self.report.share(Some(self.language), figure, better, holds);
    }

    /// The cases that expect something, with it.
    fn expecting<T>(&self, expected: impl Fn(&'a Case) -> Option<T>) -> Vec<(T, &'a Case, &'a Answer)> {
        self.judged.iter().filter_map(|(case, answer)| Some((expected(case)?, case, answer))).collect()
    }

    /// Keeps a case that came out otherwise.
    fn wrong(&mut self, case: &Case, expected: &impl Serialize, got: &impl Serialize) {
        let shown = |value: String| if value.is_empty() { "-".to_owned() } else { value };
        let (expected, got) = (shown(id(expected)), shown(id(got)));
        self.report.wrong.push(Wrong { language: self.language, text: case.text.clone(), expected, got });
    }

    fn actions(&mut self) {
        let rows = self.expecting(|case| case.expect.action);
        let right = |row: &(Action, &Case, &Answer)| row.2.action == Some(row.0);
        self.share("accuracy", Better::Higher, rows.iter().map(right));
        let plain = rows.iter().filter(|row| !row.1.errors);
        self.share("accuracy_plain", Better::Higher, plain.map(right));
        let misheard = rows.iter().filter(|row| row.1.errors);
        self.share("accuracy_misheard", Better::Higher, misheard.map(right));
        for scene in Scene::ALL {
            let there = rows.iter().filter(|row| row.0.scene() == scene);
            self.share(format!("accuracy_scene_{}", scene.id()), Better::Higher, there.map(right));
        }
        for action in RECALLED {
            let meant = rows.iter().filter(|row| row.0 == action);
            self.share(format!("recall_{}", action.id()), Better::Higher, meant.map(right));
        }
        let others = rows.iter().filter(|row| row.0 != Action::Accept);
        self.share("false_accept", Better::Lower, others.map(|row| row.2.action == Some(Action::Accept)));
        let sure: Vec<_> = rows.iter().filter_map(|row| Some((row.2.confidence?, right(row)))).collect();
        if !sure.is_empty() {
            let error = calibration_error(&sure);
            self.report.rate(Some(self.language), "calibration_error", Better::Lower, error, None, sure.len());
        }
        for (action, case, answer) in rows.iter().filter(|row| !right(row)) {
            self.wrong(case, action, &answer.action);
        }
    }

    fn emotions(&mut self) {
        let rows = self.expecting(|case| case.expect.emotion);
        let right = |row: &(Emotion, &Case, &Answer)| row.2.emotion == Some(row.0);
        self.share("emotion_accuracy", Better::Higher, rows.iter().map(right));
        self.by_class("emotion_recall", &rows, right);
        for (emotion, case, answer) in rows.iter().filter(|row| !right(row)) {
            self.wrong(case, emotion, &answer.emotion);
        }
    }

    /// A figure for each class that occurs, in the order of their first cases.
    fn by_class<T: PartialEq + Serialize>(
        &mut self,
        figure: &str,
        rows: &[(T, &'a Case, &'a Answer)],
        right: impl Fn(&(T, &'a Case, &'a Answer)) -> bool,
    ) {
        let mut seen: Vec<&T> = Vec::new();
        for (class, ..) in rows {
            if !seen.contains(&class) {
                seen.push(class);
                let mine = rows.iter().filter(|row| row.0 == *class);
                self.share(format!("{figure}_{}", id(class)), Better::Higher, mine.map(&right));
            }
        }
    }

    fn industries(&mut self) {
        let rows = self.expecting(|case| case.expect.industry);
        self.share("industry_accuracy", Better::Higher, rows.iter().map(|row| row.2.industry == Some(row.0)));
        for (industry, case, answer) in rows.iter().filter(|row| row.2.industry != Some(row.0)) {
            self.wrong(case, industry, &answer.industry);
        }
    }

    fn slots(&mut self) {
        let rows = self.expecting(|case| case.expect.slots.as_ref());
        let wanted = |slots: &'a HashMap<Slot, Spans>, slot: Slot| slots.get(&slot).map_or(&[][..], Spans::all);
        let told = |answer: &'a Answer, slot: Slot| answer.slots.as_ref()?.get(slot.id())?.as_deref();
        let pairs =
            |slot: Slot| rows.iter().map(move |row| (wanted(row.0, slot), told(row.2, slot))).collect::<Vec<_>>();
        let hit =
            |(want, got): &(&[String], Option<&str>)| got.is_some_and(|got| want.iter().any(|want| near(want, got)));
        let mut verbatim = Vec::new();
        for slot in Slot::ALL {
            let pairs = pairs(slot);
            let expected = || pairs.iter().filter(|(want, _)| !want.is_empty());
            self.share(format!("{}_recall", slot.id()), Better::Higher, expected().map(hit));
            let found = pairs.iter().filter(|(_, got)| got.is_some());
            self.share(format!("{}_precision", slot.id()), Better::Higher, found.map(hit));
            let same = |(want, got): &(&[String], Option<&str>)| {
                got.is_some_and(|got| want.iter().any(|want| plain(want) == plain(got)))
            };
            verbatim.extend(expected().map(same));
        }
        self.share("slots_verbatim", Better::Higher, verbatim);
        for (slots, case, answer) in &rows {
            let right = |slot: &Slot| {
                let pair = (wanted(slots, *slot), told(answer, *slot));
                hit(&pair) || pair.0.is_empty() && pair.1.is_none()
            };
            if !Slot::ALL.iter().all(right) {
                let got: HashMap<_, _> =
                    Slot::ALL.iter().filter_map(|slot| Some((slot.id(), told(answer, *slot)?))).collect();
                self.wrong(case, slots, &got);
            }
        }
    }

    fn personal_data(&mut self) {
        let rows = self.expecting(|case| case.expect.personal_data.as_ref());
        let is_in = |piece: &Datum, pieces: &[Datum]| {
            pieces.iter().any(|other| piece.kind == other.kind && piece.text.trim() == other.text.trim())
        };
        let recalled =
            rows.iter().flat_map(|(wanted, _, answer)| wanted.iter().map(|piece| is_in(piece, &answer.personal_data)));
        self.share("personal_data_recall", Better::Higher, recalled);
        let invented =
            rows.iter().flat_map(|(wanted, _, answer)| answer.personal_data.iter().map(|piece| !is_in(piece, wanted)));
        self.share("personal_data_false", Better::Lower, invented);
        let innocent = rows.iter().filter(|row| row.0.is_empty());
        self.share("no_personal_data_flagged", Better::Lower, innocent.map(|row| !row.2.personal_data.is_empty()));
        for (wanted, case, answer) in &rows {
            let found = &answer.personal_data;
            if wanted.len() != found.len() || !wanted.iter().all(|piece| is_in(piece, found)) {
                self.wrong(case, &pieces(wanted), &pieces(found));
            }
        }
    }

    fn violations(&mut self) {
        let found = |answer: &Answer| -> Vec<Violation> {
            answer.violations.iter().flatten().map(|phrase| phrase.class).collect()
        };
        let rows = self.expecting(|case| case.expect.violations.as_ref());
        let each = |class: Option<Violation>| {
            rows.iter()
                .flat_map(|(wanted, _, answer)| wanted.iter().map(|wanted| (*wanted, found(answer))))
                .filter(move |(wanted, _)| class.is_none_or(|class| class == *wanted))
                .map(|(wanted, found)| found.contains(&wanted))
                .collect::<Vec<_>>()
        };
        self.share("violations_recall", Better::Higher, each(None));
        let violating = rows.iter().filter(|row| !row.0.is_empty());
        self.share("violations_noticed", Better::Higher, violating.map(|row| !found(row.2).is_empty()));
        let innocent = rows.iter().filter(|row| row.0.is_empty());
        self.share("innocents_flagged", Better::Lower, innocent.map(|row| !found(row.2).is_empty()));
        for class in Violation::ALL {
            self.share(format!("violations_recall_{}", class.id()), Better::Higher, each(Some(class)));
        }
        for (wanted, case, answer) in &rows {
            let found = found(answer);
            if wanted.is_empty() != found.is_empty() || !wanted.iter().all(|class| found.contains(class)) {
                self.wrong(case, wanted, &found);
            }
        }
    }

    fn announcements(&mut self) {
        let rows = self.expecting(|case| case.expect.announcement);
        let right = |row: &(Announcement, &Case, &Answer)| row.2.announcement == Some(row.0);
        self.share("announcement_accuracy", Better::Higher, rows.iter().map(right));
        let people = rows.iter().filter(|row| row.0 == Announcement::Human);
        self.share("people_taken_for_machines", Better::Lower, people.map(|row| !right(row)));
        self.by_class("announcement_recall", &rows, right);
        for (class, case, answer) in rows.iter().filter(|row| !right(row)) {
            self.wrong(case, class, &answer.announcement);
        }
    }
}

/// A value as JSON writes it, a plain id without quotation marks.
fn id(value: &impl Serialize) -> String {
    let json = serde_json::to_value(value).unwrap_or_default();
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

fn pieces(data: &[Datum]) -> Vec<String> {
    data.iter().map(|piece| format!("{} {}", id(&piece.kind), piece.text)).collect()
}

/// Letters and digits in lower case: what punctuation and blanks a span takes along is nobody's error.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether two spans mean the same words: one holds the other and is at most twice as long.
fn near(want: &str, got: &str) -> bool {
    let (want, got) = (plain(want), plain(got));
    let (long, short) = if want.len() >= got.len() { (&want, &got) } else { (&got, &want) };
    !short.is_empty() && long.contains(short.as_str()) && long.chars().count() <= 2 * short.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The figures of (case, answer) pairs, as JSON: name to (value, cases).
    fn figures(rows: &[(&str, &str)]) -> HashMap<String, (f64, usize)> {
        let read = |(case, answer): &(&str, &str)| {
            let case = format!(r#"{{"lang":"zh","text":"x",{case}}}"#);
            let rest = if answer.contains("personal_data") { "" } else { r#","personal_data":[]"# };
            let answer = format!("{{{answer}{rest}}}");
            (serde_json::from_str(&case).expect("a case"), serde_json::from_str(&answer).expect("an answer"))
        };
        let judged: Vec<(Case, Answer)> = rows.iter().map(read).collect();
        let mut report = Report::default();
        score(Language::Zh, &judged.iter().collect::<Vec<_>>(), &mut report);
        report.rows.into_iter().map(|row| (row.figure, (row.value, row.n))).collect()
    }

    #[test]
    fn an_accept_that_nobody_meant_is_false_and_one_that_was_missed_is_not() {
        let customer = |action: &str| format!(r#""as":"customer","expect":{{"action":"{action}"}}"#);
        let (accept, affirm, stop) = (customer("accept"), customer("affirm"), customer("obj_stop_calling"));
        let took = |action: &str| format!(r#""action":"{action}","confidence":1.0"#);
        let got = figures(&[
            (&accept, &took("affirm")),
            (&affirm, &took("accept")),
            (&affirm, &took("affirm")),
            (&stop, &took("obj_stop_calling")),
        ]);
        assert_eq!(got["accuracy"], (0.5, 4));
        assert_eq!(got["false_accept"], (1.0 / 3.0, 3));
        assert_eq!(got["recall_obj_stop_calling"], (1.0, 1));
        assert_eq!(got["calibration_error"], (0.5, 4));
        assert!(!got.contains_key("recall_request_human") && !got.contains_key("accuracy_misheard"));
    }

    #[test]
    fn personal_data_counts_only_with_its_kind_and_its_very_words() {
        let case = r#""as":"customer","expect":{"personal_data":[{"kind":"mobile","text":"13800138000"}]}"#;
        let none = r#""as":"customer","expect":{"personal_data":[]}"#;
        let answer = |text: &str| format!(r#""personal_data":[{{"kind":"mobile","text":"{text}","masked":""}}]"#);
        let got = figures(&[(case, &answer("13800138000")), (case, &answer("3800138000")), (none, r#""action":null"#)]);
        assert_eq!(got["personal_data_recall"], (0.5, 2));
        assert_eq!(got["personal_data_false"], (0.5, 2));
        assert_eq!(got["no_personal_data_flagged"], (0.0, 1));
    }

    #[test]
    fn a_violation_of_another_class_is_noticed_and_not_recalled() {
        let case = r#""as":"agent","expect":{"violations":["threat"]}"#;
        let innocent = r#""as":"agent","expect":{"violations":[]}"#;
        let insult = r#""violations":[{"class":"insult","text":"x"}]"#;
        let got = figures(&[(case, insult), (innocent, insult), (innocent, r#""violations":[]"#)]);
        assert_eq!((got["violations_recall"], got["violations_noticed"]), ((0.0, 1), (1.0, 1)));
        assert_eq!(got["innocents_flagged"], (0.5, 2));
        assert_eq!(got["violations_recall_threat"], (0.0, 1));
    }

    #[test]
    fn a_person_taken_for_a_machine_is_counted_among_people_only() {
        let line = |class: &str| format!(r#""as":"line","expect":{{"announcement":"{class}"}}"#);
        let took = |class: &str| format!(r#""announcement":"{class}""#);
        let got = figures(&[(&line("human"), &took("assistant")), (&line("off"), &took("dead"))]);
        assert_eq!(got["people_taken_for_machines"], (1.0, 1));
        assert_eq!(got["announcement_accuracy"], (0.0, 2));
    }

    #[test]
    fn a_slot_is_found_when_its_words_are_and_precise_when_nothing_was_invented() {
        let case = r#""as":"customer","expect":{"slots":{"when":["三点","明天下午三点"],"why":[]}}"#;
        let got = figures(&[(case, r#""slots":{"when":"明天下午三点左右","who":"我妈","what":null}"#)]);
        assert_eq!((got["when_recall"], got["when_precision"], got["who_precision"]), ((1.0, 1), (1.0, 1), (0.0, 1)));
        assert_eq!(got["slots_verbatim"], (0.0, 1));
        assert!(
            !got.contains_key("who_recall") && !got.contains_key("why_recall") && !got.contains_key("what_precision")
        );
        assert!(near("Tomorrow, at three", "tomorrow at three") && !near("三点", "明天下午三点") && !near("", "x"));
    }
}
