//! From bundles to decision tables: which statements to ask for an action, and one trie for their resources.
//!
//! Comes in: a [`Program`]. Goes out: its [`Tables`], and the program without the layers and entries that cannot matter.
//! Cannot fail.
//!
//! Every pass keeps, for each request, the decision, the set of layers that block, and for each layer whether a deny
//! matches; where none does, also whether an allow matches, in a resource's policy the match kinds of all allows, and
//! elsewhere no more. Layers that cannot cap may be absent. Which of several matching statements is named may change,
//! but it matches. With [`Level::None`] nothing is removed or shared: every statement is a scan of its own, which is what
//! the tests compare with.
//!
//! What the passes assume: lists of entries and tests are sorted (`ir`), a statement without principal part stands where
//! the attachment decides (`lower`), and an equal pattern has an equal number (`ir`). What is not shared: bundles with
//! equal statements of different policies. Their rows name statements, and an answer names one of the principal's own.

mod allow_all;
mod cover;
mod entries;
mod inclusion;
mod index;
mod layers;
mod merge;
mod order;
mod scan;
mod search;
mod subsume;
mod swallow;
#[cfg(test)]
mod tests;
mod uses;

use std::ops::Range;

use crate::ir::{BundleTables, Program, StatementId, Swallow, Tables};
use crate::threads::halves;

use cover::{Cover, Orders};
use index::Plan;
use uses::Uses;

/// How much the compiler does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Level {
    /// Every statement is tested one after the other: for comparison only.
    None,
    /// All passes.
    #[default]
    Full,
}

/// Makes the tables of all bundles; a layer of the program that changes nothing is taken out of it.
///
/// Costs a sort of all patterns and, for each bundle, a comparison of statements that name the same or wider things, a
/// sort of its action entries and one trie for each distinct set of statements.
pub(crate) fn run(program: &mut Program, level: Level) -> Tables {
    match level {
        Level::None => scans(program),
        Level::Full => optimized(program),
    }
}

fn scans(program: &Program) -> Tables {
    let mut tables = Tables::new(Swallow::Nothing);
    for bundle in program.bundles.iter() {
        let made = scan::each(program, &mut tables, bundle.statements());
        tables.bundles.push(made);
    }
    tables.index_resources(program);
    tables
}

fn optimized(program: &mut Program) -> Tables {
    let orders = Orders::new(program);
    let entries = entries::drop_redundant(program, &orders);
    let uses = uses::of(program);
    // Bundles have nothing to do with each other.
    let reduced = |bundles| reduce(Cover { program, orders: &orders }, &uses, bundles);
    let ((mut bundles, one), second) = halves(program.bundles.len(), reduced);
    let (others, other) = second.unwrap_or_default();
    bundles.extend(others);
    let layers = layers::drop_trivial(program, &orders, &uses, &bundles);
    let uses = uses::of(program);
    let cover = Cover { program, orders: &orders };
    let mut tables = Tables::new(Swallow::Covered);
    let mut memo = index::Memo::default();
    let (mut trivial, mut slots) = (0, 0);
    let (planned, others) = halves(bundles.len(), |range| plan(cover, &uses, &bundles, range));
    for (allows_all, plan) in planned.into_iter().chain(others.into_iter().flatten()) {
        let made = plan.tables(program, &mut tables, &mut memo);
        trivial += usize::from(allows_all.is_some());
        slots += made.slots.len();
        tables.bundles.push(BundleTables { allows_all, ..made });
    }
    tables.index_resources(program);
    let lists = search::index(program, &mut tables);
    let shared = slots.saturating_sub(tables.indexes.len());
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    tables.passes = vec![
        (entries::NAME, count(entries)),
        (merge::NAME, count(one.equal + other.equal)),
        (layers::UNASKED, count(one.unasked + other.unasked)),
        (subsume::NAME, count(one.covered + other.covered)),
        (swallow::NAME, count(one.denied + other.denied)),
        (layers::NAME, count(layers)),
        (allow_all::NAME, count(trivial)),
        (search::NAME, count(lists)),
        ("action slots that share an index", count(shared)),
        ("row entries covered by an unconditional one", tables.swallowed),
    ];
    tables
}

/// For each of these bundles the statement that allows everything, in one that does, and what it is asked for.
fn plan<'p>(
    cover: Cover<'p>,
    uses: &[Uses],
    bundles: &[Vec<StatementId>],
    range: Range<usize>,
) -> Vec<(Option<StatementId>, Plan<'p>)> {
    let bundles = bundles.iter().zip(uses).skip(range.start).take(range.len());
    let planned = bundles.map(|(statements, &uses)| match allow_all::statement(cover, uses, statements) {
        Some(statement) if uses.are_attached() => (Some(statement), Plan::new(cover.program, &[statement])),
        _ if uses.are_any() => (None, Plan::new(cover.program, statements)),
        Some(_) | None => (None, Plan::default()),
    });
    planned.collect()
}

/// How many statements each pass removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Removed {
    equal: usize,
    unasked: usize,
    covered: usize,
    denied: usize,
}

/// The statements of each of these bundles that are left.
fn reduce(cover: Cover<'_>, uses: &[Uses], bundles: Range<usize>) -> (Vec<Vec<StatementId>>, Removed) {
    let mut removed = Removed::default();
    let bundles = cover.program.bundles.iter().zip(uses).skip(bundles.start).take(bundles.len());
    let reduced = bundles.map(|(bundle, &uses)| {
        let mut statements = merge::distinct(cover.program, bundle.statements());
        removed.equal += bundle.statements().len() - statements.len();
        removed.unasked += layers::drop_unasked(cover, uses, &mut statements);
        removed.covered += subsume::drop_covered(cover, uses, &mut statements);
        removed.denied += swallow::drop_denied(cover, uses, &mut statements);
        statements
    });
    (reduced.collect(), removed)
}
