//! The file of a Whisper model (ggml, whisper.cpp's own layout), checked before whisper.cpp sees it: there a wrong type
//! aborts the process, and a file that breaks off inside a tensor is taken as it is.
//!
//! Layout, all integers 32 bits, little endian: magic; 11 numbers of shape; mel filters; token strings; then tensors, each
//! with dimensions, name, type and data, up to the end of the file. Nothing is read but that structure: data is skipped.

use std::collections::HashMap;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

const MAGIC: u32 = 0x6767_6d6c;
/// Bins of the Fourier transform that the mel filters weigh: whisper.cpp's frame is 400 samples long.
const FFT_BINS: u32 = 201;
/// Longest token string.
const TOKEN_BYTES_MAX: u32 = 1024;
/// Versions of a quantisation are told by thousands of the file type.
const VERSION_FACTOR: u32 = 1000;

/// How matrices are stored: file type in the header, tensor type, elements and bytes of a block.
const ENCODINGS: [(u32, Encoding); 6] = [
    (1, F16),
    (2, Encoding { tensor_type: 2, elements: 32, bytes: 18 }), // q4_0
    (3, Encoding { tensor_type: 3, elements: 32, bytes: 20 }), // q4_1
    (7, Encoding { tensor_type: 8, elements: 32, bytes: 34 }), // q8_0
    (8, Encoding { tensor_type: 6, elements: 32, bytes: 22 }), // q5_0
    (9, Encoding { tensor_type: 7, elements: 32, bytes: 24 }), // q5_1
];
const F32: Encoding = Encoding { tensor_type: 0, elements: 1, bytes: 4 };
const F16: Encoding = Encoding { tensor_type: 1, elements: 1, bytes: 2 };

#[derive(Debug, Clone, Copy)]
struct Encoding {
    tensor_type: u32,
    elements: u64,
    bytes: u64,
}

/// Why a file is no Whisper model that can be run. Each says the way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GgmlError {
    /// The system's complaint.
    #[error("cannot be read: {why}")]
    Unreadable {
        /// What it said.
        why: String,
    },
    /// Some other kind of file.
    #[error(
        "begins with {magic:#010x}, not with ggml's 0x67676d6c: take a ggml-*.bin made for whisper.cpp, or convert it"
    )]
    Magic {
        /// The first four bytes.
        magic: u32,
    },
    /// It breaks off.
    #[error("ends after {have_bytes} bytes, within {part}: fetch it again, whole")]
    Truncated {
        /// Length of the file.
        have_bytes: u64,
        /// What is incomplete.
        part: String,
    },
    /// A number of the header that no Whisper has.
    #[error("{field} is {value}, must be {allowed}: this is no Whisper model, or the file is damaged: fetch it again")]
    Header {
        /// Which.
        field: &'static str,
        /// As read.
        value: u32,
        /// What can be run.
        allowed: &'static str,
    },
    /// A tensor that does not belong, is of another shape, or is there twice.
    #[error("tensor {name:?}: {why}: convert the original model again with whisper.cpp's own script")]
    Tensor {
        /// As read, or as missing.
        name: String,
        /// What is wrong.
        why: String,
    },
}

/// The numbers of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Tokens: 51,864 English only, 51,865 multilingual, 51,866 large-v3.
    pub vocabulary: u32,
    /// Encoder positions of 20 ms: the window.
    pub audio_positions: u32,
    /// Width.
    pub width: u32,
    /// Attention heads.
    pub heads: u32,
    /// Encoder layers.
    pub audio_layers: u32,
    /// Decoder positions, prompt included.
    pub text_positions: u32,
    /// Decoder layers.
    pub text_layers: u32,
    /// Mel bands.
    pub mels: u32,
    /// File type.
    pub encoding: u32,
}

impl Shape {
    /// Whether it knows other languages than English.
    pub fn is_multilingual(&self) -> bool {
        self.vocabulary > 51_864
    }
}

/// Reads a file's structure from its first to its last byte.
pub fn check(file: impl Read + Seek) -> Result<Shape, GgmlError> {
    let mut scan = Scan::new(file)?;
    let magic = scan.number("the magic number")?;
    if magic != MAGIC {
        return Err(GgmlError::Magic { magic });
    }
    let (shape, encoding) = header(&mut scan)?;
    for (field, expected, allowed) in
        [("mel filters", shape.mels, "as many as mel bands"), ("Fourier bins of the mel filters", FFT_BINS, "201")]
    {
        within(field, scan.number("the mel filters")?, expected..=expected, allowed)?;
    }
    scan.skip(u64::from(shape.mels * FFT_BINS) * 4, "the mel filters")?;
    vocabulary(&mut scan, &shape)?;
    tensors(&mut scan, &shape, encoding)?;
    Ok(shape)
}

