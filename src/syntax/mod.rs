//! Policy text and pattern text become trees with a position on every part.
//!
//! Comes in: the text of a JSON file, or of a document that is itself written inside a JSON string. Goes out: JSON
//! values ([`json`]), the tree of one policy ([`ast`]), the structure of single strings such as actions and ARNs
//! ([`pattern`]), and findings, every one of them made in [`errors`].
//!
//! One run reports every mistake, and each mistake once: `token` turns what is no JSON into one bad token and one
//! finding, `balance` repairs brackets, the tolerant half of the grammar recovers commas, colons and values, and
//! `document` says nothing about elements that a damaged container may have held.
//!
//! This room never asks what a policy means: whether an action exists, an operator is known or an element is allowed
//! in this type of policy is decided in later rooms. It reads no file.

pub(crate) mod ast;
mod balance;
pub(crate) mod document;
pub(crate) mod embedded;
pub(crate) mod errors;
pub(crate) mod json;
pub(crate) mod pattern;
pub(crate) mod token;

#[cfg(test)]
pub(crate) use document::parse_policy;
