//! Walking on from a node whose wildcards lead on from many places.
//!
//! Whether a child matches at a place does not depend on how the walk got there, so no place need be tried twice.
//! `Walk::tried` remembers the ranges, so that `*a*a*a*b` costs the text's length for each star instead of its power.
//! What it can remember is limited, since nothing is allocated: a walk that meets more stars starts again with more room,
//! and one that meets more than [`TRIED_MANY`] goes on without remembering the others, until it is through or the
//! decision's budget is spent and the request denied.

use crate::layout::{node, step_kind};
use crate::runtime::Tables;
use crate::runtime::budget::{Budget, NODE};
use crate::runtime::call::Env;
use crate::runtime::open::{Reading, Sight};
use crate::runtime::words::index_of;

use super::cursor::{Cursor, folded, from_table, one_literal};
use super::starts::Starts;
use super::{Flow, Visitor, Way, below};

/// How many ranges a walk remembers at first. Real policies stay far below.
const TRIED_FEW: usize = 8;

/// How many it remembers when those do not suffice.
const TRIED_MANY: usize = 512;

/// How many rows it remembers, so that the many places at which `*a*` is through test its conditions once.
const ROWS: usize = 8;

/// How deep nodes may call each other: more than the compiler lets any pattern need.
const DEPTH_MAX: u32 = 288;

/// Places at which a star has tried its child: `from` to `to`, both included.
#[derive(Clone, Copy, Default)]
struct Range {
    child: usize,
    from: usize,
    to: usize,
}

struct Walk<'w> {
    tables: &'w Tables<'w>,
    env: Option<&'w Env<'w>>,
    budget: &'w Budget,
    text: &'w [u8],
    visitor: &'w mut dyn Visitor,
    /// Room for ranges, of which `tried_count` are there.
    tried: &'w mut [Range],
    tried_count: usize,
    overflowed: bool,
    rows: [usize; ROWS],
    row_count: usize,
    depth: u32,
}

/// Goes a way to all its ends.
#[inline(never)]
pub(super) fn walk_wild(
    tables: &Tables<'_>,
    env: Option<&Env<'_>>,
    budget: &Budget,
    way: Way,
    text: &[u8],
    visitor: &mut dyn Visitor,
) -> Flow {
    let mut tried = [Range::default(); TRIED_FEW];
    let mut few = Walk::new(tables, env, budget, text, visitor, &mut tried);
    let flow = few.way(way);
    if few.overflowed { walk_many(tables, env, budget, way, text, visitor) } else { flow }
}

#[cold]
#[inline(never)]
fn walk_many(
    tables: &Tables<'_>,
    env: Option<&Env<'_>>,
    budget: &Budget,
    way: Way,
    text: &[u8],
    visitor: &mut dyn Visitor,
) -> Flow {
    let mut tried = [Range::default(); TRIED_MANY];
    Walk::new(tables, env, budget, text, visitor, &mut tried).way(way)
}

impl<'w> Walk<'w> {
    fn new(
        tables: &'w Tables<'w>,
        env: Option<&'w Env<'w>>,
        budget: &'w Budget,
        text: &'w [u8],
        visitor: &'w mut dyn Visitor,
        tried: &'w mut [Range],
    ) -> Self {
        Self {
            tables,
            env,
            budget,
            text,
            visitor,
            tried,
            tried_count: 0,
            overflowed: false,
            rows: [usize::MAX; ROWS],
            row_count: 0,
            depth: 0,
        }
    }

    fn way(&mut self, way: Way) -> Flow {
        match way.child() {
            None => self.node(way.position, way.at),
            Some(child) => self.star(child, way.at, self.text.len()),
        }
    }

