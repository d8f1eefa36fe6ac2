//! Statements of users and roles that can never matter, since a boundary or the service control policies of every
//! principal that has them let none of their actions through.
//!
//! Only what is certain is reported: patterns count as meeting unless they cannot, and conditions of a limit as met.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use hashbrown::HashMap;

use super::actions::Action;
use super::resources::Arn;
use super::{Facts, Linter, cover, errors, glob};
use crate::source::{Diagnostic, Place};
use crate::syntax::ast::{Effect, Polarity};
use crate::terms::Semantics;
use crate::world::World;
use crate::world::model::{Account, Document, DocumentId, Principal, PrincipalKind};

/// Pairs of entries that one run compares at most. Whoever has more has no few statements that one looks at singly.
const PAIRS: usize = 20_000_000;

/// Which policies limit what others allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    Boundary,
    ServiceControl,
}

/// What keeps a statement from mattering.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Limit {
    layer: Layer,
    /// In words, with names.
    text: String,
    place: Option<Place>,
}

/// Documents that limit together: one of them must allow an action.
type Level = Vec<DocumentId>;

/// Reports statements that no principal that has them can use.
pub(super) fn check(world: &World, semantics: Semantics) -> Vec<Diagnostic> {
    let mut linter = Linter::new();
    linter.begin(world.sources.clone(), semantics);
    let mut limits = Limits { world, linter, facts: HashMap::new(), known: HashMap::new(), pairs: PAIRS };
    // Who has a document, and which documents limit what it allows.
    let mut holders = BTreeMap::<DocumentId, Vec<&Principal>>::new();
    for principal in &world.principals {
        let groups = principal.groups.iter().filter_map(|group| world.groups.get(index(group.0)));
        for document in principal.identity.iter().chain(groups.flatten()) {
            holders.entry(*document).or_default().push(principal);
        }
    }
    for (document, principals) in holders {
        limits.document(document, &principals);
    }
    limits.linter.findings
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

struct Limits<'w> {
    world: &'w World,
    linter: Linter,
    facts: HashMap<DocumentId, Rc<Vec<Facts<'w>>>>,
    /// By statement and level: what keeps the statement out, if anything.
    known: HashMap<(DocumentId, usize, Level), Option<Limit>>,
    pairs: usize,
}

