//! The algorithm of R-EVAL-5: layers to a decision.

use super::action::Service;
use super::bundle::{ByKind, Found, Scope, Verdict, ask, ask_kinds};
use super::call::{Call, Env, Kind, Room, named_identity_bundle, resolve};
use super::find::Account;
use super::open::{Assumption, Open, Reading, SessionName, Sight};
use super::principal::Kinds;
use super::{Credentials, Decision, Explanation, Reason, Request, RequestError, StatementRef, Tables, acl};
use crate::layout::{flag, meta, policy_kind};
use crate::terms::{Layer, Layers, SessionPolicyVsDirect, TRUST_ACTIONS, TrustUserNeedsBoundary};
use crate::value::{Arn, ArnParts, key_eq};

/// How many layers are asked once a deny is found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Thoroughness {
    /// None: the first deny decides.
    First,
    /// All: every layer that denies is wanted.
    All,
}

impl Tables<'_> {
    /// Decides a request.
    ///
    /// Total: a request that [`Tables::explain`] refuses is denied, with no layer named. Implements R-EVAL-5. Costs one
    /// hash of the action and, for each layer that applies, a count of bits or a binary search, and a walk over the
    /// resource's text; never allocates, never panics. What a decision may cost is bounded: patterns and texts made to cost
    /// more are denied.
    #[inline(never)]
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        if let Some(decision) = self.decide_own(request) {
            return decision;
        }
        self.decide_at_length(request)
    }

    #[inline(never)]
    fn decide_at_length(&self, request: &Request<'_>) -> Decision {
        let mut room = Room::default();
        match resolve(self, request, &mut room) {
            Ok(call) => decision(&call),
            Err(_) => REFUSED,
        }
    }

    /// Decides a request and says everything about the answer: the full set of blockers, what was assumed and ignored.
    ///
    /// # Errors
    ///
    /// Fails for a request that is malformed or contradicts the artifact; see [`RequestError`].
    pub fn explain(&self, request: &Request<'_>) -> Result<Explanation, RequestError> {
        let mut room = Room::default();
        let call = resolve(self, request, &mut room)?;
        evaluate(&call, Thoroughness::All)
    }

    /// All layers that deny explicitly or, where none does, that lack an allow; empty if allowed (R-EVAL-42).
    pub fn blockers(&self, request: &Request<'_>) -> Layers {
        self.explain(request).map_or(Layers::NONE, |explanation| explanation.blockers)
    }

    /// Tells `sink` the keys of the request's context that are ignored, because principal, resource or world say
    /// something else (`cli.md`, *Derived keys*); none for a request that [`Tables::explain`] refuses.
    pub fn ignored_keys<'r>(&self, request: &Request<'r>, mut sink: impl FnMut(&'r str)) {
        let mut room = Room::default();
        let Ok(call) = resolve(self, request, &mut room) else { return };
        for (name, value) in request.context {
            if call.overrules(name, value) {
                sink(name);
            }
        }
    }
}

#[cfg_attr(not(feature = "compiler"), expect(dead_code, reason = "asked by the graph"))]
impl Tables<'_> {
    /// Decides a request whose open questions all come out as assumed.
    ///
    /// A decision that would cost too much is an implicit deny that names no layer.
    ///
    /// # Errors
    ///
    /// Fails for a request that [`Tables::explain`] refuses.
    pub(crate) fn assume(
        &self,
        request: &Request<'_>,
        session: SessionName,
        assumption: Assumption,
    ) -> Result<Decision, RequestError> {
        let mut room = Room::default();
        let mut call = resolve(self, request, &mut room)?;
        call.open = Some(Open::assume(session, assumption));
        evaluate(&call, Thoroughness::First).map(|explanation| explanation.decision)
    }

    /// Tells `sink` of every statement of every layer that applies, and that matches in one of these readings.
    ///
    /// # Errors
    ///
    /// Fails for a request that [`Tables::explain`] refuses.
    pub(crate) fn survey(
        &self,
        request: &Request<'_>,
        session: SessionName,
        readings: &[Reading],
        sink: &dyn Fn(Sight),
    ) -> Result<(), RequestError> {
        let mut room = Room::default();
        let mut call = resolve(self, request, &mut room)?;
        call.open = Some(Open::survey(session, readings, sink));
        verdicts(&Env::new(&call), class(&call), Thoroughness::All).map(|_| ())
    }
}

