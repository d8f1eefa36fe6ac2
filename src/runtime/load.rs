//! Checking an artifact once, so that every later read finds what it looks for.
//!
//! The order: length and magic, then version, so that a file of another version is named as such; then the header's
//! checksum, so that the section table can be believed; then the section table; then the body's checksum, which finds
//! accidents; then what the checksum cannot know: that every number in every record points at something, that what is
//! searched is sorted, and that every trie child stands before its parent, so that walks end. A file that was changed
//! on purpose, checksum included, can hold any policy; it cannot make a lookup fail or go on for ever.

use core::fmt;

use super::Tables;
use super::words::{Words, index};
use crate::layout::{
    FIXED_HEADER_BYTES, HEADER_BYTES, MAGIC, NONE, Section, VERSION, action_kind, checksum, meta, node, step_kind,
    value_kind,
};
use crate::terms::{Comparison, Qualifier, Semantics};

/// Why bytes are not an artifact that this version reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadError {
    /// Shorter than the shortest artifact.
    TooShort {
        /// Bytes that were given.
        found: usize,
    },
    /// The first bytes are not those of an artifact.
    NotAnArtifact,
    /// Another format version.
    Version {
        /// The artifact's.
        found: u32,
        /// The one that is read.
        expected: u32,
    },
    /// The file is longer or shorter than its header says.
    Length {
        /// Bytes that were given.
        found: usize,
        /// Bytes that the header announces.
        expected: usize,
    },
    /// The header is damaged.
    Header,
    /// The body is damaged.
    Checksum,
    /// A switch of the semantics has a value that this version does not know.
    Semantics,
    /// A record points at nothing.
    Record {
        /// The section that holds it.
        section: &'static str,
        /// Position of the record's word.
        word: u32,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { found } => {
                write!(f, "not an iamc artifact: {found} bytes are too short, the header alone has {HEADER_BYTES}")
            }
            Self::NotAnArtifact => f.write_str("not an iamc artifact: the first bytes are not the format's"),
            Self::Version { found, expected } => write!(
                f,
                "the artifact has format version {found}, this program reads version {expected}; compile the policies again"
            ),
            Self::Length { found, expected } => {
                write!(f, "the artifact is truncated or has bytes at its end: {found} bytes instead of {expected}")
            }
            Self::Header => f.write_str("the artifact's header is damaged"),
            Self::Checksum => f.write_str("the artifact is damaged: its checksum does not match"),
            Self::Semantics => f.write_str("the artifact sets a switch that this program does not know"),
            Self::Record { section, word } => {
                write!(f, "the artifact is damaged: word {word} of section `{section}` points at nothing")
            }
        }
    }
}

impl core::error::Error for LoadError {}

impl<'a> Tables<'a> {
    /// Checks the bytes of an artifact and borrows its tables.
    ///
    /// Costs one pass over the bytes; never allocates, never panics, for any bytes.
    ///
    /// # Errors
    ///
    /// Fails unless the bytes are a whole artifact of this format version, with matching checksums, whose every
    /// reference points into the right section.
    pub fn load(bytes: &'a [u8]) -> Result<Self, LoadError> {
        let found = bytes.len();
        let header = bytes.get(..HEADER_BYTES).ok_or(match bytes.starts_with(&MAGIC) || MAGIC.starts_with(bytes) {
            true => LoadError::TooShort { found },
            false => LoadError::NotAnArtifact,
        })?;
        if !header.starts_with(&MAGIC) {
            return Err(LoadError::NotAnArtifact);
        }
        let words = Words::new(header);
        let word = |at: u32| words.get(at).unwrap_or(0);
        let long = |at: u32| u64::from(word(at + 1)) << 32 | u64::from(word(at));
        if word(2) != VERSION {
            return Err(LoadError::Version { found: word(2), expected: VERSION });
        }
        let expected = index(word(3));
        if found != expected {
            return Err(LoadError::Length { found, expected });
        }
        let (checked, sum) = header.split_at(HEADER_BYTES - 8);
        if checksum(checked).to_le_bytes() != sum || index(word(8)) != Section::COUNT {
            return Err(LoadError::Header);
        }
        let body = bytes.get(HEADER_BYTES..).unwrap_or_default();
        if checksum(body) != long(6) {
            return Err(LoadError::Checksum);
        }
        let semantics = Semantics::from_bits(long(4)).ok_or(LoadError::Semantics)?;
        let table = Words::new(header.get(FIXED_HEADER_BYTES..).unwrap_or_default());
        let tables = Self::borrow(bytes, table, semantics)?;
        Checker { tables: &tables }.check()?;
        Ok(tables)
    }

