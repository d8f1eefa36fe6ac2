//! Compiles IAM policies.
#![cfg_attr(not(feature = "compiler"), no_std)]

#[cfg(feature = "compiler")]
mod files;
#[cfg(feature = "compiler")]
pub mod source;
#[cfg(feature = "compiler")]
pub(crate) mod syntax;
#[cfg(feature = "compiler")]
pub(crate) mod world;
