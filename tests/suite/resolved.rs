//! Questions in resolved names against the same questions in strings, and contexts of many keys.

use super::worlds::{ALICE, APP, Random, build, document, lenient, world};
use crate::generate::account::account as generated_account;
use crate::generate::corpus::Given;
use crate::oracle::generate;
use iamc::ask::OwnedRequest;
use iamc::{Decision, Level, Options, Principal, Request, RequestError, ResolvedRequest, Tables, Value};
use iamc::{Semantics, scenario};
use std::collections::BTreeMap;
use std::path::Path;

/// A request of which only principal, action, resource and context are left.
fn plain<'r>(request: &Request<'r>) -> Request<'r> {
    Request::new(request.principal, request.action, request.resource).context(request.context)
}

/// Whether a request says nothing but principal, action, resource and context.
fn can_be_resolved(request: &Request<'_>) -> bool {
    format!("{request:?}") == format!("{:?}", plain(request))
}

/// The decision in resolved names; nothing if principal or action cannot be resolved.
fn resolved(tables: &Tables<'_>, request: &Request<'_>) -> Option<Decision> {
    let principal = tables.principal(request.principal).ok()?;
    let action = tables.action(request.action).ok()?;
    let context: Vec<_> = request.context.iter().map(|(name, value)| (tables.key(name), *value)).collect();
    let question = ResolvedRequest { principal: &principal, action, resource: request.resource, context: &context };
    Some(tables.decide_resolved(&question))
}

/// Asks both ways and counts what came out.
fn compare(tables: &Tables<'_>, request: &Request<'_>, kinds: &mut BTreeMap<&'static str, usize>) {
    let plain = plain(request);
    let wanted = tables.decide(&plain);
    let kind = match (resolved(tables, &plain), tables.explain(&plain)) {
        (Some(found), Ok(_)) => {
            assert_eq!(found, wanted, "{plain:?}");
            wanted.name()
        }
        (Some(found), Err(error)) => {
            assert!(!found.is_allowed(), "{error}: {plain:?}");
            assert_eq!(found, wanted, "{error}: {plain:?}");
            "refused"
        }
        (None, explained) => {
            assert!(!wanted.is_allowed(), "{plain:?}");
            // Only somebody who is nobody in particular can be asked for without being resolved.
            assert!(explained.is_err() || plain.principal == Principal::Nameless, "{plain:?}");
            "unresolved"
        }
    };
    *kinds.entry(kind).or_default() += 1;
}

fn check_lines<'l>(artifact: &[u8], lines: impl Iterator<Item = &'l str>) -> BTreeMap<&'static str, usize> {
    let tables = Tables::load(artifact).unwrap();
    let mut kinds = BTreeMap::new();
    for line in lines {
        let Ok(request) = OwnedRequest::from_json(line, tables.semantics()) else { continue };
        request
            .with(|request| {
                let whole = can_be_resolved(request);
                compare(&tables, request, &mut kinds);
                *kinds.entry(if whole { "whole" } else { "cut" }).or_default() += 1;
            })
            .unwrap();
    }
    kinds
}

fn compile(paths: &[&str], level: Level) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let paths: Vec<_> = paths.iter().map(|path| root.join(path)).collect();
    let loaded = iamc::input::load(&paths, None).unwrap();
    iamc::compile(loaded.world, &Options { optimize: level, ..Options::default() }).unwrap().as_bytes().to_vec()
}

#[test]
fn the_example_account() {
    let expected = include_str!("account/expected.jsonl");
    let own = include_str!("../../examples/requests.jsonl");
    let requests: Vec<String> = expected
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["request"].to_string())
        .collect();
    for level in [Level::None, Level::Full] {
        let artifact = compile(&["examples/account"], level);
        let kinds = check_lines(&artifact, requests.iter().map(String::as_str).chain(own.lines()));
        assert!(["allowed", "explicitDeny", "implicitDeny", "whole"].iter().all(|kind| 5 < kinds[kind]), "{kinds:?}");
    }
}

#[test]
fn the_example_organization() {
    let requests = include_str!("../../examples/organization/requests.jsonl");
    for level in [Level::None, Level::Full] {
        let artifact = compile(&["examples/organization/iamc.toml"], level);
        let kinds = check_lines(&artifact, requests.lines());
        assert!(["allowed", "explicitDeny", "implicitDeny", "whole"].iter().all(|kind| 5 < kinds[kind]), "{kinds:?}");
    }
}

