//! Resource tries, built from patterns.
//!
//! Comes in: patterns with the entries they lead to. Goes out: the nodes of their trie in [`Tables`]. No answer is
//! sought here; what a row keeps is decided in `table`.

use std::cmp::Ordering;
use std::ops::Range;

use super::arena::RowId;
use super::node::{Drafts, Made, VariableEdge};
use super::table::{Entry, Tables};
use super::{Case, Crossing, Effect, GuardId, Id, PatternId, Program, StatementId, Step, TrieId};

/// Memory that one trie after the other is made in; empty between them.
#[derive(Debug, Clone, Default)]
pub(super) struct Workspace {
    jobs: Vec<Job>,
    below: Vec<Range<usize>>,
    drafts: Drafts,
    made: Vec<Made>,
}

impl Tables {
    /// Returns the trie of these patterns, each with the entry that it leads to.
    ///
    /// Items are sorted in the order of the trie's branches, so that those of one node, and of each of its children,
    /// stand together. A trie is as deep as its longest chain of prefixes, so it is built from a list of jobs, not by
    /// recursion.
    pub(super) fn trie<'p>(&mut self, program: &'p Program, mut items: Vec<Item<'p>>) -> TrieId {
        self.ranks.sort(program, &mut items);
        let Workspace { mut jobs, mut below, mut drafts, mut made } = std::mem::take(&mut self.workspace);
        jobs.push(Job::Group(0..items.len()));
        while let Some(job) = jobs.pop() {
            match job {
                Job::Group(range) => {
                    let start = range.start;
                    let group = items.get_mut(range).unwrap_or_default();
                    self.group(program, group, start, &mut drafts, &mut below);
                    jobs.push(Job::Finish(below.len()));
                    jobs.extend(below.drain(..).rev().map(Job::Group));
                }
                Job::Finish(child_count) => {
                    let from = made.len().saturating_sub(child_count);
                    let node = drafts.finish(made.get(from..).unwrap_or_default(), &mut self.nodes);
                    made.truncate(from);
                    made.push(node);
                }
            }
        }
        let root = made.pop().map_or(TrieId(u32::MAX), |root| root.id);
        self.workspace = Workspace { jobs, below, drafts, made };
        root
    }

    /// Begins the node of these items, the first of which has the number `start`: they are moved on to its children, and
    /// the range of each child's is appended to `below`.
    fn group<'p>(
        &mut self,
        program: &'p Program,
        items: &mut [Item<'p>],
        mut start: usize,
        drafts: &mut Drafts,
        below: &mut Vec<Range<usize>>,
    ) {
        drafts.begin();
        let mut rest = items;
        while let Some((run, behind)) = split_run(rest) {
            rest = behind;
            let range = start..start + run.len();
            start = range.end;
            let mut length = 0;
            match run.first().map_or(Branch::End, Item::branch) {
                Branch::End => {
                    let row = self.row(run, drafts);
                    drafts.end(row);
                    continue;
                }
                Branch::Rest => {
                    let row = self.row(run, drafts);
                    drafts.rest(row);
                    continue;
                }
                Branch::Star(crossing) => drafts.star(crossing),
                Branch::Any(crossing) => drafts.any(crossing),
                Branch::Variable(edge) => drafts.variable(edge),
                Branch::Folded(_) => {
                    let text = common_prefix(run);
                    length = text.len();
                    drafts.folded(self.runs.intern(text));
                }
                Branch::Exact(_) => {
                    let text = common_prefix(run);
                    length = text.len();
                    drafts.literal(self.runs.intern(text));
                }
            }
            for item in run {
                item.advance(program, length);
            }
            below.push(range);
        }
    }

    /// Numbers the row of these items, which is one of the last node's.
    fn row(&mut self, items: &[Item<'_>], drafts: &mut Drafts) -> RowId {
        if items.iter().any(|item| item.entry.effect == Effect::Deny) {
            drafts.deny();
        }
        match items {
            [item] => self.rows.intern(&[item.entry]),
            _ => self.new_row(items.iter().map(|item| item.entry).collect()),
        }
    }
}

/// A step of building a trie.
#[derive(Debug, Clone)]
enum Job {
    /// Begin the node of these items, and then its children.
    Group(Range<usize>),
    /// Finish the node, whose children, that many, were made last.
    Finish(usize),
}

/// Splits off the first of sorted items that go one way.
fn split_run<'i, 'p>(items: &'i mut [Item<'p>]) -> Option<(&'i mut [Item<'p>], &'i mut [Item<'p>])> {
    let branch = items.first()?.branch();
    let is_one_way = items.last().is_some_and(|last| last.branch() == branch);
    let count = if is_one_way { items.len() } else { items.partition_point(|item| item.branch() == branch) };
    items.split_at_mut_checked(count)
}

/// The order of all patterns, once enough items have been sorted by their texts: a set of thousands of statements may come
/// thousands of times, with one of them missing each time.
#[derive(Debug, Clone, Default)]
pub(super) struct Ranks {
    /// The place of each pattern; empty as long as it does not pay.
    places: Vec<u32>,
    /// Items that were sorted without.
    sorted: usize,
}

/// Items that are always compared by their texts.
const FEW_ITEMS: usize = 32;

impl Ranks {
    fn sort(&mut self, program: &Program, items: &mut [Item<'_>]) {
        if FEW_ITEMS < items.len() {
            if self.places.is_empty() && program.patterns.len() <= self.sorted {
                self.places = places(program);
            }
            self.sorted += items.len();
        }
        if items.len() <= FEW_ITEMS || self.places.is_empty() {
            items.sort_unstable_by(|left, right| left.compare(*right, program));
        } else {
            items.sort_unstable_by_key(|item| self.places.get(item.pattern.index()));
        }
    }
}

/// The place of each pattern in the order of tries.
fn places(program: &Program) -> Vec<u32> {
    let entry = Entry { effect: Effect::Allow, conditional: false, guard: GuardId(0), statement: StatementId(0) };
    let patterns = (0..program.patterns.len()).map(PatternId::from_index);
    let mut items = patterns.filter_map(|pattern| Item::new(program, pattern, entry)).collect::<Vec<_>>();
    items.sort_unstable_by(|left, right| left.compare(*right, program));
    let mut places = vec![0; items.len()];
    for (place, item) in (0..).zip(items) {
        places.get_mut(item.pattern.index()).into_iter().for_each(|of| *of = place);
    }
    places
}

/// What is left of a pattern, and the entry that it leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'p> {
    /// The whole pattern.
    pattern: PatternId,
    /// Steps that are left.
    pub(super) steps: &'p [Step],
    /// What is left of the first step, if it is a literal; else empty.
    literal: &'p [u8],
    /// The entry.
    entry: Entry,
}

/// Where a node sends an item.
///
/// The order is that in which a node is made ([`Drafts`]).
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
    /// All of a pattern; nothing for one of another program.
    pub(super) fn new(program: &'p Program, pattern: PatternId, entry: Entry) -> Option<Self> {
        let steps = program.patterns.get(pattern)?.steps();
        Some(Self { pattern, steps, literal: first_literal(program, steps), entry })
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
