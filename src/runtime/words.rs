//! Little-endian numbers read in place.

use core::cmp::Ordering;
use core::num::NonZeroU8;

use crate::layout::{fold_word, short_word};

/// A position as an index; every target of this crate has at least 32-bit addresses.
#[inline]
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
    #[inline]
    pub(super) fn get(self, at: u32) -> Option<u32> {
        self.0.get(index(at)).map(|word| u32::from_le_bytes(*word))
    }

    /// Record number `number` of `N` words.
    #[inline]
    pub(super) fn record<const N: usize>(self, number: u32) -> Option<[u32; N]> {
        self.at(index(number).checked_mul(N)?)
    }

    /// The same, in place.
    #[inline]
    pub(super) fn record_in_place<const N: usize>(self, number: u32) -> Option<Record<'a, N>> {
        self.0.get(index(number).checked_mul(N)?..)?.first_chunk().map(Record)
    }

    /// Records of `N` words from one number up to another one; fewer where the section ends.
    #[inline]
    pub(super) fn records_from<const N: usize>(self, from: u32, to: u32) -> Self {
        let records = self.0.as_chunks::<N>().0;
        Self(records.get(index(from)..index(to)).unwrap_or_default().as_flattened())
    }

    /// How many records of `N` words at the beginning are such as these, of which none comes behind another one.
    #[inline]
    pub(super) fn records_before<const N: usize>(self, is_before: impl Fn(Record<'_, N>) -> bool) -> u32 {
        let records = self.0.as_chunks::<N>().0;
        u32::try_from(records.partition_point(|record| is_before(Record(record)))).unwrap_or(u32::MAX)
    }

    /// `N` words from word `at` on.
    #[inline]
    pub(super) fn block<const N: usize>(self, at: u32) -> Option<[u32; N]> {
        self.at(index(at))
    }

    #[inline]
    fn at<const N: usize>(self, start: usize) -> Option<[u32; N]> {
        let chunk = self.0.get(start..start.checked_add(N)?)?.first_chunk::<N>()?;
        // A loop: `map` of an array is a call.
        let mut words = [0; N];
        for (word, bytes) in words.iter_mut().zip(chunk) {
            *word = u32::from_le_bytes(*bytes);
        }
        Some(words)
    }

    /// `length` words from word `at` on; fewer where the section ends.
    #[inline]
    pub(super) fn list(self, at: u32, length: u32) -> Self {
        let rest = self.0.get(index(at)..).unwrap_or_default();
        Self(rest.get(..index(length)).unwrap_or(rest))
    }

    #[inline]
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

    /// The word at `position` of each record of `each` words.
    pub(super) fn column(self, position: usize, each: usize) -> impl Iterator<Item = u32> + Clone + use<'a> {
        self.0.get(position..).unwrap_or_default().iter().step_by(each.max(1)).map(|word| u32::from_le_bytes(*word))
    }

    /// The last record of `N` words, sorted by their first ones, whose first word is at most this.
    pub(super) fn last_at_most<const N: usize>(self, word: u32) -> Option<[u32; N]> {
        let records = self.0.as_chunks::<N>().0;
        let first = |record: &[[u8; 4]; N]| record.first().map_or(0, |first| u32::from_le_bytes(*first));
        let behind = records.partition_point(|record| first(record) <= word);
        records.get(behind.checked_sub(1)?).map(|record| record.map(u32::from_le_bytes))
    }

    /// Number of the record of `N` words, sorted by `compare`, that equals.
    pub(super) fn search<const N: usize>(self, compare: impl Fn([u32; N]) -> Ordering) -> Option<u32> {
        let records = u32::try_from(self.0.len() / N.max(1)).unwrap_or(u32::MAX);
        search(records, &|number| self.record(number).map_or(Ordering::Greater, &compare))
    }
}

/// The number below `count` that equals, where those before it are less and those behind it greater; one copy for all
/// tables.
#[inline(never)]
pub(super) fn search(count: u32, compare: &dyn Fn(u32) -> Ordering) -> Option<u32> {
    let (mut from, mut to) = (0, count);
    while from < to {
        let middle = u32::midpoint(from, to);
        match compare(middle) {
            Ordering::Less => from = middle + 1,
            Ordering::Equal => return Some(middle),
            Ordering::Greater => to = middle,
        }
    }
    None
}

/// A record of `N` words, read where it stands.
#[derive(Clone, Copy)]
pub(super) struct Record<'a, const N: usize>(&'a [[u8; 4]; N]);

impl<const N: usize> Record<'_, N> {
    /// The word at a place of the record.
    #[inline]
    pub(super) fn word(self, place: usize) -> u32 {
        self.0.get(place).map_or(0, |word| u32::from_le_bytes(*word))
    }

    /// Two words as one number.
    #[inline]
    pub(super) fn long(self, place: usize) -> u64 {
        u64::from(self.word(place + 1)) << 32 | u64::from(self.word(place))
    }
}

