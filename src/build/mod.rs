//! Policies as a step of a crate's build: what a build script calls.
//!
//! Comes in: paths as `iamc compile` takes them. Goes out: `OUT_DIR/NAME.iamc`, the artifact, and `OUT_DIR/NAME.rs`, its
//! names as constants; instructions for cargo on standard output; and an error whose `Debug`, which is what cargo shows,
//! is a report with a caret under each mistake. Nothing else is written, and nothing is asked of the network.
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), iamc::build::BuildError> {
//!     iamc::build::compile("policies")
//! }
//! ```

mod constants;
mod error;

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::compile::{self, Level, Options};
use crate::files;
use crate::input::{self, Loaded};
use crate::names::Names;
use crate::report::{Reporter, Style, count};
use crate::runtime::Tables;
use crate::source::{Diagnostic, Severity};
use crate::terms::Semantics;
use crate::world::PolicyType;

pub use error::BuildError;

/// Compiles a folder of policies, a policy file, an account dump or a manifest (`iamc.toml`) into `OUT_DIR/NAME.iamc`,
/// where `NAME` is the input's name without folder and ending: `policies` for `"policies"`.
///
/// Relative paths are relative to the package, in which cargo runs build scripts. The build script runs again when a
/// file changes, and when one comes or goes in a folder that was searched.
///
/// # Errors
///
/// Fails as [`Config::compile`] does.
pub fn compile(input: impl AsRef<Path>) -> Result<(), BuildError> {
    Config::new().compile(&[input])
}

/// How policies are compiled in a build script.
///
/// ```no_run
/// # fn main() -> Result<(), iamc::build::BuildError> {
/// iamc::build::Config::new().name("access").deny_warnings().compile(&["policies", "account.json"])
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Config {
    name: Option<String>,
    out_dir: Option<PathBuf>,
    options: Options,
    policy_type: Option<PolicyType>,
    denied: Option<Severity>,
    actions: Vec<String>,
}

/// Most warnings that are printed.
const WARNINGS_MAX: usize = 50;

impl Config {
    /// Returns the defaults, which are those of `iamc compile`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names what is written: `NAME.iamc` and `NAME.rs`. Default: the name of the first input without folder and ending.
    pub fn name(&mut self, name: impl Into<String>) -> &mut Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the folder that is written to. Default: `OUT_DIR` as cargo gives it.
    pub fn out_dir(&mut self, folder: impl Into<PathBuf>) -> &mut Self {
        self.out_dir = Some(folder.into());
        self
    }

    /// Sets the switches of the semantics, as `--semantics` does.
    pub fn semantics(&mut self, semantics: Semantics) -> &mut Self {
        self.options.semantics = semantics;
        self
    }

    /// Sets how much the optimizer does, as `-O` does.
    pub fn optimize(&mut self, level: Level) -> &mut Self {
        self.options.optimize = level;
        self
    }

    /// Sets the type of the policy documents instead of detecting it, as `--type` does.
    pub fn policy_type(&mut self, policy_type: PolicyType) -> &mut Self {
        self.policy_type = Some(policy_type);
        self
    }

    /// Fails on warnings too, as `--deny warnings` does. They are those of compiling; for the findings of `iamc check`
    /// run that.
    pub fn deny_warnings(&mut self) -> &mut Self {
        self.denied = Some(Severity::Warning);
        self
    }

    /// Adds an action to the constants, `service:Name`: one that the host asks for although the policies name it by a
    /// pattern only, such as `s3:Get*`.
    pub fn action(&mut self, action: impl Into<String>) -> &mut Self {
        self.actions.push(action.into());
        self
    }

    /// Compiles all inputs into one artifact.
    ///
    /// What is there already is written again only where it changes, and replaced as a whole. The same inputs give the
    /// same bytes. Warnings are passed on to cargo, one line each.
    ///
    /// # Errors
    ///
    /// Fails unless there is an input and a folder to write to, every input can be read, no path has a line break, and all
    /// of them compile; with a report of every mistake.
    pub fn compile(&self, inputs: &[impl AsRef<Path>]) -> Result<(), BuildError> {
        let inputs = inputs.iter().map(|input| input.as_ref().to_owned()).collect::<Vec<_>>();
        let mut instructions = Vec::new();
        let outcome = self.run(&inputs, &mut instructions);
        // Also where it fails, so that cargo knows what to watch.
        let mut out = std::io::stdout().lock();
        let written = instructions.iter().try_for_each(|line| writeln!(out, "cargo::{line}"));
        outcome.and(written.map_err(|cause| BuildError::new(format!("cannot write to standard output: {cause}"))))
    }

    fn run(&self, inputs: &[PathBuf], instructions: &mut Vec<String>) -> Result<(), BuildError> {
        instructions.extend(inputs.iter().filter_map(|input| watch(input).ok()));
        inputs.iter().try_for_each(|input| watch(input).map(drop))?;
        let out_dir = self.folder()?;
        let name = self.artifact_name(inputs)?;
        let loaded = input::load(inputs, self.policy_type).map_err(|errors| BuildError::unread(&errors))?;
        watch_all(&loaded, inputs, &out_dir, instructions)?;
        let sources = loaded.world.sources().clone();
        let names = self.names(&loaded)?;
        let (compiled, findings) = match compile::compile(loaded.world, &self.options) {
            Ok(compiled) => (Some(compiled.as_bytes().to_vec()), compiled.findings),
            Err(errors) => (None, errors.findings),
        };
        let reporter = Reporter::new(&sources, &loaded.paths, Style::Plain);
        let is_denied = |finding: &Diagnostic| self.denied.is_some_and(|least| least <= finding.severity);
        let Some(artifact) = compiled.filter(|_| !findings.iter().any(is_denied)) else {
            return Err(BuildError::refused(&reporter, &findings));
        };
        warn(&reporter, &findings, instructions);
        let tables = Tables::load(&artifact).map_err(|error| BuildError::new(error.to_string()))?;
        let constants = constants::module(&name, &tables, &names);
        let write = |ending: &str, bytes: &[u8]| {
            let path = out_dir.join(format!("{name}.{ending}"));
            files::write_if_changed(&path, bytes).map_err(|error| BuildError::new(error.to_string()))
        };
        write("iamc", &artifact)?;
        write("rs", constants.as_bytes())
    }

    fn folder(&self) -> Result<PathBuf, BuildError> {
        let given = self.out_dir.clone().or_else(|| std::env::var_os("OUT_DIR").map(PathBuf::from));
        given.ok_or_else(|| {
            BuildError::new(
                "`OUT_DIR` is not set: call this in a build script, or name a folder with `out_dir`".to_owned(),
            )
        })
    }

    fn artifact_name(&self, inputs: &[PathBuf]) -> Result<String, BuildError> {
        let Some(first) = inputs.first() else {
            return Err(BuildError::new("there is no input to compile".to_owned()));
        };
        let stem = || first.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let name = self.name.clone().or_else(stem).unwrap_or_default();
        if name.is_empty() || name.contains(['/', '\\']) {
            return Err(BuildError::new(format!(
                "`{name}` cannot be the name of an artifact; set one with `name`, such as `policies`"
            )));
        }
        Ok(name)
    }

    fn names(&self, loaded: &Loaded) -> Result<Names, BuildError> {
        let mut names = Names::of(&loaded.world);
        for action in &self.actions {
            if !names.add_action(action) {
                return Err(BuildError::new(format!("`{action}` is no action of the form `service:Name`")));
            }
        }
        Ok(names)
    }
}

/// The instruction to run again when a file or folder changes. Cargo reads a line as one instruction, so that a path with a
/// line break would be followed by an instruction of whoever named the file.
fn watch(path: &Path) -> Result<String, BuildError> {
    let path = path.to_string_lossy();
    if path.contains(['\n', '\r']) {
        return Err(BuildError::new(format!(
            "the path {path:?} has a line break, and cargo cannot be told to watch it"
        )));
    }
    Ok(format!("rerun-if-changed={path}"))
}

/// Tells cargo of all files that were read and all folders that were searched. A folder that holds the output itself would
/// change with every build, and is left out.
fn watch_all(
    loaded: &Loaded,
    inputs: &[PathBuf],
    out_dir: &Path,
    instructions: &mut Vec<String>,
) -> Result<(), BuildError> {
    let is_input = |line: &String, input: &PathBuf| watch(input).is_ok_and(|watched| watched == *line);
    instructions.retain(|line| !inputs.iter().any(|input| files::holds(input, out_dir) && is_input(line, input)));
    let folders = loaded.folders.iter().filter(|folder| !files::holds(folder, out_dir));
    for path in loaded.files.iter().chain(folders) {
        let line = watch(path)?;
        if !instructions.contains(&line) {
            instructions.push(line);
        }
    }
    Ok(())
}

fn warn(reporter: &Reporter<'_>, findings: &[Diagnostic], instructions: &mut Vec<String>) {
    let warnings = findings.iter().filter(|finding| Severity::Warning <= finding.severity);
    instructions
        .extend(warnings.clone().take(WARNINGS_MAX).map(|finding| format!("warning={}", reporter.line(finding))));
    let hidden = warnings.count().saturating_sub(WARNINGS_MAX);
    if 0 < hidden {
        let more = count(hidden, "more warning is", "more warnings are");
        instructions.push(format!("warning={more} not shown; `iamc check` lists all"));
    }
}

#[cfg(test)]
mod tests;
