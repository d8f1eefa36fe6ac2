//! Reading the principal that a graph begins at, and asking in a principal's name.

use std::collections::BTreeSet;

use crate::runtime::{Identity, IdentityKind, Principal, Request, SessionName, Tables};
use crate::value::{ArnParts, is_account_id};

use super::GraphError;
use super::model::{Node, NodeKind};
use super::roles::{ASSUME_ROLE, ASSUME_WITH_SAML, ASSUME_WITH_WEB_IDENTITY, Roles};

/// The session name of a role that any other would do for.
pub(super) const ANY_SESSION: &str = "no-policy-has-a-session-of-this-name";

/// Hosts of the providers that are no ARNs (R-PRI-11).
const WEB_PROVIDERS: [&str; 4] =
    ["accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"];

/// Somebody in whose name requests are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Actor {
    /// What kind of requester it is.
    pub(super) kind: ActorKind,
    /// User ARN, root ARN, beginning of the session ARN, federated-user ARN, service, provider.
    name: String,
    /// A role's own ARN.
    role_arn: Option<String>,
    /// Whether a role's sessions may have any name, or the one that it has.
    pub(super) session: Option<String>,
    /// 12 digits.
    pub(super) account: Option<String>,
    /// `AIDA…`, `AROA…`, where the artifact knows it.
    unique_id: Option<String>,
}

/// Kinds of requesters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ActorKind {
    /// A user.
    User,
    /// A session of a role.
    Role,
    /// An account root.
    Root,
    /// A federated user.
    FederatedUser,
    /// A service.
    Service,
    /// An identity provider.
    Provider,
    /// Anybody.
    Anonymous,
}

impl Actor {
    fn new(kind: ActorKind, name: &str) -> Self {
        let account = ArnParts::split(name).map(|parts| parts.account.to_owned());
        let account = account.filter(|account| is_account_id(account));
        Self { kind, name: name.to_owned(), role_arn: None, session: None, account, unique_id: None }
    }

    /// A service.
    pub(super) fn service(name: &str) -> Self {
        Self::new(ActorKind::Service, name)
    }

    /// A role of the artifact, in a session of any name.
    pub(super) fn role(identity: &Identity<'_>) -> Self {
        Self {
            role_arn: Some(identity.arn.to_owned()),
            unique_id: identity.unique_id.map(str::to_owned),
            ..Self::new(ActorKind::Role, identity.lookup)
        }
    }

    fn user(identity: &Identity<'_>) -> Self {
        Self { unique_id: identity.unique_id.map(str::to_owned), ..Self::new(ActorKind::User, identity.arn) }
    }

    /// What it does to become a role.
    pub(super) fn action(&self) -> &'static str {
        match self.kind {
            ActorKind::Provider if self.name.contains(":saml-provider/") => ASSUME_WITH_SAML,
            ActorKind::Provider => ASSUME_WITH_WEB_IDENTITY,
            ActorKind::User
            | ActorKind::Role
            | ActorKind::Root
            | ActorKind::FederatedUser
            | ActorKind::Service
            | ActorKind::Anonymous => ASSUME_ROLE,
        }
    }

    /// Whether session names are open.
    pub(super) fn session_name(&self) -> SessionName {
        match (self.kind, &self.session) {
            (ActorKind::Role, None) => SessionName::Open,
            _ => SessionName::Fixed,
        }
    }

    /// The ARN of a request: for a role that of a session with this name, unless it has its own.
    pub(super) fn arn(&self, session: &str) -> String {
        match self.kind {
            ActorKind::Role => format!("{}/{}", self.name, self.session.as_deref().unwrap_or(session)),
            ActorKind::User
            | ActorKind::Root
            | ActorKind::FederatedUser
            | ActorKind::Service
            | ActorKind::Provider
            | ActorKind::Anonymous => self.name.clone(),
        }
    }

    /// The principal of a request, given [`Actor::arn`].
    pub(super) fn principal<'r>(&'r self, arn: &'r str) -> Principal<'r> {
        match self.kind {
            ActorKind::User => Principal::User { arn },
            ActorKind::Role => Principal::RoleSession { arn, role_arn: self.role_arn.as_deref() },
            ActorKind::Root => Principal::Root { arn },
            ActorKind::FederatedUser => Principal::FederatedUser { arn, issuer_arn: None },
            ActorKind::Service => Principal::Service { name: arn, other_names: &[] },
            ActorKind::Provider => Principal::FederatedProvider { provider: arn },
            ActorKind::Anonymous => Principal::Anonymous,
        }
    }

    /// The beginning of a role's session ARNs.
    pub(super) fn session_prefix(&self) -> Option<&str> {
        (self.kind == ActorKind::Role).then_some(self.name.as_str())
    }

    /// Names by which trust policies can mean it and nobody else of its account.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        [Some(self.name.as_str()), self.role_arn.as_deref(), self.unique_id.as_deref()].into_iter().flatten()
    }

    /// Names by which they can mean everybody of its account.
    pub(super) fn account_names<'n>(&'n self, tables: &'n Tables<'n>) -> impl Iterator<Item = &'n str> {
        let account = self.account.as_deref().filter(|_| self.kind != ActorKind::Provider);
        let canonical = account.and_then(|account| tables.canonical_user_id(account));
        [account, canonical].into_iter().flatten()
    }

    /// Resources that its own policies name for an action; nothing where they cannot be told one by one.
    pub(super) fn own_resources(&self, tables: &Tables<'_>, action: &str) -> Option<BTreeSet<String>> {
        let arn = self.arn(ANY_SESSION);
        let request = Request::new(self.principal(&arn), action, "*");
        let mut resources = BTreeSet::new();
        let are_all = tables.exact_identity_resources(&request, &mut |resource| {
            resources.insert(resource.to_owned());
        });
        are_all.then_some(resources)
    }
}

