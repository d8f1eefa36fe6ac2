//! One request, resolved: who asks, which accounts, which tables.

use super::budget::Budget;
use super::open::{Hunt, Open};
use super::request::PrincipalArn;
use super::{Credentials, Principal, Request, RequestError, Tables, Value, acl, words};
use crate::layout::{NONE, flag, hash_folded, hash_text, meta, policy_kind};
use crate::terms::{QuestionMark, VariableWildcards};
use crate::value::{ArnParts, Instant, is_account_id, key_eq};

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

/// A short text put together from parts.
#[derive(Clone, Copy)]
pub(super) struct Composed<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Composed<N> {
    /// Joins the parts; nothing if they do not fit.
    pub(super) fn join(parts: &[&str]) -> Option<Self> {
        let mut composed = Self { bytes: [0; N], length: 0 };
        for part in parts {
            let end = composed.length + part.len();
            composed.bytes.get_mut(composed.length..end)?.copy_from_slice(part.as_bytes());
            composed.length = end;
        }
        Some(composed)
    }

    pub(super) fn make_ascii_lowercase(&mut self) {
        self.bytes.make_ascii_lowercase();
    }

    pub(super) fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or("")
    }
}

/// A text of the request or the artifact, or one put together.
#[derive(Clone, Copy)]
#[expect(clippy::large_enum_variant, reason = "nothing is allocated, so the longer one cannot be boxed")]
pub(super) enum Text<'r> {
    Borrowed(&'r str),
    Composed(Composed<384>),
}

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Composed(text) => text.as_str(),
        }
    }
}

/// A user, role or federated user of the artifact.
#[derive(Clone, Copy)]
pub(super) struct Identity<'r> {
    pub(super) arn: &'r str,
    pub(super) unique_id: Option<&'r str>,
    pub(super) bundle: u32,
    /// Bundles of groups, asked besides.
    pub(super) groups: words::Words<'r>,
    pub(super) boundary: Option<u32>,
    /// (key, value count, values…)*
    pub(super) tags: words::Words<'r>,
    pub(super) service_linked: bool,
}

/// An account of the artifact.
#[derive(Clone, Copy)]
pub(super) struct Account<'r> {
    pub(super) flags: u32,
    pub(super) organization: Option<&'r str>,
    pub(super) paths: words::Words<'r>,
    /// Bundles of SCP levels.
    pub(super) service_control: words::Words<'r>,
    pub(super) resource_control: Option<u32>,
    pub(super) canonical_user_id: Option<&'r str>,
}

impl Account<'_> {
    pub(super) fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }
}

/// A resource of the artifact that governs the request's resource.
#[derive(Clone, Copy)]
pub(super) struct Resource<'r> {
    pub(super) account: Option<&'r str>,
    pub(super) policy: Option<u32>,
    pub(super) flags: u32,
    pub(super) acl: words::Words<'r>,
    pub(super) object_acl: words::Words<'r>,
    pub(super) object_owner: Option<&'r str>,
}

impl Resource<'_> {
    pub(super) fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }
}

/// The requester with what the artifact knows of it.
#[derive(Clone, Copy)]
pub(super) struct Requester<'r> {
    pub(super) kind: Kind,
    /// Its ARN as the request gives it.
    pub(super) arn: Option<&'r str>,
    pub(super) partition: Option<&'r str>,
    pub(super) account: Option<&'r str>,
    /// `aws:PrincipalArn`: for sessions the role's ARN.
    pub(super) principal_arn: Option<Text<'r>>,
    pub(super) user_id: Option<Text<'r>>,
    pub(super) user_name: Option<&'r str>,
    pub(super) unique_id: Option<&'r str>,
    /// The user or root that issued a federated user.
    pub(super) issuer_arn: Option<&'r str>,
    pub(super) identity: Option<Identity<'r>>,
    pub(super) account_record: Option<Account<'r>>,
    /// Whether its own, known account does not define it.
    pub(super) undefined: bool,
}

