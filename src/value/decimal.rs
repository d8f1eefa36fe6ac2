//! Decimal numbers without limits (R-CON-28).

use core::cmp::Ordering;
use core::fmt;

/// A decimal number of any size and precision, held as digits of the text it came from.
///
/// Equal numbers are equal values: `1`, `1.0`, `+1` and `01` are one. Costs no more than its digits; comparing
/// is linear and exact, no float is involved.
// Invariant: only ASCII digits; `integer` does not begin and `fraction` does not end with `0`; zero is not negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Decimal<'a> {
    negative: bool,
    integer: &'a str,
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    /// Reads `[+-]?digits[.digits]`, or returns `None` for any other text (R-CON-28).
    ///
    /// Refused are exponents, blanks, hexadecimals, `NaN`, `.5`, `5.`, digit separators and non-ASCII digits. Linear;
    /// never panics.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (minus, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (integer, fraction) = match super::text::split_once(unsigned, b'.') {
            Some(parts) => parts,
            None => (unsigned, "0"),
        };
        if !is_digits(integer) || !is_digits(fraction) {
            return None;
        }
        // By bytes, which digits are: less code than looking for characters.
        let is_zero = |digit: &u8| *digit == b'0';
        let leading = integer.bytes().take_while(is_zero).count();
        let trailing = fraction.bytes().rev().take_while(is_zero).count();
        let (integer, fraction) = (integer.get(leading..)?, fraction.get(..fraction.len() - trailing)?);
        let zero = integer.is_empty() && fraction.is_empty();
        Some(Self { negative: minus && !zero, integer, fraction })
    }

    /// Compares two numbers, or returns `None` unless both are.
    pub(crate) fn compare(one: &str, other: &str) -> Option<Ordering> {
        Some(Decimal::parse(one)?.cmp(&Decimal::parse(other)?))
    }

    /// Whether the number is below zero.
    #[cfg(test)]
    pub(crate) fn is_negative(&self) -> bool {
        self.negative
    }

    /// The digits before the point without leading zeros; empty for a number between -1 and 1.
    #[cfg(test)]
    pub(crate) fn integer_digits(&self) -> &'a str {
        self.integer
    }

    /// The digits behind the point without trailing zeros; empty for a whole number.
    #[cfg(test)]
    pub(crate) fn fraction_digits(&self) -> &'a str {
        self.fraction
    }

    /// Compares the two numbers without their signs.
    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        // Without leading zeros the longer integer is the greater one; a fraction compares like a word in a dictionary.
        self.integer
            .len()
            .cmp(&other.integer.len())
            .then_with(|| self.integer.cmp(other.integer))
            .then_with(|| self.fraction.cmp(other.fraction))
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.cmp_magnitude(other),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (true, true) => other.cmp_magnitude(self),
        }
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal<'_> {
    /// Writes the shortest text that [`Decimal::parse`] reads as the same number, such as `-0.5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let integer = if self.integer.is_empty() { "0" } else { self.integer };
        let point = if self.fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{integer}{point}{}", self.fraction)
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::Decimal;
    use core::cmp::Ordering;
    use proptest::prelude::*;
    use std::{
        format,
        string::{String, ToString},
        vec::Vec,
    };

    fn check(text: &str, printed: &str) {
        let number = Decimal::parse(text);
        assert_eq!(number.map(|number| number.to_string()).as_deref(), Some(printed), "{text:?}");
        assert_eq!(number, Decimal::parse(printed), "{text:?}");
    }

    fn check_order(left: &str, right: &str, expected: Ordering) {
        let (a, b) = (Decimal::parse(left), Decimal::parse(right));
        assert!(a.is_some() && b.is_some(), "{left} {right}");
        assert_eq!(a.cmp(&b), expected, "{left} {right}");
        assert_eq!(b.cmp(&a), expected.reverse(), "{right} {left}");
        assert_eq!(a == b, expected == Ordering::Equal, "{left} {right}");
    }

    #[test]
    fn normal_spelling() {
        check("0", "0");
        check("-0", "0");
        check("+0", "0");
        check("-0.000", "0");
        check("000", "0");
        check("007", "7");
        check("+7", "7");
        check("-7", "-7");
        check("1.0", "1");
        check("100", "100");
        check("100.00", "100");
        check("0.50", "0.5");
        check("-00.050", "-0.05");
        check("9223372036854775808.000000000000000000010", "9223372036854775808.00000000000000000001");
    }

    #[test]
    fn refused() {
        for text in ["", "+", "-", ".", ".5", "5.", "-.5", "+5.", "1e3", "1E3", "1.5e-3", "0x10", "NaN", "inf", "abc"] {
            assert_eq!(Decimal::parse(text), None, "{text:?}");
        }
        for text in [" 1", "1 ", "1\n", "--1", "+-1", "1-", "1.2.3", "1,5", "1_000", "1 000", "٣", "１", "−1", "1.٣"]
        {
            assert_eq!(Decimal::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn exact_order() {
        // W-63 and the examples of R-CON-28
        check_order("1", "1.0", Ordering::Equal);
        check_order("007", "7", Ordering::Equal);
        check_order("-0", "0", Ordering::Equal);
        check_order("9", "10", Ordering::Less);
        check_order("-9", "-10", Ordering::Greater);
        check_order("-1", "0", Ordering::Less);
        check_order("-1", "0.1", Ordering::Less);
        check_order("0.9", "0.10", Ordering::Greater);
        check_order("0.5", "0.50", Ordering::Equal);
        check_order("0.5", "0.51", Ordering::Less);
        check_order("-0.5", "-0.51", Ordering::Greater);
        // a float would call these equal
        check_order("9007199254740993", "9007199254740992", Ordering::Greater);
        check_order("0.1", "0.1000000000000000000000000000000001", Ordering::Less);
        check_order(
            "1000000000000000000000000000000000000000",
            "999999999999999999999999999999999999999.9",
            Ordering::Greater,
        );
    }

    #[test]
    fn normalized_digits() {
        let digits = |text| {
            Decimal::parse(text).map(|number| (number.is_negative(), number.integer_digits(), number.fraction_digits()))
        };
        assert_eq!(digits("-007.250"), Some((true, "7", "25")));
        assert_eq!(digits("100"), Some((false, "100", "")));
        assert_eq!(digits("-0.0"), Some((false, "", "")));
    }

    #[test]
    fn unparsable_request_value_of_w_64() {
        assert_eq!(Decimal::parse("abc"), None);
    }

    /// A number as text, and the same number times 10^12.
    fn number() -> impl Strategy<Value = (String, i128)> {
        (any::<i64>(), 0_i64..1000, any::<bool>(), 0_usize..=12, 0_usize..3, 0_usize..3).prop_map(
            |(large, small, use_small, places, lead, trail)| {
                let mantissa = if use_small { small - 500 } else { large };
                let scale = 10_i128.pow(u32::try_from(12 - places).unwrap_or(0));
                let digits = format!("{:0>width$}", mantissa.unsigned_abs(), width = places + 1);
                let (integer, fraction) = digits.split_at(digits.len() - places);
                let sign = if mantissa < 0 { "-" } else { "" };
                let (lead, trail) = ("0".repeat(lead), "0".repeat(trail));
                let text = match places {
                    0 => format!("{sign}{lead}{integer}"),
                    _ => format!("{sign}{lead}{integer}.{fraction}{trail}"),
                };
                (text, i128::from(mantissa) * scale)
            },
        )
    }

    proptest! {
        #[test]
        fn order_is_that_of_scaled_integers((left, a) in number(), (right, b) in number()) {
            check_order(&left, &right, a.cmp(&b));
        }

        #[test]
        fn printing_keeps_the_value(text in "[+-]?[0-9]{1,30}([.][0-9]{1,30})?") {
            let printed = Decimal::parse(&text).map(|number| number.to_string());
            assert!(printed.is_some());
            let printed = printed.unwrap_or_default();
            assert_eq!(Decimal::parse(&printed), Decimal::parse(&text));
            assert!(!printed.starts_with('+') && printed.len() <= text.len());
        }

        #[test]
        fn accepts_the_grammar_and_nothing_else(text in "[+-]?[0-9]{0,2}[.]?[0-9]{0,2}|[0-9.+e -]{0,5}|\\PC*") {
            let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
            let parts: Vec<&str> = unsigned.split('.').collect();
            let digits = |part: &&str| !part.is_empty() && part.chars().all(|c: char| c.is_ascii_digit());
            assert_eq!(Decimal::parse(&text).is_some(), parts.len() <= 2 && parts.iter().all(digits));
        }
    }
}
