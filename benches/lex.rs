//! Tokens of a text: bytes per second over the dumps of the corpora, the memory of the tokens included.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    dead_code,
    reason = "a bench: what fails here should end it, and shared modules are used in part"
)]

mod generate;
mod workload;

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use iamc::stages;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("lex");
    for workload in workload::named() {
        group.throughput(Throughput::Bytes(workload.bytes())).sample_size(20);
        group.bench_function(&workload.name, |bencher| {
            bencher.iter(|| {
                for (_, text) in &workload.texts {
                    black_box(stages::lex(black_box(text)));
                }
            });
        });
    }
    group.finish();
    criterion.final_summary();
}
