//! A session against peers: both directions, NAT, keys, re-INVITE, pacing, reports.

use std::net::SocketAddr;
use std::time::Duration;

use callwright::audio::{Frame8k, Law, PcmFrame};
use callwright::base::{Instant, Now, UnixMillis};
use callwright::rtp::{Kind, Latching, Received, Session, SessionConfig, Why};
use callwright::sdp::{Direction, Media};

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn media(remote: &str) -> Media {
    let remote = address(remote);
    Media {
        remote,
        remote_rtcp: SocketAddr::new(remote.ip(), remote.port() + 1),
        law: Law::Mu,
        payload_type: 0,
        dtmf_payload_type: Some(101),
        direction: Direction::SendRecv,
        ptime_ms: 20,
    }
}

fn session(remote: &str) -> Session {
    Session::new(SessionConfig { media: media(remote), latching: Latching::Symmetric }, 42)
}

fn tick(n: u64) -> Now {
    let start = Now { instant: Instant::from_micros(1_000_000), wall: UnixMillis(1_700_000_000_000) };
    start.plus(Duration::from_millis(20 * n))
}

/// A packet as a peer sends it.
fn packet(payload_type: u8, sequence: u16, timestamp: u32, ssrc: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x80, payload_type];
    bytes.extend(sequence.to_be_bytes());
    bytes.extend(timestamp.to_be_bytes());
    bytes.extend(ssrc.to_be_bytes());
    bytes.extend(payload);
    bytes
}

fn sound(n: u16) -> Vec<u8> {
    packet(0, n, u32::from(n) * 160, 7, &[0x20; 160])
}

const PEER: &str = "198.51.100.7:4000";
const NAT: &str = "203.0.113.9:61000";

fn hum(n: usize) -> Frame8k {
    PcmFrame(std::array::from_fn(|k| (8_000.0 * ((n * 160 + k) as f64 * 0.3).sin()) as i16))
}

#[test]
fn what_one_side_sends_the_other_plays() {
    let (mut ours, mut theirs) = (session("198.51.100.7:4000"), session("192.0.2.10:20000"));
    let mut played = Vec::new();
    for n in 0..100 {
        let bytes = ours.send(&hum(n as usize)).to_vec();
        assert_eq!(theirs.receive(tick(n), address("192.0.2.10:20000"), &bytes), Received::Media);
        played.push(theirs.playout(tick(n).plus(Duration::from_millis(7))));
    }
    let silent = played.iter().take_while(|played| played.kind == Kind::Silence).count();
    assert!(silent <= 3, "{silent} ticks of delay");
    for (n, heard) in played[silent..].iter().enumerate() {
        assert_eq!((heard.kind, heard.frame), (Kind::Voice, Law::Mu.decode(&Law::Mu.encode(&hum(n)))), "frame {n}");
    }
    let stats = theirs.stats();
    assert_eq!((stats.received, stats.lost, stats.late, stats.duplicate, stats.concealed), (100, 0, 0, 0, 0));
    assert_eq!((ours.stats().sent, stats.jitter_ms), (100, 0.0));
}

#[test]
fn an_hour_is_paced_without_drift_and_each_talkspurt_is_marked() {
    let mut session = session(PEER);
    let first = session.send(&Frame8k::SILENCE).to_vec();
    let start = u32::from_be_bytes([first[4], first[5], first[6], first[7]]);
    let sequence = u16::from_be_bytes([first[2], first[3]]);
    assert_eq!(first[1], 0x80, "marked");
    let mut packets = 0u32;
    for n in 1..180_000u32 {
        if n % 1_000 < 10 {
            session.skip();
            continue;
        }
        packets += 1;
        let bytes = session.send(&Frame8k::SILENCE);
        assert_eq!(bytes.len(), 172);
        assert_eq!(bytes[1] == 0x80, n % 1_000 == 10, "tick {n}");
        assert_eq!(u16::from_be_bytes([bytes[2], bytes[3]]), sequence.wrapping_add(packets as u16));
        assert_eq!(u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]), start.wrapping_add(n * 160));
    }
}

