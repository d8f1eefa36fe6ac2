//! Loads an artifact without copying and decides requests.
//!
//! Comes in: the artifact's bytes and [`Request`]s of borrowed strings. Goes out: [`Decision`]s. `core` only: nothing
//! here allocates, locks or keeps state, and after [`Tables::load`] succeeded every call returns an answer. What
//! cannot be answered is denied.

#![deny(clippy::std_instead_of_core, clippy::alloc_instead_of_core, clippy::std_instead_of_alloc)]

mod acl;
mod budget;
mod bundle;
mod call;
mod condition;
mod context;
mod decide;
mod decision;
mod glob;
mod load;
mod names;
#[cfg_attr(not(feature = "compiler"), expect(dead_code, reason = "asked by the graph"))]
mod open;
#[cfg(feature = "compiler")]
mod parts;
mod principal;
mod request;
mod walk;
mod words;

pub use decision::{Decision, Explanation, Reason, StatementName, StatementRef};
pub use load::LoadError;
pub use names::{Counts, RequiredKey};
#[cfg(feature = "compiler")]
pub(crate) use open::{Assumption, Reading, SessionName, Sight, StatementSight};
#[cfg(feature = "compiler")]
pub(crate) use parts::{Entry, Identity, IdentityKind, Step, Test, TestValue};
#[cfg(feature = "compiler")]
pub(crate) use principal::Kinds;
pub use request::{AclGrant, AclPermission, Credentials, Grantee, ObjectAcl, Principal, Request, RequestError, Value};

use crate::terms::Semantics;
use words::Words;

/// A loaded artifact: borrowed tables, cheap to copy.
///
/// ```text
/// let tables = iamc::Tables::load(bytes)?;
/// let decision = tables.decide(&request);
/// ```
#[derive(Clone, Copy)]
pub struct Tables<'a> {
    semantics: Semantics,
    text: &'a str,
    runs: &'a [u8],
    symbols: Words<'a>,
    actions: Words<'a>,
    action_hash: Words<'a>,
    keys: Words<'a>,
    bundles: Words<'a>,
    slots: Words<'a>,
    scans: Words<'a>,
    indexes: Words<'a>,
    nodes: Words<'a>,
    rows: Words<'a>,
    guards: Words<'a>,
    blocks: Words<'a>,
    tests: Words<'a>,
    values: Words<'a>,
    patterns: Words<'a>,
    steps: Words<'a>,
    principal_sets: Words<'a>,
    principal_entries: Words<'a>,
    statements: Words<'a>,
    policies: Words<'a>,
    names: Words<'a>,
    accounts: Words<'a>,
    identities: Words<'a>,
    identity_hash: Words<'a>,
    resources: Words<'a>,
    endpoints: Words<'a>,
    access_keys: Words<'a>,
    lists: Words<'a>,
    meta: Words<'a>,
    provenance: &'a [u8],
    total_bytes: usize,
}

impl core::fmt::Debug for Tables<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tables").field("bytes", &self.total_bytes).finish_non_exhaustive()
    }
}

impl<'a> Tables<'a> {
    /// The text of a symbol; `load` made sure that it exists.
    fn text(&self, symbol: u32) -> &'a str {
        let (from, to) = (self.symbols.get(symbol), self.symbols.get(symbol.saturating_add(1)));
        match (from, to) {
            (Some(from), Some(to)) => self.text.get(words::index(from)..words::index(to)).unwrap_or(""),
            _ => "",
        }
    }

    /// The text of a number that is one more than a symbol, or zero.
    fn optional_text(&self, number: u32) -> Option<&'a str> {
        number.checked_sub(1).map(|symbol| self.text(symbol))
    }
}
