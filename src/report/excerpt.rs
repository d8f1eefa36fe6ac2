//! The few lines of a text that a report shows, cropped to the width of the report.
//!
//! Comes in: a text with its line index, and labels. Goes out: a small text that miette can draw, the labels moved
//! into it, and the true lines and columns of both. The text itself is never walked through: the cost depends on what
//! is shown, not on how long the text or its lines are.

use std::ops::Range;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use unicode_width::UnicodeWidthChar;

use crate::source::{Source, Span};

/// Lines above and below a label, as miette draws them.
const CONTEXT_LINES: usize = 1;

/// Spans of more lines are shown by their first line.
const TALL: usize = 8;

/// Stands for what is left out.
const ELLIPSIS: char = '…';

/// A span of the text with what is said about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label<'s> {
    pub(super) span: Span,
    pub(super) text: &'s str,
}

/// Lines of a text, cropped, with labels. The first label is the one that the report is about.
#[derive(Debug)]
pub(super) struct Excerpt<'s> {
    name: &'s str,
    text: String,
    /// Invariant: sorted; neighbours in this list are neighbours in `text`, but not always in the source.
    lines: Vec<Line>,
    labels: Vec<Drawn>,
}

/// One line of the excerpt.
#[derive(Debug)]
struct Line {
    /// Number in the source, from 0.
    number: usize,
    /// Bytes of the excerpt, without the line end.
    range: Range<usize>,
}

/// A label in the excerpt.
#[derive(Debug)]
struct Drawn {
    range: Range<usize>,
    text: String,
    /// Column of its start in the source, from 0.
    column: usize,
}

/// A label on the lines that it touches.
#[derive(Debug)]
struct Placed<'s> {
    label: Label<'s>,
    bytes: Range<usize>,
    lines: Range<usize>,
    column: usize,
}

impl<'s> Excerpt<'s> {
    /// Cuts out what `labels` are about, for a report of `width` columns.
    pub(super) fn new(name: &'s str, source: &Source, labels: &[Label<'_>], width: usize) -> Self {
        let placed: Vec<Placed<'_>> = labels.iter().map(|label| place(source, *label)).collect();
        let numbers = shown_lines(&placed, source.line_count());
        let digits = numbers.last().map_or(1, |last| (last + 1).to_string().len());
        let is_tall = placed.iter().any(|placed| 1 < placed.lines.len());
        let gutter = if is_tall { digits + 8 } else { digits + 4 };
        let room = width.saturating_sub(gutter).max(20);
        let mut excerpt = Self { name, text: String::new(), lines: Vec::new(), labels: Vec::new() };
        let mut ends: Vec<(Option<usize>, Option<usize>)> = vec![(None, None); placed.len()];
        for number in numbers {
            let whole = source.line_range(number);
            let line = source.text.get(whole.clone()).unwrap_or("").trim_end_matches(['\r', '\n']);
            let mut marks = Vec::new();
            for (index, placed) in placed.iter().enumerate() {
                marks.extend(mark(index, placed, number, whole.start, line.len()));
            }
            let start = excerpt.text.len();
            crop(line, &marks, room, &mut excerpt.text, |index, edge, at| {
                if let Some(slot) = ends.get_mut(index) {
                    match edge {
                        Edge::Start => slot.0 = Some(at),
                        Edge::End => slot.1 = Some(at),
                    }
                }
            });
            if excerpt.text.len() == start && !marks.is_empty() {
                // Without a character there is nothing that a caret could stand under.
                excerpt.text.push(' ');
            }
            excerpt.lines.push(Line { number, range: start..excerpt.text.len() });
            excerpt.text.push('\n');
        }
        for (placed, (start, end)) in placed.iter().zip(ends) {
            let start = start.unwrap_or(0);
            let range = start..end.unwrap_or(start).max(start);
            let text = placed.label.text.to_owned();
            excerpt.labels.push(Drawn { range, text, column: placed.column });
        }
        excerpt
    }

    /// The labels for miette.
    pub(super) fn labels(&self) -> impl Iterator<Item = LabeledSpan> + '_ {
        self.labels.iter().enumerate().map(|(index, drawn)| {
            let (text, at, length) = (Some(drawn.text.clone()), drawn.range.start, drawn.range.len());
            match index {
                0 => LabeledSpan::new_primary_with_span(text, (at, length)),
                _ => LabeledSpan::new(text, at, length),
            }
        })
    }

    fn line_at(&self, at: usize) -> usize {
        self.lines.partition_point(|line| line.range.start <= at).saturating_sub(1)
    }

    /// Up to `count` lines from `index` in one direction, as far as they follow each other in the source.
    fn reach(&self, index: usize, count: usize, step: impl Fn(usize) -> Option<usize>) -> usize {
        let number = |index: usize| self.lines.get(index).map(|line| line.number);
        let mut reached = index;
        for _ in 0..count {
            let Some(next) = step(reached).filter(|next| *next < self.lines.len()) else { break };
            let is_neighbour = number(next).zip(number(reached)).is_some_and(|(a, b)| a.abs_diff(b) == 1);
            if !is_neighbour {
                break;
            }
            reached = next;
        }
        reached
    }
}

