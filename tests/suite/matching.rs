//! Patterns against a glob matcher of a few lines, and patterns that were made to cost much.
//!
//! The statements of one policy stand in one trie; each asks for its own number in `t:n`, so that every pattern is
//! asked by itself.

use super::worlds::{Random, document, lenient, policy};
use iamc::ask::Answer;
use iamc::terms::Layers;
use iamc::{Decision, Level, Principal, Request, RequestError, Semantics, Tables, Value};
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

// ---- several patterns at once ----

/// A part of a pattern over few letters, so that the text behind a star occurs again and again.
fn small_part(random: &mut Random, letters: &[char], most: usize) -> String {
    let mut part = String::new();
    for _ in 0..random.below(most + 1) {
        match random.below(8) {
            0 | 1 => part.push('*'),
            2 if random.once_in(2) => part.push('?'),
            3 if random.once_in(3) => part.push_str("**"),
            _ => part.extend((0..=random.below(3)).map(|_| *random.pick(letters))),
        }
    }
    part
}

/// Stars at the front, at the end, in a row, and single ones before one literal.
fn small_pattern(random: &mut Random) -> String {
    const TAIL: [char; 5] = ['a', 'b', ':', '/', 'a'];
    if random.once_in(25) {
        return "*".repeat(1 + random.below(2));
    }
    let mut pattern = if random.once_in(15) { "ar*".to_owned() } else { "arn".to_owned() };
    for component in 1..5 {
        let text = match component {
            1 | 2 if !random.once_in(4) => "a".to_owned(),
            _ if random.once_in(3) => (*random.pick(&["*", "*", "a*", "*a", "*ab", "?", "**", "a*b"])).to_owned(),
            _ => small_part(random, &['a', 'b'], 2),
        };
        write!(pattern, ":{text}").unwrap();
    }
    let literal = |random: &mut Random| (0..=random.below(3)).map(|_| *random.pick(&TAIL)).collect::<String>();
    let tail = match random.below(10) {
        0 => format!("{}*{}", literal(random), literal(random)),
        1 => format!("{}*{}*", literal(random), literal(random)),
        2 => format!("*{}", literal(random)),
        3 => format!("*{}*", literal(random)),
        4 => format!("*{}*{}", literal(random), literal(random)),
        5 => format!("{}*{}?", literal(random), literal(random)),
        6 => format!("{}**", literal(random)),
        _ => small_part(random, &TAIL, 5),
    };
    write!(pattern, ":{tail}").unwrap();
    pattern
}

/// Patterns of which some begin as another does and end otherwise, so that a trie has END, REST and both behind a text.
fn small_patterns(random: &mut Random) -> Vec<String> {
    let count = 1 + random.below(4);
    let mut patterns = vec![small_pattern(random)];
    while patterns.len() < count {
        let known = random.pick(&patterns).clone();
        let next = match random.below(6) {
            0 | 1 => small_pattern(random),
            2 => format!("{known}*"),
            3 => format!("{known}{}", random.pick(&["a", "b", "/", "?", "*a", "ab"])),
            4 => known.trim_end_matches('*').to_owned(),
            _ => {
                // The same up to a star, and something else behind.
                let at = known.rfind('*').map_or(known.len(), |at| at + 1);
                format!("{}{}", &known[..at], random.pick(&["a", "ab", "b*", "a*b", "a?", "", ":a", "/*"]))
            }
        };
        let is_pattern =
            !next.is_empty() && next.chars().all(|character| character == '*') || 5 <= next.matches(':').count();
        patterns.push(if is_pattern { next } else { small_pattern(random) });
    }
    patterns
}

