//! `callwright prompts`: the recording sheet of a campaign, recordings taken in, what would still be synthesised.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Subcommand;
use serde_json::json;

use super::campaigns;
use super::options::Lang;
use crate::asr::Language;
use crate::audio::Wav;
use crate::speech::prompts::{Figures, Pack, Prompt, Script, Sentence, Take, sheet};

/// A larger file is no recording of a sentence: ten minutes of stereo at 48 kHz, 16 bit.
const FILE_BYTES_MAX: u64 = 120 << 20;

/// What `callwright prompts` takes.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the recording sheet of a campaign, CSV for any spreadsheet: what to record, how, and under which file name.
    Export {
        #[command(flatten)]
        of: Of,
        /// Where to; without it the sheet goes to standard output.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Take recordings (WAV files named by id) into the prompt pack: checked, trimmed, brought to one loudness.
    Import {
        /// The folder of the recordings.
        dir: PathBuf,
        #[command(flatten)]
        of: Of,
        /// Who speaks, for the index.
        #[arg(long, default_value = "recorded", value_name = "NAME")]
        voice: String,
        /// A JSON line a file, and one for the pack.
        #[arg(long)]
        json: bool,
    },
    /// Name what would still be synthesised; exit code 0 when nothing is missing, 1 when something is.
    Check {
        #[command(flatten)]
        of: Of,
        /// A JSON line a finding, and one for the pack.
        #[arg(long)]
        json: bool,
    },
}

/// Which pack.
#[derive(clap::Args)]
struct Of {
    /// The campaign: its name (campaigns/NAME.toml) or its file.
    #[arg(long, value_name = "NAME")]
    campaign: String,
    /// The language.
    #[arg(long)]
    lang: Lang,
    /// Only what this persona says; without it all.
    #[arg(long)]
    persona: Option<Persona>,
    /// The folder of all packs.
    #[arg(long, default_value = "prompts", value_name = "DIR")]
    prompts: PathBuf,
}

/// A persona on the command line.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Persona {
    /// Polite and to the point.
    Business,
    /// As among friends.
    Casual,
}

impl Persona {
    const fn id(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Casual => "casual",
        }
    }
}

impl Of {
    fn open(&self) -> Result<(Script, Pack)> {
        let language = Language::from(self.lang);
        let named = !self.campaign.ends_with(".toml");
        let path = if named { format!("campaigns/{}.toml", self.campaign) } else { self.campaign.clone() };
        let problems = |problems: Vec<super::problem::Problem>| {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("{}", lines.join("\n"))
        };
        let campaign = campaigns::read(Path::new(&path), &[language]).map_err(problems)?;
        let pack = Pack::open(&self.prompts, campaign.name(), language)?;
        let persona = self.persona.map(Persona::id);
        Ok((Script::of_persona(language, campaign.lines(language), persona), pack))
    }
}

/// Runs one of the three.
pub fn run(args: Args) -> Result<ExitCode> {
    match args.command {
        Command::Export { of, out } => export(&of.open()?.0, out.as_deref()),
        Command::Import { dir, of, voice, json } => {
            let (script, pack) = of.open()?;
            import(&dir, &script, pack, &voice, Show::of(json))
        }
        Command::Check { of, json } => {
            let (script, pack) = of.open()?;
            check(&script, &pack, Show::of(json))
        }
    }
}

/// For a person or for a program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Show {
    Table,
    Json,
}

impl Show {
    fn of(json: bool) -> Self {
        if json { Self::Json } else { Self::Table }
    }

    /// A line to standard output at once.
    fn line(self, table: &str, json: &serde_json::Value) -> Result<()> {
        let mut out = std::io::stdout().lock();
        match self {
            Self::Table => writeln!(out, "{table}")?,
            Self::Json => writeln!(out, "{json}")?,
        }
        Ok(out.flush()?)
    }

    fn heading(self, heading: &str) {
        if self == Self::Table {
            println!("{heading}");
        }
    }
}

fn export(script: &Script, out: Option<&Path>) -> Result<ExitCode> {
    let sheet = sheet(script);
    match out {
        Some(path) => fs::write(path, sheet).with_context(|| path.display().to_string())?,
        None => std::io::stdout().lock().write_all(sheet.as_bytes())?,
    }
    let minutes = script.entries.iter().map(|entry| entry.seconds).sum::<f32>() / 60.0;
    eprintln!("{} prompts, about {minutes:.0} minutes of speech", script.entries.len());
    Ok(ExitCode::SUCCESS)
}

