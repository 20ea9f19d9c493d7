//! The campaigns of a node: every file that a route or the default names. Files are watched: a changed one that is good
//! is rendered and then used by the calls that start afterwards, while running calls keep theirs; a bad one is logged and
//! shown, and the old one stays.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::asr::Language;
use crate::base::UnixMillis;
use crate::config::Config;
use crate::conversation::Campaign;
use crate::speech::prompts::{Pack, PackError, Prompts, Script};

use super::clock::Clock;
use super::problem::Problem;
use super::voices::Voices;
use super::watch::{POLL, Stamp};

/// The campaigns, by file.
pub struct Campaigns {
    files: Vec<CampaignFile>,
}

struct CampaignFile {
    path: PathBuf,
    /// In which calls are held by it.
    languages: Vec<Language>,
    held: Mutex<Held>,
}

/// What calls that start now are held by.
struct Held {
    campaign: Arc<Campaign>,
    loaded_at: UnixMillis,
    /// Of the files as they were last read: the campaign's own and those that it extends.
    stamps: Vec<Stamp>,
    /// Why the files as they are now are not used.
    error: Option<String>,
}

/// A campaign as `/health` shows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Shown {
    name: String,
    file: String,
    /// RFC 3339.
    loaded_at: String,
    error: Option<String>,
}

/// Every campaign file that the configuration names, with the languages of its calls.
pub fn named(config: &Config) -> BTreeMap<PathBuf, Vec<Language>> {
    let mut files: BTreeMap<PathBuf, Vec<Language>> = BTreeMap::new();
    for choice in config.routing.choices() {
        let languages = files.entry(choice.campaign.clone()).or_default();
        if !languages.contains(&choice.language) {
            languages.push(choice.language);
        }
    }
    files
}

/// Reads and checks a campaign that is held in these languages.
pub fn read(path: &Path, languages: &[Language]) -> Result<Campaign, Vec<Problem>> {
    read_stamped(path, languages).0
}

fn read_stamped(path: &Path, languages: &[Language]) -> (Result<Campaign, Vec<Problem>>, Vec<Stamp>) {
    let stamps = RefCell::new(Vec::new());
    let read = |path: &Path| {
        stamps.borrow_mut().push(Stamp::of(path)); // before it is read: what is written meanwhile is read again
        fs::read_to_string(path)
    };
    let whole = path.display().to_string();
    let campaign = Campaign::load(path, read).map_err(|error| Problem::of(&error, &whole)).and_then(|campaign| {
        let lacking = languages.iter().filter(|language| !campaign.languages().contains(language));
        let problem = |language: &Language| {
            Problem::new(&whole, format_args!("no texts in {}, in which calls are held by it", language.code()))
                .with_way_out("add them, or choose another language for the route or by --lang")
        };
        let problems: Vec<Problem> = lacking.map(problem).collect();
        if problems.is_empty() { Ok(campaign) } else { Err(problems) }
    });
    (campaign, stamps.into_inner())
}

impl Campaigns {
    /// Reads all that the configuration names; everything wrong with them.
    pub fn load(config: &Config, at: UnixMillis) -> Result<Self, Vec<Problem>> {
        let (mut files, mut problems) = (Vec::new(), Vec::new());
        for (path, languages) in named(config) {
            let (campaign, stamps) = read_stamped(&path, &languages);
            match campaign {
                Ok(campaign) => {
                    let held = Held { campaign: Arc::new(campaign), loaded_at: at, stamps, error: None };
                    files.push(CampaignFile { path, languages, held: Mutex::new(held) });
                }
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(Self { files }) } else { Err(problems) }
    }

    /// The campaign of a file for a call that starts now.
    pub fn current(&self, path: &Path) -> Option<Arc<Campaign>> {
        let file = self.files.iter().find(|file| file.path == path)?;
        Some(Arc::clone(&file.held().campaign))
    }

    /// All of them.
    pub fn shown(&self) -> Vec<Shown> {
        let shown = |file: &CampaignFile| {
            let held = file.held();
            let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(held.loaded_at.0) * 1_000_000).ok();
            Shown {
                name: held.campaign.name().to_owned(),
                file: file.path.display().to_string(),
                loaded_at: at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default(),
                error: held.error.clone(),
            }
        };
        self.files.iter().map(shown).collect()
    }

