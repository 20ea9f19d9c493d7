//! What a person sees of the demo: a row a turn, and the summary.

use std::fmt;
use std::time::Duration;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::DemoCall;
use crate::shell::customer::{Replied, percentile};

/// Column titles and their widths in terminal cells, at least and at best.
const COLUMNS: [(&str, usize, usize); 6] = [
    ("#", 2, 2),
    ("customer said", 12, 26),
    ("agent heard", 12, 26),
    ("intent", 10, 16),
    ("agent replied", 16, 44),
    ("reply ms", 8, 8),
];
/// Cells between two columns.
const SPACE: usize = 2;

/// The table of turns, fitted to the terminal.
pub struct Table {
    widths: [usize; 6],
}

/// One turn.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// What was said.
    pub said: String,
    /// What was heard.
    pub heard: String,
    /// Action id; empty when nothing was understood.
    pub action: String,
    /// Its confidence.
    pub confidence: f32,
    /// The action the script wanted.
    pub want: String,
    /// The reply's words.
    pub reply: String,
    /// When it came; none where nobody had asked.
    pub replied: Option<Replied>,
    /// Whether the line interrupted the agent, and how soon it fell silent.
    pub barge_in_stop: Option<Duration>,
}

impl Table {
    /// As wide as the terminal allows; at its best where there is none.
    pub fn for_terminal() -> Self {
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok();
        Self::of_width(size.map_or(usize::MAX, |size| usize::from(size.ws_col)))
    }

    /// Columns shrink from their best towards their least, each by the same share.
    fn of_width(cells: usize) -> Self {
        let best: usize = COLUMNS.iter().map(|(_, _, best)| best + SPACE).sum();
        let slack: usize = COLUMNS.iter().map(|(_, least, best)| best - least).sum();
        let missing = best.saturating_sub(cells).min(slack);
        Self { widths: COLUMNS.map(|(_, least, best)| best - ((best - least) * missing).div_ceil(slack)) }
    }

    /// The heading.
    pub fn heading(&self) -> String {
        let titles = COLUMNS.map(|(title, ..)| title.to_owned());
        format!("{}\n{}", self.lines(&titles), "-".repeat(self.widths.iter().map(|width| width + SPACE).sum()))
    }

    /// A turn as a row whose cells wrap within their columns.
    pub fn row(&self, number: usize, row: &Row) -> String {
        let mut ms = match row.replied {
            Some(Replied::After(latency)) => latency.as_millis().to_string(),
            Some(Replied::CutOff) => "cut off".to_owned(),
            Some(Replied::Never) => "NONE".to_owned(),
            None => String::new(),
        };
        if let Some(stop) = row.barge_in_stop {
            ms = format!("{ms} stop {}", stop.as_millis());
        }
        let intent =
            if row.action.is_empty() { String::new() } else { format!("{} {:.2}", row.action, row.confidence) };
        self.lines(&[number.to_string(), row.said.clone(), row.heard.clone(), intent, row.reply.clone(), ms])
    }

    fn lines(&self, cells: &[String; 6]) -> String {
        let wrapped: Vec<Vec<String>> = cells.iter().zip(self.widths).map(|(cell, width)| wrap(cell, width)).collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
        let mut out = Vec::with_capacity(height);
        for n in 0..height {
            let mut line = String::new();
            for (cell, width) in wrapped.iter().zip(self.widths) {
                let text = cell.get(n).map_or("", String::as_str);
                line.push_str(text);
                line.push_str(&" ".repeat((width + SPACE).saturating_sub(text.width())));
            }
            out.push(line.trim_end().to_owned());
        }
        out.join("\n")
    }
}

/// Breaks at spaces where there are any, anywhere in Chinese.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut out = vec![String::new()];
    for word in text.split_inclusive(' ') {
        let fits_alone = word.trim_end().width() <= width;
        if let Some(line) = out.last()
            && fits_alone
            && line.width() + word.trim_end().width() > width
        {
            out.push(String::new());
        }
        for c in word.chars() {
            if out.last().is_some_and(|line| line.width() + c.width().unwrap_or(0) > width) && c != ' ' {
                out.push(String::new());
            }
            if let Some(line) = out.last_mut() {
                line.push(c);
            }
        }
    }
    out
}

