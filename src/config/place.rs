//! The file while it is checked: where each key stands, and the problems found so far. A key is named by its path, such
//! as `sip.listen` or `route.0.called`.

use std::cell::RefCell;
use std::fmt::Display;
use std::ops::Range;
use std::sync::Arc;

use miette::NamedSource;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue, Deserializer};

use super::ConfigError;
use super::raw::Raw;

/// Where the value of `key` was typed in a configuration's text: line and column, from 1.
pub fn position(text: &str, key: &str) -> Option<(usize, usize)> {
    let (table, _) = DeTable::parse_recoverable(text);
    let mut steps = key.split('.');
    let mut value = table.get_ref().get(steps.next()?)?;
    for step in steps {
        value = inner(value, step)?;
    }
    let before = text.get(..value.span().start)?;
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    Some((before.matches('\n').count() + 1, before[line_start..].chars().count() + 1))
}

/// What a table holds under a key, or a list at a place.
fn inner<'t, 'a>(value: &'t Spanned<DeValue<'a>>, step: &str) -> Option<&'t Spanned<DeValue<'a>>> {
    match value.get_ref() {
        DeValue::Table(table) => table.get(step),
        DeValue::Array(entries) => step.parse().ok().and_then(|n: usize| entries.get(n)),
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            None
        }
    }
}

/// See the module.
pub(super) struct Place<'a> {
    file: Arc<NamedSource<String>>,
    table: DeTable<'a>,
    problems: RefCell<Vec<ConfigError>>,
}

impl<'a> Place<'a> {
    /// Reads `text`. A key that is unknown or of a wrong type is a problem and left out; after an error of the syntax
    /// itself there is nothing to check.
    pub fn read(text: &'a str, name: &str) -> (Self, Option<Raw>) {
        let (table, errors) = DeTable::parse_recoverable(text);
        let file = Arc::new(NamedSource::new(name, text.to_owned()));
        let mut place = Self { file, table: table.get_ref().clone(), problems: RefCell::default() };
        for error in &errors {
            place.syntax(error);
        }
        if !errors.is_empty() {
            return (place, None);
        }
        let raw = Raw::deserialize(Deserializer::from(table.clone())).or_else(|_| place.read_piecemeal(table));
        (place, raw.ok())
    }

    /// Each key and each entry of a list by itself, so that one error does not hide the next.
    fn read_piecemeal(&mut self, table: Spanned<DeTable<'a>>) -> Result<Raw, toml::de::Error> {
        let span = table.span();
        let document = |table| Deserializer::from(Spanned::new(span.clone(), table));
        let reads = |section: &Spanned<DeString<'a>>, value: Spanned<DeValue<'a>>| {
            let error = Raw::deserialize(document(DeTable::from_iter([(section.clone(), value)]))).err();
            error.inspect(|error| self.syntax(error)).is_none()
        };
        let mut good = DeTable::new();
        for (section, value) in table.into_inner() {
            let at = value.span();
            let same_place = |value| Spanned::new(at.clone(), value);
            let table = |keys| same_place(DeValue::Table(keys));
            let list = |entries| same_place(DeValue::Array(entries));
            // First the section without what is in it: an unknown one is one problem.
            let kept = match value.into_inner() {
                DeValue::Table(keys) if reads(&section, table(DeTable::new())) => {
                    let good = |pair: &(_, _)| reads(&section, table(DeTable::from_iter([pair.clone()])));
                    table(keys.into_iter().filter(good).collect())
                }
                DeValue::Array(entries) if reads(&section, list(DeArray::new())) => {
                    let good = |entry: &_| reads(&section, list(DeArray::from_iter([Clone::clone(entry)])));
                    list(entries.into_iter().filter(good).collect())
                }
                DeValue::Table(_) | DeValue::Array(_) => continue,
                scalar @ (DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)) => {
                    reads(&section, same_place(scalar));
                    continue; // nothing but tables and lists of them stands at the top
                }
            };
            good.insert(section, kept);
        }
        self.table = good.clone(); // entries of lists are counted as they are checked
        Raw::deserialize(document(good))
    }

    /// Everything found, in the order of the file.
    pub fn into_problems(self) -> Vec<ConfigError> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(ConfigError::offset);
        problems
    }

    /// Notes that the value typed under `key` cannot be.
    pub fn refuse(&self, key: &str, value: impl Display, why: impl Display, way_out: &'static str) {
        self.refuse_at(Some(key), key, value, why, way_out);
    }

    /// Likewise; the value stands at `at`, or came from the command line.
    pub fn refuse_at(
        &self,
        at: Option<&str>,
        key: &str,
        value: impl Display,
        why: impl Display,
        way_out: &'static str,
    ) {
        let names: Vec<&str> = key.split('.').filter(|step| step.parse::<usize>().is_err()).collect();
        self.problems.borrow_mut().push(ConfigError::Value {
            key: names.join("."),
            value: value.to_string(),
            why: why.to_string(),
            way_out,
            file: Arc::clone(&self.file),
            at: at.and_then(|at| self.span(at)).map(Into::into),
        });
    }

    /// The number typed or its default, within its bounds, both included.
    pub fn within<T: PartialOrd + Display + Copy>(
        &self,
        (key, default): (&'static str, T),
        typed: Option<T>,
        (min, max): (T, T),
        way_out: &'static str,
    ) -> T {
        match typed {
            None => default,
            Some(typed) if typed >= min && typed <= max => typed,
            Some(typed) => {
                self.refuse(key, typed, format_args!("must be {min} to {max}"), way_out);
                default
            }
        }
    }

    /// The number typed, if any, within its bounds, both included.
    pub fn optional<T: PartialOrd + Display + Copy>(
        &self,
        key: &'static str,
        typed: Option<T>,
        bounds: (T, T),
        way_out: &'static str,
    ) -> Option<T> {
        typed.map(|typed| self.within((key, typed), Some(typed), bounds, way_out))
    }

    /// A time limit of a call: a second to a day.
    pub fn milliseconds(&self, key: &'static str, default: u64, typed: Option<u64>) -> u64 {
        self.within((key, default), typed, (1_000, 86_400_000), "write milliseconds, such as 30000")
    }

    fn syntax(&self, error: &toml::de::Error) {
        self.problems.borrow_mut().push(ConfigError::Syntax {
            message: error.message().to_owned(),
            file: Arc::clone(&self.file),
            at: error.span().map(Into::into),
        });
    }

    /// The line of what a key holds, counted from 1.
    pub fn line(&self, path: &str) -> usize {
        let before = self.span(path).and_then(|at| self.file.inner().get(..at.start));
        before.map_or(0, |before| before.matches('\n').count() + 1)
    }

    /// Where the value of a key stands; of one that is missing, where what should hold it stands.
    fn span(&self, path: &str) -> Option<Range<usize>> {
        let mut steps = path.split('.');
        let mut value = self.table.get(steps.next()?)?;
        for step in steps {
            let Some(inner) = inner(value, step) else { break };
            value = inner;
        }
        Some(value.span())
    }
}
