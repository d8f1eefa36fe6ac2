//! What reports cannot show: bounds, and what is left alone.
use super::lint;
use crate::source::{Diagnostic, Severity};
use crate::terms::Semantics;
use crate::world::{self, World};

fn world(name: &str, text: &str) -> World {
    world::load(vec![(name.to_owned(), text.to_owned())], None)
}

fn findings(text: &str) -> Vec<Diagnostic> {
    lint(&world("policy.json", text), Semantics::default())
}

/// The codes for a statement with these members, without `iamc::`.
fn codes(members: &str) -> Vec<&'static str> {
    let found = findings(&format!(r#"{{ "Version": "2012-10-17", "Statement": {{ {members} }} }}"#));
    found.iter().map(|finding| finding.code.trim_start_matches("iamc::")).collect()
}

/// The codes for an allow on everything with these members.
fn allow(members: &str) -> Vec<&'static str> {
    codes(&format!(r#""Effect": "Allow", "Resource": "*", {members}"#))
}

/// A text after the edits of a finding.
fn repaired(text: &str, finding: &Diagnostic) -> String {
    let mut text = text.to_owned();
    for edit in finding.fixes.iter().rev() {
        let range = usize::try_from(edit.place.span.start()).unwrap()..usize::try_from(edit.place.span.end()).unwrap();
        text.replace_range(range, &edit.text);
    }
    text
}

fn slice<'t>(text: &'t str, finding: &Diagnostic) -> &'t str {
    let span = finding.place.span;
    text.get(usize::try_from(span.start()).unwrap()..usize::try_from(span.end()).unwrap()).unwrap()
}

