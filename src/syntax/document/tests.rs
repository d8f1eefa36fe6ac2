//! Mistakes in otherwise complete policies: each is one finding at one place. `⟦` and `⟧` mark the expected spans.

#![expect(clippy::string_slice, reason = "a test may panic")]

use super::*;
use crate::source::Severity;

/// Splits a marked text into the text and the spans between marks.
fn unmark(marked: &str) -> (String, Vec<(u32, u32)>) {
    let mut text = String::new();
    let mut spans = Vec::new();
    let mut open = Vec::new();
    for character in marked.chars() {
        let at = u32::try_from(text.len()).unwrap();
        match character {
            '⟦' => open.push(at),
            '⟧' => spans.push((open.pop().unwrap(), at)),
            other => text.push(other),
        }
    }
    assert!(open.is_empty());
    spans.sort_unstable();
    (text, spans)
}

fn parse(text: &str) -> (Option<Policy>, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    let policy = parse_policy(text, SourceId(7), &mut findings);
    assert!(findings.iter().all(|finding| finding.place.source == SourceId(7)));
    (policy, findings)
}

fn check(codes: &[&str], marked: &str) -> Option<Policy> {
    let (text, spans) = unmark(marked);
    let (policy, findings) = parse(&text);
    let found: Vec<_> = findings
        .iter()
        .map(|finding| {
            let code = finding.code.rsplit("::").next().unwrap();
            (code, (finding.place.span.start(), finding.place.span.end()))
        })
        .collect();
    let expected: Vec<_> = codes.iter().copied().zip(spans.iter().copied()).collect();
    assert_eq!(codes.len(), spans.len(), "{marked}");
    assert_eq!(found, expected, "{marked}");
    policy
}

const WHOLE: &str = r#"{
  "Version": "2012-10-17",
  "Id": "x",
  "Statement": [
    {
      "Sid": "One",
      "Effect": "Allow",
      "Principal": {"AWS": ["111122223333", "*"], "Service": "s3.amazonaws.com"},
      "Action": ["s3:GetObject", "s3:PutObject"],
      "Resource": "arn:aws:s3:::b/*",
      "Condition": {
        "StringEquals": {"aws:username": ["a", "b"], "aws:PrincipalTag/t": "x"},
        "NumericLessThan": {"s3:max-keys": 1e1},
        "Bool": {"aws:SecureTransport": true}
      }
    },
    {"Effect": "Deny", "NotPrincipal": "*", "NotAction": "s3:*", "NotResource": ["*"], "Condition": {"x": {}}}
  ]
}"#;

/// `WHOLE` with its one occurrence of `from` replaced.
fn whole_with(codes: &[&str], from: &str, to: &str) -> Policy {
    assert_eq!(WHOLE.matches(from).count(), 1, "{from}");
    check(codes, &WHOLE.replace(from, to)).expect("the document is an object")
}

#[test]
fn whole_policy() {
    let policy = check(&[], WHOLE).unwrap();
    assert_eq!(policy.version.unwrap().text.as_ref(), "2012-10-17");
    assert!(!policy.damaged);
    let [one, two] = policy.statements.as_slice() else { panic!("two statements") };
    assert_eq!(one.sid.as_ref().unwrap().text.as_ref(), "One");
    assert_eq!(one.effect.unwrap().0, Effect::Allow);
    let Some(PrincipalElement { value: PrincipalValue::Map(entries), .. }) = &one.principal else { panic!() };
    let entries: Vec<_> = entries.iter().map(|(kind, text)| (*kind, text.text.as_ref())).collect();
    let aws = PrincipalType::Aws;
    assert_eq!(entries, [(aws, "111122223333"), (aws, "*"), (PrincipalType::Service, "s3.amazonaws.com")]);
    let tests: Vec<_> = one
        .condition
        .iter()
        .map(|test| {
            let key = test.key.as_ref().unwrap();
            let values: Vec<_> = key.values.iter().map(|value| (value.text.text.as_ref(), value.form)).collect();
            (test.operator.text.as_ref(), key.name.text.as_ref(), values)
        })
        .collect();
    assert_eq!(
        tests,
        [
            ("StringEquals", "aws:username", vec![("a", ValueForm::String), ("b", ValueForm::String)]),
            ("StringEquals", "aws:PrincipalTag/t", vec![("x", ValueForm::String)]),
            ("NumericLessThan", "s3:max-keys", vec![("1e1", ValueForm::Number)]),
            ("Bool", "aws:SecureTransport", vec![("true", ValueForm::Bool)]),
        ]
    );
    assert_eq!(two.condition[0].key, None);
    assert_eq!(two.action.as_ref().unwrap().polarity, Polarity::Negated);
    let action = &one.action.as_ref().unwrap().entries[1];
    assert_eq!(&WHOLE[usize::try_from(action.part(3..12).start()).unwrap()..][..9], "PutObject");
    assert!(matches!(&two.principal.as_ref().unwrap().value, PrincipalValue::Bare(text) if text.text.as_ref() == "*"));
}

