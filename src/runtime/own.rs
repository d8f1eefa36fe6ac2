//! The short way through R-EVAL-5, for the commonest question: a user or a role's session of the artifact asks for
//! something of its own account, and only its own policies and its boundary have a say.
//!
//! Whatever else a request says, or the artifact knows, leads to the long way in `decide.rs`, which answers alike where
//! both can be gone.

use super::action::{Action, Service};
use super::budget::Budget;
use super::bundle::{Roots, Scope, ask, governing_resource};
use super::call::{Call, Env, Kind};
use super::composed::Scratch;
use super::decide::{Class, REFUSED, allowed, class, only, statement};
use super::find::Identity;
use super::given::Context;
use super::requester::Requester;
use super::walk::{Below, Flow, Visitor, walk};
use super::words::same;
use super::{Credentials, Decision, Principal, Reason, Request, Tables};
use crate::layout::service_bit;
use crate::terms::{Effect, Layer, Layers};
use crate::value::Arn;

impl Tables<'_> {
    /// The decision, where the short way leads to one.
    #[inline]
    pub(super) fn decide_own(&self, request: &Request<'_>) -> Option<Decision> {
        if !says_nothing_else(request) {
            return None;
        }
        let (kind, arn, identity) = match request.principal {
            Principal::User { arn } => (Kind::User, arn, self.user(arn)?),
            Principal::RoleSession { arn, role_arn: None } => (Kind::RoleSession, arn, self.role_of_session(arn)?),
            Principal::RoleSession { .. }
            | Principal::Nameless
            | Principal::Anonymous
            | Principal::Root { .. }
            | Principal::FederatedUser { .. }
            | Principal::Service { .. }
            | Principal::FederatedProvider { .. } => return None,
        };
        let requester = Requester::of_artifact(kind, arn, identity);
        let action = Action::resolve(self, request.action).ok()?;
        let context = Context::named(request.context).ok()?;
        self.ask_own(request, &requester, action, context)
    }

    /// The same of a request that says nothing else, in resolved names.
    #[inline]
    pub(super) fn ask_own<'r>(
        &'r self,
        request: &'r Request<'r>,
        requester: &'r Requester<'r>,
        action: Action<'r>,
        context: Context<'r>,
    ) -> Option<Decision> {
        let identity = requester.identity?;
        let is_plain = matches!(requester.kind, Kind::User | Kind::RoleSession)
            && action.service != Service::Sts
            && self.endpoints.len() == 0
            && !identity.is_controlled();
        if !is_plain {
            return None;
        }
        let budget = Budget::new();
        let arn = Arn::find(request.resource);
        match arn {
            Some(arn) => {
                // An ARN without account is the requester's own where no resource of the artifact governs it.
                let account = arn.account_bytes();
                if !account.is_empty() && !same(requester.account?.as_bytes(), account) {
                    return None;
                }
                let is_managed_alias = action.service == Service::Kms && arn.resource().starts_with(MANAGED_ALIASES);
                if !arn.is_in_partition_of(requester.arn?) || is_managed_alias {
                    return None;
                }
                let may_be_governed = self.resource_services & service_bit(arn.service_bytes()) != 0;
                if may_be_governed && governing_resource(self, &budget, request.resource, Some(arn)).is_some() {
                    return None;
                }
            }
            None if request.resource != "*" || self.resource_services == u64::MAX => return None,
            None => {}
        }
        let scratch = Scratch::default();
        let call = Call {
            request,
            context,
            action,
            arn,
            requester,
            resource_account: requester.account,
            resource_account_record: requester.account_record,
            // Nobody asks: that is for explanations.
            assumed_resource_account: false,
            is_in_own_account: true,
            aws_owned: false,
            resource: None,
            endpoint: None,
            main: self,
            budget,
            scratch: &scratch,
            open: None,
        };
        Some(own_policies(&call, identity))
    }
}

/// With what aliases of keys that AWS manages begin, for which there is a rule (R-EVAL-36).
const MANAGED_ALIASES: &str = "alias/aws/";

