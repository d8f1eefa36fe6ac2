//! Condition keys and operators (chapters 5 and 9): names, types, numbers of values, and who carries which key.

use std::sync::Arc;

use super::access::is_positive;
use super::actions::Kind as ActionKind;
use super::nearest::Meant;
use super::values::SENSITIVE;
use super::{Facts, Linter, errors, positive, resources};
use crate::lower::condition::{self, Operator};
use crate::source::Diagnostic;
use crate::syntax::ast::{ConditionKey, ConditionTest, Text};
use crate::syntax::pattern::{self, Piece};
use crate::terms::{Cardinality, Comparison, Qualifier};
use crate::value::boolean::parse_bool;
use crate::value::text;
use crate::world::model::PolicyType;

/// What is known of a condition key.
#[derive(Debug)]
pub(super) struct Key {
    /// The name in lower case.
    pub(super) name: String,
    pub(super) cardinality: Cardinality,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Nothing that can be judged, such as a claim of somebody's identity provider.
    Unjudged,
    /// No key of that name.
    Unknown(Meant),
    /// A key that every request may carry, with its type.
    Global(&'static str),
    /// A key of one service, with its type.
    Service(&'static str),
}

/// A test with a known operator.
#[derive(Debug)]
pub(super) struct Test<'d> {
    /// The operator as written.
    pub(super) name: &'d Text,
    pub(super) operator: Operator,
    /// The key as written, with its values.
    pub(super) written: &'d ConditionKey,
    pub(super) key: Arc<Key>,
}

impl Test<'_> {
    /// Whether the test fails where the request does not have the key.
    pub(super) fn needs_key(&self) -> bool {
        let is_null = self.operator.comparison == Comparison::Null;
        let is_presence =
            is_null && self.written.values.iter().all(|value| parse_bool(&value.text.text) == Some(false));
        let is_plain = !self.operator.is_negated && self.operator.qualifier != Qualifier::ForAllValues;
        is_presence || (!is_null && is_plain && !self.operator.if_exists)
    }
}

impl Linter {
    /// What is known of a test; nothing without a key or a known operator, which `lower` reports.
    pub(super) fn test<'d>(&mut self, test: &'d ConditionTest) -> Option<Test<'d>> {
        let written = test.key.as_ref()?;
        let operator = condition::parse(&test.operator.text, self.semantics.operator_case)?;
        Some(Test { name: &test.operator, operator, written, key: self.key(&written.name.text) })
    }

    fn key(&mut self, text: &Arc<str>) -> Arc<Key> {
        if let Some(known) = self.keys.get(text) {
            return known;
        }
        let before = self.nearest.searches();
        let name = text::lowercase(text).collect::<String>();
        let cardinality = self.cardinalities.cardinality(&name);
        let kind = self.key_kind(&name, text, cardinality);
        self.keys.add(text, Key { name, cardinality, kind }, &(before..self.nearest.searches()))
    }

    fn key_kind(&mut self, name: &str, text: &str, cardinality: Cardinality) -> Kind {
        if let Some(key) = self.reference.global_keys().find(name) {
            return Kind::Global(key.kind());
        }
        let prefix = name.split(':').next().unwrap_or("");
        if let Some(key) = self.service(prefix).and_then(|service| service.keys.find(name)) {
            return Kind::Service(key.kind());
        }
        // Keys of identity providers (R-KEY-12), and those that chapter 9 knows. It takes tags of any service for granted.
        let is_provider = prefix.contains('.') && name.contains(':');
        let is_documented = cardinality != Cardinality::Unknown && !name.contains(":resourcetag/");
        if is_documented || is_provider {
            return Kind::Unjudged;
        }
        let keys = self.all_keys();
        if keys.has(name) {
            return Kind::Unjudged;
        }
        Kind::Unknown(self.nearest.key(self.reference.global_keys(), || keys.iter(), text))
    }

    /// Keys in other brackets than those of a variable, or without its `$`: `$(aws:username)`, `{aws:username}`.
    fn almost_variables(&mut self, text: &Text) {
        for (at, open) in text.text.match_indices(['(', '{']) {
            let (before, behind) = (text.text.get(..at).unwrap_or(""), text.text.get(at + 1..).unwrap_or(""));
            // `${$}` is a dollar that is meant as one.
            if before.ends_with("${$}") {
                continue;
            }
            let has_dollar = before.ends_with('$');
            let close = if open == "(" { ')' } else { '}' };
            let Some((name, _)) = behind.split_once(close).filter(|_| has_dollar == (open == "(")) else { continue };
            if name.contains(':') && matches!(self.key(&Arc::from(name)).kind, Kind::Global(_) | Kind::Service(_)) {
                let place = self.part(text, at - usize::from(has_dollar)..at + name.len() + 2);
                self.report(errors::not_a_variable(place, name));
            }
        }
    }

    /// The condition keys of the variables in a text, each with its bytes.
    fn variables(&mut self, text: &Text) {
        self.almost_variables(text);
        if !text.text.contains("${") {
            return;
        }
        for piece in pattern::template(&text.text) {
            let Piece::Variable { name, .. } = piece else { continue };
            let Some(spelling) = text.text.get(name.clone()) else { continue };
            let key = self.key(&Arc::from(spelling));
            if let Kind::Unknown(meant) = &key.kind {
                let place = self.part(text, name.clone());
                let fixes = meant.certain().map_or(Vec::new(), |meant| self.replace(text, name, meant));
                let finding = errors::unknown_variable(place, spelling, self.reference.date(), meant);
                self.report(Diagnostic { fixes, ..finding });
            }
        }
    }
}

