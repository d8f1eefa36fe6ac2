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
