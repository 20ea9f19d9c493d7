//! RTCP (RFC 3550 §6): reports out about each 5 s, theirs in.

use std::any::Any;
use std::time::Duration;

use rtc_rtcp::packet::Packet;
use rtc_rtcp::receiver_report::ReceiverReport;
use rtc_rtcp::reception_report::ReceptionReport;
use rtc_rtcp::sender_report::SenderReport;
use rtc_rtcp::source_description::{SdesType, SourceDescription, SourceDescriptionChunk, SourceDescriptionItem};

use super::packet::DATAGRAM_BYTES_MAX;
use crate::base::{Instant, Now};

/// RFC 3550 §6.2: the minimum interval, which a call of two keeps. Each is drawn from 0.5 to 1.5 times this.
const INTERVAL: Duration = Duration::from_secs(5);
/// Seconds from 1900 (NTP) to 1970 (Unix).
const NTP_UNIX_S: u64 = 2_208_988_800;

/// When the next report is due.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    due: Option<Instant>,
}

impl Schedule {
    pub fn new() -> Self {
        Self { due: None }
    }

    /// Whether a report is due; if so, the next is set. `draw` is any random number.
    pub fn is_due(&mut self, now: Instant, draw: u64) -> bool {
        let is_due = self.due.is_some_and(|due| now >= due);
        if is_due || self.due.is_none() {
            self.due = Some(now + INTERVAL / 2 + INTERVAL * (draw % 1_000) as u32 / 1_000);
        }
        is_due
    }
}

/// What we sent, for a sender report.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub timestamp: u32,
    pub packets: u32,
    pub bytes: u32,
}

/// SR (or RR when nothing was sent since the last) and SDES with the CNAME.
pub(super) fn report(
    now: Now,
    ssrc: u32,
    cname: &str,
    sent: Option<Sent>,
    about: Option<ReceptionReport>,
) -> Option<Vec<u8>> {
    let reports: Vec<ReceptionReport> = about.into_iter().collect();
    let report: Box<dyn Packet> = match sent {
        Some(Sent { timestamp, packets, bytes }) => Box::new(SenderReport {
            ssrc,
            ntp_time: ntp(now),
            rtp_time: timestamp,
            packet_count: packets,
            octet_count: bytes,
            reports,
            ..SenderReport::default()
        }),
        None => Box::new(ReceiverReport { ssrc, reports, ..ReceiverReport::default() }),
    };
    let text = cname.as_bytes().to_vec().into();
    let item = SourceDescriptionItem { sdes_type: SdesType::SdesCname, text };
    let description = SourceDescription { chunks: vec![SourceDescriptionChunk { source: ssrc, items: vec![item] }] };
    rtc_rtcp::packet::marshal(&[report, Box::new(description)]).ok().map(|bytes| bytes.to_vec())
}

/// A compound packet of theirs (appendix A.2: version 2, a report first): the NTP time of their sender report, by SSRC.
pub(super) fn parse(bytes: &[u8]) -> Option<Option<(u32, u64)>> {
    if bytes.len() > DATAGRAM_BYTES_MAX || bytes.first()? >> 6 != 2 || !matches!(bytes.get(1)?, 200 | 201) {
        return None;
    }
    let packets = rtc_rtcp::packet::unmarshal(&mut &bytes[..]).ok()?;
    let first: &dyn Any = packets.first()?.as_any();
    Some(first.downcast_ref::<SenderReport>().map(|report| (report.ssrc, report.ntp_time)))
}

fn ntp(now: Now) -> u64 {
    let millis = now.wall.0.max(0) as u64;
    ((millis / 1_000 + NTP_UNIX_S) << 32) | (((millis % 1_000) << 32) / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::UnixMillis;
    use proptest::prelude::*;

    #[test]
    fn our_report_is_read_back_with_its_ntp_time() {
        let now = Now { instant: Instant::default(), wall: UnixMillis(1_500) };
        let sent = Sent { timestamp: 5, packets: 2, bytes: 320 };
        let bytes = report(now, 9, "cname", Some(sent), None).unwrap();
        assert_eq!(parse(&bytes), Some(Some((9, (2_208_988_801 << 32) | 0x8000_0000))));
        let bytes = report(now, 9, "cname", None, Some(ReceptionReport::default())).unwrap();
        assert_eq!(parse(&bytes), Some(None));
    }

    #[test]
    fn reports_come_about_each_five_seconds() {
        let mut schedule = Schedule::new();
        let mut random = 1u64;
        let due = (0..60_000 * 10).step_by(20).filter(|ms| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            schedule.is_due(Instant::from_micros(ms * 1_000), random >> 33)
        });
        let times: Vec<u64> = due.collect();
        assert!((100..=140).contains(&times.len()), "{} in ten minutes", times.len());
        assert!(times.windows(2).all(|pair| (2_500..=7_520).contains(&(pair[1] - pair[0]))));
    }

    proptest! {
        #[test]
        fn any_bytes_are_rtcp_or_not(mut bytes in proptest::collection::vec(any::<u8>(), 2..120), kind in 200u8..202) {
            (bytes[0], bytes[1]) = (0x80 | bytes[0] & 0x3f, kind);
            let _ = parse(&bytes);
        }
    }
}
