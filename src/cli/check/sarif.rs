//! `--format sarif`: SARIF 2.1.0, one run.

use std::collections::BTreeMap;

use iamc::check::Part;
use iamc::source::{Diagnostic, Edit, Place, Severity};
use serde_json::{Map, Value, json};

use super::names::Names;
use crate::explain;
use crate::report::severity_name;

/// Name and version of the fingerprint.
const FINGERPRINT: &str = "iamc/v1";

/// What stands before the results, and between two of them.
pub(super) const HEAD: &str = "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\
    \"runs\":[{\"columnKind\":\"utf16CodeUnits\",\"results\":[";
pub(super) const BETWEEN: &str = ",\n";

/// A finding as JSON, but for its last member, the number of its rule, which depends on all findings before it.
///
/// A text, since a large file has many findings, and a tree of each takes five times as much.
#[derive(Debug)]
pub(super) struct Found {
    code: &'static str,
    severity: Severity,
    members: String,
}

/// The findings of some files.
pub(super) fn results(part: &Part, names: &Names, fingerprints: &[String]) -> Vec<Found> {
    let log = Log { part, names };
    let found = part.findings.iter().zip(fingerprints).map(|(finding, fingerprint)| Found {
        code: finding.code,
        severity: finding.severity,
        members: Value::Object(log.result(finding, fingerprint)).to_string(),
    });
    found.collect()
}

/// The rules of the findings so far, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Rules {
    codes: Vec<&'static str>,
    /// By code: number and worst severity.
    known: BTreeMap<&'static str, (usize, Severity)>,
}

impl Rules {
    /// A whole result.
    pub(super) fn numbered(&mut self, found: &Found) -> String {
        let &Found { code, severity, ref members } = found;
        let (number, worst) = self.known.entry(code).or_insert_with(|| {
            self.codes.push(code);
            (self.codes.len() - 1, severity)
        });
        *worst = severity.max(*worst);
        let members = members.strip_suffix('}').unwrap_or(members);
        format!("{members},\"ruleIndex\":{number}}}")
    }

    /// What stands behind the results: the rules.
    pub(super) fn tail(&self) -> String {
        let severity = |code: &str| self.known.get(code).map_or(Severity::Warning, |(_, worst)| *worst);
        let driver = json!({ "driver": {
            "name": "iamc",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": self.codes.iter().map(|code| rule(code, severity(code))).collect::<Vec<_>>(),
        } });
        format!("],\n\"tool\":{driver}}}]}}\n")
    }
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

struct Log<'p> {
    part: &'p Part,
    names: &'p Names,
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
        json!({ "uri": self.names.uri(self.part.shown(place.source)) })
    }

    /// Columns and bytes of the same range. A byte order mark is no character of the text.
    fn region(&self, place: Place) -> Value {
        let Some(source) = self.part.sources.get(place.source) else { return json!({ "startLine": 1 }) };
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
