//! Nodes of resource tries.
//!
//! Comes in: the parts of a node in the order of [`Drafts`], then its children. Goes out: its number, and the node again
//! as a [`TrieNode`].

use super::arena::{Id, RowId, RunId, Slices};
use super::{Crossing, KeyId, Symbol, TrieId};

/// A literal edge of a trie node. The edges of one node begin with different bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LiteralEdge {
    /// The text in [`Tables::runs`](super::Tables::runs); never empty.
    pub(crate) text: RunId,
    /// Where it leads.
    pub(crate) child: TrieId,
}

/// A variable as an edge: key, default, crossing.
pub(crate) type VariableEdge = (KeyId, Option<Symbol>, Crossing);

/// A node of a resource trie: the patterns that share the steps which lead here.
///
/// [`Nodes`] keeps it as words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct TrieNode {
    /// Row of the patterns that end here.
    pub(crate) end: Option<RowId>,
    /// Row of the patterns whose last step, here, is a free `*`.
    pub(crate) rest: Option<RowId>,
    /// Child behind `*`, by crossing (within a component, free).
    pub(crate) stars: [Option<TrieId>; 2],
    /// Child behind `?`, by crossing.
    pub(crate) anys: [Option<TrieId>; 2],
    /// Children behind variables.
    pub(crate) variables: Vec<(VariableEdge, TrieId)>,
    /// Children behind exact text, sorted by first byte.
    pub(crate) literals: Vec<LiteralEdge>,
    /// Children behind text whose ASCII case is ignored, sorted by first byte.
    pub(crate) folded: Vec<LiteralEdge>,
    /// Whether a row below, or here, holds a deny.
    pub(crate) has_deny: bool,
}

impl TrieNode {
    /// The children behind wildcards, variables and literals.
    pub(crate) fn children(&self) -> impl Iterator<Item = TrieId> + '_ {
        let wildcards = self.stars.iter().chain(&self.anys).flatten().copied();
        let variables = self.variables.iter().map(|(_, child)| *child);
        let edges = self.folded.iter().chain(&self.literals).map(|edge| edge.child);
        wildcards.chain(variables).chain(edges)
    }
}

/// All trie nodes. There are more of them than of anything else, and most have one edge or one end: each is a few words.
///
/// A node is its header, then in this order its rows (end, rest), its children behind wildcards (`*` within a component,
/// free `*`, and the same of `?`), its variables (key, default plus one, crossing, child), and its edges (text, child),
/// those that ignore case first. How many variables there are follows from the number of words.
#[derive(Debug, Clone, Default)]
pub(crate) struct Nodes {
    words: Slices<TrieId, u32>,
}

/// Bits of a node's header: which single parts there are, in their order.
const END: u32 = 1;
const REST: u32 = 1 << 1;
const STARS: [u32; 2] = [1 << 2, 1 << 3];
const ANYS: [u32; 2] = [1 << 4, 1 << 5];
/// A deny is here or below.
const HAS_DENY: u32 = 1 << 6;
/// One edge that ignores case, and one that does not; there are at most 256 of each.
const ONE_FOLDED: u32 = 1 << 7;
const ONE_LITERAL: u32 = 1 << 16;

const VARIABLE_WORDS: usize = 4;
const EDGE_WORDS: usize = 2;

impl Nodes {
    /// The node with that number.
    pub(crate) fn get(&self, id: TrieId) -> TrieNode {
        let mut node = TrieNode::default();
        unpack(self.words.get(id), &mut node);
        node
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.words.iter().len()
    }

    /// Adds all nodes of other tables, whose rows and runs have these numbers here; returns the numbers of the nodes.
    pub(super) fn append(&mut self, other: &Self, rows: &[RowId], runs: &[RunId]) -> Vec<TrieId> {
        self.words.reserve(&other.words);
        let mut made = Vec::<TrieId>::with_capacity(other.len());
        let mut moved = Vec::new();
        for words in other.words.iter() {
            moved.clear();
            moved.extend_from_slice(words);
            let header = moved.first().copied().unwrap_or(0);
            let row_count = usize::try_from((header & (END | REST)).count_ones()).unwrap_or(0);
            for word in moved.iter_mut().skip(1).take(row_count) {
                *word = RowId(*word).of(rows).map_or(u32::MAX, |row| row.0);
            }
            let edges_at = edges_at(&moved);
            for [text, _] in moved.get_mut(edges_at..).unwrap_or_default().as_chunks_mut::<EDGE_WORDS>().0 {
                *text = RunId(*text).of(runs).map_or(u32::MAX, |run| run.0);
            }
            // A child has a lower number.
            for child in children_of(&mut moved) {
                *child = TrieId(*child).of(&made).map_or(u32::MAX, |child| child.0);
            }
            made.push(self.words.intern(&moved));
        }
        made
    }

