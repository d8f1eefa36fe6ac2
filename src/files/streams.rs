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
    reader: Box<dyn BufRead>,
    buffer: Vec<u8>,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("path", &self.path).finish_non_exhaustive()
    }
}

/// A line longer than this is cut, so that memory stays bounded whatever comes in.
const LINE_MAX_BYTES: u64 = 16 << 20;

impl Lines {
    /// Opens a file, or standard input.
    ///
    /// # Errors
    ///
    /// Fails unless the file can be opened.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let shown = path.to_string_lossy().into_owned();
        let reader: Box<dyn BufRead> = if path.as_os_str() == "-" {
            Box::new(BufReader::new(std::io::stdin()))
        } else {
            Box::new(BufReader::new(File::open(path).map_err(|cause| FileError::read(&shown, cause))?))
        };
        Ok(Self { path: shown, reader, buffer: Vec::new() })
    }

    /// Returns the next line without its end, or `None` behind the last. Bytes that are not UTF-8 are replaced.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read further.
    pub fn next_line(&mut self) -> Result<Option<std::borrow::Cow<'_, str>>, FileError> {
        self.buffer.clear();
        let mut limited = self.reader.by_ref().take(LINE_MAX_BYTES);
        let read = limited.read_until(b'\n', &mut self.buffer);
        match read.map_err(|cause| FileError::read(&self.path, cause))? {
            0 => Ok(None),
            _ => {
                while self.buffer.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
                    self.buffer.pop();
                }
                Ok(Some(String::from_utf8_lossy(&self.buffer)))
            }
        }
    }
}
