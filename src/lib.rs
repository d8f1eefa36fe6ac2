//! Compiles IAM policies.
#![cfg_attr(not(feature = "compiler"), no_std)]

#[cfg(feature = "compiler")]
pub(crate) mod ir;
#[cfg(feature = "compiler")]
pub mod source;
pub mod terms;
