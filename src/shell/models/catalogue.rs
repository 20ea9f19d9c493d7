//! The models that can be fetched by name: models/catalogue.toml, compiled in.

use anyhow::{Context, Result};
use serde::Deserialize;

/// All of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// By size.
    pub model: Vec<Entry>,
}

/// A model that somebody publishes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What people type.
    pub name: String,
    /// Where it lies; the last part is the file's name.
    pub url: String,
    /// Its size.
    pub bytes: u64,
    /// Its checksum, in lower-case hexadecimal digits.
    pub sha256: String,
    /// Those of ours that it knows.
    pub languages: Vec<String>,
    /// What one recogniser state needs with it, about.
    pub memory_mib: u32,
    /// For what.
    pub suits: String,
}

impl Catalogue {
    /// The one that is compiled in.
    pub fn ours() -> Result<Self> {
        toml::from_str(include_str!("../../../models/catalogue.toml")).context("models/catalogue.toml")
    }
}

impl Entry {
    /// The name of its file.
    pub fn file(&self) -> &str {
        self.url.rsplit('/').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::models::installed::Kind;

    #[test]
    fn every_entry_can_be_fetched_checked_and_told_from_the_others() {
        let catalogue = Catalogue::ours().expect("valid");
        assert_eq!(catalogue.model.len(), 30);
        for (n, entry) in catalogue.model.iter().enumerate() {
            assert!(entry.url.starts_with("https://") && Kind::of(entry.file()).is_some(), "{}", entry.name);
            let is_sum =
                entry.sha256.len() == 64 && entry.sha256.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
            assert!(is_sum, "{}", entry.name);
            let is_new =
                |other: &Entry| other.name != entry.name && other.sha256 != entry.sha256 && other.url != entry.url;
            assert!(catalogue.model[..n].iter().all(is_new), "{}", entry.name);
            assert_eq!(entry.languages.contains(&"zh".to_owned()), !entry.name.contains(".en"), "{}", entry.name);
        }
    }
}
