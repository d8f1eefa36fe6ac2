//! Quotas of chapter 8: an error where the number is fixed, a warning where AWS can raise it (R-ID-2 to R-ID-6, R-ID-17).

use super::arn::EntityKind;
use super::dump::Entity;
use super::errors;
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
const TAGS: Quota = Quota { what: "tags", standard: 50, most: 50 };

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

/// How many entities of each sort an account has.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    /// Users.
    pub(super) users: usize,
    /// Groups.
    pub(super) groups: usize,
    /// Roles.
    pub(super) roles: usize,
    /// Customer managed policies.
    pub(super) policies: usize,
    /// Instance profiles.
    pub(super) profiles: usize,
}

/// Holds an account to its quotas.
pub(super) fn check_account(id: &str, place: Place, counts: Counts, findings: &mut Vec<Diagnostic>) {
    let owner = format!("the account {id}");
    for (count, quota) in [
        (counts.users, USERS),
        (counts.groups, GROUPS),
        (counts.roles, ROLES),
        (counts.policies, POLICIES),
        (counts.profiles, PROFILES),
    ] {
        findings.extend(quota.check(place, &owner, count));
    }
}

/// Holds a user, group or role to its quotas.
pub(super) fn check_entity(entity: &Entity, findings: &mut Vec<Diagnostic>) {
    let owner = entity.describe();
    let place = entity.name.place;
    findings.extend(attachments(entity.kind).check(place, &owner, entity.attached.len()));
    findings.extend(GROUPS_OF_USER.check(place, &owner, entity.groups.len()));
    findings.extend(TAGS.check(place, &owner, entity.tags.len()));
    let limit = inline_chars(entity.kind);
    if limit < entity.inline_chars {
        findings.push(errors::inline_too_long(place, &owner, entity.inline_chars, limit));
    }
}

impl Quota {
    fn check(&self, place: Place, owner: &str, count: usize) -> Option<Diagnostic> {
        if self.most < count {
            Some(errors::over_quota(place, owner, self.what, count, self.most))
        } else if self.standard < count {
            Some(errors::over_default_quota(place, owner, self.what, count, self.standard, self.most))
        } else {
            None
        }
    }
}
