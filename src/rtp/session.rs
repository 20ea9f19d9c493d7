//! One call's RTP in both directions: ties packets, jitter buffer, concealment, keys and RTCP together, and finds where
//! the other side really is (symmetric RTP, RFC 4961).

use std::net::SocketAddr;
use std::time::Duration;

use rtc_rtp::header::Header;

use super::conceal::Concealer;
use super::control::{self, Schedule, Sent};
use super::dtmf::Keys;
use super::jitter::{Inserted, JitterBuffer, PACKET_SAMPLES_MAX};
use super::packet::{Outgoing, Packet, is_rtcp};
use super::reception::{Arrival, Reception};
use super::{CLOCK_HZ, TICK_SAMPLES};
use crate::audio::{Frame8k, PcmFrame};
use crate::base::{Instant, Now};
use crate::sdp::Media;

/// After this much silence from the address we latched to, another one may take its place.
const RELATCH_AFTER: Duration = Duration::from_secs(2);

/// Where we send, and whom we hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latching {
    /// The source of the first packet of a negotiated payload type, whatever SDP said: through NAT there is no other way.
    Symmetric,
    /// The address in SDP; packets from other hosts are dropped.
    Signalled,
}

/// What a session begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionConfig {
    /// What offer and answer agreed on.
    pub media: Media,
    /// Where we send, and whom we hear.
    pub latching: Latching,
}

/// What a datagram was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Sound, or more of a key press that was told already.
    Media,
    /// A key was pressed: 0 to 9, `*`, `#`, A to D. Told once a press.
    Key(char),
    /// RTCP.
    Control,
    /// Nothing for us; counted.
    Dropped(Why),
}

/// Why a datagram was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Neither RTP nor RTCP, or not what its header says.
    Malformed,
    /// From an address that is not the other side's.
    Stranger,
    /// A payload type that was not negotiated, such as comfort noise.
    PayloadType,
    /// It came before.
    Duplicate,
}

/// One tick's sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Played {
    /// 20 ms.
    pub frame: Frame8k,
    /// Where it comes from.
    pub kind: Kind,
}

/// Where a played frame comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// At least in part from the other side.
    Voice,
    /// Made up over a loss.
    Concealed,
    /// Digital silence: nothing came for a while.
    Silence,
}

/// Figures since the session began.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stats {
    /// Packets sent.
    pub sent: u64,
    /// RTP packets received, duplicates not counted.
    pub received: u64,
    /// Packets that never came, by sequence number.
    pub lost: u64,
    /// Packets that came after their tick.
    pub late: u64,
    /// Packets that came twice.
    pub duplicate: u64,
    /// Datagrams dropped: malformed, of strangers, of other payload types.
    pub dropped: u64,
    /// Frames made up.
    pub concealed: u64,
    /// Interarrival jitter (RFC 3550 §6.4.1), ms.
    pub jitter_ms: f32,
    /// Sound held in the jitter buffer now, ms.
    pub held_ms: u32,
}

/// One call's RTP, both directions. The driver calls [`Session::receive`] for each datagram, [`Session::playout`] once
/// each 20 ms, then [`Session::send`] or [`Session::skip`], and [`Session::control`].
#[derive(Debug, Clone)]
pub struct Session {
    media: Media,
    latching: Latching,
    latched: Option<Latched>,
    latched_rtcp: Option<SocketAddr>,
    last_received: Option<Instant>,
    reception: Option<Reception>,
    jitter: JitterBuffer,
    concealer: Concealer,
    keys: Keys,
    /// Sums of what came before the current SSRC, and all that is not counted there.
    stats: Stats,
    outgoing: Outgoing,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    sending: Sending,
    cname: String,
    schedule: Schedule,
    sent_reported: u64,
    random: Random,
}

