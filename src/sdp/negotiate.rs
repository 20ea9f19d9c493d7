//! Offer/answer (RFC 3264): one audio stream is taken, every other is refused with port 0.

use std::net::{IpAddr, SocketAddr};

use rtc_sdp::description::common::{Address, Attribute, ConnectionInformation};
use rtc_sdp::description::media::{MediaName, RangedPort};
use rtc_sdp::description::session::{Origin, TimeDescription};
use rtc_sdp::{MediaDescription, SessionDescription};

use super::read::read;
use super::{Direction, Local, Media, SdpError};
use crate::audio::Law;

/// The payload type that we give to telephone-event in our own offers, as most peers do.
const DTMF_PAYLOAD_TYPE: u8 = 101;
const PTIME_MS: u16 = 20;

/// Our offer: PCMU, PCMA, telephone-event, both ways.
pub fn offer(local: &Local) -> Vec<u8> {
    let codecs = Law::ALL.map(|law| (law.payload_type(), law));
    let audio = audio(local.rtp_port, "RTP/AVP", &codecs, Some(DTMF_PAYLOAD_TYPE), Direction::SendRecv);
    describe(local, vec![audio])
}

/// Our answer to their offer: their first codec that we have, hold honoured, other streams refused.
pub fn answer(offer: &[u8], local: &Local) -> Result<(Vec<u8>, Media), SdpError> {
    let theirs = read(offer)?;
    let (chosen, media) = choose(&theirs, Mux::WhereSaid)?;
    let streams = theirs.media_descriptions.iter().enumerate().map(|(n, stream)| {
        if n != chosen {
            return refused(stream);
        }
        let transport = stream.media_name.protos.join("/");
        let codecs = [(media.payload_type, media.law)];
        let mut audio = audio(local.rtp_port, &transport, &codecs, media.dtmf_payload_type, media.direction);
        if stream.has_attribute("rtcp-mux") {
            audio.attributes.push(Attribute::new("rtcp-mux".to_owned(), None));
        }
        if let Some(Some(mid)) = stream.attribute("mid") {
            audio.attributes.push(Attribute::new("mid".to_owned(), Some(mid.to_owned())));
        }
        audio
    });
    Ok((describe(local, streams.collect()), media))
}

/// Their answer to our offer. We offer no `rtcp-mux`, so it counts for nothing there (RFC 5761 §5.1.1).
pub fn accept(answer: &[u8]) -> Result<Media, SdpError> {
    let (_, media) = choose(&read(answer)?, Mux::Never)?;
    Ok(media)
}

/// Whether RTCP may share RTP's port: only if both sides say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mux {
    /// Their offer decides; our answer repeats it.
    WhereSaid,
    Never,
}

/// The first stream that we can take, by its place; else what was wrong with the last audio stream.
fn choose(theirs: &SessionDescription, mux: Mux) -> Result<(usize, Media), SdpError> {
    let mut error = SdpError::NoAudio;
    for (n, stream) in theirs.media_descriptions.iter().enumerate() {
        if stream.media_name.media != "audio" || stream.media_name.port.value == 0 {
            continue;
        }
        match agree(theirs, stream, mux) {
            Ok(media) => return Ok((n, media)),
            Err(why) => error = why,
        }
    }
    Err(error)
}

