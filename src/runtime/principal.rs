//! `Principal` and `NotPrincipal` against the requester (R-PRI-3, R-PRI-15 to R-PRI-18).

use super::call::{Call, Env, Kind};
use super::{Principal, Tables};
use crate::layout::entry_kind;
use crate::terms::{Effect, NotprincipalLevels};
use crate::value::ArnParts;

/// A set of match kinds (R-PRI-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Kinds(u16);

impl Kinds {
    pub(super) const NONE: Self = Self(0);
    pub(super) const WILDCARD: Self = Self(1);
    pub(super) const ROOT: Self = Self(2);
    pub(super) const ACCOUNT: Self = Self(4);
    pub(super) const USER: Self = Self(8);
    pub(super) const USER_OF_FED: Self = Self(16);
    pub(super) const ROLE: Self = Self(32);
    pub(super) const SESSION: Self = Self(64);
    pub(super) const FEDUSER: Self = Self(128);
    pub(super) const SERVICE: Self = Self(256);
    pub(super) const FEDERATED: Self = Self(512);
    /// A layer in which the attachment decides, not a principal element.
    pub(super) const ATTACHED: Self = Self(1024);

    pub(crate) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds one by one, each with its position.
    pub(super) fn positions(self) -> impl Iterator<Item = usize> {
        (0..KIND_COUNT).filter(move |position| self.0 >> position & 1 != 0)
    }
}

/// How many kinds there are.
pub(super) const KIND_COUNT: usize = 11;

/// Kinds in which a principal element matches; `effect` is its statement's.
pub(super) fn kinds(env: &Env<'_>, set: u32, effect: Effect) -> Kinds {
    let Some([negated, at, length]) = env.tables.principal_sets.record(set) else { return Kinds::NONE };
    env.spend(super::words::index(length));
    let named = env.with_open_session(named(env.tables, env.call, at, length), negated, at, length);
    let is_spared = match effect {
        _ if negated == 0 => return named,
        Effect::Deny => is_exempt(env, named),
        // `Allow` with `NotPrincipal` (R-PRI-15, lenient): everyone who is not named in any way.
        Effect::Allow => !named.is_empty(),
    };
    if is_spared { Kinds::NONE } else { Kinds::WILDCARD }
}

/// All kinds in which the entries name the requester.
fn named(tables: &Tables<'_>, call: &Call<'_>, at: u32, length: u32) -> Kinds {
    let entries = (at..at.saturating_add(length)).filter_map(|number| tables.principal_entries.record(number));
    entries.fold(Kinds::NONE, |kinds, [kind, symbol]| kinds.union(entry(tables, call, kind, symbol)))
}

#[inline(never)]
fn entry(tables: &Tables<'_>, call: &Call<'_>, kind: u32, symbol: u32) -> Kinds {
    let requester = &call.requester;
    let text = tables.text(symbol);
    let arn_of = |wanted: Kind| requester.arn.filter(|_| requester.kind == wanted);
    let role_arn = || requester.principal_arn(call.scratch).filter(|_| requester.kind == Kind::RoleSession);
    // What the entry has to be, and the kinds in which it then names the requester.
    let (known, kinds) = match kind {
        entry_kind::EVERYONE => return Kinds::WILDCARD,
        entry_kind::ACCOUNT => (requester.account, of_account(requester.kind)),
        entry_kind::ACCOUNT_ROOT => {
            let account = ArnParts::split(text).filter(|parts| requester.partition() == Some(parts.partition));
            let is_account = account.is_some_and(|parts| requester.account == Some(parts.account));
            return if is_account { of_account(requester.kind) } else { Kinds::NONE };
        }
        entry_kind::CANONICAL_USER => {
            let canonical = requester.account_record.and_then(|account| account.canonical_user_id());
            (canonical, of_account(requester.kind))
        }
        entry_kind::USER if requester.kind == Kind::FederatedUser => (requester.issuer_arn, Kinds::USER_OF_FED),
        entry_kind::USER => (arn_of(Kind::User), Kinds::USER),
        entry_kind::ROLE => (role_arn(), Kinds::ROLE),
        entry_kind::GRANTED_ROLE => (role_arn(), Kinds::SESSION),
        entry_kind::SESSION => (arn_of(Kind::RoleSession), Kinds::SESSION),
        entry_kind::FEDERATED_USER => (arn_of(Kind::FederatedUser), Kinds::FEDUSER),
        entry_kind::UNIQUE_ID => (requester.unique_id(), of_unique_id(requester.kind)),
        entry_kind::SERVICE => {
            let Some((name, others)) = call.service_names() else { return Kinds::NONE };
            (Some(if others.contains(&text) { text } else { name }), Kinds::SERVICE)
        }
        entry_kind::FEDERATED => {
            let Principal::FederatedProvider { provider } = call.request.principal else { return Kinds::NONE };
            (Some(provider), Kinds::FEDERATED)
        }
        _ => return Kinds::NONE,
    };
    if known == Some(text) { kinds } else { Kinds::NONE }
}

/// What an account entry means for a requester of that account.
pub(super) fn of_account(kind: Kind) -> Kinds {
    match kind {
        Kind::Root => Kinds::ROOT,
        Kind::User | Kind::RoleSession | Kind::FederatedUser => Kinds::ACCOUNT,
        Kind::Nameless | Kind::Anonymous | Kind::Service | Kind::FederatedProvider => Kinds::NONE,
    }
}

fn of_unique_id(kind: Kind) -> Kinds {
    match kind {
        Kind::User => Kinds::USER,
        Kind::RoleSession => Kinds::ROLE,
        Kind::FederatedUser => Kinds::USER_OF_FED,
        Kind::Nameless | Kind::Root | Kind::Anonymous | Kind::Service | Kind::FederatedProvider => Kinds::NONE,
    }
}

/// Whether a `NotPrincipal` list exempts the requester from a deny (R-PRI-16, R-PRI-17).
fn is_exempt(env: &Env<'_>, named: Kinds) -> bool {
    let requester = &env.call.requester;
    if requester.boundary().is_some() {
        return false;
    }
    if named.meets(Kinds::WILDCARD) {
        return true;
    }
    let levels = env.tables.semantics.notprincipal_levels;
    if levels == NotprincipalLevels::AnyLevel {
        return !named.is_empty();
    }
    let own = match requester.kind {
        Kind::User => named.meets(Kinds::USER),
        Kind::RoleSession => named.meets(Kinds::SESSION) && named.meets(Kinds::ROLE),
        Kind::FederatedUser => named.meets(Kinds::FEDUSER),
        Kind::Root => named.meets(Kinds::ROOT),
        Kind::Service => named.meets(Kinds::SERVICE),
        Kind::FederatedProvider => named.meets(Kinds::FEDERATED),
        Kind::Nameless | Kind::Anonymous => false,
    };
    let with_account = levels == NotprincipalLevels::AllLevels
        && matches!(requester.kind, Kind::User | Kind::RoleSession | Kind::FederatedUser);
    own && (!with_account || named.meets(Kinds::ACCOUNT))
}
