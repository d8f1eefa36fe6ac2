//! One test of a condition (chapter 5; the function is R-CON-41 with R-CON-42 and R-CON-43).

use super::context::{Context, Held, known_single, values};
use super::pattern::{Part, Piece, expand, glob_pieces, text_of};
use super::switches::Switches;
use super::value::{address, base64, boolean, contains, date, decimal, fold, range};
use std::cmp::Ordering;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Relation {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Relation::Equal => order == Ordering::Equal,
            Relation::Less => order == Ordering::Less,
            Relation::LessEqual => order != Ordering::Greater,
            Relation::Greater => order == Ordering::Greater,
            Relation::GreaterEqual => order != Ordering::Less,
        }
    }
}

/// The positive twin of a base operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Relation),
    Date(Relation),
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Qualifier {
    None,
    ForAllValues,
    ForAnyValue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operator {
    qualifier: Qualifier,
    base: Base,
    negated: bool,
    if_exists: bool,
}

/// R-CON-6.
const BASES: &[(&str, Base, bool)] = &[
    ("StringEquals", Base::StringEquals, false),
    ("StringNotEquals", Base::StringEquals, true),
    ("StringEqualsIgnoreCase", Base::StringEqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Base::StringEqualsIgnoreCase, true),
    ("StringLike", Base::StringLike, false),
    ("StringNotLike", Base::StringLike, true),
    ("NumericEquals", Base::Numeric(Relation::Equal), false),
    ("NumericNotEquals", Base::Numeric(Relation::Equal), true),
    ("NumericLessThan", Base::Numeric(Relation::Less), false),
    ("NumericLessThanEquals", Base::Numeric(Relation::LessEqual), false),
    ("NumericGreaterThan", Base::Numeric(Relation::Greater), false),
    ("NumericGreaterThanEquals", Base::Numeric(Relation::GreaterEqual), false),
    ("DateEquals", Base::Date(Relation::Equal), false),
    ("DateNotEquals", Base::Date(Relation::Equal), true),
    ("DateLessThan", Base::Date(Relation::Less), false),
    ("DateLessThanEquals", Base::Date(Relation::LessEqual), false),
    ("DateGreaterThan", Base::Date(Relation::Greater), false),
    ("DateGreaterThanEquals", Base::Date(Relation::GreaterEqual), false),
    ("Bool", Base::Bool, false),
    ("BinaryEquals", Base::Binary, false),
    ("IpAddress", Base::Ip, false),
    ("NotIpAddress", Base::Ip, true),
    ("ArnEquals", Base::Arn, false),
    ("ArnLike", Base::Arn, false),
    ("ArnNotEquals", Base::Arn, true),
    ("ArnNotLike", Base::Arn, true),
    ("Null", Base::Null, false),
];

impl Operator {
    /// R-CON-2, R-CON-3; `None` is an unknown operator.
    pub(super) fn parse(name: &str, switches: &Switches) -> Option<Operator> {
        let same =
            |a: &str, b: &str| if switches.operator_case_insensitive { a.eq_ignore_ascii_case(b) } else { a == b };
        for (prefix, qualifier) in [
            ("", Qualifier::None),
            ("ForAllValues:", Qualifier::ForAllValues),
            ("ForAnyValue:", Qualifier::ForAnyValue),
        ] {
            for (base_name, base, negated) in BASES {
                for suffix in ["", "IfExists"] {
                    let if_exists = !suffix.is_empty();
                    let nonsense = if_exists && *base == Base::Null;
                    if !nonsense && same(name, &format!("{prefix}{base_name}{suffix}")) {
                        return Some(Operator { qualifier, base: *base, negated: *negated, if_exists });
                    }
                }
            }
        }
        None
    }
}

/// One key under one operator.
#[derive(Clone, Debug)]
pub(super) struct Test {
    pub(super) number: usize,
    pub(super) operator: Option<Operator>,
    /// In lower case.
    pub(super) key: String,
    /// Each policy value as text and as parts.
    pub(super) values: Vec<(String, Vec<Part>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Truth {
    True,
    False,
    Error,
}

fn truth(holds: bool) -> Truth {
    if holds { Truth::True } else { Truth::False }
}

impl Test {
    /// R-CON-41.
    pub(super) fn holds(&self, allow: bool, context: &Context, switches: &Switches) -> bool {
        let Some(operator) = self.operator else { return false }; // R-CON-2
        let held = context.get(&self.key);
        if operator.base == Base::Null {
            return self.null(operator.qualifier, held.as_ref(), switches);
        }
        let Some(held) = held else {
            // R-CON-7
            return match operator.qualifier {
                Qualifier::ForAnyValue if operator.if_exists => !switches.anyvalue_ifexists_false,
                _ if operator.if_exists => true,
                Qualifier::None => operator.negated,
                Qualifier::ForAllValues => true,
                Qualifier::ForAnyValue => false,
            };
        };
        let one = |value: Option<&str>| self.value_holds(operator, value, allow, context, switches);
        if matches!(held, Held::List(_)) && known_single(&self.key) {
            return one(None); // R-CON-43: a value that cannot be parsed, one whatever the qualifier
        }
        if operator.qualifier == Qualifier::None {
            return match &held {
                Held::Single(text) => one(Some(text)),
                Held::List(items) if switches.plain_list_any => items.iter().any(|item| one(Some(item))),
                Held::List(_) => false, // R-CON-21
            };
        }
        let all = values(&held);
        if all.iter().all(String::is_empty) {
            return operator.qualifier == Qualifier::ForAllValues; // R-CON-15
        }
        match operator.qualifier {
            Qualifier::ForAllValues => all.iter().all(|item| one(Some(item))), // R-CON-13
            _ => all.iter().any(|item| one(Some(item))),
        }
    }

    /// R-CON-10, R-CON-11.
    fn null(&self, qualifier: Qualifier, held: Option<&Held>, switches: &Switches) -> bool {
        if !switches.null_set_ignore {
            match qualifier {
                Qualifier::ForAllValues => return true,
                Qualifier::ForAnyValue => return false,
                Qualifier::None => {}
            }
        }
        let empty = held.is_none_or(|held| values(held).iter().all(String::is_empty));
        let wanted = if empty { "true" } else { "false" };
        self.values.iter().any(|(text, _)| text.eq_ignore_ascii_case(wanted))
    }

    /// m(s) of R-CON-42. `None` stands for a value that cannot be parsed.
    fn value_holds(
        &self,
        operator: Operator,
        value: Option<&str>,
        allow: bool,
        context: &Context,
        switches: &Switches,
    ) -> bool {
        let mut any_true = false;
        let mut any_error = false;
        let mut any_null = false;
        for (text, parts) in &self.values {
            match compare(operator.base, text, parts, value, context, switches) {
                // An error for negated tests (R-CON-42, R-CON-43).
                None if operator.negated && !is_read(operator.base, value) => any_error = true,
                None => any_null = true, // equal to nothing (R-VAR-8)
                Some(Truth::True) => any_true = true,
                Some(Truth::Error) => any_error = true,
                Some(Truth::False) => {}
            }
        }
        if operator.negated && any_null && switches.null_negated_no_match {
            return false;
        }
        let closed = switches.unparsable_false || allow;
        match (operator.negated, closed) {
            (false, true) => any_true,
            (true, true) => !(any_true || any_error),
            (false, false) => any_true || any_error,
            (true, false) => !any_true,
        }
    }
}

/// Whether a base that takes variables and can be negated reads a request value.
fn is_read(base: Base, value: Option<&str>) -> bool {
    value.is_some_and(|value| base != Base::Arn || (value.starts_with("arn:") && value.splitn(6, ':').count() == 6))
}

/// cmp(p, s) of R-CON-41; `None` where the policy value is null.
fn compare(
    base: Base,
    text: &str,
    parts: &[Part],
    value: Option<&str>,
    context: &Context,
    switches: &Switches,
) -> Option<Truth> {
    // R-VAR-3, R-VAR-4
    let expands = match base {
        Base::StringEquals | Base::StringEqualsIgnoreCase | Base::StringLike | Base::Arn => true,
        Base::Bool => !switches.bool_variables_literal,
        _ => false,
    };
    let pieces: Vec<Piece> = if expands { expand(parts, context, switches)? } else { Vec::new() };
    let text = if expands { text_of(&pieces) } else { text.to_owned() };
    let Some(value) = value else { return Some(Truth::Error) };
    let both = |pair: Option<bool>| pair.map_or(Truth::Error, truth);
    Some(match base {
        Base::StringEquals => truth(text == value),
        Base::StringEqualsIgnoreCase => truth(fold(&text) == fold(value)),
        Base::StringLike => truth(glob_pieces(&pieces, value, switches)),
        Base::Numeric(relation) => both(decimal(value).zip(decimal(&text)).map(|(s, p)| relation.holds(s.compare(&p)))),
        Base::Date(relation) => both(date(value).zip(date(&text)).map(|(s, p)| relation.holds(s.cmp(&p)))),
        Base::Bool => both(boolean(value).zip(boolean(&text)).map(|(s, p)| s == p)),
        Base::Binary => both(base64(value).zip(base64(&text)).map(|(s, p)| s == p)),
        Base::Ip => both(address(value).zip(range(&text)).map(|(s, p)| contains(p, s))),
        Base::Arn => compare_arn(&pieces, value, switches),
        Base::Null => Truth::False,
    })
}

/// R-CON-26, R-CON-27: six components each.
fn compare_arn(pattern: &[Piece], value: &str, switches: &Switches) -> Truth {
    let values: Vec<&str> = value.splitn(6, ':').collect();
    if values.len() != 6 || values.first() != Some(&"arn") {
        return Truth::Error;
    }
    if switches.bare_star_match && pattern == [Piece { character: '*', wild: true }] {
        return Truth::True;
    }
    let patterns: Vec<&[Piece]> = pattern.splitn(6, |piece| piece.character == ':').collect();
    if patterns.len() != 6 || patterns.first().is_none_or(|first| text_of(first) != "arn") {
        return Truth::Error;
    }
    truth(patterns.iter().zip(&values).all(|(pattern, value)| glob_pieces(pattern, value, switches)))
}

/// Keys that narrow a public grant (R-EVAL-45).
const PINNING: &[&str] = &[
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:userid",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:dataaccesspointarn",
];

impl Test {
    /// Whether the test ties a grant to fixed values of one of the keys of R-EVAL-45.
    pub(super) fn pins(&self) -> bool {
        let Some(operator) = self.operator else { return true }; // never true: grants nothing
        if operator.negated
            || operator.if_exists
            || operator.qualifier == Qualifier::ForAllValues
            || self.values.is_empty()
        {
            return false;
        }
        let fixed = self.values.iter().all(|(text, _)| !text.contains(['*', '?']) && !text.contains("${"));
        match operator.base {
            Base::StringEquals | Base::StringEqualsIgnoreCase | Base::StringLike | Base::Arn => {
                fixed && PINNING.contains(&self.key.as_str())
            }
            Base::Ip => {
                self.key == "aws:sourceip"
                    && self.values.iter().all(|(text, _)| {
                        range(text).is_some_and(|(family, _, length)| length >= if family == 4 { 8 } else { 32 })
                    })
            }
            _ => false,
        }
    }
}
