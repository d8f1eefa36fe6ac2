//! Long lists of values: `StringEquals {k: [v1 … vn]} => k in {v1 … vn}`, `StringLike {k: [p1 … pn]} => k ∈ trie(p1 … pn)`.
//!
//! Values of one test are joined by "or" (R-CON-41), so that it does not matter how the one that matches is found.
//! Texts that are compared exactly go to a hash table; patterns without variables, whose wildcards take anything
//! (R-CON-24), to a trie. What may be null or cannot be parsed is compared one by one, as all values of short lists are:
//! a table does not pay for them. ARN comparisons stay lists, since they work by components and can fail (R-CON-27).

use crate::ir::{Id, PatternId, Program, Search, Step, Tables, Test, TestId, Value};
use crate::terms::Comparison;

/// Name of the pass in reports.
pub(super) const NAME: &str = "long lists of values that became tables";

/// Lists up to this length are compared value by value.
const SHORT: usize = 8;

/// Finds out which lists pay, and makes their tries; returns how many.
pub(super) fn index(program: &Program, tables: &mut Tables) -> usize {
    for (number, test) in program.tests.iter().enumerate() {
        if let Some(search) = search(program, tables, test) {
            tables.searches.insert(TestId::from_index(number), search);
        }
    }
    tables.searches.len()
}

fn search(program: &Program, tables: &mut Tables, test: &Test) -> Option<Search> {
    let texts = test.values.iter().filter(|value| matches!(value, Value::Text(_))).count();
    if test.comparison == Comparison::StringEquals && SHORT < texts {
        return Some(Search::Texts);
    }
    if test.comparison != Comparison::StringLike {
        return None;
    }
    let patterns = test.values.iter().filter_map(|value| fixed_pattern(program, *value)).collect::<Vec<_>>();
    (SHORT < patterns.len()).then(|| Search::Trie(tables.trie_of(program, &patterns)))
}

/// The number of a pattern without variables.
fn fixed_pattern(program: &Program, value: Value) -> Option<PatternId> {
    let Value::Pattern(id) = value else { return None };
    let steps = program.patterns.get(id)?.steps();
    steps.iter().all(|step| !matches!(step, Step::Variable { .. })).then_some(id)
}
