//! The agent's RTP stream as the network delivered it: packets lost, and packets that left off their schedule. Pure.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::base::Instant;

/// A packet further than this off its schedule is late.
const LATE: Duration = Duration::from_millis(5);
/// Packets kept: an hour of them.
const PACKETS_MAX: usize = 180_000;
/// A second before and a second behind a packet tell its schedule.
const PACKETS_AROUND: usize = 50;
/// A unit of the RTP clock of 8 kHz.
const MICROS_A_SAMPLE: i64 = 125;

/// Collects packets by the kernel's receive time.
#[derive(Debug, Default)]
pub struct Flow {
    /// Sequence and timestamp, extended beyond their wrap, and when the packet came.
    packets: Vec<(i64, i64, Instant)>,
}

impl Flow {
    /// Adds a datagram if it is RTP (RFC 3550 §5.1; RTCP by RFC 5761 §4).
    pub fn add(&mut self, at: Instant, datagram: &[u8]) {
        let [first, second, s1, s2, t1, t2, t3, t4, ..] = datagram else { return };
        if first >> 6 != 2 || (192..=223).contains(second) || self.packets.len() >= PACKETS_MAX {
            return;
        }
        let (sequence, timestamp) = (u16::from_be_bytes([*s1, *s2]), u32::from_be_bytes([*t1, *t2, *t3, *t4]));
        let (sequence, timestamp) = match self.packets.last() {
            None => (i64::from(sequence), i64::from(timestamp)),
            Some((before, stamp, _)) => (
                before + i64::from(sequence.wrapping_sub(*before as u16) as i16),
                stamp + i64::from(timestamp.wrapping_sub(*stamp as u32) as i32),
            ),
        };
        self.packets.push((sequence, timestamp, at));
    }

    /// Numbers missing between the first and the last.
    pub fn lost(&self) -> u64 {
        let numbers: BTreeSet<i64> = self.packets.iter().map(|(sequence, ..)| *sequence).collect();
        match (numbers.first(), numbers.last()) {
            (Some(first), Some(last)) => (last - first + 1) as u64 - numbers.len() as u64,
            (None, _) | (_, None) => 0,
        }
    }

    /// Packets more than 5 ms off the schedule of their timestamps, whose zero is the median of the packets around: a
    /// sender that goes on after a stall has a new schedule.
    pub fn late(&self) -> u64 {
        let offset = |(_, stamp, at): &(i64, i64, Instant)| at.as_micros() as i64 - stamp * MICROS_A_SAMPLE;
        let offsets: Vec<i64> = self.packets.iter().map(offset).collect();
        let is_late = |(n, offset): &(usize, &i64)| {
            let around = n.saturating_sub(PACKETS_AROUND)..(n + PACKETS_AROUND + 1).min(offsets.len());
            let mut around = offsets[around].to_vec();
            let middle = around.len() / 2;
            let (_, schedule, _) = around.select_nth_unstable(middle);
            (**offset - *schedule).unsigned_abs() > LATE.as_micros() as u64
        };
        offsets.iter().enumerate().filter(is_late).count() as u64
    }

    /// Packets received.
    pub fn len(&self) -> usize {
        self.packets.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rtp(sequence: u16, timestamp: u32) -> Vec<u8> {
        [&[0x80, 0][..], &sequence.to_be_bytes(), &timestamp.to_be_bytes(), &[0; 164]].concat()
    }

    /// Packets of 20 ms from `first` on, each so many ms off its schedule; `None` is lost.
    fn flow(first: u16, off_ms: &[Option<u64>]) -> Flow {
        let mut flow = Flow::default();
        for (n, off_ms) in off_ms.iter().enumerate() {
            if let Some(off_ms) = off_ms {
                let at = Instant::from_micros((1_000 + 20 * n as u64 + off_ms) * 1_000);
                flow.add(at, &rtp(first.wrapping_add(n as u16), (u32::MAX - 300).wrapping_add(160 * n as u32)));
            }
        }
        flow
    }

    #[test]
    fn a_steady_stream_is_neither_late_nor_lost_across_the_wrap() {
        let flow = flow(65_530, &[Some(0); 20]);
        assert_eq!((flow.lost(), flow.late(), flow.len()), (0, 0, 20));
    }

    #[test]
    fn packets_off_their_schedule_are_late_and_gaps_are_lost() {
        let mut off = [Some(1); 20];
        off[3] = Some(7);
        off[4] = Some(5);
        off[10] = None;
        off[11] = None;
        let flow = flow(9, &off);
        assert_eq!((flow.lost(), flow.late()), (2, 1));
    }

    #[test]
    fn after_a_stall_the_schedule_is_a_new_one() {
        let off: Vec<_> = (0..400).map(|n| Some(if n < 200 { 0 } else { 300 })).collect();
        assert_eq!(flow(1, &off).late(), 0);
        let mut burst = off.clone();
        for (n, off) in burst.iter_mut().enumerate().take(105).skip(100) {
            *off = Some((105 - n as u64) * 20); // five at once
        }
        assert_eq!(flow(1, &burst).late(), 5);
    }

    #[test]
    fn what_is_not_rtp_is_left_out() {
        let mut flow = Flow::default();
        flow.add(Instant::from_micros(1), &[0x80, 200, 0, 6, 0, 0, 0, 0, 0, 0]);
        flow.add(Instant::from_micros(2), b"no");
        assert_eq!((flow.len(), flow.lost(), flow.late()), (0, 0, 0));
    }
}
