//! The roles of an artifact, and whom their trust policies can mean.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::runtime::{
    Entry, Identity, IdentityKind, Principal, Reading, Request, SessionName, Sight, StatementSight, Tables,
};
use crate::terms::{Effect, Layer};

use super::model::{Node, NodeKind};
use super::source::Actor;
use super::spell::permission_set;

/// Actions by which a role is assumed.
pub(super) const ASSUME_ROLE: &str = "sts:AssumeRole";
/// The same of a SAML provider.
pub(super) const ASSUME_WITH_SAML: &str = "sts:AssumeRoleWithSAML";
/// The same of an OIDC provider.
pub(super) const ASSUME_WITH_WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";

/// The action that hands a role to a service.
pub(super) const PASS_ROLE: &str = "iam:PassRole";

/// A role.
#[derive(Debug)]
pub(super) struct Role<'a> {
    /// What the artifact knows of it.
    pub(super) identity: Identity<'a>,
    /// Services that its trust policy names in an `Allow`.
    pub(super) services: BTreeSet<&'a str>,
    /// Whether its trust policy has an `Allow` for `iam:PassRole`, which only lenient reading tolerates.
    hands_itself_on: bool,
}

/// All roles, and an index from what trust policies name to the roles whose trust policies name it.
///
/// The index never misses a role that a principal can assume: an `Allow` matches only whom its entries name, and those
/// that name everyone, or all but some, are asked for every principal.
#[derive(Debug)]
pub(super) struct Roles<'a> {
    /// The artifact.
    pub(super) tables: &'a Tables<'a>,
    /// Sorted by ARN.
    pub(super) list: Vec<Role<'a>>,
    by_arn: BTreeMap<&'a str, usize>,
    by_lookup: BTreeMap<&'a str, usize>,
    /// Account ids, ARNs, unique ids, beginnings of session ARNs, services, providers.
    trusting: BTreeMap<&'a str, Vec<usize>>,
    trusting_everyone: Vec<usize>,
    /// By account, the roles that name a service.
    of_services: BTreeMap<&'a str, Vec<usize>>,
    /// All providers that trust policies name.
    pub(super) providers: BTreeSet<&'a str>,
}

impl<'a> Roles<'a> {
    /// Reads all trust policies once.
    pub(super) fn new(tables: &'a Tables<'a>) -> Self {
        let mut identities: Vec<_> = tables.identities().filter(|it| it.kind == IdentityKind::Role).collect();
        identities.sort_unstable_by_key(|identity| identity.arn);
        let mut roles = Self {
            tables,
            list: Vec::with_capacity(identities.len()),
            by_arn: BTreeMap::new(),
            by_lookup: BTreeMap::new(),
            trusting: BTreeMap::new(),
            trusting_everyone: Vec::new(),
            of_services: BTreeMap::new(),
            providers: BTreeSet::new(),
        };
        for (number, identity) in identities.into_iter().enumerate() {
            roles.add(number, identity);
        }
        roles
    }

    fn add(&mut self, number: usize, identity: Identity<'a>) {
        self.by_arn.insert(identity.arn, number);
        self.by_lookup.insert(identity.lookup, number);
        let trusted = trusted(self.tables, identity.arn);
        if trusted.contains(&Trusted::Everyone) {
            self.trusting_everyone.push(number);
        }
        let mut services = BTreeSet::new();
        for trusted in trusted {
            let name = match trusted {
                Trusted::Everyone => continue,
                Trusted::Name(name) => name,
                Trusted::Provider(name) => {
                    self.providers.insert(name);
                    name
                }
                Trusted::Service(name) => {
                    services.insert(name);
                    name
                }
            };
            let list = self.trusting.entry(name).or_default();
            if list.last() != Some(&number) {
                list.push(number);
            }
        }
        if !services.is_empty() {
            self.of_services.entry(identity.account).or_default().push(number);
        }
        let hands_itself_on = !guards(self.tables, identity.arn, &[PASS_ROLE]).is_empty();
        self.list.push(Role { identity, services, hands_itself_on });
    }

