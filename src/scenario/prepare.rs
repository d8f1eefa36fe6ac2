//! A scenario's policies, compiled once for many requests.

use crate::ask::{Answer, AskError, Form, OwnedRequest, describe_findings, read_request};
use crate::compile::Level;
use crate::compile::{Options, compile};
use crate::provenance::Provenance;
use crate::runtime::Tables;
use crate::source::{Diagnostic, Severity, SourceId};
use crate::syntax::json::{self, OffsetMap};

use super::Refusal;
use super::read::Scenario;
use super::world::{self, Setting};

/// Artifacts of a scenario, and the requests to them.
///
/// Requests that want the same world share an artifact, so that the policies are compiled once for a requester and an
/// owner of the resource, not once for every request.
#[derive(Debug, Default)]
pub struct Prepared {
    /// The artifacts, each for [`Tables::load`].
    pub artifacts: Vec<Vec<u8>>,
    /// For each request, in order: the number of its artifact, and the request with everything that the scenario knows;
    /// or why it has no answer.
    pub requests: Vec<Result<(usize, OwnedRequest), Refusal>>,
    /// Findings of all compilations.
    pub findings: Vec<Diagnostic>,
}

impl Prepared {
    /// Compiles the policies of a scenario, given without `request` and `checks`, for requests that are given as the
    /// text of a `request` each.
    ///
    /// # Errors
    ///
    /// Fails if `base` is no scenario. A request that is none, and one whose policies are refused, has its refusal in
    /// its place.
    pub fn new(base: &str, requests: &[String], level: Level) -> Result<Self, Refusal> {
        let mut findings = Vec::new();
        let arena = json::Arena::default();
        let value = json::parse(base, &arena, &OffsetMap::default(), SourceId::default(), &mut findings);
        let malformed = |message: String| Refusal::new("iamc::scenario::malformed", message);
        let value =
            value.filter(|_| findings.is_empty()).ok_or_else(|| malformed(describe_findings(base, &findings)))?;
        let scenario = Scenario::read(&value).map_err(|error| malformed(error.to_string()))?;
        let requests = requests.iter().map(|text| read(text));
        Ok(Self::of(&scenario, requests.collect(), "scenario", base, level))
    }

    pub(super) fn of(
        scenario: &Scenario<'_, '_>,
        requests: Vec<Result<OwnedRequest, AskError>>,
        file: &str,
        text: &str,
        level: Level,
    ) -> Self {
        let mut prepared = Self::default();
        let mut settings: Vec<(Setting, Result<usize, Refusal>)> = Vec::new();
        for request in requests {
            let request = match request {
                Ok(request) => request,
                Err(error) => {
                    prepared.requests.push(Err(Refusal::of_request(&error)));
                    continue;
                }
            };
            let (setting, request) = Setting::of(scenario, &request);
            let artifact = match settings.iter().find(|(known, _)| *known == setting) {
                Some((_, artifact)) => artifact.clone(),
                None => {
                    let artifact = prepared.compile(scenario, &setting, file, text, level);
                    settings.push((setting, artifact.clone()));
                    artifact
                }
            };
            prepared.requests.push(artifact.map(|artifact| (artifact, request)));
        }
        prepared
    }

    fn compile(
        &mut self,
        scenario: &Scenario<'_, '_>,
        setting: &Setting,
        file: &str,
        text: &str,
        level: Level,
    ) -> Result<usize, Refusal> {
        let mut findings = Vec::new();
        let world = world::build(scenario, setting, file, text, &mut findings);
        let options = Options { semantics: scenario.semantics, optimize: level };
        let compiled = compile(world, &options);
        match &compiled {
            Ok(compiled) => findings.extend_from_slice(&compiled.findings),
            Err(errors) => findings.extend_from_slice(&errors.findings),
        }
        let is_refused = findings.iter().any(|finding| finding.severity == Severity::Error);
        let refusal = Refusal::of_findings(&findings);
        self.findings.extend(findings);
        match compiled {
            Ok(compiled) if !is_refused => {
                self.artifacts.push(compiled.as_bytes().to_vec());
                Ok(self.artifacts.len() - 1)
            }
            _ => Err(refusal),
        }
    }

    /// Answers all requests, in order.
    pub fn ask(&self) -> Vec<Result<Answer, Refusal>> {
        let artifacts: Vec<_> = self
            .artifacts
            .iter()
            .map(|artifact| {
                let tables = Tables::load(artifact)?;
                Ok((tables, Provenance::read(tables.provenance())))
            })
            .collect();
        let answer = |request: &Result<(usize, OwnedRequest), Refusal>| {
            let (number, request) = request.as_ref().map_err(Clone::clone)?;
            match artifacts.get(*number) {
                Some(Ok((tables, provenance))) => {
                    request.ask(tables, provenance.as_ref()).map_err(|error| Refusal::of_request(&error))
                }
                Some(Err(error)) => Err(unloadable(error)),
                None => Err(Refusal::new("iamc::artifact", "there is no such artifact".to_owned())),
            }
        };
        self.requests.iter().map(answer).collect()
    }
}

fn unloadable(error: &crate::runtime::LoadError) -> Refusal {
    Refusal::new("iamc::artifact", format!("the artifact cannot be loaded: {error}"))
}

fn read(text: &str) -> Result<OwnedRequest, AskError> {
    let mut findings = Vec::new();
    let arena = json::Arena::default();
    let value = json::parse(text, &arena, &OffsetMap::default(), SourceId::default(), &mut findings);
    match value {
        Some(value) if findings.is_empty() => read_request(&value, Form::Scenario),
        _ => Err(AskError::form(describe_findings(text, &findings))),
    }
}