    /// Follows every way on from a node but the last, then goes on in place of it.
    fn node(&mut self, mut position: usize, mut at: usize) -> Flow {
        loop {
            let mut cursor = Cursor::new(self.tables, position);
            if !self.visitor.wants(below(cursor.header)) {
                return Flow::Continue;
            }
            if !self.budget.spend(NODE) {
                return Flow::Stop;
            }
            let (end, rest) = cursor.rows(self.tables);
            for row in [end.filter(|_| at == self.text.len()), rest].into_iter().flatten() {
                if self.row(row) == Flow::Stop {
                    return Flow::Stop;
                }
            }
            let mut last = None;
            if cursor.more != 0 && self.wild(&mut last, &mut cursor, at) == Flow::Stop {
                return Flow::Stop;
            }
            if let Some(way) = cursor.literal(self.tables, self.text, at)
                && self.follow(&mut last, way) == Flow::Stop
            {
                return Flow::Stop;
            }
            match last {
                Some(way) => (position, at) = way,
                None => return Flow::Continue,
            }
        }
    }

    /// The ways on that are not exact text.
    fn wild(&mut self, last: &mut Option<(usize, usize)>, cursor: &mut Cursor, at: usize) -> Flow {
        let star_within = cursor.wild(self.tables, node::more::STAR_WITHIN);
        let star_free = cursor.wild(self.tables, node::more::STAR_FREE);
        let any_within = cursor.wild(self.tables, node::more::ANY_WITHIN);
        let any_free = cursor.wild(self.tables, node::more::ANY_FREE);
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
        for (child, free) in [(any_within, false), (any_free, true)] {
            if let Some(child) = child
                && let Some(next) = self.tables.one_character(self.text, at)
                && (free || self.text.get(at) != Some(&b':'))
                && self.follow(last, (child, next)) == Flow::Stop
            {
                return Flow::Stop;
            }
        }
        for _ in 0..cursor.variables {
            let (variable, child) = cursor.variable(self.tables);
            if self.variable(last, variable, child, at) == Flow::Stop {
                return Flow::Stop;
            }
        }
        if cursor.folded > 0
            && let Some(way) = folded(self.tables, cursor, self.text, at)
        {
            return self.follow(last, way);
        }
        Flow::Continue
    }

    /// Keeps a way on for last and follows the one that was kept so far.
    fn follow(&mut self, last: &mut Option<(usize, usize)>, way: (usize, usize)) -> Flow {
        match last.replace(way) {
            Some((child, at)) => self.descend(child, at),
            None => Flow::Continue,
        }
    }

    fn descend(&mut self, child: usize, at: usize) -> Flow {
        if self.depth == DEPTH_MAX {
            self.budget.exhaust();
            return Flow::Stop;
        }
        self.depth += 1;
        let flow = self.node(child, at);
        self.depth -= 1;
        flow
    }

    fn row(&mut self, row: usize) -> Flow {
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
        let length = index_of(rest, b':').unwrap_or(rest.len());
        self.budget.spend(length / 16);
        at + length
    }

    /// Follows the child of a star from those places that no star has tried it at.
    fn star(&mut self, child: usize, from: usize, to: usize) -> Flow {
        let Some((at, to)) = self.untried(child, from, to) else {
            return if self.overflowed && self.is_short() { Flow::Stop } else { Flow::Continue };
        };
        let mut cursor = Cursor::new(self.tables, child);
        if cursor.has_edges_only() {
            if !self.visitor.wants(below(cursor.header)) {
                return Flow::Continue;
            }
            cursor.rows(self.tables);
            return self.star_before_literals(&cursor, at, to);
        }
        for at in at..=to {
            if self.descend(child, at) == Flow::Stop {
                return Flow::Stop;
            }
        }
        Flow::Continue
    }

    /// The same of a child that has nothing but literal edges: only places where one of them may begin are looked at.
    fn star_before_literals(&mut self, cursor: &Cursor, mut at: usize, to: usize) -> Flow {
        let firsts = Firsts::of(self.tables, cursor);
        while at <= to {
            let rest = self.text.get(at..).unwrap_or_default();
            let skipped = firsts.find(rest);
            // What was looked through for nothing counts as well.
            if !self.budget.spend(firsts.cost(skipped.unwrap_or(rest.len()))) {
                return Flow::Stop;
            }
            at = match skipped {
                Some(skipped) if at + skipped <= to => at + skipped,
                _ => return Flow::Continue,
            };
            if let Some((child, behind)) = cursor.literal(self.tables, self.text, at).and_then(|way| self.straight(way))
                && self.descend(child, behind) == Flow::Stop
            {
                return Flow::Stop;
            }
            at += 1;
        }
        Flow::Continue
    }