    fn borrow(bytes: &'a [u8], table: Words<'_>, semantics: Semantics) -> Result<Self, LoadError> {
        let section = |section: Section| {
            let number = u32::try_from(section.index()).map_err(|_| LoadError::Header)?;
            let [at, length] = table.record(number).ok_or(LoadError::Header)?;
            let end = index(at).checked_add(index(length)).ok_or(LoadError::Header)?;
            bytes.get(index(at)..end).filter(|_| HEADER_BYTES <= index(at)).ok_or(LoadError::Header)
        };
        let words = |wanted: Section| {
            let bytes = section(wanted)?;
            let whole = bytes.len() % (4 * wanted.record_words().max(1)) == 0;
            match whole {
                true => Ok(Words::new(bytes)),
                false => Err(LoadError::Header),
            }
        };
        let text = core::str::from_utf8(section(Section::Text)?);
        Ok(Self {
            semantics,
            text: text.map_err(|_| LoadError::Record { section: Section::Text.name(), word: 0 })?,
            runs: section(Section::Runs)?,
            symbols: words(Section::Symbols)?,
            actions: words(Section::Actions)?,
            action_hash: words(Section::ActionHash)?,
            keys: words(Section::Keys)?,
            bundles: words(Section::Bundles)?,
            slots: words(Section::Slots)?,
            scans: words(Section::Scans)?,
            indexes: words(Section::Indexes)?,
            nodes: words(Section::Nodes)?,
            rows: words(Section::Rows)?,
            guards: words(Section::Guards)?,
            blocks: words(Section::Blocks)?,
            tests: words(Section::Tests)?,
            values: words(Section::Values)?,
            patterns: words(Section::Patterns)?,
            steps: words(Section::Steps)?,
            principal_sets: words(Section::PrincipalSets)?,
            principal_entries: words(Section::PrincipalEntries)?,
            statements: words(Section::Statements)?,
            policies: words(Section::Policies)?,
            names: words(Section::Names)?,
            accounts: words(Section::Accounts)?,
            identities: words(Section::Identities)?,
            identity_hash: words(Section::IdentityHash)?,
            resources: words(Section::Resources)?,
            endpoints: words(Section::Endpoints)?,
            access_keys: words(Section::AccessKeys)?,
            lists: words(Section::Lists)?,
            meta: words(Section::Meta)?,
            provenance: section(Section::Provenance)?,
            total_bytes: bytes.len(),
        })
    }
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
    /// Less than this.
    Below(u32),
    /// At most this: a number plus one, or zero.
    UpTo(u32),
    /// Together with the next word, a range within this many.
    RangeIn(u32),
}

struct Checker<'t, 'a> {
    tables: &'t Tables<'a>,
}

