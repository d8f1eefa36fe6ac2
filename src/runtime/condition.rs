//! Condition blocks (chapter 5): R-CON-41 with the readings of R-CON-42 and R-CON-43.

use super::call::Env;
use super::context::{Field, word_byte};
use super::glob::Pattern;
use super::words::Words;
use crate::layout::value_kind;
use crate::terms::{
    AnyvalueIfexistsMissing, Comparison, Effect, NullVariableNegated, NullWithSetOperator, PlainOperatorOnList,
    Qualifier, UnparsableValue,
};
use crate::value::{Address, Base64, Decimal, Family, Instant, Network, eq_ignore_case, parse_bool};

/// Result of comparing one policy value with one request value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compared {
    True,
    False,
    /// The policy value is null (R-VAR-8).
    Null,
    /// One side cannot be parsed (R-CON-34).
    Error,
}

impl From<bool> for Compared {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// A test of a block, unpacked.
struct Test<'e, 'w> {
    env: &'e Env<'w>,
    comparison: Comparison,
    negated: bool,
    qualifier: Qualifier,
    if_exists: bool,
    key: u32,
    values: Words<'w>,
    effect: Effect,
}

/// Whether all tests of a block hold; `effect` is the statement's (R-CON-42).
pub(super) fn holds(env: &Env<'_>, block: u32, effect: Effect) -> bool {
    let blocks = env.tables.blocks;
    let Some(count) = blocks.get(block) else { return false };
    let tests = blocks.list(block + 1, count);
    tests.iter().all(|number| Test::read(env, number, effect).is_some_and(|test| test.holds()))
}

impl<'e, 'w> Test<'e, 'w> {
    fn read(env: &'e Env<'w>, number: u32, effect: Effect) -> Option<Self> {
        let [operator, key, values_at, values_len] = env.tables.tests.record(number)?;
        Some(Self {
            env,
            comparison: Comparison::from_code(word_byte(operator, 0))?,
            negated: word_byte(operator, 8) != 0,
            qualifier: Qualifier::from_code(word_byte(operator, 16))?,
            if_exists: word_byte(operator, 24) != 0,
            key,
            values: env.tables.values.list(values_at.checked_mul(3)?, values_len.checked_mul(3)?),
            effect,
        })
    }

    fn holds(&self) -> bool {
        if let Some(hunt) = self.env.hunt
            && self.is_open()
        {
            return hunt.reading.is_lenient();
        }
        let field = self.env.field(self.key);
        if self.comparison == Comparison::Null {
            return self.null(field);
        }
        match (field, self.qualifier) {
            (Field::Missing, qualifier) => self.missing(qualifier),
            (Field::One(value), Qualifier::Plain) => self.one(value),
            // No values: true of all, of any false (R-CON-15).
            (Field::One(""), qualifier) => qualifier == Qualifier::ForAllValues,
            (Field::One(value), _) => self.one(value),
            (Field::List(_), _) if self.env.is_single(self.key) => self.unparsable_list(),
            (Field::List(list), Qualifier::Plain) => {
                self.env.tables.semantics.plain_operator_on_list == PlainOperatorOnList::Any
                    && list.any(|value| self.one(value))
            }
            (Field::List(list), qualifier) => {
                let only_empty = !list.any(|value| !value.is_empty());
                if qualifier == Qualifier::ForAnyValue {
                    !only_empty && list.any(|value| self.one(value))
                } else {
                    only_empty || !list.any(|value| !self.one(value))
                }
            }
        }
    }

    /// Whether the key, or a variable in a value, is open.
    fn is_open(&self) -> bool {
        let open_value =
            |[kind, number, _]: [u32; 3]| kind == value_kind::PATTERN && Pattern::new(self.env, number).is_open();
        self.env.is_open(self.key) || self.values.records::<3>().any(open_value)
    }

    /// A missing key (R-CON-7).
    fn missing(&self, qualifier: Qualifier) -> bool {
        let any_if_exists = self.env.tables.semantics.anyvalue_ifexists_missing == AnyvalueIfexistsMissing::True;
        match qualifier {
            Qualifier::Plain => self.if_exists || self.negated,
            Qualifier::ForAllValues => true,
            Qualifier::ForAnyValue => self.if_exists && any_if_exists,
        }
    }

    /// Several values of a key that has one: a value that cannot be parsed, whatever it is compared with (R-CON-43).
    fn unparsable_list(&self) -> bool {
        self.any_value(|[kind, number, _]| match kind {
            value_kind::NULL => Compared::Null,
            value_kind::PATTERN if Pattern::new(self.env, number).is_null() => Compared::Null,
            _ => Compared::Error,
        })
    }

    fn fails_closed(&self) -> bool {
        self.env.tables.semantics.unparsable_value == UnparsableValue::FailClosed
    }

    /// `Null` (R-CON-10, R-CON-11).
    fn null(&self, field: Field<'_>) -> bool {
        let constant = self.env.tables.semantics.null_with_set_operator == NullWithSetOperator::Constant;
        match self.qualifier {
            Qualifier::ForAllValues if constant => return true,
            Qualifier::ForAnyValue if constant => return false,
            Qualifier::Plain | Qualifier::ForAllValues | Qualifier::ForAnyValue => {}
        }
        let empty = match field {
            Field::Missing | Field::One("") => true,
            Field::One(_) => false,
            Field::List(list) => !list.any(|value| !value.is_empty()),
        };
        let wanted = [value_kind::BOOL, u32::from(empty)];
        self.values.records::<3>().any(|[kind, value, _]| [kind, value] == wanted)
    }

