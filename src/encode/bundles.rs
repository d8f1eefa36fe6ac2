//! Bundles: slots by action, scans, indexes with `NotResource`.

use hashbrown::HashMap;

use crate::ir::{
    ActionNode, ActionPattern, BundleTables, Case, Id, Index, IndexId, Pattern, Program, Scan, Step, Tables,
    VariableEdge,
};
use crate::layout::{
    NONE, SLACK_BYTES, Section, Widths, action_kind, bundle as layout, meta, service_bit, start_of, start_word,
};

use super::actions::Numbers;
use super::nodes::Places;
use super::{Encoder, count};

/// Writes the tables of all bundles.
pub(super) fn write(encoder: &mut Encoder<'_>, tables: &Tables, places: &Places, actions: &Numbers) {
    let roots = tables.indexes.iter().map(|index| write_index(encoder, places, index)).collect::<Vec<_>>();
    encoder.widths.root = Widths::of(roots.iter().copied().max().unwrap_or(0));
    let root_of = &|index: IndexId| roots.get(index.index()).copied().unwrap_or(NONE);
    for bundle in &tables.bundles {
        let at = count(encoder.slots.len());
        encoder.sections.push(Section::Bundles, &[at]);
        let scans_at = encoder.sections.records(Section::Scans);
        for scan in &bundle.scans {
            let words = write_scan(encoder, scan, actions, root_of(scan.index));
            encoder.sections.push(Section::Scans, &words);
        }
        write_bundle(encoder, bundle, scans_at, actions, root_of);
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
            (Some(service), Some(_)) => service_bit(start_word(service.as_bytes())),
            _ => u64::MAX,
        }
    };
    let patterns = program.resources.iter().flat_map(|resource| &resource.covers);
    patterns.filter_map(|&id| program.patterns.get(id)).fold(0, |bits, pattern| bits | service(pattern))
}

/// Writes a bundle, but for its scans.
fn write_bundle(
    encoder: &mut Encoder<'_>,
    bundle: &BundleTables,
    scans_at: u32,
    actions: &Numbers,
    root_of: impl Fn(IndexId) -> u32,
) {
    let mut roots = Vec::new();
    let mut numbers = HashMap::new();
    let mut entries = Vec::with_capacity(bundle.slots.len());
    for &(node, index) in &bundle.slots {
        let Some(&(from, to)) = actions.get(&node) else { continue };
        let root = root_of(index);
        // Neighbours mostly have the same one.
        let number = if roots.last() == Some(&root) {
            count(roots.len())
        } else {
            *numbers.entry(root).or_insert_with(|| {
                roots.push(root);
                count(roots.len())
            })
        };
        entries.push((from, to, number));
    }
    entries.sort_unstable();
    let changes = changes(&entries);
    let is_narrow = encoder.widths.action <= 2;
    let scan_count = count(bundle.scans.len());
    let is_plain = bundle.allows_all.is_none() && scan_count == 0;
    if let ([(from, _), (to, 0)], [root], true, true) = (changes.as_slice(), roots.as_slice(), is_plain, is_narrow) {
        encoder.slots.push(layout::RANGE);
        encoder.slots.extend([from, to].iter().flat_map(|node| node.to_le_bytes().into_iter().take(2)));
        encoder.narrow.put(&mut encoder.slots, *root, encoder.widths.root);
        return;
    }
    let blocks = if is_narrow && roots.len() < 0x1_0000 { blocks(&changes) } else { Vec::new() };
    let (number_bytes, shape) = match roots.len() {
        0..0x100 => (1, 1),
        0x100..0x1_0000 => (2, 2),
        _ => (4, 4),
    };
    let is_large = 0xffff < changes.len().max(roots.len());
    let flags = [
        (is_large, layout::LARGE),
        (bundle.allows_all.is_some(), layout::ALLOWS_ALL),
        (scan_count > 0, layout::SCANS),
        (!blocks.is_empty(), layout::MARKED),
    ];
    let slots = &mut encoder.slots;
    slots.push(flags.iter().filter(|(is_set, _)| *is_set).fold(shape, |shape, (_, flag)| shape | flag));
    for length in [changes.len(), roots.len()] {
        slots.extend(count(length).to_le_bytes().iter().take(if is_large { 4 } else { 2 }));
    }
    if let (false, Some((first, _))) = (blocks.is_empty(), changes.first()) {
        let span = (first / u32::BITS) | (count(blocks.len()) << layout::BLOCK_BITS);
        slots.extend(span.to_le_bytes().iter().take(3));
    }
    slots.extend(bundle.allows_all.iter().flat_map(|statement| statement.0.to_le_bytes()));
    if scan_count > 0 {
        slots.extend([scans_at, scan_count].iter().flat_map(|word| word.to_le_bytes()));
    }
    if blocks.is_empty() {
        let node_bytes = if is_narrow { 2 } else { 4 };
        slots.extend(changes.iter().flat_map(|(node, _)| node.to_le_bytes().into_iter().take(node_bytes)));
    }
    let mut before = 0_u32;
    for marks in blocks {
        slots.extend(before.to_le_bytes().iter().take(2));
        slots.extend(marks.to_le_bytes());
        before += marks.count_ones();
    }
    for (_, number) in &changes {
        slots.extend(number.to_le_bytes().iter().take(number_bytes));
    }
    for root in &roots {
        encoder.narrow.put(slots, *root, encoder.widths.root);
    }
}

