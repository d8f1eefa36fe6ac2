//! The reference evaluator against the worked cases of `semantics.md` chapter 10.

use crate::oracle::{Outcome, decide};
use serde_json::{Map, Value, json};

const A: &str = "111122223333";
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const EVE: &str = "arn:aws:iam::444455556666:user/eve";
const ROOT: &str = "arn:aws:iam::111122223333:root";
const OBJECT: &str = "arn:aws:s3:::b/k";

fn document(statements: Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn allow_all() -> Value {
    document(json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }))
}

fn deny_all() -> Value {
    document(json!({ "Effect": "Deny", "Action": "*", "Resource": "*" }))
}

/// A layer that is present and says nothing.
fn silent() -> Value {
    document(json!({ "Effect": "Allow", "Action": "none:None", "Resource": "*" }))
}

fn rbp(effect: &str, principal: Value) -> Value {
    document(json!({ "Effect": effect, "Principal": principal, "Action": "*", "Resource": "*" }))
}

fn app() -> Value {
    json!({ "type": "RoleSession", "arn": "arn:aws:sts::111122223333:assumed-role/app/s1", "roleArn": "arn:aws:iam::111122223333:role/svc/app" })
}

fn bob() -> Value {
    json!({ "type": "FedUser", "arn": "arn:aws:sts::111122223333:federated-user/bob", "issuerArn": ALICE })
}

/// Principal, action, resource, context, and the documents; the request's resource belongs to A.
fn ask(principal: &Value, action: &str, resource: &str, context: Value, members: Value) -> Outcome {
    let mut scenario: Map<String, Value> = members.as_object().cloned().unwrap_or_default();
    let mut request = json!({ "principal": principal, "action": action, "resource": resource, "context": context });
    if resource.starts_with("arn:aws:s3:::")
        && let Some(object) = request.as_object_mut()
    {
        object.insert("resourceAccount".to_owned(), json!(A));
    }
    scenario.insert("request".to_owned(), request);
    decide(&Value::Object(scenario))
}

fn check(name: &str, outcome: &Outcome, expected: &str) {
    let found = match outcome {
        Outcome::Decided { decision: "allowed", .. } => "Allow".to_owned(),
        Outcome::Decided { decision: "explicitDeny", blockers } => format!("XD {}", blockers.join("+")),
        Outcome::Decided { blockers, .. } => format!("ID {}", blockers.join("+")),
        Outcome::Error(_) => "error".to_owned(),
    };
    assert_eq!(found, expected, "{name}: {outcome:?}");
}

/// An identity policy of alice with this one statement.
fn identity(name: &str, statement: Value, action: &str, resource: &str, expected: &str) {
    let members = json!({ "identityPolicies": [document(statement)] });
    check(name, &ask(&json!(ALICE), action, resource, json!({}), members), expected);
}

#[test]
fn documents_of_10_1() {
    let valid = json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" });
    identity("W-1", valid, "s3:GetObject", OBJECT, "Allow");
    identity("W-3", json!({ "effect": "Allow", "Action": "*", "Resource": "*" }), "s3:GetObject", OBJECT, "error");
    identity("W-4", json!({ "Effect": "allow", "Action": "*", "Resource": "*" }), "s3:GetObject", OBJECT, "error");
    identity("W-5", json!([]), "s3:GetObject", OBJECT, "ID identity");
    let both = json!({ "Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*" });
    identity("W-6", both, "s3:GetObject", OBJECT, "error");
    let twice = json!({ "Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": { "StringEquals": { "aws:username": "a", "AWS:UserName": "b" } } });
    identity("W-9", twice, "s3:GetObject", OBJECT, "error");
    let bare = document(json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }));
    let outcome = ask(&json!("anonymous"), "s3:GetObject", OBJECT, json!({}), json!({ "resourcePolicy": bare }));
    check("W-13", &outcome, "ID resource");
    let empty = document(json!({ "Effect": "Deny", "Principal": "*", "Action": [], "Resource": "*" }));
    let members = json!({ "identityPolicies": [allow_all()], "resourcePolicy": empty });
    check("W-15", &ask(&json!(ALICE), "s3:GetObject", OBJECT, json!({}), members), "Allow");
}

