//! `Condition` (chapter 5): operators, keys, and values parsed for their comparison.

use super::template::{self, Lowercase, Piece, Placement, Reading, Structure, Wildcards};
use super::{Host, Lowering, errors};
use crate::ir::{Crossing, PatternBuilder, Test, TestId, Value};
use crate::syntax::ast::{ConditionKey, ConditionTest, ConditionValue, Text, ValueForm};
use crate::terms::{ArnlikeBareStar, BoolVariables, Comparison, NullWithSetOperator, OperatorCase, Qualifier};
use crate::value::{binary::Base64, boolean::parse_bool, decimal::Decimal, instant::Instant, ip, text::lowercase};

/// Largest exponent of a number, in both directions; it bounds the text that stands for the number.
const MAX_EXPONENT: u32 = 1000;

/// Names of the base operators with their positive twin and whether they are negated (R-CON-6).
const OPERATORS: &[(&str, Comparison, bool)] = &[
    ("StringEquals", Comparison::StringEquals, false),
    ("StringNotEquals", Comparison::StringEquals, true),
    ("StringEqualsIgnoreCase", Comparison::StringEqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Comparison::StringEqualsIgnoreCase, true),
    ("StringLike", Comparison::StringLike, false),
    ("StringNotLike", Comparison::StringLike, true),
    ("NumericEquals", Comparison::NumericEquals, false),
    ("NumericNotEquals", Comparison::NumericEquals, true),
    ("NumericLessThan", Comparison::NumericLessThan, false),
    ("NumericLessThanEquals", Comparison::NumericLessThanEquals, false),
    ("NumericGreaterThan", Comparison::NumericGreaterThan, false),
    ("NumericGreaterThanEquals", Comparison::NumericGreaterThanEquals, false),
    ("DateEquals", Comparison::DateEquals, false),
    ("DateNotEquals", Comparison::DateEquals, true),
    ("DateLessThan", Comparison::DateLessThan, false),
    ("DateLessThanEquals", Comparison::DateLessThanEquals, false),
    ("DateGreaterThan", Comparison::DateGreaterThan, false),
    ("DateGreaterThanEquals", Comparison::DateGreaterThanEquals, false),
    ("Bool", Comparison::Bool, false),
    ("BinaryEquals", Comparison::BinaryEquals, false),
    ("IpAddress", Comparison::IpAddress, false),
    ("NotIpAddress", Comparison::IpAddress, true),
    ("ArnEquals", Comparison::ArnLike, false),
    ("ArnNotEquals", Comparison::ArnLike, true),
    ("ArnLike", Comparison::ArnLike, false),
    ("ArnNotLike", Comparison::ArnLike, true),
    ("Null", Comparison::Null, false),
];

const QUALIFIERS: &[(&str, Qualifier)] =
    &[("ForAllValues:", Qualifier::ForAllValues), ("ForAnyValue:", Qualifier::ForAnyValue)];

/// An operator taken apart (R-CON-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    /// The positive comparison.
    pub(crate) comparison: Comparison,
    /// Whether the operator is its negation.
    pub(crate) is_negated: bool,
    /// The set operator in front.
    pub(crate) qualifier: Qualifier,
    /// Whether `IfExists` stands behind.
    pub(crate) if_exists: bool,
}

/// Lowers all tests of a statement; nothing where the statement can never match (R-CON-2 in lenient mode).
pub(super) fn block(lowering: &mut Lowering<'_>, host: &Host<'_>, tests: &[ConditionTest]) -> Option<Vec<TestId>> {
    let mut lowered = Vec::new();
    let mut can_match = true;
    let mut last_unknown = None;
    for test in tests {
        match parse(&test.operator.text, lowering.semantics.operator_case) {
            Some(operator) => {
                if let Some(key) = &test.key {
                    lowered.push(lower_test(lowering, host, &test.operator, operator, key));
                }
            }
            None => {
                // The operator is shared by the keys under it: one finding is enough.
                if last_unknown != Some(test.operator.span) {
                    let place = lowering.report.at(test.operator.span);
                    let (help, meant) = suggestion(&test.operator.text);
                    let finding = errors::unknown_operator(place, &test.operator.text, help);
                    lowering.report.tolerated(match meant {
                        Some(meant) => test.operator.replaced(finding, place.source, &meant),
                        None => finding,
                    });
                }
                last_unknown = Some(test.operator.span);
                can_match &= test.key.is_none();
            }
        }
    }
    can_match.then_some(lowered)
}

