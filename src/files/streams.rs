//! Files that are not read as one text: artifacts, and requests line by line.

use super::FileError;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Reads a file of any bytes.
///
/// # Errors
///
/// Fails unless the file can be read.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, FileError> {
    fs::read(path).map_err(|cause| FileError::read(&path.to_string_lossy(), cause))
}

/// Lines of a file or, for `-`, of standard input. Holds one line at a time.
pub struct Lines {
    path: String,
    reader: BufReader<Box<dyn Read>>,
    buffer: Vec<u8>,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("path", &self.path).finish_non_exhaustive()
    }
}

/// A line, or why it is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'l> {
    /// The text without its line end.
    Text(&'l str),
    /// More than [`LINE_MAX_BYTES`] bytes; skipped as a whole.
    TooLong,
    /// Not UTF-8.
    NotUtf8,
}

/// Longest line that is read, so that memory stays bounded whatever comes in.
pub const LINE_MAX_BYTES: usize = 16 << 20;

impl Lines {
    /// Opens a file, or standard input.
    ///
    /// # Errors
    ///
    /// Fails unless the file can be opened.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let shown = path.to_string_lossy().into_owned();
        let reader: Box<dyn Read> = if path.as_os_str() == "-" {
            Box::new(std::io::stdin())
        } else {
            Box::new(File::open(path).map_err(|cause| FileError::read(&shown, cause))?)
        };
        Ok(Self { path: shown, reader: BufReader::with_capacity(1 << 16, reader), buffer: Vec::new() })
    }

    /// Whether the next line may have to be waited for: who writes answers should pass them on first.
    pub fn is_drained(&self) -> bool {
        self.reader.buffer().is_empty()
    }

    /// Returns the next line, or `None` behind the last.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read further.
    pub fn next_line(&mut self) -> Result<Option<Line<'_>>, FileError> {
        self.buffer.clear();
        let mut is_too_long = false;
        loop {
            let part = self.reader.fill_buf().map_err(|cause| FileError::read(&self.path, cause))?;
            let end = part.iter().position(|&byte| byte == b'\n');
            let taken = end.map_or(part.len(), |end| end + 1);
            if taken == 0 && self.buffer.is_empty() && !is_too_long {
                return Ok(None);
            }
            is_too_long |= LINE_MAX_BYTES < self.buffer.len() + taken;
            if is_too_long {
                self.buffer.clear();
            } else {
                self.buffer.extend_from_slice(part.get(..taken).unwrap_or_default());
            }
            self.reader.consume(taken);
            if end.is_some() || taken == 0 {
                break;
            }
        }
        if is_too_long {
            return Ok(Some(Line::TooLong));
        }
        while self.buffer.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            self.buffer.pop();
        }
        Ok(Some(std::str::from_utf8(&self.buffer).map_or(Line::NotUtf8, Line::Text)))
    }
}
