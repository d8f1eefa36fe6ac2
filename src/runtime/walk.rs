//! Matching a text against a trie of patterns.
//!
//! The walk visits every row whose pattern matches the text, without copying and with a recursion that is as deep as
//! a pattern has wildcards and variables (255 at most, which the compiler checks).
//!
//! A free `*` that is reached twice need only be followed from its leftmost place: whatever it can consume from a later
//! place it can consume from the first. `Walk::seen` remembers where stars were reached, so that `*a*a*a*b` costs the
//! text's length for each star instead of its power. What it can remember is limited, since nothing is allocated; a
//! walk that meets more stars starts again with more room, and one that meets more than 512 gets a budget, at whose end
//! it gives up and the request is denied.

use crate::layout::{NONE, node, step_kind};

use super::Tables;
use super::call::Env;
use super::words::index;

/// What a visitor wants next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// Further rows.
    Continue,
    /// Nothing more.
    Stop,
}

/// Takes the rows that match.
pub(super) trait Visitor {
    /// A row at this position matches.
    fn row(&mut self, row: u32) -> Flow;
    /// Whether rows below a node can still matter; `has_deny` says whether any of them holds a deny.
    fn wants(&self, has_deny: bool) -> bool;
}

/// How many stars a walk remembers at first. Real policies stay far below.
const SEEN_FEW: usize = 16;

/// How many it remembers when those do not suffice.
const SEEN_MANY: usize = 512;

/// How many nodes a walk may visit once even those do not suffice: only patterns made for the purpose get there.
const BUDGET: u32 = 1 << 22;

struct Walk<'w, V, const SEEN: usize> {
    tables: &'w Tables<'w>,
    env: Option<&'w Env<'w>>,
    text: &'w [u8],
    visitor: &'w mut V,
    seen: [(u32, usize); SEEN],
    seen_count: usize,
    overflowed: bool,
    budget: u32,
}

/// How a walk ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The visitor has seen every row that matches, or has stopped.
    Done(Flow),
    /// The walk was given up: rows that match may be missing. Who asks must deny.
    GivenUp,
}

/// Visits the rows of all patterns below `root` that match `text`, some perhaps twice. Without `env` no variable has a
/// value.
pub(super) fn walk<V: Visitor>(
    tables: &Tables<'_>,
    env: Option<&Env<'_>>,
    root: u32,
    text: &str,
    visitor: &mut V,
) -> Outcome {
    let text = text.as_bytes();
    let seen = [(NONE, 0); SEEN_FEW];
    let mut few = Walk { tables, env, text, visitor, seen, seen_count: 0, overflowed: false, budget: u32::MAX };
    let flow = few.node(root, 0);
    match few.overflowed {
        false => Outcome::Done(flow),
        true => walk_many(tables, env, root, text, visitor),
    }
}