#[test]
fn actions_of_10_2() {
    let cases = [
        ("W-18", json!({ "Action": "S3:gETobject" }), "s3:GetObject", "Allow"),
        ("W-19", json!({ "Action": "s3:Get*Tagging" }), "s3:GetTagging", "Allow"),
        ("W-20", json!({ "Action": "s3:GetObject?" }), "s3:GetObject", "ID identity"),
        ("W-21", json!({ "Action": "s3:*" }), "s3-object-lambda:GetObject", "ID identity"),
        ("W-22", json!({ "Action": "s3:GetObject " }), "s3:GetObject", "ID identity"),
        ("W-23", json!({ "NotAction": ["s3:DeleteObject "] }), "s3:DeleteObject", "Allow"),
        ("W-24", json!({ "NotAction": "iam:*" }), "s3:GetObject", "Allow"),
    ];
    for (name, mut statement, action, expected) in cases {
        if let Some(object) = statement.as_object_mut() {
            object.insert("Effect".to_owned(), json!("Allow"));
            object.insert("Resource".to_owned(), json!("*"));
        }
        identity(name, statement, action, OBJECT, expected);
    }
    let variable = json!({ "Effect": "Allow", "Action": "s3:${aws:PrincipalTag/act}", "Resource": "*" });
    identity("W-27", variable, "s3:GetObject", OBJECT, "ID identity");
    let not = json!({ "Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": "arn:aws:s3:::*" });
    identity("W-25", not, "ec2:RunInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-1", "ID identity");
    let two = json!([{ "Effect": "Deny", "NotAction": "iam:*", "Resource": "*" },
        { "Effect": "Allow", "Action": "*", "Resource": "*" }]);
    identity("W-26", two, "iam:ListUsers", "*", "Allow");
}

#[test]
fn resources_of_10_3() {
    let table = "arn:aws:dynamodb:us-east-1:111122223333:table/t";
    let cases = [
        ("W-28", "arn:aws:s3:::b", OBJECT, "ID identity"),
        ("W-29", "arn:aws:s3:::b*", "arn:aws:s3:::bad-bucket/x/y", "Allow"),
        ("W-30", "arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b//test/o", "Allow"),
        ("W-31", "arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/test/o", "ID identity"),
        ("W-32", "arn:aws:dynamodb:*:table/t", table, "Allow"),
        ("W-33", "arn:aws:dynamodb:us-*-1:table/t", table, "ID identity"),
        ("W-34", "arn:aws:sqs", "arn:aws:sqs:us-east-1:111122223333:q", "Allow"),
        ("W-36", "arn:aws:iam::111122223333:user/Bob", "arn:aws:iam::111122223333:user/bob", "ID identity"),
        ("W-40", "arn:aws:s3:::b/${*}", OBJECT, "ID identity"),
        ("W-40b", "arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", "Allow"),
        ("W-78", "arn:aws:s3:::b/home/${aws:username}/*", "arn:aws:s3:::b/home/alice/x", "Allow"),
        ("W-80", "arn:aws:s3:::b-${aws:PrincipalTag/team, 'all'}/*", "arn:aws:s3:::b-all/x", "Allow"),
    ];
    for (name, pattern, resource, expected) in cases {
        identity(name, json!({ "Effect": "Allow", "Action": "*", "Resource": pattern }), "x:Y", resource, expected);
    }
    let strict = json!({ "semantics": { "arn_star": "per_component" },
        "identityPolicies": [document(json!({ "Effect": "Allow", "Action": "*", "Resource": "arn:aws:dynamodb:*:table/t" }))] });
    check("W-32b", &ask(&json!(ALICE), "dynamodb:GetItem", table, json!({}), strict), "ID identity");
    let members = json!({ "identityPolicies": [allow_all()], "resourcePolicy":
        document(json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "arn:aws:sqs" })) });
    let queue = "arn:aws:sqs:us-east-1:111122223333:q";
    check("W-35", &ask(&json!(EVE), "sqs:SendMessage", queue, json!({}), members), "ID resource");
    let two = |deny: Value| json!([deny, { "Effect": "Allow", "Action": "*", "Resource": "*" }]);
    let not = json!({ "Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::b/${aws:PrincipalTag/None}" });
    identity("W-37", two(not), "s3:GetObject", OBJECT, "XD identity");
    let instance = "arn:aws:ec2:*:*:instance/i-1";
    let one = json!({ "Effect": "Deny", "Action": "*", "Resource": instance });
    identity("W-38", two(one), "ec2:DescribeInstances", "*", "Allow");
    let not = json!({ "Effect": "Deny", "Action": "*", "NotResource": instance });
    identity("W-39", two(not), "ec2:DescribeInstances", "*", "XD identity");
    let old = json!({ "identityPolicies": [{ "Version": "2008-10-17",
        "Statement": { "Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${*}" } }] });
    check("W-41", &ask(&json!(ALICE), "s3:GetObject", "arn:aws:s3:::b/${k}", json!({}), old), "Allow");
    let tag = json!({ "aws:PrincipalTag/p": "*" });
    let members = json!({ "identityPolicies": [document(
        json!({ "Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/p}/*" }))] });
    check("W-81", &ask(&app(), "s3:GetObject", "arn:aws:s3:::b/other/x", tag, members), "ID identity");
}

