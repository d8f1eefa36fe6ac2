//! What a host asks: principal, action, resource, context (chapter 4, `cli.md` *Requests*).

use core::fmt;

use super::Tables;
use crate::value::{is_account_id, rsplit_once, split_once};

/// A context value. A single string and a list of one are different things (R-CON-21).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// A single value.
    One(&'a str),
    /// A list of values; an empty list counts as missing (R-CON-9).
    List(&'a [&'a str]),
}

/// Who makes the request (R-PRI-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal<'a> {
    /// A signed user of the resource's account of whom nothing else is known: for requests that only name policies.
    Nameless,
    /// An unsigned request.
    Anonymous,
    /// The root user of an account: `arn:P:iam::A:root`.
    Root {
        /// The root ARN.
        arn: &'a str,
    },
    /// An IAM user.
    User {
        /// `arn:P:iam::A:user/PATH/NAME`
        arn: &'a str,
    },
    /// A session of a role.
    RoleSession {
        /// `arn:P:sts::A:assumed-role/ROLE/SESSION`
        arn: &'a str,
        /// The role's ARN with path, for roles that the artifact does not define.
        role_arn: Option<&'a str>,
    },
    /// A session from `GetFederationToken`.
    FederatedUser {
        /// `arn:P:sts::A:federated-user/NAME`
        arn: &'a str,
        /// ARN of the user or root that issued it.
        issuer_arn: Option<&'a str>,
    },
    /// An AWS service acting itself.
    Service {
        /// Its name, `lambda.amazonaws.com`.
        name: &'a str,
        /// Its further names.
        other_names: &'a [&'a str],
    },
    /// An identity provider's user who assumes a role.
    FederatedProvider {
        /// Provider ARN or host.
        provider: &'a str,
    },
}

impl<'a> Principal<'a> {
    /// Reads the short form: an ARN (user, role session, federated user, account root), `anonymous`, or a service
    /// principal such as `lambda.amazonaws.com`.
    ///
    /// # Errors
    ///
    /// Fails for any other text, a role ARN included: a role makes no requests, its sessions do (R-PRI-1).
    pub fn parse(text: &'a str) -> Result<Self, RequestError> {
        if text == "anonymous" {
            return Ok(Self::Anonymous);
        }
        if let Some(parts) = PrincipalArn::split(text) {
            return parts.principal(text).ok_or(RequestError::Principal);
        }
        let is_service_name = text.contains('.')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
        if is_service_name { Ok(Self::Service { name: text, other_names: &[] }) } else { Err(RequestError::Principal) }
    }
}

/// The parts of a principal's ARN: `arn:PARTITION:SERVICE::ACCOUNT:RESOURCE`.
#[derive(Debug, Clone, Copy)]
pub(super) struct PrincipalArn<'a> {
    pub(super) partition: &'a str,
    pub(super) account: &'a str,
    service: &'a str,
    pub(super) resource: &'a str,
}

/// Longest name or session name that the runtime composes keys of; IAM's own limit is 64 (R-ID-6, R-ID-11).
pub(super) const NAME_MAX_BYTES: usize = 128;

impl<'a> PrincipalArn<'a> {
    pub(super) fn split(text: &'a str) -> Option<Self> {
        let parts = crate::value::ArnParts::split(text)?;
        (parts.region.is_empty() && is_account_id(parts.account)).then_some(Self {
            partition: parts.partition,
            account: parts.account,
            service: parts.service,
            resource: parts.resource,
        })
    }

    /// The name behind the last `/`, and for sessions role name and session name.
    pub(super) fn role_and_session(&self) -> Option<(&'a str, &'a str)> {
        let (role, session) = split_once(self.resource.strip_prefix("assumed-role/")?, b'/')?;
        (Self::is_session_name(role) && Self::is_session_name(session)).then_some((role, session))
    }

    /// Whether a text without `/` can be the name of a session or role.
    pub(super) fn is_session_name(name: &str) -> bool {
        !name.is_empty() && name.len() <= NAME_MAX_BYTES && !name.contains('/')
    }

