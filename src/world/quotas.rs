//! Quotas of chapter 8: an error where the number is fixed, a warning where AWS can raise it (R-ID-2 to R-ID-6,
//! R-ID-17, R-EVAL-38).

use super::arn::EntityKind;
use super::dump::Entity;
use super::errors;
use super::organization::{Control, Node};
use super::read::{Object, Spot};
use crate::source::{Diagnostic, Place};

/// A quota: what it counts, what is allowed at first and at most.
struct Quota {
    what: &'static str,
    standard: usize,
    most: usize,
}

const USERS: Quota = Quota { what: "users", standard: 5_000, most: 5_000 };
const GROUPS: Quota = Quota { what: "groups", standard: 300, most: 500 };
const ROLES: Quota = Quota { what: "roles", standard: 1_000, most: 10_000 };
const POLICIES: Quota = Quota { what: "customer managed policies", standard: 1_500, most: 10_000 };
const PROFILES: Quota = Quota { what: "instance profiles", standard: 1_000, most: 10_000 };
const GROUPS_OF_USER: Quota = Quota { what: "groups", standard: 10, most: 10 };
const VERSIONS: Quota = Quota { what: "versions", standard: 5, most: 5 };
const TAGS: Quota = Quota { what: "tags", standard: 50, most: 50 };

const UNITS: Quota = Quota { what: "organizational units", standard: 2_000, most: 2_000 };
const SERVICE_CONTROL: Quota = Quota { what: "service control policies", standard: 10, most: 10 };
const RESOURCE_CONTROL: Quota =
    Quota { what: "resource control policies (`p-RCPFullAWSAccess` counts)", standard: 5, most: 5 };
const GRANTS: Quota = Quota { what: "grants", standard: 100, most: 100 };
const KEYS: Quota = Quota { what: "access keys", standard: 2, most: 2 };

/// Managed policies that can be attached to one entity.
fn attachments(kind: EntityKind) -> Quota {
    let (standard, most) = match kind {
        EntityKind::User => (10, 20),
        EntityKind::Group | EntityKind::Policy => (10, 10),
        EntityKind::Role => (20, 25),
    };
    Quota { what: "attached policies", standard, most }
}

/// Characters that all inline policies of one entity may have together (R-DOC-26).
fn inline_chars(kind: EntityKind) -> u64 {
    match kind {
        EntityKind::User => 2_048,
        EntityKind::Group | EntityKind::Policy => 5_120,
        EntityKind::Role => 10_240,
    }
}

/// Where the entities of each sort stand that an account has, in source order.
#[derive(Debug, Default)]
pub(super) struct Census {
    /// Users.
    pub(super) users: Vec<Place>,
    /// Groups.
    pub(super) groups: Vec<Place>,
    /// Roles.
    pub(super) roles: Vec<Place>,
    /// Customer managed policies.
    pub(super) policies: Vec<Place>,
    /// Instance profiles.
    pub(super) profiles: Vec<Place>,
}

/// Holds an account to its quotas.
pub(super) fn check_account(id: &str, place: Place, census: &Census, findings: &mut Vec<Diagnostic>) {
    let owner = format!("the account {id}");
    for (places, quota) in [
        (&census.users, USERS),
        (&census.groups, GROUPS),
        (&census.roles, ROLES),
        (&census.policies, POLICIES),
        (&census.profiles, PROFILES),
    ] {
        findings.extend(quota.check(place, &owner, places.iter().copied()));
    }
}

/// Holds a user, group or role to its quotas.
pub(super) fn check_entity(entity: &Entity, findings: &mut Vec<Diagnostic>) {
    let owner = entity.describe();
    let place = entity.name.place;
    let attached = entity.attached.iter().map(|arn| arn.place);
    findings.extend(attachments(entity.kind).check(place, &owner, attached));
    findings.extend(GROUPS_OF_USER.check(place, &owner, entity.groups.iter().map(|name| name.place)));
    let limit = inline_chars(entity.kind);
    if limit < entity.inline_chars {
        findings.push(errors::inline_too_long(place, &owner, entity.inline_chars, limit));
    }
}

/// Holds a user, group or role to its number of tags.
pub(super) fn check_tags(place: Place, owner: &str, tags: &[Object<'_, '_>], findings: &mut Vec<Diagnostic>) {
    findings.extend(TAGS.check(place, owner, tags.iter().map(|tag| tag.place)));
}

/// Holds a managed policy to its number of versions (R-ID-8).
pub(super) fn check_versions(place: Place, policy: &str, versions: &[Object<'_, '_>], findings: &mut Vec<Diagnostic>) {
    let owner = format!("the policy `{policy}`");
    findings.extend(VERSIONS.check(place, &owner, versions.iter().map(|version| version.place)));
}

/// Holds an organization to its number of OUs.
pub(super) fn check_units(place: Place, units: &[Node], findings: &mut Vec<Diagnostic>) {
    findings.extend(UNITS.check(place, "the organization", units.iter().map(|unit| unit.id.place)));
}

/// Holds a level of the organization to the policies that can be attached to it; the default RCP counts even where it
/// is not listed, since it cannot be detached.
pub(super) fn check_control(
    control: Control,
    place: Place,
    owner: &str,
    attached: &[Spot],
    findings: &mut Vec<Diagnostic>,
) {
    let finding = match control {
        Control::Service => SERVICE_CONTROL.check(place, owner, attached.iter().map(|id| id.place)),
        Control::Resource => {
            let others = attached.iter().filter(|id| id.text != control.full_access()).map(|id| id.place);
            RESOURCE_CONTROL.check(place, owner, std::iter::once(place).chain(others))
        }
    };
    findings.extend(finding);
}

/// Holds an ACL to its number of grants.
pub(super) fn check_grants(place: Place, grants: &[Object<'_, '_>], findings: &mut Vec<Diagnostic>) {
    findings.extend(GRANTS.check(place, "the ACL", grants.iter().map(|grant| grant.place)));
}

/// Holds a user to its number of access keys; the first of them stands for a user that need not be defined.
pub(super) fn check_keys(owner: &str, keys: &[Place], findings: &mut Vec<Diagnostic>) {
    if let Some(&first) = keys.first() {
        findings.extend(KEYS.check(first, owner, keys.iter().copied()));
    }
}

impl Quota {
    /// Compares the number of entries with the quota; the second label is at the first entry beyond it.
    fn check(&self, place: Place, owner: &str, mut entries: impl Iterator<Item = Place> + Clone) -> Option<Diagnostic> {
        let count = entries.clone().count();
        let limit = if self.most < count { self.most } else { self.standard };
        let excess = entries.nth(limit)?;
        Some(if self.most < count {
            errors::over_quota(place, owner, self.what, count, limit, excess)
        } else {
            errors::over_default_quota(place, owner, self.what, count, (limit, self.most), excess)
        })
    }
}
