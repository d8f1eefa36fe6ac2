//! The context of a request: what the host gives, found by name or by number.

use super::context::{Field, List};
use super::words::same_folded;
use super::{RequestError, ResolvedKey, Value};
use crate::layout::{NONE, hash_folded};
use crate::value::{is_tag_key, key_eq, lowercase};

/// Keys and values that the host gives.
#[derive(Clone, Copy)]
pub(super) struct Context<'r> {
    entries: Entries<'r>,
    /// Whether all names are ASCII, so that they are compared byte by byte.
    is_ascii: bool,
    /// Whether a key may come twice, as tag keys may.
    may_have_twins: bool,
}

#[derive(Clone, Copy)]
enum Entries<'r> {
    Named(&'r [(&'r str, Value<'r>)]),
    Resolved(&'r [(ResolvedKey<'r>, Value<'r>)]),
}

/// A key that somebody asks.
#[derive(Clone, Copy)]
pub(super) struct Key<'r> {
    /// The bytes of its name in lower case, which are UTF-8.
    pub(super) name: &'r [u8],
    /// Its number in the artifact; none where it is only known by name.
    pub(super) number: u32,
    /// Whether it is a tag key (R-CON-39).
    pub(super) is_tag: bool,
}

impl<'r> Key<'r> {
    /// A key that is no tag key, by its name in lower case.
    pub(super) fn named(name: &'r str) -> Self {
        Self { name: name.as_bytes(), number: NONE, is_tag: false }
    }

    /// Its name in lower case. Looks at all of it.
    pub(super) fn name(self) -> &'r str {
        core::str::from_utf8(self.name).unwrap_or("")
    }
}

/// Up to how many names are compared each with each.
const FEW: usize = 32;

/// Places of the table in which a share of many names is looked for.
const PLACES: usize = 4096;

impl<'r> Context<'r> {
    /// Takes a context of names in any case.
    ///
    /// # Errors
    ///
    /// Fails for two spellings of one key, except for tag keys, whose values become a list (R-ID-25, R-CON-4).
    #[expect(clippy::inline_always, reason = "a tenth of it would be passing the result through memory")]
    #[inline(always)]
    pub(super) fn named(entries: &'r [(&'r str, Value<'r>)]) -> Result<Self, RequestError> {
        let (mut seen, mut bytes, mut suspicious) = (0u64, 0, false);
        for (name, _) in entries {
            let (mark, any) = mark(name.as_bytes());
            suspicious |= seen & mark != 0;
            seen |= mark;
            bytes |= any;
        }
        let is_ascii = bytes & 0x8080_8080_8080_8080 == 0;
        let may_have_twins = suspicious || !is_ascii;
        let mut context = Self { entries: Entries::Named(entries), is_ascii, may_have_twins };
        if may_have_twins {
            context.may_have_twins = context.check()?;
        }
        Ok(context)
    }

    /// Takes a context of keys that this artifact resolved.
    ///
    /// # Errors
    ///
    /// Fails for two spellings of one key, likewise, and for keys of another artifact.
    #[inline]
    pub(super) fn resolved(entries: &'r [(ResolvedKey<'r>, Value<'r>)], artifact: u64) -> Result<Self, RequestError> {
        let (mut seen, mut suspicious) = (0u64, false);
        for (key, _) in entries {
            if key.artifact != artifact {
                return Err(RequestError::OtherArtifact);
            }
            // A name that is not ASCII has all marks.
            suspicious |= seen & key.mark != 0;
            seen |= key.mark;
        }
        let context = Self { entries: Entries::Resolved(entries), is_ascii: true, may_have_twins: suspicious };
        if suspicious { context.checked() } else { Ok(context) }
    }

    #[cold]
    #[inline(never)]
    fn checked(mut self) -> Result<Self, RequestError> {
        self.is_ascii = self.entries().all(|(name, _)| name.is_ascii());
        self.may_have_twins = self.check()?;
        Ok(self)
    }

    pub(super) fn len(self) -> usize {
        match self.entries {
            Entries::Named(entries) => entries.len(),
            Entries::Resolved(entries) => entries.len(),
        }
    }

