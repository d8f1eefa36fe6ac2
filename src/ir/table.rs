//! Decision tables: what the optimizer makes of a program's bundles and the encoder writes.
//!
//! A bundle is asked in two ways. Its *slots* map an action to an index: the resource trie of all statements that can
//! match that action. Its *scans* are statements whose action part has to be tested by itself, because a wildcard in
//! the middle of an action fits no slot, or because the program was not optimized.

use std::collections::BTreeMap;

use super::arena::{Arena, IndexId, RowId, RunId, Slices};
use super::node::{Nodes, VariableEdge};
use super::trie::{Item, Ranks, Workspace};
use super::{ActionPattern, ActionSet, GuardId, Id, Polarity, Program, StatementId, Step, Symbol, TestId, TrieId};
use crate::terms::Effect;

/// One entry of a row: what remains to be tested of a statement whose action and resource match.
///
/// The order of the fields is the order of a row: denies first, and among them those without a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Entry {
    /// `Deny` sorts before `Allow`.
    pub(crate) effect: Effect,
    /// Whether anything remains to be tested.
    pub(crate) conditional: bool,
    /// Principal and condition part.
    pub(crate) guard: GuardId,
    /// The statement to name.
    pub(crate) statement: StatementId,
}

/// Whether a row keeps entries that an unconditional entry covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Swallow {
    /// It keeps them.
    #[default]
    Nothing,
    /// It drops them.
    Covered,
}

/// Puts entries into the order in which they are tested; of equal effect and guard only the first statement stays.
///
/// With [`Swallow::Covered`], an unconditional deny is the whole row, and an unconditional allow the only allow:
/// whatever they cover cannot change what the row says (R-EVAL-3).
fn put_in_order(entries: &mut Vec<Entry>, swallow: Swallow) {
    entries.sort_unstable();
    entries.dedup_by_key(|entry| (entry.effect, entry.guard));
    if swallow == Swallow::Covered {
        let unconditional = |effect| move |entry: &Entry| entry.effect == effect && !entry.conditional;
        if let Some(deny) = entries.iter().position(unconditional(Effect::Deny)) {
            entries.truncate(deny + 1);
        } else if let Some(allow) = entries.iter().position(unconditional(Effect::Allow)) {
            entries.truncate(allow + 1);
        }
    }
}

/// Statements with equal `NotResource`: they apply where the trie matches nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Excluding {
    /// What is excluded.
    pub(crate) root: TrieId,
    /// What applies elsewhere.
    pub(crate) row: RowId,
    /// Variables of the excluded patterns, for the switch `null_variable_in_notresource`.
    pub(crate) variables: Box<[VariableEdge]>,
}

/// All statements that can match one action, by resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Index {
    /// Statements with `Resource`.
    pub(crate) root: Option<TrieId>,
    /// Statements with `NotResource`.
    pub(crate) excluding: Vec<Excluding>,
    /// The same in one, where there are several: a trie of all that any of them excludes, whose entries' statements are
    /// their positions in the list, and the row of all their statements, for a resource that none of them excludes.
    pub(crate) together: Option<(TrieId, RowId)>,
}

/// An action node: the texts by which slots are keyed, in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ActionNode {
    /// All actions that begin with the text; the empty text stands for all actions.
    Prefix(Symbol),
    /// One action.
    Exact(Symbol),
}

impl ActionNode {
    /// The node of a pattern; nothing if it is not all actions of one name or with one beginning.
    pub(crate) fn of(pattern: ActionPattern) -> Option<Self> {
        match pattern {
            ActionPattern::Exact(text) => Some(Self::Exact(text)),
            ActionPattern::Prefix(text) => Some(Self::Prefix(text)),
            ActionPattern::Any | ActionPattern::Glob(_) => None,
        }
    }

    /// Its text.
    pub(crate) fn symbol(self) -> Symbol {
        match self {
            Self::Prefix(symbol) | Self::Exact(symbol) => symbol,
        }
    }
}

/// Statements whose action part is tested by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scan {
    /// The action part.
    pub(crate) actions: ActionSet,
    /// Their resources.
    pub(crate) index: IndexId,
}