    pub(super) fn federated_name(&self) -> Option<&'a str> {
        self.resource.strip_prefix("federated-user/").filter(|name| Self::is_session_name(name))
    }

    pub(super) fn user_name(&self) -> Option<&'a str> {
        self.name_of("user/")
    }

    /// The name behind the path of a user or role.
    #[inline(never)]
    pub(super) fn name_of(&self, kind: &str) -> Option<&'a str> {
        let path = self.resource.strip_prefix(kind)?;
        let name = rsplit_once(path, b'/').map_or(path, |(_, name)| name);
        (!name.is_empty()).then_some(name)
    }

    pub(super) fn is_of_iam(&self) -> bool {
        self.service == "iam"
    }

    /// Whether this is a user or root of a federated user's account; `arn` is its text.
    pub(super) fn can_issue(&self, arn: &'a str, federated: &PrincipalArn<'_>) -> bool {
        self.account == federated.account
            && matches!(self.principal(arn), Some(Principal::User { .. } | Principal::Root { .. }))
    }

    fn principal(&self, arn: &'a str) -> Option<Principal<'a>> {
        match self.service {
            "iam" if self.resource == "root" => Some(Principal::Root { arn }),
            "iam" if self.user_name().is_some() => Some(Principal::User { arn }),
            "sts" if self.role_and_session().is_some() => Some(Principal::RoleSession { arn, role_arn: None }),
            "sts" if self.federated_name().is_some() => Some(Principal::FederatedUser { arn, issuer_arn: None }),
            _ => None,
        }
    }
}

/// Where a user's credentials come from (R-EVAL-21).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Credentials {
    /// Not said: no limit.
    #[default]
    Unspecified,
    /// An access key of the user.
    LongTerm,
    /// A console sign-in.
    Console,
    /// `GetSessionToken`.
    SessionToken,
}

/// Whom a grant of an access control list names (R-EVAL-38).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grantee<'a> {
    /// An account by its canonical user id.
    CanonicalUser(&'a str),
    /// `http://acs.amazonaws.com/groups/global/AllUsers`
    AllUsers,
    /// `http://acs.amazonaws.com/groups/global/AuthenticatedUsers`
    AuthenticatedUsers,
    /// `http://acs.amazonaws.com/groups/s3/LogDelivery`, to which no requester belongs.
    LogDelivery,
}

/// What a grant of an access control list permits (R-EVAL-38).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AclPermission {
    /// `READ`
    Read,
    /// `WRITE`
    Write,
    /// `READ_ACP`
    ReadAcp,
    /// `WRITE_ACP`
    WriteAcp,
    /// `FULL_CONTROL`
    FullControl,
}

/// One grant of an access control list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AclGrant<'a> {
    /// To whom.
    pub grantee: Grantee<'a>,
    /// What.
    pub permission: AclPermission,
}

/// The access control list of the requested object (R-EVAL-37).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ObjectAcl<'a> {
    /// Canonical user id of the object's owner. Unless it is known to be the bucket owner's, or
    /// [`Request::object_owner`] names the owner, the object counts as somebody else's, the safe reading.
    pub owner: Option<&'a str>,
    /// Its grants; a list without any grants to nobody, not even to the owner.
    pub grants: &'a [AclGrant<'a>],
}

/// One question. Borrows everything; [`Request::new`] fills what is mandatory, the fields take the rest.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: Principal<'a>,
    /// `AIDA…` or `AROA…` of the user or role, where the artifact does not know it.
    pub unique_id: Option<&'a str>,
    /// `service:Name`.
    pub action: &'a str,
    /// A concrete ARN, or `*` for an action without a resource (R-ARN-20).
    pub resource: &'a str,
    /// Account that owns the resource, 12 digits; see `cli.md`, *Resource account*, for what holds without it.
    pub resource_account: Option<&'a str>,
    /// Context keys in any case with their values.
    pub context: &'a [(&'a str, Value<'a>)],
    /// Names or ARNs of identity policies that are added to the principal's own.
    pub policies: &'a [&'a str],
    /// Names of session policies of the artifact.
    pub session_policies: &'a [&'a str],
    /// Session policies that were compiled on the spot: all policies of type session in these tables.
    pub session_tables: &'a [Tables<'a>],
    /// Tags of the session, which override the role's (R-ID-12).
    pub session_tags: &'a [(&'a str, &'a str)],
    /// Source identity of the session.
    pub source_identity: Option<&'a str>,
    /// Kind of credentials of a user.
    pub credentials: Credentials,
    /// The VPC endpoint that the request came through.
    pub endpoint: Option<&'a str>,
    /// Access key id, instead of or beside the principal.
    pub access_key_id: Option<&'a str>,
    /// Account that owns the object, where it is not the bucket's owner (R-EVAL-37).
    pub object_owner: Option<&'a str>,
    /// Access control list of the object; without effect where Object Ownership leaves no lists (R-EVAL-37).
    pub object_acl: Option<ObjectAcl<'a>>,
    /// Whether a context value wins over one that principal, resource or world derive.
    pub trust_context: bool,
    /// Whether `resource_account` wins over the account that the ARN or the world names.
    pub trust_resource_account: bool,
}

