//! The jitter buffer under loss, reordering, duplicates, bursts and silence: nothing out of order, nothing for long.

use std::time::Duration;

use callwright::base::{Instant, Now};
use callwright::rtp::{Inserted, JitterBuffer, Taken};
use proptest::prelude::*;

fn at_ms(ms: u64) -> Now {
    Now { instant: Instant::from_micros(ms * 1_000), ..Now::default() }
}

/// Sound whose every sample tells its place in the stream, and is never quiet.
fn sound(from: u32, samples: u32) -> Vec<i16> {
    (from..from + samples).map(|place| 1_000 + (place % 30_000) as i16).collect()
}

fn places(taken: &Taken) -> Vec<i16> {
    taken.samples.iter().zip(taken.heard).filter(|(_, heard)| *heard).map(|(sample, _)| *sample - 1_000).collect()
}

/// Sends packets of `packet_ms` at their arrival times and plays each 20 ms; what each tick heard.
fn run(packet_ms: u32, arrivals: &[(u64, u32)], until_ms: u64) -> Vec<Vec<i16>> {
    let mut jitter = JitterBuffer::new();
    let mut arrivals = arrivals.to_vec();
    arrivals.sort();
    let mut arrivals = arrivals.into_iter().peekable();
    let mut ticks = Vec::new();
    for now_ms in 0..until_ms {
        while let Some((_, packet)) = arrivals.next_if(|(arrival_ms, _)| *arrival_ms <= now_ms) {
            let place = packet * packet_ms * 8;
            jitter.insert(at_ms(now_ms), place.wrapping_sub(5_000), &sound(place, packet_ms * 8));
        }
        if now_ms % 20 == 7 {
            ticks.push(places(&jitter.take(at_ms(now_ms))));
        }
    }
    ticks
}

#[test]
fn a_punctual_stream_is_played_whole_after_40_ms_whatever_its_packet_time() {
    for packet_ms in [10, 20, 30, 40, 60] {
        let arrivals: Vec<(u64, u32)> = (0..600 / packet_ms).map(|n| (u64::from(n * packet_ms), n)).collect();
        let ticks = run(packet_ms, &arrivals, 640);
        let silent = ticks.iter().take_while(|tick| tick.is_empty()).count();
        assert!((2..=3).contains(&silent), "{packet_ms} ms: {silent} ticks before the sound");
        let played: Vec<i16> = ticks.concat();
        assert_eq!(played, (0..played.len() as i16).collect::<Vec<_>>(), "{packet_ms} ms");
        assert!(ticks[silent..28].iter().all(|tick| tick.len() == 160), "{packet_ms} ms: a tick with a hole");
    }
}

#[test]
fn jitter_below_the_delay_and_reordering_are_not_heard() {
    let arrivals: Vec<(u64, u32)> =
        (0..50).map(|n| (u64::from(n) * 20 + [0, 25, 3, 19, 11][n as usize % 5], n)).collect();
    let played = run(20, &arrivals, 1_100).concat();
    assert_eq!(played, (0..8_000).collect::<Vec<i16>>());
}

#[test]
fn a_lost_packet_leaves_one_hole_of_its_length() {
    let arrivals: Vec<(u64, u32)> = (0..50).filter(|n| *n != 20).map(|n| (u64::from(n) * 20, n)).collect();
    let played = run(20, &arrivals, 1_100).concat();
    assert_eq!(played, (0..3_200).chain(3_360..8_000).collect::<Vec<i16>>());
}

#[test]
fn after_a_stall_the_delay_grows_and_nothing_is_lost() {
    // Packets 20 to 24 come together with packet 25: a Wi-Fi stall of 100 ms.
    let arrival_ms = |n: u32| if (20..25).contains(&n) { 500 } else { u64::from(n) * 20 };
    let arrivals: Vec<(u64, u32)> = (0..60).map(|n| (arrival_ms(n), n)).collect();
    let ticks = run(20, &arrivals, 1_500);
    assert_eq!(ticks.concat(), (0..9_600).collect::<Vec<i16>>());
    let holes = ticks.iter().skip_while(|tick| tick.is_empty()).take(60).filter(|tick| tick.is_empty()).count();
    assert!((3..=5).contains(&holes), "{holes} ticks were concealed");
}

#[test]
fn a_burst_of_a_second_is_cut_to_200_ms() {
    let mut jitter = JitterBuffer::new();
    jitter.take(at_ms(0));
    for n in 0..50 {
        jitter.insert(at_ms(1), n * 160, &sound(n * 160, 160));
        assert!(jitter.held_samples() <= 1_600);
    }
    assert_eq!(places(&jitter.take(at_ms(20)))[0], 8_000 - 1_600, "the oldest was dropped");
}

