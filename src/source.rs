//! Source texts and positions in them: what every later room points at.
//!
//! Comes in: file names and texts. Goes out: [`SourceId`], [`Span`], line and column of an offset, and the
//! [`Diagnostic`] that all compiling rooms produce. This room reads no file and knows no language.

use std::{
    fmt,
    ops::Range,
    sync::{Arc, OnceLock},
};

/// Number of a source text in a [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourceId(pub u32);

/// A range of bytes of one source text, `start..end`.
///
/// Invariant: `start <= end`; [`Span::new`] keeps it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    start: u32,
    end: u32,
}

const _: () = assert!(size_of::<Span>() == 8);

impl Span {
    /// Returns the span `start..end`; a reversed pair is empty at `start`.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end: end.max(start) }
    }

    /// Byte offset of the first byte.
    pub fn start(self) -> u32 {
        self.start
    }

    /// Byte offset behind the last byte.
    pub fn end(self) -> u32 {
        self.end
    }

    /// Returns the smallest span that holds both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// A range of one source text, with the text's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    /// Which text.
    pub source: SourceId,
    /// Where in it.
    pub span: Span,
}

/// How bad a finding is, in the four levels that AWS uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// An improvement without urgency.
    Suggestion,
    /// Probably not what was meant.
    Warning,
    /// Grants more than is safe.
    SecurityWarning,
    /// The document cannot be compiled.
    Error,
}

/// One finding: what is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code such as `iamc::syntax::missing-comma`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong: one sentence, lower case, no final period.
    pub message: String,
    /// Where: the offending token.
    pub place: Place,
    /// Short text at the caret.
    pub label: String,
    /// Further places, such as the first of two clashing members.
    pub related: Vec<(Place, String)>,
    /// What to do: one sentence.
    pub help: Option<String>,
    /// Edits that together do it, where what is meant is certain; none overlaps another of the same finding.
    pub fixes: Vec<Edit>,
}

impl Diagnostic {
    /// Adds an edit.
    #[must_use]
    pub(crate) fn with_edit(mut self, place: Place, text: impl Into<String>) -> Self {
        self.fixes.push(Edit { place, text: text.into() });
        self
    }
}

/// Text that replaces a place of a source text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes; empty where text is only put in.
    pub place: Place,
    /// What comes, spelt as the source text needs it.
    pub text: String,
}

/// Line and column of a byte offset, both from 1; columns count Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
}

/// One text with its name.
#[derive(Debug, Clone)]
pub struct Source {
    /// Name as shown to the user: relative to the input or the manifest, with `/`.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Whether the text is the program's own and no file of the user.
    pub is_built_in: bool,
    /// Made when first asked for: nobody asks for positions in most texts.
    lines: OnceLock<Lines>,
}

/// Where lines and characters begin.
#[derive(Debug, Clone)]
struct Lines {
    starts: Vec<u32>,
    /// Characters that begin before byte `n * STRIDE`, for each `n`: a text may be one line of many megabytes.
    char_counts: Vec<u32>,
    /// The same for characters that UTF-16 writes as two units.
    pair_counts: Vec<u32>,
}

/// Bytes between two entries of [`Lines::char_counts`].
const STRIDE: usize = 1024;

impl Lines {
    fn of(text: &str) -> Self {
        let mut starts = vec![0];
        // A search for one byte looks at many at once; a dump of many megabytes may be one line.
        let breaks = text.match_indices('\n');
        starts.extend(breaks.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)));
        let mut char_counts = Vec::with_capacity(1 + text.len() / STRIDE);
        let mut pair_counts = Vec::with_capacity(1 + text.len() / STRIDE);
        let (mut chars, mut pairs) = (0, 0);
        for chunk in text.as_bytes().chunks(STRIDE) {
            char_counts.push(chars);
            pair_counts.push(pairs);
            chars += begun(chunk);
            pairs += begun_pairs(chunk);
        }
        char_counts.push(chars);
        pair_counts.push(pairs);
        Self { starts, char_counts, pair_counts }
    }
}

impl PartialEq for Source {
    /// The lines follow from the text.
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.text, self.is_built_in) == (&other.name, &other.text, other.is_built_in)
    }
}

impl Eq for Source {}

