//! Names and counts: what a host can ask of a loaded artifact besides decisions.

use super::walk::Cursor;
use super::words::index;
use super::{StatementName, Tables};
use crate::layout::{SLACK_BYTES, Section, VERSION, meta, node};
use crate::terms::Semantics;

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
    /// Tries: different indexes by resource, of each bundle.
    pub tries: u32,
    /// Trie nodes, copies that stand in place of a reference included.
    pub nodes: u32,
    /// Rows, likewise.
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
        Some(StatementName { policy: self.name(name), index, sid: self.optional_name(sid) })
    }

    /// The switches that the artifact was compiled with.
    pub const fn semantics(&self) -> Semantics {
        self.semantics
    }

    /// Names of the policies that requests may name, sorted.
    pub fn policy_names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let tables = *self;
        let name = move |policy| tables.policies.record::<5>(policy).map_or("", |[name, ..]| tables.name(name));
        self.names.iter().map(name)
    }

    /// Bytes of each section, in the order of the file.
    pub fn sections(&self) -> impl Iterator<Item = (&'static str, usize)> + use<> {
        let sizes = self.section_bytes.map(index);
        Section::ALL.iter().map(|section| section.name()).zip(sizes)
    }

    /// Bytes of the sections that decisions read; the others hold names and origins.
    pub fn hot_bytes(&self) -> usize {
        let hot = Section::ALL.iter().zip(self.section_bytes).filter(|(section, _)| section.is_hot());
        hot.map(|(_, bytes)| index(bytes)).sum()
    }

    /// Bytes of the whole artifact.
    pub const fn total_bytes(&self) -> usize {
        self.total_bytes
    }

    /// The provenance section: where policies came from, as `provenance` reads it. Never used by a decision.
    pub const fn provenance(&self) -> &'a [u8] {
        self.provenance.all()
    }

    /// Counts of what the artifact holds. Costs a walk over the sections whose records differ in length.
    pub fn counts(&self) -> Counts {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let (nodes, rows) = self.node_counts();
        let (blocks, tests) = self.block_counts();
        let guard_bytes = self.widths.set.bytes + self.widths.block.bytes;
        let guards = (self.guards.len() - SLACK_BYTES).checked_div(guard_bytes).unwrap_or(1);
        Counts {
            accounts: self.accounts.len() / 9,
            principals: self.identities.len() / 14,
            policies: self.policies.len() / 5,
            statements: self.statements.len() / 3,
            bundles: self.bundles.len(),
            actions: (0..self.service_places)
                .filter_map(|place| self.service_at(place))
                .map(|service| service.behind() - service.first())
                .sum(),
            tries: number((0..self.bundles.len()).filter_map(|bundle| Some(self.bundle(bundle)?.roots)).sum()),
            nodes: number(nodes),
            rows: number(rows),
            blocks: number(blocks),
            tests: number(tests),
            guards: number(guards.saturating_sub(1)),
            resources: self.resources.len() / 9,
            endpoints: self.endpoints.len() / 2,
        }
    }

    fn node_counts(&self) -> (usize, usize) {
        let rows_end = u32::try_from(meta::ROWS_END).ok().and_then(|at| self.meta.get(at)).map_or(0, index);
        let (mut nodes, mut rows, mut at) = (0, 0, 0);
        while at < rows_end {
            at = self.row(at).end(self);
            rows += 1;
        }
        while at < self.nodes.len() - SLACK_BYTES {
            let mut cursor = Cursor::new(self, at);
            let (end, rest) = cursor.rows(self);
            if cursor.header & node::ROW_IN_PLACE != 0 {
                rows += end.iter().chain(&rest).count();
            }
            at = cursor.end(self);
            nodes += 1;
        }
        (nodes, rows)
    }

    fn block_counts(&self) -> (usize, usize) {
        let (mut blocks, mut tests, mut at) = (0, 0, 0);
        while at < self.blocks.len() - SLACK_BYTES {
            let (count, first) = self.block(u32::try_from(at).unwrap_or(u32::MAX));
            at = (0..count).fold(first, |at, _| self.test(at).map_or(usize::MAX, |test| test.end));
            blocks += 1;
            tests += count;
        }
        (blocks, tests)
    }

    /// Format version of the artifacts that this program reads.
    pub const fn version(&self) -> u32 {
        VERSION
    }
}
