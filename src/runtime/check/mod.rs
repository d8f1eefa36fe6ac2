//! Checks of sections: that every number in every record points into the right section, that what is searched is
//! sorted, that a prefix of actions leads back to the longest one that begins it, that a trie child stands before its
//! parent, and that the ranges of one section follow each other, so that no word is checked twice and checking is linear.
//! What is known of the texts behind a star is compared with the edges there, of which it has to have room for all.
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
use super::words::{Bytes, Words, index};
use crate::layout::{NONE, SLACK_BYTES, Section, TAG_SHIFT, entry_kind, meta, policy_kind};
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
    /// Anything, or looked at apart.
    Any,
    /// 0 or 1.
    Bit,
    /// A kind of entry of a principal element.
    EntryKind,
    /// A kind of policy.
    PolicyKind,
    /// The number of a record of this section.
    One(Section),
    /// The same plus one, or zero.
    Optional(Section),
    /// Together with the next word, a range of records of this section.
    Range(Section),
}

/// Sections of records that are as long as these targets, with what their words must be.
const RECORDS: [(Section, &[Target]); 13] = {
    use Target::{Any, Bit, EntryKind, One, Optional, PolicyKind, Range};
    const TEXT: Target = One(Section::Symbols);
    const OPTIONAL_TEXT: Target = Optional(Section::Symbols);
    const NAME: Target = One(Section::NameSymbols);
    const OPTIONAL_NAME: Target = Optional(Section::NameSymbols);
    const POLICY: Target = One(Section::Policies);
    const BUNDLE: Target = One(Section::Bundles);
    const OPTIONAL_BUNDLE: Target = Optional(Section::Bundles);
    const LIST: Target = Range(Section::Lists);
    [
        (Section::Heads, &[Range(Section::Runs), Any]),
        (Section::Keys, &[TEXT, Any]),
        (Section::Scans, &[Bit, LIST, Any, Any]),
        (Section::Patterns, &[Range(Section::Steps), Any]),
        (Section::PrincipalSets, &[Bit, Range(Section::PrincipalEntries), Any]),
        (Section::PrincipalEntries, &[EntryKind, TEXT]),
        (Section::Accounts, &[TEXT, Any, OPTIONAL_TEXT, LIST, Any, LIST, Any, OPTIONAL_BUNDLE, OPTIONAL_TEXT]),
        (
            Section::Identities,
            &[
                Any,
                TEXT,
                Any,
                Any,
                OPTIONAL_TEXT,
                BUNDLE,
                OPTIONAL_BUNDLE,
                LIST,
                Any,
                LIST,
                Any,
                LIST,
                Any,
                Optional(Section::Accounts),
            ],
        ),
        (Section::Resources, &[TEXT, OPTIONAL_TEXT, OPTIONAL_BUNDLE, Any, LIST, Any, LIST, Any, OPTIONAL_TEXT]),
        (Section::Endpoints, &[TEXT, OPTIONAL_BUNDLE]),
        (Section::AccessKeys, &[TEXT, TEXT, Bit]),
        (Section::Statements, &[POLICY, Any, OPTIONAL_NAME]),
        (Section::Policies, &[NAME, OPTIONAL_NAME, OPTIONAL_NAME, PolicyKind, OPTIONAL_BUNDLE]),
        // Names are looked at with their order.
    ]
};

/// What the words of a list must be.
#[derive(Clone, Copy)]
enum Item {
    /// Numbers of records of this section.
    Each(Section),
    /// `(key count value*)*`
    Tags,
    /// `(kind symbol permissions)*`
    Grants,
}

/// Records with lists: at which words of a record each is named, and what is in it. They follow each other, so that all of
/// a section together are no longer than [`Section::Lists`].
const LISTS: [(Section, &[(u32, Item)]); 3] = [
    (Section::Accounts, &[(3, Item::Each(Section::Symbols)), (5, Item::Each(Section::Bundles))]),
    (
        Section::Identities,
        &[(7, Item::Tags), (9, Item::Each(Section::Bundles)), (11, Item::Each(Section::NameSymbols))],
    ),
    (Section::Resources, &[(4, Item::Grants), (6, Item::Grants)]),
];

