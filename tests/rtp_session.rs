//! A session against peers: both directions, NAT, keys, re-INVITE, pacing, reports.

use std::net::SocketAddr;
use std::time::Duration;

use callwright::audio::{Frame8k, Law, PcmFrame};
use callwright::base::{Instant, Now, UnixMillis};
use callwright::rtp::{KEYS_WAITING_MAX, KeyError, Kind, Latching, Received, Session, SessionConfig, Why};
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
            session.skip(1);
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
    let stats = session.stats();
    assert_eq!((stats.strangers, stats.dropped, session.last_received()), (1, 1, Some(tick(101).instant)));
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
    session.update(tick(0), &moved);
    assert_eq!((session.remote(), session.remote_rtcp()), (address("198.51.100.8:6000"), address("198.51.100.8:6001")));
    let after = session.send(&hum(1)).to_vec();
    assert_eq!(after[1], 8);
    assert_eq!(after[8..12], before[8..12], "SSRC");
    assert_eq!(after[3], before[3].wrapping_add(1), "sequence");
    assert_eq!(after[12..], Law::A.encode(&hum(1)));
    let bytes = packet(8, 1, 160, 7, &[0xd5; 160]);
    assert_eq!(session.receive(tick(1), address("198.51.100.8:6000"), &bytes), Received::Media);
}

#[test]
fn each_answer_opens_the_latch_once() {
    let mut session = session(PEER);
    let another = "203.0.113.9:62000";
    session.receive(tick(0), address(NAT), &sound(0));
    assert_eq!(session.receive(tick(1), address(another), &sound(1)), Received::Dropped(Why::Stranger));

    // The same address in SDP: a hold. We go on sending to where we latched; the next source counts, once.
    session.update(tick(2), &Media { direction: Direction::RecvOnly, ..media(PEER) });
    assert_eq!(session.remote(), address(NAT), "they may be silent on hold");
    assert_eq!(session.receive(tick(3), address(another), &sound(1)), Received::Media);
    assert_eq!(session.remote(), address(another));
    assert_eq!(session.receive(tick(4), address(NAT), &sound(2)), Received::Dropped(Why::Stranger));
    assert_eq!(session.stats().strangers, 2);
}

#[test]
fn packets_under_way_from_the_old_address_do_not_close_the_latch_but_later_ones_do() {
    let moved = media("198.51.100.8:6000");
    for (n, latched) in [(10, "198.51.100.8:6000"), (40, NAT)] {
        let mut session = session(PEER);
        session.receive(tick(0), address(NAT), &sound(0));
        session.update(tick(1), &moved);
        assert_eq!(session.receive(tick(n), address(NAT), &sound(1)), Received::Media, "heard in any case");
        assert_eq!(session.remote(), address(latched), "tick {n}");
    }
    let mut session = session(PEER);
    session.receive(tick(0), address(NAT), &sound(0));
    session.update(tick(1), &moved);
    session.receive(tick(2), address(NAT), &sound(1));
    assert_eq!(session.receive(tick(3), address("203.0.113.10:1"), &sound(2)), Received::Media);
    assert_eq!(session.receive(tick(4), address(NAT), &sound(3)), Received::Dropped(Why::Stranger));
    assert_eq!(session.remote(), address("203.0.113.10:1"));
}

#[test]
fn the_codec_before_a_re_invite_is_still_heard_and_then_no_other() {
    let mut session = session(PEER);
    session.receive(tick(0), address(PEER), &sound(0));
    session.update(tick(1), &Media { law: Law::A, payload_type: 8, ..media(PEER) });
    assert_eq!(session.receive(tick(1), address(PEER), &sound(1)), Received::Media);
    let a_law = packet(8, 2, 320, 7, &[0xd5; 160]);
    assert_eq!(session.receive(tick(2), address(PEER), &a_law), Received::Media);
    let unknown = packet(96, 3, 480, 7, &[0; 160]);
    assert_eq!(session.receive(tick(3), address(PEER), &unknown), Received::Dropped(Why::PayloadType));
    assert_eq!((session.stats().received, session.stats().lost), (4, 0), "what is dropped was not lost on the way");
}