impl SourceCode for Excerpt<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (first, last) = (self.line_at(span.offset()), self.line_at(span.offset() + span.len()));
        if self.reach(first, last - first, |index| index.checked_add(1)) != last {
            // What lies between is not shown: two snippets instead of one.
            return Err(MietteError::OutOfBounds);
        }
        let first = self.reach(first, before, |index| index.checked_sub(1));
        let last = self.reach(last, after, |index| index.checked_add(1));
        let (Some(top), Some(bottom)) = (self.lines.get(first), self.lines.get(last)) else {
            return Err(MietteError::OutOfBounds);
        };
        let range = top.range.start..bottom.range.end;
        let data = self.text.as_bytes().get(range.clone()).unwrap_or_default();
        let label = self.labels.iter().find(|drawn| drawn.range.start == span.offset());
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.to_owned(),
            data,
            (range.start, range.len()).into(),
            top.number,
            label.map_or(0, |drawn| drawn.column),
            last - first + 1,
        )))
    }
}

// ---- which lines ----

fn place<'s>(source: &Source, label: Label<'s>) -> Placed<'s> {
    let at = |byte: u32| usize::try_from(byte).unwrap_or(usize::MAX).min(source.text.len());
    let (start, mut end) = (at(label.span.start()), at(label.span.end()));
    let position = source.line_column(label.span.start());
    let first = to_usize(position.line).saturating_sub(1);
    // A span that ends behind a line break ends on the line before.
    let last_byte = label.span.end().saturating_sub(1).max(label.span.start());
    let mut last = source.line_index(last_byte).max(first);
    if TALL < last - first + 1 {
        last = first;
        end = source.line_range(first).end;
    }
    Placed { label, bytes: start..end, lines: first..last + 1, column: to_usize(position.column).saturating_sub(1) }
}

