//! Decision tables: what the optimizer makes of a program's bundles and the encoder writes.
//!
//! A bundle is asked in two ways. Its *slots* map an action to an index: the resource trie of all statements that can
//! match that action. Its *scans* are statements whose action part has to be tested by itself, because a wildcard in
//! the middle of an action fits no slot, or because the program was not optimized.

use std::collections::BTreeMap;

use super::arena::{Arena, IndexId, RowId, RunId, Slices};
use super::trie::Item;
use super::{
    ActionPattern, ActionSet, Crossing, GuardId, KeyId, Polarity, Program, StatementId, Step, Symbol, TestId, TrieId,
};
use crate::terms::Effect;

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

/// Puts entries into the order in which they are tested; of equal effect and guard only the first statement stays.
///
/// With [`Swallow::Covered`], an unconditional deny is the whole row, and an unconditional allow the only allow:
/// whatever they cover cannot change what the row says (R-EVAL-3).
fn put_in_order(entries: &mut Vec<Entry>, swallow: Swallow) {
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
}

/// A literal edge of a trie node. The edges of one node begin with different bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LiteralEdge {
    /// The text in [`Tables::runs`]; never empty.
    pub(crate) text: RunId,
    /// Where it leads.
    pub(crate) child: TrieId,
}

/// A variable as an edge: key, default, crossing.
pub(crate) type VariableEdge = (KeyId, Option<Symbol>, Crossing);

/// A node of a resource trie: the patterns that share the steps which lead here.
///
/// [`Nodes`] keeps it as words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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
    pub(crate) variables: Vec<(VariableEdge, TrieId)>,
    /// Children behind exact text, sorted by first byte.
    pub(crate) literals: Vec<LiteralEdge>,
    /// Children behind text whose ASCII case is ignored, sorted by first byte.
    pub(crate) folded: Vec<LiteralEdge>,
    /// Whether a row below, or here, holds a deny.
    pub(crate) has_deny: bool,
}

/// All trie nodes. There are more of them than of anything else, and most have one edge or one end: each is a few words.
///
/// A node is its header (which of the eight single parts follow, whether a deny is below), how many edges it has of
/// each sort, the single parts, and its edges.
#[derive(Debug, Clone, Default)]
pub(crate) struct Nodes {
    words: Slices<TrieId, u32>,
    /// The words of one node while it is made.
    made: Vec<u32>,
}

/// Bit of a node's header: a deny is here or below. The bits under it are those of the single parts.
const HAS_DENY: u32 = 1 << 6;

impl Nodes {
    /// Returns the number of a node, the old one if an equal node is there.
    pub(super) fn intern(&mut self, node: &TrieNode) -> TrieId {
        let [within_star, free_star] = node.stars;
        let [within_any, free_any] = node.anys;
        let children = [within_star, free_star, within_any, free_any].map(|child| child.map(|child| child.0));
        let rows = [node.end, node.rest].map(|row| row.map(|row| row.0));
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let words = &mut self.made;
        words.clear();
        words.push(if node.has_deny { HAS_DENY } else { 0 });
        words.extend([count(node.literals.len()), count(node.folded.len()), count(node.variables.len())]);
        for (bit, part) in (0..).zip(rows.into_iter().chain(children)) {
            if let (Some(part), Some(header)) = (part, words.first_mut()) {
                *header |= 1 << bit;
                words.push(part);
            }
        }
        words.extend(node.literals.iter().chain(&node.folded).flat_map(|edge| [edge.text.0, edge.child.0]));
        words.extend(node.variables.iter().flat_map(|&((key, default, crossing), child)| {
            let crossing = match crossing {
                Crossing::WithinComponent => 0,
                Crossing::Free => 1,
            };
            [key.0, default.map_or(0, |default| default.0 + 1), crossing, child.0]
        }));
        self.words.intern(words)
    }

    /// Whether a row of that node, or below it, holds a deny.
    pub(super) fn has_deny(&self, id: TrieId) -> bool {
        self.words.get(id).first().is_some_and(|header| header & HAS_DENY != 0)
    }

    /// The node with that number.
    pub(crate) fn get(&self, id: TrieId) -> TrieNode {
        let mut node = TrieNode::default();
        unpack(self.words.get(id), &mut node);
        node
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.words.iter().len()
    }

