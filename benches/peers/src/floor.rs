//! The floor of the machine: hash of action and ARN, one lookup by a perfect hash, one comparison of the key.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

use crate::generate::corpus::Request;

/// A displacement perfect hash over 100,000 pairs of action and ARN, their texts end to end.
pub(crate) struct Floor {
    state: FixedState,
    seeds: Vec<u16>,
    /// Offset of the key's text, length of the action, length of both.
    slots: Vec<[u32; 3]>,
    texts: Vec<u8>,
}

const KEYS: usize = 100_000;
const EMPTY: u32 = u32::MAX;

impl Floor {
    /// Over the pairs of the requests, and others that differ from them in the ARN, up to 100,000.
    pub(crate) fn new(requests: &[Request]) -> Self {
        let mut keys: Vec<(String, String)> = Vec::with_capacity(KEYS);
        let mut known = std::collections::HashSet::new();
        let mut round = 0;
        while keys.len() < KEYS {
            for request in requests {
                let resource =
                    if round == 0 { request.resource.clone() } else { format!("{}/{round}", request.resource) };
                if keys.len() < KEYS && known.insert((request.action.clone(), resource.clone())) {
                    keys.push((request.action.clone(), resource));
                }
            }
            round += 1;
        }
        let state = FixedState::with_seed(2026);
        let hashes: Vec<u64> = keys.iter().map(|(action, resource)| hash(&state, action, resource)).collect();
        let bucket_count = KEYS / 3;
        let slot_count = KEYS * 5 / 4;
        let mut buckets: Vec<Vec<usize>> = vec![Vec::new(); bucket_count];
        for (key, hash) in hashes.iter().enumerate() {
            buckets[reduce(*hash, bucket_count)].push(key);
        }
        let mut order: Vec<usize> = (0..bucket_count).collect();
        order.sort_by_key(|bucket| std::cmp::Reverse(buckets[*bucket].len()));
        let mut seeds = vec![0; bucket_count];
        let mut owner = vec![usize::MAX; slot_count];
        for bucket in order {
            let seed = (0..=u16::MAX).find(|seed| {
                let mut taken: Vec<usize> =
                    buckets[bucket].iter().map(|key| slot(hashes[*key], *seed, slot_count)).collect();
                let is_free = taken.iter().all(|slot| owner[*slot] == usize::MAX);
                taken.sort_unstable();
                is_free && taken.windows(2).all(|pair| pair[0] != pair[1])
            });
            seeds[bucket] = seed.expect("a seed");
            for key in &buckets[bucket] {
                owner[slot(hashes[*key], seeds[bucket], slot_count)] = *key;
            }
        }
        let mut texts = Vec::new();
        let slots = owner.iter().map(|key| {
            let Some((action, resource)) = keys.get(*key) else { return [EMPTY; 3] };
            let at = texts.len() as u32;
            texts.extend_from_slice(action.as_bytes());
            texts.extend_from_slice(resource.as_bytes());
            [at, action.len() as u32, (action.len() + resource.len()) as u32]
        });
        let slots = slots.collect();
        Self { state, seeds, slots, texts }
    }

    #[inline]
    pub(crate) fn find(&self, action: &str, resource: &str) -> Option<u32> {
        let hash = hash(&self.state, action, resource);
        let seed = self.seeds[reduce(hash, self.seeds.len())];
        let number = slot(hash, seed, self.slots.len());
        let [at, action_length, length] = self.slots[number];
        let text = self.texts.get(at as usize..at as usize + length as usize)?;
        let is_equal = text
            .split_at_checked(action_length as usize)
            .is_some_and(|(known, rest)| known == action.as_bytes() && rest == resource.as_bytes());
        is_equal.then_some(number as u32)
    }
}

fn hash(state: &FixedState, action: &str, resource: &str) -> u64 {
    let mut hasher = state.build_hasher();
    hasher.write(action.as_bytes());
    hasher.write(resource.as_bytes());
    hasher.finish()
}

fn reduce(hash: u64, count: usize) -> usize {
    (((hash >> 32) * count as u64) >> 32) as usize
}

fn slot(hash: u64, seed: u16, count: usize) -> usize {
    let mixed = (hash ^ u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    reduce(mixed, count)
}