    fn get(self, index: usize) -> Option<(&'r str, Value<'r>)> {
        match self.entries {
            Entries::Named(entries) => entries.get(index).copied(),
            Entries::Resolved(entries) => entries.get(index).map(|(key, value)| (key.name, *value)),
        }
    }

    /// All entries in the host's order.
    #[inline(never)]
    pub(super) fn entries(self) -> impl Iterator<Item = (&'r str, Value<'r>)> + Clone {
        (0..self.len()).filter_map(move |index| self.get(index))
    }

    /// The value of the first entry with this name, which is in lower case.
    pub(super) fn first(self, name: &str) -> Option<Value<'r>> {
        self.next(Key::named(name), 0).map(|(_, value)| value)
    }

    /// The value of a key.
    #[inline]
    pub(super) fn field(self, key: Key<'r>) -> Field<'r> {
        let Some((at, first)) = self.next(key, 0) else { return Field::Missing };
        if self.may_have_twins && key.is_tag && self.next(key, at + 1).is_some() {
            return Field::List(List::Twins(key.name()));
        }
        match first {
            Value::One(value) => Field::One(value),
            Value::List([]) => Field::Missing,
            Value::List(values) => Field::List(List::Given(values)),
        }
    }

    /// The value of a key by its number or its ASCII name, if there is at most one, in a context where no key comes
    /// twice; nothing is said of any other.
    #[inline]
    pub(super) fn plain<'n>(self, number: u32, name: impl FnOnce() -> &'n [u8]) -> Option<Field<'r>> {
        if self.may_have_twins {
            return None;
        }
        let found = match self.entries {
            Entries::Named(entries) => {
                let name = name();
                let entry = entries.iter().find(|(entry, _)| same_folded(entry.as_bytes(), name));
                entry.map(|(_, value)| value)
            }
            Entries::Resolved(_) if number == NONE => return None,
            Entries::Resolved(entries) => {
                entries.iter().find(|(entry, _)| entry.number == number).map(|(_, value)| value)
            }
        };
        match found {
            None => Some(Field::Missing),
            Some(Value::One(value)) => Some(Field::One(value)),
            Some(Value::List(_)) => None,
        }
    }

    /// The first entry of a key from a place on.
    #[inline(never)]
    fn next(self, key: Key<'_>, from: usize) -> Option<(usize, Value<'r>)> {
        let is_exact = match self.entries {
            Entries::Named(_) => self.is_ascii,
            Entries::Resolved(_) => key.number != NONE,
        };
        let name = if is_exact { None } else { Some(key.name()) };
        let is_it = |at: &usize| match (self.entries, name) {
            (_, Some(name)) => self.get(*at).is_some_and(|(entry, _)| key_eq(entry, name)),
            (Entries::Named(entries), None) => {
                entries.get(*at).is_some_and(|(entry, _)| same_folded(entry.as_bytes(), key.name))
            }
            (Entries::Resolved(entries), None) => entries.get(*at).is_some_and(|(entry, _)| entry.number == key.number),
        };
        let at = (from..self.len()).find(is_it)?;
        self.get(at).map(|(_, value)| (at, value))
    }

    /// Whether two names are spellings of one key.
    ///
    /// # Errors
    ///
    /// Fails where they may not stand side by side; the first one is the entry's of this number.
    #[inline(never)]
    fn are_twins(self, index: usize, name: &str, other: &str) -> Result<bool, RequestError> {
        if self.is_ascii && name.len() != other.len() || !key_eq(name, other) {
            return Ok(false);
        }
        if name == other || !is_tag_key(name) { Err(RequestError::DuplicateKey(index)) } else { Ok(true) }
    }

    /// Whether an earlier name is another spelling of an entry's.
    ///
    /// # Errors
    ///
    /// Fails where they may not stand side by side.
    #[inline(never)]
    fn has_twin(self, index: usize, name: &str) -> Result<bool, RequestError> {
        let mut any = false;
        for (other, _) in self.entries().take(index) {
            any |= self.are_twins(index, name, other)?;
        }
        Ok(any)
    }

    /// Looks for two spellings of one key, and returns whether there may be any that may stand side by side.
    #[inline(never)]
    fn check(self) -> Result<bool, RequestError> {
        // A share of the names at a time, by hash: a look at all of them for each thousand.
        if FEW < self.len() {
            let shares = u32::try_from(self.len() / (PLACES / 4)).unwrap_or(u32::MAX) + 1;
            for share in 0..shares {
                self.check_share(share, shares)?;
            }
            return Ok(true);
        }
        let mut any = !self.is_ascii;
        if any || !self.are_apart() {
            for (index, (name, _)) in self.entries().enumerate() {
                any |= self.has_twin(index, name)?;
            }
        }
        Ok(any)
    }

    /// Whether a few ASCII names are certainly those of different keys.
    fn are_apart(self) -> bool {
        // One of ten names often has the mark of another one; of sixteen times as many marks, hardly.
        let mut seen = [0u64; 16];
        self.entries().all(|(name, _)| {
            let hash = hash_ends(name.as_bytes()).0;
            let word = seen.get_mut(usize::try_from(hash >> 54 & 15).unwrap_or(0));
            let bit = 1 << (hash >> 48 & 63);
            word.is_some_and(|word| core::mem::replace(word, *word | bit) & bit == 0)
        })
    }

    #[inline(never)]
    fn check_share(self, share: u32, shares: u32) -> Result<(), RequestError> {
        let mut places = [NONE; PLACES];
        let mut left = PLACES;
        for (index, (name, _)) in self.entries().enumerate() {
            let hash = if self.is_ascii { hash_folded(name.as_bytes()) } else { hash_lowercase(name) };
            if hash % shares != share {
                continue;
            }
            if left == 0 {
                // More names of this share than places: each with each.
                self.has_twin(index, name)?;
                continue;
            }
            let mut place = usize::try_from(hash / shares).unwrap_or(0) % PLACES;
            // There is an empty place.
            while let Some(taken) = places.get_mut(place) {
                if *taken == NONE {
                    *taken = u32::try_from(index).unwrap_or(NONE);
                    left -= 1;
                    break;
                }
                if let Some((other, _)) = self.get(super::words::index(*taken)) {
                    self.are_twins(index, name, other)?;
                }
                place = (place + 1) % PLACES;
            }
        }
        Ok(())
    }
}

