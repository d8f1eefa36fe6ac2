//! Compiles IAM policies.
#![cfg_attr(not(feature = "compiler"), no_std)]

#[cfg(all(test, not(feature = "compiler")))]
extern crate std;

#[cfg(feature = "compiler")]
pub mod files;
#[cfg(feature = "compiler")]
pub(crate) mod ir;
#[cfg(feature = "compiler")]
pub mod source;
pub mod terms;
pub(crate) mod value;