fn to_usize(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// The lines of all labels with their neighbours, sorted.
fn shown_lines(placed: &[Placed<'_>], count: usize) -> Vec<usize> {
    let around = |placed: &Placed<'_>| {
        placed.lines.start.saturating_sub(CONTEXT_LINES)..(placed.lines.end + CONTEXT_LINES).min(count.max(1))
    };
    let mut numbers: Vec<usize> = placed.iter().flat_map(around).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

// ---- cropping one line ----

/// The part of a label on one line, in bytes of the line.
#[derive(Debug, Clone, Copy)]
struct Mark {
    label: usize,
    start: usize,
    end: usize,
    /// Whether the label starts and ends on this line.
    starts: bool,
    ends: bool,
    /// Columns that the label's text needs to the right of the middle of the mark.
    text_width: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    Start,
    End,
}

fn mark(label: usize, placed: &Placed<'_>, number: usize, line_start: usize, line_length: usize) -> Option<Mark> {
    if !placed.lines.contains(&number) {
        return None;
    }
    let is_one_line = placed.lines.len() == 1;
    let starts = number == placed.lines.start;
    let ends = number + 1 == placed.lines.end;
    let start = placed.bytes.start.saturating_sub(line_start).min(line_length);
    let end = placed.bytes.end.saturating_sub(line_start).min(line_length).max(start);
    let text_width = if is_one_line { 4 + text_width(placed.label.text) } else { 0 };
    match (starts, ends) {
        (true, true) => Some(Mark { label, start, end, starts, ends, text_width }),
        (true, false) => Some(Mark { label, start, end: start, starts, ends, text_width }),
        (false, true) => Some(Mark { label, start: end, end, starts, ends, text_width }),
        (false, false) => None,
    }
}

/// Writes `line` to `out`, shortened to `room` columns around `marks`, and tells where the edges of the marks went.
fn crop(line: &str, marks: &[Mark], room: usize, out: &mut String, mut note: impl FnMut(usize, Edge, usize)) {
    let kept = kept(line, marks, room);
    let mut last_end = 0;
    let note_edges = |at: usize, written: usize, note: &mut dyn FnMut(usize, Edge, usize)| {
        for mark in marks {
            if mark.starts && mark.start == at {
                note(mark.label, Edge::Start, written);
            }
            if mark.ends && mark.end == at {
                note(mark.label, Edge::End, written);
            }
        }
    };
    let is_whole = matches!(kept.as_slice(), [only] if *only == (0..line.len()));
    let mut column = 0;
    for range in kept {
        if last_end < range.start {
            out.push(ELLIPSIS);
        }
        let piece = line.get(range.clone()).unwrap_or("");
        for (offset, character) in piece.char_indices() {
            note_edges(range.start + offset, out.len(), &mut note);
            match character {
                // Where something is left out, columns mean nothing and a tab is a blank.
                '\t' if is_whole => {
                    let blanks = 4 - column % 4;
                    out.extend(std::iter::repeat_n(' ', blanks));
                    column += blanks;
                }
                _ => {
                    let drawn = drawable(character);
                    out.push(drawn);
                    column += drawn.width().unwrap_or(0);
                }
            }
        }
        note_edges(range.end, out.len(), &mut note);
        last_end = range.end;
    }
    if last_end < line.len() {
        out.push(ELLIPSIS);
    }
}

/// The bytes of the line that are kept: sorted ranges that do not touch.
fn kept(line: &str, marks: &[Mark], room: usize) -> Vec<Range<usize>> {
    let whole = 0..line.len();
    // A longer line cannot fit, and measuring it might take long.
    let is_short = line.len() <= 8 * room;
    if is_short {
        let width = text_width(line);
        let needed = |mark: &Mark| {
            let middle = usize::midpoint(text_width(head(line, mark.start)), text_width(head(line, mark.end)));
            middle + mark.text_width
        };
        let needed = marks.iter().map(needed).max().unwrap_or(0);
        if width <= room && needed <= room {
            return vec![whole];
        }
    }
    if marks.is_empty() {
        return std::iter::once(0..forward(line, 0, room - 1)).collect();
    }
    let share = room / marks.len();
    let mut ranges = Vec::new();
    for mark in marks {
        // Three ellipses at most fall to each mark.
        let body_room = share * 3 / 4;
        let body_end = forward(line, mark.start, body_room);
        let body = if mark.end <= body_end {
            ranges.push(mark.start..mark.end);
            text_width(line.get(mark.start..mark.end).unwrap_or(""))
        } else {
            ranges.push(mark.start..forward(line, mark.start, body_room - body_room / 3));
            ranges.push(backward(line, mark.end, body_room / 3)..mark.end);
            body_room
        };
        // Both sides get the same; what the right has no use for, the left may have if the text has room.
        let half = share.saturating_sub(body) / 2;
        let right = text_width(line.get(mark.end..forward(line, mark.end, half)).unwrap_or(""));
        let beside_text = share.saturating_sub(body / 2 + mark.text_width + 2);
        let left = beside_text.min(share.saturating_sub(body + right + 3));
        let start = backward(line, mark.start, left);
        let used = text_width(line.get(start..mark.start).unwrap_or(""));
        let end = forward(line, mark.end, share.saturating_sub(used + body + 3));
        ranges.push(start..mark.start);
        ranges.push(mark.end..end);
    }
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            Some(_) | None => merged.push(range),
        }
    }
    merged
}

