//! An agent takes up new models while a call is held, and the call is held to its end.
#![cfg(all(feature = "shell", feature = "whisper", feature = "onnx", feature = "espeak"))]
#![allow(clippy::unwrap_used)] // helpers of tests

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

/// Looks, 100 ms apart, until something must have happened.
const LOOKS_MAX: usize = 600;

struct Agent {
    process: Child,
    sip: SocketAddr,
    http: SocketAddr,
}

impl Agent {
    fn start(config: &Path) -> Self {
        let sip = UdpSocket::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let http = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let mut command = callwright();
        command.args(["serve", "--listen", &sip.to_string(), "--http", &http.to_string(), "--config"]).arg(config);
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        assert!(said.any(|line| line.starts_with("callwright answers")), "it did not start");
        std::thread::spawn(move || said.for_each(|line| eprintln!("agent: {line}")));
        Self { process, sip, http }
    }

    fn health(&self) -> Value {
        let mut stream = TcpStream::connect(self.http).unwrap();
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// Its health once it is as it should be.
    #[track_caller]
    fn once(&self, is: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..LOOKS_MAX {
            let health = self.health();
            if is(&health) {
                return health;
            }
            sleep(Duration::from_millis(100));
        }
        panic!("still {}", self.health());
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

fn callwright() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callwright"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// A campaign whose opening is soon over.
fn short(campaign: &str) -> String {
    let said = |text: &str, short: &str| {
        assert!(campaign.contains(text), "{text}");
        (text.to_owned(), short.to_owned())
    };
    let notice = said(
        "您好，我是{company}的人工智能助手{agent}，通话会录音，用于改进服务。不想再接到来电，请随时按九。",
        "我是人工智能，拒接按九。",
    );
    let question = said("想用一分钟给您介绍套餐升级的优惠，现在方便吗？", "现在方便吗？");
    campaign.replace(&notice.0, &notice.1).replace(&question.0, &question.1)
}

#[test]
fn a_call_goes_on_while_new_models_are_taken_up_and_bad_ones_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    for file in ours.read_dir().unwrap().map(|file| file.unwrap().path()) {
        fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    let (models, model) = (folder.path().display(), folder.path().join("asr.ggml.zst"));
    let config = folder.path().join("callwright.toml");
    let campaign = folder.path().join("campaign.toml");
    fs::write(&campaign, short(include_str!("campaigns/whole.toml"))).unwrap();
    let text = format!(
        "[call]\ncampaign = {campaign:?}\n[recognizer]\nmodel = {model:?}\nstates = 1\n\
        [understanding]\nmodels = \"{models}\"\n"
    );
    fs::write(&config, text).unwrap();
    let agent = Agent::start(&config);
    let old = agent.health()["models"].clone();
    let call = callwright()
        .args(["bench", "turns", "--calls", "1", "--turns", "1", "--lang", "zh", "--agent", &agent.sip.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    agent.once(|health| health["calls"] == 1);
    let new = folder.path().join("new");
    fs::copy(&model, &new).unwrap();
    fs::rename(&new, &model).unwrap();
    let tokenizer = folder.path().join("text.zh.tokenizer.json");
    fs::write(&tokenizer, "{}").unwrap();
    let health = agent.once(|health| {
        let [recognizer, texts] = [&health["models"][0], &health["models"][1]];
        recognizer["loaded_at"] != old[0]["loaded_at"] && texts["error"].is_string()
    });
    assert_eq!(health["calls"], 1, "the call is held meanwhile");
    assert_eq!(
        (&health["models"][0]["error"], &health["models"][1]["loaded_at"]),
        (&Value::Null, &old[1]["loaded_at"])
    );
    let report = call.wait_with_output().unwrap();
    let report = String::from_utf8(report.stdout).unwrap();
    assert!(report.contains("(1 dialled)") && report.contains("(0 without a reply)"), "{report}");
}
