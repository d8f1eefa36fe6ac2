//! Bundles that allow everything: `{…, Allow * on *, …} without Deny ⇒ {Allow * on *}`.
//!
//! A bundle without a deny whose one statement allows every request allows every request; the others add nothing.
//! `FullAWSAccess` and full-access boundaries are of this kind (R-EVAL-9), and default policies of endpoints, whose
//! principal part means everyone (R-DOC-25).

use super::cover::Cover;
use super::uses::Uses;
use crate::ir::{ActionPattern, Effect, Polarity, Statement, StatementId};

/// Returns the statement that allows every request, if nothing in the bundle denies.
pub(super) fn statement(cover: Cover<'_>, uses: Uses, statements: &[StatementId]) -> Option<StatementId> {
    let get = |id: StatementId| cover.program.statement(id);
    let denies = |id: &StatementId| get(*id).is_none_or(|statement| statement.effect == Effect::Deny);
    let allows_all = |id: &StatementId| get(*id).is_some_and(|statement| is_allow_all(cover, uses, statement));
    let all = statements.iter().copied().find(allows_all)?;
    (!statements.iter().any(denies)).then_some(all)
}

fn is_allow_all(cover: Cover<'_>, uses: Uses, statement: &Statement) -> bool {
    let guard = cover.program.guards.get(statement.guard);
    let unguarded = guard.is_some_and(|guard| guard.block.is_none() && cover.admits_everyone(guard, uses));
    let every_action = match statement.actions.polarity() {
        Polarity::Negated => statement.actions.patterns().is_empty(),
        Polarity::Positive => statement.actions.patterns().contains(&ActionPattern::Any),
    };
    let every_resource = match statement.resources.polarity() {
        Polarity::Negated => statement.resources.patterns().is_empty(),
        Polarity::Positive => cover.orders.has_everything(statement.resources.patterns()),
    };
    unguarded && every_action && every_resource
}

/// The name under which `inspect` counts these bundles.
pub(super) const NAME: &str = "bundles that allow everything";
