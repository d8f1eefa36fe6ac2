//! Which files are read together.

use crate::files::{FileError, Input, Listed};
use crate::threads;
use crate::world;
use std::ops::Range;

/// A file of the input.
#[derive(Debug)]
pub(super) struct File {
    pub(super) listed: Listed,
    pub(super) bytes: u64,
    pub(super) traits: Traits,
    /// Where the parts begin that it is read in; none where it is read as a whole.
    cuts: Vec<usize>,
    /// Its text, where it cannot be read again.
    text: Option<String>,
}

/// What a text may be, by a look at its letters: never less than what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Traits {
    pub(super) is_manifest: bool,
    /// Whether it may hold a page of an account dump.
    may_be_page: bool,
    /// Whether it may hold a policy with an ARN, which a dump may refer to.
    may_have_arn: bool,
}

/// Files that go through all steps together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Group {
    /// Files that are read for themselves.
    Alone(Range<usize>),
    /// Files that have been read with others.
    Joined(Range<usize>),
    /// Some of the policy lines of a large file.
    Lines(Lines),
}

/// Some of the policy lines of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lines {
    /// The number of the file.
    pub(super) file: usize,
    /// Their bytes.
    pub(super) bytes: Range<usize>,
    pub(super) is_first: bool,
    pub(super) is_last: bool,
}

/// Files of so many bytes, and so many of them, are one group: enough to know most names that come again, and few
/// enough for many groups to be at work at once.
const GROUP_BYTES: u64 = 1 << 18;
const GROUP_FILES: usize = 512;

/// A part of a file of policy lines has so many lines, or so many bytes and the rest of a line.
const PART_LINES: usize = super::PIECE;
const PART_BYTES: usize = 1 << 21;

/// Groups of so many bytes are at work at once, or one that is larger.
pub(super) const AT_ONCE_BYTES: u64 = 1 << 23;

impl File {
    /// The text, read again where that is possible.
    pub(super) fn read(&self) -> Result<String, FileError> {
        self.text.clone().map_or_else(|| self.listed.read(), Ok)
    }

    pub(super) fn input(&self) -> Result<Input, FileError> {
        let Listed { shown, name, path, .. } = self.listed.clone();
        Ok(Input { shown, name, text: self.read()?, path })
    }
}

/// Reads all files and tells what they are, sorted by name.
///
/// # Errors
///
/// Every file that cannot be read, in the order of the input.
pub(super) fn look(listed: Vec<Result<Listed, FileError>>) -> Result<Vec<File>, Vec<FileError>> {
    let texts = threads::each(listed.len(), |at| {
        let listed = listed.get(at)?.as_ref().ok()?;
        let look = |text: String| {
            let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
            (bytes, Traits::of(&listed.name, &text), cuts(&text), (!listed.is_regular).then_some(text))
        };
        Some(listed.read().map(look))
    });
    let mut files = Vec::with_capacity(listed.len());
    let mut errors = Vec::new();
    for (listed, text) in listed.into_iter().zip(texts) {
        match (listed, text) {
            (Ok(listed), Some(Ok((bytes, traits, cuts, text)))) => {
                files.push(File { listed, bytes, traits, cuts, text });
            }
            (Err(error), _) | (Ok(_), Some(Err(error))) => errors.push(error),
            (Ok(_), None) => {}
        }
    }
    files.sort_by(|left, right| left.listed.name.cmp(&right.listed.name));
    if errors.is_empty() { Ok(files) } else { Err(errors) }
}

impl Traits {
    fn of(name: &str, text: &str) -> Self {
        // Any letter may be spelt as an escape; hardly any is.
        let is_escaped = || {
            let code = |at: usize| text.get(at + 4..at + 5).is_some_and(|digit| "4567".contains(digit));
            text.match_indices("\\u00").any(|(at, _)| code(at))
        };
        let is_spelt = || text.trim_start().starts_with('%') || is_escaped();
        let is_word = |(at, word): (usize, &str)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let behind = text.get(at + word.len()..).and_then(|behind| behind.chars().next());
            ![before, behind].into_iter().flatten().any(char::is_alphanumeric)
        };
        let is_spelt = is_spelt();
        Self {
            is_manifest: world::is_manifest(name, text),
            may_be_page: is_spelt || text.contains("DetailList") || text.match_indices("Policies").any(is_word),
            may_have_arn: is_spelt || text.contains("\"arn\""),
        }
    }
}

/// Where the parts of a text begin that is large and looks like policy lines; none otherwise. Smaller texts are searched
/// for secrets as a whole.
fn cuts(text: &str) -> Vec<usize> {
    let first = text.lines().map(|line| line.trim_start_matches('\u{feff}').trim()).find(|line| !line.is_empty());
    let is_line = |line: &str| line.starts_with('{') && line.ends_with('}');
    if text.len() <= world::SEARCHED_BYTES || !first.is_some_and(is_line) {
        return Vec::new();
    }
    let (mut cuts, mut lines) = (vec![0], 0);
    for (at, _) in text.match_indices('\n') {
        lines += 1;
        let is_full = PART_LINES <= lines || cuts.last().is_some_and(|cut| PART_BYTES <= at - cut);
        // What is only blank has no part of its own.
        if is_full && text.get(at..).is_some_and(|rest| !rest.trim_start().is_empty()) {
            cuts.push(at + 1);
            lines = 0;
        }
    }
    cuts
}

