//! How much work one decision may do.
//!
//! What compiled policies ask for is far below the limit; only patterns, texts or files made for the purpose reach it.
//! A decision that does is denied, since what was not looked at may have been a deny.

use core::cell::Cell;

/// Units of one decision. A unit is about what it takes to compare a byte, a trie node [`NODE`] of them.
const UNITS: usize = 1 << 24;

/// Units of one visit to a trie node.
pub(super) const NODE: usize = 4;

/// What is left for one decision.
pub(super) struct Budget(Cell<usize>);

impl Budget {
    pub(super) const fn new() -> Self {
        Self(Cell::new(UNITS))
    }

    /// A quarter of it, for a short way after which the decision can still be made at length.
    pub(super) const fn quarter() -> Self {
        Self(Cell::new(UNITS / 4))
    }

    /// Takes units; returns whether any are left.
    #[inline]
    pub(super) fn spend(&self, units: usize) -> bool {
        let left = self.0.get().saturating_sub(units);
        self.0.set(left);
        left != 0
    }

    /// Takes all that is left.
    pub(super) fn exhaust(&self) {
        self.0.set(0);
    }

    /// Whether nothing is left: the decision has to deny.
    pub(super) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}
