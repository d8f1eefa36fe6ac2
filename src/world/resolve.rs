//! From names and ARNs to the model: accounts, principals and resources with everything attached (R-ID-20).

use super::arn::EntityKind;
use super::dump::{Dump, Entity, Managed};
use super::model::{Account, DocumentId, Principal, PrincipalKind, PublicAccessBlock, Resource, World};
use super::named::Named;
use super::quotas::{self, Counts};
use super::read::Spot;
use super::same::same_policy;
use super::{Library, errors, index};
use crate::source::{Diagnostic, Place, SourceMap};
use std::collections::{BTreeMap, BTreeSet};

/// Makes the world of everything that was read.
pub(super) fn resolve(
    sources: SourceMap,
    library: Library,
    named: &Named,
    dumps: Vec<Dump>,
    findings: &mut Vec<Diagnostic>,
) -> World {
    let (parts, loose) = by_account(dumps, findings);
    let mut resolver = Resolver {
        library,
        shared: BTreeMap::new(),
        copies: BTreeMap::new(),
        world: World { sources, ..World::default() },
        findings,
    };
    for policy in named.managed.values() {
        resolver.share(policy);
    }
    for policy in &loose {
        resolver.share_loose(policy, named);
    }
    for (id, account) in parts {
        resolver.add_account(&id, account, named);
    }
    resolver.finish()
}

/// Everything that the input says about one account.
#[derive(Debug, Default)]
struct Parts {
    place: Place,
    users: Vec<Entity>,
    groups: Vec<Entity>,
    roles: Vec<Entity>,
    policies: Vec<Managed>,
    is_incomplete: bool,
    truncated: Vec<(bool, Place)>,
}

impl Parts {
    fn add(&mut self, dump: Dump) {
        if self.place == Place::default() {
            self.place = dump.place;
        }
        self.users.extend(dump.users);
        self.groups.extend(dump.groups);
        self.roles.extend(dump.roles);
        self.policies.extend(dump.policies);
        self.is_incomplete |= dump.is_incomplete;
        self.truncated.extend(dump.truncated);
    }
}

/// Puts the files of one account together. Pages that name no account hold policies of AWS only: they belong to the
/// one account that there is, else to nobody in particular and are returned beside.
fn by_account(dumps: Vec<Dump>, findings: &mut Vec<Diagnostic>) -> (BTreeMap<String, Parts>, Vec<Managed>) {
    let mut parts: BTreeMap<String, Parts> = BTreeMap::new();
    let mut loose = Vec::new();
    for dump in dumps {
        match &dump.account {
            Some((id, _)) => parts.entry(id.clone()).or_default().add(dump),
            None => loose.push(dump),
        }
    }
    let mut shared = Vec::new();
    for dump in loose {
        let mut accounts = parts.values_mut();
        match (accounts.next(), accounts.next()) {
            (Some(only), None) => only.add(dump),
            _ if dump.policies.is_empty() && !dump.is_damaged => findings.push(errors::empty_dump(dump.place)),
            _ => shared.extend(dump.policies),
        }
    }
    (parts, shared)
}

struct Resolver<'f> {
    library: Library,
    /// Managed policies that belong to no dump of an account, by ARN.
    shared: BTreeMap<String, Managed>,
    /// The different documents of each policy that no customer owns, by ARN.
    copies: BTreeMap<String, Vec<DocumentId>>,
    world: World,
    findings: &'f mut Vec<Diagnostic>,
}

/// The managed policies of one account.
struct Policies {
    own: BTreeMap<String, Managed>,
    /// Whether something was refused that a reference may mean; then an unresolved one is no news.
    is_incomplete: bool,
}

/// A group with its policies resolved.
struct Group {
    name: Spot,
    identity: Vec<DocumentId>,
}