#[test]
fn random_scenarios() {
    let mut kinds = BTreeMap::new();
    for seed in 0..600 {
        let world = generate::world(seed);
        let base = serde_json::to_string(&world.scenario_base).unwrap();
        let requests: Vec<String> = world.requests.iter().map(serde_json::Value::to_string).collect();
        let level = if seed % 3 == 0 { Level::None } else { Level::Full };
        let Ok(prepared) = scenario::Prepared::new(&base, &requests, level) else { continue };
        let tables: Vec<Tables<'_>> = prepared.artifacts.iter().map(|bytes| Tables::load(bytes).unwrap()).collect();
        for (number, request) in prepared.requests.iter().flatten() {
            request.with(|request| compare(&tables[*number], request, &mut kinds)).unwrap();
        }
    }
    assert!(["allowed", "explicitDeny", "implicitDeny"].iter().all(|kind| 300 < kinds[kind]), "{kinds:?}");
}

#[test]
fn a_generated_account() {
    let corpus = generated_account(1_000, 2026);
    let world = iamc::world::load(vec![("corpus.json".to_owned(), corpus.dump())], None);
    let bytes = build(&world, Semantics::default(), Level::Full);
    let tables = Tables::load(&bytes).unwrap();
    let mut kinds = BTreeMap::new();
    for request in corpus.requests.iter().take(3_000) {
        let principal = Principal::parse(&request.principal).unwrap();
        let lists: Vec<Vec<&str>> = (request.context.iter())
            .map(|(_, given)| match given {
                Given::One(_) => Vec::new(),
                Given::Many(values) => values.iter().map(String::as_str).collect(),
            })
            .collect();
        let context: Vec<(&str, Value<'_>)> = (request.context.iter().zip(&lists))
            .map(|((key, given), list)| match given {
                Given::One(value) => (key.as_str(), Value::One(value)),
                Given::Many(_) => (key.as_str(), Value::List(list)),
            })
            .collect();
        let request = Request::new(principal, &request.action, &request.resource).context(&context);
        compare(&tables, &request, &mut kinds);
    }
    assert!(["allowed", "explicitDeny", "implicitDeny"].iter().all(|kind| 300 < kinds[kind]), "{kinds:?}");
}

/// One artifact in which user alice, role session app and everybody else of the account may do these things.
fn named(statements: &[&str]) -> Vec<u8> {
    let dump = format!(
        r#"{{"UserDetailList":[{{"Path":"/","UserName":"alice","UserId":"AIDAX","Arn":"{ALICE}",
            "UserPolicyList":[{{"PolicyName":"Own","PolicyDocument":{}}}]}}]}}"#,
        document(&statements.join(","))
    );
    build(&world(&[("account", &dump)], None), lenient(&[]), Level::Full)
}

fn when(action: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*","Condition":{{{condition}}}}}"#)
}

/// Both answers of alice; they must be the same.
fn asks(tables: &Tables<'_>, action: &str, context: &[(&str, Value<'_>)]) -> bool {
    let request = Request::new(Principal::User { arn: ALICE }, action, "*").context(context);
    let wanted = tables.decide(&request);
    assert_eq!(resolved(tables, &request), Some(wanted), "{action} {context:?}");
    wanted.is_allowed()
}

