//! Members of JSON objects, read strictly: the first thing that is wrong ends the reading.

use crate::source::Diagnostic;
use crate::syntax::json::{Kind, Member, Value};
use crate::value::is_account_id;

use super::AskError;

/// The members of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'v, 't> {
    members: &'v [Member<'t>],
}

impl<'v, 't> Fields<'v, 't> {
    /// Fails unless `value` is an object.
    pub(crate) fn of(value: &'v Value<'t>, what: &str) -> Result<Self, AskError> {
        let Kind::Object(members) = &value.kind else { return Err(wrong_type(value, what, "an object")) };
        Ok(Self { members })
    }

    /// Members in source order.
    pub(crate) fn iter(self) -> impl Iterator<Item = (&'v str, &'v Value<'t>)> {
        self.members.iter().map(|member| (member.name, &member.value))
    }
}

/// The error of a value of the wrong type.
pub(crate) fn wrong_type(value: &Value<'_>, what: &str, expected: &str) -> AskError {
    AskError::form(format!("{what} must be {expected}, not {}", value.describe()))
}

/// Reads a string.
pub(crate) fn text(value: &Value<'_>, what: &str) -> Result<String, AskError> {
    let Kind::String { text, .. } = &value.kind else { return Err(wrong_type(value, what, "a string")) };
    Ok((*text).to_owned())
}

/// Returns the elements of an array.
pub(crate) fn list<'v, 't>(value: &'v Value<'t>, what: &str) -> Result<&'v [Value<'t>], AskError> {
    let Kind::Array(elements) = &value.kind else { return Err(wrong_type(value, what, "an array")) };
    Ok(elements)
}

/// Reads an array of strings.
pub(crate) fn texts(value: &Value<'_>, what: &str) -> Result<Vec<String>, AskError> {
    list(value, what)?.iter().map(|element| text(element, &format!("an element of {what}"))).collect()
}

/// Reads an account number.
pub(crate) fn account_id(value: &Value<'_>, what: &str) -> Result<String, AskError> {
    let id = text(value, what)?;
    if !is_account_id(&id) {
        return Err(AskError::form(format!("{what} must be an account id of 12 digits, not `{id}`")));
    }
    Ok(id)
}

/// Says what is wrong with a JSON text, in one line: the first finding with its column.
pub(crate) fn describe_findings(text: &str, findings: &[Diagnostic]) -> String {
    let Some(first) = findings.first() else { return "this is not JSON".to_owned() };
    let at = usize::try_from(first.place.span.start()).unwrap_or(usize::MAX);
    let before = text.get(..at).unwrap_or(text);
    let column = 1 + before.rsplit('\n').next().unwrap_or("").chars().count();
    format!("{}, in column {column}", first.message)
}