fn head(line: &str, at: usize) -> &str {
    line.get(..at).unwrap_or(line)
}

/// The byte up to which `room` columns reach from `at`.
fn forward(line: &str, at: usize, room: usize) -> usize {
    let mut width = 0;
    for (offset, character) in line.get(at..).unwrap_or("").char_indices() {
        width += char_width(character);
        if room < width {
            return at + offset;
        }
    }
    line.len()
}

/// The byte from which `room` columns lead up to `at`.
fn backward(line: &str, at: usize, room: usize) -> usize {
    let mut width = 0;
    let mut reached = at;
    for (offset, character) in head(line, at).char_indices().rev() {
        width += char_width(character);
        if room < width {
            break;
        }
        reached = offset;
    }
    reached
}

/// Columns of a text; a tab counts as its most.
fn text_width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

fn char_width(character: char) -> usize {
    if character == '\t' { 4 } else { drawable(character).width().unwrap_or(0) }
}

/// What is drawn for a character: a picture for what would move the cursor or change the order of the text.
pub(super) fn drawable(character: char) -> char {
    match character {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => '\u{fffd}',
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Crops with one mark on the text between `<` and `>`, and shows the mark in what is left.
    fn check(marked: &str, room: usize, expected: &str) {
        let start = marked.find('<').unwrap();
        let end = marked.find('>').unwrap() - 1;
        let line = marked.replacen('<', "", 1).replacen('>', "", 1);
        let mark = Mark { label: 0, start, end, starts: true, ends: true, text_width: 8 };
        let mut out = String::new();
        let (mut from, mut to) = (0, 0);
        crop(&line, &[mark], room, &mut out, |_, edge, at| match edge {
            Edge::Start => from = at,
            Edge::End => to = at,
        });
        assert!(text_width(&out) <= room, "{out} takes {} columns", text_width(&out));
        out.insert(to, '>');
        out.insert(from, '<');
        assert_eq!(out, expected);
    }

    #[test]
    fn a_line_that_fits_is_left_alone() {
        check("\t\"<a>\": 1", 40, "    \"<a>\": 1");
        check("<>", 40, "<>");
    }

    #[test]
    fn a_long_line_is_cropped_on_both_sides() {
        let digits = "0123456789".repeat(10);
        check(&format!("{digits}<mark>{digits}"), 40, "…567890123456789<mark>012345678901234567…");
        check(&format!("<mark>{digits}"), 40, "<mark>012345678901234567890123456789012…");
        check(&format!("{digits}<mark>"), 40, "…2345678901234567890123456789<mark>");
    }

    #[test]
    fn a_long_mark_loses_its_middle() {
        let letters = "abcdefghij".repeat(20);
        check(&format!("12345678901234567890<{letters}>end"), 40, "…7890<abcdefghijabcdefghij…abcdefghij>end");
    }

    #[test]
    fn wide_and_invisible_characters_count_as_drawn() {
        let wide = "語".repeat(60);
        check(&format!("{wide}<x>{wide}"), 40, "…語語語語語語語語語<x>語語語語語語語語語…");
        check("<\u{1b}[31m>\u{202e}", 40, "<␛[31m>\u{fffd}");
    }
}
