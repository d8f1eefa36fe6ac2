//! Policies that are as bad for an index as policies can be: thousands of overlapping patterns with wildcards in the
//! middle and at the end only, `NotAction`, `NotResource`, every second statement a deny, lists of hundreds of values.
//!
//! Roles have 25 to 1,000 statements. All patterns are made of 64 words of six letters that share syllables, behind a
//! leading `*`, so that no literal prefix tells them apart, and of the texts in requests nearly every token agrees with
//! some pattern up to its last letter. Requests hit or nearly hit. The answer is by construction: an allow needs one of
//! the words in full (S3, `DynamoDB`) or the absence of `sealed` (SQS), and what is implicitly denied has only words whose
//! last letter is wrong, or `sealed`; a deny needs `shut`, the absence of `open`, EC2, an endpoint that is in no list, or
//! `frozen` in a tag, and what is not explicitly denied has none of that.

use serde_json::{Value, json};

use super::corpus::{ACCOUNT, COLD, Corpus, Expected, Given, Request, Role, pack_unlimited, session};
use super::random::Random;

const SIZES: &[usize] = &[25, 1_000, 50, 500, 100, 250];
const SYLLABLES: &[&str] = &["bal", "cor", "dim", "fen", "gul", "hop", "jar", "kit"];
const COMMON_ENDPOINT: &str = "vpce-0c0ffee0c0ffee000";

/// That many statements in roles of 25 to 1,000.
pub(crate) fn adversarial(statements: usize, seed: u64) -> Corpus {
    let mut random = Random::new(seed);
    let mut drafts: Vec<(String, Vec<Statement>)> = Vec::new();
    let mut left = statements;
    while left > 0 {
        let size = SIZES[drafts.len() % SIZES.len()].min(left);
        left -= size;
        let name = format!("hard-{:03}", drafts.len());
        let statement = |at: usize| {
            let kind = if at.is_multiple_of(2) { allow(&mut random) } else { deny(&mut random) };
            Statement::new(kind, &mut random)
        };
        let statements = (0..size).map(statement).collect();
        drafts.push((name, statements));
    }
    let requests = requests(&drafts, &mut random);
    let roles: Vec<Role> = (drafts.iter())
        .map(|(name, statements)| {
            let texts: Vec<String> = statements.iter().map(|statement| statement.json.to_string()).collect();
            Role { name: name.clone(), policies: pack_unlimited(name, &texts), boundary: None, tags: Vec::new() }
        })
        .collect();
    let summary = format!("{statements} statements, {} roles", roles.len());
    Corpus { name: "adversarial", summary, statements, roles, requests }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    AllowPatterns,
    AllowNotAction,
    AllowNotResource,
    AllowValues,
    DenyShut,
    DenyNotAction,
    DenyNotResource,
    DenyEndpoints,
    DenyFrozen,
}

fn allow(random: &mut Random) -> Kind {
    match random.below(100) {
        0..55 => Kind::AllowPatterns,
        55..70 => Kind::AllowNotAction,
        70..80 => Kind::AllowNotResource,
        _ => Kind::AllowValues,
    }
}

fn deny(random: &mut Random) -> Kind {
    match random.below(100) {
        0..50 => Kind::DenyShut,
        50..60 => Kind::DenyNotAction,
        60..75 => Kind::DenyNotResource,
        75..90 => Kind::DenyEndpoints,
        _ => Kind::DenyFrozen,
    }
}

struct Statement {
    kind: Kind,
    json: Value,
    /// Actions that match.
    actions: &'static [&'static str],
    /// Patterns of which a request fills one.
    patterns: Vec<String>,
    /// Key and values of which a request satisfies one.
    values: Option<(&'static str, Vec<String>)>,
}