/// Reports keys and operators that do not fit, and variables that name no key.
pub(super) fn check(linter: &mut Linter, facts: &Facts<'_>) {
    let has_variables = facts.document.policy.version.as_ref().is_some_and(|version| &*version.text == "2012-10-17");
    if has_variables {
        facts.tree.resource.iter().flat_map(|list| &list.entries).for_each(|entry| linter.variables(entry));
    }
    for test in facts.tree.condition.iter().filter(|test| test.key.is_none()) {
        let place = linter.at(test.operator.span);
        linter.report(errors::empty_operator(place, &test.operator.text));
    }
    for test in &facts.tests {
        check_key(linter, facts, test);
        check_set_operator(linter, facts, test);
        both_booleans(linter, test);
        for value in &test.written.values {
            if has_variables {
                linter.variables(&value.text);
            }
            literal_wildcard(linter, test, &value.text);
            resources::check_value(linter, &test.key.name, test.operator.comparison, &value.text);
        }
    }
}

fn check_key(linter: &mut Linter, facts: &Facts<'_>, test: &Test<'_>) {
    let name = &test.written.name;
    match &*test.key.name {
        "aws:arn" => {
            let place = linter.at(name.span);
            return linter.report(errors::deprecated_key(place, &name.text));
        }
        "aws:sourceowner" => {
            let place = linter.at(name.span);
            linter.report(errors::private_key(place, &name.text));
        }
        "aws:vpcsourceip" => unpaired(linter, facts, test),
        _ => {}
    }
    let kind = match &test.key.kind {
        Kind::Unjudged => return,
        Kind::Unknown(meant) => {
            let place = linter.at(name.span);
            let finding = errors::unknown_key(place, &name.text, linter.reference.date(), meant);
            let fixes = meant.certain().map_or(Vec::new(), |meant| linter.replace(name, 0..name.text.len(), meant));
            linter.report(Diagnostic { fixes, ..finding });
            return;
        }
        Kind::Global(kind) => {
            if is_of_tags(&test.key.name) {
                not_carried(linter, facts, test);
            }
            kind
        }
        Kind::Service(kind) => {
            not_carried(linter, facts, test);
            kind
        }
    };
    let single = kind.trim_start_matches("ArrayOf");
    if let Some(operators) = mismatch(test.operator.comparison, single, &test.key.name) {
        let (place, key) = (linter.at(test.name.span), linter.at(name.span));
        linter.report(errors::key_type(place, &test.name.text, key, &name.text, single, operators));
    }
}

