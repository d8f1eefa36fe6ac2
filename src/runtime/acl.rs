//! S3 access control lists, object ownership, Block Public Access (R-EVAL-37, R-EVAL-38, R-EVAL-45).

use super::call::{Call, Kind};
use super::principal::{Kinds, of_account};
use super::words::Words;
use crate::layout::{flag, grantee_kind};
use crate::value::ArnParts;

/// Whether `RestrictPublicBuckets` keeps the requester out: the bucket's policy is public, and only the owner's account
/// and services keep access.
pub(super) fn is_blocked_as_public(call: &Call<'_>, parts: Option<ArnParts<'_>>) -> bool {
    let Some(resource) = call.resource.filter(|_| is_s3(parts)) else { return false };
    let account = call.resource_account_record;
    let restricted = resource.has(flag::RESTRICT_PUBLIC_BUCKETS)
        || account.is_some_and(|account| account.has(flag::RESTRICT_PUBLIC_BUCKETS));
    let insider = call.requester.account.is_some() && call.requester.account == call.resource_account;
    resource.has(flag::PUBLIC) && restricted && !insider && call.requester.kind != Kind::Service
}

/// What access control lists have to do with a request.
#[derive(Clone, Copy)]
pub(super) enum Access {
    /// They grant in these kinds, beside the bucket policy; in none where there are no lists.
    Beside(Kinds),
    /// The object belongs to another account than its bucket, so that allows of the bucket policy count for nothing;
    /// its owner grants by ACL.
    GrantedByOwner,
    /// The same, and its owner does not.
    RefusedByOwner,
}

/// Which access control lists count for a request, and what they grant (R-EVAL-37).
pub(super) fn access(call: &Call<'_>, parts: Option<ArnParts<'_>>) -> Access {
    let resource = call.resource.filter(|resource| is_s3(parts) && resource.has(flag::ACLS));
    let Some(resource) = resource else { return Access::Beside(Kinds::NONE) };
    let owner = call.request.object_owner.or(resource.object_owner);
    let is_object = parts.is_some_and(|parts| parts.resource.contains('/'));
    let is_foreign = is_object && owner.is_some() && owner != call.resource_account;
    let kinds = match permission(call.request.action) {
        Some(Permission::OnBucket(bit)) => granted(call, resource.acl, bit),
        // Where no list is given it is the `private` one, which grants to the owner.
        Some(Permission::OnObject(_)) if resource.object_acl.len() == 0 => {
            if call.requester.account == owner {
                of_account(call.requester.kind)
            } else {
                Kinds::NONE
            }
        }
        Some(Permission::OnObject(bit)) => granted(call, resource.object_acl, bit),
        None => Kinds::NONE,
    };
    match (is_foreign, kinds.is_empty()) {
        (false, _) => Access::Beside(kinds),
        (true, false) => Access::GrantedByOwner,
        (true, true) => Access::RefusedByOwner,
    }
}

/// Whether the resource is a bucket or an object, access points excluded: neither has a region or an account.
fn is_s3(parts: Option<ArnParts<'_>>) -> bool {
    parts.is_some_and(|parts| parts.service == "s3" && parts.region.is_empty() && parts.account.is_empty())
}

/// The permission of an ACL that an action needs, as a bit.
#[derive(Clone, Copy)]
enum Permission {
    OnBucket(u32),
    OnObject(u32),
}

const READ: u32 = 1;
const WRITE: u32 = 2;
const READ_ACP: u32 = 4;
const WRITE_ACP: u32 = 8;

/// The table of R-EVAL-38.
fn permission(action: &str) -> Option<Permission> {
    use Permission::{OnBucket, OnObject};
    const TABLE: [(&str, Permission); 12] = [
        ("s3:ListBucket", OnBucket(READ)),
        ("s3:ListBucketVersions", OnBucket(READ)),
        ("s3:ListBucketMultipartUploads", OnBucket(READ)),
        ("s3:PutObject", OnBucket(WRITE)),
        ("s3:GetBucketAcl", OnBucket(READ_ACP)),
        ("s3:PutBucketAcl", OnBucket(WRITE_ACP)),
        ("s3:GetObject", OnObject(READ)),
        ("s3:GetObjectVersion", OnObject(READ)),
        ("s3:GetObjectAcl", OnObject(READ_ACP)),
        ("s3:GetObjectVersionAcl", OnObject(READ_ACP)),
        ("s3:PutObjectAcl", OnObject(WRITE_ACP)),
        ("s3:PutObjectVersionAcl", OnObject(WRITE_ACP)),
    ];
    TABLE.iter().find(|(known, _)| action.eq_ignore_ascii_case(known)).map(|(_, permission)| *permission)
}

/// Kinds in which a list grants a permission to the requester (R-EVAL-38).
fn granted(call: &Call<'_>, list: Words<'_>, permission: u32) -> Kinds {
    let requester = &call.requester;
    // Lists name accounts and groups; a service or an identity provider is in neither (R-EVAL-5).
    let is_signed = match requester.kind {
        Kind::Service | Kind::FederatedProvider => return Kinds::NONE,
        Kind::Anonymous => false,
        Kind::Nameless | Kind::Root | Kind::User | Kind::RoleSession | Kind::FederatedUser => true,
    };
    let ignores_public = call.resource.is_some_and(|resource| resource.has(flag::IGNORE_PUBLIC_ACLS))
        || call.resource_account_record.is_some_and(|account| account.has(flag::IGNORE_PUBLIC_ACLS));
    let is_insider = requester.account.is_some() && requester.account == call.resource_account;
    // A grant does not by itself replace an allow of the requester's own account.
    let public = if is_insider { Kinds::ACCOUNT } else { Kinds::WILDCARD };
    let own = if requester.kind == Kind::Root { Kinds::ROOT } else { Kinds::ACCOUNT };
    let canonical = requester.account_record.and_then(|account| account.canonical_user_id);
    let mut kinds = Kinds::NONE;
    for [grantee, symbol, permissions] in list.records::<3>() {
        let grants = match grantee {
            grantee_kind::CANONICAL if canonical == Some(call.main.text(symbol)) => own,
            grantee_kind::ALL_USERS if !ignores_public => public,
            grantee_kind::AUTHENTICATED_USERS if is_signed && !ignores_public => public,
            _ => Kinds::NONE,
        };
        if permissions & permission != 0 {
            kinds = kinds.union(grants);
        }
    }
    kinds
}
