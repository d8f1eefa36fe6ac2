//! The one place that decides how bad a finding is.

use crate::source::{Diagnostic, Place, Severity, SourceId, Span};
use crate::terms::Validation;

/// Collects the findings of one run and counts the errors among them.
#[derive(Debug)]
pub(super) struct Report<'a> {
    findings: &'a mut Vec<Diagnostic>,
    validation: Validation,
    source: SourceId,
    error_count: usize,
}

impl<'a> Report<'a> {
    /// Starts a report that appends to `findings`.
    pub(super) fn new(findings: &'a mut Vec<Diagnostic>, validation: Validation) -> Self {
        Self { findings, validation, source: SourceId::default(), error_count: 0 }
    }

    /// Sets the text that [`Report::at`] points into.
    pub(super) fn enter(&mut self, source: SourceId) {
        self.source = source;
    }

    /// The place of a span of the current text.
    pub(super) fn at(&self, span: Span) -> Place {
        Place { source: self.source, span }
    }

    /// Adds what another report of this run has found.
    pub(super) fn append(&mut self, findings: Vec<Diagnostic>) {
        self.error_count += findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        self.findings.extend(findings);
    }

    /// How many findings there are so far.
    pub(super) fn count(&self) -> usize {
        self.findings.len()
    }

    /// How many errors there are so far.
    pub(super) fn error_count(&self) -> usize {
        self.error_count
    }

    /// Reports a finding for which no rule gives a meaning: an error in both modes of `validation`.
    pub(super) fn error(&mut self, finding: Diagnostic) {
        self.push(finding, Severity::Error);
    }

    /// Reports a finding for which a rule gives a meaning: an error, or a warning in lenient mode (chapter 11).
    pub(super) fn tolerated(&mut self, finding: Diagnostic) {
        let severity = match self.validation {
            Validation::Strict => Severity::Error,
            Validation::Lenient => Severity::Warning,
        };
        self.push(finding, severity);
    }

    /// Reports a finding that is no error in any mode.
    pub(super) fn warning(&mut self, finding: Diagnostic) {
        self.push(finding, Severity::Warning);
    }

    fn push(&mut self, mut finding: Diagnostic, severity: Severity) {
        finding.severity = severity;
        self.error_count += usize::from(severity == Severity::Error);
        self.findings.push(finding);
    }
}
