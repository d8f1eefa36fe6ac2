//! `resources/*.json` (`world.md` 3): resources with their policies, ACLs and grants.

use super::covers::{self, Glob};
use super::ids::{self, IdKind};
use super::model::{Document, DocumentId, KmsGrant, PolicyType, PublicAccessBlock, Resource};
use super::read::{Object, Reader, Spot};
use super::{Library, errors, read_policy, s3};
use crate::source::{Diagnostic, Place};
use crate::syntax::json::{Kind, Value};
use crate::value::arn::{ArnParts, is_account_id};
use std::collections::BTreeMap;

const MEMBERS: &[&str] =
    &["resource", "account", "policy", "acl", "objectOwnership", "publicAccessBlock", "covers", "grants"];

/// Reads one entry; `owner` is the account of the manifest that lists it. `None` where it cannot be used, which has
/// been reported.
pub(super) fn read(
    object: Object<'_, '_>,
    owner: &Spot,
    reader: &mut Reader<'_>,
    library: &mut Library,
) -> Option<Resource> {
    let object = reader.refuse_nulls(object);
    reader.refuse_others(object, "a resource", MEMBERS);
    let arn = reader.expect_text(object, "resource", "a resource")?;
    check_arn(&arn, owner, reader)?;
    check_account(object, owner, reader)?;
    check_members(object, &arn, reader);
    let policy = object.get("policy").and_then(|value| add_policy(value, &arn, &owner.text, reader, library));
    let acl = object.get("acl");
    let ownership = object.get("objectOwnership");
    if let (Some(acl), None, true) = (acl, ownership, covers::is_bucket(&arn.text)) {
        let place = reader.place(acl);
        reader.report(errors::acl_without_ownership(place, &arn.text));
    }
    let block = object.get("publicAccessBlock");
    let covers = read_covers(object, &arn, reader);
    Some(Resource {
        below: if covers.is_empty() { covers::default_below(&arn.text) } else { &[] },
        covers,
        account: Some(owner.text.clone()),
        policy,
        acl: acl.and_then(|value| s3::read_acl(value, reader)),
        object_acl: None,
        object_owner: None,
        object_ownership: ownership.and_then(|value| s3::read_ownership(value, reader)).unwrap_or_default(),
        public_access_block: block.map_or_else(PublicAccessBlock::default, |value| {
            s3::read_public_access_block(value, "publicAccessBlock", reader)
        }),
        grants: read_grants(object, reader),
        place: arn.place,
        arn: arn.text,
    })
}

/// An ARN must be whole, of the account, and of something that has a policy of its own here.
fn check_arn(arn: &Spot, owner: &Spot, reader: &mut Reader<'_>) -> Option<()> {
    let parts = ArnParts::split(&arn.text).filter(|parts| !parts.service.is_empty() && !parts.resource.is_empty());
    let Some(parts) = parts else {
        reader.report(errors::bad_arn(arn.place, &arn.text, "a resource", "arn:aws:s3:::NAME"));
        return None;
    };
    if parts.resource.contains(['*', '?']) {
        reader.report(errors::literal_wildcard(arn.place, &arn.text));
    }
    if is_account_id(parts.account) && parts.account != owner.text {
        reader.report(errors::account_mismatch(arn.place, parts.account, &owner.text, owner.place));
        return None;
    }
    if parts.service == "iam" && parts.resource.starts_with("role/") {
        let help = "give the role's account as a dump: its trust policy comes with it";
        reader.report(errors::not_a_resource(arn.place, &arn.text, "a role", help));
        return None;
    }
    let is_object = parts.region.is_empty() && parts.account.is_empty() && parts.resource.contains('/');
    if parts.service == "s3" && is_object {
        let help = "give the bucket instead: its policy governs its objects";
        reader.report(errors::not_a_resource(arn.place, &arn.text, "an object of a bucket", help));
        return None;
    }
    Some(())
}

