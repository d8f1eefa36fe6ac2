//! The optimizer changes no answer: random policies over a tiny alphabet, compiled with and without it.

use super::worlds::{ALICE, APP, Random, build, document, lenient, world};
use iamc::provenance::Provenance;
use iamc::world::PolicyType;
use iamc::{Level, Principal, Request, Semantics, Tables, Value, scenario};
use std::collections::BTreeMap;

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

const RESOURCES: [&str; 15] = [
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
    "arn:aws:s3:::b/${k:v}/a",
    "arn:aws:s3:::b/a?*",
    "arn:aws:e:::*xb*",
];

/// Values of `k:v` and `k:w` in requests, near misses among them.
const VALUES: [&str; 12] = ["a", "b", "é", "éa", "ab", "", "a*", "aa", "b1", "b12", "v7", "V7"];

/// Patterns of long lists: some that match the values above, some that nearly do, some with variables.
const LIKE: [&str; 16] =
    ["a", "b*", "é?", "*a", "", "v?", "?7", "b1?", "a*b", "*", "${k:w}*", "${*}", "x*y", "v7", "a?", "${k:w, 'b'}"];

/// A test with more values than are compared one by one.
fn long_condition(random: &mut Random) -> String {
    let qualifier = random.pick(&["", "", "ForAllValues:", "ForAnyValue:"]);
    let suffix = random.pick(&["", "", "IfExists"]);
    let operator = random.pick(&["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"]);
    let key = random.pick(&["k:v", "k:w"]);
    let count = 9 + random.below(16);
    let mut values: Vec<String> = (0..count)
        .map(|at| match random.below(4) {
            0 => (*random.pick(&VALUES)).to_owned(),
            1 if operator.ends_with("Like") => (*random.pick(&LIKE)).to_owned(),
            2 if random.once_in(4) => (*random.pick(&["${k:w}", "${k:n}", "${k:w, 'a'}", "${$}x"])).to_owned(),
            _ if operator.ends_with("Like") => format!("v{at}{}", random.pick(&["", "*", "?", "*x"])),
            _ => format!("v{at}"),
        })
        .collect();
    // Equal values are one; so that the list stays long.
    values.extend((0..9).map(|at| format!("w{at}")));
    let values: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
    format!(r#""{qualifier}{operator}{suffix}":{{"{key}":[{}]}}"#, values.join(","))
}

const CONDITIONS: [&str; 8] = [
    r#""StringEquals":{"k:v":"a"}"#,
    r#""StringEquals":{"k:v":["a","b"]}"#,
    r#""StringNotLike":{"k:v":"a*"}"#,
    r#""Null":{"k:w":"true"}"#,
    r#""ForAllValues:StringLike":{"k:w":["é*","a"]}"#,
    r#""NumericLessThanIfExists":{"k:n":"5"}"#,
    r#""StringLike":{"k:v":"${k:w}*"}"#,
    r#""StringEquals":{"k:v":"a"},"Null":{"k:w":"true"}"#,
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
    if random.once_in(8) {
        let (effect, action) = (random.pick(&["Allow", "Deny"]), random.pick(&["s3:*", "e:*", "s3:Get*"]));
        return format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"*"}}"#);
    }
    let effect = if random.once_in(3) { "Deny" } else { "Allow" };
    let action = if random.once_in(4) { "NotAction" } else { "Action" };
    let resource = if random.once_in(4) { "NotResource" } else { "Resource" };
    let (actions, resources) = (list(random, &ACTIONS), list(random, &RESOURCES));
    let condition = match random.below(6) {
        0 => format!(r#","Condition":{{{}}}"#, long_condition(random)),
        1 | 2 => format!(r#","Condition":{{{}}}"#, random.pick(&CONDITIONS)),
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
    let mut kinds = BTreeMap::<&str, usize>::new();
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

/// What each pass did to an artifact.
fn passes(bytes: &[u8]) -> Vec<(String, u64)> {
    Provenance::read(Tables::load(bytes).unwrap().provenance()).unwrap().passes
}

/// What one pass did, by a part of its name.
fn count(bytes: &[u8], pass: &str) -> u64 {
    let found = passes(bytes).into_iter().filter(|(name, _)| name.contains(pass)).collect::<Vec<_>>();
    assert_eq!(found.len(), 1, "{pass}");
    found[0].1
}

const ENTRIES: &str = "entries that a wider entry";
const EQUAL: &str = "equal to another";
const COVERED: &str = "a wider one covers";
const DENIED: &str = "an unconditional deny covers";
const LAYERS: &str = "layers that change nothing";
const UNASKED: &str = "allows of resource control policies";
const ALL: &str = "bundles that allow everything";
const LISTS: &str = "long lists of values";

#[test]
fn every_pass_fires_among_random_policies() {
    let mut random = Random(5);
    let mut sums = BTreeMap::<String, u64>::new();
    for _ in 0..8 * WORLDS {
        let policies = policies(&mut random);
        for (name, removed) in passes(&artifact(&policies, lenient(&[]), Level::Full)) {
            *sums.entry(name).or_default() += removed;
        }
    }
    // Layers are for scenarios.
    let quiet = sums.iter().filter(|(_, sum)| **sum < 20).map(|(name, _)| name.as_str()).collect::<Vec<_>>();
    assert!(quiet.iter().all(|name| [LAYERS, UNASKED, ALL].contains(name)), "{sums:?}");
}

const WORLDS: usize = 25;

/// Values are searched, and variables and null values beside them: each list by itself, with every value.
#[test]
fn long_lists_of_values_answer_alike() {
    let mut random = Random(8);
    let (mut lists, mut allowed, mut denied) = (0, 0, 0);
    for _ in 0..150 {
        let conditions: Vec<String> = (0..3).map(|_| long_condition(&mut random)).collect();
        let statements = |condition: &String| {
            vec![format!(r#"{{"Effect":"Allow","Action":"e:a","Resource":"*","Condition":{{{condition}}}}}"#)]
        };
        let policies: Vec<Vec<String>> = conditions.iter().map(statements).collect();
        let switches = [("variable_wildcards", *random.pick(&["literal", "active"]))];
        let [raw, made] = [Level::None, Level::Full].map(|level| artifact(&policies, lenient(&switches), level));
        lists += count(&made, LISTS);
        let [raw, made] = [&raw, &made].map(|bytes| Tables::load(bytes).unwrap());
        let mut ask = |context: &[(&str, Value<'_>)]| {
            for name in ["A", "B", "C"] {
                let names = [name];
                let request = Request::new(Principal::Nameless, "e:a", "*").context(context).policies(&names);
                let expected = raw.explain(&request).unwrap().decision.name();
                assert_eq!(made.explain(&request).unwrap().decision.name(), expected, "{context:?} {conditions:#?}");
                assert_eq!(made.decide(&request).is_allowed(), expected == "allowed");
                *if expected == "allowed" { &mut allowed } else { &mut denied } += 1;
            }
        };
        ask(&[]);
        for value in VALUES {
            ask(&[("k:v", Value::One(value))]);
            ask(&[("k:w", Value::One(value))]);
            let other = *random.pick(&VALUES);
            ask(&[("k:v", Value::List(&[value, other])), ("k:w", Value::One(other))]);
            ask(&[("k:v", Value::One(other)), ("k:w", Value::List(&[value, other, "w3"]))]);
            ask(&[("k:v", Value::List(&[])), ("k:w", Value::One(value)), ("k:n", Value::One(other))]);
        }
    }
    assert!(300 < lists && 3_000 < allowed && 3_000 < denied, "{lists} {allowed} {denied}");
}

/// What is compared with lists of ARN patterns: ARNs, and texts that are none (R-CON-27).
const ARN_VALUES: [&str; 14] = [
    "arn:aws:iam::111122223333:role/a",
    "arn:aws:iam::111122223333:role/a/b:c",
    "arn:aws:iam::222222222222:role/b",
    "arn:aws:iam:::role/a",
    "arn:aws:iam:x::role/a",
    "arn:aws:iam:x:111122223333:a",
    "arn::::111122223333:role/a",
    "arn:aws:iam::111122223333:",
    "arn:aws:iam::111122223333",
    "aarn:aws:iam::111122223333:role/a",
    "arn",
    "role/a",
    "*",
    "",
];

/// A pattern of ARNs; wildcards of the first five components take no colon (R-CON-26).
fn arn_pattern(random: &mut Random) -> String {
    let parts: [&[&str]; 5] = [
        &["aws", "aws", "*", ""],
        &["iam", "iam", "i*", "*", "i?m", ""],
        &["", "", "*", "?", "x"],
        &["111122223333", "111122223333", "*", "1*3", "??????222222", ""],
        &["role/a", "role/*", "*", "role/?", "*a", "*:c", "a", "", "${k:w}", "r*${k:w}", "${*}"],
    ];
    let parts = parts.map(|choices| *random.pick(choices));
    let whole = format!("arn:{}", parts.join(":"));
    // Some are no ARNs; lenient policies may hold them.
    if random.once_in(40) { (*random.pick(&["*", "role/a", "arn:aws:iam:*:role/a"])).to_owned() } else { whole }
}

/// ARNs are searched as texts are, and what cannot be parsed on either side counts as it does value by value, which
/// differs by effect and negation.
#[test]
fn long_lists_of_arns_answer_alike() {
    let mut random = Random(9);
    let (mut lists, mut kinds) = (0, BTreeMap::<&str, usize>::new());
    for _ in 0..150 {
        let operator =
            *random.pick(&["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLikeIfExists", "ForAllValues:ArnLike"]);
        let mut values: Vec<String> = (0..3 + random.below(12)).map(|_| arn_pattern(&mut random)).collect();
        values.extend((0..9).map(|at| format!("arn:aws:iam::111122223333:role/r{at}")));
        let condition = format!(r#""Condition":{{"{operator}":{{"k:v":{}}}}}"#, serde_json::json!(values));
        let effect = *random.pick(&["Allow", "Deny"]);
        let all = r#"{"Effect":"Allow","Action":"e:*","Resource":"*"}"#.to_owned();
        let one = format!(r#"{{"Effect":"{effect}","Action":"e:a","Resource":"*",{condition}}}"#);
        let policies = vec![if effect == "Deny" { vec![all, one] } else { vec![one] }, vec![], vec![]];
        let switches = [
            ("arnlike_bare_star", *random.pick(&["no_match", "match"])),
            ("unparsable_value", *random.pick(&["fail_closed", "false"])),
        ];
        let [raw, made] = [Level::None, Level::Full].map(|level| artifact(&policies, lenient(&switches), level));
        lists += count(&made, LISTS);
        let [raw, made] = [&raw, &made].map(|bytes| Tables::load(bytes).unwrap());
        for value in ARN_VALUES {
            for (given, other) in [(Value::One(value), "role/a"), (Value::List(&[value, ARN_VALUES[0]]), "a")] {
                let context = [("k:v", given), ("k:w", Value::One(other))];
                let request = Request::new(Principal::Nameless, "e:a", "*").context(&context).policies(&["A"]);
                let expected = raw.explain(&request).unwrap().decision.name();
                assert_eq!(made.explain(&request).unwrap().decision.name(), expected, "{context:?} {policies:#?}");
                assert_eq!(made.decide(&request).name(), expected);
                *kinds.entry(expected).or_default() += 1;
            }
        }
    }
    assert!(100 < lists && kinds.len() == 3 && kinds.values().all(|&count| 300 < count), "{lists} {kinds:?}");
}

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

/// What a pass does to one identity policy of these statements; `switches` beside `validation` = `lenient`.
fn check_switched(pass: &str, statements: &[&str], switches: &[(&str, &str)], expected: u64) {
    let text = document(&statements.join(","));
    let bytes = build(&world(&[("P", &text)], Some(PolicyType::Identity)), lenient(switches), Level::Full);
    assert_eq!(count(&bytes, pass), expected, "{statements:?}");
}

fn check(pass: &str, statements: &[&str], expected: u64) {
    check_switched(pass, statements, &[], expected);
}

/// A statement of an action and a resource list, with a condition.
fn made(effect: &str, action: &str, resource: &str, condition: &str) -> String {
    let condition = if condition.is_empty() { String::new() } else { format!(r#","Condition":{{{condition}}}"#) };
    format!(r#"{{"Effect":"{effect}",{action},{resource}{condition}}}"#)
}

#[test]
fn entries_that_a_wider_one_includes_go() {
    let actions = |list: &str, expected| {
        check(ENTRIES, &[&made("Allow", &format!(r#""Action":{list}"#), r#""Resource":"*""#, "")], expected);
        check(ENTRIES, &[&made("Allow", &format!(r#""NotAction":{list}"#), r#""Resource":"*""#, "")], expected);
    };
    actions(r#"["s3:*","s3:Get*","S3:GetObject"]"#, 2);
    actions(r#"["s3:*Object","s3:Get*Object","s3:GetObjects"]"#, 1);
    actions(r#"["s3:Get*","s3:Put*","ec2:Get*"]"#, 0);
    // `?*` and `*?` match the same; one of them stays.
    actions(r#"["s3:?*","s3:*?"]"#, 1);
    let resources = |list: &str, expected| {
        check(ENTRIES, &[&made("Allow", r#""Action":"s3:*""#, &format!(r#""Resource":{list}"#), "")], expected);
        check(ENTRIES, &[&made("Deny", r#""Action":"s3:*""#, &format!(r#""NotResource":{list}"#), "")], expected);
    };
    resources(r#"["arn:aws:s3:::b/*","arn:aws:s3:::b/k/*","arn:aws:s3:::b/k/*.txt","arn:aws:s3:::b"]"#, 2);
    resources(r#"["*","arn:aws:s3:::b","arn:aws:s3:::b/${k:v}"]"#, 2);
    // R-ARN-9: the star of the first crosses `:`, and it is not the last of its component in the second.
    resources(r#"["arn:aws:sqs:*:*:q","arn:aws:sqs:*:q"]"#, 1);
    resources(r#"["arn:aws:sqs:a:b:q","arn:aws:sqs:*b:q:*"]"#, 0);
    // R-VAR-8: what has no value matches nothing, so it may go but nothing may go for it.
    resources(r#"["arn:aws:s3:::b/${k:v}","arn:aws:s3:::b/*"]"#, 1);
    resources(r#"["arn:aws:s3:::b/x","arn:aws:s3:::b/${k:v}*"]"#, 0);
    resources(r#"["arn:aws:s3:::b/${k:v}/a","arn:aws:s3:::b/${k:v}/*"]"#, 1);
    resources(r#"["arn:aws:s3:::b/${k:v}/a","arn:aws:s3:::b/${k:w}/*"]"#, 0);
    resources(r#"["arn:aws:s3:::b/${k:v, 'd'}/a","arn:aws:s3:::b/${k:v}/*"]"#, 0);
}

#[test]
fn entries_of_not_resource_stay_where_a_null_variable_stops_the_statement() {
    let statement = made(
        "Deny",
        r#""Action":"*""#,
        r#""NotResource":["arn:aws:s3:::b/${k:v}","arn:aws:s3:::b/*","arn:aws:s3:::b/k"]"#,
        "",
    );
    check_switched(ENTRIES, &[&statement], &[], 2);
    check_switched(ENTRIES, &[&statement], &[("null_variable_in_notresource", "no_match")], 1);
}

const ON_ALL: &str = r#""Resource":"*""#;
const IN_B: &str = r#""Resource":"arn:aws:s3:::b/*""#;

#[test]
fn statements_that_a_wider_one_covers_go() {
    let get = r#""Action":"s3:GetObject""#;
    let all = r#""Action":["s3:*","ec2:*"]"#;
    let [red, big, both] = [CONDITIONS[0], CONDITIONS[3], CONDITIONS[7]];
    let pair = |one: String, other: String, expected| {
        check(COVERED, &[&one, &other], expected);
        check(COVERED, &[&other, &one], expected);
    };
    for effect in ["Allow", "Deny"] {
        pair(made(effect, get, IN_B, ""), made(effect, all, ON_ALL, ""), 1);
        pair(made(effect, get, IN_B, red), made(effect, all, ON_ALL, ""), 1);
        pair(made(effect, get, IN_B, red), made(effect, all, ON_ALL, red), 1);
        pair(made(effect, get, IN_B, both), made(effect, all, ON_ALL, red), 1);
        pair(made(effect, get, IN_B, both), made(effect, all, ON_ALL, big), 1);
        // One with a condition never stands for one without, nor one with more for one with fewer.
        pair(made(effect, get, IN_B, ""), made(effect, all, ON_ALL, red), 0);
        pair(made(effect, get, IN_B, red), made(effect, all, ON_ALL, both), 0);
        pair(made(effect, get, IN_B, red), made(effect, all, ON_ALL, big), 0);
        pair(made(effect, get, ON_ALL, ""), made(effect, all, IN_B, ""), 0);
    }
    pair(made("Deny", get, IN_B, ""), made("Allow", all, ON_ALL, ""), 0);
    // R-ACT-10, R-ARN-15.
    let not_iam = r#""NotAction":["iam:*","sts:GetCallerIdentity"]"#;
    pair(made("Allow", get, IN_B, ""), made("Allow", not_iam, ON_ALL, ""), 1);
    pair(made("Allow", r#""Action":"iam:GetUser""#, IN_B, ""), made("Allow", not_iam, ON_ALL, ""), 0);
    pair(made("Allow", r#""Action":"i*:GetUser""#, IN_B, ""), made("Allow", not_iam, ON_ALL, ""), 0);
    pair(made("Allow", not_iam, ON_ALL, ""), made("Allow", r#""NotAction":"iam:Get*""#, ON_ALL, ""), 1);
    pair(made("Allow", not_iam, ON_ALL, ""), made("Allow", r#""NotAction":"s3:*""#, ON_ALL, ""), 0);
    let [beside_b, beside_k] = [r#""NotResource":"arn:aws:s3:::b/*""#, r#""NotResource":"arn:aws:s3:::b/k""#];
    pair(made("Allow", get, beside_b, ""), made("Allow", get, beside_k, ""), 1);
    pair(made("Allow", get, beside_b, ""), made("Allow", get, ON_ALL, ""), 1);
    pair(made("Allow", get, beside_b, ""), made("Allow", get, r#""NotResource":"arn:aws:s3:::c""#, ""), 0);
    // R-VAR-8.
    let [own, start] = [r#""Resource":"arn:aws:s3:::b/${k:v}/k""#, r#""Resource":"arn:aws:s3:::b/${k:v}*""#];
    pair(made("Allow", get, own, ""), made("Allow", get, IN_B, ""), 1);
    pair(made("Allow", get, own, ""), made("Allow", get, start, ""), 1);
    pair(made("Allow", get, r#""Resource":"arn:aws:s3:::b/k""#, ""), made("Allow", get, start, ""), 0);
}

#[test]
fn large_bundles_are_searched_by_what_their_statements_name() {
    let one = |at: usize| {
        made("Allow", &format!(r#""Action":"s3:Get{at}""#), &format!(r#""Resource":"arn:aws:s3:::b/{at}""#), "")
    };
    let mut statements = (0..100).map(one).collect::<Vec<_>>();
    let check_all = |statements: &[String], expected| {
        check(COVERED, &statements.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    };
    check_all(&statements, 0);
    statements.push(made("Allow", r#""Action":"s3:Get1*""#, IN_B, ""));
    // 1 and 10 to 19.
    check_all(&statements, 11);
    statements.push(made("Allow", r#""NotAction":"s3:Get2*""#, r#""NotResource":"arn:aws:s3:::c/*""#, ""));
    check_all(&statements, 11);
    statements.push(made("Allow", r#""NotAction":"s3:Get2*""#, ON_ALL, ""));
    // All but 2 and 20 to 29, the one with a prefix and the one with `NotResource` too.
    check_all(&statements, 100 - 11 + 2);
}

#[test]
fn allows_that_an_unconditional_deny_covers_go() {
    let get = r#""Action":"s3:GetObject""#;
    let all = r#""Action":"s3:*""#;
    let pair = |deny: String, allow: String, expected| check(DENIED, &[&deny, &allow], expected);
    pair(made("Deny", all, ON_ALL, ""), made("Allow", get, IN_B, ""), 1);
    pair(made("Deny", all, ON_ALL, ""), made("Allow", get, IN_B, CONDITIONS[0]), 1);
    pair(
        made("Deny", all, r#""NotResource":"arn:aws:s3:::c/*""#, ""),
        made("Allow", get, r#""NotResource":"arn:aws:s3:::c*""#, ""),
        1,
    );
    pair(made("Deny", all, ON_ALL, CONDITIONS[0]), made("Allow", get, IN_B, CONDITIONS[0]), 0);
    pair(made("Deny", get, ON_ALL, ""), made("Allow", all, IN_B, ""), 0);
    pair(made("Deny", all, IN_B, ""), made("Allow", get, ON_ALL, ""), 0);
    // R-VAR-8: a deny without value denies nothing.
    let own = r#""Resource":"arn:aws:s3:::b/${k:v}*""#;
    pair(made("Deny", all, own, ""), made("Allow", get, r#""Resource":"arn:aws:s3:::b/k""#, ""), 0);
}

/// Compiles a scenario with and without passes, and demands equal answers; returns what a pass did and the decisions.
fn scenario(base: &str, requests: &[String], pass: &str) -> (u64, Vec<String>) {
    let [raw, made] = [Level::None, Level::Full].map(|level| scenario::Prepared::new(base, requests, level).unwrap());
    let answers = |prepared: &scenario::Prepared| {
        let answers =
            prepared.ask().into_iter().map(|answer| answer.unwrap_or_else(|refusal| panic!("{refusal:?} {base}")));
        answers.map(|answer| format!("{} {}", answer.decision, answer.blockers.join(" "))).collect::<Vec<_>>()
    };
    let found = answers(&made);
    assert_eq!(found, answers(&raw), "{base}");
    (made.artifacts.iter().map(|bytes| count(bytes, pass)).sum(), found)
}

fn request(principal: &str, action: &str, resource: &str) -> String {
    format!(
        r#"{{"principal":"{principal}","action":"{action}","resource":"{resource}","resourceAccount":"111122223333"}}"#
    )
}

const ROOT: &str = "arn:aws:iam::111122223333:root";
const FULL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

#[test]
fn a_bucket_policy_keeps_its_allows_beside_a_deny() {
    // R-EVAL-16: the deny does not count for the root that owns the bucket.
    let policy = document(
        r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"},
           {"Effect":"Allow","Principal":"*","Action":"s3:GetBucketPolicy","Resource":"arn:aws:s3:::b"}"#,
    );
    let requests = [ROOT, ALICE].map(|principal| request(principal, "s3:GetBucketPolicy", "arn:aws:s3:::b"));
    let (denied, decisions) = scenario(&format!(r#"{{"resourcePolicy":{policy}}}"#), &requests, DENIED);
    assert_eq!((denied, decisions), (0, vec!["allowed ".to_owned(), "explicitDeny resource".to_owned()]));
}

#[test]
fn match_kinds_keep_allows_of_a_resource_policy_apart() {
    // R-EVAL-14: the user's own ARN grants directly, the account only together with an identity policy.
    let check = |effect: &str, narrow: &str, wide: &str, expected| {
        let one = |principal: &str, action: &str| {
            format!(r#"{{"Effect":"{effect}","Principal":{principal},"Action":"{action}","Resource":"*"}}"#)
        };
        let policy = document(&format!("{},{}", one(narrow, "s3:GetObject"), one(wide, "s3:*")));
        let base = format!(r#"{{"resourcePolicy":{policy}}}"#);
        let requests = [request(ALICE, "s3:GetObject", "arn:aws:s3:::b/k")];
        assert_eq!(scenario(&base, &requests, COVERED).0, expected, "{effect} {narrow} {wide}");
    };
    let alice = format!(r#"{{"AWS":"{ALICE}"}}"#);
    let account = r#"{"AWS":"111122223333"}"#;
    check("Allow", &alice, account, 0);
    check("Allow", &alice, r#""*""#, 0);
    check("Allow", &alice, &alice, 1);
    // Whom a deny names does not count, only that it matches.
    check("Deny", &alice, r#""*""#, 1);
    check("Deny", &alice, account, 0);
}

#[test]
fn a_statement_without_principal_covers_nothing_where_one_belongs() {
    // R-DOC-21, tolerated: the deny means nobody.
    let policy = document(
        r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"},
           {"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/no"},
           {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#,
    );
    let requests = ["k", "no"].map(|key| request(ALICE, "s3:GetObject", &format!("arn:aws:s3:::b/{key}")));
    let base = format!(r#"{{"semantics":{{"validation":"lenient"}},"resourcePolicy":{policy}}}"#);
    let (covered, decisions) = scenario(&base, &requests, COVERED);
    assert_eq!((covered, decisions), (0, vec!["allowed ".to_owned(), "explicitDeny resource".to_owned()]));
}

#[test]
fn a_boundary_that_allows_all_goes_unless_having_one_matters() {
    let base = |deny: &str| {
        let (full, bucket) = (document(FULL), document(deny));
        format!(r#"{{"identityPolicies":[{full}],"permissionsBoundary":{full},"resourcePolicy":{bucket}}}"#)
    };
    let requests = [request(APP, "s3:GetObject", "arn:aws:s3:::b/k")];
    let other = r#"{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"*"}"#;
    assert_eq!(scenario(&base(other), &requests, LAYERS), (1, vec!["allowed ".to_owned()]));
    // W-98: who has a boundary is not exempt (R-PRI-17).
    let exempting = format!(
        r#"{{"Effect":"Deny","NotPrincipal":{{"AWS":["arn:aws:iam::111122223333:role/app","{APP}","{ROOT}"]}},"Action":"s3:*","Resource":"*"}}"#
    );
    assert_eq!(scenario(&base(&exempting), &requests, LAYERS), (0, vec!["explicitDeny resource".to_owned()]));
}

#[test]
fn levels_endpoints_and_resource_control_that_change_nothing_go() {
    let requests =
        [request(ALICE, "s3:GetObject", "arn:aws:s3:::b/k"), request(ALICE, "s3:PutObject", "arn:aws:s3:::b/k")];
    let full = document(FULL);
    let endpoint = document(r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#);
    let get = document(r#"{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}"#);
    let layers = |more: &str| format!(r#"{{"identityPolicies":[{full}],{more}}}"#);
    let decisions = |get: &str, put: &str| vec![get.to_owned(), put.to_owned()];
    let cases = [
        // Both levels allow everything: SCPs apply and cap nothing.
        (format!(r#""serviceControlPolicies":[[{full}],[{full}]]"#), 2, "allowed "),
        (format!(r#""serviceControlPolicies":[[{full}],[{get}]]"#), 1, "implicitDeny serviceControlPolicy"),
        // R-EVAL-8: a level without policies allows nothing.
        (r#""serviceControlPolicies":[[]]"#.to_owned(), 0, "implicitDeny serviceControlPolicy"),
        (format!(r#""vpcEndpointPolicy":{endpoint}"#), 1, "allowed "),
    ];
    for (more, expected, put) in cases {
        let allowed = if more.contains("[[]]") { put } else { "allowed " };
        assert_eq!(scenario(&layers(&more), &requests, LAYERS), (expected, decisions(allowed, put)), "{more}");
    }
    let rcp = |statements: &str| format!(r#""resourceControlPolicies":[[{}]]"#, document(statements));
    let deny = r#"{"Effect":"Deny","Principal":"*","Action":"s3:Put*","Resource":"*"}"#;
    let denied = decisions("allowed ", "explicitDeny resourceControlPolicy");
    assert_eq!(scenario(&layers(&rcp(deny)), &requests, LAYERS), (0, denied));
}

/// A scenario of random layers.
fn random_scenario(random: &mut Random) -> String {
    let principals = [
        r#""Principal":"*""#.to_owned(),
        format!(r#""Principal":{{"AWS":"{ALICE}"}}"#),
        r#""Principal":{"AWS":["111122223333","arn:aws:iam::111122223333:role/app"]}"#.to_owned(),
        format!(r#""Principal":{{"AWS":"{APP}"}}"#),
    ];
    let policy = |random: &mut Random, has_principals: bool| {
        let count = 1 + random.below(5);
        let statements = (0..count).map(|_| {
            let made = if random.once_in(6) { FULL.to_owned() } else { statement(random) };
            if !has_principals {
                return made;
            }
            let principal = if made.contains("Deny") && random.once_in(5) {
                format!(r#""NotPrincipal":{{"AWS":["{ALICE}","{ROOT}"]}}"#)
            } else {
                random.pick(&principals).clone()
            };
            format!("{{{principal},{}", &made[1..])
        });
        document(&statements.collect::<Vec<_>>().join(","))
    };
    let full = document(FULL);
    let full_endpoint = full.replace(r#""Effect""#, r#""Principal":"*","Effect""#);
    let mut members = vec![r#""semantics":{"validation":"lenient"}"#.to_owned()];
    members.push(format!(r#""identityPolicies":[{},{}]"#, policy(random, false), policy(random, false)));
    if random.once_in(2) {
        let own = policy(random, false);
        let boundary = if random.once_in(2) { &full } else { &own };
        members.push(format!(r#""permissionsBoundary":{boundary}"#));
    }
    if random.once_in(2) {
        let level = |random: &mut Random| if random.once_in(2) { full.clone() } else { policy(random, false) };
        members.push(format!(r#""serviceControlPolicies":[[{}],[{full},{}]]"#, level(random), level(random)));
    }
    if random.once_in(3) {
        members.push(format!(r#""resourceControlPolicies":[[{}]]"#, policy(random, true)));
    }
    if random.once_in(3) {
        let endpoint = if random.once_in(2) { full_endpoint } else { policy(random, true) };
        members.push(format!(r#""vpcEndpointPolicy":{endpoint}"#));
    }
    if !random.once_in(3) {
        members.push(format!(r#""resourcePolicy":{}"#, policy(random, true)));
    }
    format!("{{{}}}", members.join(","))
}

#[test]
fn layers_answer_alike_with_and_without_passes() {
    let mut random = Random(6);
    let mut sums = BTreeMap::<String, u64>::new();
    let mut kinds = BTreeMap::<String, usize>::new();
    for _ in 0..120 {
        let base = random_scenario(&mut random);
        let mut requests = Vec::new();
        for principal in [ALICE, APP, ROOT, "arn:aws:iam::444455556666:user/eve"] {
            for action in ["s3:GetObject", "s3:PutObject", "e:a"] {
                for resource in ["arn:aws:s3:::b", "arn:aws:s3:::b/a", "arn:aws:s3:::b/a/a", "arn:aws:e:::xaxbx"] {
                    let plain = request(principal, action, resource);
                    requests.push(plain.replacen('{', r#"{"context":{"k:v":"a","k:n":"4"},"#, random.below(2)));
                }
            }
        }
        for decision in scenario(&base, &requests, LAYERS).1 {
            *kinds.entry(decision.split(' ').next().unwrap_or_default().to_owned()).or_default() += 1;
        }
        for bytes in scenario::Prepared::new(&base, &requests, Level::Full).unwrap().artifacts {
            for (name, removed) in passes(&bytes) {
                *sums.entry(name).or_default() += removed;
            }
        }
    }
    assert!(sums.values().all(|&sum| 20 < sum), "{sums:?}");
    assert!(kinds.len() == 3 && kinds.values().all(|&count| 200 < count), "{kinds:?}");
}

#[test]
fn passes_are_listed_in_the_order_in_which_they_run() {
    let bytes = artifact(&policies(&mut Random(7)), lenient(&[]), Level::Full);
    let names = passes(&bytes).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let wanted = [ENTRIES, EQUAL, UNASKED, COVERED, DENIED, LAYERS, ALL, LISTS, "share an index", "row entries"];
    assert_eq!(names.len(), wanted.len());
    assert!(names.iter().zip(wanted).all(|(name, wanted)| name.contains(wanted)), "{names:?}");
}
