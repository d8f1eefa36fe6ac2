//! Redundant entries: `Action: [p, q] with p ≤ q ⇒ Action: [q]`; the same for `NotAction`, `Resource`, `NotResource`.
//!
//! A list matches if any entry does, its negation if none does (R-ACT-10, R-ARN-15), so an entry that another one of the
//! same list includes adds nothing. That holds for entries with variables too: where the wider one has no value, the
//! narrower one has none (R-VAR-8).
//!
//! Not where `null_variable_in_notresource` is `no_match`: there an entry of `NotResource` whose variable has no value
//! keeps the whole statement from matching, so entries with variables stay.

use std::hash::Hash;

use super::cover::{Cover, Orders};
use super::order::Order;
use crate::ir::{ActionPattern, ActionSet, PatternId, Polarity, Program, ResourceSet, Statement};
use crate::threads::halves;

/// Drops the entries; returns how many. Costs a look at what is wider than each entry of a list of several.
pub(super) fn drop_redundant(program: &mut Program, orders: &Orders) -> usize {
    let mut statements = std::mem::take(&mut program.statements);
    let cover = Cover { program, orders };
    // Statements have nothing to do with each other.
    let (first, second) = halves(statements.len(), |range| {
        let some = statements.iter().enumerate().skip(range.start).take(range.len());
        some.filter_map(|(at, statement)| Kept::of(cover, statement).map(|kept| (at, kept))).collect::<Vec<_>>()
    });
    let mut dropped = 0;
    for (at, Kept { actions, resources }) in first.into_iter().chain(second.unwrap_or_default()) {
        let Some(statement) = statements.get_mut(at) else { continue };
        if let Some(kept) = actions {
            dropped += statement.actions.patterns().len() - kept.len();
            statement.actions = ActionSet::new(statement.actions.polarity(), kept);
        }
        if let Some(kept) = resources {
            dropped += statement.resources.patterns().len() - kept.len();
            statement.resources = ResourceSet::new(statement.resources.polarity(), kept);
        }
    }
    program.statements = statements;
    dropped
}

/// What stays of the lists of a statement of which not all does.
struct Kept {
    actions: Option<Vec<ActionPattern>>,
    resources: Option<Vec<PatternId>>,
}

impl Kept {
    fn of(cover: Cover<'_>, statement: &Statement) -> Option<Self> {
        let (orders, resources) = (cover.orders, &statement.resources);
        let is_free = |pattern| resources.polarity() == Polarity::Positive || !cover.can_stop_not_resource(pattern);
        let actions = without_narrower(&orders.actions, statement.actions.patterns(), |_| true);
        let resources = kept_resources(orders, resources.patterns(), is_free);
        (actions.is_some() || resources.is_some()).then_some(Self { actions, resources })
    }
}

/// The resources that stay, if not all do.
fn kept_resources(orders: &Orders, list: &[PatternId], can_go: impl Fn(PatternId) -> bool) -> Option<Vec<PatternId>> {
    match orders.everything.filter(|everything| list.binary_search(everything).is_ok()) {
        Some(everything) => {
            let kept = list.iter().copied().filter(|&pattern| pattern == everything || !can_go(pattern));
            let kept = kept.collect::<Vec<_>>();
            (kept.len() < list.len()).then_some(kept)
        }
        None => without_narrower(&orders.resources, list, can_go),
    }
}

/// The entries that stay, if not all do. Of entries that include each other, one stays: none goes but for one that is
/// still there.
fn without_narrower<K: Copy + Ord + Hash>(order: &Order<K>, list: &[K], can_go: impl Fn(K) -> bool) -> Option<Vec<K>> {
    if list.len() < 2 {
        return None;
    }
    let mut gone = Vec::new();
    for &entry in list {
        let is_there = |wider: &K| list.binary_search(wider).is_ok() && gone.binary_search(wider).is_err();
        if can_go(entry) && order.above(entry).any(|wider| is_there(&wider)) {
            // Entries come in order, so that this list is sorted.
            gone.push(entry);
        }
    }
    let kept = list.iter().copied().filter(|entry| gone.binary_search(entry).is_err());
    (!gone.is_empty()).then(|| kept.collect())
}

/// The name under which `inspect` counts what this pass removed.
pub(super) const NAME: &str = "entries that a wider entry of their list includes";