    /// Shows all nodes in the order of their numbers. They are unpacked one by one into the same memory.
    pub(crate) fn each(&self, mut show: impl FnMut(&TrieNode)) {
        let mut node = TrieNode::default();
        for words in self.words.iter() {
            unpack(words, &mut node);
            show(&node);
        }
    }
}

/// Makes `node` the node of these words.
fn unpack(words: &[u32], node: &mut TrieNode) {
    let mut words = words.iter().copied();
    let mut next = || words.next().unwrap_or(0);
    let header = next();
    let [literals, folded, variables] = [next(), next(), next()];
    let mut part = |bit: u32| (header & 1 << bit != 0).then(&mut next);
    [node.end, node.rest] = [part(0), part(1)].map(|row| row.map(RowId));
    let [within_star, free_star, within_any, free_any] =
        [part(2), part(3), part(4), part(5)].map(|child| child.map(TrieId));
    node.stars = [within_star, free_star];
    node.anys = [within_any, free_any];
    for (count, edges) in [(literals, &mut node.literals), (folded, &mut node.folded)] {
        edges.clear();
        edges.extend((0..count).map(|_| LiteralEdge { text: RunId(next()), child: TrieId(next()) }));
    }
    node.variables.clear();
    node.variables.extend((0..variables).map(|_| {
        let (key, default) = (KeyId(next()), next().checked_sub(1).map(Symbol));
        let crossing = if next() == 0 { Crossing::WithinComponent } else { Crossing::Free };
        ((key, default, crossing), TrieId(next()))
    }));
    node.has_deny = header & HAS_DENY != 0;
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
    /// The same in one, where there are several: a trie of all that any of them excludes, whose entries' statements are
    /// their positions in the list, and the row of all their statements, for a resource that none of them excludes.
    pub(crate) together: Option<(TrieId, RowId)>,
}

/// An action node: the texts by which slots are keyed, in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ActionNode {
    /// All actions that begin with the text; the empty text stands for all actions.
    Prefix(Symbol),
    /// One action.
    Exact(Symbol),
}

impl ActionNode {
    /// The node of a pattern; nothing if it is not all actions of one name or with one beginning.
    pub(crate) fn of(pattern: ActionPattern) -> Option<Self> {
        match pattern {
            ActionPattern::Exact(text) => Some(Self::Exact(text)),
            ActionPattern::Prefix(text) => Some(Self::Prefix(text)),
            ActionPattern::Any | ActionPattern::Glob(_) => None,
        }
    }

    /// Its text.
    pub(crate) fn symbol(self) -> Symbol {
        match self {
            Self::Prefix(symbol) | Self::Exact(symbol) => symbol,
        }
    }
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
    /// The index of an action is the slot of its deepest action node that has one; sorted by node, each once.
    pub(crate) slots: Vec<(ActionNode, IndexId)>,
    /// Further statements.
    pub(crate) scans: Vec<Scan>,
    /// A statement that allows every request, where nothing in the bundle denies.
    pub(crate) allows_all: Option<StatementId>,
}

/// How the values of a long list are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Search {
    /// All texts by hash.
    Texts,
    /// All patterns without variables by a trie.
    Trie(TrieId),
}

/// All tables of a program.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    /// All rows.
    pub(crate) rows: Slices<RowId, Entry>,
    /// Texts of literal edges.
    pub(crate) runs: Slices<RunId, u8>,
    /// All trie nodes; a child's number is less than its parent's.
    pub(crate) nodes: Nodes,
    /// All indexes.
    pub(crate) indexes: Arena<IndexId, Index>,
    /// One a bundle of the program.
    pub(crate) bundles: Vec<BundleTables>,
    /// Which resource governs an ARN: an index whose entries' statements are resource numbers.
    pub(crate) resources: Option<IndexId>,
    /// How the values of long lists are found; those of other tests are compared one by one.
    pub(crate) searches: BTreeMap<TestId, Search>,
    /// Whether rows drop what an unconditional entry covers.
    pub(crate) swallow: Swallow,
    /// How many entries rows dropped.
    pub(crate) swallowed: u64,
    /// What each pass did: its name and how many things it removed or shared.
    pub(crate) passes: Vec<(&'static str, u64)>,
}

