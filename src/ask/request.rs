//! One request that owns its texts, and the reader of its JSON form.

use crate::runtime::{Credentials, Principal, RequestError, Tables};
use crate::source::SourceId;
use crate::syntax::json::{self, Kind, OffsetMap, Value};
use crate::terms::Semantics;
use crate::value::ArnParts;
use crate::value::text::key_eq;

use super::fields::wrong_type;
use super::session::compile_sessions;
use super::{Answer, AskError, Fields, OwnedAcl, account_id, describe_findings, list, read_acl, text, texts};
use crate::provenance::Provenance;

/// A context value that owns its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextValue {
    /// A single value.
    One(String),
    /// A list, also of one value.
    List(Vec<String>),
}

/// Who makes the request, with everything owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnedPrincipal {
    /// Unsigned.
    Anonymous,
    /// The root user of an account.
    Root(String),
    /// An IAM user.
    User(String),
    /// A session of a role, and the role's ARN where it is given.
    RoleSession(String, Option<String>),
    /// A federated user, and who issued it where that is given.
    FederatedUser(String, Option<String>),
    /// A service by its names, at least one.
    Service(Vec<String>),
    /// A user of an identity provider.
    FederatedProvider(String),
}

impl OwnedPrincipal {
    /// Reads the short form, as [`Principal::parse`] does.
    ///
    /// # Errors
    ///
    /// Fails for any other text.
    pub fn parse(text: &str) -> Result<Self, AskError> {
        let parsed = Principal::parse(text).map_err(|error| {
            let hint = session_hint(text).map(|hint| format!("; {hint}")).unwrap_or_default();
            AskError::form(format!("{error}: `{text}`{hint}"))
        })?;
        Ok(match parsed {
            Principal::Nameless | Principal::Anonymous => Self::Anonymous,
            Principal::Root { arn } => Self::Root(arn.to_owned()),
            Principal::User { arn } => Self::User(arn.to_owned()),
            Principal::RoleSession { arn, .. } => Self::RoleSession(arn.to_owned(), None),
            Principal::FederatedUser { arn, .. } => Self::FederatedUser(arn.to_owned(), None),
            Principal::Service { name, .. } => Self::Service(vec![name.to_owned()]),
            Principal::FederatedProvider { provider } => Self::FederatedProvider(provider.to_owned()),
        })
    }

    /// The principal's own ARN, where it has one.
    pub fn arn(&self) -> Option<&str> {
        match self {
            Self::Root(arn) | Self::User(arn) | Self::RoleSession(arn, _) | Self::FederatedUser(arn, _) => Some(arn),
            Self::Anonymous | Self::Service(_) | Self::FederatedProvider(_) => None,
        }
    }

    const fn type_name(&self) -> &'static str {
        match self {
            Self::Anonymous => "Anonymous",
            Self::Root(_) => "Root",
            Self::User(_) => "User",
            Self::RoleSession(..) => "RoleSession",
            Self::FederatedUser(..) => "FedUser",
            Self::Service(_) => "Service",
            Self::FederatedProvider(_) => "FederatedIdp",
        }
    }
}

/// A request that owns its texts. [`OwnedRequest::with`] lends it as a [`Request`](crate::Request).
#[derive(Debug, Clone, Default)]
pub struct OwnedRequest {
    /// Who asks; nobody in particular if absent.
    pub principal: Option<OwnedPrincipal>,
    /// `AIDA…` or `AROA…`
    pub unique_id: Option<String>,
    /// `service:Name`
    pub action: String,
    /// An ARN or `*`.
    pub resource: String,
    /// Account that owns the resource.
    pub resource_account: Option<String>,
    /// Keys and values in source order; no two keys are the same text.
    pub context: Vec<(String, ContextValue)>,
    /// Names of identity policies to add.
    pub policies: Vec<String>,
    /// Names of session policies of the artifact.
    pub session_policies: Vec<String>,
    /// Artifacts with session policies, as [`compile_session`](super::compile_session) makes them.
    pub session_artifacts: Vec<Vec<u8>>,
    /// Tags of the session.
    pub session_tags: Vec<(String, String)>,
    /// Source identity of the session.
    pub source_identity: Option<String>,
    /// Kind of credentials of a user.
    pub credentials: Credentials,
    /// VPC endpoint.
    pub endpoint: Option<String>,
    /// Access key id.
    pub access_key_id: Option<String>,
    /// Account that owns the object.
    pub object_owner: Option<String>,
    /// Access control list of the object.
    pub object_acl: Option<OwnedAcl>,
    /// Tags of the principal itself, from the object form of the principal.
    pub principal_tags: Vec<(String, String)>,
    /// Whether a context value wins over a derived one.
    pub trust_context: bool,
    /// Whether the resource account wins over the one of the ARN or the world.
    pub trust_resource_account: bool,
}

