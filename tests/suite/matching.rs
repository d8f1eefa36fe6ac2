//! Patterns against a glob matcher of a few lines, and patterns that were made to cost much.
//!
//! The statements of one policy stand in one trie; each asks for its own number in `t:n`, so that every pattern is
//! asked by itself.

use super::worlds::{Random, document, lenient, policy};
use iamc::{Level, Principal, Request, Semantics, Tables, Value};
use std::fmt::Write;

/// One place of a pattern.
#[derive(Clone, Copy)]
enum Token {
    /// This unit; the flag says whether ASCII case is ignored.
    Unit(u32, bool),
    /// `?`, and whether it may be a colon.
    Any(bool),
    /// `*`, and whether it may hold colons.
    Star(bool),
}

/// What the reference needs to know of the switches.
#[derive(Clone, Copy)]
struct Reading {
    arn_star: &'static str,
    bytes: bool,
    folded_head: bool,
}

const COLON: u32 = 0x3a;

/// A text as scalar values or as bytes (R-ARN-19).
fn units(text: &str, reading: Reading) -> Vec<u32> {
    if reading.bytes { text.bytes().map(u32::from).collect() } else { text.chars().map(u32::from).collect() }
}

/// A resource pattern by R-ARN-8, R-ARN-9, R-ARN-10.
fn arn_tokens(pattern: &str, reading: Reading) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut component = 0;
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        let in_head = component < 5;
        let ends_component = matches!(rest.clone().next(), None | Some(':'));
        match character {
            '*' => tokens.push(Token::Star(match reading.arn_star {
                "whole_string" => true,
                "per_component" => !in_head,
                _ => !in_head || ends_component,
            })),
            '?' => tokens.push(Token::Any(!in_head || reading.arn_star == "whole_string")),
            _ => {
                let units = units(&character.to_string(), reading);
                tokens.extend(units.into_iter().map(|unit| Token::Unit(unit, in_head && reading.folded_head)));
                component += usize::from(character == ':');
            }
        }
    }
    tokens
}

/// A pattern whose wildcards may consume anything (R-CON-24).
fn plain_tokens(pattern: &str, reading: Reading) -> Vec<Token> {
    let whole = Reading { arn_star: "whole_string", folded_head: false, ..reading };
    arn_tokens(pattern, whole)
}

fn lower(unit: u32) -> u32 {
    if (0x41..=0x5a).contains(&unit) { unit + 0x20 } else { unit }
}

/// For each token from the back: at which places the rest of the pattern matches the rest of the text.
fn matches(tokens: &[Token], text: &[u32]) -> bool {
    let mut behind = vec![false; text.len() + 2];
    behind[text.len()] = true;
    for token in tokens.iter().rev() {
        let mut here = vec![false; text.len() + 2];
        for at in (0..=text.len()).rev() {
            let unit = text.get(at).copied();
            here[at] = match *token {
                Token::Unit(wanted, false) => unit == Some(wanted) && behind[at + 1],
                Token::Unit(wanted, true) => unit.map(lower) == Some(lower(wanted)) && behind[at + 1],
                Token::Any(colon) => unit.is_some_and(|unit| colon || unit != COLON) && behind[at + 1],
                Token::Star(colon) => behind[at] || unit.is_some_and(|unit| colon || unit != COLON) && here[at + 1],
            };
        }
        behind = here;
    }
    behind[0]
}

/// R-CON-26: component by component.
fn arn_like(pattern: &str, text: &str, reading: Reading) -> bool {
    let (patterns, parts): (Vec<_>, Vec<_>) = (pattern.splitn(6, ':').collect(), text.splitn(6, ':').collect());
    patterns.len() == 6
        && parts.len() == 6
        && parts[0] == "arn"
        && patterns.iter().zip(&parts).all(|(pattern, part)| {
            let tokens = plain_tokens(pattern, reading);
            matches(&tokens, &units(part, reading))
        })
}

const PATTERN: [char; 10] = ['a', 'b', '*', '*', '?', '/', ':', 'é', 'B', 'a'];
const HEAD: [char; 8] = ['a', 'b', '*', '*', '?', 'é', 'A', 'a'];
const TEXT: [char; 8] = ['a', 'b', '/', ':', 'é', '*', 'B', 'a'];

