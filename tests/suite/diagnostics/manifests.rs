//! Findings about manifests and what they name; only the manifest is given to `iamc check`.

use super::{ACTION, Case, EFFECT, PRINCIPAL, RESOURCE, case, dump, managed, policy, user, version};

const MANIFEST: &str =
    "[organization]\nid = \"o-a1b2c3d4e5\"\nmanagement-account = \"999988887777\"\ntree = \"tree.json\"\n";
const ACCOUNT: &str = "[[account]]\nid = \"111122223333\"\n";

fn files(code: &'static str, files: &[(&'static str, &str)]) -> Case {
    Case { code, arguments: vec![], files: files.iter().map(|&(name, text)| (name, text.to_owned())).collect() }
}

fn manifest(code: &'static str, text: &str) -> Case {
    files(code, &[("iamc.toml", text)])
}

/// A tree whose OU `ou-ab12-prod` has these members.
fn tree(code: &'static str, unit: &str, rest: &str) -> Case {
    let tree = format!(
        "{{\n  \"root\": {{\n    \"id\": \"r-ab12\",\n    \"accounts\": [\"999988887777\"],\n    \"organizationalUnits\": [\n      \
         {{ \"id\": \"ou-ab12-prod\"{unit} }}\n    ]\n  }}{rest}\n}}\n"
    );
    files(code, &[("iamc.toml", MANIFEST), ("tree.json", &tree)])
}

/// Resources of an account, one for each line.
fn resources(code: &'static str, entries: &[&str]) -> Case {
    let text = format!("[\n  {}\n]\n", entries.join(",\n  "));
    files(code, &[("iamc.toml", &format!("{ACCOUNT}resources = \"resources.json\"\n")), ("resources.json", &text)])
}

fn keys(code: &'static str, text: &str) -> Case {
    let manifest = format!("{ACCOUNT}identities = \"dump.json\"\naccess-keys = \"keys.json\"\n");
    files(code, &[("iamc.toml", &manifest), ("dump.json", &dump(&user(""), "", "", "")), ("keys.json", text)])
}

fn key(id: &str, user: &str) -> String {
    format!(
        "{{\n  \"AccessKeyMetadata\": [\n    {{ \"UserName\": \"{user}\", \"AccessKeyId\": \"{id}\", \"Status\": \"Active\" }}\n  ]\n}}\n"
    )
}

fn role(name: &str, path: &str, more: &str) -> String {
    let trust = r#"{ "Version": "2012-10-17", "Statement": { "Effect": "Allow",
        "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" } }"#;
    format!(
        "\n    {{ \"RoleName\": \"{name}\", \"Arn\": \"arn:aws:iam::111122223333:role{path}{name}\",\n      \
         \"AssumeRolePolicyDocument\": {trust}{more} }}\n  "
    )
}

pub(super) fn cases() -> Vec<Case> {
    [manifest_cases(), organization_cases(), resource_cases(), key_cases(), entity_cases(), limit_cases()]
        .into_iter()
        .flatten()
        .collect()
}

