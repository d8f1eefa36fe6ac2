//! Compiles IAM policies.