/// One request, resolved.
pub(super) struct Call<'r> {
    pub(super) request: &'r Request<'r>,
    pub(super) requester: Requester<'r>,
    pub(super) resource_account: Option<&'r str>,
    pub(super) resource_account_record: Option<Account<'r>>,
    pub(super) assumed_resource_account: bool,
    /// The resource belongs to AWS: no resource policy, no RCP (R-ARN-23).
    pub(super) aws_owned: bool,
    pub(super) resource: Option<Resource<'r>>,
    /// Number of the endpoint that the request came through.
    pub(super) endpoint: Option<u32>,
    /// `aws:EpochTime` where only `aws:CurrentTime` is given.
    pub(super) epoch: Option<Composed<32>>,
    /// The artifact's tables.
    pub(super) main: &'r Tables<'r>,
    /// What the decision may still do.
    pub(super) budget: Budget,
    /// Where questions are left open.
    pub(super) open: Option<Open<'r>>,
}

/// One set of tables asked for one request.
#[derive(Clone, Copy)]
pub(super) struct Env<'w> {
    pub(super) tables: &'w Tables<'w>,
    pub(super) call: &'w Call<'w>,
    /// The action's deepest node in these tables.
    pub(super) action: Option<u32>,
    /// What is looked for where questions are left open.
    pub(super) hunt: Option<Hunt>,
}

impl<'w> Env<'w> {
    pub(super) fn new(tables: &'w Tables<'w>, call: &'w Call<'w>) -> Self {
        Self { tables, call, action: tables.action_node(call.request.action), hunt: None }
    }

    /// Takes units of the decision's budget; returns whether any are left.
    pub(super) fn spend(&self, units: usize) -> bool {
        self.call.budget.spend(units)
    }

    pub(super) fn wildcards_in_values(&self) -> bool {
        self.tables.semantics.variable_wildcards == VariableWildcards::Active
    }
}

impl<'a> Tables<'a> {
    /// The deepest action node that covers the action: its exact node, or the longest prefix.
    pub(super) fn action_node(&self, action: &str) -> Option<u32> {
        let places = self.action_hash.len();
        if let Some(mask) = places.checked_sub(1) {
            let mut at = hash_folded(action.as_bytes()) & mask;
            while let Some(node) = self.action_hash.get(at).and_then(|word| word.checked_sub(1)) {
                let [symbol, _] = self.actions.record(node)?;
                if self.text(symbol).eq_ignore_ascii_case(action) {
                    return Some(node);
                }
                at = (at + 1) & mask;
            }
        }
        self.action_prefix(action)
    }

    fn action_prefix(&self, action: &str) -> Option<u32> {
        let prefix_count = self.meta.get(word(meta::PREFIX_COUNT))?;
        let (mut low, mut high) = (0, prefix_count);
        while low < high {
            let middle = low.midpoint(high);
            let [symbol, _] = self.actions.record(middle)?;
            if is_at_most(self.text(symbol), action) { low = middle + 1 } else { high = middle }
        }
        let mut node = low.checked_sub(1);
        while let Some(candidate) = node {
            let [symbol, parent] = self.actions.record(candidate)?;
            let prefix = self.text(symbol).as_bytes();
            let start = action.as_bytes().get(..prefix.len());
            if start.is_some_and(|start| start.eq_ignore_ascii_case(prefix)) {
                return Some(candidate);
            }
            node = parent.checked_sub(1).filter(|&parent| parent < candidate);
        }
        None
    }

    /// The place behind the character at `at` (R-ARN-19).
    pub(super) fn one_character(&self, text: &[u8], at: usize) -> Option<usize> {
        let first = *text.get(at)?;
        if self.semantics.question_mark == QuestionMark::Byte {
            return Some(at + 1);
        }
        match first {
            0..0x80 => Some(at + 1),
            0x80..0xc0 => None,
            0xc0..0xe0 => Some(at + 2),
            0xe0..0xf0 => Some(at + 3),
            0xf0..=0xff => Some(at + 4),
        }
    }