fn within(
    field: &'static str,
    value: u32,
    range: std::ops::RangeInclusive<u32>,
    allowed: &'static str,
) -> Result<u32, GgmlError> {
    if range.contains(&value) { Ok(value) } else { Err(GgmlError::Header { field, value, allowed }) }
}

fn header(scan: &mut Scan<impl Read + Seek>) -> Result<(Shape, Encoding), GgmlError> {
    let mut next = |field, range, allowed| within(field, scan.number("the header")?, range, allowed);
    let vocabulary = next("the vocabulary", 51_864..=51_866, "51864 to 51866 tokens")?;
    let audio_positions = next("the audio context", 16..=1_500, "16 to 1500 positions")?;
    let width = next("the width", 32..=2_048, "32 to 2048")?;
    let heads = next("the heads", 1..=64, "1 to 64")?;
    let audio_layers = next("the encoder layers", 1..=64, "1 to 64")?;
    let text_positions = next("the text context", 16..=1_024, "16 to 1024 positions")?;
    next("the decoder's width", width..=width, "the encoder's")?;
    next("the decoder's heads", heads..=heads, "the encoder's")?;
    let text_layers = next("the decoder layers", 1..=64, "1 to 64")?;
    let mels = next("the mel bands", 80..=128, "80 or 128")?;
    let encoding = next("the file type", 0..=u32::MAX, "")? % VERSION_FACTOR;
    let shape =
        Shape { vocabulary, audio_positions, width, heads, audio_layers, text_positions, text_layers, mels, encoding };
    let Some((_, found)) = ENCODINGS.iter().find(|(file_type, _)| *file_type == encoding) else {
        let allowed = "1, 2, 3, 7, 8 or 9 (f16, q4_0, q4_1, q8_0, q5_0, q5_1)";
        return Err(GgmlError::Header { field: "the file type", value: encoding, allowed });
    };
    if !width.is_multiple_of(heads) || !width.is_multiple_of(found.elements as u32) {
        let allowed = "a multiple of the heads, and of 32 if quantised";
        return Err(GgmlError::Header { field: "the width", value: width, allowed });
    }
    Ok((shape, *found))
}

/// whisper.cpp looks up `" "` without asking whether it is there.
fn vocabulary(scan: &mut Scan<impl Read + Seek>, shape: &Shape) -> Result<(), GgmlError> {
    let part = "the vocabulary";
    let count = within("the token strings", scan.number(part)?, 1..=shape.vocabulary, "1 to the vocabulary's size")?;
    let mut has_space = false;
    for _ in 0..count {
        let bytes = within("a token's length", scan.number(part)?, 0..=TOKEN_BYTES_MAX, "at most 1024 bytes")?;
        has_space |= scan.text(bytes, part)? == " ";
    }
    if has_space {
        Ok(())
    } else {
        Err(GgmlError::Tensor { name: part.into(), why: "the token \" \" is missing".into() })
    }
}

fn tensors(scan: &mut Scan<impl Read + Seek>, shape: &Shape, matrix: Encoding) -> Result<(), GgmlError> {
    let mut missing = expected(shape, matrix);
    while !scan.is_at_end() {
        let part = "a tensor's head";
        let (dimensions, name_bytes, tensor_type) = (scan.number(part)?, scan.number(part)?, scan.number(part)?);
        let dimensions = within("a tensor's dimensions", dimensions, 1..=3, "1 to 3")?;
        let mut size = [1; 3];
        for dimension in size.iter_mut().take(dimensions as usize) {
            *dimension = scan.number(part)?;
        }
        let name_bytes = within("a tensor's name", name_bytes, 1..=128, "1 to 128 bytes")?;
        let name = scan.text(name_bytes, part)?;
        let Some((wanted, encoding)) = missing.remove(&name) else {
            return Err(GgmlError::Tensor { name, why: "unknown, or there twice".into() });
        };
        if size != wanted {
            return Err(GgmlError::Tensor { name, why: format!("is {size:?}, by the header it is {wanted:?}") });
        }
        if tensor_type != encoding.tensor_type {
            let why = format!("has type {tensor_type}, by the header it is {}", encoding.tensor_type);
            return Err(GgmlError::Tensor { name, why });
        }
        let elements: u64 = size.iter().map(|&n| u64::from(n)).product();
        scan.skip(elements / encoding.elements * encoding.bytes, &format!("tensor {name}"))?;
    }
    match missing.keys().min() {
        None => Ok(()),
        Some(name) => {
            let part = format!("the tensors: {} are missing, such as {name}", missing.len());
            Err(GgmlError::Truncated { have_bytes: scan.length, part })
        }
    }
}

