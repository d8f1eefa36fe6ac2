//! Asking one bundle: which statements match, and in what kinds.

use super::Tables;
use super::budget::Budget;
use super::call::Env;
use super::condition::{self, Whom};
use super::glob;
use super::open::{Sight, StatementSight};
use super::principal::{self, KIND_COUNT, Kinds};
use super::walk::{Below, Flow, Visitor, walk_any};
use super::words::{Words, index as position};
use crate::layout::{NONE, action_kind, bundle, meta, service_bit, start_of};
use crate::terms::{Effect, Layer, NullVariableInNotResource};
use crate::value::Arn;

/// How far a bundle is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Until a deny is found, or an allow and no deny: the attachment decides who is meant.
    Attached,
    /// The same with a principal part in every statement.
    Principals,
    /// The principal part decides, and all match kinds of allows are wanted.
    AllKinds,
}

/// A statement that was found, or none: an option in one word, since no statement has the number [`NONE`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Found(u32);

impl Found {
    pub(super) const NOTHING: Self = Self(NONE);

    pub(super) fn is_some(self) -> bool {
        self.0 != NONE
    }

    pub(super) fn is_none(self) -> bool {
        self.0 == NONE
    }

    pub(super) fn or(self, other: Self) -> Self {
        if self.is_some() { self } else { other }
    }

    pub(super) fn unwrap_or(self, number: u32) -> u32 {
        if self.is_some() { self.0 } else { number }
    }

    pub(super) fn get(self) -> Option<u32> {
        self.is_some().then_some(self.0)
    }
}

/// What matched.
#[derive(Clone, Copy)]
pub(super) struct Verdict {
    /// A deny that matches.
    pub(super) deny: Found,
    /// An allow that matches.
    pub(super) allow: Found,
    /// Match kinds of all allows that match.
    pub(super) kinds: Kinds,
}

/// For each kind, by position, the first allow that has it.
#[derive(Clone, Copy)]
pub(super) struct ByKind([u32; KIND_COUNT]);

impl ByKind {
    pub(super) const NONE: Self = Self([NONE; KIND_COUNT]);

    /// An allow that has one of these kinds.
    pub(super) fn allow_of(&self, kinds: Kinds) -> Found {
        let positions = kinds.positions().filter_map(|position| self.0.get(position));
        positions.fold(Found::NOTHING, |found, statement| found.or(Found(*statement)))
    }

    fn add(&mut self, statement: u32, kinds: Kinds) {
        for position in kinds.positions() {
            if let Some(first) = self.0.get_mut(position)
                && *first == NONE
            {
                *first = statement;
            }
        }
    }
}

impl Verdict {
    pub(super) const NOTHING: Self = Self { deny: Found::NOTHING, allow: Found::NOTHING, kinds: Kinds::NONE };

    /// Both verdicts together; statements of the first are named first.
    pub(super) fn or(self, other: Self) -> Self {
        Self { deny: self.deny.or(other.deny), allow: self.allow.or(other.allow), kinds: self.kinds.union(other.kinds) }
    }

    /// Adds a grant that no statement makes.
    pub(super) fn grant(&mut self, kinds: Kinds) {
        self.kinds = self.kinds.union(kinds);
    }

    fn allow_with(&mut self, statement: u32, kinds: Kinds) {
        self.allow = self.allow.or(Found(statement));
        self.kinds = self.kinds.union(kinds);
    }
}

/// Asks a bundle of a layer.
pub(super) fn ask(env: &Env<'_>, layer: Layer, bundle: u32, scope: Scope) -> Verdict {
    ask_kinds(env, layer, bundle, scope, &mut None)
}

/// The same, and notes which allow has which kind.
pub(super) fn ask_kinds(
    env: &Env<'_>,
    layer: Layer,
    bundle: u32,
    scope: Scope,
    by_kind: &mut Option<ByKind>,
) -> Verdict {
    match env.call.open() {
        None => ask_plainly(env, layer, bundle, scope, by_kind),
        Some(open) => open.ask(env, layer, bundle, scope, by_kind),
    }
}

