//! Statements that let more people do more than they look: `Not…` with `Allow`, open principals, passed roles.

use super::actions::Action;
use super::conditions::{Test, is_of_a_resource};
use super::{Facts, Linter, errors, glob};
use crate::reference::Level;
use crate::source::{Diagnostic, Severity, Span};
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
];

/// Keys that tell on whose behalf a service calls.
const ON_BEHALF: &[&str] =
    &["aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner"];

/// Services that assume roles without telling on whose behalf, since the role is attached to what uses it.
const WITHOUT_SOURCE: &[&str] = &["ec2.amazonaws.com", "ec2.amazonaws.com.cn"];

/// Services whose resources have names that no other account can take.
const UNIQUE: &[&str] = &["cloudfront", "execute-api", "s3"];

/// Claims of identity providers that tell users of one provider apart, or who owns what the token is for. Others, such as
/// the branch of a repository, anybody can have.
const OWNERS: &[&str] = &[
    "email",
    "id",
    "job_workflow_ref",
    "namespace_id",
    "namespace_path",
    "project_id",
    "project_path",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "sub",
    "user_id",
];

/// Providers that many organizations share, with what a subject begins with, the name of the organization, and what
/// follows it.
const SHARED: &[(&str, &str, char)] = &[
    ("agent.buildkite.com", "organization:", ':'),
    ("app.terraform.io", "organization:", ':'),
    ("gitlab.com", "project_path:", '/'),
    ("token.actions.githubusercontent.com", "repo:", '/'),
];

/// Reports what a statement opens.
pub(super) fn check(linter: &mut Linter, facts: &Facts<'_>) {
    if !facts.is_allow() {
        return;
    }
    not_elements(linter, facts);
    pass_role(linter, facts);
    service_linked_role(linter, facts);
    principals(linter, facts);
}

/// `NotAction` and `NotResource` with `Allow`. A boundary, SCP or endpoint policy grants nothing, so that the rest of it
/// is what limits.
fn not_elements(linter: &mut Linter, facts: &Facts<'_>) {
    if !grants(facts.document.policy_type) {
        return;
    }
    if facts.matches_nothing() {
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
    if let Some(span) = every_role(facts, ["role/path/name", "role/another"]) {
        let (place, resource) = (linter.at(entry.span), linter.at(span));
        linter.report(errors::pass_role(place, &entry.text, resource));
    }
}

/// `iam:CreateServiceLinkedRole` for every service. Whoever has all of IAM gains nothing by it.
fn service_linked_role(linter: &mut Linter, facts: &Facts<'_>) {
    // No request for such a role lacks the key, so that `IfExists` changes nothing.
    let is_named = |test: &Test<'_>| {
        let operator = &test.operator;
        let limits = operator.comparison != Comparison::Null && !operator.is_negated;
        test.key.name == "iam:awsservicename" && limits && !is_open(test)
    };
    if !is_of_an_identity(facts.document.policy_type) || facts.tests.iter().any(is_named) {
        return;
    }
    let grants = |action: &Action| action.grants("iam:createservicelinkedrole") && !action.grants("iam:*");
    let Some((entry, _)) = facts.allowed_actions().find(|(_, action)| grants(action)) else { return };
    let services = ["role/aws-service-role/a.amazonaws.com/One", "role/aws-service-role/b.amazonaws.com/Another"];
    if let Some(span) = every_role(facts, services) {
        let (place, resource) = (linter.at(entry.span), linter.at(span));
        linter.report(errors::service_linked_role(place, &entry.text, resource));
    }
}

