//! The signals of the network, as switches make them and as lines spoil them; and what is none of them.

use std::f32::consts::TAU;

use callwright::audio::{Frame8k, PcmFrame};
use callwright::hearing::tones::{Kind, Tone, ToneDetector};

/// A signal: its sines in Hz, and how long they sound and rest, in ms, one after the other.
struct Signal {
    kind: Kind,
    hz: &'static [f32],
    on_off_ms: &'static [(u64, u64)],
}

const SIGNALS: [Signal; 21] = [
    Signal { kind: Kind::Ringback, hz: &[450.0], on_off_ms: &[(1_000, 4_000), (1_000, 4_000)] },
    Signal { kind: Kind::Ringback, hz: &[425.0], on_off_ms: &[(1_000, 4_000), (1_000, 4_000)] },
    Signal { kind: Kind::Ringback, hz: &[440.0, 480.0], on_off_ms: &[(2_000, 4_000), (2_000, 4_000)] },
    Signal {
        kind: Kind::Ringback,
        hz: &[400.0, 450.0],
        on_off_ms: &[(400, 200), (400, 2_000), (400, 200), (400, 2_000)],
    },
    Signal { kind: Kind::Busy, hz: &[450.0], on_off_ms: &[(350, 350); 5] },
    Signal { kind: Kind::Busy, hz: &[425.0], on_off_ms: &[(500, 500); 5] },
    Signal { kind: Kind::Busy, hz: &[480.0, 620.0], on_off_ms: &[(500, 500); 5] },
    Signal { kind: Kind::Busy, hz: &[400.0], on_off_ms: &[(375, 375); 5] },
    Signal { kind: Kind::Congestion, hz: &[450.0], on_off_ms: &[(700, 700); 4] },
    Signal { kind: Kind::Congestion, hz: &[480.0, 620.0], on_off_ms: &[(250, 250); 6] },
    Signal { kind: Kind::Congestion, hz: &[425.0], on_off_ms: &[(250, 250); 6] },
    Signal {
        kind: Kind::Unobtainable,
        hz: &[450.0],
        on_off_ms: &[(100, 100), (100, 100), (100, 100), (400, 400), (100, 100), (100, 100), (100, 100), (400, 400)],
    },
    Signal { kind: Kind::Dial, hz: &[450.0], on_off_ms: &[(5_000, 500)] },
    Signal { kind: Kind::Dial, hz: &[350.0, 440.0], on_off_ms: &[(5_000, 500)] },
    Signal { kind: Kind::Beep, hz: &[1_000.0], on_off_ms: &[(400, 1_500)] },
    Signal { kind: Kind::Beep, hz: &[440.0], on_off_ms: &[(700, 1_500)] },
    Signal { kind: Kind::Beep, hz: &[850.0], on_off_ms: &[(200, 1_500)] },
    Signal { kind: Kind::FaxCalling, hz: &[1_100.0], on_off_ms: &[(500, 3_000), (500, 3_000)] },
    Signal { kind: Kind::FaxAnswer, hz: &[2_100.0], on_off_ms: &[(3_000, 500)] },
    Signal { kind: Kind::Key('5'), hz: &[770.0, 1_336.0], on_off_ms: &[(100, 100)] },
    Signal { kind: Kind::Key('#'), hz: &[941.0, 1_477.0], on_off_ms: &[(80, 100)] },
];

/// A deterministic source of noise, uniform in -1 to 1.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / (1 << 23) as f32 - 1.0
    }
}

/// Full scale is 1. Half a second of the line before, a second after.
fn sound(parts: &[(&[f32], u64)], amplitude: f32, stretch: f32, noise_amplitude: f32) -> Vec<i16> {
    let mut noise = Noise(7);
    let mut samples = Vec::new();
    for (hz, ms) in [(&[][..], 500)].iter().chain(parts).chain(&[(&[][..], 1_000)]) {
        for n in 0..ms * 8 {
            let each = amplitude / hz.len().max(1) as f32;
            let sines: f32 = hz.iter().map(|hz| each * (TAU * hz * stretch * n as f32 / 8_000.0).sin()).sum();
            samples.push(((sines + noise_amplitude * noise.next()) * 32_767.0) as i16);
        }
    }
    samples
}

fn tones(samples: &[i16]) -> Vec<Tone> {
    let mut detector = ToneDetector::new();
    let frames = samples.chunks_exact(160).map(|chunk| PcmFrame(std::array::from_fn(|n| chunk[n])));
    let mut heard: Vec<Tone> = Vec::new();
    for tone in frames.filter_map(|frame: Frame8k| detector.hear(&frame)) {
        match heard.last_mut() {
            Some(last) if (last.kind, last.from_ms) == (tone.kind, tone.from_ms) => *last = tone,
            _ => heard.push(tone),
        }
    }
    heard
}

fn parts(signal: &Signal) -> Vec<(&[f32], u64)> {
    signal.on_off_ms.iter().flat_map(|(on, off)| [(signal.hz, *on), (&[][..], *off)]).collect()
}

/// Every signal is heard as itself, once, where it is.
fn all_heard(amplitude: f32, stretch: f32, noise_amplitude: f32) {
    let mut wrong = Vec::new();
    for signal in &SIGNALS {
        let heard = tones(&sound(&parts(signal), amplitude, stretch, noise_amplitude));
        let length: u64 = signal.on_off_ms.iter().map(|(on, off)| on + off).sum();
        let right = matches!(&heard[..], [tone] if tone.kind == signal.kind
            && tone.from_ms.abs_diff(500) <= 40
            && tone.to_ms.abs_diff(500 + length - signal.on_off_ms.last().map_or(0, |last| last.1)) <= 60);
        if !right {
            wrong.push(format!("{:?} of {:?} Hz {:?}: {heard:?}", signal.kind, signal.hz, signal.on_off_ms));
        }
    }
    assert!(wrong.is_empty(), "amplitude {amplitude}, stretch {stretch}:\n{}", wrong.join("\n"));
}

