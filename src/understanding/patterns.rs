//! Rows of patterns, each row with what its words stand for: how announcements, emotions and industries are recognised.

use regex::Regex;

/// Compiled rows, in order.
pub(super) struct Patterns<T>(Vec<(Regex, T)>);

impl<T: Copy> Patterns<T> {
    /// Compiles rows; case does not matter. A pattern that does not compile is left out: tests compile them all.
    pub fn new(rows: &[(&str, T)]) -> Self {
        let compile = |(pattern, value): &(&str, T)| Some((Regex::new(&format!("(?i){pattern}")).ok()?, *value));
        Self(rows.iter().filter_map(compile).collect())
    }

    /// What the first row that matches stands for.
    pub fn first(&self, text: &str) -> Option<T> {
        self.0.iter().find(|(regex, _)| regex.is_match(text)).map(|(_, value)| *value)
    }

    /// What each row that matches stands for, and how often.
    pub fn counts(&self, text: &str) -> impl Iterator<Item = (T, usize)> {
        self.0.iter().map(|(regex, value)| (*value, regex.find_iter(text).count())).filter(|(_, count)| *count > 0)
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}
