//! Documents and statements: what a policy type may contain (R-DOC-9 to R-DOC-25).

use std::collections::BTreeMap;

use super::attach::Attachment;
use super::template::Expansion;
use super::{Host, Lowering, action, condition, errors, principal, resource, size};
use crate::ir::{ActionSet, Effect, Guard, Policy, PolicyId, PolicyKind, PrincipalSet, ResourceSet, Statement};
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{self, Polarity, PrincipalValue};
use crate::terms::ScpLanguage;
use crate::world::model::{Document, PolicyType};

/// What a policy type says of `Version` (R-DOC-20).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum VersionRule {
    /// Must be 2012-10-17.
    Required,
    /// Should be 2012-10-17.
    Expected,
    /// Either or none.
    Free,
}

/// What a policy type says of an element (R-DOC-20).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    /// One of the pair must be there.
    Required,
    /// May be missing.
    Optional,
    /// Must not be there.
    Forbidden,
}

/// One row of the table of R-DOC-20.
#[derive(Debug, Clone, Copy)]
struct Rules {
    version: VersionRule,
    /// Whether `Id` is documented.
    id: Presence,
    principal: Presence,
    not_principal: Presence,
    not_action: Presence,
    resource: Presence,
}

/// The table of R-DOC-20.
fn rules(policy_type: PolicyType) -> Rules {
    use Presence::{Forbidden, Optional, Required};
    let identity = Rules {
        version: VersionRule::Required,
        id: Forbidden,
        principal: Forbidden,
        not_principal: Forbidden,
        not_action: Optional,
        resource: Required,
    };
    let resource = Rules {
        version: VersionRule::Free,
        id: Optional,
        principal: Required,
        not_principal: Optional,
        not_action: Optional,
        resource: Optional,
    };
    match policy_type {
        PolicyType::Managed | PolicyType::Boundary => identity,
        PolicyType::Identity | PolicyType::Inline => Rules { version: VersionRule::Expected, ..identity },
        PolicyType::Session | PolicyType::ServiceControl => Rules { version: VersionRule::Free, ..identity },
        PolicyType::Trust => Rules { not_principal: Forbidden, not_action: Forbidden, resource: Forbidden, ..resource },
        PolicyType::Resource => resource,
        PolicyType::Endpoint => Rules { resource: Required, ..resource },
        PolicyType::ResourceControl => Rules {
            version: VersionRule::Required,
            id: Forbidden,
            not_principal: Forbidden,
            not_action: Forbidden,
            resource: Required,
            ..resource
        },
    }
}

/// The policy type in the words of a message.
pub(super) fn kind(policy_type: PolicyType) -> &'static str {
    match policy_type {
        PolicyType::Identity => "an identity-based policy",
        PolicyType::Managed => "a managed policy",
        PolicyType::Inline => "an inline policy",
        PolicyType::Boundary => "a permissions boundary",
        PolicyType::Session => "a session policy",
        PolicyType::Trust => "a role trust policy",
        PolicyType::Resource => "a resource-based policy",
        PolicyType::Endpoint => "a VPC endpoint policy",
        PolicyType::ServiceControl => "a service control policy",
        PolicyType::ResourceControl => "a resource control policy",
    }
}