    fn identity(&self, lookup: &str) -> Option<Identity<'a>> {
        let mask = self.identity_hash.len().checked_sub(1)?;
        let mut at = hash_text(lookup.as_bytes()) & mask;
        while let Some(number) = self.identity_hash.get(at).and_then(|word| word.checked_sub(1)) {
            let [kind, arn, key, _, unique_id, bundle, boundary, tags_at, tags_len, groups_at, groups_len, ..] =
                self.identities.record::<13>(number)?;
            if self.text(key) == lookup {
                return Some(Identity {
                    arn: self.text(arn),
                    unique_id: self.optional_text(unique_id),
                    bundle,
                    boundary: boundary.checked_sub(1),
                    groups: self.lists.list(groups_at, groups_len),
                    tags: self.lists.list(tags_at, tags_len),
                    service_linked: kind >> 8 & flag::SERVICE_LINKED != 0,
                });
            }
            at = (at + 1) & mask;
        }
        None
    }

    pub(super) fn account(&self, id: &str) -> Option<Account<'a>> {
        let number = self.accounts.search::<9>(|[symbol, ..]| self.text(symbol).cmp(id))?;
        let [_, flags, organization, paths_at, paths_len, levels_at, levels_len, resource_control, canonical] =
            self.accounts.record(number)?;
        Some(Account {
            flags,
            organization: self.optional_text(organization),
            paths: self.lists.list(paths_at, paths_len),
            service_control: self.lists.list(levels_at, levels_len),
            resource_control: resource_control.checked_sub(1),
            canonical_user_id: self.optional_text(canonical),
        })
    }

    /// Whether any account is known to be in an organization, so that absence means something.
    pub(super) fn has_organization(&self) -> bool {
        self.meta.get(word(meta::HAS_ORGANIZATION)) == Some(1)
    }

    pub(super) fn resource(&self, number: u32) -> Option<Resource<'a>> {
        let [_, account, policy, flags, acl_at, acl_len, object_at, object_len, owner] =
            self.resources.record(number)?;
        Some(Resource {
            account: self.optional_text(account),
            policy: policy.checked_sub(1),
            flags,
            acl: self.lists.list(acl_at, acl_len),
            object_acl: self.lists.list(object_at, object_len),
            object_owner: self.optional_text(owner),
        })
    }

    /// The number of a policy that a request names.
    pub(super) fn named_policy(&self, name: &str, kind: u32, index: usize) -> Result<u32, RequestError> {
        let found = self.find_policy(name).ok_or(RequestError::UnknownPolicy(index))?;
        match self.policies.record::<5>(found) {
            Some([_, _, _, found_kind, bundle]) if found_kind == kind => {
                bundle.checked_sub(1).ok_or(RequestError::WrongPolicyType(index))
            }
            _ => Err(RequestError::WrongPolicyType(index)),
        }
    }

    /// A name with a colon is an ARN or `ACCOUNT:NAME` before it is anything else, and of two policies of one ARN the
    /// account's own is meant (`world.md` 1).
    fn find_policy(&self, name: &str) -> Option<u32> {
        if let Some((id, rest)) = name.split_once(':') {
            let matches = |[symbol, arn, account, ..]: [u32; 5]| {
                let in_account = self.optional_text(account) == Some(id) && self.text(symbol) == rest;
                in_account || self.optional_text(arn) == Some(name)
            };
            let found = || (0..).zip(self.policies.records::<5>()).filter(|(_, record)| matches(*record));
            let own = found().find(|(_, [_, _, account, ..])| *account != 0);
            if let Some((number, _)) = own.or_else(|| found().next()) {
                return Some(number);
            }
        }
        let position = self.names.search::<1>(|[policy]| {
            let [symbol, ..] = self.policies.record::<5>(policy).unwrap_or([NONE; 5]);
            self.text(symbol).cmp(name)
        })?;
        self.names.get(position)
    }
}

/// Position of a word of `meta`.
fn word(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(NONE)
}