impl OwnedRequest {
    /// Reads a request object (`cli.md`, *Requests*). Session policies in it are compiled under `semantics`.
    ///
    /// # Errors
    ///
    /// Fails for what is not JSON, for unknown and for unsupported members, and for values of a wrong type.
    pub fn from_json(line: &str, semantics: Semantics) -> Result<Self, AskError> {
        let mut findings = Vec::new();
        let arena = json::Arena::default();
        let value = json::parse(line, &arena, &OffsetMap::default(), SourceId::default(), &mut findings);
        match value {
            Some(value) if findings.is_empty() => read_request(&value, Form::Line { text: line, semantics }),
            _ => Err(AskError::form(describe_findings(line, &findings))),
        }
    }

    /// Adds a value of a context key. A key that was given before becomes a list.
    pub fn add_context(&mut self, key: &str, value: &str) {
        let known = self.context.iter_mut().find(|(known, _)| known == key);
        match known.map(|(_, value)| value) {
            Some(ContextValue::List(values)) => values.push(value.to_owned()),
            Some(one @ ContextValue::One(_)) => {
                let ContextValue::One(first) = std::mem::replace(one, ContextValue::List(Vec::new())) else { return };
                *one = ContextValue::List(vec![first, value.to_owned()]);
            }
            None => self.context.push((key.to_owned(), ContextValue::One(value.to_owned()))),
        }
    }

    /// The value of a context key in any spelling.
    pub fn context_value(&self, key: &str) -> Option<&ContextValue> {
        self.context.iter().find(|(known, _)| key_eq(known, key)).map(|(_, value)| value)
    }

    /// Sets `aws:CurrentTime` to `now` unless the context tells the time already.
    pub fn fill_time(&mut self, now: &str) {
        let is_given = |key: &str| {
            let value = self.context_value(key);
            value.is_some_and(|value| !matches!(value, ContextValue::List(values) if values.is_empty()))
        };
        if !is_given("aws:CurrentTime") && !is_given("aws:EpochTime") {
            self.context.retain(|(key, _)| !key_eq(key, "aws:CurrentTime"));
            self.context.push(("aws:CurrentTime".to_owned(), ContextValue::One(now.to_owned())));
        }
    }

    /// Asks the tables and describes the answer; positions come from `provenance`.
    ///
    /// # Errors
    ///
    /// Fails where the request has no answer.
    pub fn ask(&self, tables: &Tables<'_>, provenance: Option<&Provenance>) -> Result<Answer, AskError> {
        let answered = self.with(|request| {
            let explanation = tables.explain(request)?;
            let sessions: Vec<Option<Provenance>> =
                request.session_tables.iter().map(|tables| Provenance::read(tables.provenance())).collect();
            Ok(Answer::new(tables, request, &explanation, provenance, &sessions))
        })?;
        answered.map_err(|error| AskError::request(error, self.name_in(error)))
    }

    /// The policy, key or endpoint that an error is about, where that is known.
    fn name_in(&self, error: RequestError) -> Option<&str> {
        if let RequestError::DuplicateKey(index) = error {
            return self.context.get(index).map(|(key, _)| key.as_str());
        }
        if matches!(error, RequestError::AccessKey | RequestError::AccessKeyClash) {
            return self.access_key_id.as_deref();
        }
        if error == RequestError::Endpoint {
            return self.endpoint.as_deref();
        }
        let (RequestError::UnknownPolicy(index) | RequestError::WrongPolicyType(index)) = error else { return None };
        match (self.policies.is_empty(), self.session_policies.is_empty()) {
            (false, true) => self.policies.get(index).map(String::as_str),
            (true, false) => self.session_policies.get(index).map(String::as_str),
            _ => None,
        }
    }
}

