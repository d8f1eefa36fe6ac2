//! Matching a text against a trie of patterns.
//!
//! The walk visits every row whose pattern matches the text, without copying. It recurses where a node leaves several
//! ways on and where a star chooses a place: as deep as a pattern has wildcards and variables, at most 255, which the
//! compiler checks, and never deeper than [`DEPTH_MAX`], whatever the file says. The deepest walk takes less than 160 KB
//! of stack in a release build.
//!
//! A star tries its child at a range of places: up to the next `:`, or to the end of the text if it is free. What
//! follows from a child at a place does not depend on how the walk got there, so no place need be tried twice.
//! `Walk::tried` remembers the ranges, so that `*a*a*a*b` costs the text's length for each star instead of its power.
//! What it can remember is limited, since nothing is allocated: a walk that meets more stars starts again with more
//! room, and one that meets more than [`TRIED_MANY`] goes on without remembering the others, until it is through or the
//! decision's budget is spent and the request denied.

use crate::layout::{NONE, node, step_kind};

use super::Tables;
use super::budget::{Budget, NODE};
use super::call::Env;
use super::open::{Reading, Sight};
use super::words::index;

/// What a visitor wants next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// Further rows.
    Continue,
    /// Nothing more.
    Stop,
}

/// What rows at or below a node hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Below {
    /// Some of them a deny.
    Denies,
    /// None of them a deny.
    Allows,
}

/// Takes the rows that match.
///
/// Takes some of them twice, which must change nothing, and never wants more than it wanted before.
pub(super) trait Visitor {
    /// A row at this position matches.
    fn row(&mut self, row: u32) -> Flow;
    /// Whether rows below a node can still matter.
    fn wants(&self, below: Below) -> bool;
}

/// How many ranges a walk remembers at first. Real policies stay far below.
const TRIED_FEW: usize = 16;

/// How many it remembers when those do not suffice.
const TRIED_MANY: usize = 512;

/// How many rows it remembers, so that the many places at which `*a*` is through test its conditions once.
const ROWS: usize = 8;

/// How deep nodes may call each other: more than the compiler lets any pattern need.
const DEPTH_MAX: u32 = 288;

/// Places at which a star has tried its child: `from` to `to`, both included.
#[derive(Clone, Copy)]
struct Range {
    child: u32,
    from: usize,
    to: usize,
}

struct Walk<'w, V, const TRIED: usize> {
    tables: &'w Tables<'w>,
    env: Option<&'w Env<'w>>,
    budget: &'w Budget,
    text: &'w [u8],
    visitor: &'w mut V,
    tried: [Range; TRIED],
    tried_count: usize,
    overflowed: bool,
    rows: [u32; ROWS],
    row_count: usize,
    depth: u32,
}

/// Visits the rows of all patterns below `root` that match `text`; not all of them if that spends the budget. Without
/// `env` no variable has a value.
pub(super) fn walk<V: Visitor>(
    tables: &Tables<'_>,
    env: Option<&Env<'_>>,
    budget: &Budget,
    root: u32,
    text: &str,
    visitor: &mut V,
) -> Flow {
    let mut few = Walk::<V, TRIED_FEW>::new(tables, env, budget, text.as_bytes(), visitor);
    let flow = few.node(root, 0);
    if few.overflowed { walk_many(tables, env, budget, root, text.as_bytes(), visitor) } else { flow }
}

#[cold]
#[inline(never)]
fn walk_many<V: Visitor>(
    tables: &Tables<'_>,
    env: Option<&Env<'_>>,
    budget: &Budget,
    root: u32,
    text: &[u8],
    visitor: &mut V,
) -> Flow {
    Walk::<V, TRIED_MANY>::new(tables, env, budget, text, visitor).node(root, 0)
}

/// The parts of a node, read one after the other.
struct Cursor {
    header: u32,
    at: u32,
}

impl Cursor {
    fn optional(&mut self, tables: &Tables<'_>, flag: u32) -> Option<u32> {
        if self.header & flag == 0 {
            return None;
        }
        let word = tables.nodes.get(self.at);
        self.at += 1;
        word
    }
}

impl<'w, V: Visitor, const TRIED: usize> Walk<'w, V, TRIED> {
    fn new(
        tables: &'w Tables<'w>,
        env: Option<&'w Env<'w>>,
        budget: &'w Budget,
        text: &'w [u8],
        visitor: &'w mut V,
    ) -> Self {
        Self {
            tables,
            env,
            budget,
            text,
            visitor,
            tried: [Range { child: NONE, from: 0, to: 0 }; TRIED],
            tried_count: 0,
            overflowed: false,
            rows: [NONE; ROWS],
            row_count: 0,
            depth: 0,
        }
    }

