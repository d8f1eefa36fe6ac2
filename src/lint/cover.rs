//! Entries and statements that others make superfluous: covered by a wider entry of the same list, by a wider statement
//! of the same document, or, for an allow, by a deny.

use hashbrown::HashMap;

use super::{Facts, Linter, errors, glob};
use crate::source::{Diagnostic, Edit, Place, Span};
use crate::syntax::ast::{ConditionTest, Effect, Polarity, PrincipalElement, PrincipalValue, Text};

/// Patterns of one list that are tried as the wider ones at most.
const WIDE_ENTRIES: usize = 64;

/// Statements of one document that are tried as the wider ones at most, beside those that name the same action.
const WIDE_STATEMENTS: usize = 32;

/// Reports entries of the statement's lists that another entry of the same list covers.
pub(super) fn entries(linter: &mut Linter, facts: &Facts<'_>) {
    excludes_everything(linter, facts);
    if let Some(list) = &facts.tree.action {
        let texts = facts.actions.iter().map(|action| &*action.text).collect::<Vec<_>>();
        for (narrow, wide) in covered(&texts, action_includes) {
            superfluous(linter, &list.entries.iter().collect::<Vec<_>>(), narrow, wide, errors::redundant_action);
        }
    }
    if let Some(list) = &facts.tree.resource {
        let texts = list.entries.iter().map(|entry| &*entry.text).collect::<Vec<_>>();
        for (narrow, wide) in covered(&texts, arn_includes) {
            superfluous(linter, &list.entries.iter().collect::<Vec<_>>(), narrow, wide, errors::redundant_resource);
        }
    }
}

/// Reports `*` in `NotAction` and `NotResource`.
fn excludes_everything(linter: &mut Linter, facts: &Facts<'_>) {
    let action = facts.actions.iter().position(|action| action.is_everything());
    let resource = facts.arns.iter().position(|arn| arn.is_everything());
    for (list, at) in [(&facts.tree.action, action), (&facts.tree.resource, resource)] {
        let Some(list) = list.as_ref().filter(|list| list.polarity == Polarity::Negated) else { continue };
        if let Some(entry) = at.and_then(|at| list.entries.get(at)) {
            let (place, name) = (linter.at(entry.span), linter.at(list.name));
            linter.report(errors::excludes_everything(place, &entry.text, name));
        }
    }
}

/// Reports entry `narrow` of a list, which its entry `wide` covers, with the edit that takes it out.
pub(super) fn superfluous(
    linter: &mut Linter,
    entries: &[&Text],
    narrow: usize,
    wide: usize,
    make: impl Fn(Place, &str, Place, &str) -> Diagnostic,
) {
    let (Some(entry), Some(other)) = (entries.get(narrow), entries.get(wide)) else { return };
    let finding = make(linter.at(entry.span), &entry.text, linter.at(other.span), &other.text);
    // An entry goes with the separator in front of it, the first one with the separator behind it.
    let gone = match narrow.checked_sub(1).and_then(|before| entries.get(before)) {
        Some(before) => Some(Span::new(before.span.end(), entry.span.end())),
        None => entries.get(1).map(|next| Span::new(entry.span.start(), next.span.start())),
    };
    let edit = gone.map(|span| Edit { place: linter.at(span), text: String::new() });
    linter.report(Diagnostic { fixes: edit.into_iter().collect(), ..finding });
}

