//! SIP messages as a pcap that Wireshark reads: IP and UDP or TCP headers are made up, checksums right, addresses and
//! times those of the trace. Link type RAW (101), microseconds, little-endian. RFC 791, 768, 8200, 9293, 1071.

use std::collections::HashMap;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::record::{SipRecord, Way};

const MAGIC_MICROSECONDS: u32 = 0xa1b2_c3d4;
const LINK_TYPE_RAW: u32 = 101;
const PACKET_BYTES_MAX: u32 = 262_144;
/// A longer message over TCP is cut into segments.
const SEGMENT_BYTES_MAX: usize = 1400;
/// UDP within IPv4 holds no more.
const DATAGRAM_BYTES_MAX: usize = 65_507;
const HOPS: u8 = 64;
const UDP: u8 = 17;
const TCP: u8 = 6;
/// PSH and ACK.
const TCP_FLAGS: u8 = 0x18;

/// Writes the file.
pub fn write<'a>(records: impl Iterator<Item = &'a SipRecord>, out: &mut impl Write) -> io::Result<()> {
    for word in [MAGIC_MICROSECONDS, 2 | 4 << 16, 0, 0, PACKET_BYTES_MAX, LINK_TYPE_RAW] {
        out.write_all(&word.to_le_bytes())?; // the two halves of the second word are the version, 2.4
    }
    // What each direction of a TCP connection has sent; the handshake is not in the trace.
    let mut sent: HashMap<(SocketAddr, SocketAddr), u32> = HashMap::new();
    for record in records {
        let (from, to) = match record.way {
            Way::In => (record.peer, record.local),
            Way::Out => (record.local, record.peer),
        };
        let at_us = u64::try_from(record.at.unix_timestamp_nanos() / 1_000).unwrap_or(0);
        let bytes = record.bytes();
        if record.transport != "TCP" {
            let payload = &bytes[..bytes.len().min(DATAGRAM_BYTES_MAX)];
            write_packet(out, at_us, &packet(from, to, UDP, udp(from, to, payload)))?;
            continue;
        }
        for segment in bytes.chunks(SEGMENT_BYTES_MAX) {
            let acknowledged = sent.get(&(to, from)).copied().unwrap_or(1);
            let sequence = sent.entry((from, to)).or_insert(1);
            let segment_bytes = tcp(from, to, (*sequence, acknowledged), segment);
            *sequence = sequence.wrapping_add(segment.len() as u32);
            write_packet(out, at_us, &packet(from, to, TCP, segment_bytes))?;
        }
    }
    Ok(())
}

fn write_packet(out: &mut impl Write, at_us: u64, packet: &[u8]) -> io::Result<()> {
    let length = packet.len() as u32;
    for word in [(at_us / 1_000_000) as u32, (at_us % 1_000_000) as u32, length, length] {
        out.write_all(&word.to_le_bytes())?;
    }
    out.write_all(packet)
}

fn udp(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let mut datagram = Vec::with_capacity(8 + payload.len());
    for half in [from.port(), to.port(), (8 + payload.len()) as u16, 0] {
        datagram.extend(half.to_be_bytes());
    }
    datagram.extend_from_slice(payload);
    let sum = match transport_checksum(from, to, UDP, &datagram) {
        0 => 0xffff, // zero would say that there is none
        sum => sum,
    };
    datagram[6..8].copy_from_slice(&sum.to_be_bytes());
    datagram
}

fn tcp(from: SocketAddr, to: SocketAddr, (sequence, acknowledged): (u32, u32), payload: &[u8]) -> Vec<u8> {
    let mut segment = Vec::with_capacity(20 + payload.len());
    segment.extend(from.port().to_be_bytes());
    segment.extend(to.port().to_be_bytes());
    segment.extend(sequence.to_be_bytes());
    segment.extend(acknowledged.to_be_bytes());
    segment.extend([5 << 4, TCP_FLAGS, 0xff, 0xff, 0, 0, 0, 0]); // 20 bytes of header, the widest window
    segment.extend_from_slice(payload);
    let sum = transport_checksum(from, to, TCP, &segment);
    segment[16..18].copy_from_slice(&sum.to_be_bytes());
    segment
}

/// Both addresses in one family.
fn addresses(from: SocketAddr, to: SocketAddr) -> (IpAddr, IpAddr) {
    match (from.ip().to_canonical(), to.ip().to_canonical()) {
        (IpAddr::V4(from), IpAddr::V6(to)) => (from.to_ipv6_mapped().into(), to.into()),
        (IpAddr::V6(from), IpAddr::V4(to)) => (from.into(), to.to_ipv6_mapped().into()),
        same => same,
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => Ipv6Addr::octets(&ip).to_vec(),
    }
}

