//! The whole program: arenas, statements, bundles and the world's tables.

use crate::source::Place;
use crate::terms::{Effect, Semantics};

use super::arena::{Arena, Id, Texts};
use super::{
    ActionSet, BlockId, BundleId, GuardId, Key, KeyId, Pattern, PatternId, PolicyId, PrincipalSet, PrincipalSetId,
    StatementId, Symbol, Test, TestId,
};

/// Whether an element is the one without or the one with `Not`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Polarity {
    /// `Action`, `Resource`, `Principal`
    Positive,
    /// `NotAction`, `NotResource`, `NotPrincipal`
    Negated,
}

/// Principal part and condition part: what is left to test when action and resource match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Guard {
    /// The principal element; none where the attachment decides.
    pub(crate) principals: Option<PrincipalSetId>,
    /// The condition block; none where there is no condition.
    pub(crate) block: Option<BlockId>,
}

/// The resource part of a statement.
///
/// Invariant: the entries are sorted, without repetition.
/// Positive and empty matches nothing, negated and empty matches everything (R-DOC-18); a statement without the
/// element (trust policies) is negated and empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ResourceSet {
    /// `Resource` or `NotResource`.
    polarity: Polarity,
    /// Entries, sorted, without repetition.
    patterns: Box<[PatternId]>,
}

impl ResourceSet {
    /// Sorts and deduplicates the entries.
    pub(crate) fn new(polarity: Polarity, mut patterns: Vec<PatternId>) -> Self {
        patterns.sort_unstable();
        patterns.dedup();
        Self { polarity, patterns: patterns.into() }
    }

    /// With or without `Not`.
    pub(crate) fn polarity(&self) -> Polarity {
        self.polarity
    }

    /// Entries, sorted, without repetition.
    pub(crate) fn patterns(&self) -> &[PatternId] {
        &self.patterns
    }
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    /// The policy it stands in.
    pub(crate) policy: PolicyId,
    /// Its position there, from 0.
    pub(crate) index: u32,
    /// Its `Sid`.
    pub(crate) sid: Option<Symbol>,
    /// `Allow` or `Deny`.
    pub(crate) effect: Effect,
    /// The action part.
    pub(crate) actions: ActionSet,
    /// The resource part.
    pub(crate) resources: ResourceSet,
    /// The rest.
    pub(crate) guard: GuardId,
    /// Where it was written, for the provenance section.
    pub(crate) place: Place,
}

/// How a policy may be used by a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum PolicyKind {
    /// Only through the world's attachments.
    Attached,
    /// A request may name it as an identity policy.
    NamedIdentity,
    /// A request may name it as a session policy.
    NamedSession,
    /// Kept by name, never evaluated (`world.md` 1).
    NamedOther,
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    /// Name in reports.
    pub(crate) name: Symbol,
    /// ARN of a managed policy.
    pub(crate) arn: Option<Symbol>,
    /// Account of a customer's policy.
    pub(crate) account: Option<Symbol>,
    /// How requests may use it.
    pub(crate) kind: PolicyKind,
    /// Its statements in source order.
    pub(crate) statements: Vec<StatementId>,
    /// The bundle that a request which names the policy asks; none where requests cannot.
    pub(crate) bundle: Option<BundleId>,
}

/// A set of statements that one layer evaluates together.
///
/// Invariant: sorted, without repetition.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Bundle {
    statements: Vec<StatementId>,
}

impl Bundle {
    /// Its statements, sorted.
    pub(crate) fn statements(&self) -> &[StatementId] {
        &self.statements
    }
}

/// Membership of an account in an organization.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Membership {
    /// `o-…`
    pub(crate) id: Option<Symbol>,
    /// Organization paths.
    pub(crate) paths: Vec<Symbol>,
    /// Whether this is the management account.
    pub(crate) management: bool,
}