    /// Follows every way on from a node but the last, then goes on in place of it.
    fn node(&mut self, mut position: u32, mut at: usize) -> Flow {
        loop {
            let nodes = self.tables.nodes;
            let Some(header) = nodes.get(position) else { return Flow::Continue };
            let below = if header & node::HAS_DENY == 0 { Below::Allows } else { Below::Denies };
            if !self.visitor.wants(below) {
                return Flow::Continue;
            }
            if !self.budget.spend(NODE) {
                return Flow::Stop;
            }
            let mut cursor = Cursor { header, at: position + 1 };
            let folded_count = cursor.optional(self.tables, node::HAS_FOLDED).unwrap_or(0).min(header >> 16);
            let end = cursor.optional(self.tables, node::HAS_END).filter(|_| at == self.text.len());
            let rest = cursor.optional(self.tables, node::HAS_REST);
            for row in [end, rest].into_iter().flatten() {
                if self.row(row) == Flow::Stop {
                    return Flow::Stop;
                }
            }
            let star_within = cursor.optional(self.tables, node::HAS_STAR_WITHIN);
            let star_free = cursor.optional(self.tables, node::HAS_STAR_FREE);
            let any_within = cursor.optional(self.tables, node::HAS_ANY_WITHIN);
            let any_free = cursor.optional(self.tables, node::HAS_ANY_FREE);
            if let Some(child) = star_within
                && self.star(child, at, self.component_end(at)) == Flow::Stop
            {
                return Flow::Stop;
            }
            if let Some(child) = star_free
                && self.star(child, at, self.text.len()) == Flow::Stop
            {
                return Flow::Stop;
            }
            let mut last = None;
            for (child, free) in [(any_within, false), (any_free, true)] {
                if let Some(child) = child
                    && let Some(next) = self.tables.one_character(self.text, at)
                    && (free || self.text.get(at) != Some(&b':'))
                    && self.follow(&mut last, (child, next)) == Flow::Stop
                {
                    return Flow::Stop;
                }
            }
            for _ in 0..(header >> 8) & 0xff {
                let Some([key, default, kind, child]) = nodes.block(cursor.at) else { return Flow::Continue };
                cursor.at += 4;
                if self.variable(&mut last, key, default, kind, child, at) == Flow::Stop {
                    return Flow::Stop;
                }
            }
            let literal_count = header >> 16;
            let exact_count = literal_count - folded_count;
            let folded = match folded_count {
                0 => None,
                _ => self.folded(cursor.at.saturating_add(3 * exact_count), folded_count, at),
            };
            for way in [folded, self.literal(cursor.at, exact_count, at)].into_iter().flatten() {
                if self.follow(&mut last, way) == Flow::Stop {
                    return Flow::Stop;
                }
            }
            match last {
                Some(way) => (position, at) = way,
                None => return Flow::Continue,
            }
        }
    }

    /// Keeps a way on for last and follows the one that was kept so far.
    fn follow(&mut self, last: &mut Option<(u32, usize)>, way: (u32, usize)) -> Flow {
        match last.replace(way) {
            Some((child, at)) => self.descend(child, at),
            None => Flow::Continue,
        }
    }

    fn descend(&mut self, child: u32, at: usize) -> Flow {
        if self.depth == DEPTH_MAX {
            self.budget.exhaust();
            return Flow::Stop;
        }
        self.depth += 1;
        let flow = self.node(child, at);
        self.depth -= 1;
        flow
    }

    fn row(&mut self, row: u32) -> Flow {
        if self.rows.contains(&row) {
            return Flow::Continue;
        }
        if let Some(place) = self.rows.get_mut(self.row_count % ROWS) {
            *place = row;
        }
        self.row_count += 1;
        self.visitor.row(row)
    }

    /// The place of the next `:`, or else the end of the text.
    fn component_end(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let length = rest.iter().position(|&byte| byte == b':').unwrap_or(rest.len());
        self.budget.spend(length / 16);
        at + length
    }

    /// Follows the child of a star from those places that no star has tried it at.
    fn star(&mut self, child: u32, from: usize, to: usize) -> Flow {
        let Some((mut at, to)) = self.untried(child, from, to) else {
            return if self.overflowed && TRIED != TRIED_MANY { Flow::Stop } else { Flow::Continue };
        };
        let only_literal = self.only_literal(child);
        while at <= to {
            if let Some(first) = only_literal {
                let rest = self.text.get(at..).unwrap_or_default();
                let skipped = rest.iter().position(|&byte| byte == first);
                if !self.budget.spend(skipped.unwrap_or(rest.len()) / 16) {
                    return Flow::Stop;
                }
                match skipped.map(|skipped| at + skipped) {
                    Some(place) if place <= to => at = place,
                    _ => return Flow::Continue,
                }
            }
            if self.descend(child, at) == Flow::Stop {
                return Flow::Stop;
            }
            at += 1;
        }
        Flow::Continue
    }