/// Where the statement names resources among which are both of these, which stand for all of their kind.
fn every_role(facts: &Facts<'_>, both: [&str; 2]) -> Option<Span> {
    let list = facts.tree.resource.as_ref()?;
    if list.polarity == Polarity::Negated {
        return Some(list.name);
    }
    let is_every =
        |flat: &str| both.iter().all(|role| glob::includes(flat, &format!("arn:aws:iam::111122223333:{role}")));
    let at = facts.arns.iter().position(|arn| is_every(arn.flat()))?;
    Some(list.entries.get(at)?.span)
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
    let is_trust = facts.document.policy_type == PolicyType::Trust;
    linter.report(if is_trust { errors::trusts_everybody(place) } else { errors::public(place, worst(facts)) });
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
    let is_source =
        |test: &Test<'_>| ON_BEHALF.binary_search(&&*test.key.name).is_ok() && is_positive(test) && !is_open(test);
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
    // Users of Cognito are told apart by their pool, and some providers have other names for the subject (R-KEY-12).
    let claim = match host {
        "cognito-identity.amazonaws.com" => "aud",
        "graph.facebook.com" => "id",
        "www.amazon.com" => "user_id",
        _ => "sub",
    };
    let lower = host.to_ascii_lowercase();
    let shared = SHARED.iter().find(|(shared, ..)| *shared == lower);
    let is_named = |test: &Test<'_>| {
        let own = test.key.name.strip_prefix(&*lower).and_then(|rest| rest.strip_prefix(':'));
        own.is_some_and(|own| own == claim || OWNERS.binary_search(&own).is_ok())
            && is_positive(test)
            && !is_open(test)
            && (own != Some("sub") || !shared.is_some_and(|(_, start, end)| is_of_any_organization(test, start, *end)))
    };
    if !facts.tests.iter().any(is_named) {
        let place = linter.at(text.span);
        linter.report(errors::without_subject(place, &text.text, &format!("{host}:{claim}")));
    }
}

/// Whether a value of a test of the subject leaves open whose it is.
fn is_of_any_organization(test: &Test<'_>, start: &str, end: char) -> bool {
    let has_wildcards = test.operator.comparison == Comparison::StringLike;
    let is_any = |value: &str| {
        let value = value.strip_prefix(start).unwrap_or(value);
        value.split(end).next().unwrap_or(value).starts_with(['*', '?'])
    };
    has_wildcards && test.written.values.iter().any(|value| is_any(&value.text.text))
}

/// Whether the test holds only for requests with some of its values.
pub(super) fn is_positive(test: &Test<'_>) -> bool {
    test.operator.comparison != Comparison::Null
        && !test.operator.is_negated
        && !test.operator.if_exists
        && test.operator.qualifier != Qualifier::ForAllValues
}

/// Whether one of the values is a wildcard that any value matches, an ARN that anybody can have, or the whole Internet.
fn is_open(test: &Test<'_>) -> bool {
    let has_wildcards = matches!(test.operator.comparison, Comparison::StringLike | Comparison::ArnLike);
    test.written.values.iter().any(|value| {
        let value = &*value.text.text;
        let is_star = !value.is_empty() && value.bytes().all(|byte| matches!(byte, b'*' | b'?' | b':'));
        (has_wildcards && (is_star || is_of_anybody(value))) || matches!(value, "0.0.0.0/0" | "::/0")
    })
}

/// Whether a pattern of ARNs is open in the account, and in the name too where that belongs to one account only.
fn is_of_anybody(pattern: &str) -> bool {
    if !pattern.starts_with("arn:") || pattern.contains("${") {
        return false;
    }
    let parts = pattern.splitn(6, ':').collect::<Vec<_>>();
    let part = |at: usize| parts.get(at).copied().unwrap_or("*");
    let is_any = |text: &str| !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'*' | b'?'));
    let (service, account, resource) = (part(2), part(4), part(5).trim_start_matches("distribution/"));
    let is_named = UNIQUE.contains(&service) && !resource.starts_with(['*', '?']);
    (is_any(account) && !is_named) || (account.is_empty() && is_any(resource))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(PINNING.is_sorted() && ON_BEHALF.is_sorted() && OWNERS.is_sorted());
        assert!(PINNING.iter().all(|name| name.bytes().all(|byte| !byte.is_ascii_uppercase())));
    }

    #[test]
    fn arns_of_anybody() {
        for open in
            ["arn:aws:s3:*:*:*", "arn:aws:s3:::*", "arn:aws:sns:*:*:topic", "arn:aws:iam::*:role/*", "arn:aws:sns:*"]
        {
            assert!(is_of_anybody(open), "{open}");
        }
        for pinned in [
            "arn:aws:s3:*:*:orchard",
            "arn:aws:s3:::orchard*",
            "arn:aws:sns:*:111122223333:*",
            "arn:aws:cloudfront::*:distribution/EDFDVBD6EXAMPLE",
            "arn:aws:iam::${aws:PrincipalAccount}:role/*",
        ] {
            assert!(!is_of_anybody(pinned), "{pinned}");
        }
        assert!(is_of_anybody("arn:aws:cloudfront::*:distribution/*"));
    }
}