/// A text that matches the pattern or nearly does, of letters that the patterns have.
fn small_instance(random: &mut Random, pattern: &str) -> String {
    const LETTERS: [char; 5] = ['a', 'b', ':', '/', 'a'];
    let mut text = String::new();
    let everything = pattern.chars().all(|character| character == '*');
    let pattern = if everything { "arn:a:a:*:*:*" } else { pattern };
    for (number, character) in pattern.chars().enumerate() {
        let in_head = pattern.chars().take(number).filter(|character| *character == ':').count() < 5;
        let letters: &[char] = if in_head && !random.once_in(8) { &['a', 'b'] } else { &LETTERS };
        match character {
            '*' => text.push_str(&random.text(letters, 5)),
            '?' => text.push(*random.pick(letters)),
            _ if random.once_in(30) => text.push_str(&random.text(letters, 1)),
            _ => text.push(character),
        }
    }
    // The text behind a star once more, as it is or with a letter more.
    if random.once_in(4) {
        let from = pattern.rfind('*').map_or(pattern.len(), |at| at + 1);
        text.push_str(&pattern[from..].replace('?', "a"));
        text.push_str(&random.text(&LETTERS, 1));
    }
    text
}

/// Whether a pattern of an ARN, or one that is all stars, matches.
fn resource_matches(pattern: &str, text: &str, reading: Reading) -> bool {
    let everything = pattern.chars().all(|character| character == '*');
    everything || matches(&arn_tokens(pattern, reading), &units(text, reading))
}

fn small_artifact(statements: &[String], semantics: Semantics, level: Level) -> Vec<u8> {
    policy(&document(&statements.join(",")), semantics, level)
}