/// Numbers of the files that are read into one world: none where there is no dump.
pub(super) fn joined(files: &[File]) -> impl Iterator<Item = usize> {
    let has_pages = files.iter().any(|file| file.traits.may_be_page);
    let is_joined = move |file: &File| has_pages && (file.traits.may_be_page || file.traits.may_have_arn);
    files.iter().enumerate().filter(move |(_, file)| is_joined(file)).map(|(number, _)| number)
}

/// All groups in the order of the files.
pub(super) fn groups(files: &[File]) -> Vec<Group> {
    let mut joined = joined(files).peekable();
    let mut groups: Vec<Group> = Vec::new();
    let mut bytes = 0;
    for (number, file) in files.iter().enumerate() {
        let is_joined = joined.next_if_eq(&number).is_some();
        bytes += file.bytes;
        if !is_joined && !file.cuts.is_empty() {
            groups.extend(parts(number, file).map(Group::Lines));
            continue;
        }
        match groups.last_mut() {
            Some(Group::Joined(range)) if is_joined => range.end = number + 1,
            Some(Group::Alone(range)) if !is_joined && bytes <= GROUP_BYTES && range.len() < GROUP_FILES => {
                range.end = number + 1;
            }
            _ => {
                bytes = file.bytes;
                let range = number..number + 1;
                groups.push(if is_joined { Group::Joined(range) } else { Group::Alone(range) });
            }
        }
    }
    groups
}

/// The parts of a file that is read in parts.
fn parts(number: usize, file: &File) -> impl Iterator<Item = Lines> {
    let end = usize::try_from(file.bytes).unwrap_or(usize::MAX);
    let last = file.cuts.len() - 1;
    let ends = file.cuts.iter().skip(1).copied().chain([end]);
    let bounds = file.cuts.iter().copied().zip(ends).enumerate();
    bounds.map(move |(at, (from, to))| Lines { file: number, bytes: from..to, is_first: at == 0, is_last: at == last })
}

/// How many bytes the files of a group have that are to be read for it.
pub(super) fn size(files: &[File], group: &Group) -> u64 {
    match group {
        Group::Alone(range) => files.get(range.clone()).unwrap_or_default().iter().map(|file| file.bytes).sum(),
        Group::Joined(_) => 0,
        Group::Lines(lines) => u64::try_from(lines.bytes.len()).unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn file(name: &str, text: &str) -> File {
        let listed =
            Listed { shown: name.to_owned(), name: name.to_owned(), path: PathBuf::from(name), is_regular: true };
        let (traits, cuts) = (Traits::of(name, text), cuts(text));
        File { listed, bytes: u64::try_from(text.len()).unwrap(), traits, cuts, text: None }
    }

    #[test]
    fn whatever_may_be_a_dump_or_have_an_arn_is_recognized() {
        let check = |text: &str, expected: (bool, bool)| {
            let traits = Traits::of("a.json", text);
            assert_eq!((traits.may_be_page, traits.may_have_arn), expected, "{text}");
        };
        check(r#"{"UserDetailList": []}"#, (true, false));
        check(r#"{"Policies" : []}"#, (true, false));
        check(
            r#"{"Statement": {"Action": ["iam:ListPolicies", "iam:ListPoliciesGrantingServiceAccess"]}}"#,
            (false, false),
        );
        check(r#"{"name": "a", "arn": "arn:aws:iam::aws:policy/a", "document": {}}"#, (false, true));
        check(r#"{"P\u006flicies": [], "Sid": "é"}"#, (true, true));
        check(r#"{"Sid": "caf\u00e9 \\u0000"}"#, (false, false));
        check("\n%7B%22%50olicies%22%3A%5B%5D%7D", (true, true));
    }

    #[test]
    fn groups_leave_nothing_out_and_are_not_large() {
        let half = " ".repeat(usize::try_from(GROUP_BYTES / 2).unwrap());
        let line = "{\"arn\": 1}";
        let of = |texts: &[&str]| {
            let files = texts.iter().map(|text| file("a.json", text)).collect::<Vec<_>>();
            let (groups, joined) = (groups(&files), joined(&files).collect::<Vec<_>>());
            let sizes = groups.iter().map(|group| size(&files, group)).collect::<Vec<_>>();
            (groups, joined, sizes)
        };
        let alone = Group::Alone;
        let (groups, joined, sizes) = of(&[&half, &half, line, &half]);
        assert_eq!((groups, joined), (vec![alone(0..2), alone(2..4)], vec![]));
        assert_eq!(sizes, [GROUP_BYTES, GROUP_BYTES / 2 + 10]);
        let dump = "{\"Policies\": []}";
        let (groups, joined, sizes) = of(&["{}", line, dump, "{}", dump, "{}", "{}"]);
        let expected = [alone(0..1), Group::Joined(1..3), alone(3..4), Group::Joined(4..5), alone(5..7)];
        assert_eq!((groups.as_slice(), joined.as_slice()), (expected.as_slice(), [1, 2, 4].as_slice()));
        assert_eq!(sizes, [2, 0, 2, 0, 4]);
        let many = of(&["{}"; GROUP_FILES + 1]).0;
        assert_eq!(many, [alone(0..GROUP_FILES), alone(GROUP_FILES..GROUP_FILES + 1)]);
        assert_eq!(of(&[]).0, []);
    }
}
