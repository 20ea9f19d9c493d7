//! One call's RTP in both directions: ties packets, jitter buffer, concealment, keys and RTCP together, and finds where
//! the other side really is (symmetric RTP, RFC 4961).

use std::net::SocketAddr;
use std::time::Duration;

use rtc_rtp::header::Header;

use super::conceal::Concealer;
use super::control::{self, Asked, Report, Schedule, Sent};
use super::dtmf::{KeyError, Keys, Place, Presses};
use super::jitter::{Inserted, JitterBuffer, PACKET_SAMPLES_MAX};
use super::packet::{HEADER_BYTES, Outgoing, Packet, is_rtcp};
use super::reception::{Arrival, Reception};
use super::{CLOCK_HZ, TICK_SAMPLES};
use crate::audio::{Frame8k, Law, PcmFrame};
use crate::base::{Instant, Now};
use crate::sdp::Media;

/// After this much silence from the address we latched to, another one may take its place.
const RELATCH_AFTER: Duration = Duration::from_secs(2);
/// After the other side has moved, packets that it sent before may come for so long.
const IN_FLIGHT: Duration = Duration::from_millis(500);
/// Comfort noise (RFC 3389) at 8 kHz. Never negotiated, sent nevertheless: silence, and no loss.
const COMFORT_NOISE: u8 = 13;

/// Where we send, and whom we hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latching {
    /// The source of the first packet of a negotiated payload type after each answer, whatever SDP said: through NAT there
    /// is no other way. Another source may take its place after 2 s of silence only.
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
    /// Sound, comfort noise, or more of a key press that was told already.
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
    /// A payload type that was not negotiated.
    PayloadType,
    /// The first of another SSRC or another count: it is believed when the next follows.
    Probation,
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
    /// Datagrams from addresses that are not the other side's.
    pub strangers: u64,
    /// Other datagrams dropped: malformed, of other payload types, of a source not believed yet.
    pub dropped: u64,
    /// Frames made up.
    pub concealed: u64,
    /// Interarrival jitter (RFC 3550 §6.4.1), ms.
    pub jitter_ms: f32,
    /// Sound held in the jitter buffer now, ms.
    pub held_ms: u32,
    /// From us to them and back, by their last report; none before one answered ours.
    pub round_trip: Option<Duration>,
    /// How they receive us, by their last report.
    pub remote: Option<Remote>,
}

/// How the other side receives us.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Remote {
    /// Packets of ours that never came.
    pub lost: u32,
    /// Share of them since the report before, 0 to 1.
    pub lost_lately: f32,
    /// Interarrival jitter, ms.
    pub jitter_ms: f32,
}

/// One call's RTP, both directions. The driver calls [`Session::receive`] for each datagram, [`Session::playout`] once
/// each 20 ms, then [`Session::send`] or [`Session::skip`], and [`Session::control`].
#[derive(Debug, Clone)]
pub struct Session {
    media: Media,
    /// The codec before the last re-INVITE: such packets may still be on their way.
    codec_before: Option<(u8, Law)>,
    latching: Latching,
    latch: Latch,
    latched_rtcp: Option<SocketAddr>,
    last_received: Option<Instant>,
    reception: Option<Reception>,
    /// SSRC and next sequence number of a source that is believed when it goes on.
    probation: Option<(u32, u16)>,
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
    sent_bytes: u32,
    presses: Presses,
    cname: String,
    schedule: Schedule,
    asked: Asked,
    /// Packets sent at the time of the last two reports.
    sent_reported: [u64; 2],
    random: Random,
}

/// Symmetric RTP (RFC 4961).
#[derive(Debug, Clone, Copy)]
enum Latch {
    /// An answer came: the next source counts. Until then we send to `destination`, or to the address in SDP.
    Open { destination: Option<SocketAddr>, leaving: Option<Leaving> },
    /// Only this address is heard, and sent to.
    Closed { address: SocketAddr, heard_at: Instant },
}

/// The source from before the other side moved: still heard, but it cannot be latched to for a while.
#[derive(Debug, Clone, Copy)]
struct Leaving {
    address: SocketAddr,
    until: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sending {
    /// The next packet begins a talkspurt and carries the marker (RFC 3551 §4.1).
    Silent,
    Talking,
}

/// What a payload type stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Payload {
    Sound(Law),
    Key,
    ComfortNoise,
    Unknown,
}

