//! From what the user named to texts: files, directories and standard input.

use super::FileError;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// One text of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The path for people: as the user gave it, with `/`.
    pub shown: String,
    /// The name for the artifact: relative to the directory that was given, or the file's own name. Unique among the
    /// inputs, and the same wherever the user stands.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Where it was read; `-` for standard input.
    pub path: PathBuf,
}

/// A file of the input that has not been read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The path for people: as the user gave it, with `/`.
    pub shown: String,
    /// The name for the artifact ([`Input::name`]).
    pub name: String,
    /// Where to read it; `-` for standard input.
    pub path: PathBuf,
    /// Whether it can be read again: it is neither standard input nor a pipe.
    pub is_regular: bool,
}

impl Listed {
    /// Reads the whole text.
    ///
    /// # Errors
    ///
    /// As [`read_text`].
    pub fn read(&self) -> Result<String, FileError> {
        if self.path.as_os_str() != "-" {
            return read_text(&self.path);
        }
        let mut bytes = Vec::new();
        match std::io::stdin().lock().read_to_end(&mut bytes) {
            Ok(_) => into_text(bytes, "-"),
            Err(cause) => Err(FileError::read("-", cause)),
        }
    }
}

/// Finds everything that the user named, without reading it.
///
/// `-` is standard input; a directory stands for all `*.json` below it, sorted by name. Hidden entries are passed over
/// and links to directories are not followed, so that a walk always ends. A file that is reached twice counts once.
/// Among the files stand, as errors, all paths that are missing and directories that cannot be read or hold no `*.json`
/// file.
pub fn list_inputs(paths: &[PathBuf]) -> Vec<Result<Listed, FileError>> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for path in paths {
        if path.as_os_str() == "-" {
            if seen.insert(path.clone()) {
                let (parent, name) = (String::new(), "stdin".to_owned());
                found.push(Ok(Found { path: path.clone(), parent, name, is_regular: false }));
            }
            continue;
        }
        let mut errors = Vec::new();
        for file in expand(path, &mut errors) {
            if seen.insert(fs::canonicalize(&file.path).unwrap_or_else(|_| file.path.clone())) {
                found.push(Ok(file));
            }
        }
        found.extend(errors.into_iter().map(Err));
    }
    with_unique_names(found)
}

/// Reads everything that the user named, as [`list_inputs`] finds it.
///
/// # Errors
///
/// Every path that is missing, unreadable or not UTF-8 text, and every directory without a `*.json` file.
pub fn read_inputs(paths: &[PathBuf]) -> Result<Vec<Input>, Vec<FileError>> {
    let mut inputs = Vec::new();
    let mut errors = Vec::new();
    for listed in list_inputs(paths) {
        match listed.and_then(|file| Ok((file.read()?, file))) {
            Ok((text, Listed { shown, name, path, .. })) => inputs.push(Input { shown, name, text, path }),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(inputs) } else { Err(errors) }
}

/// Reads one file as UTF-8 text.
///
/// # Errors
///
/// Fails unless the file can be read, is UTF-8 and is smaller than 4 GiB, which is what positions can count.
pub fn read_text(path: &Path) -> Result<String, FileError> {
    let shown = with_slashes(path);
    let bytes = fs::read(path).map_err(|cause| FileError::read(&shown, cause))?;
    into_text(bytes, &shown)
}

/// A file that an input stands for.
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// The last component of the directory it was found through, to tell apart equal names.
    parent: String,
    pub(super) name: String,
    is_regular: bool,
}

fn into_text(bytes: Vec<u8>, shown: &str) -> Result<String, FileError> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(FileError::too_large(shown));
    }
    // UTF-16 without a byte order mark is UTF-8 by its bytes, but no text of ours begins with a zero in every other one.
    match [0, 1, 2, 3].map(|at| bytes.get(at) == Some(&0)) {
        [true, false, true, false] => return Err(FileError::not_utf8(shown, 0, 1)),
        [false, true, false, true] => return Err(FileError::not_utf8(shown, 1, 1)),
        _ => {}
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = error.as_bytes().iter().take(at);
        FileError::not_utf8(shown, at, 1 + before.filter(|&&byte| byte == b'\n').count())
    })
}

fn expand(path: &Path, errors: &mut Vec<FileError>) -> Vec<Found> {
    let mut found = Vec::new();
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            let parent = last_component(path);
            walk(path, &mut Vec::new(), &parent, &mut found, errors);
            found.sort_by(|left, right| left.name.cmp(&right.name));
            if found.is_empty() {
                errors.push(FileError::empty_directory(&with_slashes(path)));
            }
        }
        Ok(metadata) => {
            let parent = path.parent().map(last_component).unwrap_or_default();
            let is_regular = metadata.is_file();
            found.push(Found { path: path.to_owned(), parent, name: last_component(path), is_regular });
        }
        Err(cause) => errors.push(FileError::read(&with_slashes(path), cause)),
    }
    found
}

pub(super) fn walk(
    directory: &Path,
    below: &mut Vec<String>,
    parent: &str,
    found: &mut Vec<Found>,
    errors: &mut Vec<FileError>,
) {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(cause) => return errors.push(FileError::read(&with_slashes(directory), cause)),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(cause) => {
                errors.push(FileError::read(&with_slashes(directory), cause));
                continue;
            }
        };
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        let kind = entry.file_type().ok();
        below.push(name);
        if kind.is_some_and(|kind| kind.is_dir()) {
            walk(&path, below, parent, found, errors);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let is_file = kind.is_some_and(|kind| kind.is_file());
            // What a link leads to takes another look.
            let behind = if is_file { None } else { fs::metadata(&path).ok() };
            if !behind.as_ref().is_some_and(fs::Metadata::is_dir) {
                let is_regular = is_file || behind.is_some_and(|behind| behind.is_file());
                found.push(Found { path, parent: parent.to_owned(), name: below.join("/"), is_regular });
            }
        }
        below.pop();
    }
}

