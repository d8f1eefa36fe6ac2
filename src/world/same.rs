//! Whether two documents say the same in the same order, wherever they stand (`world.md` 1).

use crate::syntax::ast::{ConditionTest, Policy, PrincipalElement, PrincipalValue, Statement, Text, TextList};

/// Compares two documents without their positions.
///
/// Order counts: two documents that differ only in the order of their statements are not the same here, which costs at
/// most a warning.
pub(super) fn same_policy(left: &Policy, right: &Policy) -> bool {
    same_option(left.version.as_ref(), right.version.as_ref(), same_text)
        && same_option(left.id.as_ref(), right.id.as_ref(), same_text)
        && same_slice(&left.statements, &right.statements, same_statement)
}

fn same_statement(left: &Statement, right: &Statement) -> bool {
    same_option(left.sid.as_ref(), right.sid.as_ref(), same_text)
        && left.effect.map(|(effect, _)| effect) == right.effect.map(|(effect, _)| effect)
        && same_option(left.principal.as_ref(), right.principal.as_ref(), same_principal)
        && same_option(left.action.as_ref(), right.action.as_ref(), same_list)
        && same_option(left.resource.as_ref(), right.resource.as_ref(), same_list)
        && same_slice(&left.condition, &right.condition, same_test)
}

fn same_principal(left: &PrincipalElement, right: &PrincipalElement) -> bool {
    let same_value = match (&left.value, &right.value) {
        (PrincipalValue::Bare(left), PrincipalValue::Bare(right)) => same_text(left, right),
        (PrincipalValue::Map(left), PrincipalValue::Map(right)) => {
            same_slice(left, right, |left, right| left.0 == right.0 && same_text(&left.1, &right.1))
        }
        (PrincipalValue::Bare(_), PrincipalValue::Map(_)) | (PrincipalValue::Map(_), PrincipalValue::Bare(_)) => false,
    };
    left.polarity == right.polarity && same_value
}

fn same_list(left: &TextList, right: &TextList) -> bool {
    left.polarity == right.polarity && same_slice(&left.entries, &right.entries, same_text)
}

fn same_test(left: &ConditionTest, right: &ConditionTest) -> bool {
    same_text(&left.operator, &right.operator)
        && same_option(left.key.as_ref(), right.key.as_ref(), |left, right| {
            same_text(&left.name, &right.name)
                && same_slice(&left.values, &right.values, |left, right| {
                    left.form == right.form && same_text(&left.text, &right.text)
                })
        })
}

fn same_text(left: &Text, right: &Text) -> bool {
    left.text == right.text
}

fn same_option<T>(left: Option<&T>, right: Option<&T>, same: impl Fn(&T, &T) -> bool) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => same(left, right),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn same_slice<T>(left: &[T], right: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
}