/// The beginning of a graph.
#[derive(Debug)]
pub(super) struct Source {
    /// How it is shown.
    pub(super) node: Node,
    /// Who asks; several for the host of an OIDC provider that several accounts have.
    pub(super) actors: Vec<Actor>,
    /// The role, if it is one of the artifact and not only one session of it.
    pub(super) role: Option<usize>,
    /// Whether the artifact knows its account.
    pub(super) is_foreign: bool,
}

/// Reads a principal.
pub(super) fn read(text: &str, roles: &Roles<'_>) -> Result<Source, GraphError> {
    if text == "anonymous" {
        return Ok(Source::of(Actor::new(ActorKind::Anonymous, text), NodeKind::Anonymous));
    }
    match ArnParts::split(text) {
        Some(parts) => from_arn(text, parts, roles),
        None => from_name(text, roles),
    }
}

fn malformed(text: &str) -> GraphError {
    GraphError::Principal { given: text.to_owned() }
}

fn from_arn(text: &str, parts: ArnParts<'_>, roles: &Roles<'_>) -> Result<Source, GraphError> {
    let (kind, name) = parts.resource.split_once('/').unwrap_or((parts.resource, ""));
    if !is_account_id(parts.account) || !parts.region.is_empty() || (name.is_empty() && kind != "root") {
        return Err(malformed(text));
    }
    let tables = roles.tables;
    let is_known = tables.knows_identities_of(parts.account);
    let unknown = || GraphError::Unknown { given: text.to_owned(), close: close_to(text, parts.account, tables) };
    match (parts.service, kind) {
        ("iam", "role") => match roles.find(text) {
            Some(number) => Source::of_role(number, None, roles).ok_or_else(unknown),
            None if is_known => Err(unknown()),
            None => {
                let name = parts.resource.rsplit('/').next().unwrap_or("");
                let lookup = format!("arn:{}:sts::{}:assumed-role/{name}", parts.partition, parts.account);
                let actor = Actor { role_arn: Some(text.to_owned()), ..Actor::new(ActorKind::Role, &lookup) };
                Ok(Source { is_foreign: true, ..Source::named(actor, NodeKind::Role, text) })
            }
        },
        ("iam", "instance-profile") => {
            let holds = |identity: &Identity<'_>| tables.instance_profiles(identity).any(|arn| arn == text);
            let number = roles.list.iter().position(|role| holds(&role.identity));
            match number.and_then(|number| Source::of_role(number, None, roles)) {
                Some(source) => Ok(source),
                None if is_known => Err(unknown()),
                None => Err(GraphError::ForeignProfile { given: text.to_owned() }),
            }
        }
        ("iam", "saml-provider" | "oidc-provider") => {
            Ok(Source::of(Actor::new(ActorKind::Provider, text), NodeKind::Provider))
        }
        ("sts", "assumed-role") => {
            let Ok(Principal::RoleSession { .. }) = Principal::parse(text) else { return Err(malformed(text)) };
            let (lookup, session) = text.rsplit_once('/').unwrap_or((text, ""));
            match roles.find_lookup(lookup) {
                Some(number) => Source::of_role(number, Some(session), roles).ok_or_else(unknown),
                None if is_known => Err(unknown()),
                None => {
                    let actor = Actor { session: Some(session.to_owned()), ..Actor::new(ActorKind::Role, lookup) };
                    Ok(Source { is_foreign: true, ..Source::named(actor, NodeKind::Role, text) })
                }
            }
        }
        _ => match Principal::parse(text) {
            Ok(Principal::Root { .. }) => Ok(Source::of(Actor::new(ActorKind::Root, text), NodeKind::Root)),
            Ok(Principal::FederatedUser { .. }) => {
                Ok(Source::of(Actor::new(ActorKind::FederatedUser, text), NodeKind::FederatedUser))
            }
            Ok(Principal::User { .. }) => {
                let identity = tables.identities().find(|it| it.kind == IdentityKind::User && it.arn == text);
                match identity {
                    Some(identity) => Ok(Source::of(Actor::user(&identity), NodeKind::User)),
                    None if is_known => Err(unknown()),
                    None => {
                        let actor = Actor::new(ActorKind::User, text);
                        Ok(Source { is_foreign: true, ..Source::of(actor, NodeKind::User) })
                    }
                }
            }
            Ok(
                Principal::Nameless
                | Principal::Anonymous
                | Principal::RoleSession { .. }
                | Principal::Service { .. }
                | Principal::FederatedProvider { .. },
            )
            | Err(_) => Err(malformed(text)),
        },
    }
}

