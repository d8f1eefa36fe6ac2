//! One request to a scenario becomes a world, and what is asked of it.

use crate::ask::{ContextValue, OwnedPrincipal, OwnedRequest, named_documents, whole};
use crate::source::{Diagnostic, Place, SourceId, Span};
use crate::syntax::json::Value;
use crate::value::{ArnParts, is_account_id};
use crate::world::model::{
    Account, DocumentId, Endpoint, Membership, PolicyType, Principal, PrincipalKind, PublicAccessBlock, Resource, World,
};

use super::read::{Levels, Scenario};
use crate::terms::TRUST_ACTIONS;

/// What one request of a scenario makes of the world: requests with equal settings are asked of one artifact.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// Kind, ARN and account of the requester, where it is one that an account defines.
    defined: Option<(PrincipalKind, String, String)>,
    unique_id: Option<String>,
    tags: Vec<(String, String)>,
    principal_account: Option<String>,
    /// The account that the resource belongs to, if only because it is the requester's.
    resource_account: Option<String>,
    /// The account that the resource is said to belong to.
    owner: Option<String>,
    is_trust: bool,
    /// The endpoint has the id that the context tells, or else an empty one, since nobody knows it.
    endpoint: String,
}

impl Setting {
    /// What a request makes of the world, and the request with everything that the scenario knows.
    ///
    /// The requester's account defines the requester, with its tags, unless it is of a kind that has no policies.
    pub(super) fn of(scenario: &Scenario<'_, '_>, check: &OwnedRequest) -> (Self, OwnedRequest) {
        let mut request = check.clone();
        request.trust_context = true;
        request.trust_resource_account = true;
        let given = |key: &str| match check.context_value(key) {
            Some(ContextValue::One(value)) => Some(value.as_str()),
            _ => None,
        };
        let defined = match request.principal.as_mut() {
            Some(OwnedPrincipal::User(arn)) => Some((PrincipalKind::User, arn.clone())),
            Some(OwnedPrincipal::FederatedUser(arn, _)) => Some((PrincipalKind::FederatedUser, arn.clone())),
            Some(OwnedPrincipal::RoleSession(arn, role_arn)) => {
                let role = role_arn.take().or_else(|| role_of_session(arn, given("aws:PrincipalArn")));
                role_arn.clone_from(&role);
                role.map(|role| (PrincipalKind::Role, role))
            }
            _ => None,
        };
        let defined = defined.and_then(|(kind, arn)| {
            let account = account_of(&arn)?;
            Some((kind, arn, account))
        });
        let tags = match &defined {
            Some((PrincipalKind::User | PrincipalKind::Role, ..)) => std::mem::take(&mut request.principal_tags),
            // A federated user's tags are those of its session.
            Some((PrincipalKind::FederatedUser, ..)) | None => Vec::new(),
        };
        let endpoint = given("aws:SourceVpce").unwrap_or_default().to_owned();
        request.endpoint = scenario.endpoint_policy.is_some().then(|| endpoint.clone());
        request.session_policies = session_policy_names(scenario.session.len());
        let principal_account = check.principal.as_ref().and_then(OwnedPrincipal::arn).and_then(account_of);
        let owner = check.resource_account.clone().or_else(|| account_of(&check.resource));
        let setting = Self {
            defined,
            unique_id: check.unique_id.clone(),
            tags,
            resource_account: owner.clone().or_else(|| principal_account.clone()),
            principal_account,
            owner,
            is_trust: is_trust(check),
            endpoint,
        };
        (setting, request)
    }
}

/// The names that [`named_documents`] gives.
fn session_policy_names(count: usize) -> Vec<String> {
    match count {
        1 => vec![SESSION_POLICIES.to_owned()],
        _ => (0..count).map(|index| format!("{SESSION_POLICIES}[{index}]")).collect(),
    }
}

const SESSION_POLICIES: &str = "sessionPolicies";

fn account_of(arn: &str) -> Option<String> {
    let parts = ArnParts::split(arn)?;
    is_account_id(parts.account).then(|| parts.account.to_owned())
}

