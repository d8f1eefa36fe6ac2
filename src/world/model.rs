//! The model of who exists: what loaders fill and the room `lower` reads.
//!
//! Everything is resolved here: a user's groups and attachments have become a list of documents, the organization's
//! tree has become levels. Names are still text; numbers come in `lower`.

use crate::source::{Diagnostic, Place, SourceId, SourceMap};
use crate::syntax::ast;
use std::collections::BTreeSet;
use std::sync::Arc;

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
pub(crate) struct DocumentId(pub(crate) u32);

/// One policy document with its name and origin.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// Name in reports: `Guard`, `user/alice/NAME`, a resource's ARN, `ROLE-ARN#trust` (`world.md` 1).
    pub(crate) name: String,
    /// ARN of a managed policy.
    pub(crate) arn: Option<String>,
    /// Account whose policy this is: a customer's document, so that a size over the quota is an error (`world.md` 4).
    pub(crate) account: Option<String>,
    /// Which rules it is held to.
    pub(crate) policy_type: PolicyType,
    /// The text it stands in.
    pub(crate) source: SourceId,
    /// Where, for findings that concern the whole document: its name or its first byte.
    pub(crate) place: Place,
    /// The tree.
    pub(crate) policy: ast::Policy,
    /// Whether requests may name it (`policies`, `sessionPolicies`).
    pub(crate) named: bool,
}

/// What a principal entry describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum PrincipalKind {
    /// An IAM user.
    User,
    /// A role; its sessions make the requests.
    Role,
    /// A federated user with policies of its own: scenario files only.
    FederatedUser,
}

/// Number of a group in [`World::groups`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct GroupId(pub(crate) u32);

/// A user, role or federated user with everything attached to it.
#[derive(Debug, Clone)]
pub(crate) struct Principal {
    /// What it is.
    pub(crate) kind: PrincipalKind,
    /// User ARN, role ARN with path, or federated-user ARN.
    pub(crate) arn: String,
    /// 12 digits.
    pub(crate) account: String,
    /// `AIDA…` or `AROA…`, where known.
    pub(crate) unique_id: Option<String>,
    /// Its own identity policies, sorted, without duplicates.
    pub(crate) identity: Vec<DocumentId>,
    /// The groups of a user that have policies, sorted, without duplicates (R-EVAL-17).
    pub(crate) groups: Vec<GroupId>,
    /// The permissions boundary.
    pub(crate) boundary: Option<DocumentId>,
    /// Tags of the user or role.
    pub(crate) tags: Vec<(Arc<str>, Arc<str>)>,
    /// ARNs of the instance profiles that hold the role (R-ID-13); shown, never evaluated.
    pub(crate) instance_profiles: Vec<String>,
}

/// Membership of an account in an organization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Membership {
    /// `o-…`
    pub(crate) id: Option<String>,
    /// Organization paths (`o-…/r-…/ou-…/`), normally one.
    pub(crate) paths: Vec<String>,
    /// Whether this is the management account.
    pub(crate) management: bool,
}

/// One account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// 12 digits.
    pub(crate) id: String,
    /// Whether its users and roles are known: then a principal that it does not define does not exist (`cli.md`).
    pub(crate) identities_known: bool,
    /// Its organization, if any.
    pub(crate) membership: Option<Membership>,
    /// SCPs by level, root first; none: SCPs do not apply.
    pub(crate) service_control: Option<Vec<Vec<DocumentId>>>,
    /// RCPs by level, root first; the default full-access policy is not listed; none: RCPs do not apply.
    pub(crate) resource_control: Option<Vec<Vec<DocumentId>>>,
    /// Canonical user id, 64 hex digits.
    pub(crate) canonical_user_id: Option<String>,
    /// Account-wide Block Public Access.
    pub(crate) public_access_block: PublicAccessBlock,
}

/// The four switches of R-EVAL-45.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "the four switches as the S3 API has them")]
pub(crate) struct PublicAccessBlock {
    /// `BlockPublicAcls`: no effect on decisions.
    pub(crate) block_public_acls: bool,
    /// `IgnorePublicAcls`
    pub(crate) ignore_public_acls: bool,
    /// `BlockPublicPolicy`: no effect on decisions.
    pub(crate) block_public_policy: bool,
    /// `RestrictPublicBuckets`
    pub(crate) restrict_public_buckets: bool,
}

