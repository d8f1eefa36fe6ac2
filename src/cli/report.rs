//! Findings for people and for programs.

use std::collections::BTreeMap;
use std::fmt;

use iamc::source::{Diagnostic, Edit, Place, Severity, Source, SourceId, SourceMap};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use serde_json::{Value, json};

use crate::output::{Style, count};

mod excerpt;

use excerpt::{Excerpt, Label};

/// Shows findings of one run.
pub(crate) struct Reporter<'w> {
    sources: &'w SourceMap,
    paths: &'w BTreeMap<String, String>,
    handler: GraphicalReportHandler,
    width: usize,
}

/// Narrowest and widest reports; without a terminal they are as narrow as they get.
const WIDTHS: (usize, usize) = (80, 120);

/// How many findings people are shown at most; the worst ones if there are more.
const SHOWN: usize = 500;

/// How long a name or a value may be that a message quotes.
const QUOTED_CHARS: usize = 120;

impl<'w> Reporter<'w> {
    pub(crate) fn new(sources: &'w SourceMap, paths: &'w BTreeMap<String, String>, style: Style) -> Self {
        let theme = match style {
            Style::Colour => GraphicalTheme::unicode(),
            Style::Plain => GraphicalTheme::unicode_nocolor(),
        };
        let width = match style {
            Style::Colour => WIDTHS.1,
            Style::Plain => WIDTHS.0,
        };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(width).with_links(false);
        Self { sources, paths, handler, width }
    }

    /// Each finding as people read it, at most [`SHOWN`] of them and a line about the others.
    pub(crate) fn human(&self, findings: &[Diagnostic]) -> Vec<String> {
        let mut shown = sorted(findings);
        let hidden = shown.len().saturating_sub(SHOWN);
        if 0 < hidden {
            shown.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
            shown.truncate(SHOWN);
            shown.sort_by_key(|finding| finding.place);
        }
        let mut texts: Vec<String> = shown.into_iter().map(|finding| self.render(finding)).collect();
        if 0 < hidden {
            let more = count(hidden, "more finding is", "more findings are");
            texts.push(format!("{more} not shown; `iamc check --format json` lists all"));
        }
        texts
    }

    fn render(&self, finding: &Diagnostic) -> String {
        let (same, other): (Vec<_>, Vec<_>) =
            finding.related.iter().partition(|(place, _)| place.source == finding.place.source);
        let primary = Label { span: finding.place.span, text: &finding.label };
        let same = same.into_iter().map(|(place, text)| Label { span: place.span, text });
        let labels: Vec<Label<'_>> = std::iter::once(primary).chain(same).collect();
        let related = other.into_iter().map(|(place, text)| Report {
            message: presentable(text),
            code: None,
            severity: miette::Severity::Advice,
            help: None,
            excerpt: self.excerpt(place.source, &[Label { span: place.span, text: "here" }]),
            related: Vec::new(),
        });
        let report = Report {
            message: presentable(&finding.message),
            code: Some(finding.code),
            severity: severity(finding.severity),
            help: finding.help.as_deref().map(presentable),
            excerpt: self.excerpt(finding.place.source, &labels),
            related: related.collect(),
        };
        let mut text = String::new();
        match self.handler.render_report(&mut text, &report) {
            Ok(()) => without_trailing_blanks(&text),
            Err(_) => format!("{}: {}", report.message, finding.code),
        }
    }

    /// The last line of a report: how many findings of which severity.
    pub(crate) fn count_line(&self, findings: &[Diagnostic]) -> String {
        let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        let counts = [
            (of(Severity::Error), "error", "errors"),
            (of(Severity::SecurityWarning), "security warning", "security warnings"),
            (of(Severity::Warning), "warning", "warnings"),
            (of(Severity::Suggestion), "suggestion", "suggestions"),
        ];
        let parts: Vec<String> = counts
            .into_iter()
            .filter(|&(number, ..)| 0 < number)
            .map(|(number, one, many)| count(number, one, many))
            .collect();
        let files = count(self.sources.iter().filter(|(_, source)| !source.is_built_in).count(), "file", "files");
        if parts.is_empty() {
            return format!("no findings in {files}");
        }
        format!("{} in {files}", parts.join(", "))
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
        self.sources.get(id).map_or("", |source| self.shown(source))
    }

    /// The path that the user gave, or the name where there is none.
    fn shown(&self, source: &'w Source) -> &'w str {
        self.paths.get(&source.name).map_or(&source.name, String::as_str)
    }

    fn excerpt(&self, id: SourceId, labels: &[Label<'_>]) -> Option<Excerpt<'w>> {
        let source = self.sources.get(id)?;
        Some(Excerpt::new(self.shown(source), source, labels, self.width))
    }
}

/// Findings in source order.
pub(crate) fn sorted(findings: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut sorted: Vec<&Diagnostic> = findings.iter().collect();
    sorted.sort_by_key(|finding| finding.place);
    sorted
}

/// A text of a finding for the terminal: without control characters, and without the middle of long quotations.
fn presentable(text: &str) -> String {
    let mut pieces = Vec::new();
    for piece in text.split('`') {
        let length = piece.chars().count();
        if length <= QUOTED_CHARS {
            pieces.push(piece.chars().map(excerpt::drawable).collect::<String>());
            continue;
        }
        let kept = QUOTED_CHARS / 2;
        let start = piece.chars().take(kept).map(excerpt::drawable).collect::<String>();
        let end = piece.chars().skip(length - kept).map(excerpt::drawable).collect::<String>();
        pieces.push(format!("{start}…{end}"));
    }
    pieces.join("`")
}

fn without_trailing_blanks(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.push("");
    lines.join("\n")
}

const fn severity(severity: Severity) -> miette::Severity {
    match severity {
        Severity::Error => miette::Severity::Error,
        Severity::SecurityWarning | Severity::Warning => miette::Severity::Warning,
        Severity::Suggestion => miette::Severity::Advice,
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

/// What miette draws.
#[derive(Debug)]
struct Report<'s> {
    message: String,
    code: Option<&'static str>,
    severity: miette::Severity,
    help: Option<String>,
    excerpt: Option<Excerpt<'s>>,
    related: Vec<Report<'s>>,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let code: Box<dyn fmt::Display + 'a> = Box::new(self.code?);
        Some(code)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help: Box<dyn fmt::Display + 'a> = Box::new(self.help.as_deref()?);
        Some(help)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let source: &dyn SourceCode = self.excerpt.as_ref()?;
        Some(source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.excerpt.as_ref()?.labels()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        fn erased<'r>(report: &'r Report<'_>) -> &'r dyn miette::Diagnostic {
            report
        }
        if self.related.is_empty() {
            return None;
        }
        Some(Box::new(self.related.iter().map(erased)))
    }
}
