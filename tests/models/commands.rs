//! `callwright models` as people and scripts call it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::server::{Server, send_file};

/// A model that can be taken in.
const MODEL: &str = "models/asr.ggml.zst";

fn models(folder: &Path, arguments: &[&str]) -> (Output, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callwright"));
    command.arg("models").args(arguments).arg("--models").arg(folder).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.output().unwrap();
    let (out, err) = (output.stdout.clone(), output.stderr.clone());
    (output, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

fn sum(path: &Path) -> String {
    let output = Command::new("sha256sum").arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap()[..64].to_owned()
}

#[test]
fn our_own_models_are_as_their_checksums_say() {
    let (output, out, err) = models(Path::new("models"), &["verify"]);
    let way_out = "after a change: (cd models && sha256sum *.zst *.onnx *.tokenizer.json > SHA256SUMS)";
    assert!(output.status.success(), "{out}{err}\n{way_out}");
}

#[test]
fn a_list_has_what_is_installed_and_in_use_and_what_can_be_had() {
    let (output, out, err) = models(Path::new("models"), &["list", "--json"]);
    assert!(output.status.success(), "{err}");
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| lines.iter().find(|line| line["name"] == name).unwrap_or_else(|| panic!("{name}: {out}"));
    let ours = of("asr.ggml.zst");
    assert_eq!(
        (&ours["state"], &ours["kind"], &ours["in_use"]),
        (&"installed".into(), &"recognizer".into(), &true.into())
    );
    assert_eq!(ours["languages"], serde_json::json!(["zh", "en"]));
    assert_eq!(ours["sha256"].as_str().unwrap().len(), 64);
    let small = of("small.en-q8_0");
    assert_eq!((&small["state"], &small["in_use"]), (&"available".into(), &false.into()));
    assert_eq!(small["bytes"], 264_477_561);
    assert!(models(Path::new("models"), &["list"]).1.contains("in use"));
}

#[test]
fn a_model_is_fetched_checked_recorded_and_verified() {
    let folder = tempfile::tempdir().unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(MODEL);
    let (sum, served) = (sum(&file), fs::read(&file).unwrap());
    let server = Server::start(move |_, request, stream| send_file(stream, request, "\"v1\"", &served));
    let url = format!("{}/some/word.ggml.zst?download=true", server.url);
    let (output, _, err) = models(folder.path(), &["install", &url]);
    assert!(!output.status.success() && err.contains("--sha256"), "{err}");
    assert!(server.requests().is_empty());
    let (output, out, err) = models(folder.path(), &["install", &url, "--sha256", &sum]);
    assert!(output.status.success(), "{err}");
    let path = folder.path().join("word.ggml.zst");
    assert!(out.contains(&format!("model = {:?}", path.display().to_string())), "{out}");
    assert!(err.contains("word.ggml.zst: "), "progress: {err}");
    assert!(fs::read(&path).unwrap() == fs::read(&file).unwrap());
    assert!(!folder.path().join(".partial").exists());
    assert!(fs::read_to_string(folder.path().join("SHA256SUMS")).unwrap().contains(&sum));
    let (output, out, err) = models(folder.path(), &["verify"]);
    assert!(output.status.success() && out.starts_with("ok"), "{out}{err}");
    let (output, out, _) = models(folder.path(), &["install", &url, "--sha256", &sum]);
    assert!(output.status.success() && out.contains("there already"), "{out}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn what_is_no_model_is_not_installed() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    fs::write(&page, "<html>log in</html>").unwrap();
    let page = page.to_str().unwrap();
    for (arguments, why) in [
        (&["install", page, "--trust", "--as", "a.bin"][..], "ggml"),
        (&["install", page, "--trust", "--as", "a.arpa"], "ARPA"),
        (&["install", page, "--trust"], "--as"),
        (&["install", page, "--trust", "--as", "../a.bin"], "folder"),
        (&["install", page, "--trust", "--as", "a.onnx"], "a.onnx"),
        (&["install", MODEL, "--sha256", &"0".repeat(64)], "SHA-256"),
        (&["install", MODEL, "--sha256", "12"], "64"),
        (&["install", "ftp://example.org/a.bin", "--trust"], "https"),
        (&["install", "smal"], "models list"),
    ] {
        let (output, out, err) = models(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {out}{err}");
        assert!(err.contains(why), "{arguments:?}: {err}");
    }
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name == "page.html" || name == ".partial"), "{left:?}");
}

#[test]
fn what_is_wrong_is_named_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let install = |name: &str| {
        let (output, _, err) = models(folder.path(), &["install", MODEL, "--trust", "--as", name]);
        assert!(output.status.success(), "{err}");
        folder.path().join(name)
    };
    let (good, damaged, gone) = (install("good.ggml.zst"), install("damaged.ggml.zst"), install("gone.ggml.zst"));
    let mut bytes = fs::read(&damaged).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&damaged, bytes).unwrap();
    fs::remove_file(gone).unwrap();
    fs::copy(&good, folder.path().join("unknown.ggml.zst")).unwrap();
    let (output, out, _) = models(folder.path(), &["verify"]);
    assert_eq!(output.status.code(), Some(1));
    let line = |name: &str| out.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{name}: {out}"));
    assert!(line("good.ggml.zst").starts_with("ok"));
    for (name, why) in
        [("damaged.ggml.zst", "SHA-256"), ("gone.ggml.zst", "is not there"), ("unknown.ggml.zst", "no checksum")]
    {
        assert!(
            line(name).starts_with("problem") && line(name).contains(why) && line(name).contains("install"),
            "{out}"
        );
    }
    // What was changed on purpose is taken as it is, where it lies.
    let (output, _, err) = models(folder.path(), &["install", damaged.to_str().unwrap(), "--trust"]);
    assert!(output.status.success(), "{err}");
    assert!(
        models(folder.path(), &["verify"]).1.lines().any(|line| line.starts_with("ok") && line.contains("damaged"))
    );
}
