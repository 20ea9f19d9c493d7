//! Whisper models by formula: files in whisper.cpp's ggml layout, of any shape, with random weights or with weights that
//! make the model say one word. Nothing of them is stored; a test writes what it needs.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// How matrices are stored.
#[derive(Clone, Copy, PartialEq)]
pub enum Weights {
    F16,
    Q8,
    Q4,
}

/// The numbers of a header.
#[derive(Clone, Copy)]
pub struct Shape {
    pub vocabulary: usize,
    pub audio_positions: usize,
    pub width: usize,
    pub heads: usize,
    pub audio_layers: usize,
    pub text_positions: usize,
    pub text_layers: usize,
    pub mels: usize,
    pub weights: Weights,
}

pub const TINY: Shape = Shape {
    vocabulary: 51_865,
    audio_positions: 1_500,
    width: 384,
    heads: 6,
    audio_layers: 4,
    text_positions: 448,
    text_layers: 4,
    mels: 80,
    weights: Weights::F16,
};
pub const BASE: Shape = Shape { width: 512, heads: 8, audio_layers: 6, text_layers: 6, weights: Weights::Q8, ..TINY };
pub const LARGE_V3: Shape = Shape {
    vocabulary: 51_866,
    width: 1_280,
    heads: 20,
    audio_layers: 32,
    text_layers: 32,
    mels: 128,
    weights: Weights::Q4,
    ..TINY
};

/// Token strings in a file; whisper.cpp makes the control tokens behind them itself.
const WORDS: usize = 50_257;
pub const END: usize = 50_257;
const FFT_BINS: usize = 201;
/// Random blocks before they come again: a prime, so that rows differ.
const BLOCKS: usize = 4_099;

/// What a tensor holds.
pub enum Fill {
    Random,
    /// One value everywhere.
    Even(f32),
    /// Zero but at these places.
    Sparse(Vec<(usize, f32)>),
}

/// Writes a model with random weights. `seed` tells models apart; mel bands from `mels_heard` on are not heard.
pub fn random(name: &str, shape: &Shape, mels_heard: usize) -> PathBuf {
    write(
        name,
        shape,
        |bin| if bin / FFT_BINS < mels_heard { 0.01 } else { 0.0 },
        |n| format!(" w{n:x}"),
        |tensor| match tensor {
            _ if tensor.ends_with("ln.weight") || tensor.ends_with("post.weight") => Fill::Even(1.0),
            _ if tensor.ends_with("bias") => Fill::Even(0.0),
            _ => Fill::Random,
        },
    )
}

/// A small model whose weights are zero, but for those that make it say its only word `times` times, whatever it hears:
/// behind the prompt of four tokens and `times` words the end outweighs the word.
pub fn parrot(name: &str, word: &str, times: usize) -> PathBuf {
    let (width, positions) = (64, 64);
    let shape = Shape {
        audio_positions: 100,
        width,
        heads: 1,
        audio_layers: 1,
        text_positions: positions,
        text_layers: 1,
        weights: Weights::F16,
        ..TINY
    };
    let word = word.to_owned();
    write(
        name,
        &shape,
        |_| 0.0,
        move |n| if n == 0 { word.clone() } else { " ".to_owned() },
        |tensor| match tensor {
            "decoder.positional_embedding" => Fill::Sparse(
                (0..positions).map(|p| (p * width + 1, if p < times + 3 { -100.0 } else { 100.0 })).collect(),
            ),
            "decoder.token_embedding.weight" => {
                Fill::Sparse(vec![(0, 20.0), (END * width, 20.0), (END * width + 1, 1.0)])
            }
            "decoder.ln.weight" => Fill::Sparse(vec![(1, 1.0)]),
            "decoder.ln.bias" => Fill::Sparse(vec![(0, 1.0)]),
            _ => Fill::Even(0.0),
        },
    )
}

/// Writes `target/tmp/NAME.bin`.
fn write(
    name: &str,
    shape: &Shape,
    filter: impl Fn(usize) -> f32,
    word: impl Fn(usize) -> String,
    fill: impl Fn(&str) -> Fill,
) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.bin"));
    let file = std::fs::File::create(&path).expect("target/tmp is writable");
    let mut file = BufWriter::with_capacity(1 << 20, file);
    model(&mut file, shape, filter, word, fill).expect("room on the disk");
    path
}

