//! Loads an artifact without copying and decides requests.
//!
//! Comes in: the artifact's bytes and [`Request`]s of borrowed strings. Goes out: [`Decision`]s. `core` only: nothing
//! here allocates, locks or keeps state, and after [`Tables::load`] succeeded every call returns an answer. What
//! cannot be answered is denied.

#![deny(clippy::std_instead_of_core, clippy::alloc_instead_of_core, clippy::std_instead_of_alloc)]

mod acl;
mod action;
mod budget;
mod bundle;
mod call;
mod check;
mod composed;
mod condition;
mod context;
mod decide;
mod decision;
mod embedded;
#[cfg(feature = "compiler")]
mod exact;
mod find;
mod given;
mod glob;
mod header;
mod key;
mod load;
mod names;
#[cfg_attr(not(feature = "compiler"), expect(dead_code, reason = "asked by the graph"))]
mod open;
mod own;
#[cfg(feature = "compiler")]
mod parts;
mod principal;
mod request;
mod requester;
mod required;
mod resolved;
mod row;
mod walk;
mod words;

pub use decision::{Decision, Explanation, Reason, StatementName, StatementRef};
pub use embedded::{ActionName, KeyName, PolicyName, checked_artifact};
pub use key::{KeyType, KeyTypes, RequiredKey, Supplier};
pub use load::LoadError;
pub use names::Counts;
#[cfg(feature = "compiler")]
pub(crate) use open::{Assumption, Reading, SessionName, Sight, StatementSight};
#[cfg(feature = "compiler")]
pub(crate) use parts::{Entry, Identity, IdentityKind, Step, Test, TestValue};
#[cfg(feature = "compiler")]
pub(crate) use principal::Kinds;
pub use request::{AclGrant, AclPermission, Credentials, Grantee, ObjectAcl, Principal, Request, RequestError, Value};
pub use required::RequiredKeys;
pub use resolved::{ResolvedAction, ResolvedKey, ResolvedPrincipal, ResolvedRequest};

use crate::layout::{ActionWord, Section};
use crate::terms::Semantics;
use words::{Bytes, Width, Words};

/// A loaded artifact: borrowed tables, cheap to copy.
///
/// ```text
/// let tables = iamc::Tables::load(bytes)?;
/// let decision = tables.decide(&request);
/// ```
#[derive(Clone, Copy)]
pub struct Tables<'a> {
    semantics: Semantics,
    /// Checksum of the body: by it, what was resolved for another artifact is told apart.
    identity: u64,
    widths: NumberWidths,
    /// Services of the resources, by [`service_bit`](crate::layout::service_bit).
    resource_services: u64,
    text: &'a str,
    symbols: Words<'a>,
    runs: Bytes<'a>,
    heads: Words<'a>,
    action_text: Bytes<'a>,
    services: Words<'a>,
    /// How many places that table has.
    service_places: u32,
    actions: Bytes<'a>,
    action_seeds: Bytes<'a>,
    action_hash: Bytes<'a>,
    /// How many places that table has.
    action_places: u32,
    /// How its words are cut.
    action_word: ActionWord,
    prefixes: Words<'a>,
    keys: Words<'a>,
    bundles: Words<'a>,
    slots: Bytes<'a>,
    scans: Words<'a>,
    indexes: Words<'a>,
    nodes: Bytes<'a>,
    guards: Bytes<'a>,
    blocks: Bytes<'a>,
    patterns: Words<'a>,
    steps: Words<'a>,
    principal_sets: Words<'a>,
    principal_entries: Words<'a>,
    accounts: Words<'a>,
    identities: Words<'a>,
    identity_hash: Words<'a>,
    resources: Words<'a>,
    endpoints: Words<'a>,
    access_keys: Words<'a>,
    lists: Words<'a>,
    meta: Words<'a>,
    name_text: &'a str,
    name_symbols: Words<'a>,
    statements: Words<'a>,
    policies: Words<'a>,
    names: Words<'a>,
    provenance: Bytes<'a>,
    /// Bytes of each section, for reports.
    section_bytes: [u32; Section::COUNT],
    total_bytes: usize,
}

/// Widths of this artifact's numbers, by [`Widths`](crate::layout::Widths).
#[derive(Clone, Copy, Default)]
struct NumberWidths {
    place: Width,
    statement: Width,
    guard: Width,
    head: Width,
    run: Width,
    key: Width,
    operand: Width,
    set: Width,
    block: Width,
    name: Width,
    action_word: Width,
    action: Width,
    root: Width,
}

impl core::fmt::Debug for Tables<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tables").field("bytes", &self.total_bytes).finish_non_exhaustive()
    }
}

impl<'a> Tables<'a> {
    /// The text of a symbol; `load` made sure that it exists.
    #[inline]
    fn text(&self, symbol: u32) -> &'a str {
        text_of(self.text, self.symbols, symbol)
    }

    /// The bytes of that text.
    #[inline]
    fn text_bytes(&self, symbol: u32) -> &'a [u8] {
        match self.symbols.block(symbol) {
            Some([from, to]) => self.text.as_bytes().get(words::index(from)..words::index(to)).unwrap_or_default(),
            None => &[],
        }
    }

    /// The text of a number that is one more than a symbol, or zero.
    fn optional_text(&self, number: u32) -> Option<&'a str> {
        number.checked_sub(1).map(|symbol| self.text(symbol))
    }

    /// The number of the record that begins with this text, of records of `each` words that are sorted by their texts.
    #[inline(never)]
    fn find_text(&self, records: Words<'_>, each: u32, text: &str) -> Option<u32> {
        let first = |number: u32| records.get(number.saturating_mul(each)).map_or("", |symbol| self.text(symbol));
        words::search(records.len() / each.max(1), &|number| first(number).cmp(text))
    }

    /// A name of a policy or a statement.
    fn name(&self, symbol: u32) -> &'a str {
        text_of(self.name_text, self.name_symbols, symbol)
    }

    /// The name of a number that is one more than a name's, or zero.
    fn optional_name(&self, number: u32) -> Option<&'a str> {
        number.checked_sub(1).map(|symbol| self.name(symbol))
    }

    /// The beginning of an ARN.
    #[inline]
    fn head(&self, number: u32) -> &'a [u8] {
        let [at, length] = self.heads.record(number).unwrap_or_default();
        self.runs.slice(words::index(at), words::index(length))
    }

    /// Principal set plus one and block plus one of a guard.
    #[inline]
    fn guard(&self, guard: u32) -> (u32, u32) {
        let (set, block) = (self.widths.set, self.widths.block);
        let at = words::index(guard).saturating_mul(set.bytes + block.bytes);
        let (set, block, _) = self.guards.two_numbers(at, set, block);
        (set, block)
    }
}

#[inline]
fn text_of<'a>(text: &'a str, symbols: Words<'a>, symbol: u32) -> &'a str {
    match symbols.block(symbol) {
        Some([from, to]) => text.get(words::index(from)..words::index(to)).unwrap_or(""),
        None => "",
    }
}
