//! The recogniser on 3 s of speech, one thread: `cargo bench --bench recognise`, from the repository's root.

use std::path::Path;

use callwright::asr::whisper::WhisperModel;
use callwright::asr::{DecoderSettings, Language, Recognizer};
use callwright::audio::{Utterance16k, resample_all};
use callwright::speech::espeak::EspeakSynthesizer;
use callwright::speech::{Speech, Synthesizer, Voice};
use criterion::{Criterion, criterion_group, criterion_main};

const SAMPLES: usize = 3 * Utterance16k::SAMPLE_RATE_HZ as usize;

fn recognise(c: &mut Criterion) {
    let model = WhisperModel::load(Path::new("models/asr.ggml.zst"), &DecoderSettings::default()).expect("the model");
    let mut synthesizer = EspeakSynthesizer::new().expect("espeak-ng: run scripts/setup");
    for (language, text) in [
        (Language::Zh, "我天天在外面跑业务，流量老是不够用。"),
        (Language::En, "My kids watch videos all day and we run out."),
    ] {
        let voice = Voice { language, variant: "steph2".to_owned(), rate_wpm: 170, pitch: 50, prompts: String::new() };
        let speech = synthesizer.synthesize(text, &voice).expect("speech");
        let mut samples = resample_all(speech.samples(), Speech::SAMPLE_RATE_HZ, Utterance16k::SAMPLE_RATE_HZ);
        samples.resize(SAMPLES, 0);
        let audio = Utterance16k::new(samples);
        let mut recognizer = model.state(&[language]).expect("a state");
        c.bench_function(&format!("asr: 3 s, {}", language.code()), |b| {
            b.iter(|| recognizer.transcribe(&audio, language).expect("decodes"));
        });
    }
}

criterion_group!(benches, recognise);
criterion_main!(benches);
