//! Unconditional denies that swallow: `{Deny D, Allow S} with S ≤ D, D unconditional ⇒ {Deny D}`.
//!
//! D has no condition and its principal part, if it needs one, means everyone; its actions and resources cover S's. Then
//! wherever S matches, D does, the layer denies, and the request with it (R-EVAL-3, R-EVAL-7), whatever S would allow.
//! What is kept: the decision; which layers block, since an explicit deny lists denying layers only (R-EVAL-42); and for
//! each layer whether a deny matches and, where none does, whether an allow does. Denies that D covers go with
//! `subsume`.
//!
//! Not in a resource's policy: there a deny does not count for everybody (R-EVAL-16 lets the owning root past three
//! actions), and the kinds of the allows that match are asked for beside the denies.

use super::cover::{Cover, Covering};
use super::uses::Uses;
use crate::ir::{Effect, StatementId};

/// Drops allows of a bundle that cannot matter; returns how many. Costs what `subsume` costs, for bundles with such a
/// deny.
pub(super) fn drop_denied(cover: Cover<'_>, uses: Uses, statements: &mut Vec<StatementId>) -> usize {
    let count = statements.len();
    let get = |id: StatementId| cover.program.statement(id);
    let denies = |id: StatementId| get(id).is_some_and(|statement| cover.denies_always(statement, uses));
    if uses.count_match_kinds() || count < 2 || !statements.iter().any(|&id| denies(id)) {
        return 0;
    }
    let denying = statements.iter().copied().enumerate().filter(|(_, id)| denies(*id)).collect::<Vec<_>>();
    let covering = Covering::new(cover, denying.into_iter());
    statements.retain(|&id| {
        get(id).is_none_or(|statement| statement.effect == Effect::Deny || !covering.covers(statement, |_, _| true))
    });
    count - statements.len()
}

/// The name under which `inspect` counts what this pass removed.
pub(super) const NAME: &str = "allows that an unconditional deny covers";
