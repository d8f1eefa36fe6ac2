//! What the header declares: structures and numbers that C and Rust share.
//!
//! Numbers that C fills in are plain integers, never Rust enums: any bits may come, and what is not known is refused.
//! All members are pointers, sizes or 32-bit numbers, so that a structure has no hidden bytes but for alignment.

use core::ffi::c_char;

use crate::handle::{Action, Handle, Key, ResolvedWho};

/// A text: `length` bytes of UTF-8 from `data` on, without a zero at the end. `data` may hold zeros.
///
/// With `data` null and `length` 0 it is absent, which is not the same as an empty text. `iamc_text_of` makes one of a C
/// string.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// The first byte, or null.
    pub data: *const c_char,
    /// Bytes.
    pub length: usize,
}

/// Who asks. Members that the kind does not have must be absent.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Who {
    /// One of `IAMC_PRINCIPAL_…`; 0 is none, so that a principal which was forgotten is an error.
    pub kind: u32,
    /// ARN, service name or provider; the short form for `IAMC_PRINCIPAL_TEXT`; absent for nameless and anonymous ones.
    pub name: Text,
    /// A role session: the role's ARN with its path, if the artifact does not define the role. A federated user: ARN of
    /// the user or root that issued it. May be absent.
    pub parent_arn: Text,
    /// A service: its further names.
    pub other_names: *const Text,
    /// How many.
    pub other_names_count: usize,
}

/// The short form: an ARN (user, role session, federated user, root), `anonymous`, or a service such as
/// `lambda.amazonaws.com`.
pub const IAMC_PRINCIPAL_TEXT: u32 = 1;
/// A signed user of the resource's account of whom nothing else is known: for requests that only name policies or an
/// access key.
pub const IAMC_PRINCIPAL_NAMELESS: u32 = 2;
/// An unsigned request.
pub const IAMC_PRINCIPAL_ANONYMOUS: u32 = 3;
/// The root user of an account: `arn:P:iam::A:root`.
pub const IAMC_PRINCIPAL_ROOT: u32 = 4;
/// An IAM user: `arn:P:iam::A:user/PATH/NAME`.
pub const IAMC_PRINCIPAL_USER: u32 = 5;
/// A session of a role: `arn:P:sts::A:assumed-role/ROLE/SESSION`.
pub const IAMC_PRINCIPAL_ROLE_SESSION: u32 = 6;
/// A session of `GetFederationToken`: `arn:P:sts::A:federated-user/NAME`.
pub const IAMC_PRINCIPAL_FEDERATED_USER: u32 = 7;
/// An AWS service acting itself.
pub const IAMC_PRINCIPAL_SERVICE: u32 = 8;
/// An identity provider's user who assumes a role: provider ARN or host.
pub const IAMC_PRINCIPAL_FEDERATED_PROVIDER: u32 = 9;

/// A context key with its value.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// The key in any case, such as `aws:SourceIp`.
    pub key: Text,
    /// `IAMC_VALUE_ONE` or `IAMC_VALUE_LIST`; 0 is neither.
    pub kind: u32,
    /// The values; none of them absent.
    pub values: *const Text,
    /// How many: 1 of a single value; any number of a list.
    pub values_count: usize,
}

/// A single value.
pub const IAMC_VALUE_ONE: u32 = 1;
/// A list of values, also of one; an empty list counts as a key that is missing (null).
pub const IAMC_VALUE_LIST: u32 = 2;

/// A tag of a session.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Tag {
    /// Its key.
    pub key: Text,
    /// Its value.
    pub value: Text,
}

/// One grant of an access control list.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct AclGrant {
    /// One of `IAMC_GRANTEE_…`; 0 is none.
    pub grantee: u32,
    /// Of a canonical user: its id. Else absent.
    pub canonical_user_id: Text,
    /// One of `IAMC_ACL_…`; 0 is none.
    pub permission: u32,
}

/// An account by its canonical user id.
pub const IAMC_GRANTEE_CANONICAL_USER: u32 = 1;
/// `http://acs.amazonaws.com/groups/global/AllUsers`
pub const IAMC_GRANTEE_ALL_USERS: u32 = 2;
/// `http://acs.amazonaws.com/groups/global/AuthenticatedUsers`
pub const IAMC_GRANTEE_AUTHENTICATED_USERS: u32 = 3;
/// `http://acs.amazonaws.com/groups/s3/LogDelivery`
pub const IAMC_GRANTEE_LOG_DELIVERY: u32 = 4;

