//! One page of `aws iam get-account-authorization-details` (R-ID-18): members become entities, documents become
//! trees. References between entities are still names and ARNs.

use super::arn::{self, EntityArn, EntityKind};
use super::model::{Document, DocumentId, PolicyType};
use super::read::{Mention, Object, Reader, Spot};
use super::{Library, errors, quotas, read_policy};
use crate::source::Place;
use crate::syntax::json::{Kind, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A user, group or role of a dump.
#[derive(Debug)]
pub(super) struct Entity {
    /// Which of the three.
    pub(super) kind: EntityKind,
    /// Its name.
    pub(super) name: Spot,
    /// Its ARN.
    pub(super) arn: Spot,
    /// `AIDA…`, `AGPA…` or `AROA…`.
    pub(super) unique_id: Option<Spot>,
    /// Inline policies.
    pub(super) inline: Vec<DocumentId>,
    /// Characters of all inline policies together (R-DOC-26).
    pub(super) inline_chars: u64,
    /// Names of groups.
    pub(super) groups: Vec<Mention>,
    /// ARNs of attached policies.
    pub(super) attached: Vec<Mention>,
    /// ARN of the boundary.
    pub(super) boundary: Option<Mention>,
    /// Tags in source order.
    pub(super) tags: Vec<(Arc<str>, Arc<str>)>,
    /// The trust policy of a role.
    pub(super) trust: Option<DocumentId>,
    /// Instance profiles of a role.
    pub(super) instance_profiles: Vec<Profile>,
    /// Whether a role's trust policy could not be read, which has been reported.
    pub(super) is_trust_refused: bool,
}

/// An instance profile, as a role lists it.
#[derive(Debug)]
pub(super) struct Profile {
    /// Its name.
    pub(super) name: Spot,
    /// Its ARN.
    pub(super) arn: Spot,
}

impl Entity {
    /// Names it in messages.
    pub(super) fn describe(&self) -> String {
        format!("the {} `{}`", self.kind.prefix(), self.name.text)
    }
}

/// A managed policy of a dump or of a policy line.
#[derive(Debug, Clone)]
pub(super) struct Managed {
    /// Its name.
    pub(super) name: Spot,
    /// Its ARN.
    pub(super) arn: Spot,
    /// Its account; none for a policy that AWS manages.
    pub(super) account: Option<String>,
    /// The default version; none where it could not be read, which has been reported.
    pub(super) document: Option<DocumentId>,
}

/// All pages of one file.
#[derive(Debug, Default)]
pub(super) struct Dump {
    /// The account and the first ARN that named it.
    pub(super) account: Option<(String, Place)>,
    /// The account whose dump this is, if a manifest says so.
    pub(super) declared: Option<(String, Place)>,
    /// Whether that is another account than the ARNs name, which has been reported.
    is_foreign: bool,
    /// The first byte of the first page.
    pub(super) place: Place,
    /// Users in source order.
    pub(super) users: Vec<Entity>,
    /// Groups in source order.
    pub(super) groups: Vec<Entity>,
    /// Roles in source order.
    pub(super) roles: Vec<Entity>,
    /// Managed policies in source order.
    pub(super) policies: Vec<Managed>,
    /// Whether a page had errors, so that what seems missing may have been there.
    pub(super) is_damaged: bool,
    /// Whether a group or a policy was refused, so that a reference to it may be right.
    pub(super) is_incomplete: bool,
    /// For each page that says so, whether more pages follow.
    truncated: Vec<(bool, Place)>,
}

/// Whether an object is a page of a dump.
pub(super) fn is_page(object: Object<'_, '_>) -> bool {
    ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"]
        .iter()
        .any(|name| object.members.iter().any(|member| member.name == *name))
}

/// Whether a value may be a page of an account without entities: every list may be missing (R-ID-18). Any other member
/// might be a list that is misspelt.
pub(super) fn is_blank_page(value: &Value<'_>) -> bool {
    const OTHERS: [&str; 3] = ["IsTruncated", "Marker", "ResponseMetadata"];
    let Kind::Object(members) = &value.kind else { return false };
    !value.damaged && members.iter().all(|member| OTHERS.contains(&member.name))
}

/// Names of the members in which the three kinds of entities differ.
struct Members {
    kind: EntityKind,
    name: &'static str,
    id: &'static str,
    /// The first letters of unique ids (R-ID-7).
    unique_prefix: &'static str,
    inline: &'static str,
}

const USER: Members =
    Members { kind: EntityKind::User, name: "UserName", id: "UserId", unique_prefix: "AIDA", inline: "UserPolicyList" };
const GROUP: Members = Members {
    kind: EntityKind::Group,
    name: "GroupName",
    id: "GroupId",
    unique_prefix: "AGPA",
    inline: "GroupPolicyList",
};
const ROLE: Members =
    Members { kind: EntityKind::Role, name: "RoleName", id: "RoleId", unique_prefix: "AROA", inline: "RolePolicyList" };

impl Dump {
    /// Adds one page.
    pub(super) fn add_page(&mut self, page: Object<'_, '_>, reader: &mut Reader<'_>, library: &mut Library) {
        if self.place == Place::default() {
            self.place = page.place;
        }
        let findings_before = reader.findings.len();
        for user in reader.objects(page, "UserDetailList") {
            let entity = self.read_entity(user, &USER, reader, library);
            self.users.extend(entity);
        }
        for group in reader.objects(page, "GroupDetailList") {
            let entity = self.read_entity(group, &GROUP, reader, library);
            self.is_incomplete |= entity.is_none();
            self.groups.extend(entity);
        }
        for role in reader.objects(page, "RoleDetailList") {
            let entity = self.read_entity(role, &ROLE, reader, library);
            self.roles.extend(entity);
        }
        for policy in reader.objects(page, "Policies") {
            let managed = self.read_managed(policy, reader, library);
            self.is_incomplete |= managed.is_none();
            self.policies.extend(managed);
        }
        self.read_truncation(page, reader);
        let lists = ["GroupDetailList", "Policies"].map(|name| page.get(name));
        self.is_incomplete |= page.damaged || lists.into_iter().flatten().any(|list| list.damaged);
        self.is_damaged |= page.damaged || reader.has_erred(findings_before);
    }

    /// Reads whether more pages follow: `IsTruncated` says so, or a token to go on with, which is all that the AWS CLI
    /// prints for `--max-items`.
    fn read_truncation(&mut self, page: Object<'_, '_>, reader: &mut Reader<'_>) {
        let stated = reader.maybe_bool(page, "IsTruncated");
        let token = ["NextToken", "Marker"].into_iter().find_map(|name| page.get(name));
        let value = token.filter(|_| stated != Some(true)).or_else(|| page.get("IsTruncated"));
        if let Some(value) = value.filter(|_| stated.is_some() || token.is_some()) {
            self.truncated.push((token.is_some() || stated == Some(true), reader.place(value)));
        }
    }

    /// Where this file says that more pages follow, if none of its pages says that it is the last.
    pub(super) fn truncation(&self) -> Option<Place> {
        let is_complete = self.truncated.iter().any(|&(truncated, _)| !truncated);
        self.truncated.last().filter(|_| !is_complete).map(|&(_, place)| place)
    }

    fn read_entity(
        &mut self,
        object: Object<'_, '_>,
        members: &Members,
        reader: &mut Reader<'_>,
        library: &mut Library,
    ) -> Option<Entity> {
        let (name, arn) = self.read_identity(object, members.kind, members.name, reader)?;
        let account = self.account.as_ref().map(|(id, _)| id.clone());
        let mut entity = Entity {
            kind: members.kind,
            name,
            arn,
            unique_id: read_unique_id(object, members.id, members.kind.noun(), members.unique_prefix, reader),
            inline: Vec::new(),
            inline_chars: 0,
            groups: read_group_names(object, members.kind, reader),
            attached: read_attachments(object, reader),
            boundary: read_boundary(object, reader),
            tags: Vec::new(),
            trust: None,
            instance_profiles: Vec::new(),
            is_trust_refused: false,
        };
        read_tags(&mut entity, object, reader);
        read_inline(&mut entity, object, members, account.as_deref(), reader, library);
        if members.kind == EntityKind::Role {
            read_role(&mut entity, object, account, reader, library);
        }
        Some(entity)
    }

    /// Reads name and ARN, checks them against each other and against the account of the dump (R-ID-6).
    fn read_identity(
        &mut self,
        object: Object<'_, '_>,
        kind: EntityKind,
        name_member: &str,
        reader: &mut Reader<'_>,
    ) -> Option<(Spot, Spot)> {
        let name = reader.maybe_text(object, name_member);
        let owner = match &name {
            Some(name) => format!("the {} `{}`", kind.prefix(), name.text),
            None => kind.noun().to_owned(),
        };
        let arn = reader.expect_text(object, "Arn", &owner)?;
        let Some(parts) = arn::parse_entity(&arn.text, kind) else {
            reader.report(errors::bad_arn(arn.place, &arn.text, kind.noun(), kind.form()));
            return None;
        };
        let name = name.unwrap_or_else(|| Spot { text: parts.name.to_owned(), place: arn.place });
        check_identity(kind, &name, &arn, parts, reader);
        let path = reader.maybe_text(object, "Path");
        check_path(path.as_ref(), &arn, parts, reader);
        if parts.account != "aws" && !self.claim(parts.account, arn.place, reader) {
            return None;
        }
        Some((name, arn))
    }

    /// Makes the dump that of `account`, or reports that it is another account's.
    fn claim(&mut self, account: &str, place: Place, reader: &mut Reader<'_>) -> bool {
        if let Some((id, entry)) = &self.declared
            && id != account
        {
            // Once per file: all of it is another account's.
            if !self.is_foreign {
                reader.report(errors::account_mismatch(place, account, id, *entry));
            }
            self.is_foreign = true;
            return false;
        }
        let (id, first) = self.account.get_or_insert_with(|| (account.to_owned(), place));
        if id != account {
            reader.report(errors::two_accounts(place, account, id, *first));
            return false;
        }
        true
    }

    fn read_managed(
        &mut self,
        object: Object<'_, '_>,
        reader: &mut Reader<'_>,
        library: &mut Library,
    ) -> Option<Managed> {
        let (name, arn) = self.read_identity(object, EntityKind::Policy, "PolicyName", reader)?;
        let parts = arn::parse_entity(&arn.text, EntityKind::Policy)?;
        let account = arn::is_account_id(parts.account).then(|| parts.account.to_owned());
        let versions = reader.objects(object, "PolicyVersionList");
        if account.is_some() {
            quotas::check_versions(name.place, &name.text, &versions, reader.findings);
        }
        let document = default_version(object, &versions, &name, reader)
            .and_then(|value| read_policy(value, reader))
            .map(|policy| {
                library.add(Document {
                    name: name.text.clone(),
                    arn: Some(arn.text.clone()),
                    account: account.clone(),
                    policy_type: PolicyType::Managed,
                    source: reader.source,
                    place: name.place,
                    policy,
                    named: true,
                })
            });
        read_unique_id(object, "PolicyId", EntityKind::Policy.noun(), "ANPA", reader);
        Some(Managed { name, arn, account, document })
    }
}

/// Finds the document of the default version; only that one has effect (R-ID-8, R-ID-20).
fn default_version<'v, 't>(
    policy: Object<'v, 't>,
    versions: &[Object<'v, 't>],
    name: &Spot,
    reader: &mut Reader<'_>,
) -> Option<&'v Value<'t>> {
    let wanted = reader.maybe_text(policy, "DefaultVersionId");
    let mut flagged = None;
    let mut named = None;
    for &version in versions {
        let id = reader.maybe_text(version, "VersionId");
        let is_flagged = reader.maybe_bool(version, "IsDefaultVersion") == Some(true);
        let first: Option<Object<'_, '_>> = if is_flagged { flagged.replace(version) } else { None };
        if let Some(first) = first {
            reader.report(errors::contradictory_default(version.place, &name.text, first.place));
            return None;
        }
        if id.is_some_and(|id| wanted.as_ref().is_some_and(|wanted| wanted.text == id.text)) {
            let first: Option<Object<'_, '_>> = named.replace(version);
            if let Some(first) = first {
                reader.report(errors::contradictory_default(version.place, &name.text, first.place));
                return None;
            }
        }
    }
    if let (Some(wanted), Some(named), Some(flagged)) = (&wanted, named, flagged)
        && named.place != flagged.place
    {
        reader.report(errors::contradictory_default(flagged.place, &name.text, wanted.place));
        return None;
    }
    let version = if wanted.is_some() { named } else { flagged.or_else(|| only_version(policy, versions)) };
    let document = version.and_then(|version| version.get("Document"));
    if document.is_none() && !policy.damaged {
        let (place, label) = match (&wanted, version) {
            (_, Some(version)) => (version.place, "no `Document` in this version"),
            (Some(wanted), None) => (wanted.place, "no such version"),
            (None, None) if versions.is_empty() => (name.place, "no versions"),
            (None, None) => (name.place, "none of its versions is marked as the default"),
        };
        reader.report(errors::no_default_version(place, &name.text, label));
    }
    document
}

/// The one version of a policy of which no member says which version is the default: no other could be meant.
fn only_version<'v, 't>(policy: Object<'v, 't>, versions: &[Object<'v, 't>]) -> Option<Object<'v, 't>> {
    let [version] = versions else { return None };
    let is_whole = !policy.damaged && !version.damaged && policy.get("PolicyVersionList").is_some_and(is_single);
    let is_meant = is_whole && policy.get("DefaultVersionId").is_none() && version.get("IsDefaultVersion").is_none();
    is_meant.then_some(*version)
}

/// Whether a list has one entry and never had more.
fn is_single(list: &Value<'_>) -> bool {
    matches!(&list.kind, Kind::Array(entries) if entries.len() == 1) && !list.damaged
}

fn check_identity(kind: EntityKind, name: &Spot, arn: &Spot, parts: EntityArn<'_>, reader: &mut Reader<'_>) {
    if name.text != parts.name {
        reader.report(errors::name_and_arn_differ(name.place, &name.text, &arn.text, arn.place));
    } else if !arn::is_name(&name.text, kind.longest_name()) {
        reader.report(errors::bad_name(name.place, kind.noun(), &name.text, kind.longest_name()));
    }
}

/// Checks the path inside the ARN, and that `Path`, if it is there, is the same (R-ID-6).
fn check_path(path: Option<&Spot>, arn: &Spot, parts: EntityArn<'_>, reader: &mut Reader<'_>) {
    match path {
        Some(path) if !arn::is_path(&path.text) => reader.report(errors::bad_path(path.place, &path.text)),
        Some(path) if path.text != parts.path => {
            reader.report(errors::path_and_arn_differ(path.place, &path.text, &arn.text, arn.place));
        }
        Some(_) | None if !arn::is_path(parts.path) => reader.report(errors::bad_path(arn.place, parts.path)),
        Some(_) | None => {}
    }
}

/// Reads `GroupList`, which only users can have (R-ID-3).
fn read_group_names(object: Object<'_, '_>, kind: EntityKind, reader: &mut Reader<'_>) -> Vec<Mention> {
    if kind == EntityKind::Role {
        return Vec::new();
    }
    let entries = reader.list(object, "GroupList");
    let mut names = Vec::with_capacity(entries.len());
    for entry in entries {
        names.extend(reader.expect_string(entry, "GroupList").map(|name| reader.share(&name)));
    }
    names
}

fn read_attachments(object: Object<'_, '_>, reader: &mut Reader<'_>) -> Vec<Mention> {
    let attachments = reader.objects(object, "AttachedManagedPolicies");
    let mut arns = Vec::with_capacity(attachments.len());
    for attachment in attachments {
        let arn = reader.expect_text(attachment, "PolicyArn", "an attached policy");
        arns.extend(arn.map(|arn| reader.share(&arn)));
    }
    arns
}

fn read_boundary(object: Object<'_, '_>, reader: &mut Reader<'_>) -> Option<Mention> {
    let boundary = reader.expect_object(object.get("PermissionsBoundary")?, "PermissionsBoundary")?;
    let arn = reader.expect_text(boundary, "PermissionsBoundaryArn", "a permissions boundary")?;
    Some(reader.share(&arn))
}

/// Reads a unique id; one with the prefix of something else is a finding (R-ID-7).
fn read_unique_id(
    object: Object<'_, '_>,
    member: &str,
    noun: &str,
    prefix: &str,
    reader: &mut Reader<'_>,
) -> Option<Spot> {
    let id = reader.maybe_text(object, member)?;
    if !id.text.starts_with(prefix) {
        reader.report(errors::id_prefix(id.place, &id.text, noun, prefix));
    }
    Some(id)
}

/// Reads tags; their keys differ, ignoring case (R-ID-2).
fn read_tags(entity: &mut Entity, object: Object<'_, '_>, reader: &mut Reader<'_>) {
    let mut keys: BTreeMap<String, Spot> = BTreeMap::new();
    let tags = reader.objects(object, "Tags");
    quotas::check_tags(entity.name.place, &entity.describe(), &tags, reader.findings);
    for tag in tags {
        let key = reader.expect_text(tag, "Key", "a tag");
        let value = reader.expect_text(tag, "Value", "a tag");
        if let Some(key) = &key
            && let Some(first) = keys.insert(key.text.to_ascii_lowercase(), key.clone())
        {
            reader.report(errors::duplicate_tag(key.place, &key.text, first.place, &first.text));
        }
        let pair = key.zip(value);
        entity.tags.extend(pair.map(|(key, value)| (reader.pool.share(&key.text), reader.pool.share(&value.text))));
    }
    entity.tags.shrink_to_fit();
}

/// Reads the inline policies of an entity; their names are unique in it, ignoring case.
fn read_inline(
    entity: &mut Entity,
    object: Object<'_, '_>,
    members: &Members,
    account: Option<&str>,
    reader: &mut Reader<'_>,
    library: &mut Library,
) {
    let mut names: BTreeMap<String, Spot> = BTreeMap::new();
    for inline in reader.objects(object, members.inline) {
        let Some(name) = reader.expect_text(inline, "PolicyName", "an inline policy") else { continue };
        if !arn::is_name(&name.text, EntityKind::Policy.longest_name()) {
            let longest = EntityKind::Policy.longest_name();
            reader.report(errors::bad_name(name.place, "an inline policy", &name.text, longest));
        }
        if let Some(first) = names.insert(name.text.to_ascii_lowercase(), name.clone()) {
            let noun = format!("inline policies of {}", entity.describe());
            reader.report(errors::duplicate_name(name.place, &noun, &name.text, first.place, &first.text));
        }
        let Some(value) = inline.get("PolicyDocument") else {
            if !inline.damaged {
                let owner = format!("the inline policy `{}`", name.text);
                reader.report(errors::missing_member(inline.place, "PolicyDocument", &owner));
            }
            continue;
        };
        let Some(policy) = read_policy(value, reader) else { continue };
        entity.inline_chars += u64::from(policy.minified_chars);
        entity.inline.push(library.add(Document {
            name: format!("{}/{}/{}", members.kind.prefix(), entity.name.text, name.text),
            arn: None,
            account: account.map(str::to_owned),
            policy_type: PolicyType::Inline,
            source: reader.source,
            place: name.place,
            policy,
            named: false,
        }));
    }
}

/// Reads what only roles have: the trust policy and instance profiles.
fn read_role(
    entity: &mut Entity,
    object: Object<'_, '_>,
    account: Option<String>,
    reader: &mut Reader<'_>,
    library: &mut Library,
) {
    for profile in reader.objects(object, "InstanceProfileList") {
        entity.instance_profiles.extend(read_profile(profile, entity, reader));
    }
    let Some(value) = object.get("AssumeRolePolicyDocument") else {
        entity.is_trust_refused = object.damaged;
        return;
    };
    let Some(policy) = read_policy(value, reader) else {
        entity.is_trust_refused = true;
        return;
    };
    entity.trust = Some(library.add(Document {
        name: format!("{}#trust", entity.arn.text),
        arn: None,
        account,
        policy_type: PolicyType::Trust,
        source: reader.source,
        place: reader.place(value),
        policy,
        named: false,
    }));
}

/// Reads an instance profile of a role; it holds that role and no other (R-ID-13).
fn read_profile(object: Object<'_, '_>, role: &Entity, reader: &mut Reader<'_>) -> Option<Profile> {
    const OWNER: &str = "an instance profile";
    let arn = reader.expect_text(object, "Arn", OWNER)?;
    let name = reader.maybe_text(object, "InstanceProfileName");
    let name = name.unwrap_or_else(|| Spot {
        text: arn.text.rsplit('/').next().unwrap_or(&arn.text).to_owned(),
        place: arn.place,
    });
    let written = arn.text.split_once(":instance-profile/").and_then(|(_, path)| path.rsplit('/').next());
    if written != Some(name.text.as_str()) {
        reader.report(errors::name_and_arn_differ(name.place, &name.text, &arn.text, arn.place));
    } else if !arn::is_name(&name.text, 128) {
        reader.report(errors::bad_name(name.place, OWNER, &name.text, 128));
    }
    for other in reader.objects(object, "Roles") {
        let Some(other) = reader.maybe_text(other, "RoleName") else { continue };
        if other.text != role.name.text {
            let (place, first) = (other.place, role.name.place);
            reader.report(errors::profile_roles(place, &name.text, &other.text, first, &role.name.text));
        }
    }
    read_unique_id(object, "InstanceProfileId", OWNER, "AIPA", reader);
    Some(Profile { name, arn })
}
