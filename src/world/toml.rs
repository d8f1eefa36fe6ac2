//! TOML text to the values that the readers of JSON know, with a position on every part.

use super::errors;
use crate::source::{Diagnostic, Place, SourceId, Span};
use crate::syntax::json::{Arena, Kind, Member, Value};
use std::borrow::Cow;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// Findings of one text at most; what follows a forgotten bracket is rarely news.
const MAX_FINDINGS: usize = 20;

/// Reads a manifest's text. `None` where it is not TOML, which has been reported.
pub(super) fn parse<'t>(
    text: &'t str,
    arena: &'t Arena,
    source: SourceId,
    findings: &mut Vec<Diagnostic>,
) -> Option<Value<'t>> {
    if u32::try_from(text.len()).is_err() {
        findings.push(errors::not_toml(Place { source, span: Span::default() }, "the text is too long"));
        return None;
    }
    let (table, faults) = DeTable::parse_recoverable(text);
    for fault in faults.iter().take(MAX_FINDINGS) {
        let range = fault.span().unwrap_or_default();
        let place = Place { source, span: span_of(range.clone()) };
        if let Some(name) = single_table(text, &range) {
            // What follows from the first is no news: the members below it fall to the table above.
            findings.push(errors::wrong_table(place, name, &format!("[[{name}]]")));
            break;
        }
        findings.push(errors::not_toml(place, fault.message()));
    }
    let reading = Reading { text, arena };
    faults.is_empty().then(|| reading.value_of(Span::default(), DeValue::Table(table.into_inner())))
}

/// The name of a table of which there are several, if the fault is in a header for one of it.
fn single_table(text: &str, fault: &Range<usize>) -> Option<&'static str> {
    let start = text.get(..fault.start)?.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(start..)?.lines().next()?.split('#').next()?.trim();
    let name = line.strip_prefix('[')?.strip_suffix(']')?.trim();
    ["account", "endpoint", "policy"].into_iter().find(|known| *known == name)
}

fn span_of(range: Range<usize>) -> Span {
    Span::new(u32::try_from(range.start).unwrap_or(u32::MAX), u32::try_from(range.end).unwrap_or(u32::MAX))
}

/// A text while its values are copied to the arena.
#[derive(Debug, Clone, Copy)]
struct Reading<'t> {
    text: &'t str,
    arena: &'t Arena,
}

impl<'t> Reading<'t> {
    fn convert(self, value: Spanned<DeValue<'t>>) -> Value<'t> {
        self.value_of(span_of(value.span()), value.into_inner())
    }

    fn value_of(self, span: Span, value: DeValue<'t>) -> Value<'t> {
        let written = || {
            let (start, end) = (usize::try_from(span.start()), usize::try_from(span.end()));
            start.ok().zip(end.ok()).and_then(|(start, end)| self.text.get(start..end)).unwrap_or("")
        };
        let kind = match value {
            DeValue::String(text) => Kind::String { text: self.string(text) },
            // A date is as little of use here as a number.
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) => Kind::Number(written()),
            DeValue::Boolean(value) => Kind::Bool(value),
            DeValue::Array(values) => {
                let values: Vec<Value<'t>> = values.into_iter().map(|value| self.convert(value)).collect();
                Kind::Array(self.arena.slice(&values))
            }
            DeValue::Table(table) => Kind::Object(self.members(table)),
        };
        Value { span, minified_chars: 0, damaged: false, torn: false, kind }
    }

    fn string(self, text: DeString<'t>) -> &'t str {
        match text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => self.arena.text(&text),
        }
    }

    /// Members in source order.
    fn members(self, table: DeTable<'t>) -> &'t [Member<'t>] {
        let mut members: Vec<Member<'t>> = table.into_iter().map(|(name, value)| self.member(name, value)).collect();
        members.sort_by_key(|member| member.name_span);
        self.arena.slice(&members)
    }

    fn member(self, name: Spanned<DeString<'t>>, value: Spanned<DeValue<'t>>) -> Member<'t> {
        Member {
            name_span: span_of(name.span()),
            name: self.string(name.into_inner()),
            name_chars: 0,
            is_repeated: false,
            is_name_refused: false,
            value: self.convert(value),
        }
    }
}