    /// Shows all nodes in the order of their numbers. They are unpacked one by one into the same memory.
    pub(crate) fn each(&self, show: impl FnMut(&TrieNode)) {
        self.each_of(|_| true, show);
    }

    /// Shows those that have variables.
    pub(crate) fn each_with_variables(&self, show: impl FnMut(&TrieNode)) {
        self.each_of(has_variables, show);
    }

    /// Shows those that have several edges, or one that ignores case.
    pub(crate) fn each_table(&self, show: impl FnMut(&TrieNode)) {
        let is_table = |words: &[u32]| {
            let [folded, literals] = edge_counts(words.first().copied().unwrap_or(0));
            1 < literals || 0 < folded
        };
        self.each_of(is_table, show);
    }

    /// Most nodes are told apart by their header alone, which spares unpacking them.
    fn each_of(&self, is_wanted: impl Fn(&[u32]) -> bool, mut show: impl FnMut(&TrieNode)) {
        let mut node = TrieNode::default();
        for words in self.words.iter().filter(|words| is_wanted(words)) {
            unpack(words, &mut node);
            show(&node);
        }
    }
}

/// Edges of a node: those that ignore case, and the others.
fn edge_counts(header: u32) -> [usize; 2] {
    [header % ONE_LITERAL / ONE_FOLDED, header / ONE_LITERAL].map(|count| usize::try_from(count).unwrap_or(0))
}

/// Where the edges of a node begin.
fn edges_at(words: &[u32]) -> usize {
    let [folded, literals] = edge_counts(words.first().copied().unwrap_or(0));
    words.len().saturating_sub(EDGE_WORDS * (folded + literals))
}

/// Whether a node has variables: words between its other parts and its edges.
fn has_variables(words: &[u32]) -> bool {
    let header = words.first().copied().unwrap_or(0);
    let parts = header & (END | REST | STARS[0] | STARS[1] | ANYS[0] | ANYS[1]);
    usize::try_from(parts.count_ones()).is_ok_and(|parts| 1 + parts < edges_at(words))
}

