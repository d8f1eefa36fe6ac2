//! Covered statements: `{S, T} with S ≤ T ⇒ {T}`.
//!
//! `S ≤ T` if both have the same effect, T's actions and resources cover S's, and T's guard lets through whatever S's
//! does: the same principal part and no test that S has not (R-CON-41). Then T matches wherever S does, and one of them
//! can stand for both: a layer's verdict is a union (R-EVAL-2). So an allow with conditions never stands for one without.
//!
//! A principal part that means everyone stands for any other where only the match counts. In a resource's policy the
//! kinds in which allows name the requester count (R-PRI-3, R-EVAL-14), so there only denies may differ in it. No
//! principal part at all means everyone where the attachment decides, and nobody elsewhere (R-DOC-21).

use super::cover::{Cover, Covering};
use super::uses::Uses;
use crate::ir::StatementId;

/// Drops covered statements of a bundle; returns how many. Costs a comparison with each statement that names the same or
/// wider things, but for a bound ([`Covering`]).
pub(super) fn drop_covered(cover: Cover<'_>, uses: Uses, statements: &mut Vec<StatementId>) -> usize {
    let count = statements.len();
    if count < 2 {
        return 0;
    }
    let covering = Covering::new(cover, statements.iter().copied().enumerate());
    let mut is_kept = vec![true; count];
    // The last first: of statements that cover each other the first stays.
    for (number, id) in statements.iter().enumerate().rev() {
        let Some(statement) = cover.program.statement(*id) else { continue };
        let kept = &is_kept;
        let is_covered = covering.covers(statement, |other, wide| {
            other != number
                && wide.effect == statement.effect
                && kept.get(other) == Some(&true)
                && cover.guard(wide, statement, uses, statement.effect)
        });
        if let Some(place) = is_kept.get_mut(number) {
            *place = !is_covered;
        }
    }
    let mut kept = is_kept.into_iter();
    statements.retain(|_| kept.next().unwrap_or(true));
    count - statements.len()
}

/// The name under which `inspect` counts what this pass removed.
pub(super) const NAME: &str = "statements that a wider one covers";
