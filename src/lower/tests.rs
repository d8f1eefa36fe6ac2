//! Hand-derived cases: the text of a policy, the codes of its findings, the shape of what it becomes.

use super::{lower, lower_parts};
use crate::ir::{self, ActionPattern, Crossing, PolicyKind, PrincipalEntry, Program, Step, Value};
use crate::source::{Diagnostic, Place, Severity};
use crate::syntax::parse_policy;
use crate::terms::{Cardinality, Comparison, Qualifier, Semantics};
use crate::world::model::{
    Account, Acl, AclPermission, Document, DocumentId, Grantee, KmsGrant, ObjectOwnership, PolicyType, Principal,
    PrincipalKind, PublicAccessBlock, Resource, Spot, World,
};

use PolicyType::{Boundary, Endpoint, Identity, Inline, Managed, ResourceControl, ServiceControl, Session, Trust};

/// A world with one named policy, and the findings of the parser.
fn world_of(policy_type: PolicyType, text: &str) -> (World, Vec<Diagnostic>) {
    let mut world = World::default();
    let source = world.sources.add("p.json", text);
    let mut findings = Vec::new();
    let policy = parse_policy(text, source, &mut findings).unwrap();
    let place = Place { source, span: policy.span };
    let name = "p".to_owned();
    // A policy of an account is in use, so that nothing is said about it.
    let is_identity = matches!(policy_type, Identity | Managed | Inline | Session);
    let account = (!is_identity).then(|| "111122223333".to_owned());
    world.documents.push(Document { name, arn: None, account, policy_type, source, place, policy, named: false });
    (world, findings)
}

fn switched(switches: &[(&str, &str)]) -> Semantics {
    let mut semantics = Semantics::default();
    for (name, value) in switches {
        semantics.set(name, value).unwrap();
    }
    semantics
}

fn run(policy_type: PolicyType, text: &str, switches: &[(&str, &str)]) -> (Program, Vec<Diagnostic>) {
    let (world, mut findings) = world_of(policy_type, text);
    let program = lower(world, switched(switches), &mut findings);
    (program, findings)
}

const LENIENT: &[(&str, &str)] = &[("validation", "lenient")];

/// Findings as `E:area::name`, `W:area::name`.
fn codes(findings: &[Diagnostic]) -> Vec<String> {
    let level = |severity| if severity == Severity::Error { 'E' } else { 'W' };
    findings
        .iter()
        .map(|finding| format!("{}:{}", level(finding.severity), finding.code.trim_start_matches("iamc::")))
        .collect()
}

/// Checks the codes in strict and in lenient mode, and how many statements are left in lenient mode.
#[track_caller]
fn check(policy_type: PolicyType, text: &str, strict: &[&str], lenient: &[&str], left: usize) {
    let (_, findings) = run(policy_type, text, &[]);
    assert_eq!(codes(&findings), strict, "strict: {text}");
    let (program, findings) = run(policy_type, text, LENIENT);
    assert_eq!(codes(&findings), lenient, "lenient: {text}");
    assert_eq!(program.statements.len(), left, "{text}");
}

/// A policy of one statement with these members, of version 2012-10-17.
fn one(members: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{{members}}}]}}"#)
}