fn is_trust(check: &OwnedRequest) -> bool {
    let is_role = ArnParts::split(&check.resource)
        .is_some_and(|parts| parts.service == "iam" && parts.resource.starts_with("role/"));
    is_role && TRUST_ACTIONS.iter().any(|action| action.eq_ignore_ascii_case(&check.action))
}

/// What is built up: the world, its one text, the findings.
struct Builder<'w> {
    world: World,
    source: SourceId,
    findings: &'w mut Vec<Diagnostic>,
}

/// Builds the world of a setting.
///
/// The policies are attached to the requester where R-EVAL-1 lets it have any, and are only compiled otherwise.
pub(super) fn build(
    scenario: &Scenario<'_, '_>,
    setting: &Setting,
    file: &str,
    text: &str,
    findings: &mut Vec<Diagnostic>,
) -> World {
    let mut world = World::default();
    let source = world.sources.add(file, text);
    let mut builder = Builder { world, source, findings };
    builder.add_accounts(scenario, setting.principal_account.as_deref(), setting.resource_account.as_deref());
    builder.add_principal(scenario, setting);
    builder.add_resource(scenario, setting);
    builder.add_endpoint(scenario, setting);
    builder.documents(SESSION_POLICIES, scenario.session, PolicyType::Session, None);
    builder.world
}

