//! One sentence from stretches that were recorded and stretches that are synthetic, without a click where they meet: the
//! synthetic ones are brought to the loudness of the recorded ones, every edge is faded and overlaps its neighbour, and
//! under what is synthetic lies a quiet noise as loud as the recording's own room. 8 kHz mono.

use super::Speech;
use super::loudness::{LEVEL_DBOV, active_level_dbov, bring_to, peak};

/// Fade at each edge, and the overlap of two stretches: 8 ms.
const FADE_SAMPLES: usize = 64;
/// A room quieter than this is not heard on a telephone: no noise is laid.
const FLOOR_DBOV_MIN: f32 = -75.0;

/// A part of a sentence that is all recorded or all synthetic.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// Its sound, trimmed.
    pub speech: Speech,
    /// The room behind a recording, dBov; none for a synthetic stretch.
    pub room_dbov: Option<f32>,
    /// Silence between it and the next one.
    pub pause_ms: usize,
}

/// The sentence. Stretches without sound leave nothing.
pub fn join(stretches: &[Stretch]) -> Speech {
    let stretches: Vec<&Stretch> = stretches.iter().filter(|stretch| !stretch.speech.samples().is_empty()).collect();
    if let [alone] = stretches.as_slice() {
        return alone.speech.clone();
    }
    let recorded = || stretches.iter().filter_map(|stretch| Some((stretch, stretch.room_dbov?)));
    let level = mean(recorded().filter_map(|(stretch, _)| active_level_dbov(stretch.speech.samples())));
    let mut mixed: Vec<f32> = Vec::new();
    let mut room: Vec<f32> = Vec::new(); // share of the laid noise, 0 to 1
    let mut pause_ms = 0;
    for stretch in &stretches {
        let mut samples = stretch.speech.samples().to_vec();
        if stretch.room_dbov.is_none() {
            let peak = f32::from(peak(&samples));
            bring_to(level.unwrap_or(LEVEL_DBOV), &mut samples, peak);
        }
        let pause = pause_ms * Speech::SAMPLE_RATE_HZ as usize / 1000;
        let start = (mixed.len() + pause).saturating_sub(if mixed.is_empty() { 0 } else { FADE_SAMPLES });
        mixed.resize(start + samples.len(), 0.0);
        room.resize(start + samples.len(), 1.0);
        for (n, &sample) in samples.iter().enumerate() {
            let share = edge(n, samples.len());
            mixed[start + n] += f32::from(sample) * share;
            if stretch.room_dbov.is_some() {
                room[start + n] = room[start + n].min(1.0 - share);
            }
        }
        pause_ms = stretch.pause_ms;
    }
    if let Some(floor) = mean(recorded().map(|(_, floor)| floor)).filter(|&floor| floor > FLOOR_DBOV_MIN) {
        let whole = mixed.len();
        let noise = noise(floor).zip(room).enumerate().map(|(n, (noise, share))| noise * share * edge(n, whole));
        for (sample, noise) in mixed.iter_mut().zip(noise) {
            *sample += noise;
        }
    }
    Speech::new(mixed.into_iter().map(|sample| sample.round() as i16).collect::<Vec<_>>()) // `as` saturates
}

/// How much of a stretch is heard at its sample `n`: half a cosine up over the fade, and down before the end.
fn edge(n: usize, samples: usize) -> f32 {
    let fade = FADE_SAMPLES.min(samples / 2);
    let inside = n.min(samples - 1 - n);
    if inside >= fade { 1.0 } else { 0.5 - 0.5 * (std::f32::consts::PI * inside as f32 / fade as f32).cos() }
}

/// The sound of a quiet room without end: white noise, its treble taken off by one pole at about 1.2 kHz.
fn noise(level_dbov: f32) -> impl Iterator<Item = f32> {
    const POLE: f32 = 0.6;
    // White noise in -1 to 1 has a power of 1/3; the pole leaves (1 - a) / (1 + a) of it.
    let power = (1.0 - POLE) / (1.0 + POLE) / 3.0;
    let gain = 32_768.0 * 10f32.powf(level_dbov / 20.0) / power.sqrt();
    let (mut state, mut low) = (0x2545_F491_4F6C_DD1D_u64, 0.0);
    std::iter::from_fn(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let white = (state >> 40) as f32 / (1 << 23) as f32 - 1.0;
        low += (1.0 - POLE) * (white - low);
        Some(low * gain)
    })
}

fn mean(values: impl Iterator<Item = f32>) -> Option<f32> {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}
