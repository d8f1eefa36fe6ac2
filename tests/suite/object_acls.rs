//! `objectAcl` and `objectOwner` in requests: R-EVAL-37, R-EVAL-38, R-EVAL-45 by hand.

use iamc::ask::OwnedRequest;
use iamc::scenario::Prepared;
use iamc::{Level, Tables};

const A: &str = "aaaa0123456789abcdef0123456789abcdef0123456789abcdefaaaabbbbcccc";
const B: &str = "bbbb0123456789abcdef0123456789abcdef0123456789abcdefddddeeeeffff";
const STRANGER: &str = "cccc0123456789abcdef0123456789abcdef0123456789abcdefddddeeeeffff";

/// A bucket of account A where lists are in force, and accounts A and B with their canonical ids.
const WRITERS: &str = r#""objectOwnership":"ObjectWriter","canonicalUserIds":{"111122223333":"aaaa0123456789abcdef0123456789abcdef0123456789abcdefaaaabbbbcccc","444455556666":"bbbb0123456789abcdef0123456789abcdef0123456789abcdefddddeeeeffff"}"#;
/// The requester's account allows everything.
const IDENTITY: &str =
    r#""identityPolicies":[{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}]"#;
/// The bucket's policy allows ana and eve to read.
const BUCKET_POLICY: &str = r#""resourcePolicy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:user/ana","arn:aws:iam::444455556666:user/eve"]},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}"#;

const ANA: &str = "arn:aws:iam::111122223333:user/ana";
const EVE: &str = "arn:aws:iam::444455556666:user/eve";
const ANYBODY: &str = "anonymous";

