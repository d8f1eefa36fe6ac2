#!/usr/bin/env bash
# Compiles the example account, asks it some requests, and shows what mistakes look like. Needs cargo and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --quiet --release
iamc=target/release/iamc
"$iamc" compile examples/account -o target/account.iamc
"$iamc" decide target/account.iamc --requests examples/requests.jsonl
"$iamc" check examples/mistakes || true