impl Session {
    /// A session that has neither sent nor received. `seed` makes SSRC, first sequence number, first timestamp and CNAME;
    /// it must be random (RFC 3550 §5.1).
    pub fn new(config: SessionConfig, seed: u64) -> Self {
        let mut random = Random(seed);
        Self {
            media: config.media,
            codec_before: None,
            latching: config.latching,
            latch: Latch::Open { destination: None, leaving: None },
            latched_rtcp: None,
            last_received: None,
            reception: None,
            probation: None,
            jitter: JitterBuffer::new(),
            concealer: Concealer::new(),
            keys: Keys::default(),
            stats: Stats::default(),
            outgoing: Outgoing::new(),
            ssrc: random.next() as u32,
            sequence: random.next() as u16,
            timestamp: random.next() as u32,
            sending: Sending::Silent,
            sent_bytes: 0,
            presses: Presses::new(),
            cname: format!("{:016x}", random.next()),
            schedule: Schedule::new(),
            asked: Asked::default(),
            sent_reported: [0; 2],
            random,
        }
    }

    /// Where RTP goes now.
    pub fn remote(&self) -> SocketAddr {
        match self.latch {
            Latch::Open { destination, .. } => destination.unwrap_or(self.media.remote),
            Latch::Closed { address, .. } => address,
        }
    }

