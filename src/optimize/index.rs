//! The action index: `statements ⇒ action node → trie of the statements that match there`.
//!
//! The action entries of a bundle without a wildcard in the middle are exact texts and prefixes; ordered by the
//! relation "begins with" they form a forest whose root is the empty prefix. What matches an action depends only on
//! the deepest node that covers it: going down from the root, a node adds the statements that name it and removes the
//! `NotAction` statements that exclude it (R-ACT-10). So each node's set is its parent's set with few changes, and a
//! node whose set is its parent's needs no slot.
//!
//! Statements with any other action entry become scans, those with equal action parts together.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::ir::{
    ActionNode, ActionPattern, ActionSet, BundleTables, Id, IndexId, Polarity, Program, Scan, Slices, StatementId,
    Tables, Texts,
};

/// Indexes by the set of statements they were made of, over all bundles.
#[derive(Debug, Default)]
pub(super) struct Memo {
    sets: Slices<IndexId, StatementId>,
    /// The index of each set, and how many entries its rows dropped.
    indexes: Vec<(IndexId, u64)>,
}

impl Memo {
    /// Adds the sets of other tables, whose indexes have these numbers in those of this one. Returns how many entries the
    /// rows of those dropped that are new.
    pub(super) fn append(&mut self, other: &Self, numbers: &[IndexId]) -> u64 {
        let mut dropped = 0;
        for (set, &(index, swallowed)) in other.sets.iter().zip(&other.indexes) {
            let number = self.sets.intern(set);
            if number.index() == self.indexes.len() {
                self.indexes.push((index.of(numbers).unwrap_or(index), swallowed));
                dropped += swallowed;
            }
        }
        dropped
    }
}

/// What a statement changes at one action node against the node's parent: with `NotAction` it is removed, otherwise
/// added.
#[derive(Debug, Clone, Copy)]
struct Change<'p> {
    text: &'p str,
    node: ActionNode,
    polarity: Polarity,
    statement: StatementId,
}

impl Change<'_> {
    /// Prefixes sort before the exact action of the same text, which they cover.
    fn order(&self, other: &Self) -> Ordering {
        let key = |change: &Self| (matches!(change.node, ActionNode::Exact(_)), change.statement);
        self.text.cmp(other.text).then_with(|| key(self).cmp(&key(other)))
    }
}

/// What a bundle is asked for: statements by action node, before there are tables of them.
#[derive(Debug, Default)]
pub(super) struct Plan<'p> {
    /// For each slot, in the order of the nodes' texts, which of `sets` it has.
    slots: Vec<(ActionNode, Range<usize>)>,
    /// The same for each scan.
    scans: Vec<(&'p ActionSet, Range<usize>)>,
    /// Sets of statements, end to end.
    sets: Vec<StatementId>,
}

impl<'p> Plan<'p> {
    /// Finds the slots and scans of these statements. Looks at nothing but the program, so that bundles are planned side
    /// by side.
    pub(super) fn new(program: &'p Program, statements: &[StatementId]) -> Self {
        let mut plan = Self::default();
        let mut changes = Vec::new();
        let mut root = Vec::new();
        let mut scans = BTreeMap::<&ActionSet, Vec<StatementId>>::new();
        for &id in statements {
            let Some(statement) = program.statement(id) else { continue };
            let actions = &statement.actions;
            if actions.patterns().iter().any(|pattern| matches!(pattern, ActionPattern::Glob(_))) {
                scans.entry(actions).or_default().push(id);
                continue;
            }
            let everything = actions.patterns().contains(&ActionPattern::Any);
            if everything == (actions.polarity() == Polarity::Positive) {
                root.push(id);
            }
            if everything {
                continue;
            }
            for node in actions.patterns().iter().copied().filter_map(ActionNode::of) {
                changes.push(Change {
                    text: text_of(program, node),
                    node,
                    polarity: actions.polarity(),
                    statement: id,
                });
            }
        }
        changes.sort_unstable_by(Change::order);
        plan.slots.reserve(changes.len());
        if !root.is_empty() {
            let set = plan.set(&root);
            plan.slots.push((ActionNode::Prefix(Texts::EMPTY), set));
        }
        let mut open = vec![("", root)];
        let mut set = Vec::new();
        for changes in changes.chunk_by(|one, other| one.node == other.node) {
            let Some(&Change { text, node, .. }) = changes.first() else { continue };
            while open.len() > 1 && open.last().is_some_and(|(prefix, _)| !text.starts_with(prefix)) {
                open.pop();
            }
            let parent = open.last().map(|(_, set)| set.as_slice()).unwrap_or_default();
            apply(parent, changes, &mut set);
            if set != parent {
                let set = plan.set(&set);
                plan.slots.push((node, set));
            }
            match node {
                ActionNode::Prefix(_) => open.push((text, set.clone())),
                ActionNode::Exact(_) => {}
            }
        }
        plan.scans.extend(scans.into_iter().map(|(actions, set)| (actions, append(&mut plan.sets, &set))));
        plan
    }

    fn set(&mut self, statements: &[StatementId]) -> Range<usize> {
        append(&mut self.sets, statements)
    }

    /// Makes the slots and scans, with the tries of their statements.
    pub(super) fn tables(self, program: &Program, tables: &mut Tables, memo: &mut Memo) -> BundleTables {
        let Self { slots, scans, sets } = self;
        let mut index = |set: Range<usize>| memoized(program, tables, memo, sets.get(set).unwrap_or_default());
        let mut slots = slots.into_iter().map(|(node, set)| (node, index(set))).collect::<Vec<_>>();
        // They came in the order of texts, each node once.
        slots.sort_unstable_by_key(|&(node, _)| node);
        let scans = scans.into_iter().map(|(actions, set)| Scan { actions: actions.clone(), index: index(set) });
        BundleTables { scans: scans.collect(), slots, ..BundleTables::default() }
    }
}

/// Appends a set; returns where it stands.
fn append(sets: &mut Vec<StatementId>, set: &[StatementId]) -> Range<usize> {
    let from = sets.len();
    sets.extend_from_slice(set);
    from..sets.len()
}

fn text_of(program: &Program, node: ActionNode) -> &str {
    match node {
        ActionNode::Prefix(symbol) | ActionNode::Exact(symbol) => program.texts.text(symbol),
    }
}

/// Makes `set` what the changes, all of one node, make of its parent's set.
fn apply(parent: &[StatementId], changes: &[Change<'_>], set: &mut Vec<StatementId>) {
    let of = |polarity| changes.iter().filter(move |change| change.polarity == polarity).map(|change| change.statement);
    set.clear();
    set.extend_from_slice(parent);
    for removed in of(Polarity::Negated) {
        set.retain(|&id| id != removed);
    }
    set.extend(of(Polarity::Positive));
    set.sort_unstable();
    set.dedup();
}

fn memoized(program: &Program, tables: &mut Tables, memo: &mut Memo, set: &[StatementId]) -> IndexId {
    let number = memo.sets.intern(set);
    if let Some(&(index, _)) = memo.indexes.get(number.index()) {
        return index;
    }
    let before = tables.swallowed;
    let index = tables.index(program, set);
    memo.indexes.push((index, tables.swallowed - before));
    index
}