#[test]
fn another_ssrc_is_another_stream_after_its_second_packet_and_the_sums_go_on() {
    let mut session = session(PEER);
    let mut voice = 0;
    for n in 0..100u16 {
        let bytes = match n {
            0..50 => sound(n),
            _ => packet(0, 40_000 + n, u32::from(n) * 160 + 77_777, 8, &[0x20; 160]),
        };
        let expected = if n == 50 { Received::Dropped(Why::Probation) } else { Received::Media };
        assert_eq!(session.receive(tick(n.into()), address(PEER), &bytes), expected, "packet {n}");
        voice += u32::from(session.playout(tick(n.into())).kind == Kind::Voice);
    }
    assert!(voice >= 93, "{voice}");
    assert_eq!((session.stats().received, session.stats().lost), (99, 0));
}

#[test]
fn a_second_source_beside_the_first_never_takes_over() {
    let mut session = session(PEER);
    for n in 0..100u16 {
        let other = packet(0, 7_000 + n, u32::from(n) * 160, 8, &[0x20; 160]);
        assert_eq!(session.receive(tick(n.into()), address(PEER), &sound(n)), Received::Media);
        assert_eq!(session.receive(tick(n.into()), address(PEER), &other), Received::Dropped(Why::Probation));
    }
    assert_eq!((session.stats().received, session.stats().dropped), (100, 100));
}

#[test]
fn a_lone_packet_with_a_wild_number_changes_nothing_and_two_begin_a_new_count() {
    let mut session = session(PEER);
    for n in 0..10 {
        session.receive(tick(n.into()), address(PEER), &sound(n));
    }
    let wild = |n: u16| packet(0, n, u32::from(n) * 160, 7, &[0x20; 160]);
    assert_eq!(session.receive(tick(10), address(PEER), &wild(30_000)), Received::Dropped(Why::Probation));
    assert_eq!(session.receive(tick(10), address(PEER), &sound(10)), Received::Media);
    assert_eq!(session.receive(tick(11), address(PEER), &wild(50_000)), Received::Dropped(Why::Probation));
    assert_eq!(session.receive(tick(12), address(PEER), &wild(50_001)), Received::Media);
    assert_eq!((session.stats().received, session.stats().lost), (12, 0));
}

#[test]
fn sequence_numbers_and_timestamps_wrap_unheard() {
    let mut session = session(PEER);
    let mut voice = 0;
    for n in 0..100u32 {
        let (sequence, timestamp) = ((65_500 + n) as u16, (u32::MAX - 5_000).wrapping_add(n * 160));
        session.receive(tick(n.into()), address(PEER), &packet(0, sequence, timestamp, 7, &[0x20; 160]));
        voice += u32::from(session.playout(tick(n.into())).kind == Kind::Voice);
    }
    assert!(voice >= 97, "{voice}");
    assert_eq!((session.stats().received, session.stats().lost, session.stats().concealed), (100, 0, 0));
}

