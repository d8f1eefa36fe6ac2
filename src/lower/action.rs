//! `Action` and `NotAction` (chapter 2).

use hashbrown::HashMap;
use std::sync::Arc;

use super::{Host, Lowering, errors};
use crate::ir::{ActionPattern, ActionSet, Case, Crossing, PatternBuilder, Step};
use crate::reference;
use crate::source::{Diagnostic, Place};
use crate::syntax::ast::{Text, TextList};
use crate::syntax::pattern::{self, ActionError};
use crate::terms::ScpLanguage;
use crate::world::model::PolicyType;

/// Actions that a role trust policy is made for (R-DOC-22).
const TRUST: &[&str] = &[
    "sts:assumerole",
    "sts:assumerolewithsaml",
    "sts:assumerolewithwebidentity",
    "sts:setcontext",
    "sts:setsourceidentity",
    "sts:tagsession",
];

/// Actions that IAM accepts there although they have no effect (R-DOC-22).
const TRUST_TOLERATED: &[&str] = &[
    "sts:decodeauthorizationmessage",
    "sts:getaccesskeyinfo",
    "sts:getcalleridentity",
    "sts:getfederationtoken",
    "sts:getservicebearertoken",
    "sts:getsessiontoken",
];

/// Entries about which there is nothing to report. Most entries of a world repeat.
#[derive(Debug, Default)]
pub(super) struct ActionBook {
    known: HashMap<Arc<str>, ActionPattern>,
}

/// Lowers the element; entries that match nothing are left out (R-ACT-8).
pub(super) fn set(lowering: &mut Lowering<'_>, host: &Host<'_>, list: &TextList) -> ActionSet {
    let mut patterns = Vec::with_capacity(list.entries.len());
    for entry in &list.entries {
        patterns.extend(known_or_new(lowering, host, list, entry));
    }
    ActionSet::new(super::polarity(list.polarity), patterns)
}

fn known_or_new(lowering: &mut Lowering<'_>, host: &Host<'_>, list: &TextList, entry: &Text) -> Option<ActionPattern> {
    if has_own_rules(host.policy_type) {
        return lower_entry(lowering, host, list, entry);
    }
    if let Some(&known) = lowering.actions.known.get(&entry.text) {
        return Some(known);
    }
    let before = lowering.report.count();
    let pattern = lower_entry(lowering, host, list, entry)?;
    if lowering.report.count() == before {
        lowering.actions.known.insert(entry.text.clone(), pattern);
    }
    Some(pattern)
}

/// Whether there are findings about actions that depend on the policy type.
fn has_own_rules(policy_type: PolicyType) -> bool {
    match policy_type {
        PolicyType::Trust | PolicyType::ServiceControl | PolicyType::ResourceControl => true,
        PolicyType::Identity
        | PolicyType::Managed
        | PolicyType::Inline
        | PolicyType::Boundary
        | PolicyType::Session
        | PolicyType::Resource
        | PolicyType::Endpoint => false,
    }
}

fn is_all_stars(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}

fn lower_entry(lowering: &mut Lowering<'_>, host: &Host<'_>, list: &TextList, entry: &Text) -> Option<ActionPattern> {
    let text = entry.text.to_ascii_lowercase();
    let whole = lowering.report.at(entry.span);
    let mut has_two_colons = false;
    let is_any = match pattern::action(&text) {
        Ok(parsed) => parsed.any,
        Err(ActionError::TwoColons(at)) => {
            let place = lowering.report.at(entry.part(at..at + 1));
            let meant = with_one_colon(&entry.text);
            lowering.report.tolerated(errors::two_colons(place, &entry.text, meant.as_deref()));
            has_two_colons = true;
            false
        }
        Err(ActionError::NoColon) => {
            let meant = with_one_colon(&entry.text).or_else(|| with_prefix(list, &entry.text));
            lowering.report.tolerated(errors::no_colon(whole, &entry.text, meant.as_deref()));
            return None;
        }
    };
    let is_refused = check_trust(lowering, host, entry, &text);
    let Some((prefix, name)) = text.split_once(':').filter(|_| !is_any) else {
        check_any(lowering, host, entry);
        return Some(ActionPattern::Any);
    };
    let behind = prefix.len() + 1;
    if !is_refused {
        check_prefix(lowering, host, entry, prefix);
    }
    // Two actions in one string are one mistake.
    let may_be_blank = |byte: u8| byte <= b' ' || byte == b',' || !byte.is_ascii();
    let first = name.bytes().position(may_be_blank);
    let blank = first.and_then(|_| name.find(|character: char| character.is_whitespace() || character == ','));
    if let Some(blank) = blank.filter(|_| !has_two_colons) {
        let place = lowering.report.at(entry.part(behind + blank..behind + blank + 1));
        let finding = errors::blank(place, &entry.text, trimmed(entry));
        lowering.report.warning(without_blanks(finding, place, entry));
    }
    if name.is_empty() {
        let place = lowering.report.at(entry.part(prefix.len()..behind));
        lowering.report.warning(errors::empty_name(place, &entry.text));
        return None;
    }
    if prefix.is_empty() {
        return None;
    }
    if is_all_stars(prefix) && is_all_stars(name) {
        check_any(lowering, host, entry);
        return Some(ActionPattern::Any);
    }
    check_classic(lowering, host, entry, &text);
    Some(shape(lowering, entry, &text))
}

/// No action of AWS is nearly as long.
const LENGTH: usize = 100;

