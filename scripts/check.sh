#!/usr/bin/env bash
# Exactly what CI checks beside the tests: format, lints, docs, licences and sources, the pure core alone with its benches, fuzz
# targets.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup

step() { printf '\n== %s\n' "$*"; "$@"; }
step cargo fmt --check
step cargo clippy --locked --all-targets -- -D warnings
step cargo clippy --locked --no-default-features --all-targets -- -D warnings
RUSTDOCFLAGS="-D warnings" step cargo doc --locked --no-deps --quiet
step cargo check --locked --quiet --manifest-path fuzz/Cargo.toml
command -v cargo-deny >/dev/null || step cargo install --locked --quiet cargo-deny
step cargo deny --locked check bans licenses sources