/// Makes `node` the node of these words.
fn unpack(words: &[u32], node: &mut TrieNode) {
    let header = words.first().copied().unwrap_or(0);
    let (parts, edges) = words.split_at_checked(edges_at(words)).unwrap_or_default();
    let mut parts = parts.iter().copied().skip(1);
    let mut part = |bit: u32| if header & bit == 0 { None } else { parts.next() };
    [node.end, node.rest] = [part(END), part(REST)].map(|row| row.map(RowId));
    node.stars = STARS.map(|bit| part(bit).map(TrieId));
    node.anys = ANYS.map(|bit| part(bit).map(TrieId));
    node.variables.clear();
    while let (Some(key), Some(default), Some(crossing), Some(child)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    {
        let crossing = if crossing == 0 { Crossing::WithinComponent } else { Crossing::Free };
        node.variables.push(((KeyId(key), default.checked_sub(1).map(Symbol), crossing), TrieId(child)));
    }
    let [folded, _] = edge_counts(header);
    let edges = edges.as_chunks::<EDGE_WORDS>().0;
    let (folded, literals) = edges.split_at_checked(folded).unwrap_or_default();
    for (list, edges) in [(&mut node.folded, folded), (&mut node.literals, literals)] {
        list.clear();
        list.extend(edges.iter().map(|&[text, child]| LiteralEdge { text: RunId(text), child: TrieId(child) }));
    }
    node.has_deny = header & HAS_DENY != 0;
}

/// Nodes that are being made: each stands behind the one whose child it is to be, so that the last one is finished first.
///
/// The parts of a node come in the order of its words.
#[derive(Debug, Clone, Default)]
pub(super) struct Drafts {
    words: Vec<u32>,
    /// Where each node begins.
    starts: Vec<usize>,
}

/// Stands for a child that is not made yet.
const UNMADE: u32 = u32::MAX;

impl Drafts {
    /// Begins a node.
    pub(super) fn begin(&mut self) {
        self.starts.push(self.words.len());
        self.words.push(0);
    }

    /// Adds the row of the patterns that end here.
    pub(super) fn end(&mut self, row: RowId) {
        self.part(END, row.0);
    }

    /// Adds the row of the patterns whose last step, here, is a free `*`.
    pub(super) fn rest(&mut self, row: RowId) {
        self.part(REST, row.0);
    }

    /// Notes that a row of the node holds a deny.
    pub(super) fn deny(&mut self) {
        if let Some(header) = self.header() {
            *header |= HAS_DENY;
        }
    }

    /// Adds a child behind `*`.
    pub(super) fn star(&mut self, crossing: Crossing) {
        let [within, free] = STARS;
        self.part(either(crossing, within, free), UNMADE);
    }

    /// Adds a child behind `?`.
    pub(super) fn any(&mut self, crossing: Crossing) {
        let [within, free] = ANYS;
        self.part(either(crossing, within, free), UNMADE);
    }

    /// Adds a child behind a variable.
    pub(super) fn variable(&mut self, (key, default, crossing): VariableEdge) {
        let default = default.map_or(0, |default| default.0 + 1);
        self.words.extend([key.0, default, either(crossing, 0, 1), UNMADE]);
    }

    /// Adds a child behind text whose case is ignored.
    pub(super) fn folded(&mut self, text: RunId) {
        self.edge(ONE_FOLDED, text);
    }

    /// Adds a child behind text.
    pub(super) fn literal(&mut self, text: RunId) {
        self.edge(ONE_LITERAL, text);
    }

    /// Finishes the last node with its children, and tells whether a deny is there or below.
    pub(super) fn finish(&mut self, children: &[Made], nodes: &mut Nodes) -> Made {
        let start = self.starts.pop().unwrap_or(0);
        let words = self.words.get_mut(start..).unwrap_or_default();
        for (place, child) in children_of(words).zip(children) {
            *place = child.id.0;
        }
        let mut has_deny = children.iter().any(|child| child.has_deny);
        if let Some(header) = words.first_mut() {
            *header |= if has_deny { HAS_DENY } else { 0 };
            has_deny = *header & HAS_DENY != 0;
        }
        let id = nodes.words.intern(words);
        self.words.truncate(start);
        Made { id, has_deny }
    }

    fn part(&mut self, bits: u32, word: u32) {
        if let Some(header) = self.header() {
            *header |= bits;
        }
        self.words.push(word);
    }

    fn edge(&mut self, one: u32, text: RunId) {
        if let Some(header) = self.header() {
            *header += one;
        }
        self.words.extend([text.0, UNMADE]);
    }

    fn header(&mut self) -> Option<&mut u32> {
        self.words.get_mut(*self.starts.last()?)
    }
}

/// A node that is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made {
    /// Its number.
    pub(super) id: TrieId,
    /// Whether a row of it, or below it, holds a deny.
    pub(super) has_deny: bool,
}

/// The places of a node's children, in their order.
fn children_of(words: &mut [u32]) -> impl Iterator<Item = &mut u32> {
    let header = words.first().copied().unwrap_or(0);
    let count = |bits: u32| usize::try_from((header & bits).count_ones()).unwrap_or(0);
    let wildcards_at = 1 + count(END | REST);
    let variables_at = wildcards_at + count(STARS[0] | STARS[1] | ANYS[0] | ANYS[1]);
    let edges_at = edges_at(words);
    words.iter_mut().enumerate().skip(wildcards_at).filter_map(move |(at, word)| {
        let is_child = if at < variables_at {
            true
        } else if at < edges_at {
            (at - variables_at) % VARIABLE_WORDS == VARIABLE_WORDS - 1
        } else {
            (at - edges_at) % EDGE_WORDS == EDGE_WORDS - 1
        };
        is_child.then_some(word)
    })
}

fn either<T>(crossing: Crossing, within: T, free: T) -> T {
    match crossing {
        Crossing::WithinComponent => within,
        Crossing::Free => free,
    }
}
