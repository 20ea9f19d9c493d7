//! The floors: `[SET.LANG]` tables of `figure = value`, the worst value that is still good enough, a ceiling where lower is
//! better. LANG is `zh`, `en`, or `all` for figures of no one language.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};

use crate::asr::Language;

use super::report::{Better, Report, Row};

/// A figure may miss its floor by this much: floors are written in decimals.
const ROUNDING: f64 = 1e-9;

/// Set, language, figure: its floor.
pub struct Floors(BTreeMap<String, BTreeMap<String, BTreeMap<String, f64>>>);

/// A figure that is not good enough.
#[derive(Debug, Clone, PartialEq)]
pub struct Shortfall {
    set: String,
    language: String,
    figure: String,
    floor: f64,
    /// None where it was not measured at all.
    value: Option<(f64, Better)>,
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { set, language, figure, floor, value } = self;
        match value {
            Some((value, Better::Higher)) => write!(f, "{set} {language} {figure}: {value:.4} is below {floor}"),
            Some((value, Better::Lower)) => write!(f, "{set} {language} {figure}: {value:.4} is above {floor}"),
            None => write!(f, "{set} {language} {figure}: has a floor and was not measured"),
        }
    }
}

/// How floors call the language of a figure.
pub const fn code(language: Option<Language>) -> &'static str {
    match language {
        Some(language) => language.code(),
        None => "all",
    }
}

impl Floors {
    /// Without any.
    pub const fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// Reads a file of floors.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("floors {}", path.display()))?;
        Ok(Self(toml::from_str(&text).with_context(|| format!("floors {}", path.display()))?))
    }

    /// The sets that have floors.
    pub fn sets(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The floor of a figure.
    pub fn of(&self, set: &str, row: &Row) -> Option<f64> {
        self.0.get(set)?.get(code(row.language))?.get(&row.figure).copied()
    }

    /// The figures of a set below their floors, and the floors of these languages without a figure.
    pub fn shortfalls(&self, set: &str, report: &Report, languages: &[Language]) -> Vec<Shortfall> {
        let asked = |name: &str| name == code(None) || !is_language(name) || languages.iter().any(|l| l.code() == name);
        let mut shortfalls = Vec::new();
        let tables = self.0.get(set).into_iter().flatten().filter(|(language, _)| asked(language));
        for (language, figures) in tables {
            for (figure, &floor) in figures {
                let row = report.rows.iter().find(|row| row.figure == *figure && code(row.language) == language);
                let good = row.is_some_and(|row| match row.better {
                    Better::Higher => row.value >= floor - ROUNDING,
                    Better::Lower => row.value <= floor + ROUNDING,
                });
                if !good {
                    shortfalls.push(Shortfall {
                        set: set.to_owned(),
                        language: language.clone(),
                        figure: figure.clone(),
                        floor,
                        value: row.map(|row| (row.value, row.better)),
                    });
                }
            }
        }
        shortfalls
    }
}

fn is_language(name: &str) -> bool {
    [Language::Zh, Language::En].iter().any(|language| language.code() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shortfalls(floors: &str, languages: &[Language]) -> Vec<String> {
        let floors = Floors(toml::from_str(floors).expect("floors"));
        let mut report = Report::default();
        report.share(Some(Language::Zh), "accuracy", Better::Higher, [true, true, true, false]);
        report.share(Some(Language::Zh), "false_accept", Better::Lower, [true, false]);
        floors.shortfalls("intent", &report, languages).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_floor_holds_what_should_be_high_up_and_what_should_be_low_down() {
        let both = [Language::Zh, Language::En];
        assert_eq!(shortfalls("[intent.zh]\naccuracy = 0.75\nfalse_accept = 0.5", &both), Vec::<String>::new());
        assert_eq!(
            shortfalls("[intent.zh]\naccuracy = 0.76\nfalse_accept = 0.4", &both),
            ["intent zh accuracy: 0.7500 is below 0.76", "intent zh false_accept: 0.5000 is above 0.4"]
        );
    }

    #[test]
    fn a_floor_that_nothing_was_measured_for_is_not_kept() {
        let misspelt = "[intent.zh]\nacuracy = 0.1\n[intent.cn]\naccuracy = 0.1\n[other.zh]\naccuracy = 1";
        let missed = ["cn accuracy", "zh acuracy"].map(|at| format!("intent {at}: has a floor and was not measured"));
        assert_eq!(shortfalls(misspelt, &[Language::Zh]), missed);
        assert_eq!(shortfalls("[intent.en]\naccuracy = 0.1", &[Language::Zh]), Vec::<String>::new());
    }
}
