//! Policy lines to an artifact, all stages together, beside what `serde_json` takes to read the same bytes into typed trees:
//! in one process, with the allocator of the program. The lines are those of `managed` in the folder `IAMC_DATA`.
#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    dead_code,
    reason = "a bench: what fails here should end it, and what is read is not looked at"
)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::PathBuf;

use criterion::{BatchSize, Criterion, Throughput};
use iamc::{Options, world};
use serde::Deserialize;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A line, as whoever writes a tool of their own would declare it: texts are borrowed where nothing is escaped.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    arn: Cow<'a, str>,
    #[serde(borrow)]
    document: Document<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    #[serde(borrow)]
    version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    statement: OneOrMany<Statement<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement<'a> {
    #[serde(borrow)]
    sid: Option<Cow<'a, str>>,
    effect: Effect,
    #[serde(borrow)]
    action: Option<OneOrMany<Cow<'a, str>>>,
    #[serde(borrow)]
    not_action: Option<OneOrMany<Cow<'a, str>>>,
    #[serde(borrow)]
    resource: Option<OneOrMany<Cow<'a, str>>>,
    #[serde(borrow)]
    not_resource: Option<OneOrMany<Cow<'a, str>>>,
    #[serde(borrow)]
    condition: Option<Condition<'a>>,
}

/// Values by operator and key.
type Condition<'a> = BTreeMap<Cow<'a, str>, BTreeMap<Cow<'a, str>, OneOrMany<Scalar<'a>>>>;

#[derive(Deserialize)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Bool(bool),
    Number(f64),
}

fn main() {
    let folder = std::env::var("IAMC_DATA").map_or_else(|_| PathBuf::from("../shared/data"), PathBuf::from);
    let path = folder.join("aws-managed-policies.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("no policy lines in {}; set IAMC_DATA to their folder", path.display());
        return;
    };
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("compile/managed");
    group.throughput(Throughput::Bytes(u64::try_from(text.len()).unwrap_or(0))).sample_size(20);
    group.bench_function("iamc", |bencher| {
        // A copy of the text is not part of it.
        let texts = || vec![("managed.jsonl".to_owned(), text.clone())];
        let compile = |texts| iamc::compile(world::load(texts, None), &Options::default()).expect("policies of AWS");
        bencher.iter_batched(texts, compile, BatchSize::PerIteration);
    });
    group.bench_function("serde_json", |bencher| {
        bencher.iter(|| {
            let lines = black_box(&text).lines().map(serde_json::from_str::<Line<'_>>);
            black_box(lines.collect::<Result<Vec<_>, _>>().expect("policies of AWS"))
        });
    });
    group.finish();
    criterion.final_summary();
}