/// Takes the name of an operator apart; nothing if there is none of that name.
pub(crate) fn parse(name: &str, case: OperatorCase) -> Option<Operator> {
    let same = |left: &str, right: &str| match case {
        OperatorCase::Exact => left == right,
        OperatorCase::Insensitive => left.eq_ignore_ascii_case(right),
    };
    let strip = |prefix: &str| {
        let (start, rest) = name.split_at_checked(prefix.len())?;
        same(start, prefix).then_some(rest)
    };
    let (qualifier, rest) = QUALIFIERS
        .iter()
        .find_map(|(prefix, qualifier)| Some((*qualifier, strip(prefix)?)))
        .unwrap_or((Qualifier::Plain, name));
    let find = |base: &str| OPERATORS.iter().find(|(operator, ..)| same(operator, base));
    let operator = |&(_, comparison, is_negated): &(&str, Comparison, bool), if_exists| Operator {
        comparison,
        is_negated,
        qualifier,
        if_exists,
    };
    if let Some(found) = find(rest) {
        return Some(operator(found, false));
    }
    let (base, suffix) = rest.split_at_checked(rest.len().checked_sub("IfExists".len())?)?;
    let found = find(base).filter(|(_, comparison, _)| *comparison != Comparison::Null)?;
    same(suffix, "IfExists").then(|| operator(found, true))
}

/// How to repair an unknown operator, and the operator if it is certainly meant.
fn suggestion(name: &str) -> (String, Option<String>) {
    if name.eq_ignore_ascii_case("NullIfExists") {
        return ("write `Null`, which takes no `IfExists`".into(), None);
    }
    let prefixes = || std::iter::once("").chain(QUALIFIERS.iter().map(|(prefix, _)| *prefix));
    let names = OPERATORS.iter().flat_map(|&(operator, comparison, _)| {
        let suffixes: &[&str] = if comparison == Comparison::Null { &[""] } else { &["", "IfExists"] };
        prefixes().flat_map(move |prefix| suffixes.iter().map(move |suffix| format!("{prefix}{operator}{suffix}")))
    });
    let names = names.collect::<Vec<_>>();
    let folded = name.to_ascii_lowercase();
    let is_one_edit = |meant: &str| distance(&folded, &meant.to_ascii_lowercase()) <= 1;
    let near = closest(name, names.iter().map(String::as_str));
    // `Equals` is rather `StringEquals`, whose type was left out, than `ArnEquals`, which happens to be shorter.
    let is_end = |meant: &&String| 4 <= name.len() && meant.to_ascii_lowercase().ends_with(&folded);
    let whole = || names.iter().find(is_end).map(String::as_str);
    match near.filter(|near| is_one_edit(near)).or_else(whole).or(near) {
        Some(meant) => {
            let is_certain = is_one_edit(meant);
            (format!("did you mean `{meant}`?"), is_certain.then(|| meant.to_owned()))
        }
        None => ("use an operator such as `StringEquals`, `StringLike`, `Bool` or `ArnLike`".into(), None),
    }
}

/// Most edits between a word and what is offered for it.
const EDITS: usize = 3;

/// The candidate nearest to `word`, if it is near.
pub(super) fn closest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let folded = word.to_ascii_lowercase();
    let length = folded.chars().count();
    candidates
        // Each character that one of them has more is an edit, so that a long word costs nothing.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= EDITS)
        .map(|candidate| (distance(&folded, &candidate.to_ascii_lowercase()), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= EDITS && *distance < word.len())
        .map(|(_, candidate)| candidate)
}

