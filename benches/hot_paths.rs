//! The paths that run for every packet: `cargo bench --no-default-features`. 20 ms is the budget of one beat of one call.

use std::hint::black_box;
use std::time::Duration;

use callwright::audio::{Frame8k, Law, Upsampler};
use callwright::base::Now;
use callwright::hearing::{Earshot, TurnConfig, TurnDetector};
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
    c.bench_function("hearing: one frame of speech", |b| {
        let mut detector = TurnDetector::new(TurnConfig::default(), Box::new(Earshot::new()));
        let frame = voiced();
        b.iter(|| detector.hear(black_box(&frame)));
    });
}

criterion_group!(benches, hot_paths);
criterion_main!(benches);
