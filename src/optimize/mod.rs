//! From bundles to decision tables: which statements to ask for an action, and one trie for their resources.
//!
//! Comes in: a [`Program`]. Goes out: its [`Tables`]. Cannot fail. Every pass keeps, for each request, the decision,
//! the set of layers that block, and for each layer whether some statement of an effect matches; which of several
//! matching statements is named may change. With [`Level::None`] nothing is removed or shared: every statement is a
//! scan of its own, which is what the tests compare with.

mod allow_all;
mod index;
mod merge;
mod scan;

use crate::ir::{BundleTables, Program, Swallow, Tables};

/// How much the compiler does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Level {
    /// Every statement is tested one after the other: for comparison only.
    None,
    /// All passes.
    #[default]
    Full,
}

/// Makes the tables of all bundles.
///
/// Costs, for each bundle, a sort of its action entries and one trie for each distinct set of statements.
pub(crate) fn run(program: &Program, level: Level) -> Tables {
    let swallow = match level {
        Level::None => Swallow::Nothing,
        Level::Full => Swallow::Covered,
    };
    let mut tables = Tables { swallow, ..Tables::default() };
    let mut memo = index::Memo::default();
    let mut merged = 0;
    let mut shared = 0;
    let mut trivial = 0;
    for bundle in program.bundles.iter() {
        let made = match level {
            Level::None => scan::each(program, &mut tables, bundle.statements()),
            Level::Full => {
                let distinct = merge::distinct(program, bundle.statements());
                merged += bundle.statements().len() - distinct.len();
                match allow_all::statement(program, &distinct) {
                    Some(statement) => {
                        trivial += 1;
                        let root = index::slots(program, &mut tables, &mut memo, &[statement]);
                        BundleTables { allows_all: Some(statement), ..root }
                    }
                    None => index::slots(program, &mut tables, &mut memo, &distinct),
                }
            }
        };
        shared += made.slots.len();
        tables.bundles.push(made);
    }
    tables.index_resources(program);
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let distinct_indexes = tables.indexes.len();
    tables.passes = vec![
        ("equal statements merged", count(merged)),
        ("bundles that allow everything", count(trivial)),
        ("action slots that share an index", count(shared.saturating_sub(distinct_indexes))),
        ("row entries covered by an unconditional one", tables.swallowed),
    ];
    tables
}
