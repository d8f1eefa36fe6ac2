//! Walking a resource trie: every pattern that matches, in one pass over the text.
//!
//! Most nodes offer one way on, a literal edge, and the walk is a loop. A star may offer many places, and a node one way
//! for each kind of edge. Whether a child matches at a place does not depend on how the walk got there, so no place
//! need be tried twice. `Walk::tried` remembers the ranges, so that `*a*a*a*b` costs the text's length for each star
//! instead of its power. What it can remember is limited, since nothing is allocated: a walk that meets more stars
//! starts again with more room, and one that meets more than [`TRIED_MANY`] goes on without remembering the others,
//! until it is through or the decision's budget is spent and the request denied.

use crate::layout::{node, step_kind};

use super::Tables;
use super::budget::{Budget, NODE};
use super::call::Env;
use super::open::{Reading, Sight};
use super::words::{index, index_of, same_folded};

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
    fn row(&mut self, row: usize) -> Flow;
    /// Whether rows below a node can still matter.
    fn wants(&self, below: Below) -> bool;
}

impl Visitor for &mut dyn Visitor {
    fn row(&mut self, row: usize) -> Flow {
        (**self).row(row)
    }

    fn wants(&self, below: Below) -> bool {
        (**self).wants(below)
    }
}

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
    let text = text.as_bytes();
    let mut ways = Ways::default();
    let mut way = (index(root), 0);
    loop {
        let (position, at) = way;
        let mut cursor = Cursor::new(tables, position);
        if visitor.wants(below(cursor.header)) {
            if !budget.spend(NODE) {
                return Flow::Stop;
            }
            // Most nodes have rows or a literal edge, not both.
            if cursor.has_rows_or_table() {
                let (end, rest) = cursor.rows(tables);
                if let Some(row) = end.filter(|_| at == text.len())
                    && visitor.row(row) == Flow::Stop
                {
                    return Flow::Stop;
                }
                if let Some(row) = rest
                    && visitor.row(row) == Flow::Stop
                {
                    return Flow::Stop;
                }
            }
            let mut is_settled = true;
            if cursor.more != 0 {
                let count = ways.count;
                let flow = stars(tables, budget, &mut cursor, (text, at), visitor, &mut ways);
                is_settled = flow.is_some();
                let flow = flow.unwrap_or_else(|| {
                    // What was opened is followed there.
                    ways.count = count;
                    walk_wild(tables, env, budget, way, text, visitor)
                });
                if flow == Flow::Stop {
                    return Flow::Stop;
                }
            }
            if is_settled
                && cursor.header & node::LITERALS != node::NO_LITERAL
                && let Some(next) = literal(tables, &cursor, text, at)
            {
                way = next;
                continue;
            }
        }
        match ways.pop() {
            Some(next) => way = next,
            None => return Flow::Continue,
        }
    }
}

/// The same for any visitor: one copy for all walks but the one that every decision makes.
#[inline(never)]
pub(super) fn walk_any(
    tables: &Tables<'_>,
    env: Option<&Env<'_>>,
    budget: &Budget,
    root: u32,
    text: &str,
    mut visitor: &mut dyn Visitor,
) {
    walk(tables, env, budget, root, text, &mut visitor);
}

/// Ways that are open besides the one that is followed. No two of them are the same pattern's, so that there are never
/// more in all than patterns.
#[derive(Default)]
struct Ways {
    ways: [(usize, usize); WAYS],
    count: usize,
}

/// How many ways are kept open at once; where there are more, the walk goes on as among wildcards.
const WAYS: usize = 6;

impl Ways {
    #[inline]
    fn pop(&mut self) -> Option<(usize, usize)> {
        self.count = self.count.checked_sub(1)?;
        self.ways.get(self.count).copied()
    }

    /// Adds a way; nothing if there is no room.
    #[inline]
    fn push(&mut self, way: (usize, usize)) -> Option<()> {
        *self.ways.get_mut(self.count)? = way;
        self.count += 1;
        Some(())
    }
}

