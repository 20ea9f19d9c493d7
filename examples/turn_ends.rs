//! Runs `eval/turns.jsonl`: `cargo run --example turn_ends [--oracle-words] [--pauses] [FILE]`.
use callwright::hearing::TurnConfig;
use callwright::shell::options::Shared;
use callwright::shell::turn_ends::{Stage, Words, cases, curve, point};

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| args.iter().any(|arg| arg == name);
    let words = if has("--oracle-words") { Words::Oracle } else { Words::Recognised };
    let file = args.iter().find(|arg| !arg.starts_with("--")).map_or("eval/turns.jsonl", String::as_str);
    let config = Shared { config: None, listen: None, http: None, lang: None, trace: None }.config()?;
    let mut stage = Stage::new(&config, words)?;
    let mut measured = Vec::new();
    for case in cases(file.as_ref())? {
        let heard = stage.measure(&case)?;
        if has("--pauses") {
            println!("{}", serde_json::to_string(&heard)?);
        }
        measured.push(heard);
    }
    let config = TurnConfig::default();
    let at = point(measured.iter(), &config, 0.0);
    eprintln!("as configured: {:.0} ms, {} of {} cut off", at.silence_ms, at.cut_off, at.mid);
    for (mean_ms, at) in curve(&measured, &config) {
        eprintln!("{mean_ms} ms: {} of {} cut off, {:.1}%", at.cut_off, at.mid, 100.0 * at.cut_off as f32 / at.mid as f32);
    }
    Ok(())
}
