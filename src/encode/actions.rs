//! The action nodes of all bundles: one forest for each service, with a hash over the exact ones and a list of the
//! prefixes.

use std::cmp::Reverse;

use hashbrown::HashMap;

use crate::ir::{ActionNode, BundleTables, Program, Tables};
use crate::layout::{
    ActionWord, SEARCH, SLACK_BYTES, Section, Widths, action_bucket, action_place, first_word, hash_folded,
    hash_service, place_of, service_key,
};

use super::{Encoder, count};

/// Numbers of action nodes, and the numbers behind all that they cover.
pub(super) type Numbers = HashMap<ActionNode, (u32, u32)>;

/// A node with the name of its service and what is behind the colon. In the order of these, a prefix comes before all
/// that begins with it.
type Named<'p> = (&'p str, &'p str, ActionNode);

/// The action nodes of all bundles in the order in which they are written.
pub(super) struct Sorted<'p> {
    nodes: Vec<Named<'p>>,
    /// The node that stands for all actions.
    everything: Option<ActionNode>,
}

impl<'p> Sorted<'p> {
    /// Sorts the nodes, which is most of the work; what no request can ask for is left out.
    pub(super) fn new(program: &'p Program, tables: &Tables) -> Self {
        let mut nodes = tables.bundles.iter().flat_map(nodes_of).collect::<Vec<_>>();
        nodes.sort_unstable();
        nodes.dedup();
        let text = |node: ActionNode| program.texts.text(node.symbol());
        let named = |&node: &ActionNode| asked(text(node), node).map(|(service, name)| (service, name, node));
        let mut named = nodes.iter().filter_map(named).collect::<Vec<_>>();
        named.sort_unstable();
        Self { nodes: named, everything: nodes.into_iter().find(|&node| text(node).is_empty()) }
    }
}

/// Writes the nodes and returns their numbers.
pub(super) fn write(encoder: &mut Encoder<'_>, sorted: &Sorted<'_>) -> Numbers {
    let mut numbers = Numbers::with_capacity(sorted.nodes.len() + 1);
    let mut services = Vec::new();
    let mut offsets = vec![0];
    for nodes in sorted.nodes.chunk_by(|one, other| one.0 == other.0) {
        let Some(&(service, ..)) = nodes.first() else { continue };
        let rest = service.as_bytes().get(8..).unwrap_or_default();
        encoder.action_text.extend_from_slice(rest);
        let (first, names_at) = (count(offsets.len()), count(encoder.action_text.len()));
        let first_prefix = encoder.sections.records(Section::Prefixes);
        write_service(encoder, nodes, &mut offsets, &mut numbers);
        let (behind, prefixes_behind) = (count(offsets.len()) - 1, encoder.sections.records(Section::Prefixes));
        let name_bytes = count(service.len() + 1);
        services.push((service, [first, behind, names_at, name_bytes, first_prefix, prefixes_behind]));
    }
    numbers.extend(sorted.everything.map(|node| (node, (0, count(offsets.len())))));
    encoder.action_count = count(offsets.len());
    let places = write_services(encoder, &services);
    write_offsets(encoder, &offsets);
    write_hash(encoder, sorted, &numbers, &places);
    numbers
}

/// Appends the nodes of a service and the offset behind them.
fn write_service(encoder: &mut Encoder<'_>, nodes: &[Named<'_>], offsets: &mut Vec<u32>, numbers: &mut Numbers) {
    let names_at = encoder.action_text.len();
    // Prefixes that begin what comes, with the number of each among the prefixes of the service.
    let mut open = Vec::<(&str, ActionNode, u32)>::new();
    let mut prefixes = 0;
    let close = |open: &mut Vec<(&str, ActionNode, u32)>, numbers: &mut Numbers, name: Option<&str>, end| {
        while let Some((_, node, _)) = open.pop_if(|(prefix, ..)| !name.is_some_and(|name| name.starts_with(*prefix))) {
            if let Some((_, behind)) = numbers.get_mut(&node) {
                *behind = end;
            }
        }
    };
    for &(_, name, node) in nodes {
        let number = count(offsets.len());
        close(&mut open, numbers, Some(name), number);
        numbers.insert(node, (number, number + 1));
        if let ActionNode::Prefix(_) = node {
            let back = open.last().map_or(0, |(.., parent)| prefixes - parent);
            let start = first_word(name.as_bytes());
            let words = [super::low_word(start), super::low_word(start >> 32), number, back];
            encoder.sections.push(Section::Prefixes, &words);
            open.push((name, node, prefixes));
            prefixes += 1;
        }
        offsets.push(count(encoder.action_text.len() - names_at));
        encoder.action_text.extend_from_slice(name.as_bytes());
    }
    close(&mut open, numbers, None, count(offsets.len()));
    offsets.push(count(encoder.action_text.len() - names_at));
}

