//! Names of services and actions (R-ACT-1 to R-ACT-6), and whether an action can meet the statement's resources.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use super::nearest::Meant;
use super::resources::Parts;
use super::{Facts, Linter, errors, glob, other_names, positive};
use crate::reference::{self, Service};
use crate::source::Diagnostic;
use crate::syntax::ast::Text;
use crate::world::model::PolicyType;

/// Longest name or pattern that is looked up; longer ones are none of AWS, and take longer to compare.
const NAME_LENGTH: usize = 128;

/// How many forms of resources a finding shows at most.
const SHOWN: usize = 3;

/// What is known of an entry of `Action` or `NotAction`.
#[derive(Debug)]
pub(super) struct Action {
    /// The entry in lower case.
    pub(super) text: String,
    pub(super) kind: Kind,
}

/// What an entry names.
#[derive(Debug)]
pub(super) enum Kind {
    /// Every action.
    Any,
    /// Nothing that can be judged: malformed, of several services, or of a service whose actions nobody lists.
    Unjudged,
    /// A service that does not exist.
    UnknownService(Meant),
    /// Nothing that exists of that service; whole entries that may be meant.
    Unknown(Service<'static>, Meant),
    /// At least one action.
    Known {
        service: Service<'static>,
        actions: Vec<reference::Action<'static>>,
        /// Forms of all resource types that they take, each once.
        forms: Vec<Arc<Parts>>,
    },
}

impl Action {
    /// The actions that exist.
    pub(super) fn known(&self) -> &[reference::Action<'static>] {
        if let Kind::Known { actions, .. } = &self.kind { actions } else { &[] }
    }

    /// Whether the entry matches every action.
    pub(super) fn is_everything(&self) -> bool {
        matches!(self.kind, Kind::Any)
    }

    /// Whether the entry matches that action, given in lower case.
    pub(super) fn grants(&self, action: &str) -> bool {
        matches!(self.kind, Kind::Any) || glob::includes(&self.text, action)
    }
}

/// The actions of a service that a name or pattern, in whatever case, matches.
pub(super) fn matching<'r>(service: Service<'r>, name: &str) -> Vec<reference::Action<'r>> {
    let Some((start, _)) = name.split_once(['*', '?']) else { return service.action(name).into_iter().collect() };
    let pattern = name.to_ascii_lowercase();
    let is_matched = |action: &reference::Action<'_>| glob::includes(&pattern, &action.name().to_ascii_lowercase());
    service.actions(start).filter(is_matched).collect()
}

impl Linter {
    /// What is known of an entry.
    pub(super) fn action(&mut self, text: &Arc<str>) -> Arc<Action> {
        if let Some(known) = self.actions.get(text) {
            return known;
        }
        let before = self.nearest.searches();
        let action = Action { text: text.to_ascii_lowercase(), kind: self.action_kind(text) };
        self.actions.add(text, action, &(before..self.nearest.searches()))
    }

    fn action_kind(&mut self, text: &str) -> Kind {
        let is_stars = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b'*');
        if is_stars(text) {
            return Kind::Any;
        }
        let Some((prefix, name)) = text.split_once(':') else { return Kind::Unjudged };
        if is_stars(prefix) && is_stars(name) {
            return Kind::Any;
        }
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
        let is_name = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b':' | b',');
        if NAME_LENGTH < name.len() {
            return Kind::Unjudged;
        }
        if prefix.is_empty() || name.is_empty() || !prefix.bytes().all(is_plain) || !name.bytes().all(is_name) {
            // Reported by `lower`, or a prefix with wildcards.
            return Kind::Unjudged;
        }
        let Some(service) = self.service(prefix) else {
            return Kind::UnknownService(self.nearest.service(self.reference, prefix, name));
        };
        if !service.has_actions() {
            return Kind::Unjudged;
        }
        let known = matching(service, name);
        if known.is_empty() {
            let permissions = other_names::permissions(text);
            if !permissions.is_empty() {
                return Kind::Unknown(service, Meant::known(permissions.iter().map(|&entry| entry.to_owned())));
            }
            let near = self.nearest.action(service, name).behind(&format!("{prefix}:"));
            if !near.names.is_empty() {
                return Kind::Unknown(service, near);
            }
            let services = self.all_services();
            return Kind::Unknown(service, self.nearest.elsewhere(&services, prefix, name));
        }
        let mut forms = Vec::new();
        let mut seen = HashSet::new();
        for (resource, _) in known.iter().flat_map(|action| action.resources()) {
            if seen.insert(resource.name()) {
                forms.push(self.forms.of(resource));
            }
        }
        Kind::Known { service, actions: known, forms }
    }
}

/// Reports entries that name nothing, and those that cannot meet a resource of the statement.
pub(super) fn check(linter: &mut Linter, facts: &Facts<'_>) {
    let Some(list) = &facts.tree.action else { return };
    for (entry, action) in list.entries.iter().zip(&facts.actions) {
        match &action.kind {
            Kind::Any | Kind::Unjudged => {}
            Kind::UnknownService(meant) => unknown_service(linter, entry, meant),
            Kind::Unknown(service, meant) => unknown(linter, entry, *service, meant),
            Kind::Known { service, .. } => without_rcp(linter, facts, entry, *service),
        }
    }
    wrong_resources(linter, facts);
}

