//! Every finding as its reader sees it: the smallest input that causes it, and the report.
//!
//! A snapshot per code lies under `diagnostics/`. What a policy with several mistakes gives is checked in `mistakes`.
#![expect(clippy::string_slice, clippy::too_many_lines, reason = "tables of cases, and slices of texts that they hold")]

mod lints;
mod manifests;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// One code with an input that causes it.
struct Case {
    code: &'static str,
    /// Arguments behind `check`, file names excluded.
    arguments: Vec<&'static str>,
    /// Files by name.
    files: Vec<(&'static str, String)>,
}

fn case(code: &'static str, arguments: &[&'static str], text: impl Into<String>) -> Case {
    Case { code, arguments: arguments.to_vec(), files: vec![("policy.json", text.into())] }
}

/// A policy of one statement with these members.
fn policy(members: &[&str]) -> String {
    let members = members.join(",\n      ");
    format!("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {{\n      {members}\n    }}\n  ]\n}}\n")
}

const EFFECT: &str = r#""Effect": "Allow""#;
const ACTION: &str = r#""Action": "s3:GetObject""#;
const RESOURCE: &str = r#""Resource": "arn:aws:s3:::orchard/*""#;
const PRINCIPAL: &str = r#""Principal": "*""#;

fn action(text: &str) -> String {
    policy(&[EFFECT, &format!("\"Action\": {text}"), RESOURCE])
}

fn resource(text: &str) -> String {
    policy(&[EFFECT, ACTION, &format!("\"Resource\": {text}")])
}

fn condition(text: &str) -> String {
    policy(&[EFFECT, ACTION, RESOURCE, &format!("\"Condition\": {{ {text} }}")])
}

fn principal(text: &str) -> String {
    policy(&[EFFECT, &format!("\"Principal\": {text}"), ACTION, RESOURCE])
}