/// The switches of Block Public Access that change decisions (R-EVAL-45).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PublicAccess {
    /// `RestrictPublicBuckets`
    pub(crate) restrict_public_buckets: bool,
    /// `IgnorePublicAcls`
    pub(crate) ignore_public_acls: bool,
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// 12 digits.
    pub(crate) id: Symbol,
    /// Whether principals that the program does not define do not exist.
    pub(crate) identities_known: bool,
    /// Its organization.
    pub(crate) membership: Option<Membership>,
    /// SCPs by level, root first; none: not applicable.
    pub(crate) service_control: Option<Vec<BundleId>>,
    /// RCPs of all levels together; none: not applicable. Every level has the default policy's allow, so that only
    /// their denies matter and levels do not (R-EVAL-12).
    pub(crate) resource_control: Option<BundleId>,
    /// Canonical user id.
    pub(crate) canonical_user_id: Option<Symbol>,
    /// Block Public Access of the whole account.
    pub(crate) public_access: PublicAccess,
}

/// What a principal entry describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum PrincipalKind {
    /// A user.
    User,
    /// A role.
    Role,
    /// A federated user.
    FederatedUser,
}

/// A user, role or federated user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principal {
    /// What it is.
    pub(crate) kind: PrincipalKind,
    /// Its ARN; a role's with path.
    pub(crate) arn: Symbol,
    /// What a request's ARN is looked up by: the user's or federated user's ARN, or
    /// `arn:P:sts::A:assumed-role/NAME` for a role's sessions (R-PRI-2).
    pub(crate) lookup: Symbol,
    /// 12 digits.
    pub(crate) account: Symbol,
    /// `AIDA…`, `AROA…`
    pub(crate) unique_id: Option<Symbol>,
    /// Identity policies together, but for those of `groups`.
    pub(crate) identity: BundleId,
    /// Policies of groups that are kept apart, each shared by the group's members.
    pub(crate) groups: Vec<BundleId>,
    /// The boundary.
    pub(crate) boundary: Option<BundleId>,
    /// Tags: key `aws:principaltag/…` and values; two values where two tags differ only in case (R-CON-4).
    pub(crate) tags: Vec<(KeyId, Vec<Symbol>)>,
    /// Whether it is a service-linked role.
    pub(crate) service_linked: bool,
    /// ARNs of the instance profiles that hold it, sorted; no decision reads them.
    pub(crate) instance_profiles: Vec<Symbol>,
}

/// Who an ACL grant names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Grantee {
    /// An account by canonical user id.
    Canonical(Symbol),
    /// `AllUsers`
    AllUsers,
    /// `AuthenticatedUsers`
    AuthenticatedUsers,
}

/// Grants of an ACL: grantee and permission bits (1 READ, 2 WRITE, 4 `READ_ACP`, 8 `WRITE_ACP`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Acl {
    /// Canonical user id of the owner.
    pub(crate) owner: Option<Symbol>,
    /// Grants.
    pub(crate) grants: Vec<(Grantee, u8)>,
}

/// A resource with its policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resource {
    /// Its ARN.
    pub(crate) arn: Symbol,
    /// What it governs.
    pub(crate) covers: Vec<PatternId>,
    /// Owner.
    pub(crate) account: Option<Symbol>,
    /// Its policy.
    pub(crate) policy: Option<BundleId>,
    /// Whether the policy is public in the sense of R-EVAL-45.
    pub(crate) public: bool,
    /// Whether ACLs are in force: Object Ownership is not `BucketOwnerEnforced`.
    pub(crate) acls_enabled: bool,
    /// Bucket ACL; none under `BucketOwnerEnforced`.
    pub(crate) acl: Option<Acl>,
    /// Object ACL; none under `BucketOwnerEnforced`.
    pub(crate) object_acl: Option<Acl>,
    /// Account that owns the objects, if not the bucket's.
    pub(crate) object_owner: Option<Symbol>,
    /// Block Public Access of the bucket.
    pub(crate) public_access: PublicAccess,
}

