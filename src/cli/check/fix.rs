//! `--fix`: the edits of findings, made in the files.
//!
//! An edit is spelt as the outer file needs it, but the edits of several findings may meet, a file may have changed since
//! it was read, and a document in a string of a string has no bytes of its own in the file. So edits never overlap, a
//! file that is not what was checked is left alone, and edits that break the file's syntax are not made.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use iamc::check::Part;
use iamc::files;
use iamc::source::{Diagnostic, Edit, Source, SourceId};
use iamc::world::{self, PolicyType};
use iamc::{Level, Options};

use crate::output::Failure;

/// What has been changed.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) edits: usize,
    pub(super) files: BTreeSet<String>,
}

impl Made {
    /// Counts what has been changed elsewhere.
    pub(super) fn join(&mut self, mut other: Self) {
        self.edits += other.edits;
        self.files.append(&mut other.files);
    }
}

/// The edits of one finding.
type Group<'f> = &'f [Edit];

/// Makes the edits of all findings that fit together.
pub(super) fn make(part: &Part, forced: Option<PolicyType>) -> Result<Made, Failure> {
    let mut groups: BTreeMap<SourceId, Vec<Group<'_>>> = BTreeMap::new();
    for finding in &part.findings {
        if let Some(id) = only_source(finding) {
            groups.entry(id).or_default().push(&finding.fixes);
        }
    }
    let mut made = Made::default();
    for (id, groups) in groups {
        let Some(source) = part.sources.get(id).filter(|source| !source.is_built_in) else { continue };
        let Some(path) = part.paths.get(&source.name) else { continue };
        let groups = without_overlaps(source, groups);
        // What was checked differs from the file where the file has changed, or holds a secret that was blotted out.
        if groups.is_empty() || !files::read_text(Path::new(path)).is_ok_and(|text| text == source.text) {
            continue;
        }
        let sound = Trial::new(source, forced).sound(&groups);
        if let Some(text) = apply(&source.text, &sound).filter(|text| *text != source.text) {
            files::write_atomically(Path::new(path), text.as_bytes()).map_err(Failure::of)?;
            made.edits += sound.iter().map(|group| group.len()).sum::<usize>();
            made.files.insert(path.clone());
        }
    }
    Ok(made)
}

/// The text that all edits of a finding are in.
fn only_source(finding: &Diagnostic) -> Option<SourceId> {
    let first = finding.fixes.first()?.place.source;
    finding.fixes.iter().all(|edit| edit.place.source == first).then_some(first)
}

/// The groups of which no edit meets one of an earlier group; those that change nothing are left out.
fn without_overlaps<'f>(source: &Source, groups: Vec<Group<'f>>) -> Vec<Group<'f>> {
    let is_idle = |edit: &Edit| slice(&source.text, edit) == Some(edit.text.as_str());
    // From the start of what an edit takes to its end.
    let mut taken: BTreeMap<u32, u32> = BTreeMap::new();
    let mut kept = Vec::new();
    for group in groups {
        let meets = |edit: &Edit| {
            let (start, end) = (edit.place.span.start(), edit.place.span.end());
            // Text that is put in at the edge of another edit might belong on either side of it.
            let touches = |&(&from, &to): &(&u32, &u32)| {
                let is_insertion = from == to || start == end;
                if is_insertion { from <= end && start <= to } else { from < end && start < to }
            };
            let before = taken.range(..=start).next_back();
            let behind = taken.range(start..).next();
            before.iter().chain(behind.iter()).any(touches)
        };
        if group.iter().all(is_idle) || group.iter().any(meets) {
            continue;
        }
        taken.extend(group.iter().map(|edit| (edit.place.span.start(), edit.place.span.end())));
        kept.push(group);
    }
    kept
}