impl Resolver<'_> {
    // ---- managed policies ----

    /// Makes a policy line with an ARN available to every account.
    fn share(&mut self, policy: &Managed) {
        if let Some(document) = policy.document {
            self.copies.entry(policy.arn.text.clone()).or_default().push(document);
        }
        self.shared.insert(policy.arn.text.clone(), policy.clone());
    }

    /// Makes a policy of a dump without an account available to every account.
    fn share_loose(&mut self, policy: &Managed, named: &Named) {
        let mut policy = policy.clone();
        policy.document = policy.document.map(|document| self.one_copy(&policy, document, named));
        self.shared.entry(policy.arn.text.clone()).or_insert(policy);
    }

    /// Returns the document that stands for a policy of AWS: an equal one that is there already, else `document`.
    /// A different one is a warning, and only the first of them can be named by requests.
    fn one_copy(&mut self, policy: &Managed, document: DocumentId, named: &Named) -> DocumentId {
        let arn = &policy.arn.text;
        let others = self.copies.get(arn).cloned().unwrap_or_default();
        if let Some(&equal) = others.iter().find(|&&other| self.are_equal(Some(other), Some(document))) {
            self.library.drop_copy(document);
            return equal;
        }
        let other = others.first().and_then(|&other| self.library.get(other)).map(|other| other.place);
        if let Some(other) = other {
            self.findings.push(errors::differing_copy(policy.arn.place, arn, other));
        }
        if (other.is_some() || named.has(&policy.name.text))
            && let Some(document) = self.library.get_mut(document)
        {
            document.named = false;
        }
        self.copies.entry(arn.clone()).or_default().push(document);
        document
    }

    /// Whether two documents say the same; one that could not be read is equal to all, since that has been reported.
    fn are_equal(&self, left: Option<DocumentId>, right: Option<DocumentId>) -> bool {
        let left = left.and_then(|id| self.library.get(id));
        let right = right.and_then(|id| self.library.get(id));
        left.zip(right).is_none_or(|(left, right)| same_policy(&left.policy, &right.policy))
    }

    /// Collects the policies of an account; two of one name or one ARN are findings.
    fn own_policies(&mut self, policies: Vec<Managed>, named: &Named) -> BTreeMap<String, Managed> {
        let mut own: BTreeMap<String, Managed> = BTreeMap::new();
        let mut taken: BTreeMap<String, Spot> = BTreeMap::new();
        for mut policy in policies {
            let arn = policy.arn.text.clone();
            if let Some(first) = own.get(&arn) {
                if self.are_equal(first.document, policy.document) {
                    policy.document.into_iter().for_each(|document| self.library.drop_copy(document));
                } else {
                    let place = policy.arn.place;
                    self.findings.push(errors::conflicting_policies(place, &arn, first.arn.place));
                }
                continue;
            }
            if policy.account.is_some() {
                claim("managed policies", &policy.name, &mut taken, self.findings);
                self.compare_with_line(&policy);
            } else if let Some(document) = policy.document {
                policy.document = Some(self.one_copy(&policy, document, named));
            }
            own.insert(arn, policy);
        }
        own
    }

    /// Warns of a policy line that differs from the account's own copy, which holds.
    fn compare_with_line(&mut self, policy: &Managed) {
        if let Some(line) = self.shared.get(&policy.arn.text)
            && !self.are_equal(line.document, policy.document)
        {
            let place = policy.arn.place;
            self.findings.push(errors::differing_copy(place, &policy.arn.text, line.arn.place));
        }
    }

    fn find<'a>(&'a self, policies: &'a Policies, arn: &str) -> Option<&'a Managed> {
        policies.own.get(arn).or_else(|| self.shared.get(arn))
    }

    // ---- accounts ----

    fn add_account(&mut self, id: &str, parts: Parts, named: &Named) {
        self.check_whole(id, &parts);
        let own = self.own_policies(parts.policies, named);
        let policies = Policies { own, is_incomplete: parts.is_incomplete };
        let groups = self.groups(&parts.groups, &policies);
        let mut taken = BTreeMap::new();
        for user in parts.users {
            if claim(EntityKind::User.plural(), &user.name, &mut taken, self.findings) {
                self.add_principal(id, PrincipalKind::User, user, &groups, &policies);
            }
        }
        let mut taken = BTreeMap::new();
        for role in parts.roles {
            if claim(EntityKind::Role.plural(), &role.name, &mut taken, self.findings) {
                self.add_principal(id, PrincipalKind::Role, role, &groups, &policies);
            }
        }
        self.world.accounts.push(Account {
            id: id.to_owned(),
            identities_known: true,
            membership: None,
            service_control: None,
            resource_control: None,
            canonical_user_id: None,
            public_access_block: PublicAccessBlock::default(),
        });
    }

    fn check_whole(&mut self, id: &str, parts: &Parts) {
        let is_complete = parts.truncated.is_empty() || parts.truncated.iter().any(|&(truncated, _)| !truncated);
        if let Some(&(_, place)) = parts.truncated.last().filter(|_| !is_complete) {
            self.findings.push(errors::truncated(place, id));
        }
        let profiles: BTreeSet<&String> = parts.roles.iter().flat_map(|role| &role.instance_profiles).collect();
        let customer: BTreeSet<&String> =
            parts.policies.iter().filter(|it| it.account.is_some()).map(|it| &it.arn.text).collect();
        let counts = Counts {
            users: parts.users.len(),
            groups: parts.groups.len(),
            roles: parts.roles.len(),
            policies: customer.len(),
            profiles: profiles.len(),
        };
        quotas::check_account(id, parts.place, counts, self.findings);
    }

    /// Resolves the groups of an account, by name in lower case.
    fn groups(&mut self, entities: &[Entity], policies: &Policies) -> BTreeMap<String, Group> {
        let mut taken = BTreeMap::new();
        let mut groups = BTreeMap::new();
        for entity in entities {
            if !claim(EntityKind::Group.plural(), &entity.name, &mut taken, self.findings) {
                continue;
            }
            if let Some(outer) = entity.groups.first() {
                self.findings.push(errors::nested_group(outer.place, &entity.name.text));
            }
            if let Some(boundary) = &entity.boundary {
                self.findings.push(errors::group_boundary(boundary.place, &entity.name.text));
            }
            quotas::check_entity(entity, self.findings);
            let identity = self.identity_policies(entity, policies);
            groups.insert(entity.name.text.to_ascii_lowercase(), Group { name: entity.name.clone(), identity });
        }
        groups
    }

    /// Own policies of an entity: inline ones and the default versions of attached ones.
    fn identity_policies(&mut self, entity: &Entity, policies: &Policies) -> Vec<DocumentId> {
        let mut identity = entity.inline.clone();
        for arn in &entity.attached {
            match self.find(policies, &arn.text) {
                Some(policy) => identity.extend(policy.document),
                None => self.miss(policies, errors::unresolved_policy(arn.place, &arn.text, &entity.describe())),
            }
        }
        identity
    }

    fn boundary(&mut self, arn: &Spot, entity: &Entity, policies: &Policies) -> Option<DocumentId> {
        let found = self.find(policies, &arn.text).map(|policy| policy.document);
        if found.is_none() {
            self.miss(policies, errors::unresolved_boundary(arn.place, &arn.text, &entity.describe()));
        }
        found.flatten()
    }

    /// Reports a reference to nothing, unless what it means may have been refused.
    fn miss(&mut self, policies: &Policies, finding: Diagnostic) {
        if !policies.is_incomplete {
            self.findings.push(finding);
        }
    }

    fn add_principal(
        &mut self,
        account: &str,
        kind: PrincipalKind,
        entity: Entity,
        groups: &BTreeMap<String, Group>,
        policies: &Policies,
    ) {
        quotas::check_entity(&entity, self.findings);
        let mut identity = self.identity_policies(&entity, policies);
        for name in &entity.groups {
            match groups.get(&name.text.to_ascii_lowercase()) {
                Some(group) if group.name.text == name.text => identity.extend(&group.identity),
                _ => self.miss(policies, errors::unknown_group(name.place, &name.text, &entity.name.text)),
            }
        }
        let boundary = match &entity.boundary {
            Some(arn) => self.boundary(arn, &entity, policies),
            None => None,
        };
        if let Some(trust) = entity.trust {
            self.world.resources.push(role_resource(account, &entity, trust));
        }
        self.world.principals.push(Principal {
            kind,
            arn: entity.arn.text,
            account: account.to_owned(),
            unique_id: entity.unique_id,
            identity,
            boundary,
            tags: entity.tags,
        });
    }

    // ---- order ----

    /// Numbers documents by text and position and sorts everything else by its key.
    fn finish(self) -> World {
        let Self { library, mut world, .. } = self;
        let mut order: Vec<usize> = Vec::with_capacity(library.documents.len());
        order.extend((0..library.documents.len()).filter(|&at| library.documents.get(at).is_some_and(Option::is_some)));
        let key = |&at: &usize| {
            let document = library.documents.get(at).and_then(Option::as_ref);
            document.map(|document| (document.source, document.place.span, document.name.as_str()))
        };
        order.sort_by(|left, right| key(left).cmp(&key(right)));
        let mut numbers = vec![DocumentId(u32::MAX); library.documents.len()];
        for (number, &at) in (0_u32..).zip(&order) {
            if let Some(slot) = numbers.get_mut(at) {
                *slot = DocumentId(number);
            }
        }
        let renumber = |id: &mut DocumentId| {
            if let Some(&number) = numbers.get(index(*id)) {
                *id = number;
            }
        };
        let mut documents = library.documents;
        world.documents = order.iter().filter_map(|&at| documents.get_mut(at).and_then(Option::take)).collect();
        for principal in &mut world.principals {
            principal.identity.iter_mut().for_each(renumber);
            principal.identity.sort_unstable();
            principal.identity.dedup();
            principal.boundary.iter_mut().for_each(renumber);
        }
        for resource in &mut world.resources {
            resource.policy.iter_mut().for_each(renumber);
        }
        world.principals.sort_by(|left, right| left.arn.cmp(&right.arn));
        world.resources.sort_by(|left, right| left.arn.cmp(&right.arn));
        world
    }
}

/// A role as a resource: its trust policy governs who may assume it.
fn role_resource(account: &str, role: &Entity, trust: DocumentId) -> Resource {
    Resource {
        arn: role.arn.text.clone(),
        // Exactly the role: its path may hold characters that a pattern would take for wildcards (R-ID-6).
        covers: Vec::new(),
        account: Some(account.to_owned()),
        policy: Some(trust),
        acl: None,
        object_acl: None,
        object_owner: None,
        object_ownership: super::model::ObjectOwnership::default(),
        public_access_block: PublicAccessBlock::default(),
        grants: Vec::new(),
        place: role.name.place,
    }
}

/// Takes a name in an account; another that is equal ignoring case is a finding (R-ID-6).
fn claim(noun: &str, name: &Spot, names: &mut BTreeMap<String, Spot>, findings: &mut Vec<Diagnostic>) -> bool {
    if let Some(first) = names.get(&name.text.to_ascii_lowercase()) {
        findings.push(errors::duplicate_name(name.place, noun, &name.text, first.place, &first.text));
        return false;
    }
    names.insert(name.text.to_ascii_lowercase(), name.clone());
    true
}
