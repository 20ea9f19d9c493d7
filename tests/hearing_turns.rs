//! Turns on scripted voice and on synthetic sound: when they begin, pause, resume and end.

use callwright::audio::{Frame8k, Frame16k, PcmFrame, level_dbov};
use callwright::hearing::{Earshot, Heard, SpeechDetector, TurnConfig, TurnDetector, TurnOver};
use proptest::prelude::*;

/// Hears voice in every frame that is not silent: the script is the sound.
struct Scripted;

impl SpeechDetector for Scripted {
    fn speech(&mut self, frame: &Frame16k) -> f32 {
        if frame.level_dbov() > -60.0 { 0.9 } else { 0.1 }
    }

    fn reset(&mut self) {}
}

#[derive(Debug, Clone, Copy)]
enum Sound {
    Voice,
    Silence,
}

const CONFIG: TurnConfig = TurnConfig {
    started_ms: 100,
    pause_ms: 120,
    end_ms_complete: 300,
    end_ms_unknown: 450,
    end_ms_incomplete: 1_000,
    speech_ms_min: 120,
    turn_ms_max: 25_000,
    threshold_on: 0.58,
    threshold_off: 0.4,
    above_floor_db: 7.0,
};

/// A caller on a virtual line: what was heard, and when, in ms of sound.
struct Line {
    turns: TurnDetector,
    now_ms: u32,
    heard: Vec<(u32, Heard)>,
    noise: u32,
}

impl Line {
    fn new(detector: impl SpeechDetector + 'static) -> Self {
        let turns = TurnDetector::new(CONFIG, Box::new(detector));
        Self { turns, now_ms: 0, heard: Vec::new(), noise: 1 }
    }

    fn play(&mut self, sound: Sound, ms: u32) -> &mut Self {
        for _ in 0..ms / 20 {
            // Syllables differ in level, as they do in life.
            let level = 3_000.0 + 1_000.0 * (self.now_ms as f32 / 70.0).sin();
            self.hear(&match sound {
                Sound::Voice => PcmFrame(std::array::from_fn(|n| (level * (n as f32 * 0.8).sin()) as i16)),
                Sound::Silence => Frame8k::SILENCE,
            });
        }
        self
    }

    fn hear(&mut self, frame: &Frame8k) {
        self.now_ms += 20;
        self.heard.extend(self.turns.hear(frame).map(|heard| (self.now_ms, heard)));
    }

    fn random(&mut self) -> f32 {
        self.noise = self.noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.noise as f32 / u32::MAX as f32 - 0.5
    }
}

use Sound::{Silence, Voice};

const OVER: TurnOver = TurnOver(9.0);
const EVEN: TurnOver = TurnOver(0.0);
const OPEN: TurnOver = TurnOver(-9.0);

#[test]
fn a_sentence_begins_pauses_and_ends() {
    let mut line = Line::new(Scripted);
    line.play(Silence, 1_000).play(Voice, 600).play(Silence, 1_000);
    let expected = [
        (1_100, Heard::Started { voiced_ms: 100 }),
        (1_720, Heard::Paused),
        (2_060, Heard::Ended { silence_ms: 460, speech_ms: 600 }),
    ];
    assert_eq!(line.heard, expected);
}

#[test]
fn complete_words_end_the_turn_sooner_and_unfinished_ones_later() {
    for (over, ended_ms) in [(OVER, 900), (EVEN, 1_060), (OPEN, 1_600)] {
        let mut line = Line::new(Scripted);
        line.play(Voice, 600).play(Silence, 160).turns.expect(over);
        line.play(Silence, 2_000);
        let (at_ms, Heard::Ended { .. }) = line.heard[2] else { panic!("{:?}", line.heard) };
        assert_eq!(at_ms, ended_ms, "{over:?}");
    }
}

#[test]
fn words_that_come_after_the_silence_they_allow_end_the_turn_at_once() {
    let mut line = Line::new(Scripted);
    line.play(Voice, 600).play(Silence, 400).turns.expect(OVER);
    line.play(Silence, 20);
    assert!(matches!(line.heard.last(), Some((1_020, Heard::Ended { .. }))), "{:?}", line.heard);
}