/// What to write instead of the ARN of something that makes no requests itself.
fn session_hint(text: &str) -> Option<String> {
    let ArnParts { partition, account, resource, .. } = ArnParts::split(text)?;
    let (kind, path) = resource.split_once('/')?;
    let name = path.rsplit('/').next()?;
    let session = |role: &str, name: &str| format!("`arn:{partition}:sts::{account}:assumed-role/{role}/{name}`");
    match kind {
        "role" => Some(format!("a role asks through its sessions: write {}", session(name, "SESSION"))),
        "assumed-role" => {
            let mut parts = path.rsplit('/');
            let (last, role) = (parts.next()?, parts.next()?);
            let is_with_path = parts.next().is_some();
            is_with_path.then(|| format!("a session's ARN leaves the role's path out: write {}", session(role, last)))
        }
        "instance-profile" => {
            Some(format!("an instance profile asks through sessions of its role: write {}", session("ROLE", "SESSION")))
        }
        "group" => Some("a group asks through its members: write the ARN of a user".to_owned()),
        _ => None,
    }
}

// ---- the JSON form ----

/// Where a request object stands, which says what members it may have.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form<'t> {
    /// A line of `--requests`: all members of `cli.md`.
    Line {
        /// The line, for session policies in it.
        text: &'t str,
        /// How these are compiled.
        semantics: Semantics,
    },
    /// `request` of a scenario: the members of `scenario.md`.
    Scenario,
}

/// Reads a request object.
pub(crate) fn read_request(value: &Value<'_>, form: Form<'_>) -> Result<OwnedRequest, AskError> {
    let mut request = OwnedRequest::default();
    let mut has_action = false;
    let mut has_resource = false;
    for (name, value) in Fields::of(value, "a request")?.iter() {
        match name {
            "principal" => read_principal(value, &mut request)?,
            "action" => {
                request.action = text(value, "`action`")?;
                has_action = true;
            }
            "resource" => {
                request.resource = text(value, "`resource`")?;
                has_resource = true;
            }
            "resourceAccount" => request.resource_account = Some(account_id(value, "`resourceAccount`")?),
            "context" => request.context = read_context(value)?,
            _ => match form {
                Form::Line { text, semantics } => read_line_member(name, value, text, semantics, &mut request)?,
                Form::Scenario => return Err(unknown_member(name)),
            },
        }
    }
    let is_scenario = matches!(form, Form::Scenario);
    match (has_action, has_resource) {
        (false, _) => Err(AskError::form("a request needs the member `action`")),
        (true, false) => Err(AskError::form("a request needs the member `resource`")),
        (true, true) if is_scenario && request.principal.is_none() => {
            Err(AskError::form("a request needs the member `principal`"))
        }
        (true, true) => Ok(request),
    }
}

fn unknown_member(name: &str) -> AskError {
    AskError::form(format!("a request has no member `{name}`"))
}

fn read_line_member(
    name: &str,
    value: &Value<'_>,
    line: &str,
    semantics: Semantics,
    request: &mut OwnedRequest,
) -> Result<(), AskError> {
    match name {
        "policies" => request.policies = texts(value, "`policies`")?,
        "sessionPolicies" => request.session_policies = texts(value, "`sessionPolicies`")?,
        "sessionPolicyDocuments" => {
            let documents = list(value, "`sessionPolicyDocuments`")?;
            if !documents.is_empty() {
                request.session_artifacts.push(compile_sessions(name, line, documents, semantics)?);
            }
        }
        "sessionTags" => request.session_tags = read_tags(value, "`sessionTags`")?,
        "sourceIdentity" => request.source_identity = Some(text(value, "`sourceIdentity`")?),
        "uniqueId" => set_unique_id(request, text(value, "`uniqueId`")?)?,
        "credentials" => request.credentials = read_credentials(&text(value, "`credentials`")?)?,
        "endpoint" => request.endpoint = Some(text(value, "`endpoint`")?),
        "accessKeyId" => request.access_key_id = Some(text(value, "`accessKeyId`")?),
        "objectOwner" => request.object_owner = Some(account_id(value, "`objectOwner`")?),
        "objectAcl" => request.object_acl = Some(read_acl(value, "`objectAcl`")?),
        _ => return Err(unknown_member(name)),
    }
    Ok(())
}