    /// The role with that ARN.
    pub(super) fn find(&self, arn: &str) -> Option<usize> {
        self.by_arn.get(arn).copied()
    }

    /// The role of a session's ARN without the session.
    pub(super) fn find_lookup(&self, lookup: &str) -> Option<usize> {
        self.by_lookup.get(lookup).copied()
    }

    /// The role with that number.
    pub(super) fn get(&self, number: usize) -> Option<&Role<'a>> {
        self.list.get(number)
    }

    /// Roles that are worth asking for: whose trust policies can mean the principal.
    ///
    /// Where a trust policy means it as one of its account only, its own policies have to allow as well (R-EVAL-28,
    /// R-EVAL-22): a role that they cannot match is left out.
    pub(super) fn trusting(&self, actor: &Actor, action: &str) -> BTreeSet<usize> {
        let named = actor.names().filter_map(|name| self.trusting.get(name)).flatten();
        let mut all: BTreeSet<usize> = named.chain(&self.trusting_everyone).copied().collect();
        let lists = actor.account_names(self.tables).filter_map(|name| self.trusting.get(name)).flatten();
        match actor.own_resources(self.tables, action) {
            None => all.extend(lists),
            Some(resources) => {
                let allowed: BTreeSet<usize> = resources.iter().filter_map(|arn| self.find(arn)).collect();
                all.extend(lists.filter(|role| allowed.contains(role)));
            }
        }
        all
    }

    /// Roles of the principal's account that name a service, and that are worth asking for: its own policies have to
    /// allow that they are handed on, unless the trust policy does.
    pub(super) fn of_services(&self, actor: &Actor) -> Vec<usize> {
        let account = actor.account.as_deref().unwrap_or("");
        let list = self.of_services.get(account).map(Vec::as_slice).unwrap_or_default();
        let Some(resources) = actor.own_resources(self.tables, PASS_ROLE) else { return list.to_vec() };
        let allowed: BTreeSet<usize> = resources.iter().filter_map(|arn| self.find(arn)).collect();
        let is_worth =
            |number: &usize| allowed.contains(number) || self.get(*number).is_some_and(|role| role.hands_itself_on);
        list.iter().copied().filter(is_worth).collect()
    }

    /// The node of a role.
    pub(super) fn node(&self, number: usize) -> Option<Node> {
        let role = self.get(number)?;
        let identity = &role.identity;
        let set = permission_set(identity.arn);
        let name = set.or_else(|| identity.arn.rsplit('/').next()).unwrap_or(identity.arn);
        Some(Node {
            id: identity.arn.to_owned(),
            arn: Some(identity.arn.to_owned()),
            name: name.to_owned(),
            kind: kind_of(identity, role.services.is_empty()),
            account: Some(identity.account.to_owned()),
            permission_set: set.map(str::to_owned),
            instance_profiles: self.tables.instance_profiles(identity).map(str::to_owned).collect(),
        })
    }
}

#[expect(clippy::fn_params_excessive_bools, reason = "one fact of a role")]
fn kind_of(identity: &Identity<'_>, names_no_service: bool) -> NodeKind {
    if identity.service_linked {
        NodeKind::ServiceLinkedRole
    } else if permission_set(identity.arn).is_some() {
        NodeKind::IdentityCenterRole
    } else if names_no_service {
        NodeKind::Role
    } else {
        NodeKind::ServiceRole
    }
}

