//! Findings for programs; for people they are drawn by [`iamc::report`].

use std::collections::BTreeMap;

pub(crate) use iamc::report::{Shown, Tally};
use iamc::source::{Diagnostic, Edit, Place, Severity, SourceId, SourceMap};
use serde_json::{Value, json};

use crate::output::Style;

/// Shows findings of one run.
pub(crate) struct Reporter<'w> {
    sources: &'w SourceMap,
    people: iamc::report::Reporter<'w>,
}

impl<'w> Reporter<'w> {
    pub(crate) fn new(sources: &'w SourceMap, paths: &'w BTreeMap<String, String>, style: Style) -> Self {
        let style = match style {
            Style::Colour => iamc::report::Style::Colour,
            Style::Plain => iamc::report::Style::Plain,
        };
        Self { sources, people: iamc::report::Reporter::new(sources, paths, style) }
    }

    /// Each finding as people read it, the worst ones if there are very many.
    pub(crate) fn human(&self, findings: &[Diagnostic]) -> Vec<String> {
        self.people.human(findings)
    }

    /// Offers each finding as people read it.
    pub(crate) fn show(&self, findings: &[Diagnostic], shown: &mut Shown) {
        self.people.show(findings, shown);
    }

    /// The last line of a report: how many findings of which severity.
    pub(crate) fn count_line(&self, findings: &[Diagnostic]) -> String {
        self.people.count_line(findings)
    }

    /// A finding as programs read it (`cli.md`).
    pub(crate) fn json(&self, finding: &Diagnostic) -> Value {
        let (start, end) = self.range(finding.place);
        let primary = std::iter::once((finding.place, finding.label.as_str()));
        let related = finding.related.iter().map(|(place, text)| (*place, text.as_str()));
        let labels: Vec<Value> = primary
            .chain(related)
            .map(|(place, text)| {
                let (start, end) = self.range(place);
                json!({ "file": self.file(place.source), "start": start, "end": end, "text": text })
            })
            .collect();
        json!({
            "code": finding.code,
            "severity": severity_name(finding.severity),
            "message": finding.message,
            "file": self.file(finding.place.source),
            "start": start,
            "end": end,
            "labels": labels,
            "help": finding.help,
            "fixes": finding.fixes.iter().map(|edit| self.edit(edit)).collect::<Vec<_>>(),
        })
    }

    fn edit(&self, edit: &Edit) -> Value {
        let (start, end) = self.range(edit.place);
        json!({ "start": start, "end": end, "text": edit.text })
    }

    fn range(&self, place: Place) -> (Value, Value) {
        let source = self.sources.get(place.source);
        let point = |byte: u32| match source.map(|source| source.line_column(byte)) {
            Some(at) => json!({ "line": at.line, "column": at.column, "byte": byte }),
            None => Value::Null,
        };
        (point(place.span.start()), point(place.span.end()))
    }

    fn file(&self, id: SourceId) -> &str {
        self.sources.get(id).map_or("", |source| self.people.shown(source))
    }
}

pub(crate) const fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::SecurityWarning => "security-warning",
        Severity::Warning => "warning",
        Severity::Suggestion => "suggestion",
    }
}
