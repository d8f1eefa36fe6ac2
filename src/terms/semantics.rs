//! The switches of reference chapter 11: readings on which sources disagree, chosen at compile time.

/// Defines the switches: one enum each, its values in order with the default first, and their place in the bit field.
macro_rules! switches {
    ($($(#[$doc:meta])* $field:ident : $type:ident = $text:literal at $bit:literal { $($(#[$value_doc:meta])* $value:ident = $name:literal),+ $(,)? })+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
            #[repr(u8)]
            pub enum $type {
                $($(#[$value_doc])* $value),+
            }

            impl $type {
                const ALL: &'static [(Self, &'static str)] = &[$((Self::$value, $name)),+];

                /// How many values there are, two or three.
                const COUNT: usize = [$(Self::$value),+].len();

                /// The value of two bits, which has to exist.
                #[inline]
                #[expect(clippy::as_conversions, reason = "there is no other way to the number of a variant")]
                const fn of_bits(bits: u64) -> Self {
                    const FIRST: $type = [$($type::$value),+][0];
                    let bits = if Self::COUNT == 2 { bits & 1 } else { bits & 3 };
                    match bits {
                        $(number if number == Self::$value as u64 => Self::$value,)+
                        _ => FIRST,
                    }
                }
            }
        )+

        /// One value for each switch of chapter 11; [`Semantics::default`] is the first value of each.
        ///
        /// The artifact records them, and the runtime decides by them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct Semantics {
            $($(#[$doc])* pub $field: $type,)+
        }

        impl Semantics {
            /// Names of all switches with the names of their values, the default first.
            pub const SWITCHES: &'static [(&'static str, &'static [&'static str])] = &[$(($text, &[$($name),+])),+];

            /// Sets the switch `name` to `value`.
            ///
            /// # Errors
            ///
            /// Fails for a name or a value that chapter 11 does not list.
            pub fn set(&mut self, name: &str, value: &str) -> Result<(), UnknownSwitch> {
                match name {
                    $($text => {
                        self.$field = $type::ALL
                            .iter()
                            .find(|(_, text)| *text == value)
                            .map(|(value, _)| *value)
                            .ok_or(UnknownSwitch::Value)?;
                        Ok(())
                    })+
                    _ => Err(UnknownSwitch::Name),
                }
            }

            /// The switches as (name, value), in the order of chapter 11.
            pub fn values(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
                [$(($text, $type::ALL.iter().find(|(value, _)| *value == self.$field).map_or("", |(_, text)| *text))),+]
                    .into_iter()
            }

            /// The bit field that the artifact stores: two bits a switch.
            pub fn to_bits(self) -> u64 {
                0 $(| (position($type::ALL.iter().position(|(value, _)| *value == self.$field)) << $bit))+
            }

            /// Reads the bit field; nothing if a switch has a value that does not exist or an unused bit is set.
            #[inline(never)]
            pub fn from_bits(bits: u64) -> Option<Self> {
                // Of two values the second one is 1, of three the third one is 2.
                const USED: u64 = 0 $(| if $type::COUNT == 2 { 1 } else { 3 } << $bit)+;
                let has_three = bits & bits >> 1 & (0 $(| 1 << $bit)+);
                (bits & !USED | has_three == 0).then(|| Self { $($field: $type::of_bits(bits >> $bit),)+ })
            }
        }
    };
}

fn position(index: Option<usize>) -> u64 {
    index.and_then(|index| u64::try_from(index).ok()).unwrap_or(0)
}

/// Why a switch could not be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnknownSwitch {
    /// No switch has that name.
    Name,
    /// The switch has no such value.
    Value,
}

