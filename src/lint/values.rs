//! Values of one test: those that another one covers, wildcards where an exact value is wanted, and addresses that no
//! request comes from.

use std::cmp::Ordering;

use super::conditions::Test;
use super::cover::{arn_includes, superfluous};
use super::{Facts, Linter, errors, glob};
use crate::source::Diagnostic;
use crate::syntax::ast::Text;
use crate::terms::Comparison;
use crate::value::boolean::parse_bool;
use crate::value::decimal::Decimal;
use crate::value::instant::Instant;
use crate::value::ip::Network;
use crate::value::text;

/// Values of one test that are compared with each other at most.
const COMPARED: usize = 128;

/// Keys that name one account, organization, network or endpoint: a wildcard in their values lets in others (R-KEY-8).
pub(super) const SENSITIVE: &[&str] = &[
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
];

/// Networks whose addresses no request over the Internet has.
const PRIVATE: &[&str] =
    &["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

/// Reports what is wrong with the values of the statement's tests.
pub(super) fn check(linter: &mut Linter, facts: &Facts<'_>) {
    for test in &facts.tests {
        redundant(linter, test);
        wildcards(linter, test);
        private(linter, test);
        host_bits(linter, test);
        epoch(linter, test);
    }
}

/// Values that another one of the same list covers. Of two that cover each other the first one stays.
fn redundant(linter: &mut Linter, test: &Test<'_>) {
    let values = test.written.values.iter().map(|value| &value.text).take(COMPARED).collect::<Vec<_>>();
    if values.len() < 2 {
        return;
    }
    let covers = |wide: &Text, narrow: &Text| covers(test.operator.comparison, &wide.text, &narrow.text);
    for (at, narrow) in values.iter().enumerate() {
        let is_wider =
            |&(to, wide): &(usize, &&Text)| to != at && covers(wide, narrow) && (to < at || !covers(narrow, wide));
        if let Some((to, _)) = values.iter().enumerate().find(is_wider) {
            superfluous(linter, &values, at, to, errors::redundant_value);
        }
    }
}

/// Whether a comparison with the wide value holds wherever one with the narrow value does.
fn covers(comparison: Comparison, wide: &str, narrow: &str) -> bool {
    if wide == narrow {
        return true;
    }
    if wide.contains("${") || narrow.contains("${") {
        return false;
    }
    let number = |test: fn(Ordering) -> bool| {
        let (wide, narrow) = (Decimal::parse(wide), Decimal::parse(narrow));
        wide.zip(narrow).is_some_and(|(wide, narrow)| test(wide.cmp(&narrow)))
    };
    let instant = |test: fn(Ordering) -> bool| {
        let (wide, narrow) = (Instant::parse(wide), Instant::parse(narrow));
        wide.zip(narrow).is_some_and(|(wide, narrow)| test(wide.cmp(&narrow)))
    };
    match comparison {
        Comparison::StringEquals | Comparison::BinaryEquals | Comparison::Null => false,
        Comparison::StringEqualsIgnoreCase => text::lowercase(wide).eq(text::lowercase(narrow)),
        Comparison::StringLike => glob::includes(wide, narrow),
        Comparison::ArnLike => arn_includes(wide, narrow),
        Comparison::Bool => parse_bool(wide).is_some() && parse_bool(wide) == parse_bool(narrow),
        Comparison::IpAddress => {
            let (wide, narrow) = (Network::parse(wide), Network::parse(narrow));
            wide.zip(narrow).is_some_and(|(wide, narrow)| wide.includes(narrow))
        }
        Comparison::NumericEquals => number(Ordering::is_eq),
        Comparison::NumericLessThan | Comparison::NumericLessThanEquals => number(Ordering::is_ge),
        Comparison::NumericGreaterThan | Comparison::NumericGreaterThanEquals => number(Ordering::is_le),
        Comparison::DateEquals => instant(Ordering::is_eq),
        Comparison::DateLessThan | Comparison::DateLessThanEquals => instant(Ordering::is_ge),
        Comparison::DateGreaterThan | Comparison::DateGreaterThanEquals => instant(Ordering::is_le),
    }
}

/// R-KEY-8
fn wildcards(linter: &mut Linter, test: &Test<'_>) {
    if test.operator.comparison != Comparison::StringLike || SENSITIVE.binary_search(&&*test.key.name).is_err() {
        return;
    }
    for value in &test.written.values {
        if glob_only(&value.text.text).contains(['*', '?']) {
            let (place, key) = (linter.at(value.text.span), linter.at(test.written.name.span));
            linter.report(errors::sensitive_wildcard(place, &value.text.text, key, &test.written.name.text));
        }
    }
}

/// The text without its variables, of which `${*}` and `${?}` are no wildcards.
fn glob_only(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some((before, behind)) = rest.split_once("${") {
        plain.push_str(before);
        rest = behind.split_once('}').map_or("", |(_, after)| after);
    }
    plain + rest
}

/// Addresses that `aws:SourceIp` never is: requests from such a network carry `aws:VpcSourceIp` instead.
fn private(linter: &mut Linter, test: &Test<'_>) {
    if test.operator.comparison != Comparison::IpAddress || test.key.name != "aws:sourceip" {
        return;
    }
    for value in &test.written.values {
        let Some(network) = Network::parse(&value.text.text) else { continue };
        let mut private = PRIVATE.iter().filter_map(|network| Network::parse(network));
        if private.any(|private| private.includes(network)) {
            let place = linter.at(value.text.span);
            let outcome = if test.operator.is_negated { "excludes nobody" } else { "matches nobody" };
            linter.report(errors::private_address(place, &value.text.text, outcome));
        }
    }
}

/// Networks with bits behind the mask, which count for nothing (R-CON-33).
fn host_bits(linter: &mut Linter, test: &Test<'_>) {
    if test.operator.comparison != Comparison::IpAddress {
        return;
    }
    for value in &test.written.values {
        let written = &*value.text.text;
        let parts =
            written.split_once('/').and_then(|(address, _)| Some((Network::parse(address)?, Network::parse(written)?)));
        let Some((address, network)) = parts else { continue };
        if address.to_parts().1 != network.to_parts().1 {
            let (place, meant) = (linter.at(value.text.span), network.to_string());
            let fixes = linter.replace(&value.text, 0..written.len(), &meant);
            linter.report(Diagnostic { fixes, ..errors::host_bits(place, written, &meant) });
        }
    }
}

/// Numbers where a date is wanted: seconds since 1970, even if they look like a year (R-CON-29).
fn epoch(linter: &mut Linter, test: &Test<'_>) {
    let is_date = matches!(
        test.operator.comparison,
        Comparison::DateEquals
            | Comparison::DateLessThan
            | Comparison::DateLessThanEquals
            | Comparison::DateGreaterThan
            | Comparison::DateGreaterThanEquals
    );
    if !is_date || test.key.name == "aws:epochtime" {
        return;
    }
    for value in &test.written.values {
        let written = &*value.text.text;
        if !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit()) {
            let place = linter.at(value.text.span);
            linter.report(errors::epoch_date(place, written));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_readable() {
        assert!(SENSITIVE.is_sorted());
        assert!(PRIVATE.iter().all(|network| Network::parse(network).is_some()));
    }

    #[test]
    fn wider_values() {
        for (comparison, wide, narrow) in [
            (Comparison::StringLike, "a*", "ab"),
            (Comparison::StringEqualsIgnoreCase, "A", "a"),
            (Comparison::ArnLike, "arn:aws:s3:::*", "arn:aws:s3:::b"),
            (Comparison::IpAddress, "10.0.0.0/8", "10.1.0.0/16"),
            (Comparison::NumericEquals, "1", "1.0"),
            (Comparison::NumericLessThan, "10", "9"),
            (Comparison::NumericGreaterThanEquals, "9", "10"),
            (Comparison::DateLessThan, "2021-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
            (Comparison::Bool, "true", "True"),
        ] {
            assert!(covers(comparison, wide, narrow), "{comparison:?} {wide} {narrow}");
        }
        for (comparison, wide, narrow) in [
            (Comparison::StringEquals, "a*", "ab"),
            (Comparison::StringLike, "${aws:username}", "a"),
            (Comparison::IpAddress, "10.1.0.0/16", "10.0.0.0/8"),
            (Comparison::IpAddress, "0.0.0.0/0", "2001:db8::/32"),
            (Comparison::NumericLessThan, "9", "10"),
            (Comparison::Bool, "yes", "no"),
        ] {
            assert!(!covers(comparison, wide, narrow), "{comparison:?} {wide} {narrow}");
        }
    }
}
