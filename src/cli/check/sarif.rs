//! `--format sarif`: SARIF 2.1.0, one run.

use std::collections::BTreeMap;

use iamc::source::{Diagnostic, Edit, Place, Severity};
use serde_json::{Map, Value, json};

use super::Checked;
use super::names::Names;
use crate::explain;
use crate::report::severity_name;

/// Name and version of the fingerprint.
const FINGERPRINT: &str = "iamc/v1";

/// Everything that was found, as one log.
pub(super) fn log(checked: &Checked, fingerprints: &[String]) -> Value {
    let log = Log { checked, names: Names::new() };
    let mut rules: BTreeMap<&str, Severity> = BTreeMap::new();
    for finding in &checked.findings {
        rules.entry(finding.code).and_modify(|worst| *worst = finding.severity.max(*worst)).or_insert(finding.severity);
    }
    let indexes: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(index, code)| (*code, index)).collect();
    let results = checked.findings.iter().zip(fingerprints);
    let results = results.map(|(finding, fingerprint)| {
        let mut result = log.result(finding, fingerprint);
        result.insert("ruleIndex".to_owned(), json!(indexes.get(finding.code)));
        Value::Object(result)
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "iamc",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|(code, severity)| rule(code, *severity)).collect::<Vec<_>>(),
            } },
            "columnKind": "utf16CodeUnits",
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

/// A code with what its page says: the severity, then what it means.
fn rule(code: &str, found: Severity) -> Value {
    let mut paragraphs = explain::page(code).unwrap_or_default().split("\n\n").skip(1);
    let stated = paragraphs.next().unwrap_or_default();
    let severities = [Severity::Error, Severity::SecurityWarning, Severity::Warning, Severity::Suggestion];
    let stated =
        severities.into_iter().find(|severity| stated.starts_with(&severity_name(*severity).replace('-', " ")));
    let first = paragraphs.next().unwrap_or(code);
    let text = std::iter::once(first).chain(paragraphs).collect::<Vec<_>>().join("\n\n");
    let first = first.replace('\n', " ");
    let sentence = first.split_inclusive(". ").next().unwrap_or_default().trim_end();
    json!({
        "id": code,
        "shortDescription": { "text": sentence },
        "help": { "text": text, "markdown": text },
        "defaultConfiguration": { "level": level(stated.unwrap_or(found)) },
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::SecurityWarning | Severity::Warning => "warning",
        Severity::Suggestion => "note",
    }
}

struct Log<'c> {
    checked: &'c Checked,
    names: Names,
}

impl Log<'_> {
    fn result(&self, finding: &Diagnostic, fingerprint: &str) -> Map<String, Value> {
        let message = match &finding.help {
            Some(help) => format!("{}; {help}", finding.message),
            None => finding.message.clone(),
        };
        let mut result = Map::new();
        let mut add = |name: &str, value: Value| result.insert(name.to_owned(), value);
        add("ruleId", json!(finding.code));
        add("level", json!(level(finding.severity)));
        add("message", json!({ "text": message }));
        add("locations", json!([self.location(finding.place)]));
        let related = finding.related.iter().enumerate().map(|(index, (place, text))| {
            let mut location = self.location(*place);
            location.insert("id".to_owned(), json!(index + 1));
            location.insert("message".to_owned(), json!({ "text": text }));
            location
        });
        let related: Vec<_> = related.collect();
        if !related.is_empty() {
            add("relatedLocations", json!(related));
        }
        if !finding.fixes.is_empty() {
            let description = finding.help.as_deref().unwrap_or(&finding.message);
            add("fixes", json!([{ "description": { "text": description }, "artifactChanges": self.changes(finding) }]));
        }
        add("partialFingerprints", json!({ (FINGERPRINT): fingerprint }));
        add("properties", json!({ "severity": severity_name(finding.severity) }));
        result
    }

    fn location(&self, place: Place) -> Map<String, Value> {
        let mut location = Map::new();
        let physical = json!({ "artifactLocation": self.artifact(place), "region": self.region(place) });
        location.insert("physicalLocation".to_owned(), physical);
        location
    }

    fn artifact(&self, place: Place) -> Value {
        json!({ "uri": self.names.uri(self.checked.shown(place.source)) })
    }

    /// Columns and bytes of the same range. A byte order mark is no character of the text.
    fn region(&self, place: Place) -> Value {
        let Some(source) = self.checked.sources.get(place.source) else { return json!({ "startLine": 1 }) };
        let (start, end) = (place.span.start(), place.span.end());
        let point = |at: u32| {
            let line = source.line_column(at).line;
            let is_marked = line == 1 && 0 < at && source.text.starts_with('\u{feff}');
            (line, source.utf16_column(at) - u32::from(is_marked))
        };
        let ((start_line, start_column), (end_line, end_column)) = (point(start), point(end));
        json!({
            "startLine": start_line, "startColumn": start_column, "endLine": end_line, "endColumn": end_column,
            "byteOffset": start, "byteLength": end - start,
        })
    }

    /// The edits of a finding, file by file.
    fn changes(&self, finding: &Diagnostic) -> Value {
        let mut files: BTreeMap<_, Vec<&Edit>> = BTreeMap::new();
        for edit in &finding.fixes {
            files.entry(edit.place.source).or_default().push(edit);
        }
        let changes = files.into_values().map(|edits| {
            let replacements = edits.iter().map(
                |edit| json!({ "deletedRegion": self.region(edit.place), "insertedContent": { "text": edit.text } }),
            );
            let artifact = edits.first().map(|edit| self.artifact(edit.place));
            json!({ "artifactLocation": artifact, "replacements": replacements.collect::<Vec<_>>() })
        });
        changes.collect()
    }
}
