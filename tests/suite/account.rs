//! Account dumps, end to end: the example account, and what readers of the code have broken before.

use iamc::ask::OwnedRequest;
use iamc::{Level, Options, Tables};

const EXAMPLE: &str = include_str!("../../examples/account/authorization-details.json");

/// One request a line, with the decision that the rules give it; derived by hand from the account's policies.
const EXPECTED: &str = include_str!("account/expected.jsonl");

fn compile(inputs: &[(&str, &str)], level: Level) -> Result<Vec<u8>, String> {
    let texts = inputs.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect();
    let world = iamc::world::load(texts, None);
    let options = Options { optimize: level, ..Options::default() };
    iamc::compile(world, &options).map(|compiled| compiled.as_bytes().to_vec()).map_err(|errors| errors.to_string())
}

/// The decision, or `error` where the request has none.
fn decide(artifact: &[u8], request: &str) -> serde_json::Value {
    let tables = Tables::load(artifact).unwrap();
    let answer = OwnedRequest::from_json(request, tables.semantics()).and_then(|request| request.ask(&tables, None));
    answer.map_or_else(|_| serde_json::json!({ "decision": "error" }), |answer| serde_json::to_value(answer).unwrap())
}

#[test]
fn the_example_account_decides_as_its_policies_say() {
    for level in [Level::None, Level::Full] {
        let artifact = compile(&[("account.json", EXAMPLE)], level).unwrap();
        for line in EXPECTED.lines() {
            let expected: serde_json::Value = serde_json::from_str(line).unwrap();
            let answer = decide(&artifact, &expected["request"].to_string());
            assert_eq!(answer["decision"], expected["decision"], "{line}");
            if let Some(blockers) = expected.get("blockers") {
                assert_eq!(&answer["blockers"], blockers, "{line}");
            }
            if let Some(policy) = expected.get("policy") {
                assert_eq!(&answer["decidedBy"]["policy"], policy, "{line}");
                assert_eq!(answer["decidedBy"]["statement"]["index"], expected["statement"], "{line}");
            }
        }
    }
}