/// One of 64 bits that is the same for all spellings of an ASCII name, and all bytes of the name or-ed together.
#[inline]
pub(super) fn mark(name: &[u8]) -> (u64, u64) {
    let (hash, bytes) = hash_ends(name);
    (1 << (hash >> 58), bytes)
}

/// A hash that is the same for all spellings of an ASCII name, with the best bits on top, and all bytes of the name or-ed
/// together.
#[inline]
fn hash_ends(name: &[u8]) -> (u64, u64) {
    const LOWER: u64 = 0x2020_2020_2020_2020;
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let length = u64::try_from(name.len()).unwrap_or(u64::MAX);
    let (Some(first), Some(last)) = (name.first_chunk(), name.last_chunk()) else {
        let word = name.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        return ((word | LOWER).wrapping_mul(MULTIPLIER), word);
    };
    let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    let mut bytes = first | last;
    // What lies between: up to 32 bytes without a loop.
    if let (Some((_, second)), Some((second_last, _))) = (name.split_first_chunk::<8>(), name.split_last_chunk::<8>())
        && let (Some(second), Some(second_last)) = (second.first_chunk::<8>(), second_last.last_chunk::<8>())
    {
        bytes |= u64::from_le_bytes(*second) | u64::from_le_bytes(*second_last);
        if 32 < name.len() {
            bytes = name.as_chunks::<8>().0.iter().fold(bytes, |bytes, word| bytes | u64::from_le_bytes(*word));
        }
    }
    let hash = (first | LOWER).rotate_left(17) ^ (last | LOWER) ^ length;
    (hash.wrapping_mul(MULTIPLIER), bytes)
}

#[inline(never)]
fn hash_lowercase(name: &str) -> u32 {
    lowercase(name).fold(0, |hash: u32, scalar| (hash.rotate_left(5) ^ u32::from(scalar)).wrapping_mul(0x9e37_79b1))
}