/// Object Ownership of a bucket (R-EVAL-37).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum ObjectOwnership {
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
pub(crate) enum Grantee {
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
pub(crate) enum AclPermission {
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
pub(crate) struct Acl {
    /// Canonical user id of the owner.
    pub(crate) owner: Option<String>,
    /// Grants in source order.
    pub(crate) grants: Vec<(Grantee, AclPermission)>,
}

/// A text of the input with its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The decoded text.
    pub(crate) text: String,
    /// The token, quotes included.
    pub(crate) place: Place,
}

/// A KMS grant (R-EVAL-36) of the right shape; what its texts mean is judged in `lower`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KmsGrant {
    /// Its first byte.
    pub(crate) place: Place,
    /// A principal.
    pub(crate) grantee: Spot,
    /// Operations such as `Decrypt`.
    pub(crate) operations: Vec<Spot>,
    /// The first byte of their list.
    pub(crate) operations_place: Place,
    /// Encryption context that must be equal: names and values. None: any will do.
    pub(crate) encryption_context: Vec<(Spot, String)>,
}

/// A resource with its policy.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    /// Its ARN; names it in reports.
    pub(crate) arn: String,
    /// Patterns of what the policy governs; concrete text or globs as in R-ARN-8. None: exactly the resource.
    pub(crate) covers: Vec<String>,
    /// Governed as well where `covers` is empty: each of these texts behind the ARN, and anything behind that. The ARN
    /// itself is literal text here, whatever characters it holds.
    pub(crate) below: &'static [&'static str],
    /// Owner, 12 digits, where known.
    pub(crate) account: Option<String>,
    /// Resource-based, trust or key policy.
    pub(crate) policy: Option<DocumentId>,
    /// Bucket ACL.
    pub(crate) acl: Option<Acl>,
    /// ACL of the objects that the entry governs: scenario files only.
    pub(crate) object_acl: Option<Acl>,
    /// Account that owns the objects, where it is not the bucket's: scenario files only.
    pub(crate) object_owner: Option<String>,
    /// Object Ownership.
    pub(crate) object_ownership: ObjectOwnership,
    /// Block Public Access of the bucket.
    pub(crate) public_access_block: PublicAccessBlock,
    /// KMS grants.
    pub(crate) grants: Vec<KmsGrant>,
    /// Where it is defined.
    pub(crate) place: Place,
}

/// A VPC endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    /// `vpce-…`
    pub(crate) id: String,
    /// Its policy; none is the full-access default.
    pub(crate) policy: Option<DocumentId>,
}

/// An access key id and whom it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccessKey {
    /// `AKIA…`
    pub(crate) id: String,
    /// ARN of the user, or of the account root.
    pub(crate) principal: String,
    /// Whether its status is `Active`.
    pub(crate) active: bool,
}

/// Everything that is compiled into one artifact.
///
/// Keeps what reading has found, so that a world of damaged documents is refused by
/// [`compile`](crate::compile).
#[derive(Debug, Clone, Default)]
pub struct World {
    /// All texts.
    pub(crate) sources: SourceMap,
    /// All documents.
    pub(crate) documents: Vec<Document>,
    /// Accounts, sorted by id.
    pub(crate) accounts: Vec<Account>,
    /// Users, roles and federated users, sorted by ARN.
    pub(crate) principals: Vec<Principal>,
    /// Policies of each group, sorted, without duplicates: all that a group is to its members.
    pub(crate) groups: Vec<Vec<DocumentId>>,
    /// Resources with policies, sorted by ARN.
    pub(crate) resources: Vec<Resource>,
    /// VPC endpoints, sorted by id.
    pub(crate) endpoints: Vec<Endpoint>,
    /// Access keys, sorted by id.
    pub(crate) access_keys: Vec<AccessKey>,
    /// Unique ids that several users or roles claim, of whom none has it then.
    pub(crate) shared_ids: BTreeSet<String>,
    /// What reading has found; with an error among them the world cannot be compiled.
    pub(crate) findings: Vec<Diagnostic>,
}

impl World {
    /// Whether it is documents and nothing else, so that none of them is of any meaning to another one.
    pub(crate) fn is_loose(&self) -> bool {
        self.accounts.is_empty()
            && self.principals.is_empty()
            && self.resources.is_empty()
            && self.endpoints.is_empty()
            && self.access_keys.is_empty()
    }

    /// All texts, for showing findings.
    pub fn sources(&self) -> &SourceMap {
        &self.sources
    }
}
