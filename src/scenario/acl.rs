//! ACLs, ownership and Block Public Access of a scenario (`world.md` 3).

use crate::ask::{AskError, Fields, list, text};
use crate::syntax::json::{Kind, Value};
use crate::world::model::{Acl, AclPermission, Grantee, ObjectOwnership, PublicAccessBlock};

/// Reads an ACL as S3's API prints it.
pub(super) fn read_acl(value: &Value<'_>, what: &str) -> Result<Acl, AskError> {
    let mut acl = Acl::default();
    for (name, value) in Fields::of(value, what)?.iter() {
        match name {
            "Owner" => acl.owner = read_owner(value, what)?,
            "Grants" => {
                acl.grants = list(value, "`Grants`")?.iter().map(read_grant).collect::<Result<_, _>>()?;
            }
            _ => return Err(AskError::form(format!("{what} has no member `{name}`"))),
        }
    }
    Ok(acl)
}

fn read_owner(value: &Value<'_>, what: &str) -> Result<Option<String>, AskError> {
    let mut owner = None;
    for (name, value) in Fields::of(value, "`Owner`")?.iter() {
        match name {
            "ID" => owner = Some(text(value, "`ID` of the owner")?),
            "DisplayName" => {}
            _ => return Err(AskError::form(format!("`Owner` in {what} has no member `{name}`"))),
        }
    }
    Ok(owner)
}

fn read_grant(value: &Value<'_>) -> Result<(Grantee, AclPermission), AskError> {
    let mut grantee = None;
    let mut permission = None;
    for (name, value) in Fields::of(value, "a grant")?.iter() {
        match name {
            "Grantee" => grantee = Some(read_grantee(value)?),
            "Permission" => permission = Some(read_permission(&text(value, "`Permission`")?)?),
            _ => return Err(AskError::form(format!("a grant has no member `{name}`"))),
        }
    }
    grantee.zip(permission).ok_or_else(|| AskError::form("a grant needs `Grantee` and `Permission`"))
}

fn read_permission(word: &str) -> Result<AclPermission, AskError> {
    Ok(match word {
        "READ" => AclPermission::Read,
        "WRITE" => AclPermission::Write,
        "READ_ACP" => AclPermission::ReadAcp,
        "WRITE_ACP" => AclPermission::WriteAcp,
        "FULL_CONTROL" => AclPermission::FullControl,
        _ => return Err(AskError::form(format!("`{word}` is no permission of an ACL"))),
    })
}

fn read_grantee(value: &Value<'_>) -> Result<Grantee, AskError> {
    let (mut id, mut uri) = (None, None);
    for (name, value) in Fields::of(value, "`Grantee`")?.iter() {
        match name {
            "ID" => id = Some(text(value, "`ID` of a grantee")?),
            "URI" => uri = Some(text(value, "`URI` of a grantee")?),
            "Type" | "DisplayName" => {}
            _ => return Err(AskError::form(format!("`Grantee` has no member `{name}`"))),
        }
    }
    match (id, uri.as_deref()) {
        (Some(id), None) => Ok(Grantee::CanonicalUser(id)),
        (None, Some("http://acs.amazonaws.com/groups/global/AllUsers")) => Ok(Grantee::AllUsers),
        (None, Some("http://acs.amazonaws.com/groups/global/AuthenticatedUsers")) => Ok(Grantee::AuthenticatedUsers),
        (None, Some("http://acs.amazonaws.com/groups/s3/LogDelivery")) => Ok(Grantee::LogDelivery),
        (None, Some(uri)) => Err(AskError::form(format!("`{uri}` is no group of grantees"))),
        _ => Err(AskError::form("a grantee needs either `ID` or `URI`")),
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
