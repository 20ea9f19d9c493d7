//! The end of turn: how often a speaker is cut off at a pause, as configured and at a mean silence of 220 ms at true ends
//! (`shell::turn_ends` speaks, hears and sweeps).

use std::path::Path;

use anyhow::Result;

use super::report::{Better, Report, wilson};
use super::{Setting, cases};
use crate::hearing::TurnConfig;
use crate::shell::turn_ends::{Case, Measured, Point, Share, Stage, Voices, Words, curve, point};

/// Where the goal is set.
const MEAN_MS: u32 = 220;

/// Hears every case of the languages.
pub fn run(setting: &Setting, file: &Path) -> Result<Report> {
    let mut stage = Stage::new(&setting.config, Words::Recognised, Voices::HeldOut)?;
    let mut measured = Vec::new();
    for case in cases::<Case>(file)?.iter().filter(|case| setting.languages.contains(&case.lang)) {
        measured.push(stage.measure(case)?);
    }
    let turns = TurnConfig::default();
    let mut report = Report::default();
    for &language in &setting.languages {
        let mine: Vec<&Measured> = measured.iter().filter(|measured| measured.lang == language).collect();
        let at_mean = curve(&mine, &turns).into_iter().find(|(mean_ms, _)| *mean_ms == MEAN_MS);
        let points =
            [("as_configured", Some(point(mine.iter().copied(), &turns, 0.0))), ("220_ms", at_mean.map(|at| at.1))];
        for (name, found) in points {
            let Some(Point { mid, clause, .. }) = found else { continue };
            for (kind, Share { hits, all }) in [("in_sentence", mid), ("between_sentences", clause)] {
                let (value, interval) = (hits as f64 / all.max(1) as f64, Some(wilson(hits, all)));
                report.rate(Some(language), format!("cut_off_{kind}_{name}"), Better::Lower, value, interval, all);
            }
        }
    }
    Ok(report)
}