fn agree(session: &SessionDescription, stream: &MediaDescription, mux: Mux) -> Result<Media, SdpError> {
    let transport = stream.media_name.protos.join("/");
    if !["RTP/AVP", "RTP/AVPF"].contains(&transport.as_str()) {
        return Err(SdpError::Transport { transport });
    }
    let codecs: Vec<(u8, Codec)> =
        stream.media_name.formats.iter().filter_map(|format| codec(stream, format)).collect();
    let sound = codecs.iter().find_map(|(payload_type, codec)| match codec {
        Codec::Sound(law) => Some((*payload_type, *law)),
        Codec::Keys => None,
    });
    let Some((payload_type, law)) = sound else {
        return Err(SdpError::NoCodec { formats: stream.media_name.formats.join(" ") });
    };
    let dtmf_payload_type =
        codecs.iter().find(|(_, codec)| *codec == Codec::Keys).map(|(payload_type, _)| *payload_type);
    let remote = remote(session, stream)?;
    let ptime = stream.attribute("ptime").flatten().and_then(|ptime| ptime.trim().parse().ok());
    Ok(Media {
        remote,
        remote_rtcp: remote_rtcp(stream, remote, mux),
        law,
        payload_type,
        dtmf_payload_type,
        direction: direction(session, stream, remote),
        ptime_ms: ptime.filter(|ptime_ms| (10..=200).contains(ptime_ms)).unwrap_or(PTIME_MS),
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codec {
    Sound(Law),
    Keys,
}

/// What a payload type of the `m=` line stands for, by its `a=rtpmap`, or as RFC 3551 assigned it.
fn codec(stream: &MediaDescription, format: &str) -> Option<(u8, Codec)> {
    let payload_type = format.parse().ok().filter(|payload_type| *payload_type < 128)?;
    let rtpmaps = stream.attributes.iter().filter(|attribute| attribute.key == "rtpmap");
    let mapped = rtpmaps.filter_map(|attribute| attribute.value.as_deref()?.trim().split_once(' '));
    let encoding = mapped.into_iter().find(|(of, _)| *of == format).map(|(_, encoding)| encoding.trim().to_uppercase());
    let codec = match encoding.as_deref() {
        Some("PCMU/8000" | "PCMU/8000/1") => Codec::Sound(Law::Mu),
        Some("PCMA/8000" | "PCMA/8000/1") => Codec::Sound(Law::A),
        Some("TELEPHONE-EVENT/8000" | "TELEPHONE-EVENT/8000/1") => Codec::Keys,
        Some(_) => return None,
        None => Codec::Sound(Law::ALL.into_iter().find(|law| law.payload_type() == payload_type)?),
    };
    Some((payload_type, codec))
}

fn remote(session: &SessionDescription, stream: &MediaDescription) -> Result<SocketAddr, SdpError> {
    let connection = stream.connection_information.as_ref().or(session.connection_information.as_ref());
    let address = connection.and_then(|connection| connection.address.as_ref()).map_or("", |a| a.address.as_str());
    let usable = |ip: &IpAddr| !ip.is_multicast() && *ip != IpAddr::from([255, 255, 255, 255]);
    let ip = address.parse().ok().filter(usable).ok_or_else(|| SdpError::NoAddress { address: address.to_owned() })?;
    let port = u16::try_from(stream.media_name.port.value).map_err(|_| SdpError::NoAudio)?;
    Ok(SocketAddr::new(ip, port))
}

fn remote_rtcp(stream: &MediaDescription, remote: SocketAddr, mux: Mux) -> SocketAddr {
    if mux == Mux::WhereSaid && stream.has_attribute("rtcp-mux") {
        return remote;
    }
    // RFC 3605: `a=rtcp:53020` or `a=rtcp:53020 IN IP4 126.16.64.4`. Another host than that of RTP is not believed, and
    // the port of RTP means multiplexing, which was not agreed.
    let named = stream.attribute("rtcp").flatten().and_then(|value| value.split_whitespace().next()?.parse().ok());
    let port = named.filter(|port| *port != remote.port()).unwrap_or(remote.port().saturating_add(1));
    SocketAddr::new(remote.ip(), port)
}

/// Our direction: theirs reversed; and we never send to an unspecified address (RFC 3264 §8.4: hold as of RFC 2543).
fn direction(session: &SessionDescription, stream: &MediaDescription, remote: SocketAddr) -> Direction {
    let all = [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive];
    let media_level = all.into_iter().find(|direction| stream.has_attribute(direction.name()));
    let session_level = || all.into_iter().find(|direction| session.has_attribute(direction.name()));
    let ours = media_level.or_else(session_level).unwrap_or(Direction::SendRecv).reversed();
    match ours {
        Direction::SendRecv if remote.ip().is_unspecified() => Direction::RecvOnly,
        Direction::SendOnly if remote.ip().is_unspecified() => Direction::Inactive,
        Direction::SendRecv | Direction::SendOnly | Direction::RecvOnly | Direction::Inactive => ours,
    }
}

fn audio(port: u16, transport: &str, codecs: &[(u8, Law)], dtmf: Option<u8>, direction: Direction) -> MediaDescription {
    let mut audio = MediaDescription {
        media_name: MediaName {
            media: "audio".to_owned(),
            port: RangedPort { value: port as isize, range: None },
            protos: transport.split('/').map(str::to_owned).collect(),
            formats: Vec::new(),
        },
        ..MediaDescription::default()
    };
    for (payload_type, law) in codecs {
        audio = audio.with_codec(*payload_type, law.name().to_owned(), 8_000, 0, String::new());
    }
    if let Some(dtmf) = dtmf {
        audio = audio.with_codec(dtmf, "telephone-event".to_owned(), 8_000, 0, "0-15".to_owned());
    }
    audio
        .with_value_attribute("ptime".to_owned(), PTIME_MS.to_string())
        .with_property_attribute(direction.name().to_owned())
}

/// RFC 3264 §6: the stream stays in its place, with port 0.
fn refused(stream: &MediaDescription) -> MediaDescription {
    let port = RangedPort { value: 0, range: None };
    MediaDescription { media_name: MediaName { port, ..stream.media_name.clone() }, ..MediaDescription::default() }
}

fn describe(local: &Local, streams: Vec<MediaDescription>) -> Vec<u8> {
    let address_type = if local.address.is_ipv4() { "IP4" } else { "IP6" }.to_owned();
    let description = SessionDescription {
        origin: Origin {
            username: "-".to_owned(),
            session_id: local.session_id,
            session_version: local.version,
            network_type: "IN".to_owned(),
            address_type: address_type.clone(),
            unicast_address: local.address.to_string(),
        },
        session_name: "-".to_owned(),
        connection_information: Some(ConnectionInformation {
            network_type: "IN".to_owned(),
            address_type,
            address: Some(Address { address: local.address.to_string(), ttl: None, range: None }),
        }),
        time_descriptions: vec![TimeDescription::default()],
        media_descriptions: streams,
        ..SessionDescription::default()
    };
    description.marshal().into_bytes()
}