fn manifest_cases() -> Vec<Case> {
    let with = |members: &str| format!("{ACCOUNT}{members}\n");
    let valid = policy(&[EFFECT, ACTION, RESOURCE]);
    let canonical = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
    vec![
        files(
            "iamc::document::never-used",
            &[
                ("iamc.toml", "[[policy]]\nfiles = \"bucket.json\"\ntype = \"resource\"\n"),
                ("bucket.json", &policy(&[EFFECT, PRINCIPAL, ACTION, RESOURCE])),
            ],
        ),
        manifest("iamc::world::absolute-path", &with("identities = \"/srv/dumps/prod.json\"")),
        manifest("iamc::world::bad-id", "[[account]]\nid = \"1111-2222-3333\"\n"),
        manifest("iamc::world::bad-pattern", &with("resources = [\"resources/[a-.json\"]")),
        manifest("iamc::world::bad-word", "[[policy]]\nfiles = \"iamc.toml\"\ntype = \"sessions\"\n"),
        files(
            "iamc::world::claimed-twice",
            &[
                ("iamc.toml", &with("identities = \"*.json\"\nresources = [\"resources.json\"]")),
                ("resources.json", "[]\n"),
            ],
        ),
        manifest(
            "iamc::world::duplicate-id",
            "[[endpoint]]\nid = \"vpce-0a1b2c3d\"\n\n[[endpoint]]\nid = \"vpce-0a1b2c3d\"\n",
        ),
        files(
            "iamc::world::shared-id",
            &[
                ("iamc.toml", &with("identities = \"details.json\"")),
                (
                    "details.json",
                    "{ \"UserDetailList\": [\n  { \"UserId\": \"AIDAEXAMPLE\", \"Arn\": \"arn:aws:iam::111122223333:user/ana\" },\n  \
                     { \"UserId\": \"AIDAEXAMPLE\", \"Arn\": \"arn:aws:iam::111122223333:user/ben\" }] }\n",
                ),
            ],
        ),
        files(
            "iamc::world::endpoint-documents",
            &[
                ("iamc.toml", "[[endpoint]]\nid = \"vpce-0a1b2c3d\"\npolicy = \"s3.json\"\n"),
                ("s3.json", &format!("{valid}{valid}")),
            ],
        ),
        case("iamc::world::needs-manifest", &[], key("AKIAIOSFODNN7EXAMPLE", "alice")),
        manifest("iamc::world::no-such-file", &with("identities = \"acounts/prod/*.json\"")),
        manifest("iamc::world::not-toml", "[[account]\nid = \"111122223333\nidentities = \"dump.json\"\n"),
        case(
            "iamc::world::scenario-file",
            &[],
            "[{ \"name\": \"reads\", \"request\": { \"action\": \"s3:GetObject\", \"resource\": \"*\" } }]\n",
        ),
        manifest(
            "iamc::world::same-canonical-user",
            &format!(
                "{ACCOUNT}canonical-user-id = \"{canonical}\"\n\n[[account]]\nid = \"444455556666\"\n\
                 canonical-user-id = \"{canonical}\"\n"
            ),
        ),
        files("iamc::world::several-manifests", &[("iamc.toml", ACCOUNT), ("other.toml", ACCOUNT)]),
        files(
            "iamc::world::unexpected-format",
            &[("iamc.toml", &with("identities = \"dump.json\"")), ("dump.json", &valid)],
        ),
        files(
            "iamc::world::unreadable-file",
            &[("iamc.toml", &with("identities = \"dump.json\"")), ("dump.json", "\u{0}")],
        ),
        manifest("iamc::world::wrong-table", "[account]\nid = \"111122223333\"\n"),
    ]
}

fn organization_cases() -> Vec<Case> {
    let guard = "\"p-guard\": { \"name\": \"Guard\", \"type\": \"SERVICE_CONTROL_POLICY\",\n      \"content\": { \"Version\": \"2012-10-17\",\n        \
                 \"Statement\": { \"Effect\": \"Deny\", \"Action\": \"s3:*\", \"Resource\": \"*\" } } }";
    let policies = format!(",\n  \"policies\": {{\n    {guard}\n  }}");
    let deep = (0..6).rev().fold(String::new(), |inner, number| {
        format!("{{ \"id\": \"ou-ab12-level{number}\", \"organizationalUnits\": [{inner}] }}")
    });
    vec![
        tree("iamc::world::account-not-in-tree", "", ",\n  \"accountPolicies\": { \"111122223333\": {} }"),
        tree(
            "iamc::world::attached-twice",
            ", \"serviceControlPolicies\": [\"p-FullAWSAccess\", \"p-FullAWSAccess\"]",
            "",
        ),
        files(
            "iamc::world::account-outside",
            &[
                ("iamc.toml", &format!("{MANIFEST}\n[[account]]\nid = \"444455556666\"\n")),
                (
                    "tree.json",
                    "{\n  \"root\": { \"id\": \"r-ab12\", \"accounts\": [\"999988887777\", \"111122223333\"] }\n}\n",
                ),
            ],
        ),
        files(
            "iamc::world::type-not-enabled",
            &[
                ("iamc.toml", MANIFEST),
                (
                    "tree.json",
                    &format!(
                        "{{\n  \"root\": {{ \"id\": \"r-ab12\", \"accounts\": [\"999988887777\", \"111122223333\"],\n    \"policyTypes\": [],\n    \"serviceControlPolicies\": [\"p-guard\"] }}{policies}\n}}\n"
                    ),
                ),
            ],
        ),
        tree("iamc::world::built-in-policy", "", &policies.replace("p-guard", "p-FullAWSAccess")),
        files(
            "iamc::world::management-not-in-tree",
            &[
                ("iamc.toml", MANIFEST),
                ("tree.json", "{\n  \"root\": { \"id\": \"r-ab12\", \"accounts\": [\"111122223333\"] }\n}\n"),
            ],
        ),
        tree("iamc::world::nothing-attached", ", \"serviceControlPolicies\": []", ""),
        files(
            "iamc::world::other-root",
            &[
                ("iamc.toml", MANIFEST),
                (
                    "tree.json",
                    "{\n  \"root\": {\n    \"id\": \"r-ab12\", \"accounts\": [\"999988887777\"],\n    \"organizationalUnits\": [{ \"id\": \"ou-cd34-prod\" }]\n  }\n}\n",
                ),
            ],
        ),
        files(
            "iamc::world::several-trees",
            &[
                ("iamc.toml", &MANIFEST.replace("tree.json", "tree*.json")),
                ("tree.json", "{ \"root\": { \"id\": \"r-ab12\", \"accounts\": [\"999988887777\"] } }\n"),
                ("tree-old.json", "{ \"root\": { \"id\": \"r-ab12\", \"accounts\": [\"999988887777\"] } }\n"),
            ],
        ),
        tree("iamc::world::too-deep", &format!(",\n        \"organizationalUnits\": [{deep}]"), ""),
        tree("iamc::world::two-seats", ", \"accounts\": [\"999988887777\"]", ""),
        tree("iamc::world::unknown-control", ", \"serviceControlPolicies\": [\"Guard\"]", &policies),
        tree("iamc::world::unused-control", "", &policies),
        tree("iamc::world::wrong-control", ", \"resourceControlPolicies\": [\"p-guard\"]", &policies),
    ]
}

