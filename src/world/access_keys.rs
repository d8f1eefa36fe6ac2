//! `access-keys.json` (`world.md` 3): output of `aws iam list-access-keys`, ids only.

use super::ids::{self, IdKind};
use super::read::{Object, Reader, Spot};
use super::{errors, quotas};
use crate::source::{Diagnostic, Place};
use std::collections::BTreeMap;

/// One access key; whose it is, is still a name.
#[derive(Debug)]
pub(super) struct KeyEntry {
    /// Number of the account in the manifest.
    pub(super) account: usize,
    /// `AKIA…`
    pub(super) id: Spot,
    /// A user's name, or [`ROOT`].
    pub(super) user: Spot,
    /// Whether its status is `Active`.
    pub(super) is_active: bool,
}

/// What stands for the root user where AWS lists users, as in credential reports.
pub(super) const ROOT: &str = "<root_account>";

const STATES: &[(&str, bool)] = &[("Active", true), ("Inactive", false)];

/// Reads one page of one user.
pub(super) fn read(page: Object<'_, '_>, account: usize, reader: &mut Reader<'_>, keys: &mut Vec<KeyEntry>) {
    const OWNER: &str = "an access key";
    // `ResponseMetadata` is what boto3 adds to every answer.
    let members = ["AccessKeyMetadata", "IsTruncated", "Marker", "NextToken", "ResponseMetadata"];
    reader.refuse_others(page, "a list of access keys", &members);
    if page.get("AccessKeyMetadata").is_none() && !page.damaged {
        reader.report(errors::missing_member(page.place, "AccessKeyMetadata", "a list of access keys"));
    }
    for entry in reader.objects(page, "AccessKeyMetadata") {
        reader.refuse_others(entry, OWNER, &["UserName", "AccessKeyId", "Status", "CreateDate"]);
        let user = reader.expect_text(entry, "UserName", OWNER);
        let id = reader.expect_text(entry, "AccessKeyId", OWNER);
        let status = reader.expect_text(entry, "Status", OWNER);
        let is_active = status.and_then(|word| reader.one_of(&word, "a status of access keys", STATES)).copied();
        let Some(id) = id else { continue };
        if id.text.starts_with("ASIA") {
            reader.report(errors::temporary_key(id.place, &id.text));
        } else if ids::check(IdKind::AccessKey, &id, reader)
            && let (Some(user), Some(is_active)) = (user, is_active)
        {
            keys.push(KeyEntry { account, id, user, is_active });
        }
    }
}

/// Reports ids that are given twice and users with more keys than they can have (R-ID-9).
pub(super) fn check(keys: &mut Vec<KeyEntry>, findings: &mut Vec<Diagnostic>) {
    let mut first = BTreeMap::new();
    keys.retain(|key| match first.get(&key.id.text) {
        Some(&place) => {
            findings.push(errors::duplicate_id(key.id.place, "access keys", &key.id.text, place));
            false
        }
        None => {
            first.insert(key.id.text.clone(), key.id.place);
            true
        }
    });
    let mut by_user: BTreeMap<(usize, &str), Vec<Place>> = BTreeMap::new();
    for key in &*keys {
        by_user.entry((key.account, &key.user.text)).or_default().push(key.id.place);
    }
    for ((_, user), keys) in by_user {
        let owner = if user == ROOT { "the root user".to_owned() } else { format!("the user `{user}`") };
        quotas::check_keys(&owner, &keys, findings);
    }
}
