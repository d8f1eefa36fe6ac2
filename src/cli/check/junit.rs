//! `--format junit`: XML in the form that test reports of build servers have.

use std::collections::BTreeMap;
use std::fmt::Write;

use iamc::check::Part;
use iamc::source::{Diagnostic, Severity, SourceId};

use super::names::Names;
use crate::report::severity_name;

/// What stands before the suites. Their counts come with each of them, since the first goes before the last is known.
pub(super) const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"iamc check\">\n";

/// What stands behind the suites.
pub(super) const TAIL: &str = "</testsuites>\n";

/// One suite for each file and one case for each code in it, which fails if a finding reaches `limit`; a file without
/// findings is one case that passes.
pub(super) fn suites(part: &Part, names: &Names, limit: Severity) -> String {
    let mut files: BTreeMap<SourceId, BTreeMap<&str, Vec<&Diagnostic>>> =
        part.own.iter().map(|id| (*id, BTreeMap::new())).collect();
    for finding in &part.findings {
        files.entry(finding.place.source).or_default().entry(finding.code).or_default().push(finding);
    }
    let mut suites = String::new();
    for (id, codes) in files {
        let name = escape(&names.relative(part.shown(id)));
        let failed = codes.values().filter(|findings| is_failed(findings, limit)).count();
        let count = codes.len().max(1);
        let _ = writeln!(suites, r#"  <testsuite name="{name}" tests="{count}" failures="{failed}" errors="0">"#);
        if codes.is_empty() {
            let _ = writeln!(suites, r#"    <testcase classname="{name}" name="no findings"/>"#);
        }
        for (code, findings) in codes {
            suites.push_str(&case(part, &name, code, &findings, limit));
        }
        suites.push_str("  </testsuite>\n");
    }
    suites
}

fn is_failed(findings: &[&Diagnostic], limit: Severity) -> bool {
    findings.iter().any(|finding| limit <= finding.severity)
}

/// All findings of a code in a file.
fn case(part: &Part, file: &str, code: &str, findings: &[&Diagnostic], limit: Severity) -> String {
    let mut lines = String::new();
    for finding in findings {
        let Some(source) = part.sources.get(finding.place.source) else { continue };
        let at = source.line_column(finding.place.span.start());
        let message = escape(&finding.message);
        let _ = writeln!(lines, "{file}:{}:{}: {}: {message}", at.line, at.column, severity_name(finding.severity));
        if let Some(help) = &finding.help {
            let _ = writeln!(lines, "help: {}", escape(help));
        }
    }
    let mut text = format!("    <testcase classname=\"{file}\" name=\"{}\">\n", escape(code));
    if is_failed(findings, limit) {
        let worst = findings.iter().max_by_key(|finding| finding.severity);
        let message = worst.map_or_else(String::new, |worst| escape(&worst.message));
        let kind = worst.map_or("", |worst| severity_name(worst.severity));
        let _ = writeln!(text, "      <failure message=\"{message}\" type=\"{kind}\">{lines}</failure>");
    } else {
        let _ = writeln!(text, "      <system-out>{lines}</system-out>");
    }
    text.push_str("    </testcase>\n");
    text
}

/// A text for an attribute or an element; what XML cannot hold becomes U+FFFD.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(escaped, "&#{};", u32::from(character));
            }
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}