#[test]
fn stragglers_that_come_again_and_again_lengthen_the_delay_until_they_are_in_time() {
    // Each tenth packet takes 90 ms more than the others.
    let arrivals: Vec<(u64, u32)> =
        (0..200).map(|n| (u64::from(n) * 20 + if n % 10 == 9 { 90 } else { 0 }, n)).collect();
    let ticks = run(20, &arrivals, 4_300);
    let late_played: Vec<i16> = ticks[100..].concat();
    assert!(late_played.windows(2).all(|pair| pair[1] == (pair[0] + 1) % 30_000), "holes remain after two seconds");
}

#[test]
fn one_straggler_in_a_hundred_is_given_up_and_lengthens_nothing() {
    // Talk without a quiet frame; each hundredth packet takes 150 ms more than the others.
    let arrivals: Vec<(u64, u32)> =
        (0..500).map(|n| (u64::from(n) * 20 + if n % 100 == 50 { 150 } else { 0 }, n)).collect();
    let ticks = run(20, &arrivals, 10_100);
    assert!((2..=3).contains(&ticks.iter().take_while(|tick| tick.is_empty()).count()));
    assert_eq!(ticks.concat().len(), 495 * 160, "five packets are lost, no other");
    assert!(ticks[503..].iter().all(Vec::is_empty), "the last packet was played with the delay of the first");
}

/// A network that delays each packet by a random time between the two, in ms; half of the frames are quiet. Gives the
/// share of frames concealed over the last half, in percent, and the mean delay held, in ms.
fn under_jitter(delays_ms: impl Fn(u32) -> std::ops::Range<u64>, packets: u32) -> (f64, f64) {
    let mut random = 7u64;
    let mut arrivals: Vec<(u64, u32)> = (0..packets)
        .map(|n| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let between = delays_ms(n);
            (u64::from(n) * 20 + between.start + (random >> 33) % (between.end - between.start), n)
        })
        .collect();
    arrivals.sort();
    let mut jitter = JitterBuffer::new();
    let mut arrivals = arrivals.into_iter().peekable();
    let (mut holes, mut held_ms, mut ticks) = (0, 0, 0);
    for now_ms in 0..u64::from(packets) * 20 {
        while let Some((_, n)) = arrivals.next_if(|(arrival_ms, _)| *arrival_ms <= now_ms) {
            jitter.insert(at_ms(now_ms), n * 160, &[if n / 25 % 2 == 0 { 4_000 } else { 1 }; 160]);
        }
        if now_ms % 20 == 7 {
            let heard = jitter.take(at_ms(now_ms)).heard.contains(&true);
            if now_ms > u64::from(packets) * 10 {
                holes += u32::from(!heard);
                held_ms += jitter.held_samples() / 8;
                ticks += 1;
            }
        }
    }
    (f64::from(holes) * 100.0 / f64::from(ticks), held_ms as f64 / f64::from(ticks))
}

#[test]
fn the_delay_follows_the_jitter_of_the_network() {
    let (holes, held_ms) = under_jitter(|_| 20..22, 3_000);
    assert!(holes == 0.0 && held_ms <= 25.0, "a quiet network: {holes}% concealed, {held_ms} ms held");
    let (holes, held_ms) = under_jitter(|_| 20..100, 3_000);
    assert!(holes <= 5.0 && held_ms <= 80.0, "60 ± 40 ms: {holes}% concealed, {held_ms} ms held");
    let (holes, held_ms) = under_jitter(|n| if n < 1_000 { 20..180 } else { 20..22 }, 4_000);
    assert!(holes == 0.0 && held_ms <= 40.0, "when it has calmed down: {holes}% concealed, {held_ms} ms held");
}

#[test]
fn a_source_whose_clock_is_slow_is_followed() {
    // 500 ppm: in ten minutes 300 ms more than the buffer began with.
    let (holes, held_ms) = under_jitter(|n| u64::from(n) / 100..u64::from(n) / 100 + 2, 30_000);
    assert!(holes <= 0.2 && held_ms <= 60.0, "{holes}% concealed, {held_ms} ms held");
}

#[test]
fn in_silence_an_unneeded_delay_shrinks() {
    let mut jitter = JitterBuffer::new();
    let quiet = [1; 160];
    let mut held_ms = Vec::new();
    for tick in 0..600u32 {
        let now = at_ms(u64::from(tick) * 20);
        // A stall of 160 ms once, at tick 100.
        let packets = match tick {
            0..100 | 109.. => tick..tick + 1,
            108 => 100..109,
            _ => 0..0,
        };
        for n in packets {
            jitter.insert(now, n * 160, &quiet);
        }
        jitter.take(now.plus(Duration::from_millis(5)));
        held_ms.push(jitter.held_samples() / 8);
    }
    assert!(held_ms[115] >= 120, "after the stall {} ms are held", held_ms[115]);
    assert!(held_ms[599] <= 40, "{} ms are held after ten quiet seconds", held_ms[599]);
}

