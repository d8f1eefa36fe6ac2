//! Asking one bundle: which statements of each effect match (R-EVAL-2, R-EVAL-48).

use super::budget::Budget;
use super::call::Env;
use super::open::{Sight, StatementSight};
use super::principal::{self, KIND_COUNT, Kinds};
use super::walk::{Below, Flow, Visitor, walk};
use super::words::Words;
use super::{Tables, condition, glob};
#[cfg(feature = "compiler")]
use crate::layout::node;
use crate::layout::{NONE, action_kind, meta, probe_of};
use crate::terms::{Effect, Layer, NullVariableInNotResource};

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

/// What matched.
#[derive(Clone, Copy)]
pub(super) struct Verdict {
    /// A deny that matches.
    pub(super) deny: Option<u32>,
    /// An allow that matches.
    pub(super) allow: Option<u32>,
    /// Match kinds of all allows that match.
    pub(super) kinds: Kinds,
    /// For each kind, by position, the first allow that has it.
    by_kind: [u32; KIND_COUNT],
}

impl Verdict {
    pub(super) const NOTHING: Self = Self { deny: None, allow: None, kinds: Kinds::NONE, by_kind: [NONE; KIND_COUNT] };

    /// Both verdicts together; statements of the first are named first.
    pub(super) fn or(self, other: Self) -> Self {
        let mut by_kind = self.by_kind;
        for (mine, theirs) in by_kind.iter_mut().zip(other.by_kind) {
            if *mine == NONE {
                *mine = theirs;
            }
        }
        Self {
            deny: self.deny.or(other.deny),
            allow: self.allow.or(other.allow),
            kinds: self.kinds.union(other.kinds),
            by_kind,
        }
    }

    /// An allow that has one of these kinds.
    pub(super) fn allow_of(&self, kinds: Kinds) -> Option<u32> {
        let mut positions = kinds.positions().filter_map(|position| self.by_kind.get(position));
        positions.find(|&&statement| statement != NONE).copied()
    }

    /// Adds a grant that no statement makes.
    pub(super) fn grant(&mut self, kinds: Kinds) {
        self.kinds = self.kinds.union(kinds);
    }

    fn allow_with(&mut self, statement: u32, kinds: Kinds) {
        self.allow = self.allow.or(Some(statement));
        self.kinds = self.kinds.union(kinds);
        for position in kinds.positions() {
            if let Some(first) = self.by_kind.get_mut(position)
                && *first == NONE
            {
                *first = statement;
            }
        }
    }
}

/// Asks a bundle of a layer.
pub(super) fn ask(env: &Env<'_>, layer: Layer, bundle: u32, scope: Scope) -> Verdict {
    match &env.call.open {
        None => ask_plainly(env, layer, bundle, scope),
        Some(open) => open.ask(env, layer, bundle, scope),
    }
}

/// The same, once.
pub(super) fn ask_plainly(env: &Env<'_>, layer: Layer, bundle: u32, scope: Scope) -> Verdict {
    let mut asking = Asking { env, layer, bundle, scope, verdict: Verdict::NOTHING };
    let Some([slots_at, slots_log2, scans_at, scans_len, allows_all]) = env.tables.bundles.record(bundle) else {
        return Verdict::NOTHING;
    };
    // Where a principal part decides, a statement without one matches nobody (R-DOC-21).
    if let Some(statement) = allows_all.checked_sub(1)
        && scope == Scope::Attached
    {
        // Such a bundle denies nothing.
        if !asking.hunts(Effect::Allow) {
            return Verdict::NOTHING;
        }
        if env.hunt.is_some() {
            asking.tell(statement, NONE, Effect::Allow, Kinds::ATTACHED);
        }
        asking.verdict.allow_with(statement, Kinds::ATTACHED);
        return asking.verdict;
    }
    if let Some(index) = slot(env, slots_at, slots_log2)
        && asking.index(index) == Flow::Stop
    {
        return asking.verdict;
    }
    for number in scans_at..scans_at.saturating_add(scans_len) {
        let Some([negated, at, length, index]) = env.tables.scans.record(number) else { break };
        if !env.spend(1 + crate::runtime::words::index(length)) {
            break;
        }
        let entries = env.tables.lists.list(at, length);
        let matched = entries.records().any(|[kind, value]| action_matches(env, kind, value));
        if matched == (negated == 0) && asking.index(index) == Flow::Stop {
            return asking.verdict;
        }
    }
    asking.verdict
}

