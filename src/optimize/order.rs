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
    bundles: &'p BundleSet,
}

/// Bundles that hold a pattern.
///
/// Few are listed; all are noted as one of 128 bits each, so that patterns without a common bit never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct BundleSet {
    bits: u128,
    /// How many are listed, or one more than there is room for.
    count: u8,
    /// In the order in which they came.
    few: [u32; FEW_BUNDLES],
}

/// Bundles of a pattern that are looked up one by one.
const FEW_BUNDLES: usize = 7;

impl BundleSet {
    /// Adds a bundle by its number.
    pub(super) fn add(&mut self, bundle: u32) {
        self.bits |= 1 << (bundle % u128::BITS);
        if self.few().is_some_and(|few| few.contains(&bundle)) {
            return;
        }
        if let Some(place) = self.few.get_mut(usize::from(self.count)) {
            *place = bundle;
            self.count += 1;
        } else {
            self.count = MANY_BUNDLES;
        }
    }

    /// The set of these bundles.
    #[cfg(test)]
    pub(super) fn of(bundles: impl IntoIterator<Item = u32>) -> Self {
        let mut set = Self::default();
        bundles.into_iter().for_each(|bundle| set.add(bundle));
        set
    }

    /// Adds all bundles of another set.
    fn add_all(&mut self, other: &Self) {
        match other.few() {
            Some(few) => few.iter().for_each(|&bundle| self.add(bundle)),
            None => self.count = MANY_BUNDLES,
        }
        self.bits |= other.bits;
    }

    /// The bundles, if they are few.
    fn few(&self) -> Option<&[u32]> {
        self.few.get(..usize::from(self.count))
    }

    /// Whether some bundle may hold what is in this set and in that.
    fn meets(&self, other: &Self) -> bool {
        self.bits & other.bits != 0
    }
}

const MANY_BUNDLES: u8 = 8;

/// Candidates with one beginning.
#[derive(Debug)]
struct Group<'c, 'p> {
    beginning: &'c str,
    /// The longest shorter beginning of it.
    parent: Option<usize>,
    /// The widest first.
    candidates: &'c [Candidate<'p>],
    /// Where there are many: each bundle with the positions of those that it holds, sorted.
    by_bundle: Vec<(u32, u32)>,
    /// Positions of those that are in too many bundles for that.
    everywhere: Vec<u32>,
}

/// Candidates of a group that are all looked at.
const FEW: usize = 32;

impl<'c, 'p> Group<'c, 'p> {
    fn new(beginning: &'c str, parent: Option<usize>, candidates: &'c [Candidate<'p>]) -> Self {
        let (mut by_bundle, mut everywhere) = (Vec::new(), Vec::new());
        if FEW < candidates.len() {
            for (at, candidate) in (0..).zip(candidates) {
                match candidate.bundles.few() {
                    Some(few) => by_bundle.extend(few.iter().map(|&bundle| (bundle, at))),
                    None => everywhere.push(at),
                }
            }
            by_bundle.sort_unstable();
        }
        Self { beginning, parent, candidates, by_bundle, everywhere }
    }

    /// Makes `met` the positions of the candidates that may stand in one of these bundles, the widest first.
    fn meet(&self, bundles: &BundleSet, met: &mut Vec<u32>) {
        met.clear();
        let Some(few) = bundles.few().filter(|_| FEW < self.candidates.len()) else {
            let all = (0..).zip(self.candidates.iter().take(LOOKED_MAX));
            met.extend(all.filter(|(_, candidate)| candidate.bundles.meets(bundles)).map(|(at, _)| at));
            return;
        };
        for &bundle in few {
            let from = self.by_bundle.partition_point(|&(other, _)| other < bundle);
            let held = self.by_bundle.iter().skip(from).take_while(|&&(other, _)| other == bundle);
            met.extend(held.take(LOOKED_MAX).map(|&(_, at)| at));
        }
        let is_met = |at: &u32| self.get(*at).is_some_and(|candidate| candidate.bundles.meets(bundles));
        met.extend(self.everywhere.iter().take(LOOKED_MAX).copied().filter(is_met));
        met.sort_unstable();
        met.dedup();
    }

    fn get(&self, at: u32) -> Option<&'c Candidate<'p>> {
        self.candidates.get(usize::try_from(at).ok()?)
    }
}

impl<K: Copy + Eq + Hash> Order<K> {
    /// Puts patterns in order, each given with bundles that hold it; `patterns` may repeat itself.
    pub(super) fn new<'p>(
        program: &'p Program,
        patterns: impl Iterator<Item = (K, &'p BundleSet)>,
        shape: impl Fn(K) -> Shape<'p>,
    ) -> Self {
        let mut graph = DiGraph::new();
        let mut nodes = HashMap::new();
        let mut bundles = Vec::new();
        for (pattern, held) in patterns {
            let node = *nodes.entry(pattern).or_insert_with(|| graph.add_node(pattern));
            match bundles.get_mut(node.index()) {
                Some(bundles) => BundleSet::add_all(bundles, held),
                None => bundles.push(*held),
            }
        }
        let shapes = graph.node_weights().map(|pattern| shape(*pattern)).collect::<Vec<_>>();
        let case = if shapes.iter().any(|shape| folds(*shape)) { Case::Folded } else { Case::Exact };
        let (mut candidates, others) = halves(shapes.len(), |nodes| {
            let known = shapes.iter().zip(&bundles).skip(nodes.start);
            let nodes = nodes.map(NodeIndex::new).zip(known);
            let found = nodes.filter_map(|(node, (&shape, bundles))| {
                let rest = if case == Case::Exact && is_prefix(shape) {
                    None
                } else if has_wildcard(shape) || folds(shape) {
                    Some(Summary::of(program, shape))
                } else {
                    return None;
                };
                Some(Candidate { beginning: beginning(program, shape, case), rest, node, bundles })
            });
            let mut candidates = found.collect::<Vec<_>>();
            candidates.sort_unstable();
            candidates
        });
        if let Some(others) = others {
            candidates.extend(others);
            // This sort finds both runs and merges them.
            candidates.sort();
        }
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
        let (Some(&narrow), Some(bundles)) = (shapes.get(node.index()), bundles.get(node.index())) else { return };
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
