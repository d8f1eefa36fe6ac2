//! Checking an artifact once, so that every later read finds what it looks for.
//!
//! The order: length and magic, then version, so that a file of another version is named as such; then the header's
//! checksum, so that the section table can be believed; then the section table; then the body's checksum, which finds
//! accidents; then what the checksum cannot know: that every number in every record points into the right section,
//! that what is searched is sorted, that a prefix of actions leads back to the longest one that begins it, that a trie
//! child stands before its parent, and that the ranges of one section follow each other, so that no word is checked
//! twice and loading is linear.
//!
//! Where records differ in length (indexes, nodes, rows, blocks) only the bounds of a number are checked, not that a
//! record begins there; what a hash table or a slot leads to is compared or read with `get` when it is found. So a file
//! that was changed on purpose, checksum included, can hold any policy, and a walk may find nodes in it that nobody wrote;
//! it cannot make a lookup panic, run out of stack or go on for ever: lookups read with `get`, and a walk ends with its
//! depth or with the decision's budget.

use core::cmp::Ordering;
use core::fmt;

use super::bundle::{Header, Nodes};
use super::condition::TestRecord;
use super::find::{Prefix, Service};
use super::walk::{Cursor, edge};
use super::words::{Bytes, Width, Words, index};
use super::{NumberWidths, Tables, header};
use crate::layout::{
    ActionTag, FIXED_HEADER_BYTES, HEADER_BYTES, NONE, SLACK_BYTES, Section, TAG_SHIFT, Widths, action_kind, block,
    bundle, checksum, entry_kind, first_word, flag, grantee_kind, meta, node, policy_kind, service_bit, start_of,
    step_kind, value_kind,
};
use crate::terms::{Cardinality, KeySource, Semantics};
use crate::value::{Arn, is_account_id};

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
    #[inline(never)]
    pub fn load(bytes: &'a [u8]) -> Result<Self, LoadError> {
        header::check(bytes)?;
        let (header, body) = bytes.split_at_checked(HEADER_BYTES).ok_or(LoadError::Header)?;
        let words = Words::new(header);
        let word = |at: u32| words.get(at).unwrap_or(0);
        let long = |at: u32| u64::from(word(at + 1)) << 32 | u64::from(word(at));
        if checksum(body) != long(6) {
            return Err(LoadError::Checksum);
        }
        let semantics = Semantics::from_bits(long(4)).ok_or(LoadError::Semantics)?;
        let table = Words::new(header.get(FIXED_HEADER_BYTES..).unwrap_or_default());
        let tables = Self::borrow(bytes, table, long(6), semantics)?;
        Checker { tables: &tables }.check()?;
        Ok(tables)
    }

    #[inline(never)]
    fn borrow(bytes: &'a [u8], table: Words<'_>, identity: u64, semantics: Semantics) -> Result<Self, LoadError> {
        let mut section_bytes = [0; Section::COUNT];
        let mut sections = [Default::default(); Section::COUNT];
        sections_of(bytes, table, &mut sections, &mut section_bytes).ok_or(LoadError::Header)?;
        // In the order of the file.
        let [
            text,
            symbols,
            runs,
            heads,
            action_text,
            services,
            actions,
            action_hash,
            prefixes,
            keys,
            bundles,
            slots,
            scans,
            indexes,
            nodes,
            guards,
            blocks,
            patterns,
            steps,
            principal_sets,
            principal_entries,
            accounts,
            identities,
            identity_hash,
            resources,
            endpoints,
            access_keys,
            lists,
            meta,
            name_text,
            name_symbols,
            statements,
            policies,
            names,
            provenance,
        ] = &sections;
        let text = text_of(Section::Text, text)?;
        let name_text = text_of(Section::NameText, name_text)?;
        let meta = Words::new(meta);
        let widths = u32::try_from(meta::WIDTHS).ok().and_then(|at| meta.block(at)).and_then(Widths::from_words);
        let widths = widths.ok_or(Bad { section: Section::Meta, word: number_of(meta::WIDTHS) })?;
        let resource_services = u32::try_from(meta::RESOURCE_SERVICES).ok().and_then(|at| meta.block(at));
        let [services_low, services_high] = resource_services.unwrap_or_default();
        let places = (action_hash.len() - SLACK_BYTES).checked_div(usize::from(widths.action));
        let records = (actions.len() - SLACK_BYTES).checked_div(usize::from(widths.name)).unwrap_or(0);
        Ok(Self {
            semantics,
            identity,
            widths: number_widths(widths),
            resource_services: u64::from(services_high) << 32 | u64::from(services_low),
            text,
            symbols: Words::new(symbols),
            runs: Bytes::new(runs),
            heads: Words::new(heads),
            action_text: Bytes::new(action_text),
            services: Words::new(services),
            service_places: Words::new(services).len() / 8,
            actions: Bytes::new(actions),
            action_hash: Bytes::new(action_hash),
            action_places: u32::try_from(places.unwrap_or(0)).unwrap_or(u32::MAX),
            action_tag: ActionTag::of(u32::try_from(records).unwrap_or(u32::MAX), widths.action),
            prefixes: Words::new(prefixes),
            keys: Words::new(keys),
            bundles: Words::new(bundles),
            slots: Bytes::new(slots),
            scans: Words::new(scans),
            indexes: Words::new(indexes),
            nodes: Bytes::new(nodes),
            guards: Bytes::new(guards),
            blocks: Bytes::new(blocks),
            patterns: Words::new(patterns),
            steps: Words::new(steps),
            principal_sets: Words::new(principal_sets),
            principal_entries: Words::new(principal_entries),
            accounts: Words::new(accounts),
            identities: Words::new(identities),
            identity_hash: Words::new(identity_hash),
            resources: Words::new(resources),
            endpoints: Words::new(endpoints),
            access_keys: Words::new(access_keys),
            lists: Words::new(lists),
            meta,
            name_text,
            name_symbols: Words::new(name_symbols),
            statements: Words::new(statements),
            policies: Words::new(policies),
            names: Words::new(names),
            provenance: *provenance,
            section_bytes,
            total_bytes: bytes.len(),
        })
    }
}

