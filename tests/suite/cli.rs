//! The program, run as its users run it.

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A directory of its own for one test.
pub(super) struct Scratch {
    root: PathBuf,
}

impl Scratch {
    pub(super) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("iamc-cli-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        Self { root }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(super) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// An artifact with the policy `Reader`, which allows `s3:Get*` on the bucket `b` and denies its secrets.
    pub(super) fn artifact(&self) -> PathBuf {
        let policy = self.write("Reader.json", READER);
        let artifact = self.path("world.iamc");
        let output = iamc(&["compile", text(&policy), "-o", text(&artifact)]);
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        artifact
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

const READER: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*" },
    { "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/secret/*" }
  ]
}
"#;

/// No effect and a stray comma.
const BROKEN: &str = r#"{ "Version": "2012-10-17", "Statement": [ { "Action": "s3:*", "Resource": "*" }, ] }"#;

pub(super) fn iamc(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_iamc")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

pub(super) fn iamc_with_input(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_iamc"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        // The program may end before it has read everything.
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

pub(super) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub(super) fn status(output: &Output) -> i32 {
    output.status.code().expect("the program was killed")
}

pub(super) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(super) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub(super) fn json_lines(output: &Output) -> Vec<Value> {
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

// ---- compile ----

#[test]
fn compile_prints_one_line_and_the_same_bytes_twice() {
    let scratch = Scratch::new();
    let policy = scratch.write("Reader.json", READER);
    let (first, second) = (scratch.path("1.iamc"), scratch.path("2.iamc"));
    for artifact in [&first, &second] {
        let output = iamc(&["compile", text(&policy), "-o", text(artifact)]);
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        let line = stdout(&output);
        assert_eq!(line.lines().count(), 1, "{line}");
        for part in ["1 policy", "2 statements", "0 principals", "bytes", "ms"] {
            assert!(line.contains(part), "`{part}` is not in: {line}");
        }
    }
    let (first, second) = (std::fs::read(first).unwrap(), std::fs::read(second).unwrap());
    assert!(first == second, "two runs give different bytes");
}

#[test]
fn an_error_leaves_the_old_artifact_alone_and_makes_no_new_one() {
    let scratch = Scratch::new();
    let policy = scratch.write("broken.json", BROKEN);
    let (old, new) = (scratch.write("old.iamc", "old bytes"), scratch.path("new.iamc"));
    for artifact in [&old, &new] {
        let output = iamc(&["compile", text(&policy), "-o", text(artifact)]);
        assert_eq!(status(&output), 2);
        assert_eq!(stdout(&output), "");
        assert!(stderr(&output).contains("2 errors in 1 file"), "{}", stderr(&output));
    }
    assert_eq!(std::fs::read(old).unwrap(), b"old bytes");
    assert!(!new.exists());
    let left: Vec<_> = std::fs::read_dir(&scratch.root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "something temporary is left: {left:?}");
}

#[test]
fn warnings_fail_where_they_are_denied() {
    let scratch = Scratch::new();
    let text_of = r#"{ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": ["s3:GetObject", null], "Resource": "arn:aws:s3:::b/*" } ] }"#;
    let policy = scratch.write("null.json", text_of);
    let artifact = scratch.path("world.iamc");
    assert_eq!(status(&iamc(&["compile", text(&policy), "-o", text(&artifact), "--deny", "warnings"])), 2);
    assert!(!artifact.exists());
    assert_eq!(status(&iamc(&["compile", text(&policy), "-o", text(&artifact)])), 0);
    assert!(artifact.exists());
    assert_eq!(status(&iamc(&["check", text(&policy)])), 0);
    assert_eq!(status(&iamc(&["check", text(&policy), "--fail-on", "warning"])), 1);
}

#[test]
fn unreadable_inputs_and_outputs_are_status_2() {
    let scratch = Scratch::new();
    let policy = scratch.write("Reader.json", READER);
    let missing = scratch.path("missing.json");
    let output = iamc(&["compile", text(&missing), "-o", text(&scratch.path("w.iamc"))]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("does not exist"), "{}", stderr(&output));
    assert_eq!(status(&iamc(&["check", text(&missing)])), 2);
    assert_eq!(status(&iamc(&["compile", text(&policy), "-o", text(&scratch.path("no/where.iamc"))])), 2);
}

// ---- check ----

#[test]
fn check_prints_findings_as_json() {
    let scratch = Scratch::new();
    let policy = scratch.write("broken.json", BROKEN);
    let output = iamc(&["check", text(&policy), "--format", "json"]);
    assert_eq!(status(&output), 1);
    let findings = json_lines(&output);
    let codes: Vec<&str> = findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["iamc::document::missing-effect", "iamc::syntax::stray-comma"]);
    let comma = &findings[1];
    let members: Vec<&String> = comma.as_object().unwrap().keys().collect();
    assert_eq!(members, ["code", "severity", "message", "file", "start", "end", "labels", "help", "fixes"]);
    assert_eq!(comma["severity"], "error");
    assert_eq!(comma["file"], text(&policy));
    let at = BROKEN.find(", ]").unwrap();
    assert_eq!(comma["start"], serde_json::json!({ "line": 1, "column": at + 1, "byte": at }));
    assert_eq!(comma["end"], serde_json::json!({ "line": 1, "column": at + 2, "byte": at + 1 }));
}

#[test]
fn check_draws_findings_within_80_columns_and_without_colour() {
    let scratch = Scratch::new();
    let policy = scratch.write("broken.json", BROKEN);
    let output = iamc(&["check", text(&policy)]);
    assert_eq!(status(&output), 1);
    let report = stdout(&output);
    assert!(!report.contains('\u{1b}'), "{report}");
    assert!(report.ends_with("2 errors in 1 file\n"), "{report}");
    let clean = scratch.write("Reader.json", READER);
    let output = iamc(&["check", text(&clean)]);
    assert_eq!((status(&output), stdout(&output).as_str()), (0, "no findings in 1 file\n"));
}

// ---- usage ----

fn check_usage(arguments: &[&str], expected: &str) {
    let output = iamc(arguments);
    assert_eq!(status(&output), 2, "{arguments:?}");
    assert!(stderr(&output).contains(expected), "{arguments:?}: {}", stderr(&output));
}

#[test]
fn usage_errors_say_what_would_be_right() {
    check_usage(&[], "Usage: iamc <COMMAND>");
    check_usage(&["explain", "x"], "unrecognized subcommand");
    check_usage(&["compile", "x.json"], "--output <FILE>");
    check_usage(&["compile", "x.json", "-o", "y", "--semantics", "arn_stars=x"], "the names are validation, arn_star");
    check_usage(
        &["compile", "x.json", "-o", "y", "--semantics", "arn_star=x"],
        "the values are trailing_crosses, per_component, whole_string",
    );
    check_usage(&["check", "x.json", "--format", "toml"], "invalid value 'toml'");
    check_usage(&["decide", "x.iamc", "--action", "s3:GetObject"], "--resource <R>");
    check_usage(&["decide", "x.iamc", "--requests", "-", "--exit-status"], "cannot be used with");
    check_usage(&["decide", "x.iamc", "--action", "a:b", "--resource", "*", "--context", "k"], "write K=V");
}

#[test]
fn help_teaches_by_example_and_shows_no_reserved_command() {
    let output = iamc(&["--help"]);
    assert_eq!(status(&output), 0);
    let help = stdout(&output);
    for word in ["explain", "simulate", "serve", "replay"] {
        assert!(!help.contains(word), "`{word}` is in: {help}");
    }
    for command in ["compile", "check", "decide", "test", "inspect", "bench", "graph", "completions", "man"] {
        let output = iamc(&[command, "--help"]);
        assert_eq!(status(&output), 0);
        assert!(stdout(&output).contains("Example"), "{command}");
        assert!(stdout(&output).contains("Exit status"), "{command}");
    }
}

// ---- decide ----

/// Runs `decide` for the policy `Reader`.
fn decide(artifact: &Path, action: &str, resource: &str, more: &[&str]) -> Output {
    let mut arguments =
        vec!["decide", text(artifact), "--policy", "Reader", "--action", action, "--resource", resource];
    arguments.extend_from_slice(more);
    iamc(&arguments)
}

#[test]
fn a_decision_has_exactly_these_members() {
    let scratch = Scratch::new();
    let artifact = scratch.artifact();
    let json = |action, resource| {
        let output = decide(&artifact, action, resource, &["--format", "json"]);
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        stdout(&output)
    };
    assert_eq!(
        json("s3:GetObject", "arn:aws:s3:::b/k"),
        concat!(
            r#"{"decision":"allowed","decidedBy":{"layer":"identity","policy":"Reader","#,
            r#""statement":{"index":0,"sid":"Read"},"source":{"file":"Reader.json","line":4,"column":5}},"blockers":[]}"#,
            "\n"
        )
    );
    assert_eq!(
        json("s3:GetObject", "arn:aws:s3:::b/secret/k"),
        concat!(
            r#"{"decision":"explicitDeny","decidedBy":{"layer":"identity","policy":"Reader","#,
            r#""statement":{"index":1,"sid":null},"source":{"file":"Reader.json","line":5,"column":5}},"#,
            r#""blockers":["identity"]}"#,
            "\n"
        )
    );
    assert_eq!(
        json("s3:PutObject", "arn:aws:s3:::b/k"),
        "{\"decision\":\"implicitDeny\",\"decidedBy\":null,\"blockers\":[\"identity\"]}\n"
    );
}

#[test]
fn exit_status_tells_the_decision() {
    let scratch = Scratch::new();
    let artifact = scratch.artifact();
    for (action, resource, expected) in [
        ("s3:GetObject", "arn:aws:s3:::b/k", 0),
        ("s3:PutObject", "arn:aws:s3:::b/k", 3),
        ("s3:GetObject", "arn:aws:s3:::b/secret/k", 4),
    ] {
        assert_eq!(status(&decide(&artifact, action, resource, &["--exit-status"])), expected);
        assert_eq!(status(&decide(&artifact, action, resource, &[])), 0);
    }
}

#[test]
fn what_cannot_be_asked_is_status_2() {
    let scratch = Scratch::new();
    let artifact = scratch.artifact();
    let malformed = decide(&artifact, "GetObject", "*", &[]);
    assert_eq!(status(&malformed), 2);
    assert!(stderr(&malformed).contains("`service:Name`"), "{}", stderr(&malformed));
    assert_eq!(status(&decide(&artifact, "s3:GetObject", "*", &["--policy", "Nobody"])), 2);
    assert_eq!(status(&decide(&artifact, "s3:GetObject", "*", &["--principal", "bob"])), 2);
}

#[test]
fn a_session_policy_caps_a_role_session() {
    let scratch = Scratch::new();
    let artifact = scratch.artifact();
    let session = scratch.write(
        "session.json",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObjectTagging","Resource":"*"}}"#,
    );
    let principal = ["--principal", "arn:aws:sts::111122223333:assumed-role/app/s1", "--format", "json"];
    let with = |action: &str| {
        let more = [&principal[..], &["--session-policy", text(&session)]].concat();
        let output = decide(&artifact, action, "arn:aws:s3:::b/k", &more);
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        json_lines(&output).remove(0)
    };
    assert_eq!(with("s3:GetObjectTagging")["decision"], "allowed");
    assert_eq!(with("s3:GetObject")["blockers"], serde_json::json!(["session"]));
    let broken = scratch.write("broken.json", BROKEN);
    let output = decide(&artifact, "s3:GetObject", "*", &["--session-policy", text(&broken)]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("`broken.json` cannot be compiled"), "{}", stderr(&output));
}

#[test]
fn requests_stream_and_a_bad_line_is_an_error_in_its_place() {
    let scratch = Scratch::new();
    let artifact = scratch.artifact();
    let good = r#"{"policies":["Reader"],"action":"s3:GetObject","resource":"arn:aws:s3:::b/k"}"#;
    let unknown = r#"{"policies":["Reader"],"action":"s3:GetObject","resource":"*","colour":"red"}"#;
    let input = format!("{good}\n\n{unknown}\nnot json\n{good}\n");
    let output = iamc_with_input(&["decide", text(&artifact), "--requests", "-"], &input);
    assert_eq!(status(&output), 2);
    let lines = json_lines(&output);
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0]["decision"], "allowed");
    assert_eq!(lines[1], serde_json::json!({ "error": "a request has no member `colour`" }));
    assert!(lines[2]["error"].is_string());
    assert_eq!(lines[0], lines[3]);
    let all_good = iamc_with_input(&["decide", text(&artifact), "--requests", "-"], &format!("{good}\n"));
    assert_eq!(status(&all_good), 0);
    assert_eq!(status(&iamc(&["decide", text(&artifact), "--requests", "/no/such/file"])), 2);
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let scratch = Scratch::new();
    let artifact = scratch.artifact();
    let line = "{\"policies\":[\"Reader\"],\"action\":\"s3:GetObject\",\"resource\":\"arn:aws:s3:::b/k\"}\n";
    let requests = scratch.write("requests.jsonl", line.repeat(20_000));
    let mut child = Command::new(env!("CARGO_BIN_EXE_iamc"))
        .args(["decide", text(&artifact), "--requests", text(&requests)])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((status(&output), stderr(&output).as_str()), (0, ""));
}

#[test]
fn what_is_no_artifact_is_refused() {
    let scratch = Scratch::new();
    let artifact = scratch.artifact();
    let bytes = std::fs::read(&artifact).unwrap();
    let mut altered = bytes.clone();
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    let cases = [
        ("empty", Vec::new()),
        ("truncated", bytes[..bytes.len() - 1].to_vec()),
        ("half", bytes[..middle].to_vec()),
        ("longer", [bytes.as_slice(), b"x"].concat()),
        ("altered", altered),
        ("foreign", READER.as_bytes().to_vec()),
    ];
    for (name, bytes) in cases {
        let path = scratch.write(name, bytes);
        for output in [iamc(&["inspect", text(&path)]), decide(&path, "s3:GetObject", "*", &[])] {
            assert_eq!(status(&output), 2, "{name}");
            assert!(stderr(&output).starts_with("error: cannot use `"), "{name}: {}", stderr(&output));
        }
    }
    assert_eq!(status(&iamc(&["inspect", text(&scratch.path("missing"))])), 2);
}

// ---- graph ----

/// A quote in a tag's value must not end a label; `r` is a permission set and a service role in a profile.
const SMALL_ACCOUNT: &str = r#"{ "UserDetailList": [
  { "Path": "/", "UserName": "ana", "Arn": "arn:aws:iam::111122223333:user/ana", "UserPolicyList": [] } ],
  "RoleDetailList": [
  { "Path": "/aws-reserved/sso.amazonaws.com/", "RoleName": "AWSReservedSSO_Admin_0123456789abcdef",
    "Arn": "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
    "InstanceProfileList": [{ "Arn": "arn:aws:iam::111122223333:instance-profile/p" }],
    "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [
      { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:user/ana" }, "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "aws:RequestTag/a\"b": "x" } } }] } } ] }"#;

