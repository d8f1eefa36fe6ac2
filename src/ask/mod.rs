//! Request JSON becomes a request, and a decision becomes JSON (`cli.md`, *Requests* and *Output*).
//!
//! Comes in: the text of one request object, or a request inside a scenario file; tables and provenance. Goes out: an
//! [`OwnedRequest`], which owns what a [`Request`](crate::Request) borrows, and an [`Answer`], which is what a decision
//! looks like to programs and to people. The commands `decide` and `test` share both, so that a request means the same
//! in either place.
//!
//! An unknown member is an error and so is one that is known but not supported: nothing is passed over in silence.
//! This room reads no file, no clock and no environment.

mod acl;
mod answer;
mod error;
mod fields;
mod lend;
mod request;
mod session;
#[cfg(test)]
mod tests;

pub use acl::{OwnedAcl, OwnedAclGrant, OwnedGrantee};
pub use answer::{Answer, Decider, Position, Statement};
pub use error::AskError;
pub use request::{ContextValue, OwnedPrincipal, OwnedRequest};
pub use session::compile_session;

pub(crate) use acl::read_acl;
pub(crate) use fields::{Fields, account_id, describe_findings, list, text, texts};
pub(crate) use request::{Form, read_request};
pub(crate) use session::{named_documents, whole};