/// The same, once.
pub(super) fn ask_plainly(
    env: &Env<'_>,
    layer: Layer,
    bundle: u32,
    scope: Scope,
    by_kind: &mut Option<ByKind>,
) -> Verdict {
    let mut asking = Asking { env, layer, bundle, scope, verdict: Verdict::NOTHING, by_kind };
    let Some(header) = env.tables.bundle(bundle) else { return Verdict::NOTHING };
    // Where a principal part decides, a statement without one matches nobody (R-DOC-21).
    if let Some(statement) = header.allows_all
        && scope == Scope::Attached
    {
        // Such a bundle denies nothing.
        if !asking.hunts(Effect::Allow) {
            return Verdict::NOTHING;
        }
        if env.hunt().is_some() {
            asking.tell(statement, 0, Effect::Allow, Kinds::ATTACHED);
        }
        asking.allow(statement, Kinds::ATTACHED);
        return asking.verdict;
    }
    if let Some(root) = env.tables.root_of(env.action, &header)
        && asking.root(root) == Flow::Stop
    {
        return asking.verdict;
    }
    let (scans_at, scan_count) = header.scans;
    for number in scans_at..scans_at.saturating_add(scan_count) {
        let Some([negated, at, length, root]) = env.tables.scans.record(number) else { break };
        if !env.spend(1 + position(length)) {
            break;
        }
        let matched = scan_matches(env, env.tables.lists.list(at, length));
        if matched == (negated == 0) && asking.root(root) == Flow::Stop {
            return asking.verdict;
        }
    }
    asking.verdict
}

/// The position of a root that is one in `nodes`; nothing if it is one in `indexes`.
#[inline]
fn nodes_root(root: u32) -> Option<u32> {
    (root & 1 == 0).then_some(root >> 1)
}

/// The shape of a bundle whose nodes are marked, with no more roots than a byte can number.
const MARKED: u8 = bundle::MARKED | 1;

/// The same with more of them.
const WIDELY_MARKED: u8 = bundle::MARKED | 2;

/// What a bundle begins with.
pub(super) struct Header {
    /// The statement that allows everything, in a bundle that does.
    pub(super) allows_all: Option<u32>,
    /// Number of the first scan, and how many there are.
    pub(super) scans: (u32, u32),
    pub(super) nodes: Nodes,
    /// At how many action nodes another root begins to hold.
    pub(super) changes: usize,
    pub(super) number_bytes: usize,
    /// How many roots there are.
    pub(super) roots: usize,
    /// Where the body begins.
    pub(super) body: usize,
}

/// How the action nodes of a bundle are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Nodes {
    /// One root holds from the first node to the second one, which is not included.
    Range(u32, u32),
    /// One after the other.
    Listed,
    /// As bits, from this block on in so many blocks.
    Marked(u32, u32),
}

/// The first eight bytes of a bundle.
#[derive(Clone, Copy)]
struct Head(u64);

impl Head {
    #[inline]
    fn shape(self) -> u8 {
        let [shape, ..] = self.0.to_le_bytes();
        shape
    }

    /// `bits` bits from a place on.
    #[inline]
    fn cut(self, from: u32, bits: u32) -> u32 {
        u32::try_from(self.0 >> from & ((1 << bits) - 1)).unwrap_or(0)
    }

    /// The first number of two bytes behind the shape.
    #[inline]
    fn first(self) -> u32 {
        self.cut(8, 16)
    }

    /// The second one.
    #[inline]
    fn second(self) -> u32 {
        self.cut(24, 16)
    }

    /// The first block of marks, and how many there are.
    #[inline]
    fn blocks(self) -> (u32, u32) {
        (self.cut(40, bundle::BLOCK_BITS), self.cut(40 + bundle::BLOCK_BITS, bundle::BLOCK_BITS))
    }
}

/// What is known of a bundle and an action without looking at a resource.
#[derive(Clone, Copy)]
pub(super) enum Roots {
    /// No statement has the action.
    None,
    /// All that have it are below this position of `nodes`.
    Node(u32),
    /// There is more to be asked.
    More,
}

impl Roots {
    #[inline]
    fn of(root: Option<u32>) -> Self {
        root.map_or(Self::None, |root| nodes_root(root).map_or(Self::More, Self::Node))
    }
}

