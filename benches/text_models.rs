//! The text models, one text on one thread: requests a second and the 99th percentile of the time one takes, in the wall's
//! time and in that of the processor. `cargo bench --bench text_models`, from the repository's root, on a quiet machine.

use std::path::Path;
use std::time::{Duration, Instant};

use callwright::asr::Language;
use callwright::understanding::onnx::TextModels;
use callwright::understanding::{Classifier, LastAct, Speaker};

const REQUESTS: u32 = 3_000;
const ZH: [&str; 5] = [
    "我考虑一下吧回头再说",
    "嗯",
    "你们这个套餐一个月到底多少钱啊还有没有别的费用",
    "别打了",
    "我现在用的是别家的合同要到明年三月才到期呢所以暂时不考虑换",
];
const EN: [&str; 5] = [
    "well i'd have to talk to my husband about that first",
    "mm",
    "how much is it a month and is there anything else on top of that i should know about",
    "stop calling me",
    "i'm with another company and my contract doesn't run out until next march so i'm not looking to change right now",
];

#[expect(clippy::disallowed_methods)] // a measurement
fn main() {
    let models = TextModels::load(Path::new("models"), &[Language::Zh, Language::En])
        .expect("models/text.*, and scripts/setup was run");
    let mut classifier = models.classifier().expect("a session");
    for (language, texts) in [(Language::Zh, ZH), (Language::En, EN)] {
        let mut once = |text| {
            let begun = Instant::now();
            classifier.read(text, language, Speaker::Customer(LastAct::Unknown)).expect("a reading");
            begun.elapsed()
        };
        texts.iter().cycle().take(100).for_each(|text| _ = once(text));
        let processor = processor_time();
        let mut taken: Vec<Duration> = texts.iter().cycle().take(REQUESTS as usize).map(|text| once(text)).collect();
        let processor = processor_time().saturating_sub(processor).as_secs_f64();
        taken.sort();
        let wall: f64 = taken.iter().map(Duration::as_secs_f64).sum();
        let at = |share: f64| taken[(f64::from(REQUESTS - 1) * share) as usize].as_secs_f64() * 1e3;
        println!(
            "{}: {:.0} requests/s ({:.0} by the processor's time), p50 {:.2} ms, p99 {:.2} ms",
            language.code(),
            f64::from(REQUESTS) / wall,
            f64::from(REQUESTS) / processor,
            at(0.5),
            at(0.99)
        );
    }
}

/// What this process has had of the processor, from /proc (clock ticks of 10 ms).
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
