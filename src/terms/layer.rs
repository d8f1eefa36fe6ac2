//! Layers of the evaluation and sets of them (R-EVAL-42).

use super::coded;

coded! {
    /// One kind of policy in the evaluation, in the order in which explicit denies are reported (R-EVAL-42).
    pub enum Layer {
        /// SCPs.
        ServiceControlPolicy = 0,
        /// RCPs.
        ResourceControlPolicy = 1,
        /// VPC endpoint policy.
        VpcEndpoint = 2,
        /// Resource-based, role trust and KMS key policies.
        Resource = 3,
        /// Identity policies.
        Identity = 4,
        /// Permissions boundary.
        PermissionsBoundary = 5,
        /// Session policies.
        Session = 6,
        /// S3 ACL.
        Acl = 7,
        /// S3 Block Public Access.
        BlockPublicAccess = 8,
        /// Limits of temporary credentials (R-EVAL-21).
        Credential = 9,
        /// Implicit access of the account root (R-EVAL-16).
        Root = 10,
    }
}

impl Layer {
    /// All layers in the order of explicit denies.
    pub const ALL: [Self; 11] = [
        Self::ServiceControlPolicy,
        Self::ResourceControlPolicy,
        Self::VpcEndpoint,
        Self::Resource,
        Self::Identity,
        Self::PermissionsBoundary,
        Self::Session,
        Self::Acl,
        Self::BlockPublicAccess,
        Self::Credential,
        Self::Root,
    ];

    /// The name in machine-readable output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ServiceControlPolicy => "serviceControlPolicy",
            Self::ResourceControlPolicy => "resourceControlPolicy",
            Self::VpcEndpoint => "vpcEndpoint",
            Self::Resource => "resource",
            Self::Identity => "identity",
            Self::PermissionsBoundary => "permissionsBoundary",
            Self::Session => "session",
            Self::Acl => "acl",
            Self::BlockPublicAccess => "blockPublicAccess",
            Self::Credential => "credential",
            Self::Root => "root",
        }
    }

    const fn bit(self) -> u16 {
        1 << self.code()
    }
}

/// A set of layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Layers(u16);

impl Layers {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// Adds a layer.
    pub fn insert(&mut self, layer: Layer) {
        self.0 |= layer.bit();
    }

    /// The set with a layer more.
    #[must_use]
    pub(crate) const fn with(self, layer: Layer) -> Self {
        Self(self.0 | layer.bit())
    }

    /// Whether the layer is in the set.
    pub const fn contains(self, layer: Layer) -> bool {
        self.0 & layer.bit() != 0
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The union.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What both have.
    #[must_use]
    pub(crate) const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The layers in the order in which explicit denies are reported: SCP before RCP.
    pub fn explicit_order(self) -> impl Iterator<Item = Layer> {
        Layer::ALL.into_iter().filter(move |&layer| self.contains(layer))
    }

    /// The layers in the order in which implicit denies are reported: RCP before SCP (R-EVAL-42).
    pub fn implicit_order(self) -> impl Iterator<Item = Layer> {
        [Layer::ResourceControlPolicy, Layer::ServiceControlPolicy]
            .into_iter()
            .chain(Layer::ALL.into_iter().skip(2))
            .filter(move |&layer| self.contains(layer))
    }
}
