//! The parts of a node, in the order in which they stand.

use crate::layout::node;
use crate::runtime::Tables;
use crate::runtime::words::{begins, index, same_folded};
use crate::value::zero_bytes;

use super::starts::Starts;

/// The parts of a node, read one after the other.
#[derive(Clone, Copy)]
pub(in crate::runtime) struct Cursor {
    pub(in crate::runtime) header: u8,
    pub(super) more: u8,
    pub(in crate::runtime) variables: u8,
    pub(in crate::runtime) folded: usize,
    pub(in crate::runtime) literals: usize,
    pub(in crate::runtime) at: usize,
}

impl Cursor {
    /// The wildcards that a node can have, in the order in which [`Cursor::wild`] has to be asked for them.
    pub(in crate::runtime) const WILDS: [u8; 4] =
        [node::more::STAR_WITHIN, node::more::STAR_FREE, node::more::ANY_WITHIN, node::more::ANY_FREE];

    /// Reads what a node has, but for its parts; the header is known.
    #[inline]
    fn behind_header(header: u8, position: usize) -> Self {
        Self { header, more: 0, variables: 0, folded: 0, literals: 0, at: position.wrapping_add(1) }
    }

    /// The same of a node that may have wildcards.
    #[inline]
    pub(in crate::runtime) fn new(tables: &Tables<'_>, position: usize) -> Self {
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
    pub(in crate::runtime) fn rows(&mut self, tables: &Tables<'_>) -> (Option<usize>, Option<usize>) {
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
    pub(super) fn place(&mut self, tables: &Tables<'_>) -> usize {
        let at = self.at;
        self.at += tables.widths.place.bytes;
        index(tables.nodes.number(at, tables.widths.place))
    }

    /// The literal edges of a node: beginning and rest of the text, and the child. The cursor is behind all else.
    pub(in crate::runtime) fn edges<'a>(&self, tables: &Tables<'a>) -> impl Iterator<Item = ([&'a [u8]; 2], usize)> {
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

    pub(in crate::runtime) fn wild(&mut self, tables: &Tables<'_>, bit: u8) -> Option<usize> {
        (self.more & bit != 0).then(|| self.place(tables))
    }

    /// The next variable, with its child.
    pub(in crate::runtime) fn variable(&mut self, tables: &Tables<'_>) -> ((u32, u32, u32), usize) {
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
    pub(in crate::runtime) fn end(&mut self, tables: &Tables<'_>) -> usize {
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
    pub(super) fn literal(&self, tables: &Tables<'_>, text: &[u8], at: usize) -> Option<(usize, usize)> {
        match self.header & node::LITERALS {
            node::LITERAL_TABLE => from_table(tables, (self.at, self.literals), self.literals - self.folded, text, at),
            _ => one_literal(tables, self.header, self.at, text, at),
        }
    }

    /// The position behind a node with a table of edges; the cursor is at the table.
    pub(in crate::runtime) fn end_of_table(&self, tables: &Tables<'_>) -> usize {
        let end = self.end_of_edges(tables);
        if self.more & node::more::STARTS == 0 {
            return end;
        }
        Starts::bytes(tables.nodes.byte(end)).map_or(usize::MAX, |bytes| end.wrapping_add(bytes))
    }

    fn end_of_edges(&self, tables: &Tables<'_>) -> usize {
        let edge_bytes = 1 + tables.widths.run.bytes + 1 + tables.widths.place.bytes;
        self.at + self.literals * edge_bytes
    }

    /// Whether the node has wildcards, variables or edges whose case is ignored.
    pub(in crate::runtime) fn has_wilds(&self) -> bool {
        self.more & !node::more::STARTS != 0
    }

    /// Whether the node has edges of exact text and nothing else.
    pub(in crate::runtime) fn has_edges_only(&self) -> bool {
        self.header & (node::HAS_END | node::HAS_REST) == 0
            && self.header & node::LITERALS != node::NO_LITERAL
            && !self.has_wilds()
    }

    /// What is known of the texts of a node with edges only; the cursor is at its table.
    pub(in crate::runtime) fn starts<'a>(&self, tables: &Tables<'a>) -> Option<Starts<'a>> {
        if self.more & node::more::STARTS == 0 || self.header & node::LITERALS != node::LITERAL_TABLE {
            return None;
        }
        Starts::at(tables, self.end_of_edges(tables))
    }
}

/// The single literal edge at a place, if the text follows it: its child and the place behind it.
#[expect(clippy::inline_always, reason = "a tenth of a walk is calling it")]
#[inline(always)]
pub(super) fn literal(
    tables: &Tables<'_>,
    header: u8,
    mut place: usize,
    text: &[u8],
    at: usize,
) -> Option<(usize, usize)> {
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
pub(super) fn one_literal(
    tables: &Tables<'_>,
    header: u8,
    place: usize,
    text: &[u8],
    at: usize,
) -> Option<(usize, usize)> {
    literal(tables, header, place, text, at)
}

/// The edge among the first ones, which are exact, of a table of edges that the text follows: its child and the place behind
/// it.
#[inline]
pub(super) fn from_table(
    tables: &Tables<'_>,
    (place, edges): (usize, usize),
    exact: usize,
    text: &[u8],
    at: usize,
) -> Option<(usize, usize)> {
    let (child, bytes) = edge_of(tables, place, edges, exact, text.get(at..)?);
    (bytes != 0).then_some((child, at + bytes))
}

/// The same with how many bytes it takes, zero for no such edge: two numbers, that registers return.
#[inline(never)]
fn edge_of(tables: &Tables<'_>, place: usize, edges: usize, exact: usize, text: &[u8]) -> (usize, usize) {
    let Some(first) = text.first() else { return (0, 0) };
    let wanted = u64::from(*first) * 0x0101_0101_0101_0101;
    let mut number = 0;
    // What stands behind the first bytes is looked at as well, but no place there counts.
    while number < exact {
        let marks = zero_bytes(tables.nodes.long(place.wrapping_add(number)) ^ wanted);
        if marks == 0 {
            number += 8;
            continue;
        }
        number += index(marks.trailing_zeros() / 8);
        if exact <= number {
            break;
        }
        let (run, child) = edge(tables, (place, edges), number);
        return if begins(text, run) { (child, run.len()) } else { (0, 0) };
    }
    (0, 0)
}

/// The edge whose case is ignored that the text follows.
pub(super) fn folded(tables: &Tables<'_>, cursor: &Cursor, text: &[u8], at: usize) -> Option<(usize, usize)> {
    let first = text.get(at)?.to_ascii_lowercase();
    let start = cursor.literals - cursor.folded;
    let folded = tables.nodes.slice(cursor.at + start, cursor.folded);
    let (run, child) = edge(tables, (cursor.at, cursor.literals), start + folded.binary_search(&first).ok()?);
    let part = text.get(at..at.checked_add(run.len())?)?;
    same_folded(part, run).then_some((child, at + run.len()))
}

/// Text and child of an edge in a table.
#[inline]
pub(in crate::runtime) fn edge<'a>(
    tables: &Tables<'a>,
    (place, edges): (usize, usize),
    number: usize,
) -> (&'a [u8], usize) {
    let widths = &tables.widths;
    let at = place + edges + number * (widths.run.bytes + 1 + widths.place.bytes);
    let (start, behind) = widths.run.cut_off(tables.nodes.long(at));
    let [length, ..] = behind.to_le_bytes();
    let run = tables.runs.slice(index(start), usize::from(length));
    (run, index(tables.nodes.number(at + widths.run.bytes + 1, widths.place)))
}