#[test]
fn names_of_another_artifact_are_denied() {
    let one = named(&[r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#]);
    // The same names with the same numbers, but another policy.
    let other = named(&[
        r#"{"Effect":"Allow","Action":"*","Resource":["*","*"]}"#,
        r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#,
    ]);
    assert!(one != other);
    let (own, foreign) = (Tables::load(&one).unwrap(), Tables::load(&other).unwrap());
    let same = Tables::load(&one).unwrap();
    let alice = Principal::User { arn: ALICE };
    let ask = |principal: &Tables<'_>, action: &Tables<'_>, key: Option<&Tables<'_>>| {
        let principal = principal.principal(alice).unwrap();
        let action = action.action("s3:GetObject").unwrap();
        let context: Vec<_> = key.map(|tables| (tables.key("a:b"), Value::One("x"))).into_iter().collect();
        let question = ResolvedRequest { principal: &principal, action, resource: "*", context: &context };
        own.decide_resolved(&question)
    };
    assert!(ask(&own, &own, None).is_allowed());
    assert!(ask(&own, &own, Some(&own)).is_allowed());
    // Loaded twice it is the same artifact.
    assert!(ask(&same, &same, Some(&same)).is_allowed());
    for (principal, action, key) in [
        (&foreign, &own, None),
        (&own, &foreign, None),
        (&foreign, &foreign, None),
        (&own, &own, Some(&foreign)),
        (&foreign, &foreign, Some(&foreign)),
    ] {
        let decision = ask(principal, action, key);
        assert_eq!(decision.name(), "implicitDeny");
        assert!(!decision.is_allowed());
    }
}

#[test]
fn what_cannot_be_resolved() {
    let bytes = named(&[r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#]);
    let tables = Tables::load(&bytes).unwrap();
    for name in ["", "s3", "s3:", ":GetObject", "*", "s3:Get*", "s3:Get?bject", "s3 :x", "a:b:c"] {
        let request = Request::new(Principal::User { arn: ALICE }, name, "*");
        assert_eq!(tables.action(name).err(), tables.explain(&request).err(), "{name}");
    }
    for principal in [
        Principal::Nameless,
        Principal::User { arn: "" },
        Principal::User { arn: APP },
        Principal::User { arn: "arn:aws:iam::111122223333:user/" },
        Principal::Root { arn: ALICE },
        Principal::RoleSession { arn: ALICE, role_arn: None },
        Principal::RoleSession { arn: APP, role_arn: Some("arn:aws:iam::111122223333:role/other") },
        Principal::FederatedUser { arn: APP, issuer_arn: None },
        Principal::Service { name: "", other_names: &[] },
    ] {
        let request = Request::new(principal, "s3:GetObject", "*");
        assert_eq!(tables.principal(principal).err(), tables.explain(&request).err(), "{principal:?}");
    }
    // A resource that is none is denied in both.
    for resource in ["", "x", "arn:aws:s3", "s3:::b"] {
        let request = Request::new(Principal::User { arn: ALICE }, "s3:GetObject", resource);
        assert_eq!(tables.explain(&request).err(), Some(RequestError::Resource), "{resource}");
        assert_eq!(resolved(&tables, &request), Some(tables.decide(&request)));
        assert!(!tables.decide(&request).is_allowed());
    }
}

#[test]
fn two_spellings_of_one_key() {
    let bytes = named(&[
        &when("s3:GetObject", r#""StringEquals":{"a:b":"x"}"#),
        r#"{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}"#,
        &when("s3:Tag", r#""ForAllValues:StringEquals":{"q:OwnTag/k":["x","y"]},"Null":{"q:OwnTag/k":"false"}"#),
        &when("s3:Tags", r#""ForAnyValue:StringEquals":{"q:OwnTag/k":"y"}"#),
        &when("s3:One", r#""StringEquals":{"aws:RequestTag/k":"x"}"#),
        &when("s3:Key", r#""StringEquals":{"x:k1":"x"}"#),
    ]);
    let tables = Tables::load(&bytes).unwrap();
    let one = Value::One("x");
    let refused = |context: &[(&str, Value<'_>)], at: usize| {
        for action in ["s3:GetObject", "s3:PutObject"] {
            let request = Request::new(Principal::User { arn: ALICE }, action, "*").context(context);
            assert_eq!(tables.explain(&request).err(), Some(RequestError::DuplicateKey(at)), "{context:?}");
            assert!(!asks(&tables, action, context), "{context:?}");
        }
    };
    assert!(asks(&tables, "s3:GetObject", &[("A:B", one), ("a:c", one)]));
    refused(&[("a:b", one), ("A:b", one)], 1);
    refused(&[("a:b", one), ("a:b", one)], 1);
    // Keys that no condition asks.
    refused(&[("a:b", one), ("q:q", one), ("q:Q", one)], 2);
    // The Kelvin sign is a `k` in lower case (R-CON-3).
    assert!(asks(&tables, "s3:Key", &[("x:\u{212a}1", one)]));
    refused(&[("x:\u{212a}1", one), ("a:b", one), ("x:k1", one)], 2);
    refused(&[("x:K1", one), ("a:b", one), ("x:\u{212a}1", one)], 2);
    refused(&[("q:\u{212a}1", one), ("q:k1", one)], 1);
    refused(&[("q:É", one), ("q:é", one)], 1);
    refused(&[("q:\u{212b}", one), ("q:å", one)], 1);
    // A tag of the request has one value; two are one that cannot be parsed (R-CON-43).
    let tag = [("aws:RequestTag/k", one), ("aws:RequestTag/K", one)];
    assert!(asks(&tables, "s3:One", &tag[..1]) && asks(&tables, "s3:One", &tag[1..]));
    assert!(!asks(&tables, "s3:One", &tag));
    // Tag keys stand side by side in two spellings, and not twice in one (R-CON-4).
    let (y, xy) = (Value::One("y"), Value::List(&["x", "y"]));
    assert!(asks(&tables, "s3:Tag", &[("q:OwnTag/k", one), ("q:OwnTag/K", y)]));
    assert!(!asks(&tables, "s3:Tag", &[("q:OwnTag/k", one), ("q:OwnTag/K", Value::One("z"))]));
    assert!(!asks(&tables, "s3:Tag", &[("q:OwnTag/K", Value::One("z")), ("q:OwnTag/k", one)]));
    assert!(asks(&tables, "s3:Tag", &[("q:OwnTag/k", one), ("q:OwnTag/\u{212a}", xy)]));
    assert!(asks(&tables, "s3:Tags", &[("q:OwnTag/k", one), ("q:OwnTag/K", y)]));
    assert!(asks(&tables, "s3:Tags", &[("q:OwnTag/k", one), ("q:OwnTag/\u{212a}", y)]));
    assert!(!asks(&tables, "s3:Tags", &[("q:OwnTag/k", one), ("q:OwnTag/K", one)]));
    refused(&[("q:OwnTag/k", one), ("q:OwnTag/k", y)], 1);
    refused(&[("q:OwnTag/q", one), ("q:OwnTag/Q", y), ("q:OwnTag/q", y)], 2);
}

/// A condition asks the followers alone, so that the keys that they follow from have no number.
#[test]
fn keys_that_others_follow_from() {
    let bytes = named(&[
        &when("s3:First", r#""StringEquals":{"aws:CalledViaFirst":"athena.amazonaws.com"}"#),
        &when("s3:Last", r#""StringEquals":{"aws:CalledViaLast":"glue.amazonaws.com"}"#),
        &when("s3:Epoch", r#""NumericGreaterThan":{"aws:EpochTime":"1700000000"}"#),
        &when("s3:Tags", r#""ForAnyValue:StringEquals":{"aws:TagKeys":"x"}"#),
        &when("s3:OnlyTags", r#""ForAllValues:StringEquals":{"aws:TagKeys":["x"]},"Null":{"aws:TagKeys":"false"}"#),
        &when("kms:Decrypt", r#""ForAnyValue:StringEquals":{"kms:EncryptionContextKeys":"Dept"}"#),
    ]);
    let tables = Tables::load(&bytes).unwrap();
    let required: Vec<&str> = tables.required_keys().map(|key| key.name).collect();
    assert!(!required.contains(&"aws:calledvia") && !required.contains(&"aws:currenttime"), "{required:?}");
    let via = Value::List(&["athena.amazonaws.com", "glue.amazonaws.com"]);
    let turned = Value::List(&["glue.amazonaws.com", "athena.amazonaws.com"]);
    for key in ["aws:CalledVia", "AWS:calledvia"] {
        for action in ["s3:First", "s3:Last"] {
            assert!(!asks(&tables, action, &[]));
            assert!(asks(&tables, action, &[("q:q", Value::One("x")), (key, via)]));
            assert!(!asks(&tables, action, &[(key, turned)]));
            assert!(!asks(&tables, action, &[(key, Value::List(&[]))]));
        }
    }
    assert!(!asks(&tables, "s3:Epoch", &[]));
    assert!(asks(&tables, "s3:Epoch", &[("aws:currenttime", Value::One("2026-01-01T00:00:00Z"))]));
    assert!(!asks(&tables, "s3:Epoch", &[("aws:CurrentTime", Value::One("2020-01-01T00:00:00Z"))]));
    assert!(!asks(&tables, "s3:Tags", &[("aws:RequestTag/y", Value::One("v"))]));
    assert!(asks(&tables, "s3:Tags", &[("aws:RequestTag/y", Value::One("v")), ("AWS:requesttag/x", Value::One("v"))]));
    assert!(asks(&tables, "s3:OnlyTags", &[("aws:RequestTag/x", Value::One("v"))]));
    assert!(!asks(&tables, "s3:OnlyTags", &[("aws:RequestTag/y", Value::One("v")), ("aws:RequestTag/x", via)]));
    let member = [("kms:EncryptionContext:Dept", Value::One("v"))];
    assert_eq!(
        asks(&tables, "kms:Decrypt", &member),
        asks(&tables, "kms:Decrypt", &[("KMS:encryptioncontext:Dept", Value::One("w"))])
    );
    assert!(!asks(&tables, "kms:Decrypt", &[("kms:EncryptionContext:Other", Value::One("v"))]));
}

/// The runtime itself asks the key (R-EVAL-21), whether or not a condition does.
#[test]
fn multi_factor_authentication_counts_where_no_condition_asks_it() {
    let bytes = named(&[
        r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#,
        r#"{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#,
    ]);
    let silent = named(&[r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#]);
    for bytes in [&bytes, &silent] {
        let tables = Tables::load(bytes).unwrap();
        let has_condition = tables.required_keys().any(|key| key.name == "aws:multifactorauthpresent");
        for key in ["aws:MultiFactorAuthPresent", "AWS:multifactorauthpresent"] {
            for action in ["iam:GetUser", "s3:GetObject", "sts:GetSessionToken", "sts:GetFederationToken"] {
                for value in [Value::One("true"), Value::One("false"), Value::List(&["true"]), Value::List(&[])] {
                    let answer = asks(&tables, action, &[(key, value), ("q:q", Value::One("x"))]);
                    if action == "s3:GetObject" {
                        assert!(answer);
                    }
                    if has_condition && action == "iam:GetUser" && value == Value::One("true") {
                        assert!(answer);
                    }
                }
            }
        }
    }
}

// ---- contexts of many keys ----

/// As many different names as wanted, of different lengths, in mixed case; every seventh is a tag key.
fn names(count: usize, letters: &str) -> Vec<String> {
    let name = |at: usize| match at % 7 {
        0 => format!("aws:RequestTag/Team{at}"),
        1 => format!("q:{at}"),
        2 => format!("q:{letters}{at}"),
        3 => format!("service:SomeLongerNameOfAKey{at}"),
        _ => format!("service:Key{at}x"),
    };
    (0..count).map(name).collect()
}

/// Another spelling of a name.
fn turned(name: &str) -> String {
    let turn = |letter: char| match letter {
        'a'..='z' => letter.to_ascii_uppercase(),
        'A'..='Z' => letter.to_ascii_lowercase(),
        '\u{212a}' => 'k',
        'É' => 'é',
        _ => letter,
    };
    name.chars().map(turn).collect()
}

fn check_many(tables: &Tables<'_>, names: &[String], expected: Result<(), usize>) {
    let context: Vec<(&str, Value<'_>)> = names.iter().map(|name| (name.as_str(), Value::One("v"))).collect();
    let request = Request::new(Principal::User { arn: ALICE }, "s3:GetObject", "*").context(&context);
    let found = tables.explain(&request).map(|_| ());
    assert_eq!(found, expected.map_err(RequestError::DuplicateKey), "{} names", names.len());
    assert_eq!(tables.decide(&request).is_allowed(), expected.is_ok());
    assert_eq!(resolved(tables, &request).unwrap().is_allowed(), expected.is_ok());
}

#[test]
fn contexts_of_many_keys() {
    // The last key of a context is asked, so that all of it is read.
    let bytes = named(&[&when("s3:GetObject", r#""StringEquals":{"z:last":"v"}"#)]);
    let tables = Tables::load(&bytes).unwrap();
    for count in [2, 31, 32, 33, 34, 1_023, 1_024, 5_000, 20_000] {
        for is_ascii in [true, false] {
            let mut all = names(count - 1, if is_ascii { "KE" } else { "\u{212a}É" });
            all.push("z:LAST".to_owned());
            check_many(&tables, &all, Ok(()));
            let mut ends: Vec<(usize, usize)> = vec![(0, count), (count - 1, count), (count / 2, count)];
            ends.extend([(count - 1, 0), (count / 3, 0), (count - 1, count / 2)]);
            for (copied, at) in ends {
                // Tag keys may stand side by side in two spellings, and not in the same.
                let is_tag = all[copied].starts_with("aws:RequestTag/");
                for (spelling, clashes) in [(turned(&all[copied]), !is_tag), (all[copied].clone(), true)] {
                    let mut twice = all.clone();
                    twice.insert(at, spelling);
                    let later = if at <= copied { copied + 1 } else { at };
                    check_many(&tables, &twice, if clashes { Err(later) } else { Ok(()) });
                }
            }
        }
    }
}

/// Texts of one hash in a loader's dreams: names that differ in a single byte, and bytes that only look like two cases
/// of one letter.
#[test]
fn names_that_are_nearly_the_same() {
    let bytes = named(&[&when("s3:GetObject", r#""StringEquals":{"z:last":"v"}"#)]);
    let tables = Tables::load(&bytes).unwrap();
    for pairs in
        [("[", "{"), ("@", "`"), ("]", "}"), ("^", "~"), ("\\", "|"), ("É", "Ê"), ("ß", "ẞ"), ("ı", "i"), ("ſ", "s")]
    {
        for count in [0, 40, 5_000] {
            let mut all = names(count, "KE");
            let (one, other) = pairs;
            all.extend([format!("n:aaaaaaaaaaa{one}"), format!("n:aaaaaaaaaaa{other}"), "z:last".to_owned()]);
            // The capital sharp s is a sharp s in lower case; the others are different letters.
            let expected = if one == "ß" { Err(count + 1) } else { Ok(()) };
            check_many(&tables, &all, expected);
        }
    }
}

#[test]
fn random_contexts() {
    let bytes = named(&[&when("s3:GetObject", r#""StringEquals":{"z:last":"v"}"#)]);
    let tables = Tables::load(&bytes).unwrap();
    let mut random = Random(11);
    let letters = ['a', 'A', 'k', 'K', '\u{212a}', '[', '{', ':', '/', 'é', 'É'];
    let (mut good, mut bad) = (0, 0);
    for _ in 0..2_000 {
        let count = 1 + random.below(60);
        let tagged = random.once_in(4);
        let ascii = random.once_in(2);
        let letters = if ascii { &letters[..4] } else { &letters[..] };
        let length = 3 + random.below(20);
        let mut all: Vec<String> = (0..count)
            .map(|_| {
                let head = if tagged && random.once_in(2) { "aws:RequestTag/" } else { "n:" };
                format!("{head}{}", (0..length).map(|_| *random.pick(letters)).collect::<String>())
            })
            .collect();
        if random.once_in(2) {
            let copied = random.below(all.len());
            let spelling = if random.once_in(3) { all[copied].clone() } else { turned(&all[copied]) };
            let at = random.below(all.len() + 1);
            all.insert(at, spelling);
        }
        all.push("z:last".to_owned());
        // Simple lower case of the letters above.
        let lower = |name: &str| {
            name.chars()
                .map(|letter| match letter {
                    '\u{212a}' => 'k',
                    _ => letter.to_lowercase().next().unwrap(),
                })
                .collect::<String>()
        };
        let clash = |at: usize| {
            all[..at].iter().any(|other| {
                lower(other) == lower(&all[at]) && (*other == all[at] || !lower(other).starts_with("aws:requesttag/"))
            })
        };
        let wrong: Vec<usize> = (0..all.len()).filter(|&at| clash(at)).collect();
        let context: Vec<(&str, Value<'_>)> = all.iter().map(|name| (name.as_str(), Value::One("v"))).collect();
        let request = Request::new(Principal::User { arn: ALICE }, "s3:GetObject", "*").context(&context);
        match tables.explain(&request) {
            Ok(explanation) => assert!(wrong.is_empty() && explanation.decision.is_allowed(), "{all:?}"),
            Err(RequestError::DuplicateKey(at)) => assert!(wrong.contains(&at), "{at} {all:?}"),
            Err(error) => panic!("{error}"),
        }
        assert_eq!(resolved(&tables, &request).unwrap().is_allowed(), wrong.is_empty(), "{all:?}");
        *if wrong.is_empty() { &mut good } else { &mut bad } += 1;
    }
    assert!(200 < good && 200 < bad, "{good} {bad}");
}
