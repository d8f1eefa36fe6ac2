//! Trivial layers: `boundary: {Allow * on *} ⇒ no boundary`, and the same for other layers that change nothing.
//!
//! A layer that is absent does not cap (R-EVAL-4), and nor does one that allows everything and denies nothing:
//!
//! - a boundary goes, unless the program has a `NotPrincipal`: its exemption is not for who has a boundary, whatever the
//!   boundary says (R-PRI-17). A boundary is never named by an answer that allows.
//! - an SCP level goes; the account keeps its list of levels, from which "SCPs apply" is read (R-EVAL-8, R-EVAL-9).
//! - an endpoint's policy goes; the endpoint stays (R-EVAL-26, the default policy of R-DOC-25).
//! - resource control policies are asked for denies alone, since the service's own policy allows everything at each level
//!   (R-EVAL-12): their allows go, and what then is empty goes as a whole.

use super::allow_all;
use super::cover::{Cover, Orders};
use super::uses::Uses;
use crate::ir::{BundleId, Effect, Id, Polarity, PrincipalSet, Program, StatementId};

/// Drops the allows of a bundle that is asked for denies alone; returns how many.
pub(super) fn drop_unasked(cover: Cover<'_>, uses: Uses, statements: &mut Vec<StatementId>) -> usize {
    let count = statements.len();
    if uses.ask_denies_only() {
        statements.retain(|&id| cover.program.statement(id).is_none_or(|statement| statement.effect == Effect::Deny));
    }
    count - statements.len()
}

/// Takes layers out of the program that change nothing; `bundles` are the statements that are left of each. Returns how
/// many. Costs a look at each bundle and at each entry of the world's tables.
pub(super) fn drop_trivial(
    program: &mut Program,
    orders: &Orders,
    uses: &[Uses],
    bundles: &[Vec<StatementId>],
) -> usize {
    let cover = Cover { program, orders };
    let allows_all = |(statements, uses): (&Vec<StatementId>, &Uses)| allow_all::statement(cover, *uses, statements);
    let trivial = bundles.iter().zip(uses).map(|bundle| allows_all(bundle).is_some()).collect::<Vec<_>>();
    let allows_all = |bundle: BundleId| trivial.get(bundle.index()) == Some(&true);
    let is_empty = |bundle: BundleId| bundles.get(bundle.index()).is_some_and(Vec::is_empty);
    let exempts = |set: &PrincipalSet| set.polarity() == Polarity::Negated;
    let mut dropped = 0;
    if !program.principal_sets.iter().any(exempts) {
        for principal in &mut program.principals {
            dropped += usize::from(principal.boundary.take_if(|boundary| allows_all(*boundary)).is_some());
        }
    }
    for account in &mut program.accounts {
        if let Some(levels) = &mut account.service_control {
            let count = levels.len();
            levels.retain(|&level| !allows_all(level));
            dropped += count - levels.len();
        }
        dropped += usize::from(account.resource_control.take_if(|bundle| is_empty(*bundle)).is_some());
    }
    for endpoint in &mut program.endpoints {
        dropped += usize::from(endpoint.policy.take_if(|policy| allows_all(*policy)).is_some());
    }
    dropped
}

/// The name under which `inspect` counts the allows.
pub(super) const UNASKED: &str = "allows of resource control policies";

/// The name under which `inspect` counts the layers.
pub(super) const NAME: &str = "layers that change nothing";
