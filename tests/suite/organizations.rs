//! Random whole organizations, given as files: what the program decides from their artifact against what a resolver of
//! its own and the reference evaluator say.
//!
//! Seeded. `IAMC_ORGANIZATIONS` sets the number of worlds, for a longer run, and `IAMC_ORGANIZATIONS_SEED` the first of them.
//! The files of a world with a difference stay in the temporary directory, and the report names the place.
#![expect(
    clippy::fn_params_excessive_bools,
    clippy::option_option,
    reason = "the choices of a generator are flags, and a key may be known to be absent"
)]

mod make;
mod model;
mod render;
mod resolve;

use crate::oracle::prepare;
use model::{Request, World};
use resolve::{Resolved, Scenario, resolve};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Worlds of the ordinary run.
const WORLDS: u64 = 500;
/// Requests to each world.
const REQUESTS: usize = 80;
/// How many differences are shown in full.
const SHOWN: usize = 8;

/// An answer: `error`, or the decision with its blockers and whether the resource's account is an assumption.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer {
    text: String,
    assumed: bool,
    ignored: Vec<String>,
}

impl Answer {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), assumed: false, ignored: Vec::new() }
    }
}

#[derive(Debug, Default)]
struct Findings {
    worlds: u64,
    pairs: u64,
    unsaid: u64,
    /// By what is counted, then by name.
    counts: BTreeMap<&'static str, BTreeMap<String, u64>>,
    differences: BTreeMap<String, u64>,
    examples: Vec<String>,
}

impl Findings {
    fn count(&mut self, what: &'static str, name: &str, number: u64) {
        *self.counts.entry(what).or_default().entry(name.to_owned()).or_default() += number;
    }

    fn of(&self, what: &str, name: &str) -> u64 {
        self.counts.get(what).and_then(|names| names.get(name)).copied().unwrap_or_default()
    }

    fn extend(&mut self, other: Findings) {
        self.worlds += other.worlds;
        self.pairs += other.pairs;
        self.unsaid += other.unsaid;
        for (what, names) in other.counts {
            for (name, number) in names {
                self.count(what, &name, number);
            }
        }
        for (difference, number) in other.differences {
            *self.differences.entry(difference).or_default() += number;
        }
        self.examples.extend(other.examples);
    }

    fn differ(&mut self, kind: String, example: impl FnOnce() -> String) {
        let number = self.differences.entry(kind).or_default();
        *number += 1;
        if *number == 1 {
            self.examples.push(example());
        }
    }
}