    /// Follows a way through nodes that have nothing but literal edges: to another one, or nowhere. Most places behind a
    /// star end in one of them.
    #[inline]
    fn straight(&mut self, (mut position, mut at): (usize, usize)) -> Option<(usize, usize)> {
        let nodes = self.tables.nodes;
        loop {
            let header = nodes.byte(position);
            if header & (node::HAS_END | node::HAS_REST | node::HAS_MORE) != 0
                || header & node::LITERALS == node::NO_LITERAL
            {
                return Some((position, at));
            }
            if !self.visitor.wants(below(header)) || !self.budget.spend(NODE) {
                return None;
            }
            let place = position.wrapping_add(1);
            (position, at) = if header & node::LITERALS == node::LITERAL_TABLE {
                let edges = usize::from(nodes.half(place));
                from_table(self.tables, (place + 2, edges), edges, self.text, at)?
            } else {
                one_literal(self.tables, header, place, self.text, at)?
            };
        }
    }

    /// Whether a walk with more room takes over where this one's does not suffice.
    fn is_short(&self) -> bool {
        self.tried.len() < TRIED_MANY
    }

    /// The part of a range that was not tried, which from now on counts as tried.
    fn untried(&mut self, child: usize, from: usize, to: usize) -> Option<(usize, usize)> {
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
                (!self.is_short()).then_some((from, to))
            }
        }
    }

    fn variable(
        &mut self,
        last: &mut Option<(usize, usize)>,
        (key, default, kind): (u32, u32, u32),
        child: usize,
        at: usize,
    ) -> Flow {
        let Some(env) = self.env else { return Flow::Continue };
        if let Some(reading) = env.reading_of(key) {
            return self.open_variable(env, reading, (key, kind), child, at);
        }
        let Some(value) = env.variable(key, default) else { return Flow::Continue };
        if !self.budget.spend(value.len() / 16) {
            return Flow::Stop;
        }
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
    fn open_variable(
        &mut self,
        env: &Env<'_>,
        reading: Reading,
        (key, kind): (u32, u32),
        child: usize,
        at: usize,
    ) -> Flow {
        if !reading.is_lenient() {
            return Flow::Continue;
        }
        env.tell(Sight::Variable(key));
        let to = if kind == step_kind::VARIABLE_WITHIN { self.component_end(at) } else { self.text.len() };
        self.star(child, at, to)
    }
}

/// What the literal edges of a node begin with.
enum Firsts<'w> {
    One(u8),
    /// A bit for each byte that is one of them.
    Several([u64; 4]),
    Starts(Starts<'w>),
}

impl<'w> Firsts<'w> {
    fn of(tables: &Tables<'w>, cursor: &Cursor) -> Self {
        if let Some(starts) = cursor.starts(tables) {
            return Self::Starts(starts);
        }
        match cursor.header & node::LITERALS {
            node::LITERAL_TABLE => {
                let mut bits = [0; 4];
                for byte in tables.nodes.slice(cursor.at, cursor.literals) {
                    if let Some(word) = bits.get_mut(usize::from(byte >> 6)) {
                        *word |= 1 << (byte & 63);
                    }
                }
                Self::Several(bits)
            }
            node::HEAD_AND_LITERAL => {
                let head = tables.head(tables.nodes.number(cursor.at, tables.widths.head));
                Self::One(head.first().copied().unwrap_or(0))
            }
            _ => Self::One(tables.nodes.byte(cursor.at.wrapping_add(1))),
        }
    }

    /// How far the next place is at which one of them may begin.
    fn find(&self, text: &[u8]) -> Option<usize> {
        match self {
            Self::One(first) => index_of(text, *first),
            Self::Several(bits) => text.iter().position(|byte| {
                bits.get(usize::from(byte >> 6)).is_some_and(|word| word << (63 - (byte & 63)) >> 63 != 0)
            }),
            Self::Starts(starts) => starts.find(text),
        }
    }

    /// Units of a place, and of those that were skipped before it.
    fn cost(&self, skipped: usize) -> usize {
        1 + match self {
            Self::One(_) => skipped / 16,
            Self::Several(_) | Self::Starts(_) => skipped / 2,
        }
    }
}