fn allow(members: &str) -> String {
    one(&format!(r#""Effect":"Allow",{members}"#))
}

fn on(resource: &str) -> String {
    allow(&format!(r#""Action":"s3:GetObject","Resource":{resource}"#))
}

fn open_on(resource: &str) -> String {
    allow(&format!(r#""Principal":"*","Action":"s3:GetObject","Resource":{resource}"#))
}

fn when(condition: &str) -> String {
    allow(&format!(r#""Action":"s3:*","Resource":"*","Condition":{{{condition}}}"#))
}

fn by(principal: &str) -> String {
    allow(&format!(r#""Principal":{principal},"Action":"s3:*","Resource":"*""#))
}

// ---- shapes ----

fn steps(program: &Program, pattern: ir::PatternId) -> String {
    let pattern = program.patterns.get(pattern).unwrap();
    let show = |step: &Step| match step {
        Step::Literal(text, ir::Case::Exact) => program.texts.text(*text).to_owned(),
        Step::Literal(text, ir::Case::Folded) => format!("~{}~", program.texts.text(*text)),
        Step::Star(Crossing::Free) => "**".into(),
        Step::Star(Crossing::WithinComponent) => "*".into(),
        Step::Any(Crossing::Free) => "??".into(),
        Step::Any(Crossing::WithinComponent) => "?".into(),
        Step::Variable { key, default, crossing } => {
            let key = program.texts.text(program.keys.get(*key).unwrap().name);
            let default = default.map_or(String::new(), |text| format!("='{}'", program.texts.text(text)));
            let bound = if *crossing == Crossing::WithinComponent { "!" } else { "" };
            format!("${{{key}{default}{bound}}}")
        }
    };
    pattern.steps().iter().map(show).collect()
}

/// The resource patterns of the first statement, sorted.
fn resources(program: &Program) -> Vec<String> {
    let set = &program.statements[0].resources;
    let mut shown = set.patterns().iter().map(|pattern| steps(program, *pattern)).collect::<Vec<_>>();
    shown.sort();
    shown
}

#[track_caller]
fn check_resource(policy_type: PolicyType, entry: &str, switches: &[(&str, &str)], expected: &[&str]) {
    let entry_list = format!("\"{entry}\"");
    let is_resource_based = matches!(policy_type, Endpoint | PolicyType::Resource);
    let text = if is_resource_based { open_on(&entry_list) } else { on(&entry_list) };
    let mut all = LENIENT.to_vec();
    all.extend(switches);
    let (program, findings) = run(policy_type, &text, &all);
    assert_eq!(resources(&program), expected, "{entry}: {findings:?}");
}

fn actions(entry: &str) -> Vec<String> {
    let text = allow(&format!(r#""Action":{entry},"Resource":"*""#));
    let (program, _) = run(Identity, &text, LENIENT);
    let show = |pattern: &ActionPattern| match pattern {
        ActionPattern::Any => "any".to_owned(),
        ActionPattern::Exact(text) => format!("={}", program.texts.text(*text)),
        ActionPattern::Prefix(text) => format!("^{}", program.texts.text(*text)),
        ActionPattern::Glob(pattern) => format!("~{}", steps(&program, *pattern)),
    };
    program.statements[0].actions.patterns().iter().map(show).collect()
}

/// The values of the only test of the first statement.
fn values(condition: &str, switches: &[(&str, &str)]) -> Vec<String> {
    let mut all = LENIENT.to_vec();
    all.extend(switches);
    let (program, _) = run(Identity, &when(condition), &all);
    let only = program.tests.iter().next().unwrap();
    let show = |value: &Value| match value {
        Value::Text(text) => format!("text {}", program.texts.text(*text)),
        Value::Pattern(pattern) => format!("like {}", steps(&program, *pattern)),
        Value::Number(text) => format!("number {}", program.texts.text(*text)),
        Value::Instant(seconds, nanoseconds) => format!("at {seconds}.{nanoseconds}"),
        Value::Bool(value) => format!("bool {value}"),
        Value::Binary(text) => format!("bytes {}", program.texts.text(*text)),
        Value::Network { address, prefix, v4 } => format!("net {:?}/{prefix} {v4}", &address[..4]),
        Value::Unparsable => "unparsable".into(),
        Value::Null => "null".into(),
    };
    only.values.iter().map(show).collect()
}

// ---- documents: table 10.1 ----

#[test]
fn w_1_to_w_6() {
    let lone = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    check(Inline, lone, &[], &[], 1);
    let twice = allow(r#""Effect":"Deny","Action":"s3:*","Resource":"*""#);
    let (_, findings) = run(Inline, &twice, LENIENT);
    assert_eq!(codes(&findings), ["E:syntax::duplicate-member"]);
    let (_, findings) = run(Inline, &one(r#""effect":"Allow","Action":"s3:*","Resource":"*""#), LENIENT);
    assert_eq!(codes(&findings), ["E:document::unknown-element"]);
    let (_, findings) = run(Inline, &one(r#""Effect":"allow","Action":"s3:*","Resource":"*""#), LENIENT);
    assert_eq!(codes(&findings), ["E:document::unknown-effect"]);
    let empty = r#"{"Version":"2012-10-17","Statement":[]}"#;
    check(Inline, empty, &["E:document::empty-statement-list"], &["W:document::empty-statement-list"], 0);
    let both = allow(r#""Action":"s3:*","NotAction":"iam:*","Resource":"*""#);
    let (_, findings) = run(Inline, &both, LENIENT);
    assert_eq!(codes(&findings), ["E:document::both-of-pair"]);
}

#[test]
fn w_7_versions() {
    let old = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}"}]}"#;
    check(Managed, old, &["E:document::version-old"], &["W:document::version-old"], 1);
    check(Inline, old, &["W:document::version-old"], &["W:document::version-old"], 1);
    let (program, _) = run(Inline, old, &[]);
    assert_eq!(resources(&program), ["arn:aws:s3:::${aws:username}"]);
    let none = r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    for (policy_type, expected) in [(Boundary, "E"), (Managed, "E"), (Identity, "W"), (Inline, "W")] {
        let (_, findings) = run(policy_type, none, &[]);
        assert_eq!(codes(&findings), [format!("{expected}:document::version-missing")]);
    }
    check(Session, none, &[], &[], 1);
    check(ServiceControl, none, &[], &[], 1);
    let odd = r#"{"Version":"2020-01-01","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let (_, findings) = run(Managed, odd, LENIENT);
    assert_eq!(codes(&findings), ["E:document::unknown-version"]);
}

#[test]
fn w_8_sids() {
    let with = |sids: [&str; 2]| {
        let statement = |sid| format!(r#"{{"Sid":"{sid}","Effect":"Allow","Action":"s3:*","Resource":"*"}}"#);
        format!(r#"{{"Version":"2012-10-17","Statement":[{},{}]}}"#, statement(sids[0]), statement(sids[1]))
    };
    check(Inline, &with(["", ""]), &[], &[], 2);
    check(Inline, &with(["X", "X"]), &["E:document::sid-repeated"], &["W:document::sid-repeated"], 2);
    check(Inline, &with(["X", "x y"]), &["E:document::sid-characters"], &["W:document::sid-characters"], 2);
    check(ServiceControl, &with(["X", "x y"]), &[], &[], 2);
    let (program, _) = run(Inline, &with(["", "B"]), &[]);
    assert_eq!(program.statements[0].sid, None);
    assert_eq!(program.texts.text(program.statements[1].sid.unwrap()), "B");
}

#[test]
fn w_9_to_w_12() {
    let (_, findings) = run(Inline, &when(r#""StringEquals":{"aws:username":"a","AWS:UserName":"b"}"#), LENIENT);
    assert_eq!(codes(&findings), ["E:document::duplicate-condition-key"]);
    assert_eq!(values(r#""NumericLessThan":{"s3:max-keys":10}"#, &[]), ["number 10"]);
    let trust = allow(r#""Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole","Resource":"*""#);
    check(Trust, &trust, &["E:document::resource-not-allowed"], &["W:document::resource-not-allowed"], 1);
    let rcp = one(r#""Effect":"Deny","Principal":"*","Action":"*","Resource":"*""#);
    check(ResourceControl, &rcp, &["E:action::rcp-any"], &["W:action::rcp-any"], 1);
}

#[test]
fn w_13_to_w_15() {
    let nobody = allow(r#""Action":"s3:*","Resource":"arn:aws:s3:::b/*""#);
    let (strict, lenient) = (["E:document::missing-principal"], ["W:document::missing-principal"]);
    check(PolicyType::Resource, &nobody, &strict, &lenient, 1);
    let (program, _) = run(PolicyType::Resource, &nobody, LENIENT);
    let set = program.principal_sets.iter().next().unwrap();
    assert!(set.polarity() == ir::Polarity::Positive && set.entries().is_empty());
    let bare = by(r#""arn:aws:iam::111122223333:root""#);
    check(PolicyType::Resource, &bare, &["E:principal::bare"], &["W:principal::bare"], 1);
    let empty = one(r#""Effect":"Deny","Principal":"*","Action":[],"Resource":"*""#);
    check(PolicyType::Resource, &empty, &["E:document::empty-action"], &["W:document::empty-action"], 1);
    let (program, _) = run(PolicyType::Resource, &empty, LENIENT);
    assert!(
        program.statements[0].actions.polarity() == ir::Polarity::Positive
            && program.statements[0].actions.patterns().is_empty()
    );
}

#[test]
fn w_16_w_17() {
    let unknown = when(r#""StringMatches":{"aws:username":"a"}"#);
    check(Inline, &unknown, &["E:condition::unknown-operator"], &["W:condition::unknown-operator"], 0);
    let date = when(r#""DateLessThan":{"aws:CurrentTime":"next week"}"#);
    check(Inline, &date, &["E:condition::bad-value"], &["W:condition::bad-value"], 1);
    assert_eq!(values(r#""DateLessThan":{"aws:CurrentTime":"next week"}"#, &[]), ["unparsable"]);
}

#[test]
fn elements_by_policy_type() {
    let principal = by(r#""*""#);
    for policy_type in [Identity, Managed, Inline, Boundary, Session, ServiceControl] {
        let (strict, lenient) = (["E:document::principal-not-allowed"], ["W:document::principal-not-allowed"]);
        check(policy_type, &principal, &strict, &lenient, 1);
        let (program, _) = run(policy_type, &principal, LENIENT);
        assert_eq!(program.principal_sets.len(), 0);
    }
    for policy_type in [Identity, Boundary, Session, ServiceControl] {
        let (_, findings) = run(policy_type, &allow(r#""Action":"s3:*""#), LENIENT);
        assert_eq!(codes(&findings), ["E:document::missing-resource"]);
        let (strict, lenient) = (["E:document::empty-resource"], ["W:document::empty-resource"]);
        check(policy_type, &on("[]"), &strict, &lenient, 1);
    }
    let implied = allow(r#""Principal":"*","Action":"ecr:*""#);
    check(PolicyType::Resource, &implied, &[], &[], 1);
    let (_, findings) = run(Endpoint, &implied, LENIENT);
    assert_eq!(codes(&findings), ["E:document::missing-resource"]);
    let except = one(r#""Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"NotAction":"s3:*","Resource":"*""#);
    check(PolicyType::Resource, &except, &[], &[], 1);
    check(
        ResourceControl,
        &except,
        &["E:document::notprincipal-not-allowed", "E:document::notaction-not-allowed"],
        &["W:document::notprincipal-not-allowed", "W:document::notaction-not-allowed"],
        1,
    );
    let id = r#"{"Version":"2012-10-17","Id":"x","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    check(Inline, id, &["W:document::id-ignored"], &["W:document::id-ignored"], 1);
}

#[test]
fn resource_control_policies() {
    let allow_all = open_on(r#""*""#);
    check(ResourceControl, &allow_all, &["E:document::rcp-effect"], &["W:document::rcp-effect"], 1);
    let map = one(r#""Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"*""#);
    check(ResourceControl, &map, &["E:document::rcp-principal"], &["W:document::rcp-principal"], 1);
    let none = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}"#;
    check(ResourceControl, none, &["E:document::version-missing"], &["W:document::version-missing"], 1);
}

/// Actions and resources are read once; what depends on the document is not taken from another one.
#[test]
fn what_another_policy_says_changes_nothing() {
    let run_both = |first: (PolicyType, &str), second: (PolicyType, &str)| {
        let (mut world, mut findings) = world_of(first.0, first.1);
        world.documents.extend(world_of(second.0, second.1).0.documents);
        let program = lower(world, Semantics::default(), &mut findings);
        (program, findings)
    };
    let trust = allow(r#""Principal":{"Service":"ec2.amazonaws.com"},"Action":"s3:GetObject""#);
    let (_, findings) = run_both((Identity, &on(r#""*""#)), (Trust, &trust));
    assert_eq!(codes(&findings), ["E:action::trust"]);
    // Of version 2008-10-17, in which it is text and no variable.
    let resource = r#"["arn:aws:s3:::b/${aws:username}","arn:aws:s3:::b/${aws:username}"]"#;
    let (new, old) = (on(resource), on(resource).replace("2012-10-17", "2008-10-17"));
    for (first, second) in [(&new, &old), (&old, &new)] {
        let (program, _) = run_both((Session, first), (Session, second));
        let [one, other] = program.statements.as_slice() else { panic!("two statements") };
        assert_eq!(one.resources.patterns().len(), 1);
        assert_ne!(one.resources, other.resources);
    }
}

#[test]
fn trust_policies() {
    let with = |action: &str| allow(&format!(r#""Principal":{{"Service":"ec2.amazonaws.com"}},"Action":"{action}""#));
    for action in ["sts:AssumeRole", "STS:tagsession", "sts:SetContext"] {
        check(Trust, &with(action), &[], &[], 1);
    }
    for action in ["sts:*", "sts:AssumeRole*", "sts:GetCallerIdentity"] {
        check(Trust, &with(action), &["W:action::trust-wildcard"], &["W:action::trust-wildcard"], 1);
    }
    for action in ["*", "s3:GetObject", "sts:Unknown", "*:AssumeRole"] {
        check(Trust, &with(action), &["E:action::trust"], &["W:action::trust"], 1);
    }
}

#[test]
fn the_classic_language_of_service_control_policies() {
    let text = allow(r#""NotAction":"iam:*","Resource":"arn:aws:s3:::b","Condition":{"Bool":{"a:b":"true"}}"#);
    check(ServiceControl, &text, &[], &[], 1);
    let (_, findings) = run(ServiceControl, &text, &[("scp_language", "classic")]);
    assert_eq!(codes(&findings), ["W:document::scp-classic"; 3]);
    let middle = allow(r#""Action":"iam:*Role*","Resource":"*""#);
    let (_, findings) = run(ServiceControl, &middle, &[("scp_language", "classic")]);
    assert_eq!(codes(&findings), ["W:document::scp-classic"]);
}

#[test]
fn sizes_and_characters() {
    let large = on(&format!("\"arn:aws:s3:::{}\"", "x".repeat(6_200)));
    check(Managed, &large, &["W:document::too-large"], &["W:document::too-large"], 1);
    let (mut world, _) = world_of(Managed, &large);
    world.documents[0].account = Some("111122223333".into());
    let mut findings = Vec::new();
    lower(world.clone(), Semantics::default(), &mut findings);
    assert_eq!(codes(&findings), ["E:document::too-large"]);
    world.documents[0].arn = Some("arn:aws:iam::aws:policy/P".into());
    findings.clear();
    lower(world, Semantics::default(), &mut findings);
    assert_eq!(codes(&findings), [""; 0]);
    let odd = on(r#""arn:aws:s3:::b/日本""#);
    check(Inline, &odd, &["E:document::characters"], &["W:document::characters"], 1);
    check(ServiceControl, &odd, &["W:document::characters"], &["W:document::characters"], 1);
}

// ---- actions ----

#[test]
fn action_shapes() {
    assert_eq!(actions(r#"["S3:gETobject"]"#), ["=s3:getobject"]);
    assert_eq!(
        actions(r#"["s3:Get*","s3:*"]"#),
        ["^s3:", "^s3:get"].map(String::from).to_vec().into_iter().rev().collect::<Vec<_>>()
    );
    assert_eq!(actions(r#"["*","s3:*"]"#), ["any"]);
    assert_eq!(actions(r#""**""#), ["any"]);
    assert_eq!(actions(r#""*:*""#), ["any"]);
    assert_eq!(actions(r#""s3:Get*Tagging""#), ["~s3:get*tagging"]);
    assert_eq!(actions(r#""s3:GetObject?""#), ["~s3:getobject?"]);
    assert_eq!(actions(r#""ec*:Describe*""#), ["~ec*:describe*"]);
    assert_eq!(actions(r#"["s3:",":GetObject","GetObject","s3*"]"#), [""; 0]);
    assert_eq!(actions(r#""s3:GetObject ""#), ["=s3:getobject "]);
    assert_eq!(actions(r#""s3:${aws:PrincipalTag/act}""#), ["=s3:${aws:principaltag/act}"]);
}

#[test]
fn action_findings() {
    let with = |action: &str| allow(&format!(r#""Action":"{action}","Resource":"*""#));
    for (action, code) in [
        ("GetObject", "action::no-colon"),
        ("", "action::no-colon"),
        ("s3:Get:Object", "action::two-colons"),
        ("ec*:Describe*", "action::prefix"),
        (" s3:GetObject", "action::prefix"),
        (":GetObject", "action::prefix"),
    ] {
        check(Identity, &with(action), &[&format!("E:{code}")], &[&format!("W:{code}")], 1);
    }
    check(ServiceControl, &with("ec*:Describe*"), &["W:action::prefix"], &["W:action::prefix"], 1);
    for (action, code) in
        [("s3:GetObject ", "W:action::blank"), ("s3:GetObject,s3", "W:action::blank"), ("s3:", "W:action::empty-name")]
    {
        check(Identity, &with(action), &[code], &[code], 1);
    }
}

// ---- resources ----

#[test]
fn wildcards_cross_by_r_arn_9() {
    check_resource(Identity, "*", &[], &["**"]);
    check_resource(Identity, "**", &[], &["**"]);
    check_resource(Identity, "arn:aws:s3:::b/*/t?st/*", &[], &["arn:aws:s3:::b/**/t??st/**"]);
    check_resource(Identity, "arn:aws:dynamodb:us-*-1:*:table/t", &[], &["arn:aws:dynamodb:us-*-1:**:table/t"]);
    check_resource(Identity, "arn:aws:sns:us-east-?:1:t:*", &[], &["arn:aws:sns:us-east-?:1:t:**"]);
    let per_component = [("arn_star", "per_component")];
    check_resource(Identity, "arn:aws:x:*:*:a*", &per_component, &["arn:aws:x:*:*:a**"]);
    check_resource(Identity, "arn:aws:x:?*:us-*-1:a", &[("arn_star", "whole_string")], &["arn:aws:x:??**:us-**-1:a"]);
    check_resource(Identity, "arn:aws:S3:::B*", &[("arn_head_case", "insensitive")], &["~arn:aws:s3:::~B**"]);
}

#[test]
fn abbreviated_arns() {
    let both = ["arn:aws:sqs", "arn:aws:sqs:**:**:**"];
    check_resource(Identity, "arn:aws:sqs", &[], &both);
    check_resource(Boundary, "arn:aws:sqs", &[], &both);
    check_resource(
        Managed,
        "arn:aws:dynamodb:*:table/t",
        &[],
        &["arn:aws:dynamodb:**:table/t", "arn:aws:dynamodb:**:table/t:**"],
    );
    check(Session, &on(r#""arn:aws:sqs""#), &["E:resource::abbreviated"], &["E:resource::abbreviated"], 0);
    check(Session, &on(r#""arn:aws:sqs:*""#), &["E:resource::abbreviated"], &["E:resource::abbreviated"], 0);
    check(ServiceControl, &on(r#""arn:aws:sqs""#), &["E:resource::abbreviated"], &["E:resource::abbreviated"], 0);
    check_resource(ServiceControl, "arn:aws:sqs:*", &[], &["arn:aws:sqs:**"]);
    let rcp = one(r#""Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"arn:aws:sqs:*""#);
    check(ResourceControl, &rcp, &["E:resource::abbreviated"], &["E:resource::abbreviated"], 0);
    for policy_type in [PolicyType::Resource, Endpoint] {
        check_resource(policy_type, "arn:aws:sqs", &[], &[]);
        check_resource(policy_type, "arn:aws:sqs:*", &[], &["arn:aws:sqs:**"]);
        let text = open_on(r#""arn:aws:sqs""#);
        check(policy_type, &text, &["W:resource::abbreviated-dead"], &["W:resource::abbreviated-dead"], 1);
    }
}

#[test]
fn resource_findings() {
    for (entry, code) in [
        ("bucket", "E:resource::no-colon"),
        ("arn:amazon:s3:::b", "E:resource::partition"),
        ("s3:::b", "E:resource::not-an-arn"),
        ("arn:aws:", "E:resource::missing-service"),
        ("arn:aws:*:*:*:thing", "W:resource::service-wildcard"),
        ("arn:aws:s3::bucket", "W:resource::few-components"),
        ("arn:aws:s3:us-east-1:1:b", "W:resource::region"),
        ("arn:aws:iam::*:usr/x", "W:resource::iam-type"),
    ] {
        let text = on(&format!("\"{entry}\""));
        check(Identity, &text, &[code], &[&code.replacen('E', "W", 1)], 1);
    }
    for entry in [
        "arn:aws:s3:us-east-1:1:accesspoint/a",
        "arn:aws:s3:us-east-1:1:access-grants/default/grant/g",
        "arn:aws:iam::*:root",
        "arn:aws:iam::1:role/x",
        "arn:*:s3:::b",
        "arn:aws:sqs",
    ] {
        check(Identity, &on(&format!("\"{entry}\"")), &[], &[], 1);
    }
}

#[test]
fn an_entry_that_matches_nothing_is_left_out() {
    let (program, _) = run(Identity, &on(r#""bucket""#), LENIENT);
    let set = &program.statements[0].resources;
    assert!(set.polarity() == ir::Polarity::Positive && set.patterns().is_empty());
    let not = allow(r#""Action":"s3:*","NotResource":["bucket","arn:aws:s3:::${}"]"#);
    let (program, _) = run(Identity, &not, LENIENT);
    let set = &program.statements[0].resources;
    assert!(set.polarity() == ir::Polarity::Negated && set.patterns().is_empty());
    let (program, _) = run(Identity, &not, &[("validation", "lenient"), ("null_variable_in_notresource", "no_match")]);
    assert_eq!(program.statements.len(), 0);
}

#[test]
fn too_many_wildcards() {
    let with = |count: usize| on(&format!("\"arn:aws:s3:::{}\"", "a*".repeat(count)));
    check(Identity, &with(255), &[], &[], 1);
    check(Identity, &with(256), &["E:pattern::too-many-wildcards"], &["E:pattern::too-many-wildcards"], 0);
}

// ---- variables ----

#[test]
fn variables_in_resources() {
    check_resource(Identity, "arn:aws:s3:::b/${AWS:UserName}/*", &[], &["arn:aws:s3:::b/${aws:username}/**"]);
    check_resource(
        Identity,
        "arn:aws:s3:::b-${aws:PrincipalTag/t, 'all'}",
        &[],
        &["arn:aws:s3:::b-${aws:principaltag/t='all'}"],
    );
    check_resource(Identity, "arn:aws:s3:::b/${*}${$}", &[], &["arn:aws:s3:::b/*$"]);
    check_resource(Identity, "arn:aws:s3:::b/${aws:username", &[], &["arn:aws:s3:::b/${aws:username"]);
    check_resource(Identity, "arn:aws:s3:::b/${ }", &[], &[]);
    let kms = "arn:aws:kms:*:${aws:PrincipalAccount}:key/*";
    check_resource(Identity, kms, &[], &["arn:aws:kms:**:${aws:principalaccount!}:key/**"]);
    check_resource(Identity, "arn:aws:${a}:::b", &[], &["arn:aws:${a}:::b"]);
    check(Identity, &on(&format!("\"{kms}\"")), &["W:variable::in-head"], &["W:variable::in-head"], 1);
    let (_, findings) = run(Identity, &on(&format!("\"{kms}\"")), &[("variables_in_arn_head", "reject")]);
    assert_eq!(codes(&findings), ["E:variable::refused"]);
    for (entry, code) in [
        ("arn:aws:${a}:::b", "variable::placement"),
        ("arn:aws:s3:::${aws:username", "variable::unterminated"),
        ("arn:aws:s3:::${}", "variable::malformed"),
        ("arn:aws:s3:::${ a}", "variable::malformed"),
        ("arn:aws:s3:::${a:b, c}", "variable::malformed"),
    ] {
        check(Identity, &on(&format!("\"{entry}\"")), &[&format!("E:{code}")], &[&format!("W:{code}")], 1);
    }
}

#[test]
fn variables_in_conditions() {
    assert_eq!(values(r#""StringEquals":{"k":"a${aws:username}*"}"#, &[]), ["like a${aws:username}*"]);
    assert_eq!(values(r#""StringEquals":{"k":"a${*}"}"#, &[]), ["text a*"]);
    assert_eq!(
        values(r#""StringEqualsIgnoreCase":{"k":"A${aws:username, 'X'}É"}"#, &[]),
        ["like a${aws:username='x'}é"]
    );
    assert_eq!(values(r#""StringLike":{"k":["${aws:username}","x"]}"#, &[]), ["like ${aws:username}", "like x"]);
    assert_eq!(values(r#""StringEquals":{"k":["${}","x"]}"#, &[]), ["text x", "null"]);
    assert_eq!(values(r#""ArnEquals":{"k":"${aws:PrincipalArn}"}"#, &[]), ["like ${aws:principalarn}"]);
    assert_eq!(values(r#""Bool":{"k":"${aws:SecureTransport}"}"#, &[]), ["like ${aws:securetransport}"]);
    assert_eq!(values(r#""Bool":{"k":"${aws:SecureTransport}"}"#, &[("bool_variables", "literal")]), ["unparsable"]);
    let (_, findings) = run(Identity, &when(r#""Bool":{"k":"${a:b}"}"#), &[]);
    assert_eq!(codes(&findings), ["W:variable::bool"]);
    let number = when(r#""NumericEquals":{"k":"${a:b}"}"#);
    check(Identity, &number, &["E:variable::operator"], &["W:variable::operator"], 1);
}

// ---- conditions ----

#[test]
fn values_are_parsed_for_their_comparison() {
    assert_eq!(values(r#""StringEquals":{"k":["V*","v"]}"#, &[]), ["text V*", "text v"]);
    assert_eq!(values(r#""StringEqualsIgnoreCase":{"k":"STRASSE"}"#, &[]), ["text strasse"]);
    assert_eq!(values(r#""StringLike":{"k":["","h:*/?"]}"#, &[]), ["like ", "like h:**/??"]);
    assert_eq!(values(r#""StringEquals":{"k":[true,1e3]}"#, &[]), ["text true", "text 1e3"]);
    assert_eq!(values(r#""NumericEquals":{"k":["1.0",2.5e2,"1e3"]}"#, &[]), ["number 1", "number 250", "unparsable"]);
    assert_eq!(values(r#""DateEquals":{"k":["2024","2020-01-01T00:00:00Z"]}"#, &[]), ["at 2024.0", "at 1577836800.0"]);
    assert_eq!(values(r#""Bool":{"k":[false,"TRUE","yes"]}"#, &[]), ["bool false", "bool true", "unparsable"]);
    assert_eq!(values(r#""Null":{"k":[false,"yes"]}"#, &[]), ["bool false"]);
    assert_eq!(values(r#""BinaryEquals":{"k":["QQ==","QQ"]}"#, &[]), ["bytes QQ==", "unparsable"]);
    assert_eq!(
        values(r#""IpAddress":{"k":["203.0.113.77/24","x"]}"#, &[]),
        ["net [203, 0, 113, 0]/24 true", "unparsable"]
    );
}

#[test]
fn arn_operators() {
    assert_eq!(values(r#""ArnLike":{"k":"arn:aws:s3:*:*:b:*"}"#, &[]), ["like arn:aws:s3:*:*:b:**"]);
    assert_eq!(values(r#""ArnLike":{"k":"arn:aws:dynamodb:*:table/t"}"#, &[]), ["unparsable"]);
    assert_eq!(values(r#""ArnLike":{"k":"*"}"#, &[]), ["unparsable"]);
    assert_eq!(values(r#""ArnLike":{"k":"*"}"#, &[("arnlike_bare_star", "match")]), ["like **"]);
    let short = when(r#""ArnLike":{"k":"arn:aws:dynamodb:*:table/t"}"#);
    check(Identity, &short, &["E:condition::arn-components"], &["W:condition::arn-components"], 1);
}

#[test]
fn operators() {
    let (program, _) = run(Identity, &when(r#""ForAnyValue:StringNotLikeIfExists":{"k":"a"}"#), &[]);
    let test = program.tests.iter().next().unwrap();
    assert_eq!((test.comparison, test.qualifier), (Comparison::StringLike, Qualifier::ForAnyValue));
    assert!(test.negated && test.if_exists);
    let folded = when(r#""stringequals":{"k":"a"}"#);
    let (_, findings) = run(Identity, &folded, &[]);
    assert_eq!(codes(&findings), ["E:condition::unknown-operator"]);
    assert_eq!(findings[0].help.as_deref(), Some("did you mean `StringEquals`?"));
    let (_, findings) = run(Identity, &folded, &[("operator_case", "insensitive")]);
    assert_eq!(codes(&findings), [""; 0]);
    let set_null = when(r#""ForAnyValue:Null":{"k":"true"}"#);
    check(Identity, &set_null, &["E:condition::null-set-operator"], &["W:condition::null-set-operator"], 1);
    let (program, _) = run(Identity, &set_null, &[("null_with_set_operator", "ignore")]);
    assert_eq!(program.tests.iter().next().unwrap().qualifier, Qualifier::Plain);
    check(Identity, &when(r#""StringEquals":{}"#), &[], &[], 1);
    let (strict, lenient) = (["E:condition::unknown-operator"], ["W:condition::unknown-operator"]);
    check(Identity, &when(r#""x":{}"#), &strict, &lenient, 1);
    check(Identity, &when(r#""x":{"a":"b","c":"d"}"#), &strict, &lenient, 0);
    let empty = when(r#""StringEquals":{"k":[]}"#);
    check(Identity, &empty, &["W:condition::empty-values"], &["W:condition::empty-values"], 1);
    let large = when(r#""NumericEquals":{"k":1e1001}"#);
    check(Identity, &large, &["E:condition::exponent"], &["E:condition::exponent"], 0);
}

#[test]
fn keys_know_how_many_values_they_have() {
    let (program, _) = run(Identity, &when(r#""StringEquals":{"AWS:TagKeys":"a","x:y":"${AWS:SourceIP}"}"#), &[]);
    let keys = program.keys.iter().map(|key| (program.texts.text(key.name), key.cardinality)).collect::<Vec<_>>();
    assert_eq!(
        keys,
        [("aws:tagkeys", Cardinality::Multi), ("aws:sourceip", Cardinality::Single), ("x:y", Cardinality::Unknown)]
    );
}

#[test]
fn a_skipped_statement_keeps_its_number() {
    let text = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Nope":{"a":"b"}}},
        {"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#;
    let (program, _) = run(Identity, text, LENIENT);
    assert_eq!(program.statements.iter().map(|statement| statement.index).collect::<Vec<_>>(), [1]);
    assert_eq!(program.policies[0].statements.len(), 1);
}

// ---- principals ----

#[test]
fn principal_entries() {
    let entries = |principal: &str| {
        let (program, findings) = run(PolicyType::Resource, &by(principal), &[]);
        assert_eq!(codes(&findings), [""; 0], "{principal}");
        let text = |symbol| program.texts.text(symbol).to_owned();
        let show = |entry: &PrincipalEntry| match entry {
            PrincipalEntry::Everyone => "everyone".to_owned(),
            PrincipalEntry::Account(symbol) => format!("account {}", text(*symbol)),
            PrincipalEntry::AccountRoot(symbol) => format!("account root {}", text(*symbol)),
            PrincipalEntry::User(symbol) => format!("user {}", text(*symbol)),
            PrincipalEntry::Role(symbol) => format!("role {}", text(*symbol)),
            PrincipalEntry::Session(symbol) => format!("session {}", text(*symbol)),
            PrincipalEntry::FederatedUser(symbol) => format!("federated user {}", text(*symbol)),
            PrincipalEntry::UniqueId(symbol) => format!("id {}", text(*symbol)),
            PrincipalEntry::Service(symbol) => format!("service {}", text(*symbol)),
            PrincipalEntry::Federated(symbol) => format!("provider {}", text(*symbol)),
            PrincipalEntry::CanonicalUser(symbol) => format!("canonical {}", text(*symbol)),
            PrincipalEntry::GrantedRole(symbol) => format!("granted role {}", text(*symbol)),
        };
        program.principal_sets.iter().next().unwrap().entries().iter().map(show).collect::<Vec<_>>()
    };
    assert_eq!(entries(r#""*""#), ["everyone"]);
    assert_eq!(entries(r#"{"AWS":["*"]}"#), ["everyone"]);
    assert_eq!(
        entries(r#"{"AWS":["111122223333","arn:aws:iam::111122223333:root"]}"#),
        ["account 111122223333", "account root arn:aws:iam::111122223333:root"]
    );
    assert_eq!(
        entries(r#"{"AWS":"arn:aws:iam::111122223333:user/p/alice"}"#),
        ["user arn:aws:iam::111122223333:user/p/alice"]
    );
    assert_eq!(entries(r#"{"AWS":"arn:aws:iam::111122223333:role/app"}"#), ["role arn:aws:iam::111122223333:role/app"]);
    assert_eq!(
        entries(r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/app/s1"}"#),
        ["session arn:aws:sts::111122223333:assumed-role/app/s1"]
    );
    assert_eq!(
        entries(r#"{"AWS":"arn:aws:sts::111122223333:federated-user/bob"}"#),
        ["federated user arn:aws:sts::111122223333:federated-user/bob"]
    );
    assert_eq!(entries(r#"{"AWS":"AROAOLDOLDOLDOLDOLD01"}"#), ["id AROAOLDOLDOLDOLDOLD01"]);
    assert_eq!(entries(r#"{"Service":"a.amazonaws.com"}"#), ["service a.amazonaws.com"]);
}

#[test]
fn principal_findings() {
    for principal in [
        r#"{"AWS":"arn:aws:iam::111122223333:user/*"}"#,
        r#"{"AWS":"arn:aws:iam::*:root"}"#,
        r#"{"AWS":"AIDA*"}"#,
        r#"{"Service":"*"}"#,
    ] {
        check(PolicyType::Resource, &by(principal), &["E:principal::wildcard"], &["W:principal::wildcard"], 1);
        let (program, _) = run(PolicyType::Resource, &by(principal), LENIENT);
        assert_eq!(program.principal_sets.iter().next().unwrap().entries().len(), 0);
    }
    for principal in [
        r#"{"AWS":"arn:aws:iam::111122223333:group/devs"}"#,
        r#"{"AWS":"alice"}"#,
        r#"{"AWS":"arn:aws:iam::1:root"}"#,
        r#"{"AWS":""}"#,
    ] {
        check(PolicyType::Resource, &by(principal), &["E:principal::unknown"], &["E:principal::unknown"], 0);
    }
    for principal in ["assumed-role/app", "assumed-role/svc/app/s1"] {
        let text = by(&format!(r#"{{"AWS":"arn:aws:sts::111122223333:{principal}"}}"#));
        check(PolicyType::Resource, &text, &["E:principal::session"], &["W:principal::session"], 1);
    }
    let variable = by(r#"{"AWS":"arn:aws:iam::111122223333:user/${aws:username}"}"#);
    check(PolicyType::Resource, &variable, &["E:principal::variable"], &["W:principal::variable"], 1);
    let federated = by(r#"{"Federated":"accounts.google.com"}"#);
    check(PolicyType::Resource, &federated, &["E:principal::federated"], &["W:principal::federated"], 1);
    check(PolicyType::Resource, &by("{}"), &["W:document::empty-principal"], &["W:document::empty-principal"], 1);
    let except = allow(r#""NotPrincipal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*""#);
    let (strict, lenient) = (["E:principal::notprincipal-allow"], ["W:principal::notprincipal-allow"]);
    check(PolicyType::Resource, &except, &strict, &lenient, 1);
    let user = one(
        r#""Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:user/a"},"Action":"s3:*","Resource":"*""#,
    );
    check(
        PolicyType::Resource,
        &user,
        &["W:principal::notprincipal-account"],
        &["W:principal::notprincipal-account"],
        1,
    );
}

// ---- the world ----

fn principal_of(arn: &str, kind: PrincipalKind, tags: &[(&str, &str)]) -> Principal {
    Principal {
        kind,
        arn: arn.into(),
        account: "111122223333".into(),
        unique_id: None,
        identity: vec![DocumentId(0)],
        groups: Vec::new(),
        boundary: None,
        tags: tags.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
        instance_profiles: Vec::new(),
    }
}

#[test]
fn principals_of_the_world() {
    let (mut world, mut findings) = world_of(Inline, &on(r#""*""#));
    let role = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/R";
    let tags = [("Team", "red"), ("team", "blue"), ("a", "b")];
    world.principals.push(principal_of(role, PrincipalKind::Role, &[]));
    world.principals.push(principal_of("arn:aws:iam::111122223333:user/a", PrincipalKind::User, &tags));
    let program = lower(world, Semantics::default(), &mut findings);
    let lookups = program.principals.iter().map(|entry| program.texts.text(entry.lookup)).collect::<Vec<_>>();
    assert_eq!(lookups, ["arn:aws:iam::111122223333:user/a", "arn:aws:sts::111122223333:assumed-role/R"]);
    let [user, role] = &program.principals[..] else { panic!("two principals") };
    assert!(role.service_linked && !user.service_linked);
    assert_eq!(user.identity, role.identity);
    let tags = user.tags.iter().map(|(key, values)| {
        let key = program.texts.text(program.keys.get(*key).unwrap().name);
        (key, values.iter().map(|value| program.texts.text(*value)).collect::<Vec<_>>())
    });
    assert_eq!(
        tags.collect::<Vec<_>>(),
        [("aws:principaltag/a", vec!["b"]), ("aws:principaltag/team", vec!["red", "blue"])]
    );
}

fn bucket() -> Resource {
    Resource {
        arn: "arn:aws:s3:::b".into(),
        covers: vec!["arn:aws:s3:::b".into(), "arn:aws:s3:::b/*".into()],
        below: &[],
        account: Some("111122223333".into()),
        policy: Some(DocumentId(0)),
        acl: Some(Acl { owner: None, grants: vec![(Grantee::AllUsers, AclPermission::FullControl)] }),
        object_acl: None,
        object_owner: None,
        object_ownership: ObjectOwnership::BucketOwnerEnforced,
        public_access_block: PublicAccessBlock::default(),
        grants: Vec::new(),
        place: Place::default(),
    }
}

#[test]
fn resources_of_the_world() {
    let (mut world, mut findings) = world_of(PolicyType::Resource, &open_on(r#""*""#));
    world.resources.push(bucket());
    let mut second = bucket();
    second.arn = "arn:aws:s3:::a".into();
    second.object_ownership = ObjectOwnership::ObjectWriter;
    let place = second.place;
    second.grants.push(KmsGrant {
        place,
        grantee: Spot { text: "x".into(), place },
        operations: Vec::new(),
        operations_place: place,
        encryption_context: Vec::new(),
    });
    world.resources.push(second);
    let program = lower(world, Semantics::default(), &mut findings);
    assert_eq!(codes(&findings), ["E:world::kms-grants"]);
    let [first, second] = &program.resources[..] else { panic!("two resources") };
    assert_eq!(program.texts.text(first.arn), "arn:aws:s3:::a");
    assert_eq!(first.acl.as_ref().unwrap().grants, [(ir::Grantee::AllUsers, 15)]);
    assert_eq!(second.acl, None);
    let covers = second.covers.iter().map(|pattern| steps(&program, *pattern)).collect::<Vec<_>>();
    assert_eq!(covers, ["arn:aws:s3:::b", "arn:aws:s3:::b/**"]);
    assert!(first.public && second.public);
}

#[test]
fn public_policies() {
    let is_public = |condition: &str| {
        let text = allow(&format!(r#""Principal":"*","Action":"s3:*","Resource":"*","Condition":{{{condition}}}"#));
        let (mut world, mut findings) = world_of(PolicyType::Resource, &text);
        world.resources.push(bucket());
        lower(world, Semantics::default(), &mut findings).resources[0].public
    };
    assert!(!is_public(r#""StringEquals":{"aws:SourceVpc":"vpc-1"}"#));
    assert!(is_public(r#""StringEquals":{"aws:SourceVpc":"${aws:username}"}"#));
    assert!(is_public(r#""StringLike":{"aws:SourceVpc":"vpc-*"}"#));
    assert!(!is_public(r#""StringLike":{"aws:SourceVpc":"vpc-1"}"#));
    assert!(is_public(r#""StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}"#));
    assert!(!is_public(r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#));
    assert!(is_public(r#""IpAddress":{"aws:SourceIp":"0.0.0.0/1"}"#));
    assert!(is_public(r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#));
    assert!(is_public(r#""StringEquals":{"s3:prefix":"a"}"#));
}

/// `aws-cn` is nearer by letters, and another country.
#[test]
fn a_misspelt_partition_of_the_government_is_that_of_the_government() {
    for (partition, meant) in [("aws-gov", "aws-us-gov"), ("aws-us-gvo", "aws-us-gov"), ("aws-ch", "aws-cn")] {
        let (_, findings) = run(Identity, &on(&format!("\"arn:{partition}:s3:::b/*\"")), &[]);
        assert!(findings[0].help.as_deref().unwrap_or("").contains(&format!("`{meant}`")), "{partition}");
    }
}

#[test]
fn levels_and_named_policies() {
    let (mut world, mut findings) = world_of(ServiceControl, &on(r#""*""#));
    world.documents[0].account = None;
    let program = lower(world.clone(), Semantics::default(), &mut findings);
    assert_eq!(program.policies[0].kind, PolicyKind::NamedOther);
    assert_eq!(codes(&findings), ["W:document::never-used"]);
    world.accounts.push(Account {
        id: "111122223333".into(),
        identities_known: true,
        membership: None,
        service_control: Some(vec![vec![DocumentId(0)], vec![]]),
        resource_control: None,
        canonical_user_id: None,
        public_access_block: PublicAccessBlock::default(),
    });
    findings.clear();
    let program = lower(world, Semantics::default(), &mut findings);
    assert_eq!(codes(&findings), [""; 0]);
    let levels = program.accounts[0].service_control.as_ref().unwrap();
    let sizes = levels.iter().map(|level| program.bundles.get(*level).unwrap().statements().len());
    assert_eq!(sizes.collect::<Vec<_>>(), [1, 0]);
    assert_eq!(program.accounts[0].resource_control, None);
}

#[test]
fn services_with_resource_control_policies_are_sorted() {
    assert!(super::RCP_SERVICES.is_sorted());
}

// The search for what is meant once compared long words letter by letter with each name, and tried a colon behind each
// letter of a principal.
#[test]
fn long_names_are_not_compared_for_long() {
    let (operator, name) = ("StringEquals".repeat(40_000), "a".repeat(100_000));
    let start = std::time::Instant::now();
    let condition = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*",
            "Condition":{{"{operator}":{{"aws:SourceIp":"x"}}}}}}]}}"#
    );
    let (_, findings) = run(Identity, &condition, &[]);
    assert!(codes(&findings).contains(&"E:condition::unknown-operator".to_owned()));
    let principal = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::1:user/{name}"}},
            "Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}]}}"#
    );
    let (_, findings) = run(PolicyType::Resource, &principal, &[]);
    assert!(codes(&findings).contains(&"E:principal::unknown".to_owned()));
    assert!(start.elapsed() < std::time::Duration::from_secs(5), "{:?}", start.elapsed());
}

/// Policies in which something of everything repeats, with findings in all of them.
fn several() -> (World, Vec<Diagnostic>) {
    let texts = [
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["s3:Put*","s3:Get*","s3:*Acl"],
            "Resource":["arn:aws:s3:::b/${aws:username}/*","arn:aws:s3:::a"],"Condition":{
            "StringLike":{"aws:userid":["x*","${aws:PrincipalTag/t, 'd'}"]},"NumericLessThan":{"s3:max-keys":"10"}}}]}"#,
        r#"{"Version":"2008-10-17","Statement":[{"Effect":"Deny","NotAction":"*","Resource":"*"}]}"#,
        r#"{"Version":"2012-10-17","Statement":[]}"#,
        r#"{"Statement":[{"Sid":"A","Effect":"Allow","Action":["s3:*Acl","ec2:Run*","s3:Get*"],"Resource":"arn:aws:s3:::a",
            "Condition":{"NumericLessThan":{"s3:max-keys":["9","10"]},"StringEquals":{"aws:userid":["y","x*"]}}},
            {"Effect":"Allow","Action":"s3:Get*","NotResource":["arn:aws:s3:::c","arn:aws:s3:::b/${aws:username}/*"],
            "Condition":{"StringEquals":{"aws:userid":["x*","y"]}}}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["444455556666","111122223333"],
            "Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:userid":"y"}}}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},
            "Action":["sts:AssumeRole","sts:Tag*"],"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}"#,
    ];
    let (mut world, mut findings) = (World::default(), Vec::new());
    for (number, text) in texts.into_iter().enumerate() {
        let source = world.sources.add(format!("{number}.json"), text);
        let policy = parse_policy(text, source, &mut findings).unwrap();
        let place = Place { source, span: policy.span };
        let policy_type = if number < 4 { Inline } else { Trust };
        let (name, account) = (number.to_string(), Some("111122223333".to_owned()));
        world.documents.push(Document {
            name,
            arn: None,
            account,
            policy_type,
            source,
            place,
            policy,
            named: number == 0,
        });
    }
    (world, findings)
}

#[test]
fn policies_in_two_parts_are_what_they_are_in_one() {
    let lowered = |first: usize| {
        let (mut world, mut findings) = several();
        let documents = std::mem::take(&mut world.documents);
        let program = lower_parts(&world, documents, first, switched(LENIENT), &mut findings);
        let Program { texts, patterns, keys, tests, blocks, principal_sets, guards, bundles, .. } = &program;
        let texts = (0..).map(|number| texts.text(ir::Symbol(number))).skip(1).take_while(|text| !text.is_empty());
        let texts = texts.collect::<Vec<_>>();
        assert!(texts.contains(&"arn:aws:s3:::a") && texts.contains(&"444455556666"));
        let arenas = (patterns.iter().collect::<Vec<_>>(), keys.iter().collect::<Vec<_>>());
        let more = (tests.iter().collect::<Vec<_>>(), blocks.iter().collect::<Vec<_>>());
        let rest = (principal_sets.iter().collect::<Vec<_>>(), guards.iter().collect::<Vec<_>>());
        let bundles = bundles.iter().collect::<Vec<_>>();
        let (statements, policies) = (&program.statements, &program.policies);
        format!("{texts:?} {arenas:?} {more:?} {rest:?} {bundles:?} {statements:?} {policies:?} {findings:?}")
    };
    let whole = lowered(usize::MAX);
    for first in 0..6 {
        assert_eq!(lowered(first), whole, "{first}");
    }
}
