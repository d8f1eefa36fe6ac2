//! Little-endian words read in place.

/// A position as an index; every target of this crate has at least 32-bit addresses.
pub(super) fn index(word: u32) -> usize {
    usize::try_from(word).unwrap_or(usize::MAX)
}

/// Consecutive words of a section.
#[derive(Clone, Copy, Default)]
pub(super) struct Words<'a>(&'a [[u8; 4]]);

impl<'a> Words<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.as_chunks().0)
    }

    /// The word at `at`.
    pub(super) fn get(self, at: u32) -> Option<u32> {
        self.0.get(index(at)).map(|word| u32::from_le_bytes(*word))
    }

    /// Record number `number` of `N` words.
    pub(super) fn record<const N: usize>(self, number: u32) -> Option<[u32; N]> {
        self.at(index(number).checked_mul(N)?)
    }

    /// `N` words from word `at` on.
    pub(super) fn block<const N: usize>(self, at: u32) -> Option<[u32; N]> {
        self.at(index(at))
    }

    fn at<const N: usize>(self, start: usize) -> Option<[u32; N]> {
        let chunk = self.0.get(start..)?.first_chunk::<N>()?;
        Some(chunk.map(u32::from_le_bytes))
    }

    /// `length` words from word `at` on; fewer where the section ends.
    pub(super) fn list(self, at: u32, length: u32) -> Self {
        let rest = self.0.get(index(at)..).unwrap_or_default();
        Self(rest.get(..index(length)).unwrap_or(rest))
    }

    pub(super) fn len(self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn iter(self) -> impl ExactSizeIterator<Item = u32> + Clone + use<'a> {
        self.0.iter().map(|word| u32::from_le_bytes(*word))
    }

    /// Whole records of `N` words.
    pub(super) fn records<const N: usize>(self) -> impl Iterator<Item = [u32; N]> + Clone + use<'a, N> {
        self.0.as_chunks::<N>().0.iter().map(|record| record.map(u32::from_le_bytes))
    }

    /// Position of the first record, by binary search over records of `N` words sorted by `compare`, that equals.
    pub(super) fn search<const N: usize>(self, compare: impl Fn([u32; N]) -> core::cmp::Ordering) -> Option<u32> {
        let found = self.0.as_chunks::<N>().0.binary_search_by(|record| compare(record.map(u32::from_le_bytes)));
        found.ok().and_then(|position| u32::try_from(position).ok())
    }
}