fn model(
    file: &mut impl Write,
    shape: &Shape,
    filter: impl Fn(usize) -> f32,
    word: impl Fn(usize) -> String,
    fill: impl Fn(&str) -> Fill,
) -> io::Result<()> {
    let Shape { vocabulary, audio_positions, width, heads, audio_layers, text_positions, text_layers, mels, weights } =
        *shape;
    let file_type = match weights {
        Weights::F16 => 1,
        Weights::Q4 => 2,
        Weights::Q8 => 7,
    };
    numbers(file, &[0x6767_6d6c, vocabulary, audio_positions, width, heads, audio_layers])?;
    numbers(file, &[text_positions, width, heads, text_layers, mels, file_type, mels, FFT_BINS])?;
    for bin in 0..mels * FFT_BINS {
        file.write_all(&filter(bin).to_le_bytes())?;
    }
    numbers(file, &[WORDS])?;
    for word in (0..WORDS).map(|n| if n == 220 { " ".to_owned() } else { word(n) }) {
        numbers(file, &[word.len()])?;
        file.write_all(word.as_bytes())?;
    }
    let blocks = random_blocks(weights);
    let mut tensor = |name: &str, size: &[usize]| tensor(file, &blocks, weights, name, size, fill(name));

    tensor("encoder.positional_embedding", &[width, audio_positions])?;
    tensor("encoder.conv1.weight", &[3, mels, width])?;
    tensor("encoder.conv1.bias", &[1, width])?;
    tensor("encoder.conv2.weight", &[3, width, width])?;
    tensor("encoder.conv2.bias", &[1, width])?;
    tensor("decoder.positional_embedding", &[width, text_positions])?;
    tensor("decoder.token_embedding.weight", &[width, vocabulary])?;
    for name in ["encoder.ln_post.weight", "encoder.ln_post.bias", "decoder.ln.weight", "decoder.ln.bias"] {
        tensor(name, &[width])?;
    }
    for (side, layers) in [("encoder", audio_layers), ("decoder", text_layers)] {
        let attentions: &[&str] = if side == "encoder" { &["attn"] } else { &["attn", "cross_attn"] };
        for block in (0..layers).map(|layer| format!("{side}.blocks.{layer}")) {
            for attention in attentions {
                for part in ["_ln.weight", "_ln.bias", ".query.bias", ".value.bias", ".out.bias"] {
                    tensor(&format!("{block}.{attention}{part}"), &[width])?;
                }
                for part in ["query", "key", "value", "out"] {
                    tensor(&format!("{block}.{attention}.{part}.weight"), &[width, width])?;
                }
            }
            tensor(&format!("{block}.mlp_ln.weight"), &[width])?;
            tensor(&format!("{block}.mlp_ln.bias"), &[width])?;
            tensor(&format!("{block}.mlp.0.weight"), &[width, 4 * width])?;
            tensor(&format!("{block}.mlp.0.bias"), &[4 * width])?;
            tensor(&format!("{block}.mlp.2.weight"), &[4 * width, width])?;
            tensor(&format!("{block}.mlp.2.bias"), &[width])?;
        }
    }
    file.flush()
}

fn tensor(
    file: &mut impl Write,
    blocks: &[u8],
    weights: Weights,
    name: &str,
    size: &[usize],
    fill: Fill,
) -> io::Result<()> {
    let elements: usize = size.iter().product();
    let kind = match size.len() {
        2 if name.ends_with(".weight") => weights,
        3 => Weights::F16,
        _ => return plain(file, name, size, elements, fill),
    };
    let tensor_type = match kind {
        Weights::F16 => 1,
        Weights::Q4 => 2,
        Weights::Q8 => 8,
    };
    head(file, name, size, tensor_type)?;
    if kind == Weights::F16 {
        let random = random_blocks(Weights::F16);
        return match fill {
            Fill::Random => repeated(file, &random, elements * 2),
            Fill::Even(value) => repeated(file, &half(value).to_le_bytes(), elements * 2),
            Fill::Sparse(values) => {
                let mut bytes = vec![0; elements * 2];
                values.iter().for_each(|&(at, value)| {
                    bytes[2 * at..2 * at + 2].copy_from_slice(&half(value).to_le_bytes());
                });
                file.write_all(&bytes)
            }
        };
    }
    assert!(matches!(fill, Fill::Random), "{name}: only random matrices are quantised");
    repeated(file, blocks, elements / 32 * if kind == Weights::Q8 { 34 } else { 18 })
}

fn plain(file: &mut impl Write, name: &str, size: &[usize], elements: usize, fill: Fill) -> io::Result<()> {
    head(file, name, size, 0)?;
    let mut random = Random(name.len() as u32);
    let mut values: Vec<f32> = match fill {
        Fill::Even(value) => vec![value; elements],
        Fill::Sparse(_) => vec![0.0; elements],
        Fill::Random => (0..elements).map(|_| random.next()).collect(),
    };
    if let Fill::Sparse(places) = fill {
        places.iter().for_each(|&(at, value)| values[at] = value);
    }
    values.iter().try_for_each(|value| file.write_all(&value.to_le_bytes()))
}

fn head(file: &mut impl Write, name: &str, size: &[usize], tensor_type: usize) -> io::Result<()> {
    numbers(file, &[size.len(), name.len(), tensor_type])?;
    numbers(file, size)?;
    file.write_all(name.as_bytes())
}

fn numbers(file: &mut impl Write, values: &[usize]) -> io::Result<()> {
    values.iter().try_for_each(|&value| file.write_all(&(value as u32).to_le_bytes()))
}

fn repeated(file: &mut impl Write, pattern: &[u8], bytes: usize) -> io::Result<()> {
    for _ in 0..bytes / pattern.len() {
        file.write_all(pattern)?;
    }
    file.write_all(&pattern[..bytes % pattern.len()])
}

/// Blocks of 32 weights, uniform within about ±0.08 (f16, q8_0) or so.
fn random_blocks(weights: Weights) -> Vec<u8> {
    let mut random = Random(1);
    let mut bytes = Vec::new();
    for _ in 0..BLOCKS {
        match weights {
            Weights::F16 => (0..32).for_each(|_| bytes.extend(half(0.08 * random.next()).to_le_bytes())),
            Weights::Q8 => {
                bytes.extend(half(0.08 / 128.0).to_le_bytes());
                bytes.extend((0..32).map(|_| (random.next() * 127.0) as i8 as u8));
            }
            Weights::Q4 => {
                bytes.extend(half(0.08 / 8.0).to_le_bytes());
                bytes.extend((0..16).map(|_| ((random.next() + 1.0) * 127.0) as u8));
            }
        }
    }
    bytes
}

/// Uniform from -1 to 1.
struct Random(u32);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / (1 << 23) as f32 - 1.0
    }
}

/// f16 by rebasing the exponent of an f32; what is too small for it is 0.
fn half(value: f32) -> u16 {
    let bits = value.to_bits();
    if value.abs() < 6.2e-5 {
        return 0;
    }
    let sign = (bits >> 16) as u16 & 0x8000;
    sign | (((bits & 0x7fff_ffff) >> 13) as u16).wrapping_sub(112 << 10)
}
