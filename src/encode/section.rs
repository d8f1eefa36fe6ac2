//! Sections under construction, and their assembly into one file.

use std::collections::BTreeMap;

use hashbrown::DefaultHashBuilder;
use indexmap::IndexSet;

use crate::layout::{FIXED_HEADER_BYTES, HEADER_BYTES, MAGIC, Section, VERSION, checksum};

use super::TooLarge;
use crate::ir::{Symbol, Texts};

/// Word sections by number. Sections of bytes come in at the end.
pub(super) struct Sections {
    words: Vec<Vec<u32>>,
}

impl Default for Sections {
    fn default() -> Self {
        Self { words: vec![Vec::new(); Section::COUNT] }
    }
}

impl Sections {
    /// Appends words.
    pub(super) fn push(&mut self, section: Section, words: &[u32]) {
        if let Some(list) = self.words.get_mut(section.index()) {
            list.extend_from_slice(words);
        }
    }

    /// How many words the section has.
    pub(super) fn words(&self, section: Section) -> u32 {
        super::count(self.words.get(section.index()).map_or(0, Vec::len))
    }

    /// How many records the section has.
    pub(super) fn records(&self, section: Section) -> u32 {
        self.words(section) / super::count(section.record_words().max(1))
    }

    /// Puts the file together; each section goes as it is written, so that nothing is there twice.
    pub(super) fn finish(self, semantics: u64, raw: Raw, provenance: &[u8]) -> Result<Vec<u8>, TooLarge> {
        let mut raw = raw;
        raw.insert(Section::Provenance, provenance.to_vec());
        let raw_bytes: usize = raw.values().map(|bytes| bytes.len() + 4).sum();
        let words: usize = self.words.iter().map(Vec::len).sum();
        let mut file = Vec::with_capacity(HEADER_BYTES + raw_bytes + words * 4);
        file.resize(HEADER_BYTES, 0);
        let mut table = Vec::new();
        for (section, words) in Section::ALL.iter().zip(self.words) {
            let at = file.len();
            let length = match raw.remove(section) {
                Some(bytes) => append(&mut file, &bytes),
                None => {
                    file.extend(words.iter().flat_map(|word| word.to_le_bytes()));
                    words.len() * 4
                }
            };
            let word = |number: usize| u32::try_from(number).map_err(|_| TooLarge { what: section.name() });
            table.extend([word(at)?, word(length)?]);
        }
        let total = u32::try_from(file.len()).map_err(|_| TooLarge { what: "the artifact" })?;
        let body = checksum(file.get(HEADER_BYTES..).unwrap_or_default());
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend(MAGIC);
        header.extend(VERSION.to_le_bytes());
        header.extend(total.to_le_bytes());
        header.extend(semantics.to_le_bytes());
        header.extend(body.to_le_bytes());
        header.extend(super::count(Section::COUNT).to_le_bytes());
        header.extend([0; 4]);
        debug_assert_eq!(header.len(), FIXED_HEADER_BYTES, "the fixed part of the header");
        header.extend(table.iter().flat_map(|word| word.to_le_bytes()));
        header.extend(checksum(&header).to_le_bytes());
        debug_assert_eq!(header.len(), HEADER_BYTES, "the header");
        file.splice(..HEADER_BYTES, header);
        Ok(file)
    }
}

fn append(file: &mut Vec<u8>, bytes: &[u8]) -> usize {
    file.extend_from_slice(bytes);
    file.resize(file.len().next_multiple_of(4), 0);
    bytes.len()
}

/// Sections that are bytes.
pub(super) type Raw = BTreeMap<Section, Vec<u8>>;

/// Texts of the artifact, each once, in the order of first use.
pub(super) struct TextWriter<'t> {
    texts: &'t Texts,
    numbers: IndexSet<Symbol, DefaultHashBuilder>,
    bytes: Vec<u8>,
    /// Where each begins, and the end of the last.
    offsets: Vec<u32>,
}

impl<'t> TextWriter<'t> {
    pub(super) fn new(texts: &'t Texts) -> Self {
        Self { texts, numbers: IndexSet::default(), bytes: Vec::new(), offsets: vec![0] }
    }

    /// Returns the number of a text.
    pub(super) fn number(&mut self, text: Symbol) -> u32 {
        let (number, is_new) = self.numbers.insert_full(text);
        if is_new {
            self.bytes.extend_from_slice(self.texts.text(text).as_bytes());
            self.offsets.push(super::count(self.bytes.len()));
        }
        super::count(number)
    }

    /// Returns where a text begins.
    pub(super) fn offset(&mut self, text: Symbol) -> u32 {
        let number = self.number(text);
        usize::try_from(number).ok().and_then(|number| self.offsets.get(number)).copied().unwrap_or(u32::MAX)
    }

    /// The text with that number.
    pub(super) fn symbol(&self, number: u32) -> Option<Symbol> {
        usize::try_from(number).ok().and_then(|number| self.numbers.get_index(number)).copied()
    }

    /// Returns the bytes and the offset of each text, with the end of the last.
    pub(super) fn finish(self) -> (Vec<u8>, Vec<u32>) {
        (self.bytes, self.offsets)
    }
}