/// How many bytes numbers of one kind have: at most four.
#[derive(Clone, Copy, Default)]
pub(super) struct Width {
    pub(super) bytes: usize,
    bits: u32,
    mask: u32,
}

impl Width {
    pub(super) fn new(bytes: u8) -> Self {
        let mask = match NonZeroU8::new(bytes) {
            None => 0,
            Some(bytes) => u32::MAX >> (32 - 8 * u32::from(bytes.get().min(4))),
        };
        Self { bytes: usize::from(bytes), bits: 8 * u32::from(bytes), mask }
    }
}

impl Width {
    /// The number at the beginning of these bytes.
    #[inline]
    pub(super) fn cut(self, bytes: u64) -> u32 {
        u32::try_from(bytes & u64::from(self.mask)).unwrap_or(0)
    }

    /// The same, and the bytes behind it.
    #[inline]
    pub(super) fn cut_off(self, bytes: u64) -> (u32, u64) {
        (self.cut(bytes), bytes >> (self.bits & 63))
    }
}

/// The bits of a position, of which no section has more: so that adding what is read there overflows nowhere that has to be
/// checked, where addresses are wider.
const POSITION: usize = 0xffff_ffff;

/// Bytes of a section whose numbers have as many bytes as they need. Behind the last number are at least
/// [`SLACK_BYTES`](crate::layout::SLACK_BYTES), so that each can be read as a word; what is not there reads as zero.
#[derive(Clone, Copy, Default)]
pub(super) struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// `N` bytes from `at` on.
    #[inline]
    fn chunk<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        // One comparison of the end: `get(at..)` and `first_chunk` make two.
        let at = at & POSITION;
        let chunk = self.0.get(at..at.wrapping_add(N))?;
        chunk.first_chunk().copied()
    }

    #[inline]
    pub(super) fn byte(self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or(0)
    }

    #[inline]
    pub(super) fn word(self, at: usize) -> u32 {
        self.chunk(at).map_or(0, u32::from_le_bytes)
    }

    #[inline]
    pub(super) fn half(self, at: usize) -> u16 {
        self.chunk(at).map_or(0, u16::from_le_bytes)
    }

    #[inline]
    pub(super) fn number(self, at: usize, width: Width) -> u32 {
        self.word(at) & width.mask
    }

    /// Two numbers that follow each other, and the position behind them.
    #[inline]
    pub(super) fn two_numbers(self, at: usize, first: Width, second: Width) -> (u32, u32, usize) {
        let bytes = self.long(at);
        let behind = bytes >> (first.bits & 63);
        (first.cut(bytes), second.cut(behind), at.wrapping_add(first.bytes + second.bytes))
    }

    #[inline]
    pub(super) fn long(self, at: usize) -> u64 {
        self.chunk(at).map_or(0, u64::from_le_bytes)
    }

    /// A number of one, two or four bytes.
    #[inline]
    pub(super) fn part(self, at: usize, bytes: usize) -> u32 {
        match bytes {
            1 => u32::from(self.byte(at)),
            2 => u32::from(self.half(at)),
            _ => self.word(at),
        }
    }

    /// `length` bytes from `at` on; nothing where the section is shorter.
    #[inline]
    pub(super) fn slice(self, at: usize, length: usize) -> &'a [u8] {
        let at = at & POSITION;
        self.0.get(at..at.wrapping_add(length & POSITION)).unwrap_or_default()
    }

    pub(super) fn len(self) -> usize {
        self.0.len()
    }

    /// All of them.
    pub(super) const fn all(self) -> &'a [u8] {
        self.0
    }
}

/// Whether two texts are the same. Unlike `==` it makes no call, which would cost more than comparing what requests
/// are made of.
#[inline]
pub(super) fn same(text: &[u8], other: &[u8]) -> bool {
    text.len() == other.len() && begins(text, other)
}

/// Whether a text begins with another one, likewise.
#[inline]
pub(super) fn begins(text: &[u8], start: &[u8]) -> bool {
    let Some(text) = text.get(..start.len()) else { return false };
    // The last bytes overlap the others, so that no byte is left over.
    if let (Some(last), Some(start_last)) = (text.last_chunk::<32>(), start.last_chunk::<32>()) {
        let mut chunks = text.as_chunks::<32>().0.iter().zip(start.as_chunks::<32>().0);
        return last == start_last && chunks.all(|(chunk, start)| chunk == start);
    }
    let halves =
        (text.first_chunk::<16>(), text.last_chunk::<16>(), start.first_chunk::<16>(), start.last_chunk::<16>());
    if let (Some(first), Some(last), Some(start_first), Some(start_last)) = halves {
        return first == start_first && last == start_last;
    }
    let halves = (text.first_chunk::<8>(), text.last_chunk::<8>(), start.first_chunk::<8>(), start.last_chunk::<8>());
    if let (Some(first), Some(last), Some(start_first), Some(start_last)) = halves {
        return first == start_first && last == start_last;
    }
    short_word(text) == short_word(start)
}