impl Checker<'_, '_> {
    fn check(&self) -> Result<(), LoadError> {
        use Target::{Any, Below, OptionalSymbol, RangeIn, Symbol, UpTo};
        let t = self.tables;
        self.symbols()?;
        self.nodes()?;
        let lists = t.lists.len();
        let (actions, keys, bundles) = (t.actions.len() / 2, t.keys.len() / 2, t.bundles.len() / 5);
        let (patterns, statements, policies) = (t.patterns.len() / 2, t.statements.len() / 3, t.policies.len() / 5);
        self.records(Section::Actions, t.actions, [Symbol, UpTo(actions)])?;
        self.records(Section::ActionHash, t.action_hash, [UpTo(actions)])?;
        self.hash(Section::ActionHash, t.action_hash)?;
        self.records(Section::Keys, t.keys, [Symbol, Any])?;
        let slots = t.slots.len() / 2;
        self.records(Section::Bundles, t.bundles, [Any, Any, RangeIn(t.scans.len() / 4), Any, UpTo(statements)])?;
        for (number, [at, log2, ..]) in (0..).zip(t.bundles.records::<5>()) {
            let places = 1u32.checked_shl(log2).filter(|_| log2 < 32);
            let fits = places.and_then(|places| at.checked_add(places)).is_some_and(|end| end <= slots);
            self.must(log2 == NONE || fits && self.has_room(at, places.unwrap_or(0)), Section::Bundles, number * 5)?;
        }
        self.records(Section::Slots, t.slots, [UpTo(actions), Any])?;
        for (number, [node, at]) in (0..).zip(t.slots.records::<2>()) {
            self.must(node == 0 || t.indexes.block::<2>(at).is_some(), Section::Slots, number * 2)?;
        }
        self.records(Section::Scans, t.scans, [UpTo(1), RangeIn(lists), Any, Any])?;
        for (number, [_, at, length, place]) in (0..).zip(t.scans.records::<4>()) {
            let entries = t.lists.list(at, length);
            let entry = |[kind, value]: [u32; 2]| match kind {
                action_kind::ANY => true,
                action_kind::GLOB => value < patterns,
                _ => value < t.symbols.len(),
            };
            let good = entries.len() % 2 == 0 && entries.records().all(entry) && t.indexes.block::<2>(place).is_some();
            self.must(good, Section::Scans, number * 4)?;
        }
        self.indexes()?;
        self.rows(statements)?;
        self.records(Section::Guards, t.guards, [UpTo(t.principal_sets.len() / 3), UpTo(t.blocks.len())])?;
        self.blocks()?;
        self.records(Section::Tests, t.tests, [Any, Below(keys), RangeIn(t.values.len() / 3), Any])?;
        for (number, [operator, ..]) in (0..).zip(t.tests.records::<4>()) {
            let byte = |shift| super::context::word_byte(operator, shift);
            let known = Comparison::from_code(byte(0)).is_some() && Qualifier::from_code(byte(16)).is_some();
            self.must(known && byte(8) <= 1 && byte(24) <= 1, Section::Tests, number * 4)?;
        }
        for (number, [kind, a, _]) in (0..).zip(t.values.records::<3>()) {
            let good = match kind {
                value_kind::TEXT | value_kind::NUMBER | value_kind::BINARY => a.saturating_add(1) < t.symbols.len(),
                value_kind::PATTERN => a < patterns,
                value_kind::INSTANT => t.lists.block::<3>(a).is_some(),
                value_kind::NETWORK => t.lists.block::<5>(a).is_some(),
                _ => kind <= value_kind::NULL,
            };
            self.must(good, Section::Values, number * 3)?;
        }
        self.records(Section::Patterns, t.patterns, [RangeIn(t.steps.len() / 3), Any])?;
        for (number, [kind, a, b]) in (0..).zip(t.steps.records::<3>()) {
            let good = match kind {
                step_kind::LITERAL | step_kind::FOLDED => a.saturating_add(1) < t.symbols.len(),
                step_kind::VARIABLE_WITHIN | step_kind::VARIABLE_FREE => a < keys && b < t.symbols.len(),
                _ => kind <= step_kind::VARIABLE_FREE,
            };
            self.must(good, Section::Steps, number * 3)?;
        }
        let entries = t.principal_entries.len() / 2;
        self.records(Section::PrincipalSets, t.principal_sets, [UpTo(1), RangeIn(entries), Any])?;
        self.records(Section::PrincipalEntries, t.principal_entries, [Any, Symbol])?;
        self.records(Section::Statements, t.statements, [Below(policies), Any, OptionalSymbol])?;
        let policy = [Symbol, OptionalSymbol, OptionalSymbol, Any, UpTo(bundles)];
        self.records(Section::Policies, t.policies, policy)?;
        self.records(Section::Names, t.names, [Below(policies)])?;
        let account =
            [Symbol, Any, OptionalSymbol, RangeIn(lists), Any, RangeIn(lists), Any, UpTo(bundles), OptionalSymbol];
        self.records(Section::Accounts, t.accounts, account)?;
        let identity =
            [Any, Symbol, Symbol, Symbol, OptionalSymbol, Below(bundles), UpTo(bundles), RangeIn(lists), Any];
        self.records(Section::Identities, t.identities, identity)?;
        self.records(Section::IdentityHash, t.identity_hash, [UpTo(t.identities.len() / 9)])?;
        self.hash(Section::IdentityHash, t.identity_hash)?;
        let resource =
            [Symbol, OptionalSymbol, UpTo(bundles), Any, RangeIn(lists), Any, RangeIn(lists), Any, OptionalSymbol];
        self.records(Section::Resources, t.resources, resource)?;
        self.records(Section::Endpoints, t.endpoints, [Symbol, UpTo(bundles)])?;
        self.records(Section::AccessKeys, t.access_keys, [Symbol, Symbol, UpTo(1)])?;
        self.must(index(t.meta.len()) == meta::WORDS, Section::Meta, 0)
    }

