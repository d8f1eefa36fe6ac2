//! Condition blocks (chapter 5): R-CON-41 with the readings of R-CON-42 and R-CON-43.

use super::Tables;
use super::call::Env;
use super::context::{Field, word_byte};
use super::glob::{Pattern, Plain};
use super::principal;
use super::walk::{Below, Flow, Visitor, walk_any};
use super::words::{index, same};
use crate::layout::{NONE, block, hash_text, value_kind};
use crate::terms::{
    AnyvalueIfexistsMissing, Comparison, Effect, NullVariableNegated, NullWithSetOperator, PlainOperatorOnList,
    Qualifier, UnparsableValue,
};
use crate::value::{Address, Arn, Base64, Decimal, Family, Instant, Network, eq_ignore_case, parse_bool};

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

impl From<Option<bool>> for Compared {
    fn from(value: Option<bool>) -> Self {
        value.map_or(Self::Error, Self::from)
    }
}

/// A test of a block, as it stands there.
#[derive(Clone, Copy)]
pub(super) struct TestRecord<'a> {
    pub(super) comparison: Comparison,
    pub(super) negated: bool,
    pub(super) qualifier: Qualifier,
    pub(super) if_exists: bool,
    /// The key's number.
    pub(super) key: u32,
    /// All values: those that a search finds are the last.
    pub(super) values: Values<'a>,
    /// How the last values are found.
    pub(super) search: Option<Search>,
    /// Position behind the test.
    pub(super) end: usize,
}

/// How all values but the first ones are found.
#[derive(Clone, Copy)]
pub(super) struct Search {
    /// How many values come before.
    linear: usize,
    /// Position of a hash table in `lists`, or of a trie in `nodes`.
    pub(super) at: u32,
    /// Logarithm of the table's size; [`NONE`] for a trie.
    pub(super) log2: u32,
}

/// Values of a test: kind and number each.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    tables: &'a Tables<'a>,
    at: usize,
    count: usize,
}

impl<'a> Values<'a> {
    /// The first ones.
    fn first(self, count: usize) -> Self {
        Self { count: count.min(self.count), ..self }
    }

    #[inline]
    pub(super) fn records(self) -> impl Iterator<Item = [u32; 2]> + use<'a> {
        let Self { tables, at, count } = self;
        let operand = tables.widths.operand;
        (0..count).map(move |number| {
            let at = at + number * (1 + operand.bytes);
            [u32::from(tables.blocks.byte(at)), tables.blocks.number(at + 1, operand)]
        })
    }
}

impl<'a> Tables<'a> {
    /// How many tests a block has, and where the first stands.
    #[inline]
    pub(super) fn block(&self, at: u32) -> (usize, usize) {
        self.counted(index(at))
    }

    /// A count, and the position behind it. No count is larger than the section, so that a damaged one ends somewhere.
    #[inline]
    fn counted(&self, at: usize) -> (usize, usize) {
        match self.blocks.byte(at) {
            block::MANY => (index(self.blocks.word(at + 1)).min(self.blocks.len()), at + 5),
            few => (usize::from(few), at + 1),
        }
    }

    /// The test at a position.
    #[inline]
    pub(super) fn test(&'a self, at: usize) -> Option<TestRecord<'a>> {
        let start = self.blocks.long(at);
        let [comparison, flags, ..] = start.to_le_bytes();
        let key = self.widths.key.cut(start >> 16);
        let (count, mut at) = self.counted(at + 2 + self.widths.key.bytes);
        let mut search = None;
        if flags & block::SEARCH != 0 {
            let (linear, table, log2) = (self.blocks.word(at), self.blocks.word(at + 4), self.blocks.word(at + 8));
            search = Some(Search { linear: index(linear), at: table, log2 });
            at += 12;
        }
        Some(TestRecord {
            comparison: Comparison::from_code(comparison)?,
            negated: flags & block::NEGATED != 0,
            qualifier: Qualifier::from_code(flags >> block::QUALIFIER_SHIFT & 3)?,
            if_exists: flags & block::IF_EXISTS != 0,
            key,
            values: Values { tables: self, at, count },
            search,
            end: at + count * (1 + self.widths.operand.bytes),
        })
    }
}

/// A test with what it is asked of.
struct Test<'e, 'w> {
    env: &'e Env<'w>,
    effect: Effect,
    record: TestRecord<'w>,
}

impl Env<'_> {
    /// Whether a guard holds where the attachment decides who is meant and nothing is left open.
    #[inline]
    pub(super) fn guard_holds(&self, guard: u32, effect: Effect) -> bool {
        guard == 0 || holds(self, guard, effect, Whom::Checked)
    }
}

