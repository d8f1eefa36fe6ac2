//! The optimizer changes no answer: random policies over a tiny alphabet, compiled with and without it.

use super::worlds::{ALICE, Random, build, document, lenient, world};
use iamc::world::PolicyType;
use iamc::{Level, Principal, Request, Semantics, Tables, Value};

const ACTIONS: [&str; 16] = [
    "*",
    "s3:*",
    "s3:Get*",
    "s3:GetObject",
    "s3:GetO*",
    "S3:getobject*",
    "s3:*Object",
    "s3:G?t*",
    "s3:Put*",
    "s3:P",
    "e:*",
    "e:a",
    "e:a*",
    "e:*a",
    "s:*",
    "s3:GetObjectTagging",
];

const RESOURCES: [&str; 12] = [
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/a*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::b/*/a",
    "arn:aws:s3:::b/é?",
    "arn:aws:s3:::b/${k:v}",
    "arn:aws:s3:::b/${k:v}/*",
    "arn:aws:s3:*:*:b",
    "arn:aws:s3:::b/?",
    "arn:aws:e:::*a*b*",
];

const CONDITIONS: [&str; 7] = [
    r#""StringEquals":{"k:v":"a"}"#,
    r#""StringEquals":{"k:v":["a","b"]}"#,
    r#""StringNotLike":{"k:v":"a*"}"#,
    r#""Null":{"k:w":"true"}"#,
    r#""ForAllValues:StringLike":{"k:w":["é*","a"]}"#,
    r#""NumericLessThanIfExists":{"k:n":"5"}"#,
    r#""StringLike":{"k:v":"${k:w}*"}"#,
];

/// Where a request may ask: also actions that no policy names.
const ASKED: [&str; 12] = [
    "s3:GetObject",
    "S3:GETOBJECT",
    "s3:GetObjectTagging",
    "s3:Get",
    "s3:GetObjec",
    "s3:PutObject",
    "s3:P",
    "s3:gét",
    "e:a",
    "e:ba",
    "x:y",
    "s:x",
];

const ASKED_RESOURCES: [&str; 10] = [
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/",
    "arn:aws:s3:::b/a",
    "arn:aws:s3:::b/é",
    "arn:aws:s3:::b/éa",
    "arn:aws:s3:::b/a/a",
    "arn:aws:s3:::b/b/c/a",
    "arn:aws:e:::xaxbx",
    "arn:aws:s3:r:111122223333:b",
];

fn list(random: &mut Random, values: &[&str]) -> String {
    let count = 1 + random.below(3);
    let picked: Vec<String> = (0..count).map(|_| format!("\"{}\"", random.pick(values))).collect();
    format!("[{}]", picked.join(","))
}

fn statement(random: &mut Random) -> String {
    let effect = if random.once_in(3) { "Deny" } else { "Allow" };
    let action = if random.once_in(4) { "NotAction" } else { "Action" };
    let resource = if random.once_in(4) { "NotResource" } else { "Resource" };
    let (actions, resources) = (list(random, &ACTIONS), list(random, &RESOURCES));
    let condition = match random.below(3) {
        0 => format!(r#","Condition":{{{}}}"#, random.pick(&CONDITIONS)),
        _ => String::new(),
    };
    format!(r#"{{"Effect":"{effect}","{action}":{actions},"{resource}":{resources}{condition}}}"#)
}

/// Statements of three policies.
fn policies(random: &mut Random) -> Vec<Vec<String>> {
    let mut policies: Vec<Vec<String>> =
        (0..3).map(|_| (0..=random.below(5)).map(|_| statement(random)).collect()).collect();
    if random.once_in(3) {
        let repeated = policies[0][0].clone();
        policies[1].push(repeated.clone());
        policies[0].push(repeated);
    }
    policies
}

fn artifact(policies: &[Vec<String>], semantics: Semantics, level: Level) -> Vec<u8> {
    let texts: Vec<String> = policies.iter().map(|statements| document(&statements.join(","))).collect();
    let named: Vec<(&str, &str)> = ["A", "B", "C"].into_iter().zip(texts.iter().map(String::as_str)).collect();
    build(&world(&named, Some(PolicyType::Identity)), semantics, level)
}

/// Decision, blockers, and whether both ways of asking agree, for every request.
fn answers(bytes: &[u8]) -> Vec<(&'static str, Vec<&'static str>)> {
    let tables = Tables::load(bytes).unwrap();
    let contexts: [&[(&str, Value<'_>)]; 4] = [
        &[],
        &[("k:v", Value::One("a")), ("k:n", Value::One("4"))],
        &[("K:V", Value::One("é")), ("k:w", Value::List(&["éa", "a"])), ("é:é", Value::One("é"))],
        &[("k:v", Value::One("ab")), ("k:w", Value::One("a")), ("k:n", Value::One("x"))],
    ];
    let mut answers = Vec::new();
    for names in [&["A", "B", "C"][..], &["A"], &["B", "C"]] {
        for context in contexts {
            for action in ASKED {
                for resource in ASKED_RESOURCES {
                    let mut request = Request::new(Principal::User { arn: ALICE }, action, resource);
                    request.context = context;
                    request.policies = names;
                    let explanation = tables.explain(&request).unwrap();
                    assert_eq!(tables.decide(&request).name(), explanation.decision.name());
                    let blockers = explanation.blockers.implicit_order().map(iamc::terms::Layer::name).collect();
                    answers.push((explanation.decision.name(), blockers));
                }
            }
        }
    }
    answers
}

fn check_same(seed: u64, change: impl Fn(&mut Random, &[Vec<String>]) -> Vec<u8>) {
    let mut random = Random(seed);
    let mut kinds = std::collections::BTreeMap::<&str, usize>::new();
    for _ in 0..WORLDS {
        let policies = policies(&mut random);
        let expected = answers(&artifact(&policies, lenient(&[]), Level::Full));
        let found = answers(&change(&mut random, &policies));
        for (number, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(found, expected, "request {number}: {policies:#?}");
            *kinds.entry(found.0).or_default() += 1;
        }
    }
    assert!(kinds.len() == 3 && kinds.values().all(|&count| WORLDS * 10 < count), "{kinds:?}");
}

const WORLDS: usize = 25;

#[test]
fn optimized_and_raw_answer_alike() {
    check_same(1, |_, policies| artifact(policies, lenient(&[]), Level::None));
}

#[test]
fn the_order_of_statements_does_not_matter() {
    check_same(2, |random, policies| {
        let mut shuffled = policies.to_vec();
        for statements in &mut shuffled {
            for at in 1..statements.len() {
                let other = random.below(at + 1);
                statements.swap(at, other);
            }
        }
        artifact(&shuffled, lenient(&[]), Level::Full)
    });
}

#[test]
fn the_order_of_values_does_not_matter() {
    check_same(3, |_, policies| {
        let turned = |statement: &String| {
            let mut value: serde_json::Value = serde_json::from_str(statement).unwrap();
            for member in ["Action", "NotAction", "Resource", "NotResource"] {
                if let Some(list) = value.get_mut(member).and_then(serde_json::Value::as_array_mut) {
                    list.reverse();
                }
            }
            value.to_string()
        };
        let turned: Vec<Vec<String>> = policies.iter().map(|list| list.iter().map(turned).collect()).collect();
        artifact(&turned, lenient(&[]), Level::Full)
    });
}

#[test]
fn equal_input_gives_equal_bytes() {
    let mut random = Random(4);
    for level in [Level::None, Level::Full] {
        for _ in 0..20 {
            let policies = policies(&mut random);
            assert!(artifact(&policies, lenient(&[]), level) == artifact(&policies, lenient(&[]), level));
        }
    }
}