#[derive(Debug, Clone, Copy)]
struct Latched {
    address: SocketAddr,
    heard_at: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sending {
    /// The next packet begins a talkspurt and carries the marker (RFC 3551 §4.1).
    Silent,
    Talking,
}

impl Session {
    /// A session that has neither sent nor received. `seed` makes SSRC, first sequence number, first timestamp and CNAME;
    /// it must be random (RFC 3550 §5.1).
    pub fn new(config: SessionConfig, seed: u64) -> Self {
        let mut random = Random(seed);
        Self {
            media: config.media,
            latching: config.latching,
            latched: None,
            latched_rtcp: None,
            last_received: None,
            reception: None,
            jitter: JitterBuffer::new(),
            concealer: Concealer::new(),
            keys: Keys::default(),
            stats: Stats::default(),
            outgoing: Outgoing::new(),
            ssrc: random.next() as u32,
            sequence: random.next() as u16,
            timestamp: random.next() as u32,
            sending: Sending::Silent,
            cname: format!("{:016x}", random.next()),
            schedule: Schedule::new(),
            sent_reported: 0,
            random,
        }
    }

    /// Where RTP goes now.
    pub fn remote(&self) -> SocketAddr {
        self.latched.map_or(self.media.remote, |latched| latched.address)
    }

    /// Where RTCP goes now.
    pub fn remote_rtcp(&self) -> SocketAddr {
        let remote = self.remote();
        match self.latched_rtcp {
            Some(latched) => latched,
            None if remote == self.media.remote => self.media.remote_rtcp,
            None if self.media.remote_rtcp == self.media.remote => remote,
            None => SocketAddr::new(remote.ip(), remote.port().saturating_add(1)),
        }
    }

    /// When the other side was last heard, by RTP or RTCP.
    pub fn last_received(&self) -> Option<Instant> {
        self.last_received
    }

    /// Figures so far.
    pub fn stats(&self) -> Stats {
        let current = self.reception.as_ref();
        Stats {
            received: self.stats.received + current.map_or(0, |reception| reception.received),
            lost: self.stats.lost + current.map_or(0, Reception::lost),
            jitter_ms: current.map_or(0.0, Reception::jitter_ms),
            held_ms: self.jitter.held_samples() as u32 * 1_000 / CLOCK_HZ,
            ..self.stats
        }
    }

    /// After a re-INVITE: codec, addresses, direction. Our stream goes on with its SSRC, sequence and timestamps.
    pub fn update(&mut self, media: &Media) {
        if media.remote != self.media.remote {
            (self.latched, self.latched_rtcp) = (None, None);
        }
        self.media = *media;
    }

    /// A datagram from the RTP or the RTCP socket.
    pub fn receive(&mut self, now: Now, source: SocketAddr, bytes: &[u8]) -> Received {
        let received = if is_rtcp(bytes) {
            self.receive_control(now, source, bytes)
        } else {
            self.receive_packet(now, source, bytes)
        };
        match received {
            Received::Media | Received::Key(_) | Received::Control => self.last_received = Some(now.instant),
            Received::Dropped(Why::Duplicate) => self.stats.duplicate += 1,
            Received::Dropped(Why::Malformed | Why::Stranger | Why::PayloadType) => self.stats.dropped += 1,
        }
        received
    }

    /// The sound of this tick. Call it once each 20 ms.
    pub fn playout(&mut self, now: Now) -> Played {
        let mut taken = self.jitter.take(now);
        let mut from = 0;
        for run in taken.heard.chunk_by(|a, b| a == b) {
            let samples = &mut taken.samples[from..from + run.len()];
            if run[0] {
                self.concealer.hear(samples)
            } else {
                self.concealer.conceal(samples)
            }
            from += run.len();
        }
        let frame = PcmFrame(taken.samples);
        let kind = if taken.heard.contains(&true) {
            Kind::Voice
        } else if frame == Frame8k::SILENCE {
            Kind::Silence
        } else {
            self.stats.concealed += 1;
            Kind::Concealed
        };
        Played { frame, kind }
    }

    /// The packet of this tick, to be sent to [`Session::remote`].
    pub fn send(&mut self, frame: &Frame8k) -> &[u8] {
        let header = Header {
            version: 2,
            marker: self.sending == Sending::Silent,
            payload_type: self.media.payload_type,
            sequence_number: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
            ..Header::default()
        };
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(TICK_SAMPLES as u32);
        self.sending = Sending::Talking;
        self.stats.sent += 1;
        self.outgoing.write(&header, &self.media.law.encode(frame))
    }

    /// A tick without a packet: on hold, or when only listening. The timestamps go on.
    pub fn skip(&mut self) {
        self.timestamp = self.timestamp.wrapping_add(TICK_SAMPLES as u32);
        self.sending = Sending::Silent;
    }

