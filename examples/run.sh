#!/usr/bin/env bash
# Compiles the example account and the example organization, asks them some requests, and shows what mistakes look like.
# Needs cargo and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --quiet --release
iamc=target/release/iamc
"$iamc" compile examples/account -o target/account.iamc
"$iamc" decide target/account.iamc --requests examples/requests.jsonl
"$iamc" bench target/account.iamc --requests examples/requests.jsonl --seconds 0.5
"$iamc" compile examples/organization/iamc.toml -o target/organization.iamc
head -n 5 examples/organization/requests.jsonl | "$iamc" decide target/organization.iamc --requests -
"$iamc" test examples/organization/scenarios.json | tail -n 1
"$iamc" graph target/organization.iamc --from arn:aws:iam::444455556666:user/people/lena
"$iamc" check examples/mistakes || true
