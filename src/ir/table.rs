//! Decision tables: what the optimizer makes of a program's bundles and the encoder writes.
//!
//! A bundle is asked in two ways. Its *slots* map an action to an index: the resource trie of all statements that can
//! match that action. Its *scans* are statements whose action part has to be tested by itself, because a wildcard in
//! the middle of an action fits no slot, or because the program was not optimized.

use std::collections::BTreeMap;

use super::arena::{Arena, Id};
use super::{ActionSet, Case, Crossing, GuardId, KeyId, Polarity, Program, StatementId, Step, Symbol, TrieId};
use crate::terms::Effect;

/// Number of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RowId(pub(crate) u32);

/// Number of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct IndexId(pub(crate) u32);

impl Id for RowId {
    fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl Id for IndexId {
    fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// One entry of a row: what remains to be tested of a statement whose action and resource match.
///
/// The order of the fields is the order of a row: denies first, and among them those without a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Entry {
    /// `Deny` sorts before `Allow`.
    pub(crate) effect: Effect,
    /// Whether anything remains to be tested.
    pub(crate) conditional: bool,
    /// Principal and condition part.
    pub(crate) guard: GuardId,
    /// The statement to name.
    pub(crate) statement: StatementId,
}

/// Whether a row keeps entries that an unconditional entry covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Swallow {
    /// It keeps them.
    #[default]
    Nothing,
    /// It drops them.
    Covered,
}

/// Entries in the order in which they are tested.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Row(Box<[Entry]>);

impl Row {
    /// Sorts the entries; of equal effect and guard only the first statement stays.
    ///
    /// With [`Swallow::Covered`], an unconditional deny is the whole row, and an unconditional allow the only allow:
    /// whatever they cover cannot change what the row says (R-EVAL-3).
    fn new(mut entries: Vec<Entry>, swallow: Swallow) -> Self {
        entries.sort_unstable();
        entries.dedup_by_key(|entry| (entry.effect, entry.guard));
        if swallow == Swallow::Covered {
            let unconditional = |effect| move |entry: &Entry| entry.effect == effect && !entry.conditional;
            if let Some(deny) = entries.iter().position(unconditional(Effect::Deny)) {
                entries.truncate(deny + 1);
            } else if let Some(allow) = entries.iter().position(unconditional(Effect::Allow)) {
                entries.truncate(allow + 1);
            }
        }
        Self(entries.into())
    }

    /// The entries.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.0
    }
}

/// A literal edge of a trie node. The edges of one node begin with different bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LiteralEdge {
    /// The text; never empty.
    pub(crate) text: Box<[u8]>,
    /// Where it leads.
    pub(crate) child: TrieId,
}

/// A variable as an edge: key, default, crossing.
pub(crate) type VariableEdge = (KeyId, Option<Symbol>, Crossing);

/// A node of a resource trie: the patterns that share the steps which lead here.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct TrieNode {
    /// Row of the patterns that end here.
    pub(crate) end: Option<RowId>,
    /// Row of the patterns whose last step, here, is a free `*`.
    pub(crate) rest: Option<RowId>,
    /// Child behind `*`, by crossing (within a component, free).
    pub(crate) stars: [Option<TrieId>; 2],
    /// Child behind `?`, by crossing.
    pub(crate) anys: [Option<TrieId>; 2],
    /// Children behind variables.
    pub(crate) variables: Box<[(VariableEdge, TrieId)]>,
    /// Children behind exact text, sorted by first byte.
    pub(crate) literals: Box<[LiteralEdge]>,
    /// Children behind text whose ASCII case is ignored, sorted by first byte.
    pub(crate) folded: Box<[LiteralEdge]>,
    /// Whether a row below, or here, holds a deny.
    pub(crate) has_deny: bool,
}

/// Statements with equal `NotResource`: they apply where the trie matches nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Excluding {
    /// What is excluded.
    pub(crate) root: TrieId,
    /// What applies elsewhere.
    pub(crate) row: RowId,
    /// Variables of the excluded patterns, for the switch `null_variable_in_notresource`.
    pub(crate) variables: Box<[VariableEdge]>,
}