/// The table at the end.
pub struct Summary {
    turns: usize,
    unanswered: usize,
    cut_offs: usize,
    intents_right: usize,
    latencies_ms: Vec<u128>,
    stops_ms: Vec<u128>,
    characters: usize,
    characters_wrong: usize,
    completed: bool,
}

impl Summary {
    /// Adds up a call.
    pub fn of(call: &DemoCall) -> Self {
        let rows = &call.rows;
        let mut latencies_ms: Vec<u128> = rows
            .iter()
            .filter_map(|row| match row.replied {
                Some(Replied::After(latency)) => Some(latency.as_millis()),
                Some(Replied::CutOff | Replied::Never) | None => None,
            })
            .collect();
        latencies_ms.sort_unstable();
        let pairs: Vec<(Vec<char>, Vec<char>)> =
            rows.iter().map(|row| (letters(&row.said), letters(&row.heard))).collect();
        Self {
            turns: rows.len(),
            unanswered: rows.iter().filter(|row| row.replied == Some(Replied::Never)).count(),
            cut_offs: rows.iter().filter(|row| row.replied == Some(Replied::CutOff)).count(),
            intents_right: rows.iter().filter(|row| row.action == row.want).count(),
            latencies_ms,
            stops_ms: rows.iter().filter_map(|row| row.barge_in_stop.map(|stop| stop.as_millis())).collect(),
            characters: pairs.iter().map(|(said, _)| said.len()).sum(),
            characters_wrong: pairs.iter().map(|(said, heard)| edit_distance(said, heard)).sum(),
            completed: call.completed,
        }
    }

    /// The call was held to its end and every turn got a reply.
    pub fn passed(&self) -> bool {
        self.completed && self.unanswered == 0 && self.turns > 0
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
        let stops = self.stops_ms.iter().map(|ms| format!("{ms} ms")).collect::<Vec<_>>().join(", ");
        writeln!(f)?;
        writeln!(f, "turns                {} ({} without a reply)", self.turns, self.unanswered)?;
        writeln!(
            f,
            "reply latency        p50 {} ms, p95 {} ms, max {} ms (caller's last voiced packet to first sound)",
            percentile(&self.latencies_ms, 50),
            percentile(&self.latencies_ms, 95),
            percentile(&self.latencies_ms, 100)
        )?;
        writeln!(f, "barge-in stop        {}", if stops.is_empty() { "none" } else { &stops })?;
        writeln!(
            f,
            "characters wrong     {} of {} ({:.1}%)",
            self.characters_wrong,
            self.characters,
            percent(self.characters_wrong, self.characters)
        )?;
        writeln!(f, "intents right        {} of {}", self.intents_right, self.turns)?;
        writeln!(f, "false cut-offs       {}", self.cut_offs)?;
        write!(f, "call                 {}", if self.completed { "held to its end" } else { "FAILED" })
    }
}

/// What counts when words are compared: letters and digits, lower case.
fn letters(text: &str) -> Vec<char> {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Levenshtein distance.
pub fn edit_distance<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_characters_are_counted_without_punctuation() {
        assert_eq!(edit_distance(&letters("喂，你好。"), &letters("喂你号")), 1);
        assert_eq!(edit_distance(&letters("Hello!"), &letters("hello")), 0);
    }

    #[test]
    fn the_table_fits_the_terminal_down_to_its_least_width() {
        let width = |cells| Table::of_width(cells).widths.iter().map(|width| width + SPACE).sum::<usize>();
        assert_eq!((width(200), width(134)), (134, 134));
        assert!(width(100) <= 100 && width(100) > 90);
        assert_eq!(width(40), 72);
    }

    #[test]
    fn chinese_wraps_by_its_width() {
        assert_eq!(wrap("一二三四五", 4), ["一二", "三四", "五"]);
        assert_eq!(wrap("one two three", 8), ["one two ", "three"]);
    }
}
