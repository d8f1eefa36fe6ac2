//! Cuts a scenario file into scenarios, each with its place in the file.

use crate::ask::describe_findings;
use crate::source::SourceId;
use crate::syntax::json::{self, OffsetMap};

/// The text of one scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'t> {
    /// The scenario's own text.
    pub text: &'t str,
    /// Number of the scenario in the file, from 1.
    pub position: usize,
    line: u32,
    column: u32,
}

impl Piece<'_> {
    /// Turns a position in the piece into the one in the file.
    pub(super) fn in_file(&self, line: u32, column: u32) -> (u32, u32) {
        match line {
            0 | 1 => (self.line, self.column + column.saturating_sub(1)),
            _ => (self.line + line - 1, column),
        }
    }
}

/// Cuts a file into its scenarios: the elements of an array, or one per line.
///
/// Brackets and strings are all that is looked at, so that a mistake inside one scenario stays inside it.
///
/// # Errors
///
/// Fails with one sentence if the text is neither.
pub fn split(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let ranges = match text.trim_start().chars().next() {
        Some('[') => elements(text).ok_or_else(|| describe(text))?,
        Some('{') => lines(text),
        _ => return Err("a scenario file is a JSON array of scenarios, or has one scenario per line".to_owned()),
    };
    Ok(place(text, &ranges))
}

fn describe(text: &str) -> String {
    let mut findings = Vec::new();
    let arena = json::Arena::default();
    json::parse(text, &arena, &OffsetMap::default(), SourceId::default(), &mut findings);
    match findings.first() {
        Some(first) => {
            let at = usize::try_from(first.place.span.start()).unwrap_or(usize::MAX);
            let line = 1 + text.get(..at).unwrap_or(text).matches('\n').count();
            format!("{} of line {line}", describe_findings(text, &findings))
        }
        None => "this is not a JSON array of scenarios".to_owned(),
    }
}

/// Scans brackets and strings. A line break ends a string, since JSON has none inside.
#[derive(Debug, Default)]
struct Scanner {
    depth: usize,
    is_in_string: bool,
    is_escaped: bool,
}

impl Scanner {
    /// Takes a byte; says whether it stands outside all brackets and strings, that is, belongs to the level scanned.
    fn take(&mut self, byte: u8) -> bool {
        if self.is_in_string {
            self.is_in_string = byte != b'\n' && (self.is_escaped || byte != b'"');
            self.is_escaped = !self.is_escaped && byte == b'\\';
            return false;
        }
        match byte {
            b'"' => {
                self.is_in_string = true;
                self.is_escaped = false;
                false
            }
            b'[' | b'{' => {
                self.depth += 1;
                false
            }
            b']' | b'}' if 0 < self.depth => {
                self.depth -= 1;
                false
            }
            _ => self.depth == 0,
        }
    }
}

/// The elements of an array, or nothing if the text is no array or an element is empty.
fn elements(text: &str) -> Option<Vec<(usize, usize)>> {
    let open = text.find('[')?;
    let mut scanner = Scanner::default();
    let mut ranges = Vec::new();
    let mut start = open + 1;
    for (at, byte) in text.bytes().enumerate().skip(open + 1) {
        if !scanner.take(byte) || !matches!(byte, b',' | b']') {
            continue;
        }
        ranges.push((start, at));
        start = at + 1;
        if byte == b']' {
            let is_blank = |&(from, to): &(usize, usize)| text.get(from..to).is_some_and(|text| text.trim().is_empty());
            let is_empty_array = ranges.len() == 1 && ranges.iter().all(is_blank);
            let rest = text.get(start..)?;
            return match rest.trim().is_empty() {
                true if is_empty_array => Some(Vec::new()),
                true if !ranges.iter().any(is_blank) => Some(ranges),
                _ => None,
            };
        }
    }
    None
}

/// The lines that are not blank; or the whole text where its first line is no whole object, as in one scenario that is
/// spread over several lines.
fn lines(text: &str) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if !line.trim().is_empty() {
            ranges.push((start, start + line.len()));
        }
        start += line.len();
    }
    let is_whole = |&(from, to): &(usize, usize)| {
        let mut scanner = Scanner::default();
        for byte in text.bytes().take(to).skip(from) {
            scanner.take(byte);
        }
        scanner.depth == 0
    };
    if ranges.first().is_some_and(is_whole) { ranges } else { vec![(0, text.len())] }
}

/// Trims the ranges and counts lines and columns, in one walk over the text.
fn place<'t>(text: &'t str, ranges: &[(usize, usize)]) -> Vec<Piece<'t>> {
    let mut pieces = Vec::with_capacity(ranges.len());
    let (mut line, mut line_start, mut at) = (1_u32, 0, 0);
    for (index, &(from, to)) in ranges.iter().enumerate() {
        let whole = text.get(from..to).unwrap_or("");
        let start = from + (whole.len() - whole.trim_start().len());
        for (offset, byte) in text.bytes().enumerate().take(start).skip(at) {
            if byte == b'\n' {
                line = line.saturating_add(1);
                line_start = offset + 1;
            }
        }
        at = start;
        let column = text.get(line_start..start).unwrap_or("").chars().count() + 1;
        pieces.push(Piece {
            text: whole.trim(),
            position: index + 1,
            line,
            column: u32::try_from(column).unwrap_or(u32::MAX),
        });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, u32, u32)]) {
        let pieces = split(text).unwrap();
        let found: Vec<_> = pieces.iter().map(|piece| (piece.text, piece.line, piece.column)).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn arrays_lines_and_a_lone_object() {
        check("[]", &[]);
        check("[\n {\"a\":\"],[\\\"\"},\n  {\"b\":[1]} ]\n", &[("{\"a\":\"],[\\\"\"}", 2, 2), ("{\"b\":[1]}", 3, 3)]);
        check("{\"a\":1}\n\n{\"b\":2}\n", &[("{\"a\":1}", 1, 1), ("{\"b\":2}", 3, 1)]);
        check("{\n\"a\":1}\n", &[("{\n\"a\":1}", 1, 1)]);
    }

    #[test]
    fn a_broken_line_stays_alone() {
        check("{\"a\":1}\n{\"b\":\n{\"c\":3}", &[("{\"a\":1}", 1, 1), ("{\"b\":", 2, 1), ("{\"c\":3}", 3, 1)]);
        check("[{\"a\":\"x\n}, {}]", &[("{\"a\":\"x\n}", 1, 2), ("{}", 2, 4)]);
    }

    #[test]
    fn what_is_no_scenario_file() {
        for text in ["", "null", "[{},]", "[{}", "[{}] []", "[,{}]"] {
            assert!(split(text).is_err(), "{text:?}");
        }
    }
}
