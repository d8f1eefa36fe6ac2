//! What `validation=lenient` does to findings that are made before the semantics is known (chapter 11).
//!
//! Comes in: findings of reading and loading. Goes out: the same, with warnings where a rule gives what was found a
//! meaning. Findings of later stages are right already, since those know the semantics.

use crate::source::{Diagnostic, Severity};
use crate::terms::{Semantics, Validation};

/// Codes of such findings, each with the rule that gives the meaning: an empty list matches nothing (R-DOC-12).
const TOLERATED: [&str; 1] = ["iamc::document::empty-statement-list"];

/// Turns errors of reading and loading into warnings where the semantics is lenient and a rule gives a meaning.
pub fn soften(findings: &mut [Diagnostic], semantics: Semantics) {
    if semantics.validation == Validation::Strict {
        return;
    }
    for finding in findings.iter_mut().filter(|finding| TOLERATED.contains(&finding.code)) {
        finding.severity = finding.severity.min(Severity::Warning);
    }
}
