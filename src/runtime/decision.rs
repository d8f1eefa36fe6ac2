//! The answer: three kinds, the layer, one deciding statement (R-EVAL-41, R-EVAL-42).

use crate::terms::{Layer, Layers};

/// The answer to a request. Deny is the answer to everything that no rule allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Every layer agrees.
    Allowed(Reason),
    /// A `Deny` statement matches.
    ExplicitDeny(Reason),
    /// Nothing denies, but these layers lack an allow.
    ImplicitDeny(Layers),
}

impl Decision {
    /// Whether the request may go on.
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed(_))
    }

    /// The name in the IAM simulation API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allowed(_) => "allowed",
            Self::ExplicitDeny(_) => "explicitDeny",
            Self::ImplicitDeny(_) => "implicitDeny",
        }
    }
}

/// What decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// The layer; none for `sts:GetCallerIdentity`, which needs no permission (R-EVAL-34).
    pub layer: Option<Layer>,
    /// A statement of that layer that matches and has that effect; none where no policy decided.
    pub statement: Option<StatementRef>,
}

/// A statement of an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementRef {
    /// Which of the request's `session_tables` holds it; none for the artifact itself.
    pub session_table: Option<usize>,
    /// Its number there, for [`Tables::statement`](super::Tables::statement).
    pub statement: u32,
}

/// An answer with everything that can be said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// The answer.
    pub decision: Decision,
    /// All layers that deny explicitly, or else that lack an allow; empty if allowed (R-EVAL-42).
    pub blockers: Layers,
    /// Whether the resource's account was taken to be the principal's for want of better knowledge.
    pub assumed_resource_account: bool,
    /// Whether the requester's own, known account does not define it, so that it is denied.
    pub undefined_principal: bool,
    /// Layers whose policies were given for a requester that cannot have them, and so ignored (R-EVAL-1).
    pub ignored_layers: Layers,
}

/// Names of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementName<'a> {
    /// The policy's name in reports.
    pub policy: &'a str,
    /// The statement's position in its document, from 0.
    pub index: u32,
    /// Its `Sid`.
    pub sid: Option<&'a str>,
}
