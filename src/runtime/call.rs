//! One request, resolved: who asks, what for, which accounts, which tables.

use super::action::Action;
use super::budget::Budget;
use super::composed::Scratch;
use super::find::{Account, Resource};
use super::given::Context;
use super::open::{Hunt, Open};
use super::requester::Requester;
use super::{Request, RequestError, Tables, Value, acl};
use crate::layout::policy_kind;
use crate::terms::VariableWildcards;
use crate::value::{Arn, is_account_id};

/// What kind of requester asks (R-PRI-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Nameless,
    Anonymous,
    Root,
    User,
    RoleSession,
    FederatedUser,
    Service,
    FederatedProvider,
}

impl Kind {
    /// Whether it has identity policies, a boundary, tags: a user, or a session of a user or role.
    pub(super) fn is_identity(self) -> bool {
        matches!(self, Self::Nameless | Self::User | Self::RoleSession | Self::FederatedUser)
    }
}

/// One request, resolved.
pub(super) struct Call<'r> {
    pub(super) request: &'r Request<'r>,
    pub(super) context: Context<'r>,
    pub(super) action: Action<'r>,
    /// The resource's ARN; none for `*`.
    pub(super) arn: Option<Arn<'r>>,
    pub(super) requester: &'r Requester<'r>,
    pub(super) resource_account: Option<&'r str>,
    pub(super) resource_account_record: Option<Account<'r>>,
    pub(super) assumed_resource_account: bool,
    /// Whether that is the requester's account.
    pub(super) is_in_own_account: bool,
    /// The resource belongs to AWS: no resource policy, no RCP (R-ARN-23).
    pub(super) aws_owned: bool,
    pub(super) resource: Option<Resource<'r>>,
    /// Number of the endpoint that the request came through.
    pub(super) endpoint: Option<u32>,
    /// The artifact's tables.
    pub(super) main: &'r Tables<'r>,
    /// What the decision may still do.
    pub(super) budget: Budget,
    /// Where texts are put together.
    pub(super) scratch: &'r Scratch,
    /// Where questions are left open.
    pub(super) open: Option<Open<'r>>,
}

/// One set of tables asked for one request.
#[derive(Clone, Copy)]
pub(super) struct Env<'w> {
    pub(super) tables: &'w Tables<'w>,
    pub(super) call: &'w Call<'w>,
    /// The action's deepest node in these tables.
    pub(super) action: u32,
    /// See [`Env::hunt`].
    pub(super) hunt: Option<Hunt>,
}

impl<'w> Env<'w> {
    /// The artifact's own tables.
    pub(super) fn new(call: &'w Call<'w>) -> Self {
        Self { tables: call.main, call, action: call.action.node, hunt: None }
    }

    /// Tables of a session policy.
    pub(super) fn of_session(tables: &'w Tables<'w>, call: &'w Call<'w>) -> Self {
        let action = Action::resolve(tables, call.action.text).map_or(0, |action| action.node);
        Self { tables, call, action, hunt: None }
    }

    /// Whether these are the artifact's own tables.
    pub(super) fn is_main(&self) -> bool {
        core::ptr::eq(self.tables, self.call.main)
    }

    /// What is looked for where questions are left open. Only the graph leaves any, and it belongs to the compiler: so
    /// a program that only decides has no code for them.
    #[inline]
    pub(super) fn hunt(&self) -> Option<Hunt> {
        if cfg!(feature = "compiler") { self.hunt } else { None }
    }

    /// Takes units of the decision's budget; returns whether any are left.
    pub(super) fn spend(&self, units: usize) -> bool {
        self.call.budget.spend(units)
    }

    pub(super) fn wildcards_in_values(&self) -> bool {
        self.tables.semantics.variable_wildcards == VariableWildcards::Active
    }
}

/// What a call borrows: made before it, and never moved.
pub(super) struct Room<'r> {
    requester: Requester<'r>,
    scratch: Scratch,
}

impl<'r> Room<'r> {
    pub(super) fn new(requester: Requester<'r>) -> Self {
        Self { requester, scratch: Scratch::default() }
    }
}

impl Default for Room<'_> {
    fn default() -> Self {
        Self::new(Requester::NOBODY)
    }
}

/// Resolves a request; what fails here is an error for who explains and a deny for who decides.
#[inline]
pub(super) fn resolve<'r>(
    main: &'r Tables<'r>,
    request: &'r Request<'r>,
    room: &'r mut Room<'r>,
) -> Result<Call<'r>, RequestError> {
    let action = Action::resolve(main, request.action)?;
    let context = Context::named(request.context)?;
    let arn = resource_arn(request)?;
    room.requester.resolve(main, request)?;
    Call::new(main, request, (action, context, arn), room)
}

/// The resource's ARN, or nothing for `*`.
pub(super) fn resource_arn<'r>(request: &Request<'r>) -> Result<Option<Arn<'r>>, RequestError> {
    match Arn::find(request.resource) {
        None if request.resource != "*" => Err(RequestError::Resource),
        arn => Ok(arn),
    }
}