/// Opens the ways behind the stars of a node; nothing if it has other wildcards, or a star of which several places have
/// to be tried, or there is no room. The cursor is behind the rows.
#[inline(never)]
fn stars(
    tables: &Tables<'_>,
    budget: &Budget,
    cursor: &mut Cursor,
    (text, at): (&[u8], usize),
    visitor: &mut dyn Visitor,
    ways: &mut Ways,
) -> Option<Flow> {
    if cursor.more & !(node::more::STAR_WITHIN | node::more::STAR_FREE) != 0 {
        return None;
    }
    if let Some(child) = cursor.wild(tables, node::more::STAR_WITHIN)
        && let Some(way) = Settled::of(tables, child, Star::Within)?.way(budget, text, at)
    {
        ways.push(way)?;
    }
    if let Some(child) = cursor.wild(tables, node::more::STAR_FREE) {
        let star = Settled::of(tables, child, Star::Free)?;
        if let Some(way) = star.way(budget, text, at) {
            if let Some(row) = star.row_at_end(tables, text, at)
                && visitor.row(row) == Flow::Stop
            {
                return Some(Flow::Stop);
            }
            ways.push(way)?;
        }
    }
    Some(Flow::Continue)
}

/// A `*` of which only one place has to be tried.
struct Settled<'a> {
    /// The text behind the `*`.
    run: &'a [u8],
    /// What is behind that text.
    behind: usize,
    kind: Star,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Star {
    /// It ends at the next colon, which it cannot cross and the text behind it begins with.
    Within,
    /// It takes anything, as does what is behind the text: then the first place of the text is as good as any other.
    Free,
}

impl<'a> Settled<'a> {
    /// The star with this child, if only one place of it has to be tried.
    #[inline]
    fn of(tables: &Tables<'a>, child: usize, kind: Star) -> Option<Self> {
        let header = tables.nodes.byte(child);
        if header & !(node::HAS_DENY | node::CHILD_IN_PLACE) != node::ONE_LITERAL {
            return None;
        }
        let length = usize::from(tables.nodes.byte(child + 1));
        let run = tables.nodes.slice(child + 2, length);
        let mut behind = child + 2 + length;
        if header & node::CHILD_IN_PLACE == 0 {
            behind = index(tables.nodes.number(behind, tables.widths.place));
        }
        let is_settled = match kind {
            Star::Within => run.first() == Some(&b':'),
            Star::Free => {
                let next = tables.nodes.byte(behind);
                let more = if next & node::HAS_MORE == 0 { 0 } else { tables.nodes.byte(behind + 1) };
                next & node::LITERALS == node::NO_LITERAL && more & !node::more::STAR_FREE == 0
            }
        };
        is_settled.then_some(Self { run, behind, kind })
    }

    /// The place behind the text that follows the `*`.
    #[inline]
    fn way(&self, budget: &Budget, text: &[u8], at: usize) -> Option<(usize, usize)> {
        let first = *self.run.first()?;
        let mut from = at;
        loop {
            let rest = text.get(from..)?;
            let skipped = index_of(rest, first)?;
            if !budget.spend(1 + skipped / 16) {
                return None;
            }
            from += skipped;
            if text.get(from..)?.starts_with(self.run) {
                return Some((self.behind, from + self.run.len()));
            }
            if self.kind == Star::Within {
                return None;
            }
            from += 1;
        }
    }

    /// The row of patterns that end behind the text, where the whole ends with it: of these the last place counts.
    #[inline]
    fn row_at_end(&self, tables: &Tables<'_>, text: &[u8], at: usize) -> Option<usize> {
        let header = tables.nodes.byte(self.behind);
        if self.kind == Star::Within || header & node::HAS_END == 0 {
            return None;
        }
        let rest = text.get(at..)?;
        let (end, _) = Cursor::new(tables, self.behind).rows(tables);
        end.filter(|_| rest.ends_with(self.run))
    }
}

