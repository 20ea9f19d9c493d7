//! RTCP (RFC 3550 §6): reports and a farewell out, their reports in.

use std::any::Any;
use std::time::Duration;

use rtc_rtcp::packet::Packet;
use rtc_rtcp::receiver_report::ReceiverReport;
use rtc_rtcp::reception_report::ReceptionReport;
use rtc_rtcp::sender_report::SenderReport;
use rtc_rtcp::source_description::{SdesType, SourceDescription, SourceDescriptionChunk, SourceDescriptionItem};

use super::packet::DATAGRAM_BYTES_MAX;
use crate::base::{Instant, Now};

/// RFC 3550 §6.2: the minimum interval, which a call of two keeps, since their 5% of the bandwidth would allow more.
const INTERVAL: Duration = Duration::from_secs(5);
/// §6.3.1: e - 3/2, in thousandths. Intervals are divided by it.
const COMPENSATION: u32 = 1_218;
/// Seconds from 1900 (NTP) to 1970 (Unix).
const NTP_UNIX_S: u64 = 2_208_988_800;
/// A longer round trip is no measurement.
const ROUND_TRIP_MAX: Duration = Duration::from_secs(60);

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
        // §6.3.1: 0.5 to 1.5 intervals; the first time half of it, so that the other side soon knows who is there.
        let (is_due, interval) = match self.due {
            Some(due) if now < due => return false,
            Some(_) => (true, INTERVAL),
            None => (false, INTERVAL / 2),
        };
        self.due = Some(now + interval * (500 + (draw % 1_001) as u32) / COMPENSATION);
        is_due
    }
}

/// The sender reports of the last two intervals, which theirs may answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// The middle of each one's NTP time, and when it was sent.
    reports: [Option<(u32, Instant)>; 2],
}

impl Asked {
    fn note(&mut self, ntp_time: u64, now: Instant) {
        self.reports = [Some((middle(ntp_time), now)), self.reports[0]];
    }

    /// §6.4.1: from our sender report to theirs, less the time that they kept it. Measured on our monotonic clock.
    pub fn round_trip(&self, about_us: &ReceptionReport, now: Instant) -> Option<Duration> {
        let asked = self.reports.iter().flatten().find(|(ntp_time, _)| *ntp_time == about_us.last_sender_report);
        let kept = Duration::from_micros(u64::from(about_us.delay) * 1_000_000 / 65_536);
        now.since(asked?.1).checked_sub(kept).filter(|round_trip| *round_trip < ROUND_TRIP_MAX)
    }
}

/// What we sent, for a sender report.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub timestamp: u32,
    pub packets: u32,
    pub bytes: u32,
}

/// Who reports, and on what.
#[derive(Debug, Clone)]
pub(super) struct Report<'a> {
    pub ssrc: u32,
    /// Random: it names nobody (§6.5.1, RFC 7022).
    pub cname: &'a str,
    /// None when nothing was sent for two intervals.
    pub sent: Option<Sent>,
    pub about: Option<ReceptionReport>,
}

impl Report<'_> {
    /// SR (or RR when nothing was sent) and SDES with the CNAME.
    pub fn bytes(self, now: Now, asked: &mut Asked) -> Option<Vec<u8>> {
        rtc_rtcp::packet::marshal(&self.packets(now, asked)).ok().map(|bytes| bytes.to_vec())
    }

    /// The last report: it ends with BYE (§6.6).
    pub fn farewell(self, now: Now) -> Option<Vec<u8>> {
        // Written here: rtc-rtcp adds an empty reason and padding.
        let goodbye = [[0x81, 203, 0, 1], self.ssrc.to_be_bytes()].concat();
        Some([self.bytes(now, &mut Asked::default())?, goodbye].concat())
    }

    fn packets(self, now: Now, asked: &mut Asked) -> Vec<Box<dyn Packet>> {
        let Self { ssrc, cname, sent, about } = self;
        let reports: Vec<ReceptionReport> = about.into_iter().collect();
        let report: Box<dyn Packet> = match sent {
            Some(Sent { timestamp, packets, bytes }) => {
                let ntp_time = ntp(now);
                asked.note(ntp_time, now.instant);
                Box::new(SenderReport {
                    ssrc,
                    ntp_time,
                    rtp_time: timestamp,
                    packet_count: packets,
                    octet_count: bytes,
                    reports,
                    ..SenderReport::default()
                })
            }
            None => Box::new(ReceiverReport { ssrc, reports, ..ReceiverReport::default() }),
        };
        let text = cname.as_bytes().to_vec().into();
        let item = SourceDescriptionItem { sdes_type: SdesType::SdesCname, text };
        let description =
            SourceDescription { chunks: vec![SourceDescriptionChunk { source: ssrc, items: vec![item] }] };
        vec![report, Box::new(description)]
    }
}

/// What a compound packet of theirs says.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Theirs {
    /// Of their sender report: SSRC and NTP time.
    pub sender_report: Option<(u32, u64)>,
    /// How they receive us.
    pub about_us: Option<ReceptionReport>,
}

