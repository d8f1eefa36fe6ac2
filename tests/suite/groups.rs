//! Policies of groups: small ones are copied into their members' tables, large ones are shared (R-EVAL-17).
//!
//! What a member may do must not depend on which of both the compiler chose.

use iamc::ask::OwnedRequest;
use iamc::{Level, Options, Tables};
use serde_json::{Value, json};

fn allow(action: &str, bucket: usize) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": format!("arn:aws:s3:::b{bucket}/*") })
}

fn deny(bucket: usize) -> Value {
    json!({ "Effect": "Deny", "Action": "s3:*", "Resource": format!("arn:aws:s3:::b{bucket}/*") })
}

fn inline(statements: &[Value]) -> Value {
    json!([{ "PolicyName": "p", "PolicyDocument": { "Version": "2012-10-17", "Statement": statements } }])
}

/// `readers` may read b0 to b(n-1); `guards` deny b1 and may write b0 to b(n-1), with `n` statements each, or one more.
///
/// `ana` is in both, may do everything to b90 and nothing to b2; `ben` reads only, within a boundary that ends at b3;
/// `cleo` is in no group.
pub(crate) fn account(statements: usize) -> String {
    let reads: Vec<Value> = (0..statements).map(|bucket| allow("s3:GetObject", bucket)).collect();
    let mut guards: Vec<Value> = (0..statements).map(|bucket| allow("s3:PutObject", bucket)).collect();
    guards.push(deny(1));
    let boundary = "arn:aws:iam::111122223333:policy/limit";
    let limits: Vec<Value> = (0..4).map(|bucket| allow("s3:*", bucket)).collect();
    let user = |name: &str, groups: &[&str], own: &[Value]| {
        json!({ "UserName": name, "Arn": format!("arn:aws:iam::111122223333:user/{name}"), "GroupList": groups,
                "UserPolicyList": inline(own) })
    };
    let group = |name: &str, statements: &[Value]| {
        json!({ "GroupName": name, "Arn": format!("arn:aws:iam::111122223333:group/{name}"),
                "GroupPolicyList": inline(statements) })
    };
    let mut ben = user("ben", &["readers"], &[]);
    ben["UserPolicyList"] = json!([]);
    ben["PermissionsBoundary"] = json!({ "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary });
    json!({
        "UserDetailList": [
            user("ana", &["readers", "guards"], &[allow("s3:*", 90), deny(2)]), ben,
            user("cleo", &[], &[allow("s3:GetObject", 90)]),
        ],
        "GroupDetailList": [group("readers", &reads), group("guards", &guards)],
        "Policies": [{
            "PolicyName": "limit", "Arn": boundary, "DefaultVersionId": "v1",
            "PolicyVersionList": [{ "VersionId": "v1", "IsDefaultVersion": true,
                                    "Document": { "Version": "2012-10-17", "Statement": limits } }]
        }]
    })
    .to_string()
}

/// User, action, bucket, decision, blockers, and the policy that decided.
type Expected = (&'static str, &'static str, usize, &'static str, &'static [&'static str], Option<&'static str>);

const CASES: &[Expected] = &[
    ("ana", "s3:GetObject", 0, "allowed", &[], Some("group/readers/p")),
    ("ana", "s3:PutObject", 3, "allowed", &[], Some("group/guards/p")),
    // A deny of one group beats the allow of another, a deny of its own beats both.
    ("ana", "s3:GetObject", 1, "explicitDeny", &["identity"], Some("group/guards/p")),
    ("ana", "s3:PutObject", 2, "explicitDeny", &["identity"], Some("user/ana/p")),
    ("ana", "s3:DeleteObject", 90, "allowed", &[], Some("user/ana/p")),
    ("ana", "s3:DeleteObject", 0, "implicitDeny", &["identity"], None),
    // The deny of `guards` is for its members only.
    ("ben", "s3:GetObject", 1, "allowed", &[], Some("group/readers/p")),
    ("ben", "s3:PutObject", 0, "implicitDeny", &["identity"], None),
    ("ben", "s3:PutObject", 5, "implicitDeny", &["identity", "permissionsBoundary"], None),
    ("cleo", "s3:GetObject", 0, "implicitDeny", &["identity"], None),
    ("cleo", "s3:GetObject", 90, "allowed", &[], Some("user/cleo/p")),
];

/// The number of bundles that the tables hold.
fn check(statements: usize, level: Level) -> u32 {
    let world = iamc::world::load(vec![("account.json".to_owned(), account(statements))], None);
    let compiled = iamc::compile(world, &Options { optimize: level, ..Options::default() }).unwrap();
    let tables = Tables::load(compiled.as_bytes()).unwrap();
    for (user, action, bucket, decision, blockers, policy) in CASES {
        let request = json!({ "principal": format!("arn:aws:iam::111122223333:user/{user}"), "action": action,
                              "resource": format!("arn:aws:s3:::b{bucket}/k") });
        let request = OwnedRequest::from_json(&request.to_string(), tables.semantics()).unwrap();
        let answer = serde_json::to_value(request.ask(&tables, None).unwrap()).unwrap();
        let found = [&answer["decision"], &answer["blockers"], &answer["decidedBy"]["policy"]];
        assert_eq!(
            found,
            [&json!(decision), &json!(blockers), &json!(policy)],
            "{user} {action} b{bucket}, {statements}"
        );
    }
    tables.counts().bundles
}

#[test]
fn members_have_the_policies_of_their_groups() {
    for level in [Level::None, Level::Full] {
        // Own policies of ana with both groups, of ben with one, of cleo; the boundary.
        assert_eq!(check(6, level), 4);
        // Both groups apart; own policies of ana, of ben (none at all), of cleo; the boundary.
        assert_eq!(check(60, level), 6);
    }
}
