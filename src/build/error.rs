//! Why a build step fails, as cargo shows it.

use std::fmt;

use crate::files::FileError;
use crate::report::Reporter;
use crate::source::Diagnostic;

/// Why policies could not be compiled: a report of every mistake, with the lines of the policies and a caret.
///
/// `Debug` is the report as well, since that is what is shown of an error that `main` of a build script returns.
#[derive(Clone, PartialEq, Eq)]
pub struct BuildError {
    report: String,
}

impl BuildError {
    pub(super) fn new(report: String) -> Self {
        Self { report }
    }

    /// Of inputs that cannot be read.
    pub(super) fn unread(errors: &[FileError]) -> Self {
        let lines = errors.iter().map(ToString::to_string).collect::<Vec<_>>();
        Self::new(format!("the policies cannot be read: {}", lines.join("\n  and ")))
    }

    /// Of inputs that do not compile, or that compile with warnings where none are wanted.
    pub(super) fn refused(reporter: &Reporter<'_>, findings: &[Diagnostic]) -> Self {
        let mut report = format!("the policies do not compile: {}\n", reporter.count_line(findings));
        for text in reporter.human(findings) {
            report.push('\n');
            report.push_str(&text);
        }
        Self::new(report)
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.report)
    }
}

impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for BuildError {}
