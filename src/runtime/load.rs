//! Loading an artifact: its header, its sections, and the checks after which every later read finds what it looks for.
//!
//! The order: length and magic, then version, so that a file of another version is named as such; then the header's
//! checksum, so that the section table can be believed; then the section table; then the body's checksum, which finds
//! accidents; then what the checksum cannot know, by [`check`](super::check).

use core::fmt;

use super::check::{Bad, Checker, number_of};
use super::words::{Bytes, Width, Words, index};
use super::{NumberWidths, Tables, header};
use crate::layout::{ActionWord, FIXED_HEADER_BYTES, HEADER_BYTES, SLACK_BYTES, Section, Widths, checksum, meta};
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
        let mut tables = Self::empty(Semantics::from_bits(long(4)).ok_or(LoadError::Semantics)?);
        tables.identity = long(6);
        let sections = Words::new(header.get(FIXED_HEADER_BYTES..).unwrap_or_default());
        tables.borrow(bytes, sections)?;
        tables.measure()?;
        Checker::new(&tables, bytes, sections).check()?;
        Ok(tables)
    }

    /// Tables without anything.
    fn empty(semantics: Semantics) -> Self {
        Self {
            semantics,
            identity: 0,
            widths: NumberWidths::default(),
            resource_services: 0,
            text: "",
            symbols: Words::default(),
            runs: Bytes::default(),
            heads: Words::default(),
            action_text: Bytes::default(),
            services: Words::default(),
            service_places: 0,
            actions: Bytes::default(),
            action_seeds: Bytes::default(),
            action_hash: Bytes::default(),
            action_places: 0,
            action_word: ActionWord::of(0),
            prefixes: Words::default(),
            keys: Words::default(),
            bundles: Words::default(),
            slots: Bytes::default(),
            scans: Words::default(),
            indexes: Words::default(),
            nodes: Bytes::default(),
            guards: Bytes::default(),
            blocks: Bytes::default(),
            patterns: Words::default(),
            steps: Words::default(),
            principal_sets: Words::default(),
            principal_entries: Words::default(),
            accounts: Words::default(),
            identities: Words::default(),
            identity_hash: Words::default(),
            resources: Words::default(),
            endpoints: Words::default(),
            access_keys: Words::default(),
            lists: Words::default(),
            meta: Words::default(),
            name_text: "",
            name_symbols: Words::default(),
            statements: Words::default(),
            policies: Words::default(),
            names: Words::default(),
            provenance: Bytes::default(),
            section_bytes: [0; Section::COUNT],
            total_bytes: 0,
        }
    }

    /// Borrows the bytes of all sections.
    #[inline(never)]
    fn borrow(&mut self, bytes: &'a [u8], table: Words<'_>) -> Result<(), LoadError> {
        self.total_bytes = bytes.len();
        for (number, (&section, [at, length])) in Section::ALL.iter().zip(table.records()).enumerate() {
            if let Some(bytes) = self.section_bytes.get_mut(number) {
                *bytes = length;
            }
            let end = index(at).checked_add(index(length)).filter(|_| HEADER_BYTES <= index(at));
            let found = end.and_then(|end| bytes.get(index(at)..end)).ok_or(LoadError::Header)?;
            let is_whole = match self.place(section) {
                Place::Text(text) => {
                    *text = core::str::from_utf8(found).map_err(|_| Bad { section, word: 0 })?;
                    true
                }
                Place::Bytes(bytes) => {
                    *bytes = Bytes::new(found);
                    true
                }
                Place::Numbers(bytes) => {
                    *bytes = Bytes::new(found);
                    SLACK_BYTES <= found.len()
                }
                Place::Words(words) => {
                    *words = Words::new(found);
                    found.len().is_multiple_of(4 * section.record_words().max(1))
                }
            };
            if !is_whole {
                return Err(LoadError::Header);
            }
        }
        Ok(())
    }

    /// What follows from the sections: how wide numbers are, and how large tables.
    #[inline(never)]
    fn measure(&mut self) -> Result<(), Bad> {
        let meta = self.meta;
        let widths = meta.block(number_of(meta::WIDTHS)).and_then(Widths::from_words);
        let widths = widths.ok_or(Bad { section: Section::Meta, word: number_of(meta::WIDTHS) })?;
        self.widths = number_widths(widths);
        let [low, high] = meta.block(number_of(meta::RESOURCE_SERVICES)).unwrap_or_default();
        self.resource_services = u64::from(high) << 32 | u64::from(low);
        self.service_places = self.services.len() / 8;
        let places = (self.action_hash.len() - SLACK_BYTES).checked_div(self.widths.action_word.bytes);
        self.action_places = u32::try_from(places.unwrap_or(0)).unwrap_or(u32::MAX);
        self.action_word = ActionWord::of(self.action_records());
        Ok(())
    }

    /// Where the bytes of a section are kept.
    fn place(&mut self, section: Section) -> Place<'_, 'a> {
        match section {
            Section::Text => Place::Text(&mut self.text),
            Section::Symbols => Place::Words(&mut self.symbols),
            Section::Runs => Place::Bytes(&mut self.runs),
            Section::Heads => Place::Words(&mut self.heads),
            Section::ActionText => Place::Bytes(&mut self.action_text),
            Section::ActionSeeds => Place::Bytes(&mut self.action_seeds),
            Section::Services => Place::Words(&mut self.services),
            Section::Actions => Place::Numbers(&mut self.actions),
            Section::ActionHash => Place::Numbers(&mut self.action_hash),
            Section::Prefixes => Place::Words(&mut self.prefixes),
            Section::Keys => Place::Words(&mut self.keys),
            Section::Bundles => Place::Words(&mut self.bundles),
            Section::Slots => Place::Numbers(&mut self.slots),
            Section::Scans => Place::Words(&mut self.scans),
            Section::Indexes => Place::Words(&mut self.indexes),
            Section::Nodes => Place::Numbers(&mut self.nodes),
            Section::Guards => Place::Numbers(&mut self.guards),
            Section::Blocks => Place::Numbers(&mut self.blocks),
            Section::Patterns => Place::Words(&mut self.patterns),
            Section::Steps => Place::Words(&mut self.steps),
            Section::PrincipalSets => Place::Words(&mut self.principal_sets),
            Section::PrincipalEntries => Place::Words(&mut self.principal_entries),
            Section::Accounts => Place::Words(&mut self.accounts),
            Section::Identities => Place::Words(&mut self.identities),
            Section::IdentityHash => Place::Words(&mut self.identity_hash),
            Section::Resources => Place::Words(&mut self.resources),
            Section::Endpoints => Place::Words(&mut self.endpoints),
            Section::AccessKeys => Place::Words(&mut self.access_keys),
            Section::Lists => Place::Words(&mut self.lists),
            Section::Meta => Place::Words(&mut self.meta),
            Section::NameText => Place::Text(&mut self.name_text),
            Section::NameSymbols => Place::Words(&mut self.name_symbols),
            Section::Statements => Place::Words(&mut self.statements),
            Section::Policies => Place::Words(&mut self.policies),
            Section::Names => Place::Words(&mut self.names),
            Section::Provenance => Place::Bytes(&mut self.provenance),
        }
    }
}

/// Where the bytes of a section are kept, and what they have to be.
enum Place<'t, 'a> {
    /// UTF-8.
    Text(&'t mut &'a str),
    /// Anything.
    Bytes(&'t mut Bytes<'a>),
    /// Numbers, with zeros behind the last one.
    Numbers(&'t mut Bytes<'a>),
    /// Whole records.
    Words(&'t mut Words<'a>),
}

/// Not inlined: whoever has room for tables has it far away.
#[inline(never)]
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
        action_word: Width::new(widths.action_word),
        action: Width::new(widths.action),
        root: Width::new(widths.root),
    }
}

impl From<Bad> for LoadError {
    fn from(bad: Bad) -> Self {
        Self::Record { section: bad.section.name(), word: bad.word }
    }
}
