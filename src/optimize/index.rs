//! The action index: `statements ⇒ action node → trie of the statements that match there`.
//!
//! The action entries of a bundle without a wildcard in the middle are exact texts and prefixes; ordered by the
//! relation "begins with" they form a forest whose root is the empty prefix. What matches an action depends only on
//! the deepest node that covers it: going down from the root, a node adds the statements that name it and removes the
//! `NotAction` statements that exclude it (R-ACT-10). So each node's set is its parent's set with few changes, and a
//! node whose set is its parent's needs no slot.
//!
//! Statements with any other action entry become scans, those with equal action parts together.

use std::collections::BTreeMap;

use crate::ir::{
    ActionNode, ActionPattern, ActionSet, BundleTables, Id, IndexId, Polarity, Program, Scan, Slices, StatementId,
    Tables, Texts,
};

/// Indexes by the set of statements they were made of, over all bundles.
#[derive(Debug, Default)]
pub(super) struct Memo {
    sets: Slices<IndexId, StatementId>,
    /// The index of each set.
    indexes: Vec<IndexId>,
}

/// What one action node changes against its parent.
#[derive(Debug, Default)]
struct Change {
    added: Vec<StatementId>,
    removed: Vec<StatementId>,
}

/// Returns the bundle's slots and scans.
pub(super) fn slots(
    program: &Program,
    tables: &mut Tables,
    memo: &mut Memo,
    statements: &[StatementId],
) -> BundleTables {
    let mut changes = BTreeMap::<(&str, Kind), (ActionNode, Change)>::new();
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
        for node in actions.patterns().iter().copied().filter_map(action_node) {
            let (_, change) = changes.entry(sort_key(program, node)).or_insert_with(|| (node, Change::default()));
            match actions.polarity() {
                Polarity::Negated => change.removed.push(id),
                Polarity::Positive => change.added.push(id),
            }
        }
    }
    let mut made = BundleTables::default();
    if !root.is_empty() {
        let index = memoized(program, tables, memo, &root);
        made.slots.insert(ActionNode::Prefix(Texts::EMPTY), index);
    }
    let mut open = vec![("", root)];
    for ((text, kind), (node, change)) in changes {
        while open.len() > 1 && open.last().is_some_and(|(prefix, _)| !text.starts_with(prefix)) {
            open.pop();
        }
        let parent = open.last().map(|(_, set)| set.as_slice()).unwrap_or_default();
        let set = apply(parent, &change);
        if set != parent {
            let index = memoized(program, tables, memo, &set);
            made.slots.insert(node, index);
        }
        if kind == Kind::Prefix {
            open.push((text, set));
        }
    }
    made.scans = scans
        .into_iter()
        .map(|(actions, set)| Scan { actions: actions.clone(), index: memoized(program, tables, memo, &set) })
        .collect();
    made
}

/// Prefixes sort before the exact action of the same text, which they cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Prefix,
    Exact,
}

fn sort_key(program: &Program, node: ActionNode) -> (&str, Kind) {
    match node {
        ActionNode::Prefix(symbol) => (program.texts.text(symbol), Kind::Prefix),
        ActionNode::Exact(symbol) => (program.texts.text(symbol), Kind::Exact),
    }
}

fn action_node(pattern: ActionPattern) -> Option<ActionNode> {
    match pattern {
        ActionPattern::Exact(symbol) => Some(ActionNode::Exact(symbol)),
        ActionPattern::Prefix(symbol) => Some(ActionNode::Prefix(symbol)),
        ActionPattern::Any | ActionPattern::Glob(_) => None,
    }
}

fn apply(parent: &[StatementId], change: &Change) -> Vec<StatementId> {
    let kept = parent.iter().filter(|id| !change.removed.contains(id));
    let mut set = kept.chain(&change.added).copied().collect::<Vec<_>>();
    set.sort_unstable();
    set.dedup();
    set
}

fn memoized(program: &Program, tables: &mut Tables, memo: &mut Memo, set: &[StatementId]) -> IndexId {
    let number = memo.sets.intern(set);
    if let Some(&index) = memo.indexes.get(number.index()) {
        return index;
    }
    let index = tables.index(program, set);
    memo.indexes.push(index);
    index
}
