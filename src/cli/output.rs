//! Standard output that survives a closed pipe, and exit statuses.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use iamc::files::FileError;
pub(crate) use iamc::report::count;
use serde::Serialize;

/// The answer is yes, or there was no question.
pub(crate) const STATUS_OK: u8 = 0;
/// The answer is "no": a failed scenario, findings at or above the failing level.
pub(crate) const STATUS_NO: u8 = 1;
/// Usage, unreadable input, a policy that cannot be compiled, a bad artifact.
pub(crate) const STATUS_UNUSABLE: u8 = 2;
/// `decide --exit-status`: implicitly denied.
pub(crate) const STATUS_IMPLICIT_DENY: u8 = 3;
/// `decide --exit-status`: explicitly denied.
pub(crate) const STATUS_EXPLICIT_DENY: u8 = 4;

/// Why a command ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// To be told to the user; the status is 2.
    Message(String),
    /// The reader of standard output is gone.
    BrokenPipe,
}

impl Failure {
    /// A failure in the words of an error.
    pub(crate) fn of(error: impl std::error::Error) -> Self {
        Self::Message(error.to_string())
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::of(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::BrokenPipe;
        }
        Self::Message(format!("cannot write to standard output: {error}"))
    }
}

/// Buffered standard output.
#[derive(Debug)]
pub(crate) struct Output {
    writer: BufWriter<Stdout>,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self { writer: BufWriter::with_capacity(1 << 16, io::stdout()) }
    }

    /// Writes one line.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.writer.write_all(text.as_bytes())?;
        self.writer.write_all(b"\n")?;
        Ok(())
    }

    /// Writes bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        Ok(self.writer.write_all(bytes)?)
    }

    /// Writes one compact JSON value.
    pub(crate) fn value(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        Ok(serde_json::to_writer(&mut self.writer, value).map_err(io::Error::from)?)
    }

    /// Writes one compact JSON value and a line end.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        self.value(value)?;
        self.writer.write_all(b"\n")?;
        Ok(())
    }

    /// Passes everything on to the reader.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.writer.flush()?)
    }
}

/// Writes a line to standard error. Nothing can be done if that fails.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// How human output looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// A terminal that may show colour.
    Colour,
    /// A file, a pipe, or a user who set `NO_COLOR`.
    Plain,
}

impl Style {
    /// The style of standard output.
    pub(crate) fn of_stdout() -> Self {
        Self::of(&io::stdout())
    }

    /// The style of standard error.
    pub(crate) fn of_stderr() -> Self {
        Self::of(&io::stderr())
    }

    fn of(stream: &impl IsTerminal) -> Self {
        // https://no-color.org: present and not empty.
        let is_refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if stream.is_terminal() && !is_refused { Self::Colour } else { Self::Plain }
    }

    /// Paints a text in an ANSI colour.
    pub(crate) fn paint(self, text: &str, colour: Colour) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colour => format!("\u{1b}[{}m{text}\u{1b}[0m", colour.code()),
        }
    }
}

/// A colour with a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    /// Allowed, passed.
    Good,
    /// Denied, failed.
    Bad,
}

impl Colour {
    const fn code(self) -> &'static str {
        match self {
            Self::Good => "32",
            Self::Bad => "31",
        }
    }
}
