//! Files: the only room that touches the file system.
//!
//! Comes in: paths as the user gave them. Goes out: texts with names that do not depend on where the user stands, and
//! files that are either completely written or not touched at all. This room knows no language and no format; it
//! never asks the network and never reads the environment.
#![expect(clippy::disallowed_methods, reason = "this is the one room that may use std::fs")]

mod atomic;
mod error;
mod inputs;
mod patterns;
mod streams;

pub use atomic::{make_directory, write_atomically, write_if_changed};
pub use error::FileError;
pub use inputs::{Input, Listed, is_among, list_inputs, read_inputs, read_text};
pub use patterns::{Match, folder, holds, identity, is_folder, matches, searched};
pub use streams::{LINE_MAX_BYTES, Line, Lines, read_bytes};