/// Whether a text in lower case sorts at or before the lower-cased action.
fn is_at_most(text: &str, action: &str) -> bool {
    text.bytes().cmp(action.bytes().map(|byte| byte.to_ascii_lowercase())).is_le()
}

/// Resolves a request; what fails here is an error for who explains and a deny for who decides.
pub(super) fn resolve<'r>(main: &'r Tables<'r>, request: &'r Request<'r>) -> Result<Call<'r>, RequestError> {
    check_action(request.action)?;
    check_context(request.context)?;
    let resource_parts = ArnParts::split(request.resource);
    if resource_parts.is_none() && request.resource != "*" {
        return Err(RequestError::Resource);
    }
    let mut requester = requester(main, request)?;
    let budget = Budget::new();
    let number = super::bundle::governing_resource(main, &budget, request.resource);
    let resource = number.and_then(|number| main.resource(number));
    let in_arn = resource_parts.map(|parts| parts.account);
    let aws_owned = in_arn.is_some_and(|account| AWS_ACCOUNTS.contains(&account));
    check_object(main, request, resource_parts, resource)?;
    let given = resource_account(request, in_arn, resource)?;
    let owner = given.or(requester.account);
    if requester.kind == Kind::Nameless {
        requester.account = owner;
        requester.account_record = owner.and_then(|id| main.account(id));
    }
    let assumed = given.is_none() && owner.is_some() && requester.kind != Kind::Nameless;
    Ok(Call {
        request,
        requester,
        resource_account: owner,
        resource_account_record: owner.and_then(|id| main.account(id)),
        assumed_resource_account: assumed && request.resource != "*",
        aws_owned,
        resource: resource.filter(|_| !aws_owned),
        endpoint: endpoint(main, request)?,
        epoch: epoch(request.context),
        main,
        budget,
        open: None,
    })
}

/// What is said of an object needs an object: its bucket must be known, and its owner the same wherever it is named.
fn check_object(
    main: &Tables<'_>,
    request: &Request<'_>,
    parts: Option<ArnParts<'_>>,
    bucket: Option<Resource<'_>>,
) -> Result<(), RequestError> {
    if request.object_owner.is_some() && bucket.is_none() {
        return Err(RequestError::ObjectOwner);
    }
    let Some(list) = request.object_acl else { return Ok(()) };
    if bucket.is_none() || !acl::is_object(parts) {
        return Err(RequestError::ObjectAcl);
    }
    let (Some(owner), Some(listed)) = (request.object_owner, list.owner) else { return Ok(()) };
    let clashes = main.accounts.records::<9>().any(|[id, .., canonical]| {
        let is_owner = main.text(id) == owner;
        main.optional_text(canonical).is_some_and(|known| is_owner != (known == listed))
    });
    if clashes { Err(RequestError::ObjectOwnerClash) } else { Ok(()) }
}

fn check_action(action: &str) -> Result<(), RequestError> {
    match action.split_once(':') {
        Some((service, name)) if !service.is_empty() && !name.is_empty() && !name.contains(':') => Ok(()),
        _ => Err(RequestError::Action),
    }
}