impl<'w> Limits<'w> {
    fn get(&self, id: DocumentId) -> Option<&'w Document> {
        self.world.documents.get(index(id.0))
    }

    fn facts(&mut self, id: DocumentId) -> Rc<Vec<Facts<'w>>> {
        if let Some(known) = self.facts.get(&id) {
            return known.clone();
        }
        let document = self.get(id);
        let statements = document.iter().flat_map(|document| &document.policy.statements);
        let facts =
            document.map_or(Vec::new(), |document| statements.map(|tree| self.linter.facts(document, tree)).collect());
        let facts = Rc::new(facts);
        self.facts.insert(id, facts.clone());
        facts
    }

    fn document(&mut self, id: DocumentId, principals: &[&'w Principal]) {
        let Some(document) = self.get(id) else { return };
        // Most worlds have nobody with a limit, and what one principal can use is not looked at for the others.
        if !principals.iter().all(|principal| self.is_limited(principal)) {
            return;
        }
        let statements = self.facts(id);
        for (at, facts) in statements.iter().enumerate().filter(|(_, facts)| facts.is_allow() && !facts.tree.damaged) {
            let mut first = None;
            for principal in principals {
                let Some(limit) = self.limit(id, at, facts, principal) else {
                    first = None;
                    break;
                };
                first.get_or_insert((*principal, limit));
            }
            if let Some((principal, limit)) = first {
                let place = Place { source: document.source, span: facts.tree.span };
                let who = match principals.len() - 1 {
                    0 => principal.arn.clone(),
                    others => format!("{} and {others} more", principal.arn),
                };
                self.linter.report(errors::outside(limit.layer, place, &who, &limit.text, limit.place));
            }
        }
    }

    fn account(&self, principal: &Principal) -> Option<&'w Account> {
        let accounts = &self.world.accounts;
        let at = accounts.binary_search_by(|account| account.id.cmp(&principal.account)).ok()?;
        accounts.get(at)
    }

    /// Whether anything limits what that principal's policies allow.
    fn is_limited(&self, principal: &Principal) -> bool {
        let has_controls = |account: &Account| account.service_control.is_some() && is_controlled(account, principal);
        principal.boundary.is_some() || self.account(principal).is_some_and(has_controls)
    }

    /// What keeps the statement from mattering for that principal.
    fn limit(&mut self, id: DocumentId, at: usize, facts: &Facts<'w>, principal: &'w Principal) -> Option<Limit> {
        if principal.kind == PrincipalKind::FederatedUser {
            return None;
        }
        if let Some(boundary) = principal.boundary {
            let name = &self.get(boundary)?.name;
            let text = format!("no statement of the boundary `{name}` allows any of it");
            let found = self.level(id, at, facts, &vec![boundary], Layer::Boundary, &text);
            if found.is_some() {
                return found;
            }
        }
        let account = self.account(principal).filter(|account| is_controlled(account, principal))?;
        account.service_control.iter().flatten().find_map(|level| {
            let names = level.iter().filter_map(|id| Some(format!("`{}`", self.get(*id)?.name))).collect::<Vec<_>>();
            let text = format!("no service control policy of one level allows any of it ({})", names.join(", "));
            self.level(id, at, facts, level, Layer::ServiceControl, &text)
        })
    }

    fn level(
        &mut self,
        id: DocumentId,
        at: usize,
        facts: &Facts<'w>,
        level: &Level,
        layer: Layer,
        text: &str,
    ) -> Option<Limit> {
        let key = (id, at, level.clone());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let found = self.compare(facts, level, layer, text);
        self.known.insert(key, found.clone());
        found
    }

    fn compare(&mut self, facts: &Facts<'w>, level: &Level, layer: Layer, text: &str) -> Option<Limit> {
        let mut can_pass = false;
        let mut first = None;
        for id in level {
            let document = self.get(*id)?;
            let name = &document.name;
            first.get_or_insert(document.place);
            // What could not be read may allow anything.
            can_pass |= document.policy.damaged;
            let statements = self.facts(*id);
            for (number, other) in statements.iter().enumerate() {
                let cost = (1 + facts.actions.len() + facts.arns.len()) * (1 + other.actions.len() + other.arns.len());
                self.pairs = self.pairs.checked_sub(cost)?;
                can_pass |= other.tree.damaged;
                match other.effect {
                    Some(Effect::Deny) if cover::covers(other, facts) => {
                        let place = Place { source: document.source, span: other.tree.span };
                        let statement = cover::name(other, number);
                        let text = format!("the statement {statement} of `{name}` denies all of it");
                        return Some(Limit { layer, text, place: Some(place) });
                    }
                    Some(Effect::Allow) => can_pass |= can_meet(facts, other),
                    Some(Effect::Deny) => {}
                    None => can_pass = true,
                }
            }
        }
        (!can_pass).then(|| Limit { layer, text: text.to_owned(), place: first })
    }
}

/// R-EVAL-10: whom service control policies do not bind.
fn is_controlled(account: &Account, principal: &Principal) -> bool {
    let is_management = account.membership.as_ref().is_some_and(|membership| membership.management);
    !is_management && !principal.arn.contains(":role/aws-service-role/")
}

/// Whether some request may be in both statements, as far as actions and resources tell.
fn can_meet(own: &Facts<'_>, limit: &Facts<'_>) -> bool {
    let polarity = |facts: &Facts<'_>| facts.tree.action.as_ref().map(|list| list.polarity);
    let (Some(one), Some(other)) = (polarity(own), polarity(limit)) else { return true };
    let is_within =
        |one: &Action, list: &[Arc<Action>]| list.iter().any(|other| cover::action_includes(&other.text, &one.text));
    let do_actions_meet = match (one, other) {
        (Polarity::Positive, Polarity::Positive) => {
            own.actions.iter().any(|one| limit.actions.iter().any(|other| glob::meet(&one.text, &other.text)))
        }
        (Polarity::Positive, Polarity::Negated) => own.actions.iter().any(|one| !is_within(one, &limit.actions)),
        (Polarity::Negated, Polarity::Positive) => limit.actions.iter().any(|other| !is_within(other, &own.actions)),
        (Polarity::Negated, Polarity::Negated) => true,
    };
    do_actions_meet && do_resources_meet(own, limit)
}

fn do_resources_meet(own: &Facts<'_>, limit: &Facts<'_>) -> bool {
    let is_listed =
        |facts: &Facts<'_>| facts.tree.resource.as_ref().is_some_and(|list| list.polarity == Polarity::Positive);
    if !is_listed(own) || !is_listed(limit) {
        return true;
    }
    // A wildcard counts as crossing every colon here, which is more than it does (R-ARN-9).
    let do_meet =
        |one: &Arn, other: &Arn| !one.is_judged() || !other.is_judged() || glob::meet(one.flat(), other.flat());
    own.arns.iter().any(|one| limit.arns.iter().any(|other| do_meet(one, other)))
}
