//! Which context keys can change a decision, of one action or of any: what a host has to fetch.
//!
//! Looks at every row that an action can meet in any bundle, whoever asks and for whatever resource: the tests of its
//! guards, the variables in their values and in the patterns on the way to the row. To these come the keys that the
//! procedure itself asks, and those that others follow from. Nothing is allocated: keys are marked a share at a time.

use super::action::{Action, Service};
use super::bundle::scan_matches;
use super::call::{Env, Room, resolve};
use super::context::word_byte;
use super::key::{KeyType, KeyTypes, RequiredKey};
use super::walk::Cursor;
use super::words::index;
use super::{Principal, Request, RequestError, Tables};
use crate::layout::{NONE, SLACK_BYTES, meta, step_kind, value_kind};
use crate::terms::{Cardinality, KeySource};

/// A key that no condition needs to ask for it to count.
struct Extra {
    name: &'static str,
    cardinality: Cardinality,
    source: KeySource,
    kind: KeyType,
    because: Because,
}

/// Why it counts.
enum Because {
    /// One of these is asked, and follows from it.
    Follows(&'static [KeySource]),
    /// It names the endpoint that the request came through.
    Endpoints,
    /// The action is one of IAM's (R-EVAL-21).
    IamAction,
}

/// Sorted by name.
const EXTRAS: &[Extra] = &[
    Extra {
        name: "aws:RequestTag/*",
        cardinality: Cardinality::Single,
        source: KeySource::Context,
        kind: KeyType::String,
        because: Because::Follows(&[KeySource::TagKeys]),
    },
    Extra {
        name: "aws:calledvia",
        cardinality: Cardinality::Multi,
        source: KeySource::Context,
        kind: KeyType::String,
        because: Because::Follows(&[KeySource::CalledViaFirst, KeySource::CalledViaLast]),
    },
    Extra {
        name: "aws:currenttime",
        cardinality: Cardinality::Single,
        source: KeySource::CurrentTime,
        kind: KeyType::Date,
        because: Because::Follows(&[KeySource::EpochTime]),
    },
    Extra {
        name: "aws:epochtime",
        cardinality: Cardinality::Single,
        source: KeySource::EpochTime,
        kind: KeyType::Date,
        because: Because::Follows(&[KeySource::CurrentTime]),
    },
    Extra {
        name: "aws:multifactorauthpresent",
        cardinality: Cardinality::Single,
        source: KeySource::Context,
        kind: KeyType::Bool,
        because: Because::IamAction,
    },
    Extra {
        name: "aws:sourcevpce",
        cardinality: Cardinality::Single,
        source: KeySource::SourceVpce,
        kind: KeyType::String,
        because: Because::Endpoints,
    },
    Extra {
        name: "kms:encryptioncontextkeys",
        cardinality: Cardinality::Multi,
        source: KeySource::Context,
        kind: KeyType::String,
        because: Because::Follows(&[KeySource::EncryptionContextNames]),
    },
];

/// How many keys are marked at a time. Most artifacts have fewer, and are looked at once.
const SHARE: usize = 1024;

/// Most nodes of tries that are looked at for one action, and how deep they may lie below each other. Real policies stay far
/// below; beyond them every key of the artifact is listed, which is too many and never too few.
const NODES_MAX: u32 = 1 << 24;
const DEPTH_MAX: u32 = 256;

/// Context keys that can change a decision, sorted by name: what [`Tables::required_context`] and
/// [`Tables::required_keys`] return.
#[derive(Clone)]
pub struct RequiredKeys<'a> {
    tables: Tables<'a>,
    /// None: what conditions and variables ask, whatever the action.
    action: Option<Action<'a>>,
    marks: [KeyTypes; SHARE],
    /// Number of the first key that has a mark.
    first: u32,
    /// Number of the next key.
    at: u32,
    /// Sources of the keys that are asked: a bit each.
    sources: u64,
    /// The next of [`EXTRAS`].
    extra: usize,
}

impl core::fmt::Debug for RequiredKeys<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("RequiredKeys").field("at", &self.at).finish_non_exhaustive()
    }
}

impl<'a> Tables<'a> {
    /// Returns the context keys that can change a decision about an action, sorted by name, whoever asks and whatever
    /// the resource: what a host that asks about it has to supply.
    ///
    /// `action` is `service:Name` in any case, whether or not a policy names it. A key that is not listed never changes
    /// a decision about the action, if it is given once: two spellings of one key are refused (R-ID-25). What can is a
    /// key that some row of the action asks, and so every listed one, unless an earlier row always decides. Policies that
    /// come with a request (`session_tables`) ask besides what their own tables list. Costs a walk over all rows of the
    /// action in all policies, so a host asks once for each artifact.
    ///
    /// # Errors
    ///
    /// Fails with [`RequestError::Action`] for any other text.
    pub fn required_context(&self, action: &'a str) -> Result<RequiredKeys<'a>, RequestError> {
        Ok(RequiredKeys::new(self, Some(Action::resolve(self, action)?)))
    }

    /// All context keys that the artifact's conditions and variables ask for, sorted by name.
    ///
    /// [`Tables::required_context`] lists besides what these follow from, and what the procedure itself asks. Costs a
    /// walk over all conditions and tries.
    pub fn required_keys(&self) -> RequiredKeys<'a> {
        RequiredKeys::new(self, None)
    }
}

