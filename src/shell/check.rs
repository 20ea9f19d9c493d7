//! `callwright check`: everything the agent needs, looked at before a call needs it.

use anyhow::{Context, Result};

use crate::config::Config;

use super::serve;

/// Checks the campaign and the files that the configuration names; says what it found.
pub fn run(config: &Config) -> Result<()> {
    let campaign = serve::campaign(config)?;
    let language = config.call.language;
    println!(
        "campaign  {}: {} fixed sentences in {}",
        config.call.campaign.display(),
        campaign.fixed_sentences(language).len(),
        language.code()
    );
    let model = &config.recognizer.model;
    let bytes = std::fs::metadata(model).with_context(|| format!("recognizer.model = {}", model.display()))?.len();
    println!("recognizer {}: {} KiB", model.display(), bytes / 1024);
    let runtime = crate::understanding::onnx::find_runtime()?;
    println!("onnx      {}", runtime.display());
    println!("sip       {}", config.sip.listen);
    println!("ok");
    Ok(())
}
