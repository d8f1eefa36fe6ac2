//! Sections under construction, and their assembly into one file.

use std::collections::HashMap;

use indexmap::IndexSet;

use crate::layout::{FIXED_HEADER_BYTES, HEADER_BYTES, MAGIC, Section, VERSION, checksum};

use super::TooLarge;

/// Word sections by number. [`Section::Text`], [`Section::Runs`] and [`Section::Provenance`] are bytes and come in at
/// the end.
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

    /// Puts the file together.
    pub(super) fn finish(
        self,
        semantics: u64,
        text: &[u8],
        runs: &[u8],
        provenance: &[u8],
    ) -> Result<Vec<u8>, TooLarge> {
        let raw = [(Section::Text, text), (Section::Runs, runs), (Section::Provenance, provenance)];
        let mut body = Vec::new();
        let mut table = Vec::new();
        for (section, words) in Section::ALL.iter().zip(&self.words) {
            let at = HEADER_BYTES + body.len();
            let length = match raw.iter().find(|(owner, _)| owner == section) {
                Some((_, bytes)) => append(&mut body, bytes),
                None => {
                    body.extend(words.iter().flat_map(|word| word.to_le_bytes()));
                    words.len() * 4
                }
            };
            let word = |number: usize| u32::try_from(number).map_err(|_| TooLarge { what: section.name() });
            table.extend([word(at)?, word(length)?]);
        }
        let total = u32::try_from(HEADER_BYTES + body.len()).map_err(|_| TooLarge { what: "the artifact" })?;
        let mut file = Vec::with_capacity(HEADER_BYTES + body.len());
        file.extend(MAGIC);
        file.extend(VERSION.to_le_bytes());
        file.extend(total.to_le_bytes());
        file.extend(semantics.to_le_bytes());
        file.extend(checksum(&body).to_le_bytes());
        file.extend(super::count(Section::COUNT).to_le_bytes());
        file.extend([0; 4]);
        debug_assert_eq!(file.len(), FIXED_HEADER_BYTES, "the fixed part of the header");
        file.extend(table.iter().flat_map(|word| word.to_le_bytes()));
        file.extend(checksum(&file).to_le_bytes());
        file.extend(body);
        Ok(file)
    }
}

fn append(body: &mut Vec<u8>, bytes: &[u8]) -> usize {
    body.extend_from_slice(bytes);
    body.resize(body.len().next_multiple_of(4), 0);
    bytes.len()
}

/// Texts of the artifact, each once, in the order of first use.
#[derive(Default)]
pub(super) struct TextWriter {
    numbers: IndexSet<Box<str>>,
}

impl TextWriter {
    /// Returns the number of a text.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        match self.numbers.get_index_of(text) {
            Some(index) => super::count(index),
            None => super::count(self.numbers.insert_full(text.into()).0),
        }
    }

    /// Returns the bytes and the offset of each text, with the end of the last.
    pub(super) fn finish(self) -> (Vec<u8>, Vec<u32>) {
        let mut bytes = Vec::new();
        let mut offsets = vec![0];
        for text in &self.numbers {
            bytes.extend_from_slice(text.as_bytes());
            offsets.push(super::count(bytes.len()));
        }
        (bytes, offsets)
    }
}

/// Bytes of literal edges, equal runs once.
#[derive(Default)]
pub(super) struct RunWriter {
    bytes: Vec<u8>,
    places: HashMap<Box<[u8]>, u32>,
}

impl RunWriter {
    /// Returns the offset of a run.
    pub(super) fn place(&mut self, run: &[u8]) -> u32 {
        if let Some(&at) = self.places.get(run) {
            return at;
        }
        let at = super::count(self.bytes.len());
        self.bytes.extend_from_slice(run);
        self.places.insert(run.into(), at);
        at
    }

    /// All runs.
    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}