fn check_account(object: Object<'_, '_>, owner: &Spot, reader: &mut Reader<'_>) -> Option<()> {
    let Some(account) = reader.maybe_text(object, "account") else { return Some(()) };
    if !ids::check(IdKind::Account, &account, reader) {
        return None;
    }
    if account.text != owner.text {
        reader.report(errors::account_mismatch(account.place, &account.text, &owner.text, owner.place));
        return None;
    }
    Some(())
}

/// Members that only some resources can have; grants are left to `lower`.
fn check_members(object: Object<'_, '_>, arn: &Spot, reader: &mut Reader<'_>) {
    let parts = ArnParts::split(&arn.text);
    let is_s3 = parts.is_some_and(|parts| parts.service == "s3");
    let is_bucket = covers::is_bucket(&arn.text);
    for (member, what, fits) in [
        ("acl", "S3 buckets", is_bucket),
        ("objectOwnership", "S3 buckets", is_bucket),
        ("publicAccessBlock", "S3 buckets and access points", is_s3),
    ] {
        let found = object.members.iter().find(|entry| entry.name == member && !matches!(entry.value.kind, Kind::Null));
        if let Some(entry) = found.filter(|_| !fits) {
            let place = Place { source: reader.source, span: entry.name_span };
            reader.report(errors::misplaced_member(place, member, what, &arn.text, arn.place));
        }
    }
}

/// Returns the document inside what the AWS CLI prints around it, such as `aws s3api get-bucket-policy`, or the value
/// itself.
fn policy_in<'v, 't>(value: &'v Value<'t>, reader: &mut Reader<'_>) -> &'v Value<'t> {
    const BESIDE: [&str; 3] = ["PolicyName", "RevisionId", "ResponseMetadata"];
    let Kind::Object(members) = &value.kind else { return value };
    let object = Object { members, place: reader.place(value), damaged: value.damaged };
    // With statements beside it, it is a document, whose reader names the member that does not belong there.
    let is_document = ["Statement", "Version"].iter().any(|name| object.get(name).is_some());
    for name in ["Policy", "PolicyDocument"] {
        if let Some(inner) = object.get(name).filter(|_| !is_document) {
            let [first, second, third] = BESIDE;
            reader.refuse_others(object, "the envelope of a policy", &[name, first, second, third]);
            return inner;
        }
    }
    value
}

fn add_policy(
    value: &Value<'_>,
    arn: &Spot,
    account: &str,
    reader: &mut Reader<'_>,
    library: &mut Library,
) -> Option<DocumentId> {
    let value = policy_in(value, reader);
    let policy = read_policy(value, reader)?;
    Some(library.add(Document {
        name: arn.text.clone(),
        arn: None,
        account: Some(account.to_owned()),
        policy_type: PolicyType::Resource,
        source: reader.source,
        place: arn.place,
        policy,
        named: false,
    }))
}

/// Reads `covers`: whole ARNs with wildcards, which together hold the resource itself.
fn read_covers(object: Object<'_, '_>, arn: &Spot, reader: &mut Reader<'_>) -> Vec<String> {
    let Some(value) = object.get("covers") else { return Vec::new() };
    let own = Glob::literal(&arn.text);
    let before = reader.findings.len();
    let mut covers = Vec::new();
    for entry in reader.list(object, "covers") {
        let Some(pattern) = reader.expect_string(entry, "covers") else { continue };
        let Some(parts) = ArnParts::split(&pattern.text).filter(|parts| !parts.service.is_empty()) else {
            let form = "arn:aws:s3:::NAME/*";
            reader.report(errors::bad_arn(pattern.place, &pattern.text, "a pattern of resources", form));
            continue;
        };
        if let Some(finding) = strays(parts, &pattern, arn) {
            reader.report(finding);
            continue;
        }
        covers.push(pattern.text);
    }
    let holds_own = covers.iter().any(|pattern| *pattern == arn.text || Glob::written(pattern).meets(&own));
    if !holds_own && reader.findings.len() == before && !value.damaged {
        let place = reader.place(value);
        reader.report(errors::covers_not_itself(place, &arn.text, arn.place));
    }
    covers
}

