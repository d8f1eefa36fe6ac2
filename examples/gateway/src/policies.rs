//! The policies in force, and how they are replaced.
//!
//! Comes in: files of a world and of access keys. Goes out: decisions. New policies take the place of the old ones at once
//! and as a whole; if anything in them is wrong, the old ones stay.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use iamc::source::{Diagnostic, Place, Severity, SourceMap};
use iamc::{Credentials, Decision, Options, Principal, Request, Tables, Value};
use self_cell::self_cell;
use serde::Deserialize;

use crate::operation::Need;

self_cell!(
    /// An artifact with the tables that borrow it.
    struct Artifact {
        owner: Vec<u8>,
        #[covariant]
        dependent: Tables,
    }
);

/// An access key in the file of keys.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KeyEntry {
    access_key_id: String,
    secret_access_key: String,
    principal: String,
}

/// Whose an access key is.
#[derive(Clone)]
pub struct AccessKey {
    pub secret: String,
    /// An ARN that [`Principal::parse`] takes.
    pub principal: String,
}

/// Policies and access keys that belong together.
pub struct Snapshot {
    artifact: Artifact,
    keys: HashMap<String, AccessKey>,
    account: String,
}

/// Where they come from.
#[derive(Debug, Clone)]
pub struct Origin {
    pub policies: Vec<PathBuf>,
    pub keys: PathBuf,
    pub account: String,
}

/// Policies that can be replaced while requests are decided.
pub struct Policies {
    from: Origin,
    current: RwLock<Arc<Snapshot>>,
}

impl Policies {
    /// Compiles the policies; the error is the report.
    pub fn load(from: Origin) -> Result<Self, String> {
        let current = RwLock::new(Arc::new(Snapshot::load(&from)?));
        Ok(Self { from, current })
    }

    /// The policies in force. A request keeps those that it began with.
    pub fn current(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Compiles the files again and, if all is well, puts the result in force; the error is the report.
    pub fn reload(&self) -> Result<(), String> {
        let snapshot = Arc::new(Snapshot::load(&self.from)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
        Ok(())
    }
}

impl Snapshot {
    fn load(from: &Origin) -> Result<Self, String> {
        let artifact = compile(&from.policies)?;
        let artifact = Artifact::try_new(artifact, |bytes| Tables::load(bytes)).map_err(|error| error.to_string())?;
        Ok(Self { artifact, keys: read_keys(&from.keys)?, account: from.account.clone() })
    }

    /// The access key with this id.
    pub fn key(&self, id: &str) -> Option<&AccessKey> {
        self.keys.get(id)
    }

    /// Decides whether `principal`, nobody if unsigned, may do what is needed; what a log says of it comes with it.
    ///
    /// All buckets belong to the gateway's account.
    pub fn is_allowed(&self, principal: Option<&str>, need: &Need, common: &[(&str, String)]) -> (bool, String) {
        let tables = self.artifact.borrow_dependent();
        let given = common.iter().chain(&need.context);
        let context: Vec<(&str, Value<'_>)> = given.map(|(key, value)| (*key, Value::One(value))).collect();
        let who = principal.map_or(Ok(Principal::Anonymous), Principal::parse);
        let Ok(who) = who else { return (false, "the principal is malformed".to_owned()) };
        let is_user = matches!(who, Principal::User { .. });
        let request = Request {
            resource_account: Some(&self.account),
            credentials: if is_user { Credentials::LongTerm } else { Credentials::Unspecified },
            ..Request::new(who, need.action, &need.resource).context(&context)
        };
        match tables.explain(&request) {
            Ok(explanation) => (explanation.decision.is_allowed(), describe(tables, explanation.decision)),
            Err(error) => (false, error.to_string()),
        }
    }
}

/// A decision in one line.
fn describe(tables: &Tables<'_>, decision: Decision) -> String {
    let mut text = decision.name().to_owned();
    match decision {
        Decision::Allowed(reason) | Decision::ExplicitDeny(reason) => {
            let name = reason.statement.and_then(|statement| tables.statement(statement.statement));
            if let Some(name) = name {
                let _ =
                    write!(text, " by statement {} of {}", name.sid.unwrap_or(&name.index.to_string()), name.policy);
            } else if let Some(layer) = reason.layer {
                let _ = write!(text, " by {}", layer.name());
            }
        }
        Decision::ImplicitDeny(layers) => {
            let names: Vec<&str> = layers.implicit_order().map(iamc::terms::Layer::name).collect();
            let _ = write!(text, " for want of {}", names.join(", "));
        }
    }
    text
}

fn compile(paths: &[PathBuf]) -> Result<Vec<u8>, String> {
    let loaded = iamc::input::load(paths, None)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let sources = loaded.world.sources().clone();
    match iamc::compile(loaded.world, &Options::default()) {
        Ok(compiled) => {
            eprint!("{}", report(&compiled.findings, &sources));
            Ok(compiled.as_bytes().to_vec())
        }
        Err(errors) => Err(report(&errors.findings, &sources)),
    }
}

/// Findings with their places, a line each.
fn report(findings: &[Diagnostic], sources: &SourceMap) -> String {
    let mut text = String::new();
    for finding in findings {
        let severity = match finding.severity {
            Severity::Error => "error",
            _ => "warning",
        };
        let _ = writeln!(text, "{}{severity}: {} ({})", place(finding.place, sources), finding.message, finding.code);
    }
    text
}

fn place(place: Place, sources: &SourceMap) -> String {
    let Some(source) = sources.get(place.source) else { return String::new() };
    let start = source.line_column(place.span.start());
    format!("{}:{}:{}: ", source.name, start.line, start.column)
}

fn read_keys(path: &PathBuf) -> Result<HashMap<String, AccessKey>, String> {
    let complain = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| complain(&error))?;
    let entries: Vec<KeyEntry> = serde_json::from_str(&text).map_err(|error| complain(&error))?;
    let mut keys = HashMap::new();
    for entry in entries {
        if let Err(error) = Principal::parse(&entry.principal) {
            return Err(complain(&format!("{error}: `{}`", entry.principal)));
        }
        let key = AccessKey { secret: entry.secret_access_key, principal: entry.principal };
        if keys.insert(entry.access_key_id.clone(), key).is_some() {
            return Err(complain(&format!("the access key `{}` is given twice", entry.access_key_id)));
        }
    }
    Ok(keys)
}