fn import(dir: &Path, script: &Script, mut pack: Pack, voice: &str, show: Show) -> Result<ExitCode> {
    let entries = fs::read_dir(dir).with_context(|| dir.display().to_string())?;
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("wav")));
    files.sort();
    ensure!(
        !files.is_empty(),
        "{}: no WAV file; name them as the sheet says, such as zh-0123456789.wav",
        dir.display()
    );
    show.heading("文件 file              结果 result  Hz     秒 s   电平 dBov  底噪 dBov  增益 dB");
    let mut refused = 0;
    for path in &files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match take(path, script) {
            Ok((prompt, take)) => {
                pack.put(prompt, &take, &name, voice)?;
                let Figures { rate_hz, seconds, level_dbov, room_dbov, gain_db } = take.figures;
                show.line(
                    &format!("{name:<22} ok           {rate_hz:<6} {seconds:>4.1} {level_dbov:>9.1} {room_dbov:>10.1} {gain_db:>+8.1}"),
                    &json!({"file": name, "id": prompt.id, "result": "imported", "rate_hz": rate_hz, "seconds": seconds,
                        "level_dbov": level_dbov, "room_dbov": room_dbov, "gain_db": gain_db}),
                )?;
            }
            Err(why) => {
                refused += 1;
                let why = format!("{why:#}");
                show.line(
                    &format!("{name:<22} 退回 REFUSED {why}"),
                    &json!({"file": name, "result": "refused", "why": why}),
                )?;
            }
        }
    }
    pack.save()?;
    let (wanted, recorded) = (script.entries.len(), script.entries.iter().filter(|e| pack.has(&e.prompt.id)).count());
    show.line(
        &format!(
            "{}: 已录 recorded {recorded}/{wanted} ({:.1}%); {} imported, {refused} refused",
            pack.folder().display(),
            percent(recorded, wanted),
            files.len() - refused
        ),
        &json!({"pack": pack.folder(), "prompts": wanted, "recorded": recorded, "imported": files.len() - refused,
            "refused": refused}),
    )?;
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads a file and makes a take of it; its name begins with the id of its prompt.
fn take<'a>(path: &Path, script: &'a Script) -> Result<(&'a Prompt, Take)> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let named = |id: &str| stem.strip_prefix(id).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()));
    let entry = script.entries.iter().find(|entry| named(&entry.prompt.id)).context(
        "编号不在话术中 no prompt of this campaign has this id: was the text edited? export the sheet again",
    )?;
    let bytes = fs::metadata(path)?.len();
    ensure!(bytes <= FILE_BYTES_MAX, "{bytes} bytes, at most {FILE_BYTES_MAX}: one sentence a file");
    let wav = Wav::read(std::io::BufReader::new(fs::File::open(path)?))
        .context("not a WAV that can be read: save it as PCM, 16 or 24 bit, or float")?;
    Ok((&entry.prompt, Take::of(&wav, entry)?))
}

fn check(script: &Script, pack: &Pack, show: Show) -> Result<ExitCode> {
    let mut gaps = 0;
    for entry in &script.entries {
        let id = &entry.prompt.id;
        let found = pack.recordings.get(id).map(|recording| pack.sound(id, recording));
        let why = match found {
            Some(Ok(_)) => continue,
            Some(Err(why)) => why.to_string(),
            None => "未录 not recorded".to_owned(),
        };
        gaps += 1;
        show.line(
            &format!("{id}  {}  {}  [{why}]", entry.places[0], entry.prompt.text),
            &json!({"id": id, "result": "missing", "text": entry.prompt.text, "places": entry.places, "why": why}),
        )?;
    }
    let mut orphans = 0;
    for (id, recording) in pack.recordings.iter().filter(|(id, _)| script.entry(id).is_none()) {
        orphans += 1;
        show.line(
            &format!("{id}  {}  [多余 orphan: no text of the campaign; delete it]", recording.text),
            &json!({"id": id, "result": "orphan", "text": recording.text}),
        )?;
    }
    let all = script.sentences.len();
    let recorded = |sentence: &&Sentence| sentence.template.prompts().all(|prompt| pack.has(&prompt.id));
    let complete = script.sentences.iter().filter(recorded).count();
    let slots = script.sentences.iter().filter(|sentence| sentence.template.has_slot()).count();
    show.line(
        &format!(
            "{}: {gaps}/{} prompts missing; {complete}/{all} sentences ({:.1}%) need no synthesiser but for slots; \
             {slots} have slots (times, names: dynamic vocabulary is not recorded yet); {orphans} orphans",
            pack.folder().display(),
            script.entries.len(),
            percent(complete, all)
        ),
        &json!({"pack": pack.folder(), "prompts": script.entries.len(), "missing": gaps, "sentences": all,
            "sentences_recorded": complete, "sentences_with_slots": slots, "orphans": orphans}),
    )?;
    Ok(if gaps == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::prompts::Line;

    #[test]
    fn a_complete_pack_passes_and_one_with_a_gap_does_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let line = |text: &str| Line { place: "notice".to_owned(), text: text.to_owned(), persona: None };
        let script = Script::new(Language::Zh, vec![line("您好，请讲。"), line("那我{when}打给您。")]);
        let mut pack = Pack::open(folder.path(), "small", Language::Zh).expect("a folder");
        let mut codes = vec![format!("{:?}", check(&script, &pack, Show::Table).expect("checked"))];
        for entry in &script.entries {
            let voice = (0..(entry.seconds * 8000.0) as usize).map(|n| if n % 40 < 20 { 3000 } else { -3000 });
            let left = std::iter::repeat_n(0, 4000).chain(voice).chain(std::iter::repeat_n(0, 4000)).collect();
            let take = Take::of(&Wav { sample_rate_hz: 8000, left, right: None }, entry).expect("a good take");
            pack.put(&entry.prompt, &take, "a.wav", "Ann").expect("written");
            codes.push(format!("{:?}", check(&script, &pack, Show::Table).expect("checked")));
        }
        let (gaps, complete) = (format!("{:?}", ExitCode::FAILURE), format!("{:?}", ExitCode::SUCCESS));
        assert_eq!(codes, [gaps.clone(), gaps.clone(), gaps, complete]);
    }
}