impl Tables<'_> {
    /// What a bundle begins with.
    pub(super) fn bundle(&self, number: u32) -> Option<Header> {
        let mut at = position(self.bundles.get(number)?);
        let head = Head(self.slots.long(at));
        let shape = head.shape();
        let mut header = Header {
            allows_all: None,
            scans: (0, 0),
            nodes: Nodes::Listed,
            changes: position(head.first()),
            number_bytes: usize::from(shape & bundle::NUMBER_BYTES),
            roots: position(head.second()),
            body: at.saturating_add(bundle::LISTED_BYTES),
        };
        if shape == bundle::RANGE {
            return Some(Header { nodes: Nodes::Range(head.first(), head.second()), changes: 2, roots: 1, ..header });
        }
        if shape & bundle::MARKED != 0 {
            let (first, count) = head.blocks();
            header.nodes = Nodes::Marked(first, count);
            header.body = at.saturating_add(bundle::MARKED_BYTES);
        } else if shape & bundle::LARGE != 0 {
            let counts = at.saturating_add(1);
            header.changes = position(self.slots.word(counts));
            header.roots = position(self.slots.word(counts.saturating_add(4)));
            header.body = header.body.saturating_add(4);
        }
        at = header.body;
        if shape & bundle::ALLOWS_ALL != 0 {
            header.allows_all = Some(self.slots.word(at));
            at = at.saturating_add(4);
        }
        if shape & bundle::SCANS != 0 {
            header.scans = (self.slots.word(at), self.slots.word(at.saturating_add(4)));
            at = at.saturating_add(8);
        }
        header.body = at;
        Some(header)
    }

    /// What a bundle has for an action. The shapes of nearly all bundles are read in place.
    #[inline]
    pub(super) fn roots(&self, bundle: u32, action: u32) -> Roots {
        let Some(at) = self.bundles.get(bundle).map(position) else { return Roots::None };
        let head = Head(self.slots.long(at));
        let root = match head.shape() {
            bundle::RANGE => {
                let is_meant = head.first() <= action && action < head.second();
                is_meant.then(|| self.root_at(at.saturating_add(bundle::LISTED_BYTES), 0))
            }
            MARKED => {
                let body = at.saturating_add(bundle::MARKED_BYTES);
                self.marked_root((action, 1), head.blocks(), body, position(head.first()))
            }
            shape => return self.other_roots((bundle, action), (at, head), shape),
        };
        Roots::of(root)
    }

    /// The same of the others.
    #[inline(never)]
    fn other_roots(&self, (bundle, action): (u32, u32), (at, head): (usize, Head), shape: u8) -> Roots {
        let changes = position(head.first());
        let root = match shape {
            1 if self.node_bytes() == 2 => {
                self.listed_root(action, (2, 1), at.saturating_add(bundle::LISTED_BYTES), changes)
            }
            WIDELY_MARKED => {
                self.marked_root((action, 2), head.blocks(), at.saturating_add(bundle::MARKED_BYTES), changes)
            }
            _ => return self.any_roots(bundle, action),
        };
        Roots::of(root)
    }

    /// The same of any bundle.
    #[cold]
    #[inline(never)]
    fn any_roots(&self, bundle: u32, action: u32) -> Roots {
        let Some(header) = self.bundle(bundle) else { return Roots::None };
        let (_, scans) = header.scans;
        if header.allows_all.is_some() || scans > 0 {
            return Roots::More;
        }
        Roots::of(self.root_of(action, &header))
    }

    /// How many bytes the action nodes of bundles have.
    #[inline]
    pub(super) fn node_bytes(&self) -> usize {
        if self.widths.action.bytes <= 2 { 2 } else { 4 }
    }

    /// The root that a bundle has for an action node: of the last change at or before it.
    #[inline]
    pub(super) fn root_of(&self, node: u32, header: &Header) -> Option<u32> {
        let &Header { changes, number_bytes, body, .. } = header;
        match header.nodes {
            Nodes::Range(from, to) => (from..to).contains(&node).then(|| self.root_at(body, 0)),
            Nodes::Marked(first, count) => self.marked_root((node, number_bytes), (first, count), body, changes),
            Nodes::Listed => self.listed_root(node, (self.node_bytes(), number_bytes), body, changes),
        }
    }

    /// The same of a bundle whose nodes are listed.
    #[expect(clippy::inline_always, reason = "for numbers whose widths are known it is half as long")]
    #[inline(always)]
    fn listed_root(
        &self,
        node: u32,
        (node_bytes, number_bytes): (usize, usize),
        body: usize,
        changes: usize,
    ) -> Option<u32> {
        let nodes = self.slots.slice(body, changes * node_bytes);
        let before = if node_bytes == 2 {
            nodes.as_chunks().0.partition_point(|change| u32::from(u16::from_le_bytes(*change)) <= node)
        } else {
            nodes.as_chunks().0.partition_point(|change| u32::from_le_bytes(*change) <= node)
        };
        let numbers = body + nodes.len();
        let number = self.slots.part(numbers + before.checked_sub(1)? * number_bytes, number_bytes);
        Some(self.root_at(numbers + changes * number_bytes, number.checked_sub(1)?))
    }

    /// The same of a bundle whose nodes are marked: how many of them stand at or before this one is known without a
    /// search.
    #[inline]
    fn marked_root(
        &self,
        (node, number_bytes): (u32, usize),
        (first, count): (u32, u32),
        body: usize,
        changes: usize,
    ) -> Option<u32> {
        let block = (node / u32::BITS).wrapping_sub(first);
        // The root behind the last change is none.
        if block >= count {
            return None;
        }
        let [a, b, bits @ .., _, _] = self.slots.long(body + position(block) * bundle::BLOCK_BYTES).to_le_bytes();
        let until = u32::from_le_bytes(bits) << (u32::BITS - 1 - node % u32::BITS);
        let before = u32::from(u16::from_le_bytes([a, b])) + until.count_ones();
        let numbers = body + position(count) * bundle::BLOCK_BYTES;
        let number = self.slots.part(numbers + number_bytes * position(before.checked_sub(1)?), number_bytes);
        Some(self.root_at(numbers + number_bytes * changes, number.checked_sub(1)?))
    }

    /// One of several roots.
    #[inline]
    fn root_at(&self, roots: usize, number: u32) -> u32 {
        let root = self.widths.root;
        self.slots.number(roots + root.bytes * position(number), root)
    }
}