/// The answer where there is none.
pub(super) const REFUSED: Decision = Decision::ImplicitDeny(Layers::NONE);

/// Whether requester and resource are in one partition (R-ARN-2).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Partition {
    Same,
    Another,
}

/// What kind of resource and action it is (R-EVAL-5).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Default,
    Trust,
    KmsKey,
}

/// Bucket policy actions that the owning root can always do (R-EVAL-16).
const BUCKET_POLICY_ACTIONS: [&str; 3] = ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"];

/// Alias actions that AWS managed aliases refuse (R-EVAL-36).
const ALIAS_ACTIONS: [&str; 3] = ["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"];

/// What other accounts can do with a key (R-EVAL-36).
const KMS_ACTIONS_ACROSS_ACCOUNTS: [&str; 20] = [
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DeriveSharedSecret",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateMac",
    "kms:GetKeyRotationStatus",
    "kms:GetPublicKey",
    "kms:ListGrants",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:Sign",
    "kms:Verify",
    "kms:VerifyMac",
];

#[inline(never)]
pub(super) fn class(call: &Call<'_>) -> Class {
    let Some(arn) = call.arn.filter(|_| !call.aws_owned) else { return Class::Default };
    let is_trust = || call.action.is_one_of(Service::Sts, &TRUST_ACTIONS);
    match call.action.service {
        Service::Kms if arn.service() == "kms" && arn.resource().starts_with("key/") => Class::KmsKey,
        Service::Sts if arn.service() == "iam" && arn.resource().starts_with("role/") && is_trust() => Class::Trust,
        Service::Iam | Service::Sts | Service::Kms | Service::S3 | Service::Other => Class::Default,
    }
}

/// Verdicts of all layers that apply; none where the layer is absent.
struct Verdicts {
    service_control: Option<(Verdict, bool)>,
    resource_control: Option<Verdict>,
    endpoint: Option<Verdict>,
    resource: Verdict,
    /// Which statement of the resource layer allows in which kind; none where nothing is asked.
    by_kind: Option<ByKind>,
    identity: Verdict,
    boundary: Option<Verdict>,
    session: Option<Session>,
    ignored: Layers,
}

/// The session layer: allow and deny with the tables they come from.
#[derive(Clone, Copy, Default)]
struct Session {
    deny: Option<StatementRef>,
    allows: bool,
}

impl Verdicts {
    fn allows(verdict: Option<&Verdict>) -> bool {
        verdict.is_none_or(|verdict| verdict.allow.is_some())
    }

    fn boundary_allows(&self) -> bool {
        Self::allows(self.boundary.as_ref())
    }

    fn session_allows(&self) -> bool {
        self.session.is_none_or(|session| session.allows)
    }

    /// The layers that deny, in the order of R-EVAL-42, each with its statement.
    fn denies(&self) -> impl Iterator<Item = (Layer, StatementRef)> {
        let deny = |verdict: Option<Verdict>| verdict.map_or(Found::NOTHING, |verdict| verdict.deny);
        let session = self.session.and_then(|session| session.deny).map(|statement| (Layer::Session, statement));
        [
            (Layer::ServiceControlPolicy, deny(self.service_control.map(|(verdict, _)| verdict))),
            (Layer::ResourceControlPolicy, deny(self.resource_control)),
            (Layer::VpcEndpoint, deny(self.endpoint)),
            (Layer::Resource, self.resource.deny),
            (Layer::Identity, self.identity.deny),
            (Layer::PermissionsBoundary, deny(self.boundary)),
        ]
        .into_iter()
        .filter_map(|(layer, found)| Some((layer, statement(found.get()?))))
        .chain(session)
    }
}

pub(super) fn statement(statement: u32) -> StatementRef {
    StatementRef { session_table: None, statement }
}

