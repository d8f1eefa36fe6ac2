//! Condition tests (chapter 5).

use crate::terms::{Cardinality, Comparison, KeySource, Qualifier};

use super::{KeyId, PatternId, Symbol};

/// A condition key, numbered once for all spellings (R-CON-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    /// Its name in lower case.
    pub(crate) name: Symbol,
    /// How many values it has.
    pub(crate) cardinality: Cardinality,
    /// Where its value comes from.
    pub(crate) source: KeySource,
}

/// One value of a test, parsed for the test's comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Value {
    /// A text without variables, for the string comparisons without wildcards. For `StringEqualsIgnoreCase` it is in
    /// lower case already.
    Text(Symbol),
    /// A pattern: `StringLike`, `ArnLike`, and every value with variables. In an ARN comparison the crossing of
    /// wildcards follows from the component they stand in after substitution (R-VAR-16), not from the step.
    Pattern(PatternId),
    /// A decimal in normal form, as `value::Decimal` prints it.
    Number(Symbol),
    /// An instant: seconds and nanoseconds.
    Instant(i64, u32),
    /// `true` or `false`.
    Bool(bool),
    /// Decoded bytes, as the base64 text they were written in (padded, standard alphabet).
    Binary(Symbol),
    /// A network: address as IPv6 has it (IPv4 in the first four bytes), prefix length, whether it is IPv4.
    Network {
        /// Address bytes, host bits masked off.
        address: [u8; 16],
        /// Prefix length in bits.
        prefix: u8,
        /// IPv4 or IPv6.
        v4: bool,
    },
    /// A value that cannot be parsed (R-CON-34): lenient mode only.
    Unparsable,
    /// A value that is null whatever the request (R-VAR-12): lenient mode only.
    Null,
}

/// One test: operator, key, values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Test {
    /// The positive twin of the operator.
    pub(crate) comparison: Comparison,
    /// Whether the operator is negated.
    pub(crate) negated: bool,
    /// The set operator.
    pub(crate) qualifier: Qualifier,
    /// Whether it ends in `IfExists`.
    pub(crate) if_exists: bool,
    /// The key.
    pub(crate) key: KeyId,
    /// Values, sorted, without repetition.
    pub(crate) values: Box<[Value]>,
}
