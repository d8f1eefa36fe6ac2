//! Statements that let more people do more than they look: `Not…` with `Allow`, open principals, passed roles.

use super::conditions::{Test, is_of_a_resource};
use super::{Facts, Linter, errors};
use crate::reference::Level;
use crate::source::{Diagnostic, Severity};
use crate::syntax::ast::{Polarity, PrincipalType, PrincipalValue, Text};
use crate::terms::{Comparison, Qualifier};
use crate::world::model::PolicyType;

/// Keys that tie a request to somebody or somewhere, so that `"*"` is not everybody.
const PINNING: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:userid",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "sts:externalid",
];

/// Keys that tell on whose behalf a service calls.
const ON_BEHALF: &[&str] =
    &["aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner"];

/// Services that assume roles without telling on whose behalf, since the role is attached to what uses it.
const WITHOUT_SOURCE: &[&str] = &["ec2.amazonaws.com", "ec2.amazonaws.com.cn"];

/// Reports what a statement opens.
pub(super) fn check(linter: &mut Linter, facts: &Facts<'_>) {
    if !facts.is_allow() {
        return;
    }
    not_elements(linter, facts);
    pass_role(linter, facts);
    principals(linter, facts);
}

/// `NotAction` and `NotResource` with `Allow`. A boundary, SCP or endpoint policy grants nothing, so that the rest of it
/// is what limits.
fn not_elements(linter: &mut Linter, facts: &Facts<'_>) {
    if !grants(facts.document.policy_type) {
        return;
    }
    if let Some(list) = facts.tree.action.as_ref().filter(|list| list.polarity == Polarity::Negated) {
        let place = linter.at(list.name);
        linter.report(errors::not_action_allow(place));
    }
    if let Some(list) = facts.tree.resource.as_ref().filter(|list| list.polarity == Polarity::Negated) {
        let place = linter.at(list.name);
        linter.report(errors::not_resource_allow(place));
    }
}

/// Whether an `Allow` in such a policy gives somebody something.
pub(super) fn grants(policy_type: PolicyType) -> bool {
    match policy_type {
        PolicyType::Identity | PolicyType::Managed | PolicyType::Inline | PolicyType::Trust | PolicyType::Resource => {
            true
        }
        PolicyType::Boundary
        | PolicyType::Session
        | PolicyType::Endpoint
        | PolicyType::ServiceControl
        | PolicyType::ResourceControl => false,
    }
}

/// Whether an `Allow` in such a policy gives something to whoever has the policy.
pub(super) fn is_of_an_identity(policy_type: PolicyType) -> bool {
    grants(policy_type) && !is_of_a_resource(policy_type)
}

/// Whether the condition restricts the service to which roles are passed.
pub(super) fn names_service(facts: &Facts<'_>) -> bool {
    facts.tests.iter().any(|test| test.key.name == "iam:passedtoservice" && is_positive(test))
}

/// `iam:PassRole` for every role and every service.
fn pass_role(linter: &mut Linter, facts: &Facts<'_>) {
    if !is_of_an_identity(facts.document.policy_type) || names_service(facts) {
        return;
    }
    let granting = facts.allowed_actions().find(|(_, action)| action.grants("iam:passrole"));
    let Some((entry, _)) = granting else { return };
    let is_negated = facts.tree.resource.as_ref().is_some_and(|list| list.polarity == Polarity::Negated);
    let roles = facts.arns.iter().position(|arn| is_every_role(arn.flat()));
    let resource = facts.tree.resource.as_ref();
    let place = if is_negated {
        resource.map(|list| list.name)
    } else {
        roles.and_then(|at| resource?.entries.get(at)).map(|text| text.span)
    };
    if let Some(span) = place {
        let (place, resource) = (linter.at(entry.span), linter.at(span));
        linter.report(errors::pass_role(place, &entry.text, resource));
    }
}

/// Whether a pattern matches every role of an account.
fn is_every_role(flat: &str) -> bool {
    super::glob::includes(flat, "arn:aws:iam::111122223333:role/path/name")
        && super::glob::includes(flat, "arn:aws:iam::111122223333:role/another")
}