impl<'a> RequiredKeys<'a> {
    fn new(tables: &Tables<'a>, action: Option<Action<'a>>) -> Self {
        let marks = [KeyTypes::NONE; SHARE];
        let mut keys = Self { tables: *tables, action, marks, first: 0, at: 0, sources: 0, extra: 0 };
        keys.mark();
        keys
    }

    /// Marks the keys of the share that begins at `first`.
    #[inline(never)]
    fn mark(&mut self) {
        self.marks.fill(KeyTypes::NONE);
        let tables = self.tables;
        let mut marker = Marker {
            tables: &tables,
            first: self.first,
            marks: &mut self.marks,
            sources: &mut self.sources,
            nodes_left: NODES_MAX,
            is_beyond: false,
        };
        match self.action {
            Some(action) => marker.action(action),
            None => marker.everything(),
        }
        if marker.is_beyond {
            marker.everything();
        }
    }

    /// The next key that has a mark, which stays the next one.
    fn next_marked(&mut self) -> Option<RequiredKey<'a>> {
        let count = self.tables.keys.len() / 2;
        while self.at < count {
            if SHARE <= index(self.at - self.first) {
                self.first = self.at;
                self.mark();
            }
            let types = self.marks.get(index(self.at - self.first)).copied().unwrap_or_default();
            if types != KeyTypes::NONE
                && let Some([name, kind]) = self.tables.keys.record(self.at)
            {
                return Some(RequiredKey {
                    name: self.tables.text(name),
                    cardinality: Cardinality::from_code(word_byte(kind, 0)).unwrap_or(Cardinality::Unknown),
                    source: source_of(kind),
                    types,
                });
            }
            self.at += 1;
        }
        None
    }

    /// The next of [`EXTRAS`] that counts, which stays the next one.
    fn next_extra(&mut self) -> Option<RequiredKey<'a>> {
        let action = self.action?;
        while let Some(extra) = EXTRAS.get(self.extra) {
            let counts = match extra.because {
                Because::Follows(sources) => sources.iter().any(|&source| self.sources & bit(source) != 0),
                Because::Endpoints => self.tables.endpoints.len() > 0,
                Because::IamAction => action.service == Service::Iam,
            };
            if counts {
                let Extra { name, cardinality, source, kind, .. } = *extra;
                return Some(RequiredKey { name, cardinality, source, types: KeyTypes::only(kind) });
            }
            self.extra += 1;
        }
        None
    }
}

impl<'a> Iterator for RequiredKeys<'a> {
    type Item = RequiredKey<'a>;

    fn next(&mut self) -> Option<RequiredKey<'a>> {
        match (self.next_marked(), self.next_extra()) {
            (Some(key), Some(extra)) if extra.name < key.name => {
                self.extra += 1;
                Some(extra)
            }
            (Some(key), extra) => {
                self.at += 1;
                // What a condition asks needs no other reason.
                self.extra += usize::from(extra.is_some_and(|extra| extra.name == key.name));
                Some(key)
            }
            (None, extra) => {
                self.extra += usize::from(extra.is_some());
                extra
            }
        }
    }
}

fn source_of(kind: u32) -> KeySource {
    KeySource::from_code(word_byte(kind, 8)).unwrap_or(KeySource::Context)
}

fn bit(source: KeySource) -> u64 {
    1 << source.code()
}

/// Whether rows of a trie are statements, or name what a walk of another kind means by them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    Statements,
    Other,
}

/// Marks what is met.
struct Marker<'t, 'm> {
    tables: &'t Tables<'t>,
    first: u32,
    marks: &'m mut [KeyTypes],
    sources: &'m mut u64,
    nodes_left: u32,
    /// Whether the tries reach beyond what is looked at.
    is_beyond: bool,
}

impl Marker<'_, '_> {
    fn key(&mut self, key: u32, kind: KeyType) {
        let Some([_, word]) = self.tables.keys.record::<2>(key) else { return };
        *self.sources |= bit(source_of(word));
        if let Some(mark) = key.checked_sub(self.first).and_then(|at| self.marks.get_mut(index(at))) {
            mark.insert(kind);
        }
    }

    /// All that some row of the action asks, in any bundle.
    fn action(&mut self, action: Action<'_>) {
        let tables = self.tables;
        for header in (0..tables.bundles.len()).filter_map(|bundle| tables.bundle(bundle)) {
            if let Some(root) = tables.root_of(action.node, &header) {
                self.root(root);
            }
            let (scans_at, scan_count) = header.scans;
            for number in scans_at..scans_at.saturating_add(scan_count) {
                let Some([negated, at, length, root]) = tables.scans.record(number) else { break };
                if self.scan_may_match(action, [at, length], negated) {
                    self.root(root);
                }
            }
        }
    }