fn syntax_cases() -> Vec<Case> {
    let deep = format!("{}{}", "[".repeat(70), "]".repeat(70));
    let many = format!("{{ \"Version\": [{}] }}", "yes no,\n".repeat(300));
    vec![
        case("iamc::syntax::bad-escape", &[], action(r#""s3:Get\Object""#)),
        case("iamc::syntax::bad-number", &[], condition(r#""NumericLessThan": { "aws:MultiFactorAuthAge": 0600 }"#)),
        case("iamc::syntax::bare-word", &[], condition(r#""Bool": { "aws:SecureTransport": True }"#)),
        case("iamc::syntax::colon-in-array", &[], policy(&[EFFECT, ACTION, RESOURCE, r#""Condition": ["Bool": {}]"#])),
        case("iamc::syntax::comment", &[], policy(&[EFFECT, ACTION, "\"Resource\": \"*\" // all of them"])),
        case("iamc::syntax::control-character", &[], action("\"s3:Get\tObject\"")),
        case("iamc::syntax::duplicate-member", &[], policy(&[EFFECT, ACTION, RESOURCE, r#""Effect": "Deny""#])),
        case("iamc::syntax::empty-document", &[], "\n"),
        case("iamc::syntax::lone-surrogate", &[], action(r#""s3:\ud83dGet""#)),
        case("iamc::syntax::missing-colon", &[], policy(&[EFFECT, r#""Action" "s3:GetObject""#, RESOURCE])),
        case("iamc::syntax::missing-comma", &[], policy(&[EFFECT, &format!("{ACTION}\n      {RESOURCE}")])),
        case("iamc::syntax::missing-name", &[], policy(&[EFFECT, ACTION, RESOURCE, "17"])),
        case("iamc::syntax::missing-value", &[], policy(&[EFFECT, "\"Action\":", RESOURCE])),
        case("iamc::syntax::name-not-a-string", &[], policy(&[EFFECT, ACTION, RESOURCE, "17: \"x\""])),
        case("iamc::syntax::single-quotes", &[], policy(&["\"Effect\": 'Allow'", ACTION, RESOURCE])),
        case("iamc::syntax::stray-colon", &[], policy(&["\"Effect\":: \"Allow\"", ACTION, RESOURCE])),
        case("iamc::syntax::stray-comma", &[], action("[\"s3:GetObject\", \"s3:PutObject\",]")),
        case("iamc::syntax::too-deep", &[], action(&deep)),
        case("iamc::syntax::too-many", &[], many),
        case(
            "iamc::syntax::trailing-text",
            &[],
            r#"{ "Policy": "{ \"Version\": \"2012-10-17\", \"Statement\": { \"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\" } } 1" }"#,
        ),
        case("iamc::syntax::typographic-quotes", &[], policy(&["\"Effect\": “Allow”", ACTION, RESOURCE])),
        case("iamc::syntax::unclosed", &[], action("[\"s3:GetObject\", \"s3:PutObject\"")),
        case("iamc::syntax::unknown-text", &[], policy(&[EFFECT, "\"Action\": @", RESOURCE])),
        case(
            "iamc::syntax::unopened",
            &[],
            policy(&[EFFECT, r#""Action": "s3:GetObject", "s3:PutObject"]"#, RESOURCE]),
        ),
        case("iamc::syntax::unopened-string", &[], policy(&[EFFECT, r#""Action": s3:GetObject""#, RESOURCE])),
        case("iamc::syntax::unmatched-bracket", &[], format!("{}}}\n", policy(&[EFFECT, ACTION, RESOURCE]))),
        case("iamc::syntax::unterminated-string", &[], policy(&[EFFECT, "\"Action\": \"s3:GetObject", RESOURCE])),
        case("iamc::syntax::wrong-bracket", &[], action("[\"s3:GetObject\", \"s3:PutObject\"}")),
    ]
}

fn document_cases() -> Vec<Case> {
    let long = (0..400).map(|number| format!("\"arn:aws:s3:::orchard/{number}\"")).collect::<Vec<_>>().join(", ");
    let two = |first: &str, second: &str| {
        format!(
            "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {{ {first}, {EFFECT}, {ACTION}, {RESOURCE} }},\n    \
             {{ {second}, {EFFECT}, {ACTION}, {RESOURCE} }}\n  ]\n}}\n"
        )
    };
    let versioned = |version: &str| format!("{{{version} \"Statement\": {{ {EFFECT}, {ACTION}, {RESOURCE} }} }}\n");
    vec![
        case("iamc::document::bad-percent", &[], r#"{ "PolicyDocument": "%7B%22Version%2G" }"#),
        case("iamc::document::bad-utf8", &[], r#"{ "PolicyDocument": "%7B%22%FF%22%7D" }"#),
        case("iamc::document::plus-blank", &[], r#"{ "PolicyDocument": "%7B%22Version%22%3A+%222012-10-17%22%7D" }"#),
        case("iamc::document::not-a-document", &[], r#"{ "PolicyDocument": "allow everything" }"#),
        case("iamc::document::both-of-pair", &[], policy(&[EFFECT, ACTION, r#""NotAction": "iam:*""#, RESOURCE])),
        case("iamc::document::characters", &[], resource("\"arn:aws:s3:::obst™/*\"")),
        case(
            "iamc::document::duplicate-condition-key",
            &[],
            condition(r#""StringEquals": { "aws:username": "a", "AWS:UserName": "b" }"#),
        ),
        case("iamc::document::empty-action", &[], action("[]")),
        case("iamc::document::empty-principal", &[], principal("{}")),
        case("iamc::document::empty-resource", &[], resource("[]")),
        case("iamc::document::empty-statement-list", &[], "{ \"Version\": \"2012-10-17\", \"Statement\": [] }\n"),
        case("iamc::document::id-ignored", &[], versioned(" \"Version\": \"2012-10-17\", \"Id\": \"readers\",")),
        case("iamc::document::missing-action", &[], policy(&[EFFECT, RESOURCE])),
        case("iamc::document::missing-effect", &[], policy(&[ACTION, RESOURCE])),
        case(
            "iamc::document::missing-principal",
            &["--type", "trust"],
            policy(&[EFFECT, r#""Action": "sts:AssumeRole""#]),
        ),
        case("iamc::document::missing-resource", &[], policy(&[EFFECT, ACTION])),
        case("iamc::document::missing-statement", &[], "{\n  \"Version\": \"2012-10-17\"\n}\n"),
        case(
            "iamc::document::notaction-not-allowed",
            &["--type", "trust"],
            policy(&[EFFECT, PRINCIPAL, r#""NotAction": "sts:AssumeRole""#]),
        ),
        case(
            "iamc::document::notprincipal-not-allowed",
            &["--type", "trust"],
            policy(&["\"Effect\": \"Deny\"", r#""NotPrincipal": "*""#, r#""Action": "sts:AssumeRole""#]),
        ),
        case("iamc::document::null-entry", &[], action("[\"s3:GetObject\", null]")),
        case("iamc::document::principal-not-allowed", &["--type", "identity"], principal("\"*\"")),
        case("iamc::document::rcp-effect", &["--type", "rcp"], principal("\"*\"")),
        case(
            "iamc::document::rcp-principal",
            &["--type", "rcp"],
            policy(&["\"Effect\": \"Deny\"", r#""Principal": { "AWS": "*" }"#, ACTION, RESOURCE]),
        ),
        case(
            "iamc::document::resource-not-allowed",
            &["--type", "trust"],
            policy(&[EFFECT, PRINCIPAL, r#""Action": "sts:AssumeRole""#, RESOURCE]),
        ),
        case(
            "iamc::document::scp-classic",
            &["--type", "scp", "--semantics", "scp_language=classic"],
            action("\"s3:*Object\""),
        ),
        case("iamc::document::sid-characters", &[], policy(&[r#""Sid": "Read only""#, EFFECT, ACTION, RESOURCE])),
        case("iamc::document::sid-repeated", &[], two(r#""Sid": "Read""#, r#""Sid": "Read""#)),
        case("iamc::document::too-large", &[], resource(&format!("[{long}]"))),
        case("iamc::document::unknown-effect", &[], policy(&["\"Effect\": \"allow\"", ACTION, RESOURCE])),
        case("iamc::document::unknown-element", &[], policy(&[EFFECT, "\"Actions\": \"s3:GetObject\"", RESOURCE])),
        case("iamc::document::unknown-principal-type", &[], principal(r#"{ "Aws": "111122223333" }"#)),
        case("iamc::document::unknown-version", &[], versioned(" \"Version\": \"2012-10-18\",")),
        case("iamc::document::version-missing", &[], versioned("")),
        case("iamc::document::version-old", &[], versioned(" \"Version\": \"2008-10-17\",")),
        case("iamc::document::wrong-type", &[], action("{ \"s3\": \"GetObject\" }")),
    ]
}

fn meaning_cases() -> Vec<Case> {
    let stars = "a*".repeat(400);
    let trust = |action: &str| policy(&[EFFECT, PRINCIPAL, &format!("\"Action\": \"{action}\"")]);
    let deny = |principal: &str| {
        policy(&["\"Effect\": \"Deny\"", &format!("\"NotPrincipal\": {principal}"), ACTION, RESOURCE])
    };
    let head = resource("\"arn:aws:sqs:*:${aws:PrincipalAccount}:q\"");
    vec![
        case("iamc::action::blank", &[], action("\"s3:Get Object\"")),
        case("iamc::action::empty-name", &[], action("\"s3:\"")),
        case("iamc::action::no-colon", &[], action("\"GetObject\"")),
        case("iamc::action::prefix", &[], action("\"s*:GetObject\"")),
        case(
            "iamc::action::rcp-any",
            &["--type", "rcp"],
            policy(&["\"Effect\": \"Deny\"", PRINCIPAL, "\"Action\": \"*\"", RESOURCE]),
        ),
        case("iamc::action::trust", &["--type", "trust"], trust("s3:GetObject")),
        case("iamc::action::trust-wildcard", &["--type", "trust"], trust("sts:*")),
        case("iamc::action::two-colons", &[], action("\"s3::GetObject\"")),
        case("iamc::condition::arn-components", &[], condition(r#""ArnLike": { "aws:SourceArn": "arn:aws:sns" }"#)),
        case("iamc::condition::bad-value", &[], condition(r#""IpAddress": { "aws:SourceIp": "10.0.0.0/33" }"#)),
        case("iamc::condition::empty-values", &[], condition(r#""StringEquals": { "aws:username": [] }"#)),
        case("iamc::condition::exponent", &[], condition(r#""NumericLessThan": { "aws:MultiFactorAuthAge": 1e2000 }"#)),
        case("iamc::condition::null-set-operator", &[], condition(r#""ForAnyValue:Null": { "aws:TagKeys": "true" }"#)),
        case("iamc::condition::unknown-operator", &[], condition(r#""StringEqual": { "aws:username": "bob" }"#)),
        case("iamc::pattern::too-many-wildcards", &[], action(&format!("\"s3:{stars}\""))),
        case("iamc::principal::bare", &[], principal("\"arn:aws:iam::111122223333:user/alice\"")),
        case("iamc::principal::federated", &[], principal(r#"{ "Federated": "accounts.google.com" }"#)),
        case(
            "iamc::principal::notprincipal-account",
            &[],
            deny(r#"{ "AWS": "arn:aws:iam::111122223333:user/alice" }"#),
        ),
        case(
            "iamc::principal::notprincipal-allow",
            &[],
            policy(&[EFFECT, r#""NotPrincipal": { "AWS": "111122223333" }"#, ACTION, RESOURCE]),
        ),
        case(
            "iamc::principal::provider",
            &["--type", "trust"],
            policy(&[
                EFFECT,
                r#""Principal": { "Federated": "login.example.com" }"#,
                "\"Action\": \"sts:AssumeRoleWithWebIdentity\"",
            ]),
        ),
        case("iamc::principal::session", &[], principal(r#"{ "AWS": "arn:aws:sts::111122223333:assumed-role/app" }"#)),
        case("iamc::principal::unknown", &[], principal(r#"{ "AWS": "arn:aws:iam::111122223333:group/admins" }"#)),
        case(
            "iamc::principal::variable",
            &[],
            principal(r#"{ "AWS": "arn:aws:iam::111122223333:user/${aws:username}" }"#),
        ),
        case("iamc::principal::wildcard", &[], principal(r#"{ "AWS": "arn:aws:iam::111122223333:user/*" }"#)),
        case("iamc::resource::abbreviated", &["--type", "session"], resource("\"arn:aws:sqs\"")),
        case(
            "iamc::resource::abbreviated-dead",
            &["--type", "resource"],
            policy(&[EFFECT, PRINCIPAL, ACTION, "\"Resource\": \"arn:aws:s3\""]),
        ),
        case("iamc::resource::few-components", &[], resource("\"arn:aws:s3::orchard\"")),
        case("iamc::resource::iam-type", &[], resource("\"arn:aws:iam::111122223333:alice\"")),
        case("iamc::resource::missing-service", &[], resource("\"arn:aws::::orchard\"")),
        case("iamc::resource::not-an-arn", &[], resource("\" arn:aws:s3:::reports/*\"")),
        case("iamc::resource::no-colon", &[], resource("\"orchard/*\"")),
        case("iamc::resource::partition", &[], resource("\"arn:amazon:s3:::orchard/*\"")),
        case("iamc::resource::region", &[], resource("\"arn:aws:s3:eu-central-1::orchard/*\"")),
        case("iamc::resource::service-wildcard", &[], resource("\"arn:aws:s*:::orchard/*\"")),
        case("iamc::variable::bool", &[], condition(r#""Bool": { "aws:SecureTransport": "${aws:SecureTransport}" }"#)),
        case("iamc::variable::in-head", &[], head.clone()),
        case("iamc::variable::malformed", &[], resource("\"arn:aws:s3:::orchard/${aws:username, nobody}/*\"")),
        case(
            "iamc::variable::operator",
            &[],
            condition(r#""IpAddress": { "aws:SourceIp": "${aws:PrincipalTag/ip}" }"#),
        ),
        case("iamc::variable::placement", &[], resource("\"arn:aws:${aws:PrincipalTag/service}:::orchard\"")),
        case("iamc::variable::refused", &["--semantics", "variables_in_arn_head=reject"], head),
        case("iamc::variable::unterminated", &[], resource("\"arn:aws:s3:::orchard/${aws:username/*\"")),
    ]
}

/// A dump of an account with these members of the four lists, one object each.
fn dump(users: &str, groups: &str, roles: &str, policies: &str) -> String {
    format!(
        "{{\n  \"UserDetailList\": [{users}],\n  \"GroupDetailList\": [{groups}],\n  \"RoleDetailList\": [{roles}],\n  \
         \"Policies\": [{policies}]\n}}\n"
    )
}

/// Alice with more members.
fn user(more: &str) -> String {
    format!("\n    {{ \"UserName\": \"alice\",\n      \"Arn\": \"arn:aws:iam::111122223333:user/alice\"{more} }}\n  ")
}

fn managed(versions: &str) -> String {
    let arn = "arn:aws:iam::111122223333:policy/Read";
    format!(
        "\n    {{ \"PolicyName\": \"Read\", \"Arn\": \"{arn}\",\n      \"DefaultVersionId\": \"v1\",\n      \"PolicyVersionList\": [{versions}] }}\n  "
    )
}

fn version(id: &str, default: &str) -> String {
    let document =
        r#"{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:*", "Resource": "*" } }"#;
    format!(
        "\n        {{ \"VersionId\": \"{id}\", \"IsDefaultVersion\": {default},\n          \"Document\": {document} }}"
    )
}

fn world_cases() -> Vec<Case> {
    let valid = policy(&[EFFECT, ACTION, RESOURCE]);
    let small = |action: &str| {
        format!(
            r#"{{ "Version": "2012-10-17", "Statement": {{ "Effect": "Deny", "Action": "{action}", "Resource": "*" }} }}"#
        )
    };
    let line = |name: &str, more: &str, action: &str| {
        format!("{{\"name\":\"{name}\",{more}\"document\":{}}}\n", small(action))
    };
    let arn = "\"arn\":\"arn:aws:iam::111122223333:policy/Read\",";
    let group = |more: &str| {
        format!(
            "\n    {{ \"GroupName\": \"admins\",\n      \"Arn\": \"arn:aws:iam::111122223333:group/admins\"{more} }}\n  "
        )
    };
    let groups: Vec<String> = (0..11).map(|number| format!("\"g{number}\"")).collect();
    let all_groups: Vec<String> = (0..11)
        .map(|number| {
            format!("{{ \"GroupName\": \"g{number}\", \"Arn\": \"arn:aws:iam::111122223333:group/g{number}\" }}")
        })
        .collect();
    let attached = |name: &str| format!("{{ \"PolicyArn\": \"arn:aws:iam::aws:policy/{name}\" }}");
    let eleven: Vec<String> = (0..11).map(|number| attached(&format!("P{number}"))).collect();
    let eleven_lines: String = (0..11)
        .map(|number| line(&format!("P{number}"), &format!("\"arn\":\"arn:aws:iam::aws:policy/P{number}\","), "s3:*"))
        .collect();
    let long = small(&format!("s3:{}", "x".repeat(2100)));
    let two_files = |code, first: (&'static str, String), second: (&'static str, String)| Case {
        code,
        arguments: vec![],
        files: vec![first, second],
    };
    vec![
        case(
            "iamc::world::bad-arn",
            &[],
            dump("\n    { \"UserName\": \"alice\", \"Arn\": \"arn:aws:iam::1234:user/alice\" }\n  ", "", "", ""),
        ),
        case(
            "iamc::world::bad-name",
            &[],
            dump(
                "\n    { \"UserName\": \"al ice\", \"Arn\": \"arn:aws:iam::111122223333:user/al ice\" }\n  ",
                "",
                "",
                "",
            ),
        ),
        case(
            "iamc::world::bad-path",
            &[],
            dump(
                "\n    { \"UserName\": \"alice\", \"Path\": \"/a b/\", \"Arn\": \"arn:aws:iam::111122223333:user/a b/alice\" }\n  ",
                "",
                "",
                "",
            ),
        ),
        case(
            "iamc::world::conflicting-policies",
            &[],
            format!("{}{}", line("Read", arn, "s3:*"), line("Read", arn, "sqs:*")),
        ),
        case(
            "iamc::world::contradictory-default",
            &[],
            dump("", "", "", &managed(&format!("{},{}", version("v1", "true"), version("v2", "true")))),
        ),
        two_files(
            "iamc::world::differing-copy",
            ("account.json", dump("", "", "", &managed(&version("v1", "true")))),
            ("lines.jsonl", line("Read", arn, "sqs:*")),
        ),
        two_files("iamc::world::duplicate-name", ("read.json", valid.clone()), ("READ.json", valid.clone())),
        case("iamc::world::empty-dump", &[], dump("", "", "", "")),
        case(
            "iamc::world::group-boundary",
            &[],
            dump(
                "",
                &group(
                    ",\n      \"PermissionsBoundary\": { \"PermissionsBoundaryArn\": \"arn:aws:iam::111122223333:policy/Read\" }",
                ),
                "",
                &managed(&version("v1", "true")),
            ),
        ),
        case(
            "iamc::world::inline-too-long",
            &[],
            dump(
                &user(&format!(
                    ",\n      \"UserPolicyList\": [{{ \"PolicyName\": \"x\", \"PolicyDocument\": {long} }}]"
                )),
                "",
                "",
                "",
            ),
        ),
        case("iamc::world::missing-member", &[], dump("\n    { \"UserName\": \"alice\" }\n  ", "", "", "")),
        case(
            "iamc::world::name-mismatch",
            &[],
            dump("\n    { \"UserName\": \"bob\", \"Arn\": \"arn:aws:iam::111122223333:user/alice\" }\n  ", "", "", ""),
        ),
        case("iamc::world::path-mismatch", &[], dump(&user(",\n      \"Path\": \"/staff/\""), "", "", "")),
        case("iamc::world::nested-group", &[], dump("", &group(",\n      \"GroupList\": [\"others\"]"), "", "")),
        case("iamc::world::no-default-version", &[], dump("", "", "", &managed(&version("v2", "false")))),
        case(
            "iamc::world::no-document",
            &[],
            "{ \"Policy\": { \"PolicyName\": \"Read\", \"DefaultVersionId\": \"v1\" } }\n",
        ),
        two_files(
            "iamc::world::over-default-quota",
            (
                "account.json",
                dump(&user(&format!(",\n      \"AttachedManagedPolicies\": [{}]", eleven.join(", "))), "", "", ""),
            ),
            ("lines.jsonl", eleven_lines),
        ),
        case(
            "iamc::world::over-quota",
            &[],
            dump(&user(&format!(",\n      \"GroupList\": [{}]", groups.join(", "))), &all_groups.join(", "), "", ""),
        ),
        case("iamc::world::several-documents", &[], format!("{valid}{valid}")),
        case(
            "iamc::world::truncated",
            &[],
            format!("{{ \"IsTruncated\": true,\n{}", &dump(&user(""), "", "", "")[1..]),
        ),
        case(
            "iamc::world::two-accounts",
            &[],
            dump(&user(""), "", "", &managed(&version("v1", "true")).replace("111122223333", "444455556666")),
        ),
        case("iamc::world::unknown-format", &[], "{ \"fruit\": \"apple\" }\n"),
        case("iamc::world::unknown-group", &[], dump(&user(",\n      \"GroupList\": [\"admins\"]"), "", "", "")),
        case("iamc::world::unknown-member", &[], line("Read", "\"type\":\"identity\",", "s3:*")),
        case(
            "iamc::world::unresolved-boundary",
            &[],
            dump(
                &user(
                    ",\n      \"PermissionsBoundary\": { \"PermissionsBoundaryArn\": \"arn:aws:iam::111122223333:policy/Edge\" }",
                ),
                "",
                "",
                "",
            ),
        ),
        case(
            "iamc::world::unresolved-policy",
            &[],
            dump(&user(&format!(",\n      \"AttachedManagedPolicies\": [{}]", attached("ReadOnlyAccess"))), "", "", ""),
        ),
        case(
            "iamc::world::wrong-type",
            &[],
            dump("\n    { \"UserName\": 7, \"Arn\": \"arn:aws:iam::111122223333:user/alice\" }\n  ", "", "", ""),
        ),
    ]
}

/// Codes that no input of a test can cause.
const UNREACHED: [(&str, &str); 3] = [
    ("iamc::encode::too-large", "needs a world whose tables exceed 4 GiB"),
    ("iamc::syntax::not-json", "stands behind a grammar that takes everything"),
    ("iamc::syntax::too-large", "needs a text of 4 GiB"),
];

fn all_cases() -> Vec<Case> {
    [syntax_cases(), document_cases(), meaning_cases(), lints::cases(), world_cases(), manifests::cases()]
        .into_iter()
        .flatten()
        .collect()
}

// ---- running ----

struct Scratch(PathBuf);

impl Scratch {
    fn new(files: &[(&str, String)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("iamc-diagnostics-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            // A lone null character stands for a file that is no text.
            let bytes: &[u8] = if text == "\0" { b"\xff" } else { text.as_bytes() };
            std::fs::write(folder.join(name), bytes).unwrap();
        }
        Self(folder)
    }

    /// What `iamc check` prints for the files.
    fn check(&self, arguments: &[&str], names: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_iamc"))
            .arg("check")
            .args(arguments)
            .args(names)
            .current_dir(&self.0)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_ne!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn report(text: &str) -> String {
    let scratch = Scratch::new(&[("policy.json", text.to_owned())]);
    scratch.check(&[], &["policy.json"])
}

fn assert_fits(report: &str) {
    for line in report.lines() {
        let width: usize =
            line.chars().map(|character| if ('\u{2e80}'..'\u{ffe0}').contains(&character) { 2 } else { 1 }).sum();
        assert!(width <= 80, "{width} columns: {line}\n{report}");
    }
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("diagnostics");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn every_report_reads_well() {
    for case in all_cases() {
        let scratch = Scratch::new(&case.files);
        let mut names: Vec<&str> = case.files.iter().map(|(name, _)| *name).collect();
        if names.contains(&"iamc.toml") {
            names.retain(|name| Path::new(name).extension().is_some_and(|extension| extension == "toml"));
        }
        let report = scratch.check(&case.arguments, &names);
        assert!(report.contains(case.code), "no {} in:\n{report}", case.code);
        assert_fits(&report);
        let mut text = format!("iamc check {}\n", [case.arguments, names].concat().join(" "));
        for (name, content) in &case.files {
            write!(text, "\n# {name}\n").unwrap();
            for line in content.lines().take(20) {
                let start: String = line.chars().take(120).collect();
                writeln!(text, "{start}{}", if start == line { "" } else { " [...]" }).unwrap();
            }
        }
        // Of hundreds of findings, the one in question is the last.
        let shown = if 4000 < report.len() { &report[report.rfind("iamc::").unwrap()..] } else { &report };
        write!(text, "\n{shown}").unwrap();
        snapshot(&case.code.replace("::", "-"), &text);
    }
}

/// Findings of a run in JSON.
fn listed(scratch: &Scratch, case: &Case) -> Vec<serde_json::Value> {
    let names: Vec<&str> = case.files.iter().map(|(name, _)| *name).collect();
    let arguments = [case.arguments.as_slice(), &["--format", "json"]].concat();
    let report = scratch.check(&arguments, &names);
    report.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn edits_do_away_with_their_findings() {
    let mut edited = BTreeSet::new();
    for case in all_cases().iter().filter(|case| case.files.len() == 1) {
        let (name, text) = &case.files[0];
        let findings = listed(&Scratch::new(&case.files), case);
        for finding in &findings {
            let fixes = finding["fixes"].as_array().unwrap();
            if fixes.is_empty() {
                continue;
            }
            let mut repaired = text.clone();
            for fix in fixes.iter().rev() {
                let byte = |point: &str| usize::try_from(fix[point]["byte"].as_u64().unwrap()).unwrap();
                repaired.replace_range(byte("start")..byte("end"), fix["text"].as_str().unwrap());
            }
            let code = finding["code"].as_str().unwrap().to_owned();
            let count = |findings: &[serde_json::Value]| findings.iter().filter(|one| one["code"] == *code).count();
            let left = listed(&Scratch::new(&[(name, repaired.clone())]), case);
            assert!(count(&left) < count(&findings), "{code} is still there in\n{repaired}");
            let errors =
                |findings: &[serde_json::Value]| findings.iter().filter(|one| one["severity"] == "error").count();
            assert!(errors(&left) <= errors(&findings), "{code} is followed by another error in\n{repaired}");
            edited.insert(code);
        }
    }
    assert!(18 <= edited.len(), "{edited:?}");
}

#[test]
fn every_page_is_printed() {
    let pages = |arguments: &[&str]| {
        let program = Command::new(env!("CARGO_BIN_EXE_iamc")).args(arguments).output().unwrap();
        (program.status.code(), String::from_utf8(program.stdout).unwrap())
    };
    let (status, page) = pages(&["check", "--explain", "iamc::action::unknown"]);
    assert_eq!(status, Some(0));
    assert!(page.starts_with("iamc::action::unknown\n\nwarning · Access Analyzer: `INVALID_ACTION`\n\n"), "{page}");
    assert_eq!(pages(&["check", "--explain", "action::unknown"]).1, page);
    // The last page of an area, and of all.
    for code in ["iamc::access::public", "iamc::world::wrong-type"] {
        let (_, page) = pages(&["check", "--explain", code]);
        assert!(page.starts_with(code) && !page.contains('#') && page.lines().count() < 10, "{page}");
    }
    assert_eq!(pages(&["check", "--explain", "iamc::action::odd"]), (Some(2), String::new()));
    let nearly = super::cli::iamc(&["check", "--explain", "action::unknwon"]);
    let expected = "error: there is no code `action::unknwon`; did you mean `iamc::action::unknown`?\n";
    assert_eq!(super::cli::stderr(&nearly), expected);
    assert_eq!(pages(&["check", "--explain", "action::unknown", "policy.json"]).0, Some(2));
    assert_eq!(pages(&["check"]).0, Some(2));
}

#[test]
fn every_code_is_well_formed_unique_and_shown() {
    let shown: BTreeSet<&str> =
        all_cases().iter().map(|case| case.code).chain(UNREACHED.map(|(code, _)| code)).collect();
    let mut codes = BTreeSet::new();
    for file in ["syntax/errors.rs", "lower/errors.rs", "world/errors.rs", "lint/errors.rs", "compile.rs"] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file)).unwrap();
        for code in text.split('"').filter(|part| part.starts_with("iamc::")) {
            let parts: Vec<&str> = code.split("::").collect();
            let is_kebab = |part: &str| {
                !part.is_empty()
                    && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            };
            assert!(parts.len() == 3 && parts[1..].iter().all(|part| is_kebab(part)), "{code}");
            assert!(codes.insert(code.to_owned()), "{code} is used by two findings");
        }
    }
    let pages = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/codes.md")).unwrap();
    let pages: Vec<&str> = pages.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    assert!(pages.iter().copied().eq(codes.iter().map(String::as_str)), "docs/codes.md: pages {pages:?}");
    let missing: Vec<&String> = codes.iter().filter(|code| !shown.contains(code.as_str())).collect();
    assert!(missing.is_empty(), "no snapshot shows {missing:?}");
    let gone: Vec<&&str> = shown.iter().filter(|code| !codes.contains(**code)).collect();
    assert!(gone.is_empty(), "no finding has the code {gone:?}");
}

#[test]
fn the_table_of_checks_is_that_of_the_pages() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/codes.md")).unwrap();
    let quoted = |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let mut pages = BTreeSet::new();
    for page in text.split("\n### ").skip(1) {
        let (code, rest) = page.split_once("\n\n").unwrap();
        let (_, checks) = rest.lines().next().unwrap().split_once(" · Access Analyzer: ").unwrap();
        pages.extend(quoted(checks).into_iter().map(|check| (check, code.to_owned())));
    }
    let mut table = BTreeSet::new();
    for row in text.lines().filter_map(|line| line.strip_prefix("| `")) {
        let (check, codes) = row.split_once("` | ").unwrap();
        table.extend(quoted(codes).into_iter().map(|code| (check.to_owned(), code)));
    }
    assert_eq!(pages, table);
    let missing = text.split_once("\nNot covered: ").unwrap().1.split_once("\n\n").unwrap().0;
    for check in quoted(missing) {
        assert!(!pages.iter().any(|(covered, _)| *covered == check), "{check} is covered");
    }
}

#[test]
fn the_examples_show_what_was_planted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/mistakes");
    for (name, expected) in [
        ("release-uploader.json", ["iamc::document::unknown-element", "iamc::resource::partition"]),
        ("report-reader.json", ["iamc::syntax::missing-comma", "iamc::condition::unknown-operator"]),
    ] {
        let shown = report(&std::fs::read_to_string(folder.join(name)).unwrap());
        let codes: Vec<&str> = shown.lines().filter(|line| line.starts_with("iamc::")).collect();
        assert_eq!(codes, expected, "{shown}");
        assert_fits(&shown);
        snapshot(&format!("example-{}", name.trim_end_matches(".json")), &shown);
    }
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 2, "an example is not checked");
}

// ---- rendering ----

#[test]
fn one_long_line_is_cropped_and_positions_stay_true() {
    let many: Vec<String> = (0..6000).map(|number| format!("\"s3:GetObject{number}\"")).collect();
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"allow","Action":[{}],"Resource":"orchard","Effect":"Deny"}}]}}"#,
        many.join(",")
    );
    let shown = report(&text);
    assert_fits(&shown);
    let column = 1 + text.find("\"orchard\"").unwrap();
    assert!(shown.contains(&format!("[policy.json:1:{column}]")), "{shown}");
    snapshot("rendering-one-long-line", &shown);
}

#[test]
fn odd_texts_are_drawn_in_place() {
    let wide = "語".repeat(60);
    let texts = [
        ("crlf", policy(&["\"Effect\": \"allow\"", ACTION, RESOURCE]).replace('\n', "\r\n")),
        ("tabs", policy(&["\"Effect\": \"allow\"", ACTION, RESOURCE]).replace("  ", "\t")),
        (
            "wide",
            format!(
                "{{\n  \"Version\": \"2012-10-17\", \"{wide}\": 1, \"Statement\": {{ \"Effect\": \"allow\", {ACTION}, {RESOURCE} }}\n}}"
            ),
        ),
        ("escape-sequences", policy(&["\"Effect\": \"\u{7f}[31m\u{202e}allow\"", ACTION, RESOURCE])),
        (
            "end-of-file",
            format!("{{ \"Version\": \"2012-10-17\", \"Statement\": {{ {EFFECT}, {ACTION}, {RESOURCE} }}, \"Id\":"),
        ),
        ("empty", String::new()),
        (
            "far-apart",
            policy(&[
                &[EFFECT, ACTION, RESOURCE].join(",\n      "),
                &format!("\"Condition\": {{\n{}\n      }}", "\n".repeat(20)),
                "\"Effect\": \"Deny\"",
            ]),
        ),
        ("tall-span", policy(&[&format!("\"Resource\": [{}\"*\"]", "\n".repeat(12)), EFFECT])),
        ("long-name", policy(&[EFFECT, ACTION, RESOURCE, &format!("\"{}\": 1", "Element".repeat(300))])),
    ];
    for (name, text) in texts {
        let shown = report(&text);
        assert_fits(&shown);
        assert!(!shown.contains(['\u{1b}', '\u{7f}', '\u{202e}', '\t', '\r']), "{shown:?}");
        snapshot(&format!("rendering-{name}"), &shown);
    }
}

#[test]
fn ten_thousand_findings_are_quick_and_few() {
    let entries = "\"x\",".repeat(10_000);
    let text = policy(&[EFFECT, &format!("\"Action\": [{entries}\"s3:*\"]"), RESOURCE]);
    let started = std::time::Instant::now();
    let shown = report(&text);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    assert!(shown.contains("9501 more findings are not shown"), "{}", &shown[shown.len() - 300..]);
    assert!(shown.len() < 500_000, "{} bytes", shown.len());
}