fn read_credentials(word: &str) -> Result<Credentials, AskError> {
    match word {
        "longTerm" => Ok(Credentials::LongTerm),
        "console" => Ok(Credentials::Console),
        "getSessionToken" => Ok(Credentials::SessionToken),
        _ => Err(AskError::form(format!(
            "`credentials` must be `longTerm`, `console` or `getSessionToken`, not `{word}`"
        ))),
    }
}

fn set_unique_id(request: &mut OwnedRequest, id: String) -> Result<(), AskError> {
    match request.unique_id.as_ref() {
        Some(known) if *known != id => {
            Err(AskError::form(format!("`uniqueId` is given twice, as `{known}` and as `{id}`")))
        }
        _ => {
            request.unique_id = Some(id);
            Ok(())
        }
    }
}

/// Reads a context (R-ID-25). Spellings that differ in case are left to the runtime, which knows tag keys.
fn read_context(value: &Value<'_>) -> Result<Vec<(String, ContextValue)>, AskError> {
    let mut context = Vec::new();
    for (key, value) in Fields::of(value, "`context`")?.iter() {
        context.push((key.to_owned(), read_context_value(key, value)?));
    }
    Ok(context)
}

fn read_context_value(key: &str, value: &Value<'_>) -> Result<ContextValue, AskError> {
    if let Kind::Array(elements) = &value.kind {
        let values: Option<Vec<String>> = elements.iter().map(scalar).collect();
        return values.map(ContextValue::List).ok_or_else(|| {
            let message = format!("the list of the context key `{key}` must hold strings, numbers and booleans only");
            AskError::form(message)
        });
    }
    scalar(value).map(ContextValue::One).ok_or_else(|| {
        wrong_type(value, &format!("the context key `{key}`"), "a string, a number, a boolean or an array of them")
    })
}

/// Numbers and booleans become their JSON text.
fn scalar(value: &Value<'_>) -> Option<String> {
    match &value.kind {
        Kind::String { text } | Kind::Number(text) => Some((*text).to_owned()),
        Kind::Bool(value) => Some(value.to_string()),
        Kind::Null | Kind::Array(_) | Kind::Object(_) | Kind::Error => None,
    }
}

/// Reads tags: `{"team": "red"}`, or AWS's `[{"Key": "team", "Value": "red"}]`.
fn read_tags(value: &Value<'_>, what: &str) -> Result<Vec<(String, String)>, AskError> {
    if let Kind::Array(elements) = &value.kind {
        return elements.iter().map(|element| read_tag(element, what)).collect();
    }
    let members = Fields::of(value, what)?.iter();
    members.map(|(key, value)| Ok((key.to_owned(), text(value, &format!("the tag `{key}`"))?))).collect()
}

fn read_tag(value: &Value<'_>, what: &str) -> Result<(String, String), AskError> {
    let mut key = None;
    let mut tag = None;
    for (name, value) in Fields::of(value, &format!("an element of {what}"))?.iter() {
        match name {
            "Key" => key = Some(text(value, "`Key` of a tag")?),
            "Value" => tag = Some(text(value, "`Value` of a tag")?),
            _ => return Err(AskError::form(format!("a tag has no member `{name}`"))),
        }
    }
    key.zip(tag).ok_or_else(|| AskError::form("a tag needs `Key` and `Value`"))
}

/// The members of a principal object.
#[derive(Debug, Default)]
struct PrincipalFields {
    arn: Option<String>,
    role_arn: Option<String>,
    issuer_arn: Option<String>,
    provider: Option<String>,
    service_names: Option<Vec<String>>,
}