/// Number of single-character edits between two texts.
pub(super) fn distance(left: &str, right: &str) -> usize {
    let mut row = (0..=right.chars().count()).collect::<Vec<_>>();
    for (at, character) in left.chars().enumerate() {
        let mut diagonal = at;
        let mut before = at + 1;
        let mut next = vec![before];
        for (other, above) in right.chars().zip(row.iter().skip(1)) {
            before = (before + 1).min(above + 1).min(diagonal + usize::from(character != other));
            diagonal = *above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

fn lower_test(
    lowering: &mut Lowering<'_>,
    host: &Host<'_>,
    name: &Text,
    mut operator: Operator,
    key: &ConditionKey,
) -> TestId {
    if operator.comparison == Comparison::Null && operator.qualifier != Qualifier::Plain {
        null_with_set_operator(lowering, name, &mut operator);
    }
    if key.values.is_empty() && !key.damaged {
        let place = lowering.report.at(key.span);
        lowering.report.warning(errors::empty_values(place, &key.name.text));
    }
    let values = key.values.iter().filter_map(|value| lower_value(lowering, host, &name.text, operator, value));
    let values = values.collect::<Vec<_>>();
    let key = lowering.keys.key(&mut lowering.program, &key.name.text);
    lowering.program.test(Test {
        comparison: operator.comparison,
        negated: operator.is_negated,
        qualifier: operator.qualifier,
        if_exists: operator.if_exists,
        key,
        values: values.into(),
    })
}

/// R-CON-11, decided by the switch `null_with_set_operator`.
fn null_with_set_operator(lowering: &mut Lowering<'_>, name: &Text, operator: &mut Operator) {
    let place = lowering.report.at(name.span);
    let outcome = if operator.qualifier == Qualifier::ForAllValues { "true" } else { "false" };
    let finding = errors::null_with_set_operator(place, outcome);
    match lowering.semantics.null_with_set_operator {
        NullWithSetOperator::Constant => lowering.report.tolerated(finding),
        NullWithSetOperator::Ignore => {
            lowering.report.warning(finding);
            operator.qualifier = Qualifier::Plain;
        }
    }
}

/// Parses one value; nothing for a value that never matches and makes no test fail (R-CON-10).
fn lower_value(
    lowering: &mut Lowering<'_>,
    host: &Host<'_>,
    operator_name: &str,
    operator: Operator,
    value: &ConditionValue,
) -> Option<Value> {
    let text = &*value.text.text;
    let (parsed, what, help) = match operator.comparison {
        Comparison::StringEquals | Comparison::StringEqualsIgnoreCase | Comparison::StringLike => {
            return Some(string(lowering, host, operator.comparison, &value.text));
        }
        Comparison::ArnLike => return Some(arn(lowering, host, &value.text)),
        Comparison::NumericEquals
        | Comparison::NumericLessThan
        | Comparison::NumericLessThanEquals
        | Comparison::NumericGreaterThan
        | Comparison::NumericGreaterThanEquals => {
            (number(lowering, value), "a number", "write an integer or a decimal such as `10` or `0.5`")
        }
        Comparison::DateEquals
        | Comparison::DateLessThan
        | Comparison::DateLessThanEquals
        | Comparison::DateGreaterThan
        | Comparison::DateGreaterThanEquals => {
            let parsed = Instant::parse(text).map(|instant| {
                let (seconds, nanoseconds) = instant.to_parts();
                Value::Instant(seconds, nanoseconds)
            });
            (parsed, "a date", "write a date such as `2026-01-31T12:00:00Z`, or seconds since 1970")
        }
        Comparison::Bool => {
            if let Some(template) = bool_template(lowering, host, &value.text) {
                return Some(template);
            }
            (parse_bool(text).map(Value::Bool), "a truth value", "write `true` or `false`")
        }
        Comparison::Null => (parse_bool(text).map(Value::Bool), "a truth value", "write `true` or `false`"),
        Comparison::BinaryEquals => {
            let parsed = Base64::parse(text).map(|_| Value::Binary(lowering.program.texts.intern(text)));
            (parsed, "base64 text", "encode the bytes with the standard alphabet and padding")
        }
        Comparison::IpAddress => {
            (network(text), "an address or a CIDR block", "write an address or a block such as `203.0.113.0/24`")
        }
    };
    if parsed.is_some() {
        return parsed;
    }
    let place = lowering.report.at(value.text.span);
    let has_variable = template::parts(text, host.expansion)
        .iter()
        .any(|part| !matches!(part.piece, Piece::Literal | Piece::Star | Piece::Any));
    lowering.report.tolerated(if has_variable {
        errors::variable_in_value(place, operator_name)
    } else {
        errors::bad_value(place, operator_name, text, what, help)
    });
    (operator.comparison != Comparison::Null).then_some(Value::Unparsable)
}

fn string(lowering: &mut Lowering<'_>, host: &Host<'_>, comparison: Comparison, text: &Text) -> Value {
    let is_like = comparison == Comparison::StringLike;
    let folds = comparison == Comparison::StringEqualsIgnoreCase;
    let reading = Reading {
        placement: Placement::Value,
        structure: Structure::Plain,
        wildcards: if is_like { Wildcards::Active } else { Wildcards::Literal },
        lowercase: if folds { Lowercase::Yes } else { Lowercase::No },
    };
    let template = template::read(lowering, host.expansion, text, reading);
    if template.is_null {
        return Value::Null;
    }
    match template.literal().filter(|_| !is_like) {
        Some(literal) if folds => {
            let literal = lowercase(&literal).collect::<String>();
            Value::Text(lowering.program.texts.intern(&literal))
        }
        Some(literal) => Value::Text(lowering.program.texts.intern(&literal)),
        None => template::build(lowering, &template, reading, 0, text).map_or(Value::Null, Value::Pattern),
    }
}

/// R-CON-26, R-CON-27: a pattern without variables must have six components, the first of them `arn`.
fn arn(lowering: &mut Lowering<'_>, host: &Host<'_>, text: &Text) -> Value {
    let is_bare = !text.text.is_empty() && text.text.bytes().all(|byte| byte == b'*');
    if is_bare && lowering.semantics.arnlike_bare_star == ArnlikeBareStar::Match {
        let mut builder = PatternBuilder::default();
        builder.star(Crossing::Free);
        return Value::Pattern(builder.finish(&mut lowering.program));
    }
    let reading = Reading {
        placement: Placement::Value,
        structure: Structure::Arn,
        wildcards: Wildcards::Active,
        lowercase: Lowercase::No,
    };
    let template = template::read(lowering, host.expansion, text, reading);
    if template.is_null {
        return Value::Null;
    }
    let is_arn = template.components.len() == 6 && text.text.starts_with("arn:");
    if !is_arn && !template.has_variables() {
        let place = lowering.report.at(text.span);
        lowering.report.tolerated(errors::arn_components(place));
        return Value::Unparsable;
    }
    template::build(lowering, &template, reading, 0, text).map_or(Value::Null, Value::Pattern)
}

/// R-VAR-4: the value of `Bool` as a pattern, where it holds a variable and the switch expands it.
fn bool_template(lowering: &mut Lowering<'_>, host: &Host<'_>, text: &Text) -> Option<Value> {
    let expands = lowering.semantics.bool_variables == BoolVariables::Expand;
    let parts = template::parts(&text.text, host.expansion);
    let variable = parts.into_iter().find(|part| matches!(part.piece, Piece::Variable { .. })).filter(|_| expands)?;
    let place = lowering.report.at(text.part(variable.range));
    lowering.report.warning(errors::variable_in_bool(place));
    Some(string(lowering, host, Comparison::StringEquals, text))
}

fn number(lowering: &mut Lowering<'_>, value: &ConditionValue) -> Option<Value> {
    let text = &*value.text.text;
    let plain = match value.form {
        ValueForm::Number if text.contains(['e', 'E']) => expand_exponent(text).or_else(|| {
            let place = lowering.report.at(value.text.span);
            lowering.report.error(errors::exponent_too_large(place, MAX_EXPONENT));
            // The number is reported; any value will do behind an error.
            Some("0".into())
        })?,
        ValueForm::Number | ValueForm::String | ValueForm::Bool => text.to_owned(),
    };
    let normal = Decimal::parse(&plain)?.to_string();
    Some(Value::Number(lowering.program.texts.intern(&normal)))
}

/// Writes a JSON number without its exponent, exactly; nothing if the exponent is out of range.
fn expand_exponent(text: &str) -> Option<String> {
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let exponent =
        exponent.parse::<i64>().ok().filter(|exponent| exponent.unsigned_abs() <= u64::from(MAX_EXPONENT))?;
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{integer}{fraction}");
    let point = i64::try_from(integer.len()).ok()? + exponent;
    let Ok(point) = usize::try_from(point) else {
        let zeros = usize::try_from(point.unsigned_abs()).ok()?;
        return Some(format!("{sign}0.{}{digits}", "0".repeat(zeros)));
    };
    if point == 0 {
        return Some(format!("{sign}0.{digits}"));
    }
    match digits.split_at_checked(point) {
        Some((integer, "")) => Some(format!("{sign}{integer}")),
        Some((integer, fraction)) => Some(format!("{sign}{integer}.{fraction}")),
        None => Some(format!("{sign}{digits}{}", "0".repeat(point - digits.len()))),
    }
}

fn network(text: &str) -> Option<Value> {
    let (family, address, prefix) = ip::Network::parse(text)?.to_parts();
    Some(Value::Network { address, prefix, v4: family == ip::Family::V4 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operator(name: &str) -> Option<Operator> {
        parse(name, OperatorCase::Exact)
    }

    #[test]
    fn operators_are_taken_apart() {
        let found = operator("ForAnyValue:StringNotLikeIfExists").unwrap();
        assert_eq!(found.comparison, Comparison::StringLike);
        assert!(found.is_negated && found.if_exists);
        assert_eq!(found.qualifier, Qualifier::ForAnyValue);
        for (name, comparison, is_negated) in OPERATORS {
            let found = operator(name).unwrap();
            assert_eq!((found.comparison, found.is_negated, found.if_exists), (*comparison, *is_negated, false));
            assert_eq!(operator(&format!("{name}IfExists")).is_some(), *comparison != Comparison::Null);
        }
    }

    #[test]
    fn unknown_operators() {
        for name in ["", "StringMatches", "stringEquals", "ForAnyValue::StringEquals", "NullIfExists", "IfExists"] {
            assert_eq!(operator(name), None, "{name}");
        }
        assert!(parse("forallvalues:STRINGEQUALSifexists", OperatorCase::Insensitive).is_some());
    }

    #[test]
    fn suggestions() {
        let certain = |meant: &str| (format!("did you mean `{meant}`?"), Some(meant.to_owned()));
        assert_eq!(suggestion("stringequals"), certain("StringEquals"));
        assert_eq!(suggestion("StringEqualIfExists"), certain("StringEqualsIfExists"));
        assert_eq!(suggestion("ForAllValue:StringLike"), certain("ForAllValues:StringLike"));
        assert_eq!(suggestion("ForAllValuesStringLike"), certain("ForAllValues:StringLike"));
        assert_eq!(suggestion("StrngEqals").1, None);
        assert_eq!(suggestion("Equals").0, "did you mean `StringEquals`?");
        assert_eq!(suggestion("NotLikeIfExists").0, "did you mean `StringNotLikeIfExists`?");
        assert_eq!(suggestion("LessThan").0, "did you mean `NumericLessThan`?");
        assert_eq!(suggestion("tringEquals"), certain("StringEquals"));
        assert!(suggestion("Regex").0.starts_with("use an operator"));
    }

    #[test]
    fn exponents_are_written_out() {
        for (text, expected) in [
            ("1e3", "1000"),
            ("1.5E+1", "15"),
            ("-12.5e-3", "-0.0125"),
            ("1e0", "1"),
            ("125e-2", "1.25"),
            ("125e-3", "0.125"),
        ] {
            assert_eq!(expand_exponent(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(expand_exponent("1e1001"), None);
        assert_eq!(expand_exponent("1e99999999999999999999"), None);
    }
}
