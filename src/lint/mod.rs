//! What a policy says that its author can hardly have meant: names that do not exist, parts without effect, grants
//! that are wider than they look.
//!
//! Comes in: a [`World`] whose documents are parsed trees. Goes out: findings, every one of them made in `errors`; none
//! is an error, since a policy with such findings still has a meaning. Nothing here changes what is compiled, and
//! `compile` does not run it. What breaks a rule of the reference is reported by `lower`, and not again here.
//!
//! Names are looked up in the built-in service reference. Whatever takes part in many statements is looked up once:
//! actions, condition keys and ARNs by their texts. The work is linear in the size of the documents, but for the
//! comparison of entries and statements with wider ones, of which a named number takes part at most.

mod access;
mod actions;
mod conditions;
mod contradictions;
mod cover;
mod errors;
mod escalation;
mod glob;
mod limits;
mod nearest;
mod other_names;
mod principals;
mod resources;
#[cfg(test)]
mod tests;
mod values;

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::HashMap;

use crate::lower::keys::KeyBook;
use crate::reference::{self, AllKeys, Reference, Service};
use crate::source::{Diagnostic, Edit, Place, SourceId, SourceMap, Span};
use crate::syntax::ast::{Effect, Polarity, Statement, Text, TextList};
use crate::terms::Semantics;
use crate::threads;
use crate::world::World;
use crate::world::model::Document;

use actions::Action;
use conditions::{Key, Test};
use nearest::Nearest;
use resources::{Arn, Forms};

/// Returns what is questionable in the documents of a world, in source order.
///
/// None of the findings is an error. What is wrong with the documents comes out of [`compile`](crate::compile()).
pub fn lint(world: &World, semantics: Semantics) -> Vec<Diagnostic> {
    Linters::default().lint(world, semantics)
}

/// Linters that wait for work, with what they know of names by now.
#[derive(Debug, Default)]
pub(crate) struct Linters {
    idle: Mutex<Vec<Linter>>,
}

impl Linters {
    /// The same as [`lint`], sooner where the names of other worlds come again.
    pub(crate) fn lint(&self, world: &World, semantics: Semantics) -> Vec<Diagnostic> {
        let shares = world.documents.chunks(SHARE).collect::<Vec<_>>();
        let judged = threads::each(shares.len(), |number| {
            let idle = self.idle().pop();
            let mut linter = idle.unwrap_or_else(Linter::new);
            linter.begin(world.sources.clone(), semantics);
            shares.get(number).into_iter().copied().flatten().for_each(|document| linter.document(document));
            let findings = linter.end();
            self.idle().push(linter);
            findings
        });
        let mut findings = judged.into_iter().flatten().collect::<Vec<_>>();
        findings.append(&mut limits::check(world, semantics));
        // Whoever finds something first, the order and what is kept are the same.
        findings
            .sort_by(|one, other| (one.place, one.code, &one.message).cmp(&(other.place, other.code, &other.message)));
        findings.dedup_by(|one, other| one.place == other.place && one.code == other.code);
        findings
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Linter>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Documents that are judged together by one thread. Findings do not depend on how many threads there are, since what
/// is bounded is bounded for each share.
const SHARE: usize = 4096;

/// What all files of this room work on.
#[derive(Debug)]
struct Linter {
    reference: Reference<'static>,
    sources: SourceMap,
    semantics: Semantics,
    /// The text of the current document.
    source: SourceId,
    nearest: Nearest,
    forms: Forms,
    /// Services by prefixes as written; none for a prefix that no service has.
    services: HashMap<String, Option<Service<'static>>>,
    /// All services; made when first asked for.
    all_services: Option<Arc<[Service<'static>]>>,
    /// Their keys; made when first asked for.
    all_keys: Option<Arc<AllKeys<'static>>>,
    cardinalities: KeyBook,
    actions: Known<Action>,
    arns: Known<Arn>,
    keys: Known<Key>,
    findings: Vec<Diagnostic>,
}

/// What is known of texts.
///
/// What took a search among similar names is forgotten at the end of a share: searches are bounded for each share, and
/// what one may find must not depend on the shares before it.
#[derive(Debug)]
struct Known<T> {
    lasting: HashMap<Arc<str>, Arc<T>>,
    passing: HashMap<Arc<str>, Arc<T>>,
}

/// How many texts of a kind are remembered from one share to the next.
const LASTING: usize = 1 << 15;

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self { lasting: HashMap::new(), passing: HashMap::new() }
    }
}

impl<T> Known<T> {
    fn get(&self, text: &str) -> Option<Arc<T>> {
        self.lasting.get(text).or_else(|| self.passing.get(text)).cloned()
    }

