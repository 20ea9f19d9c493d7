//! What an evaluation says: rows of figures, each with its number of cases and a 95% interval.

use serde::Serialize;

use crate::asr::Language;

/// Standard deviations of a normal distribution that hold 95%.
const Z_95: f64 = 1.959_964;
/// Bins of equal width of the calibration error.
const CALIBRATION_BINS: usize = 15;

/// In which direction a figure is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// Such as an accuracy.
    Higher,
    /// Such as an error rate.
    Lower,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The language of its cases; none where they have no language, or both.
    #[serde(rename = "lang")]
    pub language: Option<Language>,
    /// Its name, as eval/floors.toml calls it.
    pub figure: String,
    /// How much: a share, 0 to 1, or an error rate, which may exceed 1.
    pub value: f64,
    /// The lower and upper end of its 95% interval, where one can be told.
    pub interval: Option<(f64, f64)>,
    /// How many cases it was counted on; of an error rate, how many units.
    pub n: usize,
    /// In which direction it is better.
    pub better: Better,
    /// 1 or 0 a case, in the order of the file: what two models are compared by, case by case. Empty where the figure is
    /// not a share of cases.
    pub cases: String,
}

/// A case that came out otherwise than it should.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wrong {
    /// Its language.
    #[serde(rename = "lang")]
    pub language: Language,
    /// What was said.
    pub text: String,
    /// What it should have given.
    pub expected: String,
    /// What it gave.
    pub got: String,
}

/// All that an evaluation says.
#[derive(Debug, Default)]
pub struct Report {
    /// The figures.
    pub rows: Vec<Row>,
    /// The cases that came out otherwise.
    pub wrong: Vec<Wrong>,
}

impl Report {
    /// Adds the share of the cases of which something holds, with Wilson's interval; nothing where there are no cases.
    pub fn share(
        &mut self,
        language: Option<Language>,
        figure: impl Into<String>,
        better: Better,
        holds: impl IntoIterator<Item = bool>,
    ) {
        let cases: String = holds.into_iter().map(|holds| if holds { '1' } else { '0' }).collect();
        let (n, hits) = (cases.len(), cases.matches('1').count());
        if n > 0 {
            let (value, interval) = (hits as f64 / n as f64, Some(wilson(hits, n)));
            self.rows.push(Row { language, figure: figure.into(), value, interval, n, better, cases });
        }
    }

    /// Adds a figure over `n` units that is no share of cases.
    pub fn rate(
        &mut self,
        language: Option<Language>,
        figure: impl Into<String>,
        better: Better,
        value: f64,
        interval: Option<(f64, f64)>,
        n: usize,
    ) {
        self.rows.push(Row { language, figure: figure.into(), value, interval, n, better, cases: String::new() });
    }
}

/// The 95% interval of a share by Wilson's score: sound for small numbers and for shares of nearly all or none.
pub fn wilson(hits: usize, n: usize) -> (f64, f64) {
    let (n, p) = (n.max(1) as f64, hits as f64 / n.max(1) as f64);
    let z2 = Z_95 * Z_95;
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z_95 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n);
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// Expected calibration error of (confidence, right): how far confidence and accuracy lie apart, over bins of equal width.
pub fn calibration_error(judged: &[(f64, bool)]) -> f64 {
    let mut bins = [(0.0, 0.0); CALIBRATION_BINS];
    for &(confidence, right) in judged {
        let bin = &mut bins[((confidence * CALIBRATION_BINS as f64) as usize).min(CALIBRATION_BINS - 1)];
        bin.0 += confidence;
        bin.1 += f64::from(u8::from(right));
    }
    bins.iter().map(|(confidence, right)| (confidence - right).abs()).sum::<f64>() / judged.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilsons_interval_is_that_of_the_tables() {
        let near = |got: (f64, f64), want: (f64, f64)| (got.0 - want.0).abs() < 5e-4 && (got.1 - want.1).abs() < 5e-4;
        assert!(near(wilson(81, 263), (0.2553, 0.3662)), "{:?}", wilson(81, 263)); // Newcombe 1998, table I
        assert!(near(wilson(0, 20), (0.0, 0.1611)), "{:?}", wilson(0, 20));
        assert!(near(wilson(29, 29), (0.8830, 1.0)), "{:?}", wilson(29, 29));
    }

    #[test]
    fn confidence_that_keeps_its_word_has_no_calibration_error() {
        let kept: Vec<(f64, bool)> = (0..10).map(|n| (0.9, n != 0)).collect();
        assert!(calibration_error(&kept) < 1e-9);
        assert!((calibration_error(&[(1.0, false), (1.0, true)]) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_share_of_no_cases_is_no_figure() {
        let mut report = Report::default();
        report.share(None, "nothing", Better::Higher, []);
        report.share(None, "half", Better::Higher, [true, false]);
        let rows: Vec<_> = report.rows.iter().map(|row| (row.figure.as_str(), row.value, row.cases.as_str())).collect();
        assert_eq!(rows, [("half", 0.5, "10")]);
    }
}
