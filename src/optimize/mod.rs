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

use crate::ir::{BundleTables, Id, IndexId, Program, StatementId, Swallow, Tables};
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
    let (mut tables, others) = halves(bundles.len(), |range| tables_of(cover, &uses, &bundles, range));
    if let Some(others) = others {
        tables.append(others);
    }
    let Made { mut tables, .. } = tables;
    let trivial = tables.bundles.iter().filter(|bundle| bundle.allows_all.is_some()).count();
    let slots = tables.bundles.iter().map(|bundle| bundle.slots.len()).sum::<usize>();
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

/// The tables of some bundles.
#[derive(Debug)]
struct Made {
    tables: Tables,
    memo: index::Memo,
}

impl Made {
    /// Adds the tables of the bundles that follow.
    fn append(&mut self, other: Self) {
        let Made { tables: mut others, memo } = other;
        let bundles = std::mem::take(&mut others.bundles);
        let numbers = self.tables.append(others);
        self.tables.swallowed += self.memo.append(&memo, &numbers);
        let moved = |index: IndexId| index.of(&numbers).unwrap_or(index);
        self.tables.bundles.extend(bundles.into_iter().map(|mut bundle| {
            bundle.slots.iter_mut().for_each(|(_, index)| *index = moved(*index));
            bundle.scans.iter_mut().for_each(|scan| scan.index = moved(scan.index));
            bundle
        }));
    }
}

/// Makes the tables of these bundles.
fn tables_of(cover: Cover<'_>, uses: &[Uses], bundles: &[Vec<StatementId>], range: Range<usize>) -> Made {
    let mut made = Made { tables: Tables::new(Swallow::Covered), memo: index::Memo::default() };
    for (allows_all, plan) in plan(cover, uses, bundles, range) {
        let bundle = plan.tables(cover.program, &mut made.tables, &mut made.memo);
        made.tables.bundles.push(BundleTables { allows_all, ..bundle });
    }
    made
}

/// For each of these bundles the statement that allows everything, in one that does, and what it is asked for.
fn plan<'p>(
    cover: Cover<'p>,
    uses: &'p [Uses],
    bundles: &'p [Vec<StatementId>],
    range: Range<usize>,
) -> impl Iterator<Item = (Option<StatementId>, Plan<'p>)> {
    let bundles = bundles.iter().zip(uses).skip(range.start).take(range.len());
    bundles.map(move |(statements, &uses)| match allow_all::statement(cover, uses, statements) {
        Some(statement) if uses.are_attached() => (Some(statement), Plan::new(cover.program, &[statement])),
        _ if uses.are_any() => (None, Plan::new(cover.program, statements)),
        Some(_) | None => (None, Plan::default()),
    })
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
