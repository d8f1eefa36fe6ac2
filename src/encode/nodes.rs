//! Rows and trie nodes, as bytes in the order in which a walk meets them.
//!
//! A node with one literal edge has the text and, where nobody else needs it, the child in place, so that a walk down a
//! pattern reads on where it is. What several nodes share stands once, before them.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Entry, Id, Index, LiteralEdge, RowId, Search, Tables, TrieId, TrieNode};
use crate::layout::{NONE, SLACK_BYTES, Widths, node, row};
use crate::terms::Effect;

use super::bytes::Narrow;
use super::conditions::Guards;
use super::{Encoder, count, starts};

/// Longest row and longest leaf that are repeated in place rather than shared.
const COPIED_MAX_BYTES: usize = 12;

/// Longest node that stands in place of a reference to it; longer chains would be copied over and over.
const IN_PLACE_MAX_BYTES: usize = 1024;

/// Beginnings of ARNs up to the fifth colon that occur more than once, by their text.
type Heads = BTreeMap<Vec<u8>, u32>;

/// Where rows and nodes stand.
pub(super) struct Places {
    rows: Vec<u32>,
    nodes: Vec<u32>,
}

impl Places {
    /// Position of a row that was asked for beforehand.
    pub(super) fn row(&self, row: RowId) -> u32 {
        self.rows.get(row.index()).copied().unwrap_or(NONE)
    }

    /// Position of a node that was asked for beforehand.
    pub(super) fn node(&self, node: TrieId) -> u32 {
        self.nodes.get(node.index()).copied().unwrap_or(NONE)
    }
}

/// What is known of the nodes before any is written.
struct Survey {
    /// How often each node is a child.
    uses: Vec<u32>,
    /// Which rows stand by themselves.
    shared_rows: Vec<bool>,
    /// Nodes that need a position.
    roots: Vec<TrieId>,
    heads: Heads,
    /// What is known of nodes behind stars.
    starts: BTreeMap<TrieId, Vec<u8>>,
    /// No position is larger.
    bound: usize,
}

/// Writes all rows and nodes; sets the widths of what they are made of.
pub(super) fn write(encoder: &mut Encoder<'_>, tables: &Tables, guards: &Guards) -> Places {
    let survey = survey(encoder, tables);
    let program = encoder.program;
    let statements = program.statements.len().max(program.resources.len());
    encoder.widths.statement = Widths::of(count(statements.saturating_sub(1)));
    encoder.widths.guard = Widths::of(guards.largest());
    encoder.widths.head = Widths::of(count(survey.heads.len().saturating_sub(1)));
    write_runs(encoder, tables);
    let runs = std::mem::take(&mut encoder.run_at);
    // The bound is meant to hold; where it does not, no position may be cut, so the next width is tried.
    for place in Widths::of(count(survey.bound))..=4 {
        encoder.widths.place = place;
        if let Some(places) = written(encoder, tables, guards, &survey, &runs) {
            return places;
        }
    }
    encoder.refuse("the tables of all resources");
    Places { rows: Vec::new(), nodes: Vec::new() }
}

/// Writes everything with the widths as they are; nothing if a number does not fit.
fn written(
    encoder: &mut Encoder<'_>,
    tables: &Tables,
    guards: &Guards,
    survey: &Survey,
    runs: &[u32],
) -> Option<Places> {
    let mut writer = Writer {
        tables,
        guards,
        widths: encoder.widths,
        narrow: Narrow::default(),
        runs,
        survey,
        out: Vec::new(),
        body: Vec::new(),
        scratch: Vec::new(),
        made: Vec::with_capacity(tables.nodes.len()),
        places: Places { rows: vec![NONE; tables.rows.iter().len()], nodes: vec![NONE; tables.nodes.len()] },
        keys: &encoder.keys,
        too_large: None,
    };
    writer.shared_rows();
    let rows_end = count(writer.out.len());
    tables.nodes.each(|trie_node| {
        let symbol = |symbol| encoder.texts.number(symbol);
        writer.make(trie_node, symbol);
    });
    for &root in &survey.roots {
        writer.place(root);
    }
    let Writer { mut out, places, too_large, narrow, .. } = writer;
    if narrow.has_lost() {
        return None;
    }
    if let Some(what) = too_large {
        encoder.refuse(what);
    }
    out.extend([0; SLACK_BYTES]);
    encoder.rows_end = rows_end;
    encoder.nodes = out;
    Some(places)
}

