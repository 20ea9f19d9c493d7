//! Any packets from anywhere: never a panic, and the sound held stays within its bound.
#![no_main]

use std::time::Duration;

use callwright::base::Now;
use callwright::{rtp, sdp};
use libfuzzer_sys::fuzz_target;

const OFFER: &[u8] = b"v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n\
    m=audio 30000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n";

fuzz_target!(|data: &[u8]| {
    let local = sdp::Local { address: [192, 0, 2, 1].into(), rtp_port: 20_000, session_id: 1, version: 1 };
    let (_, media) = sdp::answer(OFFER, &local).expect("the offer is good");
    let mut session = rtp::Session::new(rtp::SessionConfig { media, latching: rtp::Latching::Symmetric }, 1);
    let mut now = Now::default();
    let source = "192.0.2.2:30000".parse().expect("address");
    for bytes in data.split(|byte| *byte == 0xff) {
        session.receive(now, source, bytes);
        now = now.plus(Duration::from_millis(20));
        session.playout(now);
        let _ = session.control(now);
        assert!(session.stats().held_ms <= 200);
    }
});
