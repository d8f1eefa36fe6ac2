//! The action nodes of all bundles: one forest for each service, with a hash over the exact ones and a list of the
//! prefixes.

use hashbrown::HashMap;

use crate::ir::{ActionNode, BundleTables, Program, Tables};
use crate::layout::{
    ActionTag, SLACK_BYTES, Section, Widths, first_word, hash_action, hash_service, place_of, service_key,
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
    let (mut services, mut exact) = (Vec::new(), Vec::new());
    let mut offsets = vec![0];
    for nodes in sorted.nodes.chunk_by(|one, other| one.0 == other.0) {
        let Some(&(service, ..)) = nodes.first() else { continue };
        let rest = service.as_bytes().get(8..).unwrap_or_default();
        encoder.action_text.extend_from_slice(rest);
        let (first, names_at) = (count(offsets.len()), count(encoder.action_text.len()));
        let first_prefix = encoder.sections.records(Section::Prefixes);
        write_service(encoder, nodes, &mut offsets, &mut numbers, |node, name| {
            exact.push((node, hash_action(first, name.as_bytes())));
        });
        let (behind, prefixes_behind) = (count(offsets.len()) - 1, encoder.sections.records(Section::Prefixes));
        services.push((service, [first, behind, names_at, count(rest.len()), first_prefix, prefixes_behind]));
    }
    numbers.extend(sorted.everything.map(|node| (node, (0, count(offsets.len())))));
    encoder.action_count = count(offsets.len());
    write_services(encoder, &services);
    write_offsets(encoder, &offsets);
    write_hash(encoder, &exact);
    numbers
}

/// Appends the nodes of a service and the offset behind them, and shows the exact ones.
fn write_service<'p>(
    encoder: &mut Encoder<'_>,
    nodes: &[Named<'p>],
    offsets: &mut Vec<u32>,
    numbers: &mut Numbers,
    mut exact: impl FnMut(u32, &'p str),
) {
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
        match node {
            ActionNode::Prefix(_) => {
                let back = open.last().map_or(0, |(.., parent)| prefixes - parent);
                let start = first_word(name.as_bytes());
                let words = [super::low_word(start), super::low_word(start >> 32), number, back];
                encoder.sections.push(Section::Prefixes, &words);
                open.push((name, node, prefixes));
                prefixes += 1;
            }
            ActionNode::Exact(_) => exact(number, name),
        }
        offsets.push(count(encoder.action_text.len() - names_at));
        encoder.action_text.extend_from_slice(name.as_bytes());
    }
    close(&mut open, numbers, None, count(offsets.len()));
    offsets.push(count(encoder.action_text.len() - names_at));
}

/// Writes the table of the services.
fn write_services(encoder: &mut Encoder<'_>, services: &[(&str, [u32; 6])]) {
    let hashes = services.iter().map(|(service, _)| hash_service(service_key(service.as_bytes()), service.as_bytes()));
    let hashes = hashes.collect::<Vec<_>>();
    for number in table(&hashes) {
        let found = number.and_then(|number| services.get(number));
        let words =
            found.map_or([0; 8], |&(service, [first, behind, names_at, rest, first_prefix, prefixes_behind])| {
                let key = service_key(service.as_bytes());
                let [low, high] = [super::low_word(key), super::low_word(key >> 32)];
                [low, high, first, behind, names_at, rest, first_prefix, prefixes_behind]
            });
        encoder.sections.push(Section::Services, &words);
    }
}

/// An open-addressing table of two thirds load: at each place the number of the hash that is found there.
fn table(hashes: &[u32]) -> Vec<Option<usize>> {
    let mut places = vec![None; hashes.len() + hashes.len().div_ceil(2)];
    for (number, &hash) in hashes.iter().enumerate() {
        let mut at = usize::try_from(place_of(hash, count(places.len()))).unwrap_or(0);
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

/// Writes the table of the exact actions: node and hash each.
fn write_hash(encoder: &mut Encoder<'_>, exact: &[(u32, u32)]) {
    let width = Widths::of(encoder.action_count);
    let tag = ActionTag::of(encoder.action_count, width);
    let hashes = exact.iter().map(|(_, hash)| *hash).collect::<Vec<_>>();
    for number in table(&hashes) {
        let word = number.and_then(|number| exact.get(number)).map_or(0, |(node, hash)| (node + 1) | tag.tag(*hash));
        encoder.narrow.put(&mut encoder.action_hash, word, width);
    }
    encoder.action_hash.extend([0; SLACK_BYTES]);
    encoder.widths.action = width;
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
