//! Patterns of file names, as manifests write them: relative to the manifest, with `/`.

use super::FileError;
use super::inputs::{walk, with_slashes};
use std::fs;
use std::path::{Path, PathBuf};

/// A file that a pattern stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match {
    /// Path relative to the folder of the pattern, with `/`.
    pub name: String,
    /// Where to read it.
    pub path: PathBuf,
}

/// Stars match within one component of a path, hidden entries only where a dot is written.
const OPTIONS: glob::MatchOptions =
    glob::MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// The files that `pattern` stands for below `folder`, sorted by name; none is no error.
///
/// A directory stands for all `*.json` below it. A pattern that is the name of an existing file is that file, whatever
/// characters it holds.
///
/// # Errors
///
/// Every directory that cannot be read.
pub fn matches(folder: &Path, pattern: &str) -> Result<Vec<Match>, Vec<FileError>> {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    let literal = folder.join(pattern);
    if fs::metadata(&literal).is_ok() {
        add(folder, literal, &mut found, &mut errors);
    } else {
        let base = glob::Pattern::escape(&folder.to_string_lossy());
        let whole = if base.is_empty() { pattern.to_owned() } else { format!("{base}/{pattern}") };
        // A malformed pattern has been reported by whoever read it, and stands for nothing here.
        let paths = glob::glob_with(&whole, OPTIONS).into_iter().flatten();
        for path in paths {
            match path {
                Ok(path) => add(folder, path, &mut found, &mut errors),
                Err(fault) => {
                    let shown = with_slashes(fault.path());
                    errors.push(FileError::read(&shown, fault.into()));
                }
            }
        }
    }
    found.sort();
    found.dedup();
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

/// The folder that patterns in a file are relative to; that of standard input is where the user stands.
pub fn folder(file: &Path) -> PathBuf {
    file.parent().map(Path::to_owned).unwrap_or_default()
}

/// The folder in which `pattern` below `folder` looks for files, so that a new one there may belong to it; none for the
/// name of one file.
pub fn searched(folder: &Path, pattern: &str) -> Option<PathBuf> {
    let literal = folder.join(pattern);
    if let Ok(metadata) = fs::metadata(&literal) {
        return metadata.is_dir().then_some(literal);
    }
    let has_star = |part: &str| part.contains(['*', '?', '[']);
    let fixed = pattern.split('/').take_while(|part| !has_star(part)).collect::<Vec<_>>();
    has_star(pattern).then(|| folder.join(fixed.join("/")))
}

/// Whether a path is a folder.
pub fn is_folder(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Whether a folder holds a path at any depth, or is it, however each is spelled.
pub fn holds(folder: &Path, path: &Path) -> bool {
    identity(path).starts_with(identity(folder))
}

/// The same for two spellings of one path, if the file exists.
pub fn identity(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn add(folder: &Path, path: PathBuf, found: &mut Vec<Match>, errors: &mut Vec<FileError>) {
    let name = name(folder, &path);
    if !fs::metadata(&path).is_ok_and(|metadata| metadata.is_dir()) {
        return found.push(Match { name, path });
    }
    let mut below = Vec::new();
    walk(&path, &mut Vec::new(), "", &mut below, errors);
    let start = if name.is_empty() || name.ends_with('/') { name } else { format!("{name}/") };
    found.extend(below.into_iter().map(|file| Match { name: format!("{start}{}", file.name), path: file.path }));
}

fn name(folder: &Path, path: &Path) -> String {
    let relative = with_slashes(path.strip_prefix(folder).unwrap_or(path));
    relative.strip_prefix("./").map_or(relative.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::atomic::tests::Scratch;
    use super::*;

    fn check(scratch: &Scratch, pattern: &str, expected: &[&str]) {
        let found = matches(&scratch.path("w[1]"), pattern).unwrap();
        let names: Vec<&str> = found.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, expected, "{pattern}");
    }

    #[test]
    fn patterns_are_relative_and_sorted() {
        let scratch = Scratch::new();
        for name in ["w[1]/b.json", "w[1]/a.json", "w[1]/x/c.json", "w[1]/x/y/d.json", "w[1]/x/n.txt", "other.json"] {
            scratch.write(name, b"1");
        }
        scratch.write("w[1]/.hidden.json", b"1");
        check(&scratch, "*.json", &["a.json", "b.json"]);
        check(&scratch, "./a.json", &["a.json"]);
        check(&scratch, "x", &["x/c.json", "x/y/d.json"]);
        check(&scratch, "x/", &["x/c.json", "x/y/d.json"]);
        check(&scratch, "**/*.json", &["a.json", "b.json", "x/c.json", "x/y/d.json"]);
        check(&scratch, "x/*", &["x/c.json", "x/n.txt", "x/y/d.json"]);
        check(&scratch, "../other.json", &["../other.json"]);
        check(&scratch, "none*.json", &[]);
    }

    #[test]
    fn folders_that_patterns_search() {
        let scratch = Scratch::new();
        scratch.write("w/x/c.json", b"1");
        let folder = scratch.path("w");
        let check = |pattern: &str, expected: Option<&str>| {
            assert_eq!(searched(&folder, pattern), expected.map(|below| folder.join(below)), "{pattern}");
        };
        check("x", Some("x"));
        check("x/c.json", None);
        check("x/missing.json", None);
        check("x/*.json", Some("x"));
        check("x/**/d[0-9].json", Some("x"));
        check("*/c.json", Some(""));
        assert!(is_folder(&folder) && !is_folder(&scratch.path("w/x/c.json")));
        assert!(holds(&folder, &scratch.path("w/x/../x")) && !holds(&scratch.path("w/x"), &folder));
    }

    #[test]
    fn a_name_with_brackets_is_a_name() {
        let scratch = Scratch::new();
        scratch.write("w[1]/[prod].json", b"1");
        scratch.write("w[1]/p.json", b"1");
        check(&scratch, "[prod].json", &["[prod].json"]);
        check(&scratch, "[p].json", &["p.json"]);
    }
}
