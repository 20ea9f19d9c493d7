//! ITU-T G.711: one byte a sample at 8 kHz, 64 kbit/s. Both laws are RTP's static payload types (RFC 3551 §6).

use audio_codec_algorithms::{decode_alaw, decode_ulaw, encode_alaw, encode_ulaw};

use super::{Frame8k, PcmFrame};

/// The two companding laws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Law {
    /// µ-law, PCMU: North America, Japan, and what every endpoint has.
    Mu,
    /// A-law, PCMA: the rest of the world.
    A,
}

impl Law {
    /// Every law, in the order we offer them.
    pub const ALL: [Self; 2] = [Self::Mu, Self::A];

    /// The encoding name in SDP (RFC 3551 §6).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mu => "PCMU",
            Self::A => "PCMA",
        }
    }

    /// The static RTP payload type (RFC 3551 §6).
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::Mu => 0,
            Self::A => 8,
        }
    }

    /// 20 ms of sound as the payload of one packet.
    pub fn encode(self, frame: &Frame8k) -> [u8; 160] {
        match self {
            Self::Mu => frame.0.map(encode_ulaw),
            Self::A => frame.0.map(encode_alaw),
        }
    }

    /// The sound of a 20 ms payload.
    pub fn decode(self, payload: &[u8; 160]) -> Frame8k {
        PcmFrame(payload.map(|byte| self.decode_sample(byte)))
    }

    /// One sample.
    pub fn decode_sample(self, byte: u8) -> i16 {
        match self {
            Self::Mu => decode_ulaw(byte),
            Self::A => decode_alaw(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn silence_is_the_byte_of_each_law() {
        assert_eq!(Law::Mu.encode(&Frame8k::SILENCE), [0xff; 160]);
        assert_eq!(Law::A.encode(&Frame8k::SILENCE), [0xd5; 160]);
    }

    #[test]
    fn every_byte_survives_decoding_and_encoding() {
        for law in Law::ALL {
            for byte in 0..=u8::MAX {
                let frame = law.decode(&[byte; 160]);
                let again = law.decode(&law.encode(&frame));
                assert_eq!(again, frame, "{law:?} {byte:#04x}"); // µ-law has two zeros: compare the sound
            }
        }
    }

    proptest! {
        #[test]
        fn a_sample_comes_back_within_four_percent(sample: i16) {
            for law in Law::ALL {
                let PcmFrame(back) = law.decode(&law.encode(&PcmFrame([sample; 160])));
                let error = (i32::from(back[0]) - i32::from(sample)).unsigned_abs();
                prop_assert!(error <= 16 + u32::from(sample.unsigned_abs()) / 25, "{law:?}: {sample} became {}", back[0]);
            }
        }
    }
}