    fn must(&self, good: bool, section: Section, word: u32) -> Result<(), LoadError> {
        match good {
            true => Ok(()),
            false => Err(LoadError::Record { section: section.name(), word }),
        }
    }

    fn records<const N: usize>(
        &self,
        section: Section,
        words: Words<'_>,
        targets: [Target; N],
    ) -> Result<(), LoadError> {
        let symbols = self.tables.symbols.len();
        let mut at = 0;
        for record in words.records::<N>() {
            for ((position, &word), target) in (0..).zip(&record).zip(targets) {
                let next = record.get(position + 1).copied().unwrap_or(0);
                let good = match target {
                    Target::Any => true,
                    Target::Symbol => word.saturating_add(1) < symbols,
                    Target::OptionalSymbol => word < symbols,
                    Target::Below(limit) => word < limit,
                    Target::UpTo(limit) => word <= limit,
                    Target::RangeIn(limit) => word.checked_add(next).is_some_and(|end| end <= limit),
                };
                if !good {
                    return Err(LoadError::Record { section: section.name(), word: at });
                }
                at += 1;
            }
        }
        Ok(())
    }

    /// An open-addressing table needs a size that is a power of two, and an empty place where a search ends.
    fn hash(&self, section: Section, words: Words<'_>) -> Result<(), LoadError> {
        let size = words.len();
        self.must(size == 0 || size.is_power_of_two() && words.iter().any(|word| word == 0), section, 0)
    }

    fn has_room(&self, at: u32, places: u32) -> bool {
        let slots = self.tables.slots.list(at.saturating_mul(2), places.saturating_mul(2));
        slots.records::<2>().any(|[node, _]| node == 0)
    }

    fn symbols(&self) -> Result<(), LoadError> {
        let text = self.tables.text;
        let mut last = 0;
        for (number, end) in (0..).zip(self.tables.symbols.iter()) {
            self.must(last <= end && text.is_char_boundary(index(end)), Section::Symbols, number)?;
            last = end;
        }
        Ok(())
    }

    fn rows(&self, statements: u32) -> Result<(), LoadError> {
        let t = self.tables;
        let guards = t.guards.len() / 2;
        let mut at = 0;
        while let Some([denies, allows]) = t.rows.block(at) {
            let count = denies.checked_add(allows).and_then(|count| count.checked_mul(2));
            let end = count.and_then(|words| at.checked_add(2)?.checked_add(words)).filter(|&end| end <= t.rows.len());
            let Some(end) = end else { return self.must(false, Section::Rows, at) };
            let entries = t.rows.list(at + 2, end - at - 2);
            // Rows of the resource index hold resource numbers; both kinds are below the larger count.
            let limit = statements.max(t.resources.len() / 9);
            let good = entries.records().all(|[statement, guard]| statement < limit && guard < guards.max(limit));
            self.must(good, Section::Rows, at)?;
            at = end;
        }
        self.must(at == t.rows.len(), Section::Rows, at)
    }

