//! The shape of a policy document: JSON values become the tree in [`ast`](super::ast).
//!
//! Comes in: a JSON value. Goes out: the tree of what could be understood, and a finding for every member that is
//! unknown, of a wrong type, in the company of its opposite, or missing in every type of policy. A statement in which
//! an unknown member or a JSON mistake may stand for what is missing is called damaged and not asked for more.
//! Which elements a policy type allows, and what values mean, is decided in `lower`.

use std::{borrow::Cow, collections::BTreeMap};

use super::{
    ast::{
        ConditionKey, ConditionTest, ConditionValue, Effect, Polarity, Policy, Pool, PrincipalElement, PrincipalType,
        PrincipalValue, Statement, Text, TextList, ValueForm,
    },
    errors,
    json::{Kind, Member, Value},
};
use crate::source::{Diagnostic, Place, SourceId, Span};

/// Elements of a policy (R-DOC-7).
const POLICY_ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];

/// Elements of a statement (R-DOC-7).
pub(super) const STATEMENT_ELEMENTS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/// Keys of a principal map (R-DOC-8).
const PRINCIPAL_TYPES: [(&str, PrincipalType); 4] = [
    ("AWS", PrincipalType::Aws),
    ("Service", PrincipalType::Service),
    ("Federated", PrincipalType::Federated),
    ("CanonicalUser", PrincipalType::CanonicalUser),
];

/// Parses the text of one policy document that stands alone in its file.
///
/// `None` where no object could be read; there is a finding then. New findings are in source order.
#[cfg(test)]
pub(crate) fn parse_policy(text: &str, source: SourceId, findings: &mut Vec<Diagnostic>) -> Option<Policy> {
    let first = findings.len();
    let arena = super::json::Arena::default();
    let value = super::json::parse(text, &arena, &super::json::OffsetMap::default(), source, findings)?;
    let policy = policy(&value, source, &mut Pool::default(), findings);
    if let Some(new) = findings.get_mut(first..) {
        new.sort_by_key(|finding| (finding.place.span.start(), finding.place.span.end()));
    }
    policy
}

/// Reads the shape of a policy document.
///
/// `None` where the value is no object; there is a finding then, or the JSON parser has made one.
pub(crate) fn policy(
    value: &Value<'_>,
    source: SourceId,
    pool: &mut Pool,
    findings: &mut Vec<Diagnostic>,
) -> Option<Policy> {
    Shape { source, pool, findings, is_muted: false }.policy(value)
}

/// Whether an element could be read; what is wrong has been reported.
struct Refused;

struct Shape<'a> {
    source: SourceId,
    pool: &'a mut Pool,
    findings: &'a mut Vec<Diagnostic>,
    /// Whether we are in a statement that holds what belongs elsewhere, since a bracket is missing: what stands where
    /// says nothing then.
    is_muted: bool,
}

