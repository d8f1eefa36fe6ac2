//! Walking a resource trie: every pattern that matches, in one pass over the text.
//!
//! Most nodes offer one way on, a literal edge, and the walk is a loop. A star may offer many places, and a node one way
//! for each kind of edge. Whether a child matches at a place does not depend on how the walk got there, so no place
//! need be tried twice. `Walk::tried` remembers the ranges, so that `*a*a*a*b` costs the text's length for each star
//! instead of its power. What it can remember is limited, since nothing is allocated: a walk that meets more stars
//! starts again with more room, and one that meets more than [`TRIED_MANY`] goes on without remembering the others,
//! until it is through or the decision's budget is spent and the request denied.

use crate::layout::{node, start_bit, start_word, step_kind};

use super::Tables;
use super::budget::{Budget, NODE};
use super::call::Env;
use super::open::{Reading, Sight};
use super::words::{begins, index, index_of, same_folded};

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
#[inline]
pub(super) fn walk<V: Visitor>(
    tables: &Tables<'_>,
    env: Option<&Env<'_>>,
    budget: &Budget,
    root: u32,
    text: &str,
    visitor: &mut V,
) -> Flow {
    let (nodes, text) = (tables.nodes, text.as_bytes());
    let mut ways = Ways::default();
    let (mut position, mut at) = (index(root), 0);
    // Nodes of the way so far. Each but the first takes a byte of the text at least.
    let mut steps = 0;
    loop {
        // Only a damaged artifact has more of them.
        if steps > text.len() {
            budget.exhaust();
            return Flow::Stop;
        }
        steps += 1;
        let header = nodes.byte(position);
        if visitor.wants(below(header)) {
            match step(tables, budget, (position, header), (text, at), visitor, &mut ways) {
                Step::To(next) => {
                    (position, at) = next;
                    continue;
                }
                Step::End => {}
                Step::Stop => return Flow::Stop,
                Step::Wild => match wild_step((tables, env, budget), position, (text, at), visitor, &mut ways) {
                    Step::To(next) => {
                        (position, at) = next;
                        continue;
                    }
                    Step::End | Step::Wild => {}
                    Step::Stop => return Flow::Stop,
                },
            }
        }
        if !budget.spend(NODE * steps) {
            return Flow::Stop;
        }
        steps = 0;
        match ways.pop() {
            Some(next) => (position, at) = next,
            None => return Flow::Continue,
        }
    }
}

/// Where a walk goes from a node.
enum Step {
    /// To a child, and a place of the text.
    To((usize, usize)),
    /// Nowhere.
    End,
    /// The visitor wants nothing more.
    Stop,
    /// Wherever its wildcards lead: some of them go on from several places. No way of the node was opened; rows of it may
    /// have been visited, which may happen again.
    Wild,
}

