//! Hostile, huge and damaged texts: an answer or a precise finding, never a panic, never silence.

#![expect(clippy::string_slice, reason = "a test may panic")]

use proptest::prelude::*;

use super::*;

fn parse_text<'t>(text: &'t str, arena: &'t Arena) -> (Option<Value<'t>>, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    let value = parse(text, arena, &OffsetMap::default(), SourceId(0), &mut findings);
    (value, findings)
}

fn codes(text: &str) -> Vec<&'static str> {
    parse_text(text, &Arena::default()).1.iter().map(|finding| finding.code.rsplit("::").next().unwrap()).collect()
}

/// Spans lie in their parent's, in order, and on character boundaries of the text.
fn check_spans(text: &str, value: &Value<'_>, parent: Span) {
    assert!(parent.start() <= value.span.start() && value.span.end() <= parent.end(), "{text}");
    assert!(text.get(usize_of(value.span.start())..usize_of(value.span.end())).is_some(), "{text}");
    match &value.kind {
        Kind::Array(values) => values.iter().for_each(|inner| check_spans(text, inner, value.span)),
        Kind::Object(members) => {
            for member in *members {
                assert!(member.name_span.end() <= member.value.span.start());
                assert!(value.span.start() <= member.name_span.start());
                check_spans(text, &member.value, value.span);
            }
        }
        Kind::String { text: inner } if usize_of(value.span.end() - value.span.start()) == inner.len() + 2 => {
            let token = text.get(usize_of(value.span.start())..usize_of(value.span.end())).unwrap();
            assert_eq!(token, format!("\"{inner}\""));
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String { .. } | Kind::Error => {}
    }
}

fn check(text: &str) {
    let arena = Arena::default();
    let (value, findings) = parse_text(text, &arena);
    let end = u32::try_from(text.len()).unwrap();
    if let Some(value) = &value {
        check_spans(text, value, Span::new(0, end));
    } else {
        assert!(!findings.is_empty(), "{text}");
    }
    for finding in &findings {
        let span = finding.place.span;
        assert!(text.get(usize_of(span.start())..usize_of(span.end())).is_some(), "{text}");
    }
    // serde_json keeps the last of two equal names, which is a finding here; it knows no byte order mark.
    let is_json = serde_json::from_str::<serde_json::Value>(text.trim_start_matches('\u{feff}')).is_ok();
    let others = findings.iter().filter(|finding| finding.code != "iamc::syntax::duplicate-member").count();
    assert_eq!(is_json, others == 0, "{text}\n{findings:#?}");
    // The room behind must stand whatever comes out of this one.
    crate::syntax::parse_policy(text, SourceId(0), &mut Vec::new());
}

const SAMPLE: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "O\u00e9\"", "Effect": "Allow", "Action": ["s3:Get*", "a:b"], "Resource": "*", "Condition": {"Bool": {"k": [true, 1.5e3, null]}}},
  {"Effect": "Deny", "Principal": {"AWS": "*é"}, "NotAction": [], "n": -0}
]}"#;

#[test]
fn every_truncation() {
    for (at, _) in SAMPLE.char_indices() {
        let text = &SAMPLE[..at];
        check(text);
        let found = codes(text);
        assert!(found.len() == 1, "a cut text is one mistake: {text} {found:?}");
    }
}

#[test]
fn nesting() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(codes(&nested(MAX_DEPTH)), Vec::<&str>::new());
    assert_eq!(codes(&nested(MAX_DEPTH + 1)), ["too-deep"]);
    assert_eq!(codes(&nested(1000)), ["too-deep"]);
    assert_eq!(codes(&"[".repeat(10_000_000)), ["too-deep"]);
    assert_eq!(codes(&"{\"a\":".repeat(1_000_000)), ["too-deep"]);
    // Brackets that never match, in front of many that close: the depth stays within the limit.
    let mixed = format!("{}{}", "[}".repeat(100_000), "]".repeat(100_000));
    assert_eq!(codes(&mixed).last(), Some(&"too-many"));
}

#[test]
fn floods() {
    for text in [",", "}", "a,", "\"", "'", "{", "\"\\", "[]", "/*", "{\"a\" 1 ", ":", "\n\"x", "\u{201c}"] {
        let found = codes(&text.repeat(20_000));
        assert!(!found.is_empty() && found.len() <= MAX_FINDINGS + 1, "{text}");
    }
}

