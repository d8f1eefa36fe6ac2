//! Who asks, with what the artifact knows of it (R-PRI-1, R-PRI-2).

use core::mem::discriminant;

use super::call::Kind;
use super::composed::{Composed, Scratch};
use super::find::{Account, Identity};
use super::request::PrincipalArn;
use super::words::last_index_of;
use super::{Credentials, Principal, Request, RequestError, Tables};
use crate::layout::flag;
use crate::value::split_once;

/// The requester with what the artifact knows of it.
#[derive(Clone, Copy)]
pub(super) struct Requester<'r> {
    pub(super) kind: Kind,
    /// Its ARN as the request gives it.
    pub(super) arn: Option<&'r str>,
    pub(super) account: Option<&'r str>,
    /// The role's ARN as the request gives it.
    role_arn: Option<&'r str>,
    /// Its unique id as the request gives it.
    given_id: Option<&'r str>,
    /// The user or root that issued a federated user.
    pub(super) issuer_arn: Option<&'r str>,
    pub(super) identity: Option<Identity<'r>>,
    pub(super) account_record: Option<Account<'r>>,
    /// Whether its own, known account does not define it.
    pub(super) undefined: bool,
}

/// The access key's principal where the request gives a key (`cli.md`, *Access keys*).
fn owner_of<'r>(main: &Tables<'r>, request: &Request<'r>, id: &str) -> Result<Principal<'r>, RequestError> {
    let number = main.find_text(main.access_keys, 3, id);
    let record = number.and_then(|number| main.access_keys.record::<3>(number));
    let Some([_, arn, 1]) = record else { return Err(RequestError::AccessKey) };
    let text = main.text(arn);
    let owner = Principal::parse(text).map_err(|_| RequestError::AccessKey)?;
    let agrees = match (&request.principal, &owner) {
        (Principal::Nameless, _) | (Principal::Anonymous, Principal::Anonymous) => true,
        (given, owner) => discriminant(given) == discriminant(owner) && sole_text(given) == Some(text),
    };
    if agrees { Ok(owner) } else { Err(RequestError::AccessKeyClash) }
}

/// The text of a principal of which no more is said.
fn sole_text<'r>(principal: &Principal<'r>) -> Option<&'r str> {
    match *principal {
        Principal::Root { arn }
        | Principal::User { arn }
        | Principal::RoleSession { arn, role_arn: None }
        | Principal::FederatedUser { arn, issuer_arn: None } => Some(arn),
        Principal::Service { name, other_names: [] } => Some(name),
        Principal::Nameless
        | Principal::Anonymous
        | Principal::RoleSession { .. }
        | Principal::FederatedUser { .. }
        | Principal::Service { .. }
        | Principal::FederatedProvider { .. } => None,
    }
}

