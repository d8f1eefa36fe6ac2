//! Compiles IAM policies into decision tables, and decides requests from them.
//!
//! Without its default features the crate is the runtime alone: `no_std`, no dependency, no allocation.
#![forbid(unsafe_code)]
#![cfg_attr(feature = "compiler", doc = "\n\n")]
#![cfg_attr(feature = "compiler", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "compiler"), no_std)]

#[cfg(all(test, not(feature = "compiler")))]
extern crate std;

#[cfg(feature = "compiler")]
pub mod ask;
#[cfg(feature = "compiler")]
pub mod build;
#[cfg(feature = "compiler")]
pub mod check;
#[cfg(feature = "compiler")]
mod compile;
#[cfg(feature = "compiler")]
pub(crate) mod encode;
#[cfg(feature = "compiler")]
pub mod files;
#[cfg(feature = "compiler")]
pub mod graph;
#[cfg(feature = "compiler")]
pub mod input;
#[cfg(feature = "compiler")]
pub(crate) mod ir;
#[cfg_attr(not(feature = "compiler"), expect(dead_code, reason = "the encoder's half"))]
pub(crate) mod layout;
#[cfg(feature = "compiler")]
pub mod lint;
#[cfg(feature = "compiler")]
pub(crate) mod lower;
#[cfg(feature = "compiler")]
pub mod names;
#[cfg(feature = "compiler")]
pub(crate) mod optimize;
#[cfg(feature = "compiler")]
pub mod provenance;
#[cfg(feature = "compiler")]
pub(crate) mod reference;
#[cfg(feature = "compiler")]
pub mod report;
mod runtime;
#[cfg(feature = "compiler")]
pub mod scenario;
#[cfg(feature = "compiler")]
pub mod source;
#[cfg(feature = "compiler")]
#[doc(hidden)]
pub mod stages;
#[cfg(feature = "compiler")]
pub(crate) mod syntax;
pub mod terms;
#[cfg(feature = "compiler")]
pub(crate) mod threads;
#[cfg_attr(not(feature = "compiler"), expect(dead_code, reason = "the compiler's half"))]
pub(crate) mod value;
#[cfg(feature = "compiler")]
pub mod world;

#[cfg(feature = "compiler")]
pub use compile::{CompileErrors, Compiled, Level, Options, Summary, compile};
pub use runtime::*;
pub use terms::Semantics;

/// How the crate is built: rooms, what they promise, what they never do.
#[cfg(all(doc, feature = "compiler"))]
#[doc = include_str!("ARCHITECTURE.md")]
pub mod architecture {}
