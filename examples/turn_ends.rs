//! Runs `eval/turns.jsonl`: `cargo run --release --example turn_ends -- [--oracle-words] [--training-voices] [--pauses]
//! [FILE]`.

use callwright::asr::Language;
use callwright::hearing::TurnConfig;
use callwright::shell::options::Shared;
use callwright::shell::turn_ends::{Measured, Stage, Voices, Words, cases, curve, point};

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| args.iter().any(|arg| arg == name);
    let words = if has("--oracle-words") { Words::Oracle } else { Words::Recognised };
    let voices = if has("--training-voices") { Voices::Training } else { Voices::HeldOut };
    let file = args.iter().find(|arg| !arg.starts_with("--")).map_or("eval/turns.jsonl", String::as_str);
    let config = Shared { config: None, listen: None, http: None, lang: None, trace: None }.config()?;
    let mut stage = Stage::new(&config, words, voices)?;
    let mut measured = Vec::new();
    for case in cases(file.as_ref())? {
        let heard = stage.measure(&case)?;
        if has("--pauses") {
            println!("{}", serde_json::to_string(&heard)?);
        }
        measured.push(heard);
    }
    let config = TurnConfig::default();
    for language in [Some(Language::Zh), Some(Language::En), None] {
        let cases: Vec<&Measured> = measured.iter().filter(|m| language.is_none_or(|l| l == m.lang)).collect();
        let now = point(cases.iter().copied(), &config, 0.0);
        eprintln!("{language:?}: as configured {:.0} ms, {:?}, {:?}", now.silence_ms, now.mid, now.clause);
        for (mean_ms, at) in curve(&cases, &config) {
            let (mid, clause) = (at.mid.hits as f32 / at.mid.all as f32, at.clause.hits as f32 / at.clause.all as f32);
            eprintln!("{mean_ms} ms: cut off {:.1}% in mid-sentence, {:.1}% between", 100.0 * mid, 100.0 * clause);
        }
    }
    Ok(())
}
