//! Manifests and what they name (`world.md` 3 and 4); expectations are derived from there and from chapter 8.

use super::super::model::{AclPermission, Grantee, ObjectOwnership, Resource, World};
use super::{ALICE, ALLOW, DENY, alice, document, dump, run, show_tokens};

const MANIFEST: &str = r#"[organization]
id = "o-a1b2c3d4e5"
management-account = "999988887777"
tree = "organization.json"

[[account]]
id = "111122223333"
identities = "dump.json"
resources = ["resources/*.json"]
access-keys = "keys.json"
"#;

/// Only the account, without an organization.
fn account(members: &str) -> String {
    format!("[[account]]\nid = \"111122223333\"\n{members}\n")
}

/// A tree with a root, an OU `ou-ab12-prod` that holds the account of the tests, and whatever else is said.
fn tree(root: &str, unit: &str, rest: &str) -> String {
    format!(
        r#"{{"root":{{"id":"r-ab12","accounts":["999988887777"]{root},"organizationalUnits":[
{{"id":"ou-ab12-prod","accounts":["111122223333"]{unit}}}]}}{rest}}}"#
    )
}

fn scp(id: &str, name: &str, document: &str) -> String {
    format!(r#""{id}":{{"name":"{name}","type":"SERVICE_CONTROL_POLICY","content":{document}}}"#)
}

fn rcp(id: &str, name: &str) -> String {
    let document = DENY.replace(r#""Effect""#, r#""Principal":"*","Effect""#);
    format!(r#""{id}":{{"name":"{name}","type":"RESOURCE_CONTROL_POLICY","content":{document}}}"#)
}

/// Loads files and shows findings as `code file:line token`.
fn tokens(files: &[(&str, &str)]) -> Vec<String> {
    let (world, _) = run(files);
    world.findings.iter().map(|finding| show_tokens(&world, finding)).collect()
}

/// Runs a manifest of an organization alone with that tree.
fn organize(tree: &str) -> (World, Vec<String>) {
    let (world, _) = run(&[("iamc.toml", &organization()), ("organization.json", tree)]);
    let findings = world.findings.iter().map(|finding| show_tokens(&world, finding)).collect();
    (world, findings)
}

fn organization() -> String {
    MANIFEST.lines().take(4).collect::<Vec<_>>().join("\n")
}

/// Runs a tree and compares its findings, `organization.json` left out.
fn check_tree(tree: &str, expected: &[&str]) {
    let (_, findings) = organize(tree);
    let findings: Vec<String> = findings.iter().map(|finding| finding.replace("organization.json:", "")).collect();
    assert_eq!(findings, expected, "{tree}");
}

/// Names of policies by level.
type Names = Vec<Vec<String>>;

/// Names of the policies of each level.
fn levels(world: &World, account: &str) -> (Option<Names>, Option<Names>) {
    let account = world.accounts.iter().find(|it| it.id == account).unwrap();
    let named = |levels: &Vec<Vec<_>>| {
        let name = |id: &_| document(world, *id).name.clone();
        levels.iter().map(|level| level.iter().map(name).collect()).collect()
    };
    (account.service_control.as_ref().map(named), account.resource_control.as_ref().map(named))
}

/// Runs a resource file of one account.
fn list(resources: &str) -> (World, Vec<String>) {
    run(&[("iamc.toml", &account("resources = \"r.json\"")), ("r.json", resources)])
}

/// Runs resources and compares the findings, `r.json` left out.
fn check_resources(resources: &str, expected: &[&str]) {
    let findings = tokens(&[("iamc.toml", &account("resources = \"r.json\"")), ("r.json", resources)]);
    let findings: Vec<String> = findings.iter().map(|finding| finding.replace("r.json:", "")).collect();
    assert_eq!(findings, expected, "{resources}");
}

fn check_manifest(manifest: &str, expected: &[&str]) {
    let (_, findings) = run(&[("iamc.toml", manifest)]);
    assert_eq!(findings, expected, "{manifest}");
}

// ---- the manifest ----

#[test]
fn a_world_of_all_formats() {
    let keys = r#"{"AccessKeyMetadata":[{"UserName":"alice","AccessKeyId":"AKIAIOSFODNN7EXAMPLE","Status":"Active"},
        {"UserName":"<root_account>","AccessKeyId":"AKIAROOT0000EXAMPLE0","Status":"Inactive","CreateDate":"2024"}]}"#;
    let manifest = format!(
        "{MANIFEST}[[account]]\nid = \"444455556666\"\n\n[[endpoint]]\nid = \"vpce-2\"\npolicy = \"e.json\"\n[[endpoint]]\nid = \"vpce-1\"\n\
         [[policy]]\nfiles = \"p/*.json\"\ntype = \"session\"\n"
    );
    let (world, findings) = run(&[
        ("iamc.toml", &manifest),
        ("organization.json", &tree("", "", "")),
        ("dump.json", &dump(&alice(""), "", "", "")),
        ("keys.json", keys),
        ("resources/one.json", r#"{"resource":"arn:aws:s3:::logs"}"#),
        ("resources/two.json", r#"[{"resource":"arn:aws:s3:::data"}]"#),
        ("resources/.hidden.json", ALLOW),
        ("e.json", ALLOW),
        ("p/narrow.json", ALLOW),
    ]);
    // A hidden file is not named by `*`, so that it is a policy of its own. One account is in no place of the tree.
    assert_eq!(findings, ["account-outside iamc.toml:12:6 & organization.json:1:15"]);
    let accounts: Vec<(&str, bool, bool)> = world
        .accounts
        .iter()
        .map(|account| (account.id.as_str(), account.identities_known, account.membership.is_some()))
        .collect();
    assert_eq!(accounts, [("111122223333", true, true), ("444455556666", false, false), ("999988887777", false, true)]);
    let arns: Vec<&str> = world.resources.iter().map(|resource| resource.arn.as_str()).collect();
    assert_eq!(arns, ["arn:aws:s3:::data", "arn:aws:s3:::logs"]);
    let keys: Vec<(&str, &str, bool)> =
        world.access_keys.iter().map(|key| (key.id.as_str(), key.principal.as_str(), key.active)).collect();
    assert_eq!(
        keys,
        [("AKIAIOSFODNN7EXAMPLE", ALICE, true), ("AKIAROOT0000EXAMPLE0", "arn:aws:iam::111122223333:root", false)]
    );
    let endpoints: Vec<(&str, Option<&str>)> = world
        .endpoints
        .iter()
        .map(|endpoint| (endpoint.id.as_str(), endpoint.policy.map(|id| document(&world, id).name.as_str())))
        .collect();
    assert_eq!(endpoints, [("vpce-1", None), ("vpce-2", Some("vpce-2"))]);
    let narrow = world.documents.iter().find(|document| document.name == "narrow").unwrap();
    assert_eq!(narrow.policy_type, super::PolicyType::Session);
}

#[test]
fn an_account_has_what_its_entry_says() {
    let id = "0123456789abcdef".repeat(4);
    let manifest = account(&format!(
        "canonical-user-id = \"{id}\"\n[account.public-access-block]\nIgnorePublicAcls = true\nRestrictPublicBuckets = true"
    ));
    let (world, findings) = run(&[("iamc.toml", &manifest)]);
    assert_eq!(findings, [""; 0]);
    let account = &world.accounts[0];
    assert_eq!(account.canonical_user_id, Some(id));
    let block = account.public_access_block;
    let switches =
        [block.block_public_acls, block.ignore_public_acls, block.block_public_policy, block.restrict_public_buckets];
    assert_eq!(switches, [false, true, false, true]);
    assert!(account.membership.is_none() && account.service_control.is_none() && account.resource_control.is_none());
}

#[test]
fn members_of_a_manifest_are_checked_at_their_tokens() {
    let organization = "[organization]\nid = \"o-1\"\nmanagement-account = \"999988887777\"\n";
    for (manifest, expected) in [
        ("[[account]]\nid = 111122223333", "wrong-type iamc.toml:2:6"),
        ("[[account]]\nid = \"1111\"", "bad-id iamc.toml:2:6"),
        ("[[account]]\nname = \"x\"\nid = \"111122223333\"", "unknown-member iamc.toml:2:1"),
        ("[[account]]\n", "missing-member iamc.toml:1:1"),
        ("[account]\nid = \"111122223333\"", "wrong-table iamc.toml:1:1"),
        ("account = [1]", "wrong-table iamc.toml:1:12"),
        ("[[organization]]\nid = \"o-1\"", "wrong-table iamc.toml:1:1"),
        ("[[accounts]]\nid = \"111122223333\"", "unknown-member iamc.toml:1:3"),
        ("[[account]]\nid = \"111122223333\"\nresources = 1", "wrong-type iamc.toml:3:13"),
        ("[[account]]\nid = \"111122223333\"\nresources = [\"\"]", "bad-pattern iamc.toml:3:14"),
        ("[[account]]\nid = \"111122223333\"\nresources = [\"a[\"]", "bad-pattern iamc.toml:3:14"),
        ("[[account]]\nid = \"111122223333\"\nresources = [\"/etc/x\"]", "absolute-path iamc.toml:3:14"),
        ("[[account]]\nid = \"111122223333\"\nresources = ['C:\\x']", "absolute-path iamc.toml:3:14"),
        ("[[account]]\nid = \"111122223333\"\nresources = [\"none\"]", "no-such-file iamc.toml:3:14"),
        ("[[account]]\nid = \"111122223333\"\ncanonical-user-id = \"ab\"", "bad-id iamc.toml:3:21"),
        (
            "[[account]]\nid = \"111122223333\"\npublic-access-block = { BlockPublic = true }",
            "unknown-member iamc.toml:3:25",
        ),
        ("[[endpoint]]\nid = \"vpc-1\"", "bad-id iamc.toml:2:6"),
        ("[[endpoint]]\n", "missing-member iamc.toml:1:1"),
        ("[[policy]]\ntype = \"identity\"", "missing-member iamc.toml:1:1"),
        ("[[policy]]\nfiles = []\ntype = \"managed\"", "bad-word iamc.toml:3:8"),
    ] {
        check_manifest(manifest, &[expected]);
    }
    check_manifest(organization, &["missing-member iamc.toml:1:1"]);
    let twice = "[[account]]\nid = \"111122223333\"\n[[account]]\nid = \"111122223333\"";
    check_manifest(twice, &["duplicate-id iamc.toml:4:6 & iamc.toml:2:6"]);
    let twice = "[[endpoint]]\nid = \"vpce-1\"\n[[endpoint]]\nid = \"vpce-1\"";
    check_manifest(twice, &["duplicate-id iamc.toml:4:6 & iamc.toml:2:6"]);
}

#[test]
fn all_mistakes_in_toml_are_reported_and_nothing_else() {
    let manifest = "[[account]]\nid = \nresources = [\"none\"]\nid = x\n[[account]\n";
    let (world, findings) = run(&[("iamc.toml", manifest)]);
    assert!(findings.iter().all(|finding| finding.starts_with("not-toml ")), "{findings:?}");
    assert!(1 < findings.len(), "{findings:?}");
    assert!(world.accounts.is_empty());
}

#[test]
fn a_manifest_is_recognised_by_its_content() {
    let (world, findings) = run(&[("world.txt", &format!("# comment\n\n{}", account("")))]);
    assert_eq!((findings, world.accounts.len()), (vec![], 1));
}

#[test]
fn one_manifest_is_enough() {
    let (world, findings) = run(&[("a.toml", &account("")), ("b.toml", &account(""))]);
    assert_eq!(findings, ["several-manifests b.toml:1:1 & a.toml:1:1"]);
    assert!(world.accounts.is_empty());
}

#[test]
fn a_file_has_one_role() {
    let manifest = account("identities = \"*.json\"\nresources = \"d.json\"");
    let (_, findings) = run(&[("iamc.toml", &manifest), ("d.json", &dump("", "", "", ""))]);
    assert_eq!(findings, ["claimed-twice iamc.toml:4:13 & iamc.toml:3:14"]);
    // Two patterns of one entry may overlap.
    let manifest = account("identities = [\"*.json\", \"d.json\"]");
    let (world, findings) = run(&[("iamc.toml", &manifest), ("d.json", &dump(&alice(""), "", "", ""))]);
    assert_eq!((findings, world.principals.len()), (vec![], 1));
}

#[test]
fn a_file_that_is_something_else_is_named_for_what_it_looks_like() {
    for (member, text) in [
        ("identities", ALLOW),
        ("identities", r#"[{"resource":"arn:aws:s3:::logs"}]"#),
        ("identities", "[]"),
        ("resources", r#"{"UserDetailList":[]}"#),
        ("resources", r#"{"AccessKeyMetadata":[]}"#),
        ("access-keys", r#"{"root":{}}"#),
    ] {
        let manifest = account(&format!("{member} = \"f.json\""));
        let (_, findings) = run(&[("iamc.toml", &manifest), ("f.json", text)]);
        let column = member.len() + 4;
        assert_eq!(findings, [format!("unexpected-format f.json:1:1 & iamc.toml:3:{column}")], "{text}");
    }
    let manifest = "[[endpoint]]\nid = \"vpce-1\"\npolicy = \"f.json\"";
    let (_, findings) = run(&[("iamc.toml", manifest), ("f.json", r#"{"UserDetailList":[]}"#)]);
    assert_eq!(findings, ["unexpected-format f.json:1:1 & iamc.toml:3:10"]);
    let (_, findings) = run(&[("iamc.toml", manifest), ("f.json", &format!("{ALLOW}\n{DENY}"))]);
    assert_eq!(findings, ["endpoint-documents f.json:2:1 & f.json:1:1"]);
}

#[test]
fn what_says_nothing_alone_needs_a_manifest() {
    for text in [r#"{"root":{"id":"r-ab12"}}"#, r#"{"AccessKeyMetadata":[]}"#, r#"[{"resource":"arn:aws:s3:::logs"}]"#]
    {
        let (_, findings) = run(&[("f.json", text)]);
        assert_eq!(findings, ["needs-manifest f.json:1:1"], "{text}");
    }
}

#[test]
fn a_dump_is_that_of_its_account() {
    let manifest = "[[account]]\nid = \"444455556666\"\nidentities = \"d.json\"";
    let (_, findings) = run(&[
        ("iamc.toml", manifest),
        ("d.json", &dump(&format!("{},{}", alice(""), alice("").replace("alice", "bob")), "", "", "")),
    ]);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].starts_with("account-mismatch d.json:1:"), "{findings:?}");
    assert!(findings[0].ends_with(" & iamc.toml:2:6"), "{findings:?}");
    // One without an ARN belongs to the account that the manifest says.
    let (world, findings) = run(&[("iamc.toml", manifest), ("d.json", &dump("", "", "", ""))]);
    assert_eq!(findings, [""; 0]);
    assert!(world.accounts[0].identities_known);
}

#[test]
fn a_manifest_of_another_folder_names_files_beside_it() {
    let (world, findings) =
        run(&[("w/iamc.toml", &account("identities = \"./d.json\"")), ("w/d.json", &dump(&alice(""), "", "", ""))]);
    assert_eq!((findings, world.principals.len()), (vec![], 1));
}

// ---- the organization ----

#[test]
fn levels_are_those_of_the_path() {
    let full = "FullAWSAccess".to_owned();
    let policies = format!(
        r#","accountPolicies":{{"111122223333":{{"serviceControlPolicies":["p-own","p-FullAWSAccess"]}}}},
        "policies":{{{},{},{}}}"#,
        scp("p-guard", "Guard", DENY),
        scp("p-own", "Own", &format!("{ALLOW:?}")),
        rcp("p-rcp", "Fence")
    );
    let unit = r#","serviceControlPolicies":["p-guard"],"resourceControlPolicies":["p-RCPFullAWSAccess","p-rcp"]"#;
    let (world, findings) = organize(&tree("", unit, &policies));
    assert_eq!(findings, [""; 0]);
    let (service, resource) = levels(&world, "111122223333");
    // Documents are in source order; the built-in one comes last.
    assert_eq!(service, Some(vec![vec![full.clone()], vec!["Guard".into()], vec!["Own".into(), full.clone()]]));
    assert_eq!(resource, Some(vec![vec![], vec!["Fence".into()], vec![]]));
    let (service, resource) = levels(&world, "999988887777");
    assert_eq!(service, Some(vec![vec![full.clone()], vec![full]]));
    assert_eq!(resource, Some(vec![vec![], vec![]]));
    let membership = |id: &str| world.accounts.iter().find(|it| it.id == id).unwrap().membership.clone().unwrap();
    assert_eq!(membership("111122223333").paths, ["o-a1b2c3d4e5/r-ab12/ou-ab12-prod/"]);
    assert!(!membership("111122223333").management);
    assert_eq!(membership("999988887777").paths, ["o-a1b2c3d4e5/r-ab12/"]);
    assert!(membership("999988887777").management);
    assert_eq!(membership("999988887777").id.as_deref(), Some("o-a1b2c3d4e5"));
    assert!(world.accounts.iter().all(|account| !account.identities_known));
}

#[test]
fn an_empty_list_of_an_account_concerns_that_account_and_never_the_management_account() {
    let empty = |account: &str| {
        let rest = format!(r#","accountPolicies":{{"{account}":{{"serviceControlPolicies":[]}}}}"#);
        organize(&tree("", "", &rest)).0.findings
    };
    assert!(empty("999988887777").is_empty());
    let [finding] = &empty("111122223333")[..] else { panic!() };
    let message = "no service control policy is attached to `111122223333`, so that nothing is allowed in it";
    assert_eq!(finding.message, message);
}

#[test]
fn a_second_account_with_single_brackets_is_one_finding() {
    let text = "[[account]]\nid = \"111122223333\"\n\n[account] # dev\nid = \"444455556666\"\n";
    let (world, found) = run(&[("iamc.toml", text)]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("wrong-table iamc.toml:4:"), "{found:?}");
    assert_eq!(world.findings[0].message, "`account` must be written as `[[account]]`");
}

#[test]
fn a_built_in_policy_by_its_name_leads_to_its_id() {
    for (member, word, meant) in [
        ("serviceControlPolicies", "FullAWSAccess", "p-FullAWSAccess"),
        ("resourceControlPolicies", "RCPFullAWSAccess", "p-RCPFullAWSAccess"),
    ] {
        let (world, found) = organize(&tree("", &format!(r#","{member}":["{word}"]"#), ""));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(world.findings[0].help, Some(format!("policies are attached by id: write `{meant}`")));
    }
}

#[test]
fn members_of_a_grant_in_the_words_of_aws_are_recognised() {
    let grant = r#"{"GranteePrincipal":"a","Operations":["Encrypt"],"Constraints":{}}"#;
    let (world, _) = list(&format!(r#"{{"resource":"arn:aws:kms:us-east-1:111122223333:key/1","grants":[{grant}]}}"#));
    let helps: Vec<&str> = world.findings.iter().filter_map(|finding| finding.help.as_deref()).collect();
    for meant in ["grantee", "operations", "encryptionContextEquals"] {
        assert!(helps.contains(&format!("did you mean `{meant}`?").as_str()), "{helps:?}");
    }
}

#[test]
fn nothing_attached_is_no_default() {
    let (world, findings) = organize(&tree("", r#","serviceControlPolicies":[],"resourceControlPolicies":[]"#, ""));
    assert_eq!(findings, ["nothing-attached organization.json:2 ["]);
    let (service, resource) = levels(&world, "111122223333");
    assert_eq!(service.unwrap()[1], [""; 0]);
    assert_eq!(resource.unwrap()[1], [""; 0]);
}

#[test]
fn a_type_that_is_not_enabled_is_absent() {
    for (types, has_service, has_resource) in [
        (r#"["SERVICE_CONTROL_POLICY"]"#, true, false),
        (
            r#"[{"Type":"RESOURCE_CONTROL_POLICY","Status":"ENABLED"},{"Type":"TAG_POLICY","Status":"ENABLED"}]"#,
            false,
            true,
        ),
        (r#"[{"Type":"RESOURCE_CONTROL_POLICY","Status":"PENDING_ENABLE"}]"#, false, false),
        ("[]", false, false),
    ] {
        let (world, findings) = organize(&tree(&format!(r#","policyTypes":{types}"#), "", ""));
        assert_eq!(findings, [""; 0], "{types}");
        let (service, resource) = levels(&world, "111122223333");
        assert_eq!((service.is_some(), resource.is_some()), (has_service, has_resource), "{types}");
    }
    check_tree(&tree(r#","policyTypes":["SCP"]"#, "", ""), &[r#"bad-word 1 "SCP""#]);
    // A word that was passed over would switch its type off.
    for word in ["SERVICE_CONTROL_POLICIES", "service_control_policy", "Tag_Policy"] {
        for status in ["ENABLED", "PENDING_ENABLE"] {
            let entry = format!(r#","policyTypes":[{{"Type":"{word}","Status":"{status}"}}]"#);
            check_tree(&tree(&entry, "", ""), &[&format!(r#"bad-word 1 "{word}""#)]);
        }
        check_tree(&tree(&format!(r#","policyTypes":["{word}"]"#), "", ""), &[&format!(r#"bad-word 1 "{word}""#)]);
    }
    let (world, _) = organize(&tree(r#","policyTypes":["SERVICE_CONTROL_POLICIES"]"#, "", ""));
    assert_eq!(world.findings[0].help.as_deref(), Some("did you mean `SERVICE_CONTROL_POLICY`?"));
    check_tree(&tree(r#","policyTypes":["TAG_POLICY","BACKUP_POLICY"]"#, "", ""), &[]);
    let guard = format!(r#","policies":{{{}}}"#, scp("p-guard", "Guard", DENY));
    let (off, attached) = (r#","policyTypes":[]"#, r#","serviceControlPolicies":["p-FullAWSAccess","p-guard"]"#);
    check_tree(&tree(off, attached, &guard), &[r#"type-not-enabled 2 "p-guard" & 1 "r-ab12""#]);
}

#[test]
fn an_account_outside_the_tree_is_noticed() {
    let manifest = format!("{}\n[[account]]\nid = \"444455556666\"\n", organization());
    let found = tokens(&[("iamc.toml", &manifest), ("organization.json", &tree("", "", ""))]);
    assert_eq!(found, [r#"account-outside iamc.toml:6 "444455556666" & organization.json:1 "r-ab12""#]);
}

#[test]
fn an_export_may_hold_the_built_in_policies() {
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",PRINCIPAL"Action":"*","Resource":"*"}]}"#;
    let any = r#""Principal":"*","#;
    let policy = |id: &str, kind: &str, content: &str| {
        format!(r#","policies":{{"{id}":{{"name":"x","type":"{kind}_CONTROL_POLICY","content":{content}}}}}"#)
    };
    let (service, resource) = (all.replace("PRINCIPAL", ""), all.replace("PRINCIPAL", any));
    check_tree(&tree("", "", &policy("p-FullAWSAccess", "SERVICE", &service)), &[]);
    check_tree(&tree("", "", &policy("p-RCPFullAWSAccess", "RESOURCE", &resource)), &[]);
    for content in [
        service.replace("Allow", "Deny"),
        service.replace(r#""Action":"*""#, r#""Action":"s3:*""#),
        service.replace(r#""Action""#, r#""NotAction""#),
        service.replace(r#""Resource":"*""#, r#""Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#),
        resource.clone(),
    ] {
        let text = tree("", "", &policy("p-FullAWSAccess", "SERVICE", &content));
        check_tree(&text, &[r#"built-in-policy 2 "p-FullAWSAccess""#]);
    }
    let text = tree("", "", &policy("p-FullAWSAccess", "RESOURCE", &resource));
    check_tree(&text, &[r#"built-in-policy 2 "p-FullAWSAccess""#]);
}

#[test]
fn truncation_is_judged_by_file_and_by_tokens() {
    let page = |more: &str| dump(&alice(""), "", "", "").replacen('{', &format!("{{{more}"), 1);
    let bob = |more: &str| page(more).replace("alice", "bob").replace("AIDA", "AIDAB");
    for (one, two, count) in [
        (r#""NextToken":"x","#, r#""IsTruncated":false,"#, 1),
        (r#""Marker":"x","#, "", 1),
        (r#""NextToken":null,"#, "", 0),
        (r#""IsTruncated":true,"#, r#""IsTruncated":false,"#, 1),
        (r#""IsTruncated":false,"#, r#""IsTruncated":false,"#, 0),
    ] {
        let (_, findings) = run(&[("a.json", &page(one)), ("b.json", &bob(two))]);
        let found = findings.iter().filter(|finding| finding.starts_with("truncated ")).count();
        assert_eq!(found, count, "{one} {findings:?}");
    }
}

#[test]
fn what_boto3_adds_is_passed_over() {
    let meta = r#""ResponseMetadata":{"HTTPStatusCode":200}"#;
    let block = format!(r#""publicAccessBlock":{{"PublicAccessBlockConfiguration":{{}},{meta}}}"#);
    let acl = format!(r#""objectOwnership":"ObjectWriter","acl":{{"Grants":[],{meta}}}"#);
    check_resources(&format!(r#"{{"resource":"arn:aws:s3:::b",{block},{acl}}}"#), &[]);
    let (_, findings) = run(&[
        ("iamc.toml", &account("access-keys = \"k.json\"")),
        ("k.json", &format!(r#"{{"AccessKeyMetadata":[],{meta}}}"#)),
    ]);
    assert_eq!(findings, [""; 0]);
}

#[test]
fn attachments_are_resolved_or_reported() {
    let guard = format!(r#","policies":{{{}}}"#, scp("p-guard", "Guard", DENY));
    let attach = |ids: &str| format!(r#","serviceControlPolicies":[{ids}]"#);
    check_tree(&tree("", &attach(r#""p-other""#), ""), &[r#"unknown-control 2 "p-other""#]);
    // By name instead of id.
    check_tree(&tree("", &attach(r#""Guard""#), &guard), &[r#"unknown-control 2 "Guard""#]);
    check_tree(&tree("", "", &guard), &[r#"unused-control 2 "p-guard""#]);
    check_tree(&tree("", &attach(r#""p-guard","p-guard""#), &guard), &[r#"attached-twice 2 "p-guard" & 2 "p-guard""#]);
    check_tree(
        &tree("", r#","resourceControlPolicies":["p-guard"]"#, &guard),
        &[r#"wrong-control 2 "p-guard" & 2 "SERVICE_CONTROL_POLICY""#],
    );
    check_tree(&tree("", &attach(r#""p-RCPFullAWSAccess""#), ""), &[r#"wrong-control 2 "p-RCPFullAWSAccess""#]);
    let own = guard.replace("p-guard", "p-FullAWSAccess");
    check_tree(&tree("", "", &own), &[r#"built-in-policy 2 "p-FullAWSAccess""#]);
}

#[test]
fn places_in_the_tree_are_unique() {
    check_tree(
        &tree(r#","name":"x""#, r#","organizationalUnits":[{"id":"ou-ab12-prod"}]"#, ""),
        &[r#"duplicate-id 2 "ou-ab12-prod" & 2 "ou-ab12-prod""#],
    );
    check_tree(
        &tree("", r#","organizationalUnits":[{"id":"ou-ab12-x","accounts":["111122223333"]}]"#, ""),
        &[r#"two-seats 2 "111122223333" & 2 "111122223333""#],
    );
    check_tree(
        &tree("", "", r#","accountPolicies":{"555566667777":{}}"#),
        &[r#"account-not-in-tree 2 "555566667777" & 1 "r-ab12""#],
    );
    check_tree(
        &tree("", "", "").replace("999988887777", "888899990000"),
        &[r#"management-not-in-tree iamc.toml:3 "999988887777" & 1 "r-ab12""#],
    );
    check_tree(
        &tree("", "", "").replace("\"root\"", "\"roots\""),
        &["missing-member 1 {", r#"unknown-member 1 "roots""#],
    );
    check_tree(&format!("{}\n{}", tree("", "", ""), tree("", "", "")), &["several-trees 3 { & 1 {"]);
    check_tree(&tree("", "", "").replace("ou-ab12", "ou-cd34"), &[r#"other-root 2 "ou-cd34-prod" & 1 "r-ab12""#]);
}

/// A chain of OUs below the root.
fn chain(depth: usize) -> String {
    let mut unit = String::new();
    for number in (0..depth).rev() {
        unit = format!(r#"{{"id":"ou-ab12-u{number}","organizationalUnits":[{unit}]}}"#);
    }
    format!(r#"{{"root":{{"id":"r-ab12","accounts":["999988887777"],"organizationalUnits":[{unit}]}}}}"#)
}

#[test]
fn quotas_of_organizations() {
    check_tree(&chain(5), &[]);
    let (_, findings) = organize(&chain(6));
    assert_eq!(findings.len(), 1);
    assert!(findings[0].starts_with("too-deep "), "{findings:?}");
    let units = |count: usize| {
        let units: Vec<String> = (0..count).map(|number| format!(r#"{{"id":"ou-ab12-u{number}"}}"#)).collect();
        chain(0).replace("\"organizationalUnits\":[]", &format!("\"organizationalUnits\":[{}]", units.join(",")))
    };
    check_tree(&units(2_000), &[]);
    check_tree(&units(2_001), &["over-quota 1 { & 1 \"ou-ab12-u2000\""]);
    let attach = |member: &str, count: usize, policy: fn(&str, &str) -> String| {
        let ids: Vec<String> = (0..count).map(|number| format!("p-{number}")).collect();
        let policies: Vec<String> = ids.iter().map(|id| policy(id, id)).collect();
        tree("", &format!(r#","{member}":{ids:?}"#), &format!(r#","policies":{{{}}}"#, policies.join(",")))
    };
    let service = |id: &str, name: &str| scp(id, name, DENY);
    check_tree(&attach("serviceControlPolicies", 10, service), &[]);
    check_tree(&attach("serviceControlPolicies", 11, service), &["over-quota 2 [ & 2 \"p-10\""]);
    // `p-RCPFullAWSAccess` counts even where it is not listed (R-ID-17).
    check_tree(&attach("resourceControlPolicies", 4, rcp), &[]);
    check_tree(&attach("resourceControlPolicies", 5, rcp), &["over-quota 2 [ & 2 \"p-4\""]);
}

#[test]
fn two_policies_of_a_type_have_different_names() {
    let policies = format!(r#","policies":{{{},{}}}"#, scp("p-1", "Guard", DENY), scp("p-2", "guard2", DENY));
    let attached = r#","serviceControlPolicies":["p-1","p-2"]"#;
    check_tree(&tree("", attached, &policies), &[]);
    let same = policies.replace("guard2", "Guard");
    let (_, findings) = organize(&tree("", attached, &same));
    assert_eq!(findings, ["duplicate-name organization.json:2 \"Guard\" & organization.json:2 \"Guard\""]);
    // A service control policy and a resource control policy may share a name.
    let mixed = format!(r#","policies":{{{},{}}}"#, scp("p-1", "Guard", DENY), rcp("p-2", "Guard"));
    check_tree(&tree("", r#","serviceControlPolicies":["p-1"],"resourceControlPolicies":["p-2"]"#, &mixed), &[]);
}

#[test]
fn findings_in_an_encoded_policy_point_into_the_file() {
    let content = format!("{:?}", ALLOW.replace("Allow", "allow"));
    let text = tree(
        "",
        r#","serviceControlPolicies":["p-1"]"#,
        &format!(r#","policies":{{{}}}"#, scp("p-1", "Guard", &content)),
    );
    let at = text.lines().nth(1).unwrap().find("\\\"allow").unwrap() + 1;
    let (_, findings) = run(&[("iamc.toml", &organization()), ("organization.json", &text)]);
    assert_eq!(findings, [format!("iamc::document::unknown-effect organization.json:2:{at}")]);
}

// ---- resources ----

fn only(resources: &str) -> Resource {
    let (world, findings) = list(resources);
    assert_eq!(findings, [""; 0], "{resources}");
    world.resources[0].clone()
}

#[test]
fn a_resource_has_what_its_entry_says() {
    let id = "0123456789abcdef".repeat(4);
    let bucket = only(&format!(
        r#"[{{"resource":"arn:aws:s3:::logs","account":"111122223333","policy":{DENY:?},
        "acl":{{"Owner":{{"ID":"{id}","DisplayName":"x"}},"Grants":[
          {{"Grantee":{{"Type":"CanonicalUser","ID":"{id}"}},"Permission":"FULL_CONTROL"}},
          {{"Grantee":{{"Type":"Group","URI":"http://acs.amazonaws.com/groups/global/AllUsers"}},"Permission":"READ"}}]}},
        "objectOwnership":"ObjectWriter",
        "publicAccessBlock":{{"PublicAccessBlockConfiguration":{{"RestrictPublicBuckets":true}}}}}}]"#
    ));
    assert_eq!(bucket.account.as_deref(), Some("111122223333"));
    assert!(bucket.policy.is_some() && bucket.covers.is_empty());
    assert_eq!(bucket.below, ["/"]);
    let acl = bucket.acl.unwrap();
    assert_eq!(acl.owner, Some(id.clone()));
    assert_eq!(
        acl.grants,
        [(Grantee::CanonicalUser(id), AclPermission::FullControl), (Grantee::AllUsers, AclPermission::Read)]
    );
    assert_eq!(bucket.object_ownership, ObjectOwnership::ObjectWriter);
    assert!(bucket.public_access_block.restrict_public_buckets && !bucket.public_access_block.ignore_public_acls);

    let key = only(
        r#"{"resource":"arn:aws:kms:eu-west-1:111122223333:key/k","grants":[
        {"grantee":"arn:aws:iam::111122223333:role/r","operations":["Decrypt","CreateGrant"],"encryptionContextEquals":{"a":"b"}}]}"#,
    );
    let grant = &key.grants[0];
    let operations: Vec<&str> = grant.operations.iter().map(|operation| operation.text.as_str()).collect();
    assert_eq!(operations, ["Decrypt", "CreateGrant"]);
    let pairs: Vec<_> = grant.encryption_context.iter().map(|(name, value)| (name.text.as_str(), &**value)).collect();
    assert_eq!(pairs, [("a", "b")]);
    assert_eq!(key.below, [""; 0]);
}

#[test]
fn entries_are_checked() {
    for (entry, expected) in [
        (r#"{"resource":"logs"}"#, r#"bad-arn 1 "logs""#),
        (
            r#"{"resource":"arn:aws:sqs:eu-west-1:444455556666:q"}"#,
            r#"account-mismatch 1 "arn:aws:sqs:eu-west-1:444455556666:q" & iamc.toml:2 "111122223333""#,
        ),
        (
            r#"{"resource":"arn:aws:s3:::b","account":"444455556666"}"#,
            r#"account-mismatch 1 "444455556666" & iamc.toml:2 "111122223333""#,
        ),
        (
            r#"{"resource":"arn:aws:iam::111122223333:role/r"}"#,
            r#"not-a-resource 1 "arn:aws:iam::111122223333:role/r""#,
        ),
        (r#"{"resource":"arn:aws:s3:::b/k"}"#, r#"not-a-resource 1 "arn:aws:s3:::b/k""#),
        (r#"{"resource":"arn:aws:s3:::b","polic":{}}"#, r#"unknown-member 1 "polic""#),
        (
            r#"{"resource":"arn:aws:sns:eu-west-1:111122223333:t","objectOwnership":"ObjectWriter"}"#,
            r#"misplaced-member 1 "objectOwnership" & 1 "arn:aws:sns:eu-west-1:111122223333:t""#,
        ),
        (r#"{"resource":"arn:aws:s3:::b","objectOwnership":"Writer"}"#, r#"bad-word 1 "Writer""#),
        (r#"{"resource":"arn:aws:s3:::b","acl":{}}"#, "acl-without-ownership 1 {"),
        (r#"{"resource":"arn:aws:s3:::b","publicAccessBlock":{"BlockAll":true}}"#, r#"unknown-member 1 "BlockAll""#),
        (r#"{"resource":"arn:aws:s3:::b","publicAccessBlock":{"BlockPublicAcls":"true"}}"#, r#"wrong-type 1 "true""#),
        (
            r#"{"resource":"arn:aws:s3:::b","covers":["arn:aws:s3:::b/*"]}"#,
            r#"covers-not-itself 1 [ & 1 "arn:aws:s3:::b""#,
        ),
        (r#"{"resource":"arn:aws:s3:::b","covers":[]}"#, r#"covers-not-itself 1 [ & 1 "arn:aws:s3:::b""#),
        (r#"{"resource":"arn:aws:s3:::b","covers":["*"]}"#, r#"bad-arn 1 "*""#),
        ("[1]", "wrong-type 1 1"),
        (r#"{"resource":null,"account":"111122223333"}"#, "null-member 1 null"),
        (r#"{"resource":"arn:aws:s3:::b","acl":null}"#, "null-member 1 null"),
        (r#"{"resource":"arn:aws:s3:::b","publicAccessBlock":{"IgnorePublicAcls":null}}"#, "null-member 1 null"),
    ] {
        check_resources(entry, &[expected]);
    }
    let grants =
        |grants: &str| format!(r#"{{"resource":"arn:aws:kms:eu-west-1:111122223333:key/k","grants":[{grants}]}}"#);
    for (grant, expected) in [
        // Only the shape: what is no principal and no operation is reported where grants become statements.
        (r#"{"grantee":"x","operations":[]}"#, &[][..]),
        (r#"{"grantee":"x"}"#, &["missing-member 1 {"]),
        (r#"{"operations":["Decrypt"]}"#, &["missing-member 1 {"]),
        (r#"{"grantee":"x","operations":"Decrypt"}"#, &[r#"wrong-type 1 "Decrypt""#]),
        (r#"{"grantee":"x","operations":[1],"encryptionContextEquals":7}"#, &["wrong-type 1 1", "wrong-type 1 7"]),
        (r#"{"grantee":"x","operations":["Decrypt"],"encryptionContextEquals":{}}"#, &["empty-context 1 {"]),
        (r#"{"grantee":"x","operations":["Decrypt"],"encryptionContextEquals":null}"#, &["null-member 1 null"]),
        (r#"{"grantee":null,"operations":null}"#, &["null-member 1 null", "null-member 1 null"]),
    ] {
        check_resources(&grants(grant), expected);
    }
    // What AWS prints may hold null for what there is none of.
    let block = r#"{"PublicAccessBlockConfiguration":{"IgnorePublicAcls":null}}"#;
    check_resources(&format!(r#"{{"resource":"arn:aws:s3:::b","publicAccessBlock":{block}}}"#), &[]);
    // What resembles nothing is read as what it should be.
    check_resources(r#"{"resources":"arn:aws:s3:::b"}"#, &["missing-member 1 {", r#"unknown-member 1 "resources""#]);
    check_resources("[]", &[]);
    let acl = |grant: &str| {
        format!(r#"{{"resource":"arn:aws:s3:::b","objectOwnership":"ObjectWriter","acl":{{"Grants":[{grant}]}}}}"#)
    };
    for (grant, expected) in [
        (r#"{"Permission":"READ"}"#, "missing-member 1 {"),
        (r#"{"Grantee":{"Type":"Group","URI":"http://x"},"Permission":"READ"}"#, r#"bad-word 1 "http://x""#),
        (
            r#"{"Grantee":{"Type":"AmazonCustomerByEmail","EmailAddress":"a@b"},"Permission":"READ"}"#,
            r#"grantee-by-email 1 "AmazonCustomerByEmail""#,
        ),
        (r#"{"Grantee":{"Type":"CanonicalUser","ID":"x"},"Permission":"ALL"}"#, r#"bad-word 1 "ALL""#),
    ] {
        check_resources(&acl(grant), &[expected]);
    }
    let grant = r#"{"Grantee":{"Type":"CanonicalUser","ID":"x"},"Permission":"READ"}"#;
    check_resources(&acl(&vec![grant; 100].join(",")), &[]);
    check_resources(&acl(&vec![grant; 101].join(",")), &["over-quota 1 { & 1 {"]);
}

#[test]
fn covers_stay_in_partition_service_and_account() {
    let own = "arn:aws:sqs:eu-west-1:111122223333:jobs";
    let entry = |arn: &str, pattern: &str| format!(r#"{{"resource":"{arn}","covers":["{arn}","{pattern}"]}}"#);
    for (pattern, code) in [
        ("arn:aws:sqs:eu-west-1:*:jobs", "account"),
        ("arn:aws:sqs:eu-west-1:44445555666?:jobs", "account"),
        ("arn:aws:sqs:eu-west-1:1111222233*:jobs", "account"),
        ("arn:aws:sqs:eu-west-1:444455556666:jobs", "account"),
        ("arn:aws:sqs:eu-west-1::jobs", "account"),
        ("arn:aws:sqs:eu-west-1:aws:jobs", "account"),
        ("arn:*:sqs:eu-west-1:111122223333:jobs", "service"),
        ("arn:aws-cn:sqs:eu-west-1:111122223333:jobs", "service"),
        ("arn:aws:s?s:eu-west-1:111122223333:jobs", "service"),
        ("arn:aws:sns:eu-west-1:111122223333:jobs", "service"),
    ] {
        let expected = format!(r#"covers-another-{code} 1 "{pattern}" & 1 "{own}""#);
        check_resources(&entry(own, pattern), &[&expected]);
    }
    check_resources(&entry(own, "arn:aws:sqs:*:111122223333:jobs-*"), &[]);
    // A bucket's ARN names no account, so that its patterns name none either.
    let pattern = "arn:aws:s3:::b/*";
    check_resources(&entry("arn:aws:s3:::b", pattern), &[]);
    for pattern in ["arn:aws:s3::*:b/*", "arn:aws:s3::111122223333:b/*"] {
        let expected = format!(r#"covers-another-account 1 "{pattern}" & 1 "arn:aws:s3:::b""#);
        check_resources(&entry("arn:aws:s3:::b", pattern), &[&expected]);
    }
    // An account field that is a wildcard to begin with is one in `covers`.
    let arn = "arn:aws:sqs:eu-west-1:*:jobs";
    let text = format!(r#"{{"resource":"{arn}","covers":["{arn}"]}}"#);
    check_resources(&text, &[&format!(r#"covers-another-account 1 "{arn}" & 1 "{arn}""#)]);
}

#[test]
fn one_policy_governs_each_resource() {
    let entry = |arn: &str, covers: &str| format!(r#"{{"resource":"arn:aws:s3:::{arn}"{covers}}}"#);
    let pair = |left: String, right: String| format!("[{left},\n{right}]");
    check_resources(
        &pair(entry("b", ""), entry("b", "")),
        &[r#"duplicate-id 2 "arn:aws:s3:::b" & 1 "arn:aws:s3:::b""#],
    );
    let wide = r#","covers":["arn:aws:s3:::logs*"]"#;
    check_resources(&pair(entry("logs", wide), entry("data", "")), &[]);
    check_resources(
        &pair(entry("logs", wide), entry("logs-eu", "")),
        &[r#"overlapping-covers 1 "arn:aws:s3:::logs" & 2 "arn:aws:s3:::logs-eu""#],
    );
    let ends = r#","covers":["arn:aws:s3:::*-eu","arn:aws:s3:::logs-eu"]"#;
    check_resources(
        &pair(entry("logs", wide), entry("logs-eu", ends)),
        &[r#"overlapping-covers 2 "arn:aws:s3:::logs-eu" & 1 "arn:aws:s3:::logs""#],
    );
    // Only the ARN of the other: one of two policies would be lost.
    let exact = r#","covers":["arn:aws:s3:::logs-eu"]"#;
    check_resources(
        &pair(entry("logs", wide), entry("logs-eu", exact)),
        &[r#"overlapping-covers 1 "arn:aws:s3:::logs" & 2 "arn:aws:s3:::logs-eu""#],
    );
    let another = r#","covers":["arn:aws:s3:::logs","arn:aws:s3:::logs-eu"]"#;
    check_resources(
        &pair(entry("logs", another), entry("logs-eu", "")),
        &[r#"overlapping-covers 1 "arn:aws:s3:::logs" & 2 "arn:aws:s3:::logs-eu""#],
    );
    // What goes without saying gives way to an entry.
    let table = |name: &str, more: &str| {
        format!(r#"{{"resource":"arn:aws:dynamodb:eu-west-1:111122223333:table/{name}"{more}}}"#)
    };
    check_resources(&pair(table("T", ""), table("T/stream/S", "")), &[]);
    let itself = r#","covers":["arn:aws:dynamodb:eu-west-1:111122223333:table/T/stream/S"]"#;
    check_resources(&pair(table("T", ""), table("T/stream/S", itself)), &[]);
    // What another account owns.
    let theirs = r#","covers":["arn:aws:dynamodb:eu-west-1:111122223333:table/T","arn:aws:dynamodb:eu-west-1:444455556666:table/*"]"#;
    check_resources(
        &table("T", theirs),
        &[
            r#"covers-another-account 1 "arn:aws:dynamodb:eu-west-1:444455556666:table/*" & 1 "arn:aws:dynamodb:eu-west-1:111122223333:table/T""#,
        ],
    );
    // What a resource is called is no pattern.
    let star = r#"[{"resource":"arn:aws:sqs:eu-west-1:111122223333:a*"},{"resource":"arn:aws:sqs:eu-west-1:111122223333:ab"}]"#;
    check_resources(star, &[r#"literal-wildcard 1 "arn:aws:sqs:eu-west-1:111122223333:a*""#]);
}

// ---- access keys ----

/// Runs keys of an account with the user alice.
fn keys(text: &str) -> (World, Vec<String>) {
    run(&[
        ("iamc.toml", &account("identities = \"d.json\"\naccess-keys = \"k.json\"")),
        ("d.json", &dump(&alice(""), "", "", "")),
        ("k.json", text),
    ])
}

fn key(user: &str, id: &str, status: &str) -> String {
    format!(r#"{{"UserName":"{user}","AccessKeyId":"{id}","Status":"{status}"}}"#)
}

#[test]
fn keys_are_checked() {
    let page = |keys: &str| format!(r#"{{"AccessKeyMetadata":[{keys}]}}"#);
    let good = |number: u8| key("alice", &format!("AKIA00000000000{number}"), "Active");
    for (text, expected) in [
        (
            page(&key("alice", "ASIAIOSFODNN7EXAMPLE", "Active")),
            vec![r#"temporary-key k.json:1 "ASIAIOSFODNN7EXAMPLE""#],
        ),
        ("{}".to_owned(), vec!["missing-member k.json:1 {"]),
        (page(&key("alice", "AKIA", "Active")), vec![r#"bad-id k.json:1 "AKIA""#]),
        (page(&key("alice", "AKIAIOSFODNN7EXAMPLE", "active")), vec![r#"bad-word k.json:1 "active""#]),
        (page(&key("bob", "AKIAIOSFODNN7EXAMPLE", "Active")), vec![r#"unknown-user k.json:1 "bob""#]),
        (
            page(&format!("{},\n{}", good(1), good(1))),
            vec![r#"duplicate-id k.json:2 "AKIA000000000001" & k.json:1 "AKIA000000000001""#],
        ),
        (
            page(&format!("{},\n{},{}", good(1), good(2), good(3))),
            vec![r#"over-quota k.json:1 "AKIA000000000001" & k.json:2 "AKIA000000000003""#],
        ),
        (format!("{}\n[{}]", page(&good(1)), page(&good(2))), vec![]),
        (page(r#"{"UserName":"alice","AccessKeyId":"AKIA000000000001"}"#), vec!["missing-member k.json:1 {"]),
        (
            page(r#"{"User":"alice"}"#),
            vec![
                "missing-member k.json:1 {",
                "missing-member k.json:1 {",
                "missing-member k.json:1 {",
                r#"unknown-member k.json:1 "User""#,
            ],
        ),
    ] {
        let (world, _) = keys(&text);
        let findings: Vec<String> = world.findings.iter().map(|finding| show_tokens(&world, finding)).collect();
        assert_eq!(findings, expected, "{text}");
    }
}

#[test]
fn a_key_belongs_to_one_account() {
    let page = format!(r#"{{"AccessKeyMetadata":[{}]}}"#, key("<root_account>", "AKIA000000000001", "Active"));
    let manifest = format!(
        "{}[[account]]\nid = \"444455556666\"\naccess-keys = \"2.json\"\n",
        account("access-keys = \"1.json\"")
    );
    let findings = tokens(&[("iamc.toml", &manifest), ("1.json", &page), ("2.json", &page)]);
    assert_eq!(findings, ["duplicate-id 2.json:1 \"AKIA000000000001\" & 1.json:1 \"AKIA000000000001\""]);
}

#[test]
fn a_secret_is_refused_and_never_kept() {
    let text =
        r#"{"AccessKey":{"UserName":"alice","AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI"}}"#;
    for (world, findings) in [keys(text), run(&[("k.json", text)])] {
        assert_eq!(findings, ["secret k.json:1:72"]);
        assert!(world.sources.iter().all(|(_, source)| !source.text.contains("wJalr")));
    }
}

// ---- entities ----

#[test]
fn names_and_ids_of_entities_are_held_to_chapter_8() {
    let users = |members: &str| dump(&alice(members), "", "", "");
    let role = |name: &str, members: &str| {
        format!(
            r#"{{"RoleName":"{name}","Arn":"arn:aws:iam::111122223333:role/{name}","AssumeRolePolicyDocument":{}{members}}}"#,
            super::TRUST
        )
    };
    let profile = |name: &str, path: &str| {
        format!(
            r#","InstanceProfileList":[{{"InstanceProfileName":"{name}","Arn":"arn:aws:iam::111122223333:instance-profile{path}{name}"}}]"#
        )
    };
    let codes = |text: &str| {
        let (_, findings) = run(&[("d.json", text)]);
        findings.iter().map(|finding| finding.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let tags = r#","Tags":[{"Key":"Team","Value":"a"},{"Key":"team","Value":"b"}]"#;
    assert_eq!(codes(&users(tags)), ["duplicate-tag"]);
    assert_eq!(codes(&users(r#","UserId":"AROAX""#)), ["id-prefix"]);
    let two = format!("{},{}", alice(r#","UserId":"AIDAX""#), alice(r#","UserId":"AIDAX""#).replace("alice", "bob"));
    assert_eq!(codes(&dump(&two, "", "", "")), ["shared-id"]);
    let (world, _) = run(&[("d.json", &dump(&two, "", "", ""))]);
    assert!(world.principals.iter().all(|principal| principal.unique_id.is_none()));
    let roles = |left: String, right: String| dump("", "", &format!("{left},{right}"), "");
    let same = roles(role("a", &profile("p", "/")), role("b", &profile("p", "/")));
    assert_eq!(codes(&same), ["profile-roles"]);
    let clash = roles(role("a", &profile("p", "/")), role("b", &profile("P", "/x/")));
    assert_eq!(codes(&clash), ["duplicate-name"]);
    let inner = r#","InstanceProfileList":[{"Arn":"arn:aws:iam::111122223333:instance-profile/p","Roles":[{"RoleName":"a"},{"RoleName":"z"}]}]"#;
    assert_eq!(codes(&dump("", "", &role("a", inner), "")), ["profile-roles"]);
    let misnamed = profile("p", "/").replace("profile/p", "profile/q");
    assert_eq!(codes(&dump("", "", &role("a", &misnamed), "")), ["name-mismatch"]);
    assert_eq!(codes(&dump("", "", &role("a", &profile("p p", "/")), "")), ["bad-name"]);
    let untrusted = r#"{"RoleName":"a","Arn":"arn:aws:iam::111122223333:role/a"}"#;
    assert_eq!(codes(&dump("", "", untrusted, "")), ["no-trust-policy"]);
    let linked =
        |path: &str, members: &str| role("a", members).replace("role/a", &format!("role/aws-service-role/{path}a"));
    assert_eq!(codes(&dump("", "", &linked("ecs.amazonaws.com/", ""), "")), [""; 0]);
    assert_eq!(codes(&dump("", "", &linked("", ""), "")), ["service-linked-path"]);
    let boundary = r#","PermissionsBoundary":{"PermissionsBoundaryArn":"arn:aws:iam::111122223333:policy/B"}"#;
    let policies = super::managed("B", "111122223333", ALLOW);
    assert_eq!(codes(&dump("", "", &linked("ecs.amazonaws.com/", boundary), &policies)), ["service-linked-boundary"]);
}

#[test]
fn a_truncated_dump_reports_what_it_lacks_once() {
    let two = format!(
        "{},{}",
        alice(&super::attached("One", "111122223333")),
        alice(r#","GroupList":["devs"]"#).replace("alice", "bob")
    );
    let text = dump(&two, "", "", "").replacen('{', "{\"IsTruncated\":true,\n", 1);
    let (_, findings) = run(&[("d.json", &text)]);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].starts_with("truncated-references d.json:1:16 & d.json:2:"), "{findings:?}");
}

#[test]
fn a_percent_encoded_file_is_a_document() {
    let encode = |text: &str| text.replace('{', "%7B").replace('"', "%22").replace('}', "%7D").replace(':', "%3A");
    let (world, findings) = run(&[("p.json", &encode(ALLOW))]);
    assert_eq!((findings, world.documents.len()), (vec![], 1));
    let bad = encode(&ALLOW.replace("Allow", "allow"));
    let at = bad.find("%22allow").unwrap() + 1;
    let (_, findings) = run(&[("p.json", &bad)]);
    assert_eq!(findings, [format!("iamc::document::unknown-effect p.json:1:{at}")]);
    let (_, findings) = run(&[("p.json", "%7B%2")]);
    assert_eq!(findings, ["iamc::document::bad-percent p.json:1:4"]);
}

// ---- hostile inputs ----

#[test]
fn no_cut_and_no_hole_in_any_file_is_a_panic_or_passes_unseen() {
    let policies = format!(r#","policies":{{{},{}}}"#, scp("p-guard", "Guard", DENY), rcp("p-fence", "Fence"));
    let attached = r#","serviceControlPolicies":["p-guard"],"resourceControlPolicies":["p-fence"]"#;
    let files = [
        ("iamc.toml", MANIFEST.to_owned()),
        ("organization.json", tree("", attached, &policies)),
        ("dump.json", dump(&alice(r#","Tags":[{"Key":"a","Value":"b"}]"#), "", "", "")),
        ("keys.json", format!(r#"{{"AccessKeyMetadata":[{}]}}"#, key("alice", "AKIAIOSFODNN7EXAMPLE", "Active"))),
        (
            "resources/r.json",
            format!(r#"[{{"resource":"arn:aws:s3:::b","policy":{DENY},"covers":["arn:aws:s3:::b*"]}}]"#),
        ),
    ];
    let load = |at: usize, text: &str| {
        let texts = files.iter().enumerate().map(|(number, (name, whole))| {
            ((*name).to_owned(), if number == at { text.to_owned() } else { whole.clone() })
        });
        super::load(texts.collect(), None)
    };
    let whole = load(usize::MAX, "");
    assert_eq!(whole.findings, []);
    for (at, (name, text)) in files.iter().enumerate() {
        for cut in (0..text.len()).filter(|&cut| text.is_char_boundary(cut)) {
            let (before, behind) = text.split_at(cut);
            let world = load(at, before);
            // What is cut off from JSON is always missed; TOML may end anywhere between two entries.
            let is_whole = behind.trim().is_empty();
            assert!(is_whole || *name == "iamc.toml" || !world.findings.is_empty(), "{name} cut at {cut}");
            load(at, &format!("{before}{}", behind.get(1..).unwrap_or("")));
            load(at, &format!("{before}[{behind}"));
        }
    }
}

#[test]
fn the_order_of_the_files_of_a_manifest_does_not_matter() {
    let manifest = account("identities = [\"d1.json\", \"d2.json\"]\nresources = \"r*.json\"");
    let files = [
        ("iamc.toml", manifest),
        ("d1.json", dump(&alice(""), "", "", "")),
        ("d2.json", dump(&alice("").replace("alice", "bob"), "", "", "")),
        ("r1.json", format!(r#"{{"resource":"arn:aws:s3:::b","policy":{ALLOW}}}"#)),
        ("r2.json", format!(r#"{{"resource":"arn:aws:s3:::a","policy":{DENY}}}"#)),
    ];
    let mut texts: Vec<(String, String)> = files.map(|(name, text)| (name.to_owned(), text)).to_vec();
    let forward = format!("{:?}", super::load(texts.clone(), None));
    texts.reverse();
    assert_eq!(forward, format!("{:?}", super::load(texts, None)));
}