/// All statements that can match one action, by resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Index {
    /// Statements with `Resource`.
    pub(crate) root: Option<TrieId>,
    /// Statements with `NotResource`.
    pub(crate) excluding: Vec<Excluding>,
}

/// An action node: the texts by which slots are keyed, in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ActionNode {
    /// All actions that begin with the text; the empty text stands for all actions.
    Prefix(Symbol),
    /// One action.
    Exact(Symbol),
}

/// Statements whose action part is tested by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scan {
    /// The action part.
    pub(crate) actions: ActionSet,
    /// Their resources.
    pub(crate) index: IndexId,
}

/// The tables of one bundle.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct BundleTables {
    /// The index of an action is the slot of its deepest action node that has one.
    pub(crate) slots: BTreeMap<ActionNode, IndexId>,
    /// Further statements.
    pub(crate) scans: Vec<Scan>,
    /// A statement that allows every request, where nothing in the bundle denies.
    pub(crate) allows_all: Option<StatementId>,
}

/// All tables of a program.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    /// All rows.
    pub(crate) rows: Arena<RowId, Row>,
    /// All trie nodes; a child's number is less than its parent's.
    pub(crate) nodes: Arena<TrieId, TrieNode>,
    /// All indexes.
    pub(crate) indexes: Arena<IndexId, Index>,
    /// One a bundle of the program.
    pub(crate) bundles: Vec<BundleTables>,
    /// Which resource governs an ARN: an index whose entries' statements are resource numbers.
    pub(crate) resources: Option<IndexId>,
    /// Whether rows drop what an unconditional entry covers.
    pub(crate) swallow: Swallow,
    /// How many entries rows dropped.
    pub(crate) swallowed: u64,
    /// What each pass did: its name and how many things it removed or shared.
    pub(crate) passes: Vec<(&'static str, u64)>,
}

impl Tables {
    /// Returns the index of these statements, whose action parts are known to match.
    pub(crate) fn index(&mut self, program: &Program, statements: &[StatementId]) -> IndexId {
        let mut rooted = Vec::new();
        let mut excluding = BTreeMap::<_, Vec<Entry>>::new();
        for &id in statements {
            let Some(statement) = program.statement(id) else { continue };
            let guard = program.guards.get(statement.guard);
            let conditional = guard.is_some_and(|guard| guard.principals.is_some() || guard.block.is_some());
            let entry = Entry { effect: statement.effect, conditional, guard: statement.guard, statement: id };
            match statement.resources.polarity() {
                Polarity::Negated => excluding.entry(statement.resources.patterns()).or_default().push(entry),
                Polarity::Positive => {
                    let patterns = statement.resources.patterns().iter().filter_map(|&id| program.patterns.get(id));
                    rooted.extend(patterns.map(|pattern| Item { steps: pattern.steps(), offset: 0, entry }));
                }
            }
        }
        let root = (!rooted.is_empty()).then(|| self.trie(program, rooted));
        let excluding = excluding.into_iter().map(|(patterns, entries)| self.excluding(program, patterns, entries));
        let index = Index { root, excluding: excluding.collect() };
        self.indexes.intern(index)
    }

    /// Makes the index of [`Tables::resources`].
    pub(crate) fn index_resources(&mut self, program: &Program) {
        let mut items = Vec::new();
        for (number, resource) in (0..).zip(&program.resources) {
            // A guard of its own keeps two resources that cover the same pattern apart in their row.
            let entry = Entry {
                effect: Effect::Allow,
                conditional: true,
                guard: GuardId(number),
                statement: StatementId(number),
            };
            let patterns = resource.covers.iter().filter_map(|&id| program.patterns.get(id));
            items.extend(patterns.map(|pattern| Item { steps: pattern.steps(), offset: 0, entry }));
        }
        if !items.is_empty() {
            let root = Some(self.trie(program, items));
            self.resources = Some(self.indexes.intern(Index { root, excluding: Vec::new() }));
        }
    }