/// Open principals, services on anybody's behalf, identity providers without a subject.
fn principals(linter: &mut Linter, facts: &Facts<'_>) {
    let Some(element) = facts.tree.principal.as_ref().filter(|element| element.polarity == Polarity::Positive) else {
        return;
    };
    if !is_of_a_resource(facts.document.policy_type) {
        return;
    }
    match &element.value {
        PrincipalValue::Bare(text) => everybody(linter, facts, text),
        PrincipalValue::Map(entries) => {
            for (kind, text) in entries {
                match kind {
                    PrincipalType::Aws => everybody(linter, facts, text),
                    PrincipalType::Service => on_behalf(linter, facts, text),
                    PrincipalType::Federated => provider(linter, facts, text),
                    PrincipalType::CanonicalUser => {}
                }
            }
        }
    }
}

fn everybody(linter: &mut Linter, facts: &Facts<'_>, text: &Text) {
    let is_pinning =
        |test: &Test<'_>| PINNING.binary_search(&&*test.key.name).is_ok() && is_positive(test) && !is_open(test);
    if &*text.text != "*" || facts.tests.iter().any(is_pinning) {
        return;
    }
    let place = linter.at(text.span);
    linter.report(errors::public(place, worst(facts)));
}

/// The worst that the statement's actions do.
fn worst(facts: &Facts<'_>) -> Level {
    let is_listed = facts.tree.action.as_ref().is_some_and(|list| list.polarity == Polarity::Positive);
    let levels = facts.actions.iter().flat_map(|action| action.known()).map(|action| action.level());
    let rank = |level: &Level| match level {
        Level::Unknown => 0,
        Level::List => 1,
        Level::Read => 2,
        Level::Tagging => 3,
        Level::Write => 4,
        Level::Permissions => 5,
    };
    let is_known = facts.actions.iter().all(|action| !action.known().is_empty());
    levels.max_by_key(rank).filter(|_| is_listed && is_known).unwrap_or(Level::Unknown)
}

fn on_behalf(linter: &mut Linter, facts: &Facts<'_>, text: &Text) {
    let is_source = |test: &Test<'_>| ON_BEHALF.binary_search(&&*test.key.name).is_ok() && is_positive(test);
    let is_trust = facts.document.policy_type == PolicyType::Trust;
    // Trust policies of service-linked roles are the services' own.
    let is_linked = facts.document.name.contains(":role/aws-service-role/");
    let is_exempt = is_trust && (is_linked || WITHOUT_SOURCE.contains(&&*text.text));
    if !is_exempt && !facts.tests.iter().any(is_source) {
        let place = linter.at(text.span);
        // Some services assume roles without telling for whom, so that not every trust policy can ask.
        let severity = if is_trust { Severity::Suggestion } else { Severity::SecurityWarning };
        linter.report(Diagnostic { severity, ..errors::confused_deputy(place, &text.text) });
    }
}

fn provider(linter: &mut Linter, facts: &Facts<'_>, text: &Text) {
    if facts.document.policy_type != PolicyType::Trust {
        return;
    }
    let host = match text.text.split_once(":oidc-provider/") {
        Some((_, host)) => host,
        None if text.text.starts_with("arn:") || !text.text.contains('.') => return,
        None => &text.text,
    };
    // Users of Cognito are told apart by their pool.
    let claim = if host == "cognito-identity.amazonaws.com" { "aud" } else { "sub" };
    let wanted = format!("{}:{claim}", host.to_ascii_lowercase());
    let is_named = |test: &Test<'_>| test.key.name == wanted && is_positive(test) && !is_open(test);
    if !facts.tests.iter().any(is_named) {
        let place = linter.at(text.span);
        linter.report(errors::without_subject(place, &text.text, &format!("{host}:{claim}")));
    }
}

/// Whether the test holds only for requests with some of its values.
fn is_positive(test: &Test<'_>) -> bool {
    test.operator.comparison != Comparison::Null
        && !test.operator.is_negated
        && !test.operator.if_exists
        && test.operator.qualifier != Qualifier::ForAllValues
}

/// Whether one of the values is a wildcard that any value matches, or the whole Internet.
fn is_open(test: &Test<'_>) -> bool {
    let has_wildcards = matches!(test.operator.comparison, Comparison::StringLike | Comparison::ArnLike);
    test.written.values.iter().any(|value| {
        let value = &*value.text.text;
        let is_star = !value.is_empty() && value.bytes().all(|byte| matches!(byte, b'*' | b'?' | b':'));
        (has_wildcards && is_star) || matches!(value, "0.0.0.0/0" | "::/0")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(PINNING.is_sorted() && ON_BEHALF.is_sorted());
        assert!(PINNING.iter().all(|name| name.bytes().all(|byte| !byte.is_ascii_uppercase())));
    }
}
