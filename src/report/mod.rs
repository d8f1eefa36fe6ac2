//! Findings for people: each with the lines of its text, a caret under what is meant, and what to do.
//!
//! Comes in: findings, the texts they point into, and the paths of those as the user knows them. Goes out: text, in
//! colour or without. This room judges nothing, writes nowhere and asks nothing of the terminal: width and style are the
//! caller's.

use std::collections::BTreeMap;
use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use crate::source::{Diagnostic, Severity, Source, SourceId, SourceMap};

mod excerpt;
mod shown;

pub use shown::{Shown, Tally};

use excerpt::{Excerpt, Label};

/// How reports look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A terminal that may show colour: up to 120 columns wide.
    Colour,
    /// A file, a pipe, or a user who wants no colour: up to 80 columns wide.
    Plain,
}

/// Shows findings of one run.
pub struct Reporter<'w> {
    sources: &'w SourceMap,
    paths: &'w BTreeMap<String, String>,
    handler: GraphicalReportHandler,
    width: usize,
}

impl fmt::Debug for Reporter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporter").field("width", &self.width).finish_non_exhaustive()
    }
}

/// How long a name or a value may be that a message quotes.
const QUOTED_CHARS: usize = 120;

impl<'w> Reporter<'w> {
    /// Takes the texts of a world, and the path of each by its name in the world; a text without a path is shown by its
    /// name.
    pub fn new(sources: &'w SourceMap, paths: &'w BTreeMap<String, String>, style: Style) -> Self {
        let (theme, width) = match style {
            Style::Colour => (GraphicalTheme::unicode(), 120),
            Style::Plain => (GraphicalTheme::unicode_nocolor(), 80),
        };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(width).with_links(false);
        Self { sources, paths, handler, width }
    }

    /// Each finding as people read it, as far as [`Shown`] keeps it.
    ///
    /// Costs what is shown, however long the texts are.
    pub fn human(&self, findings: &[Diagnostic]) -> Vec<String> {
        let mut shown = Shown::default();
        self.show(findings, &mut shown);
        shown.into_texts()
    }

    /// Offers each finding as people read it.
    pub fn show(&self, findings: &[Diagnostic], shown: &mut Shown) {
        for finding in sorted(findings) {
            shown.offer(finding.severity, || self.render(finding));
        }
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
    pub fn count_line(&self, findings: &[Diagnostic]) -> String {
        let mut tally = Tally::default();
        tally.add(findings);
        tally.line(self.sources.iter().filter(|(_, source)| !source.is_built_in).count())
    }

    /// A finding in one line: path, line and column, what is wrong, its code and what to do.
    pub fn line(&self, finding: &Diagnostic) -> String {
        let source = self.sources.get(finding.place.source);
        let place = source.map_or_else(String::new, |source| {
            let at = source.line_column(finding.place.span.start());
            format!("{}:{}:{}: ", self.shown(source), at.line, at.column)
        });
        let help = finding.help.as_deref().map_or_else(String::new, |help| format!("; {help}"));
        presentable(&format!("{place}{} ({}){help}", finding.message, finding.code))
    }

    /// The path that the user gave, or the name where there is none.
    pub fn shown(&self, source: &'w Source) -> &'w str {
        self.paths.get(&source.name).map_or(&source.name, String::as_str)
    }

    fn excerpt(&self, id: SourceId, labels: &[Label<'_>]) -> Option<Excerpt<'w>> {
        let source = self.sources.get(id)?;
        Some(Excerpt::new(self.shown(source), source, labels, self.width))
    }
}

/// `1 policy`, `2 policies`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Findings in source order.
fn sorted(findings: &[Diagnostic]) -> Vec<&Diagnostic> {
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