/// Two spellings of one key are an error, except for tag keys, whose values become a list (R-ID-25, R-CON-4).
fn check_context(context: &[(&str, Value<'_>)]) -> Result<(), RequestError> {
    for (index, (name, _)) in context.iter().enumerate() {
        let earlier = context.get(..index).unwrap_or_default();
        if earlier.iter().any(|(other, _)| key_eq(name, other) && (name == other || !is_tag_key(name))) {
            return Err(RequestError::DuplicateKey(index));
        }
    }
    Ok(())
}

/// Whether a key is a tag key (R-CON-39).
pub(super) fn is_tag_key(name: &str) -> bool {
    let ends_with_tag =
        |text: &str| text.len() >= 3 && text.get(text.len() - 3..).is_some_and(|end| end.eq_ignore_ascii_case("tag"));
    let slash = name.split_once('/').is_some_and(|(head, _)| head.contains(':') && ends_with_tag(head));
    slash || name.get(..22).is_some_and(|head| head.eq_ignore_ascii_case("kms:encryptioncontext:"))
}

fn resource_account<'r>(
    request: &Request<'r>,
    in_arn: Option<&'r str>,
    resource: Option<Resource<'r>>,
) -> Result<Option<&'r str>, RequestError> {
    let in_arn = in_arn.filter(|account| is_account_id(account));
    let in_world = resource.and_then(|resource| resource.account);
    let Some(given) = request.resource_account else { return Ok(in_arn.or(in_world)) };
    if !is_account_id(given) {
        return Err(RequestError::ResourceAccount);
    }
    let clash = in_arn.or(in_world).is_some_and(|known| known != given);
    if clash && !request.trust_resource_account { Err(RequestError::ResourceAccountClash) } else { Ok(Some(given)) }
}

fn endpoint(main: &Tables<'_>, request: &Request<'_>) -> Result<Option<u32>, RequestError> {
    let find = |id: &str| main.endpoints.search::<2>(|[symbol, _]| main.text(symbol).cmp(id));
    let mut in_context = request.context.iter().filter(|(name, _)| key_eq(name, "aws:sourcevpce"));
    let in_context = match in_context.next() {
        Some((_, Value::One(id) | Value::List([id]))) => Some(*id),
        // Several endpoints say nothing of which policy holds, and none must not be skipped for that (R-CON-43).
        Some((_, Value::List([_, ..]))) if request.endpoint.is_none() && main.endpoints.len() > 0 => {
            return Err(RequestError::Endpoint);
        }
        Some((_, Value::List(_))) | None => None,
    };
    match (request.endpoint, in_context) {
        (Some(id), Some(other)) if id != other => Err(RequestError::Endpoint),
        (Some(id), _) => find(id).map(Some).ok_or(RequestError::Endpoint),
        (None, Some(id)) => Ok(find(id)),
        (None, None) => Ok(None),
    }
}