#[test]
fn conditions_of_10_4() {
    let source = "aws:SourceArn";
    let cases = [
        (
            "W-43",
            json!({ "StringEquals": { "aws:PrincipalTag/d": ["x", "y"], "aws:PrincipalTag/r": "a" } }),
            json!({ "aws:PrincipalTag/d": "y" }),
            false,
        ),
        ("W-44", json!({ "StringNotEquals": { "k": ["x", "y"] } }), json!({ "k": "y" }), false),
        ("W-45", json!({ "StringNotEquals": { "k": "x" } }), json!({}), true),
        ("W-46", json!({ "StringNotEqualsIfExists": { "k": "x" } }), json!({}), true),
        ("W-47", json!({ "StringEqualsIfExists": { "k": "x" } }), json!({ "k": "y" }), false),
        ("W-48", json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } }), json!({}), true),
        (
            "W-49",
            json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } }),
            json!({ "aws:TagKeys": ["a", "c"] }),
            false,
        ),
        ("W-51", json!({ "ForAnyValue:StringEquals": { "aws:TagKeys": ["a"] } }), json!({}), false),
        (
            "W-52",
            json!({ "ForAnyValue:StringNotEquals": { "aws:TagKeys": ["a", "b"] } }),
            json!({ "aws:TagKeys": ["a", "c"] }),
            true,
        ),
        (
            "W-53",
            json!({ "ForAllValues:StringNotEquals": { "aws:TagKeys": ["a", "b"] } }),
            json!({ "aws:TagKeys": ["a", "c"] }),
            false,
        ),
        ("W-54", json!({ "StringEquals": { "aws:TagKeys": "a" } }), json!({ "aws:TagKeys": ["a"] }), false),
        ("W-55", json!({ "StringNotEquals": { "aws:TagKeys": "z" } }), json!({ "aws:TagKeys": ["a"] }), false),
        ("W-56", json!({ "StringEquals": { "k": "v*" } }), json!({ "k": "vx" }), false),
        ("W-57", json!({ "StringLike": { "s3:prefix": ["", "home/*"] } }), json!({ "s3:prefix": "" }), true),
        ("W-58", json!({ "StringEqualsIgnoreCase": { "k": "STRASSE" } }), json!({ "k": "stra\u{df}e" }), false),
        ("W-59", json!({ "ArnEquals": { source: "arn:aws:s3:*:*:b" } }), json!({ source: "arn:aws:s3:::b" }), true),
        (
            "W-60",
            json!({ "ArnLike": { source: "arn:aws:dynamodb:*:table/t" } }),
            json!({ source: "arn:aws:dynamodb:us-east-1:1:table/t" }),
            false,
        ),
        ("W-61", json!({ "ArnNotEquals": { "k": "arn:aws:iam::1:user/x" } }), json!({ "k": "hello" }), false),
        ("W-62", json!({ "ArnNotEquals": { "k": "arn:aws:iam::1:user/x" } }), json!({}), true),
        ("W-63", json!({ "NumericEquals": { "k": "1" } }), json!({ "k": "1.0" }), true),
        ("W-64", json!({ "NumericNotEquals": { "k": "1" } }), json!({ "k": "abc" }), false),
        (
            "W-65",
            json!({ "DateGreaterThan": { "aws:CurrentTime": "2024" } }),
            json!({ "aws:CurrentTime": "2024-06-01T00:00:00Z" }),
            true,
        ),
        (
            "W-66",
            json!({ "DateEquals": { "aws:EpochTime": "2020-01-01T00:00:00Z" } }),
            json!({ "aws:EpochTime": "1577836800" }),
            true,
        ),
        ("W-67", json!({ "Bool": { "aws:MultiFactorAuthPresent": false } }), json!({}), false),
        ("W-68", json!({ "BoolIfExists": { "aws:MultiFactorAuthPresent": false } }), json!({}), true),
        (
            "W-69",
            json!({ "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" } }),
            json!({ "aws:SourceIp": "2001:db8::1" }),
            true,
        ),
        (
            "W-70",
            json!({ "IpAddress": { "aws:SourceIp": "203.0.113.77/24" } }),
            json!({ "aws:SourceIp": "203.0.113.1" }),
            true,
        ),
        ("W-71", json!({ "IpAddress": { "aws:SourceIp": "0.0.0.0/0" } }), json!({}), false),
        ("W-72", json!({ "Null": { "k": true } }), json!({ "k": "" }), true),
        ("W-73", json!({ "Null": { "k": [true, false] } }), json!({}), true),
        (
            "W-74",
            json!({ "StringEquals": { "AWS:PRINCIPALTAG/team": "red" } }),
            json!({ "aws:PrincipalTag/Team": "red" }),
            true,
        ),
        ("W-75", json!({ "StringEquals": { "k": [] } }), json!({ "k": "a" }), false),
        ("W-75b", json!({ "StringNotEquals": { "k": [] } }), json!({ "k": "a" }), true),
        ("W-76", json!({ "ForAllValues:StringEquals": { "k": ["a"] } }), json!({ "k": [""] }), true),
        ("W-77", json!({ "ForAnyValue:Null": { "k": true } }), json!({}), false),
        ("W-16", json!({ "StringMatches": { "aws:username": "a" } }), json!({ "aws:username": "a" }), false),
        ("W-84", json!({ "StringEquals": { "k": ["${aws:username}", "x"] } }), json!({ "k": "x" }), true),
        ("W-85", json!({ "StringLike": { "k": "${aws:TagKeys}" } }), json!({ "aws:TagKeys": ["a"], "k": "a" }), false),
        ("base64", json!({ "BinaryEquals": { "k": "QmluYXJ5" } }), json!({ "k": "QmluYXJ5" }), true),
        ("month", json!({ "DateEquals": { "k": "2021-03" } }), json!({ "k": "2021-03-01T01:00:00+01:00" }), true),
    ];
    for (name, condition, context, matches) in cases {
        let statement = json!({ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition });
        let members = json!({ "identityPolicies": [document(statement)] });
        let expected = if matches { "Allow" } else { "ID identity" };
        check(name, &ask(&app(), "s3:GetObject", OBJECT, context, members), expected);
    }
    for (name, condition, context) in [
        ("W-64", json!({ "NumericNotEquals": { "k": "1" } }), json!({ "k": "abc" })),
        (
            "W-82",
            json!({ "StringNotEquals": { "s3:ExistingObjectTag/Team": "${aws:PrincipalTag/Team}" } }),
            json!({ "s3:ExistingObjectTag/Team": "red" }),
        ),
        ("R-CON-43", json!({ "StringEquals": { "aws:SourceIp": "1" } }), json!({ "aws:SourceIp": ["1", "2"] })),
    ] {
        let deny = json!({ "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition });
        let members = json!({ "identityPolicies": [allow_all(), document(deny)] });
        check(name, &ask(&app(), "s3:GetObject", OBJECT, context, members), "XD identity");
    }
}

#[test]
fn principals_of_10_6() {
    let alice = json!(ALICE);
    let role = "arn:aws:iam::111122223333:role/svc/app";
    let session = "arn:aws:sts::111122223333:assumed-role/app/s1";
    let deny_not = |list: Value| {
        document(json!({ "Effect": "Deny", "NotPrincipal": { "AWS": list }, "Action": "*", "Resource": "*" }))
    };
    let all = allow_all;
    let unless = |statement: Value| document(statement);
    let cases = [
        ("W-87", alice.clone(), json!({ "resourcePolicy": rbp("Allow", json!({ "AWS": A })) }), "ID identity"),
        (
            "W-88",
            alice.clone(),
            json!({ "identityPolicies": [all()], "resourcePolicy": rbp("Allow", json!({ "AWS": A })) }),
            "Allow",
        ),
        ("W-89", json!("anonymous"), json!({ "resourcePolicy": rbp("Allow", json!("*")) }), "Allow"),
        (
            "W-90",
            app(),
            json!({ "resourcePolicy": rbp("Allow", json!({ "AWS": "arn:aws:iam::111122223333:role/app" })) }),
            "ID identity",
        ),
        ("W-91", app(), json!({ "resourcePolicy": rbp("Allow", json!({ "AWS": role })) }), "Allow"),
        (
            "W-92",
            json!("arn:aws:sts::111122223333:assumed-role/app/s2"),
            json!({ "resourcePolicy": rbp("Allow", json!({ "AWS": session })) }),
            "ID identity",
        ),
        (
            "W-93",
            alice.clone(),
            json!({ "resourcePolicy": rbp("Allow", json!({ "AWS": "arn:aws:iam::111122223333:user/*" })) }),
            "ID identity",
        ),
        (
            "W-94",
            json!("config.amazonaws.com"),
            json!({ "resourcePolicy": rbp("Allow", json!({ "Service": "cloudtrail.amazonaws.com" })) }),
            "ID resource",
        ),
        (
            "W-95",
            json!("arn:aws:iam::111122223333:user/carl"),
            json!({ "identityPolicies": [all()], "resourcePolicy": deny_not(json!([ALICE, ROOT])) }),
            "XD resource",
        ),
        (
            "W-96",
            alice.clone(),
            json!({ "identityPolicies": [all()], "resourcePolicy": deny_not(json!([ALICE, ROOT])) }),
            "Allow",
        ),
        (
            "W-97",
            app(),
            json!({ "identityPolicies": [all()], "resourcePolicy": deny_not(json!([role, ROOT])) }),
            "XD resource",
        ),
        (
            "W-98",
            app(),
            json!({ "identityPolicies": [all()], "permissionsBoundary": all(), "resourcePolicy": deny_not(json!([role, session, ROOT])) }),
            "XD resource",
        ),
        (
            "W-98b",
            app(),
            json!({ "identityPolicies": [all()], "resourcePolicy": deny_not(json!([role, session, ROOT])) }),
            "Allow",
        ),
        (
            "W-99",
            app(),
            json!({ "identityPolicies": [all()], "permissionsBoundary": all(), "resourcePolicy": unless(json!({
            "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": { "ArnNotEquals": { "aws:PrincipalArn": role } } })) }),
            "Allow",
        ),
        (
            "W-100",
            alice,
            json!({ "resourcePolicy": unless(json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
            "Condition": { "ArnEquals": { "aws:PrincipalArn": ROOT } } })) }),
            "ID identity",
        ),
        (
            "W-101",
            app(),
            json!({ "resourcePolicy": rbp("Allow", json!({ "AWS": "AROAEXAMPLEOLDROLEID1" })) }),
            "ID identity",
        ),
    ];
    for (name, principal, members, expected) in cases {
        check(name, &ask(&principal, "s3:GetObject", OBJECT, json!({}), members), expected);
    }
}

