//! Random worlds: the reference evaluator against the artifact, unoptimized and optimized, on decision and blockers.
//!
//! Seeded, so that every run compares the same pairs. `IAMC_DIFFERENTIAL_WORLDS` sets the number of worlds, for a longer
//! run, and `IAMC_DIFFERENTIAL_SEED` the first of them, to look at one.

use crate::oracle::generate::{self, World};
use crate::oracle::{Force, Kind, Outcome, Prepared, prepare};
use iamc::ask::OwnedRequest;
use iamc::scenario;
use iamc::terms::{Layer, Layers};
use iamc::{Decision, Level, Tables};
use serde_json::Value;
use std::collections::BTreeMap;

/// Worlds of the ordinary run.
const WORLDS: u64 = 8_000;
/// What each operator, layer and kind of principal has to decide in a run of that many worlds.
const ENOUGH: u64 = 500;
/// The share, in percent, that each decision has to have.
const SHARE: u64 = 15;
/// How many differences are shown in full.
const SHOWN: usize = 12;

/// Layers, each with the member without which a scenario does not have it; none where every scenario has it.
const LAYERS: [(&str, Option<&str>); 11] = [
    ("serviceControlPolicy", Some("serviceControlPolicies")),
    ("resourceControlPolicy", Some("resourceControlPolicies")),
    ("vpcEndpoint", Some("vpcEndpointPolicy")),
    ("resource", Some("resourcePolicy")),
    ("identity", Some("identityPolicies")),
    ("permissionsBoundary", Some("permissionsBoundary")),
    ("session", None),
    ("acl", Some("objectOwnership")),
    ("objectOwnership", Some("objectOwnership")),
    ("blockPublicAccess", Some("publicAccessBlock")),
    ("credential", None),
];

const KINDS: [Kind; 10] = [
    Kind::Wildcard,
    Kind::Root,
    Kind::Account,
    Kind::User,
    Kind::UserOfFed,
    Kind::Role,
    Kind::Session,
    Kind::FedUser,
    Kind::Service,
    Kind::Federated,
];

const REQUESTERS: [&str; 7] = ["Anonymous", "FedUser", "FederatedIdp", "RoleSession", "Root", "Service", "User"];

/// Numbers by name.
#[derive(Debug, Default)]
struct Counts(BTreeMap<String, u64>);

impl Counts {
    fn add(&mut self, name: &str, number: u64) {
        *self.0.entry(name.to_owned()).or_default() += number;
    }

    fn of(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    fn extend(&mut self, other: &Counts) {
        for (name, number) in &other.0 {
            self.add(name, *number);
        }
    }
}

/// What a run over some worlds found.
#[derive(Debug, Default)]
struct Findings {
    worlds: u64,
    pairs: u64,
    decisions: Counts,
    requesters: Counts,
    /// Pairs in which the answer turns with one test of that operator.
    operators: Counts,
    /// Pairs in which the answer turns with that layer.
    layers: Counts,
    /// Pairs in which the answer turns with matches of that kind.
    kinds: Counts,
    /// Number of differences by what they are, and the first of them in full.
    differences: Counts,
    examples: Vec<String>,
}

impl Findings {
    fn extend(&mut self, other: Findings) {
        self.worlds += other.worlds;
        self.pairs += other.pairs;
        self.decisions.extend(&other.decisions);
        self.requesters.extend(&other.requesters);
        self.operators.extend(&other.operators);
        self.layers.extend(&other.layers);
        self.kinds.extend(&other.kinds);
        self.differences.extend(&other.differences);
        self.examples.extend(other.examples);
    }

