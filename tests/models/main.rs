//! Models for operators: downloads against a server that misbehaves in every way, and the commands from outside.
#![cfg(all(feature = "shell", feature = "whisper", feature = "onnx", feature = "espeak"))]
#![allow(clippy::unwrap_used)] // helpers of tests

mod commands;
mod downloads;
mod server;
