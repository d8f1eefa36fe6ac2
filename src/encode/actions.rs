//! The action nodes of all bundles as one forest with a hash over the exact ones.

use hashbrown::HashMap;

use crate::ir::{ActionNode, BundleTables, Tables, Texts};
use crate::layout::{ACTION_IS_PREFIX, Section, TAG_SHIFT, hash_folded};

use super::{Encoder, count, open_addressing, tagged};

/// Numbers of action nodes, and the numbers behind all that they cover.
pub(super) type Numbers = HashMap<ActionNode, (u32, u32)>;

/// Writes the nodes and returns their numbers.
pub(super) fn write(encoder: &mut Encoder<'_>, tables: &Tables) -> Numbers {
    let texts = &encoder.program.texts;
    let mut nodes = tables.bundles.iter().flat_map(nodes_of).collect::<Vec<_>>();
    nodes.sort_unstable();
    nodes.dedup();
    let mut all = nodes.into_iter().map(|node| (text_of(texts, node), node)).collect::<Vec<_>>();
    // A prefix sorts before everything that begins with it, so one walk in order meets all parents.
    all.sort_unstable();
    let mut numbers = Numbers::with_capacity(all.len());
    let mut open = Vec::<(&str, ActionNode, u32)>::new();
    let close = |open: &mut Vec<(&str, ActionNode, u32)>, numbers: &mut Numbers, text: Option<&str>, end| {
        while let Some((_, node, _)) = open.pop_if(|(prefix, ..)| !text.is_some_and(|text| text.starts_with(*prefix))) {
            if let Some((_, behind)) = numbers.get_mut(&node) {
                *behind = end;
            }
        }
    };
    let mut exact = Vec::new();
    for (&(text, node), number) in all.iter().zip(0..) {
        close(&mut open, &mut numbers, Some(text), number);
        let mut parent = open.last().map_or(0, |(.., number)| number + 1);
        numbers.insert(node, (number, number + 1));
        match node {
            ActionNode::Prefix(_) => {
                open.push((text, node, number));
                parent |= ACTION_IS_PREFIX;
            }
            // What no request can ask for (R-ACT-1), as lenient reading leaves it, is not found: a request that asks is
            // an error.
            ActionNode::Exact(_) if is_action(text) => exact.push(number),
            ActionNode::Exact(_) => {}
        }
        encoder.sections.push(Section::Actions, &[count(encoder.action_text.len()), parent]);
        encoder.action_text.extend_from_slice(text.as_bytes());
    }
    close(&mut open, &mut numbers, None, count(all.len()));
    if !all.is_empty() {
        encoder.sections.push(Section::Actions, &[count(encoder.action_text.len()), 0]);
    }
    encoder.action_count = count(all.len());
    if encoder.action_count >= 1 << TAG_SHIFT {
        encoder.refuse("the number of different actions");
    }
    if !exact.is_empty() {
        let hashes = all.iter().map(|(text, _)| hash_folded(text.as_bytes())).collect::<Vec<_>>();
        // Numbers count the nodes, which stand in their order.
        let hash = |number: u32| usize::try_from(number).ok().and_then(|at| hashes.get(at)).copied().unwrap_or(0);
        let (words, _) = open_addressing(&exact, |number| tagged(number, hash(number)), hash);
        encoder.sections.push(Section::ActionHash, &words);
    }
    numbers
}

/// The nodes that a bundle names.
fn nodes_of(bundle: &BundleTables) -> impl Iterator<Item = ActionNode> {
    let slots = bundle.slots.iter().map(|&(node, _)| node);
    slots.chain(bundle.scans.iter().flat_map(|scan| scan.actions.patterns()).copied().filter_map(ActionNode::of))
}

fn text_of(texts: &Texts, node: ActionNode) -> &str {
    match node {
        ActionNode::Prefix(symbol) | ActionNode::Exact(symbol) => texts.text(symbol),
    }
}

/// Whether a text is of the form `service:Name`.
fn is_action(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty() && !name.contains(':'))
}
