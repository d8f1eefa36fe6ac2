//! Walking a resource trie: every pattern that matches, in one pass over the text.
//!
//! Most nodes offer one way on, a literal edge, and the walk is a loop over [`step`]. What a node consists of reads
//! `cursor.rs`; where wildcards offer many places, `wild.rs` goes on.

mod cursor;
mod starts;
mod wild;

pub(super) use cursor::{Cursor, edge};
pub(super) use starts::Starts;

use cursor::{from_table, literal};
use wild::walk_wild;

use crate::layout::{node, step_kind};

use super::Tables;
use super::budget::{Budget, NODE};
use super::call::Env;
use super::words::{begins, index, index_of};

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
        let mut next = if visitor.wants(below(header)) {
            match step(tables, (position, header), (text, at), visitor, &mut ways) {
                Step::To(way) => {
                    (position, at) = way;
                    continue;
                }
                Step::Star(child) => star_step((tables, env, budget), child, (text, at), visitor),
                Step::Wild => wild_step((tables, env, budget), position, (text, at), visitor, &mut ways),
                found @ (Step::End | Step::Stop) => found,
            }
        } else {
            Step::End
        };
        loop {
            match next {
                Step::To(way) => {
                    (position, at) = way;
                    break;
                }
                Step::Stop => return Flow::Stop,
                Step::End | Step::Wild | Step::Star(_) => {}
            }
            if !budget.spend(NODE * steps) {
                return Flow::Stop;
            }
            steps = 0;
            next = match ways.pop() {
                None => return Flow::Continue,
                Some(way) => match way.child() {
                    None => Step::To((way.position, way.at)),
                    Some(child) => star_step((tables, env, budget), child, (text, way.at), visitor),
                },
            };
        }
    }
}