/// Keys that say which network, or whose, a private address is of.
const NETWORKS: &[&str] =
    &["aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"];

/// An allow for private addresses of whatever network: other networks have the same.
fn unpaired(linter: &mut Linter, facts: &Facts<'_>, test: &Test<'_>) {
    let is_network = |other: &Test<'_>| NETWORKS.contains(&&*other.key.name) && is_positive(other);
    let is_address = test.operator.comparison == Comparison::IpAddress && !test.operator.is_negated;
    // All that an endpoint's policy is asked for came through that endpoint.
    let is_endpoint = facts.document.policy_type == PolicyType::Endpoint;
    if is_address && !is_endpoint && facts.is_allow() && !facts.tests.iter().any(is_network) {
        let place = linter.at(test.written.name.span);
        linter.report(errors::missing_pair(place, &test.written.name.text));
    }
}

/// A test that asks for true and for false.
fn both_booleans(linter: &mut Linter, test: &Test<'_>) {
    if !matches!(test.operator.comparison, Comparison::Bool | Comparison::Null) {
        return;
    }
    let values = &test.written.values;
    let find = |wanted| values.iter().find(|value| parse_bool(&value.text.text) == Some(wanted));
    if let (Some(yes), Some(no)) = (find(true), find(false)) {
        let (first, second) = if yes.text.span.start() < no.text.span.start() { (yes, no) } else { (no, yes) };
        let (place, first) = (linter.at(second.text.span), linter.at(first.text.span));
        let is_null = test.operator.comparison == Comparison::Null;
        let outcome = if is_null { "always holds" } else { "holds whenever the key is there" };
        linter.report(errors::both_booleans(place, &test.written.name.text, first, outcome));
    }
}

/// Whether a key is about tags of the request or of the resource, which not every action has.
fn is_of_tags(key: &str) -> bool {
    key == "aws:tagkeys" || key.starts_with("aws:requesttag/") || key.starts_with("aws:resourcetag/")
}

/// Operators for the type of a key, if the comparison is none of them.
fn mismatch(comparison: Comparison, kind: &str, key: &str) -> Option<&'static str> {
    let family = match comparison {
        Comparison::Null => return None,
        Comparison::StringEquals | Comparison::StringEqualsIgnoreCase | Comparison::StringLike => "String",
        Comparison::NumericEquals
        | Comparison::NumericLessThan
        | Comparison::NumericLessThanEquals
        | Comparison::NumericGreaterThan
        | Comparison::NumericGreaterThanEquals => "Numeric",
        Comparison::DateEquals
        | Comparison::DateLessThan
        | Comparison::DateLessThanEquals
        | Comparison::DateGreaterThan
        | Comparison::DateGreaterThanEquals => "Date",
        Comparison::Bool => "Bool",
        Comparison::BinaryEquals => "Binary",
        Comparison::IpAddress => "IPAddress",
        Comparison::ArnLike => "ARN",
    };
    // Without wildcards, an ARN is compared as a text just as well.
    let is_equality = matches!(comparison, Comparison::StringEquals | Comparison::StringEqualsIgnoreCase);
    if kind == "ARN" && is_equality {
        return None;
    }
    // Seconds since 1970 are a number as well.
    let is_epoch = kind == "Date" && family == "Numeric" && key.ends_with("epochtime");
    if family == kind || is_epoch {
        return None;
    }
    match kind {
        // Any text is compared by its operators; ARNs are documented as strings in places. Ids are none.
        "String" if family == "ARN" && SENSITIVE.binary_search(&key).is_ok() => Some("`StringEquals` or `StringLike`"),
        "String" if matches!(family, "ARN" | "Binary") => None,
        "String" => Some("`StringEquals` or `StringLike`"),
        "Numeric" => Some("`NumericEquals`, `NumericLessThan` and the like"),
        "Date" => Some("`DateLessThan`, `DateGreaterThan` and the like"),
        "Bool" => Some("`Bool`"),
        "IPAddress" => Some("`IpAddress` or `NotIpAddress`"),
        "ARN" => Some("`ArnLike` or `ArnEquals`"),
        _ => None,
    }
}