#[test]
fn talkspurts_with_gaps_begin_with_the_delay_anew() {
    // Asterisk sends nothing in silence; the timestamps go on, or stand still with some other senders.
    for gap_place in [0, 16_000] {
        let mut jitter = JitterBuffer::new();
        let mut heard = Vec::new();
        for tick in 0..250u32 {
            let now = at_ms(u64::from(tick) * 20);
            let place = match tick {
                0..50 => Some(tick * 160),
                150..200 => Some((tick - 100) * 160 + gap_place),
                _ => None,
            };
            if let Some(place) = place {
                assert_eq!(jitter.insert(now, place, &sound(place, 160)), Inserted::InTime, "tick {tick}");
            }
            heard.extend(places(&jitter.take(now.plus(Duration::from_millis(10)))));
        }
        assert_eq!(heard.len(), 100 * 160);
    }
}

#[test]
fn a_source_without_quiet_frames_gets_its_short_delay_back_at_the_next_talkspurt() {
    let mut jitter = JitterBuffer::new();
    let mut held_ms = Vec::new();
    for tick in 0..1_000u32 {
        let now = at_ms(u64::from(tick) * 20);
        // A stall of 160 ms at tick 40; words of 2 s, pauses of 400 ms.
        let packets = match tick {
            40..48 => 0..0,
            48 => 40..49,
            _ if tick % 120 >= 100 => 0..0,
            _ => tick..tick + 1,
        };
        for n in packets {
            jitter.insert(now, n * 160, &sound(n * 160, 160));
        }
        jitter.take(now.plus(Duration::from_millis(5)));
        held_ms.push(jitter.held_samples() / 8);
    }
    assert!(held_ms[60] >= 120, "after the stall {} ms are held", held_ms[60]);
    assert!(held_ms[910] <= 40, "{} ms are held later", held_ms[910]);
}

#[test]
fn a_source_that_begins_a_new_count_is_followed() {
    let mut jitter = JitterBuffer::new();
    let mut heard = 0;
    for tick in 0..100u32 {
        let now = at_ms(u64::from(tick) * 20);
        let timestamp = if tick < 50 { tick * 160 } else { 0x9000_0000 + tick * 160 };
        jitter.insert(now, timestamp, &sound(0, 160));
        heard += places(&jitter.take(now.plus(Duration::from_millis(10)))).len();
    }
    assert!(heard >= 94 * 160, "{heard}");
}

#[derive(Debug, Clone)]
struct Fate {
    delay_ms: u64,
    lost: bool,
    copies: usize,
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate =
        (0u64..250, 0u8..10, 1usize..3).prop_map(|(delay_ms, luck, copies)| Fate { delay_ms, lost: luck == 0, copies });
    proptest::collection::vec(fate, 1..150)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn whatever_the_network_does_sound_is_played_in_order_once_and_soon(
        fates in fates(), packet_ms in prop::sample::select(vec![10u32, 20, 30, 40]), first: u32, start_ms in 0u64..20
    ) {
        let mut arrivals: Vec<(u64, u32)> = Vec::new();
        for (n, fate) in fates.iter().enumerate().filter(|(_, fate)| !fate.lost) {
            let arrival_ms = start_ms + n as u64 * u64::from(packet_ms) + fate.delay_ms;
            arrivals.extend(vec![(arrival_ms, n as u32); fate.copies]);
        }
        arrivals.sort();
        let mut jitter = JitterBuffer::new();
        let mut arrivals = arrivals.into_iter().peekable();
        let mut last = -1i64;
        for now_ms in 0..fates.len() as u64 * u64::from(packet_ms) + 600 {
            while let Some((_, n)) = arrivals.next_if(|(arrival_ms, _)| *arrival_ms <= now_ms) {
                let place = n * packet_ms * 8;
                jitter.insert(at_ms(now_ms), first.wrapping_add(place), &sound(place, packet_ms * 8));
                prop_assert!(jitter.held_samples() <= 1_600);
            }
            if now_ms % 20 == 0 {
                for place in places(&jitter.take(at_ms(now_ms))) {
                    let unwrapped = i64::from(place) + (last + 15_000 - i64::from(place)).div_euclid(30_000) * 30_000;
                    prop_assert!(unwrapped > last, "{unwrapped} after {last}");
                    last = unwrapped;
                }
            }
        }
        prop_assert_eq!(jitter.held_samples(), 0, "all is played in the end");
    }

    #[test]
    fn any_timestamps_and_lengths_are_taken(packets in proptest::collection::vec((any::<u32>(), 0usize..2_000, 0u64..100), 0..100)) {
        let mut jitter = JitterBuffer::new();
        let mut now_ms = 0;
        for (timestamp, length, wait_ms) in packets {
            now_ms += wait_ms;
            jitter.insert(at_ms(now_ms), timestamp, &vec![1; length]);
            prop_assert!(jitter.held_samples() <= 1_600);
            jitter.take(at_ms(now_ms));
        }
    }
}
