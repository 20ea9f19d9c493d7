//! The figures of a set for people: aligned columns, headings in their language.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use crate::asr::Language;

use super::floors::{Floors, code};
use super::report::{Report, Row, Wrong};

/// Cells between two columns.
const SPACE: usize = 2;

const fn headings(language: Language) -> [&'static str; 6] {
    match language {
        Language::Zh => ["指标", "语言", "数值", "95% 区间", "样本数", "下限"],
        Language::En => ["figure", "lang", "value", "95% interval", "n", "floor"],
    }
}

/// The table of a set; the column of floors only if it has any.
pub fn table(set: &str, report: &Report, floors: &Floors, language: Language) -> String {
    let mut lines = vec![headings(language).map(str::to_owned)];
    lines.extend(report.rows.iter().map(|row| {
        let Row { language, figure, value, interval, n, .. } = row;
        let interval = interval.map_or("-".to_owned(), |(low, high)| format!("{} – {}", percent(low), percent(high)));
        let floor = floors.of(set, row).map_or(String::new(), percent);
        [figure.clone(), code(*language).to_owned(), percent(*value), interval, n.to_string(), floor]
    }));
    let columns = if lines.iter().skip(1).all(|line| line[5].is_empty()) { 5 } else { 6 };
    let width = |column: usize| lines.iter().map(|line| line[column].width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut table = format!("== {set}\n");
    for line in &lines {
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            let blanks = " ".repeat(width - cell.width());
            let gap = if column == 0 { 0 } else { SPACE };
            // Names to the left, numbers to the right.
            let (before, after) = if column < 2 { ("", blanks.as_str()) } else { (blanks.as_str(), "") };
            let _ = write!(table, "{:gap$}{before}{cell}{after}", "");
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    }
    table
}

/// A case that came out otherwise, for people.
pub fn wrong(wrong: &Wrong, language: Language) -> String {
    let Wrong { text, expected, got, .. } = wrong;
    match language {
        Language::Zh => format!("   {text}\n     应为 {expected}\n     得到 {got}"),
        Language::En => format!("   {text}\n     expected {expected}\n     got      {got}"),
    }
}

fn percent(value: f64) -> String {
    format!("{:.1}%", value * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::eval::report::Better;

    #[test]
    fn columns_stand_under_each_other_also_in_chinese() {
        let mut report = Report::default();
        report.share(Some(Language::Zh), "accuracy", Better::Higher, [true, true, false]);
        report.share(None, "no", Better::Lower, [true; 10]);
        let got = table("intent", &report, &Floors::none(), Language::Zh);
        let want = "== intent
指标      语言    数值        95% 区间  样本数
accuracy  zh     66.7%   20.8% – 93.9%       3
no        all   100.0%  72.2% – 100.0%      10
";
        assert_eq!(got, want);
    }
}
