//! ACLs, ownership and Block Public Access of a scenario (`world.md` 3).

use crate::ask::{AskError, Fields, OwnedGrantee, read_acl};
use crate::runtime::AclPermission;
use crate::syntax::json::{Kind, Value};
use crate::world::model::{self, Acl, Grantee, ObjectOwnership, PublicAccessBlock};

/// Reads an ACL as S3's API prints it.
pub(super) fn world_acl(value: &Value<'_>, what: &str) -> Result<Acl, AskError> {
    let list = read_acl(value, what)?;
    let grants = list.grants.into_iter().map(|grant| (grantee(grant.grantee), permission(grant.permission)));
    Ok(Acl { owner: list.owner, grants: grants.collect() })
}

fn grantee(grantee: OwnedGrantee) -> Grantee {
    match grantee {
        OwnedGrantee::CanonicalUser(id) => Grantee::CanonicalUser(id),
        OwnedGrantee::AllUsers => Grantee::AllUsers,
        OwnedGrantee::AuthenticatedUsers => Grantee::AuthenticatedUsers,
        OwnedGrantee::LogDelivery => Grantee::LogDelivery,
    }
}

fn permission(permission: AclPermission) -> model::AclPermission {
    match permission {
        AclPermission::Read => model::AclPermission::Read,
        AclPermission::Write => model::AclPermission::Write,
        AclPermission::ReadAcp => model::AclPermission::ReadAcp,
        AclPermission::WriteAcp => model::AclPermission::WriteAcp,
        AclPermission::FullControl => model::AclPermission::FullControl,
    }
}

/// Reads `objectOwnership`.
pub(super) fn read_ownership(word: &str) -> Result<ObjectOwnership, AskError> {
    match word {
        "BucketOwnerEnforced" => Ok(ObjectOwnership::BucketOwnerEnforced),
        "BucketOwnerPreferred" => Ok(ObjectOwnership::BucketOwnerPreferred),
        "ObjectWriter" => Ok(ObjectOwnership::ObjectWriter),
        _ => Err(AskError::form(format!(
            "`objectOwnership` must be `BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`, not `{word}`"
        ))),
    }
}

/// Reads `publicAccessBlock`.
pub(super) fn read_public_access_block(value: &Value<'_>) -> Result<PublicAccessBlock, AskError> {
    let mut block = PublicAccessBlock::default();
    for (name, value) in Fields::of(value, "`publicAccessBlock`")?.iter() {
        let switch = match name {
            "BlockPublicAcls" => &mut block.block_public_acls,
            "IgnorePublicAcls" => &mut block.ignore_public_acls,
            "BlockPublicPolicy" => &mut block.block_public_policy,
            "RestrictPublicBuckets" => &mut block.restrict_public_buckets,
            _ => return Err(AskError::form(format!("`publicAccessBlock` has no member `{name}`"))),
        };
        let Kind::Bool(is_on) = value.kind else {
            return Err(AskError::form(format!("`{name}` must be a boolean, not {}", value.describe())));
        };
        *switch = is_on;
    }
    Ok(block)
}
