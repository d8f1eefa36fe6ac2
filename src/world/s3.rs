//! ACLs, Object Ownership and Block Public Access, as the S3 API prints them (R-EVAL-37, R-EVAL-38, R-EVAL-45).

use super::model::{Acl, AclPermission, Grantee, ObjectOwnership, PublicAccessBlock};
use super::read::{Object, Reader};
use super::{errors, quotas};
use crate::syntax::json::Value;

const PERMISSIONS: &[(&str, AclPermission)] = &[
    ("READ", AclPermission::Read),
    ("WRITE", AclPermission::Write),
    ("READ_ACP", AclPermission::ReadAcp),
    ("WRITE_ACP", AclPermission::WriteAcp),
    ("FULL_CONTROL", AclPermission::FullControl),
];

const GROUPS: &[(&str, Grantee)] = &[
    ("http://acs.amazonaws.com/groups/global/AllUsers", Grantee::AllUsers),
    ("http://acs.amazonaws.com/groups/global/AuthenticatedUsers", Grantee::AuthenticatedUsers),
    ("http://acs.amazonaws.com/groups/s3/LogDelivery", Grantee::LogDelivery),
];

const OWNERSHIPS: &[(&str, ObjectOwnership)] = &[
    ("BucketOwnerEnforced", ObjectOwnership::BucketOwnerEnforced),
    ("BucketOwnerPreferred", ObjectOwnership::BucketOwnerPreferred),
    ("ObjectWriter", ObjectOwnership::ObjectWriter),
];

const SWITCHES: &[&str] = &["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];

/// What boto3 adds to every answer.
const RESPONSE: &str = "ResponseMetadata";

/// Reads an ACL; a grant that cannot be read is left out and has been reported.
pub(super) fn read_acl(value: &Value<'_>, reader: &mut Reader<'_>) -> Option<Acl> {
    let acl = reader.expect_object(value, "acl")?;
    reader.refuse_others(acl, "an ACL", &["Owner", "Grants", RESPONSE]);
    let mut owner = None;
    if let Some(value) = acl.get("Owner")
        && let Some(entry) = reader.expect_object(value, "Owner")
    {
        reader.refuse_others(entry, "the owner of an ACL", &["ID", "DisplayName"]);
        owner = reader.expect_text(entry, "ID", "the owner of an ACL").map(|id| id.text);
    }
    let mut grants = Vec::new();
    let entries = reader.objects(acl, "Grants");
    quotas::check_grants(acl.place, &entries, reader.findings);
    for grant in entries {
        reader.refuse_others(grant, "a grant of an ACL", &["Grantee", "Permission"]);
        let permission = reader.expect_text(grant, "Permission", "a grant of an ACL");
        let permission =
            permission.and_then(|word| reader.one_of(&word, "a permission of an ACL", PERMISSIONS)).copied();
        grants.extend(read_grantee(grant, reader).zip(permission));
    }
    Some(Acl { owner, grants })
}

fn read_grantee(grant: Object<'_, '_>, reader: &mut Reader<'_>) -> Option<Grantee> {
    const OWNER: &str = "a grantee";
    let Some(value) = grant.get("Grantee") else {
        if !grant.damaged {
            reader.report(errors::missing_member(grant.place, "Grantee", "a grant of an ACL"));
        }
        return None;
    };
    let grantee = reader.expect_object(value, "Grantee")?;
    reader.refuse_others(grantee, OWNER, &["Type", "ID", "URI", "DisplayName", "EmailAddress"]);
    let kind = reader.expect_text(grantee, "Type", OWNER)?;
    match kind.text.as_str() {
        "CanonicalUser" => reader.expect_text(grantee, "ID", OWNER).map(|id| Grantee::CanonicalUser(id.text)),
        "Group" => {
            let uri = reader.expect_text(grantee, "URI", OWNER)?;
            reader.one_of(&uri, "a group of grantees", GROUPS).cloned()
        }
        "AmazonCustomerByEmail" => {
            reader.report(errors::grantee_by_email(kind.place));
            None
        }
        _ => {
            reader.report(errors::bad_word(kind.place, &kind.text, "a type of grantee", &["CanonicalUser", "Group"]));
            None
        }
    }
}

/// Reads `objectOwnership`.
pub(super) fn read_ownership(value: &Value<'_>, reader: &mut Reader<'_>) -> Option<ObjectOwnership> {
    let word = reader.expect_string(value, "objectOwnership")?;
    reader.one_of(&word, "an Object Ownership", OWNERSHIPS).copied()
}

/// Reads the four switches, bare or in the envelope of `aws s3api get-public-access-block`. Only in that one is a switch
/// that is `null` an absent one: a switch that is off lets more through.
pub(super) fn read_public_access_block(value: &Value<'_>, member: &str, reader: &mut Reader<'_>) -> PublicAccessBlock {
    let mut block = PublicAccessBlock::default();
    let Some(switches) = reader.expect_object(value, member) else { return block };
    let mut switches = reader.refuse_nulls(switches);
    if let Some(inner) = switches.get("PublicAccessBlockConfiguration") {
        reader.refuse_others(switches, &format!("`{member}`"), &["PublicAccessBlockConfiguration", RESPONSE]);
        let Some(inner) = reader.expect_object(inner, "PublicAccessBlockConfiguration") else { return block };
        switches = inner;
    }
    reader.refuse_others(switches, &format!("`{member}`"), SWITCHES);
    let mut read = |name| reader.maybe_bool(switches, name).unwrap_or_default();
    block.block_public_acls = read("BlockPublicAcls");
    block.ignore_public_acls = read("IgnorePublicAcls");
    block.block_public_policy = read("BlockPublicPolicy");
    block.restrict_public_buckets = read("RestrictPublicBuckets");
    block
}