switches! {
    /// Whether findings for which a rule gives a meaning are errors.
    validation: Validation = "validation" at 0 {
        /// They are errors.
        #[default] Strict = "strict",
        /// They are warnings and that meaning holds.
        Lenient = "lenient",
    }
    /// What `*` in components 2 to 5 of an ARN may cross (R-ARN-9).
    arn_star: ArnStar = "arn_star" at 2 {
        /// A `*` that ends its component crosses `:`.
        #[default] TrailingCrosses = "trailing_crosses",
        /// No `*` crosses.
        PerComponent = "per_component",
        /// Plain glob over the whole text.
        WholeString = "whole_string",
    }
    /// Case of components 1 to 5 of an ARN (R-ARN-7).
    arn_head_case: ArnHeadCase = "arn_head_case" at 4 {
        /// Compared exactly.
        #[default] Sensitive = "sensitive",
        /// ASCII case is ignored.
        Insensitive = "insensitive",
    }
    /// What `?` consumes (R-ARN-19).
    question_mark: QuestionMark = "question_mark" at 6 {
        /// One Unicode scalar value.
        #[default] Scalar = "scalar",
        /// One byte.
        Byte = "byte",
    }
    /// Wildcards inside substituted values (R-VAR-10).
    variable_wildcards: VariableWildcards = "variable_wildcards" at 8 {
        /// Ordinary characters.
        #[default] Literal = "literal",
        /// Wildcards.
        Active = "active",
    }
    /// An empty string as the value of a variable (R-VAR-9).
    empty_variable: EmptyVariable = "empty_variable" at 10 {
        /// No value.
        #[default] Null = "null",
        /// The empty text.
        Empty = "empty",
    }
    /// Variables in values of `Bool` (R-VAR-4).
    bool_variables: BoolVariables = "bool_variables" at 12 {
        /// Expanded.
        #[default] Expand = "expand",
        /// Literal text.
        Literal = "literal",
    }
    /// Variables in components 4 and 5 of a resource (R-VAR-3).
    variables_in_arn_head: VariablesInArnHead = "variables_in_arn_head" at 14 {
        /// Expanded, with a warning.
        #[default] Expand = "expand",
        /// Refused.
        Reject = "reject",
    }
    /// An entry of `NotResource` whose variable has no value (R-ARN-16).
    null_variable_in_notresource: NullVariableInNotResource = "null_variable_in_notresource" at 16 {
        /// It excludes nothing.
        #[default] ExcludesNothing = "excludes_nothing",
        /// The statement does not match.
        NoMatch = "no_match",
    }
    /// The default of a variable whose key is a list (R-VAR-6).
    multivalued_variable_default: MultivaluedVariableDefault = "multivalued_variable_default" at 18 {
        /// Used.
        #[default] Use = "use",
        /// Not used: the value is null.
        Null = "null",
    }
    /// A null value under a negated operator (R-VAR-8).
    null_variable_negated: NullVariableNegated = "null_variable_negated" at 20 {
        /// It counts as not equal.
        #[default] Match = "match",
        /// The test is false.
        NoMatch = "no_match",
    }
    /// Values that cannot be parsed (R-CON-42).
    unparsable_value: UnparsableValue = "unparsable_value" at 22 {
        /// False in `Allow`, true in `Deny`.
        #[default] FailClosed = "fail_closed",
        /// False in both.
        False = "false",
    }
    /// `Null` with a set operator (R-CON-11).
    null_with_set_operator: NullWithSetOperator = "null_with_set_operator" at 24 {
        /// `ForAllValues:Null` is true, `ForAnyValue:Null` false.
        #[default] Constant = "constant",
        /// The qualifier is ignored.
        Ignore = "ignore",
    }
    /// A plain operator on a key that holds a list (R-CON-21).
    plain_operator_on_list: PlainOperatorOnList = "plain_operator_on_list" at 26 {
        /// False.
        #[default] False = "false",
        /// True if any value matches.
        Any = "any",
    }
    /// `ForAnyValue:…IfExists` on a missing key (R-CON-7).
    anyvalue_ifexists_missing: AnyvalueIfexistsMissing = "anyvalue_ifexists_missing" at 28 {
        /// True.
        #[default] True = "true",
        /// False.
        False = "false",
    }
    /// A bare `*` under an ARN operator (R-CON-26).
    arnlike_bare_star: ArnlikeBareStar = "arnlike_bare_star" at 30 {
        /// Not an ARN pattern.
        #[default] NoMatch = "no_match",
        /// Matches every ARN.
        Match = "match",
    }
    /// Case of operator names (R-CON-3).
    operator_case: OperatorCase = "operator_case" at 32 {
        /// As documented.
        #[default] Exact = "exact",
        /// ASCII case is ignored.
        Insensitive = "insensitive",
    }
    /// Direct grants against a session policy (R-EVAL-14).
    session_policy_vs_direct: SessionPolicyVsDirect = "session_policy_vs_direct" at 34 {
        /// The grant wins over an implicit deny.
        #[default] DirectWins = "direct_wins",
        /// The session policy caps it.
        SessionCaps = "session_caps",
    }
    /// Direct grants of a trust policy to a user with a boundary (R-EVAL-30).
    trust_user_needs_boundary: TrustUserNeedsBoundary = "trust_user_needs_boundary" at 36 {
        /// The boundary must allow.
        #[default] Yes = "yes",
        /// It need not.
        No = "no",
    }
    /// Which levels a `NotPrincipal` list must name (R-PRI-16).
    notprincipal_levels: NotprincipalLevels = "notprincipal_levels" at 38 {
        /// User: own ARN; session: session and role ARN.
        #[default] Exact = "exact",
        /// Any level exempts.
        AnyLevel = "any_level",
        /// All levels and the account.
        AllLevels = "all_levels",
    }
    /// Language of service control policies: findings only (R-DOC-23).
    scp_language: ScpLanguage = "scp_language" at 40 {
        /// The language of September 2025.
        #[default] Full = "full",
        /// The older restrictions are findings.
        Classic = "classic",
    }
    /// Whether blanks inside strings count towards the size: findings only (R-DOC-26).
    size_counts_string_blanks: SizeCountsStringBlanks = "size_counts_string_blanks" at 42 {
        /// They count.
        #[default] Yes = "yes",
        /// They do not.
        No = "no",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_survives_the_bit_field() {
        for (name, values) in Semantics::SWITCHES {
            for value in *values {
                let mut semantics = Semantics::default();
                semantics.set(name, value).unwrap();
                assert_eq!(Semantics::from_bits(semantics.to_bits()), Some(semantics), "{name}={value}");
                assert!(semantics.values().any(|(n, v)| n == *name && v == *value));
            }
        }
    }

    #[test]
    fn unknown_bits_and_names_are_refused() {
        assert_eq!(Semantics::from_bits(1 << 60), None);
        assert_eq!(Semantics::from_bits(3), None, "`validation` has two values");
        assert_eq!(Semantics::default().set("arn_stars", "x"), Err(UnknownSwitch::Name));
        assert_eq!(Semantics::default().set("arn_star", "x"), Err(UnknownSwitch::Value));
    }
}
