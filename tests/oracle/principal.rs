//! Who asks, and what `Principal` and `NotPrincipal` say about them (chapter 4).

use super::context::{Context, Held, scalar};
use super::document::PrincipalPart;
use super::switches::{Levels, Switches};
use serde_json::Value;

/// Where a principal entry stands in the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Aws,
    Service,
    Federated,
    CanonicalUser,
}

#[derive(Clone, Debug)]
pub(super) struct PrincipalEntry {
    pub(super) source: Source,
    pub(super) text: String,
}

/// Match kinds of R-PRI-3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Wildcard,
    Root,
    Account,
    User,
    UserOfFed,
    Role,
    Session,
    FedUser,
    Service,
    Federated,
}

/// R-PRI-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Root,
    User,
    RoleSession,
    FedUser,
    Service,
    FederatedIdp,
    Anonymous,
}

#[derive(Clone, Debug)]
pub(super) struct Requester {
    pub(super) kind: Type,
    pub(super) account: Option<String>,
    pub(super) partition: Option<String>,
    /// The ARN of the user, session or root.
    arn: Option<String>,
    /// The role of a session.
    role_arn: Option<String>,
    /// Whether the scenario gave the role.
    role_known: bool,
    unique_id: Option<String>,
    issuer_arn: Option<String>,
    service_names: Vec<String>,
    provider: Option<String>,
    /// A signed user of that account of whom nothing else is known (`cli.md`, requests with policies alone).
    pub(super) nameless: bool,
}

fn component(arn: &str, index: usize) -> Option<String> {
    arn.splitn(6, ':').nth(index).map(str::to_owned)
}

/// Twelve digits.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.chars().all(|c| c.is_ascii_digit())
}

fn member(object: &serde_json::Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{name} is not a string")),
    }
}

impl Requester {
    fn new(kind: Type) -> Requester {
        Requester {
            kind,
            account: None,
            partition: None,
            arn: None,
            role_arn: None,
            role_known: false,
            unique_id: None,
            issuer_arn: None,
            service_names: Vec::new(),
            provider: None,
            nameless: false,
        }
    }

    /// Reads `request.principal` and derives the keys of R-PRI-19 and R-KEY-2 that the context does not give.
    pub(super) fn read(value: &Value, context: &mut Context) -> Result<Requester, String> {
        let mut requester = match value {
            Value::String(text) => Requester::from_text(text)?,
            Value::Object(object) => Requester::from_object(object)?,
            _ => return Err("bad principal".to_owned()),
        };
        if let Some(arn) = requester.arn.clone().or_else(|| requester.role_arn.clone()) {
            requester.partition = component(&arn, 1);
            requester.account = component(&arn, 4);
            if !requester.account.as_deref().is_some_and(is_account) {
                return Err("a principal without account".to_owned());
            }
        }
        if requester.kind == Type::RoleSession && requester.role_arn.is_none() {
            requester.role_arn = context.single("aws:principalarn").or_else(|| requester.default_role_arn());
        }
        if let Some(tags) = value.get("tags") {
            for (key, value) in tags.as_object().ok_or("tags is not an object")? {
                context.derive(&format!("aws:PrincipalTag/{key}"), Held::Single(scalar(value)?));
            }
        }
        requester.derive(context);
        Ok(requester)
    }

    fn from_text(text: &str) -> Result<Requester, String> {
        if text == "anonymous" {
            return Ok(Requester::new(Type::Anonymous));
        }
        if !text.starts_with("arn:") {
            let mut requester = Requester::new(Type::Service);
            requester.service_names = vec![text.to_owned()];
            return Ok(requester);
        }
        let resource = component(text, 5).unwrap_or_default();
        let kind = match (component(text, 2).as_deref(), resource.split('/').next()) {
            (Some("iam"), Some("user")) => Type::User,
            (Some("iam"), Some("root")) => Type::Root,
            (Some("sts"), Some("assumed-role")) => Type::RoleSession,
            (Some("sts"), Some("federated-user")) => Type::FedUser,
            _ => return Err(format!("no principal: {text}")),
        };
        let mut requester = Requester::new(kind);
        requester.arn = Some(text.to_owned());
        Ok(requester)
    }

