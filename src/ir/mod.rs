//! The intermediate representation: numbered statements, patterns, conditions and who they are attached to.
//!
//! Comes in: calls of the smart constructors of [`Program`], from the room `lower`. Goes out: a [`Program`] that
//! `optimize` rewrites and `encode` writes. Patterns and conditions are data that can be compared, intersected and
//! printed, never closures. This room knows neither source text nor the artifact's bytes.

mod action;
mod append;
mod arena;
mod condition;
mod node;
mod pattern;
mod principal;
mod program;
mod table;
mod trie;

pub(crate) use crate::terms::Effect;
pub(crate) use action::{ActionPattern, ActionSet};
pub(crate) use arena::{
    BlockId, BundleId, GuardId, IndexId, KeyId, PatternId, PolicyId, PrincipalSetId, RowId, StatementId, Symbol,
    TestId, TrieId,
};
pub(crate) use arena::{Id, Slices, Texts};
pub(crate) use condition::{Key, Test, Value};
pub(crate) use node::{LiteralEdge, TrieNode, VariableEdge};
pub(crate) use pattern::{Case, Crossing, Pattern, PatternBuilder, Step};
pub(crate) use principal::{PrincipalEntry, PrincipalSet};
pub(crate) use program::{
    AccessKey, Account, Acl, Endpoint, Grantee, Guard, Membership, Polarity, Policy, PolicyKind, Principal,
    PrincipalKind, Program, PublicAccess, Resource, ResourceSet, Statement,
};
pub(crate) use table::{ActionNode, BundleTables, Entry, Index, Scan, Search, Swallow, Tables};
