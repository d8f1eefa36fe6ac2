//! A service that keeps notes. IAM policies, compiled into it by its build script, say who may do what.
//!
//! `GET`, `PUT` and `DELETE` of `/notes/OWNER/NOTE` are the actions `notes:Read`, `notes:Write` and `notes:Delete` on the
//! resource `arn:aws:notes:::OWNER/NOTE`. A bearer token says who asks, the connection from where.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, body::Bytes};
use iamc::{ActionName, Decision, LoadError, Principal, Supplier, Tables, Value};

/// Typed names of the policies.
pub mod policies {
    iamc::include_names!("policies");
}

use policies::{action, key};

/// The policies as the build script compiled them.
static POLICIES: &[u8] = iamc::include_artifact!("policies");

/// The policies for holidays.
pub static HOLIDAY: &[u8] = iamc::include_artifact!("holiday");

/// Who has which token. A real service asks its identity provider.
const TOKENS: &[(&str, &str)] =
    &[("token-of-ana", "arn:aws:iam::111122223333:user/ana"), ("token-of-bo", "arn:aws:iam::111122223333:user/bo")];

/// The context keys that the service gives with each request.
const SUPPLIED: &[&str] = &["aws:sourceip", "aws:useragent"];

/// What the service holds.
pub struct Service {
    tables: RwLock<Tables<'static>>,
    notes: Mutex<BTreeMap<(String, String), Bytes>>,
}

/// Why policies cannot be used.
#[derive(Debug)]
pub enum PolicyError {
    /// The artifact is damaged, or of another version.
    Artifact(LoadError),
    /// They ask for something that the service does not know.
    Needs(String),
}

impl Service {
    /// Starts with the policies of the program.
    ///
    /// # Errors
    ///
    /// Fails where [`Service::replace`] fails.
    pub fn new() -> Result<Arc<Self>, PolicyError> {
        Ok(Arc::new(Self { tables: RwLock::new(usable(POLICIES)?), notes: Mutex::default() }))
    }

    /// Puts other policies in place of these, at once for all requests to come. The bytes are never freed, since tables
    /// borrow them: an artifact is small, and replaced rarely.
    ///
    /// # Errors
    ///
    /// Fails, and goes on with the old policies, unless the new ones are sound and ask only for what the service knows.
    pub fn replace(&self, artifact: &'static [u8]) -> Result<(), PolicyError> {
        let tables = usable(artifact)?;
        *self.tables.write().unwrap_or_else(PoisonError::into_inner) = tables;
        Ok(())
    }

    /// The service over HTTP.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/notes/{owner}/{note}", get(show).put(save).delete(remove))
            .route_layer(middleware::from_fn_with_state(self.clone(), authorise))
            .with_state(self.clone())
    }
}

/// Loads policies and makes sure that the service can answer what they ask.
fn usable(artifact: &'static [u8]) -> Result<Tables<'static>, PolicyError> {
    let tables = Tables::load(artifact).map_err(PolicyError::Artifact)?;
    for action in [action::NOTES_READ, action::NOTES_WRITE, action::NOTES_DELETE] {
        // Constants are well-formed actions.
        let required = tables.required_context(action.as_str()).into_iter().flatten();
        let mut missing = required.filter(|key| key.supplier() != Supplier::Derived && !SUPPLIED.contains(&key.name));
        if let Some(key) = missing.next() {
            return Err(PolicyError::Needs(format!("`{action}` depends on `{}`, which nobody supplies", key.name)));
        }
    }
    Ok(tables)
}

/// Lets a request pass if the policies allow it.
async fn authorise(
    State(service): State<Arc<Service>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path((owner, note)): Path<(String, String)>,
    request: Request,
    next: Next,
) -> Response {
    let Some(principal) = principal(request.headers()) else {
        return (StatusCode::UNAUTHORIZED, "whose token is this?\n").into_response();
    };
    // One text names one thing: what is decided is what is then done.
    if ![&owner, &note].into_iter().all(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')) {
        return (StatusCode::BAD_REQUEST, "names are letters, digits and dashes\n").into_response();
    }
    let Some(action) = action_of(request.method()) else { return StatusCode::METHOD_NOT_ALLOWED.into_response() };
    let resource = format!("arn:aws:notes:::{owner}/{note}");
    let address = peer.ip().to_canonical().to_string();
    // A policy may deny by it, so one that cannot be read is refused and not passed over.
    let Ok(agent) = request.headers().get(header::USER_AGENT).map(|agent| agent.to_str()).transpose() else {
        return (StatusCode::BAD_REQUEST, "the user agent is no plain text\n").into_response();
    };
    let agent = agent.map(|agent| ("aws:UserAgent", Value::One(agent)));
    let context: Vec<_> = [(key::AWS_SOURCE_IP.as_str(), Value::One(&address))].into_iter().chain(agent).collect();
    let question = iamc::Request::new(principal, action.as_str(), &resource).context(&context);

    let tables = *service.tables.read().unwrap_or_else(PoisonError::into_inner);
    match tables.decide(&question) {
        Decision::Allowed(_) => next.run(request).await,
        denied => (StatusCode::FORBIDDEN, format!("{action} is denied: {}\n", why(&tables, denied))).into_response(),
    }
}

fn principal(headers: &HeaderMap) -> Option<Principal<'static>> {
    let token = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    let (_, arn) = TOKENS.iter().find(|(known, _)| *known == token)?;
    Some(Principal::User { arn })
}

fn action_of(method: &Method) -> Option<ActionName> {
    match *method {
        Method::GET => Some(action::NOTES_READ),
        Method::PUT => Some(action::NOTES_WRITE),
        Method::DELETE => Some(action::NOTES_DELETE),
        _ => None,
    }
}

/// The reason for a denial: the statement that denies, or that none allows.
fn why(tables: &Tables<'_>, decision: Decision) -> String {
    let statement = match decision {
        Decision::ExplicitDeny(reason) => reason.statement.and_then(|found| tables.statement(found.statement)),
        Decision::Allowed(_) | Decision::ImplicitDeny(_) => None,
    };
    match statement {
        Some(name) => format!("by `{}` of `{}`", name.sid.unwrap_or("a statement"), name.policy),
        None => "no policy allows it".to_owned(),
    }
}

type Name = Path<(String, String)>;

async fn show(State(service): State<Arc<Service>>, Path(name): Name) -> Response {
    let notes = service.notes.lock().unwrap_or_else(PoisonError::into_inner);
    notes.get(&name).map_or(StatusCode::NOT_FOUND.into_response(), |note| note.clone().into_response())
}

async fn save(State(service): State<Arc<Service>>, Path(name): Name, note: Bytes) -> StatusCode {
    service.notes.lock().unwrap_or_else(PoisonError::into_inner).insert(name, note);
    StatusCode::NO_CONTENT
}

async fn remove(State(service): State<Arc<Service>>, Path(name): Name) -> StatusCode {
    let removed = service.notes.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
    if removed.is_some() { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}