#[test]
fn same_account_of_10_7() {
    let (alice, all, none) = (json!(ALICE), allow_all, silent);
    let user = || rbp("Allow", json!({ "AWS": ALICE }));
    let role = || rbp("Allow", json!({ "AWS": "arn:aws:iam::111122223333:role/svc/app" }));
    let session = || rbp("Allow", json!({ "AWS": "arn:aws:sts::111122223333:assumed-role/app/s1" }));
    let federated = || rbp("Allow", json!({ "AWS": "arn:aws:sts::111122223333:federated-user/bob" }));
    let cases = [
        ("W-104", alice.clone(), json!({}), "ID identity"),
        ("W-105", alice.clone(), json!({ "identityPolicies": [all(), deny_all()] }), "XD identity"),
        (
            "W-106",
            alice.clone(),
            json!({ "identityPolicies": [all()], "permissionsBoundary": none() }),
            "ID permissionsBoundary",
        ),
        ("W-107", alice.clone(), json!({ "permissionsBoundary": all() }), "ID identity"),
        ("W-108", alice.clone(), json!({ "permissionsBoundary": none(), "resourcePolicy": user() }), "Allow"),
        (
            "W-109",
            alice.clone(),
            json!({ "permissionsBoundary": deny_all(), "resourcePolicy": user() }),
            "XD permissionsBoundary",
        ),
        ("W-110", app(), json!({ "permissionsBoundary": none(), "resourcePolicy": role() }), "ID permissionsBoundary"),
        (
            "W-111",
            app(),
            json!({ "permissionsBoundary": all(), "sessionPolicies": [none()], "resourcePolicy": role() }),
            "ID session",
        ),
        (
            "W-112",
            app(),
            json!({ "permissionsBoundary": all(), "sessionPolicies": [all()], "resourcePolicy": role() }),
            "Allow",
        ),
        (
            "W-113",
            app(),
            json!({ "permissionsBoundary": none(), "sessionPolicies": [none()], "resourcePolicy": session() }),
            "Allow",
        ),
        (
            "W-114",
            app(),
            json!({ "permissionsBoundary": none(), "sessionPolicies": [none()], "resourcePolicy": rbp("Allow", json!("*")) }),
            "Allow",
        ),
        ("W-115", app(), json!({ "identityPolicies": [all()], "sessionPolicies": [none()] }), "ID session"),
        (
            "W-116",
            app(),
            json!({ "identityPolicies": [all()], "sessionPolicies": [deny_all()], "resourcePolicy": session() }),
            "XD session",
        ),
        ("W-117", bob(), json!({ "identityPolicies": [all()] }), "ID session"),
        ("W-118", bob(), json!({ "sessionPolicies": [none()], "resourcePolicy": federated() }), "Allow"),
        (
            "W-119",
            bob(),
            json!({ "permissionsBoundary": all(), "sessionPolicies": [none()], "resourcePolicy": user() }),
            "ID session",
        ),
        ("W-121", json!(ROOT), json!({}), "Allow"),
        ("W-122", json!(ROOT), json!({ "resourcePolicy": rbp("Deny", json!("*")) }), "XD resource"),
        (
            "W-124",
            alice.clone(),
            json!({ "identityPolicies": [all()], "resourcePolicy": rbp("Deny", json!({ "AWS": A })) }),
            "XD resource",
        ),
        ("W-125", alice, json!({ "identityPolicies": [all()], "vpcEndpointPolicy": none() }), "ID vpcEndpoint"),
    ];
    for (name, principal, members, expected) in cases {
        check(name, &ask(&principal, "s3:GetObject", OBJECT, json!({}), members), expected);
    }
    let members = json!({ "resourcePolicy": rbp("Deny", json!("*")) });
    check("W-123", &ask(&json!(ROOT), "s3:DeleteBucketPolicy", "arn:aws:s3:::b", json!({}), members), "Allow");
}

