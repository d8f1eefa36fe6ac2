//! Whether a resource policy is public (R-EVAL-45).

use crate::ir::{Effect, Policy, PrincipalEntry, Program, Statement, Step, Test, TestId, Value};
use crate::terms::{Comparison, Qualifier};

/// Keys that pin a statement to fixed callers, in lower case.
const PINS: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// Whether an Allow statement of the policy grants to everybody without a condition that pins the callers.
pub(super) fn is_public(program: &Program, policy: &Policy) -> bool {
    let mut statements = policy.statements.iter().filter_map(|id| program.statement(*id));
    statements.any(|statement| grants_all(program, statement))
}

fn grants_all(program: &Program, statement: &Statement) -> bool {
    let Some(guard) = program.guards.get(statement.guard) else { return true };
    let names_everybody = guard.principals.and_then(|set| program.principal_sets.get(set)).is_some_and(|set| {
        // `Allow` with `NotPrincipal` grants to everybody who is not listed.
        set.polarity() == crate::ir::Polarity::Negated || set.entries().contains(&PrincipalEntry::Everyone)
    });
    let tests = guard.block.and_then(|block| program.blocks.get(block));
    let is_pinned = tests.is_some_and(|tests| tests.iter().any(|test| pins(program, *test)));
    statement.effect == Effect::Allow && names_everybody && !is_pinned
}

fn pins(program: &Program, test: TestId) -> bool {
    let Some(test) = program.tests.get(test) else { return false };
    let name = program.keys.get(test.key).map_or("", |key| program.texts.text(key.name));
    let is_strict = !test.negated && !test.if_exists && test.qualifier != Qualifier::ForAllValues;
    is_strict
        && PINS.binary_search(&name).is_ok()
        && !test.values.is_empty()
        && test.values.iter().all(|value| is_fixed(program, test, name, value))
}

/// Whether a value is one that the rule calls fixed; where it says nothing the value is not, which can only deny.
fn is_fixed(program: &Program, test: &Test, name: &str, value: &Value) -> bool {
    let is_plain = |text: &str| name != "aws:sourceip" && !text.contains(['*', '?']) && !text.contains("${");
    match value {
        Value::Text(symbol) => {
            let compares = matches!(test.comparison, Comparison::StringEquals | Comparison::StringEqualsIgnoreCase);
            compares && is_plain(program.texts.text(*symbol))
        }
        Value::Pattern(pattern) => {
            let steps = program.patterns.get(*pattern).map_or(&[][..], |pattern| pattern.steps());
            steps.iter().all(|step| matches!(step, Step::Literal(symbol, ..) if is_plain(program.texts.text(*symbol))))
        }
        Value::Network { address, prefix, v4: true } => 8 <= *prefix || is_private(*address, *prefix),
        Value::Network { prefix, v4: false, .. } => 32 <= *prefix,
        // A value that matches nothing grants nothing; but what is no address is no fixed address either.
        Value::Null | Value::Unparsable => name != "aws:sourceip",
        Value::Number(_) | Value::Instant(..) | Value::Bool(_) | Value::Binary(_) => false,
    }
}

/// RFC 1918. All three blocks are at most as wide as `/8`, so this only spells the exemption out.
fn is_private(address: [u8; 16], prefix: u8) -> bool {
    match address {
        [10, ..] => 8 <= prefix,
        [172, second, ..] => (16..32).contains(&second) && 12 <= prefix,
        [192, 168, ..] => 16 <= prefix,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_sorted() {
        assert!(PINS.is_sorted());
    }
}