impl Source {
    pub(crate) fn new(name: String, text: String) -> Self {
        Self { name, text, is_built_in: false, lines: OnceLock::new() }
    }

    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(&self.text))
    }

    /// Returns line and column of byte `at`; an offset behind the end counts as the end.
    ///
    /// Costs a binary search over the lines, however long they are, and one walk over the text the first time that one
    /// of these functions is called.
    pub fn line_column(&self, at: u32) -> LineColumn {
        let index = self.line_index(at);
        let start = self.lines().starts.get(index).copied().map_or(0, to_usize);
        let column = self.chars_before(to_usize(at)) - self.chars_before(start);
        LineColumn { line: u32::try_from(index + 1).unwrap_or(u32::MAX), column: column + 1 }
    }

    /// Returns the column of byte `at` in UTF-16 units, from 1; for its line and its costs see [`Source::line_column`].
    pub fn utf16_column(&self, at: u32) -> u32 {
        let start = self.lines().starts.get(self.line_index(at)).copied().map_or(0, to_usize);
        self.line_column(at).column + self.pairs_before(to_usize(at)) - self.pairs_before(start)
    }

    /// How many lines there are; what follows the last line break is one more, even if it is empty.
    pub fn line_count(&self) -> usize {
        self.lines().starts.len()
    }

    /// Number of the line that holds byte `at`, from 0.
    pub fn line_index(&self, at: u32) -> usize {
        self.lines().starts.partition_point(|&start| start <= at).saturating_sub(1)
    }

    /// Bytes of a line by its number from 0, line break included; empty at the end for a line that does not exist.
    pub fn line_range(&self, index: usize) -> Range<usize> {
        let bound = |index: usize| self.lines().starts.get(index).copied().map_or(self.text.len(), to_usize);
        bound(index)..bound(index + 1)
    }

    /// How many characters begin before byte `at`.
    fn chars_before(&self, at: usize) -> u32 {
        let (known, rest) = self.stride_before(at);
        self.lines().char_counts.get(known).copied().unwrap_or(0) + begun(rest)
    }

    /// How many characters of two UTF-16 units begin before byte `at`.
    fn pairs_before(&self, at: usize) -> u32 {
        let (known, rest) = self.stride_before(at);
        self.lines().pair_counts.get(known).copied().unwrap_or(0) + begun_pairs(rest)
    }

    /// The last counted place before byte `at`, and the bytes from there.
    fn stride_before(&self, at: usize) -> (usize, &[u8]) {
        let at = at.min(self.text.len());
        let known = at / STRIDE;
        (known, self.text.as_bytes().get(known * STRIDE..at).unwrap_or_default())
    }
}

/// How many characters begin in these bytes of a UTF-8 text.
fn begun(bytes: &[u8]) -> u32 {
    // Nearly all texts are plain, which is known much sooner.
    let is_begin = |byte: &&u8| **byte & 0xC0 != 0x80;
    let count = if bytes.is_ascii() { bytes.len() } else { bytes.iter().filter(is_begin).count() };
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// How many characters of two UTF-16 units begin in these bytes of a UTF-8 text: those of four bytes.
fn begun_pairs(bytes: &[u8]) -> u32 {
    let count = if bytes.is_ascii() { 0 } else { bytes.iter().filter(|&&byte| 0xF0 <= byte).count() };
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn to_usize(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// All texts of one run, numbered in the order in which they were added. A clone shares the texts.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    sources: Vec<Arc<Source>>,
}

impl SourceMap {
    /// Adds a text and returns its number.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        self.add_source(Source::new(name.into(), text.into()))
    }

    /// Adds a text of the program itself and returns its number.
    pub(crate) fn add_built_in(&mut self, name: &str, text: &str) -> SourceId {
        self.add_source(Source { is_built_in: true, ..Source::new(name.to_owned(), text.to_owned()) })
    }

    fn add_source(&mut self, source: Source) -> SourceId {
        self.add_shared(Arc::new(source))
    }

    /// Adds a text that others hold too and returns its number.
    pub(crate) fn add_shared(&mut self, source: Arc<Source>) -> SourceId {
        let id = SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        self.sources.push(source);
        id
    }

    /// Returns the text with that number.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(to_usize(id.0)).map(AsRef::as_ref)
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// All texts in order.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        (0..).map(SourceId).zip(self.sources.iter().map(AsRef::as_ref))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_agree_with_a_walk() {
        let text = format!("é\n{}\r\n{}", "aü語🍎".repeat(700), "x".repeat(3000));
        let source = Source::new("a".into(), text.clone());
        let (mut line, mut column, mut units) = (1, 1, 1);
        for (at, character) in text.char_indices() {
            let at = u32::try_from(at).unwrap();
            assert_eq!(source.line_column(at), LineColumn { line, column }, "byte {at}");
            assert_eq!(source.utf16_column(at), units, "byte {at}");
            units = if character == '\n' { 1 } else { units + u32::try_from(character.len_utf16()).unwrap() };
            (line, column) = if character == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        let end = LineColumn { line, column };
        assert_eq!(source.line_column(u32::try_from(text.len()).unwrap()), end);
        assert_eq!(source.line_column(u32::MAX), end);
        assert_eq!(source, Source::new("a".into(), text.clone()), "positions are no part of a text");
        assert_eq!(
            (source.line_count(), source.line_range(0), source.line_range(3)),
            (3, 0..3, text.len()..text.len())
        );
    }
}
