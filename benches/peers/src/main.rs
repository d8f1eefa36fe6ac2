//! `iamc` and its peers on the same policies and requests, in one run, as a Markdown table for `benches/RESULTS.md`.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml` measures everything. `--quick` takes shorter rounds,
//! `--only account,managed` some corpora, `--peers a,b,c` some columns (`iamc` is always there), `--sizes 1,10` some
//! sizes of `account`. Every peer is first checked, request by request, against (a), over the statements that it kept.
//! Single thread, processor time; the peers take turns, and a cell is the median of the rounds.
#![expect(dead_code, reason = "of the generators the organization is not used here")]

mod casbin_key;
mod cedar;
mod clock;
mod engines;
mod floor;
#[path = "../../generate/mod.rs"]
mod generate;
mod iam_rs;
mod measure;
mod model;
mod peer;
mod rego;
mod table;

use std::time::Instant;

use iamc::{
    Decision, Principal, Request, ResolvedAction, ResolvedKey, ResolvedPrincipal, ResolvedRequest, Tables, Value,
};

use engines::{Afternoon, Prefixes, Scan};
use generate::corpus::{Corpus, HOT};
use generate::{account, adversarial, managed};
use measure::{Kind, Plan};
use model::{Answer, Asks, Model, lists};
use peer::Peer;
use table::Results;

const SEED: u64 = 2026;

struct Arguments {
    plan: Plan,
    only: Option<Vec<String>>,
    peers: Option<Vec<String>>,
    sizes: Option<Vec<usize>>,
}

impl Arguments {
    fn read() -> Self {
        let mut arguments = Self { plan: Plan::full(), only: None, peers: None, sizes: None };
        let mut words = std::env::args().skip(1);
        let list = |word: Option<String>| -> Vec<String> {
            word.expect("a list behind the option").split(',').map(str::to_owned).collect()
        };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--quick" => arguments.plan = Plan::quick(),
                "--only" => arguments.only = Some(list(words.next())),
                "--peers" => arguments.peers = Some(list(words.next())),
                "--sizes" => {
                    let sizes = list(words.next());
                    arguments.sizes = Some(sizes.iter().map(|size| size.parse().expect("a size")).collect());
                }
                other => panic!("unknown option {other}: there are --quick, --only, --peers, --sizes"),
            }
        }
        arguments
    }

    fn wants_peer(&self, letter: &str) -> bool {
        self.peers.as_ref().is_none_or(|peers| peers.iter().any(|peer| peer == letter))
    }
}

fn main() {
    let arguments = Arguments::read();
    let mut results = Results::default();
    let is_wanted = |name: &str| arguments.only.as_ref().is_none_or(|only| only.iter().any(|one| one == name));
    for (size, kinds) in [
        (1, &[Kind::Hot][..]),
        (10, &[Kind::Hot]),
        (100, &[Kind::Hot]),
        (10_000, &[Kind::Hot]),
        (100_000, &[Kind::Hot, Kind::Cold]),
    ] {
        if is_wanted("account") && arguments.sizes.as_ref().is_none_or(|sizes| sizes.contains(&size)) {
            measure(&account::account(size, SEED), kinds, &arguments, &mut results);
        }
    }
    if is_wanted("flat") {
        measure(&account::flat(1_000, SEED), &[Kind::Hot], &arguments, &mut results);
    }
    if is_wanted("managed")
        && let Some(corpus) = managed::managed(SEED)
    {
        measure(&corpus, &[Kind::Hot, Kind::Cold], &arguments, &mut results);
    }
    if is_wanted("adversarial") {
        measure(&adversarial::adversarial(10_000, SEED), &[Kind::Hot], &arguments, &mut results);
    }
    if is_wanted("floor") {
        let requests = account::account(100_000, SEED).requests;
        let floor = floor::Floor::new(&requests);
        measure::floor(&floor, &requests, arguments.plan, &mut results);
    }
    println!("{}", results.markdown());
}

