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
        ask_all(&Env::new(&call), class(&call), Thoroughness::All, &mut Verdicts::none())
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

/// What all layers say that apply.
struct Verdicts {
    /// By the layer's code: a statement that denies.
    denies: [Found; LAYERS],
    resource: Verdict,
    /// Which statement of that layer allows in which kind; none where nothing is asked.
    by_kind: Option<ByKind>,
    /// What the identity layer allows by.
    identity: Found,
    /// Layers that apply and lack an allow, but for these two.
    lacking: Layers,
    /// Which of the request's tables hold the session layer's deny; none for the artifact.
    session_table: Option<usize>,
    ignored: Layers,
}

/// How many layers have policies: the first ones.
const LAYERS: usize = 7;

impl Verdicts {
    #[inline]
    fn none() -> Self {
        Self {
            denies: [Found::NOTHING; LAYERS],
            resource: Verdict::NOTHING,
            by_kind: None,
            identity: Found::NOTHING,
            lacking: Layers::NONE,
            session_table: None,
            ignored: Layers::NONE,
        }
    }

    /// Whether a layer denies.
    fn is_denied(&self, layer: Layer) -> bool {
        self.denies.get(usize::from(layer.code())).is_some_and(|deny| deny.is_some())
    }

    /// Adds what a policy of a layer denies.
    fn deny(&mut self, layer: Layer, deny: Found) {
        if let Some(all) = self.denies.get_mut(usize::from(layer.code())) {
            *all = all.or(deny);
        }
    }

    /// Adds what a policy of a layer says of which every policy has to allow; returns whether it denies.
    #[inline(never)]
    fn ask(&mut self, env: &Env<'_>, layer: Layer, bundle: u32, scope: Scope) -> bool {
        let verdict = ask(env, layer, bundle, scope);
        self.add(layer, &verdict);
        verdict.deny.is_some()
    }