/// Every tensor whisper.cpp wants, with its size as the file writes it.
fn expected(shape: &Shape, matrix: Encoding) -> HashMap<String, ([u32; 3], Encoding)> {
    let width = shape.width;
    let mut all = HashMap::new();
    let mut add = |name: String, size, encoding| all.insert(name, (size, encoding));
    for (side, positions) in [("encoder", shape.audio_positions), ("decoder", shape.text_positions)] {
        add(format!("{side}.positional_embedding"), [width, positions, 1], F32);
    }
    for (conv, inputs) in [("conv1", shape.mels), ("conv2", width)] {
        add(format!("encoder.{conv}.weight"), [3, inputs, width], F16);
        add(format!("encoder.{conv}.bias"), [1, width, 1], F32);
    }
    add("decoder.token_embedding.weight".into(), [width, shape.vocabulary, 1], matrix);
    for norm in ["encoder.ln_post", "decoder.ln"] {
        add(format!("{norm}.weight"), [width, 1, 1], F32);
        add(format!("{norm}.bias"), [width, 1, 1], F32);
    }
    let sides: [(&str, u32, &[&str]); 2] =
        [("encoder", shape.audio_layers, &["attn"]), ("decoder", shape.text_layers, &["attn", "cross_attn"])];
    for (side, layers, attentions) in sides {
        for block in (0..layers).map(|layer| format!("{side}.blocks.{layer}")) {
            for attention in attentions {
                for part in ["_ln.weight", "_ln.bias", ".query.bias", ".value.bias", ".out.bias"] {
                    add(format!("{block}.{attention}{part}"), [width, 1, 1], F32);
                }
                for part in ["query", "key", "value", "out"] {
                    add(format!("{block}.{attention}.{part}.weight"), [width, width, 1], matrix);
                }
            }
            add(format!("{block}.mlp_ln.weight"), [width, 1, 1], F32);
            add(format!("{block}.mlp_ln.bias"), [width, 1, 1], F32);
            add(format!("{block}.mlp.0.weight"), [width, 4 * width, 1], matrix);
            add(format!("{block}.mlp.0.bias"), [4 * width, 1, 1], F32);
            add(format!("{block}.mlp.2.weight"), [4 * width, width, 1], matrix);
            add(format!("{block}.mlp.2.bias"), [width, 1, 1], F32);
        }
    }
    all
}

/// Reads forwards and knows where the end is.
struct Scan<F> {
    file: BufReader<F>,
    at: u64,
    length: u64,
}

impl<F: Read + Seek> Scan<F> {
    fn new(mut file: F) -> Result<Self, GgmlError> {
        let length =
            file.seek(SeekFrom::End(0)).and_then(|length| file.rewind().map(|()| length)).map_err(unreadable)?;
        Ok(Self { file: BufReader::new(file), at: 0, length })
    }

    fn is_at_end(&self) -> bool {
        self.at == self.length
    }

    /// Steps over `bytes` that must be there.
    fn advance(&mut self, bytes: u64, part: &str) -> Result<(), GgmlError> {
        self.at += bytes;
        if self.at > self.length {
            return Err(GgmlError::Truncated { have_bytes: self.length, part: part.to_owned() });
        }
        Ok(())
    }

    fn number(&mut self, part: &str) -> Result<u32, GgmlError> {
        self.advance(4, part)?;
        let mut bytes = [0; 4];
        self.file.read_exact(&mut bytes).map_err(unreadable)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn text(&mut self, bytes: u32, part: &str) -> Result<String, GgmlError> {
        self.advance(u64::from(bytes), part)?;
        let mut text = vec![0; bytes as usize];
        self.file.read_exact(&mut text).map_err(unreadable)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn skip(&mut self, bytes: u64, part: &str) -> Result<(), GgmlError> {
        self.advance(bytes, part)?;
        self.file.seek_relative(bytes as i64).map_err(unreadable)
    }
}

fn unreadable(why: io::Error) -> GgmlError {
    GgmlError::Unreadable { why: why.to_string() }
}