/// `READ`
pub const IAMC_ACL_READ: u32 = 1;
/// `WRITE`
pub const IAMC_ACL_WRITE: u32 = 2;
/// `READ_ACP`
pub const IAMC_ACL_READ_ACP: u32 = 3;
/// `WRITE_ACP`
pub const IAMC_ACL_WRITE_ACP: u32 = 4;
/// `FULL_CONTROL`
pub const IAMC_ACL_FULL_CONTROL: u32 = 5;

/// The access control list of the requested object.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ObjectAcl {
    /// Canonical user id of the object's owner; may be absent.
    pub owner: Text,
    /// Its grants; none grants to nobody.
    pub grants: *const AclGrant,
    /// How many.
    pub grants_count: usize,
}

/// One question. Start from `iamc_request_init`, which says its size and leaves everything else absent; `principal`,
/// `action` and `resource` are mandatory. Everything is borrowed for the call only.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// `sizeof(iamc_request)`, by which a header that is not the library's is noticed.
    pub size: usize,
    /// Who asks.
    pub principal: Who,
    /// `AIDA…` or `AROA…` of the user or role, where the artifact does not know it.
    pub unique_id: Text,
    /// `service:Name`.
    pub action: Text,
    /// A concrete ARN, or `*` for an action without a resource.
    pub resource: Text,
    /// Account that owns the resource, 12 digits.
    pub resource_account: Text,
    /// Context keys.
    pub context: *const Context,
    /// How many.
    pub context_count: usize,
    /// Names or ARNs of identity policies that are added to the principal's own.
    pub policies: *const Text,
    /// How many.
    pub policies_count: usize,
    /// Names of session policies of the artifact.
    pub session_policies: *const Text,
    /// How many.
    pub session_policies_count: usize,
    /// Session policies that were compiled apart: all policies of type session in these artifacts.
    pub session_tables: *const *const Handle,
    /// How many.
    pub session_tables_count: usize,
    /// Tags of the session.
    pub session_tags: *const Tag,
    /// How many.
    pub session_tags_count: usize,
    /// Source identity of the session.
    pub source_identity: Text,
    /// One of `IAMC_CREDENTIALS_…`.
    pub credentials: u32,
    /// The VPC endpoint that the request came through.
    pub endpoint: Text,
    /// Access key id, with a nameless principal or beside the one that it belongs to.
    pub access_key_id: Text,
    /// Account that owns the object, where it is not the bucket's owner.
    pub object_owner: Text,
    /// Access control list of the object, or null.
    pub object_acl: *const ObjectAcl,
    /// A sum of `IAMC_TRUST_…`.
    pub trust: u32,
}

/// Where a user's credentials come from is not said: no limit.
pub const IAMC_CREDENTIALS_UNSPECIFIED: u32 = 0;
/// An access key of the user.
pub const IAMC_CREDENTIALS_LONG_TERM: u32 = 1;
/// A console sign-in.
pub const IAMC_CREDENTIALS_CONSOLE: u32 = 2;
/// `GetSessionToken`.
pub const IAMC_CREDENTIALS_SESSION_TOKEN: u32 = 3;

/// A context value wins over one that principal, resource or world derive.
pub const IAMC_TRUST_CONTEXT: u32 = 1;
/// `resource_account` wins over the account that the ARN or the artifact names.
pub const IAMC_TRUST_RESOURCE_ACCOUNT: u32 = 2;

/// A context key, resolved, with its value.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ResolvedContext {
    /// The key.
    pub key: *const Key,
    /// As in `iamc_context`.
    pub kind: u32,
    /// As in `iamc_context`.
    pub values: *const Text,
    /// As in `iamc_context`.
    pub values_count: usize,
}

