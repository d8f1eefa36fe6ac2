//! `iamc check --fix`: what changes in files, and what does not.

use super::cli::{Scratch, iamc, iamc_with_input, json_lines, status, stderr, stdout, text};

/// Fixes a file with this text: the text afterwards, standard error, and the status. A second run changes nothing.
fn fixed(before: &str) -> (String, String, i32) {
    let scratch = Scratch::new();
    let path = scratch.write("policy.json", before);
    let output = iamc(&["check", text(&path), "--fix", "--format", "json"]);
    let after = std::fs::read_to_string(&path).unwrap();
    let remaining = json_lines(&output);
    assert!(remaining.iter().all(|finding| finding["fixes"] == serde_json::json!([])), "{remaining:?}");
    let again = iamc(&["check", text(&path), "--fix", "--format", "json"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), after, "a second run changes something");
    assert_eq!(stderr(&again), "made 0 edits in 0 files\n");
    assert_eq!(json_lines(&again), remaining);
    (after, stderr(&output), status(&output))
}

fn statement(action: &str) -> String {
    format!(
        r#"{{ "Version": "2012-10-17", "Statement": [
    {{ "Effect": "Allow",   "Action": {action}, "Resource": "arn:aws:s3:::orchard/*" }} ] }}"#
    )
}

#[test]
fn a_typo_is_replaced_and_all_else_is_as_it_was() {
    let plain = statement(r#"["s3:GetObjct", "s3:PutObject"]"#);
    let crlf = plain.replace('\n', "\r\n");
    for before in
        [&plain, &format!("{plain}\n"), &crlf, &format!("\u{feff}{crlf}\r\n\r\n"), &plain.replace("   ", "\t")]
    {
        let (after, said, status) = fixed(before);
        assert_eq!(after, before.replace("GetObjct", "GetObject"));
        assert_eq!((said.as_str(), status), ("made 1 edit in 1 file\n", 0));
    }
}

#[test]
fn blanks_around_actions_and_arns_go_and_the_beginning_of_an_arn_is_mended() {
    let right = statement(r#"["s3:GetObject", "s3:PutObject"]"#);
    for (wrong, edits) in [
        (right.replace("s3:Get", " s3:Get").replace("PutObject", "PutObject  "), "2 edits"),
        (right.replace("arn:aws", " arn:aws"), "1 edit"),
        (right.replace("arn:aws", "anr:aws"), "1 edit"),
        (right.replace("arn:aws", "arnaws"), "1 edit"),
        (right.replace("arn:aws", "arn::aws"), "1 edit"),
        (right.replace("arn:aws", "aws"), "1 edit"),
    ] {
        assert_eq!(fixed(&wrong), (right.clone(), format!("made {edits} in 1 file\n"), 0));
    }
    // Another word, or no partition behind it: whatever is meant is not certain.
    for wrong in [right.replace("arn:aws", "aws:arn"), right.replace("arn:aws", "urn:nid")] {
        assert_eq!(fixed(&wrong).0, wrong);
    }
}

#[test]
fn covered_entries_go_even_where_their_edits_overlap() {
    let (after, said, _) = fixed(&statement(r#"["s3:GetObject", "s3:GetObjectAcl","s3:Get*", "s3:GetObject"]"#));
    assert_eq!(after, statement(r#"["s3:Get*"]"#));
    assert_eq!(said, "made 3 edits in 1 file\n");
}

#[test]
fn documents_in_strings_are_fixed_in_the_outer_file() {
    let inner = statement(r#"["s3:GetObjct", "s3:PutObject", "s3:Put*"]"#);
    let expected = statement(r#"["s3:GetObject", "s3:Put*"]"#);
    let in_json = |document: &str| serde_json::to_string(document).unwrap();
    let percent = |document: &str| {
        let escape =
            |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        format!("\"{}\"", document.bytes().map(escape).collect::<String>())
    };
    let dump = |document: String| {
        format!(
            r#"{{ "UserDetailList": [ {{ "UserName": "ana", "Arn": "arn:aws:iam::111122223333:user/ana",
  "Path": "/", "UserId": "AIDAAAAAAAAAAAAAAAAAA", "CreateDate": "2024-01-01T00:00:00Z",
  "UserPolicyList": [ {{ "PolicyName": "p", "PolicyDocument": {document} }} ], "GroupList": [],
  "AttachedManagedPolicies": [] }} ], "GroupDetailList": [], "RoleDetailList": [], "Policies": [] }}"#
        )
    };
    let (after, said, status) = fixed(&dump(in_json(&inner)));
    assert_eq!((after, status), (dump(in_json(&expected)), 0), "{said}");
    // An action with an encoded colon is spelt otherwise than it reads: only what is deleted is exact.
    let (after, said, status) = fixed(&dump(percent(&inner)));
    assert_eq!(after, dump(percent(&inner.replace(r#", "s3:PutObject""#, ""))), "{said}");
    assert_eq!(status, 0);
}

#[test]
fn what_has_no_certain_fix_remains_and_decides_the_status() {
    // Which of two effects is meant nobody knows.
    let before = statement(r#""s3:GetObjct""#).replacen(r#""Effect""#, r#""Effect": "Deny", "Effect""#, 1);
    let (after, _, status) = fixed(&before);
    assert_eq!(status, 1);
    assert!(after.contains("s3:GetObject"), "{after}");
}

#[test]
fn several_files_are_fixed_and_the_others_not_touched() {
    let scratch = Scratch::new();
    let clean = statement(r#""s3:GetObject""#);
    let good = scratch.write("good.json", &clean);
    let one = scratch.write("one.json", statement(r#""s3:GetObjct""#));
    let two = scratch.write("two.json", statement(r#"["s3:GetObjct", "s3:PutObjct"]"#));
    let written = std::fs::metadata(&good).unwrap().modified().unwrap();
    let output = iamc(&["check", text(&scratch.path("")), "--fix", "--fail-on", "suggestion"]);
    assert_eq!(stderr(&output), "made 3 edits in 2 files\n");
    assert_eq!((status(&output), stdout(&output).as_str()), (0, "no findings in 3 files\n"));
    assert_eq!(std::fs::read_to_string(one).unwrap(), clean);
    assert_eq!(std::fs::read_to_string(two).unwrap(), statement(r#"["s3:GetObject", "s3:PutObject"]"#));
    assert_eq!(std::fs::metadata(good).unwrap().modified().unwrap(), written);
}

#[test]
fn standard_input_cannot_be_fixed() {
    let output = iamc_with_input(&["check", "-", "--fix"], &statement(r#""s3:GetObjct""#));
    assert_eq!((status(&output), stdout(&output).as_str()), (2, ""));
    assert!(stderr(&output).contains("save it to a file"), "{}", stderr(&output));
}
