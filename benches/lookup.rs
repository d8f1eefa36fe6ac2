//! Deciding from strings, nanoseconds per decision on one thread: key resolution included, reading the requests not.
//!
//! `hit` are allowed requests, `miss` implicitly denied, `deny` explicitly denied ones, and `worst` is the slowest of them,
//! all of the 256 hot requests; `hot` are these together, `cold` all 10,000, spread over the roles.
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

use std::time::{Duration, Instant};

use criterion::{Bencher, Criterion};
use iamc::ask::OwnedRequest;
use iamc::{Decision, Request, Tables};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for workload in workload::named() {
        let tables = Tables::load(&workload.artifact).expect("an artifact");
        let hot_count = workload::read(workload.hot(), &tables).len();
        let requests = workload::read(&workload.requests, &tables);
        let mut group = criterion.benchmark_group(format!("lookup/{}", workload.name));
        OwnedRequest::with_all(&requests, |cold| {
            let hot = &cold[..hot_count];
            let of = |name: &str| -> Vec<Request<'_>> {
                hot.iter().filter(|request| kind(tables.decide(request)) == name).copied().collect()
            };
            let worst = [*hot.iter().max_by_key(|request| fastest(&tables, request)).expect("a request")];
            let sets = [
                ("hit", &*of("hit")),
                ("miss", &of("miss")),
                ("deny", &of("deny")),
                ("worst", &worst),
                ("hot", hot),
                ("cold", cold),
            ];
            for (name, requests) in sets.into_iter().filter(|(_, requests)| !requests.is_empty()) {
                group.bench_function(name, |bencher| decide(bencher, &tables, requests));
            }
        })
        .expect("requests that can be lent");
        group.finish();
    }
    criterion.final_summary();
}

/// Decides as often as asked, request after request, so that the figure is that of one decision.
fn decide(bencher: &mut Bencher<'_>, tables: &Tables<'_>, requests: &[Request<'_>]) {
    let mut next = requests.iter().cycle();
    bencher.iter_custom(|count| {
        let start = Instant::now();
        for _ in 0..count {
            if let Some(request) = next.next() {
                black_box(tables.decide(black_box(request)));
            }
        }
        start.elapsed()
    });
}

const fn kind(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed(_) => "hit",
        Decision::ImplicitDeny(_) => "miss",
        Decision::ExplicitDeny(_) => "deny",
    }
}

/// The shortest of several times, which other programs disturb least.
fn fastest(tables: &Tables<'_>, request: &Request<'_>) -> Duration {
    let time = |_| {
        let start = Instant::now();
        black_box(tables.decide(black_box(request)));
        start.elapsed()
    };
    (0..11).map(time).min().unwrap_or_default()
}
