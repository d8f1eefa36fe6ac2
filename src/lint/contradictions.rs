//! Conditions of one statement that no request meets together.

use hashbrown::HashMap;

use super::conditions::Test;
use super::{Facts, Linter, errors, glob};
use crate::terms::{Comparison, Qualifier};
use crate::value::boolean::parse_bool;
use crate::value::decimal::Decimal;
use crate::value::instant::Instant;
use crate::value::ip::Network;

/// Networks of one test that are compared with those of another one at most.
const COMPARED: usize = 128;

/// Reports the first clash of each test with one before it.
pub(super) fn check(linter: &mut Linter, facts: &Facts<'_>) {
    if facts.tests.len() < 2 {
        return;
    }
    let mut by_key = HashMap::<&str, Vec<&Test<'_>>>::new();
    for test in &facts.tests {
        let others = by_key.entry(&test.key.name).or_default();
        let clash = others.iter().find_map(|other| Some((*other, clash(other, test).or_else(|| clash(test, other))?)));
        if let Some((other, why)) = clash {
            let (place, first) = (linter.at(test.written.name.span), linter.at(other.written.name.span));
            linter.report(errors::contradiction(place, &test.written.name.text, first, why));
        }
        others.push(test);
    }
}

/// Why no request meets both tests of one key; nothing where some may.
fn clash(one: &Test<'_>, other: &Test<'_>) -> Option<&'static str> {
    // One key twice under one operator is an error, which `syntax` reports.
    if one.name.span == other.name.span {
        return None;
    }
    if is_absence(one) {
        return other.needs_key().then_some("one test needs the key to be missing and the other needs it");
    }
    let is_plain = |test: &Test<'_>| test.operator.qualifier == Qualifier::Plain;
    if !is_plain(one) || !is_plain(other) || !one.needs_key() || has_variables(one) || has_variables(other) {
        return None;
    }
    let (own, others) = (one.operator.comparison, other.operator.comparison);
    let is_text = |comparison| matches!(comparison, Comparison::StringEquals | Comparison::StringLike);
    if own == Comparison::StringEquals && is_text(others) {
        let accepted = |value: &str| {
            let is_like = others == Comparison::StringLike;
            let equals = |pattern: &str| if is_like { glob::includes(pattern, value) } else { pattern == value };
            // Where a wildcard stands for itself, texts that are no ASCII are left alone.
            texts(other).any(|pattern| equals(pattern) || !pattern.is_ascii()) != other.operator.is_negated
        };
        let is_judged = texts(one).all(|value| value.is_ascii() && !value.contains(['*', '?']));
        return (is_judged && texts(one).all(|value| !accepted(value)))
            .then_some("no value that one test accepts is accepted by the other");
    }
    if own == Comparison::Bool && others == Comparison::Bool {
        let accepts = |test: &Test<'_>, value| texts(test).any(|text| parse_bool(text) == Some(value));
        let is_read = texts(one).chain(texts(other)).all(|text| parse_bool(text).is_some());
        let is_met = [true, false].into_iter().any(|value| accepts(one, value) && accepts(other, value));
        return (is_read && !is_met).then_some("one test needs true and the other false");
    }
    if own == Comparison::IpAddress && others == Comparison::IpAddress {
        let (own, others) = (networks(one)?, networks(other)?);
        let is_met = if other.operator.is_negated {
            own.iter().any(|own| !others.iter().any(|other| other.includes(*own)))
        } else {
            own.iter().any(|own| others.iter().any(|other| own.includes(*other) || other.includes(*own)))
        };
        return (!is_met).then_some("no address that one test accepts is accepted by the other");
    }
    let (upper, lower) = (bound(one, Side::Upper)?, bound(other, Side::Lower)?);
    upper.is_below(&lower).then_some("the upper bound is below the lower one")
}

/// Whether the test demands that the key is missing.
fn is_absence(test: &Test<'_>) -> bool {
    let values = &test.written.values;
    test.operator.comparison == Comparison::Null
        && test.operator.qualifier == Qualifier::Plain
        && !values.is_empty()
        && values.iter().all(|value| parse_bool(&value.text.text) == Some(true))
}

fn has_variables(test: &Test<'_>) -> bool {
    texts(test).any(|text| text.contains("${"))
}

fn texts<'t>(test: &'t Test<'_>) -> impl Iterator<Item = &'t str> {
    test.written.values.iter().map(|value| &*value.text.text)
}

/// The networks of a test, if all of them can be read and there are few.
fn networks(test: &Test<'_>) -> Option<Vec<Network>> {
    let is_few = test.written.values.len() <= COMPARED;
    is_few.then(|| texts(test).map(Network::parse).collect::<Option<Vec<_>>>()).flatten()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Upper,
    Lower,
}

/// A bound of what a test accepts.
#[derive(Debug)]
struct Bound<'t> {
    value: Value<'t>,
    is_strict: bool,
}

#[derive(Debug, Clone, Copy)]
enum Value<'t> {
    Number(Decimal<'t>),
    Instant(Instant),
}

/// The bound of a comparison with one value on that side.
fn bound<'t>(test: &'t Test<'_>, side: Side) -> Option<Bound<'t>> {
    let [value] = test.written.values.as_slice() else { return None };
    let value = &*value.text.text;
    let is = |strict, loose| {
        let comparison = test.operator.comparison;
        (comparison == strict || comparison == loose).then_some(comparison == strict)
    };
    let (number, date) = match side {
        Side::Upper => (
            is(Comparison::NumericLessThan, Comparison::NumericLessThanEquals),
            is(Comparison::DateLessThan, Comparison::DateLessThanEquals),
        ),
        Side::Lower => (
            is(Comparison::NumericGreaterThan, Comparison::NumericGreaterThanEquals),
            is(Comparison::DateGreaterThan, Comparison::DateGreaterThanEquals),
        ),
    };
    match (number, date) {
        (Some(is_strict), _) => Some(Bound { value: Value::Number(Decimal::parse(value)?), is_strict }),
        (_, Some(is_strict)) => Some(Bound { value: Value::Instant(Instant::parse(value)?), is_strict }),
        (None, None) => None,
    }
}

impl Bound<'_> {
    /// Whether nothing lies between this upper and that lower bound.
    fn is_below(&self, lower: &Self) -> bool {
        let order = match (self.value, lower.value) {
            (Value::Number(one), Value::Number(other)) => one.cmp(&other),
            (Value::Instant(one), Value::Instant(other)) => one.cmp(&other),
            (Value::Number(_), Value::Instant(_)) | (Value::Instant(_), Value::Number(_)) => return false,
        };
        order.is_lt() || (order.is_eq() && (self.is_strict || lower.is_strict))
    }
}
