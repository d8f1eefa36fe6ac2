//! Scenario files: one authorization question with everything needed to answer it (`scenario.md`).
//!
//! Comes in: the text of a scenario file. Goes out: one [`Outcome`] per scenario. Each scenario's policies become a
//! world in memory, the real compiler makes an artifact of it, the real runtime loads the bytes and answers. There is no
//! second evaluation path here, and no state between scenarios.
//!
//! Every scenario is parsed on its own from its own stretch of the file, by the parser that policies go through. So
//! duplicate members in a policy are seen, positions survive, and a broken scenario does not touch its neighbours.
//! This room reads no file.

mod acl;
mod outcome;
mod pieces;
mod prepare;
mod read;
mod world;

use crate::ask::{Answer, AskError, describe_findings};
use crate::compile::Level;
use crate::source::{Diagnostic, SourceId};
use crate::syntax::json::{self, OffsetMap, Value};
use crate::terms::{Layer, Layers};

pub use outcome::{Expectation, Outcome, Refusal};
pub use pieces::{Piece, split};
pub use prepare::Prepared;
use read::Scenario;

/// Runs all scenarios of one text, in order.
///
/// A text that is no scenario file at all gives one failed outcome that says so. Costs one compilation per scenario and
/// level; keeps nothing.
pub fn run(text: &str, level: Level) -> Vec<Outcome> {
    match split(text) {
        Ok(pieces) => pieces.iter().map(|piece| run_piece("scenario", piece, level)).collect(),
        Err(message) => vec![Outcome::malformed("file".to_owned(), Expectation::default(), message)],
    }
}

/// Runs one scenario; `file` is the name that positions in its answer carry.
pub fn run_piece(file: &str, piece: &Piece<'_>, level: Level) -> Outcome {
    let mut findings = Vec::new();
    let arena = json::Arena::default();
    let value = json::parse(piece.text, &arena, &OffsetMap::default(), SourceId::default(), &mut findings);
    let Some(value) = value else {
        let message = describe_findings(piece.text, &findings);
        return Outcome::malformed(piece.position.to_string(), Expectation::default(), message);
    };
    let (name, expectation) = read::name_and_expectation(&value);
    let name = name.unwrap_or_else(|| piece.position.to_string());
    if !findings.is_empty() {
        // A mistake in the JSON, duplicate members included, refuses whatever document it stands in (R-DOC-2).
        return refused_text(name, expectation, piece, &value, &findings);
    }
    match Scenario::read(&value) {
        Err(error) => Outcome::malformed(name, expectation, error.to_string()),
        Ok(scenario) if scenario.checks.is_empty() => {
            let message = "a scenario needs the member `request`, or `checks` with at least one request";
            Outcome::malformed(name, expectation, message.to_owned())
        }
        Ok(scenario) => {
            let (result, findings) = run_checks(&scenario, file, piece, level);
            Outcome::judge(name, expectation, result, &findings)
        }
    }
}

/// A mistake inside a policy counts as a refused document, one outside as a malformed scenario.
fn refused_text(
    name: String,
    expectation: Expectation,
    piece: &Piece<'_>,
    value: &Value<'_>,
    findings: &[Diagnostic],
) -> Outcome {
    let policies = read::policy_spans(value);
    let is_inside = |finding: &&Diagnostic| {
        let at = finding.place.span.start();
        policies.iter().any(|span| span.start() <= at && at < span.end())
    };
    match findings.iter().find(|finding| !is_inside(finding)) {
        Some(outside) => {
            Outcome::malformed(name, expectation, describe_findings(piece.text, std::slice::from_ref(outside)))
        }
        None => Outcome::judge(name, expectation, Err(Refusal::of_findings(findings)), findings),
    }
}

type Judged = Result<Answer, Refusal>;

fn run_checks(scenario: &Scenario<'_, '_>, file: &str, piece: &Piece<'_>, level: Level) -> (Judged, Vec<Diagnostic>) {
    let requests = scenario.checks.iter().cloned().map(Ok).collect();
    let prepared = Prepared::of(scenario, requests, file, piece.text, level);
    let mut answers = Vec::with_capacity(scenario.checks.len());
    for answer in prepared.ask() {
        match answer {
            Ok(mut answer) => {
                let source = answer.decided_by.as_mut().and_then(|decider| decider.source.as_mut());
                if let Some(source) = source {
                    (source.line, source.column) = piece.in_file(source.line, source.column);
                }
                answers.push(answer);
            }
            Err(refusal) => return (Err(refusal), prepared.findings),
        }
    }
    (fold(answers), prepared.findings)
}

/// Folds the checks of one API call (R-EVAL-39): any explicit deny, else any implicit deny, else allowed. The blockers
/// are those of all checks of the folded kind.
fn fold(answers: Vec<Answer>) -> Judged {
    let kinds = ["explicitDeny", "implicitDeny", "allowed"];
    let kind = kinds.into_iter().find(|kind| answers.iter().any(|answer| answer.decision == *kind));
    let mut of_kind = answers.into_iter().filter(|answer| Some(answer.decision) == kind);
    let first = of_kind.next();
    let mut folded = first.ok_or_else(|| Refusal::new("iamc::scenario", "there is no check".to_owned()))?;
    for other in of_kind {
        folded.blockers.extend(other.blockers);
        folded.assumed.extend(other.assumed);
        folded.ignored.extend(other.ignored);
        folded.ignored_layers.extend(other.ignored_layers);
    }
    let blockers = layers(&folded.blockers);
    folded.blockers = match folded.decision {
        "explicitDeny" => blockers.explicit_order().map(Layer::name).collect(),
        _ => blockers.implicit_order().map(Layer::name).collect(),
    };
    folded.assumed.dedup();
    folded.ignored.dedup();
    folded.ignored_layers.dedup();
    Ok(folded)
}

fn layers(names: &[&'static str]) -> Layers {
    let mut layers = Layers::NONE;
    for layer in Layer::ALL.into_iter().filter(|layer| names.contains(&layer.name())) {
        layers.insert(layer);
    }
    layers
}

impl Refusal {
    fn of_request(error: &AskError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}
