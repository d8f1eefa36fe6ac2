//! `organization.json` (`world.md` 3): the tree, what is attached where, and the policies themselves.
//!
//! References between them are still ids; `levels` follows them.

use super::ids::{self, IdKind};
use super::manifest::OrganizationEntry;
use super::model::{Document, DocumentId, PolicyType};
use super::read::{Object, Reader, Spot};
use super::{Library, errors, quotas, read_policy};
use crate::source::Place;
use crate::syntax::ast::{Effect, Polarity, Policy, PrincipalValue, TextList};
use crate::syntax::json::{Kind, Value};
use std::collections::BTreeMap;

/// The two types of policies that a tree holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Control {
    /// Service control policies.
    Service,
    /// Resource control policies.
    Resource,
}

impl Control {
    /// Both.
    pub(super) const ALL: [Self; 2] = [Self::Service, Self::Resource];

    /// The word that AWS uses.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Service => "SERVICE_CONTROL_POLICY",
            Self::Resource => "RESOURCE_CONTROL_POLICY",
        }
    }

    /// The word for messages, with an article.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Service => "a service control policy",
            Self::Resource => "a resource control policy",
        }
    }

    /// The member that attaches policies of this type.
    pub(super) fn member(self) -> &'static str {
        match self {
            Self::Service => "serviceControlPolicies",
            Self::Resource => "resourceControlPolicies",
        }
    }

    /// The id of the policy that allows everything (R-EVAL-9, R-EVAL-12).
    pub(super) fn full_access(self) -> &'static str {
        match self {
            Self::Service => "p-FullAWSAccess",
            Self::Resource => "p-RCPFullAWSAccess",
        }
    }

    fn policy_type(self) -> PolicyType {
        match self {
            Self::Service => PolicyType::ServiceControl,
            Self::Resource => PolicyType::ResourceControl,
        }
    }
}

/// What is attached somewhere, per type; `None` is the default policy.
#[derive(Debug, Default)]
pub(super) struct Attached {
    service: Option<List>,
    resource: Option<List>,
}

/// A list of policy ids.
#[derive(Debug)]
pub(super) struct List {
    /// Its first byte.
    pub(super) place: Place,
    /// The ids.
    pub(super) ids: Vec<Spot>,
}

impl Attached {
    /// The list of one type.
    pub(super) fn get(&self, control: Control) -> Option<&List> {
        match control {
            Control::Service => self.service.as_ref(),
            Control::Resource => self.resource.as_ref(),
        }
    }
}

/// The root or an OU.
#[derive(Debug)]
pub(super) struct Node {
    /// `r-…` or `ou-…`
    pub(super) id: Spot,
    /// Index of the node above.
    pub(super) parent: Option<usize>,
    /// What is attached to it.
    pub(super) attached: Attached,
    /// Accounts directly in it.
    pub(super) accounts: Vec<Spot>,
}

/// What is attached to an account.
#[derive(Debug)]
pub(super) struct AccountPolicies {
    /// 12 digits.
    pub(super) account: Spot,
    /// The lists.
    pub(super) attached: Attached,
}

/// A policy of the organization.
#[derive(Debug)]
pub(super) struct OrganizationPolicy {
    /// Its name, or its id where that is missing.
    pub(super) name: Spot,
    /// Where its id stands.
    pub(super) place: Place,
    /// Its type and where that stands; none where it could not be read.
    pub(super) control: Option<(Control, Place)>,
    /// The document; none where it could not be read.
    pub(super) document: Option<DocumentId>,
}

/// An organization as its file describes it.
#[derive(Debug)]
pub(super) struct Organization {
    /// The first byte of the file's object.
    pub(super) place: Place,
    /// Root first, each node behind its parent.
    pub(super) nodes: Vec<Node>,
    /// `accountPolicies`
    pub(super) accounts: Vec<AccountPolicies>,
    /// `policies` by id.
    pub(super) policies: BTreeMap<String, OrganizationPolicy>,
    /// The types that are enabled.
    pub(super) enabled: Vec<Control>,
    /// Whether a part was refused, so that what seems missing may have been there.
    pub(super) is_damaged: bool,
}