fn read_principal(value: &Value<'_>, request: &mut OwnedRequest) -> Result<(), AskError> {
    if let Kind::String { text, .. } = &value.kind {
        request.principal = Some(OwnedPrincipal::parse(text)?);
        return Ok(());
    }
    let Kind::Object(_) = &value.kind else { return Err(wrong_type(value, "`principal`", "a string or an object")) };
    let mut fields = PrincipalFields::default();
    let mut type_name = None;
    for (name, value) in Fields::of(value, "`principal`")?.iter() {
        match name {
            "type" => type_name = Some(text(value, "`type` of the principal")?),
            "arn" => fields.arn = Some(text(value, "`arn` of the principal")?),
            "roleArn" => fields.role_arn = Some(text(value, "`roleArn`")?),
            "issuerArn" => fields.issuer_arn = Some(text(value, "`issuerArn`")?),
            "provider" => fields.provider = Some(text(value, "`provider`")?),
            "serviceNames" => fields.service_names = Some(texts(value, "`serviceNames`")?),
            "uniqueId" => set_unique_id(request, text(value, "`uniqueId`")?)?,
            "tags" => request.principal_tags = read_tags(value, "`tags` of the principal")?,
            _ => return Err(AskError::form(format!("a principal has no member `{name}`"))),
        }
    }
    let type_name = type_name.ok_or_else(|| AskError::form("a principal object needs the member `type`"))?;
    request.principal = Some(build_principal(&type_name, fields)?);
    Ok(())
}

fn build_principal(type_name: &str, mut fields: PrincipalFields) -> Result<OwnedPrincipal, AskError> {
    let principal = match type_name {
        "Anonymous" => OwnedPrincipal::Anonymous,
        "Root" | "User" | "RoleSession" | "FedUser" => principal_of_arn(type_name, &mut fields)?,
        "Service" => {
            let mut names = fields.service_names.take().unwrap_or_default();
            if let Some(name) = fields.arn.take()
                && !names.contains(&name)
            {
                names.insert(0, name);
            }
            if names.is_empty() {
                return Err(AskError::form(
                    "a principal of type `Service` needs `serviceNames` with at least one name",
                ));
            }
            OwnedPrincipal::Service(names)
        }
        "FederatedIdp" => {
            let provider = fields.provider.take().or_else(|| fields.arn.take());
            let missing = || AskError::form("a principal of type `FederatedIdp` needs the member `provider`");
            OwnedPrincipal::FederatedProvider(provider.ok_or_else(missing)?)
        }
        _ => {
            return Err(AskError::form(format!(
                "`type` of a principal must be `User`, `Root`, `RoleSession`, `FedUser`, `Service`, `FederatedIdp` or \
                 `Anonymous`, not `{type_name}`"
            )));
        }
    };
    let left_over = [
        ("arn", fields.arn.is_some()),
        ("roleArn", fields.role_arn.is_some()),
        ("issuerArn", fields.issuer_arn.is_some()),
        ("provider", fields.provider.is_some()),
        ("serviceNames", fields.service_names.is_some()),
    ];
    match left_over.into_iter().find(|&(_, is_left)| is_left) {
        Some((name, _)) => Err(AskError::form(format!("a principal of type `{type_name}` has no member `{name}`"))),
        None => Ok(principal),
    }
}

fn principal_of_arn(type_name: &str, fields: &mut PrincipalFields) -> Result<OwnedPrincipal, AskError> {
    let missing = || AskError::form(format!("a principal of type `{type_name}` needs the member `arn`"));
    let arn = fields.arn.take().ok_or_else(missing)?;
    let principal = OwnedPrincipal::parse(&arn)?;
    if principal.type_name() != type_name {
        let found = principal.type_name();
        return Err(AskError::form(format!("`{arn}` is the ARN of a principal of type `{found}`, not `{type_name}`")));
    }
    Ok(match principal {
        OwnedPrincipal::RoleSession(arn, _) => OwnedPrincipal::RoleSession(arn, fields.role_arn.take()),
        OwnedPrincipal::FederatedUser(arn, _) => OwnedPrincipal::FederatedUser(arn, fields.issuer_arn.take()),
        other @ (OwnedPrincipal::Anonymous
        | OwnedPrincipal::Root(_)
        | OwnedPrincipal::User(_)
        | OwnedPrincipal::Service(_)
        | OwnedPrincipal::FederatedProvider(_)) => other,
    })
}
