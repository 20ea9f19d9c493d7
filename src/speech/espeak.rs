//! The leaf behind [`Synthesizer`]: espeak-ng as separate processes (GPL-3: never linked). Text goes in by stdin, so
//! that no process list shows what is said; a WAV stream comes out by stdout.
//!
//! One process speaks one text. Starting it costs more than speaking, so each voice has a process waiting that has
//! already loaded its data: when it is used, the next one is started at once. At most [`SPARES_MAX`] wait.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use super::{Piece, Speech, SynthesizeError, Synthesizer, Voice, finish, normalize, pieces};
use crate::asr::Language;
use crate::audio::resample_all;

/// A text that takes longer is given up; the process is killed.
pub const SYNTHESIS_MAX: Duration = Duration::from_secs(2);
/// Longer sound is an error.
pub const SPEECH_MAX: Duration = Duration::from_secs(30);
/// Processes that wait for a text: Mandarin, the English inside it, and one more voice. Full: the oldest ends.
pub const SPARES_MAX: usize = 3;
/// Longer texts are refused: 30 s hold no more.
pub const TEXT_BYTES_MAX: usize = 4096;

const PROGRAM: &str = "espeak-ng";
const MANDARIN: &str = "cmn-latn-pinyin";
const ENGLISH: &str = "en-us";
/// Silence between a Mandarin and a Latin piece of one sentence.
const PIECE_GAP_MS: usize = 40;
const WAV_BYTES_MAX: usize = 4096 + 2 * 48_000 * SPEECH_MAX.as_secs() as usize;

/// espeak-ng with its waiting processes; one for each worker thread.
#[derive(Debug)]
pub struct EspeakSynthesizer {
    program: PathBuf,
    spares: Vec<Process>,
}

impl EspeakSynthesizer {
    /// Checks that espeak-ng can be started.
    pub fn new() -> Result<Self, SynthesizeError> {
        Self::with_program(Path::new(PROGRAM))
    }

    fn with_program(program: &Path) -> Result<Self, SynthesizeError> {
        let missing = |why: String| SynthesizeError::Missing { program: program.display().to_string(), why };
        let output = Command::new(program).arg("--version").stdin(Stdio::null()).output();
        let output = output.map_err(|error| missing(error.to_string()))?;
        if !output.status.success() {
            return Err(missing(output.status.to_string()));
        }
        Ok(Self { program: program.to_owned(), spares: Vec::new() })
    }

    /// Starts the waiting process of `voice`, so that its first text is as fast as the later ones.
    pub fn warm(&mut self, voice: &Voice) {
        self.keep_spare(Setting::of(voice, mother_tongue(voice.language)));
    }

    /// Speaks `text`, as espeak-ng is to read it, at espeak-ng's own rate. A crash is tried once more.
    fn speak(&mut self, setting: &Setting, text: &str) -> Result<Sound, String> {
        let waiting = self.spares.iter().position(|process| process.setting == *setting);
        let first = match waiting {
            Some(at) => Ok(self.spares.remove(at)),
            None => Process::start(&self.program, setting),
        };
        self.keep_spare(setting.clone());
        match first.and_then(|process| process.speak(text)) {
            Ok(sound) => Ok(sound),
            Err(Failure::TooSlow) => Err(format!("no sound within {} ms", SYNTHESIS_MAX.as_millis())),
            Err(Failure::Crashed(_)) => Process::start(&self.program, setting)
                .and_then(|process| process.speak(text))
                .map_err(|failure| failure.to_string()),
        }
    }

    fn keep_spare(&mut self, setting: Setting) {
        if self.spares.iter().any(|process| process.setting == setting) {
            return;
        }
        if self.spares.len() >= SPARES_MAX {
            self.spares.remove(0);
        }
        // A process that does not start is reported by the text that needs it.
        self.spares.extend(Process::start(&self.program, &setting));
    }
}

