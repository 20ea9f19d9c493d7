//! The loop of `scripts/train/learn`: corrected lines in, a better model promoted, any other left alone. Training is a
//! stand-in that writes down which cases its model gets right; the evaluation too, but in one test. Needs Python.
#![cfg(all(feature = "shell", feature = "whisper", feature = "onnx", feature = "espeak"))]
#![allow(clippy::unwrap_used)] // helpers of tests

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Prints the figure of a "model", which holds its cases; one of two lines has broken a floor.
const EVALUATION: &str = r#"#!/bin/sh
while [ $# -gt 0 ]; do case $1 in --models) models=$2 ;; --floors) floors=$2 ;; esac; shift; done
printf '{"set":"intent","lang":"zh","figure":"accuracy","value":0.5,"n":8,"better":"higher","cases":"%s"}\n' "$(head -1 "$models/text.zh.onnx")"
[ -z "$floors" ] || [ "$(wc -l < "$models/text.zh.onnx")" = 1 ] || { echo "callwright: a floor is broken" >&2; exit 1; }
"#;
const CORRECTED: &str = r#"{"at":"2026-11-20T02:00:00Z","call":"c","turn":1,"lang":"zh","last_act":"ask_yesno","heard":"你们这个套参怎么算钱呀","confidence":0.4,"action":"out_of_scope","action_confidence":0.3,"text":"你们这个套餐怎么算钱呀","label":"ask_price"}
{"at":"2026-11-20T02:00:09Z","call":"c","turn":2,"lang":"zh","last_act":"tell","heard":"嗯","confidence":0.9,"action":"backchannel","action_confidence":0.9}
"#;

/// A folder with an incumbent model, a stand-in for the evaluation, and corrected lines.
struct Place(tempfile::TempDir);

impl Place {
    /// The incumbent gets these cases right.
    fn with(incumbent: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for folder in ["models", "corpus", "sets"] {
            fs::create_dir(place.path(folder)).unwrap();
        }
        fs::write(place.path("models/text.zh.onnx"), incumbent).unwrap();
        fs::write(place.path("models/text.en.arpa.zst"), "another model").unwrap();
        fs::write(place.path("sets/intent.jsonl"), "").unwrap();
        fs::write(place.path("sets/floors.toml"), "").unwrap();
        fs::write(place.path("turns.jsonl"), CORRECTED).unwrap();
        place.program("evaluation", EVALUATION);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn program(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Learns with a trainer whose model is this.
    fn learn(&self, candidate: &str) -> (Output, String) {
        self.learn_by(&format!("printf '{candidate}' > \"$3/text.$1.onnx\""))
    }

    fn learn_by(&self, trainer: &str) -> (Output, String) {
        self.program("trainer", &format!("#!/bin/sh\n{trainer}\n"));
        self.run(&[("models", "models"), ("sets", "sets")], self.path("evaluation"))
    }

    fn run(&self, folders: &[(&str, &str)], callwright: PathBuf) -> (Output, String) {
        let mut learn = Command::new("python3");
        learn.arg(PathBuf::from(ROOT).join("scripts/train/learn")).arg(self.path("turns.jsonl"));
        for (name, folder) in folders.iter().chain(&[("corpus", "corpus"), ("work", "work"), ("trainer", "trainer")]) {
            learn.arg(format!("--{name}")).arg(self.0.path().join(folder)); // an absolute path stays as it is
        }
        let output = learn.env("CALLWRIGHT", callwright).output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output, said)
    }
}

#[test]
fn a_better_model_is_promoted_and_what_it_learned_joins_the_corpus() {
    let place = Place::with("11000000\n");
    let (output, said) = place.learn("11111110\\n");
    assert!(output.status.success(), "{said}");
    assert!(said.contains("5 gained, 0 lost") && said.contains("p = 0.0312"), "{said}");
    assert_eq!(place.read("models/text.zh.onnx"), "11111110\n");
    assert_eq!(place.read("work/incumbent/text.zh.onnx"), "11000000\n");
    let verified = Command::new("sha256sum").args(["--check", "SHA256SUMS"]).current_dir(place.path("models")).output();
    assert_eq!(String::from_utf8_lossy(&verified.unwrap().stdout), "text.en.arpa.zst: OK\ntext.zh.onnx: OK\n");
    let learned = "ask_price\t你们这个套餐怎么算钱呀\task_yesno\nask_price\t你们这个套参怎么算钱呀\task_yesno\n";
    assert_eq!(place.read("corpus/zh-learned.tsv"), learned);
    assert!(!place.path("corpus/en-learned.tsv").exists());

    let (again, said) = place.learn("11111111\\n");
    assert!(!again.status.success() && said.contains("nothing new to learn"), "{said}");
}

#[test]
fn a_model_that_chance_may_have_made_better_leaves_everything_as_it_was() {
    for (candidate, why) in
        [("11111100\\n", "4 gained, 0 lost"), ("01111111\\n", "6 gained, 1 lost"), ("00000000\\n", "0 gained, 2 lost")]
    {
        let place = Place::with("11000000\n");
        let (output, said) = place.learn(candidate);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(why) && said.contains("not promoted: p is not below 0.05"), "{said}");
        assert_eq!(
            (place.read("models/text.zh.onnx").as_str(), place.path("corpus/zh-learned.tsv").exists()),
            ("11000000\n", false)
        );
    }
}

#[test]
fn a_better_model_that_breaks_a_floor_is_not_promoted() {
    let place = Place::with("00000000\n");
    let (output, said) = place.learn("11111111\\nbroken\\n");
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("not promoted: below the floors:\ncallwright: a floor is broken"), "{said}");
    assert_eq!(place.read("models/text.zh.onnx"), "00000000\n");
}