pub(super) fn allowed(layer: Layer, found: Option<u32>) -> Decision {
    Decision::Allowed(Reason { layer: Some(layer), statement: found.map(statement) })
}

/// The answer to a request that was resolved.
pub(super) fn decision(call: &Call<'_>) -> Decision {
    let class = class(call);
    match verdicts(&Env::new(call), class, Thoroughness::First) {
        Ok(verdicts) => answer(call, &verdicts, class, &mut Layers::default()),
        Err(_) => REFUSED,
    }
}

/// The same with everything that can be said of it.
fn evaluate(call: &Call<'_>, thoroughness: Thoroughness) -> Result<Explanation, RequestError> {
    let class = class(call);
    let verdicts = verdicts(&Env::new(call), class, thoroughness)?;
    let mut denying = Layers::NONE;
    let decision = answer(call, &verdicts, class, &mut denying);
    let blockers = match decision {
        Decision::Allowed(_) => Layers::NONE,
        Decision::ExplicitDeny(_) => denying,
        Decision::ImplicitDeny(missing) => missing,
    };
    Ok(Explanation {
        decision,
        blockers,
        assumed_resource_account: call.assumed_resource_account,
        undefined_principal: call.requester.undefined,
        ignored_layers: verdicts.ignored,
    })
}

/// Whether requester and resource are in one partition.
fn partition(call: &Call<'_>) -> Partition {
    match (call.requester.arn, call.arn) {
        (Some(mine), Some(arn)) if !arn.is_in_partition_of(mine) => Partition::Another,
        _ => Partition::Same,
    }
}

/// The answer that follows from what all layers say; adds those that deny.
#[inline(never)]
fn answer(call: &Call<'_>, verdicts: &Verdicts, class: Class, denying: &mut Layers) -> Decision {
    if call.requester.undefined {
        return Decision::ImplicitDeny(only(Layer::Identity));
    }
    let signed = !matches!(call.requester.kind, Kind::Anonymous | Kind::FederatedProvider);
    if signed && call.action.is(Service::Sts, "sts:GetCallerIdentity") {
        return Decision::Allowed(Reason { layer: None, statement: None });
    }
    // What was not looked at may deny.
    if call.budget.is_spent() {
        return REFUSED;
    }
    let mut first = None;
    for (layer, statement) in verdicts.denies() {
        denying.insert(layer);
        first = first.or(Some(Reason { layer: Some(layer), statement: Some(statement) }));
    }
    if acl::is_blocked_as_public(call, call.arn) {
        denying.insert(Layer::BlockPublicAccess);
        first = first.or(Some(Reason { layer: Some(Layer::BlockPublicAccess), statement: None }));
    }
    if let Some(reason) = first {
        return Decision::ExplicitDeny(reason);
    }
    let gates = gates(call, verdicts);
    match core(call, verdicts, class) {
        Ok(decision) if gates.is_empty() => decision,
        Ok(_) => Decision::ImplicitDeny(gates),
        Err(missing) => Decision::ImplicitDeny(gates.union(missing)),
    }
}

