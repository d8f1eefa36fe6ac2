//! Loading an artifact: its header, its sections, and the checks after which every later read finds what it looks for.
//!
//! The order: length and magic, then version, so that a file of another version is named as such; then the header's
//! checksum, so that the section table can be believed; then the section table; then the body's checksum, which finds
//! accidents; then what the checksum cannot know, by [`check`](super::check).

use core::fmt;

use super::check::{Bad, Checker, number_of};
use super::words::{Bytes, Width, Words, index};
use super::{NumberWidths, Tables, header};
use crate::layout::{ActionTag, FIXED_HEADER_BYTES, HEADER_BYTES, SLACK_BYTES, Section, Widths, checksum, meta};
use crate::terms::Semantics;

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

impl From<Bad> for LoadError {
    fn from(bad: Bad) -> Self {
        Self::Record { section: bad.section.name(), word: bad.word }
    }
}
