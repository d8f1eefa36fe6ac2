//! What a walk reads: rows, nodes, indexes, and the bundles and scans that lead to them.

use super::{Bad, Checker, number_of};
use crate::layout::{NONE, SLACK_BYTES, Section, action_kind, bundle, meta, node, start_of, start_word, step_kind};
use crate::runtime::bundle::{Header, Nodes};
use crate::runtime::walk::{Cursor, Starts, edge};
use crate::runtime::words::index;

impl Checker<'_, '_> {
    /// The rows that several nodes share.
    pub(super) fn rows(&self) -> Result<(), Bad> {
        let mut at = 0;
        while at < self.rows_end {
            at = self.row(at).ok_or(self.bad_node(at))?;
        }
        self.must(at == self.rows_end, Section::Meta, number_of(meta::ROWS_END))
    }

    /// Checks one row and returns the position behind it.
    fn row(&self, at: usize) -> Option<usize> {
        let t = self.tables;
        let row = t.row(at);
        let end = row.end(t);
        let mut entries = t.denies(row).chain(t.allows(row));
        let inside = end <= self.nodes_end;
        // Entries of no bytes are those of a single statement: any number of them would stand in any row.
        let has_bytes = t.widths.statement.bytes + t.widths.guard.bytes > 0;
        let inside = inside && (has_bytes || row.denies.saturating_add(row.allows) <= 2 * crate::layout::row::FEW_MAX);
        (inside && entries.all(|entry| entry.statement < self.statements && entry.guard < self.guards)).then_some(end)
    }

    pub(super) fn nodes(&self) -> Result<(), Bad> {
        let mut at = self.rows_end;
        self.must(at <= self.nodes_end, Section::Meta, number_of(meta::ROWS_END))?;
        while at < self.nodes_end {
            at = self.node(at).filter(|&behind| behind <= self.nodes_end).ok_or(self.bad_node(at))?;
        }
        Ok(())
    }

    /// Checks one node and returns the position behind it. A child that stands in place is the next node.
    fn node(&self, position: usize) -> Option<usize> {
        let t = self.tables;
        let mut cursor = Cursor::new(t, position);
        let child = |at: usize| self.rows_end <= at && at < position;
        let (end, rest) = cursor.rows(t);
        let in_place = cursor.header & node::ROW_IN_PLACE != 0;
        let row = |at: usize| if in_place { self.row(at).is_some() } else { at < self.rows_end };
        // Walks take the row in place for the only one.
        let both_in_place = in_place && end.is_some() && rest.is_some();
        (!both_in_place && end.is_none_or(row) && rest.is_none_or(row)).then_some(())?;
        for bit in [node::more::STAR_WITHIN, node::more::STAR_FREE, node::more::ANY_WITHIN, node::more::ANY_FREE] {
            cursor.wild(t, bit).is_none_or(child).then_some(())?;
        }
        for _ in 0..cursor.variables {
            let ((key, default, kind), to) = cursor.variable(t);
            let known = matches!(kind, step_kind::VARIABLE_WITHIN | step_kind::VARIABLE_FREE);
            (known && self.is_variable(key, default) && child(to)).then_some(())?;
        }
        match cursor.header & node::LITERALS {
            node::NO_LITERAL => Some(cursor.at),
            node::LITERAL_TABLE => {
                let exact = cursor.literals - cursor.folded;
                let firsts = t.nodes.slice(cursor.at, cursor.literals);
                let mut last = None;
                for (number, &first) in firsts.iter().enumerate() {
                    let (run, to) = edge(t, (cursor.at, cursor.literals), number);
                    let ordered = number == exact || last.is_none_or(|last| last < first);
                    (ordered && run.first() == Some(&first) && child(to)).then_some(())?;
                    last = Some(first);
                }
                let starts = cursor.starts(t);
                let good = starts.is_none_or(|starts| {
                    cursor.has_edges_only() && self.are_known(&starts, &mut starts.room(), &cursor, (0, 0))
                });
                (good && firsts.len() == cursor.literals).then_some(cursor.end_of_table(t))
            }
            kind => {
                let mut at = cursor.at;
                if kind == node::HEAD_AND_LITERAL {
                    (t.nodes.number(at, t.widths.head) < t.heads.len() / 2).then_some(())?;
                    at += t.widths.head.bytes;
                }
                let behind = at + 1 + usize::from(t.nodes.byte(at));
                if cursor.header & node::CHILD_IN_PLACE != 0 {
                    return Some(behind).filter(|&behind| behind < self.nodes_end);
                }
                let to = index(t.nodes.number(behind, t.widths.place));
                child(to).then_some(behind + t.widths.place.bytes)
            }
        }
    }

