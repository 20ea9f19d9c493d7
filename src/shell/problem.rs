//! What is wrong with a file, as one line of text: `file:line:column: what; the way out`.

use std::fmt;

use miette::Diagnostic;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, with line and column where they are known.
    place: String,
    message: String,
    way_out: Option<String>,
}

impl Problem {
    /// A problem of a whole file.
    pub fn new(place: impl fmt::Display, message: impl fmt::Display) -> Self {
        Self { place: place.to_string(), message: message.to_string(), way_out: None }
    }

    /// The same with what to do.
    pub fn with_way_out(self, way_out: impl fmt::Display) -> Self {
        Self { way_out: Some(way_out.to_string()), ..self }
    }

    /// Those that a diagnostic gathers, or the one that it is. A problem without a place stands at `whole`.
    pub fn of(diagnostic: &dyn Diagnostic, whole: &str) -> Vec<Self> {
        if let Some(related) = diagnostic.related() {
            return related.flat_map(|one| Self::of(one, whole)).collect();
        }
        let place = place(diagnostic).unwrap_or_else(|| whole.to_owned());
        let way_out = diagnostic.help().map(|help| help.to_string());
        vec![Self { place, message: diagnostic.to_string(), way_out }]
    }
}

fn place(diagnostic: &dyn Diagnostic) -> Option<String> {
    let span = *diagnostic.labels()?.next()?.inner();
    let contents = diagnostic.source_code()?.read_span(&span, 0, 0).ok()?;
    Some(format!("{}:{}:{}", contents.name()?, contents.line() + 1, contents.column() + 1))
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What a parser says may have several lines.
        write!(f, "{}: {}", self.place, self.message.replace('\n', " "))?;
        self.way_out.iter().try_for_each(|way_out| write!(f, "; {}", way_out.replace('\n', " ")))
    }
}
