//! People's words and numbers never reach a log, at any level; and what is logged of a value is `[redacted]`.
#![cfg(feature = "shell")]

mod golden;

use std::io::Write;
use std::sync::{Arc, Mutex};

use callwright::asr::Language;
use callwright::base::{CallId, Now, Redacted, TurnId};
use callwright::call::{Event, Happened};
use callwright::sip;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Captured {
    fn during(run: impl FnOnce()) -> String {
        let captured = Self::default();
        let writer = captured.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("capturing");
            run();
        });
        let bytes = captured.0.lock().expect("lock").clone();
        String::from_utf8(bytes).expect("UTF-8")
    }
}

#[test]
fn a_call_leaves_no_words_in_the_log() {
    let log = Captured::during(|| {
        let trace = golden::play("opt_out_words").trace;
        assert!(trace.contains("stop calling me"), "the trace, which is asked for, has the words");
    });
    assert!(log.contains("capturing"), "the capture works");
    assert!(!log.contains("stop calling"), "{log}");
}

#[test]
fn a_phone_number_in_from_leaves_no_mark_in_the_log() {
    let log = Captured::during(|| {
        let mut agent = sip::Agent::new(sip::AgentConfig::new("192.0.2.1:5060".parse().expect("address")), 1);
        let invite = "INVITE sip:demo@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKx\r\n\
            From: \"Zhang San\" <sip:13812345678@192.0.2.2>;tag=a\r\nTo: <sip:demo@192.0.2.1>\r\nCall-ID: c1\r\n\
            CSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContact: <sip:13812345678@192.0.2.2>\r\nContent-Length: 0\r\n\r\n";
        let source = "192.0.2.2:5060".parse().expect("address");
        agent.handle(Now::default(), sip::Input::Datagram { source, bytes: invite.as_bytes() });
        let mut invited = false;
        while let Some(output) = agent.poll() {
            if let sip::Output::Event(event) = output {
                invited = true;
                tracing::error!(?event, "as careless code would log it");
            }
        }
        assert!(invited);
    });
    assert!(log.contains("careless"), "the capture works");
    assert!(!log.contains("13812345678"), "{log}");
}

#[test]
fn an_event_in_a_log_hides_what_the_trace_shows() {
    let event = Event::CallBackAgreed { when: Redacted::new("tomorrow at three".to_owned()) };
    let happened = Happened { call: CallId::new("c"), at_ms: 0, wall: Now::default().wall, event };
    assert!(!format!("{happened:?}").contains("three"));
    assert!(serde_json::to_string(&happened).expect("JSON").contains("three"));
    let opened = Event::Opened {
        sip_call_id: "c".to_owned(),
        trunk: Some("pbx".to_owned()),
        called: Redacted::new("13812345678".to_owned()),
        campaign: "telecom".to_owned(),
        language: Language::Zh,
        headers: [("X-Customer-Name".to_owned(), Redacted::new("Zhang San".to_owned()))].into(),
    };
    let (logged, traced) = (format!("{opened:?}"), serde_json::to_string(&opened).expect("JSON"));
    for secret in ["13812345678", "Zhang San"] {
        assert!(!logged.contains(secret) && traced.contains(secret), "{logged}");
    }
    let reply = Event::Reply { turn: TurnId(1), text: Redacted::new("secret".to_owned()), state: "close".to_owned() };
    assert!(!format!("{reply:?}").contains("secret"));
}