/// The text with all edits; `None` where two of them overlap.
fn apply(text: &str, groups: &[Group<'_>]) -> Option<String> {
    let mut edits: Vec<&Edit> = groups.iter().copied().flatten().collect();
    edits.sort_by_key(|edit| edit.place.span);
    let mut changed = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        let span = edit.place.span;
        changed.push_str(text.get(done..usize::try_from(span.start()).ok()?)?);
        changed.push_str(&edit.text);
        done = usize::try_from(span.end()).ok()?;
    }
    changed.push_str(text.get(done..)?);
    Some(changed)
}

fn slice<'t>(text: &'t str, edit: &Edit) -> Option<&'t str> {
    let span = edit.place.span;
    text.get(usize::try_from(span.start()).ok()?..usize::try_from(span.end()).ok()?)
}

/// Trying edits on a text.
struct Trial<'s> {
    source: &'s Source,
    forced: Option<PolicyType>,
    /// Mistakes in the syntax of the text as it is.
    faults: usize,
}

impl<'s> Trial<'s> {
    fn new(source: &'s Source, forced: Option<PolicyType>) -> Self {
        Self { source, forced, faults: faults(source, &source.text, forced) }
    }

    /// The groups that can be made without a new mistake in the syntax.
    fn sound<'f>(&self, groups: &[Group<'f>]) -> Vec<Group<'f>> {
        if self.is_sound(groups) {
            return groups.to_vec();
        }
        if groups.len() < 2 {
            return Vec::new();
        }
        let (first, second) = groups.split_at(groups.len() / 2);
        let first = self.sound(first);
        let both = [first.clone(), self.sound(second)].concat();
        if self.is_sound(&both) { both } else { first }
    }

    fn is_sound(&self, groups: &[Group<'_>]) -> bool {
        let changed = apply(&self.source.text, groups);
        changed.is_some_and(|text| faults(self.source, &text, self.forced) <= self.faults)
    }
}

/// How many mistakes there are in the syntax of a text, read alone.
fn faults(source: &Source, text: &str, forced: Option<PolicyType>) -> usize {
    let world = world::load(vec![(source.name.clone(), text.to_owned())], forced);
    let options = Options { optimize: Level::None, ..Options::default() };
    let findings = match iamc::compile(world, &options) {
        Ok(compiled) => compiled.findings,
        Err(errors) => errors.findings,
    };
    findings.iter().filter(|finding| finding.code.starts_with("iamc::syntax::")).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use iamc::source::{Place, SourceMap, Span};

    /// Makes edits `(start, end, text)`, one for each finding, and returns the text.
    fn check(text: &str, edits: &[(u32, u32, &str)], expected: &str) {
        let mut sources = SourceMap::default();
        let id = sources.add("a.json", text);
        let edit = |&(start, end, text): &(u32, u32, &str)| {
            vec![Edit { place: Place { source: id, span: Span::new(start, end) }, text: text.to_owned() }]
        };
        let edits: Vec<Vec<Edit>> = edits.iter().map(edit).collect();
        let source = sources.get(id).unwrap();
        let groups = without_overlaps(source, edits.iter().map(Vec::as_slice).collect());
        let sound = Trial::new(source, None).sound(&groups);
        assert_eq!(apply(text, &sound).unwrap(), expected);
    }

    #[test]
    fn of_edits_that_meet_the_first_is_made() {
        check("[1, 2, 3]", &[(1, 4, ""), (2, 5, "")], "[2, 3]");
        check("[1, 2, 3]", &[(2, 5, ""), (5, 8, "")], "[1]");
        check("[1, 2, 3]", &[(1, 2, "4"), (2, 2, "5")], "[4, 2, 3]");
        check("[1, 2, 3]", &[(2, 2, "5"), (1, 2, "4"), (2, 2, "6")], "[15, 2, 3]");
        check("[1, 2, 3]", &[(4, 5, "7"), (1, 8, "")], "[1, 7, 3]");
    }

    #[test]
    fn edits_that_break_the_syntax_are_not_made() {
        let text = r#"{ "Statement": ["{}", 1, 2, 3, 4] }"#;
        check(text, &[(22, 23, "5"), (16, 20, ","), (25, 26, "6")], &text.replace("1, 2", "5, 6"));
        check(text, &[(16, 16, ",")], text);
    }
}