    /// Loads what is recorded and renders what else is the same in every call, before the first.
    pub fn render(&self, voices: &Voices, config: &Config) -> anyhow::Result<()> {
        let said = || {
            self.files.iter().flat_map(|file| {
                let campaign = Arc::clone(&file.held().campaign);
                file.languages.iter().map(move |&language| (language, Arc::clone(&campaign)))
            })
        };
        for (language, campaign) in said() {
            record(&campaign, language, voices, config)?;
            voices.warm(campaign.fixed_sentences(language), &config.speech.voice_of(campaign.name(), language))?;
        }
        let lost = said().flat_map(|(language, campaign)| {
            let voice = config.speech.voice_of(campaign.name(), language);
            campaign.fixed_sentences(language).into_iter().filter(move |sentence| !voices.holds(sentence, &voice))
        });
        match lost.count() {
            0 => {}
            lost => tracing::warn!("{lost} fixed sentences are rendered in the call: widen speech.cache_mib"),
        }
        Ok(())
    }

    /// Reads again what has changed since it was last read. `prepare` makes a new campaign ready; it is used once that
    /// is done, unless it says that there is no use for it any more.
    pub fn refresh(&self, at: UnixMillis, prepare: impl Fn(&Campaign, &[Language]) -> Prepared) {
        for file in &self.files {
            if file.held().stamps.iter().all(Stamp::holds) {
                continue;
            }
            let (read, stamps) = read_stamped(&file.path, &file.languages);
            match read {
                Ok(campaign) => match prepare(&campaign, &file.languages) {
                    Prepared::Ready => {
                        tracing::info!(file = %file.path.display(), "campaign loaded, for calls from now on");
                        *file.held() = Held { campaign: Arc::new(campaign), loaded_at: at, stamps, error: None };
                    }
                    Prepared::Abandoned => return,
                },
                Err(problems) => {
                    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
                    lines.iter().for_each(|problem| tracing::error!("the campaign stays as it was: {problem}"));
                    let mut held = file.held();
                    (held.stamps, held.error) = (stamps, Some(lines.join("\n")));
                }
            }
        }
    }
}