impl Synthesizer for EspeakSynthesizer {
    fn synthesize(&mut self, text: &str, voice: &Voice) -> Result<Speech, SynthesizeError> {
        let failed = |why: String| SynthesizeError::Engine { chars: text.chars().count(), why };
        let spoken = normalize(text, voice.language);
        if spoken.len() > TEXT_BYTES_MAX {
            return Err(failed(format!("longer than {TEXT_BYTES_MAX} bytes")));
        }
        let pieces = match voice.language {
            Language::Zh => pieces(&spoken),
            Language::En => vec![Piece::Latin(spoken)],
        };
        let mut sounds = Vec::with_capacity(pieces.len());
        for piece in pieces.iter().filter(|piece| piece.has_words()) {
            let (name, text) = match piece {
                Piece::Pinyin(text) => (MANDARIN, text),
                Piece::Latin(text) => (ENGLISH, text),
            };
            let sound = self.speak(&Setting::of(voice, name), &without_commands(text)).map_err(failed)?;
            sounds.push(resample_all(&sound.samples, sound.rate_hz, Speech::SAMPLE_RATE_HZ));
        }
        let speech = finish(&sounds, PIECE_GAP_MS);
        if speech.duration() > SPEECH_MAX {
            return Err(failed(format!("longer than {} s", SPEECH_MAX.as_secs())));
        }
        Ok(speech)
    }
}

const fn mother_tongue(language: Language) -> &'static str {
    match language {
        Language::Zh => MANDARIN,
        Language::En => ENGLISH,
    }
}

/// `[[` would begin phoneme names.
fn without_commands(text: &str) -> String {
    text.replace(['[', ']'], " ")
}

/// What a process is started with: all but the text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Setting {
    voice: String,
    rate_wpm: u16,
    pitch: u8,
}

impl Setting {
    fn of(voice: &Voice, name: &str) -> Self {
        let plus = if voice.variant.is_empty() { "" } else { "+" };
        Self { voice: format!("{name}{plus}{}", voice.variant), rate_wpm: voice.rate_wpm, pitch: voice.pitch }
    }
}

/// Sound as espeak-ng made it.
struct Sound {
    samples: Vec<i16>,
    rate_hz: u32,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("no sound within {} ms", SYNTHESIS_MAX.as_millis())]
    TooSlow,
    #[error("{0}")]
    Crashed(String),
}

/// One espeak-ng that waits for its text. Dropped, it is killed and reaped.
#[derive(Debug)]
struct Process {
    setting: Setting,
    child: Child,
    stdin: Option<ChildStdin>,
    wav: Receiver<std::io::Result<Vec<u8>>>,
}

