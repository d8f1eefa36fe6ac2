//! The AWS managed policies, each as the one policy of a role of its own: what real policies look like.
//!
//! Read from `aws-managed-policies.jsonl` (one `{"name","arn","document"}` per line) in the folder `IAMC_DATA`, else in
//! `../shared/data` from the package or a folder above it; no copy is kept here. A role has the tags that its policy asks for as `aws:PrincipalTag/…`. A request fills
//! the patterns of a statement and gives five keys: values that satisfy the statement's conditions, or of one of them a
//! value that fails it, and usual keys. A third aims at Allow statements, a third at Allow statements with an action, a
//! resource or a condition that fails, and a third at the few Deny statements that there are. Other statements of the
//! policy may overrule the aim, so it is not the answer; shares are counted from the answers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::corpus::{ACCOUNT, COLD, Corpus, Expected, Given, Policy, Request, Role, session};
use super::fill::{fill, fill_field};
use super::random::Random;

const REGION: &str = "us-east-1";

/// The corpus, or the reason why it is not there, on standard error.
#[expect(clippy::print_stderr, reason = "the reason is for who runs the bench")]
pub(crate) fn managed(seed: u64) -> Option<Corpus> {
    #[expect(clippy::disallowed_methods, reason = "a bench has no other way to be told")]
    let named = std::env::var("IAMC_DATA").ok().map(PathBuf::from);
    let mut beside = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("../shared/data"));
    let folder = named.or_else(|| beside.find(|folder| folder.exists())).unwrap_or_else(|| "../shared/data".into());
    let path = folder.join("aws-managed-policies.jsonl");
    #[expect(clippy::disallowed_methods, reason = "a bench has no other way to be told")]
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(read(&text, seed)),
        Err(error) => {
            eprintln!("no corpus `managed`: {}: {error}; set IAMC_DATA to its folder", path.display());
            None
        }
    }
}

fn read(text: &str, seed: u64) -> Corpus {
    let mut random = Random::new(seed);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let sources: Vec<Source<'_>> = lines.iter().map(Source::new).collect();
    let statements = sources.iter().map(|source| source.statements.len()).sum();
    let known = Known::new(&sources);
    let requests = requests(&sources, &known, &mut random);
    let documents: usize = sources.iter().map(|source| source.text.len()).sum();
    let roles: Vec<Role> = (sources.iter())
        .map(|source| {
            let policies = vec![Policy { arn: Some(source.arn.to_owned()), text: source.text.clone() }];
            let tags = source.tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            Role { name: source.role.clone(), policies, boundary: None, tags }
        })
        .collect();
    let summary = format!("{} policies, {statements} statements, {documents} bytes of documents", roles.len());
    Corpus { name: "managed", summary, statements, roles, requests }
}

/// A policy with what requests are made of.
struct Source<'a> {
    role: String,
    arn: &'a str,
    text: String,
    statements: Vec<&'a Value>,
    tags: BTreeMap<String, String>,
}

const PRINCIPAL_TAG: &str = "aws:principaltag/";

impl<'a> Source<'a> {
    fn new(line: &'a Value) -> Self {
        let text = |member: &str| line[member].as_str().expect("a text");
        let document = &line["document"];
        let statements: Vec<&Value> = match &document["Statement"] {
            Value::Array(statements) => statements.iter().collect(),
            single => vec![single],
        };
        let mut role = text("name").to_owned();
        role.truncate(64);
        let mut source = Self { role, arn: text("arn"), text: document.to_string(), statements, tags: BTreeMap::new() };
        source.tags = source.wanted_tags();
        source
    }

    /// For each tag of the principal that a condition or a resource mentions a value that satisfies the first mention.
    fn wanted_tags(&self) -> BTreeMap<String, String> {
        let mut tags: BTreeMap<String, String> = BTreeMap::new();
        let mut add = |tag: &str, value: &str| {
            let is_new = !tags.keys().any(|known| known.eq_ignore_ascii_case(tag));
            if is_new && !value.is_empty() && tags.len() < 50 {
                tags.insert(tag.to_owned(), value.to_owned());
            }
        };
        for statement in &self.statements {
            for (operator, key, values) in clauses(statement) {
                if !key.to_ascii_lowercase().starts_with(PRINCIPAL_TAG) {
                    continue;
                }
                let first = values.first().map_or("", String::as_str);
                let value = match operator {
                    "Null" => "some-value",
                    _ if operator.contains("Not") || first.contains('$') => "some-value",
                    _ => &first.replace(['*', '?'], "x"),
                };
                add(&key[PRINCIPAL_TAG.len()..], value);
            }
            let text = statement.to_string();
            for (at, _) in text.match_indices("${aws:PrincipalTag/") {
                let rest = &text[at + "${aws:PrincipalTag/".len()..];
                add(rest.split('}').next().unwrap_or(""), "some-value");
            }
        }
        tags
    }
}