/// The index of the request's action: the slot of its deepest node that has one.
fn slot(env: &Env<'_>, slots_at: u32, log2: u32) -> Option<u32> {
    if log2 == NONE {
        return None;
    }
    let mask = 1u32.checked_shl(log2)? - 1;
    let mut node = env.action;
    while let Some(number) = node {
        let mut place = probe_of(number, log2);
        while let Some([key, index]) = env.tables.slots.record(slots_at + place) {
            if key == number + 1 {
                return Some(index);
            }
            if key == 0 || !env.spend(1) {
                break;
            }
            place = (place + 1) & mask;
        }
        let [_, parent] = env.tables.actions.record(number)?;
        node = parent.checked_sub(1);
    }
    None
}

fn action_matches(env: &Env<'_>, kind: u32, value: u32) -> bool {
    let action = env.call.request.action;
    let text = || env.tables.text(value);
    match kind {
        action_kind::ANY => true,
        action_kind::EXACT => text().eq_ignore_ascii_case(action),
        action_kind::PREFIX => {
            let start = action.as_bytes().get(..text().len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(text().as_bytes()))
        }
        action_kind::GLOB => glob::action(env, value, action),
        _ => false,
    }
}

struct Asking<'e, 'w> {
    env: &'e Env<'w>,
    layer: Layer,
    bundle: u32,
    scope: Scope,
    verdict: Verdict,
}

impl Asking<'_, '_> {
    fn index(&mut self, index: u32) -> Flow {
        let env = self.env;
        let Some([root, count]) = env.tables.indexes.block(index) else { return Flow::Continue };
        let resource = env.call.request.resource;
        if let Some(root) = root.checked_sub(1)
            && self.walk_rows(root, resource) == Flow::Stop
        {
            return Flow::Stop;
        }
        let excluding = env.tables.indexes.list(index.saturating_add(2), count.saturating_mul(4));
        for [root, row, variables_at, variables_len] in excluding.records() {
            let variables = env.tables.lists.list(variables_at, variables_len);
            if self.applies_beside(root, resource, variables) && self.row(row) == Flow::Stop {
                return Flow::Stop;
            }
        }
        Flow::Continue
    }

    /// Whether statements of this effect are looked for.
    fn hunts(&self, effect: Effect) -> bool {
        self.env.hunt.is_none_or(|hunt| hunt.effect == effect)
    }

    /// Tells a survey of a statement that matches; returns whether there is one.
    fn tell(&self, statement: u32, guard: u32, effect: Effect, kinds: Kinds) -> bool {
        let Some(hunt) = self.env.hunt else { return false };
        let (layer, bundle, reading) = (self.layer, self.bundle, hunt.reading);
        self.env.tell(Sight::Statement(StatementSight { layer, bundle, statement, guard, effect, reading, kinds }))
    }