/// Whether a text is the same as one in lower case, but for the case of ASCII letters.
#[inline]
pub(super) fn same_folded(text: &[u8], lowercase: &[u8]) -> bool {
    text.len() == lowercase.len() && is_folded(text, lowercase)
}

/// The same of texts that are equally long.
fn is_folded(text: &[u8], lowercase: &[u8]) -> bool {
    // So that lengths are looked at once.
    let Some(lowercase) = lowercase.get(..text.len()) else { return false };
    // Sixteen bytes at once, which compilers make a few steps of; the last ones overlap the others, so that no byte is
    // left over.
    let are_same = |text: &[u8; 16], lowercase: &[u8; 16]| {
        let bytes = text.iter().zip(lowercase);
        bytes.fold(true, |same, (byte, lowercase)| same & (byte.to_ascii_lowercase() == *lowercase))
    };
    if let (Some(last), Some(lowercase_last)) = (text.last_chunk(), lowercase.last_chunk()) {
        let firsts = (text.first_chunk(), lowercase.first_chunk());
        let (Some(first), Some(lowercase_first)) = firsts else { return false };
        if !(are_same(first, lowercase_first) & are_same(last, lowercase_last)) {
            return false;
        }
        return text.len() <= 32
            || text.as_chunks().0.iter().zip(lowercase.as_chunks().0).all(|(text, other)| are_same(text, other));
    }
    let differs =
        |text: [u8; 8], lowercase: [u8; 8]| fold_word(u64::from_le_bytes(text)) ^ u64::from_le_bytes(lowercase);
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk())
        && let (Some(lowercase_first), Some(lowercase_last)) = (lowercase.first_chunk(), lowercase.last_chunk())
    {
        return differs(*first, *lowercase_first) | differs(*last, *lowercase_last) == 0;
    }
    fold_word(short_word(text)) == short_word(lowercase)
}

/// The first place of a byte.
#[inline]
pub(super) fn index_of(text: &[u8], byte: u8) -> Option<usize> {
    let wanted = u64::from(byte) * 0x0101_0101_0101_0101;
    let (chunks, tail) = text.as_chunks::<8>();
    for (number, chunk) in chunks.iter().enumerate() {
        let marks = crate::value::zero_bytes(u64::from_le_bytes(*chunk) ^ wanted);
        if marks != 0 {
            return Some(number * 8 + usize::try_from(marks.trailing_zeros() / 8).unwrap_or(0));
        }
    }
    tail.iter().position(|&other| other == byte).map(|at| text.len() - tail.len() + at)
}

/// The last place of a byte.
pub(super) fn last_index_of(text: &[u8], byte: u8) -> Option<usize> {
    let wanted = u64::from(byte) * 0x0101_0101_0101_0101;
    let (head, chunks) = text.as_rchunks::<8>();
    let mut at = text.len();
    for chunk in chunks.iter().rev() {
        at -= 8;
        let marks = crate::value::zero_bytes(u64::from_le_bytes(*chunk) ^ wanted);
        if marks != 0 {
            return Some(at + 7 - usize::try_from(marks.leading_zeros() / 8).unwrap_or(0));
        }
    }
    head.iter().rposition(|&other| other == byte)
}

#[cfg(test)]
mod tests {
    use super::{begins, last_index_of, same, same_folded};

    const MOST: usize = 130;

    #[test]
    fn comparing_agrees_with_core_at_every_length() {
        // Letters of both cases, and what differs from them by the bit that tells these apart.
        let mut bytes = [0; MOST];
        for (byte, from) in bytes.iter_mut().zip(b"aB[{@`zZ-_0:/Qq\x7f\xc3\xa9".iter().cycle()) {
            *byte = *from;
        }
        for length in 0..=MOST {
            let text = &bytes[..length];
            let all_lowercase = bytes.map(|byte| byte.to_ascii_lowercase());
            let lowercase = &all_lowercase[..length];
            assert!(same(text, text) && begins(text, text) && same_folded(text, lowercase), "{length}");
            for at in 0..length {
                for bit in [1, 0x20, 0x80] {
                    let mut changed = bytes;
                    changed[at] ^= bit;
                    let other = &changed[..length];
                    assert!(!same(text, other) && !begins(text, other), "{length} {at} {bit}");
                    let expected = other.eq_ignore_ascii_case(text);
                    assert_eq!(same_folded(other, lowercase), expected, "{length} {at} {bit}");
                }
                assert!(begins(text, &text[..at]) && !same(text, &text[..at]), "{length} {at}");
                assert!(!begins(&text[..at], text) && !same_folded(&text[..at], lowercase), "{length} {at}");
            }
            let last = text.iter().rposition(|byte| *byte == b'/');
            assert_eq!(last_index_of(text, b'/'), last, "{length}");
        }
    }
}