fn measure(corpus: &Corpus, kinds: &[Kind], arguments: &Arguments, results: &mut Results) {
    eprintln!("{}: {}", corpus.name, corpus.summary);
    let world = iamc::world::load(vec![("account.json".into(), corpus.dump())], None);
    let compiled = iamc::compile(world, &iamc::Options::default()).expect("the corpus compiles");
    let tables = Tables::load(compiled.as_bytes()).expect("the artifact loads");
    let lists = lists(&corpus.requests);
    let asks = Asks::new(&corpus.requests, &lists);
    let all = || Model::new(corpus, &|_| true);
    let reference = Scan::new(all());
    let scan = Scan::new(all());
    let afternoon = Afternoon::new(all());
    let prefixes = Prefixes::new(all());

    // The request is made of its texts on the spot, as a host does it; its parts lie ready.
    let decide = |at: usize| {
        let ask = asks.get(at);
        let principal = Principal::RoleSession { arn: ask.principal, role_arn: None };
        let request = Request::new(principal, ask.action, ask.resource).context(ask.context);
        match tables.decide(&request) {
            Decision::Allowed(_) => Answer::Allowed,
            Decision::ImplicitDeny(_) => Answer::Implicit,
            Decision::ExplicitDeny(_) => Answer::Explicit,
        }
    };
    // The same with names that were resolved once, as a host does that asks the same principals again and again.
    let resolved = resolved(&tables, &asks, corpus.requests.len());
    let decide_resolved = |at: usize| {
        let (principal, action, context) = &resolved[at];
        let question = ResolvedRequest { principal, action: *action, resource: asks.get(at).resource, context };
        match tables.decide_resolved(&question) {
            Decision::Allowed(_) => Answer::Allowed,
            Decision::ImplicitDeny(_) => Answer::Implicit,
            Decision::ExplicitDeny(_) => Answer::Explicit,
        }
    };
    let mut peers = vec![
        Peer::of("iamc", "nothing dropped", |at| Some(decide(at))),
        Peer::of("iamc, ids", "nothing dropped", |at| Some(decide_resolved(at))),
    ];
    if arguments.wants_peer("a") {
        peers.push(Peer::of("(a) scan", "nothing dropped", |at| Some(scan.decide(&asks.get(at)))));
    }
    if arguments.wants_peer("b") {
        peers.push(Peer::of("(b) afternoon index", "nothing dropped", |at| Some(afternoon.decide(&asks.get(at)))));
    }
    if arguments.wants_peer("c") {
        peers.push(Peer::of("(c) prefix index", "nothing dropped", |at| Some(prefixes.decide(&asks.get(at)))));
    }
    let count = corpus.requests.len();
    for (letter, name, most, why, make) in offers() {
        if !arguments.wants_peer(letter) {
            continue;
        }
        if corpus.statements > most {
            results.skip(corpus, kinds, name, why);
            continue;
        }
        let begin = Instant::now();
        match make(corpus, count) {
            Ok(mut peer) => {
                peer.note = format!("{}; ready after {:.1} s", peer.note, begin.elapsed().as_secs_f64());
                peers.push(peer);
            }
            Err(error) => results.skip(corpus, kinds, name, &error),
        }
    }
    for peer in &mut peers {
        let checked = measure::check(peer, corpus, &asks, &reference, arguments.plan);
        results.note(corpus, peer.name, &format!("{}; {checked}", peer.note));
    }
    results.shares(corpus, &measure::shares(&asks, &reference));
    for kind in kinds {
        let range = if *kind == Kind::Hot { HOT } else { count };
        let times = measure::interleaved(&mut peers, *kind, range, arguments.plan);
        for (peer, time) in peers.iter().zip(&times) {
            results.time(corpus, *kind, peer.name, *time);
        }
        let percentiles = measure::percentiles(&decide, range, times[0], arguments.plan);
        results.percentiles(corpus, *kind, percentiles);
        results.threads(corpus, *kind, measure::two_threads(&decide, range, times[0], arguments.plan));
    }
}

type Resolved<'a> = (ResolvedPrincipal<'a>, ResolvedAction<'a>, Vec<(ResolvedKey<'a>, Value<'a>)>);

/// Principal, action and keys of each request as the artifact numbers them.
fn resolved<'a>(tables: &'a Tables<'a>, asks: &'a Asks<'a>, count: usize) -> Vec<Resolved<'a>> {
    let one = |at: usize| {
        let ask = asks.get(at);
        let principal = Principal::RoleSession { arn: ask.principal, role_arn: None };
        let keys = ask.context.iter().map(|(key, value)| (tables.key(key), *value));
        (
            tables.principal(principal).expect("a principal of the corpus"),
            tables.action(ask.action).expect("an action of the corpus"),
            keys.collect(),
        )
    };
    (0..count).map(one).collect()
}

type Make = for<'c> fn(&'c Corpus, usize) -> Result<Peer<'c>, String>;

/// Letter, name, most statements, why not more, and how it is built.
fn offers() -> [(&'static str, &'static str, usize, &'static str, Make); 5] {
    const ENTITIES: &str = "the set is looked at whole, 10,000 statements take milliseconds a decision";
    const ENFORCERS: &str = "thousands of enforcers, more than 30 s to build";
    [
        ("d", "(d) iam-rs", usize::MAX, "", iam_rs::peer),
        ("e", "(e) Cedar, whole", 10_000, ENTITIES, |corpus, count| cedar::best(corpus, count, cedar::Shape::Whole)),
        ("e", "(e) Cedar, sliced", usize::MAX, "", |corpus, count| cedar::best(corpus, count, cedar::Shape::Sliced)),
        ("f", "(f) regorus bytecode", usize::MAX, "", rego::peer),
        ("g", "(g) casbin keyMatch", 10_000, ENFORCERS, casbin_key::peer),
    ]
}
