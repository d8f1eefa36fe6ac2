//! Inputs of the commands: worlds and artifacts.

use std::path::Path;

use iamc::Tables;
use iamc::check::Files;
use iamc::files::{self, FileError};
use iamc::input::{self, Loaded};
use iamc::source::{Diagnostic, Severity};

use crate::args::WorldArguments;
use crate::output::Failure;

/// Reads all inputs and builds the world.
pub(crate) fn load_world(arguments: &WorldArguments) -> Result<Loaded, Failure> {
    input::load(&arguments.inputs, arguments.policy_type()).map_err(|errors| unreadable(&errors))
}

/// Finds all inputs that are to be checked.
pub(crate) fn open_files(arguments: &WorldArguments) -> Result<Files, Failure> {
    Files::open(&arguments.inputs, arguments.policy_type()).map_err(|errors| unreadable(&errors))
}

fn unreadable(errors: &[FileError]) -> Failure {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    Failure::Message(lines.join("\nerror: "))
}

/// Reads a file of any bytes.
pub(crate) fn read_artifact(path: &Path) -> Result<Vec<u8>, Failure> {
    files::read_bytes(path).map_err(Failure::of)
}

/// Checks an artifact and borrows it as tables.
pub(crate) fn load_tables<'b>(path: &Path, bytes: &'b [u8]) -> Result<Tables<'b>, Failure> {
    Tables::load(bytes).map_err(|error| Failure::Message(format!("cannot use `{}`: {error}", path.display())))
}

/// Whether a finding of at least that severity is among them.
pub(crate) fn reaches(findings: &[Diagnostic], severity: Severity) -> bool {
    findings.iter().any(|finding| severity <= finding.severity)
}
