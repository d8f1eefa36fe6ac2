//! Deciding with open questions: keys that neither principal, resource nor world tell, and names of sessions.
//!
//! The graph of roles asks what a principal *could* do in some context and what it *must* be able to do in every one.
//! Both are the decision of R-EVAL-5 itself, with one difference: a part of a statement that depends on something open
//! (a test, a variable in a resource, a session's ARN in a principal element) is not looked at but takes the answer
//! that a [`Reading`] gives. So nothing of the procedure is written twice. Ordinary decisions pay one branch for each
//! bundle, row, test and variable.
//!
//! A key is open if nothing derives it and the request's context does not name it; a key that is named with an empty
//! list is known to be absent (R-CON-9).

use super::bundle::{self, ByKind, Scope, Verdict};
use super::call::{Call, Env, Kind, Room};
use super::principal::Kinds;
use super::{RequestError, Tables};
use crate::layout::entry_kind;
use crate::terms::{Effect, KeySource, Layer};
use crate::value::rsplit_once;

/// How a part of a statement that depends on something open is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reading {
    /// It matches: what some context could make of it, or more.
    Could,
    /// It does not match: what every context makes of it, or less.
    Must,
    /// As [`Reading::Could`], and neither principal element nor conditions are looked at.
    Unguarded,
    /// As [`Reading::Must`], and neither principal element nor conditions are looked at.
    Placed,
}

impl Reading {
    /// How what excludes has to be read for the whole to be read this way.
    const fn flipped(self) -> Self {
        match self {
            Self::Could | Self::Unguarded => Self::Must,
            Self::Must | Self::Placed => Self::Could,
        }
    }

    /// Whether open parts match.
    pub(super) const fn is_lenient(self) -> bool {
        matches!(self, Self::Could | Self::Unguarded)
    }

    /// Whether principal element and conditions are looked at.
    pub(super) const fn looks_at_guards(self) -> bool {
        matches!(self, Self::Could | Self::Must)
    }
}

/// How open parts of all statements are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Assumption {
    /// In `Allow` statements.
    pub(crate) allows: Reading,
    /// In `Deny` statements.
    pub(crate) denies: Reading,
    /// A layer whose `Allow` statements are read as [`Reading::Must`] nevertheless.
    pub(crate) except: Option<Layer>,
}

impl Assumption {
    /// Every open question comes out so that the request is allowed: allowed in some context, or more.
    pub(crate) const FAVOURABLE: Self = Self { allows: Reading::Could, denies: Reading::Must, except: None };
    /// Every open question comes out so that the request is denied: allowed in every context, or less.
    pub(crate) const ADVERSE: Self = Self { allows: Reading::Must, denies: Reading::Could, except: None };

    /// The same, but nothing open helps this layer to allow.
    pub(crate) const fn without(self, layer: Layer) -> Self {
        Self { except: Some(layer), ..self }
    }
}

/// Whether a role session may have another name than the request's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionName {
    /// It has that very name.
    Fixed,
    /// The name stands for any: session ARNs in principal elements and `aws:userid` are open.
    Open,
}

/// What a survey sees.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sight {
    /// A statement that matches as it is read.
    Statement(StatementSight),
    /// A variable of an open key in a resource that may match: the key's number.
    Variable(u32),
}

/// A statement that matches as it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StatementSight {
    /// The layer that asks.
    pub(crate) layer: Layer,
    /// The bundle that it stands in: each level of the service control policies has its own.
    pub(crate) bundle: u32,
    /// Its number.
    pub(crate) statement: u32,
    /// Principal element and conditions.
    pub(crate) guard: u32,
    /// Its effect.
    pub(crate) effect: Effect,
    /// How it was read.
    pub(crate) reading: Reading,
    /// The kinds in which it names the requester, as a set that can be compared.
    pub(crate) kinds: Kinds,
}

/// What is asked with open questions.
#[derive(Clone, Copy)]
pub(super) struct Open<'r> {
    pub(super) session: SessionName,
    lens: Lens<'r>,
}

#[derive(Clone, Copy)]
enum Lens<'r> {
    /// A decision under an assumption.
    Assume(Assumption),
    /// All statements that match in one of these readings.
    Survey(&'r [Reading], &'r dyn Fn(Sight)),
}

/// The statements that one walk looks for, and how it reads them.
#[derive(Clone, Copy)]
pub(super) struct Hunt {
    pub(super) effect: Effect,
    pub(super) reading: Reading,
}

impl<'r> Open<'r> {
    pub(super) fn assume(session: SessionName, assumption: Assumption) -> Self {
        Self { session, lens: Lens::Assume(assumption) }
    }

    pub(super) fn survey(session: SessionName, readings: &'r [Reading], sink: &'r dyn Fn(Sight)) -> Self {
        Self { session, lens: Lens::Survey(readings, sink) }
    }

