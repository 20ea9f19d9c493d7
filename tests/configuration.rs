//! The configuration's reference: callwright.toml has every key with its meaning, its default and its bounds; docs/
//! CONFIGURATION.md is made from it (`UPDATE_DOCS=1 cargo test --test configuration` writes it); the bounds are those
//! that hold.

#![allow(clippy::unwrap_used)] // helpers of tests

use std::collections::BTreeSet;
use std::fmt::Write;

use callwright::config::{Config, Overrides};

const FILE: &str = include_str!("../callwright.toml");
const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/CONFIGURATION.md");

/// A key as callwright.toml has it.
struct Key {
    /// `sip`, or `[[trunk]]` as `trunk`.
    section: String,
    name: String,
    /// As typed; of a key that is commented out, an example.
    value: String,
    is_default: bool,
    meaning: String,
}

impl Key {
    /// `(1 to 9)` in the meaning.
    fn bounds(&self) -> Option<(&str, &str)> {
        self.meaning.split('(').skip(1).find_map(|part| part.split_once(')')?.0.split_once(" to "))
    }

    fn kind(&self) -> &'static str {
        let table: toml::Table = toml::from_str(&format!("x = {}", self.value)).unwrap();
        match &table["x"] {
            toml::Value::String(_) => "string",
            toml::Value::Integer(_) => "integer",
            toml::Value::Float(_) => "number",
            toml::Value::Boolean(_) => "true or false",
            toml::Value::Array(items) if items.iter().any(|item| item.is_integer()) => "two integers",
            toml::Value::Array(_) if self.meaning.contains("{ ") => "list of tables",
            toml::Value::Array(_) => "list of strings",
            toml::Value::Table(_) => "table of strings",
            other => panic!("{}: {other:?} has no name yet", self.name),
        }
    }

    fn is_number(&self) -> bool {
        matches!(self.kind(), "integer" | "number")
    }
}

fn is_heading(line: &str) -> bool {
    line.starts_with('[') && line.ends_with(']')
}

/// Name and value.
fn key_of(line: &str) -> Option<(&str, &str)> {
    line.split_once(" = ").filter(|(name, _)| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
}

/// The sections with what is said of them, and the keys in order.
fn read() -> (Vec<(String, String)>, Vec<Key>) {
    let (mut sections, mut keys, mut comment) = (Vec::new(), Vec::new(), String::new());
    let mut section = String::new();
    for line in FILE.lines() {
        let plain = line.strip_prefix("# ").unwrap_or(line);
        let commented_out = plain != line;
        if is_heading(plain) {
            section = plain.trim_matches(['[', ']']).to_owned();
            sections.push((plain.to_owned(), std::mem::take(&mut comment)));
        } else if let Some((name, value)) = key_of(plain) {
            let (section, name, value) = (section.clone(), name.to_owned(), value.to_owned());
            keys.push(Key { section, name, value, is_default: !commented_out, meaning: std::mem::take(&mut comment) });
        } else if plain.is_empty() {
            comment.clear();
        } else {
            let words = plain.trim_start_matches(['#', ' ']);
            comment = if comment.is_empty() { words.to_owned() } else { format!("{comment} {words}") };
        }
    }
    (sections, keys)
}

fn problems(text: &str) -> Vec<String> {
    let (_, problems) = Config::examine(text, "callwright.toml", Overrides::default());
    problems.iter().map(ToString::to_string).collect()
}

/// The names that the parser expects where it meets an unknown one: `` expected `a` or `b` ``.
fn expected(text: &str) -> BTreeSet<String> {
    let message = problems(text).into_iter().find(|problem| problem.contains("unknown field `?`")).unwrap();
    let (_, names) = message.split_once("expected").unwrap();
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_key_that_there_is_stands_in_the_file() {
    let (sections, keys) = read();
    let is_section = |name: &str| sections.iter().any(|(heading, _)| heading.trim_matches(['[', ']']) == name);
    let mut unread: Vec<String> = expected("\"?\" = 0\n").into_iter().collect();
    while let Some(section) = unread.pop() {
        let is_list = ["trunk", "route"].contains(&section.as_str());
        let heading = if is_list { format!("[[{section}]]") } else { format!("[{section}]") };
        let names = expected(&format!("{heading}\n\"?\" = 0\n"));
        let (nested, names): (BTreeSet<_>, BTreeSet<_>) =
            names.into_iter().partition(|name| is_section(&format!("{section}.{name}")));
        unread.extend(nested.iter().map(|name| format!("{section}.{name}")));
        let documented: BTreeSet<String> =
            keys.iter().filter(|key| key.section == section).map(|key| key.name.clone()).collect();
        assert_eq!(documented, names, "callwright.toml, [{section}]");
    }
}

#[test]
fn the_examples_that_are_commented_out_are_valid() {
    let uncommented: Vec<&str> = FILE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if is_heading(rest) || key_of(rest).is_some() => rest,
            Some(_) | None => line,
        })
        .collect();
    assert_eq!(problems(&uncommented.join("\n")), Vec::<String>::new());
}