/// What `Index`es and tests refer to.
fn roots(tables: &Tables) -> impl Iterator<Item = TrieId> + '_ {
    let of_index = |index: &Index| {
        let excluded = index.excluding.iter().map(|excluding| excluding.root);
        let together = index.together.map(|(root, _)| root);
        index.root.into_iter().chain(excluded).chain(together).collect::<Vec<_>>()
    };
    let of_search = |search: &Search| match *search {
        Search::Trie(root) => Some(root),
        Search::Texts => None,
    };
    tables.indexes.iter().flat_map(of_index).chain(tables.searches.values().filter_map(of_search))
}

fn survey(encoder: &mut Encoder<'_>, tables: &Tables) -> Survey {
    let is_long = |entries| 4 * COPIED_MAX_BYTES < row_bytes(entries);
    let mut shared_rows = tables.rows.iter().map(is_long).collect::<Vec<_>>();
    let mut share = |row: RowId| {
        if let Some(shared) = shared_rows.get_mut(row.index()) {
            *shared = true;
        }
    };
    let mut uses = vec![0u32; tables.nodes.len()];
    let mut bound = 0;
    let mut behind_stars = BTreeSet::new();
    tables.nodes.each(|trie_node| {
        if let (Some(end), Some(rest)) = (trie_node.end, trie_node.rest) {
            share(end);
            share(rest);
        }
        behind_stars.extend(trie_node.stars.iter().flatten());
        for child in trie_node.children() {
            bound += 4 + 2 * COPIED_MAX_BYTES;
            if let Some(uses) = uses.get_mut(child.index()) {
                *uses += 1;
            }
        }
        let edges = trie_node.literals.iter().chain(&trie_node.folded);
        let text = edges.map(|edge| literal_bytes(tables.runs.get(edge.text))).sum::<usize>();
        bound += 24 + 4 * COPIED_MAX_BYTES + trie_node.variables.len() * 13 + text;
    });
    for index in tables.indexes.iter() {
        for excluding in &index.excluding {
            share(excluding.row);
        }
        if let Some((_, row)) = index.together {
            share(row);
        }
    }
    bound += tables.rows.iter().map(row_bytes).sum::<usize>();
    let starts = behind_stars.into_iter().filter_map(|id| Some((id, starts::of(tables, &tables.nodes.get(id))?)));
    let starts = starts.collect::<BTreeMap<_, _>>();
    bound += starts.values().map(Vec::len).sum::<usize>();
    let roots = roots(tables).collect::<Vec<_>>();
    let mut tally = BTreeMap::<&[u8], u32>::new();
    for &root in &roots {
        if let [edge] = tables.nodes.get(root).literals.as_slice()
            && let Some(head) = head_of(tables.runs.get(edge.text))
        {
            *tally.entry(head).or_default() += 1;
        }
    }
    let shared = tally.into_iter().filter(|(_, uses)| *uses > 1);
    let heads = shared.zip(0..).map(|((head, _), number)| (head.to_vec(), number)).collect::<Heads>();
    for head in heads.keys() {
        let at = encoder.runs.len();
        encoder.runs.extend_from_slice(head);
        encoder.sections.push(crate::layout::Section::Heads, &[count(at), count(head.len())]);
    }
    Survey { uses, shared_rows, roots, heads, starts, bound }
}

/// Bytes of a literal edge at most, the chain of a long one included.
fn literal_bytes(text: &[u8]) -> usize {
    text.len() + 3 * (text.len() / node::LITERAL_MAX_BYTES) + 16
}

