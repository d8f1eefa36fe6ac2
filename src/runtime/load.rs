//! Checking an artifact once, so that every later read finds what it looks for.
//!
//! The order: length and magic, then version, so that a file of another version is named as such; then the header's
//! checksum, so that the section table can be believed; then the section table; then the body's checksum, which finds
//! accidents; then what the checksum cannot know: that every number in every record points into the right section,
//! that what is searched is sorted, that a parent of an action node stands before it and begins its text, that a trie
//! child stands before its parent, and that the ranges of one section follow each other, so that no word is checked
//! twice and loading is linear.
//!
//! Where records differ in length (indexes, nodes, rows, blocks) only the bounds of a number are checked, not that a
//! record begins there. So a file that was changed on purpose, checksum included, can hold any policy, and a walk may
//! find nodes in it that nobody wrote; it cannot make a lookup panic, run out of stack or go on for ever: lookups read
//! with `get`, and a walk ends with its depth or with the decision's budget.

use core::fmt;

use super::Tables;
use super::words::{Words, index};
use crate::layout::{
    FIXED_HEADER_BYTES, HEADER_BYTES, MAGIC, NONE, Section, VERSION, action_kind, checksum, entry_kind, flag,
    grantee_kind, meta, node, policy_kind, step_kind, value_kind,
};
use crate::terms::{Cardinality, Comparison, KeySource, Qualifier, Semantics};

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
    /// A record points at nothing, or is not in order.
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
                write!(
                    f,
                    "the artifact is damaged: word {word} of section `{section}` points at nothing or is not in order"
                )
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
        let header = bytes.get(..HEADER_BYTES).ok_or(if bytes.starts_with(&MAGIC) || MAGIC.starts_with(bytes) {
            LoadError::TooShort { found }
        } else {
            LoadError::NotAnArtifact
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
            if whole { Ok(Words::new(bytes)) } else { Err(LoadError::Header) }
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
        self.must(index(t.meta.len()) == meta::WORDS, Section::Meta, 0)?;
        self.records(Section::Actions, t.actions, [Symbol, UpTo(actions)])?;
        self.actions(actions)?;
        self.records(Section::ActionHash, t.action_hash, [UpTo(actions)])?;
        self.hash(Section::ActionHash, t.action_hash)?;
        self.records(Section::Keys, t.keys, [Symbol, Any])?;
        self.sorted(Section::Keys, t.keys.records::<2>().map(|[name, _]| name))?;
        for (number, [_, kind]) in (0..).zip(t.keys.records::<2>()) {
            let byte = |shift| super::context::word_byte(kind, shift);
            let known = Cardinality::from_code(byte(0)).is_some() && KeySource::from_code(byte(8)).is_some();
            self.must(known, Section::Keys, number * 2)?;
        }
        let slots = t.slots.len() / 2;
        self.records(Section::Bundles, t.bundles, [Any, Any, RangeIn(t.scans.len() / 4), Any, UpTo(statements)])?;
        let (mut slots_end, mut scans_end) = (0, 0);
        for (number, [at, log2, scans_at, scans_len, _]) in (0..).zip(t.bundles.records::<5>()) {
            if log2 != NONE {
                let end = 1u32.checked_shl(log2).and_then(|places| at.checked_add(places));
                let end = end.filter(|&end| slots_end <= at && end <= slots && self.has_room(at, end - at));
                slots_end = end.ok_or(LoadError::Record { section: Section::Bundles.name(), word: number * 5 })?;
            }
            self.must(scans_end <= scans_at, Section::Bundles, number * 5)?;
            scans_end = scans_at + scans_len;
        }
        self.records(Section::Slots, t.slots, [UpTo(actions), Any])?;
        for (number, [node, at]) in (0..).zip(t.slots.records::<2>()) {
            self.must(node == 0 || self.is_index(at), Section::Slots, number * 2)?;
        }
        self.records(Section::Scans, t.scans, [UpTo(1), RangeIn(lists), Any, Any])?;
        self.ranges(Section::Scans, t.scans.records::<4>().map(|[_, at, length, _]| [at, length]))?;
        for (number, [_, at, length, place]) in (0..).zip(t.scans.records::<4>()) {
            let entries = t.lists.list(at, length);
            let entry = |[kind, value]: [u32; 2]| match kind {
                action_kind::ANY => true,
                action_kind::GLOB => value < patterns,
                _ => kind <= action_kind::GLOB && value.saturating_add(1) < t.symbols.len(),
            };
            let good = entries.len().is_multiple_of(2) && entries.records().all(entry) && self.is_index(place);
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
        self.records(Section::PrincipalEntries, t.principal_entries, [UpTo(entry_kind::LAST), Symbol])?;
        self.records(Section::Statements, t.statements, [Below(policies), Any, OptionalSymbol])?;
        let policy = [Symbol, OptionalSymbol, OptionalSymbol, UpTo(policy_kind::NAMED_OTHER), UpTo(bundles)];
        self.records(Section::Policies, t.policies, policy)?;
        self.records(Section::Names, t.names, [Below(policies)])?;
        let name = |[policy]: [u32; 1]| t.policies.record::<5>(policy).map_or(0, |[name, ..]| name);
        self.ordered(Section::Names, t.names.records().map(name), core::cmp::Ordering::is_le)?;
        self.world(keys, bundles)?;
        self.meta()
    }

    /// Accounts, identities, resources, endpoints, access keys.
    fn world(&self, keys: u32, bundles: u32) -> Result<(), LoadError> {
        use Target::{Any, OptionalSymbol, RangeIn, Symbol, UpTo};
        let t = self.tables;
        let lists = t.lists.len();
        let account =
            [Symbol, Any, OptionalSymbol, RangeIn(lists), Any, RangeIn(lists), Any, UpTo(bundles), OptionalSymbol];
        self.records(Section::Accounts, t.accounts, account)?;
        self.sorted(Section::Accounts, t.accounts.records::<9>().map(|[id, ..]| id))?;
        let two_lists =
            |[_, _, _, paths, paths_len, levels, levels_len, ..]: [u32; 9]| [[paths, paths_len], [levels, levels_len]];
        self.ranges(Section::Accounts, t.accounts.records().flat_map(two_lists))?;
        for (number, record) in (0..).zip(t.accounts.records()) {
            let [[paths, paths_len], [levels, levels_len]] = two_lists(record);
            let good = t.lists.list(paths, paths_len).iter().all(|path| self.is_symbol(path))
                && t.lists.list(levels, levels_len).iter().all(|level| level < bundles);
            self.must(good, Section::Accounts, number * 9)?;
        }
        self.identities(keys, bundles)?;
        self.records(Section::IdentityHash, t.identity_hash, [UpTo(t.identities.len() / 13)])?;
        self.hash(Section::IdentityHash, t.identity_hash)?;
        let resource =
            [Symbol, OptionalSymbol, UpTo(bundles), Any, RangeIn(lists), Any, RangeIn(lists), Any, OptionalSymbol];
        self.records(Section::Resources, t.resources, resource)?;
        let two_lists =
            |[_, _, _, _, acl, acl_len, object, object_len, _]: [u32; 9]| [[acl, acl_len], [object, object_len]];
        self.ranges(Section::Resources, t.resources.records().flat_map(two_lists))?;
        for (number, record) in (0..).zip(t.resources.records()) {
            let good = two_lists(record).iter().all(|[at, length]| self.is_acl(t.lists.list(*at, *length)));
            self.must(good, Section::Resources, number * 9)?;
        }
        self.records(Section::Endpoints, t.endpoints, [Symbol, UpTo(bundles)])?;
        self.sorted(Section::Endpoints, t.endpoints.records::<2>().map(|[id, _]| id))?;
        self.records(Section::AccessKeys, t.access_keys, [Symbol, Symbol, UpTo(1)])?;
        self.sorted(Section::AccessKeys, t.access_keys.records::<3>().map(|[id, ..]| id))?;
        Ok(())
    }

    /// Users, roles, federated users, with their tags and instance profiles.
    fn identities(&self, keys: u32, bundles: u32) -> Result<(), LoadError> {
        use Target::{Any, Below, OptionalSymbol, RangeIn, Symbol, UpTo};
        let t = self.tables;
        let lists = RangeIn(t.lists.len());
        let (identity, boundary) = (Below(bundles), UpTo(bundles));
        let record =
            [Any, Symbol, Symbol, Symbol, OptionalSymbol, identity, boundary, lists, Any, lists, Any, lists, Any];
        self.records(Section::Identities, t.identities, record)?;
        let three_lists = |record: [u32; 13]| {
            let [.., tags, tags_len, groups, groups_len, profiles, profiles_len] = record;
            [[tags, tags_len], [groups, groups_len], [profiles, profiles_len]]
        };
        self.ranges(Section::Identities, t.identities.records().flat_map(three_lists))?;
        for (number, record) in (0..).zip(t.identities.records()) {
            let [tags, groups, profiles] = three_lists(record).map(|[at, length]| t.lists.list(at, length));
            let [kind, ..] = record;
            let good = kind & 0xff <= flag::KIND_FEDERATED_USER
                && self.is_tags(tags, keys)
                && groups.iter().all(|group| group < bundles)
                && profiles.iter().all(|arn| self.is_symbol(arn));
            self.must(good, Section::Identities, number * 13)?;
        }
        Ok(())
    }

    fn is_symbol(&self, word: u32) -> bool {
        word.saturating_add(1) < self.tables.symbols.len()
    }

    /// Prefixes are sorted, and a parent is a prefix whose text begins the node's and that stands before it: so chains
    /// of parents end.
    fn actions(&self, actions: u32) -> Result<(), LoadError> {
        let t = self.tables;
        let prefixes = self.word(meta::PREFIX_COUNT);
        self.must(prefixes <= actions, Section::Meta, 0)?;
        let symbols = t.actions.records::<2>().map(|[symbol, _]| symbol);
        self.sorted(Section::Actions, symbols.take(index(prefixes)))?;
        for (number, [symbol, parent]) in (0..).zip(t.actions.records::<2>()) {
            let good = parent.checked_sub(1).is_none_or(|parent| {
                let start = t.actions.record::<2>(parent).map_or(0, |[symbol, _]| symbol);
                parent < prefixes.min(number) && t.text(symbol).starts_with(t.text(start))
            });
            self.must(good, Section::Actions, number * 2)?;
        }
        Ok(())
    }

    /// Texts that are searched: sorted, each once.
    fn sorted(&self, section: Section, symbols: impl Iterator<Item = u32>) -> Result<(), LoadError> {
        self.ordered(section, symbols, core::cmp::Ordering::is_lt)
    }

    fn ordered(
        &self,
        section: Section,
        symbols: impl Iterator<Item = u32>,
        good: impl Fn(core::cmp::Ordering) -> bool,
    ) -> Result<(), LoadError> {
        let mut last = None::<&str>;
        for (number, symbol) in (0..).zip(symbols) {
            let text = self.tables.text(symbol);
            let ordered = last.is_none_or(|last| good(last.cmp(text)));
            let width = u32::try_from(section.record_words()).unwrap_or(1);
            self.must(ordered, section, number * width)?;
            last = Some(text);
        }
        Ok(())
    }

    /// Ranges of lists follow each other: so all of them together are no longer than the lists.
    fn ranges(&self, section: Section, ranges: impl Iterator<Item = [u32; 2]>) -> Result<(), LoadError> {
        let mut end = 0;
        for [at, length] in ranges {
            self.must(end <= at, section, 0)?;
            end = at.saturating_add(length);
        }
        Ok(())
    }

    /// (key count value*)*
    fn is_tags(&self, mut rest: Words<'_>, keys: u32) -> bool {
        while let Some([key, count]) = rest.block(0) {
            let values = rest.list(2, count);
            if keys <= key || values.len() != count || !values.iter().all(|value| self.is_symbol(value)) {
                return false;
            }
            rest = rest.list(count.saturating_add(2), NONE);
        }
        rest.len() == 0
    }

    /// (kind symbol permissions)*
    fn is_acl(&self, list: Words<'_>) -> bool {
        let good = |[kind, symbol, _]: [u32; 3]| kind <= grantee_kind::AUTHENTICATED_USERS && self.is_symbol(symbol);
        list.len().is_multiple_of(3) && list.records().all(good)
    }

    fn word(&self, at: usize) -> u32 {
        u32::try_from(at).ok().and_then(|at| self.tables.meta.get(at)).unwrap_or(0)
    }

    fn meta(&self) -> Result<(), LoadError> {
        let t = self.tables;
        let index_good = self.word(meta::RESOURCE_INDEX).checked_sub(1).is_none_or(|at| self.is_index(at));
        self.must(index_good, Section::Meta, 1)?;
        let (at, length) = (self.word(meta::RCP_SERVICES_AT), self.word(meta::RCP_SERVICES_LEN));
        let services = t.lists.list(at, length);
        let good = services.len() == length && services.iter().all(|service| self.is_symbol(service));
        self.must(good && self.sorted(Section::Lists, services.iter()).is_ok(), Section::Meta, 2)
    }

    /// Whether the words at a position read as an index within the section.
    fn is_index(&self, at: u32) -> bool {
        let t = self.tables;
        let count = t.indexes.block::<2>(at).and_then(|[_, count]| count.checked_mul(4));
        count.and_then(|words| at.checked_add(2)?.checked_add(words)).is_some_and(|end| end <= t.indexes.len())
    }

    #[expect(clippy::fn_params_excessive_bools, clippy::unused_self, reason = "reads as the assertion that it is")]
    fn must(&self, good: bool, section: Section, word: u32) -> Result<(), LoadError> {
        if good { Ok(()) } else { Err(LoadError::Record { section: section.name(), word }) }
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
        let mut lists_end = 0;
        while let Some([root, count]) = t.indexes.block(at) {
            let end = count.checked_mul(4).and_then(|words| at.checked_add(2)?.checked_add(words));
            let Some(end) = end.filter(|&end| end <= t.indexes.len()) else {
                return self.must(false, Section::Indexes, at);
            };
            let list = t.indexes.list(at + 2, end - at - 2);
            let node = |position: u32| t.nodes.get(position).is_some();
            let variable = |[_, key, default]: [u32; 3]| key < t.keys.len() / 2 && default < t.symbols.len();
            let good = list.records().all(|[root, row, variables, length]| {
                let list = t.lists.list(variables, length);
                let whole = list.len() == length && length.is_multiple_of(3) && lists_end <= variables;
                lists_end = variables.saturating_add(length);
                node(root) && t.rows.block::<2>(row).is_some() && whole && list.records().all(variable)
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
            let [key, default, kind, to] = t.nodes.block(at)?;
            let known = matches!(kind, step_kind::VARIABLE_WITHIN | step_kind::VARIABLE_FREE);
            (known && key < t.keys.len() / 2 && default < t.symbols.len() && child(to)).then_some(())?;
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
