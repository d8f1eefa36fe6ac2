//! One mistake planted by a program: it is found, at the right place, and what stood there is among the suggestions.
//!
//! Names come from `data/service-reference.txt`, read here on its own. The sample is small and always the same;
//! `cargo test --release --test suite -- --ignored mutations` plants twenty times as many.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use iamc::source::Diagnostic;
use iamc::{Level, Options, Semantics};

/// A generator of numbers that are random enough (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit).unwrap()).unwrap()
    }

    fn of<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[self.below(list.len())]
    }

    /// A text with one character removed, replaced, doubled, put in, or swapped with its neighbour.
    fn mistyped(&mut self, text: &str) -> String {
        let mut characters = text.chars().collect::<Vec<_>>();
        let at = self.below(characters.len());
        let other =
            *self.of(&"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".chars().collect::<Vec<_>>());
        match self.below(5) {
            0 => _ = characters.remove(at),
            1 => characters[at] = other,
            2 => characters.insert(at, characters[at]),
            3 => characters.insert(at, other),
            _ if at + 1 < characters.len() => characters.swap(at, at + 1),
            _ => characters.push(other),
        }
        characters.into_iter().collect()
    }
}

/// Names of the reference.
struct Names {
    actions: Vec<String>,
    keys: Vec<String>,
    known: BTreeSet<String>,
}

impl Names {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/service-reference.txt");
        let text = std::fs::read_to_string(path).unwrap();
        let (header, rest) = text.split_once('\n').unwrap();
        let blocks = &rest[header.rsplit('\t').next().unwrap().parse::<usize>().unwrap()..];
        let (mut actions, mut keys) = (Vec::new(), Vec::new());
        let mut lines = blocks.lines();
        while let Some(service) = lines.next() {
            let prefix = service.split('\t').next().unwrap();
            let mut section = || lines.by_ref().take_while(|line| !line.is_empty()).collect::<Vec<_>>();
            let (own, _, tested) = (section(), section(), section());
            let name = |line: &&str| line.split('\t').next().unwrap().to_owned();
            actions.extend(own.iter().map(|line| format!("{prefix}:{}", name(line))));
            keys.extend(tested.iter().map(name).filter(|name| name.find("${").is_none_or(|at| at + 9 == name.len())));
        }
        let keys = keys.into_iter().filter(|key| !key.contains('.')).map(|key| key.replace("${TagKey}", "team"));
        let keys = keys.filter(|key| !key.contains('$')).collect::<Vec<_>>();
        let known = actions.iter().chain(&keys).map(|name| name.to_ascii_lowercase()).collect();
        Self { actions, keys, known }
    }
}

const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotLike",
    "NumericLessThanEquals",
    "DateGreaterThan",
    "Bool",
    "NotIpAddress",
    "ArnLike",
    "Null",
    "StringEqualsIfExists",
    "ForAnyValue:StringLike",
    "ForAllValues:StringNotEqualsIgnoreCase",
];
const ELEMENTS: &[&str] =
    &["Effect", "Action", "Resource", "Condition", "NotAction", "NotResource", "Sid", "Statement", "Version"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Action,
    Key,
    Operator,
    Element,
    Effect,
}

/// What the program finds in a policy.
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

/// A policy that holds the word as a token of that kind.
fn policy(kind: Kind, word: &str) -> String {
    let (mut action, mut operator, mut key) = ("s3:GetObject", "StringEquals", "aws:PrincipalTag/team");
    match kind {
        Kind::Action => action = word,
        Kind::Operator => operator = word,
        Kind::Key => key = word,
        Kind::Element | Kind::Effect => {}
    }
    let effect = if kind == Kind::Effect { word } else { "Allow" };
    let is = |name: &str| kind == Kind::Element && word == name;
    let action_name = if is("NotAction") { "NotAction" } else { "Action" };
    let resource_name = if is("NotResource") { "NotResource" } else { "Resource" };
    format!(
        r#"{{ "Version": "2012-10-17", "Statement": [{{ "Sid": "A1", "Effect": "{effect}", "{action_name}": "{action}", "{resource_name}": "*", "Condition": {{ "{operator}": {{ "{key}": "true" }} }} }}] }}"#
    )
}

fn plant(count: usize) {
    let names = Names::read();
    let mut random = Random(17);
    let mut planted = BTreeMap::<Kind, (usize, usize, usize)>::new();
    let mut missed = Vec::new();
    while planted.values().map(|counts| counts.0).sum::<usize>() < count {
        let kind = *random.of(&[Kind::Action, Kind::Key, Kind::Operator, Kind::Element, Kind::Effect]);
        let word = match kind {
            Kind::Action => random.of(&names.actions).as_str(),
            Kind::Key => random.of(&names.keys).as_str(),
            Kind::Operator => random.of(OPERATORS),
            Kind::Element => random.of(ELEMENTS),
            Kind::Effect => random.of(&["Allow", "Deny"]),
        };
        let wrong = random.mistyped(word);
        // Upper and lower case are the same in names, another tag key is none that is wrong, and a claim of an identity
        // provider is nobody's mistake.
        let folded = wrong.to_ascii_lowercase();
        let is_tag = word.contains("/team") && folded.starts_with(&word.to_ascii_lowercase().replace("team", ""));
        let is_same = matches!(kind, Kind::Action | Kind::Key) && (names.known.contains(&folded) || is_tag);
        if is_same || wrong == word {
            continue;
        }
        let right = policy(kind, word);
        let token = format!("\"{word}\"");
        let start = right.find(&token).unwrap();
        let text = right.replacen(&token, &format!("\"{wrong}\""), 1);
        let end = start + wrong.len() + 2;
        let inside = |finding: &Diagnostic| {
            let span = finding.place.span;
            let (from, to) = (usize::try_from(span.start()).unwrap(), usize::try_from(span.end()).unwrap());
            start <= from && to <= end
        };
        let found = findings(&text);
        let here = found.iter().filter(|finding| inside(finding)).collect::<Vec<_>>();
        let meant = format!("`{word}`");
        let is_offered = here.iter().any(|finding| {
            finding.help.as_deref().is_some_and(|help| help.contains(&meant) || help.contains(&format!("\"{word}\"")))
        });
        let counts = planted.entry(kind).or_default();
        counts.0 += 1;
        counts.1 += usize::from(!here.is_empty());
        counts.2 += usize::from(is_offered);
        if !is_offered {
            missed.push(format!(
                "{kind:?} {word} as {wrong}: {:?}",
                here.iter().map(|f| (f.code, &f.help)).collect::<Vec<_>>()
            ));
        }
    }
    println!("{planted:?}\n{}", missed.join("\n"));
    for (kind, (planted, found, offered)) in planted {
        assert!(98 * planted <= 100 * found, "{kind:?}: {found} of {planted} found\n{}", missed.join("\n"));
        assert!(90 * planted <= 100 * offered, "{kind:?}: {offered} of {planted} offered\n{}", missed.join("\n"));
    }
}

#[test]
fn typos_are_found_and_their_originals_offered() {
    plant(1_000);
}

#[test]
#[ignore = "takes minutes without optimization"]
fn many_typos_are_found_and_their_originals_offered() {
    plant(20_000);
}
