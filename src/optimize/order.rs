//! The order of patterns: `p ≤ q` if every text that `p` matches is matched by `q`.
//!
//! Comes in: patterns of one kind. Goes out: a graph whose edges lead from a pattern to wider ones. An edge is a proof;
//! a missing edge is not the proof of the opposite, see [`Order`].

use std::borrow::Cow;
use std::hash::Hash;
use std::ops::Range;

use hashbrown::HashMap;
use petgraph::graph::{DiGraph, NodeIndex};

use super::inclusion::{Comparison, Shape, Summary, Token, tokens};
use crate::ir::{Case, Crossing, Program, Step};
use crate::threads::halves;

/// For one pattern: most patterns with an equal beginning that are looked at, most whose wildcards are compared, and most
/// states of all these comparisons. So thousands of patterns that begin alike do not make compiling slow.
const LOOKED_MAX: usize = 256;
const COMPARED_MAX: usize = 256;
const STATES_MAX: usize = 4096;

/// Patterns in their order.
///
/// Each pattern is a node. An edge leads from a pattern to every wider one that was found and that may stand in one bundle
/// with it: a chain of three has three edges; equal patterns are one node, patterns that differ but match the same have
/// edges both ways. Not in the graph: the pattern that matches everything, which every caller knows.
///
/// What is plain text includes nothing but itself. Anything else includes only what begins with its own beginning, the
/// text before its first wildcard; so the wider ones of a pattern stand on one path of the tree of beginnings. Those that
/// are a beginning and a `*` are found by it alone, the others compared, the widest first and at most [`COMPARED_MAX`] of
/// them. Without variables all wider ones within these bounds are found.
///
/// Costs a sort of the patterns with wildcards, for each pattern a search among them and as many steps as its beginning
/// has beginnings among them.
#[derive(Debug)]
pub(super) struct Order<K> {
    graph: DiGraph<K, ()>,
    nodes: HashMap<K, NodeIndex>,
}

/// A pattern that may include others.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate<'p> {
    /// The text before the first wildcard.
    beginning: Cow<'p, str>,
    /// None where a `*` follows and ends the pattern, which is then wider than all else that begins so.
    rest: Option<Summary>,
    node: NodeIndex,
    bundles: BundleSet,
}

/// Bundles that hold a pattern, each as one of 128 bits. Patterns without a common bit never meet.
pub(super) type BundleSet = u128;

/// Candidates with one beginning.
#[derive(Debug)]
struct Group<'c, 'p> {
    beginning: &'c str,
    /// The longest shorter beginning of it.
    parent: Option<usize>,
    /// The widest first.
    candidates: &'c [Candidate<'p>],
    /// Where there are many: positions of those of each bit of [`BundleSet`].
    by_bundle: Vec<Vec<u32>>,
}

/// Candidates of a group that are all looked at.
const FEW: usize = 32;

/// Bundles of a pattern that are looked up one by one.
const FEW_BUNDLES: u32 = 8;

impl<'c, 'p> Group<'c, 'p> {
    fn new(beginning: &'c str, parent: Option<usize>, candidates: &'c [Candidate<'p>]) -> Self {
        let mut by_bundle = Vec::new();
        if FEW < candidates.len() {
            by_bundle = (0..BundleSet::BITS).map(|_| Vec::new()).collect();
            for (at, candidate) in (0..).zip(candidates) {
                for bit in bits(candidate.bundles) {
                    by_bundle.get_mut(bit).into_iter().for_each(|list: &mut Vec<u32>| list.push(at));
                }
            }
        }
        Self { beginning, parent, candidates, by_bundle }
    }

    /// Makes `met` the positions of the candidates that may stand in one of these bundles, the widest first.
    fn meet(&self, bundles: BundleSet, met: &mut Vec<u32>) {
        met.clear();
        if self.by_bundle.is_empty() || FEW_BUNDLES < bundles.count_ones() {
            let all = (0..).zip(self.candidates.iter().take(LOOKED_MAX));
            met.extend(all.filter(|(_, candidate)| candidate.bundles & bundles != 0).map(|(at, _)| at));
            return;
        }
        let is_alone = bundles.is_power_of_two();
        for (bit, list) in bits(bundles).filter_map(|bit| Some((bit, self.by_bundle.get(bit)?))) {
            // One that stands in several of them is taken for the first.
            let is_first =
                |at: &u32| is_alone || self.get(*at).is_some_and(|it| bits(it.bundles & bundles).next() == Some(bit));
            met.extend(list.iter().take(LOOKED_MAX).copied().filter(is_first));
        }
        met.sort_unstable();
    }

    fn get(&self, at: u32) -> Option<&'c Candidate<'p>> {
        self.candidates.get(usize::try_from(at).ok()?)
    }
}

impl<K: Copy + Eq + Hash> Order<K> {
    /// Puts patterns in order, each given with bundles that hold it; `patterns` may repeat itself.
    pub(super) fn new<'p>(
        program: &'p Program,
        patterns: impl Iterator<Item = (K, BundleSet)>,
        shape: impl Fn(K) -> Shape<'p>,
    ) -> Self {
        let mut graph = DiGraph::new();
        let mut nodes = HashMap::new();
        let mut bundles = Vec::new();
        for (pattern, held) in patterns {
            let node = *nodes.entry(pattern).or_insert_with(|| graph.add_node(pattern));
            match bundles.get_mut(node.index()) {
                Some(bundles) => *bundles |= held,
                None => bundles.push(held),
            }
        }
        let shapes = graph.node_weights().map(|pattern| shape(*pattern)).collect::<Vec<_>>();
        let case = if shapes.iter().any(|shape| folds(*shape)) { Case::Folded } else { Case::Exact };
        let mut candidates = Vec::with_capacity(shapes.len());
        for ((node, &shape), &bundles) in graph.node_indices().zip(&shapes).zip(&bundles) {
            let rest = if case == Case::Exact && is_prefix(shape) {
                None
            } else if has_wildcard(shape) || folds(shape) {
                Some(Summary::of(program, shape))
            } else {
                continue;
            };
            candidates.push(Candidate { beginning: beginning(program, shape, case), rest, node, bundles });
        }
        candidates.sort_unstable();
        let groups = groups(&candidates);
        let mut group_of = vec![None; shapes.len()];
        for (number, group) in groups.iter().enumerate() {
            for candidate in group.candidates {
                if let Some(of) = group_of.get_mut(candidate.node.index()) {
                    *of = Some(number);
                }
            }
        }
        let known = Known { program, shapes: &shapes, bundles: &bundles, case, groups: &groups, group_of: &group_of };
        // Each pattern is searched for alone.
        let (first, second) = halves(shapes.len(), |nodes| known.edges(nodes));
        for (narrow, wide) in first.into_iter().chain(second.into_iter().flatten()) {
            graph.add_edge(narrow, wide, ());
        }
        Self { graph, nodes }
    }