/// Operator, key and values of every clause.
fn clauses(statement: &Value) -> Vec<(&str, &str, Vec<String>)> {
    let Some(operators) = statement["Condition"].as_object() else { return Vec::new() };
    (operators.iter())
        .filter_map(|(operator, keys)| Some((operator, keys.as_object()?)))
        .flat_map(|(operator, keys)| {
            keys.iter().map(move |(key, values)| (operator.as_str(), key.as_str(), texts(values)))
        })
        .collect()
}

/// One or many texts; other values as their JSON.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Null => Vec::new(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => vec![value.to_string()],
    }
}

/// What the corpus knows besides.
struct Known {
    /// Action names without wildcards of each service.
    actions: BTreeMap<String, Vec<String>>,
    /// Keys, in lower case, that some set operator tests.
    lists: BTreeSet<String>,
}

impl Known {
    fn new(sources: &[Source<'_>]) -> Self {
        let mut actions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut lists = BTreeSet::new();
        for statement in sources.iter().flat_map(|source| &source.statements) {
            for action in texts(&statement["Action"]) {
                if let Some((service, name)) = action.split_once(':')
                    && !action.contains('*')
                {
                    actions.entry(service.to_owned()).or_default().insert(name.to_owned());
                }
            }
            let of_sets = clauses(statement).into_iter().filter(|(operator, _, _)| operator.starts_with("For"));
            lists.extend(of_sets.map(|(_, key, _)| key.to_ascii_lowercase()));
        }
        let actions = actions.into_iter().map(|(service, names)| (service, names.into_iter().collect())).collect();
        Self { actions, lists }
    }

    /// A concrete action that the pattern matches.
    fn action(&self, pattern: &str, random: &mut Random) -> String {
        let Some((service, name)) = pattern.split_once(':') else { return "s3:GetObject".to_owned() };
        let (head, tail) = name.split_once('*').unwrap_or((name, ""));
        if !name.contains('*') {
            return pattern.to_owned();
        }
        let names = self.actions.get(service).map_or(&[][..], Vec::as_slice);
        let matching: Vec<&String> = (names.iter())
            .filter(|name| name.len() >= head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail))
            .collect();
        match matching.as_slice() {
            [] => format!("{service}:{}", name.replace('*', "Thing")),
            several => format!("{service}:{}", random.pick(several)),
        }
    }
}

fn requests(sources: &[Source<'_>], known: &Known, random: &mut Random) -> Vec<Request> {
    let of_effect = |effect: &str| -> Vec<(usize, &Value)> {
        let statements = sources.iter().enumerate();
        statements
            .flat_map(|(role, source)| source.statements.iter().map(move |statement| (role, *statement)))
            .filter(|(_, statement)| statement["Effect"] == effect)
            .collect()
    };
    let (allows, denies) = (of_effect("Allow"), of_effect("Deny"));
    let mut requests = Vec::with_capacity(COLD);
    while requests.len() < COLD {
        let aim = [Expected::Allowed, Expected::Implicit, Expected::Explicit][requests.len() % 3];
        let (role, statement) = match aim {
            Expected::Explicit if !denies.is_empty() => *random.pick(&denies),
            // Every policy as often as any other, however many statements it has.
            Expected::Allowed | Expected::Implicit | Expected::Explicit => {
                let role = random.below(sources.len());
                let own: Vec<&Value> = sources[role].statements.clone();
                (role, *random.pick(&own))
            }
        };
        let ask = Ask { source: &sources[role], role, statement, known };
        requests.extend(ask.request(aim, random));
    }
    debug_assert!(!allows.is_empty(), "policies allow something");
    requests
}

struct Ask<'a> {
    source: &'a Source<'a>,
    role: usize,
    statement: &'a Value,
    known: &'a Known,
}