/// Sections of records that are searched by their first word, a text.
const SORTED: [Section; 4] = [Section::Keys, Section::Accounts, Section::Endpoints, Section::AccessKeys];

/// Checks what was borrowed from these bytes.
pub(super) struct Checker<'t, 'a> {
    tables: &'t Tables<'a>,
    bytes: &'a [u8],
    /// Where in them each section is.
    sections: Words<'a>,
    /// Where in `nodes` the shared rows end and the nodes begin.
    rows_end: usize,
    /// Where the nodes end.
    nodes_end: usize,
    /// What the statements of rows are below: rows of the resource index hold resource numbers; both kinds are below the
    /// larger count.
    statements: u32,
    /// How many guards there are.
    guards: u32,
}

/// A position as the number that records name it by.
pub(super) fn number_of(word: usize) -> u32 {
    u32::try_from(word).unwrap_or(NONE)
}

impl<'t, 'a> Checker<'t, 'a> {
    pub(super) fn new(tables: &'t Tables<'a>, bytes: &'a [u8], sections: Words<'a>) -> Self {
        let each = tables.widths.set.bytes + tables.widths.block.bytes;
        let guards = (tables.guards.len() - SLACK_BYTES).checked_div(each).unwrap_or(1);
        Self {
            tables,
            bytes,
            sections,
            rows_end: index(tables.meta.get(number_of(meta::ROWS_END)).unwrap_or(0)),
            nodes_end: tables.nodes.len() - SLACK_BYTES,
            statements: (tables.statements.len() / 3).max(tables.resources.len() / 9),
            guards: number_of(guards),
        }
    }

    #[inline(never)]
    pub(super) fn check(&self) -> Result<(), Bad> {
        let t = self.tables;
        self.symbols(Section::Symbols, t.text)?;
        self.symbols(Section::NameSymbols, t.name_text)?;
        self.must(index(t.meta.len()) == meta::WORDS, Section::Meta, 0)?;
        for &(section, targets) in &RECORDS {
            self.records(section, targets)?;
        }
        for &(section, lists) in &LISTS {
            self.lists(section, lists)?;
        }
        for section in SORTED {
            self.sorted(section, self.words(section))?;
        }
        self.actions()?;
        self.keys()?;
        self.rows()?;
        self.nodes()?;
        self.indexes()?;
        self.bundles()?;
        self.scans()?;
        self.guards()?;
        self.blocks()?;
        self.steps()?;
        self.identities()?;
        self.names()?;
        self.meta()
    }

