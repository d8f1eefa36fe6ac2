//! Trivial layers: `{…, Allow * on *, …} without Deny ⇒ {Allow * on *}`.
//!
//! A bundle without a deny whose one statement allows every request allows every request; the others add nothing.
//! `FullAWSAccess` and full-access boundaries are of this kind (R-EVAL-9).

use crate::ir::{ActionPattern, Effect, Polarity, Program, Statement, StatementId};

/// Returns the statement that allows every request, if nothing in the bundle denies.
pub(super) fn statement(program: &Program, statements: &[StatementId]) -> Option<StatementId> {
    let get = |id: StatementId| program.statement(id);
    let denies = statements.iter().any(|&id| get(id).is_none_or(|statement| statement.effect == Effect::Deny));
    let allows_all = |id: StatementId| get(id).is_some_and(|statement| is_allow_all(program, statement));
    statements.iter().copied().find(|&id| !denies && allows_all(id))
}

fn is_allow_all(program: &Program, statement: &Statement) -> bool {
    let guard = program.guards.get(statement.guard);
    let unguarded = guard.is_some_and(|guard| guard.principals.is_none() && guard.block.is_none());
    let every_action = match statement.actions.polarity() {
        Polarity::Negated => statement.actions.patterns().is_empty(),
        Polarity::Positive => statement.actions.patterns().contains(&ActionPattern::Any),
    };
    let every_resource = match statement.resources.polarity() {
        Polarity::Negated => statement.resources.patterns().is_empty(),
        Polarity::Positive => {
            let mut patterns = statement.resources.patterns().iter().filter_map(|&id| program.patterns.get(id));
            patterns.any(crate::ir::Pattern::is_everything)
        }
    };
    unguarded && every_action && every_resource
}