    /// Whether no text that leads on from a node is ruled out; the `known` lowest bytes of the word led to it. No more
    /// edges are looked at than there is `room`, and no way is longer than a word.
    fn are_known(&self, starts: &Starts<'_>, room: &mut usize, from: &Cursor, (word, known): (u64, usize)) -> bool {
        let t = self.tables;
        from.edges(t).all(|([head, run], child)| {
            let (mut word, mut bytes) = (word, known);
            for piece in [head, run] {
                let shift = u32::try_from(8 * bytes).unwrap_or(u32::MAX);
                word |= start_word(piece).checked_shl(shift).unwrap_or(0);
                bytes = node::START_MAX_BYTES.min(bytes + piece.len());
            }
            let [first, ..] = word.to_le_bytes();
            let Some(left) = room.checked_sub(1).filter(|_| known < bytes && starts.has(first)) else { return false };
            *room = left;
            starts.begins(word, bytes).unwrap_or_else(|| {
                let mut next = Cursor::new(t, child);
                next.rows(t);
                next.has_edges_only() && self.are_known(starts, room, &next, (word, bytes))
            })
        })
    }

    /// Whether a position is one of a node.
    pub(super) fn is_node(&self, at: u32) -> bool {
        self.rows_end <= index(at) && index(at) < self.nodes_end
    }

    #[expect(clippy::unused_self, reason = "reads as the others")]
    fn bad_node(&self, at: usize) -> Bad {
        Bad { section: Section::Nodes, word: u32::try_from(at).unwrap_or(u32::MAX) }
    }

    #[inline(never)]
    pub(super) fn indexes(&self) -> Result<(), Bad> {
        let t = self.tables;
        let mut at = 0;
        let mut lists_end = 0;
        while let Some([root, count, together, all]) = t.indexes.block(at) {
            let end = count.checked_mul(4).and_then(|words| at.checked_add(4)?.checked_add(words));
            let Some(end) = end.filter(|&end| end <= t.indexes.len()) else {
                return self.must(false, Section::Indexes, at);
            };
            let list = t.indexes.list(at + 4, end - at - 4);
            let node = |position: u32| self.is_node(position);
            let variable = |[_, key, default]: [u32; 3]| self.is_variable(key, default);
            let good = list.records().all(|[root, row, variables, length]| {
                let follows = length.is_multiple_of(3) && lists_end <= variables;
                lists_end = variables.saturating_add(length);
                let list = self.list(variables, length).filter(|_| follows && node(root) && index(row) < self.rows_end);
                list.is_some_and(|list| list.records().all(variable))
            });
            let has_row = together == 0 || index(all) < self.rows_end;
            let roots = root.checked_sub(1).is_none_or(node) && together.checked_sub(1).is_none_or(node);
            self.must(good && roots && has_row, Section::Indexes, at)?;
            at = end;
        }
        self.must(at == t.indexes.len(), Section::Indexes, at)
    }

    /// Whether the words at a position read as an index within the section.
    fn is_index(&self, at: u32) -> bool {
        let t = self.tables;
        let count = t.indexes.block::<4>(at).and_then(|[_, count, ..]| count.checked_mul(4));
        count.and_then(|words| at.checked_add(4)?.checked_add(words)).is_some_and(|end| end <= t.indexes.len())
    }

    /// Whether the number of a root leads into the right section.
    #[inline(never)]
    pub(super) fn is_root(&self, root: u32) -> bool {
        if root & 1 == 0 { self.is_node(root >> 1) } else { self.is_index(root >> 1) }
    }

    /// Bundles and their scans follow each other, so that none is checked twice.
    #[inline(never)]
    pub(super) fn bundles(&self) -> Result<(), Bad> {
        let t = self.tables;
        let (scans, statements) = (self.count(Section::Scans), self.count(Section::Statements));
        let (mut slots_end, mut scans_end) = (0, 0);
        for (number, at) in (0..).zip(t.bundles.iter()) {
            let end = t.bundle(number).filter(|_| slots_end <= index(at)).and_then(|header| {
                let (scans_at, count) = header.scans;
                if count > 0 {
                    (scans_end <= scans_at).then_some(())?;
                    scans_end = scans_at.checked_add(count).filter(|&end| end <= scans)?;
                }
                header.allows_all.is_none_or(|statement| statement < statements).then_some(())?;
                self.slots(&header)
            });
            slots_end = end.ok_or(Bad { section: Section::Bundles, word: number })?;
        }
        Ok(())
    }