    /// All wider patterns that were found.
    pub(super) fn above(&self, pattern: K) -> impl Iterator<Item = K> {
        let node = self.nodes.get(&pattern);
        let wider = node.into_iter().flat_map(|&node| self.graph.neighbors(node));
        wider.filter_map(|node| self.graph.node_weight(node).copied())
    }

    /// Whether each pattern of a list is, or is included by, one of a sorted list.
    pub(super) fn covers(&self, wide: &[K], narrow: &[K]) -> bool
    where
        K: Ord,
    {
        let has = |pattern: &K| wide.binary_search(pattern).is_ok();
        narrow.iter().all(|&pattern| has(&pattern) || self.above(pattern).any(|wider| has(&wider)))
    }
}

/// The bits that are set, the lowest first.
fn bits(mut set: BundleSet) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = usize::try_from(set.trailing_zeros()).ok().filter(|_| set != 0)?;
        set &= set - 1;
        Some(bit)
    })
}

/// The tree of beginnings, in the order of texts: what begins alike is neighbours.
fn groups<'c, 'p>(candidates: &'c [Candidate<'p>]) -> Vec<Group<'c, 'p>> {
    let mut groups: Vec<Group<'c, 'p>> = Vec::new();
    let mut path: Vec<usize> = Vec::new();
    for candidates in candidates.chunk_by(|one, other| one.beginning == other.beginning) {
        let Some(first) = candidates.first() else { continue };
        let beginning = first.beginning.as_ref();
        let is_beginning =
            |number: &usize| groups.get(*number).is_some_and(|group| beginning.starts_with(group.beginning));
        while path.last().is_some_and(|number| !is_beginning(number)) {
            path.pop();
        }
        let parent = path.last().copied();
        path.push(groups.len());
        groups.push(Group::new(beginning, parent, candidates));
    }
    groups
}

/// What the search for wider patterns reads.
#[derive(Clone, Copy)]
struct Known<'g, 'p> {
    program: &'p Program,
    /// Of each node.
    shapes: &'g [Shape<'p>],
    /// Of each node.
    bundles: &'g [BundleSet],
    /// Whether beginnings are in lower case.
    case: Case,
    groups: &'g [Group<'g, 'p>],
    /// Of each node that is a candidate.
    group_of: &'g [Option<usize>],
}

impl Known<'_, '_> {
    /// The edges from these nodes to wider ones.
    fn edges(&self, nodes: Range<usize>) -> Vec<(NodeIndex, NodeIndex)> {
        let mut search = Search {
            known: *self,
            path: Vec::new(),
            met: Vec::new(),
            comparison: Comparison::default(),
            narrow: Vec::new(),
            wide: Vec::new(),
        };
        let mut edges = Vec::new();
        for node in nodes.map(NodeIndex::new) {
            search.wider(node, |wide| edges.push((node, wide)));
        }
        edges
    }
}

