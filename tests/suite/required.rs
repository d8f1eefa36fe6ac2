//! The context keys that can change a decision about an action: none too many, and none missing.

use std::collections::BTreeSet;

use super::worlds::{Random, account, build, document, layers, lenient, policy, world};
use crate::oracle::generate;
use iamc::{Level, Request, RequiredKey, Semantics, Tables, Value, scenario};

/// Keys of an action as `name types supplier`.
fn keys(bytes: &[u8], action: &str) -> Vec<String> {
    let tables = Tables::load(bytes).unwrap();
    let show = |key: RequiredKey<'_>| {
        let types = key.types.iter().map(iamc::KeyType::name).collect::<Vec<_>>().join("|");
        format!("{} {types} {}", key.name, key.supplier().name())
    };
    tables.required_context(action).unwrap().map(show).collect()
}

fn check(statements: &[&str], action: &str, expected: &[&str]) {
    for level in [Level::None, Level::Full] {
        let bytes = policy(&document(&statements.join(",")), lenient(&[]), level);
        assert_eq!(keys(&bytes, action), expected, "{action} {level:?}");
    }
}

const BY_ADDRESS: &str = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}"#;
const BY_TIME: &str = r#"{"Effect":"Deny","Action":"s3:Put*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}}"#;

#[test]
fn each_action_has_its_own() {
    let both = [BY_ADDRESS, BY_TIME];
    check(&both, "s3:GetObject", &["aws:sourceip ip host"]);
    check(&both, "S3:getobject", &["aws:sourceip ip host"]);
    // The other spelling of the time counts where the context lacks this one (R-CON-30).
    check(&both, "s3:PutObject", &["aws:currenttime date host", "aws:epochtime date derived"]);
    check(&both, "s3:PutNothingThatAnybodyKnows", &["aws:currenttime date host", "aws:epochtime date derived"]);
    check(&both, "s3:GetObjectAcl", &[]);
    check(&both, "sqs:SendMessage", &[]);
}

#[test]
fn actions_beside_notaction_and_with_wildcards_in_the_middle() {
    let all_but = r#"{"Effect":"Deny","NotAction":["s3:Get*","iam:*"],"Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;
    check(&[all_but], "s3:PutObject", &["aws:securetransport bool host"]);
    check(&[all_but], "s3:GetObject", &[]);
    let middle =
        r#"{"Effect":"Allow","Action":"s3:*Object","Resource":"*","Condition":{"StringLike":{"aws:UserAgent":"a*"}}}"#;
    check(&[middle], "s3:GetObject", &["aws:useragent string caller"]);
    check(&[middle], "s3:GetObjectAcl", &[]);
}