/// The marks of all changes of a bundle; none where listing them is better.
fn blocks(changes: &[(u32, u32)]) -> Vec<u32> {
    let ([(first, _), .., (last, 0)], 0..0x1_0000) = (changes, changes.len()) else { return Vec::new() };
    let first = first / u32::BITS;
    let most = MARKED_SPARE_BYTES + changes.len() * 3;
    let needed = usize::try_from(last / u32::BITS - first + 1).unwrap_or(usize::MAX);
    if changes.len() < MARKED_MIN || most / layout::BLOCK_BYTES < needed {
        return Vec::new();
    }
    let mut blocks = vec![0; needed];
    for (node, _) in changes {
        if let Some(marks) = usize::try_from(node / u32::BITS - first).ok().and_then(|block| blocks.get_mut(block)) {
            *marks |= 1 << (node % u32::BITS);
        }
    }
    blocks
}

/// Fewer changes than these are found by a search as fast.
const MARKED_MIN: usize = 4;

/// Marks may take these bytes and three for each change, of which a list takes two: they spare every decision a search.
const MARKED_SPARE_BYTES: usize = 128;

/// From which action node on which root holds, 0 for none, where each of the entries, sorted, holds for a range of nodes
/// and what lies within another wins over it.
fn changes(entries: &[(u32, u32, u32)]) -> Vec<(u32, u32)> {
    let mut changes = Vec::<(u32, u32)>::new();
    let mut change = |node: u32, number: u32| {
        changes.pop_if(|(last, _)| *last == node);
        if changes.last().map_or(0, |(_, last)| *last) != number {
            changes.push((node, number));
        }
    };
    let mut open = Vec::<(u32, u32)>::new();
    for &(from, to, number) in entries {
        while let Some((end, _)) = open.pop_if(|(end, _)| *end <= from) {
            change(end, open.last().map_or(0, |(_, number)| *number));
        }
        change(from, number);
        open.push((to, number));
    }
    while let Some((end, _)) = open.pop() {
        change(end, open.last().map_or(0, |(_, number)| *number));
    }
    changes
}

fn write_scan(encoder: &mut Encoder<'_>, scan: &Scan, actions: &Numbers, root: u32) -> [u32; 4] {
    let (mut ranges, mut others) = (Vec::<(u32, u32)>::new(), Vec::new());
    for &pattern in scan.actions.patterns() {
        match pattern {
            ActionPattern::Any => others.extend([action_kind::ANY, 0]),
            ActionPattern::Glob(pattern) => {
                let start = match encoder.program.patterns.get(pattern).map(Pattern::steps) {
                    Some([Step::Literal(text, _), ..]) => start_of(encoder.program.texts.text(*text).as_bytes()),
                    _ => 0,
                };
                others.extend([action_kind::GLOB | start << action_kind::START_SHIFT, encoder.pattern(pattern)]);
            }
            ActionPattern::Exact(_) | ActionPattern::Prefix(_) => {
                ranges.extend(ActionNode::of(pattern).and_then(|node| actions.get(&node)));
            }
        }
    }
    ranges.sort_unstable();
    // Ranges lie within each other or apart; what touches becomes one.
    ranges.dedup_by(|next, last| {
        let touches = next.0 <= last.1;
        last.1 = last.1.max(if touches { next.1 } else { 0 });
        touches
    });
    let mut list = vec![count(ranges.len())];
    list.extend(ranges.iter().flat_map(|&(from, to)| [from, to]));
    list.extend(others);
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
    /// A root as slots name it.
    fn root(&mut self, at: u32, in_indexes: u32) -> u32 {
        if at >= 1 << 31 {
            self.refuse("the tables of all resources");
        }
        at << 1 | in_indexes
    }
}
