//! Numbers to decision tables, all passes: bytes of policy text per second. What the stages before make, and its copy for each
//! run, is not part of it.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    dead_code,
    reason = "a bench: what fails here should end it, and shared modules are used in part"
)]

mod generate;
mod workload;

use criterion::{BatchSize, Criterion, Throughput};
use iamc::{stages, world};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("optimize");
    for workload in workload::named() {
        group.throughput(Throughput::Bytes(workload.bytes())).sample_size(20);
        group.bench_function(&workload.name, |bencher| {
            let world = world::load(workload.texts.clone(), None);
            let lowered = stages::lower(world);
            let setup = || lowered.clone();
            bencher.iter_batched_ref(setup, stages::optimize, BatchSize::PerIteration);
        });
    }
    group.finish();
    criterion.final_summary();
}