    /// One request value against all policy values.
    fn one(&self, value: &str) -> bool {
        self.any_value(|record| self.compare(record, value))
    }

    /// `m(s)` of R-CON-42, given the comparison with each policy value.
    fn any_value(&self, compare: impl Fn([u32; 3]) -> Compared) -> bool {
        let mut results = self.values.records::<3>().map(compare);
        let error_matches = match (self.negated, self.effect == Effect::Deny && self.fails_closed()) {
            (false, closed) => closed,
            (true, closed) => !closed,
        };
        let nulls_match =
            self.negated && self.env.tables.semantics.null_variable_negated == NullVariableNegated::NoMatch;
        let hit = results.any(|result| match result {
            Compared::True => true,
            Compared::False => false,
            Compared::Null => nulls_match,
            Compared::Error => error_matches,
        });
        hit != self.negated
    }

    /// The positive comparison of one policy value with one request value.
    fn compare(&self, [kind, a, _]: [u32; 3], value: &str) -> Compared {
        let tables = self.env.tables;
        // Reading a number or bytes looks at all of both texts; patterns count for themselves.
        let length = match kind {
            value_kind::TEXT | value_kind::NUMBER | value_kind::BINARY => value.len() + tables.text(a).len(),
            value_kind::PATTERN => 0,
            _ => value.len(),
        };
        if !self.env.spend(1 + length / 8) {
            return Compared::Error;
        }
        match kind {
            value_kind::NULL => Compared::Null,
            value_kind::TEXT if self.comparison == Comparison::StringEqualsIgnoreCase => {
                eq_ignore_case(tables.text(a), value).into()
            }
            value_kind::TEXT => (tables.text(a) == value).into(),
            value_kind::PATTERN => self.pattern(a, value),
            value_kind::NUMBER => match (Decimal::parse(tables.text(a)), Decimal::parse(value)) {
                (Some(policy), Some(request)) => self.ordered(request.cmp(&policy)),
                _ => Compared::Error,
            },
            value_kind::INSTANT => match (self.instant(a), Instant::parse(value)) {
                (Some(policy), Some(request)) => self.ordered(request.cmp(&policy)),
                _ => Compared::Error,
            },
            value_kind::BOOL => match parse_bool(value) {
                Some(request) => (u32::from(request) == a).into(),
                None => Compared::Error,
            },
            value_kind::BINARY => match (Base64::parse(tables.text(a)), Base64::parse(value)) {
                (Some(policy), Some(request)) => policy.bytes().eq(request.bytes()).into(),
                _ => Compared::Error,
            },
            value_kind::NETWORK => match (self.network(a), Address::parse(value)) {
                (Some(policy), Some(request)) => policy.contains(request).into(),
                _ => Compared::Error,
            },
            _ => Compared::Error,
        }
    }

    fn pattern(&self, number: u32, value: &str) -> Compared {
        let pattern = Pattern::new(self.env, number);
        if pattern.is_null() {
            return Compared::Null;
        }
        if self.comparison == Comparison::ArnLike {
            return pattern.arn_like(value).map_or(Compared::Error, Compared::from);
        }
        if self.comparison == Comparison::Bool {
            return pattern.boolean(value).map_or(Compared::Error, Compared::from);
        }
        let matches = if self.comparison == Comparison::StringEquals {
            pattern.equals(value)
        } else if self.comparison == Comparison::StringEqualsIgnoreCase {
            pattern.equals_ignoring_case(value)
        } else {
            pattern.like(value)
        };
        matches.into()
    }

    fn ordered(&self, ordering: core::cmp::Ordering) -> Compared {
        use Comparison as C;
        let holds = match self.comparison {
            C::NumericEquals | C::DateEquals => ordering.is_eq(),
            C::NumericLessThan | C::DateLessThan => ordering.is_lt(),
            C::NumericLessThanEquals | C::DateLessThanEquals => ordering.is_le(),
            C::NumericGreaterThan | C::DateGreaterThan => ordering.is_gt(),
            C::NumericGreaterThanEquals | C::DateGreaterThanEquals => ordering.is_ge(),
            // Values of other comparisons have no order; the encoder writes none.
            C::StringEquals
            | C::StringEqualsIgnoreCase
            | C::StringLike
            | C::ArnLike
            | C::Bool
            | C::BinaryEquals
            | C::IpAddress
            | C::Null => false,
        };
        holds.into()
    }

    fn instant(&self, at: u32) -> Option<Instant> {
        let [low, high, nanoseconds] = self.env.tables.lists.block(at)?;
        let bits = u64::from(high) << 32 | u64::from(low);
        Instant::from_parts(i64::from_le_bytes(bits.to_le_bytes()), nanoseconds)
    }

    fn network(&self, at: u32) -> Option<Network> {
        let [a, b, c, d, packed] = self.env.tables.lists.block(at)?;
        let mut octets = [0; 16];
        for (place, word) in octets.as_chunks_mut::<4>().0.iter_mut().zip([a, b, c, d]) {
            *place = word.to_le_bytes();
        }
        let family = match packed >> 8 {
            0 => Family::V6,
            _ => Family::V4,
        };
        Network::from_parts(family, octets, word_byte(packed, 0))
    }
}
