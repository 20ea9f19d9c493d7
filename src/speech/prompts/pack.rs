//! A pack: the recordings of a campaign in one language, in a folder of its own, `NAME/LANG/index.json` beside its WAV
//! files; and [`Prompts`], the same made ready for calls.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::hash::Hasher;
use std::io::Write;
use std::path::{Path, PathBuf};

use fnv::FnvHasher;
use serde::{Deserialize, Serialize};

use super::super::{Speech, Stretch};
use super::{Prompt, Script, Segment, Take, Template};
use crate::asr::Language;
use crate::audio::Wav;

/// A pack with more prompts is refused: a thousand are an hour of speech.
const PROMPTS_MAX: usize = 10_000;
const INDEX: &str = "index.json";
/// Silence where a comma stands between two stretches.
const COMMA_MS: usize = 150;

/// What `index.json` says of one prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// What was said.
    pub text: String,
    /// Length of the sound.
    pub seconds: f32,
    /// Level of the room behind it.
    pub room_dbov: f32,
    /// FNV-1a of the samples, to find a file that was exchanged.
    pub checksum: String,
    /// The file that was imported.
    pub source: String,
    /// Who speaks.
    pub voice: String,
}

/// The index of a pack, and where it lies.
#[derive(Debug, Clone)]
pub struct Pack {
    folder: PathBuf,
    /// By id.
    pub recordings: BTreeMap<String, Recording>,
}

/// The file, beside nothing else.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IndexFile {
    sample_rate_hz: u32,
    prompts: BTreeMap<String, Recording>,
}

/// What is wrong with a pack.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The file system's complaint.
    #[error("{}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What it said.
        why: String,
    },
    /// The file is not the one that was imported.
    #[error("{}: not the recording of the index (checksum {found}, expected {expected}): import it again", path.display())]
    Exchanged {
        /// The file.
        path: PathBuf,
        /// What its samples give.
        found: String,
        /// What the index says.
        expected: String,
    },
    /// More than can be right.
    #[error("{}: {count} prompts, at most {PROMPTS_MAX}", path.display())]
    TooMany {
        /// The index.
        path: PathBuf,
        /// Prompts in it.
        count: usize,
    },
}

/// A recording, ready for calls.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Its sound.
    pub speech: Speech,
    /// Level of the room behind it.
    pub room_dbov: f32,
}

impl Pack {
    /// Reads the index of `root/campaign/LANG`; an absent one is an empty pack.
    pub fn open(root: &Path, campaign: &str, language: Language) -> Result<Self, PackError> {
        let folder = root.join(campaign).join(language.code());
        let path = folder.join(INDEX);
        let recordings = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice::<IndexFile>(&bytes).map_err(|why| file(&path, why))?.prompts,
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(why) => return Err(file(&path, why)),
        };
        let count = recordings.len();
        if count > PROMPTS_MAX {
            return Err(PackError::TooMany { path, count });
        }
        Ok(Self { folder, recordings })
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether a prompt is recorded.
    pub fn has(&self, id: &str) -> bool {
        self.recordings.contains_key(id)
    }

    /// Writes the sound of a take; the index follows with [`Pack::save`].
    pub fn put(&mut self, prompt: &Prompt, take: &Take, source: &str, voice: &str) -> Result<(), PackError> {
        let path = self.path(&prompt.id);
        let Recorded { speech, room_dbov } = &take.recorded;
        let wav = Wav { sample_rate_hz: Speech::SAMPLE_RATE_HZ, left: speech.samples().to_vec(), right: None };
        fs::create_dir_all(&self.folder).map_err(|why| file(&self.folder, why))?;
        let mut bytes = std::io::Cursor::new(Vec::new());
        wav.write(&mut bytes).map_err(|why| file(&path, why))?;
        replace(&path, bytes.get_ref())?;
        let recording = Recording {
            text: prompt.text.clone(),
            seconds: speech.duration().as_millis() as f32 / 1000.0,
            room_dbov: (room_dbov * 10.0).round() / 10.0,
            checksum: checksum(speech.samples()),
            source: source.to_owned(),
            voice: voice.to_owned(),
        };
        self.recordings.insert(prompt.id.clone(), recording);
        Ok(())
    }

    /// Writes the index.
    pub fn save(&self) -> Result<(), PackError> {
        let path = self.folder.join(INDEX);
        let index = IndexFile { sample_rate_hz: Speech::SAMPLE_RATE_HZ, prompts: self.recordings.clone() };
        let text = serde_json::to_vec_pretty(&index).map_err(|why| file(&path, why))?;
        fs::create_dir_all(&self.folder).map_err(|why| file(&self.folder, why))?;
        replace(&path, &text)
    }