/// Asks all layers that apply; with [`Thoroughness::First`] until one denies.
#[inline(never)]
fn verdicts(env: &Env<'_>, class: Class, thoroughness: Thoroughness) -> Result<Verdicts, RequestError> {
    let call = env.call;
    let enough = |verdict: &Verdict| thoroughness == Thoroughness::First && verdict.deny.is_some();
    let mut made = Verdicts {
        service_control: None,
        resource_control: None,
        endpoint: None,
        resource: Verdict::NOTHING,
        by_kind: None,
        identity: Verdict::NOTHING,
        boundary: None,
        session: None,
        ignored: Layers::NONE,
    };
    // The names are checked before anything can end the search.
    for (index, name) in call.request.policies.iter().enumerate() {
        named_identity_bundle(call.main, name, index)?;
    }
    if !call.request.policies.is_empty() && !call.requester.kind.is_identity() {
        made.ignored.insert(Layer::Identity);
    }
    made.session = session(env, &mut made.ignored)?;
    if let Some(account) = call.requester.account_record
        && service_control_applies(call, &account)
    {
        let mut all = Verdict::NOTHING;
        let mut every_level = true;
        for level in account.service_control().iter() {
            let verdict = ask(env, Layer::ServiceControlPolicy, level, Scope::Attached);
            every_level &= verdict.allow.is_some();
            all = all.or(verdict);
        }
        made.service_control = Some((all, every_level));
        if enough(&all) {
            return Ok(made);
        }
    }
    if let Some(bundle) = resource_control(call) {
        let verdict = ask(env, Layer::ResourceControlPolicy, bundle, Scope::Principals);
        made.resource_control = Some(verdict);
        if enough(&verdict) {
            return Ok(made);
        }
    }
    if let Some(bundle) = endpoint_policy(call) {
        let verdict = ask(env, Layer::VpcEndpoint, bundle, Scope::Principals);
        made.endpoint = Some(verdict);
        if enough(&verdict) {
            return Ok(made);
        }
    }
    made.resource = resource_policy(env, class, &mut made.by_kind);
    if enough(&made.resource) {
        return Ok(made);
    }
    made.identity = identity(env, thoroughness)?;
    let boundary = call.requester.boundary();
    made.boundary = boundary.map(|bundle| ask(env, Layer::PermissionsBoundary, bundle, Scope::Attached));
    Ok(made)
}

/// Whether SCPs apply to the requester (R-EVAL-5, R-EVAL-10).
#[inline(never)]
fn service_control_applies(call: &Call<'_>, account: &Account<'_>) -> bool {
    let requester = call.requester;
    account.has(flag::SERVICE_CONTROL)
        && !account.has(flag::MANAGEMENT)
        && (requester.kind.is_identity() || requester.kind == Kind::Root)
        && !is_service_linked(call)
}

fn is_service_linked(call: &Call<'_>) -> bool {
    let requester = call.requester;
    if requester.kind != Kind::RoleSession {
        return false;
    }
    match (requester.identity, call.request.principal) {
        (Some(identity), _) => identity.is_service_linked(),
        (None, super::Principal::RoleSession { role_arn: Some(role_arn), .. }) => is_service_linked_role(role_arn),
        (None, _) => false,
    }
}

/// Whether a role ARN has the path of service-linked roles (R-ID-14).
fn is_service_linked_role(arn: &str) -> bool {
    ArnParts::split(arn).is_some_and(|parts| parts.resource.starts_with("role/aws-service-role/"))
}

/// The RCPs that apply to the resource (R-EVAL-5, R-EVAL-12, R-EVAL-13).
#[inline(never)]
fn resource_control(call: &Call<'_>) -> Option<u32> {
    let account = call.resource_account_record?;
    let bundle = account.resource_control()?;
    let applies = !account.has(flag::MANAGEMENT)
        && !call.aws_owned
        && !is_service_linked(call)
        && !call.action.is(Service::Kms, "kms:RetireGrant")
        && supports_resource_control(call.main, call.action.service_name());
    applies.then_some(bundle)
}

fn supports_resource_control(tables: &Tables<'_>, service: &str) -> bool {
    let get = |index: usize| u32::try_from(index).ok().and_then(|index| tables.meta.get(index)).unwrap_or(0);
    let services = tables.lists.list(get(meta::RCP_SERVICES_AT), get(meta::RCP_SERVICES_LEN));
    let found = services.search::<1>(|[symbol]| {
        let name = tables.text(symbol).bytes();
        name.cmp(service.bytes().map(|byte| byte.to_ascii_lowercase()))
    });
    found.is_some()
}

fn endpoint_policy(call: &Call<'_>) -> Option<u32> {
    let [_, policy] = call.main.endpoints.record(call.endpoint?)?;
    policy.checked_sub(1)
}