/// The tables of one bundle.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct BundleTables {
    /// The index of an action is the slot of its deepest action node that has one; sorted by node, each once.
    pub(crate) slots: Vec<(ActionNode, IndexId)>,
    /// Further statements.
    pub(crate) scans: Vec<Scan>,
    /// A statement that allows every request, where nothing in the bundle denies.
    pub(crate) allows_all: Option<StatementId>,
}

/// How the values of a long list are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Search {
    /// All texts by hash.
    Texts,
    /// All patterns without variables by a trie.
    Trie(TrieId),
}

/// All tables of a program.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    /// All rows.
    pub(crate) rows: Slices<RowId, Entry>,
    /// Texts of literal edges.
    pub(crate) runs: Slices<RunId, u8>,
    /// All trie nodes; a child's number is less than its parent's.
    pub(crate) nodes: Nodes,
    /// All indexes.
    pub(crate) indexes: Arena<IndexId, Index>,
    /// One a bundle of the program.
    pub(crate) bundles: Vec<BundleTables>,
    /// Which resource governs an ARN: an index whose entries' statements are resource numbers.
    pub(crate) resources: Option<IndexId>,
    /// How the values of long lists are found; those of other tests are compared one by one.
    pub(crate) searches: BTreeMap<TestId, Search>,
    /// Whether rows drop what an unconditional entry covers.
    swallow: Swallow,
    /// How many entries rows dropped.
    pub(crate) swallowed: u64,
    /// Statements with equal excluded patterns that have become one of `excludings`, and that with how many entries rows
    /// dropped for it.
    excluded: Slices<IndexId, StatementId>,
    excludings: Vec<(Excluding, u64)>,
    /// Memory of one key of `excluded`.
    statements: Vec<StatementId>,
    /// How the items of tries are sorted.
    pub(super) ranks: Ranks,
    /// Where tries are made.
    pub(super) workspace: Workspace,
    /// What each pass did: its name and how many things it removed or shared.
    pub(crate) passes: Vec<(&'static str, u64)>,
}

impl Tables {
    /// Empty tables.
    pub(crate) fn new(swallow: Swallow) -> Self {
        Self { swallow, ..Self::default() }
    }

    /// Returns the index of these statements, whose action parts are known to match.
    pub(crate) fn index(&mut self, program: &Program, statements: &[StatementId]) -> IndexId {
        let mut rooted = Vec::with_capacity(statements.len());
        let mut excluding = BTreeMap::<_, Vec<Entry>>::new();
        for &id in statements {
            let Some(statement) = program.statement(id) else { continue };
            let guard = program.guards.get(statement.guard);
            let conditional = guard.is_some_and(|guard| guard.principals.is_some() || guard.block.is_some());
            let entry = Entry { effect: statement.effect, conditional, guard: statement.guard, statement: id };
            match statement.resources.polarity() {
                Polarity::Negated => excluding.entry(statement.resources.patterns()).or_default().push(entry),
                Polarity::Positive => {
                    let patterns = statement.resources.patterns();
                    rooted.extend(patterns.iter().filter_map(|&pattern| Item::new(program, pattern, entry)));
                }
            }
        }
        let root = (!rooted.is_empty()).then(|| self.trie(program, rooted));
        let together =
            (1 < excluding.len() && self.swallow == Swallow::Covered).then(|| self.together(program, &excluding));
        let excluding = excluding.into_iter().map(|(patterns, entries)| self.excluding(program, patterns, entries));
        let index = Index { root, excluding: excluding.collect(), together };
        self.indexes.intern(index)
    }

    /// Adds the indexes of other tables of the same program, with all that they refer to; returns their numbers here. What
    /// is new has the numbers that it would have had if it had been made here in the same order.
    pub(crate) fn append(&mut self, other: Self) -> Vec<IndexId> {
        let Self { rows, runs, nodes, indexes, .. } = other;
        let row_numbers = self.rows.append(&rows);
        let run_numbers = self.runs.append(&runs);
        drop((rows, runs));
        let node_numbers = self.nodes.append(&nodes, &row_numbers, &run_numbers);
        drop(nodes);
        let row = |row: RowId| row.of(&row_numbers).unwrap_or(row);
        let node = |node: TrieId| node.of(&node_numbers).unwrap_or(node);
        let moved = |index: &Index| Index {
            root: index.root.map(node),
            excluding: index
                .excluding
                .iter()
                .map(|it| Excluding { root: node(it.root), row: row(it.row), variables: it.variables.clone() })
                .collect(),
            together: index.together.map(|(root, all)| (node(root), row(all))),
        };
        indexes.iter().map(|index| self.indexes.intern(moved(index))).collect()
    }

