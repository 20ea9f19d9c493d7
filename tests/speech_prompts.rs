//! Recorded prompts from a speaker's files to a sentence on the line: what is refused and why, what is mended, and that
//! nothing clicks where recorded and synthetic parts meet.

use std::f32::consts::TAU;

use callwright::asr::Language;
use callwright::audio::{Wav, level_dbov};
use callwright::speech::prompts::{Fault, Line, Pack, Prompts, Script, Take};
use callwright::speech::{Speech, Stretch, join};

const RATE_HZ: u32 = 48_000;

fn script(texts: &[&str]) -> Script {
    let line = |text: &&str| Line { place: "on.greet.say".to_owned(), text: (*text).to_owned(), persona: None };
    Script::new(Language::Zh, texts.iter().map(line).collect())
}

/// A voice of a pitch and ten harmonics, in syllables of 200 ms that swell and fade, `peak` of full scale.
fn voice(rate_hz: u32, pitch_hz: f32, seconds: f32, peak: f32) -> Vec<f32> {
    let sample = |n: usize| {
        let t = n as f32 / rate_hz as f32;
        let wave: f32 = (1..=10).map(|h| (TAU * pitch_hz * h as f32 * t).sin() / h as f32).sum();
        peak * wave / 1.8 * (TAU / 2.0 * t / 0.2).sin().abs().sqrt()
    };
    (0..(seconds * rate_hz as f32) as usize).map(sample).collect()
}

/// Noise of a room between -1 and 1.
fn room(samples: usize) -> Vec<f32> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..samples).map(|_| next()).collect()
}

/// Half a second of room, the voice, half a second of room.
fn recording(voice: &[f32], noise: f32, rate_hz: u32) -> Wav {
    let pad = vec![0.0; rate_hz as usize / 2];
    let sound = [pad.as_slice(), voice, pad.as_slice()].concat();
    let left = sound.iter().zip(room(sound.len())).map(|(s, n)| ((s + n * noise) * 32_768.0) as i16).collect();
    Wav { sample_rate_hz: rate_hz, left, right: None }
}

fn take(wav: &Wav, text: &str) -> Result<Take, Fault> {
    Take::of(wav, &script(&[text]).entries[0])
}

/// 1.5 s.
const TEXT: &str = "您好，请问现在方便吗";

#[test]
fn a_good_take_is_trimmed_and_brought_to_one_level_whatever_its_rate_and_channels() {
    for (rate_hz, peak) in [(8_000, 0.1), (16_000, 0.9), (44_100, 0.3), (48_000, 0.05)] {
        let mono = recording(&voice(rate_hz, 140.0, 2.0, peak), 0.0003, rate_hz);
        let one_sided = Wav { right: Some(vec![0; mono.left.len()]), ..mono.clone() };
        let stereo = Wav { right: Some(mono.left.clone()), ..mono.clone() };
        for wav in [mono, one_sided, stereo] {
            let take = take(&wav, TEXT).unwrap_or_else(|fault| panic!("{rate_hz}: {fault}"));
            let seconds = take.recorded.speech.duration().as_secs_f32();
            assert!((1.95..2.25).contains(&seconds), "{rate_hz}: {seconds} s");
            let level = level_dbov(take.recorded.speech.samples());
            assert!((-21.5..-19.5).contains(&level), "{rate_hz} at {peak}: {level} dBov");
            let samples = take.recorded.speech.samples();
            assert_eq!((samples[0], samples[samples.len() - 1]), (0, 0));
        }
    }
}