#[inline(never)]
fn resource_policy(env: &Env<'_>, class: Class, by_kind: &mut Option<ByKind>) -> Verdict {
    let call = env.call;
    let Some(bundle) = call.resource.and_then(|resource| resource.policy()) else { return Verdict::NOTHING };
    *by_kind = Some(ByKind::NONE);
    let mut verdict = ask_kinds(env, Layer::Resource, bundle, Scope::AllKinds, by_kind);
    let owner_root = call.requester.kind == Kind::Root && call.requester.account == call.resource_account;
    if class == Class::Default && owner_root && call.action.is_one_of(Service::S3, &BUCKET_POLICY_ACTIONS) {
        verdict.deny = Found::NOTHING;
    }
    verdict
}

/// The identity layer: the principal's own policies and those that the request names.
fn identity(env: &Env<'_>, thoroughness: Thoroughness) -> Result<Verdict, RequestError> {
    let requester = env.call.requester;
    if !requester.kind.is_identity() {
        return Ok(Verdict::NOTHING);
    }
    let enough = |verdict: &Verdict| thoroughness == Thoroughness::First && verdict.deny.is_some();
    let mut all = Verdict::NOTHING;
    if let Some(identity) = requester.identity {
        all = ask(env, Layer::Identity, identity.bundle(), Scope::Attached);
        for group in identity.groups().iter() {
            if enough(&all) {
                return Ok(all);
            }
            all = all.or(ask(env, Layer::Identity, group, Scope::Attached));
        }
    }
    if enough(&all) {
        return Ok(all);
    }
    for (index, name) in env.call.request.policies.iter().enumerate() {
        let bundle = named_identity_bundle(env.call.main, name, index)?;
        all = all.or(ask(env, Layer::Identity, bundle, Scope::Attached));
        if enough(&all) {
            break;
        }
    }
    Ok(all)
}

/// The session layer (R-EVAL-19, R-EVAL-20): none where nothing caps.
fn session(env: &Env<'_>, ignored: &mut Layers) -> Result<Option<Session>, RequestError> {
    let request = env.call.request;
    let mut session = Session::default();
    let mut add = |table: Option<usize>, verdict: Verdict| {
        let deny = verdict.deny.get().map(|statement| StatementRef { session_table: table, statement });
        session.deny = session.deny.or(deny);
        session.allows |= verdict.allow.is_some();
    };
    for (index, name) in request.session_policies.iter().enumerate() {
        let bundle = env.call.main.named_policy(name, policy_kind::NAMED_SESSION, index)?;
        add(None, ask(env, Layer::Session, bundle, Scope::Attached));
    }
    for (table, tables) in request.session_tables.iter().enumerate() {
        let env = Env::of_session(tables, env.call);
        for [_, _, _, kind, bundle] in tables.policies.records::<5>() {
            if kind == policy_kind::NAMED_SESSION
                && let Some(bundle) = bundle.checked_sub(1)
            {
                add(Some(table), ask(&env, Layer::Session, bundle, Scope::Attached));
            }
        }
    }
    let given = !request.session_policies.is_empty() || !request.session_tables.is_empty();
    let kind = env.call.requester.kind;
    let can_have = matches!(kind, Kind::FederatedUser | Kind::RoleSession);
    if given && !can_have {
        ignored.insert(Layer::Session);
    }
    Ok((kind == Kind::FederatedUser || (given && can_have)).then_some(session))
}

/// Step 3 of R-EVAL-5: caps that hold whoever grants.
#[inline(never)]
fn gates(call: &Call<'_>, verdicts: &Verdicts) -> Layers {
    let mut gates = Layers::NONE;
    if verdicts.service_control.is_some_and(|(_, every_level)| !every_level) {
        gates.insert(Layer::ServiceControlPolicy);
    }
    if !Verdicts::allows(verdicts.endpoint.as_ref()) {
        gates.insert(Layer::VpcEndpoint);
    }
    if !credentials_suffice(call) {
        gates.insert(Layer::Credential);
    }
    let is_aws_alias = |arn: Arn<'_>| arn.service() == "kms" && arn.resource().starts_with("alias/aws/");
    if call.action.is_one_of(Service::Kms, &ALIAS_ACTIONS) && call.arn.is_some_and(is_aws_alias) {
        gates.insert(Layer::Resource);
    }
    gates
}