    /// Remembers something, which took searches of these numbers.
    fn add(&mut self, text: &Arc<str>, known: T, searches: &Range<usize>) -> Arc<T> {
        let known = Arc::new(known);
        let map = if searches.is_empty() { &mut self.lasting } else { &mut self.passing };
        map.insert(text.clone(), known.clone());
        known
    }

    fn end(&mut self) {
        self.passing.clear();
        if LASTING < self.lasting.len() {
            self.lasting.clear();
        }
    }
}

/// A statement with what is known of its parts.
#[derive(Debug)]
struct Facts<'d> {
    document: &'d Document,
    tree: &'d Statement,
    /// Nothing where it could not be read.
    effect: Option<Effect>,
    /// Entries of `Action` or `NotAction`.
    actions: Vec<Arc<Action>>,
    /// Entries of `Resource` or `NotResource`.
    arns: Vec<Arc<Arn>>,
    /// Conditions with a known operator and a key.
    tests: Vec<Test<'d>>,
}

impl<'d> Facts<'d> {
    fn is_allow(&self) -> bool {
        self.effect == Some(Effect::Allow)
    }

    /// The entries of `Action`, each with what is known of it; none for `NotAction`.
    fn allowed_actions(&self) -> impl Iterator<Item = (&'d Text, &Arc<Action>)> {
        positive(self.tree.action.as_ref()).iter().zip(&self.actions)
    }

    /// Whether `NotAction` or `NotResource` leaves nothing.
    fn matches_nothing(&self) -> bool {
        let is_negated = |list: &Option<TextList>| list.as_ref().is_some_and(|list| list.polarity == Polarity::Negated);
        (is_negated(&self.tree.action) && self.actions.iter().any(|action| action.is_everything()))
            || (is_negated(&self.tree.resource) && self.arns.iter().any(|arn| arn.is_everything()))
    }

    /// Whether `Resource` holds an entry that matches every resource.
    fn is_on_everything(&self) -> bool {
        !positive(self.tree.resource.as_ref()).is_empty() && self.arns.iter().any(|arn| arn.is_everything())
    }
}

/// The entries of an element without `Not`.
fn positive(list: Option<&TextList>) -> &[Text] {
    list.filter(|list| list.polarity == Polarity::Positive).map_or(&[], |list| &list.entries)
}

impl Linter {
    fn new() -> Self {
        Self {
            reference: reference::built_in(),
            sources: SourceMap::default(),
            semantics: Semantics::default(),
            source: SourceId::default(),
            nearest: Nearest::default(),
            forms: Forms::default(),
            services: HashMap::new(),
            all_services: None,
            all_keys: None,
            cardinalities: KeyBook::new(),
            actions: Known::default(),
            arns: Known::default(),
            keys: Known::default(),
            findings: Vec::new(),
        }
    }

    /// Begins with a share of documents.
    fn begin(&mut self, sources: SourceMap, semantics: Semantics) {
        self.sources = sources;
        self.semantics = semantics;
        self.nearest = Nearest::default();
    }

    /// Ends the share and returns what was found in it.
    fn end(&mut self) -> Vec<Diagnostic> {
        self.sources = SourceMap::default();
        self.actions.end();
        self.arns.end();
        self.keys.end();
        // Prefixes that no service has come from the documents.
        if LASTING < self.services.len() {
            self.services.clear();
        }
        std::mem::take(&mut self.findings)
    }