#[test]
fn a_training_that_fails_changes_nothing() {
    let place = Place::with("00000000\n");
    let (output, said) = place
        .learn_by("grep -q 你们这个套餐 \"$TEXT_EXTRA/$1-learned.tsv\" && echo 11111111 > \"$3/text.$1.onnx\"; exit 3");
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("not promoted: the training failed") && said.contains("status 3"), "{said}");
    assert_eq!(
        (place.read("work/candidate/text.zh.onnx").as_str(), place.read("models/text.zh.onnx").as_str()),
        ("11111111\n", "00000000\n")
    );
}

#[test]
fn bad_lines_are_named_and_held_out_lines_are_not_learned() {
    let place = Place::with("00000000\n");
    let demo = fs::read_to_string(PathBuf::from(ROOT).join("scripts/demo/en.toml")).unwrap();
    let says = demo.lines().filter_map(|line| line.strip_prefix("say = \"")?.strip_suffix('"'));
    let held = says.filter(|say| !say.contains('|')).max_by_key(|say| say.len()).unwrap();
    let lines = [
        "{broken",
        r#"{"lang":"zh","heard":"多少钱","action":"ask_price","label":"ask_prize"}"#,
        r#"{"lang":"fr","heard":"non","action":"deny","text":"non"}"#,
        "[1]",
        &format!(r#"{{"lang":"en","heard":"{held}","action":"deny","text":"{held}"}}"#),
    ];
    fs::write(place.path("turns.jsonl"), lines.join("\n")).unwrap();
    let (output, said) = place.learn("11111111\\n");
    assert_eq!(output.status.code(), Some(1));
    for (number, why) in [(1, "Expecting"), (2, "'ask_prize' is no action"), (3, "\"lang\" is 'fr'"), (4, "no object")]
    {
        let line =
            said.lines().find(|line| line.contains(&format!("turns.jsonl:{number}: skipped: "))).unwrap_or_default();
        assert!(line.contains(why), "{number}: {said}");
    }
    assert!(said.contains("1 near to a held-out line") && said.contains("nothing new to learn"), "{said}");
}

/// With the models and the evaluation that there are: a candidate that answers alike is no better.
#[test]
fn the_incumbent_itself_is_no_better_than_the_incumbent() {
    let place = Place::with("");
    place.program("trainer", "#!/bin/sh\n");
    let (models, sets) = (format!("{ROOT}/models"), format!("{ROOT}/tests/eval_cases"));
    let folders = [("models", models.as_str()), ("sets", sets.as_str())];
    let (output, said) = place.run(&folders, env!("CARGO_BIN_EXE_callwright").into());
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("0 gained, 0 lost") && said.contains("not promoted"), "{said}");
    assert!(said.contains("intent zh accuracy ") && said.contains("intent en recall_request_human "), "{said}");
}
