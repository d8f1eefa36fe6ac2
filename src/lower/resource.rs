//! `Resource` and `NotResource` (chapter 3).

use hashbrown::HashMap;
use std::sync::Arc;

use super::condition::{closest, distance};
use super::template::{self, Expansion, Lowercase, Placement, Reading, Structure, Template, Wildcards};
use super::{Host, Lowering, document, errors};
use crate::ir::{Crossing, PatternBuilder, PatternId, ResourceSet};
use crate::source::{Diagnostic, Place};
use crate::syntax::ast::{Polarity, Text, TextList};
use crate::terms::NullVariableInNotResource;
use crate::world::model::PolicyType;

/// Partitions that exist (R-ARN-2), sorted.
pub(super) const PARTITIONS: &[&str] =
    &["aws", "aws-cn", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-us-gov"];

/// Beginnings of the resource part of IAM's ARNs (R-ARN-5).
const IAM_TYPES: &[&str] = &[
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// What the resource part of an S3 ARN with a Region begins with.
const REGIONAL_S3: &[&str] =
    &["accesspoint/", "access-grants/", "async-request/", "job/", "storage-lens/", "storage-lens-group/"];

/// How resources are read.
const READING: Reading = Reading {
    placement: Placement::Resource,
    structure: Structure::Arn,
    wildcards: Wildcards::Active,
    lowercase: Lowercase::No,
};

/// Entries with variables expanded that are whole ARNs and hold nothing to report, so that they mean the same in every
/// policy, and that stand in several places.
#[derive(Debug, Default)]
pub(super) struct ResourceBook {
    known: HashMap<Arc<str>, PatternId>,
}

/// Lowers the element; entries that match nothing are left out (R-ARN-16).
///
/// Returns nothing where the statement cannot match any request.
pub(super) fn set(lowering: &mut Lowering<'_>, host: &Host<'_>, list: &TextList) -> Option<ResourceSet> {
    let is_negated = list.polarity == Polarity::Negated;
    let mut patterns = Vec::new();
    let mut can_match = true;
    for entry in &list.entries {
        let is_null = entry_patterns(lowering, host, entry, &mut patterns);
        let stops = lowering.semantics.null_variable_in_notresource == NullVariableInNotResource::NoMatch;
        can_match &= !(is_null && is_negated && stops);
    }
    can_match.then(|| ResourceSet::new(super::polarity(list.polarity), patterns))
}

/// Appends the patterns of one entry; returns whether it is null whatever the request.
fn entry_patterns(lowering: &mut Lowering<'_>, host: &Host<'_>, entry: &Text, patterns: &mut Vec<PatternId>) -> bool {
    if is_everything(&entry.text) {
        patterns.push(everything(lowering));
        return false;
    }
    if !entry.text.contains(':') {
        let place = lowering.report.at(entry.span);
        lowering.report.tolerated(errors::resource_no_colon(place, &entry.text));
        return false;
    }
    // Equal texts share their bytes: what nobody else holds does not come again.
    let is_kept = host.expansion == Expansion::Variables && 1 < Arc::strong_count(&entry.text);
    if is_kept && let Some(&known) = lowering.resources.known.get(&entry.text) {
        patterns.push(known);
        return false;
    }
    let before = lowering.report.count();
    let template = template::read(lowering, host.expansion, entry, READING);
    check(lowering, entry, &template);
    if template.is_null {
        return true;
    }
    let missing = 6_usize.saturating_sub(template.components.len());
    let place = lowering.report.at(entry.span);
    if 0 < missing {
        let ends_in_star = entry.text.ends_with('*');
        match host.policy_type {
            PolicyType::Identity | PolicyType::Managed | PolicyType::Inline | PolicyType::Boundary => {
                patterns.extend(template::build(lowering, &template, READING, missing, entry));
            }
            PolicyType::Session | PolicyType::ResourceControl => {
                lowering.report.error(errors::abbreviated_refused(place, document::kind(host.policy_type)));
            }
            PolicyType::ServiceControl if !ends_in_star => {
                lowering.report.error(errors::abbreviated_refused(place, document::kind(host.policy_type)));
            }
            PolicyType::Resource | PolicyType::Endpoint if !ends_in_star => {
                lowering.report.warning(errors::abbreviated_dead(place, document::kind(host.policy_type)));
                return false;
            }
            PolicyType::ServiceControl | PolicyType::Resource | PolicyType::Endpoint | PolicyType::Trust => {}
        }
    }
    let built = template::build(lowering, &template, READING, 0, entry);
    if let Some(pattern) = built.filter(|_| is_kept && missing == 0 && lowering.report.count() == before) {
        lowering.resources.known.insert(entry.text.clone(), pattern);
    }
    patterns.extend(built);
    false
}

fn is_everything(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}

/// The pattern of R-ARN-6.
pub(super) fn everything(lowering: &mut Lowering<'_>) -> PatternId {
    let mut builder = PatternBuilder::default();
    builder.star(Crossing::Free);
    builder.finish(&mut lowering.program)
}

/// The pattern of a text of the world, such as what a resource policy covers: globs, no variables.
pub(super) fn world_pattern(lowering: &mut Lowering<'_>, text: &Text) -> Option<PatternId> {
    if is_everything(&text.text) {
        return Some(everything(lowering));
    }
    let template = template::read(lowering, Expansion::Literal, text, READING);
    template::build(lowering, &template, READING, 0, text)
}

fn replaced(finding: Diagnostic, place: Place, entry: &Text, meant: Option<String>) -> Diagnostic {
    match meant {
        Some(meant) => entry.replaced(finding, place.source, &meant),
        None => finding,
    }
}

/// The ARN that is meant by a text that does not begin as one: with blanks around it, without `arn:` or its colon, with a
/// colon twice, or with another word in the place of `arn`. What follows must be a partition, so that there is no other
/// way to read it.
fn meant(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = match text.split_once(':')? {
        ("arn", rest) => rest.strip_prefix(':').unwrap_or(rest),
        (first, _) if PARTITIONS.contains(&first) => text,
        (first, _) if first.strip_prefix("arn").is_some_and(|rest| PARTITIONS.contains(&rest)) => text.get(3..)?,
        (first, rest) if distance(&first.to_ascii_lowercase(), "arn") <= 2 => rest,
        _ => return None,
    };
    let components = rest.split(':').collect::<Vec<_>>();
    let is_arn = match components.as_slice() {
        [partition, service, _, _, _, ..] => PARTITIONS.contains(partition) && *service != "arn",
        _ => false,
    };
    is_arn.then(|| format!("arn:{rest}"))
}

/// The findings of R-ARN-5; the glob applies regardless.
fn check(lowering: &mut Lowering<'_>, entry: &Text, template: &Template<'_>) {
    let part = |at: usize| {
        let range = template.components.get(at).cloned().unwrap_or(0..0);
        (entry.text.get(range.clone()).unwrap_or(""), entry.part(range))
    };
    let (first, _) = part(0);
    if first != "arn" {
        let place = lowering.report.at(entry.span);
        let meant = meant(&entry.text);
        let finding = errors::not_an_arn(place, &entry.text, meant.as_deref());
        lowering.report.tolerated(replaced(finding, place, entry, meant));
        return;
    }
    let (partition, partition_span) = part(1);
    let is_variable = |text: &str| text.contains("${");
    if partition != "*" && PARTITIONS.binary_search(&partition).is_err() && !is_variable(partition) {
        if partition.is_empty() {
            let meant = meant(&entry.text);
            let place = lowering.report.at(entry.span);
            let finding = errors::partition(place, partition, meant.as_deref());
            lowering.report.tolerated(replaced(finding, place, entry, meant));
            return;
        }
        let place = lowering.report.at(partition_span);
        let closest = || closest(partition, PARTITIONS.iter().copied());
        let meant = if partition.contains("gov") { Some("aws-us-gov") } else { closest() };
        lowering.report.tolerated(errors::partition(place, partition, meant));
        return;
    }
    let (service, service_span) = part(2);
    if service.is_empty() {
        let place = lowering.report.at(entry.span);
        lowering.report.tolerated(errors::missing_service(place));
        return;
    }
    if template.has_wildcard(2) {
        let place = lowering.report.at(service_span);
        lowering.report.warning(errors::service_wildcard(place));
    }
    if template.components.len() < 6 {
        if entry.text.contains("::") {
            let place = lowering.report.at(entry.span);
            lowering.report.warning(errors::few_components(place));
        }
        return;
    }
    let (region, region_span) = part(3);
    let (resource, resource_span) = part(5);
    let has_regions = service == "s3" && REGIONAL_S3.iter().any(|start| resource.starts_with(start));
    if matches!(service, "iam" | "s3") && !region.is_empty() && !has_regions {
        let place = lowering.report.at(region_span);
        lowering.report.warning(errors::region_not_empty(place, service));
    }
    let is_typed = matches!(resource, "*" | "root") || IAM_TYPES.iter().any(|start| resource.starts_with(start));
    if service == "iam" && !is_typed {
        let place = lowering.report.at(if resource.is_empty() { entry.span } else { resource_span });
        lowering.report.warning(errors::iam_type(place));
    }
}
