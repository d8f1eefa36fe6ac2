//! From names and ARNs to the model: accounts, principals and resources with everything attached (R-ID-20).

use super::access_keys::{self, KeyEntry, ROOT};
use super::arn::{self, EntityKind};
use super::dump::{Dump, Entity, Managed};
use super::levels;
use super::manifest::Manifest;
use super::model::{
    AccessKey, Account, DocumentId, Endpoint, GroupId, ObjectOwnership, Principal, PrincipalKind, PublicAccessBlock,
    Resource, World,
};
use super::named::Named;
use super::organization::Organization;
use super::quotas::{self, Census};
use super::read::{Mention, Spot};
use super::same::same_policy;
use super::{Library, errors, index, resources};
use crate::source::{Diagnostic, Place, SourceMap};
use crate::value::arn::ArnParts;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that was read; references in it are still text.
#[derive(Debug)]
pub(super) struct Read {
    /// Named policies.
    pub(super) named: Named,
    /// Account dumps, one for each file.
    pub(super) dumps: Vec<Dump>,
    /// The organization.
    pub(super) organization: Option<Organization>,
    /// The policy that allows everything, if there is an organization.
    pub(super) full_access: Option<DocumentId>,
    /// Resources in any order.
    pub(super) resources: Vec<Resource>,
    /// Access keys in any order.
    pub(super) keys: Vec<KeyEntry>,
    /// Policies by number of the endpoint in the manifest, and where they stand.
    pub(super) endpoint_policies: BTreeMap<usize, (DocumentId, Place)>,
    /// Accounts of which a file with users could not be read, which has been reported.
    pub(super) unread_accounts: BTreeSet<String>,
}

