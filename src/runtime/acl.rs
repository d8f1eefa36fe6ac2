//! S3 access control lists, object ownership, Block Public Access (R-EVAL-37, R-EVAL-38, R-EVAL-45).

use super::bundle::Verdict;
use super::call::{Call, Kind};
use super::principal::{Kinds, of_account};
use super::words::Words;
use crate::layout::{flag, grantee_kind};
use crate::terms::{Layer, Layers};

/// Whether `RestrictPublicBuckets` keeps the requester out: the bucket's policy is public, and only the owner's account
/// and services keep access.
pub(super) fn is_blocked_as_public(call: &Call<'_>) -> bool {
    let Some(resource) = call.resource else { return false };
    let account = call.resource_account_record;
    let restricted = resource.has(flag::RESTRICT_PUBLIC_BUCKETS)
        || account.is_some_and(|account| account.has(flag::RESTRICT_PUBLIC_BUCKETS));
    let insider = call.requester.account.is_some() && call.requester.account == call.resource_account;
    resource.has(flag::PUBLIC) && restricted && !insider && call.requester.kind != Kind::Service
}

/// Adds what ACLs grant to the resource layer. The result fails, naming the layer, where the object's owner is not the
/// bucket's and does not grant.
pub(super) fn apply(call: &Call<'_>, verdict: &mut Verdict) -> Result<Result<(), Layers>, Layers> {
    let Some(resource) = call.resource else { return Ok(Ok(())) };
    if !resource.has(flag::ACLS) {
        return Ok(Ok(()));
    }
    let Some((is_object, permission)) = permission(call.request.action) else { return Ok(Ok(())) };
    let ignore_public = resource.has(flag::IGNORE_PUBLIC_ACLS)
        || call.resource_account_record.is_some_and(|account| account.has(flag::IGNORE_PUBLIC_ACLS));
    let list = match is_object {
        true => resource.object_acl,
        false => resource.acl,
    };
    let kinds = granted_kinds(call, list, permission, ignore_public);
    let owner = call.request.object_owner.or(resource.object_owner);
    let foreign_owner = is_object && owner.is_some() && owner != call.resource_account;
    if !foreign_owner {
        verdict.grant(kinds);
        return Ok(Ok(()));
    }
    // Only explicit denies of the bucket policy count for an object of another account; its owner grants by ACL, or
    // asks itself.
    let is_owner = call.requester.account.is_some() && call.requester.account == owner;
    let mut missing = Layers::NONE;
    if kinds.is_empty() && !is_owner {
        missing.insert(Layer::Resource);
        return Ok(Err(missing));
    }
    *verdict = verdict.deny_only();
    verdict.grant(match is_owner {
        true => kinds.union(of_account(call.requester.kind)),
        false => kinds,
    });
    Ok(Ok(()))
}

/// Whether an action is on objects, and the ACL permission that it needs (R-EVAL-38).
fn permission(action: &str) -> Option<(bool, u32)> {
    const TABLE: [(&str, bool, u32); 15] = [
        ("s3:ListBucket", false, 1),
        ("s3:ListBucketVersions", false, 1),
        ("s3:ListBucketMultipartUploads", false, 1),
        ("s3:PutObject", false, 2),
        ("s3:GetBucketAcl", false, 4),
        ("s3:PutBucketAcl", false, 8),
        ("s3:GetObject", true, 1),
        ("s3:GetObjectVersion", true, 1),
        ("s3:GetObjectAcl", true, 4),
        ("s3:GetObjectVersionAcl", true, 4),
        ("s3:PutObjectAcl", true, 8),
        ("s3:PutObjectVersionAcl", true, 8),
        ("s3:DeleteObject", false, 0),
        ("s3:DeleteObjectVersion", false, 0),
        ("s3:RestoreObject", true, 0),
    ];
    let found = TABLE.iter().find(|(known, ..)| action.eq_ignore_ascii_case(known));
    found.map(|&(_, is_object, permission)| (is_object, permission))
}

/// Kinds in which an ACL grants a permission to the requester.
fn granted_kinds(call: &Call<'_>, list: Words<'_>, permission: u32, ignore_public: bool) -> Kinds {
    let requester = &call.requester;
    let canonical = requester.account_record.and_then(|account| account.canonical_user_id);
    let signed = !matches!(requester.kind, Kind::Anonymous | Kind::FederatedProvider);
    let same_account = requester.account.is_some() && requester.account == call.resource_account;
    // A grant does not by itself replace an allow of the requester's own account (R-EVAL-38).
    let public = match same_account && requester.kind.is_identity() {
        true => Kinds::ACCOUNT,
        false => Kinds::WILDCARD,
    };
    let mut kinds = Kinds::NONE;
    for [kind, symbol, permissions] in list.records::<3>() {
        if kind != grantee_kind::OWNER && permissions & permission == 0 {
            continue;
        }
        let granted = match kind {
            // The owner always has full control.
            grantee_kind::OWNER | grantee_kind::CANONICAL if canonical == Some(call.main.text(symbol)) => {
                of_account(requester.kind)
            }
            grantee_kind::ALL_USERS if !ignore_public => public,
            grantee_kind::AUTHENTICATED_USERS if signed && !ignore_public => public,
            _ => Kinds::NONE,
        };
        kinds = kinds.union(granted);
    }
    kinds
}
