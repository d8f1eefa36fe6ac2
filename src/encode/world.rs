//! Accounts, identities, resources, endpoints, access keys.

use crate::ir::{Account, Acl, BundleId, Grantee, Principal, PrincipalEntry, PrincipalKind, Resource, Symbol};
use crate::layout::{NONE, Section, TAG_SHIFT, entry_kind, flag, grantee_kind, hash_text, meta};

use super::{Encoder, count, open_addressing, tagged};

/// Writes the world's tables.
pub(super) fn write(encoder: &mut Encoder<'_>) {
    let program = encoder.program;
    let services = program.rcp_services.iter().map(|&service| encoder.symbol(service)).collect::<Vec<_>>();
    let [at, length] = encoder.list(&services);
    encoder.meta[meta::RCP_SERVICES_AT] = at;
    encoder.meta[meta::RCP_SERVICES_LEN] = length;
    let organized = program.accounts.iter().any(|account| account.membership.is_some());
    encoder.meta[meta::HAS_ORGANIZATION] = u32::from(organized);
    for account in &program.accounts {
        write_account(encoder, account);
    }
    for principal in &program.principals {
        write_principal(encoder, principal);
    }
    write_identity_hash(encoder);
    for resource in &program.resources {
        write_resource(encoder, resource);
    }
    for endpoint in &program.endpoints {
        let words = [encoder.symbol(endpoint.id), optional_bundle(endpoint.policy)];
        encoder.sections.push(Section::Endpoints, &words);
    }
    for key in &program.access_keys {
        let words = [encoder.symbol(key.id), encoder.symbol(key.principal), u32::from(key.active)];
        encoder.sections.push(Section::AccessKeys, &words);
    }
}

/// Kind and text of a principal entry.
pub(super) fn principal_entry(entry: PrincipalEntry) -> (u32, Option<Symbol>) {
    match entry {
        PrincipalEntry::Everyone => (entry_kind::EVERYONE, None),
        PrincipalEntry::Account(symbol) => (entry_kind::ACCOUNT, Some(symbol)),
        PrincipalEntry::AccountRoot(symbol) => (entry_kind::ACCOUNT_ROOT, Some(symbol)),
        PrincipalEntry::User(symbol) => (entry_kind::USER, Some(symbol)),
        PrincipalEntry::Role(symbol) => (entry_kind::ROLE, Some(symbol)),
        PrincipalEntry::Session(symbol) => (entry_kind::SESSION, Some(symbol)),
        PrincipalEntry::FederatedUser(symbol) => (entry_kind::FEDERATED_USER, Some(symbol)),
        PrincipalEntry::UniqueId(symbol) => (entry_kind::UNIQUE_ID, Some(symbol)),
        PrincipalEntry::Service(symbol) => (entry_kind::SERVICE, Some(symbol)),
        PrincipalEntry::Federated(symbol) => (entry_kind::FEDERATED, Some(symbol)),
        PrincipalEntry::CanonicalUser(symbol) => (entry_kind::CANONICAL_USER, Some(symbol)),
        PrincipalEntry::GrantedRole(symbol) => (entry_kind::GRANTED_ROLE, Some(symbol)),
    }
}

fn optional_bundle(bundle: Option<BundleId>) -> u32 {
    bundle.map_or(0, |bundle| bundle.0 + 1)
}

fn flags(flags: &[(bool, u32)]) -> u32 {
    flags.iter().filter(|(set, _)| *set).fold(0, |sum, (_, bit)| sum | bit)
}

fn write_account(encoder: &mut Encoder<'_>, account: &Account) {
    let membership = account.membership.as_ref();
    let bits = flags(&[
        (account.identities_known, flag::IDENTITIES_KNOWN),
        (membership.is_some(), flag::MEMBER),
        (membership.is_some_and(|membership| membership.management), flag::MANAGEMENT),
        (account.service_control.is_some(), flag::SERVICE_CONTROL),
        (account.public_access.restrict_public_buckets, flag::RESTRICT_PUBLIC_BUCKETS),
        (account.public_access.ignore_public_acls, flag::IGNORE_PUBLIC_ACLS),
    ]);
    let paths = membership.map(|membership| membership.paths.as_slice()).unwrap_or_default();
    let paths = paths.iter().map(|&path| encoder.symbol(path)).collect::<Vec<_>>();
    let [paths_at, paths_len] = encoder.list(&paths);
    let levels = account.service_control.iter().flatten().map(|level| level.0).collect::<Vec<_>>();
    let [levels_at, levels_len] = encoder.list(&levels);
    let words = [
        encoder.symbol(account.id),
        bits,
        encoder.optional_symbol(membership.and_then(|membership| membership.id)),
        paths_at,
        paths_len,
        levels_at,
        levels_len,
        optional_bundle(account.resource_control),
        encoder.optional_symbol(account.canonical_user_id),
    ];
    encoder.sections.push(Section::Accounts, &words);
}

