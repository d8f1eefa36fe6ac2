//! Names and counts: what a host can ask of a loaded artifact besides decisions.

use super::words::Words;
use super::{StatementName, Tables};
use crate::layout::{Section, VERSION, node};
use crate::terms::{Cardinality, KeySource, Semantics};

/// A context key that the artifact's conditions and variables can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequiredKey<'a> {
    /// Its name in lower case.
    pub name: &'a str,
    /// How many values it has.
    pub cardinality: Cardinality,
    /// Where its value comes from.
    pub source: KeySource,
}

/// How many things of each kind an artifact holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Accounts.
    pub accounts: u32,
    /// Users, roles and federated users.
    pub principals: u32,
    /// Policies.
    pub policies: u32,
    /// Statements.
    pub statements: u32,
    /// Bundles: different sets of statements that a layer asks together.
    pub bundles: u32,
    /// Action classes: different exact actions and prefixes.
    pub actions: u32,
    /// Tries: different indexes by resource.
    pub tries: u32,
    /// Trie nodes.
    pub nodes: u32,
    /// Rows.
    pub rows: u32,
    /// Condition blocks.
    pub blocks: u32,
    /// Condition tests.
    pub tests: u32,
    /// Guards: different pairs of principal element and condition block.
    pub guards: u32,
    /// Resources with policies.
    pub resources: u32,
    /// VPC endpoints.
    pub endpoints: u32,
}

impl<'a> Tables<'a> {
    /// Version of the format that this crate reads, and so the version of every artifact that was loaded.
    pub const FORMAT_VERSION: u32 = VERSION;

    /// Names of a statement; nothing for a number that the artifact does not have.
    pub fn statement(&self, number: u32) -> Option<StatementName<'a>> {
        let [policy, index, sid] = self.statements.record(number)?;
        let [name, ..] = self.policies.record::<5>(policy)?;
        Some(StatementName { policy: self.text(name), index, sid: self.optional_text(sid) })
    }

    /// The switches that the artifact was compiled with.
    pub const fn semantics(&self) -> Semantics {
        self.semantics
    }

    /// All context keys that can matter, sorted by name.
    pub fn required_keys(&self) -> impl Iterator<Item = RequiredKey<'a>> + use<'a> {
        let tables = *self;
        self.keys.records::<2>().map(move |[name, kind]| RequiredKey {
            name: tables.text(name),
            cardinality: Cardinality::from_code(super::context::word_byte(kind, 0)).unwrap_or(Cardinality::Unknown),
            source: KeySource::from_code(super::context::word_byte(kind, 8)).unwrap_or(KeySource::Context),
        })
    }

    /// Names of the policies that requests may name, sorted.
    pub fn policy_names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let tables = *self;
        let name = move |policy| tables.policies.record::<5>(policy).map_or("", |[name, ..]| tables.text(name));
        self.names.iter().map(name)
    }

    /// Bytes of each section, in the order of the file.
    pub fn sections(&self) -> impl Iterator<Item = (&'static str, usize)> + use<> {
        let sizes = [
            self.text.len(),
            self.runs.len(),
            bytes(self.symbols.len()),
            bytes(self.actions.len()),
            bytes(self.action_hash.len()),
            bytes(self.keys.len()),
            bytes(self.bundles.len()),
            bytes(self.slots.len()),
            bytes(self.scans.len()),
            bytes(self.indexes.len()),
            bytes(self.nodes.len()),
            bytes(self.rows.len()),
            bytes(self.guards.len()),
            bytes(self.blocks.len()),
            bytes(self.tests.len()),
            bytes(self.values.len()),
            bytes(self.patterns.len()),
            bytes(self.steps.len()),
            bytes(self.principal_sets.len()),
            bytes(self.principal_entries.len()),
            bytes(self.statements.len()),
            bytes(self.policies.len()),
            bytes(self.names.len()),
            bytes(self.accounts.len()),
            bytes(self.identities.len()),
            bytes(self.identity_hash.len()),
            bytes(self.resources.len()),
            bytes(self.endpoints.len()),
            bytes(self.access_keys.len()),
            bytes(self.lists.len()),
            bytes(self.meta.len()),
            self.provenance.len(),
        ];
        Section::ALL.iter().map(|section| section.name()).zip(sizes)
    }

    /// Bytes of the whole artifact.
    pub const fn total_bytes(&self) -> usize {
        self.total_bytes
    }

    /// The provenance section: where policies came from, as `provenance` reads it. Never used by a decision.
    pub const fn provenance(&self) -> &'a [u8] {
        self.provenance
    }

    /// Counts of what the artifact holds. Costs a walk over the sections whose records differ in length.
    pub fn counts(&self) -> Counts {
        let counted = |words: Words<'_>, length: &dyn Fn([u32; 2]) -> u32| {
            let mut at = 0u32;
            let mut count = 0;
            while let Some(first) = words.get(at) {
                let second = words.get(at.saturating_add(1)).unwrap_or(0);
                at = at.saturating_add(length([first, second]).max(1));
                count += 1;
            }
            count
        };
        Counts {
            accounts: self.accounts.len() / 9,
            principals: self.identities.len() / 13,
            policies: self.policies.len() / 5,
            statements: self.statements.len() / 3,
            bundles: self.bundles.len() / 5,
            actions: self.actions.len() / 2,
            tries: counted(self.indexes, &|[_, excluding]| excluding.saturating_mul(4).saturating_add(2)),
            nodes: counted(self.nodes, &|[header, _]| node::word_count(header)),
            rows: counted(self.rows, &|[denies, allows]| {
                denies.saturating_add(allows).saturating_mul(2).saturating_add(2)
            }),
            blocks: counted(self.blocks, &|[tests, _]| tests.saturating_add(1)),
            tests: self.tests.len() / 4,
            guards: self.guards.len() / 2,
            resources: self.resources.len() / 9,
            endpoints: self.endpoints.len() / 2,
        }
    }

    /// Format version of the artifacts that this program reads.
    pub const fn version(&self) -> u32 {
        VERSION
    }
}

fn bytes(words: u32) -> usize {
    super::words::index(words).saturating_mul(4)
}