#[test]
fn a_bad_take_is_refused_with_its_value() {
    let good = voice(RATE_HZ, 140.0, 2.0, 0.3);
    let fault = |wav: &Wav, text: &str| match take(wav, text) {
        Err(fault) => fault,
        Ok(take) => panic!("{text}: taken, {:?}", take.figures),
    };
    let with = |voice: &[f32], noise: f32| recording(voice, noise, RATE_HZ);

    assert!(matches!(fault(&recording(&good, 0.0003, 96_000), TEXT), Fault::Rate { rate_hz: 96_000 }));
    assert!(matches!(fault(&with(&[], 0.0003), TEXT), Fault::Silent { .. }));
    let loud: Vec<f32> = good.iter().map(|s| s * 6.0).collect();
    assert!(matches!(fault(&with(&loud, 0.0003), TEXT), Fault::Clipped { crests } if crests > 100));
    let faint: Vec<f32> = good.iter().map(|s| s * 0.02).collect();
    assert!(matches!(fault(&with(&faint, 0.0), TEXT), Fault::Quiet { level_dbov } if level_dbov < -45.0));
    assert!(matches!(fault(&with(&good, 0.15), TEXT), Fault::Noisy { room_dbov, .. } if room_dbov > -36.0));
    let hole = [good.as_slice(), &vec![0.0; RATE_HZ as usize * 2], good.as_slice()].concat();
    let long_text = format!("{TEXT}{TEXT}{TEXT}");
    assert!(
        matches!(fault(&with(&hole, 0.0003), &long_text), Fault::DeadAir { pause_ms: 1900..=2100, at_s } if (2.3..2.7).contains(&at_s))
    );
    assert!(
        matches!(fault(&with(&good, 0.0003), "好。"), Fault::Length { seconds, .. } if (1.9..2.2).contains(&seconds))
    );
    assert!(matches!(fault(&with(&good, 0.0003), &long_text.repeat(3)), Fault::Length { .. }));
}

#[test]
fn a_pack_keeps_what_was_imported_and_notices_an_exchanged_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = script(&["您好，请问现在方便吗", "那我{when}给您打过来，可以吗？"]);
    let mut pack = Pack::open(folder.path(), "telecom", Language::Zh).expect("an empty pack");
    for entry in &script.entries {
        let take =
            Take::of(&recording(&voice(RATE_HZ, 140.0, entry.seconds, 0.3), 0.0003, RATE_HZ), entry).expect("good");
        pack.put(&entry.prompt, &take, "a.wav", "Ann").expect("written");
    }
    pack.save().expect("written");

    let pack = Pack::open(folder.path(), "telecom", Language::Zh).expect("read");
    assert_eq!(pack.recordings.len(), 3);
    let prompts = Prompts::load(&pack, &script).expect("loaded");
    assert!(prompts.whole("您好，请问现在方便吗").is_some() && prompts.whole("那我").is_none());
    let mut spoken = Vec::new();
    let mut speak = |words: &str| {
        spoken.push(words.to_owned());
        Ok::<_, ()>(Speech::new(vec![0; 800]))
    };
    let stretches = prompts.stretches("那我明天三点给您打过来，可以吗？", &mut speak).expect("cut").expect("spoken");
    assert_eq!(stretches.iter().map(|s| s.room_dbov.is_some()).collect::<Vec<_>>(), [true, false, true]);
    assert!(prompts.stretches("那我长话短说。", &mut speak).is_none());
    assert_eq!(spoken, ["明天三点"]);

    let id = &script.entries[0].prompt.id;
    let other = Wav { sample_rate_hz: 8_000, left: vec![1; 8_000], right: None };
    other.write(std::fs::File::create(pack.folder().join(format!("{id}.wav"))).expect("file")).expect("written");
    let why = Prompts::load(&pack, &script).expect_err("exchanged").to_string();
    assert!(why.contains(id.as_str()) && why.contains("import it again"), "{why}");
}

#[test]
fn what_is_not_recorded_is_spoken_in_one_breath_with_its_slot() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = script(&["那我{when}给您打过来，可以吗？"]);
    let mut pack = Pack::open(folder.path(), "telecom", Language::Zh).expect("an empty pack");
    let entry = &script.entries[0];
    let take = Take::of(&recording(&voice(RATE_HZ, 140.0, 0.5, 0.3), 0.0003, RATE_HZ), entry).expect("good");
    pack.put(&entry.prompt, &take, "a.wav", "Ann").expect("written");
    let prompts = Prompts::load(&pack, &script).expect("loaded");
    let mut spoken = Vec::new();
    let mut speak = |words: &str| {
        spoken.push(words.to_owned());
        Ok::<_, ()>(Speech::new(vec![0; 800]))
    };
    let text = "那我明天三点给您打过来，可以吗？";
    assert_eq!(prompts.stretches(text, &mut speak).expect("cut").expect("spoken").len(), 2);
    assert_eq!(spoken, ["明天三点给您打过来，可以吗？"]);
}

