//! The intent model, one text on one thread: `cargo bench --bench intent`, from the repository's root.

use std::hint::black_box;
use std::path::Path;

use callwright::asr::Language;
use callwright::understanding::Classifier;
use callwright::understanding::onnx::IntentModel;
use criterion::{Criterion, criterion_group, criterion_main};

fn intent(c: &mut Criterion) {
    let model = IntentModel::load(Path::new("models")).expect("models/intent.onnx, and scripts/setup was run");
    let mut classifier = model.classifier().expect("a session");
    for (language, text) in
        [(Language::Zh, "我考虑一下吧回头再说"), (Language::En, "well i'd have to talk to my husband about that first")]
    {
        c.bench_function(&format!("intent: {}", language.code()), |b| {
            b.iter(|| classifier.classify(black_box(text), language));
        });
    }
}

criterion_group!(benches, intent);
criterion_main!(benches);
