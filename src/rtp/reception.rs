//! What one source's sequence numbers say: duplicates, losses, jitter (RFC 3550 §6.4.1, appendices A.1, A.3, A.8).

use rtc_rtcp::reception_report::ReceptionReport;

use super::control::middle;
use crate::base::{Instant, Now};

/// Sequence numbers remembered, to tell a duplicate from a straggler: one bit each.
const WINDOW: u64 = u128::BITS as u64;

/// Whether a packet is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    New,
    Duplicate,
    /// So far from the others that the source must have started anew.
    Restart,
}

/// The reception record of one SSRC.
#[derive(Debug, Clone)]
pub(super) struct Reception {
    pub ssrc: u32,
    /// Sequence numbers extended by their cycles.
    first: u64,
    highest: u64,
    /// Bit n: `highest - n` has arrived.
    seen: u128,
    pub received: u64,
    /// In timestamp units, times 16 as in appendix A.8.
    jitter_16: u32,
    transit: Option<i64>,
    sender_report: Option<(u32, Instant)>,
    expected_reported: u64,
    received_reported: u64,
}

impl Reception {
    pub fn new(ssrc: u32, sequence: u16) -> Self {
        // One cycle ahead, so that stragglers from before the first packet do not fall below zero.
        let first = u64::from(sequence) + 0x1_0000;
        Self {
            ssrc,
            first,
            highest: first,
            seen: 1,
            received: 1,
            jitter_16: 0,
            transit: None,
            sender_report: None,
            expected_reported: 0,
            received_reported: 0,
        }
    }

    /// Notes a packet after the first.
    pub fn arrive(&mut self, sequence: u16) -> Arrival {
        /// Appendix A.1's MAX_DROPOUT, MAX_MISORDER.
        const AHEAD_MAX: i16 = 3_000;
        let step = sequence.wrapping_sub(self.highest as u16) as i16;
        if step > 0 {
            if step > AHEAD_MAX {
                return Arrival::Restart;
            }
            self.highest += step as u64;
            self.seen = self.seen.checked_shl(step as u32).unwrap_or(0) | 1;
        } else {
            let behind = u64::from(step.unsigned_abs());
            if behind >= WINDOW {
                return Arrival::Restart;
            }
            let bit = 1 << behind;
            if self.seen & bit != 0 {
                return Arrival::Duplicate;
            }
            self.seen |= bit;
            self.first = self.first.min(self.highest - behind);
        }
        self.received += 1;
        Arrival::New
    }

    /// Appendix A.8, for packets whose timestamp is the time of their first sample.
    pub fn time(&mut self, now: Instant, timestamp: u32) {
        let arrival = (now.as_micros() * u64::from(super::CLOCK_HZ) / 1_000_000) as i64;
        let transit = arrival - i64::from(timestamp);
        if let Some(last) = self.transit.replace(transit) {
            // The difference alone matters, and it is taken modulo 2^32 as timestamps are.
            let difference = ((transit - last) as i32).unsigned_abs();
            self.jitter_16 = self.jitter_16.saturating_add(difference) - ((self.jitter_16 + 8) >> 4);
        }
    }

    /// Their sender report, for the round trip (§6.4.1, LSR and DLSR).
    pub fn note_sender_report(&mut self, ntp_time: u64, now: Instant) {
        self.sender_report = Some((middle(ntp_time), now));
    }

    pub fn jitter_ms(&self) -> f32 {
        self.jitter_16 as f32 / 16.0 * 1_000.0 / super::CLOCK_HZ as f32
    }

    /// Packets that never came. Appendix A.3, but never negative: duplicates are not counted as received.
    pub fn lost(&self) -> u64 {
        self.expected().saturating_sub(self.received)
    }

    fn expected(&self) -> u64 {
        self.highest - self.first + 1
    }

    /// The report block about this source (§6.4.1).
    pub fn report(&mut self, now: Now) -> ReceptionReport {
        let expected = self.expected() - self.expected_reported.min(self.expected());
        let received = self.received - self.received_reported;
        (self.expected_reported, self.received_reported) = (self.expected(), self.received);
        let lost = expected.saturating_sub(received);
        let delay = |at: Instant| (now.instant.since(at).as_micros() * 65_536 / 1_000_000).min(u32::MAX.into()) as u32;
        ReceptionReport {
            ssrc: self.ssrc,
            fraction_lost: (lost * 256).checked_div(expected).unwrap_or(0).min(255) as u8,
            total_lost: self.lost().min(0x7f_ffff) as u32,
            last_sequence_number: (self.highest - 0x1_0000) as u32,
            jitter: self.jitter_16 >> 4,
            last_sender_report: self.sender_report.map_or(0, |(lsr, _)| lsr),
            delay: self.sender_report.map_or(0, |(_, at)| delay(at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn losses_duplicates_and_reordering_are_counted_across_the_wrap() {
        let mut reception = Reception::new(1, 65_534);
        let arrivals: Vec<Arrival> = [0, 65_535, 0, 3, 1].iter().map(|&sequence| reception.arrive(sequence)).collect();
        assert_eq!(arrivals, [Arrival::New, Arrival::New, Arrival::Duplicate, Arrival::New, Arrival::New]);
        assert_eq!((reception.received, reception.lost()), (5, 1));
        let report = reception.report(Now::default());
        assert_eq!((report.fraction_lost, report.total_lost, report.last_sequence_number), (42, 1, 0x1_0003));
        assert_eq!(reception.report(Now::default()).fraction_lost, 0);
    }

    #[test]
    fn a_far_jump_is_a_restart() {
        let mut reception = Reception::new(1, 100);
        assert_eq!((reception.arrive(20_000), reception.arrive(60_000)), (Arrival::Restart, Arrival::Restart));
    }

    #[test]
    fn jitter_settles_at_the_mean_deviation() {
        let mut reception = Reception::new(1, 0);
        for n in 0..1_000u32 {
            let late_ms = u64::from(n % 2) * 10;
            reception.time(Instant::from_micros((u64::from(n) * 20 + late_ms) * 1_000), n.wrapping_mul(160));
        }
        assert!((reception.jitter_ms() - 10.0).abs() < 0.5, "{}", reception.jitter_ms());
    }

    proptest! {
        #[test]
        fn any_sequence_of_numbers_is_counted(numbers in proptest::collection::vec(any::<u16>(), 1..300)) {
            let mut reception = Reception::new(1, numbers[0]);
            for (n, number) in numbers.iter().enumerate() {
                reception.arrive(*number);
                reception.time(Instant::from_micros(n as u64 * 20_000), u32::from(*number).wrapping_mul(0x1_0001));
                reception.report(Now::default());
            }
        }
    }
}
