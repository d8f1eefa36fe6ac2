//! Inputs of the commands: worlds and artifacts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use iamc::Tables;
use iamc::files;
use iamc::source::{Diagnostic, Severity};
use iamc::world::{self, World};

use crate::args::WorldArguments;
use crate::output::Failure;

/// A world as far as it could be read.
pub(crate) struct Loaded {
    pub(crate) world: World,
    /// From the names in the world to the paths that the user gave.
    pub(crate) paths: BTreeMap<String, String>,
}

/// Reads all inputs and builds the world.
pub(crate) fn load_world(arguments: &WorldArguments) -> Result<Loaded, Failure> {
    let inputs = read_all(&arguments.inputs)?;
    let paths = inputs.iter().map(|input| (input.name.clone(), input.shown.clone())).collect();
    let texts = inputs.into_iter().map(|input| (input.name, input.text)).collect();
    let world = world::load(texts, arguments.policy_type());
    Ok(Loaded { world, paths })
}

fn read_all(paths: &[PathBuf]) -> Result<Vec<files::Input>, Failure> {
    files::read_inputs(paths).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Failure::Message(lines.join("\nerror: "))
    })
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