#[test]
fn an_hour_is_received_without_loss_although_the_clocks_differ() {
    // The peer's clock is 100 ppm fast: 360 ms in an hour, more than the buffer holds.
    let mut session = session(PEER);
    let mut played = [0; 3];
    let mut sent = 0u64;
    for n in 0..180_000u64 {
        while sent * 199_980 <= n * 200_000 {
            // A word, a pause: half a second each.
            let byte = if (sent / 25).is_multiple_of(2) { 0x20 } else { 0xff };
            let bytes = packet(0, sent as u16, sent as u32 * 160, 7, &[byte; 160]);
            assert_eq!(session.receive(tick(n), address(PEER), &bytes), Received::Media);
            sent += 1;
        }
        played[session.playout(tick(n)).kind as usize] += 1;
        assert!(session.stats().held_ms <= 100, "tick {n}: {} ms held", session.stats().held_ms);
    }
    assert!(played[Kind::Concealed as usize] <= 2, "{played:?}");
    assert_eq!(session.stats().lost, 0);
}

#[test]
fn losses_are_concealed_and_counted() {
    let mut session = session(PEER);
    let mut kinds = Vec::new();
    for n in 0..60u16 {
        if n % 20 != 10 {
            session.receive(tick(n.into()), address(PEER), &sound(n));
        }
        kinds.push(session.playout(tick(n.into())).kind);
    }
    assert_eq!(kinds.iter().filter(|kind| **kind == Kind::Concealed).count(), 3);
    let stats = session.stats();
    assert_eq!((stats.received, stats.lost, stats.concealed), (57, 3, 3));
}

#[test]
fn after_60_ms_without_packets_there_is_silence() {
    let mut session = session(PEER);
    for n in 0..20 {
        session.receive(tick(n.into()), address(PEER), &sound(n));
        session.playout(tick(n.into()));
    }
    let kinds: Vec<Kind> = (20..30).map(|n| session.playout(tick(n)).kind).collect();
    let concealed = kinds.iter().filter(|kind| **kind == Kind::Concealed).count();
    assert_eq!(concealed, 3, "{kinds:?}");
    assert_eq!(kinds[6..], [Kind::Silence; 4]);
}

#[test]
fn we_send_to_where_their_packets_come_from_and_strangers_are_not_heard() {
    let mut session = session(PEER);
    assert_eq!((session.remote(), session.remote_rtcp()), (address(PEER), address("198.51.100.7:4001")));
    assert_eq!(
        session.receive(tick(0), address("192.0.2.66:1"), &packet(13, 1, 0, 9, &[0])),
        Received::Dropped(Why::PayloadType)
    );
    assert_eq!(session.receive(tick(0), address(NAT), &sound(0)), Received::Media);
    assert_eq!((session.remote(), session.remote_rtcp()), (address(NAT), address("203.0.113.9:61001")));

    assert_eq!(session.receive(tick(10), address("192.0.2.66:1"), &sound(1)), Received::Dropped(Why::Stranger));
    assert_eq!(session.remote(), address(NAT));
    assert_eq!(session.receive(tick(101), address("192.0.2.66:1"), &sound(2)), Received::Media, "after 2 s of silence");
    assert_eq!(session.remote(), address("192.0.2.66:1"));
    assert_eq!((session.stats().dropped, session.last_received()), (2, Some(tick(101).instant)));
}

#[test]
fn without_latching_the_signalled_host_alone_is_heard() {
    let mut session = Session::new(SessionConfig { media: media(PEER), latching: Latching::Signalled }, 1);
    assert_eq!(session.receive(tick(0), address(NAT), &sound(0)), Received::Dropped(Why::Stranger));
    assert_eq!(session.receive(tick(0), address("198.51.100.7:5555"), &sound(0)), Received::Media);
    assert_eq!(session.remote(), address(PEER));
}

#[test]
fn a_key_is_told_once_though_its_packets_are_repeated_or_lost() {
    let mut session = session(PEER);
    let mut keys = String::new();
    // "1": three packets and three ends; "#": ends lost; "1" again: only an end arrives.
    let packets = [(1, 1, 0, 160), (2, 1, 0, 320), (3, 1, 0x80, 480), (4, 1, 0x80, 480), (4, 1, 0x80, 480)];
    let more = [(6, 11, 0, 160), (7, 11, 0, 320), (20, 1, 0x8a, 480)];
    for (n, (sequence, event, end, duration)) in packets.into_iter().chain(more).enumerate() {
        let timestamp = if n < 5 {
            1_000
        } else if n < 7 {
            3_000
        } else {
            9_000
        };
        let [high, low] = u16::to_be_bytes(duration);
        let bytes = packet(101, sequence, timestamp, 7, &[event, end, high, low]);
        match session.receive(tick(n as u64), address(PEER), &bytes) {
            Received::Key(key) => keys.push(key),
            Received::Media | Received::Dropped(Why::Duplicate) => {}
            other @ (Received::Control | Received::Dropped(_)) => panic!("{other:?}"),
        }
    }
    assert_eq!(keys, "1#1");
}