impl TrieNode {
    /// The children behind wildcards, variables and literals.
    pub(crate) fn children(&self) -> impl Iterator<Item = TrieId> + '_ {
        let wildcards = self.stars.iter().chain(&self.anys).flatten().copied();
        let variables = self.variables.iter().map(|(_, child)| *child);
        let edges = self.folded.iter().chain(&self.literals).map(|edge| edge.child);
        wildcards.chain(variables).chain(edges)
    }
}

impl Tables {
    /// Returns the index of these statements, whose action parts are known to match.
    pub(crate) fn index(&mut self, program: &Program, statements: &[StatementId]) -> IndexId {
        let mut rooted = Vec::with_capacity(statements.len());
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
                    rooted.extend(patterns.map(|pattern| Item::new(program, pattern, entry)));
                }
            }
        }
        let root = (!rooted.is_empty()).then(|| self.trie(program, rooted));
        let together =
            (1 < excluding.len() && self.swallow == Swallow::Covered).then(|| self.together(program, &excluding));
        let excluding = excluding.into_iter().map(|(patterns, entries)| self.excluding(program, patterns, entries));
        let index = Index { root, excluding: excluding.collect(), together };
        self.indexes.intern(index)
    }

    /// Returns the trie of these patterns, all with one row, which only says that one of them matches.
    pub(crate) fn trie_of(&mut self, program: &Program, patterns: &[super::PatternId]) -> TrieId {
        let entry = Entry { effect: Effect::Allow, conditional: false, guard: GuardId(0), statement: StatementId(0) };
        let patterns = patterns.iter().filter_map(|&id| program.patterns.get(id));
        let items = patterns.map(|pattern| Item::new(program, pattern, entry)).collect();
        self.trie(program, items)
    }

    /// Makes [`Index::together`].
    fn together(
        &mut self,
        program: &Program,
        excluding: &BTreeMap<&[super::PatternId], Vec<Entry>>,
    ) -> (TrieId, RowId) {
        let mut items = Vec::new();
        for (number, patterns) in (0..).zip(excluding.keys()) {
            // A guard of its own keeps two of them that exclude the same pattern apart in its row.
            let entry = Entry {
                effect: Effect::Allow,
                conditional: true,
                guard: GuardId(number),
                statement: StatementId(number),
            };
            let patterns = patterns.iter().filter_map(|&id| program.patterns.get(id));
            items.extend(patterns.map(|pattern| Item::new(program, pattern, entry)));
        }
        let root = self.trie(program, items);
        let mut entries = excluding.values().flatten().copied().collect::<Vec<_>>();
        put_in_order(&mut entries, self.swallow);
        (root, self.rows.intern(&entries))
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
            items.extend(patterns.map(|pattern| Item::new(program, pattern, entry)));
        }
        if !items.is_empty() {
            let root = Some(self.trie(program, items));
            self.resources = Some(self.indexes.intern(Index { root, ..Index::default() }));
        }
    }

    fn excluding(&mut self, program: &Program, patterns: &[super::PatternId], entries: Vec<Entry>) -> Excluding {
        let mark = entries.first().copied();
        let items = patterns.iter().filter_map(|&id| program.patterns.get(id)).zip(std::iter::repeat(mark));
        let items = items.filter_map(|(pattern, mark)| Some(Item::new(program, pattern, mark?)));
        let items = items.collect::<Vec<_>>();
        let mut variables = items.iter().flat_map(|item| item.steps).filter_map(variable_edge).collect::<Vec<_>>();
        variables.sort_unstable();
        variables.dedup();
        let root = self.trie(program, items);
        let row = self.new_row(entries);
        Excluding { root, row, variables: variables.into() }
    }

    pub(super) fn new_row(&mut self, mut entries: Vec<Entry>) -> RowId {
        let before = entries.len();
        put_in_order(&mut entries, self.swallow);
        self.swallowed += u64::try_from(before - entries.len()).unwrap_or(0);
        self.rows.intern(&entries)
    }
}

fn variable_edge(step: &Step) -> Option<VariableEdge> {
    match *step {
        Step::Variable { key, default, crossing } => Some((key, default, crossing)),
        Step::Literal(..) | Step::Star(_) | Step::Any(_) => None,
    }
}