    /// Checks action nodes and roots of one bundle; returns where they end.
    fn slots(&self, header: &Header) -> Option<usize> {
        let t = self.tables;
        let &Header { changes, number_bytes, roots, body, .. } = header;
        let node_bytes = t.node_bytes();
        let numbers_at = match header.nodes {
            Nodes::Range(..) => body,
            Nodes::Marked(_, count) => index(count).checked_mul(bundle::BLOCK_BYTES)?.checked_add(body)?,
            Nodes::Listed => changes.checked_mul(node_bytes)?.checked_add(body)?,
        };
        // No root without an action for it, so that roots of no bytes are not more than the file has bytes.
        let is_number = matches!(number_bytes, 1 | 2 | 4) || matches!(header.nodes, Nodes::Range(..));
        (is_number && roots <= changes && (node_bytes == 2 || header.nodes == Nodes::Listed)).then_some(())?;
        let numbers = if number_bytes == 0 { 0 } else { changes };
        let roots_at = numbers.checked_mul(number_bytes)?.checked_add(numbers_at)?;
        let end = roots.checked_mul(t.widths.root.bytes)?.checked_add(roots_at)?;
        (end <= t.slots.len() - SLACK_BYTES).then_some(())?;
        match header.nodes {
            Nodes::Range(from, to) => (from < to).then_some(())?,
            Nodes::Listed => {
                let mut least = 0;
                for change in 0..changes {
                    let node = t.slots.part(body + change * node_bytes, node_bytes);
                    (least <= node).then_some(())?;
                    least = node.checked_add(1)?;
                }
            }
            Nodes::Marked(_, count) => {
                let mut before = 0;
                for block in 0..index(count) {
                    let at = body + block * bundle::BLOCK_BYTES;
                    (u32::from(t.slots.half(at)) == before).then_some(())?;
                    before += t.slots.word(at + 2).count_ones();
                }
                // What is behind the last change is not looked up.
                let last = changes.checked_sub(1);
                let last = last.map_or(0, |last| t.slots.part(numbers_at + last * number_bytes, number_bytes));
                (index(before) == changes && last == 0).then_some(())?;
            }
        }
        let mut all = (0..numbers).map(|change| t.slots.part(numbers_at + change * number_bytes, number_bytes));
        all.all(|number| index(number) <= roots).then_some(())?;
        let root = |number: usize| t.slots.number(roots_at + number * t.widths.root.bytes, t.widths.root);
        (0..roots).all(|number| self.is_root(root(number))).then_some(end)
    }

    /// Scans, whose lists follow each other.
    #[inline(never)]
    pub(super) fn scans(&self) -> Result<(), Bad> {
        let t = self.tables;
        let patterns = self.count(Section::Patterns);
        let mut end = 0;
        for (number, [_, at, length, root]) in (0..).zip(t.scans.records::<4>()) {
            let list = self.list(at, length).unwrap_or_default();
            let ranges = list.get(0).unwrap_or(NONE).saturating_mul(2).saturating_add(1);
            let others = list.list(ranges, NONE);
            let mut least = 0;
            let range = |[from, to]: [u32; 2]| {
                let good = least <= from && from < to;
                least = to;
                good
            };
            let other = |[kind, value]: [u32; 2]| {
                let start = kind >> action_kind::START_SHIFT;
                let is_glob = kind == action_kind::GLOB | start << action_kind::START_SHIFT && value < patterns;
                kind == action_kind::ANY || is_glob && start == self.pattern_start(value)
            };
            let good = end <= at
                && ranges <= length
                && list.list(1, ranges - 1).records().all(range)
                && others.len().is_multiple_of(2)
                && others.records().all(other)
                && self.is_root(root);
            self.must(good, Section::Scans, number * 4)?;
            end = at.saturating_add(length);
        }
        Ok(())
    }

    /// The bytes with which a pattern begins, as scans have them.
    fn pattern_start(&self, pattern: u32) -> u32 {
        let t = self.tables;
        match t
            .patterns
            .record(pattern)
            .and_then(|[at, length]| t.steps.list(at.saturating_mul(3), length.saturating_mul(3)).block(0))
        {
            Some([step_kind::LITERAL | step_kind::FOLDED, symbol, _]) => start_of(t.text_bytes(symbol)),
            _ => 0,
        }
    }
}