const OBJECT_ACTIONS: &[(&[&str], &[&str])] = &[
    (&["s3:Get*"], &["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion"]),
    (&["s3:*Object"], &["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]),
    (&["s3:*Object*"], &["s3:GetObject", "s3:PutObjectAcl", "s3:DeleteObjectVersion"]),
    (&["s3:P*t*Acl", "s3:*Tagging"], &["s3:PutObjectAcl", "s3:PutObjectVersionAcl", "s3:GetObjectTagging"]),
    (&["s3:GetObject", "s3:PutObject"], &["s3:GetObject", "s3:PutObject"]),
    (&["s3:*"], &["s3:GetObject", "s3:PutObjectTagging", "s3:RestoreObject"]),
];
const QUEUE_ACTIONS: &[&str] = &["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"];
const ITEM_ACTIONS: &[&str] = &["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:UpdateItem"];
const MACHINE_ACTIONS: &[&str] = &["ec2:RunInstances", "ec2:TerminateInstances", "ec2:CreateTags"];

impl Statement {
    fn new(kind: Kind, random: &mut Random) -> Self {
        let effect = |effect: &str, body: Value| {
            let mut statement = json!({ "Effect": effect });
            statement.as_object_mut().expect("an object").extend(body.as_object().expect("an object").clone());
            statement
        };
        let (patterned, object_actions) = *random.pick(OBJECT_ACTIONS);
        let count = 1 + random.below(6);
        match kind {
            Kind::AllowPatterns => {
                let patterns: Vec<String> = (0..count).map(|_| pattern(random)).collect();
                let json = effect("Allow", json!({ "Action": patterned, "Resource": patterns }));
                Self { kind, json, actions: object_actions, patterns, values: None }
            }
            Kind::AllowNotAction => {
                let patterns: Vec<String> = (0..count).map(|_| pattern(random)).collect();
                let excluded = ["s3:Delete*", "iam:*", "ec2:*", "sqs:*", "dynamodb:*", "s3:*Policy"];
                let json = effect("Allow", json!({ "NotAction": excluded, "Resource": patterns }));
                let actions = &["s3:GetObject", "s3:PutObject", "s3:GetObjectTagging"];
                Self { kind, json, actions, patterns, values: None }
            }
            Kind::AllowNotResource => {
                let mut entries = vec!["arn:aws:sqs:*:*:*sealed*".to_owned()];
                entries.extend((0..count * 3).map(|_| format!("arn:aws:sqs:*:*:*{}*{}*", word(random), word(random))));
                let json = effect("Allow", json!({ "Action": ["sqs:*Message"], "NotResource": entries }));
                Self {
                    kind,
                    json,
                    actions: QUEUE_ACTIONS,
                    patterns: vec!["arn:aws:sqs:*:*:*".to_owned()],
                    values: None,
                }
            }
            Kind::AllowValues => {
                let patterns = vec![format!("arn:aws:dynamodb:*:*:table/*{}*", word(random))];
                let (operator, key, values) = if random.percent(50) {
                    let value = |random: &mut Random| format!("*{}*/{}*", word(random), word(random));
                    ("StringLike", "aws:ResourceTag/path", list(random, value))
                } else {
                    let value = |random: &mut Random| format!("code-{:016x}", random.bits());
                    ("StringEquals", "aws:ResourceTag/code", list(random, value))
                };
                let json = effect(
                    "Allow",
                    json!({ "Action": "dynamodb:*Item", "Resource": patterns, "Condition": { operator: { key: values } } }),
                );
                Self { kind, json, actions: ITEM_ACTIONS, patterns, values: Some((key, values)) }
            }
            Kind::DenyShut => {
                let patterns: Vec<String> = (0..count).map(|_| shut(random)).collect();
                let body = if random.percent(30) {
                    json!({ "NotAction": ["sqs:*", "dynamodb:*", "ec2:*", "s3:List*"], "Resource": patterns })
                } else {
                    json!({ "Action": patterned, "Resource": patterns })
                };
                Self { kind, json: effect("Deny", body), actions: object_actions, patterns, values: None }
            }
            Kind::DenyNotAction => {
                let resource = *random.pick(&["*", "arn:aws:ec2:*:*:*", "arn:aws:ec2:*:*:instance/*"]);
                let body = json!({ "NotAction": ["s3:*", "sqs:*", "dynamodb:*"], "Resource": resource });
                let patterns = vec!["arn:aws:ec2:*:*:instance/*".to_owned()];
                Self { kind, json: effect("Deny", body), actions: MACHINE_ACTIONS, patterns, values: None }
            }
            Kind::DenyNotResource => {
                let mut entries = vec!["arn:aws:s3:::*open*".to_owned()];
                entries.extend((0..count * 3).map(|_| pattern(random).replace(":::", ":::open*")));
                let json = effect("Deny", json!({ "Action": "s3:*Object*", "NotResource": entries }));
                let actions = &["s3:GetObject", "s3:PutObjectAcl", "s3:DeleteObjectVersion"];
                Self { kind, json, actions, patterns: vec!["arn:aws:s3:::*".to_owned()], values: None }
            }
            Kind::DenyEndpoints => {
                let mut values = list(random, |random| format!("vpce-{:017x}", random.bits() >> 4));
                let at = random.below(values.len());
                values.insert(at, COMMON_ENDPOINT.to_owned());
                let condition = json!({ "StringNotEquals": { "aws:SourceVpce": values } });
                let body = json!({ "Action": "dynamodb:*", "Resource": "*", "Condition": condition });
                let patterns = vec!["arn:aws:dynamodb:*:*:table/*".to_owned()];
                Self { kind, json: effect("Deny", body), actions: ITEM_ACTIONS, patterns, values: None }
            }
            Kind::DenyFrozen => {
                let values = list(random, |random| format!("*{}*frozen*{}*", word(random), word(random)));
                let condition = json!({ "StringLike": { "aws:ResourceTag/class": values } });
                let body = json!({ "Action": "sqs:*", "Resource": "arn:aws:sqs:*", "Condition": condition });
                let patterns = vec!["arn:aws:sqs:*:*:*".to_owned()];
                let values = Some(("aws:ResourceTag/class", values));
                Self { kind, json: effect("Deny", body), actions: QUEUE_ACTIONS, patterns, values }
            }
        }
    }
}

/// Hundreds of values.
fn list(random: &mut Random, mut value: impl FnMut(&mut Random) -> String) -> Vec<String> {
    let count = 100 + random.below(300);
    (0..count).map(|_| value(random)).collect()
}

fn word(random: &mut Random) -> String {
    format!("{}{}", random.pick(SYLLABLES), random.pick(SYLLABLES))
}

/// A word that is none: its last letter is wrong.
fn nearly(word: &str) -> String {
    format!("{}z", &word[..word.len() - 1])
}

/// Tokens that agree with words up to the last letter.
fn noise(random: &mut Random) -> String {
    let count = 1 + random.below(4);
    let tokens: Vec<String> = (0..count).map(|_| nearly(&word(random))).collect();
    tokens.join("-")
}

fn pattern(random: &mut Random) -> String {
    let mut next = || word(random);
    let (one, two, three, four) = (next(), next(), next(), next());
    match random.below(5) {
        0 => format!("arn:aws:s3:::*{one}*{two}*"),
        1 => format!("arn:aws:s3:::*-{one}-{two}"),
        2 => format!("arn:aws:s3:::*{one}*/*{two}*.log"),
        3 => format!("arn:aws:s3:::*{one}*{two}*{three}*{four}"),
        _ => format!("arn:aws:s3:::*{one}*"),
    }
}

fn shut(random: &mut Random) -> String {
    let (one, two) = (word(random), word(random));
    match random.below(4) {
        0 => format!("arn:aws:s3:::*shut*{one}*"),
        1 => format!("arn:aws:s3:::*{one}*shut"),
        2 => format!("arn:aws:s3:::*{one}*/shut/*{two}*"),
        _ => format!("arn:aws:s3:::*{one}*{two}*-shut-*"),
    }
}

/// A text that the pattern matches; `first` stands in what its first free wildcard matches.
fn fill(pattern: &str, first: &str, random: &mut Random) -> String {
    let pattern = pattern.replacen("*:*:", &format!("us-east-1:{ACCOUNT}:"), 1);
    let mut text = String::new();
    let mut pieces = pattern.split('*');
    text.push_str(pieces.next().unwrap_or(""));
    for (at, piece) in pieces.enumerate() {
        if at == 0 {
            text.push_str(&noise(random));
            text.push_str(first);
        } else {
            text.push('-');
        }
        text.push_str(&noise(random));
        // Patterns have a word, a `-` or a `/` after a wildcard; a token must not run into a word.
        if piece.starts_with(|character: char| character.is_ascii_lowercase()) {
            text.push('-');
        }
        text.push_str(piece);
    }
    text
}

/// The pattern with every word spoilt.
fn spoil(pattern: &str) -> String {
    let mut text = pattern.to_owned();
    for one in SYLLABLES {
        for two in SYLLABLES {
            let word = format!("{one}{two}");
            text = text.replace(&word, &nearly(&word));
        }
    }
    text
}

fn requests(drafts: &[(String, Vec<Statement>)], random: &mut Random) -> Vec<Request> {
    (0..COLD)
        .map(|number| {
            let role = number / 3 % drafts.len();
            let wanted = [Expected::Allowed, Expected::Implicit, Expected::Explicit][number % 3];
            let (name, statements) = &drafts[role];
            let fits: Vec<&Statement> = (statements.iter())
                .filter(|statement| (statement.json["Effect"] == "Deny") == (wanted == Expected::Explicit))
                .collect();
            match fits.as_slice() {
                [] => request(role, name, &statements[0], Expected::Implicit, random),
                fits => request(role, name, fits[random.below(fits.len())], wanted, random),
            }
        })
        .collect()
}

fn request(role: usize, name: &str, statement: &Statement, expected: Expected, random: &mut Random) -> Request {
    let chosen = random.pick(&statement.patterns).clone();
    let misses = expected == Expected::Implicit;
    let is_by_value = misses && statement.values.is_some() && random.percent(70);
    let pattern = if misses && !is_by_value { spoil(&chosen) } else { chosen };
    let first = match statement.kind {
        Kind::AllowNotResource if misses => "-sealed-",
        Kind::DenyNotResource => "-",
        _ => "-open-",
    };
    let resource = fill(&pattern, first, random);
    let endpoint = match statement.kind {
        Kind::DenyEndpoints => format!("vpce-{:017x}", random.bits() >> 4),
        _ => COMMON_ENDPOINT.to_owned(),
    };
    let mut context = vec![
        ("aws:SourceVpce".to_owned(), Given::One(endpoint)),
        ("aws:ResourceTag/path".to_owned(), Given::One(format!("{}/{}", noise(random), noise(random)))),
        ("aws:ResourceTag/class".to_owned(), Given::One(noise(random))),
        ("aws:ResourceTag/code".to_owned(), Given::One(format!("code-{:016x}", random.bits()))),
        ("aws:SecureTransport".to_owned(), Given::One("true".to_owned())),
    ];
    if let Some((key, values)) = &statement.values {
        let value = random.pick(values);
        let value = if is_by_value && value.contains('*') {
            fill(&spoil(value), "-", random)
        } else if is_by_value {
            format!("{}z", &value[..value.len() - 1])
        } else {
            fill(value, "-", random)
        };
        let entry = context.iter_mut().find(|(name, _)| name == key).expect("every tested key is given");
        entry.1 = Given::One(value);
    }
    let shift = random.below(context.len());
    context.rotate_left(shift);
    let action = (*random.pick(statement.actions)).to_owned();
    let principal = session(name, &format!("i-{:016x}", random.bits()));
    Request { principal, role, action, resource, context, expected }
}