    fn excluding(&mut self, program: &Program, patterns: &[super::PatternId], entries: Vec<Entry>) -> Excluding {
        let mark = entries.first().copied();
        let items = patterns.iter().filter_map(|&id| program.patterns.get(id)).zip(std::iter::repeat(mark));
        let items = items.filter_map(|(pattern, mark)| Some(Item { steps: pattern.steps(), offset: 0, entry: mark? }));
        let items = items.collect::<Vec<_>>();
        let mut variables = items.iter().flat_map(|item| item.steps).filter_map(variable_edge).collect::<Vec<_>>();
        variables.sort_unstable();
        variables.dedup();
        let root = self.trie(program, items);
        let row = self.new_row(entries);
        Excluding { root, row, variables: variables.into() }
    }

    /// Returns the trie of these patterns, each with the entry that it leads to.
    ///
    /// A trie is as deep as its longest chain of prefixes, so it is built from a list of jobs, not by recursion.
    pub(crate) fn trie(&mut self, program: &Program, items: Vec<Item<'_>>) -> TrieId {
        let mut jobs = vec![Job::Group(items)];
        let mut made = Vec::new();
        while let Some(job) = jobs.pop() {
            match job {
                Job::Group(items) => {
                    let mut below = Vec::new();
                    let node = self.group(program, items, &mut below);
                    jobs.push(Job::Finish(node, below.len()));
                    jobs.extend(below.into_iter().rev().map(Job::Group));
                }
                Job::Finish(node, child_count) => {
                    let children = made.split_off(made.len().saturating_sub(child_count));
                    made.push(self.finish(node, children));
                }
            }
        }
        made.pop().unwrap_or(UNMADE)
    }

    /// Makes the node of these items but for its children, whose items are appended to `below` in the order of
    /// [`children`].
    fn group<'p>(&mut self, program: &Program, items: Vec<Item<'p>>, below: &mut Vec<Vec<Item<'p>>>) -> TrieNode {
        let mut groups = Groups::default();
        for item in items {
            groups.add(program, item);
        }
        let end = self.row(groups.end);
        let rest = self.row(groups.rest);
        let mut child = |items| {
            below.push(items);
            UNMADE
        };
        let mut starred = |items: Vec<Item<'p>>| (!items.is_empty()).then(|| child(items));
        let stars = groups.stars.map(&mut starred);
        let anys = groups.anys.map(&mut starred);
        let variables = groups.variables.into_iter().map(|(edge, items)| (edge, child(items))).collect();
        let mut edge = |mut items: Vec<Item<'p>>| {
            let text = common_prefix(program, &items);
            for item in &mut items {
                item.advance(program, text.len());
            }
            (!text.is_empty()).then(|| LiteralEdge { text, child: child(items) })
        };
        let literals = groups.literals.into_values().filter_map(&mut edge).collect();
        let folded = groups.folded.into_values().filter_map(&mut edge).collect();
        TrieNode { end, rest, stars, anys, variables, literals, folded, has_deny: false }
    }

    fn finish(&mut self, mut node: TrieNode, made: Vec<TrieId>) -> TrieId {
        let denies = |child: &TrieId| self.nodes.get(*child).is_some_and(|node| node.has_deny);
        let below = made.iter().any(denies);
        let here = [node.end, node.rest].into_iter().flatten().any(|row| self.row_denies(row));
        node.has_deny = below || here;
        for (place, child) in children(&mut node).zip(made) {
            *place = child;
        }
        self.nodes.intern(node)
    }

    fn row_denies(&self, row: RowId) -> bool {
        let first = self.rows.get(row).and_then(|row| row.entries().first());
        first.is_some_and(|entry| entry.effect == Effect::Deny)
    }

    fn row(&mut self, entries: Vec<Entry>) -> Option<RowId> {
        (!entries.is_empty()).then(|| self.new_row(entries))
    }

    fn new_row(&mut self, entries: Vec<Entry>) -> RowId {
        let before = entries.len();
        let row = Row::new(entries, self.swallow);
        self.swallowed += u64::try_from(before - row.entries().len()).unwrap_or(0);
        self.rows.intern(row)
    }
}

