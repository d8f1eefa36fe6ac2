//! The action nodes of all bundles as one forest with a hash over the exact ones.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{ActionNode, Symbol, Tables};
use crate::layout::{Section, hash_text, meta};

use super::{Encoder, count, open_addressing};

/// Numbers of action nodes.
pub(super) type Numbers = BTreeMap<ActionNode, u32>;

/// Writes the nodes and returns their numbers.
pub(super) fn write(encoder: &mut Encoder<'_>, tables: &Tables) -> Numbers {
    let texts = &encoder.program.texts;
    let nodes = tables.bundles.iter().flat_map(|bundle| bundle.slots.keys().copied());
    let mut prefixes = BTreeSet::new();
    let mut exact = BTreeSet::new();
    for node in nodes {
        match node {
            ActionNode::Prefix(symbol) => prefixes.insert((texts.text(symbol), node)),
            ActionNode::Exact(symbol) => exact.insert((texts.text(symbol), node)),
        };
    }
    encoder.meta[meta::PREFIX_COUNT] = count(prefixes.len());
    let mut numbers = Numbers::new();
    let mut open = Vec::<(&str, u32)>::new();
    let mut records = Vec::new();
    // A prefix sorts before everything that begins with it, so one walk over both in order meets all parents.
    let mut all = prefixes.iter().map(|&(text, node)| (text, 0, node)).collect::<Vec<_>>();
    all.extend(exact.iter().map(|&(text, node)| (text, 1, node)));
    all.sort_unstable();
    let mut next_prefix = 0;
    let mut next_exact = count(prefixes.len());
    for (text, _, node) in all {
        while open.last().is_some_and(|(prefix, _)| !text.starts_with(prefix)) {
            open.pop();
        }
        let parent = open.last().map_or(0, |(_, number)| number + 1);
        let number = match node {
            ActionNode::Prefix(_) => {
                open.push((text, next_prefix));
                next_prefix += 1;
                next_prefix - 1
            }
            ActionNode::Exact(_) => {
                next_exact += 1;
                next_exact - 1
            }
        };
        numbers.insert(node, number);
        records.push((number, text, symbol_of(node), parent));
    }
    records.sort_unstable();
    for &(_, _, symbol, parent) in &records {
        let symbol = encoder.symbol(symbol);
        encoder.sections.push(Section::Actions, &[symbol, parent]);
    }
    let exact = records.iter().filter(|(number, ..)| *number >= count(prefixes.len()));
    let hashes =
        exact.clone().map(|(number, text, ..)| (*number, hash_text(text.as_bytes()))).collect::<BTreeMap<_, _>>();
    let entries = exact.map(|(number, ..)| (*number, 0)).collect::<Vec<_>>();
    if !entries.is_empty() {
        let place = |number, log2: u32| hashes.get(&number).copied().unwrap_or(0) & ((1 << log2) - 1);
        let (words, _) = open_addressing(&entries, 1, place);
        encoder.sections.push(Section::ActionHash, &words);
    }
    numbers
}

fn symbol_of(node: ActionNode) -> Symbol {
    match node {
        ActionNode::Prefix(symbol) | ActionNode::Exact(symbol) => symbol,
    }
}