/// Visits the rows of a node, and opens all ways on but the one that is returned.
#[expect(clippy::inline_always, reason = "a fifth of a walk is calling it")]
#[inline(always)]
fn step<V: Visitor>(
    tables: &Tables<'_>,
    budget: &Budget,
    (position, header): (usize, u8),
    (text, at): (&[u8], usize),
    visitor: &mut V,
    ways: &mut Ways,
) -> Step {
    let nodes = tables.nodes;
    let literals = header & node::LITERALS;
    let mut place = position.saturating_add(1);
    // Most nodes are a single literal edge.
    if header & (node::HAS_END | node::HAS_REST | node::HAS_MORE) == 0 && literals != node::LITERAL_TABLE {
        return literal(tables, header, place, text, at).map_or(Step::End, Step::To);
    }
    if header & node::HAS_MORE != 0 {
        if nodes.byte(place) != node::more::STAR_FREE {
            return Step::Wild;
        }
        place += 1;
    }
    let mut edges = 0;
    if literals == node::LITERAL_TABLE {
        edges = usize::from(nodes.half(place));
        place += 2;
    }
    for bit in [node::HAS_END, node::HAS_REST] {
        if header & bit == 0 {
            continue;
        }
        let is_in_place = header & node::ROW_IN_PLACE != 0;
        let row = if is_in_place { place } else { index(nodes.number(place, tables.widths.place)) };
        if (bit == node::HAS_REST || at == text.len()) && visitor.row(row) == Flow::Stop {
            return Step::Stop;
        }
        if header & (node::HAS_MORE | node::LITERALS) == 0 && is_in_place {
            return Step::End;
        }
        place = if is_in_place { tables.row(row).end(tables) } else { place + tables.widths.place.bytes };
    }
    let mut way = None;
    if header & node::HAS_MORE != 0 {
        let Some(found) = star(tables, budget, place, (text, at)) else { return Step::Wild };
        if let Some(row) = found.row
            && visitor.row(row) == Flow::Stop
        {
            return Step::Stop;
        }
        way = found.way;
        place += tables.widths.place.bytes;
    }
    let next = match literals {
        node::NO_LITERAL => None,
        node::LITERAL_TABLE => from_table(tables, (place, edges), edges, text, at),
        _ => literal(tables, header, place, text, at),
    };
    match (next, way) {
        (Some(_), Some(way)) if !ways.push(way) => Step::Wild,
        (Some(next), _) | (None, Some(next)) => Step::To(next),
        (None, None) => Step::End,
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
) -> Flow {
    walk(tables, env, budget, root, text, &mut visitor)
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

    /// Adds a way; returns whether there was room.
    #[inline]
    fn push(&mut self, way: (usize, usize)) -> bool {
        let Some(place) = self.ways.get_mut(self.count) else { return false };
        *place = way;
        self.count += 1;
        true
    }
}

/// What is behind a star of which only one place has to be tried.
struct Found {
    /// Where the walk goes on; nowhere if the text behind the star does not come.
    way: Option<(usize, usize)>,
    /// The row of patterns that end there, if the text does.
    row: Option<usize>,
}

/// Goes on from a node that [`step`] leaves. One whose wildcards go on from several places is gone through to all its ends.
#[inline(never)]
fn wild_step(
    (tables, env, budget): (&Tables<'_>, Option<&Env<'_>>, &Budget),
    position: usize,
    (text, at): (&[u8], usize),
    visitor: &mut dyn Visitor,
    ways: &mut Ways,
) -> Step {
    match variable_step((tables, env, budget), position, (text, at), visitor, ways) {
        Step::Wild => match walk_wild(tables, env, budget, (position, at), text, visitor) {
            Flow::Continue => Step::End,
            Flow::Stop => Step::Stop,
        },
        found @ (Step::To(_) | Step::End | Step::Stop) => found,
    }
}

/// What [`step`] does, of a node with one variable and no other wildcard but a free star.
#[inline]
fn variable_step(
    (tables, env, budget): (&Tables<'_>, Option<&Env<'_>>, &Budget),
    position: usize,
    (text, at): (&[u8], usize),
    visitor: &mut dyn Visitor,
    ways: &mut Ways,
) -> Step {
    let mut cursor = Cursor::new(tables, position);
    let is_usual = cursor.variables == 1 && cursor.more & !(node::more::STAR_FREE | node::more::VARIABLES) == 0;
    let Some(env) = env.filter(|env| is_usual && !env.wildcards_in_values() && ways.count + 2 <= WAYS) else {
        return Step::Wild;
    };
    let (end, rest) = cursor.rows(tables);
    let mut found = Found { way: None, row: None };
    if cursor.more & node::more::STAR_FREE != 0 {
        match star(tables, budget, cursor.at, (text, at)) {
            Some(behind) => found = behind,
            None => return Step::Wild,
        }
        cursor.place(tables);
    }
    let ((key, default, kind), child) = cursor.variable(tables);
    if env.reading_of(key).is_some() {
        return Step::Wild;
    }
    let mut variable_way = None;
    if let Some(value) = env.variable(key, default) {
        // A way has to take a byte of the text.
        if value.is_empty() || !budget.spend(value.len() / 16) {
            return Step::Wild;
        }
        let may_be_it = kind == step_kind::VARIABLE_FREE || index_of(value.as_bytes(), b':').is_none();
        if may_be_it && text.get(at..).is_some_and(|rest| begins(rest, value.as_bytes())) {
            variable_way = Some((child, at + value.len()));
        }
    }
    for row in [end.filter(|_| at == text.len()), rest, found.row].into_iter().flatten() {
        if visitor.row(row) == Flow::Stop {
            return Step::Stop;
        }
    }
    let mut next = cursor.literal(tables, text, at);
    for way in [variable_way, found.way].into_iter().flatten() {
        // There is room for both.
        if let Some(other) = next.replace(way) {
            ways.push(other);
        }
    }
    next.map_or(Step::End, Step::To)
}

/// What is behind a free star whose child is named at a place, where trying one place is enough: there is no other, or the
/// star takes anything, as has to what is behind the text, so that the first place of the text is as good as any other.
/// Nothing if several places have to be tried, which a walk among wildcards does.
#[inline]
fn star(tables: &Tables<'_>, budget: &Budget, place: usize, (text, at): (&[u8], usize)) -> Option<Found> {
    let nodes = tables.nodes;
    let child = index(nodes.number(place, tables.widths.place));
    let header = nodes.byte(child);
    if header & !(node::HAS_DENY | node::CHILD_IN_PLACE) != node::ONE_LITERAL {
        return None;
    }
    let length = usize::from(nodes.byte(child.saturating_add(1)));
    let run = nodes.slice(child.saturating_add(2), length);
    let mut behind = child.saturating_add(2 + length);
    if header & node::CHILD_IN_PLACE == 0 {
        behind = index(nodes.number(behind, tables.widths.place));
    }
    if run.is_empty() {
        return None;
    }
    let header = nodes.byte(behind);
    let takes_anything = header & node::LITERALS == node::NO_LITERAL
        && (header & node::HAS_MORE == 0 || nodes.byte(behind.saturating_add(1)) & !node::more::STAR_FREE == 0);
    let rest = text.get(at..)?;
    let mut found = Found { way: None, row: None };
    let is_paid = |skipped: usize| budget.spend(1 + skipped / 16);
    if let Some(to) = find(rest, run, is_paid) {
        // From another place of the same text, other ways may lead on.
        if !takes_anything && find(rest.get(to - run.len() + 1..)?, run, is_paid).is_some() {
            return None;
        }
        found.way = Some((behind, at + to));
    }
    // Of patterns that end behind the text, the last place counts.
    if takes_anything && header & node::HAS_END != 0 && rest.ends_with(run) {
        found.row = Cursor::new(tables, behind).rows(tables).0;
    }
    Some(found)
}

/// The place behind the first occurrence of a text that is not empty, if what is skipped is paid for.
#[inline]
fn find(text: &[u8], run: &[u8], is_paid: impl Fn(usize) -> bool) -> Option<usize> {
    let first = *run.first()?;
    let mut rest = text;
    loop {
        let skipped = index_of(rest, first);
        // What was looked through for nothing counts as well.
        if !is_paid(skipped.unwrap_or(rest.len())) {
            return None;
        }
        rest = rest.get(skipped?..)?;
        if begins(rest, run) {
            return Some(text.len() - (rest.len() - run.len()));
        }
        rest = rest.get(1..)?;
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
                let (run, child) = edge(tables, (self.at, self.literals), number);
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

    /// The exact literal edge that the text follows: its child and the place behind it. The cursor is at the literals.
    #[inline(never)]
    fn literal(&self, tables: &Tables<'_>, text: &[u8], at: usize) -> Option<(usize, usize)> {
        match self.header & node::LITERALS {
            node::LITERAL_TABLE => from_table(tables, (self.at, self.literals), self.literals - self.folded, text, at),
            _ => one_literal(tables, self.header, self.at, text, at),
        }
    }

    /// The position behind a node with a table of edges; the cursor is at the table.
    pub(super) fn end_of_table(&self, tables: &Tables<'_>) -> usize {
        let end = self.end_of_edges(tables);
        if self.more & node::more::STARTS == 0 {
            return end;
        }
        Starts::bytes(tables.nodes.byte(end)).map_or(usize::MAX, |bytes| end.saturating_add(bytes))
    }

    fn end_of_edges(&self, tables: &Tables<'_>) -> usize {
        let edge_bytes = 1 + tables.widths.run.bytes + 1 + tables.widths.place.bytes;
        self.at + self.literals * edge_bytes
    }

    /// Whether the node has wildcards, variables or edges whose case is ignored.
    pub(super) fn has_wilds(&self) -> bool {
        self.more & !node::more::STARTS != 0
    }

    /// Whether the node has edges of exact text and nothing else.
    pub(super) fn has_edges_only(&self) -> bool {
        self.header & (node::HAS_END | node::HAS_REST) == 0
            && self.header & node::LITERALS != node::NO_LITERAL
            && !self.has_wilds()
    }

    /// What is known of the texts of a node with edges only; the cursor is at its table.
    pub(super) fn starts<'a>(&self, tables: &Tables<'a>) -> Option<Starts<'a>> {
        if self.more & node::more::STARTS == 0 || self.header & node::LITERALS != node::LITERAL_TABLE {
            return None;
        }
        Starts::at(tables, self.end_of_edges(tables))
    }
}