    fn differ(&mut self, seed: u64, world: &World, request: &Value, what: &str, expected: &str, found: &str) {
        let kind = format!("{what}: reference {expected}, artifact {found}");
        self.differences.add(&kind, 1);
        if self.differences.of(&kind) == 1 {
            let base = serde_json::to_string(&world.scenario_base).unwrap();
            self.examples.push(format!("seed {seed}: {kind}\n{base}\n{request}"));
        }
    }
}

/// One request to one artifact: `decision` or `decision of layers`.
fn ask(tables: &Tables<'_>, request: &OwnedRequest) -> String {
    let answer = request.with(|request| {
        let quick = tables.decide(request);
        let explanation = tables.explain(request).map_err(|error| error.to_string())?;
        let decision = explanation.decision;
        assert_eq!(outline(quick), outline(decision), "decide and explain differ");
        let blockers: Vec<&str> = match decision {
            Decision::ExplicitDeny(_) => explanation.blockers.explicit_order().map(Layer::name).collect(),
            Decision::Allowed(_) | Decision::ImplicitDeny(_) => {
                explanation.blockers.implicit_order().map(Layer::name).collect()
            }
        };
        Ok::<_, String>(describe(decision.name(), &blockers))
    });
    match answer {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) | Err(_) => "error".to_owned(),
    }
}

/// What two ways to one answer agree in: which statement is named is free.
fn outline(decision: Decision) -> (&'static str, Option<Layer>, Layers) {
    match decision {
        Decision::Allowed(reason) | Decision::ExplicitDeny(reason) => (decision.name(), reason.layer, Layers::NONE),
        Decision::ImplicitDeny(layers) => (decision.name(), None, layers),
    }
}

fn describe(decision: &str, blockers: &[&str]) -> String {
    match blockers {
        [] => decision.to_owned(),
        _ => format!("{decision} of {}", blockers.join(", ")),
    }
}

fn compare(seed: u64, world: &World, expected: &[Outcome], findings: &mut Findings) {
    let base = serde_json::to_string(&world.scenario_base).unwrap();
    let requests: Vec<String> = world.requests.iter().map(Value::to_string).collect();
    for level in [Level::None, Level::Full] {
        let prepared = scenario::Prepared::new(&base, &requests, level).unwrap();
        let tables: Vec<Tables<'_>> = prepared.artifacts.iter().map(|bytes| Tables::load(bytes).unwrap()).collect();
        for ((request, expected), prepared) in world.requests.iter().zip(expected).zip(&prepared.requests) {
            let found = match prepared {
                Ok((number, request)) => ask(&tables[*number], request),
                Err(_) => "error".to_owned(),
            };
            let expected = describe(expected.decision(), expected.blockers());
            if found != expected {
                findings.differ(seed, world, request, &format!("{level:?}"), &expected, &found);
            }
        }
    }
}

/// Counts what a decision depends on, by telling the reference evaluator an untruth at a time.
fn count_deciders(prepared: &Prepared, world: &World, request: &Value, findings: &mut Findings) {
    let (outcome, mut touched) = prepared.decide_forced(request, Force::Nothing);
    let turns = |force: Force| prepared.decide_forced(request, force).0.decision() != outcome.decision();
    touched.sort_unstable();
    touched.dedup();
    let mut names: Vec<&str> = Vec::new();
    for test in touched {
        let name = prepared.test_name(test);
        if !names.contains(&name) && turns(Force::FlipTest(test)) {
            names.push(name);
        }
    }
    for name in names {
        findings.operators.add(name, 1);
    }
    let is_there = |member: Option<&str>| member.is_none_or(|member| world.scenario_base.get(member).is_some());
    for (layer, member) in LAYERS {
        if is_there(member) && turns(Force::DropLayer(layer)) {
            findings.layers.add(layer, 1);
        }
    }
    if is_there(Some("resourcePolicy")) {
        for kind in kinds_of(requester(request)).iter().filter(|kind| turns(Force::DropKind(**kind))) {
            findings.kinds.add(&format!("{kind:?}"), 1);
        }
    }
}

/// In which kinds a principal can match (R-PRI-3).
fn kinds_of(requester: &str) -> &'static [Kind] {
    match requester {
        "Root" => &[Kind::Wildcard, Kind::Root],
        "User" => &[Kind::Wildcard, Kind::Account, Kind::User],
        "RoleSession" => &[Kind::Wildcard, Kind::Account, Kind::Role, Kind::Session],
        "FedUser" => &[Kind::Wildcard, Kind::Account, Kind::UserOfFed, Kind::FedUser],
        "Service" => &[Kind::Wildcard, Kind::Service],
        "FederatedIdp" => &[Kind::Wildcard, Kind::Federated],
        _ => &[Kind::Wildcard],
    }
}

