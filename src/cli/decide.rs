//! `iamc decide`

use std::path::Path;

use iamc::Tables;
use iamc::ask::{Answer, ContextValue, OwnedPrincipal, OwnedRequest, compile_session};
use iamc::files;
use iamc::graph::permission_set_of_session;
use iamc::provenance::Provenance;
use serde_json::json;

use crate::args::{ContextEntry, ContextForm, DecideArguments, Format};
use crate::clock;
use crate::input;
use crate::output::{self, Colour, Failure, Output, Style};
use crate::requests::RequestLines;

pub(crate) fn run(arguments: &DecideArguments) -> Result<u8, Failure> {
    let bytes = input::read_artifact(&arguments.artifact)?;
    let tables = input::load_tables(&arguments.artifact, &bytes)?;
    let provenance = Provenance::read(tables.provenance());
    match &arguments.requests {
        Some(path) => decide_all(arguments, path, &tables, provenance.as_ref()),
        None => decide_one(arguments, &tables, provenance.as_ref()),
    }
}

fn decide_one(
    arguments: &DecideArguments,
    tables: &Tables<'_>,
    provenance: Option<&Provenance>,
) -> Result<u8, Failure> {
    let mut request = read_request(arguments, tables)?;
    request.fill_time(&clock::now());
    let answer = request.ask(tables, provenance).map_err(Failure::of)?;
    let mut out = Output::new();
    match arguments.format.unwrap_or(Format::Human) {
        Format::Human => {
            out.line(&painted(&answer))?;
            let session = arguments.principal.as_deref();
            if let Some(set) = session.and_then(|session| permission_set_of_session(tables, session)) {
                out.line(&format!("  the role is the permission set `{set}` of IAM Identity Center"))?;
            }
        }
        Format::Json => out.json(&answer)?,
    }
    out.flush()?;
    Ok(match (arguments.exit_status, answer.decision) {
        (false, _) | (true, "allowed") => output::STATUS_OK,
        (true, "explicitDeny") => output::STATUS_EXPLICIT_DENY,
        (true, _) => output::STATUS_IMPLICIT_DENY,
    })
}

/// The answer with its first line in colour.
fn painted(answer: &Answer) -> String {
    let text = answer.to_string();
    let (first, rest) = text.split_once('\n').map_or((text.as_str(), None), |(first, rest)| (first, Some(rest)));
    let colour = if answer.is_allowed() { Colour::Good } else { Colour::Bad };
    let first = Style::of_stdout().paint(first, colour);
    rest.map_or_else(|| first.clone(), |rest| format!("{first}\n{rest}"))
}

fn read_request(arguments: &DecideArguments, tables: &Tables<'_>) -> Result<OwnedRequest, Failure> {
    let principal = arguments.principal.as_deref().map(OwnedPrincipal::parse).transpose().map_err(Failure::of)?;
    let mut request = OwnedRequest {
        principal,
        action: arguments.action.clone().unwrap_or_default(),
        resource: arguments.resource.clone().unwrap_or_default(),
        resource_account: arguments.resource_account.clone(),
        policies: arguments.policy.clone(),
        endpoint: arguments.endpoint.clone(),
        trust_context: arguments.trust_context,
        ..OwnedRequest::default()
    };
    for entry in &arguments.context {
        add_context(&mut request, entry);
    }
    for path in &arguments.session_policy {
        let text = files::read_text(path).map_err(Failure::of)?;
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        request.session_artifacts.push(compile_session(&name, &text, tables.semantics()).map_err(Failure::of)?);
    }
    Ok(request)
}

fn add_context(request: &mut OwnedRequest, entry: &ContextEntry) {
    let is_new = !request.context.iter().any(|(key, _)| *key == entry.key);
    if is_new && entry.form == ContextForm::List {
        request.context.push((entry.key.clone(), ContextValue::List(Vec::new())));
    }
    if let Some(value) = &entry.value {
        request.add_context(&entry.key, value);
    }
}

/// One line at a time, so that memory does not grow with the input.
fn decide_all(
    arguments: &DecideArguments,
    path: &Path,
    tables: &Tables<'_>,
    provenance: Option<&Provenance>,
) -> Result<u8, Failure> {
    if arguments.format == Some(Format::Human) {
        return Err(Failure::Message("`--requests` prints JSON only; leave `--format human` out".to_owned()));
    }
    let mut lines = RequestLines::open(path, tables.semantics())?;
    let mut out = Output::new();
    let mut status = output::STATUS_OK;
    loop {
        // Whoever sends a line and waits for its answer must not wait for ever.
        if lines.is_drained() {
            out.flush()?;
        }
        let Some(line) = lines.next_request()? else { break };
        let answer = line.request.and_then(|mut request| {
            request.trust_context = arguments.trust_context;
            request.fill_time(&clock::now());
            request.ask(tables, provenance).map_err(|error| error.to_string())
        });
        match answer {
            Ok(answer) => out.json(&answer)?,
            Err(error) => {
                out.json(&json!({ "error": error }))?;
                status = output::STATUS_UNUSABLE;
            }
        }
    }
    out.flush()?;
    Ok(status)
}