/// R-EVAL-21.
#[inline(never)]
fn credentials_suffice(call: &Call<'_>) -> bool {
    let action = &call.action;
    let (iam, sts) = (action.service == Service::Iam, action.service == Service::Sts);
    match call.requester.kind {
        Kind::RoleSession if sts => !action.is_one_of(Service::Sts, &["sts:GetFederationToken", "sts:GetSessionToken"]),
        Kind::FederatedUser if sts => action.is(Service::Sts, "sts:GetCallerIdentity"),
        Kind::FederatedUser => !iam,
        Kind::User | Kind::Nameless | Kind::Root if call.request.credentials != Credentials::SessionToken => true,
        Kind::User | Kind::Nameless | Kind::Root if sts => {
            action.is_one_of(Service::Sts, &["sts:AssumeRole", "sts:GetCallerIdentity"])
        }
        Kind::User | Kind::Nameless | Kind::Root if iam => {
            let present = call.context.entries().filter(|(name, _)| key_eq(name, "aws:multifactorauthpresent"));
            present
                .into_iter()
                .any(|(_, value)| matches!(value, super::Value::One(text) if text.eq_ignore_ascii_case("true")))
        }
        Kind::User
        | Kind::Nameless
        | Kind::RoleSession
        | Kind::Root
        | Kind::Anonymous
        | Kind::Service
        | Kind::FederatedProvider => true,
    }
}

/// `core` of R-EVAL-5: who decided, or the layers that lack an allow.
#[inline(never)]
fn core(call: &Call<'_>, verdicts: &Verdicts, class: Class) -> Result<Decision, Layers> {
    let requester = call.requester;
    let partition = partition(call);
    let mut resource = verdicts.resource;
    match acl::access(call, call.arn) {
        acl::Access::Beside(kinds) => resource.grant(kinds),
        acl::Access::GrantedByOwner => return foreign_object(call, verdicts, Layers::NONE, partition),
        acl::Access::RefusedByOwner => return foreign_object(call, verdicts, only(Layer::Acl), partition),
    }
    // An account of another partition is another account (R-ARN-2).
    let is_own = partition == Partition::Same && call.is_in_own_account;
    match requester.kind {
        Kind::Anonymous | Kind::FederatedProvider | Kind::Service => {
            let grants = Kinds::WILDCARD.union(Kinds::SERVICE).union(Kinds::FEDERATED);
            granted(verdicts, &resource, grants).ok_or(only(Layer::Resource))
        }
        Kind::Root if is_own => match class {
            Class::Default => Ok(allowed(Layer::Root, None)),
            Class::KmsKey => {
                granted(verdicts, &resource, Kinds::ROOT.union(Kinds::WILDCARD)).ok_or(only(Layer::Resource))
            }
            Class::Trust => Err(only(Layer::Resource)),
        },
        Kind::Nameless | Kind::User | Kind::RoleSession | Kind::FederatedUser if is_own => {
            same_account(call, verdicts, &resource, class)
        }
        Kind::Root | Kind::Nameless | Kind::User | Kind::RoleSession | Kind::FederatedUser => {
            cross_account(call, verdicts, &resource, class, partition)
        }
    }
}

/// Three contexts of an object that belongs to another account than its bucket (R-EVAL-37): the requester's account
/// allows by identity, the bucket policy denies at most, the object's owner grants by ACL; `owner` names what it lacks.
fn foreign_object(
    call: &Call<'_>,
    verdicts: &Verdicts,
    owner: Layers,
    partition: Partition,
) -> Result<Decision, Layers> {
    let has_identity = call.requester.kind.is_identity();
    let mut missing = if has_identity { missing(verdicts).union(owner) } else { owner };
    if missing.is_empty() && partition == Partition::Another {
        missing.insert(Layer::Resource);
    }
    match (missing.is_empty(), has_identity) {
        (false, _) => Err(missing),
        (true, true) => Ok(allowed(Layer::Identity, verdicts.identity.allow.get())),
        (true, false) => Ok(allowed(Layer::Acl, None)),
    }
}