fn to_account(id: &str, permission: &str) -> String {
    format!(r#"{{"Grantee":{{"Type":"CanonicalUser","ID":"{id}","DisplayName":"x"}},"Permission":"{permission}"}}"#)
}

fn to_group(group: &str, permission: &str) -> String {
    format!(
        r#"{{"Grantee":{{"Type":"Group","URI":"http://acs.amazonaws.com/groups/{group}"}},"Permission":"{permission}"}}"#
    )
}

fn all_users() -> String {
    to_group("global/AllUsers", "READ")
}

fn acl(owner: &str, grants: &[String]) -> String {
    format!(r#","objectAcl":{{"Owner":{{"ID":"{owner}"}},"Grants":[{}]}}"#, grants.join(","))
}

/// Asks for `s3:GetObject` on an object of the bucket, or for `action`; `world` are members of a scenario.
fn ask(world: &[&str], principal: &str, action: &str, members: &str) -> serde_json::Value {
    let base = format!("{{{}}}", world.join(","));
    let request = format!(
        r#""principal":"{principal}","action":"{action}","resource":"arn:aws:s3:::b/k","resourceAccount":"111122223333""#
    );
    let answers = [Level::None, Level::Full].map(|level| {
        let prepared = Prepared::new(&base, &[format!("{{{request}}}")], level).unwrap();
        let tables = Tables::load(&prepared.artifacts[0]).unwrap();
        let line = format!("{{{request}{members}}}");
        let answer = OwnedRequest::from_json(&line, tables.semantics()).and_then(|request| request.ask(&tables, None));
        answer.map_or_else(
            |error| serde_json::json!({ "decision": "error", "error": error.to_string() }),
            |answer| serde_json::to_value(answer).unwrap(),
        )
    });
    assert_eq!(answers[0], answers[1], "{members}");
    answers[0].clone()
}

#[track_caller]
fn check(world: &[&str], principal: &str, members: &str, decision: &str, blockers: &[&str]) {
    let answer = ask(world, principal, "s3:GetObject", members);
    assert_eq!(answer["decision"], decision, "{principal} {members}: {answer}");
    assert_eq!(answer["blockers"], serde_json::json!(blockers), "{principal} {members}");
}

#[test]
fn public_grants() {
    check(&[WRITERS], ANYBODY, &acl(A, &[all_users()]), "allowed", &[]);
    assert_eq!(ask(&[WRITERS], ANYBODY, "s3:GetObject", &acl(A, &[all_users()]))["decidedBy"]["layer"], "acl");
    let signed = acl(A, &[to_group("global/AuthenticatedUsers", "READ")]);
    check(&[WRITERS], ANYBODY, &signed, "implicitDeny", &["resource"]);
    check(&[WRITERS, IDENTITY], EVE, &signed, "allowed", &[]);
    // R-EVAL-22: the signed requester's own account must allow too.
    check(&[WRITERS], EVE, &signed, "implicitDeny", &["identity"]);
    check(&[WRITERS], ANYBODY, &acl(A, &[to_group("s3/LogDelivery", "FULL_CONTROL")]), "implicitDeny", &["resource"]);
    // Within the account a public grant is no substitute for an identity allow (R-EVAL-38).
    check(&[WRITERS], ANA, &acl(A, &[all_users()]), "implicitDeny", &["identity"]);
    check(&[WRITERS], "cloudtrail.amazonaws.com", &acl(A, &[all_users()]), "implicitDeny", &["resource"]);
}

#[test]
fn block_public_access_drops_public_grants() {
    // R-EVAL-45
    let ignores = r#""publicAccessBlock":{"IgnorePublicAcls":true}"#;
    check(&[WRITERS, ignores], ANYBODY, &acl(A, &[all_users()]), "implicitDeny", &["resource"]);
    let signed = acl(A, &[to_group("global/AuthenticatedUsers", "READ")]);
    check(&[WRITERS, ignores, IDENTITY], EVE, &signed, "implicitDeny", &["resource"]);
    check(&[WRITERS, ignores, IDENTITY], EVE, &acl(A, &[to_account(B, "READ")]), "allowed", &[]);
    let blocks = r#""publicAccessBlock":{"BlockPublicAcls":true}"#;
    check(&[WRITERS, blocks], ANYBODY, &acl(A, &[all_users()]), "allowed", &[]);
}

#[test]
fn grants_to_accounts() {
    let read = acl(A, &[to_account(B, "READ")]);
    check(&[WRITERS, IDENTITY], EVE, &read, "allowed", &[]);
    check(&[WRITERS], EVE, &read, "implicitDeny", &["identity"]);
    check(&[WRITERS], "arn:aws:iam::444455556666:root", &read, "allowed", &[]);
    check(&[WRITERS, IDENTITY], EVE, &acl(A, &[to_account(B, "WRITE_ACP")]), "implicitDeny", &["resource"]);
    check(&[WRITERS, IDENTITY], EVE, &acl(A, &[to_account(STRANGER, "READ")]), "implicitDeny", &["resource"]);
    check(&[WRITERS, IDENTITY], EVE, &acl(A, &[]), "implicitDeny", &["resource"]);
    // Same account: kind ACCOUNT (R-EVAL-38).
    check(&[WRITERS], ANA, &acl(A, &[to_account(A, "FULL_CONTROL")]), "implicitDeny", &["identity"]);
    check(&[WRITERS, IDENTITY], ANA, &acl(A, &[to_account(A, "FULL_CONTROL")]), "allowed", &[]);
    check(&[WRITERS, BUCKET_POLICY], ANA, &acl(A, &[]), "allowed", &[]);
}

#[test]
fn each_permission_has_its_actions() {
    for (permission, actions) in [
        ("READ", &["s3:GetObject", "s3:GetObjectVersion"][..]),
        ("READ_ACP", &["s3:GetObjectAcl", "s3:GetObjectVersionAcl"]),
        ("WRITE_ACP", &["s3:PutObjectAcl", "s3:PutObjectVersionAcl"]),
        ("WRITE", &[]),
    ] {
        let all = ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAcl", "s3:GetObjectVersionAcl"];
        let all = all.into_iter().chain(["s3:PutObjectAcl", "s3:PutObjectVersionAcl", "s3:DeleteObject"]);
        for action in all {
            let expected = if actions.contains(&action) { "allowed" } else { "implicitDeny" };
            let answer = ask(&[WRITERS, IDENTITY], EVE, action, &acl(A, &[to_account(B, permission)]));
            assert_eq!(answer["decision"], expected, "{permission} {action}");
        }
    }
}

#[test]
fn denies_win_over_grants() {
    let deny = r#""resourcePolicy":{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}"#;
    check(&[WRITERS, deny], ANYBODY, &acl(A, &[all_users()]), "explicitDeny", &["resource"]);
    // Of a foreign object the bucket's policy still denies (R-EVAL-37).
    check(&[WRITERS, deny, IDENTITY], EVE, &acl(B, &[to_account(B, "READ")]), "explicitDeny", &["resource"]);
}

#[test]
fn lists_do_not_exist_where_the_bucket_owner_owns_all() {
    let enforced = WRITERS.replace("ObjectWriter", "BucketOwnerEnforced");
    check(&[&enforced], ANYBODY, &acl(A, &[all_users()]), "implicitDeny", &["resource"]);
    check(&[&enforced, IDENTITY], ANA, &acl(B, &[]), "allowed", &[]);
    let preferred = WRITERS.replace("ObjectWriter", "BucketOwnerPreferred");
    check(&[&preferred], ANYBODY, &acl(A, &[all_users()]), "allowed", &[]);
}

#[test]
fn an_object_of_another_account_is_granted_by_its_owner_alone() {
    // W-160: neither the bucket's policy nor the identity policies of the bucket's account suffice.
    let private = acl(B, &[to_account(B, "FULL_CONTROL")]);
    check(&[WRITERS, IDENTITY, BUCKET_POLICY], ANA, &private, "implicitDeny", &["acl"]);
    check(&[WRITERS, IDENTITY], ANA, &acl(B, &[to_account(A, "READ")]), "allowed", &[]);
    check(&[WRITERS, BUCKET_POLICY], ANA, &acl(B, &[to_account(A, "READ")]), "implicitDeny", &["identity"]);
    check(&[WRITERS], "arn:aws:iam::111122223333:root", &private, "implicitDeny", &["acl"]);
    check(&[WRITERS, IDENTITY], EVE, &private, "allowed", &[]);
    check(&[WRITERS], ANYBODY, &acl(B, &[all_users()]), "allowed", &[]);
    // The owner may be named as an account, with the list's owner or instead of it.
    let by_account = r#","objectOwner":"444455556666""#;
    check(&[WRITERS, IDENTITY, BUCKET_POLICY], ANA, &format!("{private}{by_account}"), "implicitDeny", &["acl"]);
    let ownerless = format!(r#"{by_account},"objectAcl":{{"Grants":[{}]}}"#, to_account(A, "READ"));
    check(&[WRITERS, IDENTITY], ANA, &ownerless, "allowed", &[]);
    check(&[WRITERS, IDENTITY, BUCKET_POLICY], ANA, by_account, "implicitDeny", &["acl"]);
}

#[test]
fn an_owner_whom_nobody_knows_is_somebody_else() {
    check(&[WRITERS, IDENTITY, BUCKET_POLICY], ANA, &acl(STRANGER, &[]), "implicitDeny", &["acl"]);
    let no_ids = r#""objectOwnership":"ObjectWriter""#;
    check(&[no_ids, IDENTITY, BUCKET_POLICY], ANA, &acl(A, &[]), "implicitDeny", &["acl"]);
    let own = format!(r#"{},"objectOwner":"111122223333""#, acl(A, &[]));
    check(&[no_ids, IDENTITY], ANA, &own, "allowed", &[]);
    check(&[WRITERS, IDENTITY], ANA, r#","objectAcl":{}"#, "allowed", &[]);
}

#[test]
fn contradictions_and_lists_of_nothing_are_errors() {
    let refused = |world: &[&str], action: &str, members: &str, expected: &str| {
        let answer = ask(world, ANA, action, members);
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(error.contains(expected), "{members}: {answer}");
    };
    let clash = "different accounts";
    refused(&[WRITERS], "s3:GetObject", &format!(r#"{},"objectOwner":"444455556666""#, acl(A, &[])), clash);
    refused(&[WRITERS], "s3:GetObject", &format!(r#"{},"objectOwner":"111122223333""#, acl(B, &[])), clash);
    refused(&[WRITERS], "s3:GetObject", &format!(r#"{},"objectOwner":"111122223333""#, acl(STRANGER, &[])), clash);
    refused(&[IDENTITY], "s3:GetObject", &acl(A, &[]), "no object of a bucket that the artifact knows");
    let bucket =
        r#"{"principal":"arn:aws:iam::111122223333:user/ana","action":"s3:ListBucket","resource":"arn:aws:s3:::b""#;
    let prepared = Prepared::new(&format!("{{{WRITERS}}}"), &[format!("{bucket}}}")], Level::Full).unwrap();
    let tables = Tables::load(&prepared.artifacts[0]).unwrap();
    let request = OwnedRequest::from_json(&format!("{bucket}{}}}", acl(A, &[])), tables.semantics()).unwrap();
    assert!(request.ask(&tables, None).unwrap_err().to_string().contains("no object"));
    assert!(!request.with(|request| tables.decide(request).is_allowed()).unwrap());
}
