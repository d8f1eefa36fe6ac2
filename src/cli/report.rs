//! Findings for people and for programs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use iamc::source::{Diagnostic, Place, Severity, Source, SourceId, SourceMap};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};
use serde_json::{Value, json};

use crate::input::Loaded;
use crate::output::{Style, count};

/// Shows findings of one run.
pub(crate) struct Reporter<'w> {
    sources: &'w SourceMap,
    paths: &'w BTreeMap<String, String>,
    handler: GraphicalReportHandler,
}

/// Narrowest and widest reports; without a terminal they are as narrow as they get.
const WIDTHS: (usize, usize) = (80, 120);

impl<'w> Reporter<'w> {
    pub(crate) fn new(loaded: &'w Loaded, style: Style) -> Self {
        let theme = match style {
            Style::Colour => GraphicalTheme::unicode(),
            Style::Plain => GraphicalTheme::unicode_nocolor(),
        };
        let width = match style {
            Style::Colour => WIDTHS.1,
            Style::Plain => WIDTHS.0,
        };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(width).with_links(false);
        Self { sources: loaded.world.sources(), paths: &loaded.paths, handler }
    }

    /// Each finding as people read it.
    pub(crate) fn human(&self, findings: &[Diagnostic]) -> Vec<String> {
        sorted(findings).into_iter().map(|finding| self.render(finding)).collect()
    }

    fn render(&self, finding: &Diagnostic) -> String {
        let excerpt = self.excerpt(finding.place);
        let is_shown = |place: &Place| {
            place.source == finding.place.source && excerpt.as_ref().is_some_and(|excerpt| excerpt.holds(*place))
        };
        let (same, other): (Vec<_>, Vec<_>) = finding.related.iter().partition(|(place, _)| is_shown(place));
        let label = |place: Place, text: &str| excerpt.as_ref().map(|excerpt| excerpt.label(place, text));
        let mut labels: Vec<LabeledSpan> = label(finding.place, &finding.label).into_iter().collect();
        labels.extend(same.into_iter().filter_map(|(place, text)| label(*place, text)));
        let related = other.into_iter().map(|(place, text)| {
            let excerpt = self.excerpt(*place);
            let labels = excerpt.iter().map(|excerpt| excerpt.label(*place, "here")).collect();
            let severity = miette::Severity::Advice;
            Report { message: text.clone(), code: None, severity, help: None, excerpt, labels, related: Vec::new() }
        });
        let report = Report {
            message: finding.message.clone(),
            code: Some(finding.code),
            severity: severity(finding.severity),
            help: finding.help.as_deref(),
            related: related.collect(),
            excerpt,
            labels,
        };
        let mut text = String::new();
        match self.handler.render_report(&mut text, &report) {
            Ok(()) => text,
            Err(_) => format!("{}: {}", finding.code, finding.message),
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
        let files = count(self.sources.iter().count(), "file", "files");
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
            "fixes": [],
        })
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

    fn excerpt(&self, place: Place) -> Option<Excerpt<'w>> {
        let source = self.sources.get(place.source)?;
        Some(Excerpt::around(self.shown(source), source, place))
    }
}

/// Findings in source order.
pub(crate) fn sorted(findings: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut sorted: Vec<&Diagnostic> = findings.iter().collect();
    sorted.sort_by_key(|finding| finding.place);
    sorted
}

fn bytes(place: Place) -> (usize, usize) {
    let of = |byte: u32| usize::try_from(byte).unwrap_or(usize::MAX);
    (of(place.span.start()), of(place.span.end()))
}

const fn severity(severity: Severity) -> miette::Severity {
    match severity {
        Severity::Error => miette::Severity::Error,
        Severity::SecurityWarning | Severity::Warning => miette::Severity::Warning,
        Severity::Suggestion => miette::Severity::Advice,
    }
}

const fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::SecurityWarning => "security-warning",
        Severity::Warning => "warning",
        Severity::Suggestion => "suggestion",
    }
}

/// A line longer than this is shown in part.
const LINE_MAX_BYTES: usize = 240;

/// How much of a long line is shown before and behind its label, and of a long label itself.
const MARGIN_BYTES: usize = 40;

/// What of a text is shown for one place: the text itself, or a part of a line that is too long, as in policy lines.
#[derive(Debug)]
struct Excerpt<'s> {
    name: &'s str,
    text: Cow<'s, str>,
    /// Where the shown part begins and ends in the whole text.
    start: usize,
    end: usize,
    /// Bytes in front of the part, that is, of the mark for what was left out.
    lead: usize,
    /// Lines and columns in front of the part.
    before: (usize, usize),
}

impl<'s> Excerpt<'s> {
    fn around(name: &'s str, source: &'s Source, place: Place) -> Self {
        let whole = source.text.as_str();
        let (at, end) = bytes(place);
        let line_start = whole.get(..at).and_then(|text| text.rfind('\n')).map_or(0, |index| index + 1);
        let rest = whole.get(at..).unwrap_or("");
        let line_end = at.min(whole.len()) + rest.find('\n').unwrap_or(rest.len());
        if line_end.saturating_sub(line_start) <= LINE_MAX_BYTES {
            let text = Cow::Borrowed(whole);
            return Self { name, text, start: 0, end: whole.len(), lead: 0, before: (0, 0) };
        }
        let boundary = |at: usize| (0..=at.min(whole.len())).rev().find(|&at| whole.is_char_boundary(at)).unwrap_or(0);
        let from = boundary(at.saturating_sub(MARGIN_BYTES)).max(line_start);
        let to = boundary(end.min(at.saturating_add(MARGIN_BYTES)).saturating_add(MARGIN_BYTES)).min(line_end);
        let position = source.line_column(place.span.start());
        let line = usize::try_from(position.line).unwrap_or(1).saturating_sub(1);
        let mark = |shown: usize, whole: usize| if shown < whole { "…" } else { "" };
        let lead = mark(line_start, from);
        let text = format!("{lead}{}{}", whole.get(from..to).unwrap_or(""), mark(to, line_end));
        let column = (from - line_start).saturating_sub(lead.len());
        Self { name, text: Cow::Owned(text), start: from, end: to, lead: lead.len(), before: (line, column) }
    }

    fn holds(&self, place: Place) -> bool {
        let (at, end) = bytes(place);
        self.start <= at && end <= self.end
    }

    fn label(&self, place: Place, text: &str) -> LabeledSpan {
        let (at, end) = bytes(place);
        let shown = |byte: usize| byte.clamp(self.start, self.end) - self.start + self.lead;
        LabeledSpan::new(Some(text.to_owned()), shown(at), shown(end) - shown(at))
    }
}

impl SourceCode for Excerpt<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.text.as_ref().read_span(span, before, after)?;
        let (lines, columns) = self.before;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.to_owned(),
            inner.data(),
            *inner.span(),
            inner.line() + lines,
            inner.column() + columns,
            inner.line_count(),
        )))
    }
}

/// What miette draws.
#[derive(Debug)]
struct Report<'s> {
    message: String,
    code: Option<&'static str>,
    severity: miette::Severity,
    help: Option<&'s str>,
    excerpt: Option<Excerpt<'s>>,
    labels: Vec<LabeledSpan>,
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
        let help: Box<dyn fmt::Display + 'a> = Box::new(self.help?);
        Some(help)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let source: &dyn SourceCode = self.excerpt.as_ref()?;
        Some(source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
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