/// A VPC endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// `vpce-…`
    pub(crate) id: Symbol,
    /// Its policy; none allows everything.
    pub(crate) policy: Option<BundleId>,
}

/// An access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccessKey {
    /// `AKIA…`
    pub(crate) id: Symbol,
    /// ARN of the user or root.
    pub(crate) principal: Symbol,
    /// Whether it may be used.
    pub(crate) active: bool,
}

/// Everything that is compiled into one artifact.
#[derive(Debug, Clone, Default)]
pub(crate) struct Program {
    /// The switches.
    pub(crate) semantics: Semantics,
    /// All texts.
    pub(crate) texts: Texts,
    /// All patterns.
    pub(crate) patterns: Arena<PatternId, Pattern>,
    /// All condition keys.
    pub(crate) keys: Arena<KeyId, Key>,
    /// All tests.
    pub(crate) tests: Arena<TestId, Test>,
    /// All condition blocks: sorted tests.
    pub(crate) blocks: Arena<BlockId, Box<[TestId]>>,
    /// All principal elements.
    pub(crate) principal_sets: Arena<PrincipalSetId, PrincipalSet>,
    /// All guards.
    pub(crate) guards: Arena<GuardId, Guard>,
    /// All statements.
    pub(crate) statements: Vec<Statement>,
    /// All policies, in an order that does not depend on the file system.
    pub(crate) policies: Vec<Policy>,
    /// All bundles.
    pub(crate) bundles: Arena<BundleId, Bundle>,
    /// Accounts, sorted by id.
    pub(crate) accounts: Vec<Account>,
    /// Principals, sorted by lookup text.
    pub(crate) principals: Vec<Principal>,
    /// Resources, sorted by ARN.
    pub(crate) resources: Vec<Resource>,
    /// Endpoints, sorted by id.
    pub(crate) endpoints: Vec<Endpoint>,
    /// Access keys, sorted by id.
    pub(crate) access_keys: Vec<AccessKey>,
    /// Action prefixes of services that support resource control policies (R-EVAL-13), sorted by text.
    pub(crate) rcp_services: Vec<Symbol>,
}

impl Program {
    /// Adds a statement.
    pub(crate) fn add_statement(&mut self, statement: Statement) -> StatementId {
        self.statements.push(statement);
        StatementId::from_index(self.statements.len() - 1)
    }

    /// Adds a policy.
    pub(crate) fn add_policy(&mut self, policy: Policy) -> PolicyId {
        self.policies.push(policy);
        PolicyId::from_index(self.policies.len() - 1)
    }

    /// Returns the number of a condition key.
    pub(crate) fn key(&mut self, key: Key) -> KeyId {
        self.keys.intern(key)
    }

    /// Returns the number of a principal element.
    pub(crate) fn principal_set(&mut self, set: PrincipalSet) -> PrincipalSetId {
        self.principal_sets.intern(set)
    }

    /// Returns the number of a guard.
    pub(crate) fn guard(&mut self, guard: Guard) -> GuardId {
        self.guards.intern(guard)
    }

    /// Returns the bundle of these statements.
    pub(crate) fn bundle(&mut self, mut statements: Vec<StatementId>) -> BundleId {
        statements.sort_unstable();
        statements.dedup();
        self.bundles.intern(Bundle { statements })
    }

    /// Returns the block of these tests; none for no tests.
    pub(crate) fn block(&mut self, mut tests: Vec<TestId>) -> Option<BlockId> {
        tests.sort_unstable();
        tests.dedup();
        (!tests.is_empty()).then(|| self.blocks.intern(tests.into()))
    }

    /// Returns the test, with its values sorted.
    pub(crate) fn test(&mut self, mut test: Test) -> TestId {
        let mut values = test.values.into_vec();
        values.sort_unstable();
        values.dedup();
        test.values = values.into();
        self.tests.intern(test)
    }

    /// Returns the statement with that number.
    pub(crate) fn statement(&self, id: StatementId) -> Option<&Statement> {
        self.statements.get(id.index())
    }
}