    fn from_object(object: &serde_json::Map<String, Value>) -> Result<Requester, String> {
        let kind = match object.get("type").and_then(Value::as_str) {
            Some("User") => Type::User,
            Some("Root") => Type::Root,
            Some("RoleSession") => Type::RoleSession,
            Some("FedUser") => Type::FedUser,
            Some("Service") => Type::Service,
            Some("FederatedIdp") => Type::FederatedIdp,
            Some("Anonymous") => Type::Anonymous,
            _ => return Err("bad principal type".to_owned()),
        };
        let mut requester = Requester::new(kind);
        requester.arn = member(object, "arn")?;
        requester.role_arn = member(object, "roleArn")?;
        requester.role_known = requester.role_arn.is_some();
        requester.unique_id = member(object, "uniqueId")?;
        requester.issuer_arn = member(object, "issuerArn")?;
        requester.provider = member(object, "provider")?;
        requester.nameless = object.contains_key("nameless");
        if let Some(names) = object.get("serviceNames") {
            for name in names.as_array().ok_or("serviceNames is not a list")? {
                requester.service_names.push(name.as_str().ok_or("a service name is not a string")?.to_owned());
            }
        }
        Ok(requester)
    }

    /// `scenario.md`: the role of a session that nothing defines.
    fn default_role_arn(&self) -> Option<String> {
        let arn = self.arn.as_deref()?;
        let name = component(arn, 5)?.split('/').nth(1)?.to_owned();
        Some(format!("arn:{}:iam::{}:role/{name}", self.partition.as_deref()?, self.account.as_deref()?))
    }

    fn session_name(&self) -> Option<String> {
        component(self.arn.as_deref()?, 5)?.split('/').nth(2).map(str::to_owned)
    }

    /// Sessions of a service-linked role, recognised by the path of a given role (R-ID-14).
    pub(super) fn service_linked(&self) -> bool {
        self.kind == Type::RoleSession
            && self.role_known
            && self
                .role_arn
                .as_deref()
                .and_then(|arn| component(arn, 5))
                .is_some_and(|name| name.starts_with("role/aws-service-role/"))
    }

    /// Whether the requester signs: everybody but `Anonymous` and `FederatedIdp` (R-EVAL-32).
    pub(super) fn signed(&self) -> bool {
        !matches!(self.kind, Type::Anonymous | Type::FederatedIdp)
    }

    /// Users, role sessions and federated users have identity policies (R-EVAL-1).
    pub(super) fn has_identity(&self) -> bool {
        matches!(self.kind, Type::User | Type::RoleSession | Type::FedUser)
    }