    /// Asks a bundle once for each effect, since open parts are read differently in either.
    #[cold]
    #[inline(never)]
    pub(super) fn ask(
        &self,
        env: &Env<'_>,
        layer: Layer,
        bundle: u32,
        scope: Scope,
        by_kind: &mut Option<ByKind>,
    ) -> Verdict {
        let mut hunt = |effect, reading| {
            let env = Env { hunt: Some(Hunt { effect, reading }), ..*env };
            bundle::ask_plainly(&env, layer, bundle, scope, by_kind)
        };
        match self.lens {
            Lens::Assume(assumption) => {
                let spared = assumption.except == Some(layer);
                let allows = if spared { Reading::Must } else { assumption.allows };
                hunt(Effect::Deny, assumption.denies).or(hunt(Effect::Allow, allows))
            }
            Lens::Survey(readings, _) => {
                for &reading in readings {
                    hunt(Effect::Deny, reading);
                    hunt(Effect::Allow, reading);
                }
                Verdict::NOTHING
            }
        }
    }

    /// Tells a survey; returns whether there is one.
    pub(super) fn tell(&self, sight: Sight) -> bool {
        match self.lens {
            Lens::Assume(_) => false,
            Lens::Survey(_, sink) => {
                sink(sight);
                true
            }
        }
    }
}

impl<'w> Env<'w> {
    /// How something that depends on this key is read; nothing if the key is known.
    pub(super) fn reading_of(&self, key: u32) -> Option<Reading> {
        let reading = self.hunt()?.reading;
        self.is_open(key).then_some(reading)
    }

    /// Whether a key is open, by its number.
    pub(super) fn is_open(&self, key: u32) -> bool {
        let Some([name, kind]) = self.tables.keys.record(key) else { return false };
        let source = KeySource::from_code(super::context::word_byte(kind, 8)).unwrap_or(KeySource::Context);
        self.call.is_open(self.tables.text(name), source)
    }

    /// The same, to read what excludes.
    pub(super) fn flipped(&self) -> Env<'w> {
        let hunt = self.hunt().map(|hunt| Hunt { reading: hunt.reading.flipped(), ..hunt });
        Env { hunt, ..*self }
    }

    /// Tells a survey; returns whether there is one.
    pub(super) fn tell(&self, sight: Sight) -> bool {
        self.call.open().is_some_and(|open| open.tell(sight))
    }

    /// The kinds in which entries name the requester, where its session may have any name.
    pub(super) fn with_open_session(&self, named: Kinds, negated: u32, at: u32, length: u32) -> Kinds {
        let Some(hunt) = self.hunt().filter(|_| self.call.has_open_session()) else { return named };
        let own = self.call.requester.arn.and_then(|arn| rsplit_once(arn, b'/'));
        let is_own =
            |text: &str| own.is_some_and(|(role, _)| rsplit_once(text, b'/').is_some_and(|(of, _)| of == role));
        let entries = (at..at.saturating_add(length)).filter_map(|number| self.tables.principal_entries.record(number));
        let mut sessions = entries.filter(|[kind, _]| *kind == entry_kind::SESSION);
        let mentioned = sessions.any(|[_, symbol]| is_own(self.tables.text(symbol)));
        // A name on a `NotPrincipal` list keeps the statement from matching.
        let matches = hunt.reading.is_lenient() == (negated == 0);
        if mentioned && matches { named.union(Kinds::SESSION) } else { named.without(Kinds::SESSION) }
    }
}

impl Call<'_> {
    /// Whether the requester is a role session of any name.
    pub(super) fn has_open_session(&self) -> bool {
        self.requester.kind == Kind::RoleSession && self.open().is_some_and(|open| open.session == SessionName::Open)
    }
}

impl Tables<'_> {
    /// Whether the value of a key is open for a request.
    ///
    /// # Errors
    ///
    /// Fails for a request that has no answer.
    pub(crate) fn is_open_key(
        &self,
        request: &super::Request<'_>,
        session: SessionName,
        key: u32,
    ) -> Result<bool, RequestError> {
        let mut room = Room::default();
        let mut call = super::call::resolve(self, request, &mut room)?;
        call.open = Some(Open::assume(session, Assumption::FAVOURABLE));
        Ok(Env::new(&call).is_open(key))
    }

    /// Names all resources that the identity policies of the requester can match for the action; returns whether those
    /// are all, and the artifact knows the requester.
    #[cfg(feature = "compiler")]
    pub(crate) fn exact_identity_resources(&self, request: &super::Request<'_>, sink: &mut dyn FnMut(&str)) -> bool {
        let mut room = Room::default();
        let Ok(call) = super::call::resolve(self, request, &mut room) else { return false };
        let Some(identity) = call.requester.identity else { return false };
        let env = Env::new(&call);
        let mut bundles = core::iter::once(identity.bundle()).chain(identity.groups().iter());
        bundles.all(|bundle| super::exact::exact_resources(&env, bundle, sink))
    }

    /// Hands the single value that a request has for a key to `take`, if it has one.
    pub(crate) fn with_value(&self, request: &super::Request<'_>, key: u32, take: impl FnOnce(&str)) {
        let mut room = Room::default();
        let Ok(call) = super::call::resolve(self, request, &mut room) else { return };
        if let super::context::Field::One(value) = Env::new(&call).field(key) {
            take(value);
        }
    }
}