/// Whether the list of a scan names the request's action.
pub(super) fn scan_matches(env: &Env<'_>, list: Words<'_>) -> bool {
    let ranges = list.get(0).unwrap_or(0).saturating_mul(2);
    let in_range = list.list(1, ranges).last_at_most::<2>(env.action).is_some_and(|[_, to]| env.action < to);
    if in_range {
        return true;
    }
    let others = list.list(ranges.saturating_add(1), NONE);
    let text = env.call.action.text;
    let start = text
        .as_bytes()
        .first_chunk::<3>()
        .map_or(0, |start| start_of(&start.map(|byte: u8| byte.to_ascii_lowercase())));
    others.records().any(|[kind, value]| {
        // Most patterns are of another service.
        let wanted = kind >> action_kind::START_SHIFT;
        kind == action_kind::ANY || (wanted == 0 || wanted == start) && glob::action(env, value, text)
    })
}

struct Asking<'e, 'w, 'k> {
    env: &'e Env<'w>,
    layer: Layer,
    bundle: u32,
    scope: Scope,
    verdict: Verdict,
    by_kind: &'k mut Option<ByKind>,
}

impl Asking<'_, '_, '_> {
    fn allow(&mut self, statement: u32, kinds: Kinds) {
        self.verdict.allow_with(statement, kinds);
        if let Some(by_kind) = self.by_kind {
            by_kind.add(statement, kinds);
        }
    }

    /// Looks at all statements below a root.
    fn root(&mut self, root: u32) -> Flow {
        let resource = self.env.call.request.resource;
        match nodes_root(root) {
            Some(root) => self.walk_rows(root, resource),
            None => self.index(root >> 1, resource),
        }
    }

    /// The same where some have `NotResource`.
    fn index(&mut self, index: u32, resource: &str) -> Flow {
        let env = self.env;
        let Some([root, count, together, all]) = env.tables.indexes.block(index) else { return Flow::Continue };
        if let Some(root) = root.checked_sub(1)
            && self.walk_rows(root, resource) == Flow::Stop
        {
            return Flow::Stop;
        }
        let mut excluded = Positions::default();
        if let Some(together) = together.checked_sub(1).filter(|_| self.reads_together(count)) {
            excluded.tables = Some((env.tables, &env.call.budget));
            walk_any(env.tables, Some(env), &env.call.budget, together, resource, &mut excluded);
            if !excluded.any {
                return self.row(position(all));
            }
        }
        let excluding = env.tables.indexes.list(index.saturating_add(4), count.saturating_mul(4));
        for (number, [root, row, variables_at, variables_len]) in (0..).zip(excluding.records()) {
            let applies = if excluded.any {
                !excluded.contains(number)
            } else {
                let variables = env.tables.lists.list(variables_at, variables_len);
                self.applies_beside(root, resource, variables)
            };
            if applies && self.row(position(row)) == Flow::Stop {
                return Flow::Stop;
            }
        }
        Flow::Continue
    }

    /// Whether what several statements exclude may be looked for in one walk: where nothing is open, a variable without
    /// value excludes nothing, and there are not too many of them to be told apart.
    fn reads_together(&self, count: u32) -> bool {
        let excludes_nothing =
            self.env.tables.semantics.null_variable_in_notresource == NullVariableInNotResource::ExcludesNothing;
        self.env.hunt().is_none() && excludes_nothing && position(count) <= Positions::MAX
    }

    /// Whether statements of this effect are looked for.
    fn hunts(&self, effect: Effect) -> bool {
        self.env.hunt().is_none_or(|hunt| hunt.effect == effect)
    }

    /// Tells a survey of a statement that matches; returns whether there is one.
    fn tell(&self, statement: u32, guard: u32, effect: Effect, kinds: Kinds) -> bool {
        let Some(hunt) = self.env.hunt() else { return false };
        let (layer, bundle, reading) = (self.layer, self.bundle, hunt.reading);
        self.env.tell(Sight::Statement(StatementSight { layer, bundle, statement, guard, effect, reading, kinds }))
    }

    fn walk_rows(&mut self, root: u32, resource: &str) -> Flow {
        let env = self.env;
        walk_any(env.tables, Some(env), &env.call.budget, root, resource, self)
    }

    /// Whether statements with `NotResource` apply: nothing that they exclude matches (R-ARN-15).
    fn applies_beside(&mut self, root: u32, resource: &str, variables: Words<'_>) -> bool {
        if self.env.tables.semantics.null_variable_in_notresource == NullVariableInNotResource::NoMatch {
            let mut steps = variables.records::<3>();
            let is_null = |key, default| match self.env.reading_of(key) {
                Some(reading) => !reading.is_lenient(),
                None => self.env.variable(key, default).is_none(),
            };
            if steps.any(|[_, key, default]| is_null(key, default)) {
                return false;
            }
        }
        let mut excluded = Excluded(false);
        let flipped = self.env.hunt().map(|_| self.env.flipped());
        walk_any(
            self.env.tables,
            Some(flipped.as_ref().unwrap_or(self.env)),
            &self.env.call.budget,
            root,
            resource,
            &mut excluded,
        );
        !excluded.0
    }

    /// Kinds in which a guard lets the requester in; none if it does not.
    #[inline]
    fn guard(&self, guard: u32, effect: Effect) -> Kinds {
        match guard {
            0 => self.of_attachment(),
            _ => self.tested(guard, effect),
        }
    }

    /// Kinds of a statement without principal element.
    fn of_attachment(&self) -> Kinds {
        if self.env.hunt().is_some_and(|hunt| !hunt.reading.looks_at_guards()) {
            return Kinds::ATTACHED;
        }
        match self.scope {
            Scope::Attached => Kinds::ATTACHED,
            // No principal element where one belongs: matches nobody (R-DOC-21).
            Scope::Principals | Scope::AllKinds => Kinds::NONE,
        }
    }

    fn tested(&self, guard: u32, effect: Effect) -> Kinds {
        if !self.env.spend(1) {
            return Kinds::NONE;
        }
        if self.env.hunt().is_some_and(|hunt| !hunt.reading.looks_at_guards()) {
            return Kinds::ATTACHED;
        }
        let (set, _) = self.env.tables.guard(guard);
        let kinds = match set.checked_sub(1) {
            Some(set) => principal::kinds(self.env, set, effect),
            None => self.of_attachment(),
        };
        let holds = !kinds.is_empty() && condition::holds(self.env, guard, effect, Whom::Known);
        if holds { kinds } else { Kinds::NONE }
    }
}