/// Gives each input a name of its own: the directory's name goes in front where two would be equal, then a number.
fn with_unique_names(found: Vec<Result<Found, FileError>>) -> Vec<Result<Listed, FileError>> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for file in found.iter().flatten() {
        *counts.entry(file.name.clone()).or_default() += 1;
    }
    let mut taken = BTreeSet::new();
    let mut name = |file: Found| {
        let clashes = counts.get(&file.name).is_some_and(|&count| 1 < count);
        let wanted = match (clashes, file.parent.as_str()) {
            (false, _) | (true, "") => file.name,
            (true, parent) => format!("{parent}/{}", file.name),
        };
        let numbered = (2_u32..).map(|number| format!("{wanted}~{number}"));
        let name = std::iter::once(wanted.clone()).chain(numbered).find(|name| !taken.contains(name));
        let name = name.unwrap_or(wanted);
        taken.insert(name.clone());
        Listed { shown: with_slashes(&file.path), name, path: file.path, is_regular: file.is_regular }
    };
    found.into_iter().map(|file| file.map(&mut name)).collect()
}

fn last_component(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Writes a path with `/`, whatever the platform uses.
pub(super) fn with_slashes(path: &Path) -> String {
    let mut text = String::new();
    for component in path.components() {
        let part = component.as_os_str().to_string_lossy();
        if !text.is_empty() && !text.ends_with('/') {
            text.push('/');
        }
        match component {
            Component::RootDir => {
                if !text.ends_with('/') {
                    text.push('/');
                }
            }
            Component::Prefix(_) | Component::CurDir | Component::ParentDir | Component::Normal(_) => {
                text.push_str(&part);
            }
        }
    }
    text
}

/// Whether a path is one of the others, however each is spelled; a path that does not exist is none of them.
pub fn is_among(path: &Path, others: &[PathBuf]) -> bool {
    let Ok(whole) = fs::canonicalize(path) else { return false };
    others.iter().any(|other| fs::canonicalize(other).is_ok_and(|other| other == whole))
}

#[cfg(test)]
mod tests {
    use super::super::atomic::tests::Scratch;
    use super::*;

    fn names(inputs: &[Input]) -> Vec<&str> {
        inputs.iter().map(|input| input.name.as_str()).collect()
    }

    #[test]
    fn a_directory_is_its_json_files_sorted_and_named_from_it() {
        let scratch = Scratch::new();
        for name in ["world/users/b.json", "world/users/a.json", "world/z.json", "world/notes.txt", "world/.x.json"] {
            scratch.write(name, name.as_bytes());
        }
        let inputs = read_inputs(&[scratch.path("world")]).unwrap();
        assert_eq!(names(&inputs), ["users/a.json", "users/b.json", "z.json"]);
        assert_eq!(inputs[0].text, "world/users/a.json");
        assert!(inputs[0].shown.ends_with("world/users/a.json"));
    }

    #[test]
    fn a_file_is_named_by_itself_and_counts_once() {
        let scratch = Scratch::new();
        scratch.write("one/a.json", b"1");
        scratch.write("two/a.json", b"2");
        let inputs = read_inputs(&[scratch.path("one/a.json"), scratch.path("one")]).unwrap();
        assert_eq!(names(&inputs), ["a.json"]);
        let inputs = read_inputs(&[scratch.path("one"), scratch.path("two/a.json")]).unwrap();
        assert_eq!(names(&inputs), ["one/a.json", "two/a.json"]);
    }

    #[test]
    fn every_unusable_path_is_reported() {
        let scratch = Scratch::new();
        scratch.write("latin.json", b"{\n\"caf\xe9\": 1}");
        scratch.write("big.json", b"\0{\0\"\0V");
        scratch.write("little.json", b"{\0\"\0V\0");
        scratch.write("empty/readme.txt", b"");
        let paths = ["latin.json", "none.json", "empty", "big.json", "little.json"].map(|name| scratch.path(name));
        let errors = read_inputs(&paths).unwrap_err();
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert!(texts[0].ends_with("is not UTF-8 text: byte 6, in line 2, belongs to no character"), "{texts:?}");
        assert!(texts[1].ends_with("none.json` does not exist"), "{texts:?}");
        assert!(texts[2].ends_with("empty` holds no `*.json` file"), "{texts:?}");
        // UTF-16 without a byte order mark.
        assert!(texts[3].ends_with("is not UTF-8 text: byte 0, in line 1, belongs to no character"), "{texts:?}");
        assert!(texts[4].ends_with("is not UTF-8 text: byte 1, in line 1, belongs to no character"), "{texts:?}");
    }

    #[cfg(unix)]
    #[test]
    fn a_ring_of_links_ends() {
        let scratch = Scratch::new();
        scratch.write("world/a.json", b"1");
        std::os::unix::fs::symlink(scratch.path("world"), scratch.path("world/again")).unwrap();
        std::os::unix::fs::symlink(scratch.path("world/a.json"), scratch.path("world/b.json")).unwrap();
        assert_eq!(names(&read_inputs(&[scratch.path("world")]).unwrap()), ["a.json"]);
    }

    #[test]
    fn paths_are_shown_with_slashes_as_given() {
        assert_eq!(with_slashes(Path::new("a/b.json")), "a/b.json");
        assert_eq!(with_slashes(Path::new("/a/../b.json")), "/a/../b.json");
    }
}
