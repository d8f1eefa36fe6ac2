//! Who can become whom: the roles that a principal can assume, directly, over other roles, and by handing a role to a
//! service.
//!
//! Comes in: an artifact's tables and a principal. Goes out: a [`Graph`] of nodes, edges with their open conditions, and
//! reachable roles with their chains. Every edge is a decision of the runtime, made twice with open questions: once
//! with everything that nobody knows (an external id, MFA, an address) coming out in favour, once against. Where the two
//! differ, a concrete context is looked for and asked the ordinary way (`docs/graph.md`).
//!
//! Nothing here evaluates a policy.

mod candidates;
mod error;
mod inquiry;
mod known;
mod model;
mod reach;
mod roles;
mod source;
mod spell;
mod witness;

pub use error::GraphError;
pub use model::{Condition, Edge, EdgeKind, Example, ExampleValue, Graph, Node, NodeKind, Reachable, TestText};
pub use reach::reach;
pub use roles::{KindCounts, kinds, permission_set_of_session};
pub use spell::permission_set;
