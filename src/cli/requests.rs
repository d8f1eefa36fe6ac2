//! Requests line by line, as `decide --requests` and `bench` read them.

use std::path::Path;

use iamc::ask::OwnedRequest;
use iamc::files::{LINE_MAX_BYTES, Line, Lines};
use iamc::terms::Semantics;

use crate::output::Failure;

/// The lines of a file that hold requests.
pub(crate) struct RequestLines {
    lines: Lines,
    number: usize,
    semantics: Semantics,
}

/// A line that is not blank.
pub(crate) struct RequestLine {
    /// Its number; the first line is 1, and blank ones count.
    pub(crate) number: usize,
    /// The request, or why there is none.
    pub(crate) request: Result<OwnedRequest, String>,
}

impl RequestLines {
    /// Opens a file, or standard input. Session policies in requests are compiled under `semantics`.
    pub(crate) fn open(path: &Path, semantics: Semantics) -> Result<Self, Failure> {
        Ok(Self { lines: Lines::open(path).map_err(Failure::of)?, number: 0, semantics })
    }

    /// Whether the next line may have to be waited for.
    pub(crate) fn is_drained(&self) -> bool {
        self.lines.is_drained()
    }

    /// The next line that is not blank, or `None` behind the last.
    pub(crate) fn next_request(&mut self) -> Result<Option<RequestLine>, Failure> {
        let semantics = self.semantics;
        loop {
            self.number += 1;
            let request = match self.lines.next_line().map_err(Failure::of)? {
                None => return Ok(None),
                Some(Line::Text(text)) if text.trim().is_empty() => continue,
                Some(Line::Text(text)) => OwnedRequest::from_json(text, semantics).map_err(|error| error.to_string()),
                Some(Line::TooLong) => Err(format!("the line is longer than {LINE_MAX_BYTES} bytes")),
                Some(Line::NotUtf8) => Err("the line is not UTF-8".to_owned()),
            };
            return Ok(Some(RequestLine { number: self.number, request }));
        }
    }
}