/// What kind of principal asks.
fn requester(request: &Value) -> &str {
    let principal = &request["principal"];
    match (principal["type"].as_str(), principal.as_str()) {
        (Some(name), _) => name,
        (None, Some("anonymous")) => "Anonymous",
        (None, Some(text)) if text.ends_with(":root") => "Root",
        (None, Some(text)) if text.contains(":user/") => "User",
        (None, Some(text)) if text.contains(":assumed-role/") => "RoleSession",
        (None, Some(text)) if text.contains(":federated-user/") => "FedUser",
        _ => "Service",
    }
}

fn run(seeds: impl Iterator<Item = u64>) -> Findings {
    let mut findings = Findings::default();
    for seed in seeds {
        let world = generate::world(seed);
        let prepared = prepare(&world.scenario_base);
        let decide = |request| match &prepared {
            Ok(prepared) => prepared.decide(request),
            Err(why) => Outcome::Error(why.clone()),
        };
        let expected: Vec<Outcome> = world.requests.iter().map(decide).collect();
        findings.worlds += 1;
        for (request, outcome) in world.requests.iter().zip(&expected) {
            findings.pairs += 1;
            findings.decisions.add(outcome.decision(), 1);
            findings.requesters.add(requester(request), 1);
            let denied = ["explicitDeny", "implicitDeny"].contains(&outcome.decision());
            assert_eq!(denied, !outcome.blockers().is_empty(), "seed {seed}: {outcome:?}");
            if let Ok(prepared) = &prepared {
                count_deciders(prepared, &world, request, &mut findings);
            }
        }
        compare(seed, &world, &expected, &mut findings);
    }
    findings
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

#[test]
fn random_worlds_are_decided_as_by_the_reference() {
    let start = std::time::Instant::now();
    let worlds = number("IAMC_DIFFERENTIAL_WORLDS", WORLDS);
    let first = number("IAMC_DIFFERENTIAL_SEED", 0);
    let seeds = || first..first + worlds;
    let mut findings = std::thread::scope(|scope| {
        let other = scope.spawn(|| run(seeds().skip(1).step_by(2)));
        let mut findings = run(seeds().step_by(2));
        findings.extend(other.join().unwrap());
        findings
    });
    println!("{} pairs of {} worlds in {:?}", findings.pairs, findings.worlds, start.elapsed());
    println!("decisions: {:?}", findings.decisions.0);
    println!("requesters: {:?}", findings.requesters.0);
    println!("operators: {:?}", findings.operators.0);
    println!("layers: {:?}", findings.layers.0);
    println!("kinds of match: {:?}", findings.kinds.0);
    // What the artifact allows and the reference does not comes first.
    findings.examples.sort_by_key(|example| !example.lines().next().unwrap().ends_with("artifact allowed"));
    findings.examples.truncate(SHOWN);
    for example in &findings.examples {
        println!("\n{example}");
    }
    assert!(findings.differences.0.is_empty(), "differences: {:#?}", findings.differences.0);
    if worlds >= WORLDS {
        check_coverage(&findings);
    }
}

fn check_coverage(findings: &Findings) {
    for decision in ["allowed", "explicitDeny", "implicitDeny"] {
        let number = findings.decisions.of(decision);
        assert!(findings.pairs * SHARE <= number * 100, "only {number} of {} pairs are {decision}", findings.pairs);
    }
    let mut rare = Vec::new();
    let mut need = |counts: &Counts, name: &str| {
        if counts.of(name) < ENOUGH {
            rare.push(format!("{name}: {}", counts.of(name)));
        }
    };
    for name in generate::operators() {
        need(&findings.operators, &name);
    }
    for (name, _) in LAYERS {
        need(&findings.layers, name);
    }
    for kind in KINDS {
        need(&findings.kinds, &format!("{kind:?}"));
    }
    for name in REQUESTERS {
        need(&findings.requesters, name);
    }
    assert!(rare.is_empty(), "these decide fewer than {ENOUGH} pairs: {rare:?}");
}

#[test]
fn a_request_is_decided_alone_as_among_others() {
    let world = generate::world(7);
    let prepared = prepare(&world.scenario_base).unwrap();
    for (scenario, request) in world.scenarios().zip(&world.requests) {
        assert_eq!(crate::oracle::decide(&scenario), prepared.decide(request));
    }
}