/// An ARN pattern of six components.
fn arn_pattern(random: &mut Random) -> String {
    if random.once_in(20) {
        return "*".repeat(1 + random.below(3));
    }
    let mut pattern = "arn".to_owned();
    for component in 1..5 {
        let text = match component {
            1 if !random.once_in(3) => "aws".to_owned(),
            2 => format!("a{}", random.text(&HEAD, 2)),
            _ => random.text(&HEAD, 3),
        };
        write!(pattern, ":{text}").unwrap();
    }
    write!(pattern, ":{}", random.text(&PATTERN, 8)).unwrap();
    pattern
}

/// A text that matches the pattern, or nearly.
fn instance(random: &mut Random, pattern: &str) -> String {
    let mut text = String::new();
    for character in pattern.chars() {
        match character {
            '*' => text.push_str(&random.text(&TEXT, 3)),
            '?' => text.push(*random.pick(&TEXT)),
            _ if random.once_in(25) => text.push_str(&random.text(&TEXT, 1)),
            _ if random.once_in(20) => text.extend(character.to_uppercase()),
            _ => text.push(character),
        }
    }
    text
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && 5 <= text.matches(':').count()
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether statement `number` of the policy `P` allows.
fn asks(tables: &Tables<'_>, number: usize, resource: &str, value: &str) -> bool {
    let number = number.to_string();
    let context = [("t:n", Value::One(&number)), ("t:v", Value::One(value))];
    let request = Request::new(Principal::Nameless, "t:x", resource).context(&context).policies(&["P"]);
    tables.decide(&request).is_allowed()
}

fn readings() -> Vec<(Reading, Semantics)> {
    let mut readings = Vec::new();
    for arn_star in ["trailing_crosses", "per_component", "whole_string"] {
        for (bytes, question_mark) in [(false, "scalar"), (true, "byte")] {
            for (folded_head, case) in [(false, "sensitive"), (true, "insensitive")] {
                let switches = [("arn_star", arn_star), ("question_mark", question_mark), ("arn_head_case", case)];
                readings.push((Reading { arn_star, bytes, folded_head }, lenient(&switches)));
            }
        }
    }
    readings
}

/// Compiles `statement(pattern)` for each pattern and compares the answers for texts made of the patterns.
fn check_random(
    seed: u64,
    rounds: usize,
    statement: impl Fn(&str) -> String,
    ask: impl Fn(&Tables<'_>, usize, &str) -> bool,
    expected: impl Fn(&str, &str, Reading) -> bool,
    make: impl Fn(&mut Random) -> String,
) {
    let mut random = Random(seed);
    let (mut hits, mut misses) = (0, 0);
    for (reading, semantics) in readings() {
        for round in 0..rounds {
            let patterns: Vec<String> = (0..=random.below(12)).map(|_| make(&mut random)).collect();
            let statements: Vec<String> = patterns
                .iter()
                .enumerate()
                .map(|(number, pattern)| statement(&quoted(pattern)).replace("NUMBER", &number.to_string()))
                .collect();
            let level = if round % 4 == 0 { Level::None } else { Level::Full };
            let bytes = policy(&document(&statements.join(",")), semantics, level);
            let tables = Tables::load(&bytes).unwrap();
            for _ in 0..30 {
                let pattern = random.pick(&patterns).clone();
                let text = instance(&mut random, &pattern);
                for (number, pattern) in patterns.iter().enumerate() {
                    let wanted = expected(pattern, &text, reading);
                    let context = (reading.arn_star, reading.bytes, reading.folded_head);
                    assert_eq!(ask(&tables, number, &text), wanted, "{pattern} {text} {context:?} of {patterns:?}");
                    *if wanted { &mut hits } else { &mut misses } += 1;
                }
            }
        }
    }
    assert!(300 < hits && 300 < misses, "too few samples of one kind: {hits} matches, {misses} others");
}

#[test]
fn resources() {
    let statement = |pattern: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"t:x","Resource":{pattern},"Condition":{{"StringEquals":{{"t:n":"NUMBER"}}}}}}"#
        )
    };
    let expected = |pattern: &str, text: &str, reading: Reading| {
        let everything = pattern.chars().all(|character| character == '*');
        let tokens = arn_tokens(pattern, reading);
        // Any other text is no resource, and the request is refused.
        (is_arn(text) || text == "*") && (everything || matches(&tokens, &units(text, reading)))
    };
    check_random(1, 12, statement, |tables, number, text| asks(tables, number, text, ""), expected, arn_pattern);
}