impl CampaignFile {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a campaign is ready to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prepared {
    /// It is.
    Ready,
    /// The node ends.
    Abandoned,
}

/// Takes the campaign's recorded prompts into use, where the configuration names their folder.
fn record(campaign: &Campaign, language: Language, voices: &Voices, config: &Config) -> Result<(), PackError> {
    let Some(root) = &config.speech.prompts else { return Ok(()) };
    let script = Script::new(language, campaign.lines(language));
    let pack = Pack::open(root, campaign.name(), language)?;
    voices.record(campaign.name(), language, Prompts::load(&pack, &script)?);
    Ok(())
}

/// Watches the files, until the sender of `nudges` is dropped. A nudge means: now.
pub fn watch(campaigns: &Campaigns, voices: &Voices, config: &Config, clock: Clock, nudges: &Receiver<()>) {
    let prepare = |campaign: &Campaign, languages: &[Language]| {
        for &language in languages {
            if let Err(why) = record(campaign, language, voices, config) {
                tracing::warn!(%why, "the prompts stay as they were");
            }
            let voice = config.speech.voice_of(campaign.name(), language);
            for sentence in campaign.fixed_sentences(language) {
                if nudges.try_recv() == Err(TryRecvError::Disconnected) {
                    return Prepared::Abandoned;
                }
                // One by one, so that a sentence of a call waits for one of these at most.
                if let Err(why) = voices.warm(vec![sentence], &voice) {
                    tracing::warn!(%why, "a sentence of the new campaign is not rendered yet");
                }
            }
        }
        Prepared::Ready
    };
    loop {
        match nudges.recv_timeout(POLL) {
            Ok(()) | Err(RecvTimeoutError::Timeout) => campaigns.refresh(clock.now().wall, prepare),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::config::Overrides;

    const TELECOM: &str = include_str!("../../campaigns/telecom.toml");
    const BASE: &str = include_str!("../../campaigns/base/sales.toml");

    /// A node with one campaign in files that can be written to.
    struct Node {
        _directory: tempfile::TempDir,
        path: PathBuf,
        base: PathBuf,
        campaigns: Campaigns,
        written: std::cell::Cell<u64>,
    }

    impl Node {
        fn start() -> Self {
            let directory = tempfile::tempdir().expect("a directory");
            let (path, base) = (directory.path().join("telecom.toml"), directory.path().join("base/sales.toml"));
            fs::create_dir(directory.path().join("base")).expect("made");
            fs::write(&base, BASE).expect("written");
            fs::write(&path, TELECOM).expect("written");
            let text =
                format!("[call]\ncampaign = {:?}\n[[route]]\ncalled = \"4\"\nlanguage = \"en\"\n", path.display());
            let config = Config::parse(&text, "test", Overrides::default()).expect("valid");
            let campaigns = Campaigns::load(&config, UnixMillis(0)).expect("good");
            Self { _directory: directory, path, base, campaigns, written: std::cell::Cell::new(0) }
        }

        /// Writes the campaign's own file.
        fn write(&self, text: &str) {
            self.write_to(&self.path, text);
        }

        /// Writes a file, a second later each time.
        fn write_to(&self, path: &Path, text: &str) {
            self.written.set(self.written.get() + 1);
            fs::write(path, text).expect("written");
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(self.written.get());
            fs::File::open(path).and_then(|file| file.set_modified(at)).expect("a time");
        }

        /// What the watch does at second `at`; how often a campaign was made ready.
        fn refresh(&self, at: i64, prepared: Prepared) -> usize {
            let count = std::cell::Cell::new(0);
            self.campaigns.refresh(UnixMillis(at * 1000), |campaign, languages| {
                assert_eq!((campaign.languages().len(), languages.len()), (2, 2));
                count.set(count.get() + 1);
                prepared
            });
            count.get()
        }

        fn name(&self) -> String {
            self.campaigns.current(&self.path).expect("known").name().to_owned()
        }

        fn shown(&self) -> Shown {
            self.campaigns.shown().remove(0)
        }
    }

    fn renamed(name: &str) -> String {
        TELECOM.replace("name = \"telecom\"", &format!("name = {name:?}"))
    }

    #[test]
    fn a_changed_campaign_is_used_by_later_calls_and_running_ones_keep_theirs() {
        let node = Node::start();
        let running = node.campaigns.current(&node.path).expect("known");
        assert_eq!(node.refresh(1, Prepared::Ready), 0, "nothing has changed");
        node.write(&renamed("telecom 2"));
        assert_eq!(node.refresh(2, Prepared::Ready), 1);
        assert_eq!((node.name().as_str(), running.name()), ("telecom 2", "telecom"));
        assert_eq!(node.shown().loaded_at, "1970-01-01T00:00:02Z");
        assert_eq!(node.refresh(3, Prepared::Ready), 0, "it is read once");
    }

    #[test]
    fn a_bad_campaign_leaves_the_old_one_and_shows_file_line_and_problem_until_it_is_good() {
        let node = Node::start();
        node.write(&renamed("x").replace("start = \"opening\"", "start = \"opennig\""));
        assert_eq!(node.refresh(1, Prepared::Ready), 0);
        let line = TELECOM.lines().position(|line| line == "start = \"opening\"").expect("there") + 1;
        let error = node.shown().error.expect("an error");
        assert!(error.contains(&format!("telecom.toml:{line}:")) && error.contains("opennig"), "{error}");
        assert_eq!(node.name(), "telecom");
        node.write(&renamed("good again"));
        assert_eq!((node.refresh(2, Prepared::Ready), node.name().as_str()), (1, "good again"));
        assert_eq!(node.shown().error, None);
    }

    #[test]
    fn a_campaign_that_is_taken_away_or_loses_a_language_stays_as_it_was() {
        let node = Node::start();
        fs::remove_file(&node.path).expect("removed");
        assert_eq!(node.refresh(1, Prepared::Ready), 0);
        assert!(node.shown().error.is_some_and(|error| error.contains("cannot be read")));
        node.write(TELECOM);
        assert_eq!((node.refresh(2, Prepared::Ready), node.shown().error), (1, None));
        node.write_to(&node.base, &BASE.replace("languages = [\"zh\", \"en\"]", "languages = [\"zh\"]"));
        assert_eq!(node.refresh(3, Prepared::Ready), 0, "the base that it extends is watched too");
        assert!(node.shown().error.is_some_and(|error| error.contains("no texts in en")), "{:?}", node.shown());
        assert_eq!(node.name(), "telecom");
    }

    #[test]
    fn a_campaign_that_could_not_be_made_ready_is_not_used() {
        let node = Node::start();
        node.write(&renamed("telecom 2"));
        assert_eq!((node.refresh(1, Prepared::Abandoned), node.name().as_str()), (1, "telecom"));
    }

    #[test]
    fn a_bad_campaign_at_the_start_is_refused_with_all_its_problems() {
        let text = "[call]\ncampaign = \"/nonexistent/x.toml\"\n[[route]]\ncalled = \"4\"\ncampaign = \"/nonexistent/y.toml\"\n";
        let config = Config::parse(text, "test", Overrides::default()).expect("valid");
        let problems = Campaigns::load(&config, UnixMillis(0)).err().expect("refused");
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(lines.len() == 2 && lines[0].contains("x.toml") && lines[1].contains("y.toml"), "{lines:?}");
    }
}