#[test]
fn a_caller_who_goes_on_resumes_the_turn_and_the_old_words_count_no_more() {
    let mut line = Line::new(Scripted);
    line.play(Voice, 600).play(Silence, 200).turns.expect(OVER);
    line.play(Voice, 400).play(Silence, 600);
    let kinds: Vec<(u32, Heard)> = line.heard.split_off(1);
    let expected = [
        (720, Heard::Paused),
        (860, Heard::Resumed),
        (1_320, Heard::Paused),
        (1_660, Heard::Ended { silence_ms: 460, speech_ms: 960 }),
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn gaps_within_words_are_bridged() {
    let mut line = Line::new(Scripted);
    for _ in 0..10 {
        line.play(Voice, 100).play(Silence, 80);
    }
    assert_eq!(line.heard, [(100, Heard::Started { voiced_ms: 100 })]);
    line.play(Silence, 1_000);
    assert_eq!(line.heard[2].1, Heard::Ended { silence_ms: 460, speech_ms: 1_720 });
}

#[test]
fn a_click_is_nothing_a_cough_is_dismissed_and_neither_resumes_a_turn() {
    let mut line = Line::new(Scripted);
    line.play(Silence, 400).play(Voice, 60).play(Silence, 600);
    assert_eq!(line.heard, []);
    line.play(Voice, 100).play(Silence, 1_000);
    let cough = [(1_160, Heard::Started { voiced_ms: 100 }), (1_460, Heard::Dismissed { speech_ms: 100 })];
    assert_eq!(line.heard, cough);
    line.heard.clear();
    line.play(Voice, 500).play(Silence, 200).play(Voice, 20).play(Silence, 1_000);
    assert_eq!(line.heard.len(), 3, "started, paused, ended: {:?}", line.heard);
}

#[test]
fn the_utterance_has_its_lead_in_and_120_ms_of_silence() {
    let mut line = Line::new(Scripted);
    line.play(Silence, 3_000).play(Voice, 600).play(Silence, 100);
    assert_eq!(line.turns.utterance().duration().as_millis(), 200 + 600 + 100);
    line.play(Silence, 360);
    assert!(matches!(line.heard.last(), Some((_, Heard::Ended { .. }))));
    let utterance = line.turns.utterance();
    assert_eq!(utterance.duration().as_millis(), 200 + 600 + 120);
    assert!(level_dbov(&utterance.samples()[..3_200]) < -60.0, "the lead-in is silent");
    assert!(level_dbov(&utterance.samples()[3_600..12_800]) > -30.0, "the words are there");
    line.play(Silence, 20);
    assert!(line.turns.utterance().samples().is_empty(), "the turn is over");
}

#[test]
fn a_speaker_without_end_is_cut_into_turns() {
    let mut line = Line::new(Scripted);
    for _ in 0..150 {
        line.play(Voice, 360).play(Silence, 40);
    }
    let ends: Vec<u32> =
        line.heard.iter().filter(|(_, heard)| matches!(heard, Heard::Ended { .. })).map(|h| h.0).collect();
    assert_eq!(ends.len(), 2, "{:?}", line.heard);
    assert!((24_000..=25_500).contains(&ends[0]), "{ends:?}");
}

/// A vowel as a larynx and a throat make it: pulses at 120 Hz, gliding, through two formants; syllables of 180 ms.
struct Speaker {
    phase: f32,
    formants: [[f32; 2]; 3],
    place: f32,
}

impl Speaker {
    fn new() -> Self {
        Self { phase: 0.0, formants: [[0.0; 2]; 3], place: 0.0 }
    }

    fn frame(&mut self, level: f32) -> Frame8k {
        PcmFrame(std::array::from_fn(|_| {
            self.place += 1.0 / 8_000.0;
            self.phase += (120.0 + 25.0 * (self.place * 5.0).sin()) / 8_000.0;
            let pulse = if self.phase >= 1.0 { 1.0 } else { 0.0 };
            self.phase -= pulse;
            let syllable = (self.place / 0.18).fract();
            let opening = (std::f32::consts::PI * syllable).sin().powi(2);
            let vowel = (self.place / 0.18).floor() as usize % 3;
            let frequencies = [[700.0, 1_200.0, 2_500.0], [350.0, 2_000.0, 2_700.0], [450.0, 900.0, 2_300.0]][vowel];
            let mut sound = 0.0;
            for (formant, hz) in self.formants.iter_mut().zip(frequencies) {
                let radius = 0.96;
                let angle = std::f32::consts::TAU * hz / 8_000.0;
                let out = pulse + 2.0 * radius * angle.cos() * formant[0] - radius * radius * formant[1];
                *formant = [out, formant[0]];
                sound += out;
            }
            (sound * opening * level) as i16
        }))
    }
}

fn voiced_events(level: f32, noise: f32) -> (Vec<(u32, Heard)>, f32) {
    let mut line = Line::new(Earshot::new());
    let mut speaker = Speaker::new();
    let mut speech: Vec<i16> = Vec::new();
    for n in 0..350 {
        let speaking = (200..280).contains(&n);
        let voice = if speaking { speaker.frame(level) } else { Frame8k::SILENCE };
        speech.extend(voice.0.iter().filter(|_| speaking));
        let frame = PcmFrame(voice.0.map(|sample| sample.saturating_add((line.random() * noise) as i16)));
        line.hear(&frame);
    }
    (line.heard, level_dbov(&speech))
}

#[test]
fn a_synthetic_speaker_is_one_turn_loud_or_quiet_and_in_noise() {
    for (level, noise) in [(3_000.0, 0.0), (3_000.0, 600.0), (500.0, 8.0)] {
        let (heard, level_dbov) = voiced_events(level, noise);
        let name = format!("at {level_dbov} dBov, noise {noise}: {heard:?}");
        assert!(matches!(heard.first(), Some((4_080..=4_360, Heard::Started { .. }))), "{name}");
        let Some((ended_ms, Heard::Ended { speech_ms, .. })) = heard.last() else { panic!("{name}") };
        assert!((5_900..=6_160).contains(ended_ms) && *speech_ms > 1_200, "{name}");
        assert_eq!(heard.iter().filter(|(_, heard)| matches!(heard, Heard::Ended { .. })).count(), 1, "{name}");
    }
}

#[test]
fn steady_noise_and_hum_are_no_turns() {
    for noise in [20.0, 600.0, 2_000.0, 6_000.0] {
        let mut line = Line::new(Earshot::new());
        for _ in 0..1_000 {
            let frame = PcmFrame(std::array::from_fn(|_| (line.random() * noise) as i16));
            line.hear(&frame);
        }
        // Very loud noise may be taken for speech until it is known as the floor, after 3 s.
        line.heard.retain(|(at_ms, _)| noise < 3_000.0 || *at_ms > 3_000);
        assert_eq!(line.heard, [], "white noise {noise}");
    }
    for hz in [50.0, 60.0, 120.0, 1_000.0] {
        let mut line = Line::new(Earshot::new());
        for n in 0..500 {
            let step = std::f32::consts::TAU * hz / 8_000.0;
            line.hear(&PcmFrame(std::array::from_fn(|k| (700.0 * ((n * 160 + k) as f32 * step).sin()) as i16)));
        }
        assert_eq!(line.heard, [], "{hz} Hz");
    }
}

#[test]
fn the_tones_of_the_network_are_no_turns() {
    let cadences: [(&[f32], u32, u32); 4] =
        [(&[425.0], 500, 500), (&[450.0], 1_000, 4_000), (&[440.0, 480.0], 2_000, 4_000), (&[480.0, 620.0], 250, 250)];
    for (sines_hz, on_ms, off_ms) in cadences {
        for amplitude in [300.0, 3_000.0] {
            let mut line = Line::new(Earshot::new());
            for n in 0..300 {
                let sounds = n * 20 % (on_ms + off_ms) < on_ms;
                line.hear(&PcmFrame(std::array::from_fn(|k| {
                    let t = (n as usize * 160 + k) as f32 / 8_000.0;
                    let sines: f32 = sines_hz.iter().map(|hz| (std::f32::consts::TAU * hz * t).sin()).sum();
                    if sounds { (amplitude * sines) as i16 } else { 0 }
                })));
            }
            assert_eq!(line.heard, [], "{sines_hz:?} Hz, {on_ms}/{off_ms} ms, amplitude {amplitude}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]
    #[test]
    fn whatever_is_heard_turns_begin_before_they_end_and_utterances_are_bounded(
        runs in proptest::collection::vec((any::<bool>(), 1u32..60, 0usize..3), 1..40)
    ) {
        let mut line = Line::new(Scripted);
        for (voiced, frames, words) in runs {
            line.play(if voiced { Voice } else { Silence }, frames * 20);
            line.turns.expect([OVER, EVEN, OPEN][words]);
            prop_assert!(line.turns.utterance().duration().as_millis() <= 25_000);
        }
        let mut state = Heard::Dismissed { speech_ms: 0 };
        for (at_ms, heard) in line.heard {
            let follows = match heard {
                Heard::Started { .. } => matches!(state, Heard::Ended { .. } | Heard::Dismissed { .. }),
                Heard::Paused => matches!(state, Heard::Started { .. } | Heard::Resumed),
                Heard::Resumed => matches!(state, Heard::Paused),
                Heard::Ended { .. } => matches!(state, Heard::Started { .. } | Heard::Paused | Heard::Resumed),
                Heard::Dismissed { .. } => matches!(state, Heard::Started { .. }),
            };
            prop_assert!(follows, "{heard:?} after {state:?} at {at_ms}");
            state = heard;
        }
    }
}
