//! Each format, each finding, and what a world looks like; expectations are derived from `world.md` and chapter 8.

mod slips;
mod worlds;

use super::load;
use super::model::{Document, DocumentId, PolicyType, World};
use crate::source::{Diagnostic, Place};

/// Loads files and shows findings as `code file:line:column`.
fn run(files: &[(&str, &str)]) -> (World, Vec<String>) {
    run_as(files, None)
}

fn run_as(files: &[(&str, &str)], forced: Option<PolicyType>) -> (World, Vec<String>) {
    let inputs = files.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect();
    let world = load(inputs, forced);
    let findings = world.findings.clone();
    let shown = findings.iter().map(|finding| show(&world, finding)).collect();
    (world, shown)
}

fn show(world: &World, finding: &Diagnostic) -> String {
    let code = finding.code.strip_prefix("iamc::world::").unwrap_or(finding.code);
    let mut shown = format!("{code} {}", position(world, finding.place));
    for (place, _) in &finding.related {
        shown = format!("{shown} & {}", position(world, *place));
    }
    shown
}

/// Shows a finding as `code file:line token`, with the text at each place.
fn show_tokens(world: &World, finding: &Diagnostic) -> String {
    let token = |place: Place| {
        let Some(source) = world.sources.get(place.source) else { return "nowhere".to_owned() };
        let range = usize::try_from(place.span.start()).unwrap()..usize::try_from(place.span.end()).unwrap();
        let line = source.line_column(place.span.start()).line;
        format!("{}:{line} {}", source.name, source.text.get(range).unwrap_or(""))
    };
    let code = finding.code.strip_prefix("iamc::world::").unwrap_or(finding.code);
    let places = std::iter::once(finding.place).chain(finding.related.iter().map(|(place, _)| *place));
    format!("{code} {}", places.map(token).collect::<Vec<_>>().join(" & "))
}

fn position(world: &World, place: Place) -> String {
    let Some(source) = world.sources.get(place.source) else { return "nowhere".to_owned() };
    let at = source.line_column(place.span.start());
    format!("{}:{}:{}", source.name, at.line, at.column)
}

fn names(world: &World) -> Vec<&str> {
    world.documents.iter().map(|document| document.name.as_str()).collect()
}

fn document(world: &World, id: DocumentId) -> &Document {
    &world.documents[usize::try_from(id.0).unwrap()]
}

/// Names of the identity policies of the principal with that ARN.
fn identity<'a>(world: &'a World, arn: &str) -> Vec<&'a str> {
    let principal = world.principals.iter().find(|principal| principal.arn == arn).unwrap();
    let groups = principal.groups.iter().flat_map(|group| &world.groups[usize::try_from(group.0).unwrap()]);
    let mut all: Vec<DocumentId> = principal.identity.iter().chain(groups).copied().collect();
    all.sort_unstable();
    all.iter().map(|&id| document(world, id).name.as_str()).collect()
}

const ALLOW: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
const DENY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}]}"#;
const TRUST: &str =
    r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

/// A dump with the given lists; documents and names are spliced in.
fn dump(users: &str, groups: &str, roles: &str, policies: &str) -> String {
    format!(
        "{{\"UserDetailList\":[{users}],\n\"GroupDetailList\":[{groups}],\n\"RoleDetailList\":[{roles}],\n\"Policies\":[{policies}]}}"
    )
}

/// A user named alice with further members.
fn alice(members: &str) -> String {
    format!(r#"{{"UserName":"alice","Arn":"{ALICE}"{members}}}"#)
}

fn managed(name: &str, account: &str, document: &str) -> String {
    format!(
        r#"{{"PolicyName":"{name}","Arn":"arn:aws:iam::{account}:policy/{name}","DefaultVersionId":"v1","PolicyVersionList":[{{"VersionId":"v1","IsDefaultVersion":true,"Document":{document}}}]}}"#
    )
}

fn attached(name: &str, account: &str) -> String {
    format!(
        r#","AttachedManagedPolicies":[{{"PolicyName":"{name}","PolicyArn":"arn:aws:iam::{account}:policy/{name}"}}]"#
    )
}

// ---- policy documents and envelopes ----

#[test]
fn a_document_is_named_by_its_file_and_typed_by_its_principals() {
    let bucket = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}}"#;
    let (world, findings) = run(&[("b/reader.json", ALLOW), ("a/bucket.v2.json", bucket)]);
    assert_eq!(findings, [""; 0]);
    assert_eq!(names(&world), ["bucket.v2", "reader"]);
    assert_eq!(world.documents[0].policy_type, PolicyType::Resource);
    assert!(!world.documents[0].named);
    assert_eq!(world.documents[1].policy_type, PolicyType::Identity);
    assert!(world.documents[1].named);
    assert_eq!(world.documents[1].account, None);
    assert!(world.accounts.is_empty() && world.principals.is_empty() && world.resources.is_empty());
}