/// A compound packet of theirs (appendix A.2: version 2, a report first). `ssrc` is ours.
pub(super) fn parse(bytes: &[u8], ssrc: u32) -> Option<Theirs> {
    if bytes.len() > DATAGRAM_BYTES_MAX || bytes.first()? >> 6 != 2 || !matches!(bytes.get(1)?, 200 | 201) {
        return None;
    }
    let mut theirs = Theirs::default();
    for packet in rtc_rtcp::packet::unmarshal(&mut &bytes[..]).ok()? {
        let packet: &dyn Any = packet.as_any();
        let sender_report: Option<&SenderReport> = packet.downcast_ref();
        let receiver_report: Option<&ReceiverReport> = packet.downcast_ref();
        theirs.sender_report = sender_report.map(|report| (report.ssrc, report.ntp_time)).or(theirs.sender_report);
        let reports = sender_report.map(|report| &report.reports).or(receiver_report.map(|report| &report.reports));
        let about_us = reports.into_iter().flatten().find(|report| report.ssrc == ssrc);
        theirs.about_us = about_us.cloned().or(theirs.about_us);
    }
    Some(theirs)
}

fn ntp(now: Now) -> u64 {
    let millis = now.wall.0.max(0) as u64;
    ((millis / 1_000 + NTP_UNIX_S) << 32) | (((millis % 1_000) << 32) / 1_000)
}

/// The middle 32 bits of an NTP time, which reports quote.
pub(super) fn middle(ntp_time: u64) -> u32 {
    (ntp_time >> 16) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::UnixMillis;
    use proptest::prelude::*;

    fn report(sent: Option<Sent>, about: Option<ReceptionReport>) -> Report<'static> {
        Report { ssrc: 9, cname: "cname", sent, about }
    }

    #[test]
    fn our_reports_are_read_back() {
        let now = Now { instant: Instant::default(), wall: UnixMillis(1_500) };
        let sent = Sent { timestamp: 5, packets: 2, bytes: 320 };
        let about = ReceptionReport { ssrc: 7, total_lost: 3, ..ReceptionReport::default() };
        let bytes = report(Some(sent), Some(about.clone())).bytes(now, &mut Asked::default()).unwrap();
        let sender_report = Some((9, (2_208_988_801 << 32) | 0x8000_0000));
        assert_eq!(parse(&bytes, 7), Some(Theirs { sender_report, about_us: Some(about.clone()) }));
        assert_eq!(parse(&bytes, 8), Some(Theirs { sender_report, about_us: None }));
        let bytes = report(None, Some(about.clone())).bytes(now, &mut Asked::default()).unwrap();
        assert_eq!(parse(&bytes, 7), Some(Theirs { sender_report: None, about_us: Some(about) }));
        let bytes = report(Some(sent), None).farewell(now).unwrap();
        assert_eq!(bytes[bytes.len() - 8..], [0x81, 203, 0, 1, 0, 0, 0, 9], "BYE comes last");
        assert_eq!(parse(&bytes, 7), Some(Theirs { sender_report, about_us: None }));
    }

    #[test]
    fn the_round_trip_is_what_passed_less_what_they_kept() {
        let at = |ms: u64| Now { instant: Instant::from_micros(ms * 1_000), wall: UnixMillis(1_000_000 + ms as i64) };
        let mut asked = Asked::default();
        let sent = Sent { timestamp: 5, packets: 2, bytes: 320 };
        for ms in [0, 4_000, 8_000] {
            report(Some(sent), None).bytes(at(ms), &mut asked).unwrap();
        }
        let answer = |ms, kept_ms: u32| ReceptionReport {
            last_sender_report: middle(ntp(at(ms))),
            delay: (kept_ms << 16) / 1_000,
            ..ReceptionReport::default()
        };
        let round_trip_ms = |report, ms| asked.round_trip(&report, at(ms).instant).map(|trip| trip.as_millis());
        assert_eq!(round_trip_ms(answer(8_000, 500), 8_580), Some(80));
        assert_eq!(round_trip_ms(answer(4_000, 4_500), 8_580), Some(80), "an answer to the one before");
        assert_eq!(round_trip_ms(answer(8_000, 900), 8_580), None, "kept longer than it was away");
        assert_eq!(round_trip_ms(answer(1_234, 0), 8_580), None, "we never sent that");
        assert_eq!(round_trip_ms(ReceptionReport::default(), 8_580), None, "they have heard none");
    }

    #[test]
    fn reports_come_at_random_intervals_around_four_seconds() {
        let mut schedule = Schedule::new();
        let mut random = 1u64;
        let due = (0..60_000 * 10).step_by(20).filter(|ms| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            schedule.is_due(Instant::from_micros(ms * 1_000), random >> 33)
        });
        let times: Vec<u64> = due.collect();
        assert!((1_020..=3_100).contains(&times[0]), "the first after {} ms", times[0]);
        assert!((135..=158).contains(&times.len()), "{} in ten minutes", times.len());
        let between = times.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(between.clone().all(|ms| (2_050..=6_180).contains(&ms)));
        assert!(between.clone().min() < Some(2_500) && between.max() > Some(5_700), "spread over the whole range");
    }

    proptest! {
        #[test]
        fn any_bytes_are_rtcp_or_not(mut bytes in proptest::collection::vec(any::<u8>(), 2..120), kind in 200u8..202) {
            (bytes[0], bytes[1]) = (0x80 | bytes[0] & 0x3f, kind);
            let _ = parse(&bytes, 7);
        }
    }
}