    /// The part of a range that was not tried, which from now on counts as tried.
    fn untried(&mut self, child: u32, from: usize, to: usize) -> Option<(usize, usize)> {
        self.budget.spend(self.tried_count / 16);
        let tried = self.tried.get_mut(..self.tried_count).unwrap_or_default();
        let touches = |known: &&mut Range| known.child == child && known.from <= to + 1 && from <= known.to + 1;
        if let Some(known) = tried.iter_mut().find(touches) {
            let left = match (known.from <= from, to <= known.to) {
                (true, true) => None,
                (true, false) => Some((known.to + 1, to)),
                (false, true) => Some((from, known.from - 1)),
                (false, false) => Some((from, to)),
            };
            (known.from, known.to) = (known.from.min(from), known.to.max(to));
            return left;
        }
        match self.tried.get_mut(self.tried_count) {
            Some(place) => {
                *place = Range { child, from, to };
                self.tried_count += 1;
                Some((from, to))
            }
            None => {
                self.overflowed = true;
                // The short table is given up for the long one; the long one goes on without remembering.
                (TRIED == TRIED_MANY).then_some((from, to))
            }
        }
    }

    /// The first byte that the child needs, if it is a node with one exact literal edge and nothing else.
    fn only_literal(&self, child: u32) -> Option<u8> {
        let header = self.tables.nodes.get(child)?;
        if header & !node::HAS_DENY != 1 << 16 {
            return None;
        }
        let [_, edge] = self.tables.nodes.block(child.saturating_add(1))?;
        u8::try_from(edge >> 24).ok()
    }

    fn variable(
        &mut self,
        last: &mut Option<(u32, usize)>,
        key: u32,
        default: u32,
        kind: u32,
        child: u32,
        at: usize,
    ) -> Flow {
        let Some(env) = self.env else { return Flow::Continue };
        if let Some(reading) = env.reading_of(key) {
            return self.open_variable(env, reading, key, kind, child, at);
        }
        let Some(value) = env.variable(key, default) else { return Flow::Continue };
        if kind == step_kind::VARIABLE_WITHIN && value.contains(':') {
            return Flow::Continue;
        }
        let rest = self.text.get(at..).unwrap_or_default();
        if !env.wildcards_in_values() {
            return if rest.starts_with(value.as_bytes()) {
                self.follow(last, (child, at + value.len()))
            } else {
                Flow::Continue
            };
        }
        for length in 0..=rest.len() {
            let part = rest.get(..length).unwrap_or_default();
            if (kind == step_kind::VARIABLE_FREE || !part.contains(&b':'))
                && env.value_glob(value, part)
                && self.follow(last, (child, at + length)) == Flow::Stop
            {
                return Flow::Stop;
            }
            if self.budget.is_spent() {
                return Flow::Stop;
            }
        }
        Flow::Continue
    }

    /// A variable of an open key: any text, or none at all.
    fn open_variable(&mut self, env: &Env<'_>, reading: Reading, key: u32, kind: u32, child: u32, at: usize) -> Flow {
        if !reading.is_lenient() {
            return Flow::Continue;
        }
        env.tell(Sight::Variable(key));
        let to = if kind == step_kind::VARIABLE_WITHIN { self.component_end(at) } else { self.text.len() };
        self.star(child, at, to)
    }

    /// The exact literal edge that the text follows: its child and the place behind it.
    fn literal(&self, edges: u32, count: u32, at: usize) -> Option<(u32, usize)> {
        let first = *self.text.get(at)?;
        let [run, length, child] = self.edge(edges, count, first)?;
        let run = self.run(run, length);
        let rest = self.text.get(at..)?;
        rest.starts_with(run).then_some((child, at + run.len()))
    }

    fn folded(&self, edges: u32, count: u32, at: usize) -> Option<(u32, usize)> {
        let first = self.text.get(at)?.to_ascii_lowercase();
        let [run, length, child] = self.edge(edges, count, first)?;
        let run = self.run(run, length);
        let part = self.text.get(at..at.checked_add(run.len())?)?;
        part.eq_ignore_ascii_case(run).then_some((child, at + run.len()))
    }

    fn run(&self, at: u32, length: u32) -> &[u8] {
        let rest = self.tables.runs.get(index(at)..).unwrap_or_default();
        rest.get(..index(length & 0x00ff_ffff)).unwrap_or_default()
    }

    /// The edge with that first byte: the edges are sorted by it, each at most once.
    fn edge(&self, edges: u32, count: u32, first: u8) -> Option<[u32; 3]> {
        let wanted = u32::from(first);
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low.midpoint(high);
            let edge = self.tables.nodes.block::<3>(edges.saturating_add(3 * middle))?;
            let [_, word, _] = edge;
            match (word >> 24).cmp(&wanted) {
                core::cmp::Ordering::Less => low = middle + 1,
                core::cmp::Ordering::Greater => high = middle,
                core::cmp::Ordering::Equal => return Some(edge),
            }
        }
        None
    }
}