#[cold]
#[inline(never)]
fn walk_many<V: Visitor>(
    tables: &Tables<'_>,
    env: Option<&Env<'_>>,
    root: u32,
    text: &[u8],
    visitor: &mut V,
) -> Outcome {
    let seen = [(NONE, 0); SEEN_MANY];
    let mut many = Walk { tables, env, text, visitor, seen, seen_count: 0, overflowed: false, budget: BUDGET };
    let flow = many.node(root, 0);
    match many.budget {
        0 => Outcome::GivenUp,
        _ => Outcome::Done(flow),
    }
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

impl<V: Visitor, const SEEN: usize> Walk<'_, V, SEEN> {
    fn node(&mut self, mut position: u32, mut at: usize) -> Flow {
        loop {
            let nodes = self.tables.nodes;
            let Some(header) = nodes.get(position) else { return Flow::Continue };
            if !self.visitor.wants(header & node::HAS_DENY != 0) {
                return Flow::Continue;
            }
            self.budget = self.budget.saturating_sub(1);
            if self.budget == 0 {
                return Flow::Stop;
            }
            let mut cursor = Cursor { header, at: position + 1 };
            let folded_count = cursor.optional(self.tables, node::HAS_FOLDED).unwrap_or(0);
            let end = cursor.optional(self.tables, node::HAS_END).filter(|_| at == self.text.len());
            let rest = cursor.optional(self.tables, node::HAS_REST);
            for row in [end, rest].into_iter().flatten() {
                if self.visitor.row(row) == Flow::Stop {
                    return Flow::Stop;
                }
            }
            let star_within = cursor.optional(self.tables, node::HAS_STAR_WITHIN);
            let star_free = cursor.optional(self.tables, node::HAS_STAR_FREE);
            let any_within = cursor.optional(self.tables, node::HAS_ANY_WITHIN);
            let any_free = cursor.optional(self.tables, node::HAS_ANY_FREE);
            if let Some(child) = star_within
                && self.star(child, at, |byte| byte != b':') == Flow::Stop
            {
                return Flow::Stop;
            }
            if let Some(child) = star_free
                && self.first_arrival(child, at)
                && self.star(child, at, |_| true) == Flow::Stop
            {
                return Flow::Stop;
            }
            for (child, free) in [(any_within, false), (any_free, true)] {
                if let Some(child) = child
                    && let Some(next) = self.tables.one_character(self.text, at)
                    && (free || self.text.get(at) != Some(&b':'))
                    && self.node(child, next) == Flow::Stop
                {
                    return Flow::Stop;
                }
            }
            for _ in 0..(header >> 8) & 0xff {
                let Some([key, default, kind, child]) = nodes.block(cursor.at) else { return Flow::Continue };
                cursor.at += 4;
                if self.variable(key, default, kind, child, at) == Flow::Stop {
                    return Flow::Stop;
                }
            }
            let literal_count = header >> 16;
            let exact_count = literal_count.saturating_sub(folded_count);
            if folded_count > 0
                && let Some((child, next)) = self.folded(cursor.at + 3 * exact_count, folded_count, at)
                && self.node(child, next) == Flow::Stop
            {
                return Flow::Stop;
            }
            match self.literal(cursor.at, exact_count, at) {
                Some((child, next)) => (position, at) = (child, next),
                None => return Flow::Continue,
            }
        }
    }

    /// Whether a free star's child is reached for the first time, or further left than before.
    fn first_arrival(&mut self, child: u32, at: usize) -> bool {
        let seen = self.seen.get_mut(..self.seen_count).unwrap_or_default();
        if let Some((_, first)) = seen.iter_mut().find(|(known, _)| *known == child) {
            let earlier = at < *first;
            *first = at.min(*first);
            return earlier;
        }
        match self.seen.get_mut(self.seen_count) {
            Some(place) => {
                *place = (child, at);
                self.seen_count += 1;
                true
            }
            None => {
                self.overflowed = true;
                // The short table is given up for the long one; the long one goes on without remembering.
                SEEN == SEEN_MANY
            }
        }
    }

    /// Follows the child of a star from every place that the star can reach.
    fn star(&mut self, child: u32, start: usize, may_consume: impl Fn(u8) -> bool) -> Flow {
        let only_literal = self.only_literal(child);
        let mut at = start;
        loop {
            let hopeless = only_literal.is_some_and(|first| self.text.get(at) != Some(&first));
            if !hopeless && self.node(child, at) == Flow::Stop {
                return Flow::Stop;
            }
            match self.text.get(at) {
                Some(&byte) if may_consume(byte) => at += 1,
                _ => return Flow::Continue,
            }
        }
    }

    /// The first byte that the child needs, if it is a node with one exact literal edge and nothing else.
    fn only_literal(&self, child: u32) -> Option<u8> {
        let header = self.tables.nodes.get(child)?;
        if header & !node::HAS_DENY != 1 << 16 {
            return None;
        }
        let [_, edge] = self.tables.nodes.block(child + 1)?;
        u8::try_from(edge >> 24).ok()
    }

    fn variable(&mut self, key: u32, default: u32, kind: u32, child: u32, at: usize) -> Flow {
        let Some(env) = self.env else { return Flow::Continue };
        let Some(value) = env.variable(key, default) else { return Flow::Continue };
        let free = kind == step_kind::VARIABLE_FREE;
        if !free && value.contains(':') {
            return Flow::Continue;
        }
        let rest = self.text.get(at..).unwrap_or_default();
        if !env.wildcards_in_values() {
            return match rest.starts_with(value.as_bytes()) {
                true => self.node(child, at + value.len()),
                false => Flow::Continue,
            };
        }
        for length in 0..=rest.len() {
            let part = rest.get(..length).unwrap_or_default();
            if env.value_glob(value, part, free) && self.node(child, at + length) == Flow::Stop {
                return Flow::Stop;
            }
        }
        Flow::Continue
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
        let part = self.text.get(at..at + run.len())?;
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
            let edge = self.tables.nodes.block::<3>(edges + 3 * middle)?;
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
