//! Stands in until the runtime is merged.
use super::{Decision, Explanation, Request, RequestError, StatementName};
use crate::terms::{Cardinality, KeySource, Layer, Layers, Semantics};
use core::fmt;

/// Tables.
#[derive(Debug, Clone, Copy)]
pub struct Tables<'a> {
    bytes: &'a [u8],
}

/// Why not.
#[derive(Debug)]
pub struct LoadError;

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the file is not an iamc artifact")
    }
}

impl core::error::Error for LoadError {}

/// A key.
#[derive(Debug, Clone, Copy)]
pub struct RequiredKey<'a> {
    /// Name.
    pub name: &'a str,
    /// How many.
    pub cardinality: Cardinality,
    /// From where.
    pub source: KeySource,
}

/// Counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Number.
    pub accounts: u32,
    /// Number.
    pub principals: u32,
    /// Number.
    pub policies: u32,
    /// Number.
    pub statements: u32,
    /// Number.
    pub bundles: u32,
    /// Number.
    pub action_classes: u32,
    /// Number.
    pub tries: u32,
    /// Number.
    pub node_words: u32,
    /// Number.
    pub row_words: u32,
    /// Number.
    pub tests: u32,
    /// Number.
    pub guards: u32,
    /// Number.
    pub resources: u32,
    /// Number.
    pub endpoints: u32,
}

impl<'a> Tables<'a> {
    /// Loads.
    ///
    /// # Errors
    ///
    /// Never mind.
    pub fn load(bytes: &'a [u8]) -> Result<Self, LoadError> {
        if bytes.starts_with(b"STUB") { Ok(Self { bytes }) } else { Err(LoadError) }
    }

    /// Decides.
    pub fn decide(&self, _request: &Request<'_>) -> Decision {
        let _ = self.bytes;
        Decision::ImplicitDeny(Layers::NONE)
    }

    /// Explains.
    ///
    /// # Errors
    ///
    /// Never mind.
    pub fn explain(&self, request: &Request<'_>) -> Result<Explanation, RequestError> {
        if !request.action.contains(':') {
            return Err(RequestError::Action);
        }
        let mut blockers = Layers::NONE;
        blockers.insert(Layer::Identity);
        Ok(Explanation {
            decision: Decision::ImplicitDeny(blockers),
            blockers,
            assumed_resource_account: false,
            ignored_layers: Layers::NONE,
        })
    }

    /// Ignored keys.
    pub fn ignored_keys<'r>(&self, _request: &'r Request<'_>) -> impl Iterator<Item = &'r str> {
        core::iter::empty()
    }

    /// Statement.
    pub fn statement(&self, _id: u32) -> Option<StatementName<'a>> {
        None
    }

    /// Version of the format.
    pub const FORMAT_VERSION: u32 = 1;

    /// Semantics.
    pub fn semantics(&self) -> Semantics {
        Semantics::default()
    }

    /// Keys.
    pub fn required_keys(&self) -> impl Iterator<Item = RequiredKey<'a>> {
        core::iter::empty()
    }

    /// Sections.
    pub fn sections(&self) -> impl Iterator<Item = (&'static str, usize)> {
        core::iter::empty()
    }

    /// Counts.
    pub fn counts(&self) -> Counts {
        Counts::default()
    }
}
