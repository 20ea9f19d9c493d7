//! SDP offer/answer: what peers send, and what they get.

use callwright::audio::Law;
use callwright::sdp::{self, Direction, Local, SdpError};

fn local() -> Local {
    Local { address: [192, 0, 2, 10].into(), rtp_port: 20_000, session_id: 77, version: 3 }
}

fn sdp(lines: &[&str]) -> Vec<u8> {
    let head = ["v=0", "o=- 1 1 IN IP4 198.51.100.7", "s=-", "c=IN IP4 198.51.100.7", "t=0 0"];
    head.iter().chain(lines).flat_map(|line| [*line, "\r\n"]).collect::<String>().into_bytes()
}

fn answered(lines: &[&str]) -> (String, sdp::Media) {
    let (answer, media) = sdp::answer(&sdp(lines), &local()).expect("an answer");
    (String::from_utf8(answer).expect("text"), media)
}

#[test]
fn our_offer_is_accepted_by_our_own_answer() {
    let offer = sdp::offer(&local());
    let callee = Local { address: "198.51.100.7".parse().unwrap(), rtp_port: 30_000, session_id: 5, version: 1 };
    let (answer, theirs) = sdp::answer(&offer, &callee).unwrap();
    let ours = sdp::accept(&answer).unwrap();
    assert_eq!((ours.law, ours.payload_type, ours.dtmf_payload_type), (Law::Mu, 0, Some(101)));
    assert_eq!(ours.remote, "198.51.100.7:30000".parse().unwrap());
    assert_eq!(ours.remote_rtcp, "198.51.100.7:30001".parse().unwrap());
    assert_eq!(theirs.remote, "192.0.2.10:20000".parse().unwrap());
    assert_eq!((ours.direction, theirs.direction, ours.ptime_ms), (Direction::SendRecv, Direction::SendRecv, 20));
}

#[test]
fn the_answer_is_written_line_by_line_as_the_rfc_wants_it() {
    let (answer, _) = answered(&["m=audio 4000 RTP/AVP 8 0 97", "a=rtpmap:97 telephone-event/8000"]);
    let expected = [
        "v=0",
        "o=- 77 3 IN IP4 192.0.2.10",
        "s=-",
        "c=IN IP4 192.0.2.10",
        "t=0 0",
        "m=audio 20000 RTP/AVP 8 97",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:97 telephone-event/8000",
        "a=fmtp:97 0-15",
        "a=ptime:20",
        "a=sendrecv",
        "",
    ];
    assert_eq!(answer, expected.join("\r\n"));
}

#[test]
fn their_first_codec_that_we_have_is_taken_also_under_a_dynamic_payload_type() {
    let (_, media) =
        answered(&["m=audio 4000 RTP/AVP 9 111 96 0", "a=rtpmap:111 opus/48000/2", "a=rtpmap:96 pcma/8000/1"]);
    assert_eq!((media.law, media.payload_type, media.dtmf_payload_type), (Law::A, 96, None));
}

#[test]
fn a_static_number_mapped_to_something_else_is_not_our_codec() {
    let offer = sdp(&["m=audio 4000 RTP/AVP 0", "a=rtpmap:0 L16/44100"]);
    assert_eq!(sdp::answer(&offer, &local()), Err(SdpError::NoCodec { formats: "0".to_owned() }));
}

#[test]
fn telephone_event_at_another_rate_is_not_taken() {
    let (_, media) = answered(&["m=audio 4000 RTP/AVP 0 110", "a=rtpmap:110 telephone-event/48000"]);
    assert_eq!(media.dtmf_payload_type, None);
}

#[test]
fn other_streams_keep_their_place_with_port_0() {
    let (answer, media) = answered(&[
        "m=video 5000 RTP/AVP 96",
        "a=rtpmap:96 H264/90000",
        "m=audio 4000 RTP/AVP 0",
        "m=audio 4002 RTP/AVP 8",
        "m=image 0 udptl t38",
    ]);
    let streams: Vec<&str> = answer.lines().filter(|line| line.starts_with("m=")).collect();
    let expected = ["m=video 0 RTP/AVP 96", "m=audio 20000 RTP/AVP 0", "m=audio 0 RTP/AVP 8", "m=image 0 udptl t38"];
    assert_eq!(streams, expected);
    assert_eq!(media.remote.port(), 4000);
}

#[test]
fn a_plain_stream_beside_an_encrypted_one_is_taken() {
    let (answer, media) = answered(&["m=audio 4000 RTP/SAVP 0", "m=audio 4002 RTP/AVP 0"]);
    assert!(answer.contains("m=audio 0 RTP/SAVP 0\r\nm=audio 20000 RTP/AVP 0"));
    assert_eq!(media.remote.port(), 4002);
}

#[test]
fn hold_is_answered_in_each_form() {
    for (theirs, ours) in [
        (vec!["m=audio 4000 RTP/AVP 0", "a=sendonly"], Direction::RecvOnly),
        (vec!["m=audio 4000 RTP/AVP 0", "a=inactive"], Direction::Inactive),
        (vec!["m=audio 4000 RTP/AVP 0", "a=recvonly"], Direction::SendOnly),
        (vec!["a=sendonly", "m=audio 4000 RTP/AVP 0"], Direction::RecvOnly),
        (vec!["a=sendonly", "m=audio 4000 RTP/AVP 0", "a=sendrecv"], Direction::SendRecv),
        (vec!["m=audio 4000 RTP/AVP 0", "c=IN IP4 0.0.0.0"], Direction::RecvOnly),
        (vec!["m=audio 4000 RTP/AVP 0", "c=IN IP4 0.0.0.0", "a=recvonly"], Direction::Inactive),
    ] {
        let (answer, media) = answered(&theirs);
        assert_eq!(media.direction, ours, "{theirs:?}");
        assert!(answer.contains(&format!("a={}\r\n", ours.name())), "{answer}");
    }
}

