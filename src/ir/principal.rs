//! `Principal` and `NotPrincipal` elements (chapter 4).

use super::{Polarity, Symbol};

/// One entry. Entries that match nobody (R-PRI-5 in lenient mode) are left out by `lower`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum PrincipalEntry {
    /// `"*"`
    Everyone,
    /// An account by id: the 12 digits.
    Account(Symbol),
    /// An account by its root ARN, whose partition counts (R-ARN-2).
    AccountRoot(Symbol),
    /// A user ARN.
    User(Symbol),
    /// A role ARN.
    Role(Symbol),
    /// An assumed-role ARN.
    Session(Symbol),
    /// A federated-user ARN.
    FederatedUser(Symbol),
    /// `AIDA…`, `AROA…`
    UniqueId(Symbol),
    /// A service principal.
    Service(Symbol),
    /// An identity provider.
    Federated(Symbol),
    /// A canonical user id.
    CanonicalUser(Symbol),
    /// The role of a KMS grant (R-EVAL-36): names the role's sessions directly, so that no boundary and no session policy
    /// limits them. No policy document can say this.
    GrantedRole(Symbol),
}

impl PrincipalEntry {
    /// The same entry with another number for its text.
    pub(super) fn moved(self, symbol: impl Fn(Symbol) -> Symbol) -> Self {
        match self {
            Self::Everyone => Self::Everyone,
            Self::Account(text) => Self::Account(symbol(text)),
            Self::AccountRoot(text) => Self::AccountRoot(symbol(text)),
            Self::User(text) => Self::User(symbol(text)),
            Self::Role(text) => Self::Role(symbol(text)),
            Self::Session(text) => Self::Session(symbol(text)),
            Self::FederatedUser(text) => Self::FederatedUser(symbol(text)),
            Self::UniqueId(text) => Self::UniqueId(symbol(text)),
            Self::Service(text) => Self::Service(symbol(text)),
            Self::Federated(text) => Self::Federated(symbol(text)),
            Self::CanonicalUser(text) => Self::CanonicalUser(symbol(text)),
            Self::GrantedRole(text) => Self::GrantedRole(symbol(text)),
        }
    }
}

/// The principal part of a statement.
///
/// Invariant: the entries are sorted, without repetition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PrincipalSet {
    /// `Principal` or `NotPrincipal`.
    polarity: Polarity,
    /// Entries, sorted, without repetition.
    entries: Box<[PrincipalEntry]>,
}

impl PrincipalSet {
    /// Sorts and deduplicates the entries.
    pub(crate) fn new(polarity: Polarity, mut entries: Vec<PrincipalEntry>) -> Self {
        entries.sort_unstable();
        entries.dedup();
        Self { polarity, entries: entries.into() }
    }

    /// With or without `Not`.
    pub(crate) fn polarity(&self) -> Polarity {
        self.polarity
    }

    /// Entries, sorted, without repetition.
    pub(crate) fn entries(&self) -> &[PrincipalEntry] {
        &self.entries
    }
}
