//! Checking and borrowing artifacts: bytes of artifact per second, checksums included. `first` is loading and the first
//! decision after it.
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
use iamc::Tables;
use iamc::ask::OwnedRequest;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for workload in workload::named() {
        let bytes = &workload.artifact;
        let tables = Tables::load(bytes).expect("an artifact");
        let requests = workload::read(&workload.requests[..1], &tables);
        let mut group = criterion.benchmark_group(format!("load/{}", workload.name));
        group.throughput(Throughput::Bytes(u64::try_from(bytes.len()).expect("a file"))).sample_size(50);
        group.bench_function("load", |bencher| bencher.iter(|| Tables::load(black_box(bytes)).is_ok()));
        OwnedRequest::with_all(&requests, |requests| {
            group.bench_function("first", |bencher| {
                bencher.iter(|| Tables::load(black_box(bytes)).map(|tables| tables.decide(&requests[0])));
            });
        })
        .expect("requests that can be lent");
        group.finish();
    }
    criterion.final_summary();
}
