//! One mistake planted by a program: it is found, at the right place, and what stood there is among the suggestions.
//!
//! Each policy gets one mistake of each kind that it has a place for, in a file of its own, minified or with a line for
//! each member, and as a string in an account dump, with escapes or percent-encoded. Where a finding must be comes from
//! the program that plants. The committed policies are always there; those of AWS where `IAMC_DATA` names their folder.

mod names;
mod plants;
mod random;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use iamc::source::{Diagnostic, Severity};
use iamc::{Level, Options, Semantics};

use names::Names;
use plants::{Outcome, Plant, Policy};
use random::Random;
use text::{Form, minified, parse, pretty, wrapped};

/// What the program finds in a file.
fn findings(text: &str) -> Vec<Diagnostic> {
    let world = iamc::world::load(vec![("policy.json".to_owned(), text.to_owned())], None);
    let mut findings = iamc::lint::lint(&world, Semantics::default());
    let options = Options { semantics: Semantics::default(), optimize: Level::None };
    findings.extend(match iamc::compile(world, &options) {
        Ok(compiled) => compiled.findings,
        Err(errors) => errors.findings,
    });
    findings
}

/// How often mistakes of one kind were planted, found at the right place, offered, passed in silence.
#[derive(Debug, Default)]
struct Counts {
    planted: usize,
    found: usize,
    with_original: usize,
    offered: usize,
    silent: usize,
    elsewhere: usize,
    missed: Vec<String>,
}

/// Plants into the policies; findings that are there without the mistake count for nothing.
fn plant(policies: &[String], forms: &[Form], seed: u64) -> BTreeMap<&'static str, Counts> {
    let names = Names::read();
    let mut random = Random(seed);
    let mut counts = BTreeMap::<_, Counts>::new();
    for policy in policies {
        let policy = if random.below(2) == 0 { minified(policy) } else { pretty(policy) };
        let plants = Policy::new(&policy).plants(&names, &mut random);
        for &form in forms {
            let before = findings(&wrapped(&policy, form).0);
            let before = before.into_iter().map(|finding| (finding.code, finding.message)).collect::<BTreeSet<_>>();
            for plant in &plants {
                judge(counts.entry(plant.kind).or_default(), plant, form, &before);
            }
        }
    }
    counts
}

fn judge(counts: &mut Counts, plant: &Plant, form: Form, before: &BTreeSet<(&'static str, String)>) {
    let (text, places) = wrapped(&plant.text, form);
    let found = findings(&text);
    let is_invalid = found.iter().any(|finding| finding.severity == Severity::Error);
    let is_new = |finding: &&Diagnostic| !before.contains(&(finding.code, finding.message.clone()));
    let new = found.iter().filter(is_new).collect::<Vec<_>>();
    let inside = |finding: &&&Diagnostic| {
        let span = finding.place.span;
        let (from, to) = (usize::try_from(span.start()).unwrap(), usize::try_from(span.end()).unwrap());
        places[plant.right.start] <= from && to <= places[plant.right.end]
    };
    let here = new.iter().filter(inside).collect::<Vec<_>>();
    counts.planted += 1;
    counts.found += usize::from(!here.is_empty());
    counts.elsewhere += new.len() - here.len();
    let is_silent = if plant.outcome == Outcome::Invalid { !is_invalid } else { new.is_empty() };
    counts.silent += usize::from(is_silent);
    let mut is_offered = true;
    if let Some(original) = &plant.original {
        is_offered = here.iter().any(|finding| {
            let help = finding.help.as_deref().unwrap_or("");
            // Names of actions and keys have no case.
            let (help, original) = (help.to_lowercase(), original.to_lowercase());
            help.contains(&format!("`{original}`")) || help.contains(&format!("\"{original}\""))
        });
        counts.with_original += 1;
        counts.offered += usize::from(is_offered);
    }
    if here.is_empty() || is_silent || !is_offered {
        let shown = |at: usize, len: usize| -> String {
            let from = plant.text[..at].char_indices().rev().nth(50).map_or(0, |(at, _)| at);
            plant.text[from..].chars().take(len).collect::<String>().replace('\n', "⏎")
        };
        let what = if is_silent {
            "SILENT"
        } else if here.is_empty() {
            "elsewhere"
        } else {
            "no offer"
        };
        let found = new.iter().map(|finding| (finding.code, finding.place.span, &finding.help));
        counts.missed.push(format!(
            "{what} {form:?} {:?} {:?}\n      …{}…\n      {:?}",
            plant.original,
            plant.right,
            shown(plant.right.start, 150),
            found.take(4).collect::<Vec<_>>()
        ));
    }
}

/// Policies made for this: of users, trust policies, policies of buckets, keys and queues, a service control policy.
fn own() -> Vec<String> {
    include_str!("mutations/policies.jsonl").lines().map(str::to_owned).collect()
}

/// The AWS managed policies, if they are at hand.
fn managed() -> Vec<String> {
    let folder = std::env::var("IAMC_DATA").unwrap_or_else(|_| "../shared/data".to_owned());
    let text = std::fs::read_to_string(std::path::Path::new(&folder).join("aws-managed-policies.jsonl"));
    let document = |line: &str| {
        let root = parse(line);
        root.member(line, "document").map(|member| line[member.value.span.clone()].to_owned())
    };
    text.map_or(Vec::new(), |text| text.lines().filter_map(document).collect())
}

/// Mistakes of which several are right: where brackets of one kind stand side by side, or nothing but the meaning of
/// the names tells what was where.
const AMBIGUOUS: &[&str] = &["extra }", "missing }"];

/// Prints what was counted, and fails where too much was missed.
fn report(counts: &BTreeMap<&'static str, Counts>) {
    let mut failures = Vec::new();
    for (kind, counts) in counts {
        let Counts { planted, found, with_original, offered, silent, elsewhere, missed } = counts;
        println!(
            "{kind:34} {planted:6} planted, {found:6} right, {offered:6} of {with_original:6} offered, {silent} silent, \
             {elsewhere} elsewhere"
        );
        let bar = if AMBIGUOUS.contains(kind) { 95 } else { 98 };
        if 100 * found < bar * planted || 100 * offered < 90 * with_original || 0 < *silent {
            failures.push(format!("{kind}\n   {}", missed.iter().take(8).cloned().collect::<Vec<_>>().join("\n   ")));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn mistakes_are_found_where_they_are() {
    let policies = (0..4).flat_map(|_| own()).collect::<Vec<_>>();
    report(&plant(&policies, &[Form::File], 17));
}

#[test]
fn mistakes_in_dumps_are_found_where_they_are() {
    // What stands in an account dump is no policy of a resource.
    let policies = own().into_iter().filter(|policy| !policy.contains("Principal\":")).collect::<Vec<_>>();
    report(&plant(&[policies.clone(), policies].concat(), &[Form::Escaped, Form::Percent], 18));
}

#[test]
fn mistakes_in_managed_policies_are_found_where_they_are() {
    let policies = managed().into_iter().step_by(40).collect::<Vec<_>>();
    report(&plant(&policies, &[Form::File], 19));
}

#[test]
#[ignore = "takes minutes"]
fn mistakes_in_all_managed_policies_are_found_where_they_are() {
    report(&plant(&managed(), &[Form::File, Form::Escaped, Form::Percent], 20));
}