fn resource_cases() -> Vec<Case> {
    let bucket = |more: &str| format!("{{ \"resource\": \"arn:aws:s3:::logs\"{more} }}");
    let grant = |grantee: &str| {
        bucket(&format!(
            ", \"objectOwnership\": \"ObjectWriter\",\n    \"acl\": {{ \"Grants\": [{{ \"Grantee\": {grantee}, \"Permission\": \"READ\" }}] }}"
        ))
    };
    let key = |grants: &[&str]| {
        let grants = grants.join(",\n      ");
        format!(
            "{{ \"resource\": \"arn:aws:kms:eu-west-1:111122223333:key/k1\",\n    \"grants\": [\n      {grants}\n    ] }}"
        )
    };
    vec![
        resources("iamc::world::account-mismatch", &["{ \"resource\": \"arn:aws:sqs:eu-west-1:444455556666:jobs\" }"]),
        resources("iamc::world::acl-without-ownership", &[&bucket(",\n    \"acl\": { \"Grants\": [] }")]),
        resources("iamc::world::covers-not-itself", &[&bucket(",\n    \"covers\": [\"arn:aws:s3:::logs/*\"]")]),
        resources(
            "iamc::world::grantee-by-email",
            &[&grant("{ \"Type\": \"AmazonCustomerByEmail\", \"EmailAddress\": \"ana@example.com\" }")],
        ),
        resources(
            "iamc::world::misplaced-member",
            &["{ \"resource\": \"arn:aws:sqs:eu-west-1:111122223333:jobs\",\n    \"acl\": { \"Grants\": [] } }"],
        ),
        resources(
            "iamc::world::covers-another-service",
            &[
                "{ \"resource\": \"arn:aws:sqs:eu-west-1:111122223333:jobs\",\n    \"covers\": [\"arn:aws:sqs:eu-west-1:111122223333:jobs\",\n      \"arn:aws:*:eu-west-1:111122223333:jobs\"] }",
            ],
        ),
        resources(
            "iamc::world::covers-another-account",
            &[
                "{ \"resource\": \"arn:aws:sqs:eu-west-1:111122223333:jobs\",\n    \"covers\": [\"arn:aws:sqs:eu-west-1:111122223333:jobs\",\n      \"arn:aws:sqs:eu-west-1:444455556666:*\"] }",
            ],
        ),
        resources(
            "iamc::world::empty-context",
            &[&key(&[r#"{ "grantee": "111122223333", "operations": ["Decrypt"], "encryptionContextEquals": {} }"#])],
        ),
        resources(
            "iamc::world::kms-context",
            &[&key(&[r#"{ "grantee": "111122223333", "operations": ["Decrypt"],
        "encryptionContextEquals": { "Tenant": "red", "tenant": "blue" } }"#])],
        ),
        resources(
            "iamc::world::kms-grantee",
            &[&key(&[
                r#"{ "grantee": "role/app", "operations": ["Decrypt"] }"#,
                r#"{ "grantee": "arn:aws:iam::111122223333:group/devs", "operations": ["Decrypt"] }"#,
            ])],
        ),
        resources(
            "iamc::world::kms-grants",
            &[r#"{ "resource": "arn:aws:sqs:eu-west-1:111122223333:jobs",
    "grants": [{ "grantee": "111122223333", "operations": ["Decrypt"] }] }"#],
        ),
        resources("iamc::world::kms-no-operations", &[&key(&[r#"{ "grantee": "111122223333", "operations": [] }"#])]),
        resources(
            "iamc::world::kms-operation",
            &[&key(&[
                r#"{ "grantee": "111122223333", "operations": ["decrypt", "ScheduleKeyDeletion"] }"#,
                r#"{ "grantee": "logs.amazonaws.com", "operations": ["Encrypt", "*"] }"#,
            ])],
        ),
        resources("iamc::world::null-member", &[&bucket(",\n    \"publicAccessBlock\": null")]),
        resources("iamc::world::literal-wildcard", &["{ \"resource\": \"arn:aws:s3:::logs-*\" }"]),
        resources("iamc::world::not-a-resource", &["{ \"resource\": \"arn:aws:iam::111122223333:role/app\" }"]),
        resources(
            "iamc::world::overlapping-covers",
            &[&bucket(", \"covers\": [\"arn:aws:s3:::logs*\"]"), "{ \"resource\": \"arn:aws:s3:::logs-eu\" }"],
        ),
    ]
}

fn key_cases() -> Vec<Case> {
    let secret = "{\n  \"AccessKey\": {\n    \"UserName\": \"alice\",\n    \"AccessKeyId\": \"AKIAIOSFODNN7EXAMPLE\",\n    \
                  \"SecretAccessKey\": \"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\"\n  }\n}\n";
    vec![
        keys("iamc::world::secret", secret),
        keys("iamc::world::temporary-key", &key("ASIAIOSFODNN7EXAMPLE", "alice")),
        keys("iamc::world::unknown-user", &key("AKIAIOSFODNN7EXAMPLE", "alicia")),
    ]
}

fn entity_cases() -> Vec<Case> {
    let boundary =
        ",\n      \"PermissionsBoundary\": { \"PermissionsBoundaryArn\": \"arn:aws:iam::111122223333:policy/Read\" }";
    let profile = ",\n      \"InstanceProfileList\": [{ \"InstanceProfileName\": \"web\",\n        \"Arn\": \"arn:aws:iam::111122223333:instance-profile/web\" }]";
    let tags = ",\n      \"Tags\": [\n        { \"Key\": \"Team\", \"Value\": \"red\" },\n        { \"Key\": \"team\", \"Value\": \"blue\" }\n      ]";
    let attached =
        ",\n      \"AttachedManagedPolicies\": [{ \"PolicyArn\": \"arn:aws:iam::111122223333:policy/Edge\" }]";
    let read = managed(&version("v1", "true"));
    vec![
        case("iamc::world::duplicate-tag", &[], dump(&user(tags), "", "", "")),
        case("iamc::world::id-prefix", &[], dump(&user(",\n      \"UserId\": \"AROADPC3JJ2I7NC7ROYBK\""), "", "", "")),
        case(
            "iamc::world::no-trust-policy",
            &[],
            dump("", "", "\n    { \"RoleName\": \"app\", \"Arn\": \"arn:aws:iam::111122223333:role/app\" }\n  ", ""),
        ),
        case(
            "iamc::world::profile-roles",
            &[],
            dump("", "", &format!("{},{}", role("app", "/", profile), role("web", "/", profile)), ""),
        ),
        case(
            "iamc::world::service-linked-boundary",
            &[],
            dump("", "", &role("scaling", "/aws-service-role/autoscaling.amazonaws.com/", boundary), &read),
        ),
        case("iamc::world::service-linked-path", &[], dump("", "", &role("scaling", "/aws-service-role/", ""), "")),
        case(
            "iamc::world::truncated-references",
            &[],
            format!("{{ \"IsTruncated\": true,\n{}", &dump(&user(attached), "", "", "")[1..]),
        ),
    ]
}

/// Statements that a boundary or service control policies let nothing through of.
fn limit_cases() -> Vec<Case> {
    let allow = |action: &str| {
        format!(
            r#"{{ "Version": "2012-10-17", "Statement": {{ "Effect": "Allow", "Action": "{action}", "Resource": "*" }} }}"#
        )
    };
    let inline = |action: &str, more: &str| {
        user(&format!(
            ",\n      \"UserPolicyList\": [\n        {{ \"PolicyName\": \"Queues\",\n          \"PolicyDocument\": {} }}]{more}",
            allow(action)
        ))
    };
    let boundary =
        ",\n      \"PermissionsBoundary\": { \"PermissionsBoundaryArn\": \"arn:aws:iam::111122223333:policy/Read\" }";
    let bounded = dump(&inline("sqs:SendMessage", boundary), "", "", &managed(&version("v1", "true")));
    let organization = format!("{MANIFEST}{ACCOUNT}identities = \"dump.json\"\n");
    let tree = format!(
        "{{\n  \"root\": {{ \"id\": \"r-ab12\", \"accounts\": [\"999988887777\", \"111122223333\"],\n    \
         \"serviceControlPolicies\": [\"p-storage1\"] }},\n  \"policies\": {{ \"p-storage1\": {{ \"name\": \"Storage\", \
         \"type\": \"SERVICE_CONTROL_POLICY\",\n    \"content\": {} }} }}\n}}\n",
        allow("s3:*")
    );
    vec![
        case("iamc::redundant::outside-boundary", &[], bounded),
        files(
            "iamc::redundant::outside-scp",
            &[
                ("iamc.toml", &organization),
                ("dump.json", &dump(&inline("sqs:SendMessage", ""), "", "", "")),
                ("tree.json", &tree),
            ],
        ),
    ]
}