    fn blocks(&self) -> Result<(), LoadError> {
        let t = self.tables;
        let tests = t.tests.len() / 4;
        let mut at = 0;
        while let Some(count) = t.blocks.get(at) {
            let end = at.checked_add(1).and_then(|start| start.checked_add(count)).filter(|&end| end <= t.blocks.len());
            let Some(end) = end else { return self.must(false, Section::Blocks, at) };
            self.must(t.blocks.list(at + 1, count).iter().all(|test| test < tests), Section::Blocks, at)?;
            at = end;
        }
        Ok(())
    }

    fn indexes(&self) -> Result<(), LoadError> {
        let t = self.tables;
        let mut at = 0;
        while let Some([root, count]) = t.indexes.block(at) {
            let end = count.checked_mul(4).and_then(|words| at.checked_add(2)?.checked_add(words));
            let Some(end) = end.filter(|&end| end <= t.indexes.len()) else {
                return self.must(false, Section::Indexes, at);
            };
            let list = t.indexes.list(at + 2, end - at - 2);
            let node = |position: u32| t.nodes.get(position).is_some();
            let good = list.records().all(|[root, row, variables, length]| {
                let range = variables.checked_add(length).is_some_and(|end| end <= t.lists.len());
                node(root) && t.rows.block::<2>(row).is_some() && range
            });
            self.must(good && root.checked_sub(1).is_none_or(node), Section::Indexes, at)?;
            at = end;
        }
        self.must(at == t.indexes.len(), Section::Indexes, at)
    }

    fn nodes(&self) -> Result<(), LoadError> {
        let t = self.tables;
        let mut at = 0;
        while let Some(header) = t.nodes.get(at) {
            let next = self.node(at, header).ok_or(LoadError::Record { section: Section::Nodes.name(), word: at })?;
            at = next;
        }
        Ok(())
    }

    /// Checks one node and returns the position behind it.
    fn node(&self, position: u32, header: u32) -> Option<u32> {
        let t = self.tables;
        let row = |at: u32| t.rows.block::<2>(at).is_some();
        let child = |at: u32| at < position;
        let mut at = position + 1;
        let mut folded = 0;
        let parts: [(u32, &dyn Fn(u32) -> bool); 6] = [
            (node::HAS_END, &row),
            (node::HAS_REST, &row),
            (node::HAS_STAR_WITHIN, &child),
            (node::HAS_STAR_FREE, &child),
            (node::HAS_ANY_WITHIN, &child),
            (node::HAS_ANY_FREE, &child),
        ];
        if header & node::HAS_FOLDED != 0 {
            folded = t.nodes.get(at)?;
            at += 1;
        }
        for (flag, good) in parts {
            if header & flag != 0 {
                t.nodes.get(at).filter(|&word| good(word))?;
                at += 1;
            }
        }
        for _ in 0..header >> 8 & 0xff {
            let [key, default, _, to] = t.nodes.block(at)?;
            (key < t.keys.len() / 2 && default < t.symbols.len() && child(to)).then_some(())?;
            at += 4;
        }
        let literals = header >> 16;
        (folded <= literals).then_some(())?;
        let runs = u32::try_from(t.runs.len()).ok()?;
        let mut last = None;
        for number in 0..literals {
            let [run, packed, to] = t.nodes.block(at)?;
            let length = packed & 0x00ff_ffff;
            let first = packed >> 24;
            let ordered = number == literals - folded || last.is_none_or(|last| last < first);
            let inside = run.checked_add(length).is_some_and(|end| end <= runs);
            (ordered && inside && length > 0 && child(to)).then_some(())?;
            last = Some(first);
            at += 3;
        }
        Some(at)
    }
}
