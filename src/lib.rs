//! Compiles IAM policies.

#![cfg_attr(not(feature = "compiler"), no_std)]

#[cfg(all(test, not(feature = "compiler")))]
extern crate std;

#[cfg(feature = "compiler")]
mod files;
#[cfg(feature = "compiler")]
pub(crate) mod ir;
#[cfg(feature = "compiler")]
pub(crate) mod lower;
#[cfg(feature = "compiler")]
pub mod source;
#[cfg(feature = "compiler")]
pub(crate) mod syntax;
pub mod terms;
pub(crate) mod value;
#[cfg(feature = "compiler")]
pub(crate) mod world;
