//! `--baseline` and `--write-baseline`: findings that are known and not reported.

use std::collections::BTreeSet;
use std::path::Path;

use iamc::check::Part;
use iamc::files;
use serde::Deserialize;
use serde_json::json;

use super::names::Names;
use crate::output::Failure;

/// Format of the file.
const VERSION: u32 = 1;

/// A known finding. The order of the members is that of the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    file: String,
    code: String,
    fingerprint: String,
}

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    findings: BTreeSet<Entry>,
}

/// Known findings.
#[derive(Debug, Clone, Default)]
pub(super) struct Baseline {
    entries: BTreeSet<Entry>,
}

impl Baseline {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let text = files::read_text(path).map_err(Failure::of)?;
        let document: Document = serde_json::from_str(&text).map_err(|fault| {
            let path = path.display();
            Failure::Message(format!("`{path}` is no baseline: {fault}; `--write-baseline {path}` makes one"))
        })?;
        if document.version != VERSION {
            let (path, version) = (path.display(), document.version);
            let message = format!("`{path}` is a baseline of version {version}, and only version {VERSION} is known");
            return Err(Failure::Message(message));
        }
        Ok(Self { entries: document.findings })
    }

    /// Everything that was found in some files.
    pub(super) fn of(part: &Part, names: &Names, fingerprints: &[String]) -> Self {
        let entries = part.findings.iter().zip(fingerprints).map(|(finding, fingerprint)| Entry {
            file: names.relative(part.shown(finding.place.source)),
            code: finding.code.to_owned(),
            fingerprint: fingerprint.clone(),
        });
        Self { entries: entries.collect() }
    }

    /// Takes over the entries of another one.
    pub(super) fn join(&mut self, mut other: Self) {
        self.entries.append(&mut other.entries);
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Writes one entry a line, sorted, so that a change is a line of a diff.
    pub(super) fn write(&self, path: &Path) -> Result<(), Failure> {
        let line = |Entry { file, code, fingerprint }: &Entry| {
            format!("    {}", json!({ "file": file, "code": code, "fingerprint": fingerprint }))
        };
        let lines: Vec<String> = self.entries.iter().map(line).collect();
        let list = if lines.is_empty() { "[]".to_owned() } else { format!("[\n{}\n  ]", lines.join(",\n")) };
        let text = format!("{{\n  \"version\": {VERSION},\n  \"findings\": {list}\n}}\n");
        files::write_atomically(path, text.as_bytes()).map_err(Failure::of)
    }

    /// Takes known findings, and their fingerprints, away; returns the entries that stand for them.
    pub(super) fn suppress(&self, part: &mut Part, names: &Names, fingerprints: &mut Vec<String>) -> Self {
        let mut met = BTreeSet::new();
        let all = std::mem::take(&mut part.findings).into_iter().zip(std::mem::take(fingerprints));
        for (finding, fingerprint) in all {
            let file = names.relative(part.shown(finding.place.source));
            let entry = Entry { file, code: finding.code.to_owned(), fingerprint };
            if self.entries.contains(&entry) {
                met.insert(entry);
            } else {
                part.findings.push(finding);
                fingerprints.push(entry.fingerprint);
            }
        }
        Self { entries: met }
    }
}