/// Makes the world of everything that was read.
pub(super) fn resolve(
    sources: SourceMap,
    library: Library,
    read: Read,
    manifest: &Manifest,
    findings: &mut Vec<Diagnostic>,
) -> World {
    let Read { named, dumps, organization, full_access, mut resources, mut keys, endpoint_policies, .. } = read;
    let mut damaged = read.unread_accounts;
    // Only dumps ask for names.
    let names = if dumps.is_empty() { BTreeSet::new() } else { named.lower_case() };
    let (parts, loose) = by_account(dumps, findings);
    resources.sort_by_key(|resource| resource.place);
    resources::check_unique(&mut resources, findings);
    access_keys::check(&mut keys, findings);
    let mut resolver = Resolver {
        library,
        shared: BTreeMap::new(),
        copies: BTreeMap::new(),
        unique_ids: BTreeMap::new(),
        user_names: BTreeMap::new(),
        clashes: BTreeSet::new(),
        world: World { sources, resources, ..World::default() },
        missing: Vec::new(),
        findings,
    };
    for policy in named.managed.values() {
        resolver.share(policy);
    }
    for policy in &loose {
        resolver.share_loose(policy, &names);
    }
    damaged.extend(parts.iter().filter(|(_, parts)| parts.is_damaged).map(|(id, _)| id.clone()));
    for (id, account) in parts {
        resolver.add_account(&id, account, &names);
    }
    resources::check_overlaps(&resolver.world.resources, resolver.findings);
    resolver.add_declared(manifest);
    if let (Some(organization), Some(entry), Some(full_access)) = (organization, &manifest.organization, full_access) {
        levels::check_outside(&organization, manifest, resolver.findings);
        for (id, levels) in levels::resolve(&organization, entry, full_access, resolver.findings) {
            let account = resolver.account(&id);
            account.membership = Some(levels.membership);
            account.service_control = levels.service;
            account.resource_control = levels.resource;
        }
    }
    resolver.add_keys(keys, manifest, &damaged);
    for (number, id) in manifest.endpoints.iter().enumerate() {
        let policy = endpoint_policies.get(&number).map(|&(policy, _)| policy);
        resolver.world.endpoints.push(Endpoint { id: id.text.clone(), policy });
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
    is_damaged: bool,
    is_incomplete: bool,
    /// Where the first file that is cut off says so.
    truncated: Option<Place>,
}

impl Parts {
    fn add(&mut self, dump: Dump) {
        self.truncated = self.truncated.or(dump.truncation());
        if self.place == Place::default() {
            self.place = dump.place;
        }
        self.users.extend(dump.users);
        self.groups.extend(dump.groups);
        self.roles.extend(dump.roles);
        self.policies.extend(dump.policies);
        self.is_damaged |= dump.is_damaged;
        self.is_incomplete |= dump.is_incomplete;
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
    /// Unique ids of all accounts, which AWS never gives twice.
    unique_ids: BTreeMap<String, Place>,
    /// Names of users, by account and by name in lower case.
    user_names: BTreeMap<String, BTreeMap<String, Spot>>,
    /// Account and name in lower case of users that are left out for a name that is taken, which has been reported.
    clashes: BTreeSet<(String, String)>,
    world: World,
    /// References of the account at hand that lead nowhere.
    missing: Vec<Diagnostic>,
    findings: &'f mut Vec<Diagnostic>,
}

/// The managed policies of one account.
struct Policies {
    own: BTreeMap<String, Managed>,
    /// Whether something was refused that a reference may mean; then an unresolved one is no news.
    is_incomplete: bool,
}

/// A group whose policies are resolved.
struct Group {
    name: Spot,
    /// None: it has no policies.
    id: Option<GroupId>,
    /// Whether another one was left out for its name, which has been reported.
    has_clash: bool,
}

impl Group {
    /// Whether a member may mean this group by that name, which is equal to its own but for case.
    fn is_meant(&self, name: &str) -> bool {
        self.has_clash || self.name.text == name
    }
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
    fn share_loose(&mut self, policy: &Managed, names: &BTreeSet<String>) {
        let mut policy = policy.clone();
        policy.document = policy.document.map(|document| self.one_copy(&policy, document, names));
        self.shared.entry(policy.arn.text.clone()).or_insert(policy);
    }

    /// Returns the document that stands for a policy of AWS: an equal one that is there already, else `document`.
    /// A different one is a warning, and only the first of them can be named by requests.
    fn one_copy(&mut self, policy: &Managed, document: DocumentId, names: &BTreeSet<String>) -> DocumentId {
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
        if (other.is_some() || names.contains(&policy.name.text.to_ascii_lowercase()))
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
    fn own_policies(&mut self, policies: Vec<Managed>, names: &BTreeSet<String>) -> BTreeMap<String, Managed> {
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
                policy.document = Some(self.one_copy(&policy, document, names));
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

    fn add_account(&mut self, id: &str, parts: Parts, names: &BTreeSet<String>) {
        let truncated = parts.truncated;
        self.check_whole(id, &parts);
        let own = self.own_policies(parts.policies, names);
        let policies = Policies { own, is_incomplete: parts.is_incomplete };
        let groups = self.groups(&parts.groups, &policies);
        let mut taken = BTreeMap::new();
        for user in parts.users {
            if claim(EntityKind::User.plural(), &user.name, &mut taken, self.findings) {
                self.add_principal(id, PrincipalKind::User, user, &groups, &policies);
            } else {
                self.clashes.insert((id.to_owned(), user.name.text.to_ascii_lowercase()));
            }
        }
        self.user_names.insert(id.to_owned(), taken);
        let mut taken = BTreeMap::new();
        for role in parts.roles {
            if claim(EntityKind::Role.plural(), &role.name, &mut taken, self.findings) {
                self.add_principal(id, PrincipalKind::Role, role, &groups, &policies);
            }
        }
        self.account(id).identities_known = true;
        let missing = std::mem::take(&mut self.missing);
        match (truncated, missing.first()) {
            (Some(place), Some(first)) => {
                self.findings.push(errors::truncated_references(place, id, missing.len(), first));
            }
            (Some(place), None) => self.findings.push(errors::truncated(place, id)),
            (None, _) => self.findings.extend(missing),
        }
    }

    /// The account of that id, new if need be.
    fn account(&mut self, id: &str) -> &mut Account {
        let accounts = &mut self.world.accounts;
        let at = match accounts.binary_search_by(|account| account.id.as_str().cmp(id)) {
            Ok(at) => at,
            Err(at) => {
                accounts.insert(
                    at,
                    Account {
                        id: id.to_owned(),
                        identities_known: false,
                        membership: None,
                        service_control: None,
                        resource_control: None,
                        canonical_user_id: None,
                        public_access_block: PublicAccessBlock::default(),
                    },
                );
                at
            }
        };
        #[expect(clippy::indexing_slicing, reason = "`at` is that of the account that was found or put in")]
        &mut accounts[at]
    }

    /// Reports what concerns the account as a whole.
    fn check_whole(&mut self, id: &str, parts: &Parts) {
        let profiles = self.check_profiles(&parts.roles);
        let places = |entities: &[Entity]| entities.iter().map(|entity| entity.name.place).collect();
        let mut arns = BTreeSet::new();
        let customer = parts.policies.iter().filter(|it| it.account.is_some() && arns.insert(&it.arn.text));
        let census = Census {
            users: places(&parts.users),
            groups: places(&parts.groups),
            roles: places(&parts.roles),
            policies: customer.map(|policy| policy.name.place).collect(),
            profiles,
        };
        quotas::check_account(id, parts.place, &census, self.findings);
    }

    /// Checks that an instance profile holds one role and that names differ (R-ID-6, R-ID-13); returns where
    /// they stand.
    fn check_profiles(&mut self, roles: &[Entity]) -> Vec<Place> {
        let mut places = Vec::new();
        let mut profiles: BTreeMap<&str, (&Spot, &Spot)> = BTreeMap::new();
        let mut names = BTreeMap::new();
        for role in roles {
            for profile in &role.instance_profiles {
                match profiles.get(profile.arn.text.as_str()) {
                    Some((first, first_role)) => {
                        let (place, name) = (profile.arn.place, &profile.name.text);
                        let (role, first_role) = (&role.name.text, &first_role.text);
                        self.findings.push(errors::profile_roles(place, name, role, first.place, first_role));
                    }
                    None => {
                        claim("instance profiles", &profile.name, &mut names, self.findings);
                        profiles.insert(&profile.arn.text, (&profile.arn, &role.name));
                        places.push(profile.name.place);
                    }
                }
            }
        }
        places
    }

    /// Takes the unique id of a user or role; a second one that is equal is a finding, and both are without one (R-ID-7).
    fn claim_unique_id(&mut self, id: Option<&Spot>) {
        let Some(id) = id else { return };
        if let Some(&first) = self.unique_ids.get(&id.text) {
            self.findings.push(errors::shared_id(id.place, &id.text, first));
            self.world.shared_ids.insert(id.text.clone());
        } else {
            self.unique_ids.insert(id.text.clone(), id.place);
        }
    }

    /// Adds what the manifest says of its accounts.
    fn add_declared(&mut self, manifest: &Manifest) {
        for entry in &manifest.accounts {
            let account = self.account(&entry.id.text);
            account.canonical_user_id.clone_from(&entry.canonical_user_id);
            account.public_access_block = entry.public_access_block;
        }
    }

    /// Resolves whose each access key is. Where a user may have been refused, an unknown one is no news.
    fn add_keys(&mut self, keys: Vec<KeyEntry>, manifest: &Manifest, damaged: &BTreeSet<String>) {
        if keys.is_empty() {
            return;
        }
        let mut users: BTreeMap<(&str, &str), &str> = BTreeMap::new();
        let mut partitions: BTreeMap<&str, &str> = BTreeMap::new();
        for principal in &self.world.principals {
            if let Some(parts) = ArnParts::split(&principal.arn) {
                partitions.insert(&principal.account, parts.partition);
            }
            if principal.kind == PrincipalKind::User {
                let name = principal.arn.rsplit('/').next().unwrap_or_default();
                users.insert((&principal.account, name), &principal.arn);
            }
        }
        let mut resolved = Vec::with_capacity(keys.len());
        for key in keys {
            let Some(entry) = manifest.accounts.get(key.account) else { continue };
            let account = entry.id.text.as_str();
            let principal = if key.user.text == ROOT {
                let partition = partitions.get(account).copied().unwrap_or("aws");
                format!("arn:{partition}:iam::{account}:root")
            } else if let Some(arn) = users.get(&(account, key.user.text.as_str())) {
                (*arn).to_owned()
            } else {
                let clash = (account.to_owned(), key.user.text.to_ascii_lowercase());
                if !damaged.contains(account) && !self.clashes.contains(&clash) {
                    let names = self.user_names.get(account);
                    let near = names.and_then(|names| names.get(&clash.1));
                    self.findings.push(errors::unknown_user(&key.user, account, near));
                }
                continue;
            };
            resolved.push(AccessKey { id: key.id.text, principal, active: key.is_active });
        }
        self.world.access_keys = resolved;
    }

    /// Resolves the groups of an account, by name in lower case.
    fn groups(&mut self, entities: &[Entity], policies: &Policies) -> BTreeMap<String, Group> {
        let mut taken = BTreeMap::new();
        let mut groups = BTreeMap::new();
        for entity in entities {
            let key = entity.name.text.to_ascii_lowercase();
            if !claim(EntityKind::Group.plural(), &entity.name, &mut taken, self.findings) {
                groups.entry(key).and_modify(|group: &mut Group| group.has_clash = true);
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
            let number = u32::try_from(self.world.groups.len()).unwrap_or(u32::MAX);
            let id = (!identity.is_empty()).then_some(GroupId(number));
            if id.is_some() {
                self.world.groups.push(identity);
            }
            groups.insert(key, Group { name: entity.name.clone(), id, has_clash: false });
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

    fn boundary(&mut self, arn: &Mention, entity: &Entity, policies: &Policies) -> Option<DocumentId> {
        let found = self.find(policies, &arn.text).map(|policy| policy.document);
        if found.is_none() {
            self.miss(policies, errors::unresolved_boundary(arn.place, &arn.text, &entity.describe()));
        }
        found.flatten()
    }

    /// Reports a reference to nothing, unless what it means may have been refused.
    fn miss(&mut self, policies: &Policies, finding: Diagnostic) {
        if !policies.is_incomplete {
            self.missing.push(finding);
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
        self.claim_unique_id(entity.unique_id.as_ref());
        if kind == PrincipalKind::Role {
            check_role(&entity, self.findings);
        }
        let identity = self.identity_policies(&entity, policies);
        let mut inherited = Vec::new();
        for name in &entity.groups {
            match groups.get(&name.text.to_ascii_lowercase()) {
                Some(group) if group.is_meant(&name.text) => inherited.extend(group.id),
                other => {
                    let near = other.map(|group| &group.name);
                    self.miss(policies, errors::unknown_group(name.place, &name.text, &entity.name.text, near));
                }
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
            unique_id: entity.unique_id.map(|id| id.text),
            identity,
            groups: inherited,
            boundary,
            tags: entity.tags,
            instance_profiles: entity.instance_profiles.into_iter().map(|profile| profile.arn.text).collect(),
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
        for identity in world.principals.iter_mut().map(|it| &mut it.identity).chain(&mut world.groups) {
            identity.iter_mut().for_each(renumber);
            identity.sort_unstable();
            identity.dedup();
        }
        for principal in &mut world.principals {
            principal.boundary.iter_mut().for_each(renumber);
            principal.unique_id = principal.unique_id.take().filter(|id| !world.shared_ids.contains(id));
            principal.groups.sort_unstable();
            principal.groups.dedup();
        }
        for resource in &mut world.resources {
            resource.policy.iter_mut().for_each(renumber);
        }
        for endpoint in &mut world.endpoints {
            endpoint.policy.iter_mut().for_each(renumber);
        }
        for account in &mut world.accounts {
            let levels = account.service_control.iter_mut().chain(&mut account.resource_control);
            for level in levels.flatten() {
                level.iter_mut().for_each(renumber);
                level.sort_unstable();
                level.dedup();
            }
        }
        world.endpoints.sort_by(|left, right| left.id.cmp(&right.id));
        world.access_keys.sort_by(|left, right| left.id.cmp(&right.id));
        world.principals.sort_by(|left, right| left.arn.cmp(&right.arn));
        world.resources.sort_by(|left, right| left.arn.cmp(&right.arn));
        world
    }
}

/// Reports what a role cannot have or do without (R-ID-4, R-ID-14).
fn check_role(role: &Entity, findings: &mut Vec<Diagnostic>) {
    const SERVICE_LINKED: &str = "/aws-service-role/";
    let (name, place) = (&role.name.text, role.name.place);
    if role.trust.is_none() && !role.is_trust_refused {
        findings.push(errors::no_trust_policy(place, name));
    }
    let path = arn::parse_entity(&role.arn.text, EntityKind::Role).map_or("", |parts| parts.path);
    let Some(service) = path.strip_prefix(SERVICE_LINKED) else { return };
    let service = service.trim_end_matches('/');
    if service.contains('/') || !service.contains(".amazonaws.com") {
        findings.push(errors::service_linked_path(role.arn.place, name));
    }
    if let Some(boundary) = &role.boundary {
        findings.push(errors::service_linked_boundary(boundary.place, name, place));
    }
}

/// A role as a resource: its trust policy governs who may assume it.
fn role_resource(account: &str, role: &Entity, trust: DocumentId) -> Resource {
    Resource {
        arn: role.arn.text.clone(),
        // Exactly the role: its path may hold characters that a pattern would take for wildcards (R-ID-6).
        covers: Vec::new(),
        below: &[],
        account: Some(account.to_owned()),
        policy: Some(trust),
        acl: None,
        object_acl: None,
        object_owner: None,
        object_ownership: ObjectOwnership::default(),
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
