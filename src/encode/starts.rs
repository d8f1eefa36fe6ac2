//! What leads on behind a star, so that walks pass over the places of a text where nothing does.

use crate::ir::{Tables, TrieNode};
use crate::layout::{node, start_bit};

/// Fewer texts are found as fast by their first bytes.
const TEXTS_MIN: usize = 8;

/// With more of them, less of each is looked at.
const TEXTS_MAX: usize = 1 << 10;

/// Bits for each text: one place in sixteen is compared with edges for nothing.
const BITS_EACH: usize = 16;

/// A text that leads on from a node: its first bytes, lowest first, and how many they are.
type Start = (u64, u8);

/// The bytes of `starts` of a node that a star leads to, where they are of use.
pub(super) fn of(tables: &Tables, trie_node: &TrieNode) -> Option<Vec<u8>> {
    if trie_node.literals.len() < 2 || !has_edges_only(trie_node) {
        return None;
    }
    let starts = [node::START_MAX_BYTES, 4, 2].into_iter().find_map(|most| {
        let mut starts = Vec::new();
        collect(tables, trie_node, most, (0, 0), &mut starts).then_some(starts)
    })?;
    if starts.len() < TEXTS_MIN {
        return None;
    }
    let mut looked_at = [0; node::START_KINDS];
    let kind = |word: u64| {
        let [first, ..] = word.to_le_bytes();
        usize::from(first) % node::START_KINDS
    };
    for &(word, bytes) in &starts {
        if let Some(least) = looked_at.get_mut(kind(word))
            && (*least == 0 || bytes < *least)
        {
            *least = bytes;
        }
    }
    let bytes = (starts.len() * BITS_EACH / 8).next_power_of_two();
    let log2 = u8::try_from(bytes.trailing_zeros()).ok()?;
    let mut bits = vec![0u8; bytes];
    for &(word, _) in &starts {
        let bytes = looked_at.get(kind(word)).copied()?;
        let bit = start_bit(word, bytes, log2);
        *bits.get_mut(bit / 8)? |= 1 << (bit % 8);
    }
    let kinds = looked_at.iter().rev().fold(0u32, |kinds, bytes| kinds << 1 | u32::from(*bytes != 0));
    Some([[log2].as_slice(), &kinds.to_le_bytes(), &looked_at, &bits].concat())
}

fn has_edges_only(trie_node: &TrieNode) -> bool {
    let TrieNode { end, rest, stars, anys, variables, literals, folded, has_deny: _ } = trie_node;
    end.is_none()
        && rest.is_none()
        && stars.iter().chain(anys).all(Option::is_none)
        && variables.is_empty()
        && folded.is_empty()
        && !literals.is_empty()
}

/// Adds the texts of up to `most` bytes that lead on from a node, which others end in; returns whether there was room.
fn collect(tables: &Tables, trie_node: &TrieNode, most: usize, start: Start, starts: &mut Vec<Start>) -> bool {
    trie_node.literals.iter().all(|edge| {
        let (mut word, mut bytes) = start;
        for byte in tables.runs.get(edge.text).iter().take(most - usize::from(bytes)) {
            word |= u64::from(*byte) << (8 * bytes);
            bytes += 1;
        }
        let child = (usize::from(bytes) < most).then(|| tables.nodes.get(edge.child));
        match child.filter(has_edges_only) {
            Some(child) => collect(tables, &child, most, (word, bytes), starts),
            None => {
                starts.push((word, bytes));
                starts.len() <= TEXTS_MAX
            }
        }
    })
}
