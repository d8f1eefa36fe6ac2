//! The corpora that the benches share, compiled, with their requests as lines of JSON.

use std::path::PathBuf;

use iamc::ask::OwnedRequest;
use iamc::world::{self, World};
use iamc::{Options, Tables};
use serde_json::{Value, json};

use crate::generate::corpus::{Corpus, Given, HOT, Request};
use crate::generate::{account, adversarial, managed};

/// Seed of all corpora of the benches.
pub(crate) const SEED: u64 = 2026;

/// A world with requests to it.
pub(crate) struct Workload {
    /// What it is, without blanks; generated corpora with their number of statements.
    pub(crate) name: String,
    /// What was generated or read, in one line.
    pub(crate) summary: String,
    /// The texts of its policies: files by name.
    pub(crate) texts: Vec<(String, String)>,
    /// The artifact.
    pub(crate) artifact: Vec<u8>,
    /// Requests, one JSON object each.
    pub(crate) requests: Vec<String>,
}

impl Workload {
    /// A generated or read corpus.
    pub(crate) fn of(corpus: &Corpus) -> Self {
        let texts = vec![(format!("{}.json", corpus.name), corpus.dump())];
        let artifact = compiled(world::load(texts.clone(), None));
        Self {
            name: format!("{}-{}", corpus.name, corpus.statements),
            summary: corpus.summary.clone(),
            texts,
            artifact,
            requests: corpus.requests.iter().map(line).collect(),
        }
    }

    /// A folder or manifest below `examples/`, and its requests.
    pub(crate) fn example(name: &str, input: &str, requests: &str) -> Self {
        let examples = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples");
        let loaded = iamc::input::load(&[examples.join(input)], None).expect("an example that can be read");
        let texts: Vec<(String, String)> =
            loaded.world.sources().iter().map(|(_, source)| (source.name.clone(), (*source.text).to_owned())).collect();
        let lines = std::fs::read_to_string(examples.join(requests)).expect("requests of an example");
        Self {
            name: name.to_owned(),
            summary: format!("examples/{input}"),
            texts,
            artifact: compiled(loaded.world),
            requests: lines.lines().map(str::to_owned).collect(),
        }
    }

    /// Bytes of all texts.
    pub(crate) fn bytes(&self) -> u64 {
        self.texts.iter().map(|(_, text)| u64::try_from(text.len()).unwrap_or(0)).sum()
    }

    /// The first 256 requests: what they touch stays in the caches.
    pub(crate) fn hot(&self) -> &[String] {
        &self.requests[..HOT.min(self.requests.len())]
    }
}

/// The three corpora in the size that the benches of single stages take.
pub(crate) fn named() -> Vec<Workload> {
    let generated = [account::account(10_000, SEED), adversarial::adversarial(2_000, SEED)];
    generated.iter().chain(managed::managed(SEED).as_ref()).map(Workload::of).collect()
}

/// Requests that the tables can answer.
pub(crate) fn read(lines: &[String], tables: &Tables<'_>) -> Vec<OwnedRequest> {
    let requests = lines.iter().filter_map(|line| OwnedRequest::from_json(line, tables.semantics()).ok());
    requests.filter(|request| request.ask(tables, None).is_ok()).collect()
}

fn compiled(world: World) -> Vec<u8> {
    iamc::compile(world, &Options::default()).expect("a corpus that compiles").as_bytes().to_vec()
}

/// A request as `iamc decide --requests` reads it.
fn line(request: &Request) -> String {
    let context: serde_json::Map<String, Value> = (request.context.iter())
        .map(|(key, given)| {
            let value = match given {
                Given::One(value) => Value::from(value.as_str()),
                Given::Many(values) => Value::from(values.clone()),
            };
            (key.clone(), value)
        })
        .collect();
    json!({
        "principal": request.principal,
        "action": request.action,
        "resource": request.resource,
        "context": context,
    })
    .to_string()
}
