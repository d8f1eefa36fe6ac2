//! `iamc.toml` (`world.md` 3): accounts, endpoints and the organization, and which files say more about each.
//!
//! Files are named by patterns; this room does not open them. Each pattern has a number, and the texts that it stands
//! for come back with that number (`inputs`).

use super::ids::{self, IdKind};
use super::model::{PolicyType, PublicAccessBlock};
use super::read::{Object, Reader, Spot};
use super::{errors, s3, toml};
use crate::source::{Diagnostic, Place, SourceId, Span};
use crate::syntax::ast::Pool;
use crate::syntax::json::{Arena, Kind, Value};
use std::collections::BTreeMap;

/// What the files of a pattern are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The organization's tree.
    Tree,
    /// Pages of the dump of the account of that number.
    Identities(usize),
    /// Resources of the account of that number.
    Resources(usize),
    /// Access keys of the account of that number.
    AccessKeys(usize),
    /// The policy of the endpoint of that number.
    EndpointPolicy(usize),
    /// Named policies, of that type if it is given.
    Policies(Option<PolicyType>),
}

impl Role {
    /// The words for messages.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Tree => "an organization",
            Self::Identities(_) => "the dump of an account",
            Self::Resources(_) => "a list of resources",
            Self::AccessKeys(_) => "a list of access keys",
            Self::EndpointPolicy(_) => "the policy of an endpoint",
            Self::Policies(_) => "policies",
        }
    }
}

/// A pattern of file names.
#[derive(Debug)]
pub(super) struct FilePattern {
    /// The pattern as it is written.
    pub(super) spot: Spot,
    /// What its files are.
    pub(super) role: Role,
    /// Whether it can be followed; if not, that has been reported.
    pub(super) is_usable: bool,
}

/// `[organization]`
#[derive(Debug)]
pub(super) struct OrganizationEntry {
    /// `o-…`
    pub(super) id: Option<Spot>,
    /// The management account.
    pub(super) management: Option<Spot>,
}

/// `[[account]]`
#[derive(Debug)]
pub(super) struct AccountEntry {
    /// 12 digits.
    pub(super) id: Spot,
    /// Its canonical user id.
    pub(super) canonical_user_id: Option<String>,
    /// Block Public Access of the account.
    pub(super) public_access_block: PublicAccessBlock,
}

/// A manifest.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    /// `[organization]`
    pub(super) organization: Option<OrganizationEntry>,
    /// `[[account]]`, without those whose id is taken or malformed: numbers in roles are indexes of this list.
    pub(super) accounts: Vec<AccountEntry>,
    /// Ids of `[[endpoint]]`.
    pub(super) endpoints: Vec<Spot>,
    /// All patterns in the order of the entries.
    pub(super) patterns: Vec<FilePattern>,
}

const ORGANIZATION: &[&str] = &["id", "management-account", "tree"];
const ACCOUNT: &[&str] = &["id", "identities", "resources", "access-keys", "canonical-user-id", "public-access-block"];
const ENDPOINT: &[&str] = &["id", "policy"];
const POLICY: &[&str] = &["files", "type"];

/// Names of policy types, as for `--type`.
const TYPES: &[(&str, PolicyType)] = &[
    ("identity", PolicyType::Identity),
    ("resource", PolicyType::Resource),
    ("scp", PolicyType::ServiceControl),
    ("rcp", PolicyType::ResourceControl),
    ("boundary", PolicyType::Boundary),
    ("session", PolicyType::Session),
    ("endpoint", PolicyType::Endpoint),
    ("trust", PolicyType::Trust),
];

/// Reads a manifest; with a mistake in its TOML nothing of it is used.
pub(super) fn read(text: &str, source: SourceId, findings: &mut Vec<Diagnostic>) -> Manifest {
    let mut manifest = Manifest::default();
    let arena = Arena::default();
    let Some(value) = toml::parse(text, &arena, source, findings) else { return manifest };
    let (mut pool, mut inner) = (Pool::default(), Arena::default());
    let mut reader = Reader { source, text, pool: &mut pool, inner: &mut inner, findings };
    let Kind::Object(members) = &value.kind else { return manifest };
    let top = Object { members, place: reader.place(&value), damaged: false };
    // What `[check]` holds is no part of a world: whoever checks one reads it.
    reader.refuse_others(top, "a manifest", &["organization", "account", "endpoint", "policy", "check"]);
    if let Some(value) = top.get("organization") {
        if let Kind::Object(members) = &value.kind {
            let table = Object { members, place: table_place(value, source), damaged: false };
            let organization = manifest.read_organization(table, &mut reader);
            manifest.organization = Some(organization);
        } else {
            reader.report(errors::wrong_table(table_place(value, source), "organization", "[organization]"));
        }
    }
    let mut taken = Taken::default();
    for table in tables(top, "account", &mut reader) {
        manifest.read_account(table, &mut taken, &mut reader);
    }
    let mut ids = BTreeMap::new();
    for table in tables(top, "endpoint", &mut reader) {
        manifest.read_endpoint(table, &mut ids, &mut reader);
    }
    for table in tables(top, "policy", &mut reader) {
        manifest.read_policies(table, &mut reader);
    }
    manifest
}