const ROOT: &[&str] = &[
    "id",
    "name",
    "arn",
    "policyTypes",
    "serviceControlPolicies",
    "resourceControlPolicies",
    "accounts",
    "organizationalUnits",
];
const UNIT: &[&str] =
    &["id", "name", "arn", "serviceControlPolicies", "resourceControlPolicies", "accounts", "organizationalUnits"];

const POLICY: &[&str] = &["name", "type", "content", "arn", "description"];

/// OUs can be nested that deep (R-EVAL-8).
const DEPTH: usize = 5;

/// Reads the organization's file. `None` where there is no root to begin with.
pub(super) fn read(
    top: Object<'_, '_>,
    entry: Option<&OrganizationEntry>,
    reader: &mut Reader<'_>,
    library: &mut Library,
) -> Option<Organization> {
    let before = reader.findings.len();
    let top = reader.refuse_nulls(top);
    reader.refuse_others(top, "an organization", &["root", "accountPolicies", "policies"]);
    let Some(root) = top.get("root") else {
        if !top.damaged {
            reader.report(errors::missing_member(top.place, "root", "the organization"));
        }
        return None;
    };
    let mut organization = Organization {
        place: top.place,
        nodes: Vec::new(),
        accounts: Vec::new(),
        policies: BTreeMap::new(),
        enabled: Control::ALL.to_vec(),
        is_damaged: false,
    };
    let root = reader.expect_object(root, "root")?;
    let root = reader.refuse_nulls(root);
    reader.refuse_others(root, "the root", ROOT);
    if let Some(types) = root.get("policyTypes") {
        let enabled = read_types(types, reader);
        // After a mistake nothing is said about what is not enabled.
        if !reader.has_erred(before) {
            organization.enabled = enabled;
        }
    }
    organization.add_node(root, None, 0, &mut BTreeMap::new(), reader);
    quotas::check_units(organization.place, organization.nodes.get(1..).unwrap_or_default(), reader.findings);
    organization.read_account_policies(top, reader);
    let owner = entry.and_then(|entry| entry.management.as_ref()).map(|id| id.text.clone());
    organization.read_policies(top, owner.as_deref(), reader, library);
    organization.is_damaged = reader.has_erred(before);
    Some(organization)
}

impl Organization {
    /// Adds a node and those below it; `taken` are the ids so far.
    fn add_node(
        &mut self,
        object: Object<'_, '_>,
        parent: Option<usize>,
        depth: usize,
        taken: &mut BTreeMap<String, Place>,
        reader: &mut Reader<'_>,
    ) {
        let (kind, owner) = match parent {
            None => (IdKind::Root, "the root"),
            Some(_) => (IdKind::Unit, "an organizational unit"),
        };
        let Some(id) = reader.expect_text(object, "id", owner) else { return };
        if !ids::check(kind, &id, reader) {
            return;
        }
        if let Some(root) = self.nodes.first()
            && !id.text.starts_with(&format!("ou-{}-", root.id.text.trim_start_matches("r-")))
        {
            reader.report(errors::unit_of_another_root(id.place, &id.text, &root.id.text, root.id.place));
        }
        if let Some(&first) = taken.get(&id.text) {
            return reader.report(errors::duplicate_id(id.place, "organizational units", &id.text, first));
        }
        taken.insert(id.text.clone(), id.place);
        if depth == DEPTH + 1 {
            reader.report(errors::too_deep(id.place, &id.text, DEPTH));
        }
        let number = self.nodes.len();
        let owner = format!("`{}`", id.text);
        let mut accounts = Vec::new();
        for entry in reader.list(object, "accounts") {
            let account = reader.expect_string(entry, "accounts");
            accounts.extend(account.filter(|id| ids::check(IdKind::Account, id, reader)));
        }
        let attached = read_attached(object, &owner, reader);
        self.nodes.push(Node { id, parent, attached, accounts });
        for unit in reader.objects(object, "organizationalUnits") {
            let unit = reader.refuse_nulls(unit);
            reader.refuse_others(unit, "an organizational unit", UNIT);
            self.add_node(unit, Some(number), depth + 1, taken, reader);
        }
    }

