//! The action nodes of all bundles: one forest for each service, with a hash over the exact ones.

use hashbrown::HashMap;

use crate::ir::{ActionNode, BundleTables, Tables};
use crate::layout::{SLACK_BYTES, Section, Widths, hash_action, hash_service, place_of, service_key};

use super::{Encoder, count};

/// Numbers of action nodes, and the numbers behind all that they cover.
pub(super) type Numbers = HashMap<ActionNode, (u32, u32)>;

/// A node with the name of its service and what is behind the colon. In the order of these, a prefix comes before all
/// that begins with it.
type Named<'p> = (&'p str, &'p str, ActionNode);

/// A record of the section, before the widths of its numbers are known.
struct Record {
    /// Where the name begins, from the first one of its service.
    offset: u32,
    /// Twice the distance from the parent, and whether it is a prefix.
    link: u32,
}

/// Writes the nodes and returns their numbers; what no request can ask for has none.
pub(super) fn write(encoder: &mut Encoder<'_>, tables: &Tables) -> Numbers {
    let mut nodes = tables.bundles.iter().flat_map(nodes_of).collect::<Vec<_>>();
    nodes.sort_unstable();
    nodes.dedup();
    let texts = &encoder.program.texts;
    let named = |&node: &ActionNode| {
        let (service, name) = asked(texts.text(node.symbol()), node)?;
        Some((service, name, node))
    };
    let mut all = nodes.iter().filter_map(named).collect::<Vec<Named<'_>>>();
    all.sort_unstable();
    let mut numbers = Numbers::with_capacity(nodes.len());
    let (mut services, mut exact) = (Vec::new(), Vec::new());
    let mut records = vec![Record { offset: 0, link: 0 }];
    for nodes in all.chunk_by(|one, other| one.0 == other.0) {
        let Some(&(service, ..)) = nodes.first() else { continue };
        let rest = service.as_bytes().get(8..).unwrap_or_default();
        encoder.action_text.extend_from_slice(rest);
        let (first, names_at) = (count(records.len()), count(encoder.action_text.len()));
        write_service(encoder, nodes, &mut records, &mut numbers, |node, name| {
            exact.push((node, hash_action(first, name.as_bytes())));
        });
        services.push((service, [names_at, first, count(records.len()) - 1, count(rest.len())]));
    }
    // The node that stands for all actions.
    let everything = nodes.into_iter().find(|node| texts.text(node.symbol()).is_empty());
    numbers.extend(everything.map(|node| (node, (0, count(records.len())))));
    encoder.action_count = count(records.len());
    write_services(encoder, &services);
    write_records(encoder, &records);
    write_hash(encoder, &exact);
    numbers
}

/// Appends the nodes of a service and the record behind them, and shows the exact ones.
fn write_service<'p>(
    encoder: &mut Encoder<'_>,
    nodes: &[Named<'p>],
    records: &mut Vec<Record>,
    numbers: &mut Numbers,
    mut exact: impl FnMut(u32, &'p str),
) {
    let names_at = encoder.action_text.len();
    let mut open = Vec::<(&str, ActionNode, u32)>::new();
    let close = |open: &mut Vec<(&str, ActionNode, u32)>, numbers: &mut Numbers, name: Option<&str>, end| {
        while let Some((_, node, _)) = open.pop_if(|(prefix, ..)| !name.is_some_and(|name| name.starts_with(*prefix))) {
            if let Some((_, behind)) = numbers.get_mut(&node) {
                *behind = end;
            }
        }
    };
    for &(_, name, node) in nodes {
        let number = count(records.len());
        close(&mut open, numbers, Some(name), number);
        let distance = open.last().map_or(0, |(.., parent)| number - parent);
        numbers.insert(node, (number, number + 1));
        let is_prefix = match node {
            ActionNode::Prefix(_) => {
                open.push((name, node, number));
                1
            }
            ActionNode::Exact(_) => {
                exact(number, name);
                0
            }
        };
        if distance >= 1 << 31 {
            encoder.refuse("the number of different actions");
        }
        records.push(Record { offset: count(encoder.action_text.len() - names_at), link: distance << 1 | is_prefix });
        encoder.action_text.extend_from_slice(name.as_bytes());
    }
    close(&mut open, numbers, None, count(records.len()));
    records.push(Record { offset: count(encoder.action_text.len() - names_at), link: 0 });
}

/// Writes the table of the services.
fn write_services(encoder: &mut Encoder<'_>, services: &[(&str, [u32; 4])]) {
    let hashes = services.iter().map(|(service, _)| hash_service(service_key(service.as_bytes()), service.as_bytes()));
    let hashes = hashes.collect::<Vec<_>>();
    for number in table(&hashes) {
        let found = number.and_then(|number| services.get(number));
        let words = found.map_or([0; 6], |&(service, [names_at, first, behind, rest_bytes])| {
            let key = service_key(service.as_bytes());
            [super::low_word(key), super::low_word(key >> 32), names_at, first, behind, rest_bytes]
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

fn write_records(encoder: &mut Encoder<'_>, records: &[Record]) {
    let widest = |part: fn(&Record) -> u32| Widths::of(records.iter().map(part).max().unwrap_or(0));
    let (name, link) = (widest(|record| record.offset), widest(|record| record.link));
    for record in records {
        encoder.narrow.put(&mut encoder.actions, record.offset, name);
        encoder.narrow.put(&mut encoder.actions, record.link, link);
    }
    encoder.actions.extend([0; SLACK_BYTES]);
    (encoder.widths.name, encoder.widths.link) = (name, link);
}

/// Writes the table of the exact actions: node and hash each.
fn write_hash(encoder: &mut Encoder<'_>, exact: &[(u32, u32)]) {
    let width = Widths::of(encoder.action_count);
    let hashes = exact.iter().map(|(_, hash)| *hash).collect::<Vec<_>>();
    for number in table(&hashes) {
        let node = number.and_then(|number| exact.get(number)).map_or(0, |(node, _)| node + 1);
        encoder.narrow.put(&mut encoder.action_hash, node, width);
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