/// Lowers one document: it becomes the policy with the document's number.
pub(super) fn document(lowering: &mut Lowering<'_>, sources: &SourceMap, document: &Document, attachment: Attachment) {
    lowering.report.enter(document.source);
    let rules = rules(document.policy_type);
    let expansion = version(lowering, document, rules);
    let host = Host { document, policy_type: document.policy_type, expansion };
    let policy_kind = policy_kind(document, attachment);
    if policy_kind == PolicyKind::NamedOther {
        let kind = kind(document.policy_type);
        lowering.report.warning(errors::without_effect(document.place, &document.name, kind));
    }
    let tree = &document.policy;
    // Where a statement could not be read, the policy may be of another type than it seems.
    let is_judged = !tree.statements.is_empty() && tree.statements.iter().all(|statement| !statement.damaged);
    if let Some(id) = tree.id.as_ref().filter(|_| rules.id == Presence::Forbidden && is_judged) {
        let place = lowering.report.at(id.span);
        lowering.report.warning(errors::id_ignored(place, kind(document.policy_type)));
    }
    size::characters(lowering, sources, &host);
    size::document(lowering, sources, &host, attachment);
    if tree.statements.is_empty() {
        // A policy without the element, or without a usable one, was reported by `syntax`.
        if let Some(span) = tree.statement_span {
            let place = lowering.report.at(span);
            lowering.report.tolerated(errors::empty_statement_list(place));
        }
    }
    sids(lowering, &host);
    let policy = Policy {
        name: lowering.program.texts.intern(&document.name),
        arn: document.arn.as_deref().map(|arn| lowering.program.texts.intern(arn)),
        account: document.account.as_deref().map(|account| lowering.program.texts.intern(account)),
        kind: policy_kind,
        statements: Vec::new(),
        bundle: None,
    };
    let id = lowering.program.add_policy(policy);
    let mut ids = Vec::new();
    for (index, tree) in (0..).zip(&tree.statements) {
        let errors_before = lowering.report.error_count();
        let lowered = statement(lowering, &host, rules, tree, id, index);
        if let Some(lowered) = lowered.filter(|_| lowering.report.error_count() == errors_before) {
            ids.push(lowering.program.add_statement(lowered));
        }
    }
    if let Some(policy) = lowering.program.policies.last_mut() {
        policy.statements = ids;
    }
}

/// How requests may use the policy (`world.md` 1).
fn policy_kind(document: &Document, attachment: Attachment) -> PolicyKind {
    match document.policy_type {
        PolicyType::Identity | PolicyType::Managed | PolicyType::Inline if document.named => PolicyKind::NamedIdentity,
        PolicyType::Session if document.named => PolicyKind::NamedSession,
        PolicyType::Identity | PolicyType::Managed | PolicyType::Inline | PolicyType::Session => PolicyKind::Attached,
        // What an account or an organization brings along is not given by name.
        PolicyType::Boundary
        | PolicyType::Trust
        | PolicyType::Resource
        | PolicyType::Endpoint
        | PolicyType::ServiceControl
        | PolicyType::ResourceControl => {
            let is_named = attachment == Attachment::Loose && document.account.is_none();
            if is_named { PolicyKind::NamedOther } else { PolicyKind::Attached }
        }
    }
}

/// R-DOC-10, R-DOC-20, R-VAR-2.
fn version(lowering: &mut Lowering<'_>, document: &Document, rules: Rules) -> Expansion {
    let kind = kind(document.policy_type);
    let finding = match &document.policy.version {
        Some(text) if &*text.text == "2012-10-17" => return Expansion::Variables,
        Some(text) if &*text.text == "2008-10-17" => errors::version_old(lowering.report.at(text.span), kind),
        // Reported by `syntax`; most likely the current version is meant.
        Some(_) => return Expansion::Variables,
        // The version may have been refused, or may stand in what was refused.
        None if document.policy.damaged => return Expansion::Variables,
        None => errors::version_missing(document.place, kind),
    };
    match rules.version {
        VersionRule::Required => lowering.report.tolerated(finding),
        VersionRule::Expected => lowering.report.warning(finding),
        VersionRule::Free => {}
    }
    Expansion::Literal
}