    fn read_account_policies(&mut self, top: Object<'_, '_>, reader: &mut Reader<'_>) {
        let Some(value) = top.get("accountPolicies") else { return };
        let Some(accounts) = reader.expect_object(value, "accountPolicies") else { return };
        for member in accounts.members.iter().filter(|member| !member.is_repeated && !member.is_name_refused) {
            let place = Place { source: reader.source, span: member.name_span };
            let account = Spot { text: member.name.to_owned(), place };
            let Some(object) = reader.expect_object(&member.value, &account.text) else { continue };
            if !ids::check(IdKind::Account, &account, reader) {
                continue;
            }
            let object = reader.refuse_nulls(object);
            let owner = format!("the account {}", account.text);
            let members = Control::ALL.map(Control::member);
            reader.refuse_others(object, "an entry of `accountPolicies`", &members);
            let attached = read_attached(object, &owner, reader);
            self.accounts.push(AccountPolicies { account, attached });
        }
    }

    fn read_policies(
        &mut self,
        top: Object<'_, '_>,
        owner: Option<&str>,
        reader: &mut Reader<'_>,
        library: &mut Library,
    ) {
        let Some(value) = top.get("policies") else { return };
        let Some(policies) = reader.expect_object(value, "policies") else { return };
        for member in policies.members.iter().filter(|member| !member.is_repeated && !member.is_name_refused) {
            let place = Place { source: reader.source, span: member.name_span };
            let id = Spot { text: member.name.to_owned(), place };
            if let Some(control) = Control::ALL.into_iter().find(|control| control.full_access() == id.text) {
                if !is_built_in(&member.value, control, reader) {
                    reader.report(errors::built_in_policy(place, &id.text));
                }
                continue;
            }
            if !ids::check(IdKind::Policy, &id, reader) {
                continue;
            }
            let Some(object) = reader.expect_object(&member.value, &id.text) else { continue };
            let object = reader.refuse_nulls(object);
            let policy = self.read_policy(object, &id, owner, reader, library);
            self.policies.insert(id.text, policy);
        }
    }

    fn read_policy(
        &self,
        object: Object<'_, '_>,
        id: &Spot,
        owner: Option<&str>,
        reader: &mut Reader<'_>,
        library: &mut Library,
    ) -> OrganizationPolicy {
        let described = format!("the policy `{}`", id.text);
        reader.refuse_others(object, "a policy of an organization", POLICY);
        let name = reader.expect_text(object, "name", &described).unwrap_or_else(|| id.clone());
        let control = reader.expect_text(object, "type", &described).and_then(|word| {
            let known = Control::ALL.map(|control| (control.word(), control));
            reader.one_of(&word, "a type of policies", &known).map(|&control| (control, word.place))
        });
        let same_name = self
            .policies
            .values()
            .find(|other| other.name.text == name.text && other.control.map(|it| it.0) == control.map(|it| it.0));
        if let Some(first) = same_name {
            let noun = "policies of the organization";
            reader.report(errors::duplicate_name(name.place, noun, &name.text, first.name.place, &first.name.text));
        }
        let content = object.get("content");
        if content.is_none() && !object.damaged {
            reader.report(errors::missing_member(object.place, "content", &described));
        }
        let document =
            content.and_then(|value| read_policy(value, reader)).zip(control).map(|(policy, (control, _))| {
                library.add(Document {
                    name: name.text.clone(),
                    arn: None,
                    account: owner.map(str::to_owned),
                    policy_type: control.policy_type(),
                    source: reader.source,
                    place: name.place,
                    policy,
                    named: false,
                })
            });
        OrganizationPolicy { name, place: id.place, control, document }
    }
}

fn read_attached(object: Object<'_, '_>, owner: &str, reader: &mut Reader<'_>) -> Attached {
    let mut read = |control: Control| {
        let value = object.get(control.member())?;
        let mut ids: Vec<Spot> = Vec::new();
        for entry in reader.list(object, control.member()) {
            let Some(id) = reader.expect_string(entry, control.member()) else { continue };
            match ids.iter().find(|first| first.text == id.text) {
                Some(first) => reader.report(errors::attached_twice(id.place, &id.text, owner, first.place)),
                None => ids.push(id),
            }
        }
        let place = reader.place(value);
        quotas::check_control(control, place, owner, &ids, reader.findings);
        Some(List { place, ids })
    };
    Attached { service: read(Control::Service), resource: read(Control::Resource) }
}