/// A finding if a pattern leaves the partition, the service or the account of the resource; a wildcard there leaves it
/// too, even where the resource's ARN holds the same character.
fn strays(pattern: ArnParts<'_>, written: &Spot, arn: &Spot) -> Option<Diagnostic> {
    let own = ArnParts::split(&arn.text)?;
    let differs = |found: &str, own: &str| found != own || found.contains(['*', '?']);
    if differs(pattern.account, own.account) {
        return Some(errors::covers_another_account(written.place, pattern.account, &arn.text, own.account, arn.place));
    }
    let fields = [("partition", pattern.partition, own.partition), ("service", pattern.service, own.service)];
    let (field, found, _) = fields.into_iter().find(|&(_, found, own)| differs(found, own))?;
    Some(errors::covers_another_service(written.place, field, found, &arn.text, arn.place))
}

/// Reads grants of the right shape; what they say is judged in `lower`.
fn read_grants(object: Object<'_, '_>, reader: &mut Reader<'_>) -> Vec<KmsGrant> {
    let entries = reader.objects(object, "grants");
    entries.into_iter().filter_map(|entry| read_grant(entry, reader)).collect()
}

/// Reads a grant; one with a fault is left out whole, so that less of it never grants more.
fn read_grant(entry: Object<'_, '_>, reader: &mut Reader<'_>) -> Option<KmsGrant> {
    const OWNER: &str = "a KMS grant";
    let before = reader.findings.len();
    let entry = reader.refuse_nulls(entry);
    reader.refuse_others(entry, OWNER, &["grantee", "operations", "encryptionContextEquals"]);
    let grantee = reader.expect_text(entry, "grantee", OWNER);
    let list = entry.get("operations");
    if list.is_none() && !entry.damaged {
        reader.report(errors::missing_member(entry.place, "operations", OWNER));
    }
    let operations = reader.list(entry, "operations");
    let operations = operations.iter().filter_map(|value| reader.expect_string(value, "operations")).collect();
    let encryption_context = read_context(entry, reader);
    let operations_place = reader.place(list?);
    let grant = KmsGrant { place: entry.place, grantee: grantee?, operations, operations_place, encryption_context };
    let is_whole = !entry.damaged && !reader.has_erred(before);
    is_whole.then_some(grant)
}

fn read_context(grant: Object<'_, '_>, reader: &mut Reader<'_>) -> Vec<(Spot, String)> {
    const MEMBER: &str = "encryptionContextEquals";
    let Some(value) = grant.get(MEMBER) else { return Vec::new() };
    let Some(context) = reader.expect_object(value, MEMBER) else { return Vec::new() };
    if context.members.is_empty() && !context.damaged {
        reader.report(errors::empty_context(context.place));
    }
    let mut pairs = Vec::new();
    for member in context.members.iter().filter(|member| !member.is_repeated && !member.is_name_refused) {
        if let Some(value) = reader.expect_string(&member.value, member.name) {
            let place = Place { source: reader.source, span: member.name_span };
            pairs.push((Spot { text: member.name.to_owned(), place }, value.text));
        }
    }
    pairs
}

/// Reports resources that are given twice.
pub(super) fn check_unique(resources: &mut Vec<Resource>, findings: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<String, Place> = BTreeMap::new();
    resources.retain(|resource| match first.get(&resource.arn) {
        Some(&place) => {
            findings.push(errors::duplicate_id(resource.place, "resources", &resource.arn, place));
            false
        }
        None => {
            first.insert(resource.arn.clone(), resource.place);
            true
        }
    });
}

/// Reports patterns that leave open which of two policies governs.
///
/// Only entries with `covers` of their own are compared with all others, roles included: what goes without saying never
/// overlaps.
pub(super) fn check_overlaps(resources: &[Resource], findings: &mut Vec<Diagnostic>) {
    if resources.iter().all(|resource| resource.covers.is_empty()) {
        return;
    }
    for (number, other) in covers::overlaps(resources).into_iter().take(MAX_OVERLAPS) {
        if let (Some(resource), Some(other)) = (resources.get(number), resources.get(other)) {
            findings.push(errors::overlapping_covers(resource.place, &resource.arn, other.place, &other.arn));
        }
    }
}

/// Overlaps that are reported at most.
const MAX_OVERLAPS: usize = 100;