/// Whether a guard's principal element counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whom {
    /// It has to mean the requester.
    Checked,
    /// Who asks has looked at it.
    Known,
}

/// Whether all tests of a guard hold; `effect` is the statement's (R-CON-42).
#[inline(never)]
pub(super) fn holds(env: &Env<'_>, guard: u32, effect: Effect, whom: Whom) -> bool {
    let (set, block) = env.tables.guard(guard);
    // Where the attachment decides who is meant, policies have no principal element.
    if set != 0 && whom == Whom::Checked && !is_meant(env, set - 1, effect) {
        return false;
    }
    let Some(block) = block.checked_sub(1) else { return true };
    let (mut left, mut at) = env.tables.block(block);
    while left > 0 {
        let tested = match plain(env, at) {
            None => at_length(env, at, effect),
            tested => tested,
        };
        let Some((true, end)) = tested else { return false };
        at = end;
        left -= 1;
    }
    true
}

#[cold]
#[inline(never)]
fn is_meant(env: &Env<'_>, set: u32, effect: Effect) -> bool {
    env.spend(1) && !principal::kinds(env, set, effect).is_empty()
}

const NULL: u8 = Comparison::Null.code();
const IGNORING_CASE: u8 = Comparison::StringEqualsIgnoreCase.code();

/// Whether a test of the commonest kind holds, and the position behind it: one without set operator, of a key that is
/// missing or has one value, with values that [`plain_hit`] compares. Nothing is said of any other.
#[inline]
fn plain(env: &Env<'_>, at: usize) -> Option<(bool, usize)> {
    let tables = env.tables;
    let (key_width, operand) = (tables.widths.key, tables.widths.operand);
    let start = tables.blocks.long(at);
    let [comparison, flags, ..] = start.to_le_bytes();
    let (key, behind) = key_width.cut_off(start >> 16);
    let [count, ..] = behind.to_le_bytes();
    if flags & !(block::NEGATED | block::IF_EXISTS) != 0 || count == block::MANY || env.hunt().is_some() {
        return None;
    }
    let field = env.plain_field(key)?;
    let value = match field {
        Field::One(value) => value,
        Field::Missing => "",
        Field::List(_) => return None,
    };
    let (count, each) = (usize::from(count), 1 + operand.bytes);
    if !env.spend(1 + env.call.context.len()) {
        return None;
    }
    let mut at = at + 3 + key_width.bytes;
    let end = at + count * each;
    // R-CON-7
    if matches!(field, Field::Missing) && comparison != NULL {
        return Some((flags != 0, end));
    }
    while at < end {
        if plain_hit(env, at, [comparison, flags], value)? {
            return Some((flags & block::NEGATED == 0, end));
        }
        at += each;
    }
    Some((flags & block::NEGATED != 0, end))
}

