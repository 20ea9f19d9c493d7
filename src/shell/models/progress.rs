//! How far a download is, on standard error: a bar on a terminal, elsewhere a line at each tenth.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use super::mebibytes;

/// A line is written each time so much more has arrived, where the whole is not known.
const STEP_BYTES: u64 = 64 << 20;
const BAR: &str = "{msg} {bar:30} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left";

/// Shows one download.
pub enum Progress {
    /// Somebody looks.
    Bar(ProgressBar),
    /// It is written to a file.
    Lines {
        /// Of what.
        name: String,
        /// Steps that were told.
        told: Option<u64>,
    },
}

impl Progress {
    /// Of a file of this name.
    pub fn start(name: &str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::Lines { name: name.to_owned(), told: None };
        }
        let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self::Bar(ProgressBar::no_length().with_style(style).with_message(name.to_owned()))
    }

    /// So much has arrived, of so much.
    pub fn show(&mut self, have_bytes: u64, total_bytes: Option<u64>) {
        match self {
            Self::Bar(bar) => {
                total_bytes.into_iter().for_each(|total| bar.set_length(total));
                bar.set_position(have_bytes);
            }
            Self::Lines { name, told } => {
                let step = match total_bytes {
                    Some(total) => (have_bytes * 10).checked_div(total).unwrap_or(10),
                    None => have_bytes / STEP_BYTES,
                };
                if *told != Some(step) {
                    *told = Some(step);
                    let of = total_bytes.map_or_else(String::new, |total| format!(" of {}", mebibytes(total)));
                    eprintln!("{name}: {}{of}", mebibytes(have_bytes));
                }
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        match self {
            Self::Bar(bar) => bar.finish_and_clear(),
            Self::Lines { .. } => {}
        }
    }
}