/// What a trie of several patterns can get wrong shows only where they stand in one trie, and where the first match is
/// not the last: as one statement, as one for each pattern with denies among them, and as what a statement excludes.
#[test]
fn small_sets_of_patterns_over_few_letters() {
    let rounds = std::env::var("IAMC_MATCHING_ROUNDS").map_or(3_000, |text| text.parse().unwrap());
    let first = std::env::var("IAMC_MATCHING_SEED").map_or(21, |text| text.parse().unwrap());
    let mut random = Random(first);
    let readings = readings();
    let mut answers = [[0; 2]; 4];
    for round in 0..rounds {
        let (reading, semantics) = readings[if random.once_in(2) { 0 } else { random.below(readings.len()) }];
        let patterns = small_patterns(&mut random);
        let lists: Vec<String> = patterns.iter().map(|pattern| quoted(pattern)).collect();
        let all = lists.join(",");
        let one = |effect: &str, member: &str, list: &str| {
            format!(r#"{{"Effect":"{effect}","Action":"t:x","{member}":[{list}]}}"#)
        };
        let denied: Vec<bool> = patterns.iter().map(|_| random.once_in(3)).collect();
        let mixed: Vec<String> = lists
            .iter()
            .zip(&denied)
            .map(|(list, denied)| one(if *denied { "Deny" } else { "Allow" }, "Resource", list))
            .collect();
        // Statements of another condition each have rows of their own.
        let guarded: Vec<String> = lists
            .iter()
            .enumerate()
            .map(|(number, list)| {
                let statement = one("Allow", "Resource", list);
                let condition = format!(r#""Condition":{{"StringEquals":{{"t:n":"{number}"}}}}"#);
                format!("{},{condition}}}", statement.trim_end_matches('}'))
            })
            .collect();
        let level = if round % 8 == 0 { Level::None } else { Level::Full };
        let made = [vec![one("Allow", "Resource", &all)], vec![one("Allow", "NotResource", &all)], mixed, guarded];
        let made = made.map(|statements| small_artifact(&statements, semantics, level));
        let tables = [0, 1, 2, 3].map(|number| Tables::load(&made[number]).unwrap());
        for _ in 0..25 {
            let pattern = random.pick(&patterns).clone();
            let text = small_instance(&mut random, &pattern);
            if !is_arn(&text) {
                continue;
            }
            let hits: Vec<bool> = patterns.iter().map(|pattern| resource_matches(pattern, &text, reading)).collect();
            let any = hits.contains(&true);
            let with = |effect: bool| hits.iter().zip(&denied).any(|(hit, denied)| *hit && *denied == effect);
            let number = random.below(patterns.len());
            let expected = [any, !any, with(false) && !with(true), hits[number]];
            for (kind, (tables, expected)) in tables.iter().zip(expected).enumerate() {
                let found = asks(tables, number, &text, "");
                let context = (reading.arn_star, reading.bytes, reading.folded_head, &denied);
                assert_eq!(found, expected, "{kind} {number}: {text} of {patterns:?} {context:?} {level:?}");
                answers[kind][usize::from(found)] += 1;
            }
        }
    }
    let least = rounds;
    assert!(answers.as_flattened().iter().all(|&count| least < count), "{answers:?}");
}

const VARIABLE: &str = "${t:v}";

/// A small pattern with a variable or two in the resource or, more rarely, in region or account (R-VAR-3).
fn variable_pattern(random: &mut Random) -> String {
    let mut pattern = small_pattern(random);
    for _ in 0..=random.below(2) {
        let colon = if random.once_in(4) { 2 } else { 4 };
        // One that is all stars stays so.
        let Some((colon, _)) = pattern.match_indices(':').nth(colon) else { break };
        let from = colon + 1;
        let mut at = from + random.below(pattern.len() + 1 - from);
        // Not into the one that is there.
        while pattern[..at].rfind("${").is_some_and(|open| !pattern[open..at].contains('}')) {
            at += 1;
        }
        pattern.insert_str(at, VARIABLE);
    }
    pattern
}

/// The same as [`resource_matches`] where a variable has this value: its text is compared as it is (R-VAR-10), an empty one
/// is null (R-VAR-9), and one with a colon is nothing in region and account (R-VAR-16).
fn variable_matches(pattern: &str, value: &str, text: &str, reading: Reading) -> bool {
    const MARK: u32 = 1;
    let marked = pattern.replace(VARIABLE, "\u{1}");
    if marked == pattern {
        return resource_matches(pattern, text, reading);
    }
    let in_head = marked.splitn(6, ':').take(5).any(|component| component.contains('\u{1}'));
    if value.is_empty() || in_head && value.contains(':') {
        return false;
    }
    let value: Vec<Token> = units(value, reading).into_iter().map(|unit| Token::Unit(unit, false)).collect();
    let expand = |token| match token {
        Token::Unit(MARK, _) => value.clone(),
        other @ (Token::Unit(..) | Token::Any(_) | Token::Star(_)) => vec![other],
    };
    let tokens: Vec<Token> = arn_tokens(&marked, reading).into_iter().flat_map(expand).collect();
    matches(&tokens, &units(text, reading))
}

/// Variables lead on from one place, stars from several: nodes with both, with texts beside them, and with values that
/// occur again and again in the text.
#[test]
fn variables_among_stars() {
    const VALUES: [&str; 8] = ["a", "b", "ab", "aa", "a:b", ":", "", "a/b"];
    let mut random = Random(37);
    let readings: Vec<_> = readings().into_iter().filter(|(reading, _)| !reading.folded_head).collect();
    let mut answers = [[0; 2]; 2];
    for round in 0..3_000 {
        let (reading, semantics) = readings[if random.once_in(2) { 0 } else { random.below(readings.len()) }];
        let mut patterns = vec![variable_pattern(&mut random)];
        for _ in 0..random.below(4) {
            let known = random.pick(&patterns).clone();
            let next = match random.below(4) {
                0 => variable_pattern(&mut random),
                1 => format!("{known}{}", random.pick(&["a", "*", "/*", "b?", VARIABLE])),
                2 => known.replacen(VARIABLE, random.pick::<&str>(&["a", "*", "ab", "*a"]), 1),
                _ => {
                    let at = known.find(VARIABLE).unwrap_or(known.len());
                    format!("{}{}", &known[..at], random.pick(&["a", "*", "*b", "ab*", "?"]))
                }
            };
            patterns.push(if 5 <= next.replace(VARIABLE, "").matches(':').count() { next } else { known });
        }
        let denied: Vec<bool> = patterns.iter().map(|_| random.once_in(3)).collect();
        let statement = |(number, (pattern, denied)): (usize, (&String, &bool)), guarded: bool| {
            let effect = if *denied && !guarded { "Deny" } else { "Allow" };
            let guard = format!(r#","Condition":{{"StringEquals":{{"t:n":"{number}"}}}}"#);
            let guard = if guarded { &guard } else { "" };
            format!(r#"{{"Effect":"{effect}","Action":"t:x","Resource":{}{guard}}}"#, quoted(pattern))
        };
        let made = [false, true].map(|guarded| {
            let all: Vec<String> =
                patterns.iter().zip(&denied).enumerate().map(|item| statement(item, guarded)).collect();
            small_artifact(&all, semantics, if round % 8 == 0 { Level::None } else { Level::Full })
        });
        let tables = [0, 1].map(|number| Tables::load(&made[number]).unwrap());
        for _ in 0..20 {
            let value = *random.pick(&VALUES);
            let pattern = random.pick(&patterns).replace(VARIABLE, value);
            let text = small_instance(&mut random, &pattern);
            if !is_arn(&text) {
                continue;
            }
            let hits: Vec<bool> =
                patterns.iter().map(|pattern| variable_matches(pattern, value, &text, reading)).collect();
            let with = |effect: bool| hits.iter().zip(&denied).any(|(hit, denied)| *hit && *denied == effect);
            let number = random.below(patterns.len());
            for (kind, expected) in [with(false) && !with(true), hits[number]].into_iter().enumerate() {
                let found = asks(&tables[kind], number, &text, value);
                let context = (reading.arn_star, reading.bytes, &denied);
                assert_eq!(found, expected, "{kind} {number}: {text} {value:?} of {patterns:?} {context:?}");
                answers[kind][usize::from(found)] += 1;
            }
        }
    }
    assert!(answers.as_flattened().iter().all(|&count| 3_000 < count), "{answers:?}");
}

/// More patterns leave one text with a star than a walk keeps ways open for: those that lead nowhere need none, those that do
/// go to all their ends.
#[test]
fn many_stars_along_one_text() {
    const TEXT: &str = "arn:a:a:::abbabaabbbaabab";
    let mut random = Random(41);
    let reading = Reading { arn_star: "trailing_crosses", bytes: false, folded_head: false };
    let mut answers = [0; 2];
    for round in 0..400 {
        let patterns: Vec<String> = (0..8 + random.below(20))
            .map(|_| {
                let star = random.pick(&["*", "*", "*", "*", "?*", VARIABLE, "${t:v}*"]);
                let tail = random.pick(&["", "a", "b", "ab", "xa", "x*", "a*", "b*y", "aba", "bx"]);
                format!("{}{star}{tail}", &TEXT[..10 + random.below(TEXT.len() - 9)])
            })
            .collect();
        let denied: Vec<bool> = patterns.iter().map(|_| random.once_in(4)).collect();
        let statement = |(pattern, denied): (&String, &bool)| {
            let effect = if *denied { "Deny" } else { "Allow" };
            format!(r#"{{"Effect":"{effect}","Action":"t:x","Resource":{}}}"#, quoted(pattern))
        };
        let all: Vec<String> = patterns.iter().zip(&denied).map(statement).collect();
        let level = if round % 8 == 0 { Level::None } else { Level::Full };
        let made = small_artifact(&all, lenient(&[]), level);
        let tables = Tables::load(&made).unwrap();
        for _ in 0..20 {
            let value = *random.pick(&["a", "b", "ba", "x"]);
            let behind: String = (0..random.below(6)).map(|_| *random.pick(&['a', 'b', 'x', 'y'])).collect();
            let text = format!("{}{behind}", &TEXT[..10 + random.below(TEXT.len() - 9)]);
            let hits = |wanted: bool| {
                let of_effect = patterns.iter().zip(&denied).filter(|(_, denied)| **denied == wanted);
                of_effect.map(|(pattern, _)| pattern).any(|pattern| variable_matches(pattern, value, &text, reading))
            };
            let expected = hits(false) && !hits(true);
            assert_eq!(asks(&tables, 0, &text, value), expected, "{text} {value} of {patterns:?} {denied:?}");
            answers[usize::from(expected)] += 1;
        }
    }
    assert!(answers.iter().all(|&count| 1_500 < count), "{answers:?}");
}

/// Every text of up to eight letters against every pair of patterns with one or two stars before short texts: the fast
/// way of a star before one literal, with patterns that end behind it, go on behind it, and both.
#[test]
fn every_short_text_against_settled_stars() {
    let reading = Reading { arn_star: "trailing_crosses", bytes: false, folded_head: false };
    let ends =
        ["*a", "*ab", "*aba", "*aa", "*a*", "*ab*", "*a*b", "*ab*a", "*a**", "*:", "*:a", "*a?", "a*a", "a*ab*", "*"];
    let mut texts = vec![String::new()];
    let mut from = 0;
    for _ in 0..6 {
        let to = texts.len();
        for at in from..to {
            texts.extend(["a", "b", ":"].map(|letter| format!("{}{letter}", texts[at])));
        }
        from = to;
    }
    let mut hits = 0;
    for (number, one) in ends.iter().enumerate() {
        for other in &ends[number..] {
            let patterns = [one, other].map(|end| format!("arn:aws:a:::{end}"));
            let statement = |effect: &str, pattern: &str| {
                format!(r#"{{"Effect":"{effect}","Action":"t:x","Resource":{}}}"#, quoted(pattern))
            };
            let together = format!(
                r#"{{"Effect":"Allow","Action":"t:x","Resource":[{},{}]}}"#,
                quoted(&patterns[0]),
                quoted(&patterns[1])
            );
            let artifacts = [vec![together], vec![statement("Allow", &patterns[0]), statement("Deny", &patterns[1])]]
                .map(|statements| small_artifact(&statements, Semantics::default(), Level::Full));
            let [any, beside] = [&artifacts[0], &artifacts[1]].map(|bytes| Tables::load(bytes).unwrap());
            for tail in &texts {
                let text = format!("arn:aws:a:::{tail}");
                let [first, second] = [0, 1].map(|number| resource_matches(&patterns[number], &text, reading));
                assert_eq!(asks(&any, 0, &text, ""), first || second, "{text} of {patterns:?}");
                assert_eq!(asks(&beside, 0, &text, ""), first && !second, "{text} of {patterns:?}, the second denies");
                hits += usize::from(first) + usize::from(second);
            }
        }
    }
    assert!(30_000 < hits, "{hits}");
}

/// A word of syllables that begin alike, of which some are one byte, not ASCII, or all that a machine word holds.
fn word(random: &mut Random, least: usize) -> String {
    const SYLLABLES: [&str; 12] = ["ba", "bal", "ca", "é", "e", "-", "ßa", "long-er-", "B", "/", "ê", "0"];
    (0..least + random.below(3)).map(|_| *random.pick(&SYLLABLES)).collect()
}

/// Words one after the other, of which some are cut, or have one letter that is wrong.
fn words_and_others(random: &mut Random, words: &[String]) -> String {
    let mut text = String::new();
    for _ in 0..random.below(6) {
        let mut word = random.pick(words).clone();
        match random.below(6) {
            0 => {
                word.pop();
            }
            1 => word.push(*random.pick(&['b', 'é', 'z', 'B', '-', '?'])),
            2 => word = word.chars().rev().collect(),
            3 => word = word.replace('a', "z"),
            _ => {}
        }
        text.push_str(&word);
    }
    text
}

/// Where many texts stand behind one star, a walk passes over places by what it knows of how they begin. Texts begin as
/// others do, or end where others go on, and the last one ends with what is asked for.
#[test]
fn many_texts_behind_one_star() {
    let mut random = Random(31);
    let readings = readings();
    let mut answers = [[0; 2]; 2];
    for round in 0..60 {
        let (reading, semantics) = readings[if random.once_in(2) { 0 } else { random.below(readings.len()) }];
        let least = 1 + random.below(4);
        let words: Vec<String> = (0..*random.pick(&[6, 25, 80, 200])).map(|_| word(&mut random, least)).collect();
        let in_head = random.once_in(4);
        let patterns: Vec<String> = words
            .iter()
            .map(|word| {
                let other = random.pick(&words).clone();
                if in_head {
                    return format!("arn:aws:x*{word}:{}:1:t", random.pick(&["*", "", other.as_str()]));
                }
                let tail = match random.below(12) {
                    0 => format!("*{word}?"),
                    1 => format!("*{word}?{other}*"),
                    2 | 3 => format!("*{word}*{other}*"),
                    4 | 5 => format!("*{word}*{other}"),
                    6 | 7 => format!("*{word}"),
                    // Rare, as they end what is known of all others.
                    8 if random.once_in(10) => format!("*?{word}"),
                    8 if random.once_in(20) => "*b*".to_owned(),
                    _ => format!("*{word}*"),
                };
                format!("arn:aws:s3:::{tail}")
            })
            .collect();
        let lists: Vec<String> = patterns.iter().map(|pattern| quoted(pattern)).collect();
        let all = format!(r#"{{"Effect":"Allow","Action":"t:x","Resource":[{}]}}"#, lists.join(","));
        let each: Vec<String> = lists
            .iter()
            .enumerate()
            .map(|(number, list)| {
                let condition = format!(r#"{{"StringEquals":{{"t:n":"{number}"}}}}"#);
                format!(r#"{{"Effect":"Allow","Action":"t:x","Resource":{list},"Condition":{condition}}}"#)
            })
            .collect();
        let level = if round % 8 == 0 { Level::None } else { Level::Full };
        let made = [vec![all], each].map(|statements| small_artifact(&statements, semantics, level));
        let [any, each] = [0, 1].map(|number| Tables::load(&made[number]).unwrap());
        for _ in 0..30 {
            let text = words_and_others(&mut random, &words);
            let text = if in_head {
                format!("arn:aws:x{text}:{}:1:t", words_and_others(&mut random, &words))
            } else {
                format!("arn:aws:s3:::{text}")
            };
            let hits: Vec<bool> = patterns.iter().map(|pattern| resource_matches(pattern, &text, reading)).collect();
            let found = asks(&any, 0, &text, "");
            assert_eq!(found, hits.contains(&true), "{text} of {patterns:?} {semantics:?}");
            answers[0][usize::from(found)] += 1;
            let first_hits = hits.iter().enumerate().filter(|(_, hit)| **hit).map(|(number, _)| number).take(5);
            let others = (0..5).map(|_| random.below(patterns.len()));
            for number in first_hits.chain(others.collect::<Vec<_>>()) {
                let found = asks(&each, number, &text, "");
                assert_eq!(found, hits[number], "{text} and {} of {patterns:?} {semantics:?}", patterns[number]);
                answers[1][usize::from(found)] += 1;
            }
        }
    }
    assert!(answers.as_flattened().iter().all(|&count| 300 < count), "{answers:?}");
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

/// Places that look as if something began there, and behind each star again.
#[test]
fn thousands_of_texts_that_begin_alike() {
    let patterns: Vec<String> =
        (0..2_000).map(|at| format!("arn:aws:s3:::*aaaaaaa{:02}*aaaaaa{:03}", at % 100, at)).collect();
    check_hostile(&patterns, &format!("arn:aws:s3:::{}", "a".repeat(20_000)), 5, "denied");
    let words: Vec<String> = (0..100).map(|at| format!("aaaaaaa{at:02}")).collect();
    let text = format!("arn:aws:s3:::{}", words.concat().repeat(10));
    check_hostile(&patterns, &text, 5, "denied");
    check_hostile(&patterns, &format!("{text}aaaaaa1999"), 5, "allowed");
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

/// Took minutes: a run of text cost one unit of the budget, however long it was.
#[test]
fn a_long_run_behind_a_star() {
    let run = "a".repeat(5_000);
    let text = document(&format!(
        r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"StringLike":{{"t:v":"*{run}b*c"}}}}}}"#
    ));
    let bytes = policy(&text, Semantics::default(), Level::Full);
    let tables = Tables::load(&bytes).unwrap();
    let value = "a".repeat(1_000_000);
    let context = [("t:v", Value::One(value.as_str())), ("t:n", Value::One("0"))];
    let policies = ["P"];
    let request = Request::new(Principal::Nameless, "t:x", "*").policies(&policies).context(&context);
    // No layer is named where the budget does not suffice.
    assert_eq!(tables.decide(&request), Decision::ImplicitDeny(Layers::NONE));
    let explanation = tables.explain(&request).unwrap();
    let answer = Answer::new(&tables, &request, &explanation, None, &[]);
    assert_eq!(answer.to_string(), "denied: deciding it would cost too much");
    assert!(asks(&tables, 0, "*", &format!("{run}b c")));
}

/// Took as long as there were patterns: what is looked through for a letter that does not come was not counted.
#[test]
fn action_patterns_that_end_in_nothing() {
    let patterns: Vec<String> = (0..300).map(|at| format!(r#""s3:*ab*c{at}""#)).collect();
    let text = document(&format!(
        r#"{{"Effect":"Deny","Action":[{}],"Resource":"*"}},{{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#,
        patterns.join(",")
    ));
    let bytes = policy(&text, Semantics::default(), Level::Full);
    let tables = Tables::load(&bytes).unwrap();
    let policies = ["P"];
    let decide = |action: &str| tables.decide(&Request::new(Principal::Nameless, action, "*").policies(&policies));
    assert_eq!(decide(&format!("s3:{}", "ab".repeat(32_000))), Decision::ImplicitDeny(Layers::NONE));
    assert!(decide(&format!("s3:{}", "ab".repeat(32))).is_allowed());
    assert_eq!(decide("s3:xabxc7").name(), "explicitDeny");
}

/// Took minutes: comparing without case reads all of the policy's text, and only the request's was counted.
#[test]
fn long_values_of_any_case() {
    let values: Vec<String> = (0..20).map(|at| format!(r#""{}{at}""#, "K".repeat(100_000))).collect();
    let text = document(&format!(
        r#"{{"Effect":"Allow","Action":"*","Resource":"*",
            "Condition":{{"ForAnyValue:StringEqualsIgnoreCase":{{"t:v":[{}]}}}}}}"#,
        values.join(",")
    ));
    let bytes = policy(&text, Semantics::default(), Level::Full);
    let tables = Tables::load(&bytes).unwrap();
    let decide = |values: &[&str]| {
        let context = [("t:v", Value::List(values))];
        let policies = ["P"];
        tables.decide(&Request::new(Principal::Nameless, "t:x", "*").policies(&policies).context(&context))
    };
    assert_eq!(decide(&vec!["k"; 300]), Decision::ImplicitDeny(Layers::NONE));
    assert!(decide(&["k", &format!("{}7", "k".repeat(100_000))]).is_allowed());
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

/// Long literals made positions of nodes larger than the width that was reckoned for them: denies were lost.
#[test]
fn literals_of_thousands_of_bytes_keep_their_denies() {
    for (count, length) in [(40, 2_000), (25, 3_000), (3, 33_000), (200, 1_200)] {
        let texts: Vec<String> = (0..count).map(|at| format!("arn:aws:s3:::b/{at:03}{}", "x".repeat(length))).collect();
        let denied: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
        let statements = [
            r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#.to_owned(),
            format!(r#"{{"Effect":"Deny","Action":"s3:*","Resource":[{}]}}"#, denied.join(",")),
        ];
        for level in [Level::None, Level::Full] {
            let bytes = small_artifact(&statements, Semantics::default(), level);
            let tables = Tables::load(&bytes).unwrap();
            for text in &texts {
                let request = Request::new(Principal::Nameless, "s3:GetObject", text).policies(&["P"]);
                assert_eq!(tables.decide(&request).name(), "explicitDeny", "{count} of {length} bytes, {level:?}");
            }
            let other = format!("{}y", texts[0]);
            let request = Request::new(Principal::Nameless, "s3:GetObject", &other).policies(&["P"]);
            assert_eq!(tables.decide(&request).name(), "allowed", "{count} of {length} bytes, {level:?}");
        }
    }
}

/// An action with two colons, which only lenient reading lets into an artifact, is no action that a request may name.
#[test]
fn an_action_of_two_colons_is_refused_at_both_levels() {
    let semantics = lenient(&[]);
    let statements = [r#"{"Effect":"Allow","Action":"s3:a:b","Resource":"*"}"#.to_owned()];
    for level in [Level::None, Level::Full] {
        let bytes = small_artifact(&statements, semantics, level);
        let tables = Tables::load(&bytes).unwrap();
        let request = Request::new(Principal::Nameless, "s3:a:b", "arn:aws:s3:::b/k").policies(&["P"]);
        assert_eq!(tables.explain(&request), Err(RequestError::Action), "{level:?}");
    }
}
