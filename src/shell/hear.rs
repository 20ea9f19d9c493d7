//! `callwright hear`: what the ear hears in files of sound without understanding words: signals of the network, and where
//! somebody speaks and how it sounds, by itself and against what one speaker said before in the file.

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::audio::{Frame8k, PcmFrame, SoundFile, resample_all};
use crate::hearing::tones::{Tone, ToneDetector};
use crate::hearing::{Baseline, Earshot, Heard, Manner, Prosody, TurnConfig, TurnDetector};

/// What a line carries.
const TELEPHONE_HZ: u32 = 8_000;
/// Longer files are refused: an hour.
const SOUND_S_MAX: usize = 3_600;
const FRAME_MS: u64 = 20;

/// What the command line says.
#[derive(clap::Args)]
pub struct Args {
    /// One JSON object a file: file, tones, speech.
    #[arg(long)]
    json: bool,
    /// WAV or FLAC, 8 kHz or more, up to an hour; channels are mixed down.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// What was heard in one file.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    tones: Vec<Tone>,
    speech: Vec<Stretch>,
}

/// Speech up to a pause.
#[derive(Serialize)]
struct Stretch {
    from_ms: u64,
    to_ms: u64,
    prosody: Prosody,
    /// Against the turns before it in the file.
    manner: Option<Manner>,
}

/// Hears; fails at the end if a file could not be read.
pub fn run(args: Args) -> Result<ExitCode> {
    let mut failed = false;
    for path in &args.files {
        match hear(path) {
            Ok(line) => print(&line, args.json).context("standard output")?,
            Err(why) => {
                failed = true;
                eprintln!("callwright: {}: {why:#}", path.display());
            }
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn print(line: &Line<'_>, json: bool) -> Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, line)?;
        writeln!(out)?;
    } else {
        writeln!(out, "{}", line.file)?;
        for tone in &line.tones {
            let second = if tone.second_hz > 0.0 { format!(" + {} Hz", tone.second_hz) } else { String::new() };
            let name = tone.kind.id();
            writeln!(out, "  {:>7} to {:>7} ms  {name}, {} Hz{second}", tone.from_ms, tone.to_ms, tone.hz)?;
        }
        for Stretch { from_ms, to_ms, .. } in &line.speech {
            writeln!(out, "  {from_ms:>7} to {to_ms:>7} ms  speech")?;
        }
    }
    Ok(out.flush()?)
}

fn hear(path: &Path) -> Result<Line<'_>> {
    let mut file = SoundFile::open(BufReader::new(File::open(path)?))?;
    let rate_hz = file.sample_rate_hz();
    let mut samples = Vec::new();
    while file.read(rate_hz as usize, &mut samples)? {
        if samples.len() > SOUND_S_MAX * rate_hz as usize {
            bail!("longer than {SOUND_S_MAX} s");
        }
    }
    // The last word is followed by silence, so that it ends.
    let mut samples = resample_all(&samples, rate_hz, TELEPHONE_HZ);
    samples.resize(samples.len() + 2 * TELEPHONE_HZ as usize, 0);
    let (mut tones, mut speech): (Vec<Tone>, Vec<Stretch>) = (Vec::new(), Vec::new());
    let mut signals = ToneDetector::new();
    let mut turns = TurnDetector::new(TurnConfig::default(), Box::new(Earshot::new()));
    let mut speaker = Baseline::default();
    for (at, chunk) in samples.chunks_exact(Frame8k::SAMPLES).enumerate() {
        let frame = PcmFrame(std::array::from_fn(|n| chunk[n]));
        if let Some(tone) = signals.hear(&frame) {
            tones.retain(|before| (before.kind, before.from_ms) != (tone.kind, tone.from_ms));
            tones.push(tone);
        }
        match turns.hear(&frame) {
            Some(Heard::Paused) => {
                let prosody = turns.prosody();
                let to_ms = (at as u64 + 1) * FRAME_MS - u64::from(TurnConfig::default().pause_ms);
                let from_ms = to_ms.saturating_sub(prosody.speech_ms.into());
                speech.push(Stretch { from_ms, to_ms, prosody, manner: speaker.measure(&prosody) });
            }
            Some(Heard::Ended { .. }) => speaker.learn(&turns.prosody()),
            Some(Heard::Started { .. } | Heard::Resumed | Heard::Dismissed { .. }) | None => {}
        }
    }
    Ok(Line { file: path.to_str().context("the file's name is not UTF-8")?, tones, speech })
}