/// Whether the value at a position counts as a match of this one, if it is a text, a truth value or a pattern that is
/// soon matched.
#[inline(never)]
fn plain_hit(env: &Env<'_>, at: usize, [comparison, flags]: [u8; 2], value: &str) -> Option<bool> {
    let tables = env.tables;
    let bytes = tables.blocks.long(at);
    let ([kind, ..], a) = (bytes.to_le_bytes(), tables.widths.operand.cut(bytes >> 8));
    let kind = u32::from(kind);
    // As at length, where patterns count for themselves.
    let is_compared = kind == value_kind::TEXT || kind == value_kind::BOOL && comparison != NULL;
    if is_compared && !env.spend(1 + value.len() / 8) {
        return None;
    }
    match kind {
        value_kind::TEXT if comparison != IGNORING_CASE => Some(same(tables.text_bytes(a), value.as_bytes())),
        value_kind::TEXT => ignoring_case(env, a, value),
        // R-CON-10
        value_kind::BOOL if comparison == NULL => Some(u32::from(value.is_empty()) == a),
        value_kind::BOOL => Some(u32::from(parse_bool(value)?) == a),
        value_kind::PATTERN => pattern_hit(env, a, [comparison, flags], value),
        _ => None,
    }
}

/// The same of a pattern.
#[inline(never)]
fn pattern_hit(env: &Env<'_>, pattern: u32, [comparison, flags]: [u8; 2], value: &str) -> Option<bool> {
    match Pattern::new(env, pattern).plain(value, comparison)? {
        Plain::Same => Some(true),
        Plain::Other => Some(false),
        // R-VAR-8
        Plain::Null => {
            let no_match = env.tables.semantics.null_variable_negated == NullVariableNegated::NoMatch;
            Some(flags & block::NEGATED != 0 && no_match)
        }
    }
}

/// Whether a text of the artifact is this value but for case; nothing where the budget does not last.
fn ignoring_case(env: &Env<'_>, symbol: u32, value: &str) -> Option<bool> {
    let text = env.tables.text(symbol);
    env.spend(text.len() / 8).then(|| eq_ignore_case(text, value))
}

/// Whether a test holds, and the position behind it; nothing if there is none.
#[inline(never)]
fn at_length(env: &Env<'_>, at: usize, effect: Effect) -> Option<(bool, usize)> {
    let record = env.tables.test(at)?;
    Some((Test { env, effect, record }.holds(), record.end))
}

impl Test<'_, '_> {
    fn holds(&self) -> bool {
        if let Some(hunt) = self.env.hunt()
            && self.is_open()
        {
            return hunt.reading.is_lenient();
        }
        let field = self.env.field(self.record.key);
        if self.record.comparison == Comparison::Null {
            return self.null(field);
        }
        match (field, self.record.qualifier) {
            (Field::Missing, qualifier) => self.missing(qualifier),
            (Field::One(value), Qualifier::Plain) => self.one(value),
            // No values: true of all, of any false (R-CON-15).
            (Field::One(""), qualifier) => qualifier == Qualifier::ForAllValues,
            (Field::One(value), _) => self.one(value),
            (Field::List(_), _) if self.env.is_single(self.record.key) => self.unparsable_list(),
            (Field::List(list), Qualifier::Plain) => {
                self.env.tables.semantics.plain_operator_on_list == PlainOperatorOnList::Any
                    && list.any(self.env.call, &mut |value| self.one(value))
            }
            (Field::List(list), qualifier) => {
                let only_empty = !list.any(self.env.call, &mut |value| !value.is_empty());
                if qualifier == Qualifier::ForAnyValue {
                    !only_empty && list.any(self.env.call, &mut |value| self.one(value))
                } else {
                    only_empty || !list.any(self.env.call, &mut |value| !self.one(value))
                }
            }
        }
    }

    /// Whether the key, or a variable in a value, is open.
    fn is_open(&self) -> bool {
        let open_value =
            |[kind, number]: [u32; 2]| kind == value_kind::PATTERN && Pattern::new(self.env, number).is_open();
        self.env.is_open(self.record.key) || self.record.values.records().any(open_value)
    }

    /// A missing key (R-CON-7).
    fn missing(&self, qualifier: Qualifier) -> bool {
        let any_if_exists = self.env.tables.semantics.anyvalue_ifexists_missing == AnyvalueIfexistsMissing::True;
        match qualifier {
            Qualifier::Plain => self.record.if_exists || self.record.negated,
            Qualifier::ForAllValues => true,
            Qualifier::ForAnyValue => self.record.if_exists && any_if_exists,
        }
    }