pub(super) fn only(layer: Layer) -> Layers {
    let mut layers = Layers::NONE;
    layers.insert(layer);
    layers
}

/// The resource layer's answer if it grants in one of these kinds.
#[inline(never)]
fn granted(verdicts: &Verdicts, resource: &Verdict, kinds: Kinds) -> Option<Decision> {
    if !resource.kinds.meets(kinds) {
        return None;
    }
    let found = verdicts.by_kind.as_ref().and_then(|by_kind| by_kind.allow_of(kinds).get());
    Some(allowed(if found.is_some() { Layer::Resource } else { Layer::Acl }, found))
}

/// The caller's own layers that lack an allow.
fn missing(verdicts: &Verdicts) -> Layers {
    let mut layers = caps(verdicts);
    if verdicts.identity.allow.is_none() {
        layers.insert(Layer::Identity);
    }
    layers
}

/// Boundary and session policy, where they do not allow.
fn caps(verdicts: &Verdicts) -> Layers {
    let mut layers = Layers::NONE;
    if !verdicts.boundary_allows() {
        layers.insert(Layer::PermissionsBoundary);
    }
    if !verdicts.session_allows() {
        layers.insert(Layer::Session);
    }
    layers
}

fn same_account(call: &Call<'_>, verdicts: &Verdicts, resource: &Verdict, class: Class) -> Result<Decision, Layers> {
    let semantics = &call.main.semantics;
    let user = if call.requester.kind == Kind::User { Kinds::USER } else { Kinds::NONE };
    let direct_kinds = user.union(Kinds::SESSION).union(Kinds::FEDUSER).union(Kinds::WILDCARD);
    let limited_kinds = Kinds::ROLE.union(Kinds::USER_OF_FED);
    let caps = caps(verdicts);
    let direct = granted(verdicts, resource, direct_kinds);
    let trust_user = class == Class::Trust
        && matches!(call.requester.kind, Kind::User | Kind::Nameless)
        && semantics.trust_user_needs_boundary == TrustUserNeedsBoundary::Yes;
    let capped_by_session =
        semantics.session_policy_vs_direct == SessionPolicyVsDirect::SessionCaps && caps.contains(Layer::Session);
    let capped_by_boundary = trust_user && caps.contains(Layer::PermissionsBoundary);
    let direct_holds = !capped_by_boundary && !capped_by_session;
    if let Some(decision) = direct
        && direct_holds
    {
        return Ok(decision);
    }
    let limited = granted(verdicts, resource, limited_kinds);
    if let Some(decision) = limited
        && caps.is_empty()
    {
        return Ok(decision);
    }
    let account_granted = class == Class::Default || resource.kinds.meets(Kinds::ACCOUNT);
    if caps.is_empty() && account_granted && verdicts.identity.allow.is_some() {
        return Ok(allowed(Layer::Identity, verdicts.identity.allow.get()));
    }
    if limited.is_some() || direct.is_some() {
        return Err(caps);
    }
    let mut missing = missing(verdicts);
    if !account_granted {
        missing.insert(Layer::Resource);
    }
    Err(missing)
}

fn cross_account(
    call: &Call<'_>,
    verdicts: &Verdicts,
    resource: &Verdict,
    class: Class,
    partition: Partition,
) -> Result<Decision, Layers> {
    let root = call.requester.kind == Kind::Root;
    let mut missing = if root { Layers::NONE } else { missing(verdicts) };
    let is_possible = partition == Partition::Same
        && !(root && class == Class::Trust)
        && (class != Class::KmsKey || call.action.is_one_of(Service::Kms, &KMS_ACTIONS_ACROSS_ACCOUNTS));
    if resource.kinds.is_empty() || (missing.is_empty() && !is_possible) {
        missing.insert(Layer::Resource);
    }
    if !missing.is_empty() {
        return Err(missing);
    }
    Ok(if root {
        granted(verdicts, resource, resource.kinds).unwrap_or(allowed(Layer::Root, None))
    } else {
        allowed(Layer::Identity, verdicts.identity.allow.get())
    })
}
