//! One mistake each in a small organization: what `iamc check` says about it, where, and that `iamc compile` refuses it.
//!
//! The files of the right organization are in `wrong_worlds/`. An edit replaces one piece of one file; in its new text `⟦…⟧`
//! marks what the finding has to point at and `⟪…⟫` the place that a second label has to name. Codes are not compared:
//! `world.md` and chapter 8 do not give them.

#![expect(clippy::too_many_lines, reason = "lists of cases")]

use serde_json::Value;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// The right organization.
const FILES: [(&str, &str); 8] = [
    ("iamc.toml", include_str!("wrong_worlds/iamc.toml")),
    ("organization.json", include_str!("wrong_worlds/organization.json")),
    ("prod/details.json", include_str!("wrong_worlds/prod/details.json")),
    ("dev/details.json", include_str!("wrong_worlds/dev/details.json")),
    ("prod/resources/buckets.json", include_str!("wrong_worlds/prod/resources/buckets.json")),
    ("prod/access-keys.json", include_str!("wrong_worlds/prod/access-keys.json")),
    ("endpoint.json", include_str!("wrong_worlds/endpoint.json")),
    ("policies/narrow.json", include_str!("wrong_worlds/policies/narrow.json")),
];
const MANIFEST: &str = "iamc.toml";
const TREE: &str = "organization.json";
const PROD: &str = "prod/details.json";
const DEV: &str = "dev/details.json";
const BUCKETS: &str = "prod/resources/buckets.json";
const KEYS: &str = "prod/access-keys.json";
const ENDPOINT: &str = "endpoint.json";
/// A primary label longer than this points at nothing in particular.
const LONGEST: usize = 400;

/// What a mistake comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comes {
    /// An error; nothing is compiled.
    Refused,
    /// A warning; the world compiles.
    Warned,
    /// An error or a warning: the rules leave open which.
    Noticed,
    /// No error.
    Fine,
}
use Comes::{Fine, Noticed, Refused, Warned};

/// A place that was marked.
#[derive(Clone, Debug)]
struct Mark {
    file: String,
    start: usize,
    end: usize,
}

struct Case {
    name: &'static str,
    comes: Comes,
    /// Some of these has to be in the message, a label or the help.
    needle: &'static str,
    files: Vec<(String, String)>,
    primary: Option<Mark>,
    related: Option<Mark>,
}

/// A case of edits `(file, old, new)`.
fn case(name: &'static str, comes: Comes, needle: &'static str, edits: &[(&str, &str, &str)]) -> Case {
    let mut files: Vec<(String, String)> =
        FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    for (file, old, new) in edits {
        let text = match files.iter_mut().find(|(name, _)| name == file) {
            Some((_, text)) => text,
            None => {
                files.push(((*file).to_owned(), String::new()));
                &mut files.last_mut().unwrap().1
            }
        };
        if old.is_empty() {
            (*new).clone_into(text);
        } else {
            assert!(text.contains(old), "{name}: {file} has no {old}");
            *text = text.replacen(old, new, 1);
        }
    }
    let mut case = Case { name, comes, needle, files: Vec::new(), primary: None, related: None };
    for (file, text) in files {
        let (text, primary, related) = unmarked(&text);
        let mark = |range: Option<Range<usize>>| {
            range.map(|range| Mark { file: file.clone(), start: range.start, end: range.end })
        };
        case.primary = case.primary.or(mark(primary));
        case.related = case.related.or(mark(related));
        case.files.push((file, text));
    }
    case
}

/// The text without its marks, and the byte ranges of `⟦…⟧` and `⟪…⟫`.
fn unmarked(text: &str) -> (String, Option<Range<usize>>, Option<Range<usize>>) {
    let mut plain = String::new();
    let mut places = [None; 4];
    for character in text.chars() {
        match "⟦⟧⟪⟫".chars().position(|mark| mark == character) {
            Some(mark) => places[mark] = Some(plain.len()),
            None => plain.push(character),
        }
    }
    let range = |at: usize| Some(places[at]?..places[at + 1]?);
    let (primary, related) = (range(0), range(2));
    (plain, primary, related)
}

struct Scratch(PathBuf);