    /// Several values of a key that has one: a value that cannot be parsed, whatever it is compared with (R-CON-43).
    #[inline(never)]
    fn unparsable_list(&self) -> bool {
        let compared = |[kind, number]: [u32; 2]| match kind {
            value_kind::NULL => self.null_beside_unreadable(),
            value_kind::PATTERN if Pattern::new(self.env, number).is_null() => self.null_beside_unreadable(),
            _ => Compared::Error,
        };
        self.record.values.records().any(|record| self.hits(compared(record))) != self.record.negated
    }

    fn fails_closed(&self) -> bool {
        self.env.tables.semantics.unparsable_value == UnparsableValue::FailClosed
    }

    /// `Null` (R-CON-10, R-CON-11).
    #[inline(never)]
    fn null(&self, field: Field<'_>) -> bool {
        let constant = self.env.tables.semantics.null_with_set_operator == NullWithSetOperator::Constant;
        match self.record.qualifier {
            Qualifier::ForAllValues if constant => return true,
            Qualifier::ForAnyValue if constant => return false,
            Qualifier::Plain | Qualifier::ForAllValues | Qualifier::ForAnyValue => {}
        }
        let empty = match field {
            Field::Missing | Field::One("") => true,
            Field::One(_) => false,
            Field::List(list) => !list.any(self.env.call, &mut |value| !value.is_empty()),
        };
        let wanted = [value_kind::BOOL, u32::from(empty)];
        self.record.values.records().any(|value| value == wanted)
    }

    /// One request value against all policy values.
    fn one(&self, value: &str) -> bool {
        let search = self.record.search;
        let linear = self.record.values.first(search.map_or(usize::MAX, |search| search.linear));
        let hit = linear.records().any(|record| self.hits(self.compare(record, value)))
            || search.is_some_and(|search| self.hits(self.found(search, value)));
        hit != self.record.negated
    }

    /// Whether one of the values that a search stands for equals or matches.
    fn found(&self, search: Search, value: &str) -> Compared {
        let tables = self.env.tables;
        if search.log2 == NONE {
            if self.record.comparison == Comparison::ArnLike && Arn::find(value).is_none() {
                return Compared::Error;
            }
            let mut any = Any(false);
            walk_any(tables, None, &self.env.call.budget, search.at, value, &mut any);
            return any.0.into();
        }
        let mask = 1u32.checked_shl(search.log2).unwrap_or(0).wrapping_sub(1);
        let mut at = hash_text(value.as_bytes()) & mask;
        while let Some(symbol) = tables.lists.get(search.at.saturating_add(at)).and_then(|word| word.checked_sub(1)) {
            if !self.env.spend(1) {
                return Compared::Error;
            }
            if tables.text(symbol) == value {
                return Compared::True;
            }
            at = (at + 1) & mask;
        }
        Compared::False
    }

    /// Whether a comparison counts as a match in `m(s)` of R-CON-42.
    fn hits(&self, compared: Compared) -> bool {
        match compared {
            Compared::True => true,
            Compared::False => false,
            Compared::Null => {
                let no_match = self.env.tables.semantics.null_variable_negated == NullVariableNegated::NoMatch;
                self.record.negated && no_match
            }
            Compared::Error => (self.effect == Effect::Deny && self.fails_closed()) != self.record.negated,
        }
    }