/// The single literal edge at a place, if the text follows it: its child and the place behind it.
#[expect(clippy::inline_always, reason = "a tenth of a walk is calling it")]
#[inline(always)]
fn literal(tables: &Tables<'_>, header: u8, mut place: usize, text: &[u8], at: usize) -> Option<(usize, usize)> {
    let nodes = tables.nodes;
    let mut rest = text.get(at..)?;
    match header & node::LITERALS {
        node::ONE_LITERAL => {}
        node::HEAD_AND_LITERAL => {
            let head = tables.head(nodes.number(place, tables.widths.head));
            if !begins(rest, head) {
                return None;
            }
            place += tables.widths.head.bytes;
            rest = rest.get(head.len()..)?;
        }
        _ => return None,
    }
    let length = usize::from(nodes.byte(place));
    let run = nodes.slice(place + 1, length);
    if !begins(rest, run) {
        return None;
    }
    let behind = text.len() - (rest.len() - run.len());
    let child = place + 1 + length;
    if header & node::CHILD_IN_PLACE != 0 {
        return Some((child, behind));
    }
    Some((index(nodes.number(child, tables.widths.place)), behind))
}

/// The same in one copy, for walks among wildcards.
#[inline(never)]
fn one_literal(tables: &Tables<'_>, header: u8, place: usize, text: &[u8], at: usize) -> Option<(usize, usize)> {
    literal(tables, header, place, text, at)
}