#[test]
fn positions_and_edits_reach_into_strings_of_other_files() {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObjct","Resource":"*"}}"#;
    let escaped = policy.replace('"', "\\\"");
    let percent = policy.replace('"', "%22").replace('{', "%7B").replace('}', "%7D");
    for text in [
        policy.to_owned(),
        format!(r#"{{ "PolicyDocument": "{escaped}" }}"#),
        format!(r#"{{ "PolicyDocument": "{percent}" }}"#),
    ] {
        let found = findings(&text);
        assert_eq!(found.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["iamc::action::unknown"], "{text}");
        assert_eq!(slice(&text, &found[0]), "GetObjct");
        assert_eq!(repaired(&text, &found[0]), text.replace("GetObjct", "GetObject"));
    }
}

#[test]
fn a_token_with_escapes_is_shown_whole_and_left_alone() {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:G\u0065tObjct","Resource":"*"}}"#;
    let found = findings(text);
    assert_eq!((slice(text, &found[0]), &*found[0].fixes), (r#""s3:G\u0065tObjct""#, &[][..]));
}

#[test]
fn edits_remove_entries_with_their_separators() {
    for (list, expected) in [
        (r#"["s3:*", "s3:GetObject"]"#, r#"["s3:*"]"#),
        (r#"["s3:GetObject" , "s3:*"]"#, r#"["s3:*"]"#),
        ("[\"s3:*\",\n\"s3:Put*\",\n\"sqs:*\"]", "[\"s3:*\",\n\"sqs:*\"]"),
    ] {
        let text = |list: &str| {
            format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":{list},"Resource":"*"}}}}"#)
        };
        let found = findings(&text(list));
        assert_eq!(found.len(), 1, "{list}: {found:?}");
        assert_eq!(repaired(&text(list), &found[0]), text(expected));
    }
}

#[test]
fn what_is_known_is_left_alone() {
    for members in [
        r#""Action": "s3:gETobject""#,
        r#""Action": "s3:*""#,
        r#""Action": ["ec2:Describe*", "*:Get*", "deepracer:Anything"]"#,
        r#""Action": "s3:GetObject", "Condition": { "StringEquals": { "s3:existingobjecttag/a/b": "x" } }"#,
        r#""Action": "s3:GetObject", "Condition": { "StringEquals": { "login.example.com:groups": "x" } }"#,
        r#""Action": "s3:GetObject", "Condition": { "DateLessThan": { "aws:CurrentTime": "2027-01-01" } }"#,
        r#""Action": "s3:GetObject", "Condition": { "NumericLessThan": { "aws:EpochTime": "1800000000" } }"#,
        r#""Action": "s3:GetObject", "Condition": { "StringEquals": { "aws:PrincipalTag/a": "${*}" } }"#,
    ] {
        assert_eq!(allow(members), [""; 0], "{members}");
    }
}

#[test]
fn set_operators() {
    let tagged = |condition: &str| allow(&format!(r#""Action": "ec2:CreateTags", "Condition": {{ {condition} }}"#));
    let all = r#""ForAllValues:StringEquals": { "aws:TagKeys": "a" }"#;
    assert_eq!(tagged(all), ["condition::forallvalues-missing"]);
    assert_eq!(tagged(&format!(r#"{all}, "Null": {{ "aws:TagKeys": "false" }}"#)), [""; 0]);
    assert_eq!(tagged(r#""ForAnyValue:StringEquals": { "aws:TagKeys": "a" }"#), [""; 0]);
    assert_eq!(tagged(r#""StringEquals": { "aws:TagKeys": "a" }"#), ["condition::missing-set-operator"]);
    assert_eq!(tagged(r#""Null": { "aws:TagKeys": "true" }"#), [""; 0]);
}

#[test]
fn values_of_accounts_regions_and_arns() {
    let on = |condition: &str| allow(&format!(r#""Action": "s3:GetObject", "Condition": {{ {condition} }}"#));
    assert_eq!(on(r#""StringEquals": { "aws:SourceAccount": "11112222333" }"#), ["resource::account"]);
    assert_eq!(on(r#""StringEquals": { "aws:SourceAccount": ["111122223333", "${aws:PrincipalAccount}"] }"#), [""; 0]);
    let regions = r#""StringNotEquals": { "aws:RequestedRegion": ["eu-wst-1", "aws-global"] }"#;
    assert_eq!(on(regions), ["resource::unknown-region"]);
    assert_eq!(on(r#""ArnLike": { "aws:SourceArn": "arn:aws:snss:*:*:orders" }"#), ["resource::unknown-service"]);
    assert_eq!(on(r#""ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/*" }"#), [""; 0]);
}

#[test]
fn shares_of_documents_are_judged_alike() {
    let texts = (0..9_000).map(|number| {
        let action = if number % 3_000 == 0 { "s3:GetObjct" } else { "s3:GetObject" };
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#
        );
        (format!("policy-{number}.json"), policy)
    });
    let world = world::load(texts.collect(), None);
    let found = lint(&world, Semantics::default());
    let names = found.iter().map(|finding| &*world.sources.get(finding.place.source).unwrap().name);
    assert_eq!(names.collect::<Vec<_>>(), ["policy-0.json", "policy-3000.json", "policy-6000.json"]);
}

#[test]
fn contradictions_need_a_proof() {
    let both = |one: &str, other: &str| {
        let members = format!(r#""Action": "s3:GetObject", "Condition": {{ {one}, {other} }}"#);
        allow(&members).contains(&"condition::contradiction")
    };
    let equals = |values: &str| format!(r#""StringEquals": {{ "aws:PrincipalTag/a": {values} }}"#);
    assert!(both(&equals(r#""x""#), r#""StringNotEquals": { "aws:PrincipalTag/a": ["x", "y"] }"#));
    assert!(!both(&equals(r#"["x", "z"]"#), r#""StringNotEquals": { "aws:PrincipalTag/a": ["x", "y"] }"#));
    assert!(both(&equals(r#""x""#), r#""StringLike": { "aws:PrincipalTag/A": "y*" }"#));
    assert!(!both(&equals(r#""x""#), r#""StringLike": { "aws:PrincipalTag/A": "*" }"#));
    assert!(!both(&equals(r#""x""#), r#""StringLikeIfExists": { "aws:PrincipalTag/a": "${aws:username}" }"#));
    assert!(both(r#""Null": { "aws:PrincipalTag/a": "true" }"#, &equals(r#""x""#)));
    assert!(!both(
        r#""Null": { "aws:PrincipalTag/a": "true" }"#,
        r#""StringNotEquals": { "aws:PrincipalTag/a": "x" }"#
    ));
    let age = |operator: &str, value: &str| format!(r#""{operator}": {{ "aws:MultiFactorAuthAge": "{value}" }}"#);
    assert!(both(&age("NumericLessThan", "10"), &age("NumericGreaterThanEquals", "10.0")));
    assert!(!both(&age("NumericLessThanEquals", "10"), &age("NumericGreaterThanEquals", "10")));
    let time = |operator: &str, value: &str| format!(r#""{operator}": {{ "aws:CurrentTime": "{value}" }}"#);
    assert!(both(&time("DateGreaterThan", "2027-01-01"), &time("DateLessThan", "2026-01-01")));
}

#[test]
fn resources_of_the_actions() {
    let on = |action: &str, resource: &str| {
        codes(&format!(r#""Effect": "Allow", "Action": {action}, "Resource": {resource}"#))
    };
    assert_eq!(on(r#""s3:ListBucket""#, r#""arn:aws:s3:::b/*""#), ["resource::wrong-type"]);
    assert_eq!(on(r#""s3:ListBucket""#, r#""arn:aws:s3:::b*""#), [""; 0]);
    assert_eq!(on(r#""s3:ListAllMyBuckets""#, r#""arn:aws:s3:::b""#), ["resource::wrong-type"]);
    assert_eq!(on(r#""s3:*""#, r#"["arn:aws:s3:::b", "arn:aws:sqs:*:*:q"]"#), ["resource::unused"]);
    assert_eq!(on(r#""s3:GetObject""#, r#"["arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::b/c"]"#), [""; 0]);
    assert_eq!(on(r#""iam:GetRole""#, r#""arn:aws:iam::111122223333:role/a/b/c""#), [""; 0]);
    assert_eq!(on(r#""iam:GetRole""#, r#""arn:aws:iam::aws:policy/x""#), ["resource::wrong-type"]);
    let lists = r#"["s3:GetObject", "s3:ListBucket"]"#;
    assert_eq!(on(lists, r#""arn:aws:s3:::b/*""#), ["action::wrong-resource"]);
    assert_eq!(
        on(lists, r#"["arn:aws:s3:::b/*", "arn:aws:sqs:*:*:q"]"#),
        ["action::wrong-resource", "resource::wrong-type"]
    );
    assert_eq!(on(r#"["s3:GetObject", "sqs:*"]"#, r#""arn:aws:s3:::b/*""#), ["action::wrong-resource"]);
}

#[test]
fn statements_are_compared_whole() {
    let two = |one: &str, other: &str| {
        let text = format!(r#"{{ "Version": "2012-10-17", "Statement": [{{ {one} }}, {{ {other} }}] }}"#);
        findings(&text).iter().map(|finding| finding.code.trim_start_matches("iamc::")).collect::<Vec<_>>()
    };
    let narrow = r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*""#;
    let wide = r#""Effect": "Allow", "Action": "s3:Get*", "Resource": "*""#;
    let condition = r#""Condition": { "Bool": { "aws:SecureTransport": "true" } }"#;
    assert_eq!(two(narrow, wide), ["redundant::statement"]);
    assert_eq!(two(wide, narrow), ["redundant::statement"]);
    assert_eq!(two(narrow, &format!("{wide}, {condition}")), [""; 0]);
    assert_eq!(two(&format!("{narrow}, {condition}"), &format!("{wide}, {condition}")), ["redundant::statement"]);
    let deny = r#""Effect": "Deny", "Action": "s3:*", "Resource": "*""#;
    assert_eq!(two(narrow, deny), ["redundant::denied"]);
    assert_eq!(two(narrow, &format!("{deny}, {condition}")), [""; 0]);
    assert_eq!(two(deny, narrow), ["redundant::denied"]);
    assert_eq!(two(narrow, narrow).len(), 1);
}

#[test]
fn nothing_is_an_error_and_everything_ends() {
    let many = |entry: &dyn Fn(usize) -> String| (0..20_000).map(entry).collect::<Vec<_>>().join(",");
    let actions = many(&|number| format!(r#""s3:Xyz{number}*""#));
    let resources = many(&|number| format!(r#""arn:aws:sqs:*:111122223333:*q{number}*""#));
    let text = format!(
        r#"{{ "Version": "2012-10-17", "Statement": {{ "Effect": "Allow", "Action": [{actions}], "Resource": [{resources}] }} }}"#
    );
    let started = std::time::Instant::now();
    let found = findings(&text);
    assert!(found.len() >= 20_000 && found.iter().all(|finding| finding.severity < Severity::Error));
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn values_that_another_one_covers() {
    let on = |condition: &str| {
        codes(&format!(
            r#""Effect": "Deny", "Action": "s3:GetObject", "Resource": "*", "Condition": {{ {condition} }}"#
        ))
    };
    for condition in [
        r#""StringLike": { "aws:PrincipalTag/team": ["red*", "red-1"] }"#,
        r#""StringEqualsIgnoreCase": { "aws:PrincipalTag/team": ["Red", "red"] }"#,
        r#""NotIpAddress": { "aws:SourceIp": ["203.0.113.0/25", "203.0.113.0/24"] }"#,
        r#""NumericLessThan": { "aws:MultiFactorAuthAge": ["300", "3600"] }"#,
        r#""ArnNotLike": { "aws:PrincipalArn": ["arn:aws:iam::*:role/a*", "arn:aws:iam::*:role/ab"] }"#,
    ] {
        assert_eq!(on(condition), ["redundant::value"], "{condition}");
    }
    for condition in [
        r#""StringEquals": { "aws:PrincipalTag/team": ["red", "Red"] }"#,
        r#""StringLike": { "aws:PrincipalTag/team": ["${aws:username}", "red"] }"#,
        r#""IpAddress": { "aws:SourceIp": ["203.0.113.0/25", "203.0.113.128/25"] }"#,
    ] {
        assert_eq!(on(condition), [""; 0], "{condition}");
    }
    // R-KEY-8; `${*}` is a star and no wildcard.
    assert_eq!(on(r#""StringLike": { "aws:SourceVpce": "vpce-*" }"#), ["condition::sensitive-wildcard"]);
    assert_eq!(on(r#""StringLike": { "aws:SourceVpce": "vpce-${*}" }"#), [""; 0]);
    assert_eq!(on(r#""IpAddress": { "aws:SourceIp": "192.168.1.0/24" }"#), ["condition::private-address"]);
    assert_eq!(on(r#""IpAddress": { "aws:VpcSourceIp": "192.168.1.0/24" }"#), [""; 0]);
}

#[test]
fn a_tag_of_the_request_is_a_tag_key_too() {
    let all = r#""ForAllValues:StringEquals": { "aws:TagKeys": ["team"] }"#;
    let on = |more: &str| allow(&format!(r#""Action": "ec2:CreateTags", "Condition": {{ {all}{more} }}"#));
    assert_eq!(on(""), ["condition::forallvalues-missing"]);
    assert_eq!(on(r#", "StringEquals": { "aws:RequestTag/team": "red" }"#), [""; 0]);
    assert_eq!(on(r#", "StringNotEquals": { "aws:RequestTag/team": "red" }"#), ["condition::forallvalues-missing"]);
}

#[test]
fn services_that_are_misspelt() {
    let of = |service: &str| {
        let found = findings(&format!(
            r#"{{ "Version": "2012-10-17", "Statement": {{ "Effect": "Allow", "Principal": {{ "Service": "{service}" }},
                "Action": "sts:AssumeRole", "Condition": {{ "StringEquals": {{ "aws:SourceAccount": "111122223333" }} }} }} }}"#
        ));
        found.into_iter().filter_map(|finding| finding.help).collect::<Vec<_>>()
    };
    assert_eq!(of("lamda.amazonaws.com"), ["did you mean `lambda.amazonaws.com`?"]);
    assert_eq!(of("lambda.amazonwas.com"), ["did you mean `lambda.amazonaws.com`?"]);
    for known in ["lambda.amazonaws.com", "ecs-tasks.amazonaws.com", "ops.apigateway.amazonaws.com", "s3.amazonaws.com"]
    {
        assert_eq!(of(known), [""; 0], "{known}");
    }
    // Service principals that look like the prefixes `macie2` and `iam`.
    assert_eq!(of("macie.amazonaws.com"), [""; 0]);
    assert_eq!(of("ipam.amazonaws.com"), [""; 0]);
    // A service that nobody knows is no mistake.
    assert_eq!(of("brand-new-orchard-service.amazonaws.com"), [""; 0]);
}

// `emr` is what `elasticmapreduce` is called, and one edit away from `ecr`.
#[test]
fn short_services_are_not_corrected() {
    let fixes = |service: &str| {
        let found = findings(&format!(
            r#"{{ "Version": "2012-10-17", "Statement": {{ "Effect": "Allow", "Principal": {{ "Service": "{service}" }},
                "Action": "sts:AssumeRole", "Condition": {{ "StringEquals": {{ "aws:SourceAccount": "111122223333" }} }} }} }}"#
        ));
        let found = found.into_iter().filter(|finding| finding.code == "iamc::principal::service");
        found.map(|finding| finding.fixes.len()).collect::<Vec<_>>()
    };
    assert_eq!(fixes("emr.amazonaws.com"), [0]);
    assert_eq!(fixes("lamda.amazonaws.com"), [1]);
}

/// The codes for a user with this policy and this boundary.
fn bounded(policy: &str, boundary: &str) -> Vec<&'static str> {
    let document = |statement: &str| format!(r#"{{ "Version": "2012-10-17", "Statement": [{statement}] }}"#);
    let text = format!(
        r#"{{ "UserDetailList": [{{ "UserName": "alice", "Arn": "arn:aws:iam::111122223333:user/alice",
            "UserPolicyList": [{{ "PolicyName": "Own", "PolicyDocument": {} }}],
            "PermissionsBoundary": {{ "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/Edge" }} }}],
          "Policies": [{{ "PolicyName": "Edge", "Arn": "arn:aws:iam::111122223333:policy/Edge", "DefaultVersionId": "v1",
            "PolicyVersionList": [{{ "VersionId": "v1", "IsDefaultVersion": true, "Document": {} }}] }}] }}"#,
        document(policy),
        document(boundary)
    );
    let found = lint(&world("account.json", &text), Semantics::default());
    let codes = found.iter().map(|finding| finding.code.trim_start_matches("iamc::"));
    codes.filter(|code| code.starts_with("redundant::outside")).collect()
}

#[test]
fn statements_outside_the_boundary() {
    let allow = |action: &str, resource: &str| {
        format!(r#"{{ "Effect": "Allow", "Action": "{action}", "Resource": "{resource}" }}"#)
    };
    let send = allow("sqs:SendMessage", "arn:aws:sqs:*:*:orders");
    let outside = ["redundant::outside-boundary"];
    assert_eq!(bounded(&send, &allow("s3:*", "*")), outside);
    assert_eq!(bounded(&send, &allow("sqs:Receive*", "*")), outside);
    assert_eq!(bounded(&send, &allow("sqs:*", "arn:aws:sqs:*:*:refunds")), outside);
    assert_eq!(bounded(&send, r#"{ "Effect": "Allow", "NotAction": "sqs:*", "Resource": "*" }"#), outside);
    // A deny without conditions covers it, one with a condition may not.
    let deny = r#"{ "Effect": "Deny", "Action": "sqs:*", "Resource": "*" "#;
    assert_eq!(bounded(&send, &format!("{}, {deny} }}", allow("sqs:*", "arn:aws:sqs:*:*:o*"))), outside);
    let condition = r#", "Condition": { "Bool": { "aws:SecureTransport": "false" } }"#;
    assert_eq!(bounded(&send, &format!("{}, {deny} {condition} }}", allow("sqs:*", "arn:aws:sqs:*:*:o*"))), [""; 0]);
    assert_eq!(bounded(&send, &allow("*", "*")), [""; 0]);
    assert_eq!(bounded(&send, &allow("*:Send*", "*")), [""; 0]);
    assert_eq!(bounded(&allow("sqs:*", "*"), &allow("sqs:SendMessage", "arn:aws:sqs:*:*:orders")), [""; 0]);
    // Some of the actions pass.
    let both = r#"{ "Effect": "Allow", "Action": ["sqs:SendMessage", "s3:ListAllMyBuckets"], "Resource": "*" }"#;
    assert_eq!(bounded(both, &allow("s3:*", "*")), [""; 0]);
}
