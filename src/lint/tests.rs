//! What reports cannot show: bounds, and what is left alone.
use super::lint;
use crate::source::{Diagnostic, Severity};
use crate::terms::Semantics;
use crate::world::model::PolicyType;
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
    let bool = |operator: &str, value: &str| format!(r#""{operator}": {{ "aws:SecureTransport": {value} }}"#);
    assert!(both(&bool("Bool", "true"), &bool("BoolIfExists", r#""false""#)));
    assert!(!both(&bool("BoolIfExists", "true"), &bool("ForAnyValue:Bool", "false")));
    let from = |operator: &str, network: &str| format!(r#""{operator}": {{ "aws:SourceIp": {network} }}"#);
    let (wide, narrow) = (r#""203.0.0.0/16""#, r#"["203.0.113.0/24", "203.0.7.1"]"#);
    assert!(both(&from("IpAddress", narrow), &from("NotIpAddress", wide)));
    assert!(!both(&from("IpAddress", wide), &from("NotIpAddress", narrow)));
    assert!(both(&from("IpAddress", narrow), &from("IpAddressIfExists", r#""198.51.100.0/24""#)));
    assert!(!both(&from("IpAddressIfExists", narrow), &from("NotIpAddressIfExists", wide)));
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
    // What the allow demands, the deny may demand too.
    assert_eq!(two(&format!("{narrow}, {condition}"), &format!("{deny}, {condition}")), ["redundant::denied"]);
}

#[test]
fn exceptions_are_compared_too() {
    let two = |one: &str, other: &str| {
        let text = format!(r#"{{ "Version": "2012-10-17", "Statement": [{{ {one} }}, {{ {other} }}] }}"#);
        let found = findings(&text);
        found.iter().map(|finding| finding.code.trim_start_matches("iamc::")).collect::<Vec<_>>()
    };
    let none = [""; 0];
    let allow = r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*""#;
    let but = |actions: &str| format!(r#""Effect": "Deny", "NotAction": {actions}, "Resource": "*""#);
    assert_eq!(two(allow, &but(r#"["ec2:*", "s3:Put*"]"#)), ["redundant::denied"]);
    assert_eq!(two(allow, &but(r#"["ec2:*", "s3:Get*"]"#)), none);
    assert_eq!(two(allow, &but(r#""*:GetObject""#)), none);
    let outside = |resources: &str| format!(r#""Effect": "Deny", "Action": "s3:*", "NotResource": {resources}"#);
    assert_eq!(two(allow, &outside(r#""arn:aws:s3:::c/*""#)), ["redundant::denied"]);
    assert_eq!(two(allow, &outside(r#"["arn:aws:s3:::c/*", "arn:aws:s3:::b/a"]"#)), none);
    assert_eq!(two(allow, &outside(r#""arn:aws:s3:::${aws:username}/*""#)), none);
    assert_eq!(two(&but(r#""iam:*""#), &but(r#"["iam:*", "s3:*"]"#)), ["redundant::statement"]);
    assert_eq!(two(&but(r#"["iam:*", "s3:*"]"#), &outside(r#""arn:aws:s3:::c/*""#)), none);
    // Everything but everything is nothing.
    let nothing = r#""Effect": "Allow", "Action": "s3:*", "NotResource": "*""#;
    assert_eq!(codes(nothing), ["redundant::excludes-everything"]);
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

/// The codes for a statement of a policy of this type, those of what is not attached left out.
fn typed(policy_type: PolicyType, members: &str) -> Vec<&'static str> {
    let text = format!(r#"{{ "Version": "2012-10-17", "Statement": {{ {members} }} }}"#);
    let found = lint(&world::load(vec![("policy.json".to_owned(), text)], Some(policy_type)), Semantics::default());
    found.iter().map(|finding| finding.code.trim_start_matches("iamc::")).collect()
}

#[test]
fn who_a_role_trusts() {
    let trust = |principal: &str, action: &str, condition: &str| {
        let members = format!(
            r#""Effect": "Allow", "Principal": {principal}, "Action": {action}, "Condition": {{ {condition} }}"#
        );
        typed(PolicyType::Trust, &members)
    };
    let none = [""; 0];
    let provider = |host: &str| format!(r#"{{ "Federated": "arn:aws:iam::111122223333:oidc-provider/{host}" }}"#);
    let web = r#""sts:AssumeRoleWithWebIdentity""#;
    let open = ["access::oidc-subject"];
    let github = "token.actions.githubusercontent.com";
    let subject = |host: &str, operator: &str, value: &str| {
        trust(&provider(host), web, &format!(r#""{operator}": {{ "{host}:sub": {value} }}"#))
    };
    assert_eq!(subject(github, "StringLike", r#""repo:orchard/*""#), none);
    assert_eq!(subject(github, "StringLike", r#""repo:*""#), open);
    assert_eq!(subject(github, "StringLike", r#"["repo:orchard/*", "repo:*/deploy:*"]"#), open);
    assert_eq!(subject(github, "StringLikeIfExists", r#""repo:orchard/*""#), open);
    assert_eq!(subject("gitlab.com", "StringLike", r#""project_path:*:ref:main""#), open);
    assert_eq!(subject("app.terraform.io", "StringLike", r#""organization:orchard:*""#), none);
    // Of a provider with one owner, any organization is that owner's.
    let cluster = "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";
    assert_eq!(subject(cluster, "StringLike", r#""system:serviceaccount:*:*""#), none);
    let claim = |name: &str| trust(&provider(github), web, &format!(r#""StringEquals": {{ "{github}:{name}": "1" }}"#));
    assert_eq!(claim("repository_owner_id"), none);
    assert_eq!(claim("ref"), open);
    // R-KEY-12
    let facebook = r#"{ "Federated": "graph.facebook.com" }"#;
    assert_eq!(trust(facebook, web, r#""StringEquals": { "graph.facebook.com:id": "1" }"#), none);
    assert_eq!(trust(facebook, web, r#""StringEquals": { "graph.facebook.com:app_id": "1" }"#), open);

    let account = r#"{ "AWS": "111122223333" }"#;
    let saml = r#"{ "Federated": "arn:aws:iam::111122223333:saml-provider/orchard" }"#;
    let mismatched = ["principal::mismatched-action"];
    assert_eq!(trust(saml, r#""sts:AssumeRole""#, ""), mismatched);
    assert_eq!(trust(saml, web, ""), mismatched);
    assert_eq!(trust(saml, r#""sts:AssumeRoleWithSAML""#, ""), none);
    assert_eq!(trust(saml, r#""sts:TagSession""#, ""), none);
    assert_eq!(trust(account, web, ""), mismatched);
    assert_eq!(trust(account, r#"["sts:AssumeRole", "sts:TagSession"]"#, ""), none);
    assert_eq!(trust(account, r#""sts:*""#, ""), none);
    // To add an action to a deny would lock somebody out.
    let of_effect = |effect: &str| {
        typed(PolicyType::Trust, &format!(r#""Effect": "{effect}", "Principal": {account}, "Action": {web}"#))
    };
    assert_eq!((of_effect("Allow"), of_effect("Deny")), (mismatched.to_vec(), none.to_vec()));

    // An external id is no secret.
    let anybody = r#"{ "AWS": "*" }"#;
    assert_eq!(
        trust(anybody, r#""sts:AssumeRole""#, r#""StringEquals": { "sts:ExternalId": "x" }"#),
        ["access::public"]
    );
    assert_eq!(
        trust(anybody, r#""sts:AssumeRole""#, r#""StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" }"#),
        none
    );
}

#[test]
fn what_pins_everybody_and_services() {
    let on = |principal: &str, condition: &str| {
        let members = format!(
            r#""Effect": "Allow", "Principal": {principal}, "Action": "sns:Publish",
               "Resource": "arn:aws:sns:eu-central-1:111122223333:t", "Condition": {{ {condition} }}"#
        );
        typed(PolicyType::Resource, &members)
    };
    let service = r#"{ "Service": "s3.amazonaws.com" }"#;
    let arn = |arn: &str| format!(r#""ArnLike": {{ "aws:SourceArn": "{arn}" }}"#);
    for (open, pinned) in [
        ("arn:aws:s3:*:*:*", "arn:aws:s3:*:*:orchard"),
        ("arn:aws:s3:::*", "arn:aws:s3:::orchard-*"),
        ("arn:aws:sqs:eu-central-1:*:orders", "arn:aws:sqs:*:111122223333:*"),
        ("arn:aws:cloudfront::*:distribution/*", "arn:aws:cloudfront::111122223333:distribution/*"),
    ] {
        assert_eq!(on(service, &arn(open)), ["access::confused-deputy"], "{open}");
        assert_eq!(on(r#""*""#, &arn(open)), ["access::public"], "{open}");
        assert_eq!(on(service, &arn(pinned)), [""; 0], "{pinned}");
        assert_eq!(on(r#""*""#, &arn(pinned)), [""; 0], "{pinned}");
    }
    // The account pins what the ARN leaves open.
    let both = format!(r#"{}, "StringEquals": {{ "aws:SourceAccount": "111122223333" }}"#, arn("arn:aws:s3:*:*:*"));
    assert_eq!(on(service, &both), [""; 0]);
    assert_eq!(on(r#"{ "AWS": "AIDACKCEVSQ6C2EXAMPLE" }"#, ""), ["principal::unique-id"]);
    assert_eq!(on(r#"{ "AWS": "arn:aws:iam::111122223333:user/AIDACKCEVSQ6C2EXAMPLE" }"#, ""), [""; 0]);
    let owner = r#""StringEquals": { "AWS:SourceOwner": "111122223333" }"#;
    assert_eq!(on(r#"{ "AWS": "*" }"#, owner), ["condition::private-key"]);
}

#[test]
fn roles_of_services_in_general() {
    let on = |action: &str, resource: &str| {
        let found = codes(&format!(r#""Effect": "Allow", "Action": "{action}", {resource}"#));
        found.contains(&"access::service-linked-role")
    };
    let create = "iam:CreateServiceLinkedRole";
    assert!(on(create, r#""Resource": "*""#) && on("iam:Create*", r#""Resource": "*""#));
    assert!(on(create, r#""Resource": "arn:aws:iam::*:role/aws-service-role/*""#));
    assert!(on(create, r#""NotResource": "arn:aws:iam::*:role/aws-service-role/ecs.amazonaws.com/*""#));
    assert!(!on(create, r#""Resource": "arn:aws:iam::*:role/aws-service-role/ecs.amazonaws.com/*""#));
    assert!(!on(
        create,
        r#""Resource": "*", "Condition": { "StringEquals": { "iam:AWSServiceName": "ecs.amazonaws.com" } }"#
    ));
    // No request for such a role lacks the key.
    assert!(!on(
        create,
        r#""Resource": "*", "Condition": { "StringLikeIfExists": { "iam:AWSServiceName": "ecs.amazonaws.com" } }"#
    ));
    assert!(!on("iam:*", r#""Resource": "*""#));
}

#[test]
fn heads_of_arns_are_those_of_their_types() {
    let on =
        |action: &str, arn: &str| codes(&format!(r#""Effect": "Deny", "Action": "{action}", "Resource": "{arn}""#));
    assert_eq!(on("dynamodb:GetItem", "arn:aws:dynamodb::111122223333:table/t"), ["resource::missing-region"]);
    assert_eq!(on("sqs:SendMessage", "arn:aws:sqs:eu-gov-1:111122223333:q"), ["resource::unknown-region"]);
    assert_eq!(on("sqs:SendMessage", "arn:aws-us-gov:sqs:us-east-1:111122223333:q"), ["resource::other-partition"]);
    assert_eq!(on("s3:GetObject", "arn:aws:s3::111122223333:orchard/*"), ["resource::surplus-account"]);
    assert_eq!(
        on("organizations:DescribeAccount", "arn:aws:organizations:us-east-1:111122223333:account/o-a/111122223333"),
        ["resource::surplus-region"]
    );
    for (action, arn) in [
        ("sqs:SendMessage", "arn:aws-us-gov:sqs:us-gov-west-1:111122223333:q"),
        ("sqs:SendMessage", "arn:*:sqs:cn-north-1:111122223333:q"),
        ("ec2:RunInstances", "arn:aws:ec2:eu-central-1::image/ami-1"),
        ("s3:GetObject", "arn:aws:s3::*:orchard/*"),
        ("s3:GetObject", "arn:aws:s3:eu-central-1:111122223333:accesspoint/a/object/*"),
        ("ssm:GetParameter", "arn:aws:ssm:*::parameter/aws/service/*"),
        ("cloudfront:CreateInvalidation", "arn:aws:cloudfront::111122223333:distribution/E1"),
        ("wafv2:GetWebACL", "arn:aws:wafv2:us-east-1:111122223333:global/webacl/n/i"),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::*"),
        // Named without a region, though others of the type have one.
        ("bedrock:InvokeModel", "arn:aws:bedrock:::foundation-model/anthropic.claude-v2"),
        ("quicksight:DescribeTheme", "arn:aws:quicksight::aws:theme/CLASSIC"),
    ] {
        assert_eq!(on(action, arn), [""; 0], "{arn}");
    }
}

#[test]
fn values_that_mean_something_else() {
    let on = |condition: &str| allow(&format!(r#""Action": "s3:GetObject", "Condition": {{ {condition} }}"#));
    let none = [""; 0];
    assert_eq!(on(r#""Null": { "aws:SourceVpce": [true, false] }"#), ["condition::both-booleans"]);
    assert_eq!(on(r#""Null": { "aws:SourceVpce": [true] }"#), none);
    assert_eq!(on(r#""DateLessThan": { "aws:CurrentTime": "1800000000" }"#), ["condition::epoch-date"]);
    assert_eq!(on(r#""DateLessThan": { "aws:EpochTime": "1800000000" }"#), none);
    assert_eq!(on(r#""IpAddress": { "aws:SourceIp": ["203.0.113.0/24", "203.0.114.77", "203.0.115.77/32"] }"#), none);
    assert_eq!(on(r#""NotIpAddress": { "aws:SourceIp": "2001:db8::1/64" }"#), ["condition::host-bits"]);
    let address = r#""IpAddress": { "aws:VpcSourceIp": "10.0.0.0/8" }"#;
    assert_eq!(on(&format!(r#"{address}, "StringEquals": {{ "aws:SourceVpc": "vpc-1" }}"#)), none);
    let optional = format!(r#"{address}, "StringEqualsIfExists": {{ "aws:SourceVpc": "vpc-1" }}"#);
    assert_eq!(on(&optional), ["condition::missing-pair"]);
    assert_eq!(on(&format!(r#"{address}, "StringEquals": {{ "aws:VpceAccount": "111122223333" }}"#)), none);
    // What an endpoint is asked for came through that endpoint.
    let endpoint = format!(
        r#""Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*", "Condition": {{ {address} }}"#
    );
    assert_eq!(typed(PolicyType::Endpoint, &endpoint), none);
    assert!(typed(PolicyType::Resource, &endpoint).contains(&"condition::missing-pair"));
    // As a text, an ARN without wildcards is compared just as well; an id is no ARN.
    assert_eq!(on(r#""StringEquals": { "aws:PrincipalArn": "arn:aws:iam::111122223333:user/alice" }"#), none);
    assert_eq!(
        on(r#""StringLike": { "aws:PrincipalArn": "arn:aws:iam::111122223333:user/*" }"#),
        ["condition::key-type"]
    );
    let id = r#""ArnLike": { "aws:PrincipalOrgID": "arn:aws:organizations::111122223333:organization/o-a" }"#;
    assert_eq!(on(id), ["condition::key-type"]);
}

#[test]
fn brackets_that_are_nearly_a_variable() {
    let on = |name: &str| {
        codes(&format!(r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/{name}""#))
    };
    for name in ["$(aws:username)", "{aws:username}"] {
        assert_eq!(on(name), ["variable::not-a-variable"], "{name}");
    }
    // Braces of other things, and a dollar that is written out.
    for name in ["{date}", "$(date)", "{proxy+}", "${$}{aws:username}", "${aws:username}"] {
        assert_eq!(on(name), [""; 0], "{name}");
    }
}

#[test]
fn of_two_near_names_none_is_certain() {
    let edits = |action: &str| {
        let text =
            format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"{action}","Resource":"*"}}}}"#);
        let found = findings(&text);
        assert_eq!(found.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["iamc::action::unknown"], "{action}");
        found[0].fixes.len()
    };
    // Egress is one edit away, Ingress two; the same of GetParameter and GetParameters.
    assert_eq!(edits("ec2:AuthorizeSecurityGroupgress"), 0);
    assert_eq!(edits("ssm:GetParamter"), 0);
    assert_eq!(edits("s3:GetObjct"), 1);
}

#[test]
fn other_names_of_services_and_operations() {
    let offered = |action: &str| {
        let text =
            format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"{action}","Resource":"*"}}}}"#);
        let found = findings(&text);
        assert!(found.len() == 1 && found[0].fixes.is_empty(), "{found:?}");
        found[0].help.clone().unwrap()
    };
    assert_eq!(offered("elb:DescribeLoadBalancers"), "did you mean `elasticloadbalancing:DescribeLoadBalancers`?");
    assert_eq!(offered("Cognito:AdminGetUser"), "did you mean `cognito-idp:AdminGetUser`?");
    assert_eq!(offered("stepfunctions:Start*"), "did you mean `states:Start*`?");
    assert_eq!(offered("s3:HeadObject"), "did you mean `s3:GetObject`?");
    assert_eq!(offered("S3:listbuckets"), "did you mean `s3:ListAllMyBuckets`?");
    assert_eq!(offered("s3:CopyObject"), "did you mean `s3:GetObject` or `s3:PutObject`?");
}

#[test]
fn tags_that_an_action_does_not_have() {
    let on = |action: &str, condition: &str| {
        allow(&format!(r#""Action": {action}, "Condition": {{ "StringEquals": {{ {condition} }} }}"#))
    };
    let (none, missing) = ([""; 0], ["condition::not-carried"]);
    let (of_resource, of_request) = (r#""aws:ResourceTag/team": "red""#, r#""aws:RequestTag/team": "red""#);
    assert_eq!(on(r#""ec2:DescribeInstances""#, of_resource), missing);
    assert_eq!(on(r#"["ec2:DescribeInstances", "ec2:StartInstances"]"#, of_resource), none);
    assert_eq!(on(r#""s3:GetObject""#, of_request), missing);
    assert_eq!(on(r#""ec2:RunInstances""#, of_request), none);
    assert_eq!(on(r#""s3:*""#, of_request), none);
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
    // What a deny excepts.
    let but = |action: &str| {
        format!(r#"{}, {{ "Effect": "Deny", "NotAction": "{action}", "Resource": "*" }}"#, allow("*", "*"))
    };
    assert_eq!(bounded(&send, &but("s3:*")), outside);
    assert_eq!(bounded(&send, &but("sqs:S*")), [""; 0]);
    let elsewhere = r#", { "Effect": "Deny", "Action": "*", "NotResource": "arn:aws:sqs:*:*:refunds" }"#;
    assert_eq!(bounded(&send, &format!("{}{elsewhere}", allow("*", "*"))), outside);
    // Some of the actions pass.
    let both = r#"{ "Effect": "Allow", "Action": ["sqs:SendMessage", "s3:ListAllMyBuckets"], "Resource": "*" }"#;
    assert_eq!(bounded(both, &allow("s3:*", "*")), [""; 0]);
}

/// Findings about limits for a user, `statement` being her policy, whose account is in a unit of an organization. `root`
/// and `unit` are statements of the service control policies of both levels.
fn governed(account: &str, statement: &str, root: &str, unit: &str) -> Vec<Diagnostic> {
    let document = |statement: &str| format!(r#"{{ "Version": "2012-10-17", "Statement": [{statement}] }}"#);
    let dump = format!(
        r#"{{ "UserDetailList": [{{ "UserName": "alice", "Arn": "arn:aws:iam::{account}:user/alice",
            "UserPolicyList": [{{ "PolicyName": "Own", "PolicyDocument": {} }}] }}] }}"#,
        document(statement)
    );
    let policy = |name: &str, statement: &str| {
        format!(
            r#""p-{name}": {{ "name": "{name}", "type": "SERVICE_CONTROL_POLICY", "content": {} }}"#,
            document(statement)
        )
    };
    let tree = format!(
        r#"{{ "root": {{ "id": "r-ab12", "accounts": ["999988887777"], "serviceControlPolicies": ["p-upperlevel"],
              "organizationalUnits": [{{ "id": "ou-ab12-11111111", "accounts": ["111122223333"],
                "serviceControlPolicies": ["p-lowerlevel"] }}] }},
            "policies": {{ {}, {} }} }}"#,
        policy("upperlevel", root),
        policy("lowerlevel", unit)
    );
    let manifest = format!(
        "[organization]\nid = \"o-a1b2c3d4e5\"\nmanagement-account = \"999988887777\"\ntree = \"tree.json\"\n\
         [[account]]\nid = \"{account}\"\nidentities = \"dump.json\"\n"
    );
    let texts = [("iamc.toml", manifest), ("dump.json", dump), ("tree.json", tree)];
    let world = world::load(texts.map(|(name, text)| (name.to_owned(), text)).into(), None);
    assert!(world.accounts.iter().any(|account| account.service_control.is_some()), "the tree was not read");
    let found = lint(&world, Semantics::default());
    found.into_iter().filter(|finding| finding.code.contains("outside")).collect()
}

#[test]
fn statements_outside_the_service_control_policies() {
    let allow = |action: &str, resource: &str| {
        format!(r#"{{ "Effect": "Allow", "Action": "{action}", "Resource": "{resource}" }}"#)
    };
    let deny = |action: &str, more: &str| format!(r#"{{ "Effect": "Deny", {action}, "Resource": "*"{more} }}"#);
    let (member, management) = ("111122223333", "999988887777");
    let send = allow("sqs:SendMessage", "arn:aws:sqs:*:111122223333:orders");
    let all = allow("*", "*");
    let is_outside = |account: &str, root: &str, unit: &str| {
        let found = governed(account, &send, root, unit);
        assert!(found.iter().all(|finding| finding.code == "iamc::redundant::outside-scp"), "{found:?}");
        found.len() == 1
    };
    assert!(!is_outside(member, &all, &all));
    // Each level has to let it through (R-EVAL-8).
    assert!(is_outside(member, &allow("s3:*", "*"), &all));
    assert!(is_outside(member, &all, &allow("s3:*", "*")));
    assert!(is_outside(member, &all, &allow("sqs:*", "arn:aws:sqs:*:*:refunds")));
    assert!(!is_outside(member, &allow("sqs:*", "*"), &allow("sqs:Send*", "*")));
    // The management account is under none (R-EVAL-10).
    assert!(!is_outside(management, &allow("s3:*", "*"), &all));
    let with = |statement: &str| format!("{all}, {statement}");
    assert!(is_outside(member, &with(&deny(r#""Action": "sqs:*""#, "")), &all));
    assert!(is_outside(member, &all, &with(&deny(r#""NotAction": ["iam:*", "s3:*"]"#, ""))));
    assert!(!is_outside(member, &all, &with(&deny(r#""NotAction": ["iam:*", "sqs:*"]"#, ""))));
    let region = r#", "Condition": { "StringNotEquals": { "aws:RequestedRegion": "eu-central-1" } }"#;
    assert!(!is_outside(member, &all, &with(&deny(r#""NotAction": "iam:*""#, region))));
    // The policy and its statement are named and shown.
    let found = governed(member, &send, &with(&deny(r#""Sid": "NoQueues", "Action": "sqs:*""#, "")), &all);
    assert!(found[0].message.contains("the statement `NoQueues` of `upperlevel` denies all of it"), "{found:?}");
    assert_eq!(found[0].related.len(), 1);
}
