//! Whether one statement matches wherever another does, and where such statements are found.
//!
//! Comes in: statements, the orders of their patterns, what their bundle is used for. Goes out: yes, or *not shown*.

use std::hash::Hash;

use hashbrown::HashMap;

use super::inclusion::Shape;
use super::order::{BundleSet, Order};
use super::uses::Uses;
use crate::ir::{
    ActionPattern, ActionSet, Effect, Guard, Id, Pattern, PatternId, Polarity, PrincipalEntry, Program, ResourceSet,
    Statement, StatementId, Step,
};
use crate::terms::NullVariableInNotResource;
use crate::threads::beside;

/// The patterns of all statements in their orders.
#[derive(Debug)]
pub(super) struct Orders {
    /// Entries of actions but for the one that matches all.
    pub(super) actions: Order<ActionPattern>,
    /// Entries of resources but for the one that matches all.
    pub(super) resources: Order<PatternId>,
    /// The resource pattern that matches everything, if any statement has it.
    pub(super) everything: Option<PatternId>,
}

impl Orders {
    /// Puts the patterns of a program in order.
    pub(super) fn new(program: &Program) -> Self {
        let text = |symbol| program.texts.text(symbol);
        let steps = |id| Shape::Steps(program.patterns.get(id).map_or(&[], Pattern::steps));
        let is_everything = |id: &PatternId| program.patterns.get(*id).is_some_and(Pattern::is_everything);
        let bundles = bundles(program);
        let statements = program.statements.iter().zip(&bundles);
        let actions = statements.clone().flat_map(|(statement, held)| {
            let patterns = statement.actions.patterns().iter().filter(|pattern| **pattern != ActionPattern::Any);
            patterns.map(move |&pattern| (pattern, held))
        });
        let resources = statements
            .flat_map(|(statement, held)| statement.resources.patterns().iter().map(move |&pattern| (pattern, held)));
        let everything = resources.clone().map(|(pattern, _)| pattern).find(is_everything);
        let resources = || Order::new(program, resources.clone().filter(|&(id, _)| Some(id) != everything), steps);
        let bytes = program.statements.len().saturating_mul(STATEMENT_BYTES);
        let (resources, actions) = beside(bytes, resources, || {
            Order::new(program, actions, |pattern| match pattern {
                ActionPattern::Any => Shape::Prefix(""),
                ActionPattern::Exact(symbol) => Shape::Exact(text(symbol)),
                ActionPattern::Prefix(symbol) => Shape::Prefix(text(symbol)),
                ActionPattern::Glob(id) => steps(id),
            })
        });
        Self { actions, resources, everything }
    }

    /// Whether a sorted list of resources has the pattern that matches everything.
    pub(super) fn has_everything(&self, list: &[PatternId]) -> bool {
        self.everything.is_some_and(|everything| list.binary_search(&everything).is_ok())
    }
}

/// About how many bytes of patterns a statement has.
const STATEMENT_BYTES: usize = 256;

/// The bundles that hold each statement.
fn bundles(program: &Program) -> Vec<BundleSet> {
    let mut held = vec![BundleSet::default(); program.statements.len()];
    for (number, bundle) in (0..).zip(program.bundles.iter()) {
        for statement in bundle.statements() {
            if let Some(held) = held.get_mut(statement.index()) {
                held.add(number);
            }
        }
    }
    held
}

/// What tells whether statements cover each other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cover<'p> {
    /// Where the statements stand.
    pub(super) program: &'p Program,
    /// The orders of their patterns.
    pub(super) orders: &'p Orders,
}