/// A step of building a trie.
enum Job<'p> {
    /// Make the node of these items, and then its children.
    Group(Vec<Item<'p>>),
    /// Number the node, whose children, that many, were made last.
    Finish(TrieNode, usize),
}

/// Stands for a child that is not made yet.
const UNMADE: TrieId = TrieId(u32::MAX);

/// The children of a node, in the order in which they are made.
fn children(node: &mut TrieNode) -> impl Iterator<Item = &mut TrieId> {
    let wildcards = node.stars.iter_mut().chain(&mut node.anys).flatten();
    let variables = node.variables.iter_mut().map(|(_, child)| child);
    let literals = node.literals.iter_mut().chain(&mut node.folded).map(|edge| &mut edge.child);
    wildcards.chain(variables).chain(literals)
}

fn variable_edge(step: &Step) -> Option<VariableEdge> {
    match *step {
        Step::Variable { key, default, crossing } => Some((key, default, crossing)),
        Step::Literal(..) | Step::Star(_) | Step::Any(_) => None,
    }
}

/// What is left of a pattern, and the entry that it leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'p> {
    /// Steps that are left.
    pub(crate) steps: &'p [Step],
    /// How many bytes of the first step, a literal, are consumed.
    pub(crate) offset: usize,
    /// The entry.
    pub(crate) entry: Entry,
}

impl Item<'_> {
    fn advance(&mut self, program: &Program, count: usize) {
        self.offset += count;
        if let [Step::Literal(symbol, _), tail @ ..] = self.steps
            && program.texts.text(*symbol).len() <= self.offset
        {
            self.steps = tail;
            self.offset = 0;
        }
    }

    fn literal<'t>(&self, program: &'t Program) -> &'t [u8] {
        match self.steps {
            [Step::Literal(symbol, _), ..] => {
                program.texts.text(*symbol).as_bytes().get(self.offset..).unwrap_or_default()
            }
            _ => &[],
        }
    }
}

/// Items by their next step.
#[derive(Debug, Default)]
struct Groups<'p> {
    end: Vec<Entry>,
    rest: Vec<Entry>,
    stars: [Vec<Item<'p>>; 2],
    anys: [Vec<Item<'p>>; 2],
    variables: BTreeMap<VariableEdge, Vec<Item<'p>>>,
    literals: BTreeMap<u8, Vec<Item<'p>>>,
    folded: BTreeMap<u8, Vec<Item<'p>>>,
}

impl<'p> Groups<'p> {
    fn add(&mut self, program: &Program, item: Item<'p>) {
        let Some((first, tail)) = item.steps.split_first() else {
            self.end.push(item.entry);
            return;
        };
        let behind = Item { steps: tail, offset: 0, entry: item.entry };
        let [within_star, free_star] = &mut self.stars;
        let [within_any, free_any] = &mut self.anys;
        match *first {
            Step::Star(Crossing::Free) if tail.is_empty() => self.rest.push(item.entry),
            Step::Star(Crossing::Free) => free_star.push(behind),
            Step::Star(Crossing::WithinComponent) => within_star.push(behind),
            Step::Any(Crossing::Free) => free_any.push(behind),
            Step::Any(Crossing::WithinComponent) => within_any.push(behind),
            Step::Variable { key, default, crossing } => {
                self.variables.entry((key, default, crossing)).or_default().push(behind);
            }
            Step::Literal(_, case) => {
                let group = match case {
                    Case::Exact => &mut self.literals,
                    Case::Folded => &mut self.folded,
                };
                if let Some(&byte) = item.literal(program).first() {
                    group.entry(byte).or_default().push(item);
                }
            }
        }
    }
}

fn common_prefix(program: &Program, items: &[Item<'_>]) -> Box<[u8]> {
    let mut texts = items.iter().map(|item| item.literal(program));
    let Some(first) = texts.next() else { return Box::default() };
    let common = texts.fold(first, |common, text| {
        let length = common.iter().zip(text).take_while(|(a, b)| a == b).count();
        common.get(..length).unwrap_or_default()
    });
    common.into()
}
