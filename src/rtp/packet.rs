//! An RTP packet as it lies in the datagram (RFC 3550 §5.1). The header is read and written by `rtc-rtp`; the payload is
//! borrowed.

use rtc_rtp::header::Header;
use rtc_shared::marshal::{Marshal, Unmarshal};

use super::TICK_SAMPLES;

/// Bytes of a header as we send it: no CSRC, no extension.
pub(super) const HEADER_BYTES: usize = 12;
/// Largest datagram read: an Ethernet frame's.
pub(super) const DATAGRAM_BYTES_MAX: usize = 1_500;

/// A received packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    pub payload: &'a [u8],
}

/// RFC 5761 §4: the second byte tells RTCP (packet types 192 to 223) from RTP.
pub(super) fn is_rtcp(bytes: &[u8]) -> bool {
    bytes.get(1).is_some_and(|second| (192..=223).contains(second))
}

impl<'a> Packet<'a> {
    /// `None` for what is not RTP version 2 or does not hold what its header says.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len() > DATAGRAM_BYTES_MAX || bytes.first()? >> 6 != 2 {
            return None;
        }
        let header = Header::unmarshal(&mut &bytes[..]).ok()?;
        // Where the payload begins is counted here: rtc-rtp stops inside an extension block at its reserved id 15.
        let mut payload_at = HEADER_BYTES + 4 * header.csrc.len();
        if header.extension {
            let words = bytes.get(payload_at + 2..payload_at + 4)?;
            payload_at += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
        }
        let mut payload = bytes.get(payload_at..)?;
        if header.padding {
            let padding_bytes = usize::from(*payload.last()?);
            payload = &payload[..payload.len().checked_sub(padding_bytes.max(1))?];
        }
        Some(Self {
            payload_type: header.payload_type,
            sequence: header.sequence_number,
            timestamp: header.timestamp,
            ssrc: header.ssrc,
            payload,
        })
    }
}

/// The packet that is sent each tick, in one buffer for the whole call.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    bytes: [u8; HEADER_BYTES + TICK_SAMPLES],
}

impl Outgoing {
    pub fn new() -> Self {
        Self { bytes: [0; HEADER_BYTES + TICK_SAMPLES] }
    }

    /// Sound or a telephone event; what is longer than 20 ms of sound is cut.
    pub fn write(&mut self, header: &Header, payload: &[u8]) -> &[u8] {
        // A header without CSRC and extension always fits its 12 bytes.
        let written = header.marshal_to(&mut self.bytes[..HEADER_BYTES]);
        debug_assert!(matches!(written, Ok(HEADER_BYTES)), "{written:?}");
        let length = payload.len().min(TICK_SAMPLES);
        let bytes = &mut self.bytes[..HEADER_BYTES + length];
        bytes[HEADER_BYTES..].copy_from_slice(&payload[..length]);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn extensions_and_padding_are_not_taken_for_sound() {
        let mut bytes = vec![0xb1, 0x80, 0, 7, 0, 0, 0, 9, 0, 0, 0, 1]; // padding, extension, one CSRC
        bytes.extend([0, 0, 0, 2]); // the CSRC
        bytes.extend([0xbe, 0xde, 0, 1, 0xf0, 1, 2, 3]); // reserved id 15, three bytes unread
        bytes.extend([10, 11, 12, 0, 0, 3]); // payload of three, padding of three
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!((packet.sequence, packet.timestamp, packet.ssrc, packet.payload), (7, 9, 1, &[10, 11, 12][..]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_packet_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Packet::parse(&bytes);
        }

        #[test]
        fn what_is_written_is_read_back(sequence_number: u16, timestamp: u32, ssrc: u32, payload_type in 0u8..128, marker: bool) {
            let header = Header { version: 2, marker, payload_type, sequence_number, timestamp, ssrc, ..Header::default() };
            let mut outgoing = Outgoing::new();
            let bytes = outgoing.write(&header, &[7; 160]);
            let packet = Packet { payload_type, sequence: sequence_number, timestamp, ssrc, payload: &[7; 160] };
            prop_assert_eq!(Packet::parse(bytes), Some(packet));
        }
    }
}