/// Where a walk goes from a node.
enum Step {
    /// To a child, and a place of the text.
    To((usize, usize)),
    /// To where the child of a free star leads on.
    Star(usize),
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
    (position, header): (usize, u8),
    (text, at): (&[u8], usize),
    visitor: &mut V,
    ways: &mut Ways,
) -> Step {
    let nodes = tables.nodes;
    let literals = header & node::LITERALS;
    let mut place = position.wrapping_add(1);
    // Most nodes are a single literal edge, or a table of them.
    if header & (node::HAS_END | node::HAS_REST | node::HAS_MORE) == 0 {
        let next = if literals == node::LITERAL_TABLE {
            let edges = usize::from(nodes.half(place));
            from_table(tables, (place.wrapping_add(2), edges), edges, text, at)
        } else {
            literal(tables, header, place, text, at)
        };
        return next.map_or(Step::End, Step::To);
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
    if header & node::HAS_MORE != 0 {
        let child = index(nodes.number(place, tables.widths.place));
        if literals == node::NO_LITERAL {
            return Step::Star(child);
        }
        if !ways.push(Way::star(child, at)) {
            return Step::Wild;
        }
        place += tables.widths.place.bytes;
    }
    let next = match literals {
        node::NO_LITERAL => None,
        node::LITERAL_TABLE => from_table(tables, (place, edges), edges, text, at),
        _ => literal(tables, header, place, text, at),
    };
    next.map_or(Step::End, Step::To)
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
    ways: [Way; WAYS],
    count: usize,
}

/// How many ways are kept open at once; where there are more, the walk goes on as among wildcards.
const WAYS: usize = 6;

/// A way that a walk may go on: from a node and a place of the text, or from the child of a free star and any place from
/// this one on. That one is looked for when nothing else is left, since what is found before may be enough.
#[derive(Clone, Copy, Default)]
struct Way {
    /// Where the node stands; of a star's child all bits of it are turned.
    position: usize,
    at: usize,
}

impl Way {
    #[inline]
    const fn star(child: usize, at: usize) -> Self {
        Self { position: !child, at }
    }

    /// The child, if it is a star's: no node stands as far behind as their turned bits say.
    #[inline]
    const fn child(self) -> Option<usize> {
        if self.position > usize::MAX / 2 { Some(!self.position) } else { None }
    }
}

impl Ways {
    #[inline]
    fn pop(&mut self) -> Option<Way> {
        self.count = self.count.checked_sub(1)?;
        self.ways.get(self.count).copied()
    }

    /// Adds a way; returns whether there was room.
    #[inline]
    fn push(&mut self, way: Way) -> bool {
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
    let mut step = variable_step((tables, env, budget), position, (text, at), visitor, ways);
    if let Step::Wild = step {
        step = full_step((tables, env, budget), position, (text, at), visitor, ways);
    }
    if let Step::Wild = step {
        step = to_all_ends((tables, env, budget), Way { position, at }, text, visitor);
    }
    step
}

/// What [`step`] does, of a node whose rows it has visited and for whose free star there was no room: most stars lead
/// nowhere, and need none.
#[inline]
fn full_step(
    (tables, env, budget): (&Tables<'_>, Option<&Env<'_>>, &Budget),
    position: usize,
    (text, at): (&[u8], usize),
    visitor: &mut dyn Visitor,
    ways: &Ways,
) -> Step {
    let mut cursor = Cursor::new(tables, position);
    if ways.count < WAYS || cursor.more != node::more::STAR_FREE {
        return Step::Wild;
    }
    cursor.rows(tables);
    let Some(child) = cursor.wild(tables, node::more::STAR_FREE) else { return Step::Wild };
    match star_step((tables, env, budget), child, (text, at), visitor) {
        Step::End => cursor.literal(tables, text, at).map_or(Step::End, Step::To),
        Step::Stop => Step::Stop,
        Step::To(_) | Step::Star(_) | Step::Wild => Step::Wild,
    }
}

fn to_all_ends(
    (tables, env, budget): (&Tables<'_>, Option<&Env<'_>>, &Budget),
    way: Way,
    text: &[u8],
    visitor: &mut dyn Visitor,
) -> Step {
    match walk_wild(tables, env, budget, way, text, visitor) {
        Flow::Continue => Step::End,
        Flow::Stop => Step::Stop,
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
    let star = cursor.wild(tables, node::more::STAR_FREE);
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
        let is_it = text.get(at..).is_some_and(|rest| begins(rest, value.as_bytes()));
        if is_it && (kind == step_kind::VARIABLE_FREE || index_of(value.as_bytes(), b':').is_none()) {
            variable_way = Some((child, at + value.len()));
        }
    }
    if let Some(row) = end
        && at == text.len()
        && visitor.row(row) == Flow::Stop
    {
        return Step::Stop;
    }
    if let Some(row) = rest
        && visitor.row(row) == Flow::Stop
    {
        return Step::Stop;
    }
    // There is room for both.
    if let Some(position) = star {
        ways.push(Way::star(position, at));
    }
    let next = cursor.literal(tables, text, at);
    if let (Some((position, at)), Some(_)) = (next, variable_way) {
        ways.push(Way { position, at });
    }
    variable_way.or(next).map_or(Step::End, Step::To)
}

/// Goes on from a free star.
#[inline(never)]
fn star_step(
    (tables, env, budget): (&Tables<'_>, Option<&Env<'_>>, &Budget),
    child: usize,
    (text, at): (&[u8], usize),
    visitor: &mut dyn Visitor,
) -> Step {
    if !visitor.wants(below(tables.nodes.byte(child))) {
        return Step::End;
    }
    let Some(found) = star(tables, budget, child, (text, at)) else {
        return to_all_ends((tables, env, budget), Way::star(child, at), text, visitor);
    };
    if let Some(row) = found.row
        && visitor.row(row) == Flow::Stop
    {
        return Step::Stop;
    }
    found.way.map_or(Step::End, Step::To)
}

/// What is behind a free star, of which this is the child, where trying one place is enough: there is no other, or the
/// star takes anything, as has to what is behind the text, so that the first place of the text is as good as any other.
/// Nothing if several places have to be tried, which a walk among wildcards does.
#[inline]
fn star(tables: &Tables<'_>, budget: &Budget, child: usize, (text, at): (&[u8], usize)) -> Option<Found> {
    let nodes = tables.nodes;
    let header = nodes.byte(child);
    if header & !(node::HAS_DENY | node::CHILD_IN_PLACE) != node::ONE_LITERAL {
        return None;
    }
    let length = usize::from(nodes.byte(child.wrapping_add(1)));
    let run = nodes.slice(child.wrapping_add(2), length);
    let mut behind = child.wrapping_add(2 + length);
    if header & node::CHILD_IN_PLACE == 0 {
        behind = index(nodes.number(behind, tables.widths.place));
    }
    if run.is_empty() {
        return None;
    }
    let header = nodes.byte(behind);
    let takes_anything = header & node::LITERALS == node::NO_LITERAL
        && (header & node::HAS_MORE == 0 || nodes.byte(behind.wrapping_add(1)) & !node::more::STAR_FREE == 0);
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

#[inline]
fn below(header: u8) -> Below {
    if header & node::HAS_DENY == 0 { Below::Allows } else { Below::Denies }
}
