//! Resource tries, built from patterns.
//!
//! Comes in: patterns with the entries they lead to. Goes out: the nodes of their trie in [`Tables`]. No answer is
//! sought here; what a row keeps is decided in `table`.

use std::cmp::Ordering;
use std::ops::Range;

use super::arena::RowId;
use super::table::{Entry, LiteralEdge, Tables, TrieNode, VariableEdge};
use super::{Case, Crossing, Effect, Pattern, Program, Step, TrieId};

impl Tables {
    /// Returns the trie of these patterns, each with the entry that it leads to.
    ///
    /// Items are sorted in the order of the trie's branches, so that those of one node, and of each of its children,
    /// stand together. A trie is as deep as its longest chain of prefixes, so it is built from a list of jobs, not by
    /// recursion.
    pub(super) fn trie<'p>(&mut self, program: &'p Program, mut items: Vec<Item<'p>>) -> TrieId {
        items.sort_unstable_by(|left, right| left.compare(*right, program));
        let mut jobs = vec![Job::Group(0..items.len())];
        let (mut below, mut made) = (Vec::new(), Vec::new());
        while let Some(job) = jobs.pop() {
            match job {
                Job::Group(range) => {
                    let start = range.start;
                    let group = items.get_mut(range).unwrap_or_default();
                    let node = self.group(program, group, start, &mut below);
                    jobs.push(Job::Finish(node, below.len()));
                    jobs.extend(below.drain(..).rev().map(Job::Group));
                }
                Job::Finish(node, child_count) => {
                    let from = made.len().saturating_sub(child_count);
                    let id = self.finish(node, made.get(from..).unwrap_or_default());
                    made.truncate(from);
                    made.push(id);
                }
            }
        }
        made.pop().unwrap_or(UNMADE)
    }

    /// Makes the node of these items, the first of which has the number `start`, but for its children: their items are
    /// moved on, and their ranges appended to `below` in the order of [`children`].
    fn group<'p>(
        &mut self,
        program: &'p Program,
        items: &mut [Item<'p>],
        mut start: usize,
        below: &mut Vec<Range<usize>>,
    ) -> TrieNode {
        let mut node = TrieNode::default();
        let mut rest = items;
        while let Some(first) = rest.first() {
            let branch = first.branch();
            let count = rest.iter().take_while(|item| item.branch() == branch).count();
            let Some((run, behind)) = rest.split_at_mut_checked(count) else { break };
            rest = behind;
            let range = start..start + run.len();
            start = range.end;
            let mut length = 0;
            match branch {
                Branch::End => {
                    node.end = Some(self.row(run));
                    continue;
                }
                Branch::Rest => {
                    node.rest = Some(self.row(run));
                    continue;
                }
                Branch::Star(crossing) => *by_crossing(&mut node.stars, crossing) = Some(UNMADE),
                Branch::Any(crossing) => *by_crossing(&mut node.anys, crossing) = Some(UNMADE),
                Branch::Variable(edge) => node.variables.push((edge, UNMADE)),
                Branch::Folded(_) => {
                    let text = common_prefix(run);
                    length = text.len();
                    node.folded.push(LiteralEdge { text: self.runs.intern(text), child: UNMADE });
                }
                Branch::Exact(_) => {
                    let text = common_prefix(run);
                    length = text.len();
                    node.literals.push(LiteralEdge { text: self.runs.intern(text), child: UNMADE });
                }
            }
            for item in run {
                item.advance(program, length);
            }
            below.push(range);
        }
        node
    }

    fn finish(&mut self, mut node: TrieNode, made: &[TrieId]) -> TrieId {
        let below = made.iter().any(|&child| self.nodes.has_deny(child));
        let here = [node.end, node.rest].into_iter().flatten().any(|row| self.row_denies(row));
        node.has_deny = below || here;
        for (place, child) in children(&mut node).zip(made) {
            *place = *child;
        }
        self.nodes.intern(&node)
    }

    fn row_denies(&self, row: RowId) -> bool {
        self.rows.get(row).first().is_some_and(|entry| entry.effect == Effect::Deny)
    }

    fn row(&mut self, items: &[Item<'_>]) -> RowId {
        self.new_row(items.iter().map(|item| item.entry).collect())
    }
}

/// A step of building a trie.
enum Job {
    /// Make the node of these items, and then its children.
    Group(Range<usize>),
    /// Number the node, whose children, that many, were made last.
    Finish(TrieNode, usize),
}

/// Stands for a child that is not made yet.
const UNMADE: TrieId = TrieId(u32::MAX);