impl Process {
    fn start(program: &Path, setting: &Setting) -> Result<Self, Failure> {
        let crashed = |error: std::io::Error| Failure::Crashed(error.to_string());
        let mut child = Command::new(program)
            .args(["-v", &setting.voice, "-s", &setting.rate_wpm.to_string(), "-p", &setting.pitch.to_string()])
            .args(["-b", "1", "-z", "--stdin", "--stdout"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(crashed)?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take();
        let (sender, wav) = sync_channel(1);
        let read = move || {
            let mut bytes = Vec::new();
            let result = stdout.map_or(Ok(0), |stdout| stdout.take(WAV_BYTES_MAX as u64).read_to_end(&mut bytes));
            let _ = sender.send(result.map(|_| bytes)); // nobody waits for it after a time-out
        };
        let process = Self { setting: setting.clone(), child, stdin, wav };
        std::thread::Builder::new().name("espeak".to_owned()).spawn(read).map_err(crashed)?;
        Ok(process)
    }

    fn speak(mut self, text: &str) -> Result<Sound, Failure> {
        let crashed = |error: std::io::Error| Failure::Crashed(error.to_string());
        if let Some(mut stdin) = self.stdin.take() {
            stdin.write_all(text.as_bytes()).map_err(crashed)?; // dropped: the end of the text
        }
        let wav = self.wav.recv_timeout(SYNTHESIS_MAX).map_err(|_| Failure::TooSlow)?.map_err(crashed)?;
        sound(&wav).ok_or_else(|| Failure::Crashed(format!("{} bytes are no WAV of 16-bit mono sound", wav.len())))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}

/// Reads a WAV stream; its `data` length is a placeholder, as the writer could not know it.
fn sound(wav: &[u8]) -> Option<Sound> {
    let word = |at: usize| Some(u32::from_le_bytes(wav.get(at..at + 4)?.try_into().ok()?));
    if wav.get(..4)? != b"RIFF" || wav.get(8..16)? != b"WAVEfmt " {
        return None;
    }
    let rate_hz = word(24)?;
    let mono_16_bit = wav.get(22..24)? == [1, 0] && wav.get(34..36)? == [16, 0];
    let data = 20 + word(16)? as usize;
    let known = mono_16_bit && (8_000..=48_000).contains(&rate_hz) && wav.get(data..data + 4)? == b"data";
    let bytes = wav.get(data + 8..).filter(|_| known)?;
    let samples = bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    Some(Sound { samples, rate_hz })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    use crate::audio::level_dbov;

    fn voice(language: Language) -> Voice {
        Voice { language, variant: "f2".to_owned(), rate_wpm: 175, pitch: 50, prompts: String::new() }
    }

    /// A stand-in for espeak-ng that behaves as `script` says.
    fn impostor(folder: &Path, script: &str) -> EspeakSynthesizer {
        let path = folder.join("espeak-ng");
        std::fs::write(&path, format!("#!/bin/sh\n[ \"$1\" = --version ] && exit 0\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        EspeakSynthesizer::with_program(&path).unwrap()
    }

    #[test]
    fn both_languages_and_mixed_sentences_are_spoken_at_one_level() {
        let mut synthesizer = EspeakSynthesizer::new().unwrap();
        for (language, text, seconds) in [
            (Language::Zh, "您好，每月99元。", 1.0..3.5),
            (Language::Zh, "欢迎使用Callwright，60GB流量。", 1.5..5.0),
            (Language::En, "Hello, it is $99 a month.", 1.0..4.0),
        ] {
            let speech = synthesizer.synthesize(text, &voice(language)).unwrap();
            assert!(seconds.contains(&speech.duration().as_secs_f64()), "{text}: {:?}", speech.duration());
            assert!((-24.0..-18.0).contains(&level_dbov(speech.samples())), "{text}");
        }
    }

    #[test]
    fn a_text_without_words_is_an_empty_speech() {
        let mut synthesizer = EspeakSynthesizer::new().unwrap();
        for text in ["", "……", "[[]]"] {
            for language in [Language::Zh, Language::En] {
                assert_eq!(synthesizer.synthesize(text, &voice(language)).unwrap().samples().len(), 0, "{text}");
            }
        }
    }

    #[test]
    fn no_more_processes_wait_than_allowed() {
        let mut synthesizer = EspeakSynthesizer::new().unwrap();
        for pitch in 0..5 {
            synthesizer.warm(&Voice { pitch, ..voice(Language::Zh) });
        }
        assert_eq!(synthesizer.spares.len(), SPARES_MAX);
    }

    #[test]
    fn a_missing_program_names_the_package_and_the_script() {
        let error = EspeakSynthesizer::with_program(Path::new("/nowhere/espeak-ng")).unwrap_err().to_string();
        assert!(error.contains("install the package espeak-ng") && error.contains("scripts/setup"), "{error}");
    }

    #[test]
    fn a_crash_is_tried_once_more() {
        let folder = tempfile::tempdir().unwrap();
        let flag = folder.path().join("crashed");
        let crash_once = format!("[ -e {0} ] && exec espeak-ng \"$@\"; touch {0}; exit 1", flag.display());
        let mut synthesizer = impostor(folder.path(), &crash_once);
        assert!(synthesizer.synthesize("hello", &voice(Language::En)).is_ok());
    }

    #[test]
    fn a_program_that_hangs_is_killed_and_one_that_crashes_always_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let mut hanging = impostor(folder.path(), "exec sleep 60");
        let error = hanging.synthesize("hello", &voice(Language::En)).unwrap_err().to_string();
        assert!(error.contains("no sound within 2000 ms"), "{error}");
        let mut crashing = impostor(folder.path(), "exit 3");
        assert!(crashing.synthesize("hello", &voice(Language::En)).is_err());
    }

    #[test]
    fn the_text_is_never_on_a_command_line() {
        let folder = tempfile::tempdir().unwrap();
        let seen = folder.path().join("arguments");
        let tell = format!("echo \"$@\" >> {}; exec espeak-ng \"$@\"", seen.display());
        impostor(folder.path(), &tell).synthesize("secret", &voice(Language::En)).unwrap();
        let arguments = std::fs::read_to_string(seen).unwrap();
        assert!(arguments.starts_with("-v en-us+f2 -s 175 -p 50 "), "{arguments}");
        assert!(!arguments.contains("secret"));
    }

    #[test]
    fn only_16_bit_mono_wav_is_sound() {
        let mut wav = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        wav.extend(22_050u32.to_le_bytes());
        wav.extend(44_100u32.to_le_bytes());
        wav.extend([2, 0, 16, 0]);
        wav.extend(b"data\xff\xff\xff\x7f\x01\0\xff\xff\x07");
        let read = sound(&wav).map(|sound| (sound.samples, sound.rate_hz));
        assert_eq!(read, Some((vec![1, -1], 22_050)));
        wav[22] = 2;
        assert!(sound(&wav).is_none());
        for length in 0..44 {
            assert!(sound(&wav[..length]).is_none());
        }
    }
}