/// One question in resolved names. What it has no member for is not said; for session policies, endpoints, access keys
/// and the like use `iamc_request`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ResolvedQuestion {
    /// `sizeof(iamc_resolved_request)`.
    pub size: usize,
    /// Who asks.
    pub principal: *const ResolvedWho,
    /// For what.
    pub action: *const Action,
    /// A concrete ARN, or `*` for an action without a resource.
    pub resource: Text,
    /// Context keys.
    pub context: *const ResolvedContext,
    /// How many.
    pub context_count: usize,
}

/// The answer. Its texts point into the artifact: valid until the tables that decided are freed, or those of
/// `session_table`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Verdict {
    /// `IAMC_ALLOWED` or one of the denies.
    pub effect: u32,
    /// The layer that decided, one of `IAMC_LAYER_…`; `IAMC_LAYER_NONE` for implicit denies and where no layer has a say.
    pub layer: u32,
    /// For a deny, the layers that deny or lack an allow: bit `1 << IAMC_LAYER_…`. `iamc_decide` stops at the first
    /// explicit deny, `iamc_explain` names all.
    pub blockers: u32,
    /// Name of the policy with the statement that decided; absent where no statement did.
    pub policy: Text,
    /// The statement's position in its document, from 0.
    pub statement_index: u32,
    /// Its `Sid`, or absent.
    pub sid: Text,
    /// Which of the request's `session_tables` holds the statement; `SIZE_MAX` for the artifact itself.
    pub session_table: usize,
}

/// Nothing allows it. Also what every request gets that has no answer.
pub const IAMC_IMPLICIT_DENY: u32 = 0;
/// A `Deny` statement matches.
pub const IAMC_EXPLICIT_DENY: u32 = 1;
/// Every layer agrees.
pub const IAMC_ALLOWED: u32 = 2;

/// Service control policies.
pub const IAMC_LAYER_SERVICE_CONTROL_POLICY: u32 = 0;
/// Resource control policies.
pub const IAMC_LAYER_RESOURCE_CONTROL_POLICY: u32 = 1;
/// VPC endpoint policy.
pub const IAMC_LAYER_VPC_ENDPOINT: u32 = 2;
/// Resource-based, role trust and KMS key policies.
pub const IAMC_LAYER_RESOURCE: u32 = 3;
/// Identity policies.
pub const IAMC_LAYER_IDENTITY: u32 = 4;
/// Permissions boundary.
pub const IAMC_LAYER_PERMISSIONS_BOUNDARY: u32 = 5;
/// Session policies.
pub const IAMC_LAYER_SESSION: u32 = 6;
/// S3 access control lists.
pub const IAMC_LAYER_ACL: u32 = 7;
/// S3 Block Public Access.
pub const IAMC_LAYER_BLOCK_PUBLIC_ACCESS: u32 = 8;
/// Limits of temporary credentials.
pub const IAMC_LAYER_CREDENTIAL: u32 = 9;
/// Implicit access of the account root.
pub const IAMC_LAYER_ROOT: u32 = 10;
/// No layer.
pub const IAMC_LAYER_NONE: u32 = u32::MAX;

/// What `iamc_explain` says beside the answer.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Notes {
    /// 1 if the resource's account was taken to be the principal's for want of better knowledge, else 0.
    pub assumed_resource_account: u32,
    /// 1 if the requester's own, known account does not define it, so that it is denied, else 0.
    pub undefined_principal: u32,
    /// Layers whose policies were given for a requester that cannot have them, and so ignored: bit `1 << IAMC_LAYER_…`.
    pub ignored_layers: u32,
}

/// A context key that the artifact's conditions and variables can ask for.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct RequiredKey {
    /// Its name in lower case; points into the artifact.
    pub name: Text,
    /// 1 if only the host can tell its value, 0 if principal, resource, world or other keys may derive it.
    pub from_context: u32,
}

/// Bytes of a message, the zero at its end included.
pub const IAMC_MESSAGE_BYTES: usize = 256;

/// Why a call failed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Error {
    /// What the call returned.
    pub code: u32,
    /// Number of the element in its list that the error is about, from 0; `SIZE_MAX` for none.
    pub index: usize,
    /// For people: UTF-8 with a zero at its end, cut where it is longer.
    pub message: [c_char; IAMC_MESSAGE_BYTES],
}

