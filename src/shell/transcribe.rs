//! `callwright transcribe`: files of sound to text, one line a file, as a call would be heard: one thread, telephone band,
//! the model warm. A file of any length is read in pieces that are cut at pauses, so that memory stays small.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::asr::whisper::{WhisperModel, WhisperRecognizer};
use crate::asr::windows::cut;
use crate::asr::{Language, Recognizer};
use crate::audio::{SoundFile, Utterance16k, resample_all};

use super::options::{Lang, Shared};

/// Sound read at a time; a piece is cut in its second half.
const PIECE_S: usize = 30;
/// What a call carries. Models of ours have heard nothing else; sound at other rates goes through it.
const TELEPHONE_HZ: u32 = 8_000;

/// What the command line says.
#[derive(clap::Args)]
pub struct Args {
    /// The language that is spoken.
    #[arg(long)]
    lang: Lang,
    /// One JSON object a file: file, text, confidence, audio_ms, decode_ms.
    #[arg(long)]
    json: bool,
    /// Configuration file, for its [recognizer].
    #[arg(long)]
    config: Option<PathBuf>,
    /// WAV or FLAC, 8 kHz or more, any length; channels are mixed down.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// What was heard in one file.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    text: String,
    /// The geometric mean of the probabilities of its tokens, 0 to 1; 1 where nothing was said.
    confidence: f32,
    audio_ms: u64,
    decode_ms: u64,
}

/// Transcribes; fails at the end if a file could not be read.
pub fn run(args: Args) -> Result<ExitCode> {
    let language = Language::from(args.lang);
    let shared = Shared { config: args.config, listen: None, http: None, lang: Some(args.lang), trace: None };
    let config = shared.config()?.recognizer;
    let mut recognizer = WhisperModel::load(&config.model, &config.decoder)?.state(&[language])?;
    let hiss: Vec<i16> = (0..16_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 20) as i16).collect();
    recognizer.transcribe(&Utterance16k::new(hiss), language)?; // the first decode pays for all memory

    let mut failed = false;
    for path in &args.files {
        match transcribe(path, language, &mut recognizer) {
            Ok(line) => print(&line, args.json).context("standard output")?,
            Err(why) => {
                failed = true;
                eprintln!("callwright: {}: {why:#}", path.display());
            }
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn print(line: &Line<'_>, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, line)?;
        writeln!(out)?;
    } else {
        let (seconds, decode_ms) = (line.audio_ms as f64 / 1000.0, line.decode_ms);
        writeln!(out, "{}  {seconds:.1} s in {decode_ms} ms  {:.2}  {}", line.file, line.confidence, line.text)?;
    }
    out.flush()
}

fn transcribe<'a>(path: &'a Path, language: Language, recognizer: &mut WhisperRecognizer) -> Result<Line<'a>> {
    let mut file = SoundFile::open(BufReader::new(File::open(path)?))?;
    let rate_hz = file.sample_rate_hz();
    let piece = PIECE_S * rate_hz as usize;
    let (mut waiting, mut samples) = (Vec::new(), 0);
    let mut heard = Heard::default();
    loop {
        let before = waiting.len();
        let more = file.read(piece + 1 - before.min(piece), &mut waiting)?;
        samples += (waiting.len() - before) as u64;
        while waiting.len() > piece {
            let rest = waiting.split_off(cut(&waiting[..piece], rate_hz));
            heard.piece(&waiting, rate_hz, language, recognizer)?;
            waiting = rest;
        }
        if !more {
            break;
        }
    }
    heard.piece(&waiting, rate_hz, language, recognizer)?;
    Ok(Line {
        file: path.to_str().context("the file's name is not UTF-8")?,
        confidence: heard.confidence(),
        text: heard.text,
        audio_ms: samples * 1000 / u64::from(rate_hz),
        decode_ms: heard.decode.as_millis() as u64,
    })
}

/// What the pieces of a file gave together.
#[derive(Default)]
struct Heard {
    text: String,
    /// Log-probabilities weighted by characters.
    logprob_sum: f32,
    characters: f32,
    decode: std::time::Duration,
}

impl Heard {
    fn piece(
        &mut self,
        samples: &[i16],
        rate_hz: u32,
        language: Language,
        recognizer: &mut WhisperRecognizer,
    ) -> Result<()> {
        let telephone = resample_all(samples, rate_hz, TELEPHONE_HZ);
        let audio = resample_all(&telephone, TELEPHONE_HZ, Utterance16k::SAMPLE_RATE_HZ);
        let transcript = recognizer.transcribe(&Utterance16k::new(audio), language)?;
        let text = transcript.text.reveal();
        let characters = text.chars().count() as f32;
        self.logprob_sum += transcript.mean_logprob * characters;
        self.characters += characters;
        self.decode += transcript.decode;
        language.join(&mut self.text, text);
        Ok(())
    }

    fn confidence(&self) -> f32 {
        if self.characters == 0.0 { 1.0 } else { (self.logprob_sum / self.characters).exp() }
    }
}
