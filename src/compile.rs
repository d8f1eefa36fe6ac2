//! Stands in until the compiler is merged.
use crate::source::{Diagnostic, Severity};
use crate::terms::Semantics;
use crate::world::model::World;

/// How much the optimizer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// Nothing.
    None,
    /// Everything.
    #[default]
    Full,
}

/// Options.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Switches.
    pub semantics: Semantics,
    /// Optimizer.
    pub optimize: Level,
}

/// Result.
#[derive(Debug, Clone)]
pub struct Compiled {
    artifact: Vec<u8>,
    /// Findings.
    pub findings: Vec<Diagnostic>,
    /// Counts.
    pub summary: Summary,
}

impl Compiled {
    /// The artifact.
    pub fn as_bytes(&self) -> &[u8] {
        &self.artifact
    }
}

/// Counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Summary {
    /// Number.
    pub policies: usize,
    /// Number.
    pub statements: usize,
    /// Number.
    pub principals: usize,
}

/// Errors.
#[derive(Debug, Clone)]
pub struct CompileErrors {
    /// At least one error.
    pub findings: Vec<Diagnostic>,
}

/// Compiles.
///
/// # Errors
///
/// Never mind.
pub fn compile(world: &World, _options: &Options) -> Result<Compiled, CompileErrors> {
    let findings: Vec<Diagnostic> = Vec::new();
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(CompileErrors { findings });
    }
    let summary = Summary { policies: world.documents.len(), statements: 0, principals: world.principals.len() };
    Ok(Compiled { artifact: b"STUB".to_vec(), findings, summary })
}