#[test]
fn cross_account_of_10_8_and_organizations_of_10_9() {
    let (all, none) = (allow_all, silent);
    let (eve, alice) = (json!(EVE), json!(ALICE));
    let named = || rbp("Allow", json!({ "AWS": EVE }));
    let ext = json!("arn:aws:sts::444455556666:assumed-role/ext/x");
    let scp_deny = || json!([[deny_all(), allow_all()]]);
    let rcp = || {
        json!([[document(
            json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {
            "StringNotEqualsIfExists": { "aws:PrincipalOrgID": "o-mine" }, "BoolIfExists": { "aws:PrincipalIsAWSService": "false" } } })
        )]])
    };
    let slr = json!({ "type": "RoleSession", "arn": "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/s",
        "roleArn": "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX" });
    let cases = [
        ("W-126", eve.clone(), json!({ "identityPolicies": [all()] }), "ID resource"),
        ("W-127", eve.clone(), json!({ "resourcePolicy": named() }), "ID identity"),
        ("W-128", eve.clone(), json!({ "identityPolicies": [all()], "resourcePolicy": named() }), "Allow"),
        (
            "W-129",
            eve.clone(),
            json!({ "identityPolicies": [all()], "resourcePolicy": rbp("Allow", json!({ "AWS": "444455556666" })) }),
            "Allow",
        ),
        (
            "W-130",
            ext.clone(),
            json!({ "identityPolicies": [all()], "permissionsBoundary": none(), "resourcePolicy": rbp("Allow", json!({ "AWS": ext })) }),
            "ID permissionsBoundary",
        ),
        ("W-131", eve.clone(), json!({ "resourcePolicy": rbp("Allow", json!("*")) }), "ID identity"),
        (
            "W-133",
            json!("arn:aws:iam::444455556666:root"),
            json!({ "resourcePolicy": rbp("Allow", json!({ "AWS": "444455556666" })) }),
            "Allow",
        ),
        (
            "W-134",
            json!("arn:aws-cn:iam::444455556666:user/eve"),
            json!({ "identityPolicies": [all()], "resourcePolicy": rbp("Allow", json!("*")) }),
            "ID resource",
        ),
        (
            "W-135",
            alice.clone(),
            json!({ "identityPolicies": [all()], "serviceControlPolicies": [[all()], [none()], [all()]] }),
            "ID serviceControlPolicy",
        ),
        (
            "W-136",
            alice.clone(),
            json!({ "identityPolicies": [all()], "serviceControlPolicies": scp_deny(), "organization": { "principal": { "management": true } } }),
            "Allow",
        ),
        ("W-137", json!(ROOT), json!({ "serviceControlPolicies": scp_deny() }), "XD serviceControlPolicy"),
        ("W-139", slr, json!({ "identityPolicies": [all()], "serviceControlPolicies": scp_deny() }), "Allow"),
        (
            "W-140",
            alice.clone(),
            json!({ "resourcePolicy": rbp("Allow", json!({ "AWS": ALICE })), "serviceControlPolicies": scp_deny() }),
            "XD serviceControlPolicy",
        ),
        (
            "W-141",
            eve,
            json!({ "identityPolicies": [all()], "resourcePolicy": named(), "resourceControlPolicies": rcp(), "organization": { "principal": { "id": "o-other" } } }),
            "XD resourceControlPolicy",
        ),
        (
            "W-142",
            json!("cloudtrail.amazonaws.com"),
            json!({ "resourcePolicy": rbp("Allow", json!({ "Service": "cloudtrail.amazonaws.com" })), "resourceControlPolicies": rcp() }),
            "Allow",
        ),
        (
            "W-143",
            json!("anonymous"),
            json!({ "resourcePolicy": rbp("Allow", json!("*")), "resourceControlPolicies": rcp() }),
            "XD resourceControlPolicy",
        ),
        (
            "W-145",
            json!("anonymous"),
            json!({ "resourcePolicy": rbp("Allow", json!("*")), "resourceControlPolicies": rcp(), "organization": { "resource": { "management": true } } }),
            "Allow",
        ),
    ];
    for (name, principal, members, expected) in cases {
        check(name, &ask(&principal, "s3:GetObject", OBJECT, json!({}), members), expected);
    }
    let members = json!({ "identityPolicies": [all()], "resourceControlPolicies": [[document(json!({ "Effect": "Deny", "Principal": "*", "Action": "ec2:*", "Resource": "*" }))]] });
    let instance = "arn:aws:ec2:us-east-1:111122223333:instance/i-1";
    check("W-144", &ask(&alice, "ec2:StopInstances", instance, json!({}), members), "Allow");
}

