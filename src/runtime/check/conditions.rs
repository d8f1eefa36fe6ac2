//! Guards, and the blocks and patterns that they lead to.

use super::{Bad, Checker};
use crate::layout::{NONE, SLACK_BYTES, Section, block, step_kind, value_kind};
use crate::runtime::condition::TestRecord;
use crate::runtime::words::index;

impl Checker<'_, '_> {
    pub(super) fn guards(&self) -> Result<(), Bad> {
        let t = self.tables;
        if t.widths.set.bytes + t.widths.block.bytes == 0 {
            return self.must(t.guards.len() == SLACK_BYTES, Section::Guards, 0);
        }
        let sets = t.principal_sets.len() / 3;
        for guard in 0..self.guards {
            let (set, block) = t.guard(guard);
            let good = set <= sets && index(block) <= t.blocks.len() - SLACK_BYTES && (guard > 0 || set + block == 0);
            self.must(good, Section::Guards, guard)?;
        }
        self.must(self.guards > 0, Section::Guards, 0)
    }

    /// Tests end to end; of their values, that each is what its kind says.
    pub(super) fn blocks(&self) -> Result<(), Bad> {
        let t = self.tables;
        let end = t.blocks.len() - SLACK_BYTES;
        let mut at = 0;
        while at < end {
            let bad = Bad { section: Section::Blocks, word: u32::try_from(at).unwrap_or(u32::MAX) };
            at = self.block(at).filter(|&behind| behind <= end).ok_or(bad)?;
        }
        Ok(())
    }

    fn block(&self, at: usize) -> Option<usize> {
        let t = self.tables;
        let (count, mut at) = t.block(u32::try_from(at).ok()?);
        for _ in 0..count {
            let flags = t.blocks.byte(at + 1);
            let test = t.test(at)?;
            let good = flags <= block::ALL
                && test.key < t.keys.len() / 2
                && test.end <= t.blocks.len()
                && test.values.records().all(|value| self.is_value(value));
            (good && self.is_search(&test)).then_some(())?;
            at = test.end;
        }
        Some(at)
    }

    fn is_value(&self, [kind, a]: [u32; 2]) -> bool {
        let t = self.tables;
        match kind {
            value_kind::TEXT | value_kind::NUMBER | value_kind::BINARY => self.is_symbol(a),
            value_kind::PATTERN => a < t.patterns.len() / 2,
            value_kind::INSTANT => t.lists.block::<3>(a).is_some(),
            value_kind::NETWORK => t.lists.block::<5>(a).is_some(),
            _ => kind <= value_kind::NULL,
        }
    }

    /// A table within the lists with an empty place, or a trie.
    fn is_search(&self, test: &TestRecord<'_>) -> bool {
        let Some(search) = test.search else { return true };
        if search.log2 == NONE {
            return self.is_node(search.at);
        }
        let Some(places) = 1u32.checked_shl(search.log2) else { return false };
        let symbols = self.tables.symbols.len();
        self.list(search.at, places)
            .is_some_and(|table| table.iter().any(|word| word == 0) && table.iter().all(|word| word < symbols))
    }

    #[inline(never)]
    pub(super) fn steps(&self) -> Result<(), Bad> {
        let t = self.tables;
        for (number, [kind, a, b]) in (0..).zip(t.steps.records::<3>()) {
            let good = match kind {
                step_kind::LITERAL | step_kind::FOLDED => self.is_symbol(a),
                step_kind::VARIABLE_WITHIN | step_kind::VARIABLE_FREE => self.is_variable(a, b),
                _ => kind <= step_kind::VARIABLE_FREE,
            };
            self.must(good, Section::Steps, number * 3)?;
        }
        Ok(())
    }
}