#[test]
fn minified_characters() {
    let text = "{ \"Statement\" : [ ] , \"Id\" : \"a b\\u00e9é\" }\n";
    let minified = "{\"Statement\":[],\"Id\":\"a b\\u00e9é\"}";
    let (policy, _) = parse(text);
    assert_eq!(policy.unwrap().minified_chars, u32::try_from(minified.chars().count()).unwrap());
}

#[test]
fn commas() {
    whole_with(&["missing-comma"], r#""Effect": "Allow","#, r#""Effect": "Allow"⟦⟧"#);
    whole_with(&["missing-comma"], r#""s3:GetObject", "#, r#""s3:GetObject"⟦⟧ "#);
    whole_with(&["missing-comma"], "}\n    },\n    {\"Effect\": \"Deny\"", "}\n    }⟦⟧\n    {\"Effect\": \"Deny\"");
    whole_with(&["missing-comma"], "\"b\"], ", "\"b\"]⟦⟧ ");
    whole_with(&["stray-comma"], r#""s3:PutObject"]"#, r#""s3:PutObject"⟦,⟧]"#);
    whole_with(&["stray-comma"], r#"["s3:GetObject""#, r#"[⟦,⟧"s3:GetObject""#);
    whole_with(&["stray-comma"], r#"["s3:GetObject", "#, r#"["s3:GetObject", ⟦,⟧"#);
    whole_with(&["stray-comma"], "true}", "true⟦,⟧}");
    whole_with(&["stray-comma"], r#"{"Effect": "Deny""#, r#"{⟦,⟧"Effect": "Deny""#);
    whole_with(&["stray-comma"], "\"Id\": \"x\",", "\"Id\": \"x\",\n⟦,⟧");
    check(&["trailing-text"], &WHOLE.replace("\n}", "\n}⟦,⟧"));
}

#[test]
fn colons_and_values() {
    whole_with(&["missing-colon"], r#""Effect": "Allow""#, r#""Effect"⟦⟧ "Allow""#);
    whole_with(&["missing-colon"], r#""Action": ["#, r#""Action"⟦⟧ ["#);
    whole_with(&["missing-colon"], r#""s3:max-keys": "#, r#""s3:max-keys"⟦⟧ "#);
    whole_with(&["missing-value"], r#""Sid": "One","#, r#""Sid":⟦⟧ ,"#);
    whole_with(&["missing-value"], r#""Sid": "One","#, r#""Sid"⟦⟧,"#);
    // The comma is missing as well, but the one mistake is that the member was not finished.
    whole_with(&["missing-value"], r#""Sid": "One","#, r#""Sid":⟦⟧"#);
    whole_with(&["missing-value"], r#""NotResource": ["*"], "#, r#""NotResource":⟦⟧, "#);
    whole_with(&["missing-value"], ": true}", ":⟦⟧ }");
    whole_with(&["stray-colon"], r#""Sid": "#, r#""Sid": ⟦:⟧ "#);
    whole_with(&["stray-colon"], r#""Sid": "One""#, r#"⟦:⟧ "One""#);
    whole_with(&["missing-name"], r#""Sid": "One""#, "⟦1⟧");
    whole_with(&["name-not-a-string"], r#""Sid": "One""#, r#"⟦1⟧: "One""#);
    whole_with(
        &["colon-in-array"],
        r#"{"AWS": ["111122223333", "*"], "Service": "s3.amazonaws.com"}"#,
        r#"["AWS"⟦:⟧ "*"]"#,
    );
}

#[test]
fn brackets() {
    whole_with(&["unclosed"], r#"["s3:GetObject", "s3:PutObject"]"#, r#"["s3:GetObject", "s3:PutObject"⟦⟧"#);
    whole_with(&["unclosed"], r#"["a", "b"]"#, r#"["a", "b"⟦⟧"#);
    whole_with(&["unclosed"], r#"["*"], "Condition""#, r#"["*"⟦⟧, "Condition""#);
    let marked = WHOLE.replace("}\n    },\n", "}⟦⟧\n    ,\n");
    assert_eq!(check(&["unclosed"], &marked).unwrap().statements.len(), 2);
    // Names that stand in one place only tell where an object ends.
    whole_with(&["unclosed"], r#""x"},"#, r#""x"⟦⟧,"#);
    whole_with(&["unclosed"], r#""s3.amazonaws.com"},"#, r#""s3.amazonaws.com"⟦⟧,"#);
    whole_with(&["unmatched-bracket"], r#""x"},"#, r#""x"}⟦}⟧,"#);
}

#[test]
fn brackets_that_open_nothing() {
    whole_with(&["unopened"], r#"["s3:GetObject", "s3:PutObject"]"#, r#"⟦⟧"s3:GetObject", "s3:PutObject"]"#);
    whole_with(&["unopened"], r#"["*"], "Condition""#, r#"⟦⟧"*"], "Condition""#);
    whole_with(&["unopened"], r#""Principal": {"AWS""#, r#""Principal": ⟦⟧"AWS""#);
    whole_with(&["unopened"], "    {\n      \"Sid\"", "    ⟦⟧\"Sid\"");
    whole_with(&["unopened"], r#"{"Effect": "Deny""#, r#"⟦⟧"Effect": "Deny""#);
    check(&["unopened"], r#"⟦⟧"Version": "2012-10-17", "Statement": []}"#);
    check(&["unmatched-bracket"], r#"{"Statement": [{"Action": ["a"]⟦]⟧, "Effect": "Allow"}]}"#);
    // Members that the object before does not have yet are its own.
    let one = r#"{"Statement": [{"Action": "a", "Principal": {"AWS": "*"}⟦}⟧, "Effect": "Allow"}]}"#;
    check(&["unmatched-bracket"], one);
}

#[test]
fn unknown_elements() {
    whole_with(&["unknown-element"], r#""Sid": "One""#, r#"⟦"sid"⟧: "One""#);
    whole_with(&["unknown-element"], r#""Effect": "Deny""#, r#"⟦"effect"⟧: "Deny""#);
    whole_with(&["unknown-element"], r#""NotAction": "s3:*""#, r#"⟦"NotActions"⟧: "s3:*""#);
    whole_with(&["unknown-element"], r#""Id": "x""#, r#"⟦"Conditions"⟧: {}"#);
    whole_with(&["unknown-element"], "\"Statement\"", "⟦\"Statements\"⟧");
    whole_with(&["unknown-principal-type"], r#""AWS""#, r#"⟦"aws"⟧"#);
    let help = |name: &str| {
        let (_, findings) = parse(&WHOLE.replace("\"Sid\"", &format!("\"{name}\"")));
        findings[0].help.clone().unwrap()
    };
    assert_eq!(help("Resorce"), "write `Resource`");
    assert_eq!(help("SID"), "write `Sid`");
    assert_eq!(help("Version"), "`Version` belongs elsewhere: move it, or remove it");
}

#[test]
fn duplicates() {
    let (text, spans) = unmark(r#"{"Statement": {⟦"Effect"⟧: "Allow", "Action": "*", ⟦"Effect"⟧: "Deny"}}"#);
    let (policy, findings) = parse(&text);
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!(finding.code, "iamc::syntax::duplicate-member");
    assert_eq!((finding.place.span.start(), finding.place.span.end()), spans[1]);
    let (first, _) = &finding.related[0];
    assert_eq!((first.span.start(), first.span.end()), spans[0]);
    assert_eq!(policy.unwrap().statements[0].effect.unwrap().0, Effect::Allow);
    whole_with(&["duplicate-member"], r#""Id": "x""#, r#""Id": "x", ⟦"\u0049d"⟧: "y""#);
    whole_with(&["duplicate-member"], r#""aws:PrincipalTag/t""#, r#"⟦"aws:username"⟧"#);
    whole_with(&["duplicate-condition-key"], r#""aws:PrincipalTag/t""#, r#"⟦"AWS:UserName"⟧"#);
    whole_with(&["duplicate-member"], r#""Service""#, r#"⟦"AWS"⟧"#);
    whole_with(&["duplicate-member"], r#""Bool""#, r#"⟦"StringEquals"⟧"#);
}

#[test]
fn wrong_types() {
    whole_with(&["wrong-type"], r#""Sid": "One""#, r#""Sid": ⟦{}⟧"#);
    whole_with(&["wrong-type"], r#""Effect": "Allow""#, r#""Effect": ⟦true⟧"#);
    whole_with(&["wrong-type"], r#""NotAction": "s3:*""#, r#""NotAction": ⟦5⟧"#);
    whole_with(&["wrong-type"], r#""NotAction": "s3:*""#, r#""NotAction": ⟦null⟧"#);
    whole_with(&["wrong-type"], r#""s3:PutObject"]"#, r#"⟦["s3:PutObject"]⟧]"#);
    whole_with(&["wrong-type"], r#"{"x": {}}"#, r#"⟦"x"⟧"#);
    whole_with(&["wrong-type"], r#"{"x": {}}"#, r#"{"x": ⟦"y"⟧}"#);
    whole_with(&["wrong-type"], "true}", "⟦null⟧}");
    whole_with(&["wrong-type"], r#"["a", "b"]"#, r#"["a", ⟦["b"]⟧]"#);
    whole_with(&["wrong-type"], r#""NotPrincipal": "*""#, r#""NotPrincipal": ⟦["*"]⟧"#);
    whole_with(&["wrong-type"], r#""Id": "x""#, r#""Id": ⟦1.5⟧"#);
    check(&["wrong-type"], r#"{"Statement": ⟦"x"⟧}"#);
    check(&["wrong-type"], r#"{"Statement": [⟦"x"⟧]}"#);
    check(&["wrong-type"], "⟦[]⟧");
    let policy = whole_with(&["null-entry"], r#""s3:GetObject", "#, "⟦null⟧, ");
    assert_eq!(policy.statements[0].action.as_ref().unwrap().entries.len(), 1);
    let (_, findings) = parse(&WHOLE.replace("\"s3:GetObject\"", "null"));
    assert_eq!(findings[0].severity, Severity::Warning);
}

#[test]
fn values_and_missing_elements() {
    whole_with(&["unknown-effect"], r#""Allow""#, r#"⟦"allow"⟧"#);
    whole_with(&["unknown-version"], r#""2012-10-17""#, r#"⟦"2012-10-18"⟧"#);
    check(&["missing-statement"], r#"⟦{"Version": "2012-10-17"}⟧"#);
    check(&[], r#"{"Statement": []}"#);
    whole_with(
        &["missing-effect"],
        r#"{"Effect": "Deny", "NotPrincipal": "*", "NotAction": "s3:*", "NotResource": ["*"], "Condition": {"x": {}}}"#,
        r#"⟦{"Action": []}⟧"#,
    );
    whole_with(
        &["missing-action"],
        r#"{"Effect": "Deny", "NotPrincipal": "*", "NotAction": "s3:*", "NotResource": ["*"], "Condition": {"x": {}}}"#,
        r#"⟦{"Effect": "Deny"}⟧"#,
    );
    whole_with(&["both-of-pair"], r#""NotAction": "s3:*""#, r#""NotAction": "s3:*", ⟦"Action"⟧: "*""#);
    whole_with(&["both-of-pair"], r#""NotPrincipal": "*""#, r#""NotPrincipal": "*", ⟦"Principal"⟧: "*""#);
}

#[test]
fn characters() {
    whole_with(&["single-quotes"], r#""One""#, "⟦'One'⟧");
    whole_with(&["single-quotes"], r#""Sid""#, "⟦'Sid'⟧");
    whole_with(&["typographic-quotes"], r#""One""#, "⟦“One”⟧");
    whole_with(&["comment"], "\"Id\": \"x\",", "\"Id\": \"x\", ⟦// , { \"⟧");
    whole_with(&["comment"], "\"Id\": \"x\",", "\"Id\": ⟦/* ** / \" \n */⟧ \"x\",");
    whole_with(&["comment"], "\"Id\": \"x\",", "⟦# text⟧\n\"Id\": \"x\",");
    whole_with(&["bare-word"], "true}", "⟦True⟧}");
    whole_with(&["bare-word"], r#""Sid""#, "⟦Sid⟧");
    whole_with(&["bare-word"], r#""One""#, "⟦One and two⟧");
    whole_with(&["bad-number"], "1e1", "⟦01⟧");
    whole_with(&["bad-number"], "1e1", "⟦.5⟧");
    whole_with(&["bad-number"], "1e1", "⟦0x1F⟧");
    whole_with(&["unterminated-string"], "\"Sid\": \"One\",", "\"Sid\": ⟦\"One⟧,");
    whole_with(&["unterminated-string"], "\"Sid\": \"One\",", "⟦\"Sid⟧: \"One\",");
    whole_with(&["unopened-string"], "\"Sid\": \"One\",", "⟦Sid\"⟧: \"One\",");
    whole_with(&["unopened-string"], "\"Sid\": \"One\",", "\"Sid\": ⟦One\"⟧,");
    whole_with(&["unopened-string"], r#"["s3:GetObject", "s3:PutObject"]"#, r#"["s3:GetObject", ⟦s3:PutObject"⟧]"#);
    whole_with(
        &["unterminated-string"],
        r#""NotResource": ["*"], "Condition": {"x": {}}}"#,
        r#""NotResource": [⟦"*⟧]}"#,
    );
    check(&["unterminated-string"], r#"{"Statement":[{"Effect":⟦"Allow⟧,"Action":"*","Resource":"*"}]}"#);
    whole_with(&["control-character"], "\"One\"", "\"O⟦\t⟧ne\"");
    whole_with(&["bad-escape"], "\"One\"", "\"O⟦\\x⟧ne\"");
    whole_with(&["lone-surrogate"], "\"One\"", "\"O⟦\\ud800⟧\\u0041ne\"");
    whole_with(&["lone-surrogate"], "\"One\"", "\"O⟦\\udc00⟧ne\"");
    whole_with(&[], "\"One\"", "\"O\\ud83d\\ude00\\n\\\"ne\"");
    whole_with(&["unknown-text"], r#""Sid": "One""#, r#""Sid": ⟦@@ @⟧"#);
}

#[test]
fn ends() {
    check(&["trailing-text"], &format!("{WHOLE}\n⟦{{\"a\": 1}} [2]⟧\n"));
    check(&["unmatched-bracket"], &format!("{WHOLE}⟦}}⟧"));
    check(&["empty-document"], "⟦⟧");
    check(&["empty-document"], "⟦⟧ \n");
    check(&["bare-word"], "⟦hello world⟧");
    check(&[], &format!("\u{feff}{WHOLE}"));
    check(&["unclosed"], r#"{"Statement":⟦⟧ "#);
}

#[test]
fn several_mistakes() {
    check(
        &["missing-comma", "unknown-effect", "bare-word", "unknown-element", "stray-comma"],
        r#"{
            "Version": "2012-10-17"⟦⟧
            "Statement": [
                {"Effect": ⟦"allow"⟧, "Action": "*", "Resource": ⟦star⟧},
                {"Effect": "Deny", ⟦"action"⟧: "*", "Resource": "*"⟦,⟧}
            ]
        }"#,
    );
}
