//! The words of a campaign file, as typed: a text without words, or one that no agent may say (domain §5), is a problem at
//! its own line; one that only the model takes for such is a doubt. What a file means is `conversation`'s to check.

use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::compliance::{self, Suspicion};

use super::problem::Problem;

/// Under these keys stand words that are spoken. What a customer says stands under `if`.
const SPOKEN: [&str; 7] = ["say", "ask", "notice", "silence", "unclear", "confirm_opt_out", "facts"];

/// The violating speech that a model suspects in a sentence.
pub type Suspect<'a> = dyn FnMut(&str) -> Option<Suspicion> + 'a;

/// What was found in the words of a campaign.
#[derive(Debug, Default, PartialEq)]
pub struct Findings {
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What a person should look at.
    pub doubts: Vec<Problem>,
}

/// What is found in the words of a campaign file and of its base. What cannot be read is not for this module to name.
pub fn findings(path: &Path, suspect: &mut Suspect<'_>) -> Findings {
    let mut findings = Findings::default();
    let base = of_file(path, suspect, &mut findings);
    if let Some(base) = base {
        of_file(&base, suspect, &mut findings);
    }
    findings
}

/// Adds what is found in one file, and gives the base that it extends.
fn of_file(path: &Path, suspect: &mut Suspect<'_>, findings: &mut Findings) -> Option<PathBuf> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let table = DeTable::parse(&text).ok()?;
    let name = path.display().to_string();
    let mut file = File { name, text: &text, suspect, problems: Vec::new(), doubts: Vec::new() };
    table.get_ref().iter().for_each(|(key, value)| file.entry(key.get_ref(), value, Words::OfNobody));
    let base = table.get_ref().get("extends").and_then(|base| base.get_ref().as_str());
    for (found, all) in [(file.problems, &mut findings.problems), (file.doubts, &mut findings.doubts)] {
        let mut found = found;
        found.sort_by_key(|(at, _)| *at); // tables have no order
        all.extend(found.into_iter().map(|(_, problem)| problem));
    }
    base.map(|base| path.parent().unwrap_or(Path::new("")).join(base))
}

/// Whose words stand here.
#[derive(Clone, Copy)]
enum Words {
    /// Names and numbers.
    OfNobody,
    OfTheAgent,
}

struct File<'a, 'b> {
    name: String,
    text: &'a str,
    suspect: &'a mut Suspect<'b>,
    /// With where in the text.
    problems: Vec<(usize, Problem)>,
    /// With where in the text.
    doubts: Vec<(usize, Problem)>,
}

impl File<'_, '_> {
    fn entry(&mut self, key: &str, value: &Spanned<DeValue<'_>>, words: Words) {
        self.value(value, if SPOKEN.contains(&key) { Words::OfTheAgent } else { words });
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, words: Words) {
        match (value.get_ref(), words) {
            (DeValue::Table(table), words) => {
                table.iter().for_each(|(key, value)| self.entry(key.get_ref(), value, words));
            }
            (DeValue::Array(list), words) => list.iter().for_each(|value| self.value(value, words)),
            (DeValue::String(text), Words::OfTheAgent) => self.words(text, value.span().start),
            (DeValue::String(_), Words::OfNobody)
            | (DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_), _) => {}
        }
    }

    fn words(&mut self, words: &str, at: usize) {
        let before = &self.text[..at];
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        let place = format!("{}:{}:{column}", self.name, before.matches('\n').count() + 1);
        if words.trim().is_empty() {
            let problem = Problem::new(&place, "a text without words");
            self.problems.push((at, problem.with_way_out("write what is said, or take the variant out")));
        }
        let phrases = compliance::violations(words);
        let suspicion = (self.suspect)(words).filter(|_| phrases.is_empty());
        if let Some(suspected) = compliance::violations_read(words, suspicion).first().filter(|_| suspicion.is_some()) {
            let what = format_args!("{words:?} reads like {} (domain §5)", suspected.class.id());
            self.doubts.push((at, Problem::new(&place, what).with_way_out("look whether everybody may be told so")));
        }
        for found in phrases {
            let said = &words[found.span];
            let what = format_args!("{said:?} is {} (domain §5)", found.class.id());
            let problem = Problem::new(&place, what).with_way_out("say what is true of everybody who hears it");
            self.problems.push((at, problem));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::{Rank, Violation};

    const SUSPICION: Suspicion = Suspicion { class: Violation::GuaranteedReturn, second: None, rank: Rank::Certain };

    fn found(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.toml");
        std::fs::write(&path, text).expect("written");
        let name = path.display().to_string();
        findings(&path, &mut |_| None)
            .problems
            .iter()
            .map(|problem| problem.to_string().replace(&name, "a.toml"))
            .collect()
    }

    #[test]
    fn a_text_that_is_empty_or_may_not_be_said_is_named_with_its_line() {
        let text = "[on.ask_price]\nsay.zh = [\"\", \"我们保证稳赚\"]\n[facts]\nbenefit = { zh = \"全国最便宜的\" }\n";
        let found = found(text);
        assert!(found[0].starts_with("a.toml:2:11: a text without words; "), "{found:?}");
        assert!(
            found.iter().any(|line| line.contains("a.toml:2:15") && line.contains("guaranteed_return")),
            "{found:?}"
        );
        assert!(found.iter().any(|line| line.contains("a.toml:4:18") && line.contains("absolute_claim")), "{found:?}");
    }

    #[test]
    fn what_the_customer_says_and_the_campaigns_of_the_repository_are_blameless() {
        assert_eq!(
            found("[[on.obj_doubt_result.case]]\nif = { zh = [\"稳赚\"] }\nsay.zh = [\"不是的。\"]\n"),
            [] as [&str; 0]
        );
        for name in ["telecom", "education", "finance", "notice", "auto", "ecommerce", "insurance", "property", "saas"]
        {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("campaigns/{name}.toml"));
            assert_eq!(findings(&path, &mut |_| None), Findings::default(), "{name}");
        }
    }

    #[test]
    fn what_only_the_model_suspects_is_a_doubt_at_its_line() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.toml");
        std::fs::write(&path, "[on.ask_price]\nsay.zh = [\"您好。\", \"到期只多不少。\"]\n").expect("written");
        let mut suspect = |words: &str| words.contains("只多").then_some(SUSPICION);
        let Findings { problems, doubts } = findings(&path, &mut suspect);
        assert_eq!((problems.len(), doubts.len()), (0, 1));
        let doubt = doubts[0].to_string();
        assert!(doubt.contains("a.toml:2:18") && doubt.contains("guaranteed_return"), "{doubt}");
    }
}