#[test]
fn graph_in_all_formats() {
    let scratch = Scratch::new();
    let dump = scratch.write("account.json", SMALL_ACCOUNT);
    let artifact = scratch.path("world.iamc");
    assert_eq!(status(&iamc(&["compile", text(&dump), "-o", text(&artifact)])), 0);
    let graph = |from: &str, format: &str| iamc(&["graph", text(&artifact), "--from", from, "--format", format]);
    let ana = "arn:aws:iam::111122223333:user/ana";
    let output = graph(ana, "json");
    assert_eq!((status(&output), stderr(&output)), (0, String::new()));
    let json = json_lines(&output).remove(0);
    assert_eq!(json["from"]["kind"], "user");
    assert_eq!(json["reachable"][0]["hops"], 1);
    assert_eq!(json["nodes"][1]["permissionSet"], "Admin");
    assert_eq!(json["edges"][0]["example"]["aws:RequestTag/a\"b"], "x");
    let human = stdout(&graph(ana, "human"));
    for part in ["can become 1 role", "ana -> Admin", "permission set Admin", "instance profile p", "account.json:"] {
        assert!(human.contains(part), "{part} in {human}");
    }
    let dot = stdout(&graph(ana, "dot"));
    assert!(dot.starts_with("digraph iamc {\n") && dot.ends_with("}\n"), "{dot}");
    assert!(dot.contains(r#"[label="AssumeRole\naws:RequestTag/a\"b", style=dashed, color=black];"#), "{dot}");
    assert!(stdout(&graph("lambda.amazonaws.com", "human")).contains("can become no role"));
    let missing = graph("arn:aws:iam::111122223333:user/anna", "json");
    assert_eq!(status(&missing), 2);
    assert!(stderr(&missing).contains("did you mean `arn:aws:iam::111122223333:user/ana`"), "{}", stderr(&missing));
    assert_eq!(status(&graph("ana", "human")), 2);
    let inspected = json_lines(&iamc(&["inspect", text(&artifact), "--format", "json"])).remove(0);
    assert_eq!(inspected["counts"]["users"], 1);
    assert_eq!(inspected["counts"]["identityCenterRoles"], 1);
    assert_eq!(inspected["counts"]["instanceProfileRoles"], 1);
    let session = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ana";
    let decided = ["--principal", session, "--action", "s3:GetObject", "--resource", "*"];
    let output = iamc(&[&["decide", text(&artifact)], &decided[..]].concat());
    assert!(stdout(&output).contains("permission set `Admin`"), "{}", stdout(&output));
}

// ---- inspect ----

#[test]
fn inspect_shows_switches_counts_and_inputs() {
    let scratch = Scratch::new();
    let policy = scratch.write("Reader.json", READER);
    let artifact = scratch.path("world.iamc");
    let switch = ["--semantics", "arn_star=per_component"];
    let output = iamc(&[&["compile", text(&policy), "-o", text(&artifact)], &switch[..]].concat());
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let output = iamc(&["inspect", text(&artifact), "--format", "json"]);
    assert_eq!(status(&output), 0);
    let description = json_lines(&output).remove(0);
    assert_eq!(description["semantics"]["arn_star"], "per_component");
    assert_eq!(description["counts"]["statements"], 2);
    assert_eq!(description["inputs"][0]["file"], "Reader.json");
    assert_eq!(description["bytes"], std::fs::metadata(&artifact).unwrap().len());
    let shown = iamc(&["inspect", text(&artifact)]);
    assert_eq!(status(&shown), 0);
    // One name was longer than the column of names.
    let shown = stdout(&shown);
    let passes = shown.lines().skip_while(|line| *line != "removed by each pass:").skip(1);
    let columns = passes.take_while(|line| line.starts_with(' ')).map(|line| line.rfind(' ')).collect::<Vec<_>>();
    assert!(1 < columns.len() && columns.windows(2).all(|pair| pair[0] == pair[1]), "{shown}");
}

#[test]
fn inspect_shows_the_context_keys_of_an_action() {
    let scratch = Scratch::new();
    let policy = scratch.write(
        "Reader.json",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}/*",
            "Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}}"#,
    );
    let artifact = scratch.path("world.iamc");
    assert_eq!(status(&iamc(&["compile", text(&policy), "-o", text(&artifact)])), 0);
    let inspect =
        |action: &str, format: &str| iamc(&["inspect", text(&artifact), "--action", action, "--format", format]);
    let description = json_lines(&inspect("s3:GetObject", "json")).remove(0);
    let expected = serde_json::json!({ "action": "s3:GetObject", "contextKeys": [
        { "key": "aws:sourceip", "values": "single", "types": ["ip"], "supplier": "host", "derived": false },
        { "key": "aws:username", "values": "single", "types": ["string"], "supplier": "derived", "derived": true },
    ] });
    assert_eq!(description, expected);
    let shown = String::from_utf8(inspect("s3:GetObject", "human").stdout).unwrap();
    assert!(shown.lines().any(|line| line.split_whitespace().eq(["aws:sourceip", "single", "ip", "host"])), "{shown}");
    let other = json_lines(&inspect("s3:PutObject", "json")).remove(0);
    assert_eq!(other["contextKeys"], serde_json::json!([]));
    assert_eq!(status(&inspect("s3", "json")), 2);
}

// ---- test ----

const SCENARIOS: &str = r#"[
  { "name": "good", "request": {"principal": "arn:aws:iam::111122223333:user/a", "action": "s3:GetObject",
    "resource": "arn:aws:s3:::b/k"}, "expect": "implicitDeny", "expectBlockers": ["identity"] },
  { "request": {"principal": "arn:aws:iam::111122223333:user/a", "action": "s3:GetObject",
    "resource": "arn:aws:s3:::b/k"} },
  { "name": "refused", "request": {"principal": "arn:aws:iam::111122223333:user/a", "action": "s3:GetObject",
    "resource": "arn:aws:s3:::b/k"},
    "identityPolicies": [{"Statement": {"Effect": "Allow", "Effect": "Deny", "Action": "*", "Resource": "*"}}],
    "expect": "error", "expectCode": "iamc::syntax::duplicate-member" }
]"#;

#[test]
fn scenarios_are_judged() {
    let scratch = Scratch::new();
    let good = scratch.write("good.json", SCENARIOS);
    let output = iamc(&["test", text(&good), "--format", "json"]);
    assert_eq!(status(&output), 0, "{}", stdout(&output));
    let lines: Vec<String> = stdout(&output).lines().map(str::to_owned).collect();
    assert_eq!(
        lines[0],
        concat!(
            r#"{"name":"good","decision":"implicitDeny","expect":"implicitDeny","pass":true,"decidedBy":null,"#,
            r#""blockers":["identity"],"assumed":["resourceAccount"]}"#
        )
    );
    assert!(
        lines[1].starts_with(r#"{"name":"2","decision":"implicitDeny","expect":null,"pass":null,"#),
        "{}",
        lines[1]
    );
    assert!(lines[2].starts_with(r#"{"name":"refused","error":"iamc::syntax::duplicate-member: "#), "{}", lines[2]);
    assert!(lines[2].ends_with(r#""expect":"error","pass":true}"#), "{}", lines[2]);
    let human = iamc(&["test", text(&good)]);
    assert!(stdout(&human).ends_with("3 scenarios: 2 passed, 1 not judged\n"), "{}", stdout(&human));
}

#[test]
fn a_failed_scenario_is_status_1_and_an_unreadable_file_status_2() {
    let scratch = Scratch::new();
    let bad = scratch.write("bad.json", SCENARIOS.replace("\"implicitDeny\"", "\"allowed\""));
    let output = iamc(&["test", text(&bad)]);
    assert_eq!(status(&output), 1);
    assert!(stdout(&output).contains("expected allowed, got implicitDeny"), "{}", stdout(&output));
    let malformed = scratch.write("malformed.json", SCENARIOS.replace("\"identityPolicies\"", "\"policies\""));
    let output = iamc(&["test", text(&malformed)]);
    assert_eq!(status(&output), 1);
    let foreign = scratch.write("foreign.txt", "hello");
    let output = iamc(&["test", text(&foreign), text(&bad)]);
    assert_eq!(status(&output), 2);
    assert!(stdout(&output).contains("3 scenarios"), "the other file still runs: {}", stdout(&output));
    assert_eq!(status(&iamc(&["test", text(&scratch.path("missing.json"))])), 2);
}

#[test]
fn an_input_is_never_overwritten() {
    let scratch = Scratch::new();
    let policy = scratch.write("policy.json", READER);
    let output = iamc(&["compile", text(&policy), "-o", text(&policy)]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("is one of the inputs"), "{}", stderr(&output));
    assert_eq!(std::fs::read_to_string(&policy).unwrap(), READER);
}

#[test]
fn mangled_request_lines_are_errors_in_their_place() {
    let scratch = Scratch::new();
    let artifact = scratch.artifact();
    let good = br#"{"policies":["Reader"],"action":"s3:GetObject","resource":"arn:aws:s3:::b/k"}"#;
    let mut lines = good.to_vec();
    lines.push(b'\n');
    // A line over the limit once became two requests, and bytes that are no text once became other text.
    lines.extend(std::iter::repeat_n(b'x', 17 << 20));
    lines.extend(good);
    lines.push(b'\n');
    lines.extend(b"{\"action\":\"s3:GetObject\xff\"}\n");
    lines.extend(good);
    let requests = scratch.write("requests.jsonl", &lines);
    let output = iamc(&["decide", text(&artifact), "--requests", text(&requests)]);
    assert_eq!(status(&output), 2);
    let answers = String::from_utf8(output.stdout).unwrap();
    let kinds = answers.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["decision"].is_string());
    assert_eq!(kinds.collect::<Vec<_>>(), [true, false, false, true], "{answers}");
}

// ---- worlds of several accounts ----

/// A file of the organization that the tests decide.
fn put(scratch: &Scratch, name: &str, content: &str) {
    let path = scratch.path(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// A document of these statements.
fn statements(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

/// The dump of an account with one user that has one inline policy.
fn dump_of(account: &str, user: &str, policy: &str) -> String {
    format!(
        r#"{{"UserDetailList":[{{"UserName":"{user}","UserId":"AIDA{user}","Arn":"arn:aws:iam::{account}:user/{user}",
        "UserPolicyList":[{{"PolicyName":"own","PolicyDocument":{policy}}}]}}],"GroupDetailList":[],"RoleDetailList":[],"Policies":[]}}"#
    )
}

/// The management account 999988887777 at the root; below it, in `ou-ab12-work`, 111122223333 and, in
/// `ou-ab12-sand`, 444455556666; 555566667777 outside. Of 777788889999, beside 111122223333, nothing but its place in the
/// tree is known.
fn organization(scratch: &Scratch) -> PathBuf {
    let all = statements(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#);
    let no_delete = statements(r#"{"Sid":"NoDelete","Effect":"Deny","Action":"s3:Delete*","Resource":"*"}"#);
    let only_s3 = statements(r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#);
    let fence = statements(
        r#"{"Sid":"Fence","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",
        "Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}"#,
    );
    put(
        scratch,
        "w/organization.json",
        &format!(
            r#"{{"root":{{"id":"r-ab12","accounts":["999988887777"],"organizationalUnits":[
            {{"id":"ou-ab12-work","serviceControlPolicies":["p-FullAWSAccess","p-nodelete"],"accounts":["111122223333","777788889999"],
              "organizationalUnits":[{{"id":"ou-ab12-sand","serviceControlPolicies":["p-onlys3"],"accounts":["444455556666"]}}]}}]}},
            "accountPolicies":{{"111122223333":{{"resourceControlPolicies":["p-fence"]}}}},
            "policies":{{
              "p-nodelete":{{"name":"NoDelete","type":"SERVICE_CONTROL_POLICY","content":{no_delete}}},
              "p-onlys3":{{"name":"OnlyS3","type":"SERVICE_CONTROL_POLICY","content":{only_s3:?}}},
              "p-fence":{{"name":"Fence","type":"RESOURCE_CONTROL_POLICY","content":{fence}}}}}}}"#
        ),
    );
    for (account, user) in
        [("111122223333", "alice"), ("444455556666", "bob"), ("555566667777", "eve"), ("999988887777", "max")]
    {
        put(scratch, &format!("w/accounts/{account}/dump.json"), &dump_of(account, user, &all));
    }
    let bucket = statements(
        r#"{"Effect":"Allow","Principal":{"AWS":["444455556666","555566667777"]},"Action":"s3:*","Resource":["arn:aws:s3:::shared","arn:aws:s3:::shared/*"]}"#,
    );
    let org = statements(
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::paths/*",
        "Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r-ab12/ou-ab12-work/*"}}}"#,
    );
    put(
        scratch,
        "w/accounts/111122223333/resources/b.json",
        &format!(r#"[{{"resource":"arn:aws:s3:::shared","policy":{bucket}}}]"#),
    );
    put(
        scratch,
        "w/accounts/999988887777/resources/b.json",
        &format!(r#"[{{"resource":"arn:aws:s3:::paths","policy":{org}}}]"#),
    );
    put(
        scratch,
        "w/accounts/111122223333/keys.json",
        r#"{"AccessKeyMetadata":[{"UserName":"alice","AccessKeyId":"AKIAIOSFODNN7EXAMPLE","Status":"Active"},
        {"UserName":"alice","AccessKeyId":"AKIAIOSFODNN7EXAMPL2","Status":"Inactive"}]}"#,
    );
    put(scratch, "w/policies/named.json", &all);
    let endpoint = statements(r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}"#);
    put(scratch, "w/endpoints/s3.json", &endpoint);
    put(
        scratch,
        "w/iamc.toml",
        r#"# the world of the tests
[organization]
id = "o-a1b2c3d4e5"
management-account = "999988887777"
tree = "organization.json"

[[account]]
id = "111122223333"
identities = "accounts/111122223333/dump.json"
resources = ["accounts/111122223333/resources/*.json"]
access-keys = "accounts/111122223333/keys.json"

[[account]]
id = "444455556666"
identities = "accounts/444455556666"

[[account]]
id = "555566667777"
identities = "accounts/555566667777"

[[account]]
id = "999988887777"
identities = "accounts/999988887777/dump.json"
resources = "accounts/999988887777/resources"

[[endpoint]]
id = "vpce-0a1b2c3d"
policy = "endpoints/s3.json"

[[endpoint]]
id = "vpce-0a1b2c3e"

[[policy]]
files = ["policies/*.json"]
type = "identity"
"#,
    );
    scratch.path("w/iamc.toml")
}

#[test]
fn an_organization_is_decided_end_to_end() {
    let scratch = Scratch::new();
    let (manifest, artifact) = (organization(&scratch), scratch.path("w.iamc"));
    let output = iamc(&["compile", text(&manifest), "-o", text(&artifact), "--deny", "warnings"]);
    // One account belongs to no organization, which is worth a word and no more.
    assert_eq!((status(&output), stderr(&output).matches("iamc::world::").count()), (0, 1));
    assert!(stderr(&output).contains("iamc::world::account-outside"));
    let user = |account: &str, name: &str| format!(r#""principal":"arn:aws:iam::{account}:user/{name}""#);
    let alice = user("111122223333", "alice");
    let bob = user("444455556666", "bob");
    let eve = user("555566667777", "eve");
    let max = user("999988887777", "max");
    let guest = format!(r#"{},"policies":["named"]"#, user("777788889999", "guest"));
    let own = r#""resource":"arn:aws:s3:::own/k","resourceAccount":"#;
    let mine = |account: &str| format!(r#"{own}"{account}""#);
    let shared = r#""resource":"arn:aws:s3:::shared/k""#.to_owned();
    let paths = r#""resource":"arn:aws:s3:::paths/k""#.to_owned();
    let queue = r#""resource":"arn:aws:sqs:eu-west-1:444455556666:q""#.to_owned();
    let key = |id: &str| format!(r#""accessKeyId":"{id}""#);
    let via = |id: &str| format!(r#"{alice},"endpoint":"{id}""#);
    // Who, action, resource, decision and the policy that decides, or the layers that lack an allow.
    let cases = [
        (alice.clone(), "s3:GetObject", mine("111122223333"), "allowed", "user/alice/own"),
        // R-EVAL-8: an SCP of the OU denies.
        (alice.clone(), "s3:DeleteObject", mine("111122223333"), "explicitDeny", "NoDelete"),
        // It denies below the OU too.
        (bob.clone(), "s3:DeleteObject", mine("444455556666"), "explicitDeny", "NoDelete"),
        // R-EVAL-9: an allow-list at one level.
        (bob.clone(), "s3:GetObject", mine("444455556666"), "allowed", "user/bob/own"),
        (bob.clone(), "sqs:SendMessage", queue, "implicitDeny", "serviceControlPolicy"),
        // The management account is exempt, an account outside the organization has no SCPs.
        (max, "s3:DeleteObject", mine("999988887777"), "allowed", "user/max/own"),
        (eve.clone(), "s3:DeleteObject", mine("555566667777"), "allowed", "user/eve/own"),
        // Levels hold for an account of which only the place is known.
        (guest.clone(), "s3:GetObject", mine("777788889999"), "allowed", "named"),
        (guest, "s3:DeleteObject", mine("777788889999"), "explicitDeny", "NoDelete"),
        // R-EVAL-12: the resource's account denies whoever is of another organization; the account comes from the list.
        (bob.clone(), "s3:GetObject", shared.clone(), "allowed", "user/bob/own"),
        (eve.clone(), "s3:GetObject", shared, "explicitDeny", "Fence"),
        // Derived keys: the path of the requester's account, from the tree. A wildcard grants nothing directly, so
        // that the identity policy is named.
        (bob, "s3:GetObject", paths.clone(), "allowed", "user/bob/own"),
        (alice.clone(), "s3:GetObject", paths.clone(), "allowed", "user/alice/own"),
        (eve, "s3:GetObject", paths, "implicitDeny", "resource"),
        // An endpoint with a policy and one with the default.
        (via("vpce-0a1b2c3d"), "s3:GetObject", mine("111122223333"), "allowed", "user/alice/own"),
        (via("vpce-0a1b2c3d"), "s3:PutObject", mine("111122223333"), "implicitDeny", "vpcEndpoint"),
        (via("vpce-0a1b2c3e"), "s3:PutObject", mine("111122223333"), "allowed", "user/alice/own"),
        // A key stands for its user; an inactive one for nobody.
        (key("AKIAIOSFODNN7EXAMPLE"), "s3:GetObject", mine("111122223333"), "allowed", "user/alice/own"),
        (key("AKIAIOSFODNN7EXAMPL2"), "s3:GetObject", mine("111122223333"), "error", ""),
    ];
    let lines = cases.iter().map(|(who, action, resource, ..)| format!(r#"{{{who},"action":"{action}",{resource}}}"#));
    let requests = scratch.write("requests.jsonl", lines.collect::<Vec<_>>().join("\n"));
    let output = iamc(&["decide", text(&artifact), "--requests", text(&requests)]);
    for (answer, (who, action, resource, decision, decided_by)) in json_lines(&output).iter().zip(&cases) {
        let case = format!("{who} {action} {resource}: {answer}");
        if *decision == "error" {
            assert!(answer["error"].is_string(), "{case}");
            continue;
        }
        assert_eq!(answer["decision"], *decision, "{case}");
        if *decision == "implicitDeny" {
            assert_eq!(answer["blockers"], serde_json::json!([decided_by]), "{case}");
        } else {
            assert_eq!(answer["decidedBy"]["policy"], *decided_by, "{case}");
        }
    }
}

#[test]
fn names_in_the_artifact_are_relative_to_the_manifest() {
    let scratch = Scratch::new();
    let (manifest, artifact) = (organization(&scratch), scratch.path("w.iamc"));
    let extra = scratch.write("organization.json", READER);
    let output = iamc(&["compile", text(&manifest), text(&extra), "-o", text(&artifact)]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let output = iamc(&["inspect", text(&artifact), "--format", "json"]);
    let inputs = serde_json::from_str::<Value>(&stdout(&output)).unwrap()["inputs"].clone();
    let names: Vec<&str> = inputs.as_array().unwrap().iter().map(|input| input["file"].as_str().unwrap()).collect();
    assert!(names.contains(&"accounts/444455556666/dump.json"), "{names:?}");
    assert!(names.contains(&"organization.json") && names.contains(&"organization.json~2"), "{names:?}");
    assert!(names.iter().all(|name| !name.starts_with('/')), "{names:?}");
    let again = scratch.path("again.iamc");
    let output = Command::new(env!("CARGO_BIN_EXE_iamc"))
        .args(["compile", "iamc.toml", "../organization.json", "-o", text(&again)])
        .current_dir(scratch.path("w"))
        .output()
        .unwrap();
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert_eq!(std::fs::read(artifact).unwrap(), std::fs::read(again).unwrap());
}

/// Runs `iamc check` in a directory with this manifest and these files; codes of the findings, and the status.
fn check_manifest(manifest: &str, files: &[(&str, &str)], inputs: &[&str]) -> (Vec<String>, i32) {
    let scratch = Scratch::new();
    put(&scratch, "w/iamc.toml", manifest);
    for (name, content) in files {
        put(&scratch, &format!("w/{name}"), content);
    }
    let output = Command::new(env!("CARGO_BIN_EXE_iamc"))
        .args(["check", "--format", "json"])
        .args(inputs)
        .current_dir(scratch.path("w"))
        .output()
        .unwrap();
    let shown = |finding: &Value| {
        format!(
            "{} {}:{}",
            finding["code"].as_str().unwrap(),
            finding["file"].as_str().unwrap(),
            finding["start"]["line"]
        )
    };
    (json_lines(&output).iter().map(shown).collect(), status(&output))
}

#[test]
fn patterns_of_a_manifest_are_followed() {
    let account = "[[account]]\nid = \"111122223333\"\nresources = ";
    let bucket = |name: &str| format!(r#"{{"resource":"arn:aws:s3:::{name}"}}"#);
    let (one, two) = (bucket("one"), bucket("two"));
    let files = [("r/1.json", one.as_str()), ("r/deep/2.json", &two), ("r/notes.txt", "not JSON")];
    let none: [&str; 0] = [];
    for (pattern, expected, code) in [
        ("\"r/*.json\"", vec![], 0),
        ("\"r\"", vec![], 0),
        ("[\"r/**/*.json\", \"r/1.json\"]", vec![], 0),
        ("\"../w/r/1.json\"", vec![], 0),
        ("\"r/*\"", vec!["iamc::syntax::bare-word r/notes.txt:1"], 1),
        ("\"s/*.json\"", vec!["iamc::world::no-such-file iamc.toml:3"], 1),
        ("\"/r/1.json\"", vec!["iamc::world::absolute-path iamc.toml:3"], 1),
        ("\"*.toml\"", vec!["iamc::world::unexpected-format iamc.toml:1"], 1),
    ] {
        let (findings, status) = check_manifest(&format!("{account}{pattern}\n"), &files, &["iamc.toml"]);
        let findings: Vec<&str> = findings.iter().map(String::as_str).collect();
        if expected.is_empty() {
            assert_eq!((findings.as_slice(), status), (&none[..], 0), "{pattern}");
        } else {
            assert_eq!((findings.first(), status), (expected.first(), code), "{pattern}: {findings:?}");
        }
    }
}