/// The IP header and what it carries.
fn packet(from: SocketAddr, to: SocketAddr, protocol: u8, payload: Vec<u8>) -> Vec<u8> {
    let (source, destination) = addresses(from, to);
    let mut packet = Vec::with_capacity(40 + payload.len());
    if source.is_ipv4() {
        let length = ((20 + payload.len()) as u16).to_be_bytes();
        // Version 4 and five words of header; one fragment, never to be cut.
        packet.extend([0x45, 0, length[0], length[1], 0, 0, 0x40, 0, HOPS, protocol, 0, 0]);
        packet.extend(octets(source).into_iter().chain(octets(destination)));
        let sum = checksum(&[&packet]).to_be_bytes();
        packet[10..12].copy_from_slice(&sum);
    } else {
        let length = (payload.len() as u16).to_be_bytes();
        packet.extend([0x60, 0, 0, 0, length[0], length[1], protocol, HOPS]);
        packet.extend(octets(source).into_iter().chain(octets(destination)));
    }
    packet.extend(payload);
    packet
}

/// Over the pseudo-header too. RFC 768, RFC 8200 §8.1.
fn transport_checksum(from: SocketAddr, to: SocketAddr, protocol: u8, segment: &[u8]) -> u16 {
    let (source, destination) = addresses(from, to);
    let length = (segment.len() as u32).to_be_bytes();
    checksum(&[&octets(source), &octets(destination), &length, &[0, 0, 0, protocol], segment])
}

/// The complement of the ones' complement sum of 16-bit words; all parts but the last are of even length. RFC 1071.
fn checksum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2));
    let mut sum: u64 = words.map(|word| u64::from(u16::from_be_bytes([word[0], *word.get(1).unwrap_or(&0)]))).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::super::Passed;
    use super::*;
    use crate::base::UnixMillis;
    use crate::sip::Transport;

    fn record(transport: Transport, way: Way, addresses: [&str; 2], bytes: &[u8]) -> SipRecord {
        let [local, peer] = addresses.map(|address| address.parse().expect("address"));
        SipRecord::new(UnixMillis(1_795_532_400_123), &Passed { way, transport, local, peer, bytes })
    }

    fn written(records: &[SipRecord]) -> Vec<u8> {
        let mut file = Vec::new();
        write(records.iter(), &mut file).expect("written");
        file
    }

    #[test]
    fn the_checksum_is_that_of_the_known_vectors() {
        // RFC 1071 §3: the words sum to ddf2.
        assert_eq!(checksum(&[&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]]), !0xddf2);
        let header = [0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0, 0, 0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0, 0xc7];
        assert_eq!(checksum(&[&header]), 0xb861);
        assert_eq!(checksum(&[&[0x12]]), !0x1200);
    }

    #[test]
    fn a_datagram_is_written_byte_for_byte() {
        let file = written(&[record(Transport::Udp, Way::In, ["192.0.2.1:5060", "192.0.2.2:5062"], b"hi")]);
        let head: Vec<u8> =
            [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 101].iter().flat_map(|w| w.to_le_bytes()).collect();
        assert_eq!(file[..24], head);
        let packet: Vec<u8> = [1_795_532_400_u32, 123_000, 30, 30].iter().flat_map(|w| w.to_le_bytes()).collect();
        assert_eq!(file[24..40], packet);
        let ip = [0x45, 0, 0, 30, 0, 0, 0x40, 0, 64, 17, 0xb6, 0xcb, 192, 0, 2, 2, 192, 0, 2, 1];
        assert_eq!(file[40..60], ip);
        assert_eq!(file[60..], [0x13, 0xc6, 0x13, 0xc4, 0, 10, 0xeb, 0xe2, b'h', b'i']);
    }

    #[test]
    fn every_header_sums_to_all_ones() {
        for addresses in [["192.0.2.1:5060", "192.0.2.2:5062"], ["[2001:db8::1]:5060", "[2001:db8::2]:5062"]] {
            for (transport, protocol) in [(Transport::Udp, UDP), (Transport::Tcp, TCP)] {
                let record = record(transport, Way::Out, addresses, b"OPTIONS sip:a@b SIP/2.0\r\n\r\n!");
                let file = written(std::slice::from_ref(&record));
                let ip = if record.local.is_ipv4() { 20 } else { 40 };
                let (header, segment) = file[40..].split_at(ip);
                assert_eq!(transport_checksum(record.local, record.peer, protocol, segment), 0);
                assert!(ip == 40 || checksum(&[header]) == 0);
            }
        }
    }

    #[test]
    fn a_stream_is_cut_into_segments_that_follow_each_other() {
        let addresses = ["192.0.2.1:5060", "192.0.2.2:5062"];
        let long = vec![b'x'; SEGMENT_BYTES_MAX + 1];
        let file = written(&[
            record(Transport::Tcp, Way::Out, addresses, &long),
            record(Transport::Tcp, Way::In, addresses, b"answer"),
        ]);
        let second = 24 + 16 + 40 + SEGMENT_BYTES_MAX + 16 + 20;
        let third = second + 20 + 1 + 16 + 20;
        let word = |at: usize| u32::from_be_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]);
        assert_eq!(word(second + 4), 1 + SEGMENT_BYTES_MAX as u32);
        assert_eq!((word(third + 4), word(third + 8)), (1, 2 + SEGMENT_BYTES_MAX as u32));
        assert_eq!(file.len(), third + 20 + 6);
    }
}