/// The children of a node, in the order in which they are made.
fn children(node: &mut TrieNode) -> impl Iterator<Item = &mut TrieId> {
    let wildcards = node.stars.iter_mut().chain(&mut node.anys).flatten();
    let variables = node.variables.iter_mut().map(|(_, child)| child);
    let edges = node.folded.iter_mut().chain(&mut node.literals).map(|edge| &mut edge.child);
    wildcards.chain(variables).chain(edges)
}

fn by_crossing<T>([within, free]: &mut [T; 2], crossing: Crossing) -> &mut T {
    match crossing {
        Crossing::WithinComponent => within,
        Crossing::Free => free,
    }
}

/// What is left of a pattern, and the entry that it leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'p> {
    /// Steps that are left.
    pub(super) steps: &'p [Step],
    /// What is left of the first step, if it is a literal; else empty.
    literal: &'p [u8],
    /// The entry.
    entry: Entry,
}

/// Where a node sends an item.
///
/// The order is that of [`children`], behind what ends here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Branch {
    /// The pattern ends.
    End,
    /// A free `*` is all that is left.
    Rest,
    Star(Crossing),
    Any(Crossing),
    Variable(VariableEdge),
    /// A literal with that first byte, whose case is ignored.
    Folded(u8),
    /// A literal with that first byte.
    Exact(u8),
}

impl<'p> Item<'p> {
    /// All of a pattern.
    pub(super) fn new(program: &'p Program, pattern: &'p Pattern, entry: Entry) -> Self {
        let steps = pattern.steps();
        Self { steps, literal: first_literal(program, steps), entry }
    }

    fn branch(&self) -> Branch {
        match *self.steps {
            [] => Branch::End,
            [Step::Star(Crossing::Free)] => Branch::Rest,
            [Step::Star(crossing), ..] => Branch::Star(crossing),
            [Step::Any(crossing), ..] => Branch::Any(crossing),
            [Step::Variable { key, default, crossing }, ..] => Branch::Variable((key, default, crossing)),
            [Step::Literal(_, case), ..] => {
                // No literal is empty.
                let first = self.literal.first().copied().unwrap_or(0);
                match case {
                    Case::Folded => Branch::Folded(first),
                    Case::Exact => Branch::Exact(first),
                }
            }
        }
    }

    /// Orders what is left of two patterns as the trie of both would.
    fn compare(mut self, mut other: Self, program: &'p Program) -> Ordering {
        loop {
            let branch = self.branch();
            let order = branch.cmp(&other.branch());
            if order.is_ne() || matches!(branch, Branch::End | Branch::Rest) {
                return order;
            }
            let common = common_length(self.literal, other.literal);
            if let (Some(byte), Some(other_byte)) = (self.literal.get(common), other.literal.get(common)) {
                return byte.cmp(other_byte);
            }
            self.advance(program, common);
            other.advance(program, common);
        }
    }

    /// Goes on by `length` bytes of a literal, or by one step of any other sort.
    fn advance(&mut self, program: &'p Program, length: usize) {
        match self.literal.get(length..) {
            Some(rest @ [_, ..]) => self.literal = rest,
            Some([]) | None => {
                self.steps = self.steps.get(1..).unwrap_or_default();
                self.literal = first_literal(program, self.steps);
            }
        }
    }
}

/// The text of the first step, if it is a literal.
fn first_literal<'p>(program: &'p Program, steps: &[Step]) -> &'p [u8] {
    match steps {
        [Step::Literal(symbol, _), ..] => program.texts.text(*symbol).as_bytes(),
        _ => &[],
    }
}

/// What the literals of sorted items have in common: what the first and the last one have.
fn common_prefix<'p>(items: &[Item<'p>]) -> &'p [u8] {
    let [first, .., last] = items else { return items.first().map_or(&[], |item| item.literal) };
    first.literal.get(..common_length(first.literal, last.literal)).unwrap_or_default()
}

/// How many bytes two texts begin with in common; most have many, so that eight are compared at a time.
fn common_length(left: &[u8], right: &[u8]) -> usize {
    let (left_words, right_words) = (left.as_chunks::<8>().0.iter(), right.as_chunks::<8>().0);
    let words = 8 * left_words.zip(right_words).take_while(|(left, right)| left == right).count();
    let (left, right) = (left.get(words..).unwrap_or_default(), right.get(words..).unwrap_or_default());
    words + left.iter().zip(right).take_while(|(left, right)| left == right).count()
}