/// R-DOC-13.
fn sids(lowering: &mut Lowering<'_>, host: &Host<'_>) {
    let mut first = BTreeMap::<&str, Span>::new();
    for sid in host.document.policy.statements.iter().filter_map(|statement| statement.sid.as_ref()) {
        let odd = sid.text.char_indices().find(|(_, character)| !character.is_ascii_alphanumeric());
        if let Some((at, character)) = odd.filter(|_| host.is_iam()) {
            let place = lowering.report.at(sid.part(at..at + character.len_utf8()));
            lowering.report.tolerated(errors::sid_characters(place, character));
        }
        if sid.text.is_empty() {
            continue;
        }
        match first.get(&*sid.text) {
            Some(span) => {
                let (place, first) = (lowering.report.at(sid.span), lowering.report.at(*span));
                lowering.report.tolerated(errors::sid_repeated(place, first, &sid.text));
            }
            None => {
                first.insert(&sid.text, sid.span);
            }
        }
    }
}

/// Lowers one statement; nothing where it can never match or lacks what it needs.
fn statement(
    lowering: &mut Lowering<'_>,
    host: &Host<'_>,
    rules: Rules,
    tree: &ast::Statement,
    policy: PolicyId,
    index: u32,
) -> Option<Statement> {
    let place = lowering.report.at(tree.span);
    let effect = match tree.effect {
        Some((ast::Effect::Allow, _)) => Some(Effect::Allow),
        Some((ast::Effect::Deny, _)) => Some(Effect::Deny),
        // Reported by `syntax`.
        None => None,
    };
    rcp_effect(lowering, host, tree);
    classic(lowering, host, tree);
    let principals = principals(lowering, host, rules, tree);
    let actions = actions(lowering, host, rules, tree);
    let resources = resources(lowering, host, rules, tree);
    let tests = condition::block(lowering, host, &tree.condition);
    let (effect, actions, resources, tests) = (effect?, actions?, resources?, tests?);
    let principals = principals.map(|set| lowering.program.principal_set(set));
    let block = lowering.program.block(tests);
    let guard = lowering.program.guard(Guard { principals, block });
    let sid = tree.sid.as_ref().filter(|sid| !sid.text.is_empty());
    let sid = sid.map(|sid| lowering.program.texts.intern(&sid.text));
    Some(Statement { policy, index, sid, effect, actions, resources, guard, place })
}

/// R-DOC-15, and `NotAction` where the policy type has none.
fn actions(lowering: &mut Lowering<'_>, host: &Host<'_>, rules: Rules, tree: &ast::Statement) -> Option<ActionSet> {
    // A statement without the element was reported by `syntax`.
    let list = tree.action.as_ref()?;
    if list.polarity == Polarity::Negated && rules.not_action == Presence::Forbidden {
        let place = lowering.report.at(list.name);
        let kind = kind(host.policy_type);
        let meaning = "it matches every action that it does not list";
        lowering.report.tolerated(errors::element_not_allowed(place, "NotAction", kind, meaning));
    }
    if list.entries.is_empty() {
        let (name, effect) = match list.polarity {
            Polarity::Positive => ("Action", "matches nothing"),
            Polarity::Negated => ("NotAction", "matches every action"),
        };
        let place = lowering.report.at(list.span);
        lowering.report.tolerated(errors::empty_list(place, name, effect));
    }
    Some(action::set(lowering, host, list))
}

/// R-DOC-16; a statement without the element governs the attached resource.
fn resources(lowering: &mut Lowering<'_>, host: &Host<'_>, rules: Rules, tree: &ast::Statement) -> Option<ResourceSet> {
    let kind = kind(host.policy_type);
    let anything = ResourceSet::new(crate::ir::Polarity::Negated, Vec::new());
    let Some(list) = &tree.resource else {
        if rules.resource == Presence::Required && !tree.damaged {
            let place = lowering.report.at(tree.span);
            lowering.report.error(errors::missing_resource(place, kind));
        }
        return Some(anything);
    };
    let (name, effect) = match list.polarity {
        Polarity::Positive => ("Resource", "matches nothing"),
        Polarity::Negated => ("NotResource", "matches every resource"),
    };
    if rules.resource == Presence::Forbidden {
        let place = lowering.report.at(list.name);
        lowering.report.tolerated(errors::element_not_allowed(place, name, kind, "it is ignored"));
        return Some(anything);
    }
    if list.entries.is_empty() {
        let place = lowering.report.at(list.span);
        lowering.report.tolerated(errors::empty_list(place, name, effect));
    }
    resource::set(lowering, host, list)
}