/// Writes the table of the services, and returns the place of each.
fn write_services<'p>(encoder: &mut Encoder<'_>, services: &[(&'p str, [u32; 6])]) -> HashMap<&'p str, u32> {
    let mut places = HashMap::with_capacity(services.len());
    let hashes = services.iter().map(|(service, _)| hash_service(service_key(service.as_bytes()), service.as_bytes()));
    let hashes = hashes.collect::<Vec<_>>();
    for (place, number) in (0..).zip(table(&hashes)) {
        let mut words = [0; 8];
        if let Some((service, fields)) = number.and_then(|number| services.get(number)) {
            let key = service_key(service.as_bytes());
            let [first, behind, names_at, name_bytes, first_prefix, prefixes_behind] = *fields;
            let [low, high] = [super::low_word(key), super::low_word(key >> 32)];
            words = [low, high, first, behind, names_at, name_bytes, first_prefix, prefixes_behind];
            places.insert(*service, place);
        }
        encoder.sections.push(Section::Services, &words);
    }
    places
}

/// An open-addressing table of two thirds load: at each place the number of the hash that is found there.
fn table(hashes: &[u32]) -> Vec<Option<usize>> {
    let mut places = vec![None; hashes.len() + hashes.len().div_ceil(2)];
    for (number, &hash) in hashes.iter().enumerate() {
        let mut at = position(place_of(hash, count(places.len())));
        while let Some(place) = places.get_mut(at) {
            if place.is_none() {
                *place = Some(number);
                break;
            }
            at = (at + 1) % places.len();
        }
    }
    places
}

fn write_offsets(encoder: &mut Encoder<'_>, offsets: &[u32]) {
    // At least one byte, so that as many bytes are as many offsets, even where all names are empty.
    let width = Widths::of(offsets.iter().copied().max().unwrap_or(0)).max(1);
    for &offset in offsets {
        encoder.narrow.put(&mut encoder.actions, offset, width);
    }
    encoder.actions.extend([0; SLACK_BYTES]);
    encoder.widths.name = width;
}

/// Writes the table of the exact actions.
fn write_hash(encoder: &mut Encoder<'_>, sorted: &Sorted<'_>, numbers: &Numbers, services: &HashMap<&str, u32>) {
    let cut = ActionWord::of(encoder.action_count);
    let mut text = String::new();
    let exact = sorted.nodes.iter().filter(|(.., node)| matches!(node, ActionNode::Exact(_)));
    let words = exact.map(|(service, name, node)| {
        text.clear();
        text.extend([service, ":", name]);
        let word = cut.join(numbers.get(node)?.0 + 1, *services.get(service)?)?;
        Some((word, hash_folded(text.as_bytes())))
    });
    // Where nodes and services are so many that a word does not hold both, all actions are searched for.
    let words = words.collect::<Option<Vec<_>>>();
    let (seeds, places) = words.as_deref().map_or((vec![SEARCH], Vec::new()), displace);
    let places = places.into_iter().map(|word| word.unwrap_or(0)).collect::<Vec<_>>();
    let width = Widths::of(places.iter().copied().max().unwrap_or(0));
    for word in places {
        encoder.narrow.put(&mut encoder.action_hash, word, width);
    }
    encoder.action_hash.extend([0; SLACK_BYTES]);
    encoder.action_seeds = seeds;
    encoder.widths.action_word = width;
    encoder.widths.action = Widths::of(encoder.action_count);
}

/// How many actions a bucket has on average.
const BUCKET: usize = 3;

/// A seed for each bucket of hashes, and the word at each place, of which there are an eighth more than words.
///
/// Large buckets choose first. Where no seed has free places for all hashes of a bucket, as is always so with equal ones
/// and with others in less than one bucket of a thousand, they are searched for.
fn displace(words: &[(u32, u32)]) -> (Vec<u8>, Vec<Option<u32>>) {
    let mut seeds = vec![0; words.len().div_ceil(BUCKET)];
    let mut places = vec![None; words.len() + words.len().div_ceil(8)];
    let (bucket_count, place_count) = (count(seeds.len()), count(places.len()));
    let mut buckets = vec![Vec::new(); seeds.len()];
    for &(word, hash) in words {
        if let Some(bucket) = buckets.get_mut(position(action_bucket(hash, bucket_count))) {
            bucket.push((word, hash));
        }
    }
    let mut order = (0..buckets.len()).collect::<Vec<_>>();
    order.sort_by_key(|&bucket| Reverse(buckets.get(bucket).map_or(0, Vec::len)));
    for bucket in order {
        let (Some(members), Some(seed)) = (buckets.get(bucket), seeds.get_mut(bucket)) else { continue };
        let place = |seed, hash| position(action_place(hash, seed, place_count));
        *seed = (0..SEARCH).find(|&seed| take(&mut places, members, |hash| place(seed, hash))).unwrap_or(SEARCH);
    }
    (seeds, places)
}

/// Puts the words of all hashes at places that are free, or none.
fn take(places: &mut [Option<u32>], members: &[(u32, u32)], at: impl Fn(u32) -> usize) -> bool {
    for (taken, &(word, hash)) in members.iter().enumerate() {
        match places.get_mut(at(hash)) {
            Some(place @ None) => *place = Some(word),
            _ => {
                for &(_, hash) in members.iter().take(taken) {
                    if let Some(place) = places.get_mut(at(hash)) {
                        *place = None;
                    }
                }
                return false;
            }
        }
    }
    true
}

/// The nodes that a bundle names.
fn nodes_of(bundle: &BundleTables) -> impl Iterator<Item = ActionNode> {
    let slots = bundle.slots.iter().map(|&(node, _)| node);
    slots.chain(bundle.scans.iter().flat_map(|scan| scan.actions.patterns()).copied().filter_map(ActionNode::of))
}

/// Service and name of a node that requests can ask for. Lenient reading leaves others: a request for one of them is an
/// error (R-ACT-1), so that they match nothing.
fn asked(text: &str, node: ActionNode) -> Option<(&str, &str)> {
    let (service, name) = text.split_once(':')?;
    let is_whole = match node {
        ActionNode::Prefix(_) => true,
        ActionNode::Exact(_) => !name.is_empty(),
    };
    (is_whole && !service.is_empty() && !name.contains(':')).then_some((service, name))
}

/// A place of a table as an index.
fn position(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which words are found at the place of their hash, which are not in the table, and how many buckets have none there.
    fn found(words: &[(u32, u32)]) -> (Vec<u32>, Vec<u32>, usize) {
        let (seeds, places) = displace(words);
        let (mut found, mut searched) = (Vec::new(), Vec::new());
        for &(word, hash) in words {
            let seed = seeds[position(action_bucket(hash, count(seeds.len())))];
            if seed == SEARCH {
                searched.push(word);
            } else if places[position(action_place(hash, seed, count(places.len())))] == Some(word) {
                found.push(word);
            }
        }
        assert_eq!(places.iter().flatten().count(), found.len(), "nothing else is in the table");
        (found, searched, seeds.iter().map(|&seed| usize::from(seed == SEARCH)).sum())
    }

    #[test]
    fn every_action_has_a_place_of_its_own() {
        for length in [0, 1, 2, 3, 7, 100, 1_000, 20_000] {
            let words = (1..=length).map(|word| (word, hash_folded(format!("s3:Action{word}").as_bytes())));
            let (found, searched, buckets) = found(&words.collect::<Vec<_>>());
            assert_eq!(found.len() + searched.len(), position(length), "{length}");
            assert!(buckets <= position(length) / 2_000, "{length}: {buckets}");
        }
    }

    #[test]
    fn actions_of_the_same_hash_are_searched_for() {
        let mut words = (1..=100u32).map(|word| (word, word.wrapping_mul(0x9e37_79b9))).collect::<Vec<_>>();
        let hash = words[40].1;
        words.extend([(101, hash), (102, hash)]);
        let (found, searched, buckets) = found(&words);
        assert_eq!(buckets, 1);
        assert_eq!(found.len() + searched.len(), words.len());
        assert!([41, 101, 102].iter().all(|word| searched.contains(word)), "{searched:?}");
    }
}