impl<'a> Request<'a> {
    /// Returns the request with an empty context and nothing else said.
    pub const fn new(principal: Principal<'a>, action: &'a str, resource: &'a str) -> Self {
        Self {
            principal,
            unique_id: None,
            action,
            resource,
            resource_account: None,
            context: &[],
            policies: &[],
            session_policies: &[],
            session_tables: &[],
            session_tags: &[],
            source_identity: None,
            credentials: Credentials::Unspecified,
            endpoint: None,
            access_key_id: None,
            object_owner: None,
            object_acl: None,
            trust_context: false,
            trust_resource_account: false,
        }
    }

    /// Replaces the context.
    #[must_use]
    pub const fn context(mut self, context: &'a [(&'a str, Value<'a>)]) -> Self {
        self.context = context;
        self
    }

    /// Replaces the named policies.
    #[must_use]
    pub const fn policies(mut self, policies: &'a [&'a str]) -> Self {
        self.policies = policies;
        self
    }
}

/// Why a request has no answer. [`Tables::decide`] denies such a request; [`Tables::explain`] returns the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// The principal has none of the forms of R-PRI-1.
    Principal,
    /// The action is not `service:Name`.
    Action,
    /// The resource is neither an ARN nor `*`.
    Resource,
    /// `resource_account` is not 12 digits.
    ResourceAccount,
    /// `resource_account` contradicts the ARN or the world.
    ResourceAccountClash,
    /// A policy name that the artifact does not have.
    UnknownPolicy(usize),
    /// A policy that may not be named there: only identity policies in `policies`, session policies in
    /// `session_policies`.
    WrongPolicyType(usize),
    /// Two spellings of one context key.
    DuplicateKey(usize),
    /// An endpoint that the artifact does not have, or not the one of `aws:SourceVpce`.
    Endpoint,
    /// An access key that is unknown or inactive.
    AccessKey,
    /// An access key of another principal.
    AccessKeyClash,
    /// Neither a principal nor a policy.
    NoSubject,
    /// A role ARN or a unique id that is not the one that the artifact knows of the principal.
    PrincipalClash,
    /// Session tags of a principal whose tags the artifact knows, or that can have none.
    Tags,
    /// A kind of credentials for a principal that is no user.
    Credentials,
    /// An object's owner where the artifact knows no bucket that governs the resource.
    ObjectOwner,
    /// An object's access control list where the resource is no object of a bucket that the artifact knows.
    ObjectAcl,
    /// An object's owner that is not the one of its access control list.
    ObjectOwnerClash,
    /// A principal, action or key that was resolved by another artifact.
    OtherArtifact,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal => f.write_str(
                "the principal is neither the ARN of a user, role session, federated user or account root, nor \
                 `anonymous`, nor a service principal",
            ),
            Self::Action => f.write_str("the action is not of the form `service:Name`"),
            Self::Resource => f.write_str("the resource is neither an ARN nor `*`"),
            Self::ResourceAccount => f.write_str("the resource account is not a 12-digit account id"),
            Self::ResourceAccountClash => {
                f.write_str("the resource account contradicts the account that the resource belongs to")
            }
            Self::UnknownPolicy(index) => write!(f, "policy number {} is not in the artifact", index + 1),
            Self::WrongPolicyType(index) => write!(
                f,
                "policy number {} is of another type: `policies` are of type identity, `sessionPolicies` of type session",
                index + 1
            ),
            Self::DuplicateKey(index) => {
                write!(f, "context key number {} is another spelling of an earlier key", index + 1)
            }
            Self::Endpoint => f.write_str("the VPC endpoint is unknown, or not the one of `aws:SourceVpce`"),
            Self::AccessKey => f.write_str("the access key is unknown or inactive"),
            Self::AccessKeyClash => f.write_str("the access key belongs to another principal"),
            Self::NoSubject => f.write_str("the request names neither a principal nor a policy"),
            Self::PrincipalClash => {
                f.write_str("the role ARN or the unique id is not the one that the artifact knows of the principal")
            }
            Self::Tags => f.write_str(
                "tags are given for a principal whose tags the artifact knows, or that can have none; only sessions \
                 and users outside the artifact take tags from the request",
            ),
            Self::ObjectOwner => f.write_str(
                "the object's owner is given, but the artifact knows no bucket that governs the resource (R-EVAL-37)",
            ),
            Self::ObjectAcl => f.write_str(
                "the object's access control list is given, but the resource is no object of a bucket that the artifact \
                 knows (R-EVAL-37)",
            ),
            Self::ObjectOwnerClash => f.write_str(
                "the object's owner and the owner in its access control list are different accounts (R-EVAL-37)",
            ),
            Self::OtherArtifact => {
                f.write_str("a principal, an action or a context key was resolved by another artifact")
            }
            Self::Credentials => f.write_str("a kind of credentials is given for a principal that is no user"),
        }
    }
}

impl core::error::Error for RequestError {}
