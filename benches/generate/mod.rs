//! Generated corpora: the same seed gives the same bytes on every machine.
//!
//! A program includes this folder as a module and uses a part of it, so it carries `#![expect(dead_code)]`.
#![expect(
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "generated texts are ASCII, and what fails here should end the program"
)]

pub(crate) mod account;
pub(crate) mod adversarial;
mod clause;
pub(crate) mod corpus;
mod fill;
pub(crate) mod managed;
pub(crate) mod organization;
mod random;
mod services;