impl Visitor for Asking<'_, '_, '_> {
    fn row(&mut self, row: usize) -> Flow {
        let tables = self.env.tables;
        let row = tables.row(row);
        if !row.is_paid(&self.env.call.budget) {
            return Flow::Stop;
        }
        if row.denies > 0 && self.hunts(Effect::Deny) {
            for entry in tables.denies(row) {
                let kinds = self.guard(entry.guard, Effect::Deny);
                if !kinds.is_empty() && !self.tell(entry.statement, entry.guard, Effect::Deny, kinds) {
                    self.verdict.deny = Found(entry.statement);
                    return Flow::Stop;
                }
                if self.env.call.budget.is_spent() {
                    return Flow::Stop;
                }
            }
        }
        if row.allows > 0 && self.hunts(Effect::Allow) {
            for entry in tables.allows(row) {
                if self.scope != Scope::AllKinds && self.verdict.allow.is_some() {
                    break;
                }
                let kinds = self.guard(entry.guard, Effect::Allow);
                if !kinds.is_empty() && !self.tell(entry.statement, entry.guard, Effect::Allow, kinds) {
                    self.allow(entry.statement, kinds);
                }
                if self.env.call.budget.is_spent() {
                    return Flow::Stop;
                }
            }
        }
        Flow::Continue
    }

    fn wants(&self, below: Below) -> bool {
        below == Below::Denies || self.scope == Scope::AllKinds || self.verdict.allow.is_none()
    }
}