/// Goes on from a node with wildcards.
#[inline(never)]
fn walk_wild(
    tables: &Tables<'_>,
    env: Option<&Env<'_>>,
    budget: &Budget,
    (position, at): (usize, usize),
    text: &[u8],
    visitor: &mut dyn Visitor,
) -> Flow {
    let mut tried = [Range::default(); TRIED_FEW];
    let mut few = Walk::new(tables, env, budget, text, visitor, &mut tried);
    let flow = few.node(position, at);
    if few.overflowed { walk_many(tables, env, budget, (position, at), text, visitor) } else { flow }
}

#[cold]
#[inline(never)]
fn walk_many(
    tables: &Tables<'_>,
    env: Option<&Env<'_>>,
    budget: &Budget,
    (position, at): (usize, usize),
    text: &[u8],
    visitor: &mut dyn Visitor,
) -> Flow {
    let mut tried = [Range::default(); TRIED_MANY];
    Walk::new(tables, env, budget, text, visitor, &mut tried).node(position, at)
}

#[inline]
fn below(header: u8) -> Below {
    if header & node::HAS_DENY == 0 { Below::Allows } else { Below::Denies }
}

/// The parts of a node, read one after the other.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    pub(super) header: u8,
    more: u8,
    pub(super) variables: u8,
    pub(super) folded: usize,
    pub(super) literals: usize,
    pub(super) at: usize,
}

impl Cursor {
    /// The wildcards that a node can have, in the order in which [`Cursor::wild`] has to be asked for them.
    pub(super) const WILDS: [u8; 4] =
        [node::more::STAR_WITHIN, node::more::STAR_FREE, node::more::ANY_WITHIN, node::more::ANY_FREE];

    /// Reads what a node has, but for its parts; the header is known.
    #[inline]
    fn behind_header(header: u8, position: usize) -> Self {
        Self { header, more: 0, variables: 0, folded: 0, literals: 0, at: position.saturating_add(1) }
    }

    /// The same of a node that may have wildcards.
    #[inline]
    pub(super) fn new(tables: &Tables<'_>, position: usize) -> Self {
        let mut cursor = Self::behind_header(tables.nodes.byte(position), position);
        if cursor.header & node::HAS_MORE != 0 {
            cursor.more = tables.nodes.byte(cursor.at);
            cursor.at += 1;
            if cursor.more & node::more::VARIABLES != 0 {
                cursor.variables = tables.nodes.byte(cursor.at);
                cursor.at += 1;
            }
            if cursor.more & node::more::FOLDED != 0 {
                cursor.folded = usize::from(tables.nodes.half(cursor.at));
                cursor.at += 2;
            }
        }
        cursor
    }

    /// Whether there is anything to be read before wildcards and a single literal edge.
    #[inline]
    fn has_rows_or_table(&self) -> bool {
        let rows = self.header & (node::HAS_END | node::HAS_REST) != 0;
        rows || self.header & node::LITERALS == node::LITERAL_TABLE || self.folded != 0
    }

    /// Positions of the rows: of patterns that end here, and of those whose last step is a free `*`. Must come first.
    #[inline]
    pub(super) fn rows(&mut self, tables: &Tables<'_>) -> (Option<usize>, Option<usize>) {
        if self.header & node::LITERALS == node::LITERAL_TABLE {
            self.literals = usize::from(tables.nodes.half(self.at));
            self.at += 2;
        }
        self.folded = self.folded.min(self.literals);
        (self.row(tables, node::HAS_END), self.row(tables, node::HAS_REST))
    }

    #[inline]
    fn row(&mut self, tables: &Tables<'_>, bit: u8) -> Option<usize> {
        if self.header & bit == 0 {
            return None;
        }
        if self.header & node::ROW_IN_PLACE != 0 {
            let row = self.at;
            self.at = tables.row(row).end(tables);
            return Some(row);
        }
        Some(self.place(tables))
    }

    #[inline]
    fn place(&mut self, tables: &Tables<'_>) -> usize {
        let at = self.at;
        self.at += tables.widths.place.bytes;
        index(tables.nodes.number(at, tables.widths.place))
    }