#[test]
fn comfort_noise_and_silence_between_words_are_no_loss() {
    // Words of a second; then comfort noise each 200 ms for a second (RFC 3389), as from a gateway; then the next word.
    let mut session = session(PEER);
    let mut sequence = 0;
    let mut kinds = Vec::new();
    for n in 0..400u32 {
        let bytes = match n % 100 {
            0..50 => Some(packet(0, sequence, n * 160, 7, &[0x20; 160])),
            50 | 60 | 70 | 80 | 90 => Some(packet(13, sequence, n * 160, 7, &[60])),
            _ => None,
        };
        if let Some(bytes) = bytes {
            sequence += 1;
            assert_eq!(session.receive(tick(n.into()), address(PEER), &bytes), Received::Media, "tick {n}");
            assert_eq!(session.last_received(), Some(tick(n.into()).instant), "it shows that they are there");
        }
        kinds.push(session.playout(tick(n.into())).kind);
    }
    let stats = session.stats();
    assert_eq!((stats.received, stats.lost, stats.late, stats.dropped), (220, 0, 0, 0));
    assert_eq!(kinds.iter().filter(|kind| **kind == Kind::Voice).count(), 200);
    assert_eq!(
        kinds.iter().filter(|kind| **kind == Kind::Concealed).count(),
        4 * 3,
        "the fade at the end of each word"
    );

    // From another host, or another source of theirs, it says nothing.
    let noise = |ssrc| packet(13, sequence, 0, ssrc, &[60]);
    let dropped = Received::Dropped(Why::PayloadType);
    assert_eq!(session.receive(tick(400), address(NAT), &noise(7)), dropped);
    assert_eq!(session.receive(tick(400), address(PEER), &noise(8)), dropped);
}

#[test]
fn keys_under_an_ssrc_of_their_own_are_heard_and_the_voice_goes_on() {
    let mut session = session(PEER);
    let mut keys = String::new();
    for n in 0..40u16 {
        assert_eq!(session.receive(tick(n.into()), address(PEER), &sound(n)), Received::Media);
        if (10..20).contains(&n) {
            let event = packet(101, 500 + n, 123_456, 99, &[9, 10, 0, (n - 9) as u8 * 16]);
            if let Received::Key(key) = session.receive(tick(n.into()), address(PEER), &event) {
                keys.push(key);
            }
        }
    }
    assert_eq!((keys.as_str(), session.stats().dropped, session.stats().lost), ("9", 0, 0));
}

#[test]
fn our_keys_replace_the_sound_and_are_heard_once_each() {
    let (mut ours, mut theirs) = (session(PEER), session("192.0.2.10:20000"));
    let mut heard = String::new();
    let mut events: Vec<(u8, u32, Vec<u8>)> = Vec::new();
    for n in 0..80u64 {
        if n == 10 {
            assert_eq!([ours.press('1'), ours.press('1'), ours.press('#')], [Ok(()); 3]);
        }
        let bytes = ours.send(&hum(n as usize)).to_vec();
        if bytes[1] & 0x7f == 101 {
            let timestamp = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
            events.push((bytes[1], timestamp, bytes[12..].to_vec()));
        }
        if let Received::Key(key) = theirs.receive(tick(n), address("192.0.2.10:20000"), &bytes) {
            heard.push(key);
        }
    }
    assert_eq!(heard, "11#");
    assert_eq!((theirs.stats().received, theirs.stats().lost), (80, 0));
    let first = &events[..10];
    assert_eq!(first[0].0, 0x80 | 101, "the marker begins a press");
    assert!(first[1..].iter().all(|(second, ..)| *second == 101));
    assert!(first.iter().all(|(_, timestamp, _)| *timestamp == first[0].1), "one timestamp for all of a press");
    let durations: Vec<u16> = first.iter().map(|(.., payload)| u16::from_be_bytes([payload[2], payload[3]])).collect();
    assert_eq!(durations, [160, 320, 480, 640, 800, 960, 1_120, 1_280, 1_280, 1_280]);
    assert_eq!(first.iter().filter(|(.., payload)| payload[1] & 0x80 != 0).count(), 3, "the end is told three times");
    assert_eq!(events[10].1.wrapping_sub(first[0].1), 13 * 160, "160 ms, its end again, 60 ms of sound");
}

#[test]
fn keys_are_refused_when_they_cannot_be_sent() {
    let mut session = Session::new(
        SessionConfig { media: Media { dtmf_payload_type: None, ..media(PEER) }, latching: Latching::Symmetric },
        42,
    );
    assert_eq!(session.press('1'), Err(KeyError::NotNegotiated));
    session.update(tick(0), &media(PEER));
    assert_eq!(session.press('x'), Err(KeyError::NotAKey('x')));
    for _ in 0..KEYS_WAITING_MAX {
        assert_eq!(session.press('1'), Ok(()));
    }
    assert_eq!(session.press('1'), Err(KeyError::TooMany));
}

