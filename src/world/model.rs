//! The model of who exists: what loaders fill and the room `lower` reads.
//!
//! Everything is resolved here: a user's groups and attachments have become a list of documents, the organization's
//! tree has become levels. Names are still text; numbers come in `lower`.

use crate::source::{Place, SourceId, SourceMap};
use crate::syntax::ast;

/// Which rules a document is held to (R-DOC-20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyType {
    /// A named policy, not known to be in IAM: inline rules apply.
    Identity,
    /// A customer managed or AWS managed policy; `Version` must be 2012-10-17.
    Managed,
    /// An inline policy of a user, group or role.
    Inline,
    /// A permissions boundary given as a document of its own (`--type boundary`, scenario files).
    Boundary,
    /// A session policy.
    Session,
    /// A role trust policy.
    Trust,
    /// Any other resource-based policy.
    Resource,
    /// A VPC endpoint policy.
    Endpoint,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
}

/// Number of a document in [`World::documents`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(pub u32);

/// One policy document with its name and origin.
#[derive(Debug, Clone)]
pub struct Document {
    /// Name in reports: `Guard`, `user/alice/NAME`, a resource's ARN, `ROLE-ARN#trust` (`world.md` 1).
    pub name: String,
    /// ARN of a managed policy.
    pub arn: Option<String>,
    /// Account whose policy this is: a customer's document, so that a size over the quota is an error (`world.md` 4).
    pub account: Option<String>,
    /// Which rules it is held to.
    pub policy_type: PolicyType,
    /// The text it stands in.
    pub source: SourceId,
    /// Where, for findings that concern the whole document: its name or its first byte.
    pub place: Place,
    /// The tree.
    pub policy: ast::Policy,
    /// Whether requests may name it (`policies`, `sessionPolicies`).
    pub named: bool,
}

/// What a principal entry describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// An IAM user.
    User,
    /// A role; its sessions make the requests.
    Role,
    /// A federated user with policies of its own: scenario files only.
    FederatedUser,
}

/// A user, role or federated user with everything attached to it.
#[derive(Debug, Clone)]
pub struct Principal {
    /// What it is.
    pub kind: PrincipalKind,
    /// User ARN, role ARN with path, or federated-user ARN.
    pub arn: String,
    /// 12 digits.
    pub account: String,
    /// `AIDA…` or `AROA…`, where known.
    pub unique_id: Option<String>,
    /// Own and inherited identity policies, in a stable order without duplicates.
    pub identity: Vec<DocumentId>,
    /// The permissions boundary.
    pub boundary: Option<DocumentId>,
    /// Tags of the user or role.
    pub tags: Vec<(String, String)>,
    /// Where it is defined.
    pub place: Place,
}

/// Membership of an account in an organization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Membership {
    /// `o-…`
    pub id: Option<String>,
    /// Organization paths (`o-…/r-…/ou-…/`), normally one.
    pub paths: Vec<String>,
    /// Whether this is the management account.
    pub management: bool,
}

/// One account.
#[derive(Debug, Clone)]
pub struct Account {
    /// 12 digits.
    pub id: String,
    /// Whether its users and roles are known: then a principal that it does not define does not exist (`cli.md`).
    pub identities_known: bool,
    /// Its organization, if any.
    pub membership: Option<Membership>,
    /// SCPs by level, root first; none: SCPs do not apply.
    pub service_control: Option<Vec<Vec<DocumentId>>>,
    /// RCPs by level, root first; the default full-access policy is not listed; none: RCPs do not apply.
    pub resource_control: Option<Vec<Vec<DocumentId>>>,
    /// Canonical user id, 64 hex digits.
    pub canonical_user_id: Option<String>,
    /// Account-wide Block Public Access.
    pub public_access_block: PublicAccessBlock,
}

/// The four switches of R-EVAL-45.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct PublicAccessBlock {
    /// `BlockPublicAcls`: no effect on decisions.
    pub block_public_acls: bool,
    /// `IgnorePublicAcls`
    pub ignore_public_acls: bool,
    /// `BlockPublicPolicy`: no effect on decisions.
    pub block_public_policy: bool,
    /// `RestrictPublicBuckets`
    pub restrict_public_buckets: bool,
}

/// Object Ownership of a bucket (R-EVAL-37).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ObjectOwnership {
    /// ACLs do not exist.
    #[default]
    BucketOwnerEnforced,
    /// ACLs exist; new objects with the canned ACL belong to the bucket owner.
    BucketOwnerPreferred,
    /// ACLs exist; objects belong to their writers.
    ObjectWriter,
}

/// Who an ACL grant names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Grantee {
    /// An account by its canonical user id.
    CanonicalUser(String),
    /// `AllUsers`
    AllUsers,
    /// `AuthenticatedUsers`
    AuthenticatedUsers,
    /// `LogDelivery`
    LogDelivery,
}

/// An ACL permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

/// An S3 access control list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acl {
    /// Canonical user id of the owner.
    pub owner: Option<String>,
    /// Grants in source order.
    pub grants: Vec<(Grantee, AclPermission)>,
}

/// A KMS grant (R-EVAL-36).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmsGrant {
    /// Principal ARN.
    pub grantee: String,
    /// Operations such as `Decrypt`.
    pub operations: Vec<String>,
    /// Encryption context that must be equal.
    pub encryption_context: Vec<(String, String)>,
}

/// A resource with its policy.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its ARN; names it in reports.
    pub arn: String,
    /// Patterns of what the policy governs; concrete text or globs as in R-ARN-8.
    pub covers: Vec<String>,
    /// Owner, 12 digits, where known.
    pub account: Option<String>,
    /// Resource-based, trust or key policy.
    pub policy: Option<DocumentId>,
    /// Bucket ACL.
    pub acl: Option<Acl>,
    /// ACL of the objects that the entry governs: scenario files only.
    pub object_acl: Option<Acl>,
    /// Account that owns the objects, where it is not the bucket's: scenario files only.
    pub object_owner: Option<String>,
    /// Object Ownership.
    pub object_ownership: ObjectOwnership,
    /// Block Public Access of the bucket.
    pub public_access_block: PublicAccessBlock,
    /// KMS grants.
    pub grants: Vec<KmsGrant>,
    /// Where it is defined.
    pub place: Place,
}

/// A VPC endpoint.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// `vpce-…`
    pub id: String,
    /// Its policy; none is the full-access default.
    pub policy: Option<DocumentId>,
}

/// An access key id and whom it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// `AKIA…`
    pub id: String,
    /// ARN of the user, or of the account root.
    pub principal: String,
    /// Whether its status is `Active`.
    pub active: bool,
}

/// Everything that is compiled into one artifact.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// All texts.
    pub sources: SourceMap,
    /// All documents.
    pub documents: Vec<Document>,
    /// Accounts, sorted by id.
    pub accounts: Vec<Account>,
    /// Users, roles and federated users, sorted by ARN.
    pub principals: Vec<Principal>,
    /// Resources with policies, sorted by ARN.
    pub resources: Vec<Resource>,
    /// VPC endpoints, sorted by id.
    pub endpoints: Vec<Endpoint>,
    /// Access keys, sorted by id.
    pub access_keys: Vec<AccessKey>,
}
