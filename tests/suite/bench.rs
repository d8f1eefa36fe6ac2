//! `iamc bench`: what it prints and what it refuses. How long anything took is never looked at.

use super::cli::{Scratch, iamc, iamc_with_input, json_lines, status, stderr, stdout, text};

/// One request of each outcome under the policy of [`Scratch::artifact`].
const ALLOWED: &str = r#"{"policies":["Reader"],"action":"s3:GetObject","resource":"arn:aws:s3:::b/k"}"#;
const IMPLICIT: &str = r#"{"policies":["Reader"],"action":"s3:PutObject","resource":"arn:aws:s3:::b/k"}"#;
const EXPLICIT: &str = r#"{"policies":["Reader"],"action":"s3:GetObject","resource":"arn:aws:s3:::b/secret/k"}"#;

#[test]
fn json_has_exactly_these_members() {
    let scratch = Scratch::new();
    let artifact = scratch.artifact();
    let requests = scratch.write("requests.jsonl", format!("{ALLOWED}\n\n{IMPLICIT}\r\n{EXPLICIT}"));
    let arguments = ["bench", text(&artifact), "--requests", text(&requests), "--seconds", "0.02", "--format", "json"];
    let output = iamc(&arguments);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let lines = json_lines(&output);
    let [figures] = lines.as_slice() else { panic!("{}", stdout(&output)) };
    let members: Vec<&String> = figures.as_object().unwrap().keys().collect();
    assert_eq!(members, ["requests", "decisions", "nsPerDecision", "loadNs", "artifactBytes"]);
    let times: Vec<&String> = figures["nsPerDecision"].as_object().unwrap().keys().collect();
    assert_eq!(times, ["mean", "p50", "p99"]);
    assert_eq!(figures["requests"], 3);
    assert_eq!(figures["artifactBytes"].as_u64(), Some(std::fs::metadata(&artifact).unwrap().len()));
    // Each batch holds every request, and a single decision is timed at least.
    assert!(3 < figures["decisions"].as_u64().unwrap(), "{figures}");
    let time = |name: &str| figures["nsPerDecision"][name].as_f64().unwrap();
    assert!(time("p50") <= time("p99"), "{figures}");
    assert!(figures["loadNs"].is_u64() && figures["nsPerDecision"]["mean"].is_f64(), "{figures}");
}

#[test]
fn people_read_three_lines() {
    let scratch = Scratch::new();
    let artifact = scratch.artifact();
    let input = format!("{ALLOWED}\n{ALLOWED}\n{IMPLICIT}\n{EXPLICIT}\n{EXPLICIT}\n{EXPLICIT}\n");
    let output = iamc_with_input(&["bench", text(&artifact), "--requests", "-", "--seconds", "0.02"], &input);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let printed = stdout(&output);
    let lines: Vec<&str> = printed.lines().collect();
    let bytes = std::fs::metadata(&artifact).unwrap().len();
    assert!(lines[0].starts_with(&format!("{}: {bytes} bytes, loaded in ", text(&artifact))), "{printed}");
    assert_eq!(lines[1], "6 requests: 2 allowed, 1 implicitly denied, 3 explicitly denied");
    assert!(lines[2].contains(" decisions: mean ") && lines[2].contains(", p99 "), "{printed}");
    assert_eq!(lines.len(), 3);
}

/// Runs over these lines and expects status 2, nothing on standard output and this text among the complaint.
fn refused(lines: &[u8], expected: &str) {
    let scratch = Scratch::new();
    let artifact = scratch.artifact();
    let requests = scratch.write("requests.jsonl", lines);
    // An hour: whatever is refused is refused before anything is measured.
    let output = iamc(&["bench", text(&artifact), "--requests", text(&requests), "--seconds", "3600"]);
    assert_eq!(status(&output), 2);
    assert_eq!(stdout(&output), "");
    let complaint = stderr(&output);
    assert!(complaint.contains(expected), "{complaint}");
}

#[test]
fn a_line_that_is_no_request_is_named_by_its_number() {
    refused(format!("{ALLOWED}\n\n{{\"action\":\"s3:GetObject\"}}\n").as_bytes(), "requests.jsonl`, line 3: ");
    refused(b"nonsense\n", "line 1: ");
    refused(&[ALLOWED.as_bytes(), b"\n\xff\n"].concat(), "line 2: the line is not UTF-8");
    // In form, but without an answer in this artifact.
    refused(ALLOWED.replace("Reader", "Writer").as_bytes(), "line 1: policy number 1 is not in the artifact: `Writer`");
    refused(ALLOWED.replace("s3:GetObject", "GetObject").as_bytes(), "line 1: ");
}

#[test]
fn a_file_without_requests_is_refused() {
    refused(b"", "holds no request");
    refused(b"\n  \n", "holds no request");
}

#[test]
fn seconds_are_a_number_above_zero() {
    for seconds in ["0", "-1", "0.0", "NaN", "inf", "1e9", "1e-12", "soon", ""] {
        let output = iamc(&["bench", "x.iamc", "--requests", "-", "--seconds", seconds]);
        assert_eq!(status(&output), 2, "{seconds}");
        let complaint = stderr(&output);
        assert!(complaint.contains("write a number of seconds above 0"), "{seconds}: {complaint}");
    }
}

#[test]
fn an_artifact_and_requests_are_needed() {
    let scratch = Scratch::new();
    let artifact = scratch.artifact();
    let missing = iamc(&["bench", text(&artifact)]);
    assert!(status(&missing) == 2 && stderr(&missing).contains("--requests"), "{}", stderr(&missing));
    let requests = scratch.write("requests.jsonl", ALLOWED);
    let swapped = iamc(&["bench", text(&requests), "--requests", text(&artifact)]);
    assert!(status(&swapped) == 2 && stderr(&swapped).contains("not an iamc artifact"), "{}", stderr(&swapped));
}