#[test]
fn a_manifest_may_stand_beside_other_inputs_but_not_beside_another() {
    let account = "[[account]]\nid = \"111122223333\"\nresources = \"r.json\"\n";
    let bucket = r#"{"resource":"arn:aws:s3:::one"}"#;
    let files = [("r.json", bucket), ("p/reader.json", READER), ("other.toml", account)];
    assert_eq!(check_manifest(account, &files, &["iamc.toml", "p"]), (vec![], 0));
    // The same file twice is one file, and belongs to the manifest.
    assert_eq!(check_manifest(account, &files, &["r.json", "iamc.toml"]), (vec![], 0));
    let (findings, status) = check_manifest(account, &files, &["iamc.toml", "other.toml"]);
    assert_eq!((findings, status), (vec!["iamc::world::several-manifests other.toml:1".to_owned()], 1));
    // Without the manifest the list belongs to nobody.
    let (findings, status) = check_manifest(account, &files, &["r.json"]);
    assert_eq!((findings, status), (vec!["iamc::world::needs-manifest r.json:1".to_owned()], 1));
}

#[test]
fn a_manifest_that_is_missing_is_no_finding() {
    assert_eq!(check_manifest("", &[], &["none.toml"]), (vec![], 2));
}

#[test]
fn a_file_of_the_manifest_is_never_overwritten() {
    let scratch = Scratch::new();
    let manifest = organization(&scratch);
    let tree = scratch.path("w/organization.json");
    let before = std::fs::read(&tree).unwrap();
    let output = iamc(&["compile", text(&manifest), "-o", text(&tree)]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("is one of the inputs"), "{}", stderr(&output));
    assert_eq!(std::fs::read(&tree).unwrap(), before);
}

