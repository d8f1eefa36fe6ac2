//! Compiles IAM policies.
#![cfg_attr(not(feature = "compiler"), no_std)]

#[cfg(feature = "compiler")]
pub mod source;
#[cfg(feature = "compiler")]
pub(crate) mod syntax;