/// `aws:EpochTime` from `aws:CurrentTime` (R-CON-30).
fn epoch(context: &[(&str, Value<'_>)]) -> Option<Composed<32>> {
    let find = |key: &str| context.iter().find(|(name, _)| name.len() == key.len() && key_eq(name, key));
    let (_, value) = find("aws:currenttime")?;
    if find("aws:epochtime").is_some() {
        return None;
    }
    let (Value::One(text) | Value::List([text])) = value else { return None };
    let (seconds, nanoseconds) = Instant::parse(text)?.to_parts();
    // Instants before 1970 have no epoch spelling (R-CON-29).
    let mut digits = [0u8; 30];
    let mut at = digits.len();
    let mut put = |byte: u8| {
        at -= 1;
        if let Some(place) = digits.get_mut(at) {
            *place = byte;
        }
    };
    let digit = |number: u64| u8::try_from(number % 10).unwrap_or(0) + b'0';
    if nanoseconds > 0 {
        let mut rest = u64::from(nanoseconds);
        for _ in 0..9 {
            put(digit(rest));
            rest /= 10;
        }
        put(b'.');
    }
    let mut rest = u64::try_from(seconds).ok()?;
    loop {
        put(digit(rest));
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    let text = core::str::from_utf8(digits.get(at..)?).ok()?;
    Composed::join(&[text])
}

/// The access key's principal where the request gives a key (`cli.md`, *Access keys*).
fn principal<'r>(main: &Tables<'r>, request: &Request<'r>) -> Result<Principal<'r>, RequestError> {
    let Some(id) = request.access_key_id else { return Ok(request.principal) };
    let number = main.access_keys.search::<3>(|[symbol, ..]| main.text(symbol).cmp(id));
    let record = number.and_then(|number| main.access_keys.record::<3>(number));
    let Some([_, arn, 1]) = record else { return Err(RequestError::AccessKey) };
    let owner = Principal::parse(main.text(arn)).map_err(|_| RequestError::AccessKey)?;
    let agrees = request.principal == Principal::Nameless || request.principal == owner;
    if agrees { Ok(owner) } else { Err(RequestError::AccessKeyClash) }
}

fn requester<'r>(main: &Tables<'r>, request: &Request<'r>) -> Result<Requester<'r>, RequestError> {
    let mut requester = Requester {
        kind: Kind::Nameless,
        arn: None,
        partition: None,
        account: None,
        principal_arn: None,
        user_id: None,
        user_name: None,
        unique_id: request.unique_id,
        issuer_arn: None,
        identity: None,
        account_record: None,
        undefined: false,
    };
    match principal(main, request)? {
        Principal::Nameless => {
            if request.policies.is_empty() {
                return Err(RequestError::NoSubject);
            }
        }
        Principal::Anonymous => {
            requester.kind = Kind::Anonymous;
            requester.user_id = Some(Text::Borrowed("anonymous"));
        }
        Principal::Service { .. } => requester.kind = Kind::Service,
        Principal::FederatedProvider { .. } => requester.kind = Kind::FederatedProvider,
        Principal::Root { arn } => {
            requester
                .fill(Kind::Root, arn, main)
                .filter(|parts| parts.resource == "root")
                .ok_or(RequestError::Principal)?;
            requester.principal_arn = Some(Text::Borrowed(arn));
            requester.user_id = requester.account.map(Text::Borrowed);
        }
        Principal::User { arn } => {
            let parts = requester.fill(Kind::User, arn, main).ok_or(RequestError::Principal)?;
            requester.user_name = Some(parts.user_name().ok_or(RequestError::Principal)?);
            requester.principal_arn = Some(Text::Borrowed(arn));
            requester.know(main.identity(arn));
            requester.user_id = requester.unique_id.map(Text::Borrowed);
        }
        Principal::RoleSession { arn, role_arn } => requester.role_session(main, arn, role_arn)?,
        Principal::FederatedUser { arn, issuer_arn } => requester.federated_user(main, arn, issuer_arn)?,
    }
    check_claims(request, &requester)?;
    let known = requester.account_record.is_some_and(|account| account.has(flag::IDENTITIES_KNOWN));
    let needs_identity = matches!(requester.kind, Kind::User | Kind::RoleSession | Kind::FederatedUser);
    requester.undefined = known && needs_identity && requester.identity.is_none() && request.policies.is_empty();
    Ok(requester)
}

/// What the request says of the requester must not contradict what the artifact knows, nor what its kind can have.
fn check_claims(request: &Request<'_>, requester: &Requester<'_>) -> Result<(), RequestError> {
    let is_session = matches!(requester.kind, Kind::RoleSession | Kind::FederatedUser);
    let may_have_tags = is_session || (requester.kind.is_identity() && requester.identity.is_none());
    if !request.session_tags.is_empty() && !may_have_tags {
        return Err(RequestError::Tags);
    }
    let is_user = matches!(requester.kind, Kind::User | Kind::Root | Kind::Nameless);
    if request.credentials != Credentials::Unspecified && !is_user {
        return Err(RequestError::Credentials);
    }
    let Some(identity) = requester.identity else { return Ok(()) };
    let other_id = request.unique_id.is_some_and(|id| identity.unique_id.is_some_and(|known| known != id));
    let other_role = matches!(
        request.principal,
        Principal::RoleSession { role_arn: Some(role_arn), .. } if role_arn != identity.arn
    );
    if other_id || other_role { Err(RequestError::PrincipalClash) } else { Ok(()) }
}

/// Whether an ARN is that of the role that a session's ARN names (R-PRI-2).
fn is_role_of(role_arn: &str, session: &PrincipalArn<'_>, role: &str) -> bool {
    ArnParts::split(role_arn).is_some_and(|parts| {
        let name = parts.resource.strip_prefix("role/").and_then(|path| path.rsplit('/').next());
        parts.service == "iam"
            && parts.region.is_empty()
            && parts.partition == session.partition
            && parts.account == session.account
            && name == Some(role)
    })
}

/// Account fields of ARNs that stand for AWS itself (R-ARN-23).
const AWS_ACCOUNTS: [&str; 3] = ["aws", "amazon", "aws-marketplace"];

impl<'r> Requester<'r> {
    /// The bundle of its boundary, where it is of a kind that can have one; a service-linked role cannot (R-EVAL-1).
    pub(super) fn boundary(&self) -> Option<u32> {
        let identity = self.identity.filter(|identity| self.kind.is_identity() && !identity.service_linked)?;
        identity.boundary
    }

    /// Whether it is a session of the role with this ARN.
    pub(super) fn is_session_of(&self, role_arn: &str) -> bool {
        self.kind == Kind::RoleSession && self.principal_arn.as_ref().map(Text::as_str) == Some(role_arn)
    }

    fn fill(&mut self, kind: Kind, arn: &'r str, main: &Tables<'r>) -> Option<PrincipalArn<'r>> {
        let parts = PrincipalArn::split(arn)?;
        self.kind = kind;
        self.arn = Some(arn);
        self.partition = Some(parts.partition);
        self.account = Some(parts.account);
        self.account_record = main.account(parts.account);
        Some(parts)
    }

    fn know(&mut self, identity: Option<Identity<'r>>) {
        self.identity = identity;
        self.unique_id = identity.and_then(|identity| identity.unique_id).or(self.unique_id);
    }

    fn role_session(&mut self, main: &Tables<'r>, arn: &'r str, role_arn: Option<&'r str>) -> Result<(), RequestError> {
        let parts = self.fill(Kind::RoleSession, arn, main).ok_or(RequestError::Principal)?;
        let (role, session) = parts.role_and_session().ok_or(RequestError::Principal)?;
        if role_arn.is_some_and(|role_arn| !is_role_of(role_arn, &parts, role)) {
            return Err(RequestError::Principal);
        }
        let lookup = arn.get(..arn.len() - session.len() - 1).unwrap_or(arn);
        self.know(main.identity(lookup));
        self.principal_arn = match (self.identity, role_arn) {
            (Some(identity), _) => Some(Text::Borrowed(identity.arn)),
            (None, Some(role_arn)) => Some(Text::Borrowed(role_arn)),
            (None, None) => {
                let composed = Composed::join(&["arn:", parts.partition, ":iam::", parts.account, ":role/", role]);
                composed.map(Text::Composed)
            }
        };
        self.user_id = self.unique_id.and_then(|id| Composed::join(&[id, ":", session])).map(Text::Composed);
        Ok(())
    }

    fn federated_user(
        &mut self,
        main: &Tables<'r>,
        arn: &'r str,
        issuer_arn: Option<&'r str>,
    ) -> Result<(), RequestError> {
        let parts = self.fill(Kind::FederatedUser, arn, main).ok_or(RequestError::Principal)?;
        let name = parts.federated_name().ok_or(RequestError::Principal)?;
        let issuer = issuer_arn.map(|issuer| PrincipalArn::split(issuer).ok_or(RequestError::Principal)).transpose()?;
        let is_issuer = |text| matches!(Principal::parse(text), Ok(Principal::User { .. } | Principal::Root { .. }));
        if issuer.is_some_and(|issuer| issuer.account != parts.account) || !issuer_arn.is_none_or(is_issuer) {
            return Err(RequestError::Principal);
        }
        self.principal_arn = Some(Text::Borrowed(arn));
        self.issuer_arn = issuer_arn;
        self.know(main.identity(arn).or_else(|| main.identity(issuer_arn?)));
        self.user_id = Composed::join(&[parts.account, ":", name]).map(Text::Composed);
        Ok(())
    }
}

/// Bundles of the identity policies that the request names.
pub(super) fn named_identity_bundle(main: &Tables<'_>, name: &str, index: usize) -> Result<u32, RequestError> {
    main.named_policy(name, policy_kind::NAMED_IDENTITY, index)
}