#[test]
fn every_signal_is_named_with_its_place() {
    all_heard(0.1, 1.0, 0.0);
}

#[test]
fn levels_of_20_db_around_and_frequencies_one_percent_off_make_no_difference() {
    for (amplitude, stretch) in [(0.01, 1.01), (0.9, 0.99), (0.1, 1.01), (0.1, 0.99)] {
        all_heard(amplitude, stretch, 0.0);
    }
}

#[test]
fn noise_10_db_below_hides_no_signal() {
    // Uniform noise of amplitude a has a²/3, a sine a²/2; the weaker case is one of two sines.
    all_heard(0.2, 1.0, 0.2 * (0.5f32 * 3.0 / 10.0 / 2.0).sqrt());
}

#[test]
fn special_information_tones_rise_in_three_steps() {
    let steps: [(&[f32], u64); 3] = [(&[950.0], 330), (&[1_400.0], 330), (&[1_800.0], 330)];
    for (stretch, gap_ms) in [(1.0, 0), (1.02, 30), (0.98, 30)] {
        let parts: Vec<(&[f32], u64)> = steps.into_iter().flat_map(|step| [step, (&[][..], gap_ms)]).collect();
        let heard = tones(&sound(&parts, 0.1, stretch, 0.01));
        let kinds: Vec<Kind> = heard.iter().map(|tone| tone.kind).collect();
        assert_eq!(kinds, [Kind::SpecialInformation], "{heard:?}");
    }
}

#[test]
fn keys_are_told_one_by_one() {
    let rows = [697.0, 770.0, 852.0, 941.0];
    let columns = [1_209.0, 1_336.0, 1_477.0, 1_633.0];
    let pairs: Vec<[f32; 2]> = rows.iter().flat_map(|row| columns.map(|column| [*row, column])).collect();
    let parts: Vec<(&[f32], u64)> = pairs.iter().flat_map(|pair| [(&pair[..], 70), (&[][..], 70)]).collect();
    let heard: String = tones(&sound(&parts, 0.3, 1.0, 0.02))
        .iter()
        .map(|tone| if let Kind::Key(key) = tone.kind { key } else { '?' })
        .collect();
    assert_eq!(heard, "123A456B789C*0#D");
}

#[test]
fn hum_noise_music_and_a_voice_are_no_signals() {
    let seconds = |sample: &mut dyn FnMut(f32) -> f32| -> Vec<i16> {
        (0..10 * 8_000).map(|n| (sample(n as f32 / 8_000.0) * 32_767.0) as i16).collect()
    };
    let mut noise = Noise(3);
    let noise = seconds(&mut |_| 0.3 * noise.next());
    let hum = seconds(&mut |t| 0.2 * (TAU * 50.0 * t).sin() + 0.1 * (TAU * 150.0 * t).sin());
    // Chords of three notes with two harmonics each, a new one each 400 ms.
    let music = seconds(&mut |t| {
        let root = 220.0 * [1.0, 1.335, 1.498, 1.122][(t / 0.4) as usize % 4];
        let decay = (-(t % 0.4) * 4.0).exp();
        let notes =
            [1.0, 1.26, 1.498].map(|note| (TAU * root * note * t).sin() + 0.5 * (TAU * 2.0 * root * note * t).sin());
        0.1 * decay * notes.iter().sum::<f32>()
    });
    // A larynx that glides, with a formant near 500 Hz, in syllables.
    let mut phase = 0.0;
    let voice = seconds(&mut |t| {
        phase += (150.0 + 40.0 * (t * 3.0).sin()) / 8_000.0;
        let harmonics = (1..20).map(|k| {
            let hz = 150.0 * k as f32;
            (TAU * phase * k as f32).sin() / (1.0 + ((hz - 500.0) / 150.0).powi(2))
        });
        0.3 * (TAU * t * 2.5).sin().max(0.0) * harmonics.sum::<f32>()
    });
    for (name, samples) in [("noise", noise), ("hum", hum), ("music", music), ("voice", voice)] {
        assert_eq!(tones(&samples), [], "{name}");
    }
}

#[cfg(feature = "espeak")]
#[test]
fn synthetic_speech_of_any_voice_is_no_signal() {
    use callwright::asr::Language;
    use callwright::speech::{Synthesizer, Voice, espeak::EspeakSynthesizer};
    let mut espeak = EspeakSynthesizer::new().expect("espeak-ng");
    for (language, text) in [
        (Language::Zh, "嗯，您好，我想问一下你们那个套餐，一个月要多少钱呢？我的电话是一三八零零一三八零零零。"),
        (
            Language::En,
            "Ooh, well, I do not know who you are, so could you tell me what you do? My number is two two zero four.",
        ),
    ] {
        for (variant, pitch) in [("", 50), ("f2", 70), ("m3", 20), ("f4", 90), ("klatt2", 60)] {
            let voice = Voice { language, variant: variant.into(), rate_wpm: 150, pitch, prompts: String::new() };
            let speech = espeak.synthesize(text, &voice).expect("spoken");
            assert_eq!(tones(speech.samples()), [], "{variant} {text}");
        }
    }
}
