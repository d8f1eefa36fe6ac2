//! Long lists of values: `StringEquals {k: [v1 … vn]} => k in {v1 … vn}`, `StringLike {k: [p1 … pn]} => k ∈ trie(p1 … pn)`.
//!
//! Values of one test are joined by "or" (R-CON-41), so that it does not matter how the one that matches is found.
//! Texts that are compared exactly go to a hash table; patterns without variables, whose wildcards take anything
//! (R-CON-24), to a trie. So do ARNs: a wildcard of their first five components takes no colon, so that a pattern that
//! matches the whole text matches component by component (R-CON-26); that the text is an ARN is looked at before
//! (R-CON-27). What may be null or cannot be parsed is compared one by one, as all values of short lists are: a table does
//! not pay for them.

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
    let is_arn_test = test.comparison == Comparison::ArnLike;
    if !is_arn_test && test.comparison != Comparison::StringLike {
        return None;
    }
    let patterns = test.values.iter().filter_map(|value| fixed_pattern(program, *value)).collect::<Vec<_>>();
    let are_all = patterns.iter().all(|(_, steps)| !is_arn_test || is_arn(program, steps));
    let patterns = patterns.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    (SHORT < patterns.len() && are_all).then(|| Search::Trie(tables.trie_of(program, &patterns)))
}

/// A pattern without variables.
fn fixed_pattern(program: &Program, value: Value) -> Option<(PatternId, &[Step])> {
    let Value::Pattern(id) = value else { return None };
    let steps = program.patterns.get(id)?.steps();
    steps.iter().all(|step| !matches!(step, Step::Variable { .. })).then_some((id, steps))
}

/// Whether a pattern begins as an ARN, so that it is no bare `*` (`arnlike_bare_star`).
fn is_arn(program: &Program, steps: &[Step]) -> bool {
    matches!(steps.first(), Some(Step::Literal(text, _)) if program.texts.text(*text).starts_with("arn:"))
}
