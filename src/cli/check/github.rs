//! `--format github`: workflow commands, which become annotations of a pull request.

use iamc::check::Part;
use iamc::source::{Diagnostic, Severity};

use super::names::Names;

/// One command for each finding.
pub(super) fn commands(part: &Part, names: &Names) -> impl Iterator<Item = String> {
    part.findings.iter().map(move |finding| command(part, names, finding))
}

fn command(part: &Part, names: &Names, finding: &Diagnostic) -> String {
    let kind = match finding.severity {
        Severity::Error => "error",
        Severity::SecurityWarning | Severity::Warning => "warning",
        Severity::Suggestion => "notice",
    };
    let file = property(&names.relative(part.shown(finding.place.source)));
    let mut position = String::new();
    if let Some(source) = part.sources.get(finding.place.source) {
        let (start, end) =
            (source.line_column(finding.place.span.start()), source.line_column(finding.place.span.end()));
        position = format!(",line={},col={},endLine={},endColumn={}", start.line, start.column, end.line, end.column);
    }
    let message = match &finding.help {
        Some(help) => data(&format!("{}\nhelp: {help}", finding.message)),
        None => data(&finding.message),
    };
    format!("::{kind} file={file}{position},title={}::{message}", property(finding.code))
}

/// Escapes what would end a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes what would end a property too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
