//! The action nodes of all bundles as one forest with a hash over the exact ones.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{ActionNode, Tables};
use crate::layout::{Section, TAG_SHIFT, hash_folded, meta};

use super::{Encoder, count, open_addressing, tagged};

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
        records.push((number, text, parent));
    }
    records.sort_unstable();
    for &(_, text, parent) in &records {
        encoder.sections.push(Section::Actions, &[count(encoder.action_text.len()), parent]);
        encoder.action_text.extend_from_slice(text.as_bytes());
    }
    if !records.is_empty() {
        encoder.sections.push(Section::Actions, &[count(encoder.action_text.len()), 0]);
    }
    encoder.action_count = count(records.len());
    if encoder.action_count >= 1 << TAG_SHIFT {
        encoder.refuse("the number of different actions");
    }
    // What no request can ask for (R-ACT-1), as lenient reading leaves it, is not found: a request that asks is an error.
    let exact = records.iter().filter(|(number, text, _)| count(prefixes.len()) <= *number && is_action(text));
    let hashes = exact.map(|(number, text, _)| (*number, hash_folded(text.as_bytes()))).collect::<BTreeMap<_, _>>();
    if !hashes.is_empty() {
        let hash = |number: u32| hashes.get(&number).copied().unwrap_or(0);
        let numbers = hashes.keys().copied().collect::<Vec<_>>();
        let (words, _) = open_addressing(&numbers, |number| tagged(number, hash(number)), hash);
        encoder.sections.push(Section::ActionHash, &words);
    }
    numbers
}

/// Whether a text is of the form `service:Name`.
fn is_action(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty() && !name.contains(':'))
}