    fn walk_rows(&mut self, root: u32, resource: &str) -> Flow {
        let env = self.env;
        walk(env.tables, Some(env), &env.call.budget, root, resource, self)
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
        let flipped = self.env.hunt.map(|_| self.env.flipped());
        walk(
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
    fn guard(&self, guard: u32, effect: Effect) -> Kinds {
        let Some([set, block]) = self.env.tables.guards.record(guard) else { return Kinds::NONE };
        if !self.env.spend(1) {
            return Kinds::NONE;
        }
        if self.env.hunt.is_some_and(|hunt| !hunt.reading.looks_at_guards()) {
            return Kinds::ATTACHED;
        }
        let kinds = match (set.checked_sub(1), self.scope) {
            (Some(set), _) => principal::kinds(self.env, set, effect),
            (None, Scope::Attached) => Kinds::ATTACHED,
            // No principal element where one belongs: matches nobody (R-DOC-21).
            (None, Scope::Principals | Scope::AllKinds) => Kinds::NONE,
        };
        let holds =
            !kinds.is_empty() && block.checked_sub(1).is_none_or(|block| condition::holds(self.env, block, effect));
        if holds { kinds } else { Kinds::NONE }
    }
}

impl Visitor for Asking<'_, '_> {
    fn row(&mut self, row: u32) -> Flow {
        let rows = self.env.tables.rows;
        let Some([denies, allows]) = rows.block(row) else { return Flow::Continue };
        let (denies, allows) = (denies.saturating_mul(2), allows.saturating_mul(2));
        let entries = row.saturating_add(2);
        for [statement, guard] in rows.list(entries, denies).records() {
            if !self.hunts(Effect::Deny) {
                break;
            }
            let kinds = self.guard(guard, Effect::Deny);
            if !kinds.is_empty() && !self.tell(statement, guard, Effect::Deny, kinds) {
                self.verdict.deny = Some(statement);
                return Flow::Stop;
            }
        }
        for [statement, guard] in rows.list(entries.saturating_add(denies), allows).records() {
            if !self.hunts(Effect::Allow) || (self.scope != Scope::AllKinds && self.verdict.allow.is_some()) {
                break;
            }
            let kinds = self.guard(guard, Effect::Allow);
            if !kinds.is_empty() && !self.tell(statement, guard, Effect::Allow, kinds) {
                self.verdict.allow_with(statement, kinds);
            }
        }
        Flow::Continue
    }

    fn wants(&self, below: Below) -> bool {
        below == Below::Denies || self.scope == Scope::AllKinds || self.verdict.allow.is_none()
    }
}

/// Notes that any row matches.
struct Excluded(bool);

impl Visitor for Excluded {
    fn row(&mut self, _: u32) -> Flow {
        self.0 = true;
        Flow::Stop
    }

    fn wants(&self, _: Below) -> bool {
        !self.0
    }
}

/// Longest resource that [`exact_resources`] names.
#[cfg(feature = "compiler")]
const EXACT_MAX_BYTES: usize = 1024;

/// Most nodes that it looks at.
#[cfg(feature = "compiler")]
const EXACT_MAX_NODES: u32 = 1 << 16;

/// Names all resources that statements of a bundle can match for the request's action; returns whether those are all,
/// which cannot be said where a statement has wildcards, variables or `NotResource`.
#[cfg(feature = "compiler")]
pub(super) fn exact_resources(env: &Env<'_>, bundle: u32, sink: &mut dyn FnMut(&str)) -> bool {
    let Some([slots_at, slots_log2, _, 0, 0]) = env.tables.bundles.record(bundle) else { return false };
    let Some(index) = slot(env, slots_at, slots_log2) else { return true };
    let Some([root, 0]) = env.tables.indexes.block(index) else { return false };
    let Some(root) = root.checked_sub(1) else { return true };
    let mut exact = Exact { tables: env.tables, text: [0; EXACT_MAX_BYTES], nodes_left: EXACT_MAX_NODES, sink };
    exact.node(root, 0)
}

/// A walk over all texts of a trie.
#[cfg(feature = "compiler")]
struct Exact<'t, 's> {
    tables: &'t Tables<'t>,
    text: [u8; EXACT_MAX_BYTES],
    nodes_left: u32,
    sink: &'s mut dyn FnMut(&str),
}

#[cfg(feature = "compiler")]
impl Exact<'_, '_> {
    /// Names the texts below a node, of which `length` bytes are known; no deeper than a text is long.
    fn node(&mut self, position: u32, length: usize) -> bool {
        let Some(left) = self.nodes_left.checked_sub(1) else { return false };
        self.nodes_left = left;
        let Some(header) = self.tables.nodes.get(position) else { return false };
        if header & 0xffff & !(node::HAS_DENY | node::HAS_END) != 0 {
            return false;
        }
        let mut at = position + 1;
        if header & node::HAS_END != 0 {
            at += 1;
            let Some(Ok(text)) = self.text.get(..length).map(core::str::from_utf8) else { return false };
            (self.sink)(text);
        }
        for _ in 0..header >> 16 {
            let Some([run, packed, child]) = self.tables.nodes.block(at) else { return false };
            at += 3;
            let count = crate::runtime::words::index(packed & 0x00ff_ffff);
            let run = self.tables.runs.get(crate::runtime::words::index(run)..).and_then(|rest| rest.get(..count));
            let place = self.text.get_mut(length..).and_then(|rest| rest.get_mut(..count));
            let (Some(run), Some(place)) = (run, place) else { return false };
            place.copy_from_slice(run);
            if !self.node(child, length + count) {
                return false;
            }
        }
        true
    }
}

/// The resource of the artifact that governs an ARN: the one of that very ARN, else the first that covers it.
pub(super) fn governing_resource(tables: &Tables<'_>, budget: &Budget, resource: &str) -> Option<u32> {
    let at = tables.meta.get(u32::try_from(meta::RESOURCE_INDEX).ok()?)?.checked_sub(1)?;
    let [root, _] = tables.indexes.block(at)?;
    let mut governing = Governing { tables, resource, found: None };
    walk(tables, None, budget, root.checked_sub(1)?, resource, &mut governing);
    governing.found
}

struct Governing<'t> {
    tables: &'t Tables<'t>,
    resource: &'t str,
    found: Option<u32>,
}

impl Visitor for Governing<'_> {
    fn row(&mut self, row: u32) -> Flow {
        let Some([denies, allows]) = self.tables.rows.block(row) else { return Flow::Continue };
        let length = denies.saturating_add(allows).saturating_mul(2);
        for [candidate, _] in self.tables.rows.list(row.saturating_add(2), length).records() {
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