fn write_principal(encoder: &mut Encoder<'_>, principal: &Principal) {
    let kind = match principal.kind {
        PrincipalKind::User => flag::KIND_USER,
        PrincipalKind::Role => flag::KIND_ROLE,
        PrincipalKind::FederatedUser => flag::KIND_FEDERATED_USER,
    };
    let mut tags = Vec::new();
    for (key, values) in &principal.tags {
        tags.extend([encoder.key(*key), count(values.len())]);
        tags.extend(values.iter().map(|&value| encoder.symbol(value)));
    }
    let [tags_at, tags_len] = encoder.list(&tags);
    let groups = principal.groups.iter().map(|group| group.0).collect::<Vec<_>>();
    let [groups_at, groups_len] = encoder.list(&groups);
    let profiles = principal.instance_profiles.iter().map(|&arn| encoder.name(arn)).collect::<Vec<_>>();
    let [profiles_at, profiles_len] = encoder.list(&profiles);
    let accounts = &encoder.program.accounts;
    let text = |symbol| encoder.program.texts.text(symbol);
    let account = accounts.binary_search_by(|account| text(account.id).cmp(text(principal.account)));
    let account = account.ok();
    let controls = |account: &Account| account.service_control.is_some() || account.resource_control.is_some();
    let controlled = account.and_then(|number| accounts.get(number)).is_some_and(controls);
    let account = account.map_or(0, |number| count(number) + 1);
    let bits = flags(&[(principal.service_linked, flag::SERVICE_LINKED << 8), (controlled, flag::CONTROLLED << 8)]);
    let lookup_bytes = count(text(principal.lookup).len());
    if lookup_bytes >> 16 != 0 {
        encoder.refuse("the name of a user or a role");
    }
    let words = [
        kind | bits | lookup_bytes << 16,
        encoder.symbol(principal.arn),
        encoder.texts.offset(principal.lookup),
        encoder.texts.offset(principal.account),
        encoder.optional_symbol(principal.unique_id),
        principal.identity.0,
        optional_bundle(principal.boundary),
        tags_at,
        tags_len,
        groups_at,
        groups_len,
        profiles_at,
        profiles_len,
        account,
    ];
    encoder.sections.push(Section::Identities, &words);
}

fn write_identity_hash(encoder: &mut Encoder<'_>) {
    let program = encoder.program;
    let hashes = program.principals.iter().map(|principal| hash_text(program.texts.text(principal.lookup).as_bytes()));
    let hashes = hashes.collect::<Vec<_>>();
    if hashes.is_empty() {
        return;
    }
    if hashes.len() >= 1 << TAG_SHIFT {
        encoder.refuse("the number of users and roles");
    }
    let hash = |number: u32| usize::try_from(number).ok().and_then(|index| hashes.get(index)).copied().unwrap_or(0);
    let numbers = (0..count(hashes.len())).collect::<Vec<_>>();
    let (words, _) = open_addressing(&numbers, |number| tagged(number, hash(number)), hash);
    encoder.sections.push(Section::IdentityHash, &words);
}

fn write_resource(encoder: &mut Encoder<'_>, resource: &Resource) {
    let bits = flags(&[
        (resource.public, flag::PUBLIC),
        (resource.public_access.restrict_public_buckets, flag::RESTRICT_PUBLIC_BUCKETS),
        (resource.public_access.ignore_public_acls, flag::IGNORE_PUBLIC_ACLS),
        (resource.acls_enabled, flag::ACLS),
    ]);
    let [acl_at, acl_len] = acl(encoder, resource.acl.as_ref());
    let [object_acl_at, object_acl_len] = acl(encoder, resource.object_acl.as_ref());
    let words = [
        encoder.symbol(resource.arn),
        encoder.optional_symbol(resource.account),
        optional_bundle(resource.policy),
        bits,
        acl_at,
        acl_len,
        object_acl_at,
        object_acl_len,
        encoder.optional_symbol(resource.object_owner),
    ];
    encoder.sections.push(Section::Resources, &words);
}

fn acl(encoder: &mut Encoder<'_>, acl: Option<&Acl>) -> [u32; 2] {
    let mut words = Vec::new();
    if let Some(acl) = acl {
        // Always there, so that a list that grants nothing is not taken for an absent one.
        let owner = acl.owner.map_or(NONE, |owner| encoder.symbol(owner));
        words.extend([grantee_kind::OWNER, owner, 0]);
        for (grantee, permissions) in &acl.grants {
            let (kind, symbol) = match *grantee {
                Grantee::Canonical(symbol) => (grantee_kind::CANONICAL, encoder.symbol(symbol)),
                Grantee::AllUsers => (grantee_kind::ALL_USERS, 0),
                Grantee::AuthenticatedUsers => (grantee_kind::AUTHENTICATED_USERS, 0),
            };
            words.extend([kind, symbol, u32::from(*permissions)]);
        }
    }
    encoder.list(&words)
}
