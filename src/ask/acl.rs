//! Access control lists in the form of S3's API (`world.md` 3).

use crate::runtime::{AclGrant, AclPermission, Grantee, ObjectAcl};
use crate::syntax::json::Value;

use super::{AskError, Fields, list, text};

/// Most grants of a list (R-EVAL-38).
const GRANTS_MAX: usize = 100;

/// Whom a grant names, with its text owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnedGrantee {
    /// An account by its canonical user id.
    CanonicalUser(String),
    /// `http://acs.amazonaws.com/groups/global/AllUsers`
    AllUsers,
    /// `http://acs.amazonaws.com/groups/global/AuthenticatedUsers`
    AuthenticatedUsers,
    /// `http://acs.amazonaws.com/groups/s3/LogDelivery`
    LogDelivery,
}

/// A grant with its texts owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedAclGrant {
    /// To whom.
    pub grantee: OwnedGrantee,
    /// What.
    pub permission: AclPermission,
}

/// An access control list with its texts owned.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnedAcl {
    /// Canonical user id of the owner.
    pub owner: Option<String>,
    /// Grants in source order.
    pub grants: Vec<OwnedAclGrant>,
}

impl OwnedAcl {
    /// The grants as the runtime wants them.
    pub(super) fn lend_grants(&self) -> Vec<AclGrant<'_>> {
        let grants = self.grants.iter().map(|grant| AclGrant {
            grantee: match &grant.grantee {
                OwnedGrantee::CanonicalUser(id) => Grantee::CanonicalUser(id),
                OwnedGrantee::AllUsers => Grantee::AllUsers,
                OwnedGrantee::AuthenticatedUsers => Grantee::AuthenticatedUsers,
                OwnedGrantee::LogDelivery => Grantee::LogDelivery,
            },
            permission: grant.permission,
        });
        grants.collect()
    }

    /// The list as the runtime wants it; `grants` are its own, lent.
    pub(super) fn lend<'a>(&'a self, grants: &'a [AclGrant<'a>]) -> ObjectAcl<'a> {
        ObjectAcl { owner: self.owner.as_deref(), grants }
    }
}

/// Reads a list; `what` names it in messages.
pub(crate) fn read_acl(value: &Value<'_>, what: &str) -> Result<OwnedAcl, AskError> {
    let mut acl = OwnedAcl::default();
    for (name, value) in Fields::of(value, what)?.iter() {
        match name {
            "Owner" => acl.owner = read_owner(value, what)?,
            "Grants" => {
                acl.grants = list(value, "`Grants`")?.iter().map(read_grant).collect::<Result<_, _>>()?;
            }
            _ => return Err(AskError::form(format!("{what} has no member `{name}`"))),
        }
    }
    match acl.grants.len() {
        count if GRANTS_MAX < count => {
            Err(AskError::form(format!("{what} has {count} grants; a list has at most {GRANTS_MAX} (R-EVAL-38)")))
        }
        _ => Ok(acl),
    }
}

fn read_owner(value: &Value<'_>, what: &str) -> Result<Option<String>, AskError> {
    let mut owner = None;
    for (name, value) in Fields::of(value, &format!("`Owner` in {what}"))?.iter() {
        match name {
            "ID" => owner = Some(read_id(value, "`ID` of the owner")?),
            "DisplayName" => {
                text(value, "`DisplayName` of the owner")?;
            }
            _ => return Err(AskError::form(format!("`Owner` in {what} has no member `{name}`"))),
        }
    }
    Ok(owner)
}

fn read_id(value: &Value<'_>, what: &str) -> Result<String, AskError> {
    let id = text(value, what)?;
    if id.is_empty() { Err(AskError::form(format!("{what} must not be empty"))) } else { Ok(id) }
}

fn read_grant(value: &Value<'_>) -> Result<OwnedAclGrant, AskError> {
    let mut grantee = None;
    let mut permission = None;
    for (name, value) in Fields::of(value, "a grant")?.iter() {
        match name {
            "Grantee" => grantee = Some(read_grantee(value)?),
            "Permission" => permission = Some(read_permission(&text(value, "`Permission`")?)?),
            _ => return Err(AskError::form(format!("a grant has no member `{name}`"))),
        }
    }
    match (grantee, permission) {
        (Some(grantee), Some(permission)) => Ok(OwnedAclGrant { grantee, permission }),
        _ => Err(AskError::form("a grant needs `Grantee` and `Permission`")),
    }
}

fn read_permission(word: &str) -> Result<AclPermission, AskError> {
    Ok(match word {
        "READ" => AclPermission::Read,
        "WRITE" => AclPermission::Write,
        "READ_ACP" => AclPermission::ReadAcp,
        "WRITE_ACP" => AclPermission::WriteAcp,
        "FULL_CONTROL" => AclPermission::FullControl,
        _ => {
            return Err(AskError::form(format!(
                "`Permission` must be `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`, not `{word}`"
            )));
        }
    })
}

fn read_grantee(value: &Value<'_>) -> Result<OwnedGrantee, AskError> {
    let (mut id, mut uri, mut type_name) = (None, None, None);
    for (name, value) in Fields::of(value, "`Grantee`")?.iter() {
        match name {
            "ID" => id = Some(read_id(value, "`ID` of a grantee")?),
            "URI" => uri = Some(text(value, "`URI` of a grantee")?),
            "Type" => type_name = Some(text(value, "`Type` of a grantee")?),
            "DisplayName" => {
                text(value, "`DisplayName` of a grantee")?;
            }
            _ => return Err(AskError::form(format!("`Grantee` has no member `{name}`"))),
        }
    }
    let (grantee, expected) = match (id, uri.as_deref()) {
        (Some(id), None) => (OwnedGrantee::CanonicalUser(id), "CanonicalUser"),
        (None, Some("http://acs.amazonaws.com/groups/global/AllUsers")) => (OwnedGrantee::AllUsers, "Group"),
        (None, Some("http://acs.amazonaws.com/groups/global/AuthenticatedUsers")) => {
            (OwnedGrantee::AuthenticatedUsers, "Group")
        }
        (None, Some("http://acs.amazonaws.com/groups/s3/LogDelivery")) => (OwnedGrantee::LogDelivery, "Group"),
        (None, Some(uri)) => return Err(AskError::form(format!("`{uri}` is no group of grantees"))),
        _ => return Err(AskError::form("a grantee needs either `ID` or `URI`")),
    };
    match type_name {
        Some(found) if found != expected => {
            Err(AskError::form(format!("`Type` of this grantee must be `{expected}`, not `{found}`")))
        }
        _ => Ok(grantee),
    }
}