impl<'r> Call<'r> {
    /// What is asked with open questions; nothing without the compiler, see [`Env::hunt`].
    #[inline]
    pub(super) fn open(&self) -> Option<&Open<'r>> {
        if cfg!(feature = "compiler") { self.open.as_ref() } else { None }
    }

    /// Adds what follows from the parts of a request.
    #[inline(never)]
    pub(super) fn new(
        main: &'r Tables<'r>,
        request: &'r Request<'r>,
        (action, context, arn): (Action<'r>, Context<'r>, Option<Arn<'r>>),
        room: &'r mut Room<'r>,
    ) -> Result<Self, RequestError> {
        let Room { requester, scratch } = room;
        let budget = Budget::new();
        let number = super::bundle::governing_resource(main, &budget, request.resource, arn);
        let resource = number.map(|number| main.resource(number));
        let in_arn = arn.map(|arn| arn.account());
        let aws_owned = in_arn.is_some_and(|account| AWS_ACCOUNTS.contains(&account));
        if request.object_owner.is_some() || request.object_acl.is_some() {
            check_object(main, request, arn, resource)?;
        }
        let own = requester.account.filter(|_| requester.kind != Kind::Nameless);
        // The commonest case needs no further look: the account of an ARN that is the requester's own.
        let is_own = request.resource_account.is_none() && in_arn.is_some_and(|account| own == Some(account));
        let given = if is_own { own } else { resource_account(request, in_arn, resource)? };
        let owner = given.or(own);
        if requester.kind == Kind::Nameless {
            requester.account = owner;
            requester.account_record = owner.and_then(|id| main.account(id));
        }
        let assumed = given.is_none() && owner.is_some() && requester.kind != Kind::Nameless;
        let resource_account_record = match owner {
            _ if is_own || given.is_none() || owner == requester.account => requester.account_record,
            Some(id) => main.account(id),
            None => None,
        };
        let is_in_own_account = is_own || requester.account == owner;
        let endpoint = endpoint(main, request, context)?;
        Ok(Self {
            is_in_own_account,
            request,
            context,
            action,
            arn,
            requester,
            resource_account: owner,
            resource_account_record,
            assumed_resource_account: assumed && request.resource != "*",
            aws_owned,
            resource: resource.filter(|_| !aws_owned),
            endpoint,
            main,
            budget,
            scratch,
            open: None,
        })
    }
}

/// Account fields of ARNs that stand for AWS itself (R-ARN-23).
const AWS_ACCOUNTS: [&str; 3] = ["aws", "amazon", "aws-marketplace"];

/// What is said of an object needs an object: its bucket must be known, and its owner the same wherever it is named.
#[inline(never)]
fn check_object(
    main: &Tables<'_>,
    request: &Request<'_>,
    arn: Option<Arn<'_>>,
    bucket: Option<Resource<'_>>,
) -> Result<(), RequestError> {
    if request.object_owner.is_some() && bucket.is_none() {
        return Err(RequestError::ObjectOwner);
    }
    let Some(list) = request.object_acl else { return Ok(()) };
    if bucket.is_none() || !acl::is_object(arn) {
        return Err(RequestError::ObjectAcl);
    }
    let (Some(owner), Some(listed)) = (request.object_owner, list.owner) else { return Ok(()) };
    let clashes = main.accounts.records::<9>().any(|[id, .., canonical]| {
        let is_owner = main.text(id) == owner;
        main.optional_text(canonical).is_some_and(|known| is_owner != (known == listed))
    });
    if clashes { Err(RequestError::ObjectOwnerClash) } else { Ok(()) }
}

fn resource_account<'r>(
    request: &Request<'r>,
    in_arn: Option<&'r str>,
    resource: Option<Resource<'r>>,
) -> Result<Option<&'r str>, RequestError> {
    let in_arn = in_arn.filter(|account| is_account_id(account));
    let in_world = resource.and_then(|resource| resource.account());
    let Some(given) = request.resource_account else { return Ok(in_arn.or(in_world)) };
    if !is_account_id(given) {
        return Err(RequestError::ResourceAccount);
    }
    let clash = in_arn.or(in_world).is_some_and(|known| known != given);
    if clash && !request.trust_resource_account { Err(RequestError::ResourceAccountClash) } else { Ok(Some(given)) }
}

/// The endpoint that the request came through, by itself or by `aws:SourceVpce`.
#[inline(never)]
fn endpoint(main: &Tables<'_>, request: &Request<'_>, context: Context<'_>) -> Result<Option<u32>, RequestError> {
    if request.endpoint.is_none() && main.endpoints.len() == 0 {
        return Ok(None);
    }
    let find = |id: &str| main.find_text(main.endpoints, 2, id);
    let in_context = match context.first("aws:sourcevpce") {
        Some(Value::One(id)) => Some(id),
        Some(Value::List([id])) => Some(*id),
        // Several endpoints say nothing of which policy holds, and none must not be skipped for that (R-CON-43).
        Some(Value::List([_, ..])) if request.endpoint.is_none() && main.endpoints.len() > 0 => {
            return Err(RequestError::Endpoint);
        }
        Some(Value::List(_)) | None => None,
    };
    match (request.endpoint, in_context) {
        (Some(id), Some(other)) if id != other => Err(RequestError::Endpoint),
        (Some(id), _) => find(id).map(Some).ok_or(RequestError::Endpoint),
        (None, Some(id)) => Ok(find(id)),
        (None, None) => Ok(None),
    }
}

/// Bundles of the identity policies that the request names.
pub(super) fn named_identity_bundle(main: &Tables<'_>, name: &str, index: usize) -> Result<u32, RequestError> {
    main.named_policy(name, policy_kind::NAMED_IDENTITY, index)
}
