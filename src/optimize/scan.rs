//! No optimization: a scan for each statement.

use crate::ir::{BundleTables, Program, Scan, StatementId, Tables};

/// Returns tables that test each statement by itself.
pub(super) fn each(program: &Program, tables: &mut Tables, statements: &[StatementId]) -> BundleTables {
    let scans = statements.iter().filter_map(|&id| {
        let actions = program.statement(id)?.actions.clone();
        Some(Scan { actions, index: tables.index(program, &[id]) })
    });
    BundleTables { scans: scans.collect(), ..BundleTables::default() }
}