    /// Whether a scan names the action; so it is said too where that costs more than a decision may.
    fn scan_may_match(&self, action: Action<'_>, [at, length]: [u32; 2], negated: u32) -> bool {
        let request = Request::new(Principal::Anonymous, action.text, "*");
        let mut room = Room::default();
        let Ok(call) = resolve(self.tables, &request, &mut room) else { return true };
        let matches = scan_matches(&Env::new(&call), self.tables.lists.list(at, length));
        matches == (negated == 0) || call.budget.is_spent()
    }

    /// A root as a bundle names it.
    fn root(&mut self, root: u32) {
        if root & 1 == 0 {
            return self.trie(index(root >> 1), DEPTH_MAX, Rows::Statements);
        }
        let tables = self.tables;
        let at = root >> 1;
        let Some([root, count, together, all]) = tables.indexes.block(at) else { return };
        if let Some(root) = root.checked_sub(1) {
            self.trie(index(root), DEPTH_MAX, Rows::Statements);
        }
        if let Some(together) = together.checked_sub(1) {
            self.trie(index(together), DEPTH_MAX, Rows::Other);
            self.row(index(all));
        }
        let excluding = tables.indexes.list(at.saturating_add(4), count.saturating_mul(4));
        for [root, row, variables_at, variables_len] in excluding.records() {
            self.trie(index(root), DEPTH_MAX, Rows::Other);
            self.row(index(row));
            for [_, key, _] in tables.lists.list(variables_at, variables_len).records() {
                self.key(key, KeyType::String);
            }
        }
    }

    /// All ways through a trie. The last one goes on in place, so that a chain of nodes is no depth.
    fn trie(&mut self, mut position: usize, depth_left: u32, rows: Rows) {
        let tables = self.tables;
        loop {
            match (self.nodes_left.checked_sub(1), depth_left) {
                (Some(left), 1..) => self.nodes_left = left,
                _ => return self.is_beyond = true,
            }
            let mut last = None;
            let mut cursor = Cursor::new(tables, position);
            let (end, rest) = cursor.rows(tables);
            if rows == Rows::Statements {
                end.into_iter().chain(rest).for_each(|row| self.row(row));
            }
            for bit in Cursor::WILDS {
                if let Some(child) = cursor.wild(tables, bit) {
                    self.follow(&mut last, child, depth_left, rows);
                }
            }
            for _ in 0..cursor.variables {
                let ((key, ..), child) = cursor.variable(tables);
                self.key(key, KeyType::String);
                self.follow(&mut last, child, depth_left, rows);
            }
            for (_, child) in cursor.edges(tables) {
                self.follow(&mut last, child, depth_left, rows);
            }
            match last {
                Some(next) => position = next,
                None => return,
            }
        }
    }

    /// Keeps a child for last and goes through the one that was kept so far.
    fn follow(&mut self, last: &mut Option<usize>, child: usize, depth_left: u32, rows: Rows) {
        if let Some(child) = last.replace(child) {
            self.trie(child, depth_left - 1, rows);
        }
    }

    fn row(&mut self, row: usize) {
        let tables = self.tables;
        let row = tables.row(row);
        for entry in tables.denies(row).chain(tables.allows(row)) {
            let (_, block) = tables.guard(entry.guard);
            if let Some(block) = block.checked_sub(1) {
                self.block(block);
            }
        }
    }

    /// The tests of a block; returns the position behind it.
    fn block(&mut self, block: u32) -> usize {
        let tables = self.tables;
        let (count, mut at) = tables.block(block);
        for _ in 0..count {
            let Some(test) = tables.test(at) else { return usize::MAX };
            at = test.end;
            self.key(test.key, KeyType::of(test.comparison));
            for [kind, pattern] in test.values.records() {
                if kind == value_kind::PATTERN {
                    self.pattern(pattern);
                }
            }
        }
        at
    }

    fn pattern(&mut self, pattern: u32) {
        let tables = self.tables;
        let [at, length] = tables.patterns.record(pattern).unwrap_or([0, 0]);
        for [kind, key, _] in tables.steps.list(at.saturating_mul(3), length.saturating_mul(3)).records() {
            if matches!(kind, step_kind::VARIABLE_WITHIN | step_kind::VARIABLE_FREE) {
                self.key(key, KeyType::String);
            }
        }
    }

    /// All conditions and all variables of the artifact.
    fn everything(&mut self) {
        let tables = self.tables;
        let mut at = 0;
        while at < tables.blocks.len() - SLACK_BYTES {
            at = self.block(u32::try_from(at).unwrap_or(NONE));
        }
        let rows_end = u32::try_from(meta::ROWS_END).ok().and_then(|at| tables.meta.get(at)).map_or(0, index);
        at = rows_end;
        while at < tables.nodes.len() - SLACK_BYTES {
            let mut cursor = Cursor::new(tables, at);
            cursor.rows(tables);
            let mut behind = cursor;
            for bit in Cursor::WILDS {
                cursor.wild(tables, bit);
            }
            for _ in 0..cursor.variables {
                let ((key, ..), _) = cursor.variable(tables);
                self.key(key, KeyType::String);
            }
            at = behind.end(tables);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_besides_is_sorted() {
        assert!(EXTRAS.is_sorted_by(|one, other| one.name < other.name));
    }
}
