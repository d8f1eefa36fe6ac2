//! The members of one scenario, checked for form.

use crate::ask::{AskError, Fields, Form, OwnedRequest, account_id, list, read_request, text, texts};
use crate::source::Span;
use crate::syntax::json::{Kind, Value};
use crate::terms::{Layer, Semantics, UnknownSwitch, Validation};
use crate::world::model::{Acl, Membership, ObjectOwnership, PublicAccessBlock};

use super::{Expectation, acl};

/// One scenario; policies are still JSON.
#[derive(Debug)]
pub(super) struct Scenario<'v, 't> {
    pub(super) semantics: Semantics,
    /// The requests; none in a scenario that requests are put to from elsewhere.
    pub(super) checks: Vec<OwnedRequest>,
    pub(super) identity: &'v [Value<'t>],
    pub(super) boundary: Option<&'v Value<'t>>,
    pub(super) session: &'v [Value<'t>],
    pub(super) service_control: Option<Levels<'v, 't>>,
    pub(super) resource_control: Option<Levels<'v, 't>>,
    pub(super) principal_membership: Option<Membership>,
    pub(super) resource_membership: Option<Membership>,
    pub(super) resource_policy: Option<&'v Value<'t>>,
    pub(super) endpoint_policy: Option<&'v Value<'t>>,
    pub(super) resource_acl: Option<Acl>,
    pub(super) object_acl: Option<Acl>,
    pub(super) object_owner: Option<String>,
    pub(super) object_ownership: Option<ObjectOwnership>,
    pub(super) public_access_block: Option<PublicAccessBlock>,
    pub(super) canonical_user_ids: Vec<(String, String)>,
}

/// Documents by level, root first.
pub(super) type Levels<'v, 't> = Vec<&'v [Value<'t>]>;

/// Members that hold policy documents.
const POLICY_MEMBERS: [&str; 7] = [
    "identityPolicies",
    "permissionsBoundary",
    "sessionPolicies",
    "serviceControlPolicies",
    "resourceControlPolicies",
    "resourcePolicy",
    "vpcEndpointPolicy",
];

/// Where a scenario's policies stand.
pub(super) fn policy_spans(value: &Value<'_>) -> Vec<Span> {
    let Kind::Object(members) = &value.kind else { return Vec::new() };
    let is_policy = |name: &str| POLICY_MEMBERS.contains(&name);
    members.iter().filter(|member| is_policy(member.name)).map(|member| member.value.span).collect()
}

/// Reads name and expectation as far as they are there, also from a scenario that is otherwise malformed.
pub(super) fn name_and_expectation(value: &Value<'_>) -> (Option<String>, Expectation) {
    let mut name = None;
    let mut expectation = Expectation::default();
    let Kind::Object(members) = &value.kind else { return (name, expectation) };
    for member in *members {
        match member.name {
            "name" => name = text(&member.value, "").ok(),
            "expect" => expectation.decision = text(&member.value, "").ok(),
            "expectCode" => expectation.code = text(&member.value, "").ok(),
            "expectBlockers" => expectation.blockers = texts(&member.value, "").ok(),
            _ => {}
        }
    }
    (name, expectation)
}

impl<'v, 't> Scenario<'v, 't> {
    /// Reads a scenario; a member that is `null` counts as absent.
    pub(super) fn read(value: &'v Value<'t>) -> Result<Self, AskError> {
        let mut scenario = Self {
            semantics: Semantics { validation: Validation::Lenient, ..Semantics::default() },
            checks: Vec::new(),
            identity: &[],
            boundary: None,
            session: &[],
            service_control: None,
            resource_control: None,
            principal_membership: None,
            resource_membership: None,
            resource_policy: None,
            endpoint_policy: None,
            resource_acl: None,
            object_acl: None,
            object_owner: None,
            object_ownership: None,
            public_access_block: None,
            canonical_user_ids: Vec::new(),
        };
        let mut form = None;
        for (name, value) in Fields::of(value, "a scenario")?.iter() {
            if matches!(value.kind, Kind::Null) {
                continue;
            }
            match name {
                "request" | "checks" if form.is_some_and(|form| form != name) => {
                    return Err(AskError::form("a scenario has either `request` or `checks`"));
                }
                "request" => scenario.checks = vec![read_request(value, Form::Scenario)?],
                "checks" => {
                    let requests = list(value, "`checks`")?.iter();
                    scenario.checks =
                        requests.map(|value| read_request(value, Form::Scenario)).collect::<Result<_, _>>()?;
                }
                _ => scenario.read_member(name, value)?,
            }
            if matches!(name, "request" | "checks") {
                form = Some(name);
            }
        }
        Ok(scenario)
    }