impl Scratch {
    fn new(files: &[(String, String)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("iamc-wrong-{}-{number}", std::process::id()));
        for (name, text) in files {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(root)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn iamc(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iamc"));
    command.current_dir(directory).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn everything(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn covers(label: &Value, mark: &Mark) -> bool {
    let byte = |end: &str| usize::try_from(label[end]["byte"].as_u64().unwrap()).unwrap();
    let same_file = label["file"].as_str().unwrap().ends_with(&mark.file);
    let (start, end) = (byte("start"), byte("end"));
    same_file && start <= mark.start && end >= mark.end && end - start <= LONGEST.max(mark.end - mark.start + 2)
}

/// Whether a finding is the one that the case wants.
fn fits(case: &Case, finding: &Value) -> bool {
    let severity = finding["severity"].as_str().unwrap();
    let severe = match case.comes {
        Refused => severity == "error",
        Warned => severity.ends_with("warning"),
        Noticed | Fine => severity == "error" || severity.ends_with("warning"),
    };
    let text = format!("{} {} {}", finding["message"], finding["labels"], finding["help"]);
    let labels = finding["labels"].as_array().unwrap();
    severe
        && text.contains(case.needle)
        && match (&case.primary, &case.related) {
            (Some(one), Some(other)) => {
                // which of two is the second depends on the order of reading
                let has = |mark: &Mark| labels.iter().any(|label| covers(label, mark));
                (covers(finding, one) && has(other)) || (covers(finding, other) && has(one))
            }
            (Some(mark), None) => covers(finding, mark),
            (None, _) => true,
        }
}

/// What is wrong with the program's answers, if anything.
fn judge(case: &Case) -> Result<(), String> {
    let scratch = Scratch::new(&case.files);
    let check = iamc(&scratch.0, &["check", "--format", "json", MANIFEST]);
    let text = String::from_utf8(check.stdout.clone()).unwrap();
    let findings: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).map_err(|error| format!("{error}: {line}")))
        .collect::<Result<_, _>>()?;
    let errors = findings.iter().filter(|finding| finding["severity"] == "error").count();
    let status = check.status.code();
    let seen = format!("check exits {status:?}: {}", everything(&check).chars().take(1600).collect::<String>());
    let artifact = scratch.0.join("world.iamc");
    let compile = iamc(&scratch.0, &["compile", MANIFEST, "-o", "world.iamc"]);
    let compiled = compile.status.code();
    if everything(&check).contains("s3cr3tValue") || everything(&compile).contains("s3cr3tValue") {
        return Err(format!("the secret is shown\n{seen}"));
    }
    if compiled != Some(0) && compiled != Some(2) {
        return Err(format!("compile exits {compiled:?}\n{seen}"));
    }
    if artifact.exists() != (compiled == Some(0)) {
        return Err(format!("compile exits {compiled:?}, artifact there: {}\n{seen}", artifact.exists()));
    }
    let refused = errors > 0 || status == Some(2);
    if refused != (compiled == Some(2)) || status != Some(if refused { status.unwrap_or(1).max(1) } else { 0 }) {
        return Err(format!("compile exits {compiled:?}\n{seen}"));
    }
    match case.comes {
        Fine | Warned if refused => return Err(format!("refused\n{seen}")),
        Fine => return Ok(()),
        Refused if !refused => return Err(format!("not refused\n{seen}")),
        Refused | Warned | Noticed => {}
    }
    if status == Some(2) && case.primary.is_none() {
        return if everything(&check).contains(case.needle) { Ok(()) } else { Err(format!("not named\n{seen}")) };
    }
    if !findings.iter().any(|finding| fits(case, finding)) {
        return Err(format!("no such finding (wanted {:?} {:?})\n{seen}", case.primary, case.related));
    }
    if errors > 1 && !case.name.contains("several") {
        return Err(format!("{errors} errors for one mistake\n{seen}"));
    }
    Ok(())
}

fn judge_all(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        if let Err(why) = judge(case) {
            wrong.push(format!("== {} ({:?}): {why}\n", case.name, case.comes));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn the_organization_without_mistakes_is_accepted() {
    let right = case("right", Fine, "", &[]);
    let scratch = Scratch::new(&right.files);
    let check = iamc(&scratch.0, &["check", "--format", "json", "--fail-on", "warning", MANIFEST]);
    assert_eq!(check.status.code(), Some(0), "{}", everything(&check));
    judge_all(&[right]);
}

/// Joins pieces that a function makes of numbers.
fn list(numbers: Range<u32>, piece: impl Fn(u32) -> String) -> String {
    numbers.map(piece).collect::<Vec<_>>().join(", ")
}

const USER_ALICE: &str = r#""GroupList": ["devs"],"#;
const ATTACHED: &str =
    r#""AttachedManagedPolicies": [{ "PolicyName": "pa", "PolicyArn": "arn:aws:iam::111122223333:policy/pa" }]"#;
const BOUNDARY: &str = r#""PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/limit""#;
const GROUP_OPS: &str = r#""Arn": "arn:aws:iam::111122223333:group/ops""#;
const ROLE_APP: &str = r#""Arn": "arn:aws:iam::111122223333:role/svc/app","#;
const LINKED: &str = r#""RoleId": "AROALINKED00000000000","#;
const UNIT_SCPS: &str = r#""serviceControlPolicies": ["p-FullAWSAccess", "p-guardrail"],"#;
const ROOT_RCPS: &str = r#""resourceControlPolicies": ["p-RCPFullAWSAccess", "p-perimeter"],"#;
const DEV_POLICIES: &str =
    r#""222233334444": { "serviceControlPolicies": ["p-FullAWSAccess"], "resourceControlPolicies": [] }"#;

#[test]
fn references_to_what_is_not_there() {
    let missing =
        r#""AttachedManagedPolicies": [{ "PolicyName": "pz", "PolicyArn": ⟦"arn:aws:iam::111122223333:policy/pz"⟧ }]"#;
    let group = format!("{GROUP_OPS},\n      {missing}");
    judge_all(&[
        case("policy of a user", Refused, "policy/pz", &[(PROD, ATTACHED, missing)]),
        case("policy of a group", Refused, "policy/pz", &[(PROD, GROUP_OPS, &group)]),
        case("policy of a role", Refused, "policy/pz", &[(PROD, LINKED, &format!("{LINKED}\n{missing},"))]),
        case(
            "AWS managed policy",
            Refused,
            "aws:policy/ReadOnlyAccess",
            &[(
                PROD,
                ATTACHED,
                r#""AttachedManagedPolicies": [{ "PolicyName": "R", "PolicyArn": ⟦"arn:aws:iam::aws:policy/ReadOnlyAccess"⟧ }]"#,
            )],
        ),
        case(
            "policy of another account",
            Refused,
            "222233334444:policy/pa",
            &[(
                PROD,
                ATTACHED,
                r#""AttachedManagedPolicies": [{ "PolicyName": "R", "PolicyArn": ⟦"arn:aws:iam::222233334444:policy/pa"⟧ }]"#,
            )],
        ),
        case(
            "boundary of a user",
            Refused,
            "policy/none",
            &[(PROD, BOUNDARY, r#""PermissionsBoundaryArn": ⟦"arn:aws:iam::111122223333:policy/none"⟧"#)],
        ),
        case(
            "boundary of a role",
            Refused,
            "policy/none",
            &[(
                PROD,
                ROLE_APP,
                r#""Arn": "arn:aws:iam::111122223333:role/svc/app",
      "PermissionsBoundary": { "PermissionsBoundaryArn": ⟦"arn:aws:iam::111122223333:policy/none"⟧ },"#,
            )],
        ),
        case("group", Refused, "nogroup", &[(PROD, USER_ALICE, r#""GroupList": ["devs", ⟦"nogroup"⟧],"#)]),
        case("group of another case", Refused, "DEVS", &[(PROD, USER_ALICE, r#""GroupList": [⟦"DEVS"⟧],"#)]),
        case(
            "SCP of an OU",
            Refused,
            "p-nowhere00",
            &[(TREE, UNIT_SCPS, r#""serviceControlPolicies": ["p-FullAWSAccess", ⟦"p-nowhere00"⟧],"#)],
        ),
        case(
            "RCP of the root",
            Refused,
            "p-nowhere00",
            &[(TREE, ROOT_RCPS, r#""resourceControlPolicies": ["p-RCPFullAWSAccess", ⟦"p-nowhere00"⟧],"#)],
        ),
        case(
            "SCP of an account",
            Refused,
            "p-nowhere00",
            &[(TREE, DEV_POLICIES, r#""222233334444": { "serviceControlPolicies": [⟦"p-nowhere00"⟧] }"#)],
        ),
        case(
            "SCP by its name",
            Refused,
            "Guard",
            &[(TREE, UNIT_SCPS, r#""serviceControlPolicies": ["p-FullAWSAccess", ⟦"Guard"⟧],"#)],
        ),
        case(
            "account of accountPolicies",
            Noticed,
            "333344445555",
            &[(TREE, DEV_POLICIES, r#"⟦"333344445555"⟧: { "serviceControlPolicies": ["p-FullAWSAccess"] }"#)],
        ),
        case("user of an access key", Refused, "carol", &[(KEYS, r#""UserName": "bob""#, r#""UserName": ⟦"carol"⟧"#)]),
        case(
            "user of an access key in another case",
            Refused,
            "Bob",
            &[(KEYS, r#""UserName": "bob""#, r#""UserName": ⟦"Bob"⟧"#)],
        ),
        case(
            "management account",
            Noticed,
            "333344445555",
            &[(MANIFEST, r#"management-account = "999988887777""#, r#"management-account = ⟦"333344445555"⟧"#)],
        ),
    ]);
}

#[test]
fn files_that_are_not_there() {
    judge_all(&[
        case("endpoint policy", Refused, "nothing.json", &[(MANIFEST, r#""endpoint.json""#, r#""nothing.json""#)]),
        case("identities", Refused, "nothing.json", &[(MANIFEST, r#""dev/details.json""#, r#""nothing.json""#)]),
        case("tree", Refused, "nothing.json", &[(MANIFEST, r#""organization.json""#, r#""nothing.json""#)]),
        case("resources", Refused, "none/*.json", &[(MANIFEST, r#""prod/resources/*.json""#, r#""none/*.json""#)]),
        case(
            "one of two patterns",
            Refused,
            "none/*.json",
            &[(MANIFEST, r#"["prod/resources/*.json"]"#, r#"["prod/resources/*.json", "none/*.json"]"#)],
        ),
        case("access keys", Refused, "keys-*.json", &[(MANIFEST, r#""prod/access-keys.json""#, r#""keys-*.json""#)]),
        case("policies", Refused, "rules/*.json", &[(MANIFEST, r#""policies/*.json""#, r#""rules/*.json""#)]),
    ]);
}

/// Lists of users, roles and what they have, too long.
#[test]
fn quotas_of_accounts() {
    let groups = list(1..12, |number| format!("\"g{number}\""));
    let defined = list(1..12, |number| {
        format!(
            r#"{{ "GroupName": "g{number}", "GroupId": "AGPAG{number:02}00000000000000", "Arn": "arn:aws:iam::111122223333:group/g{number}", "Path": "/" }}"#
        )
    });
    let add_groups = format!("\"GroupDetailList\": [\n    {defined},");
    let eleven = format!("\"GroupList\": ⟦[{groups}]⟧,");
    let ten = format!("\"GroupList\": [{}],", list(1..11, |number| format!("\"g{number}\"")));
    let tags = |count: u32| {
        format!("\"Tags\": ⟦[{}]⟧", list(0..count, |number| format!(r#"{{ "Key": "k{number}", "Value": "v" }}"#)))
    };
    let tag = r#""Tags": [{ "Key": "team", "Value": "red" }]"#;
    let versions = list(10..14, |number| {
        format!(
            r#"{{ "VersionId": "v{number}", "IsDefaultVersion": false, "Document": {{ "Version": "2012-10-17", "Statement": [{{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }}] }} }}"#
        )
    });
    let open = "\"PolicyVersionList\": [\n        {\n          \"VersionId\": \"v1\"";
    let six = format!("\"PolicyVersionList\": [{versions}, {{ \"VersionId\": \"v1\"");
    let policies = |count: u32| {
        list(0..count, |number| {
            format!(
                r#"{{ "PolicyName": "m{number}", "Arn": "arn:aws:iam::111122223333:policy/m{number}", "DefaultVersionId": "v1", "PolicyVersionList": [{{ "VersionId": "v1", "IsDefaultVersion": true, "Document": {{ "Version": "2012-10-17", "Statement": [{{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }}] }} }}] }}"#
            )
        })
    };
    let attachments = |count: u32| {
        let all = list(0..count, |number| {
            format!(r#"{{ "PolicyName": "m{number}", "PolicyArn": "arn:aws:iam::111122223333:policy/m{number}" }}"#)
        });
        format!("\"AttachedManagedPolicies\": [{all}]")
    };
    let many = format!("\"Policies\": [{},", policies(26));
    let with = |count: u32| attachments(count);
    let group = |count: u32| format!("{GROUP_OPS}, {}", attachments(count));
    let role = |count: u32| format!("{LINKED} {},", attachments(count));
    let third = r#"⟦{ "UserName": "alice", "AccessKeyId": "AKIAALICE00000000003", "Status": "Inactive" }⟧, { "UserName": "alice", "AccessKeyId": "AKIAALICE00000000002", "Status": "Active" },
    { "UserName": "alice", "AccessKeyId": "AKIAALICE00000000001""#;
    let long = "x".repeat(65);
    judge_all(&[
        case("ten groups", Fine, "", &[(PROD, "\"GroupDetailList\": [", &add_groups), (PROD, USER_ALICE, &ten)]),
        case(
            "eleven groups",
            Refused,
            "alice",
            &[(PROD, "\"GroupDetailList\": [", &add_groups), (PROD, USER_ALICE, &eleven.replace(['⟦', '⟧'], ""))],
        ),
        case("fifty tags", Fine, "", &[(PROD, tag, &tags(50).replace(['⟦', '⟧'], ""))]),
        case("fifty-one tags", Refused, "alice", &[(PROD, tag, &tags(51).replace(['⟦', '⟧'], ""))]),
        case("six versions", Refused, "pa", &[(PROD, open, &six)]),
        case("ten policies of a user", Fine, "", &[(PROD, "\"Policies\": [", &many), (PROD, ATTACHED, &with(10))]),
        case(
            "eleven policies of a user",
            Warned,
            "alice",
            &[(PROD, "\"Policies\": [", &many), (PROD, ATTACHED, &with(11))],
        ),
        case(
            "twenty-one policies of a user",
            Refused,
            "alice",
            &[(PROD, "\"Policies\": [", &many), (PROD, ATTACHED, &with(21))],
        ),
        case(
            "eleven policies of a group",
            Refused,
            "ops",
            &[(PROD, "\"Policies\": [", &many), (PROD, GROUP_OPS, &group(11))],
        ),
        case(
            "twenty-one policies of a role",
            Warned,
            "AWSServiceRoleForX",
            &[(PROD, "\"Policies\": [", &many), (PROD, LINKED, &role(21))],
        ),
        case(
            "twenty-six policies of a role",
            Refused,
            "AWSServiceRoleForX",
            &[(PROD, "\"Policies\": [", &many), (PROD, LINKED, &role(26))],
        ),
        case(
            "three access keys",
            Refused,
            "alice",
            &[(
                KEYS,
                r#"{ "UserName": "alice", "AccessKeyId": "AKIAALICE00000000001""#,
                &third.replace(['⟦', '⟧'], ""),
            )],
        ),
        case(
            "a name of 65 characters, several",
            Refused,
            "xxxx",
            &[
                (PROD, r#""UserName": "bob""#, &format!("\"UserName\": \"{long}\"")),
                (PROD, "user/team/bob", &format!("user/team/{long}")),
                (KEYS, r#""UserName": "bob""#, &format!("\"UserName\": \"{long}\"")),
            ],
        ),
        case(
            "a name with a blank, several",
            Refused,
            "bo b",
            &[
                (PROD, r#""UserName": "bob""#, "\"UserName\": \"bo b\""),
                (PROD, "user/team/bob", "user/team/bo b"),
                (KEYS, r#""UserName": "bob""#, "\"UserName\": \"bo b\""),
            ],
        ),
    ]);
}

#[test]
fn quotas_of_organizations_and_resources() {
    let unit = r#""accounts": ["222233334444"]"#;
    let mut deep = r#"{ "id": ⟦"ou-ab12-level006"⟧ }"#.to_owned();
    let mut five = r#"{ "id": "ou-ab12-level005" }"#.to_owned();
    for level in (2..6).rev() {
        deep = format!(r#"{{ "id": "ou-ab12-level00{level}", "organizationalUnits": [{deep}] }}"#);
        if level < 5 {
            five = format!(r#"{{ "id": "ou-ab12-level00{level}", "organizationalUnits": [{five}] }}"#);
        }
    }
    let below = |units: &str| format!("{unit}, \"organizationalUnits\": [{units}]");
    let scps = |count: u32| {
        let ids = list(0..count, |number| format!("\"p-scp{number:06}\""));
        format!("\"serviceControlPolicies\": [{ids}],")
    };
    let policies = |count: u32, kind: &str, effect: &str, principal: &str| {
        list(0..count, |number| {
            let id = if kind.starts_with('S') { "scp" } else { "rcp" };
            format!(
                r#""p-{id}{number:06}": {{ "name": "{id}{number}", "type": "{kind}_CONTROL_POLICY", "content": {{ "Version": "2012-10-17", "Statement": [{{ "Effect": "{effect}", {principal} "Action": "s3:*", "Resource": "*" }}] }} }}"#
            )
        })
    };
    let more = |all: &str| format!("\"policies\": {{\n    {all},");
    let eleven_scps = more(&policies(11, "SERVICE", "Allow", ""));
    let six_rcps = more(&policies(5, "RESOURCE", "Deny", r#""Principal": "*","#));
    let rcps = |count: u32| {
        let ids = list(0..count, |number| format!("\"p-rcp{number:06}\""));
        format!("\"resourceControlPolicies\": [\"p-RCPFullAWSAccess\", {ids}],")
    };
    let grants = |count: u32| {
        let all = list(0..count, |_| {
            r#"{ "Grantee": { "Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery" }, "Permission": "WRITE" }"#.to_owned()
        });
        format!("\"Grants\": [{all},")
    };
    let long = format!(r#""Resource": "arn:aws:s3:::{}" "#, "x".repeat(10_300));
    judge_all(&[
        case("OUs five deep", Fine, "", &[(TREE, unit, &below(&five))]),
        case("OUs six deep", Refused, "ou-ab12-level006", &[(TREE, unit, &below(&deep))]),
        case("ten SCPs", Fine, "", &[(TREE, "\"policies\": {", &eleven_scps), (TREE, UNIT_SCPS, &scps(10))]),
        case(
            "eleven SCPs",
            Noticed,
            "ou-ab12-prod0001",
            &[(TREE, "\"policies\": {", &eleven_scps), (TREE, UNIT_SCPS, &scps(11))],
        ),
        case("five RCPs", Fine, "", &[(TREE, "\"policies\": {", &six_rcps), (TREE, ROOT_RCPS, &rcps(4))]),
        case("six RCPs", Noticed, "r-ab12", &[(TREE, "\"policies\": {", &six_rcps), (TREE, ROOT_RCPS, &rcps(5))]),
        case("a hundred grants", Fine, "", &[(BUCKETS, "\"Grants\": [", &grants(99))]),
        case("a hundred and one grants", Refused, "101", &[(BUCKETS, "\"Grants\": [", &grants(100))]),
        case(
            "an SCP too long",
            Refused,
            "10240",
            &[(
                TREE,
                r#""Action": "organizations:LeaveOrganization", "Resource": "*""#,
                &format!(r#""Action": "organizations:LeaveOrganization", {long}"#),
            )],
        ),
        case(
            "an RCP too long",
            Refused,
            "5120",
            &[(
                TREE,
                r#""Action": "s3:*",
            "Resource": "*","#,
                &format!(r#""Action": "s3:*", "Resource": "arn:aws:s3:::{}","#, "x".repeat(5_200)),
            )],
        ),
    ]);
}

#[test]
fn two_of_one_name() {
    let second = |kind: &str, name: &str, id: &str, arn: &str, more: &str| {
        format!(
            r#"{{ "Path": "/", "{kind}Name": {name}, "{kind}Id": "{id}", "Arn": "arn:aws:iam::111122223333:{arn}"{more} }},"#
        )
    };
    let users = second("User", "⟪\"Alice\"⟫", "AIDAALICE000000000001", "user/Alice", "");
    let groups = second("Group", "⟪\"DEVS\"⟫", "AGPADEVS0000000000001", "group/DEVS", "");
    let trust = r#", "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action": "sts:AssumeRole" }] }"#;
    let roles = second("Role", "⟪\"APP\"⟫", "AROAAPP00000000000001", "role/APP", trust);
    let version = r#", "DefaultVersionId": "v1", "PolicyVersionList": [{ "VersionId": "v1", "IsDefaultVersion": true, "Document": { "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] } }]"#;
    let policies = second("Policy", "⟪\"PA\"⟫", "ANPAPA000000000000001", "policy/PA", version);
    let open = |list: &str, item: &str| format!("\"{list}\": [\n    {item}");
    judge_all(&[
        case(
            "users",
            Refused,
            "Alice",
            &[
                (PROD, "\"UserDetailList\": [", &open("UserDetailList", &users)),
                (PROD, r#""UserName": "alice""#, r#""UserName": ⟦"alice"⟧"#),
            ],
        ),
        case(
            "groups",
            Refused,
            "DEVS",
            &[
                (PROD, "\"GroupDetailList\": [", &open("GroupDetailList", &groups)),
                (PROD, r#""GroupName": "devs""#, r#""GroupName": ⟦"devs"⟧"#),
            ],
        ),
        case(
            "roles",
            Refused,
            "APP",
            &[
                (PROD, "\"RoleDetailList\": [", &open("RoleDetailList", &roles)),
                (PROD, r#""RoleName": "app""#, r#""RoleName": ⟦"app"⟧"#),
            ],
        ),
        case(
            "policies",
            Refused,
            "PA",
            &[
                (PROD, "\"Policies\": [", &open("Policies", &policies)),
                (
                    PROD,
                    r#""PolicyName": "pa",
      "PolicyId""#,
                    r#""PolicyName": ⟦"pa"⟧,
      "PolicyId""#,
                ),
            ],
        ),
        case(
            "accounts of the manifest, several",
            Refused,
            "111122223333",
            &[
                (MANIFEST, r#"id = "111122223333""#, r#"id = ⟪"111122223333"⟫"#),
                (MANIFEST, "[[endpoint]]", "[[account]]\nid = ⟦\"111122223333\"⟧\n\n[[endpoint]]"),
            ],
        ),
        case(
            "accounts of the tree",
            Refused,
            "111122223333",
            &[
                (TREE, r#""accounts": ["111122223333"]"#, r#""accounts": [⟪"111122223333"⟫]"#),
                (TREE, r#""accounts": ["222233334444"]"#, r#""accounts": ["222233334444", ⟦"111122223333"⟧]"#),
            ],
        ),
        case(
            "accounts of one node",
            Refused,
            "111122223333",
            &[(TREE, r#""accounts": ["111122223333"]"#, r#""accounts": [⟪"111122223333"⟫, ⟦"111122223333"⟧]"#)],
        ),
        case(
            "OUs",
            Refused,
            "ou-ab12-prod0001",
            &[
                (TREE, r#""id": "ou-ab12-prod0001""#, r#""id": ⟪"ou-ab12-prod0001"⟫"#),
                (TREE, r#""id": "ou-ab12-dev00001""#, r#""id": ⟦"ou-ab12-prod0001"⟧"#),
            ],
        ),
        case(
            "policies of the organization",
            Refused,
            "p-guardrail",
            &[
                (TREE, r#""p-guardrail": {"#, r#"⟪"p-guardrail"⟫: {"#),
                (
                    TREE,
                    r#""p-perimeter": {"#,
                    r#"⟦"p-guardrail"⟧: { "name": "x", "type": "SERVICE_CONTROL_POLICY", "content": {
        "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": "s3:*", "Resource": "*" }] } }, "p-perimeter": {"#,
                ),
            ],
        ),
        case(
            "entries of accountPolicies",
            Refused,
            "222233334444",
            &[(
                TREE,
                DEV_POLICIES,
                r#"⟪"222233334444"⟫: { "serviceControlPolicies": ["p-guardrail"] }, ⟦"222233334444"⟧: {}"#,
            )],
        ),
        case(
            "resources",
            Refused,
            "arn:aws:s3:::logs",
            &[
                (BUCKETS, r#""resource": "arn:aws:s3:::logs""#, r#""resource": ⟪"arn:aws:s3:::logs"⟫"#),
                (
                    BUCKETS,
                    r#""resource": "arn:aws:sqs:us-east-1:111122223333:jobs""#,
                    r#""resource": ⟦"arn:aws:s3:::logs"⟧"#,
                ),
            ],
        ),
        case(
            "resources of two files",
            Refused,
            "arn:aws:s3:::logs",
            &[
                (BUCKETS, r#""resource": "arn:aws:s3:::logs""#, r#""resource": ⟪"arn:aws:s3:::logs"⟫"#),
                (
                    "prod/resources/more.json",
                    "",
                    r#"[{ "resource": ⟦"arn:aws:s3:::logs"⟧, "account": "111122223333" }]"#,
                ),
            ],
        ),
        case(
            "endpoints",
            Refused,
            "vpce-0a1b2c3d",
            &[
                (MANIFEST, r#"id = "vpce-0a1b2c3d""#, r#"id = ⟪"vpce-0a1b2c3d"⟫"#),
                (
                    MANIFEST,
                    "[[policy]]",
                    "[[endpoint]]\nid = ⟦\"vpce-0a1b2c3d\"⟧\npolicy = \"endpoint.json\"\n\n[[policy]]",
                ),
            ],
        ),
        case(
            "access keys",
            Refused,
            "AKIAALICE00000000001",
            &[
                (KEYS, r#""AccessKeyId": "AKIAALICE00000000001""#, r#""AccessKeyId": ⟪"AKIAALICE00000000001"⟫"#),
                (KEYS, r#""AccessKeyId": "AKIABOB0000000000001""#, r#""AccessKeyId": ⟦"AKIAALICE00000000001"⟧"#),
            ],
        ),
        case(
            "access keys of two accounts",
            Refused,
            "AKIAALICE00000000001",
            &[
                (KEYS, r#""AccessKeyId": "AKIAALICE00000000001""#, r#""AccessKeyId": ⟪"AKIAALICE00000000001"⟫"#),
                (
                    MANIFEST,
                    r#"identities = "dev/details.json""#,
                    "identities = \"dev/details.json\"\naccess-keys = [\"dev/keys.json\"]",
                ),
                (
                    "dev/keys.json",
                    "",
                    r#"{ "AccessKeyMetadata": [{ "UserName": "dora", "AccessKeyId": ⟦"AKIAALICE00000000001"⟧, "Status": "Active" }] }"#,
                ),
            ],
        ),
        case(
            "unique ids",
            Warned,
            "AIDAALICE000000000000",
            &[
                (PROD, r#""UserId": "AIDAALICE000000000000""#, r#""UserId": ⟪"AIDAALICE000000000000"⟫"#),
                (PROD, r#""UserId": "AIDABOB00000000000000""#, r#""UserId": ⟦"AIDAALICE000000000000"⟧"#),
            ],
        ),
        case(
            "unique ids of two accounts",
            Warned,
            "AIDAALICE000000000000",
            &[
                (PROD, r#""UserId": "AIDAALICE000000000000""#, r#""UserId": ⟪"AIDAALICE000000000000"⟫"#),
                (DEV, r#""UserId": "AIDADORA0000000000000""#, r#""UserId": ⟦"AIDAALICE000000000000"⟧"#),
            ],
        ),
        case(
            "canonical user ids",
            Refused,
            "aaaaaaaa",
            &[
                (
                    MANIFEST,
                    r#"canonical-user-id = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
                    r#"canonical-user-id = ⟪"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"⟫"#,
                ),
                (
                    MANIFEST,
                    r#"id = "222233334444""#,
                    "id = \"222233334444\"\ncanonical-user-id = ⟦\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"⟧",
                ),
            ],
        ),
        case(
            "named policies",
            Refused,
            "narrow",
            &[("policies/Narrow.json", "", include_str!("wrong_worlds/policies/narrow.json"))],
        ),
        case(
            "versions",
            Refused,
            "pa",
            &[
                (PROD, r#""VersionId": "v1""#, r#""VersionId": "v1""#),
                (PROD, r#""VersionId": "v2""#, r#""VersionId": "v1""#),
            ],
        ),
        case(
            "tags that differ in case",
            Noticed,
            "TEAM",
            &[(
                PROD,
                r#"[{ "Key": "team", "Value": "red" }]"#,
                r#"[{ "Key": ⟪"team"⟫, "Value": "red" }, { "Key": ⟦"TEAM"⟧, "Value": "blue" }]"#,
            )],
        ),
    ]);
}

#[test]
fn ids_that_are_none() {
    judge_all(&[
        case(
            "account of the manifest, several",
            Refused,
            "22223333444",
            &[(MANIFEST, r#"id = "222233334444""#, r#"id = ⟦"22223333444"⟧"#)],
        ),
        case(
            "account of the tree",
            Refused,
            "2222-3333",
            &[(TREE, r#""accounts": ["222233334444"]"#, r#""accounts": ["222233334444", ⟦"2222-3333"⟧]"#)],
        ),
        case("account of accountPolicies", Refused, "2222", &[(TREE, DEV_POLICIES, r#"⟦"2222"⟧: {}"#)]),
        case(
            "management account",
            Refused,
            "99998888",
            &[(MANIFEST, r#"management-account = "999988887777""#, r#"management-account = ⟦"99998888"⟧"#)],
        ),
        case("organization", Refused, "org-1", &[(MANIFEST, r#"id = "o-a1b2c3d4e5""#, r#"id = ⟦"org-1"⟧"#)]),
        case("root", Refused, "root", &[(TREE, r#""id": "r-ab12""#, r#""id": ⟦"root"⟧"#)]),
        case("OU", Refused, "unit 7", &[(TREE, r#""id": "ou-ab12-dev00001""#, r#""id": ⟦"unit 7"⟧"#)]),
        case("endpoint", Refused, "vpc/e", &[(MANIFEST, r#"id = "vpce-0a1b2c3d""#, r#"id = ⟦"vpc/e"⟧"#)]),
        case(
            "access key",
            Refused,
            "alices key",
            &[(KEYS, r#""AccessKeyId": "AKIAALICE00000000001""#, r#""AccessKeyId": ⟦"alices key"⟧"#)],
        ),
        case(
            "canonical user id",
            Refused,
            "0xyz",
            &[(
                MANIFEST,
                r#"canonical-user-id = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
                r#"canonical-user-id = ⟦"0xyz"⟧"#,
            )],
        ),
        case(
            "resource",
            Refused,
            "my bucket",
            &[(BUCKETS, r#""resource": "arn:aws:s3:::logs""#, r#""resource": ⟦"my bucket"⟧"#)],
        ),
        case(
            "account of a resource",
            Refused,
            "1111",
            &[(BUCKETS, r#""account": "111122223333""#, r#""account": ⟦"1111"⟧"#)],
        ),
        case(
            "account of a resource against its ARN",
            Refused,
            "222233334444",
            &[(
                BUCKETS,
                r#""resource": "arn:aws:sqs:us-east-1:111122223333:jobs",
    "account": "111122223333""#,
                r#""resource": "arn:aws:sqs:us-east-1:111122223333:jobs",
    "account": ⟦"222233334444"⟧"#,
            )],
        ),
        case(
            "ARN against the name",
            Refused,
            "alicia",
            &[
                (PROD, r#""UserName": "alice""#, r#""UserName": ⟦"alice"⟧"#),
                (
                    PROD,
                    r#""Arn": "arn:aws:iam::111122223333:user/alice""#,
                    r#""Arn": ⟪"arn:aws:iam::111122223333:user/alicia"⟫"#,
                ),
            ],
        ),
        case(
            "ARN of a group on a user",
            Refused,
            "group/alice",
            &[(
                PROD,
                r#""Arn": "arn:aws:iam::111122223333:user/alice""#,
                r#""Arn": ⟦"arn:aws:iam::111122223333:group/alice"⟧"#,
            )],
        ),
    ]);
}

#[test]
fn values_of_a_wrong_type_and_unknown_members() {
    judge_all(&[
        case(
            "users as an object",
            Refused,
            "UserDetailList",
            &[(DEV, "", r#"{ "UserDetailList": ⟦{⟧ "UserName": "dora" } }"#)],
        ),
        case("a group list as a string", Refused, "GroupList", &[(PROD, USER_ALICE, r#""GroupList": ⟦"devs"⟧,"#)]),
        case("a group name as a number", Refused, "GroupList", &[(PROD, USER_ALICE, r#""GroupList": [⟦7⟧],"#)]),
        case("the root as an array", Refused, "root", &[(TREE, "", r#"{ "root": ⟦[⟧], "policies": {} }"#)]),
        case(
            "accounts as a string",
            Refused,
            "accounts",
            &[(TREE, r#""accounts": ["222233334444"]"#, r#""accounts": ⟦"222233334444"⟧"#)],
        ),
        case(
            "an account as a number",
            Refused,
            "accounts",
            &[(TREE, r#""accounts": ["222233334444"]"#, r#""accounts": [⟦222233334444⟧]"#)],
        ),
        case(
            "SCPs as a string",
            Refused,
            "serviceControlPolicies",
            &[(TREE, UNIT_SCPS, r#""serviceControlPolicies": ⟦"p-FullAWSAccess"⟧,"#)],
        ),
        case(
            "a resource's policy as a number",
            Refused,
            "policy",
            &[(
                "prod/resources/more.json",
                "",
                r#"[{ "resource": "arn:aws:s3:::more", "account": "111122223333", "policy": ⟦7⟧ }]"#,
            )],
        ),
        case(
            "Block Public Access as a string",
            Refused,
            "RestrictPublicBuckets",
            &[(
                BUCKETS,
                r#""publicAccessBlock": { "RestrictPublicBuckets": true }"#,
                r#""publicAccessBlock": { "RestrictPublicBuckets": ⟦"true"⟧ }"#,
            )],
        ),
        case(
            "a switch of Block Public Access that is none",
            Refused,
            "RestrictPublicBucket",
            &[(
                BUCKETS,
                r#""publicAccessBlock": { "RestrictPublicBuckets": true }"#,
                r#""publicAccessBlock": { ⟦"RestrictPublicBucket"⟧: true }"#,
            )],
        ),
        case(
            "an ownership that is none",
            Refused,
            "BucketOwner",
            &[(BUCKETS, r#""objectOwnership": "ObjectWriter""#, r#""objectOwnership": ⟦"BucketOwner"⟧"#)],
        ),
        case(
            "a permission that is none",
            Refused,
            "READ_ALL",
            &[(BUCKETS, r#""Permission": "FULL_CONTROL""#, r#""Permission": ⟦"READ_ALL"⟧"#)],
        ),
        case(
            "an unknown member of a resource",
            Refused,
            "objectOwnerships",
            &[(BUCKETS, r#""objectOwnership": "ObjectWriter""#, r#"⟦"objectOwnerships"⟧: "ObjectWriter""#)],
        ),
        case(
            "an unknown member of an OU",
            Refused,
            "serviceControlPolicy",
            &[(TREE, UNIT_SCPS, r#"⟦"serviceControlPolicy"⟧: ["p-FullAWSAccess", "p-guardrail"],"#)],
        ),
        case(
            "an unknown member of the tree",
            Refused,
            "accountPolicy",
            &[(TREE, r#""accountPolicies""#, r#"⟦"accountPolicy"⟧"#)],
        ),
        case(
            "an unknown member of the manifest",
            Refused,
            "identites",
            &[(MANIFEST, r#"identities = "dev/details.json""#, r#"⟦identites⟧ = "dev/details.json""#)],
        ),
        case(
            "an unknown table of the manifest",
            Refused,
            "accounts",
            &[(MANIFEST, "[[endpoint]]", "[[⟦accounts⟧]]\nid = \"1\"\n\n[[endpoint]]")],
        ),
        case(
            "an unknown policy type of the manifest",
            Refused,
            "sessions",
            &[(MANIFEST, r#"type = "session""#, r#"type = ⟦"sessions"⟧"#)],
        ),
        case(
            "an account id as a number",
            Refused,
            "id",
            &[(MANIFEST, r#"id = "222233334444""#, "id = ⟦222233334444⟧")],
        ),
        case("a manifest that is no TOML", Refused, "", &[(MANIFEST, "[[endpoint]]", "[[endpoint]")]),
        case(
            "access keys as an object",
            Refused,
            "AccessKeyMetadata",
            &[(
                KEYS,
                "",
                r#"{ "AccessKeyMetadata": ⟦{⟧ "UserName": "alice", "AccessKeyId": "AKIAALICE00000000001", "Status": "Active" } }"#,
            )],
        ),
        case(
            "a status that is none",
            Refused,
            "Asleep",
            &[(KEYS, r#""Status": "Inactive""#, r#""Status": ⟦"Asleep"⟧"#)],
        ),
        case(
            "a key without status",
            Refused,
            "Status",
            &[(
                KEYS,
                r#""AccessKeyId": "AKIABOB0000000000001", "Status": "Inactive""#,
                r#""AccessKeyId": "AKIABOB0000000000001""#,
            )],
        ),
        case(
            "a policy type of the organization that is none",
            Refused,
            "TAG_POLICY",
            &[(TREE, r#""type": "SERVICE_CONTROL_POLICY""#, r#""type": ⟦"TAG_POLICY"⟧"#)],
        ),
        case(
            "an enabled type that is none",
            Refused,
            "SCP",
            &[(TREE, r#""id": "r-ab12","#, r#""id": "r-ab12", "policyTypes": [⟦"SCP"⟧],"#)],
        ),
        case(
            "a policy without content",
            Refused,
            "content",
            &[(
                TREE,
                r#""p-guardrail": {"#,
                r#""p-otherone0": { "name": "x", "type": "SERVICE_CONTROL_POLICY" }, "p-guardrail": {"#,
            )],
        ),
    ]);
}

#[test]
fn secrets_are_refused_and_not_shown() {
    let bob = r#""AccessKeyId": "AKIABOB0000000000001", "Status": "Inactive""#;
    let create = r#"{ "AccessKey": { "UserName": "alice", "AccessKeyId": "AKIAALICE00000000001", "Status": "Active", "SecretAccessKey": "s3cr3tValue/abc" } }"#;
    let broken = r#"{ "AccessKeyMetadata": [{ "UserName": "alice", "SecretAccessKey": "s3cr3tValue/abc" "#;
    judge_all(&[
        case(
            "a secret",
            Refused,
            "secret",
            &[(KEYS, bob, &format!(r#"{bob}, "⟦SecretAccessKey⟧": "s3cr3tValue/abc""#))],
        ),
        case(
            "a secret that is no string",
            Refused,
            "secret",
            &[(KEYS, bob, &format!(r#"{bob}, "⟦SecretAccessKey⟧": ["s3cr3tValue"]"#))],
        ),
        case(
            "a secret elsewhere in the file",
            Refused,
            "secret",
            &[(KEYS, r#""AccessKeyMetadata": ["#, r#""⟦SecretAccessKey⟧": "s3cr3tValue/abc", "AccessKeyMetadata": ["#)],
        ),
        case(
            "a secret in a nested object",
            Refused,
            "secret",
            &[(KEYS, bob, &format!(r#"{bob}, "More": {{ "⟦SecretAccessKey⟧": "s3cr3tValue/abc" }}"#))],
        ),
        case(
            "a secret under an escaped name",
            Refused,
            "secret",
            &[(KEYS, bob, &format!(r#"{bob}, "Secret\u0041ccessKey": "s3cr3tValue/abc""#))],
        ),
        case(
            "a secret beside another mistake, several",
            Refused,
            "secret",
            &[(KEYS, bob, &format!(r#"{}, "SecretAccessKey": "s3cr3tValue/abc""#, bob.replace("Inactive", "Asleep")))],
        ),
        case("a secret in the file of another role, several", Refused, "", &[(ENDPOINT, "", create)]),
        case("the output of create-access-key, several", Refused, "secret", &[(KEYS, "", create)]),
        case("a broken file with a secret, several", Refused, "", &[(KEYS, "", broken)]),
    ]);
}

#[test]
fn files_in_a_wrong_role() {
    let stray = r#"{ "UserDetailList": [{ "Path": "/", "UserName": "eve", "UserId": "AIDAEVE00000000000000", "Arn": "arn:aws:iam::333344445555:user/eve" }] }"#;
    let policy = include_str!("wrong_worlds/endpoint.json");
    let tree = include_str!("wrong_worlds/organization.json");
    let keys = include_str!("wrong_worlds/prod/access-keys.json");
    let buckets = include_str!("wrong_worlds/prod/resources/buckets.json");
    let instead = |old: &str, text: &'static str| (old.to_owned(), text);
    let wrong = |name, old: (String, &'static str)| {
        let new = "\"stray.json\"".to_owned();
        case(name, Refused, "stray.json", &[(MANIFEST, &old.0, &new), ("stray.json", "", old.1)])
    };
    judge_all(&[
        case(
            "a dump of another account",
            Refused,
            "333344445555",
            &[(MANIFEST, r#""dev/details.json""#, r#""stray.json""#), ("stray.json", "", stray)],
        ),
        case("a dump among resources", Refused, "dump.json", &[("prod/resources/dump.json", "", stray)]),
        wrong("a dump as the tree", instead(r#""organization.json""#, stray)),
        wrong("a tree as identities", instead(r#""dev/details.json""#, tree)),
        wrong("a policy as identities", instead(r#""dev/details.json""#, policy)),
        wrong("access keys as an endpoint policy", instead(r#""endpoint.json""#, keys)),
        wrong("resources as access keys", instead(r#""prod/access-keys.json""#, buckets)),
        wrong("a dump as a named policy", instead(r#""policies/*.json""#, stray)),
        case(
            "a manifest as a policy",
            Refused,
            "iamc.toml",
            &[(MANIFEST, r#""policies/*.json""#, r#""policies/*.json", "iamc.toml""#)],
        ),
        case("an identity policy as an endpoint's", Refused, "Principal", &[(ENDPOINT, r#""Principal": "*", "#, "")]),
    ]);
}

#[test]
fn null_is_not_absent() {
    // Absent means a default that allows; a null that a script wrote for what it did not find must not.
    let block = r#""publicAccessBlock": { "RestrictPublicBuckets": true }"#;
    let queue = r#""resource": "arn:aws:sqs:us-east-1:111122223333:jobs","#;
    let root = r#""id": "r-ab12","#;
    let more = |text| ("prod/resources/more.json", "", text);
    judge_all(&[
        case("SCPs", Refused, "serviceControlPolicies", &[(TREE, UNIT_SCPS, r#""serviceControlPolicies": ⟦null⟧,"#)]),
        case("RCPs", Refused, "resourceControlPolicies", &[(TREE, ROOT_RCPS, r#""resourceControlPolicies": ⟦null⟧,"#)]),
        case(
            "Block Public Access",
            Refused,
            "publicAccessBlock",
            &[(BUCKETS, block, r#""publicAccessBlock": ⟦null⟧"#)],
        ),
        case(
            "a switch of Block Public Access",
            Refused,
            "RestrictPublicBuckets",
            &[(BUCKETS, block, r#""publicAccessBlock": { "RestrictPublicBuckets": ⟦null⟧ }"#)],
        ),
        case("covers", Refused, "covers", &[(BUCKETS, queue, &format!("{queue} \"covers\": ⟦null⟧,"))]),
        case("enabled types", Refused, "policyTypes", &[(TREE, root, &format!("{root} \"policyTypes\": ⟦null⟧,"))]),
        case(
            "a policy",
            Refused,
            "policy",
            &[more(r#"[{ "resource": "arn:aws:s3:::more", "account": "111122223333", "policy": ⟦null⟧ }]"#)],
        ),
        case("policies of accounts", Refused, "222233334444", &[(TREE, DEV_POLICIES, r#""222233334444": ⟦null⟧"#)]),
        case("covering nothing", Noticed, "covers", &[(BUCKETS, queue, &format!("{queue} \"covers\": [],"))]),
        case(
            "covering what belongs to another account",
            Noticed,
            "222233334444",
            &[(
                BUCKETS,
                queue,
                &format!(
                    "{queue} \"covers\": [\"arn:aws:sqs:us-east-1:111122223333:jobs\", ⟦\"arn:aws:sqs:us-east-1:222233334444:theirs\"⟧],"
                ),
            )],
        ),
    ]);
}

#[test]
fn two_policies_for_one_resource() {
    let more = |covers: &str| {
        let covers = format!("\"covers\": [\"arn:aws:s3:::more\", \"{covers}\"]");
        format!("[{{ \"resource\": \"arn:aws:s3:::more\", \"account\": \"111122223333\", {covers} }}]")
    };
    let covering = |name, comes, covers| {
        case(name, comes, "arn:aws:s3:::logs", &[("prod/resources/more.json", "", &more(covers))])
    };
    judge_all(&[
        covering("the bucket", Refused, "arn:aws:s3:::logs"),
        covering("one object", Refused, "arn:aws:s3:::logs/k"),
        covering("a folder", Refused, "arn:aws:s3:::logs/public/*"),
        covering("a star in the name", Refused, "arn:aws:s3:::l*s/public/*"),
        covering("a star before the object", Refused, "arn:aws:s3:::*/k"),
        covering("a question mark", Refused, "arn:aws:s3:::log?/k"),
        covering("a question mark for the slash", Refused, "arn:aws:s3:::logs?k"),
        covering("another bucket", Fine, "arn:aws:s3:::logs-archive/*"),
        covering("other buckets", Fine, "arn:aws:s3:::logs-*"),
        covering("a longer name", Fine, "arn:aws:s3:::?ogs-archive/*"),
    ]);
}

#[test]
fn dumps_that_are_cut_off_and_versions_that_contradict() {
    let full = FILES.iter().find(|(name, _)| *name == PROD).unwrap().1;
    let half = &full[..full.len() / 2];
    judge_all(&[
        case(
            "more pages that are not there",
            Noticed,
            "dev/details.json",
            &[(DEV, r#""IsTruncated": false"#, r#""IsTruncated": true, "Marker": "AAAA""#)],
        ),
        case("half a file, several", Refused, "", &[(PROD, "", half)]),
        case("an empty file, several", Refused, "", &[(DEV, "", " ")]),
        case(
            "a default version that is missing",
            Refused,
            "`pa`",
            &[(PROD, r#""DefaultVersionId": "v1""#, r#""DefaultVersionId": ⟦"v9"⟧"#)],
        ),
        case(
            "no default version",
            Refused,
            "pa",
            &[
                (PROD, r#""DefaultVersionId": "v1","#, ""),
                (PROD, r#""IsDefaultVersion": true"#, r#""IsDefaultVersion": false"#),
            ],
        ),
        case(
            "another default version",
            Refused,
            "pa",
            &[
                (PROD, r#""IsDefaultVersion": true"#, r#""IsDefaultVersion": false"#),
                (
                    PROD,
                    r#""VersionId": "v2",
          "IsDefaultVersion": false"#,
                    r#""VersionId": "v2",
          "IsDefaultVersion": true"#,
                ),
            ],
        ),
        case(
            "two default versions",
            Refused,
            "pa",
            &[(PROD, r#""IsDefaultVersion": false"#, r#""IsDefaultVersion": true"#)],
        ),
        case(
            "no versions",
            Refused,
            "limit",
            &[(
                PROD,
                r#""DefaultVersionId": "v3",
      "PolicyVersionList": ["#,
                r#""DefaultVersionId": "v3",
      "PolicyVersionList": [], "Unknown": ["#,
            )],
        ),
    ]);
}

#[test]
fn what_nobody_can_have() {
    let boundary = r#""PermissionsBoundary": { "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": ⟦"arn:aws:iam::111122223333:policy/limit"⟧ }"#;
    let principal = r#""Principal": { "AWS": "arn:aws:iam::111122223333:user/alice" }"#;
    judge_all(&[
        case(
            "a group in a group",
            Refused,
            "ops",
            &[(PROD, GROUP_OPS, &format!("{GROUP_OPS}, \"GroupList\": [⟦\"devs\"⟧]"))],
        ),
        case(
            "a group as a principal",
            Refused,
            "group/devs",
            &[(PROD, principal, r#""Principal": { "AWS": ⟦"arn:aws:iam::111122223333:group/devs"⟧ }"#)],
        ),
        case(
            "a group as a principal of a resource",
            Refused,
            "group/devs",
            &[(
                BUCKETS,
                r#""AWS": "arn:aws:iam::222233334444:user/dora""#,
                r#""AWS": ⟦"arn:aws:iam::111122223333:group/devs"⟧"#,
            )],
        ),
        case("a boundary of a group", Refused, "ops", &[(PROD, GROUP_OPS, &format!("{GROUP_OPS}, {boundary}"))]),
        case(
            "a boundary of a service-linked role",
            Refused,
            "AWSServiceRoleForX",
            &[(PROD, LINKED, &format!("{LINKED} {boundary},"))],
        ),
        case(
            "an RCP as an SCP",
            Refused,
            "p-perimeter",
            &[(TREE, UNIT_SCPS, r#""serviceControlPolicies": ["p-FullAWSAccess", ⟦"p-perimeter"⟧],"#)],
        ),
        case(
            "an SCP as an RCP",
            Refused,
            "p-guardrail",
            &[(TREE, ROOT_RCPS, r#""resourceControlPolicies": ["p-RCPFullAWSAccess", ⟦"p-guardrail"⟧],"#)],
        ),
        case(
            "the default SCP as an RCP",
            Refused,
            "p-FullAWSAccess",
            &[(TREE, ROOT_RCPS, r#""resourceControlPolicies": ["p-RCPFullAWSAccess", ⟦"p-FullAWSAccess"⟧],"#)],
        ),
        case(
            "the built-in policy defined anew",
            Noticed,
            "p-FullAWSAccess",
            &[(
                TREE,
                r#""p-guardrail": {"#,
                r#"⟦"p-FullAWSAccess"⟧: { "name": "x", "type": "SERVICE_CONTROL_POLICY", "content": {
        "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": "s3:*", "Resource": "*" }] } }, "p-guardrail": {"#,
            )],
        ),
        case(
            "an SCP with Principal",
            Refused,
            "Principal",
            &[(
                TREE,
                r#""Effect": "Deny", "Action": "organizations:LeaveOrganization""#,
                r#""Effect": "Deny", "Principal": "*", "Action": "organizations:LeaveOrganization""#,
            )],
        ),
        case(
            "an RCP that allows",
            Refused,
            "Deny",
            &[(
                TREE,
                "\"Effect\": \"Deny\",\n            \"Principal\": \"*\"",
                "\"Effect\": \"Allow\",\n            \"Principal\": \"*\"",
            )],
        ),
        case(
            "a resource list of what is no bucket",
            Noticed,
            "jobs",
            &[(
                BUCKETS,
                r#""resource": "arn:aws:sqs:us-east-1:111122223333:jobs","#,
                r#""resource": "arn:aws:sqs:us-east-1:111122223333:jobs", "objectOwnership": "ObjectWriter","#,
            )],
        ),
        case(
            "KMS grants of what is no key, several",
            Refused,
            "jobs",
            &[(
                BUCKETS,
                r#""resource": "arn:aws:sqs:us-east-1:111122223333:jobs","#,
                r#""resource": "arn:aws:sqs:us-east-1:111122223333:jobs", "grants": [{ "grantee": "arn:aws:iam::111122223333:role/svc/app", "operations": ["Decrypt"] }],"#,
            )],
        ),
    ]);
}

#[test]
fn lists_that_are_empty_and_types_that_are_off() {
    judge_all(&[
        case("no SCP at all", Warned, "ou-ab12-prod0001", &[(TREE, UNIT_SCPS, r#""serviceControlPolicies": [],"#)]),
        case(
            "no SCP on an account",
            Warned,
            "222233334444",
            &[(TREE, DEV_POLICIES, r#""222233334444": { "serviceControlPolicies": [] }"#)],
        ),
        case("no RCP", Fine, "", &[(TREE, ROOT_RCPS, r#""resourceControlPolicies": [],"#)]),
        case("no lists", Fine, "", &[(TREE, UNIT_SCPS, "")]),
        case(
            "SCPs off",
            Warned,
            "SERVICE_CONTROL_POLICY",
            &[(TREE, r#""id": "r-ab12","#, r#""id": "r-ab12", "policyTypes": ["RESOURCE_CONTROL_POLICY"],"#)],
        ),
        case("everything off", Warned, "", &[(TREE, r#""id": "r-ab12","#, r#""id": "r-ab12", "policyTypes": [],"#)]),
        case(
            "an account in no tree",
            Fine,
            "",
            &[(TREE, r#""accounts": ["222233334444"]"#, r#""accounts": []"#), (TREE, DEV_POLICIES, "")],
        ),
        case(
            "an account without anything",
            Fine,
            "",
            &[(MANIFEST, "[[endpoint]]", "[[account]]\nid = \"333344445555\"\n\n[[endpoint]]")],
        ),
    ]);
}
