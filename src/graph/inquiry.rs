//! One question: may this principal do that to this role, always, in some context, or never?

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::ask::{Position, Statement};
use crate::provenance::Provenance;
use crate::runtime::{
    Assumption, Decision, Entry, Kinds, Reading, Request, SessionName, Sight, Step, Tables, Test, TestValue, Value,
};
use crate::terms::{Effect, Layer, Layers};

use super::known::{Known, context};
use super::model::{Condition, Example, TestText};
use super::source::{ANY_SESSION, Actor};
use super::{spell, witness};

/// The open item that is no key: the name of the principal's own role session.
pub(super) const SESSION_KEY: &str = "sessionName";

/// A question.
#[derive(Debug)]
pub(super) struct Inquiry<'q, 'a> {
    /// The artifact.
    pub(super) tables: &'q Tables<'a>,
    /// Who asks.
    pub(super) actor: &'q Actor,
    /// What it does.
    pub(super) action: &'static str,
    /// The role's ARN.
    pub(super) resource: &'q str,
    /// What is known.
    pub(super) known: &'q Known<'q>,
}

/// An answer.
#[derive(Debug, Clone)]
pub(super) enum Judgement {
    /// In no context; the layers that lack an allow even if every open question comes out well.
    Never(Layers),
    /// In every context.
    Always,
    /// It depends.
    Sometimes(Open),
}

/// What an answer depends on.
#[derive(Debug, Clone, Default)]
pub(super) struct Open {
    /// Keys, sorted.
    pub(super) keys: BTreeSet<String>,
    /// Statements.
    pub(super) conditions: Vec<Condition>,
    /// A context that is allowed, if one was found.
    pub(super) example: Option<Example>,
}

/// A statement whose match depends on something open.
#[derive(Debug, Clone)]
pub(super) struct Uncertain {
    layer: Layer,
    /// Its effect.
    pub(super) effect: Effect,
    number: u32,
    /// Its guard.
    pub(super) guard: u32,
    /// Whether a variable of its resources is open.
    is_resource_open: bool,
}

/// A statement that a survey saw.
struct Seen {
    effect: Effect,
    guard: u32,
    /// In which kinds it matches, by how it was read.
    kinds: BTreeMap<Reading, Kinds>,
}

/// What a survey found.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Statements that depend on something open, in the order of layers.
    pub(super) uncertain: Vec<Uncertain>,
    /// Keys of open variables in resources.
    pub(super) variables: BTreeSet<u32>,
}