#[test]
fn string_like() {
    let statement = |pattern: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"t:x","Resource":"*","Condition":{{"StringLike":{{"t:v":{pattern}}},"StringEquals":{{"t:n":"NUMBER"}}}}}}"#
        )
    };
    let expected =
        |pattern: &str, text: &str, reading: Reading| matches(&plain_tokens(pattern, reading), &units(text, reading));
    let make = |random: &mut Random| random.text(&PATTERN, 9);
    check_random(2, 6, statement, |tables, number, text| asks(tables, number, "*", text), expected, make);
}

#[test]
fn arn_like_by_components() {
    let statement = |pattern: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"t:x","Resource":"*","Condition":{{"ArnLike":{{"t:v":{pattern}}},"StringEquals":{{"t:n":"NUMBER"}}}}}}"#
        )
    };
    check_random(3, 6, statement, |tables, number, text| asks(tables, number, "*", text), arn_like, arn_pattern);
}

// ---- patterns made to cost much ----

fn resource_policy(patterns: &[String], semantics: Semantics) -> Vec<u8> {
    let list: Vec<String> = patterns.iter().map(|pattern| quoted(pattern)).collect();
    let text = document(&format!(r#"{{"Effect":"Allow","Action":"*","Resource":[{}]}}"#, list.join(",")));
    policy(&text, semantics, Level::Full)
}

/// Asks `times` times; what takes for ever shows as a test that does not end.
fn check_hostile(patterns: &[String], text: &str, times: usize, expected: &str) {
    let bytes = resource_policy(patterns, Semantics::default());
    let tables = Tables::load(&bytes).unwrap();
    for _ in 0..times {
        let answer = if asks(&tables, 0, text, "") { "allowed" } else { "denied" };
        assert_eq!(answer, expected);
    }
}

#[test]
fn two_hundred_stars() {
    let pattern = format!("arn:aws:s3:::{}b", "*a".repeat(200));
    let long = "a".repeat(10_000);
    check_hostile(std::slice::from_ref(&pattern), &format!("arn:aws:s3:::{}", "a".repeat(1_000)), 3, "denied");
    check_hostile(std::slice::from_ref(&pattern), &format!("arn:aws:s3:::{long}"), 1, "denied");
    check_hostile(&[pattern], &format!("arn:aws:s3:::{long}b"), 1, "allowed");
}

/// Took for ever: stars that stay within a component were not remembered, so that each multiplied the places.
#[test]
fn two_hundred_stars_within_a_component() {
    let pattern = format!("arn:aws:x:{}b:1:t", "*a".repeat(200));
    check_hostile(std::slice::from_ref(&pattern), &format!("arn:aws:x:{}:1:t", "a".repeat(1_000)), 3, "denied");
    check_hostile(&[pattern], &format!("arn:aws:x:{}b:1:t", "a".repeat(1_000)), 3, "allowed");
}

/// Took long: each place behind `*a` tested the row's conditions again.
#[test]
fn a_condition_behind_ten_thousand_places() {
    let like = "*x".repeat(120);
    let text = document(&format!(
        r#"{{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::*a*","Condition":{{"StringLike":{{"t:v":"{like}"}}}}}}"#
    ));
    let bytes = policy(&text, Semantics::default(), Level::Full);
    let tables = Tables::load(&bytes).unwrap();
    let (resource, value) = (format!("arn:aws:s3:::{}", "a".repeat(10_000)), "x".repeat(10_000));
    for _ in 0..5 {
        assert!(asks(&tables, 0, &resource, &value));
        assert!(!asks(&tables, 0, &resource, "xxx"));
    }
}

#[test]
fn three_hundred_patterns_with_nested_stars() {
    let patterns: Vec<String> = (0..300).map(|at| format!("arn:aws:s3:::b{}/*a*/x{at}*/?*b*{at}", at % 7)).collect();
    let tail = "a/x7b/éb".repeat(1_250);
    check_hostile(&patterns, &format!("arn:aws:s3:::b0/{tail}7"), 5, "allowed");
    check_hostile(&patterns, &format!("arn:aws:s3:::b1/{tail}"), 5, "denied");
}

/// More stars than a walk remembers, in one trie: the walk may be given up, and then denies.
#[test]
fn more_stars_than_are_remembered() {
    let patterns: Vec<String> =
        (0..300).map(|at| format!("arn:aws:s3:::{}c{at}", "*a*b".repeat(1 + at % 60))).collect();
    check_hostile(&patterns, &format!("arn:aws:s3:::{}", "ab".repeat(5_000)), 2, "denied");
    // The same patterns hold no deny back: with an unconditional allow beside them, what is given up is denied.
    let denies: Vec<String> = patterns.iter().map(|pattern| quoted(pattern)).collect();
    let text = document(&format!(
        r#"{{"Effect":"Allow","Action":"*","Resource":"*"}},{{"Effect":"Deny","Action":"*","Resource":[{}]}}"#,
        denies.join(",")
    ));
    let bytes = policy(&text, Semantics::default(), Level::Full);
    let tables = Tables::load(&bytes).unwrap();
    assert!(asks(&tables, 0, "arn:aws:s3:::x", ""));
    assert!(!asks(&tables, 0, &format!("arn:aws:s3:::{}c299", "ab".repeat(5_000)), ""));
}

/// Took for ever: matching a value with active wildcards at every length was not counted.
#[test]
fn active_wildcards_in_long_values() {
    let semantics = lenient(&[("variable_wildcards", "active")]);
    let bytes = resource_policy(&["arn:aws:s3:::${t:v}${t:v}x".to_owned()], semantics);
    let tables = Tables::load(&bytes).unwrap();
    assert!(asks(&tables, 0, "arn:aws:s3:::abcabx", "a*"));
    assert!(!asks(&tables, 0, "arn:aws:s3:::abcaby", "a*"));
    let long = format!("arn:aws:s3:::{}", "a".repeat(10_000));
    assert!(!asks(&tables, 0, &long, &"a*".repeat(2_000)));
}

#[test]
fn many_costly_conditions() {
    let values: Vec<String> = (0..60).map(|at| format!(r#""{}{at}b""#, "*aaaaaaaaaaaaaaaaaaa".repeat(12))).collect();
    let text = document(&format!(
        r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"StringLike":{{"t:v":[{}]}}}}}}"#,
        values.join(",")
    ));
    let bytes = policy(&text, Semantics::default(), Level::Full);
    let tables = Tables::load(&bytes).unwrap();
    for _ in 0..3 {
        assert!(!asks(&tables, 0, "*", &"a".repeat(10_000)));
    }
}