fn iamc(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iamc"));
    command.current_dir(directory).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn place(world: &World) -> PathBuf {
    let kind = if world.plain { "plain" } else { "organization" };
    let directory = std::env::temp_dir().join(format!("iamc-worlds-{}/{kind}-{}", std::process::id(), world.seed));
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// What the rules say.
fn expected(resolved: &Resolved) -> Answer {
    let scenario = match resolved {
        Resolved::Error(_) | Resolved::Unsaid => return Answer::new("error"),
        Resolved::Unknown => return Answer::new("implicitDeny of identity"),
        Resolved::Scenario(scenario) => scenario,
    };
    let outcome = match prepare(&scenario.base) {
        Ok(prepared) => prepared.decide(&scenario.request),
        Err(why) => panic!("the reference refuses a world: {why}\n{}", scenario.base),
    };
    let mut decision = outcome.decision();
    let mut blockers = outcome.blockers().to_vec();
    let free = scenario.request["action"] == "sts:GetCallerIdentity";
    if scenario.credential && decision != "explicitDeny" && !free {
        decision = "implicitDeny";
        blockers.push("credential");
    }
    let mut ignored = scenario.ignored.clone();
    ignored.sort();
    Answer { text: describe(decision, &blockers), assumed: scenario.assumed, ignored }
}

fn describe(decision: &str, blockers: &[&str]) -> String {
    match blockers {
        [] => decision.to_owned(),
        _ => format!("{decision} of {}", blockers.join(", ")),
    }
}

/// A line of `iamc decide`.
fn answer(line: &str) -> Answer {
    let value: Value = serde_json::from_str(line).unwrap();
    let Some(decision) = value["decision"].as_str() else {
        assert!(value["error"].is_string(), "{line}");
        return Answer::new("error");
    };
    let blockers: Vec<&str> = value["blockers"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    let assumed = value.get("assumed").is_some_and(|list| list.as_array().unwrap().contains(&json!("resourceAccount")));
    let ignored = value.get("ignored").and_then(Value::as_array);
    let mut ignored: Vec<String> = ignored.into_iter().flatten().map(|one| one.as_str().unwrap().to_owned()).collect();
    ignored.sort();
    Answer { text: describe(decision, &blockers), assumed, ignored }
}

/// Compiles and asks; the lines, or why there are none.
fn ask(world: &World, directory: &Path, findings: &mut Findings) -> Result<Vec<String>, String> {
    let written = render::render(world, directory);
    for (spelling, number) in &written.spellings {
        findings.count("spellings", spelling, *number);
    }
    let mut arguments: Vec<&str> = vec!["compile"];
    arguments.extend(written.inputs.iter().map(String::as_str));
    arguments.extend(["-o", "world.iamc"]);
    if world.seed.is_multiple_of(3) {
        arguments.push("-O0");
    }
    let output = iamc(directory, &arguments);
    if output.status.code() != Some(0) {
        return Err(String::from_utf8_lossy(&output.stderr).to_string());
    }
    let mut lines = String::new();
    for request in &world.requests {
        writeln!(lines, "{}", request.line).unwrap();
    }
    std::fs::write(directory.join("requests.jsonl"), lines).unwrap();
    let output = iamc(directory, &["decide", "world.iamc", "--requests", "requests.jsonl", "--format", "json"]);
    let lines: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    if lines.len() == world.requests.len() {
        Ok(lines)
    } else {
        Err(format!("{} answers; {}", lines.len(), String::from_utf8_lossy(&output.stderr)))
    }
}

fn example(directory: &Path, request: &Request, scenario: &Resolved, line: &str, expected: &Answer) -> String {
    let mut text = format!(
        "\n{}\nrequest  {}\nexpected {} (assumed {}, ignored {:?})\nfound    {line}",
        directory.display(),
        request.line,
        expected.text,
        expected.assumed,
        expected.ignored
    );
    if let Resolved::Scenario(scenario) = scenario {
        write!(text, "\nscenario {}\nwith     {}", scenario.request, scenario.base).unwrap();
    } else {
        write!(text, "\nresolved {scenario:?}").unwrap();
    }
    text
}

fn compare(world: &World, findings: &mut Findings) {
    let directory = place(world);
    findings.worlds += 1;
    let lines = match ask(world, &directory, findings) {
        Ok(lines) => lines,
        Err(why) => {
            let first = why.lines().find(|line| line.contains('×')).unwrap_or_default().to_owned();
            return findings.differ(format!("not compiled: {first}"), || {
                format!("{}\n{}", directory.display(), why.chars().take(9000).collect::<String>())
            });
        }
    };
    let mut differs = false;
    for (request, line) in world.requests.iter().zip(&lines) {
        let resolved = resolve(world, &request.line);
        if matches!(resolved, Resolved::Unsaid) {
            findings.unsaid += 1;
            continue;
        }
        findings.pairs += 1;
        let expected = expected(&resolved);
        let found = answer(line);
        count(findings, request, &resolved, &expected);
        if expected.text != found.text || !matches!(resolved, Resolved::Unknown) && expected != found {
            differs = true;
            let kind = format!("{}: rules {}, artifact {}", request.who, expected.text, found.text);
            let kind = if expected.text == found.text { "assumed or ignored".to_owned() } else { kind };
            findings.differ(kind, || example(&directory, request, &resolved, line, &expected));
        }
    }
    if !differs {
        std::fs::remove_dir_all(&directory).unwrap();
    }
}

fn count(findings: &mut Findings, request: &Request, resolved: &Resolved, expected: &Answer) {
    let decision = expected.text.split(' ').next().unwrap().to_owned();
    findings.count("decisions", &decision, 1);
    findings.count("requesters", request.who, 1);
    if let Some((_, blockers)) = expected.text.split_once(" of ") {
        for blocker in blockers.split(", ") {
            findings.count(if decision == "explicitDeny" { "denied by" } else { "lacking" }, blocker, 1);
        }
    }
    match resolved {
        Resolved::Error(why) => findings.count("errors", why, 1),
        Resolved::Unknown | Resolved::Unsaid => {}
        Resolved::Scenario(scenario) => count_scenario(findings, scenario, &decision),
    }
    for option in [
        "policies",
        "sessionPolicies",
        "sessionPolicyDocuments",
        "sessionTags",
        "sourceIdentity",
        "endpoint",
        "credentials",
        "objectOwner",
    ] {
        if request.line.get(option).is_some() {
            findings.count("options", option, 1);
        }
    }
}

fn count_scenario(findings: &mut Findings, scenario: &Scenario, decision: &str) {
    findings.count("policy found by", scenario.found, 1);
    findings.count("owner found by", scenario.owner, 1);
    if decision == "allowed" {
        findings.count("allowed with policy found by", scenario.found, 1);
    }
    for (name, member) in [
        ("boundary", "permissionsBoundary"),
        ("SCPs", "serviceControlPolicies"),
        ("RCPs", "resourceControlPolicies"),
        ("session policies", "sessionPolicies"),
        ("endpoint policy", "vpcEndpointPolicy"),
        ("resource policy", "resourcePolicy"),
    ] {
        if scenario.base.get(member).is_some() {
            findings.count("layers", name, 1);
        }
    }
}

fn run(seeds: impl Iterator<Item = u64>, plain: bool) -> Findings {
    let mut findings = Findings::default();
    for seed in seeds {
        compare(&make::world(seed, plain, REQUESTS), &mut findings);
    }
    findings
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

fn compare_all(plain: bool, worlds: u64) -> Findings {
    let start = std::time::Instant::now();
    let first = number("IAMC_ORGANIZATIONS_SEED", 0);
    let seeds = || first..first + worlds;
    let mut findings = std::thread::scope(|scope| {
        let other = scope.spawn(|| run(seeds().skip(1).step_by(2), plain));
        let mut findings = run(seeds().step_by(2), plain);
        findings.extend(other.join().unwrap());
        findings
    });
    println!(
        "{} pairs of {} worlds in {:?}; {} requests without a rule",
        findings.pairs,
        findings.worlds,
        start.elapsed(),
        findings.unsaid
    );
    for (what, names) in &findings.counts {
        println!("{what}: {names:?}");
    }
    // What the artifact allows and the rules do not comes first.
    findings.examples.sort_by_key(|example| !example.contains("found    {\"decision\":\"allowed\""));
    findings.examples.truncate(SHOWN);
    for example in &findings.examples {
        println!("{example}");
    }
    assert!(findings.differences.is_empty(), "differences: {:#?}", findings.differences);
    findings
}

/// What a run of `WORLDS` worlds has to show at least, so that it cannot become hollow.
const ENOUGH: &[(&str, &[(&str, u64)])] = &[
    ("decisions", &[("allowed", 3_750), ("explicitDeny", 2_250), ("implicitDeny", 9_000), ("error", 1_050)]),
    (
        "denied by",
        &[
            ("serviceControlPolicy", 450),
            ("resourceControlPolicy", 450),
            ("vpcEndpoint", 37),
            ("resource", 300),
            ("identity", 450),
            ("permissionsBoundary", 60),
            ("session", 30),
            ("blockPublicAccess", 75),
        ],
    ),
    (
        "lacking",
        &[
            ("serviceControlPolicy", 300),
            ("vpcEndpoint", 750),
            ("resource", 4_500),
            ("identity", 4_500),
            ("permissionsBoundary", 900),
            ("session", 600),
            ("acl", 150),
            ("credential", 225),
        ],
    ),
    (
        "requesters",
        &[
            ("user", 4_500),
            ("session", 3_000),
            ("linked", 450),
            ("root", 900),
            ("service", 750),
            ("anonymous", 750),
            ("idp", 600),
            ("federated user", 900),
            ("unknown user", 375),
            ("unknown role", 300),
            ("unknown federated user", 120),
            ("outside user", 600),
            ("outside session", 300),
            ("outside root", 120),
            ("nameless", 225),
            ("key", 900),
        ],
    ),
    (
        "spellings",
        &[
            ("object", 3_750),
            ("text", 3_750),
            ("percent", 3_750),
            ("pretty", 6_000),
            ("minified", 6_000),
            ("pages", 375),
            ("unknown member", 900),
            ("glob", 90),
        ],
    ),
    ("policy found by", &[("exact", 1_800), ("belongs", 3_750), ("covers", 525), ("trust", 2_250), ("nothing", 4_500)]),
    ("allowed with policy found by", &[("exact", 375), ("belongs", 750), ("covers", 90), ("trust", 180)]),
    (
        "owner found by",
        &[("given", 3_000), ("written", 6_000), ("governed", 3_000), ("assumed", 900), ("none", 120), ("rule", 90)],
    ),
    (
        "errors",
        &[
            ("access key", 300),
            ("access key of another", 90),
            ("endpoint", 105),
            ("two endpoints", 52),
            ("policy name", 75),
            ("session policy name", 22),
            ("resource account", 150),
        ],
    ),
];

fn check_coverage(findings: &Findings) {
    assert!(findings.pairs >= 35_000, "only {} pairs", findings.pairs);
    let mut rare = Vec::new();
    for (what, names) in ENOUGH {
        for (name, enough) in *names {
            let number = findings.of(what, name);
            if number < *enough {
                rare.push(format!("{what} {name}: {number} of {enough}"));
            }
        }
    }
    assert!(rare.is_empty(), "too few: {rare:#?}");
}

#[test]
fn random_accounts_are_decided_as_by_the_reference() {
    let worlds = number("IAMC_ORGANIZATIONS", WORLDS) / 5;
    compare_all(true, worlds);
}

#[test]
fn random_organizations_are_decided_as_by_the_reference() {
    let worlds = number("IAMC_ORGANIZATIONS", WORLDS);
    let findings = compare_all(false, worlds);
    if worlds >= WORLDS {
        check_coverage(&findings);
    }
}

/// Three accounts' worth of files by hand; the answers to some requests.
fn decide(files: &[(&str, &str)], requests: &str) -> Vec<Answer> {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let directory = std::env::temp_dir().join(format!("iamc-organization-{}-{number}", std::process::id()));
    for (name, text) in files.iter().chain(&[("requests.jsonl", requests)]) {
        let path = directory.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let output = iamc(&directory, &["compile", "iamc.toml", "-o", "world.iamc"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let output = iamc(&directory, &["decide", "world.iamc", "--requests", "requests.jsonl", "--format", "json"]);
    std::fs::remove_dir_all(&directory).unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(answer).collect()
}

#[test]
fn a_request_of_policies_alone_derives_no_organization() {
    // `cli.md`: every derived principal key is absent unless given in the context. The organization of the resource's
    // account once was the nameless requester's, so that a policy for members allowed everybody.
    let manifest =
        "[organization]\nid = \"o-a1b2c3d4e5\"\nmanagement-account = \"999988887777\"\ntree = \"organization.json\"\n
        [[account]]\nid = \"111122223333\"\n\n[[policy]]\nfiles = [\"Members.json\"]\ntype = \"identity\"\n";
    let tree = r#"{ "root": { "id": "r-ab12", "accounts": ["999988887777", "111122223333"] } }"#;
    let members = r#"{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "sqs:*", "Resource": "*",
        "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } }] }"#;
    let files = [("iamc.toml", manifest), ("organization.json", tree), ("Members.json", members)];
    let request =
        r#"{"policies":["Members"],"action":"sqs:SendMessage","resource":"arn:aws:sqs:us-east-1:111122223333:q""#;
    let given = r#","context":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#;
    let answers = decide(&files, &format!("{request}}}\n{request}{given}}}\n"));
    let texts: Vec<&str> = answers.iter().map(|answer| answer.text.as_str()).collect();
    assert_eq!(texts, ["implicitDeny of identity", "allowed"]);
}