/// Entries that another one covers, each with that one. Of two equal entries the later one is superfluous.
fn covered(texts: &[&str], includes: fn(&str, &str) -> bool) -> Vec<(usize, usize)> {
    if texts.len() < 2 {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut first = HashMap::new();
    let is_wide = |text: &&str| text.contains(['*', '?']);
    let wide = texts.iter().enumerate().filter(|(_, text)| is_wide(text)).take(WIDE_ENTRIES).collect::<Vec<_>>();
    // What has no colon and is no star names nothing, which `lower` reports.
    let is_named = |text: &&&str| text.contains([':', '*']);
    for (at, text) in texts.iter().enumerate().filter(|(_, text)| is_named(text)) {
        if let Some(&other) = first.get(text) {
            found.push((at, other));
            continue;
        }
        first.insert(*text, at);
        let is_wider = |other: &str| other != *text && includes(other, text);
        // Two patterns that cover each other match the same: the first one stays.
        let covers = |&&(to, other): &&(usize, &&str)| is_wider(other) && (to < at || !includes(text, other));
        if let Some(&(to, _)) = wide.iter().find(covers) {
            found.push((at, to));
        }
    }
    found
}

/// Whether every action of the narrow entry is one of the wide entry; both in lower case.
pub(super) fn action_includes(wide: &str, narrow: &str) -> bool {
    if wide == "*" || wide == narrow {
        return true;
    }
    // A wildcard does not reach over the colon (R-ACT-5).
    let (Some((prefix, name)), Some((other, narrow))) = (wide.split_once(':'), narrow.split_once(':')) else {
        return false;
    };
    glob::includes(prefix, other) && glob::includes(name, narrow)
}

/// Whether every resource of the narrow entry is one of the wide entry. Variables are plain text here.
pub(super) fn arn_includes(wide: &str, narrow: &str) -> bool {
    if wide == narrow || wide == "*" {
        return true;
    }
    let split = |text: &str| text.splitn(6, ':').count() == 6;
    // Colons of variables in front of the sixth component would split it.
    let is_plain = |text: &str| !text.splitn(6, ':').take(5).any(|part| part.contains("${"));
    if !split(wide) || !split(narrow) || !is_plain(wide) || !is_plain(narrow) {
        return false;
    }
    let (mut own, mut others) = (wide.splitn(6, ':'), narrow.splitn(6, ':'));
    // A wildcard of the narrow entry in front may reach over a colon, so that only an equal one covers it (R-ARN-9).
    let heads = own.by_ref().take(5).zip(others.by_ref().take(5));
    let mut is_head_equal = true;
    for (own, other) in heads {
        if own != other && (other.contains(['*', '?']) || !glob::includes(own, other)) {
            return false;
        }
        is_head_equal &= own == other;
    }
    // A wide head that ends in a wildcard is no limit, but the rest may be read at another place then.
    let (Some(own), Some(other)) = (own.next(), others.next()) else { return false };
    let has_wildcard_head = narrow.splitn(6, ':').take(5).any(|part| part.contains(['*', '?']));
    (is_head_equal || !has_wildcard_head) && glob::includes(own, other)
}

/// Reports statements that another statement of the document makes superfluous.
pub(super) fn statements(linter: &mut Linter, statements: &[Facts<'_>]) {
    if statements.len() < 2 {
        return;
    }
    let mut by_action = HashMap::<&str, Vec<usize>>::new();
    let mut wide = Vec::new();
    for (at, facts) in statements.iter().enumerate() {
        if facts.tree.damaged || facts.effect.is_none() {
            continue;
        }
        let is_negated = facts.tree.action.as_ref().is_some_and(|list| list.polarity == Polarity::Negated);
        if is_negated || facts.actions.iter().any(|action| action.text.contains(['*', '?'])) {
            wide.push(at);
        } else if let Some(action) = facts.actions.iter().map(|action| &*action.text).min() {
            for action in facts.actions.iter().map(|action| &*action.text).chain([action]) {
                by_action.entry(action).or_default().push(at);
            }
        }
    }
    wide.truncate(WIDE_STATEMENTS);
    for (at, facts) in statements.iter().enumerate() {
        let Some(action) = facts.actions.first() else { continue };
        let named = by_action.get(&*action.text).into_iter().flatten().take(WIDE_STATEMENTS);
        let candidates = wide.iter().chain(named).filter(|&&to| to != at);
        let covering = candidates.filter_map(|&to| Some((to, statements.get(to)?))).find(|(to, other)| {
            covers(other, facts) && (*to < at || other.effect != facts.effect || !covers(facts, other))
        });
        let Some((to, other)) = covering else { continue };
        let (place, first) = (linter.at(facts.tree.span), linter.at(other.tree.span));
        let name = name(other, to);
        if facts.effect == other.effect {
            linter.report(errors::redundant_statement(place, first, &name));
        } else {
            linter.report(errors::denied_statement(place, first, &name));
        }
    }
}

/// How messages name a statement: by its `Sid`, else by its number.
pub(super) fn name(facts: &Facts<'_>, at: usize) -> String {
    match facts.tree.sid.as_ref().filter(|sid| !sid.text.is_empty()) {
        Some(sid) => format!("`{}`", sid.text),
        None => format!("number {}", at + 1),
    }
}

/// Whether the wide statement decides whatever the narrow one decides: an equal effect, or a deny over an allow.
pub(super) fn covers(wide: &Facts<'_>, narrow: &Facts<'_>) -> bool {
    if wide.tree.damaged || narrow.tree.damaged {
        return false;
    }
    let is_effect = match (wide.effect, narrow.effect) {
        (Some(Effect::Deny), Some(Effect::Allow)) => true,
        (Some(one), Some(other)) => one == other,
        (None, _) | (_, None) => false,
    };
    is_effect
        && covers_principal(wide.tree.principal.as_ref(), narrow.tree.principal.as_ref())
        && covers_list(wide, narrow, Element::Action)
        && covers_list(wide, narrow, Element::Resource)
        && wide.tree.condition.iter().all(|test| narrow.tree.condition.iter().any(|other| is_same(test, other)))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    Action,
    Resource,
}

fn covers_list(wide: &Facts<'_>, narrow: &Facts<'_>, element: Element) -> bool {
    let list = |facts: &'_ Facts<'_>| match element {
        Element::Action => facts.tree.action.as_ref().map(|list| list.polarity),
        Element::Resource => facts.tree.resource.as_ref().map(|list| list.polarity),
    };
    let texts = |facts: &Facts<'_>| -> Vec<String> {
        match element {
            Element::Action => facts.actions.iter().map(|action| action.text.clone()).collect(),
            Element::Resource => {
                facts.tree.resource.iter().flat_map(|list| &list.entries).map(|text| text.text.to_string()).collect()
            }
        }
    };
    let includes = match element {
        Element::Action => action_includes,
        Element::Resource => arn_includes,
    };
    match (list(wide), list(narrow)) {
        (None, None) => true,
        (Some(Polarity::Positive), Some(Polarity::Positive)) => {
            let wide = texts(wide);
            let narrow = texts(narrow);
            !narrow.is_empty()
                && wide.len() <= WIDE_ENTRIES.max(narrow.len())
                && narrow.iter().all(|entry| wide.iter().any(|other| includes(other, entry)))
        }
        // What the wide statement leaves out, the narrow one leaves out too.
        (Some(Polarity::Negated), Some(Polarity::Negated)) => {
            let (wide, narrow) = (texts(wide), texts(narrow));
            wide.len() <= WIDE_ENTRIES.max(narrow.len())
                && wide.iter().all(|entry| narrow.iter().any(|other| includes(other, entry)))
        }
        // The wide statement leaves out nothing of what the narrow one names.
        (Some(Polarity::Negated), Some(Polarity::Positive)) => {
            let (wide, narrow) = (texts(wide), texts(narrow));
            let is_apart = |entry: &String, other: &String| {
                !entry.contains("${") && !glob::meet(entry, &glob::without_variables(other))
            };
            !narrow.is_empty()
                && wide.len() <= WIDE_ENTRIES
                && narrow.iter().all(|entry| wide.iter().all(|other| is_apart(other, entry)))
        }
        (None | Some(_), None | Some(_)) => false,
    }
}

fn covers_principal(wide: Option<&PrincipalElement>, narrow: Option<&PrincipalElement>) -> bool {
    match (wide, narrow) {
        (None, None) => true,
        (Some(wide), Some(narrow)) => {
            let is_same = wide.polarity == narrow.polarity && same_principals(&wide.value, &narrow.value);
            let is_everybody = wide.polarity == Polarity::Positive && is_everybody(&wide.value);
            is_same || (is_everybody && narrow.polarity == Polarity::Positive)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Whether everybody is named, in the one form that covers services and anonymous callers too.
fn is_everybody(value: &PrincipalValue) -> bool {
    matches!(value, PrincipalValue::Bare(text) if &*text.text == "*")
}

fn same_principals(one: &PrincipalValue, other: &PrincipalValue) -> bool {
    match (one, other) {
        (PrincipalValue::Bare(one), PrincipalValue::Bare(other)) => one.text == other.text,
        (PrincipalValue::Map(one), PrincipalValue::Map(other)) => {
            let parts = |entries: &[(_, Text)]| -> Vec<_> {
                entries.iter().map(|(kind, text)| (*kind, text.text.clone())).collect()
            };
            parts(one) == parts(other)
        }
        (PrincipalValue::Bare(_), PrincipalValue::Map(_)) | (PrincipalValue::Map(_), PrincipalValue::Bare(_)) => false,
    }
}

/// Whether two tests are written alike.
fn is_same(one: &ConditionTest, other: &ConditionTest) -> bool {
    let (Some(own), Some(others)) = (&one.key, &other.key) else { return false };
    let values = |key: &crate::syntax::ast::ConditionKey| -> Vec<_> {
        key.values.iter().map(|value| value.text.text.clone()).collect()
    };
    one.operator.text == other.operator.text
        && own.name.text.eq_ignore_ascii_case(&others.name.text)
        && values(own) == values(others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_actions() {
        let yes = [("s3:*", "s3:get*"), ("*", "s3:get"), ("s3:get*", "s3:get"), ("*:*", "s3:x")];
        assert!(yes.iter().all(|(wide, narrow)| action_includes(wide, narrow)));
        assert!(!action_includes("s3:get", "s3:get*") && !action_includes("s3*", "s3:get"));
    }

    #[test]
    fn wider_arns() {
        for (wide, narrow) in [
            ("*", "arn:aws:s3:::b"),
            ("arn:aws:s3:::*", "arn:aws:s3:::b/*"),
            ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${aws:username}/x"),
            ("arn:aws:sqs:*:111122223333:*", "arn:aws:sqs:eu-west-1:111122223333:q"),
            ("arn:aws:sqs:*:*:*", "arn:aws:sqs:*:*:q"),
        ] {
            assert!(arn_includes(wide, narrow), "{wide} {narrow}");
        }
        for (wide, narrow) in [
            ("arn:aws:s3:::b", "arn:aws:s3:::b/*"),
            ("arn:aws:sqs:eu-west-1:*:q", "arn:aws:sqs:*:*:q"),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::${aws:username}/*"),
            ("arn:aws:sqs:*", "arn:aws:sqs:eu-west-1:111122223333:q"),
        ] {
            assert!(!arn_includes(wide, narrow), "{wide} {narrow}");
        }
    }

    #[test]
    fn the_first_of_equal_entries_stays() {
        assert_eq!(covered(&["s3:a", "s3:*", "s3:a", "s3:*"], action_includes), [(0, 1), (2, 0), (3, 1)]);
        assert_eq!(covered(&["s3:**", "s3:*"], action_includes), [(1, 0)]);
    }
}