/// Notes which of several lists of excluded patterns match.
#[derive(Default)]
struct Positions<'t> {
    tables: Option<(&'t Tables<'t>, &'t Budget)>,
    any: bool,
    bits: [u64; 16],
}

impl Positions<'_> {
    /// How many can be told apart.
    const MAX: usize = 1024;

    fn contains(&self, number: usize) -> bool {
        self.bits.get(number / 64).is_some_and(|bits| bits >> (number % 64) & 1 != 0)
    }
}

impl Visitor for Positions<'_> {
    fn row(&mut self, row: usize) -> Flow {
        let Some((tables, budget)) = self.tables else { return Flow::Stop };
        let row = tables.row(row);
        if !row.is_paid(budget) {
            return Flow::Stop;
        }
        for entry in tables.denies(row).chain(tables.allows(row)) {
            let number = position(entry.statement);
            if let Some(bits) = self.bits.get_mut(number / 64) {
                *bits |= 1 << (number % 64);
            }
            self.any = true;
        }
        Flow::Continue
    }

    fn wants(&self, _: Below) -> bool {
        true
    }
}

/// Notes that any row matches.
struct Excluded(bool);

impl Visitor for Excluded {
    fn row(&mut self, _: usize) -> Flow {
        self.0 = true;
        Flow::Stop
    }

    fn wants(&self, _: Below) -> bool {
        !self.0
    }
}

/// The resource of the artifact that governs an ARN: the one of that very ARN, else the first that covers it.
#[inline]
pub(super) fn governing_resource(
    tables: &Tables<'_>,
    budget: &Budget,
    resource: &str,
    arn: Option<Arn<'_>>,
) -> Option<u32> {
    let root = tables.meta.get(u32::try_from(meta::RESOURCE_INDEX).ok()?)?.checked_sub(1)?;
    let services = tables.resource_services;
    if arn.is_some_and(|arn| services & service_bit(arn.service_word()) == 0) {
        return None;
    }
    let mut governing = Governing { tables, budget, resource, found: None };
    walk_any(tables, None, budget, root >> 1, resource, &mut governing);
    governing.found
}

struct Governing<'t> {
    tables: &'t Tables<'t>,
    budget: &'t Budget,
    resource: &'t str,
    found: Option<u32>,
}

impl Visitor for Governing<'_> {
    fn row(&mut self, row: usize) -> Flow {
        let row = self.tables.row(row);
        if !row.is_paid(self.budget) {
            return Flow::Stop;
        }
        for entry in self.tables.denies(row).chain(self.tables.allows(row)) {
            let candidate = entry.statement;
            let arn = self.tables.resources.record::<9>(candidate).map_or("", |[arn, ..]| self.tables.text(arn));
            if arn == self.resource {
                self.found = Some(candidate);
                return Flow::Stop;
            }
            self.found = Some(self.found.map_or(candidate, |found| found.min(candidate)));
        }
        Flow::Continue
    }

    fn wants(&self, _: Below) -> bool {
        true
    }
}
