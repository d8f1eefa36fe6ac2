//! The world's tables: who has which policies (chapter 8, `world.md`).

use super::{Lowering, grant, public, resource};
use crate::ir::{
    AccessKey, Account, Acl, BundleId, Case, Crossing, Endpoint, Grantee, Membership, PatternBuilder, PatternId,
    PolicyKind, Principal, PrincipalKind, PublicAccess, Resource, StatementId, Symbol,
};
use crate::syntax::ast::Text;
use crate::value::arn::ArnParts;
use crate::value::text::lowercase;
use crate::world::model::{self, AclPermission, DocumentId, GroupId, ObjectOwnership, World};
use hashbrown::HashMap;
use std::sync::Arc;

fn index(document: DocumentId) -> usize {
    usize::try_from(document.0).unwrap_or(usize::MAX)
}

/// Whether something in the world attaches a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attachment {
    /// Something does.
    Attached,
    /// Nothing does.
    Loose,
}

/// Whether each document of so many is attached.
pub(super) fn attachments(world: &World, documents: usize) -> Vec<Attachment> {
    let mut used = vec![Attachment::Loose; documents];
    let levels = |levels: &Option<Vec<Vec<DocumentId>>>| levels.iter().flatten().flatten().copied().collect::<Vec<_>>();
    let accounts = world
        .accounts
        .iter()
        .flat_map(|account| levels(&account.service_control).into_iter().chain(levels(&account.resource_control)));
    let principals =
        world.principals.iter().flat_map(|principal| principal.identity.iter().copied().chain(principal.boundary));
    let groups = world.groups.iter().flatten().copied();
    let resources = world.resources.iter().filter_map(|resource| resource.policy);
    let endpoints = world.endpoints.iter().filter_map(|endpoint| endpoint.policy);
    for document in accounts.chain(principals).chain(groups).chain(resources).chain(endpoints) {
        if let Some(slot) = used.get_mut(index(document)) {
            *slot = Attachment::Attached;
        }
    }
    used
}

/// Fills the tables of the program.
pub(super) fn tables(lowering: &mut Lowering<'_>, world: &World) {
    for number in 0..lowering.program.policies.len() {
        bundle_named(lowering, number);
    }
    for entry in &world.accounts {
        let lowered = account(lowering, entry);
        lowering.program.accounts.push(lowered);
    }
    let sharing = Sharing::of(world);
    for entry in &world.principals {
        let (identity, groups) = sharing.identity(lowering, world, entry);
        let lowered = principal(lowering, entry, identity, groups);
        lowering.program.principals.push(lowered);
    }
    let texts = &lowering.program.texts;
    lowering.program.principals.sort_by(|left, right| texts.text(left.lookup).cmp(texts.text(right.lookup)));
    for entry in &world.resources {
        let lowered = resource(lowering, entry);
        lowering.program.resources.push(lowered);
    }
    let texts = &lowering.program.texts;
    lowering.program.resources.sort_by(|left, right| texts.text(left.arn).cmp(texts.text(right.arn)));
    for entry in &world.endpoints {
        let id = intern(lowering, &entry.id);
        let policy = entry.policy.map(|policy| bundle(lowering, &[policy]));
        lowering.program.endpoints.push(Endpoint { id, policy });
    }
    for entry in &world.access_keys {
        let id = intern(lowering, &entry.id);
        let principal = intern(lowering, &entry.principal);
        lowering.program.access_keys.push(AccessKey { id, principal, active: entry.active });
    }
    let texts = &lowering.program.texts;
    lowering.program.accounts.sort_by(|left, right| texts.text(left.id).cmp(texts.text(right.id)));
    lowering.program.endpoints.sort_by(|left, right| texts.text(left.id).cmp(texts.text(right.id)));
    lowering.program.access_keys.sort_by(|left, right| texts.text(left.id).cmp(texts.text(right.id)));
}

fn intern(lowering: &mut Lowering<'_>, text: &str) -> Symbol {
    lowering.program.texts.intern(text)
}

fn intern_maybe(lowering: &mut Lowering<'_>, text: Option<&String>) -> Option<Symbol> {
    text.map(|text| lowering.program.texts.intern(text))
}

/// The statements of all these documents together; the policy of a document has the document's number.
fn bundle(lowering: &mut Lowering<'_>, documents: &[DocumentId]) -> BundleId {
    let policies = documents.iter().filter_map(|document| lowering.program.policies.get(index(*document)));
    let statements = policies.flat_map(|policy| policy.statements.iter().copied()).collect();
    lowering.program.bundle(statements)
}

/// Gives a policy that requests may name a bundle of its own.
fn bundle_named(lowering: &mut Lowering<'_>, number: usize) {
    let Some(policy) = lowering.program.policies.get(number) else { return };
    if !matches!(policy.kind, PolicyKind::NamedIdentity | PolicyKind::NamedSession) {
        return;
    }
    let statements = policy.statements.clone();
    let bundle = lowering.program.bundle(statements);
    if let Some(policy) = lowering.program.policies.get_mut(number) {
        policy.bundle = Some(bundle);
    }
}

