//! What is known of the customer before the call: named values, said as they are.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::compliance;

/// So many facts of a customer, of so many characters each; more is refused.
const FACTS_MAX: usize = 64;
const VALUE_CHARS_MAX: usize = 200;
/// Objects within objects.
const DEPTH_MAX: usize = 4;

/// The fact that tells where the customer's data comes from, in words that follow "from".
const SOURCE: &str = "source";

/// What is known of the customer before the call; filled from `customers` or `--facts`. Personal data: redacted in
/// `Debug`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct CallerFacts(BTreeMap<String, Vec<String>>);

/// Facts that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactsError {
    /// The whole is no object.
    #[error("facts: expected a JSON object such as {{\"name\":\"...\"}}, found {0}")]
    NoObject(&'static str),
    /// A list holds more than plain values.
    #[error("facts: {name}: a list may hold strings, numbers, true and false only")]
    List {
        /// The fact.
        name: String,
    },
    /// A name that no placeholder can have.
    #[error("facts: the name {name:?} may have letters, digits and _ only")]
    Name {
        /// The name.
        name: String,
    },
    /// A value that is too long to be said.
    #[error("facts: {name} has {chars} characters, more than {VALUE_CHARS_MAX}")]
    TooLong {
        /// The fact.
        name: String,
        /// Its length.
        chars: usize,
    },
    /// Too many.
    #[error("facts: more than {FACTS_MAX} values, or objects in objects deeper than {DEPTH_MAX}")]
    TooMany,
}

impl CallerFacts {
    /// From an object of values; objects within are flattened with `_`, lists keep each value, null is nothing.
    pub fn from_json(json: &Value) -> Result<Self, FactsError> {
        if !json.is_object() {
            return Err(FactsError::NoObject(kind(json)));
        }
        let mut facts = Self::default();
        facts.take("", json, 0)?;
        Ok(facts)
    }

    /// The same with one more fact.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), vec![value.into()]);
        self
    }

    /// The fact as it is said; none if no agent may say it (domain §5): what comes from outside is checked here, what a
    /// campaign says by `check`.
    pub fn said(&self, name: &str) -> Option<String> {
        let values = self.0.get(name)?;
        let mark = if values.iter().all(|value| value.is_ascii()) { ", " } else { "、" };
        Some(values.join(mark)).filter(|said| !said.is_empty() && compliance::violations(said).is_empty())
    }

    /// Where the customer's data comes from.
    pub fn source(&self) -> Option<String> {
        self.said(SOURCE)
    }

    /// Whether the fact is there and, where values are listed, has one of them.
    pub fn fits(&self, name: &str, values: &[String]) -> bool {
        let Some(known) = self.0.get(name) else { return false };
        let same = |value: &String| known.iter().any(|known| known.to_lowercase() == value.to_lowercase());
        !known.is_empty() && (values.is_empty() || values.iter().any(same))
    }

    fn take(&mut self, name: &str, json: &Value, depth: usize) -> Result<(), FactsError> {
        match json {
            Value::Object(entries) => {
                if depth >= DEPTH_MAX {
                    return Err(FactsError::TooMany);
                }
                for (key, value) in entries {
                    let name = if name.is_empty() { key.clone() } else { format!("{name}_{key}") };
                    if key.is_empty() || !key.chars().all(|c| c.is_alphanumeric() || c == '_') {
                        return Err(FactsError::Name { name });
                    }
                    self.take(&name, value, depth + 1)?;
                }
                Ok(())
            }
            Value::Array(items) => {
                let values: Option<Vec<String>> = items.iter().map(plain).collect();
                self.keep(name, values.ok_or_else(|| FactsError::List { name: name.to_owned() })?)
            }
            Value::Null => Ok(()),
            Value::String(_) | Value::Number(_) | Value::Bool(_) => self.keep(name, plain(json).into_iter().collect()),
        }
    }

    fn keep(&mut self, name: &str, values: Vec<String>) -> Result<(), FactsError> {
        let chars = values.iter().map(|value| value.chars().count()).sum();
        if chars > VALUE_CHARS_MAX {
            return Err(FactsError::TooLong { name: name.to_owned(), chars });
        }
        self.0.insert(name.to_owned(), values);
        if self.0.len() > FACTS_MAX { Err(FactsError::TooMany) } else { Ok(()) }
    }
}

/// A value as it is said; none for what is more than one.
fn plain(json: &Value) -> Option<String> {
    match json {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn kind(json: &Value) -> &'static str {
    match json {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

impl fmt::Debug for CallerFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(json: &str) -> Result<CallerFacts, FactsError> {
        CallerFacts::from_json(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn objects_are_flattened_and_lists_keep_each_value() {
        let facts =
            facts(r#"{"name":"王","plan":{"id":58,"5g":true,"end":null},"visited":["pricing","FAQ"]}"#).unwrap();
        assert_eq!(facts.said("plan_id").as_deref(), Some("58"));
        assert_eq!(facts.said("plan_5g").as_deref(), Some("true"));
        assert_eq!((facts.said("plan_end"), facts.said("visited").as_deref()), (None, Some("pricing, FAQ")));
        assert!(facts.fits("visited", &["faq".to_owned()]) && facts.fits("name", &[]));
        assert!(!facts.fits("visited", &["shop".to_owned()]) && !facts.fits("age", &[]));
    }

    #[test]
    fn what_cannot_be_said_is_refused_by_name() {
        assert_eq!(facts("[1]"), Err(FactsError::NoObject("a list")));
        assert_eq!(facts(r#"{"a":[[1]]}"#), Err(FactsError::List { name: "a".to_owned() }));
        assert_eq!(facts(r#"{"a b":1}"#), Err(FactsError::Name { name: "a b".to_owned() }));
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(201));
        assert_eq!(facts(&long), Err(FactsError::TooLong { name: "a".to_owned(), chars: 201 }));
        assert_eq!(facts(r#"{"a":{"a":{"a":{"a":{"a":1}}}}}"#), Err(FactsError::TooMany));
    }

    #[test]
    fn what_no_agent_may_say_is_as_if_it_were_not_known() {
        let facts = facts(r#"{"offer":"保本保息","plan":"每月五十八元"}"#).unwrap();
        assert_eq!((facts.said("offer"), facts.said("plan").as_deref()), (None, Some("每月五十八元")));
    }

    #[test]
    fn a_customers_data_does_not_reach_debug_output() {
        assert!(!format!("{:?}", CallerFacts::default().with("name", "王小明")).contains("王小明"));
    }
}