impl Builder<'_> {
    fn place(&self) -> Place {
        Place { source: self.source, span: Span::default() }
    }

    /// Adds the documents of one list, and says whose they are.
    fn documents(
        &mut self,
        name: &str,
        values: &[Value<'_>],
        policy_type: PolicyType,
        account: Option<&str>,
    ) -> Vec<DocumentId> {
        let first = self.world.documents.len();
        let ids = named_documents(&mut self.world, self.source, name, values, policy_type, self.findings);
        for document in self.world.documents.iter_mut().skip(first) {
            document.account = account.map(str::to_owned);
        }
        ids
    }

    fn document(&mut self, name: &str, value: &Value<'_>, policy_type: PolicyType) -> Option<DocumentId> {
        whole(&mut self.world, self.source, name.to_owned(), value, policy_type, self.findings)
    }

    fn levels(&mut self, name: &str, levels: &Levels<'_, '_>, policy_type: PolicyType) -> Vec<Vec<DocumentId>> {
        let numbered = levels.iter().enumerate();
        numbered.map(|(index, level)| self.documents(&format!("{name}[{index}]"), level, policy_type, None)).collect()
    }

    fn add_accounts(
        &mut self,
        scenario: &Scenario<'_, '_>,
        principal_account: Option<&str>,
        resource_account: Option<&str>,
    ) {
        let service_control = scenario
            .service_control
            .as_ref()
            .map(|levels| self.levels("serviceControlPolicies", levels, PolicyType::ServiceControl));
        let resource_control = scenario
            .resource_control
            .as_ref()
            .map(|levels| self.levels("resourceControlPolicies", levels, PolicyType::ResourceControl));
        if let Some(id) = principal_account {
            let account = self.account(id);
            account.identities_known = true;
            account.membership = membership(scenario.principal_membership.as_ref(), service_control.as_ref());
            account.service_control = service_control;
        }
        if let Some(id) = resource_account {
            let account = self.account(id);
            // Where both are one account, what is said of the requester's membership holds.
            let resource_membership = membership(scenario.resource_membership.as_ref(), resource_control.as_ref());
            let known = account.membership.take().filter(|known| *known != Membership::default());
            account.membership = known.or(resource_membership);
            account.resource_control = resource_control;
            if account.membership.is_none() && account.service_control.is_some() {
                account.membership = Some(Membership::default());
            }
        }
        for (account, canonical_id) in &scenario.canonical_user_ids {
            self.account(account).canonical_user_id = Some(canonical_id.clone());
        }
        self.world.accounts.sort_by(|left, right| left.id.cmp(&right.id));
    }

    /// The account of that id, new if need be.
    fn account(&mut self, id: &str) -> &mut Account {
        let accounts = &mut self.world.accounts;
        let index = accounts.iter().position(|account| account.id == id).unwrap_or(accounts.len());
        if index == accounts.len() {
            accounts.push(Account {
                id: id.to_owned(),
                identities_known: false,
                membership: None,
                service_control: None,
                resource_control: None,
                canonical_user_id: None,
                public_access_block: PublicAccessBlock::default(),
            });
        }
        #[expect(clippy::indexing_slicing, reason = "index is that of a found or of the pushed account")]
        &mut accounts[index]
    }

    fn add_principal(&mut self, scenario: &Scenario<'_, '_>, setting: &Setting) {
        let account = setting.principal_account.as_deref();
        let identity = self.documents("identityPolicies", scenario.identity, PolicyType::Inline, account);
        let boundary =
            scenario.boundary.and_then(|value| self.document("permissionsBoundary", value, PolicyType::Boundary));
        let Some((kind, arn, account)) = setting.defined.clone() else { return };
        let unique_id = setting.unique_id.clone();
        let tags = setting.tags.iter().map(|(key, value)| (key.as_str().into(), value.as_str().into())).collect();
        self.world.principals.push(Principal {
            kind,
            arn,
            account,
            unique_id,
            identity,
            groups: Vec::new(),
            boundary,
            tags,
            instance_profiles: Vec::new(),
        });
    }

    /// The resource stands for whichever one a request is about.
    fn add_resource(&mut self, scenario: &Scenario<'_, '_>, setting: &Setting) {
        let policy_type = if setting.is_trust { PolicyType::Trust } else { PolicyType::Resource };
        let policy = scenario.resource_policy.and_then(|value| self.document("resourcePolicy", value, policy_type));
        let is_described = policy.is_some()
            || scenario.resource_acl.is_some()
            || scenario.object_acl.is_some()
            || scenario.object_owner.is_some()
            || scenario.object_ownership.is_some()
            || scenario.public_access_block.is_some();
        if !is_described {
            return;
        }
        let place = self.place();
        self.world.resources.push(Resource {
            arn: "*".to_owned(),
            covers: vec!["*".to_owned()],
            below: &[],
            account: setting.owner.clone(),
            policy,
            acl: scenario.resource_acl.clone(),
            object_acl: scenario.object_acl.clone(),
            object_owner: scenario.object_owner.clone(),
            object_ownership: scenario.object_ownership.unwrap_or_default(),
            public_access_block: scenario.public_access_block.unwrap_or_default(),
            grants: Vec::new(),
            place,
        });
    }

    fn add_endpoint(&mut self, scenario: &Scenario<'_, '_>, setting: &Setting) {
        let Some(value) = scenario.endpoint_policy else { return };
        let policy = self.document("vpcEndpointPolicy", value, PolicyType::Endpoint);
        self.world.endpoints.push(Endpoint { id: setting.endpoint.clone(), policy });
    }
}

/// Without a word about the organization, policies of one imply membership in some.
fn membership<T>(given: Option<&Membership>, policies: Option<&T>) -> Option<Membership> {
    given.cloned().or_else(|| policies.map(|_| Membership::default()))
}

/// The role of a session that nothing defines: the one in `aws:PrincipalArn` if that is the role of this session, else
/// `arn:P:iam::A:role/NAME`.
fn role_of_session(session: &str, context_arn: Option<&str>) -> Option<String> {
    let parts = ArnParts::split(session)?;
    let name = parts.resource.strip_prefix("assumed-role/")?.split('/').next()?;
    let is_its_role = |arn: &&str| {
        ArnParts::split(arn).is_some_and(|role| {
            let path = role.resource.strip_prefix("role/");
            role.service == "iam"
                && role.account == parts.account
                && path.and_then(|path| path.rsplit('/').next()) == Some(name)
        })
    };
    let given = context_arn.filter(is_its_role).map(str::to_owned);
    Some(given.unwrap_or_else(|| format!("arn:{}:iam::{}:role/{name}", parts.partition, parts.account)))
}
