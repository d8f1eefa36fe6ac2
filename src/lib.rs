//! Compiles IAM policies.

#[cfg(feature = "compiler")]
mod files;