    /// Where RTCP goes now.
    pub fn remote_rtcp(&self) -> SocketAddr {
        let remote = self.remote();
        match self.latched_rtcp {
            Some(latched) => latched,
            None if remote == self.media.remote => self.media.remote_rtcp,
            None if self.media.is_muxed() => remote,
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

    /// After a re-INVITE: codec, addresses, direction. Our stream goes on with its SSRC, sequence and timestamps; the other
    /// side may come from another source.
    pub fn update(&mut self, now: Now, media: &Media) {
        let (heard, already_leaving) = match self.latch {
            Latch::Closed { address, .. } => (Some(address), None),
            Latch::Open { destination, leaving } => (destination, leaving),
        };
        self.latch = if media.remote == self.media.remote {
            Latch::Open { destination: heard, leaving: already_leaving }
        } else {
            self.latched_rtcp = None;
            let left = heard.map(|address| Leaving { address, until: now.instant + IN_FLIGHT });
            Latch::Open { destination: None, leaving: left.or(already_leaving) }
        };
        if media.payload_type != self.media.payload_type {
            self.codec_before = Some((self.media.payload_type, self.media.law));
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
            Received::Dropped(Why::Stranger) => self.stats.strangers += 1,
            Received::Dropped(Why::Malformed | Why::PayloadType | Why::Probation) => self.stats.dropped += 1,
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

    /// A key to be pressed, after those that wait. It replaces the sound.
    pub fn press(&mut self, key: char) -> Result<(), KeyError> {
        self.media.dtmf_payload_type.ok_or(KeyError::NotNegotiated)?;
        self.presses.push(key)
    }

    /// The packet of this tick, to be sent to [`Session::remote`]: the frame, or a part of a key press.
    pub fn send(&mut self, frame: &Frame8k) -> &[u8] {
        let mut header = Header {
            version: 2,
            marker: self.sending == Sending::Silent,
            payload_type: self.media.payload_type,
            sequence_number: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
            ..Header::default()
        };
        let event = self.media.dtmf_payload_type.zip(self.presses.next(self.timestamp));
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(TICK_SAMPLES as u32);
        self.sending = Sending::Talking;
        self.stats.sent += 1;
        let bytes = match event {
            None => self.outgoing.write(&header, &self.media.law.encode(frame)),
            Some((payload_type, event)) => {
                header.payload_type = payload_type;
                header.timestamp = event.timestamp;
                header.marker = event.place == Place::First;
                self.outgoing.write(&header, &event.payload)
            }
        };
        self.sent_bytes = self.sent_bytes.wrapping_add((bytes.len() - HEADER_BYTES) as u32);
        bytes
    }

    /// Ticks without a packet: on hold, when only listening, or after a stall. The timestamps go on (RFC 3550 §5.1).
    pub fn skip(&mut self, ticks: u32) {
        self.timestamp = self.timestamp.wrapping_add(ticks.wrapping_mul(TICK_SAMPLES as u32));
        self.sending = Sending::Silent;
        self.presses.break_off();
    }

    /// An RTCP report for [`Session::remote_rtcp`], when one is due: each 2 to 6 s.
    pub fn control(&mut self, now: Now) -> Option<Vec<u8>> {
        if !self.schedule.is_due(now.instant, self.random.next()) {
            return None;
        }
        let about = self.reception.as_mut().map(|reception| reception.report(now));
        let report = Report { ssrc: self.ssrc, cname: &self.cname, sent: self.sent_lately(), about };
        self.sent_reported = [self.stats.sent, self.sent_reported[0]];
        report.bytes(now, &mut self.asked)
    }

    /// The last RTCP packet, with BYE; none when nothing was sent at all (RFC 3550 §6.3.7).
    pub fn farewell(&mut self, now: Now) -> Option<Vec<u8>> {
        if self.stats.sent == 0 {
            return None;
        }
        let about = self.reception.as_mut().map(|reception| reception.report(now));
        Report { ssrc: self.ssrc, cname: &self.cname, sent: self.sent_lately(), about }.farewell(now)
    }

    /// RFC 3550 §6.4: who sent since the report before the last is a sender.
    fn sent_lately(&self) -> Option<Sent> {
        (self.stats.sent > self.sent_reported[1]).then_some(Sent {
            timestamp: self.timestamp.wrapping_sub(TICK_SAMPLES as u32), // of the tick that is now
            packets: self.stats.sent as u32,                             // modulo 2^32, as RFC 3550 §6.4.1 has it
            bytes: self.sent_bytes,
        })
    }

    fn payload(&self, payload_type: u8) -> Payload {
        if payload_type == self.media.payload_type {
            return Payload::Sound(self.media.law);
        }
        if Some(payload_type) == self.media.dtmf_payload_type {
            return Payload::Key;
        }
        match self.codec_before {
            Some((before, law)) if payload_type == before => Payload::Sound(law),
            Some(_) | None if payload_type == COMFORT_NOISE => Payload::ComfortNoise,
            Some(_) | None => Payload::Unknown,
        }
    }

    fn receive_packet(&mut self, now: Now, source: SocketAddr, bytes: &[u8]) -> Received {
        let Some(packet) = Packet::parse(bytes) else { return Received::Dropped(Why::Malformed) };
        let law = match self.payload(packet.payload_type) {
            Payload::Sound(law) => law,
            Payload::Key => return self.receive_key(now, source, &packet),
            Payload::ComfortNoise => return self.receive_other(now, source, &packet, Received::Media),
            Payload::Unknown => {
                return self.receive_other(now, source, &packet, Received::Dropped(Why::PayloadType));
            }
        };
        if !self.admits(now.instant, source) {
            return Received::Dropped(Why::Stranger);
        }
        match self.arrival(&packet) {
            Arrival::New => self.probation = None,
            Arrival::Duplicate => return Received::Dropped(Why::Duplicate),
            Arrival::Restart if self.is_believed(&packet) => self.restart(&packet),
            Arrival::Restart => return Received::Dropped(Why::Probation),
        }
        if let Some(reception) = self.reception.as_mut() {
            reception.time(now.instant, packet.timestamp);
        }
        let mut samples = [0; PACKET_SAMPLES_MAX];
        let length = packet.payload.len().min(PACKET_SAMPLES_MAX);
        for (sample, byte) in samples.iter_mut().zip(packet.payload) {
            *sample = law.decode_sample(*byte);
        }
        match self.jitter.insert(now, packet.timestamp, &samples[..length]) {
            Inserted::InTime => {}
            Inserted::Late => self.stats.late += 1,
        }
        Received::Media
    }

    /// A telephone event. Some gateways send them under an SSRC of their own: it never takes over.
    fn receive_key(&mut self, now: Now, source: SocketAddr, packet: &Packet<'_>) -> Received {
        if !self.admits(now.instant, source) {
            return Received::Dropped(Why::Stranger);
        }
        if self.reception.is_none() {
            self.restart(packet);
        } else if self.arrival(packet) == Arrival::Duplicate {
            return Received::Dropped(Why::Duplicate);
        }
        self.keys.receive(packet.ssrc, packet.timestamp, packet.payload).map_or(Received::Media, Received::Key)
    }

    /// A packet without sound for us. It is no loss, but it is no reason to believe a source either.
    fn receive_other(&mut self, now: Now, source: SocketAddr, packet: &Packet<'_>, new: Received) -> Received {
        let is_current = self.reception.as_ref().is_some_and(|reception| reception.ssrc == packet.ssrc);
        if !is_current || source.ip() != self.remote().ip() || !self.admits(now.instant, source) {
            return Received::Dropped(Why::PayloadType);
        }
        match self.arrival(packet) {
            Arrival::New => new,
            Arrival::Duplicate => Received::Dropped(Why::Duplicate),
            Arrival::Restart => Received::Dropped(Why::Probation),
        }
    }

    /// What the sequence number says, of the current source; any other would begin anew.
    fn arrival(&mut self, packet: &Packet<'_>) -> Arrival {
        match self.reception.as_mut() {
            Some(reception) if reception.ssrc == packet.ssrc => reception.arrive(packet.sequence),
            Some(_) | None => Arrival::Restart,
        }
    }

    /// RFC 3550 §8.2 and appendix A.1: the first source is believed at once, another when two of its packets follow one
    /// another and none of the current source comes between.
    fn is_believed(&mut self, packet: &Packet<'_>) -> bool {
        let next = (packet.ssrc, packet.sequence.wrapping_add(1));
        let promised = self.probation.replace(next);
        self.reception.is_none() || promised == Some((packet.ssrc, packet.sequence))
    }

    /// Another SSRC, or the same one counting anew.
    fn restart(&mut self, packet: &Packet<'_>) {
        self.probation = None;
        if let Some(old) = self.reception.replace(Reception::new(packet.ssrc, packet.sequence)) {
            self.stats.received += old.received;
            self.stats.lost += old.lost();
            self.jitter.restart();
        }
    }

    fn receive_control(&mut self, now: Now, source: SocketAddr, bytes: &[u8]) -> Received {
        let Some(theirs) = control::parse(bytes, self.ssrc) else { return Received::Dropped(Why::Malformed) };
        if source.ip() != self.remote().ip() {
            return Received::Dropped(Why::Stranger);
        }
        if self.latching == Latching::Symmetric {
            self.latched_rtcp = Some(source);
        }
        if let (Some((ssrc, ntp_time)), Some(reception)) = (theirs.sender_report, self.reception.as_mut())
            && ssrc == reception.ssrc
        {
            reception.note_sender_report(ntp_time, now.instant);
        }
        if let Some(about_us) = theirs.about_us {
            self.stats.round_trip = self.asked.round_trip(&about_us, now.instant).or(self.stats.round_trip);
            self.stats.remote = Some(Remote {
                // 24 bits and a sign: what came twice can make it negative.
                lost: if about_us.total_lost < 0x80_0000 { about_us.total_lost } else { 0 },
                lost_lately: f32::from(about_us.fraction_lost) / 256.0,
                jitter_ms: about_us.jitter as f32 * 1_000.0 / CLOCK_HZ as f32,
            });
        }
        Received::Control
    }

    /// Whether `source` is the other side. The first one after an answer is.
    fn admits(&mut self, now: Instant, source: SocketAddr) -> bool {
        if self.latching == Latching::Signalled {
            return source.ip() == self.media.remote.ip();
        }
        match self.latch {
            Latch::Open { leaving: Some(Leaving { address, until }), .. } if address == source && now < until => {
                return true;
            }
            Latch::Closed { address, heard_at } if address != source && now.since(heard_at) < RELATCH_AFTER => {
                return false;
            }
            Latch::Open { .. } | Latch::Closed { .. } => {}
        }
        if self.remote().ip() != source.ip() {
            self.latched_rtcp = None;
        }
        self.latch = Latch::Closed { address: source, heard_at: now };
        true
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