/// Ids that accounts have, and where.
#[derive(Debug, Default)]
struct Taken {
    accounts: BTreeMap<String, Place>,
    /// In lower case.
    canonical_users: BTreeMap<String, Place>,
}

/// A table is shown by its header or its brace.
fn table_place(value: &Value<'_>, source: SourceId) -> Place {
    Place { source, span: value.span }
}

/// The tables of an array of tables.
fn tables<'v, 't>(top: Object<'v, 't>, name: &str, reader: &mut Reader<'_>) -> Vec<Object<'v, 't>> {
    let Some(value) = top.get(name) else { return Vec::new() };
    let Kind::Array(entries) = &value.kind else {
        reader.report(errors::wrong_table(table_place(value, reader.source), name, &format!("[[{name}]]")));
        return Vec::new();
    };
    let mut tables = Vec::new();
    for entry in *entries {
        let place = table_place(entry, reader.source);
        match &entry.kind {
            Kind::Object(members) => tables.push(Object { members, place, damaged: false }),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String { .. } | Kind::Array(_) | Kind::Error => {
                reader.report(errors::wrong_table(place, name, &format!("[[{name}]]")));
            }
        }
    }
    tables
}

/// Takes an id; a second one that is equal is a finding.
fn claim(noun: &str, id: &Spot, taken: &mut BTreeMap<String, Place>, reader: &mut Reader<'_>) -> bool {
    if let Some(&first) = taken.get(&id.text) {
        reader.report(errors::duplicate_id(id.place, noun, &id.text, first));
        return false;
    }
    taken.insert(id.text.clone(), id.place);
    true
}

impl Manifest {
    fn read_organization(&mut self, table: Object<'_, '_>, reader: &mut Reader<'_>) -> OrganizationEntry {
        const OWNER: &str = "the table `[organization]`";
        reader.refuse_others(table, OWNER, ORGANIZATION);
        let id = reader.expect_text(table, "id", OWNER).filter(|id| ids::check(IdKind::Organization, id, reader));
        let management = reader.expect_text(table, "management-account", OWNER);
        let management = management.filter(|id| ids::check(IdKind::Account, id, reader));
        if let Some(tree) = reader.expect_text(table, "tree", OWNER) {
            self.add_pattern(tree, Role::Tree, reader);
        }
        OrganizationEntry { id, management }
    }

    fn read_account(&mut self, table: Object<'_, '_>, taken: &mut Taken, reader: &mut Reader<'_>) {
        reader.refuse_others(table, "an `[[account]]`", ACCOUNT);
        let canonical_user_id =
            reader.maybe_text(table, "canonical-user-id").filter(|id| ids::check(IdKind::CanonicalUser, id, reader));
        let public_access_block = table.get("public-access-block");
        let public_access_block =
            public_access_block.map(|value| s3::read_public_access_block(value, "public-access-block", reader));
        let Some(id) = reader.expect_text(table, "id", "an `[[account]]`") else { return };
        if !ids::check(IdKind::Account, &id, reader) || !claim("accounts", &id, &mut taken.accounts, reader) {
            return;
        }
        if let Some(canonical) = &canonical_user_id {
            let first = *taken.canonical_users.entry(canonical.text.to_ascii_lowercase()).or_insert(canonical.place);
            if first != canonical.place {
                reader.report(errors::same_canonical_user(canonical.place, &canonical.text, first));
            }
        }
        let number = self.accounts.len();
        self.add_patterns(table, "identities", Role::Identities(number), reader);
        self.add_patterns(table, "resources", Role::Resources(number), reader);
        self.add_patterns(table, "access-keys", Role::AccessKeys(number), reader);
        self.accounts.push(AccountEntry {
            id,
            canonical_user_id: canonical_user_id.map(|id| id.text),
            public_access_block: public_access_block.unwrap_or_default(),
        });
    }