/// Was a stack overflow in the compiler: a trie was built by recursion, a level for each prefix.
#[test]
fn two_thousand_resources_that_begin_each_other() {
    let patterns: Vec<String> = (1..2_000).map(|length| format!("arn:aws:s3:::{}", "a".repeat(length))).collect();
    check_hostile(&patterns, &format!("arn:aws:s3:::{}", "a".repeat(1_999)), 2, "allowed");
    check_hostile(&patterns, &format!("arn:aws:s3:::{}b", "a".repeat(1_999)), 2, "denied");
}

/// The deepest patterns that the compiler takes, on a small stack: 160 KB suffice in a release build, 512 KB in a debug
/// build.
#[test]
fn the_deepest_patterns_on_a_small_stack() {
    let stack = if cfg!(debug_assertions) { 768 } else { 192 } * 1024;
    let stars = format!("arn:aws:s3:::{}", "*a".repeat(255));
    let marks = format!("arn:aws:s3:::{}", "?".repeat(255));
    let variables = format!("arn:aws:s3:::{}", "${t:v}".repeat(255));
    // A second way on at every place, so that none of them can be followed without a call.
    let mut ladder: Vec<String> =
        (0..255).map(|at| format!("arn:aws:s3:::{}a{}", "?".repeat(at), "?".repeat(254 - at))).collect();
    ladder.push(marks.clone());
    let all = [vec![stars], vec![marks], vec![variables], ladder];
    for patterns in all {
        let bytes = resource_policy(&patterns, Semantics::default());
        let asking = std::thread::Builder::new().stack_size(stack).spawn(move || {
            let tables = Tables::load(&bytes).unwrap();
            assert!(asks(&tables, 0, &format!("arn:aws:s3:::{}", "a".repeat(255)), "a"));
            assert!(!asks(&tables, 0, &format!("arn:aws:s3:::{}", "a".repeat(254)), "a"));
        });
        asking.unwrap().join().unwrap();
    }
}
