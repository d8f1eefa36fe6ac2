//! How the texts begin that lead on from a node behind a star: what cannot be one of them is passed over.

use crate::layout::{node, start_bit, start_word};
use crate::runtime::Tables;

/// What the encoder knows of the texts that lead on from a node.
pub(in crate::runtime) struct Starts<'w> {
    kinds: u32,
    looked_at: &'w [u8; node::START_KINDS],
    bits: &'w [u8],
    log2: u8,
}

impl<'w> Starts<'w> {
    /// How many bytes they have, if that is a number.
    pub(super) fn bytes(log2: u8) -> Option<usize> {
        1usize.checked_shl(u32::from(log2))?.checked_add(node::START_KINDS + 5)
    }

    pub(super) fn at(tables: &Tables<'w>, at: usize) -> Option<Self> {
        let log2 = tables.nodes.byte(at);
        let (kinds, rest) = tables.nodes.slice(at, Self::bytes(log2)?).get(1..)?.split_first_chunk()?;
        let (looked_at, bits) = rest.split_first_chunk()?;
        Some(Self { kinds: u32::from_le_bytes(*kinds), looked_at, bits, log2 })
    }

    /// How many texts may be told apart.
    pub(in crate::runtime) fn room(&self) -> usize {
        8 * self.bits.len()
    }

    /// Whether something begins with a byte of this kind, and more than no byte is looked at then.
    pub(in crate::runtime) fn has(&self, first: u8) -> bool {
        self.has_kind(first) && self.looked_at.get(usize::from(first) % node::START_KINDS) != Some(&0)
    }

    #[inline]
    fn has_kind(&self, first: u8) -> bool {
        self.kinds >> (usize::from(first) % node::START_KINDS) & 1 != 0
    }

    /// Whether something may begin with the text of which these are the first bytes, and how many there are. Nothing if
    /// that is too few to say.
    #[inline]
    pub(in crate::runtime) fn begins(&self, word: u64, bytes: usize) -> Option<bool> {
        let [first, ..] = word.to_le_bytes();
        let looked_at = *self.looked_at.get(usize::from(first) % node::START_KINDS)?;
        if bytes < usize::from(looked_at) {
            return None;
        }
        let bit = start_bit(word, looked_at, self.log2);
        Some(self.bits.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 != 0))
    }

    /// The first place of a text at which something may begin.
    #[inline(never)]
    pub(super) fn find(&self, text: &[u8]) -> Option<usize> {
        let last = text.last_chunk().map(|last| u64::from_le_bytes(*last));
        let mut rest = text;
        while let Some(first) = rest.first() {
            if self.has_kind(*first) {
                let word = match (rest.first_chunk(), last) {
                    (Some(word), _) => u64::from_le_bytes(*word),
                    (None, Some(last)) => last >> (64 - 8 * rest.len()),
                    (None, None) => start_word(rest),
                };
                // A text that is too short for what is looked at is too short for what leads on.
                if self.begins(word, rest.len()) == Some(true) {
                    return Some(text.len() - rest.len());
                }
            }
            rest = rest.get(1..)?;
        }
        None
    }
}