/// The edge among the first ones, which are exact, of a table of edges that the text follows.
#[inline(never)]
fn from_table(
    tables: &Tables<'_>,
    (place, edges): (usize, usize),
    exact: usize,
    text: &[u8],
    at: usize,
) -> Option<(usize, usize)> {
    let first = *text.get(at)?;
    let exact = tables.nodes.slice(place, exact);
    let (run, child) = edge(tables, (place, edges), exact.binary_search(&first).ok()?);
    begins(text.get(at..)?, run).then_some((child, at + run.len()))
}

/// The edge whose case is ignored that the text follows.
fn folded(tables: &Tables<'_>, cursor: &Cursor, text: &[u8], at: usize) -> Option<(usize, usize)> {
    let first = text.get(at)?.to_ascii_lowercase();
    let start = cursor.literals - cursor.folded;
    let folded = tables.nodes.slice(cursor.at + start, cursor.folded);
    let (run, child) = edge(tables, (cursor.at, cursor.literals), start + folded.binary_search(&first).ok()?);
    let part = text.get(at..at.checked_add(run.len())?)?;
    same_folded(part, run).then_some((child, at + run.len()))
}

/// Text and child of an edge in a table.
#[inline]
pub(super) fn edge<'a>(tables: &Tables<'a>, (place, edges): (usize, usize), number: usize) -> (&'a [u8], usize) {
    let widths = &tables.widths;
    let at = place + edges + number * (widths.run.bytes + 1 + widths.place.bytes);
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
            let place = position.saturating_add(1);
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
            _ => Self::One(tables.nodes.byte(cursor.at.saturating_add(1))),
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

/// What the encoder knows of the texts that lead on from a node.
pub(super) struct Starts<'w> {
    kinds: u32,
    looked_at: &'w [u8; node::START_KINDS],
    bits: &'w [u8],
    log2: u8,
}

impl<'w> Starts<'w> {
    /// How many bytes they have, if that is a number.
    fn bytes(log2: u8) -> Option<usize> {
        1usize.checked_shl(u32::from(log2))?.checked_add(node::START_KINDS + 5)
    }

    fn at(tables: &Tables<'w>, at: usize) -> Option<Self> {
        let log2 = tables.nodes.byte(at);
        let (kinds, rest) = tables.nodes.slice(at, Self::bytes(log2)?).get(1..)?.split_first_chunk()?;
        let (looked_at, bits) = rest.split_first_chunk()?;
        Some(Self { kinds: u32::from_le_bytes(*kinds), looked_at, bits, log2 })
    }

    /// How many texts may be told apart.
    pub(super) fn room(&self) -> usize {
        8 * self.bits.len()
    }

    /// Whether something begins with a byte of this kind, and more than no byte is looked at then.
    pub(super) fn has(&self, first: u8) -> bool {
        self.has_kind(first) && self.looked_at.get(usize::from(first) % node::START_KINDS) != Some(&0)
    }

    #[inline]
    fn has_kind(&self, first: u8) -> bool {
        self.kinds >> (usize::from(first) % node::START_KINDS) & 1 != 0
    }

    /// Whether something may begin with the text of which these are the first bytes, and how many there are. Nothing if
    /// that is too few to say.
    #[inline]
    pub(super) fn begins(&self, word: u64, bytes: usize) -> Option<bool> {
        let [first, ..] = word.to_le_bytes();
        let looked_at = *self.looked_at.get(usize::from(first) % node::START_KINDS)?;
        if bytes < usize::from(looked_at) {
            return None;
        }
        let bit = start_bit(word, looked_at, self.log2);
        Some(self.bits.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 != 0))
    }

    /// The first place of a text at which something may begin.
    #[inline(never)]
    fn find(&self, text: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(first) = text.get(at) {
            // A text that is too short for what is looked at is too short for what leads on.
            if self.has_kind(*first)
                && let Some(rest) = text.get(at..)
                && self.begins(start_word(rest), rest.len()) == Some(true)
            {
                return Some(at);
            }
            at += 1;
        }
        None
    }
}