/// A service, or the host of an identity provider.
fn from_name(text: &str, roles: &Roles<'_>) -> Result<Source, GraphError> {
    let is_host = |provider: &str| {
        provider == text || provider.split_once(":oidc-provider/").is_some_and(|(_, host)| host == text)
    };
    let providers: Vec<Actor> = roles
        .providers
        .iter()
        .filter(|provider| is_host(provider))
        .map(|provider| Actor::new(ActorKind::Provider, provider))
        .collect();
    if let Some(first) = providers.first() {
        let source = Source::named(first.clone(), NodeKind::Provider, text);
        return Ok(Source { actors: providers, ..source });
    }
    if WEB_PROVIDERS.contains(&text) {
        return Ok(Source::of(Actor::new(ActorKind::Provider, text), NodeKind::Provider));
    }
    match Principal::parse(text) {
        Ok(Principal::Service { .. }) => Ok(Source::of(Actor::service(text), NodeKind::Service)),
        Ok(_) | Err(_) => Err(malformed(text)),
    }
}

impl Source {
    fn of(actor: Actor, kind: NodeKind) -> Self {
        let id = actor.name.clone();
        Self::named(actor, kind, &id)
    }

    fn named(actor: Actor, kind: NodeKind, id: &str) -> Self {
        let is_arn = id.starts_with("arn:");
        let last = id.rsplit('/').next().filter(|_| is_arn).unwrap_or(id);
        let name = if kind == NodeKind::Root { "root" } else { last };
        let node = Node {
            id: id.to_owned(),
            arn: is_arn.then(|| id.to_owned()),
            name: name.to_owned(),
            kind,
            account: actor.account.clone(),
            permission_set: None,
            instance_profiles: Vec::new(),
        };
        Self { node, actors: vec![actor], role: None, is_foreign: false }
    }

    fn of_role(number: usize, session: Option<&str>, roles: &Roles<'_>) -> Option<Self> {
        let actor = Actor { session: session.map(str::to_owned), ..Actor::role(&roles.get(number)?.identity) };
        let mut node = roles.node(number)?;
        if let Some(session) = session {
            node.id = actor.arn(session);
            node.arn = Some(node.id.clone());
        }
        let role = Some(number).filter(|_| session.is_none());
        Some(Self { node, actors: vec![actor], role, is_foreign: false })
    }
}

/// ARNs of the account that are close to what was given, the closest first; at most three.
fn close_to(text: &str, account: &str, tables: &Tables<'_>) -> Vec<String> {
    let own = tables.identities().filter(|identity| identity.account == account);
    let mut candidates = BTreeSet::new();
    for identity in own {
        candidates.insert(identity.arn);
        candidates.extend(tables.instance_profiles(&identity));
    }
    let is_session = text.contains(":assumed-role/");
    let text = if is_session { text.rsplit_once('/').map_or(text, |(role, _)| role) } else { text };
    let last = |arn: &str| arn.rsplit('/').next().unwrap_or(arn).to_ascii_lowercase();
    let kind = |arn: &str| arn.splitn(6, ':').nth(5).and_then(|it| it.split('/').next().map(str::to_owned));
    let wanted = if is_session { Some("role".to_owned()) } else { kind(text) };
    let name = last(text);
    let limit = (name.chars().count() / 3).max(2);
    let rated = candidates.into_iter().filter_map(|arn| {
        let steps = distance(&name, &last(arn));
        (steps <= limit).then(|| (steps, kind(arn) != wanted, arn))
    });
    let mut rated: Vec<_> = rated.collect();
    rated.sort_unstable();
    rated.into_iter().take(3).map(|(_, _, arn)| arn.to_owned()).collect()
}

/// How many characters have to be put in, taken out or replaced.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, a) in left.chars().enumerate() {
        let mut next = vec![line + 1];
        for (b, pair) in right.iter().zip(row.windows(2)) {
            let [diagonal, above] = pair else { continue };
            let beside = next.last().copied().unwrap_or(0);
            next.push((diagonal + usize::from(a != *b)).min(above + 1).min(beside + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