#[test]
fn the_bounds_in_the_file_are_those_that_hold() {
    let (_, keys) = read();
    let numbers: Vec<&Key> = keys.iter().filter(|key| key.is_number()).collect();
    assert!(numbers.len() > 15, "the file was read");
    for key in numbers {
        let (min, max) = key.bounds().unwrap_or_else(|| panic!("{}.{} has no (min to max)", key.section, key.name));
        let step = if key.kind() == "integer" { 1.0 } else { 0.001 };
        let set = |value: f64| {
            let value = if key.kind() == "integer" { format!("{value}") } else { format!("{value:?}") };
            // Voice may not end above where it begins.
            let beside = match key.name.as_str() {
                "threshold_on" => "threshold_off = 0.0",
                "threshold_off" => "threshold_on = 1.0",
                _ => "",
            };
            problems(&format!("[{}]\n{} = {value}\n{beside}\n", key.section, key.name))
        };
        let (min, max): (f64, f64) = (min.parse().unwrap(), max.parse().unwrap());
        assert_eq!((set(min), set(max)), (vec![], vec![]), "{}.{}", key.section, key.name);
        for beyond in [min - step, max + step] {
            assert_eq!(set(beyond).len(), 1, "{}.{} = {beyond} is refused", key.section, key.name);
        }
    }
}

/// docs/CONFIGURATION.md as it should be.
fn reference() -> String {
    let (sections, keys) = read();
    let mut page = String::from(
        "# Configuration\n\nMade from callwright.toml by `UPDATE_DOCS=1 cargo test --test configuration`; a test holds it against the \
         parser.\n`callwright check --config FILE` names everything that is wrong with a file.\n",
    );
    for (heading, comment) in sections {
        let section = heading.trim_matches(['[', ']']);
        writeln!(page, "\n## `{heading}`\n").unwrap();
        if !comment.is_empty() && (heading.starts_with("[[") || section.contains('.')) {
            writeln!(page, "{comment}\n").unwrap();
        }
        page.push_str("| key | type | default | bounds | meaning |\n|---|---|---|---|---|\n");
        for key in keys.iter().filter(|key| key.section == section) {
            let default =
                if key.is_default { format!("`{}`", key.value) } else { format!("none; such as `{}`", key.value) };
            let bounds = key.bounds().map_or(String::new(), |(min, max)| format!("{min} to {max}"));
            let meaning = key.meaning.replace(&format!(" ({bounds})"), "");
            writeln!(page, "| `{}` | {} | {default} | {bounds} | {meaning} |", key.name, key.kind()).unwrap();
        }
    }
    page
}

#[test]
fn the_reference_is_made_from_the_file() {
    let page = reference();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(REFERENCE, &page).unwrap();
    }
    let written = std::fs::read_to_string(REFERENCE).unwrap_or_default();
    assert!(
        written == page,
        "docs/CONFIGURATION.md is not what callwright.toml says: UPDATE_DOCS=1 cargo test writes it"
    );
}