    /// The literal edges of a node: beginning and rest of the text, and the child. The cursor is behind all else.
    pub(super) fn edges<'a>(&self, tables: &Tables<'a>) -> impl Iterator<Item = ([&'a [u8]; 2], usize)> {
        let kind = self.header & node::LITERALS;
        let count = match kind {
            node::NO_LITERAL => 0,
            node::LITERAL_TABLE => self.literals,
            _ => 1,
        };
        (0..count).map(move |number| {
            if kind == node::LITERAL_TABLE {
                let (run, child) = edge(tables, self, number);
                return ([&[], run], child);
            }
            let (head, at) = match kind {
                node::HEAD_AND_LITERAL => {
                    let head = tables.head(tables.nodes.number(self.at, tables.widths.head));
                    (head, self.at + tables.widths.head.bytes)
                }
                _ => (Default::default(), self.at),
            };
            let length = usize::from(tables.nodes.byte(at));
            let run = tables.nodes.slice(at + 1, length);
            let behind = at + 1 + length;
            let child = match self.header & node::CHILD_IN_PLACE {
                0 => index(tables.nodes.number(behind, tables.widths.place)),
                _ => behind,
            };
            ([head, run], child)
        })
    }

    pub(super) fn wild(&mut self, tables: &Tables<'_>, bit: u8) -> Option<usize> {
        (self.more & bit != 0).then(|| self.place(tables))
    }

    /// The next variable, with its child.
    pub(super) fn variable(&mut self, tables: &Tables<'_>) -> ((u32, u32, u32), usize) {
        let widths = &tables.widths;
        let key = tables.nodes.number(self.at, widths.key);
        self.at += widths.key.bytes;
        let default = tables.nodes.number(self.at, widths.operand);
        self.at += widths.operand.bytes;
        let kind = u32::from(tables.nodes.byte(self.at));
        self.at += 1;
        ((key, default, kind), self.place(tables))
    }

    /// The position behind a node; a child that stands in place is the next node. The cursor is behind the rows.
    pub(super) fn end(&mut self, tables: &Tables<'_>) -> usize {
        for bit in Self::WILDS {
            self.wild(tables, bit);
        }
        for _ in 0..self.variables {
            self.variable(tables);
        }
        let at = match self.header & node::LITERALS {
            node::NO_LITERAL => return self.at,
            node::LITERAL_TABLE => return self.end_of_table(tables),
            node::HEAD_AND_LITERAL => self.at + tables.widths.head.bytes,
            _ => self.at,
        };
        let behind = at + 1 + usize::from(tables.nodes.byte(at));
        if self.header & node::CHILD_IN_PLACE == 0 { behind + tables.widths.place.bytes } else { behind }
    }

    /// The position behind a node with a table of edges; the cursor is at the table.
    pub(super) fn end_of_table(&self, tables: &Tables<'_>) -> usize {
        let edge_bytes = 1 + tables.widths.run.bytes + 1 + tables.widths.place.bytes;
        self.at + self.literals * edge_bytes
    }
}

/// The exact literal edge that the text follows: its child and the place behind it. The cursor is at the literals.
#[inline]
fn literal(tables: &Tables<'_>, cursor: &Cursor, text: &[u8], at: usize) -> Option<(usize, usize)> {
    let mut place = cursor.at;
    let mut rest = text.get(at..)?;
    match cursor.header & node::LITERALS {
        node::NO_LITERAL => return None,
        node::LITERAL_TABLE => return from_table(tables, cursor, text, at),
        node::HEAD_AND_LITERAL => {
            let head = tables.head(tables.nodes.number(place, tables.widths.head));
            if !rest.starts_with(head) {
                return None;
            }
            place += tables.widths.head.bytes;
            rest = rest.get(head.len()..)?;
        }
        _ => {}
    }
    let length = usize::from(tables.nodes.byte(place));
    let run = tables.nodes.slice(place + 1, length);
    if !rest.starts_with(run) {
        return None;
    }
    let behind = text.len() - (rest.len() - run.len());
    let child = place + 1 + length;
    if cursor.header & node::CHILD_IN_PLACE != 0 {
        return Some((child, behind));
    }
    Some((index(tables.nodes.number(child, tables.widths.place)), behind))
}