    /// The positive comparison of one policy value with one request value.
    #[inline(never)]
    fn compare(&self, [kind, a]: [u32; 2], value: &str) -> Compared {
        let tables = self.env.tables;
        // Texts are compared no further than both of them reach; patterns count for themselves. Reading a number, bytes
        // or letters of any case looks at all of both.
        if kind != value_kind::PATTERN && !self.env.spend(1 + value.len() / 8) {
            return Compared::Error;
        }
        let reads_all = match kind {
            value_kind::NUMBER | value_kind::BINARY => true,
            value_kind::TEXT => self.record.comparison == Comparison::StringEqualsIgnoreCase,
            _ => false,
        };
        if reads_all && !self.env.spend(tables.text_bytes(a).len() / 8) {
            return Compared::Error;
        }
        let (ignores_case, text) = (self.record.comparison == Comparison::StringEqualsIgnoreCase, tables.text(a));
        let found = match kind {
            value_kind::NULL => return self.null_beside(value),
            value_kind::PATTERN => return self.pattern(a, value),
            value_kind::TEXT if ignores_case => Some(eq_ignore_case(text, value)),
            value_kind::TEXT => Some(same(text.as_bytes(), value.as_bytes())),
            value_kind::NUMBER => Decimal::compare(value, text).map(|ordering| self.ordered(ordering)),
            value_kind::INSTANT => self.instant(a, value).map(|ordering| self.ordered(ordering)),
            value_kind::BOOL => parse_bool(value).map(|request| u32::from(request) == a),
            value_kind::BINARY => {
                Base64::parse(text).zip(Base64::parse(value)).map(|(policy, request)| policy == request)
            }
            value_kind::NETWORK => self.network(a).and_then(|network| Some(network.contains(Address::parse(value)?))),
            _ => None,
        };
        found.into()
    }

    /// A null policy value beside a request value.
    fn null_beside(&self, value: &str) -> Compared {
        // Only ARNs are compared with variables by a negated operator that not every text suits.
        let is_readable = self.record.comparison != Comparison::ArnLike || Arn::find(value).is_some();
        if is_readable { Compared::Null } else { self.null_beside_unreadable() }
    }

    /// The same beside one that the operator cannot read: an error for negated tests (R-CON-42, R-CON-43), so that an
    /// `Allow` does not hold because nothing is like null; elsewhere null matches nothing (R-VAR-8).
    fn null_beside_unreadable(&self) -> Compared {
        if self.record.negated { Compared::Error } else { Compared::Null }
    }

    #[inline(never)]
    fn pattern(&self, number: u32, value: &str) -> Compared {
        let pattern = Pattern::new(self.env, number);
        if pattern.is_null() {
            return self.null_beside(value);
        }
        let matches = match self.record.comparison {
            Comparison::ArnLike => pattern.arn_like(value),
            Comparison::Bool => pattern.boolean(value),
            Comparison::StringEquals => Some(pattern.equals(value)),
            Comparison::StringEqualsIgnoreCase => Some(pattern.equals_ignoring_case(value)),
            Comparison::StringLike
            | Comparison::NumericEquals
            | Comparison::NumericLessThan
            | Comparison::NumericLessThanEquals
            | Comparison::NumericGreaterThan
            | Comparison::NumericGreaterThanEquals
            | Comparison::DateEquals
            | Comparison::DateLessThan
            | Comparison::DateLessThanEquals
            | Comparison::DateGreaterThan
            | Comparison::DateGreaterThanEquals
            | Comparison::BinaryEquals
            | Comparison::IpAddress
            | Comparison::Null => Some(pattern.like(value)),
        };
        matches.into()
    }

    fn ordered(&self, ordering: core::cmp::Ordering) -> bool {
        use Comparison as C;
        match self.record.comparison {
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
        }
    }

    /// How an instant of the request compares with one of the artifact.
    fn instant(&self, at: u32, request: &str) -> Option<core::cmp::Ordering> {
        let [low, high, nanoseconds] = self.env.tables.lists.block(at)?;
        let bits = u64::from(high) << 32 | u64::from(low);
        let policy = Instant::from_parts(i64::from_le_bytes(bits.to_le_bytes()), nanoseconds)?;
        Some(Instant::parse(request)?.cmp(&policy))
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

/// Notes that any pattern matches.
struct Any(bool);

impl Visitor for Any {
    fn row(&mut self, _: usize) -> Flow {
        self.0 = true;
        Flow::Stop
    }

    fn wants(&self, _: Below) -> bool {
        !self.0
    }
}