/// Users carl (everything, tag team=guest) and dora (everything but in 1960 and after 2020), role admin (everything).
const SMALL: &str = r#"{
  "UserDetailList": [
    { "UserName": "carl", "UserId": "AIDACARL000000000000", "Arn": "arn:aws:iam::111122223333:user/carl", "Path": "/",
      "Tags": [{ "Key": "team", "Value": "guest" }],
      "UserPolicyList": [{ "PolicyName": "p", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": "sqs:*", "Resource": "*",
          "Condition": { "StringNotEquals": { "aws:PrincipalTag/team": "admin" } } }] } }] },
    { "UserName": "dora", "UserId": "AIDADORA000000000000", "Arn": "arn:aws:iam::111122223333:user/dora", "Path": "/",
      "UserPolicyList": [{ "PolicyName": "p", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": "*", "Resource": "*",
          "Condition": { "DateGreaterThan": { "aws:EpochTime": "2020-01-01" } } },
        { "Effect": "Deny", "Action": "*", "Resource": "*",
          "Condition": { "DateLessThan": { "aws:EpochTime": "1970-01-01" } } }] } }] } ],
  "RoleDetailList": [
    { "RoleName": "admin", "RoleId": "AROAADMIN00000000000", "Arn": "arn:aws:iam::111122223333:role/svc/admin", "Path": "/svc/",
      "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": "arn:aws-cn:iam::111122223333:root" }, "Action": "sts:AssumeRole" }] },
      "RolePolicyList": [{ "PolicyName": "p", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" }] } }] } ] }"#;

fn check(name: &str, request: &str, expected: &str) {
    for level in [Level::None, Level::Full] {
        let artifact = compile(&[("dump.json", SMALL)], level).unwrap();
        assert_eq!(decide(&artifact, request)["decision"], expected, "{name}");
    }
}

const CARL: &str = r#""principal":"arn:aws:iam::111122223333:user/carl""#;
const DORA: &str = r#""principal":"arn:aws:iam::111122223333:user/dora""#;

#[test]
fn a_key_of_an_account_that_is_no_account_still_needs_its_policy() {
    // R-ARN-23 calls only `aws` and its like AWS-owned; every other text once dropped key policies and RCPs.
    for account in ["11112222333", "1111", "*", "x"] {
        let request =
            format!(r#"{{{CARL},"action":"kms:Decrypt","resource":"arn:aws:kms:us-east-1:{account}:key/k"}}"#);
        check(account, &request, "implicitDeny");
    }
}

#[test]
fn a_time_that_cannot_be_read_does_not_lift_a_deny() {
    // R-CON-42: `aws:EpochTime` once became missing where `aws:CurrentTime` had no epoch spelling.
    for time in
        [r#"["2026-01-01T00:00:00Z"]"#, r#""bad""#, r#"["2026-01-01","2026-01-02"]"#, r#""1960-01-01T00:00:00Z""#]
    {
        let request = format!(
            r#"{{{DORA},"action":"s3:GetObject","resource":"arn:aws:s3:::b/k","context":{{"aws:CurrentTime":{time}}}}}"#
        );
        check(time, &request, "explicitDeny");
    }
}

#[test]
fn an_empty_time_is_filled_in() {
    // R-CON-9: an empty list is no time; it once kept the clock out.
    for key in ["aws:CurrentTime", "aws:EpochTime"] {
        let artifact = compile(&[("dump.json", SMALL)], Level::Full).unwrap();
        let tables = Tables::load(&artifact).unwrap();
        let text =
            format!(r#"{{{DORA},"action":"s3:GetObject","resource":"arn:aws:s3:::b/k","context":{{"{key}":[]}}}}"#);
        let mut request = OwnedRequest::from_json(&text, tables.semantics()).unwrap();
        request.fill_time("2026-01-01T00:00:00Z");
        assert_eq!(request.ask(&tables, None).unwrap().decision, "explicitDeny", "{key}");
    }
}

#[test]
fn tags_of_a_known_user_come_from_the_account_alone() {
    // R-ID-12: session tags override a role's tags; a user's they once overrode too.
    let sqs = r#""action":"sqs:SendMessage","resource":"arn:aws:sqs:us-east-1:111122223333:q""#;
    check("no tags", &format!("{{{CARL},{sqs}}}"), "explicitDeny");
    check("session tags", &format!(r#"{{{CARL},{sqs},"sessionTags":{{"team":"admin"}}}}"#), "error");
    let tagged = r#""principal":{"type":"User","arn":"arn:aws:iam::111122223333:user/carl","tags":{"team":"admin"}}"#;
    check("principal tags", &format!("{{{tagged},{sqs}}}"), "error");
}

#[test]
fn what_a_request_claims_of_its_principal_must_fit() {
    let get = r#""action":"s3:GetObject","resource":"arn:aws:s3:::b/k""#;
    let session = |arn: &str, role: &str| {
        format!(r#"{{"principal":{{"type":"RoleSession","arn":"{arn}","roleArn":"{role}"}},{get}}}"#)
    };
    let own = "arn:aws:sts::111122223333:assumed-role/admin/s";
    check("the role of the session", &session(own, "arn:aws:iam::111122223333:role/svc/admin"), "allowed");
    // R-PRI-2: the role's name, account and partition stand in the session's ARN.
    check("a role of another name", &session(own, "arn:aws:iam::111122223333:role/svc/other"), "error");
    check("a role of another path", &session(own, "arn:aws:iam::111122223333:role/admin"), "error");
    let foreign = "arn:aws:sts::444455556666:assumed-role/evil/s";
    check("a role of another account", &session(foreign, "arn:aws:iam::111122223333:role/svc/admin"), "error");
    check("another unique id", &format!(r#"{{{CARL},{get},"uniqueId":"AIDAOTHER00000000000"}}"#), "error");
    // R-PRI-1: users and root issue federated users; a role's lookup text once served as well.
    let federated = r#""principal":{"type":"FedUser","arn":"arn:aws:sts::111122223333:federated-user/f","issuerArn":"arn:aws:sts::111122223333:assumed-role/admin"}"#;
    check("an issuer that is a role", &format!("{{{federated},{get}}}"), "error");
    check("an object's owner without a bucket", &format!(r#"{{{CARL},{get},"objectOwner":"444455556666"}}"#), "error");
}

#[test]
fn an_account_of_another_partition_is_another_account() {
    // R-ARN-2: the role trusts the account's root in `aws-cn`; the digits alone once matched.
    let request =
        format!(r#"{{{CARL},"action":"sts:AssumeRole","resource":"arn:aws:iam::111122223333:role/svc/admin"}}"#);
    check("a user of `aws`", &request, "implicitDeny");
}

#[test]
fn the_root_is_limited_by_its_session_token() {
    // R-EVAL-21 and R-PRI-1: GetSessionToken credentials of the root act as the root.
    let request = r#"{"principal":"arn:aws:iam::111122223333:root","action":"iam:CreateUser","resource":"*","credentials":"getSessionToken"}"#;
    check("no MFA", request, "implicitDeny");
}

#[test]
fn an_accounts_own_policy_is_meant_by_its_arn() {
    // `world.md` 1: the order of the files and the names of other policies once decided.
    let dump = r#"{ "UserDetailList": [], "Policies": [{ "PolicyName": "X", "Arn": "arn:aws:iam::111122223333:policy/X", "Path": "/",
        "DefaultVersionId": "v1", "PolicyVersionList": [{ "VersionId": "v1", "IsDefaultVersion": true, "Document":
        { "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": "s3:*", "Resource": "*" }] } }] }] }"#;
    let line = |head: &str| {
        format!(
            r#"{{{head},"document":{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"}}]}}}}"#
        )
    };
    let arn = "arn:aws:iam::111122223333:policy/X";
    let heads =
        [format!(r#""name":"X","arn":"{arn}""#), format!(r#""name":"{arn}""#), r#""name":"111122223333:X""#.to_owned()];
    for head in heads {
        for file in ["a.jsonl", "z.jsonl"] {
            let artifact = compile(&[("dump.json", dump), (file, &line(&head))], Level::Full).unwrap();
            for name in [arn, "111122223333:X"] {
                let request = format!(
                    r#"{{"policies":["{name}"],"action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resourceAccount":"111122223333"}}"#
                );
                assert_eq!(decide(&artifact, &request)["decision"], "explicitDeny", "{head} in {file}, {name}");
            }
        }
    }
}

#[test]
fn nothing_of_a_document_is_lost_on_the_way_in() {
    // R-ID-8: of two versions of one id the last once won.
    let twice = r#"{ "Policies": [{ "PolicyName": "X", "Arn": "arn:aws:iam::111122223333:policy/X", "DefaultVersionId": "v1",
        "PolicyVersionList": [
        { "VersionId": "v1", "Document": { "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": "*", "Resource": "*" }] } },
        { "VersionId": "v1", "Document": { "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] } }] }] }"#;
    // Statements beside an envelope were once dropped with it.
    let beside = r#"{ "PolicyDocument": { "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] },
        "Statement": [{ "Effect": "Deny", "Action": "*", "Resource": "*" }] }"#;
    // R-ARN-1: a deny on what is no ARN was once dead without a word.
    let dead = r#"{ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": "*", "Resource": " arn:aws:s3:::b/*" }] }"#;
    for text in [twice, beside, dead] {
        assert!(compile(&[("p.json", text)], Level::Full).is_err(), "{text}");
    }
}

#[test]
fn an_endpoint_policy_is_not_skipped_for_two_endpoints() {
    // R-CON-43, R-EVAL-26: `aws:SourceVpce` as a list of two once named no endpoint, so that no policy was asked.
    let base = r#"{ "identityPolicies": [{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] }],
        "vpcEndpointPolicy": { "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*" }] } }"#;
    let request = |endpoints: &str| {
        format!(
            r#"{{"principal":"arn:aws:iam::111122223333:user/ana","action":"s3:GetObject","resource":"arn:aws:s3:::b/k","context":{{"aws:SourceVpce":{endpoints}}}}}"#
        )
    };
    let prepared = iamc::scenario::Prepared::new(base, &[request(r#""vpce-1""#)], Level::Full).unwrap();
    let artifact = &prepared.artifacts[0];
    for (endpoints, expected) in [
        (r#""vpce-1""#, "explicitDeny"),
        (r#"["vpce-1"]"#, "explicitDeny"),
        (r#"["vpce-1","vpce-2"]"#, "error"),
        ("[]", "allowed"),
        (r#""vpce-2""#, "allowed"),
    ] {
        assert_eq!(decide(artifact, &request(endpoints))["decision"], expected, "{endpoints}");
    }
}

#[test]
fn an_id_of_two_users_names_neither() {
    // R-ID-7: a dump whose ids are placeholders compiles, but nobody may be allowed by such an id.
    let user = |name: &str| {
        format!(
            r#"{{ "UserName": "{name}", "UserId": "AIDAEXAMPLE0000000000", "Arn": "arn:aws:iam::111122223333:user/{name}" }}"#
        )
    };
    let role = |principal: &str| {
        format!(
            r#"{{ "RoleName": "r", "Arn": "arn:aws:iam::111122223333:role/r", "AssumeRolePolicyDocument": {{ "Version": "2012-10-17",
                "Statement": [{{ "Effect": "Allow", "Principal": {{ "AWS": "{principal}" }}, "Action": "sts:AssumeRole" }}] }} }}"#
        )
    };
    let dump = |principal: &str| {
        format!(
            r#"{{ "UserDetailList": [{}, {}], "RoleDetailList": [{}] }}"#,
            user("ana"),
            user("ben"),
            role(principal)
        )
    };
    assert!(compile(&[("a.json", &dump("arn:aws:iam::111122223333:user/ana"))], Level::Full).is_ok());
    let refused = compile(&[("a.json", &dump("AIDAEXAMPLE0000000000"))], Level::Full).unwrap_err();
    assert!(refused.contains("`AIDAEXAMPLE0000000000` cannot be a principal"), "{refused}");
}
