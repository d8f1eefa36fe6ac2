//! Session policies that come with a request: compiled on the spot to an artifact of their own.

use crate::compile::{Level, Options, compile};
use crate::source::{Diagnostic, Place, Severity, SourceId, Span};
use crate::syntax::json::Value;
use crate::syntax::{ast::Pool, document, json};
use crate::terms::Semantics;
use crate::world::model::{Document, DocumentId, PolicyType, World};

use super::AskError;

/// Compiles one session policy, given as JSON text with a name for reports.
///
/// The artifact holds nothing else; it goes into [`OwnedRequest::session_artifacts`](super::OwnedRequest).
///
/// # Errors
///
/// Fails with the first error in the text.
pub fn compile_session(name: &str, text: &str, semantics: Semantics) -> Result<Vec<u8>, AskError> {
    let mut findings = Vec::new();
    let arena = json::Arena::default();
    let value = json::parse(text, &arena, &json::OffsetMap::default(), SourceId(0), &mut findings);
    match value {
        Some(value) if findings.is_empty() => compile_sessions(name, text, std::slice::from_ref(&value), semantics),
        _ => Err(refused(name, &findings)),
    }
}

/// Compiles session policies that stand in `text`.
pub(crate) fn compile_sessions(
    name: &str,
    text: &str,
    values: &[Value<'_>],
    semantics: Semantics,
) -> Result<Vec<u8>, AskError> {
    let mut world = World::default();
    let mut findings = Vec::new();
    let source = world.sources.add(name, text);
    named_documents(&mut world, source, name, values, PolicyType::Session, &mut findings);
    let options = Options { semantics, optimize: Level::Full };
    let result = compile(world, &options);
    let is_refused = findings.iter().any(|finding| finding.severity == Severity::Error);
    match result {
        Ok(compiled) if !is_refused => Ok(compiled.as_bytes().to_vec()),
        Ok(_) => Err(refused(name, &findings)),
        Err(errors) => {
            findings.extend(errors.findings);
            Err(refused(name, &findings))
        }
    }
}

/// The first error, in terms of the policy.
fn refused(name: &str, findings: &[Diagnostic]) -> AskError {
    let first = findings.iter().find(|finding| finding.severity == Severity::Error);
    let (code, message) = first.map_or(("", "it is no policy"), |first| (first.code, first.message.as_str()));
    AskError::policy(code, format!("the session policy `{name}` cannot be compiled: {message}"))
}

/// Adds documents of one type to a world, named `name`, or `name[0]`, `name[1]`, … where there are several; returns
/// their numbers.
pub(crate) fn named_documents(
    world: &mut World,
    source: SourceId,
    name: &str,
    values: &[Value<'_>],
    policy_type: PolicyType,
    findings: &mut Vec<Diagnostic>,
) -> Vec<DocumentId> {
    let mut ids = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let name = if values.len() == 1 { name.to_owned() } else { format!("{name}[{index}]") };
        ids.extend(whole(world, source, name, value, policy_type, findings));
    }
    ids
}

/// Adds one document to a world.
pub(crate) fn whole(
    world: &mut World,
    source: SourceId,
    name: String,
    value: &Value<'_>,
    policy_type: PolicyType,
    findings: &mut Vec<Diagnostic>,
) -> Option<DocumentId> {
    let policy = document::policy(value, source, &mut Pool::default(), findings)?;
    let id = DocumentId(u32::try_from(world.documents.len()).ok()?);
    let span = Span::new(value.span.start(), value.span.start().saturating_add(1));
    world.documents.push(Document {
        name,
        arn: None,
        account: None,
        policy_type,
        source,
        place: Place { source, span },
        policy,
        named: policy_type == PolicyType::Session,
    });
    Some(id)
}