/// Whether this is the built-in policy of that type as AWS exports it: all members are known, and the content allows
/// everything.
fn is_built_in(value: &Value<'_>, control: Control, reader: &mut Reader<'_>) -> bool {
    let Kind::Object(_) = &value.kind else { return false };
    let Some(object) = reader.expect_object(value, control.full_access()) else { return false };
    reader.refuse_others(object, "a policy of an organization", POLICY);
    let is_of_type = reader.maybe_text(object, "type").is_some_and(|word| word.text == control.word());
    let policy = object.get("content").and_then(|content| read_policy(content, reader));
    is_of_type && policy.is_some_and(|policy| allows_everything(&policy, control))
}

/// Whether a policy is `Allow` of `*` on `*` and nothing else, for `Principal` `*` in RCPs (R-EVAL-9, R-EVAL-12).
fn allows_everything(policy: &Policy, control: Control) -> bool {
    let [statement] = policy.statements.as_slice() else { return false };
    let is_all = |list: Option<&TextList>| {
        list.is_some_and(|list| {
            let entries = list.entries.as_slice();
            list.polarity == Polarity::Positive && matches!(entries, [only] if only.text.as_ref() == "*")
        })
    };
    let is_right_principal = match (control, &statement.principal) {
        (Control::Service, None) => !statement.names_principal,
        (Control::Resource, Some(principal)) => {
            let is_any = matches!(&principal.value, PrincipalValue::Bare(text) if text.text.as_ref() == "*");
            principal.polarity == Polarity::Positive && is_any
        }
        (Control::Service, Some(_)) | (Control::Resource, None) => false,
    };
    let is_allow = statement.effect.is_some_and(|(effect, _)| effect == Effect::Allow);
    let is_bare = statement.condition.is_empty() && !statement.damaged;
    is_allow
        && is_bare
        && is_right_principal
        && is_all(statement.action.as_ref())
        && is_all(statement.resource.as_ref())
}

/// Types of policies of AWS Organizations that have no part in decisions.
const OTHER_TYPES: &[&str] = &[
    "TAG_POLICY",
    "BACKUP_POLICY",
    "AISERVICES_OPT_OUT_POLICY",
    "CHATBOT_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "SECURITYHUB_POLICY",
    "INSPECTOR_POLICY",
    "UPGRADE_ROLLOUT_POLICY",
    "BEDROCK_POLICY",
    "S3_POLICY",
    "NETWORK_SECURITY_DIRECTOR_POLICY",
];

/// Reads `policyTypes`: words, or objects with `Type` and `Status` as `aws organizations list-roots` prints them. A word
/// that is no type of AWS is an error: passed over, it would switch a type off.
fn read_types(value: &Value<'_>, reader: &mut Reader<'_>) -> Vec<Control> {
    let controls = Control::ALL.map(|control| (control.word(), Some(control)));
    let known: Vec<(&str, Option<Control>)> =
        controls.into_iter().chain(OTHER_TYPES.iter().map(|&word| (word, None))).collect();
    let Kind::Array(entries) = &value.kind else {
        reader.wrong_type(value, "policyTypes", "an array");
        return Control::ALL.to_vec();
    };
    let mut enabled = Vec::new();
    for entry in *entries {
        let mut is_enabled = Some(true);
        let word = match &entry.kind {
            Kind::Object(_) => {
                let Some(object) = reader.expect_object(entry, "policyTypes") else { continue };
                reader.refuse_others(object, "an entry of `policyTypes`", &["Type", "Status"]);
                let status = reader.expect_text(object, "Status", "an entry of `policyTypes`");
                let known_states = [("ENABLED", true), ("PENDING_ENABLE", false), ("PENDING_DISABLE", true)];
                is_enabled = status.and_then(|word| reader.one_of(&word, "a status", &known_states).copied());
                reader.expect_text(object, "Type", "an entry of `policyTypes`")
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String { .. } | Kind::Array(_) | Kind::Error => {
                reader.expect_string(entry, "policyTypes")
            }
        };
        let control = word.and_then(|word| reader.one_of(&word, "a type of policies", &known).copied()).flatten();
        enabled.extend(control.filter(|_| is_enabled == Some(true)));
    }
    enabled
}