    /// Returns the trie of these patterns, all with one row, which only says that one of them matches.
    pub(crate) fn trie_of(&mut self, program: &Program, patterns: &[super::PatternId]) -> TrieId {
        let entry = Entry { effect: Effect::Allow, conditional: false, guard: GuardId(0), statement: StatementId(0) };
        let items = patterns.iter().filter_map(|&pattern| Item::new(program, pattern, entry)).collect();
        self.trie(program, items)
    }

    /// Makes [`Index::together`].
    fn together(
        &mut self,
        program: &Program,
        excluding: &BTreeMap<&[super::PatternId], Vec<Entry>>,
    ) -> (TrieId, RowId) {
        let mut items = Vec::new();
        for (number, patterns) in (0..).zip(excluding.keys()) {
            // A guard of its own keeps two of them that exclude the same pattern apart in its row.
            let entry = Entry {
                effect: Effect::Allow,
                conditional: true,
                guard: GuardId(number),
                statement: StatementId(number),
            };
            items.extend(patterns.iter().filter_map(|&pattern| Item::new(program, pattern, entry)));
        }
        let root = self.trie(program, items);
        let mut entries = excluding.values().flatten().copied().collect::<Vec<_>>();
        put_in_order(&mut entries, self.swallow);
        (root, self.rows.intern(&entries))
    }

    /// Makes the index of [`Tables::resources`].
    pub(crate) fn index_resources(&mut self, program: &Program) {
        let mut items = Vec::new();
        for (number, resource) in (0..).zip(&program.resources) {
            // A guard of its own keeps two resources that cover the same pattern apart in their row.
            let entry = Entry {
                effect: Effect::Allow,
                conditional: true,
                guard: GuardId(number),
                statement: StatementId(number),
            };
            items.extend(resource.covers.iter().filter_map(|&pattern| Item::new(program, pattern, entry)));
        }
        if !items.is_empty() {
            let root = Some(self.trie(program, items));
            self.resources = Some(self.indexes.intern(Index { root, ..Index::default() }));
        }
    }

    /// What statements with these equal excluded patterns become. It follows from them alone, and where thousands of them
    /// differ in their actions, each stands in thousands of indexes.
    fn excluding(&mut self, program: &Program, patterns: &[super::PatternId], entries: Vec<Entry>) -> Excluding {
        let mut statements = std::mem::take(&mut self.statements);
        statements.clear();
        statements.extend(entries.iter().map(|entry| entry.statement));
        let number = self.excluded.intern(&statements);
        self.statements = statements;
        if let Some((excluding, swallowed)) = self.excludings.get(number.index()) {
            self.swallowed += swallowed;
            return excluding.clone();
        }
        let before = self.swallowed;
        let excluding = self.new_excluding(program, patterns, entries);
        self.excludings.push((excluding.clone(), self.swallowed - before));
        excluding
    }

    fn new_excluding(&mut self, program: &Program, patterns: &[super::PatternId], entries: Vec<Entry>) -> Excluding {
        let mark = entries.first().copied();
        let items = patterns.iter().filter_map(|&pattern| Item::new(program, pattern, mark?)).collect::<Vec<_>>();
        let mut variables = items.iter().flat_map(|item| item.steps).filter_map(variable_edge).collect::<Vec<_>>();
        variables.sort_unstable();
        variables.dedup();
        let root = self.trie(program, items);
        let row = self.new_row(entries);
        Excluding { root, row, variables: variables.into() }
    }

    /// Numbers a row.
    pub(super) fn new_row(&mut self, mut entries: Vec<Entry>) -> RowId {
        let before = entries.len();
        put_in_order(&mut entries, self.swallow);
        self.swallowed += u64::try_from(before - entries.len()).unwrap_or(0);
        self.rows.intern(&entries)
    }
}

fn variable_edge(step: &Step) -> Option<VariableEdge> {
    match *step {
        Step::Variable { key, default, crossing } => Some((key, default, crossing)),
        Step::Literal(..) | Step::Star(_) | Step::Any(_) => None,
    }
}
