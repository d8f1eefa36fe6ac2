//! One check of a scenario becomes a world and a request to it.

use crate::ask::{ContextValue, OwnedPrincipal, OwnedRequest, named_documents, whole};
use crate::source::{Diagnostic, Place, SourceId, Span};
use crate::syntax::json::Value;
use crate::value::{ArnParts, is_account_id};
use crate::world::model::{
    Account, DocumentId, Endpoint, Membership, PolicyType, Principal, PrincipalKind, PublicAccessBlock, Resource, World,
};

use super::read::{Levels, Scenario};

/// Actions that a trust policy governs (R-EVAL-5).
const TRUST_ACTIONS: [&str; 6] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:SetContext",
];

/// What is built up: the world, its one text, the findings.
struct Builder<'w> {
    world: World,
    source: SourceId,
    findings: &'w mut Vec<Diagnostic>,
}

/// Builds the world that one check is asked in, and the request with everything that the scenario knows.
///
/// The requester's account defines the requester; its policies are attached to it where R-EVAL-1 lets it have any, and
/// are only compiled otherwise.
pub(super) fn build(
    scenario: &Scenario<'_, '_>,
    check: &OwnedRequest,
    file: &str,
    text: &str,
    findings: &mut Vec<Diagnostic>,
) -> (World, OwnedRequest) {
    let mut world = World::default();
    let source = world.sources.add(file, text);
    let mut builder = Builder { world, source, findings };
    let mut request = check.clone();
    request.trust_context = true;
    request.trust_resource_account = true;
    let principal_account = check.principal.as_ref().and_then(OwnedPrincipal::arn).and_then(account_of);
    let resource_account = resource_account(check, principal_account.as_deref());

    builder.add_accounts(scenario, principal_account.as_deref(), resource_account.as_deref());
    builder.add_principal(scenario, &mut request, principal_account.as_deref());
    builder.add_resource(scenario, check);
    builder.add_endpoint(scenario, &mut request);
    builder.add_session(scenario, &mut request);
    (builder.world, request)
}

fn account_of(arn: &str) -> Option<String> {
    let parts = ArnParts::split(arn)?;
    is_account_id(parts.account).then(|| parts.account.to_owned())
}

/// The account that the resource belongs to, by `cli.md`: said, in the ARN, or else the principal's.
fn resource_account(check: &OwnedRequest, principal_account: Option<&str>) -> Option<String> {
    check.resource_account.clone().or_else(|| account_of(&check.resource)).or(principal_account.map(str::to_owned))
}

fn is_trust(check: &OwnedRequest) -> bool {
    let is_role = ArnParts::split(&check.resource)
        .is_some_and(|parts| parts.service == "iam" && parts.resource.starts_with("role/"));
    is_role && TRUST_ACTIONS.iter().any(|action| action.eq_ignore_ascii_case(&check.action))
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

    fn add_principal(&mut self, scenario: &Scenario<'_, '_>, request: &mut OwnedRequest, account: Option<&str>) {
        let identity = self.documents("identityPolicies", scenario.identity, PolicyType::Inline, account);
        let boundary =
            scenario.boundary.and_then(|value| self.document("permissionsBoundary", value, PolicyType::Boundary));
        let context_arn = match request.context_value("aws:PrincipalArn") {
            Some(ContextValue::One(arn)) => Some(arn.clone()),
            _ => None,
        };
        let (kind, arn) = match request.principal.as_mut() {
            Some(OwnedPrincipal::User(arn)) => (PrincipalKind::User, arn.clone()),
            Some(OwnedPrincipal::FederatedUser(arn, _)) => (PrincipalKind::FederatedUser, arn.clone()),
            Some(OwnedPrincipal::RoleSession(arn, role_arn)) => {
                let Some(role) = role_arn.take().or_else(|| role_of_session(arn, context_arn.as_deref())) else {
                    return;
                };
                *role_arn = Some(role.clone());
                (PrincipalKind::Role, role)
            }
            _ => return,
        };
        let Some(account) = account_of(&arn) else { return };
        // A federated user's tags are those of its session.
        let tags = match kind {
            PrincipalKind::User | PrincipalKind::Role => std::mem::take(&mut request.principal_tags),
            PrincipalKind::FederatedUser => Vec::new(),
        };
        let unique_id = request.unique_id.clone();
        let place = self.place();
        self.world.principals.push(Principal { kind, arn, account, unique_id, identity, boundary, tags, place });
    }

    fn add_resource(&mut self, scenario: &Scenario<'_, '_>, check: &OwnedRequest) {
        let policy_type = if is_trust(check) { PolicyType::Trust } else { PolicyType::Resource };
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
            arn: check.resource.clone(),
            covers: vec!["*".to_owned()],
            account: check.resource_account.clone().or_else(|| account_of(&check.resource)),
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

    /// The endpoint has the id that the context tells, or else an empty one, since nobody knows it.
    fn add_endpoint(&mut self, scenario: &Scenario<'_, '_>, request: &mut OwnedRequest) {
        let Some(value) = scenario.endpoint_policy else { return };
        let policy = self.document("vpcEndpointPolicy", value, PolicyType::Endpoint);
        let id = match request.context_value("aws:SourceVpce") {
            Some(ContextValue::One(id)) => id.clone(),
            _ => String::new(),
        };
        self.world.endpoints.push(Endpoint { id: id.clone(), policy });
        request.endpoint = Some(id);
    }

    fn add_session(&mut self, scenario: &Scenario<'_, '_>, request: &mut OwnedRequest) {
        let ids = self.documents("sessionPolicies", scenario.session, PolicyType::Session, None);
        let names = self.world.documents.iter().zip(0..).filter(|(_, number)| ids.contains(&DocumentId(*number)));
        request.session_policies = names.map(|(document, _)| document.name.clone()).collect();
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
