//! Text to trees: bytes per second over the dumps of the corpora. `json` is the JSON tree alone, `world` everything up
//! to a resolved world; `serde_json` is its untyped tree of the same bytes, for comparison.
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

use criterion::{BatchSize, Criterion, Throughput};
use iamc::{stages, world};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for workload in workload::named() {
        let mut group = criterion.benchmark_group(format!("parse/{}", workload.name));
        group.throughput(Throughput::Bytes(workload.bytes())).sample_size(20);
        group.bench_function("json", |bencher| {
            bencher.iter(|| {
                for (_, text) in &workload.texts {
                    assert_eq!(stages::parse(black_box(text)), 0);
                }
            });
        });
        group.bench_function("world", |bencher| {
            // A copy of the texts is not part of it.
            let texts = || workload.texts.clone();
            bencher.iter_batched(texts, |texts| world::load(texts, None), BatchSize::PerIteration);
        });
        group.bench_function("serde_json", |bencher| {
            bencher.iter(|| {
                for (_, text) in &workload.texts {
                    black_box(serde_json::from_str::<serde_json::Value>(black_box(text)).expect("a dump"));
                }
            });
        });
        group.finish();
    }
    criterion.final_summary();
}
