//! From the tree of an organization to what holds for each account: its path and the policies of each level
//! (R-EVAL-8, R-EVAL-9, R-EVAL-12).

use super::errors;
use super::manifest::{Manifest, OrganizationEntry};
use super::model::{DocumentId, Membership};
use super::organization::{Attached, Control, Organization};
use super::read::Spot;
use crate::source::{Diagnostic, Place};
use std::collections::{BTreeMap, BTreeSet};

/// What the organization means for one account.
#[derive(Debug)]
pub(super) struct Levels {
    /// Id and path.
    pub(super) membership: Membership,
    /// SCPs, root first; none where they are not enabled.
    pub(super) service: Option<Vec<Vec<DocumentId>>>,
    /// RCPs, root first; none where they are not enabled.
    pub(super) resource: Option<Vec<Vec<DocumentId>>>,
}

/// Follows every attachment. `full_access` is the document of `p-FullAWSAccess`.
pub(super) fn resolve(
    organization: &Organization,
    entry: &OrganizationEntry,
    full_access: DocumentId,
    findings: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Levels> {
    let mut resolver = Resolver { organization, full_access, used: BTreeSet::new(), findings };
    let seats = resolver.seats();
    resolver.check_management(entry, &seats);
    let mut nodes: Vec<Level> = Vec::with_capacity(organization.nodes.len());
    for node in &organization.nodes {
        resolver.check_empty(&node.attached, &node.id.text, "below it");
        nodes.push(resolver.level(&node.attached));
    }
    let mut own: BTreeMap<&str, Level> = BTreeMap::new();
    for policies in &organization.accounts {
        if !seats.contains_key(policies.account.text.as_str()) && !organization.is_damaged {
            let root = organization.nodes.first().map_or(organization.place, |node| node.id.place);
            resolver.findings.push(errors::account_not_in_tree(&policies.account, root));
        }
        // SCPs do not bind the management account (R-EVAL-8).
        if entry.management.as_ref().is_none_or(|id| id.text != policies.account.text) {
            resolver.check_empty(&policies.attached, &policies.account.text, "in it");
        }
        own.insert(&policies.account.text, resolver.level(&policies.attached));
    }
    let default = Level { service: vec![full_access], resource: Vec::new() };
    resolver.check_unused();
    resolver.check_enabled();
    let mut accounts = BTreeMap::new();
    for (&account, &(seat, _)) in &seats {
        let path = path(organization, seat);
        let mut levels: Vec<&Level> = path.iter().filter_map(|&node| nodes.get(node)).collect();
        levels.push(own.get(account).unwrap_or(&default));
        let of = |control, pick: fn(&Level) -> &Vec<DocumentId>| {
            organization.enabled.contains(&control).then(|| levels.iter().map(|level| pick(level).clone()).collect())
        };
        accounts.insert(
            account.to_owned(),
            Levels {
                membership: membership(organization, entry, account, &path),
                service: of(Control::Service, |level| &level.service),
                resource: of(Control::Resource, |level| &level.resource),
            },
        );
    }
    accounts
}

/// Reports accounts of the manifest that are nowhere in the tree.
pub(super) fn check_outside(organization: &Organization, manifest: &Manifest, findings: &mut Vec<Diagnostic>) {
    let seated: BTreeSet<&str> =
        organization.nodes.iter().flat_map(|node| &node.accounts).map(|account| account.text.as_str()).collect();
    let management = manifest.organization.as_ref().and_then(|entry| entry.management.as_ref());
    let root = organization.nodes.first().map_or(organization.place, |node| node.id.place);
    for account in manifest.accounts.iter().map(|entry| &entry.id) {
        // A management account and one with policies of its own have been reported as errors.
        let is_reported = management.is_some_and(|id| id.text == account.text)
            || organization.accounts.iter().any(|other| other.account.text == account.text);
        if !seated.contains(account.text.as_str()) && !is_reported && !organization.is_damaged {
            findings.push(errors::account_outside(account, root));
        }
    }
}

/// What one level attaches.
#[derive(Debug, Default)]
struct Level {
    service: Vec<DocumentId>,
    resource: Vec<DocumentId>,
}

struct Resolver<'o, 'f> {
    organization: &'o Organization,
    full_access: DocumentId,
    used: BTreeSet<&'o str>,
    findings: &'f mut Vec<Diagnostic>,
}

impl<'o> Resolver<'o, '_> {
    /// For each account the node that holds it; two nodes that claim one account are a finding.
    fn seats(&mut self) -> BTreeMap<&'o str, (usize, Place)> {
        let mut seats: BTreeMap<&str, (usize, Place)> = BTreeMap::new();
        for (number, node) in self.organization.nodes.iter().enumerate() {
            for account in &node.accounts {
                if let Some(&(_, first)) = seats.get(account.text.as_str()) {
                    self.findings.push(errors::two_seats(account.place, &account.text, first));
                } else {
                    seats.insert(&account.text, (number, account.place));
                }
            }
        }
        seats
    }

    fn check_management(&mut self, entry: &OrganizationEntry, seats: &BTreeMap<&str, (usize, Place)>) {
        if let Some(id) = &entry.management
            && !seats.contains_key(id.text.as_str())
            && !self.organization.is_damaged
        {
            let root = self.organization.nodes.first().map_or(self.organization.place, |node| node.id.place);
            self.findings.push(errors::management_not_in_tree(id, root));
        }
    }

    /// Warns of a list of SCPs that is empty: at that level nothing is allowed (R-EVAL-9).
    fn check_empty(&mut self, attached: &Attached, owner: &str, scope: &str) {
        if let Some(list) = attached.get(Control::Service)
            && list.ids.is_empty()
            && self.organization.enabled.contains(&Control::Service)
        {
            self.findings.push(errors::nothing_attached(list.place, owner, scope));
        }
    }

    fn level(&mut self, attached: &'o Attached) -> Level {
        let mut level = Level::default();
        match attached.get(Control::Service) {
            None => level.service.push(self.full_access),
            Some(list) => level.service.extend(list.ids.iter().filter_map(|id| self.find(Control::Service, id))),
        }
        // The default of RCPs is attached everywhere and cannot be detached: only Deny matters (R-EVAL-12).
        let listed = attached.get(Control::Resource).map_or(&[][..], |list| &list.ids);
        level.resource.extend(listed.iter().filter_map(|id| self.find(Control::Resource, id)));
        level
    }

    fn find(&mut self, control: Control, id: &'o Spot) -> Option<DocumentId> {
        if id.text == control.full_access() {
            return (control == Control::Service).then_some(self.full_access);
        }
        if let Some(other) = Control::ALL.into_iter().find(|other| other.full_access() == id.text) {
            self.findings.push(errors::wrong_control(id, control.noun(), other.noun(), None));
            return None;
        }
        let Some(policy) = self.organization.policies.get(&id.text) else {
            if !self.organization.is_damaged {
                let mut policies = self.organization.policies.iter();
                let meant = policies.find(|(_, policy)| policy.name.text == id.text).map(|(meant, _)| meant.as_str());
                self.used.extend(meant);
                let built_in = Control::ALL.into_iter().any(|it| it.full_access().strip_prefix("p-") == Some(&id.text));
                let meant = meant.or_else(|| built_in.then(|| control.full_access()));
                self.findings.push(errors::unknown_control(id, meant));
            }
            return None;
        };
        self.used.insert(&id.text);
        let (found, place) = policy.control?;
        if found != control {
            self.findings.push(errors::wrong_control(id, control.noun(), found.noun(), Some(place)));
            return None;
        }
        policy.document
    }

    /// Reports the first policy of each type that is attached while the type is not enabled.
    fn check_enabled(&mut self) {
        let organization = self.organization;
        let root = organization.nodes.first().map_or(organization.place, |node| node.id.place);
        let of_nodes = organization.nodes.iter().map(|node| &node.attached);
        let all: Vec<&Attached> = of_nodes.chain(organization.accounts.iter().map(|entry| &entry.attached)).collect();
        for control in Control::ALL.into_iter().filter(|control| !organization.enabled.contains(control)) {
            let mut ids = all.iter().filter_map(|attached| attached.get(control)).flat_map(|list| &list.ids);
            // The default goes without saying.
            if let Some(first) = ids.find(|id| id.text != control.full_access()) {
                self.findings.push(errors::type_not_enabled(first.place, control.noun(), control.word(), root));
            }
        }
    }

    fn check_unused(&mut self) {
        for (id, policy) in &self.organization.policies {
            if !self.used.contains(id.as_str()) {
                self.findings.push(errors::unused_control(policy.place, id, &policy.name.text));
            }
        }
    }
}

/// The nodes from the root to `node`.
fn path(organization: &Organization, node: usize) -> Vec<usize> {
    let above = |&node: &usize| organization.nodes.get(node).and_then(|node| node.parent);
    let mut path: Vec<usize> = std::iter::successors(Some(node), above).collect();
    path.reverse();
    path
}

fn membership(organization: &Organization, entry: &OrganizationEntry, account: &str, path: &[usize]) -> Membership {
    let id = entry.id.as_ref().map(|id| id.text.clone());
    let nodes = path.iter().filter_map(|&node| organization.nodes.get(node)).map(|node| node.id.text.as_str());
    let parts: Vec<&str> = id.as_deref().into_iter().chain(nodes).collect();
    let management = entry.management.as_ref().is_some_and(|id| id.text == account);
    Membership { paths: vec![format!("{}/", parts.join("/"))], id, management }
}