impl Shape<'_> {
    fn place(&self, span: Span) -> Place {
        Place { source: self.source, span }
    }

    fn report(&mut self, span: Span, make: impl FnOnce(Place) -> Diagnostic) {
        if !self.is_muted {
            self.findings.push(make(self.place(span)));
        }
    }

    /// Reports a value of a wrong JSON type (R-DOC-6); what the JSON parser refused is known already.
    fn wrong_type(&mut self, value: &Value<'_>, what: &str, expected: &str) -> Refused {
        if !matches!(value.kind, Kind::Error) {
            self.report(value.span, |place| errors::wrong_type(place, what, expected, value.describe()));
        }
        Refused
    }

    fn text(&mut self, value: &Value<'_>, what: &str) -> Result<Text, Refused> {
        match &value.kind {
            Kind::String { text, .. } => Ok(Text { span: value.span, text: self.pool.share(text) }),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Array(_) | Kind::Object(_) | Kind::Error => {
                Err(self.wrong_type(value, what, "a string"))
            }
        }
    }

    // ---- policy ----

    fn policy(&mut self, value: &Value<'_>) -> Option<Policy> {
        let Kind::Object(members) = &value.kind else {
            self.wrong_type(value, "a policy document", "an object");
            return None;
        };
        let mut policy = Policy {
            span: value.span,
            version: None,
            id: None,
            statements: Vec::new(),
            statement_span: None,
            minified_chars: value.minified_chars,
            damaged: value.damaged,
        };
        let mut has_statement = false;
        for member in members.iter().filter(|member| !member.is_repeated) {
            match member.name {
                "Version" => {
                    policy.version = self.version(&member.value);
                    policy.damaged |= policy.version.is_none();
                }
                "Id" => policy.id = self.text(&member.value, "`Id`").ok(),
                "Statement" => {
                    has_statement = true;
                    match self.statements(&member.value, &mut policy.statements) {
                        Ok(()) => policy.statement_span = Some(member.value.span),
                        Err(Refused) => policy.damaged = true,
                    }
                }
                _ => {
                    policy.damaged = true;
                    if !value.torn {
                        self.unknown_element(member, members, "a policy", &POLICY_ELEMENTS);
                    }
                }
            }
        }
        policy.statements.shrink_to_fit();
        if !has_statement && !policy.damaged {
            self.report(value.span, errors::missing_statement);
        }
        Some(policy)
    }

    /// R-DOC-9, with a hint where the name is nearly one of `known`.
    fn unknown_element(&mut self, member: &Member<'_>, members: &[Member<'_>], context: &str, known: &[&str]) {
        let name = member.name;
        if member.is_name_refused {
            return;
        }
        let meant = nearest(name, known.iter().copied());
        let help = if name == "Conditions" {
            "write `Condition`, inside a statement".into()
        } else if let Some(meant) = meant {
            format!("write `{meant}`")
        } else if let Some(meant) = nearest(name, POLICY_ELEMENTS.into_iter().chain(STATEMENT_ELEMENTS)) {
            format!("`{meant}` belongs elsewhere: move it, or remove it")
        } else {
            format!("remove it, or use one of {}", listed(known))
        };
        let (text, source) = (name_of(member, self.pool), self.source);
        self.report(member.name_span, |place| {
            let finding = errors::unknown_element(place, name, context, help);
            // Where the element is there as well, one of the two is too much, and nobody knows which.
            match meant.filter(|meant| members.iter().all(|member| member.name != *meant)) {
                Some(meant) => text.replaced(finding, source, meant),
                None => finding,
            }
        });
    }

    /// R-DOC-10
    fn version(&mut self, value: &Value<'_>) -> Option<Text> {
        let version = self.text(value, "`Version`").ok()?;
        if matches!(version.text.as_ref(), "2012-10-17" | "2008-10-17") {
            return Some(version);
        }
        self.report(version.span, |place| errors::unknown_version(place, &version.text));
        None
    }

    /// A list of statements or a lone one (R-DOC-4, R-DOC-12).
    fn statements(&mut self, value: &Value<'_>, statements: &mut Vec<Statement>) -> Result<(), Refused> {
        match &value.kind {
            Kind::Object(members) => {
                statements.push(self.statement(value, members));
                Ok(())
            }
            Kind::Array(values) => {
                let mut result = if value.damaged && values.is_empty() { Err(Refused) } else { Ok(()) };
                statements.reserve_exact(values.len());
                for value in *values {
                    match &value.kind {
                        Kind::Object(members) => statements.push(self.statement(value, members)),
                        Kind::Null
                        | Kind::Bool(_)
                        | Kind::Number(_)
                        | Kind::String { .. }
                        | Kind::Array(_)
                        | Kind::Error => result = Err(self.wrong_type(value, "a statement", "an object")),
                    }
                }
                result
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String { .. } | Kind::Error => {
                Err(self.wrong_type(value, "`Statement`", "an object or an array of objects"))
            }
        }
    }

    // ---- statement ----

    fn statement(&mut self, value: &Value<'_>, members: &[Member<'_>]) -> Statement {
        let mut statement = Statement {
            span: value.span,
            sid: None,
            effect: None,
            principal: None,
            names_principal: members.iter().any(|member| names_principal(member.name)),
            action: None,
            resource: None,
            condition: Vec::new(),
            damaged: false,
        };
        self.is_muted = value.torn;
        let mut pairs = Pairs::default();
        let mut has_effect = false;
        // What may hide a missing element: a mistake in the object itself, or a member of another name.
        let mut is_obscured = value.damaged;
        for member in members.iter().filter(|member| !member.is_repeated) {
            let value = &member.value;
            let result = match member.name {
                "Sid" => {
                    statement.sid = self.text(value, "`Sid`").ok();
                    Ok(())
                }
                "Effect" => {
                    has_effect = true;
                    self.effect(value).map(|effect| statement.effect = Some((effect, value.span)))
                }
                name @ ("Principal" | "NotPrincipal") => {
                    let is_first = self.first_of_pair(&mut pairs.principal, member, name);
                    self.principal(member, polarity_of(name)).map(|element| {
                        if is_first {
                            statement.principal = Some(element);
                        }
                    })
                }
                name @ ("Action" | "NotAction") => {
                    let is_first = self.first_of_pair(&mut pairs.action, member, name);
                    self.text_list(member, polarity_of(name)).map(|list| {
                        if is_first {
                            statement.action = Some(list);
                        }
                    })
                }
                name @ ("Resource" | "NotResource") => {
                    let is_first = self.first_of_pair(&mut pairs.resource, member, name);
                    self.text_list(member, polarity_of(name)).map(|list| {
                        if is_first {
                            statement.resource = Some(list);
                        }
                    })
                }
                "Condition" => {
                    self.condition(value, &mut statement.condition);
                    Ok(())
                }
                _ => {
                    is_obscured = true;
                    self.unknown_element(member, members, "a statement", &STATEMENT_ELEMENTS);
                    Ok(())
                }
            };
            if let Err(Refused) = result {
                statement.damaged = true;
            }
        }
        if !is_obscured && !has_effect {
            self.report(value.span, errors::missing_effect);
        }
        if !is_obscured && pairs.action.is_none() {
            self.report(value.span, errors::missing_action);
        }
        statement.condition.shrink_to_fit();
        statement.damaged |= is_obscured;
        if self.is_muted {
            statement.condition.clear();
            self.is_muted = false;
        }
        statement
    }

    /// Notes `member` as the one of its pair, or reports that the other is there too (R-DOC-7).
    fn first_of_pair<'n>(&mut self, slot: &mut Option<(Span, &'n str)>, member: &Member<'_>, name: &'n str) -> bool {
        match slot {
            None => {
                *slot = Some((member.name_span, name));
                true
            }
            Some((span, other)) => {
                let first = self.place(*span);
                self.report(member.name_span, |place| errors::both_of_pair(place, first, name, other));
                false
            }
        }
    }

    /// R-DOC-14
    fn effect(&mut self, value: &Value<'_>) -> Result<Effect, Refused> {
        let text = self.text(value, "`Effect`")?;
        match text.text.as_ref() {
            "Allow" => Ok(Effect::Allow),
            "Deny" => Ok(Effect::Deny),
            found => {
                let source = self.source;
                self.report(value.span, |place| {
                    let finding = errors::unknown_effect(place, found);
                    match nearest(found, ["Allow", "Deny"].into_iter()) {
                        Some(meant) => text.replaced(finding, source, meant),
                        None => finding,
                    }
                });
                Err(Refused)
            }
        }
    }

    /// `Action`, `Resource` and their opposites: a string or an array of strings (R-DOC-4), `null` entries dropped
    /// (R-DOC-6). An empty list stays one (R-DOC-18).
    fn text_list(&mut self, member: &Member<'_>, polarity: Polarity) -> Result<TextList, Refused> {
        let value = &member.value;
        let mut list = TextList { name: member.name_span, span: value.span, polarity, entries: Vec::new() };
        match &value.kind {
            Kind::String { text, .. } => {
                list.entries.reserve_exact(1);
                list.entries.push(Text { span: value.span, text: self.pool.share(text) });
            }
            Kind::Array(values) => {
                list.entries.reserve_exact(values.len());
                let mut is_refused = value.damaged && values.is_empty();
                for entry in *values {
                    if matches!(entry.kind, Kind::Null) {
                        self.report(entry.span, errors::null_entry);
                        continue;
                    }
                    match self.text(entry, &format_entry(member.name)) {
                        Ok(text) => list.entries.push(text),
                        Err(Refused) => is_refused = true,
                    }
                }
                if is_refused && list.entries.is_empty() {
                    return Err(Refused);
                }
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Object(_) | Kind::Error => {
                let what = format!("`{}`", member.name);
                return Err(self.wrong_type(value, &what, "a string or an array of strings"));
            }
        }
        Ok(list)
    }

    // ---- principal ----

    fn principal(&mut self, member: &Member<'_>, polarity: Polarity) -> Result<PrincipalElement, Refused> {
        let value = &member.value;
        let parsed = match &value.kind {
            Kind::String { text, .. } => PrincipalValue::Bare(Text { span: value.span, text: self.pool.share(text) }),
            Kind::Object(members) => {
                let mut entries = Vec::new();
                let mut is_refused = value.damaged;
                for member in members.iter().filter(|member| !member.is_repeated) {
                    is_refused |= self.principal_entries(member, &mut entries).is_err();
                }
                if is_refused && entries.is_empty() {
                    return Err(Refused);
                }
                entries.shrink_to_fit();
                PrincipalValue::Map(entries)
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Array(_) | Kind::Error => {
                let what = format!("`{}`", member.name);
                return Err(self.wrong_type(value, &what, "\"*\" or an object"));
            }
        };
        Ok(PrincipalElement { name: member.name_span, span: value.span, polarity, value: parsed })
    }

    fn principal_entries(
        &mut self,
        member: &Member<'_>,
        entries: &mut Vec<(PrincipalType, Text)>,
    ) -> Result<(), Refused> {
        let name = member.name;
        let Some(&(_, principal_type)) = PRINCIPAL_TYPES.iter().find(|(known, _)| *known == name) else {
            let known = PRINCIPAL_TYPES.map(|(known, _)| known);
            let meant = nearest(name, known.into_iter());
            let help = match meant {
                Some(meant) => format!("write `{meant}`"),
                None => format!("use one of {}", listed(&known)),
            };
            let (text, source) = (name_of(member, self.pool), self.source);
            self.report(member.name_span, |place| {
                let finding = errors::unknown_principal_type(place, name, help);
                match meant {
                    Some(meant) => text.replaced(finding, source, meant),
                    None => finding,
                }
            });
            return Err(Refused);
        };
        let value = &member.value;
        match &value.kind {
            Kind::Array(values) => {
                let mut result = if value.damaged { Err(Refused) } else { Ok(()) };
                for entry in *values {
                    match self.text(entry, &format_entry(name)) {
                        Ok(text) => entries.push((principal_type, text)),
                        Err(Refused) => result = Err(Refused),
                    }
                }
                result
            }
            Kind::String { text, .. } => {
                entries.push((principal_type, Text { span: value.span, text: self.pool.share(text) }));
                Ok(())
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Object(_) | Kind::Error => {
                Err(self.wrong_type(value, &format!("`{name}`"), "a string or an array of strings"))
            }
        }
    }

    // ---- condition ----

    /// Flattens `{ operator: { key: [value] } }` (R-DOC-7, R-DOC-17).
    fn condition(&mut self, value: &Value<'_>, tests: &mut Vec<ConditionTest>) {
        let Kind::Object(operators) = &value.kind else {
            self.wrong_type(value, "`Condition`", "an object");
            return;
        };
        for member in operators.iter().filter(|member| !member.is_repeated) {
            let operator = name_of(member, self.pool);
            let Kind::Object(keys) = &member.value.kind else {
                self.wrong_type(&member.value, "a condition operator", "an object of keys");
                continue;
            };
            self.report_keys_in_different_case(keys);
            if keys.is_empty() && !member.value.damaged {
                tests.push(ConditionTest { operator: operator.clone(), key: None });
            }
            for key in keys.iter().filter(|key| !key.is_repeated) {
                let mut values = Vec::new();
                let damaged = self.condition_values(&key.value, &mut values).is_err();
                let key = ConditionKey { name: name_of(key, self.pool), span: key.value.span, values, damaged };
                tests.push(ConditionTest { operator: operator.clone(), key: Some(key) });
            }
        }
    }

    /// R-DOC-2 for keys that differ in case only; equal ones are reported with the JSON.
    fn report_keys_in_different_case(&mut self, keys: &[Member<'_>]) {
        if keys.len() < 2 {
            return;
        }
        let mut first_spans: BTreeMap<String, Span> = BTreeMap::new();
        for key in keys.iter().filter(|key| !key.is_repeated) {
            match first_spans.get(&key.name.to_lowercase()) {
                Some(&first) => {
                    let first = self.place(first);
                    self.report(key.name_span, |place| errors::duplicate_condition_key(place, first, key.name));
                }
                None => {
                    first_spans.insert(key.name.to_lowercase(), key.name_span);
                }
            }
        }
    }

    /// One value or a list; numbers and booleans stand for their text (R-DOC-5).
    fn condition_values(&mut self, value: &Value<'_>, values: &mut Vec<ConditionValue>) -> Result<(), Refused> {
        let Kind::Array(entries) = &value.kind else {
            values.reserve_exact(1);
            values.push(self.condition_value(value)?);
            return Ok(());
        };
        let mut result = if value.damaged { Err(Refused) } else { Ok(()) };
        values.reserve_exact(entries.len());
        for entry in *entries {
            match self.condition_value(entry) {
                Ok(value) => values.push(value),
                Err(Refused) => result = Err(Refused),
            }
        }
        result
    }

    fn condition_value(&mut self, value: &Value<'_>) -> Result<ConditionValue, Refused> {
        let (text, form) = match &value.kind {
            Kind::String { text, .. } => (Text { span: value.span, text: self.pool.share(text) }, ValueForm::String),
            Kind::Number(number) => (literal_text(value.span, number, self.pool), ValueForm::Number),
            Kind::Bool(true) => (literal_text(value.span, "true", self.pool), ValueForm::Bool),
            Kind::Bool(false) => (literal_text(value.span, "false", self.pool), ValueForm::Bool),
            Kind::Null | Kind::Array(_) | Kind::Object(_) | Kind::Error => {
                return Err(self.wrong_type(value, "a condition value", "a string, a number or a boolean"));
            }
        };
        Ok(ConditionValue { text, form })
    }
}

/// The first member of each pair of opposites.
#[derive(Default)]
struct Pairs<'n> {
    principal: Option<(Span, &'n str)>,
    action: Option<(Span, &'n str)>,
    resource: Option<(Span, &'n str)>,
}

/// Whether a principal element is meant. The other elements, which nearly all members are, are no near misses of it.
fn names_principal(name: &str) -> bool {
    let meant = ["Principal", "NotPrincipal"];
    meant.contains(&name) || !STATEMENT_ELEMENTS.contains(&name) && is_nearly(name, &meant)
}

fn polarity_of(name: &str) -> Polarity {
    if name.starts_with("Not") { Polarity::Negated } else { Polarity::Positive }
}

fn format_entry(name: &str) -> Cow<'static, str> {
    match name {
        "Action" => "an entry of `Action`".into(),
        "NotAction" => "an entry of `NotAction`".into(),
        "Resource" => "an entry of `Resource`".into(),
        "NotResource" => "an entry of `NotResource`".into(),
        _ => "a principal".into(),
    }
}

/// The text of a number or a boolean. It has no quotes, for which `Text::part` would allow.
fn literal_text(span: Span, text: &str, pool: &mut Pool) -> Text {
    Text { span, text: pool.share(text) }
}

fn name_of(member: &Member<'_>, pool: &mut Pool) -> Text {
    Text { span: member.name_span, text: pool.share(member.name) }
}

fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// The known name that is meant: equal but for case, or at most two edits away.
pub(crate) fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    // The distance costs the product of both lengths, so a long name is no near miss at once.
    if 32 < name.len() {
        return None;
    }
    // Each edit changes the length by one character at most.
    let length = name.chars().count();
    let near = known.filter(|candidate| candidate.chars().count().abs_diff(length) <= 2);
    let distances = near.map(|candidate| {
        let is_equal = candidate.eq_ignore_ascii_case(name);
        (if is_equal { 0 } else { edit_distance(name, candidate) }, candidate)
    });
    let (distance, candidate) = distances.min_by_key(|&(distance, _)| distance)?;
    // Two edits turn any name of two letters into any other.
    (distance <= 2 && 2 * distance <= candidate.len()).then_some(candidate)
}

/// Whether one of these names is meant, be it misspelt.
pub(crate) fn is_nearly(name: &str, meant: &[&str]) -> bool {
    meant.contains(&name) || nearest(name, meant.iter().copied()).is_some()
}

/// Levenshtein distance in characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, a) in a.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(index + 1);
        for ((&diagonal, &above), &b) in row.iter().zip(row.iter().skip(1)).zip(&b) {
            let left = next.last().copied().unwrap_or(0);
            next.push((diagonal + usize::from(a != b)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests;
