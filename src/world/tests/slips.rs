//! Slips of people who write or edit worlds by hand, and what tools print that is no slip.

use super::{ALICE, ALLOW, alice, dump, identity, run, show_tokens};

const GROUP: &str = r#"{"GroupName":"devs","Arn":"arn:aws:iam::111122223333:group/devs"}"#;
const KEYS: &str = "[[account]]\nid = \"111122223333\"\nidentities = \"a.json\"\naccess-keys = \"k.json\"\n";
const RESOURCES: &str = "[[account]]\nid = \"111122223333\"\nresources = \"r.json\"\n";

/// The findings of files with the text at each place, and their helps.
fn findings(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let (world, _) = run(files);
    let shown = world.findings.iter().map(|finding| show_tokens(&world, finding)).collect();
    (shown, world.findings.iter().filter_map(|finding| finding.help.clone()).collect())
}

#[test]
fn the_path_is_that_of_the_arn() {
    let user = |path: &str, arn: &str| {
        format!(r#"{{"UserName":"a","Path":"{path}","Arn":"arn:aws:iam::111122223333:user{arn}a"}}"#)
    };
    let arn = r#"a.json:1 "arn:aws:iam::111122223333:user/x/a""#;
    for (path, within, expected) in [
        ("/", "/", None),
        ("/x/", "/x/", None),
        ("/", "/x/", Some(format!(r#"path-mismatch a.json:1 "/" & {arn}"#))),
        ("/X/", "/x/", Some(format!(r#"path-mismatch a.json:1 "/X/" & {arn}"#))),
        ("x/", "/x/", Some(r#"bad-path a.json:1 "x/""#.to_owned())),
        ("", "/x/", Some(r#"bad-path a.json:1 """#.to_owned())),
        ("/a b/", "/a b/", Some(r#"bad-path a.json:1 "/a b/""#.to_owned())),
    ] {
        let (found, _) = findings(&[("a.json", &dump(&user(path, within), "", "", ""))]);
        assert_eq!(found, expected.as_slice(), "{path} {within}");
    }
    for (list, name, kind) in [(1, "GroupName", "group"), (2, "RoleName", "role"), (3, "PolicyName", "policy")] {
        let mut lists = [""; 4];
        let more = format!(r#""AssumeRolePolicyDocument":{ALLOW},"PolicyVersionList":[{{"Document":{ALLOW}}}]"#);
        let entity = format!(r#"{{"{name}":"a","Path":"/y/","Arn":"arn:aws:iam::111122223333:{kind}/x/a",{more}}}"#);
        lists[list] = &entity;
        let [users, groups, roles, policies] = lists;
        let (found, _) = findings(&[("a.json", &dump(users, groups, roles, policies))]);
        assert!(found.len() == 1 && found[0].starts_with("path-mismatch "), "{kind}: {found:?}");
    }
}

#[test]
fn a_quota_names_its_owner_and_the_first_entry_beyond_it() {
    let keys: Vec<String> = (0..51).map(|number| format!("{{\"Key\":\"k{number}\",\n\"Value\":\"v\"}}")).collect();
    let text = dump(&alice(&format!(",\"Tags\":[\n{}]", keys.join(",\n"))), "", "", "");
    let (_, found) = run(&[("a.json", &text)]);
    // Line 1 holds the name; tag number n begins in line 2 n.
    assert!(found.len() == 1 && found[0].starts_with("over-quota a.json:1:"), "{found:?}");
    assert!(found[0].ends_with("& a.json:102:1"), "{found:?}");
    let names: Vec<String> = (0..11).map(|number| format!("\"g{number}\"")).collect();
    let groups: Vec<String> = (0..11).map(|number| GROUP.replace("devs", &format!("g{number}"))).collect();
    let user = alice(&format!(",\"GroupList\":[{}]", names.join(",")));
    let (found, _) = findings(&[("a.json", &dump(&user, &groups.join(","), "", ""))]);
    assert_eq!(found, [r#"over-quota a.json:1 "alice" & a.json:1 "g10""#]);
}

#[test]
fn a_name_in_another_case_leads_to_the_definition() {
    let text = dump(&alice(r#","GroupList":["Devs"]"#), GROUP, "", "");
    let (found, helps) = findings(&[("a.json", &text)]);
    assert_eq!(found, [r#"unknown-group a.json:1 "Devs" & a.json:2 "devs""#]);
    assert_eq!(helps, ["write `devs`"]);
    let key = r#"{"AccessKeyMetadata":[{"UserName":"Alice","AccessKeyId":"AKIAANA1","Status":"Active"}]}"#;
    let files = [("iamc.toml", KEYS), ("a.json", &dump(&alice(""), "", "", "")), ("k.json", key)];
    let (found, helps) = findings(&files);
    assert_eq!(found, [r#"unknown-user k.json:1 "Alice" & a.json:1 "alice""#]);
    assert_eq!(helps, ["write `alice`"]);
}

#[test]
fn an_array_of_pages_is_a_dump_and_holds_nothing_else() {
    let first = dump(&alice(r#","GroupList":["devs"]"#), "", "", "");
    let second = dump("", GROUP, "", "");
    let (world, found) = run(&[("a.json", &format!("[{first},\n{second}]"))]);
    assert_eq!((found.len(), world.principals.len()), (0, 1), "{found:?}");
    let (_, found) = run(&[("a.json", &format!("[{first},{second},{{}}]"))]);
    assert_eq!(found, [""; 0]);
    // A document among the pages would be lost.
    let (_, found) = run(&[("a.json", &format!("[{first},{second},{ALLOW}]"))]);
    assert_eq!(found, ["unknown-format a.json:1:1"]);
}

#[test]
fn an_account_without_entities_is_known() {
    let manifest = "[[account]]\nid = \"111122223333\"\nidentities = \"a.json\"\n";
    for text in ["{}", r#"{"IsTruncated":false}"#] {
        let (world, found) = run(&[("iamc.toml", manifest), ("a.json", text)]);
        assert_eq!(found, [""; 0], "{text}");
        assert!(world.accounts[0].identities_known && world.principals.is_empty(), "{text}");
    }
    // What may be a misspelt list is no empty page.
    let (world, found) = run(&[("iamc.toml", manifest), ("a.json", r#"{"UserDetailLists":[]}"#)]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(!world.accounts[0].identities_known);
}

#[test]
fn the_policy_of_a_resource_may_be_in_its_envelope() {
    let text = ALLOW.replace('"', "\\\"");
    let entry = |policy: &str| format!(r#"[{{"resource":"arn:aws:s3:::b","policy":{policy}}}]"#);
    for policy in [
        format!(r#"{{"Policy":"{text}"}}"#),
        format!(r#"{{"Policy":"{text}","RevisionId":"1"}}"#),
        format!(r#"{{"PolicyDocument":{ALLOW}}}"#),
    ] {
        let (world, found) = run(&[("iamc.toml", RESOURCES), ("r.json", &entry(&policy))]);
        assert_eq!(found, [""; 0], "{policy}");
        assert_eq!(world.documents[0].policy.statements.len(), 1, "{policy}");
    }
    for policy in [
        format!(r#"{{"Policy":"{text}","Statement":[]}}"#),
        format!(r#"{{"Policy":"{text}","PolicyDocument":{ALLOW}}}"#),
        format!(r#"{{"Policy":"{text}","Sid":"x"}}"#),
    ] {
        let (_, found) = run(&[("iamc.toml", RESOURCES), ("r.json", &entry(&policy))]);
        assert_eq!(found.len(), 1, "{policy}: {found:?}");
    }
}

#[test]
fn the_only_version_is_the_default_unless_something_says_otherwise() {
    let policy = |more: &str, versions: &str| {
        format!(r#"{{"PolicyName":"p","Arn":"arn:aws:iam::aws:policy/p"{more},"PolicyVersionList":[{versions}]}}"#)
    };
    let version = |more: &str| format!(r#"{{"VersionId":"v1"{more},"Document":{ALLOW}}}"#);
    let user = alice(r#","AttachedManagedPolicies":[{"PolicyArn":"arn:aws:iam::aws:policy/p"}]"#);
    let (world, found) = run(&[("a.json", &dump(&user, "", "", &policy("", &version(""))))]);
    assert_eq!(found, [""; 0]);
    assert_eq!(identity(&world, ALICE), ["p"]);
    for (more, versions) in [
        ("", version(r#","IsDefaultVersion":false"#)),
        (r#","DefaultVersionId":"v2""#, version("")),
        ("", format!("{},{}", version(""), version(""))),
        ("", String::new()),
        ("", r#"{"VersionId":"v1"}"#.to_owned()),
    ] {
        let (world, found) = run(&[("a.json", &dump(&user, "", "", &policy(more, &versions)))]);
        assert!(found.len() == 1 && found[0].starts_with("no-default-version "), "{versions}: {found:?}");
        assert_eq!(identity(&world, ALICE), [""; 0]);
    }
    let two = format!("{},{}", version(""), version(""));
    let (world, _) = run(&[("a.json", &dump(&user, "", "", &policy("", &two)))]);
    assert_eq!(world.findings[0].label, "none of its versions is marked as the default");
}