impl Cover<'_> {
    /// Whether the wide statement's action and resource parts match wherever the narrow one's do, whatever the values of
    /// variables are (R-ACT-10, R-ARN-15).
    pub(super) fn parts(&self, wide: &Statement, narrow: &Statement) -> bool {
        self.actions(&wide.actions, &narrow.actions) && self.resources(&wide.resources, &narrow.resources)
    }

    fn actions(&self, wide: &ActionSet, narrow: &ActionSet) -> bool {
        let order = &self.orders.actions;
        let (wide_list, narrow_list) = (wide.patterns(), narrow.patterns());
        match (wide.polarity(), narrow.polarity()) {
            (Polarity::Positive, _) if wide_list.contains(&ActionPattern::Any) => true,
            (Polarity::Negated, _) if wide_list.is_empty() => true,
            (Polarity::Positive, Polarity::Positive) => order.covers(wide_list, narrow_list),
            (Polarity::Negated, Polarity::Negated) if narrow_list.contains(&ActionPattern::Any) => true,
            (Polarity::Negated, Polarity::Negated) => order.covers(narrow_list, wide_list),
            (Polarity::Negated, Polarity::Positive) => {
                let pairs = wide_list.len().saturating_mul(narrow_list.len());
                pairs <= PAIRS_MAX
                    && wide_list.iter().all(|&one| narrow_list.iter().all(|&other| self.are_apart(one, other)))
            }
            (Polarity::Positive, Polarity::Negated) => narrow_list.contains(&ActionPattern::Any),
        }
    }

    /// Whether no action matches both; not shown for patterns with other wildcards than one at the end.
    fn are_apart(&self, one: ActionPattern, other: ActionPattern) -> bool {
        let text = |symbol| self.program.texts.text(symbol);
        match (one, other) {
            (ActionPattern::Exact(one), ActionPattern::Exact(other)) => one != other,
            (ActionPattern::Exact(exact), ActionPattern::Prefix(prefix))
            | (ActionPattern::Prefix(prefix), ActionPattern::Exact(exact)) => !text(exact).starts_with(text(prefix)),
            (ActionPattern::Prefix(one), ActionPattern::Prefix(other)) => {
                !text(one).starts_with(text(other)) && !text(other).starts_with(text(one))
            }
            (ActionPattern::Any | ActionPattern::Glob(_), _) | (_, ActionPattern::Any | ActionPattern::Glob(_)) => {
                false
            }
        }
    }

    fn resources(&self, wide: &ResourceSet, narrow: &ResourceSet) -> bool {
        let order = &self.orders.resources;
        let (wide_list, narrow_list) = (wide.patterns(), narrow.patterns());
        let has_everything = |list| self.orders.has_everything(list);
        match (wide.polarity(), narrow.polarity()) {
            (Polarity::Positive, _) if has_everything(wide_list) => true,
            (Polarity::Negated, _) if wide_list.is_empty() => true,
            (Polarity::Positive, Polarity::Positive) => order.covers(wide_list, narrow_list),
            (Polarity::Negated, Polarity::Negated) => {
                wide_list == narrow_list
                    || (!wide_list.iter().any(|&pattern| self.can_stop_not_resource(pattern))
                        && (has_everything(narrow_list) || order.covers(narrow_list, wide_list)))
            }
            (Polarity::Negated, Polarity::Positive) | (Polarity::Positive, Polarity::Negated) => false,
        }
    }

    /// Whether a pattern of `NotResource` can keep the statement from matching by a variable without value.
    pub(super) fn can_stop_not_resource(&self, pattern: PatternId) -> bool {
        let stops = self.program.semantics.null_variable_in_notresource == NullVariableInNotResource::NoMatch;
        let pattern = self.program.patterns.get(pattern).map_or(&[][..], Pattern::steps);
        stops && pattern.iter().any(|step| matches!(step, Step::Variable { .. }))
    }

    /// Whether the wide statement's principal and condition parts hold wherever the narrow one's do; where match kinds
    /// count, in the same kinds. Both have this effect.
    pub(super) fn guard(&self, wide: &Statement, narrow: &Statement, uses: Uses, effect: Effect) -> bool {
        if wide.guard == narrow.guard {
            return true;
        }
        let guard = |statement: &Statement| self.program.guards.get(statement.guard);
        let (Some(wide), Some(narrow)) = (guard(wide), guard(narrow)) else { return false };
        let principals = wide.principals == narrow.principals
            || (self.admits_everyone(wide, uses) && (effect == Effect::Deny || !uses.count_match_kinds()));
        principals && self.block(wide, narrow)
    }

    /// Whether a statement is a deny that no requester and no condition escapes.
    pub(super) fn denies_always(&self, statement: &Statement, uses: Uses) -> bool {
        let guard = self.program.guards.get(statement.guard);
        let is_unguarded = |guard: &Guard| guard.block.is_none() && self.admits_everyone(guard, uses);
        statement.effect == Effect::Deny && guard.is_some_and(is_unguarded)
    }

    /// Whether the principal part matches every requester (R-PRI-3, R-DOC-21).
    pub(super) fn admits_everyone(&self, guard: &Guard, uses: Uses) -> bool {
        match guard.principals {
            None => uses.are_attached(),
            Some(set) => self.program.principal_sets.get(set).is_some_and(|set| {
                !uses.may_be_attached()
                    && set.polarity() == Polarity::Positive
                    && set.entries().contains(&PrincipalEntry::Everyone)
            }),
        }
    }

    /// Whether the wide block's tests are all among the narrow one's (R-CON-41).
    fn block(&self, wide: &Guard, narrow: &Guard) -> bool {
        let tests = |guard: &Guard| guard.block.and_then(|block| self.program.blocks.get(block));
        let narrow_tests = tests(narrow).map_or(&[][..], |tests| tests);
        match (wide.block, tests(wide)) {
            (None, _) => true,
            (Some(_), Some(tests)) => tests.iter().all(|test| narrow_tests.binary_search(test).is_ok()),
            (Some(_), None) => false,
        }
    }
}