/// Done.
pub const IAMC_OK: u32 = 0;
/// A pointer is null that must not be, or is not aligned, or what it points at is longer than memory can be.
pub const IAMC_ERROR_POINTER: u32 = 1;
/// A text is not UTF-8.
pub const IAMC_ERROR_UTF8: u32 = 2;
/// `size` is not that of this library's structure: another header, or a structure that was not initialised.
pub const IAMC_ERROR_SIZE: u32 = 3;
/// A number is none of the named ones, or a member is given where it has no place.
pub const IAMC_ERROR_VALUE: u32 = 4;
/// There is no memory.
pub const IAMC_ERROR_MEMORY: u32 = 5;

/// The bytes are shorter than the shortest artifact.
pub const IAMC_LOAD_TOO_SHORT: u32 = 16;
/// The first bytes are not those of an artifact.
pub const IAMC_LOAD_NOT_AN_ARTIFACT: u32 = 17;
/// The artifact has another format version.
pub const IAMC_LOAD_VERSION: u32 = 18;
/// The artifact is truncated or has bytes at its end.
pub const IAMC_LOAD_LENGTH: u32 = 19;
/// The header is damaged.
pub const IAMC_LOAD_HEADER: u32 = 20;
/// The body is damaged.
pub const IAMC_LOAD_CHECKSUM: u32 = 21;
/// A switch of the semantics is unknown.
pub const IAMC_LOAD_SEMANTICS: u32 = 22;
/// A record points at nothing or is not in order.
pub const IAMC_LOAD_RECORD: u32 = 23;
/// The artifact cannot be loaded for another reason.
pub const IAMC_LOAD_OTHER: u32 = 31;

/// The principal has none of the known forms.
pub const IAMC_REQUEST_PRINCIPAL: u32 = 32;
/// The action is not `service:Name`.
pub const IAMC_REQUEST_ACTION: u32 = 33;
/// The resource is neither an ARN nor `*`.
pub const IAMC_REQUEST_RESOURCE: u32 = 34;
/// `resource_account` is not 12 digits.
pub const IAMC_REQUEST_RESOURCE_ACCOUNT: u32 = 35;
/// `resource_account` contradicts the ARN or the artifact.
pub const IAMC_REQUEST_RESOURCE_ACCOUNT_CLASH: u32 = 36;
/// A policy name that the artifact does not have.
pub const IAMC_REQUEST_UNKNOWN_POLICY: u32 = 37;
/// A policy of a type that may not be named there.
pub const IAMC_REQUEST_WRONG_POLICY_TYPE: u32 = 38;
/// Two spellings of one context key.
pub const IAMC_REQUEST_DUPLICATE_KEY: u32 = 39;
/// An endpoint that is unknown, or not the one of `aws:SourceVpce`.
pub const IAMC_REQUEST_ENDPOINT: u32 = 40;
/// An access key that is unknown or inactive.
pub const IAMC_REQUEST_ACCESS_KEY: u32 = 41;
/// An access key of another principal.
pub const IAMC_REQUEST_ACCESS_KEY_CLASH: u32 = 42;
/// Neither a principal nor a policy.
pub const IAMC_REQUEST_NO_SUBJECT: u32 = 43;
/// A role ARN or unique id that is not the one that the artifact knows.
pub const IAMC_REQUEST_PRINCIPAL_CLASH: u32 = 44;
/// Session tags of a principal that can have none, or whose tags the artifact knows.
pub const IAMC_REQUEST_TAGS: u32 = 45;
/// A kind of credentials for a principal that is no user.
pub const IAMC_REQUEST_CREDENTIALS: u32 = 46;
/// An object's owner where no known bucket governs the resource.
pub const IAMC_REQUEST_OBJECT_OWNER: u32 = 47;
/// An access control list where the resource is no object of a known bucket.
pub const IAMC_REQUEST_OBJECT_ACL: u32 = 48;
/// An object's owner that is not the one of its access control list.
pub const IAMC_REQUEST_OBJECT_OWNER_CLASH: u32 = 49;
/// A name that another artifact resolved.
pub const IAMC_REQUEST_OTHER_ARTIFACT: u32 = 50;
/// The request has no answer for another reason.
pub const IAMC_REQUEST_OTHER: u32 = 63;