/// The bytes of all sections and their lengths, in the order of the file.
fn sections_of<'a>(
    bytes: &'a [u8],
    table: Words<'_>,
    sections: &mut [&'a [u8]; Section::COUNT],
    lengths: &mut [u32; Section::COUNT],
) -> Option<()> {
    let places = lengths.iter_mut().zip(sections);
    for ((&section, (count, place)), [at, length]) in Section::ALL.iter().zip(places).zip(table.records()) {
        *count = length;
        *place = section_of(bytes, section, at, length)?;
    }
    Some(())
}

#[inline(never)]
fn text_of(section: Section, bytes: &[u8]) -> Result<&str, Bad> {
    core::str::from_utf8(bytes).map_err(|_| Bad { section, word: 0 })
}

fn number_widths(widths: Widths) -> NumberWidths {
    NumberWidths {
        place: Width::new(widths.place),
        statement: Width::new(widths.statement),
        guard: Width::new(widths.guard),
        head: Width::new(widths.head),
        run: Width::new(widths.run),
        key: Width::new(widths.key),
        operand: Width::new(widths.operand),
        set: Width::new(widths.set),
        block: Width::new(widths.block),
        name: Width::new(widths.name),
        action: Width::new(widths.action),
        root: Width::new(widths.root),
    }
}

/// The bytes of a section, if they lie behind the header and are as many as its kind needs.
#[inline(never)]
fn section_of(bytes: &[u8], section: Section, at: u32, length: u32) -> Option<&[u8]> {
    let end = index(at).checked_add(index(length))?;
    let found = bytes.get(index(at)..end).filter(|_| HEADER_BYTES <= index(at))?;
    let is_whole = match section {
        Section::Text | Section::Runs | Section::ActionText | Section::NameText | Section::Provenance => true,
        Section::Actions
        | Section::ActionHash
        | Section::Slots
        | Section::Nodes
        | Section::Guards
        | Section::Blocks => SLACK_BYTES <= found.len(),
        Section::Symbols
        | Section::Heads
        | Section::Services
        | Section::Prefixes
        | Section::Keys
        | Section::Bundles
        | Section::Scans
        | Section::Indexes
        | Section::Patterns
        | Section::Steps
        | Section::PrincipalSets
        | Section::PrincipalEntries
        | Section::Accounts
        | Section::Identities
        | Section::IdentityHash
        | Section::Resources
        | Section::Endpoints
        | Section::AccessKeys
        | Section::Lists
        | Section::Meta
        | Section::NameSymbols
        | Section::Statements
        | Section::Policies
        | Section::Names => found.len().is_multiple_of(4 * section.record_words().max(1)),
    };
    is_whole.then_some(found)
}