    fn read_endpoint(&mut self, table: Object<'_, '_>, taken: &mut BTreeMap<String, Place>, reader: &mut Reader<'_>) {
        reader.refuse_others(table, "an `[[endpoint]]`", ENDPOINT);
        let policy = reader.maybe_text(table, "policy");
        let Some(id) = reader.expect_text(table, "id", "an `[[endpoint]]`") else { return };
        if !ids::check(IdKind::Endpoint, &id, reader) || !claim("endpoints", &id, taken, reader) {
            return;
        }
        if let Some(policy) = policy {
            self.add_pattern(policy, Role::EndpointPolicy(self.endpoints.len()), reader);
        }
        self.endpoints.push(id);
    }

    fn read_policies(&mut self, table: Object<'_, '_>, reader: &mut Reader<'_>) {
        reader.refuse_others(table, "a `[[policy]]`", POLICY);
        let mut policy_type = None;
        if let Some(word) = reader.maybe_text(table, "type") {
            let known = TYPES.iter().find(|(name, _)| *name == word.text);
            policy_type = known.map(|&(_, policy_type)| policy_type);
            if known.is_none() {
                let names: Vec<&str> = TYPES.iter().map(|&(name, _)| name).collect();
                reader.report(errors::bad_word(word.place, &word.text, "a policy type", &names));
            }
        }
        if table.get("files").is_none() {
            reader.report(errors::missing_member(table.place, "files", "a `[[policy]]`"));
        }
        self.add_patterns(table, "files", Role::Policies(policy_type), reader);
    }

    /// Adds the patterns of a member: a string, or a list of strings.
    fn add_patterns(&mut self, table: Object<'_, '_>, member: &str, role: Role, reader: &mut Reader<'_>) {
        let Some(value) = table.get(member) else { return };
        let entries = match &value.kind {
            Kind::String { .. } => std::slice::from_ref(value),
            Kind::Array(entries) => entries,
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Object(_) | Kind::Error => {
                let found = if matches!(value.kind, Kind::Object(_)) { "a table" } else { value.describe() };
                return reader.report(errors::wrong_type(
                    reader.place(value),
                    member,
                    "a string or an array of strings",
                    found,
                ));
            }
        };
        for entry in entries {
            if let Some(pattern) = reader.expect_string(entry, member) {
                self.add_pattern(pattern, role, reader);
            }
        }
    }

    fn add_pattern(&mut self, spot: Spot, role: Role, reader: &mut Reader<'_>) {
        let text = spot.text.as_str();
        let has_drive = text.as_bytes().get(1) == Some(&b':') && text.starts_with(|first: char| first.is_alphabetic());
        let fault = if text.is_empty() {
            Some(errors::bad_pattern(spot.place, text, "it is empty"))
        } else if text.starts_with(['/', '\\']) || has_drive {
            Some(errors::absolute_path(spot.place, text))
        } else {
            let fault = glob::Pattern::new(text).err();
            fault.map(|fault| errors::bad_pattern(spot.place, text, fault.msg))
        };
        let is_usable = fault.is_none();
        reader.findings.extend(fault);
        self.patterns.push(FilePattern { spot, role, is_usable });
    }
}

/// Whether a text is a manifest: by its name, or because it begins with one of the tables, comments aside.
pub fn is_manifest(name: &str, text: &str) -> bool {
    let is_named = name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("toml"));
    let tables = ["[organization]", "[[account]]", "[[endpoint]]", "[[policy]]", "[check]"];
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    while rest.starts_with('#') {
        rest = rest.split_once('\n').map_or("", |(_, behind)| behind.trim_start());
    }
    is_named || tables.iter().any(|table| rest.starts_with(table))
}

/// A pattern of file names in a manifest, to be followed by whoever may touch files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Number of the pattern, for [`Text::claims`](super::Text::claims).
    pub number: usize,
    /// Path relative to the manifest, with `/`; may hold `*`, `?`, `[…]` and `**`.
    pub pattern: String,
}

/// The patterns in a manifest's text that can be followed.
///
/// What is wrong with the manifest comes out of [`load_inputs`](super::load_inputs), not of this.
pub fn references(manifest: &str) -> Vec<Reference> {
    let manifest = read(manifest, SourceId::default(), &mut Vec::new());
    let numbered = manifest.patterns.into_iter().enumerate().filter(|(_, pattern)| pattern.is_usable);
    numbered.map(|(number, pattern)| Reference { number, pattern: pattern.spot.text }).collect()
}

/// The first byte of a text.
pub(super) fn first_byte(source: SourceId) -> Place {
    Place { source, span: Span::new(0, 1) }
}