/// The beginning of an ARN up to its fifth colon.
fn head_of(text: &[u8]) -> Option<&[u8]> {
    if !text.starts_with(b"arn:") {
        return None;
    }
    let mut colons = text.iter().enumerate().filter(|(_, byte)| **byte == b':');
    let (at, _) = colons.nth(4)?;
    text.get(..=at)
}

/// Texts of edges in tables; all others stand in place.
fn write_runs(encoder: &mut Encoder<'_>, tables: &Tables) {
    let mut run_at = vec![NONE; tables.runs.iter().len()];
    tables.nodes.each_table(|trie_node| {
        for edge in trie_node.literals.iter().chain(&trie_node.folded).filter(|_| is_table(trie_node)) {
            if let Some(at) = run_at.get_mut(edge.text.index())
                && *at == NONE
            {
                *at = count(encoder.runs.len());
                encoder.runs.extend_from_slice(tables.runs.get(edge.text));
            }
        }
    });
    encoder.widths.run = Widths::of(count(encoder.runs.len()));
    encoder.run_at = run_at;
}

fn is_table(trie_node: &TrieNode) -> bool {
    trie_node.literals.len() > 1 || !trie_node.folded.is_empty()
}

/// Bytes of a row at most.
fn row_bytes(entries: &[Entry]) -> usize {
    let counts = if is_few(entries) { 1 } else { 9 };
    counts + entries.len() * 8
}

fn deny_count(entries: &[Entry]) -> usize {
    entries.iter().filter(|entry| entry.effect == Effect::Deny).count()
}

fn is_few(entries: &[Entry]) -> bool {
    let denies = deny_count(entries);
    denies <= row::FEW_MAX && entries.len() - denies <= row::FEW_MAX
}

struct Writer<'w> {
    tables: &'w Tables,
    guards: &'w Guards,
    widths: Widths,
    narrow: Narrow,
    runs: &'w [u32],
    survey: &'w Survey,
    /// The section.
    out: Vec<u8>,
    /// What follows the header of the node that is made; empty between nodes.
    body: Vec<u8>,
    /// Bytes of nodes that are made, placed or not.
    scratch: Vec<u8>,
    /// Where in `scratch` each stands.
    made: Vec<std::ops::Range<usize>>,
    places: Places,
    keys: &'w BTreeMap<crate::ir::KeyId, u32>,
    too_large: Option<&'static str>,
}