/// The text up to the last `/`, and the text behind it.
fn at_last_slash(text: &str) -> Option<(&str, &str)> {
    let at = last_index_of(text.as_bytes(), b'/')?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

impl<'r> Requester<'r> {
    /// Who is nobody yet.
    pub(super) const NOBODY: Self = Self {
        kind: Kind::Nameless,
        arn: None,
        account: None,
        role_arn: None,
        given_id: None,
        issuer_arn: None,
        identity: None,
        account_record: None,
        undefined: false,
    };

    /// A user, or a session of a role, that the artifact has.
    #[inline]
    pub(super) fn of_artifact(kind: Kind, arn: &'r str, identity: Identity<'r>) -> Self {
        Self {
            kind,
            arn: Some(arn),
            account: Some(identity.account()),
            account_record: identity.account_record(),
            identity: Some(identity),
            ..Self::NOBODY
        }
    }

    /// Fills in who makes a request.
    #[inline(never)]
    pub(super) fn resolve(&mut self, main: &'r Tables<'r>, request: &Request<'r>) -> Result<(), RequestError> {
        let requester = self;
        requester.given_id = request.unique_id;
        let owner;
        let principal = match request.access_key_id {
            None => &request.principal,
            Some(id) => {
                owner = owner_of(main, request, id)?;
                &owner
            }
        };
        match *principal {
            Principal::Nameless => {
                if request.policies.is_empty() {
                    return Err(RequestError::NoSubject);
                }
            }
            Principal::Anonymous => requester.kind = Kind::Anonymous,
            Principal::Service { .. } => requester.kind = Kind::Service,
            Principal::FederatedProvider { .. } => requester.kind = Kind::FederatedProvider,
            Principal::Root { arn } => {
                requester
                    .fill(Kind::Root, arn, main)
                    .filter(|parts| parts.resource == "root")
                    .ok_or(RequestError::Principal)?;
            }
            Principal::User { arn } => requester.user(main, arn)?,
            Principal::RoleSession { arn, role_arn } => requester.role_session(main, arn, role_arn)?,
            Principal::FederatedUser { arn, issuer_arn } => requester.federated_user(main, arn, issuer_arn)?,
        }
        check_claims(request, requester)?;
        if requester.identity.is_none() {
            let known = requester.account_record.is_some_and(|account| account.has(flag::IDENTITIES_KNOWN));
            let needs_identity = matches!(requester.kind, Kind::User | Kind::RoleSession | Kind::FederatedUser);
            requester.undefined = known && needs_identity && request.policies.is_empty();
        }
        Ok(())
    }

    /// The bundle of its boundary, where it is of a kind that can have one; a service-linked role cannot (R-EVAL-1).
    pub(super) fn boundary(&self) -> Option<u32> {
        let identity = self.identity.filter(|identity| self.kind.is_identity() && !identity.is_service_linked())?;
        identity.boundary()
    }

    /// The partition of its ARN.
    pub(super) fn partition(&self) -> Option<&'r str> {
        let rest = self.arn?.get(4..)?;
        Some(split_once(rest, b':').map_or(rest, |(partition, _)| partition))
    }

    /// `aws:username`: the name behind the path.
    pub(super) fn user_name(&self) -> Option<&'r str> {
        PrincipalArn::split(self.arn.filter(|_| self.kind == Kind::User)?)?.user_name()
    }

    /// `aws:PrincipalArn`: for sessions the role's ARN.
    pub(super) fn principal_arn<'s>(&self, scratch: &'s Scratch) -> Option<&'s str>
    where
        'r: 's,
    {
        match self.kind {
            Kind::Root | Kind::User | Kind::FederatedUser => self.arn,
            Kind::RoleSession => match (self.identity, self.role_arn) {
                (Some(identity), _) => Some(identity.arn()),
                (None, Some(role_arn)) => Some(role_arn),
                (None, None) => scratch.principal_arn.text(&|| {
                    let parts = PrincipalArn::split(self.arn?)?;
                    let (role, _) = parts.role_and_session()?;
                    Composed::join(&["arn:", parts.partition, ":iam::", parts.account, ":role/", role])
                }),
            },
            Kind::Nameless | Kind::Anonymous | Kind::Service | Kind::FederatedProvider => None,
        }
    }

    /// `AIDA…`, `AROA…`: what the artifact knows before what the request says.
    pub(super) fn unique_id(&self) -> Option<&'r str> {
        self.identity.and_then(|identity| identity.unique_id()).or(self.given_id)
    }

    /// `aws:userid`.
    pub(super) fn user_id<'s>(&self, scratch: &'s Scratch) -> Option<&'s str>
    where
        'r: 's,
    {
        match self.kind {
            Kind::Anonymous => Some("anonymous"),
            Kind::Root => self.account,
            Kind::User => self.unique_id(),
            Kind::RoleSession => scratch.user_id.text(&|| {
                let (_, session) = at_last_slash(self.arn?)?;
                Composed::join(&[self.unique_id()?, ":", session])
            }),
            Kind::FederatedUser => scratch.user_id.text(&|| {
                let parts = PrincipalArn::split(self.arn?)?;
                Composed::join(&[parts.account, ":", parts.federated_name()?])
            }),
            Kind::Nameless | Kind::Service | Kind::FederatedProvider => None,
        }
    }

    /// Fills in what the artifact knows of a user, or a session of a role, that it has.
    #[inline(never)]
    fn know(&mut self, kind: Kind, arn: &'r str, identity: Identity<'r>) {
        self.kind = kind;
        self.arn = Some(arn);
        self.account = Some(identity.account());
        self.account_record = identity.account_record();
        self.identity = Some(identity);
    }

    fn fill(&mut self, kind: Kind, arn: &'r str, main: &'r Tables<'r>) -> Option<PrincipalArn<'r>> {
        let parts = PrincipalArn::split(arn)?;
        self.kind = kind;
        self.arn = Some(arn);
        self.account = Some(parts.account);
        self.account_record = main.account(parts.account);
        Some(parts)
    }

    fn user(&mut self, main: &'r Tables<'r>, arn: &'r str) -> Result<(), RequestError> {
        if let Some(identity) = main.user(arn) {
            self.know(Kind::User, arn, identity);
            return Ok(());
        }
        let parts = self.fill(Kind::User, arn, main).ok_or(RequestError::Principal)?;
        parts.user_name().ok_or(RequestError::Principal)?;
        self.identity = main.identity(arn.as_bytes());
        Ok(())
    }

    fn role_session(
        &mut self,
        main: &'r Tables<'r>,
        arn: &'r str,
        role_arn: Option<&'r str>,
    ) -> Result<(), RequestError> {
        self.role_arn = role_arn;
        if role_arn.is_none()
            && let Some(identity) = main.role_of_session(arn)
        {
            self.know(Kind::RoleSession, arn, identity);
            return Ok(());
        }
        let parts = self.fill(Kind::RoleSession, arn, main).ok_or(RequestError::Principal)?;
        let (role, session) = parts.role_and_session().ok_or(RequestError::Principal)?;
        if role_arn.is_some_and(|role_arn| !is_role_of(role_arn, &parts, role)) {
            return Err(RequestError::Principal);
        }
        let lookup = arn.get(..arn.len() - session.len() - 1).unwrap_or(arn);
        self.identity = main.identity(lookup.as_bytes());
        Ok(())
    }

    fn federated_user(
        &mut self,
        main: &'r Tables<'r>,
        arn: &'r str,
        issuer_arn: Option<&'r str>,
    ) -> Result<(), RequestError> {
        let parts = self.fill(Kind::FederatedUser, arn, main).ok_or(RequestError::Principal)?;
        parts.federated_name().ok_or(RequestError::Principal)?;
        let is_issuer = |text| PrincipalArn::split(text).is_some_and(|issuer| issuer.can_issue(text, &parts));
        if !issuer_arn.is_none_or(is_issuer) {
            return Err(RequestError::Principal);
        }
        self.issuer_arn = issuer_arn;
        self.identity = main.identity(arn.as_bytes()).or_else(|| main.identity(issuer_arn?.as_bytes()));
        Ok(())
    }
}

/// What the request says of the requester must not contradict what the artifact knows, nor what its kind can have.
#[inline(never)]
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
    if request.unique_id.is_none() && !matches!(request.principal, Principal::RoleSession { role_arn: Some(_), .. }) {
        return Ok(());
    }
    let other_id = request.unique_id.is_some_and(|id| identity.unique_id().is_some_and(|known| known != id));
    let other_role = matches!(
        request.principal,
        Principal::RoleSession { role_arn: Some(role_arn), .. } if role_arn != identity.arn()
    );
    if other_id || other_role { Err(RequestError::PrincipalClash) } else { Ok(()) }
}

/// Whether an ARN is that of the role that a session's ARN names (R-PRI-2).
#[inline(never)]
fn is_role_of(role_arn: &str, session: &PrincipalArn<'_>, role: &str) -> bool {
    PrincipalArn::split(role_arn).is_some_and(|parts| {
        parts.is_of_iam()
            && parts.partition == session.partition
            && parts.account == session.account
            && parts.name_of("role/") == Some(role)
    })
}
