//! Members of JSON objects, read with findings for what is missing or of a wrong type.

use super::errors;
pub(super) use super::model::Spot;
use crate::source::{Diagnostic, Place, Severity, SourceId, Span};
use crate::syntax::ast::Pool;
use crate::syntax::json::{Arena, Kind, Member, Value};
use std::sync::Arc;

/// A text that many places of the input repeat, such as the name of a group: held once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    /// The decoded text.
    pub(super) text: Arc<str>,
    /// The token, quotes included.
    pub(super) place: Place,
}

/// One text of the input and where its findings go.
#[derive(Debug)]
pub(super) struct Reader<'f> {
    /// Which text.
    pub(super) source: SourceId,
    /// All of it.
    pub(super) text: &'f str,
    /// Texts of its documents.
    pub(super) pool: &'f mut Pool,
    /// Values of the documents that stand in its strings, one document at a time.
    pub(super) inner: &'f mut Arena,
    /// All findings of the run.
    pub(super) findings: &'f mut Vec<Diagnostic>,
}

/// An object of the input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object<'v, 't> {
    /// Members in source order.
    pub(super) members: &'v [Member<'t>],
    /// Its first byte.
    pub(super) place: Place,
    /// Whether a member was refused, so that what is missing may have been there.
    pub(super) damaged: bool,
}

impl<'v, 't> Object<'v, 't> {
    /// Returns the first member of that name; `null` counts as missing, as it does where AWS prints it
    /// ([`Reader::refuse_nulls`] for where it does not).
    pub(super) fn get(&self, name: &str) -> Option<&'v Value<'t>> {
        let found = self.members.iter().find(|member| member.name == name)?;
        if matches!(found.value.kind, Kind::Null) { None } else { Some(&found.value) }
    }
}

impl Reader<'_> {
    /// Where a value stands; an object or a list is shown by its first byte.
    pub(super) fn place(&self, value: &Value<'_>) -> Place {
        let is_container = matches!(value.kind, Kind::Array(_) | Kind::Object(_));
        let first_byte = Span::new(value.span.start(), value.span.start().saturating_add(1));
        Place { source: self.source, span: if is_container { first_byte } else { value.span } }
    }

    /// Whether an error has been reported since there were `before` findings.
    pub(super) fn has_erred(&self, before: usize) -> bool {
        self.findings.iter().skip(before).any(|finding| finding.severity == Severity::Error)
    }

    /// The one copy of a text that others repeat.
    pub(super) fn share(&mut self, spot: &Spot) -> Mention {
        Mention { text: self.pool.share(&spot.text), place: spot.place }
    }

    /// Reports a finding.
    pub(super) fn report(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// Returns the object that `value` is; anything else is a finding.
    pub(super) fn expect_object<'v, 't>(&mut self, value: &'v Value<'t>, member: &str) -> Option<Object<'v, 't>> {
        let Kind::Object(members) = &value.kind else {
            self.wrong_type(value, member, "an object");
            return None;
        };
        Some(Object { members, place: self.place(value), damaged: value.damaged })
    }

    /// Returns the text of a member, if it is there; another type is a finding.
    pub(super) fn maybe_text(&mut self, object: Object<'_, '_>, member: &str) -> Option<Spot> {
        let value = object.get(member)?;
        self.expect_string(value, member)
    }

    /// Returns the text of a member; its absence is a finding about `owner`.
    pub(super) fn expect_text(&mut self, object: Object<'_, '_>, member: &str, owner: &str) -> Option<Spot> {
        if object.get(member).is_none() && !object.damaged {
            self.report(errors::missing_member(object.place, member, owner));
        }
        self.maybe_text(object, member)
    }

    /// Returns the text of a string; another type is a finding.
    pub(super) fn expect_string(&mut self, value: &Value<'_>, member: &str) -> Option<Spot> {
        match &value.kind {
            Kind::String { text, .. } => Some(Spot { text: (*text).to_owned(), place: self.place(value) }),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Array(_) | Kind::Object(_) | Kind::Error => {
                self.wrong_type(value, member, "a string");
                None
            }
        }
    }

    /// Returns the entries of a list; a missing list is empty, another type is a finding.
    pub(super) fn list<'v, 't>(&mut self, object: Object<'v, 't>, member: &str) -> &'v [Value<'t>] {
        match object.get(member) {
            None => &[],
            Some(Value { kind: Kind::Array(entries), .. }) => entries,
            Some(value) => {
                self.wrong_type(value, member, "an array");
                &[]
            }
        }
    }

    /// Returns the objects in a list; anything else in it is a finding.
    pub(super) fn objects<'v, 't>(&mut self, object: Object<'v, 't>, member: &str) -> Vec<Object<'v, 't>> {
        let entries = self.list(object, member);
        entries.iter().filter_map(|entry| self.expect_object(entry, member)).collect()
    }

    /// Returns a boolean member, if it is there; another type is a finding.
    pub(super) fn maybe_bool(&mut self, object: Object<'_, '_>, member: &str) -> Option<bool> {
        let value = object.get(member)?;
        if let Kind::Bool(value) = value.kind {
            return Some(value);
        }
        self.wrong_type(value, member, "a boolean");
        None
    }

    /// Reports every member that readers of `owner` do not know.
    pub(super) fn refuse_others(&mut self, object: Object<'_, '_>, owner: &str, known: &[&str]) {
        for member in object.members.iter().filter(|member| !member.is_repeated && !member.is_name_refused) {
            if !known.contains(&member.name) {
                let place = Place { source: self.source, span: member.name_span };
                self.report(errors::unknown_member(place, member.name, owner, known));
            }
        }
    }

    /// Reports every member that is `null`, and returns the object with a note of that.
    ///
    /// For objects of this project's own formats: there a missing member means a default that may allow, and a script
    /// that found nothing must not choose it.
    #[must_use]
    pub(super) fn refuse_nulls<'v, 't>(&mut self, mut object: Object<'v, 't>) -> Object<'v, 't> {
        for member in object.members.iter().filter(|member| matches!(member.value.kind, Kind::Null)) {
            if !member.is_repeated && !member.is_name_refused {
                let place = self.place(&member.value);
                self.report(errors::null_member(place, member.name));
            }
            object.damaged = true;
        }
        object
    }

    /// Returns what a word stands for; one that is not `known` is a finding.
    pub(super) fn one_of<'k, T>(&mut self, word: &Spot, what: &str, known: &'k [(&str, T)]) -> Option<&'k T> {
        let found = known.iter().find(|(name, _)| *name == word.text);
        if found.is_none() {
            let names: Vec<&str> = known.iter().map(|&(name, _)| name).collect();
            self.report(errors::bad_word(word.place, &word.text, what, &names));
        }
        found.map(|(_, meant)| meant)
    }

    /// Reports a value of a wrong type, unless it has been refused already.
    pub(super) fn wrong_type(&mut self, value: &Value<'_>, member: &str, expected: &str) {
        if !matches!(value.kind, Kind::Error) {
            self.report(errors::wrong_type(self.place(value), member, expected, value.describe()));
        }
    }
}