/// Most pairs of entries that are compared to show that two lists of actions are apart.
const PAIRS_MAX: usize = 256;

/// Statements of one bundle that may cover others of it.
#[derive(Debug)]
pub(super) struct Covering<'p> {
    cover: Cover<'p>,
    /// The statements, each with a number of the caller's.
    statements: Vec<(usize, &'p Statement)>,
    /// Where many are: those that name each entry.
    postings: Option<Postings>,
}

/// Positions of statements by what they name.
#[derive(Debug, Default)]
struct Postings {
    actions: HashMap<ActionPattern, Vec<usize>>,
    /// Statements whose actions no entry finds.
    other_actions: Vec<usize>,
    resources: HashMap<PatternId, Vec<usize>>,
    /// Statements whose resources no entry finds.
    other_resources: Vec<usize>,
}

/// Most statements that are all compared with each other.
const ALL_PAIRS_MAX: usize = 32;

/// Most statements that are compared with one: beyond them nothing is shown, so that a bundle of thousands of statements
/// that name the same costs no more than their number.
const COMPARED_MAX: usize = 128;

impl<'p> Covering<'p> {
    /// Prepares the search among these statements.
    pub(super) fn new(cover: Cover<'p>, statements: impl Iterator<Item = (usize, StatementId)>) -> Self {
        let statements = statements.filter_map(|(number, id)| Some((number, cover.program.statement(id)?)));
        let statements = statements.collect::<Vec<_>>();
        let postings = (ALL_PAIRS_MAX < statements.len()).then(|| Postings::new(cover, &statements));
        Self { cover, statements, postings }
    }

    /// Whether a statement that the caller accepts covers this one's actions and resources.
    pub(super) fn covers(&self, narrow: &Statement, accepts: impl Fn(usize, &Statement) -> bool) -> bool {
        let covers = |&(number, wide): &(usize, &Statement)| accepts(number, wide) && self.cover.parts(wide, narrow);
        match &self.postings {
            None => self.statements.iter().any(covers),
            Some(postings) => {
                let found = postings.candidates(self.cover, narrow).into_iter();
                found.filter_map(|at| self.statements.get(at)).any(covers)
            }
        }
    }
}

impl Postings {
    fn new(cover: Cover<'_>, statements: &[(usize, &Statement)]) -> Self {
        let mut postings = Self::default();
        for (at, (_, statement)) in statements.iter().enumerate() {
            let (actions, resources) = (statement.actions.patterns(), statement.resources.patterns());
            if statement.actions.polarity() == Polarity::Negated || actions.contains(&ActionPattern::Any) {
                postings.other_actions.push(at);
            } else {
                for &action in actions {
                    postings.actions.entry(action).or_default().push(at);
                }
            }
            let is_everything = |pattern: &PatternId| Some(*pattern) == cover.orders.everything;
            if statement.resources.polarity() == Polarity::Negated || resources.iter().any(is_everything) {
                postings.other_resources.push(at);
            } else {
                for &resource in resources {
                    postings.resources.entry(resource).or_default().push(at);
                }
            }
        }
        postings
    }

    /// Statements that may cover one: those found by its first action or by its first resource, whichever are fewer.
    fn candidates(&self, cover: Cover<'_>, narrow: &Statement) -> Vec<usize> {
        let (actions, resources) = (&cover.orders.actions, &cover.orders.resources);
        let first = narrow.actions.patterns().first().filter(|_| narrow.actions.polarity() == Polarity::Positive);
        let by_action = lists(actions, &self.actions, first.copied(), &self.other_actions);
        let first = narrow.resources.patterns().first().filter(|_| narrow.resources.polarity() == Polarity::Positive);
        let by_resource = lists(resources, &self.resources, first.copied(), &self.other_resources);
        let count = |lists: &[&[usize]]| lists.iter().map(|list| list.len()).sum::<usize>();
        let fewer = if count(&by_action) <= count(&by_resource) { by_action } else { by_resource };
        fewer.into_iter().flatten().copied().take(COMPARED_MAX).collect()
    }
}

/// Positions of the statements that name an entry or a wider one, and of those that no entry finds.
fn lists<'s, K: Copy + Eq + Hash>(
    order: &Order<K>,
    postings: &'s HashMap<K, Vec<usize>>,
    first: Option<K>,
    others: &'s [usize],
) -> Vec<&'s [usize]> {
    let wider = first.into_iter().flat_map(|entry| std::iter::once(entry).chain(order.above(entry)));
    let named = wider.filter_map(|entry| postings.get(&entry)).map(Vec::as_slice);
    named.chain(std::iter::once(others)).collect()
}
