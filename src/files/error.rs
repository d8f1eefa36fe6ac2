//! What can go wrong with a file.

use std::fmt;
use std::io;

/// A file that could not be read or written: which one, and why.
#[derive(Debug)]
pub(crate) struct FileError {
    path: String,
    kind: Kind,
}

/// Why.
#[derive(Debug)]
enum Kind {
    Missing,
    Read(io::Error),
    Write(io::Error),
    NotUtf8 { byte: usize, line: usize },
    TooLarge,
    EmptyDirectory,
}

impl FileError {
    /// The path as the user gave it.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn read(path: &str, cause: io::Error) -> Self {
        let is_missing = cause.kind() == io::ErrorKind::NotFound;
        let kind = if is_missing { Kind::Missing } else { Kind::Read(cause) };
        Self { path: path.to_owned(), kind }
    }

    pub(super) fn write(path: &str, cause: io::Error) -> Self {
        Self { path: path.to_owned(), kind: Kind::Write(cause) }
    }

    pub(super) fn not_utf8(path: &str, byte: usize, line: usize) -> Self {
        Self { path: path.to_owned(), kind: Kind::NotUtf8 { byte, line } }
    }

    pub(super) fn too_large(path: &str) -> Self {
        Self { path: path.to_owned(), kind: Kind::TooLarge }
    }

    pub(super) fn empty_directory(path: &str) -> Self {
        Self { path: path.to_owned(), kind: Kind::EmptyDirectory }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.kind {
            Kind::Missing => write!(f, "`{path}` does not exist"),
            Kind::Read(cause) => write!(f, "cannot read `{path}`: {cause}"),
            Kind::Write(cause) => write!(f, "cannot write `{path}`: {cause}"),
            Kind::NotUtf8 { byte, line } => {
                write!(f, "`{path}` is not UTF-8 text: byte {byte}, in line {line}, belongs to no character")
            }
            Kind::TooLarge => write!(f, "`{path}` is larger than 4 GiB"),
            Kind::EmptyDirectory => write!(f, "the directory `{path}` holds no `*.json` file"),
        }
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Read(cause) | Kind::Write(cause) => Some(cause),
            Kind::Missing | Kind::NotUtf8 { .. } | Kind::TooLarge | Kind::EmptyDirectory => None,
        }
    }
}
