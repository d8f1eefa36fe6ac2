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

/// Returns the bundle's slots and scans.
pub(super) fn slots(
    program: &Program,
    tables: &mut Tables,
    memo: &mut Memo,
    statements: &[StatementId],
) -> BundleTables {
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
            changes.push(Change { text: text_of(program, node), node, polarity: actions.polarity(), statement: id });
        }
    }
    changes.sort_unstable_by(Change::order);
    let mut made = BundleTables::default();
    let mut slots = Vec::with_capacity(changes.len());
    if !root.is_empty() {
        slots.push((ActionNode::Prefix(Texts::EMPTY), memoized(program, tables, memo, &root)));
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
            slots.push((node, memoized(program, tables, memo, &set)));
        }
        match node {
            ActionNode::Prefix(_) => open.push((text, set.clone())),
            ActionNode::Exact(_) => {}
        }
    }
    // Changes come in the order of texts, and each node once.
    slots.sort_unstable_by_key(|&(node, _)| node);
    made.slots = slots;
    made.scans = scans
        .into_iter()
        .map(|(actions, set)| Scan { actions: actions.clone(), index: memoized(program, tables, memo, &set) })
        .collect();
    made
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
    if let Some(&index) = memo.indexes.get(number.index()) {
        return index;
    }
    let index = tables.index(program, set);
    memo.indexes.push(index);
    index
}