#[test]
fn a_press_that_a_hold_cuts_short_is_given_up_and_the_next_is_sent_after_it() {
    let (mut ours, mut theirs) = (session(PEER), session("192.0.2.10:20000"));
    let mut heard = String::new();
    ours.press('1').unwrap();
    ours.press('2').unwrap();
    for n in 0..60 {
        if (4..20).contains(&n) {
            ours.skip(1);
            continue;
        }
        let bytes = ours.send(&Frame8k::SILENCE).to_vec();
        if n == 20 {
            assert_eq!(bytes[1], 0x80 | 101, "a press begins");
        }
        if let Received::Key(key) = theirs.receive(tick(n), address("192.0.2.10:20000"), &bytes) {
            heard.push(key);
        }
    }
    assert_eq!(heard, "12");
}

#[test]
fn after_a_stall_the_timestamps_follow_real_time_and_the_first_packet_is_marked() {
    let mut session = session(PEER);
    let first = session.send(&hum(0)).to_vec();
    session.skip(50);
    let next = session.send(&hum(1)).to_vec();
    let timestamp = |bytes: &[u8]| u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
    assert_eq!(timestamp(&next).wrapping_sub(timestamp(&first)), 51 * 160);
    assert_eq!((next[1], next[3]), (0x80, first[3].wrapping_add(1)), "marked, and no loss by its number");
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
fn both_sides_know_the_round_trip_and_how_they_are_received() {
    // 100 ms there and 60 ms back; each fifth packet of ours is lost.
    let (mut ours, mut theirs) = (session(PEER), session("192.0.2.10:20000"));
    let mut to_them: Vec<(u64, Vec<u8>)> = Vec::new();
    let mut to_us: Vec<(u64, Vec<u8>)> = Vec::new();
    for n in 0..1_500u64 {
        let sound = ours.send(&Frame8k::SILENCE).to_vec();
        if n % 5 != 0 {
            to_them.push((n + 5, sound));
        }
        to_them.extend(ours.control(tick(n)).map(|report| (n + 5, report)));
        to_us.push((n + 3, theirs.send(&Frame8k::SILENCE).to_vec()));
        to_us.extend(theirs.control(tick(n)).map(|report| (n + 3, report)));
        for (_, bytes) in to_them.extract_if(.., |(at, _)| *at == n) {
            theirs.receive(tick(n), address("192.0.2.10:20000"), &bytes);
        }
        for (_, bytes) in to_us.extract_if(.., |(at, _)| *at == n) {
            ours.receive(tick(n), address(PEER), &bytes);
        }
    }
    for (side, lost) in [(&ours, 0.2), (&theirs, 0.0)] {
        let stats = side.stats();
        let round_trip_ms = stats.round_trip.expect("both have asked").as_micros() as f64 / 1_000.0;
        assert!((round_trip_ms - 160.0).abs() < 0.1, "{round_trip_ms}");
        let remote = stats.remote.expect("both have reported");
        assert!((f64::from(remote.lost_lately) - lost).abs() < 0.01, "{remote:?}");
        let lost_by_then = f64::from(remote.lost) / 1_500.0;
        assert!(lost_by_then <= lost && lost_by_then >= lost * 0.7, "{remote:?}");
    }
}

#[test]
fn the_last_report_says_bye_unless_nothing_was_ever_sent() {
    let mut session = session(PEER);
    assert_eq!(session.farewell(tick(0)), None);
    session.send(&Frame8k::SILENCE);
    let bytes = session.farewell(tick(1)).unwrap();
    assert_eq!((bytes[1], bytes[bytes.len() - 7]), (200, 203), "from the sender report to BYE");
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
