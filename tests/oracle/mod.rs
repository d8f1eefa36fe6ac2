//! A slow evaluator, written straight from `semantics.md`, that the real one is compared with.
//!
//! It shares no code with the program: own patterns, numbers, dates, addresses and base64, and no data structure beyond `Vec`.
//! Rule ids in comments are those of `semantics.md`.
#![expect(
    clippy::similar_names,
    clippy::struct_excessive_bools,
    clippy::fn_params_excessive_bools,
    clippy::wildcard_enum_match_arm,
    reason = "the evaluator follows the text of the rules, not the idiom"
)]

mod condition;
mod context;
mod document;
mod evaluate;
pub(crate) mod generate;
mod pattern;
mod principal;
mod switches;
mod value;

pub(crate) use evaluate::{Force, Prepared, prepare};
pub(crate) use principal::Kind;
use serde_json::Value;

/// The answer to a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The request was decided (R-EVAL-41).
    Decided {
        /// `allowed`, `explicitDeny` or `implicitDeny`.
        decision: &'static str,
        /// Layer names of `cli.md`, in the order of R-EVAL-42.
        blockers: Vec<&'static str>,
    },
    /// A document or the request is refused; the text says why.
    Error(String),
}

impl Outcome {
    /// The decision, or `error`.
    pub(crate) fn decision(&self) -> &'static str {
        match self {
            Outcome::Decided { decision, .. } => decision,
            Outcome::Error(_) => "error",
        }
    }

    /// The blockers, empty for an error.
    pub(crate) fn blockers(&self) -> &[&'static str] {
        match self {
            Outcome::Decided { blockers, .. } => blockers,
            Outcome::Error(_) => &[],
        }
    }
}

/// Decides a whole scenario (`scenario.md`), `checks` included (R-EVAL-39).
pub(crate) fn decide(scenario: &Value) -> Outcome {
    let prepared = match prepare(scenario) {
        Ok(prepared) => prepared,
        Err(why) => return Outcome::Error(why),
    };
    if let Some(request) = scenario.get("request") {
        return prepared.decide(request);
    }
    let Some(checks) = scenario.get("checks").and_then(Value::as_array) else {
        return Outcome::Error("neither request nor checks".to_owned());
    };
    let answers: Vec<Outcome> = checks.iter().map(|check| prepared.decide(check)).collect();
    for decision in ["error", "explicitDeny", "implicitDeny"] {
        if let Some(first) = answers.iter().find(|answer| answer.decision() == decision) {
            return first.clone();
        }
    }
    Outcome::Decided { decision: "allowed", blockers: Vec::new() }
}
