//! What a graph says, in the shapes of its JSON (`docs/graph.md`).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ask::{Position, Statement};

/// Who can become whom, from one principal on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Graph {
    /// The principal that the graph begins at.
    pub from: Node,
    /// The principal and all roles that it can become, sorted by id but for the principal, which is first.
    pub nodes: Vec<Node>,
    /// Edges between them, sorted by both ends, kind and service.
    pub edges: Vec<Edge>,
    /// Roles that the principal can become, sorted by ARN.
    pub reachable: Vec<Reachable>,
    /// Sets of roles that can all become each other, and roles that can become themselves.
    pub cycles: Vec<Vec<String>>,
    /// What the reader has to know, in sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum NodeKind {
    /// A user.
    User,
    /// A role of none of the kinds below.
    Role,
    /// A role that IAM Identity Center made of a permission set (R-ID-16).
    IdentityCenterRole,
    /// A role of a service's own (R-ID-14).
    ServiceLinkedRole,
    /// A role whose trust policy names a service (R-ID-13).
    ServiceRole,
    /// An account's root user.
    Root,
    /// A federated user.
    FederatedUser,
    /// A service.
    Service,
    /// An identity provider.
    Provider,
    /// Nobody in particular.
    Anonymous,
}

impl NodeKind {
    /// In words.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
            Self::IdentityCenterRole => "Identity Center role",
            Self::ServiceLinkedRole => "service-linked role",
            Self::ServiceRole => "service role",
            Self::Root => "account root",
            Self::FederatedUser => "federated user",
            Self::Service => "service",
            Self::Provider => "identity provider",
            Self::Anonymous => "anonymous",
        }
    }
}

/// A principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// What edges name it by: its ARN, a service's name, a provider's host, `anonymous`.
    pub id: String,
    /// Its ARN, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// The name to show: the last part of the ARN; of an Identity Center role the permission set.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// 12 digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The permission set of an Identity Center role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission_set: Option<String>,
    /// ARNs of the instance profiles that hold the role, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub instance_profiles: Vec<String>,
}

/// How one principal becomes another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum EdgeKind {
    /// It assumes the role itself.
    AssumeRole,
    /// It hands the role to a service, which assumes it.
    PassRole,
}

/// One way from a principal to a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Edge {
    /// Id of the principal.
    pub from: String,
    /// ARN of the role.
    pub to: String,
    /// What the principal does.
    pub action: &'static str,
    /// The service that gets the role, of a [`EdgeKind::PassRole`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// How.
    pub kind: EdgeKind,
    /// Whether there may be contexts in which it is denied.
    pub conditional: bool,
    /// Keys that the answer depends on, sorted; `sessionName` is the name of the principal's own role session.
    pub open_keys: Vec<String>,
    /// Statements that the answer depends on.
    pub conditions: Vec<Condition>,
    /// A context in which the principal's request is allowed; none if every context will do or none was found.
    pub example: Option<Example>,
    /// The same of the service's request, of a [`EdgeKind::PassRole`] whose service has open conditions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_example: Option<Example>,
    /// Whether some context is known to be allowed.
    pub confirmed: bool,
}

/// Values of context keys, by name.
pub type Example = BTreeMap<String, ExampleValue>;

/// A value of a context key: a string, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum ExampleValue {
    /// A single value.
    One(String),
    /// A list.
    List(Vec<String>),
}

/// A statement that an edge depends on: one `Allow` of each layer has to match, no `Deny` may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// The request that is decided: `sts:AssumeRole`, `iam:PassRole`, …
    pub action: &'static str,
    /// The layer, as in decisions.
    pub layer: &'static str,
    /// `Allow` or `Deny`.
    pub effect: &'static str,
    /// The policy.
    pub policy: String,
    /// The statement.
    pub statement: Statement,
    /// Where it stands, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Position>,
    /// What is open in it: all of these have to hold for it to match.
    pub tests: Vec<TestText>,
}

/// A test as it was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TestText {
    /// `StringEquals`, …; `Principal` for a session's name, `Resource` for a variable in the resource.
    pub operator: String,
    /// The key.
    pub key: String,
    /// The values.
    pub values: Vec<String>,
}

/// A role that the principal can become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reachable {
    /// Its ARN.
    pub role: String,
    /// Edges of the chain.
    pub hops: usize,
    /// Ids from the principal to the role: fewest handed-over roles first, then fewest edges, then fewest conditions.
    pub chain: Vec<String>,
    /// Whether every chain needs a role that is handed to a service.
    pub pass_role: bool,
    /// Whether an edge of the chain is conditional.
    pub conditional: bool,
    /// Whether every edge of the chain is confirmed.
    pub confirmed: bool,
    /// Open keys of the chain's edges, sorted.
    pub open_keys: Vec<String>,
}