/// The action that is meant by a malformed entry.
fn with_one_colon(text: &str) -> Option<String> {
    if LENGTH < text.len() { None } else { reference::built_in().with_one_colon(text) }
}

/// How many entries are searched for the service of one without a prefix.
const SEARCHED: usize = 64;

/// The action that is meant by a name without a prefix: of the first service beside it that has one of that name.
fn with_prefix(list: &TextList, name: &str) -> Option<String> {
    if LENGTH < name.len() || is_all_stars(name) {
        return None;
    }
    list.entries.iter().take(SEARCHED).find_map(|other| {
        let service = reference::built_in().service(other.text.split_once(':')?.0)?;
        Some(format!("{}:{}", service.prefix, service.spelling(name)?))
    })
}

/// The entry without the blanks around it, if there are any and none in it.
fn trimmed(entry: &Text) -> Option<&str> {
    let trimmed = entry.text.trim();
    (trimmed.len() < entry.text.len() && !trimmed.contains(char::is_whitespace)).then_some(trimmed)
}

/// Blanks around an entry are never meant.
fn without_blanks(finding: Diagnostic, place: Place, entry: &Text) -> Diagnostic {
    match trimmed(entry) {
        Some(meant) => entry.replaced(finding, place.source, meant),
        None => finding,
    }
}

/// Chooses the narrowest form for an entry with a colon.
fn shape(lowering: &mut Lowering<'_>, entry: &Text, text: &str) -> ActionPattern {
    let is_wildcard = |character: char| matches!(character, '*' | '?');
    if !text.bytes().any(|byte| matches!(byte, b'*' | b'?')) {
        return ActionPattern::Exact(lowering.program.texts.intern(text));
    }
    let before = text.trim_end_matches('*');
    if before.contains(':') && !before.contains(is_wildcard) {
        return ActionPattern::Prefix(lowering.program.texts.intern(before));
    }
    let mut builder = PatternBuilder::default();
    let mut rest = text;
    while let Some(at) = rest.find(is_wildcard) {
        let (literal, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        builder.literal(literal, Case::Exact);
        if tail.starts_with('*') {
            builder.star(Crossing::WithinComponent);
        } else {
            builder.any(Crossing::WithinComponent);
        }
        rest = tail.get(1..).unwrap_or("");
    }
    builder.literal(rest, Case::Exact);
    let id = builder.finish(&mut lowering.program);
    let steps = lowering.program.patterns.get(id).map_or(&[][..], |pattern| pattern.steps());
    let count = steps.iter().filter(|step| !matches!(step, Step::Literal(..))).count();
    if super::template::MAX_WILDCARDS < count {
        let place = lowering.report.at(entry.span);
        lowering.report.error(errors::too_many_wildcards(place, count, super::template::MAX_WILDCARDS));
    }
    ActionPattern::Glob(id)
}

/// R-ACT-6: an error in IAM's own documents, a warning elsewhere.
fn check_prefix(lowering: &mut Lowering<'_>, host: &Host<'_>, entry: &Text, prefix: &str) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if prefix == "*" || (!prefix.is_empty() && prefix.bytes().all(is_plain)) {
        return;
    }
    let place = lowering.report.at(entry.part(0..prefix.len().max(1)));
    let finding = without_blanks(errors::prefix(place, prefix, trimmed(entry)), place, entry);
    if host.is_iam() {
        lowering.report.tolerated(finding);
    } else {
        lowering.report.warning(finding);
    }
}

/// R-DOC-22; returns whether the entry was refused.
fn check_trust(lowering: &mut Lowering<'_>, host: &Host<'_>, entry: &Text, text: &str) -> bool {
    if host.policy_type != PolicyType::Trust || TRUST.binary_search(&text).is_ok() {
        return false;
    }
    let place = lowering.report.at(entry.span);
    let has_wildcard = text.contains(['*', '?']);
    if text.starts_with("sts:") && (has_wildcard || TRUST_TOLERATED.binary_search(&text).is_ok()) {
        lowering.report.warning(errors::trust_wildcard(place, &entry.text));
        return false;
    }
    lowering.report.tolerated(errors::trust_action(place, &entry.text));
    true
}

/// Every action at once is not for a customer's resource control policy (R-DOC-24).
fn check_any(lowering: &mut Lowering<'_>, host: &Host<'_>, entry: &Text) {
    if host.policy_type == PolicyType::ResourceControl && !is_managed_by_aws(host) {
        let place = lowering.report.at(entry.span);
        lowering.report.tolerated(errors::rcp_any(place));
    }
}

/// Whether AWS itself wrote the document: then it need not follow the rules for customers.
pub(super) fn is_managed_by_aws(host: &Host<'_>) -> bool {
    host.document.arn.as_deref().is_some_and(|arn| arn.split(':').nth(4) == Some("aws"))
}

/// The older language of service control policies (R-DOC-23): a wildcard only at the end of an action.
fn check_classic(lowering: &mut Lowering<'_>, host: &Host<'_>, entry: &Text, text: &str) {
    if host.policy_type != PolicyType::ServiceControl || lowering.semantics.scp_language != ScpLanguage::Classic {
        return;
    }
    let before = text.strip_suffix('*').unwrap_or(text);
    if let Some(at) = before.find(['*', '?']) {
        let place = lowering.report.at(entry.part(at..at + 1));
        lowering.report.warning(errors::scp_classic(place, "a wildcard before the end of an action"));
    }
}
