//! Asking one bundle: which statements of each effect match (R-EVAL-2, R-EVAL-48).

use super::budget::Budget;
use super::call::Env;
use super::principal::{self, KIND_COUNT, Kinds};
use super::walk::{Below, Flow, Visitor, walk};
use super::words::Words;
use super::{Tables, condition, glob};
use crate::layout::{NONE, action_kind, meta, probe_of};
use crate::terms::{Effect, NullVariableInNotResource};

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

/// Asks a bundle.
pub(super) fn ask(env: &Env<'_>, bundle: u32, scope: Scope) -> Verdict {
    let mut asking = Asking { env, scope, verdict: Verdict::NOTHING };
    let Some([slots_at, slots_log2, scans_at, scans_len, allows_all]) = env.tables.bundles.record(bundle) else {
        return Verdict::NOTHING;
    };
    // Where a principal part decides, a statement without one matches nobody (R-DOC-21).
    if let Some(statement) = allows_all.checked_sub(1)
        && scope == Scope::Attached
    {
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

    fn walk_rows(&mut self, root: u32, resource: &str) -> Flow {
        let env = self.env;
        walk(env.tables, Some(env), &env.call.budget, root, resource, self)
    }

    /// Whether statements with `NotResource` apply: nothing that they exclude matches (R-ARN-15).
    fn applies_beside(&mut self, root: u32, resource: &str, variables: Words<'_>) -> bool {
        if self.env.tables.semantics.null_variable_in_notresource == NullVariableInNotResource::NoMatch {
            let mut steps = variables.records::<3>();
            if steps.any(|[_, key, default]| self.env.variable(key, default).is_none()) {
                return false;
            }
        }
        let mut excluded = Excluded(false);
        walk(self.env.tables, Some(self.env), &self.env.call.budget, root, resource, &mut excluded);
        !excluded.0
    }

    /// Kinds in which a guard lets the requester in; none if it does not.
    fn guard(&self, guard: u32, effect: Effect) -> Kinds {
        let Some([set, block]) = self.env.tables.guards.record(guard) else { return Kinds::NONE };
        if !self.env.spend(1) {
            return Kinds::NONE;
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
            if !self.guard(guard, Effect::Deny).is_empty() {
                self.verdict.deny = Some(statement);
                return Flow::Stop;
            }
        }
        for [statement, guard] in rows.list(entries.saturating_add(denies), allows).records() {
            if self.scope != Scope::AllKinds && self.verdict.allow.is_some() {
                break;
            }
            let kinds = self.guard(guard, Effect::Allow);
            if !kinds.is_empty() {
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
