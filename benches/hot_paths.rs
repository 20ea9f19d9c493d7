//! The paths that run for every packet: `cargo bench --no-default-features`. 20 ms is the budget of one beat of one call.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use callwright::asr::Language;
use callwright::audio::{Frame8k, Law, Upsampler, resample_all};
use callwright::base::Now;
use callwright::conversation::{CallerFacts, Campaign, Conversation, Heard, Trust};
use callwright::hearing::{Earshot, Prosody, TurnConfig, TurnDetector};
use callwright::understanding::{Action, Completeness, Emotion, Evidence, Intent, Meaning, slots};
use callwright::{rtp, sdp, sip};
use criterion::{Criterion, criterion_group, criterion_main};

const INVITE: &[u8] = b"INVITE sip:demo@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK1;rport\r\n\
    From: <sip:a@192.0.2.2>;tag=a\r\nTo: <sip:demo@192.0.2.1>\r\nCall-ID: bench\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n\
    Contact: <sip:a@192.0.2.2>\r\nContent-Length: 0\r\n\r\n";

const OFFER: &[u8] = b"v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n\
    m=audio 30000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";

/// A saw of 150 Hz, as a voice's source.
fn voiced() -> Frame8k {
    let mut frame = Frame8k::SILENCE;
    for (n, sample) in frame.0.iter_mut().enumerate() {
        *sample = ((n % 53) as i16 - 26) * 400;
    }
    frame
}

fn sessions() -> (rtp::Session, rtp::Session) {
    let local = sdp::Local { address: [192, 0, 2, 1].into(), rtp_port: 20_000, session_id: 1, version: 1 };
    let (_, media) = sdp::answer(OFFER, &local).expect("the offer is good");
    let session = |seed| rtp::Session::new(rtp::SessionConfig { media, latching: rtp::Latching::Symmetric }, seed);
    (session(1), session(2))
}

fn hot_paths(c: &mut Criterion) {
    c.bench_function("sip: lex an INVITE", |b| b.iter(|| sip::lexer::lex(black_box(INVITE))));
    c.bench_function("sip: INVITE to 100 and event", |b| {
        let source = "192.0.2.2:5060".parse().expect("address");
        b.iter_batched(
            || sip::Agent::new(sip::AgentConfig::new("192.0.2.1:5060".parse().expect("address")), 1),
            |mut agent| {
                agent.handle(Now::default(), sip::Input::Datagram { source, bytes: black_box(INVITE) });
                while agent.poll().is_some() {}
                agent
            },
            criterion::BatchSize::SmallInput,
        );
    });
    c.bench_function("sdp: answer", |b| {
        let local = sdp::Local { address: [192, 0, 2, 1].into(), rtp_port: 20_000, session_id: 1, version: 1 };
        b.iter(|| sdp::answer(black_box(OFFER), &local));
    });
    c.bench_function("audio: A-law both ways, 20 ms", |b| {
        let frame = voiced();
        b.iter(|| Law::A.decode(&Law::A.encode(black_box(&frame))));
    });
    c.bench_function("audio: 8 to 16 kHz, 20 ms", |b| {
        let (mut up, frame) = (Upsampler::new(), voiced());
        b.iter(|| up.upsample(black_box(&frame)));
    });
    c.bench_function("rtp: send, receive, play, 20 ms", |b| {
        let (mut peer, mut ours) = sessions();
        let (mut now, frame) = (Now::default(), voiced());
        let source = "192.0.2.2:30000".parse().expect("address");
        b.iter(|| {
            now = now.plus(Duration::from_millis(20));
            let packet = peer.send(&frame).to_vec();
            ours.receive(now, source, &packet);
            ours.playout(now)
        });
    });
    c.bench_function("audio: a second at 22.05 to 8 kHz", |b| {
        let clip = vec![1_000; 22_050];
        b.iter(|| resample_all(black_box(&clip), 22_050, 8_000));
    });
    c.bench_function("rtp: jitter buffer, in and out, 20 ms", |b| {
        let (mut buffer, mut now, mut timestamp, frame) = (rtp::JitterBuffer::new(), Now::default(), 0u32, voiced());
        b.iter(|| {
            now = now.plus(Duration::from_millis(20));
            timestamp = timestamp.wrapping_add(160);
            (buffer.insert(now, timestamp, &frame.0), buffer.take(now))
        });
    });
    c.bench_function("hearing: one frame of speech", |b| {
        let mut detector = TurnDetector::new(TurnConfig::default(), Box::new(Earshot::new()));
        let frame = voiced();
        b.iter(|| detector.hear(black_box(&frame)));
    });
}

fn conversation(c: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("campaigns/telecom.toml");
    let campaign = Arc::new(Campaign::load(&path, |path| std::fs::read_to_string(path)).expect("the campaign is good"));
    let said = "那这个套餐每个月要交多少钱呀";
    let intent = Intent { action: Action::AskPrice, confidence: 0.9 };
    c.bench_function("understanding: evidence of the turn's end and slots of a sentence", |b| {
        b.iter(|| {
            let evidence = Evidence::new(black_box(said), Completeness::UNKNOWN, &Prosody::default(), Language::Zh);
            (evidence, slots(black_box(said), Language::Zh))
        });
    });
    c.bench_function("conversation: the reply to a question", |b| {
        let now = time::macros::datetime!(2026-11-20 10:12 +8);
        let mut opened = Conversation::new(Arc::clone(&campaign), Language::Zh, CallerFacts::default(), now);
        opened.open();
        let meaning = Meaning { intent, slots: slots(said, Language::Zh), emotion: Emotion::Calm, feeling: None };
        // On a copy, as a call prepares its replies.
        b.iter(|| opened.clone().hear(Heard::Words { text: black_box(said), meaning: &meaning, trust: Trust::Sure }));
    });
}

criterion_group!(benches, hot_paths, conversation);
criterion_main!(benches);