impl Writer<'_> {
    fn row(&self, entries: &[Entry], out: &mut Vec<u8>) {
        let denies = deny_count(entries);
        let allows = entries.len() - denies;
        if is_few(entries) {
            out.push(u8::try_from(denies | allows << 4).unwrap_or(row::MANY));
        } else {
            out.push(row::MANY);
            out.extend(count(denies).to_le_bytes());
            out.extend(count(allows).to_le_bytes());
        }
        for entry in entries {
            self.narrow.put(out, entry.statement.0, self.widths.statement);
            self.narrow.put(out, self.guards.number(entry), self.widths.guard);
        }
    }

    fn shared_rows(&mut self) {
        let mut out = std::mem::take(&mut self.out);
        for (number, entries) in self.tables.rows.iter().enumerate() {
            if self.survey.shared_rows.get(number) == Some(&true) {
                if let Some(place) = self.places.rows.get_mut(number) {
                    *place = count(out.len());
                }
                self.row(entries, &mut out);
            }
        }
        self.out = out;
    }

    /// Gives a made node a position.
    fn place(&mut self, id: TrieId) -> u32 {
        match self.places.nodes.get(id.index()) {
            Some(&NONE) | None => {}
            Some(&at) => return at,
        }
        let at = count(self.out.len());
        let made = self.made.get(id.index()).cloned().unwrap_or_default();
        self.out.extend_from_slice(self.scratch.get(made).unwrap_or_default());
        if let Some(place) = self.places.nodes.get_mut(id.index()) {
            *place = at;
        }
        at
    }

    /// Appends a child: its position, or itself; says which.
    fn child(&mut self, id: TrieId, out: &mut Vec<u8>) -> u8 {
        let made = self.made.get(id.index()).cloned().unwrap_or_default();
        let only_use = self.survey.uses.get(id.index()) == Some(&1) && self.places.node(id) == NONE;
        if made.len() <= COPIED_MAX_BYTES || (only_use && made.len() <= IN_PLACE_MAX_BYTES) {
            out.extend_from_slice(self.scratch.get(made).unwrap_or_default());
            return node::CHILD_IN_PLACE;
        }
        let at = self.place(id);
        self.narrow.put(out, at, self.widths.place);
        0
    }

    /// Makes the bytes of a node, whose children are made.
    fn make(&mut self, trie_node: &TrieNode, mut symbol: impl FnMut(crate::ir::Symbol) -> u32) {
        let mut header = if trie_node.has_deny { node::HAS_DENY } else { 0 };
        let mut body = std::mem::take(&mut self.body);
        self.rows_of(trie_node, &mut header, &mut body);
        let mut more = 0;
        let [star_within, star_free] = trie_node.stars;
        let [any_within, any_free] = trie_node.anys;
        let wild = [
            (star_within, node::more::STAR_WITHIN),
            (star_free, node::more::STAR_FREE),
            (any_within, node::more::ANY_WITHIN),
            (any_free, node::more::ANY_FREE),
        ];
        for (child, bit) in wild {
            if let Some(child) = child {
                more |= bit;
                let at = self.place(child);
                self.narrow.put(&mut body, at, self.widths.place);
            }
        }
        for &((key, default, crossing), child) in &trie_node.variables {
            let key = self.keys.get(&key).copied().unwrap_or(NONE);
            self.narrow.put(&mut body, key, self.widths.key);
            self.narrow.put(&mut body, default.map_or(0, |text| symbol(text) + 1), self.widths.operand);
            self.narrow.put(&mut body, super::crossing_code(crossing), 1);
            let at = self.place(child);
            self.narrow.put(&mut body, at, self.widths.place);
        }
        if !trie_node.variables.is_empty() {
            more |= node::more::VARIABLES;
        }
        if !trie_node.folded.is_empty() {
            more |= node::more::FOLDED;
        }
        if is_table(trie_node) {
            header |= node::LITERAL_TABLE;
            self.literal_table(trie_node, &mut body);
            if let Some(starts) = self.survey.starts.get(&TrieId::from_index(self.made.len())) {
                more |= node::more::STARTS;
                body.extend_from_slice(starts);
            }
        } else if let [edge] = trie_node.literals.as_slice() {
            header |= self.one_literal(trie_node, *edge, self.head(*edge), &mut body);
        }
        if more != 0 {
            header |= node::HAS_MORE;
        }
        let start = self.scratch.len();
        self.scratch.push(header);
        if more != 0 {
            self.scratch.push(more);
            if more & node::more::VARIABLES != 0 {
                match u8::try_from(trie_node.variables.len()) {
                    Ok(variables) => self.scratch.push(variables),
                    Err(_) => {
                        self.too_large = Some("the number of different variables at one place of a policy's resources");
                    }
                }
            }
            if more & node::more::FOLDED != 0 {
                self.narrow.put(&mut self.scratch, count(trie_node.folded.len()), 2);
            }
        }
        if header & node::LITERALS == node::LITERAL_TABLE {
            self.narrow.put(&mut self.scratch, count(trie_node.literals.len() + trie_node.folded.len()), 2);
        }
        self.scratch.append(&mut body);
        self.body = body;
        self.made.push(start..self.scratch.len());
    }

    fn rows_of(&self, trie_node: &TrieNode, header: &mut u8, body: &mut Vec<u8>) {
        let rows = [(trie_node.end, node::HAS_END), (trie_node.rest, node::HAS_REST)];
        for (row, bit) in rows {
            let Some(row) = row else { continue };
            *header |= bit;
            match self.places.row(row) {
                NONE => {
                    *header |= node::ROW_IN_PLACE;
                    self.row(self.tables.rows.get(row), body);
                }
                at => self.narrow.put(body, at, self.widths.place),
            }
        }
    }

    /// Number and length of the head that an edge's text begins with.
    fn head(&self, edge: LiteralEdge) -> Option<(u32, usize)> {
        let text = self.tables.runs.get(edge.text);
        let head = head_of(text)?;
        self.survey.heads.get(head).map(|&number| (number, head.len()))
    }

    fn literal_table(&mut self, trie_node: &TrieNode, body: &mut Vec<u8>) {
        let tables = self.tables;
        let edges = || trie_node.literals.iter().chain(&trie_node.folded);
        body.extend(edges().map(|edge| tables.runs.get(edge.text).first().copied().unwrap_or(0)));
        let exact = trie_node.literals.len();
        for (number, edge) in edges().enumerate() {
            let text = tables.runs.get(edge.text);
            let at = self.runs.get(edge.text.index()).copied().unwrap_or(NONE);
            self.narrow.put(body, at, self.widths.run);
            let first = text.len().min(node::LITERAL_MAX_BYTES);
            body.push(u8::try_from(first).unwrap_or(u8::MAX));
            let rest = text.get(first..).unwrap_or_default();
            let child = if rest.is_empty() {
                self.place(edge.child)
            } else {
                if exact <= number {
                    self.too_large = Some("a resource pattern");
                }
                let mut bytes = Vec::new();
                self.chain(trie_node, rest, edge.child, &mut bytes);
                let at = count(self.out.len());
                self.out.append(&mut bytes);
                at
            };
            self.narrow.put(body, child, self.widths.place);
        }
    }

    /// Appends the one literal edge of a node; returns the bits that say how.
    fn one_literal(
        &mut self,
        trie_node: &TrieNode,
        edge: LiteralEdge,
        head: Option<(u32, usize)>,
        body: &mut Vec<u8>,
    ) -> u8 {
        let tables = self.tables;
        let text = tables.runs.get(edge.text);
        let (bits, from) = match head {
            Some((number, length)) => {
                self.narrow.put(body, number, self.widths.head);
                (node::HEAD_AND_LITERAL, length)
            }
            None => (node::ONE_LITERAL, 0),
        };
        bits | self.literal_in_place(trie_node, text.get(from..).unwrap_or_default(), edge.child, body)
    }

    /// Appends length, text and child; a text that is too long goes on in a chain of nodes.
    fn literal_in_place(&mut self, trie_node: &TrieNode, text: &[u8], child: TrieId, body: &mut Vec<u8>) -> u8 {
        let first = text.len().min(node::LITERAL_MAX_BYTES);
        let (first, rest) = text.split_at_checked(first).unwrap_or_default();
        body.push(u8::try_from(first.len()).unwrap_or(u8::MAX));
        body.extend_from_slice(first);
        if rest.is_empty() {
            return self.child(child, body);
        }
        self.chain(trie_node, rest, child, body);
        node::CHILD_IN_PLACE
    }

    /// Appends nodes of one literal edge each.
    fn chain(&mut self, trie_node: &TrieNode, text: &[u8], child: TrieId, body: &mut Vec<u8>) {
        let (pieces, deny) = (text.chunks(node::LITERAL_MAX_BYTES), u8::from(trie_node.has_deny));
        let last = pieces.len().saturating_sub(1);
        for (number, piece) in pieces.enumerate() {
            let header_at = body.len();
            body.push(node::ONE_LITERAL | node::CHILD_IN_PLACE | (deny * node::HAS_DENY));
            body.push(u8::try_from(piece.len()).unwrap_or(u8::MAX));
            body.extend_from_slice(piece);
            if number == last {
                let bit = self.child(child, body);
                if let Some(header) = body.get_mut(header_at) {
                    *header = *header & !node::CHILD_IN_PLACE | bit;
                }
            }
        }
    }
}
