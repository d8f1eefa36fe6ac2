//! The example organization, end to end: what its scenarios, its documents and its requests say of each other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// One answer for each line of `examples/organization/requests.jsonl`, derived by hand from its policies; `why` names
/// the rule.
const EXPECTED: &str = include_str!("organization/expected.jsonl");

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/organization")
}

fn iamc(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_iamc")).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn read_json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn json_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            json_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "json") && !path.ends_with("scenarios.json") {
            found.push(path);
        }
    }
}

/// Everything that looks like a policy document, wherever it stands, as text with sorted members.
fn documents(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if members.contains_key("Statement") {
                found.insert(value.to_string());
            }
            members.values().for_each(|value| documents(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| documents(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_scenarios_pass() {
    let file = folder().join("scenarios.json");
    let (status, out, error) = iamc(&["test", file.to_str().unwrap()]);
    assert_eq!(status, Some(0), "{out}{error}");
}

#[test]
fn the_documents_of_the_scenarios_are_those_of_the_example() {
    let mut files = Vec::new();
    json_files(&folder(), &mut files);
    let mut known = BTreeSet::new();
    for file in &files {
        documents(&read_json(file), &mut known);
    }
    // What `p-FullAWSAccess` stands for is built in (`world.md` 3).
    let everything = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    known.insert(json!({ "Version": "2012-10-17", "Statement": [everything] }).to_string());
    let scenarios = read_json(&folder().join("scenarios.json"));
    let mut used = BTreeSet::new();
    documents(&scenarios, &mut used);
    assert!(used.len() > 20, "only {} documents are used", used.len());
    let strange: Vec<&String> = used.difference(&known).collect();
    assert_eq!(strange, Vec::<&String>::new());
    let scenarios = scenarios.as_array().unwrap();
    assert!(scenarios.len() >= 30);
    assert!(scenarios.iter().all(|scenario| scenario["expectBlockers"].is_array() && scenario["rules"].is_array()));
}

#[test]
fn every_request_has_an_expected_answer() {
    let requests = std::fs::read_to_string(folder().join("requests.jsonl")).unwrap();
    assert_eq!(requests.lines().count(), EXPECTED.lines().count());
    for (number, line) in (1..).zip(EXPECTED.lines()) {
        let expected: Value = serde_json::from_str(line).unwrap();
        assert_eq!(expected["line"], json!(number), "{line}");
        assert!(expected["why"].as_str().is_some_and(|why| !why.is_empty()), "{line}");
        assert_eq!(expected["decision"] == "error", expected.get("blockers").is_none(), "{line}");
    }
}

#[test]
fn the_requests_are_decided_as_the_policies_say() {
    let manifest = folder().join("iamc.toml");
    let requests = folder().join("requests.jsonl");
    for level in ["-O0", "-O"] {
        let artifact = std::env::temp_dir().join(format!("iamc-organization-{}{level}.iamc", std::process::id()));
        let artifact = artifact.to_str().unwrap();
        let (status, _, error) = iamc(&["compile", manifest.to_str().unwrap(), "-o", artifact, level]);
        assert_eq!(status, Some(0), "{error}");
        let lines = ["decide", artifact, "--requests", requests.to_str().unwrap(), "--format", "json"];
        let (status, out, error) = iamc(&lines);
        std::fs::remove_file(artifact).unwrap();
        // Some of the requests have no answer.
        assert_eq!(status, Some(2), "{error}");
        assert_eq!(out.lines().count(), EXPECTED.lines().count());
        let mut wrong = Vec::new();
        for (answer, expected) in out.lines().zip(EXPECTED.lines()) {
            let answer: Value = serde_json::from_str(answer).unwrap();
            let expected: Value = serde_json::from_str(expected).unwrap();
            let agrees = match expected["decision"].as_str() {
                Some("error") => answer.get("error").is_some(),
                _ => answer["decision"] == expected["decision"] && answer["blockers"] == expected["blockers"],
            };
            if !agrees {
                wrong.push(format!("{expected}\n  {answer}"));
            }
        }
        assert!(wrong.is_empty(), "{level}:\n{}", wrong.join("\n"));
    }
}
