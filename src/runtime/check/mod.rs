//! Checks of sections: that every number in every record points into the right section, that what is searched is
//! sorted, that a prefix of actions leads back to the longest one that begins it, that a trie child stands before its
//! parent, and that the ranges of one section follow each other, so that no word is checked twice and checking is linear.
//!
//! Where records differ in length (indexes, nodes, rows, blocks) only the bounds of a number are checked, not that a
//! record begins there; what a hash table or a slot leads to is compared or read with `get` when it is found. So a file
//! that was changed on purpose, checksum included, can hold any policy, and a walk may find nodes in it that nobody wrote;
//! it cannot make a lookup panic, run out of stack or go on for ever: lookups read with `get`, and a walk ends with its
//! depth or with the decision's budget.

mod actions;
mod conditions;
mod walks;
mod world;

use core::cmp::Ordering;

use super::Tables;
use super::words::{Words, index};
use crate::layout::{NONE, Section, TAG_SHIFT, entry_kind, meta, policy_kind};
use crate::terms::{Cardinality, KeySource};

/// Where a record is damaged: a [`LoadError::Record`](super::LoadError::Record) that fits a register.
#[derive(Clone, Copy)]
pub(super) struct Bad {
    pub(super) section: Section,
    pub(super) word: u32,
}

/// What a word of a record must be.
#[derive(Clone, Copy)]
enum Target {
    /// Anything.
    Any,
    /// A text.
    Symbol,
    /// A text plus one, or zero.
    OptionalSymbol,
    /// A name.
    Name,
    /// A name plus one, or zero.
    OptionalName,
    /// Less than this.
    Below(u32),
    /// At most this: a number plus one, or zero.
    UpTo(u32),
    /// Together with the next word, a range within this many.
    RangeIn(u32),
}

pub(super) struct Checker<'t, 'a> {
    pub(super) tables: &'t Tables<'a>,
}

/// Position of a word of `meta`.
pub(super) fn number_of(word: usize) -> u32 {
    u32::try_from(word).unwrap_or(NONE)
}