    fn read_member(&mut self, name: &str, value: &'v Value<'t>) -> Result<(), AskError> {
        match name {
            "name" => drop(text(value, "`name`")?),
            "rules" => drop(texts(value, "`rules`")?),
            "semantics" => read_semantics(value, &mut self.semantics)?,
            "identityPolicies" => self.identity = list(value, "`identityPolicies`")?,
            "permissionsBoundary" => self.boundary = Some(value),
            "sessionPolicies" => self.session = list(value, "`sessionPolicies`")?,
            "serviceControlPolicies" => self.service_control = Some(levels(value, "`serviceControlPolicies`")?),
            "resourceControlPolicies" => self.resource_control = Some(levels(value, "`resourceControlPolicies`")?),
            "organization" => self.read_organization(value)?,
            "resourcePolicy" => self.resource_policy = Some(value),
            "vpcEndpointPolicy" => self.endpoint_policy = Some(value),
            "resourceAcl" => self.resource_acl = Some(acl::world_acl(value, "`resourceAcl`")?),
            "objectAcl" => self.object_acl = Some(acl::world_acl(value, "`objectAcl`")?),
            "objectOwner" => self.object_owner = Some(account_id(value, "`objectOwner`")?),
            "objectOwnership" => {
                self.object_ownership = Some(acl::read_ownership(&text(value, "`objectOwnership`")?)?);
            }
            "publicAccessBlock" => self.public_access_block = Some(acl::read_public_access_block(value)?),
            "canonicalUserIds" => self.canonical_user_ids = read_canonical_user_ids(value)?,
            "expect" => check_decision(&text(value, "`expect`")?)?,
            "expectCode" => drop(text(value, "`expectCode`")?),
            "expectBlockers" => check_blockers(&texts(value, "`expectBlockers`")?)?,
            _ => return Err(AskError::form(format!("a scenario has no member `{name}`"))),
        }
        Ok(())
    }

    fn read_organization(&mut self, value: &Value<'_>) -> Result<(), AskError> {
        for (name, value) in Fields::of(value, "`organization`")?.iter() {
            match name {
                "principal" => self.principal_membership = Some(read_membership(value)?),
                "resource" => self.resource_membership = Some(read_membership(value)?),
                _ => return Err(AskError::form(format!("`organization` has no member `{name}`"))),
            }
        }
        Ok(())
    }
}

fn levels<'v, 't>(value: &'v Value<'t>, what: &str) -> Result<Levels<'v, 't>, AskError> {
    list(value, what)?.iter().map(|level| list(level, &format!("a level of {what}"))).collect()
}

fn read_membership(value: &Value<'_>) -> Result<Membership, AskError> {
    let mut membership = Membership::default();
    for (name, value) in Fields::of(value, "a membership of `organization`")?.iter() {
        match name {
            "id" => membership.id = Some(text(value, "`id` of the organization")?),
            "paths" => membership.paths = texts(value, "`paths` of the organization")?,
            "management" => {
                let Kind::Bool(is_management) = value.kind else {
                    return Err(AskError::form(format!("`management` must be a boolean, not {}", value.describe())));
                };
                membership.management = is_management;
            }
            _ => return Err(AskError::form(format!("a membership of `organization` has no member `{name}`"))),
        }
    }
    Ok(membership)
}

fn read_semantics(value: &Value<'_>, semantics: &mut Semantics) -> Result<(), AskError> {
    for (name, value) in Fields::of(value, "`semantics`")?.iter() {
        let word = text(value, &format!("the switch `{name}`"))?;
        semantics.set(name, &word).map_err(|error| match error {
            UnknownSwitch::Name => AskError::form(format!("there is no switch `{name}`")),
            UnknownSwitch::Value => AskError::form(format!("the switch `{name}` has no value `{word}`")),
        })?;
    }
    Ok(())
}

fn read_canonical_user_ids(value: &Value<'_>) -> Result<Vec<(String, String)>, AskError> {
    let ids = Fields::of(value, "`canonicalUserIds`")?.iter();
    ids.map(|(account, id)| {
        if !crate::value::is_account_id(account) {
            return Err(AskError::form(format!("`canonicalUserIds` names `{account}`, which is no account id")));
        }
        Ok((account.to_owned(), text(id, "a canonical user id")?))
    })
    .collect()
}

fn check_decision(word: &str) -> Result<(), AskError> {
    match word {
        "allowed" | "explicitDeny" | "implicitDeny" | "error" => Ok(()),
        _ => Err(AskError::form(format!(
            "`expect` must be `allowed`, `explicitDeny`, `implicitDeny` or `error`, not `{word}`"
        ))),
    }
}

fn check_blockers(names: &[String]) -> Result<(), AskError> {
    let unknown = names.iter().find(|name| !Layer::ALL.iter().any(|layer| layer.name() == name.as_str()));
    match unknown {
        Some(name) => Err(AskError::form(format!("`expectBlockers` names `{name}`, which is no layer"))),
        None => Ok(()),
    }
}