    /// An RTCP report for [`Session::remote_rtcp`], when one is due: about each 5 s.
    pub fn control(&mut self, now: Now) -> Option<Vec<u8>> {
        if !self.schedule.is_due(now.instant, self.random.next()) {
            return None;
        }
        let packets = self.stats.sent as u32; // modulo 2^32, as RFC 3550 §6.4.1 has it
        let sent = Sent { timestamp: self.timestamp, packets, bytes: packets.wrapping_mul(TICK_SAMPLES as u32) };
        let sent = (self.stats.sent > self.sent_reported).then_some(sent);
        self.sent_reported = self.stats.sent;
        let about = self.reception.as_mut().map(|reception| reception.report(now));
        control::report(now, self.ssrc, &self.cname, sent, about)
    }

    fn receive_packet(&mut self, now: Now, source: SocketAddr, bytes: &[u8]) -> Received {
        let Some(packet) = Packet::parse(bytes) else { return Received::Dropped(Why::Malformed) };
        let is_key = self.media.dtmf_payload_type == Some(packet.payload_type);
        if !is_key && packet.payload_type != self.media.payload_type {
            return Received::Dropped(Why::PayloadType);
        }
        if !self.latch(now.instant, source) {
            return Received::Dropped(Why::Stranger);
        }
        let arrival = match self.reception.as_mut() {
            Some(reception) if reception.ssrc == packet.ssrc => reception.arrive(packet.sequence),
            Some(_) | None => Arrival::Restart,
        };
        match arrival {
            Arrival::New => {}
            Arrival::Duplicate => return Received::Dropped(Why::Duplicate),
            Arrival::Restart => self.restart(&packet),
        }
        if is_key {
            return self.keys.receive(packet.timestamp, packet.payload).map_or(Received::Media, Received::Key);
        }
        if let Some(reception) = self.reception.as_mut() {
            reception.time(now.instant, packet.timestamp);
        }
        let mut samples = [0; PACKET_SAMPLES_MAX];
        let length = packet.payload.len().min(PACKET_SAMPLES_MAX);
        for (sample, byte) in samples.iter_mut().zip(packet.payload) {
            *sample = self.media.law.decode_sample(*byte);
        }
        match self.jitter.insert(now, packet.timestamp, &samples[..length]) {
            Inserted::InTime => {}
            Inserted::Late => self.stats.late += 1,
        }
        Received::Media
    }

    /// Another SSRC, or the same one counting anew.
    fn restart(&mut self, packet: &Packet<'_>) {
        if let Some(old) = self.reception.replace(Reception::new(packet.ssrc, packet.sequence)) {
            self.stats.received += old.received;
            self.stats.lost += old.lost();
            self.jitter.restart();
            self.keys = Keys::default();
        }
    }

    fn receive_control(&mut self, now: Now, source: SocketAddr, bytes: &[u8]) -> Received {
        let Some(sender_report) = control::parse(bytes) else { return Received::Dropped(Why::Malformed) };
        if source.ip() != self.remote().ip() {
            return Received::Dropped(Why::Stranger);
        }
        if self.latching == Latching::Symmetric {
            self.latched_rtcp = Some(source);
        }
        if let (Some((ssrc, ntp_time)), Some(reception)) = (sender_report, self.reception.as_mut())
            && ssrc == reception.ssrc
        {
            reception.note_sender_report(ntp_time, now.instant);
        }
        Received::Control
    }

    /// Whether `source` is the other side.
    fn latch(&mut self, now: Instant, source: SocketAddr) -> bool {
        match self.latching {
            Latching::Signalled => source.ip() == self.media.remote.ip(),
            Latching::Symmetric => {
                let other = self.latched.filter(|latched| latched.address != source);
                if other.is_some_and(|other| now.since(other.heard_at) < RELATCH_AFTER) {
                    return false;
                }
                if other.is_some() {
                    self.latched_rtcp = None;
                }
                self.latched = Some(Latched { address: source, heard_at: now });
                true
            }
        }
    }
}

/// SplitMix64: spreads one random seed over the fields that want random starts.
#[derive(Debug, Clone)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
