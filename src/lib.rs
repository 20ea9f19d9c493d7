//! Callwright: a SIP/RTP voice agent for telesales.
//!
//! The core (`base` to `config`) is pure: no socket, no clock, no tokio. Each part has the same three functions,
//! `handle` an input, `poll` the outputs, ask for the next `deadline`; so every behaviour is tested on a virtual
//! clock. The `shell` is the thin rest. A module imports only modules of a lower number (docs/ARCHITECTURE.md);
//! `tests/layers.rs` enforces it.

pub mod asr; // 2
pub mod audio; // 1
pub mod base; // 0
pub mod call; // 5
pub mod compliance; // 1
pub mod config; // 9
pub mod conversation; // 4
pub mod hearing; // 2
pub mod privacy; // 1
pub mod rtp; // 2
pub mod sdp; // 1
#[cfg(all(feature = "shell", feature = "whisper", feature = "onnx", feature = "espeak"))]
pub mod shell; // 10
pub mod sip; // 1
pub mod speech; // 2
pub mod trunk; // 3
pub mod understanding; // 3