/// Whom a trust policy's `Allow` can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trusted<'a> {
    /// `"*"`, `NotPrincipal`, or something rare.
    Everyone,
    /// Account, ARN, unique id.
    Name(&'a str),
    /// A service.
    Service(&'a str),
    /// An identity provider.
    Provider(&'a str),
}

/// Guards of the `Allow` statements of a role's trust policy for these actions.
fn guards(tables: &Tables<'_>, arn: &str, actions: &[&str]) -> BTreeSet<u32> {
    let guards = RefCell::new(BTreeSet::new());
    let sink = |sight: Sight| {
        if let Sight::Statement(StatementSight { layer: Layer::Resource, effect: Effect::Allow, guard, .. }) = sight {
            guards.borrow_mut().insert(guard);
        }
    };
    for action in actions {
        let request = Request::new(Principal::Anonymous, action, arn);
        // A role's ARN and these actions make a request that cannot be refused.
        let _ = tables.survey(&request, SessionName::Fixed, &[Reading::Unguarded], &sink);
    }
    guards.into_inner()
}

/// Everybody whom the trust policy of a role can mean, whatever its conditions say.
fn trusted<'a>(tables: &Tables<'a>, arn: &str) -> BTreeSet<Trusted<'a>> {
    let mut all = BTreeSet::new();
    let guards = guards(tables, arn, &[ASSUME_ROLE, ASSUME_WITH_SAML, ASSUME_WITH_WEB_IDENTITY]);
    for (negated, entries) in guards.into_iter().filter_map(|guard| tables.entries_of(guard)) {
        if negated {
            all.insert(Trusted::Everyone);
            continue;
        }
        all.extend(entries.map(|entry| match entry {
            Entry::Everyone | Entry::Other(_) => Trusted::Everyone,
            Entry::Account(name) | Entry::Identity(name) => Trusted::Name(name),
            Entry::Session(arn) => Trusted::Name(arn.rsplit_once('/').map_or(arn, |(role, _)| role)),
            Entry::Service(name) => Trusted::Service(name),
            Entry::Federated(name) => Trusted::Provider(name),
        }));
    }
    all
}

/// The permission set of the role that a session of the artifact is one of, if Identity Center made it (R-ID-16).
///
/// Costs a look at every principal.
pub fn permission_set_of_session<'a>(tables: &Tables<'a>, session_arn: &str) -> Option<&'a str> {
    let (lookup, _) = session_arn.rsplit_once('/')?;
    let mut identities = tables.identities().filter(|identity| identity.kind == IdentityKind::Role);
    identities.find(|identity| identity.lookup == lookup).and_then(|identity| permission_set(identity.arn))
}

/// How many principals of each kind an artifact has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KindCounts {
    /// Users.
    pub users: usize,
    /// Roles of none of the kinds below.
    pub roles: usize,
    /// Roles of permission sets (R-ID-16).
    pub identity_center_roles: usize,
    /// Service-linked roles (R-ID-14).
    pub service_linked_roles: usize,
    /// Roles whose trust policies name a service (R-ID-13).
    pub service_roles: usize,
    /// Roles of any kind that an instance profile holds.
    pub instance_profile_roles: usize,
    /// Federated users.
    pub federated_users: usize,
}

/// Counts the principals of an artifact by kind. Costs a look at every role's trust policy.
pub fn kinds(tables: &Tables<'_>) -> KindCounts {
    let mut counts = KindCounts::default();
    for identity in tables.identities() {
        match identity.kind {
            IdentityKind::User => counts.users += 1,
            IdentityKind::FederatedUser => counts.federated_users += 1,
            IdentityKind::Role => {
                let is_service = |trusted: &Trusted<'_>| matches!(trusted, Trusted::Service(_));
                let names_no_service = !trusted(tables, identity.arn).iter().any(is_service);
                match kind_of(&identity, names_no_service) {
                    NodeKind::IdentityCenterRole => counts.identity_center_roles += 1,
                    NodeKind::ServiceLinkedRole => counts.service_linked_roles += 1,
                    NodeKind::ServiceRole => counts.service_roles += 1,
                    NodeKind::Role
                    | NodeKind::User
                    | NodeKind::Root
                    | NodeKind::FederatedUser
                    | NodeKind::Service
                    | NodeKind::Provider
                    | NodeKind::Anonymous => counts.roles += 1,
                }
                counts.instance_profile_roles += usize::from(tables.instance_profiles(&identity).next().is_some());
            }
        }
    }
    counts
}
