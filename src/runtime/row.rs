//! Rows: what remains to be tested of statements whose action and resource match.

use super::Tables;
use super::budget::Budget;
use crate::layout::row;

/// A row of the artifact: denies first, then allows.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// Where its entries begin.
    at: usize,
    pub(super) denies: usize,
    pub(super) allows: usize,
}

/// One entry: a statement, and its guard's number, 0 for none.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) statement: u32,
    pub(super) guard: u32,
}

impl Row {
    /// Takes what reading a long row costs from the decision's budget; returns whether any is left. A short one is paid
    /// for with its node.
    #[inline]
    pub(super) fn is_paid(&self, budget: &Budget) -> bool {
        let count = self.denies.saturating_add(self.allows);
        count <= 2 * row::FEW_MAX || budget.spend(count / 4)
    }

    /// The position behind the row.
    #[inline]
    pub(super) fn end(&self, tables: &Tables<'_>) -> usize {
        let entry_bytes = tables.widths.statement.bytes + tables.widths.guard.bytes;
        let count = self.denies.saturating_add(self.allows);
        self.at.wrapping_add(count.saturating_mul(entry_bytes))
    }
}

impl<'a> Tables<'a> {
    /// The row at a position of `nodes`.
    #[inline]
    pub(super) fn row(&self, at: usize) -> Row {
        let counts = self.nodes.byte(at);
        let at = at.wrapping_add(1);
        if counts != row::MANY {
            return Row { at, denies: usize::from(counts & 15), allows: usize::from(counts >> 4) };
        }
        let count = |at| super::words::index(self.nodes.word(at));
        // No row has more entries than the section has bytes, so that a damaged count ends somewhere.
        let most = self.nodes.len();
        Row { at: at.wrapping_add(8), denies: count(at).min(most), allows: count(at.wrapping_add(4)).min(most) }
    }

    /// The entry of a row that has one.
    #[inline]
    pub(super) fn only_entry(&self, row: usize) -> Entry {
        let (statement, guard, _) =
            self.nodes.two_numbers(row.wrapping_add(1), self.widths.statement, self.widths.guard);
        Entry { statement, guard }
    }

    /// The denies of a row.
    #[inline]
    pub(super) fn denies(&self, row: Row) -> impl Iterator<Item = Entry> + use<'a> {
        self.entries(row.at, row.denies)
    }

    /// The allows of a row.
    #[inline]
    pub(super) fn allows(&self, row: Row) -> impl Iterator<Item = Entry> + use<'a> {
        let entry_bytes = self.widths.statement.bytes + self.widths.guard.bytes;
        self.entries(row.at.wrapping_add(row.denies.saturating_mul(entry_bytes)), row.allows)
    }

    #[inline]
    fn entries(&self, mut at: usize, count: usize) -> impl Iterator<Item = Entry> + use<'a> {
        let (nodes, statement, guard) = (self.nodes, self.widths.statement, self.widths.guard);
        (0..count).map(move |_| {
            let (statement, guard, behind) = nodes.two_numbers(at, statement, guard);
            at = behind;
            Entry { statement, guard }
        })
    }
}
