//! Rows, trie nodes, indexes, bundles.

use crate::ir::{ActionPattern, Effect, Id, Index, Scan, Step, Tables, TrieId, TrieNode, VariableEdge};
use crate::layout::{NONE, Section, action_kind, node, probe_of};

use super::actions::Numbers;
use super::{Encoder, count, open_addressing};

/// Writes the tables of all bundles.
pub(super) fn write(encoder: &mut Encoder<'_>, tables: &Tables, actions: &Numbers) {
    let rows = tables.rows.iter().map(|row| {
        let at = encoder.sections.words(Section::Rows);
        let denies = row.iter().filter(|entry| entry.effect == Effect::Deny).count();
        encoder.sections.push(Section::Rows, &[count(denies), count(row.len() - denies)]);
        for entry in row {
            encoder.sections.push(Section::Rows, &[entry.statement.0, entry.guard.0]);
        }
        at
    });
    let rows = rows.collect::<Vec<_>>();
    let runs = tables.runs.iter().map(|run| {
        let at = encoder.runs.len();
        encoder.runs.extend_from_slice(run);
        [count(at), count(run.len()), u32::from(run.first().copied().unwrap_or(0))]
    });
    let runs = runs.collect::<Vec<_>>();
    let mut places = Places { rows, runs, nodes: Vec::new() };
    for node in tables.nodes.iter() {
        let at = write_node(encoder, &places, &node);
        places.nodes.push(at);
    }
    let indexes = tables.indexes.iter().map(|index| write_index(encoder, &places, index)).collect::<Vec<_>>();
    let index_at = |index: crate::ir::IndexId| indexes.get(index.index()).copied().unwrap_or(NONE);
    for bundle in &tables.bundles {
        let slots = bundle.slots.iter().filter_map(|(node, index)| Some((*actions.get(node)?, index_at(*index))));
        let mut slots = slots.collect::<Vec<_>>();
        slots.sort_unstable();
        let slots_at = encoder.sections.records(Section::Slots);
        let mut slots_log2 = NONE;
        if !slots.is_empty() {
            let (words, log2) = open_addressing(&slots, 2, probe_of);
            encoder.sections.push(Section::Slots, &words);
            slots_log2 = log2;
        }
        let scans_at = encoder.sections.records(Section::Scans);
        for scan in &bundle.scans {
            let words = write_scan(encoder, scan, index_at(scan.index));
            encoder.sections.push(Section::Scans, &words);
        }
        let allows_all = bundle.allows_all.map_or(0, |statement| statement.0 + 1);
        let words = [slots_at, slots_log2, scans_at, count(bundle.scans.len()), allows_all];
        encoder.sections.push(Section::Bundles, &words);
    }
    if let Some(resources) = tables.resources {
        encoder.meta[crate::layout::meta::RESOURCE_INDEX] = index_at(resources) + 1;
    }
}

/// Positions of what is written already.
struct Places {
    rows: Vec<u32>,
    /// Place, length and first byte of each text of a literal edge.
    runs: Vec<[u32; 3]>,
    nodes: Vec<u32>,
}

impl Places {
    fn row(&self, row: crate::ir::RowId) -> u32 {
        self.rows.get(row.index()).copied().unwrap_or(NONE)
    }

    fn node(&self, node: TrieId) -> u32 {
        self.nodes.get(node.index()).copied().unwrap_or(NONE)
    }
}

fn write_scan(encoder: &mut Encoder<'_>, scan: &Scan, index: u32) -> [u32; 4] {
    let mut list = Vec::new();
    for pattern in scan.actions.patterns() {
        list.extend(match *pattern {
            ActionPattern::Any => [action_kind::ANY, 0],
            ActionPattern::Exact(symbol) => [action_kind::EXACT, encoder.symbol(symbol)],
            ActionPattern::Prefix(symbol) => [action_kind::PREFIX, encoder.symbol(symbol)],
            ActionPattern::Glob(pattern) => [action_kind::GLOB, pattern.0],
        });
    }
    let [at, length] = encoder.list(&list);
    [super::negated(scan.actions.polarity()), at, length, index]
}

fn write_index(encoder: &mut Encoder<'_>, places: &Places, index: &Index) -> u32 {
    let root = index.root.map_or(0, |root| places.node(root) + 1);
    let mut words = vec![root, count(index.excluding.len())];
    for excluding in &index.excluding {
        let variables = excluding.variables.iter().flat_map(|edge| encoder.step(variable_step(*edge)));
        let variables = variables.collect::<Vec<_>>();
        let [at, length] = encoder.list(&variables);
        words.extend([places.node(excluding.root), places.row(excluding.row), at, length]);
    }
    let at = encoder.sections.words(Section::Indexes);
    encoder.sections.push(Section::Indexes, &words);
    at
}

fn variable_step((key, default, crossing): VariableEdge) -> Step {
    Step::Variable { key, default, crossing }
}

fn write_node(encoder: &mut Encoder<'_>, places: &Places, trie_node: &TrieNode) -> u32 {
    let [star_within, star_free] = trie_node.stars;
    let [any_within, any_free] = trie_node.anys;
    let optional = [
        (node::HAS_END, trie_node.end.map(|row| places.row(row))),
        (node::HAS_REST, trie_node.rest.map(|row| places.row(row))),
        (node::HAS_STAR_WITHIN, star_within.map(|child| places.node(child))),
        (node::HAS_STAR_FREE, star_free.map(|child| places.node(child))),
        (node::HAS_ANY_WITHIN, any_within.map(|child| places.node(child))),
        (node::HAS_ANY_FREE, any_free.map(|child| places.node(child))),
    ];
    let folded_count = trie_node.folded.len();
    if trie_node.variables.len() > node::VARIABLES_MAX {
        encoder.refuse("the number of different variables at one place of a policy's resources");
    }
    let mut header = count(trie_node.variables.len()) << 8 | count(trie_node.literals.len() + folded_count) << 16;
    let mut words = vec![0];
    if trie_node.has_deny {
        header |= node::HAS_DENY;
    }
    if folded_count > 0 {
        header |= node::HAS_FOLDED;
        words.push(count(folded_count));
    }
    for (flag, word) in optional {
        if let Some(word) = word {
            header |= flag;
            words.push(word);
        }
    }
    for &(edge, child) in &trie_node.variables {
        let [kind, key, default] = encoder.step(variable_step(edge));
        words.extend([key, default, kind, places.node(child)]);
    }
    for edge in trie_node.literals.iter().chain(&trie_node.folded) {
        let [at, length, first] = places.runs.get(edge.text.index()).copied().unwrap_or_default();
        if length > count(node::LITERAL_MAX_BYTES) {
            encoder.refuse("a resource pattern");
        }
        words.extend([at, first << 24 | length, places.node(edge.child)]);
    }
    if let Some(first) = words.first_mut() {
        *first = header;
    }
    let at = encoder.sections.words(Section::Nodes);
    encoder.sections.push(Section::Nodes, &words);
    at
}
