//! Request JSON: what is read, and what is refused in which words.

use iamc::ask::{ContextValue, OwnedPrincipal, OwnedRequest};
use iamc::{Principal, Semantics, Value};

fn read(line: &str) -> Result<OwnedRequest, String> {
    OwnedRequest::from_json(line, Semantics::default()).map_err(|error| error.to_string())
}

fn check_refused(members: &str, expected: &str) {
    let line = format!(r#"{{"action":"s3:GetObject","resource":"*",{members}}}"#);
    let error = read(&line).expect_err(&line);
    assert!(error.contains(expected), "{line}: {error}");
}

#[test]
fn values_become_text_and_keep_their_form() {
    let line =
        r#"{"action":"a:b","resource":"*","context":{"s":"x","n":1.50,"b":true,"l":["x",2,false],"e":[],"one":["x"]}}"#;
    let request = read(line).unwrap();
    let one = |text: &str| ContextValue::One(text.to_owned());
    let list = |texts: &[&str]| ContextValue::List(texts.iter().map(|text| (*text).to_owned()).collect());
    let expected = [
        ("s", one("x")),
        ("n", one("1.50")),
        ("b", one("true")),
        ("l", list(&["x", "2", "false"])),
        ("e", list(&[])),
        ("one", list(&["x"])),
    ];
    let expected: Vec<_> = expected.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    assert_eq!(request.context, expected);
    request.with(|request| assert_eq!(request.context[5].1, Value::List(&["x"]))).unwrap();
}

#[test]
fn principals_as_text_and_as_object() {
    let session = "arn:aws:sts::111122223333:assumed-role/app/s1";
    let role = "arn:aws:iam::111122223333:role/svc/app";
    let line = format!(
        r#"{{"principal":{{"type":"RoleSession","arn":"{session}","roleArn":"{role}","uniqueId":"AROAX","tags":{{"team":"red"}}}},
            "action":"a:b","resource":"*"}}"#
    );
    let request = read(&line).unwrap();
    assert_eq!(request.principal, Some(OwnedPrincipal::RoleSession(session.to_owned(), Some(role.to_owned()))));
    request
        .with(|request| {
            assert_eq!(request.principal, Principal::RoleSession { arn: session, role_arn: Some(role) });
            assert_eq!(request.unique_id, Some("AROAX"));
            assert_eq!(request.session_tags, [("team", "red")]);
        })
        .unwrap();
    let line = r#"{"principal":{"type":"Service","serviceNames":["a.amazonaws.com","b.amazonaws.com"]},"action":"a:b","resource":"*"}"#;
    read(line)
        .unwrap()
        .with(|request| {
            let service = Principal::Service { name: "a.amazonaws.com", other_names: &["b.amazonaws.com"] };
            assert_eq!(request.principal, service);
        })
        .unwrap();
}

#[test]
fn nothing_is_passed_over_in_silence() {
    check_refused(r#""colour":"red""#, "no member `colour`");
    check_refused(r#""objectAcl":[]"#, "`objectAcl` must be an object, not an array");
    check_refused(r#""objectAcl":{"Colour":1}"#, "`objectAcl` has no member `Colour`");
    check_refused(r#""objectAcl":{"Owner":"x"}"#, "`Owner` in `objectAcl` must be an object, not a string");
    check_refused(r#""objectAcl":{"Owner":{"Id":"x"}}"#, "`Owner` in `objectAcl` has no member `Id`");
    check_refused(r#""objectAcl":{"Owner":{"ID":""}}"#, "`ID` of the owner must not be empty");
    check_refused(r#""objectAcl":{"Grants":{}}"#, "`Grants` must be an array, not an object");
    check_refused(r#""objectAcl":{"Grants":[{"Permission":"READ"}]}"#, "a grant needs `Grantee` and `Permission`");
    check_refused(r#""objectAcl":{"Grants":[{"Grantee":{"ID":"x"},"Permission":"read"}]}"#, "not `read`");
    check_refused(r#""objectAcl":{"Grants":[{"Grantee":{"URI":"x"},"Permission":"READ"}]}"#, "`x` is no group");
    check_refused(r#""objectAcl":{"Grants":[{"Grantee":{"Type":"Group","ID":"x"}}]}"#, "must be `CanonicalUser`");
    check_refused(r#""objectAcl":{"Grants":[{"Grantee":{"EmailAddress":"x"}}]}"#, "no member `EmailAddress`");
    check_refused(r#""objectAcl":{"Grants":[{"Grantee":{"ID":"x","URI":"y"}}]}"#, "either `ID` or `URI`");
    let grant = r#"{"Grantee":{"ID":"x"},"Permission":"READ"}"#;
    let grants = [grant; 101].join(",");
    check_refused(&format!(r#""objectAcl":{{"Grants":[{grants}]}}"#), "at most 100");
    check_refused(r#""principal":"bob""#, "`bob`");
    check_refused(r#""principal":7"#, "must be a string or an object, not a number");
    check_refused(r#""principal":{"type":"User"}"#, "needs the member `arn`");
    check_refused(r#""principal":{"type":"Martian"}"#, "not `Martian`");
    check_refused(
        r#""principal":{"type":"User","arn":"arn:aws:iam::111122223333:root"}"#,
        "of type `Root`, not `User`",
    );
    check_refused(r#""principal":{"type":"Anonymous","provider":"x"}"#, "has no member `provider`");
    check_refused(r#""context":{"k":null}"#, "the context key `k` must be");
    check_refused(r#""context":{"k":["a",null]}"#, "strings, numbers and booleans only");
    check_refused(r#""context":{"k":"a","k":"b"}"#, "given twice");
    check_refused(r#""context":[]"#, "`context` must be an object, not an array");
    check_refused(r#""resourceAccount":"1""#, "12 digits");
    check_refused(r#""credentials":"stolen""#, "not `stolen`");
    check_refused(r#""policies":"ReadOnly""#, "must be an array, not a string");
    assert!(read(r#"{"resource":"*"}"#).unwrap_err().contains("`action`"));
    assert!(read(r#"{"action":"a:b"}"#).unwrap_err().contains("`resource`"));
    assert!(read("").is_err());
    assert!(read("[]").unwrap_err().contains("must be an object"));
    assert!(read(r#"{"action":"a:b" "resource":"*"}"#).unwrap_err().contains("in column 16"));
}

#[test]
fn the_time_is_filled_in_only_where_the_context_tells_none() {
    for (context, expected) in [("{}", 1), (r#"{"AWS:currenttime":"x"}"#, 1), (r#"{"aws:EpochTime":"0"}"#, 1)] {
        let mut request = read(&format!(r#"{{"action":"a:b","resource":"*","context":{context}}}"#)).unwrap();
        request.fill_time("2026-01-01T00:00:00Z");
        assert_eq!(request.context.len(), expected, "{context}");
    }
}