#[inline(never)]
fn from_table(tables: &Tables<'_>, cursor: &Cursor, text: &[u8], at: usize) -> Option<(usize, usize)> {
    let first = *text.get(at)?;
    let exact = tables.nodes.slice(cursor.at, cursor.literals - cursor.folded);
    let (run, child) = edge(tables, cursor, exact.binary_search(&first).ok()?);
    text.get(at..)?.starts_with(run).then_some((child, at + run.len()))
}

/// The edge whose case is ignored that the text follows.
fn folded(tables: &Tables<'_>, cursor: &Cursor, text: &[u8], at: usize) -> Option<(usize, usize)> {
    let first = text.get(at)?.to_ascii_lowercase();
    let start = cursor.literals - cursor.folded;
    let folded = tables.nodes.slice(cursor.at + start, cursor.folded);
    let (run, child) = edge(tables, cursor, start + folded.binary_search(&first).ok()?);
    let part = text.get(at..at.checked_add(run.len())?)?;
    same_folded(part, run).then_some((child, at + run.len()))
}

/// Text and child of an edge in a table.
#[inline]
pub(super) fn edge<'a>(tables: &Tables<'a>, cursor: &Cursor, number: usize) -> (&'a [u8], usize) {
    let widths = &tables.widths;
    let at = cursor.at + cursor.literals + number * (widths.run.bytes + 1 + widths.place.bytes);
    let length = usize::from(tables.nodes.byte(at + widths.run.bytes));
    let run = tables.runs.slice(index(tables.nodes.number(at, widths.run)), length);
    (run, index(tables.nodes.number(at + widths.run.bytes + 1, widths.place)))
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
            if let Some(way) = literal(self.tables, &cursor, self.text, at)
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
        let is_plain = cursor.header & (node::HAS_END | node::HAS_REST | node::HAS_MORE) == 0;
        if is_plain && cursor.header & node::LITERALS != node::NO_LITERAL {
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

    /// The same of a child that has nothing but literal edges: only places where one of them begins are looked at.
    fn star_before_literals(&mut self, cursor: &Cursor, mut at: usize, to: usize) -> Flow {
        let firsts = Firsts::of(self.tables, cursor);
        while at <= to {
            let rest = self.text.get(at..).unwrap_or_default();
            let skipped = firsts.find(rest);
            if !self.budget.spend(1 + skipped.unwrap_or(rest.len()) / 16) {
                return Flow::Stop;
            }
            at = match skipped {
                Some(skipped) if at + skipped <= to => at + skipped,
                _ => return Flow::Continue,
            };
            if let Some((child, behind)) = literal(self.tables, cursor, self.text, at)
                && self.descend(child, behind) == Flow::Stop
            {
                return Flow::Stop;
            }
            at += 1;
        }
        Flow::Continue
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

/// The bytes with which the literal edges of a node begin.
enum Firsts {
    One(u8),
    /// One bit for each byte.
    Several([u64; 4]),
}

impl Firsts {
    fn of(tables: &Tables<'_>, cursor: &Cursor) -> Self {
        match cursor.header & node::LITERALS {
            node::LITERAL_TABLE => {
                let mut bits = [0; 4];
                for &byte in tables.nodes.slice(cursor.at, cursor.literals) {
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
            _ => Self::One(tables.nodes.byte(cursor.at.saturating_add(1))),
        }
    }

    /// How far the next such byte is.
    fn find(&self, text: &[u8]) -> Option<usize> {
        match self {
            Self::One(first) => index_of(text, *first),
            Self::Several(bits) => {
                let is_first =
                    |byte: &u8| bits.get(usize::from(byte >> 6)).is_some_and(|word| word >> (byte & 63) & 1 != 0);
                text.iter().position(is_first)
            }
        }
    }
}
