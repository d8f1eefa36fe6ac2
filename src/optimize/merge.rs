//! Equal statements: `{S, T} with S = T ⇒ {S}`.
//!
//! Two statements of one bundle with equal effect, actions, resources and guard match the same requests, so one can
//! stand for both: a layer's verdict is a union (R-EVAL-2). The first in the order of numbers stays.

use hashbrown::HashSet;

use crate::ir::{Program, StatementId};

/// Returns the statements without those that equal an earlier one.
pub(super) fn distinct(program: &Program, statements: &[StatementId]) -> Vec<StatementId> {
    if let [_] | [] = statements {
        return statements.to_vec();
    }
    // Growing would hash all lists again.
    let mut seen = HashSet::with_capacity(statements.len());
    let fresh = |id: &&StatementId| {
        let statement = program.statement(**id);
        statement.is_some_and(|statement| {
            seen.insert((statement.effect, &statement.actions, &statement.resources, statement.guard))
        })
    };
    statements.iter().filter(fresh).copied().collect()
}

/// The name under which `inspect` counts what this pass removed.
pub(super) const NAME: &str = "statements equal to another one";