#[test]
fn addresses_stand_at_session_or_media_level_in_both_families() {
    let (_, media) = answered(&["m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::1"]);
    assert_eq!(media.remote, "[2001:db8::1]:4000".parse().unwrap());
    let ours = Local { address: "2001:db8::2".parse().unwrap(), ..local() };
    let offer = String::from_utf8(sdp::offer(&ours)).unwrap();
    assert!(offer.contains("o=- 77 3 IN IP6 2001:db8::2\r\n") && offer.contains("c=IN IP6 2001:db8::2\r\n"));
}

#[test]
fn rtcp_goes_to_the_next_port_or_where_they_say() {
    let rtcp_port = |attribute| answered(&["m=audio 4000 RTP/AVP 0", attribute]).1.remote_rtcp.port();
    assert_eq!(rtcp_port("a=sendrecv"), 4001);
    assert_eq!(rtcp_port("a=rtcp:4711 IN IP4 198.51.100.7"), 4711);
    assert_eq!(rtcp_port("a=rtcp:4000"), 4001, "one port for both is agreed on by rtcp-mux only");
    assert_eq!(rtcp_port("a=rtcp-mux"), 4000);
    let (answer, _) = answered(&["m=audio 4000 RTP/AVPF 0", "a=rtcp-mux", "a=mid:0"]);
    assert!(answer.contains("RTP/AVPF 0") && answer.contains("a=rtcp-mux\r\n") && answer.contains("a=mid:0\r\n"));
}

#[test]
fn rtcp_shares_the_port_only_if_both_sides_said_so() {
    let offered = answered(&["m=audio 4000 RTP/AVP 0", "a=rtcp-mux"]);
    assert!(offered.0.contains("a=rtcp-mux\r\n") && offered.1.is_muxed());
    let (answer, media) = answered(&["m=audio 4000 RTP/AVP 0"]);
    assert!(!answer.contains("rtcp-mux") && !media.is_muxed());
    assert!(!String::from_utf8(sdp::offer(&local())).unwrap().contains("rtcp-mux"));
    let unasked = sdp::accept(&sdp(&["m=audio 4000 RTP/AVP 0", "a=rtcp-mux"])).unwrap();
    assert_eq!((unasked.is_muxed(), unasked.remote_rtcp.port()), (false, 4001));
}

#[test]
fn ptime_is_read_within_reason() {
    let ptime_ms = |attribute| answered(&["m=audio 4000 RTP/AVP 0", attribute]).1.ptime_ms;
    assert_eq!((ptime_ms("a=ptime:30"), ptime_ms("a=ptime:0"), ptime_ms("a=ptime:x")), (30, 20, 20));
}

#[test]
fn what_cannot_be_taken_is_refused_with_its_reason() {
    let refused = |lines: &[&str]| sdp::answer(&sdp(lines), &local()).unwrap_err();
    assert_eq!(refused(&[]), SdpError::NoAudio);
    assert_eq!(refused(&["m=audio 0 RTP/AVP 0"]), SdpError::NoAudio);
    assert_eq!(refused(&["m=audio 4000 RTP/SAVP 0"]), SdpError::Transport { transport: "RTP/SAVP".to_owned() });
    let webrtc = refused(&["m=audio 9 UDP/TLS/RTP/SAVPF 111"]);
    assert_eq!(webrtc, SdpError::Transport { transport: "UDP/TLS/RTP/SAVPF".to_owned() });
    assert_eq!(refused(&["m=audio 4000 RTP/AVP 9 18"]), SdpError::NoCodec { formats: "9 18".to_owned() });
    for address in ["example.com", "239.1.1.1", "255.255.255.255", "224.2.1.1/127"] {
        let connection = format!("c=IN IP4 {address}");
        assert_eq!(
            refused(&["m=audio 4000 RTP/AVP 0", &connection]),
            SdpError::NoAddress { address: address.to_owned() }
        );
    }
    assert_eq!(sdp::accept(&[b'v'; 20_000]), Err(SdpError::TooLong { bytes: 20_000 }));
    assert!(matches!(sdp::accept(b"<html>"), Err(SdpError::Syntax { .. })));
}

#[test]
fn a_description_with_the_lines_that_peers_forget_or_add_is_read() {
    // rtpengine and old gateways: no s= and t=, k= and b= where they please, bare line feeds.
    let offer = b"v=0\no=u 12345678901234567890123 2 IN IP4 h\nc=IN IP4 198.51.100.7\nb=AS:64\nk=prompt\nm=audio 4000 RTP/AVP 0 101\nb=TIAS:64000\na=rtpmap:101 telephone-event/8000\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\n";
    let (_, media) = sdp::answer(offer, &local()).unwrap();
    assert_eq!((media.law, media.dtmf_payload_type), (Law::Mu, Some(101)));
}