    /// Reads a recording's sound, and checks that it is the one that was imported.
    pub fn sound(&self, id: &str, recording: &Recording) -> Result<Recorded, PackError> {
        let path = self.path(id);
        let source = fs::File::open(&path).map_err(|why| file(&path, why))?;
        let samples = Wav::read(std::io::BufReader::new(source)).map_err(|why| file(&path, why))?.left;
        let (found, expected) = (checksum(&samples), recording.checksum.clone());
        if found != expected {
            return Err(PackError::Exchanged { path, found, expected });
        }
        Ok(Recorded { speech: Speech::new(samples), room_dbov: recording.room_dbov })
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.wav"))
    }
}

fn file(path: &Path, why: impl std::fmt::Display) -> PackError {
    PackError::File { path: path.to_owned(), why: why.to_string() }
}

/// Writes a file whole or not at all: calls may be reading the old one.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), PackError> {
    let new = path.with_extension("new");
    let write = || {
        let mut target = fs::File::create(&new)?;
        target.write_all(bytes)?;
        target.sync_all()?;
        fs::rename(&new, path)
    };
    write().map_err(|why| file(path, why))
}

fn checksum(samples: &[i16]) -> String {
    let mut hash = FnvHasher::default();
    samples.iter().for_each(|sample| hash.write(&sample.to_le_bytes()));
    format!("{:016x}", hash.finish())
}

/// What has been recorded of a script, ready for calls: read-only, shared by all of them.
#[derive(Debug, Default)]
pub struct Prompts {
    /// Whole sentences by their text.
    whole: HashMap<String, Recorded>,
    /// Parts of sentences by their id.
    parts: HashMap<String, Recorded>,
    /// Sentences with a slot of which a part is recorded.
    templates: Vec<Template>,
}

impl Prompts {
    /// Reads what `pack` has of `script`.
    pub fn load(pack: &Pack, script: &Script) -> Result<Self, PackError> {
        let mut prompts = Self::default();
        for sentence in &script.sentences {
            for prompt in sentence.template.prompts() {
                let Some(recording) = pack.recordings.get(&prompt.id) else { continue };
                let recorded = pack.sound(&prompt.id, recording)?;
                if sentence.template.parts.len() == 1 {
                    prompts.whole.insert(prompt.text.clone(), recorded);
                } else {
                    prompts.parts.insert(prompt.id.clone(), recorded);
                }
            }
            if sentence.template.parts.len() > 1
                && sentence.template.prompts().any(|p| prompts.parts.contains_key(&p.id))
            {
                prompts.templates.push(sentence.template.clone());
            }
        }
        let fixed = |template: &Template| template.prompts().map(|prompt| prompt.text.len()).sum::<usize>();
        prompts.templates.sort_by_key(|template| std::cmp::Reverse(fixed(template))); // the closest fit first
        Ok(prompts)
    }

    /// The recording of a whole sentence.
    pub fn whole(&self, text: &str) -> Option<Speech> {
        self.whole.get(text.trim()).map(|recorded| recorded.speech.clone())
    }

    /// The stretches of a sentence of which something is recorded; `speak` makes the others.
    pub fn stretches<E>(
        &self,
        text: &str,
        mut speak: impl FnMut(&str) -> Result<Speech, E>,
    ) -> Option<Result<Vec<Stretch>, E>> {
        let text = text.trim();
        let cut = self.templates.iter().find_map(|template| template.cut(text))?;
        let recorded = |segment: &Segment<'_>| self.parts.get(&segment.prompt?.id);
        // What is not recorded is spoken in one breath with the slot beside it.
        let runs = cut.chunk_by(|a, b| recorded(a).is_none() && recorded(b).is_none());
        let stretch = |run: &[Segment<'_>]| {
            let range = run.first().map_or(0, |first| first.range.start)..run.last().map_or(0, |last| last.range.end);
            let words = text[range].trim();
            let recorded = run.first().and_then(recorded);
            let speech = recorded.map_or_else(|| speak(words), |recorded| Ok(recorded.speech.clone()))?;
            let pause_ms = if words.ends_with(|c: char| c.is_alphanumeric()) { 0 } else { COMMA_MS };
            Ok(Stretch { speech, room_dbov: recorded.map(|recorded| recorded.room_dbov), pause_ms })
        };
        Some(runs.map(stretch).collect())
    }
}
