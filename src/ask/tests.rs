//! KMS grants (R-EVAL-36), from the model to the decision, compiled with and without the optimizer.

use super::{Answer, OwnedRequest, whole};
use crate::compile::{Level, Options, compile};
use crate::provenance::Provenance;
use crate::runtime::Tables;
use crate::syntax::json::{self, OffsetMap};
use crate::terms::Semantics;
use crate::world::model::{
    DocumentId, KmsGrant, Membership, ObjectOwnership, PolicyType, PublicAccessBlock, Resource, Spot, World,
};

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// Account A: users ana (nothing), cut (a deny of `kms:Decrypt`), ida (`kms:*` by identity), capped (a boundary of S3
/// alone); role svc/app (nothing, the same boundary), role svc/free (nothing).
const ACCOUNT_A: &str = r#"{
  "UserDetailList": [
    { "UserName": "ana", "Path": "/", "Arn": "arn:aws:iam::111122223333:user/ana", "UserId": "AIDAANA0000000000000" },
    { "UserName": "cut", "Path": "/", "Arn": "arn:aws:iam::111122223333:user/cut", "UserId": "AIDACUT0000000000000",
      "UserPolicyList": [{ "PolicyName": "p", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
        { "Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*" }] } }] },
    { "UserName": "ida", "Path": "/", "Arn": "arn:aws:iam::111122223333:user/ida", "UserId": "AIDAIDA0000000000000",
      "UserPolicyList": [{ "PolicyName": "p", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "kms:*", "Resource": "*" }] } }] },
    { "UserName": "capped", "Path": "/", "Arn": "arn:aws:iam::111122223333:user/capped", "UserId": "AIDACAP0000000000000",
      "PermissionsBoundary": { "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/edge" } } ],
  "RoleDetailList": [
    { "RoleName": "app", "Path": "/svc/", "Arn": "arn:aws:iam::111122223333:role/svc/app", "RoleId": "AROAAPP0000000000000",
      "PermissionsBoundary": { "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/edge" },
      "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" }] } },
    { "RoleName": "free", "Path": "/svc/", "Arn": "arn:aws:iam::111122223333:role/svc/free", "RoleId": "AROAFREE000000000000",
      "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" }] } } ],
  "Policies": [{ "PolicyName": "edge", "Arn": "arn:aws:iam::111122223333:policy/edge", "Path": "/", "DefaultVersionId": "v1",
    "PolicyVersionList": [{ "VersionId": "v1", "IsDefaultVersion": true, "Document": { "Version": "2012-10-17", "Statement": [
      { "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] } }] }] }"#;

/// Account B: eve (`kms:*` by identity), bound (the same, in a boundary of S3 alone), mute (nothing).
const ACCOUNT_B: &str = r#"{
  "UserDetailList": [
    { "UserName": "eve", "Path": "/", "Arn": "arn:aws:iam::444455556666:user/eve", "UserId": "AIDAEVE0000000000000",
      "UserPolicyList": [{ "PolicyName": "p", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "kms:*", "Resource": "*" }] } }] },
    { "UserName": "bound", "Path": "/", "Arn": "arn:aws:iam::444455556666:user/bound", "UserId": "AIDABOUND00000000000",
      "PermissionsBoundary": { "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::444455556666:policy/edge" },
      "UserPolicyList": [{ "PolicyName": "p", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "kms:*", "Resource": "*" }] } }] },
    { "UserName": "mute", "Path": "/", "Arn": "arn:aws:iam::444455556666:user/mute", "UserId": "AIDAMUTE000000000000" } ],
  "Policies": [{ "PolicyName": "edge", "Arn": "arn:aws:iam::444455556666:policy/edge", "Path": "/", "DefaultVersionId": "v1",
    "PolicyVersionList": [{ "VersionId": "v1", "IsDefaultVersion": true, "Document": { "Version": "2012-10-17", "Statement": [
      { "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] } }] }] }"#;

const ANA: &str = r#""arn:aws:iam::111122223333:user/ana""#;
const APP: &str = r#""arn:aws:sts::111122223333:assumed-role/app/s1""#;
const FREE: &str = r#""arn:aws:sts::111122223333:assumed-role/free/s1""#;
const EVE: &str = r#""arn:aws:iam::444455556666:user/eve""#;
const ROLE_APP: &str = "arn:aws:iam::111122223333:role/svc/app";

/// The accounts and a key without policy and without grants.
struct Case {
    world: World,
}

impl Case {
    fn new() -> Self {
        let texts = [("a.json", ACCOUNT_A), ("b.json", ACCOUNT_B)];
        let texts = texts.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let mut world = crate::world::load(texts, None);
        let source = world.sources.add("keys.json", "[\n  {}\n]");
        let place = crate::source::Place { source, span: crate::source::Span::new(4, 6) };
        world.resources.push(Resource {
            arn: KEY.to_owned(),
            below: &[],
            covers: Vec::new(),
            account: Some("111122223333".to_owned()),
            policy: None,
            acl: None,
            object_acl: None,
            object_owner: None,
            object_ownership: ObjectOwnership::default(),
            public_access_block: PublicAccessBlock::default(),
            grants: Vec::new(),
            place,
        });
        Self { world }
    }

    fn grant(mut self, grantee: &str, operations: &[&str], pairs: &[(&str, &str)]) -> Self {
        let place = self.key().place;
        let spot = |text: &str| Spot { text: text.to_owned(), place };
        self.key().grants.push(KmsGrant {
            place,
            grantee: spot(grantee.trim_matches('"')),
            operations: operations.iter().map(|&operation| spot(operation)).collect(),
            operations_place: place,
            encryption_context: pairs.iter().map(|&(name, value)| (spot(name), value.to_owned())).collect(),
        });
        self
    }

    fn document(&mut self, name: &str, text: &str, policy_type: PolicyType) -> DocumentId {
        let mut findings = Vec::new();
        let source = self.world.sources.add(name, text);
        let arena = json::Arena::default();
        let value = json::parse(text, &arena, &OffsetMap::default(), source, &mut findings).unwrap();
        let id = whole(&mut self.world, source, name.to_owned(), &value, policy_type, &mut findings).unwrap();
        assert!(findings.is_empty(), "{findings:?}");
        id
    }

    fn key_policy(mut self, statement: &str) -> Self {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        let id = self.document(KEY, &text, PolicyType::Resource);
        self.key().policy = Some(id);
        self
    }

    /// Puts account A under these SCPs and RCPs, one level each.
    fn organization(mut self, service_control: &str, resource_control: &str) -> Self {
        let scp = self.document("Scp", service_control, PolicyType::ServiceControl);
        let rcp = self.document("Rcp", resource_control, PolicyType::ResourceControl);
        let account = &mut self.world.accounts[0];
        account.membership = Some(Membership::default());
        account.service_control = Some(vec![vec![scp]]);
        account.resource_control = Some(vec![vec![rcp]]);
        self
    }

    /// The key, which stands behind the roles with their trust policies.
    fn key(&mut self) -> &mut Resource {
        self.world.resources.last_mut().unwrap()
    }

    fn codes(&self) -> Vec<&'static str> {
        match compile(self.world.clone(), &Options::default()) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.findings.iter().map(|finding| finding.code).collect(),
        }
    }

    /// The answer, the same with and without the optimizer.
    fn ask(&self, principal: &str, action: &str, members: &str) -> Answer {
        let text = format!(r#"{{"principal":{principal},"action":"{action}","resource":"{KEY}"{members}}}"#);
        self.ask_line(&text)
    }

    fn ask_line(&self, text: &str) -> Answer {
        let [plain, optimized] = [Level::None, Level::Full].map(|optimize| {
            let compiled = compile(self.world.clone(), &Options { optimize, ..Options::default() }).unwrap();
            let tables = Tables::load(compiled.as_bytes()).unwrap();
            let provenance = Provenance::read(tables.provenance());
            let request = OwnedRequest::from_json(text, Semantics::default()).unwrap();
            request.ask(&tables, provenance.as_ref()).unwrap()
        });
        assert_eq!(plain, optimized, "{text}");
        optimized
    }

    #[track_caller]
    fn check(&self, principal: &str, action: &str, members: &str, decision: &str, blockers: &[&str]) {
        let answer = self.ask(principal, action, members);
        assert_eq!((answer.decision, &answer.blockers[..]), (decision, blockers), "{principal} {action} {members}");
    }

    /// Whether `ana` may decrypt with this context.
    #[track_caller]
    fn check_context(&self, context: &str, decision: &str) {
        let answer = self.ask(ANA, "kms:Decrypt", &format!(r#","context":{{{context}}}"#));
        assert_eq!(answer.decision, decision, "{context}");
    }
}

const DECRYPT: &[&str] = &["Decrypt"];
const RESOURCE: &[&str] = &["resource"];
/// In the order of R-EVAL-42.
const NOT_GRANTED: &[&str] = &["resource", "identity"];
const NONE: &[&str] = &[];

#[test]
fn a_grant_allows_its_grantee_its_operations_on_its_key() {
    let case = Case::new().grant(ANA, &["Decrypt", "GenerateDataKey"], &[]);
    case.check(ANA, "kms:Decrypt", "", "allowed", NONE);
    case.check(ANA, "KMS:generatedatakey", "", "allowed", NONE);
    // Another operation, another user, another key: R-EVAL-35 leaves nothing.
    case.check(ANA, "kms:Encrypt", "", "implicitDeny", NOT_GRANTED);
    case.check(ANA, "kms:GenerateDataKeyPair", "", "implicitDeny", NOT_GRANTED);
    case.check(FREE, "kms:Decrypt", "", "implicitDeny", NOT_GRANTED);
    let other = KEY.replace("1234abcd", "99990000");
    let answer = case.ask_line(&format!(r#"{{"principal":{ANA},"action":"kms:Decrypt","resource":"{other}"}}"#));
    assert_eq!(answer.decision, "implicitDeny");
    // An identity allow does not count with the grant of somebody else (R-EVAL-35), not even the root's word does.
    case.check(r#""arn:aws:iam::111122223333:user/ida""#, "kms:Decrypt", "", "implicitDeny", RESOURCE);
    case.check(r#""arn:aws:iam::111122223333:root""#, "kms:Decrypt", "", "implicitDeny", RESOURCE);
    case.check(r#""anonymous""#, "kms:Decrypt", "", "implicitDeny", RESOURCE);
}

#[test]
fn a_retired_grant_grants_nothing() {
    Case::new().check(ANA, "kms:Decrypt", "", "implicitDeny", NOT_GRANTED);
}

#[test]
fn the_grant_is_named_as_what_decided() {
    let case = Case::new().grant(FREE, &["Sign"], &[]).grant(ANA, DECRYPT, &[]);
    let decider = case.ask(ANA, "kms:Decrypt", "").decided_by.unwrap();
    assert_eq!((decider.layer, decider.policy.as_deref()), ("resource", Some(KEY)));
    let statement = decider.statement.unwrap();
    assert_eq!((statement.index, statement.sid.as_deref()), (1, Some("grant[1]")));
    let source = decider.source.unwrap();
    assert_eq!((source.file.as_str(), source.line, source.column), ("keys.json", 2, 3));
}

#[test]
fn a_grant_is_direct() {
    // R-EVAL-14: neither a boundary nor a session policy caps a direct allow; the role ARN in a key policy is limited.
    let session_policy = r#","sessionPolicyDocuments":[{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}]"#;
    let session_deny = r#","sessionPolicyDocuments":[{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"kms:*","Resource":"*"}]}]"#;
    let granted = Case::new().grant(ROLE_APP, DECRYPT, &[]);
    granted.check(APP, "kms:Decrypt", "", "allowed", NONE);
    granted.check(APP, "kms:Decrypt", session_policy, "allowed", NONE);
    granted.check(APP, "kms:Decrypt", session_deny, "explicitDeny", &["session"]);
    granted.check(FREE, "kms:Decrypt", "", "implicitDeny", NOT_GRANTED);
    let statement =
        format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{ROLE_APP}"}},"Action":"kms:*","Resource":"*"}}"#);
    let named = Case::new().key_policy(&statement);
    named.check(APP, "kms:Decrypt", "", "implicitDeny", &["permissionsBoundary"]);
    let capped = r#""arn:aws:iam::111122223333:user/capped""#;
    Case::new().grant(capped, DECRYPT, &[]).check(capped, "kms:Decrypt", "", "allowed", NONE);
}

#[test]
fn a_role_without_its_path_is_another_role() {
    // R-PRI-7
    let case = Case::new().grant("arn:aws:iam::111122223333:role/app", DECRYPT, &[]);
    let answer = case.ask(APP, "kms:Decrypt", "");
    assert_eq!(answer.decision, "implicitDeny");
}

#[test]
fn every_deny_wins_over_a_grant() {
    let cut = r#""arn:aws:iam::111122223333:user/cut""#;
    Case::new().grant(cut, DECRYPT, &[]).check(cut, "kms:Decrypt", "", "explicitDeny", &["identity"]);
    let deny = r#"{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*"}"#;
    let case = Case::new().grant(ANA, &["Decrypt", "Encrypt"], &[]).key_policy(deny);
    case.check(ANA, "kms:Decrypt", "", "explicitDeny", RESOURCE);
    case.check(ANA, "kms:Encrypt", "", "allowed", NONE);
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let s3 = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let no_kms = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"kms:*","Resource":"*"}]}"#;
    let rcp = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*"}]}"#;
    let harmless =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}"#;
    let under = |scp, rcp| Case::new().grant(ANA, DECRYPT, &[]).organization(scp, rcp);
    under(all, harmless).check(ANA, "kms:Decrypt", "", "allowed", NONE);
    under(s3, harmless).check(ANA, "kms:Decrypt", "", "implicitDeny", &["serviceControlPolicy"]);
    under(no_kms, harmless).check(ANA, "kms:Decrypt", "", "explicitDeny", &["serviceControlPolicy"]);
    under(all, rcp).check(ANA, "kms:Decrypt", "", "explicitDeny", &["resourceControlPolicy"]);
}

#[test]
fn across_accounts_a_grant_needs_an_identity_allow() {
    // R-EVAL-22, R-EVAL-36
    let mute = r#""arn:aws:iam::444455556666:user/mute""#;
    let case = Case::new().grant(EVE, DECRYPT, &[]).grant(mute, DECRYPT, &[]);
    case.check(EVE, "kms:Decrypt", "", "allowed", NONE);
    case.check(EVE, "kms:Encrypt", "", "implicitDeny", RESOURCE);
    case.check(mute, "kms:Decrypt", "", "implicitDeny", &["identity"]);
    // Nothing is direct across accounts (W-130).
    let bound = r#""arn:aws:iam::444455556666:user/bound""#;
    Case::new().grant(bound, DECRYPT, &[]).check(bound, "kms:Decrypt", "", "implicitDeny", &["permissionsBoundary"]);
    // Only what other accounts can do at all: a key policy that allows everything does not help.
    let statement = r#"{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"kms:*","Resource":"*"}"#;
    let open = Case::new().grant(EVE, DECRYPT, &[]).key_policy(statement);
    open.check(EVE, "kms:Encrypt", "", "allowed", NONE);
    open.check(EVE, "kms:ScheduleKeyDeletion", "", "implicitDeny", RESOURCE);
}

#[test]
fn kinds_of_grantees() {
    let session = "arn:aws:sts::111122223333:assumed-role/app/s1";
    let case = Case::new().grant(session, DECRYPT, &[]);
    case.check(APP, "kms:Decrypt", "", "allowed", NONE);
    let other = r#""arn:aws:sts::111122223333:assumed-role/app/s2""#;
    let answer = case.ask(other, "kms:Decrypt", "");
    assert_eq!(answer.decision, "implicitDeny");
    let service = Case::new().grant("lambda.amazonaws.com", DECRYPT, &[]);
    service.check(r#""lambda.amazonaws.com""#, "kms:Decrypt", "", "allowed", NONE);
    service.check(r#""ec2.amazonaws.com""#, "kms:Decrypt", "", "implicitDeny", RESOURCE);
    service.check(ANA, "kms:Decrypt", "", "implicitDeny", NOT_GRANTED);
    let federated = "arn:aws:sts::444455556666:federated-user/bob";
    let issued = format!(r#"{{"type":"FedUser","arn":"{federated}","issuerArn":{EVE}}}"#);
    let case = Case::new().grant(federated, DECRYPT, &[]);
    // A federated user's session allows nothing without a session policy (R-EVAL-20), which counts across accounts.
    case.check(&issued, "kms:Decrypt", "", "implicitDeny", &["session"]);
}

#[test]
fn an_account_as_grantee_still_asks_the_account() {
    // The safe reading: ACCOUNT, so that an identity allow is needed besides.
    let ida = r#""arn:aws:iam::111122223333:user/ida""#;
    for grantee in ["111122223333", "arn:aws:iam::111122223333:root"] {
        let case = Case::new().grant(grantee, DECRYPT, &[]);
        case.check(ANA, "kms:Decrypt", "", "implicitDeny", &["identity"]);
        case.check(ida, "kms:Decrypt", "", "allowed", NONE);
        case.check(ida, "kms:Encrypt", "", "implicitDeny", RESOURCE);
        case.check(r#""arn:aws:iam::111122223333:root""#, "kms:Decrypt", "", "allowed", NONE);
        case.check(EVE, "kms:Decrypt", "", "implicitDeny", RESOURCE);
    }
}

#[test]
fn an_encryption_context_is_equal_or_it_is_not() {
    let case = Case::new().grant(ANA, DECRYPT, &[("Dept", "it"), ("aws:s3:arn", "arn:aws:s3:::b")]);
    let arn = r#""kms:EncryptionContext:aws:s3:arn":"arn:aws:s3:::b""#;
    let dept = r#""kms:EncryptionContext:Dept":"it""#;
    let allowed = |more: &str| case.check_context(&format!("{dept},{arn}{more}"), "allowed");
    let denied = |more: &str| case.check_context(&format!("{dept},{arn}{more}"), "implicitDeny");
    allowed("");
    allowed(r#","kms:EncryptionContextKeys":["Dept","aws:s3:arn"]"#);
    allowed(r#","kms:EncryptionContextKeys":[],"aws:SourceIp":"203.0.113.7""#);
    // The service's part of a key ignores case, as all keys do (R-CON-4).
    case.check_context(&format!(r#""KMS:encryptioncontext:Dept":"it",{arn}"#), "allowed");
    // A further pair.
    denied(r#","kms:EncryptionContext:Project":"x""#);
    denied(r#","kms:EncryptionContext:Project":[]"#);
    denied(r#","kms:EncryptionContext:":"x""#);
    denied(r#","kms:EncryptionContext:dept":"it""#);
    denied(r#","kms:EncryptionContextKeys":["Dept","aws:s3:arn","Project"]"#);
    denied(r#","kms:EncryptionContextKeys":"Project""#);
    denied(r#","kms:EncryptionContextKeys":["Dept",""]"#);
    // The Kelvin sign is a `k` to keys that ignore case, and must not hide a pair.
    denied(",\"\u{212a}ms:EncryptionContext:Project\":\"x\"");
    // The name under which the engine asks for all names is no way around it.
    denied(r#","kms:EncryptionContext:*":"Dept""#);
    case.check_context(r#""kms:EncryptionContext:*":["Dept","aws:s3:arn"]"#, "implicitDeny");
    // A missing pair.
    case.check_context("", "implicitDeny");
    case.check_context(dept, "implicitDeny");
    case.check_context(r#""kms:EncryptionContextKeys":["Dept","aws:s3:arn"]"#, "implicitDeny");
    case.check_context(&format!(r#"{arn},"kms:EncryptionContext:Dept":[]"#), "implicitDeny");
    // Another value, or another case of value or name.
    case.check_context(&format!(r#"{arn},"kms:EncryptionContext:Dept":"IT""#), "implicitDeny");
    case.check_context(&format!(r#"{arn},"kms:EncryptionContext:Dept":"it ""#), "implicitDeny");
    case.check_context(&format!(r#"{arn},"kms:EncryptionContext:dept":"it""#), "implicitDeny");
    case.check_context(&format!(r#"{arn},"kms:EncryptionContext:Dept":["it","x"]"#), "implicitDeny");
}

#[test]
fn what_looks_like_a_pattern_is_compared_as_text() {
    let case = Case::new().grant(ANA, DECRYPT, &[("k", "${aws:username}*")]);
    case.check_context(r#""kms:EncryptionContext:k":"${aws:username}*""#, "allowed");
    case.check_context(r#""kms:EncryptionContext:k":"ana""#, "implicitDeny");
}

#[test]
fn without_a_constraint_any_context_will_do() {
    let case = Case::new().grant(ANA, DECRYPT, &[]);
    case.check_context("", "allowed");
    case.check_context(r#""kms:EncryptionContext:Dept":"it""#, "allowed");
}

#[test]
fn trusted_context_changes_nothing_about_names() {
    let case = Case::new().grant(ANA, DECRYPT, &[("k", "v")]);
    let compiled = compile(case.world, &Options::default()).unwrap();
    let tables = Tables::load(compiled.as_bytes()).unwrap();
    let line = format!(
        r#"{{"principal":{ANA},"action":"kms:Decrypt","resource":"{KEY}","context":{{"kms:EncryptionContext:k":"v","kms:EncryptionContext:*":"k"}}}}"#
    );
    let mut request = OwnedRequest::from_json(&line, Semantics::default()).unwrap();
    request.trust_context = true;
    assert_eq!(request.ask(&tables, None).unwrap().decision, "implicitDeny");
}

#[test]
fn an_operation_without_a_context_does_not_fit_a_constraint() {
    let case = Case::new().grant(ANA, &["Decrypt", "DescribeKey"], &[("k", "v")]);
    case.check(ANA, "kms:DescribeKey", "", "implicitDeny", NOT_GRANTED);
    case.check(ANA, "kms:Decrypt", r#","context":{"kms:EncryptionContext:k":"v"}"#, "allowed", NONE);
}

#[test]
fn a_grantee_grants_on_no_more_than_it_has() {
    let case = Case::new().grant(ANA, &["CreateGrant", "Decrypt"], &[]);
    let with = |operations: &str| format!(r#","context":{{"kms:GrantOperations":{operations}}}"#);
    case.check(ANA, "kms:CreateGrant", &with(r#"["Decrypt"]"#), "allowed", NONE);
    case.check(ANA, "kms:CreateGrant", &with(r#"["CreateGrant","Decrypt"]"#), "allowed", NONE);
    case.check(ANA, "kms:CreateGrant", &with(r#"["Decrypt","Encrypt"]"#), "implicitDeny", NOT_GRANTED);
    case.check(ANA, "kms:Decrypt", &with(r#"["Encrypt"]"#), "allowed", NONE);
}

#[test]
fn what_is_no_grant_is_refused() {
    let grantees = [
        "",
        "*",
        "arn:aws:iam::111122223333:user/*",
        "arn:aws:iam::111122223333:user/${aws:username}",
        "arn:aws:iam::111122223333:group/devs",
        "arn:aws:iam::111122223333:saml-provider/corp",
        "arn:aws:iam::11112222333:user/ana",
        "arn:nowhere:iam::111122223333:user/ana",
        "arn:aws:sts::111122223333:assumed-role/app",
        "lambda..amazonaws.com",
        "AWS Internal",
        "ana",
    ];
    for grantee in grantees {
        assert_eq!(Case::new().grant(grantee, DECRYPT, &[]).codes(), ["iamc::world::kms-grantee"], "{grantee}");
    }
    for operation in ["kms:Decrypt", "decrypt", "*", "", "ScheduleKeyDeletion"] {
        let codes = Case::new().grant(ANA, &["Encrypt", operation], &[]).codes();
        assert_eq!(codes, ["iamc::world::kms-operation"], "{operation}");
    }
    assert_eq!(Case::new().grant(ANA, &[], &[]).codes(), ["iamc::world::kms-no-operations"]);
    for arn in ["arn:aws:s3:::b", "arn:aws:kms:us-east-1:111122223333:alias/a", "*"] {
        let mut case = Case::new().grant(ANA, DECRYPT, &[]);
        arn.clone_into(&mut case.key().arn);
        assert_eq!(case.codes(), ["iamc::world::kms-grants"], "{arn}");
    }
}

#[test]
fn the_name_of_all_names_is_shown_and_unique() {
    // A policy that names it means the pair `*`, in lower case.
    let statement = format!(
        r#"{{"Effect":"Deny","Principal":{{"AWS":{ANA}}},"Action":"kms:*","Resource":"*","Condition":{{"StringEquals":{{"kms:EncryptionContext:*":"v"}}}}}}"#
    );
    let case = Case::new().grant(ANA, DECRYPT, &[("*", "v")]).key_policy(&statement);
    let compiled = compile(case.world.clone(), &Options::default()).unwrap();
    let tables = Tables::load(compiled.as_bytes()).unwrap();
    let names = tables.required_keys().map(|key| key.name).filter(|name| name.ends_with('*')).collect::<Vec<_>>();
    assert_eq!(names, ["kms:EncryptionContext:*", "kms:encryptioncontext:*"]);
    case.check_context(r#""kms:EncryptionContext:*":"v""#, "explicitDeny");
    case.check_context(r#""kms:EncryptionContext:k":"v""#, "implicitDeny");
}

/// All assignments of nothing, `1` or `2` to the names.
fn assignments(names: [&'static str; 3]) -> Vec<Vec<(&'static str, &'static str)>> {
    let mut all = vec![Vec::new()];
    for name in names {
        let longer = ["1", "2"].into_iter().flat_map(|value| {
            all.iter().map(move |pairs: &Vec<_>| {
                let mut pairs = pairs.clone();
                pairs.push((name, value));
                pairs
            })
        });
        all.extend(longer.collect::<Vec<_>>());
    }
    all
}

#[test]
fn every_small_encryption_context_against_every_small_constraint() {
    use crate::runtime::{Principal, Request, Value};
    // `a` and `A` are two pairs, but one condition key (R-CON-4). A constraint of both is refused: a request with one of
    // them as a member and the other in `kms:EncryptionContextKeys` once matched it.
    let names = ["a", "A", "b:c"];
    let lists = [&[][..], &["a"], &["A"], &["b:c"], &["a", "b:c"], &["a", "A", "b:c"], &["z"], &[""]];
    let mut allowed = 0;
    for constraint in assignments(names).into_iter().filter(|pairs| !pairs.is_empty()) {
        let case = Case::new().grant(ANA, DECRYPT, &constraint);
        let has = |name: &str| constraint.iter().any(|(known, _)| *known == name);
        if has("a") && has("A") {
            assert_eq!(case.codes(), ["iamc::world::kms-context"], "{constraint:?}");
            continue;
        }
        let compiled = [Level::None, Level::Full].map(|optimize| {
            compile(case.world.clone(), &Options { optimize, ..Options::default() }).unwrap().as_bytes().to_vec()
        });
        for pairs in assignments(names) {
            let keys = pairs.iter().map(|(name, _)| format!("kms:EncryptionContext:{name}")).collect::<Vec<_>>();
            for list in lists {
                let given = keys.iter().zip(&pairs).map(|(key, (_, value))| (key.as_str(), Value::One(value)));
                let context = given.chain([("kms:EncryptionContextKeys", Value::List(list))]).collect::<Vec<_>>();
                let names_fit = list.iter().all(|name| has(name));
                let expected = pairs == constraint && names_fit;
                let principal = Principal::User { arn: ANA.trim_matches('"') };
                let request = Request::new(principal, "kms:Decrypt", KEY).context(&context);
                for bytes in &compiled {
                    let decision = Tables::load(bytes).unwrap().decide(&request);
                    assert_eq!(decision.is_allowed(), expected, "{constraint:?} {pairs:?} {list:?}");
                }
                allowed += usize::from(expected);
            }
        }
    }
    // Names a, A, b:c, a with b:c, A with b:c: constraints by values times lists that fit.
    assert_eq!(allowed, 2 * 2 + 2 * 2 + 2 * 2 + 4 * 4 + 4 * 3);
}