    fn derive(&self, context: &mut Context) {
        if self.nameless {
            return;
        }
        let mut put = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                context.derive(name, Held::Single(value));
            }
        };
        let account = self.account.clone();
        let owned = |text: &str| Some(text.to_owned());
        match self.kind {
            Type::Root => {
                put("aws:PrincipalArn", self.arn.clone());
                put("aws:PrincipalType", owned("Account"));
                put("aws:userid", account.clone());
            }
            Type::User => {
                put("aws:PrincipalArn", self.arn.clone());
                put("aws:PrincipalType", owned("User"));
                put("aws:userid", self.unique_id.clone());
                put("aws:username", self.arn.as_deref().and_then(|arn| arn.rsplit('/').next()).map(str::to_owned));
            }
            Type::FedUser => {
                put("aws:PrincipalArn", self.arn.clone());
                put("aws:PrincipalType", owned("FederatedUser"));
                let name = self.arn.as_deref().and_then(|arn| arn.rsplit('/').next());
                put("aws:userid", account.clone().zip(name).map(|(account, name)| format!("{account}:{name}")));
            }
            Type::RoleSession => {
                put("aws:PrincipalArn", self.role_arn.clone());
                put("aws:PrincipalType", owned("AssumedRole"));
                let id = self.unique_id.clone().zip(self.session_name());
                put("aws:userid", id.map(|(id, name)| format!("{id}:{name}")));
            }
            Type::Anonymous => {
                put("aws:PrincipalAccount", owned("anonymous"));
                put("aws:PrincipalType", owned("Anonymous"));
                put("aws:userid", owned("anonymous"));
            }
            Type::Service => put("aws:PrincipalServiceName", self.service_names.first().cloned()),
            Type::FederatedIdp => {}
        }
        put("aws:PrincipalAccount", account);
        if self.signed() {
            put("aws:PrincipalIsAWSService", Some((self.kind == Type::Service).to_string()));
        }
        if self.kind == Type::Service {
            context.derive("aws:PrincipalServiceNamesList", Held::List(self.service_names.clone()));
        }
    }

    /// R-PRI-3 for one entry.
    fn kind_of(&self, entry: &PrincipalEntry, canonical_ids: &[(String, String)]) -> Option<Kind> {
        let text = entry.text.as_str();
        let account_kind = if self.kind == Type::Root { Kind::Root } else { Kind::Account };
        match entry.source {
            Source::Aws if text == "*" => Some(Kind::Wildcard),
            _ if self.nameless => None,
            Source::Aws => {
                let account = self.account.as_deref()?;
                let root = format!("arn:{}:iam::{account}:root", self.partition.as_deref().unwrap_or_default());
                if text == account || text == root {
                    return Some(account_kind);
                }
                let is = |known: &Option<String>| known.as_deref() == Some(text);
                match self.kind {
                    Type::User if is(&self.arn) || is(&self.unique_id) => Some(Kind::User),
                    Type::FedUser if is(&self.arn) => Some(Kind::FedUser),
                    Type::FedUser if is(&self.issuer_arn) || is(&self.unique_id) => Some(Kind::UserOfFed),
                    Type::RoleSession if is(&self.arn) => Some(Kind::Session),
                    Type::RoleSession if is(&self.role_arn) || is(&self.unique_id) => Some(Kind::Role),
                    _ => None,
                }
            }
            Source::Service => {
                let listed = self.kind == Type::Service && self.service_names.iter().any(|name| name == text);
                listed.then_some(Kind::Service)
            }
            Source::Federated => {
                let same = self.kind == Type::FederatedIdp && self.provider.as_deref() == Some(text);
                same.then_some(Kind::Federated)
            }
            Source::CanonicalUser => {
                let account = self.account.as_deref()?;
                canonical_ids.iter().any(|(known, id)| known == account && id == text).then_some(account_kind)
            }
        }
    }

    fn kinds(&self, entries: &[PrincipalEntry], canonical_ids: &[(String, String)]) -> Vec<Kind> {
        entries.iter().filter_map(|entry| self.kind_of(entry, canonical_ids)).collect()
    }

    /// The kinds with which a statement's principal part matches; empty if it does not.
    pub(super) fn matched(
        &self,
        part: Option<&PrincipalPart>,
        allow: bool,
        boundary: bool,
        canonical_ids: &[(String, String)],
        switches: &Switches,
    ) -> Vec<Kind> {
        let Some(part) = part else { return Vec::new() }; // R-DOC-21
        let kinds = self.kinds(&part.entries, canonical_ids);
        if !part.negated {
            return kinds;
        }
        let applies = if allow {
            kinds.is_empty() // R-PRI-15
        } else if boundary && self.has_identity() {
            true // R-PRI-17
        } else {
            !self.exempt(&kinds, switches) // R-PRI-16
        };
        if applies { vec![Kind::Wildcard] } else { Vec::new() }
    }

    /// R-PRI-16, from the kinds with which the list names the requester.
    fn exempt(&self, kinds: &[Kind], switches: &Switches) -> bool {
        let has = |kind: Kind| kinds.contains(&kind);
        if has(Kind::Wildcard) {
            return true;
        }
        if switches.levels == Levels::Any {
            return !kinds.is_empty();
        }
        let account = switches.levels == Levels::Exact || has(Kind::Account);
        match self.kind {
            Type::User => has(Kind::User) && account,
            Type::RoleSession => has(Kind::Role) && (has(Kind::Session) || self.arn.is_none()) && account,
            Type::FedUser => has(Kind::FedUser) && account,
            Type::Root => has(Kind::Root),
            Type::Service => has(Kind::Service),
            Type::FederatedIdp => has(Kind::Federated),
            Type::Anonymous => false,
        }
    }
}