fn levels(lowering: &mut Lowering<'_>, levels: Option<&Vec<Vec<DocumentId>>>) -> Option<Vec<BundleId>> {
    levels.map(|levels| levels.iter().map(|level| bundle(lowering, level)).collect())
}

fn account(lowering: &mut Lowering<'_>, entry: &model::Account) -> Account {
    let membership = entry.membership.as_ref().map(|membership| Membership {
        id: intern_maybe(lowering, membership.id.as_ref()),
        paths: membership.paths.iter().map(|path| intern(lowering, path)).collect(),
        management: membership.management,
    });
    Account {
        id: intern(lowering, &entry.id),
        identities_known: entry.identities_known,
        membership,
        service_control: levels(lowering, entry.service_control.as_ref()),
        resource_control: entry.resource_control.as_ref().map(|levels| bundle(lowering, &levels.concat())),
        canonical_user_id: intern_maybe(lowering, entry.canonical_user_id.as_ref()),
        public_access: public_access(entry.public_access_block),
    }
}

fn public_access(block: model::PublicAccessBlock) -> PublicAccess {
    PublicAccess {
        restrict_public_buckets: block.restrict_public_buckets,
        ignore_public_acls: block.ignore_public_acls,
    }
}

/// How many principals have the same policies of their own and the same groups.
struct Sharing<'w> {
    counts: HashMap<(&'w [DocumentId], &'w [GroupId]), usize>,
}

/// Statements of groups that are copied for one principal at most.
///
/// One bundle is asked once where several are asked one after the other; but users are in any combination of groups,
/// and a bundle of each combination would make a large account's artifact larger than its dump.
const COPIED_STATEMENTS: usize = 16;

impl<'w> Sharing<'w> {
    fn of(world: &'w World) -> Self {
        let mut counts = HashMap::new();
        for principal in world.principals.iter().filter(|principal| !principal.groups.is_empty()) {
            *counts.entry((principal.identity.as_slice(), principal.groups.as_slice())).or_default() += 1;
        }
        Self { counts }
    }

    /// The bundle of a principal's policies, and those of its groups that are kept apart.
    fn identity(
        &self,
        lowering: &mut Lowering<'_>,
        world: &World,
        entry: &model::Principal,
    ) -> (BundleId, Vec<BundleId>) {
        let groups = entry.groups.iter().filter_map(|&GroupId(group)| world.groups.get(usize::try_from(group).ok()?));
        let groups: Vec<&[DocumentId]> = groups.map(Vec::as_slice).collect();
        let principals = self.counts.get(&(entry.identity.as_slice(), entry.groups.as_slice())).copied().unwrap_or(1);
        let policies = groups.iter().flat_map(|documents| documents.iter());
        let policies = policies.filter_map(|&document| lowering.program.policies.get(index(document)));
        let copied: usize = policies.map(|policy| policy.statements.len()).sum();
        if copied <= COPIED_STATEMENTS.saturating_mul(principals) {
            let all: Vec<DocumentId> = entry.identity.iter().chain(groups.into_iter().flatten()).copied().collect();
            return (bundle(lowering, &all), Vec::new());
        }
        (bundle(lowering, &entry.identity), groups.into_iter().map(|documents| bundle(lowering, documents)).collect())
    }
}

fn principal(
    lowering: &mut Lowering<'_>,
    entry: &model::Principal,
    identity: BundleId,
    groups: Vec<BundleId>,
) -> Principal {
    let arn = ArnParts::split(&entry.arn);
    let path = arn.map_or("", |arn| arn.resource);
    let (kind, lookup) = match entry.kind {
        model::PrincipalKind::User => (PrincipalKind::User, entry.arn.clone()),
        model::PrincipalKind::FederatedUser => (PrincipalKind::FederatedUser, entry.arn.clone()),
        model::PrincipalKind::Role => {
            let partition = arn.map_or("aws", |arn| arn.partition);
            let name = path.rsplit('/').next().unwrap_or("");
            (PrincipalKind::Role, format!("arn:{partition}:sts::{}:assumed-role/{name}", entry.account))
        }
    };
    Principal {
        kind,
        arn: intern(lowering, &entry.arn),
        lookup: intern(lowering, &lookup),
        account: intern(lowering, &entry.account),
        unique_id: intern_maybe(lowering, entry.unique_id.as_ref()),
        identity,
        groups,
        boundary: entry.boundary.map(|boundary| bundle(lowering, &[boundary])),
        tags: tags(lowering, &entry.tags),
        service_linked: kind == PrincipalKind::Role && path.starts_with("role/aws-service-role/"),
        instance_profiles: profiles(lowering, &entry.instance_profiles),
    }
}

