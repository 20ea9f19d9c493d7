//! The architecture, held against the tree: imports go downwards, the core has no clock and no tokio, files stay short and
//! say what they are for, leaves are named by the shell only.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules by layer (docs/ARCHITECTURE.md). A module imports only modules of a lower number.
const LAYERS: [(&str, u8); 18] = [
    ("base", 0),
    ("sip", 1),
    ("sdp", 1),
    ("audio", 1),
    ("compliance", 1),
    ("privacy", 1),
    ("rtp", 2),
    ("hearing", 2),
    ("asr", 2),
    ("speech", 2),
    ("trunk", 3),
    ("understanding", 3),
    ("conversation", 4),
    ("call", 5),
    ("config", 9),
    ("shell", 10),
    ("lib", 11),
    ("main", 11),
];

/// The one pair of a layer that may look sideways, downwards in meaning: SDP speaks of codecs, speech of languages.
const SIDEWAYS: [(&str, &str); 2] = [("sdp", "audio"), ("speech", "asr")];

/// Files with more lines than this must be split; tables of data are exempt.
const LINES_MAX: usize = 620;

const LEAVES: [&str; 3] = ["asr/whisper", "understanding/onnx", "speech/espeak"];

struct Source {
    path: PathBuf,
    module: String,
    text: String,
}

impl Source {
    /// The code without comments and without its tests.
    fn code(&self) -> String {
        let code = self.text.split("#[cfg(test)]").next().unwrap_or_default();
        code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }

    fn is_leaf(&self) -> bool {
        LEAVES.iter().any(|leaf| self.path.to_string_lossy().contains(leaf))
    }
}

fn sources() -> Vec<Source> {
    fn walk(folder: &Path, found: &mut Vec<Source>) {
        for entry in fs::read_dir(folder).expect("src is readable") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let below = path.strip_prefix(root()).expect("below src");
                let first = below.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
                let module = first.trim_end_matches(".rs").to_owned();
                let text = fs::read_to_string(&path).expect("readable");
                found.push(Source { path, module, text });
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), &mut found);
    assert!(found.len() > 30, "the walk finds the tree");
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn layer(module: &str) -> u8 {
    LAYERS.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("{module} has no layer")).1
}

/// Every `crate::NAME` of a text.
fn imports(code: &str) -> Vec<String> {
    code.match_indices("crate::")
        .map(|(at, found)| {
            code[at + found.len()..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
        })
        .collect()
}

#[test]
fn a_module_imports_only_lower_layers() {
    let mut wrong = Vec::new();
    for source in sources() {
        for import in imports(&source.code()) {
            let known = LAYERS.iter().any(|(name, _)| *name == import);
            let sideways = SIDEWAYS.contains(&(source.module.as_str(), import.as_str()));
            if known && import != source.module && !sideways && layer(&import) >= layer(&source.module) {
                wrong.push(format!("{}: {} imports {import}", source.path.display(), source.module));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_core_has_no_clock_no_socket_and_no_tokio() {
    let banned = ["tokio", "Instant::now", "SystemTime::now", "std::net::UdpSocket", "std::net::TcpStream", "thread::"];
    let mut wrong = Vec::new();
    for source in sources() {
        if layer(&source.module) >= 10 || source.is_leaf() {
            continue;
        }
        for word in banned {
            if source.code().contains(word) {
                wrong.push(format!("{}: {word}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_shell_names_the_leaves() {
    let mut wrong = Vec::new();
    for source in sources() {
        if layer(&source.module) >= 10 {
            continue;
        }
        for leaf in ["asr::whisper", "understanding::onnx", "speech::espeak", "whisper_rs", " ort::"] {
            if source.code().contains(leaf) && !source.is_leaf() {
                wrong.push(format!("{}: {leaf}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_say_what_they_are_for_and_stay_short() {
    let mut wrong = Vec::new();
    for source in sources() {
        if !source.text.starts_with("//!") {
            wrong.push(format!("{}: no module documentation", source.path.display()));
        }
        let lines = source.text.lines().count();
        let table = source.text.contains("//! Data:");
        if lines > LINES_MAX && !table {
            wrong.push(format!("{}: {lines} lines", source.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_file_is_named_after_a_cupboard() {
    for source in sources() {
        let stem = source.path.file_stem().expect("a stem").to_string_lossy().into_owned();
        assert!(!["utils", "util", "helpers", "common", "misc", "manager"].contains(&stem.as_str()), "{stem}");
    }
}