    /// The words of a section.
    fn words(&self, section: Section) -> Words<'a> {
        let [at, length] = self.sections.record(number_of(section.index())).unwrap_or_default();
        Words::new(Bytes::new(self.bytes).slice(index(at), index(length)))
    }

    /// How many records a section has, or texts, or bytes.
    fn count(&self, section: Section) -> u32 {
        let [_, length] = self.sections.record(number_of(section.index())).unwrap_or_default();
        let count = match u32::try_from(section.record_words()) {
            Ok(words @ 1..) => length / (4 * words),
            Ok(0) | Err(_) => length,
        };
        // The last end of texts is no text.
        if matches!(section, Section::Symbols | Section::NameSymbols) { count.saturating_sub(1) } else { count }
    }

    /// Keys of a cardinality and a source that are known.
    #[inline(never)]
    fn keys(&self) -> Result<(), Bad> {
        for (number, [_, kind]) in (0..).zip(self.tables.keys.records::<2>()) {
            let byte = |shift| super::context::word_byte(kind, shift);
            let known = Cardinality::from_code(byte(0)).is_some() && KeySource::from_code(byte(8)).is_some();
            self.must(known, Section::Keys, number * 2)?;
        }
        Ok(())
    }

    /// Policies that requests may name, in the order of their names.
    fn names(&self) -> Result<(), Bad> {
        let t = self.tables;
        self.must(self.are_all(Section::Policies, t.names), Section::Names, 0)?;
        let name = |policy: u32| t.policies.record::<5>(policy).map_or("", |[name, ..]| t.name(name));
        self.ordered(Section::Names, t.names, &name, Ordering::Equal)
    }

    fn is_symbol(&self, word: u32) -> bool {
        word.saturating_add(1) < self.tables.symbols.len()
    }

    /// Whether a variable has a key, and a text plus one, or zero.
    #[inline(never)]
    fn is_variable(&self, key: u32, default: u32) -> bool {
        key < self.tables.keys.len() / 2 && default < self.tables.symbols.len()
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
    fn records(&self, section: Section, targets: &[Target]) -> Result<(), Bad> {
        let (words, each) = (self.words(section), targets.len());
        for (position, &target) in targets.iter().enumerate() {
            let limit = match target {
                Target::Any => continue,
                Target::Bit => 2,
                Target::EntryKind => entry_kind::LAST + 1,
                Target::PolicyKind => policy_kind::NAMED_OTHER + 1,
                Target::One(of) | Target::Range(of) => self.count(of),
                Target::Optional(of) => self.count(of).saturating_add(1),
            };
            let mut column = words.column(position, each);
            let bad = if matches!(target, Target::Range(_)) {
                let mut ranges = column.zip(words.column(position + 1, each));
                ranges.position(|(at, length)| at.checked_add(length).is_none_or(|end| limit < end))
            } else {
                column.position(|word| limit <= word)
            };
            if let Some(record) = bad {
                self.must(false, section, u32::try_from(record * each + position).unwrap_or(u32::MAX))?;
            }
        }
        Ok(())
    }

    /// Checks the lists of all records, by [`LISTS`].
    #[inline(never)]
    fn lists(&self, section: Section, lists: &[(u32, Item)]) -> Result<(), Bad> {
        let (words, mut record, mut end) = (self.words(section), 0, 0);
        while record < words.len() {
            for &(position, item) in lists {
                let [at, length] = words.block(record + position).unwrap_or_default();
                let list = self.list(at, length).filter(|_| end <= at);
                let good = list.is_some_and(|list| match item {
                    Item::Each(of) => self.are_all(of, list),
                    Item::Tags => self.is_tags(list),
                    Item::Grants => self.is_grants(list),
                });
                self.must(good, section, record + position)?;
                end = at.saturating_add(length);
            }
            record += u32::try_from(section.record_words()).unwrap_or(1);
        }
        Ok(())
    }

    /// These words of the lists, if there are so many.
    #[inline(never)]
    fn list(&self, at: u32, length: u32) -> Option<Words<'a>> {
        let list = self.tables.lists.list(at, length);
        (list.len() == length).then_some(list)
    }

    /// Whether words are numbers of records of a section.
    fn are_all(&self, section: Section, words: Words<'_>) -> bool {
        let count = self.count(section);
        words.iter().all(|word| word < count)
    }

    /// An open-addressing table needs a size that is a power of two, and an empty place where a search ends.
    fn hash(&self, section: Section, words: Words<'_>, count: u32) -> Result<(), Bad> {
        let size = words.len();
        let number = |word: u32| word & ((1 << TAG_SHIFT) - 1);
        for (at, word) in (0..).zip(words.iter()) {
            self.must(number(word) <= count, section, at)?;
        }
        self.must(size == 0 || size.is_power_of_two() && words.iter().any(|word| number(word) == 0), section, 0)
    }

    #[inline(never)]
    fn symbols(&self, section: Section, text: &str) -> Result<(), Bad> {
        let mut last = 0;
        for (number, end) in (0..).zip(self.words(section).iter()) {
            self.must(last <= end && text.is_char_boundary(index(end)), section, number)?;
            last = end;
        }
        Ok(())
    }
}
