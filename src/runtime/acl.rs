//! S3 access control lists, object ownership, Block Public Access (R-EVAL-37, R-EVAL-38, R-EVAL-45).

use super::call::{Call, Kind};
use super::principal::{Kinds, of_account};
use super::words::Words;
use super::{AclGrant, AclPermission, Grantee, ObjectAcl};
use crate::layout::{flag, grantee_kind};
use crate::value::Arn;

/// Whether `RestrictPublicBuckets` keeps the requester out: the bucket's policy is public, and only the owner's account
/// and services keep access.
#[inline(never)]
pub(super) fn is_blocked_as_public(call: &Call<'_>, arn: Option<Arn<'_>>) -> bool {
    // Access points have switches of their own beside buckets.
    let is_of_s3 = |arn: Option<Arn<'_>>| arn.is_some_and(|arn| arn.service() == "s3");
    let Some(resource) = call.resource.filter(|_| is_of_s3(arn)) else { return false };
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
pub(super) fn access(call: &Call<'_>, arn: Option<Arn<'_>>) -> Access {
    let resource = call.resource.filter(|resource| is_s3(arn) && resource.has(flag::ACLS));
    let Some(resource) = resource else { return Access::Beside(Kinds::NONE) };
    let owner = call.request.object_owner.or(resource.object_owner());
    let kinds = match (permission(call.action.text), call.request.object_acl) {
        (Some(Permission::OnBucket(bit)), _) => granted(call, resource.acl(), bit),
        (Some(Permission::OnObject(bit)), Some(list)) => granted_by(call, list, bit),
        // Where no list is given it is the `private` one, which grants to the owner.
        (Some(Permission::OnObject(_)), None) if resource.object_acl().len() == 0 => {
            if call.requester.account == owner { of_account(call.requester.kind) } else { Kinds::NONE }
        }
        (Some(Permission::OnObject(bit)), None) => granted(call, resource.object_acl(), bit),
        (None, _) => Kinds::NONE,
    };
    match (is_object(arn) && is_foreign(call, owner), kinds.is_empty()) {
        (false, _) => Access::Beside(kinds),
        (true, false) => Access::GrantedByOwner,
        (true, true) => Access::RefusedByOwner,
    }
}

/// Whether the object belongs to another account than its bucket; `owner` is the account that owns it, where known.
fn is_foreign(call: &Call<'_>, owner: Option<&str>) -> bool {
    let listed = call.request.object_acl.and_then(|list| list.owner);
    match (owner, listed) {
        (Some(_), _) => owner != call.resource_account,
        // An id that nobody knows could be anybody's: taken for another's, so that no bucket policy allows (R-EVAL-37).
        (None, Some(_)) => listed != call.resource_account_record.and_then(|account| account.canonical_user_id()),
        (None, None) => false,
    }
}

/// Whether the resource is an object of a bucket.
pub(super) fn is_object(arn: Option<Arn<'_>>) -> bool {
    is_s3(arn) && arn.is_some_and(|arn| arn.resource().contains('/'))
}

/// Whether the resource is a bucket or an object, access points excluded: neither has a region or an account.
fn is_s3(arn: Option<Arn<'_>>) -> bool {
    arn.is_some_and(|arn| arn.service() == "s3" && arn.region().is_empty() && arn.account().is_empty())
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

/// What grants mean for the requester (R-EVAL-38).
struct Grants<'r> {
    /// Its account's canonical user id.
    canonical: Option<&'r str>,
    /// Of a grant to that account.
    to_account: Kinds,
    /// Of a grant to `AllUsers`.
    to_all: Kinds,
    /// Of a grant to `AuthenticatedUsers`.
    to_signed: Kinds,
}

impl<'r> Grants<'r> {
    fn of(call: &Call<'r>) -> Self {
        let requester = &call.requester;
        // Lists name accounts and groups; a service or an identity provider is in neither (R-EVAL-5).
        let (is_public, is_signed) = match requester.kind {
            Kind::Service | Kind::FederatedProvider => (false, false),
            Kind::Anonymous => (true, false),
            Kind::Nameless | Kind::Root | Kind::User | Kind::RoleSession | Kind::FederatedUser => (true, true),
        };
        let ignores_public = call.resource.is_some_and(|resource| resource.has(flag::IGNORE_PUBLIC_ACLS))
            || call.resource_account_record.is_some_and(|account| account.has(flag::IGNORE_PUBLIC_ACLS));
        let is_insider = requester.account.is_some() && requester.account == call.resource_account;
        // A grant does not by itself replace an allow of the requester's own account.
        let public = if is_insider { Kinds::ACCOUNT } else { Kinds::WILDCARD };
        let own = if requester.kind == Kind::Root { Kinds::ROOT } else { Kinds::ACCOUNT };
        let when = |condition: bool, kinds: Kinds| if condition { kinds } else { Kinds::NONE };
        Self {
            canonical: requester.account_record.and_then(|account| account.canonical_user_id()),
            to_account: when(is_signed, own),
            to_all: when(is_public && !ignores_public, public),
            to_signed: when(is_signed && !ignores_public, public),
        }
    }

    fn to(&self, grantee: Grantee<'_>) -> Kinds {
        match grantee {
            Grantee::CanonicalUser(id) if self.canonical == Some(id) => self.to_account,
            Grantee::AllUsers => self.to_all,
            Grantee::AuthenticatedUsers => self.to_signed,
            Grantee::CanonicalUser(_) | Grantee::LogDelivery => Kinds::NONE,
        }
    }
}

/// Kinds in which a list of the artifact grants a permission to the requester (R-EVAL-38).
fn granted(call: &Call<'_>, list: Words<'_>, permission: u32) -> Kinds {
    let grants = Grants::of(call);
    let mut kinds = Kinds::NONE;
    for [grantee, symbol, permissions] in list.records::<3>() {
        let grantee = match grantee {
            grantee_kind::CANONICAL => Grantee::CanonicalUser(call.main.text(symbol)),
            grantee_kind::ALL_USERS => Grantee::AllUsers,
            grantee_kind::AUTHENTICATED_USERS => Grantee::AuthenticatedUsers,
            _ => continue,
        };
        if permissions & permission != 0 {
            kinds = kinds.union(grants.to(grantee));
        }
    }
    kinds
}

/// The same of a list in the request.
fn granted_by(call: &Call<'_>, list: ObjectAcl<'_>, permission: u32) -> Kinds {
    let grants = Grants::of(call);
    let counts = |grant: &&AclGrant<'_>| bits(grant.permission) & permission != 0 && call.budget.spend(1);
    list.grants.iter().filter(counts).fold(Kinds::NONE, |kinds, grant| kinds.union(grants.to(grant.grantee)))
}

const fn bits(permission: AclPermission) -> u32 {
    match permission {
        AclPermission::Read => READ,
        AclPermission::Write => WRITE,
        AclPermission::ReadAcp => READ_ACP,
        AclPermission::WriteAcp => WRITE_ACP,
        AclPermission::FullControl => READ | WRITE | READ_ACP | WRITE_ACP,
    }
}
