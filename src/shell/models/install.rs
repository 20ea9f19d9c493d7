//! Taking a model in: fetched or copied beside its place, checked, and only then put there, in one step, so that a running
//! agent never reads half of it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::catalogue::{Catalogue, Entry};
use super::download::{self, Order, Patience};
use super::installed::{Kind, is_same};
use super::mebibytes;
use super::progress::Progress;
use super::sums::{self, Sums};

/// Where files are gathered, in the folder of the models: a rename from here is one step.
const GATHERED: &str = ".partial";
/// No model is larger: large-v3 has 3 GB.
const MODEL_BYTES_MAX: u64 = 8 << 30;

/// Which file is the right one.
pub enum Trust {
    /// The one whose checksum is known: the catalogue's.
    Known,
    /// The one with this checksum.
    Sum(String),
    /// Any.
    Anything,
}

/// What is to be taken in.
struct Wanted<'a> {
    source: Source<'a>,
    /// What the file is called here.
    name: String,
    kind: Kind,
    /// What its checksum must be.
    sha256: Option<String>,
    /// What its size must be.
    bytes: Option<u64>,
}

enum Source<'a> {
    Url(&'a str),
    File(&'a Path),
}

/// Installs it, and says how to use it.
pub fn run(source: &str, trust: Trust, name: Option<String>, folder: &Path, used: &[PathBuf]) -> Result<ExitCode> {
    let catalogue = Catalogue::ours()?;
    let wanted = Wanted::find(source, trust, name, &catalogue)?;
    let mut sums = Sums::read(folder)?;
    let path = folder.join(&wanted.name);
    if let Some(sha256) = &wanted.sha256
        && path.is_file()
        && sums::of_file(&path).is_ok_and(|sum| sum == *sha256)
        && wanted.kind.check(&path).is_ok()
    {
        sums.record(folder, &wanted.name, sha256)?;
        println!("installed {}, it was there already", path.display());
        return Ok(ExitCode::SUCCESS);
    }
    let sum = match &wanted.source {
        Source::File(file) if is_same(file, &path) => wanted.examine(file)?,
        Source::File(_) | Source::Url(_) => wanted.put(folder, &path)?,
    };
    sums.record(folder, &wanted.name, &sum)?;
    let bytes = fs::metadata(&path).with_context(|| path.display().to_string())?.len();
    println!("installed {}, {}, SHA-256 {sum}", path.display(), mebibytes(bytes));
    println!("{}", wanted.kind.use_of(&path, used));
    Ok(ExitCode::SUCCESS)
}

impl Kind {
    /// How a model is taken into use.
    fn use_of(self, path: &Path, used: &[PathBuf]) -> String {
        if used.iter().any(|file| is_same(file, path)) {
            return "the configuration names it: a running agent takes it up by itself".to_owned();
        }
        match self {
            Self::Recognizer => {
                let path = path.display();
                format!(
                    "to use it, write in callwright.toml, and start the agent again:\n[recognizer]\nmodel = \"{path}\""
                )
            }
            Self::Onnx | Self::Tokenizer | Self::LanguageModel => "nothing in the configuration uses it".to_owned(),
        }
    }
}

impl Source<'_> {
    fn shown(&self) -> String {
        match self {
            Self::Url(url) => (*url).to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

impl<'a> Wanted<'a> {
    fn find(source: &'a str, trust: Trust, name: Option<String>, catalogue: &'a Catalogue) -> Result<Self> {
        let named = catalogue.model.iter().find(|entry| entry.name == source);
        let (from, file) = match named {
            Some(entry) => (Source::Url(&entry.url), entry.file()),
            None => Self::elsewhere(source)?,
        };
        let entry = named.or_else(|| catalogue.model.iter().find(|entry| entry.file() == file));
        let name = name.unwrap_or_else(|| file.to_owned());
        if name.starts_with('.') || name.contains(['/', '\\', '\0']) {
            bail!("--as {name:?}: a name without a folder");
        }
        let Some(kind) = Kind::of(&name) else {
            bail!("{name:?} ends like no model: give it a name that does by --as, such as NAME.bin, .bin.zst or .onnx");
        };
        let (sha256, bytes) = match (trust, entry) {
            (Trust::Sum(sum), _) => (Some(sums::checked(&sum).context("--sha256")?), None),
            (Trust::Anything, _) => (None, None),
            (Trust::Known, Some(Entry { sha256, bytes, .. })) => (Some(sha256.clone()), Some(*bytes)),
            (Trust::Known, None) => {
                bail!("{source}: nobody here knows its checksum: give it by --sha256, or take it as it is by --trust")
            }
        };
        Ok(Self { source: from, name, kind, sha256, bytes })
    }

    /// What is not in the catalogue, and its name.
    fn elsewhere(source: &str) -> Result<(Source<'_>, &str)> {
        if source.starts_with("http://") || source.starts_with("https://") {
            let path = source.split(['?', '#']).next().unwrap_or_default();
            return Ok((Source::Url(source), path.rsplit('/').next().unwrap_or_default()));
        }
        if source.contains("://") {
            bail!("{source}: only http and https are spoken here");
        }
        let path = Path::new(source);
        match path.file_name().and_then(|name| name.to_str()) {
            Some(name) if path.is_file() => Ok((Source::File(path), name)),
            _ => bail!("{source:?} is no file, no URL and not in the catalogue: `callwright models list` shows that"),
        }
    }

    /// Gathers the file, checks it and puts it in its place; its checksum.
    fn put(&self, folder: &Path, path: &Path) -> Result<String> {
        let gathered = folder.join(GATHERED).join(&self.name);
        let sum = match &self.source {
            Source::Url(url) => self.fetch(url, &gathered)?,
            Source::File(file) => self.copy(file, &gathered)?,
        };
        if let Err(why) = self.kind.check(&gathered) {
            let _ = fs::remove_file(&gathered); // it would be no better the next time
            bail!("{}: {why}; nothing was installed", self.source.shown());
        }
        fs::rename(&gathered, path).with_context(|| path.display().to_string())?;
        let _ = fs::remove_dir(folder.join(GATHERED)); // others may be gathered there
        Ok(sum)
    }

    fn fetch(&self, url: &str, gathered: &Path) -> Result<String> {
        let mut progress = Progress::start(&self.name);
        let order = Order {
            url,
            partial: gathered,
            sha256: self.sha256.as_deref(),
            bytes: self.bytes,
            bytes_max: MODEL_BYTES_MAX,
            patience: Patience::default(),
        };
        Ok(download::fetch(&order, |have, total| progress.show(have, total))?)
    }

    fn copy(&self, file: &Path, gathered: &Path) -> Result<String> {
        let copied = || -> io::Result<()> {
            gathered.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::copy(file, gathered)?;
            File::open(gathered)?.sync_all()
        };
        copied().with_context(|| format!("{} to {}", file.display(), gathered.display()))?;
        self.sum(gathered).inspect_err(|_| _ = fs::remove_file(gathered))
    }

    /// Checks a file that lies in its place already; its checksum.
    fn examine(&self, file: &Path) -> Result<String> {
        let sum = self.sum(file)?;
        self.kind.check(file).map_err(anyhow::Error::msg)?;
        Ok(sum)
    }

    /// The checksum of a file, which must be what is wanted.
    fn sum(&self, file: &Path) -> Result<String> {
        let sum = sums::of_file(file).with_context(|| file.display().to_string())?;
        match &self.sha256 {
            Some(wanted) if *wanted != sum => {
                bail!("{} has the SHA-256 {sum}, not {wanted}: it is damaged or another file", self.source.shown())
            }
            Some(_) | None => Ok(sum),
        }
    }
}
