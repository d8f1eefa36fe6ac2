//! One page of `aws iam get-account-authorization-details` (R-ID-18): members become entities, documents become
//! trees. References between entities are still names and ARNs.

use super::arn::{self, EntityArn, EntityKind};
use super::model::{Document, DocumentId, PolicyType};
use super::read::{Object, Reader, Spot};
use super::{Library, errors, read_policy};
use crate::source::Place;
use crate::syntax::json::Value;
use std::collections::BTreeMap;

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
    pub(super) unique_id: Option<String>,
    /// Inline policies.
    pub(super) inline: Vec<DocumentId>,
    /// Characters of all inline policies together (R-DOC-26).
    pub(super) inline_chars: u64,
    /// Names of groups.
    pub(super) groups: Vec<Spot>,
    /// ARNs of attached policies.
    pub(super) attached: Vec<Spot>,
    /// ARN of the boundary.
    pub(super) boundary: Option<Spot>,
    /// Tags in source order.
    pub(super) tags: Vec<(String, String)>,
    /// The trust policy of a role.
    pub(super) trust: Option<DocumentId>,
    /// ARNs of instance profiles of a role.
    pub(super) instance_profiles: Vec<String>,
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
    /// Whether a page had findings, so that what seems missing may have been there.
    pub(super) is_damaged: bool,
    /// Whether a group or a policy was refused, so that a reference to it may be right.
    pub(super) is_incomplete: bool,
    /// For each page that says so, whether more pages follow.
    pub(super) truncated: Vec<(bool, Place)>,
}

/// Whether an object is a page of a dump.
pub(super) fn is_page(object: Object<'_, '_>) -> bool {
    ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"]
        .iter()
        .any(|name| object.members.iter().any(|member| member.name == *name))
}

/// Names of the members in which the three kinds of entities differ.
struct Members {
    kind: EntityKind,
    name: &'static str,
    id: &'static str,
    inline: &'static str,
}

const USER: Members = Members { kind: EntityKind::User, name: "UserName", id: "UserId", inline: "UserPolicyList" };
const GROUP: Members = Members { kind: EntityKind::Group, name: "GroupName", id: "GroupId", inline: "GroupPolicyList" };
const ROLE: Members = Members { kind: EntityKind::Role, name: "RoleName", id: "RoleId", inline: "RolePolicyList" };

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
        if let Some(truncated) = reader.maybe_bool(page, "IsTruncated") {
            let place = page.get("IsTruncated").map_or(page.place, |value| reader.place(value));
            self.truncated.push((truncated, place));
        }
        let lists = ["GroupDetailList", "Policies"].map(|name| page.get(name));
        self.is_incomplete |= page.damaged || lists.into_iter().flatten().any(|list| list.damaged);
        self.is_damaged |= page.damaged || findings_before < reader.findings.len();
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
            unique_id: reader.maybe_text(object, members.id).map(|id| id.text),
            inline: Vec::new(),
            inline_chars: 0,
            groups: read_group_names(object, members.kind, reader),
            attached: read_attachments(object, reader),
            boundary: read_boundary(object, reader),
            tags: read_tags(object, reader),
            trust: None,
            instance_profiles: Vec::new(),
        };
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
        if parts.account != "aws" && !self.claim(parts.account, arn.place, reader) {
            return None;
        }
        Some((name, arn))
    }

    /// Makes the dump that of `account`, or reports that it is another account's.
    fn claim(&mut self, account: &str, place: Place, reader: &mut Reader<'_>) -> bool {
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
        if account.is_some() && VERSIONS < versions.len() {
            let owner = format!("the policy `{}`", name.text);
            reader.report(errors::over_quota(name.place, &owner, "versions", versions.len(), VERSIONS));
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
        Some(Managed { name, arn, account, document })
    }
}

/// Versions that a managed policy can have (R-ID-8).
const VERSIONS: usize = 5;

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
    let version = if wanted.is_some() { named } else { flagged };
    let document = version.and_then(|version| version.get("Document"));
    if document.is_none() && !policy.damaged {
        let place = wanted.map_or(name.place, |wanted| wanted.place);
        reader.report(errors::no_default_version(place, &name.text));
    }
    document
}

fn check_identity(kind: EntityKind, name: &Spot, arn: &Spot, parts: EntityArn<'_>, reader: &mut Reader<'_>) {
    if name.text != parts.name {
        reader.report(errors::name_and_arn_differ(name.place, &name.text, &arn.text, arn.place));
    } else if !arn::is_name(&name.text, kind.longest_name()) {
        reader.report(errors::bad_name(name.place, kind.noun(), &name.text, kind.longest_name()));
    }
    if !arn::is_path(parts.path) {
        reader.report(errors::bad_path(arn.place, parts.path));
    }
}

/// Reads `GroupList`, which only users can have (R-ID-3).
fn read_group_names(object: Object<'_, '_>, kind: EntityKind, reader: &mut Reader<'_>) -> Vec<Spot> {
    if kind == EntityKind::Role {
        return Vec::new();
    }
    let entries = reader.list(object, "GroupList");
    entries.iter().filter_map(|entry| reader.expect_string(entry, "GroupList")).collect()
}

fn read_attachments(object: Object<'_, '_>, reader: &mut Reader<'_>) -> Vec<Spot> {
    let mut arns = Vec::new();
    for attachment in reader.objects(object, "AttachedManagedPolicies") {
        arns.extend(reader.expect_text(attachment, "PolicyArn", "an attached policy"));
    }
    arns
}

fn read_boundary(object: Object<'_, '_>, reader: &mut Reader<'_>) -> Option<Spot> {
    let boundary = reader.expect_object(object.get("PermissionsBoundary")?, "PermissionsBoundary")?;
    reader.expect_text(boundary, "PermissionsBoundaryArn", "a permissions boundary")
}

fn read_tags(object: Object<'_, '_>, reader: &mut Reader<'_>) -> Vec<(String, String)> {
    let mut tags = Vec::new();
    for tag in reader.objects(object, "Tags") {
        let key = reader.expect_text(tag, "Key", "a tag");
        let value = reader.expect_text(tag, "Value", "a tag");
        tags.extend(key.zip(value).map(|(key, value)| (key.text, value.text)));
    }
    tags
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
        entity.instance_profiles.extend(reader.maybe_text(profile, "Arn").map(|arn| arn.text));
    }
    let Some(value) = object.get("AssumeRolePolicyDocument") else { return };
    let Some(policy) = read_policy(value, reader) else { return };
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