impl Ask<'_> {
    /// `None` where the statement has no resource that a request of this account could name.
    fn request(&self, aim: Expected, random: &mut Random) -> Option<Request> {
        let conditions = clauses(self.statement);
        let spoilt = (aim == Expected::Implicit).then(|| random.below(3));
        let failing = (spoilt == Some(0) && !conditions.is_empty()).then(|| random.below(conditions.len()));
        let mut action = match texts(&self.statement["Action"]).as_slice() {
            [] => "cloudtrail:LookupEvents".to_owned(),
            patterns => self.known.action(&patterns[random.below(patterns.len())], random),
        };
        let mut resource = self.resource(&action, random)?;
        let unknown_action = || action.replacen(':', ":Undo", 1);
        match spoilt {
            // Without a condition that fails: an action that the statement does not name.
            Some(0) if failing.is_some() => {}
            Some(2) if !resource.ends_with('*') && random.percent(20) => {
                let end = resource.rfind([':', '/']).map_or(0, |at| at + 1);
                resource.replace_range(end.., "an-unknown-name");
            }
            Some(_) => action = unknown_action(),
            None => {}
        }
        let mut context: Vec<(String, Given)> = Vec::with_capacity(5);
        for (at, (operator, key, values)) in conditions.iter().enumerate() {
            if context.len() < 5
                && !context.iter().any(|(known, _)| known.eq_ignore_ascii_case(key))
                && let Some(value) = self.value(
                    operator,
                    key,
                    values,
                    if failing == Some(at) { Wanted::Fails } else { Wanted::Holds },
                    random,
                )
            {
                context.push(((*key).to_owned(), value));
            }
        }
        let first = random.below(USUAL.len());
        for at in 0..USUAL.len() {
            let (key, value) = USUAL[(first + at) % USUAL.len()];
            let tested = conditions.iter().any(|(_, tested, _)| tested.eq_ignore_ascii_case(key));
            if context.len() < 5 && !tested {
                context.push((key.to_owned(), Given::One(value.to_owned())));
            }
        }
        let shift = random.below(context.len());
        context.rotate_left(shift);
        let principal = session(&self.source.role, &format!("i-{:016x}", random.bits()));
        Some(Request { principal, role: self.role, action, resource, context, expected: aim })
    }

    /// Leaves out what only another account, a key policy or a trust policy could decide, and patterns whose
    /// wildcards would have to stand for a colon.
    fn resource(&self, action: &str, random: &mut Random) -> Option<String> {
        let service = action.split(':').next().unwrap_or("s3");
        let patterns = texts(&self.statement["Resource"]);
        let pattern = if patterns.is_empty() { "*" } else { &patterns[random.below(patterns.len())] };
        if pattern == "*" {
            let needs_policy = matches!(service, "kms" | "sts");
            return Some(if random.percent(50) || needs_policy {
                "*".to_owned()
            } else {
                fill(&format!("arn:aws:{service}:*:*:thing/*"), ACCOUNT, REGION, random)
            });
        }
        let expanded = self.expand(pattern)?;
        let fields: Vec<&str> = expanded.splitn(6, ':').collect();
        let [_, _, _, _, owner, resource] = fields[..] else { return None };
        let is_own = matches!(owner, "" | "*" | "aws" | ACCOUNT);
        let needs_policy = service == "kms" && resource.starts_with("key") || service == "sts";
        (is_own && !needs_policy).then(|| fill(&expanded, ACCOUNT, REGION, random))
    }

    /// The text with variables replaced; `None` if one has no value.
    fn expand(&self, pattern: &str) -> Option<String> {
        let mut text = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}')?;
            text.push_str(before);
            let name = name.to_ascii_lowercase();
            match name.strip_prefix(PRINCIPAL_TAG) {
                Some(tag) => {
                    let mut tags = self.source.tags.iter();
                    text.push_str(tags.find(|(known, _)| known.eq_ignore_ascii_case(tag))?.1);
                }
                None if name == "aws:principalaccount" || name == "aws:resourceaccount" => text.push_str(ACCOUNT),
                None => return None,
            }
            rest = behind;
        }
        text.push_str(rest);
        Some(text)
    }

    /// A value that satisfies the clause, or fails it; `None` where the key is to be missing or is not the request's.
    fn value(
        &self,
        operator: &str,
        key: &str,
        values: &[String],
        wanted: Wanted,
        random: &mut Random,
    ) -> Option<Given> {
        let fail = matches!(wanted, Wanted::Fails);
        let lower = key.to_ascii_lowercase();
        let derived = ["aws:resourceaccount", "aws:principalaccount", "aws:principalarn", "aws:userid"];
        if derived.contains(&lower.as_str()) || lower.starts_with(PRINCIPAL_TAG) {
            return None;
        }
        let value = values.first().and_then(|value| self.expand(value)).unwrap_or_else(|| "some-value".to_owned());
        let is_negated = operator.contains("Not");
        let text = match operator {
            "Null" if (value == "true") != fail => return None,
            "Null" => "some-value".to_owned(),
            _ if fail == is_negated && value.starts_with("arn:") => fill(&value, ACCOUNT, REGION, random),
            _ if fail == is_negated && operator.contains("Like") => fill_field(&value, random),
            _ if fail == is_negated => value,
            "Bool" | "BoolIfExists" => (if value == "true" { "false" } else { "true" }).to_owned(),
            _ if operator.contains("Numeric") => "0".to_owned(),
            _ if operator.contains("Arn") => format!("arn:aws:sqs:{REGION}:{ACCOUNT}:another"),
            _ => "something-else".to_owned(),
        };
        Some(if self.known.lists.contains(&lower) { Given::Many(vec![text]) } else { Given::One(text) })
    }
}

/// What a value is to do to a clause.
#[derive(Clone, Copy)]
enum Wanted {
    Holds,
    Fails,
}

const USUAL: &[(&str, &str)] = &[
    ("aws:RequestedRegion", REGION),
    ("aws:SecureTransport", "true"),
    ("aws:SourceIp", "10.31.7.119"),
    ("aws:UserAgent", "aws-sdk-rust/1.3.3 os/linux lang/rust/1.95.0"),
    ("aws:SourceVpce", "vpce-0a1b2c3d4e5f60718"),
    ("aws:CurrentTime", "2026-03-04T05:06:07Z"),
    ("aws:TokenIssueTime", "2026-03-04T04:59:00Z"),
    ("aws:MultiFactorAuthPresent", "true"),
    ("aws:ResourceTag/Name", "web-7"),
    ("aws:ResourceTag/Environment", "prod"),
];