fn unknown_service(linter: &mut Linter, entry: &Text, meant: &Meant) {
    let prefix = entry.text.split(':').next().unwrap_or("");
    let place = linter.part(entry, 0..prefix.len());
    let finding = errors::unknown_service(place, prefix, linter.reference.date(), meant);
    let fixes = meant.certain().map_or(Vec::new(), |meant| linter.replace(entry, 0..entry.text.len(), meant));
    linter.report(Diagnostic { fixes, ..finding });
}

fn unknown(linter: &mut Linter, entry: &Text, service: Service<'_>, meant: &Meant) {
    let prefix = entry.text.split_inclusive(':').next().unwrap_or("");
    let range = prefix.len()..entry.text.len();
    let place = linter.part(entry, range.clone());
    let date = linter.reference.date();
    // Of an action of the same service only the name is written anew.
    let fixes = meant.certain().map_or(Vec::new(), |meant| match meant.strip_prefix(prefix) {
        Some(name) => linter.replace(entry, range, name),
        None => linter.replace(entry, 0..entry.text.len(), meant),
    });
    let finding = if entry.text.contains(['*', '?']) {
        errors::matches_nothing(place, &entry.text, service.title, date, meant)
    } else {
        errors::unknown_action(place, &entry.text, service.title, date, meant)
    };
    linter.report(Diagnostic { fixes, ..finding });
}

/// R-EVAL-13: a resource control policy has no effect on this service.
fn without_rcp(linter: &mut Linter, facts: &Facts<'_>, entry: &Text, service: Service<'_>) {
    if facts.document.policy_type == PolicyType::ResourceControl && !service.supports_rcp {
        let place = linter.part(entry, 0..service.prefix.len());
        linter.report(errors::without_rcp(place, service.title, linter.reference.date()));
    }
}

/// Reports actions none of whose resource types the statement's resources can be of, and resources that none of the
/// actions is about. Where nothing fits, only the resources, which are fewer and what is most likely wrong.
fn wrong_resources(linter: &mut Linter, facts: &Facts<'_>) {
    let entries = positive(facts.tree.resource.as_ref());
    let is_judged = !entries.is_empty() && facts.arns.iter().all(|arn| arn.is_judged());
    let actions = positive(facts.tree.action.as_ref());
    if !is_judged || actions.is_empty() {
        return;
    }
    let (mut used, mut is_complete, mut dead) = (vec![false; entries.len()], true, Vec::new());
    // By form, the resources that can be of it.
    let mut met = HashMap::<*const Parts, Vec<usize>>::new();
    for (entry, action) in actions.iter().zip(&facts.actions) {
        let Kind::Known { service, actions, forms } = &action.kind else {
            is_complete = false;
            continue;
        };
        let mut has_effect = false;
        // AWS itself writes `arn:aws:s3:::*` for the list of all buckets, which is about no single one.
        if service.prefix == "s3" && actions.iter().any(|action| action.resources().next().is_none()) {
            for (used, _) in used.iter_mut().zip(&facts.arns).filter(|(_, arn)| arn.is_every_bucket()) {
                (*used, has_effect) = (true, true);
            }
        }
        for form in forms {
            let meeting = met.entry(Arc::as_ptr(form)).or_insert_with(|| {
                let all = facts.arns.iter().enumerate().filter(|(_, arn)| arn.meets(form));
                all.map(|(at, _)| at).collect()
            });
            for &at in meeting.iter() {
                has_effect = true;
                if let Some(used) = used.get_mut(at) {
                    *used = true;
                }
            }
        }
        if !has_effect {
            if is_documented(action) {
                dead.push((entry, actions));
            } else {
                is_complete = false;
            }
        }
    }
    let (has_dead, is_all_dead) = (!dead.is_empty(), dead.len() == actions.len());
    if !is_all_dead {
        let list = facts.tree.resource.as_ref().map(|list| linter.at(list.span));
        for (entry, actions) in &dead {
            let place = linter.at(entry.span);
            linter.report(errors::wrong_resource(place, &entry.text, list, &taken(actions), facts.effect));
        }
    }
    if is_complete {
        let list = facts.tree.action.as_ref().map(|list| linter.at(list.span));
        // Where some action has no effect, the resource may be the one that was meant for it.
        let wanted = dead.iter().flat_map(|(_, actions)| taken(actions));
        let mut forms = Vec::new();
        for form in wanted {
            if forms.len() < SHOWN && !forms.contains(&form) {
                forms.push(form);
            }
        }
        // What names nothing that exists is reported as that.
        let is_news = |(at, used): &(usize, bool)| !used && facts.arns.get(*at).is_some_and(|arn| !arn.has_problem());
        let unused = used.into_iter().enumerate().filter(is_news).filter_map(|(at, _)| entries.get(at));
        for entry in unused {
            let place = linter.at(entry.span);
            linter.report(if has_dead {
                errors::wrong_type(place, &entry.text, list, &forms)
            } else {
                errors::unused_resource(place, &entry.text, list)
            });
        }
    }
}

/// Whether the reference tells for some action of the service which resources it takes: where a service has resources and
/// none of its actions takes any, that is not known.
fn is_documented(action: &Action) -> bool {
    let Kind::Known { service, forms, .. } = &action.kind else { return false };
    !forms.is_empty()
        || service.resources().next().is_none()
        || service.actions("").any(|action| action.resources().next().is_some())
}

/// Forms of the resources that actions take, some of them.
fn taken(actions: &[reference::Action<'static>]) -> Vec<String> {
    let forms = actions.iter().flat_map(|action| action.resources()).map(|(resource, _)| resource.arn());
    forms.take(SHOWN).collect()
}