#[test]
fn a_secret_is_never_shown() {
    let keys = r#"{"AccessKey":{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI"}}"#;
    let scratch = Scratch::new();
    let path = scratch.write("keys.json", keys);
    for format in ["human", "json"] {
        let output = iamc(&["check", text(&path), "--format", format]);
        assert_eq!(status(&output), 1);
        let shown = stdout(&output);
        assert!(shown.contains("iamc::world::secret") && !shown.contains("wJalr"), "{shown}");
    }
}

#[test]
fn shells_complete_every_command_and_option() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = iamc(&["completions", shell]);
        assert_eq!((status(&output), stderr(&output)), (0, String::new()), "{shell}");
        let script = stdout(&output);
        for word in ["iamc", "compile", "check", "session-policy", "fail-on"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let output = iamc(&["completions", "cmd"]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("bash, elvish, fish, powershell, zsh"), "{}", stderr(&output));
}

#[test]
fn each_command_has_a_manual_page() {
    let scratch = Scratch::new();
    let directory = scratch.path("share/man/man1");
    let output = iamc(&["man", text(&directory)]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let commands = ["compile", "check", "decide", "test", "inspect", "bench", "graph", "completions", "man"];
    assert_eq!(stdout(&output), format!("wrote {} pages to {}\n", commands.len() + 1, directory.display()));
    let page = |name: &str| std::fs::read_to_string(directory.join(name)).unwrap();
    // Each page has its command's name, its options and its examples; the program's names all commands.
    assert!(commands.iter().all(|command| page("iamc.1").contains(&format!("iamc\\-{command}(1)"))));
    let check = page("iamc-check.1");
    assert!(check.contains(".TH iamc-check 1") && check.contains("\\-\\-fail\\-on"), "{check}");
    assert!(page("iamc-graph.1").contains("iamc graph"), "{}", page("iamc-graph.1"));
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), commands.len() + 1);
    let file = scratch.write("taken", "");
    let output = iamc(&["man", text(&file)]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("taken"), "{}", stderr(&output));
}