#[test]
fn a_re_invite_changes_codec_and_address_and_our_stream_goes_on() {
    let mut session = session(PEER);
    session.receive(tick(0), address(NAT), &sound(0));
    let before = session.send(&hum(0)).to_vec();
    let moved = Media { law: Law::A, payload_type: 8, ..media("198.51.100.8:6000") };
    session.update(&moved);
    assert_eq!((session.remote(), session.remote_rtcp()), (address("198.51.100.8:6000"), address("198.51.100.8:6001")));
    let after = session.send(&hum(1)).to_vec();
    assert_eq!(after[1], 8);
    assert_eq!(after[8..12], before[8..12], "SSRC");
    assert_eq!(after[3], before[3].wrapping_add(1), "sequence");
    assert_eq!(after[12..], Law::A.encode(&hum(1)));
    let bytes = packet(8, 1, 160, 7, &[0xd5; 160]);
    assert_eq!(session.receive(tick(1), address("198.51.100.8:6000"), &bytes), Received::Media);

    let held = Media { direction: Direction::RecvOnly, ..moved };
    session.update(&held);
    assert_eq!(session.remote(), address("198.51.100.8:6000"), "still latched");
}

#[test]
fn another_ssrc_is_another_stream_and_the_sums_go_on() {
    let mut session = session(PEER);
    let mut voice = 0;
    for n in 0..100u16 {
        let bytes = match n {
            0..50 => sound(n),
            _ => packet(0, 40_000 + n, u32::from(n) * 160 + 77_777, 8, &[0x20; 160]),
        };
        session.receive(tick(n.into()), address(PEER), &bytes);
        voice += u32::from(session.playout(tick(n.into())).kind == Kind::Voice);
    }
    assert!(voice >= 94, "{voice}");
    assert_eq!((session.stats().received, session.stats().lost), (100, 0));
}

#[test]
fn reports_say_what_was_sent_and_received_and_are_heard_by_the_other_side() {
    let (mut ours, mut theirs) = (session(PEER), session("192.0.2.10:20000"));
    let (mut reports, mut heard) = (0, 0);
    for n in 0..3_000u16 {
        let bytes = ours.send(&Frame8k::SILENCE).to_vec();
        if n % 4 != 0 {
            theirs.receive(tick(n.into()), address("192.0.2.10:20000"), &bytes);
        }
        if let Some(report) = ours.control(tick(n.into())) {
            assert_eq!(report[1], 200, "a sender report");
            heard +=
                u32::from(theirs.receive(tick(n.into()), address("192.0.2.10:20001"), &report) == Received::Control);
        }
        if let Some(report) = theirs.control(tick(n.into())) {
            reports += 1;
            assert_eq!((report[0], report[1]), (0x81, 201), "a receiver report with one block");
            assert!((60..=68).contains(&report[12]), "a quarter is lost: {}/256", report[12]);
            let has_heard_a_sender_report = report[24..28] != [0; 4];
            assert_eq!(has_heard_a_sender_report, heard > 0);
        }
    }
    assert!((9..=16).contains(&reports) && heard >= 9, "{reports} reports, {heard} heard in a minute");
    assert_eq!(theirs.remote_rtcp(), address("192.0.2.10:20001"));
}

#[test]
fn garbage_is_counted_and_dropped() {
    let mut session = session(PEER);
    for bytes in [
        &b""[..],
        b"\x80",
        b"\x80\xc8\0\x01",
        b"\x81\xc9\0\xff1234",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x90\x00\0\x01\0\0\0\0\0\0\0\x01",
    ] {
        assert_eq!(session.receive(tick(0), address(PEER), bytes), Received::Dropped(Why::Malformed), "{bytes:?}");
    }
    assert_eq!((session.stats().dropped, session.last_received()), (6, None));
}
