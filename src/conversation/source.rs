//! The text of a campaign: its own file and the base that it extends, read into one [`CampaignFile`].
//!
//! The own file is parsed behind as many newlines as the base has bytes, so one span names both the file and the place
//! in it. Every entry is read by itself, so that all wrong shapes are found in one go.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use miette::NamedSource;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, ValueDeserializer};

use super::error::{CampaignError, Located, Problem};
use super::file::CampaignFile;

/// Tables of which the campaign replaces single entries of the base; everything else it replaces whole.
const MERGED: [&str; 5] = ["keys", "facts", "state", "end", "on"];

/// Problems with their places in the joined text.
pub(super) type Problems = Vec<(Problem, Range<usize>)>;

/// The files of a campaign.
pub(super) struct Sources {
    base: Option<Arc<NamedSource<String>>>,
    own: Arc<NamedSource<String>>,
    /// Where the own file begins in the joined text: the length of the base.
    own_at: usize,
}

impl Sources {
    /// The campaign's own text, and its base where it names one.
    pub fn new(
        path: &Path,
        own: String,
        read: impl Fn(&Path) -> std::io::Result<String>,
    ) -> Result<Self, CampaignError> {
        let extends = extended(&own);
        let mut sources = Self::alone(path, own);
        let Some(extends) = extends else { return Ok(sources) };
        let base = path.parent().unwrap_or(Path::new("")).join(extends.get_ref());
        let name = base.display().to_string();
        match read(&base) {
            Ok(text) if extended(&text).is_some() => Err(sources.error(vec![(Problem::Chain(name), extends.span())])),
            Ok(text) => {
                sources.own_at = text.len();
                sources.base = Some(Arc::new(NamedSource::new(name, text)));
                Ok(sources)
            }
            Err(why) => {
                let problem = Problem::Unreadable { file: name, why: why.to_string() };
                Err(sources.error(vec![(problem, extends.span())]))
            }
        }
    }

    /// A file without a base.
    pub fn alone(path: &Path, own: String) -> Self {
        Self { base: None, own: Arc::new(NamedSource::new(path.display().to_string(), own)), own_at: 0 }
    }

    /// Whether the place is in the campaign's own file.
    pub fn is_own(&self, at: &Range<usize>) -> bool {
        at.start >= self.own_at
    }

    /// The beginning of the own file: the place of what is missing.
    pub fn start(&self) -> Range<usize> {
        self.own_at..self.own_at
    }

    /// All entries of the files, and what is wrong with their shape. No file: nothing of it can be checked further.
    pub fn parse(&self) -> (Option<CampaignFile>, Problems) {
        let mut problems = Vec::new();
        let mut table = self.base.as_ref().map(|base| parsed(base.inner(), &mut problems)).unwrap_or_default();
        let padded = "\n".repeat(self.own_at) + self.own.inner();
        merge(&mut table, parsed(&padded, &mut problems));
        if !problems.is_empty() {
            return (None, problems); // an entry may be cut off: what else seems wrong may not be
        }
        let mut entries = Entries { problems, broken: Vec::new() };
        let opening = table.remove("opening").map(|list| entries.list(list)).unwrap_or_default();
        let state = table.remove("state").map(|states| entries.table(states)).unwrap_or_default();
        let end = table.remove("end").map(|ends| entries.table(ends)).unwrap_or_default();
        let on = table.remove("on").map(|answers| entries.table(answers)).unwrap_or_default();
        let head = entries.shaped(Deserializer::from(Spanned::new(self.start(), table)), self.start());
        let Entries { problems, broken } = entries;
        let file =
            head.map(|head| CampaignFile { head, opening, state: unspanned(state), end: unspanned(end), on, broken });
        (file, problems)
    }

    /// The error of these problems, in the order of their places.
    pub fn error(&self, mut problems: Problems) -> CampaignError {
        problems.sort_by_key(|(_, at)| at.start);
        CampaignError::new(
            self.own.name(),
            problems.into_iter().map(|(problem, at)| self.located(problem, at)).collect(),
        )
    }

