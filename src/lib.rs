//! Compiles IAM policies.

#![cfg_attr(not(feature = "compiler"), no_std)]

#[cfg(all(test, not(feature = "compiler")))]
extern crate std;

pub(crate) mod value;
