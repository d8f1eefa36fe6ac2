//! The compiler as one function: world in, artifact out.

use crate::encode::encode;
use crate::lower::lower;
use crate::optimize;
pub use crate::optimize::Level;
use crate::provenance::{self, Provenance};
use crate::source::{Diagnostic, Place, Severity};
use crate::terms::Semantics;
use crate::threads::beside;
use crate::world::World;

/// How to compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// The switches of reference chapter 11.
    pub semantics: Semantics,
    /// How much the optimizer does.
    pub optimize: Level,
}

/// What was compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Policies, attached or named.
    pub policies: usize,
    /// Their statements.
    pub statements: usize,
    /// Users, roles and federated users.
    pub principals: usize,
}

/// A compiled artifact.
#[derive(Debug, Clone)]
pub struct Compiled {
    artifact: Vec<u8>,
    /// Warnings and suggestions of reading and compiling, in source order.
    pub findings: Vec<Diagnostic>,
    /// Counts.
    pub summary: Summary,
}

impl Compiled {
    /// The artifact's bytes, for [`Tables::load`](crate::Tables::load).
    pub fn as_bytes(&self) -> &[u8] {
        &self.artifact
    }
}

/// Why a world could not be compiled.
#[derive(Debug, Clone)]
pub struct CompileErrors {
    /// All findings of the run in source order; at least one is an error.
    pub findings: Vec<Diagnostic>,
}

impl std::fmt::Display for CompileErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut errors = self.findings.iter().filter(|finding| finding.severity == Severity::Error);
        match errors.next() {
            Some(first) => write!(f, "{}: {}", first.code, first.message)?,
            None => f.write_str("the policies do not compile")?,
        }
        match errors.count() {
            0 => Ok(()),
            more => write!(f, " (and {more} more)"),
        }
    }
}

impl std::error::Error for CompileErrors {}

/// Compiles a world; its texts stay readable through a clone of [`World::sources`], which shares them.
///
/// Equal worlds and options give equal bytes. Some work on large worlds is done on a second thread, where one can be had;
/// it is over when this returns. Linear in the size of the documents but for a sort of names.
///
/// # Errors
///
/// Fails if any text could not be read or any document breaks a rule of the reference, with all findings of the run.
pub fn compile(mut world: World, options: &Options) -> Result<Compiled, CompileErrors> {
    let mut findings = std::mem::take(&mut world.findings);
    let sources = world.sources.clone();
    let lowered = || lower(world, options.semantics, &mut findings);
    let bytes = sources.iter().map(|(_, source)| source.text.len()).sum();
    let (inputs, mut program) = beside(bytes, || provenance::inputs(&sources), lowered);
    settle(&mut findings);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(CompileErrors { findings });
    }
    let places = program.statements.iter().map(|statement| statement.place).collect::<Vec<_>>();
    let optimized = || optimize::run(&mut program, options.optimize);
    let (positions, tables) = beside(bytes, || provenance::positions(&sources, &places), optimized);
    let provenance = Provenance::new(inputs, positions, &tables.passes);
    let summary = Summary {
        policies: program.policies.len(),
        statements: program.statements.len(),
        principals: program.principals.len(),
    };
    match encode(program, tables, &provenance.write()) {
        Ok(artifact) => Ok(Compiled { artifact, findings, summary }),
        Err(fault) => {
            findings.push(too_large(fault.what));
            Err(CompileErrors { findings })
        }
    }
}

/// Everything that [`compile`] finds in a world, without an artifact.
pub(crate) fn findings(mut world: World, semantics: Semantics) -> Vec<Diagnostic> {
    let mut findings = std::mem::take(&mut world.findings);
    let mut program = lower(world, semantics, &mut findings);
    settle(&mut findings);
    if findings.iter().all(|finding| finding.severity != Severity::Error) {
        let tables = optimize::run(&mut program, Level::None);
        findings.extend(encode(program, tables, &[]).err().map(|fault| too_large(fault.what)));
    }
    findings
}

/// Puts findings into source order, each once.
pub(crate) fn settle(findings: &mut Vec<Diagnostic>) {
    findings.sort_by_key(|finding| (finding.place, finding.code));
    findings.dedup_by(|one, other| one.place == other.place && one.code == other.code);
}

fn too_large(what: &str) -> Diagnostic {
    Diagnostic {
        code: "iamc::encode::too-large",
        severity: Severity::Error,
        message: format!("{what} is too large for the artifact's format"),
        place: Place::default(),
        label: "the world that begins here".to_owned(),
        related: Vec::new(),
        fixes: Vec::new(),
        help: Some("split the world into several artifacts".to_owned()),
    }
}