    fn add(&mut self, layer: Layer, verdict: &Verdict) {
        self.deny(layer, verdict.deny);
        if verdict.allow.is_none() {
            self.lacking.insert(layer);
        }
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
    evaluate(call, Thoroughness::First).map_or(REFUSED, |explanation| explanation.decision)
}

/// The same with everything that can be said of it.
fn evaluate(call: &Call<'_>, thoroughness: Thoroughness) -> Result<Explanation, RequestError> {
    let class = class(call);
    let mut verdicts = Verdicts::none();
    ask_all(&Env::new(call), class, thoroughness, &mut verdicts)?;
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
    for (layer, deny) in Layer::ALL.iter().zip(&verdicts.denies) {
        if let Some(statement) = deny.get() {
            let layer = *layer;
            denying.insert(layer);
            if first.is_none() {
                let session_table = verdicts.session_table.filter(|_| layer == Layer::Session);
                first = Some((layer, Some(StatementRef { session_table, statement })));
            }
        }
    }
    if acl::is_blocked_as_public(call, call.arn) {
        denying.insert(Layer::BlockPublicAccess);
        first = first.or(Some((Layer::BlockPublicAccess, None)));
    }
    if let Some((layer, statement)) = first {
        return Decision::ExplicitDeny(Reason { layer: Some(layer), statement });
    }
    let gates = gates(call, verdicts);
    match core(call, verdicts, class) {
        Ok(Grant { layer, statement }) if gates.is_empty() => allowed(layer, statement.get()),
        Ok(_) => Decision::ImplicitDeny(gates),
        Err(missing) => Decision::ImplicitDeny(gates.union(missing)),
    }
}

/// Asks all layers that apply; with [`Thoroughness::First`] until one denies.
#[inline(never)]
fn ask_all(env: &Env<'_>, class: Class, thoroughness: Thoroughness, made: &mut Verdicts) -> Result<(), RequestError> {
    let call = env.call;
    let first = thoroughness == Thoroughness::First;
    // The names are checked before anything can end the search.
    for (index, name) in call.request.policies.iter().enumerate() {
        named_identity_bundle(call.main, name, index)?;
    }
    if !call.request.policies.is_empty() && !call.requester.kind.is_identity() {
        made.ignored.insert(Layer::Identity);
    }
    session(env, made)?;
    if let Some(account) = call.requester.account_record
        && service_control_applies(call, &account)
    {
        let mut denied = false;
        for level in account.service_control().iter() {
            denied |= made.ask(env, Layer::ServiceControlPolicy, level, Scope::Attached);
        }
        if denied && first {
            return Ok(());
        }
    }
    let policies =
        [(Layer::ResourceControlPolicy, resource_control(call)), (Layer::VpcEndpoint, endpoint_policy(call))];
    for (layer, bundle) in policies {
        if let Some(bundle) = bundle
            && made.ask(env, layer, bundle, Scope::Principals)
            && first
        {
            return Ok(());
        }
    }
    resource_policy(env, class, made);
    if first && made.is_denied(Layer::Resource) {
        return Ok(());
    }
    identity(env, thoroughness, made)?;
    if let Some(bundle) = call.requester.boundary() {
        made.ask(env, Layer::PermissionsBoundary, bundle, Scope::Attached);
    }
    Ok(())
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
fn resource_policy(env: &Env<'_>, class: Class, made: &mut Verdicts) {
    let call = env.call;
    let Some(bundle) = call.resource.and_then(|resource| resource.policy()) else { return };
    made.by_kind = Some(ByKind::NONE);
    let verdict = ask_kinds(env, Layer::Resource, bundle, Scope::AllKinds, &mut made.by_kind);
    made.resource = verdict;
    let owner_root = call.requester.kind == Kind::Root && call.requester.account == call.resource_account;
    let is_spared = class == Class::Default && owner_root && call.action.is_one_of(Service::S3, &BUCKET_POLICY_ACTIONS);
    if !is_spared {
        made.deny(Layer::Resource, verdict.deny);
    }
}

/// The identity layer: the principal's own policies and those that the request names.
fn identity(env: &Env<'_>, thoroughness: Thoroughness, made: &mut Verdicts) -> Result<(), RequestError> {
    let requester = env.call.requester;
    if !requester.kind.is_identity() {
        return Ok(());
    }
    let mut ask = |bundle: u32| {
        if thoroughness == Thoroughness::All || !made.is_denied(Layer::Identity) {
            let verdict = ask(env, Layer::Identity, bundle, Scope::Attached);
            made.deny(Layer::Identity, verdict.deny);
            made.identity = made.identity.or(verdict.allow);
        }
    };
    if let Some(identity) = requester.identity {
        ask(identity.bundle());
        identity.groups().iter().for_each(&mut ask);
    }
    for (index, name) in env.call.request.policies.iter().enumerate() {
        ask(named_identity_bundle(env.call.main, name, index)?);
    }
    Ok(())
}

/// The session layer (R-EVAL-19, R-EVAL-20), which caps only who can have one.
fn session(env: &Env<'_>, made: &mut Verdicts) -> Result<(), RequestError> {
    let request = env.call.request;
    let mut all = Verdict::NOTHING;
    let mut session_table = None;
    for (index, name) in request.session_policies.iter().enumerate() {
        let bundle = env.call.main.named_policy(name, policy_kind::NAMED_SESSION, index)?;
        all = all.or(ask(env, Layer::Session, bundle, Scope::Attached));
    }
    for (table, tables) in request.session_tables.iter().enumerate() {
        let env = Env::of_session(tables, env.call);
        for [_, _, _, kind, bundle] in tables.policies.records::<5>() {
            if kind == policy_kind::NAMED_SESSION
                && let Some(bundle) = bundle.checked_sub(1)
            {
                let verdict = ask(&env, Layer::Session, bundle, Scope::Attached);
                if all.deny.is_none() && verdict.deny.is_some() {
                    session_table = Some(table);
                }
                all = all.or(verdict);
            }
        }
    }
    let given = !request.session_policies.is_empty() || !request.session_tables.is_empty();
    let kind = env.call.requester.kind;
    let can_have = matches!(kind, Kind::FederatedUser | Kind::RoleSession);
    if given && !can_have {
        made.ignored.insert(Layer::Session);
    }
    if kind == Kind::FederatedUser || (given && can_have) {
        made.add(Layer::Session, &all);
        made.session_table = session_table;
    }
    Ok(())
}

/// Step 3 of R-EVAL-5: caps that hold whoever grants.
#[inline(never)]
fn gates(call: &Call<'_>, verdicts: &Verdicts) -> Layers {
    let mut gates = verdicts.lacking.intersection(only(Layer::ServiceControlPolicy).union(only(Layer::VpcEndpoint)));
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

/// An allow: a layer, and the statement of it, where there is one.
#[derive(Clone, Copy)]
struct Grant {
    layer: Layer,
    statement: Found,
}

impl Grant {
    const fn of(layer: Layer, statement: Found) -> Self {
        Self { layer, statement }
    }
}

/// `core` of R-EVAL-5: who decided, or the layers that lack an allow.
#[inline(never)]
fn core(call: &Call<'_>, verdicts: &Verdicts, class: Class) -> Result<Grant, Layers> {
    let requester = call.requester;
    let partition = partition(call);
    let mut resource = verdicts.resource;
    match acl::access(call, call.arn) {
        acl::Access::Beside(kinds) => resource.grant(kinds),
        acl::Access::GrantedByOwner => return foreign_object(call, verdicts, Layers::NONE, partition),
        acl::Access::RefusedByOwner => return foreign_object(call, verdicts, only(Layer::Acl), partition),
    }
    let kinds = resource.kinds;
    // An account of another partition is another account (R-ARN-2).
    let is_own = partition == Partition::Same && call.is_in_own_account;
    match requester.kind {
        Kind::Anonymous | Kind::FederatedProvider | Kind::Service => {
            let grants = Kinds::WILDCARD.union(Kinds::SERVICE).union(Kinds::FEDERATED);
            granted(verdicts, kinds, grants).ok_or(only(Layer::Resource))
        }
        Kind::Root if is_own => match class {
            Class::Default => Ok(Grant::of(Layer::Root, Found::NOTHING)),
            Class::KmsKey => granted(verdicts, kinds, Kinds::ROOT.union(Kinds::WILDCARD)).ok_or(only(Layer::Resource)),
            Class::Trust => Err(only(Layer::Resource)),
        },
        Kind::Nameless | Kind::User | Kind::RoleSession | Kind::FederatedUser if is_own => {
            same_account(call, verdicts, kinds, class)
        }
        Kind::Root | Kind::Nameless | Kind::User | Kind::RoleSession | Kind::FederatedUser => {
            cross_account(call, verdicts, kinds, class, partition)
        }
    }
}

/// Three contexts of an object that belongs to another account than its bucket (R-EVAL-37): the requester's account
/// allows by identity, the bucket policy denies at most, the object's owner grants by ACL; `owner` names what it lacks.
fn foreign_object(call: &Call<'_>, verdicts: &Verdicts, owner: Layers, partition: Partition) -> Result<Grant, Layers> {
    let has_identity = call.requester.kind.is_identity();
    let mut missing = if has_identity { missing(verdicts).union(owner) } else { owner };
    if missing.is_empty() && partition == Partition::Another {
        missing.insert(Layer::Resource);
    }
    match (missing.is_empty(), has_identity) {
        (false, _) => Err(missing),
        (true, true) => Ok(by_identity(verdicts)),
        (true, false) => Ok(Grant::of(Layer::Acl, Found::NOTHING)),
    }
}

pub(super) const fn only(layer: Layer) -> Layers {
    Layers::NONE.with(layer)
}

/// What the identity layer grants.
fn by_identity(verdicts: &Verdicts) -> Grant {
    Grant::of(Layer::Identity, verdicts.identity)
}

/// The resource layer's answer if it grants in one of the kinds that are wanted.
#[inline(never)]
fn granted(verdicts: &Verdicts, kinds: Kinds, wanted: Kinds) -> Option<Grant> {
    if !kinds.meets(wanted) {
        return None;
    }
    let found = verdicts.by_kind.as_ref().map_or(Found::NOTHING, |by_kind| by_kind.allow_of(wanted));
    Some(Grant::of(if found.is_some() { Layer::Resource } else { Layer::Acl }, found))
}

/// The caller's own layers that lack an allow.
fn missing(verdicts: &Verdicts) -> Layers {
    let mut layers = caps(verdicts);
    if verdicts.identity.is_none() {
        layers.insert(Layer::Identity);
    }
    layers
}

/// Boundary and session policy, where they do not allow.
fn caps(verdicts: &Verdicts) -> Layers {
    verdicts.lacking.intersection(only(Layer::PermissionsBoundary).union(only(Layer::Session)))
}

fn same_account(call: &Call<'_>, verdicts: &Verdicts, kinds: Kinds, class: Class) -> Result<Grant, Layers> {
    let semantics = &call.main.semantics;
    let user = if call.requester.kind == Kind::User { Kinds::USER } else { Kinds::NONE };
    let direct_kinds = user.union(Kinds::SESSION).union(Kinds::FEDUSER).union(Kinds::WILDCARD);
    let limited_kinds = Kinds::ROLE.union(Kinds::USER_OF_FED);
    let caps = caps(verdicts);
    let direct = granted(verdicts, kinds, direct_kinds);
    let trust_user = class == Class::Trust
        && matches!(call.requester.kind, Kind::User | Kind::Nameless)
        && semantics.trust_user_needs_boundary == TrustUserNeedsBoundary::Yes;
    let capped_by_session =
        semantics.session_policy_vs_direct == SessionPolicyVsDirect::SessionCaps && caps.contains(Layer::Session);
    let capped_by_boundary = trust_user && caps.contains(Layer::PermissionsBoundary);
    let direct_holds = !capped_by_boundary && !capped_by_session;
    if let Some(grant) = direct
        && direct_holds
    {
        return Ok(grant);
    }
    let limited = granted(verdicts, kinds, limited_kinds);
    if let Some(grant) = limited
        && caps.is_empty()
    {
        return Ok(grant);
    }
    let account_granted = class == Class::Default || kinds.meets(Kinds::ACCOUNT);
    if caps.is_empty() && account_granted && verdicts.identity.is_some() {
        return Ok(by_identity(verdicts));
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
    kinds: Kinds,
    class: Class,
    partition: Partition,
) -> Result<Grant, Layers> {
    let root = call.requester.kind == Kind::Root;
    let mut missing = if root { Layers::NONE } else { missing(verdicts) };
    let is_possible = partition == Partition::Same
        && !(root && class == Class::Trust)
        && (class != Class::KmsKey || call.action.is_one_of(Service::Kms, &KMS_ACTIONS_ACROSS_ACCOUNTS));
    if kinds.is_empty() || (missing.is_empty() && !is_possible) {
        missing.insert(Layer::Resource);
    }
    if !missing.is_empty() {
        return Err(missing);
    }
    Ok(if root {
        granted(verdicts, kinds, kinds).unwrap_or(Grant::of(Layer::Root, Found::NOTHING))
    } else {
        by_identity(verdicts)
    })
}
