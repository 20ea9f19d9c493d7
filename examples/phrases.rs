//! What phrases say of agents' sentences, a JSON list `[{"class","rank"}]` for each line of standard input: what
//! `scripts/train/understanding/calibrate.py` joins with the model. `cargo run --no-default-features --example phrases`.

use std::io::{BufRead, Write};

use callwright::compliance::phrases;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let found: Vec<_> = phrases(&line?)
            .iter()
            .map(|phrase| serde_json::json!({ "class": phrase.class, "rank": phrase.rank }))
            .collect();
        writeln!(out, "{}", serde_json::Value::from(found))?;
    }
    Ok(())
}