/// Magnitudes of 64 bins every 5 ms, and how much they grow from one to the next, by time.
fn flux(samples: &[i16]) -> Vec<f32> {
    const WINDOW: usize = 128;
    let spectrum = |frame: &[i16]| -> Vec<f32> {
        (0..WINDOW / 2)
            .map(|bin| {
                let (mut re, mut im) = (0.0, 0.0);
                for (n, &sample) in frame.iter().enumerate() {
                    let hann = 0.5 - 0.5 * (TAU * n as f32 / WINDOW as f32).cos();
                    let turn = TAU * (bin * n) as f32 / WINDOW as f32;
                    re += f32::from(sample) * hann * turn.cos();
                    im += f32::from(sample) * hann * turn.sin();
                }
                re.hypot(im)
            })
            .collect()
    };
    let spectra: Vec<Vec<f32>> = samples.windows(WINDOW).step_by(40).map(spectrum).collect();
    let growth = |pair: &[Vec<f32>]| pair[1].iter().zip(&pair[0]).map(|(now, then)| (now - then).max(0.0)).sum();
    spectra.windows(2).map(growth).collect()
}

fn step(samples: &[i16]) -> i32 {
    samples.windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max().unwrap_or(0)
}

#[test]
fn joints_neither_click_nor_jump_in_level_and_the_room_goes_on() {
    let entry = |text: &str| script(&[text]).entries[0].clone();
    let recorded = |text: &str, pitch: f32, pause_ms| {
        let entry = entry(text);
        let wav = recording(&voice(RATE_HZ, pitch, entry.seconds, 0.3), 0.003, RATE_HZ);
        let take = Take::of(&wav, &entry).unwrap_or_else(|fault| panic!("{text}: {fault}"));
        Stretch { speech: take.recorded.speech, room_dbov: Some(take.recorded.room_dbov), pause_ms }
    };
    let to_16_bit = |sound: Vec<f32>| sound.into_iter().map(|s| (s * 32_768.0) as i16).collect::<Vec<_>>();
    // Cut in the middle of a wave, 12 dB too loud, as no synthesiser should: a plain join would click.
    let slot =
        Stretch { speech: Speech::new(to_16_bit(voice(8_000, 190.0, 0.6937, 0.9))), room_dbov: None, pause_ms: 0 };
    for pause_ms in [0, 150] {
        let parts = [recorded("那我来给您", 140.0, pause_ms), slot.clone(), recorded("给您打过来可以吗", 150.0, 0)];
        let joined = join(&parts);
        let samples = joined.samples();
        let first = parts[0].speech.samples().len() - 64 + pause_ms * 8;
        let second = first + parts[1].speech.samples().len() - 64;
        let insides = [&samples[400..first - 400], &samples[first + 400..second - 400], &samples[second + 400..]];
        let inside_step = insides.iter().map(|inside| step(inside)).max().unwrap_or(0);
        let inside_flux = insides.iter().flat_map(|inside| flux(inside)).fold(0.0, f32::max);
        for joint in [first, second] {
            let around = &samples[joint - 240..joint + 304];
            let worst = flux(around).into_iter().fold(0.0, f32::max);
            eprintln!(
                "joint at {joint}: step {} of {inside_step} inside, flux {worst:.0} of {inside_flux:.0}",
                step(around)
            );
            assert!(step(around) <= inside_step, "{} beyond {inside_step}", step(around));
            assert!(worst <= inside_flux, "{worst} beyond {inside_flux}");
        }
        let plain: Vec<i16> = parts.iter().flat_map(|part| part.speech.samples()).copied().collect();
        let cut = parts[0].speech.samples().len() + slot.speech.samples().len();
        assert!(step(&plain[cut - 2..cut + 2]) > 2 * inside_step, "without a fade it would click, and be seen");
        let level = |range: std::ops::Range<usize>| level_dbov(&samples[range]);
        let (voice_a, voice_b, voice_c) =
            (level(400..first - 400), level(first + 400..second - 400), level(second + 400..samples.len() - 800));
        assert!((voice_a - voice_b).abs() < 2.0 && (voice_b - voice_c).abs() < 2.0, "{voice_a} {voice_b} {voice_c}");
        if pause_ms > 0 {
            let pause = level(first - pause_ms * 8 + 128..first - 8);
            let room = parts[0].room_dbov.expect("recorded");
            assert!((pause - room).abs() < 3.0, "pause at {pause} dBov, room at {room}");
        }
    }
}