/// Whether a request is no more than principal, action, resource and context.
#[inline]
fn says_nothing_else(request: &Request<'_>) -> bool {
    let lists = request.policies.len()
        | request.session_policies.len()
        | request.session_tables.len()
        | request.session_tags.len();
    if lists != 0 || request.unique_id.is_some() || request.access_key_id.is_some() {
        return false;
    }
    if request.resource_account.is_some() || request.endpoint.is_some() || request.object_owner.is_some() {
        return false;
    }
    request.object_acl.is_none() && request.credentials == Credentials::Unspecified
}

/// Which statements of attached policies match.
#[derive(Clone, Copy)]
struct Said {
    deny: Option<u32>,
    allow: Option<u32>,
}

impl Said {
    const NOTHING: Self = Self { deny: None, allow: None };

    /// Both together; statements of the first are named first.
    fn or(self, other: Self) -> Self {
        Self { deny: self.deny.or(other.deny), allow: self.allow.or(other.allow) }
    }
}

/// Asks a bundle for which its attachment decides who is meant, and nothing is left open.
#[inline(never)]
fn ask_attached(env: &Env<'_>, layer: Layer, bundle: u32) -> Said {
    match env.tables.roots(bundle, env.action) {
        Roots::None => Said::NOTHING,
        Roots::Node(root) => {
            let mut asking = Attached { env, said: Said::NOTHING };
            walk(env.tables, Some(env), &env.call.budget, root, env.call.request.resource, &mut asking);
            asking.said
        }
        Roots::More => {
            let verdict = ask(env, layer, bundle, Scope::Attached);
            Said { deny: verdict.deny, allow: verdict.allow }
        }
    }
}

struct Attached<'e, 'w> {
    env: &'e Env<'w>,
    said: Said,
}

impl Visitor for Attached<'_, '_> {
    fn row(&mut self, row: usize) -> Flow {
        let tables = self.env.tables;
        let row = tables.row(row);
        let budget = &self.env.call.budget;
        if !row.is_paid(budget) {
            return Flow::Stop;
        }
        if row.denies > 0 {
            for entry in tables.denies(row) {
                if self.env.guard_holds(entry.guard, Effect::Deny) {
                    self.said.deny = Some(entry.statement);
                    return Flow::Stop;
                }
            }
        }
        if row.allows > 0 && self.said.allow.is_none() {
            let mut allows = tables.allows(row);
            let found = allows.find(|entry| self.env.guard_holds(entry.guard, Effect::Allow));
            self.said.allow = found.map(|entry| entry.statement);
        }
        if budget.is_spent() { Flow::Stop } else { Flow::Continue }
    }

    #[inline]
    fn wants(&self, below: Below) -> bool {
        below == Below::Denies || self.said.allow.is_none()
    }
}

/// R-EVAL-5 where only the identity layer and the boundary are there.
#[inline]
fn own_policies(call: &Call<'_>, identity: Identity<'_>) -> Decision {
    let env = Env::new(call);
    let mut own = ask_attached(&env, Layer::Identity, identity.bundle());
    for group in identity.groups().iter() {
        if own.deny.is_some() {
            break;
        }
        own = own.or(ask_attached(&env, Layer::Identity, group));
    }
    // A service-linked role has none (R-EVAL-1).
    let bundle = identity.boundary().filter(|_| own.deny.is_none() && !identity.is_service_linked());
    let boundary = bundle.map(|bundle| ask_attached(&env, Layer::PermissionsBoundary, bundle));
    // What was not looked at may deny.
    if call.budget.is_spent() {
        return REFUSED;
    }
    let denied =
        |layer, found| Decision::ExplicitDeny(Reason { layer: Some(layer), statement: Some(statement(found)) });
    if let Some(found) = own.deny {
        return denied(Layer::Identity, found);
    }
    if let Some(found) = boundary.and_then(|boundary| boundary.deny) {
        return denied(Layer::PermissionsBoundary, found);
    }
    // A key without a key policy is open to nobody (R-EVAL-36).
    let is_key = call.action.service == Service::Kms && class(call) == Class::KmsKey;
    let mut missing = if is_key { only(Layer::Resource) } else { Layers::NONE };
    if own.allow.is_none() {
        missing.insert(Layer::Identity);
    }
    if boundary.is_some_and(|boundary| boundary.allow.is_none()) {
        missing.insert(Layer::PermissionsBoundary);
    }
    if missing.is_empty() { allowed(Layer::Identity, own.allow) } else { Decision::ImplicitDeny(missing) }
}