impl<'a> Checker<'_, 'a> {
    #[inline(never)]
    pub(super) fn check(&self) -> Result<(), Bad> {
        use Target::{Any, Below, OptionalName, Symbol, UpTo};
        let t = self.tables;
        self.symbols(Section::Symbols, t.symbols, t.text)?;
        self.symbols(Section::NameSymbols, t.name_symbols, t.name_text)?;
        let (keys, bundles) = (t.keys.len() / 2, t.bundles.len());
        let (statements, policies) = (t.statements.len() / 3, t.policies.len() / 5);
        self.must(index(t.meta.len()) == meta::WORDS, Section::Meta, 0)?;
        self.actions()?;
        self.records(Section::Keys, t.keys, &[Symbol, Any])?;
        self.sorted(Section::Keys, t.keys)?;
        for (number, [_, kind]) in (0..).zip(t.keys.records::<2>()) {
            let byte = |shift| super::context::word_byte(kind, shift);
            let known = Cardinality::from_code(byte(0)).is_some() && KeySource::from_code(byte(8)).is_some();
            self.must(known, Section::Keys, number * 2)?;
        }
        self.heads()?;
        self.rows()?;
        self.nodes()?;
        self.indexes()?;
        self.bundles(statements)?;
        self.scans()?;
        self.guards()?;
        self.blocks()?;
        self.patterns()?;
        let entries = t.principal_entries.len() / 2;
        self.records(Section::PrincipalSets, t.principal_sets, &[UpTo(1), Target::RangeIn(entries), Any])?;
        self.records(Section::PrincipalEntries, t.principal_entries, &[UpTo(entry_kind::LAST), Symbol])?;
        self.records(Section::Statements, t.statements, &[Below(policies), Any, OptionalName])?;
        let policy = [Target::Name, OptionalName, OptionalName, UpTo(policy_kind::NAMED_OTHER), UpTo(bundles)];
        self.records(Section::Policies, t.policies, &policy)?;
        self.records(Section::Names, t.names, &[Below(policies)])?;
        let name = |policy: u32| t.policies.record::<5>(policy).map_or("", |[name, ..]| t.name(name));
        self.ordered(Section::Names, t.names, &name, Ordering::Equal)?;
        self.world(keys, bundles)?;
        self.meta()
    }

    fn heads(&self) -> Result<(), Bad> {
        let runs = u32::try_from(self.tables.runs.len()).unwrap_or(u32::MAX);
        self.records(Section::Heads, self.tables.heads, &[Target::RangeIn(runs), Target::Any])
    }

    fn is_symbol(&self, word: u32) -> bool {
        word.saturating_add(1) < self.tables.symbols.len()
    }

    /// Records that are searched by their first word, a text: sorted, each once.
    fn sorted(&self, section: Section, words: Words<'_>) -> Result<(), Bad> {
        self.ordered(section, words, &|symbol| self.tables.text(symbol), Ordering::Less)
    }

    /// Records are in the order of the texts that their first words stand for: each text compares with the next as
    /// `most`, or less.
    #[inline(never)]
    fn ordered(
        &self,
        section: Section,
        words: Words<'_>,
        text: &dyn Fn(u32) -> &'a str,
        most: Ordering,
    ) -> Result<(), Bad> {
        let each = section.record_words();
        let mut last = None::<&str>;
        let mut at = 0;
        for first in words.column(0, each) {
            let text = text(first);
            self.must(last.is_none_or(|last| last.cmp(text) <= most), section, at)?;
            at += u32::try_from(each).unwrap_or(1);
            last = Some(text);
        }
        Ok(())
    }

    /// Ranges of lists, each two words from one of `positions` of a record on, follow each other: so all of them
    /// together are no longer than the lists.
    #[inline(never)]
    fn ranges(&self, section: Section, words: Words<'_>, positions: &[u32]) -> Result<(), Bad> {
        let mut end = 0;
        let mut record = 0;
        while record < words.len() {
            for position in positions {
                let [at, length] = words.block(record + position).unwrap_or_default();
                self.must(end <= at, section, 0)?;
                end = at.saturating_add(length);
            }
            record += u32::try_from(section.record_words()).unwrap_or(1);
        }
        Ok(())
    }

    fn word(&self, at: usize) -> u32 {
        u32::try_from(at).ok().and_then(|at| self.tables.meta.get(at)).unwrap_or(0)
    }

    #[expect(clippy::fn_params_excessive_bools, clippy::unused_self, reason = "reads as the assertion that it is")]
    fn must(&self, good: bool, section: Section, word: u32) -> Result<(), Bad> {
        if good { Ok(()) } else { Err(Bad { section, word }) }
    }

    /// Checks every word of records that are as long as `targets`. Word by word of a record, so that the loop over the
    /// records knows what it looks for: one copy for all sections, and yet as fast as the words come.
    #[inline(never)]
    fn records(&self, section: Section, words: Words<'_>, targets: &[Target]) -> Result<(), Bad> {
        let (symbols, names) = (self.tables.symbols.len(), self.tables.name_symbols.len());
        let each = targets.len();
        for (position, &target) in targets.iter().enumerate() {
            // A word is good if it, a plus-one where it is a number of its own, is below a limit.
            let (add, limit) = match target {
                Target::Any => continue,
                Target::Symbol => (1, symbols),
                Target::OptionalSymbol => (0, symbols),
                Target::Name => (1, names),
                Target::OptionalName => (0, names),
                Target::Below(limit) => (0, limit),
                Target::UpTo(limit) => (0, limit.saturating_add(1)),
                Target::RangeIn(limit) => {
                    self.ranges_in(section, words, (position, each), limit)?;
                    continue;
                }
            };
            let bad = words.column(position, each).position(|word| word.saturating_add(add) >= limit);
            self.must_none(bad, section, (position, each))?;
        }
        Ok(())
    }

    /// Two words of each record are a range within `limit`.
    fn ranges_in(
        &self,
        section: Section,
        words: Words<'_>,
        (position, each): (usize, usize),
        limit: u32,
    ) -> Result<(), Bad> {
        let mut pairs = words.column(position, each).zip(words.column(position + 1, each));
        let bad = pairs.position(|(at, length)| at.checked_add(length).is_none_or(|end| limit < end));
        self.must_none(bad, section, (position, each))
    }

    /// Whether no record is bad in its word at `position`.
    fn must_none(&self, bad: Option<usize>, section: Section, (position, each): (usize, usize)) -> Result<(), Bad> {
        match bad {
            None => Ok(()),
            Some(record) => self.must(false, section, u32::try_from(record * each + position).unwrap_or(u32::MAX)),
        }
    }

    /// An open-addressing table needs a size that is a power of two, and an empty place where a search ends.
    #[inline(never)]
    fn hash(&self, section: Section, words: Words<'_>, count: u32) -> Result<(), Bad> {
        let size = words.len();
        let number = |word: u32| word & ((1 << TAG_SHIFT) - 1);
        for (at, word) in (0..).zip(words.iter()) {
            self.must(number(word) <= count, section, at)?;
        }
        self.must(size == 0 || size.is_power_of_two() && words.iter().any(|word| number(word) == 0), section, 0)
    }

    #[inline(never)]
    fn symbols(&self, section: Section, symbols: Words<'_>, text: &str) -> Result<(), Bad> {
        let mut last = 0;
        for (number, end) in (0..).zip(symbols.iter()) {
            self.must(last <= end && text.is_char_boundary(index(end)), section, number)?;
            last = end;
        }
        Ok(())
    }
}