#[test]
fn bracket_mistakes() {
    assert_eq!(codes(r#"{"a": [1, 2}}"#), ["wrong-bracket"]);
    assert_eq!(codes(r#"{"a": [1, 2}"#), ["unclosed"]);
    assert_eq!(codes(r#"{"a": [1, 2}]}"#), ["unmatched-bracket"]);
    assert_eq!(codes(r#"{"a": [1, 2, }"#), ["unclosed"]);
    assert_eq!(codes(r#"[{"a": 1, {"b": 2}]"#), ["unclosed"]);
    assert_eq!(codes(r#"{"a": ["x", "b": "y"}"#), ["unclosed"]);
    assert_eq!(codes(r#"{"a": ["x" "b": "y"}"#), ["unclosed"]);
    assert_eq!(codes(r#"["a": 1, "b": 2]"#), ["colon-in-array"]);
}

#[test]
fn streams() {
    let mut findings = Vec::new();
    let arena = Arena::default();
    let values = parse_stream("{\"a\": 1}\n{}\n[2]", &arena, &OffsetMap::shifted(5), SourceId(0), &mut findings);
    assert!(findings.is_empty());
    let spans: Vec<_> = values.iter().map(|value| (value.span.start(), value.span.end())).collect();
    assert_eq!(spans, [(5, 13), (14, 16), (17, 20)]);
    assert!(parse_stream(" ", &arena, &OffsetMap::default(), SourceId(0), &mut findings).is_empty());
    assert_eq!(findings.len(), 1);
}

/// What parses a text without mistakes and what parses the others make the same of the former.
#[test]
fn both_grammars_make_the_same() {
    let text = &format!("{SAMPLE} {{}} [[], [[1], {{\"a\": [2, {{}}], \"\\u0061\": 3}}, \"\\n\"]]\n7");
    let (map, arena) = (OffsetMap::shifted(3), Arena::default());
    let (mut strict, mut tolerant) = (Vec::new(), Vec::new());
    let mut sink = Sink::new(&map, SourceId(0), &mut strict);
    let values = run_strict(text, &arena, &mut sink).unwrap();
    let top = run_tolerant(text, &arena, &mut Sink::new(&map, SourceId(0), &mut tolerant));
    assert_eq!(values, top.values.into_iter().map(|(value, ..)| value).collect::<Vec<_>>());
    assert_eq!(values.len(), 4);
    assert_eq!(strict, tolerant);
    assert_eq!(strict.len(), 1, "`a` stands twice");
}

#[test]
fn memory_of_one_text_serves_the_next() {
    let mut arena = Arena::default();
    for text in [SAMPLE, "[\"\\u00e9\"]", "[]"] {
        arena.reset();
        let mut findings = Vec::new();
        let value = parse(text, &arena, &OffsetMap::default(), SourceId(0), &mut findings).unwrap();
        let fresh = Arena::default();
        assert_eq!(Some(value), parse_text(text, &fresh).0);
    }
}

#[test]
fn repeated_names_in_large_objects() {
    let members: Vec<_> = (0..1000).map(|number| format!("\"{number}\": 1")).collect();
    let text = format!("{{{}, \"17\": 2}}", members.join(","));
    assert_eq!(codes(&text), ["duplicate-member"]);
}

proptest! {
    #[test]
    fn random_edits(edits in prop::collection::vec((0..SAMPLE.len(), 0..4_usize, "[\\x00-\\x7e\u{e9}]|\\{|\\}|\\[|\\]|,|:|\"|\\\\"), 1..4)) {
        let mut text = SAMPLE.to_owned();
        for (at, removed, inserted) in edits {
            let mut from = at.min(text.len());
            while !text.is_char_boundary(from) { from -= 1; }
            let mut to = (from + removed).min(text.len());
            while !text.is_char_boundary(to) { to += 1; }
            text.replace_range(from..to, &inserted);
        }
        check(&text);
    }

    #[test]
    fn random_texts(text in "([\\{\\}\\[\\],:\"'/\\\\ \n*#a1-]|\"a\"|true|\\\\u12){0,40}") {
        check(&text);
    }
}

#[test]
fn mapped_offsets() {
    // The text `a"b` written as `a\"b` from byte 10 on: `a` at 10, `"` at 11..13, `b` at 13.
    let mut map = OffsetMap::shifted(10);
    map.note(1, 11);
    map.note(2, 13);
    assert_eq!([0, 1, 2, 3].map(|at| map.outer(at)), [10, 11, 13, 14]);
    assert_eq!(OffsetMap::default().span(3, 5), Span::new(3, 5));
}