/// A key that no action of the statement carries.
fn not_carried(linter: &mut Linter, facts: &Facts<'_>, test: &Test<'_>) {
    let actions = positive(facts.tree.action.as_ref());
    let is_judged = facts.actions.iter().all(|action| matches!(action.kind, ActionKind::Known { .. }));
    if actions.is_empty() || !is_judged {
        return;
    }
    let name = &test.written.name;
    let mut last = None;
    let is_carried = facts.actions.iter().any(|action| {
        let ActionKind::Known { service, actions: known, .. } = &action.kind else { return true };
        let number = match last {
            Some((prefix, number)) if prefix == service.prefix => number,
            _ => service.keys.number(&test.key.name),
        };
        last = Some((service.prefix, number));
        number.is_some_and(|number| known.iter().any(|action| action.carries(number)))
    });
    if !is_carried {
        let place = linter.at(name.span);
        let actions = facts.tree.action.as_ref().map(|list| linter.at(list.span));
        let outcome = if test.needs_key() { "never matches" } else { "matches as if the key were missing" };
        linter.report(errors::not_carried(place, &name.text, actions, outcome));
    }
}

/// R-CON-13 to R-CON-21.
fn check_set_operator(linter: &mut Linter, facts: &Facts<'_>, test: &Test<'_>) {
    if test.operator.comparison == Comparison::Null {
        return;
    }
    let (place, key) = (linter.at(test.name.span), linter.at(test.written.name.span));
    let name = &test.written.name.text;
    match (test.operator.qualifier, test.key.cardinality) {
        (Qualifier::Plain, Cardinality::Multi) => {
            linter.report(errors::missing_set_operator(place, &test.name.text, key, name));
        }
        (Qualifier::ForAllValues, Cardinality::Single) if facts.is_allow() => {
            linter.report(errors::all_values_of_single(place, key, name));
        }
        (Qualifier::ForAllValues | Qualifier::ForAnyValue, Cardinality::Single) => {
            linter.report(errors::set_operator_on_single(place, &test.name.text, key, name));
        }
        (Qualifier::ForAllValues, Cardinality::Multi | Cardinality::Unknown) if facts.is_allow() => {
            // Whoever demands a tag of the request demands that it has tags.
            let is_tag =
                |other: &Test<'_>| test.key.name == "aws:tagkeys" && other.key.name.starts_with("aws:requesttag/");
            let is_present = |other: &Test<'_>| other.needs_key() && (other.key.name == test.key.name || is_tag(other));
            if !facts.tests.iter().any(is_present) {
                linter.report(errors::all_values_of_none(place, key, name));
            }
        }
        (Qualifier::Plain | Qualifier::ForAllValues | Qualifier::ForAnyValue, _) => {}
    }
}

/// R-CON-24: a star that stands for itself.
fn literal_wildcard(linter: &mut Linter, test: &Test<'_>, value: &Text) {
    let is_literal = matches!(test.operator.comparison, Comparison::StringEquals | Comparison::StringEqualsIgnoreCase);
    if !is_literal || !value.text.contains('*') {
        return;
    }
    // `${*}` is how a star is meant.
    let pieces = pattern::template(&value.text);
    let star = pieces.into_iter().find_map(|piece| {
        let Piece::Literal(range) = piece else { return None };
        Some(range.start + value.text.get(range)?.find('*')?)
    });
    let Some(at) = star else { return };
    let place = linter.part(value, at..at + 1);
    let like = match (test.operator.comparison, test.operator.is_negated) {
        (Comparison::StringEquals, false) => "StringLike",
        (Comparison::StringEquals, true) => "StringNotLike",
        _ => "StringLike` or `StringNotLike",
    };
    linter.report(errors::literal_wildcard(place, &test.name.text, linter.at(test.name.span), like));
}

/// Whether the type of policy is that of a resource.
pub(super) fn is_of_a_resource(policy_type: PolicyType) -> bool {
    matches!(policy_type, PolicyType::Resource | PolicyType::Trust)
}
