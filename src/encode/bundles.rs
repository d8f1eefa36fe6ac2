//! Bundles: slots by action, scans, indexes with `NotResource`.

use std::collections::BTreeMap;

use crate::ir::{
    ActionPattern, BundleTables, Case, Id, Index, IndexId, Pattern, Program, Scan, Step, Tables, VariableEdge,
};
use crate::layout::{NONE, SLACK_BYTES, Section, action_kind, meta, place_of, service_bit};

use super::actions::Numbers;
use super::nodes::Places;
use super::{Encoder, count};

/// Writes the tables of all bundles.
pub(super) fn write(encoder: &mut Encoder<'_>, tables: &Tables, places: &Places, actions: &Numbers) {
    let roots = tables.indexes.iter().map(|index| write_index(encoder, places, index)).collect::<Vec<_>>();
    let root_of = |index: IndexId| roots.get(index.index()).copied().unwrap_or(NONE);
    for bundle in &tables.bundles {
        let [slots_at, place_count, shape] = write_slots(encoder, bundle, actions, root_of);
        let scans_at = encoder.sections.records(Section::Scans);
        for scan in &bundle.scans {
            let words = write_scan(encoder, scan, root_of(scan.index));
            encoder.sections.push(Section::Scans, &words);
        }
        let allows_all = bundle.allows_all.map_or(0, |statement| statement.0 + 1);
        let words = [slots_at, place_count, shape, scans_at, count(bundle.scans.len()), allows_all];
        encoder.sections.push(Section::Bundles, &words);
    }
    encoder.slots.extend([0; SLACK_BYTES]);
    if let Some(resources) = tables.resources {
        encoder.meta[meta::RESOURCE_INDEX] = root_of(resources) + 1;
        let services = resource_services(encoder.program);
        encoder.meta[meta::RESOURCE_SERVICES] = super::low_word(services);
        encoder.meta[meta::RESOURCE_SERVICES + 1] = super::low_word(services >> 32);
    }
}

/// The services of all resources, as bits; all bits where a pattern does not say its service.
fn resource_services(program: &Program) -> u64 {
    let service = |pattern: &Pattern| {
        let Some(Step::Literal(text, Case::Exact)) = pattern.steps().first() else { return u64::MAX };
        let mut components = program.texts.text(*text).splitn(4, ':').skip(2);
        match (components.next(), components.next()) {
            (Some(service), Some(_)) => service_bit(service.as_bytes()),
            _ => u64::MAX,
        }
    };
    let patterns = program.resources.iter().flat_map(|resource| &resource.covers);
    patterns.filter_map(|&id| program.patterns.get(id)).fold(0, |bits, pattern| bits | service(pattern))
}

/// Bits that a number needs.
fn bits(largest: u32) -> u32 {
    u32::BITS - largest.leading_zeros()
}

/// Writes slots and roots of a bundle; returns the first three words of its record.
fn write_slots(
    encoder: &mut Encoder<'_>,
    bundle: &BundleTables,
    actions: &Numbers,
    root_of: impl Fn(IndexId) -> u32,
) -> [u32; 3] {
    let at = count(encoder.slots.len());
    let mut roots = Vec::new();
    let mut numbers = BTreeMap::new();
    let mut entries = Vec::new();
    for (node, &index) in &bundle.slots {
        let Some(&action) = actions.get(node) else { continue };
        let root = root_of(index);
        let number = *numbers.entry(root).or_insert_with(|| {
            roots.push(root);
            roots.len() - 1
        });
        entries.push((action, u64::try_from(number).unwrap_or(0)));
    }
    if entries.is_empty() {
        return [at, 0, 0];
    }
    entries.sort_unstable();
    let action_bits = encoder.action_bits();
    let width = match action_bits + bits(count(roots.len() - 1)) {
        0..=16 => 2,
        17..=32 => 4,
        _ => 8,
    };
    // One place in three stays empty, so that a search for what is not there ends soon.
    let place_count = count(entries.len() + entries.len() / 2 + 1);
    let mut places = vec![0u64; entries.len() + entries.len() / 2 + 1];
    for (action, root) in entries {
        let mut place = usize::try_from(place_of(action, place_count)).unwrap_or(0);
        while let Some(slot) = places.get_mut(place) {
            if *slot == 0 {
                *slot = u64::from(action + 1) | root << action_bits;
                break;
            }
            place = (place + 1) % places.len();
        }
    }
    for place in places {
        encoder.slots.extend(place.to_le_bytes().iter().take(width));
    }
    encoder.slots.extend(roots.iter().flat_map(|root| root.to_le_bytes()));
    [at, place_count, count(width) | count(roots.len()) << 4]
}

fn write_scan(encoder: &mut Encoder<'_>, scan: &Scan, root: u32) -> [u32; 4] {
    let mut list = Vec::new();
    for pattern in scan.actions.patterns() {
        list.extend(match *pattern {
            ActionPattern::Any => [action_kind::ANY, 0],
            ActionPattern::Exact(symbol) => [action_kind::EXACT, encoder.symbol(symbol)],
            ActionPattern::Prefix(symbol) => [action_kind::PREFIX, encoder.symbol(symbol)],
            ActionPattern::Glob(pattern) => [action_kind::GLOB, encoder.pattern(pattern)],
        });
    }
    let [at, length] = encoder.list(&list);
    [super::negated(scan.actions.polarity()), at, length, root]
}

/// Writes what an index has besides a trie; returns its root as slots name it.
fn write_index(encoder: &mut Encoder<'_>, places: &Places, index: &Index) -> u32 {
    let trie = index.root.map(|root| places.node(root));
    if let (Some(trie), true) = (trie, index.excluding.is_empty()) {
        return encoder.root(trie, 0);
    }
    let (together, all) = match index.together {
        Some((root, row)) => (places.node(root) + 1, places.row(row)),
        None => (0, 0),
    };
    let mut words = vec![trie.map_or(0, |trie| trie + 1), count(index.excluding.len()), together, all];
    for excluding in &index.excluding {
        let variables = excluding.variables.iter().flat_map(|edge| encoder.step(variable_step(*edge)));
        let variables = variables.collect::<Vec<_>>();
        let [at, length] = encoder.list(&variables);
        words.extend([places.node(excluding.root), places.row(excluding.row), at, length]);
    }
    let at = encoder.sections.words(Section::Indexes);
    encoder.sections.push(Section::Indexes, &words);
    encoder.root(at, 1)
}

fn variable_step((key, default, crossing): VariableEdge) -> Step {
    Step::Variable { key, default, crossing }
}

impl Encoder<'_> {
    /// Bits of the number of an action node plus one.
    fn action_bits(&self) -> u32 {
        bits(self.action_count)
    }

    /// A root as slots name it.
    fn root(&mut self, at: u32, in_indexes: u32) -> u32 {
        if at >= 1 << 31 {
            self.refuse("the tables of all resources");
        }
        at << 1 | in_indexes
    }
}