/// ARNs of instance profiles, sorted, each once.
fn profiles(lowering: &mut Lowering<'_>, arns: &[String]) -> Vec<Symbol> {
    let sorted = arns.iter().collect::<std::collections::BTreeSet<_>>();
    sorted.into_iter().map(|arn| intern(lowering, arn)).collect()
}

/// Groups tags by their key regardless of case; two tags that differ only in case give two values (R-CON-4).
fn tags(lowering: &mut Lowering<'_>, tags: &[(Arc<str>, Arc<str>)]) -> Vec<(crate::ir::KeyId, Vec<Symbol>)> {
    let mut sorted =
        tags.iter().map(|(key, value)| (lowercase(key).collect::<String>(), key, value)).collect::<Vec<_>>();
    sorted.sort();
    let mut grouped = Vec::<(String, Vec<Symbol>)>::new();
    for (key, _, value) in sorted {
        let value = intern(lowering, value);
        match grouped.last_mut() {
            Some((last, values)) if *last == key => values.push(value),
            _ => grouped.push((key, vec![value])),
        }
    }
    let keyed = grouped.into_iter().map(|(key, values)| {
        let key = lowering.keys.key(&mut lowering.program, &format!("aws:principaltag/{key}"));
        (key, values)
    });
    keyed.collect()
}

fn resource(lowering: &mut Lowering<'_>, entry: &model::Resource) -> Resource {
    lowering.report.enter(entry.place.source);
    let covers = covers(lowering, entry);
    let grants = grant::statements(lowering, entry, &covers);
    let policy = resource_bundle(lowering, entry.policy, grants);
    let tree = entry.policy.and_then(|document| lowering.program.policies.get(index(document)));
    let public = tree.is_some_and(|policy| public::is_public(&lowering.program, policy));
    let has_acls = entry.object_ownership != ObjectOwnership::BucketOwnerEnforced;
    let acl_of = |lowering: &mut Lowering<'_>, list: Option<&model::Acl>| {
        list.filter(|_| has_acls).map(|list| acl(lowering, list))
    };
    let acl = acl_of(lowering, entry.acl.as_ref());
    let object_acl = acl_of(lowering, entry.object_acl.as_ref());
    Resource {
        arn: intern(lowering, &entry.arn),
        covers,
        account: intern_maybe(lowering, entry.account.as_ref()),
        policy,
        public,
        acls_enabled: has_acls,
        acl,
        object_acl,
        object_owner: intern_maybe(lowering, entry.object_owner.as_ref()),
        public_access: public_access(entry.public_access_block),
    }
}

/// The statements of the resource's policy and of its grants; none where there is neither.
fn resource_bundle(
    lowering: &mut Lowering<'_>,
    document: Option<DocumentId>,
    grants: Vec<StatementId>,
) -> Option<BundleId> {
    if document.is_none() && grants.is_empty() {
        return None;
    }
    let policy = document.and_then(|document| lowering.program.policies.get(index(document)));
    let mut statements = policy.map(|policy| policy.statements.clone()).unwrap_or_default();
    statements.extend(grants);
    Some(lowering.program.bundle(statements))
}

/// What the entry governs: globs without variables; without any, exactly the resource and what lies below it.
fn covers(lowering: &mut Lowering<'_>, entry: &model::Resource) -> Vec<PatternId> {
    if entry.covers.is_empty() {
        let mut builder = PatternBuilder::default();
        builder.literal(&entry.arn, Case::Exact);
        let mut patterns = vec![builder.finish(&mut lowering.program)];
        for below in entry.below {
            let mut builder = PatternBuilder::default();
            builder.literal(&entry.arn, Case::Exact);
            builder.literal(below, Case::Exact);
            builder.star(Crossing::Free);
            patterns.push(builder.finish(&mut lowering.program));
        }
        return patterns;
    }
    let texts = entry.covers.iter().map(|text| Text { span: entry.place.span, text: text.as_str().into() });
    texts.filter_map(|text| resource::world_pattern(lowering, &text)).collect()
}

fn acl(lowering: &mut Lowering<'_>, list: &model::Acl) -> Acl {
    let mut grants = Vec::new();
    for (grantee, permission) in &list.grants {
        let grantee = match grantee {
            model::Grantee::CanonicalUser(id) => Grantee::Canonical(intern(lowering, id)),
            model::Grantee::AllUsers => Grantee::AllUsers,
            model::Grantee::AuthenticatedUsers => Grantee::AuthenticatedUsers,
            // The log delivery group is a service of AWS; no requester of R-PRI-1 belongs to it.
            model::Grantee::LogDelivery => continue,
        };
        let bits = match permission {
            AclPermission::Read => 1,
            AclPermission::Write => 2,
            AclPermission::ReadAcp => 4,
            AclPermission::WriteAcp => 8,
            AclPermission::FullControl => 15,
        };
        grants.push((grantee, bits));
    }
    Acl { owner: intern_maybe(lowering, list.owner.as_ref()), grants }
}
