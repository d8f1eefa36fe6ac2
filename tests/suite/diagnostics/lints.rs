//! One case for each finding of the room `lint`.

use super::{ACTION, Case, EFFECT, RESOURCE, action, case, condition, policy, resource};

const DENY: &str = r#""Effect": "Deny""#;
const EVERYTHING: &str = r#""Resource": "*""#;

/// An allow on everything with these actions.
fn allow(actions: &str) -> String {
    policy(&[EFFECT, &format!("\"Action\": {actions}"), EVERYTHING])
}

/// A trust policy of one principal with more members.
fn trust(principal: &str, more: &[&str]) -> String {
    let principal = format!("\"Principal\": {principal}");
    let members = [&[EFFECT, &principal, r#""Action": "sts:AssumeRoleWithWebIdentity""#], more].concat();
    policy(&members)
}

/// Two statements, one in each line.
fn two(first: &str, second: &str) -> String {
    format!("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {{ {first} }},\n    {{ {second} }}\n  ]\n}}\n")
}

pub(super) fn cases() -> Vec<Case> {
    let provider = r#"{ "Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }"#;
    let audience = r#""Condition": { "StringEquals": { "token.actions.githubusercontent.com:aud": "orchard" } }"#;
    let logs = r#""Resource": "arn:aws:s3:::orchard-logs/*""#;
    let open = policy(&[EFFECT, r#""Principal": "*""#, r#""Action": "s3:PutObject""#, RESOURCE]);
    let deputy = policy(&[
        EFFECT,
        r#""Principal": { "Service": "sns.amazonaws.com" }"#,
        r#""Action": "sqs:SendMessage""#,
        r#""Resource": "arn:aws:sqs:eu-central-1:111122223333:orchard""#,
    ]);
    let rcp = policy(&[DENY, r#""Principal": "*""#, r#""Action": "ec2:RunInstances""#, EVERYTHING]);
    vec![
        case("iamc::access::confused-deputy", &["--type", "resource"], deputy),
        case("iamc::access::escalation", &[], allow(r#"["s3:GetObject", "iam:AttachUserPolicy"]"#)),
        case("iamc::access::escalation-with-role", &[], allow(r#"["lambda:CreateFunction", "iam:PassRole"]"#)),
        case(
            "iamc::access::notaction-allow",
            &[],
            policy(&[EFFECT, r#""NotAction": ["iam:*", "organizations:*"]"#, EVERYTHING]),
        ),
        case(
            "iamc::access::notresource-allow",
            &[],
            policy(&[EFFECT, ACTION, r#""NotResource": "arn:aws:s3:::orchard-payroll/*""#]),
        ),
        case("iamc::access::oidc-subject", &["--type", "trust"], trust(provider, &[audience])),
        case("iamc::access::pass-role", &[], allow(r#""iam:PassRole""#)),
        case("iamc::access::public", &["--type", "resource"], open),
        case("iamc::access::service-linked-role", &[], allow(r#"["iam:GetRole", "iam:CreateServiceLinkedRole"]"#)),
        case("iamc::action::matches-nothing", &[], action(r#""s3:Gett*""#)),
        case("iamc::action::unknown", &[], action(r#"["s3:GetObjct", "s3:PutObject"]"#)),
        case("iamc::action::unknown-service", &[], action(r#""s4:GetObject""#)),
        case("iamc::action::without-rcp", &["--type", "rcp"], rcp),
        case("iamc::action::wrong-resource", &[], action(r#"["s3:GetObject", "s3:ListBucket"]"#)),
        case(
            "iamc::condition::both-booleans",
            &[],
            condition(r#""Bool": { "aws:SecureTransport": ["true", "false"] }"#),
        ),
        case(
            "iamc::condition::contradiction",
            &[],
            condition(
                r#""StringEquals": { "aws:PrincipalTag/team": "red" }, "StringNotLike": { "aws:PrincipalTag/Team": "r*" }"#,
            ),
        ),
        case(
            "iamc::condition::deprecated-key",
            &[],
            condition(r#""ArnEquals": { "aws:ARN": "arn:aws:iam::111122223333:user/alice" }"#),
        ),
        case("iamc::condition::empty-operator", &[], condition(r#""StringEquals": {}"#)),
        case("iamc::condition::epoch-date", &[], condition(r#""DateGreaterThan": { "aws:CurrentTime": "2026" }"#)),
        case(
            "iamc::condition::forallvalues-missing",
            &[],
            policy(&[
                EFFECT,
                r#""Action": "ec2:CreateTags""#,
                EVERYTHING,
                r#""Condition": { "ForAllValues:StringEquals": { "aws:TagKeys": ["team", "stage"] } }"#,
            ]),
        ),
        case(
            "iamc::condition::forallvalues-single",
            &[],
            condition(r#""ForAllValues:StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" }"#),
        ),
        case("iamc::condition::host-bits", &[], condition(r#""IpAddress": { "aws:SourceIp": "203.0.113.77/24" }"#)),
        case("iamc::condition::key-type", &[], condition(r#""StringEquals": { "aws:SecureTransport": "true" }"#)),
        case(
            "iamc::condition::literal-wildcard",
            &[],
            condition(r#""StringEquals": { "aws:PrincipalTag/team": "red-*" }"#),
        ),
        case("iamc::condition::missing-pair", &[], condition(r#""IpAddress": { "aws:VpcSourceIp": "10.20.0.0/16" }"#)),
        case(
            "iamc::condition::missing-set-operator",
            &[],
            condition(r#""StringEquals": { "aws:CalledVia": "athena.amazonaws.com" }"#),
        ),
        case("iamc::condition::not-carried", &[], condition(r#""StringLike": { "s3:prefix": "home/*" }"#)),
        case(
            "iamc::condition::set-operator-single",
            &[],
            condition(r#""ForAnyValue:StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" }"#),
        ),
        case(
            "iamc::condition::private-address",
            &[],
            condition(r#""IpAddress": { "aws:SourceIp": ["203.0.113.0/24", "10.20.0.0/16"] }"#),
        ),
        case(
            "iamc::condition::private-key",
            &[],
            condition(r#""StringEquals": { "AWS:SourceOwner": "111122223333" }"#),
        ),
        case(
            "iamc::condition::sensitive-wildcard",
            &[],
            condition(r#""StringLike": { "aws:PrincipalOrgID": "o-a1b2*" }"#),
        ),
        case("iamc::condition::unknown-key", &[], condition(r#""Bool": { "aws:SecureTransprot": "true" }"#)),
        case("iamc::document::empty-sid", &[], policy(&[r#""Sid": """#, EFFECT, ACTION, RESOURCE])),
        case(
            "iamc::principal::mismatched-action",
            &["--type", "trust"],
            trust(r#"{ "Federated": "arn:aws:iam::111122223333:saml-provider/orchard" }"#, &[]),
        ),
        case(
            "iamc::principal::service",
            &["--type", "trust"],
            trust(r#"{ "Service": "lamda.amazonaws.com" }"#, &[]).replace("WithWebIdentity", ""),
        ),
        case(
            "iamc::principal::unique-id",
            &["--type", "resource"],
            policy(&[EFFECT, r#""Principal": { "AWS": "AROADPC3JJ2I7NC7ROYBK" }"#, ACTION, RESOURCE]),
        ),
        case("iamc::redundant::action", &[], action(r#"["s3:Get*", "s3:GetObject"]"#)),
        case(
            "iamc::redundant::denied",
            &[],
            two(
                &format!(r#""Sid": "ReadLogs", {EFFECT}, {ACTION}, {logs}"#),
                &format!(r#""Sid": "NoReading", {DENY}, "Action": "s3:Get*", {EVERYTHING}"#),
            ),
        ),
        case(
            "iamc::redundant::excludes-everything",
            &[],
            policy(&[DENY, r#""NotAction": ["s3:GetObject", "*"]"#, EVERYTHING]),
        ),
        case(
            "iamc::redundant::principal",
            &["--type", "resource"],
            policy(&[
                DENY,
                r#""Principal": { "AWS": ["111122223333", "arn:aws:iam::111122223333:user/alice"] }"#,
                ACTION,
                RESOURCE,
            ]),
        ),
        case(
            "iamc::redundant::value",
            &[],
            condition(r#""IpAddress": { "aws:SourceIp": ["203.0.113.0/24", "203.0.113.64/26"] }"#),
        ),
        case(
            "iamc::redundant::resource",
            &[],
            resource(r#"["arn:aws:s3:::orchard/*", "arn:aws:s3:::orchard/apples/*"]"#),
        ),
        case(
            "iamc::redundant::statement",
            &[],
            two(
                &format!(r#""Sid": "ReadLogs", {EFFECT}, {ACTION}, {logs}"#),
                &format!(r#""Sid": "ReadAll", {EFFECT}, "Action": "s3:Get*", {EVERYTHING}"#),
            ),
        ),
        case(
            "iamc::resource::account",
            &[],
            action(r#""sqs:SendMessage""#).replace("s3:::orchard/*", "sqs:*:1111222233:q"),
        ),
        case(
            "iamc::resource::missing-colon",
            &[],
            action(r#""sqs:SendMessage""#).replace("s3:::orchard/*", "sqs:eu-central-1:111122223333orders"),
        ),
        case(
            "iamc::resource::missing-region",
            &[],
            action(r#""sqs:SendMessage""#).replace("s3:::orchard/*", "sqs::111122223333:orders"),
        ),
        case(
            "iamc::resource::other-partition",
            &[],
            action(r#""sqs:SendMessage""#).replace("s3:::orchard/*", "sqs:cn-north-1:111122223333:orders"),
        ),
        case("iamc::resource::surplus-account", &[], resource(r#""arn:aws:s3::111122223333:orchard/*""#)),
        case(
            "iamc::resource::surplus-region",
            &[],
            action(r#""route53:GetHostedZone""#)
                .replace("s3:::orchard/*", "route53:us-east-1::hostedzone/Z1D633PJN98FT9"),
        ),
        case("iamc::resource::wrong-type", &[], policy(&[EFFECT, r#""Action": "s3:ListBucket""#, RESOURCE])),
        case(
            "iamc::resource::unknown-region",
            &[],
            action(r#""sqs:SendMessage""#).replace("s3:::orchard/*", "sqs:eu-centrl-1:111122223333:q"),
        ),
        case("iamc::resource::unknown-service", &[], resource(r#""arn:aws:s33:::orchard/*""#)),
        case(
            "iamc::resource::unknown-type",
            &[],
            action(r#""dynamodb:GetItem""#).replace("s3:::orchard/*", "dynamodb:*:111122223333:tabel/orders"),
        ),
        case(
            "iamc::resource::unused",
            &[],
            resource(r#"["arn:aws:s3:::orchard/*", "arn:aws:sqs:eu-central-1:111122223333:orders"]"#),
        ),
        case("iamc::variable::not-a-variable", &[], resource(r#""arn:aws:s3:::orchard/$(aws:username)/*""#)),
        case("iamc::variable::unknown-key", &[], resource(r#""arn:aws:s3:::orchard/${aws:usernmae}/*""#)),
    ]
}
