//! What of many findings is shown, and how many there are.

use std::collections::BTreeMap;

use super::count;
use crate::source::{Diagnostic, Severity};

/// How many findings people are shown at most.
const SHOWN: usize = 500;

/// Findings as people read them, at most 500 of them: the worst, and of equals those that come first.
#[derive(Debug, Default)]
pub struct Shown {
    kept: Vec<(Severity, String)>,
    hidden: usize,
}

impl Shown {
    /// Shows a finding, unless there are enough that are as bad.
    pub(super) fn offer(&mut self, severity: Severity, render: impl FnOnce() -> String) {
        if self.kept.len() == SHOWN {
            self.hidden += 1;
            // The last one of those that are least bad.
            let last = self.kept.iter().enumerate().rev().min_by_key(|(_, (kept, _))| *kept);
            match last.filter(|(_, (kept, _))| *kept < severity).map(|(at, _)| at) {
                Some(at) => drop(self.kept.remove(at)),
                None => return,
            }
        }
        self.kept.push((severity, render()));
    }

    /// The findings that are shown, in the order in which they came, and a line about the others.
    pub fn into_texts(self) -> Vec<String> {
        let mut texts: Vec<String> = self.kept.into_iter().map(|(_, text)| text).collect();
        if 0 < self.hidden {
            let more = count(self.hidden, "more finding is", "more findings are");
            texts.push(format!("{more} not shown; `iamc check --format json` lists all"));
        }
        texts
    }
}

/// How many findings there are of which severity.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    counts: BTreeMap<Severity, usize>,
}

impl Tally {
    /// Counts findings.
    pub fn add(&mut self, findings: &[Diagnostic]) {
        for finding in findings {
            *self.counts.entry(finding.severity).or_default() += 1;
        }
    }

    /// Counts what another one has counted.
    pub fn join(&mut self, other: &Self) {
        for (severity, count) in &other.counts {
            *self.counts.entry(*severity).or_default() += count;
        }
    }

    /// Whether there is a finding of at least that severity.
    pub fn reaches(&self, limit: Severity) -> bool {
        self.counts.range(limit..).next().is_some()
    }

    /// The last line of a report on so many files.
    pub fn line(&self, files: usize) -> String {
        let files = count(files, "file", "files");
        let part = |(severity, number): (&Severity, &usize)| {
            let (one, many) = match severity {
                Severity::Error => ("error", "errors"),
                Severity::SecurityWarning => ("security warning", "security warnings"),
                Severity::Warning => ("warning", "warnings"),
                Severity::Suggestion => ("suggestion", "suggestions"),
            };
            count(*number, one, many)
        };
        let parts: Vec<String> = self.counts.iter().rev().map(part).collect();
        if parts.is_empty() { format!("no findings in {files}") } else { format!("{} in {files}", parts.join(", ")) }
    }
}
