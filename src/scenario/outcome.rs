//! What became of a scenario, and its line of JSON.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::ask::Answer;
use crate::source::{Diagnostic, Severity};

/// Why a scenario has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code of the finding.
    pub code: String,
    /// What is wrong.
    pub message: String,
}

impl Refusal {
    pub(super) fn new(code: &str, message: String) -> Self {
        Self { code: code.to_owned(), message }
    }

    /// The first error in source order.
    pub(super) fn of_findings(findings: &[Diagnostic]) -> Self {
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
        match errors.min_by_key(|finding| finding.place) {
            Some(first) => Self::new(first.code, first.message.clone()),
            None => Self::new("iamc::scenario", "the policies do not compile".to_owned()),
        }
    }
}

/// What a scenario expects; nothing that is absent is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expectation {
    /// `allowed`, `explicitDeny`, `implicitDeny` or `error`.
    pub decision: Option<String>,
    /// Code of a finding that must be there.
    pub code: Option<String>,
    /// Blocking layers, in any order.
    pub blockers: Option<Vec<String>>,
}

/// What became of one scenario. Serializes to its line of `scenario.md`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The scenario's name, or its position in the file.
    pub name: String,
    /// What came out.
    pub result: Result<Answer, Refusal>,
    /// What was expected.
    pub expectation: Expectation,
    /// Whether both agree; none where nothing was expected.
    pub pass: Option<bool>,
    /// What does not agree, in one sentence; empty unless the scenario failed.
    pub why: String,
}

impl Outcome {
    /// A scenario that is not one: it fails whatever it expects.
    pub(super) fn malformed(name: String, expectation: Expectation, message: String) -> Self {
        let result = Err(Refusal::new("iamc::scenario::malformed", message.clone()));
        Self { name, result, expectation, pass: Some(false), why: message }
    }

    /// Compares result and expectation.
    pub(super) fn judge(
        name: String,
        expectation: Expectation,
        result: Result<Answer, Refusal>,
        findings: &[Diagnostic],
    ) -> Self {
        let is_judged = expectation.decision.is_some() || expectation.code.is_some() || expectation.blockers.is_some();
        let why = first_difference(&expectation, &result, findings);
        let pass = match (&result, is_judged) {
            (Ok(_), false) => None,
            // A refused document is a failure unless it was expected.
            (Err(_), false) => Some(false),
            (_, true) => Some(why.is_none()),
        };
        Self { name, result, expectation, pass, why: why.unwrap_or_default() }
    }

    /// Whether the scenario was judged and failed.
    pub fn is_failed(&self) -> bool {
        self.pass == Some(false)
    }

    /// `allowed`, `explicitDeny`, `implicitDeny` or `error`.
    pub fn decision(&self) -> &str {
        match &self.result {
            Ok(answer) => answer.decision,
            Err(_) => "error",
        }
    }
}

fn first_difference(
    expectation: &Expectation,
    result: &Result<Answer, Refusal>,
    findings: &[Diagnostic],
) -> Option<String> {
    let found = result.as_ref().map_or("error", |answer| answer.decision);
    let wanted = expectation.decision.as_deref();
    if let Some(wanted) = wanted.or(result.is_err().then_some("a decision"))
        && wanted != found
    {
        let detail = result.as_ref().err().map(|refusal| format!(": {}", refusal.message)).unwrap_or_default();
        return Some(format!("expected {wanted}, got {found}{detail}"));
    }
    if let (Some(wanted), Ok(answer)) = (&expectation.blockers, result) {
        let is_equal = wanted.iter().all(|name| answer.blockers.contains(&name.as_str()))
            && answer.blockers.iter().all(|name| wanted.iter().any(|wanted| wanted == name));
        if !is_equal {
            let (wanted, found) = (wanted.join(", "), answer.blockers.join(", "));
            return Some(format!("expected the blockers [{wanted}], got [{found}]"));
        }
    }
    let code = expectation.code.as_deref()?;
    let is_found = findings.iter().any(|finding| finding.code == code)
        || result.as_ref().is_err_and(|refusal| refusal.code == code);
    if is_found {
        return None;
    }
    let mut codes: Vec<&str> = findings.iter().map(|finding| finding.code).collect();
    codes.dedup();
    Some(format!("expected the finding {code}, got [{}]", codes.join(", ")))
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_map(None)?;
        line.serialize_entry("name", &self.name)?;
        match &self.result {
            Ok(answer) => {
                line.serialize_entry("decision", answer.decision)?;
                line.serialize_entry("expect", &self.expectation.decision)?;
                line.serialize_entry("pass", &self.pass)?;
                line.serialize_entry("decidedBy", &answer.decided_by)?;
                line.serialize_entry("blockers", &answer.blockers)?;
                if !answer.assumed.is_empty() {
                    line.serialize_entry("assumed", &answer.assumed)?;
                }
                if !answer.ignored_layers.is_empty() {
                    line.serialize_entry("ignoredLayers", &answer.ignored_layers)?;
                }
                if !answer.ignored.is_empty() {
                    line.serialize_entry("ignored", &answer.ignored)?;
                }
            }
            Err(refusal) => {
                line.serialize_entry("error", &format!("{}: {}", refusal.code, refusal.message))?;
                line.serialize_entry("expect", &self.expectation.decision)?;
                line.serialize_entry("pass", &self.pass)?;
            }
        }
        line.end()
    }
}
