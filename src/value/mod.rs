//! The values of conditions: how a text becomes a number, an instant, a network, and how two of them compare.
//!
//! Comes in: the text of one value, from a policy or from a request. Goes out: a small `Copy` value that borrows the
//! text where it must, or `None` if the text is no such value. The compiler and the runtime both read values here and
//! nowhere else, so a text never means one thing in a policy and another in a request.
//!
//! This room needs `core` only, imports no other room, never allocates and never panics, for any input. It does not
//! know operators: what a `None` does to a test is decided by its callers (R-CON-34, R-CON-42). Exponents of unquoted
//! JSON numbers (R-CON-28) are a matter of JSON, so the compiler rewrites them before it asks here.

#![deny(clippy::std_instead_of_core, clippy::alloc_instead_of_core)]

pub(crate) mod arn;
pub(crate) mod binary;
pub(crate) mod boolean;
pub(crate) mod decimal;
pub(crate) mod instant;
pub(crate) mod ip;
mod lowercase;
pub(crate) mod text;

pub(crate) use arn::{Arn, ArnParts, is_account_id, zero_bytes};
pub(crate) use binary::Base64;
pub(crate) use boolean::parse_bool;
pub(crate) use decimal::Decimal;
pub(crate) use instant::Instant;
pub(crate) use ip::{Address, Family, Network};
pub(crate) use text::{eq_ignore_case, is_tag_key, key_eq, lowercase, rsplit_once, split_once};