/// The search for wider patterns, with its memory.
struct Search<'g, 'p> {
    known: Known<'g, 'p>,
    /// Groups whose beginning a pattern begins with, the longest first.
    path: Vec<usize>,
    /// Positions of candidates of one group.
    met: Vec<u32>,
    comparison: Comparison,
    narrow: Vec<Token>,
    wide: Vec<Token>,
}

impl Search<'_, '_> {
    /// Shows the patterns that include a pattern, itself excepted.
    fn wider(&mut self, node: NodeIndex, mut show: impl FnMut(NodeIndex)) {
        let Known { program, shapes, bundles, groups, .. } = self.known;
        let (Some(&narrow), Some(&bundles)) = (shapes.get(node.index()), bundles.get(node.index())) else { return };
        self.path.clear();
        self.narrow.clear();
        let mut next = self.longest_group(node, narrow);
        while let Some((number, group)) = next.and_then(|number| Some((number, groups.get(number)?))) {
            self.path.push(number);
            next = group.parent;
        }
        let (mut compared, mut states_left, mut summary) = (0, STATES_MAX, None);
        for group in self.path.iter().rev().filter_map(|&number| groups.get(number)) {
            group.meet(bundles, &mut self.met);
            let candidates = self.met.iter().map(|&at| group.get(at)).enumerate();
            for (passed, candidate) in candidates.filter_map(|(passed, candidate)| Some((passed, candidate?))) {
                if candidate.node == node {
                    continue;
                }
                let Some(rest) = candidate.rest else {
                    show(candidate.node);
                    continue;
                };
                if COMPARED_MAX <= compared || states_left == 0 {
                    break;
                }
                let summary = *summary.get_or_insert_with(|| Summary::of(program, narrow));
                if rest.is_longer(summary) {
                    // So are all behind it.
                    compared += self.met.len() - passed;
                    break;
                }
                compared += 1;
                if !rest.may_include(summary) {
                    continue;
                }
                let Some(&wide) = shapes.get(candidate.node.index()) else { continue };
                if self.narrow.is_empty() {
                    tokens(program, narrow, &mut self.narrow);
                }
                self.wide.clear();
                tokens(program, wide, &mut self.wide);
                if self.comparison.includes(&self.wide, &self.narrow, &mut states_left) {
                    show(candidate.node);
                }
            }
        }
    }

    /// The group with the longest beginning that a pattern begins with.
    fn longest_group(&self, node: NodeIndex, pattern: Shape<'_>) -> Option<usize> {
        let Known { program, case, groups, group_of, .. } = self.known;
        if let Some(&Some(own)) = group_of.get(node.index()) {
            return Some(own);
        }
        let start = beginning(program, pattern, case);
        let mut next = groups.partition_point(|group| group.beginning <= start.as_ref()).checked_sub(1);
        while let Some(group) = next.and_then(|number| groups.get(number)) {
            if start.starts_with(group.beginning) {
                break;
            }
            next = group.parent;
        }
        next
    }
}

fn has_wildcard(shape: Shape<'_>) -> bool {
    match shape {
        Shape::Exact(_) => false,
        Shape::Prefix(_) => true,
        Shape::Steps(steps) => steps.iter().any(|step| matches!(step, Step::Star(_) | Step::Any(_))),
    }
}

/// Whether the pattern holds text whose case does not count.
fn folds(shape: Shape<'_>) -> bool {
    match shape {
        Shape::Exact(_) | Shape::Prefix(_) => false,
        Shape::Steps(steps) => steps.iter().any(|step| matches!(step, Step::Literal(_, Case::Folded))),
    }
}

/// Whether the pattern is text and a `*` that may consume anything.
fn is_prefix(shape: Shape<'_>) -> bool {
    match shape {
        Shape::Exact(_) => false,
        Shape::Prefix(_) => true,
        Shape::Steps(steps) => matches!(steps, [Step::Literal(..), Step::Star(Crossing::Free)]),
    }
}

/// The text with which all that a pattern matches begins; in lower case where case does not count in some pattern.
fn beginning<'p>(program: &'p Program, shape: Shape<'p>, case: Case) -> Cow<'p, str> {
    let text = |symbol| program.texts.text(symbol);
    match (shape, case) {
        (Shape::Exact(text) | Shape::Prefix(text), Case::Exact) => Cow::Borrowed(text),
        (Shape::Exact(text) | Shape::Prefix(text), Case::Folded) => Cow::Owned(text.to_ascii_lowercase()),
        (Shape::Steps([Step::Literal(symbol, _), ..]), Case::Exact) => Cow::Borrowed(text(*symbol)),
        (Shape::Steps(_), Case::Exact) => Cow::Borrowed(""),
        (Shape::Steps(steps), Case::Folded) => {
            let literals = steps.iter().map_while(|step| match step {
                Step::Literal(symbol, _) => Some(text(*symbol).to_ascii_lowercase()),
                Step::Star(_) | Step::Any(_) | Step::Variable { .. } => None,
            });
            Cow::Owned(literals.collect())
        }
    }
}