impl<'a> Inquiry<'_, 'a> {
    /// Answers.
    pub(super) fn judge(&self, provenance: Option<&Provenance>) -> Judgement {
        match self.assume(Assumption::FAVOURABLE) {
            Some(Decision::Allowed(_)) => {}
            // A decision that cost too much says nothing.
            Some(Decision::ImplicitDeny(layers)) if layers.is_empty() => {}
            Some(Decision::ImplicitDeny(layers)) => return Judgement::Never(layers),
            Some(Decision::ExplicitDeny(_)) | None => return Judgement::Never(Layers::NONE),
        }
        if self.allows(Assumption::ADVERSE) {
            return Judgement::Always;
        }
        let survey = self.survey();
        let example = match witness::find(self, &survey) {
            witness::Found::Example(example) => Some(example),
            witness::Found::Nothing => return Judgement::Never(Layers::NONE),
            witness::Found::Unknown => None,
        };
        let conditions = self.conditions(&survey, provenance);
        let keys = conditions.iter().flat_map(|(_, keys)| keys.iter().cloned()).collect();
        let conditions = conditions.into_iter().map(|(condition, _)| condition).collect();
        Judgement::Sometimes(Open { keys, conditions, example })
    }

    /// Calls `ask` with the request, of a session with this name and with these keys beside the known ones.
    pub(super) fn with_request<T>(
        &self,
        session: &str,
        assigned: &[(&str, Value<'_>)],
        ask: impl FnOnce(&Request<'_>) -> T,
    ) -> T {
        let arn = self.actor.arn(session);
        let mut entries = context(self.known);
        entries.extend_from_slice(assigned);
        ask(&Request::new(self.actor.principal(&arn), self.action, self.resource).context(&entries))
    }

    fn assume(&self, assumption: Assumption) -> Option<Decision> {
        let session = self.actor.session_name();
        self.with_request(ANY_SESSION, &[], |request| self.tables.assume(request, session, assumption).ok())
    }

    fn allows(&self, assumption: Assumption) -> bool {
        self.assume(assumption).is_some_and(Decision::is_allowed)
    }

    /// Whether the value of a key is open.
    pub(super) fn is_open(&self, key: u32) -> bool {
        let session = self.actor.session_name();
        self.with_request(ANY_SESSION, &[], |request| self.tables.is_open_key(request, session, key).unwrap_or(false))
    }

    /// The single value of a key that is known.
    pub(super) fn value_of(&self, key: u32) -> Option<String> {
        let mut found = None;
        self.with_request(ANY_SESSION, &[], |request| {
            self.tables.with_value(request, key, |value| found = Some(value.to_owned()));
        });
        found
    }

    fn survey(&self) -> Survey {
        let seen = RefCell::new(BTreeMap::<(Layer, u32, u32), Seen>::new());
        let variables = RefCell::new(BTreeSet::new());
        let sink = |sight: Sight| match sight {
            Sight::Variable(key) => {
                variables.borrow_mut().insert(key);
            }
            Sight::Statement(sight) => {
                let mut seen = seen.borrow_mut();
                let key = (sight.layer, sight.bundle, sight.statement);
                let first = Seen { effect: sight.effect, guard: sight.guard, kinds: BTreeMap::new() };
                let kinds = seen.entry(key).or_insert(first).kinds.entry(sight.reading).or_default();
                *kinds = kinds.union(sight.kinds);
            }
        };
        let session = self.actor.session_name();
        let readings = [Reading::Could, Reading::Must, Reading::Placed];
        self.with_request(ANY_SESSION, &[], |request| {
            // What is refused here was refused before.
            let _ = self.tables.survey(request, session, &readings, &sink);
        });
        let uncertain =
            seen.into_inner().into_iter().filter_map(|((layer, _, number), Seen { effect, guard, kinds })| {
                let could = kinds.get(&Reading::Could)?;
                let is_certain = kinds.get(&Reading::Must) == Some(could);
                let is_resource_open = !kinds.contains_key(&Reading::Placed);
                (!is_certain).then_some(Uncertain { layer, effect, number, guard, is_resource_open })
            });
        Survey { uncertain: uncertain.collect(), variables: variables.into_inner() }
    }

    /// The statements that matter, each with its open keys.
    fn conditions(&self, survey: &Survey, provenance: Option<&Provenance>) -> Vec<(Condition, Vec<String>)> {
        let needed = self.needed_layers(survey);
        let matters = |it: &&Uncertain| it.effect == Effect::Deny || needed.contains(&it.layer);
        let mut found: Vec<(Condition, Vec<String>)> = Vec::new();
        for statement in survey.uncertain.iter().filter(matters) {
            let described = self.describe(statement, survey, provenance);
            // The same statement may stand at several levels.
            if !found.contains(&described) {
                found.push(described);
            }
        }
        found
    }

    /// Layers in which some open question has to come out well.
    fn needed_layers(&self, survey: &Survey) -> BTreeSet<Layer> {
        let allows = survey.uncertain.iter().filter(|it| it.effect == Effect::Allow);
        let layers: BTreeSet<Layer> = allows.map(|it| it.layer).collect();
        let needs = |layer: &Layer| !self.allows(Assumption::FAVOURABLE.without(*layer));
        let needed: BTreeSet<Layer> = layers.iter().copied().filter(needs).collect();
        let only_denies = Assumption { allows: Reading::Must, ..Assumption::FAVOURABLE };
        // Where either of two layers will do, both are named.
        if needed.is_empty() && !self.allows(only_denies) { layers } else { needed }
    }

    fn describe(
        &self,
        statement: &Uncertain,
        survey: &Survey,
        provenance: Option<&Provenance>,
    ) -> (Condition, Vec<String>) {
        let tables = self.tables;
        let mut tests: Vec<TestText> = Vec::new();
        let mut open = Vec::new();
        for test in tables.tests_of(statement.guard) {
            if let Some(variables) = self.open_keys_of(&test) {
                let values = tables.values_of(&test).map(|value| spell::value(tables, value));
                let (operator, key) = (spell::operator(&test), spell::key(tables.key_name(test.key)));
                tests.push(TestText { operator, key, values: values.collect() });
                let keys = variables.into_iter().chain(Some(test.key).filter(|&key| self.is_open(key)));
                open.extend(keys.map(|key| spell::key(tables.key_name(key))));
            }
        }
        if let Some(test) = self.session_test(statement.guard) {
            open.push(test.key.clone());
            tests.push(test);
        }
        if statement.is_resource_open {
            for &key in &survey.variables {
                let (operator, key) = ("Resource".to_owned(), spell::key(tables.key_name(key)));
                open.push(key.clone());
                tests.push(TestText { operator, key, values: Vec::new() });
            }
        }
        tests.sort();
        let name = tables.statement(statement.number);
        let condition = Condition {
            action: self.action,
            layer: statement.layer.name(),
            effect: match statement.effect {
                Effect::Allow => "Allow",
                Effect::Deny => "Deny",
            },
            policy: name.map_or_else(String::new, |name| name.policy.to_owned()),
            statement: Statement {
                index: name.map_or(0, |name| name.index),
                sid: name.and_then(|name| name.sid).map(str::to_owned),
            },
            source: provenance.and_then(|provenance| Position::of_statement(provenance, statement.number)),
            tests,
        };
        (condition, open)
    }

    /// Keys of open variables of a test; nothing if the test is not open.
    pub(super) fn open_keys_of(&self, test: &Test<'a>) -> Option<Vec<u32>> {
        let mut keys = Vec::new();
        for value in self.tables.values_of(test) {
            if let TestValue::Pattern(pattern) = value {
                let variables = self.tables.steps_of(pattern).filter_map(|step| match step {
                    Step::Variable(key, _) => Some(key),
                    Step::Literal(_) | Step::Star | Step::Any => None,
                });
                keys.extend(variables.filter(|&key| self.is_open(key)));
            }
        }
        (self.is_open(test.key) || !keys.is_empty()).then_some(keys)
    }

    /// Names of the principal's own sessions that a guard's principal element holds.
    pub(super) fn session_names(&self, guard: u32) -> Vec<&'a str> {
        let Some(prefix) = self.actor.session_prefix().filter(|_| self.has_open_session()) else { return Vec::new() };
        let entries = self.tables.entries_of(guard).map(|(_, entries)| entries);
        let names = entries.into_iter().flatten().filter_map(|entry| match entry {
            Entry::Session(arn) => arn.rsplit_once('/').filter(|(role, _)| *role == prefix).map(|(_, name)| name),
            Entry::Everyone
            | Entry::Account(_)
            | Entry::Identity(_)
            | Entry::Service(_)
            | Entry::Federated(_)
            | Entry::Other(_) => None,
        });
        names.collect()
    }

    /// Whether the principal is a role in a session of any name.
    pub(super) fn has_open_session(&self) -> bool {
        self.actor.session_name() == SessionName::Open
    }

    fn session_test(&self, guard: u32) -> Option<TestText> {
        let names = self.session_names(guard);
        if names.is_empty() {
            return None;
        }
        let negated = self.tables.entries_of(guard).is_some_and(|(negated, _)| negated);
        let operator = if negated { "NotPrincipal" } else { "Principal" };
        let values = names.into_iter().map(str::to_owned).collect();
        Some(TestText { operator: operator.to_owned(), key: SESSION_KEY.to_owned(), values })
    }
}