#[test]
fn trust_of_10_10() {
    let (all, none) = (allow_all, silent);
    let (alice, eve) = (json!(ALICE), json!(EVE));
    let target = "arn:aws:iam::111122223333:role/svc/app";
    let trust =
        |principal: Value| document(json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" }));
    let cases = [
        (
            "W-146",
            alice.clone(),
            "sts:AssumeRole",
            target,
            json!({ "identityPolicies": [all()], "resourcePolicy": trust(json!({ "Service": "ec2.amazonaws.com" })) }),
            "ID resource",
        ),
        (
            "W-147",
            alice.clone(),
            "sts:AssumeRole",
            target,
            json!({ "resourcePolicy": trust(json!({ "AWS": A })) }),
            "ID identity",
        ),
        (
            "W-148",
            alice.clone(),
            "sts:AssumeRole",
            target,
            json!({ "resourcePolicy": trust(json!({ "AWS": ALICE })) }),
            "Allow",
        ),
        (
            "W-149",
            alice.clone(),
            "sts:AssumeRole",
            target,
            json!({ "permissionsBoundary": none(), "resourcePolicy": trust(json!({ "AWS": ALICE })) }),
            "ID permissionsBoundary",
        ),
        (
            "W-150",
            eve,
            "sts:AssumeRole",
            target,
            json!({ "resourcePolicy": trust(json!({ "AWS": EVE })) }),
            "ID identity",
        ),
        (
            "W-151",
            app(),
            "sts:AssumeRole",
            target,
            json!({ "identityPolicies": [all()], "resourcePolicy": trust(json!({ "AWS": ALICE })) }),
            "ID resource",
        ),
        (
            "W-153",
            alice.clone(),
            "sts:TagSession",
            target,
            json!({ "identityPolicies": [all()], "resourcePolicy": trust(json!({ "AWS": ALICE })) }),
            "ID resource",
        ),
        ("W-154", alice, "sts:GetCallerIdentity", "*", json!({ "identityPolicies": [deny_all()] }), "Allow"),
    ];
    for (name, principal, action, resource, members, expected) in cases {
        check(name, &ask(&principal, action, resource, json!({}), members), expected);
    }
}

#[test]
fn kms_and_acl_of_10_10() {
    let (all, none) = (allow_all, silent);
    let alice = json!(ALICE);
    let target = "arn:aws:iam::111122223333:role/svc/app";
    let key = "arn:aws:kms:us-east-1:111122223333:key/1";
    let kms = |principal: Value| rbp("Allow", principal);
    let role = || json!({ "AWS": target });
    let cases = [
        (
            "W-155",
            alice.clone(),
            "kms:Decrypt",
            key,
            json!({ "identityPolicies": [all()], "resourcePolicy": kms(role()) }),
            "ID resource",
        ),
        (
            "W-156",
            alice.clone(),
            "kms:Decrypt",
            key,
            json!({ "identityPolicies": [all()], "resourcePolicy": kms(json!({ "AWS": A })) }),
            "Allow",
        ),
        ("W-157", json!(ROOT), "kms:Decrypt", key, json!({ "resourcePolicy": kms(role()) }), "ID resource"),
        (
            "W-158",
            app(),
            "kms:Decrypt",
            key,
            json!({ "permissionsBoundary": none(), "resourcePolicy": kms(role()) }),
            "ID permissionsBoundary",
        ),
        ("W-159", alice.clone(), "kms:CreateKey", "*", json!({ "identityPolicies": [all()] }), "Allow"),
        (
            "W-160",
            alice,
            "s3:GetObject",
            OBJECT,
            json!({ "identityPolicies": [all()], "resourcePolicy": rbp("Allow", json!({ "AWS": ALICE })), "objectOwnership": "ObjectWriter",
            "objectOwner": "444455556666", "canonicalUserIds": { "444455556666": "bb" }, "objectAcl": { "Grants": [{ "Grantee": { "Type": "CanonicalUser", "ID": "bb" }, "Permission": "FULL_CONTROL" }] } }),
            "ID acl",
        ),
    ];
    for (name, principal, action, resource, members, expected) in cases {
        check(name, &ask(&principal, action, resource, json!({}), members), expected);
    }
}

#[test]
fn federated_trust_of_10_10() {
    let target = "arn:aws:iam::111122223333:role/svc/app";
    let saml = json!({ "type": "FederatedIdp", "provider": "arn:aws:iam::111122223333:saml-provider/corp" });
    let statement = json!({ "Effect": "Allow", "Action": "sts:AssumeRoleWithSAML", "Principal": { "Federated": "arn:aws:iam::111122223333:saml-provider/corp" },
        "Condition": { "StringEquals": { "saml:aud": "right" } } });
    let policy = document(statement);
    for (aud, expected) in [("wrong", "ID resource"), ("right", "Allow")] {
        let context = json!({ "saml:aud": aud });
        let outcome = ask(&saml, "sts:AssumeRoleWithSAML", target, context, json!({ "resourcePolicy": policy }));
        check("W-152", &outcome, expected);
    }
}