/// R-DOC-20, R-DOC-21, R-PRI-15; nothing where the attachment decides.
fn principals(
    lowering: &mut Lowering<'_>,
    host: &Host<'_>,
    rules: Rules,
    tree: &ast::Statement,
) -> Option<PrincipalSet> {
    let kind = kind(host.policy_type);
    let Some(element) = &tree.principal else {
        if rules.principal == Presence::Forbidden {
            return None;
        }
        if !tree.damaged {
            let place = lowering.report.at(tree.span);
            lowering.report.tolerated(errors::missing_principal(place, kind));
        }
        return Some(PrincipalSet::new(crate::ir::Polarity::Positive, Vec::new()));
    };
    let place = lowering.report.at(element.name);
    let (name, presence) = match element.polarity {
        Polarity::Positive => ("Principal", rules.principal),
        Polarity::Negated => ("NotPrincipal", rules.not_principal),
    };
    if rules.principal == Presence::Forbidden {
        lowering.report.tolerated(errors::element_not_allowed(place, name, kind, "it is ignored"));
        return None;
    }
    if presence == Presence::Forbidden {
        let meaning = "it matches everybody whom it does not exempt";
        lowering.report.tolerated(errors::element_not_allowed(place, name, kind, meaning));
    } else if element.polarity == Polarity::Negated {
        if matches!(tree.effect, Some((ast::Effect::Allow, _))) {
            lowering.report.tolerated(errors::not_principal_allow(place));
        } else {
            principal::check_accounts(lowering, element);
        }
    }
    if host.policy_type == PolicyType::ResourceControl && element.polarity == Polarity::Positive {
        let is_everybody = matches!(&element.value, PrincipalValue::Bare(text) if &*text.text == "*");
        if !is_everybody {
            let place = lowering.report.at(element.span);
            lowering.report.tolerated(errors::rcp_principal(place));
        }
    }
    Some(principal::set(lowering, host, element))
}

/// R-DOC-24.
fn rcp_effect(lowering: &mut Lowering<'_>, host: &Host<'_>, tree: &ast::Statement) {
    let is_customer = host.policy_type == PolicyType::ResourceControl && !action::is_managed_by_aws(host);
    if let Some((ast::Effect::Allow, span)) = tree.effect.filter(|_| is_customer) {
        let place = lowering.report.at(span);
        lowering.report.tolerated(errors::rcp_effect(place));
    }
}

/// The older language of service control policies (R-DOC-23), but for wildcards in actions.
fn classic(lowering: &mut Lowering<'_>, host: &Host<'_>, tree: &ast::Statement) {
    let is_classic =
        host.policy_type == PolicyType::ServiceControl && lowering.semantics.scp_language == ScpLanguage::Classic;
    if !is_classic || !matches!(tree.effect, Some((ast::Effect::Allow, _))) {
        return;
    }
    if let Some(list) = tree.action.as_ref().filter(|list| list.polarity == Polarity::Negated) {
        let place = lowering.report.at(list.name);
        lowering.report.warning(errors::scp_classic(place, "`NotAction` with `Allow`"));
    }
    if let Some(list) = &tree.resource {
        let is_everything = list.polarity == Polarity::Positive && list.entries.iter().all(|entry| &*entry.text == "*");
        if !is_everything {
            let place = lowering.report.at(list.span);
            lowering.report.warning(errors::scp_classic(place, "a resource other than \"*\" with `Allow`"));
        }
    }
    if let Some(test) = tree.condition.first() {
        let place = lowering.report.at(test.operator.span);
        lowering.report.warning(errors::scp_classic(place, "a condition with `Allow`"));
    }
}