/// Where a record is damaged: a [`LoadError::Record`] that fits a register.
#[derive(Clone, Copy)]
struct Bad {
    section: Section,
    word: u32,
}

impl From<Bad> for LoadError {
    fn from(bad: Bad) -> Self {
        Self::Record { section: bad.section.name(), word: bad.word }
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

struct Checker<'t, 'a> {
    tables: &'t Tables<'a>,
}

/// Position of a word of `meta`.
fn number_of(word: usize) -> u32 {
    u32::try_from(word).unwrap_or(NONE)
}

impl<'a> Checker<'_, 'a> {
    #[inline(never)]
    fn check(&self) -> Result<(), Bad> {
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

    /// Bundles and their scans follow each other, so that none is checked twice.
    #[inline(never)]
    fn bundles(&self, statements: u32) -> Result<(), Bad> {
        let t = self.tables;
        let scans = t.scans.len() / 4;
        let (mut slots_end, mut scans_end) = (0, 0);
        for (number, at) in (0..).zip(t.bundles.iter()) {
            let end = t.bundle(number).filter(|_| slots_end <= index(at)).and_then(|header| {
                let (scans_at, count) = header.scans;
                if count > 0 {
                    (scans_end <= scans_at).then_some(())?;
                    scans_end = scans_at.checked_add(count).filter(|&end| end <= scans)?;
                }
                header.allows_all.is_none_or(|statement| statement < statements).then_some(())?;
                self.slots(&header)
            });
            slots_end = end.ok_or(Bad { section: Section::Bundles, word: number })?;
        }
        Ok(())
    }

    /// Checks action nodes and roots of one bundle; returns where they end.
    fn slots(&self, header: &Header) -> Option<usize> {
        let t = self.tables;
        let &Header { changes, number_bytes, roots, body, .. } = header;
        let node_bytes = t.node_bytes();
        let numbers_at = match header.nodes {
            Nodes::Range(..) => body,
            Nodes::Marked(_, count) => index(count).checked_mul(bundle::BLOCK_BYTES)?.checked_add(body)?,
            Nodes::Listed => changes.checked_mul(node_bytes)?.checked_add(body)?,
        };
        // No root without an action for it, so that roots of no bytes are not more than the file has bytes.
        let is_number = matches!(number_bytes, 1 | 2 | 4) || matches!(header.nodes, Nodes::Range(..));
        (is_number && roots <= changes && (node_bytes == 2 || header.nodes == Nodes::Listed)).then_some(())?;
        let numbers = if number_bytes == 0 { 0 } else { changes };
        let roots_at = numbers.checked_mul(number_bytes)?.checked_add(numbers_at)?;
        let end = roots.checked_mul(t.widths.root.bytes)?.checked_add(roots_at)?;
        (end <= t.slots.len() - SLACK_BYTES).then_some(())?;
        match header.nodes {
            Nodes::Range(from, to) => (from < to).then_some(())?,
            Nodes::Listed => {
                let mut least = 0;
                for change in 0..changes {
                    let node = t.slots.part(body + change * node_bytes, node_bytes);
                    (least <= node).then_some(())?;
                    least = node.checked_add(1)?;
                }
            }
            Nodes::Marked(_, count) => {
                let mut before = 0;
                for block in 0..index(count) {
                    let at = body + block * bundle::BLOCK_BYTES;
                    (u32::from(t.slots.half(at)) == before).then_some(())?;
                    before += t.slots.word(at + 2).count_ones();
                }
                // What is behind the last change is not looked up.
                let last = changes.checked_sub(1).map_or(0, |last| t.slots.byte(numbers_at + last));
                (index(before) == changes && last == 0).then_some(())?;
            }
        }
        let mut all = (0..numbers).map(|change| t.slots.part(numbers_at + change * number_bytes, number_bytes));
        all.all(|number| index(number) <= roots).then_some(())?;
        let root = |number: usize| t.slots.number(roots_at + number * t.widths.root.bytes, t.widths.root);
        (0..roots).all(|number| self.is_root(root(number))).then_some(end)
    }

    /// Whether the number of a root leads into the right section.
    fn is_root(&self, root: u32) -> bool {
        if root & 1 == 0 { self.is_node(root >> 1) } else { self.is_index(root >> 1) }
    }

    #[inline(never)]
    fn scans(&self) -> Result<(), Bad> {
        use Target::{Any, RangeIn, UpTo};
        let t = self.tables;
        let patterns = t.patterns.len() / 2;
        self.records(Section::Scans, t.scans, &[UpTo(1), RangeIn(t.lists.len()), Any, Any])?;
        self.ranges(Section::Scans, t.scans, &[1])?;
        for (number, [_, at, length, root]) in (0..).zip(t.scans.records::<4>()) {
            let list = t.lists.list(at, length);
            let ranges = list.get(0).unwrap_or(NONE).saturating_mul(2).saturating_add(1);
            let others = list.list(ranges, NONE);
            let mut least = 0;
            let range = |[from, to]: [u32; 2]| {
                let good = least <= from && from < to;
                least = to;
                good
            };
            let other = |[kind, value]: [u32; 2]| {
                let start = kind >> action_kind::START_SHIFT;
                let is_glob = kind == action_kind::GLOB | start << action_kind::START_SHIFT && value < patterns;
                kind == action_kind::ANY || is_glob && start == self.pattern_start(value)
            };
            let good = ranges <= length
                && list.list(1, ranges - 1).records().all(range)
                && others.len().is_multiple_of(2)
                && others.records().all(other)
                && self.is_root(root);
            self.must(good, Section::Scans, number * 4)?;
        }
        Ok(())
    }

    /// The bytes with which a pattern begins, as scans have them.
    fn pattern_start(&self, pattern: u32) -> u32 {
        let t = self.tables;
        match t
            .patterns
            .record(pattern)
            .and_then(|[at, length]| t.steps.list(at.saturating_mul(3), length.saturating_mul(3)).block(0))
        {
            Some([step_kind::LITERAL | step_kind::FOLDED, symbol, _]) => start_of(t.text_bytes(symbol)),
            _ => 0,
        }
    }

    #[inline(never)]
    fn guards(&self) -> Result<(), Bad> {
        let t = self.tables;
        let (set, block) = (t.widths.set, t.widths.block);
        let each = set.bytes + block.bytes;
        if each == 0 {
            return self.must(t.guards.len() == SLACK_BYTES, Section::Guards, 0);
        }
        let count = (t.guards.len() - SLACK_BYTES) / each;
        let sets = t.principal_sets.len() / 3;
        for guard in 0..u32::try_from(count).unwrap_or(u32::MAX) {
            let (set, block) = t.guard(guard);
            let good = set <= sets && index(block) <= t.blocks.len() - SLACK_BYTES && (guard > 0 || set + block == 0);
            self.must(good, Section::Guards, guard)?;
        }
        self.must(count > 0, Section::Guards, 0)
    }

    #[inline(never)]
    fn patterns(&self) -> Result<(), Bad> {
        let t = self.tables;
        let keys = t.keys.len() / 2;
        self.records(Section::Patterns, t.patterns, &[Target::RangeIn(t.steps.len() / 3), Target::Any])?;
        for (number, [kind, a, b]) in (0..).zip(t.steps.records::<3>()) {
            let good = match kind {
                step_kind::LITERAL | step_kind::FOLDED => self.is_symbol(a),
                step_kind::VARIABLE_WITHIN | step_kind::VARIABLE_FREE => a < keys && b < t.symbols.len(),
                _ => kind <= step_kind::VARIABLE_FREE,
            };
            self.must(good, Section::Steps, number * 3)?;
        }
        Ok(())
    }

    /// Accounts, identities, resources, endpoints, access keys.
    #[inline(never)]
    fn world(&self, keys: u32, bundles: u32) -> Result<(), Bad> {
        use Target::{Any, OptionalSymbol, RangeIn, Symbol, UpTo};
        let t = self.tables;
        let lists = t.lists.len();
        let account =
            [Symbol, Any, OptionalSymbol, RangeIn(lists), Any, RangeIn(lists), Any, UpTo(bundles), OptionalSymbol];
        self.records(Section::Accounts, t.accounts, &account)?;
        self.sorted(Section::Accounts, t.accounts)?;
        let two_lists =
            |[_, _, _, paths, paths_len, levels, levels_len, ..]: [u32; 9]| [[paths, paths_len], [levels, levels_len]];
        self.ranges(Section::Accounts, t.accounts, &[3, 5])?;
        for (number, record) in (0..).zip(t.accounts.records()) {
            let [[paths, paths_len], [levels, levels_len]] = two_lists(record);
            let good = t.lists.list(paths, paths_len).iter().all(|path| self.is_symbol(path))
                && t.lists.list(levels, levels_len).iter().all(|level| level < bundles);
            self.must(good, Section::Accounts, number * 9)?;
        }
        self.identities(keys, bundles)?;
        self.hash(Section::IdentityHash, t.identity_hash, t.identities.len() / 14)?;
        let resource =
            [Symbol, OptionalSymbol, UpTo(bundles), Any, RangeIn(lists), Any, RangeIn(lists), Any, OptionalSymbol];
        self.records(Section::Resources, t.resources, &resource)?;
        let two_lists =
            |[_, _, _, _, acl, acl_len, object, object_len, _]: [u32; 9]| [[acl, acl_len], [object, object_len]];
        self.ranges(Section::Resources, t.resources, &[4, 6])?;
        for (number, record) in (0..).zip(t.resources.records()) {
            let good = two_lists(record).iter().all(|[at, length]| self.is_acl(t.lists.list(*at, *length)));
            self.must(good, Section::Resources, number * 9)?;
        }
        self.records(Section::Endpoints, t.endpoints, &[Symbol, UpTo(bundles)])?;
        self.sorted(Section::Endpoints, t.endpoints)?;
        self.records(Section::AccessKeys, t.access_keys, &[Symbol, Symbol, UpTo(1)])?;
        self.sorted(Section::AccessKeys, t.access_keys)?;
        Ok(())
    }

    /// Users, roles, federated users, with their tags and instance profiles.
    #[inline(never)]
    fn identities(&self, keys: u32, bundles: u32) -> Result<(), Bad> {
        use Target::{Any, Below, OptionalSymbol, RangeIn, Symbol, UpTo};
        let t = self.tables;
        let lists = RangeIn(t.lists.len());
        let (identity, boundary, account) = (Below(bundles), UpTo(bundles), UpTo(t.accounts.len() / 9));
        let record =
            [Any, Symbol, Any, Any, OptionalSymbol, identity, boundary, lists, Any, lists, Any, lists, Any, account];
        self.records(Section::Identities, t.identities, &record)?;
        let three_lists = |record: [u32; 14]| {
            let [.., tags, tags_len, groups, groups_len, profiles, profiles_len, _] = record;
            [[tags, tags_len], [groups, groups_len], [profiles, profiles_len]]
        };
        self.ranges(Section::Identities, t.identities, &[7, 9, 11])?;
        for (number, record) in (0..).zip(t.identities.records()) {
            let [tags, groups, profiles] = three_lists(record).map(|[at, length]| t.lists.list(at, length));
            let [kind, _, lookup_at, account_at, .., account] = record;
            let account = account.checked_sub(1).and_then(|number| t.accounts.record::<9>(number));
            let controlled = account.is_some_and(|[_, bits, .., resource_control, _]| {
                bits & flag::SERVICE_CONTROL != 0 || resource_control != 0
            });
            let good = kind & 0xff <= flag::KIND_FEDERATED_USER
                && (kind & flag::CONTROLLED << 8 != 0) == controlled
                && t.lookup_text(kind, lookup_at).len() == index(kind >> 16)
                && is_account_id(t.account_text(account_at))
                && self.is_tags(tags, keys)
                && groups.iter().all(|group| group < bundles)
                && profiles.iter().all(|arn| arn.saturating_add(1) < t.name_symbols.len());
            self.must(good, Section::Identities, number * 14)?;
        }
        Ok(())
    }

    fn is_symbol(&self, word: u32) -> bool {
        word.saturating_add(1) < self.tables.symbols.len()
    }

    /// Services have nodes of their own: each record of `actions` is at most one service's, and so is each prefix.
    #[inline(never)]
    fn actions(&self) -> Result<(), Bad> {
        let t = self.tables;
        let (mut records, mut prefixes, mut names, mut has_empty) = (0, 0, 0, t.service_places == 0);
        for place in 0..t.service_places {
            let Some(service) = t.service_at(place) else {
                has_empty = true;
                continue;
            };
            let good = 0 < service.first()
                && service.first() < service.behind()
                && service.behind() < t.action_records()
                && service.rest_bytes() <= service.names_at()
                && index(service.names_at()) <= t.action_text.len()
                && service.first_prefix() <= service.prefixes_behind()
                && service.prefixes_behind() <= t.prefixes.len() / 4;
            self.must(good, Section::Services, place * 8)?;
            let (end, _) = t.action_bounds(service.behind());
            records += 1 + u64::from(service.behind() - service.first());
            prefixes += u64::from(service.prefixes_behind() - service.first_prefix());
            names += u64::from(end) + u64::from(service.rest_bytes());
            // Nothing is looked at for two services.
            let good = records < u64::from(t.action_records())
                && prefixes <= u64::from(t.prefixes.len() / 4)
                && usize::try_from(names).is_ok_and(|names| names <= t.action_text.len());
            self.must(good, Section::Services, place * 8)?;
            self.service(service)?;
        }
        let good = prefixes == u64::from(t.prefixes.len() / 4);
        self.must(has_empty && good, Section::Services, 0)?;
        self.action_hash()
    }

    /// Names follow each other and are sorted, a prefix before an exact action of the same name.
    fn service(&self, service: Service<'_>) -> Result<(), Bad> {
        let t = self.tables;
        let mut offset = 0;
        for number in service.first()..=service.behind() {
            let (at, _) = t.action_bounds(number);
            let inside = index(service.names_at()).saturating_add(index(at)) <= t.action_text.len();
            self.must(inside && offset <= at, Section::Actions, number)?;
            offset = at;
        }
        let mut before = None::<(&[u8], bool)>;
        let mut next = service.first_prefix();
        let prefix = |number| if number < service.prefixes_behind() { t.prefix(number) } else { None };
        for number in service.first()..service.behind() {
            let name = t.action_name(service, number);
            let own = prefix(next).filter(|prefix| prefix.node == number);
            let place = (name, own.is_none());
            self.must(before.is_none_or(|before| before < place), Section::Actions, number)?;
            before = Some(place);
            if let Some(own) = own {
                self.must(self.is_prefix(service, next, own, name), Section::Prefixes, next * 4)?;
                next += 1;
            }
        }
        // Each prefix is a node of the service, in their order.
        self.must(next == service.prefixes_behind(), Section::Prefixes, next * 4)
    }

    /// Whether a prefix has the beginning of its name, and leads back to the longest prefix that begins the name, which
    /// stands before it in the service: so chains of prefixes end.
    fn is_prefix(&self, service: Service<'_>, number: u32, own: Prefix, name: &[u8]) -> bool {
        let t = self.tables;
        let before = |number: u32| number.checked_sub(1).filter(|before| service.first_prefix() <= *before);
        let parent = |number: &u32| {
            let back = t.prefix(*number).map_or(0, |prefix| prefix.back);
            if back == 0 { None } else { number.checked_sub(back) }
        };
        // The one before it, or one of that one's parents, which were looked at before.
        let covers = |number: &u32| {
            t.prefix(*number).is_some_and(|prefix| name.starts_with(t.action_name(service, prefix.node)))
        };
        let covering = core::iter::successors(before(number), parent).find(covers);
        own.start == first_word(name) && own.back == covering.map_or(0, |covering| number - covering)
    }

    /// Numbers of nodes with their tags, and an empty place where a search ends.
    fn action_hash(&self) -> Result<(), Bad> {
        let t = self.tables;
        let nodes = t.action_records();
        let mut has_empty = t.action_places == 0;
        for place in 0..t.action_places {
            let word = t.action_place(place);
            let node = word & t.action_tag.number_mask;
            self.must(node <= nodes && (node > 0 || word == 0), Section::ActionHash, place)?;
            has_empty |= word == 0;
        }
        self.must(has_empty, Section::ActionHash, 0)
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

    #[inline(never)]
    fn meta(&self) -> Result<(), Bad> {
        let t = self.tables;
        let is_trie = |root: u32| root & 1 == 0 && self.is_root(root);
        let index_good = self.word(meta::RESOURCE_INDEX).checked_sub(1).is_none_or(is_trie);
        self.must(index_good, Section::Meta, number_of(meta::RESOURCE_INDEX))?;
        let is_known = |[arn, ..]: [u32; 9]| {
            let service = Arn::find(t.text(arn)).map_or(u64::MAX, |arn| service_bit(arn.service_bytes()));
            t.resource_services & service == service
        };
        self.must(t.resources.records().all(is_known), Section::Meta, number_of(meta::RESOURCE_SERVICES))?;
        let (at, length) = (self.word(meta::RCP_SERVICES_AT), self.word(meta::RCP_SERVICES_LEN));
        let services = t.lists.list(at, length);
        let good = services.len() == length && services.iter().all(|service| self.is_symbol(service));
        self.must(
            good && self.sorted(Section::Lists, services).is_ok(),
            Section::Meta,
            number_of(meta::RCP_SERVICES_AT),
        )
    }

    /// Whether the words at a position read as an index within the section.
    fn is_index(&self, at: u32) -> bool {
        let t = self.tables;
        let count = t.indexes.block::<4>(at).and_then(|[_, count, ..]| count.checked_mul(4));
        count.and_then(|words| at.checked_add(4)?.checked_add(words)).is_some_and(|end| end <= t.indexes.len())
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

    /// Checks one row and returns the position behind it.
    fn row(&self, at: usize) -> Option<usize> {
        let t = self.tables;
        let row = t.row(at);
        let end = row.end(t);
        // Rows of the resource index hold resource numbers; both kinds are below the larger count.
        let limit = (t.statements.len() / 3).max(t.resources.len() / 9);
        let each = t.widths.set.bytes + t.widths.block.bytes;
        let guards = u32::try_from((t.guards.len() - SLACK_BYTES).checked_div(each).unwrap_or(1)).unwrap_or(u32::MAX);
        let mut entries = t.denies(row).chain(t.allows(row));
        let inside = end <= t.nodes.len() - SLACK_BYTES;
        // Entries of no bytes are those of a single statement: any number of them would stand in any row.
        let has_bytes = t.widths.statement.bytes + t.widths.guard.bytes > 0;
        let inside = inside && (has_bytes || row.denies.saturating_add(row.allows) <= 2 * crate::layout::row::FEW_MAX);
        (inside && entries.all(|entry| entry.statement < limit && entry.guard < guards)).then_some(end)
    }

    /// The rows that several nodes share.
    fn rows(&self) -> Result<(), Bad> {
        let end = index(self.word(meta::ROWS_END));
        let mut at = 0;
        while at < end {
            at = self.row(at).ok_or(self.bad_node(at))?;
        }
        self.must(at == end, Section::Meta, number_of(meta::ROWS_END))
    }

    #[expect(clippy::unused_self, reason = "reads as the others")]
    fn bad_node(&self, at: usize) -> Bad {
        Bad { section: Section::Nodes, word: u32::try_from(at).unwrap_or(u32::MAX) }
    }

    /// Whether a position is one of a node.
    fn is_node(&self, at: u32) -> bool {
        self.word(meta::ROWS_END) <= at && index(at) < self.tables.nodes.len() - SLACK_BYTES
    }

    #[inline(never)]
    fn nodes(&self) -> Result<(), Bad> {
        let end = self.tables.nodes.len() - SLACK_BYTES;
        let mut at = index(self.word(meta::ROWS_END));
        self.must(at <= end, Section::Meta, number_of(meta::ROWS_END))?;
        while at < end {
            at = self.node(at).filter(|&behind| behind <= end).ok_or(self.bad_node(at))?;
        }
        Ok(())
    }

    /// Checks one node and returns the position behind it. A child that stands in place is the next node.
    fn node(&self, position: usize) -> Option<usize> {
        let t = self.tables;
        let mut cursor = Cursor::new(t, position);
        let rows_end = index(self.word(meta::ROWS_END));
        let child = |at: usize| rows_end <= at && at < position;
        let (end, rest) = cursor.rows(t);
        let in_place = cursor.header & node::ROW_IN_PLACE != 0;
        let row = |at: usize| if in_place { self.row(at).is_some() } else { at < rows_end };
        // Walks take the row in place for the only one.
        let both_in_place = in_place && end.is_some() && rest.is_some();
        (!both_in_place && end.is_none_or(row) && rest.is_none_or(row)).then_some(())?;
        for bit in [node::more::STAR_WITHIN, node::more::STAR_FREE, node::more::ANY_WITHIN, node::more::ANY_FREE] {
            cursor.wild(t, bit).is_none_or(child).then_some(())?;
        }
        for _ in 0..cursor.variables {
            let ((key, default, kind), to) = cursor.variable(t);
            let known = matches!(kind, step_kind::VARIABLE_WITHIN | step_kind::VARIABLE_FREE);
            (known && key < t.keys.len() / 2 && default < t.symbols.len() && child(to)).then_some(())?;
        }
        match cursor.header & node::LITERALS {
            node::NO_LITERAL => Some(cursor.at),
            node::LITERAL_TABLE => {
                let exact = cursor.literals - cursor.folded;
                let firsts = t.nodes.slice(cursor.at, cursor.literals);
                let mut last = None;
                for (number, &first) in firsts.iter().enumerate() {
                    let (run, to) = edge(t, (cursor.at, cursor.literals), number);
                    let ordered = number == exact || last.is_none_or(|last| last < first);
                    (ordered && run.first() == Some(&first) && child(to)).then_some(())?;
                    last = Some(first);
                }
                (firsts.len() == cursor.literals).then_some(cursor.end_of_table(t))
            }
            kind => {
                let mut at = cursor.at;
                if kind == node::HEAD_AND_LITERAL {
                    (t.nodes.number(at, t.widths.head) < t.heads.len() / 2).then_some(())?;
                    at += t.widths.head.bytes;
                }
                let behind = at + 1 + usize::from(t.nodes.byte(at));
                if cursor.header & node::CHILD_IN_PLACE != 0 {
                    return Some(behind).filter(|&behind| behind < t.nodes.len() - SLACK_BYTES);
                }
                let to = index(t.nodes.number(behind, t.widths.place));
                child(to).then_some(behind + t.widths.place.bytes)
            }
        }
    }

    /// Tests end to end; of their values, that each is what its kind says.
    fn blocks(&self) -> Result<(), Bad> {
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
        let table = self.tables.lists.list(search.at, places);
        let symbols = self.tables.symbols.len();
        table.len() == places && table.iter().any(|word| word == 0) && table.iter().all(|word| word < symbols)
    }

    #[inline(never)]
    fn indexes(&self) -> Result<(), Bad> {
        let t = self.tables;
        let mut at = 0;
        let mut lists_end = 0;
        while let Some([root, count, together, all]) = t.indexes.block(at) {
            let end = count.checked_mul(4).and_then(|words| at.checked_add(4)?.checked_add(words));
            let Some(end) = end.filter(|&end| end <= t.indexes.len()) else {
                return self.must(false, Section::Indexes, at);
            };
            let list = t.indexes.list(at + 4, end - at - 4);
            let node = |position: u32| self.is_node(position);
            let rows_end = self.word(meta::ROWS_END);
            let variable = |[_, key, default]: [u32; 3]| key < t.keys.len() / 2 && default < t.symbols.len();
            let good = list.records().all(|[root, row, variables, length]| {
                let list = t.lists.list(variables, length);
                let whole = list.len() == length && length.is_multiple_of(3) && lists_end <= variables;
                lists_end = variables.saturating_add(length);
                node(root) && row < rows_end && whole && list.records().all(variable)
            });
            let has_row = together == 0 || all < rows_end;
            let roots = root.checked_sub(1).is_none_or(node) && together.checked_sub(1).is_none_or(node);
            self.must(good && roots && has_row, Section::Indexes, at)?;
            at = end;
        }
        self.must(at == t.indexes.len(), Section::Indexes, at)
    }
}
