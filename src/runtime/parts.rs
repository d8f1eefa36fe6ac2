//! The parts of an artifact one by one: who exists, what a guard tests. For reports; no decision uses them.

use super::Tables;
use super::condition::Values;
use super::context::word_byte;
use crate::layout::{NONE, entry_kind, flag, step_kind, value_kind};
use crate::terms::{Cardinality, Comparison, KeySource, Qualifier};
use crate::value::{Family, Instant, Network};

/// What an identity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum IdentityKind {
    /// A user.
    User,
    /// A role.
    Role,
    /// A federated user.
    FederatedUser,
}

/// A user, role or federated user of the artifact.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity<'a> {
    /// What it is.
    pub(crate) kind: IdentityKind,
    /// Its ARN; a role's with path.
    pub(crate) arn: &'a str,
    /// What requests name it by: a role's is the beginning of its sessions' ARNs.
    pub(crate) lookup: &'a str,
    /// 12 digits.
    pub(crate) account: &'a str,
    /// `AIDA…`, `AROA…`
    pub(crate) unique_id: Option<&'a str>,
    /// Whether it is a service-linked role.
    pub(crate) service_linked: bool,
    tags: [u32; 2],
    profiles: [u32; 2],
}

/// An entry of a principal element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Entry<'a> {
    /// `"*"`
    Everyone,
    /// An account by id or root ARN: the 12 digits.
    Account(&'a str),
    /// A user ARN, role ARN or unique id.
    Identity(&'a str),
    /// A session ARN.
    Session(&'a str),
    /// A service principal.
    Service(&'a str),
    /// An identity provider.
    Federated(&'a str),
    /// A federated-user ARN, which no caller of `AssumeRole` has (R-EVAL-21), or a canonical user id.
    Other(&'a str),
}

/// A condition test.
#[derive(Clone, Copy)]
pub(crate) struct Test<'a> {
    /// The positive twin of the operator.
    pub(crate) comparison: Comparison,
    /// Whether the operator is negated.
    pub(crate) negated: bool,
    /// The set operator.
    pub(crate) qualifier: Qualifier,
    /// Whether it ends in `IfExists`.
    pub(crate) if_exists: bool,
    /// The key's number.
    pub(crate) key: u32,
    values: Values<'a>,
}

/// A value of a test.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TestValue<'a> {
    /// A text.
    Text(&'a str),
    /// A pattern, for [`Tables::steps_of`].
    Pattern(u32),
    /// A number in normal form.
    Number(&'a str),
    /// An instant.
    Instant(Instant),
    /// `true` or `false`.
    Bool(bool),
    /// Bytes in base64.
    Binary(&'a str),
    /// A network.
    Network(Network),
    /// A value that cannot be parsed, or is null whatever the request.
    Never,
}

/// A step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// This text.
    Literal(&'a str),
    /// `*`
    Star,
    /// `?`
    Any,
    /// `${key, 'default'}`: the key's number.
    Variable(u32, Option<&'a str>),
}

impl<'a> Tables<'a> {
    /// All identities, in no order that means anything.
    pub(crate) fn identities(&self) -> impl Iterator<Item = Identity<'a>> + use<'a> {
        let tables = *self;
        self.identities.records::<14>().map(move |record| {
            let [kind, arn, lookup_at, account_at, unique_id, ..] = record;
            let [.., tags_at, tags_len, _, _, profiles_at, profiles_len, _] = record;
            Identity {
                kind: match kind & 0xff {
                    flag::KIND_USER => IdentityKind::User,
                    flag::KIND_ROLE => IdentityKind::Role,
                    _ => IdentityKind::FederatedUser,
                },
                arn: tables.text(arn),
                lookup: tables.lookup_text(kind, lookup_at),
                account: tables.account_text(account_at),
                unique_id: tables.optional_text(unique_id),
                service_linked: kind & flag::SERVICE_LINKED << 8 != 0,
                tags: [tags_at, tags_len],
                profiles: [profiles_at, profiles_len],
            }
        })
    }

    /// ARNs of the instance profiles that hold a role, sorted.
    pub(crate) fn instance_profiles(&self, identity: &Identity<'a>) -> impl Iterator<Item = &'a str> + use<'a> {
        let tables = *self;
        let [at, length] = identity.profiles;
        self.lists.list(at, length).iter().map(move |symbol| tables.name(symbol))
    }

    /// Tags of an identity: the key in lower case without `aws:PrincipalTag/`, and a value. A key may come twice
    /// (R-CON-4).
    pub(crate) fn tags(&self, identity: &Identity<'a>) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let tables = *self;
        let [at, length] = identity.tags;
        let mut rest = self.lists.list(at, length);
        let groups = core::iter::from_fn(move || {
            let [key, count] = rest.block::<2>(0)?;
            let values = rest.list(2, count);
            rest = rest.list(count.saturating_add(2), NONE);
            let name = tables.key_name(key);
            let tag = name.split_once('/').map_or("", |(_, tag)| tag);
            Some(values.iter().map(move |value| (tag, tables.text(value))))
        });
        groups.flatten()
    }

    /// Name of a key in lower case.
    pub(crate) fn key_name(&self, key: u32) -> &'a str {
        self.keys.record(key).map_or("", |[name, _]| self.text(name))
    }

    /// How many values a key has, and where they come from.
    pub(crate) fn key_kind(&self, key: u32) -> (Cardinality, KeySource) {
        let kind = self.keys.record(key).map_or(0, |[_, kind]| kind);
        let cardinality = Cardinality::from_code(word_byte(kind, 0)).unwrap_or(Cardinality::Unknown);
        (cardinality, KeySource::from_code(word_byte(kind, 8)).unwrap_or(KeySource::Context))
    }

    /// Numbers of all keys, in the order of their names.
    pub(crate) fn key_numbers(&self) -> impl Iterator<Item = u32> + use<> {
        0..self.keys.len() / 2
    }

    /// Whether the artifact knows all users and roles of an account.
    pub(crate) fn knows_identities_of(&self, account: &str) -> bool {
        self.account(account).is_some_and(|account| account.has(flag::IDENTITIES_KNOWN))
    }

    /// Canonical user id of an account.
    pub(crate) fn canonical_user_id<'t>(&'t self, account: &str) -> Option<&'t str> {
        self.account(account)?.canonical_user_id()
    }

    /// Whether a guard's principal element is `NotPrincipal`, and its entries; nothing without one.
    pub(crate) fn entries_of(&self, guard: u32) -> Option<(bool, impl Iterator<Item = Entry<'a>> + use<'a>)> {
        let tables = *self;
        let (set, _) = self.guard(guard);
        let [negated, at, length] = self.principal_sets.record(set.checked_sub(1)?)?;
        let records = (at..at.saturating_add(length)).filter_map(move |number| tables.principal_entries.record(number));
        Some((negated != 0, records.map(move |[kind, symbol]| tables.entry(kind, symbol))))
    }

    fn entry(&self, kind: u32, symbol: u32) -> Entry<'a> {
        let text = self.text(symbol);
        match kind {
            entry_kind::EVERYONE => Entry::Everyone,
            entry_kind::ACCOUNT => Entry::Account(text),
            entry_kind::ACCOUNT_ROOT => {
                Entry::Account(crate::value::ArnParts::split(text).map_or(text, |parts| parts.account))
            }
            entry_kind::USER | entry_kind::ROLE | entry_kind::UNIQUE_ID => Entry::Identity(text),
            entry_kind::SESSION => Entry::Session(text),
            entry_kind::SERVICE => Entry::Service(text),
            entry_kind::FEDERATED => Entry::Federated(text),
            _ => Entry::Other(text),
        }
    }

    /// The tests of a guard.
    pub(crate) fn tests_of(&'a self, guard: u32) -> impl Iterator<Item = Test<'a>> + use<'a> {
        let (_, block) = self.guard(guard);
        let (count, mut at) = block.checked_sub(1).map_or((0, 0), |block| self.block(block));
        let records = (0..count).map_while(move |_| {
            let record = self.test(at)?;
            at = record.end;
            Some(record)
        });
        records.map(|record| Test {
            comparison: record.comparison,
            negated: record.negated,
            qualifier: record.qualifier,
            if_exists: record.if_exists,
            key: record.key,
            values: record.values,
        })
    }

    /// The values of a test.
    pub(crate) fn values_of(&self, test: &Test<'a>) -> impl Iterator<Item = TestValue<'a>> + use<'a> {
        let tables = *self;
        test.values.records().map(move |[kind, a]| tables.value(kind, a).unwrap_or(TestValue::Never))
    }

    fn value(&self, kind: u32, a: u32) -> Option<TestValue<'a>> {
        Some(match kind {
            value_kind::TEXT => TestValue::Text(self.text(a)),
            value_kind::PATTERN => TestValue::Pattern(a),
            value_kind::NUMBER => TestValue::Number(self.text(a)),
            value_kind::BINARY => TestValue::Binary(self.text(a)),
            value_kind::BOOL => TestValue::Bool(a == 1),
            value_kind::INSTANT => {
                let [low, high, nanoseconds] = self.lists.block(a)?;
                let bits = u64::from(high) << 32 | u64::from(low);
                TestValue::Instant(Instant::from_parts(i64::from_le_bytes(bits.to_le_bytes()), nanoseconds)?)
            }
            value_kind::NETWORK => {
                let [first, second, third, fourth, packed] = self.lists.block(a)?;
                let mut octets = [0; 16];
                for (place, word) in octets.as_chunks_mut::<4>().0.iter_mut().zip([first, second, third, fourth]) {
                    *place = word.to_le_bytes();
                }
                let family = if packed >> 8 == 0 { Family::V6 } else { Family::V4 };
                TestValue::Network(Network::from_parts(family, octets, word_byte(packed, 0))?)
            }
            _ => TestValue::Never,
        })
    }

    /// The steps of a pattern.
    pub(crate) fn steps_of(&self, pattern: u32) -> impl Iterator<Item = Step<'a>> + use<'a> {
        let tables = *self;
        let [at, length] = self.patterns.record(pattern).unwrap_or([0, 0]);
        let steps = self.steps.list(at.saturating_mul(3), length.saturating_mul(3));
        steps.records::<3>().map(move |[kind, a, b]| match kind {
            step_kind::LITERAL | step_kind::FOLDED => Step::Literal(tables.text(a)),
            step_kind::ANY_WITHIN | step_kind::ANY_FREE => Step::Any,
            step_kind::VARIABLE_WITHIN | step_kind::VARIABLE_FREE => Step::Variable(a, tables.optional_text(b)),
            _ => Step::Star,
        })
    }
}
