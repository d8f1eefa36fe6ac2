//! Sorted lines of tab-separated fields, searched in place.

use std::cmp::Ordering;

/// Whole lines, each ended by a line feed, sorted by their first fields in lower case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lines<'t>(&'t str);

/// The first field of a line.
pub(super) fn name(line: &str) -> &str {
    field(line, 0)
}

/// A field by its number; empty where the line is shorter.
pub(super) fn field(line: &str, number: usize) -> &str {
    line.split('\t').nth(number).unwrap_or("")
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self(text)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = &'t str> {
        self.0.lines()
    }

    /// Returns a line by its number, from 0.
    pub(super) fn get(self, number: usize) -> Option<&'t str> {
        self.iter().nth(number)
    }

    /// Returns the line whose first field is that text, in whatever case. Costs a binary search.
    pub(super) fn find(self, wanted: &str) -> Option<&'t str> {
        self.from(wanted).next().filter(|line| name(line).eq_ignore_ascii_case(wanted))
    }

    /// The lines whose first fields begin with that text, in whatever case.
    pub(super) fn starting_with(self, start: &str) -> impl Iterator<Item = &'t str> {
        self.from(start).take_while(move |line| {
            name(line).get(..start.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(start))
        })
    }

    /// The lines from the first one whose name is not below that text.
    fn from(self, wanted: &str) -> impl Iterator<Item = &'t str> {
        // Invariant: both are the first bytes of lines, or the end of the text.
        let (mut low, mut high) = (0, self.0.len());
        while low < high {
            let middle = low.midpoint(high);
            let start = self.0.get(low..middle).and_then(|before| before.rfind('\n')).map_or(low, |at| low + at + 1);
            let line = self.0.get(start..).and_then(|rest| rest.split('\n').next()).unwrap_or("");
            match folded(name(line)).cmp(folded(wanted)) {
                Ordering::Less => low = (start + line.len() + 1).min(high),
                Ordering::Equal | Ordering::Greater => high = start,
            }
        }
        self.0.get(low..).unwrap_or("").lines()
    }
}

fn folded(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().map(|byte| byte.to_ascii_lowercase())
}
