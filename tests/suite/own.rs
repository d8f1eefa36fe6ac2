//! The short way through R-EVAL-5: where it may be gone, and that it leads where the long one does.
//!
//! `decide` takes it wherever it can, `explain` never does.

use iamc::terms::Layer;
use iamc::{Decision, Explanation, Level, Options, Principal, Request, ResolvedRequest, Tables};
use serde_json::{Value, json};

const KIM: &str = "arn:aws:iam::111122223333:user/kim";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/s1";
const NOBODY: &str = "arn:aws:iam::111122223333:user/nobody";

fn document(statements: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn policy(statements: &Value) -> Value {
    json!([{ "PolicyName": "own", "PolicyDocument": document(statements) }])
}

/// Kim may do everything of six services but delete buckets; `app` may use S3 within a boundary that lets it read.
fn account() -> String {
    let kim = json!([
        { "Effect": "Allow", "Action": ["kms:*", "iam:*", "s3:*", "sts:*", "ec2:*"], "Resource": "*" },
        { "Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*" },
    ]);
    let limit = json!([{ "Effect": "Allow", "Action": "s3:Get*", "Resource": "*" }]);
    let boundary = "arn:aws:iam::111122223333:policy/limit";
    json!({
        "UserDetailList": [{ "UserName": "kim", "Arn": KIM, "UserPolicyList": policy(&kim) }],
        "RoleDetailList": [{
            "RoleName": "app", "Arn": "arn:aws:iam::111122223333:role/app",
            "AssumeRolePolicyDocument": document(&json!([
                { "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" },
            ])),
            "RolePolicyList": policy(&json!([{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }])),
            "PermissionsBoundary": { "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary },
        }],
        "Policies": [{
            "PolicyName": "limit", "Arn": boundary, "DefaultVersionId": "v1",
            "PolicyVersionList": [{ "VersionId": "v1", "IsDefaultVersion": true, "Document": document(&limit) }],
        }],
    })
    .to_string()
}

/// Principal, action, resource, decision, and the layers that deny or lack an allow, or the one that allows.
type Expected = (&'static str, &'static str, &'static str, &'static str, &'static [Layer]);

const CASES: &[Expected] = &[
    (KIM, "s3:GetObject", "arn:aws:s3:::b/k", "allowed", &[Layer::Identity]),
    (KIM, "s3:DeleteBucket", "arn:aws:s3:::b", "explicitDeny", &[Layer::Identity]),
    (KIM, "sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q", "implicitDeny", &[Layer::Identity]),
    // A key has no policy here, so that nobody may use it (R-EVAL-36); an alias needs none.
    (KIM, "kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/k", "implicitDeny", &[Layer::Resource]),
    (KIM, "kms:CreateAlias", "arn:aws:kms:us-east-1:111122223333:alias/mine", "allowed", &[Layer::Identity]),
    (KIM, "kms:CreateAlias", "arn:aws:kms:us-east-1:111122223333:alias/aws/s3", "implicitDeny", &[Layer::Resource]),
    (KIM, "kms:CreateKey", "*", "allowed", &[Layer::Identity]),
    // A role has a trust policy, which has no say in what is done with the role itself.
    (KIM, "iam:GetRole", "arn:aws:iam::111122223333:role/app", "allowed", &[Layer::Identity]),
    (KIM, "iam:GetRole", "arn:aws:iam::111122223333:role/none", "allowed", &[Layer::Identity]),
    (KIM, "sts:AssumeRole", "arn:aws:iam::111122223333:role/app", "implicitDeny", &[Layer::Resource]),
    // What belongs to AWS is asked for in the requester's own account (R-ARN-23).
    (KIM, "iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess", "allowed", &[Layer::Identity]),
    // Across accounts and partitions a resource policy must allow as well.
    (KIM, "ec2:RunInstances", "arn:aws:ec2:us-east-1:444455556666:instance/i", "implicitDeny", &[Layer::Resource]),
    (KIM, "ec2:RunInstances", "arn:aws-cn:ec2:cn-north-1:111122223333:instance/i", "implicitDeny", &[Layer::Resource]),
    (KIM, "ec2:RunInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i", "allowed", &[Layer::Identity]),
    (SESSION, "s3:GetObject", "arn:aws:s3:::b/k", "allowed", &[Layer::Identity]),
    (SESSION, "s3:PutObject", "arn:aws:s3:::b/k", "implicitDeny", &[Layer::PermissionsBoundary]),
    (SESSION, "ec2:RunInstances", "*", "implicitDeny", &[Layer::Identity, Layer::PermissionsBoundary]),
    (
        SESSION,
        "kms:Decrypt",
        "arn:aws:kms:us-east-1:111122223333:key/k",
        "implicitDeny",
        &[Layer::Resource, Layer::Identity, Layer::PermissionsBoundary],
    ),
    (NOBODY, "s3:GetObject", "arn:aws:s3:::b/k", "implicitDeny", &[Layer::Identity]),
];

/// The layers that a decision names.
fn layers(decision: Decision) -> Vec<Layer> {
    match decision {
        Decision::Allowed(reason) | Decision::ExplicitDeny(reason) => reason.layer.into_iter().collect(),
        Decision::ImplicitDeny(layers) => layers.implicit_order().collect(),
    }
}

/// The short way counted less than the long one, so that it allowed what the other had no budget for.
#[test]
fn where_the_budget_ends_both_ways_end() {
    let mut statements: Vec<Value> = (0..2_000)
        .map(|number| {
            json!({ "Effect": "Deny", "Action": "s3:*", "Resource": "*",
            "Condition": { "StringEquals": { "s:k": format!("b{number}") } } })
        })
        .collect();
    statements.push(json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }));
    let dump = json!({ "UserDetailList": [{ "UserName": "kim", "Arn": KIM, "AttachedManagedPolicies": [
            { "PolicyName": "all", "PolicyArn": "arn:aws:iam::aws:policy/all" } ] }],
        "Policies": [{ "PolicyName": "all", "Arn": "arn:aws:iam::aws:policy/all", "DefaultVersionId": "v1",
            "PolicyVersionList": [{ "VersionId": "v1", "IsDefaultVersion": true, "Document": document(&json!(statements)) }] }] });
    let world = iamc::world::load(vec![("dump.json".to_owned(), dump.to_string())], None);
    let bytes = iamc::compile(world, &Options::default()).unwrap().as_bytes().to_vec();
    let tables = Tables::load(&bytes).unwrap();
    let answers = |length: usize| {
        let value = "a".repeat(length);
        let context = [("s:k", iamc::Value::One(value.as_str()))];
        let request = Request::new(Principal::parse(KIM).unwrap(), "s3:GetObject", "arn:aws:s3:::b").context(&context);
        [tables.explain(&request).unwrap().decision, tables.decide(&request)].map(Decision::is_allowed)
    };
    let (mut allowed, mut refused) = (0, 1 << 20);
    assert_eq!([answers(allowed), answers(refused)], [[true; 2], [false; 2]]);
    while allowed + 1 < refused {
        let middle = usize::midpoint(allowed, refused);
        let [explained, _] = answers(middle);
        if explained { allowed = middle } else { refused = middle }
    }
    for length in allowed - 400..refused + 400 {
        let [explained, decided] = answers(length);
        assert_eq!(explained, decided, "{length}");
    }
}

#[test]
fn the_short_way_and_the_long_way() {
    let world = iamc::world::load(vec![("dump.json".to_owned(), account())], None);
    for optimize in [Level::None, Level::Full] {
        let options = Options { optimize, ..Options::default() };
        let bytes = iamc::compile(world.clone(), &options).unwrap().as_bytes().to_vec();
        let tables = Tables::load(&bytes).unwrap();
        for &(principal, action, resource, expected, named) in CASES {
            let request = Request::new(Principal::parse(principal).unwrap(), action, resource);
            let Explanation { decision, .. } = tables.explain(&request).unwrap();
            let who = tables.principal(request.principal).unwrap();
            let question =
                ResolvedRequest { principal: &who, action: tables.action(action).unwrap(), resource, context: &[] };
            for found in [decision, tables.decide(&request), tables.decide_resolved(&question)] {
                let what = (principal, action, resource, optimize);
                assert_eq!((found.name(), layers(found)), (expected, named.to_vec()), "{what:?}");
            }
        }
    }
}

/// The answers of both ways to one question, which must be the same.
fn answer(tables: &Tables<'_>, action: &str, resource: &str) -> &'static str {
    let request = Request::new(Principal::parse(KIM).unwrap(), action, resource);
    let Explanation { decision, .. } = tables.explain(&request).unwrap();
    let who = tables.principal(request.principal).unwrap();
    let question = ResolvedRequest { principal: &who, action: tables.action(action).unwrap(), resource, context: &[] };
    assert_eq!(tables.decide(&request), decision, "{action} {resource}");
    assert_eq!(tables.decide_resolved(&question), decision, "{action} {resource}");
    decision.name()
}

/// Tables of two users: Kim with these statements, and one who makes actions known. No managed policy has more
/// statements than fit into one.
fn tables_of(kim: &[Value], other: &[Value]) -> Vec<u8> {
    let lee = "arn:aws:iam::111122223333:user/lee";
    let arn = |name: &str| format!("arn:aws:iam::111122223333:policy/{name}");
    let named = |who: &str, statements: &[Value], each: usize| {
        let parts = statements.chunks(each).enumerate();
        parts.map(|(number, part)| (format!("{who}{number}"), document(&json!(part)))).collect::<Vec<_>>()
    };
    let (kim, other) = (named("kim", kim, 50), named("lee", other, 1));
    let attached = |policies: &[(String, Value)]| {
        policies.iter().map(|(name, _)| json!({ "PolicyName": name, "PolicyArn": arn(name) })).collect::<Vec<_>>()
    };
    let managed = |(name, document): &(String, Value)| {
        let version = json!({ "VersionId": "v1", "IsDefaultVersion": true, "Document": document });
        json!({ "PolicyName": name, "Arn": arn(name), "DefaultVersionId": "v1", "PolicyVersionList": [version] })
    };
    let dump = json!({
        "UserDetailList": [
            { "UserName": "kim", "Arn": KIM, "AttachedManagedPolicies": attached(&kim) },
            { "UserName": "lee", "Arn": lee, "AttachedManagedPolicies": attached(&other) },
        ],
        "Policies": kim.iter().chain(&other).map(managed).collect::<Vec<_>>(),
    });
    let world = iamc::world::load(vec![("dump.json".to_owned(), dump.to_string())], None);
    iamc::compile(world, &Options::default()).unwrap().as_bytes().to_vec()
}

#[test]
fn every_action_has_its_own_resource() {
    for count in [1, 2, 3, 4, 31, 32, 33, 64, 255, 256, 300] {
        // Kim's actions are every second one of those that are known.
        let known: Vec<String> = (0..=2 * count).map(|number| format!("ec2:A{number:03}")).collect();
        let resource = |number: usize| format!("arn:aws:ec2:us-east-1:111122223333:thing/{number}");
        let statement = |number: usize| json!({ "Effect": "Allow", "Action": format!("ec2:A{:03}", 2 * number + 1), "Resource": resource(number) });
        let statements: Vec<Value> = (0..count).map(statement).collect();
        let others = known.chunks(200).map(|known| json!({ "Effect": "Allow", "Action": known, "Resource": "*" }));
        let bytes = tables_of(&statements, &others.collect::<Vec<_>>());
        let tables = Tables::load(&bytes).unwrap();
        for number in 0..count {
            let [before, own, behind] = [0, 1, 2].map(|place| format!("ec2:a{:03}", 2 * number + place));
            assert_eq!(answer(&tables, &own, &resource(number)), "allowed", "{count} {number}");
            for (action, number) in [(&before, number), (&behind, number), (&own, number + 1)] {
                assert_eq!(answer(&tables, action, &resource(number)), "implicitDeny", "{count} {action} {number}");
            }
        }
        for action in ["a:a001", "ec2:a", "ec2:a0011", "ec2:zzz", "zz:a001"] {
            assert_eq!(answer(&tables, action, &resource(0)), "implicitDeny", "{count} {action}");
        }
    }
}

#[test]
fn arns_of_any_length() {
    let everything = [json!({ "Effect": "Allow", "Action": ["ec2:*", "kms:*"], "Resource": "*" })];
    let bytes = tables_of(&everything, &everything);
    let tables = Tables::load(&bytes).unwrap();
    let letters = |count: usize| "abcdefghijklmnopqrstuvwxyz".get(..count).unwrap();
    for service in [0, 1, 2, 7, 8, 9, 14, 15, 16, 17].map(letters) {
        for region in [0, 1, 7, 8, 9, 10, 15, 16, 17].map(letters) {
            for (account, is_own) in [
                ("", true),
                ("111122223333", true),
                ("111122223334", false),
                ("11112222333", false),
                ("1111222233333", false),
                ("aws", false),
            ] {
                for resource in ["", ":", "a", "a:b/c", "111122223333:x"] {
                    for (partition, is_known) in [("aws", true), ("aws-cn", false), ("", false), ("AWS", false)] {
                        let arn = format!("arn:{partition}:{service}:{region}:{account}:{resource}");
                        let found = answer(&tables, "ec2:RunInstances", &arn);
                        assert!(found == "allowed" || !is_own || !is_known, "{arn}");
                    }
                }
            }
        }
    }
}