#[test]
fn a_given_type_wins() {
    let (world, _) = run_as(&[("guard.json", ALLOW)], Some(PolicyType::ServiceControl));
    assert_eq!(world.documents[0].policy_type, PolicyType::ServiceControl);
    assert!(!world.documents[0].named);
}

#[test]
fn every_envelope_is_opened_whatever_the_encoding() {
    let quoted = ALLOW.replace('"', "\\\"");
    let percent = ALLOW.replace('{', "%7B").replace('"', "%22").replace('}', "%7D");
    for text in [
        format!(r#"{{"PolicyVersion":{{"VersionId":"v1","Document":{ALLOW}}}}}"#),
        format!(r#"{{"PolicyVersion":{{"Document":"{quoted}"}}}}"#),
        format!(r#"{{"UserName":"a","PolicyName":"b","PolicyDocument":{ALLOW}}}"#),
        format!(r#"{{"PolicyDocument":"{percent}"}}"#),
        format!(r#"{{"Policy":"{quoted}"}}"#),
        format!(r#"{{"Policy":{ALLOW}}}"#),
    ] {
        let (world, findings) = run(&[("p.json", &text)]);
        assert_eq!(findings, [""; 0], "{text}");
        assert_eq!(names(&world), ["p"], "{text}");
        assert_eq!(world.documents[0].policy.statements.len(), 1, "{text}");
    }
}

#[test]
fn findings_inside_an_encoded_document_point_into_the_file() {
    // `"effect"` starts after 12 characters of envelope and 15 of escaped JSON.
    let text = r#"{"Policy": "{\"Statement\":{\"effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}"}"#;
    let column = text.find(r#"\"effect"#).unwrap() + 1;
    let (_, findings) = run(&[("p.json", text)]);
    assert_eq!(findings, [format!("iamc::document::unknown-element p.json:1:{column}")]);
}

#[test]
fn what_is_no_policy_is_refused_with_its_reason() {
    for (text, code) in [
        ("{}", "unknown-format"),
        ("[1]", "unknown-format"),
        (r#"{"PolicyVersion":{"VersionId":"v1"}}"#, "no-document"),
        (r#"{"Policy":{"PolicyName":"p","DefaultVersionId":"v1"}}"#, "no-document"),
    ] {
        let (world, findings) = run(&[("x.json", text)]);
        assert_eq!(findings, [format!("{code} x.json:1:1")], "{text}");
        assert!(world.documents.is_empty(), "{text}");
    }
}

#[test]
fn a_file_names_one_document() {
    let (world, findings) = run(&[("p.json", &format!("{ALLOW}\n{DENY}"))]);
    assert_eq!(findings, ["several-documents p.json:2:1 & p.json:1:1"]);
    assert_eq!(names(&world), ["p"]);
}

#[test]
fn names_that_differ_only_in_case_clash() {
    let (_, findings) = run(&[("a/Guard.json", ALLOW), ("b/guard.json", ALLOW)]);
    assert_eq!(findings, ["duplicate-name b/guard.json:1:1 & a/Guard.json:1:1"]);
}

#[test]
fn one_run_reports_the_mistakes_of_all_files() {
    let broken = r#"{"Version":"2012-10-17" "Statement":[]}"#;
    let (_, findings) = run(&[("a.json", broken), ("b.json", "{}"), ("c.json", "{")]);
    assert!(findings.iter().any(|finding| finding.contains("a.json:1:2")), "{findings:?}");
    assert!(findings.contains(&"unknown-format b.json:1:1".to_owned()), "{findings:?}");
    assert!(findings.iter().any(|finding| finding.contains("c.json")), "{findings:?}");
}

// ---- policy lines ----

#[test]
fn policy_lines_are_named_policies_and_managed_ones_have_an_arn() {
    let text = format!(
        "{{\"name\":\"Reader\",\"document\":{ALLOW}}}\n{{\"name\":\"Guard\",\"arn\":\"arn:aws:iam::aws:policy/Guard\",\"document\":{DENY}}}\n"
    );
    let (world, findings) = run(&[("set.jsonl", &text)]);
    assert_eq!(findings, [""; 0]);
    assert_eq!(names(&world), ["Reader", "Guard"]);
    assert_eq!(world.documents[0].policy_type, PolicyType::Identity);
    assert_eq!(world.documents[1].policy_type, PolicyType::Managed);
    assert_eq!(world.documents[1].arn.as_deref(), Some("arn:aws:iam::aws:policy/Guard"));
    assert!(world.documents.iter().all(|document| document.named));
}

#[test]
fn a_policy_line_is_held_to_its_members() {
    for (line, expected) in [
        (format!(r#"{{"name":"a","Arn":"x","document":{ALLOW}}}"#), "unknown-member s.jsonl:1:13"),
        (format!(r#"{{"document":{ALLOW}}}"#), "missing-member s.jsonl:1:1"),
        (format!(r#"{{"name":7,"document":{ALLOW}}}"#), "wrong-type s.jsonl:1:9"),
        (format!(r#"{{"name":"a","arn":"arn:aws:s3:::b","document":{ALLOW}}}"#), "bad-arn s.jsonl:1:19"),
        (r#"{"name":"a","arn":"arn:aws:iam::aws:policy/a"}"#.to_owned(), "missing-member s.jsonl:1:1"),
    ] {
        let (_, findings) = run(&[("s.jsonl", &line)]);
        assert_eq!(findings, [expected], "{line}");
    }
}

#[test]
fn equal_lines_of_one_arn_are_one_policy() {
    let line =
        |document: &str| format!(r#"{{"name":"Guard","arn":"arn:aws:iam::aws:policy/Guard","document":{document}}}"#);
    let (world, findings) = run(&[("a.jsonl", &line(DENY)), ("b.jsonl", &line(DENY))]);
    assert_eq!((names(&world), findings), (vec!["Guard"], vec![]));
    let (world, findings) = run(&[("a.jsonl", &line(DENY)), ("b.jsonl", &line(ALLOW))]);
    assert_eq!(findings, ["conflicting-policies b.jsonl:1:9 & a.jsonl:1:23"]);
    assert_eq!(names(&world), ["Guard"]);
}

#[test]
fn a_document_without_statements_is_still_a_document() {
    let (_, findings) = run(&[("p.json", r#"{"Version":"2012-10-17"}"#)]);
    assert_eq!(findings, ["iamc::document::missing-statement p.json:1:1"]);
    let (_, findings) = run(&[("p.json", r#"{"Version":"2012-10-17","Statements":[]}"#)]);
    assert_eq!(findings, ["iamc::document::unknown-element p.json:1:25"]);
}

#[test]
fn findings_are_in_source_order() {
    let users = format!("{},{}", alice(&attached("gone", "aws")), r#"{"UserName":"bob"}"#);
    let (_, findings) = run(&[("b.json", "{}"), ("a.json", &dump(&users, "", "", ""))]);
    let codes: Vec<&str> = findings.iter().filter_map(|finding| finding.split(' ').next()).collect();
    assert_eq!(codes, ["unresolved-policy", "missing-member", "unknown-format"]);
}

#[test]
fn an_attachment_may_refer_to_a_policy_line() {
    let line = format!(r#"{{"name":"Guard","arn":"arn:aws:iam::aws:policy/Guard","document":{DENY}}}"#);
    let account = dump(&alice(&attached("Guard", "aws")), "", "", "");
    let (world, findings) = run(&[("account.json", &account), ("lines.jsonl", &line)]);
    assert_eq!(findings, [""; 0]);
    assert_eq!(identity(&world, ALICE), ["Guard"]);
}

// ---- account dumps ----

#[test]
fn a_user_has_its_own_policies_and_those_of_its_groups() {
    let user = alice(&format!(
        r#","UserId":"AIDAEXAMPLE","GroupList":["devs"],"UserPolicyList":[{{"PolicyName":"own","PolicyDocument":{ALLOW}}}],"PermissionsBoundary":{{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"arn:aws:iam::111122223333:policy/limit"}},"Tags":[{{"Key":"team","Value":"red"}}]{}"#,
        attached("direct", "111122223333")
    ));
    let group = format!(
        r#"{{"GroupName":"devs","Arn":"arn:aws:iam::111122223333:group/devs","GroupPolicyList":[{{"PolicyName":"shared","PolicyDocument":{DENY}}}]{}}}"#,
        attached("through", "111122223333")
    );
    let policies = ["direct", "limit", "through"].map(|name| managed(name, "111122223333", ALLOW)).join(",");
    let (world, findings) = run(&[("account.json", &dump(&user, &group, "", &policies))]);
    assert_eq!(findings, [""; 0]);
    assert_eq!(identity(&world, ALICE), ["user/alice/own", "group/devs/shared", "direct", "through"]);
    let principal = &world.principals[0];
    assert_eq!(document(&world, principal.boundary.unwrap()).name, "limit");
    assert_eq!(principal.unique_id.as_deref(), Some("AIDAEXAMPLE"));
    assert_eq!(principal.tags, [("team".into(), "red".into())]);
    assert_eq!(principal.account, "111122223333");
    assert_eq!(world.accounts.len(), 1);
    assert!(world.accounts[0].identities_known);
    let own = &world.documents[0];
    assert_eq!((own.policy_type, own.named), (PolicyType::Inline, false));
    assert_eq!(own.account.as_deref(), Some("111122223333"));
    let direct = &world.documents[2];
    assert_eq!((direct.policy_type, direct.named), (PolicyType::Managed, true));
    assert_eq!(direct.arn.as_deref(), Some("arn:aws:iam::111122223333:policy/direct"));
}

#[test]
fn a_role_is_a_principal_and_a_resource_with_its_trust_policy() {
    let arn = "arn:aws:iam::111122223333:role/svc/app";
    let role = format!(
        r#"{{"RoleName":"app","Arn":"{arn}","AssumeRolePolicyDocument":{TRUST},"RolePolicyList":[{{"PolicyName":"run","PolicyDocument":{ALLOW}}}]}}"#
    );
    let (world, findings) = run(&[("account.json", &dump("", "", &role, ""))]);
    assert_eq!(findings, [""; 0]);
    assert_eq!(identity(&world, arn), ["role/app/run"]);
    let resource = &world.resources[0];
    assert_eq!((resource.arn.as_str(), resource.covers.len()), (arn, 0), "a role governs itself and nothing else");
    let trust = document(&world, resource.policy.unwrap());
    assert_eq!(trust.name, format!("{arn}#trust"));
    assert_eq!(trust.policy_type, PolicyType::Trust);
}

#[test]
fn only_the_default_version_counts() {
    let versions = |default: &str, flags: [&str; 2]| {
        let [one, two] = flags;
        format!(
            r#"{{"PolicyName":"p","Arn":"arn:aws:iam::111122223333:policy/p"{default},"PolicyVersionList":[{{"VersionId":"v1"{one},"Document":{{"Statement":7}}}},{{"VersionId":"v2"{two},"Document":{ALLOW}}}]}}"#
        )
    };
    let yes = r#","IsDefaultVersion":true"#;
    for (policy, expected) in [
        (versions(r#","DefaultVersionId":"v2""#, ["", yes]), ""),
        (versions(r#","DefaultVersionId":"v2""#, ["", ""]), ""),
        (versions("", ["", yes]), ""),
        (versions("", ["", ""]), "no-default-version"),
        (versions(r#","DefaultVersionId":"v3""#, ["", ""]), "no-default-version"),
        (versions(r#","DefaultVersionId":"v2""#, [yes, ""]), "contradictory-default"),
        (versions("", [yes, yes]), "contradictory-default"),
    ] {
        let (world, findings) = run(&[("account.json", &dump("", "", "", &policy))]);
        let codes: Vec<&str> = findings.iter().map(|finding| finding.split(' ').next().unwrap()).collect();
        assert_eq!(codes.join(" "), expected, "{policy}");
        assert_eq!(world.documents.len(), usize::from(expected.is_empty()), "{policy}");
    }
}

#[test]
fn pages_may_be_concatenated_or_lie_in_several_files() {
    let group = r#"{"GroupName":"devs","Arn":"arn:aws:iam::111122223333:group/devs"}"#;
    let first = dump(&alice(&format!(r#","GroupList":["devs"]{}"#, attached("p", "aws"))), "", "", "");
    let second = dump("", group, "", &managed("p", "aws", ALLOW));
    let together = format!("{first}\n{second}\n");
    let (one, findings) = run(&[("account.json", &together)]);
    assert_eq!(findings, [""; 0]);
    let (two, findings) = run(&[("a.json", &first), ("b.json", &second)]);
    assert_eq!(findings, [""; 0]);
    assert_eq!(identity(&one, ALICE), ["p"]);
    assert_eq!(identity(&two, ALICE), ["p"]);
}

#[test]
fn every_document_of_a_dump_may_be_encoded() {
    let quoted = format!("\"{}\"", ALLOW.replace('"', "\\\""));
    let percent = format!("\"{}\"", ALLOW.replace('{', "%7B").replace('"', "%22").replace('}', "%7D"));
    let user = alice(&format!(r#","UserPolicyList":[{{"PolicyName":"own","PolicyDocument":{percent}}}]"#));
    let (world, findings) = run(&[("account.json", &dump(&user, "", "", &managed("p", "111122223333", &quoted)))]);
    assert_eq!(findings, [""; 0]);
    assert_eq!(names(&world), ["user/alice/own", "p"]);
}

#[test]
fn the_order_of_files_and_entities_does_not_matter() {
    let bob = r#"{"UserName":"bob","Arn":"arn:aws:iam::111122223333:user/bob"}"#;
    let one = dump(&format!("{bob},{}", alice("")), "", "", "");
    let two = one.replace("111122223333", "000011112222");
    let (left, _) = run(&[("a.json", &one), ("b.json", &two), ("c.json", ALLOW)]);
    let (right, _) = run(&[("c.json", ALLOW), ("b.json", &two), ("a.json", &one)]);
    assert_eq!(format!("{left:?}"), format!("{right:?}"));
    let arns: Vec<&str> = left.principals.iter().map(|principal| principal.arn.as_str()).collect();
    assert!(arns.is_sorted());
    assert_eq!(left.accounts[0].id, "000011112222");
}

#[test]
fn a_reference_that_is_not_resolved_is_an_error_at_its_place() {
    let boundary = r#","PermissionsBoundary":{"PermissionsBoundaryArn":"arn:aws:iam::111122223333:policy/limit"}"#;
    for (members, code, at) in [
        (attached("gone", "aws"), "unresolved-policy", "\"arn:aws:iam::aws:policy/gone"),
        (boundary.to_owned(), "unresolved-boundary", "\"arn:aws:iam::111122223333:policy/limit"),
        (r#","GroupList":["devs"]"#.to_owned(), "unknown-group", "\"devs\""),
    ] {
        let text = dump(&alice(&members), "", "", "");
        let column = text.find(at).unwrap() + 1;
        let (_, findings) = run(&[("account.json", &text)]);
        assert_eq!(findings, [format!("{code} account.json:1:{column}")]);
    }
}

#[test]
fn a_group_reports_its_unresolved_policy_once() {
    let group =
        format!(r#"{{"GroupName":"devs","Arn":"arn:aws:iam::111122223333:group/devs"{}}}"#, attached("gone", "aws"));
    let bob = r#"{"UserName":"bob","Arn":"arn:aws:iam::111122223333:user/bob","GroupList":["devs"]}"#;
    let users = format!("{},{bob}", alice(r#","GroupList":["devs"]"#));
    let (_, findings) = run(&[("account.json", &dump(&users, &group, "", ""))]);
    assert_eq!(findings.len(), 1, "{findings:?}");
}

#[test]
fn a_reference_to_what_was_refused_is_no_news() {
    let user = alice(&format!(r#","GroupList":["devs"]{}"#, attached("p", "111122223333")));
    let policy = managed("p", "111122223333", ALLOW).replace("policy/p", "policy");
    let (_, findings) = run(&[("account.json", &dump(&user, r#"{"GroupName":"devs"}"#, "", &policy))]);
    let codes: Vec<&str> = findings.iter().filter_map(|finding| finding.split(' ').next()).collect();
    assert_eq!(codes, ["missing-member", "bad-arn"]);
}

#[test]
fn groups_do_not_nest_and_have_no_boundary() {
    let group = r#"{"GroupName":"devs","Arn":"arn:aws:iam::111122223333:group/devs","GroupList":["all"],"PermissionsBoundary":{"PermissionsBoundaryArn":"x"}}"#;
    let (_, findings) = run(&[("account.json", &dump("", group, "", ""))]);
    assert_eq!(findings, ["nested-group account.json:2:98", "group-boundary account.json:2:153"]);
}

#[test]
fn names_are_unique_in_an_account_ignoring_case() {
    let other = r#"{"UserName":"Alice","Arn":"arn:aws:iam::111122223333:user/x/Alice"}"#;
    let group = |name: &str| format!(r#"{{"GroupName":"{name}","Arn":"arn:aws:iam::111122223333:group/{name}"}}"#);
    let role = |name: &str| {
        format!(
            r#"{{"RoleName":"{name}","Arn":"arn:aws:iam::111122223333:role/{name}","AssumeRolePolicyDocument":{TRUST}}}"#
        )
    };
    let text = dump(
        &format!("{},{other}", alice("")),
        &format!("{},{}", group("devs"), group("Devs")),
        &format!("{},{}", role("app"), role("APP")),
        &format!("{},{}", managed("p", "111122223333", ALLOW), managed("P", "111122223333", ALLOW)),
    );
    let (world, findings) = run(&[("account.json", &text)]);
    assert_eq!(findings.len(), 4, "{findings:?}");
    assert!(findings.iter().all(|finding| finding.starts_with("duplicate-name ")), "{findings:?}");
    assert_eq!(world.principals.len(), 2);
}

#[test]
fn inline_policies_of_one_user_have_different_names() {
    let inline = |name: &str| format!(r#"{{"PolicyName":"{name}","PolicyDocument":{ALLOW}}}"#);
    let user = alice(&format!(r#","UserPolicyList":[{},{}]"#, inline("a"), inline("A")));
    let (_, findings) = run(&[("account.json", &dump(&user, "", "", ""))]);
    assert_eq!(findings.len(), 1);
    assert!(findings[0].starts_with("duplicate-name "));
}

#[test]
fn a_dump_holds_one_account() {
    let bob = r#"{"UserName":"bob","Arn":"arn:aws:iam::444455556666:user/bob"}"#;
    let text = dump(&format!("{},{bob}", alice("")), "", "", "");
    let (world, findings) = run(&[("account.json", &text)]);
    let column = |arn: &str| text.find(arn).unwrap();
    let (second, first) = (column("arn:aws:iam::444455556666"), column(ALICE));
    assert_eq!(findings, [format!("two-accounts account.json:1:{second} & account.json:1:{first}")]);
    assert_eq!(world.principals.len(), 1);
}

#[test]
fn members_are_held_to_their_types_and_arns_to_their_form() {
    let policy = |document: &str| format!(r#","UserPolicyList":[{{"PolicyName":"p"{document}}}]"#);
    for (user, code) in [
        (r#"{"UserName":"alice"}"#.to_owned(), "missing-member"),
        (r#"{"UserName":"alice","Arn":"arn:aws:iam::111122223333:role/alice"}"#.to_owned(), "bad-arn"),
        (r#"{"UserName":"bob","Arn":"arn:aws:iam::111122223333:user/alice"}"#.to_owned(), "name-mismatch"),
        (r#"{"UserName":"a b","Arn":"arn:aws:iam::111122223333:user/a b"}"#.to_owned(), "bad-name"),
        (r#"{"UserName":"a","Arn":"arn:aws:iam::111122223333:user/x y/a"}"#.to_owned(), "bad-path"),
        (alice(r#","GroupList":"devs""#), "wrong-type"),
        (alice(r#","GroupList":[7]"#), "wrong-type"),
        (alice(r#","Tags":[{"Key":"k"}]"#), "missing-member"),
        (alice(r#","AttachedManagedPolicies":[{"PolicyName":"p"}]"#), "missing-member"),
        (alice(&policy("")), "missing-member"),
        (alice(&policy(r#","PolicyDocument":"no""#)), "iamc::document::not-a-document"),
        ("7".to_owned(), "wrong-type"),
    ] {
        let (_, findings) = run(&[("account.json", &dump(&user, "", "", ""))]);
        assert!(findings[0].starts_with(code), "{user} {findings:?}");
    }
}

#[test]
fn missing_and_unknown_members_are_no_news() {
    let user = r#"{"Arn":"arn:aws:iam::111122223333:user/team/alice","LoginProfile":{"x":[1]},"Tags":null}"#;
    let (world, findings) = run(&[("account.json", &format!(r#"{{"UserDetailList":[{user}],"Extra":1}}"#))]);
    assert_eq!(findings, [""; 0]);
    assert_eq!(world.principals[0].arn, "arn:aws:iam::111122223333:user/team/alice");
}

#[test]
fn an_incomplete_dump_is_a_warning() {
    let page = |truncated: bool| {
        format!(
            r#"{{"UserDetailList":[{}],"IsTruncated":{truncated}}}"#,
            if truncated { alice("") } else { String::new() }
        )
    };
    let (_, findings) = run(&[("account.json", &page(true))]);
    assert_eq!(findings.len(), 1);
    assert!(findings[0].starts_with("truncated "));
    assert_eq!(run(&[("account.json", &(page(true) + &page(false)))]).1, [""; 0]);
    assert_eq!(run(&[("account.json", &page(false))]).1, ["empty-dump account.json:1:1"]);
}

// ---- copies ----

#[test]
fn equal_copies_of_a_policy_of_aws_are_one_document() {
    let one = dump(&alice(&attached("View", "aws")), "", "", &managed("View", "aws", ALLOW));
    let two = one.replace("111122223333", "444455556666");
    let line = format!(r#"{{"name":"View","arn":"arn:aws:iam::aws:policy/View","document":{ALLOW}}}"#);
    let (world, findings) = run(&[("a.json", &one), ("b.json", &two), ("c.jsonl", &line)]);
    assert_eq!(findings, [""; 0]);
    assert_eq!(names(&world), ["View"]);
    assert_eq!(world.principals[0].identity, world.principals[1].identity);
}

#[test]
fn the_account_keeps_its_own_copy_with_a_warning() {
    let own = dump(&alice(&attached("View", "aws")), "", "", &managed("View", "aws", ALLOW));
    let line = format!(r#"{{"name":"View","arn":"arn:aws:iam::aws:policy/View","document":{DENY}}}"#);
    let (world, findings) = run(&[("a.json", &own), ("b.jsonl", &line)]);
    assert_eq!(findings.len(), 1);
    assert!(
        findings[0].starts_with("differing-copy a.json:4:") && findings[0].ends_with("b.jsonl:1:9"),
        "{findings:?}"
    );
    let held = document(&world, world.principals[0].identity[0]);
    assert_eq!(held.source.0, 0);
    assert!(!held.named, "the line is what the name stands for");
}

#[test]
fn one_account_cannot_have_a_policy_twice() {
    let policies =
        |second: &str| format!("{},{}", managed("p", "111122223333", ALLOW), managed("p", "111122223333", second));
    let (world, findings) = run(&[("a.json", &dump("", "", "", &policies(ALLOW)))]);
    assert_eq!(findings, [""; 0]);
    assert_eq!(names(&world), ["p"]);
    let (_, findings) = run(&[("a.json", &dump("", "", "", &policies(DENY)))]);
    assert!(findings[0].starts_with("conflicting-policies "), "{findings:?}");
}

// ---- quotas ----

#[test]
fn quotas_are_errors_where_they_are_fixed_and_warnings_where_they_can_be_raised() {
    let attach = |count: usize| {
        let entry = r#"{"PolicyArn":"arn:aws:iam::aws:policy/p"}"#;
        format!(r#","AttachedManagedPolicies":[{}]"#, vec![entry; count].join(","))
    };
    let many_groups = format!(r#","GroupList":[{}]"#, ["\"g\""; 11].join(","));
    let tags: Vec<String> = (0..51).map(|number| format!(r#"{{"Key":"k{number}","Value":"v"}}"#)).collect();
    let many_tags = format!(r#","Tags":[{}]"#, tags.join(","));
    let long = ALLOW.replace("s3:GetObject", &"a".repeat(2_048));
    let inline = format!(r#","UserPolicyList":[{{"PolicyName":"p","PolicyDocument":{long}}}]"#);
    let group = r#"{"GroupName":"g","Arn":"arn:aws:iam::111122223333:group/g"}"#;
    for (members, expected) in [
        (attach(10), None),
        (attach(11), Some("over-default-quota")),
        (attach(21), Some("over-quota")),
        (many_groups, Some("over-quota")),
        (many_tags, Some("over-quota")),
        (inline, Some("inline-too-long")),
    ] {
        let text = dump(&alice(&members), group, "", &managed("p", "aws", ALLOW));
        let (_, findings) = run(&[("account.json", &text)]);
        let codes: Vec<&str> = findings.iter().filter_map(|finding| finding.split(' ').next()).collect();
        assert_eq!(codes, expected.as_slice(), "{members}");
    }
}

#[test]
fn an_account_has_at_most_five_thousand_users() {
    let users: Vec<String> =
        (0..5_001).map(|number| format!(r#"{{"Arn":"arn:aws:iam::111122223333:user/u{number}"}}"#)).collect();
    let (world, _) = run(&[("account.json", &dump(&users.join(","), "", "", ""))]);
    let findings: Vec<String> = world.findings.iter().map(|finding| show_tokens(&world, finding)).collect();
    let last = r#"account.json:1 "arn:aws:iam::111122223333:user/u5000""#;
    assert_eq!(findings, [format!("over-quota account.json:1 {{ & {last}")]);
    assert_eq!(world.principals.len(), 5_001);
}

#[test]
fn a_policy_has_at_most_five_versions() {
    let versions: Vec<String> = (1..=6)
        .map(|number| format!(r#"{{"VersionId":"v{number}","IsDefaultVersion":{},"Document":{ALLOW}}}"#, number == 6))
        .collect();
    let policy = format!(
        r#"{{"PolicyName":"p","Arn":"arn:aws:iam::111122223333:policy/p","PolicyVersionList":[{}]}}"#,
        versions.join(",")
    );
    let (_, findings) = run(&[("account.json", &dump("", "", "", &policy))]);
    assert_eq!(findings.len(), 1);
    let sixth = dump("", "", "", &policy).lines().last().unwrap().find("{\"VersionId\":\"v6\"").unwrap() + 1;
    assert!(findings[0].starts_with("over-quota ") && findings[0].ends_with(&format!(":{sixth}")), "{findings:?}");
}

#[test]
fn the_example_account_has_no_findings() {
    let text = include_str!("../../examples/account/authorization-details.json");
    let (world, findings) = run(&[("authorization-details.json", text)]);
    assert_eq!(findings, [""; 0]);
    assert_eq!((world.accounts.len(), world.principals.len(), world.resources.len()), (1, 24, 9));
    let ana = "arn:aws:iam::111122223333:user/people/ana";
    assert_eq!(
        identity(&world, ana),
        [
            "group/developers/AssumeSandbox",
            "DeveloperAccess",
            "RequireMultiFactor",
            "SelfManageCredentials",
            "AmazonEC2ReadOnlyAccess"
        ]
    );
}

#[test]
fn the_example_mistakes_are_found_and_the_rest_is_kept() {
    let reader = include_str!("../../examples/mistakes/report-reader.json");
    let uploader = include_str!("../../examples/mistakes/release-uploader.json");
    let (world, findings) = run(&[("release-uploader.json", uploader), ("report-reader.json", reader)]);
    assert_eq!(
        findings,
        [
            "iamc::document::unknown-element release-uploader.json:6:7",
            "iamc::syntax::missing-comma report-reader.json:7:32"
        ]
    );
    let tests: Vec<usize> =
        world.documents.iter().map(|it| it.policy.statements.iter().map(|it| it.condition.len()).sum()).collect();
    assert_eq!(tests, [0, 1], "the misspelled operator is still there for later rooms");
}

// ---- hostile input ----

#[test]
fn every_beginning_of_a_dump_ends_in_a_finding() {
    let user = alice(&format!(
        r#","GroupList":["devs"],"UserPolicyList":[{{"PolicyName":"own","PolicyDocument":"{}"}}]{}"#,
        ALLOW.replace('"', "\\\""),
        attached("p", "111122223333")
    ));
    let group = r#"{"GroupName":"devs","Arn":"arn:aws:iam::111122223333:group/devs"}"#;
    let role = format!(r#"{{"Arn":"arn:aws:iam::111122223333:role/app","AssumeRolePolicyDocument":{TRUST}}}"#);
    let text = dump(&user, group, &role, &managed("p", "111122223333", ALLOW));
    assert_eq!(run(&[("account.json", &text)]).1, [""; 0]);
    for end in 0..text.len() {
        let (beginning, _) = text.split_at(end);
        let (_, findings) = run(&[("account.json", beginning)]);
        assert!(!findings.is_empty(), "{beginning}");
    }
}

#[test]
fn a_value_of_any_type_may_stand_anywhere() {
    let text = dump(
        &alice(&attached("p", "aws")),
        r#"{"GroupName":"devs","Arn":"arn:aws:iam::111122223333:group/devs"}"#,
        &format!(r#"{{"Arn":"arn:aws:iam::111122223333:role/app","AssumeRolePolicyDocument":{TRUST}}}"#),
        &managed("p", "aws", ALLOW),
    );
    let values = ["null", "7", "true", "[]", "{}", "[[]]", "\"x\"", "\"{\""];
    for (at, _) in text.match_indices(":\"") {
        let (before, quoted) = text.split_at(at + 1);
        let end = quoted.match_indices('"').nth(1).unwrap().0 + 1;
        let (_, behind) = quoted.split_at(end);
        for value in values {
            run(&[("account.json", &format!("{before}{value}{behind}"))]);
        }
    }
}
