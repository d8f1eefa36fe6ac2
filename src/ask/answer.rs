//! A decision as programs and people see it (`cli.md`, *Output*).

use std::fmt;

use serde::Serialize;

use crate::provenance::Provenance;
use crate::runtime::{Decision, Explanation, Reason, Request, StatementRef, Tables};
use crate::terms::Layer;

/// A decision with names instead of numbers. Serializes to the JSON of `cli.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// `allowed`, `explicitDeny` or `implicitDeny`.
    pub decision: &'static str,
    /// What decided; none for an implicit deny.
    pub decided_by: Option<Decider>,
    /// Names of the blocking layers in the order of R-EVAL-42.
    pub blockers: Vec<&'static str>,
    /// What was assumed for want of better knowledge.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<&'static str>,
    /// Context keys that a derived value replaced.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// Whether the principal's account is known and does not define it.
    #[serde(skip)]
    pub undefined_principal: bool,
    /// Layers whose policies were given for a requester that cannot have them (R-EVAL-1).
    #[serde(rename = "ignoredLayers", skip_serializing_if = "Vec::is_empty")]
    pub ignored_layers: Vec<String>,
}

/// What decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decider {
    /// The layer.
    pub layer: &'static str,
    /// The policy, where one decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The statement, where one decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<Statement>,
    /// Where it stands, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Position>,
}

/// A statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Position in the policy, from 0.
    pub index: u32,
    /// Its `Sid`.
    pub sid: Option<String>,
}

/// A position in an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Position {
    /// Name of the input.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in Unicode scalar values.
    pub column: u32,
}

impl Answer {
    /// Names everything in an explanation. `sessions` are the provenances of the request's session tables.
    pub fn new(
        tables: &Tables<'_>,
        request: &Request<'_>,
        explanation: &Explanation,
        provenance: Option<&Provenance>,
        sessions: &[Option<Provenance>],
    ) -> Self {
        let decided_by = match explanation.decision {
            Decision::Allowed(reason) | Decision::ExplicitDeny(reason) => {
                decider(tables, request, reason, provenance, sessions)
            }
            Decision::ImplicitDeny(_) => None,
        };
        let blockers = match explanation.decision {
            Decision::ExplicitDeny(_) => explanation.blockers.explicit_order().map(Layer::name).collect(),
            Decision::Allowed(_) | Decision::ImplicitDeny(_) => {
                explanation.blockers.implicit_order().map(Layer::name).collect()
            }
        };
        let mut ignored = Vec::new();
        tables.ignored_keys(request, |key| ignored.push(key.to_owned()));
        let layers = explanation.ignored_layers.explicit_order().map(|layer| layer.name().to_owned());
        Self {
            decision: explanation.decision.name(),
            decided_by,
            blockers,
            undefined_principal: explanation.undefined_principal,
            assumed: if explanation.assumed_resource_account { vec!["resourceAccount"] } else { Vec::new() },
            ignored,
            ignored_layers: layers.collect(),
        }
    }

    /// Whether the request is allowed.
    pub fn is_allowed(&self) -> bool {
        self.decision == "allowed"
    }
}

fn decider(
    tables: &Tables<'_>,
    request: &Request<'_>,
    reason: Reason,
    provenance: Option<&Provenance>,
    sessions: &[Option<Provenance>],
) -> Option<Decider> {
    let layer = reason.layer?.name();
    let (policy, statement, source) = match reason.statement {
        Some(StatementRef { session_table: None, statement }) => named(Some(tables), provenance, statement),
        Some(StatementRef { session_table: Some(index), statement }) => {
            named(request.session_tables.get(index), sessions.get(index).and_then(Option::as_ref), statement)
        }
        None => (None, None, None),
    };
    Some(Decider { layer, policy, statement, source })
}

fn named(
    tables: Option<&Tables<'_>>,
    provenance: Option<&Provenance>,
    id: u32,
) -> (Option<String>, Option<Statement>, Option<Position>) {
    let name = tables.and_then(|tables| tables.statement(id));
    let policy = name.map(|name| name.policy.to_owned());
    let statement = name.map(|name| Statement { index: name.index, sid: name.sid.map(str::to_owned) });
    (policy, statement, provenance.and_then(|provenance| Position::of_statement(provenance, id)))
}

impl Position {
    /// Where a statement of an artifact stands, by its number.
    pub(crate) fn of_statement(provenance: &Provenance, id: u32) -> Option<Self> {
        let position = provenance.statements.get(usize::try_from(id).ok()?)?;
        let input = provenance.inputs.get(usize::try_from(position.input).ok()?)?;
        Some(Self { file: input.name.clone(), line: position.line, column: position.column })
    }
}

/// For people: the answer in the first line, why in the following ones.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.decision {
            "allowed" => "allowed",
            "explicitDeny" => "denied explicitly",
            // A request that is refused before all of it was looked at lacks nothing that could be named.
            "implicitDeny" if self.blockers.is_empty() => "denied: deciding it would cost too much",
            _ => "denied: nothing allows it",
        })?;
        if let Some(decider) = &self.decided_by {
            write!(f, "\n  by {decider}")?;
        }
        if !self.blockers.is_empty() {
            let verb = if self.decided_by.is_some() { "layers that deny" } else { "layers without an allow" };
            write!(f, "\n  {verb}: {}", self.blockers.join(", "))?;
        }
        if self.undefined_principal {
            write!(f, "\n  the principal's account is known, and defines no such user or role")?;
        }
        if !self.assumed.is_empty() {
            write!(f, "\n  assumed: the resource belongs to the principal's account")?;
        }
        if !self.ignored.is_empty() {
            write!(f, "\n  ignored context keys: {}", self.ignored.join(", "))?;
        }
        if !self.ignored_layers.is_empty() {
            let layers = self.ignored_layers.join(", ");
            write!(f, "\n  ignored policies, which this requester cannot have: {layers}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Decider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.statement, &self.policy) {
            (Some(Statement { index, sid: Some(sid) }), Some(policy)) => {
                write!(f, "statement {index} (`{sid}`) of `{policy}`, layer {}", self.layer)?;
            }
            (Some(Statement { index, sid: None }), Some(policy)) => {
                write!(f, "statement {index} of `{policy}`, layer {}", self.layer)?;
            }
            _ => write!(f, "layer {}", self.layer)?,
        }
        match &self.source {
            Some(Position { file, line, column }) => write!(f, "\n  at {file}:{line}:{column}"),
            None => Ok(()),
        }
    }
}