#[test]
fn variables_ask_too() {
    let resource =
        r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}/${shop:desk}/*"}"#;
    check(&[resource], "s3:GetObject", &["aws:username string derived", "shop:desk string host"]);
    let value = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"s3:prefix":"${aws:PrincipalTag/team}"}}}"#;
    check(&[value], "s3:GetObject", &["aws:principaltag/team string derived", "s3:prefix string host"]);
    let excluded = r#"{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::home/${shop:desk}"}"#;
    check(&[excluded], "s3:GetObject", &["shop:desk string host"]);
}

#[test]
fn one_key_read_in_several_ways() {
    let statement = r#"{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Null":{"q:k":"false"},
        "NumericLessThan":{"q:k":"5"},"StringNotEquals":{"q:k":"3"},"ArnNotLike":{"q:arn":"arn:aws:s3:::x"},"BinaryEquals":{"q:bytes":"QUJD"}}}"#;
    check(&[statement], "a:b", &["q:arn arn host", "q:bytes binary host", "q:k string|number|presence host"]);
}

#[test]
fn keys_that_others_follow_from() {
    let when = |action: &str, condition: &str| {
        format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*","Condition":{{{condition}}}}}"#)
    };
    let called = when("a:called", r#""StringEquals":{"aws:CalledViaFirst":"athena.amazonaws.com"}"#);
    check(&[&called], "a:called", &["aws:calledvia string host", "aws:calledviafirst string derived"]);
    let tags = when("a:tags", r#""ForAllValues:StringEquals":{"aws:TagKeys":["x"]}"#);
    check(&[&tags], "a:tags", &["aws:RequestTag/* string caller", "aws:tagkeys string derived"]);
    let tag = when("a:tag", r#""StringEquals":{"aws:RequestTag/x":"1"}"#);
    check(&[&tag], "a:tag", &["aws:requesttag/x string caller"]);
    let both = [tags.replace("a:tags", "a:*"), tag.replace("a:tag", "a:*")];
    check(
        &[&both[0], &both[1]],
        "a:b",
        &["aws:RequestTag/* string caller", "aws:requesttag/x string caller", "aws:tagkeys string derived"],
    );
}

/// The procedure itself asks it for temporary credentials of a user (R-EVAL-21).
#[test]
fn actions_of_iam_ask_for_multi_factor_authentication() {
    let any = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    check(&[any], "iam:GetUser", &["aws:multifactorauthpresent bool host"]);
    check(&[any], "s3:GetObject", &[]);
    let asked = r#"{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"Null":{"aws:MultiFactorAuthPresent":"true"}}}"#;
    check(&[any, asked], "iam:GetUser", &["aws:multifactorauthpresent presence host"]);
}

#[test]
fn a_world_with_endpoints_asks_which_one() {
    let bytes = layers(Level::Full);
    let tables = Tables::load(&bytes).unwrap();
    for action in ["s3:GetObject", "sqs:SendMessage"] {
        assert!(tables.required_context(action).unwrap().any(|key| key.name == "aws:sourcevpce"), "{action}");
    }
}

#[test]
fn what_is_no_action_has_no_keys() {
    let bytes = build(&account(), lenient(&[]), Level::Full);
    let tables = Tables::load(&bytes).unwrap();
    for text in ["", "s3", "s3:", ":x", "a:b:c"] {
        assert_eq!(tables.required_context(text).err(), Some(iamc::RequestError::Action), "{text}");
    }
}

/// More keys than are marked at a time: every one is listed, in order, and with what follows from one in the first share
/// among them.
#[test]
fn thousands_of_keys() {
    let tests = (0..2_500).map(|number| format!(r#""k:{number:04}":"x""#)).collect::<Vec<_>>().join(",");
    let many =
        format!(r#"{{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{{"StringEquals":{{{tests}}}}}}}"#);
    let tags = r#"{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"Null":{"aws:TagKeys":"false"}}}"#;
    let bytes = build(&world(&[("P", &document(&format!("{many},{tags}")))], None), lenient(&[]), Level::Full);
    let found = keys(&bytes, "a:b");
    assert_eq!(found.len(), 2_502);
    assert!(found.is_sorted());
    assert_eq!(found[..3], ["aws:RequestTag/* string caller", "aws:tagkeys presence derived", "k:0000 string host"]);
    assert_eq!(found[2_501], "k:2499 string host");
}

/// Resources that begin alike for longer than is followed: too many keys are listed then, and none is missing.
#[test]
fn tries_beyond_what_is_looked_at() {
    let deny = |resources: &str, key: &str| {
        format!(
            r#"{{"Effect":"Deny","Action":"a:b","Resource":[{resources}],"Condition":{{"Null":{{"{key}":"true"}}}}}}"#
        )
    };
    let deep = (1..400).map(|length| format!(r#""arn:aws:s3:::{}z""#, "a".repeat(length))).collect::<Vec<_>>();
    let other = r#"{"Effect":"Deny","Action":"a:c","Resource":"*","Condition":{"Null":{"q:other":"true"}}}"#;
    let list = |resources: &[String]| {
        let text = document(&format!("{},{other}", deny(&resources.join(","), "q:deep")));
        keys(&build(&world(&[("P", &text)], None), lenient(&[]), Level::None), "a:b")
    };
    assert_eq!(list(&deep[..100]), ["q:deep presence host"]);
    assert_eq!(list(&deep), ["q:deep presence host", "q:other presence host"]);
}

/// What an artifact asks at all is what some action asks, but for what the procedure asks by itself.
#[test]
fn all_keys_are_those_of_all_actions() {
    for world in [account(), world(&[("P", &document(&[BY_ADDRESS, BY_TIME].join(",")))], None)] {
        let bytes = build(&world, lenient(&[]), Level::Full);
        let tables = Tables::load(&bytes).unwrap();
        let actions = ["a:b", "a:gotox", "c:x", "s3:GetObject", "s3:PutObject", "sts:AssumeRole", "sqs:SendMessage"];
        let of_actions = actions.iter().flat_map(|action| tables.required_context(action).unwrap());
        let of_actions = of_actions.map(|key| key.name).collect::<BTreeSet<_>>();
        let all = tables.required_keys().map(|key| key.name).collect::<BTreeSet<_>>();
        assert!(all.is_subset(&of_actions), "{:?}", all.difference(&of_actions).collect::<Vec<_>>());
        let beside = of_actions.difference(&all).copied().collect::<Vec<_>>();
        assert!(beside.iter().all(|name| ["aws:RequestTag/*", "aws:epochtime"].contains(name)), "{beside:?}");
    }
}

/// Values that the generator's policies ask for, and others.
const VALUES: &[Value<'_>] = &[
    Value::One("true"),
    Value::One("false"),
    Value::One("x"),
    Value::One("red"),
    Value::One(""),
    Value::One("7"),
    Value::One("10.0.0.1"),
    Value::One("2026-01-01T00:00:00Z"),
    Value::One("arn:aws:s3:::b"),
    Value::List(&[]),
    Value::List(&["x"]),
    Value::List(&["red", "x"]),
];

/// Puts another value, or none, into the context for a key; returns both decisions.
fn change(
    tables: &Tables<'_>,
    request: &Request<'_>,
    key: &str,
    value: Option<Value<'_>>,
) -> (iamc::Decision, iamc::Decision) {
    let others = request.context.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(key));
    let context = others.copied().chain(value.map(|value| (key, value))).collect::<Vec<_>>();
    let changed = Request { context: &context, ..*request };
    (tables.decide(request), tables.decide(&changed))
}

/// Whether a key is listed, by its name or by the beginning of an entry that stands for many.
fn is_listed(listed: &[RequiredKey<'_>], name: &str) -> bool {
    listed.iter().any(|key| match key.prefix() {
        None => key.name == name,
        Some(prefix) => name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)),
    })
}

/// A key that is not listed never changes a decision; those that are listed sometimes do.
#[test]
fn only_listed_keys_change_decisions() {
    let mut random = Random(11);
    let (mut unlisted, mut moved) = (0, 0);
    for seed in 0..400 {
        let world = generate::world(seed);
        let base = serde_json::to_string(&world.scenario_base).unwrap();
        let requests: Vec<String> = world.requests.iter().map(serde_json::Value::to_string).collect();
        let level = if seed % 3 == 0 { Level::None } else { Level::Full };
        let Ok(prepared) = scenario::Prepared::new(&base, &requests, level) else { continue };
        let tables: Vec<Tables<'_>> = prepared.artifacts.iter().map(|bytes| Tables::load(bytes).unwrap()).collect();
        for (number, request) in prepared.requests.iter().flatten() {
            let tables = &tables[*number];
            request
                .with(|request| {
                    let Ok(listed) = tables.required_context(request.action) else { return };
                    let mut listed = listed.collect::<Vec<_>>();
                    for session in request.session_tables {
                        // Names live as long as the request.
                        listed.extend(session.required_context(request.action).unwrap());
                    }
                    let all = tables.required_keys().map(|key| key.name);
                    let beside = ["aws:currenttime", "aws:calledvia", "aws:requesttag/q", "aws:sourcevpce", "q:q"];
                    for name in all.chain(beside).filter(|name| !name.ends_with('*')) {
                        let value = (!random.once_in(6)).then(|| *random.pick(VALUES));
                        let (before, after) = change(tables, request, name, value);
                        if is_listed(&listed, name) {
                            moved += usize::from(before.name() != after.name());
                        } else {
                            unlisted += 1;
                            assert_eq!(before, after, "seed {seed}, {name} {value:?}: {request:?}");
                        }
                    }
                })
                .unwrap();
        }
    }
    assert!(2_000 < unlisted && 500 < moved, "{unlisted} {moved}");
}

/// The default of the semantics and its variants list the same keys: which there are is no matter of switches.
#[test]
fn switches_change_no_list() {
    let text = document(&[BY_ADDRESS, BY_TIME].join(","));
    let strict = policy(&text, Semantics::default(), Level::Full);
    let other = policy(&text, lenient(&[("variable_wildcards", "active")]), Level::Full);
    assert_eq!(keys(&strict, "s3:GetObject"), keys(&other, "s3:GetObject"));
}
