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
use super::decide::{Class, allowed, class, only, statement};
use super::find::Identity;
use super::given::Context;
use super::requester::Requester;
use super::walk::{Below, Flow, Visitor, walk};
use super::words::index;
use super::{Credentials, Decision, Principal, Reason, Request, Tables};
use crate::layout::{NONE, node, row, service_bit};
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
        let budget = Budget::quarter();
        let resource = request.resource;
        let arn = match Arn::usual_of(resource, requester.account?) {
            Some(arn) if requester.arn?.as_bytes().starts_with(b"arn:aws:") => Some(arn),
            _ if resource == "*" => None,
            _ => Some(own_arn(resource, requester)?),
        };
        match arn {
            Some(arn) => {
                if action.service == Service::Kms && arn.resource().starts_with(MANAGED_ALIASES) {
                    return None;
                }
                let may_be_governed = self.resource_services & service_bit(arn.service_word()) != 0;
                if may_be_governed && governing_resource(self, &budget, resource, Some(arn)).is_some() {
                    return None;
                }
            }
            None if self.resource_services == u64::MAX => return None,
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
        own_policies(&call, identity)
    }
}

/// An ARN of the requester's partition and account, or without account: that is the requester's own where no resource of
/// the artifact governs it.
#[inline(never)]
fn own_arn<'r>(resource: &'r str, requester: &Requester<'_>) -> Option<Arn<'r>> {
    let arn = Arn::find(resource)?;
    let is_own = arn.account().is_empty() || Some(arn.account()) == requester.account;
    (is_own && arn.is_in_partition_of(requester.arn?)).then_some(arn)
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

/// Which statements of attached policies match, or [`NONE`]: two numbers, that one register returns.
#[derive(Clone, Copy)]
struct Said {
    deny: u32,
    allow: u32,
}

impl Said {
    const NOTHING: Self = Self { deny: NONE, allow: NONE };

    /// Both together; statements of the first are named first.
    fn or(self, other: Self) -> Self {
        let first = |first, second| if first == NONE { second } else { first };
        Self { deny: first(self.deny, other.deny), allow: first(self.allow, other.allow) }
    }
}

/// Asks a bundle for which its attachment decides who is meant, and nothing is left open.
#[inline(never)]
fn ask_attached(env: &Env<'_>, layer: Layer, bundle: u32) -> Said {
    match env.tables.roots(bundle, env.action) {
        Roots::None => Said::NOTHING,
        Roots::Node(root) => match only_row(env.tables, root) {
            Some(row) => ask_row(env, row),
            None => ask_trie(env, root),
        },
        Roots::More => ask_more(env, layer, bundle),
    }
}

/// The row of a trie that has no other, and that is every resource's.
#[inline]
fn only_row(tables: &Tables<'_>, root: u32) -> Option<usize> {
    let root = index(root);
    let parts = node::HAS_END | node::HAS_REST | node::HAS_MORE | node::LITERALS | node::ROW_IN_PLACE;
    let is_only = tables.nodes.byte(root) & parts == node::HAS_REST | node::ROW_IN_PLACE;
    is_only.then_some(root.wrapping_add(1))
}

#[inline(never)]
fn ask_row(env: &Env<'_>, row: usize) -> Said {
    let mut asking = Attached { env, said: Said::NOTHING };
    asking.row(row);
    asking.said
}

#[inline(never)]
fn ask_trie(env: &Env<'_>, root: u32) -> Said {
    let mut asking = Attached { env, said: Said::NOTHING };
    walk(env.tables, Some(env), &env.call.budget, root, env.call.request.resource, &mut asking);
    asking.said
}

/// Asks a bundle with scans, or `NotResource`, or one that allows everything.
#[inline(never)]
fn ask_more(env: &Env<'_>, layer: Layer, bundle: u32) -> Said {
    let verdict = ask(env, layer, bundle, Scope::Attached);
    Said { deny: verdict.deny.unwrap_or(NONE), allow: verdict.allow.unwrap_or(NONE) }
}

struct Attached<'e, 'w> {
    env: &'e Env<'w>,
    said: Said,
}

impl Visitor for Attached<'_, '_> {
    fn row(&mut self, row: usize) -> Flow {
        let tables = self.env.tables;
        // Most rows are of one statement.
        match tables.nodes.byte(row) {
            row::ONE_ALLOW => {
                if self.said.allow == NONE {
                    let entry = tables.only_entry(row);
                    if self.env.guard_holds(entry.guard, Effect::Allow) {
                        self.said.allow = entry.statement;
                    } else if self.env.call.budget.is_spent() {
                        return Flow::Stop;
                    }
                }
                Flow::Continue
            }
            row::ONE_DENY => {
                let entry = tables.only_entry(row);
                if self.env.guard_holds(entry.guard, Effect::Deny) {
                    self.said.deny = entry.statement;
                    return Flow::Stop;
                }
                if self.env.call.budget.is_spent() { Flow::Stop } else { Flow::Continue }
            }
            _ => self.several(row),
        }
    }

    #[inline]
    fn wants(&self, below: Below) -> bool {
        below == Below::Denies || self.said.allow == NONE
    }
}

impl Attached<'_, '_> {
    /// A row of several statements.
    #[inline(never)]
    fn several(&mut self, row: usize) -> Flow {
        let tables = self.env.tables;
        let row = tables.row(row);
        let budget = &self.env.call.budget;
        if !row.is_paid(budget) {
            return Flow::Stop;
        }
        for entry in tables.denies(row) {
            if self.env.guard_holds(entry.guard, Effect::Deny) {
                self.said.deny = entry.statement;
                return Flow::Stop;
            }
        }
        if self.said.allow == NONE {
            let found = tables.allows(row).find(|entry| self.env.guard_holds(entry.guard, Effect::Allow));
            self.said.allow = found.map_or(NONE, |entry| entry.statement);
        }
        if budget.is_spent() { Flow::Stop } else { Flow::Continue }
    }
}

/// R-EVAL-5 where only the identity layer and the boundary are there; nothing where that costs a quarter of a decision's
/// budget.
#[expect(clippy::inline_always, reason = "called once, where all that it reads is at hand")]
#[inline(always)]
fn own_policies(call: &Call<'_>, identity: Identity<'_>) -> Option<Decision> {
    let env = Env::new(call);
    let mut own = ask_attached(&env, Layer::Identity, identity.bundle());
    if identity.has_groups() {
        for group in identity.groups().iter() {
            if own.deny != NONE {
                break;
            }
            own = own.or(ask_attached(&env, Layer::Identity, group));
        }
    }
    // A service-linked role has none (R-EVAL-1).
    let bundle = identity.boundary().filter(|_| own.deny == NONE && !identity.is_service_linked());
    let boundary = bundle.map(|bundle| ask_attached(&env, Layer::PermissionsBoundary, bundle));
    // What costs much is decided at length, which counts a little more, and has to answer alike where that matters.
    if call.budget.is_spent() {
        return None;
    }
    let denied =
        |layer, found| Decision::ExplicitDeny(Reason { layer: Some(layer), statement: Some(statement(found)) });
    if own.deny != NONE {
        return Some(denied(Layer::Identity, own.deny));
    }
    if let Some(boundary) = boundary
        && boundary.deny != NONE
    {
        return Some(denied(Layer::PermissionsBoundary, boundary.deny));
    }
    // A key without a key policy is open to nobody (R-EVAL-36).
    let is_key = call.action.service == Service::Kms && class(call) == Class::KmsKey;
    let mut missing = if is_key { only(Layer::Resource) } else { Layers::NONE };
    if own.allow == NONE {
        missing.insert(Layer::Identity);
    }
    if boundary.is_some_and(|boundary| boundary.allow == NONE) {
        missing.insert(Layer::PermissionsBoundary);
    }
    let is_allowed = missing.is_empty();
    Some(if is_allowed { allowed(Layer::Identity, Some(own.allow)) } else { Decision::ImplicitDeny(missing) })
}
