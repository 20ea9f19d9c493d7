//! The texts of all campaigns as they would be spoken: their length, the advertising law's words, the style of each
//! persona. What is checked is data; what each rule is for stands beside it.

#![allow(clippy::unwrap_used)] // helpers of tests

use std::path::{Path, PathBuf};

use callwright::conversation::Campaign;

#[test]
fn every_campaign_loads() {
    for path in campaigns() {
        if let Err(error) = Campaign::load(&path, |path| std::fs::read_to_string(path)) {
            panic!("{:?}", miette::Report::new(error));
        }
    }
}

fn campaigns() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("campaigns");
    let mut files: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}