    fn document(&mut self, document: &Document) {
        self.source = document.source;
        let statements = document.policy.statements.iter().map(|tree| self.facts(document, tree)).collect::<Vec<_>>();
        for facts in &statements {
            actions::check(self, facts);
            resources::check(self, facts);
            conditions::check(self, facts);
            contradictions::check(self, facts);
            access::check(self, facts);
            principals::check(self, facts);
            values::check(self, facts);
            cover::entries(self, facts);
            self.sid(facts);
        }
        cover::statements(self, &statements);
        escalation::check(self, &statements);
    }

    /// A `Sid` that names nothing.
    fn sid(&mut self, facts: &Facts<'_>) {
        if let Some(sid) = facts.tree.sid.as_ref().filter(|sid| sid.text.is_empty()) {
            let place = self.at(sid.span);
            self.report(errors::empty_sid(place));
        }
    }

    fn facts<'d>(&mut self, document: &'d Document, tree: &'d Statement) -> Facts<'d> {
        let entries = |list: &'d Option<TextList>| list.iter().flat_map(|list| &list.entries);
        Facts {
            document,
            tree,
            effect: tree.effect.map(|(effect, _)| effect),
            actions: entries(&tree.action).map(|text| self.action(&text.text)).collect(),
            arns: entries(&tree.resource).map(|text| self.arn(&text.text)).collect(),
            tests: tree.condition.iter().filter_map(|test| self.test(test)).collect(),
        }
    }

    /// The service of a prefix.
    fn service(&mut self, prefix: &str) -> Option<Service<'static>> {
        if let Some(&known) = self.services.get(prefix) {
            return known;
        }
        let service = self.reference.service(prefix);
        self.services.insert(prefix.to_owned(), service);
        service
    }

    fn all_services(&mut self) -> Arc<[Service<'static>]> {
        self.all_services.get_or_insert_with(|| self.reference.services().collect()).clone()
    }

    fn all_keys(&mut self) -> Arc<AllKeys<'static>> {
        self.all_keys.get_or_insert_with(|| Arc::new(AllKeys::of(self.reference))).clone()
    }

    fn report(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    fn at(&self, span: Span) -> Place {
        Place { source: self.source, span }
    }

    /// The place of bytes `range` of a text; the whole token where it is spelt with escapes.
    fn part(&self, text: &Text, range: Range<usize>) -> Place {
        let inside = self.inside(text).and_then(|start| {
            let (from, to) = (u32::try_from(range.start).ok()?, u32::try_from(range.end).ok()?);
            Some(Span::new(start + from, start + to))
        });
        self.at(inside.unwrap_or(text.span))
    }

    /// The edit that replaces bytes `range` of a text, unless the token is spelt with escapes or the new text needs some.
    fn replace(&self, text: &Text, range: Range<usize>, new: &str) -> Vec<Edit> {
        // None of these is special in JSON, at any depth of strings in strings, or in percent encoding.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b":/._-*".contains(&byte);
        if self.inside(text).is_none() || !new.bytes().all(is_plain) {
            return Vec::new();
        }
        vec![Edit { place: self.part(text, range), text: new.to_owned() }]
    }

    /// The first byte of a text between its quotes, if all of it is spelt as it is. The quotes may be escaped, since the
    /// document may stand in a string of another one.
    fn inside(&self, text: &Text) -> Option<u32> {
        let source = self.sources.get(self.source)?.text.as_str();
        let token = source.get(usize::try_from(text.span.start()).ok()?..usize::try_from(text.span.end()).ok()?)?;
        let quotes = token.len().checked_sub(text.text.len())?;
        let inner = token.get(quotes / 2..token.len() - quotes / 2)?;
        (quotes.is_multiple_of(2) && inner == &*text.text).then_some(())?;
        text.span.start().checked_add(u32::try_from(quotes / 2).ok()?)
    }
}