    fn located(&self, problem: Problem, at: Range<usize>) -> Located {
        match &self.base {
            Some(base) if !self.is_own(&at) => Located::new(problem, Arc::clone(base), at),
            Some(_) | None => {
                let own = at.start - self.own_at..at.end.max(at.start) - self.own_at;
                Located::new(problem, Arc::clone(&self.own), own)
            }
        }
    }
}

/// What `extends` says.
fn extended(text: &str) -> Option<Spanned<String>> {
    let (table, _) = DeTable::parse_recoverable(text);
    let value = table.get_ref().get("extends")?;
    value.get_ref().as_str().map(|base| Spanned::new(value.span(), base.to_owned()))
}

fn parsed<'i>(text: &'i str, problems: &mut Problems) -> DeTable<'i> {
    let (table, errors) = DeTable::parse_recoverable(text);
    problems.extend(errors.into_iter().map(|error| shape(&error, 0..0)));
    table.into_inner()
}

fn shape(error: &toml::de::Error, otherwise: Range<usize>) -> (Problem, Range<usize>) {
    (Problem::Shape(error.message().to_owned()), error.span().unwrap_or(otherwise))
}

/// The campaign's entries over those of its base.
fn merge<'i>(base: &mut DeTable<'i>, own: DeTable<'i>) {
    for (key, value) in own {
        // Removed and put in again, so that the key's place is that of the value.
        let value = match (base.remove(&key), value) {
            (Some(there), value) if MERGED.contains(&key.get_ref().as_ref()) => {
                let at = value.span();
                match (there.into_inner(), value.into_inner()) {
                    (DeValue::Table(mut entries), DeValue::Table(over)) => {
                        for (name, entry) in over {
                            entries.remove(&name);
                            entries.insert(name, entry);
                        }
                        Spanned::new(at, DeValue::Table(entries))
                    }
                    (_, value) => Spanned::new(at, value),
                }
            }
            (_, value) => value,
        };
        base.insert(key, value);
    }
}

fn unspanned<T>(entries: BTreeMap<Spanned<String>, T>) -> BTreeMap<String, T> {
    entries.into_iter().map(|(name, entry)| (name.into_inner(), entry)).collect()
}

/// Reads entries one by one.
struct Entries {
    problems: Problems,
    broken: Vec<String>,
}

impl Entries {
    fn shaped<'i, T: DeserializeOwned>(
        &mut self,
        entry: impl serde::Deserializer<'i, Error = toml::de::Error>,
        at: Range<usize>,
    ) -> Option<T> {
        T::deserialize(entry).map_err(|error| self.problems.push(shape(&error, at))).ok()
    }

    fn entry<T: DeserializeOwned>(&mut self, entry: Spanned<DeValue<'_>>) -> Option<Spanned<T>> {
        let at = entry.span();
        self.shaped(ValueDeserializer::from(entry), at.clone()).map(|read| Spanned::new(at, read))
    }

    fn list<T: DeserializeOwned>(&mut self, list: Spanned<DeValue<'_>>) -> Vec<Spanned<T>> {
        let at = list.span();
        let DeValue::Array(entries) = list.into_inner() else {
            self.problems.push((Problem::Shape("expected a list of tables".to_owned()), at));
            return Vec::new();
        };
        entries.into_iter().filter_map(|entry| self.entry(entry)).collect()
    }

    fn table<T: DeserializeOwned>(&mut self, table: Spanned<DeValue<'_>>) -> BTreeMap<Spanned<String>, Spanned<T>> {
        let at = table.span();
        let DeValue::Table(entries) = table.into_inner() else {
            self.problems.push((Problem::Shape("expected a table".to_owned()), at));
            return BTreeMap::new();
        };
        let mut read = BTreeMap::new();
        for (name, entry) in entries {
            let (key_at, name) = (name.span(), name.into_inner().into_owned());
            match self.entry(entry) {
                Some(entry) => {
                    read.insert(Spanned::new(key_at, name), entry);
                }
                None => self.broken.push(name),
            }
        }
        read
    }
}
